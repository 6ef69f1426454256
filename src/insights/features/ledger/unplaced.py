"""What becomes of money that settled nothing: recoveries booked late, refunds, and the reasons."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from insights.features.ledger.allocation import ACCOUNT, NOWHERE
from insights.words import _


def with_recoveries(
    made: pd.DataFrame, rest: pd.DataFrame, rows: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return allocations and leftovers in which cash for a written-off invoice has found its place.

    Cash that comes before the write-off is taken back finds nothing open and is left over; the
    negative write-off that follows is left over too. From the later of the two days on, the item
    counts as reopened by the one and paid by the other. Nothing dated before it moves.
    """
    found = list(_recovered(made, rest, rows))
    if not found:
        return made, rest
    moved = pd.DataFrame(found, columns=["item", "row", "day", "cents"]).astype("int64")
    whole = pd.concat([made, moved], ignore_index=True)
    used = moved.groupby("row").cents.sum().reindex(rest["row"], fill_value=0).to_numpy()
    left = rest.assign(cents=rest.cents - used)
    return (
        whole.sort_values(["day", "row", "item"], ignore_index=True),
        left[left.cents != 0].reset_index(drop=True),
    )


def _recovered(
    made: pd.DataFrame, rest: pd.DataFrame, rows: pd.DataFrame
) -> Iterator[tuple[int, int, int, int]]:
    """Yield item, row, day, cents: twice a match, reopened and paid."""
    named = rest.join(rows[["source", "scope", "invoice", "day"]], on="row")
    named = named[~named.scope.isin((ACCOUNT, NOWHERE))]
    taken_back = named[(named.source == "writeoff") & (named.cents < 0)]
    cash = named[(named.source == "payment") & (named.cents > 0)]
    lost = made[made["row"].isin(rows.index[rows.source == "writeoff"])]
    for invoice in sorted(set(taken_back.invoice) & set(cash.invoice)):
        written_off = lost[lost["row"].isin(rows.index[rows.invoice == invoice])]
        gone = taken_back[taken_back.invoice == invoice]
        yield from _matched(gone, cash[cash.invoice == invoice], written_off)


def _matched(
    taken_back: pd.DataFrame, cash: pd.DataFrame, written_off: pd.DataFrame
) -> Iterator[tuple[int, int, int, int]]:
    """Match the rows of one invoice in the order in which they came, the latest item first."""
    left = dict(zip(cash["row"], cash.cents, strict=True))
    wanted = dict(zip(taken_back["row"], -taken_back.cents, strict=True))
    days = dict(zip([*taken_back["row"], *cash["row"]], [*taken_back.day, *cash.day], strict=True))
    used: defaultdict[int, int] = defaultdict(int)
    items = sorted(set(written_off["item"]), reverse=True)
    for back, row, item in itertools.product(wanted, left, items):
        day = max(days[back], days[row])
        lost = written_off[(written_off["item"] == item) & (written_off.day <= day)]
        cents = min(wanted[back], left[row], int(lost.cents.sum()) - used[item])
        if cents > 0:
            yield item, back, day, -cents
            yield item, row, day, cents
            wanted[back] -= cents
            left[row] -= cents
            used[item] += cents


def after_refunds(leftovers: pd.DataFrame) -> pd.Series:
    """Return what is left of each row once a customer's refunds have given back its excess cash.

    ``leftovers``: scope, source, customer_id, invoice_id, cents, in time order. A refund gives back
    the excess on its own invoice first, then the customer's, the latest first. Write-offs, and
    rows that name nothing of this ledger, are never netted.
    """
    cash = leftovers.source.isin(("payment", "credit_note")) & (leftovers.scope != NOWHERE)
    nets = cash & leftovers.customer_id.notna()
    rows = leftovers[nets]
    own = [rows.customer_id, rows.invoice_id.fillna("")]
    left = _netted(_netted(rows.cents, own), [rows.customer_id])
    return left.reindex(leftovers.index).fillna(leftovers.cents).astype("int64")


def _netted(cents: pd.Series, keys: list[pd.Series]) -> pd.Series:
    """Cancel sums above and below zero within a key: of those above the latest first."""
    over, given = cents.clip(lower=0), -cents.clip(upper=0)
    above, below = (part.groupby(keys) for part in (over, given))
    cancelled = above.transform("sum").clip(upper=below.transform("sum"))
    kept = above.transform("sum") - cancelled
    upto, back = above.cumsum(), below.cumsum()
    over_left = upto.clip(upper=kept) - (upto - over).clip(upper=kept)
    given_left = (back - cancelled).clip(lower=0) - (back - given - cancelled).clip(lower=0)
    return over_left - given_left


def reasons_unplaced(leftovers: pd.DataFrame, lost_invoices: pd.Index) -> pd.DataFrame:
    """Return reason and remedy of each row; ``lost_invoices``: those with a write-off.

    ``leftovers``: as for ``after_refunds``, with invoice_id and ``net_cents``.
    """
    named, payer = leftovers.invoice_id.notna(), leftovers.customer_id.notna()
    nowhere, back = leftovers.scope == NOWHERE, leftovers.cents < 0
    written = leftovers.invoice_id.isin(lost_invoices) & (leftovers.source == "payment")
    cases = [
        (leftovers.net_cents == 0, _("overpaid and given back"), _("nothing to do")),
        (nowhere & named, _("its invoice is not in this ledger: unknown or not yet issued"),
         _("correct invoice_id, or leave it empty to settle the oldest due")),
        (nowhere & payer, _("its customer had no item by then"), _("correct customer_id")),
        (nowhere, _("names neither an invoice nor a customer"), _("fill one of them")),
        (back & (leftovers.source == "writeoff"), _("takes back more than had been written off"),
         _("check the write-off it reverses")),
        (back, _("gives back more than had been received"), _("check the refund")),
        (leftovers.scope == ACCOUNT, _("on account: nothing was left to settle"),
         _("allocate by hand or refund")),
        (leftovers.source == "writeoff", _("more was written off than its invoice owed"),
         _("correct the write-off")),
        (leftovers.source == "credit_note", _("more was credited than its invoice owed"),
         _("set it against another invoice or refund")),
        (written, _("its invoice had been written off"),
         _("book the recovery: a negative write-off")),
    ]  # fmt: skip
    where = [case.to_numpy(bool) for case, _reason, _remedy in cases]
    over, refund = _("more than its invoice owed"), _("allocate by hand or refund")
    return pd.DataFrame(
        {
            "reason": np.select(where, [reason for _case, reason, _remedy in cases], over),
            "remedy": np.select(where, [remedy for _case, _reason, remedy in cases], refund),
        },
        index=leftovers.index,
    ).astype("str")
