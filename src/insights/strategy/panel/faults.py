"""What is wrong with outcomes and units: rows, columns and values by name, all of them at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.period_dates import named_rows, stray_periods, stray_words
from insights.words import _, listing


def value_faults(rows: pd.DataFrame, numbers: pd.Series) -> list[str]:
    """Name the rows whose value is no finite number (``numbers``: the values as numbers)."""
    if rows.empty:
        return [_("outcomes: no rows")]
    wrong = (numbers.isna() & rows.value.notna()) | np.isinf(numbers)
    if not wrong.any():
        return []
    return [
        _("outcomes.value: not a finite number: {rows}; write plain numbers, or leave the cell "
          "empty").format(rows=named_rows(rows[wrong]))
    ]  # fmt: skip


def _day(period: object) -> str:
    return str(period).removesuffix(" 00:00:00")


def _period_faults(rows: pd.DataFrame, periods: pd.Series) -> list[str]:
    if periods.dtype.kind != "M" or periods.isna().any():
        return []
    stray = stray_periods(periods)
    return [stray_words(rows[stray], "outcomes.period")] if stray.any() else []


def _kind_faults(rows: pd.DataFrame, begun: pd.DataFrame) -> list[str]:
    """Name unit ids that are text in one place and numbers in another: 12 is not "12"."""
    ids = pd.Series([*rows.unit_id.dropna().unique(), *begun.unit_id.dropna().unique()], dtype="O")
    text = ids.map(lambda one: isinstance(one, str)).astype(bool)
    if text.all() or not text.any():
        return []
    return [
        _("unit_id: both text ({texts}) and other kinds ({others}); write all units of outcomes "
          "and units in one kind").format(
              texts=listing([repr(one) for one in ids[text].unique()], 3),
              others=listing([str(one) for one in ids[~text].unique()], 3))
    ]  # fmt: skip


def key_faults(rows: pd.DataFrame, begun: pd.DataFrame, periods: pd.Series) -> list[str]:
    """Name what is wrong with unit ids, with periods (on their scale), and with rows by both."""
    faults = [*_kind_faults(rows, begun), *_period_faults(rows, periods)]
    nameless = int(rows.unit_id.isna().sum()), int(begun.unit_id.isna().sum())
    if any(nameless):
        faults.append(
            _("unit_id: {n} rows of outcomes and {m} of units without a unit; name it").format(
                n=nameless[0], m=nameless[1]
            )
        )
    keys = pd.DataFrame({"unit_id": rows.unit_id, "period": periods}, index=rows.index)
    twice = rows[(keys.duplicated(keep="first") & keys.notna().all(axis=1)).to_numpy()]
    if not twice.empty:
        names = [f"{row.unit_id} {_day(row.period)}" for row in twice.itertuples()]
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
    unknown = sorted(set(begun.unit_id.dropna()) - set(rows.unit_id), key=str)
    if unknown:
        faults.append(
            _("units: not in outcomes: {units}; give their outcomes or leave them out").format(
                units=listing(unknown)
            )
        )
    return faults
