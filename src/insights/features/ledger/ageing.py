"""How old is what is owed? Buckets that add up to the outstanding amount, future-due included.

Two clocks: days past due say what to collect, days since acceptance (else issue) what to provide
for.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from insights.features.ledger.placing import NEVER, day_numbers
from insights.words import _


def ages(items: pd.DataFrame, day: int) -> np.ndarray:
    """Return each item's days since acceptance where known on the day, else since issue.

    Missing without either date, or where the issue lies after the day.
    """
    accepted, issued = day_numbers(items.accepted_on), day_numbers(items.issued_on)
    start = np.where(accepted <= day, accepted, issued)
    return np.where((start == NEVER) | (start > day), np.nan, day - start.astype("float64"))


def bucket_names(edges: tuple[int, ...]) -> list[str]:
    """Return the names of the buckets: not yet due, between the edges, older, no due date."""
    lowers = _lowers(edges)
    between = [_between(low + 1, high) for low, high in pairwise(lowers)]
    return [_("not yet due"), *between, _older(lowers[-1]), _("no due date")]


def bucket_numbers(days_past_due: pd.Series, edges: tuple[int, ...]) -> np.ndarray:
    """Return each item's place in ``bucket_names``. Due on the day itself is not yet past due."""
    uppers = np.array(_lowers(edges))
    days = days_past_due.to_numpy("float64")
    return np.where(np.isnan(days), len(uppers) + 1, np.searchsorted(uppers, days))


def ageing(open_cents: pd.Series, days_past_due: pd.Series, edges: tuple[int, ...]) -> pd.DataFrame:
    """Return items and cents a bucket; the cents sum to ``open_cents`` exactly."""
    return _added_up(open_cents, bucket_numbers(days_past_due, edges), bucket_names(edges))


def age_bucket_names(edges: tuple[int, ...]) -> list[str]:
    """Return the names of the buckets by age: from 0 to the first edge, ..., older, no date."""
    lowers = _lowers(edges)
    starts = [0, *[low + 1 for low in lowers[1:-1]]]
    between = [_between(low, high) for low, high in zip(starts, lowers[1:], strict=False)]
    return [*between, _older(lowers[-1]), _("no date of issue")]


def age_bucket_numbers(age_days: pd.Series, edges: tuple[int, ...]) -> np.ndarray:
    """Return each item's place in ``age_bucket_names``; without an age it is in the last."""
    uppers = np.array(_lowers(edges)[1:], "float64")
    days = age_days.to_numpy("float64")
    known = np.where(np.isnan(days), 0, days)
    return np.where(np.isnan(days), len(uppers) + 1, np.searchsorted(uppers, known))


def ageing_since_acceptance(
    open_cents: pd.Series, age_days: pd.Series, edges: tuple[int, ...]
) -> pd.DataFrame:
    """Return items and cents a bucket of age since acceptance, else issue; sums as ``ageing``.

    ``age_days``: as in ``Ledger.items`` and ``open_on``; missing without a date of issue.
    """
    names = age_bucket_names(edges)
    return _added_up(open_cents, age_bucket_numbers(age_days, edges), names)


def _added_up(open_cents: pd.Series, places: np.ndarray, names: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"place": places, "cents": open_cents.to_numpy("int64")})
    frame = frame[frame.cents != 0]
    groups = frame.groupby("place").cents
    table = pd.DataFrame({"items": groups.size(), "cents": groups.sum()})
    table = table.reindex(range(len(names)), fill_value=0)
    return table.set_axis(pd.Index(names, name="bucket"))


def _lowers(edges: tuple[int, ...]) -> list[int]:
    return [0, *sorted({edge for edge in edges if edge > 0})]


def _between(low: int, high: int) -> str:
    return _("{low}-{high} days").format(low=low, high=high)


def _older(days: int) -> str:
    return _("over {days} days").format(days=days)
