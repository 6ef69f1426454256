"""Cycles: whole months, quarters and years from the start, equal and same-season windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.params import StrategyParams
from insights.strategy.panel.outcomes import OutcomePanel, OutcomesError, read_panel
from insights.strategy.panel.windows import Windows, equal_windows, planned_windows, windows


def monthly(n_months=36, starts=("2024-07-01",), units=4, first="2023-01-01", washout=0):
    """Unit i in month t has the value 100 i + t; the first units are treated."""
    periods = pd.date_range(first, periods=n_months, freq="MS")
    rows = [(f"u{i}", day, 100.0 * i + t) for i in range(units) for t, day in enumerate(periods)]
    outcomes = pd.DataFrame(rows, columns=["unit_id", "period", "value"])
    begun = pd.DataFrame({"unit_id": [f"u{i}" for i in range(len(starts))], "starts_on": starts})
    return read_panel(outcomes, begun.assign(starts_on=pd.to_datetime(begun.starts_on)), washout)


def dates(panel: OutcomePanel) -> list[str]:
    return [f"{day:%Y-%m}" for day in pd.DatetimeIndex(panel.periods)]


def test_quarters_count_from_the_start_and_partial_ones_are_dropped():
    found = windows(monthly(n_months=29, starts=("2024-06-01",)), "quarter")
    assert dates(found.panel)[:2] == ["2023-03", "2023-06"]
    assert dates(found.panel)[-1] == "2025-03"
    assert found.panel.values[0, 0] == np.mean([2, 3, 4])
    assert found.panel.starts[0] == found.panel.after[0] == 5
    assert found.panel.starts[1] == found.panel.values.shape[1] == 9
    assert "2 periods outside whole cycles" in found.words[0]
    assert found.gates[0].passed


def test_sums_are_means_times_the_length():
    panel = monthly()
    mean, total = windows(panel, "year").panel, windows(panel, "year", how="sum").panel
    np.testing.assert_allclose(total.values, 12 * mean.values)


def test_a_missing_month_leaves_the_cell_missing_and_says_so():
    panel = monthly()
    values = panel.values.copy()
    values[2, 4] = np.nan
    found = windows(replace(panel, values=values), "quarter")
    assert np.isnan(found.panel.values).sum() == 1
    assert np.isnan(found.panel.values[2, 1])
    assert "1 cells" in found.words[-1]
    assert not np.isnan(panel.values[0]).any()


def test_a_month_missing_from_the_axis_breaks_its_quarter_only():
    panel = monthly()
    kept = np.arange(36) != 4
    gapped = replace(
        panel, periods=panel.periods[kept], values=panel.values[:, kept],
        starts=np.minimum(panel.starts, 36) - 1, after=np.minimum(panel.after, 36) - 1,
    )  # fmt: skip
    found = windows(gapped, "quarter").panel
    assert "2023-04" not in dates(found)
    assert len(found.periods) == 11
    assert found.after[0] == 5


def test_wash_out_and_part_way_starts_are_neither_before_nor_after():
    panel = windows(monthly(starts=("2024-07-01",), washout=1), "quarter").panel
    assert panel.after[0] - panel.starts[0] == 1
    assert dates(panel)[panel.after[0]] == "2024-08"
    later = windows(monthly(starts=("2024-07-01", "2024-11-15")), "quarter").panel
    assert later.after.tolist()[:2] == [6, 8]
    assert later.starts.tolist()[:2] == [6, 7]


def test_period_too_short_is_a_gate_not_a_crash():
    found = windows(monthly(n_months=20), "quarter")
    assert not found.gates[0].passed
    assert "period too short" in found.gates[0].reason
    assert found.panel.treated[0] or found.panel.starts[0] == found.panel.values.shape[1]
    assert windows(monthly(n_months=20), "month").gates[0].passed


def test_treated_units_without_a_whole_cycle_are_left_out_in_words():
    found = windows(monthly(n_months=24, starts=("2024-04-01", "2024-11-01")), "quarter")
    assert found.panel.unit_ids.tolist() == ["u0", "u2", "u3"]
    assert "1 treated units without a whole cycle" in " ".join(found.words)


def test_same_season_keeps_the_same_months_of_earlier_years():
    found = windows(monthly(n_months=23, starts=("2024-07-01",)), None, same_season=True)
    months = pd.DatetimeIndex(found.panel.periods).month
    before = np.arange(len(months)) < found.panel.starts[0]
    assert set(months[before]) == set(months[~before]) == {7, 8, 9, 10, 11}
    assert before.sum() == 5
    assert "1 earlier years" in found.words[0]


def test_same_season_takes_whole_years_after_and_before():
    found = windows(monthly(n_months=36, starts=("2024-07-01",)), "quarter", same_season=True)
    assert dates(found.panel) == [
        "2023-07", "2023-10", "2024-01", "2024-04", "2024-07", "2024-10", "2025-01", "2025-04",
    ]  # fmt: skip
    assert found.panel.after[0] == 4


def test_equal_windows():
    found = equal_windows(monthly(n_months=23, starts=("2024-07-01",)))
    assert (found.panel.starts[0], found.panel.values.shape[1]) == (5, 10)
    assert "5 periods on each side" in found.words[0]
    assert equal_windows(monthly(starts=())).words == ()


def test_equal_windows_leave_units_without_a_before_alone():
    found = equal_windows(monthly(starts=("2023-01-01", "2024-07-01"), n_months=23))
    assert (found.panel.starts[1], found.panel.values.shape[1]) == (5, 10)
    none = monthly(starts=("2023-01-01",))
    assert equal_windows(none).panel is none


def test_the_params_say_which_windows():
    panel = monthly(n_months=23)
    assert planned_windows(panel, StrategyParams()) == Windows(panel, (), ())
    equal = planned_windows(panel, StrategyParams(cycle="month", equal_windows=True))
    assert equal.panel.values.shape[1] == 10 and equal.gates[0].passed
    assert "5 periods on each side" in equal.words[-1]
    with pytest.raises(ValueError, match="exclude each other"):
        StrategyParams(same_season=True, equal_windows=True)


def test_without_a_cycle_nothing_changes():
    panel = monthly()
    assert windows(panel, None).panel is panel
    np.testing.assert_array_equal(windows(panel, "month").panel.values, panel.values)
    assert windows(monthly(starts=()), "quarter").panel.values.shape == (4, 12)


@pytest.mark.parametrize("cycle", ["quarter", "year"])
def test_bad_periods_are_named(cycle):
    numbers = pd.DataFrame({"unit_id": "u", "period": range(9), "value": 1.0})
    units = pd.DataFrame({"unit_id": ["u"], "starts_on": [5]})
    with pytest.raises(OutcomesError, match="one date a month"):
        windows(read_panel(numbers, units, 0), cycle)


def test_a_cycle_shorter_than_the_periods_is_refused():
    quarters = windows(monthly(), "quarter").panel
    with pytest.raises(OutcomesError, match="periods of 3 months"):
        windows(quarters, "month")
    np.testing.assert_allclose(
        windows(quarters, "year").panel.values, windows(monthly(), "year").panel.values
    )


@given(st.integers(1, 34), st.sampled_from(["quarter", "year"]), st.integers(0, 2))
def test_before_and_after_never_mix(start, cycle, washout):
    day = f"{pd.Timestamp('2023-01-01') + pd.DateOffset(months=start):%Y-%m-%d}"
    panel = monthly(starts=(day,), washout=washout)
    found = windows(panel, cycle).panel
    one = found.values[list(found.unit_ids).index("u0")] if "u0" in found.unit_ids else None
    if one is None or not found.treated[0]:
        return
    assert (one[: found.starts[0]] < panel.starts[0]).all()
    assert (one[found.after[0] :] >= panel.after[0]).all()
