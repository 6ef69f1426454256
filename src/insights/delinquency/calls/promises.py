"""Was it kept? Each promise to pay: kept, broken, or still pending on as_of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.ledger import NEVER, Ledger
from insights.features.promises import last_days, promise_kept

KEPT, BROKEN, PENDING, UNDATED = "kept", "broken", "pending", "undated"


def promise_states(rows: pd.DataFrame, ledger: Ledger, grace_days: int) -> pd.DataFrame:
    """Add ``promise`` (kept, broken, pending, undated, or empty) and ``until`` to contacts.

    Kept as ``promise_kept`` says, ``grace_days`` after the promised day included; broken after
    that day, pending before. ``until``: its number, NEVER without one.
    """
    until = last_days(rows, grace_days)
    dated = until != NEVER
    made = dated | (rows.result == "promise").to_numpy()
    kept = promise_kept(ledger, rows, grace_days)
    state = np.select(
        [~made, kept & dated, ~dated, until < ledger.day], ["", KEPT, UNDATED, BROKEN], PENDING
    )
    return rows.assign(promise=pd.Series(state, index=rows.index, dtype="str"), until=until)
