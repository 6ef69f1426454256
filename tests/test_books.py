"""The books by hand: every kind of row, to the cent; every fault in words, end to end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import connect
from insights.delinquency import predict_delinquency
from insights.delinquency.books import homes
from insights.delinquency.books.control import culprits, tie_out
from insights.features import master
from insights.features.ledger import LedgerError, ageing, day_numbers, open_ledger, open_on
from insights.features.ledger.ageing import age_bucket_names, ageing_since_acceptance
from insights.features.ledger.bills import bill_faults, bills_held
from insights.features.ledger.disputes import in_dispute

EDGES = (0, 30, 60, 90, 180, 365, 730, 1095)
LAST = "2024-12-31"
DATES = ["issued_on", "accepted_on", "due_on", "disputed_from_on", "disputed_to_on", "paid_on",
         "bill_matures_on", "written_off_on", "balance_on"]  # fmt: skip


def frame(base: dict, rows: list[dict]) -> pd.DataFrame:
    made = pd.DataFrame([base | row for row in rows])
    for name in made.columns.intersection(DATES):
        made[name] = pd.to_datetime(made[name])
    texts = made.columns.intersection(["invoice_id", "customer_id", "region_id"])
    return made.astype(dict.fromkeys(texts, "str"))


def invoices(*rows: dict) -> pd.DataFrame:
    return frame({"customer_id": "C1", "amount": 100.0, "issued_on": "2024-01-01"}, list(rows))


def payments(*rows: dict) -> pd.DataFrame:
    numbered = [{"payment_id": f"P{n}"} | row for n, row in enumerate(rows, 1)]
    return frame({"customer_id": "C1", "invoice_id": None}, numbered)


def writeoffs(*rows: dict) -> pd.DataFrame:
    return frame({}, [{"writeoff_id": f"W{n}"} | row for n, row in enumerate(rows, 1)])


def customers(**regions: str | None) -> pd.DataFrame:
    return frame({}, [{"customer_id": c, "region_id": r} for c, r in regions.items()])


@pytest.fixture
def books(write_source):
    def build(**frames: pd.DataFrame):
        return connect(write_source(**frames))

    return build


def owed(ledger) -> dict[str, float]:
    names = ledger.items.invoice_id + "/" + ledger.items.instalment_no.astype("str")
    return dict(zip(names, ledger.items.open_cents / 100, strict=True))


def said(faults: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(faults.itertuples(index=False, name=None))


def test_instalments_are_paid_in_part_the_oldest_due_first(books):
    tables = books(
        invoices=invoices(
            {"invoice_id": "A", "instalment_no": 1, "due_on": "2024-03-01"},
            {"invoice_id": "A", "instalment_no": 2, "due_on": "2024-02-01"},
            {"invoice_id": "A", "instalment_no": 3, "due_on": "2024-04-01"},
        ),
        payments=payments(
            {"invoice_id": "A", "instalment_no": 3, "paid_on": "2024-02-10", "amount": 33.33},
            {"invoice_id": "A", "paid_on": "2024-02-20", "amount": 150.01},
        ),
    )
    # 150.01 for the invoice: 100 to the second instalment (due first), 50.01 to the first.
    ledger = open_ledger(tables, LAST)
    assert owed(ledger) == {"A/2": 0.0, "A/1": 49.99, "A/3": 66.67}
    second = ledger.items.set_index("instalment_no").loc[2]
    assert str(second.settled_on.date()) == "2024-02-20" and second.settled_by == "payment"
    assert owed(open_ledger(tables, "2024-02-10")) == {"A/2": 100.0, "A/1": 100.0, "A/3": 66.67}


def test_cash_on_account_waits_and_goes_to_the_oldest_due(books):
    tables = books(
        invoices=invoices(
            {"invoice_id": "A", "due_on": "2024-05-01"},
            {"invoice_id": "B", "due_on": "2024-03-01"},
            {"invoice_id": "L", "issued_on": "2024-06-01", "due_on": "2024-06-02"},
        ),
        payments=payments({"invoice_id": None, "paid_on": "2024-02-01", "amount": 230.0}),
    )
    then = open_ledger(tables, "2024-02-01")
    assert owed(then) == {"B/1": 0.0, "A/1": 0.0}
    assert then.unallocated.cents.tolist() == [3000] and then.balance_cents == -3000
    assert then.unallocated.reason.item() == "on account: nothing was left to settle"
    later = open_ledger(tables, "2024-06-01")
    assert owed(later) == {"B/1": 0.0, "A/1": 0.0, "L/1": 70.0} and later.unallocated.empty


def test_credit_notes_opening_and_retention(books):
    tables = books(
        invoices=invoices(
            {"invoice_id": "O", "kind": "opening", "issued_on": "2023-06-01", "amount": 80.0,
             "due_on": "2023-08-30"},
            {"invoice_id": "D", "instalment_no": 1, "amount": 950.0, "due_on": "2024-03-31"},
            {"invoice_id": "D", "instalment_no": 2, "amount": 50.0, "kind": "retention",
             "due_on": "2025-01-01"},
            {"invoice_id": "N1", "kind": "credit_note", "amount": -100.0,
             "credits_invoice_id": "D", "issued_on": "2024-02-01"},
            {"invoice_id": "N2", "kind": "credit_note", "amount": -5.5, "credits_invoice_id": None,
             "issued_on": "2024-02-02"},
        ),
        payments=payments({"invoice_id": "D", "paid_on": "2024-04-01", "amount": 850.0}),
    )  # fmt: skip
    # N1 names D; N2 names nothing and goes to the oldest due, the opening balance.
    ledger = open_ledger(tables, LAST)
    assert owed(ledger) == {"O/1": 74.5, "D/1": 0.0, "D/2": 50.0}
    assert ledger.balance_cents == 12450 and ledger.faults.empty
    due = ageing(ledger.items.open_cents, ledger.items.days_past_due, EDGES).cents
    assert due["not yet due"] == 5000 and due["366-730 days"] == 7450
    age = ageing_since_acceptance(ledger.items.open_cents, ledger.items.age_days, EDGES).cents
    assert age["181-365 days"] == 5000 and age["366-730 days"] == 7450


def test_an_overpayment_given_back_is_no_fault(books):
    tables = books(
        invoices=invoices({"invoice_id": "A", "due_on": "2024-02-01"}),
        payments=payments(
            {"invoice_id": "A", "paid_on": "2024-02-01", "amount": 130.0},
            {"invoice_id": "A", "paid_on": "2024-03-01", "amount": -20.0},
            {"invoice_id": None, "paid_on": "2024-04-01", "amount": -10.0},
        ),
    )
    reason, remedy = "more than its invoice owed", "allocate by hand or refund"
    before = ("payments", "P1", "amount", "30.00", reason, remedy)
    assert said(open_ledger(tables, "2024-02-29").faults) == [before]
    partly = ("payments", "P1", "amount", "10.00", reason, remedy)
    assert said(open_ledger(tables, "2024-03-31").faults) == [partly]
    ledger = open_ledger(tables, LAST)
    assert ledger.faults.empty and ledger.balance_cents == 0 and owed(ledger) == {"A/1": 0.0}
    assert set(ledger.unallocated.reason) == {"overpaid and given back"}


def test_a_refund_beyond_the_excess_reopens_the_invoice(books):
    tables = books(
        invoices=invoices({"invoice_id": "A", "due_on": "2024-02-01"}),
        payments=payments(
            {"invoice_id": "A", "paid_on": "2024-02-01", "amount": 120.0},
            {"invoice_id": "A", "paid_on": "2024-03-01", "amount": -50.0},
        ),
    )
    ledger = open_ledger(tables, LAST)
    assert owed(ledger) == {"A/1": 30.0} and ledger.balance_cents == 3000


@pytest.mark.parametrize("taken_back", ["2024-06-30", "2024-07-01", "2024-07-31"])
def test_a_recovery_is_paid_and_no_longer_written_off(books, taken_back):
    """The cash may come before, with or after the row that takes the write-off back."""
    tables = books(
        invoices=invoices({"invoice_id": "A", "due_on": "2024-02-01"}),
        payments=payments({"invoice_id": "A", "paid_on": "2024-07-01", "amount": 40.0}),
        writeoffs=writeoffs(
            {"invoice_id": "A", "written_off_on": "2024-05-01", "amount": 100.0},
            {"invoice_id": "A", "written_off_on": taken_back, "amount": -40.0},
        ),
    )
    ledger = open_ledger(tables, LAST)
    item = ledger.items.iloc[0]
    assert (item.paid_cents, item.written_off_cents, item.open_cents) == (4000, 6000, 0)
    assert ledger.unallocated.empty and ledger.faults.empty
    for day in ("2024-05-01", "2024-06-30", "2024-07-15"):
        then = open_ledger(tables, day)
        number = int(np.datetime64(day, "D").astype("int64"))
        seen = open_on(ledger, number).open_cents.sum()
        assert seen == then.outstanding_cents
        made = ledger.allocations[ledger.allocations.day <= number].reset_index(drop=True)
        pd.testing.assert_frame_equal(made, then.allocations)


def test_cash_for_a_written_off_invoice_asks_for_the_recovery(books):
    tables = books(
        invoices=invoices({"invoice_id": "A", "due_on": "2024-02-01"}),
        payments=payments({"invoice_id": "A", "paid_on": "2024-07-01", "amount": 40.0}),
        writeoffs=writeoffs({"invoice_id": "A", "written_off_on": "2024-05-01", "amount": 100.0}),
    )
    ledger = open_ledger(tables, LAST)
    assert said(ledger.faults) == [
        ("payments", "P1", "amount", "40.00", "its invoice had been written off",
         "book the recovery: a negative write-off")
    ]  # fmt: skip


def test_due_days_and_ages_from_acceptance_as_it_became_known(books):
    tables = books(
        invoices=invoices(
            {"invoice_id": "A", "accepted_on": "2024-03-01", "term_days": 60},
            {"invoice_id": "B", "accepted_on": "2023-12-20", "term_days": None},
        ),
        customers=customers(C1="east").assign(payment_term_days=30),
    )
    early, late = open_ledger(tables, "2024-02-20"), open_ledger(tables, "2024-05-01")
    # Before acceptance is known A is due 60 days after issue: 2024-03-01; then 2024-04-30.
    # B was accepted before it was issued: due 30 days later, 2024-01-19.
    assert early.items.set_index("invoice_id").days_past_due.to_dict() == {"A": -10, "B": 32}
    assert late.items.set_index("invoice_id").days_past_due.to_dict() == {"A": 1, "B": 103}
    assert early.items.set_index("invoice_id").age_days.to_dict() == {"A": 50, "B": 62}
    assert late.items.set_index("invoice_id").age_days.to_dict() == {"A": 61, "B": 133}
    seen = open_on(late, early.day)[["days_past_due", "age_days"]].to_numpy("float64")
    there = early.items.set_index("invoice_id").loc[late.items.invoice_id]
    assert seen.tolist() == there[["days_past_due", "age_days"]].to_numpy("float64").tolist()


def test_a_dispute_is_seen_from_its_date_on(books):
    dispute = {"disputed_from_on": "2024-02-10", "disputed_to_on": "2024-03-10"}
    tables = books(invoices=invoices({"invoice_id": "A", "due_on": "2024-02-01"} | dispute))
    columns = ["disputed_from_on", "disputed_to_on"]
    shown = {
        day: open_ledger(tables, day).items[columns].notna().iloc[0].tolist()
        for day in ("2024-02-09", "2024-02-10", "2024-03-10")
    }
    assert shown == {
        "2024-02-09": [False, False],
        "2024-02-10": [True, False],
        "2024-03-10": [True, True],
    }


def test_in_dispute_from_its_first_day_to_the_eve_of_its_end(books):
    days = [("2024-02-10", "2024-03-10"), ("2024-02-10", None), (None, None),
            ("2024-02-10", "2024-02-01")]  # fmt: skip
    rows = [
        {"invoice_id": name, "due_on": "2024-02-01", "disputed_from_on": begun,
         "disputed_to_on": ended}
        for name, (begun, ended) in zip("ABCD", days, strict=True)
    ]  # fmt: skip
    items = open_ledger(books(invoices=invoices(*rows)), "2024-12-31").items
    asked = pd.to_datetime(["2024-02-09", "2024-02-10", "2024-03-09", "2024-03-10"])
    found = [
        "".join(items.invoice_id[in_dispute(items, day)])
        for day in day_numbers(asked.to_series()).tolist()
    ]
    assert found == ["", "AB", "AB", "B"]
    each = day_numbers(pd.Series(asked[[3, 1, 1, 1]]))
    assert in_dispute(items, each).tolist() == [False, True, False, False]


def test_a_bill_pays_on_receipt_and_is_held_until_it_matures(books):
    tables = books(
        invoices=invoices({"invoice_id": "A", "due_on": "2024-02-01"}),
        payments=payments(
            {"invoice_id": "A", "customer_id": None, "paid_on": "2024-03-01", "amount": 60.25,
             "method": "bill", "bill_matures_on": "2024-09-01"},
            {"invoice_id": "A", "paid_on": "2024-04-01", "amount": 10.0, "method": "bill",
             "bill_matures_on": None},
            {"invoice_id": "A", "paid_on": "2024-04-02", "amount": 10.0, "method": "bill",
             "bill_matures_on": "2024-04-01"},
            {"invoice_id": "A", "paid_on": "2024-04-03", "amount": 5.0, "method": None,
             "bill_matures_on": "2024-08-01"},
            {"invoice_id": "A", "paid_on": "2024-04-03", "amount": 5.0, "method": "transfer",
             "bill_matures_on": None},
        ),
        customers=customers(C1="east"),
    )  # fmt: skip
    assert owed(open_ledger(tables, "2024-04-03")) == {"A/1": 9.75}
    assert bills_held(tables, "2024-02-29").empty
    held = bills_held(tables, "2024-04-30")
    assert held.payment_id.tolist() == ["P4", "P1"] and held.cents.tolist() == [500, 6025]
    assert held.customer_id.tolist() == ["C1", "C1"] and set(held.region_id) == {"east"}
    assert held.days_to_mature.tolist() == [93, 124]
    assert bills_held(tables, "2024-08-31").days_to_mature.tolist() == [1]
    assert bills_held(tables, "2024-09-01").empty
    assert said(bill_faults(tables, LAST)) == [
        ("payments", "P2", "bill_matures_on", "",
         "a bill of acceptance without a date of maturity; not among the bills held",
         "fill bill_matures_on from the bill"),
        ("payments", "P3", "bill_matures_on", "2024-04-01",
         "a bill of acceptance matures before it was received; not among the bills held",
         "check both dates"),
    ]  # fmt: skip
    assert said(open_ledger(tables, LAST).faults)[:2] == said(bill_faults(tables, LAST))


def test_bills_without_payments_are_none(books):
    tables = books(invoices=invoices({"invoice_id": "A", "due_on": "2024-02-01"}))
    assert bills_held(tables, LAST).empty and bill_faults(tables, LAST).empty


def test_buckets_by_age_start_at_the_day_itself():
    assert age_bucket_names((0, 30, 60)) == [
        "0-30 days", "31-60 days", "over 60 days", "no date of issue"
    ]  # fmt: skip
    cents, ages = pd.Series([1, 2, 4, 8, 16, 0]), pd.Series([0, 30, 31, 61, np.nan, 5])
    table = ageing_since_acceptance(cents, ages, (0, 30, 60))
    assert table.cents.tolist() == [3, 4, 8, 16] and table["items"].tolist() == [2, 1, 1, 1]


DAY = st.integers(0, 400)
MONEY = st.integers(1, 30000)
ITEM = st.tuples(
    st.sampled_from(["invoice", "opening", "retention"]), DAY, st.one_of(st.none(), DAY), MONEY
)
ROW = st.tuples(st.sampled_from(["pay", "account", "credit", "writeoff"]), DAY, MONEY,
                st.integers(0, 19), st.booleans())  # fmt: skip


def written(items: list, rows: list) -> dict[str, pd.DataFrame]:
    start = pd.Timestamp("2024-01-01")
    when = {day: start + pd.Timedelta(days=day) for day in range(1000)}
    claims = [
        {"invoice_id": f"I{n // 2}", "instalment_no": n % 2 + 1, "kind": kind,
         "amount": cents / 100, "issued_on": when[day],
         "due_on": None if wait is None else when[day + wait],
         "credits_invoice_id": None, "customer_id": f"C{n // 2 % 3}"}
        for n, (kind, day, wait, cents) in enumerate(items)
    ]  # fmt: skip
    cash, lost = [], []
    for n, (kind, day, cents, target, refunds) in enumerate(rows):
        name = f"I{target % len(items) // 2}"
        amount = (-cents if refunds else cents) / 100
        if kind == "credit":
            claims.append(claims[0] | {"invoice_id": f"N{n}", "kind": "credit_note",
                          "amount": -cents / 100, "issued_on": when[day],
                          "credits_invoice_id": name})  # fmt: skip
        elif kind == "writeoff":
            lost.append({"invoice_id": name, "written_off_on": when[day], "amount": amount})
        else:
            to = None if kind == "account" else name
            cash.append({"invoice_id": to, "customer_id": f"C{target % len(items) // 2 % 3}",
                         "paid_on": when[day], "amount": amount})  # fmt: skip
    made = {"invoices": invoices(*claims)}
    made |= {"payments": payments(*cash)} if cash else {}
    return made | ({"writeoffs": writeoffs(*lost)} if lost else {})


@given(st.lists(ITEM, min_size=1, max_size=20), st.lists(ROW, max_size=24), st.integers(0, 800))
@settings(max_examples=8, deadline=None)
def test_both_ageings_and_the_balance_hold_for_any_ledger(tmp_path_factory, items, rows, back):
    folder = tmp_path_factory.mktemp("any")
    for name, part in written(items, rows).items():
        part.to_parquet(folder / f"{name}.parquet", index=False)
    ledger = open_ledger(connect(folder), "2026-03-31")
    opened = ledger.items
    assert (opened.open_cents >= 0).all()
    for table in (
        ageing(opened.open_cents, opened.days_past_due, EDGES),
        ageing_since_acceptance(opened.open_cents, opened.age_days, EDGES),
    ):
        assert int(table.cents.sum()) == ledger.outstanding_cents
        assert int(table["items"].sum()) == int((opened.open_cents > 0).sum())
    moved = sum(round(-part.amount.sum() * 100) for name, part in written(items, rows).items()
                if name != "invoices")  # fmt: skip
    claimed = round(written(items, rows)["invoices"].amount.sum() * 100)
    assert ledger.balance_cents == claimed + moved
    then = open_ledger(connect(folder), str(pd.Timestamp("2026-03-31") - pd.Timedelta(days=back)))
    keys = ["invoice_id", "instalment_no"]
    seen = opened[keys].join(open_on(ledger, then.day), how="inner").sort_values(keys)
    there = then.items[then.items.open_cents != 0].sort_values(keys)
    for name in ("open_cents", "days_past_due", "age_days"):
        left, right = seen[name].to_numpy("float64"), there[name].to_numpy("float64")
        np.testing.assert_array_equal(left, right)


def control(*rows: tuple[str, str | None, float]) -> pd.DataFrame:
    names = ("balance_on", "region_id", "balance")
    return frame({}, [dict(zip(names, row, strict=True)) for row in rows])


def two_regions() -> dict[str, pd.DataFrame]:
    return {
        "invoices": invoices(
            {"invoice_id": "A", "due_on": "2024-02-01"},
            {"invoice_id": "B", "due_on": "2024-02-01", "customer_id": "C2", "amount": 50.0},
            {"invoice_id": "X", "due_on": "2024-02-01", "customer_id": "CX", "amount": 7.0},
        ),
        "payments": payments(
            {"invoice_id": "A", "paid_on": "2024-03-01", "amount": 120.0, "method": "bill",
             "bill_matures_on": "2025-03-01"},
            {"invoice_id": "B", "customer_id": "C2", "paid_on": "2024-03-01", "amount": 10.0,
             "method": "transfer", "bill_matures_on": None},
        ),
        "customers": customers(C1="east", C2="west"),
    }  # fmt: skip


def test_the_tie_out_says_where_and_why_it_differs(books):
    # Ledger: east 0 - 20 unallocated = -20; west 40; without a region 7.
    stated = control((LAST, "east", 100.0), (LAST, "south", 3.0), (LAST, "west", 41.0))
    tables = books(**two_regions(), ledger_control=stated)
    ledger = open_ledger(tables, LAST)
    table = tie_out(tables, ledger).set_index("region_id")
    assert table.ledger_cents.to_dict() == {
        "east": -2000, "south": 0, "west": 4000, "(no region)": 700
    }  # fmt: skip
    assert table.difference_cents.tolist() == [-12000, -300, -100, 700]
    assert table.note.tolist() == [
        "", "the ledger holds nothing in this region", "",
        "no control balance for this region: taken as 0",
    ]  # fmt: skip
    found = culprits(tables, ledger, tie_out(tables, ledger))
    rows = list(found[["region_id", "culprit", "cents", "verdict"]].itertuples(False, None))
    assert rows == [
        ("east", "bills held, not yet matured", -12000, "explains all of it"),
        ("east", "payments that settled nothing", -2000, "does not explain it"),
        ("east", "unexplained", 0, "nothing is left"),
        ("south", "unexplained", -300, "compare the two ledgers row by row"),
        ("west", "unexplained", -100, "compare the two ledgers row by row"),
        ("(no region)", "items without a region", 700, "explains all of it"),
        ("(no region)", "unexplained", 0, "nothing is left"),
    ]


def test_two_causes_may_explain_a_difference_together(books):
    tables = books(**two_regions(), ledger_control=control((LAST, None, 20 + 120 - 20 + 27.0)))
    ledger = open_ledger(tables, LAST)
    table = tie_out(tables, ledger)
    assert table.region_id.tolist() == ["all"] and table.difference_cents.tolist() == [-12000]
    both = books(**two_regions(), ledger_control=control((LAST, None, 27 + 140.0)))
    found = culprits(both, ledger, tie_out(both, ledger)).set_index("culprit").verdict
    together = "explains it with the others so marked"
    assert found["bills held, not yet matured"] == together
    assert found["payments that settled nothing"] == together


def test_a_group_is_tied_out_with_all_that_lies_below_it(books):
    regions = pd.DataFrame(
        {"region_id": ["east", "west", "china"], "region_name": ["E", "W", "C"],
         "parent_id": ["china", "china", None]}
    )  # fmt: skip
    tables = books(**two_regions(), regions=regions, ledger_control=control((LAST, "china", 20.0)))
    table = tie_out(tables, open_ledger(tables, LAST))
    assert table.region_id.tolist() == ["china", "(no region)"]
    assert table.difference_cents.tolist() == [0, 700]


def test_books_that_agree_have_no_culprits(demo):
    ledger = open_ledger(demo, "2025-12-31")
    table = tie_out(demo, ledger)
    assert (table.difference_cents == 0).all() and (table.note == "").all()
    assert culprits(demo, ledger, table).empty
    assert table.ledger_cents.sum() == ledger.balance_cents
    by_age = ageing_since_acceptance(ledger.items.open_cents, ledger.items.age_days, EDGES)
    assert int(by_age.cents.sum()) == ledger.outstanding_cents


FEW = "only 1 items have matured; 200 are needed"
UNPAID = "table payments is missing, so that every item counts as unpaid"
FAULTY = {
    "due before issue": (
        {"invoices": invoices({"invoice_id": "A", "due_on": "2023-12-01"})},
        ("invoices", "A/1", "due_on", "2023-12-01", "due before it was issued; kept as stated",
         "check both dates"),
    ),
    "payment before issue": (
        {"invoices": invoices({"invoice_id": "A", "due_on": "2024-02-01"}),
         "payments": payments({"invoice_id": "A", "paid_on": "2023-12-25", "amount": 60.0})},
        ("payments", "P1", "paid_on", "2023-12-25",
         "before the invoice was issued; counted from the issue on", "check both dates"),
    ),
    "unknown invoice": (
        {"invoices": invoices({"invoice_id": "A", "due_on": "2024-02-01"}),
         "payments": payments({"invoice_id": "ZZ", "paid_on": "2024-02-01", "amount": 60.0})},
        ("payments", "P1", "amount", "60.00",
         "its invoice is not in this ledger: unknown or not yet issued",
         "correct invoice_id, or leave it empty to settle the oldest due"),
    ),
    "overpayment": (
        {"invoices": invoices({"invoice_id": "A", "due_on": "2024-02-01"}),
         "payments": payments({"invoice_id": "A", "paid_on": "2024-02-01", "amount": 160.0})},
        ("payments", "P1", "amount", "60.00", "more than its invoice owed",
         "allocate by hand or refund"),
    ),
    "no due date and no term": (
        {"invoices": invoices({"invoice_id": "A"})},
        ("invoices", "A/1", "due_on", "",
         "no due date, no term, and no term of the customer",
         "fill due_on, term_days or customers.payment_term_days"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(FAULTY))
def test_bad_rows_are_named_end_to_end(books, case):
    frames, fault = FAULTY[case]
    found = predict_delinquency(books(**frames), LAST)
    assert said(found.faults.drop(columns="region_id")) == [fault]
    wanted = FEW if "payments" in frames else UNPAID
    assert found.status == "not_enough_data" and found.reason == wanted
    assert found.reason in str(found)
    assert fault[4] in found.check().verdict.str.cat(sep=" ")


def test_the_homes_of_faults_are_looked_up_once_and_not_without_a_fault(books, monkeypatch):
    asked = []

    def read(tables, name, as_of):
        asked.append(name)
        return master(tables, name, as_of)

    monkeypatch.setattr(homes, "master", read)
    good = invoices({"invoice_id": "A", "due_on": "2024-02-01"})
    paid = payments({"invoice_id": "A", "paid_on": "2024-02-01", "amount": 160.0})
    sound = predict_delinquency(books(invoices=good), LAST).faults
    assert asked == [] and sound.empty and "region_id" in sound
    known = books(invoices=good, payments=paid, customers=customers(C1="east"))
    assert predict_delinquency(known, LAST).faults.region_id.tolist() == ["east"]
    assert asked == ["customers"]


def test_mixed_currency_is_refused_end_to_end(books):
    rows = invoices(
        {"invoice_id": "A", "currency": "CNY"},
        {"invoice_id": "B", "currency": " usd"},
        {"invoice_id": "C", "currency": ""},
        {"invoice_id": "N", "currency": "EUR", "kind": "credit_note", "amount": -5.0},
    )
    with pytest.raises(LedgerError) as error:
        predict_delinquency(books(invoices=rows), LAST)
    assert str(error.value) == (
        "invoices.currency: 2 of 4 rows are not in CNY: B/1 (USD), N/1 (EUR); "
        "convert them to one currency or keep one source a currency"
    )


def test_one_foreign_currency_throughout_is_one_currency(books):
    rows = invoices({"invoice_id": "A", "currency": "USD", "due_on": "2024-02-01"})
    assert predict_delinquency(books(invoices=rows), LAST).faults.empty


def many(n: int, late_days: int) -> dict[str, pd.DataFrame]:
    issued = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(n), unit="D")
    claims = pd.DataFrame(
        {"invoice_id": [f"I{k}" for k in range(n)], "customer_id": "C1", "amount": 10.0,
         "issued_on": issued, "due_on": issued + pd.Timedelta(days=30)}
    )  # fmt: skip
    cash = pd.DataFrame(
        {"payment_id": [f"P{k}" for k in range(n)], "invoice_id": claims.invoice_id,
         "amount": 10.0, "paid_on": claims.due_on + pd.Timedelta(days=late_days)}
    )  # fmt: skip
    return {"invoices": claims, "payments": cash}


@pytest.mark.parametrize(
    ("n", "late_days", "as_of", "reason"),
    [
        (300, 0, LAST, "0 of 300 matured items were late by more than 30 days; 20 of each kind "
                       "are needed (delinquency.grace_days sets the days)"),
        (300, 90, LAST, "300 of 300 matured items were late by more than 30 days; 20 of each kind "
                        "are needed (delinquency.grace_days sets the days)"),
        (20, 40, LAST, "only 20 items have matured; 200 are needed"),
        (300, 40, "2023-02-15", "only 0 items have matured; 200 are needed"),
        (300, 40, "2022-12-31", "no invoice had been issued by 2022-12-31"),
    ],
    ids=["none late", "all late", "20 invoices", "before any maturity", "before the data"],
)  # fmt: skip
def test_too_little_is_said_in_its_own_words(books, n, late_days, as_of, reason):
    found = predict_delinquency(books(**many(n, late_days)), as_of)
    assert (found.status, found.reason) == ("not_enough_data", reason)
    assert reason in str(found) and found.faults.empty
    assert found.invoices.probability.isna().all()
    for shown in (found.summary(), found.check(), found.actions()):
        assert isinstance(shown, pd.DataFrame)


def test_a_credit_note_above_zero_and_other_slips_are_named(books):
    tables = books(
        invoices=invoices(
            {"invoice_id": "A", "due_on": None, "term_days": -5},
            {"invoice_id": "B", "due_on": "2024-02-01", "disputed_from_on": "2024-03-01",
             "disputed_to_on": "2024-02-01"},
            {"invoice_id": "N", "kind": "credit_note", "amount": 5.0, "credits_invoice_id": "A"},
        ),
        payments=payments({"invoice_id": None, "customer_id": None, "paid_on": "2024-02-01",
                           "amount": 1.0}),
    )  # fmt: skip
    ledger = open_ledger(tables, LAST)
    assert owed(ledger) == {"A/1": 95.0, "B/1": 100.0}
    assert [(row[1], row[2], row[4]) for row in said(ledger.faults)] == [
        ("A/1", "due_on", "due before it was issued; kept as stated"),
        ("A/1", "term_days", "a term below zero days; counted as it stands"),
        ("B/1", "disputed_to_on", "the dispute ends before it begins; no dispute is counted"),
        ("N", "amount", "a credit note above zero; it reduces what is owed all the same"),
        ("P1", "amount", "names neither an invoice nor a customer"),
    ]
