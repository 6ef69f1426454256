"""What may be lost of a company's or a region's receivables: one place for all its tables."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from insights.delinquency.allowance.bad_debts import (
    bad_debt_candidates,
    recoveries_by_year,
    small_debt_cents,
    writeoff_ledger,
)
from insights.delinquency.allowance.given_default import loss_given_default
from insights.delinquency.allowance.provision import (
    allowance_backtest,
    allowance_by,
    beside_ecl,
    item_allowances,
    loss_rate_table,
    provision_matrix,
    reconciliation,
)
from insights.delinquency.allowance.roll_forward import roll_forward
from insights.delinquency.allowance.rolls import roll_rates
from insights.delinquency.allowance.statutory import statutory_interest, statutory_words
from insights.delinquency.shown import in_yuan, of_regions, whole
from insights.features.ledger import Ledger
from insights.params import DelinquencyParams
from insights.tables import ALL
from insights.words import _, short

PERCENT = 100


@dataclass(frozen=True)
class Provisioning:
    """Allowances by item with the rates behind them, and what the law and the tax office say.

    ``allowances``, ``moved`` (since the month's end before), ``candidates``, ``writeoffs`` and
    ``interest`` are sliced by region; rates, rolls, severity, the comparison with expected losses
    and the test a year earlier are the company's.
    """

    of_company: ClassVar[frozenset[str]] = frozenset(
        ["loss_rates", "roll_rates", "loss_given_default", "provision_beside_expected_loss",
         "provision_a_year_earlier", "provision_reconciled", "recoveries"]
    )  # fmt: skip

    allowances: pd.DataFrame
    moved: pd.DataFrame
    rates: pd.DataFrame
    rolls: pd.DataFrame
    severity: pd.DataFrame
    beside: pd.DataFrame
    backtest: pd.DataFrame
    reconciled: pd.DataFrame
    candidates: pd.DataFrame
    writeoffs: pd.DataFrame
    recoveries: pd.DataFrame
    interest: pd.DataFrame
    small: str
    params: DelinquencyParams

    def for_region(self, region: str, kept: list[str]) -> Provisioning:
        """Return the slice of a region; ``kept`` are it and all below it."""
        if region == ALL:
            return self
        return replace(
            self,
            allowances=of_regions(self.allowances, kept),
            moved=of_regions(self.moved, kept),
            candidates=of_regions(self.candidates, kept),
            writeoffs=of_regions(self.writeoffs, kept),
            interest=of_regions(self.interest, kept),
            reconciled=of_regions(self.reconciled, [ALL, *kept]),
        )

    @property
    def allowance_cents(self) -> int:
        """Return what is provided for in all."""
        return int(self.allowances.allowance_cents.fillna(0).sum())

    @property
    def uncovered_cents(self) -> int:
        """Return the balance for which there is no rate, and so no allowance."""
        return int(self.allowances.open_cents[self.allowances.allowance_cents.isna()].sum())

    @property
    def allowance(self) -> float:
        """Return the allowance in yuan; missing where no balance has a rate."""
        bare = len(self.allowances) and self.allowances.allowance_cents.isna().all()
        return float("nan") if bare else self.allowance_cents / 100

    def words(self) -> str:
        """Say what is provided for, and what could not be."""
        left = _("{money} CNY have no rate").format(money=short(self.uncovered_cents / 100))
        if math.isnan(self.allowance):
            return _("There is no allowance: {left}.").format(left=left)
        said = _("The allowance is {money} CNY").format(money=short(self.allowance))
        return f"{said}; {left}." if self.uncovered_cents else f"{said}."

    def summary(self) -> pd.DataFrame:
        """How much is provided for, by group of payers, and would it have been enough before?"""
        table = allowance_by(self.allowances, "group").set_index("group")
        table.loc[_("in all")] = table.sum()
        earlier = self.backtest.set_index("group").ratio.rename({ALL: _("in all")})
        shown = pd.DataFrame(
            {
                _("items"): table["items"],
                _("open, CNY"): whole(table.balance_cents / 100),
                _("allowance, CNY"): whole(table.allowance_cents / 100),
                _("rate %"): _percent(
                    table.allowance_cents, table.balance_cents - table.uncovered_cents
                ),
                _("without a rate, CNY"): whole(table.uncovered_cents / 100),
                _("allowance / lost, a year ago, company"): earlier.reindex(table.index).round(2),
            }
        )
        return shown.rename_axis(_("payers"))

    def law_words(self) -> str:
        """Say what bad debts may be claimed and what the law gives for delay."""
        claims = _(
            "{open:,.0f} CNY still open and {booked:,.0f} CNY written off before (check that no "
            "earlier return deducted it) pass the tax test of time and size ({small})."
        )
        said = claims.format(
            open=self.candidates.open_cents.sum() / 100,
            booked=self.candidates.booked_cents.sum() / 100,
            small=self.small,
        )
        return f"{said} {statutory_words(self.interest, self.params)}"

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the full tables by name, in yuan."""
        return {
            "provision_matrix": in_yuan(provision_matrix(self.allowances)),
            "provision_since_last_month": in_yuan(self.moved),
            "provision_items": in_yuan(self.allowances),
            "loss_rates": in_yuan(self.rates),
            "roll_rates": in_yuan(self.rolls),
            "loss_given_default": in_yuan(self.severity),
            "provision_beside_expected_loss": in_yuan(self.beside),
            "provision_a_year_earlier": in_yuan(self.backtest),
            "provision_reconciled": in_yuan(self.reconciled),
            "bad_debt_candidates": in_yuan(self.candidates),
            "written_off": in_yuan(self.writeoffs),
            "recoveries": in_yuan(self.recoveries),
            "statutory_interest": in_yuan(self.interest),
        }


def read_provisioning(
    ledger: Ledger, invoices: pd.DataFrame, params: DelinquencyParams
) -> Provisioning:
    """Provide for what is open on the day of the ledger. ``invoices``: open items, scored."""
    rates = loss_rate_table(ledger, params)
    allowances = item_allowances(ledger, rates, params)
    severity = loss_given_default(ledger, params)
    return Provisioning(
        allowances=allowances,
        moved=roll_forward(ledger, allowances, params),
        rates=rates,
        rolls=roll_rates(ledger, params),
        severity=severity.reset_index(drop=True),
        beside=beside_ecl(allowances, invoices, severity),
        backtest=allowance_backtest(ledger, params),
        reconciled=reconciliation(ledger, allowances),
        candidates=bad_debt_candidates(ledger, params),
        writeoffs=writeoff_ledger(ledger),
        recoveries=recoveries_by_year(ledger),
        interest=statutory_interest(ledger, params),
        small=small_debt_cents(ledger, params)[1],
        params=params,
    )


def _percent(part: pd.Series, of: pd.Series) -> pd.Series:
    return (PERCENT * part / of.where(of != 0, np.nan)).astype("float64").round(1)
