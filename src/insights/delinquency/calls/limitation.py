"""Until when can a court still be asked? Three years, counted and restarted as the code says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.calls.contacts import DISPUTE, NO_ANSWER, PAID, Contacts
from insights.features.ledger import NEVER, Ledger, dates_of, day_numbers
from insights.params import DelinquencyParams
from insights.words import _

RUNNING, SOON, PASSED, UNKNOWN = "running", "soon", "passed", "unknown"
LIST_COLUMNS = [
    "customer_id", "name", "region_id", "owner", "invoice_id", "instalment_no", "exposure",
    "due_on", "limitation", "limitation_from_on", "restarted_on", "restarted_by", "expires_on",
    "limitation_days",
]  # fmt: skip
EVENTS = {"debt": "int64", "day": "int64", "by": "str"}


def limitation_of(ledger: Ledger, contacts: Contacts, params: DelinquencyParams) -> pd.DataFrame:
    """When does the limitation period of each open item end, and what restarted it last?

    Civil Code art. 188: three years from the due date; art. 189: instalments of one invoice count
    from the last one's; art. 195: a payment on the invoice, a promise or signed statement, or the
    creditor's demand restarts it (params say which contacts count). A demand or payment after it
    had run out does not revive it; the debtor's word does (art. 192). A dispute does nothing, nor
    does the answer that it was paid: it denies the debt.
    Index: the item. Columns: limitation_from_on, restarted_on, restarted_by, expires_on,
    limitation_days (left on as_of, negative once passed, missing without a due date) and
    limitation (running, soon, passed, unknown).
    """
    items = ledger.items[ledger.items.open_cents > 0]
    debts = _debts(ledger)
    base, payer = _bases(ledger, debts, items.index)
    word = _contact_events(contacts, ledger, debts, payer, params, acknowledged=True)
    begin = _started(base, word)
    weak = pd.concat(
        [
            _payments(ledger, debts),
            _contact_events(contacts, ledger, debts, payer, params, acknowledged=False),
        ],
        ignore_index=True,
    )
    last = _last_in_time(begin, weak, params.limitation_years)
    return _counted(items, debts[items.index], base, last, ledger.day, params)


def limitation_list(items: pd.DataFrame, params: DelinquencyParams) -> pd.DataFrame:
    """Which claims run out within ``limitation_warn_days``, or have? The nearest end first.

    ``items`` as returned by ``item_list``; items without a due date stand last, as unknown.
    Columns: LIST_COLUMNS (without region_id where unknown).
    """
    near = items[items.limitation.isin((SOON, PASSED, UNKNOWN))]
    order = ["limitation_days", "exposure", "invoice_id", "instalment_no"]
    near = near.sort_values(order, ascending=[True, False, True, True], na_position="last")
    return near[[name for name in LIST_COLUMNS if name in near]].reset_index(drop=True)


def years_after(days: np.ndarray, years: int) -> np.ndarray:
    """Return the day numbers of the same dates ``years`` later (29 February: the 28th)."""
    known = days != NEVER
    dates = np.where(known, days, 0).astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    later = month + 12 * years
    last = (later + 1).astype("datetime64[D]") - 1
    moved = np.minimum(
        later.astype("datetime64[D]") + (dates - month.astype("datetime64[D]")), last
    )
    return np.where(known, moved.astype("int64"), NEVER)


def _debts(ledger: Ledger) -> np.ndarray:
    """Return each item's debt: its invoice; an item that names none stands alone."""
    codes = pd.factorize(ledger.items.invoice_id)[0]
    return np.where(codes < 0, codes.max(initial=0) + 1 + np.arange(len(codes)), codes)


def _bases(ledger: Ledger, debts: np.ndarray, open_items: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Return, by open debt, the due day of its last instalment, and its payer."""
    due = day_numbers(ledger.items.due_on)
    rows = pd.DataFrame(
        {"debt": debts, "due": np.where(due == NEVER, -1, due), "payer": ledger.items.customer_id}
    )
    rows = rows[np.isin(debts, debts[open_items])]
    groups = rows.groupby("debt")
    base = groups.due.max()
    return base.where(base >= 0, NEVER), groups.payer.first()


def _payments(ledger: Ledger, debts: np.ndarray) -> pd.DataFrame:
    made = ledger.allocations
    made = made[(made.source == "payment") & (made.cents > 0)]
    return _events(debts[made["item"].to_numpy("int64")], made.day.to_numpy(), _("payment"))


def _contact_events(
    contacts: Contacts,
    ledger: Ledger,
    debts: np.ndarray,
    payer: pd.Series,
    params: DelinquencyParams,
    *,
    acknowledged: bool,
) -> pd.DataFrame:
    """Return the contacts that restart the period, those about a customer for each of its debts."""
    rows = contacts.rows
    word = _acknowledges(rows, params)
    rows = _told(rows[word if acknowledged else _demands(rows, params) & ~word], acknowledged)
    code = pd.Series(debts, ledger.items.invoice_id).groupby(level=0).first()
    named = rows[rows.invoice_id.notna()]
    whole = _year_ends(rows[rows.invoice_id.isna()])
    owed = payer.rename("customer_id").rename_axis("debt").reset_index().dropna()
    spread = whole[["customer_id", "day", "by"]].merge(owed, on="customer_id")
    of_invoices = _events(named.invoice_id.map(code).to_numpy(), named.day.to_numpy(), named.by)
    return pd.concat([of_invoices, spread[list(EVENTS)].astype(EVENTS)], ignore_index=True)


def _acknowledges(rows: pd.DataFrame, params: DelinquencyParams) -> pd.Series:
    signed = rows.channel.isin(params.statement_channels)
    signed &= ~rows.result.isin((NO_ANSWER, DISPUTE, PAID)) & rows.result.notna()
    return rows.result.isin(params.acknowledging_results) | signed


def _demands(rows: pd.DataFrame, params: DelinquencyParams) -> pd.Series:
    return rows.channel.isin(params.demand_channels) & rows.result.isin(params.demand_results)


def _told(rows: pd.DataFrame, acknowledged: bool) -> pd.DataFrame:
    kind = np.where(
        rows.promise != "", _("promise"), _("acknowledgement") if acknowledged else _("demand")
    )
    words = pd.Series(kind, index=rows.index, dtype="str")
    return rows.assign(by=words.where(rows.channel.isna(), words + ", " + rows.channel.fillna("")))


def _year_ends(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep each customer's first and last row a year: those between cannot change any chain."""
    rows = rows.sort_values(["customer_id", "contacted_on"], kind="stable")
    year = rows.contacted_on.dt.year
    keys = [rows.customer_id, year]
    first = ~pd.concat(keys, axis=1).duplicated(keep="first")
    last = ~pd.concat(keys, axis=1).duplicated(keep="last")
    return rows[first | last]


def _events(debt: np.ndarray, day: np.ndarray, by: str | pd.Series) -> pd.DataFrame:
    told = by.to_numpy() if isinstance(by, pd.Series) else by
    return pd.DataFrame({"debt": debt, "day": day, "by": told}, columns=list(EVENTS)).astype(EVENTS)


def _started(base: pd.Series, word: pd.DataFrame) -> pd.DataFrame:
    """Return, by debt, the later of the due day and the debtor's last word."""
    last = word.sort_values(["debt", "day", "by"]).drop_duplicates("debt", keep="last")
    last = last.set_index("debt").reindex(base.index)
    counts = (last.day > base) & (base != NEVER)
    return pd.DataFrame(
        {"day": last.day.where(counts, base).astype("int64"), "by": last.by.where(counts)}
    )


def _last_in_time(begin: pd.DataFrame, weak: pd.DataFrame, years: int) -> pd.DataFrame:
    """Follow payments and demands while each falls within the period that the last one began."""
    rows = weak.assign(start=weak.debt.map(begin.day))
    rows = rows[rows.day > rows.start].sort_values(["debt", "day", "by"])
    before = rows.groupby("debt").day.shift().fillna(rows.start).astype("int64")
    lapsed = rows.day.to_numpy() > years_after(before.to_numpy(), years)
    alive = rows[pd.Series(lapsed, index=rows.index).groupby(rows.debt).cumsum() == 0]
    last = alive.drop_duplicates("debt", keep="last").set_index("debt").reindex(begin.index)
    return pd.DataFrame(
        {
            "day": last.day.fillna(begin.day).astype("int64"),
            "by": last.by.where(last.day.notna(), begin.by),
        }
    )


def _counted(
    items: pd.DataFrame,
    debts: np.ndarray,
    base: pd.Series,
    last: pd.DataFrame,
    as_of: int,
    params: DelinquencyParams,
) -> pd.DataFrame:
    dated = items.due_on.notna().to_numpy()
    first = np.where(dated, base.reindex(debts).to_numpy("int64"), NEVER)
    begun = np.where(dated, last.day.reindex(debts).to_numpy("int64"), NEVER)
    by = last.by.reindex(debts).where(dated & (begun > first)).astype("str")
    ends = years_after(begun, params.limitation_years)
    left = np.where(dated, ends - as_of, np.nan)
    state = np.select(
        [~dated, left < 0, left <= params.limitation_warn_days], [UNKNOWN, PASSED, SOON], RUNNING
    )
    return pd.DataFrame(
        {
            "limitation_from_on": dates_of(first),
            "restarted_on": dates_of(np.where(begun > first, begun, NEVER)),
            "restarted_by": by.to_numpy(),
            "expires_on": dates_of(ends),
            "limitation_days": left,
            "limitation": state,
        },
        index=items.index,
    ).astype({"restarted_by": "str", "limitation": "str"})
