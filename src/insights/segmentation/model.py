"""Fit segments on a table of features, and place customers in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from insights.params import SegmentationParams
from insights.segmentation.mixture import Mixture
from insights.segmentation.naming import segment_names
from insights.segmentation.prepare import (
    Preparation,
    check_features,
    fit_preparation,
    is_number,
)
from insights.segmentation.stability import Choice, choose_segments
from insights.words import _

VALUE = "monetary_value"
ASSIGNED = ("customer_id", "segment", "confidence", "closest_second")


@dataclass(frozen=True)
class SegmentModel:
    """Frozen rules: how features are read, where the segments lie, what they are called."""

    preparation: Preparation
    mixture: Mixture
    names: tuple[str, ...]

    def assign(self, features: pd.DataFrame) -> pd.DataFrame:
        """Place customers: customer_id, segment, confidence (a probability), closest_second.

        Each row is placed by its own figures alone: a batch, another order or a single row give
        the same answer. Unseen levels count as average, missing values as the stored median.
        """
        check_features(features)
        chances = self.mixture.probabilities(self.preparation.apply(features))
        order = np.argsort(-chances, axis=1, kind="stable")
        names = np.array(self.names, dtype=object)
        return pd.DataFrame(
            {
                "customer_id": features.index.astype("str"),
                "segment": names[order[:, 0]],
                "confidence": chances.max(axis=1, initial=0.0),
                "closest_second": names[order[:, 1]],
            }
        )


@dataclass(frozen=True)
class Fit:
    """A model with what it rests on: candidates of k, stability by segment, the reason in words."""

    model: SegmentModel
    candidates: pd.DataFrame
    stability: pd.DataFrame
    how: str


def fit_segments(features: pd.DataFrame, params: SegmentationParams) -> Fit:
    """Find the segments of ``features``; where no number of them is stable, use a rule grid."""
    preparation = fit_preparation(features, params)
    sample = _sample(features, params)
    points = preparation.apply(sample)
    with threadpool_limits(1):
        choice = choose_segments(points, params)
    how = _how(choice, params)
    if choice is None:
        choice = _grid(points, preparation)
    standing = _standing(points, choice.mixture, preparation)
    order = _by_value(standing, choice.mixture)
    standing = standing.loc[order]
    value = VALUE if VALUE in standing else None
    names = segment_names(standing, value, _growth(sample, choice.mixture.labels(points)))
    stability = pd.DataFrame({"segment": names, "jaccard": choice.jaccard[order]})
    model = SegmentModel(preparation, choice.mixture.reordered(order), tuple(names))
    return Fit(model, choice.candidates, stability, how)


def too_few(features: pd.DataFrame, params: SegmentationParams) -> str:
    """Return why ``features`` cannot be segmented, or an empty text."""
    if len(features) < params.min_customers:
        return _(
            "{n} customers are too few: at least {bound} are needed for stable segments"
        ).format(n=len(features), bound=params.min_customers)
    if not fit_preparation(features, params).width:
        return _("every feature is constant, empty or unique: nothing tells customers apart")
    return ""


def _sample(features: pd.DataFrame, params: SegmentationParams) -> pd.DataFrame:
    ordered = features.iloc[np.argsort(features.index.astype("str"), kind="stable")]
    if len(ordered) <= params.max_fit_rows:
        return ordered
    drawn = np.random.default_rng(params.seed).choice(
        len(ordered), params.max_fit_rows, replace=False
    )
    return ordered.iloc[np.sort(drawn)]


def _how(choice: Choice | None, params: SegmentationParams) -> str:
    if choice is None:
        return _("no stable number of segments: a rule grid was used")
    n = choice.mixture.size
    if n == 2:
        return _("two segments only: no larger number was stable")
    return _(
        "{n} segments: the largest number of which every one was found again with a mean Jaccard "
        "of at least {bound}"
    ).format(n=n, bound=params.min_jaccard)


def _grid(points: np.ndarray, preparation: Preparation) -> Choice:
    """Two by two on the two columns that matter most: value and recency where present."""
    columns = [scale.column for scale in preparation.scales]
    wanted = [columns.index(name) for name in (VALUE, "recency_days") if name in columns]
    axes = (wanted + [i for i in range(points.shape[1]) if i not in wanted])[:2]
    upper = points[:, axes] > np.median(points[:, axes], axis=0)
    labels = upper @ (1 << np.arange(upper.shape[1]))
    found, sizes = np.unique(labels, return_counts=True)
    centres = np.array([points[labels == label].mean(axis=0) for label in found])
    mixture = Mixture(sizes / len(points), centres, np.ones_like(centres))
    empty = pd.DataFrame({"k": [], "min_jaccard": [], "min_share": [], "stable": [], "chosen": []})
    return Choice(mixture, np.full(len(found), np.nan), empty)


def _standing(points: np.ndarray, mixture: Mixture, preparation: Preparation) -> pd.DataFrame:
    """Return segments x numeric columns: the mean standard score of each segment's customers."""
    columns = [scale.column for scale in preparation.scales]
    numeric = pd.DataFrame(points[:, : len(columns)], columns=columns)
    means = numeric.groupby(mixture.labels(points)).mean()
    return means.reindex(range(mixture.size), fill_value=0.0)


def _growth(sample: pd.DataFrame, labels: np.ndarray) -> pd.Series | None:
    if "growth" not in sample or not is_number(sample.growth):
        return None
    return sample.growth.groupby(labels).median().reindex(range(labels.max() + 1), fill_value=0.0)


def _by_value(standing: pd.DataFrame, mixture: Mixture) -> list[int]:
    rank = standing[VALUE] if VALUE in standing else pd.Series(mixture.shares)
    return [int(i) for i in rank.sort_values(ascending=False, kind="stable").index]
