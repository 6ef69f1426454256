"""The effect without comparison units that the strategy may have reached, beside the headline."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from insights.features.neighbours import TIES
from insights.params import StrategyParams
from insights.strategy.comparable.sides import is_untested
from insights.strategy.comparable.spillover import tie_words
from insights.strategy.comparable.units import Chosen
from insights.strategy.compare import compare_panel
from insights.strategy.effect import StrategyEffect
from insights.strategy.gates import Gate
from insights.strategy.panel.outcomes import OutcomePanel
from insights.words import N_, _, quantity


def far_check(ties: tuple[str, ...]) -> str:
    """Return what this check is called where units are left out by these ties."""
    return _("effect without comparison units that share a {tie}").format(tie=tie_words(ties))


def far_checks() -> tuple[str, ...]:
    """Return every name this check may have."""
    sizes = range(1, len(TIES) + 1)
    return tuple(far_check(ties) for size in sizes for ties in combinations(TIES, size))


def far_gate(
    effect: StrategyEffect, panel: OutcomePanel, chosen: Chosen, params: StrategyParams
) -> tuple[Gate, ...]:
    """Does the effect stand when comparison units near treated ones are left out?

    Near is to share a tie of ``chosen.near_ties`` (city, rep, distributor). It fails where near
    units moved otherwise than far ones and the effect changes its sign without them. It is marked
    where the effect without them lies outside the interval with them. Nothing where no unit is
    near.
    """
    if not chosen.near_ids or np.isnan(effect.estimate):
        return ()
    near = np.isin(panel.unit_ids, list(chosen.near_ids)) & ~panel.treated
    rest = panel.unit_ids[~near & ~panel.treated]
    if len(rest) < params.min_comparison_units:
        return (_too_few(len(rest), chosen.near_ties, params.min_comparison_units),)
    found = compare_panel(panel.rows(~near), params)
    turned = found.estimate * effect.estimate < 0
    said = _found_words(found, int(near.sum()), rest, chosen)
    return (
        Gate(
            far_check(chosen.near_ties),
            f"{apart_words()}: {said}" if _apart(found, effect) else said,
            _("with them {figure}; same sign, or near and far alike").format(
                figure=figure_words(effect)),
            not (chosen.leaked and turned),
            _("without the {n} comparison units that share a {tie} with treated ones the effect is "
              "{figure}: the strategy may have reached them").format(
                  n=int(near.sum()), tie=tie_words(chosen.near_ties),
                  figure=figure_words(found)),
        ),
    )  # fmt: skip


def apart_words() -> str:
    """Return the mark of an effect that lies outside the interval of the headline."""
    return _("differs")


def _found_words(found: StrategyEffect, left_out: int, rest: np.ndarray, chosen: Chosen) -> str:
    """Say the effect, how many were left out, and how many of the rest are near all the same."""
    said = _("{figure} without {n} units").format(figure=figure_words(found), n=left_out)
    others = tuple(tie for tie in TIES if tie not in chosen.near_ties and tie in chosen.near)
    if not others:
        return said
    close = chosen.near.unit_id[chosen.near[list(others)].any(axis=1)]
    return _("{said}; {k} of the other {m} share a {tie}").format(
        said=said, k=int(np.isin(rest, list(close)).sum()), m=len(rest), tie=tie_words(others)
    )


def _apart(found: StrategyEffect, effect: StrategyEffect) -> bool:
    """Say whether an effect lies outside the interval of another, in the unit that is shown."""
    shares = np.isfinite([found.relative, effect.relative]).all()
    one = found.relative if shares else found.estimate
    low, high = effect.relative_interval if shares else effect.interval
    return bool(one < low or one > high)


def far_words(gates: tuple[Gate, ...], chosen: Chosen) -> tuple[str, ...]:
    """Say the effect without near units where these moved otherwise, or where it differs.

    What fails says so itself.
    """
    return tuple(
        _("{check} with treated ones: {value}").format(check=gate.check, value=gate.value)
        for gate in gates
        if gate.passed and not is_untested(gate)
        and (chosen.leaked or gate.value.startswith(apart_words()))
    )  # fmt: skip


def figure_words(effect: StrategyEffect) -> str:
    """Return an effect and its interval, in percent of what was expected where that is known."""
    low, high = effect.relative_interval
    if np.isnan(effect.relative):
        low, high = effect.interval
        return _("{figure} ({low} to {high}) per unit and period").format(
            figure=quantity(effect.estimate), low=quantity(low), high=quantity(high)
        )
    if np.isnan([low, high]).any():
        return _("{figure:+.1%} (no interval)").format(figure=effect.relative)
    return _("{figure:+.1%} ({low:+.1%} to {high:+.1%})").format(
        figure=effect.relative, low=low, high=high
    )


def _too_few(far: int, ties: tuple[str, ...], least: int) -> Gate:
    return Gate(
        far_check(ties), N_("not tested"),
        _("{n} comparison units share no {tie} with treated ones, {least} are needed").format(
            n=far, tie=tie_words(ties), least=least),
        True,
    )  # fmt: skip
