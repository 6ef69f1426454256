"""How good is each way on the same rows, and is a difference more than the luck of the customers?

Customers are drawn with replacement, the same draw for all ways: what one customer's invoices have
in common is neither counted twice nor taken for precision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

GROUPS = 10
FIGURES = ("AUC", "Brier", "ECE", "capture")


@dataclass(frozen=True)
class Ranked:
    """One way's answers, sorted once: each draw of customers only changes the weights.

    ``order`` sorts by what was said, ``ties`` are the places where a new value begins, ``calls``
    sorts by probability times amount, dearest first.
    """

    late: np.ndarray
    late_money: np.ndarray
    said: np.ndarray
    order: np.ndarray
    ties: np.ndarray
    calls: np.ndarray

    @classmethod
    def of(cls, said: np.ndarray, late: np.ndarray, money: np.ndarray) -> Ranked:
        """Sort; all are a value an invoice."""
        order = np.argsort(said, kind="stable")
        ties = np.flatnonzero(np.diff(said[order], prepend=-1.0))
        calls = np.argsort(-said * money, kind="stable")
        return cls(late, late * money, said, order, ties, calls)

    def figures(self, weight: np.ndarray) -> list[float]:
        """Return AUC, Brier, ECE and capture (FIGURES) of the weighted invoices."""
        return [self.auc(weight), self.brier(weight), self.ece(weight), self.capture(weight)]

    def auc(self, weight: np.ndarray) -> float:
        """Return the chance that a late invoice stands above one in time; a tie counts half."""
        heavy, late = weight[self.order], self.late[self.order]
        above = np.add.reduceat(heavy * late, self.ties)
        below = np.add.reduceat(heavy * (1 - late), self.ties)
        pairs = above @ (np.cumsum(below) - below / 2)
        return float(pairs / (above.sum() * below.sum()))

    def brier(self, weight: np.ndarray) -> float:
        """Return the mean squared error."""
        return float(weight @ (self.said - self.late) ** 2 / weight.sum())

    def ece(self, weight: np.ndarray) -> float:
        """Return the mean gap between said and seen over ten groups of equal weight."""
        heavy = weight[self.order]
        middle = np.cumsum(heavy) - heavy / 2
        group = np.minimum((GROUPS * middle / heavy.sum()).astype(int), GROUPS - 1)
        gaps = np.bincount(group, heavy * (self.said - self.late)[self.order], GROUPS)
        return float(np.abs(gaps).sum() / heavy.sum())

    def capture(self, weight: np.ndarray) -> float:
        """Return the share of all late money in the first tenth of invoices called."""
        heavy = weight[self.calls]
        called = np.cumsum(heavy) <= heavy.sum() / GROUPS
        worth = heavy * self.late_money[self.calls]
        return float(worth[called].sum() / worth.sum())


def ranked(rows: pd.DataFrame, way: str) -> Ranked:
    """Sort one way's column of ``rows`` (late, amount, a column of probabilities a way)."""
    return Ranked.of(*(rows[name].to_numpy(float) for name in (way, "late", "amount")))


def noise_floor(said: pd.Series) -> float:
    """Return the calibration error that chance alone would show were ``said`` the truth."""
    parts = np.array_split(np.sort(said), GROUPS)
    noise = [np.sqrt(2 / np.pi * p.mean() * (1 - p.mean()) * len(p)) for p in parts]
    return float(sum(noise) / len(said))


def score_table(rows: pd.DataFrame, ways: list[str]) -> pd.DataFrame:
    """Return a row a way: its figures, and the noise floor of its calibration error."""
    one = np.ones(len(rows))
    table = {way: [*ranked(rows, way).figures(one), noise_floor(rows[way])] for way in ways}
    found = pd.DataFrame(table, index=[*FIGURES, "ECE floor"]).T
    return found[["AUC", "Brier", "ECE", "ECE floor", "capture"]]


def best_capture(rows: pd.DataFrame) -> float:
    """Return the capture of perfect foresight."""
    return ranked(rows.assign(known=rows.late.astype(float)), "known").capture(np.ones(len(rows)))


def paired_intervals(
    rows: pd.DataFrame, of: str, others: list[str], draws: int, seed: int
) -> pd.DataFrame:
    """Return each figure of ``of`` less that of each other way, with its 95 % interval."""
    sorted_ways = [ranked(rows, way) for way in (of, *others)]
    weights = _draws_of_customers(rows.customer_id, draws, seed)
    drawn = np.array([[way.figures(weight) for way in sorted_ways] for weight in weights])
    centre = np.array([way.figures(np.ones(len(rows))) for way in sorted_ways])
    low, high = np.quantile(drawn[:, :1] - drawn[:, 1:], [0.025, 0.975], axis=0)
    gap = centre[:1] - centre[1:]
    words = [
        [f"{gap[i, j]:+.4f} ({low[i, j]:+.4f} to {high[i, j]:+.4f})" for j in range(len(FIGURES))]
        for i in range(len(others))
    ]
    return pd.DataFrame(words, index=[f"{of} - {way}" for way in others], columns=list(FIGURES))


def _draws_of_customers(customers: pd.Series, draws: int, seed: int) -> Iterator[np.ndarray]:
    codes, names = pd.factorize(customers)
    rng = np.random.default_rng(seed)
    for _draw in range(draws):
        picked = rng.integers(0, len(names), len(names))
        yield np.bincount(picked, minlength=len(names))[codes].astype(float)
