"""How do regions, teams and representatives stand, against peers and against their own past?

A figure is a ratio: its numerators over its denominators, summed over the months. Its trend is the
Theil-Sen slope of the monthly ratios (Sen 1968), with its interval. Its standard error is that of
leaving out one month after another (jackknife). Against peers it is shrunk to their median by as
much of the peers' spread as such errors alone would make (empirical Bayes), by two errors at most
so that one who is truly apart stays apart (limited translation; Efron and Morris 1972), and then
measured in their robust standard deviations: what may be chance is no strength. The score is the
weighted mean of these; the weights are shown. Too few months show no trend, too few peers no
strength: both are said.

Representatives of drug lines carry no sales figures (params.compliance): theirs are dropped here,
whoever sends them, and counted.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import stats

from insights.params import TargetsParams
from insights.words import _

FIGURES = ("kind", "unit_id", "figure", "month", "numerator", "denominator")
CARDS = (
    "kind", "unit_id", "figure", "value", "numerator", "denominator", "months", "slope",
    "slope_low", "slope_high", "trend", "error", "peers", "peer_median", "shrunk", "z", "standing",
    "weight", "reason",
)  # fmt: skip
SCORES = ("kind", "unit_id", "score", "weight_known", "figures", "rank", "peers", "reason")
CALLS = ("coverage", "effective_visits", "complete_records", "on_time_entry", "plan_adherence")
DEVICE = "device"
DEVICE_REP, DRUG_REP = "device_rep", "drug_rep"
PEOPLE = ("rep", DEVICE_REP, DRUG_REP)
RISING, FALLING, STEADY, TOO_FEW = "rising", "falling", "steady", "too_few"
STRENGTH, WEAKNESS, USUAL = "strength", "weakness", "usual"
TO_SIGMA = 1.4826
MOST_Z = 3.0
TOLD_APART = 2.0  # errors of its own that a figure must lie from its peers' median to stand out
SLOPE_CONFIDENCE = 0.9
UNIT = ["kind", "unit_id"]


@dataclass(frozen=True)
class Scorecards:
    """``cards``: a row a unit and figure (CARDS); ``scores``: a row a unit (SCORES)."""

    cards: pd.DataFrame
    scores: pd.DataFrame
    weights: pd.DataFrame
    withheld: int = 0
    notes: tuple[str, ...] = ()


def scorecards(figures: pd.DataFrame, reps: pd.DataFrame, params: TargetsParams) -> Scorecards:
    """How does each unit stand, and what are its strengths and weaknesses?

    ``figures``: FIGURES, a row a unit, figure and month; kind is region, team or rep (device_rep,
    drug_rep), and peers are of one kind; more is better in all of them. ``reps``: rep_id and
    line_type, which decides what may be told of a representative. Only figures with a weight in
    ``params.score_weights`` are read, and of each the last ``params.score_months`` months of each.
    """
    weights = pd.DataFrame(params.score_weights, columns=["figure", "weight"])
    allowed = _allowed(figures, reps)
    known = allowed[allowed.figure.isin(weights.figure)]
    recent = _recent(known, params.score_months)
    cards = _against_peers(_measured(recent, params), params)
    cards = cards.merge(weights, on="figure", how="left")
    cards = cards.assign(reason=[_reason(row, params) for row in cards.to_dict("records")])
    ordered = cards.loc[:, list(CARDS)].sort_values([*UNIT, "figure"], ignore_index=True)
    withheld = len(figures) - len(allowed)
    return Scorecards(ordered, _scores(ordered, params), weights, withheld, _notes(withheld))


def _allowed(figures: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    """Return what may be told: of representatives whose line is not device, calls alone."""
    device = set(reps.rep_id[reps.line_type == DEVICE])
    person = figures.kind.isin(PEOPLE)
    sales = ~figures.figure.isin(CALLS)
    return figures[~(person & sales & ~figures.unit_id.isin(device))]


def _notes(withheld: int) -> tuple[str, ...]:
    if not withheld:
        return ()
    return (
        _("{n} sales figures of drug representatives were left out: they carry none").format(
            n=withheld
        ),
    )


def _recent(figures: pd.DataFrame, months: int) -> pd.DataFrame:
    if figures.empty:
        return figures
    last = pd.DatetimeIndex(figures.month).max()
    return figures[pd.DatetimeIndex(figures.month) > last - pd.DateOffset(months=months)]


def _measured(figures: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Return of each unit and figure its ratio over all months, its trend and its error."""
    keys = [*UNIT, "figure"]
    monthly = figures.groupby([*keys, "month"], as_index=False)[["numerator", "denominator"]].sum(
        min_count=1
    )
    place = pd.PeriodIndex(pd.DatetimeIndex(monthly.month), freq="M").astype("int64").to_numpy()
    usable = (monthly.denominator > 0) & monthly.numerator.notna()
    over, under = (monthly[name].to_numpy(float) for name in ("numerator", "denominator"))
    rows = []
    for names, at in monthly.groupby(keys).indices.items():
        kept = at[usable.to_numpy()[at]]
        told = _measure(over[kept], under[kept], place[kept], params)
        rows.append({**dict(zip(keys, cast(tuple[str, ...], names), strict=True)), **told})
    return pd.DataFrame(rows, columns=list(CARDS[:12]))


def _measure(
    over: np.ndarray, under: np.ndarray, place: np.ndarray, params: TargetsParams
) -> dict[str, object]:
    whole = {"numerator": over.sum(), "denominator": under.sum(), "months": len(over)}
    unknown = dict.fromkeys(("slope", "slope_low", "slope_high", "error"), np.nan)
    value = over.sum() / under.sum() if len(over) else np.nan
    found = {"value": value, **whole, **unknown, "trend": TOO_FEW}
    if len(over) < params.score_min_months:
        return found
    slope, _level, low, high = stats.theilslopes(over / under, place, alpha=SLOPE_CONFIDENCE)
    trend = RISING if low > 0 else FALLING if high < 0 else STEADY
    told = {"slope": slope, "slope_low": low, "slope_high": high, "trend": trend}
    return {**found, **told, "error": _jackknife(over, under)}


def _jackknife(over: np.ndarray, under: np.ndarray) -> float:
    """Return the standard error of a ratio of sums, leaving out one month after another."""
    without = (over.sum() - over) / (under.sum() - under)
    n = len(over)
    return float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))


def _against_peers(cards: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Add how far each figure stands from the median of its peers, shrunk by its own error."""
    kinds = [cards.kind, cards.figure]
    known = cards.value.notna() & cards.error.notna()
    value = cards.value.where(known)
    middle = value.groupby(kinds).transform("median")
    spread = TO_SIGMA * (value - middle).abs().groupby(kinds).transform("median")
    chance = (cards.error**2).where(known).groupby(kinds).transform("median")
    real = (spread**2 - chance).clip(lower=0.0)
    trusted = real / (real + cards.error**2).where(lambda both: both > 0)
    most = TOLD_APART * cards.error
    pulled = ((1 - trusted.fillna(1.0)) * (value - middle)).clip(-most, most)
    shrunk = value - pulled
    units = known.groupby(kinds).transform("sum").astype("int64")
    enough = known & (units >= params.score_min_peers) & (spread > 0)
    z = ((shrunk - middle) / spread.where(spread > 0)).where(enough).clip(-MOST_Z, MOST_Z)
    apart = (value - middle).abs() > most
    high, low = z >= params.score_strength, z <= -params.score_strength
    standing = np.select(
        [z.isna(), apart & high, apart & low],
        [TOO_FEW, STRENGTH, WEAKNESS],
        USUAL,
    )
    peers = units - known.astype("int64")
    return cards.assign(peers=peers, peer_median=middle, shrunk=shrunk, z=z, standing=standing)


def _scores(cards: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Return each unit's weighted mean of what is known, and how much of the weight that is."""
    known = cards[cards.z.notna()]
    sums = known.assign(part=known.z * known.weight).groupby(UNIT)[["part", "weight"]].sum()
    units = pd.MultiIndex.from_frame(cards[UNIT].drop_duplicates())
    of_kind = cards.drop_duplicates(["kind", "figure"]).groupby("kind").weight.sum()
    whole = pd.Series(of_kind.reindex(units.get_level_values(0)).to_numpy(), units)
    found = pd.DataFrame(index=units).assign(
        score=sums.part / sums.weight,
        weight_known=sums.weight.reindex(units).fillna(0.0) / whole,
        figures=known.groupby(UNIT).size().reindex(units, fill_value=0),
    )
    told = found.reset_index()
    grouped = told.groupby("kind").score
    told = told.assign(rank=grouped.rank(ascending=False, method="min"),
                       peers=grouped.transform("count").astype("int64"))  # fmt: skip
    few = _("no score: fewer than {n} to compare with").format(n=params.score_min_peers)
    told = told.assign(reason=np.where(told.score.isna(), few, ""))
    return told.loc[:, list(SCORES)].sort_values(UNIT, ignore_index=True)


def _reason(row: dict[Hashable, Any], params: TargetsParams) -> str:
    if pd.isna(row["value"]):
        return _("nothing to measure it by: the denominator is 0 or missing")
    said = []
    if row["trend"] == TOO_FEW:
        said.append(
            _("no trend: {n} months, {least} are needed").format(
                n=row["months"], least=params.score_min_months
            )
        )
    if row["standing"] == TOO_FEW:
        said.append(
            _("not compared: fewer than {least} of its kind, or all alike").format(
                least=params.score_min_peers
            )
        )
    return _("; ").join(said)
