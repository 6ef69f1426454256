"""What must hold between the cells of one row, said once for files and for stored tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.faults import fault_rows
from insights.tables import ALL, CANONICAL
from insights.words import _

Cells = Any  # rows by column name: an Ibis table or a frame, whose operators agree
IN_ORDER = (  # table, what comes first, what comes later
    ("invoices", "disputed_from_on", "disputed_to_on"),
    ("dunning", "contacted_on", "promised_on"),
    ("distributors", "contract_from_on", "contract_to_on"),
    ("reps", "hired_on", "left_on"),
    ("territories", "from_on", "to_on"),
    ("absences", "from_on", "to_on"),
    ("strategies", "starts_on", "ends_on"),
    ("needs", "opened_on", "closed_on"),
    ("decisions", "decided_on", "until_on"),
)
OFTEN_IN_ORDER = (  # as above, but a row that breaks it may be right
    ("payments", "paid_on", "bill_matures_on"),  # booked days after the bill matured
    ("visits", "starts_at", "ends_at"),  # past midnight, with the day of the visit
    ("visits", "visited_on", "next_on"),  # a plan of another day, left standing
)
LEAST = {  # table -> column -> the smallest sensible value
    "customers": {
        "beds": 0, "outpatients": 0, "potential": 0, "credit_limit": 0, "payment_term_days": 0,
    },
    "departments": {"beds": 0},
    "products": {"list_price": 0, "cost": 0},
    "orders": {"line_no": 0},
    "invoices": {"instalment_no": 0, "term_days": 0},
    "payments": {"instalment_no": 0},
    "dunning": {"promised_amount": 0},
    "call_plans": {"goal": 0, "maximum": 0},
    "targets": {"target": 0},
    "feedback": {"wave": 1},
    "strategies": {"washout_periods": 0},
}  # fmt: skip
SELDOM_LESS = {"prescriptions": {"scripts": 0}}  # a month may give more back (退药) than it writes
FIRST_DAYS = (("prescriptions", "month"), ("call_plans", "period"), ("targets", "period"))
OWN_GROUP = ("regions", "customers")


@dataclass(frozen=True)
class Contradiction:
    """A condition of one row that cannot be: ``broken`` is true of it, or null.

    ``needs`` are columns without which nothing can be said; ``optional`` ones count as empty where
    the source has none. ``column`` is the one whose value is shown. A ``doubt`` is named by the
    check alone and holds no row back: the row may be right.
    """

    table: str
    column: str
    needs: tuple[str, ...]
    broken: Callable[[Cells], Any]
    reason: str
    remedy: str
    optional: tuple[str, ...] = ()
    doubt: bool = False

    def applies(self, columns: Iterable[str]) -> bool:
        """Say whether a source has what is needed."""
        return set(self.needs) <= set(columns)


def contradictions(table: str) -> list[Contradiction]:
    """Return everything that must hold in each row of a table."""
    made = chain(_in_order(table), _too_small(table), _first_days(table), _signs(table))
    return [*made, *_reserved(table), *_nobody(table)]


def without_contradictions(batch: Batch) -> Batch:
    """Hold back the rows of a batch whose cells contradict each other."""
    if batch.table not in CANONICAL or not len(batch.values):
        return batch
    found = [one for one in contradictions(batch.table) if not one.doubt]
    applying = [one for one in found if one.applies(batch.values.columns)]
    return batch.with_faults([_faults(batch, one) for one in applying])


def _faults(batch: Batch, one: Contradiction) -> pd.DataFrame:
    names = dict.fromkeys([*batch.values.columns, *one.optional])
    rows = batch.values.reindex(columns=list(names))
    broken = one.broken(rows).fillna(False).to_numpy(bool)
    where = np.flatnonzero(broken & batch.sound)
    header, positions = batch.shown(one.column), batch.positions[where]
    return fault_rows(positions, one.reason, one.remedy, header, _written(batch, one, where))


def _written(batch: Batch, one: Contradiction, where: np.ndarray) -> pd.Series | str:
    """Return the cells as the file has them, else as they were made of it."""
    header = batch.shown(one.column)
    if header in batch.sheet.frame:
        return batch.sheet.frame[header].iloc[batch.positions[where]]
    if one.column in batch.values:
        return batch.values[one.column].iloc[where].astype("str")
    return ""


def _in_order(table: str) -> list[Contradiction]:
    pairs = [_ordered(name, first, later) for name, first, later in IN_ORDER if name == table]
    often = [
        replace(_ordered(name, first, later), doubt=True)
        for name, first, later in OFTEN_IN_ORDER
        if name == table
    ]
    return [*pairs, *often, *([_due()] if table == "invoices" else [])]


def _ordered(table: str, first: str, later: str) -> Contradiction:
    reason = _("{later} is before {first}").format(later=later, first=first)
    return Contradiction(
        table, later, (first, later), lambda rows: rows[later] < rows[first], reason,
        _("correct whichever date is wrong"),
    )  # fmt: skip


def _due() -> Contradiction:
    """An item brought forward is booked on one day, long after it fell due."""
    return Contradiction(
        "invoices",
        "due_on",
        ("issued_on", "due_on"),
        lambda rows: (
            (rows["due_on"] < rows["issued_on"])
            & (rows["kind"].isnull() | (rows["kind"] != "opening"))
        ),
        _("{later} is before {first}").format(later="due_on", first="issued_on"),
        _("correct whichever date is wrong; an item brought forward has kind opening"),
        optional=("kind",),
    )


def _too_small(table: str) -> list[Contradiction]:
    return [
        Contradiction(
            table, name, (name,), lambda rows, name=name, least=least: rows[name] < least,  # type: ignore[misc]
            _("less than {least}").format(least=least), _("correct the value, or leave it empty"),
            doubt=bounds is SELDOM_LESS,
        )
        for bounds in (LEAST, SELDOM_LESS)
        for name, least in bounds.get(table, {}).items()
    ]  # fmt: skip


def _first_days(table: str) -> list[Contradiction]:
    return [
        Contradiction(
            name, column, (column,), lambda rows, column=column: _day(rows[column]) != 1,  # type: ignore[misc]
            _("not the first day of a period"), _("write the month, e.g. 2025-03 or 2025-03-01"),
        )
        for name, column in FIRST_DAYS
        if name == table
    ]  # fmt: skip


def _day(dates: Any) -> Any:
    return dates.dt.day.astype("Int64") if isinstance(dates, pd.Series) else dates.day()


def _signs(table: str) -> list[Contradiction]:
    if table == "invoices":
        return [
            Contradiction(
                table, "amount", ("kind", "amount"),
                lambda rows: (rows["kind"] == "credit_note") & (rows["amount"] > 0),
                _("a credit note is negative"), _("write the amount with a minus"),
            )
        ]  # fmt: skip
    if table in ("orders", "channel_flow"):
        return [
            Contradiction(
                table, "amount", ("quantity", "amount"),
                lambda rows: (rows["quantity"] < 0) & (rows["amount"] > 0),
                _("a return (negative quantity) with a positive amount"),
                _("give quantity and amount the same sign"),
            )
        ]  # fmt: skip
    return []


def _reserved(table: str) -> list[Contradiction]:
    if table not in OWN_GROUP:
        return []
    return [
        Contradiction(
            table, "region_id", ("region_id",), lambda rows: rows["region_id"] == ALL,
            _("this id is reserved"), _("give the region another id; all stands for every region"),
        )
    ]  # fmt: skip


def _nobody(table: str) -> list[Contradiction]:
    if table != "payments":
        return []
    return [
        Contradiction(
            table, "invoice_id", ("payment_id",),
            lambda rows: rows["invoice_id"].isnull() & rows["customer_id"].isnull(),
            _("neither an invoice nor a customer"), _("fill in one of them"),
            optional=("invoice_id", "customer_id"),
        )
    ]  # fmt: skip
