"""How far to trust a review of targets: what adds up, what is missing, how forecasts did."""

from __future__ import annotations

import pandas as pd

from insights.targets.next_year import NextYear
from insights.targets.reorders import Alarms
from insights.words import _

CHECKS = ("check", "value", "bound", "verdict")
Row = tuple[str, object, str, str]
CENT = 0.005
FEWEST = 4  # periods that forecasts are judged by
APART = 2.0  # standard errors that two shares must lie apart
NARROW = 0.1  # below the stated probability


def sum_rows(cells: pd.DataFrame, parts: pd.DataFrame) -> list[Row]:
    """Say whether regions and lines add up to what was sold, and the parts of the change to it."""
    return [
        _cells_row(cells, "product_line", _("product lines add up to all sales, CNY off")),
        _parts_row(parts),
    ]


def _cells_row(cells: pd.DataFrame, scope: str, name: str) -> Row:
    sales = cells[cells.metric == "sales"]
    off = abs(
        int(sales.cents[sales.scope == "company"].sum() - sales.cents[sales.scope == scope].sum())
    )
    return name, off / 100, _("0.00"), _("holds") if off == 0 else _("fails")


def _parts_row(parts: pd.DataFrame) -> Row:
    name = _("price + volume + mix less the change, CNY off")
    if parts.empty:
        return name, float("nan"), "", _("nothing to explain")
    off = float((parts.price + parts.volume + parts.mix - parts.change).abs().max())
    return name, round(off, 2), _("0.00"), _("holds") if off < CENT else _("fails")


def target_rows(attained: pd.DataFrame, faults: list[str]) -> list[Row]:
    """Say how many targets were written down, followed from finer ones, or cannot be used."""
    rows = attained[attained.current & (attained.metric == "sales")]
    given = int((rows.source == "given").sum())
    summed = int(rows.source.str.startswith("sum").sum())
    unusable = rows[rows.target.notna() & rows.attainment.isna()]
    none = int((rows.target.isna()).sum())
    found: list[Row] = [
        (_("running targets written down, and summed from finer ones"), f"{given}, {summed}",
         _("nothing counts twice"), _("noted")),
        (_("running targets of zero or less"), len(unusable), "0",
         _("holds") if unusable.empty else _("no attainment is said of them")),
        (_("places that sell without a target"), none, "", _("noted") if none else _("none")),
    ]  # fmt: skip
    return [*found, *[(one, "", "", _("noted")) for one in faults]]


def agreement_rows(attained: pd.DataFrame, groups: set[str]) -> list[Row]:
    """Say whether regions' and lines' targets of the year add up to the company's."""
    rows = attained[attained.current & (attained.grain == "year") & (attained.metric == "sales")]
    whole = float(rows.target[rows.scope == "company"].sum())
    names = {"region": _("regions"), "product_line": _("product lines")}
    found: list[Row] = []
    for scope, name in names.items():
        parts = rows.target[(rows.scope == scope) & ~rows.scope_id.isin(groups)]
        if whole > 0 and parts.notna().any():
            ratio = round(float(parts.sum()) / whole, 3)
            words = _("the same") if ratio == 1 else _("not the same: each stands for itself")
            told = _("targets of {name} over the company's, this year").format(name=name)
            found.append((told, ratio, "1", words))
    return found


def calendar_row(attained: pd.DataFrame) -> Row:
    """Say whether a calendar knows every working day that time progress rests on."""
    unknown = sorted({f"{day:%Y}" for day in attained.period[attained.time_progress.isna()]})
    return (
        _("years without a calendar of working days"), ", ".join(unknown) or _("none"),
        _("none"), _("no time progress there") if unknown else _("holds"),
    )  # fmt: skip


def nowhere_rows(cells: pd.DataFrame) -> list[Row]:
    """Say how much of the sales has no region or no product line."""
    sales = cells[cells.metric == "sales"]
    whole = sales.cents[sales.scope == "company"].sum()
    lines = sales[sales.scope == "product_line"]
    company = sales[sales.scope == "company"]
    lost = {
        _("sales of no region, share"): company.cents[company.region_id == ""].sum(),
        _("sales of no product line, share"): lines.cents[lines.scope_id == ""].sum(),
    }
    return [
        (name, round(float(cents / whole), 4) if whole else float("nan"), "0",
         _("holds") if cents == 0 else _("they count for the company only"))
        for name, cents in lost.items()
    ]  # fmt: skip


def forecast_rows(scores: pd.DataFrame, interval: float) -> list[Row]:
    """Say how wrong earlier forecasts of the company's and the regions' periods were."""
    rows: list[Row] = []
    grains = {"month": _("month"), "quarter": _("quarter"), "year": _("year")}
    for (scope, grain), own in scores.groupby(["scope", "grain"], sort=True):
        ours = own[own.method == "ours"]
        if scope not in ("company", "region") or ours.empty:
            continue
        one = ours.iloc[0]
        best = own[own.method != "ours"].wape.min()
        name = _("forecast of a {grain}'s end, {scope}: error, share of sales")
        where = _("company") if scope == "company" else _("regions")
        rows.append(
            (name.format(grain=grains[str(grain)], scope=where), round(float(one.wape), 3),
             _("below the best of last year's: {naive:.3f}").format(naive=best),
             _better(one, best))
        )  # fmt: skip
        rows.append(_coverage(one, grains[str(grain)], where, interval))
    return rows


def _better(one: pd.Series, best: float) -> str:
    if one.periods < FEWEST:
        return _("too few periods to tell")
    return _("better") if one.wape < best else _("not better: read with care")


def _coverage(one: pd.Series, grain: str, where: str, interval: float) -> Row:
    name = _("its intervals that held the end, {grain}, {scope}").format(grain=grain, scope=where)
    if pd.isna(one.coverage):
        return name, float("nan"), "", _("too little history for intervals")
    bound = _("about {share:.0%}, {n} periods").format(share=interval, n=int(one.periods))
    held = _("holds") if one.coverage >= interval - NARROW else _("too narrow")
    told = held if one.periods >= FEWEST else _("too few periods to tell")
    return name, round(float(one.coverage), 2), bound, told


def plan_rows(plan: NextYear | None) -> list[Row]:
    """Say what next year's target is made of, what found no room, and what approvals leave."""
    if plan is None or plan.units.empty:
        return []
    name = _("next year's target that is split, CNY")
    asked = (name, f"{plan.total:,.2f}", plan.source, _("noted"))
    return [asked, *[(one, "", "", _("noted")) for one in plan.notes]]


def reorder_row(alarms: Alarms) -> Row:
    """Say how many alarms of a quarter ago were followed by no order at all since."""
    name = _("overdue alarms of a quarter ago without any order since, share")
    if alarms.raised == 0:
        return name, float("nan"), "", _("no earlier alarm to test")
    bound = _("{n} alarms; without an alarm {share:.3f}").format(
        n=alarms.raised, share=alarms.silent_without)  # fmt: skip
    chance = (alarms.silent_without * (1 - alarms.silent_without) / alarms.raised) ** 0.5
    better = alarms.silent > alarms.silent_without + APART * chance
    words = _("tells who stops buying; most others only ordered late")
    return name, round(alarms.silent, 3), bound, words if better else _("tells nothing")


def in_frame(rows: list[Row]) -> pd.DataFrame:
    """Return checks as a frame."""
    return pd.DataFrame(rows, columns=list(CHECKS), dtype=object)
