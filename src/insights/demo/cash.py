"""Cash against receivables: payments, write-offs, and the ledger that ties out with both."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import Days, Ints, stream
from insights.demo.customers import Customers
from insights.demo.lateness import DELAY_SCALE, GRACE_DAYS, Lateness
from insights.demo.places import LEAF_IDS
from insights.demo.timeline import FIRST, LAST, month_ends

PARTIAL_SHARE = 0.12
REFUNDS = 16
WRITE_OFF_AFTER = 330
NONE = np.datetime64("NaT", "D")


def with_disputes(seed: int, items: pd.DataFrame, lateness: Lateness) -> pd.DataFrame:
    """Return items with disputed_from_on and disputed_to_on (as known on the last day)."""
    rng = stream(seed, "disputes")
    issued = items["issued_on"].to_numpy("datetime64[D]")
    begin = issued + rng.integers(5, 40, len(items)).astype("timedelta64[D]")
    end = lateness.settled - rng.integers(2, 25, len(items)).astype("timedelta64[D]")
    real = lateness.disputed & (begin <= LAST) & ~(lateness.settled <= begin)
    real &= (items["kind"] != "credit_note").to_numpy() & (begin >= FIRST)
    end = np.where(end > begin, end, begin + 1)
    end = np.where(np.isnat(lateness.settled) | (end > LAST), NONE, end)
    return items.assign(
        disputed_from_on=np.where(real, begin, NONE), disputed_to_on=np.where(real, end, NONE)
    )


def credits(items: pd.DataFrame, settled: Days) -> Ints:
    """Return cents credited to each first instalment on or before its settlement."""
    notes = items[items["kind"] == "credit_note"]
    place = pd.Series(np.arange(len(items)), index=items["invoice_id"])
    place = place[(items["instalment_no"] == 1).to_numpy()]
    target = place.loc[notes["credits_invoice_id"]].to_numpy()
    on = notes["issued_on"].to_numpy("datetime64[D]")
    counts = ~(settled[target] < on)
    total = np.zeros(len(items), dtype=np.int64)
    np.add.at(total, target[counts], -notes["amount"].to_numpy(np.int64)[counts])
    return total


def build_payments(
    seed: int, customers: Customers, items: pd.DataFrame, lateness: Lateness
) -> pd.DataFrame:
    """Return payments up to the last day: in full, in parts, on account, doubled and refunded."""
    rng = stream(seed, "payments")
    payable = (items["kind"] != "credit_note").to_numpy()
    owed = items["amount"].to_numpy(np.int64) - credits(items, lateness.settled)
    part, part_on = _parts(rng, items, lateness, owed)
    direct = payable & ~lateness.on_account
    final = direct & ~np.isnat(lateness.settled) & (owed - part > 0)
    pieces = [
        _against(items, direct & (part > 0), part_on, part),
        _against(items, final, lateness.settled, owed - part),
        _on_account(items, payable & lateness.on_account, lateness.settled, owed),
    ]
    paid = pd.concat(pieces, ignore_index=True)
    paid = paid[paid["paid_on"] <= pd.Timestamp(LAST)].reset_index(drop=True)
    paid = pd.concat([paid, _refunds(rng, paid)], ignore_index=True)
    paid = _with_method(rng, customers, paid)
    paid = paid.sort_values(["paid_on", "customer_id", "invoice_id", "amount"], kind="stable")
    return paid.assign(payment_id=[f"PAY{i + 1:06d}" for i in range(len(paid))])


def _parts(
    rng: Generator, items: pd.DataFrame, lateness: Lateness, owed: Ints
) -> tuple[Ints, Days]:
    """Draw which items are paid in two parts: the first part and its day."""
    n = len(items)
    issued = items["issued_on"].to_numpy("datetime64[D]")
    due = items["due"].to_numpy("datetime64[D]")
    end = np.where(np.isnat(lateness.settled), due + 60, lateness.settled)
    begin = np.maximum(issued, FIRST)
    span = (end - begin).astype(np.int64)
    some = (rng.random(n) < PARTIAL_SHARE) & (owed > 200_000) & (span > 10)
    part = np.round(owed * rng.uniform(0.3, 0.6, n), -4).astype(np.int64)
    on = begin + np.floor(span * rng.uniform(0.35, 0.9, n)).astype("timedelta64[D]")
    return np.where(some & ~lateness.on_account, part, 0), on


def _against(items: pd.DataFrame, rows: np.ndarray, on: Days, amount: Ints) -> pd.DataFrame:
    chosen = items.loc[rows, ["payer", "customer_id", "invoice_id", "instalment_no", "vbp"]]
    return chosen.assign(paid_on=on[rows], amount=amount[rows])


def _on_account(items: pd.DataFrame, rows: np.ndarray, on: Days, owed: Ints) -> pd.DataFrame:
    chosen = items.loc[rows, ["payer", "customer_id"]].assign(paid_on=on[rows], amount=owed[rows])
    summed = chosen.groupby(["payer", "customer_id", "paid_on"], as_index=False)["amount"].sum()
    return summed.assign(invoice_id=None, instalment_no=pd.NA, vbp=False)


def _refunds(rng: Generator, paid: pd.DataFrame) -> pd.DataFrame:
    """Pay a few items twice and give the second payment back."""
    early = paid["paid_on"] < pd.Timestamp(LAST) - pd.Timedelta(days=40)
    pool = np.flatnonzero(early & paid["invoice_id"].notna())
    twice = paid.iloc[rng.choice(pool, min(REFUNDS, len(pool)), replace=False)]
    again = twice.assign(paid_on=twice["paid_on"] + pd.Timedelta(days=3))
    wait = pd.to_timedelta(rng.integers(8, 30, len(twice)), unit="D")
    back = twice.assign(paid_on=twice["paid_on"] + wait, amount=-twice["amount"])
    return pd.concat([again, back], ignore_index=True)


def _with_method(rng: Generator, customers: Customers, paid: pd.DataFrame) -> pd.DataFrame:
    kind = customers.table["customer_type"].to_numpy()[paid["payer"]]
    draw = rng.random(len(paid))
    bill = np.where(kind == "distributor", 0.26, 0.05)
    method = np.where(draw < bill, "bill", "transfer").astype(object)
    method[(draw > 0.97) & np.isin(kind, ["pharmacy", "clinic"])] = "cash"
    method[paid["vbp"].to_numpy(dtype=bool) & (draw > 0.6)] = "insurance_fund"
    life = rng.choice([90, 180], len(paid)).astype("timedelta64[D]")
    matures = paid["paid_on"].to_numpy("datetime64[D]") + life
    return paid.assign(method=method, bill_matures_on=np.where(method == "bill", matures, NONE))


def build_writeoffs(
    seed: int, items: pd.DataFrame, lateness: Lateness, payments: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return write-offs of what is never paid, and the cash of a few recovered later."""
    rng = stream(seed, "writeoffs")
    due = items["due"].to_numpy("datetime64[D]")
    wait = rng.integers(WRITE_OFF_AFTER, WRITE_OFF_AFTER + 150, len(items))
    on = due + wait.astype("timedelta64[D]")
    lost = np.isnat(lateness.settled) & (items["kind"] != "credit_note").to_numpy()
    rows = lost & (on <= LAST) & (rng.random(len(items)) < 0.8)
    gone = items.loc[rows, ["payer", "customer_id", "invoice_id", "instalment_no", "vbp"]].assign(
        written_off_on=on[rows]
    )
    gone = gone.assign(amount=_open_amount(items, payments, rows))
    gone = gone[gone["amount"] > 0]
    back = _recovered(gone)
    table = pd.concat([gone, back.assign(amount=-back["amount"])], ignore_index=True)
    table = table.assign(writeoff_id=[f"WO{i + 1:05d}" for i in range(len(table))])
    cash = back.rename(columns={"written_off_on": "paid_on"}).assign(
        payment_id=[f"PAYR{i + 1:05d}" for i in range(len(back))],
        method="transfer",
        bill_matures_on=NONE,
    )
    return table[["writeoff_id", "invoice_id", "written_off_on", "amount"]], cash


def _recovered(gone: pd.DataFrame) -> pd.DataFrame:
    """Return half of some early write-offs, as it came back two months later."""
    early = gone.sort_values("written_off_on", kind="stable").head(max(1, len(gone) // 12))
    later = early["written_off_on"] + pd.Timedelta(days=60)
    back = early.assign(written_off_on=later, amount=early["amount"] // 2)
    return back[(later <= pd.Timestamp(LAST)).to_numpy()]


def _open_amount(items: pd.DataFrame, payments: pd.DataFrame, rows: np.ndarray) -> Ints:
    """Return what the chosen items still owe once payments and credits are taken off."""
    keys = ["invoice_id", "instalment_no"]
    named = payments[payments["invoice_id"].notna()]
    paid = named.groupby(keys)["amount"].sum()
    notes = items[items["kind"] == "credit_note"].groupby("credits_invoice_id")["amount"].sum()
    mine = items.loc[rows]
    received = paid.reindex(pd.MultiIndex.from_frame(mine[keys])).fillna(0).to_numpy(np.int64)
    credited = notes.reindex(mine["invoice_id"]).fillna(0).to_numpy(np.int64)
    credited = np.where(mine["instalment_no"] == 1, credited, 0)
    return mine["amount"].to_numpy(np.int64) + credited - received


def ledger(
    customers: Customers, items: pd.DataFrame, payments: pd.DataFrame, writeoffs: pd.DataFrame
) -> pd.DataFrame:
    """Return the month-end balance of every leaf region in cents, the opening one included."""
    home = pd.Series(customers.home, index=customers.table["customer_id"])
    payer = items.drop_duplicates("invoice_id").set_index("invoice_id")["customer_id"]
    moves = [
        (items["customer_id"], items["issued_on"], items["amount"]),
        (payments["customer_id"], payments["paid_on"], -payments["amount"]),
        (writeoffs["invoice_id"].map(payer), writeoffs["written_off_on"], -writeoffs["amount"]),
    ]
    ends = np.concatenate([[FIRST - np.timedelta64(1, "D")], month_ends()])
    balance = np.zeros((len(LEAF_IDS), len(ends)), dtype=np.int64)
    for owner, day, cents in moves:
        place = np.searchsorted(ends, day.to_numpy("datetime64[D]"))
        region = home.loc[owner].to_numpy()
        np.add.at(balance, (region, place), cents.to_numpy(np.int64))
    return pd.DataFrame(
        {
            "balance_on": np.tile(ends, len(LEAF_IDS)),
            "region_id": np.repeat(LEAF_IDS, len(ends)),
            "balance": balance.cumsum(axis=1).reshape(-1),
        }
    )


def payment_table(payments: pd.DataFrame) -> pd.DataFrame:
    """Return the canonical table payments."""
    return payments.drop(columns=["payer", "vbp"])


def invoice_table(items: pd.DataFrame) -> pd.DataFrame:
    """Return the canonical table invoices."""
    return items.drop(columns=["payer", "line", "vbp", "due"]).assign(currency="CNY")


def invoice_truth(items: pd.DataFrame, lateness: Lateness) -> pd.DataFrame:
    """Return per item the true probability, the latent log odds and delay, and what happened."""
    due = items["due"].to_numpy("datetime64[D]")
    limit = np.add(due, np.timedelta64(GRACE_DAYS, "D"))
    late = np.isnat(lateness.settled) | (lateness.settled > limit)
    return pd.DataFrame(
        {
            "invoice_id": items["invoice_id"],
            "instalment_no": items["instalment_no"],
            "customer_id": items["customer_id"],
            "kind": items["kind"],
            "due_on": due,
            "probability": lateness.probability,
            "log_odds": lateness.log_odds,
            "delay_scale_days": DELAY_SCALE,
            "settled_on": lateness.settled,
            "late": late,
            "disputed": lateness.disputed,
            "on_account": lateness.on_account,
        }
    )[(items["kind"] != "credit_note").to_numpy()].reset_index(drop=True)
