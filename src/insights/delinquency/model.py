"""The probability of lateness: a regularised logistic regression blended with small-leaf boosting.

The two err differently: the regression carries the payer's own rate smoothly to few data, the
boosting finds thresholds and interactions. Their log odds are averaged, with equal weights fixed
beforehand. The calibrated naive rate is the same regression on the past late rate and age alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

AGE = ("days_left", "time_used", "past_due", "paid_share")
NAIVE_FEATURES = ("late_odds", *AGE)
FEATURES = (
    "late_odds",
    "recent_late_odds",
    "group_late_odds",
    "log_matured",
    "mean_delay",
    "recent_delay",
    "log_open",
    "overdue_share",
    "overdue_items_share",
    "utilisation",
    "log_amount",
    "amount_against_usual",
    "term",
    *AGE,
    "disputed",
    "vbp",
    "retention",
    "season_sin",
    "season_cos",
    "festival",
    "year_end",
)
MAX_ROWS = 60_000
CLIP = 5.0
EDGE = 1e-4


@dataclass(frozen=True)
class LatenessModel:
    """A fitted model: the columns it uses, their centre and spread, and its parts."""

    columns: tuple[str, ...]
    centre: np.ndarray
    spread: np.ndarray
    regression: LogisticRegression
    boosting: HistGradientBoostingClassifier | None

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """Return P(not settled by due date plus grace), a value a row."""
        scaled = self._scaled(features)
        odds = self.regression.decision_function(scaled)
        if self.boosting is not None:
            values = features[list(self.columns)].to_numpy("float64")
            odds = 0.5 * (odds + self.boosting.decision_function(values))
        return np.clip(expit(odds), EDGE, 1 - EDGE)

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return how far each column moves the regression's log odds from the usual item's."""
        moved = self._scaled(features) * self.regression.coef_[0]
        return pd.DataFrame(moved, index=features.index, columns=list(self.columns))

    def _scaled(self, features: pd.DataFrame) -> np.ndarray:
        values = features[list(self.columns)].to_numpy("float64")
        return np.clip((values - self.centre) / self.spread, -CLIP, CLIP)


def fit_blend(rows: pd.DataFrame, seed: int) -> LatenessModel:
    """Fit regression and boosting on every column that varies."""
    return _fit(rows, FEATURES, seed, boosted=True)


def fit_naive(rows: pd.DataFrame, seed: int) -> LatenessModel:
    """Fit the past late rate and the item's age to the labels: the naive rate, calibrated."""
    return _fit(rows, NAIVE_FEATURES, seed, boosted=False)


def _fit(rows: pd.DataFrame, wanted: tuple[str, ...], seed: int, boosted: bool) -> LatenessModel:
    rows = _sampled(rows, seed)
    columns = tuple(name for name in wanted if rows[name].nunique() > 1) or ("late_odds",)
    values = rows[list(columns)].to_numpy("float64")
    late = rows.late.to_numpy(bool)
    centre = values.mean(axis=0)
    spread = np.where(values.std(axis=0) > 0, values.std(axis=0), 1.0)
    scaled = np.clip((values - centre) / spread, -CLIP, CLIP)
    regression = LogisticRegression(C=0.3, max_iter=500).fit(scaled, late)
    boosting = _boosting(len(rows), seed).fit(values, late) if boosted else None
    return LatenessModel(columns, centre, spread, regression, boosting)


def _boosting(rows: int, seed: int) -> HistGradientBoostingClassifier:
    """Return small trees, slowly added; leaves hold at least a hundredth of few rows."""
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=120,
        max_leaf_nodes=8,
        min_samples_leaf=max(20, min(100, rows // 100)),
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )


def _sampled(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    if len(rows) <= MAX_ROWS:
        return rows
    chosen = np.random.default_rng(seed).choice(len(rows), MAX_ROWS, replace=False)
    return rows.iloc[np.sort(chosen)]


@dataclass(frozen=True)
class Calibration:
    """A line on the log odds (Platt 1999): slope 1 and shift 0 leave a probability as it is."""

    slope: float = 1.0
    shift: float = 0.0

    def apply(self, probability: np.ndarray) -> np.ndarray:
        """Return the corrected probabilities."""
        return np.clip(expit(self.slope * logit(probability) + self.shift), EDGE, 1 - EDGE)


def fit_calibration(probability: np.ndarray, late: np.ndarray) -> Calibration:
    """Fit the line; one class only leaves the probabilities as they are."""
    if len(np.unique(late)) < 2:
        return Calibration()
    line = LogisticRegression(C=1e3).fit(logit(probability)[:, None], late)
    return Calibration(float(line.coef_[0, 0]), float(line.intercept_[0]))
