"""What a segment is called: read off its own figures, never its number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.words import _

READABLE = {
    "tenure_days": _("age as a customer"),
    "recency_days": _("days since the last purchase"),
    "monetary_value": _("value"),
    "equipment_share": _("share of equipment"),
    "product_lines": _("number of product lines"),
}
FAR = 0.5
# In (new - old) / (new + old): a quarter less, and a sixth more, than the year before.
SHRINKING, GROWING = -0.15, 0.08


def segment_names(
    standing: pd.DataFrame, value: str | None, growth: pd.Series | None = None
) -> list[str]:
    """Name each segment. ``standing``: a row a segment, a column a feature, in standard scores.

    ``growth`` is each segment's median of (new - old) / (new + old), where it is known.

    ``value`` is the column by which segments are sized. Names are unique; a second segment of the
    same description is told apart by the feature in which the two differ most.
    """
    sizes = _sizes(standing[value]) if value in standing else [""] * len(standing)
    trends = growth if growth is not None else pd.Series(0.0, index=standing.index)
    names = [
        f"{size} {_behaviour(standing.loc[row], value, trends.loc[row])}".strip()
        for size, row in zip(sizes, standing.index, strict=True)
    ]
    return _told_apart(names, standing)


def _sizes(value: pd.Series) -> list[str]:
    words = [_("small"), _("mid-size"), _("large")]
    return [words[int(np.digitize(score, [-FAR, FAR]))] for score in value]


def _behaviour(row: pd.Series, value: str | None, growth: float) -> str:
    """Return the word for the first rule that the segment's standing meets."""
    score = row.get
    rules = (
        (score("tenure_days", 0) < -1, _("newly won")),
        (score("equipment_share", 0) > 1, _("equipment buyers")),
        (score("recency_days", 0) > 1 and score("frequency", 0) < 0, _("dormant")),
        (growth < SHRINKING, _("declining")),
        (growth > GROWING, _("growing")),
        (score("active_months", score("frequency", 0)) > FAR, _("loyal")),
        (score("frequency", 0) < -FAR, _("occasional")),
    )
    found = next((word for met, word in rules if met), None)
    if found is not None:
        return found
    return (
        _("steady") if "frequency" in row else _strongest(row.drop(labels=[value], errors="ignore"))
    )


def _strongest(row: pd.Series) -> str:
    if row.empty:
        return _("customers")
    place = int(row.abs().to_numpy().argmax())
    column = row.index[place]
    level = _("high {column}") if row.iloc[place] > 0 else _("low {column}")
    return level.format(column=READABLE.get(str(column), column))


def _told_apart(names: list[str], standing: pd.DataFrame) -> list[str]:
    told = list(names)
    for position, name in enumerate(names):
        twins = [other for other, twin in enumerate(names) if twin == name and other != position]
        if twins:
            gap = standing.iloc[position] - standing.iloc[twins].mean()
            told[position] = f"{name}, {_strongest(gap)}"
    return [
        name if told.count(name) == 1 else f"{name} {told[: i + 1].count(name)}"
        for i, name in enumerate(told)
    ]
