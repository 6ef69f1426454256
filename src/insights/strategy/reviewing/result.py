"""What a review of strategies says: verdicts, pictures, how far to trust them, what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import ClassVar

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.params import StrategyParams
from insights.strategy.reviewing.checks import check_rows
from insights.strategy.reviewing.shown import (
    groups_shown,
    lessons_shown,
    metrics_shown,
    plans_shown,
    widened,
)
from insights.strategy.reviewing.steps import ACTIONS, next_steps
from insights.tables import ALL, members, region_name
from insights.words import _, listing

SHOWN = 15


@dataclass(frozen=True, repr=False)
class StrategyReview:
    """Every strategy begun by as_of with its verdict. ``effects`` has a row a strategy.

    ``register`` adds the verdict to what was registered, ``panels`` holds the treated mean and
    what was expected by period, ``units`` each treated unit's own effect and the comparison units,
    ``plans`` how each plan stands against its lock, the looks and what people signed, ``groups``
    the effect by tier, level, region and type, ``region_effects`` those of regions rolled up,
    ``metrics`` every metric at hand, ``price_split`` price, volume and mix of each side.
    """

    analysis: ClassVar[str] = "strategy"

    effects: pd.DataFrame
    register: pd.DataFrame
    panels: pd.DataFrame
    periods: pd.DataFrame
    units: pd.DataFrame
    gates: pd.DataFrame
    plans: pd.DataFrame
    groups: pd.DataFrame
    region_effects: pd.DataFrame
    metrics: pd.DataFrame
    price_split: pd.DataFrame
    regions: pd.DataFrame
    params: StrategyParams = field(default_factory=StrategyParams)
    as_of: dt.date | None = None
    region: str = ALL
    status: str = "ok"
    reason: str = ""

    def for_region(self, region: str) -> StrategyReview:
        """Return a region's part in each strategy; the verdicts stay the company's."""
        kept = members(self.regions, region)
        if region == ALL:
            return replace(self, region=region)
        rows = self.units[self.units.region_id.isin(kept)].reset_index(drop=True)
        if self.status == "ok" and rows.empty:
            why = _("region {region} has no unit in any comparison").format(region=region)
            return self._without_frames(region, why)
        return replace(self, units=rows, region=region)

    def summary(self) -> pd.DataFrame:
        """What came of each strategy, and in a region: who took part and how they did."""
        if self.effects.empty:
            return pd.DataFrame({_("reason"): [self.reason]})
        rows = self.effects
        shown = pd.DataFrame(
            {
                _("strategy"): rows.strategy_id + " " + rows.name.astype("str"),
                _("metric"): rows.metric,
                _("treated / comparison"): [_pair(*pair) for pair in zip(
                    rows.n_treated, rows.n_comparison, strict=True)],
                _("effect %"): (100 * rows.relative.astype(float)).round(1),
                _("from %"): (100 * rows.relative_low.astype(float)).round(1),
                _("to %"): (100 * rows.relative_high.astype(float)).round(1),
                _("if trends go on %"): (100 * rows.trend_relative.astype(float)).round(1),
                _("verdict"): rows.verdict_words,
            }
        )  # fmt: skip
        if self.region != ALL:
            shown[_("here")] = [self._part_here(one) for one in rows.strategy_id]
        return shown.set_index(_("strategy"))

    def plot(self) -> Figure:
        """Draw each strategy's effect with its interval, in percent of what was expected.

        Where the earlier trends differ, the interval reaches to what it would be if they went on.
        """
        title = _("Effect of each strategy, % of expected")
        known = widened(self.effects[self.effects.relative.notna()])
        if known.empty:
            return figures.message(title, self.reason or _("no effect could be estimated"))
        frame = pd.DataFrame(
            {
                "estimate": 100 * known.relative.astype(float).to_numpy(),
                "low": 100 * known.relative_low.astype(float).to_numpy(),
                "high": 100 * known.relative_high.astype(float).to_numpy(),
            },
            index=(known.strategy_id + " " + known.name + ": " + known.verdict_words).to_list(),
        )
        return figures.intervals(frame, title, "%")

    def plot_paths(self, strategy_id: str | None = None) -> Figure:
        """Draw treated units against what was expected; by default of the clearest strategy."""
        title = _("treated units against what was expected")
        if self.panels.empty:
            return figures.message(title, self.reason or _("no comparison could be drawn"))
        chosen = strategy_id or self._clearest(self.panels)
        rows = self.panels[self.panels.strategy_id == chosen]
        if rows.empty:
            raise KeyError(_("strategy {id}: no comparison in this review").format(id=chosen))
        name = self.effects.set_index("strategy_id").name[chosen]
        frame = rows.set_index("period")[["treated", "expected"]].astype(float)
        frame.columns = [_("treated"), _("expected without it")]
        return figures.lines(
            frame, f"{chosen} {name}: {title}", _("per unit and period"),
            mark=rows.period[rows.after.astype(bool)].min(), mark_label=_("start"),
        )  # fmt: skip

    def plot_periods(self, strategy_id: str | None = None) -> Figure:
        """Draw the effect by period around the start; by default of the clearest strategy."""
        title = _("effect by period around the start")
        if self.periods.empty:
            return figures.message(title, self.reason or _("no comparison could be drawn"))
        chosen = strategy_id or self._clearest(self.periods)
        rows = self.periods[self.periods.strategy_id == chosen]
        if rows.empty:
            return figures.message(title, _("{id}: nobody to compare with").format(id=chosen))
        shown = rows.set_index("event").astype({"effect": float})
        band = shown[["low", "high"]].astype(float)
        return figures.lines(
            shown[["effect"]].rename(columns={"effect": _("effect")}), f"{chosen}: {title}",
            _("per unit and period"), mark=0, mark_label=_("start"),
            band=band if band.notna().all(axis=None) else None,
        )  # fmt: skip

    def plan(self) -> pd.DataFrame:
        """Was it registered before it was seen, how often was it looked at, what was signed?"""
        return plans_shown(self.plans)

    def for_whom(self) -> pd.DataFrame:
        """For which tiers, levels, regions and types, of the strategies with a verdict."""
        return groups_shown(self.groups, self.effects)

    def beside(self) -> pd.DataFrame:
        """What the other metrics say of the same units; they never decide."""
        return metrics_shown(self.metrics)

    def lessons(self) -> pd.DataFrame:
        """What was learnt, on what evidence, and the next step: drafted from the figures."""
        return lessons_shown(self.register)

    def check(self) -> pd.DataFrame:
        """How far to trust it: comparison, pre-trend, prices, placebo date, false alarms.

        A gate that held and is not among these stands in ``tables()["checks"]``.
        """
        if self.effects.empty:
            return pd.DataFrame(columns=["check", "value", "bound", "verdict"])
        return pd.concat(
            [check_rows(row, self.gates, self.params) for row in self.effects.itertuples()],
            ignore_index=True,
        )

    def actions(self) -> pd.DataFrame:
        """Extend, stop, keep observing, or register again and larger: for each strategy."""
        return next_steps(self.effects).head(SHOWN)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table."""
        return {
            "actions": next_steps(self.effects) if len(self.effects) else _no_actions(),
            "effects": self.effects,
            "register": self.register,
            "panels": self.panels,
            "periods": self.periods,
            "units": self.units,
            "checks": self.gates,
            "plans": self.plans,
            "groups": self.groups,
            "region_effects": self.region_effects,
            "metrics": self.metrics,
            "price_volume_mix": self.price_split,
        }

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        said = self.effects.verdict if len(self.effects) else pd.Series(dtype="str")
        treated = self.units[self.units.role == "treated"]
        others = self.units[self.units.role == "comparison"]
        return {
            "strategies": float(len(self.effects)),
            "worked": float((said == "worked").sum()),
            "did_not_work": float((said == "did_not_work").sum()),
            "cannot_tell": float((said == "cannot_tell").sum()),
            "treated_units_here": float(len(treated)),
            "comparison_units_here": float(others.unit_id.nunique()),
        }

    def __str__(self) -> str:
        where = region_name(self.regions, self.region)
        if self.status != "ok":
            return _("{region}: not enough data to review strategies: {reason}.").format(
                region=where, reason=self.reason
            )
        company = _(
            "{worked} of {n} strategies worked; company-level verdicts: {verdicts}."
        ).format(
            worked=int((self.effects.verdict == "worked").sum()),
            n=len(self.effects),
            verdicts="; ".join(self._said(word) for word in self.effects.verdict_words.unique()),
        )
        return company if self.region == ALL else f"{self._region_sentence(where)} {company}"

    def _repr_markdown_(self) -> str:
        return str(self)

    __repr__ = __str__

    def _said(self, word: str) -> str:
        rows = self.effects[self.effects.verdict_words == word]
        return _("{names} {verdict}").format(
            verdict=word, names=listing(list(rows.strategy_id + " " + rows.name.astype("str")))
        )

    def _region_sentence(self, where: str) -> str:
        treated = self.units[self.units.role == "treated"]
        if treated.empty:
            return _("No unit of {region} took part; its units serve as comparison only.").format(
                region=where
            )
        return _("{n} units of {region} took part, in {ids}.").format(
            n=treated.unit_id.nunique(), region=where, ids=" ".join(treated.strategy_id.unique())
        )

    def _part_here(self, strategy_id: str) -> str:
        rows = self.units[(self.units.strategy_id == strategy_id) & (self.units.role == "treated")]
        if rows.empty:
            return _("no unit took part")
        if len(rows) < self.params.min_group_units:
            return _("{n} treated, too few to show").format(n=len(rows))
        expected = rows.expected.astype(float).sum()
        share = rows.effect.astype(float).sum() / expected if expected > 0 else float("nan")
        return _("{n} treated, {share:+.1f} % of expected").format(n=len(rows), share=100 * share)

    def _clearest(self, held: pd.DataFrame) -> str:
        drawn = self.effects[self.effects.strategy_id.isin(held.strategy_id)]
        p_value = drawn.p_value.astype(float).fillna(2)
        order = drawn.assign(other=drawn.verdict != "worked", p=p_value)
        return str(order.sort_values(["other", "p", "strategy_id"]).strategy_id.iloc[0])

    def _without_frames(self, region: str, reason: str) -> StrategyReview:
        return replace(
            self, effects=self.effects.head(0), register=self.register.head(0),
            panels=self.panels.head(0), periods=self.periods.head(0), units=self.units.head(0),
            gates=self.gates.head(0),
            plans=self.plans.head(0), groups=self.groups.head(0), metrics=self.metrics.head(0),
            region_effects=self.region_effects.head(0), price_split=self.price_split.head(0),
            region=region, status="not_enough_data", reason=reason,
        )  # fmt: skip


def _pair(treated: float, comparison: float) -> str:
    return "–" if pd.isna(treated) else f"{treated:.0f} / {comparison:.0f}"


def _no_actions() -> pd.DataFrame:
    return pd.DataFrame(columns=[_(name) for name in ACTIONS])
