"""Of a company's review, what is of one region."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from insights.targets.next_year import NextYear
from insights.targets.scorecards import Scorecards

if TYPE_CHECKING:
    from insights.targets.result import TargetReview


def sliced(review: TargetReview, kept: list[str]) -> dict[str, Any]:
    """Return the frames of a review that are of the regions ``kept``."""
    attained = review.attainment[review.attainment.region_id.isin(kept)]
    pairs = set(zip(attained.scope, attained.scope_id, strict=True))
    return {
        "attainment": attained.reset_index(drop=True),
        "cells": review.cells[review.cells.region_id.isin(kept)].reset_index(drop=True),
        "sold": review.sold[review.sold.unit_id.isin(kept)].reset_index(drop=True),
        "firsts": review.firsts[review.firsts.region_id.isin(kept)].reset_index(drop=True),
        "cycles": review.cycles[review.cycles.region_id.isin(kept)].reset_index(drop=True),
        "stocking": review.stocking[review.stocking.region_id.isin(kept)].reset_index(drop=True),
        "forecast": _among(review.forecast, pairs),
        "exceptions": _among(review.exceptions, pairs),
        "cards": review.cards and _cards(review.cards, review.people, kept),
        "plan": review.plan and _plan(review.plan, kept),
    }


def _among(rows: pd.DataFrame, pairs: set[tuple[str, str]]) -> pd.DataFrame:
    kept = [pair in pairs for pair in zip(rows.scope, rows.scope_id, strict=True)]
    return rows[np.array(kept, dtype=bool)].reset_index(drop=True)


def _cards(cards: Scorecards, people: pd.Series, kept: list[str]) -> Scorecards:
    """Return the scorecards of regions ``kept`` and of everybody at home there."""
    here = {*kept, *people.index[people.isin(kept)]}
    return replace(
        cards,
        cards=cards.cards[cards.cards.unit_id.isin(here)].reset_index(drop=True),
        scores=cards.scores[cards.scores.unit_id.isin(here)].reset_index(drop=True),
    )


def _plan(plan: NextYear, kept: list[str]) -> NextYear:
    frames = {
        name: getattr(plan, name)[getattr(plan, name).region_id.isin(kept)].reset_index(drop=True)
        for name in ("units", "cells", "reps")
    }
    return replace(plan, total=float(frames["cells"].target_cents.sum()) / 100, **frames)
