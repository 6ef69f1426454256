"""Sales by day that are made by hand or simulated, for the tests of forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd

SEASON = np.array([0.8, 0.9, 1.3] * 4)


def workdays(first: str = "2022-01-01", last: str = "2026-12-31") -> pd.DataFrame:
    """Return a calendar without holidays."""
    days = pd.date_range(first, last)
    return pd.DataFrame({"day": days, "is_workday": (days.day_of_week < 5).astype(float)})


def spread(
    monthly: np.ndarray, scopes: list[tuple[str, str]], first: str = "2022-01-01"
) -> pd.DataFrame:
    """Spread scope x month amounts (CNY) evenly over the working days of each month."""
    months = pd.date_range(first, periods=monthly.shape[1], freq="MS")
    parts = []
    for row, (scope, scope_id) in enumerate(scopes):
        for column, month in enumerate(months):
            days = pd.bdate_range(month, month + pd.offsets.MonthEnd(0))
            cents = np.diff(
                np.round(100 * monthly[row, column] * np.arange(len(days) + 1) / len(days))
            )
            parts.append(
                pd.DataFrame(
                    {
                        "scope": scope,
                        "scope_id": scope_id,
                        "day": days,
                        "amount_cents": cents.astype("int64"),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def company(
    regions: int = 6, months: int = 42, noise: float = 0.08, seed: int = 3, growth: float = 0.0
) -> pd.DataFrame:
    """Simulate regions with a season, their own level and noise, and the company as their sum."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(1e5, 1e6, regions)[:, None]
    season = np.tile(SEASON, months // 12 + 1)[:months]
    trend = (1 + growth) ** (np.arange(months) / 12)
    amounts = np.round(level * season * trend * rng.lognormal(0, noise, (regions, months)))
    whole = np.vstack([amounts.sum(axis=0), amounts])
    named = [("company", "company"), *(("region", f"r{k}") for k in range(regions))]
    days = spread(whole, named)
    # cents of the company are those of its regions, day by day
    rows = days[days.scope == "region"].groupby("day", as_index=False).amount_cents.sum()
    own = rows.assign(scope="company", scope_id="company")
    return pd.concat([own, days[days.scope == "region"]], ignore_index=True)[days.columns]
