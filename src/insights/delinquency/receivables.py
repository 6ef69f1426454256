"""What a review of the receivables says: who pays late, what is lost, when does money come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import ClassVar

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.delinquency.allowance.provisioning import Provisioning
from insights.delinquency.books.standing import Books
from insights.delinquency.card import card_here
from insights.delinquency.cash.collections import ALL_CASH, ISSUED, Collections
from insights.delinquency.more_checks import more_checks
from insights.delinquency.result import Delinquency
from insights.delinquency.totals import allowance_totals
from insights.params import DelinquencyParams
from insights.tables import ALL, members
from insights.tables.totals import side_by_side
from insights.words import _


@dataclass(frozen=True, repr=False)
class ReceivablesReview:
    """The receivables of a company or a region on as_of; ``invoices`` has a row an open item.

    ``books``, ``provisioning`` and ``collections`` are missing where no invoice is known.
    ``groups``, ``drifted`` and ``card`` say how far the company's model is to be trusted.
    """

    analysis: ClassVar[str] = "delinquency"
    of_company: ClassVar[frozenset[str]] = (
        Delinquency.of_company | Provisioning.of_company | {"groups", "drift", "model_card"}
    )

    delinquency: Delinquency
    books: Books | None = None
    provisioning: Provisioning | None = None
    collections: Collections | None = None
    groups: pd.DataFrame | None = None
    drifted: pd.DataFrame | None = None
    card: pd.DataFrame | None = None

    @property
    def invoices(self) -> pd.DataFrame:
        """Return every open item with probability, grade, exposure, loss and reasons."""
        return self.delinquency.invoices

    @property
    def params(self) -> DelinquencyParams:
        """Return the params of the analysis."""
        return self.delinquency.params

    @property
    def as_of(self) -> dt.date | None:
        """Return the day of the books."""
        return self.delinquency.as_of

    @property
    def region(self) -> str:
        """Return the region shown."""
        return self.delinquency.region

    @property
    def status(self) -> str:
        """Return "ok" or "not_enough_data"."""
        return self.delinquency.status

    @property
    def reason(self) -> str:
        """Return why there is not enough data, or an empty text."""
        return self.delinquency.reason

    def for_region(self, region: str) -> ReceivablesReview:
        """Return the slice of a leaf region, a group or ``all``; models stay the company's."""
        kept = members(self.delinquency.regions, region)
        return replace(
            self,
            delinquency=self.delinquency.for_region(region),
            books=self.books and self.books.for_region(region, kept),
            provisioning=self.provisioning and self.provisioning.for_region(region, kept),
            collections=self.collections and self.collections.for_region(region),
        )._without_siblings(kept)

    def _without_siblings(self, kept: list[str]) -> ReceivablesReview:
        """Drop what the company's tables of trust say of each other region."""
        if self.region == ALL or self.groups is None or self.card is None:
            return self
        others = (self.groups.by == "region") & ~self.groups.group.isin(kept)
        groups = self.groups[~others]
        return replace(self, groups=groups, card=card_here(self.card, groups))

    def summary(self) -> pd.DataFrame:
        """How old is what is owed, and what is it expected to cost? A row a bucket, and in all."""
        return self.delinquency.summary()

    def plot(self) -> Figure:
        """Draw the ageing, each bucket divided by type of customer."""
        return self.delinquency.plot()

    def plot_calibration(self) -> Figure:
        """Draw observed against predicted lateness over the rolling origins."""
        return self.delinquency.plot_calibration()

    def turnover(self) -> pd.DataFrame:
        """How fast does what is owed turn into money? DSO and its kin on as_of."""
        if self.books is None:
            return self._shown(pd.DataFrame())
        return self._shown(self.books.now(self.region))

    @figures.legible()
    def plot_cash(self) -> Figure:
        """Draw the cash expected week by week from what is issued, with its interval."""
        title = _("Cash expected from issued items: {region}").format(
            region=self.delinquency.region_words()
        )
        found = self.collections
        if found is None or found.status != "ok":
            return figures.message(title, self.reason if found is None else found.reason)
        rows = found.figure(ISSUED).set_index("week")
        named = {"expected": _("expected"), "naive": _("as in the last eight weeks")}
        return figures.lines(
            rows[list(named)].rename(columns=named),
            title,
            _("CNY a week"),
            band=rows[["low", "high"]],
        )

    def provisions(self) -> pd.DataFrame:
        """How much is provided for, by group of payers, and was it enough a year ago?"""
        if self.provisioning is None or self.provisioning.allowances.empty:
            return self._shown(pd.DataFrame())
        return self.provisioning.summary()

    def check(self) -> pd.DataFrame:
        """How far to trust it: the books, the model, the forecasts, the data."""
        rows = self.delinquency.check()
        found = more_checks(self.provisioning, self.collections, self.delinquency.calls)
        more = pd.DataFrame(found, columns=rows.columns, dtype=object)
        last = len(rows) - self.delinquency.noted()
        return pd.concat([rows[:last], more, rows[last:]], ignore_index=True)

    def model_card(self) -> pd.DataFrame:
        """Say on one page what the probabilities are, where they are weak, what they are for."""
        if self.card is None:
            return self._shown(pd.DataFrame())
        headings = {"item": _("item"), "answer": _("answer")}
        return self.card.rename(columns=headings).set_index(_("item"))

    def actions(self) -> pd.DataFrame:
        """Whom to call first, the most money first."""
        return self.delinquency.actions()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table by name, amounts in yuan."""
        found = self.delinquency.tables()
        for part in (self.books, self.provisioning):
            found |= {} if part is None else part.tables()
        if self.collections is not None:
            weeks = self.collections.by_week
            found["collections"] = weeks[weeks.week > 0]
            found["collections_in_all"] = weeks[weeks.week == 0].drop(columns="week")
            found["collections_before"] = self.collections.backtest
        if self.groups is not None and self.drifted is not None and self.card is not None:
            found |= {"groups": self.groups, "drift": self.drifted, "model_card": self.card}
        return found

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        found = self.delinquency.headline()
        if self.books is not None:
            now = self.books.current[self.books.current.region_id == self.region]
            found["dso"] = float(now.value.iloc[0]) if len(now) else float("nan")
        if self.provisioning is not None:
            found["allowance"] = self.provisioning.allowance
        if self.collections is not None and self.collections.status == "ok":
            found["cash_expected"] = self._cash_in_all(ALL_CASH, "expected")
        return found

    def totals(self) -> pd.DataFrame:
        """Return what adds up over regions: a row a region, money in cents."""
        found = self.delinquency.totals()
        if self.provisioning is None:
            return found
        return side_by_side([found, allowance_totals(self.provisioning.allowances)])

    def __str__(self) -> str:
        said = str(self.delinquency)
        if self.status != "ok" or self.invoices.empty or self.provisioning is None:
            return said
        return " ".join([said, self.provisioning.words(), *self._cash_words()])

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    def _cash_words(self) -> list[str]:
        found = self.collections
        return [str(found)] if found is not None and found.status == "ok" else []

    def _cash_in_all(self, scope: str, column: str) -> float:
        rows = self.collections.by_week if self.collections is not None else pd.DataFrame()
        rows = rows[(rows.region_id == self.region) & (rows.scope == scope) & (rows.week == 0)]
        return float(rows[column].iloc[0]) if len(rows) else float("nan")

    def _shown(self, table: pd.DataFrame) -> pd.DataFrame:
        words = self.reason or _("nothing is open")
        return table if len(table) else pd.DataFrame({_("reason"): [words]})
