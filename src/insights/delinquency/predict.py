"""Which open items will not be settled in time, what is at risk, and how well is that known?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from insights.delinquency.allowance.given_default import (
    loss_given_default,
    loss_given_default_of,
)
from insights.delinquency.allowance.losses import expected_losses, fit_survival
from insights.delinquency.books.control import tie_out, with_regions
from insights.delinquency.books.homes import with_homes
from insights.delinquency.calls.call_list import read_call_list
from insights.delinquency.learning.backtest import (
    Trial,
    calibration_table,
    fit_chosen,
    fold_scores,
    run_trial,
)
from insights.delinquency.learning.horizons import HorizonTable, horizon_table
from insights.delinquency.learning.model import LatenessModel
from insights.delinquency.learning.reasons import reasons_for, reasons_when_late
from insights.delinquency.learning.snapshots import CUT, ISSUE, cut_days, open_points, snapshots
from insights.delinquency.result import Delinquency, empty_invoices
from insights.features.invoices import outcomes
from insights.features.ledger import Ledger, bucket_names, bucket_numbers, open_ledger
from insights.params import DelinquencyParams
from insights.tables import Tables, as_date
from insights.words import _

OPTIONAL = ("payments", "customers", "writeoffs", "orders", "products", "ledger_control")
SHOWN = [
    "invoice_id", "instalment_no", "customer_id", "name", "region_id", "customer_type", "kind",
    "product_line", "line_type", "issued_on", "due_on", "days_past_due", "open_cents",
]  # fmt: skip


def predict_delinquency(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    params: DelinquencyParams = DelinquencyParams(),  # noqa: B008
) -> Delinquency:
    """Which items open on as_of will not be settled by due date plus grace?

    The model is learnt over the whole company from items whose grace had run out by as_of, seen
    at issue and once a month while open; an item past its grace is late with certainty. With too
    little history the ledger stands and the probabilities are missing, with the reason.
    """
    day = as_date(as_of)
    gap = tables.gap("invoices")
    if gap is None:
        return predict_from(open_ledger(tables, day), tables, params)
    nothing = Delinquency(empty_invoices(), params, tables.regions, day, gaps=_gaps(tables))
    return replace(nothing, status="not_enough_data", reason=gap)


def predict_from(ledger: Ledger, tables: Tables, params: DelinquencyParams) -> Delinquency:
    """Return ``predict_delinquency`` of a ledger that stands open already."""
    result = _predicted(ledger, tables, params)
    return replace(result, faults=with_homes(tables, result.faults, ledger.as_of))


def _predicted(ledger: Ledger, tables: Tables, params: DelinquencyParams) -> Delinquency:
    result = Delinquency(empty_invoices(), params, tables.regions, ledger.as_of, gaps=_gaps(tables))
    if ledger.items.empty:
        why = _("no invoice had been issued by {day}").format(day=ledger.as_of)
        return replace(result, status="not_enough_data", reason=why)
    result = _with_ledger(result, tables, ledger)
    unpaid = tables.gap("payments")
    if unpaid is not None:
        why = _("{gap}, so that every item counts as unpaid").format(gap=unpaid.rstrip("."))
        return replace(result, status="not_enough_data", reason=why)
    reason = _too_little(ledger, params)
    if reason is None:
        with threadpool_limits(1):
            result = _with_probabilities(result, ledger, params)
    else:
        result = replace(result, status="not_enough_data", reason=reason)
    return _with_calls(result, tables, ledger)


def _gaps(tables: Tables) -> tuple[str, ...]:
    return tuple(gap for name in OPTIONAL if (gap := tables.gap(name)) is not None)


def _with_ledger(result: Delinquency, tables: Tables, ledger: Ledger) -> Delinquency:
    columns = SHOWN if tables.has("customers") else [c for c in SHOWN if c != "region_id"]
    items = ledger.items
    rows = items.loc[items.open_cents > 0, columns]
    names = np.array(bucket_names(result.params.buckets))
    places = bucket_numbers(rows.days_past_due, result.params.buckets)
    blank = dict.fromkeys(
        ("probability", "default_probability", "loss_given_default", "expected_loss", "days_late",
         "cost_of_delay"),
        np.nan,
    )  # fmt: skip
    invoices = rows.assign(
        bucket=names[places], exposure=rows.open_cents / 100, grade="", reasons="", **blank
    )
    return replace(
        result,
        invoices=invoices,
        bucket_words=tuple(names.tolist()),
        history=_history(ledger, result.params),
        unallocated=with_regions(tables, ledger.unallocated, ledger.as_of),
        faults=ledger.faults,
        control=tie_out(tables, ledger),
    )


def _with_calls(result: Delinquency, tables: Tables, ledger: Ledger) -> Delinquency:
    found = read_call_list(tables, ledger, result.invoices, result.unallocated, result.params)
    faults = pd.concat([result.faults, found.faults], ignore_index=True)
    gaps = (*result.gaps, *([found.gap] if found.gap else []))
    return replace(result, calls=found, faults=faults, gaps=gaps)


def _history(ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    """Return per region: items ever claimed, matured ones that teach, and the late among them."""
    became = outcomes(ledger, params.grace_days)
    taught = became.counts & became.matured
    rows = pd.DataFrame(
        {
            "region_id": ledger.items.region_id,
            "items": 1,
            "open_cents": ledger.items.open_cents,
            "matured": taught.astype("int64"),
            "late": (taught & became.late).astype("int64"),
        }
    )
    return rows.groupby("region_id", dropna=False, as_index=False).sum()


def _too_little(ledger: Ledger, params: DelinquencyParams) -> str | None:
    became = outcomes(ledger, params.grace_days)
    taught = became[became.counts & became.matured]
    late = int(taught.late.sum())
    if len(taught) < params.min_invoices:
        return _("only {n} items have matured; {least} are needed").format(
            n=len(taught), least=params.min_invoices
        )
    if min(late, len(taught) - late) < params.min_late:
        return _(
            "{late} of {n} matured items were late by more than {grace} days; {least} of each kind "
            "are needed (delinquency.grace_days sets the days)"
        ).format(late=late, n=len(taught), grace=params.grace_days, least=params.min_late)
    return None


def _with_probabilities(
    result: Delinquency, ledger: Ledger, params: DelinquencyParams
) -> Delinquency:
    rows = snapshots(ledger, params)
    as_of = ledger.day
    cuts = cut_days(outcomes(ledger, params.grace_days), as_of, params)
    trial = run_trial(rows, cuts, params)
    model = fit_chosen(rows, trial, params.seed)
    points = open_points(ledger, params)
    scored = _scored(result.invoices, points, model, trial, params)
    losses = _losses(scored, ledger, params)
    later = horizon_table(ledger, scored.probability, params)
    tested = trial.predictions.join(ledger.items[["region_id", "customer_type"]], on="item")
    return replace(
        result,
        invoices=scored.drop(columns=list(losses.columns)).join([losses, _named(later, params)]),
        gaps=(*result.gaps, *later.reasons),
        backtest=fold_scores(tested, ISSUE, params),
        backtest_open=fold_scores(tested, CUT, params),
        predictions=tested,
        calibration=_calibration(tested),
        uses_blend=trial.uses_blend,
        calibrated=trial.calibrated,
    )


def _calibration(tested: pd.DataFrame) -> pd.DataFrame:
    """Return the calibration of open items, as the list sees them, else of items at issue."""
    opened = tested[tested.view == CUT]
    rows = opened if len(opened) else tested
    return calibration_table(rows.used.to_numpy(float), rows.late.to_numpy(bool))


def _named(later: HorizonTable, params: DelinquencyParams) -> pd.DataFrame:
    """Return probability_<days> for every horizon beyond the grace that is graded."""
    beyond = later.probabilities.drop(columns=params.grace_days)
    return beyond.rename(columns=lambda days: f"probability_{days}")


def _losses(scored: pd.DataFrame, ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    """Return default, loss and delay of each item, by the company's own recoveries if enough."""
    severity = loss_given_default(ledger, params)
    lost = loss_given_default_of(ledger.items.loc[scored.index], severity)
    survival = fit_survival(ledger, params.default_days)
    return expected_losses(scored, survival, params, lost).assign(loss_given_default=lost)


def _scored(
    invoices: pd.DataFrame,
    points: pd.DataFrame,
    model: LatenessModel,
    trial: Trial,
    params: DelinquencyParams,
) -> pd.DataFrame:
    """Add probability, grade and reasons: 1 once late, missing without a due date, else learnt."""
    late, undated = points.already_late, points.undated
    ahead = points[~late & ~undated]
    probability = pd.Series(np.where(late, 1.0, np.nan), index=points.index)
    reasons = pd.Series(_("no due date: no probability"), index=points.index, dtype="str")
    if len(ahead):
        probability[ahead.index] = trial.calibration.apply(model.probability(ahead))
        money = invoices.exposure[ahead.index]
        reasons[ahead.index] = reasons_for(model, ahead, money, trial.calibration)
    gone = points[late]
    reasons[gone.index] = reasons_when_late(
        gone, invoices.exposure[gone.index], invoices.days_past_due[gone.index]
    )
    return invoices.assign(
        probability=probability, grade=_grades(probability, params), reasons=reasons
    )


def _grades(probability: pd.Series, params: DelinquencyParams) -> np.ndarray:
    names = np.array([_("low"), _("medium"), _("high"), _("very high"), _("not graded")])
    places = np.searchsorted(params.grade_bounds, probability.fillna(0), side="right")
    return names[np.where(probability.isna(), len(names) - 1, places)]
