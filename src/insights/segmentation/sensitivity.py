"""Would other settings have found other segments? Each choice changed alone, the rest held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from insights.params import SegmentationParams
from insights.segmentation.drift import count_both, match_segments
from insights.segmentation.model import Fit, SegmentModel, fit_segments
from insights.words import N_, _, shown

COLUMNS = ("check", "what", "ari", "same_segment_share", "same_name_share", "k", "verdict")
SAME, SEED, NUMBER = N_("same settings"), N_("another seed"), N_("number of segments")
WEIGHT, LEFT_OUT, WINSOR = N_("weight of text features"), N_("left out"), N_("winsorised share")
FEWEST, WIDEST = 2, 0.49


@dataclass(frozen=True)
class Variant:
    """One changed setting: its name, and the params and columns to refit with, or why not."""

    check: str
    what: str
    params: SegmentationParams | None
    reason: str = ""


def sensitivity(
    features: pd.DataFrame,
    fit: Fit,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> pd.DataFrame:
    """How much of the segmentation rests on choices that could have been others?

    ``features`` and ``params``: those of ``fit``. The segments are found again with other seeds,
    one segment fewer and more, the weight of text features halved and doubled, the winsorised
    share doubled, and without each feature in turn; k is held where the question is not k. At
    most ``params.sensitivity_rows`` customers are drawn; then a first row with the same settings
    shows what the drawing alone does. A row a change: check, what, ari (adjusted Rand index
    against the labels of ``fit``, Hubert and Arabie 1985), same_segment_share (customers in the
    segment matched to their former one), same_name_share (in a segment called as before: less
    where only the naming rule says otherwise), k, verdict by ``params.sensitivity_bounds`` on ari.
    A change that cannot be made has NaN and says why.
    """
    drawn = _drawn(features, params)
    sampled = len(drawn) < len(features)
    rows = [
        _row(drawn, fit.model, one, params.sensitivity_bounds)
        for one in _variants(drawn, len(fit.model.names), sampled, params)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"k": "Int64"})


def most_decisive(table: pd.DataFrame) -> str:
    """Say without which feature the segments change most, if more than another seed changes them.

    ``table``: from ``sensitivity``.
    """
    left_out = table[(table.check == LEFT_OUT) & table.ari.notna()]
    if left_out.empty:
        return _("No feature could be left out and the segments compared.")
    first = left_out.sort_values("ari", kind="stable").iloc[0]
    chance = table[table.check.isin([SAME, SEED])].ari.min()
    if first.ari >= chance:
        return _(
            "No single feature decides: leaving out {what} changes the segments no more (adjusted "
            "Rand {ari:.2f}) than another seed or sample does ({chance:.2f})."
        ).format(what=shown(first.what), ari=first.ari, chance=chance)
    return _(
        "The most decisive feature is {what}: without it {same:.3g} % of customers keep "
        "their segment (adjusted Rand {ari:.2f})."
    ).format(what=shown(first.what), same=100 * first.same_segment_share, ari=first.ari)


def _drawn(features: pd.DataFrame, params: SegmentationParams) -> pd.DataFrame:
    ordered = features.iloc[np.argsort(features.index.astype("str"), kind="stable")]
    if len(ordered) <= params.sensitivity_rows:
        return ordered
    draw = np.random.default_rng(params.seed)
    rows = draw.choice(len(ordered), params.sensitivity_rows, replace=False)
    return ordered.iloc[np.sort(rows)]


def _variants(
    features: pd.DataFrame, k: int, sampled: bool, params: SegmentationParams
) -> Iterator[Variant]:
    """Yield every change in the order it is shown; stability is not asked again, only sameness."""
    used = _varied(features, params)
    held = replace(_with_k(params, max(k, FEWEST)), features=tuple(used))
    if k < FEWEST:
        yield Variant(NUMBER, str(k), None, _("one segment: there is nothing to tell apart"))
        return
    if sampled:
        yield Variant(SAME, _("{n} customers drawn").format(n=len(features)), held)
    for step in range(1, params.sensitivity_seeds + 1):
        search = params.search_seed + step
        changed = replace(held, seed=params.seed + step, search_seed=search)
        yield Variant(SEED, str(search), changed)
    yield from _other_k(k, held)
    yield from _other_weights(features, used, held)
    yield from _left_out(used, held)
    share = min(2 * held.winsor_share, WIDEST)
    yield Variant(WINSOR, f"{share:g}", replace(held, winsor_share=share))


def _varied(features: pd.DataFrame, params: SegmentationParams) -> list[str]:
    wanted = list(params.features or features.columns)
    return [name for name in wanted if features[name].nunique(dropna=True) > 1]


def _with_k(params: SegmentationParams, k: int) -> SegmentationParams:
    return replace(
        params, min_segments=k, max_segments=k, min_jaccard=0.0, min_share=0.0, bootstraps=1
    )


def _other_k(k: int, held: SegmentationParams) -> Iterator[Variant]:
    if k > FEWEST:
        yield Variant(NUMBER, str(k - 1), _with_k(held, k - 1))
    else:
        yield Variant(NUMBER, str(k - 1), None, _("two segments are the fewest"))
    yield Variant(NUMBER, str(k + 1), _with_k(held, k + 1))


def _other_weights(
    features: pd.DataFrame, used: list[str], held: SegmentationParams
) -> Iterator[Variant]:
    texts = [name for name in used if not pd.api.types.is_numeric_dtype(features[name])]
    for factor in (0.5, 2.0):
        weight = factor * held.categorical_weight
        if texts and weight:
            yield Variant(WEIGHT, f"{weight:g}", replace(held, categorical_weight=weight))
        else:
            yield Variant(WEIGHT, f"{weight:g}", None, _("no text feature has a weight"))


def _left_out(used: list[str], held: SegmentationParams) -> Iterator[Variant]:
    for name in used:
        rest = tuple(other for other in used if other != name)
        if rest:
            yield Variant(LEFT_OUT, name, replace(held, features=rest))
        else:
            yield Variant(LEFT_OUT, name, None, _("no other feature is left"))


def _row(
    features: pd.DataFrame,
    model: SegmentModel,
    one: Variant,
    bounds: tuple[float, float, float],
) -> tuple[str, str, float, float, float, int | None, str]:
    if one.params is None:
        return (one.check, one.what, np.nan, np.nan, np.nan, None, one.reason)
    other = fit_segments(features, one.params).model
    before, after = (
        fitted.assign(features).segment.to_numpy(dtype=object) for fitted in (model, other)
    )
    pairs = match_segments(count_both(before, after, model.names, other.names))
    ari = float(adjusted_rand_score(before, after))
    kept, named = pairs.customers_both.sum() / len(features), float((before == after).mean())
    return (one.check, one.what, ari, kept, named, len(other.names), _verdict(ari, bounds))


def _verdict(ari: float, bounds: tuple[float, float, float]) -> str:
    words = [
        _("other segments: read with care"),
        _("partly the same segments"),
        _("nearly the same segments"),
        _("the same segments"),
    ]
    return words[int(np.digitize(ari, bounds))]
