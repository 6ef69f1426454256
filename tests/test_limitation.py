"""Limitation: counted by hand, restarted by the debtor's word, and never by a dispute."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insights import connect
from insights.delinquency.calls.contacts import contacts_of
from insights.delinquency.calls.limitation import (
    LIST_COLUMNS,
    limitation_list,
    limitation_of,
    years_after,
)
from insights.delinquency.calls.worklist import item_list
from insights.features.ledger import NEVER, Ledger, open_ledger
from insights.params import DelinquencyParams

PARAMS = DelinquencyParams()
AS_OF = "2025-12-31"
CONTACT = ["dunning_id", "invoice_id", "customer_id", "contacted_on", "channel", "result",
           "promised_on", "promised_amount"]  # fmt: skip


def invoices(*rows: tuple[str, int, str, str | None, float]) -> pd.DataFrame:
    names = ["invoice_id", "instalment_no", "customer_id", "due_on", "amount"]
    frame = pd.DataFrame(list(rows), columns=names)
    return frame.assign(due_on=pd.to_datetime(frame.due_on), issued_on=pd.Timestamp("2020-01-01"))


def dunning(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame([(f"D{n}", *row) for n, row in enumerate(rows)], columns=CONTACT)
    dates = {name: pd.to_datetime(frame[name]) for name in ("contacted_on", "promised_on")}
    return frame.assign(**dates, promised_amount=frame.promised_amount.astype("float64"))


def said(day: str, result: str, channel: str = "phone", invoice: str | None = "A") -> tuple:
    return (invoice, "C", day, channel, result, None, None)


@pytest.fixture
def limits(write_source):
    number = count()

    def found(claims, contacts=None, payments=None, as_of=AS_OF, params=PARAMS):
        frames = {"invoices": claims, "dunning": contacts, "payments": payments}
        kept = {name: frame for name, frame in frames.items() if frame is not None}
        tables = connect(write_source(f"source{next(number)}", **kept))
        ledger = open_ledger(tables, as_of)
        contact = contacts_of(tables, ledger, params.promise_grace_days)
        table = limitation_of(ledger, contact, params)
        return table.set_index(
            ledger.items.loc[table.index, ["invoice_id", "instalment_no"]].agg(
                lambda row: f"{row.iloc[0]}{row.iloc[1]}", axis=1
            )
        )

    return found


ONE = invoices(("A", 1, "C", "2023-02-10", 100.0))


def test_three_years_from_due_to_the_day(limits):
    row = limits(ONE).loc["A1"]
    assert row.expires_on == pd.Timestamp("2026-02-10")
    assert row.limitation_days == 41 and row.limitation == "soon"
    assert pd.isna(row.restarted_on) and pd.isna(row.restarted_by)
    claims = invoices(
        ("A", 1, "C", "2022-12-31", 100.0),
        ("B", 1, "C", "2022-12-30", 100.0),
        ("D", 1, "C", "2024-12-30", 100.0),
    )
    found = limits(claims)
    assert list(found.limitation_days[["A1", "B1"]]) == [0, -1]
    assert list(found.limitation[["A1", "B1", "D1"]]) == ["soon", "passed", "running"]


def test_instalments_count_from_the_last_and_other_invoices_do_not(limits):
    claims = invoices(
        ("A", 1, "C", "2022-03-01", 100.0),
        ("A", 2, "C", "2024-06-30", 100.0),
        ("B", 1, "C", "2022-03-01", 100.0),
    )
    found = limits(claims)
    assert set(found.expires_on[["A1", "A2"]]) == {pd.Timestamp("2027-06-30")}
    assert found.loc["B1", "limitation"] == "passed"


RESTARTS = [
    (said("2024-05-05", "promise"), True),
    (said("2024-05-05", "paid"), False),
    (said("2024-05-05", "paid", "对账函"), False),
    (said("2024-05-05", "other", "对账函"), True),
    (said("2024-05-05", "other", "律师函"), True),
    (said("2024-05-05", "other", "phone"), False),
    (said("2024-05-05", "no_answer", "律师函"), False),
    (said("2024-05-05", "no_answer", "对账函"), False),
    (said("2024-05-05", "dispute", "对账函"), False),
    (said("2024-05-05", "promise", invoice=None), True),
    (said("2023-01-05", "promise"), False),
    (said("2026-01-05", "promise"), False),
]


def test_what_restarts_it(limits):
    claims = [(f"I{n}_", 1, f"C{n}", "2023-02-10", 100.0) for n in range(len(RESTARTS))]
    rows = [
        (contact[0] and f"I{n}_", f"C{n}", *contact[2:]) for n, (contact, _) in enumerate(RESTARTS)
    ]
    found = limits(invoices(*claims), dunning(*rows))
    for n, (contact, restarted) in enumerate(RESTARTS):
        row = found.loc[f"I{n}_1"]
        wanted = "2027-05-05" if restarted else "2026-02-10"
        assert row.expires_on == pd.Timestamp(wanted), contact
        assert (row.restarted_on == pd.Timestamp("2024-05-05")) == restarted
        assert pd.isna(row.restarted_by) != restarted


def payment(invoice: str, day: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"payment_id": ["P"], "invoice_id": [invoice], "paid_on": pd.to_datetime([day]),
         "amount": [10.0]}
    )  # fmt: skip


def test_a_payment_on_one_instalment_restarts_the_debt(limits):
    claims = invoices(("A", 1, "C", "2022-03-01", 100.0), ("A", 2, "C", "2022-06-01", 100.0))
    found = limits(claims, payments=payment("A", "2024-09-09"))
    assert set(found.expires_on) == {pd.Timestamp("2027-09-09")}
    assert set(found.restarted_by) == {"payment"}


def test_what_has_run_out_is_revived_by_a_word_alone(limits):
    claims = [(name, 1, f"of {name}", "2020-02-10", 100.0) for name in "ABCDE"]
    rows = [
        ("B", None, "2024-09-09", "律师函", "other", None, None),
        ("C", None, "2024-09-09", "phone", "promise", None, None),
        ("D", None, "2022-12-01", "律师函", "other", None, None),
        (None, "of D", "2025-11-30", "律师函", "other", None, None),
        ("E", None, "2022-12-01", "律师函", "other", None, None),
        ("E", None, "2025-12-02", "律师函", "other", None, None),
    ]
    found = limits(invoices(*claims), dunning(*rows), payment("A", "2024-09-09")).expires_on
    days = ["2023-02-10", "2023-02-10", "2027-09-09", "2028-11-30", "2025-12-01"]
    assert list(found) == [pd.Timestamp(day) for day in days]


def test_without_a_due_date_it_is_unknown_and_said(limits, write_source):
    claims = invoices(("A", 1, "C", None, 100.0))
    row = limits(claims).loc["A1"]
    assert row.limitation == "unknown" and pd.isna(row.limitation_days)
    assert pd.isna(row.expires_on)


def test_what_counts_is_a_param(limits):
    strict = replace(PARAMS, acknowledging_results=(), statement_channels=(), limitation_years=2)
    contact = dunning(said("2024-05-05", "promise"), said("2024-05-06", "other", "对账函"))
    assert limits(ONE, contact, params=strict).expires_on.item() == pd.Timestamp("2025-02-10")


def test_row_order_and_an_empty_ledger_change_nothing(limits):
    claims = invoices(
        *[(f"I{n}", 1, f"C{n % 3}", f"202{2 + n % 3}-0{1 + n % 9}-11", 50.0) for n in range(40)]
    )
    rows = [
        (f"I{n}" if n % 2 else None, f"C{n % 3}", f"2024-0{1 + n % 9}-2{n % 8}", "律师函",
         ("other", "promise", "no_answer")[n % 3], None, None)
        for n in range(60)
    ]  # fmt: skip
    contacts = dunning(*rows)
    first = limits(claims, contacts)
    again = limits(claims.sample(frac=1, random_state=1), contacts.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(first.sort_index(), again.sort_index())
    assert limits(claims, contacts, as_of="2019-01-01").empty


@given(st.integers(0, 40000), st.integers(0, 10))
def test_the_same_date_years_later(day, years):
    found = years_after(np.array([day, NEVER]), years)
    start = pd.Timestamp(np.datetime64(day, "D"))
    wanted = start + pd.DateOffset(years=years)
    assert pd.Timestamp(np.datetime64(int(found[0]), "D")) == wanted and found[1] == NEVER


@settings(max_examples=50, deadline=None)
@example(0, [(731, False, True), (732, False, True), (730, False, True)])
@given(
    st.integers(0, 1500),
    st.lists(
        st.tuples(st.integers(0, 3000), st.booleans(), st.booleans()), max_size=12, unique=True
    ),
)
def test_the_chain_is_the_one_walked_event_by_event(due, events):
    """The vectorised chain against the law read one event at a time."""
    from insights.delinquency.calls.limitation import _last_in_time, _started, _year_ends

    rows = pd.DataFrame(events, columns=["day", "word", "whole"])
    rows = rows.assign(debt=0, by="x", customer_id="C")
    rows["contacted_on"] = rows.day.to_numpy("datetime64[D]").astype("datetime64[s]")
    rows = rows.astype({"day": "int64", "word": bool, "whole": bool})
    base = pd.Series([due])

    def thinned(part):
        return pd.concat([part[~part.whole], _year_ends(part[part.whole])])

    begin = _started(base, thinned(rows[rows.word])[["debt", "day", "by"]])
    last = _last_in_time(begin, thinned(rows[~rows.word])[["debt", "day", "by"]], 3)
    start = due
    for day, word, _whole in sorted(events):
        if day > start and (word or day <= years_after(np.array([start]), 3)[0]):
            start = day
    assert last.day.item() == start


def test_the_list_has_the_nearest_end_first(demo, demo_invoices):
    items, _ledger = demo_invoices
    near = limitation_list(items, PARAMS)
    days = near.limitation_days.dropna()
    assert days.is_monotonic_increasing and (days <= PARAMS.limitation_warn_days).all()
    known = items.limitation_days <= PARAMS.limitation_warn_days
    assert len(near) == int((known | items.limitation_days.isna()).sum())


def test_the_list_stands_without_customers(write_source):
    tables = connect(write_source(invoices=invoices(("A", 1, "C", "2022-12-30", 100.0))))
    ledger = open_ledger(tables, AS_OF)
    shown = seen_of(ledger).drop(columns="region_id")
    contacts = contacts_of(tables, ledger, PARAMS.promise_grace_days)
    items = item_list(shown, ledger, contacts, PARAMS)
    near = limitation_list(items, PARAMS)
    assert near.limitation.tolist() == ["passed"]
    assert list(near.columns) == [name for name in LIST_COLUMNS if name != "region_id"]
    assert list(limitation_list(items.iloc[:0], PARAMS).columns) == list(near.columns)


def test_a_debtor_who_says_it_has_paid_revives_nothing(limits):
    claims = invoices(("A", 1, "C", "2020-02-10", 100.0))
    row = limits(claims, dunning(said("2025-05-05", "paid"))).loc["A1"]
    assert row.limitation == "passed" and pd.isna(row.restarted_on)


@pytest.fixture(scope="module")
def demo_invoices(demo):
    ledger = open_ledger(demo, AS_OF)
    contacts = contacts_of(demo, ledger, PARAMS.promise_grace_days)
    return item_list(seen_of(ledger), ledger, contacts, PARAMS), ledger


def seen_of(ledger: Ledger) -> pd.DataFrame:
    """Return the open items as ``Delinquency.invoices`` shows them without a model."""
    rows = ledger.items[ledger.items.open_cents > 0]
    blank = dict.fromkeys(
        ("probability", "default_probability", "expected_loss", "days_late", "cost_of_delay"),
        np.nan,
    )
    return rows.assign(exposure=rows.open_cents / 100, grade="", reasons="", **blank)
