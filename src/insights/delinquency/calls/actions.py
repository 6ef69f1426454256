"""Whom to call first? One row an action, the most money first."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from insights.delinquency.calls.credit_hold import on_account
from insights.delinquency.calls.limitation import PASSED, SOON
from insights.delinquency.calls.promises import BROKEN, KEPT, PENDING, UNDATED
from insights.delinquency.calls.schedule import BROKEN_WORD, DESK, PROMISED
from insights.delinquency.learning.phrases import money
from insights.params import DelinquencyParams
from insights.words import _

ACTION_COLUMNS = [
    "rank", "customer_id", "name", "region_id", "owner", "step", "channel", "why", "items",
    "amount_open", "amount_overdue", "amount_at_risk", "expected_loss", "cost_of_delay",
    "oldest_days", "last_contact_on", "last_channel", "last_result", "promised_on",
    "promised_amount", "promise", "next_on", "step_overdue_days", "dispute_days",
    "limitation_days", "on_account", "invoices",
]  # fmt: skip
ACTION = ["customer_id", "owner", "task"]
PROMISE_ORDER = {BROKEN: 0, PENDING: 1, UNDATED: 2, KEPT: 3}


def actions_of(
    items: pd.DataFrame,
    unallocated: pd.DataFrame,
    params: DelinquencyParams,
    as_of: str | dt.date | pd.Timestamp,
) -> pd.DataFrame:
    """Who does what next, the most money first? A row an action.

    An action groups the items of one customer whose next step goes the same way (one telephone
    call, one senior call, one formal demand, one dispute to resolve); its words are those of the
    furthest step. On the list: what falls due within ``worklist_days`` of as_of, of customers
    whose expected loss and cost of delay exceed ``call_cost``; ``left_out`` says what is not.
    Ranked by expected loss plus cost of delay, then by amount at risk and overdue.
    ``items`` as returned by ``item_list``, of any region; ``unallocated`` of the ledger: offered
    for set-off once, on the customer's first row. Amounts in yuan. Columns: ACTION_COLUMNS.
    """
    todo = _to_do(items, params, as_of)
    if todo.empty:
        return pd.DataFrame(columns=ACTION_COLUMNS)
    table = _amounts(todo).join(
        [_largest(todo), _furthest_step(todo), _last_contact(todo), _promises(todo)]
    )
    ranked = _ranked(table)
    ranked = ranked.assign(on_account=_offered(ranked, unallocated))
    return ranked.assign(step=_step_words(ranked))[ACTION_COLUMNS]


def left_out(
    items: pd.DataFrame, params: DelinquencyParams, as_of: str | dt.date | pd.Timestamp
) -> str:
    """What is not on the list, and why? One sentence a reason, empty where nothing is left out."""
    told = [
        words.format(
            n=int(rows.sum()),
            customers=items.customer_id[rows].nunique(),
            money=money(items.exposure[rows].sum()),
            cost=money(params.call_cost),
            days=params.worklist_days,
        )
        for rows, words in _waiting(items, params, as_of)
        if rows.any()
    ]
    return " ".join(told)


def _waiting(
    items: pd.DataFrame, params: DelinquencyParams, as_of: str | dt.date | pd.Timestamp
) -> list[tuple[pd.Series, str]]:
    """Return which items wait, a reason each, with the sentence that says so."""
    worth = _worth_a_call(items, params)
    promised = items.state == PROMISED
    later = items.next_on > _horizon(params, as_of)
    reminder = _(
        "{n} items of {customers} customers ({money}) are left to the automatic reminder: "
        "loss and delay cost less than a call of {cost}."
    )
    return [
        (~worth, reminder),
        (worth & promised, _("{n} items ({money}) wait for a promised day.")),
        (worth & ~promised & later, _("{n} items ({money}) need nothing within {days} days.")),
    ]


def _horizon(params: DelinquencyParams, as_of: str | dt.date | pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(as_of) + pd.Timedelta(days=params.worklist_days)


def _worth_a_call(items: pd.DataFrame, params: DelinquencyParams) -> pd.Series:
    """Say whether the item's customer costs more than a call; unknown cost counts as enough."""
    cost = items.expected_loss + items.cost_of_delay
    by_customer = cost.groupby(items.customer_id, dropna=False)
    known = by_customer.transform("count") > 0
    return ~known | (by_customer.transform("sum") >= params.call_cost)


def _to_do(
    items: pd.DataFrame, params: DelinquencyParams, as_of: str | dt.date | pd.Timestamp
) -> pd.DataFrame:
    """Return the items of the list, those with most at risk first, with their task."""
    soon = items.next_on <= _horizon(params, as_of)
    rows = items[soon & (items.state != PROMISED) & _worth_a_call(items, params)]
    rows = rows.assign(
        region_id=rows.get("region_id", pd.Series(np.nan, index=rows.index, dtype="str")),
        task=rows.state.where(rows.channel == DESK, rows.channel),
        overdue_cents=rows.open_cents.where(rows.days_past_due > 0, 0),
        broken=rows.state == BROKEN_WORD,
        passed=rows.exposure.where(rows.limitation == PASSED, 0.0),
        soon_on=rows.expires_on.where(rows.limitation == SOON),
    )
    order = ["amount_at_risk", "overdue_cents", "open_cents", "invoice_id", "instalment_no"]
    rows = rows.sort_values(order, ascending=[False, False, False, True, True])
    return rows.assign(action=rows.groupby(ACTION, dropna=False, sort=False).ngroup())


def _amounts(todo: pd.DataFrame) -> pd.DataFrame:
    groups = todo.groupby("action")
    return pd.DataFrame(
        {
            "items": groups.size(),
            "amount_open": groups.open_cents.sum() / 100,
            "amount_overdue": groups.overdue_cents.sum() / 100,
            "amount_at_risk": groups.amount_at_risk.sum(min_count=1).round(2),
            "expected_loss": groups.expected_loss.sum(min_count=1).round(2),
            "cost_of_delay": groups.cost_of_delay.sum(min_count=1).round(2),
            "oldest_days": groups.days_past_due.max().fillna(0).clip(lower=0).astype("int64"),
            "next_on": groups.next_on.min(),
            "step_overdue_days": groups.step_overdue_days.max(),
            "dispute_days": groups.dispute_days.max(),
            "limitation_days": groups.limitation_days.min(),
            "passed": groups.passed.sum(),
            "soon_on": groups.soon_on.min(),
            "soon_id": _first_to_lapse(todo),
        }
    )


def _largest(todo: pd.DataFrame) -> pd.DataFrame:
    """Return whom it is about, why (the item with most at risk), and all invoices."""
    invoices = todo.drop_duplicates(["action", "invoice_id"])
    named = invoices.groupby("action").invoice_id.agg(lambda ids: ", ".join(ids.astype("str")))
    first = todo.drop_duplicates("action").set_index("action").sort_index()
    why = [
        _("largest of {n}: {reasons}").format(n=n, reasons=reasons) if n > 1 else reasons
        for n, reasons in zip(todo.groupby("action").size(), first.reasons, strict=True)
    ]
    return first[[*ACTION, "name", "region_id"]].assign(why=why, invoices=named)


def _first_to_lapse(todo: pd.DataFrame) -> pd.Series:
    """Return by action the invoice whose limitation ends first."""
    near = todo[todo.soon_on.notna()].sort_values("soon_on", kind="stable")
    return near.drop_duplicates("action").set_index("action").invoice_id


def _furthest_step(todo: pd.DataFrame) -> pd.DataFrame:
    order = todo.sort_values(["broken", "stage"], ascending=False, kind="stable")
    return order.drop_duplicates("action").set_index("action")[["step", "channel"]]


def _last_contact(todo: pd.DataFrame) -> pd.DataFrame:
    told = ["last_contact_on", "last_channel", "last_result"]
    order = todo.sort_values("last_contact_on", ascending=False, kind="stable")
    return order.drop_duplicates("action").set_index("action")[told]


def _promises(todo: pd.DataFrame) -> pd.DataFrame:
    """Return the promises of the gravest kind: broken before pending before kept."""
    made = todo[todo.promise != ""].drop_duplicates(["action", "promise_id"])
    made = made.assign(grave=made.promise.map(PROMISE_ORDER))
    gravest = made.groupby("action").grave.transform("min")
    groups = made[made.grave == gravest].groupby("action")
    return pd.DataFrame(
        {
            "promised_on": groups.promised_on.max(),
            "promised_amount": groups.promised_amount.sum(min_count=1).round(2),
            "promise": groups.promise.first(),
        }
    )


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    cost = (table.expected_loss + table.cost_of_delay).fillna(np.inf)
    keys = ["cost", "amount_at_risk", "amount_overdue", "customer_id", "task"]
    ranked = table.assign(cost=cost, promise=table.promise.fillna("")).sort_values(
        keys, ascending=[False, False, False, True, True], ignore_index=True
    )
    return ranked.assign(rank=np.arange(1, len(ranked) + 1))


def _offered(ranked: pd.DataFrame, unallocated: pd.DataFrame) -> pd.Series:
    """Return what each customer has on account, on its first row alone."""
    cash = ranked.customer_id.map(on_account(unallocated))
    return cash.where(~ranked.customer_id.duplicated())


def _step_words(ranked: pd.DataFrame) -> list[str]:
    """Return the step, with the cash to allocate first and the limitation to mind."""
    rows = ranked[["step", "on_account", "soon_on", "soon_id", "passed"]]
    return [
        _allocate_first(cash) + step + _mind_limitation(soon, name, passed)
        for step, cash, soon, name, passed in rows.itertuples(index=False)
    ]


def _allocate_first(cash: float) -> str:
    if not cash > 0:
        return ""
    return _("allocate {money} on account first; ").format(money=money(cash))


def _mind_limitation(soon: pd.Timestamp, invoice: str, passed: float) -> str:
    ends = _("; limitation ends on {day} for {invoice}: have the balance signed")
    gone = _("; limitation has passed on {money}: only a new promise revives it")
    told = "" if pd.isna(soon) else ends.format(day=soon.date(), invoice=invoice)
    return told + (gone.format(money=money(passed)) if passed > 0 else "")
