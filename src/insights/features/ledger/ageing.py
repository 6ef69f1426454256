"""How old is what is owed? Buckets that add up to the outstanding amount, future-due included."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.words import _


def bucket_names(edges: tuple[int, ...]) -> list[str]:
    """Return the names of the buckets: not yet due, between the edges, older, no due date."""
    uppers = sorted({edge for edge in edges if edge > 0})
    lowers = [0, *uppers]
    between = [
        _("{low}-{high} days").format(low=low + 1, high=high)
        for low, high in zip(lowers, uppers, strict=False)
    ]
    older = _("over {days} days").format(days=lowers[-1])
    return [_("not yet due"), *between, older, _("no due date")]


def bucket_numbers(days_past_due: pd.Series, edges: tuple[int, ...]) -> np.ndarray:
    """Return each item's place in ``bucket_names``. Due on the day itself is not yet past due."""
    uppers = np.array([0, *sorted({edge for edge in edges if edge > 0})])
    days = days_past_due.to_numpy("float64")
    return np.where(np.isnan(days), len(uppers) + 1, np.searchsorted(uppers, days))


def ageing(open_cents: pd.Series, days_past_due: pd.Series, edges: tuple[int, ...]) -> pd.DataFrame:
    """Return items and cents a bucket; the cents sum to ``open_cents`` exactly."""
    names = bucket_names(edges)
    places = bucket_numbers(days_past_due, edges)
    frame = pd.DataFrame({"place": places, "cents": open_cents.to_numpy("int64")})
    frame = frame[frame.cents != 0]
    groups = frame.groupby("place").cents
    table = pd.DataFrame({"items": groups.size(), "cents": groups.sum()})
    table = table.reindex(range(len(names)), fill_value=0)
    return table.set_axis(pd.Index(names, name="bucket"))
