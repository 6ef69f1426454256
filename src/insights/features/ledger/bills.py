"""Bills of acceptance: the invoice is paid when the bill comes, the bill when it matures.

Until then it is a note receivable: shown beside the receivables, never among them.
"""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis.expr.types import BooleanValue
from ibis.expr.types import Table as Expr

from insights.features.known import known, master
from insights.features.ledger.errors import FAULT_COLUMNS
from insights.tables import Tables, as_date
from insights.words import _

BILL_COLUMNS = [
    "payment_id", "customer_id", "region_id", "cents", "paid_on", "bill_matures_on",
    "days_to_mature",
]  # fmt: skip


def bills_held(tables: Tables, as_of: str | dt.date | pd.Timestamp) -> pd.DataFrame:
    """Which bills had been received by as_of and had not yet matured? A row a bill, in cents.

    Columns: payment_id, customer_id and region_id (of the payment, else of its invoice), cents
    (negative: a bill given back), paid_on, bill_matures_on, days_to_mature (at least 1). A bill
    without a usable date of maturity is not among them: ``bill_faults`` names it.
    """
    day = as_date(as_of)
    rows = _with_payer(tables, _bills(tables, day), day)
    found = rows.filter((rows.bill_matures_on > day) & (rows.bill_matures_on >= rows.paid_on))
    frame = found.order_by("bill_matures_on", "payment_id").execute()
    left = (pd.to_datetime(frame.bill_matures_on) - pd.Timestamp(day)).dt.days
    return frame.assign(days_to_mature=left.astype("int64"))[BILL_COLUMNS]


def bill_faults(tables: Tables, as_of: str | dt.date | pd.Timestamp) -> pd.DataFrame:
    """Which bills have no date of maturity, or one before they were received? A row a fault."""
    rows = _bills(tables, as_date(as_of))
    odd = rows.filter(rows.bill_matures_on.isnull() | (rows.bill_matures_on < rows.paid_on))
    frame = odd.order_by("payment_id").execute()
    missing = frame.bill_matures_on.isna()
    none = _("a bill of acceptance without a date of maturity; not among the bills held")
    early = _("a bill of acceptance matures before it was received; not among the bills held")
    return pd.DataFrame(
        {
            "table": "payments",
            "row": frame.payment_id,
            "column": "bill_matures_on",
            "value": frame.bill_matures_on.astype("str").where(~missing, ""),
            "reason": missing.map({True: none, False: early}),
            "remedy": missing.map(
                {True: _("fill bill_matures_on from the bill"), False: _("check both dates")}
            ),
        },
        columns=FAULT_COLUMNS,
    ).astype("str")


def _bills(tables: Tables, as_of: dt.date) -> Expr:
    rows = known(tables, "payments", as_of)
    return rows.filter(_is_bill(rows))


def _is_bill(rows: Expr) -> BooleanValue:
    """A payment without a method is a bill where it has a date of maturity."""
    return (rows.method == "bill") | (rows.method.isnull() & rows.bill_matures_on.notnull())


def _with_payer(tables: Tables, rows: Expr, as_of: dt.date) -> Expr:
    """Add the payer's region; the payer is the payment's, else that of the invoice it names."""
    invoices = known(tables, "invoices", as_of)
    owners = invoices.group_by(named_id=invoices.invoice_id).aggregate(
        owner_id=invoices.customer_id.min()
    )
    joined = rows.left_join(owners, rows.invoice_id == owners.named_id)
    owned = joined.mutate(
        customer_id=ibis.coalesce(joined.customer_id, joined.owner_id),
        cents=(joined.amount.fill_null(0) * 100).cast("int64"),
    )
    homes = master(tables, "customers", as_of)
    homes = homes.select(home_id=homes.customer_id, region_id=homes.region_id)
    return owned.left_join(homes, owned.customer_id == homes.home_id)
