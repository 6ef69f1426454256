"""How far to trust the segments, beside their stability: other settings, and the time passed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.segmentation.drift import Drift
from insights.segmentation.result import Segmentation
from insights.segmentation.sensitivity import LEFT_OUT, NUMBER, SEED, WEIGHT, most_decisive
from insights.words import _, shown

COLUMNS = ["check", "value", "bound", "verdict"]


def rows(
    sensitivity: pd.DataFrame | None,
    drifted: Drift | None,
    distributors: Segmentation | None,
    frozen: bool,
) -> pd.DataFrame:
    """Return check rows: the worst of each kind of change, drift, and the distributors' fit.

    ``frozen``: the rules are of an earlier day, so that drift advises whether they may stay.
    """
    found = []
    if sensitivity is not None:
        found += [_worst(sensitivity, kind) for kind in (SEED, NUMBER, WEIGHT, LEFT_OUT)]
    if drifted is not None:
        found.append(_drift(drifted, frozen))
    if distributors is not None:
        found.append(_distributors(distributors))
    return pd.DataFrame([row for row in found if row], columns=COLUMNS, dtype=object)


def _worst(table: pd.DataFrame, kind: str) -> tuple[str, float, str, str] | None:
    """Return the change of a kind that moved most customers."""
    tried = table[(table.check == kind) & table.ari.notna()]
    if tried.empty:
        return None
    worst = tried.sort_values("ari", kind="stable").iloc[0]
    words = _("{kind} {what}: adjusted Rand")
    verdict = most_decisive(table) if kind == LEFT_OUT else str(worst.verdict)
    return (
        words.format(kind=shown(kind), what=shown(worst.what)),
        round(float(worst.ari), 2),
        _("1 is no change"),
        verdict,
    )


def _drift(drifted: Drift, frozen: bool) -> tuple[str, float, str, str]:
    kept = 1 - drifted.relabelled_share
    words = _("customers in the segment of {old} (share)").format(old=drifted.old_day)
    bound = f">= {1 - drifted.refit_share:g}"
    return (
        words,
        round(float(kept), 3) if np.isfinite(kept) else np.nan,
        bound,
        drift_words(drifted, frozen),
    )


def drift_words(drifted: Drift, frozen: bool) -> str:
    """Say what drifted and, of frozen rules, whether to find them anew."""
    if not frozen:
        return str(drifted)
    return _("{said} For the frozen rules: {advice}.").format(said=drifted, advice=drifted.advice())


def _distributors(found: Segmentation) -> tuple[str, float, str, str]:
    words = _("distributors segmented on their own")
    if found.fit is None:
        return (words, 0, "", found.reason)
    least = float(found.fit.stability.jaccard.min())
    bound = _("Jaccard >= {bound}").format(bound=found.params.min_jaccard)
    return (words, round(least, 2) if np.isfinite(least) else np.nan, bound, found.fit.how)
