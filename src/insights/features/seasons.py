"""When in the year an item's grace runs out: month, Spring Festival by its own date, year's end."""

from __future__ import annotations

import numpy as np

from insights.features.ledger import NEVER

# New Year's days of the Chinese calendar (GB/T 33661-2017; Hong Kong Observatory's tables). ICU
# errs in 2027 and 2030, when the new moon comes within minutes of midnight.
NEW_YEARS = np.array(
    [
        "2004-01-22", "2005-02-09", "2006-01-29", "2007-02-18", "2008-02-07", "2009-01-26",
        "2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31", "2015-02-19",
        "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12",
        "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06",
        "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31",
        "2034-02-19", "2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24",
        "2040-02-12",
    ],
    dtype="datetime64[D]",
)  # fmt: skip
# Offices empty a week before New Year's Eve and are full again after the Lantern Festival.
PAUSE = (-7, 14)
LOOKED_BACK = 30
YEAR = 365.25


def season(due: np.ndarray, grace_days: int) -> dict[str, np.ndarray]:
    """When does the grace run out? ``due``: day numbers; without a due date all is 0.

    ``season_sin`` and ``season_cos``: the day on a circle. ``festival`` and ``year_end``: the
    share of the last days to pay in time (the grace, at least 30) that lie in the pause around
    Spring Festival, and in December. Festivals before 2004 and after 2040 are not known: 0.
    """
    known = due != NEVER
    matures = np.where(known, due + grace_days, 0)
    span = max(grace_days, LOOKED_BACK)
    dates = matures.astype("datetime64[D]")
    angle = 2 * np.pi * (dates - dates.astype("datetime64[Y]")).astype("int64") / YEAR
    found = {
        "season_sin": np.sin(angle),
        "season_cos": np.cos(angle),
        "festival": (_paused(matures) - _paused(matures - span)) / (PAUSE[1] - PAUSE[0] + 1),
        "year_end": (_december(matures) - _december(matures - span)) / span,
    }
    return {name: np.where(known, values, 0.0) for name, values in found.items()}


def _paused(days: np.ndarray) -> np.ndarray:
    """Return how many days of all pauses lie up to the day."""
    length = PAUSE[1] - PAUSE[0] + 1
    starts = NEW_YEARS.astype("int64") + PAUSE[0]
    begun = np.searchsorted(starts, days, side="right")
    running = starts[np.maximum(begun - 1, 0)]
    spent = np.clip(days - running + 1, 0, length)
    return np.where(begun > 0, (begun - 1) * length + spent, 0).astype("float64")


def _december(days: np.ndarray) -> np.ndarray:
    """Return how many days of all Decembers since 1970 lie up to the day."""
    dates = days.astype("datetime64[D]")
    year = dates.astype("datetime64[Y]").astype("int64")
    first = (year + 1970).astype("str").astype("datetime64[Y]").astype("datetime64[M]") + 11
    return 31.0 * year + np.clip((dates - first.astype("datetime64[D]")).astype("int64") + 1, 0, 31)
