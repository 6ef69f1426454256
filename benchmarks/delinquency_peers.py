"""How others predict late payment: each learns from the same as-of features of invoices at issue.

Every peer gets all columns of ``invoice_features`` for the invoices that had matured before the
origin. The boosted trees are small and slowly added, without early stopping; how many is decided on
training rows alone: what was issued in the later two fifths of the history is predicted, a fifth
at a time, from what had matured before, and the number with the least log loss is fitted anew on
all of them. Everything else stays as the package ships it.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

Predictor = Callable[[pd.DataFrame, pd.DataFrame, list[str]], np.ndarray]
Stages = Callable[[np.ndarray, np.ndarray, np.ndarray, Sequence[int]], list[np.ndarray]]

RATE = 0.04
DEPTH, LEAVES, IN_LEAF = 4, 15, 20
NUMBERS = (20, 40, 60, 80, 120, 160, 240, 320, 480)
PARTS_FROM = (0.6, 0.8)
FEWEST = 50
SEED = 0
# A usual floor in scorecard work: weaker columns have no information value (Siddiqi 2006).
LEAST_INFORMATION = 0.02


def naive(train: pd.DataFrame, asked: pd.DataFrame, _columns: list[str]) -> np.ndarray:
    """Return the payer's past late rate by the day of issue; a new payer's is the company's."""
    return asked.late_rate.to_numpy(float)


def scorecard(train: pd.DataFrame, asked: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return what optbinning's scorecard says: optimal bins, weights of evidence, a regression."""
    # Its solver package complains on import of one solver of many, which is not used here.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        from optbinning import BinningProcess, Scorecard
    bins = BinningProcess(columns, selection_criteria={"iv": {"min": LEAST_INFORMATION}})
    card = Scorecard(binning_process=bins, estimator=LogisticRegression(max_iter=1000))
    card.fit(train[columns], train.late.astype(int))
    return card.predict_proba(asked[columns])[:, 1]


def lightgbm(train: pd.DataFrame, asked: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return LightGBM's answer."""
    return _with_chosen_number(_lightgbm, train, asked, columns)


def catboost(train: pd.DataFrame, asked: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return CatBoost's answer."""
    return _with_chosen_number(_catboost, train, asked, columns)


def xgboost(train: pd.DataFrame, asked: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return XGBoost's answer."""
    return _with_chosen_number(_xgboost, train, asked, columns)


def hist_gradient(train: pd.DataFrame, asked: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return the answer of scikit-learn's HistGradientBoosting."""
    return _with_chosen_number(_hist_gradient, train, asked, columns)


def present() -> tuple[list[Predictor], list[str]]:
    """Return the peers that can run here, and in words why others cannot."""
    wanted: list[tuple[Predictor, str]] = [
        (naive, ""),
        (scorecard, _package("optbinning")),
        (lightgbm, _package("lightgbm")),
        (catboost, _package("catboost")),
        (xgboost, _package("xgboost")),
        (hist_gradient, ""),
    ]
    found = [peer for peer, lacking in wanted if not lacking]
    return found, [f"{peer.__name__} was left out: {why}" for peer, why in wanted if why]


def _package(name: str) -> str:
    found = importlib.util.find_spec(name)
    return "" if found else f"{name} is not installed (pip install 'insights[bench]')"


def _with_chosen_number(
    stages: Stages, train: pd.DataFrame, asked: pd.DataFrame, columns: list[str]
) -> np.ndarray:
    losses = np.zeros(len(NUMBERS))
    for earlier, later in _parts(train):
        found = stages(_values(earlier, columns), _late(earlier), _values(later, columns), NUMBERS)
        losses += [len(later) * log_loss(_late(later), p, labels=[0, 1]) for p in found]
    number = NUMBERS[int(losses.argmin())]
    return stages(_values(train, columns), _late(train), _values(asked, columns), [number])[0]


def _parts(train: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return (matured before, issued from then on) at two days of the training rows' own time."""
    days = [*train.day.quantile(list(PARTS_FROM)).astype(int), int(train.day.max()) + 1]
    pairs = [
        (train[train.matures < start], train[(train.day >= start) & (train.day < end)])
        for start, end in pairwise(days)
    ]
    return [
        (earlier, later)
        for earlier, later in pairs
        if min(len(earlier), len(later)) >= FEWEST and earlier.late.nunique() == 2
    ]


def _values(rows: pd.DataFrame, columns: list[str]) -> np.ndarray:
    return rows[columns].to_numpy("float64")


def _late(rows: pd.DataFrame) -> np.ndarray:
    return rows.late.to_numpy("int64")


def _lightgbm(
    values: np.ndarray, late: np.ndarray, asked: np.ndarray, numbers: Sequence[int]
) -> list[np.ndarray]:
    from lightgbm import Dataset, train

    settings = {
        "objective": "binary",
        "learning_rate": RATE,
        "num_leaves": LEAVES,
        "min_data_in_leaf": IN_LEAF,
        "num_threads": 1,
        "seed": SEED,
        "deterministic": True,
        "verbose": -1,
    }
    model = train(settings, Dataset(values, late), num_boost_round=max(numbers))
    return [np.asarray(model.predict(asked, num_iteration=number)) for number in numbers]


def _catboost(
    values: np.ndarray, late: np.ndarray, asked: np.ndarray, numbers: Sequence[int]
) -> list[np.ndarray]:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        iterations=max(numbers),
        learning_rate=RATE,
        depth=DEPTH,
        random_seed=SEED,
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
    ).fit(values, late)
    return [model.predict_proba(asked, ntree_end=number)[:, 1] for number in numbers]


def _xgboost(
    values: np.ndarray, late: np.ndarray, asked: np.ndarray, numbers: Sequence[int]
) -> list[np.ndarray]:
    from xgboost import XGBClassifier

    model = XGBClassifier(
        n_estimators=max(numbers),
        learning_rate=RATE,
        max_depth=DEPTH,
        tree_method="hist",
        n_jobs=1,
        random_state=SEED,
    ).fit(values, late)
    return [model.predict_proba(asked, iteration_range=(0, n))[:, 1] for n in numbers]


def _hist_gradient(
    values: np.ndarray, late: np.ndarray, asked: np.ndarray, numbers: Sequence[int]
) -> list[np.ndarray]:
    model = HistGradientBoostingClassifier(
        learning_rate=RATE,
        max_iter=max(numbers),
        max_leaf_nodes=LEAVES,
        min_samples_leaf=IN_LEAF,
        early_stopping=False,
        random_state=SEED,
    ).fit(values, late)
    staged = list(model.staged_predict_proba(asked))
    return [staged[number - 1][:, 1] for number in numbers]
