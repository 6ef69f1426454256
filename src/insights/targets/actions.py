"""Who does what next about targets, stock and late reorders, with the money at stake."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from insights.params import TargetsParams
from insights.targets.shipped import PILING, PUSHED
from insights.words import _

ACTIONS = (
    "scope", "subject_id", "name", "region_id", "action", "why", "money_at_stake", "owner",
)  # fmt: skip
NAMED = ["scope", "scope_id", "name", "region_id"]
CATCH_UP = ("region", "product_line", "channel", "rep", "customer", "product")


def next_actions(
    attained: pd.DataFrame, forecast: pd.DataFrame, stuffed: pd.DataFrame, late: pd.DataFrame,
    exceptions: pd.DataFrame, params: TargetsParams,
) -> pd.DataFrame:  # fmt: skip
    """Return one row for each thing to do; of each kind the most money first.

    ``attained`` without groups of regions, which would ask for the same money again.

    Catch up: a target of the running quarter that lags behind working time; at stake is what the
    forecast (else the run-rate so far) leaves of it. Hold shipments: a distributor whose stock
    piles up or was pushed; at stake is what the last three months brought more than was sold on.
    Ask for the reorder: at stake is what usually comes with it. Look into: a trend exception.
    Columns ACTIONS.
    """
    parts = [
        _catch_up(attained, forecast, params),
        _hold(stuffed),
        _reorder(late),
        _look_into(exceptions, attained[NAMED].drop_duplicates(["scope", "scope_id"])),
    ]
    rows = pd.concat([one for one in parts if len(one)] or parts[:1], ignore_index=True)
    return rows.reindex(columns=list(ACTIONS))


def _catch_up(
    attained: pd.DataFrame, forecast: pd.DataFrame, params: TargetsParams
) -> pd.DataFrame:
    lag = attained.scope.isin(CATCH_UP) & (attained.metric == "sales") & attained.current
    rows = attained[lag & (attained.grain == "quarter") & (attained.gap < -params.behind_by)]
    end = forecast[["scope", "scope_id", "grain", "expected"]].drop_duplicates()
    rows = rows.merge(end, on=["scope", "scope_id", "grain"], how="left")
    naive = rows.actual + rows.run_rate * rows.remaining_days
    short = (rows.target - rows.expected.fillna(naive)).clip(lower=0).round(0)
    cases = [rows.left_on < rows.period_end, rows.remaining_days == 0]
    words = [_("hand the target to a successor"), _("explain the shortfall")]
    made = rows.assign(
        action=np.select(cases, words, _("catch up")),
        why=[_behind_words(row) for row in rows.itertuples()],
        money_at_stake=short,
        owner=_owners(rows.scope),
    )
    return _ordered(made[made.money_at_stake > 0].rename(columns={"scope_id": "subject_id"}))


def _behind_words(row: Any) -> str:
    first = _("{share:.0%} of the quarter's target at {time:.0%} of its working days").format(
        share=row.attainment, time=row.time_progress
    )
    if row.remaining_days == 0:
        return first
    needed = _("{needed:,.0f} CNY needed a working day, {rate:,.0f} so far").format(
        needed=row.required_rate, rate=row.run_rate
    )
    return _("{first}; {second}").format(first=first, second=needed)


def _owners(scope: pd.Series) -> pd.Series:
    names = {"region": _("regional manager"), "rep": _("line manager")}
    return scope.map(names).fillna(_("sales director"))


def _hold(stuffed: pd.DataFrame) -> pd.DataFrame:
    rows = stuffed[stuffed.finding.isin([PILING, PUSHED]) & (stuffed.ahead > 0)]
    words = _("shipments {ratio:.2f} times sell-through in three months, {ends:.2f} at quarter "
              "ends, {rest:.2f} in other months")  # fmt: skip
    why = [
        words.format(
            ratio=row.quarter_ratio, ends=row.quarter_end_ratio, rest=row.other_months_ratio
        )
        for row in rows.itertuples()
    ]
    made = rows.assign(
        scope="distributor", why=why,
        action=np.where(rows.finding == PILING, _("hold shipments, count the stock"),
                        _("spread orders over the quarter")),
        money_at_stake=rows.ahead.round(0), owner=_("channel manager"),
    )  # fmt: skip
    return _ordered(made.rename(columns={"distributor_id": "subject_id"}))


def _reorder(late: pd.DataFrame) -> pd.DataFrame:
    words = _("{n} products overdue; {days:.0f} days since the last order of {first}, usually "
              "{usual:.0f}")  # fmt: skip
    why = [
        words.format(
            n=row.products, days=row.days_since, usual=row.usual_interval_days,
            first=str(row.product_ids).partition(",")[0],
        )
        for row in late.itertuples()
    ]  # fmt: skip
    made = late.assign(
        scope="customer", action=_("ask for the reorder"), why=why,
        money_at_stake=late.usual_amount.round(0), owner=_("territory owner"),
    )  # fmt: skip
    return _ordered(made.rename(columns={"customer_id": "subject_id"}))


def _look_into(exceptions: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    low = exceptions[exceptions.exception.astype(bool) & (exceptions.money < 0)]
    named = low.merge(names, on=["scope", "scope_id"], how="left")
    made = named.assign(
        action=_("look into the exception"), why=named.reason,
        money_at_stake=named.money.abs().round(0), owner=_owners(named.scope),
    )  # fmt: skip
    return _ordered(made.rename(columns={"scope_id": "subject_id"}))


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    ordered = rows.sort_values(
        ["money_at_stake", "scope", "subject_id"], ascending=[False, True, True]
    )
    return ordered.reindex(columns=list(ACTIONS)).astype({"money_at_stake": "float64"})


def first_of_each(actions: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Return up to ``rows`` actions, taking every kind in turn: each has its owner."""
    turn = actions.groupby("action", sort=False).cumcount()
    return (
        actions.assign(turn=turn).sort_values("turn", kind="stable").head(rows).drop(columns="turn")
    )
