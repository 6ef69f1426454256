"""What stored tables say against each other: doubts about rows that may each be right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table as Expr

from insights.ingest.rules import RAW, ROW
from insights.words import _

Found = dict[str, Expr]  # table -> its rows as ``rules.numbered_rows`` gives them
TAIL = 1.0  # CNY: what a payer rounds off or up (尾差) is no payment of something else
ROUNDING = 0.005  # CNY: sums of floats are not exact
MASTERS = ("customers", "products", "distributors", "reps")


@dataclass(frozen=True)
class Doubt:
    """Rows of one table that another row or table speaks against; ``value`` is what is shown."""

    table: str
    column: str
    rows: Expr
    value: str
    reason: str


def doubts(found: Found) -> list[Doubt]:
    """Return every doubt for which the tables and columns are there; the rows may be none.

    They are named, never held back: the row may be right and the other one wrong or missing.
    """
    questions: tuple[tuple[Callable[[Found], Doubt], dict[str, tuple[str, ...]]], ...] = (
        (_paid_over, {"payments": ("invoice_id",), "invoices": ("invoice_id", "amount")}),
        (_lost_instalments, {
            "payments": ("invoice_id", "instalment_no"), "invoices": ("instalment_no",)}),
        (_early_writeoffs, {"writeoffs": ("written_off_on",), "invoices": ("issued_on",)}),
        (_other_currency, {"invoices": ("currency",)}),
        (_no_distributors, {"channel_flow": ("distributor_id",), "customers": ("customer_type",)}),
        (_after_leaving, {"visits": ("visited_on", "rep_id"), "reps": ("left_on",)}),
    )  # fmt: skip
    asked = [question(found) for question, needs in questions if _has(found, needs)]
    alike = [_look_alikes(found, name) for name in MASTERS if name in found]
    return [*asked, *(one for one in alike if one is not None)]


def _has(found: Found, needs: dict[str, tuple[str, ...]]) -> bool:
    return all(t in found and set(columns) <= set(found[t].columns) for t, columns in needs.items())


def _paid_over(found: Found) -> Doubt:
    """Payments from the one on with which their sum passes the invoice, unless it was paid back.

    Credit notes are left aside: one that comes after the payment makes no payment wrong.
    """
    invoices, payments = found["invoices"], found["payments"]
    owed = invoices.group_by(_invoice="invoice_id").aggregate(
        _owed=invoices.amount.cast("float64").sum()
    )
    running = ibis.window(group_by="invoice_id", order_by=["paid_on", ROW], following=0)
    paid = payments.filter(payments.invoice_id.notnull() & payments.amount.notnull()).mutate(
        _paid=ibis._.amount.cast("float64").sum().over(running),
        _in_all=ibis._.amount.cast("float64").sum().over(ibis.window(group_by="invoice_id")),
    )
    both = paid.inner_join(owed, paid.invoice_id == owed["_invoice"])
    most = both["_owed"] + TAIL + ROUNDING
    over = both.filter((both["_paid"] > most) & (both["_in_all"] > most) & (both.amount > 0))
    reason = _("with it more is paid than the invoice amounts to")
    return Doubt("payments", "amount", over, RAW + "amount", reason)


def _lost_instalments(found: Found) -> Doubt:
    """Instalments that their invoice has not; unknown invoices are told as references."""
    invoices, payments = found["invoices"], found["payments"]
    billed = invoices.select(_billed="invoice_id")
    known = invoices.select(_invoice="invoice_id", _no=invoices.instalment_no.fill_null(1))
    told = payments.filter(payments.instalment_no.notnull())
    told = told.semi_join(billed, told.invoice_id == billed["_billed"])
    lost = told.anti_join(
        known, [told.invoice_id == known["_invoice"], told.instalment_no == known["_no"]]
    )
    reason = _("the invoice has no such instalment")
    return Doubt("payments", "instalment_no", lost, RAW + "instalment_no", reason)


def _early_writeoffs(found: Found) -> Doubt:
    invoices, lost = found["invoices"], found["writeoffs"]
    issued = invoices.group_by(_invoice="invoice_id").aggregate(_issued=invoices.issued_on.min())
    both = lost.inner_join(issued, lost.invoice_id == issued["_invoice"])
    early = both.filter(both.written_off_on < both["_issued"])
    reason = _("written off before its invoice was issued")
    return Doubt("writeoffs", "written_off_on", early, RAW + "written_off_on", reason)


def _other_currency(found: Found) -> Doubt:
    """Rows not in the currency of most: no ledger adds up two."""
    rows = found["invoices"].mutate(_money=ibis._.currency.fill_null("CNY"))
    counts = rows.group_by("_money").aggregate(_n=ibis._.count())
    most = counts.order_by([ibis.desc("_n"), "_money"]).limit(1).select(_main="_money")
    odd = rows.anti_join(most, rows["_money"] == most["_main"])
    reason = _("not in the currency of most invoices; amounts of two cannot be added")
    return Doubt("invoices", "currency", odd, RAW + "currency", reason)


def _no_distributors(found: Found) -> Doubt:
    customers, flow = found["customers"], found["channel_flow"]
    others = customers.filter(
        customers.customer_type.notnull() & (customers.customer_type != "distributor")
    ).select(_other="customer_id")
    odd = flow.semi_join(others, flow.distributor_id == others["_other"])
    reason = _("this customer is not of type distributor")
    return Doubt("channel_flow", "distributor_id", odd, "distributor_id", reason)


def _after_leaving(found: Found) -> Doubt:
    reps, visits = found["reps"], found["visits"]
    gone = reps.filter(reps.left_on.notnull()).select(_rep="rep_id", _left="left_on")
    both = visits.inner_join(gone, visits.rep_id == gone["_rep"])
    late = both.filter(both.visited_on > both["_left"])
    reason = _("a visit after the rep had left")
    return Doubt("visits", "visited_on", late, RAW + "visited_on", reason)


def _look_alikes(found: Found, name: str) -> Doubt | None:
    """Ids that differ in case, blanks or leading zeros alone, of rows that bear one name.

    Without names nothing is said: some systems tell ids apart by case.
    """
    rows, key = found[name], f"{name[:-1]}_id"
    if not {key, "name"} <= set(rows.columns):
        return None
    plain = rows[key].upper().re_replace(r"\s", "").re_replace("^0+", "")
    title = rows["name"].upper().re_replace(r"\s", "")
    likely = rows.mutate(_plain=plain, _title=title).mutate(
        _mates=ibis._[key].nunique().over(ibis.window(group_by=["_plain", "_title"]))
    )
    odd = likely.filter(likely["_title"].notnull() & (likely["_mates"] > 1))
    reason = _("another row has this name and, but for case, blanks or zeros, this id")
    return Doubt(name, key, odd, key, reason)
