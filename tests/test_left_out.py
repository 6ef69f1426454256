"""What a comparison leaves out, and says so; the units a design used; input that names its faults.

The panel is that of test_strategy: 40 hospitals x 36 months, eight of them treated.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.params import StrategyParams, load_params
from insights.strategy import OutcomesError, compare_strategy
from insights.strategy.panel.outcomes import read_panel
from insights.strategy.panel.shape import levels
from test_strategy import DATES, START, frames, simulated

FIGURES = ["estimate", "interval", "p_value", "relative", "trend_p", "n_treated", "n_comparison"]


@pytest.fixture(scope="module")
def values():
    found = simulated(3)[0]
    found[:8, START:] += 30
    return found


def figures(effect):
    return [getattr(effect, name) for name in FIGURES]


def refused(*given, kind=OutcomesError):
    with pytest.raises(kind) as error:
        compare_strategy(*given)
    return str(error.value)


class TestOneUnitSetAside:
    @pytest.mark.parametrize(
        ("day", "said"),
        [
            ("2031-01-01", "without a whole period after"),
            ("2024-12-15", "without a whole period after"),
            ("2022-02-01", "a single period before"),
        ],
    )
    def test_the_rest_is_compared_as_if_it_were_not_there(self, values, day, said):
        outcomes, units = frames(values, range(8))
        rest = compare_strategy(outcomes[outcomes.unit_id != "H007"], units.head(7))
        found = compare_strategy(
            outcomes, units.assign(starts_on=[DATES[START]] * 7 + [pd.Timestamp(day)])
        )
        assert figures(found) == figures(rest)
        assert found.verdict == "worked"
        assert said in found.notes[0] and "1 treated" in found.notes[0] and "H007" in found.notes[0]
        assert found.notes[0] in found.reasons

    def test_no_period_after_the_wash_out(self, values):
        outcomes, units = frames(values, range(8))
        starts = [DATES[START]] * 7 + [DATES[34]]
        found = compare_strategy(
            outcomes, units.assign(starts_on=starts), StrategyParams(washout_periods=2)
        )
        assert found.n_treated == 7
        assert "H007" in found.notes[0]

    @pytest.mark.parametrize(
        ("n_early", "said"), [(1, "worked"), (4, "worked"), (5, "cannot_tell")]
    )
    def test_treated_from_the_first_period_are_left_out_while_they_are_few(
        self, values, n_early, said
    ):
        outcomes, units = frames(values, range(8))
        days = [DATES[0]] * n_early + [DATES[START]] * (8 - n_early)
        found = compare_strategy(outcomes, units.assign(starts_on=days))
        assert found.verdict == said
        assert np.isfinite(found.estimate)
        assert f"{n_early} units treated from the first period were left out" in found.notes[0]

    @pytest.mark.parametrize(
        ("days", "words"),
        [
            ([DATES[1]] * 8, "only 1 periods before"),
            ([DATES[1]] * 4 + [pd.Timestamp("2031-01-01")] * 4, "fewer than two periods before"),
            ([DATES[0]] * 5 + [DATES[35] + pd.Timedelta(days=1)] * 3, "no period before the start"),
        ],
    )
    def test_nobody_is_left(self, values, days, words):
        outcomes, units = frames(values, range(8))
        found = compare_strategy(outcomes, units.assign(starts_on=days))
        assert found.verdict == "cannot_tell"
        assert np.isnan(found.estimate)
        assert words in found.reasons[0]

    def test_who_has_not_started_stands_in_where_too_few_were_never_treated(self, values):
        outcomes, units = frames(values, range(40))
        never, later = frames(values, range(8)), pd.Timestamp("2025-01-01")
        found = compare_strategy(
            outcomes, units.assign(starts_on=[DATES[START]] * 8 + [later] * 32)
        )
        expected = compare_strategy(*never)
        assert figures(found) == figures(expected)
        assert "until they started" in found.notes[0]

    def test_surveys_go_without_who_joined_after_the_second_wave(self):
        first = np.arange(20.0)
        pairs = np.c_[first, first + np.where(np.arange(20) < 10, 2, 1) + np.sin(first) / 9]
        outcomes, units = frames(pairs, range(10), start=1)
        starts = [DATES[1]] * 9 + [pd.Timestamp("2023-01-01")]
        params = StrategyParams(two_waves=True)
        found = compare_strategy(outcomes, units.assign(starts_on=starts), params)
        rest = compare_strategy(outcomes[outcomes.unit_id != "H009"], units.head(9), params)
        assert figures(found)[:4] == figures(rest)[:4]
        assert np.isfinite(found.estimate)


@pytest.mark.filterwarnings("error")
def test_a_unit_first_seen_after_the_first_start_has_the_level_of_its_own_before():
    sized = simulated(3, sized=True)[0]
    sized[0, :14] = np.nan
    outcomes, units = frames(sized, range(16))
    panel = read_panel(outcomes, units.assign(starts_on=[DATES[30]] * 4 + [DATES[12]] * 12), 0)
    assert levels(panel)[0] == pytest.approx(np.nanmean(sized[0, :30]))
    assert levels(panel)[20] == pytest.approx(sized[20, :12].mean())


class TestUnitsThatWereUsed:
    def test_the_nearest_donors_only(self, values):
        params = StrategyParams(max_donors=10, permutations=50)
        found = compare_strategy(*frames(values, range(2)), params)
        assert found.n_comparison == len(found.comparison_units) == 10
        distance = np.abs(values[:, :START].mean(axis=1) - values[:2, :START].mean())
        nearest = np.argsort(np.where(np.arange(40) < 2, np.inf, distance))[:10]
        assert set(found.comparison_units) == {f"H{i:03d}" for i in nearest}
        assert "of 38" in found.notes[0]

    def test_units_that_show_nothing_before_are_weighed_alike(self):
        early = np.where(np.arange(12)[:, None] % 2, [1.0, np.nan], [np.nan, 2.0])
        pairs = np.c_[early, np.arange(12) % 5]
        found = compare_strategy(*frames(pairs, range(4), start=2))
        assert found.verdict == "cannot_tell" and found.n_comparison == 8

    def test_an_interrupted_series_uses_nobody(self, values):
        found = compare_strategy(*frames(values[:10], range(8)))
        assert (found.n_comparison, found.comparison_units) == (0, ())
        assert "only 2 comparison units" in found.reasons[0]


class TestFaultsAreNamed:
    @pytest.fixture(scope="class")
    @classmethod
    def good(cls, values):
        return frames(values, range(8))

    def test_ids_of_two_kinds(self, good):
        outcomes, units = good
        mixed = outcomes.assign(unit_id=outcomes.unit_id.astype(object).replace("H039", 39))
        assert "'H000'" in (words := refused(mixed, units)) and "(39)" in words
        numbers = outcomes.assign(unit_id=outcomes.unit_id.str[1:].astype(int))
        assert "both text ('000'" in refused(numbers, units.assign(unit_id=units.unit_id.str[1:]))

    def test_rows_without_a_value_are_counted(self, good):
        outcomes, units = good
        empty = outcomes.assign(value=outcomes.value.where(outcomes.index % 100 > 0))
        found = compare_strategy(empty, units)
        assert "15 of 1440 rows" in found.notes[0]
        assert figures(found) == figures(compare_strategy(empty.dropna(), units))

    def test_a_start_that_is_no_date_and_one_that_is_none(self, good):
        outcomes, units = good
        starts = ["2024-01-01"] * 6 + [None, pd.NaT]
        assert compare_strategy(outcomes, units.assign(starts_on=starts)).n_treated == 6
        words = refused(outcomes, units.assign(starts_on=[*starts[:6], "", 45292]))
        assert "units.starts_on" in words and "''" in words and "45292" in words

    def test_other_things_than_frames_and_params(self, good):
        for params in ({}, None, load_params("base")):
            words = refused(*good, params, kind=TypeError)
            assert f"params: {type(params).__name__}" in words and ".strategy" in words
        assert "outcomes: dict given" in refused({}, good[1], kind=TypeError)

    def test_stray_dates_all_at_once(self, good):
        outcomes, units = good
        wrong = outcomes.assign(period=outcomes.period.dt.strftime("%Y-%m-%d"))
        wrong.loc[[3, 40, 80], "period"] = ["2099-01-01", "0020-01-01", "2023-02-15"]
        wrong.loc[90, "value"] = np.inf
        words = refused(wrong, units)
        assert "3 rows" in words and "not a finite number" in words
        for row in ("H000 2099-01-01", "H001 0020-01-01", "H002 2023-02-15"):
            assert row in words

    def test_the_same_period_twice_in_two_spellings(self, good):
        outcomes, units = good
        twice = outcomes.assign(period=outcomes.period.dt.strftime("%Y-%m-%d"))
        again = twice.head(1).assign(period="2022-01-01 00:00")
        assert "H000 2022-01-01 00:00" in refused(pd.concat([twice, again]), units)

    @pytest.mark.parametrize(
        "periods",
        [
            pd.date_range("2022-01-31", periods=36, freq="ME"),
            pd.date_range("2016-01-01", periods=36, freq="QS"),
            pd.date_range("2016-03-31", periods=36, freq="QE"),
            pd.date_range("2022-01-03", periods=36, freq="W-MON"),
            pd.date_range("2022-01-01", periods=36, freq="SMS"),
            pd.date_range("1700-01-01", periods=36, freq="10YS"),
            DATES.tz_localize("Asia/Shanghai"),
            list(np.cumsum(np.arange(36) ** 2 + 1)),
        ],
        ids=["month ends", "quarters", "quarter ends", "weeks", "half-months", "decades",
             "of a clock", "irregular numbers"],
    )  # fmt: skip
    def test_all_of_these_are_periods(self, values, periods):
        outcomes, units = frames(values, range(8), periods=periods)
        found = compare_strategy(outcomes, units)
        ends = isinstance(periods, pd.DatetimeIndex) and periods.is_month_end.all()
        assert (found.n_before, found.n_after) == (24, 11 if ends else 12)

    def test_month_ends_name_the_months_before_them(self, values):
        ends = pd.date_range("2022-01-31", periods=36, freq="ME")
        outcomes, units = frames(values, range(8), periods=ends)
        for day, after in (("2024-01-01", 12), ("2024-01-15", 11), ("2024-01-31", 11),
                           ("2024-02-01", 11)):  # fmt: skip
            found = compare_strategy(outcomes, units.assign(starts_on=day))
            assert found.n_after == after
        assert found.paths.period[0] == pd.Timestamp("2022-01-01")

    def test_a_start_between_numbers_is_inside_the_earlier_one(self, values):
        outcomes, units = frames(values, range(8), periods=list(range(36)))
        found = compare_strategy(outcomes, units.assign(starts_on=24.5))
        assert (found.n_before, found.n_after) == (24, 11)
