"""What a segmentation says: frames, a sentence, a picture, how far to trust it, what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.params import SegmentationParams
from insights.segmentation.actions import ACTION_COLUMNS, next_actions
from insights.segmentation.model import Fit
from insights.tables import ALL, leaves, region_name
from insights.words import _, listing, short

SHOWN = 15
PROFILED = ("monetary_value", "frequency", "recency_days", "visits", "previous_value")


@dataclass(frozen=True, repr=False)
class Segmentation:
    """Who the customers are. ``assignments`` has a row a customer, ``fit`` the frozen model."""

    analysis: ClassVar[str] = "segmentation"

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
        members = leaves(self.regions, region)
        if region == ALL:
            return replace(self, region=region)
        rows = self.assignments[self.assignments.region_id.isin(members)].reset_index(drop=True)
        if self.status == "ok" and rows.empty:
            why = _("region {region} has no customers").format(region=region)
            return replace(
                self, assignments=rows, region=region, status="not_enough_data", reason=why
            )
        return replace(self, assignments=rows, region=region)

    def summary(self) -> pd.DataFrame:
        """Who is there? Customers, value and habits of each segment, in human headings."""
        if self.assignments.empty:
            return pd.DataFrame({_("reason"): [self.reason]})
        table = self._profile()
        total = self._terminal_value()
        shown = pd.DataFrame(
            {
                _("customers"): table.customers,
                _("% of all"): (100 * table.customers / table.customers.sum()).round(1),
                _("k CNY a year"): _whole(table.value / 1e3),
                _("% of value"): (100 * table.value / total)
                .round(1)
                .where(self._is_segment(table)),
                _("buying days"): _whole(table.frequency),
                _("days since last"): _whole(table.recency),
                _("growth %"): _whole(100 * table.growth),
                _("visits each"): table.visits.round(1),
            }
        )
        return shown.astype(object).where(shown.notna(), "–").rename_axis(_("segment"))

    def plot(self) -> Figure:
        """Draw the value of each segment."""
        title = _("What each segment buys in a year: {region}").format(region=self._region_words())
        segments = self._segments()
        if segments.empty:
            return figures.message(title, self.reason or _("no terminal bought anything"))
        return figures.bars(segments.value, title, _("CNY in the last year"))

    def plot_customers(self) -> Figure:
        """Draw each buying terminal by how often and how much it buys."""
        title = _("Terminals by habit and value: {region}").format(region=self._region_words())
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
            *[(gap, np.nan, "", _("left out")) for gap in self._gaps()],
        ]
        return pd.DataFrame(rows, columns=["check", "value", "bound", "verdict"], dtype=object)

    def actions(self) -> pd.DataFrame:
        """Who does what next, the most money first."""
        found = self._all_actions().head(SHOWN)
        return found.rename(columns=_action_headings())

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table: assignments, segments, actions, candidates of k, stability."""
        found = {"actions": self._all_actions(), "assignments": self.assignments}
        if not self.assignments.empty:
            found["segments"] = self._profile().reset_index()
        if self.fit is not None:
            found |= {"candidates": self.fit.candidates, "stability": self.fit.stability}
        return found

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        rows = self.assignments
        return {
            "customers": float(len(rows)),
            "segments": float(self.n_segments),
            "value_last_year": self._terminal_value(),
            "money_at_stake": float(self._all_actions().money_at_stake.sum()),
        }

    def __str__(self) -> str:
        if self.status != "ok":
            return _("{region}: not enough data to segment customers: {reason}.").format(
                region=self._region_words(), reason=self.reason
            )
        if "monetary_value" not in self._rows():
            return _("{n} customers fall into {how}.").format(
                n=len(self.assignments), how="" if self.fit is None else self.fit.how
            )
        segments = self._segments()
        if segments.empty:
            return _("{region}: nobody of {n} customers is a buying terminal.").format(
                region=self._region_words(), n=len(self.assignments)
            )
        top = segments.sort_values("value", ascending=False, kind="stable").iloc[0]
        return _(
            "{region}: {n:.0f} buying terminals in {k} segments; {top} ({count:.0f}) take "
            "{share:.0f} % of the last year's {value} CNY."
        ).format(
            region=self._region_words(),
            n=segments.customers.sum(),
            k=len(segments),
            top=top.name,
            count=top.customers,
            share=100 * top.value / max(segments.value.sum(), 1e-9),
            value=short(segments.value.sum()),
        )

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    def _region_words(self) -> str:
        return self.region if self.regions is None else region_name(self.regions, self.region)

    def _rows(self) -> pd.DataFrame:
        """Return the assignments with what each customer measured beside them."""
        return self.assignments if self.measured is None else self.assignments.join(self.measured)

    def _profile(self) -> pd.DataFrame:
        """Return one row a group: customers, value, medians of habit; the model's order kept."""
        rows = self._rows()
        frame = rows.reindex(columns=["segment", *PROFILED])
        frame = frame.astype({name: "float64" for name in PROFILED if name in rows})
        groups = frame.groupby("segment", sort=False)
        table = pd.DataFrame(
            {
                "customers": groups.size(),
                "value": groups.monetary_value.sum(),
                "frequency": groups.frequency.median(),
                "recency": groups.recency_days.median(),
                "growth": groups.monetary_value.sum()
                / groups.previous_value.sum().where(lambda v: v > 0)
                - 1,
                "visits": groups.visits.mean(),
            }
        )
        names = [] if self.fit is None else list(self.fit.model.names)
        rest = sorted(set(table.index) - set(names))
        return table.loc[[name for name in names if name in table.index] + rest]

    def _is_segment(self, table: pd.DataFrame) -> pd.Series:
        names = [] if self.fit is None else list(self.fit.model.names)
        return pd.Series(table.index.isin(names), index=table.index)

    def _segments(self) -> pd.DataFrame:
        """Return the rows of the profile that the model found; groups by definition left out."""
        table = self._profile()
        return table[self._is_segment(table)]

    def _terminal_value(self) -> float:
        """Return what terminals bought; what distributors ordered is the same goods once more."""
        return float(self._segments().value.sum())

    def _all_actions(self) -> pd.DataFrame:
        if self.assignments.empty or "customer_type" not in self.assignments:
            return pd.DataFrame(columns=list(ACTION_COLUMNS)).astype({"money_at_stake": "float64"})
        return next_actions(self.assignments)

    def _gaps(self) -> list[str]:
        unused = [] if self.fit is None else list(self.fit.model.preparation.left_out)
        words = _("{names}: the same for everybody or empty").format(names=listing(unused))
        return [*self.gaps, *([words] if unused else [])]

    def _size_row(self) -> tuple[str, float | int, str, str]:
        n = 0 if self.fit is None else len(self.assignments)
        verdict = _("enough") if self.status == "ok" else self.reason
        return (
            _("customers in this slice"),
            n,
            _("company-wide at least {n}").format(n=self.params.min_customers),
            verdict,
        )

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


def _whole(values: pd.Series) -> pd.Series:
    return values.round(0).astype("Int64")


def _action_headings() -> dict[str, str]:
    return {
        "customer_id": _("customer"),
        "name": _("name"),
        "segment": _("segment"),
        "action": _("action"),
        "why": _("why"),
        "money_at_stake": _("at stake, CNY"),
        "visits": _("visits"),
        "owner": _("owner"),
    }
