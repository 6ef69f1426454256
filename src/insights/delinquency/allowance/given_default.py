"""Of what defaulted, how much never came back? Loss given default from the company's own cases."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.allowance.rolls import (
    OpenMoney,
    by_group_and_company,
    clock_days,
    history_month_ends,
    provision_groups,
)
from insights.features.ledger import NEVER, Ledger
from insights.params import DelinquencyParams
from insights.tables import ALL
from insights.words import _

DAYS_A_YEAR = 365
CASE_COLUMNS = ["item", "group", "defaulted", "exposure_cents", "cash_cents", "present_cents"]
SEVERITY_COLUMNS = [
    "group", "cases", "exposure_cents", "cash_cents", "present_value_cents", "measured",
    "mean_of_cases", "loss_given_default", "basis",
]  # fmt: skip


def default_cases(
    ledger: Ledger, params: DelinquencyParams, day: int | None = None
) -> pd.DataFrame:
    """Which items defaulted long enough before ``day`` for their recoveries to be judged?

    A row an item: item, group, defaulted (day number: ``default_days`` on the ageing's clock, or
    the first write-off if that came before), exposure_cents (unpaid then, less what credit notes
    took back later), cash_cents received within ``lgd_workout_days`` and present_cents, the same
    discounted to the default at ``funding_rate``.
    """
    day = ledger.day if day is None else day
    cases = _defaulted(ledger, params, day - params.lgd_workout_days)
    made = ledger.allocations
    rows = made[["item", "day", "cents", "source"]].merge(cases, on="item")
    wait = rows.day - rows.defaulted
    rows = rows.assign(wait=wait)[(wait > 0) & (wait <= params.lgd_workout_days)]
    cash = rows[rows.source == "payment"]
    value = cash.cents / (1 + params.funding_rate) ** (cash.wait / DAYS_A_YEAR)
    sums = cases.assign(
        cash_cents=_by_item(cash.cents, cash["item"], cases),
        present_cents=_by_item(value, cash["item"], cases),
        credited=_by_item(rows.cents[rows.source == "credit_note"], rows["item"], cases),
    )
    exposure = (sums.exposure_cents - sums.credited).astype("int64")
    sums = sums.assign(exposure_cents=exposure, cash_cents=sums.cash_cents.astype("int64"))
    return sums.loc[exposure > 0, CASE_COLUMNS].reset_index(drop=True)


def loss_given_default(
    ledger: Ledger, params: DelinquencyParams, day: int | None = None
) -> pd.DataFrame:
    """What share of defaulted money is lost, by group and for the company ("all")?

    LGD = 1 - present value of recoveries / exposure at default, by money; ``mean_of_cases``
    counts each case alike. ``measured`` is missing below ``lgd_min_cases`` cases of the group and
    of the company; ``loss_given_default`` is then the param. SEVERITY_COLUMNS. Source: workout
    LGD, Basel framework CRE36 (economic loss: discounted cash flows after default).
    """
    cases = default_cases(ledger, params, day)
    names = [*sorted(provision_groups(ledger.items).unique()), ALL]
    found = by_group_and_company(cases)
    back = found.present_cents.clip(lower=0, upper=found.exposure_cents)
    found = found.assign(present_cents=back, share=1 - back / found.exposure_cents)
    table = found.groupby("group").agg(
        cases=("item", "size"), exposure_cents=("exposure_cents", "sum"),
        cash_cents=("cash_cents", "sum"), present_value_cents=("present_cents", "sum"),
        mean_of_cases=("share", "mean"),
    ).reindex(names)  # fmt: skip
    numbers = ["cases", "exposure_cents", "cash_cents", "present_value_cents"]
    table[numbers] = table[numbers].fillna(0).round().astype("int64")
    return _with_basis(table, params).rename_axis("group").reset_index()[SEVERITY_COLUMNS]


def loss_given_default_of(items: pd.DataFrame, severity: pd.DataFrame) -> pd.Series:
    """Return each item's loss given default by its group, for ``expected_losses``."""
    rates = severity.set_index("group").loss_given_default
    return provision_groups(items).map(rates).fillna(rates[ALL]).rename("loss_given_default")


def _defaulted(ledger: Ledger, params: DelinquencyParams, latest: int) -> pd.DataFrame:
    """Return items in default by ``latest``; before the books' first month end none is known."""
    money = OpenMoney.of(ledger)
    clock = clock_days(ledger, latest, params)
    aged = np.where(clock == NEVER, NEVER, clock + params.default_days)
    defaulted = np.minimum(aged, _first_writeoff(ledger))
    begins = history_month_ends(ledger).min(initial=ledger.day)
    item = np.flatnonzero((defaulted <= latest) & (defaulted >= begins))
    on = defaulted[item]
    by_age = on < _first_writeoff(ledger)[item]
    exposure = money.open_at(item, np.where(by_age, on, on - 1))
    cases = pd.DataFrame(
        {
            "item": item,
            "group": provision_groups(ledger.items).to_numpy()[item],
            "defaulted": on,
            "exposure_cents": exposure,
        }
    )
    return cases[cases.exposure_cents > 0]


def _first_writeoff(ledger: Ledger) -> np.ndarray:
    made = ledger.allocations
    lost = made[(made.source == "writeoff") & (made.cents > 0)].drop_duplicates("item")
    days = np.full(len(ledger.items), NEVER, dtype="int64")
    days[lost["item"].to_numpy("int64")] = lost.day
    return days


def _by_item(values: pd.Series, item: pd.Series, cases: pd.DataFrame) -> pd.Series:
    sums = values.groupby(item.loc[values.index]).sum()
    return sums.reindex(cases["item"]).fillna(0).set_axis(cases.index)


def _with_basis(table: pd.DataFrame, params: DelinquencyParams) -> pd.DataFrame:
    """Take the group's own figure where it has enough cases, else the company's, else the param."""
    share = 1 - table.present_value_cents / table.exposure_cents.where(table.exposure_cents > 0)
    enough = table.cases >= params.lgd_min_cases
    company = share[ALL] if enough[ALL] else np.nan
    measured = share.where(enough, company)
    words = np.select(
        [enough, measured.notna()],
        [
            _("own cases: 1 - present value of recoveries / exposure at default"),
            _("the company's cases: too few of the group"),
        ],
        _("params.loss_given_default: fewer than {n} cases").format(n=params.lgd_min_cases),
    )
    return table.assign(
        measured=measured,
        loss_given_default=measured.fillna(params.loss_given_default),
        basis=words,
    )
