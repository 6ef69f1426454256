"""What the simulated ledger leaves in the canonical tables; no outcome is decided here."""

from __future__ import annotations

import numpy as np
import pandas as pd

FIRST, LAST = np.datetime64("2022-01-01"), np.datetime64("2025-12-31")
DAYS = int((LAST - FIRST).astype(int)) + 1
NEVER = 10**6
WRITTEN_OFF_AFTER = 540
BILL_DAYS = 180
LINES = ("stents", "reagents", "imaging", "antibiotics", "oncology")
VBP_ON = np.array(["2023-03-01", "2024-04-01", "NaT", "2022-11-01", "2025-01-01"], "datetime64[D]")
#        type, ownership, level, share, log odds, habit's weekly step
GROUPS = (
    ("hospital", "public", "3A", 0.22, -0.2, 0.10),
    ("hospital", "public", "2A", 0.28, 0.2, 0.10),
    ("hospital", "private", "none", 0.20, -0.8, 0.14),
    ("distributor", "private", None, 0.30, -1.3, 0.12),
)


def payment_table(
    rng: np.random.Generator, payers: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """Return the cash by the last day; some payers send a run's money without naming invoices."""
    parts = rows[rows.part_day < DAYS].assign(on=lambda f: f.part_day, sent=lambda f: f.part_cents)
    whole = rows[rows.paid < DAYS].assign(
        on=lambda f: f.paid, sent=lambda f: f.cents - f.part_cents
    )
    lump = whole.index.isin(_may_come_unnamed(rows[payers.on_account.to_numpy()[rows.payer]]))
    lumps = whole[lump].groupby(["customer_id", "on"], as_index=False).sent.sum()
    cash = pd.concat([parts, whole[~lump], lumps], ignore_index=True)
    cash = cash.sort_values(["on", "customer_id", "invoice_id"], ignore_index=True)
    bill = rng.random(len(cash)) < 0.2
    return pd.DataFrame(
        {
            "payment_id": numbered("P", len(cash)),
            "customer_id": cash.customer_id,
            "invoice_id": cash.invoice_id,
            "paid_on": dates(cash.on.to_numpy()),
            "amount": cash.sent / 100,
            "method": np.where(bill, "bill", "transfer"),
            "bill_matures_on": dates(np.where(bill, cash.on + BILL_DAYS, NEVER)),
        }
    )


def _may_come_unnamed(rows: pd.DataFrame) -> np.ndarray:
    """Return the invoices of those runs that settle all of their payer's oldest due items.

    There the rule oldest due first finds the very invoices that were meant, and an unnamed lump
    changes no outcome: the truth stays the truth.
    """
    found = []
    queue = rows.assign(first_due=rows.day + rows.term).sort_values(
        ["payer", "first_due", "day", "invoice_id"]
    )
    for _payer, items in queue.groupby("payer", sort=False):
        issued, paid = items.day.to_numpy(), items.paid.to_numpy()
        runs = np.unique(paid[paid < DAYS])[:, None]
        place = np.arange(len(items))
        last = np.where(paid == runs, place, -1).max(axis=1, keepdims=True)
        passed_over = (place <= last) & (issued <= runs) & (paid > runs)
        clean = runs[~passed_over.any(axis=1), 0]
        found.append(items.index.to_numpy()[np.isin(paid, clean)])
    return np.concatenate(found or [np.array([], int)])


def invoice_table(rows: pd.DataFrame) -> pd.DataFrame:
    accepted, disputed = rows.accepted.to_numpy(), rows.disputed.to_numpy()
    settled = np.minimum(rows.paid.to_numpy(), NEVER)
    open_then = disputed < settled
    return pd.DataFrame(
        {
            "invoice_id": rows.invoice_id,
            "instalment_no": 1,
            "customer_id": rows.customer_id,
            "order_id": rows.invoice_id.str.replace("V", "O"),
            "issued_on": dates(rows.day.to_numpy()),
            "accepted_on": dates(np.where(accepted >= 0, accepted, NEVER)),
            "term_days": rows.term,
            "amount": rows.cents / 100,
            "product_line": np.array(LINES)[rows.line],
            "disputed_from_on": dates(np.where(open_then, disputed, NEVER)),
            "disputed_to_on": dates(np.where(open_then, np.minimum(disputed + 45, settled), NEVER)),
        }
    )


def writeoff_table(rows: pd.DataFrame) -> pd.DataFrame:
    lost = rows[(rows.paid == NEVER) & (rows.matures + WRITTEN_OFF_AFTER < DAYS)]
    return pd.DataFrame(
        {
            "writeoff_id": lost.invoice_id.str.replace("V", "W"),
            "invoice_id": lost.invoice_id,
            "written_off_on": dates(lost.matures.to_numpy() + WRITTEN_OFF_AFTER),
            "amount": (lost.cents - lost.part_cents) / 100,
        }
    )


def dunning_table(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a call on seven late invoices of ten; the cash shows who kept the promise."""
    called = rows.matures.to_numpy() + rng.integers(1, 15, len(rows))
    asked = (rng.random(len(rows)) < 0.7) & (rows.paid > called) & (called < DAYS)
    calls = rows[asked]
    said = rng.choice(["promise", "no_answer", "other"], len(calls), p=[0.6, 0.25, 0.15])
    promised = np.where(said == "promise", called[asked] + rng.integers(7, 31, len(calls)), NEVER)
    return pd.DataFrame(
        {
            "dunning_id": calls.invoice_id.str.replace("V", "D"),
            "invoice_id": calls.invoice_id,
            "customer_id": calls.customer_id,
            "contacted_on": dates(called[asked]),
            "channel": "phone",
            "result": said,
            "promised_on": dates(promised),
            "promised_amount": np.where(said == "promise", calls.cents / 100, np.nan),
        }
    )


def region_table() -> pd.DataFrame:
    names = ["R1", "R2", "R3", "R4", "china"]
    parents = ["china"] * 4 + [None]
    return pd.DataFrame({"region_id": names, "region_name": names, "parent_id": parents})


def customer_table(payers: pd.DataFrame) -> pd.DataFrame:
    traits = pd.DataFrame(GROUPS).iloc[payers.group].reset_index(drop=True)
    return pd.DataFrame(
        {
            "customer_id": payers.customer_id,
            "region_id": region_table().region_id.to_numpy()[payers.region],
            "name": payers.customer_id,
            "customer_type": traits[0],
            "hospital_level": traits[2],
            "ownership": traits[1],
            "credit_limit": payers.limit_cents / 100,
            "payment_term_days": payers.term,
        }
    )


def product_table() -> pd.DataFrame:
    tendered = pd.DataFrame({"product_line": LINES, "vbp_on": VBP_ON, "vbp_status": "won"})
    free = pd.DataFrame({"product_line": LINES, "vbp_status": "none"})
    rows = pd.concat([free.assign(mark="F"), tendered.assign(mark="T")], ignore_index=True)
    status = rows.vbp_status.mask(rows.vbp_on.isna(), "none")
    ids = rows.mark + "-" + rows.product_line
    return rows.assign(product_id=ids, name=ids, vbp_status=status).drop(columns="mark")


def order_table(rows: pd.DataFrame) -> pd.DataFrame:
    marks = np.where(rows.tendered, "T-", "F-").astype(object)
    return pd.DataFrame(
        {
            "order_id": rows.invoice_id.str.replace("V", "O"),
            "line_no": 1,
            "customer_id": rows.customer_id,
            "product_id": pd.Series(marks + np.array(LINES, object)[rows.line], dtype="str"),
            "ordered_on": dates(rows.day.to_numpy()),
            "quantity": 1.0,
            "amount": rows.cents / 100,
        }
    )


def numbered(mark: str, n: int) -> pd.Series:
    """Return ids that sort in the order in which they were given."""
    return mark + pd.Series(range(n)).astype("str").str.zfill(7)


def dates(days: np.ndarray) -> np.ndarray:
    """Return the dates of days since FIRST, missing where the day never comes."""
    dates = (FIRST + np.minimum(days, DAYS + 4000)).astype("datetime64[s]")
    return np.where(days >= NEVER, np.datetime64("NaT"), dates)
