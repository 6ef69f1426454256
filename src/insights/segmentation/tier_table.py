"""The tier of each customer beside the company's book, with the reason in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from insights.features.approved_tiers import Approved
from insights.params import SegmentationParams
from insights.segmentation.tiers import TIERS, repeated_ids, tier_reach
from insights.words import _, listing

SCORES = ("score", "value_score", "potential_score")


def tier_table(
    customers: pd.DataFrame,
    scored: pd.DataFrame,
    path: pd.DataFrame,
    approved: Approved,
    params: SegmentationParams,
) -> pd.DataFrame:
    """Which tier is each customer, which does the company's book say, and why do they differ?

    ``customers``: indexed by customer_id, ``tier`` as the book keeps it (may be absent).
    ``scored``: ``TierRule.score`` of the same customers on as_of. ``path``: ``tier_path`` whose
    last column is made of that score. Returns one row a customer: customer_id, the scores,
    tier_kept (the book), tier_computed, tier_before (a quarter earlier), tier_approved, tier
    (approved where somebody decided, computed elsewhere; NaN where neither) and tier_reason.
    Raises ``ValueError`` where scores or path lack a customer or contradict each other.
    """
    _check(customers, scored, path, params)
    ids = customers.index
    unknown = pd.Series(np.nan, index=ids, dtype="str")
    decided = approved.tiers.reindex(ids)
    table = scored.reindex(ids)[list(SCORES)].assign(
        tier_kept=customers.tier.astype("str") if "tier" in customers else unknown,
        tier_computed=_step(path, 1, unknown),
        tier_before=_step(path, 2, unknown),
        tier_approved=decided.tier.astype("str"),
    )
    table["tier"] = table.tier_approved.fillna(table.tier_computed)
    table["tier_reason"] = _reasons(table, decided, params)
    return table.rename_axis("customer_id").reset_index()


def _check(
    customers: pd.DataFrame, scored: pd.DataFrame, path: pd.DataFrame, params: SegmentationParams
) -> None:
    faults = repeated_ids(customers.index)
    for name, frame in ((_("scores"), scored), (_("path"), path)):
        absent = [str(one) for one in customers.index.difference(frame.index)]
        if absent:
            words = _("{name} lack {n} customers: {ids}")
            faults.append(words.format(name=name, n=len(absent), ids=listing(absent)))
    if not faults and path.shape[1]:
        faults = _contradictions(scored.score.reindex(customers.index), path.iloc[:, -1], params)
    if faults:
        raise ValueError(_("tiers: {faults}").format(faults="; ".join(faults)))


def _contradictions(score: pd.Series, computed: pd.Series, params: SegmentationParams) -> list[str]:
    """Return customers whose last tier cannot come of their score: the path is another day's."""
    low, high = tier_reach(score.to_numpy(float), params)
    place = computed.reindex(score.index).map(TIERS.index, na_action="ignore").to_numpy(float)
    off = score.notna().to_numpy() & ~((low <= place) & (place <= high))
    words = _("the path's last column is not made of these scores, see {ids}")
    return [words.format(ids=listing([str(one) for one in score.index[off]]))] if off.any() else []


def _step(path: pd.DataFrame, back: int, unknown: pd.Series) -> pd.Series:
    """Return the last (1) or last but one (2) column of a path, NaN where it is shorter."""
    if path.shape[1] < back:
        return unknown
    return path.iloc[:, -back].reindex(unknown.index).astype("str")


def _reasons(table: pd.DataFrame, decided: pd.DataFrame, params: SegmentationParams) -> pd.Series:
    computed = [f"{_points(row)}; {_move(row, params)}" for row in table.itertuples()]
    rows = zip(decided.itertuples(), table.tier_computed, computed, strict=True)
    words = [
        f"{_approval(row, tier)}; {why}" if isinstance(row.tier, str) else why
        for row, tier, why in rows
    ]
    return pd.Series(words, index=table.index, dtype="str")


def _points(row: Any) -> str:
    value, potential = row.value_score, row.potential_score
    if np.isnan(value) and np.isnan(potential):
        return _("neither value nor potential to score")
    if np.isnan(potential):
        return _("value {value:g} alone: no potential to score").format(value=value)
    if np.isnan(value):
        return _("potential {potential:g} alone: no value to score").format(potential=potential)
    return _("value {value:g}, potential {potential:g}").format(value=value, potential=potential)


def _move(row: Any, params: SegmentationParams) -> str:
    """Say how the computed tier came about: first placed, rose, fell, stayed, or held back."""
    if not isinstance(row.tier_computed, str):
        return _("no tier")
    if np.isnan(row.score):
        return _("keeps {tier} until a score is known").format(tier=row.tier_computed)
    place = TIERS.index(row.tier_computed)
    before = TIERS.index(row.tier_before) if isinstance(row.tier_before, str) else None
    parts = (_step_words(row.score, place, before, params), _held(row.score, place, params))
    return "; ".join(part for part in parts if part)


def _step_words(score: float, place: int, before: int | None, params: SegmentationParams) -> str:
    bounds, tier, band = params.tier_bounds, TIERS[place], params.tier_band
    if before is None and place:
        words = _("first placed in {tier}: {score:g} is at least {bound:g}")
        return words.format(tier=tier, score=score, bound=bounds[place - 1])
    if before is None:
        words = _("first placed in {tier}: {score:g} is below {bound:g}")
        return words.format(tier=tier, score=score, bound=bounds[place])
    if place > before:
        words = _("rose from {old}: {score:g} is at least {bound:g} + {band:g}")
        return words.format(old=TIERS[before], score=score, bound=bounds[place - 1], band=band)
    if place < before:
        words = _("fell from {old}: {score:g} is below {bound:g} - {band:g}")
        return words.format(old=TIERS[before], score=score, bound=bounds[place], band=band)
    return _("stays {tier} with {score:g}").format(tier=tier, score=score)


def _held(score: float, place: int, params: SegmentationParams) -> str:
    """Say where the plain bounds would put a customer whom the band holds; else nothing."""
    bounds, band = params.tier_bounds, params.tier_band
    plain = sum(score >= bound for bound in bounds)
    if plain > place:
        words = _("{score:g} would be {tier}, but a rise needs {bound:g}")
        return words.format(score=score, tier=TIERS[plain], bound=bounds[place] + band)
    if plain < place:
        words = _("{score:g} would be {tier}, but only below {bound:g} does it fall")
        return words.format(score=score, tier=TIERS[plain], bound=bounds[place - 1] - band)
    return ""


def _approval(row: Any, computed: Any) -> str:
    """Say who approved a tier, until when and why, beside what was computed."""
    who = row.decided_by if isinstance(row.decided_by, str) else _("somebody unnamed")
    until = _("without an end") if pd.isna(row.until_on) else f"{row.until_on:%Y-%m-%d}"
    words = _("approved by {who} {until}")
    if not pd.isna(row.until_on):
        words = _("approved by {who} until {until}")
    why = f": {row.reason}" if isinstance(row.reason, str) else ""
    tier = computed if isinstance(computed, str) else _("nothing")
    return f"{words.format(who=who, until=until)}{why}; " + _("computed {tier}").format(tier=tier)
