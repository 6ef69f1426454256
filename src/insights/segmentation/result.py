"""What a segmentation says: frames, a sentence, a picture, how far to trust it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.params import SegmentationParams
from insights.segmentation.model import Fit
from insights.segmentation.profile import PROFILED, profile, shown
from insights.segmentation.totals import segment_totals
from insights.tables import ALL, members, region_name
from insights.words import _, listing, readable_name, short

HALF = 0.5
MEASURED = (*PROFILED, "growth")


@dataclass(frozen=True, repr=False)
class Segmentation:
    """Who the customers are. ``assignments`` has a row a customer, ``fit`` the frozen model."""

    analysis: ClassVar[str] = "segmentation"
    of_company: ClassVar[frozenset[str]] = frozenset(
        {
            "candidates",
            "stability",
        }
    )

    assignments: pd.DataFrame
    params: SegmentationParams = field(default_factory=SegmentationParams)
    fit: Fit | None = None
    regions: pd.DataFrame | None = None
    measured: pd.DataFrame | None = None
    gaps: tuple[str, ...] = ()
    as_of: dt.date | None = None
    region: str = ALL
    status: str = "ok"
    reason: str = ""

    @property
    def n_segments(self) -> int:
        """Return how many segments the model has."""
        return 0 if self.fit is None else len(self.fit.model.names)

    def assign(self, features: pd.DataFrame) -> pd.DataFrame:
        """Place new customers under the frozen model; raises ``ValueError`` when there is none."""
        if self.fit is None:
            raise ValueError(_("no segments were found: {reason}").format(reason=self.reason))
        return self.fit.model.assign(features)

    def for_region(self, region: str) -> Segmentation:
        """Return the slice of a leaf region, a group or ``all``; the model stays the company's."""
        if self.regions is None:
            raise ValueError(_("these features came without regions"))
        kept = members(self.regions, region)
        if region == ALL:
            return replace(self, region=region)
        rows = self.assignments[self.assignments.region_id.isin(kept)].reset_index(drop=True)
        if self.status == "ok" and rows.empty:
            why = _("region {region} has no customers").format(region=region)
            return replace(
                self, assignments=rows, region=region, status="not_enough_data", reason=why
            )
        return replace(self, assignments=rows, region=region)

    def summary(self) -> pd.DataFrame:
        """Who is there? Customers, value and habits of each segment, in human headings."""
        if self.status != "ok" or self.assignments.empty:
            return pd.DataFrame({_("reason"): [self.reason]})
        table = self.profile()
        return shown(table, self.segment_value(), self._is_segment(table))

    @figures.legible()
    def plot(self) -> Figure:
        """Draw the value of each segment."""
        title = _("What each segment buys in a year: {region}").format(region=self.region_words())
        segments = self._segments()
        if segments.empty:
            return figures.message(title, self.reason or _("no terminal bought anything"))
        return figures.bars(segments.value, title, _("CNY in the last year"))

    @figures.legible()
    def plot_customers(self) -> Figure:
        """Draw each buying customer by how often and how much it buys."""
        title = _("Terminals by habit and value: {region}").format(region=self.region_words())
        rows = self._rows()
        if not {"monetary_value", "frequency"} <= set(rows.columns):
            return figures.message(title, self.reason or _("value and frequency are not known"))
        buying = rows[(rows.monetary_value > 0) & rows.confidence.notna()]
        if buying.empty:
            return figures.message(title, self.reason or _("nobody bought in the window"))
        points = buying.sort_values("monetary_value", ascending=False, kind="stable")
        x_label, y_label = _("purchase days in the last year"), _("CNY in the last year")
        return figures.scatter(
            points, "frequency", "monetary_value", "segment", title, x_label, y_label, log_y=True
        )

    def check(self) -> pd.DataFrame:
        """How far to trust it: stability and size of each segment, and what was missing."""
        rows = [
            self._size_row(),
            *self._stability_rows(),
            *self._typical_row(),
            *[(gap, np.nan, "", _("noted")) for gap in self.left_out()],
        ]
        return pd.DataFrame(rows, columns=["check", "value", "bound", "verdict"], dtype=object)

    def actions(self) -> pd.DataFrame:
        """Return no rows: what to do needs a company's tables (``review_customers``)."""
        return pd.DataFrame({_("customer"): [], _("action"): []}, dtype="str")

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table: assignments, segments, candidates of k, stability."""
        found = {"assignments": self.assignments}
        if not self.assignments.empty:
            found["segments"] = self.profile().reset_index()
        if self.fit is not None:
            found |= {"candidates": self.fit.candidates, "stability": self.fit.stability}
        return found

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        return {
            "customers": float(len(self.assignments)),
            "segments": float(self.n_segments),
            "value_last_year": self.segment_value(),
        }

    def totals(self) -> pd.DataFrame:
        """Return what adds up over regions: a row a region, money in cents."""
        return segment_totals(self._rows(), self._names())

    def __str__(self) -> str:
        if self.status != "ok":
            return _("{region}: not enough data to segment customers: {reason}.").format(
                region=self.region_words(), reason=self.reason
            )
        if "monetary_value" not in self._rows():
            return _("{n} customers fall into {how}.").format(
                n=len(self.assignments), how="" if self.fit is None else self.fit.how
            )
        segments = self._segments()
        if segments.empty:
            return _("{region}: nobody of {n} customers buys anything.").format(
                region=self.region_words(), n=len(self.assignments)
            )
        return self._said(segments)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    def region_words(self) -> str:
        """Return the name of the region."""
        return self.region if self.regions is None else region_name(self.regions, self.region)

    def profile(self) -> pd.DataFrame:
        """Return one row a group: customers, value, habits; the model's order kept."""
        return profile(self._rows(), self._names())

    def segment_value(self) -> float:
        """Return what segmented customers bought; other groups are the same goods once more."""
        return float(self._segments().value.sum())

    def left_out(self) -> list[str]:
        """Return in words what the data lacked or did not tell."""
        unused = [] if self.fit is None else list(self.fit.model.preparation.left_out)
        words = _("{names}: the same for everybody or empty").format(
            names=listing([*map(readable_name, unused)])
        )
        return [*self.gaps, *([words] if unused else [])]

    def _said(self, segments: pd.DataFrame) -> str:
        top = segments.sort_values("value", ascending=False, kind="stable").iloc[0]
        return _(
            "{region}: {n:.0f} buying customers in {k} segments; {top} ({count:.0f}) take "
            "{share:.0f} % of the last year's {value} CNY."
        ).format(
            region=self.region_words(),
            n=segments.customers.sum(),
            k=len(segments),
            top=top.name,
            count=top.customers,
            share=100 * top.value / max(segments.value.sum(), 1e-9),
            value=short(segments.value.sum()),
        )

    def _names(self) -> list[str]:
        return [] if self.fit is None else list(self.fit.model.names)

    def _rows(self) -> pd.DataFrame:
        """Return the assignments with what each customer measured beside them."""
        return self.assignments if self.measured is None else self.assignments.join(self.measured)

    def _is_segment(self, table: pd.DataFrame) -> pd.Series:
        return pd.Series(table.index.isin(self._names()), index=table.index)

    def _segments(self) -> pd.DataFrame:
        """Return the rows of the profile that the model found; groups by definition left out."""
        table = self.profile()
        return table[self._is_segment(table)]

    def _size_row(self) -> tuple[str, float | int, str, str]:
        n = 0 if self.fit is None else len(self.assignments)
        verdict = _("enough") if self.status == "ok" else self.reason
        return (
            _("customers in this slice"),
            n,
            _("company-wide at least {n}").format(n=self.params.min_customers),
            verdict,
        )

    def _typical_row(self) -> list[tuple[str, float | int, str, str]]:
        """Say how many customers fit no segment."""
        placed = self.assignments.confidence.notna() if self.fit is not None else None
        if placed is None or not placed.any():
            return []
        stray = int((self.assignments.typical[placed] < HALF).sum())
        verdict = _("placed in the nearest segment: read these with care") if stray else _("none")
        return [(_("customers that fit no segment well"), stray, "", verdict)]

    def _stability_rows(self) -> list[tuple[str, float | int, str, str]]:
        if self.fit is None:
            return []
        bound = self.params.min_jaccard
        pairs = zip(self.fit.stability.segment, self.fit.stability.jaccard, strict=True)
        first = (_("segments chosen"), self.n_segments, _("largest stable number"), self.fit.how)
        return [first, *[_stability_row(name, jaccard, bound) for name, jaccard in pairs]]


def _stability_row(name: str, jaccard: float, bound: float) -> tuple[str, float, str, str]:
    verdict = _("found again") if jaccard >= bound else _("not stable: read with care")
    words = _("stability of {name} (Jaccard)").format(name=name)
    return (words, round(float(jaccard), 2), f">= {bound}", verdict)
