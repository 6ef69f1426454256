"""Read a panel of outcomes and the units treated in it; every fault is named at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.strategy.panel.faults import key_faults, value_faults
from insights.strategy.panel.scale import by_first_days, end_of, on_one_scale
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
    periods for a unit that was never treated, or not within these periods); ``after[i]`` the first
    that counts as after (the number of periods where none does).
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
    which a strategy begins part-way is neither before nor after, like the wash-out. A unit that
    starts after the last period is treated, with its start at the number of periods. Periods named
    by the last days of months are named by their first days. ``OutcomesError`` names every fault
    of rows and values, ``TypeError`` what is no DataFrame.
    """
    _refuse_other_kinds(outcomes, units)
    _refuse_missing_columns(outcomes, units)
    rows = outcomes.loc[:, list(OUTCOMES)]
    begun = units.loc[units.starts_on.notna(), list(UNITS)]
    periods, starts_on, faults = on_one_scale(rows.period, begun.starts_on)
    numbers = pd.to_numeric(rows.value, errors="coerce").astype(float)
    faults += [*value_faults(rows, numbers), *key_faults(rows, begun, periods)]
    if faults:
        raise OutcomesError("; ".join(faults))
    periods = by_first_days(periods)
    wide = (
        rows.assign(unit_id=rows.unit_id.astype(object), period=periods.to_numpy(), value=numbers)
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
        known = when[treated].to_numpy()
        first_whole = np.searchsorted(edges, known, side="left")
        inside = np.searchsorted(edges, known, side="right") - 1
        over = (known > edges[-1]) & (known >= end_of(edges))
        starts[treated] = np.where(over, len(edges), np.maximum(inside, 0))
        after[treated] = np.minimum(first_whole + washout, len(edges))
    return OutcomePanel(
        wide.index.to_numpy(dtype=object),
        edges.astype(object) if edges.dtype.kind != "M" else pd.DatetimeIndex(edges).to_numpy(),
        wide.to_numpy(dtype=float),
        starts.astype(np.int64),
        after.astype(np.int64),
        treated,
    )


def _refuse_other_kinds(outcomes: pd.DataFrame, units: pd.DataFrame) -> None:
    faults = [
        _("{name}: {kind} given; give a DataFrame").format(name=name, kind=type(frame).__name__)
        for name, frame in (("outcomes", outcomes), ("units", units))
        if not isinstance(frame, pd.DataFrame)
    ]
    if faults:
        raise TypeError("; ".join(faults))


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
