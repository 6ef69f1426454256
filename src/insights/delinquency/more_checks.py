"""Checks of what stands beside the probabilities: provisions, the forecast of cash, the list."""

from __future__ import annotations

import math

import pandas as pd

from insights.delinquency.allowance.provisioning import Provisioning
from insights.delinquency.calls.call_list import CallList
from insights.delinquency.cash.collections import ISSUED, Collections
from insights.tables import ALL
from insights.words import _

Row = tuple[str, float | str, str, str]
Found = tuple[float, str, str]
CONFIDENCE = 0.9


def more_checks(
    provisioning: Provisioning | None, collections: Collections | None, calls: CallList | None
) -> list[Row]:
    """Return rows of check, value, bound, verdict; of what is missing there are none."""
    rows: list[Row] = []
    if provisioning is not None:
        rows += _provision_rows(provisioning)
    if collections is not None and collections.status == "ok":
        rows += _cash_rows(collections)
    if calls is not None and (words := calls.left_out()):
        rows.append((_("open items not on the list of actions"), calls.n_left_out(), "", words))
    if provisioning is not None:
        name = _("bad debts by the tax test of time and size")
        rows.append((name, len(provisioning.candidates), "", provisioning.law_words()))
    return rows


def _provision_rows(found: Provisioning) -> list[Row]:
    odd = int(found.reconciled.difference_cents.abs().sum())
    adds = _("adds up to the cent") if odd == 0 else _("does not add up")
    bare = found.uncovered_cents / 100
    left = _("provided for by nothing") if bare else _("none")
    return [
        (_("allowance less ledger, CNY, company"), f"{odd / 100:,.2f}", "0.00", adds),
        (_("balance without a loss rate, CNY"), f"{bare:,.2f}", "0.00", left),
        (_("loss given default, company"), *_severity(found.severity)),
        (_("allowance a year ago / lost since, company"), *_a_year_ago(found.backtest)),
    ]


def _severity(severity: pd.DataFrame) -> Found:
    """Say which loss given default stands behind expected losses, and which behind allowances."""
    row = severity[severity.group == ALL]
    value, cases = float(row.loss_given_default.iloc[0]), int(row.cases.iloc[0])
    own = _("{n} own cases").format(n=cases)
    if row.measured.isna().all():
        words = _("too few: expected losses take the param, the allowance takes 1")
        return round(value, 3), own, words
    return round(value, 3), own, _("own recoveries, for expected losses and the allowance")


def _a_year_ago(backtest: pd.DataFrame) -> Found:
    year = backtest[backtest.group == ALL]
    lost, given, undecided, bare, balance = (
        int(year[f"{name}_cents"].iloc[0])
        for name in ("lost", "allowance", "undecided", "uncovered", "balance")
    )
    ratio = round(given / lost, 2) if lost > 0 else math.nan
    if bare >= balance:
        return math.nan, ">= 1", _("no rates could be had a year ago")
    if given < lost:
        words = _("fell short by {gap:,.0f} CNY").format(gap=(lost - given) / 100)
        early = _("; {bare:,.0f} CNY had no rate then").format(bare=bare / 100) if bare else ""
        return ratio, ">= 1", words + early
    if given >= lost + undecided:
        return ratio, ">= 1", _("was enough, whatever becomes of the rest")
    words = _("enough so far; {rest:,.0f} CNY of the balance is not yet decided")
    return ratio, ">= 1", words.format(rest=undecided / 100)


def _cash_rows(found: Collections) -> list[Row]:
    rows = found.accuracy()
    rows = rows[rows.scope == ISSUED]
    ratio = float(rows.ratio_to_recent.iloc[0])
    nearer = _("nearer") if ratio < 1 else _("no nearer")
    verdict = _("nothing to compare with") if math.isnan(ratio) else nearer
    return [
        (_("past weeks of cash inside their 90 % interval"), *_coverage(rows)),
        (
            _("error of a week's cash / that of the last weeks' mean"),
            round(ratio, 2),
            "< 1",
            verdict,
        ),
    ]


def _coverage(rows: pd.DataFrame) -> Found:
    share = float(rows.coverage.iloc[0])
    if math.isnan(share):
        return share, f"{CONFIDENCE}", _("no past forecast has an interval yet")
    inside = rows.coverage_low.iloc[0] <= CONFIDENCE <= rows.coverage_high.iloc[0]
    words = _("means what it says") if inside else _("off: read with care")
    return round(share, 3), f"{CONFIDENCE}", words
