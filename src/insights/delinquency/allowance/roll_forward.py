"""How did the allowance come from last month's end to today's? The movement to be booked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.allowance.provision import item_allowances, loss_rate_table
from insights.delinquency.allowance.rolls import provision_groups
from insights.features.ledger import Ledger
from insights.params import DelinquencyParams

WHO = ["region_id", "group"]
ROLL_COLUMNS = [
    *WHO, "from_on", "opening_cents", "used_cents", "recovered_cents", "charge_cents",
    "closing_cents",
]  # fmt: skip


def roll_forward(ledger: Ledger, closing: pd.DataFrame, params: DelinquencyParams) -> pd.DataFrame:
    """What is to be charged so that the allowance of the month's end before becomes today's?

    A row a region and group: opening - used + recovered + charge = closing, in cents. ``used``
    was written off since, ``recovered`` of it taken back; ``charge`` is what the profit and loss
    account bears (negative: released). The opening is reckoned anew from what was known then,
    under today's params: an allowance booked otherwise differs by that.
    ``closing`` as returned by ``item_allowances`` for the day of the ledger.
    """
    day = _month_end_before(ledger)
    opening = item_allowances(ledger, loss_rate_table(ledger, params, day), params, day)
    parts = {
        "opening_cents": _given(opening),
        "used_cents": _written_off(ledger, day, taken_back=False),
        "recovered_cents": _written_off(ledger, day, taken_back=True),
        "closing_cents": _given(closing),
    }
    table = pd.DataFrame(parts).fillna(0).astype("int64").rename_axis(WHO).reset_index()
    charge = table.closing_cents - table.opening_cents + table.used_cents - table.recovered_cents
    from_on = pd.Timestamp(np.datetime64(day, "D"))
    return table.assign(from_on=from_on, charge_cents=charge)[ROLL_COLUMNS]


def _month_end_before(ledger: Ledger) -> int:
    first = pd.Timestamp(ledger.as_of).replace(day=1) - pd.Timedelta(days=1)
    return int(np.datetime64(first, "D").astype("int64"))


def _given(allowances: pd.DataFrame) -> pd.Series:
    rows = allowances.assign(region_id=_region(allowances.region_id))
    return rows.allowance_cents.fillna(0).astype("int64").groupby([rows[who] for who in WHO]).sum()


def _written_off(ledger: Ledger, day: int, taken_back: bool) -> pd.Series:
    made = ledger.allocations
    moved = made[(made.source == "writeoff") & (made.day > day)]
    moved = moved[(moved.cents < 0) == taken_back]
    items = ledger.items.loc[moved["item"]]
    keys = [_region(items.region_id).to_numpy(), provision_groups(items).to_numpy()]
    return moved.cents.abs().groupby(keys).sum()


def _region(regions: pd.Series) -> pd.Series:
    return regions.astype("object").fillna("")
