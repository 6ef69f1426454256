"""How long do as-of features take, and a million invoices from Parquet to the worklist?

One thread for linear algebra, simulated ledgers (``benchmarks.ledger_market``).

1. ``predict_delinquency`` on one million invoices, in a process of its own.
2. Every feature of 500,000 invoices on their day of issue, against two loops over customers that
   find only the core of them (past late rate, mean delay, open, overdue), as they are written in
   pandas: an as-of join of running sums a customer, and masks an invoice. All begin with the same
   opened ledger, and what needs no customer is found for all at once. The loops run on a sample of
   customers, drawn anew each round, and are compared by rows a second; a ratio is the median of
   paired ratios. The values must agree.
"""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.ledger_market import write_ledger
from insights import connect
from insights.delinquency import predict_delinquency
from insights.features.invoices import invoice_features, outcomes
from insights.features.ledger import Ledger, open_ledger
from insights.params import DelinquencyParams

AS_OF = "2025-12-31"
INVOICES = 500_000
MANY = 1_000_000
ROUNDS = 3
SAMPLED = {"as-of join a customer": 300, "masks an invoice": 40}
LONGEST, EARLIEST = 120, -30
DAY = pd.Timedelta(days=1).as_unit("s")
PARAMS = DelinquencyParams()
CORE = ["matured", "late_rate", "mean_delay", "payer_open", "payer_overdue"]
Loop = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]


def main() -> None:
    """Print both parts."""
    _show_many()
    with threadpool_limits(1):
        _show_features()


def joined(items: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Return one customer's core: running sums of its events, joined as of each day of issue."""
    after = made[made.on > made.due]
    events = [
        pd.DataFrame({"on": items.known_on, "n": 1.0, "late": items.late}),
        pd.DataFrame({"on": items.due + DAY, "fell_due": 1.0, "still": 1.0, "since": items.since}),
        pd.DataFrame({"on": items.end, "still": -1.0, "since": -items.since, "days": items.held}),
        pd.DataFrame({"on": items.issued_on, "open": items.amount_cents}),
        pd.DataFrame({"on": made.on, "open": -made.cents}),
        pd.DataFrame({"on": items.due + DAY, "overdue": items.unpaid_when_due}),
        pd.DataFrame({"on": after.on, "overdue": -after.cents}),
    ]
    sums = pd.concat(events).sort_values("on").set_index("on").fillna(0.0).cumsum()
    asked = items[["issued_on"]].sort_values("issued_on", kind="stable").reset_index()
    seen = pd.merge_asof(asked, sums.reset_index(), left_on="issued_on", right_on="on")
    found = pd.DataFrame(
        {
            "matured": seen.n,
            "late_count": seen.late,
            "fell_due": seen.fell_due,
            "days_held": seen.days + seen.still * _day(seen.issued_on) - seen.since,
            "payer_open": seen.open / 100,
            "payer_overdue": seen.overdue / 100,
        }
    )
    return found.set_axis(seen["index"])


def masked(items: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Return one customer's core: for each invoice, masks over all of the customer's rows."""
    found = []
    for today in items.issued_on:
        known = items[items.known_on <= today]
        fell = items[items.due < today]
        days = fell.held.where(fell.end <= today, (today - fell.due).dt.days)
        mine = items[items.issued_on <= today]
        paid = made[made.on <= today].groupby("item").cents.sum()
        rest = mine.amount_cents - paid.reindex(mine.index, fill_value=0)
        owed, gone = rest.sum() / 100, rest[mine.due < today].sum() / 100
        found.append((len(known), known.late.sum(), len(fell), days.sum(), owed, gone))
    columns = ["matured", "late_count", "fell_due", "days_held", "payer_open", "payer_overdue"]
    return pd.DataFrame(found, index=items.index, columns=columns).astype(float)


LOOPS: dict[str, Loop] = {"as-of join a customer": joined, "masks an invoice": masked}


def looped(loop: Loop, items: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Return the core of some customers' invoices; what needs no customer is found for all."""
    items, made = _prepared(items, made)
    cash = dict(list(made.groupby("customer_id")))
    parts = items.groupby("customer_id")
    return pd.concat([loop(part, cash.get(name, made.iloc[:0])) for name, part in parts])


def _prepared(items: pd.DataFrame, made: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add to items when lateness is known, days held and what was unpaid; to cash, its dates."""
    known_on = _standing(items, PARAMS.grace_days) + (PARAMS.grace_days + 1) * DAY
    due = _standing(items, 0)
    last = due + LONGEST * DAY
    end = items.settled_on.where(items.settled_on < last, last)
    cash = made.assign(
        on=pd.to_datetime(made.day, unit="D").astype("datetime64[s]"),
        due=due.loc[made["item"]].to_numpy(),
        customer_id=items.customer_id.loc[made["item"]].to_numpy(),
    )
    in_time = (cash.on < known_on.loc[cash["item"]].to_numpy()) & (cash.source != "writeoff")
    rows = items.assign(
        known_on=known_on,
        late=(_paid(cash[in_time], items) < items.amount_cents).astype(float),
        due=due,
        since=_day(due),
        held=(end - due).dt.days.clip(lower=EARLIEST),
        end=end.where(end > due + DAY, due + DAY),
        unpaid_when_due=items.amount_cents - _paid(cash[cash.on <= cash.due], items),
    )
    return rows, cash


def _paid(cash: pd.DataFrame, items: pd.DataFrame) -> pd.Series:
    return cash.groupby("item").cents.sum().reindex(items.index, fill_value=0)


def _standing(items: pd.DataFrame, patience: int) -> pd.Series:
    in_time = items.accepted_on <= items.first_due_on + patience * DAY
    return items.due_on.where(in_time, items.first_due_on).astype("datetime64[s]")


def _day(dates: pd.Series) -> pd.Series:
    return (dates - pd.Timestamp(0)).dt.days.astype(float)


def _show_features() -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_ledger(Path(folder), 0, INVOICES)
        begun = time.perf_counter()
        ledger = open_ledger(connect(folder), AS_OF)
        print(f"{len(ledger.items):,} invoices; ledger opened in {_since(begun):.1f} s")
    speeds, gaps = [], {}
    for turn in range(ROUNDS):
        begun = time.perf_counter()
        known = _features(ledger)
        speeds.append({"invoice_features": len(known) / _since(begun)})
        for name, loop in LOOPS.items():
            some = _customers(ledger, SAMPLED[name], turn)
            begun = time.perf_counter()
            found = looped(loop, *some)
            speeds[-1][name] = len(found) / _since(begun)
            if turn == ROUNDS - 1:
                gaps[name] = _gaps(ledger, known, found)
    table = pd.DataFrame(speeds)
    ratio = (1 / table.div(table.invoice_features, axis=0)).median()
    shown = pd.DataFrame({"rows a second": table.median().round(), "slower by": ratio.round(1)})
    width = {"invoice_features": known.shape[1], **dict.fromkeys(LOOPS, len(CORE))}
    print(shown.assign(columns=pd.Series(width)).to_string())
    print("largest difference of any value in the last round")
    print(pd.DataFrame(gaps).T.to_string(float_format="{:.1e}".format), flush=True)


def _features(ledger: Ledger) -> pd.DataFrame:
    issued = outcomes(ledger, PARAMS.grace_days).issued.to_numpy()
    points = pd.DataFrame({"item": np.arange(len(issued)), "day": issued})
    return invoice_features(ledger, points, PARAMS.grace_days, PARAMS.prior_invoices)


def _customers(ledger: Ledger, n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the items and allocations of some customers."""
    names = ledger.items.customer_id.drop_duplicates().sample(n, random_state=seed)
    items = ledger.items[ledger.items.customer_id.isin(names)]
    return items, ledger.allocations[ledger.allocations["item"].isin(items.index)]


def _gaps(ledger: Ledger, known: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Return the largest absolute difference a column, rates where the payer has a history."""
    base = _company_delay(ledger, ledger.items.issued_on.loc[found.index])
    prior = PARAMS.prior_invoices
    ours = known.loc[found.index, CORE]
    theirs = found.assign(
        late_rate=(found.late_count / found.matured).where(found.matured > 0, ours.late_rate),
        mean_delay=(found.days_held + prior * base) / (found.fell_due + prior),
    )
    return (theirs[CORE] - ours).abs().max()


def _company_delay(ledger: Ledger, days: pd.Series) -> pd.Series:
    """Return the whole company's mean delay, towards which a customer's is drawn, by day."""
    items, _cash = _prepared(ledger.items, ledger.allocations)
    means = {}
    for today in days.unique():
        fell = items[items.due < today]
        total = fell.held.where(fell.end <= today, (today - fell.due).dt.days).sum()
        means[today] = total / (len(fell) + PARAMS.prior_invoices)
    return days.map(means)


def _show_many() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _alone(write_ledger, Path(folder), 0, MANY)
        seconds, before, peak, scored, rows = _alone(_whole, folder)
    print(f"{rows:,} invoices end to end: {seconds:.0f} s, peak {peak:,} MB ({before:,} MB of it")
    print(f"before the start); {scored:,} open invoices have a probability\n", flush=True)


def _whole(folder: str) -> tuple[float, int, int, int, int]:
    before, begun = _peak(), time.perf_counter()
    with threadpool_limits(1):
        found = predict_delinquency(connect(folder), AS_OF)
    scored = int(found.invoices.probability.notna().sum())
    return _since(begun), before, _peak(), scored, int(found.history["items"].sum())


def _alone(task: Callable[..., object], *given: object) -> object:
    """Run a task in a fresh process, so that its peak memory is its own."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(task, *given).result()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _since(begun: float) -> float:
    return time.perf_counter() - begun
