"""The window of 36 months, its working days and its Spring Festivals."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import numpy as np
import pandas as pd

from insights.demo.chance import Days, Floats, Ints

FIRST = np.datetime64("2023-01-01", "D")
LAST = np.datetime64("2025-12-31", "D")
MONTHS = np.arange("2023-01", "2026-01", dtype="datetime64[M]")
N_MONTHS = len(MONTHS)
MONTH_OF_YEAR = np.arange(N_MONTHS) % 12
VBP_MONTH = 20  # 2024-09
ONE_DAY = np.timedelta64(1, "D")
HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def calendar() -> pd.DataFrame:
    """Return date, is_workday (make-up workdays included) and holiday for 2022 to 2026."""
    days = pd.date_range("2022-01-01", "2026-12-31")
    details = [chinese_calendar.get_holiday_detail(day.date()) for day in days]
    workdays = [chinese_calendar.is_workday(day.date()) for day in days]
    names = [HOLIDAYS.get(name) if off and name else None for off, name in details]
    return pd.DataFrame({"date": days, "is_workday": workdays, "holiday": names})


def workdays_of(month: np.datetime64) -> Days:
    """Return the working days of a month."""
    first = month.astype("datetime64[D]")
    days = np.arange(first, (month + 1).astype("datetime64[D]"))
    return np.array([d for d in days if chinese_calendar.is_workday(d.astype(dt.date))])


_WORKDAYS = [workdays_of(month) for month in MONTHS]
N_WORKDAYS: Ints = np.array([len(days) for days in _WORKDAYS], dtype=np.int64)
_PADDED: Days = np.array([np.resize(days, 24) for days in _WORKDAYS])


def workday(month: Ints, share: Floats) -> Days:
    """Return the working day at ``share`` (0..1) of the way through each month."""
    place = np.floor(np.clip(share, 0, 0.999999) * N_WORKDAYS[month]).astype(np.int64)
    return _PADDED[month, place]


def month_index(days: Days) -> Ints:
    """Return months since 2023-01 (negative before)."""
    return (days.astype("datetime64[M]") - MONTHS[0]).astype(np.int64)


def month_ends() -> Days:
    """Return the last day of every month of the window."""
    return np.add((MONTHS + 1).astype("datetime64[D]"), -ONE_DAY)
