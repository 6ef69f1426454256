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
from insights.features.ledger.disputes import in_dispute
from insights.features.running import RunningSums
from insights.params import DelinquencyParams
from insights.words import _

DAYS_A_YEAR = 365
INSTITUTION_TYPE, INSTITUTION_OWNER = "hospital", "public"
STATUTORY_COLUMNS = [
    "invoice_id", "instalment_no", "customer_id", "name", "region_id", "starts_on", "start_basis",
    "payable_by", "payable_basis", "settled_on", "open_cents", "unpaid_cents", "disputed",
    "over_statutory_days", "interest_cents", "reason",
]  # fmt: skip


def statutory_interest(ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    """How many days over the legal term is each item of a public hospital, and what interest?

    A row an item billed to an institution, or to a payer that may be one: STATUTORY_COLUMNS;
    over_statutory_days up to the day of full payment or as_of (0 within the term) and
    interest_cents, rounded once an item, on the balance unpaid on each day: a part payment lowers
    it from its day on, a credit note from the start, a write-off not at all, as the claim stands.
    Payable by the agreed due date, but not before the start and at the latest 60 days after it;
    30 days where nothing is agreed (``payable_basis`` says which). Missing, with the reason, where
    the payer's type or ownership is unknown, for retention money, for what began before the
    regulation, and for every item unless the supplier is declared small (``supplier_is_small``).
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
    return items.assign(
        starts_on=dates_of(start), start_basis=basis, payable_by=dates_of(payable),
        payable_basis=_payable_basis(items, start, params), unpaid_cents=unpaid,
        disputed=in_dispute(items, ledger.day), reason=reason,
        over_statutory_days=pd.array(np.where(counted, days, 0), dtype="Int64"),
        interest_cents=pd.array(np.where(counted, interest, 0).astype("int64"), dtype="Int64"),
    ).assign(
        over_statutory_days=lambda f: f.over_statutory_days.where(counted),
        interest_cents=lambda f: f.interest_cents.where(counted),
    )[STATUTORY_COLUMNS]  # fmt: skip


def statutory_words(interest: pd.DataFrame, params: DelinquencyParams) -> str:
    """Return in words what is claimed, how much of it is disputed, and what was left out."""
    if interest.empty:
        return _("No item was billed to a public hospital: no statutory term applies.")
    if (interest.reason == _unknown_payer()).all():
        return _(
            "Ownership unknown: of {n} items it is not known whether the payer is a public "
            "hospital (customers.customer_type, ownership), so no statutory term is computed."
        ).format(n=len(interest))
    if params.supplier_is_small is not True:
        return _("No statutory interest: {reason}.").format(reason=_undeclared(params))
    over = interest[interest.over_statutory_days.fillna(0) > 0]
    pending = over[over.disputed.astype(bool)]
    return _(
        "{n} of {counted} items went over the statutory term; interest of {cents:,.2f} CNY may be "
        "claimed ({rate:.4%} a day), of which {disputed_cents:,.2f} CNY on {disputed} items in "
        "dispute; {left} items are left out, each with its reason."
    ).format(
        n=len(over), counted=int((interest.reason == "").sum()),
        cents=int(over.interest_cents.sum()) / 100, rate=daily_rate(params),
        disputed_cents=int(pending.interest_cents.sum()) / 100, disputed=len(pending),
        left=int((interest.reason != "").sum()),
    )  # fmt: skip


def daily_rate(params: DelinquencyParams) -> float:
    """Return the interest a day: the agreed yearly rate over 365 days, else the statutory one."""
    if params.agreed_late_rate is not None:
        return params.agreed_late_rate / DAYS_A_YEAR
    return params.statutory_daily_rate


def _institutions(items: pd.DataFrame) -> pd.DataFrame:
    """Return the items of public hospitals, and of payers that may be one for all that is known."""
    kind, owner = items.customer_type.fillna(""), items.ownership.fillna("")
    return items[kind.isin((INSTITUTION_TYPE, "")) & owner.isin((INSTITUTION_OWNER, ""))]


def _starts(items: pd.DataFrame) -> np.ndarray:
    accepted = day_numbers(items.accepted_on)
    return np.where(accepted == NEVER, day_numbers(items.issued_on), accepted)


def _payable_by(items: pd.DataFrame, start: np.ndarray, params: DelinquencyParams) -> np.ndarray:
    """Return the last day to pay in time, never before the term starts."""
    agreed = day_numbers(items.due_on)
    within = np.clip(agreed, start, start + params.statutory_longest_days)
    return np.where(agreed == NEVER, start + params.statutory_days, within)


def _payable_basis(items: pd.DataFrame, start: np.ndarray, params: DelinquencyParams) -> np.ndarray:
    """Say where the last day to pay comes from."""
    agreed, longest = day_numbers(items.due_on), params.statutory_longest_days
    late = _("{days} days after the start: the agreed due date is later")
    early = np.where(
        items.accepted_on.notna(),
        _("the day of acceptance: the agreed due date lies before it"),
        _("the day of the invoice: the agreed due date lies before it"),
    )
    none = _("{days} days after the start: no due date is agreed")
    return np.select(
        [agreed == NEVER, agreed < start, agreed > start + longest],
        [none.format(days=params.statutory_days), early, late.format(days=longest)],
        _("the agreed due date"),
    )


def _not_counted(items: pd.DataFrame, start: np.ndarray, params: DelinquencyParams) -> pd.Series:
    """Return why an item is not counted, empty where it is."""
    since = int(np.datetime64(params.statutory_from, "D").astype("int64"))
    early = _("began before {day}: under the regulation of 2020 (Order 728), not computed here")
    unknown = (items.customer_type.fillna("") == "") | (items.ownership.fillna("") == "")
    cases = [
        (unknown, _unknown_payer()),
        (np.full(len(items), params.supplier_is_small is not True), _undeclared(params)),
        (items.kind == "retention", _("retention money: due when the warranty ends")),
        (start < since, early.format(day=params.statutory_from)),
    ]
    where, words = zip(*cases, strict=True)
    found = np.select([np.asarray(rows, bool) for rows in where], list(words), "")
    return pd.Series(found, items.index, dtype="str")


def _unknown_payer() -> str:
    return _("whether the payer is a public hospital is not known (customer_type, ownership)")


def _undeclared(params: DelinquencyParams) -> str:
    if params.supplier_is_small is None:
        return _(
            "whether the supplier is small or medium-sized is not declared "
            "(delinquency.supplier_is_small)"
        )
    return _("the supplier is declared not to be small or medium-sized")


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
