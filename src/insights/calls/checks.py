"""How far the control of calls can be trusted: what was counted, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.calls.control.control import Control
from insights.params import CallsParams
from insights.words import _

COLUMNS = ("check", "value", "bound", "verdict")
Row = tuple[str, float | int, str, str]
SHARE = 0.25


def check_rows(
    control: Control, month: pd.Timestamp, notes: tuple[str, ...], params: CallsParams
) -> pd.DataFrame:
    """Return each test with its figure, its bound and a plain verdict, then what was missing."""
    rows = [
        *_plan_rows(control, month),
        *_visit_rows(control, params),
        *_account_rows(control),
        *_first_rows(control, params),
        *_limit_rows(),
        *((note, np.nan, "", _("noted")) for note in notes),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _plan_rows(control: Control, month: pd.Timestamp) -> list[Row]:
    plans = control.plans[control.plans.period == month]
    made = control.off_plan[control.off_plan.period == month]
    total = int(plans.actual.sum()) + len(made)
    share = len(made) / total if total else float("nan")
    bare = int((plans.actual == 0).sum())
    moved, faulty = int(control.plans.handed_over.sum()), len(control.faulty)
    return [
        (_("visits of the month to customers without a plan, share"), _rounded(share),
         f"<= {SHARE:g}", _judged(share, SHARE)),
        (_("plans of the month without any visit"), bare,
         _("of {n}").format(n=len(plans)), _("counted as nothing made") if bare else _("none")),
        (_("plans whose customer passed to another rep within the month"), moved, "",
         _("the successor's visits count, and the plan is the successor's") if moved
         else _("none")),
        (_("plans without a positive goal, or with a maximum below it"), faulty, "0",
         _("ask for nothing, or are capped below their goal") if faulty else _("none")),
    ]  # fmt: skip


def _visit_rows(control: Control, params: CallsParams) -> list[Row]:
    rows = control.records
    lag = rows.entry_hours[rows.entry_hours > 0] / 24
    late = float(lag.quantile(0.95)) if len(lag) else float("nan")
    early = int((rows.entry_hours < 0).sum())
    return [
        (_("visits whose records are read"), len(rows), f">= {params.min_cell}",
         _("enough") if len(rows) >= params.min_cell else _("too few: read no rates")),
        (_("days within which 95 % of the records are entered"), _rounded(late), "",
         _("visits of these last days may still come in") if late >= 1 else _("at once")),
        (_("records entered before their visit"), early, "0",
         _("look into these") if early else _("none")),
        (_("visits with a status that is neither planned, saved nor submitted"),
         control.uncounted, "0", _("not counted") if control.uncounted else _("none")),
    ]  # fmt: skip


def _account_rows(control: Control) -> list[Row]:
    accounts = control.accounts
    tiered = accounts[accounts.tier.notna()]
    alone = int((tiered.reps == 0).sum())
    strange = int(control.records.region_id.isna().sum())
    return [
        (_("customers with a tier that no rep covers"), alone, "0",
         _("nobody calls on these") if alone else _("none")),
        (_("customers without a tier"), int(accounts.tier.isna().sum()), "",
         _("distributors and others: no policy, never due")),
        (_("visits to customers that the master does not know"), strange, "0",
         _("in no region's figures") if strange else _("none")),
    ]  # fmt: skip


def _first_rows(control: Control, params: CallsParams) -> list[Row]:
    n = len(control.firsts)
    told = _("enough") if n >= params.min_cell else _("too few: read no rates")
    proposals = (
        _("some records name one")
        if control.proposals_named
        else _("no record names one: whether proposals were sent cannot be told")
    )
    return [
        (_("first visits in the time looked at"), n, f">= {params.min_cell}", told),
        (_("summaries sent after a first visit"), np.nan, "",
         _("no table holds them: another contact in time stands for one")),
        (_("proposals after a first visit"), np.nan, "", proposals),
    ]  # fmt: skip


def _limit_rows() -> list[Row]:
    return [
        (_("tiers in earlier weeks"), np.nan, "",
         _("not kept: today's tiers are read throughout")),
        (_("change of the relationship's stage"), np.nan, "",
         _("cannot be told: the master keeps today's alone; assessments of visits stand for it")),
    ]  # fmt: skip


def _judged(share: float, bound: float) -> str:
    if np.isnan(share):
        return _("no visit or plan")
    return _("within bound") if share <= bound else _("attainment tells of a part of the visits")


def _rounded(value: float) -> float:
    return round(float(value), 2)
