"""Do shipments run ahead of what distributors sell on?"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from insights.params import TargetsParams
from insights.words import N_

SIDES = ("month", "shipped", "sold_on", "ahead", "shipments_to_flow")
STUFFED = (
    "distributor_id", "name", "region_id", "shipped_quarter", "sold_on_quarter", "ahead",
    "quarter_ratio", "quarter_end_ratio", "other_months_ratio", "months_over", "finding",
)  # fmt: skip
PILING, PUSHED, LEVEL, UNKNOWN = (
    N_("stock piles up"), N_("pushed at the quarter's end"), N_("in balance"),
    N_("reports no flow"),
)  # fmt: skip
YEAR_MONTHS, QUARTER_MONTHS = 12, 3


def side_by_side_months(months: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Return shipments to distributors beside what they sold on, in each month of the last year.

    ``months`` as ``shipped_and_sold_on``, of distributors that report their flow. Columns SIDES,
    CNY at list price; shipments_to_flow is their ratio, missing without flow.
    """
    if months.empty:
        return pd.DataFrame(columns=list(SIDES))
    known = months[months.sold_on.notna() & (months.month > _year_ago(as_of))]
    sums = known.groupby("month")[["shipped", "sold_on"]].sum().round(2).reset_index()
    ratio = sums.shipped / sums.sold_on.where(sums.sold_on > 0)
    return sums.assign(ahead=sums.shipped - sums.sold_on, shipments_to_flow=ratio).loc[
        :, list(SIDES)
    ]


def stuffed_distributors(
    months: pd.DataFrame, as_of: dt.date, params: TargetsParams
) -> pd.DataFrame:
    """Where does stock pile up, and where are orders pushed before a quarter ends?

    Over complete months, a row a distributor active in the last year, the most money ahead first.
    Columns STUFFED: ahead is what the last three months brought more than was sold on; months_over
    counts the latest months in a row whose shipments exceed sell-through ``stuffing_ratio`` times;
    quarter_end_ratio and other_months_ratio are those of the last year's quarter-end and other
    months. It piles up when ``stuffing_months`` in a row, or the last three months together, are
    over; it was pushed when only quarter ends are.
    """
    if months.empty:
        return pd.DataFrame(columns=list(STUFFED))
    complete = months[months.month + pd.offsets.MonthEnd(0) <= pd.Timestamp(as_of)]
    recent = complete[complete.month > _year_ago(as_of)]
    if recent.empty:
        return pd.DataFrame(columns=list(STUFFED))
    names = recent.drop_duplicates("distributor_id").set_index("distributor_id")
    wide = {
        side: recent.pivot(index="distributor_id", columns="month", values=side).fillna(0.0)
        for side in ("shipped", "sold_on")
    }
    found = pd.concat([names[["name", "region_id"]], _ratios(wide, params)], axis=1)
    reports = recent.groupby("distributor_id").sold_on.count() > 0
    said = found.assign(finding=_findings(found, reports, params)).reset_index()
    ordered = said.sort_values(["ahead", "distributor_id"], ascending=[False, True])
    return ordered.reset_index(drop=True).loc[:, list(STUFFED)]


def _ratios(wide: dict[str, pd.DataFrame], params: TargetsParams) -> pd.DataFrame:
    shipped, sold = wide["shipped"], wide["sold_on"]
    last = shipped.columns[-QUARTER_MONTHS:]
    ends = shipped.columns[pd.DatetimeIndex(shipped.columns).month % QUARTER_MONTHS == 0]
    rest = shipped.columns.difference(ends)
    over = (shipped > params.stuffing_ratio * sold) & (sold > 0)
    backwards = over.to_numpy()[:, ::-1]
    run = np.logical_and.accumulate(backwards, axis=1).sum(axis=1)
    quarter = shipped[last].sum(axis=1).round(2), sold[last].sum(axis=1).round(2)
    return pd.DataFrame(
        {
            "shipped_quarter": quarter[0],
            "sold_on_quarter": quarter[1],
            "ahead": quarter[0] - quarter[1],
            "quarter_ratio": _ratio(shipped[last], sold[last]),
            "quarter_end_ratio": _ratio(shipped[ends], sold[ends]),
            "other_months_ratio": _ratio(shipped[rest], sold[rest]),
            "months_over": run,
        }
    )


def _ratio(shipped: pd.DataFrame, sold: pd.DataFrame) -> pd.Series:
    total = sold.sum(axis=1)
    return shipped.sum(axis=1) / total.where(total > 0)


def _findings(rows: pd.DataFrame, reports: pd.Series, params: TargetsParams) -> np.ndarray:
    bound = params.stuffing_ratio
    piling = (rows.months_over >= params.stuffing_months) | (rows.quarter_ratio > bound)
    pushed = (rows.quarter_end_ratio > bound) & (rows.other_months_ratio <= bound)
    silent = ~reports.reindex(rows.index)
    cases = [case.to_numpy(bool) for case in (silent, piling, pushed)]
    return np.asarray(np.select(cases, [UNKNOWN, PILING, PUSHED], LEVEL), dtype="object")


def _year_ago(as_of: dt.date) -> pd.Timestamp:
    return pd.Timestamp(as_of).replace(day=1) - pd.DateOffset(months=YEAR_MONTHS)
