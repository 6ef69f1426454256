"""What was said about overdue items, and the promises that were kept and broken."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.demo.chance import stream
from insights.demo.lateness import Lateness
from insights.demo.timeline import FIRST, LAST

CONTACTS = ((12, 0.45), (32, 0.55), (62, 0.6), (100, 0.6), (170, 0.5))


def build_dunning(seed: int, items: pd.DataFrame, lateness: Lateness) -> pd.DataFrame:
    """Return contacts about items that were overdue on that day (money in cents)."""
    rng = stream(seed, "dunning")
    rounds = [_round(rng, items, lateness, wait, share) for wait, share in CONTACTS]
    table = pd.concat(rounds, ignore_index=True)
    table = table.sort_values(["contacted_on", "invoice_id"], kind="stable")
    return table.assign(dunning_id=[f"DUN{i + 1:06d}" for i in range(len(table))])


def _round(
    rng: np.random.Generator, items: pd.DataFrame, lateness: Lateness, wait: int, share: float
) -> pd.DataFrame:
    n = len(items)
    due = items["due"].to_numpy("datetime64[D]")
    on = due + (wait + rng.integers(0, 14, n)).astype("timedelta64[D]")
    called = (rng.random(n) < share) & (on <= LAST) & (on >= FIRST) & ~(lateness.settled <= on)
    called &= (items["kind"] != "credit_note").to_numpy()
    result = rng.choice(["promise", "no_answer", "other"], n, p=[0.55, 0.28, 0.17]).astype(object)
    result[lateness.disputed & (rng.random(n) < 0.7)] = "dispute"
    kept = rng.random(n) < 0.55
    soon = on + rng.integers(5, 30, n).astype("timedelta64[D]")
    near = (lateness.settled - on).astype("timedelta64[D]") < np.timedelta64(60, "D")
    date = np.where(kept & near & ~np.isnat(lateness.settled), lateness.settled, soon)
    promise = result == "promise"
    amount = items["amount"].to_numpy(np.float64)
    frame = pd.DataFrame(
        {
            "invoice_id": items["invoice_id"],
            "customer_id": items["customer_id"],
            "contacted_on": on,
            "channel": rng.choice(["电话", "上门", "邮件", "对账函"], n, p=[0.6, 0.15, 0.1, 0.15]),
            "result": result,
            "promised_on": np.where(promise, date, np.datetime64("NaT", "D")),
            "promised_amount": np.where(promise, amount, np.nan),
        }
    )
    return frame[called]
