"""What a segment is called: read off its own figures, never its number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.words import N_, _, shown

RECENCY = ("recurring_recency_days", "recency_days")
FREQUENCY = ("recurring_active_months", "active_months", "recurring_frequency", "frequency")
# How a feature tells two segments of one description apart: where it is high, where it is low.
SAID = {
    "tenure_days": (N_("long known"), N_("shorter known")),
    "recency_days": (N_("longer silent"), N_("bought lately")),
    "recurring_recency_days": (N_("longer silent"), N_("bought lately")),
    "monetary_value": (N_("higher value"), N_("lower value")),
    "frequency": (N_("buying often"), N_("buying seldom")),
    "recurring_frequency": (N_("buying often"), N_("buying seldom")),
    "active_months": (N_("most months"), N_("few months")),
    "product_lines": (N_("broad range"), N_("narrow range")),
    "equipment_share": (N_("more equipment"), N_("less equipment")),
    "growth": (N_("rising"), N_("falling")),
    "momentum": (N_("picking up"), N_("slowing down")),
    "visits": (N_("often visited"), N_("seldom visited")),
    "terminals": (N_("many terminals"), N_("few terminals")),
    "shipments_to_flow": (N_("stock building up"), N_("stock running down")),
    "months_of_stock": (N_("high stock"), N_("low stock")),
    "potential": (N_("higher potential"), N_("lower potential")),
}
FAR = 0.5
# In (new - old) / (new + old): a quarter less, and a sixth more, than the year before.
SHRINKING, GROWING = -0.15, 0.08
# Days: nobody who bought within two months is dormant, however lively the others are.
LONG_SILENT = 60.0


def segment_names(
    standing: pd.DataFrame,
    value: str | None,
    growth: pd.Series | None = None,
    silence: pd.Series | None = None,
) -> list[str]:
    """Name each segment. ``standing``: a row a segment, a column a feature, in standard scores.

    ``growth`` is each segment's median of (new - old) / (new + old), ``silence`` its median days
    since a purchase, where they are known. ``value`` is the column by which segments are sized.
    Names are unique; a second segment of the same description is told apart by the feature in
    which the two differ most.
    """
    sizes = _sizes(standing[value]) if value in standing else [""] * len(standing)
    trends = growth if growth is not None else pd.Series(0.0, index=standing.index)
    silent = silence if silence is not None else pd.Series(np.inf, index=standing.index)
    names = []
    for size, row in zip(sizes, standing.index, strict=True):
        word = _behaviour(standing.loc[row], value, trends.loc[row], silent.loc[row])
        names.append(_("{size} {word}").format(size=size, word=word).strip())
    return _told_apart(names, standing)


def _sizes(value: pd.Series) -> list[str]:
    words = [_("small"), _("mid-size"), _("large")]
    return [words[int(np.digitize(score, [-FAR, FAR]))] for score in value]


def _behaviour(row: pd.Series, value: str | None, growth: float, silence: float) -> str:
    """Return the word for the first rule that the segment's standing meets."""
    recency, frequency = _first(row, RECENCY), _first(row, FREQUENCY)
    rules = (
        (row.get("tenure_days", 0) < -1, _("newly won")),
        (row.get("equipment_share", 0) > 1, _("equipment buyers")),
        (recency > 1 and frequency < 0 and silence > LONG_SILENT, _("dormant")),
        (growth < SHRINKING, _("declining")),
        (growth > GROWING, _("growing")),
        (frequency > FAR, _("loyal")),
        (frequency < -FAR, _("occasional")),
    )
    found = next((word for met, word in rules if met), None)
    if found is not None:
        return found
    known = any(name in row for name in FREQUENCY)
    return _("steady") if known else _strongest(row.drop(labels=[value], errors="ignore"))


def _first(row: pd.Series, names: tuple[str, ...]) -> float:
    return next((float(row[name]) for name in names if name in row), 0.0)


def _strongest(row: pd.Series) -> str:
    if row.empty:
        return _("customers")
    place = int(row.abs().to_numpy().argmax())
    column = str(row.index[place])
    high, low = SAID.get(column, (N_("high {column}"), N_("low {column}")))
    return _(high if row.iloc[place] > 0 else low).format(column=shown(column))


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
