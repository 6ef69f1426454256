"""The error of this room, and the faults that are listed rather than raised."""

from __future__ import annotations

import pandas as pd

from insights.words import _, listing

ITEM = ("invoice_id", "instalment_no")
FAULT_COLUMNS = ["table", "row", "column", "value", "reason", "remedy"]


class LedgerError(ValueError):
    """The receivables cannot be added up: names the rows and what to do."""


def mixed_currency(odd: pd.DataFrame, main: str, total: int) -> LedgerError:
    """Return the error that names the rows (items or credit notes) not in the main currency."""
    rows = [
        f"{name} ({currency})" for name, currency in zip(item_names(odd), odd.currency, strict=True)
    ]
    return LedgerError(
        _(
            "invoices.currency: {n} of {total} rows are not in {main}: {rows}; "
            "convert them to one currency or keep one source a currency"
        ).format(n=len(odd), total=total, main=main, rows=listing(rows))
    )


def item_names(items: pd.DataFrame) -> pd.Series:
    """Return invoice/instalment, the way a row is named to a person."""
    return items.invoice_id.astype("str") + "/" + items.instalment_no.astype("str")


def no_amount() -> str:
    """Return the reason of a row whose money is unknown."""
    return _("no amount; counted as 0")


def item_faults(items: pd.DataFrame) -> pd.DataFrame:
    """What is wrong with the items? One row a fault: table, row, column, value, reason, remedy."""
    cases = [
        ("customer_id", items.customer_id.isna(), _("nobody owes this item"), _("fill the payer")),
        ("issued_on", items.issued_on.isna(), _("no issue date"), _("fill the date of issue")),
        ("amount", items.amount_cents.isna(), no_amount(), _("fill the amount")),
        (
            "due_on",
            items.due_on.isna(),
            _("no due date, no term, and no term of the customer"),
            _("fill due_on, term_days or customers.payment_term_days"),
        ),
        (
            "due_on",
            items.due_on < items.issued_on,
            _("due before it was issued; kept as stated"),
            _("check both dates"),
        ),
        (
            "term_days",
            (items.term_days < 0) & items.stated_due_on.isna(),
            _("a term below zero days; counted as it stands"),
            _("correct term_days or customers.payment_term_days"),
        ),
        (
            "disputed_to_on",
            items.disputed_to_on < items.disputed_from_on,
            _("the dispute ends before it begins; no dispute is counted"),
            _("check both dates"),
        ),
        (
            "invoice_id",
            items.duplicated(["invoice_id", "instalment_no"], keep=False),
            _("this item stands here more than once; every row is counted"),
            _("remove the copies or number the instalments"),
        ),
    ]
    found = [_listed(items, *case) for case in cases]
    return pd.concat(found, ignore_index=True)


def settlement_faults(rows: pd.DataFrame) -> pd.DataFrame:
    """What is wrong with the cash, credits and write-offs themselves?"""
    early = rows[rows.settled_on < rows.issued_on]
    both = rows.customer_id.notna() & rows.payer_id.notna()
    foreign = rows[both & (rows.customer_id != rows.payer_id)]
    dates = (_("before the invoice was issued; counted from the issue on"), _("check both dates"))
    payer = (_("another customer than the invoice's; the invoice decides"), _("check the payer"))
    sign = (_("a credit note above zero; it reduces what is owed all the same"), _("negate it"))
    parts = [
        _noted(early, "settled_on", *dates),
        _noted(foreign, "customer_id", *payer),
        _noted(rows[rows.settled_on.isna()], "settled_on", _("no date"), _("fill the date")),
        _noted(rows[rows.no_amount], "cents", no_amount(), _("fill the amount")),
        _noted(rows[rows.wrong_sign], "cents", *sign),
    ]
    return pd.concat(parts, ignore_index=True)


def unplaced_faults(leftovers: pd.DataFrame) -> pd.DataFrame:
    """What settled nothing and was not given back? Each row with its own reason and remedy."""
    rows = leftovers[leftovers.net_cents != 0]
    shown = rows.assign(cents=rows.net_cents)
    found = _noted(shown, "cents", "", "")
    return found.assign(reason=rows.reason.to_numpy(), remedy=rows.remedy.to_numpy())


def _listed(
    items: pd.DataFrame, column: str, at_fault: pd.Series, reason: str, remedy: str
) -> pd.DataFrame:
    keys = dict.fromkeys([*ITEM, *([column] if column in items else [])])
    rows = items[at_fault.fillna(False)].sort_values(list(keys), kind="stable")
    shown = _as_text(rows[column]) if column in rows else ""
    return pd.DataFrame(
        {
            "table": "invoices",
            "row": item_names(rows),
            "column": column,
            "value": shown,
            "reason": reason,
            "remedy": remedy,
        },
        columns=FAULT_COLUMNS,
    ).astype("str")


def _as_text(values: pd.Series) -> pd.Series:
    """Return values as a person wrote them; what is missing is empty."""
    return values.astype("str").where(values.notna(), "")


def _noted(rows: pd.DataFrame, column: str, reason: str, remedy: str) -> pd.DataFrame:
    names = {"payment": "payments", "credit_note": "invoices", "writeoff": "writeoffs"}
    dates = {"payment": "paid_on", "credit_note": "issued_on", "writeoff": "written_off_on"}
    plain = rows.source.map(dates) if column == "settled_on" else column
    yuan = (rows.cents / 100).map("{:.2f}".format)
    return pd.DataFrame(
        {
            "table": rows.source.map(names),
            "row": rows.settlement_id,
            "column": "amount" if column == "cents" else plain,
            "value": yuan if column == "cents" else _as_text(rows[column]),
            "reason": reason,
            "remedy": remedy,
        },
        columns=FAULT_COLUMNS,
    ).astype("str")
