"""Whom did we win newly in each period?"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.firsts import first_purchases
from insights.features.known import master
from insights.tables import Tables
from insights.tables.totals import NOWHERE
from insights.targets.progress import GRAINS, STEPS, start_of
from insights.words import _

FIRSTS = ("customer_id", "region_id", "first_on", "first_line", "first_amount", "covered")
WON = ("grain", "period", "won", "won_before", "first_amount", "not_covered", "reason")


def read_firsts(tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Return each terminal's first purchase with its region. Columns FIRSTS."""
    homes = master(tables, "customers", as_of).select("customer_id", "region_id").execute()
    found = first_purchases(tables, as_of).merge(homes, on="customer_id", how="left")
    placed = found.assign(region_id=found.region_id.fillna(NOWHERE).astype("str"))
    return placed.loc[:, list(FIRSTS)]


def newly_won(firsts: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """How many customers are new in the running month, quarter and year, and how many last year?

    New: the first purchase lies in the period and the data reach back twelve months before it;
    what the data do not reach back far enough to call new is counted apart (``not_covered``).
    won_before are the same days a year earlier, missing where they cannot be told. Columns WON.
    """
    return pd.DataFrame([_of_grain(firsts, grain, as_of) for grain in GRAINS], columns=list(WON))


def won_by_period(firsts: pd.DataFrame) -> pd.DataFrame:
    """Return new customers of every period, by company and region, as ``actuals`` has sales."""
    counted = firsts[firsts.covered]
    parts = []
    for grain in GRAINS:
        start = pd.to_datetime(counted.first_on).dt.to_period(STEPS[grain]).dt.start_time
        for scope, scope_id in (("company", "company"), ("region", counted.region_id)):
            rows = counted.assign(grain=grain, period=start, scope=scope, scope_id=scope_id)
            keys = ["grain", "period", "scope", "scope_id"]
            parts.append(rows.groupby(keys).size().rename("actual").reset_index())
    found = pd.concat(parts, ignore_index=True)
    home = found.scope_id.where(found.scope == "region")
    return found.assign(metric="new_customers", region_id=home).astype({"actual": "float64"})


def _of_grain(firsts: pd.DataFrame, grain: str, as_of: dt.date) -> dict[str, object]:
    start, today = start_of(as_of, grain), pd.Timestamp(as_of)
    back = pd.DateOffset(years=1)
    now = firsts[firsts.first_on >= start]
    then = firsts[(firsts.first_on >= start - back) & (firsts.first_on <= today - back)]
    won = now[now.covered]
    told = bool(len(then) == 0 or then.covered.all())
    return {
        "grain": grain, "period": start, "won": float(len(won)),
        "won_before": float(then.covered.sum()) if told else float("nan"),
        "first_amount": won.first_amount.sum(), "not_covered": int((~now.covered).sum()),
        "reason": "" if told else _("the data do not reach back a year before last year's days"),
    }  # fmt: skip
