"""Which other strategies touched a unit while it was watched."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from insights.strategy.gates import Gate
from insights.words import _

# With fewer of the treated units left, the answer is no longer of those registered.
REMAIN = 0.5


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


def overlap_check() -> str:
    """Return what this gate is called."""
    return _("treated units left out, in another strategy too")


def no_overlap() -> str:
    """Return the figure of this gate where no unit was left out."""
    return _("none")


def overlap_gate(count: int, total: int) -> Gate:
    """Do enough treated units remain when those in another strategy are left out?

    ``count`` of ``total`` treated units are left out; nothing of the other strategy is then in
    the comparison, which is of the rest.
    """
    return Gate(
        overlap_check(), _("{n} of {m}").format(n=count, m=total) if count else no_overlap(),
        _("at least {share:.0%} remain").format(share=REMAIN),
        total - count >= REMAIN * total,
        _("{n} of {m} treated units were in another strategy at the time too: what is left does "
          "not stand for the units registered, and the two effects cannot be told apart").format(
              n=count, m=total),
    )  # fmt: skip
