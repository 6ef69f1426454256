"""Targets set from last year's trade, by month, quarter and year; one region's are out of reach."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import stream
from insights.demo.customers import Customers
from insights.demo.places import LEAF_IDS
from insights.demo.products import LINE_NAMES
from insights.demo.timeline import MONTH_OF_YEAR, MONTHS
from insights.demo.trade import RETURN

SCOPES = ("company", "region", "product_line", "rep")
MORE = ("channel", "product", "customer")
LARGEST = {"product": 20, "customer": 40}
GROWTH = 1.08
SHORT_REGION, SHORT_FACTOR, SHORT_FROM = "south", 1.25, np.datetime64("2025-01-01", "D")
NEW_SHARE = 0.02  # of a region's terminals are to be won in a quarter
KEYS = ["period", "scope", "scope_id", "metric", "grain"]


def targets(
    seed: int, customers: Customers, lines: pd.DataFrame, reps: pd.DataFrame, plans: pd.DataFrame
) -> pd.DataFrame:
    """Return the targets of sales, visits and new customers.

    Sales: company, regions, lines, channels, device reps (drug reps have none), the largest
    products and payers. Visits, for every rep and region, are what the call plans add up to.
    """
    monthly = pd.concat([_sales(seed, customers, lines, reps), _visits(plans, reps)])
    both = [_summed(monthly, grain) for grain in ("quarter", "year")]
    won = _new_customers(customers)
    return pd.concat(
        [monthly.assign(grain="month"), *both, won, _summed(won, "year")], ignore_index=True
    )


def _sales(
    seed: int, customers: Customers, lines: pd.DataFrame, reps: pd.DataFrame
) -> pd.DataFrame:
    device = reps.loc[reps["line_type"] == "device", "rep_id"]
    keyed = lines.assign(
        company="company",
        region=np.array(LEAF_IDS)[customers.home[lines["payer"]]],
        product_line=LINE_NAMES[lines["line"]],
        rep=lines["rep_id"].where(lines["rep_id"].isin(device)),
        channel=lines["channel"].mask(lines["channel"] == RETURN),
        **{scope: _largest(lines, f"{scope}_id", n) for scope, n in LARGEST.items()},
    )
    rng, more = stream(seed, "targets"), stream(seed, "more targets")
    usual = [_monthly(rng, keyed, scope) for scope in SCOPES]
    frame = pd.concat([*usual, *(_monthly(more, keyed, scope) for scope in MORE)])
    return _raised(frame).assign(metric="sales")


def _largest(lines: pd.DataFrame, column: str, n: int) -> pd.Series:
    """Return the ids of the n with most trade, None elsewhere."""
    traded = lines.groupby(column)["amount"].sum().nlargest(n)
    return lines[column].where(lines[column].isin(traded.index))


def _raised(frame: pd.DataFrame) -> pd.DataFrame:
    """Ask more of one region in the last year than it can sell."""
    short = (frame["scope"] == "region") & (frame["scope_id"] == SHORT_REGION)
    short &= frame["period"] >= SHORT_FROM
    more = np.round(frame["target"] * SHORT_FACTOR, -3)
    return frame.assign(target=frame["target"].mask(short, more))


def _visits(plans: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    region = plans["rep_id"].map(reps.set_index("rep_id")["region_id"])
    parts = [("rep", plans["rep_id"]), ("region", region)]
    sums = [
        plans.groupby(["period", ids.rename("scope_id")], as_index=False)["goal"].sum()
        .assign(scope=scope).rename(columns={"goal": "target"})
        for scope, ids in parts
    ]  # fmt: skip
    return pd.concat(sums).astype({"target": "float64"}).assign(metric="visits")


def _new_customers(customers: Customers) -> pd.DataFrame:
    """Return each region's new customers a quarter."""
    terminals = np.bincount(customers.home[: customers.n_terminals], minlength=len(LEAF_IDS))
    wanted = np.ceil(terminals * NEW_SHARE)
    quarters = MONTHS[MONTH_OF_YEAR % 3 == 0].astype("datetime64[D]")
    return pd.DataFrame(
        {
            "period": np.tile(quarters, len(LEAF_IDS)),
            "scope": "region",
            "scope_id": np.repeat(LEAF_IDS, len(quarters)),
            "target": np.repeat(wanted, len(quarters)),
            "metric": "new_customers",
            "grain": "quarter",
        }
    )


def _summed(frame: pd.DataFrame, grain: str) -> pd.DataFrame:
    """Return the sums of a finer grain by quarter or year."""
    begin = frame["period"].dt.to_period("Q" if grain == "quarter" else "Y").dt.start_time
    coarse = frame.assign(period=begin.astype(frame["period"].dtype), grain=grain)
    return coarse.groupby(KEYS)["target"].sum().reset_index()


def _monthly(rng: Generator, keyed: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Spread a year's ambition over its months as trade is usually spread."""
    cells = keyed[keyed[scope].notna()]
    ids, place = np.unique(cells[scope].to_numpy(dtype=str), return_inverse=True)
    sums = np.zeros((len(ids), len(MONTHS)))
    np.add.at(sums, (place, cells["month"].to_numpy()), cells["amount"].to_numpy() / 100)
    yearly = sums.reshape(len(ids), 3, 12).sum(axis=2)
    base = np.column_stack([yearly[:, 0] / GROWTH, yearly[:, 0], yearly[:, 1]])
    base = np.where(base > 0, base, yearly) * GROWTH * rng.lognormal(0, 0.06, base.shape)
    usual = sums.reshape(len(ids), 3, 12).sum(axis=1)
    usual = usual / np.maximum(usual.sum(axis=1, keepdims=True), 1)
    target = np.repeat(base, 12, axis=1) * usual[:, MONTH_OF_YEAR]
    return pd.DataFrame(
        {
            "period": np.tile(MONTHS.astype("datetime64[D]"), len(ids)),
            "scope": scope,
            "scope_id": np.repeat(ids, len(MONTHS)),
            "target": np.round(target.reshape(-1), -3),
        }
    )
