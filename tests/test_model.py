"""The model: reasons that add up, a choice that does not see its own labels, longer graces."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from insights import connect
from insights.delinquency.learning.backtest import run_trial
from insights.delinquency.learning.horizons import horizon_table
from insights.delinquency.learning.model import (
    FEATURES,
    THEMES,
    Calibration,
    fit_blend,
    fit_calibration,
    fit_naive,
)
from insights.delinquency.learning.phrases import PHRASES
from insights.delinquency.learning.reasons import probability_points, reasons_for
from insights.delinquency.learning.snapshots import MOST_POINTS, cut_days, open_points, snapshots
from insights.features.invoices import outcomes
from insights.features.ledger import open_ledger
from insights.params import DelinquencyParams
from small_company import LAST, company, written

PARAMS = DelinquencyParams(folds=2)
LINE = Calibration(0.8, 0.3)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return open_ledger(connect(written(tmp_path_factory.mktemp("company"), company())), LAST)


@pytest.fixture(scope="module")
def rows(ledger) -> pd.DataFrame:
    return snapshots(ledger, PARAMS)


@pytest.fixture(scope="module")
def ahead(ledger) -> pd.DataFrame:
    points = open_points(ledger, PARAMS)
    return points[~points.already_late & ~points.undated]


@pytest.fixture(scope="module", params=["blend", "naive"])
def model(request, rows):
    return {"blend": fit_blend, "naive": fit_naive}[request.param](rows, 1)


def test_contributions_add_up_to_the_log_odds(model, ahead):
    moved = model.contributions(ahead)
    assert set(moved) <= set(THEMES)
    np.testing.assert_allclose(
        moved.sum(axis=1) + model.usual_log_odds, model.log_odds(ahead), atol=1e-9
    )


@pytest.mark.parametrize("line", [Calibration(), LINE], ids=["plain", "corrected"])
def test_points_add_up_to_the_probability(model, ahead, line):
    parts = probability_points(model, ahead, line)
    p = line.apply(model.probability(ahead))
    np.testing.assert_allclose(parts.sum(axis=1), 100 * p, atol=1e-9)
    moved = model.contributions(ahead)
    assert (np.sign(moved) == np.sign(parts[list(moved)])).all(axis=None)


def test_the_usual_item_has_nothing_to_explain(model):
    usual = pd.DataFrame([model.usual], columns=list(model.columns))
    parts = probability_points(model, usual)
    assert (parts.drop(columns="usual") == 0).all(axis=None)
    assert parts.usual[0] == pytest.approx(100 * expit(model.usual_log_odds))


def test_a_theme_reads_no_column_of_another(model, ahead):
    before = model.contributions(ahead)
    columns = [name for name in THEMES["timing"] if name in model.columns]
    other = model.contributions(ahead.assign(**dict.fromkeys(columns, 3.0)))
    same = [theme for theme in before if theme != "timing"]
    pd.testing.assert_frame_equal(before[same], other[same], check_exact=True)
    assert (before.timing != other.timing).any()


def test_the_line_adds_up_as_it_is_shown(model, ahead):
    exposure = pd.Series(1000.0, index=ahead.index)
    texts = reasons_for(model, ahead, exposure, LINE)
    p = LINE.apply(model.probability(ahead))
    assert (texts.index == ahead.index).all()
    for text, probability in zip(texts, p, strict=True):
        assert text.startswith("1,000 CNY open; ")
        total, usual = (int(value) for value in re.findall(r"(\d+) %[:,]", text)[:2])
        parts = [int(value) for value in re.findall(r"\(([+-]\d+)\)", text)]
        assert total == round(100 * probability) == usual + sum(parts)
        assert 0 not in parts and len(parts) <= 4


def test_reasons_of_nothing_are_empty(model, ahead):
    nothing = ahead.head(0)
    assert reasons_for(model, nothing, pd.Series(dtype=float)).empty
    assert len(model.log_odds(nothing)) == 0


def test_every_theme_has_words_for_every_item(ahead):
    assert set(PHRASES) == set(THEMES) and len(set(FEATURES)) == len(FEATURES)
    for phrase in PHRASES.values():
        said = phrase(ahead)
        assert len(said) == len(ahead) and all(said)


def test_few_or_constant_rows_still_fit(rows):
    few = rows.head(60).assign(late=np.arange(60) % 3 == 0, log_amount=1.0)
    model = fit_blend(few, 1)
    assert "log_amount" not in model.columns
    assert np.isfinite(model.probability(few)).all()


def test_a_choice_does_not_see_the_labels_of_its_own_window(ledger, rows):
    """Turned labels of the last window change its verdict, not what was said for it."""
    cuts = cut_days(outcomes(ledger, PARAMS.grace_days), ledger.day, PARAMS)
    trial = run_trial(rows, cuts, PARAMS)
    fooled = rows.assign(late=rows.late ^ (rows.matures >= cuts[-1]))
    again = run_trial(fooled, cuts, PARAMS)
    last = trial.predictions.cut == cuts[-1]
    assert last.sum() > 100 and set(trial.predictions.fold) == {1, 2}
    assert (trial.predictions.used == again.predictions.used)[last].all()
    assert trial.uses_blend and not again.uses_blend


def test_a_trial_of_nothing_chooses_the_naive_rate(ledger, rows):
    cuts = cut_days(outcomes(ledger, PARAMS.grace_days), ledger.day, PARAMS)
    for trial in (run_trial(rows.head(0), cuts, PARAMS), run_trial(rows, [], PARAMS)):
        assert trial.predictions.empty and not trial.uses_blend and not trial.calibrated


def test_a_known_distortion_is_undone():
    rng = np.random.default_rng(7)
    truth = rng.normal(0, 1.5, 40_000)
    late = rng.random(len(truth)) < expit(truth)
    line = fit_calibration(expit((truth - 0.5) / 0.5), late)
    assert line.slope == pytest.approx(0.5, abs=0.02)
    assert line.shift == pytest.approx(0.5, abs=0.05)
    assert fit_calibration(expit(truth), np.zeros(len(truth), bool)) == Calibration()


def test_longer_graces_are_never_likelier(ledger, rows, ahead):
    probability = pd.Series(fit_blend(rows, 1).probability(ahead), index=ahead.index)
    table = horizon_table(ledger, probability, replace(PARAMS, horizons=(60, 30, 90)))
    assert table.reasons == () and list(table.probabilities) == [30, 60, 90]
    p = table.probabilities.to_numpy()
    assert np.isfinite(p).all() and (p[:, 1:] <= p[:, :-1]).all() and (p[:, 2] < p[:, 0]).any()


def test_a_grace_nobody_reached_is_said(ledger, ahead):
    probability = pd.Series(0.5, index=ahead.index)
    table = horizon_table(ledger, probability, replace(PARAMS, horizons=(3000,)))
    assert table.probabilities[3000].isna().all() and "3000 days" in table.reasons[0]


def test_a_view_of_too_many_rows_is_sampled_by_the_seed(ledger, monkeypatch):
    monkeypatch.setattr("insights.delinquency.learning.snapshots.MOST_POINTS", 500)
    first, second = snapshots(ledger, PARAMS), snapshots(ledger, PARAMS)
    assert MOST_POINTS > 500 and (first.groupby("view").size() <= 500).all()
    pd.testing.assert_frame_equal(first, second, check_exact=True)
