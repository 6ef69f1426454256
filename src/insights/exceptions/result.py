"""The list of exceptions: what is out of line, who does what, and what was not asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import ClassVar

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.params import ExceptionsParams
from insights.tables import ALL, members, region_name
from insights.tables.totals import by_region
from insights.words import _, readable_name, short

COLUMNS = (
    "question", "rank", "kind", "action", "subject_id", "name", "region_id", "why", "amount",
    "amount_means", "owner",
)  # fmt: skip
SOURCES = ("question", "listed", "too_small", "reason")


@dataclass(frozen=True, repr=False)
class Exceptions:
    """The answer of ``gather_exceptions``: ``rows`` one a thing to do, ``sources`` one a question.

    ``rows``: question, rank in it, kind (rows are counted by it), action, subject_id and name,
    region_id, why, amount (CNY; what it is stands in amount_means), owner. ``sources``: question,
    how many rows are listed and how many were too small, and why a question has no answer.
    """

    analysis: ClassVar[str] = "exceptions"
    of_company: ClassVar[frozenset[str]] = frozenset({"sources"})

    rows: pd.DataFrame
    sources: pd.DataFrame
    regions: pd.DataFrame
    params: ExceptionsParams
    as_of: dt.date
    region: str = ALL

    def for_region(self, region: str) -> Exceptions:
        """Return what concerns a leaf region or a group; rows of no region stay with the whole."""
        kept = members(self.regions, region)
        if region == ALL:
            return replace(self, region=region)
        rows = self.rows[self.rows.region_id.isin(kept)].reset_index(drop=True)
        return replace(self, rows=rows, region=region)

    @property
    def status(self) -> str:
        """Return "ok", or "not_enough_data" where no question has an answer."""
        return "ok" if (self.sources.reason == "").any() else "not_enough_data"

    @property
    def reason(self) -> str:
        """Return why no question has an answer."""
        return "" if self.status == "ok" else "; ".join(dict.fromkeys(self.sources.reason))

    def summary(self) -> pd.DataFrame:
        """How much of what is out of line, by question and kind?"""
        found = self._groups()
        return pd.DataFrame(
            {
                _("question"): [readable_name(one) for one in found.question],
                _("kind"): [readable_name(str(one)) for one in found.kind],
                _("cases"): found.cases,
                _("CNY"): found.amount.round(0).astype("Int64"),
                _("which is"): found.amount_means,
            }
        ).set_index(_("question"))

    @figures.legible()
    def plot(self) -> Figure:
        """Draw how many cases there are of each kind."""
        title = _("Cases by kind: {region}").format(region=self._where())
        found = self._groups()
        if found.empty:
            return figures.message(title, self.reason or _("nothing is out of line"))
        named = [
            _("{question}: {kind}").format(
                question=readable_name(str(row.question)), kind=readable_name(str(row.kind))
            )
            for row in found.itertuples()
        ]
        return figures.bars(pd.Series(found.cases.to_numpy(float), named), title, _("cases"))

    def check(self) -> pd.DataFrame:
        """Which questions were asked, what was too small, what could not be answered?"""
        words = [row.reason or _("answered") for row in self.sources.itertuples()]
        return pd.DataFrame(
            {
                "check": [readable_name(one) for one in self.sources.question],
                "value": self.sources.listed,
                "bound": [
                    _("{n} below {least} CNY left out").format(
                        n=n, least=short(self.params.least_amount)
                    )
                    for n in self.sources.too_small
                ],
                "verdict": words,
            }
        )

    def actions(self) -> pd.DataFrame:
        """What to do first: the first lines of each question."""
        first = self.rows.groupby("question", sort=False).head(self.params.shown)
        return pd.DataFrame(
            {
                _("question"): [readable_name(one) for one in first.question],
                _("what"): first.action,
                _("who or what"): first.subject_id.astype("object").fillna(""),
                _("name"): first.name.astype("object").fillna(""),
                _("CNY"): first.amount.round(0).astype("Int64"),
                _("because"): first.why,
                _("owner"): first.owner.astype("object").fillna(""),
            }
        ).reset_index(drop=True)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the whole list, and what each question gave to it."""
        return {"exceptions": self.rows, "sources": self.sources}

    def headline(self) -> dict[str, float]:
        """Return the figures for the index: cases in all, and of each question."""
        counts = self.rows.question.value_counts()
        each = {f"{one}_cases": float(counts.get(one, 0)) for one in self.sources.question}
        return {"cases": float(len(self.rows)), **each}

    def totals(self) -> pd.DataFrame:
        """Return the cases by region, which add up; what a line or a channel lacks is of none."""
        here = self.rows[self.rows.region_id.notna()]
        return by_region(here[["region_id"]].assign(regional_cases=1))

    def __str__(self) -> str:
        if self.status != "ok":
            words = _("{region}: nothing can be said on {day}: {reason}.")
            return words.format(region=self._where(), day=self.as_of, reason=self.reason)
        if self.rows.empty:
            words = _("{region}: nothing is out of line on {day}.")
            return words.format(region=self._where(), day=self.as_of)
        first = self.rows.iloc[0]
        words = _("{region}: {n} things to do on {day}. First: {action} ({name}): {why}.")
        name = first["name"] if pd.notna(first["name"]) else first["subject_id"]
        return words.format(region=self._where(), n=len(self.rows), day=self.as_of,
                            action=first["action"], name=name, why=first["why"])  # fmt: skip

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    def _where(self) -> str:
        return region_name(self.regions, self.region)

    def _groups(self) -> pd.DataFrame:
        keys = ["question", "kind", "amount_means"]
        grouped = self.rows.groupby(keys, sort=False, dropna=False)
        return grouped.agg(cases=("rank", "size"), amount=("amount", "sum")).reset_index()
