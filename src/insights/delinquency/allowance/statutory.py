"""What does the law on payments to small suppliers give us? Days over the term, and interest.

Regulation on Ensuring Payments to Small and Medium-sized Enterprises, State Council Order 802, in
force from 2025-06-01: an institution (a public hospital is one) pays a small supplier within 30
days of delivery, or of acceptance where the contract makes it the condition; a contract may agree
up to 60 days. Late payment bears interest: the agreed rate, not below the one-year LPR of the day
of signing, else 0.05 % a day. Not computed: military hospitals, and large enterprises as buyers.
A claim, not an income: whether to raise it is for the company.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.ledger import NEVER, Ledger, dates_of, day_numbers
from insights.features.running import RunningSums
from insights.params import DelinquencyParams
from insights.words import _

DAYS_A_YEAR = 365
INSTITUTION_TYPE, INSTITUTION_OWNER = "hospital", "public"
STATUTORY_COLUMNS = [
    "invoice_id", "instalment_no", "customer_id", "name", "region_id", "starts_on", "start_basis",
    "payable_by", "settled_on", "open_cents", "unpaid_cents", "disputed", "over_statutory_days",
    "interest_cents", "reason",
]  # fmt: skip


def statutory_interest(ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    """How many days over the legal term is each item of a public hospital, and what interest?

    A row an item billed to an institution: STATUTORY_COLUMNS; over_statutory_days up to the day
    of full payment or as_of (0 within the term) and interest_cents, rounded once an item, on the
    balance unpaid on each day: a part payment lowers it from its day on, a credit note from the
    start, a write-off not at all, as the claim stands. Payable by the agreed due date, at the
    latest 60 days after the start; 30 days where nothing is agreed. Missing, with the reason,
    for retention money, for what began before the regulation, and for every item unless the
    supplier is declared small (``supplier_is_small``), which is never guessed.
    """
    items = _institutions(ledger.items)
    start = _starts(items)
    payable = _payable_by(items, start, params)
    reason = _not_counted(items, start, params)
    counted = (reason == "").to_numpy()
    days, money_days, unpaid = _lateness(ledger, items, payable)
    interest = np.floor(money_days * daily_rate(params) + 0.5)
    accepted = items.accepted_on.notna()
    basis = np.where(accepted, _("acceptance"), _("invoice: no acceptance is recorded"))
    begun = day_numbers(items.disputed_from_on) <= ledger.day
    disputed = begun & (day_numbers(items.disputed_to_on) > ledger.day)
    return items.assign(
        starts_on=dates_of(start), start_basis=basis, payable_by=dates_of(payable),
        unpaid_cents=unpaid, disputed=disputed, reason=reason,
        over_statutory_days=pd.array(np.where(counted, days, 0), dtype="Int64"),
        interest_cents=pd.array(np.where(counted, interest, 0).astype("int64"), dtype="Int64"),
    ).assign(
        over_statutory_days=lambda f: f.over_statutory_days.where(counted),
        interest_cents=lambda f: f.interest_cents.where(counted),
    )[STATUTORY_COLUMNS]  # fmt: skip


def interest_by_customer(interest: pd.DataFrame) -> pd.DataFrame:
    """Return a row a customer with a claim: items over the term, days, open and interest cents."""
    rows = interest[interest.over_statutory_days.fillna(0) > 0]
    table = rows.groupby(["customer_id", "name"], dropna=False, as_index=False).agg(
        items=("interest_cents", "size"), longest_days=("over_statutory_days", "max"),
        open_cents=("open_cents", "sum"), interest_cents=("interest_cents", "sum"),
    )  # fmt: skip
    return table.sort_values(
        ["interest_cents", "customer_id"], ascending=[False, True], ignore_index=True
    )


def statutory_words(interest: pd.DataFrame, params: DelinquencyParams) -> str:
    """Return in one sentence what is claimed and what was left out."""
    if interest.empty:
        return _("No item was billed to a public hospital: no statutory term applies.")
    if params.supplier_is_small is not True:
        return _("No statutory interest: {reason}.").format(reason=interest.reason.iloc[0])
    over = interest[interest.over_statutory_days.fillna(0) > 0]
    return _(
        "{n} of {counted} items went over the statutory term; interest of {cents:,.2f} CNY may be "
        "claimed ({rate:.4%} a day); {left} items are left out, each with its reason."
    ).format(
        n=len(over), counted=int((interest.reason == "").sum()),
        cents=int(over.interest_cents.sum()) / 100, rate=daily_rate(params),
        left=int((interest.reason != "").sum()),
    )  # fmt: skip


def daily_rate(params: DelinquencyParams) -> float:
    """Return the interest a day: the agreed yearly rate over 365 days, else the statutory one."""
    if params.agreed_late_rate is not None:
        return params.agreed_late_rate / DAYS_A_YEAR
    return params.statutory_daily_rate


def _institutions(items: pd.DataFrame) -> pd.DataFrame:
    kind = items.customer_type.fillna("") == INSTITUTION_TYPE
    return items[kind & (items.ownership.fillna("") == INSTITUTION_OWNER)]


def _starts(items: pd.DataFrame) -> np.ndarray:
    accepted = day_numbers(items.accepted_on)
    return np.where(accepted == NEVER, day_numbers(items.issued_on), accepted)


def _payable_by(items: pd.DataFrame, start: np.ndarray, params: DelinquencyParams) -> np.ndarray:
    agreed = day_numbers(items.due_on)
    longest = start + params.statutory_longest_days
    return np.where(agreed == NEVER, start + params.statutory_days, np.minimum(agreed, longest))


def _not_counted(items: pd.DataFrame, start: np.ndarray, params: DelinquencyParams) -> pd.Series:
    """Return why an item is not counted, empty where it is."""
    if params.supplier_is_small is not True:
        undeclared = _(
            "whether the supplier is small or medium-sized is not declared "
            "(delinquency.supplier_is_small)"
        )
        large = _("the supplier is declared not to be small or medium-sized")
        return pd.Series(
            undeclared if params.supplier_is_small is None else large, items.index, dtype="str"
        )
    since = int(np.datetime64(params.statutory_from, "D").astype("int64"))
    early = _("began before {day}: under the regulation of 2020 (Order 728), not computed here")
    words = [
        _("retention money: due when the warranty ends"),
        early.format(day=params.statutory_from),
    ]
    held = (items.kind == "retention").to_numpy()
    return pd.Series(np.select([held, start < since], words, ""), items.index, dtype="str")


def _lateness(
    ledger: Ledger, items: pd.DataFrame, payable: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return days over, cents x days over, and cents unpaid on as_of, an element an item."""
    made = ledger.allocations
    rows = made[made["item"].isin(items.index)]
    late_from = pd.Series(payable, index=items.index)
    wait = np.maximum(rows.day.to_numpy() - late_from[rows["item"]].to_numpy(), 0)
    paid = np.where(rows.source == "payment", rows.cents, 0)
    credit = np.where(rows.source == "credit_note", rows.cents, 0)
    never = np.zeros(len(rows), dtype="int64")
    sums = RunningSums.of(rows["item"].to_numpy(), never, paid, paid * wait, credit)
    found = sums.upto(items.index.to_numpy("int64"), np.zeros(len(items), dtype="int64"))
    cash, cash_days, credited = (part.astype("int64") for part in found)
    unpaid = items.amount_cents.to_numpy("int64") - credited - cash
    over = np.maximum(ledger.day - payable, 0)
    days = np.where(unpaid > 0, over, _days_to_last_cash(rows, items, late_from))
    return days, np.maximum(cash_days + unpaid * over, 0), np.maximum(unpaid, 0)


def _days_to_last_cash(rows: pd.DataFrame, items: pd.DataFrame, late_from: pd.Series) -> np.ndarray:
    """Return days from the term's end to the last payment of each item, at least 0."""
    cash = rows[(rows.source == "payment") & (rows.cents > 0)]
    last = cash.groupby("item").day.max().reindex(items.index)
    return (last - late_from).fillna(0).clip(lower=0).to_numpy("int64")
