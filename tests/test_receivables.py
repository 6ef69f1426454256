"""The review of receivables: slices add up, nothing leaks, every view answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from insights import connect, load_params
from insights.delinquency import review_receivables
from insights.delinquency.allowance.provision import item_allowances, loss_rate_table
from insights.delinquency.card import model_card
from insights.delinquency.learning.trust import by_group, drift, leak
from insights.features.ledger import open_ledger
from insights.params import DelinquencyParams
from insights.store import cached
from small_company import LAST, company, written

AS_OF = "2025-12-31"
SUMMED = ("outstanding", "overdue", "expected_late", "expected_loss", "allowance", "unallocated")
VIEWS = ("summary", "turnover", "provisions", "check", "model_card", "actions")


@pytest.fixture(scope="module")
def reviewed(demo):
    return cached(review_receivables, demo, AS_OF, load_params().delinquency)


@pytest.fixture(scope="module")
def leaf_regions(demo):
    regions = demo.regions
    return [name for name in regions.region_id if name not in set(regions.parent_id.dropna())]


def test_regions_add_up_to_the_company(reviewed, leaf_regions):
    whole = reviewed.headline()
    parts = [reviewed.for_region(name).headline() for name in leaf_regions]
    for figure in SUMMED:
        assert sum(part[figure] for part in parts) == pytest.approx(whole[figure], abs=0.005), (
            figure
        )


def test_cents_of_every_money_table_add_up(reviewed, leaf_regions):
    whole = reviewed.tables()
    slices = [reviewed.for_region(name).tables() for name in leaf_regions]
    for table, column in (("provision_items", "open"), ("items", "exposure"),
                          ("bad_debt_candidates", "claim"), ("bills_held", "amount"),
                          ("written_off", "written_off"),
                          ("provision_since_last_month", "charge")):  # fmt: skip
        cents = [round(float(part[table][column].sum()) * 100) for part in slices]
        assert sum(cents) == round(float(whole[table][column].sum()) * 100), table


def test_ageing_allowance_and_ledger_are_one_amount(reviewed, demo):
    ledger = open_ledger(demo, AS_OF)
    tables = reviewed.tables()
    cents = ledger.outstanding_cents
    assert round(float(tables["ageing"].exposure.iloc[-1]) * 100) == cents
    assert round(float(tables["ageing_by_invoice_date"].amount.sum()) * 100) == cents
    assert round(float(tables["provision_matrix"].balance.sum()) * 100) == cents
    assert tables["provision_reconciled"].difference.abs().sum() == 0
    assert tables["control"].difference.abs().sum() == 0


def test_the_allowance_moves_from_last_month_to_this_one(reviewed, demo):
    moved = reviewed.provisioning.moved
    kept = moved.opening_cents - moved.used_cents + moved.recovered_cents + moved.charge_cents
    assert (kept == moved.closing_cents).all() and set(moved.from_on) == {
        pd.Timestamp("2025-11-30")
    }
    assert moved.closing_cents.sum() == reviewed.provisioning.allowance_cents
    ledger = open_ledger(demo, AS_OF)
    lost = ledger.allocations[ledger.allocations.source == "writeoff"]
    since = lost[lost.day > ledger.day - 31].cents
    assert moved.used_cents.sum() == since[since > 0].sum() > 0
    then = open_ledger(demo, "2025-11-30")
    given = item_allowances(then, loss_rate_table(then, reviewed.params), reviewed.params)
    assert moved.opening_cents.sum() == given.allowance_cents.sum()


def test_every_view_answers_for_a_leaf_a_group_and_the_company(reviewed, demo):
    group = demo.regions.parent_id.dropna().iloc[0]
    for region in ("east", group, "all"):
        part = reviewed.for_region(region)
        for view in VIEWS:
            assert len(getattr(part, view)()), (region, view)
        assert all(isinstance(figure, Figure) for figure in (part.plot(), part.plot_cash()))
        assert str(part) and part.region == region


def test_no_drug_representative_appears_in_any_table(reviewed, demo_dir):
    reps = pd.read_parquet(demo_dir / "reps.parquet")
    drug = set(reps.rep_id[reps.line_type == "drug"]) | set(reps.get("name", pd.Series()).dropna())
    for name, table in reviewed.tables().items():
        words = {str(value) for column in table for value in table[column].unique()}
        assert not drug & words, name


def test_too_few_invoices_leave_the_books_standing(write_source):
    invoices = pd.DataFrame(
        {
            "invoice_id": [f"I{n}" for n in range(6)],
            "customer_id": "C1",
            "issued_on": pd.Timestamp("2024-01-10"),
            "due_on": pd.Timestamp("2024-02-10"),
            "amount": 100.0,
        }
    )
    customers = pd.DataFrame({"customer_id": ["C1"], "region_id": "east"})
    paid = {"payment_id": ["P1"], "invoice_id": ["I0"], "paid_on": pd.Timestamp("2024-03-01")}
    payments = pd.DataFrame(paid | {"amount": 100.0})
    source = write_source(invoices=invoices, customers=customers, payments=payments)
    result = review_receivables(connect(source), "2024-12-31")
    assert result.status == "not_enough_data" and "only 6 items have matured" in str(result)
    assert result.headline()["outstanding"] == 500.0
    assert len(result.provisions()) and len(result.turnover())
    assert "No forecast" not in str(result) and len(result.actions())
    assert result.for_region("east").headline()["outstanding"] == 500.0
    result.plot_cash(), result.plot(), result.plot_calibration()


def test_nothing_at_all_is_said_not_raised(write_source):
    customers = pd.DataFrame({"customer_id": ["C1"], "region_id": "east"})
    result = review_receivables(connect(write_source(customers=customers)), "2024-12-31")
    assert result.status == "not_enough_data" and "invoices is missing" in str(result)
    for view in VIEWS:
        assert len(getattr(result, view)()), view


@pytest.fixture(scope="module")
def small() -> dict[str, pd.DataFrame]:
    return company(700, 25)


def reviewed_source(folder, frames, **changes):
    source = written(folder, {**frames, **changes})
    return review_receivables(connect(source), LAST, DelinquencyParams(folds=1, min_late=5))


def answers(result) -> str:
    for view in VIEWS:
        assert len(getattr(result, view)()), view
    result.plot(), result.plot_cash(), result.plot_calibration()
    assert result.tables() and result.headline()
    return str(result) + result.check().to_string()


def test_an_item_that_stands_twice_is_a_fault_and_no_crash(small, tmp_path):
    twice = pd.concat([small["invoices"], small["invoices"].head(1)], ignore_index=True)
    result = reviewed_source(tmp_path / "s", small, invoices=twice)
    assert "more than once" in answers(result) and result.status == "ok"


def test_without_customers_every_table_still_stands(small, tmp_path):
    rest = {name: frame for name, frame in small.items() if name not in ("customers", "regions")}
    result = reviewed_source(tmp_path / "s", rest)
    assert "money in no listed region" in answers(result)


def test_without_payments_only_the_ageing_stands(small, tmp_path):
    rest = {name: frame for name, frame in small.items() if name != "payments"}
    result = reviewed_source(tmp_path / "s", rest)
    words = answers(result)
    assert result.status == "not_enough_data" and "every item counts as unpaid" in words
    assert "allowance" not in result.headline() and len(result.provisions().columns) == 1


def test_what_is_booked_on_a_group_belongs_to_the_groups_above(small, tmp_path):
    known = sorted(set(small["customers"].region_id.dropna()))
    regions = pd.DataFrame({"region_id": ["cn", "half", *known]})
    regions["region_name"] = regions.region_id
    regions["parent_id"] = [None, "cn", *["half"] * len(known)]
    customers = small["customers"].copy()
    customers.loc[customers.index[:5], "region_id"] = "half"
    result = reviewed_source(tmp_path / "s", small, regions=regions, customers=customers)
    whole, above = result.headline(), result.for_region("cn").headline()
    for figure in ("outstanding", "expected_loss", "allowance", "dso"):
        assert above[figure] == pytest.approx(whole[figure]), figure
    assert above["cash_expected"] == pytest.approx(whole["cash_expected"], rel=0.02)


def test_money_of_no_listed_region_is_said(small, tmp_path):
    customers = small["customers"].copy()
    customers.loc[customers.index[:8], "region_id"] = None
    regions = pd.DataFrame({"region_id": sorted(set(customers.region_id.dropna()))})
    regions = regions.assign(region_name=regions.region_id, parent_id=None)
    result = reviewed_source(tmp_path / "s", small, regions=regions, customers=customers)
    parts = [result.for_region(name).headline()["outstanding"] for name in regions.region_id]
    missing = result.headline()["outstanding"] - sum(parts)
    assert missing > 0
    assert f"{missing:,.2f} CNY open" in result.check().to_string()


def test_balances_without_a_rate_are_no_allowance_of_zero(small, tmp_path):
    dates = ["due_on", "accepted_on", "term_days"]
    undated = small["invoices"].drop(columns=[name for name in dates if name in small["invoices"]])
    customers = small["customers"].drop(columns="payment_term_days", errors="ignore")
    result = reviewed_source(tmp_path / "s", small, invoices=undated, customers=customers)
    assert "There is no allowance" in str(result) or result.status == "not_enough_data"
    assert np.isnan(result.headline()["allowance"])
    assert "provided for by nothing" in result.check().to_string()


def test_a_policy_for_payers_that_do_not_exist_is_refused(small, tmp_path):
    rates = tuple([0.01] * 9)
    params = DelinquencyParams(provision_rates=(("hospital", rates),))
    source = connect(written(tmp_path / "s", small))
    with pytest.raises(ValueError, match=r"no payers of group hospital; there are: .*hospital"):
        review_receivables(source, LAST, params)


def test_features_do_not_change_when_the_future_is_deleted(demo):
    ledger = open_ledger(demo, AS_OF)
    compared, gap = leak(demo, ledger, ledger.day - 200, DelinquencyParams())
    assert compared > 100 and gap == 0


def test_drift_is_found_where_payers_changed():
    rng = np.random.default_rng(0)
    learnt, now = rng.normal(size=4000), rng.normal(1.0, 1.0, 4000)
    from insights.delinquency.learning.trust import _stability_index

    assert _stability_index(learnt, rng.normal(size=4000)) < 0.02
    # Normal shift by one standard deviation: psi is near 1.
    assert 0.8 < _stability_index(learnt, now) < 1.2


def test_the_card_names_groups_where_the_model_is_weak(reviewed):
    predictions = reviewed.delinquency.predictions
    spoiled = predictions.assign(
        used=np.where(predictions.region_id == "east", 1 - predictions.used, predictions.used)
    )
    groups = by_group(spoiled, reviewed.params)
    none = drift(_few(), predictions.assign(view="none"), reviewed.params)
    card = model_card(reviewed.delinquency, groups, none, 0, 0.0).set_index("item").answer
    assert "east" in card["weak where"] and "north" not in card["weak where"]
    assert "too few recent items" in card["moved since"]


def _few():
    class Nobody:
        items = pd.DataFrame({"issued_on": pd.to_datetime(pd.Series([], dtype="str"))})
        day = 20000

    return Nobody()
