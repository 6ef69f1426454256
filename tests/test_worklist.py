"""The worklist: known answers by hand, promises judged, owners lawful, nothing silently dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from insights import connect
from insights.delinquency.calls.actions import ACTION_COLUMNS, actions_of, left_out
from insights.delinquency.calls.contacts import contacts_of
from insights.delinquency.calls.credit_hold import orders_to_hold
from insights.delinquency.calls.worklist import ITEM_COLUMNS, item_list
from insights.features.invoices import invoice_features
from insights.features.ledger import Ledger, open_ledger
from insights.features.promises import promise_kept
from insights.params import DelinquencyParams

PARAMS = DelinquencyParams()
AS_OF = "2025-06-30"
NOW = pd.Timestamp(AS_OF)
BLANK = ["default_probability", "expected_loss", "days_late", "cost_of_delay"]


def day(past_due: float) -> pd.Timestamp:
    """Return the date so many days before as_of."""
    return NOW - pd.Timedelta(days=past_due)


def claims(*rows: tuple) -> pd.DataFrame:
    """(invoice, customer, days past due, amount, rep, term, disputed for days)."""
    names = ["invoice_id", "customer_id", "late", "amount", "rep_id", "term_days", "disputed"]
    frame = pd.DataFrame([(*row, *(None,) * (7 - len(row))) for row in rows], columns=names)
    due = frame.late.astype("float64").map(lambda n: day(n) if n == n else pd.NaT)
    begun = frame.disputed.astype("float64").map(lambda n: day(n) if n == n else pd.NaT)
    return frame.assign(
        due_on=pd.to_datetime(due),
        disputed_from_on=pd.to_datetime(begun),
        issued_on=pd.Timestamp("2023-01-01"),
        term_days=frame.term_days.astype("float64").astype("Int64"),
        rep_id=frame.rep_id.astype("str"),
    ).drop(columns=["late", "disputed"])


def talks(*rows: tuple) -> pd.DataFrame:
    """(invoice, customer, days ago, result, promised days ago, sum)."""
    names = ["invoice_id", "customer_id", "ago", "result", "promised", "promised_amount"]
    frame = pd.DataFrame([(*row, *(None,) * (6 - len(row))) for row in rows], columns=names)
    promised = frame.promised.astype("float64").map(lambda n: day(n) if n == n else pd.NaT)
    return frame.assign(
        dunning_id=[f"D{n:02d}" for n in range(len(frame))],
        contacted_on=pd.to_datetime(frame.ago.map(day)),
        promised_on=pd.to_datetime(promised),
        promised_amount=frame.promised_amount.astype("float64"),
        channel="电话",
    ).drop(columns=["ago", "promised"])


def paid(*rows: tuple) -> pd.DataFrame:
    """(invoice, customer, days ago, amount)."""
    frame = pd.DataFrame(list(rows), columns=["invoice_id", "customer_id", "ago", "amount"])
    return frame.assign(
        payment_id=[f"P{n}" for n in range(len(frame))], paid_on=frame.ago.map(day)
    ).drop(columns="ago")


REPS = pd.DataFrame({"rep_id": ["RDRUG1", "RDEV1"], "line_type": ["drug", "device"],
                     "region_id": ["east", "east"]})  # fmt: skip


def seen(ledger: Ledger, share: float | None = 0.5) -> pd.DataFrame:
    """Return the open items as ``Delinquency.invoices`` shows them, each with the same chances."""
    rows = ledger.items[ledger.items.open_cents > 0]
    exposure = rows.open_cents / 100
    chance = np.nan if share is None else share
    return rows.assign(
        exposure=exposure,
        probability=chance,
        default_probability=chance / 10,
        loss_given_default=0.45,
        expected_loss=exposure * chance / 10 * 0.45,
        days_late=30.0,
        cost_of_delay=exposure * chance * 0.0435 * 30 / 365,
        grade="high",
        reasons="because of " + rows.invoice_id,
    )


class Work:
    """What one source shows on a day."""

    def __init__(self, source, params=PARAMS, as_of=AS_OF, share=0.5):
        self.tables = connect(source)
        self.params, self.as_of = params, as_of
        self.ledger = open_ledger(self.tables, as_of)
        self.contacts = contacts_of(self.tables, self.ledger, params.promise_grace_days)
        self.items = item_list(seen(self.ledger, share), self.ledger, self.contacts, params)
        self.by_id = self.items.set_index("invoice_id")
        self.actions = actions_of(self.items, self.ledger.unallocated, params, as_of)


@pytest.fixture(scope="module")
def ladder(tmp_path_factory):
    """One item a customer, each at another point of the schedule."""
    rows = [
        ("early", "c1", -100, 9e4, None, 60), ("long", "c2", -40, 9e4, None, 90),
        ("confirm", "c3", -10, 9e4, None, 60), ("new", "c4", 20, 9e4), ("done", "c5", 20, 9e4),
        ("silent", "c6", 35, 9e4), ("senior", "c7", 100, 9e4), ("again", "c8", 150, 9e4),
        ("legal", "c9", 400, 9e4), ("small", "c10", 400, 9e3), ("disputed", "c11", 50, 9e4, None,
        None, 20), ("told", "c12", 50, 9e4), ("undated", "c13", None, 9e4),
        ("saidpaid", "c14", 50, 9e4), ("due", "c15", 0, 9e4),
    ]  # fmt: skip
    contacts = talks(
        ("done", None, 3, "other"),
        ("silent", None, 15, "other"),
        ("silent", None, 1, "no_answer"),
        ("again", None, 12, "other"),
        ("told", None, 9, "dispute"),
        ("saidpaid", None, 10, "paid"),
    )
    folder = tmp_path_factory.mktemp("ladder")
    claims(*rows).to_parquet(folder / "invoices.parquet", index=False)
    contacts.to_parquet(folder / "dunning.parquet", index=False)
    return Work(folder)


LADDER = {
    "early": ("confirm invoice and acceptance", 85, 0),
    "long": ("agree the payment run with its finance", -5, 5),
    "confirm": ("confirm invoice and acceptance", -5, 5),
    "due": ("remind", 0, 0),
    "new": ("call; agree the date of payment", -5, 5),
    "done": ("call; get a dated promise", 10, 0),
    "silent": ("call; get a dated promise", -5, 5),
    "senior": ("senior call; hold new credit", -10, 10),
    "again": ("senior call; hold new credit", 18, 0),
    "legal": ("formal demand; prepare legal action", -35, 35),
    "small": ("senior call; hold new credit", -310, 310),
    "disputed": ("resolve the dispute", 10, 0),
    "told": ("resolve the dispute", 21, 0),
    "undated": ("agree the due date and enter it", 0, 0),
    "saidpaid": ("trace the payment that it says it made", -7, 7),
}


@pytest.mark.parametrize("name", LADDER)
def test_the_next_step_and_its_day(ladder, name):
    step, ahead, overdue = LADDER[name]
    row = ladder.by_id.loc[name]
    assert row.step == step
    assert (row.next_on - NOW).days == ahead and row.step_overdue_days == overdue


def test_items_hold_what_a_controller_needs(ladder):
    assert list(ladder.items.columns) == ITEM_COLUMNS
    assert (ladder.items.loss_given_default.dropna() == 0.45).all()
    assert ladder.by_id.loc["told"].dispute_days == 9
    assert ladder.by_id.loc["disputed"].dispute_days == 20
    assert ladder.by_id.loc["silent"].last_result == "no_answer"
    assert ladder.items.amount_at_risk.sum() == pytest.approx(ladder.items.exposure.sum() / 2)


def test_the_list_holds_a_week_and_says_what_it_leaves_out(ladder):
    listed = set(ladder.actions.invoices)
    later = {"early", "done", "again", "disputed", "told"}
    assert listed == set(ladder.items.invoice_id) - later
    assert list(ladder.actions.columns) == ACTION_COLUMNS
    assert list(ladder.actions["rank"]) == list(range(1, len(listed) + 1))
    words = left_out(ladder.items, PARAMS, AS_OF)
    assert "5 items (450,000 CNY) need nothing within 7 days." in words
    dear = replace(PARAMS, call_cost=1000.0)
    words = left_out(ladder.items, dear, AS_OF)
    assert "1 items of 1 customers (9,000 CNY) are left to the automatic reminder" in words
    kept = actions_of(ladder.items, ladder.ledger.unallocated, dear, AS_OF)
    assert set(kept.invoices) == listed - {"small"}


@pytest.fixture
def work(write_source):
    def made(rows, contacts=None, payments=None, reps=None, **settings):
        frames = {"invoices": rows, "dunning": contacts, "payments": payments, "reps": reps}
        kept = {name: frame for name, frame in frames.items() if frame is not None}
        return Work(write_source(**kept), **settings)

    return made


def test_promises_kept_broken_pending(work):
    rows = claims(*[(name, f"of {name}", 20, 1000.0) for name in "ABCDEFGHJ"])
    contacts = talks(
        ("A", None, 10, "promise", 4, 400.0),
        ("B", None, 10, "promise", 4, 400.0),
        ("C", None, 10, "promise", 3, 400.0),
        ("D", None, 10, "promise", -5, 400.0),
        ("E", None, 10, "promise", 4, None),
        ("F", None, 10, "promise", None, None),
        (None, "of G", 10, "promise", 4, None),
        ("H", None, 10, "promise", 4, 400.0),
        ("H", None, 0, "other"),
        ("J", None, 12, "promise", 9, 400.0),
        ("J", None, 5, "promise", -9, 400.0),
    )
    money = paid(("A", None, 1, 400.0), ("E", None, 5, 400.0), (None, "of G", 5, 1.0))
    found = work(rows, contacts, money).by_id
    states = {"A": "kept", "B": "broken", "C": "pending", "D": "pending", "E": "broken",
              "F": "undated", "G": "kept", "H": "broken", "J": "pending"}  # fmt: skip
    assert dict(found.promise) == states
    assert found.loc["B", "step"] == "promise broken: call; agree a new date"
    assert (found.loc["B", "next_on"], found.loc["B", "step_overdue_days"]) == (NOW, 0)
    assert found.loc["C", "step"] == "wait for the promised payment"
    assert found.loc["D", "next_on"] == day(-9)
    assert found.loc["H", "state"] == "scheduled"
    assert found.loc["J", "promises_broken"] == 1 and found.loc["J", "promised_on"] == day(-9)


def test_a_promise_concerns_what_was_due_by_then(work):
    rows = claims(("A", "C", 60, 1000.0), ("A", "C", -200, 1000.0)).assign(instalment_no=[1, 2])
    found = work(rows, talks(("A", None, 30, "promise", 20, 500.0))).by_id
    assert list(found.promise) == ["broken", ""]
    assert list(found.state) == ["promise_broken", "scheduled"]


def test_one_row_an_action(work):
    rows = claims(
        ("A", "C", 20, 1000.0), ("B", "C", 65, 2000.0), ("D", "C", 100, 500.0),
        ("E", "C", 40, 9000.0, None, None, 40), ("F", "C", 70, 3000.0),
        *[(f"G{n}", "C", 66, 10.0) for n in range(3)],
    )  # fmt: skip
    money = paid((None, "C", 900, 0.0), ("Z", "C", 5, 120.0))
    contacts = talks(("F", None, 8, "promise", 5, 3000.0), ("B", None, 60, "no_answer"))
    params = replace(PARAMS, call_cost=0.0)
    made = work(rows, contacts, money, params=params)
    table = made.actions.set_index("channel")
    assert set(table.index) == {"phone", "senior", "desk"}
    call = table.loc["phone"]
    assert call["items"] == 6 and call.amount_open == 6030.0 == call.amount_overdue
    assert call.step == "promise broken: call; agree a new date"
    assert call.invoices == "F, B, A, G0, G1, G2" and call.oldest_days == 70
    assert call.why == "largest of 6: because of F"
    assert (call.promise, call.promised_amount) == ("broken", 3000.0)
    assert call.last_contact_on == day(8) and call.last_result == "promise"
    assert table.loc["desk"].dispute_days == 40
    assert made.actions.amount_open.sum() == made.items.exposure.sum()


def test_cash_on_account_is_offered_first_and_once(write_source):
    rows = claims(("A", "C", 100, 90000.0), ("B", "C", 20, 50000.0), ("S", "C", 300, 100.0))
    money = paid(("S", "C", 30, 12100.0))
    found = Work(write_source(invoices=rows, payments=money)).actions
    assert found.step.iloc[0].startswith("allocate 12,000 CNY on account first; senior call")
    assert found.on_account.iloc[0] == 12000.0 and found.on_account.iloc[1:].isna().all()
    assert not found.step.iloc[1:].str.contains("allocate").any()


def test_limitation_is_minded(work):
    rows = claims(("A", "C", 1000, 90000.0), ("B", "D", 1200, 90000.0))
    found = work(rows).actions.set_index("invoices")
    ends = (day(1000) + pd.DateOffset(years=3)).date()
    assert f"limitation ends on {ends} for " in found.loc["A", "step"]
    assert "limitation has passed on 90,000 CNY" in found.loc["B", "step"]
    assert found.loc["A", "limitation_days"] == 96 and found.loc["B", "limitation_days"] < 0


def test_owners_by_the_compliance_rule(work):
    rows = claims(
        ("A", "drug", 40, 9e4, "RDRUG1"), ("B", "device", 40, 9e4, "RDEV1"),
        ("D", "mixed", 40, 9e4, "RDRUG1"), ("E", "mixed", 40, 9e4, "RDEV1"),
        ("F", "nobody", 40, 9e4),
    )  # fmt: skip
    params = replace(PARAMS, commercial_owner="商务 Li", device_owner="device desk")
    made = work(rows, reps=REPS, params=params)
    owner = made.actions.set_index("customer_id").owner
    wanted = dict.fromkeys(("drug", "mixed", "nobody"), "商务 Li") | {"device": "device desk"}
    assert owner.to_dict() == wanted
    for table in (made.items, made.actions, orders_to_hold(made.ledger)):
        assert not table.astype("str").apply(lambda c: c.str.contains("RDRUG1")).any(axis=None)


def test_a_drug_sold_by_a_device_representative_goes_to_the_commercial_owner(write_source):
    rows = claims(*[(name, f"of {name}", 40, 9e4, "RDEV1") for name in "ABCDEF"]).assign(
        order_id=["O1", "O1", "O1", "O2", "O3", None],
        product_line=["heart", "bone", None, "bone", "heart", "heart"],
    )
    orders = pd.DataFrame(
        {"order_id": ["O1", "O1", "O2", "O3", "later"], "line_no": [1, 2, 1, 1, 1],
         "product_id": ["pill", "screw", "screw", "unnamed", "pill"],
         "customer_id": "any", "amount": 1.0, "ordered_on": pd.Timestamp("2022-12-20")}
    )  # fmt: skip
    products = pd.DataFrame(
        {"product_id": ["pill", "screw", "unnamed"], "product_line": ["heart", "bone", None],
         "category": ["drug", "equipment", "drug"]}
    )  # fmt: skip
    frames = {"invoices": rows, "reps": REPS}
    made = Work(write_source("with", **frames, orders=orders, products=products)).by_id
    drugs = made.owner == PARAMS.commercial_owner
    # A, C, E: the pill's line, an invoice of the whole order, a drug of no named line.
    wanted = {"A": True, "B": False, "C": True, "D": False, "E": True, "F": False}
    assert drugs.to_dict() == wanted and len(made) == len(rows)
    assert set(Work(write_source("without", **frames)).by_id.owner) == {PARAMS.device_owner}


def test_everything_stands_without_customers(work):
    rows = claims(("A", "C", 1000, 9e4), ("B", "D", 40, 9e4))
    made = work(rows, talks(("A", None, 10, "promise", 5, 400.0)))
    shown = seen(made.ledger).drop(columns=["region_id", "hospital_level", "ownership"])
    items = item_list(shown, made.ledger, made.contacts, PARAMS)
    pd.testing.assert_frame_equal(items, made.items.drop(columns="region_id"))
    actions = actions_of(items, made.ledger.unallocated, PARAMS, AS_OF)
    assert list(actions.columns) == ACTION_COLUMNS and actions.region_id.isna().all()
    assert left_out(items, PARAMS, AS_OF) == left_out(made.items, PARAMS, AS_OF)
    assert orders_to_hold(made.ledger).empty


def test_a_promise_is_judged_by_one_rule_with_or_without_grace(work):
    rows = claims(*[(name, f"of {name}", 20, 1000.0) for name in "ABC"])
    contacts = talks(*[(name, None, 20, "promise", 10, 400.0) for name in "ABC"])
    money = paid(("A", None, 10, 400.0), ("B", None, 8, 400.0), ("C", None, 6, 400.0))
    made = work(rows, contacts, money)
    asked = made.contacts.rows
    assert promise_kept(made.ledger, asked).tolist() == [True, False, False]
    assert promise_kept(made.ledger, asked, 3).tolist() == [True, True, False]
    assert asked.promise.tolist() == ["kept", "kept", "broken"]
    points = pd.DataFrame({"item": made.ledger.items.index, "day": made.ledger.day})
    known = invoice_features(made.ledger, points, 30).broken_promises
    assert (known > 0).tolist() == [False, True, True]


@pytest.fixture(scope="module")
def demo_work(demo_dir):
    return Work(demo_dir, as_of="2025-12-31")


def test_no_drug_representative_in_any_table_of_the_demo(demo_work):
    reps = demo_work.tables["reps"].execute()
    drug = set(reps.rep_id[reps.line_type == "drug"])
    held = orders_to_hold(demo_work.ledger)
    for table in (demo_work.items, demo_work.actions, held):
        told = {str(value) for name in table for value in table[name].unique()}
        assert not told & drug
        texts = " ".join(sorted(told))
        assert not any(rep in texts for rep in drug)
    items = demo_work.ledger.items.loc[demo_work.items.index]
    by_drug = demo_work.items.owner[items.line_type == "drug"]
    assert set(by_drug) == {PARAMS.commercial_owner}


def test_the_demo_adds_up_and_regions_are_slices(demo_work):
    items, actions = demo_work.items, demo_work.actions
    assert len(items) == int((demo_work.ledger.items.open_cents > 0).sum())
    assert (actions.amount_overdue <= actions.amount_open + 1e-6).all()
    cost = (actions.expected_loss + actions.cost_of_delay).round(6)
    assert cost.is_monotonic_decreasing
    part = items[items.region_id == "east"]
    east = actions_of(part, demo_work.ledger.unallocated, PARAMS, "2025-12-31")
    whole = actions[actions.region_id == "east"].drop(columns="rank").reset_index(drop=True)
    pd.testing.assert_frame_equal(east.drop(columns="rank"), whole)


def test_row_order_changes_nothing(demo_work):
    mixed = demo_work.items.sample(frac=1, random_state=3)
    again = actions_of(mixed, demo_work.ledger.unallocated, PARAMS, "2025-12-31")
    pd.testing.assert_frame_equal(again, demo_work.actions)
    rows = demo_work.contacts.rows
    assert rows.day.is_monotonic_increasing


def test_the_future_is_hidden(work, write_source, tmp_path):
    rows = claims(*[(f"I{n}", f"C{n % 4}", 10 * n, 1000.0 + n) for n in range(12)])
    contacts = talks(
        *[(f"I{n}" if n % 3 else None, f"C{n % 4}", 9 * n, ("promise", "other")[n % 2],
           9 * n - 12, 500.0) for n in range(12)]
    )  # fmt: skip
    money = paid(*[(f"I{n}", None, 8 * n, 400.0) for n in range(12)])
    cut = day(30)
    then = {
        "invoices": rows,
        "dunning": contacts[contacts.contacted_on <= cut],
        "payments": money[money.paid_on <= cut],
    }
    late = Work(write_source("late", invoices=rows, dunning=contacts, payments=money), as_of=cut)
    early = Work(write_source("early", **then), as_of=cut)
    pd.testing.assert_frame_equal(late.items, early.items)
    pd.testing.assert_frame_equal(late.actions, early.actions)
    assert (late.contacts.rows.contacted_on <= cut).all()


def test_contacts_that_name_nothing_are_faults_in_words(work):
    contacts = talks(
        ("A", "X", 5, "other"), ("nope", None, 5, "other"), ("nope", "C", 5, "other"),
        (None, None, 5, "other"), (None, "Q", 5, "other"), ("A", None, 5, "promise", 9, 10.0),
        ("A", None, 4, "other"),
    )  # fmt: skip
    contacts.loc[6, "contacted_on"] = pd.NaT
    made = work(claims(("A", "C", 40, 9e4)), contacts)
    faults = made.contacts.faults.set_index("row").reason
    assert faults["D00"].startswith("another customer than the invoice's")
    assert faults["D01"].endswith("no customer of it; left out")
    assert faults["D02"].endswith("read as a contact about the customer")
    assert (
        faults["D03"]
        == faults["D04"]
        == ("names no invoice, and no customer of this ledger; left out")
    )
    assert faults["D05"].startswith("promised for a day before the contact")
    assert faults["D06"] == "no date; left out"
    assert sorted(made.contacts.rows.dunning_id) == ["D00", "D02", "D05"]
    assert set(made.contacts.faults.table) == {"dunning"}


def test_without_contacts_probabilities_or_items(work):
    made = work(claims(("A", "C", 40, 9e4), ("B", None, 40, 9e4)), share=None)
    assert made.contacts.gap == "table dunning is missing" and made.contacts.rows.empty
    assert len(made.actions) == 2 and made.actions.amount_at_risk.isna().all()
    assert made.actions.amount_open.sum() == 18e4
    assert left_out(made.items, PARAMS, AS_OF) == ""
    none = made.items.iloc[:0]
    empty = actions_of(none, made.ledger.unallocated, PARAMS, AS_OF)
    assert empty.empty and list(empty.columns) == ACTION_COLUMNS
    assert left_out(none, PARAMS, AS_OF) == ""


def test_new_orders_are_held_over_the_limit_with_overdue(write_source):
    rows = claims(
        ("A", "over", 40, 9e4), ("B", "over", -40, 4e4), ("D", "in time", -4, 9e4),
        ("E", "within", 40, 9e4), ("F", "no limit", 40, 9e4), ("S", "over", 50, 1e3),
    )  # fmt: skip
    customers = pd.DataFrame(
        {"customer_id": ["over", "in time", "within", "no limit"], "region_id": "east",
         "credit_limit": [1e5, 1e4, 9e4, None]}
    )  # fmt: skip
    source = write_source(
        invoices=rows, customers=customers, payments=paid(("S", "over", 3, 3000.0))
    )
    held = orders_to_hold(open_ledger(connect(source), AS_OF))
    assert list(held.customer_id) == ["over"]
    row = held.iloc[0]
    assert (row.credit_limit, row.amount_open, row.amount_overdue) == (1e5, 13e4, 9e4)
    assert (row.over_limit, row.on_account, row.oldest_days) == (28000.0, 2000.0, 40)


def test_a_schedule_out_of_order_is_refused():
    with pytest.raises(ValueError, match="days rise"):
        DelinquencyParams(dunning_schedule=((15, "call", "phone"), (0, "remind", "message")))
    with pytest.raises(ValueError, match="legal_step after it"):
        DelinquencyParams(legal_step=(60, "sue", "legal"))
