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
from insights.delinquency.cash.collections import ALL_CASH, ISSUED, Collections
from insights.delinquency.result import Delinquency
from insights.params import DelinquencyParams
from insights.tables import ALL, leaves
from insights.words import _, short


@dataclass(frozen=True, repr=False)
class ReceivablesReview:
    """The receivables of a company or a region on as_of; ``invoices`` has a row an open item.

    ``books``, ``provisioning`` and ``collections`` are missing where no invoice is known.
    ``groups``, ``drifted`` and ``card`` say how far the company's model is to be trusted.
    """

    analysis: ClassVar[str] = "delinquency"

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
        members = leaves(self.delinquency.regions, region)
        return replace(
            self,
            delinquency=self.delinquency.for_region(region),
            books=self.books and self.books.for_region(region, members),
            provisioning=self.provisioning and self.provisioning.for_region(region, members),
            collections=self.collections and self.collections.for_region(region),
        )

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
        more = pd.DataFrame(
            [*self._provision_rows(), *self._cash_rows(), *self._notes()],
            columns=rows.columns,
            dtype=object,
        )
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
            found["collections"] = self.collections.by_week
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
            found["allowance"] = self.provisioning.allowance_cents / 100
        if self.collections is not None and self.collections.status == "ok":
            found["cash_expected"] = self._cash_in_all(ALL_CASH, "expected")
        return found

    def __str__(self) -> str:
        said = str(self.delinquency)
        if self.status != "ok" or self.invoices.empty or self.provisioning is None:
            return said
        allowed = _("The allowance is {money} CNY.").format(
            money=short(self.provisioning.allowance_cents / 100)
        )
        return " ".join([said, allowed, *self._cash_words()])

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

    def _provision_rows(self) -> list[tuple[str, float | str, str, str]]:
        found = self.provisioning
        if found is None:
            return []
        odd = int(found.reconciled.difference_cents.abs().sum())
        year = found.backtest[found.backtest.group == ALL]
        ratio = float(year.ratio.iloc[0]) if len(year) else float("nan")
        adds = _("adds up to the cent") if odd == 0 else _("does not add up")
        enough = _("was enough") if ratio >= 1 else _("fell short")
        return [
            (_("allowance less ledger, CNY, company"), f"{odd / 100:,.2f}", "0.00", adds),
            (
                _("allowance a year ago / lost since, company"),
                round(ratio, 2),
                ">= 1",
                enough if ratio == ratio else _("nothing was lost, or too little history"),
            ),
        ]

    def _cash_rows(self) -> list[tuple[str, float | str, str, str]]:
        found = self.collections
        if found is None or found.status != "ok":
            return []
        rows = found.accuracy().set_index("scope")
        share = float(rows.coverage[ISSUED])
        inside = rows.coverage_low[ISSUED] <= 0.9 <= rows.coverage_high[ISSUED]
        better = rows.error_expected[ISSUED] < rows.error_naive_recent[ISSUED]
        return [
            (
                _("past weeks of cash inside their 90 % interval"),
                round(share, 3),
                "0.9",
                _("means what it says") if inside else _("off: read with care"),
            ),
            (
                _("error of a week's cash / that of the last weeks' mean"),
                round(float(rows.error_expected[ISSUED] / rows.error_naive_recent[ISSUED]), 2),
                "< 1",
                _("nearer") if better else _("no nearer"),
            ),
        ]

    def _notes(self) -> list[tuple[str, float | str, str, str]]:
        """Say what the list of actions leaves out, and what may be claimed by law."""
        rows: list[tuple[str, float | str, str, str]] = []
        calls, found = self.delinquency.calls, self.provisioning
        if calls is not None and (words := calls.left_out()):
            rows.append((_("open items not on the list of actions"), calls.n_left_out(), "", words))
        if found is not None:
            name = _("bad debts by the tax test of time and size")
            rows.append((name, len(found.candidates), "", found.law_words()))
        return rows

    def _shown(self, table: pd.DataFrame) -> pd.DataFrame:
        words = self.reason or _("nothing is open")
        return table if len(table) else pd.DataFrame({_("reason"): [words]})
