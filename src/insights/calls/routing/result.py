"""What the routes say: the order of each day's stops, kilometres against the actual order."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from insights import figures
from insights.figures.style import COLOURS, MARKERS, STROKES, house_style
from insights.params import CallsParams
from insights.words import _, quantity, shown

STOPS = ("rep_id", "date", "stop", "customer_id", "longitude", "latitude", "km_before")
DAYS = ("rep_id", "date", "stops", "km", "actual_km", "nearest_km", "unplaced")


@dataclass(frozen=True, repr=False)
class Routes:
    """The answer of ``plan_routes``.

    ``stops`` in the order to drive, km_before from the stop before; ``days`` with the kilometres of
    the route, of the actual order (NaN: not known) and of always driving to the nearest stop next;
    unplaced, customers of the day without usable coordinates. ``notes`` names them.
    """

    stops: pd.DataFrame
    days: pd.DataFrame
    notes: tuple[str, ...] = ()
    params: CallsParams = field(default_factory=CallsParams)

    @property
    def saved(self) -> float:
        """Return the share of the actual kilometres that the routes save; NaN: none is known."""
        known = self.days[self.days.actual_km.notna()]
        actual = float(known.actual_km.sum())
        return 1 - float(known.km.sum()) / actual if actual > 0 else float("nan")

    def summary(self) -> pd.DataFrame:
        """Return a row for each day: stops and kilometres, for people to read."""
        rows = self.days
        return pd.DataFrame(
            {
                _("rep"): rows.rep_id,
                _("day"): [f"{pd.Timestamp(day):%Y-%m-%d}" for day in rows.date],
                _("stops"): rows.stops,
                _("km"): rows.km.round(1),
                _("km in the actual order"): rows.actual_km.round(1),
                _("km to the nearest next"): rows.nearest_km.round(1),
                _("without a place"): rows.unplaced,
            }
        )

    @figures.legible()
    def plot(self) -> Figure:
        """Draw each day's way over longitude and latitude: a map without tiles, stops numbered."""
        title = _("Ways of the planned calls")
        if self.stops.empty:
            return figures.message(title, _("no stop has a place"))
        figure, axes = figures.canvas(title, width=7.2, height=5.4)
        with house_style():
            for nth, (_key, way) in enumerate(self.stops.groupby(["rep_id", "date"])):
                axes.plot(
                    way.longitude, way.latitude, color=COLOURS[nth % len(COLOURS)],
                    marker=MARKERS[nth % len(MARKERS)], linestyle=STROKES[nth % len(STROKES)],
                    linewidth=1.2, markersize=5, label=_day_words(way),
                )  # fmt: skip
                for row in way.itertuples():
                    axes.annotate(str(row.stop), (row.longitude, row.latitude), fontsize=7,
                                  xytext=(3, 3), textcoords="offset points")  # fmt: skip
            axes.xaxis.set_major_locator(MaxNLocator(4))
            axes.set_xlabel(shown("longitude"))
            axes.set_ylabel(shown("latitude"))
            # A degree of longitude is shorter than one of latitude, by the cosine of the latitude.
            axes.set_aspect(1 / max(math.cos(np.radians(self.stops.latitude.mean())), 0.1))
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
        return figure

    def check(self) -> pd.DataFrame:
        """How far to trust it: never worse than the actual order, and what has no place."""
        longer = int((self.days.km > self.days.actual_km + 1e-9).sum())
        unknown = int(self.days.actual_km.isna().sum())
        unplaced = int(self.days.unplaced.sum())
        rows = [
            (_("days longer than in the actual order"), str(longer), "0", _verdict(longer == 0)),
            (_("days whose actual order is not known"), str(unknown), "0", _verdict(unknown == 0)),
            (_("customers of a day without a place"), str(unplaced), "0", _verdict(unplaced == 0)),
            (_("road kilometres for each of the great circle"), quantity(self.params.detour), "–",
             _("assumed, not measured")),
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["check", "value", "bound", "verdict"])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table."""
        return {"route_stops": self.stops, "route_days": self.days}

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        return {
            "route_days": float(len(self.days)),
            "route_km": float(self.days.km.sum()),
            "actual_km": float(self.days.actual_km.sum(min_count=1)),
            "saved_share": self.saved,
        }

    def __str__(self) -> str:
        if self.days.empty:
            return _("There are no calls to order.")
        said = [_("The shortest ways of {n} days take {km} km.").format(
            n=len(self.days), km=quantity(round(float(self.days.km.sum()), 1)))]  # fmt: skip
        if not math.isnan(self.saved):
            said.append(
                _("That is {saved} less than in the order in which the calls were made.").format(
                    saved=f"{self.saved:.1%}"
                )
            )
        return " ".join([*said, *(f"{note}." for note in self.notes)])

    def _repr_markdown_(self) -> str:
        return str(self)

    __repr__ = __str__


def _day_words(way: pd.DataFrame) -> str:
    return f"{way.rep_id.iloc[0]} {way.date.iloc[0]:%m-%d}"


def _verdict(holds: bool) -> str:
    return _("holds") if holds else _("fails")
