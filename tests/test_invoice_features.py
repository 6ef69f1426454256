"""What was known of an invoice on a day: hand-computed tables, laws, and what a gap costs."""

from __future__ import annotations

import chinese_calendar
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import connect
from insights.features.invoices import invoice_features, outcomes, outcomes_by_horizon
from insights.features.ledger import NEVER, open_ledger
from insights.features.seasons import NEW_YEARS, PAUSE, season
from small_company import LAST, company, written

GRACE = 30


def number(day: str) -> int:
    return int(np.datetime64(day, "D").astype("int64"))


def claims(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    """Invoice, customer, issue, due, amount."""
    frame = pd.DataFrame(
        rows, columns=["invoice_id", "customer_id", "issued_on", "due_on", "amount"]
    )
    return frame.assign(
        issued_on=pd.to_datetime(frame.issued_on), due_on=pd.to_datetime(frame.due_on)
    )


def cash(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Invoice, day, amount."""
    frame = pd.DataFrame(rows, columns=["invoice_id", "paid_on", "amount"])
    return frame.assign(
        paid_on=pd.to_datetime(frame.paid_on), payment_id=[f"P{k}" for k in range(len(frame))]
    )


def seen(source, item: str, *days: str, grace: int = GRACE) -> pd.DataFrame:
    ledger = open_ledger(connect(source), LAST)
    place = ledger.items.index[ledger.items.invoice_id == item][0]
    points = pd.DataFrame({"item": place, "day": [number(day) for day in days]})
    return invoice_features(ledger, points, grace)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return open_ledger(connect(written(tmp_path_factory.mktemp("small"), company(600, 20))), LAST)


@pytest.fixture(scope="module")
def points(ledger) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    item = rng.choice(len(ledger.items), 60, replace=False)
    issued = ledger.items.issued_on.to_numpy("datetime64[D]").astype("int64")[item]
    return pd.DataFrame({"item": item, "day": issued + rng.integers(0, 120, 60)})


def test_labels_at_several_horizons_are_coherent(ledger):
    table = outcomes_by_horizon(ledger, (90, 0, 30, 30))
    assert list(table.columns.levels[0]) == [0, 30, 90]
    late = np.column_stack([table[grace].late for grace in (0, 30, 90)])
    assert (late[:, 1:] <= late[:, :-1]).all() and late[:, 0].sum() > late[:, 2].sum() > 0
    pd.testing.assert_frame_equal(table[30], outcomes(ledger, 30))


def test_what_was_written_off_was_not_paid(write_source):
    invoices = claims(
        *[(name, "C", "2024-01-01", "2024-01-31", 100.0) for name in ("paid", "lost", "charge")]
    )
    paid = cash(("paid", "2024-02-01", 100.0), ("charge", "2024-02-01", 99.0))
    losses = pd.DataFrame(
        {
            "writeoff_id": ["W1", "W2"],
            "invoice_id": ["lost", "charge"],
            "written_off_on": pd.Timestamp("2024-02-10"),
            "amount": [100.0, 1.0],
        }
    )
    found = open_ledger(
        connect(write_source(invoices=invoices, payments=paid, writeoffs=losses)), LAST
    )
    late = outcomes(found, GRACE).late.set_axis(found.items.invoice_id)
    assert late.to_dict() == {"paid": False, "lost": True, "charge": False}


def test_counts_and_balances_agree_with_a_loop_over_the_customers(ledger, points):
    known = invoice_features(ledger, points, GRACE)
    items, made = ledger.items, ledger.allocations
    became = outcomes(ledger, GRACE)
    for row, (item, day) in enumerate(points.itertuples(index=False)):
        mine = items[items.customer_id == items.customer_id[item]].index
        accepted = items.accepted_on[mine].to_numpy("datetime64[D]").astype("int64")
        first = items.first_due_on[mine].to_numpy("datetime64[D]").astype("int64")
        due = items.due_on[mine].to_numpy("datetime64[D]").astype("int64")
        in_time = items.accepted_on[mine].notna().to_numpy() & (accepted <= first + GRACE)
        held = np.where(in_time, due, first) + GRACE
        gone = held < day
        paid_late = [
            made.cents[(made["item"] == other) & (made.day <= last)].sum()
            < items.amount_cents[other]
            for other, last in zip(mine[gone], held[gone], strict=True)
        ]
        issued = became.issued[mine] <= day
        settled = made[made["item"].isin(mine) & (made.day <= day)].cents.sum()
        assert known.matured[row] == gone.sum() and known.late_count[row] == sum(paid_late)
        owed = (items.amount_cents[mine][issued].sum() - settled) / 100
        assert known.payer_open[row] == pytest.approx(owed)


def test_an_open_item_counts_with_its_days_so_far(write_source):
    """One unpaid item, 10 days past due: company mean 10/5, drawn once more: (10 + 4 x 2) / 5."""
    source = write_source(invoices=claims(("A", "C", "2024-01-01", "2024-01-31", 9.0)))
    known = seen(source, "A", "2024-01-31", "2024-02-10", "2025-12-01")
    assert known.mean_delay.tolist() == pytest.approx([0.0, 3.6, 0.36 * 120])
    assert known.latest_delay[2] == pytest.approx(0.36 * 120)


def test_how_far_an_item_has_come_is_read_from_earlier_ones(write_source):
    """Of four earlier items two were paid at once; both that stood 10 days past due went late."""
    old = [(f"I{k}", "C", "2024-01-01", "2024-01-31", 9.0) for k in range(4)]
    invoices = claims(*old, ("new", "C", "2024-06-01", "2024-07-01", 9.0))
    paid = cash(("I0", "2024-01-20", 9.0), ("I1", "2024-01-20", 9.0), ("I2", "2024-05-01", 9.0))
    known = seen(
        write_source(invoices=invoices, payments=paid), "new", "2024-04-01", "2024-06-01",
        "2024-07-11",
    )  # fmt: skip
    assert known.late_rate.tolist() == [0.5, 0.5, 0.5]
    assert known.stage_odds[1] == 0 and known.stage_odds[2] > 0.5


def test_the_latest_items_weigh_more_than_the_past(write_source):
    days = pd.date_range("2023-01-01", periods=24, freq="30D")
    invoices = claims(*[(f"I{k:02d}", "C", d, d, 9.0) for k, d in enumerate(days)])
    on_time = cash(*[(f"I{k:02d}", d, 9.0) for k, d in enumerate(days[:18])])
    known = seen(write_source(invoices=invoices, payments=on_time), "I23", "2024-12-31")
    assert known.late_count[0] == 6
    assert known.quarter_ago_odds[0] < known.late_odds[0] < known.recent_late_odds[0]


def test_promises_running_kept_and_broken(write_source):
    invoices = claims(
        *[(name, "C", "2024-01-01", "2024-01-31", 100.0) for name in ("kept", "part", "none")],
        ("other", "D", "2024-01-01", "2024-01-31", 100.0),
    )
    paid = cash(("kept", "2024-02-20", 100.0), ("part", "2024-02-15", 60.0))
    words = pd.DataFrame(
        [
            ("kept", "C", 100.0), ("part", "C", 60.0), ("part", "C", 61.0), ("none", "C", None),
            (None, "D", None), ("unknown", "D", 5.0),
        ],
        columns=["invoice_id", "customer_id", "promised_amount"],
    ).assign(
        dunning_id=[f"D{k}" for k in range(6)],
        contacted_on=pd.Timestamp("2024-02-10"),
        result="promise",
        promised_on=pd.Timestamp("2024-02-20"),
    )  # fmt: skip
    source = write_source(invoices=invoices, payments=paid, dunning=words)
    days = ("2024-02-09", "2024-02-10", "2024-02-20", "2024-02-21")
    none, part, other = (seen(source, name, *days) for name in ("none", "part", "other"))
    assert none.promise_running.tolist() == [0, 1, 1, 0]
    assert np.expm1(none.broken_promises).tolist() == pytest.approx([0, 0, 0, 1])
    assert np.expm1(part.broken_promises).tolist() == pytest.approx([0, 0, 0, 1])
    assert part.payer_broken.tolist() == [0, 0, 0, 2]
    assert other.payer_broken.tolist() == [0, 0, 0, 1]
    # Three of five due were broken: (3 + 4 x .5) / (5 + 4); the payer's 2 of 4 drawn towards it.
    assert part.broken_share[3] == pytest.approx((2 + 4 * 5 / 9) / 8)


def test_without_contacts_the_promises_are_constant(write_source):
    source = write_source(invoices=claims(("A", "C", "2024-01-01", "2024-01-31", 9.0)))
    known = seen(source, "A", "2024-01-01", "2024-12-31")
    names = ["broken_promises", "promise_running", "broken_share", "payer_broken"]
    assert (known[names].nunique() == 1).all() and known[names].notna().all(axis=None)


def test_a_payer_that_pays_on_the_tenth_is_expected_on_the_tenth(write_source):
    days = pd.date_range("2023-01-10", periods=22, freq="MS") + pd.Timedelta(days=9)
    old = [(f"I{k:02d}", "C", "2023-01-01", "2023-01-31", 9.0) for k in range(22)]
    invoices = claims(*old, ("new", "C", "2024-11-01", "2024-12-01", 9.0))
    paid = cash(*[(f"I{k:02d}", d, 9.0) for k, d in enumerate(days)])
    known = seen(write_source(invoices=invoices, payments=paid), "new", "2024-12-05", grace=7)
    assert known.usual_gap[0] == pytest.approx(30.4, abs=0.5)
    assert known.days_since_payment[0] == (pd.Timestamp("2024-12-05") - days[-1]).days
    before = seen(write_source("b", invoices=invoices, payments=paid), "new", "2024-12-05", grace=4)
    assert known.run_slack[0] - before.run_slack[0] == pytest.approx(3)
    assert before.run_slack[0] < 0


def test_a_new_payer_reads_the_rates_of_its_kind(tmp_path):
    frames = company(800, 30)
    new = claims(("Z1", "Z", "2025-12-01", "2025-12-31", 50.0))
    one = frames["customers"].head(1).assign(customer_id="Z")
    frames |= {
        "invoices": pd.concat([frames["invoices"], new]),
        "customers": pd.concat([frames["customers"], one]),
    }
    known = seen(written(tmp_path / "new", frames), "Z1", "2025-12-01")
    assert known.matured[0] == 0
    assert known.late_odds[0] == pytest.approx(known.group_late_odds[0])
    assert known.drop(columns="days_since_payment").notna().all(axis=None)


def test_no_points_no_rows(ledger, points):
    known = invoice_features(ledger, points.head(0), GRACE)
    assert known.empty and "late_odds" in known


def test_row_order_of_points_changes_nothing(ledger, points):
    known = invoice_features(ledger, points, GRACE)
    mixed = points.sample(frac=1, random_state=1)
    again = invoice_features(ledger, mixed, GRACE).loc[points.index]
    pd.testing.assert_frame_equal(known, again, check_exact=True)


def test_every_new_years_day_is_a_holiday():
    for day in NEW_YEARS[np.datetime64("2027") > NEW_YEARS].tolist():
        assert chinese_calendar.get_holiday_detail(day) == (True, "Spring Festival")


@given(st.integers(number("2005-01-01"), number("2039-12-31")), st.integers(0, 120))
def test_season_shares_are_counts_of_days(due, grace):
    found = season(np.array([due]), grace)
    span = max(grace, 30)
    days = np.arange(due + grace - span + 1, due + grace + 1).astype("datetime64[D]")
    paused = sum(
        ((days >= start + PAUSE[0]) & (days <= start + PAUSE[1])).sum() for start in NEW_YEARS
    )
    december = (days.astype("datetime64[M]").astype("int64") % 12 == 11).sum()
    assert found["festival"][0] == pytest.approx(paused / (PAUSE[1] - PAUSE[0] + 1))
    assert found["year_end"][0] == pytest.approx(december / span)


def test_without_a_due_date_there_is_no_season():
    assert all((values == 0).all() for values in season(np.array([NEVER]), GRACE).values())
