"""Hide the future from each verb: what is dated after as_of changes nothing at all."""

from __future__ import annotations

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from insights import connect, load_params
from insights.delinquency import predict_delinquency
from insights.segmentation import review_customers
from insights.strategy import review_strategies
from insights.tables import CANONICAL

DAY = "2025-03-31"
VERBS = {
    "segmentation": review_customers,
    "delinquency": predict_delinquency,
    "strategy": review_strategies,
}


@pytest.fixture(scope="module")
def past(demo_dir, tmp_path_factory):
    """The demo company as an export of that day would hold it, new customers left out too."""
    folder = tmp_path_factory.mktemp("past")
    day = pd.Timestamp(DAY)
    for path in demo_dir.glob("*.parquet"):
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
def test_deleting_the_future_changes_no_table(name, demo, past):
    params = getattr(load_params(), name)
    whole, cut = VERBS[name](demo, DAY, params), VERBS[name](past, DAY, params)
    assert str(whole) == str(cut)
    assert whole.tables().keys() == cut.tables().keys()
    for table, frame in whole.tables().items():
        pd.testing.assert_frame_equal(frame, cut.tables()[table], check_exact=True, obj=table)


@pytest.mark.parametrize("name", VERBS)
def test_the_number_of_threads_changes_no_table(name, past):
    params = getattr(load_params(), name)
    with threadpool_limits(2):
        two = VERBS[name](past, DAY, params)
    one = VERBS[name](past, DAY, params)
    for table, frame in one.tables().items():
        pd.testing.assert_frame_equal(frame, two.tables()[table], check_exact=True, obj=table)
