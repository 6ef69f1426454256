"""Which items are in dispute on a day?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.ledger.placing import day_numbers


def in_dispute(items: pd.DataFrame, day: np.ndarray | int) -> np.ndarray:
    """Say whether each item was in dispute at the end of a day (one day number, or one an item).

    From the first day of the dispute on, and no more on the day it ended; without an end it goes
    on. A dispute that ends before it begins never counts.
    """
    begun = day_numbers(items.disputed_from_on) <= day
    return begun & (day_numbers(items.disputed_to_on) > day)
