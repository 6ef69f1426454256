"""Where is each customer, how far are two apart, and which coordinates cannot be right?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.words import _, listing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# China with its islands, WGS84 degrees. The two spans do not overlap: swapped is always seen.
LONGITUDES, LATITUDES = (73.0, 136.0), (3.0, 54.0)
EARTH_KM = 6371.0088  # mean radius (IUGG)
PLACES = ("longitude", "latitude")


def placed(customers: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return longitude and latitude by customer_id, and in words what was wrong with them.

    ``customers`` has customer_id, longitude and latitude (WGS84 degrees). Swapped pairs are put
    right; missing ones, zeros, and points outside China have no place. Everybody is named.
    """
    if not {"customer_id", *PLACES} <= set(customers.columns):
        rows = pd.DataFrame(columns=list(PLACES), index=pd.Index([], name="customer_id"))
        return rows.astype("float64"), (_("customers have no coordinates: no distance is known"),)
    rows = customers.drop_duplicates("customer_id").set_index("customer_id").sort_index()
    rows = rows[list(PLACES)].astype("float64")
    right = within(rows.longitude, rows.latitude)
    turned = ~right & within(rows.latitude, rows.longitude)
    mended = pd.DataFrame(
        {
            "longitude": rows.longitude.where(~turned, rows.latitude),
            "latitude": rows.latitude.where(~turned, rows.longitude),
        }
    )
    missing = rows.isna().any(axis=1)
    told = (
        _told(_("longitude and latitude are swapped, and read the other way round: {who}"),
              rows.index[turned]),
        _told(_("no coordinates, so no distance: {who}"), rows.index[missing]),
        _told(_("coordinates outside China, so no distance: {who}"),
              rows.index[~right & ~turned & ~missing]),
    )  # fmt: skip
    return mended[right | turned], tuple(words for words in told if words)


def within(longitude: pd.Series, latitude: pd.Series) -> pd.Series:
    """Return whether each point lies in China; false where a coordinate is missing."""
    return longitude.between(*LONGITUDES) & latitude.between(*LATITUDES)


def metres_between(longitude: Floats, latitude: Floats, detour: float) -> Ints:
    """Return the metres between all points: great circle (haversine) times ``detour``."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    across = np.sin((lat[:, None] - lat) / 2) ** 2
    along = np.sin((lon[:, None] - lon) / 2) ** 2
    half = across + np.cos(lat)[:, None] * np.cos(lat) * along
    circle = 2 * EARTH_KM * 1000 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return np.rint(circle * detour).astype(np.int64)


def _told(words: str, who: pd.Index) -> str:
    return words.format(who=listing(who.tolist(), 12)) if len(who) else ""
