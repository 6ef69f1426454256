"""Why this item? What moves its probability, in words, signed, adding up to what is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.learning.model import THEMES, Calibration, LatenessModel
from insights.delinquency.learning.phrases import PHRASES, history, money
from insights.words import _

__all__ = ["THEMES", "probability_points", "reasons_for", "reasons_when_late"]

SHOWN = 3
SMALLEST = 0.5
CHUNK = 100_000
USUAL = "usual"
UNCORRECTED = Calibration()


def probability_points(
    model: LatenessModel, points: pd.DataFrame, calibration: Calibration = UNCORRECTED
) -> pd.DataFrame:
    """Return, in percentage points, the usual item's probability and what each theme adds to it.

    Columns: ``usual`` and the themes; a row adds up to 100 x its probability. The log odds are a
    sum over themes; on the straight way from the usual item to this one each theme is credited
    with its share of the climb (integrated gradients, Sundararajan et al. 2017; Aumann-Shapley).
    """
    moved = model.contributions(points)
    usual = np.array([model.usual_log_odds])
    start = calibration.apply(_squashed(usual))[0]
    end = calibration.apply(model.probability(points))
    climbed = moved.sum(axis=1).to_numpy()
    level = np.abs(climbed) < 1e-9
    slope = np.where(
        level, calibration.slope * start * (1 - start), (end - start) / np.where(level, 1, climbed)
    )
    parts = moved.mul(100 * slope, axis=0)
    parts.insert(0, USUAL, 100 * start)
    return parts


def reasons_for(
    model: LatenessModel,
    points: pd.DataFrame,
    exposure: pd.Series,
    calibration: Calibration = UNCORRECTED,
) -> pd.Series:
    """Return each open item's money and the themes that move its probability most, signed.

    Whole percentage points from the usual item's to this one's; what is not told is summed under
    "all else", so that the line adds up as it stands.
    """
    pieces = [
        _told(model, points[start : start + CHUNK], exposure, calibration)
        for start in range(0, len(points), CHUNK)
    ]
    return pd.concat(pieces) if pieces else pd.Series([], index=points.index, dtype="str")


def reasons_when_late(points: pd.DataFrame, exposure: pd.Series, days: pd.Series) -> pd.Series:
    """Return what is certain about an item whose grace has run out."""
    said = _("{money} open; already late: {days:.0f} days past due; {history}")
    texts = [
        said.format(money=money(owed), days=age, history=past)
        for owed, age, past in zip(exposure, days, history(points), strict=True)
    ]
    return pd.Series(texts, index=points.index, dtype="str")


def _told(
    model: LatenessModel, points: pd.DataFrame, exposure: pd.Series, calibration: Calibration
) -> pd.Series:
    parts = probability_points(model, points, calibration)
    themes = parts.drop(columns=USUAL)
    values = themes.to_numpy()
    order = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :SHOWN]
    top = np.take_along_axis(values, order, axis=1)
    shown = np.where(np.abs(top) >= SMALLEST, np.rint(top), 0).astype("int64")
    usual = int(np.rint(parts[USUAL].iloc[0])) if len(parts) else 0
    total = np.rint(parts.sum(axis=1).to_numpy()).astype("int64")
    rest = total - usual - shown.sum(axis=1)
    words = _phrases(points, list(themes.columns), order, shown)
    lines = _lines(exposure[points.index].to_numpy(), usual, (words, rest, total))
    return pd.Series(lines, index=points.index, dtype="str")


def _phrases(
    points: pd.DataFrame, themes: list[str], order: np.ndarray, shown: np.ndarray
) -> np.ndarray:
    """Return rows x SHOWN: signed phrases, empty where a theme moves less than it can show."""
    words = np.full(order.shape, "", dtype=object)
    signed = _("{phrase} ({points:+d})")
    for place, theme in enumerate(themes):
        row, column = np.nonzero((order == place) & (shown != 0))
        said = PHRASES[theme](points.iloc[row])
        moved = shown[row, column].tolist()
        words[row, column] = [
            signed.format(points=value, phrase=phrase)
            for value, phrase in zip(moved, said, strict=True)
        ]
    return words


def _lines(
    owed: np.ndarray, usual: int, told: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> list[str]:
    line = _("{money} open; {total} %: {parts}")
    start = _("usual {value} %").format(value=usual)
    other = _("all else ({points:+d})")
    words, rest, total = (part.tolist() for part in told)
    return [
        line.format(
            money=money(cash),
            total=whole,
            parts=", ".join(
                [start, *filter(None, phrases), *([other.format(points=left)] if left else [])]
            ),
        )
        for cash, phrases, left, whole in zip(owed.tolist(), words, rest, total, strict=True)
    ]


def _squashed(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-log_odds))
