"""Bad debts by the tax test, what came back of the lost, what the law gives a small supplier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights import connect
from insights.delinquency.allowance.bad_debts import (
    CANDIDATE_COLUMNS,
    WRITEOFF_COLUMNS,
    bad_debt_candidates,
    recoveries_by_year,
    small_debt_cents,
    writeoff_ledger,
)
from insights.delinquency.allowance.statutory import (
    STATUTORY_COLUMNS,
    daily_rate,
    statutory_interest,
    statutory_words,
)
from insights.features.ledger import open_ledger
from insights.params import DelinquencyParams
from ledger_rows import cash, lost

LAST = "2025-12-31"
SMALL = DelinquencyParams(supplier_is_small=True)


def items(*rows: dict, start: str = "2022-01-01") -> pd.DataFrame:
    base = {"customer_id": "H", "issued_on": start, "amount": 1000.0, "instalment_no": 1}
    frame = pd.DataFrame([{"invoice_id": f"I{n}"} | base | row for n, row in enumerate(rows)])
    dated = [name for name in frame if name.endswith("_on")]
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in dated})


CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["H", "P", "D"],
        "name": ["City hospital", "Private hospital", "Distributor"],
        "region_id": ["r", "r", "r"],
        "customer_type": ["hospital", "hospital", "distributor"],
        "ownership": ["public", "private", "private"],
    }
)


@pytest.fixture
def ledger_of(write_source):
    def build(as_of: str = LAST, **frames: pd.DataFrame):
        return open_ledger(connect(write_source(customers=CUSTOMERS, **frames)), as_of)

    return build


@pytest.fixture(scope="module")
def demo_ledger(demo_dir):
    return open_ledger(connect(demo_dir), LAST)


# ---- the tax test -------------------------------------------------------------------------------


def test_the_tax_test_at_its_bounds(ledger_of):
    ledger = ledger_of(
        invoices=items(
            {"due_on": "2022-12-31", "amount": 9e6},
            {"due_on": "2023-01-01", "amount": 9e6},
            {"due_on": "2024-12-31", "amount": 50_000.0},
            {"due_on": "2025-01-01", "amount": 50_000.0},
            {"due_on": "2024-06-01", "amount": 50_000.01},
            {"due_on": "2024-06-01", "amount": 30_000.0, "invoice_id": "S"},
            {"due_on": "2024-06-01", "amount": 30_000.0, "invoice_id": "S", "instalment_no": 2},
            {"due_on": None, "amount": 10.0},
        )
    )
    params = DelinquencyParams(annual_revenue=1e8)
    found = bad_debt_candidates(ledger, params)
    assert list(found.columns) == CANDIDATE_COLUMNS
    tests = dict(zip(found.invoice_id, found.test, strict=True))
    assert tests == {
        "I0": "overdue 3 years or more",
        "I2": "overdue 1 year or more and small",
    }
    richer = bad_debt_candidates(ledger, DelinquencyParams(annual_revenue=6e8))
    assert set(richer.invoice_id) == {"I0", "I2", "I4", "S"}


def test_small_is_the_larger_of_both_and_says_whose_revenue(ledger_of):
    ledger = ledger_of(
        invoices=items(
            {"due_on": "2025-12-01", "issued_on": "2025-06-01", "amount": 7e8},
            {"due_on": "2025-12-01", "issued_on": "2024-06-01", "amount": 9e8},
            {"due_on": None, "issued_on": "2025-07-01", "amount": -1e8, "kind": "credit_note",
             "credits_invoice_id": "I0"},
        )
    )  # fmt: skip
    cents, words = small_debt_cents(ledger, DelinquencyParams())
    assert cents == 6_000_000 and "not the accounts' revenue" in words
    assert small_debt_cents(ledger, DelinquencyParams(annual_revenue=1e7))[0] == 5_000_000


def test_what_is_still_needed_is_said(ledger_of):
    ledger = ledger_of(
        invoices=items(
            {"due_on": "2022-02-01"},
            {"due_on": "2022-02-01"},
            {"due_on": "2022-02-01"},
            {"due_on": "2022-02-01", "disputed_from_on": "2022-03-01"},
            {"due_on": "2022-02-01"},
        ),
        writeoffs=lost(("I1", "2025-06-01", 1000.0), ("I2", "2025-06-01", 400.0)),
        payments=cash(("I4", "2025-06-01", 1000.0)),
    )
    found = bad_debt_candidates(ledger, DelinquencyParams()).set_index("invoice_id")
    assert sorted(found.index) == ["I0", "I1", "I2", "I3"]
    assert found.evidence["I0"].startswith("book the loss first")
    assert found.evidence["I1"].startswith("booked as a loss")
    assert found.evidence["I2"].startswith("book the rest as a loss first")
    assert found.evidence["I3"].startswith("disputed") and found.disputed["I3"]
    assert (found.claim_cents == 100_000).all()
    assert found.open_cents.sum() == 260_000


# ---- write-offs and recoveries ------------------------------------------------------------------


def test_recoveries_belong_to_the_year_of_their_write_off(ledger_of):
    ledger = ledger_of(
        invoices=items({"due_on": "2022-02-01"}, {"due_on": "2022-02-01"}),
        writeoffs=lost(
            ("I0", "2023-05-01", 600.0), ("I0", "2024-05-01", 400.0), ("I0", "2025-05-01", -500.0),
            ("I1", "2024-06-01", 1000.0), ("I1", "2025-06-01", -300.0),
        ),
        payments=cash(("I0", "2025-05-01", 500.0), ("I1", "2025-06-01", 200.0)),
    )  # fmt: skip
    table = writeoff_ledger(ledger)
    assert list(table.columns) == WRITEOFF_COLUMNS
    first = table[table.invoice_id == "I0"]
    assert first.taken_back_cents.tolist() == [10_000, 40_000]
    assert table.back_without_cash_cents[table.invoice_id == "I1"].item() == 10_000
    years = recoveries_by_year(ledger).set_index("year")
    assert years.written_off_cents.to_dict() == {2023: 60_000, 2024: 140_000, 2025: 0}
    assert years.recovered_cents.to_dict() == {2023: 10_000, 2024: 70_000, 2025: 0}
    assert years.recovered_in_year_cents[2025] == 80_000
    assert years.recovery_rate[2024] == 0.5 and np.isnan(years.recovery_rate[2025])


def test_the_demo_companys_write_offs_tie_out(demo_ledger):
    table, years = writeoff_ledger(demo_ledger), recoveries_by_year(demo_ledger)
    net = table.written_off_cents.sum() - table.taken_back_cents.sum()
    assert net == demo_ledger.items.written_off_cents.sum() == years.net_cents.sum()
    assert (table.back_without_cash_cents == 0).all()
    found = bad_debt_candidates(demo_ledger, DelinquencyParams())
    assert len(found) and (found.single_cents >= found.claim_cents).all()


def test_nothing_written_off_and_nothing_old(ledger_of):
    ledger = ledger_of(invoices=items({"due_on": "2026-02-01"}))
    assert bad_debt_candidates(ledger, DelinquencyParams()).empty
    assert writeoff_ledger(ledger).empty and recoveries_by_year(ledger).empty


# ---- the law ------------------------------------------------------------------------------------


def statute(ledger, params: DelinquencyParams = SMALL) -> pd.DataFrame:
    return statutory_interest(ledger, params).set_index(["invoice_id", "instalment_no"])


def test_interest_on_the_open_balance_by_hand(ledger_of):
    start = "2025-07-01"
    ledger = ledger_of(
        invoices=items(
            {"due_on": "2026-06-30", "issued_on": start},
            {"due_on": "2025-07-21", "issued_on": start},
            {"due_on": None, "issued_on": start, "accepted_on": "2025-08-01"},
            {"due_on": "2026-06-30", "issued_on": start, "invoice_id": "Z"},
            {"due_on": None, "issued_on": "2025-08-01", "amount": -200.0, "kind": "credit_note",
             "credits_invoice_id": "I0"},
        ),
        payments=cash(("I0", "2025-08-20", 100.0), ("I0", "2025-10-09", 300.0),
                      ("I1", "2025-07-31", 1000.0), ("Z", "2025-08-30", 1000.0)),
        writeoffs=lost(("I0", "2025-12-01", 400.0)),
    )  # fmt: skip
    rows = statute(ledger)
    assert list(statutory_interest(ledger, SMALL).columns) == STATUTORY_COLUMNS
    # I0: agreed far too late, so payable 60 days after the invoice: 30 August. 100 came in time,
    # 200 was credited, 300 came 40 days late, and 400 is unpaid for 123 days, written off or not.
    assert rows.payable_by["I0", 1] == pd.Timestamp("2025-08-30")
    assert rows.over_statutory_days["I0", 1] == 123
    assert rows.unpaid_cents["I0", 1] == 40_000
    assert rows.interest_cents["I0", 1] == round((30_000 * 40 + 40_000 * 123) * 0.0005)
    # I1: the contract's own shorter term holds; paid ten days late.
    assert rows.over_statutory_days["I1", 1] == 10 and rows.interest_cents["I1", 1] == 500
    # I2: nothing agreed: 30 days from acceptance.
    assert rows.payable_by["I2", 1] == pd.Timestamp("2025-08-31")
    assert rows.start_basis["I2", 1] == "acceptance"
    assert rows.interest_cents["I2", 1] == 100_000 * 122 * 5 // 10_000
    # Z: paid on the last day.
    assert rows.over_statutory_days["Z", 1] == 0 and rows.interest_cents["Z", 1] == 0
    assert rows.payable_basis[["I0", "I1", "I2"]].tolist() == [
        "60 days after the start: the agreed due date is later",
        "the agreed due date",
        "30 days after the start: no due date is agreed",
    ]


def test_nothing_is_payable_before_the_term_starts(ledger_of):
    early = {"due_on": "2025-07-10", "issued_on": "2025-06-10"}
    ledger = ledger_of(
        invoices=items(
            early | {"accepted_on": "2025-10-01"},
            early | {"accepted_on": "2025-07-10"},
            {"due_on": "2025-06-10", "issued_on": "2025-06-15"},
        )
    )
    rows = statute(ledger).xs(1, level=1)
    days = ["2025-10-01", "2025-07-10", "2025-06-15"]
    assert [str(day.date()) for day in rows.payable_by[["I0", "I1", "I2"]]] == days
    assert rows.over_statutory_days[["I0", "I1", "I2"]].tolist() == [91, 174, 199]
    assert rows.interest_cents["I0"] == round(100_000 * 91 * 0.0005)
    assert rows.payable_basis[["I0", "I1", "I2"]].tolist() == [
        "the day of acceptance: the agreed due date lies before it",
        "the agreed due date",
        "the day of the invoice: the agreed due date lies before it",
    ]


def test_what_is_claimed_in_dispute_is_said(ledger_of):
    late = {"due_on": "2025-07-31", "issued_on": "2025-07-01"}
    ledger = ledger_of(
        invoices=items(
            late,
            late | {"disputed_from_on": "2025-08-01"},
            late | {"disputed_from_on": "2025-08-01", "disputed_to_on": LAST},
        )
    )
    said = statutory_words(statutory_interest(ledger, SMALL), SMALL)
    assert said.startswith("3 of 3 items") and "interest of 229.50 CNY" in said
    assert "of which 76.50 CNY on 1 items in dispute" in said


@pytest.mark.parametrize("known", ["no customers", "no ownership", "none filled", "no type"])
def test_unknown_ownership_is_said_and_no_term_computed(write_source, known):
    customers = {
        "no customers": None,
        "no ownership": CUSTOMERS.drop(columns="ownership"),
        "none filled": CUSTOMERS.assign(ownership=pd.Series([None] * 3, dtype="str")),
        "no type": CUSTOMERS.drop(columns="customer_type"),
    }[known]
    bills = items(*[{"due_on": "2025-07-31", "issued_on": "2025-07-01", "customer_id": payer}
                    for payer in "HPD"])  # fmt: skip
    frames = {"invoices": bills, "customers": customers}
    tables = connect(write_source(**{k: v for k, v in frames.items() if v is not None}))
    found = statutory_interest(open_ledger(tables, LAST), SMALL)
    missing = {"no customers": 3, "no type": 1}.get(known, 2)
    assert len(found) == missing and found.interest_cents.isna().all()
    assert found.reason.str.contains("whether the payer is a public hospital").all()
    words = statutory_words(found, SMALL)
    assert words.startswith(f"Ownership unknown: of {missing} items")
    assert statutory_words(found, DelinquencyParams()) == words


def test_one_hospital_of_unknown_ownership_is_left_out_alone(write_source):
    customers = CUSTOMERS.assign(ownership=["public", None, "private"])
    bills = items(*[{"due_on": "2025-07-31", "issued_on": "2025-07-01", "customer_id": payer}
                    for payer in "HPD"])  # fmt: skip
    tables = connect(write_source(invoices=bills, customers=customers))
    found = statutory_interest(open_ledger(tables, LAST), SMALL)
    said = statutory_words(found, SMALL)
    assert said.startswith("1 of 1 items") and "1 items are left out" in said


def test_only_a_declaration_starts_the_clock(ledger_of):
    ledger = ledger_of(invoices=items({"due_on": "2025-07-31", "issued_on": "2025-07-01"}))
    for declared, words in ((None, "is not declared"), (False, "declared not to be small")):
        params = DelinquencyParams(supplier_is_small=declared)
        rows = statutory_interest(ledger, params)
        assert rows.interest_cents.isna().all() and rows.over_statutory_days.isna().all()
        assert words in rows.reason.item() and words in statutory_words(rows, params)
    said = statutory_words(statutory_interest(ledger, SMALL), SMALL)
    assert said.startswith("1 of 1 items") and "76.50 CNY" in said


def test_what_the_regulation_does_not_reach(ledger_of):
    ledger = ledger_of(
        invoices=items(
            {"due_on": "2025-06-30", "issued_on": "2025-05-31"},
            {"due_on": "2025-06-30", "issued_on": "2025-05-31", "accepted_on": "2025-06-01"},
            {"due_on": "2025-09-01", "issued_on": "2025-06-02", "kind": "retention"},
            {"due_on": "2025-06-30", "issued_on": "2025-06-02", "customer_id": "P"},
            {"due_on": "2025-06-30", "issued_on": "2025-06-02", "customer_id": "D"},
        )
    )
    rows = statute(ledger)
    assert sorted(rows.index.get_level_values(0)) == ["I0", "I1", "I2"]
    assert "began before 2025-06-01" in rows.reason["I0", 1] and "Order 728" in rows.reason["I0", 1]
    assert rows.reason["I1", 1] == "" and rows.over_statutory_days["I1", 1] > 0
    assert "retention" in rows.reason["I2", 1]
    none = statutory_interest(
        ledger_of(invoices=items({"due_on": None, "customer_id": "P"})), SMALL
    )
    assert none.empty and "No item was billed" in statutory_words(none, SMALL)


def test_an_agreed_rate_replaces_the_statutory_one(ledger_of):
    ledger = ledger_of(invoices=items({"due_on": "2025-07-31", "issued_on": "2025-07-01"}))
    agreed = DelinquencyParams(supplier_is_small=True, agreed_late_rate=0.0365)
    assert daily_rate(agreed) == pytest.approx(0.0001)
    assert statute(ledger, agreed).interest_cents.item() == round(100_000 * 153 * 0.0001)


@pytest.mark.parametrize("seed", [1, 2])
def test_interest_is_the_sum_over_days_of_what_was_unpaid(ledger_of, seed):
    rng = np.random.default_rng(seed)
    start, size = pd.Timestamp("2025-06-05"), 60
    paid = [
        (f"I{n}", int(wait), 100 * int(amount))
        for n in range(size)
        for wait, amount in zip(rng.integers(0, 200, 4), rng.integers(1, 600, 4), strict=True)
        if rng.random() < 0.7
    ]
    rows = [(one, str((start + pd.Timedelta(days=wait)).date()), c / 100) for one, wait, c in paid]
    bill = {"due_on": None, "issued_on": "2025-06-05", "amount": 2500.0}
    ledger = ledger_of(invoices=items(*[bill] * size), payments=cash(*rows))
    last = int((pd.Timestamp(LAST) - start).days)
    found = statutory_interest(ledger, SMALL).set_index("invoice_id").interest_cents
    for one in found.index:
        mine = [(wait, cents) for name, wait, cents in paid if name == one]
        owed = sum(
            250_000 - sum(cents for wait, cents in mine if wait < day)
            for day in range(31, last + 1)
        )
        assert found[one] == int(np.floor(owed * 0.0005 + 0.5))


def test_the_law_and_the_tax_test_see_no_later_row(demo_dir, write_source):
    names = {"invoices": "issued_on", "payments": "paid_on", "writeoffs": "written_off_on"}
    frames = {name: pd.read_parquet(demo_dir / f"{name}.parquet") for name in names}
    dated = {name: pd.to_datetime(frame[names[name]]) for name, frame in frames.items()}
    cut = {name: frame[dated[name] <= "2025-09-30"] for name, frame in frames.items()}
    for column in ("accepted_on", "disputed_from_on", "disputed_to_on"):
        known = pd.to_datetime(cut["invoices"][column])
        cut["invoices"] = cut["invoices"].assign(**{column: known.where(known <= "2025-09-30")})
    people = {"customers": pd.read_parquet(demo_dir / "customers.parquet")}
    then = open_ledger(connect(write_source("cut", **cut, **people)), "2025-09-30")
    whole = open_ledger(connect(write_source("whole", **frames, **people)), "2025-09-30")
    for answer in (statutory_interest, bad_debt_candidates):
        pd.testing.assert_frame_equal(answer(then, SMALL), answer(whole, SMALL))
    pd.testing.assert_frame_equal(writeoff_ledger(then), writeoff_ledger(whole))


def test_row_order_does_not_matter(demo_dir, demo_ledger, write_source):
    names = ("invoices", "payments", "writeoffs", "customers")
    frames = {name: pd.read_parquet(demo_dir / f"{name}.parquet") for name in names}
    mixed = {name: frame.sample(frac=1, random_state=7) for name, frame in frames.items()}
    ledger = open_ledger(connect(write_source("mixed", **mixed)), LAST)
    pd.testing.assert_frame_equal(
        statutory_interest(ledger, SMALL), statutory_interest(demo_ledger, SMALL)
    )
    pd.testing.assert_frame_equal(recoveries_by_year(ledger), recoveries_by_year(demo_ledger))
    pd.testing.assert_frame_equal(
        bad_debt_candidates(ledger, SMALL), bad_debt_candidates(demo_ledger, SMALL)
    )
