"""Fit segments on a table of features, and place customers in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.naming import segment_names
from insights.segmentation.prepare import Preparation, check_features, fit_preparation
from insights.segmentation.stability import Choice, choose_segments, nearest, squared_distances
from insights.words import _

VALUE = "monetary_value"
ASSIGNED = ("customer_id", "segment", "confidence", "closest_second")


@dataclass(frozen=True)
class SegmentModel:
    """Frozen rules: how features are read, where the segments lie, what they are called."""

    preparation: Preparation
    centres: np.ndarray
    names: tuple[str, ...]

    def assign(self, features: pd.DataFrame) -> pd.DataFrame:
        """Place customers: customer_id, segment, confidence (0.5 a toss-up .. 1), closest_second.

        Each row is placed by its own figures alone: a batch, another order or a single row give
        the same answer. Unseen levels count as average, missing values as the stored median.
        """
        check_features(features)
        distances = np.sqrt(squared_distances(self.preparation.apply(features), self.centres))
        order = np.argsort(distances, axis=1, kind="stable")
        first, second = np.take_along_axis(distances, order[:, :2], axis=1).T
        names = np.array(self.names, dtype=object)
        return pd.DataFrame(
            {
                "customer_id": features.index.astype("str"),
                "segment": names[order[:, 0]],
                "confidence": np.divide(
                    second, first + second, out=np.full(len(first), 0.5), where=first + second > 0
                ),
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
    points = preparation.apply(_sample(features, params))
    choice = choose_segments(points, params)
    how = _how(choice, params)
    if choice is None:
        choice = _grid(points, preparation)
    labels = nearest(points, choice.centres)
    order = _by_value(points, labels, preparation, len(choice.centres))
    standing = _standing(points, labels, preparation, len(choice.centres)).loc[order]
    value = VALUE if VALUE in standing else None
    names = segment_names(standing, value)
    stability = pd.DataFrame({"segment": names, "jaccard": choice.jaccard[order]})
    model = SegmentModel(preparation, choice.centres[order], tuple(names))
    return Fit(model, choice.candidates, stability, how)


def too_few(features: pd.DataFrame, params: SegmentationParams) -> str:
    """Return why ``features`` cannot be segmented, or an empty text."""
    if len(features) < params.min_customers:
        return _(
            "{n} customers are too few: at least {bound} are needed for stable segments"
        ).format(n=len(features), bound=params.min_customers)
    if not any(features[name].nunique() > 1 for name in params.features or features.columns):
        return _("every feature is constant or empty: nothing tells customers apart")
    return ""


def _sample(features: pd.DataFrame, params: SegmentationParams) -> pd.DataFrame:
    ordered = features.sort_index()
    if len(ordered) <= params.max_fit_rows:
        return ordered
    return ordered.sample(params.max_fit_rows, random_state=params.seed).sort_index()


def _how(choice: Choice | None, params: SegmentationParams) -> str:
    if choice is None:
        return _("no stable number of segments: a rule grid was used")
    n = len(choice.centres)
    if n == 2:
        return _("two segments only: no larger number was stable")
    return _(
        "{n} segments: the largest number of which every one was found again with a mean Jaccard "
        "of at least {bound}"
    ).format(n=n, bound=params.min_jaccard)


def _grid(points: np.ndarray, preparation: Preparation) -> Choice:
    """Two by two on the two numeric columns that matter most: value and recency where present."""
    columns = [scale.column for scale in preparation.scales]
    wanted = [columns.index(name) for name in (VALUE, "recency_days") if name in columns]
    axes = (wanted + [i for i in range(points.shape[1]) if i not in wanted])[:2]
    upper = points[:, axes] > np.median(points[:, axes], axis=0)
    labels = upper @ (1 << np.arange(upper.shape[1]))
    found = np.unique(labels)
    centres = np.array([points[labels == label].mean(axis=0) for label in found])
    empty = pd.DataFrame({"k": [], "min_jaccard": [], "min_share": [], "stable": [], "chosen": []})
    return Choice(centres, np.full(len(centres), np.nan), empty)


def _standing(
    points: np.ndarray, labels: np.ndarray, preparation: Preparation, k: int
) -> pd.DataFrame:
    columns = [scale.column for scale in preparation.scales]
    numeric = pd.DataFrame(points[:, : len(columns)], columns=columns)
    return numeric.groupby(labels).mean().reindex(range(k), fill_value=0.0)


def _by_value(
    points: np.ndarray, labels: np.ndarray, preparation: Preparation, k: int
) -> list[int]:
    standing = _standing(points, labels, preparation, k)
    if VALUE in standing:
        return [int(i) for i in standing[VALUE].sort_values(ascending=False, kind="stable").index]
    sizes = np.bincount(labels, minlength=k)
    return [int(i) for i in np.argsort(-sizes, kind="stable")]
