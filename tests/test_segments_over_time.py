from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import connect
from insights.features import customer_features
from insights.params import SegmentationParams
from insights.segmentation.drift import carried_names, drift
from insights.segmentation.migration import (
    assign_over_time,
    fit_day,
    migration,
    movement,
    moves,
    quarter_ends,
    stayed_share,
    turnover,
    unknown_features,
)
from insights.segmentation.model import fit_segments

Q1, Q2, Q3 = dt.date(2025, 6, 30), dt.date(2025, 9, 30), dt.date(2025, 12, 31)
NAMES = ("large", "middle", "small")


@dataclass(frozen=True)
class Placed:
    """A frozen model whose rule is a column: the place among its names, and a confidence."""

    names: tuple[str, ...] = NAMES
    column: str = "place"

    def assign(self, features: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "customer_id": features.index.astype("str"),
                "segment": np.array(self.names, dtype=object)[features[self.column].to_numpy(int)],
                "confidence": features.get("sure", pd.Series(0.9, features.index)).to_numpy(),
                "closest_second": self.names[-1],
            }
        )


def frame(places: dict[str, int], sure: dict[str, float] | None = None) -> pd.DataFrame:
    rows = pd.DataFrame({"place": places}).rename_axis("customer_id")
    return rows.assign(sure=pd.Series(sure or {}, dtype=float).reindex(rows.index).fillna(0.9))


def planted_quarters() -> dict[dt.date, pd.DataFrame]:
    """a stays, b rises, c falls, d falls unsurely, e leaves, f comes."""
    before = frame({"a": 0, "b": 2, "c": 0, "d": 1, "e": 1})
    after = frame({"a": 0, "b": 1, "c": 2, "d": 2, "f": 0}, {"d": 0.79})
    return {Q2: before, Q3: after}


@pytest.fixture
def paths() -> pd.DataFrame:
    return assign_over_time(Placed(), planted_quarters())


# ---- days


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2025-12-31", ["2025-12-31", "2025-09-30", "2025-06-30"]),
        ("2024-05-31", ["2024-05-31", "2024-02-29", "2023-11-30"]),
        ("2025-05-15", ["2025-05-15", "2025-02-15", "2024-11-15"]),
        ("2024-05-30", ["2024-05-30", "2024-02-29", "2023-11-30"]),
        ("2025-02-28", ["2025-02-28", "2024-11-30", "2024-08-31"]),
        ("2024-02-28", ["2024-02-28", "2023-11-28", "2023-08-28"]),
    ],
)
def test_quarter_ends_by_hand(as_of, expected):
    assert [day.isoformat() for day in quarter_ends(as_of, 3)] == expected


@given(st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1)), st.integers(1, 30))
def test_quarter_ends_are_three_months_apart_and_keep_the_day_or_the_end(day, n):
    ends = quarter_ends(day, n)
    assert ends[0] == day
    assert ends == quarter_ends(day, n + 1)[:n]
    stamp = pd.Timestamp(day)
    for step, one in enumerate(ends):
        same = stamp - pd.DateOffset(months=3 * step)
        expected = same + pd.offsets.MonthEnd(0) if stamp.is_month_end else same
        assert pd.Timestamp(one) == expected


def test_no_quarter_is_an_error():
    with pytest.raises(ValueError, match="0 quarters"):
        quarter_ends("2025-12-31", 0)


def test_a_fit_after_as_of_is_refused():
    params = SegmentationParams(fit_as_of="2025-09-30")
    assert fit_day("2025-12-31", params) == Q2
    assert fit_day("2025-12-31", SegmentationParams()) == Q3
    with pytest.raises(ValueError, match="2025-09-30 is after as_of 2025-06-30"):
        fit_day("2025-06-30", params)


def test_fit_as_of_must_be_a_date():
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        SegmentationParams(fit_as_of="last summer")


# ---- migration


def test_planted_migration_is_recovered_exactly(paths):
    expected = pd.DataFrame(
        [[1, 0, 1, 0], [0, 0, 1, 1], [0, 1, 0, 0], [1, 0, 0, 0]],
        index=[*NAMES, "not yet buying"],
        columns=[*NAMES, "gone"],
    )
    found = migration(paths, Q2, Q3)
    pd.testing.assert_frame_equal(found, expected, check_names=False)
    assert found.to_numpy().sum() == 6


def test_paths_are_long_and_hold_every_day_and_name(paths):
    assert list(paths.columns) == ["day", "customer_id", "segment", "confidence"]
    assert len(paths) == 10
    assert tuple(paths.segment.cat.categories) == NAMES
    assert [day.date() for day in paths.day.cat.categories] == [Q2, Q3]


def test_moves_by_hand(paths):
    value = pd.Series({"b": 10.0, "c": 30.0, "d": 99.0, "f": 20.0})
    found = moves(paths, value)
    assert found.customer_id.tolist() == ["c", "f", "b", "e", "d"]
    assert found.before.tolist() == ["large", "not yet buying", "small", "middle", "middle"]
    assert found.after.tolist() == ["small", "large", "middle", "gone", "small"]
    assert found.direction.tolist() == ["down", "new", "up", "gone", "down"]
    assert found.certain.tolist() == [True, True, True, True, False]
    assert found.value.tolist()[:3] == [30.0, 20.0, 10.0]
    assert np.isnan(found.value[3])
    assert found.confidence.tolist() == [0.9, 0.9, 0.9, 0.9, 0.79]


def test_the_bound_of_certainty_is_a_parameter(paths):
    loose = moves(paths, pd.Series(dtype=float), SegmentationParams(drift_confidence=0.79))
    assert loose.certain.all()


def test_turnover_counts_unsure_changes_apart(paths):
    row = turnover(paths).iloc[0]
    wanted = {"customers": 4, "stayed": 1, "up": 1, "down": 1, "uncertain": 1, "new": 1, "gone": 1}
    assert row[list(wanted)].to_dict() == wanted
    assert row.stayed_share == stayed_share(paths, Q2, Q3) == 0.25
    assert movement(turnover(paths)) == (
        "From 2025-09-30 to 2025-12-31 25 % of 4 customers stayed in their segment; 1 rose, 1 "
        "fell, 1 stand between two segments; 1 are new and 1 gone."
    )


def test_turnover_agrees_with_moves_and_the_matrix(paths):
    row, changed = turnover(paths).iloc[0], moves(paths, pd.Series(dtype=float))
    matrix = migration(paths, Q2, Q3)
    assert row[["up", "down", "uncertain", "new", "gone"]].sum() == len(changed)
    assert row.stayed == np.trace(matrix.loc[list(NAMES), list(NAMES)])
    assert row.new == matrix.loc["not yet buying"].sum()
    assert row.gone == matrix["gone"].sum()


def test_same_features_give_the_identity():
    rows, _truth = two_clouds()
    fit = fit_segments(rows, SegmentationParams(bootstraps=3, max_segments=3))
    paths = assign_over_time(fit.model, {Q2: rows, Q3: rows})
    matrix = migration(paths, Q2, Q3)
    inner = matrix.loc[list(fit.model.names), list(fit.model.names)].to_numpy()
    assert (inner == np.diag(np.diag(inner))).all()
    assert matrix.to_numpy().sum() == np.trace(inner) == len(rows)
    assert stayed_share(paths, Q2, Q3) == 1.0
    assert moves(paths, rows.monetary_value).empty
    again = drift(fit.model, fit.model, rows, Q2, Q3)
    assert again.relabelled_share == 0.0
    assert (again.matches.jaccard == 1).all()
    assert (again.matches.centre_moved == 0).all()
    assert not again.refit_advised


def test_order_of_rows_and_days_changes_nothing(paths):
    quarters = planted_quarters()
    turned = {day: quarters[day].iloc[::-1] for day in reversed(quarters)}
    again = assign_over_time(Placed(), turned)
    pd.testing.assert_frame_equal(again, paths)
    value = pd.Series({"b": 10.0, "c": 30.0})
    mixed = paths.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(moves(mixed, value[::-1]), moves(paths, value))
    pd.testing.assert_frame_equal(migration(mixed, Q2, Q3), migration(paths, Q2, Q3))
    pd.testing.assert_frame_equal(turnover(mixed), turnover(paths))


def test_inputs_are_left_as_they_were():
    quarters = planted_quarters()
    copies = {day: rows.copy() for day, rows in quarters.items()}
    value = pd.Series({"c": 30.0})
    moves(assign_over_time(Placed(), quarters), value)
    for day, rows in quarters.items():
        pd.testing.assert_frame_equal(rows, copies[day])


def test_an_empty_quarter_is_a_quarter_in_which_nobody_buys():
    rows = frame({"a": 0, "b": 2})
    paths = assign_over_time(Placed(), {Q1: rows, Q2: rows.head(0), Q3: rows})
    assert migration(paths, Q1, Q2)["gone"].tolist() == [1, 0, 1, 0]
    assert migration(paths, Q2, Q3).loc["not yet buying"].tolist() == [1, 0, 1, 0]
    found = turnover(paths)
    assert found[["gone", "new", "customers"]].to_numpy().tolist() == [[2, 0, 0], [0, 2, 0]]
    assert found.stayed_share.isna().all()
    assert (found.reason == "nobody was placed on both days").all()
    assert np.isnan(stayed_share(paths, Q1, Q2))
    assert movement(found).endswith("nobody was placed on both days.")
    assert len(moves(paths, pd.Series(dtype=float))) == 4


def test_only_empty_quarters():
    nobody = pd.DataFrame()
    paths = assign_over_time(Placed(), {Q2: nobody, Q3: nobody})
    assert paths.empty
    assert migration(paths, Q2, Q3).to_numpy().sum() == 0
    assert moves(paths, pd.Series(dtype=float)).empty
    assert turnover(paths).customers.tolist() == [0]


def test_one_segment_one_customer_one_day():
    alone = Placed(names=("everybody",))
    paths = assign_over_time(alone, {Q2: frame({"a": 0}), Q3: frame({"a": 0})})
    assert migration(paths, Q2, Q3).to_numpy().tolist() == [[1, 0], [0, 0]]
    once = assign_over_time(alone, {Q3: frame({"a": 0})})
    assert moves(once, pd.Series(dtype=float)).empty
    assert turnover(once).empty
    assert movement(turnover(once)) == "One day only: nothing to compare it with."


def test_bad_input_is_named(paths):
    with pytest.raises(ValueError, match="2024-01-01; there are 2025-09-30, 2025-12-31"):
        migration(paths, "2024-01-01", Q3)
    with pytest.raises(ValueError, match="customer_id b stands twice"):
        moves(paths, pd.Series([1.0, 2.0], index=["b", "b"]))
    with pytest.raises(ValueError, match="no day to place"):
        assign_over_time(Placed(), {})


def test_a_feature_not_known_then_is_said():
    then = pd.DataFrame({"growth": [np.nan], "visits": [1.0]}, index=["a"])
    now = pd.DataFrame({"growth": [0.1], "visits": [2.0]}, index=["a"])
    said = unknown_features({Q2: then, Q3: now, Q1: now.head(0)})
    assert said == (
        "growth: known of nobody on 2025-09-30; moves from then rest on the other features",
    )
    assert unknown_features({}) == unknown_features({Q3: now}) == ()


# ---- hide the future


def test_an_earlier_day_does_not_know_later_days(paths):
    quarters = planted_quarters()
    earlier = assign_over_time(Placed(), {Q2: quarters[Q2]})
    columns = ["customer_id", "segment", "confidence"]
    kept = paths[paths.day == pd.Timestamp(Q2)][columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, earlier[columns])


def orders(seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 1500
    size = rng.lognormal(8, 1, 60)
    who = rng.integers(0, 60, n)
    return pd.DataFrame(
        {
            "order_id": [str(i) for i in range(n)],
            "customer_id": [f"H{i:02d}" for i in who],
            "ordered_on": pd.Timestamp("2023-07-01")
            + pd.to_timedelta(rng.integers(0, 914, n), "D"),
            "quantity": 1.0,
            "amount": (size[who] * rng.uniform(0.5, 1.5, n)).round(2),
        }
    )


def test_rows_dated_later_change_no_earlier_day(write_source):
    rows = orders()
    until = rows[rows.ordered_on <= pd.Timestamp(Q2)]
    sources = [
        connect(write_source("whole", orders=rows)),
        connect(write_source("until", orders=until)),
    ]
    columns = ["recency_days", "frequency", "monetary_value"]
    params = SegmentationParams(bootstraps=2, max_segments=3)
    frames = [{day: customer_features(s, day)[columns] for day in (Q1, Q2)} for s in sources]
    found = [assign_over_time(fit_segments(one[Q2], params).model, one) for one in frames]
    assert len(found[0]) > 100
    pd.testing.assert_frame_equal(*found)


# ---- drift


def rules(old: list[int], new: list[int]) -> pd.DataFrame:
    index = pd.Index([f"c{i:03d}" for i in range(len(old))], name="customer_id")
    score = np.arange(len(old), dtype=float)
    places = pd.DataFrame({"old": old, "new": new}, index=index).astype("str")
    return places.assign(score=score)


def two_clouds(n: int = 120) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(2)
    truth = np.arange(n) % 2
    values = {
        "monetary_value": np.exp(8 + 4 * truth + rng.normal(size=n)),
        "frequency": 5 + 20 * truth + rng.normal(size=n),
    }
    index = pd.Index([f"c{i:03d}" for i in range(n)], name="customer_id")
    return pd.DataFrame(values, index=index), truth


def test_a_planted_split_is_named():
    features = rules([0] * 40 + [1] * 60, [0] * 25 + [1] * 15 + [2] * 60)
    old = Placed(("large growing", "small"), "old")
    new = Placed(("large growing", "large steady", "small"), "new")
    found = drift(old, new, features, Q2, Q3)
    assert found.splits.to_numpy().tolist() == [
        ["large growing", "large growing", 25, 0.625],
        ["large growing", "large steady", 15, 0.375],
    ]
    assert found.merges.empty
    assert (found.born, found.gone) == (("large steady",), ())
    assert found.relabelled_share == 0.15
    assert found.refit_advised
    assert str(found) == (
        "The segments found on 2025-12-31 in the whole company against those of 2025-09-30: 85 % "
        "of 100 customers keep theirs; 'large growing' split into 'large growing', 'large "
        "steady'; 'large steady' is new, most of it from 'large growing'."
    )
    assert found.advice() == "refit advised, more than 10 % would be read differently"


def test_a_planted_merge_is_named():
    features = rules([0] * 25 + [1] * 15 + [2] * 60, [0] * 40 + [1] * 60)
    old, new = Placed(("a", "b", "c"), "old"), Placed(("ab", "c"), "new")
    found = drift(old, new, features, Q2, Q3)
    assert found.merges.to_numpy().tolist() == [["ab", "a", 25, 0.625], ["ab", "b", 15, 0.375]]
    assert found.splits.empty
    assert (found.born, found.gone) == ((), ("b",))
    assert "'ab' is made of 'a', 'b'; 'b' has no successor, most of it now in 'ab'" in str(found)


def test_matches_by_hand():
    features = rules([0] * 50 + [1] * 50, [1] * 48 + [0] * 52)
    found = drift(Placed(("a", "b"), "old"), Placed(("x", "y"), "new"), features, Q2, Q3)
    row = found.matches.set_index("old")
    assert row.new.to_dict() == {"a": "y", "b": "x"}
    assert row.jaccard.to_dict() == {"a": 48 / 50, "b": 50 / 52}
    assert row.loc["b", ["customers_old", "customers_new", "customers_both"]].tolist() == [
        50,
        52,
        50,
    ]
    ranks = features.score.rank(pct=True)
    assert row.loc["a", "centre_moved"] == pytest.approx(ranks[:50].mean() - ranks[:48].mean())
    assert found.counts.loc["a"].tolist() == [2, 48]
    assert found.relabelled_share == 0.02
    assert not found.refit_advised
    assert str(found).endswith(
        "98 % of 100 customers keep theirs; none split, merged, came or went."
    )
    assert found.advice() == "the frozen segments may stay"


def test_the_rule_of_refit_is_a_bound_on_the_relabelled():
    features = rules([0] * 50 + [1] * 50, [0] * 40 + [1] * 60)
    old, new = Placed(("a", "b"), "old"), Placed(("a", "b"), "new")
    assert not drift(old, new, features, Q2, Q3).refit_advised
    strict = SegmentationParams(drift_refit_share=0.09)
    assert drift(old, new, features, Q2, Q3, strict).refit_advised


def test_drift_does_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(1)
    features = rules(rng.integers(0, 3, 200).tolist(), rng.integers(0, 4, 200).tolist())
    features["score"] = rng.normal(size=200)
    old, new = Placed(NAMES, "old"), Placed(("a", "b", "c", "d"), "new")
    once = drift(old, new, features, Q2, Q3)
    again = drift(old, new, features.sample(frac=1, random_state=5), Q2, Q3)
    for name, table in once.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)
    assert str(once) == str(again)


def test_drift_of_nobody_and_of_one_segment():
    alone = Placed(("everybody",), "old")
    nobody = drift(alone, alone, rules([], []), Q2, Q3)
    assert np.isnan(nobody.relabelled_share)
    assert not nobody.refit_advised
    assert str(nobody).endswith("no customers to compare them on.")
    one = drift(alone, alone, rules([0], [0]), Q2, Q3)
    assert one.relabelled_share == 0.0
    assert one.matches.jaccard.tolist() == [1.0]


def test_a_segment_that_holds_nobody_today_is_said():
    features = rules([0] * 10, [0] * 10)
    found = drift(Placed(("a", "b"), "old"), Placed(("a",), "new"), features, Q2, Q3)
    assert found.gone == ("b",)
    assert "'b' has no successor, nobody in it today" in str(found)
    assert found.advice() == "refit advised, the number of segments has changed"


def test_features_without_numbers_have_no_centre():
    features = rules([0, 1], [0, 1]).drop(columns="score").astype("str")
    found = drift(Placed(("a", "b"), "old"), Placed(("a", "b"), "new"), features, Q2, Q3)
    assert found.matches.centre_moved.isna().all()


# ---- names


def test_names_are_carried_where_the_segment_is_the_same():
    matches = pd.DataFrame(
        {"old": ["large", "small"], "new": ["mid-size", "large"], "jaccard": [0.9, 0.4]}
    )
    found = carried_names(matches, ["mid-size", "large", "small"], 0.5)
    assert found == ("large", "large, new", "small")


def test_a_name_carried_on_and_on_stays():
    same = pd.DataFrame({"old": ["large, new"], "new": ["large"], "jaccard": [0.5]})
    assert carried_names(same, ["large"], 0.5) == ("large, new",)


@given(st.data())
def test_carried_names_are_unique_and_a_good_match_keeps_its_name(data):
    names = st.lists(
        st.sampled_from(["a", "b", "c", "a, new", "a, new 2"]), min_size=1, unique=True
    )
    old, new = data.draw(names), data.draw(names)
    pairs = list(
        zip(data.draw(st.permutations(old)), data.draw(st.permutations(new)), strict=False)
    )
    scores = data.draw(
        st.lists(st.floats(0, 1), min_size=len(pairs), max_size=len(pairs)), label="jaccard"
    )
    matches = pd.DataFrame(
        {"old": [o for o, _n in pairs], "new": [n for _o, n in pairs], "jaccard": scores}
    )
    found = carried_names(matches, new, 0.5)
    assert len(set(found)) == len(found) == len(new)
    for (before, after), score in zip(pairs, scores, strict=True):
        assert score < 0.5 or found[new.index(after)] == before


def test_a_model_takes_carried_names():
    rows, _truth = two_clouds()
    model = fit_segments(rows, SegmentationParams(bootstraps=2, max_segments=2)).model
    other = replace(model, names=tuple(f"{name} again" for name in model.names))
    found = drift(model, other, rows, Q2, Q3)
    assert carried_names(found.matches, other.names, 0.5) == model.names
