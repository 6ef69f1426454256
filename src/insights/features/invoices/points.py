"""The questions asked of the ledger: which item, on which day, of which payer and group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.ledger import Ledger

GROUP = ("customer_type", "ownership", "hospital_level")


@dataclass(frozen=True)
class Points:
    """A question a row: ``item`` and ``day``. Payer, kind, group and region are integer codes.

    ``*_of`` are those of every item of the ledger; ``where(codes)`` reads the points' own.
    """

    item: np.ndarray
    day: np.ndarray
    payer_of: np.ndarray
    kind_of: np.ndarray
    group_of: np.ndarray
    region_of: np.ndarray

    @classmethod
    def of(cls, ledger: Ledger, points: pd.DataFrame) -> Points:
        """Code the ledger's payers and groups once, and keep the points' items and days."""
        items = ledger.items
        traits = [items[name].fillna("").astype("str") for name in GROUP]
        return cls(
            points["item"].to_numpy("int64"),
            points.day.to_numpy("int64"),
            _codes(items.customer_id),
            _codes(items.customer_type),
            _codes(traits[0] + "|" + traits[1] + "|" + traits[2]),
            _codes(items.region_id),
        )

    def where(self, codes: np.ndarray) -> np.ndarray:
        """Return the code of each point's item."""
        return codes[self.item]

    @property
    def payer(self) -> np.ndarray:
        """Return the payer of each point's item."""
        return self.payer_of[self.item]


def _codes(names: pd.Series) -> np.ndarray:
    return pd.factorize(names, use_na_sentinel=False)[0]
