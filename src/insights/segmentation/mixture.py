"""Segments as a mixture: each has its own centres, spreads, chances of levels, and share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# In standard scores: a pile of equal values cannot become a spike.
LEAST_VARIANCE = 0.1
# Each segment's spread is drawn towards that of all, as if by this share of the customers.
VARIANCE_PRIOR = 0.07
# Each level counts as if seen once more in a segment, at its share in the company.
LEVEL_PRIOR = 1.0
# A component emptied on the way keeps this share, and the guard that finds it again too small.
LEAST_SHARE = 1e-6
# Customers of no segment: spread wider than the company, with levels as in all of it.
STRAY_VARIANCE = 2.0
STRAY_SHARE = 0.15


@dataclass(frozen=True)
class Space:
    """What every mixture of these customers has in common.

    Points hold ``numeric`` columns in standard scores (0 where unknown), an indicator for each
    level, and for each numeric column whether it is known. ``level_shares`` are the company's,
    ``level_weights`` say how much each level counts against a number, ``level_columns`` number the
    column that each belongs to.
    """

    numeric: int
    level_shares: np.ndarray
    level_weights: np.ndarray
    level_columns: np.ndarray

    @property
    def known_from(self) -> int:
        """Return where the columns begin that say what is known."""
        return self.numeric + len(self.level_shares)

    def design(self, points: np.ndarray) -> np.ndarray:
        """Return the points with the squares of their numeric columns beside them."""
        return np.hstack([points, np.square(points[:, : self.numeric])])

    def places(self, design: np.ndarray) -> np.ndarray:
        """Return numbers and levels alone, for distances."""
        return design[:, : self.known_from]

    def mixture_of(self, design: np.ndarray, labels: np.ndarray, k: int) -> Mixture:
        """Return the mixture that a partition into k groups describes."""
        member = (labels == np.arange(k)[:, None]).astype(float) * (1 - STRAY_SHARE)
        return self.moments(design, np.vstack([member, np.full(len(design), STRAY_SHARE)]))

    def moments(self, design: np.ndarray, member: np.ndarray) -> Mixture:
        """Return the mixture of these memberships: segments, then the stray, x points (weights)."""
        counts, total = member.sum(axis=1), member.sum()
        sums = member[:-1] @ design
        number, level, known = self.numeric, self.known_from, self.known_from + self.numeric
        seen = np.maximum(sums[:, level:known], LEAST_SHARE)
        centres = sums[:, :number] / seen
        spread = np.maximum(sums[:, known:] / seen - np.square(centres), 0.0)
        pooled = (seen * spread).sum(axis=0) / seen.sum(axis=0)
        prior = VARIANCE_PRIOR * total
        hits = sums[:, number:level]
        told = hits @ (self.level_columns[:, None] == self.level_columns).astype(float)
        odds = hits / np.maximum(self.level_shares, LEAST_SHARE)
        return Mixture(
            shares=np.maximum(counts / total, LEAST_SHARE),
            centres=centres,
            variances=(seen * spread + prior * pooled) / (seen + prior) + LEAST_VARIANCE,
            chances=(odds + LEVEL_PRIOR) / (told + LEVEL_PRIOR),
            weights=self.level_weights,
        )


@dataclass(frozen=True)
class Mixture:
    """Components in which features are independent, and the stray that belong to none.

    ``shares`` (k and, last, the stray), ``centres`` and ``variances`` (k x numeric columns),
    ``chances`` (k x level columns, each against the company's share), ``weights`` of the levels.
    A group cannot split along one label alone: only what goes together makes a segment (latent
    class analysis with numbers, Hunt and Jorgensen 1999). What is unknown of a customer tells
    nothing: it drops out of the density. The stray are a wide normal (as the noise of Banfield and
    Raftery 1993).
    """

    shares: np.ndarray
    centres: np.ndarray
    variances: np.ndarray
    chances: np.ndarray
    weights: np.ndarray

    @property
    def size(self) -> int:
        """Return the number of segments."""
        return len(self.centres)

    def log_joint(self, design: np.ndarray) -> np.ndarray:
        """Return log(share x density) up to a constant: segments, then the stray, x points."""
        return self._terms() @ design.T + np.log(self.shares)[:, None]

    def labels(self, design: np.ndarray) -> np.ndarray:
        """Return the number of the most probable segment of each row of ``Space.design``."""
        return self.log_joint(design)[:-1].argmax(axis=0)

    def log_likelihoods(self, design: np.ndarray) -> np.ndarray:
        """Return the log density of each point, up to a constant."""
        logs = self.log_joint(design)
        top = logs.max(axis=0)
        return top + np.log(np.exp(logs - top).sum(axis=0))

    def belongs(self, design: np.ndarray) -> np.ndarray:
        """Say of each point whether it belongs to some segment rather than to none."""
        logs = self.log_joint(design)
        top = logs.max(axis=0)
        return np.exp(logs[-1] - top) < np.exp(logs[:-1] - top).sum(axis=0)

    def probabilities(self, points: np.ndarray) -> np.ndarray:
        """Return customers x segments and, last, the stray.

        Each row is computed alone, without the matrix products whose last bit depends on the
        batch: a batch changes nothing.
        """
        terms, number = self._terms(), self.centres.shape[1]
        known = number + self.chances.shape[1]
        logs = np.tile(np.log(self.shares), (len(points), 1))
        for place in range(known + number):
            column = points[:, [place]]
            slope = terms[:, place]
            if place < number:
                slope = slope + column * terms[:, known + number + place]
            logs += column * slope
        odds = np.exp(logs - logs.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def reordered(self, order: list[int]) -> Mixture:
        """Return the same mixture with its segments in another order."""
        return Mixture(
            self.shares[[*order, self.size]],
            self.centres[order],
            self.variances[order],
            self.chances[order],
            self.weights,
        )

    def _terms(self) -> np.ndarray:
        """Return what each column of a design adds to the log density: (k + 1) x columns."""
        slope = self.centres / self.variances
        level = -0.5 * (self.centres * slope + np.log(self.variances))
        rows = np.hstack([slope, self.weights * np.log(self.chances), level, -0.5 / self.variances])
        number, known = self.centres.shape[1], self.centres.shape[1] + self.chances.shape[1]
        stray = np.zeros(rows.shape[1])
        stray[known : known + number] = -0.5 * np.log(STRAY_VARIANCE)
        stray[known + number :] = -0.5 / STRAY_VARIANCE
        return np.vstack([rows, stray])


def maximise(
    space: Space,
    design: np.ndarray,
    weights: np.ndarray,
    start: Mixture,
    tolerance: float,
    most: int,
) -> tuple[Mixture, float]:
    """Climb from ``start`` by expectation-maximisation (Dempster, Laird, Rubin 1977).

    ``design``: of ``Space.design``; ``weights``: how often each point counts. Stops when the mean
    log likelihood gains less than ``tolerance`` or after ``most`` rounds; returns the mixture and
    that mean.
    """
    total = weights.sum()
    mixture, before = start, -np.inf
    for _round in range(most):
        odds = mixture.log_joint(design)
        top = odds.max(axis=0)
        odds -= top
        np.exp(odds, out=odds)
        sums = odds.sum(axis=0)
        level = float(weights @ (top + np.log(sums)) / total)
        if level - before < tolerance:
            break
        before = level
        odds *= weights / sums
        mixture = space.moments(design, odds)
    return mixture, level
