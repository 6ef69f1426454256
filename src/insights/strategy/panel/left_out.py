"""What of a panel a comparison did not use, in words."""

from __future__ import annotations

import pandas as pd

from insights.strategy.panel.shape import Comparison
from insights.words import _, listing


def valueless(outcomes: pd.DataFrame) -> tuple[str, ...]:
    """Say how many rows hold no value."""
    missing = int(outcomes.value.isna().sum())
    if not missing:
        return ()
    said = _("{n} of {m} rows of outcomes hold no value and count as not recorded")
    return (said.format(n=missing, m=len(outcomes)),)


def left_out(part: Comparison) -> tuple[str, ...]:
    """Say which units could not be compared, and why."""
    early = _("{n} units treated from the first period were left out: {units}")
    brief = _("{n} treated units with a single period before their start were left out: {units}")
    late = _("{n} treated units without a whole period after their start (and wash-out) were left "
             "out: {units}")  # fmt: skip
    sparse = _("{n} treated units with too many gaps were left out: {units}")
    thin = _("{n} comparison units with too many gaps were left out")
    said = [
        words.format(n=len(units), units=listing([str(one) for one in units]))
        for words, units in (
            (early, part.early),
            (brief, part.brief),
            (late, part.late),
            (sparse, part.sparse),
            (thin, part.thin),
        )
        if units
    ]
    said.extend(part.words)
    if part.waiting:
        said.append(_("the last units to start served as comparison until they started"))
    return tuple(said)


def unused(n_others: int, n_used: int) -> tuple[str, ...]:
    """Say how many comparison units the chosen design did not use."""
    if n_used == n_others:
        return ()
    if not n_used:
        said = _("{m} comparison units were too few to be used")
    else:
        said = _("the {n} comparison units nearest in earlier level were used, of {m}")
    return (said.format(n=n_used, m=n_others),)
