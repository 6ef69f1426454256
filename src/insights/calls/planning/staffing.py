"""What would two reps more or fewer in a region change?"""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pandas as pd

from insights.calls.planning.room import shared_room
from insights.calls.planning.solve import Room, best_visits
from insights.calls.planning.worth import Response

STAFFING = ("region_id", "change", "reps", "calls", "visits", "covered", "below_goal", "lines")


def staffing_table(
    pairs: pd.DataFrame, room: Room, approvals: pd.DataFrame, home: pd.DataFrame,
    most: int, response: Response,
) -> pd.DataFrame:  # fmt: skip
    """Return for each region what ``most`` reps more or fewer would reach, solved anew.

    ``home`` [region_id, line_type] by rep. Columns of ``STAFFING``: change -most, 0 or most; calls
    to be planned; covered, CNY of the customers' worth; below_goal, visits short of the policy's
    least; lines, where the change is best made. Territories are taken as cut anew within a region
    and line (drug or device), in the row of change 0 too, so that rows differ by heads alone. No
    row where a region has too few reps to lose.
    """
    rows = []
    for region, own in pairs.groupby(
        pairs.caller_id.map(home.region_id.astype("object")).fillna("")
    ):
        kept = approvals[approvals.pair.isin(own.index)]
        pool = own.caller_id.map(home.line_type.astype("object").fillna("")).astype("str")
        reps = own.assign(pool=pool)[own.caller_id.isin(room.totals.index)]
        heads = reps.drop_duplicates("caller_id").groupby("pool").size()
        names = reps.drop_duplicates("caller_id").set_index("caller_id").pool
        for change in (-most, 0, most):
            tried = [
                _reached(own.assign(caller_id=pool), _scaled(room, names, heads, moved), kept,
                         response, moved)
                for moved in _moves(heads, change)
            ]  # fmt: skip
            if tried:
                best = max(tried, key=lambda row: row[2])
                rows.append((region, change, int(heads.sum()) + change, *best))
    return pd.DataFrame(rows, columns=list(STAFFING))


def _moves(heads: pd.Series, change: int) -> list[pd.Series]:
    """Return every way to spread a change over the pools; none that takes more than there are."""
    chosen = itertools.combinations_with_replacement(heads.index, abs(change))
    counts = [Counter(one) for one in chosen]
    sign = int(np.sign(change))
    moves = [pd.Series({name: sign * one[name] for name in heads.index}) for one in counts]
    return [move for move in moves if len(heads) and ((heads + move) >= 0).all()]


def _scaled(room: Room, names: pd.Series, heads: pd.Series, moved: pd.Series) -> Room:
    own = Room(
        room.weekdays[room.weekdays.caller_id.isin(names.index)],
        room.totals[room.totals.index.isin(names.index)],
    )
    return shared_room(own, names, (heads + moved) / heads)


def _reached(
    pairs: pd.DataFrame, room: Room, approvals: pd.DataFrame, response: Response, moved: pd.Series
) -> tuple[int, int, float, int, str]:
    visits = best_visits(pairs, room, approvals, response).per_pair(pairs)
    covered = float(response.of(visits, pairs).sum())
    short = int((pairs.goal - visits).clip(lower=0).sum())
    where = " ".join(f"{name}{n:+d}" for name, n in moved.items() if n and name)
    return int(room.totals.sum()), int(visits.sum()), covered, short, where
