"""Who moved from one segment to another, under rules that did not change meanwhile."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.model import SegmentModel
from insights.tables import as_date
from insights.words import N_, _, listing, readable_name

Day = str | dt.date | pd.Timestamp
ABSENT = N_("not yet buying")
GONE = N_("gone")
KINDS = ("stayed", "up", "down", "uncertain", "new", "gone")


def quarter_ends(as_of: Day, n: int) -> list[dt.date]:
    """Return ``n`` days: as_of, then the same day 3, 6, 9 ... months earlier.

    The end of a month stays one (2024-05-31, 2024-02-29), and a day that a month lacks is its
    last. Raises ``ValueError`` when n is below one.
    """
    if n < 1:
        raise ValueError(_("{n} quarters: ask for one or more").format(n=n))
    day = as_date(as_of)
    ends = day.day == _month_length(day.year, day.month)
    return [_months_before(day, 3 * step, ends) for step in range(n)]


def fit_day(as_of: Day, params: SegmentationParams) -> dt.date:
    """On which day are the segments found? ``ValueError`` where that lies after as_of."""
    day = as_date(as_of)
    fitted = as_date(params.fit_as_of) if params.fit_as_of else day
    if fitted > day:
        raise ValueError(
            _("fit_as_of {fitted} is after as_of {day}: it would know the future").format(
                fitted=fitted, day=day
            )
        )
    return fitted


def assign_over_time(
    model: SegmentModel, features_by_day: Mapping[dt.date, pd.DataFrame]
) -> pd.DataFrame:
    """Where did each customer stand on each day, by one frozen model?

    ``features_by_day``: for each day a frame as the model takes it, holding the customers to be
    placed; an empty one is a day on which nobody bought yet. Long, a row a day and customer,
    sorted: day, customer_id, segment, confidence. ``day`` and ``segment`` are ordered categories:
    all the days asked for, and the model's names with the most valuable first. Raises
    ``ValueError`` when no day is given.
    """
    if not features_by_day:
        raise ValueError(_("no day to place customers on: give the features of one or more days"))
    days = sorted(features_by_day)
    placed = [_placed(model, features_by_day[day]).assign(day=pd.Timestamp(day)) for day in days]
    empty = _nobody().assign(day=pd.Series(dtype="datetime64[us]"))
    rows = pd.concat([part for part in placed if len(part)] or [empty], ignore_index=True)
    rows = rows.sort_values(["day", "customer_id"], kind="stable", ignore_index=True)
    known = pd.DatetimeIndex([pd.Timestamp(day) for day in days])
    return pd.DataFrame(
        {
            "day": pd.Categorical(rows.day, categories=known, ordered=True),
            "customer_id": rows.customer_id.astype("str"),
            "segment": pd.Categorical(rows.segment, categories=list(model.names), ordered=True),
            "confidence": rows.confidence.astype("float64"),
        }
    )


def unknown_features(features_by_day: Mapping[dt.date, pd.DataFrame]) -> tuple[str, ...]:
    """Say which features were known of nobody on a day though of somebody on the last one.

    Moves from such a day rest on the other features; most often the data do not reach back far
    enough for a comparison with the year before.
    """
    days = sorted(day for day, features in features_by_day.items() if len(features))
    known = {day: set(_known_of_somebody(features_by_day[day])) for day in days}
    wanted = _known_of_somebody(features_by_day[days[-1]]) if days else []
    gaps = {day: [name for name in wanted if name not in known[day]] for day in days}
    words = _("{names}: known of nobody on {day}; moves from then rest on the other features")
    return tuple(
        words.format(names=listing([*map(readable_name, missing)]), day=day)
        for day, missing in gaps.items()
        if missing
    )


def migration(paths: pd.DataFrame, before: Day, after: Day) -> pd.DataFrame:
    """How many customers went from which segment (rows) to which (columns)?

    ``paths``: from ``assign_over_time``. Who was absent before stands in the row "not yet buying",
    who is absent after in the column "gone". Raises ``ValueError`` for days not in ``paths``.
    """
    names = list(paths.segment.cat.categories)
    pair = _pair(paths, _known_day(paths, before), _known_day(paths, after))
    counts = pair.groupby(["before", "after"]).size().unstack(fill_value=0)
    table = counts.reindex(index=[*names, ABSENT], columns=[*names, GONE], fill_value=0)
    return table.astype("int64").rename_axis(index=_("before"), columns=_("after"))


def moves(
    paths: pd.DataFrame,
    value: pd.Series,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> pd.DataFrame:
    """Which customers changed their segment between one day and the next, and what do they buy?

    ``value``: CNY a year by customer_id (missing where it holds none). A row a change: day_before,
    day, customer_id, before, after, direction (up, down: by the model's order of names; new,
    gone), confidence (the lower of both days), certain (that is at least
    ``params.drift_confidence``), value. The latest day first, certain changes first, then the
    most money. Raises ``ValueError`` for a customer that stands in ``value`` twice.
    """
    twice = value.index[value.index.duplicated()].unique()
    if len(twice):
        raise ValueError(
            _("value: customer_id {ids} stands twice; give one figure each").format(
                ids=listing(list(twice))
            )
        )
    rows = _transitions(paths)
    rows = rows[rows.direction != "stayed"]
    known = value.astype("float64").set_axis(value.index.astype("str"))
    rows = rows.assign(
        certain=rows.confidence >= params.drift_confidence,
        value=known.reindex(rows.customer_id).to_numpy(),
    )
    order = ["day", "certain", "value", "customer_id"]
    return rows.sort_values(order, ascending=[False, False, False, True], ignore_index=True)


def turnover(
    paths: pd.DataFrame,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> pd.DataFrame:
    """How many customers stayed, rose and fell from one day to the next?

    A row each two days that follow: day_before, day, customers (placed on both), stayed, up, down
    (certain changes), uncertain (changes below ``params.drift_confidence`` on either day), new,
    gone, stayed_share (stayed / customers) and reason, where that share is undefined.
    """
    rows = _transitions(paths)
    changed = rows.direction.isin(["up", "down"])
    kind = rows.direction.mask(changed & (rows.confidence < params.drift_confidence), "uncertain")
    counts = pd.crosstab([rows.day_before, rows.day], kind)
    pairs = pd.MultiIndex.from_tuples(
        list(pairwise(paths.day.cat.categories)), names=["day_before", "day"]
    )
    table = counts.reindex(index=pairs, columns=list(KINDS), fill_value=0).astype("int64")
    both = table[list(KINDS[:4])].sum(axis=1)
    table.insert(0, "customers", both)
    share = table.stayed / both.where(both > 0)
    reason = np.where(both > 0, "", _("nobody was placed on both days"))
    return table.assign(stayed_share=share, reason=reason).rename_axis(columns=None).reset_index()


def stayed_share(paths: pd.DataFrame, before: Day, after: Day) -> float:
    """Return the share of customers placed on both days that kept their segment; NaN of none."""
    pair = _pair(paths, _known_day(paths, before), _known_day(paths, after))
    both = pair[(pair.before != ABSENT) & (pair.after != GONE)]
    return float((both.before == both.after).mean()) if len(both) else float("nan")


def movement(turned: pd.DataFrame) -> str:
    """Say what the last row of ``turnover`` holds."""
    if turned.empty:
        return _("One day only: nothing to compare it with.")
    last = turned.iloc[-1]
    before, day = last.day_before.date(), last.day.date()
    if last.reason:
        words = _("From {before} to {day}: {reason}.")
        return words.format(before=before, day=day, reason=last.reason)
    return _(
        "From {before} to {day} {share:.3g} % of {n} customers stayed in their segment; {up} rose, "
        "{down} fell, {uncertain} stand between two segments; {new} are new and {gone} gone."
    ).format(
        before=before,
        day=day,
        share=100 * last.stayed_share,
        n=last.customers,
        up=last.up,
        down=last.down,
        uncertain=last.uncertain,
        new=last["new"],
        gone=last.gone,
    )


def _month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _months_before(day: dt.date, months: int, ends: bool) -> dt.date:
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    length = _month_length(year, month + 1)
    return dt.date(year, month + 1, length if ends else min(day.day, length))


def _nobody() -> pd.DataFrame:
    types = {"customer_id": "str", "segment": "str", "confidence": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def _placed(model: SegmentModel, features: pd.DataFrame) -> pd.DataFrame:
    if not len(features):
        return _nobody()
    return model.assign(features)[["customer_id", "segment", "confidence"]]


def _known_of_somebody(features: pd.DataFrame) -> list[str]:
    return [str(name) for name in features.columns[features.notna().any()]]


def _known_day(paths: pd.DataFrame, day: Day) -> pd.Timestamp:
    stamp, days = pd.Timestamp(as_date(day)), paths.day.cat.categories
    if stamp not in days:
        raise ValueError(
            _("no customers were placed for {day}; there are {days}").format(
                day=stamp.date(), days=listing([str(one.date()) for one in days], 12)
            )
        )
    return stamp


def _pair(paths: pd.DataFrame, before: pd.Timestamp, after: pd.Timestamp) -> pd.DataFrame:
    """Return customer_id, before, after and the lower confidence of who stands on either day."""
    columns = ["customer_id", "segment", "confidence"]
    old, new = (
        paths.loc[paths.day == day, columns].astype({"segment": "str"}) for day in (before, after)
    )
    both = old.merge(new, on="customer_id", how="outer", suffixes=("_old", "_new"), sort=True)
    both = both.set_index("customer_id")
    return pd.DataFrame(
        {
            "before": both.segment_old.fillna(ABSENT),
            "after": both.segment_new.fillna(GONE),
            "confidence": both[["confidence_old", "confidence_new"]].min(axis=1),
        }
    )


def _transitions(paths: pd.DataFrame) -> pd.DataFrame:
    """Return a row each customer and two days that follow, with the direction of its change."""
    days = list(paths.day.cat.categories)
    parts = [
        _pair(paths, before, after).reset_index().assign(day_before=before, day=after)
        for before, after in zip(days, days[1:] or days, strict=False)
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows if len(days) > 1 else rows.head(0)
    names = list(paths.segment.cat.categories)
    rows["direction"] = _direction(rows.before, rows.after, names)
    order = ["day_before", "day", "customer_id", "before", "after", "direction", "confidence"]
    return rows[order]


def _direction(before: pd.Series, after: pd.Series, names: list[str]) -> np.ndarray:
    """Return up, down, new, gone or stayed; the first of ``names`` is the most valuable."""
    rank = pd.Series(range(len(names)), index=names)
    fall = np.nan_to_num(rank.reindex(after).to_numpy(float) - rank.reindex(before).to_numpy(float))
    direction = np.array(["up", "stayed", "down"], dtype=object)[np.sign(fall).astype(int) + 1]
    direction[(before == ABSENT).to_numpy()] = "new"
    direction[(after == GONE).to_numpy()] = "gone"
    return direction
