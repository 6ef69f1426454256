"""Tiers A, B and C: value and potential on fixed anchors, and a path that does not flap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from insights.params import SegmentationParams
from insights.segmentation.prepare import is_number
from insights.words import _, listing

# In rising order: a tier's place is the number of bounds that its score has reached.
TIERS = ("C", "B", "A")
AXES = {"value_score": "monetary_value", "potential_score": "potential"}
DECILES = np.linspace(0.0, 1.0, 11)
# The score that is shown is the score that decides.
DIGITS = 1


@dataclass(frozen=True)
class Anchors:
    """How one axis becomes points 0..100: the deciles of log amounts when the rule was fitted.

    Empty where fewer than ``tier_min_customers`` had something on the axis: nothing is scored.
    """

    name: str
    customers: int
    logs: tuple[float, ...] = ()
    points: tuple[float, ...] = ()

    def apply(self, amounts: np.ndarray) -> np.ndarray:
        """Return points; nothing and less than nothing are 0, unknown stays unknown."""
        if not self.logs:
            return np.full(len(amounts), np.nan)
        above = amounts > 0
        logs = np.log(np.where(above, amounts, 1.0))
        points = np.interp(logs, self.logs, self.points, left=0.0, right=100.0)
        return np.where(np.isnan(amounts), np.nan, np.where(above, points, 0.0)).round(DIGITS)


@dataclass(frozen=True)
class TierRule:
    """The scorecard, fitted once: a customer's score depends on nobody else in the batch."""

    value: Anchors
    potential: Anchors
    value_weight: float
    potential_weight: float

    @property
    def gaps(self) -> tuple[str, ...]:
        """Say which axis could not be fitted, and why."""
        words = _("{axis}: known for {n} customers, too few to anchor a score")
        axes = (self.value, self.potential)
        return tuple(words.format(axis=one.name, n=one.customers) for one in axes if not one.logs)

    def score(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return value_score, potential_score and score, 0..100, a row a customer.

        ``score`` is the weighted mean of the axes that are known; NaN where none is. Raises
        ``ValueError`` for duplicated ids and amounts that are infinite or no numbers.
        """
        amounts = read_amounts(customers, tuple(AXES.values()))
        axes = [
            self.value.apply(amounts.monetary_value.to_numpy()),
            self.potential.apply(amounts.potential.to_numpy()),
        ]
        score = _weighted(np.column_stack(axes), [self.value_weight, self.potential_weight])
        columns = dict(zip(AXES, axes, strict=True))
        return pd.DataFrame({**columns, "score": score}, index=customers.index)


@dataclass(frozen=True)
class TierStability:
    """How much of a book stayed: customers tiered on both days, the share of them that kept."""

    customers: int
    unchanged: float
    adjusted_rand: float


def fit_tier_rule(customers: pd.DataFrame, params: SegmentationParams) -> TierRule:
    """Learn the anchors of both axes from the terminals of fit_as_of.

    ``customers``: indexed by customer_id; ``monetary_value`` and ``potential`` in CNY, either of
    which may be absent. Each axis takes the deciles of the log amounts above zero.
    """
    amounts = read_amounts(customers, tuple(AXES.values()))
    return TierRule(
        value=_fit_anchors(_("value"), amounts.monetary_value, params),
        potential=_fit_anchors(_("potential"), amounts.potential, params),
        value_weight=params.tier_value_weight,
        potential_weight=params.tier_potential_weight,
    )


def tier_path(scores_by_day: pd.DataFrame, params: SegmentationParams) -> pd.DataFrame:
    """Which tier did each customer hold at each quarter's end?

    ``scores_by_day``: indexed by customer_id, a column a day in rising order, scores 0..100 or
    NaN. The first known score is placed by the plain bounds. Afterwards a customer rises past a
    bound only from bound + band, and falls below it only under bound - band, each bound on its
    own (a Schmitt trigger). An unknown score teaches nothing: the tier stands; it is NaN until
    the first score is known. Returns A, B, C or NaN in the same shape.
    """
    _check_days(scores_by_day)
    codes = np.full(len(scores_by_day), -1)
    steps = []
    for place in range(scores_by_day.shape[1]):
        codes = _next_codes(codes, scores_by_day.iloc[:, place].to_numpy(float), params)
        steps.append(_letters(codes, scores_by_day.index))
    if not steps:
        return pd.DataFrame(index=scores_by_day.index)
    path = pd.concat(steps, axis=1)
    path.columns = scores_by_day.columns
    return path


def tier_reach(scores: np.ndarray, params: SegmentationParams) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest place (0 = C) that a score lets stand."""
    bounds, band = np.array(params.tier_bounds), params.tier_band
    # Rounded, or 80 + 5.1 would miss a score of 85.1 by the last bit.
    up, down = (bounds + band).round(6), (bounds - band).round(6)
    reached = scores[:, None]
    return (reached >= up).sum(axis=1), (reached >= down).sum(axis=1)


def tier_moves(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Who moved where? Customers by tier before (rows; ``new``) and after (columns; ``gone``).

    Customers without a tier on a day count as absent on it; absent on both, they are not counted.
    Raises ``ValueError`` for duplicated ids and for tiers other than A, B and C.
    """
    both = _side_by_side(before, after).dropna(how="all")
    rows, columns = [*reversed(TIERS), _("new")], [*reversed(TIERS), _("gone")]
    counts = (
        both.fillna({"before": rows[-1], "after": columns[-1]})
        .value_counts(["before", "after"])
        .unstack("after")
        .reindex(index=rows, columns=columns)
    )
    return counts.fillna(0).astype("int64").rename_axis(index="before", columns="after")


def tier_stability(before: pd.Series, after: pd.Series) -> TierStability:
    """How much of the book stayed between two days? Shares are NaN where nobody had both tiers."""
    both = _side_by_side(before, after).dropna()
    if both.empty:
        return TierStability(0, np.nan, np.nan)
    return TierStability(
        customers=len(both),
        unchanged=float((both.before == both.after).mean()),
        adjusted_rand=float(adjusted_rand_score(both.before, both.after)),
    )


def read_amounts(customers: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return columns as float64, absent ones as NaN; ``ValueError`` names every fault at once."""
    faults = repeated_ids(customers.index)
    found = {name: pd.Series(np.nan, index=customers.index) for name in columns}
    for name in [name for name in columns if name in customers]:
        given = customers[name]
        numbers = given if is_number(given) else pd.to_numeric(given, errors="coerce")
        found[name] = numbers.astype("float64")
        bad = (found[name].isna() & given.notna()) | np.isinf(found[name])
        if bad.any():
            shown = [f"{row} ({value})" for row, value in given[bad].items()]
            words = _("column {column}: no finite number for {rows}")
            faults.append(words.format(column=name, rows=listing(shown)))
    if faults:
        words = _("customers: {faults}; mend the rows and run again")
        raise ValueError(words.format(faults="; ".join(faults)))
    return pd.DataFrame(found, index=customers.index)


def repeated_ids(index: pd.Index) -> list[str]:
    """Return the fault of customers that stand twice, in words; none where all are unique."""
    twice = sorted(set(index[index.duplicated()].astype("str")))
    return [_("customer_id: duplicated {ids}").format(ids=listing(twice))] if twice else []


def unknown_tiers(tiers: pd.Series) -> list[str]:
    """Return the fault of tiers that are no tiers, in words; none where all are A, B, C or NaN."""
    odd = tiers[tiers.notna() & ~tiers.isin(TIERS)]
    shown = [f"{row} ({value})" for row, value in odd.items()]
    words = _("tier is not A, B or C for {rows}")
    return [words.format(rows=listing(shown))] if shown else []


def _fit_anchors(name: str, amounts: pd.Series, params: SegmentationParams) -> Anchors:
    above = amounts[amounts > 0].to_numpy()
    if len(above) < params.tier_min_customers:
        return Anchors(name, len(above))
    logs = np.quantile(np.log(above), DECILES)
    # Deciles that coincide (many equal amounts) share one anchor, at their mean.
    places, which = np.unique(logs, return_inverse=True)
    points = np.bincount(which, weights=100 * DECILES) / np.bincount(which)
    return Anchors(name, len(above), tuple(places.tolist()), tuple(points.tolist()))


def _weighted(points: np.ndarray, weights: list[float]) -> np.ndarray:
    """Return the weighted mean of the known points of each row."""
    known = ~np.isnan(points)
    total = (known * np.array(weights)).sum(axis=1)
    points_sum = (np.where(known, points, 0.0) * np.array(weights)).sum(axis=1)
    return np.where(total > 0, points_sum / np.where(total > 0, total, 1.0), np.nan).round(DIGITS)


def _check_days(scores_by_day: pd.DataFrame) -> None:
    faults = repeated_ids(scores_by_day.index)
    columns = scores_by_day.columns
    if not (columns.is_monotonic_increasing and columns.is_unique):
        shown = listing([str(column) for column in columns])
        faults.append(_("days must rise, each once; they are {days}").format(days=shown))
    if faults:
        raise ValueError(_("scores by day: {faults}").format(faults="; ".join(faults)))


def _next_codes(codes: np.ndarray, scores: np.ndarray, params: SegmentationParams) -> np.ndarray:
    plain = (scores[:, None] >= np.array(params.tier_bounds)).sum(axis=1)
    held = np.clip(codes, *tier_reach(scores, params))
    return np.where(np.isnan(scores), codes, np.where(codes < 0, plain, held))


def _letters(codes: np.ndarray, index: pd.Index) -> pd.Series:
    # The place -1, unknown, picks the last.
    return pd.Series(np.array([*TIERS, None], dtype=object)[codes], index=index, dtype="str")


def _side_by_side(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    faults = [
        _("{when}: {fault}").format(when=when, fault=fault)
        for when, tiers in ((_("before"), before), (_("after"), after))
        for fault in [*repeated_ids(tiers.index), *unknown_tiers(tiers)]
    ]
    if faults:
        raise ValueError(_("tiers {faults}").format(faults="; ".join(faults)))
    return pd.DataFrame({"before": before.astype("str"), "after": after.astype("str")})
