"""What must hold before a verdict may be given, and the verdict itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.params import StrategyParams
from insights.words import N_, _, p_words, quantity


@dataclass(frozen=True)
class Gate:
    """One condition: its figure, its bound, whether it holds, and the words when it does not."""

    check: str
    value: str
    bound: str
    passed: bool
    reason: str = ""


@dataclass(frozen=True)
class Evidence:
    """An effect oriented so that better is positive, and its support if earlier trends go on.

    ``sign`` is -1 where less is better: it turns figures back to what the outcome shows.
    ``expected`` is the outcome without the strategy, of which words give the percentages.
    """

    estimate: float
    low: float
    high: float
    trend_p: float
    trend_high: float
    detectable: float
    sign: float = 1.0
    expected: float = float("nan")

    def span(self) -> dict[str, str]:
        """Return low and high for words, as the outcome shows them."""
        low, high = sorted((self.low, self.high), key=lambda bound: self.sign * bound)
        return {"low": self.said(low), "high": self.said(high)}

    def said(self, figure: float) -> str:
        """Return a figure for words, as the outcome shows it, with its share of expected."""
        shown = self.sign * figure
        if not self.expected > 0:
            return quantity(shown)
        return _("{figure} ({share:+.1%})").format(
            figure=quantity(shown), share=shown / self.expected
        )


def gate_table(gates: tuple[Gate, ...]) -> pd.DataFrame:
    """Return gates as the rows of a check."""
    rows = [
        (gate.check, gate.value, gate.bound, outcome(gate.value, gate.passed)) for gate in gates
    ]
    return pd.DataFrame(rows, columns=["check", "value", "bound", "verdict"])


def outcome(value: str, passed: bool) -> str:
    """Return what came of a gate, for a reader."""
    if value == N_("not tested"):
        return _("not tested")
    return _("holds") if passed else _("fails")


def size_gates(
    n_treated: int, n_comparison: int, n_before: int, n_after: int, params: StrategyParams
) -> tuple[Gate, ...]:
    """Is there enough on each side of the comparison and of the start?"""
    return (
        _at_least(_("treated units"), n_treated, 1, _no_treated()),
        _at_least(
            _("comparison units"), n_comparison, params.min_comparison_units, _few_comparison(
                n_comparison, params.min_comparison_units)
        ),
        _at_least(
            _("periods before"), n_before, params.min_pre_periods,
            _few_periods(_("before"), n_before, params.min_pre_periods),
        ),
        _at_least(
            _("periods after"), n_after, params.min_post_periods,
            _few_periods(_("after"), n_after, params.min_post_periods),
        ),
    )  # fmt: skip


def varies_gate(varies: bool) -> Gate:
    """Does the outcome change at all?"""
    return Gate(
        _("outcome varies"), _("yes") if varies else _("no"), _("yes"), varies,
        _("the outcome never changes: there is nothing to compare"),
    )  # fmt: skip


def early_gate(n_early: int, n_treated: int) -> Gate:
    """Was at least half of the treated units seen before the start? The others are left out."""
    return Gate(
        _("treated from the first period"), str(n_early),
        _("at most half of {m}").format(m=n_treated), _half_remain(n_treated - n_early, n_treated),
        _("{n} of {m} treated units were treated from the first period: they have no before")
        .format(n=n_early, m=n_treated),
    )  # fmt: skip


def compared_gate(n_compared: int, n_registered: int) -> Gate:
    """Do those compared stand for those registered? At least half must remain.

    Whoever has no before, no after, no outcome or too many gaps is not compared; that an outcome
    is missing may itself come of the strategy.
    """
    return Gate(
        compared_check(), _("{n} of {m}").format(n=n_compared, m=n_registered),
        _("at least half remain"), _half_remain(n_compared, n_registered),
        _("only {n} of {m} treated units could be compared: what is left does not stand for the "
          "units registered").format(n=n_compared, m=n_registered),
    )  # fmt: skip


def compared_check() -> str:
    """Return what the gate of the units compared is called."""
    return _("treated units compared, of those registered")


def _half_remain(count: int, total: int) -> bool:
    return 2 * count >= total


def values_gate(n_sparse: int, n_treated: int) -> Gate:
    """Say that no treated unit is left because too many of their values are missing."""
    return Gate(
        _("treated units with enough values"), "0", _("at least 1"), False,
        _("{n} of {m} treated units have too few values: in less than half of the periods before "
          "or after the start").format(n=n_sparse, m=n_treated),
    )  # fmt: skip


def pre_trend_gate(p_value: float, alpha: float) -> Gate:
    """Did the treated run parallel to the comparison units before the start?"""
    return Gate(
        _("pre-trend"), p_words(p_value), _("p of at least {alpha:g}").format(alpha=alpha),
        not p_value < alpha,
        _("the treated units were already on another trend before the start ({p}): growth "
          "that was under way cannot be told from the strategy")
        .format(p=p_words(p_value)),
    )  # fmt: skip


def verdict(
    evidence: Evidence, gates: tuple[Gate, ...], params: StrategyParams
) -> tuple[str, tuple[str, ...]]:
    """Return worked, did_not_work or cannot_tell, and why in words."""
    failed = tuple(gate.reason for gate in gates if not gate.passed)
    if failed:
        return "cannot_tell", failed
    if np.isnan([evidence.low, evidence.high]).any():
        return "cannot_tell", (
            _("too few units for an interval at {share:.0%}").format(
                share=params.confidence),
        )  # fmt: skip
    least = params.min_effect
    if evidence.low > 0 and (least is None or evidence.estimate >= least):
        return _worked(evidence, params)
    if least is not None and evidence.high < least:
        return _did_not_work(evidence, least, params)
    return "cannot_tell", _undecided(evidence, least)


def _did_not_work(
    evidence: Evidence, least: float, params: StrategyParams
) -> tuple[str, tuple[str, ...]]:
    if params.two_waves:
        return "did_not_work", (
            _("even the best end of the interval, {high}, is short of the smallest effect worth "
              "having, {least}; two waves cannot show earlier trends")
            .format(high=evidence.said(evidence.high), least=evidence.said(least)),
        )  # fmt: skip
    if not evidence.trend_high < least:
        return "cannot_tell", (
            _("if every unit's earlier trend is carried on, the effect could still reach {least}, "
              "the smallest worth having (up to {high}); more periods would tell")
            .format(least=evidence.said(least), high=evidence.said(evidence.trend_high)),
        )  # fmt: skip
    return "did_not_work", (
        _("even the best end of the interval, {high}, is short of the smallest effect worth "
          "having, {least}, and stays so if earlier trends are carried on")
        .format(high=evidence.said(evidence.high), least=evidence.said(least)),
    )  # fmt: skip


def _worked(evidence: Evidence, params: StrategyParams) -> tuple[str, tuple[str, ...]]:
    if params.two_waves:
        return "worked", (
            _("the whole interval, {low} to {high}, is better than no effect; two waves cannot "
              "show earlier trends, so it rests on how the units were chosen")
            .format(**evidence.span()),
        )  # fmt: skip
    if not evidence.trend_p <= params.trend_alpha:
        return "cannot_tell", (
            _("if every unit's earlier trend is carried on, the effect could still be chance "
              "({p}, bound {bound:g}); more periods would tell")
            .format(p=p_words(evidence.trend_p), bound=params.trend_alpha),
        )  # fmt: skip
    return "worked", (
        _("the whole interval, {low} to {high}, is better than no effect, and stays so "
          "if earlier trends are carried on")
        .format(**evidence.span()),
    )  # fmt: skip


def _undecided(evidence: Evidence, least: float | None) -> tuple[str, ...]:
    size = _("an effect under {size} per unit and period would probably be missed").format(
        size=evidence.said(evidence.sign * evidence.detectable)
    )
    if evidence.low > 0 and least is not None:
        return (
            _("better than no effect, but the estimate {estimate} is under the smallest "
              "effect worth having, {least}")
            .format(estimate=evidence.said(evidence.estimate), least=evidence.said(least)),
        )  # fmt: skip
    if evidence.high < 0:
        return (_("the interval, {low} to {high}, lies on the worse side of no effect; "
                  "without a smallest effect worth having it is not called did_not_work")
                .format(**evidence.span()),)  # fmt: skip
    return (
        _("the interval, {low} to {high}, holds both no effect and a useful one")
        .format(**evidence.span()),
        size,
    )  # fmt: skip


def _at_least(check: str, value: int, bound: int, reason: str) -> Gate:
    return Gate(
        check, str(value), _("at least {bound}").format(bound=bound), value >= bound, reason
    )


def _no_treated() -> str:
    return _("no unit was treated within the periods")


def _few_comparison(count: int, bound: int) -> str:
    if count == 0:
        return _("no comparison units: a change that came to everybody cannot be told from the "
                 "strategy")  # fmt: skip
    return _("only {n} comparison units, {bound} are needed").format(n=count, bound=bound)


def _few_periods(side: str, count: int, bound: int) -> str:
    if count == 0:
        return _("no period {side} the start").format(side=side)
    return _("only {n} periods {side} the start, {bound} are needed").format(
        n=count, side=side, bound=bound
    )


def short_gate() -> Gate:
    """Say that a start leaves fewer than two periods on a side."""
    return Gate(
        _("periods around every start"), _("too few"), _("two before, one after"), False,
        _("a treated unit has fewer than two periods before its start, or none after"),
    )  # fmt: skip
