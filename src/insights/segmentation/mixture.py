"""Segments as a mixture: each has its own centres, spreads, chances of levels, and share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# In standard scores: a pile of equal values (a share of zero, a level) cannot become a spike.
LEAST_VARIANCE = 0.1
# Each level counts as if seen once more in a segment, at its share in the company.
LEVEL_PRIOR = 1.0
# A component emptied on the way keeps this share, and the guard that finds it again too small.
LEAST_SHARE = 1e-6
ROWS_AT_ONCE = 8192


@dataclass(frozen=True)
class Mixture:
    """Components in which features are independent: normal numbers, chances of levels.

    ``shares`` (k), ``centres`` and ``variances`` (k x numeric columns), ``chances`` (k x level
    columns, each against the company's share). Points hold the numeric columns in standard scores,
    then an indicator for each level; ``weight`` is how much a level counts against a number.
    A group cannot split along one label alone: only what goes together makes a segment (latent
    class analysis with numbers, Hunt and Jorgensen 1999).
    """

    shares: np.ndarray
    centres: np.ndarray
    variances: np.ndarray
    chances: np.ndarray
    weight: float

    @property
    def size(self) -> int:
        """Return the number of components."""
        return len(self.shares)

    def probabilities(self, points: np.ndarray) -> np.ndarray:
        """Return customers x segments; each row is computed alone, so a batch changes nothing."""
        found = np.empty((len(points), self.size))
        for first in range(0, len(points), ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            found[rows] = _shares_of_rows(self._row_by_row(points[rows]))
        return found

    def labels(self, points: np.ndarray) -> np.ndarray:
        """Return the number of the most probable segment of each point."""
        return self.log_joint(points, self.squares(points)).argmax(axis=1)

    def squares(self, points: np.ndarray) -> np.ndarray:
        """Return the squares of the numeric columns."""
        return np.square(points[:, : self.centres.shape[1]])

    def log_joint(self, points: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """Return log(share x density) up to a constant: points x segments, by matrix products.

        ``squares``: of the numeric columns.
        """
        slope, bend, constant = self._terms()
        return points @ slope.T + squares @ bend.T + constant

    def log_likelihoods(self, points: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """Return the log density of each point, up to a constant."""
        return np.logaddexp.reduce(self.log_joint(points, squares), axis=1)

    def reordered(self, order: list[int]) -> Mixture:
        """Return the same mixture with its components in another order."""
        return Mixture(
            self.shares[order],
            self.centres[order],
            self.variances[order],
            self.chances[order],
            self.weight,
        )

    def _row_by_row(self, points: np.ndarray) -> np.ndarray:
        """Return the log joint without matrix products, whose last bit depends on the batch."""
        slope, bend, constant = self._terms()
        found = np.tile(constant, (len(points), 1))
        for number in range(points.shape[1]):
            column = points[:, [number]]
            term = slope[:, number]
            if number < bend.shape[1]:
                term = term + column * bend[:, number]
            found += column * term
        return found

    def _terms(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        slope = self.centres / self.variances
        level = (self.centres * slope + np.log(self.variances)).sum(axis=1)
        both = np.hstack([slope, self.weight * np.log(self.chances)])
        return both, -0.5 / self.variances, np.log(self.shares) - 0.5 * level


@dataclass(frozen=True)
class Space:
    """What every mixture of these customers has in common.

    ``numeric``: how many leading columns are numbers; ``level_shares``: the company's share of
    each level; ``weight``: of a level against a number.
    """

    numeric: int
    level_shares: np.ndarray
    weight: float

    def mixture_of(self, points: np.ndarray, labels: np.ndarray, k: int) -> Mixture:
        """Return the mixture that a partition into k groups describes."""
        member = np.zeros((len(points), k))
        member[np.arange(len(points)), labels] = 1.0
        return self.moments(points, np.square(points[:, : self.numeric]), member)

    def moments(self, points: np.ndarray, squares: np.ndarray, member: np.ndarray) -> Mixture:
        """Return the mixture whose components have these members (points x k, weights)."""
        counts = member.sum(axis=0)
        safe = np.maximum(counts, LEAST_SHARE)[:, None]
        sums = member.T @ points
        centres = sums[:, : self.numeric] / safe
        spread = np.maximum(member.T @ squares / safe - np.square(centres), 0.0)
        seen = (
            sums[:, self.numeric :] / self.level_shares if len(self.level_shares) else sums[:, :0]
        )
        chances = (seen + LEVEL_PRIOR) / (counts[:, None] + LEVEL_PRIOR)
        shares = np.maximum(counts / counts.sum(), LEAST_SHARE)
        return Mixture(shares, centres, spread + LEAST_VARIANCE, chances, self.weight)


def maximise(
    space: Space,
    points: np.ndarray,
    weights: np.ndarray,
    start: Mixture,
    tolerance: float,
    most: int,
) -> tuple[Mixture, float]:
    """Climb from ``start`` by expectation-maximisation (Dempster, Laird, Rubin 1977).

    ``weights``: how often each point counts. Stops when the mean log likelihood gains less than
    ``tolerance`` or after ``most`` rounds; returns the mixture and that mean.
    """
    squares, total = start.squares(points), weights.sum()
    mixture, before = start, -np.inf
    for _round in range(most):
        logs = mixture.log_joint(points, squares)
        top = logs.max(axis=1, keepdims=True)
        odds = np.exp(logs - top)
        sums = odds.sum(axis=1, keepdims=True)
        level = float(weights @ (top + np.log(sums))[:, 0] / total)
        if level - before < tolerance:
            break
        before = level
        mixture = space.moments(points, squares, odds * (weights[:, None] / sums))
    return mixture, level


def _shares_of_rows(logs: np.ndarray) -> np.ndarray:
    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
