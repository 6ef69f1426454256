"""From a table of features to comparable numbers, by rules stored with the model."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.mixture import Space
from insights.words import _, listing

RARE_SHARE = 0.01
SMALL = 0.05
# This many customers at exactly zero, and this many others to read, make zeros a pile.
PILE_SHARE, PILE_OTHERS = 0.05, 20


@dataclass(frozen=True)
class Scale:
    """How one numeric column is read: bounds, the unit of its log (0 = linear), centre, spread.

    ``zeros`` is the share of customers at exactly zero where they are a pile (else 0): whether
    there is anything is then a level of its own, and how much is read of those that have some.
    """

    column: Hashable
    low: float
    high: float
    log_unit: float
    centre: float
    spread: float
    zeros: float = 0.0

    def apply(self, values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the column as standard scores, 0 where unknown, and whether it is known."""
        raw = values.to_numpy(float, na_value=np.nan)
        known = ~np.isnan(raw) & ~((self.zeros > 0) & (raw == 0))
        bent = _bent(np.clip(np.where(known, raw, 0.0), self.low, self.high), self.log_unit)
        return np.where(known, (bent - self.centre) / self.spread, 0.0), known.astype(float)

    def levels(self, values: pd.Series) -> np.ndarray:
        """Return two indicators, nothing and something, where zeros are a pile."""
        if not self.zeros:
            return np.empty((len(values), 0))
        raw = values.to_numpy(float, na_value=np.nan)
        return np.column_stack([raw == 0, ~np.isnan(raw) & (raw != 0)]).astype(float)


@dataclass(frozen=True)
class Levels:
    """How one text column is read: its levels and their shares when fitted."""

    column: Hashable
    levels: tuple[str, ...]
    shares: tuple[float, ...]

    def apply(self, values: pd.Series) -> np.ndarray:
        """Return an indicator for each level; one never seen before has none and tells nothing."""
        text = values.astype("str").astype("object")
        places = pd.Index(self.levels, dtype="object").get_indexer(pd.Index(text))
        return (places[:, None] == np.arange(len(self.levels))).astype(float)


@dataclass(frozen=True)
class Preparation:
    """The stored rules for every column used, and the columns left out with their reasons."""

    scales: tuple[Scale, ...]
    levels: tuple[Levels, ...]
    left_out: tuple[str, ...]
    weight: float

    @property
    def space(self) -> Space:
        """Return what every mixture of these columns has in common."""
        piles = [(one.zeros, 1 - one.zeros) for one in self.scales if one.zeros]
        texts = [one.shares for one in self.levels]
        columns = np.repeat(np.arange(len(piles) + len(texts)), [len(one) for one in piles + texts])
        shares = [share / sum(one) for one in piles + texts for share in one]
        weights = np.where(columns < len(piles), 1.0, self.weight)
        return Space(len(self.scales), np.array(shares), weights, columns)

    @property
    def width(self) -> int:
        """Return how many dimensions there are to tell customers apart."""
        return len(self.scales) + sum(len(one.levels) for one in self.levels)

    def apply(self, features: pd.DataFrame) -> np.ndarray:
        """Return the points of ``Space``; a column that is absent counts as unknown."""
        absent = pd.Series(np.nan, index=features.index, dtype="float64")
        columns = [features.get(one.column, absent) for one in self.scales]
        read = [one.apply(column) for one, column in zip(self.scales, columns, strict=True)]
        piles = [one.levels(column) for one, column in zip(self.scales, columns, strict=True)]
        texts = [one.apply(features.get(one.column, absent)) for one in self.levels]
        numbers, known = [score for score, _known in read], [seen for _score, seen in read]
        return np.column_stack([*numbers, *piles, *texts, *known])

    def standing(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return plain standard scores, zeros and all, for the words that name a segment."""
        plain = [replace(one, zeros=0.0) for one in self.scales]
        scores = {one.column: one.apply(features[one.column])[0] for one in plain}
        frame = pd.DataFrame(scores, index=features.index)
        spread = frame.std(ddof=0)
        return (frame - frame.mean()) / spread.where(spread > 0, 1.0)


def check_features(features: pd.DataFrame, wanted: tuple[str, ...] | None = None) -> None:
    """Raise ``ValueError`` naming every fault: unknown columns, repeated customers, infinities."""
    faults = []
    unknown = [name for name in wanted or () if name not in features.columns]
    if unknown:
        faults.append(
            _("no column {names}; there are {known}").format(
                names=listing(unknown), known=listing(list(features.columns), 30)
            )
        )
    ids = pd.Index(features.index.astype("str"))
    repeated = ids[ids.duplicated()].unique()
    if len(repeated):
        faults.append(_("customer_id: duplicated {ids}").format(ids=listing(list(repeated))))
    twice = features.columns[features.columns.duplicated()].unique()
    if len(twice):
        faults.append(_("column {names} stands twice").format(names=listing(list(twice))))
    for column in features.select_dtypes("number").columns.difference(twice):
        bad = features.index[np.isinf(features[column].to_numpy(float, na_value=np.nan))]
        if len(bad):
            faults.append(
                _("{column}: infinite for {ids}").format(column=column, ids=listing(list(bad)))
            )
    if faults:
        raise ValueError(
            _("features: {faults}; mend the rows and run again").format(faults="; ".join(faults))
        )


def fit_preparation(features: pd.DataFrame, params: SegmentationParams) -> Preparation:
    """Learn how each column is read. Constant and empty columns are left out, and said."""
    wanted = list(params.features or features.columns)
    varied = [name for name in wanted if features[name].nunique(dropna=True) > 1]
    numeric = [name for name in varied if is_number(features[name])]
    read = [_fit_levels(features[name]) for name in varied if name not in numeric]
    texts = [one for one in read if one.levels]
    used = {*numeric, *(one.column for one in texts)}
    return Preparation(
        scales=tuple(_fit_scale(features[name], params) for name in numeric),
        levels=tuple(texts),
        left_out=tuple(str(name) for name in wanted if name not in used),
        weight=params.categorical_weight,
    )


def is_number(values: pd.Series) -> bool:
    """Say whether a column is read as numbers."""
    return pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)


def _fit_scale(values: pd.Series, params: SegmentationParams) -> Scale:
    known = values.to_numpy(float, na_value=np.nan)
    known = known[~np.isnan(known)]
    zeros = _pile(known)
    read = known[known != 0] if zeros else known
    low, high = np.quantile(read, [params.winsor_share, 1 - params.winsor_share])
    if low == high:
        low, high = read.min(), read.max()
    unit = _log_unit(np.clip(read, low, high), params.heavy_tail_skew)
    bent = _bent(np.clip(read, low, high), unit)
    return Scale(
        column=values.name,
        low=float(low),
        high=float(high),
        log_unit=unit,
        centre=float(bent.mean()),
        spread=float(bent.std()) or 1.0,
        zeros=zeros,
    )


def _pile(known: np.ndarray) -> float:
    """Return the share of exact zeros where they are a pile beside varied others, else 0."""
    others = known[known != 0]
    varied = len(others) >= PILE_OTHERS and np.ptp(others) > 0
    share = 1 - len(others) / len(known)
    return float(share) if varied and share >= PILE_SHARE else 0.0


def _log_unit(values: np.ndarray, limit: float) -> float:
    """Return the unit above which a heavy-tailed column is read as a log; 0 where it is not.

    The unit is a small value of the column, so that nearly all of it is on the log scale and
    zeros stand just below the smallest.
    """
    spread = values.std()
    if spread == 0:
        return 0.0
    skew = abs(float((((values - values.mean()) / spread) ** 3).mean()))
    nonzero = np.abs(values[values != 0])
    return float(np.quantile(nonzero, SMALL)) if skew > limit and len(nonzero) else 0.0


def _bent(values: np.ndarray, unit: float) -> np.ndarray:
    return np.arcsinh(values / unit) if unit > 0 else values


def _fit_levels(values: pd.Series) -> Levels:
    shares = values.dropna().astype("str").value_counts(normalize=True).sort_index()
    shares = shares[shares >= RARE_SHARE]
    return Levels(
        column=values.name,
        levels=tuple(shares.index),
        shares=tuple(float(share) for share in shares),
    )
