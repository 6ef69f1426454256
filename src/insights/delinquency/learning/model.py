"""The probability of lateness: a regularised logistic regression blended with small-leaf boosting.

The two err differently: the regression carries the payer's own rate smoothly to few data, the
boosting finds thresholds and interactions. Their log odds are averaged; the boosting's weight
grows to a half with the number of items. Every tree reads the columns of one theme only, so that
the log odds are a sum over themes: the reasons are exact (Nori et al. 2019 on additive boosting).
The calibrated naive rate is the same regression on the past late rate and age alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

THEMES = {
    "history": ("late_odds", "quarter_ago_odds", "recent_late_odds", "log_matured", "mean_delay",
                "recent_delay", "latest_delay"),
    "kind": ("group_late_odds", "region_late_odds"),
    "overdue": ("overdue_share", "overdue_items_share"),
    "debt": ("log_open", "utilisation"),
    "timing": ("days_left", "time_used", "past_due", "stage_odds", "since_payment", "run_slack"),
    "paid": ("paid_share",),
    "promises": ("broken_promises", "promise_running", "broken_share"),
    "size": ("log_amount", "amount_against_usual"),
    "terms": ("term", "retention"),
    "dispute": ("disputed",),
    "tender": ("vbp",),
    "season": ("season_sin", "season_cos", "festival", "year_end"),
}  # fmt: skip
FEATURES = tuple(column for columns in THEMES.values() for column in columns)
NAIVE_FEATURES = ("late_odds", "days_left", "time_used", "past_due", "paid_share")
MAX_ROWS = 40_000
CHUNK = 100_000
CLIP = 5.0
EDGE = 1e-4
PENALTY = 0.02
HALF_WEIGHT_ITEMS = 1000
ITEMS_A_TREE = 16
TREES = (30, 300)


@dataclass(frozen=True)
class LatenessModel:
    """A fitted model. ``usual``: the median item, against which reasons are told.

    ``share`` is the boosting's weight in the log odds, 0 without one.
    """

    columns: tuple[str, ...]
    centre: np.ndarray
    spread: np.ndarray
    usual: np.ndarray
    regression: LogisticRegression
    boosting: HistGradientBoostingClassifier | None
    share: float

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """Return P(not settled by due date plus grace), a value a row."""
        return np.clip(expit(self.log_odds(features)), EDGE, 1 - EDGE)

    def log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Return the log odds, a value a row, in pieces that fit the memory."""
        pieces = [
            self._odds(features[start : start + CHUNK][list(self.columns)].to_numpy("float64"))
            for start in range(0, len(features), CHUNK)
        ]
        return np.concatenate(pieces) if pieces else np.zeros(0)

    @property
    def usual_log_odds(self) -> float:
        """Return the log odds of the median item: where the contributions start from."""
        return float(self._odds(self.usual[None, :])[0])

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return how far each theme moves the log odds from the usual item's, signed.

        A row's contributions and ``usual_log_odds`` add up to its ``log_odds``.
        """
        moved = {
            theme: self._alone(features, [self.columns.index(name) for name in names])
            for theme, names in _present(self.columns).items()
        }
        return pd.DataFrame(moved, index=features.index)

    def _alone(self, features: pd.DataFrame, places: list[int]) -> np.ndarray:
        """Return the log odds of items usual but for some columns, less the usual item's."""
        names = [self.columns[place] for place in places]
        own, row = np.unique(features[names].to_numpy("float64"), axis=0, return_inverse=True)
        values = np.tile(self.usual, (len(own), 1))
        values[:, places] = own
        return (self._odds(values) - self.usual_log_odds)[row.ravel()]

    def _odds(self, values: np.ndarray) -> np.ndarray:
        scaled = np.clip((values - self.centre) / self.spread, -CLIP, CLIP)
        odds = self.regression.decision_function(scaled)
        if self.boosting is None:
            return odds
        return (1 - self.share) * odds + self.share * self.boosting.decision_function(values)


def fit_blend(rows: pd.DataFrame, seed: int) -> LatenessModel:
    """Fit regression and boosting on every column that varies."""
    return _fit(rows, FEATURES, seed, boosted=True)


def fit_naive(rows: pd.DataFrame, seed: int) -> LatenessModel:
    """Fit the past late rate and the item's age to the labels: the naive rate, calibrated."""
    return _fit(rows, NAIVE_FEATURES, seed, boosted=False)


def _fit(rows: pd.DataFrame, wanted: tuple[str, ...], seed: int, boosted: bool) -> LatenessModel:
    items = rows["item"].nunique()
    rows = _sampled(rows, seed)
    columns = tuple(name for name in wanted if rows[name].nunique() > 1) or ("late_odds",)
    values = rows[list(columns)].to_numpy("float64")
    late = rows.late.to_numpy(bool)
    centre = values.mean(axis=0)
    spread = np.where(values.std(axis=0) > 0, values.std(axis=0), 1.0)
    scaled = np.clip((values - centre) / spread, -CLIP, CLIP)
    regression = LogisticRegression(C=PENALTY, max_iter=500).fit(scaled, late)
    boosting = _boosting(columns, items, len(rows), seed).fit(values, late) if boosted else None
    share = 0.5 * items / (items + HALF_WEIGHT_ITEMS) if boosted else 0.0
    usual = np.median(values, axis=0)
    return LatenessModel(columns, centre, spread, usual, regression, boosting, share)


def _boosting(
    columns: tuple[str, ...], items: int, rows: int, seed: int
) -> HistGradientBoostingClassifier:
    """Return small trees of one theme each, the more of them the more items there are."""
    themes = [[columns.index(name) for name in names] for names in _present(columns).values()]
    return HistGradientBoostingClassifier(
        learning_rate=0.08,
        max_iter=int(np.clip(items // ITEMS_A_TREE, *TREES)),
        max_leaf_nodes=8,
        min_samples_leaf=max(20, min(100, rows // 100)),
        l2_regularization=5.0,
        interaction_cst=themes,
        early_stopping=False,
        random_state=seed,
    )


def _present(columns: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the themes that have a column, with those columns."""
    found = {theme: [name for name in names if name in columns] for theme, names in THEMES.items()}
    return {theme: names for theme, names in found.items() if names}


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
