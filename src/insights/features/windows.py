"""The days before and after a start that can be read against each other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

YEAR_DAYS = 365


@dataclass(frozen=True)
class Windows:
    """Two spans of days: first day inclusive, last day exclusive.

    ``same_season`` says that both cover the same days of the year.
    """

    before_from: dt.date
    before_to: dt.date
    after_from: dt.date
    after_to: dt.date
    same_season: bool

    @property
    def before_days(self) -> int:
        """Return the length of the span before."""
        return (self.before_to - self.before_from).days

    @property
    def after_days(self) -> int:
        """Return the length of the span after."""
        return (self.after_to - self.after_from).days


def season_windows(
    first_start: dt.date, last_start: dt.date, known_from: dt.date, as_of: dt.date
) -> Windows | None:
    """Which days before the first start match the days after the last one?

    After: up to a year from the last start, as_of included. Before: the same days of the nearest
    earlier year that ends by the first start; where the data do not reach back that far, up to a
    year before the first start, in another season. None where either side has no day.
    """
    year = dt.timedelta(days=YEAR_DAYS)
    after_to = min(as_of + dt.timedelta(days=1), last_start + year)
    years = -(-(after_to - first_start).days // YEAR_DAYS)
    back = dt.timedelta(days=YEAR_DAYS * max(years, 1))
    before_from, before_to = last_start - back, after_to - back
    same = before_from >= known_from
    if not same:
        before_from, before_to = max(known_from, first_start - year), first_start
    if before_from >= before_to or last_start >= after_to:
        return None
    return Windows(before_from, before_to, last_start, after_to, same)
