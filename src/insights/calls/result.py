"""What a review of the calls says: plans kept, customers reached, records left, what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import ClassVar

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.calls import views
from insights.calls.actions import next_calls, shown_actions, team_steps
from insights.calls.checks import check_rows
from insights.calls.control.accounts import OVER, OVERDUE, UNDER
from insights.calls.control.attainment import attainment
from insights.calls.control.control import Control
from insights.calls.control.records import record_figures
from insights.calls.control.weekly import weekly_rate
from insights.calls.planning import CallPlan
from insights.calls.routing import Routes
from insights.calls.said import (
    attention_sentence,
    core_sentence,
    first_upper,
    month_sentence,
    records_sentence,
)
from insights.calls.totals import call_totals
from insights.calls.week_of_routes import one_rep
from insights.params import CallsParams
from insights.tables import ALL, members, region_name
from insights.words import Sentence, _

SHOWN = 18
NO_REGIONS = pd.DataFrame(columns=["region_id", "region_name", "parent_id"])


@dataclass(frozen=True, repr=False)
class CallReview:
    """The calls of a company or a region on as_of, and the visits planned for next month.

    ``control`` holds the frames, ``plan`` next month's visits, ``weeks`` the ways of one rep's week
    of every region; ``month`` is the month of as_of and ``progress`` the share of its
    working days that have passed.
    """

    analysis: ClassVar[str] = "calls"
    of_company: ClassVar[frozenset[str]] = frozenset()

    control: Control
    plan: CallPlan
    weeks: Routes
    month: pd.Timestamp
    progress: float
    notes: tuple[str, ...] = ()
    regions: pd.DataFrame = field(default_factory=NO_REGIONS.copy)
    params: CallsParams = field(default_factory=CallsParams)
    as_of: dt.date | None = None
    region: str = ALL
    status: str = "ok"
    reason: str = ""

    def for_region(self, region: str) -> CallReview:
        """Return the customers of a leaf region, a group or ``all``, and the reps at home there."""
        kept = members(self.regions, region)
        if region == ALL:
            return replace(self, region=region)
        part = replace(
            self, control=_within(self.control, kept), plan=self.plan.for_region(region),
            region=region,
        )  # fmt: skip
        if self.status == "ok" and part.control.accounts.empty:
            why = _("region {region} has no customers").format(region=region)
            return replace(part, status="not_enough_data", reason=why)
        return part

    def summary(self) -> pd.DataFrame:
        """Who was to be seen this month, who was, and how much of the plan was made, by tier?"""
        return self._told(views.reach(self.control))

    @figures.legible()
    def plot(self) -> Figure:
        """Draw the attainment of the call plans month by month, capped and uncapped."""
        title = _("Call plans, share of the goals made: {region}").format(region=self._where())
        table = views.monthly(self.control)
        if table.uncapped.notna().sum() == 0:
            return figures.message(title, self.reason or _("no call plan holds a goal"))
        shares = 100 * table[["uncapped", "capped"]]
        shares.index = pd.DatetimeIndex(shares.index).strftime("%Y-%m")
        named = shares.set_axis([_("all visits"), _("up to each maximum")], axis=1)
        return _upright(figures.lines(named, title, "%", reference=100.0, limits=(0, None)))

    def plan_against_actual(self) -> pd.DataFrame:
        """Were plans kept, by month, week and day?"""
        return self._told(views.plan_against_actual(self.control))

    def by_type(self) -> pd.DataFrame:
        """Were the goals of each type of visit reached this month?"""
        return self._told(views.by_type(self.control, self.month))

    def weekly_rule(self) -> pd.DataFrame:
        """In how many of the weeks asked was a core customer seen face to face, by region?"""
        names = dict(zip(self.regions.region_id, self.regions.region_name, strict=True))
        return self._told(views.weekly_by_region(self.control, names))

    def neglected(self) -> pd.DataFrame:
        """Which core customers did nobody see for longest?"""
        return self._told(views.weekly_rule(self.control, self.params))

    @figures.legible()
    def plot_weeks(self) -> Figure:
        """Draw week by week the share of core customers that were seen face to face."""
        title = _("Core customers seen face to face, week by week: {region}").format(
            region=self._where()
        )
        weeks = self.control.weeks
        if not weeks.asked.sum() > 0:
            return figures.message(title, self.reason or _("no week asked for a visit"))
        sums = weeks.assign(met=weeks.asked * weeks.seen).groupby("week")[["asked", "met"]].sum()
        share = (100 * sums.met / sums.asked.where(sums.asked > 0)).rename(_("seen of those asked"))
        share.index = pd.DatetimeIndex(share.index).strftime("%m-%d")
        return _upright(
            figures.lines(share.to_frame(), title, "%", x_label=_("week from"), limits=(0, 100))
        )

    def records(self) -> pd.DataFrame:
        """What did visits leave: objective met, both profiles of the record, entered in time?"""
        return self._told(views.records(self.control))

    def channels(self) -> pd.DataFrame:
        """Through which channels were customers reached?"""
        return self._told(views.channels(self.control))

    def after_first(self) -> pd.DataFrame:
        """What followed first visits?"""
        return self._told(views.after_first(self.control))

    def needs(self) -> pd.DataFrame:
        """Which needs are open, and since when?"""
        return self._told(views.needs(self.control, self.params))

    def allocation(self) -> pd.DataFrame:
        """Do visits go where the money is?"""
        return self._told(views.allocation(self.control))

    @figures.legible()
    def plot_tiers(self) -> Figure:
        """Draw the share of value, potential, customers and visits of each tier."""
        title = _("Value and visits by tier: {region}").format(region=self._where())
        table = views.tier_shares(self.control)
        if table.empty:
            return figures.message(title, self.reason or _("no customer has a tier"))
        return figures.stacked(table, title, "%")

    def team(self) -> pd.DataFrame:
        """How full is each rep's month, and what do the records say?"""
        return self._told(views.team(self.control))

    def due(self) -> pd.DataFrame:
        """Whom to call on first?"""
        return self._told(views.due(self.control))

    def due_counts(self) -> pd.DataFrame:
        """How many customers are overdue, by tier?"""
        return self._told(views.due_counts(self.control))

    def stalled(self) -> pd.DataFrame:
        """Which customers are visited often while nothing moves?"""
        return self._told(views.stalled(self.control))

    @property
    def routes(self) -> Routes:
        """Return the ways of one rep's last whole week: of this region, the busiest of its reps."""
        return one_rep(self.weeks, self.control.reps.index)

    def plot_routes(self) -> Figure:
        """Draw the shortest ways of that week, without tiles."""
        return self.routes.plot()

    def check(self) -> pd.DataFrame:
        """How far to trust it: what was counted, what cannot be told, and the plan's own tests."""
        notes = (*self.notes, *self.routes.notes)
        rows = [check_rows(self.control, self.month, notes, self.params)]
        if self.plan.status == "ok":
            rows.append(self.plan.check())
        if len(self.routes.days):
            rows.append(self.routes.check())
        return pd.concat(rows, ignore_index=True)

    def actions(self) -> pd.DataFrame:
        """Who does what next: the first of each kind; ``tables()`` holds them all."""
        return shown_actions(self._actions(), SHOWN)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table, those of next month's plan among them."""
        control = self.control
        return {
            "actions": self._actions(),
            "customers": control.accounts.drop(columns="receives").reset_index(),
            "reps": control.reps.reset_index(),
            "plans": control.plans,
            "off_plan": control.off_plan,
            "plan_against_actual": control.pace,
            "core_weeks": control.weeks,
            "records": control.records,
            "first_visits": control.firsts,
            "open_needs": control.needs,
            "stalled": control.stalled,
            **self.plan.tables(),
            **self.routes.tables(),
        }

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        control = self.control
        rows, found = control.accounts, record_figures(control.records)
        made = attainment(control.plans[control.plans.period == self.month])
        return {
            "attainment_uncapped": float(made.uncapped),
            "attainment_capped": float(made.capped),
            "month_passed": self.progress,
            "core_seen_weekly": weekly_rate(control.weeks),
            "effective_rate": float(found.effective),
            "full_needs_profile": float(found.need_full),
            "full_facts_profile": float(found.fact_full),
            "entered_in_time": float(found.in_time),
            "overdue_customers": float((rows.due == OVERDUE).sum()),
            "under_served_a": float(((rows.tier == "A") & (rows.service_here == UNDER)).sum()),
            "over_served_c": float(((rows.tier == "C") & (rows.service_here == OVER)).sum()),
            "open_needs": float(len(control.needs)),
            "stalled_customers": float(control.stalled.stalled.sum()),
            **self.plan.headline(),
        }

    def totals(self) -> pd.DataFrame:
        """Return what adds up over regions: a row a region, money in cents."""
        return call_totals(self.control, self.month)

    def next_month(self) -> Sentence:
        """Say what the plan for next month holds."""
        return Sentence(str(self.plan))

    def __str__(self) -> str:
        if self.status != "ok":
            return _("{region}: not enough data to review the calls: {reason}.").format(
                region=self._where(), reason=self.reason
            )
        said = [
            month_sentence(self.control, self.month, self.progress),
            core_sentence(self.control),
            attention_sentence(self.control),
            records_sentence(self.control, self.params.entry_by),
        ]
        return f"{self._where()}: " + " ".join(f"{first_upper(one)}." for one in said)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    def _where(self) -> str:
        return region_name(self.regions, self.region)

    def _actions(self) -> pd.DataFrame:
        found = [team_steps(self.control, self.params), next_calls(self.control, self.params)]
        return pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)

    def _told(self, table: pd.DataFrame) -> pd.DataFrame:
        if self.status == "ok" and len(table):
            return table
        return pd.DataFrame({_("reason"): [self.reason or _("nothing to show")]})


def _within(control: Control, kept: list[str]) -> Control:
    """Return the rows of every frame that belong to the regions; all carry region_id."""

    def cut(rows: pd.DataFrame) -> pd.DataFrame:
        own = rows[rows.region_id.isin(kept)]
        return own if own.index.name else own.reset_index(drop=True)

    return replace(
        control,
        accounts=cut(control.accounts), reps=cut(control.reps), plans=cut(control.plans),
        off_plan=cut(control.off_plan), pace=cut(control.pace), weeks=cut(control.weeks),
        records=cut(control.records), firsts=cut(control.firsts), needs=cut(control.needs),
        stalled=cut(control.stalled), faulty=cut(control.faulty),
    )  # fmt: skip


def _upright(drawn: Figure) -> Figure:
    """Write the labels of periods upright, so that none covers its neighbour."""
    drawn.axes[0].tick_params(axis="x", rotation=60)
    return drawn
