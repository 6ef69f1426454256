"""How figures are written in the tables that people read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from insights.words import _

TIERS = ("A", "B", "C", "")
LISTED = 10


def dashed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with a dash where a figure is missing."""
    return table.astype(object).where(table.notna(), "–")


def percent(share: float) -> float:
    """Return a share in percent to one decimal, NaN where unknown."""
    return round(100 * float(share), 1)


def tier_name(tier: object) -> str:
    """Return a tier as people read it."""
    return str(tier) if isinstance(tier, str) and tier else _("no tier")


def by_tier(
    accounts: pd.DataFrame, line: Callable[[pd.DataFrame, str | None], Mapping[str, object]]
) -> pd.DataFrame:
    """Return a row a tier that anybody has, and one of everybody."""
    tier = accounts.tier.fillna("")
    rows = {
        tier_name(one): line(accounts[tier == one], one) for one in TIERS if (tier == one).any()
    }
    rows[_("all")] = line(accounts, None)
    return stacked(rows).rename_axis(_("tier"))


def stacked(lines: Mapping[str, Mapping[str, object]]) -> pd.DataFrame:
    """Return a row a line, whole numbers kept whole."""
    return dashed(pd.DataFrame(list(lines.values()), index=list(lines)))


def percents(part: pd.Series, whole: pd.Series) -> np.ndarray:
    """Return part of whole in percent to one decimal, NaN where there is no whole."""
    return rounded(100 * part / whole.where(whole > 0)).to_numpy(dtype="float64")


def rounded(values: pd.Series) -> pd.Series:
    """Return values to one decimal."""
    return values.astype("float64").round(1)


def band(low: pd.Series, high: pd.Series) -> str:
    """Return the least low and the greatest high, in words."""
    if low.isna().all():
        return ""
    return _("{low:g} to {high:g}").format(low=round(low.min(), 1), high=round(high.max(), 1))


def dates(days: pd.Series) -> pd.Series:
    """Return days as text, nothing where they are missing."""
    return days.dt.strftime("%Y-%m-%d").fillna("")
