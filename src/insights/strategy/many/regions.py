"""What is the effect over all regions, how far do regions differ, and what would a new one see?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from insights.strategy.many.between import (
    Floats,
    Method,
    between_variance,
    weighted_overall,
)
from insights.strategy.many.faults import not_numbers, refuse, repeated
from insights.words import _, listing

NAN = float("nan")


@dataclass(frozen=True)
class RollUp:
    """Effects of regions put together, on the scale of the estimates given.

    ``interval`` holds the overall effect, ``prediction_interval`` the true effect of one more
    region (NaN where it cannot be told), ``tau`` the standard deviation of true effects between
    regions, ``i2`` the share of the spread that is not error; ``weights`` sum to one; ``words``
    say what was left out or could not be done.
    """

    estimate: float
    interval: tuple[float, float]
    tau: float
    i2: float
    prediction_interval: tuple[float, float]
    weights: pd.Series = field(repr=False)
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = _("{estimate:+.1%} over {n} regions ({low:+.1%} to {high:+.1%})").format(
            estimate=self.estimate, n=len(self.weights), low=self.interval[0],
            high=self.interval[1],
        ) if len(self.weights) else _("no region could be rolled up")  # fmt: skip
        return "; ".join((said, *self.words))


def roll_up(
    estimates: pd.Series,
    errors: pd.Series,
    confidence: float = 0.95,
    method: Method = "reml",
) -> RollUp:
    """Roll the effects of regions up into one (random effects).

    ``estimates`` and ``errors`` (standard errors) are indexed by region. The interval is that of
    Hartung, Knapp, Sidik and Jonkman, never narrower than with regions that differ by their errors
    alone (Roever, Knapp and Friede 2015); the prediction interval has k - 2 degrees of freedom
    (Higgins, Thompson and Spiegelhalter 2009). One region stands alone, in words. Regions without
    an estimate or an error are left out and named. ``ResultsError`` names every fault.
    """
    _refuse_faults(estimates, errors)
    both = pd.DataFrame({"y": estimates, "s": errors.reindex(estimates.index)}).astype(float)
    known = both.dropna()
    words = _left_out(both.index.difference(known.index, sort=False))
    if len(known) < 2:
        return _without_spread(known, confidence, words)
    y, s = known.y.to_numpy(), known.s.to_numpy()
    tau2 = between_variance(y, s, method)
    return _pooled(known.index, y, s, tau2, confidence, words)


def _pooled(
    regions: pd.Index, y: Floats, s: Floats, tau2: float, confidence: float, words: tuple[str, ...]
) -> RollUp:
    estimate, weights = weighted_overall(y, s, tau2)
    k, total = len(y), float((1 / (s**2 + tau2)).sum())
    spread = float((weights * total) @ (y - estimate) ** 2) / (k - 1)
    error = float(np.sqrt(max(spread, 1.0) / total))
    quantile = (1 + confidence) / 2
    half = float(stats.t.ppf(quantile, k - 1)) * error
    ahead = NAN
    if k > 2:
        ahead = float(stats.t.ppf(quantile, k - 2)) * float(np.sqrt(tau2 + error**2))
    else:
        words = (*words, _("two regions cannot say what a third would see"))
    return RollUp(
        estimate, (estimate - half, estimate + half), float(np.sqrt(tau2)),
        tau2 / (tau2 + _typical_variance(s)), (estimate - ahead, estimate + ahead),
        pd.Series(weights, index=regions, name="weight"), words,
    )  # fmt: skip


def _typical_variance(s: Floats) -> float:
    """Return the usual error variance (Higgins and Thompson 2002)."""
    weights = 1 / s**2
    return float((len(s) - 1) * weights.sum() / (weights.sum() ** 2 - (weights**2).sum()))


def _without_spread(known: pd.DataFrame, confidence: float, words: tuple[str, ...]) -> RollUp:
    nothing = (NAN, NAN)
    weights = pd.Series(1.0, index=known.index, name="weight")
    if known.empty:
        said = (*words, _("no region has both an effect and its error"))
        return RollUp(NAN, nothing, NAN, NAN, nothing, weights, said)
    y, s = float(known.y.iloc[0]), float(known.s.iloc[0])
    half = float(stats.norm.ppf((1 + confidence) / 2)) * s
    said = (
        *words,
        _("one region only ({region}): its own effect and error; how far regions differ, and what "
          "another would see, cannot be told").format(region=known.index[0]),
    )  # fmt: skip
    return RollUp(y, (y - half, y + half), NAN, NAN, nothing, weights, said)


def _left_out(regions: pd.Index) -> tuple[str, ...]:
    if regions.empty:
        return ()
    names = listing([str(region) for region in regions])
    said = _("{n} regions without an effect or its error were left out: {names}")
    return (said.format(n=len(regions), names=names),)


def _refuse_faults(estimates: pd.Series, errors: pd.Series) -> None:
    faults = [*not_numbers(estimates, "estimates"), *not_numbers(errors, "errors")]
    for name, values in (("estimates", estimates), ("errors", errors)):
        faults += repeated(values.index.to_series(), name)
    unknown = sorted({str(one) for one in errors.index.difference(estimates.index)})
    if unknown:
        faults.append(
            _("errors: regions without an estimate: {regions}; give both the same regions").format(
                regions=listing(unknown)
            )
        )
    numbers = pd.to_numeric(errors, errors="coerce")
    wrong = numbers[numbers <= 0]
    if len(wrong):
        faults.append(
            _("errors: not above zero: {rows}; a region without a known error has none").format(
                rows=listing([f"{region}: {value:g}" for region, value in wrong.items()])
            )
        )
    refuse(faults)
