"""Invoices: orders billed by product line, instalments of equipment, retention, opening items."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import Days, Floats, Ints, stream
from insights.demo.customers import Customers
from insights.demo.products import LINE_NAMES, VBP_LINE
from insights.demo.timeline import FIRST, LAST, VBP_MONTH, month_index
from insights.demo.trade import EQUIPMENT, RETURN

OPENING_ITEMS = 500
INSTALMENT_FROM = 20_000_000  # cents: equipment above 200 000 CNY is paid in instalments
WARRANTY_DAYS = 365


def terms(seed: int, customers: Customers) -> Ints:
    """Return the agreed payment term in days, a value per customer."""
    rng = stream(seed, "terms")
    table = customers.table
    choices = {"distributor": (30, 45, 60, 60), "pharmacy": (30, 30, 45, 60),
               "clinic": (30, 30, 30, 60), "public": (60, 90, 90, 120),
               "private": (30, 60, 60, 90), "military": (90, 90, 120, 120)}  # fmt: skip
    kind = table["customer_type"].where(table["customer_type"] != "hospital", table["ownership"])
    pick = rng.integers(0, 4, len(table))
    return np.array([choices[k][i] for k, i in zip(kind, pick, strict=True)], dtype=np.int64)


def build_invoices(
    seed: int, customers: Customers, lines: pd.DataFrame, term: Ints, pools: np.ndarray
) -> pd.DataFrame:
    """Return receivable items, an instalment a row: canonical columns, payer, line, vbp, true due.

    Money in cents. ``pools``: per customer, whether it pays on account (then without opening
    items). ``due`` is the date that counts once acceptance is known.
    """
    rng = stream(seed, "invoices")
    billed = _bills(rng, lines)
    big = (billed["channel"] == EQUIPMENT) & (billed["amount"] >= INSTALMENT_FROM)
    items = pd.concat(
        [
            _single(rng, billed[~big & (billed["channel"] != RETURN)], term),
            _instalments(rng, billed[big], term),
            _credit_notes(billed),
            _opening(rng, billed[~pools[billed["payer"]]], term),
        ],
        ignore_index=True,
    )
    known = customers.table["customer_id"].to_numpy(dtype=object)
    return items.assign(
        customer_id=known[items["payer"]],
        product_line=LINE_NAMES[items["line"]],
        vbp=(items["line"] == VBP_LINE)
        & (month_index(items["issued_on"].to_numpy("datetime64[D]")) >= VBP_MONTH),
    )


def _bills(rng: Generator, lines: pd.DataFrame) -> pd.DataFrame:
    """Bill every order by product line, some days after it."""
    keys = ["order_no", "line"]
    billed = lines.groupby(keys, sort=True).agg(
        order_id=("order_id", "first"), payer=("payer", "first"), month=("month", "first"),
        group=("group", "first"), origin=("origin", "first"), channel=("channel", "first"),
        rep_id=("rep_id", "first"), ordered_on=("ordered_on", "first"), amount=("amount", "sum"),
    ).reset_index()  # fmt: skip
    lag = rng.integers(0, 5, len(billed)).astype("timedelta64[D]")
    issued = np.minimum(billed["ordered_on"].to_numpy("datetime64[D]") + lag, LAST)
    ids = np.array([f"INV{i + 1:06d}" for i in range(len(billed))], dtype=object)
    return billed.assign(issued_on=issued, invoice_id=ids)


def _single(rng: Generator, billed: pd.DataFrame, term: Ints) -> pd.DataFrame:
    issued = billed["issued_on"].to_numpy("datetime64[D]")
    days = term[billed["payer"]]
    due = issued + days.astype("timedelta64[D]")
    accepted = issued + rng.integers(1, 9, len(billed)).astype("timedelta64[D]")
    signed = (rng.random(len(billed)) < 0.8) & (accepted <= LAST)
    return _items(billed, 1, billed["amount"].to_numpy(), "invoice").assign(
        accepted_on=np.where(signed, accepted, np.datetime64("NaT", "D")),
        term_days=days,
        due_on=due,
        due=due,
    )


def _items(billed: pd.DataFrame, number: int, amount: Ints, kind: str) -> pd.DataFrame:
    keep = ["invoice_id", "order_id", "rep_id", "payer", "line", "issued_on"]
    return billed[keep].assign(instalment_no=number, amount=amount, kind=kind)


def _instalments(rng: Generator, billed: pd.DataFrame, term: Ints) -> pd.DataFrame:
    """Thirty per cent soon after signing, the rest and the retention counted from acceptance."""
    issued = billed["issued_on"].to_numpy("datetime64[D]")
    accepted = issued + rng.integers(12, 75, len(billed)).astype("timedelta64[D]")
    total = billed["amount"].to_numpy()
    first, held = total * 3 // 10, total // 10
    seen = accepted <= LAST
    accepted_on = np.where(seen, accepted, np.datetime64("NaT", "D"))
    begins = np.where(seen, accepted, issued)
    days = term[billed["payer"]]
    plan = ((1, first, "invoice", np.full(len(billed), 30), issued),
            (2, total - first - held, "invoice", days, begins),
            (3, held, "retention", np.full(len(billed), WARRANTY_DAYS), begins))  # fmt: skip
    parts = []
    for number, amount, kind, wait, start in plan:
        due = start + wait.astype("timedelta64[D]")
        stated = due if number == 1 else np.full(len(billed), np.datetime64("NaT", "D"))
        parts.append(
            _items(billed, number, amount, kind).assign(
                accepted_on=accepted_on, term_days=wait, due_on=stated, due=due
            )
        )
    return pd.concat(parts, ignore_index=True)


def _credit_notes(billed: pd.DataFrame) -> pd.DataFrame:
    """Credit every return against the invoice of the shipment that it came with."""
    back = billed[billed["channel"] == RETURN].assign(shipped=lambda f: f["month"] - 1)
    original = billed[billed["channel"] != RETURN][
        ["payer", "month", "group", "line", "invoice_id", "issued_on"]
    ].rename(columns={"invoice_id": "credits_invoice_id", "issued_on": "original_on"})
    found = back.merge(
        original, left_on=["payer", "shipped", "origin", "line"],
        right_on=["payer", "month", "group", "line"], how="inner", validate="many_to_one",
    )  # fmt: skip
    issued = found[["issued_on", "original_on"]].max(axis=1).to_numpy("datetime64[D]")
    return _items(found, 1, found["amount"].to_numpy(), "credit_note").assign(
        issued_on=issued, credits_invoice_id=found["credits_invoice_id"].to_numpy(dtype=object),
        accepted_on=np.datetime64("NaT", "D"), term_days=0, due_on=issued, due=issued,
    )  # fmt: skip


def _opening(rng: Generator, billed: pd.DataFrame, term: Ints) -> pd.DataFrame:
    """Draw items that were open when the window began, like the first half year's bills."""
    pool = billed[(billed["channel"] != RETURN) & (billed["month"] < 6) & (billed["amount"] > 0)]
    n = min(OPENING_ITEMS, len(pool) // 3)
    drawn = pool.iloc[np.sort(rng.choice(len(pool), n, replace=False))].reset_index(drop=True)
    days = term[drawn["payer"]]
    due: Days = np.datetime64("2022-11-20", "D") + rng.integers(0, 100, n).astype("timedelta64[D]")
    issued = np.minimum(due - days.astype("timedelta64[D]"), FIRST - np.timedelta64(3, "D"))
    share = rng.uniform(0.4, 1.0, n)
    amount: Ints = np.round(drawn["amount"].to_numpy(np.float64) * share).astype(np.int64)
    return _items(drawn, 1, amount, "opening").assign(
        invoice_id=[f"OPN{i + 1:05d}" for i in range(n)], order_id=None, rep_id=None,
        issued_on=issued, accepted_on=np.datetime64("NaT", "D"), term_days=days, due_on=due,
        due=due,
    )  # fmt: skip


def utilisation(items: pd.DataFrame, limit: Floats) -> Floats:
    """Return invoiced in the three months before issue over the credit limit, per item."""
    month = month_index(items["issued_on"].to_numpy("datetime64[D]")) + 12
    invoiced = np.zeros((len(limit), 52))
    np.add.at(invoiced, (items["payer"].to_numpy(), month), items["amount"].to_numpy(np.float64))
    before = np.cumsum(np.pad(invoiced, ((0, 0), (4, 0))), axis=1)
    recent = before[:, 3:-1] - before[:, :-4]
    return recent[items["payer"].to_numpy(), month] / limit[items["payer"].to_numpy()]
