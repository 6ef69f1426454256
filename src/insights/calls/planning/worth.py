"""What is each further visit of the month to a customer worth?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Response:
    """How visits saturate: each is worth ``repeat`` of the one before it in the month.

    From the policy's least on, visits count ``beyond`` of that. Both lie in 0..1, so the response
    is concave: the upper part of the field's S-shaped curve. An assumption, not an estimate.
    """

    repeat: float
    beyond: float

    def share(self, visits: Ints, goal: Ints, maximum: Ints) -> Floats:
        """Return the share of a customer's worth that ``visits`` of a month reach: 0..1.

        The policy's ``maximum`` reaches all of it; visits beyond that reach no more.
        """
        top = self._sum(maximum, goal)
        reached = self._sum(np.minimum(visits, maximum), goal)
        return np.divide(reached, top, out=np.zeros_like(top), where=top > 0)

    def of(self, visits: pd.Series, pairs: pd.DataFrame) -> pd.Series:
        """Return the worth that ``visits`` reach of each row of ``pairs``, CNY a month."""
        goal, counted = pairs.goal.to_numpy(np.int64), pairs.counted.to_numpy(np.int64)
        return self.share(visits.to_numpy(np.int64), goal, counted) * pairs.value

    def _sum(self, visits: Ints, goal: Ints) -> Floats:
        within = self._geometric(np.minimum(visits, goal))
        return within + self.beyond * (self._geometric(visits) - within)

    def _geometric(self, visits: Ints) -> Floats:
        return (1 - self.repeat ** visits.astype("float64")) / (1 - self.repeat)
