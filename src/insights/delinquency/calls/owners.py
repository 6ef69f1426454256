"""Who may handle it? The law forbids drug representatives to handle receivables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import DelinquencyParams


def owners_of(items: pd.DataFrame, params: DelinquencyParams) -> pd.Series:
    """Return who owns each open item: one owner a customer, so that one person calls.

    The device representative where every open item of the customer was sold by device
    representatives and has no drug in its order; the commercial owner where drugs, or an unknown
    seller, are among them. Never a drug representative. ``items``: customer_id, line_type (of the
    ledger: the goods decide, then the seller). Same index.
    """
    device = (items.line_type == "device").fillna(False)
    alone = device.groupby(items.customer_id, dropna=False).transform("all")
    owner = np.where(alone, params.device_owner, params.commercial_owner)
    return pd.Series(owner, index=items.index, dtype="str")
