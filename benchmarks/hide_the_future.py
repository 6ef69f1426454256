"""Does anything dated after a day change what was known, taught or said on that day?

A simulated ledger with disputes, acceptances, partial payments, cash on account, write-offs and
promises. For random dates every row dated later is deleted from every table, and every date
entered later is emptied. Compared with the whole source, cell by cell and exactly: the features of
every item at its issue, once a month and on the date (also as the ledger of the last day tells
them), the labels, and the scores of the items open on the date.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.ledger_market import write_ledger
from insights import connect
from insights.delinquency import predict_delinquency
from insights.delinquency.learning.snapshots import open_points, snapshots
from insights.features.invoices import invoice_features, outcomes_by_horizon
from insights.features.ledger import Ledger, day_numbers, open_ledger
from insights.params import DelinquencyParams
from insights.tables import CANONICAL

DATES = 50
INVOICES = 3000
SEED = 20240229
HORIZONS = (0, 30, 90)
FIRST_DATE, LAST = np.datetime64("2023-03-01"), np.datetime64("2025-12-31")


def main() -> None:
    """Print, over all dates, the cells compared and the cells that changed."""
    rng = np.random.default_rng(SEED)
    days = FIRST_DATE + rng.choice(int((LAST - FIRST_DATE).astype(int)), DATES, replace=False)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole")
        whole.mkdir()
        write_ledger(whole, SEED, INVOICES)
        last = open_ledger(connect(whole), pd.Timestamp(LAST))
        counts = [
            changed_cells(whole, last, pd.Timestamp(day), Path(folder, str(day)))
            for day in np.sort(days)
        ]
    table = pd.concat(counts).groupby(level=0, sort=False).sum()
    print(f"{DATES} random dates, {INVOICES:,} invoices")
    print(table.to_string())


def changed_cells(whole: Path, last: Ledger, day: pd.Timestamp, folder: Path) -> pd.DataFrame:
    """Return cells compared and changed, by what they hold; ``folder`` takes the cut tables."""
    write_past(whole, folder, day)
    params = DelinquencyParams(folds=2)
    before, after = (open_ledger(connect(source), day) for source in (whole, folder))
    seen, then = snapshots(before, params), snapshots(after, params)
    labels = ["late", "matures", "issued", "amount"]
    scores = [predict_delinquency(connect(s), day, params).invoices for s in (whole, folder)]
    pairs = {
        "features, monthly": (seen.drop(columns=labels), then.drop(columns=labels)),
        "features, open items": (open_points(before, params), open_points(after, params)),
        "features, told later": told_later(last, after, params.grace_days),
        "labels": (seen[labels], then[labels]),
        "labels by horizon": tuple(settled_labels(x) for x in (before, after)),
        "scores": (scores[0], scores[1]),
    }
    rows = {name: _compared(*pair) for name, pair in pairs.items()}
    return pd.DataFrame(rows, index=["cells", "changed"]).T


def write_past(whole: Path, folder: Path, day: pd.Timestamp) -> None:
    """Write every table as an export of that day would hold it."""
    folder.mkdir()
    for path in whole.glob("*.parquet"):
        frame, table = pd.read_parquet(path), CANONICAL[path.stem]
        if table.known_on in frame:
            dated = pd.to_datetime(frame[table.known_on])
            frame = frame[dated.isna() | (dated <= day)]
        for name in table.learnt_later:
            if name in frame:
                entered = pd.to_datetime(frame[name])
                frame = frame.assign(**{name: frame[name].where(entered <= day)})
        frame.to_parquet(folder / path.name, index=False)


def told_later(last: Ledger, then: Ledger, grace_days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the features of that day's items as a later ledger tells them, and as it did then."""
    keys = ["invoice_id", "instalment_no"]
    place = pd.Series(last.items.index, pd.MultiIndex.from_frame(last.items[keys]))
    item = then.items.index.to_numpy()
    there = place.loc[pd.MultiIndex.from_frame(then.items[keys])].to_numpy()
    days = np.concatenate([day_numbers(then.items.issued_on), np.full(len(item), then.day)])
    asked = [
        invoice_features(ledger, pd.DataFrame({"item": np.tile(items, 2), "day": days}), grace_days)
        for ledger, items in ((last, there), (then, item))
    ]
    return asked[0], asked[1]


def settled_labels(ledger: Ledger) -> pd.DataFrame:
    """Return the labels that count at each horizon, missing where they are not yet known."""
    table = outcomes_by_horizon(ledger, HORIZONS)
    return pd.DataFrame(
        {
            grace: table[grace].late.astype("float64").where(table[grace].matured)
            for grace in HORIZONS
        }
    )


def _compared(whole: pd.DataFrame, cut: pd.DataFrame) -> tuple[int, int]:
    if whole.shape != cut.shape or list(whole.columns) != list(cut.columns):
        return cut.size, max(whole.size, cut.size)
    same = (whole.to_numpy(object) == cut.to_numpy(object)) | (
        whole.isna().to_numpy() & cut.isna().to_numpy()
    )
    return cut.size, int((~same).sum())


if __name__ == "__main__":
    main()
