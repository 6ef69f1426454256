"""Which of the two loss-rate methods foretold later losses better, on this company's own books?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.allowance.loss_rates import (
    FLOW,
    KEYS,
    METHODS,
    LossHistory,
    default_rates,
)
from insights.delinquency.allowance.rolls import clock_ages, clock_days
from insights.features.ledger import NEVER
from insights.params import DelinquencyParams
from insights.words import _

ORIGINS, ORIGIN_DAYS = 4, 91
FEWEST_ORIGINS = 2
TRIAL_COLUMNS = [
    "origin", "method", "group", "bucket", "balance_cents", "predicted_cents", "lost_cents",
]  # fmt: skip


def method_trial(history: LossHistory, day: int) -> pd.DataFrame:
    """Which method foretold later losses better? A row an origin, method, group and bucket.

    At each of the last quarters' origins both methods are estimated from what was known then;
    the balances of that day whose loss or payment was decided by ``day`` are the test. Cells
    that either method could not rate are left out for both. Columns TRIAL_COLUMNS.
    """
    last = day - history.params.default_days
    origins = [last - ORIGIN_DAYS * back for back in range(ORIGINS)]
    parts = [_tried(history, origin, day) for origin in origins if origin > history.begins]
    blank = pd.DataFrame(columns=TRIAL_COLUMNS)
    tables = [part for part in parts if len(part)]
    return pd.concat(tables, ignore_index=True) if tables else blank


def method_scores(trial: pd.DataFrame) -> pd.DataFrame:
    """Return per method: origins, predicted and lost cents, and the error summed over cells.

    ``error_cents`` is the sum of |predicted - lost| over origins, groups and buckets.
    """
    rows = trial.assign(error_cents=(trial.predicted_cents - trial.lost_cents).abs())
    table = rows.groupby("method", as_index=False).agg(
        origins=("origin", "nunique"), balance_cents=("balance_cents", "sum"),
        predicted_cents=("predicted_cents", "sum"), lost_cents=("lost_cents", "sum"),
        error_cents=("error_cents", "sum"),
    )  # fmt: skip
    lost = table.lost_cents.where(table.lost_cents > 0)
    return table.assign(error_share=table.error_cents / lost)


def chosen_method(scores: pd.DataFrame, params: DelinquencyParams) -> tuple[str, str]:
    """Return the method to use and why, in words. Flow, the younger history, when untested."""
    if params.loss_method != "chosen":
        return params.loss_method, _("set by delinquency.loss_method")
    if len(scores) < len(METHODS) or scores.origins.min() < FEWEST_ORIGINS:
        return FLOW, _("too short a history to test both methods: flow needs the least")
    best = scores.sort_values(["error_cents", "method"], ascending=[True, False]).iloc[0]
    words = _(
        "{best} missed later losses by {error:.0%} of what was lost over {n} origins, {other} by "
        "{worse:.0%}"
    )
    other = scores[scores.method != best.method].iloc[0]
    why = words.format(
        best=best.method, error=best.error_share, n=best.origins, other=other.method,
        worse=other.error_share,
    )  # fmt: skip
    return str(best.method), why


def decided_balances(history: LossHistory, origin: int, day: int) -> pd.DataFrame:
    """Return the balances of ``origin`` not yet in default whose fate was decided by ``day``.

    item, cents, group, place, clock, unpaid (cents unpaid at the default day).
    """
    clock = clock_days(history.ledger, origin, history.params)
    rows = history.money.standing(np.array([origin]))
    own = clock[rows["item"]]
    place = history.buckets.places(clock_ages(own, origin))
    rows = rows.assign(group=history.groups[rows["item"]], place=place, clock=own)
    end = own + history.params.default_days
    decided = (own != NEVER) & (end <= day) & (place < history.buckets.before_default)
    rows, end = rows[decided], end[decided]
    item, start = rows["item"].to_numpy(), rows.day.to_numpy()
    return rows.assign(unpaid=history.money.unpaid_after(item, start, np.maximum(end, start)))


def _tried(history: LossHistory, origin: int, day: int) -> pd.DataFrame:
    tested = decided_balances(history, origin, day)
    foretold = pd.DataFrame(
        {
            name: default_rates(history, name, origin).set_index(KEYS).default_rate
            for name in METHODS
        }
    )
    cells = tested.groupby(KEYS)[["cents", "unpaid"]].sum().join(foretold).dropna()
    parts = [
        cells.assign(method=name, predicted_cents=cells.cents * cells[name]) for name in METHODS
    ]
    rows = pd.concat(parts).reset_index().assign(origin=np.datetime64(origin, "D"))
    rows["bucket"] = np.array(history.buckets.names)[rows.place.astype("int64")]
    rows["origin"] = rows.origin.astype("datetime64[s]")
    names = {"cents": "balance_cents", "unpaid": "lost_cents"}
    return rows.rename(columns=names)[TRIAL_COLUMNS]
