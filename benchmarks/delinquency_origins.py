"""Rolling origins on one ledger: what each way would have said at issue, from what was known then.

Ours is the package as it stood on the day before each origin: a ledger opened on that day, which
has never seen a later row, its own trial on the quarters before, and the model and correction that
trial chose. Peers learn from the invoices issued and matured before the origin.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.delinquency_peers import Predictor
from insights import connect
from insights.delinquency.learning.backtest import fit_chosen, run_trial
from insights.delinquency.learning.snapshots import cut_days, snapshots
from insights.features.invoices import invoice_features, outcomes
from insights.features.ledger import open_ledger
from insights.params import DelinquencyParams
from insights.tables import Tables

FACTS = ["item", "invoice_id", "customer_id", "day", "matures", "late", "amount", "matured"]


@dataclass(frozen=True)
class Origins:
    """``cuts``: first day of each test window; the last ends before ``end``.

    Outcomes are read from the ledger of ``known_on``, on which every tested invoice has matured.
    """

    cuts: tuple[str, ...]
    end: str
    known_on: str
    params: DelinquencyParams

    @property
    def windows(self) -> list[tuple[int, int]]:
        """Return (first day, first day after) of each window as day numbers."""
        days = np.array([*self.cuts, self.end], "datetime64[D]").astype("int64").tolist()
        return list(pairwise(days))


IBM = Origins(
    cuts=("2012-10-01", "2013-01-01", "2013-04-01", "2013-07-01"),
    end="2014-01-01",
    known_on="2014-01-31",
    params=DelinquencyParams(grace_days=0),
)
SIMULATED = Origins(
    cuts=("2024-07-01", "2024-10-01", "2025-01-01", "2025-04-01"),
    end="2025-07-01",
    known_on="2025-12-31",
    params=DelinquencyParams(),
)


def ibm_tables(folder: Path) -> Tables | None:
    """Write IBM's sample ledger as canonical tables into ``folder``; None where it is absent.

    ``Disputed`` has no date: nobody can say whether it was known at issue, and it is not read.
    """
    source = Path(os.environ.get("INSIGHTS_TRIAL_DATA", "nowhere"), "ibm_accounts_receivable.csv")
    if not source.exists():
        return None
    raw = pd.read_csv(source, dtype={"invoiceNumber": "str"})
    issued, due, settled = (
        pd.to_datetime(raw[name], format="%m/%d/%Y")
        for name in ("InvoiceDate", "DueDate", "SettledDate")
    )
    ids = {"invoice_id": raw.invoiceNumber, "amount": raw.InvoiceAmount}
    invoices = pd.DataFrame(
        ids | {"customer_id": raw.customerID, "issued_on": issued, "due_on": due}
    )
    payments = pd.DataFrame(ids | {"payment_id": raw.invoiceNumber, "paid_on": settled})
    invoices.to_parquet(folder / "invoices.parquet", index=False)
    payments.to_parquet(folder / "payments.parquet", index=False)
    return connect(folder)


def predictions(tables: Tables, origins: Origins, peers: list[Predictor]) -> pd.DataFrame:
    """Return a row a tested invoice: FACTS, cut, our choice, a column of probabilities a way."""
    rows, columns = _at_issue(tables, origins)
    return pd.concat(
        [_window(tables, origins, rows, columns, window, peers) for window in origins.windows],
        ignore_index=True,
    )


def _window(
    tables: Tables,
    origins: Origins,
    rows: pd.DataFrame,
    columns: list[str],
    window: tuple[int, int],
    peers: list[Predictor],
) -> pd.DataFrame:
    start, end = window
    train = rows[(rows.day < start) & (rows.matures < start)]
    asked = rows[(rows.day >= start) & (rows.day < end)]
    varying = [name for name in columns if train[name].nunique() > 1]
    theirs = {peer.__name__: peer(train, asked, varying) for peer in peers}
    said, choice = ours(tables, start, asked, origins.params)
    return asked[FACTS].assign(cut=start, choice=choice, ours=said, **theirs)


def ours(
    tables: Tables, cut: int, asked: pd.DataFrame, params: DelinquencyParams
) -> tuple[np.ndarray, str]:
    """Return what this package would have said on the day before ``cut``, and what it chose."""
    then = open_ledger(tables, _date(cut - 1))
    past = snapshots(then, params)
    trial = run_trial(past, cut_days(outcomes(then, params.grace_days), then.day, params), params)
    model = fit_chosen(past, trial, params.seed)
    choice = "blend" if trial.uses_blend else "naive"
    said = trial.calibration.apply(model.probability(asked))
    return said, choice + (", corrected" if trial.calibrated else "")


def _at_issue(tables: Tables, origins: Origins) -> tuple[pd.DataFrame, list[str]]:
    """Return every matured invoice with its features on the day of issue, and their names."""
    ledger = open_ledger(tables, origins.known_on)
    params = origins.params
    became = outcomes(ledger, params.grace_days)
    counted = became[became.counts & became.matured & (became.matures > became.issued)]
    points = pd.DataFrame({"item": counted.index, "day": counted.issued.to_numpy()})
    known = invoice_features(ledger, points, params.grace_days, params.prior_invoices)
    item = ledger.items.loc[points["item"]].reset_index(drop=True)
    facts = points.assign(
        invoice_id=item.invoice_id,
        customer_id=item.customer_id,
        matures=counted.matures.to_numpy(),
        late=counted.late.to_numpy(),
        amount=item.amount_cents / 100,
    )
    return pd.concat([facts, known], axis=1), list(known.columns)


def _date(day: int) -> dt.date:
    return np.datetime64(day, "D").item()
