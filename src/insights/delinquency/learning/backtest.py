"""Rolling origins: each quarter predicted from what was known before it began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, roc_auc_score

from insights.delinquency.learning.model import (
    Calibration,
    LatenessModel,
    fit_blend,
    fit_calibration,
    fit_naive,
)
from insights.delinquency.learning.snapshots import CUT, ISSUE
from insights.params import DelinquencyParams

FOLD_COLUMNS = [
    "fold", "cut", "n", "late_rate", "auc", "brier", "auc_naive", "brier_naive", "ece", "ece_floor",
    "capture", "capture_best",
]  # fmt: skip
BINS = 10
FEWEST_OPEN = 100
NAIVE = "late_rate"
KEPT = ["item", "payer", "day", "view", "late", "matures", "amount", NAIVE]


@dataclass(frozen=True)
class Trial:
    """What the rolling origins showed, and the predictor that they chose.

    ``predictions``: a row a test item and view with blend, naive_fit, late_rate (the naive rate),
    used (what would have been said then: predictor and correction chosen from what was known at
    the cut) and late. ``uses_blend`` and ``calibration``: chosen now, from all windows.
    """

    predictions: pd.DataFrame
    uses_blend: bool
    calibration: Calibration
    calibrated: bool


@dataclass(frozen=True)
class _Choice:
    """Which predictor, and with which correction, the windows known so far speak for."""

    uses_blend: bool
    calibration: Calibration
    calibrated: bool

    def apply(self, predictions: pd.DataFrame) -> np.ndarray:
        return self.calibration.apply(_chosen(predictions, self.uses_blend))


def run_trial(rows: pd.DataFrame, cuts: list[int], params: DelinquencyParams) -> Trial:
    """Test blend and naive on each window, choose, and see whether a calibration would help.

    ``rows`` as returned by ``snapshots``. The blend is used only where its AUC beats the naive
    rate's, and its Brier score both the naive rate's and the calibrated one's by more than the
    standard error of the difference, payers resampled as a whole. What ``used`` holds for a window
    was chosen from labels known at its cut; one window before the first serves only that choice.
    """
    origins = [burn_in(cuts, params), *cuts] if cuts else []
    folds = [_fold(rows, number, cut, params) for number, cut in enumerate(origins)]
    tested = pd.concat([fold for fold in folds if fold is not None] or [_nothing(rows)])
    tested = tested.reset_index(drop=True)
    used = np.zeros(len(tested))
    for cut in sorted(tested.cut.unique()):
        now = (tested.cut == cut).to_numpy()
        then = _choose(tested[(tested.cut < cut) & (tested.matures < cut)])
        used[now] = then.apply(tested[now])
    shown = tested.assign(used=used)[tested.fold > 0].reset_index(drop=True)
    choice = _choose(tested)
    return Trial(shown, choice.uses_blend, choice.calibration, choice.calibrated)


def burn_in(cuts: list[int], params: DelinquencyParams) -> int:
    """Return the cut of the window before the first, from which the first choice is made."""
    return cuts[0] - params.fold_days


def fit_chosen(rows: pd.DataFrame, trial: Trial, seed: int) -> LatenessModel:
    """Fit the chosen predictor on everything that has matured."""
    return fit_blend(rows, seed) if trial.uses_blend else fit_naive(rows, seed)


def fold_scores(predictions: pd.DataFrame, view: str, params: DelinquencyParams) -> pd.DataFrame:
    """Return a row a fold: size, late rate, AUC, Brier, ECE and capture, naive beside them."""
    seen = predictions[predictions.view == view]
    rows = [
        {"fold": fold, "cut": np.datetime64(int(part.cut.iloc[0]), "D")}
        | scores(part, params.capture_share)
        for fold, part in seen.groupby("fold")
    ]
    table = pd.DataFrame(rows, columns=FOLD_COLUMNS)
    return table.assign(cut=table.cut.astype("datetime64[s]"))


def scores(part: pd.DataFrame, capture_share: float) -> dict[str, float]:
    """Return the figures of one set of predictions (used, late_rate, late, amount)."""
    late = part.late.to_numpy(bool)
    used, naive = part.used.to_numpy(float), part[NAIVE].to_numpy(float)
    money = part.amount.to_numpy(float)
    ece, floor = calibration_error(used, late)
    return {
        "n": len(part),
        "late_rate": float(late.mean()) if len(part) else np.nan,
        "auc": _auc(late, used),
        "brier": _brier(late, used),
        "auc_naive": _auc(late, naive),
        "brier_naive": _brier(late, naive),
        "ece": ece,
        "ece_floor": floor,
        "capture": _capture(used * money, late * money, capture_share),
        "capture_best": _capture(late * money, late * money, capture_share),
    }


def calibration_table(predicted: np.ndarray, late: np.ndarray) -> pd.DataFrame:
    """Return predicted, observed and n of ten groups of equal size, lowest first."""
    order = np.argsort(predicted, kind="stable")
    groups = [part for part in np.array_split(order, BINS) if len(part)]
    return pd.DataFrame(
        {
            "predicted": [float(predicted[part].mean()) for part in groups],
            "observed": [float(late[part].mean()) for part in groups],
            "n": [len(part) for part in groups],
        }
    )


def calibration_error(predicted: np.ndarray, late: np.ndarray) -> tuple[float, float]:
    """Return the expected calibration error, and what chance alone would show were it perfect."""
    if not len(predicted):
        return np.nan, np.nan
    table = calibration_table(predicted, late)
    weight = table.n / table.n.sum()
    noise = np.sqrt(2 / np.pi * table.predicted * (1 - table.predicted) / table.n)
    error = (table.observed - table.predicted).abs()
    return float((weight * error).sum()), float((weight * noise).sum())


def _fold(
    rows: pd.DataFrame, number: int, cut: int, params: DelinquencyParams
) -> pd.DataFrame | None:
    train = rows[(rows.matures < cut) & (rows.day < cut)]
    if not _teaches(train.drop_duplicates("item"), params):
        return None
    issued = (rows.view == ISSUE) & (rows.day >= cut) & (rows.day < cut + params.fold_days)
    test = rows[issued | ((rows.view == CUT) & (rows.day == cut - 1))]
    blend = fit_blend(train, params.seed)
    naive = fit_naive(train, params.seed)
    kept = test[KEPT]
    return kept.assign(
        fold=number, cut=cut, blend=blend.probability(test), naive_fit=naive.probability(test)
    )


def _teaches(items: pd.DataFrame, params: DelinquencyParams) -> bool:
    late = int(items.late.sum())
    enough = len(items) >= params.min_invoices // 2
    return enough and min(late, len(items) - late) >= params.min_late


def _nothing(rows: pd.DataFrame) -> pd.DataFrame:
    empty = rows.loc[rows.index[:0], KEPT]
    return empty.assign(fold=0, cut=0, blend=0.0, naive_fit=0.0)


def _choose(known: pd.DataFrame) -> _Choice:
    """Choose the predictor, then say whether correcting it would have helped in later windows."""
    uses_blend = _blend_wins(known)
    chosen = _chosen(known, uses_blend)
    corrected = _corrected_as_then(known, chosen)
    calibrated = _gains(known, chosen, corrected)
    line = fit_calibration(chosen, known.late.to_numpy(bool)) if calibrated else Calibration()
    return _Choice(uses_blend, line, calibrated)


def _chosen(predictions: pd.DataFrame, uses_blend: bool) -> np.ndarray:
    return predictions["blend" if uses_blend else "naive_fit"].to_numpy("float64")


def _blend_wins(known: pd.DataFrame) -> bool:
    """Judge on open items as the worklist sees them; on items at issue where those are few."""
    part = known[known.view == CUT]
    if len(part) < FEWEST_OPEN or part.late.nunique() < 2:
        part = known[known.view == ISSUE]
    late = part.late.to_numpy(bool)
    if len(np.unique(late)) < 2:
        return False
    blend, naive, fitted = (part[name].to_numpy(float) for name in ("blend", NAIVE, "naive_fit"))
    nearer = _nearer(part, blend, naive) and _nearer(part, blend, fitted)
    return nearer and _auc(late, blend) > _auc(late, naive)


def _corrected_as_then(predictions: pd.DataFrame, chosen: np.ndarray) -> np.ndarray:
    """Return each fold's predictions, corrected by the folds whose labels were known at its cut."""
    corrected = chosen.copy()
    for cut in sorted(predictions.cut.unique()):
        before = ((predictions.cut < cut) & (predictions.matures < cut)).to_numpy()
        now = (predictions.cut == cut).to_numpy()
        line = fit_calibration(chosen[before], predictions.late.to_numpy(bool)[before])
        corrected[now] = line.apply(chosen[now])
    return corrected


def _gains(predictions: pd.DataFrame, chosen: np.ndarray, corrected: np.ndarray) -> bool:
    """Say whether the correction helped in the later folds."""
    if not len(predictions):
        return False
    later = (predictions.fold > predictions.fold.min()).to_numpy()
    return _nearer(predictions[later], corrected[later], chosen[later])


def _nearer(tested: pd.DataFrame, new: np.ndarray, old: np.ndarray) -> bool:
    """Say whether ``new`` lowers the squared error by more than the standard error of the gain.

    A payer's items err together: their gains are added up before the spread is taken.
    """
    if len(tested) < FEWEST_OPEN:
        return False
    late = tested.late.to_numpy(bool)
    gain = (old - late) ** 2 - (new - late) ** 2
    apart = pd.Series(gain - gain.mean()).groupby(tested.payer.to_numpy()).sum()
    error = np.sqrt((apart**2).sum()) / len(gain)
    return bool(gain.mean() > error)


def _auc(late: np.ndarray, score: np.ndarray) -> float:
    return float(roc_auc_score(late, score)) if len(np.unique(late)) == 2 else np.nan


def _brier(late: np.ndarray, score: np.ndarray) -> float:
    return float(brier_score_loss(late, np.clip(score, 0, 1))) if len(late) else np.nan


def _capture(rank_by: np.ndarray, late_money: np.ndarray, share: float) -> float:
    """Return the share of all late money in the first ``share`` of items."""
    total = late_money.sum()
    if total <= 0:
        return np.nan
    called = np.argsort(-rank_by, kind="stable")[: max(1, int(len(rank_by) * share))]
    return float(late_money[called].sum() / total)
