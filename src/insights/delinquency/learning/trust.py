"""Where does the model hold? By region and customer type, against drift, and without the future."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.learning.backtest import scores
from insights.delinquency.learning.snapshots import CUT, ISSUE
from insights.features.invoices import invoice_features, outcomes
from insights.features.ledger import Ledger, day_numbers, open_ledger
from insights.params import DelinquencyParams
from insights.tables import Tables
from insights.words import N_, _

GROUP_COLUMNS = [
    "view", "by", "group", "n", "late_rate", "auc", "auc_naive", "brier", "brier_naive", "ece",
    "ece_floor", "verdict",
]  # fmt: skip
DRIFT_COLUMNS = ["feature", "learnt_mean", "recent_mean", "psi", "verdict"]
KEYS = ["invoice_id", "instalment_no"]
# Season and length of history change with the calendar alone: no drift of the payers.
WATCHED = (
    "late_odds",
    "recent_late_odds",
    "mean_delay",
    "recent_delay",
    "overdue_share",
    "utilisation",
    "log_open",
    "log_amount",
    "amount_against_usual",
    "term",
    "vbp",
    "retention",
)
FEWEST, FEWEST_EACH = 100, 10
# Usual bounds of the population stability index in credit scoring (Siddiqi 2006).
SHIFTED, MOVED = 0.25, 0.1
PARTS = 10
LEAK_ROWS = 2000


def by_group(predictions: pd.DataFrame, params: DelinquencyParams) -> pd.DataFrame:
    """How well is each region and customer type predicted? A row a view and group, largest first.

    ``predictions``: the tested items with region_id and customer_type. Figures stand only where a
    group has enough items of both kinds.
    """
    named = (("region_id", N_("region")), ("customer_type", N_("customer type")))
    views = ((CUT, _("open")), (ISSUE, _("at issue")))
    rows = [
        {"view": shown, "by": words, "group": str(group)} | _of_group(part, params)
        for view, shown in views
        for column, words in named
        for group, part in _groups(predictions[predictions.view == view], column)
    ]
    return pd.DataFrame(rows, columns=GROUP_COLUMNS)


def drift(ledger: Ledger, learnt: pd.DataFrame, params: DelinquencyParams) -> pd.DataFrame:
    """Do the items issued lately look like those the model learnt from? A row a feature.

    ``learnt`` as returned by ``snapshots``. psi: population stability index over tenths of what
    was learnt; below 0.1 the same, above 0.25 another population.
    """
    issued = day_numbers(ledger.items.issued_on)
    lately = np.flatnonzero((issued > ledger.day - params.fold_days) & (issued <= ledger.day))
    before = learnt[(learnt.view == ISSUE) & (learnt.day <= ledger.day - params.fold_days)]
    if len(lately) < FEWEST or len(before) < FEWEST:
        return pd.DataFrame(columns=DRIFT_COLUMNS)
    points = pd.DataFrame({"item": lately, "day": issued[lately]})
    now = invoice_features(ledger, points, params.grace_days, params.prior_invoices)
    rows = [_shift(name, before[name], now[name]) for name in WATCHED if name in before]
    table = pd.DataFrame(rows, columns=DRIFT_COLUMNS)
    return table.sort_values("psi", ascending=False, kind="stable", ignore_index=True)


def leak(tables: Tables, ledger: Ledger, cut: int, params: DelinquencyParams) -> tuple[int, float]:
    """Would the figures have been the same with the future deleted? Items compared, largest gap.

    Features of items open on the day ``cut`` are taken from this ledger and from one that is
    opened on that day and has never seen a later row. The gap is 0 where nothing leaks.
    """
    day = pd.Timestamp(np.datetime64(cut, "D"))
    then = open_ledger(tables, day)
    became = outcomes(ledger, params.grace_days)
    seen = became.index[(became.issued <= cut) & (became.settled > cut)][:LEAK_ROWS]
    now_rows = _named_features(ledger, seen.to_numpy(), cut, params)
    there = _names(then).get_indexer(now_rows.index)
    then_rows = _named_features(then, there[there >= 0], cut, params)
    missing = int((there < 0).sum())
    gap = (now_rows.loc[then_rows.index] - then_rows).abs().max().max() if len(then_rows) else 0.0
    return len(now_rows), float("inf") if missing else float(gap)


def _named_features(
    ledger: Ledger, found: np.ndarray, day: int, params: DelinquencyParams
) -> pd.DataFrame:
    points = pd.DataFrame({"item": found, "day": day})
    rows = invoice_features(ledger, points, params.grace_days, params.prior_invoices)
    return rows.set_axis(_names(ledger)[found]).fillna(-1)


def _names(ledger: Ledger) -> pd.MultiIndex:
    """Return a name for every item; a copy is told from its original by its number."""
    keys = ledger.items[KEYS].astype("str").fillna("")
    return pd.MultiIndex.from_frame(keys.assign(copy=keys.groupby(KEYS).cumcount()))


def _groups(predictions: pd.DataFrame, column: str) -> list[tuple[object, pd.DataFrame]]:
    if column not in predictions or predictions.empty:
        return []
    parts = list(predictions.groupby(column, sort=True))
    return sorted(parts, key=lambda pair: -len(pair[1]))


def _of_group(part: pd.DataFrame, params: DelinquencyParams) -> dict[str, object]:
    late = int(part.late.sum())
    if len(part) < FEWEST or min(late, len(part) - late) < FEWEST_EACH:
        words = _("too few to judge: {late} late of {n}").format(late=late, n=len(part))
        return {"n": len(part), "late_rate": float(part.late.mean()), "verdict": words}
    found = scores(part, params.capture_share)
    better = found["auc"] > found["auc_naive"] and found["brier"] < found["brier_naive"]
    verdict = _("better than the naive rate") if better else _("no better than the naive rate")
    return found | {"verdict": verdict}


def _shift(name: str, learnt: pd.Series, recent: pd.Series) -> dict[str, object]:
    index = _stability_index(learnt.to_numpy("float64"), recent.to_numpy("float64"))
    words = _("another population") if index > SHIFTED else _("moved")
    return {
        "feature": name,
        "learnt_mean": float(learnt.mean()),
        "recent_mean": float(recent.mean()),
        "psi": index,
        "verdict": _("as learnt") if index <= MOVED else words,
    }


def _stability_index(learnt: np.ndarray, recent: np.ndarray) -> float:
    """Return sum (q - p) ln(q / p) over the tenths of ``learnt``; half a row stands for none."""
    edges = np.unique(np.nanquantile(learnt, np.linspace(0, 1, PARTS + 1)[1:-1]))
    p, q = (_shares(values, edges) for values in (learnt, recent))
    return float(((q - p) * np.log(q / p)).sum())


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    places = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, "left"))
    counts = np.bincount(places, minlength=len(edges) + 2) + 0.5
    return counts / counts.sum()
