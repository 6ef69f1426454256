"""Whom to develop first: hospital level, headroom and access; and what its like buy but it not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.standing import gap
from insights.segmentation.terminals import in_level_order, level_of, read_terminals
from insights.words import _

STAGES = ("none", "aware", "trial", "use", "loyal")
NUMBERS = ("monetary_value", "previous_value", "recency_days", "potential")
TEXTS = ("name", "region_id", "customer_type", "hospital_level", "relationship_stage")
COLUMNS = (
    "name",
    "region_id",
    "level",
    "developed",
    "stage",
    "access",
    "monetary_value",
    "potential",
    "headroom",
    "headroom_score",
    "score",
    "why",
)
NEUTRAL = 50.0


def priority(
    customers: pd.DataFrame,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> pd.DataFrame:
    """Which terminals come first in development (A9)?

    ``customers``: the customers frame. Returns every terminal, indexed by customer_id, the highest
    ``score`` first, ties by id: ``level`` (hospital level; a terminal without one by its type; a
    code nobody knows as it is); ``developed`` (ever bought); ``stage`` and ``access`` (0..1 of
    ``priority_access``; without a known stage as use when it bought, else as none); ``headroom``
    (CNY a year, potential less value, NaN unknown); ``headroom_score`` (0..100, 50 at
    ``priority_headroom``, towards 100 above); ``score`` (level weight x headroom score x access,
    0..100); ``why`` (words). Unknown headroom takes the median score of its level, else of all,
    else 50, and ``why`` says so.
    """
    rows = read_terminals(customers, NUMBERS, TEXTS)
    weights = dict(params.priority_levels)
    table = rows.assign(
        level=level_of(rows),
        developed=_developed(rows),
        headroom=gap(rows),
        stage=rows.relationship_stage,
    )
    table["level_weight"] = table.level.map(weights).fillna(params.priority_other_level)
    table["access"] = _access(table, params.priority_access)
    table["headroom_score"] = _headroom_scores(table, params.priority_headroom)
    table["score"] = (table.level_weight * table.headroom_score * table.access).round(9)
    table["why"] = _reasons(table)
    return table.sort_values("score", ascending=False, kind="stable")[list(COLUMNS)]


def priority_summary(ranked: pd.DataFrame, white: pd.DataFrame) -> pd.DataFrame:
    """How far is each hospital level developed, and how much is left in it?

    ``ranked``: what ``priority`` returned, or a slice; ``white``: what ``white_space`` returned
    (rows of other customers do not count). A row a level, known levels from the highest:
    ``terminals``, ``developed``, ``not_developed``, ``penetration_percent``, ``headroom`` (CNY, of
    the terminals whose potential is known; NaN where of none), ``headroom_unknown`` (terminals),
    ``white_space`` (CNY). White space lies within headroom where potential is known: do not add.
    """
    levels = ranked.groupby("level")
    terminals, developed = levels.size(), levels.developed.sum()
    expected = white.groupby("customer_id").expected.sum().reindex(ranked.index, fill_value=0.0)
    summary = pd.DataFrame(
        {
            "terminals": terminals,
            "developed": developed.astype("int64"),
            "not_developed": (terminals - developed).astype("int64"),
            "penetration_percent": 100 * developed / terminals,
            "headroom": levels.headroom.sum(min_count=1),
            "headroom_unknown": ranked.headroom.isna().groupby(ranked.level).sum().astype("int64"),
            "white_space": expected.groupby(ranked.level).sum(),
        }
    )
    return summary.reindex(in_level_order(list(summary.index))).rename_axis("level")


def _developed(rows: pd.DataFrame) -> pd.Series:
    return rows.recency_days.notna() | (rows.monetary_value > 0) | (rows.previous_value > 0)


def _access(table: pd.DataFrame, access: tuple[float, ...]) -> pd.Series:
    by_stage = dict(zip(STAGES, access, strict=True))
    assumed = np.where(table.developed, by_stage["use"], by_stage["none"])
    return table.stage.map(by_stage).astype("float64").fillna(pd.Series(assumed, table.index))


def _headroom_scores(table: pd.DataFrame, half: float | None) -> pd.Series:
    """Return 0..100, rising ever more slowly: no single giant makes all others look alike."""
    positive = table.headroom[table.headroom > 0]
    middle = half or (float(positive.median()) if len(positive) else 1.0)
    known = 100 * table.headroom / (table.headroom + middle)
    usual = known.groupby(table.level).transform("median")
    return known.fillna(usual).fillna(known.median()).fillna(NEUTRAL)


def _reasons(table: pd.DataFrame) -> list[str]:
    known = _("{level}, weight {weight:.2g}; headroom {headroom:,.0f} CNY a year; {access}")
    unknown = _("{level}, weight {weight:.2g}; headroom not known, its like's taken; {access}")
    columns = ("level", "level_weight", "headroom", "stage", "developed")
    return [
        (unknown if np.isnan(headroom) else known).format(
            level=level, weight=weight, headroom=headroom, access=_access_words(stage, developed)
        )
        for level, weight, headroom, stage, developed in zip(
            *(table[name] for name in columns), strict=True
        )
    ]


def _access_words(stage: str | float, developed: bool) -> str:
    if stage in STAGES:
        return _("stage {stage}").format(stage=stage)
    taken = _("taken as use, it has bought") if developed else _("taken as none, it never bought")
    if isinstance(stage, str):
        return _("stage {stage} is no known code, {taken}").format(stage=stage, taken=taken)
    return _("stage not known, {taken}").format(taken=taken)
