"""Read a panel of outcomes and the units treated in it; every fault is named at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.words import _, listing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
OUTCOMES = ("unit_id", "period", "value")
UNITS = ("unit_id", "starts_on")


class OutcomesError(ValueError):
    """Outcomes or units cannot be compared: says which rows, columns and values are at fault."""


@dataclass(frozen=True)
class OutcomePanel:
    """Units by periods. NaN where nothing was recorded.

    ``starts[i]`` is the position of the first period touched by the strategy (the number of
    periods for a unit that was never treated); ``after[i]`` the first that counts as after.
    """

    unit_ids: NDArray[np.object_]
    periods: NDArray[Any]
    values: Floats
    starts: Ints
    after: Ints
    treated: Bools

    def rows(self, keep: Bools) -> OutcomePanel:
        """Return the panel of some of its units."""
        return OutcomePanel(
            self.unit_ids[keep],
            self.periods,
            self.values[keep],
            self.starts[keep],
            self.after[keep],
            self.treated[keep],
        )

    def until(self, position: int) -> OutcomePanel:
        """Return the panel cut before a period; units starting there or later are untreated."""
        return OutcomePanel(
            self.unit_ids,
            self.periods[:position],
            self.values[:, :position],
            np.minimum(self.starts, position),
            np.minimum(self.after, position),
            self.treated & (self.starts < position),
        )


def read_panel(outcomes: pd.DataFrame, units: pd.DataFrame, washout_periods: int) -> OutcomePanel:
    """Pivot outcomes[unit_id, period, value] and place units[unit_id, starts_on] on its periods.

    A unit without a start (absent from ``units`` or null) is a comparison unit. The period in
    which a strategy begins part-way is neither before nor after, like the wash-out.
    """
    _refuse_missing_columns(outcomes, units)
    rows = outcomes.loc[:, list(OUTCOMES)]
    begun = units.loc[units.starts_on.notna(), list(UNITS)]
    periods, starts_on = _positions(rows.period, begun.starts_on)
    _refuse_faults(rows, begun)
    wide = (
        rows.assign(period=periods.to_numpy(), value=rows.value.astype(float))
        .pivot(index="unit_id", columns="period", values="value")
        .sort_index()
        .sort_index(axis=1)
    )
    return _placed(wide, begun.assign(starts_on=starts_on.to_numpy()), washout_periods)


def _placed(wide: pd.DataFrame, begun: pd.DataFrame, washout: int) -> OutcomePanel:
    when = begun.set_index("unit_id").starts_on.reindex(wide.index)
    treated = when.notna().to_numpy()
    edges = wide.columns.to_numpy()
    starts = np.full(len(wide), len(edges))
    after = starts.copy()
    if treated.any():
        known = when[treated].to_numpy().astype(edges.dtype)
        first_whole = np.searchsorted(edges, known, side="left")
        inside = np.searchsorted(edges, known, side="right") - 1
        starts[treated] = np.maximum(inside, 0)
        after[treated] = np.minimum(first_whole + washout, len(edges))
    return OutcomePanel(
        wide.index.to_numpy(dtype=object),
        edges.astype(object) if edges.dtype.kind != "M" else pd.DatetimeIndex(edges).to_numpy(),
        wide.to_numpy(dtype=float),
        starts.astype(np.int64),
        after.astype(np.int64),
        treated,
    )


def _refuse_missing_columns(outcomes: pd.DataFrame, units: pd.DataFrame) -> None:
    faults = [
        _("{name}: no column {columns}; it needs {all}").format(
            name=name, columns=listing(absent), all=", ".join(needed)
        )
        for name, frame, needed in (("outcomes", outcomes, OUTCOMES), ("units", units, UNITS))
        if (absent := [column for column in needed if column not in frame.columns])
    ]
    if faults:
        raise OutcomesError("; ".join(faults))


def _positions(periods: pd.Series, starts_on: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Put periods and starts on one ordered scale: timestamps, or numbers as they are."""
    if periods.isna().any():
        raise OutcomesError(
            _("outcomes.period: {n} rows without a period; give each row one").format(
                n=int(periods.isna().sum())
            )
        )
    periods, starts_on = _numbers_as_numbers(periods), _numbers_as_numbers(starts_on)
    numeric = pd.api.types.is_numeric_dtype(periods)
    if len(starts_on) and numeric != pd.api.types.is_numeric_dtype(starts_on):
        raise OutcomesError(
            _("units.starts_on: {start!r} and outcomes.period: {period!r} are not of one kind; "
              "give both as dates or both as numbers")
            .format(start=starts_on.iloc[0], period=periods.iloc[0])
        )  # fmt: skip
    if numeric:
        return periods, starts_on
    return _timestamps(periods, "outcomes.period"), _timestamps(starts_on, "units.starts_on")


def _numbers_as_numbers(values: pd.Series) -> pd.Series:
    """Return whole numbers kept in a column of objects as integers; anything else as it is."""
    return values.astype("int64") if pd.api.types.infer_dtype(values) == "integer" else values


def _timestamps(values: pd.Series, column: str) -> pd.Series:
    if isinstance(values.dtype, pd.PeriodDtype):
        return values.dt.start_time
    firsts = values.map(lambda one: one.start_time if isinstance(one, pd.Period) else one)
    if len(firsts) and isinstance(firsts.iloc[0], dt.date | str | dt.datetime):
        firsts = firsts.astype(str)
    found = pd.to_datetime(firsts, errors="coerce", format="ISO8601")
    if found.isna().any():
        raise OutcomesError(
            _("{column}: not a date: {values}; write dates as YYYY-MM-DD").format(
                column=column, values=listing([repr(one) for one in values[found.isna()].unique()])
            )
        )
    return found


def _refuse_faults(rows: pd.DataFrame, begun: pd.DataFrame) -> None:
    faults = [*_value_faults(rows), *_key_faults(rows, begun)]
    if faults:
        raise OutcomesError("; ".join(faults))


def _value_faults(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return [_("outcomes: no rows")]
    numbers = pd.to_numeric(rows.value, errors="coerce").astype(float)
    wrong = rows[(numbers.isna() & rows.value.notna()) | np.isinf(numbers)]
    if wrong.empty:
        return []
    return [
        _("outcomes.value: not a finite number: {rows}").format(
            rows=listing(
                [f"{row.unit_id} {row.period}: {row.value!r}" for row in wrong.itertuples()]
            )
        )
    ]


def _key_faults(rows: pd.DataFrame, begun: pd.DataFrame) -> list[str]:
    faults = []
    nameless = int(rows.unit_id.isna().sum()), int(begun.unit_id.isna().sum())
    if any(nameless):
        faults.append(
            _("unit_id: {n} rows of outcomes and {m} of units without a unit; name it").format(
                n=nameless[0], m=nameless[1]
            )
        )
    twice = rows[rows.duplicated(["unit_id", "period"], keep="first")]
    if not twice.empty:
        names = [f"{row.unit_id} {row.period}" for row in twice.itertuples()]
        faults.append(
            _("outcomes: more than one row for {rows}; keep one row per unit and period").format(
                rows=listing(names)
            )
        )
    again = begun.unit_id[begun.unit_id.duplicated()].unique()
    if len(again):
        faults.append(
            _("units: more than one start for {units}; keep one row per unit").format(
                units=listing(list(again))
            )
        )
    unknown = sorted(set(begun.unit_id) - set(rows.unit_id), key=str)
    if unknown:
        faults.append(
            _("units: not in outcomes: {units}; give their outcomes or leave them out").format(
                units=listing(unknown)
            )
        )
    return faults
