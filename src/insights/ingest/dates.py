"""Dates as people and systems write them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.ingest.simply_written import simple_days
from insights.words import _

DAY = (
    r"^(?P<year>\d{4})(?:(?P<mark>[-/.])|年)\s?(?P<month>\d{1,2})(?(mark)(?P=mark)|月)"
    r"\s?(?P<day>\d{1,2})日?"
    r"(?:[T\s]*(?P<hour>\d{1,2})[:时](?P<minute>\d{2})(?:[:分](?P<second>\d{2})?(?:\.\d+)?秒?)?"
    r"(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?$"
)
PACKED = (
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?$"
)
MONTH = r"^(?P<year>\d{4})(?:[-/.]|年)?(?P<month>\d{1,2})月?$"
HERE = ("+08:00", "+0800", "+08")  # the only time zone of China
HOURS_AHEAD = pd.Timedelta(hours=8)
MIXED = r"^\d{4}(?:[-/.]|年)\d{1,2}(?:[-/.]|月)\d{1,2}(?:\D.*)?$"
SERIAL = r"^[2-7]\d{4}(?:\.\d+)?$"  # Excel's days since 1899-12-30: 1954 to 2119
FIRST_YEAR, LAST_YEAR = 1900, 2199  # outside it is a slip of the keyboard
DAY_FIRST = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?:[T\s].*)?$"
SHORT_YEAR = r"^\d{2}(?:[-/.]\d{1,2}[-/.]|年\d{1,2}月)\d{1,2}日?(?:[T\s].*)?$"
NO_YEAR = r"^\d{1,2}(?:月\d{1,2}日?|[-/]\d{1,2})$"
CLOCK = r"^\d{1,2}[:时]\d{2}(?:[:分].*)?$"
PARTS = ("year", "month", "day", "hour", "minute", "second")


def read_dates(text: pd.Series, whole_months: bool = False) -> pd.Series:
    """Return timestamps of ISO, 2025/1/5, 20250105, 2025年1月5日, Excel serials, date-times.

    ``whole_months`` also takes 2025-01, 202501 and 2025年1月, meaning the first day. Day and month
    without a year first (1/2/2025) mean two things and stay NaT, as do times of another time zone
    than China's, whose day may be another one, and whatever else is no date.
    """
    distinct = pd.Series(text.dropna().unique(), dtype="str")
    read, other = simple_days(distinct, FIRST_YEAR, LAST_YEAR)
    if other.any():
        read[other] = _carefully(distinct[other], whole_months)
    return _spread(text, distinct, read)


def _carefully(distinct: pd.Series, whole_months: bool) -> pd.Series:
    normal = distinct.str.normalize("NFKC").str.strip()
    found = _by_parts(normal, DAY)
    for pattern in (PACKED, *([MONTH] if whole_months else [])):
        rest = normal[found.isna()]
        found = found.fillna(_by_parts(rest, pattern)) if len(rest) else found
    serial = normal.str.match(SERIAL).fillna(False) & found.isna()
    days = pd.to_numeric(normal.where(serial), errors="coerce")
    moments = pd.to_datetime(days, unit="D", origin="1899-12-30").dt.round("s")
    return found.fillna(moments.astype("datetime64[us]"))


def read_dates_as(text: pd.Series, form: str) -> pd.Series:
    """Return timestamps written in one declared form such as ``%m/%d/%Y``; NaT otherwise.

    Where the form has a time zone (``%z``) they are turned into China's time.
    """
    distinct = pd.Series(text.dropna().unique(), dtype="str")
    zoned = "%z" in form
    read = pd.to_datetime(distinct, format=form, errors="coerce", utc=zoned)
    read = read.dt.tz_localize(None) + HOURS_AHEAD if zoned else read
    read = read.astype("datetime64[us]")
    sensible = read.dt.year.between(FIRST_YEAR, LAST_YEAR)
    return _spread(text, distinct, read.where(sensible))


def why_unread(text: pd.Series) -> pd.Series:
    """Return for each text that is no date what keeps it from being one.

    ``text`` holds only what ``read_dates`` left unread.
    """
    distinct = pd.Series(text.unique(), dtype="str")
    normal = distinct.str.normalize("NFKC").str.strip()
    why = pd.Series(_("not a date"), index=distinct.index, dtype="str")
    for pattern, reason in (
        (DAY_FIRST, _("a date that means two things: day or month first?")),
        (SHORT_YEAR, _("a date whose year has two digits")),
        (MONTH, _("a month, not a day")),
        (NO_YEAR, _("a day without its year")),
        (CLOCK, _("a time of day without its date")),
        (MIXED, _("a date whose year, month and day are divided by different marks")),
    ):
        why = why.mask(normal.str.match(pattern).fillna(False), reason)
    for pattern in (DAY, PACKED):
        parts = normal.str.extract(pattern)
        years = pd.to_numeric(parts.year, errors="coerce")
        far = _("a year outside {first} to {last}").format(first=FIRST_YEAR, last=LAST_YEAR)
        why = why.mask(years.notna(), _("there is no such day, or no such time"))
        why = why.mask(years.notna() & ~years.between(FIRST_YEAR, LAST_YEAR), far)
        why = why.mask(_elsewhere(parts), _("a time of another time zone: here it may be another "
                                            "day; turn it into +08:00, or declare %z"))  # fmt: skip
    return pd.Series(why.to_numpy(), index=distinct).reindex(text).set_axis(text.index)


def _spread(text: pd.Series, distinct: pd.Series, read: pd.Series) -> pd.Series:
    places = pd.Index(distinct).get_indexer(pd.Index(text))
    values = np.append(read.to_numpy("datetime64[us]"), np.datetime64("NaT", "us"))
    return pd.Series(values[places], index=text.index)


def _elsewhere(parts: pd.DataFrame) -> pd.Series:
    """Return which parts of dates name a time zone that is not China's."""
    if "zone" not in parts:
        return pd.Series(False, index=parts.index)
    return parts.zone.notna() & ~parts.zone.isin(HERE)


def _by_parts(text: pd.Series, pattern: str) -> pd.Series:
    found = text.str.extract(pattern)
    if "day" not in found:
        found["day"] = found.year.where(found.year.isna(), "1")
    numbers = found.reindex(columns=list(PARTS)).apply(pd.to_numeric, errors="coerce")
    clock = numbers[["hour", "minute", "second"]].fillna(0)
    parts = numbers.assign(**{name: clock[name] for name in clock})
    impossible = ~parts.year.between(FIRST_YEAR, LAST_YEAR) | (parts.hour > 23)
    impossible |= (parts.minute > 59) | (parts.second > 59) | _elsewhere(found)
    days = pd.to_datetime(parts[["year", "month", "day"]], errors="coerce").mask(impossible)
    seconds = parts.hour * 3600 + parts.minute * 60 + parts.second
    return (days + pd.to_timedelta(seconds, unit="s")).astype("datetime64[us]")
