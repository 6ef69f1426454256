"""What a review of the customers says: segments, tiers, moves, where to develop, what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import ClassVar

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.params import SegmentationParams
from insights.segmentation import trust, views
from insights.segmentation.actions import next_actions
from insights.segmentation.attention import UNDER
from insights.segmentation.drift import Drift
from insights.segmentation.migration import migration, movement, moves, turnover
from insights.segmentation.model import Fit
from insights.segmentation.newly_won import Grain, portrait, portrait_sentence
from insights.segmentation.priority import priority, priority_summary
from insights.segmentation.result import Segmentation
from insights.segmentation.totals import review_totals
from insights.tables import ALL
from insights.tables.totals import side_by_side
from insights.words import N_, Sentence, _

SHOWN = 15
NOBODY = N_("no terminals in this region")
GRAINS: tuple[Grain, ...] = ("week", "month", "quarter")


@dataclass(frozen=True, repr=False)
class CustomerReview:
    """The customers of a company or a region on as_of; ``customers`` has a row a customer.

    ``segments`` holds the behaviour; the frames beside it are empty where data do not suffice.
    """

    analysis: ClassVar[str] = "segmentation"
    of_company: ClassVar[frozenset[str]] = Segmentation.of_company | {"sensitivity"}

    segments: Segmentation
    params: SegmentationParams = field(default_factory=SegmentationParams)
    paths: pd.DataFrame | None = None
    drifted: Drift | None = None
    sensitivity: pd.DataFrame | None = None
    white_space: pd.DataFrame | None = None
    firsts: pd.DataFrame | None = None
    distributors: Segmentation | None = None
    as_of: dt.date | None = None
    region: str = ALL

    @property
    def customers(self) -> pd.DataFrame:
        """Return a row a customer: segment, behaviour, tier, standing, contribution, priority."""
        return self.segments.assignments

    @property
    def assignments(self) -> pd.DataFrame:
        """Return ``customers`` under the name that every segmentation has."""
        return self.segments.assignments

    @property
    def n_segments(self) -> int:
        """Return how many segments the model has."""
        return self.segments.n_segments

    @property
    def fit(self) -> Fit | None:
        """Return the frozen model and what it rests on."""
        return self.segments.fit

    @property
    def status(self) -> str:
        """Return "ok" or "not_enough_data"."""
        return self.segments.status

    @property
    def reason(self) -> str:
        """Return why there is not enough data, or an empty text."""
        return self.segments.reason

    def assign(self, features: pd.DataFrame) -> pd.DataFrame:
        """Place new customers under the frozen model."""
        return self.segments.assign(features)

    def for_region(self, region: str) -> CustomerReview:
        """Return the slice of a leaf region, a group or ``all``; rules stay the company's."""
        segments = self.segments.for_region(region)
        ids = segments.assignments.customer_id
        return replace(
            self,
            segments=segments,
            region=region,
            paths=_of(self.paths, ids),
            white_space=_of(self.white_space, ids),
            firsts=_of(self.firsts, ids),
            distributors=None
            if self.distributors is None
            else self.distributors.for_region(region),
        )

    def summary(self) -> pd.DataFrame:
        """Who is there? Customers, value and habits of each segment."""
        return self.segments.summary()

    def tiers(self) -> pd.DataFrame:
        """Where do value and visits go, by tier, and who is under- and over-served?"""
        return self._shown(views.tiers(self._terminals()))

    def schemes(self) -> pd.DataFrame:
        """How many customers, and how much value, has each class of the other schemes?"""
        return self._shown(views.schemes(self._terminals()))

    def tier_changes(self) -> pd.DataFrame:
        """From which tier to which since the quarter before, approved tiers left aside?"""
        return self._shown(views.tier_changes(self._terminals()))

    def migration(self) -> pd.DataFrame:
        """From which segment (rows) to which (columns) since the quarter before?"""
        if self.paths is None or self.paths.empty:
            return self._shown(pd.DataFrame())
        days = list(self.paths.day.cat.categories)
        table = migration(self.paths, days[-2], days[-1])
        return table.loc[(table != 0).any(axis=1), (table != 0).any(axis=0)]

    def movement(self) -> Sentence:
        """Say who moved since the quarter before, and whether the segments themselves did."""
        if self.paths is None or self.paths.empty:
            return Sentence(self.reason or _(NOBODY))
        moved = movement(turnover(self.paths, self.params))
        if self.drifted is None:
            return Sentence(moved)
        return Sentence(f"{moved} {trust.drift_words(self.drifted, self._frozen)}")

    def development(self) -> pd.DataFrame:
        """Which hospital levels are still to be developed, and what would they buy?"""
        return self._shown(views.development(self._by_level()))

    def newly_won(self) -> pd.DataFrame:
        """Who bought for the first time, quarter by quarter?"""
        return self._shown(views.newly_won(self._portrait("quarter")))

    def newly_won_sentence(self) -> Sentence:
        """Say whom the current quarter won."""
        table = self._portrait("quarter")
        return Sentence(
            portrait_sentence(table, "quarter") if len(table) else self.reason or _(NOBODY)
        )

    def distributors_summary(self) -> pd.DataFrame:
        """Who are the distributors? Value, growth, reach and stock of each of their segments."""
        found = self.distributors
        return self._shown(pd.DataFrame()) if found is None else found.summary()

    def plot(self) -> Figure:
        """Draw the value of each segment."""
        return self.segments.plot()

    def plot_customers(self) -> Figure:
        """Draw each buying terminal by how often and how much it buys."""
        return self.segments.plot_customers()

    @figures.legible()
    def plot_quarters(self) -> Figure:
        """Draw how many customers each segment held at each quarter's end."""
        title = _("Customers by segment at each quarter's end: {region}").format(
            region=self.segments.region_words()
        )
        if self.paths is None or self.paths.empty:
            return figures.message(title, self.reason or _("nobody bought"))
        return figures.stacked(views.quarters(self.paths), title, _("customers"))

    @figures.legible()
    def plot_tiers(self) -> Figure:
        """Draw the share of value, visits and customers of each tier."""
        title = _("Value, customers and visits by tier: {region}").format(
            region=self.segments.region_words()
        )
        rows = self._terminals()
        if rows.empty or rows.tier.isna().all():
            return figures.message(title, self.reason or _("no customer has a tier"))
        return figures.stacked(views.tier_shares(rows), title, "%")

    def check(self) -> pd.DataFrame:
        """How far to trust it: stability, sensitivity, drift, and what was missing."""
        rows = self.segments.check()
        if self.status != "ok" and self.sensitivity is None:
            return rows
        more = trust.rows(self.sensitivity, self.drifted, self.distributors, self._frozen)
        last = len(rows) - len(self.segments.left_out())
        return pd.concat([rows[:last], more, rows[last:]], ignore_index=True)

    def actions(self) -> pd.DataFrame:
        """Who does what next, the most money first."""
        return views.actions(self._actions().head(SHOWN))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table."""
        found = {"actions": self._actions(), **self.segments.tables()}
        found["assignments"] = self.customers
        if self.paths is not None and self.sensitivity is not None:
            value = self.customers.set_index("customer_id").monetary_value
            found["moves"] = moves(self.paths, value, self.params)
            found["sensitivity"] = self.sensitivity
        if len(self._terminals()):
            found["development"] = self._ranked()
            found["newly_won"] = pd.concat(
                [self._portrait(grain).assign(grain=grain) for grain in GRAINS], ignore_index=True
            )
        if self.white_space is not None:
            found["white_space"] = self.white_space
        if self.distributors is not None:
            found["distributors"] = self.distributors.assignments
        return found

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        rows, found = self._terminals(), self.segments.headline()
        found["money_at_stake"] = float(self._actions().money_at_stake.sum())
        if rows.empty or "tier" not in rows:
            return found
        large = rows.tier == "A"
        short = (large & (rows.service_at_capacity == UNDER)).sum()
        space = 0 if self.white_space is None else self.white_space.expected.sum()
        return found | {
            "tier_a_customers": float(large.sum()),
            "under_served_a": float(short) if rows.service.notna().any() else float("nan"),
            "white_space": float(space),
        }

    def totals(self) -> pd.DataFrame:
        """Return what adds up over regions: a row a region, money in cents."""
        more = review_totals(self.customers, self._actions(), self.white_space)
        return side_by_side([self.segments.totals(), more])

    def __str__(self) -> str:
        said, rows = str(self.segments), self._terminals()
        if self.status != "ok" or rows.empty:
            return said
        large = rows[rows.tier == "A"]
        words = _("{said} {n} of {all} terminals are tier A.")
        if large.service.notna().any():
            words = _(
                "{said} {n} of {all} terminals are tier A; {short} of them are visited less than "
                "the policy asks, even at the team's capacity."
            )
        short = (large.service_at_capacity == UNDER).sum()
        return words.format(said=said, n=len(large), all=len(rows), short=short)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    @property
    def _frozen(self) -> bool:
        """Say whether the rules are of an earlier day than as_of."""
        return self.params.fit_as_of is not None and self.params.fit_as_of < str(self.as_of)

    def _terminals(self) -> pd.DataFrame:
        """Return the customers that are no distributors, indexed by customer_id."""
        rows = self.customers
        if "developed" not in rows:
            return rows.head(0)
        return rows[rows.developed.notna()].set_index("customer_id")

    def _actions(self) -> pd.DataFrame:
        return next_actions(self._terminals())

    def _ranked(self) -> pd.DataFrame:
        columns = ["name", "region_id", "hospital_level", "developed", "access", "headroom"]
        rows = self._terminals()[[*columns, "priority_score", "priority_why"]]
        order = rows.sort_values(["priority_score", "customer_id"], ascending=[False, True])
        return order.reset_index()

    def _by_level(self) -> pd.DataFrame:
        rows = self._terminals()
        if rows.empty or self.white_space is None:
            return pd.DataFrame()
        return priority_summary(priority(rows, self.params), self.white_space)

    def _portrait(self, grain: Grain) -> pd.DataFrame:
        rows = self._terminals()
        if rows.empty or self.firsts is None or self.as_of is None:
            return pd.DataFrame()
        return portrait(self.firsts, rows, self.as_of, grain, self.params)

    def _shown(self, table: pd.DataFrame) -> pd.DataFrame:
        return table if len(table) else pd.DataFrame({_("reason"): [self.reason or _(NOBODY)]})


def _of(frame: pd.DataFrame | None, ids: pd.Series) -> pd.DataFrame | None:
    return None if frame is None else frame[frame.customer_id.isin(ids)].reset_index(drop=True)
