"""What is still to come in a period: the rest of the running month, and the months after it.

What a month brought so far beyond its usual pace may mean more to come (the pace holds), nothing,
or less (an order came early): rest = usual rest + c x (so far - usual by now), and c is what
fitted best at the same point of earlier months, by kind of scope.
"""

from __future__ import annotations

import numpy as np

from insights.targets.forecast_panel import SalesPanel

EARLY = (-1.0, -0.5, 0.0)  # the surprise was timing, half of it was, it says nothing
PACE_HELD = (0.5, 1.0)  # share of the surprise that goes on at the same pace
UNTRIED = 2  # place of "it says nothing"
MONTHS_OF_KIND = 4.0  # a scope's own pace weighs as much as its kind's after four such months
LEAST_PACE = 0.1
COMPANY = "company"
CENT = 0.005
SCALED_BY = (0.5, 2.0)  # the parts and the whole disagree by more: the parts stay as they are


def rests_expected(
    panel: SalesPanel, expected: np.ndarray, share: float, further: int
) -> list[np.ndarray]:
    """Return of 0 to ``further`` months more what month t's rest and they were expected to bring.

    Each is origin x scope. Origin ``t`` has seen the first t months whole, and month t until
    ``share`` of its working days had passed. ``expected`` is an ``outlook``.
    """
    pace, first = usual_pace(panel, share), expected[:, :, 0]
    surprise = _so_far(panel, share) - pace * first
    rest = (1 - pace) * first + _carried(panel, pace, surprise, first)
    later = np.cumsum(expected[:, :, 1 : further + 1], axis=2)
    sums = [rest, *(rest + later[:, :, h] for h in range(further))]
    return [_added_up(panel, one) for one in sums]


def adding_up(panel: SalesPanel) -> list[str]:
    """Return the kinds of scope whose sales add up to the company's in every month."""
    company = panel.monthly[panel.kinds == COMPANY].sum(axis=0)
    others = [kind for kind in sorted(set(panel.kinds)) if kind != COMPANY]
    sums = {kind: panel.monthly[panel.kinds == kind].sum(axis=0) for kind in others}
    alike = [kind for kind in others if np.allclose(sums[kind], company, rtol=0, atol=CENT)]
    return alike if (panel.kinds == COMPANY).any() else []


def rest_came(panel: SalesPanel, share: float, further: int) -> np.ndarray:
    """Return origin x scope: what the same rest brought; missing until it is over."""
    found = np.full((panel.complete + 1, len(panel.keys)), np.nan)
    over = panel.complete - further
    if over > 0:
        totals = np.cumsum(np.pad(panel.monthly, ((0, 0), (1, 0))), axis=1)
        whole = totals[:, further + 1 :] - totals[:, :over]
        found[:over] = (whole - panel.sold_by(share)[:, :over] * _within(share)).T
    return found


def so_far_in_period(panel: SalesPanel, share: float, before: np.ndarray) -> np.ndarray:
    """Return origin x scope: sold in the ``before[t]`` months before month t and in its start."""
    totals = np.cumsum(np.pad(panel.monthly, ((0, 0), (1, 0))), axis=1)
    origins = np.arange(panel.complete + 1)
    earlier = totals[:, origins] - totals[:, origins - before]
    return np.asarray(earlier.T + _so_far(panel, share))


def usual_pace(panel: SalesPanel, share: float) -> np.ndarray:
    """Return origin x scope: the share of a month's money that has come by now in such months.

    Such months have the same place in the quarter (quarter ends are heavy at their end); a scope's
    own are shrunk to its kind's. Until there are two of them it is the share of working days.
    """
    origins = panel.complete + 1
    if not _within(share):
        return np.zeros((origins, len(panel.keys)))
    by_now, whole = panel.sold_by(share), panel.monthly
    place = (panel.months.month.to_numpy() - 1) % 3
    kinds = panel.kinds[:, None] == panel.kinds[None, :]
    found = np.full((origins, len(panel.keys)), share)
    for t in range(origins):
        alike = np.flatnonzero(place[:t] == place[t])
        if len(alike) >= 2:
            own, total = by_now[:, alike].sum(axis=1), whole[:, alike].sum(axis=1)
            of_kind = _ratio(kinds @ own, kinds @ total, share)
            mine = _ratio(own, total, share)
            weight = len(alike) / (len(alike) + MONTHS_OF_KIND)
            found[t] = np.clip(weight * mine + (1 - weight) * of_kind, 0.0, 1.0)
    return found


def _within(share: float) -> bool:
    """Say whether the running month has begun; at its start nothing of it is known."""
    return share > 0


def _so_far(panel: SalesPanel, share: float) -> np.ndarray:
    """Return origin x scope: sold in month t so far; of the running month what is known."""
    earlier = panel.sold_by(share) * _within(share)
    return np.concatenate([earlier, panel.running[:, None]], axis=1).T


def _ratio(part: np.ndarray, whole: np.ndarray, otherwise: float) -> np.ndarray:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), otherwise)


def _carried(
    panel: SalesPanel, pace: np.ndarray, surprise: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """Return origin x scope: what the surprise so far adds to the rest of the month."""
    came = np.concatenate([panel.monthly, np.full((len(panel.keys), 1), np.nan)], axis=1).T
    held = (1 - pace) / np.maximum(pace, LEAST_PACE)
    tried = [c * surprise for c in EARLY] + [c * held * surprise for c in PACE_HELD]
    added = np.stack(tried)
    errors = np.nan_to_num(np.abs(came - first - surprise - added))
    best = np.zeros_like(first, dtype="int64")
    for kind in set(panel.kinds):
        of_kind = panel.kinds == kind
        before = np.pad(errors[:, :, of_kind].sum(axis=2), ((0, 0), (1, 0)))[:, :-1]
        so_far = np.cumsum(before, axis=1)
        chosen = np.where(so_far.sum(axis=0) > 0, np.argmin(so_far, axis=0), UNTRIED)
        best[:, of_kind] = chosen[:, None]
    return np.asarray(np.take_along_axis(added, best[None], axis=0)[0])


def _added_up(panel: SalesPanel, rest: np.ndarray) -> np.ndarray:
    """Return the forecasts, parts in proportion scaled to the company's where all are known."""
    found = np.array(rest)
    for kind in adding_up(panel):
        parts = panel.kinds == kind
        total = found[:, parts].sum(axis=1)
        company = found[:, panel.kinds == COMPANY].sum(axis=1)
        usable = np.isfinite(total) & (total > 0)
        factor = np.where(usable, company / np.where(usable, total, 1.0), 1.0)
        kept = (factor >= SCALED_BY[0]) & (factor <= SCALED_BY[1])
        found[:, parts] *= np.where(kept, factor, 1.0)[:, None]
    return found
