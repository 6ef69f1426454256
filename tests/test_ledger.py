"""The ledger: exact to the cent, blind to the future, and nothing lost on the way."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import connect
from insights.features.ledger import LedgerError, ageing, bucket_names, open_ledger
from insights.features.ledger.allocation import (
    ACCOUNT,
    INVOICE,
    ITEM,
    _apply_direct,
    _walk,
    allocate,
)

EDGES = (0, 30, 60, 90, 180, 365, 730, 1095)


def day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def invoices(*rows: dict) -> pd.DataFrame:
    base = {"instalment_no": 1, "customer_id": "C1", "amount": 100.0, "kind": "invoice"}
    frame = pd.DataFrame([base | row for row in rows])
    for name in frame.columns.intersection(["issued_on", "accepted_on", "due_on"]):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def payments(*rows: dict) -> pd.DataFrame:
    base = {"customer_id": "C1", "invoice_id": None, "instalment_no": None}
    frame = pd.DataFrame(
        [base | {"payment_id": f"P{number}"} | row for number, row in enumerate(rows)]
    )
    typed = frame.astype({"invoice_id": "str", "customer_id": "str", "instalment_no": "Int64"})
    return typed.assign(paid_on=pd.to_datetime(frame.paid_on))


@pytest.fixture
def ledger_of(write_source):
    def build(as_of: str = "2024-12-31", **frames: pd.DataFrame):
        return open_ledger(connect(write_source(**frames)), as_of)

    return build


def open_by_name(ledger) -> dict[str, float]:
    names = ledger.items.invoice_id + "/" + ledger.items.instalment_no.astype("str")
    return dict(zip(names, ledger.items.open_cents / 100, strict=True))


def test_each_kind_of_settlement_reduces_the_right_item(ledger_of):
    ledger = ledger_of(
        invoices=invoices(
            {"invoice_id": "A", "issued_on": "2024-01-01", "due_on": "2024-02-01"},
            {"invoice_id": "A", "instalment_no": 2, "issued_on": "2024-01-01",
             "due_on": "2024-03-01"},
            {"invoice_id": "B", "issued_on": "2024-01-05", "due_on": "2024-01-20"},
            {"invoice_id": "C", "issued_on": "2024-01-06", "due_on": "2024-06-01"},
            {"invoice_id": "N", "issued_on": "2024-02-10", "due_on": "2024-02-10",
             "amount": -30.0, "kind": "credit_note", "credits_invoice_id": "C"},
        ),
        payments=payments(
            {"invoice_id": "A", "instalment_no": 2, "paid_on": "2024-01-10", "amount": 40.05},
            {"invoice_id": "A", "paid_on": "2024-01-15", "amount": 120.0},
            {"paid_on": "2024-02-01", "amount": 110.10},
        ),
        writeoffs=pd.DataFrame(
            {"writeoff_id": ["W"], "invoice_id": ["C"],
             "written_off_on": [day("2024-12-01")], "amount": [10.0]}
        ),
    )  # fmt: skip
    # A: 40.05 names the second, 120 goes to the first and then 20 to the second; 110.10 on
    # account pays B (due first) and 10.10 of A/2; C: 30 credited, 10 written off.
    assert open_by_name(ledger) == {"A/1": 0.0, "B/1": 0.0, "A/2": 29.85, "C/1": 60.0}
    assert ledger.unallocated.empty and ledger.faults.empty
    assert ledger.balance_cents == 8985


def test_due_on_from_acceptance_term_and_customer(ledger_of):
    ledger = ledger_of(
        invoices=invoices(
            {"invoice_id": "A", "issued_on": "2024-01-01", "due_on": "2024-01-09",
             "accepted_on": "2024-01-05", "term_days": 30},
            {"invoice_id": "B", "issued_on": "2024-01-01", "accepted_on": "2024-01-05",
             "term_days": 30},
            {"invoice_id": "C", "issued_on": "2024-01-01", "term_days": 30},
            {"invoice_id": "D", "issued_on": "2024-01-01"},
            {"invoice_id": "E", "issued_on": "2024-01-01", "customer_id": "C2"},
        ),
        customers=pd.DataFrame(
            {"customer_id": ["C1"], "region_id": ["0012"], "payment_term_days": [60]}
        ),
    )  # fmt: skip
    due = ledger.items.set_index("invoice_id").due_on.dt.strftime("%Y-%m-%d").to_dict()
    assert due["A"] == "2024-01-09"
    assert due["B"] == "2024-02-04"
    assert due["C"] == "2024-01-31"
    assert due["D"] == "2024-03-01"
    assert pd.isna(due["E"])
    fault = ledger.faults.iloc[0]
    assert (fault["table"], fault["row"], fault["column"]) == ("invoices", "E/1", "due_on")
    assert "term" in fault.reason and "payment_term_days" in fault.remedy
    table = ageing(ledger.items.open_cents, ledger.items.days_past_due, EDGES)
    assert table.loc["no due date", "cents"] == 10000


def test_overpaid_unknown_and_unearned_cash_is_shown_not_lost(ledger_of):
    ledger = ledger_of(
        invoices=invoices({"invoice_id": "A", "issued_on": "2024-03-01", "due_on": "2024-03-31"}),
        payments=payments(
            {"invoice_id": "A", "paid_on": "2024-02-01", "amount": 70.0},
            {"invoice_id": "A", "paid_on": "2024-04-01", "amount": 50.0},
            {"invoice_id": "ZZ", "paid_on": "2024-04-02", "amount": 5.0},
            {"paid_on": "2024-04-03", "amount": 8.0},
            {"paid_on": "2024-04-04", "amount": 1.0, "customer_id": "nobody"},
        ),
    )
    assert open_by_name(ledger) == {"A/1": 0.0}
    left = dict(zip(ledger.unallocated.settlement_id, ledger.unallocated.cents, strict=True))
    assert left == {"P1": 2000, "P2": 500, "P3": 800, "P4": 100}
    assert ledger.balance_cents == -3400
    early = ledger.faults[ledger.faults.column == "paid_on"].iloc[0]
    assert early["row"] == "P0" and "before the invoice" in early.reason
    assert set(ledger.faults[ledger.faults.column == "amount"]["row"]) == set(left)


@pytest.mark.parametrize(
    ("instalment", "on_account", "still_open"),
    [
        (1, "C2", {"A/1": 0, "A/2": 70, "B/1": 100, "B2/1": 100}),
        (2, "C1", {"A/1": 70, "A/2": 0, "B/1": 100, "B2/1": 100}),
        (2, "C2", {"A/1": 100, "A/2": 0, "B/1": 100, "B2/1": 70}),
        (None, "C1", {"A/1": 0, "A/2": 80, "B/1": 70, "B2/1": 100}),
        (None, "C2", {"A/1": 0, "A/2": 50, "B/1": 100, "B2/1": 100}),
    ],
)
def test_instalments_of_one_invoice_may_name_several_payers(
    ledger_of, instalment, on_account, still_open
):
    issued = {"issued_on": "2024-01-01", "due_on": "2024-02-01"}
    ledger = ledger_of(
        invoices=invoices(
            {"invoice_id": "A", **issued},
            {"invoice_id": "A", "instalment_no": 2, "customer_id": "C2", **issued},
            {"invoice_id": "B", **issued},
            {"invoice_id": "B2", "customer_id": "C2", **issued},
        ),
        payments=payments(
            {"invoice_id": "A", "instalment_no": instalment, "paid_on": "2024-02-10",
             "amount": 120.0},
            {"customer_id": on_account, "paid_on": "2024-02-20", "amount": 30.0},
        ),
    )  # fmt: skip
    assert open_by_name(ledger) == still_open
    assert ledger.unallocated.cents.sum() == (0 if instalment is None else 2000)


def test_a_refund_gives_back_the_excess_before_it_reopens(ledger_of):
    items = invoices({"invoice_id": "A", "issued_on": "2024-01-01", "due_on": "2024-01-31"})
    twice = [
        {"invoice_id": "A", "paid_on": "2024-02-01", "amount": 100.0},
        {"invoice_id": "A", "paid_on": "2024-02-02", "amount": 100.0},
        {"invoice_id": "A", "paid_on": "2024-02-05", "amount": -100.0},
    ]
    once = ledger_of(invoices=items, payments=payments(*twice))
    assert open_by_name(once) == {"A/1": 0.0} and once.balance_cents == 0
    bounced = [*twice, {"invoice_id": "A", "paid_on": "2024-02-06", "amount": -60.0}]
    assert open_by_name(ledger_of(invoices=items, payments=payments(*bounced))) == {"A/1": 60.0}


def test_a_recovered_write_off_with_its_payment_leaves_nothing_open(ledger_of):
    ledger = ledger_of(
        invoices=invoices({"invoice_id": "A", "issued_on": "2023-01-01", "due_on": "2023-01-31"}),
        payments=payments({"invoice_id": "A", "paid_on": "2024-07-01", "amount": 40.0}),
        writeoffs=pd.DataFrame(
            {"writeoff_id": ["W1", "W2"], "invoice_id": ["A", "A"], "amount": [100.0, -40.0],
             "written_off_on": [day("2024-05-01"), day("2024-07-01")]}
        ),
    )  # fmt: skip
    assert open_by_name(ledger) == {"A/1": 0.0} and ledger.balance_cents == 0
    assert ledger.items.paid_cents.item() == 4000
    assert ledger.items.written_off_cents.item() == 6000


def test_due_before_issue_is_listed_and_kept(ledger_of):
    ledger = ledger_of(
        invoices=invoices({"invoice_id": "A", "issued_on": "2024-03-01", "due_on": "2024-01-01"})
    )
    assert ledger.outstanding_cents == 10000
    assert list(ledger.faults.reason) == ["due before it was issued; kept as stated"]


def test_mixed_currency_is_refused_naming_the_rows(ledger_of):
    with pytest.raises(LedgerError, match=r"invoices\.currency.*A2/1 \(USD\).*convert"):
        ledger_of(
            invoices=invoices(
                {"invoice_id": "A1", "issued_on": "2024-01-01", "currency": "CNY"},
                {"invoice_id": "A2", "issued_on": "2024-01-01", "currency": "USD"},
                {"invoice_id": "A3", "issued_on": "2024-01-01", "currency": None},
            )
        )


def test_nothing_after_as_of_counts(ledger_of):
    frames = {
        "invoices": invoices(
            {"invoice_id": "A", "issued_on": "2024-01-01", "due_on": "2024-01-31"},
            {"invoice_id": "B", "issued_on": "2024-05-01", "due_on": "2024-05-31"},
        ),
        "payments": payments(
            {"invoice_id": "A", "paid_on": "2024-03-01", "amount": 60.0},
            {"paid_on": "2024-03-02", "amount": 40.0},
        ),
    }
    assert open_by_name(ledger_of("2024-02-29", **frames)) == {"A/1": 100.0}
    assert open_by_name(ledger_of("2024-03-01", **frames)) == {"A/1": 40.0}
    assert open_by_name(ledger_of("2024-05-01", **frames)) == {"A/1": 0.0, "B/1": 100.0}


def test_due_today_is_not_yet_due_and_future_due_is_counted():
    cents = pd.Series([1, 2, 4, 8, 16])
    days = pd.Series([-400.0, 0.0, 1.0, 30.0, 31.0])
    table = ageing(cents, days, EDGES)
    assert table.loc["not yet due", "cents"] == 3
    assert table.loc["1-30 days", "cents"] == 12
    assert table.loc["31-60 days", "cents"] == 16
    assert list(table.index) == bucket_names(EDGES)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.one_of(st.none(), st.integers(-5000, 5000))),
        max_size=60,
    ),
    st.sets(st.integers(0, 4000), max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_ageing_always_sums_to_outstanding(rows, edges):
    cents = pd.Series([row[0] for row in rows], dtype="int64")
    days = pd.Series([row[1] for row in rows], dtype="float64")
    table = ageing(cents, days, tuple(sorted(edges)))
    assert int(table.cents.sum()) == sum(row[0] for row in rows)
    assert int(table["items"].sum()) == sum(row[0] > 0 for row in rows)


ITEMS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 40), st.integers(1, 50)),
    min_size=1,
    max_size=12,
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from((ITEM, INVOICE, ACCOUNT)),
        st.integers(0, 11),
        st.integers(0, 60),
        st.integers(-30, 60),
    ),
    max_size=15,
)


def book(items: list, rows: list) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make coded frames: an invoice belongs to one payer; no row precedes what it names."""
    frame = pd.DataFrame(items, columns=["payer", "number", "day", "amount_cents"])
    frame = frame.assign(invoice=frame.payer * 10 + frame.number)
    meant = pd.DataFrame(rows, columns=["scope", "item", "day", "cents"]).astype("int64")
    meant = meant.assign(item=meant["item"] % len(frame))
    named = frame.loc[meant["item"]].reset_index(drop=True)
    first = frame.groupby("invoice").day.min().reindex(named.invoice).to_numpy()
    opens = np.select([meant.scope == ITEM, meant.scope == INVOICE], [named.day, first], 0)
    meant = meant.assign(payer=named.payer, invoice=named.invoice, day=np.maximum(meant.day, opens))
    return frame, meant.sort_values("day", kind="stable", ignore_index=True)


@given(ITEMS, ROWS)
@settings(max_examples=150, deadline=None)
def test_cash_is_neither_lost_nor_made(items, rows):
    frame, meant = book(items, rows)
    made, rest = allocate(frame, meant)
    assert made.cents.sum() + rest.cents.sum() == meant.cents.sum()
    applied = made.groupby("item").cents.sum().reindex(frame.index, fill_value=0)
    assert (applied >= 0).all() and (applied <= frame.amount_cents).all()
    each_day = made.groupby(["item", "day"]).cents.sum()
    assert (each_day.groupby("item").cumsum() >= 0).all()
    assert (made.day >= frame.day.loc[made["item"]].to_numpy()).all()


@given(ITEMS, ROWS, st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_an_allocation_never_moves_when_more_becomes_known(items, rows, cut):
    frame, meant = book(items, rows)
    whole, _rest = allocate(frame, meant)
    then = frame[frame.day <= cut]
    then_rows = meant[meant.day <= cut]
    part, _rest = allocate(then, then_rows)
    columns = ["day", "row", "item", "cents"]
    seen = whole[whole.day <= cut][columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(seen, part[columns].reset_index(drop=True))


@given(ITEMS, ROWS)
@settings(max_examples=100, deadline=None)
def test_sums_and_walk_allocate_alike(items, rows):
    frame, meant = book(items, [(ITEM, *row[1:]) for row in rows])
    direct, walked = _apply_direct(frame, meant), _walk(frame, meant)
    tables = [
        part[part.cents != 0].sort_values(["row", "item"])[["item", "row", "day", "cents"]]
        for part in (direct, walked)
    ]
    pd.testing.assert_frame_equal(*[part.reset_index(drop=True) for part in tables])


def test_row_order_does_not_matter(demo_dir, write_source):
    names = ("invoices", "payments", "writeoffs")
    frames = {name: pd.read_parquet(demo_dir / f"{name}.parquet") for name in names}
    mixed = {name: frame.sample(frac=1, random_state=7) for name, frame in frames.items()}
    one = open_ledger(connect(write_source("one", **frames)), "2024-06-30")
    two = open_ledger(connect(write_source("two", **mixed)), "2024-06-30")
    pd.testing.assert_frame_equal(one.items, two.items)
    pd.testing.assert_frame_equal(one.allocations, two.allocations)


def test_the_demo_company_ties_out_to_the_cent(demo):
    control = demo["ledger_control"].execute()
    for month_end in ("2023-06-30", "2024-09-30", "2025-12-31"):
        ledger = open_ledger(demo, month_end)
        table = ageing(ledger.items.open_cents, ledger.items.days_past_due, EDGES)
        assert int(table.cents.sum()) == ledger.outstanding_cents
        rows = control[pd.to_datetime(control.balance_on) == month_end]
        assert ledger.balance_cents == round(rows.balance.sum() * 100)
