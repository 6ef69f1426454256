"""Late by more than 30 days, and by more than 90? Longer graces beside the one that is graded.

An item late at the longer grace was late at the shorter one, so that the probabilities are a
chain: P(late at 90) = P(late at 30) x P(late at 90 | late at 30). The second factor is learnt from
items that were late at the shorter grace. None can exceed the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.delinquency.learning.model import fit_blend
from insights.delinquency.learning.snapshots import open_points, snapshots
from insights.features.invoices import outcomes
from insights.features.ledger import Ledger
from insights.params import DelinquencyParams
from insights.words import _


@dataclass(frozen=True)
class HorizonTable:
    """``probabilities``: a row an open item, a column a grace in days (int), the shortest first.

    ``reasons``: why a grace could not be learnt; its column is missing then, and all longer ones.
    """

    probabilities: pd.DataFrame
    reasons: tuple[str, ...]


def horizon_table(
    ledger: Ledger, probability: pd.Series, params: DelinquencyParams
) -> HorizonTable:
    """How likely is each open item late at ``grace_days`` and at each longer of ``horizons``?

    ``probability``: P(late at ``grace_days``) of the open items, index item; missing stays missing.
    """
    columns, reasons = {params.grace_days: probability}, []
    before, reached = probability, params.grace_days
    for grace in sorted(days for days in set(params.horizons) if days > params.grace_days):
        further, reason = _given_late(ledger, reached, replace(params, grace_days=grace))
        before = before * further.reindex(before.index)
        reached = grace
        columns[grace] = before
        reasons += [reason] if reason else []
    return HorizonTable(pd.DataFrame(columns), tuple(reasons))


def _given_late(
    ledger: Ledger, shorter: int, params: DelinquencyParams
) -> tuple[pd.Series, str | None]:
    """Return P(late at params' grace | late at the shorter) of every open item, or the reason."""
    points = open_points(ledger, params)
    certain = points.already_late & ~points.undated
    given = pd.Series(np.where(certain, 1.0, np.nan), index=points.index)
    rows = snapshots(ledger, params)
    rows = rows[outcomes(ledger, shorter).late.to_numpy()[rows["item"]]]
    reason = _too_little(rows, params)
    ahead = points[~certain & ~points.undated]
    if reason is None and len(ahead):
        given[ahead.index] = fit_blend(rows, params.seed).probability(ahead)
    return given, reason


def _too_little(rows: pd.DataFrame, params: DelinquencyParams) -> str | None:
    items = rows.drop_duplicates("item")
    late = int(items.late.sum())
    if min(late, len(items) - late) >= params.min_late:
        return None
    return _(
        "late by more than {grace} days: {late} of {n} late items; {least} of each kind are needed"
    ).format(grace=params.grace_days, late=late, n=len(items), least=params.min_late)
