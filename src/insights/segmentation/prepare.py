"""From a table of features to comparable numbers, by rules stored with the model."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.mixture import Space
from insights.words import _, listing

RARE_SHARE = 0.01
SMALL = 0.05


@dataclass(frozen=True)
class Scale:
    """How one numeric column is read: bounds, the unit of its log (0 = linear), centre, spread."""

    column: Hashable
    missing: float
    low: float
    high: float
    log_unit: float
    centre: float
    spread: float

    def apply(self, values: pd.Series) -> np.ndarray:
        """Return the column as standard scores; missing values at the stored median."""
        filled = values.to_numpy(float, na_value=np.nan)
        filled = np.where(np.isnan(filled), self.missing, filled)
        return (
            _bent(np.clip(filled, self.low, self.high), self.log_unit) - self.centre
        ) / self.spread


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
        shares = [share for one in self.levels for share in one.shares]
        return Space(len(self.scales), np.array(shares), self.weight)

    @property
    def width(self) -> int:
        """Return how many dimensions there are to tell customers apart."""
        return len(self.scales) + sum(len(one.levels) for one in self.levels)

    def apply(self, features: pd.DataFrame) -> np.ndarray:
        """Return customers x dimensions; a column that is absent counts as missing."""
        readers: tuple[Scale | Levels, ...] = (*self.scales, *self.levels)
        absent = pd.Series(np.nan, index=features.index, dtype="float64")
        parts = [reader.apply(features.get(reader.column, absent)) for reader in readers]
        return np.column_stack(parts)


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
    repeated = features.index[features.index.duplicated()].unique()
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
    texts = [name for name in varied if name not in numeric]
    return Preparation(
        scales=tuple(_fit_scale(features[name], params) for name in numeric),
        levels=tuple(_fit_levels(features[name]) for name in texts),
        left_out=tuple(str(name) for name in wanted if name not in varied),
        weight=params.categorical_weight,
    )


def is_number(values: pd.Series) -> bool:
    """Say whether a column is read as numbers."""
    return pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)


def _fit_scale(values: pd.Series, params: SegmentationParams) -> Scale:
    known = values.to_numpy(float, na_value=np.nan)
    known = known[~np.isnan(known)]
    low, high = np.quantile(known, [params.winsor_share, 1 - params.winsor_share])
    if low == high:
        low, high = known.min(), known.max()
    clipped = np.clip(known, low, high)
    unit = _log_unit(clipped, params.heavy_tail_skew)
    bent = _bent(clipped, unit)
    return Scale(
        column=values.name,
        missing=float(np.median(known)),
        low=float(low),
        high=float(high),
        log_unit=unit,
        centre=float(bent.mean()),
        spread=float(bent.std()) or 1.0,
    )


def _log_unit(values: np.ndarray, limit: float) -> float:
    """Return the unit above which a heavy-tailed column is read as a log; 0 where it is not.

    The unit is a small value of the column, so that nearly all of it is on the log scale and
    zeros stand just below the smallest.
    """
    spread = values.std()
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
