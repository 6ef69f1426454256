"""The books of a company or a region: turnover, ageing by both clocks, bills, and the tie-out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from insights.delinquency.books.control import culprits
from insights.delinquency.books.turnover import TRUE_DSO, current_turnover, turnover
from insights.delinquency.shown import in_yuan, of_regions
from insights.features.ledger import Ledger, ageing_since_acceptance, bills_held
from insights.params import DelinquencyParams
from insights.tables import ALL, Tables
from insights.words import _


@dataclass(frozen=True)
class Books:
    """``turnover``: a row a slice and month end; ``current``: a row a slice and measure.

    ``bills``: bills of acceptance received and not yet matured. ``culprits``: what may explain a
    difference to the general ledger. ``ages``: region_id, open_cents, age_days of every open item,
    counted from acceptance, else from issue; ``edges``: the buckets.
    """

    turnover: pd.DataFrame
    current: pd.DataFrame
    bills: pd.DataFrame
    culprits: pd.DataFrame
    ages: pd.DataFrame
    edges: tuple[int, ...]

    def for_region(self, region: str, kept: list[str]) -> Books:
        """Return the slice of a region; ``kept`` are it and all below it."""
        if region == ALL:
            return self
        return replace(
            self,
            turnover=of_regions(self.turnover, [region]),
            current=of_regions(self.current, [region]),
            bills=of_regions(self.bills, kept),
            culprits=of_regions(self.culprits, kept),
            ages=of_regions(self.ages, kept),
        )

    def now(self, region: str) -> pd.DataFrame:
        """Return the measures of a region on as_of; true DSO, which old items swell, left out."""
        rows = self.current[(self.current.region_id == region) & (self.current.measure != TRUE_DSO)]
        names = {"measure": _("measure"), "value": _("value"), "unit": _("unit"), "note": _("note")}
        return rows[list(names)].rename(columns=names).set_index(_("measure"))

    def _by_age(self) -> pd.DataFrame:
        return ageing_since_acceptance(self.ages.open_cents, self.ages.age_days, self.edges)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the full tables by name, in yuan."""
        return {
            "turnover": in_yuan(self.turnover),
            "turnover_now": self.current,
            "ageing_by_invoice_date": in_yuan(self._by_age().reset_index()),
            "bills_held": in_yuan(self.bills),
            "control_culprits": in_yuan(self.culprits),
        }


def read_books(
    tables: Tables, ledger: Ledger, control: pd.DataFrame, params: DelinquencyParams
) -> Books:
    """Read the books on the day of the ledger. ``control`` as returned by ``tie_out``."""
    months, regions = params.turnover_months, tables.regions
    return Books(
        turnover=turnover(ledger, period_months=months, regions=regions),
        current=current_turnover(ledger, months, regions),
        bills=bills_held(tables, ledger.as_of),
        culprits=culprits(tables, ledger, control),
        ages=ledger.items.loc[ledger.items.open_cents > 0, ["region_id", "open_cents", "age_days"]],
        edges=params.buckets,
    )
