"""Scorecards and next year's target as people read them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.targets.next_year import NextYear
from insights.targets.said import line_name, money, points
from insights.targets.scorecards import DEVICE_REP, DRUG_REP, Scorecards
from insights.targets.split import APPROVED, CAPPED
from insights.words import N_, _

FIGURES = {
    "attainment": N_("target attained"), "growth": N_("sales on last year"),
    "new_customers": N_("new customers a month"), "coverage": N_("customers visited a month"),
    "effective_visits": N_("effective visits"), "complete_records": N_("complete records"),
    "on_time_entry": N_("entered by 19:00"),
}  # fmt: skip
STANDINGS = {
    "strength": N_("strength"), "weakness": N_("weakness"), "usual": "", "too_few": N_("too few"),
}  # fmt: skip
TRENDS = {"rising": "\N{UPWARDS ARROW}", "falling": "\N{DOWNWARDS ARROW}", "steady": "",
          "too_few": ""}  # fmt: skip


def card_words(cards: Scorecards, names: dict[str, str], company: bool) -> pd.DataFrame:
    """Return scorecards with a column a figure: value, trend, strength or weakness; the score.

    Of the company its regions; of a region also its teams and representatives.
    """
    rows = cards.cards[cards.cards.kind == "region"] if company else cards.cards
    told = rows.assign(said=[_cell(row) for row in rows.itertuples()])
    wide = told.pivot(index=["kind", "unit_id"], columns="figure", values="said").fillna("–")
    weights = cards.weights.set_index("figure").weight
    order = [one for one in weights.index if one in wide]
    scores = cards.scores.set_index(["kind", "unit_id"]).reindex(wide.index)
    headed = wide[order].set_axis([
        _("{figure} (weight {weight:g})").format(figure=_(FIGURES[one]), weight=weights[one])
        for one in order
    ], axis=1)  # fmt: skip
    score = ["–" if pd.isna(one) else f"{one + 0.0:+.2f}" for one in scores.score]
    headed.insert(len(order), _("score"), score)
    return headed.set_axis(_index(list(wide.index), names))


def _index(index: list[tuple[str, str]], names: dict[str, str]) -> pd.MultiIndex:
    kinds = {
        "region": _("region"), "team": _("team"), "rep": _("representative"),
        DEVICE_REP: _("representative (device)"), DRUG_REP: _("representative (drug)"),
    }  # fmt: skip
    rows = [(kinds[kind], names.get(unit, unit)) for kind, unit in index]
    return pd.MultiIndex.from_tuples(rows, names=[_("of"), _("name")])


def _cell(row: Any) -> str:
    value: str = "–" if pd.isna(row.value) else f"{100 * row.value:.1f}%"
    standing = STANDINGS[row.standing]
    words = [value + TRENDS[row.trend], _(standing) if standing else ""]
    return " ".join(one for one in words if one)


def plan_words(plan: NextYear, names: dict[str, str], company: bool) -> pd.DataFrame:
    """Return next year's target by region (of a region by line), with its growth and bounds."""
    by = "region_id" if company else "product_line"
    sums = plan.units.groupby(by)[["history", "target_cents"]].sum()
    target = sums.target_cents / 100
    quarter = plan.cells.assign(quarter=(plan.cells.month.astype("int64") - 1) // 3 + 1)
    parts = quarter.pivot_table(index=by, columns="quarter", values="target_cents", aggfunc="sum")
    labels = [names.get(one, one) if company else line_name(one) for one in sums.index]
    return pd.DataFrame(
        {
            _("last twelve months, CNY"): [money(v) for v in sums.history],
            _("target of {year}").format(year=plan.year): [money(v) for v in target],
            _("growth, %"): [points(v) for v in target / sums.history.where(sums.history > 0) - 1],
            **{f"Q{int(n)}": [money(v / 100) for v in parts[n]] for n in parts.columns},
            _("held"): [_held(rows) for _name, rows in plan.units.groupby(by).bound],
        },
        index=pd.Index(labels, name=_("region") if company else _("product line")),
    )


def _held(bounds: pd.Series) -> str:
    """Say what holds some parts of a target where it is."""
    if (bounds == APPROVED).all():
        return str(_("approved"))
    capped = int((bounds == CAPPED).sum())
    return str(_("{n} parts at the most growth").format(n=capped)) if capped else ""
