"""Which groups may be shown, so that no small one can be worked out from the others?"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from insights.words import _


def published(group: pd.Series, least: int) -> pd.Series:
    """Return under which name the group of each unit is shown; missing where nothing may be.

    A missing ``group`` is a group of its own. Groups under ``least`` units are put together, with
    the smallest of the others until there are enough: what is shown then adds up to the whole,
    and a difference of shown figures is never that of a smaller cell (secondary suppression,
    Hundepool et al. 2012, Statistical Disclosure Control). Where all groups would have to be put
    together, nothing is shown.
    """
    names = group.astype(object).where(group.notna(), unrecorded())
    sizes = names.groupby(names, sort=False).size().rename("n").rename_axis("name").reset_index()
    sizes = sizes.assign(text=sizes.name.astype(str)).sort_values(["n", "text"])
    small = int((sizes.n < least).sum())
    if not small:
        return names
    together = max(small, int((sizes.n.cumsum() < least).sum()) + 1)
    if together >= len(sizes):
        return names.mask(names.notna())
    return names.where(~names.isin(sizes.name[:together]), other())


def may_show(regions: Collection[str], cells: pd.DataFrame) -> bool:
    """Say whether the regions put together are made of shown cells, so that nothing new is told.

    ``cells`` has a row a region with treated units: group and shown, and the row ``other()``
    where those that are not shown were put together.
    """
    inside, outside = cells.group.isin(list(regions)), cells.shown.astype("bool")
    hidden = ~outside & (cells.group != other())
    if not (hidden & inside).any():
        return True
    together = bool((outside & (cells.group == other())).any())
    return together and bool(inside[hidden].all())


def other() -> str:
    """Return the name of the groups put together."""
    return _("(other)")


def unrecorded() -> str:
    """Return the name of the group of units that the table has no group for."""
    return _("(not recorded)")
