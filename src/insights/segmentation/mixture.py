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
        return _shares_of_rows(self._row_by_row(points))

    def labels(self, design: np.ndarray) -> np.ndarray:
        """Return the number of the most probable segment of each row of ``Space.design``."""
        return self.log_joint(design).argmax(axis=0)

    def log_joint(self, design: np.ndarray) -> np.ndarray:
        """Return log(share x density) up to a constant: segments x points, by one product."""
        slope, bend, constant = self._terms()
        return np.hstack([slope, bend]) @ design.T + constant[:, None]

    def log_likelihoods(self, design: np.ndarray) -> np.ndarray:
        """Return the log density of each point, up to a constant."""
        logs = self.log_joint(design)
        top = logs.max(axis=0)
        return top + np.log(np.exp(logs - top).sum(axis=0))

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

    def design(self, points: np.ndarray) -> np.ndarray:
        """Return the points with the squares of their numeric columns beside them."""
        return np.hstack([points, np.square(points[:, : self.numeric])])

    def points(self, design: np.ndarray) -> np.ndarray:
        """Return the points of a design."""
        return design[:, : design.shape[1] - self.numeric]

    def mixture_of(self, design: np.ndarray, labels: np.ndarray, k: int) -> Mixture:
        """Return the mixture that a partition into k groups describes."""
        return self.moments(design, (labels == np.arange(k)[:, None]).astype(float))

    def moments(self, design: np.ndarray, member: np.ndarray) -> Mixture:
        """Return the mixture whose components have these members (k x points, weights)."""
        counts = member.sum(axis=1)
        safe = np.maximum(counts, LEAST_SHARE)[:, None]
        sums = member @ design
        last = design.shape[1] - self.numeric
        centres = sums[:, : self.numeric] / safe
        spread = np.maximum(sums[:, last:] / safe - np.square(centres), 0.0)
        seen = sums[:, self.numeric : last] / np.maximum(self.level_shares, LEAST_SHARE)
        chances = (seen + LEVEL_PRIOR) / (counts[:, None] + LEVEL_PRIOR)
        shares = np.maximum(counts / counts.sum(), LEAST_SHARE)
        return Mixture(shares, centres, spread + LEAST_VARIANCE, chances, self.weight)


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


def _shares_of_rows(logs: np.ndarray) -> np.ndarray:
    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
