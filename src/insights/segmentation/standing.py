"""Core, potential or ordinary: whom to serve in person, whom to grow, whom to serve by rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.terminals import read_terminals
from insights.words import _, listing

AXES = ("volume", "potential", "influence")
SOURCES = {"volume": "monetary_value", "potential": "potential", "influence": "influence"}
NUMBERS = ("monetary_value", "potential", "influence", "growth")
TOP_INFLUENCE = 5.0
LEVELS = np.linspace(0, 100, 21)


@dataclass(frozen=True)
class Anchors:
    """The amounts at which a score stands: rising amounts and their scores of 0 to 100."""

    amounts: tuple[float, ...]
    scores: tuple[float, ...]

    def score(self, values: pd.Series) -> pd.Series:
        """Return 0 for nothing, else where the amount stands among the anchors; NaN unknown."""
        if not self.amounts:
            return values.where(values.isna(), 0.0)
        found = np.interp(values, self.amounts, self.scores, left=0.0, right=100.0)
        return pd.Series(np.where(values <= 0, 0.0, found), values.index).where(values.notna())


@dataclass(frozen=True)
class StandingRule:
    """Stored anchors of volume and potential: one customer scores as it would in the batch."""

    volume: Anchors
    potential: Anchors

    def scores(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return volume, potential and influence as 0..100, NaN where not known."""
        return pd.DataFrame(
            {
                "volume": self.volume.score(rows.monetary_value),
                "potential": self.potential.score(rows.potential),
                "influence": 100 * rows.influence / TOP_INFLUENCE,
            }
        )


def fit_standing_rule(customers: pd.DataFrame) -> StandingRule:
    """At which amounts does a customer stand above how many of its like?

    Anchors are the percentiles, in steps of 5, of the amounts above 0: a volume score of 80 means
    more than 80 % of those that bought when the rule was fitted. Amounts shared by many take the
    middle of their percentiles.
    """
    rows = read_terminals(customers, NUMBERS)
    return StandingRule(_anchors(rows.monetary_value), _anchors(rows.potential))


def standing(
    customers: pd.DataFrame,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
    rule: StandingRule | None = None,
) -> pd.DataFrame:
    """Who is core, who has potential, who is served by the standard process (A2, A3, A4)?

    ``customers``: the customers frame; ``rule``: what ``fit_standing_rule`` returned, fitted on
    these customers where absent. Returns a row a customer, indexed by customer_id: ``standing``
    (core/potential/ordinary), ``score`` and the three axes ``volume_score``, ``potential_score``,
    ``influence_score`` (0..100, NaN unknown), ``known_weight`` (0..1), ``gap`` (CNY a year,
    potential less value, at least 0, NaN unknown), ``standing_reason`` (words).

    Core: the weighted score is at least ``core_score``. An unknown axis leaves its weight to the
    others, but axes below ``core_known_weight`` in all make nobody core. Potential: not core,
    volume score within ``potential_volume_band``, and growing or buying less than
    ``potential_share`` of its potential. Influence is a proxy: what the company noted of it.
    """
    rows = read_terminals(customers, NUMBERS)
    frozen = fit_standing_rule(customers) if rule is None else rule
    axes = frozen.scores(rows)
    score, known_weight = _weighted(axes, params.core_weights)
    growing, roomy = _growing(rows, params), _roomy(rows, params)
    core = (score >= params.core_score) & (known_weight >= params.core_known_weight)
    promising = _middle(axes, rows, params.potential_volume_band) & (growing | roomy)
    table = axes.add_suffix("_score").assign(known_weight=known_weight, gap=gap(rows))
    table.insert(0, "standing", np.select([core, promising], ["core", "potential"], "ordinary"))
    table.insert(1, "score", score)
    return table.assign(standing_reason=_reasons(table, rows, growing, roomy))


def gap(rows: pd.DataFrame) -> pd.Series:
    """Return potential less value in CNY a year, at least 0; NaN where either is not known."""
    return (rows.potential - rows.monetary_value.clip(lower=0)).clip(lower=0)


def _anchors(values: pd.Series) -> Anchors:
    positive = values[values > 0].to_numpy()
    if not len(positive):
        return Anchors((), ())
    knots = pd.Series(LEVELS).groupby(np.percentile(positive, LEVELS)).mean()
    return Anchors(
        tuple(float(amount) for amount in knots.index), tuple(float(level) for level in knots)
    )


def _weighted(axes: pd.DataFrame, weights: tuple[float, ...]) -> tuple[pd.Series, pd.Series]:
    """Return the score over the known axes, and the share of the weight that they carry."""
    share = np.array(weights) / sum(weights)
    known = axes.notna().to_numpy() @ share
    points = axes.fillna(0.0).to_numpy() @ share
    score = np.divide(points, known, out=np.full(len(axes), np.nan), where=known > 0)
    # Sums of shares miss 1 by their last digit; a bound is met to the ninth.
    return pd.Series(score.round(9), axes.index), pd.Series(known.round(9), axes.index)


def _middle(axes: pd.DataFrame, rows: pd.DataFrame, band: tuple[float, float]) -> pd.Series:
    return axes.volume.between(*band) & (rows.monetary_value > 0)


def _growing(rows: pd.DataFrame, params: SegmentationParams) -> pd.Series:
    return rows.growth > params.potential_growth


def _roomy(rows: pd.DataFrame, params: SegmentationParams) -> pd.Series:
    return rows.monetary_value < params.potential_share * rows.potential


def _reasons(
    table: pd.DataFrame, rows: pd.DataFrame, growing: pd.Series, roomy: pd.Series
) -> list[str]:
    whys = _whys(table, rows, growing, roomy)
    axes = table[[f"{axis}_score" for axis in AXES]].to_numpy()
    return [
        "; ".join(part for part in (why, _score_words(score, row)) if part)
        for why, score, row in zip(whys, table.score, axes, strict=True)
    ]


def _whys(
    table: pd.DataFrame, rows: pd.DataFrame, growing: pd.Series, roomy: pd.Series
) -> np.ndarray:
    potential = table.standing == "potential"
    conditions = [
        (table.standing == "core", _("high in the weighted axes")),
        (potential & growing & roomy, _("middle volume, growing and below its potential")),
        (potential & growing, _("middle volume and growing")),
        (potential, _("middle volume and below its potential")),
        (table.score.isna(), _("nothing known of it; standard service, low-touch until it is")),
        (
            rows.monetary_value <= 0,
            _("buys nothing: its development priority decides, else standard service, low-touch"),
        ),
        (rows.monetary_value.isna(), _("value not known; standard service, low-touch until it is")),
    ]
    default = _("standard service, low-touch: phone and digital channels first")
    return np.select([mask for mask, _w in conditions], [w for _m, w in conditions], default)


def _score_words(score: float, axes: np.ndarray) -> str:
    if np.isnan(score):
        return ""
    names = [_("volume"), _("potential"), _("influence")]
    known = [
        f"{name} {value:.0f}"
        for name, value in zip(names, axes, strict=True)
        if not np.isnan(value)
    ]
    unknown = [name for name, value in zip(names, axes, strict=True) if np.isnan(value)]
    words = _("score {score:.0f} of 100 ({axes})").format(score=score, axes=listing(known))
    if unknown:
        words += _(", {axes} not known: the others' weights rescaled").format(axes=listing(unknown))
    return words
