"""How the payer, and those like it, had paid by the day.

Late rates are drawn from the company's to the kind's, the group's and the payer's, each step with
the weight of a prior number of items (shrinkage by a beta prior), and the payer's is also told
with its past half forgotten. A late payment is known the day after due date and grace have passed
unpaid, not when the money comes at last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from insights.features.invoices.outcomes import paid_by, standing_due
from insights.features.invoices.points import Points
from insights.features.ledger import NEVER, Ledger, day_numbers, due_at
from insights.features.running import RunningSums

WINDOWS = (365, 90)
MEMORY = 8.0
START_RATE = 0.2
GROUP_WEIGHT = 5
# Days past due, the last three as shares of the grace: how far an item had come, still unpaid.
STAGES = (-60, -30, -15, 0)
STAGE_SHARES = (0.25, 0.5, 0.75)
Sums = tuple[np.ndarray, ...]


def past_lateness(
    ledger: Ledger, at: Points, grace_days: int, prior: float
) -> dict[str, np.ndarray]:
    """Return past late rates of payer, group and region as drawn log odds, and their counts."""
    matured = _Matured.of(ledger, grace_days)
    far = GROUP_WEIGHT * prior
    nobody = np.zeros_like(at.payer_of)
    base = _rate(matured.known(nobody, at), START_RATE, far)
    kind = _rate(matured.known(at.kind_of, at), base, far)
    group = _rate(matured.known(at.group_of, at), kind, far)
    region = _rate(matured.known(at.region_of, at), base, far)
    sums = matured.sums(at.payer_of)
    n, late = sums.upto(at.payer, at.day)
    rate = _rate((n, late), group, prior)
    before, latest = _forgetting(sums, at, (n, late), group, prior)
    return {
        "late_rate": np.where(n > 0, late / np.maximum(n, 1), base),
        "late_odds": logit(rate),
        "quarter_ago_odds": logit(before),
        "recent_late_odds": logit(latest),
        "group_late_odds": logit(group),
        "region_late_odds": logit(region),
        "matured": n,
        "late_count": late,
        "log_matured": np.log1p(n),
        "stage_odds": _stage_odds(ledger, at, matured, grace_days, prior),
    }


@dataclass(frozen=True)
class _Matured:
    """The items that had come to an end by some day: that day, whether late, days held open."""

    item: np.ndarray
    known_on: np.ndarray
    late: np.ndarray
    held: np.ndarray

    @classmethod
    def of(cls, ledger: Ledger, grace_days: int) -> _Matured:
        items = ledger.items
        due = standing_due(items, grace_days)
        known_on = np.where(due == NEVER, NEVER, due + grace_days + 1)
        paid, credited = paid_by(ledger, known_on - 1)
        amount = items.amount_cents.to_numpy("float64")
        brought = (items.kind == "opening").to_numpy()
        item = np.flatnonzero((due != NEVER) & (credited < amount) & ~brought)
        held = day_numbers(items.settled_on) - due
        return cls(item, known_on[item], (paid < amount)[item], held[item])

    def sums(self, codes: np.ndarray, *columns: np.ndarray) -> RunningSums:
        """Return running sums of the number and the late, by code of the item."""
        ones = np.ones(len(self.item))
        return RunningSums.of(codes[self.item], self.known_on, *(columns or (ones, self.late)))

    def known(self, codes: np.ndarray, at: Points) -> Sums:
        """Return the number and the late of the point's own code by its day."""
        return self.sums(codes).upto(at.where(codes), at.day)


def _forgetting(
    sums: RunningSums, at: Points, whole: Sums, towards: np.ndarray, prior: float
) -> list[np.ndarray]:
    """Return the rate that forgets, as of the start of the last window and as of the day.

    The items of a year ago and before, of the year, of the quarter are read in turn; what is known
    before a window weighs as much as its items, but at most ``MEMORY`` of them (a power prior).
    """
    weight, found = np.full(len(towards), prior), []
    edges = [sums.upto(at.payer, at.day - days) for days in WINDOWS]
    parts = zip([*edges, whole], [None, *edges], strict=True)
    for upto, before in parts:
        n, late = upto if before is None else (upto[0] - before[0], upto[1] - before[1])
        towards = (late + weight * towards) / (n + weight)
        weight = np.minimum(n + weight, MEMORY)
        found.append(towards)
    return found[1:]


def _stage_odds(
    ledger: Ledger, at: Points, matured: _Matured, grace_days: int, prior: float
) -> np.ndarray:
    """Return by how much having come this far unpaid raised the log odds of earlier items.

    Of the payer's matured items, those that were still open as many days past due as this one is
    now, against all of them; the rates are drawn towards the company's at that stage.
    """
    edges = np.array([*STAGES, *(grace_days * share for share in STAGE_SHARES)])
    edges = np.unique(edges[edges < max(grace_days, 1)])
    due = due_at(ledger.items.take(at.item), at.day)
    stage = np.searchsorted(edges, at.day - due, side="right")
    far, rates = GROUP_WEIGHT * prior, {}
    for number in np.unique(stage):
        rows = stage == number
        edge = -np.inf if number == 0 else edges[number - 1]
        rates[number] = (rows, _open_rate(at, matured, rows, edge, (far, prior)))
    odds = np.zeros(len(at.item))
    for rows, (there, anywhere) in rates.values():
        odds[rows] = logit(there) - logit(anywhere)
    return odds


def _open_rate(
    at: Points, matured: _Matured, rows: np.ndarray, edge: float, weights: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the payer's late rate of items open past ``edge`` days, and of all, for some rows."""
    still = (matured.held > edge) | matured.late
    columns = (still, still & matured.late, np.ones(len(still)), matured.late)
    payer, day = at.payer[rows], at.day[rows]
    whole = matured.sums(np.zeros_like(at.payer_of), *columns).upto(np.zeros_like(payer), day)
    own = matured.sums(at.payer_of, *columns).upto(payer, day)
    far, prior = weights
    rates = []
    for first in (0, 2):
        base = _rate(whole[first : first + 2], START_RATE, far)
        rates.append(_rate(own[first : first + 2], base, prior))
    return rates[0], rates[1]


def _rate(counted: Sums, towards: np.ndarray | float, weight: float) -> np.ndarray:
    n, total = counted
    return (total + weight * towards) / (n + weight)
