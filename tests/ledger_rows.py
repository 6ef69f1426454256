"""Rows of a ledger written by hand, that several tests share."""

from __future__ import annotations

import pandas as pd


def cash(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return payments of (invoice, day, amount)."""
    frame = pd.DataFrame(rows, columns=["invoice_id", "paid_on", "amount"])
    ids = [f"P{n}" for n in range(len(frame))]
    return frame.assign(payment_id=ids, paid_on=pd.to_datetime(frame.paid_on))


def lost(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return write-offs of (invoice, day, amount)."""
    frame = pd.DataFrame(rows, columns=["invoice_id", "written_off_on", "amount"])
    ids = [f"W{n}" for n in range(len(frame))]
    return frame.assign(writeoff_id=ids, written_off_on=pd.to_datetime(frame.written_off_on))
