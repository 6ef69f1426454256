"""When does the money come? Expected cash by week, with an interval, beside past forecasts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

from insights.delinquency.cash.cash_origins import ALL_CASH, ISSUED, look_ahead, origins
from insights.delinquency.cash.cash_records import records, with_intervals
from insights.delinquency.cash.pay_weeks import WEEK
from insights.delinquency.cash.slices import RegionSlices
from insights.features.ledger import Ledger, dates_of
from insights.params import DelinquencyParams
from insights.tables import ALL
from insights.words import _, short

LEAST_HISTORY = 364
FURTHEST_WEEKS = 26
COLUMNS = [
    "made_on", "region_id", "scope", "week", "starts_on", "ends_on", "expected", "low", "high",
    "naive_last_year", "naive_recent", "actual",
]  # fmt: skip
PEERS = ["expected", "naive_last_year", "naive_recent"]


@dataclass(frozen=True)
class Collections:
    """Cash expected in the coming weeks, in yuan, and what past forecasts were worth.

    ``by_week``: a row a region (``all``, groups, leaves), scope and week: week, starts_on, ends_on,
    expected, low, high (90 %), naive_last_year, naive_recent. Scope ``issued``: from items already
    issued and open on ``as_of``; ``all_cash``: with those not issued yet. ``week`` 0 is the sum.
    ``backtest``: the same of forecasts made at earlier month's ends, with ``actual``.
    """

    by_week: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    backtest: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    as_of: dt.date | None = None
    weeks: int = 13
    region: str = ALL
    status: str = "ok"
    reason: str = ""

    def for_region(self, region: str) -> Collections:
        """Return the same for a region or a group of regions."""
        parts = [frame[frame.region_id == region] for frame in (self.by_week, self.backtest)]
        found = replace(self, by_week=parts[0], backtest=parts[1], region=region)
        if self.status == "ok" and parts[0].empty:
            why = _("no receivables in region {region}").format(region=region)
            return replace(found, status="not_enough_data", reason=why)
        return found

    def figure(self, scope: str = ISSUED) -> pd.DataFrame:
        """Return week (its first day), expected, low, high and naive: ready to be drawn."""
        rows = self._here(self.by_week, scope)
        shown = rows[rows.week > 0].assign(week=rows.starts_on, naive=rows.naive_recent)
        return shown[["week", "expected", "low", "high", "naive"]].reset_index(drop=True)

    def quarters(self, last: int = 4) -> pd.DataFrame:
        """Return what forecasts made at the last quarter's ends said of their weeks in sum."""
        rows = self.backtest[(self.backtest.region_id == self.region) & (self.backtest.week == 0)]
        rows = rows[rows.made_on.dt.month.isin((3, 6, 9, 12)) & rows.actual.notna()]
        made = sorted(rows.made_on.unique())[-last:]
        return rows[rows.made_on.isin(made)].reset_index(drop=True)

    def accuracy(self) -> pd.DataFrame:
        """How did past weeks come out? Coverage with its interval, width, mean error, naive peers.

        One row a scope; every error over the same weeks, those that all three can forecast. Weeks
        seen from several origins count each time; the interval is that of independent weeks.
        """
        rows = self.backtest[(self.backtest.region_id == self.region) & (self.backtest.week > 0)]
        found = [_accuracy(rows[rows.scope == scope], scope) for scope in (ISSUED, ALL_CASH)]
        return pd.DataFrame(found)

    def _here(self, frame: pd.DataFrame, scope: str) -> pd.DataFrame:
        return frame[(frame.region_id == self.region) & (frame.scope == scope)]

    @property
    def sentence(self) -> str:
        """Say how much comes, how sure that is, and what it covers."""
        if self.status != "ok":
            return _("No forecast of cash: {reason}.").format(reason=self.reason)
        parts = [self._here(self.by_week, scope) for scope in (ISSUED, ALL_CASH)]
        issued, whole = (part[part.week == 0].iloc[0] for part in parts)
        return _(
            "In the {weeks} weeks after {day}, {expected} CNY are expected from invoices already "
            "issued (90 %: {low} to {high}); with those not issued yet {whole} CNY ({whole_low} to "
            "{whole_high})."
        ).format(
            weeks=self.weeks,
            day=self.as_of,
            expected=short(issued.expected),
            low=short(issued.low),
            high=short(issued.high),
            whole=short(whole.expected),
            whole_low=short(whole.low),
            whole_high=short(whole.high),
        )

    def __str__(self) -> str:
        return self.sentence


def forecast_collections(
    ledger: Ledger,
    regions: pd.DataFrame,
    params: DelinquencyParams = DelinquencyParams(),  # noqa: B008
    weeks: int = 13,
) -> Collections:
    """When will open money come in, and how much of what is not issued yet?

    ``regions`` as ``Tables.regions``. Weeks are the seven days after ``ledger.as_of`` and so on.
    The intervals come from the errors of the forecasts that would have been made at earlier
    month's ends; ``backtest`` lists those. Less than a year of cash is not enough.
    """
    if not 1 <= weeks <= FURTHEST_WEEKS:
        raise ValueError(
            _("weeks: {weeks}: give 1 to {most} weeks ahead").format(
                weeks=weeks, most=FURTHEST_WEEKS
            )
        )
    empty = Collections(as_of=ledger.as_of, weeks=weeks)
    reason = _too_little(ledger, params)
    if reason is not None:
        return replace(empty, status="not_enough_data", reason=reason)
    with threadpool_limits(1):
        rows = _forecasts(ledger, regions, params, weeks)
    now = rows.made_on == pd.Timestamp(ledger.as_of)
    return replace(
        empty,
        by_week=rows[now].drop(columns=["actual"]).reset_index(drop=True),
        backtest=rows[~now].reset_index(drop=True),
    )


def backtest_collections(
    ledger: Ledger,
    regions: pd.DataFrame,
    params: DelinquencyParams = DelinquencyParams(),  # noqa: B008
    weeks: int = 13,
) -> pd.DataFrame:
    """Return what forecasts at past month's ends would have said, beside what came by as_of."""
    return forecast_collections(ledger, regions, params, weeks).backtest


def _too_little(ledger: Ledger, params: DelinquencyParams) -> str | None:
    paid = ledger.allocations[ledger.allocations.source == "payment"]
    if paid["item"].nunique() < params.min_invoices:
        return _("only {n} items have been paid; {least} are needed").format(
            n=paid["item"].nunique(), least=params.min_invoices
        )
    days = ledger.day - int(paid.day.min())
    if days < LEAST_HISTORY:
        return _("payments go back {days} days; {least} are needed").format(
            days=days, least=LEAST_HISTORY
        )
    return None


def _forecasts(
    ledger: Ledger, regions: pd.DataFrame, params: DelinquencyParams, weeks: int
) -> pd.DataFrame:
    days = origins(ledger, int(ledger.allocations.day.min()))
    outlook = look_ahead(ledger, RegionSlices.of(ledger, regions), days, params, weeks)
    rows = with_intervals(records(ledger, outlook))
    starts = np.where(rows.week == 0, rows.made + 1, rows.ends - WEEK + 1)
    yuan = ["expected", "low", "high", "naive_last_year", "naive_recent", "actual"]
    dated = rows.assign(
        made_on=dates_of(rows.made.to_numpy()),
        starts_on=dates_of(starts),
        ends_on=dates_of(rows.ends.to_numpy()),
        **{name: (rows[name] / 100).round(2) for name in yuan},
    )
    return dated[COLUMNS]


def _error_ratio(rows: pd.DataFrame, peer: str) -> float:
    """Return our mean error over the peer's, on the weeks that both forecast; missing if none."""
    both = rows.dropna(subset=["expected", peer])
    theirs = (both.actual - both[peer]).abs().sum()
    ours = (both.actual - both.expected).abs().sum()
    return float(ours / theirs) if theirs > 0 else float("nan")


def _accuracy(rows: pd.DataFrame, scope: str) -> dict[str, object]:
    rows = rows[rows.actual.notna()]
    sure = rows[rows.low.notna()]
    inside = int(((sure.actual >= sure.low) & (sure.actual <= sure.high)).sum())
    low, high = np.nan, np.nan
    if len(sure):
        found = stats.binomtest(inside, len(sure)).proportion_ci(method="wilson")
        low, high = found.low, found.high
    both = rows.dropna(subset=PEERS)
    errors = {f"error_{name}": float((both.actual - both[name]).abs().mean()) for name in PEERS}
    errors["ratio_to_recent"] = _error_ratio(rows, "naive_recent")
    mean = float(sure.actual.mean()) if len(sure) else np.nan
    width = float((sure.high - sure.low).mean()) if len(sure) else np.nan
    return {
        "scope": scope,
        "weeks": len(sure),
        "coverage": inside / len(sure) if len(sure) else np.nan,
        "coverage_low": low,
        "coverage_high": high,
        "mean_width": width,
        "mean_actual": mean,
        "weeks_compared": len(both),
        **errors,
    }
