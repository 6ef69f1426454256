"""What a plan says: what a pilot of each size could tell, whom to treat, what to do next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import ClassVar

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.params import StrategyParams, StrategyPlanParams
from insights.strategy.planning.choice import BALANCE, CHOICE
from insights.strategy.planning.curves import CELLS, POWER
from insights.strategy.planning.history import EXCLUDED
from insights.strategy.planning.register import plan_rows, plan_unit_rows
from insights.strategy.planning.said import (
    capital,
    check_rows,
    column_words,
    count_words,
    length_words,
    pilot_rows,
    plan_sentence,
    share_words,
)
from insights.strategy.planning.steps import step_rows, terms
from insights.tables import ALL, members, region_name
from insights.words import Sentence, _

NO_REGIONS = pd.DataFrame(columns=["region_id", "region_name", "parent_id"])


@dataclass(frozen=True, repr=False)
class StrategyPlan:
    """The answer of ``plan_strategy``: can a pilot tell, and which units should it take?

    ``power`` has a row for each units x periods x lift (lift 0 is the false-alarm share),
    ``cells`` a row for each units x periods, ``choice`` each unit of the planned pilot,
    ``balance`` how alike the two sides are before, ``excluded`` who cannot take part and why.
    ``units`` and ``periods`` are the planned pilot's.
    """

    analysis: ClassVar[str] = "strategy_plan"
    of_company: ClassVar[frozenset[str]] = frozenset()

    power: pd.DataFrame
    cells: pd.DataFrame
    choice: pd.DataFrame
    balance: pd.DataFrame
    excluded: pd.DataFrame
    units: int = 0
    periods: int = 0
    history: int = 0
    metric: str = ""
    notes: tuple[str, ...] = ()
    regions: pd.DataFrame = field(default_factory=NO_REGIONS.copy)
    params: StrategyPlanParams = field(default_factory=StrategyPlanParams)
    rules: StrategyParams = field(default_factory=StrategyParams)
    as_of: dt.date | None = None
    region: str = ALL
    planned_in: str = ALL
    status: str = "ok"
    reason: str = ""

    @property
    def mde(self) -> pd.DataFrame:
        """Return the smallest detectable effect, units x periods; NaN: too small to tell."""
        wide = self.cells.pivot(index="units", columns="periods", values="mde").astype(float)
        return wide.rename_axis(index="units", columns="periods")

    @property
    def cell(self) -> pd.Series:
        """Return the planned pilot's own row of ``cells``."""
        own = (self.cells.units == self.units) & (self.cells.periods == self.periods)
        return self.cells[own].iloc[0]

    def for_region(self, region: str) -> StrategyPlan:
        """Return the region's units in this plan; what the plan can tell stays the plan's own."""
        kept = members(self.regions, region)
        if region in (ALL, self.region) or self.status != "ok":
            return replace(self, region=region)
        rows = self.choice[self.choice.region.isin(kept)].reset_index(drop=True)
        if rows.empty:
            why = _("region {region} has no unit in the plan").format(region=region)
            return replace(
                self, power=self.power.head(0), cells=self.cells.head(0), choice=rows,
                excluded=self.excluded.head(0), region=region, status="not_enough_data",
                reason=why,
            )  # fmt: skip
        return replace(self, choice=rows, region=region)

    def summary(self) -> pd.DataFrame:
        """Return the smallest effect each size of pilot can tell, in percent of expected."""
        if self.cells.empty:
            return pd.DataFrame({_("reason"): [self.reason]})
        said = self.cells.assign(
            said=[self._cell_words(row) for row in self.cells.itertuples()],
            column=column_words(self.cells, self.params.grain),
            row=[count_words(int(n), self.params.unit_type) for n in self.cells.units],
        )
        wide = said.pivot(index="units", columns="periods", values="said").fillna(_("not tried"))
        wide.columns = pd.Index(said.drop_duplicates("periods").sort_values("periods").column)
        wide.index = pd.Index(said.drop_duplicates("units").sort_values("units").row)
        return wide.rename_axis(index=_("treated"), columns=None)

    @figures.legible()
    def plot(self) -> Figure:
        """Draw power against the true effect, a line for each number of units."""
        length = length_words(self.periods, self.params.grain)
        title = _("Pilots of {length}: share that would find an effect").format(length=length)
        rows = self.power[(self.power.periods == self.periods) & (self.power.runs > 0)]
        if rows.empty:
            return figures.message(_("Share of pilots that would find an effect"), self.reason)
        frame = rows.pivot(index="lift", columns="units", values="power").astype(float)
        frame.index = 100 * frame.index
        frame.columns = [count_words(int(n), self.params.unit_type) for n in frame.columns]
        drawn = figures.lines(
            frame, title, _("share called worked"), mark=100 * self.params.min_effect,
            mark_label=_("smallest worth having"), limits=(-0.02, 1.15),
        )  # fmt: skip
        drawn.axes[0].set_xlabel(_("true effect, %"))
        drawn.axes[0].axhline(self.params.power, color="grey", linewidth=1, linestyle=":")
        return drawn

    def check(self) -> pd.DataFrame:
        """How far to trust it: false alarms, Monte-Carlo error, balance before, history used."""
        if self.cells.empty:
            return pd.DataFrame(columns=["check", "value", "bound", "verdict"])
        return check_rows(
            self.cell, self.cells, self.balance, self.excluded, self.params, self.history
        )

    def actions(self) -> pd.DataFrame:
        """Who does what next: register and start, enlarge, or do not call it a test."""
        return step_rows(
            self._own_cell(), self.cells, self.choice, self.strategy_rows(), self.params
        )

    def terms(self) -> Sentence:
        """Say whether the plan's rows may be registered, and by when, or what stands against it."""
        return terms(self._own_cell(), self.cells, self.strategy_rows(), self.params)

    def pilot(self) -> pd.DataFrame:
        """Return the pilot in one small frame: whom, how many, how long, what could be seen."""
        return pilot_rows(self._own_cell(), self.choice, self.strategy_rows(), self.params)

    def strategy_rows(self) -> pd.DataFrame:
        """Return the row for the table strategies, once the plan is accepted."""
        return plan_rows(self._planned(), self.metric, self.params, self.rules, self.as_of)

    def strategy_unit_rows(self) -> pd.DataFrame:
        """Return the rows for the table strategy_units, once the plan is accepted."""
        return plan_unit_rows(self._planned(), self.choice, self.params.grain, self.as_of)

    def choice_here(self) -> pd.DataFrame:
        """Return the units of ``choice`` in the region: none of those kept aside elsewhere."""
        kept = members(self.regions, self.region)
        return self.choice if self.region == ALL else self.choice[self.choice.region.isin(kept)]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table."""
        return {
            "actions": self.actions(),
            "power": self.power,
            "mde": self.cells,
            "choice": self.choice_here(),
            "balance": self.balance,
            "excluded": self.excluded,
            "strategies": self.strategy_rows(),
            "strategy_units": self.strategy_unit_rows(),
        }

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        if self.cells.empty:
            return {"excluded": float(len(self.excluded))}
        return {
            "units": float(self.units),
            "periods": float(self.periods),
            "detectable_share": float(self.cell.mde),
            "false_alarms": float(self.cell.false_alarms),
            "power_at_min_effect": float(self.cell.power_at_min_effect),
            "treated_units_here": float((self.choice.role == "treated").sum()),
            "comparison_units_here": float((self.choice.role == "comparison").sum()),
            "excluded": float(len(self.excluded)),
        }

    def totals(self) -> pd.DataFrame:
        """Return no sums: a region's plan is made anew, not a part of the company's."""
        return pd.DataFrame(index=pd.Index([], name="region_id"))

    def __str__(self) -> str:
        where = region_name(self.regions, self.region)
        if self.status != "ok":
            return _("{region}: not enough data to plan a pilot: {reason}.").format(
                region=where, reason=self.reason
            )
        said = [plan_sentence(self.cell, self.cells, self.params), *self.notes]
        if self.region != self.planned_in:
            said.append(self._part_here())
        text = " ".join(f"{capital(one)}." for one in said)
        return f"{where}: {text}"

    def _repr_markdown_(self) -> str:
        return str(self)

    __repr__ = __str__

    def _part_here(self) -> str:
        treated = int((self.choice.role == "treated").sum())
        return _("of the units here, {n} are treated and {m} kept aside").format(
            n=treated, m=len(self.choice) - treated
        )

    def _own_cell(self) -> pd.Series | None:
        return None if self.cells.empty else self.cell

    def _planned(self) -> tuple[str, int, int]:
        return self.planned_in, self.units, self.periods

    def _cell_words(self, row: object) -> str:
        cell = pd.Series(row._asdict())  # type: ignore[attr-defined]
        return share_words(cell) if cell.runs else cell.reason


def no_plan(reason: str, metric: str, excluded: pd.DataFrame | None = None) -> StrategyPlan:
    """Return a plan that says why there is none."""
    return StrategyPlan(
        power=pd.DataFrame(columns=list(POWER)),
        cells=pd.DataFrame(columns=list(CELLS)),
        choice=pd.DataFrame(columns=list(CHOICE)),
        balance=pd.DataFrame(columns=list(BALANCE)),
        excluded=pd.DataFrame(columns=list(EXCLUDED)) if excluded is None else excluded,
        metric=metric,
        status="not_enough_data",
        reason=reason,
    )
