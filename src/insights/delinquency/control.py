"""Does the sub-ledger agree with the general ledger? Balances by region, and their difference."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features import known, master
from insights.features.ledger import Ledger, open_ledger
from insights.tables import ALL, Tables

CONTROL_COLUMNS = ["balance_on", "region_id", "ledger_cents", "control_cents", "difference_cents"]


def tie_out(tables: Tables, ledger: Ledger) -> pd.DataFrame:
    """Return a row a region of the latest control date by as_of; region ``all`` where it has none.

    The ledger's side is open items less cash and credits that settle no item. Empty without a
    control balance.
    """
    rows = known(tables, "ledger_control", ledger.as_of)
    last = rows.filter(rows.balance_on == rows.balance_on.max())
    frame = last.mutate(cents=(last.balance * 100).cast("int64")).execute()
    if frame.empty:
        return pd.DataFrame(columns=CONTROL_COLUMNS)
    day = pd.Timestamp(frame.balance_on.iloc[0])
    there = ledger if day.date() == ledger.as_of else open_ledger(tables, day)
    control = frame.assign(region_id=frame.region_id.fillna(ALL)).groupby("region_id").cents.sum()
    balance = _balances(tables, there).reindex(control.index, fill_value=0)
    return pd.DataFrame(
        {
            "balance_on": day,
            "region_id": control.index,
            "ledger_cents": balance.to_numpy(),
            "control_cents": control.to_numpy(),
            "difference_cents": (balance - control).to_numpy(),
        }
    )


def with_regions(tables: Tables, unallocated: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Add each row's region by its customer."""
    homes = master(tables, "customers", as_of).select("customer_id", "region_id").execute()
    return unallocated.merge(homes, on="customer_id", how="left", validate="many_to_one")


def _balances(tables: Tables, ledger: Ledger) -> pd.Series:
    open_cents = ledger.items.groupby("region_id").open_cents.sum()
    loose = with_regions(tables, ledger.unallocated, ledger.as_of).groupby("region_id").cents.sum()
    by_region = open_cents.sub(loose, fill_value=0).astype("int64")
    by_region[ALL] = ledger.balance_cents
    return by_region
