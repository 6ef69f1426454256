"""ABC by contribution: who carries the value, is it growing, steady, and does it take part?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.terminals import read_terminals, said
from insights.words import _

CLASSES = ("A", "B", "C", "none")
NUMBERS = (
    "monetary_value",
    "previous_value",
    "monthly_variation",
    "active_months",
    "events_attended",
    "events_invited",
)
MONTHS = 12
# Sums of doubles miss a bound such as 0.8 by their last digits.
ROUNDING = 1e-12


def contribution(
    customers: pd.DataFrame,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> pd.DataFrame:
    """Which customers carry the value, and how sound is what each contributes?

    ``customers``: the customers frame, a row a terminal. Returns a row a customer, indexed by
    customer_id: ``abc``; ``monetary_value`` and ``previous_value`` (CNY a window);
    ``share_of_value`` and ``cumulative_share`` (0..1 of the value of all with value above 0; NaN
    for the others); ``growth_percent`` on the window before; ``stability`` (1 - variation of the
    monthly amounts, floored at 0); ``active_share`` (months with a purchase of 12);
    ``participation`` (events attended of
    invited, at most 1); ``missing``: words for what is not known.

    The largest customers first, ties by id, a customer is A while the cumulative share with it is
    at most ``abc_bounds[0]``, B up to ``abc_bounds[1]``, else C: the customer that crosses a bound
    belongs below it. The largest is A always, so that A is not empty when one takes more than the
    bound. Value of 0 or less, or unknown: "none". Raises ``ValueError`` for bad rows.
    """
    rows = read_terminals(customers, NUMBERS)
    frame = rows[["monetary_value", "previous_value"]].assign(**_shares(rows.monetary_value))
    frame.insert(0, "abc", _classes(frame, params.abc_bounds))
    steady = 1 - rows.monthly_variation.where(rows.monthly_variation >= 0)
    invited = rows.events_invited.where(rows.events_invited > 0)
    frame["growth_percent"] = growth_percent(rows.monetary_value, rows.previous_value)
    frame["stability"] = steady.clip(lower=0)
    frame["active_share"] = (rows.active_months / MONTHS).clip(upper=1)
    frame["participation"] = (rows.events_attended / invited).clip(upper=1)
    frame["missing"] = _missing(frame, bool(rows.events_invited.notna().any()))
    return frame


def contribution_summary(table: pd.DataFrame) -> pd.DataFrame:
    """What does each class bring? ``table``: what ``contribution`` returned, or a slice of it.

    A row a class (A, B, C, none), also where it is empty: ``customers``; ``value`` (CNY);
    ``share`` of the value of all classes A to C; ``growth`` (percent, of the class's sum over
    those whose year before is known); medians of ``stability`` and ``participation``. NaN where
    nothing is known. Classes are made by this year's value, so A's growth reads high and C's low.
    """
    by_class = table.groupby("abc")
    known = table[table.monetary_value.notna() & table.previous_value.notna()].groupby("abc")
    sums = known[["monetary_value", "previous_value"]].sum().reindex(CLASSES)
    shares = table.share_of_value.groupby(table.abc).sum().reindex(CLASSES, fill_value=0.0)
    summary = pd.DataFrame(
        {
            "customers": by_class.size().reindex(CLASSES, fill_value=0),
            "value": by_class.monetary_value.sum().reindex(CLASSES, fill_value=0.0),
            "share": shares / shares.sum() if shares.sum() > 0 else np.nan,
            "growth": growth_percent(sums.monetary_value, sums.previous_value),
            "stability": by_class.stability.median().reindex(CLASSES),
            "participation": by_class.participation.median().reindex(CLASSES),
        }
    )
    return summary.rename_axis("abc")


def growth_percent(value: pd.Series, previous: pd.Series) -> pd.Series:
    """Return growth on the window before in percent; NaN where that window held nothing."""
    return 100 * (value / previous.where(previous > 0) - 1)


def _shares(value: pd.Series) -> dict[str, pd.Series]:
    """Return each customer's share, and the share with all larger ones; NaN without value."""
    positive = value[value > 0]
    ordered = positive.iloc[np.argsort(-positive.to_numpy(), kind="stable")]
    total = ordered.sum()
    return {
        "share_of_value": (ordered / total).reindex(value.index),
        "cumulative_share": (ordered.cumsum() / total).clip(upper=1).reindex(value.index),
    }


def _classes(frame: pd.DataFrame, bounds: tuple[float, float]) -> np.ndarray:
    upper, lower = (bound + ROUNDING for bound in bounds)
    cumulative = frame.cumulative_share
    largest = cumulative <= frame.share_of_value
    return np.select(
        [cumulative.isna(), largest | (cumulative <= upper), cumulative <= lower],
        ["none", "A", "B"],
        "C",
    )


def _missing(frame: pd.DataFrame, events: bool) -> np.ndarray:
    unknown = frame.isna()
    uninvited = _("participation: no invitation known")
    value = frame.monetary_value
    return said(
        [
            (unknown.monetary_value, _("value not known")),
            (value <= 0, _("bought nothing, net of returns")),
            (
                ~unknown.monetary_value & unknown.growth_percent,
                _("growth: nothing bought, or nothing known, the year before"),
            ),
            (unknown.stability, _("stability: no monthly amounts")),
            (unknown.active_share, _("active months not known")),
            (unknown.participation, uninvited if events else _("participation: no events table")),
        ]
    )
