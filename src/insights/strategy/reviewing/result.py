"""What a review of strategies says: verdicts, pictures, how far to trust them, what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import ClassVar

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.params import StrategyParams
from insights.strategy.many.groups import REGION
from insights.strategy.reviewing.checks import check_rows
from insights.strategy.reviewing.elsewhere import OF_COMPANY, groups_here, names_seen, unnamed
from insights.strategy.reviewing.pictures import draw_effects, draw_paths, draw_periods
from insights.strategy.reviewing.shown import (
    counted_words,
    effects_shown,
    groups_shown,
    lessons_shown,
    may_count,
    metrics_shown,
    part_shown,
    plans_shown,
    told,
    units_shown,
    worked_by_plan,
)
from insights.strategy.reviewing.steps import ACTIONS, next_steps
from insights.strategy.reviewing.surveys import surveys_said, surveys_shown
from insights.tables import ALL, members, region_name
from insights.tables.totals import by_region, side_by_side
from insights.words import Sentence, _, listing

SHOWN = 15
ROLES = ("treated", "comparison")


@dataclass(frozen=True, repr=False)
class StrategyReview:
    """Every strategy begun by as_of with its verdict. ``effects`` has a row a strategy.

    ``register`` adds the verdict to what was registered, ``panels`` holds the treated mean and
    what was expected by period, ``units`` each treated unit's own effect and the comparison units,
    ``plans`` how each plan stands against its lock, the looks and what people signed, ``groups``
    the effect by tier, level, region and type, ``region_effects`` those of regions rolled up,
    ``metrics`` every metric at hand, ``price_split`` price, volume and mix of each side.
    ``homes``: the region of each unit; ``register_apart``: the register, no region named.
    """

    analysis: ClassVar[str] = "strategy"
    of_company: ClassVar[frozenset[str]] = OF_COMPANY

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
    surveys: pd.DataFrame
    regions: pd.DataFrame
    homes: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    register_apart: pd.DataFrame | None = None
    params: StrategyParams = field(default_factory=StrategyParams)
    as_of: dt.date | None = None
    region: str = ALL
    status: str = "ok"
    reason: str = ""

    def for_region(self, region: str) -> StrategyReview:
        """Return a region's part in each strategy; the verdicts stay the company's.

        What came of a unit is withheld where its region's group is too small to show.
        """
        kept = members(self.regions, region)
        if region == ALL:
            return replace(self, region=region)
        rows = self.units[self.units.region_id.isin(kept)].reset_index(drop=True)
        if self.status == "ok" and rows.empty:
            why = _("region {region} has no unit in any comparison").format(region=region)
            return self._without_frames(region, why)
        register = self.register if self.register_apart is None else self.register_apart
        names = names_seen(self.homes, self.regions, region)
        return replace(
            self, units=units_shown(rows, self._cells()), region=region,
            effects=unnamed(self.effects, *names), register=unnamed(register, *names),
            gates=unnamed(self.gates, *names), plans=unnamed(self.plans, *names),
            metrics=unnamed(self.metrics, *names),
            region_effects=unnamed(self.region_effects, *names),
        )  # fmt: skip

    def summary(self) -> pd.DataFrame:
        """What came of each strategy, and in a region: who took part and how they did."""
        if self.effects.empty:
            return pd.DataFrame({_("reason"): [self.reason]})
        shown = effects_shown(self.effects)
        if self.region != ALL:
            shown[_("here")] = [self._part_here(one) for one in self.effects.strategy_id]
        return shown.set_index(_("strategy"))

    def plot(self) -> Figure:
        """Draw each strategy's effect with its interval, marked by its verdict."""
        return draw_effects(self.effects, self.reason)

    @figures.legible()
    def plot_paths(self, strategy_id: str | None = None) -> Figure:
        """Draw treated units against what was expected; by default of the clearest strategy."""
        if self.panels.empty:
            title = _("treated units and what was expected")
            return figures.message(title, self.reason or _("no comparison could be drawn"))
        chosen = strategy_id or self._clearest(self.panels)
        rows = self.panels[self.panels.strategy_id == chosen]
        if rows.empty:
            raise KeyError(_("strategy {id}: no comparison in this review").format(id=chosen))
        return draw_paths(rows, *self._named(chosen))

    @figures.legible()
    def plot_periods(self, strategy_id: str | None = None) -> Figure:
        """Draw the effect by period around the start; by default of the clearest strategy."""
        title = _("effect by period")
        if self.periods.empty:
            return figures.message(title, self.reason or _("no comparison could be drawn"))
        chosen = strategy_id or self._clearest(self.periods)
        rows = self.periods[self.periods.strategy_id == chosen]
        if rows.empty:
            return figures.message(title, _("{id}: nobody to compare with").format(id=chosen))
        path = self.panels[self.panels.strategy_id == chosen]
        return draw_periods(rows, path, *self._named(chosen))

    def plan(self) -> pd.DataFrame:
        """Was it registered before it was seen, how often was it looked at, what was signed?"""
        return plans_shown(self.plans, self.register)

    def for_whom(self) -> pd.DataFrame:
        """For which tiers, levels, regions and types, of the strategies with a verdict."""
        return groups_shown(self._here(self.groups, "dimension"), self.effects)

    def beside(self) -> pd.DataFrame:
        """What the other metrics say of the same units; they never decide."""
        return metrics_shown(self.metrics)

    def loop(self) -> pd.DataFrame:
        """Collect, analyse, improve, verify: how far first surveys came, and did scores rise?"""
        return surveys_shown(self.surveys, members(self.regions, self.region))

    def loop_words(self) -> Sentence:
        """Say what the loop of surveys shows, of the whole company."""
        return surveys_said(self.surveys)

    def lessons(self) -> pd.DataFrame:
        """What was learnt, on what evidence, and the next step: drafted from the figures."""
        return lessons_shown(self.register)

    def check(self) -> pd.DataFrame:
        """How far to trust it: what failed; plan, trends, prices, spillover, false alarms, power.

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
            "groups": self._here(self.groups, "dimension"),
            "region_effects": self.region_effects,
            "metrics": self.metrics,
            "price_volume_mix": self.price_split,
            "surveys": self._here(self.surveys, "by"),
        }

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        said = self.effects.verdict if len(self.effects) else pd.Series(dtype="str")
        planned = worked_by_plan(self.effects).sum()
        treated = self.units[self.units.role == "treated"]
        others = self.units[self.units.role == "comparison"]
        return {
            "strategies": float(len(self.effects)),
            "worked": float(planned),
            "did_not_work": float((said == "did_not_work").sum()),
            "cannot_tell": float((said == "cannot_tell").sum()),
            "worked_exploratory": float(
                (said == "worked").sum() - worked_by_plan(self.effects).sum()
            ),
            "treated_units_here": float(len(treated)),
            "comparison_units_here": float(others.unit_id.nunique()),
        }

    def totals(self) -> pd.DataFrame:
        """Return what adds up over regions: units by region; effects are the company's."""
        treated, others = (self.units[self.units.role == one] for one in ROLES)
        others = others.drop_duplicates(["unit_id", "region_id"])
        parts = [treated[["region_id"]].assign(treated_units=1),
                 others[["region_id"]].assign(comparison_units=1)]  # fmt: skip
        return side_by_side([by_region(part) for part in parts])

    def __str__(self) -> str:
        where = region_name(self.regions, self.region)
        if self.status != "ok":
            return _("{region}: not enough data to review strategies: {reason}.").format(
                region=where, reason=self.reason
            )
        verdicts = told(self.effects)
        company = counted_words(self.effects).format(
            worked=int(worked_by_plan(self.effects).sum()),
            n=len(self.effects),
            verdicts="; ".join(self._said(verdicts == word) for word in verdicts.unique()),
        )
        return company if self.region == ALL else f"{self._region_sentence(where)} {company}"

    def _repr_markdown_(self) -> str:
        return str(self)

    __repr__ = __str__

    def _said(self, which: pd.Series) -> str:
        rows = self.effects[which]
        names = listing(list(rows.strategy_id + " " + rows.name.astype("str")))
        return _("{names} {verdict}").format(verdict=told(rows).iloc[0], names=names)

    def _region_sentence(self, where: str) -> str:
        treated = self.units[self.units.role == "treated"]
        if treated.empty:
            return _("No unit of {region} took part; its units serve as comparison only.").format(
                region=where
            )
        ids = " ".join(treated.strategy_id.unique())
        if not may_count(treated, self._cells()):
            return _("Units of {region} took part, in {ids}.").format(region=where, ids=ids)
        return _("{n} units of {region} took part, in {ids}.").format(
            n=treated.unit_id.nunique(), region=where, ids=ids
        )

    def _part_here(self, strategy_id: str) -> str:
        """Say how many took part here and how they did, or why that is not shown."""
        rows = self.units[(self.units.strategy_id == strategy_id) & (self.units.role == "treated")]
        own = self._cells().query("strategy_id == @strategy_id")
        return part_shown(rows, own, self.params.min_group_units)

    def _here(self, rows: pd.DataFrame, by: str) -> pd.DataFrame:
        """Return a table by group as this region may see it."""
        if self.region == ALL:
            return rows
        return groups_here(rows, by, members(self.regions, self.region))

    def _cells(self) -> pd.DataFrame:
        return self.groups[self.groups.dimension == REGION]

    def _named(self, strategy_id: str) -> tuple[str, str]:
        """Return a strategy's id with its name, and its metric."""
        row = self.effects.set_index("strategy_id").loc[strategy_id]
        return f"{strategy_id} {row['name']}", str(row.metric)

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


def _no_actions() -> pd.DataFrame:
    return pd.DataFrame(columns=[_(name) for name in ACTIONS])
