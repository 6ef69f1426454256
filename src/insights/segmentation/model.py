"""Fit segments on a table of features, and place customers in them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from insights.params import SegmentationParams
from insights.segmentation.mixture import Mixture, Space, maximise
from insights.segmentation.naming import RECENCY, segment_names
from insights.segmentation.optima import FINE, FINE_ROUNDS
from insights.segmentation.prepare import (
    Preparation,
    check_features,
    fit_preparation,
    is_number,
)
from insights.segmentation.stability import CHOICE_ROWS, Choice, choose_segments
from insights.words import _

VALUE = "monetary_value"
# Read and placed together: keeps a million customers out of memory at once.
ROWS_AT_ONCE = 16384
ASSIGNED = ("customer_id", "segment", "confidence", "closest_second", "typical")


@dataclass(frozen=True)
class SegmentModel:
    """Frozen rules: how features are read, where the segments lie, what they are called."""

    preparation: Preparation
    mixture: Mixture
    names: tuple[str, ...]

    def assign(self, features: pd.DataFrame) -> pd.DataFrame:
        """Place customers: customer_id, segment, confidence, closest_second, typical.

        Typical is the probability of belonging to any segment rather than to none.
        Confidence is the probability of the segment against that of the closest second: 0.5 is
        as likely the one as the other, 1 is no doubt.

        Each row is placed by its own figures alone: a batch, another order or a single row give
        the same answer. Unseen levels and missing values tell nothing.
        """
        check_features(features)
        parts = [
            self._places(features.iloc[first : first + ROWS_AT_ONCE])
            for first in range(0, max(len(features), 1), ROWS_AT_ONCE)
        ]
        columns = (np.concatenate(part) for part in zip(*parts, strict=True))
        first, confidence, second, typical = columns
        names = pd.array([*self.names, None], dtype="str")
        return pd.DataFrame(
            {
                "customer_id": features.index.astype("str"),
                "segment": names.take(first),
                "confidence": confidence,
                "closest_second": names.take(second),
                "typical": typical,
            }
        )

    def _places(self, features: pd.DataFrame) -> tuple[np.ndarray, ...]:
        """Return number of the segment, confidence, number of the second, and typical."""
        chances = self.mixture.probabilities(self.preparation.apply(features))
        typical, chances = 1 - chances[:, -1], chances[:, :-1]
        if chances.shape[1] == 1:
            # The place after the last name is the missing one.
            only = np.zeros(len(chances), dtype=int)
            return only, np.ones(len(chances)), only + 1, typical
        rows = np.arange(len(chances))
        first = chances.argmax(axis=1)
        best = chances[rows, first]
        chances[rows, first] = -1.0
        second = chances.argmax(axis=1)
        both = best + np.maximum(chances[rows, second], 0.0)
        return first, np.where(both > 0, best / both, 0.5), second, typical


@dataclass(frozen=True)
class Fit:
    """A model with what it rests on: candidates of k, stability by segment, the reason in words."""

    model: SegmentModel
    candidates: pd.DataFrame
    stability: pd.DataFrame
    how: str


def fit_segments(features: pd.DataFrame, params: SegmentationParams) -> Fit:
    """Find the segments of ``features``; where no number of them is stable, use a rule grid."""
    sample = _sample(features, params)
    preparation = fit_preparation(sample, params)
    points = preparation.apply(sample)
    choice = _chosen(preparation.space, points, params)
    mixture, jaccard = choice.mixture, choice.jaccard
    if mixture is None:
        mixture = _grid(points, preparation)
        jaccard = np.full(mixture.size, np.nan)
    labels = mixture.labels(preparation.space.design(points))
    standing = preparation.standing(sample).groupby(labels).mean()
    standing = standing.reindex(range(mixture.size), fill_value=0.0)
    order = _by_value(standing, mixture)
    names = _names(sample, labels, standing.loc[order])
    stability = pd.DataFrame({"segment": names, "jaccard": jaccard[order]})
    model = SegmentModel(preparation, mixture.reordered(order), tuple(names))
    return Fit(model, choice.candidates, stability, _how(choice, params))


def too_few(features: pd.DataFrame, params: SegmentationParams) -> str:
    """Return why ``features`` cannot be segmented, or an empty text."""
    if len(features) < params.min_customers:
        return _(
            "{n} customers are too few: at least {bound} are needed for stable segments"
        ).format(n=len(features), bound=params.min_customers)
    if not fit_preparation(_sample(features, params), params).width:
        return _("every feature is constant, empty or unique: nothing tells customers apart")
    return ""


def _sample(features: pd.DataFrame, params: SegmentationParams) -> pd.DataFrame:
    """Return the customers in order of their ids; of very many those that a seeded hash draws."""
    ids = features.index.astype("str").to_numpy(dtype=object)
    if len(ids) > params.max_fit_rows:
        keys = pd.util.hash_array(
            ids, hash_key=f"{params.search_seed % 10**16:016d}", categorize=False
        )
        chosen = np.argpartition(keys, params.max_fit_rows)[: params.max_fit_rows]
        features, ids = features.iloc[chosen], ids[chosen]
    return features.iloc[np.argsort(ids, kind="stable")]


def _chosen(space: Space, points: np.ndarray, params: SegmentationParams) -> Choice:
    """Choose k, and climb on from the optimum it was chosen by to that of all customers."""
    with threadpool_limits(1):
        choice = choose_segments(space, points, params)
        if choice.mixture is None or len(points) <= CHOICE_ROWS:
            return choice
        even, design = np.ones(len(points)), space.design(points)
        mixture, _level = maximise(space, design, even, choice.mixture, FINE, FINE_ROUNDS)
    return replace(choice, mixture=mixture)


def _how(choice: Choice, params: SegmentationParams) -> str:
    if choice.mixture is None:
        return _("no stable number of segments: a rule grid was used")
    n = choice.mixture.size
    if n == 2:
        return _("two segments only: no larger number was stable")
    return _(
        "{n} segments: the largest number of which every one was found again with a mean Jaccard "
        "of at least {bound}"
    ).format(n=n, bound=params.min_jaccard)


def _grid(points: np.ndarray, preparation: Preparation) -> Mixture:
    """Two by two on the two columns that matter most: value and recency where present."""
    columns = [scale.column for scale in preparation.scales]
    recency = next((name for name in RECENCY if name in columns), VALUE)
    wanted = [columns.index(name) for name in dict.fromkeys((VALUE, recency)) if name in columns]
    width = preparation.space.known_from
    axes = (wanted + [i for i in range(width) if i not in wanted])[:2]
    upper = points[:, axes] > np.median(points[:, axes], axis=0)
    labels = upper @ (1 << np.arange(upper.shape[1]))
    found, place = np.unique(labels, return_inverse=True)
    design = preparation.space.design(points)
    mixture = preparation.space.mixture_of(design, place, len(found))
    return replace(mixture, variances=np.ones_like(mixture.variances))


def _names(sample: pd.DataFrame, labels: np.ndarray, standing: pd.DataFrame) -> list[str]:
    return segment_names(
        standing,
        VALUE if VALUE in standing else None,
        growth=_medians(sample, labels, ("growth",), len(standing)),
        silence=_medians(sample, labels, RECENCY, len(standing)),
    )


def _medians(
    sample: pd.DataFrame, labels: np.ndarray, columns: tuple[str, ...], size: int
) -> pd.Series | None:
    """Return each segment's median of the first of these columns that the features hold."""
    known = [name for name in columns if name in sample and is_number(sample[name])]
    if not known:
        return None
    medians = sample[known[0]].groupby(labels).median()
    return medians.reindex(range(size), fill_value=0.0)


def _by_value(standing: pd.DataFrame, mixture: Mixture) -> list[int]:
    rank = standing[VALUE] if VALUE in standing else pd.Series(mixture.shares[:-1])
    return [int(i) for i in rank.sort_values(ascending=False, kind="stable").index]
