"""What one comparison says: the effect, how far to trust it, and the verdict with its reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pandas as pd

from insights.strategy.gates import Gate, gate_table
from insights.words import _, quantity

NAN = float("nan")


@dataclass(frozen=True)
class StrategyEffect:
    """The answer of ``compare_strategy``.

    ``estimate`` and ``interval`` are outcome units per treated unit and period (NaN where nothing
    could be estimated), ``relative`` the estimate as a share of what was expected without the
    strategy. ``trend_estimate`` and ``trend_interval`` (two-sided at twice trend_alpha) are the
    effect if every unit's earlier trend is carried on. ``insufficient`` tells data insufficient
    from under observation. ``paths`` holds the treated mean and what was expected by period,
    ``units`` the same unit by unit.
    """

    design: str
    design_reason: str
    n_treated: int
    n_comparison: int
    n_before: int
    n_after: int
    gates: tuple[Gate, ...]
    units: pd.DataFrame = field(repr=False)
    estimate: float = NAN
    interval: tuple[float, float] = (NAN, NAN)
    p_value: float = NAN
    relative: float = NAN
    relative_interval: tuple[float, float] = (NAN, NAN)
    counterfactual: float = NAN
    detectable: float = NAN
    pre_trend_p: float = NAN
    trend_p: float = NAN
    trend_estimate: float = NAN
    trend_interval: tuple[float, float] = (NAN, NAN)
    verdict: str = "cannot_tell"
    reasons: tuple[str, ...] = ()
    insufficient: bool = False
    notes: tuple[str, ...] = ()
    paths: pd.DataFrame = field(
        repr=False,
        default_factory=lambda: pd.DataFrame(columns=["period", "treated", "expected", "after"]),
    )
    comparison_units: tuple[object, ...] = field(repr=False, default=())
    estimates: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)

    def summary(self) -> pd.DataFrame:
        """Return the comparison in one small frame."""
        rows = {
            _("effect per unit and period"): f"{self.estimate:,.2f}",
            _("interval"): "{:,.2f} .. {:,.2f}".format(*self.interval),
            _("share of expected"): f"{self.relative:+.1%}",
            _("p-value"): f"{self.p_value:.3f}",
            _("design"): self.design,
            _("treated, comparison units"): f"{self.n_treated}, {self.n_comparison}",
            _("periods before, after"): f"{self.n_before}, {self.n_after}",
            _("verdict"): verdict_words(self.verdict, self.insufficient),
        }
        return pd.DataFrame({_("figure"): rows})

    def check(self) -> pd.DataFrame:
        """Return every gate: its figure, its bound and whether it holds."""
        return gate_table(self.gates)

    def __str__(self) -> str:
        said = verdict_words(self.verdict, self.insufficient).capitalize()
        reasons = " ".join(f"{reason[:1].upper()}{reason[1:]}." for reason in self.reasons)
        if math.isnan(self.estimate):
            return _("{verdict}. {reasons}").format(verdict=said, reasons=reasons).strip()
        figures = _("{relative:+.1%} ({low} to {high} per unit and period)").format(
            relative=self.relative, low=quantity(self.interval[0]), high=quantity(self.interval[1])
        )
        return f"{said}: {figures}. {reasons}".strip()

    def _repr_markdown_(self) -> str:
        return str(self)


def verdict_words(verdict: str, insufficient: bool) -> str:
    """Return a verdict for a reader: cannot_tell is split by whether the data could ever tell."""
    if verdict == "worked":
        return _("worked")
    if verdict == "did_not_work":
        return _("did not work")
    return _("data insufficient") if insufficient else _("under observation")
