"""The tree of regions: leaves, groups, and ``all``."""

from __future__ import annotations

import pandas as pd

from insights.tables.errors import RegionError
from insights.words import _, listing, meant

ALL = "all"


def leaves(regions: pd.DataFrame, region: object = ALL) -> list[str]:
    """Return the leaf regions below ``region``: itself when a leaf, every leaf for ``all``.

    ``regions`` holds region_id and parent_id. Raises ``RegionError`` naming the known ones.
    """
    if not isinstance(region, str):
        raise RegionError(
            _('region: {region!r} is not text but a number: write region: "0012" or use -r').format(
                region=region
            )
        )
    ids = regions.region_id.tolist()
    parents = set(regions.parent_id.dropna())
    if region == ALL:
        return [one for one in ids if one not in parents]
    if region not in ids:
        raise RegionError(
            _("region {region!r}: not in this source; known: {known}; {hint}")
            .format(region=region, known=listing(ids, 12), hint=meant(region, ids))
            .removesuffix("; ")
        )
    return _below(regions, region, parents)


def members(regions: pd.DataFrame, region: object = ALL) -> list[str]:
    """Return the region and everything below it, groups included; every region for ``all``.

    What is booked on a group belongs to the group, though to none of its leaves.
    """
    leaves(regions, region)
    if region == ALL:
        return [str(one) for one in regions.region_id]
    found = [str(region)]
    for above in found:
        found += [str(one) for one in regions.region_id[regions.parent_id == above]]
    return found


def region_name(regions: pd.DataFrame, region: str) -> str:
    """Return what a region is called."""
    if region == ALL:
        return _("all regions")
    return str(regions.set_index("region_id").region_name.get(region, region))


def _below(
    regions: pd.DataFrame, region: str, parents: set[str], above: tuple[str, ...] = ()
) -> list[str]:
    if region in above:
        path = " > ".join([*above, region])
        raise RegionError(_("regions.parent_id: {path}: a region within itself").format(path=path))
    if region not in parents:
        return [region]
    children = regions.loc[regions.parent_id == region, "region_id"]
    below = [_below(regions, child, parents, (*above, region)) for child in children]
    return [leaf for leaves_of_child in below for leaf in leaves_of_child]
