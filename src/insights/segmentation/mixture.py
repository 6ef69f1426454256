"""Segments as a mixture: each has its own centre, its own spread and its own share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.mixture import GaussianMixture

# In standard scores: a pile of equal values (a share of zero, a level) cannot become a spike.
LEAST_VARIANCE = 0.1


@dataclass(frozen=True)
class Mixture:
    """Diagonal normal components: shares (k), centres and variances (k x dimensions)."""

    shares: np.ndarray
    centres: np.ndarray
    variances: np.ndarray

    @property
    def size(self) -> int:
        """Return the number of components."""
        return len(self.shares)

    def probabilities(self, points: np.ndarray) -> np.ndarray:
        """Return customers x segments; each row is computed alone, so a batch changes nothing."""
        logs = np.column_stack([self._log_density(points, number) for number in range(self.size)])
        odds = np.exp(logs - logs.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def labels(self, points: np.ndarray) -> np.ndarray:
        """Return the number of the most probable segment of each point."""
        return self.probabilities(points).argmax(axis=1)

    def reordered(self, order: list[int]) -> Mixture:
        """Return the same mixture with its components in another order."""
        return Mixture(self.shares[order], self.centres[order], self.variances[order])

    def _log_density(self, points: np.ndarray, number: int) -> np.ndarray:
        variance = self.variances[number]
        misfit = (np.square(points - self.centres[number]) / variance).sum(axis=1)
        return np.log(self.shares[number]) - 0.5 * (misfit + np.log(variance).sum())


def fit_mixture(points: np.ndarray, k: int, starts: int, seed: int) -> Mixture:
    """Fit k components by expectation-maximisation, the best of several k-means starts."""
    model = GaussianMixture(
        k, covariance_type="diag", n_init=starts, random_state=seed, reg_covar=LEAST_VARIANCE
    ).fit(points)
    return Mixture(model.weights_, model.means_, model.covariances_)
