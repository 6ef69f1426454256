"""``insights check`` on tables that lack optional columns, and on rows that may be right."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from insights.check.quoting import as_typed
from insights.ingest import check_source
from insights.ingest.batches import make_batch
from insights.ingest.contradictions import contradictions, without_contradictions
from insights.ingest.mapping import TablePlan
from insights.ingest.reading import Sheet
from insights.ingest.vocabulary import load_vocabulary
from insights.tables import CANONICAL, connect

CELLS = {"int": 1, "float": 1.0, "rate": 0.5, "money": 1.0, "bool": True,
         "date": dt.date(2025, 1, 1), "time": dt.datetime(2025, 1, 1, 9)}  # fmt: skip
OPTIONAL = {
    name: [column.name for column in table.columns if not column.required]
    for name, table in CANONICAL.items()
}
MOST = max(map(len, OPTIONAL.values()))


def one_row(name: str, without: set[str]) -> pd.DataFrame:
    kept = [column for column in CANONICAL[name].columns if column.name not in without]
    return pd.DataFrame({column.name: [CELLS.get(column.type, "1")] for column in kept})


@pytest.mark.parametrize("n", range(MOST))
def test_no_table_needs_an_optional_column_to_be_checked(write_source, n):
    lacking = {name: names[n] for name, names in OPTIONAL.items() if n < len(names)}
    frames = {name: one_row(name, {column}) for name, column in lacking.items()}
    check_source(connect(write_source(**frames)))


def test_tables_of_required_columns_alone_are_checked(write_source):
    frames = {name: one_row(name, set(names)) for name, names in OPTIONAL.items()}
    faults = check_source(connect(write_source(**frames)))
    assert faults.reason[faults.table == "payments"].str.contains("neither an invoice").all()
    assert (faults.table == "payments").sum() == 1


def test_an_invoice_without_a_kind_may_not_fall_due_before_it_was_issued(write_source):
    rows = one_row("invoices", {"kind"}).assign(due_on=dt.date(2024, 12, 1))
    faults = check_source(connect(write_source(invoices=rows)))
    assert faults.reason.str.contains("due_on is before issued_on").any()


# --- rows that may be right are named, not held back

DOUBTED = [
    ("payments", "bill_matures_on",
     {"payment_id": "P1", "customer_id": "1", "paid_on": "2025-03-12", "amount": "5",
      "bill_matures_on": "2025-03-10"}),
    ("visits", "next_on",
     {"visit_id": "V1", "rep_id": "R", "customer_id": "1", "visited_on": "2025-03-12",
      "next_on": "2025-03-01"}),
    ("visits", "ends_at",
     {"visit_id": "V1", "rep_id": "R", "customer_id": "1", "visited_on": "2025-03-12",
      "starts_at": "2025-03-12 22:30", "ends_at": "2025-03-12 00:40"}),
    ("prescriptions", "scripts",
     {"customer_id": "1", "product_id": "P", "month": "2025-03-01", "scripts": "-2"}),
]  # fmt: skip


def batch_of(table, row):
    frame = pd.DataFrame({name: [value] for name, value in row.items()}, dtype="str")
    sheet = Sheet("x.csv", "", frame, pd.Series([2]).to_numpy(), pd.Series([False]).to_numpy())
    plan = TablePlan(columns={name: name for name in frame})
    return make_batch(sheet, table, plan, load_vocabulary())


@pytest.mark.parametrize(("table", "column", "row"), DOUBTED)
def test_a_row_that_may_be_right_is_kept_and_named(write_source, table, column, row):
    batch = without_contradictions(batch_of(table, row))
    assert batch.sound.tolist() == [True]
    faults = check_source(connect(write_source(**{table: batch.values})))
    assert column in faults.column.tolist()


def test_returned_quantities_of_prescriptions_are_no_fault():
    row = {"customer_id": "1", "product_id": "P", "month": "2025-03-01", "quantity": "-2"}
    assert without_contradictions(batch_of("prescriptions", row)).sound.tolist() == [True]
    assert "quantity" not in {one.column for one in contradictions("prescriptions")}


@pytest.mark.parametrize(("paid", "told"), [(100.01, False), (101.0, False), (101.01, True)])
def test_a_tail_of_a_yuan_is_not_paid_over(write_source, paid, told):
    invoices = one_row("invoices", {"kind"}).assign(amount=100.0)
    payments = one_row("payments", {"bill_matures_on"}).assign(amount=paid)
    faults = check_source(connect(write_source(invoices=invoices, payments=payments)))
    assert faults.reason.str.contains("more is paid").any() == told


def test_a_source_with_blanks_is_quoted_as_the_shell_of_the_system_reads_it():
    assert as_typed(r"C:\our data\2025", "nt") == r'"C:\our data\2025"'
    assert as_typed("/our data/2025", "posix") == "'/our data/2025'"
    assert as_typed("data/demo", "nt") == as_typed("data/demo", "posix") == "data/demo"
