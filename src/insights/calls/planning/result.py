"""What the plan of the month says: visits, days, what is dropped, what more reps would change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.calls.planning.said import (
    action_rows,
    check_rows,
    plan_sentence,
    region_rows,
    staffing_rows,
)
from insights.params import CallsParams
from insights.tables import ALL, members, region_name
from insights.words import _

NO_REGIONS = pd.DataFrame(columns=["region_id", "region_name", "parent_id"])


@dataclass(frozen=True, repr=False)
class CallPlan:
    """The answer of ``plan_calls`` for one month.

    ``visits`` has a row for each rep and customer (planned; proportional, by the rule of thumb;
    value, covered, covered_proportional and covered_goal in CNY a month of the customers' worth),
    ``days`` a row for each planned visit with its date, ``reps`` one for each rep, ``dropped`` whom
    the plan sees less often than the policy's least, ``staffing`` what reps more or fewer would
    change, ``approvals`` what people decided (short: visits of it that do not fit), ``rows`` the
    rows of the table call_plans.
    """

    visits: pd.DataFrame
    days: pd.DataFrame
    reps: pd.DataFrame
    dropped: pd.DataFrame
    staffing: pd.DataFrame
    approvals: pd.DataFrame
    rows: pd.DataFrame
    regions: pd.DataFrame = field(default_factory=NO_REGIONS.copy)
    notes: tuple[str, ...] = ()
    params: CallsParams = field(default_factory=CallsParams)
    as_of: dt.date | None = None
    month: dt.date | None = None
    region: str = ALL
    status: str = "ok"
    reason: str = ""

    def for_region(self, region: str) -> CallPlan:
        """Return the visits to the region's customers; the plan itself stays the company's."""
        kept = members(self.regions, region)
        if region == ALL or self.status != "ok":
            return replace(self, region=region)
        visits = self.visits[self.visits.region_id.isin(kept)].reset_index(drop=True)
        own = pd.MultiIndex.from_frame(visits[["rep_id", "customer_id"]])
        part = replace(
            self, visits=visits, days=_among(self.days, own), rows=_among(self.rows, own),
            dropped=_within(self.dropped, kept), staffing=_within(self.staffing, kept),
            reps=self.reps[self.reps.rep_id.isin(visits.rep_id)].reset_index(drop=True),
            approvals=self.approvals[_subjects(self.approvals, visits)].reset_index(drop=True),
            region=region,
        )  # fmt: skip
        if visits.empty:
            why = _("no rep covers a customer of {region}").format(
                region=region_name(self.regions, region)
            )
            return replace(part, status="not_enough_data", reason=why)
        return part

    @property
    def gain(self) -> float:
        """Return how much more worth the plan covers than the proportional rule, as a share."""
        rule = float(self.visits.covered_proportional.sum())
        return float(self.visits.covered.sum()) / rule - 1 if rule > 0 else float("nan")

    def call_plans(self) -> pd.DataFrame:
        """Return the rows of the table call_plans, to be imported in the CRM."""
        return self.rows

    def week(self, rep_id: str, first: dt.date) -> pd.DataFrame:
        """Return one rep's planned visits of the seven days from ``first``: routes for them."""
        start = pd.Timestamp(first)
        own = (self.days.rep_id == rep_id) & (self.days.date >= start)
        return self.days[own & (self.days.date < start + pd.Timedelta(days=7))]

    def summary(self) -> pd.DataFrame:
        """Return each region's calls, goals, visits and worth covered, and the rule's."""
        if self.status != "ok":
            return pd.DataFrame({_("reason"): [self.reason]})
        return region_rows(self.visits, self.reps, self.regions)

    def more_or_fewer(self) -> pd.DataFrame:
        """Return what reps more or fewer in each region would change, with human headings."""
        return staffing_rows(self.staffing, self.regions)

    @figures.legible()
    def plot(self) -> Figure:
        """Draw the share of the customers' worth that plan and rule cover, by region."""
        title = _("Customers' worth covered by the planned visits")
        if self.status != "ok":
            return figures.message(title, self.reason)
        sums = self.visits.groupby("region_id")[["covered", "value"]].sum()
        share = (100 * sums.covered / sums.value.where(sums.value > 0)).sort_values()
        names = [region_name(self.regions, one) for one in share.index]
        return figures.bars(share.set_axis(names), title, _("% of the worth"))

    def check(self) -> pd.DataFrame:
        """How far to trust it: capacity, approvals, what was assumed, the gain over the rule."""
        return check_rows(self)

    def actions(self) -> pd.DataFrame:
        """Who does what next."""
        return action_rows(self)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table."""
        return {
            "call_plans": self.rows,
            "planned_visits": self.visits,
            "planned_days": self.days,
            "planned_reps": self.reps,
            "dropped_visits": self.dropped,
            "staffing": self.staffing,
            "approved_visits": self.approvals,
        }

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        if self.status != "ok":
            return {}
        return {
            "planned_visits": float(self.visits.planned.sum()),
            "goal_visits": float(self.visits.goal.sum()),
            "calls_to_plan": float(self.reps.calls.sum()),
            "customers_below_goal": float(len(self.dropped)),
            "covered_worth": float(self.visits.covered.sum()),
            "gain_over_rule": self.gain,
            "approved_short": float(self.approvals.short.sum()),
        }

    def __str__(self) -> str:
        return plan_sentence(self)

    def _repr_markdown_(self) -> str:
        return str(self)

    __repr__ = __str__


def no_plan(
    reason: str, regions: pd.DataFrame, as_of: dt.date, month: dt.date, params: CallsParams
) -> CallPlan:
    """Return a plan that says why there is none."""
    none = pd.DataFrame()
    return CallPlan(
        none, none, none, none, none, none, none, regions=regions,
        params=params, as_of=as_of, month=month, status="not_enough_data", reason=reason,
    )  # fmt: skip


def _within(rows: pd.DataFrame, kept: list[str]) -> pd.DataFrame:
    return rows[rows.region_id.isin(kept)].reset_index(drop=True)


def _among(rows: pd.DataFrame, pairs: pd.MultiIndex) -> pd.DataFrame:
    own = pd.MultiIndex.from_frame(rows[["rep_id", "customer_id"]])
    return rows[own.isin(pairs)].reset_index(drop=True)


def _subjects(approvals: pd.DataFrame, visits: pd.DataFrame) -> pd.Series:
    subject = approvals.subject_id
    return subject.isin(visits.customer_id) | subject.isin(visits.rep_id + "/" + visits.customer_id)
