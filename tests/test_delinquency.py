"""Delinquency: the future hidden, the truth recovered, and every bad case answered in words."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score

from insights import connect, load_params
from insights.delinquency import predict_delinquency, review_receivables
from insights.delinquency.allowance.losses import fit_survival
from insights.delinquency.learning.backtest import calibration_error
from insights.delinquency.learning.snapshots import snapshots
from insights.features.invoices import invoice_features, outcomes
from insights.features.ledger import open_ledger
from insights.params import DelinquencyParams
from insights.store import cached
from insights.tables import RegionError
from insights.words import speak
from small_company import LAST, company, until, written

PARAMS = DelinquencyParams(folds=2)
CONTRACT = [
    "invoice_id", "instalment_no", "customer_id", "region_id", "probability", "grade", "exposure",
    "expected_loss", "reasons", "due_on", "days_past_due",
]  # fmt: skip


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return company()


@pytest.fixture(scope="module")
def source(frames, tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("company"), frames)


@pytest.fixture(scope="module")
def result(source):
    return predict_delinquency(connect(source), LAST, PARAMS)


@pytest.fixture(scope="module")
def demo_result(demo_dir):
    review = cached(review_receivables, connect(demo_dir), LAST, load_params().delinquency)
    return review.delinquency


def test_every_open_item_and_only_those(result, source):
    ledger = open_ledger(connect(source), LAST)
    assert set(CONTRACT) <= set(result.invoices.columns)
    opened = ledger.items[ledger.items.open_cents > 0]
    assert list(result.invoices.invoice_id) == list(opened.invoice_id)
    assert result.invoices.open_cents.sum() == ledger.outstanding_cents
    assert result.invoices.probability.between(0, 1).all()
    assert (result.invoices.reasons.str.len() > 0).all()
    assert result.status == "ok" and result.analysis == "delinquency"


def test_past_its_grace_is_certain_and_older_is_riskier(result):
    rows = result.invoices
    gone = rows.days_past_due >= PARAMS.grace_days
    assert (rows.probability[gone] == 1).all() and (rows.probability[~gone] < 1).all()
    young = rows.probability[rows.days_past_due < -10].mean()
    overdue = rows.probability[rows.days_past_due.between(10, PARAMS.grace_days - 1)].mean()
    assert overdue > young + 0.2


def test_a_result_can_be_read_kept_and_shown(result):
    assert isinstance(result.plot(), Figure) and isinstance(result.plot_calibration(), Figure)
    assert list(result.check().columns) == ["check", "value", "bound", "verdict"]
    assert len(result.summary()) <= 12 and len(result.summary().columns) <= 8
    assert len(result.actions()) <= 15
    assert str(pickle.loads(pickle.dumps(result))) == str(result) == result._repr_markdown_()
    assert all(isinstance(value, float) for value in result.headline().values())
    assert result.tables()["ageing"].exposure.iloc[-1] == pytest.approx(
        result.headline()["outstanding"]
    )


def test_regions_add_up(result):
    south, east = result.for_region("0012"), result.for_region("east")
    whole = result.headline()["outstanding"]
    assert south.headline()["outstanding"] + east.headline()["outstanding"] == pytest.approx(whole)
    assert result.for_region("china").headline()["outstanding"] == pytest.approx(whole)
    bare = result.for_region("bare")
    assert bare.status == "not_enough_data" and "bare" in bare.reason
    assert bare.reason in str(bare)
    for part in (bare.summary(), bare.check(), bare.actions()):
        assert isinstance(part, pd.DataFrame)
    assert isinstance(bare.plot(), Figure)
    with pytest.raises(RegionError, match="known: 0012"):
        result.for_region("mars")


def test_row_order_and_repetition_change_nothing(frames, result, tmp_path):
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
    again = predict_delinquency(connect(written(tmp_path / "mixed", mixed)), LAST, PARAMS)
    pd.testing.assert_frame_equal(again.invoices, result.invoices, check_exact=True)


def test_lateness_is_known_the_day_after_grace_not_at_payment(write_source):
    invoices = pd.DataFrame(
        {
            "invoice_id": ["A", "B"],
            "customer_id": ["C", "C"],
            "issued_on": pd.to_datetime(["2024-01-01", "2024-01-01"]),
            "due_on": pd.to_datetime(["2024-01-31", "2025-01-31"]),
            "amount": [10.0, 10.0],
        }
    )
    payments = pd.DataFrame(
        {"payment_id": ["P"], "invoice_id": ["A"], "amount": [10.0],
         "paid_on": pd.to_datetime(["2024-09-01"])}
    )  # fmt: skip
    ledger = open_ledger(connect(write_source(invoices=invoices, payments=payments)), LAST)
    last_day = np.datetime64("2024-03-01", "D").astype("int64")
    points = pd.DataFrame({"item": [1, 1, 1], "day": last_day + np.array([0, 1, 300])})
    known = invoice_features(ledger, points, grace_days=30)
    assert known.late_count.tolist() == [0, 1, 1] and known.matured.tolist() == [0, 1, 1]


def test_a_censored_invoice_is_never_on_time(source):
    ledger = open_ledger(connect(source), "2025-06-30")
    rows = snapshots(ledger, PARAMS)
    as_of = np.datetime64("2025-06-30", "D").astype("int64")
    assert (rows.matures <= as_of).all() and (rows.day < rows.matures).all()
    became = outcomes(ledger, PARAMS.grace_days)
    unpaid = became[(became.settled > as_of) & became.matured & became.counts]
    assert unpaid.late.all() and len(unpaid) > 0


def test_the_worklist_goes_to_no_drug_representative(demo_result):
    owners = set(demo_result.tables()["worklist"].owner)
    assert owners <= {"commercial owner", "device representative"}
    rows = demo_result.invoices
    drug = set(rows.customer_id[rows.line_type != "device"])
    held = demo_result.tables()["worklist"]
    assert set(held.owner[held.customer_id.isin(drug)]) <= {"commercial owner"}


def test_the_demo_truth_is_recovered(demo_result, demo_dir):
    truth = pd.read_parquet(demo_dir / "truth" / "invoices.parquet")
    ledger = open_ledger(connect(demo_dir), LAST)
    keys = ["invoice_id", "instalment_no"]
    truth = ledger.items[keys].merge(truth, on=keys, how="left", validate="one_to_one")
    tested = demo_result.predictions[demo_result.predictions.view == "issue"]
    late = tested.late.to_numpy(bool)
    best = roc_auc_score(late, truth.probability.to_numpy()[tested["item"]])
    ours = roc_auc_score(late, tested.used)
    naive = roc_auc_score(late, tested.late_rate)
    assert ours > naive + 0.005 and ours > best - 0.04
    ece, floor = calibration_error(tested.used.to_numpy(), late)
    assert ece < floor + 0.03
    assert demo_result.uses_blend


def test_the_demo_books_close(demo_result):
    for region in ("all", "east", "south"):
        books = demo_result.for_region(region).check().iloc[:2]
        assert (books.value == "0.00").all() and "cent" in books.verdict.iloc[1]


def test_survival_of_overdue_items_is_known(write_source):
    """Half of the items are paid 10 days past due, the rest never: S(9) = 1, S(10) = 1/2."""
    n = 40
    invoices = pd.DataFrame(
        {
            "invoice_id": [f"I{k}" for k in range(n)],
            "customer_id": "C",
            "issued_on": pd.Timestamp("2023-01-01"),
            "due_on": pd.Timestamp("2023-02-01"),
            "amount": 1.0,
        }
    )
    payments = pd.DataFrame(
        {
            "payment_id": [f"P{k}" for k in range(0, n, 2)],
            "invoice_id": [f"I{k}" for k in range(0, n, 2)],
            "paid_on": pd.Timestamp("2023-02-11"),
            "amount": 1.0,
        }
    )
    source = write_source(invoices=invoices, payments=payments)
    survival = fit_survival(open_ledger(connect(source), LAST), 100)
    rows = np.zeros(3, dtype=int)
    assert survival.default_share(rows, np.array([0, 10, 100])).tolist() == [0.5, 1.0, 1.0]
    assert survival.days_to_run(rows[:1], np.array([0]))[0] == pytest.approx(9 + 91 * 0.5)


def test_missing_tables_cost_only_their_part(frames, tmp_path):
    only = {name: frames[name] for name in ("invoices", "payments")}
    found = predict_delinquency(connect(written(tmp_path / "only", only)), LAST, PARAMS)
    assert found.status == "ok" and "region_id" not in found.invoices
    assert found.for_region("all").invoices.probability.notna().all()
    said = " ".join(found.check().check)
    assert "table customers is missing" in said and "ledger_control" in said
    with pytest.raises(RegionError):
        found.for_region("east")


def test_no_invoices_table(frames, tmp_path):
    found = predict_delinquency(
        connect(written(tmp_path / "none", {"customers": frames["customers"]})), LAST
    )
    assert found.status == "not_enough_data" and "invoices is missing" in str(found)
    assert found.invoices.empty and set(CONTRACT) <= set(found.invoices.columns)
    shown = (found.plot(), found.plot_calibration())
    assert all(isinstance(figure, Figure) for figure in shown)
    assert isinstance(found.check(), pd.DataFrame)
    assert "invoices is missing" in found.actions().to_string()


def no_late(frames: dict) -> dict:
    invoices = frames["invoices"]
    at_once = pd.DataFrame(
        {
            "payment_id": invoices.invoice_id,
            "invoice_id": invoices.invoice_id,
            "paid_on": invoices.issued_on,
            "amount": invoices.amount,
        }
    )
    return frames | {"payments": at_once}


@pytest.mark.parametrize(
    ("make", "as_of", "words"),
    [
        (lambda f: f, "2020-01-01", "no invoice had been issued by 2020-01-01"),
        (lambda f: f, "2023-06-20", "only 0 items have matured; 200 are needed"),
        (lambda f: f | {"invoices": f["invoices"].head(20)}, LAST, "matured; 200 are needed"),
        (no_late, LAST, "0 of"),
    ],
    ids=["before the data", "before any maturity", "20 invoices", "nobody late"],
)
def test_too_little_is_said_and_the_ledger_stands(frames, tmp_path, make, as_of, words):
    tables = connect(written(tmp_path / "few", make(until(frames, LAST))))
    found = predict_delinquency(tables, as_of, PARAMS)
    assert found.status == "not_enough_data" and words in found.reason
    assert found.reason in str(found)
    assert found.invoices.probability.isna().all()
    assert found.invoices.open_cents.sum() == open_ledger(tables, as_of).outstanding_cents
    assert isinstance(found.summary(), pd.DataFrame) and isinstance(found.plot(), Figure)
    assert np.isnan(found.headline()["expected_loss"])


def test_one_customer_is_answered(frames, tmp_path):
    one = frames | {"invoices": frames["invoices"].assign(customer_id="C000")}
    found = predict_delinquency(connect(written(tmp_path / "one", one)), LAST, PARAMS)
    assert found.status == "ok" and found.invoices.probability.notna().all()


def test_an_item_without_due_date_has_no_probability(frames, tmp_path):
    invoices = frames["invoices"]
    lost = invoices.index[invoices.invoice_id.isin(["I00003"])]
    broken = invoices.assign(term_days=invoices.term_days.astype("Int64"))
    broken.loc[lost, "term_days"] = pd.NA
    source = written(
        tmp_path / "undated",
        frames | {"invoices": broken, "payments": frames["payments"].query("amount < 0")},
    )
    found = predict_delinquency(connect(source), LAST, replace(PARAMS, min_late=1, min_invoices=1))
    row = found.invoices.set_index("invoice_id").loc["I00003"]
    assert np.isnan(row.probability)
    assert found.faults["row"].tolist() == ["I00003/1"]
    assert found.summary().loc["no due date"].iloc[0] == 1


def test_the_model_is_used_only_where_it_beats_naive(tmp_path):
    """Payers drawn alike and nothing to learn: the calibrated rate is used, and that is said."""
    frames = company(n=1500, payers=200, seed=11)
    rng = np.random.default_rng(2)
    invoices = frames["invoices"].drop(columns="disputed_from_on")
    late = rng.random(len(invoices)) < 0.3
    due = invoices.issued_on + pd.to_timedelta(invoices.term_days, unit="D")
    payments = pd.DataFrame(
        {
            "payment_id": invoices.invoice_id,
            "invoice_id": invoices.invoice_id,
            "paid_on": due + pd.to_timedelta(np.where(late, 45, 30), unit="D"),
            "amount": invoices.amount,
        }
    )
    plain = invoices.drop(columns="accepted_on")
    source = written(tmp_path / "plain", until({"invoices": plain, "payments": payments}, LAST))
    found = predict_delinquency(connect(source), LAST, DelinquencyParams())
    said = found.check().verdict.str.cat(sep=" ")
    assert not found.uses_blend and "calibrated naive rate is used" in said
    ahead = found.invoices[found.invoices.days_past_due < 0]
    assert abs(ahead.probability.mean() - 0.3) < 0.08


@pytest.mark.skipif(
    "INSIGHTS_TRIAL_DATA" not in os.environ, reason="INSIGHTS_TRIAL_DATA is unset: no real ledger"
)
def test_the_real_ledger_is_ranked_better_than_naive(tmp_path):
    raw = pd.read_csv(Path(os.environ["INSIGHTS_TRIAL_DATA"]) / "ibm_accounts_receivable.csv")
    dates = {
        name: pd.to_datetime(raw[name], format="%m/%d/%Y")
        for name in ("InvoiceDate", "DueDate", "SettledDate")
    }
    ids = raw.invoiceNumber.astype("str")
    invoices = pd.DataFrame(
        {"invoice_id": ids, "customer_id": raw.customerID, "amount": raw.InvoiceAmount,
         "issued_on": dates["InvoiceDate"], "due_on": dates["DueDate"]}
    )  # fmt: skip
    payments = pd.DataFrame(
        {"payment_id": ids, "invoice_id": ids, "amount": raw.InvoiceAmount,
         "paid_on": dates["SettledDate"]}
    )  # fmt: skip
    source = written(tmp_path / "real", {"invoices": invoices, "payments": payments})
    found = predict_delinquency(connect(source), "2013-12-31", DelinquencyParams(grace_days=0))
    tested = found.predictions[found.predictions.view == "issue"]
    late = tested.late.to_numpy(bool)
    assert roc_auc_score(late, tested.used) > roc_auc_score(late, tested.late_rate)
    assert ((tested.used - late) ** 2).mean() < ((tested.late_rate - late) ** 2).mean()


def test_a_result_made_in_one_language_adds_up_in_another(source):
    speak("zh")
    made = predict_delinquency(connect(source), LAST, PARAMS)
    speak("en")
    owed = made.invoices.exposure.sum()
    assert made._ageing().exposure.iloc[:-1].sum() == pytest.approx(owed) and owed > 0
    axes = made.plot().axes[0]
    assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(owed)
    assert {"not yet due", "1-30 days"} <= {text.get_text() for text in axes.get_yticklabels()}
