"""Turnover: known answers by hand, blind to the future, reasons instead of zeros."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights import connect
from insights.delinquency.books.turnover import (
    CURRENT_COLUMNS,
    RATIOS,
    TURNOVER_COLUMNS,
    current_turnover,
    turnover,
    turnover_of,
)
from insights.features.ledger import open_ledger

LAST = "2024-03-31"
SUMS = [name for name in TURNOVER_COLUMNS if name.endswith("_cents")]


def dated(rows: list[dict]) -> pd.DataFrame:
    made = pd.DataFrame(rows)
    for name in made.columns[made.columns.str.endswith("_on")]:
        made[name] = pd.to_datetime(made[name])
    return made


def hand() -> dict[str, pd.DataFrame]:
    """East (C1) as worked out below; west (C2) has one invoice, brought forward."""
    claims = [
        ("A", "C1", "2024-01-11", "2024-02-10", 310.0, "invoice", None),
        ("B", "C1", "2024-02-10", "2024-03-11", 290.0, "invoice", None),
        ("C", "C1", "2024-03-02", "2024-04-01", 620.0, "invoice", None),
        ("N", "C1", "2024-03-20", None, -310.0, "credit_note", "C"),
        ("O", "C2", "2023-12-01", "2023-12-31", 40.0, "opening", None),
    ]
    names = ("invoice_id", "customer_id", "issued_on", "due_on", "amount", "kind",
             "credits_invoice_id")  # fmt: skip
    cash = [("A", "2024-02-20", 100.0), ("A", "2024-03-15", 110.0), ("B", "2024-03-05", 90.0)]
    return {
        "invoices": dated([dict(zip(names, row, strict=True)) for row in claims]),
        "payments": dated(
            [
                {"payment_id": f"P{n}", "invoice_id": i, "paid_on": day, "amount": amount}
                for n, (i, day, amount) in enumerate(cash)
            ]
        ),
        "customers": pd.DataFrame({"customer_id": ["C1", "C2"], "region_id": ["east", "west"]}),
    }


REGIONS = pd.DataFrame(
    {"region_id": ["east", "west", "china"], "parent_id": ["china", "china", None]}
)


@pytest.fixture
def ledger_of(write_source):
    def build(as_of: str = LAST, **frames: pd.DataFrame):
        return open_ledger(connect(write_source(**frames)), as_of)

    return build


def row_of(table: pd.DataFrame, region: str) -> pd.Series:
    return table[table.region_id == region].iloc[-1]


def test_a_month_by_hand(ledger_of):
    """Open on 31 March: A 100 and B 200 overdue, C 310 not yet due; sales of March 620 - 310."""
    table = turnover(ledger_of(**hand()), months=1, period_months=1)
    row = row_of(table, "east")
    assert list(table.columns) == TURNOVER_COLUMNS
    assert (row.days, str(row.ends_on.date()), row.reason) == (31, LAST, "")
    assert row[["ar_cents", "overdue_cents", "sales_cents", "cash_cents"]].tolist() == [
        61000, 30000, 31000, 20000
    ]  # fmt: skip
    assert row.dso == pytest.approx(610 / 310 * 31)
    assert row.best_possible_dso == pytest.approx(31)
    assert row.days_delinquent == pytest.approx(30)
    # March 310 and February 290 leave 10 of January's 310: 31 + 29 + 1 days.
    assert row.countback_dso == pytest.approx(31 + 29 + 10 / 310 * 31)
    # A is 80 days old, B 50, C 29, each against the sales of its month.
    assert row.true_dso == pytest.approx(80 * 100 / 310 + 50 * 200 / 290 + 29 * 310 / 310)
    # Open on 29 February: A 210, B 290. (500 + 310 - 610) / (500 + 310 - 310).
    assert row.opening_ar_cents == 50000 and row.cei == pytest.approx(40)
    assert row.overdue_ratio == pytest.approx(300 / 610)
    # A 210 was overdue, B 290 fell due; 110 + 90 came in.
    assert (row.opening_overdue_cents, row.falling_due_cents) == (21000, 29000)
    assert row.collection_rate == pytest.approx(200 / 500)


def test_a_quarter_by_hand(ledger_of):
    row = row_of(turnover(ledger_of(**hand()), months=1, period_months=3), "east")
    assert row.days == 91 and row.dso == pytest.approx(610 / 910 * 91)
    assert row.collection_rate == pytest.approx(300 / 600)
    # Nothing was open before: 0 + 910/3 is less than the 310 not yet due.
    assert np.isnan(row.cei)
    assert row.reason == "collection effectiveness: nothing could be collected"


def test_the_middle_of_a_month_counts_the_days_gone(ledger_of):
    """15 March: A 100, B 200, C 620 open; from 16 February on 620 were sold, none of it credited.

    Counted back: March 620 in 15 days, February 290 in 29, 10 of January's 310.
    """
    table = current_turnover(ledger_of("2024-03-15", **hand()), period_months=1)
    assert list(table.columns) == CURRENT_COLUMNS and len(table) == 3 * len(RATIOS)
    value = table[table.region_id == "east"].set_index("measure").value
    assert value["DSO"] == round(920 / 620 * 29, 1)
    assert value["count-back DSO"] == 15 + 29 + 1
    assert value["overdue ratio"] == round(100 * 300 / 920, 1)
    assert value["collection rate"] == round(100 * 300 / (310 + 290), 1)


def test_what_is_undefined_says_why(ledger_of):
    table = turnover(ledger_of(**hand()), months=3, period_months=1)
    west = row_of(table, "west")
    defined = ["overdue_ratio", "cei", "collection_rate"]
    assert west[defined].tolist() == [1.0, 0.0, 0.0]
    assert west.drop(defined)[[n for n in RATIOS if n not in defined]].isna().all()
    assert west.reason == (
        "DSO, best-possible DSO, average days delinquent: no net credit sales in the period; "
        "count-back DSO: all sales so far are less than what is owed; "
        "true DSO: the month of an open item has no net sales"
    )
    assert not np.isinf(table[RATIOS].to_numpy()).any()


def test_a_period_before_the_books_is_unknown(ledger_of):
    table = turnover(ledger_of(**hand()), months=12, period_months=3)
    assert table[table.region_id == "east"].ends_on.dt.strftime("%Y-%m-%d").tolist() == [
        "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"
    ]  # fmt: skip
    february = table[(table.region_id == "east") & (table.ends_on == "2024-02-29")].iloc[0]
    assert np.isnan(february.dso) and np.isnan(february.collection_rate)
    assert "the period begins before the books, on 2024-01-01" in february.reason
    assert february.countback_dso == pytest.approx(29 + 210 / 310 * 31)


def test_slices_add_up_and_the_whole_is_not_the_mean(ledger_of):
    ledger = ledger_of(**hand())
    table = turnover(ledger, months=2, period_months=1, regions=REGIONS)
    last = table[table.ends_on == LAST].set_index("region_id")
    assert last.index.tolist() == ["all", "east", "west", "china"]
    assert (last.loc["all", SUMS] == last.loc[["east", "west"], SUMS].sum()).all()
    assert last.loc["china"].drop("ends_on").equals(last.loc["all"].drop("ends_on"))
    assert last.loc["all", "dso"] == pytest.approx(650 / 310 * 31)
    chosen = turnover_of(ledger, (ledger.items.customer_id == "C1").to_numpy(), 2, 1)
    east = table[table.region_id == "east"].reset_index(drop=True)
    columns = [name for name in TURNOVER_COLUMNS if name != "region_id"]
    pd.testing.assert_frame_equal(chosen[columns], east[columns])


def test_cash_counts_on_the_day_it_came(ledger_of):
    """50 on account in February finds nothing open until March, and is February's cash."""
    frames = hand()
    early = dated([{"payment_id": "E", "customer_id": "C2", "paid_on": "2024-02-05",
                    "amount": 90.0}])  # fmt: skip
    later = dated([{"invoice_id": "L", "customer_id": "C2", "issued_on": "2024-03-03",
                    "due_on": "2024-03-09", "amount": 80.0, "kind": "invoice"}])  # fmt: skip
    frames |= {
        "payments": pd.concat([frames["payments"], early]),
        "invoices": pd.concat([frames["invoices"], later]),
    }
    table = turnover(ledger_of(**frames), months=2, period_months=1)
    west = table[table.region_id == "west"]
    assert west.cash_cents.tolist() == [9000, 0] and west.ar_cents.tolist() == [0, 3000]


def test_nothing_owed_is_zero_days_and_no_ratio(ledger_of):
    frames = hand()
    claims = frames["invoices"]
    paid = claims[claims.kind == "invoice"].assign(payment_id=lambda f: "Q" + f.invoice_id)
    cash = paid.rename(columns={"issued_on": "paid_on"})[
        ["payment_id", "invoice_id", "paid_on", "amount"]
    ]
    only = claims[claims.kind == "invoice"]
    table = turnover(ledger_of(invoices=only, payments=cash), months=1, period_months=1)
    row = row_of(table, "all")
    assert row[["dso", "best_possible_dso", "countback_dso", "true_dso"]].tolist() == [0, 0, 0, 0]
    assert np.isnan(row.overdue_ratio) and "overdue ratio: nothing is owed" in row.reason
    assert row.cei == 100


def test_only_what_was_brought_forward(ledger_of):
    frames = hand()
    only = frames["invoices"][frames["invoices"].kind == "opening"]
    ledger = ledger_of(invoices=only)
    assert turnover(ledger).empty and list(turnover(ledger).columns) == TURNOVER_COLUMNS
    shown = current_turnover(ledger).set_index("measure")
    assert shown.value.drop("overdue ratio").isna().all()
    assert shown.note["DSO"] == "no invoice beside what was brought forward"
    assert shown.value["overdue ratio"] == 100


def test_an_empty_ledger(ledger_of):
    ledger = ledger_of("2020-01-01", **hand())
    assert turnover(ledger).empty
    assert current_turnover(ledger).value.isna().sum() == len(RATIOS) - 2


def test_the_past_of_a_later_ledger_is_the_ledger_of_the_past(demo):
    then = turnover(open_ledger(demo, "2025-06-30"), 4, 3, demo.regions)
    now = turnover(open_ledger(demo, "2025-12-31"), 10, 3, demo.regions)
    same = now[now.ends_on <= "2025-06-30"].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, then, check_exact=True)
    leaves = then[then.region_id.isin(demo.leaves())].groupby("ends_on")[SUMS].sum()
    pd.testing.assert_frame_equal(leaves, then[then.region_id == "all"].set_index("ends_on")[SUMS])


def test_as_of_a_month_end_is_the_last_row(demo):
    ledger = open_ledger(demo, "2025-12-31")
    last = row_of(turnover(ledger, 1), "all")
    shown = current_turnover(ledger)
    assert int(last.ar_cents) == ledger.outstanding_cents
    scale = np.where(np.isin(RATIOS, ["overdue_ratio", "collection_rate"]), 100, 1)
    expected = (last[RATIOS].to_numpy("float64") * scale).round(1)
    assert shown[shown.region_id == "all"].value.tolist() == expected.tolist()


def test_row_order_does_not_matter(ledger_of):
    frames = hand()
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
    one, two = turnover(ledger_of(**frames), 3, 1), turnover(ledger_of(**mixed), 3, 1)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
