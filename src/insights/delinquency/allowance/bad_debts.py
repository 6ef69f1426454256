"""Which debts may be claimed as bad debts, what proof is missing, and what came back of the lost?

The tax test is that of the State Administration of Taxation's notice 2011 no. 25: overdue three
years (article 23), or one year and small (article 24), each only once booked as a loss and with a
special report; article 22 lists the evidence. Since notice 2018 no. 15 the papers are kept, not
handed in. Passing the test permits a deduction; it does not end the claim.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.ledger import Ledger, dates_of, day_numbers
from insights.features.ledger.disputes import in_dispute
from insights.params import DelinquencyParams
from insights.words import _

REVENUE_DAYS = 365
CANDIDATE_COLUMNS = [
    "invoice_id", "instalment_no", "customer_id", "name", "region_id", "customer_type", "due_on",
    "days_past_due", "open_cents", "booked_cents", "claim_cents", "single_cents", "test",
    "disputed", "evidence",
]  # fmt: skip
WRITEOFF_COLUMNS = [
    "settlement_id", "item", "invoice_id", "customer_id", "region_id", "booked_on",
    "days_past_due", "written_off_cents", "taken_back_cents", "cash_after_cents",
    "back_without_cash_cents",
]  # fmt: skip


def small_debt_cents(ledger: Ledger, params: DelinquencyParams) -> tuple[int, str]:
    """Return up to what a single debt is small, in cents, and in words why.

    The larger of ``tax_small_amount`` and ``tax_small_share`` of annual revenue, as either
    suffices. Without ``annual_revenue`` the ledger's own billing of the last 365 days, less its
    credit notes, stands in: it is not the revenue of the accounts, and that is said.
    """
    fixed = round(params.tax_small_amount * 100)
    if params.annual_revenue is not None:
        revenue, source = params.annual_revenue * 100, _("delinquency.annual_revenue")
    else:
        revenue = _billed_cents(ledger)
        source = _("billed in the last 365 days, not the accounts' revenue")
    shared = int(max(revenue, 0) * params.tax_small_share)
    words = _("the larger of {fixed:,.0f} and {share:.2%} of {revenue:,.0f} CNY ({source})")
    return max(fixed, shared), words.format(
        fixed=fixed / 100, share=params.tax_small_share, revenue=revenue / 100, source=source
    )


def bad_debt_candidates(ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    """Which items pass the time and size tests for a bad debt, and what is still needed?

    A row an item with something open or written off and not recovered: CANDIDATE_COLUMNS.
    claim_cents = open_cents + booked_cents; ``single_cents`` is the whole invoice's claim, so that
    instalments do not make a large debt small. ``evidence`` says in words what is still needed;
    a disputed item has to be decided first. Sorted by claim, largest first.
    """
    rows = _claims(ledger)
    small, _words = small_debt_cents(ledger, params)
    years = (params.tax_loss_years, params.tax_small_years)
    long_over, over = (rows.due_on <= _years_before(ledger, count) for count in years)
    little = over & (rows.single_cents <= small)
    test = np.select(
        [long_over, little],
        [
            _("overdue {years} years or more").format(years=params.tax_loss_years),
            _("overdue {years} year or more and small").format(years=params.tax_small_years),
        ],
        "",
    )
    found = rows.assign(test=test)[long_over | little]
    found = found.assign(evidence=_evidence(found))
    keys = ["claim_cents", "invoice_id", "instalment_no"]
    ordered = found.sort_values(keys, ascending=[False, True, True])
    return ordered[CANDIDATE_COLUMNS]


def writeoff_ledger(ledger: Ledger) -> pd.DataFrame:
    """Return every write-off as it met its item, with what was taken back and what cash came.

    WRITEOFF_COLUMNS: cents written off, of them taken back later (negative rows of ``writeoffs``,
    the latest earlier write-off of the item first), cash received on the item after the booking,
    and what was taken back without any such cash, which an auditor would ask about.
    """
    made = ledger.allocations
    moves = made[made.source == "writeoff"]
    booked = moves[moves.cents > 0]
    back = pd.Series(_taken_back(moves), index=moves.index).reindex(booked.index)
    items = ledger.items.loc[booked["item"]].set_index(booked.index)
    table = booked.rename(columns={"cents": "written_off_cents"}).assign(
        invoice_id=items.invoice_id, customer_id=items.customer_id, region_id=items.region_id,
        booked_on=dates_of(booked.day.to_numpy("int64")),
        days_past_due=_days_past_due(items, booked.day),
        taken_back_cents=back, cash_after_cents=_cash_after(made, booked),
    )  # fmt: skip
    gap = (table.taken_back_cents - table.cash_after_cents).clip(lower=0)
    return table.assign(back_without_cash_cents=gap)[WRITEOFF_COLUMNS].reset_index(drop=True)


def recoveries_by_year(ledger: Ledger) -> pd.DataFrame:
    """What was written off each year, and how much of it has come back by as_of?

    year, written_off_cents, recovered_cents (of that year's write-offs, whenever it came back),
    recovered_in_year_cents (taken back in that year, of whatever write-off), net_cents and
    recovery_rate, missing in a year without write-offs. Younger years have had less time.
    """
    table = writeoff_ledger(ledger)
    made = ledger.allocations
    back = made[(made.source == "writeoff") & (made.cents < 0)]
    by_year = table.groupby(table.booked_on.dt.year)[
        ["written_off_cents", "taken_back_cents"]
    ].sum()
    years = pd.Series(dates_of(back.day.to_numpy("int64")), index=back.index).dt.year
    within = -back.cents.groupby(years).sum()
    whole = by_year.join(within.rename("recovered_in_year_cents"), how="outer").fillna(0)
    whole = whole.astype("int64").rename(columns={"taken_back_cents": "recovered_cents"})
    lost = whole.written_off_cents.where(whole.written_off_cents > 0)
    whole = whole.assign(
        net_cents=whole.written_off_cents - whole.recovered_cents,
        recovery_rate=whole.recovered_cents / lost,
    )
    return whole.rename_axis("year").reset_index()


def _billed_cents(ledger: Ledger) -> int:
    since = ledger.day - REVENUE_DAYS
    items, made = ledger.items, ledger.allocations
    fresh = (day_numbers(items.issued_on) > since) & (items.kind != "opening").to_numpy()
    credits = made[(made.source == "credit_note") & (made.day > since)]
    return int(items.amount_cents[fresh].sum() - credits.cents.sum())


def _claims(ledger: Ledger) -> pd.DataFrame:
    """Return items with their claim: open, or booked as a loss and not recovered."""
    items = ledger.items
    claim = items.open_cents + items.written_off_cents
    rows = items.assign(
        booked_cents=items.written_off_cents,
        claim_cents=claim,
        single_cents=claim.groupby(items.invoice_id).transform("sum"),
        disputed=in_dispute(items, ledger.day),
    )
    return rows[rows.claim_cents > 0]


def _years_before(ledger: Ledger, years: int) -> pd.Timestamp:
    return pd.Timestamp(ledger.as_of) - pd.DateOffset(years=years)


def _evidence(rows: pd.DataFrame) -> pd.Series:
    """Return what is still needed for each candidate, in words."""
    papers = _(
        "contract and statement of the matter; proof of collection attempts; special report kept "
        "on file"
    )
    book = np.select(
        [rows.open_cents == 0, rows.booked_cents == 0],
        [_("booked as a loss: check that no earlier return deducted it"), _("book the loss first")],
        _("book the rest as a loss first"),
    )
    words = pd.Series(book, index=rows.index, dtype="str") + "; " + papers
    pending = _("disputed: a judgment, award or settlement is needed before anything else")
    return words.where(~rows.disputed, pending + "; " + words)


def _taken_back(moves: pd.DataFrame) -> np.ndarray:
    """Deal what was taken back to the write-offs of its item, the latest earlier one first."""
    back = np.zeros(len(moves), dtype="int64")
    left: dict[int, list[list[int]]] = {}
    for place, (item, cents) in enumerate(zip(moves["item"], moves.cents, strict=True)):
        stack = left.setdefault(item, [])
        if cents > 0:
            stack.append([place, cents])
        while cents < 0 and stack:
            taken = min(-cents, stack[-1][1])
            back[stack[-1][0]] += taken
            stack[-1][1] -= taken
            cents += taken
            if stack[-1][1] == 0:
                stack.pop()
    return back


def _days_past_due(items: pd.DataFrame, day: pd.Series) -> pd.Series:
    due = pd.Series(day_numbers(items.due_on), index=items.index)
    return (day - due).where(items.due_on.notna())


def _cash_after(made: pd.DataFrame, booked: pd.DataFrame) -> pd.Series:
    """Return the cash on each item from its write-off on; several write-offs share the last."""
    cash = made.loc[made.source == "payment", ["item", "day", "cents"]]
    pairs = booked[["item", "day"]].reset_index(names="row").merge(
        cash, on="item", suffixes=("", "_paid")
    )  # fmt: skip
    pairs = pairs[pairs.day_paid >= pairs.day]
    sums = pairs.groupby("row").cents.sum()
    return sums.reindex(booked.index).fillna(0).astype("int64")
