"""How many of the effects we call found are chance, when many comparisons are read together?"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from insights.strategy.effect import StrategyEffect
from insights.strategy.gates import Gate
from insights.strategy.many.faults import missing_columns, not_numbers, refuse
from insights.words import _

Dependence = Literal["positive", "unknown"]
METHODS: dict[str, Literal["bh", "by"]] = {"positive": "bh", "unknown": "by"}


def with_q(
    results: pd.DataFrame,
    dependence: Dependence = "positive",
    p_column: str = "p",
    family: str | None = None,
) -> pd.DataFrame:
    """Add the false discovery rate at which each comparison would be called found.

    Adds ``q`` (NaN where p is) and ``tests``, the number of p-values of its family. ``positive``
    is Benjamini and Hochberg 1995, right for independent or positively dependent comparisons;
    ``unknown`` Benjamini and Yekutieli 2001, right for any. ``family`` names a column whose values
    are corrected apart. ``ResultsError`` names p-values that are none.
    """
    needed = (p_column,) if family is None else (p_column, family)
    refuse(missing_columns(results, "results", needed))
    refuse([*not_numbers(results[p_column], f"results.{p_column}"), *_outside(results[p_column])])
    p_values = pd.to_numeric(results[p_column]).to_numpy(float)
    parts = np.zeros(len(results), int) if family is None else pd.factorize(results[family])[0]
    q_values, tests = np.full(len(results), np.nan), np.zeros(len(results), int)
    for part in np.unique(parts):
        rows = (parts == part) & ~np.isnan(p_values)
        tests[parts == part] = rows.sum()
        if rows.any():
            found = stats.false_discovery_control(p_values[rows], method=METHODS[dependence])
            q_values[rows] = found
    return results.assign(q=q_values, tests=tests)


def held_to_discovery(effect: StrategyEffect, q: float, tests: int, alpha: float) -> StrategyEffect:
    """Return the effect; a ``worked`` that many comparisons together could bring by chance falls.

    Call it last: it changes the verdict that ``judged`` gave. Another verdict stays, the check is
    added to the gates all the same. A missing q (no p-value) supports no ``worked``.
    """
    gate = discovery_gate(q, tests, alpha)
    gates = (*effect.gates, gate)
    if effect.verdict != "worked" or gate.passed:
        return replace(effect, gates=gates)
    return replace(effect, verdict="cannot_tell", reasons=(gate.reason, *effect.notes), gates=gates)


def discovery_gate(q: float, tests: int, alpha: float) -> Gate:
    """Is the effect more than the best of many comparisons would show by chance?"""
    unknown = bool(np.isnan(q))
    return Gate(
        _("false discovery rate over {n} comparisons").format(n=tests),
        _("no p-value") if unknown else f"q = {q:.3f}",
        _("at most {alpha:g}").format(alpha=alpha),
        not unknown and q <= alpha,
        _("without a p-value it cannot be held against the other comparisons") if unknown else
        _("one of {n} comparisons read together: among the effects called found at this level, "
          "{q:.0%} would be expected to be chance (bound {alpha:.0%})")
        .format(n=tests, q=q, alpha=alpha),
    )  # fmt: skip


def _outside(values: pd.Series) -> list[str]:
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = numbers[(numbers < 0) | (numbers > 1)]
    return [
        _("results: row {row}: p-value {value!r} is not between 0 and 1; correct it").format(
            row=row, value=float(value)
        )
        for row, value in wrong.items()
    ]
