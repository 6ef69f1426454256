"""Which items belong to which region: leaves, groups of them, and all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.ledger import Ledger
from insights.tables import ALL, members


@dataclass(frozen=True)
class RegionSlices:
    """The company first, then its regions and groups of regions.

    ``member``: slices x leaves, 1 where the slice holds the leaf; ``code``: each item's leaf. An
    item without a region, or of an unlisted one, belongs to the company alone.
    """

    names: tuple[str, ...]
    member: np.ndarray
    code: np.ndarray

    @classmethod
    def of(cls, ledger: Ledger, regions: pd.DataFrame) -> RegionSlices:
        """Find the slices of the tree (region_id, parent_id) that the ledger's items fall into."""
        code, found = pd.factorize(ledger.items.region_id.fillna(""), sort=True)
        below = {name: members(regions, name) for name in regions.region_id}
        held = {name: np.isin(found, parts) for name, parts in below.items()}
        names = [name for name, parts in held.items() if parts.any()]
        member = np.vstack([np.ones(len(found), bool), *[held[name] for name in names]])
        return cls((ALL, *names), member.astype("float64"), code)

    def sums(self, by_leaf: np.ndarray) -> np.ndarray:
        """Add leaves up to slices along the second-last axis."""
        return self.member @ by_leaf
