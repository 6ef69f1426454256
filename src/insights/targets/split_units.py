"""What is a target split over: regions by lines, and then device representatives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.targets.forecast import Outlook
from insights.targets.split import TargetSplit
from insights.targets.split_cents import share_cents

CELL = ["region_id", "product_line"]
YEAR = 12
NOBODY = ""


def split_base(
    sold: pd.DataFrame, as_of: pd.Timestamp, potential: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What did each region sell of each line in the last twelve complete months?

    ``sold``: region_id, product_line, month, cents. ``potential``: region_id and potential (CNY a
    year, of all lines; spread over a region's lines by their sales). Columns region_id,
    product_line, history, previous (of the twelve months before, missing where the data do not
    reach back so far) and potential, in CNY, sorted.
    """
    next_month = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("M")
    month = pd.DatetimeIndex(sold.month).to_period("M")
    age = np.array([(next_month - one).n for one in month], dtype="int64")
    dated = sold.assign(
        history=(sold.cents / 100).where((age >= 1) & (age <= YEAR), 0.0),
        previous=(sold.cents / 100).where((age > YEAR) & (age <= 2 * YEAR), 0.0),
    )
    found = dated.groupby(CELL, as_index=False)[["history", "previous"]].sum()
    reach = age.max(initial=0) >= 2 * YEAR
    found = found.assign(previous=found.previous if reach else np.nan)
    return _with_potential(found, potential).sort_values(CELL, ignore_index=True)


def season_of_lines(ahead: Outlook) -> pd.DataFrame:
    """How do the next twelve months share what each line is expected to sell?

    Columns product_line, month (1..12) and weight: season and working days of the twelve months
    after as_of's last complete one. Lines without a forecast are left out.
    """
    panel = ahead.panel
    lines = panel.kinds == "product_line"
    expected = ahead.expected[-1][lines]
    months = panel.months[panel.complete :].month
    frame = pd.DataFrame(expected, columns=months).assign(
        product_line=panel.keys.scope_id[lines].to_numpy()
    )
    long = frame.melt("product_line", var_name="month", value_name="weight").dropna()
    typed = long.astype({"month": "int64"})
    return typed.sort_values(["product_line", "month"], ignore_index=True)


def split_to_reps(split: TargetSplit, reps: pd.DataFrame) -> pd.DataFrame:
    """What does each device representative take over of its region's and line's target?

    ``reps``: rep_id, region_id, product_line, history (CNY of the last twelve months) of device
    representatives at work; no other may carry a sales target, and whoever calls leaves them out.
    What others of the cell sold stays with nobody (rep_id ``""``). Columns region_id,
    product_line, rep_id, month, target_cents: in every cell and month they add up to the target.
    """
    reps = reps.astype({"history": "float64"})  # a company without any has no type of its own
    of_reps = reps.groupby(CELL).history.sum().rename("of_reps").reset_index()
    cells = split.units.merge(of_reps, on=CELL)
    nobody = cells.assign(rep_id=NOBODY, history=(cells.history - cells.of_reps).clip(lower=0.0))
    columns = [*CELL, "rep_id", "history"]
    shared = pd.concat([reps[columns], nobody[columns]], ignore_index=True)
    shared = shared.merge(cells[CELL], on=CELL).sort_values([*CELL, "rep_id"])
    months = split.months.set_index(CELL).sort_index()
    parts = [_taken_over(rows, months.loc[[name]]) for name, rows in shared.groupby(CELL)]
    empty = pd.DataFrame(columns=[*CELL, "rep_id", "month", "target_cents"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _taken_over(reps: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Share the cents of each month of a cell by what each representative sold."""
    weights = reps.history.clip(lower=0.0).to_numpy(float)
    pairs = zip(months.month.tolist(), months.target_cents.tolist(), strict=True)
    parts = [
        pd.DataFrame(
            {
                "region_id": reps.region_id.iloc[0],
                "product_line": reps.product_line.iloc[0],
                "rep_id": reps.rep_id.to_numpy(),
                "month": month,
                "target_cents": share_cents(cents, weights),
            }
        )
        for month, cents in pairs
    ]
    return pd.concat(parts, ignore_index=True)


def _with_potential(cells: pd.DataFrame, potential: pd.DataFrame | None) -> pd.DataFrame:
    if potential is None:
        return cells.assign(potential=np.nan)
    of_region = cells.region_id.map(potential.set_index("region_id").potential.astype("float64"))
    total = cells.groupby("region_id").history.transform("sum")
    lines = cells.groupby("region_id").history.transform("size")
    share = (cells.history / total.where(total > 0)).fillna(1 / lines)
    return cells.assign(potential=of_region * share.clip(lower=0.0))
