"""The effect without comparison units that the strategy may have reached, beside the headline."""

from __future__ import annotations

import numpy as np

from insights.params import StrategyParams
from insights.strategy.comparable.sides import is_untested
from insights.strategy.comparable.spillover import tie_words
from insights.strategy.comparable.units import Chosen
from insights.strategy.compare import compare_panel
from insights.strategy.effect import StrategyEffect
from insights.strategy.gates import Gate
from insights.strategy.panel.outcomes import OutcomePanel
from insights.words import _, quantity


def far_check() -> str:
    """Return what this check is called."""
    return _("effect without the comparison units near treated ones")


def far_gate(
    effect: StrategyEffect, panel: OutcomePanel, chosen: Chosen, params: StrategyParams
) -> tuple[Gate, ...]:
    """Does the effect stand when comparison units near treated ones are left out?

    Near is to share a city, rep or distributor (``chosen.near_ties``). It fails where near units
    moved otherwise than far ones and the effect changes its sign without them. Nothing where no
    unit is near.
    """
    if not chosen.near_ids or np.isnan(effect.estimate):
        return ()
    near = np.isin(panel.unit_ids, list(chosen.near_ids)) & ~panel.treated
    far = int((~near & ~panel.treated).sum())
    if far < params.min_comparison_units:
        return (_too_few(far, params.min_comparison_units),)
    found = compare_panel(panel.rows(~near), params)
    turned = found.estimate * effect.estimate < 0
    return (
        Gate(
            far_check(),
            _("{figure} without {n} units that share a {tie}").format(
                figure=figure_words(found), n=int(near.sum()), tie=tie_words(chosen.near_ties)),
            _("with them {figure}; same sign, or near and far alike").format(
                figure=figure_words(effect)),
            not (chosen.leaked and turned),
            _("without the {n} comparison units near treated ones the effect is {figure}: the "
              "strategy may have reached them").format(
                  n=int(near.sum()), figure=figure_words(found)),
        ),
    )  # fmt: skip


def far_words(gates: tuple[Gate, ...], chosen: Chosen) -> tuple[str, ...]:
    """Say the effect without near units, where these moved otherwise than the far ones."""
    if not chosen.leaked:
        return ()
    return tuple(
        _("the effect is {figure} with treated ones").format(figure=gate.value)
        for gate in gates
        if not is_untested(gate)
    )


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


def _too_few(far: int, least: int) -> Gate:
    return Gate(
        far_check(), _("not tested"),
        _("{n} comparison units are far from treated ones, {least} are needed").format(
            n=far, least=least),
        True,
    )  # fmt: skip
