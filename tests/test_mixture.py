"""The clustering itself: noise, piles at zero, unknown values, honest stability, many customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sklearn.metrics import adjusted_rand_score

from insights.params import SegmentationParams
from insights.segmentation import segment_customers
from insights.segmentation.mixture import Space
from insights.segmentation.model import fit_segments
from insights.segmentation.optima import find_optima, ward_trees
from insights.segmentation.prepare import fit_preparation
from insights.segmentation.stability import bootstrap_jaccard

QUICK = SegmentationParams(bootstraps=20, restarts=24)


def clouds(n: int, seed: int, noise: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Four clouds in five dimensions, and rows of noise (truth -1) that belong to none."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, n)
    centres = np.array([[4, 0, 0, 2, 0], [-4, 3, 0, -2, 0], [0, -4, 4, 0, 2], [0, 4, -4, 0, -3]])
    points = centres[truth] + rng.normal(size=(n, 5))
    stray = rng.random(n) < noise
    points[stray] = rng.uniform(points.min(axis=0), points.max(axis=0), (stray.sum(), 5))
    ids = pd.Index([f"c{i:05d}" for i in range(n)], name="customer_id")
    return pd.DataFrame(points, index=ids, columns=list("abcde")), np.where(stray, -1, truth)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fifth_of_noise_leaves_the_segments_as_they_are(seed):
    frame, truth = clouds(800, seed, noise=0.2)
    rows = segment_customers(frame, QUICK).assignments
    core = truth >= 0
    assert adjusted_rand_score(truth[core], rows.segment[core]) > 0.97
    assert rows.typical[core].mean() > 0.9 > 0.6 > rows.typical[~core].mean()


def test_a_pile_at_zero_does_not_split_a_segment():
    frame, truth = clouds(800, 3)
    rng = np.random.default_rng(3)
    some_of_it = np.where(rng.random(800) < 0.5, 0.0, np.exp(rng.normal(3, 0.3, 800)))
    result = segment_customers(frame.assign(equipment=some_of_it), QUICK)
    assert result.n_segments == 4
    assert adjusted_rand_score(truth, result.assignments.segment) > 0.97
    scale = next(s for s in result.fit.model.preparation.scales if s.column == "equipment")
    assert scale.zeros == pytest.approx((some_of_it == 0).mean())


def test_unknown_values_tell_nothing_and_make_no_segment():
    frame, truth = clouds(800, 4)
    holes = np.random.default_rng(4).random(frame.shape) < 0.15
    result = segment_customers(frame.mask(holes), QUICK)
    assert result.n_segments == 4
    assert adjusted_rand_score(truth, result.assignments.segment) > 0.9
    nothing = pd.DataFrame(np.nan, index=["new"], columns=list("abcde"))
    placed = result.assign(nothing).iloc[0]
    shares = result.fit.model.mixture.shares[:-1]
    assert placed.segment == result.fit.model.names[int(shares.argmax())]


def test_one_label_alone_makes_no_segment():
    frame, _truth = clouds(600, 5)
    level = np.random.default_rng(5).choice(["3A", "2A", "1"], 600, p=[0.4, 0.4, 0.2])
    assert segment_customers(frame.assign(level=level), QUICK).n_segments == 4


def test_labels_that_go_together_are_found():
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 2, 600)
    frame = pd.DataFrame(
        {f"t{j}": np.where(rng.random(600) < 0.9, truth, 1 - truth).astype(str) for j in range(6)},
        index=[f"c{i:04d}" for i in range(600)],
    ).replace({"0": "no", "1": "yes"})
    result = segment_customers(frame, QUICK)
    assert adjusted_rand_score(truth, result.assignments.segment) > 0.9


def test_resamples_and_searches_are_reproducible_and_the_seed_moves_no_segment():
    frame, _truth = clouds(500, 7, noise=0.1)
    one, two = segment_customers(frame, QUICK), segment_customers(frame, QUICK)
    pd.testing.assert_frame_equal(one.assignments, two.assignments)
    for seed in (1, 2, 3):
        other = segment_customers(frame, SegmentationParams(bootstraps=20, restarts=24, seed=seed))
        pd.testing.assert_frame_equal(one.assignments, other.assignments)


def test_stability_is_that_of_plain_refits():
    """The shortcut against its plain form: a mixture searched for anew in each resample."""
    frame, _truth = clouds(400, 8, noise=0.1)
    preparation = fit_preparation(frame, QUICK)
    space, points = preparation.space, preparation.apply(frame)
    design = space.design(points)
    optima = find_optima(space, design, 4, ward_trees(space, design, 0), 24, 0)
    quick = bootstrap_jaccard(space, design, optima, 25, 11).mean(axis=0)
    before, member = optima.best.labels(design), optima.best.belongs(design)
    draw = np.random.default_rng([11, 4, 0])
    total = np.zeros(4)
    for turn in range(25):
        drawn = design[draw.integers(0, len(design), len(design))]
        again = find_optima(space, drawn, 4, ward_trees(space, drawn, turn), 24, turn).best
        after = again.labels(design)
        both = np.array(
            [[((before == i) & (after == j) & member).sum() for j in range(4)] for i in range(4)]
        )
        a, b = np.bincount(before[member]), np.bincount(after[member], minlength=4)
        total += (both / (a[:, None] + b[None] - both)).max(axis=1)
    np.testing.assert_allclose(quick, total / 25, atol=0.01)


def test_a_large_company_is_fitted_on_a_sample_in_any_order():
    frame, truth = clouds(6000, 9)
    params = SegmentationParams(bootstraps=20, restarts=24, max_fit_rows=1500)
    result = segment_customers(frame, params)
    assert adjusted_rand_score(truth, result.assignments.segment) > 0.97
    mixed = segment_customers(frame.sample(frac=1, random_state=1), params).assignments
    again = mixed.set_index("customer_id").loc[frame.index].reset_index()
    pd.testing.assert_frame_equal(again, result.assignments)


def test_every_candidate_is_shown_where_none_is_stable():
    frame = pd.DataFrame(
        np.random.default_rng(0).random((300, 6)), index=[f"c{i}" for i in range(300)]
    ).rename(columns=str)
    fit = fit_segments(frame, SegmentationParams(min_jaccard=0.995, bootstraps=8, restarts=8))
    assert list(fit.candidates.k) == list(range(2, 9))
    assert not fit.candidates.stable.any() and not fit.candidates.chosen.any()
    assert "rule grid" in fit.how


@settings(max_examples=25, deadline=None)
@given(
    seed=some.integers(0, 10_000),
    k=some.integers(1, 4),
    unknown=some.floats(0, 0.4),
)
def test_row_by_row_and_matrix_agree_and_chances_add_up(seed, k, unknown):
    rng = np.random.default_rng(seed)
    n, number, levels = 60, 3, 2
    known = (rng.random((n, number)) >= unknown).astype(float)
    label = rng.integers(0, 2, n)
    points = np.hstack([rng.normal(size=(n, number)) * known, np.eye(2)[label], known])
    space = Space(number, np.array([0.5, 0.5]), np.ones(levels), np.zeros(levels))
    mixture = space.mixture_of(space.design(points), rng.integers(0, k, n), k)
    chances = mixture.probabilities(points)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    logs = mixture.log_joint(space.design(points))
    plain = np.exp(logs - logs.max(axis=0))
    np.testing.assert_allclose(chances, (plain / plain.sum(axis=0)).T, atol=1e-9)
