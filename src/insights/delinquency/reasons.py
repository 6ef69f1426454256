"""Why this item? What moves its odds most, in plain words and with its money."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.model import LatenessModel
from insights.delinquency.phrases import PHRASES, history, money
from insights.words import _

THEMES = {
    "history": ("late_odds", "recent_late_odds", "group_late_odds", "log_matured", "mean_delay",
                "recent_delay"),
    "overdue": ("overdue_share", "overdue_items_share"),
    "debt": ("log_open", "utilisation"),
    "age": ("days_left", "time_used", "past_due"),
    "paid": ("paid_share",),
    "size": ("log_amount", "amount_against_usual"),
    "terms": ("term", "retention"),
    "dispute": ("disputed",),
    "tender": ("vbp",),
    "season": ("season_sin", "season_cos", "festival", "year_end"),
}  # fmt: skip
SMALLEST = 0.05
SHOWN = 3


def reasons_for(model: LatenessModel, points: pd.DataFrame, exposure: pd.Series) -> pd.Series:
    """Return for each open item its money and the themes that raise its log odds most.

    The contributions are the regression's: exact for the naive and
    calibrated rate, an approximation for the blend, whose boosting has no such parts.
    """
    moved = _by_theme(model.contributions(points))
    order = np.argsort(-moved.to_numpy(), axis=1, kind="stable")[:, :SHOWN]
    names = moved.columns.to_numpy()[order]
    strength = np.take_along_axis(moved.to_numpy(), order, axis=1)
    words = {theme: PHRASES[theme](points) for theme in moved.columns}
    texts = [
        _joined(exposure.iloc[row], names[row], strength[row], row, words)
        for row in range(len(points))
    ]
    return pd.Series(texts, index=points.index, dtype="str")


def reasons_when_late(points: pd.DataFrame, exposure: pd.Series, days: pd.Series) -> pd.Series:
    """Return what is certain about an item whose grace has run out."""
    texts = [
        _("{money} open; already late: {days:.0f} days past due; {history}").format(
            money=money(owed), days=age, history=past
        )
        for owed, age, past in zip(exposure, days, history(points), strict=True)
    ]
    return pd.Series(texts, index=points.index, dtype="str")


def _by_theme(moved: pd.DataFrame) -> pd.DataFrame:
    parts = {
        theme: moved[[name for name in columns if name in moved]].sum(axis=1)
        for theme, columns in THEMES.items()
        if any(name in moved for name in columns)
    }
    return pd.DataFrame(parts)


def _joined(
    owed: float,
    names: np.ndarray,
    strength: np.ndarray,
    row: int,
    words: dict[str, list[str]],
) -> str:
    raised = [
        words[name][row]
        for name, push in zip(names, strength, strict=True)
        if push >= SMALLEST and words[name][row]
    ]
    why = _("raised by: {themes}").format(themes=", ".join(raised))
    told = why if raised else _("nothing unusual")
    return "; ".join([_("{money} open").format(money=money(owed)), told])
