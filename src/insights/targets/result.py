"""What a review of targets says: attainment, growth, stock, reorders, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import ClassVar

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.features.sales_cells import Spans
from insights.params import TargetsParams
from insights.tables import ALL, members, region_name
from insights.targets import checks, pictures, said
from insights.targets.actions import first_of_each, next_actions
from insights.targets.customers_won import newly_won
from insights.targets.decomposition import contributions, price_parts
from insights.targets.growth import growth_by_month, growth_to_date
from insights.targets.next_year import NextYear
from insights.targets.nothing import empty_frames
from insights.targets.reorders import Alarms, cycles_by_line, overdue_customers, overdue_pairs
from insights.targets.saved import every_table, index_figures, region_totals
from insights.targets.scorecards import Scorecards
from insights.targets.shipped import side_by_side_months, stuffed_distributors
from insights.targets.shown import card_words, plan_words
from insights.targets.slices import sliced
from insights.words import _


@dataclass(frozen=True, repr=False)
class TargetReview:
    """The targets of a company or a region on as_of. ``attainment`` has a row a target.

    Beside it stand the sales by region and month (``cells``), of each product now and a year
    before (``sold``, over ``spans``), first purchases, purchase cycles, what distributors were
    shipped and sold on (``stocking``), forecasts with their backtest, and trend exceptions.
    """

    analysis: ClassVar[str] = "targets"
    of_company: ClassVar[frozenset[str]] = frozenset({"forecast_scores", "score_weights"})

    attainment: pd.DataFrame
    cells: pd.DataFrame
    days: pd.DataFrame
    sold: pd.DataFrame
    spans: Spans | None
    firsts: pd.DataFrame
    cycles: pd.DataFrame
    alarms: Alarms
    stocking: pd.DataFrame
    customers: pd.Series
    forecast: pd.DataFrame
    scores: pd.DataFrame
    exceptions: pd.DataFrame
    cards: Scorecards | None
    people: pd.Series
    plan: NextYear | None
    faults: tuple[str, ...]
    regions: pd.DataFrame
    params: TargetsParams
    as_of: dt.date
    region: str = ALL
    status: str = "ok"
    reason: str = ""

    @classmethod
    def empty(
        cls, regions: pd.DataFrame, as_of: dt.date, params: TargetsParams, reason: str
    ) -> TargetReview:
        """Return the stated result of a source that nothing can be said of."""
        return cls(
            **empty_frames(), spans=None, alarms=Alarms(), cards=None, plan=None, faults=(),
            regions=regions, params=params, as_of=as_of, status="not_enough_data", reason=reason,
        )  # fmt: skip

    def for_region(self, region: str) -> TargetReview:
        """Return the slice of a leaf region, a group or ``all``; forecasts stay the company's."""
        kept = members(self.regions, region)
        if region == ALL or self.status != "ok":
            return replace(self, region=region)
        cells = self.cells[self.cells.region_id.isin(kept)]
        if cells.empty:
            why = _("nothing was ever sold in region {region}").format(region=region)
            none = TargetReview.empty(self.regions, self.as_of, self.params, why)
            return replace(none, region=region)
        return replace(self, region=region, **sliced(self, kept))

    def summary(self) -> pd.DataFrame:
        """How far is each target of the running month, quarter and year, and of each part?"""
        if self.status != "ok":
            return self._reason()
        own = self._own()
        parts = self._shown("year").drop(index=own.index, errors="ignore")
        return said.attainment_words(pd.concat([own, parts]), self.forecast)

    def attained(self, grain: str) -> pd.DataFrame:
        """How far is every target of a running month, quarter or year, all scopes?"""
        rows = self.attainment[self.attainment.current & (self.attainment.grain == grain)]
        return said.attainment_words(rows[rows.metric == "sales"], self.forecast)

    def growth(self) -> pd.DataFrame:
        """How do shipments and sell-through move, a year on and a working day?"""
        rows = self.growth_by_month().groupby("metric").tail(self.params.growth_months)
        return self._told(rows, said.growth_words)

    def price_volume_mix(self) -> pd.DataFrame:
        """What of the change in each line's sales is price, volume and mix? VBP apart."""
        return self._told(self.parts(), said.parts_words)

    def contribution(self, of: str = "product_line") -> pd.DataFrame:
        """Who contributed to the growth: product lines, or regions (``of="region"``)?"""
        lines = of == "product_line"
        heading = _("product line") if lines else _("region")
        names = {} if lines else self.names()
        return self._told(
            self.contributions(of), partial(said.contribution_words, heading=heading, names=names)
        )

    def channel(self) -> pd.DataFrame:
        """What was shipped to distributors beside what they sold on, month by month."""
        return self._told(side_by_side_months(self.stocking, self.as_of), said.channel_words)

    def new_customers(self) -> pd.DataFrame:
        """How many customers are new in the running month, quarter and year?"""
        return self._told(newly_won(self.firsts, self.as_of), said.won_words)

    def purchase_cycles(self) -> pd.DataFrame:
        """How often is each product line ordered again, and how much of it is overdue?"""
        rows = cycles_by_line(self.cycles, self.late_pairs(), self.params)
        return self._told(rows, said.cycle_words)

    def trend_exceptions(self) -> pd.DataFrame:
        """What sells against its own season and level, the most money first?"""
        rows = self.exceptions[self.exceptions.exception.astype(bool)]
        why = _("nothing departs from its season and level by more than chance")
        return self._told(rows, partial(said.exception_words, names=self.names()), why)

    def scorecard(self) -> pd.DataFrame:
        """How do regions (of a region its teams and representatives) stand against peers?"""
        if self.cards is None or self.cards.cards.empty:
            return self._reason()
        return card_words(self.cards, self.names(), self.region == ALL)

    def next_year(self) -> pd.DataFrame:
        """What would next year's target ask of each region and line (a proposal)?"""
        if self.plan is None or self.plan.units.empty:
            return self._reason("; ".join(self.plan.notes) if self.plan else "")
        return plan_words(self.plan, self.names(), self.region == ALL)

    def names(self) -> dict[str, str]:
        """Return what each region is called."""
        rows = self.regions
        return dict(zip(rows.region_id.map(str), rows.region_name.map(str), strict=True))

    def growth_by_month(self) -> pd.DataFrame:
        """Return growth of every month, January and February together, both metrics."""
        return growth_by_month(self.company_cells(), self.days, self.as_of)

    def parts(self) -> pd.DataFrame:
        """Return price, volume and mix of each product line, VBP apart; the last row is all."""
        return price_parts(self.sold, self.as_of)

    def contributions(self, of: str) -> pd.DataFrame:
        """Return each product line's or region's contribution to the growth."""
        column = {"product_line": "product_line", "region": "unit_id"}[of]
        return contributions(self.sold, column, self.params.flat_change)

    def late_pairs(self) -> pd.DataFrame:
        """Return the customers and products whose reorder is overdue."""
        return overdue_pairs(self.cycles, self.params)

    @figures.legible()
    def plot(self) -> Figure:
        """Draw the year's attainment against time progress, with what is expected at the end."""
        rows = self._shown("year")
        rows = rows[(rows.scope != "region") | ~rows.scope_id.isin(self.groups() - {self.region})]
        return pictures.draw_attainment(rows, self.forecast, self._place(), self.reason)

    @figures.legible()
    def plot_growth(self) -> Figure:
        """Draw shipments and sell-through a working day."""
        return pictures.draw_growth(self.growth_by_month(), self._place(), self.reason)

    @figures.legible()
    def plot_parts(self) -> Figure:
        """Draw what moved sales: price under VBP, other prices, volume, mix."""
        return pictures.draw_parts(self.parts(), self._place(), self.reason)

    def check(self) -> pd.DataFrame:
        """How far to trust it: what adds up, what is missing, how earlier forecasts did."""
        if self.status != "ok":
            return checks.in_frame([])
        return checks.in_frame([
            *checks.sum_rows(self.cells, self.parts()),
            *checks.target_rows(self.attainment, list(self.faults)),
            *checks.agreement_rows(self.attainment, self.groups()),
            checks.calendar_row(self.attainment),
            *checks.nowhere_rows(self.cells),
            *checks.forecast_rows(self.scores, self.params.interval),
            checks.reorder_row(self.alarms),
            *(checks.plan_rows(self.plan) if self.region == ALL else []),
        ])  # fmt: skip

    def actions(self) -> pd.DataFrame:
        """Who does what next: of each kind the first by money, every kind in turn."""
        return said.actions_words(first_of_each(self.todo, self.params.action_rows))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table."""
        return every_table(self) if self.status == "ok" else {"actions": self.todo}

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        return index_figures(self) if self.status == "ok" else {}

    def totals(self) -> pd.DataFrame:
        """Return what adds up over regions: a row a region, money in cents."""
        return region_totals(self)

    def __str__(self) -> str:
        own = self.own_of("year") if self.status == "ok" else None
        if own is None:
            return _("{region}: not enough data to follow targets: {reason}.").format(
                region=self._place(), reason=self.reason or _("nothing was sold this year")
            )
        ends = self.forecast[(self.forecast.scope == own.scope) & (self.forecast.grain == "year")]
        ahead = ends[ends.scope_id == own.scope_id]
        first = ahead.iloc[0] if len(ahead) else None
        return said.sentence(own, self._place(), self.as_of, self.growth_this_year(), first)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    def _place(self) -> str:
        return region_name(self.regions, self.region)

    def _own(self) -> pd.DataFrame:
        scope, name = ("company", "company") if self.region == ALL else ("region", self.region)
        rows = self.attainment[self.attainment.current & (self.attainment.metric == "sales")]
        return rows[(rows.scope == scope) & (rows.scope_id == name)]

    def own_of(self, grain: str) -> pd.Series | None:
        """Return the running row of a grain of the region itself, of the company for ``all``."""
        rows = self._own()
        rows = rows[rows.grain == grain]
        return rows.iloc[0] if len(rows) else None

    def _shown(self, grain: str) -> pd.DataFrame:
        rows = self.attainment[self.attainment.current & (self.attainment.metric == "sales")]
        kinds = ["company", "region", "product_line"] if self.region == ALL else ["region", "rep"]
        rows = rows[(rows.grain == grain) & rows.scope.isin(kinds)]
        place = rows.scope.map({kind: at for at, kind in enumerate(kinds)})
        return rows.assign(place=place).sort_values(["place", "scope_id"]).drop(columns="place")

    def groups(self) -> set[str]:
        """Return the regions that others belong to."""
        return set(self.regions.parent_id.dropna())

    def company_cells(self) -> pd.DataFrame:
        """Return what was sold by region and month, each sale once."""
        return self.cells[self.cells.scope == "company"]

    def growth_this_year(self) -> float:
        """Return the year so far against the same days of last year."""
        rows = growth_to_date(self.company_cells(), self.as_of)
        own = rows[(rows.metric == self.params.assessed_on) & (rows.grain == "year")]
        return float(own.growth.iloc[0]) if len(own) else float("nan")

    def late_customers(self) -> pd.DataFrame:
        """Return whom to ask for a reorder, the most usual money first."""
        return overdue_customers(self.late_pairs(), self.customers)

    def stuffed(self) -> pd.DataFrame:
        """Return each distributor's shipments against what it sold on, with the finding."""
        return stuffed_distributors(self.stocking, self.as_of, self.params)

    @cached_property
    def todo(self) -> pd.DataFrame:
        """Return every action, of each kind the most money first."""
        groups = self.attainment.scope_id.isin(self.groups()) & (self.attainment.scope == "region")
        return next_actions(
            self.attainment[~groups], self.forecast, self.stuffed(), self.late_customers(),
            self.exceptions, self.params,
        )  # fmt: skip

    def _told(
        self, rows: pd.DataFrame, words: Callable[[pd.DataFrame], pd.DataFrame], why: str = ""
    ) -> pd.DataFrame:
        """Return rows as people read them, or why there are none."""
        return words(rows) if self.status == "ok" and len(rows) else self._reason(why)

    def _reason(self, why: str = "") -> pd.DataFrame:
        return pd.DataFrame({_("reason"): [self.reason or why or _("no rows")]})
