"""How far is each target attained, against the working time that has passed?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from insights.tables.totals import NOWHERE
from insights.targets.goals import KEY
from insights.words import _

PLACE = ["grain", "period", *KEY]
ATTAINED = (
    "grain", "period", "period_end", "current", "scope", "scope_id", "name", "region_id", "metric",
    "target", "source", "actual", "attainment", "time_progress", "gap", "working_days",
    "days_worked", "remaining_days", "run_rate", "required_rate", "sell_through",
    "sell_through_attainment", "left_on", "reason",
)  # fmt: skip


def attain(
    goals: pd.DataFrame, actual: pd.DataFrame, progress: pd.DataFrame, who: pd.DataFrame
) -> pd.DataFrame:
    """Is each target on its way?

    ``goals`` as ``read_goals`` gives targets, ``actual`` as ``actuals``, ``progress`` as
    ``time_progress``, ``who`` as ``read_names``. Columns ATTAINED, a row a grain, period, scope,
    id and metric: every target up to the period of as_of, and of the running periods also what has
    none. attainment is actual over target, gap (序时差) attainment less time_progress; run_rate is
    a working day so far, required_rate what each working day that is left must bring (0 once the
    target is reached). What cannot be said is missing, with its ``reason``. (formulas: sales, 1.)
    """
    joined = _joined(goals, actual, progress, who)
    usable = joined.target.where((joined.target > 0) & (joined.why_no_target == ""))
    share = joined.actual / usable
    found = joined.assign(
        attainment=share,
        gap=share - joined.time_progress,
        run_rate=joined.actual / joined.days_worked.where(joined.days_worked > 0),
        required_rate=_required(joined, usable),
        sell_through_attainment=joined.sell_through / usable,
    )
    said = found.assign(reason=_reasons(found, usable))
    return said.sort_values(PLACE, ignore_index=True).loc[:, list(ATTAINED)]


def _joined(
    goals: pd.DataFrame, actual: pd.DataFrame, progress: pd.DataFrame, who: pd.DataFrame
) -> pd.DataFrame:
    rows = goals.merge(actual.drop(columns="region_id"), on=PLACE, how="outer")
    rows = rows.merge(progress, on=["grain", "period"], how="inner")
    rows = rows.merge(who, on=["scope", "scope_id"], how="left")
    wanted = rows.target.notna() | rows.why_no_target.notna()
    plain = rows.current & (rows.metric == "sales") & (rows.scope_id != NOWHERE)
    rows = rows[wanted | plain]
    return rows.assign(
        actual=rows.actual.fillna(0.0),
        target=rows.target.astype("float64"),
        name=rows.name.fillna(rows.scope_id),
        why_no_target=rows.why_no_target.fillna(_("no target is set")),
        source=rows.source.fillna(""),
    )


def _required(rows: pd.DataFrame, target: pd.Series) -> pd.Series:
    """Return what each remaining working day must bring; missing once the period is over."""
    left = (target - rows.actual).clip(lower=0)
    return left / rows.remaining_days.where(rows.remaining_days > 0)


def _reasons(rows: pd.DataFrame, target: pd.Series) -> np.ndarray:
    over = rows.current & (rows.remaining_days == 0) & (rows.actual < target)
    cases = [
        (rows.why_no_target != "", rows.why_no_target),
        (rows.why_no_time != "", rows.why_no_time),
        (rows.left_on < rows.period_end, _left_words(rows)),
        (rows.actual < 0, _("returns exceed what was sold")),
        (rows.days_worked == 0, _("no working day of the period has passed")),
        (over, _("no working day is left")),
    ]
    choices: list[Any] = [words for _condition, words in cases]
    conditions = [condition.to_numpy(bool) for condition, _words in cases]
    return np.asarray(np.select(conditions, choices, ""), dtype="object")


def _left_words(rows: pd.DataFrame) -> list[str]:
    words = _("the representative left on {day}")
    return ["" if pd.isna(day) else words.format(day=day.date()) for day in rows.left_on]
