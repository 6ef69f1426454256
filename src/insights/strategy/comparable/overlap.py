"""Which other strategies touched a unit while it was watched."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from insights.strategy.gates import Gate
from insights.words import _

OVERLAP = 0.1


def overlapping_units(
    rollouts: pd.DataFrame, strategy: Any, as_of: dt.date, settled_days: int
) -> pd.Index:
    """Return the units that another strategy touched around this one.

    ``rollouts`` holds strategy_id, unit_id, starts_on, ends_on (missing: goes on). Another
    strategy counts while it runs and for ``settled_days`` after its end; one that began after
    this one had ended does not.
    """
    own = rollouts[rollouts.strategy_id == strategy.strategy_id]
    others = rollouts[rollouts.strategy_id != strategy.strategy_id]
    start = own.starts_on.min() if len(own) else pd.Timestamp(strategy.starts_on)
    end = pd.Timestamp(as_of) if pd.isna(strategy.ends_on) else pd.Timestamp(strategy.ends_on)
    settled = pd.to_datetime(others.ends_on) + pd.Timedelta(days=settled_days)
    near = (others.starts_on <= end) & (settled.isna() | (settled >= start))
    return pd.Index(others.unit_id[near].unique())


def overlap_gate(count: int, total: int) -> Gate:
    """Are few enough treated units in another strategy at the same time?"""
    bound = _("under {share:.0%} of treated units").format(share=OVERLAP)
    return Gate(
        _("units also in another strategy"), str(count), bound,
        count < OVERLAP * max(total, 1) or count == 0,
        _("{n} of {m} treated units were in another strategy at the time too: the two effects "
          "cannot be told apart").format(n=count, m=total),
    )  # fmt: skip
