"""A small simulated company that several tests share, and its tables as of a day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

LAST = "2025-12-31"
DATED = {
    "invoices": "issued_on",
    "payments": "paid_on",
    "writeoffs": "written_off_on",
    "dunning": "contacted_on",
}


def company(n: int = 2400, payers: int = 60, seed: int = 5) -> dict[str, pd.DataFrame]:
    """Simulate a small ledger: each payer has its own late rate; some pay on account."""
    rng = np.random.default_rng(seed)
    payer = rng.integers(0, payers, n)
    issued = pd.Timestamp("2023-06-01") + pd.to_timedelta(rng.integers(0, 930, n), unit="D")
    term = rng.choice([30, 60], n)
    accepted = issued + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    accepted = pd.Series(accepted).where(rng.random(n) < 0.5)
    start = accepted.where(accepted.notna(), pd.Series(issued))
    late = rng.random(n) < rng.beta(0.8, 1.2, payers)[payer]
    wait = np.where(late, 31 + rng.exponential(50, n), 30 * rng.random(n)).astype(int)
    paid = start + pd.to_timedelta(term + wait, unit="D")
    paid = paid.where(rng.random(n) > 0.02)
    invoices = pd.DataFrame(
        {
            "invoice_id": [f"I{k:05d}" for k in range(n)],
            "customer_id": [f"C{k:03d}" for k in payer],
            "issued_on": issued,
            "accepted_on": accepted,
            "term_days": term,
            "amount": np.round(rng.lognormal(9, 1, n), 2),
            "disputed_from_on": pd.Series(issued + pd.Timedelta(days=20)).where(late),
        }
    )
    account = pd.Series(rng.random(payers)[payer] < 0.2)
    payments = pd.DataFrame(
        {
            "payment_id": [f"P{k:05d}" for k in range(n)],
            "customer_id": invoices.customer_id,
            "invoice_id": invoices.invoice_id.where(~account),
            "paid_on": paid,
            "amount": invoices.amount,
        }
    )
    customers = pd.DataFrame(
        {
            "customer_id": [f"C{k:03d}" for k in range(payers)],
            "region_id": np.where(np.arange(payers) % 3 == 0, "0012", "east"),
            "customer_type": np.where(np.arange(payers) % 2 == 0, "hospital", "distributor"),
            "credit_limit": 500_000.0,
        }
    )
    regions = pd.DataFrame(
        {
            "region_id": ["0012", "east", "bare", "china"],
            "region_name": ["South", "East", "Bare", "China"],
            "parent_id": ["china", "china", "china", None],
        }
    )
    called = rng.random(n) < 0.3
    contacted = start + pd.to_timedelta(term + 10, unit="D")
    dunning = pd.DataFrame(
        {
            "dunning_id": [f"D{k:05d}" for k in range(n)],
            "invoice_id": invoices.invoice_id,
            "customer_id": invoices.customer_id,
            "contacted_on": contacted,
            "result": "promise",
            "promised_on": contacted + pd.to_timedelta(rng.integers(1, 30, n), unit="D"),
            "promised_amount": invoices.amount.where(rng.random(n) < 0.5),
        }
    )[called]
    seen = {
        "invoices": invoices,
        "payments": payments.dropna(subset="paid_on"),
        "dunning": dunning,
        "customers": customers,
        "regions": regions,
    }
    return until(seen, LAST)


def until(frames: dict[str, pd.DataFrame], day: str) -> dict[str, pd.DataFrame]:
    """Delete every row dated after the day, and every date entered later into an earlier row."""
    kept = {}
    for name, frame in frames.items():
        rows = frame[frame[DATED[name]] <= day] if name in DATED else frame
        later = [c for c in ("accepted_on", "disputed_from_on", "disputed_to_on") if c in rows]
        kept[name] = rows.assign(**{c: rows[c].where(rows[c] <= day) for c in later})
    return kept


def written(folder: Path, frames: dict[str, pd.DataFrame]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder
