"""The allowance: known answers, cents that add up, the future hidden, the law's wording kept."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from insights import connect
from insights.delinquency.allowance.given_default import (
    default_cases,
    loss_given_default,
    loss_given_default_of,
)
from insights.delinquency.allowance.loss_rates import METHODS, LossHistory, default_rates
from insights.delinquency.allowance.losses import expected_losses, fit_survival
from insights.delinquency.allowance.method_trial import (
    TRIAL_COLUMNS,
    chosen_method,
    method_scores,
    method_trial,
)
from insights.delinquency.allowance.provision import (
    RATE_COLUMNS,
    allowance_backtest,
    allowance_by,
    beside_ecl,
    item_allowances,
    loss_rate_table,
    provision_matrix,
    reconciliation,
    share_out,
)
from insights.delinquency.allowance.rolls import ROLL_COLUMNS, Buckets, OpenMoney, roll_rates
from insights.features.ledger import open_ledger
from insights.params import DelinquencyParams
from ledger_rows import cash, lost

PARAMS = DelinquencyParams(loss_min_items=1, lgd_min_cases=1)
LAST = "2025-12-31"


def number(day: str) -> int:
    return int(np.datetime64(day, "D").astype("int64"))


def due_items(*rows: dict) -> pd.DataFrame:
    base = {"customer_id": "C1", "issued_on": "2023-01-01", "amount": 100.0}
    frame = pd.DataFrame([{"invoice_id": f"I{n}"} | base | row for n, row in enumerate(rows)])
    return frame.assign(
        issued_on=pd.to_datetime(frame.issued_on), due_on=pd.to_datetime(frame.due_on)
    )


@pytest.fixture
def ledger_of(write_source):
    def build(as_of: str = LAST, **frames: pd.DataFrame):
        return open_ledger(connect(write_source(**frames)), as_of)

    return build


@pytest.fixture(scope="module")
def demo_ledger(demo_dir):
    return open_ledger(connect(demo_dir), LAST)


@pytest.fixture(scope="module")
def demo_rates(demo_ledger):
    return loss_rate_table(demo_ledger, DelinquencyParams())


STILL_UNPAID = (1 + np.arange(0, 368) / 20) ** -1.2


def slow_payers() -> dict[str, pd.DataFrame]:
    """Of what falls due on a day, STILL_UNPAID[d] is unpaid d days later: ever slower (Pareto)."""
    due = pd.date_range("2022-06-01", "2025-11-30", freq="12D")
    waits = np.arange(len(STILL_UNPAID) - 1)
    amount = np.round(1e6 * -np.diff(STILL_UNPAID), 2)
    grid = pd.DataFrame({"due_on": np.repeat(due, len(waits)), "wait": np.tile(waits, len(due))})
    never = pd.DataFrame({"due_on": due, "wait": 9999})
    rows = pd.concat([grid, never], ignore_index=True)
    sums = np.append(np.tile(amount, len(due)), np.repeat(1e6 * STILL_UNPAID[-1], len(due)))
    paid_on = rows.due_on + pd.to_timedelta(rows["wait"], unit="D")
    ids = "I" + rows.index.astype("str")
    invoices = pd.DataFrame(
        {"invoice_id": ids, "customer_id": "C1", "issued_on": rows.due_on - pd.Timedelta(days=30),
         "due_on": rows.due_on, "amount": sums}
    )  # fmt: skip
    payments = pd.DataFrame(
        {"payment_id": ids, "invoice_id": ids, "paid_on": paid_on, "amount": sums}
    )
    return {"invoices": invoices, "payments": payments[payments.paid_on <= LAST]}


# ---- the matrix ---------------------------------------------------------------------------------


def test_the_worked_example_of_the_field(ledger_of):
    params = DelinquencyParams(
        buckets=(0, 30, 60), provision_rates=(("all", (0.015, 0.034, 0.071, 0.108)),)
    )
    rows = [("2026-02-01", 7e6), ("2025-12-15", 4e6), ("2025-11-15", 2.5e6), ("2025-06-01", 1e6)]
    ledger = ledger_of(invoices=due_items(*[{"due_on": d, "amount": a} for d, a in rows]))
    given = item_allowances(ledger, loss_rate_table(ledger, params), params)
    wanted = [10_500_000, 13_600_000, 17_750_000, 10_800_000]
    assert sorted(given.allowance_cents) == sorted(wanted)
    assert provision_matrix(given).allowance_cents.sum() == 52_650_000
    assert (reconciliation(ledger, given).difference_cents == 0).all()
    more = replace(params, forward_looking=0.1, forward_looking_reason="the fund pays later")
    raised = item_allowances(ledger, loss_rate_table(ledger, more), more)
    assert raised.allowance_cents.sum() == 57_915_000


@given(
    st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 3)), max_size=40),
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_shares_sum_to_the_rounded_cell_and_stay_within_their_item(rows, rates):
    cents = np.array([row[0] for row in rows], dtype="int64")
    cell = np.array([row[1] for row in rows], dtype="int64")
    rate = np.array(rates)[cell]
    shares = share_out(cents, rate, cell)
    assert ((shares >= 0) & (shares <= cents)).all()
    assert (np.abs(shares - cents * rate) <= 1).all()
    for place in set(cell.tolist()):
        mine = cell == place
        assert abs(int(shares[mine].sum()) - cents[mine].sum() * rates[place]) <= 0.5 + 1e-3


def test_policy_rates_by_group_and_what_no_rate_covers(ledger_of):
    params = DelinquencyParams(buckets=(0, 30), provision_rates=(("pharmacy", (0.0, 0.1, 0.5)),))
    customers = pd.DataFrame(
        {"customer_id": ["C1", "C2"], "region_id": ["r", "r"],
         "customer_type": ["pharmacy", "hospital"], "ownership": [None, "public"]}
    )  # fmt: skip
    ledger = ledger_of(
        customers=customers,
        invoices=due_items(
            {"due_on": "2025-12-20"}, {"due_on": None},
            {"due_on": "2025-12-20", "customer_id": "C2"},
        ),
    )  # fmt: skip
    given = item_allowances(ledger, loss_rate_table(ledger, params), params).set_index("invoice_id")
    assert given.allowance_cents["I0"] == 1000
    assert given.allowance_cents[["I1", "I2"]].isna().all()
    assert "no due date" in given.reason["I1"] and "provision_rates" in given.reason["I2"]
    assert given.group["I2"] == "public hospital"
    assert allowance_by(given, "region_id").uncovered_cents.item() == 20_000
    assert (reconciliation(ledger, given).difference_cents == 0).all()


# ---- following the money ------------------------------------------------------------------------


def test_what_counts_as_unpaid(ledger_of):
    ledger = ledger_of(
        invoices=pd.concat(
            [
                due_items(*[{"due_on": "2025-01-31"}] * 5),
                pd.DataFrame(
                    {"invoice_id": ["N"], "customer_id": ["C1"], "kind": ["credit_note"],
                     "issued_on": [pd.Timestamp("2025-03-01")], "amount": [-100.0],
                     "credits_invoice_id": ["I2"]}
                ),
            ]
        ),
        payments=cash(("I0", "2025-03-01", 40.0), ("I4", "2025-08-01", 50.0)),
        writeoffs=lost(("I1", "2025-03-01", 100.0), ("I3", "2025-01-01", 60.0),
                       ("I4", "2025-03-01", 100.0), ("I4", "2025-08-01", -50.0)),
    )  # fmt: skip
    money = OpenMoney.of(ledger)
    place = dict(zip(ledger.items.invoice_id, ledger.items.index, strict=True))
    item = np.array([place[f"I{n}"] for n in range(5)])
    start = np.full(5, number("2025-02-15"))
    june, later = np.full(5, number("2025-06-30")), np.full(5, number("2025-12-31"))
    assert money.open_at(item, start).tolist() == [10000, 10000, 10000, 4000, 10000]
    assert money.unpaid_after(item, start, june).tolist() == [6000, 10000, 0, 4000, 10000]
    assert money.unpaid_after(item, start, later).tolist() == [6000, 10000, 0, 4000, 5000]


def test_roll_rates_by_hand(ledger_of):
    ledger = ledger_of(
        "2025-03-31",
        invoices=due_items(
            {"due_on": "2025-01-15", "amount": 100.0},
            {"due_on": "2025-01-20", "amount": 300.0},
            {"due_on": "2025-03-10", "amount": 50.0},
        ),
        payments=cash(("I1", "2025-02-20", 100.0), ("I0", "2025-01-10", 20.0)),
    )
    params = replace(PARAMS, buckets=(0, 30, 60))
    table = roll_rates(ledger, params)
    assert list(table.columns) == ROLL_COLUMNS
    mine = table[table.group == "all"].set_index("bucket")
    young = mine.loc["1-30 days"]
    # 31 January: 80 and 300 in the bucket; 30 days later 100 of the 300 was paid.
    assert (young.months, young["items"], young.lag_days) == (1, 2, 30)
    assert (young.balance_cents, young.rolled_cents) == (38_000, 28_000)
    assert young.roll_rate == pytest.approx(28 / 38)
    assert mine.roll_rate.isna()["61-365 days"] and mine.reason["61-365 days"] != ""
    assert mine.reason["no due date"] == "nothing older to roll to"


def test_unequal_widths_bias_the_plain_product_but_not_the_chain(tmp_path):
    frames = slow_payers()
    for name, frame in frames.items():
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    ledger = open_ledger(connect(tmp_path), LAST)
    params = replace(PARAMS, roll_months=24)
    history = LossHistory.of(ledger, params)
    rolls = roll_rates(ledger, params)
    plain = rolls[rolls.group == "all"].roll_rate.to_numpy()[1:6]
    found = {
        name: default_rates(history, name, ledger.day).query("group == 'all'").default_rate
        for name in METHODS
    }
    flow, cohort = (found[name].to_numpy()[1:6] for name in METHODS)
    truth = STILL_UNPAID[366] * 30 / STILL_UNPAID[1:31].sum()
    assert flow[0] == pytest.approx(truth, rel=0.05)
    assert cohort[0] == pytest.approx(truth, rel=0.05)
    assert np.prod(plain) > 1.1 * truth
    assert (np.diff(flow) >= 0).all() and (np.diff(cohort) >= 0).all()


def test_a_small_or_lossless_group_takes_the_companys_rate(demo_ledger):
    history = LossHistory.of(demo_ledger, DelinquencyParams())
    for name in METHODS:
        table = default_rates(history, name, demo_ledger.day).set_index(["group", "place"])
        assert (table.borrowed["military hospital"].iloc[:6] > 0).all()
        assert (table.default_rate > 0).all()
        assert (table.borrowed["all"] == 0).all()
        assert table.default_rate.groupby("group").apply(lambda r: r.is_monotonic_increasing).all()


def test_the_method_is_picked_on_decided_balances(demo_ledger):
    params = DelinquencyParams()
    trial = method_trial(LossHistory.of(demo_ledger, params), demo_ledger.day)
    assert list(trial.columns) == TRIAL_COLUMNS
    both = trial.groupby(["origin", "method"]).lost_cents.sum().unstack("method")
    assert (both.flow == both.cohort).all() and len(both) == 4
    scores = method_scores(trial)
    name, why = chosen_method(scores, params)
    assert name == scores.sort_values("error_cents").method.iloc[0] and "missed" in why
    assert chosen_method(scores, replace(params, loss_method="flow"))[0] == "flow"
    assert chosen_method(scores.iloc[:0], params)[0] == "flow"


# ---- loss given default -------------------------------------------------------------------------


def test_loss_given_default_by_hand(ledger_of):
    ledger = ledger_of(
        invoices=due_items(*[{"due_on": "2023-06-01"}] * 3),
        payments=cash(("I0", "2023-05-01", 20.0), ("I1", "2025-05-31", 50.0),
                      ("I2", "2024-02-01", 30.0)),
        writeoffs=lost(("I2", "2024-01-01", 100.0), ("I2", "2024-02-01", -30.0)),
    )  # fmt: skip
    cases = default_cases(ledger, PARAMS).sort_values("item")
    assert cases.exposure_cents.tolist() == [8000, 10000, 10000]
    assert cases.cash_cents.tolist() == [0, 5000, 3000]
    value = 5000 / 1.0435 ** (365 / 365) + 3000 / 1.0435 ** (31 / 365)
    table = loss_given_default(ledger, PARAMS).set_index("group")
    assert table.measured["all"] == pytest.approx(1 - round(value) / 28000)
    short = loss_given_default(ledger, replace(PARAMS, lgd_min_cases=9)).set_index("group")
    assert short.measured.isna().all() and short.loss_given_default["all"] == 0.45
    assert "fewer than 9 cases" in short.basis["all"]


def test_expected_losses_take_the_items_own_severity(demo_ledger):
    items = demo_ledger.items[demo_ledger.items.open_cents > 0].head(50)
    rows = items.assign(exposure=items.open_cents / 100, probability=0.4)
    survival = fit_survival(demo_ledger, 365)
    params = DelinquencyParams()
    severity = loss_given_default(demo_ledger, params)
    plain = expected_losses(rows, survival, params)
    own = expected_losses(rows, survival, params, loss_given_default_of(rows, severity))
    ratio = own.expected_loss / plain.expected_loss
    wanted = loss_given_default_of(rows, severity) / params.loss_given_default
    assert np.allclose(ratio, wanted) and list(plain.columns) == list(own.columns)


# ---- tied out, foretold, hidden -----------------------------------------------------------------


def test_the_demo_companys_allowance_ties_out(demo_ledger, demo_rates):
    params = DelinquencyParams()
    assert list(demo_rates.columns) == RATE_COLUMNS
    given = item_allowances(demo_ledger, demo_rates, params)
    checks = reconciliation(demo_ledger, given)
    assert (checks.difference_cents == 0).all() and len(checks) >= 12
    by_region = allowance_by(given, "region_id").allowance_cents.sum()
    matrix = provision_matrix(given)
    assert by_region == matrix.allowance_cents.sum() == given.allowance_cents.sum()
    cells = np.floor(matrix.balance_cents * matrix.rate + 0.5)
    assert (matrix.allowance_cents == cells).all()
    assert (given.allowance_cents <= given.open_cents).all()


def test_the_difference_to_the_ecl_is_split_without_a_rest(demo_ledger):
    params = DelinquencyParams(
        forward_looking=0.05, forward_looking_reason="a test", loss_method="flow"
    )
    given = item_allowances(demo_ledger, loss_rate_table(demo_ledger, params), params)
    rng = np.random.default_rng(1)
    invoices = pd.DataFrame({"default_probability": rng.random(len(given))}, index=given.index)
    invoices.iloc[:3] = np.nan
    table = beside_ecl(given, invoices, loss_given_default(demo_ledger, params))
    parts = ("forward", "severity", "default", "rounding")
    split = sum(table[f"from_{part}_cents"] for part in parts)
    assert (split == table.difference_cents).all()
    assert table.from_rounding_cents.abs().max() <= len(given)
    assert (table.matrix_cents - table.ecl_cents == table.difference_cents).all()
    assert table.set_index("group").items_left_out["all"] == 3
    same = invoices.assign(default_probability=given.default_rate)
    close = beside_ecl(given, same, loss_given_default(demo_ledger, params))
    assert close.from_default_cents.abs().max() <= len(given)


def test_the_backtest_sums_and_knows_only_what_was_known(demo_dir, demo_ledger):
    params = DelinquencyParams()
    table = allowance_backtest(demo_ledger, params).set_index("group")
    fate = table.lost_cents + table.undecided_cents + table.paid_cents
    assert (fate == table.balance_cents).all()
    then = open_ledger(connect(demo_dir), "2024-12-31")
    given = item_allowances(then, loss_rate_table(then, params), params)
    assert table.balance_cents["all"] == then.outstanding_cents
    assert table.allowance_cents["all"] == given.allowance_cents.sum()
    assert 0.8 < table.ratio["all"] < 1.5


def test_a_backtest_by_hand(ledger_of):
    policy = tuple((0.1,) * 9)
    params = DelinquencyParams(provision_rates=(("all", policy),))
    ledger = ledger_of(
        invoices=due_items(
            {"due_on": "2024-11-30"}, {"due_on": "2024-11-30"}, {"due_on": "2025-03-31"},
            {"due_on": "2024-12-15"},
        ),
        payments=cash(("I0", "2025-02-01", 30.0), ("I2", "2025-02-01", 10.0)),
        writeoffs=lost(("I3", "2025-10-01", 100.0)),
    )  # fmt: skip
    row = allowance_backtest(ledger, params).set_index("group").loc["all"]
    assert (row.balance_cents, row.allowance_cents) == (40_000, 4_000)
    assert (row.lost_cents, row.undecided_cents, row.paid_cents) == (27_000, 9_000, 4_000)
    assert row.ratio == pytest.approx(4 / 27)


def test_rates_of_an_earlier_day_do_not_see_the_later_rows(demo_dir, demo_ledger):
    params = DelinquencyParams()
    then = open_ledger(connect(demo_dir), "2025-05-20")
    late = loss_rate_table(demo_ledger, params, then.day)
    pd.testing.assert_frame_equal(late, loss_rate_table(then, params))
    seen = loss_given_default(demo_ledger, params, then.day)
    pd.testing.assert_frame_equal(seen, loss_given_default(then, params))


def test_row_order_does_not_matter(demo_dir, demo_ledger, write_source):
    names = ("invoices", "payments", "writeoffs", "customers")
    frames = {name: pd.read_parquet(demo_dir / f"{name}.parquet") for name in names}
    mixed = {name: frame.sample(frac=1, random_state=7) for name, frame in frames.items()}
    ledger = open_ledger(connect(write_source("mixed", **mixed)), LAST)
    params = DelinquencyParams(loss_method="flow")
    rates = loss_rate_table(demo_ledger, params)
    pd.testing.assert_frame_equal(loss_rate_table(ledger, params), rates)
    pd.testing.assert_frame_equal(
        item_allowances(ledger, rates, params), item_allowances(demo_ledger, rates, params)
    )


# ---- edges --------------------------------------------------------------------------------------


def everything(ledger, params: DelinquencyParams) -> pd.DataFrame:
    """Run every public function; what must always hold is asserted here."""
    given = item_allowances(ledger, loss_rate_table(ledger, params), params)
    assert (reconciliation(ledger, given).difference_cents == 0).all()
    assert given.open_cents.sum() == ledger.outstanding_cents
    assert len(roll_rates(ledger, params)) and len(allowance_backtest(ledger, params))
    provision_matrix(given)
    return given


def test_an_empty_ledger_needs_no_allowance(ledger_of):
    given = everything(ledger_of("2022-01-01", invoices=due_items({"due_on": None})), PARAMS)
    assert given.empty


def test_one_open_item_without_history_is_uncovered_not_zero(ledger_of):
    ledger = ledger_of("2023-02-01", invoices=due_items({"due_on": "2023-01-20"}))
    given = everything(ledger, PARAMS)
    assert given.allowance_cents.isna().all() and "no history" in given.reason.item()


def test_nothing_overdue_and_everything_lost(ledger_of):
    due = pd.date_range("2023-01-10", "2025-06-01", freq="7D").strftime("%Y-%m-%d")
    rows = due_items(*[{"due_on": d, "issued_on": "2023-01-01"} for d in due])
    paid = cash(*[(f"I{n}", d, 100.0) for n, d in enumerate(due[:-3])])
    flow = replace(PARAMS, loss_method="flow")
    good = everything(ledger_of("2025-05-15", invoices=rows, payments=paid), flow)
    assert (good.allowance_cents == 0).all() and len(good) == 3
    bad = everything(ledger_of(invoices=rows), flow)
    assert bad.rate.dropna().eq(1).all()


def test_by_invoice_date_nothing_is_not_yet_due(demo_ledger):
    params = DelinquencyParams(provision_basis="invoice_date", loss_method="flow")
    given = item_allowances(demo_ledger, loss_rate_table(demo_ledger, params), params)
    assert given.open_cents.sum() == demo_ledger.outstanding_cents
    assert "not yet due" not in set(given.bucket) and given.allowance_cents.sum() > 0


def test_a_default_inside_a_bucket_cuts_it(demo_ledger):
    params = DelinquencyParams(default_days=270, loss_method="cohort")
    assert "181-270 days" in Buckets.of(params).names
    given = item_allowances(demo_ledger, loss_rate_table(demo_ledger, params), params)
    assert (given.default_rate[given.bucket == "271-365 days"] == 1).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"forward_looking": 0.1}, "forward_looking_reason"),
        ({"provision_rates": (("all", (0.1, 0.2)),)}, "all has 2 rates; the buckets need 9"),
        ({"provision_rates": (("a", (0.1,) * 9), ("a", (0.1,) * 9))}, "names a group twice"),
        ({"agreed_late_rate": 0.02}, "below lpr_1y"),
    ],
)
def test_contradicting_params_are_refused(changes, words):
    with pytest.raises(ValidationError, match=words):
        DelinquencyParams(**changes)


@pytest.mark.skipif(
    "INSIGHTS_TRIAL_DATA" not in os.environ, reason="INSIGHTS_TRIAL_DATA is unset: no real ledger"
)
def test_the_real_ledger_ties_out_region_by_region(ledger_of):
    raw = pd.read_csv(Path(os.environ["INSIGHTS_TRIAL_DATA"]) / "ibm_accounts_receivable.csv")
    when = {
        name: pd.to_datetime(raw[name], format="%m/%d/%Y")
        for name in ("InvoiceDate", "DueDate", "SettledDate")
    }
    ids = raw.invoiceNumber.astype("str")
    owners = raw.drop_duplicates("customerID")
    ledger = ledger_of(
        "2013-06-30",
        invoices=pd.DataFrame(
            {"invoice_id": ids, "customer_id": raw.customerID, "amount": raw.InvoiceAmount,
             "issued_on": when["InvoiceDate"], "due_on": when["DueDate"]}
        ),
        payments=pd.DataFrame(
            {"payment_id": ids, "invoice_id": ids, "amount": raw.InvoiceAmount,
             "paid_on": when["SettledDate"]}
        ),
        customers=pd.DataFrame(
            {"customer_id": owners.customerID, "region_id": owners.countryCode.astype("str")}
        ),
    )  # fmt: skip
    given = everything(ledger, DelinquencyParams(default_days=60, loss_method="flow"))
    assert given.region_id.nunique() > 3 and given.allowance_cents.notna().all()
