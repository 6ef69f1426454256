"""Slow or lost? How long overdue items take, from the company's own history.

Survival of an item past its due date (Kaplan-Meier by customer type): ``still_open[d]`` is the
share of items open at the end of their due day that are still open d days later. Items not yet
paid count as open up to as_of; a written-off item was never paid. From it follow the chance that
an item reaches ``default_days`` unpaid (lost) and the days that it is expected to run late (slow).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.ledger import NEVER, Ledger, day_numbers
from insights.params import DelinquencyParams

FEWEST_OVERDUE = 200


@dataclass(frozen=True)
class OverdueSurvival:
    """``still_open``: groups x (default_days + 1); the last group is the whole company."""

    groups: tuple[str, ...]
    still_open: np.ndarray

    def rows_of(self, customer_types: pd.Series) -> np.ndarray:
        """Return each item's curve; a type with too little history reads the company's."""
        places = pd.Index(self.groups).get_indexer(pd.Index(customer_types))
        return np.where(places < 0, len(self.groups), places)

    def default_share(self, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Return P(still open at default_days | open ``days`` past due)."""
        last = self.still_open.shape[1] - 1
        reached = np.clip(days, 0, last)
        share = self.still_open[rows, last] / self.still_open[rows, reached]
        return np.where(days >= last, 1.0, share)

    def days_to_run(self, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Return the expected further days open, up to default_days, from ``days`` past due."""
        last = self.still_open.shape[1] - 1
        reached = np.clip(days, 0, last)
        ahead = np.cumsum(self.still_open[:, ::-1], axis=1)[:, ::-1] - self.still_open
        return ahead[rows, reached] / self.still_open[rows, reached]


def fit_survival(ledger: Ledger, default_days: int) -> OverdueSurvival:
    """Follow every item that was open when it fell due."""
    items = ledger.items
    due = day_numbers(items.due_on)
    as_of = ledger.day
    paid = items.settled_by.isin(("payment", "credit_note")).to_numpy()
    ended = np.where(paid, day_numbers(items.settled_on), NEVER)
    followed = (due != NEVER) & (due <= as_of) & (ended > due)
    days = np.minimum(ended, as_of)[followed] - due[followed]
    closed = (ended <= as_of)[followed]
    kinds = items.customer_type[followed]
    counts = kinds.value_counts()
    groups = tuple(sorted(counts.index[counts >= FEWEST_OVERDUE]))
    parts = [(kinds == name).to_numpy() for name in groups] + [np.ones(len(days), bool)]
    curves = [_still_open(days[part], closed[part], default_days) for part in parts]
    return OverdueSurvival(groups, np.vstack(curves))


def expected_losses(
    open_items: pd.DataFrame,
    survival: OverdueSurvival,
    params: DelinquencyParams,
    given_default: pd.Series | None = None,
) -> pd.DataFrame:
    """Return default_probability, expected_loss, days_late and cost_of_delay of each open item.

    ``open_items``: exposure, days_past_due, probability, customer_type. Loss = exposure x chance
    of default x loss given default; cost of delay = exposure x funding rate x expected days.
    ``given_default``: each item's loss given default (see ``loss_given_default_of``), else the
    param's for all.
    """
    severity = params.loss_given_default if given_default is None else given_default.to_numpy(float)
    rows = survival.rows_of(open_items.customer_type)
    age = open_items.days_past_due.fillna(0).to_numpy("int64")
    start = np.maximum(age, params.grace_days)
    p_late = open_items.probability.to_numpy(float)
    default = p_late * survival.default_share(rows, start)
    days = p_late * (start - np.maximum(age, 0) + survival.days_to_run(rows, start))
    exposure = open_items.exposure.to_numpy(float)
    return pd.DataFrame(
        {
            "default_probability": default,
            "expected_loss": exposure * default * severity,
            "days_late": days,
            "cost_of_delay": exposure * params.funding_rate * days / 365,
        },
        index=open_items.index,
    )


def _still_open(days: np.ndarray, closed: np.ndarray, last: int) -> np.ndarray:
    """Return the Kaplan-Meier curve at 0..last days; never quite zero, as nobody saw the end."""
    length = last + 1
    ends = np.bincount(np.clip(days[closed], 0, length), minlength=length + 1)[:length]
    leaves = np.bincount(np.clip(days, 0, length), minlength=length + 1)
    at_risk = np.cumsum(leaves[::-1])[::-1][:length]
    hazard = np.where(at_risk > 0, ends / np.maximum(at_risk, 1), 0.0)
    return np.maximum(np.cumprod(1 - hazard), 0.5 / (len(days) + 1))
