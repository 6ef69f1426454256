"""Hide the future from each verb: what is dated after as_of changes nothing at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from insights import connect, load_params
from insights.calls import review_calls
from insights.delinquency import predict_delinquency, review_receivables
from insights.delinquency.learning.horizons import horizon_table
from insights.delinquency.learning.snapshots import open_points, snapshots
from insights.features.invoices import invoice_features, outcomes_by_horizon
from insights.features.ledger import Ledger, day_numbers, open_ledger
from insights.params import DelinquencyParams, SegmentationParams
from insights.segmentation import review_customers
from insights.strategy import review_strategies
from insights.tables import CANONICAL
from insights.targets import review_targets
from small_company import LAST, company, until, written

DAY = "2025-03-31"
VERBS = {
    "segmentation": review_customers,
    "delinquency": review_receivables,
    "strategy": review_strategies,
    "targets": review_targets,
    "calls": review_calls,
}
# As the notebooks run, but for repetitions that only make figures surer.
QUICK = {
    "segmentation": SegmentationParams(bootstraps=20, restarts=8, sensitivity_seeds=1),
    "delinquency": DelinquencyParams(folds=1),
    "strategy": replace(load_params().strategy, placebo_runs=20),
    "targets": load_params().targets,
    "calls": load_params().calls,
}


@pytest.fixture(scope="module")
def past(small_demo_dir, tmp_path_factory):
    """The company as an export of that day would hold it, new customers left out too."""
    folder = tmp_path_factory.mktemp("past")
    day = pd.Timestamp(DAY)
    for path in small_demo_dir.glob("*.parquet"):
        frame, table = pd.read_parquet(path), CANONICAL[path.stem]
        if table.known_on is not None:
            dated = pd.to_datetime(frame[table.known_on])
            frame = frame[dated.isna() | (dated <= day)]
        for name in table.learnt_later:
            entered = pd.to_datetime(frame[name])
            frame = frame.assign(**{name: frame[name].where(entered <= day)})
        frame.to_parquet(folder / path.name, index=False)
    return connect(folder)


@pytest.mark.parametrize("name", VERBS)
def test_neither_the_future_nor_a_second_thread_changes_a_table(name, small_demo_dir, past):
    whole = VERBS[name](connect(small_demo_dir), DAY, QUICK[name])
    with threadpool_limits(2):
        cut = VERBS[name](past, DAY, QUICK[name])
    assert str(whole) == str(cut) and whole.status == "ok"
    assert whole.tables().keys() == cut.tables().keys()
    for table, frame in whole.tables().items():
        pd.testing.assert_frame_equal(frame, cut.tables()[table], check_exact=True, obj=table)


DAYS = ["2024-06-30", "2024-10-07", "2025-01-28", "2025-05-13", "2025-12-30"]
SMALL = DelinquencyParams(folds=1, min_invoices=50, min_late=5)
KEYS = ["invoice_id", "instalment_no"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A small ledger with disputes, late acceptances, cash on account and promises."""
    return written(tmp_path_factory.mktemp("whole"), company(700, 25))


@pytest.fixture(scope="module", params=DAYS)
def both(request, whole, tmp_path_factory) -> tuple[Ledger, Ledger]:
    """The ledger of a day from the whole source, and from an export of that day."""
    frames = {path.stem: pd.read_parquet(path) for path in whole.glob("*.parquet")}
    cut = written(tmp_path_factory.mktemp("cut"), until(frames, request.param))
    return tuple(open_ledger(connect(source), request.param) for source in (whole, cut))


def test_deleting_the_future_changes_no_feature(both):
    """Not as seen on the day, and not as the ledger of the last day tells of that day."""
    before, after = both
    pd.testing.assert_frame_equal(
        open_points(before, SMALL), open_points(after, SMALL), check_exact=True
    )


def test_a_later_ledger_tells_the_same_of_a_day(both, whole):
    _before, then = both
    last = open_ledger(connect(whole), LAST)
    place = pd.Series(last.items.index, pd.MultiIndex.from_frame(last.items[KEYS]))
    there = place.loc[pd.MultiIndex.from_frame(then.items[KEYS])].to_numpy()
    days = np.concatenate([day_numbers(then.items.issued_on), np.full(len(there), then.day)])
    told, known = (
        invoice_features(ledger, pd.DataFrame({"item": np.tile(items, 2), "day": days}), 30)
        for ledger, items in ((last, there), (then, then.items.index.to_numpy()))
    )
    pd.testing.assert_frame_equal(told, known, check_exact=True)


def test_deleting_the_future_changes_no_label(both):
    labels = [snapshots(ledger, SMALL) for ledger in both]
    pd.testing.assert_frame_equal(*labels, check_exact=True)
    tables = [outcomes_by_horizon(ledger, (0, 30, 90)) for ledger in both]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    for grace in (0, 30, 90):
        matured = tables[0][grace].matured
        assert (tables[0][grace].matures[matured] <= both[0].day).all()


def test_deleting_the_future_changes_no_horizon(both):
    tables = []
    for ledger in both:
        opened = ledger.items.index[ledger.items.open_cents > 0]
        tables.append(horizon_table(ledger, pd.Series(0.5, index=opened), SMALL).probabilities)
    pd.testing.assert_frame_equal(*tables, check_exact=True)


@pytest.mark.parametrize("day", DAYS[1::2])
def test_deleting_the_future_changes_no_score(day, whole, tmp_path):
    frames = {path.stem: pd.read_parquet(path) for path in whole.glob("*.parquet")}
    cut = written(tmp_path / "cut", until(frames, day))
    found = [predict_delinquency(connect(source), day, SMALL) for source in (whole, cut)]
    assert found[0].status == "ok" and found[0].invoices.probability.notna().any()
    for name in ("invoices", "backtest", "predictions"):
        frames = [getattr(result, name) for result in found]
        pd.testing.assert_frame_equal(*frames, check_exact=True, obj=name)
