"""Targets in pictures."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.targets.decomposition import TOTAL
from insights.targets.progress import period_words
from insights.words import _


@figures.legible()
def draw_attainment(rows: pd.DataFrame, forecast: pd.DataFrame, place: str, why: str) -> Figure:
    """Draw how far each target is attained, what is expected at the end, and the time passed."""
    title = _("Targets attained and expected: {place}").format(place=place)
    known = rows[rows.attainment.notna()]
    if known.empty:
        return figures.message(title, why or _("no target is set"))
    period = period_words(known.period.iloc[0], known.grain.iloc[0])
    frame = _with_ends(known, forecast)
    progress = 100 * float(known.time_progress.iloc[0])
    unit = _("% of {period}'s target (point: so far, bar: forecast; line: {time:.0f} % of time)")
    told = unit.format(period=period, time=progress)
    return figures.intervals(frame, title, told, reference=progress, label="{:.0f}")


def _with_ends(rows: pd.DataFrame, forecast: pd.DataFrame) -> pd.DataFrame:
    ends = rows.merge(
        forecast[["scope", "scope_id", "grain", "expected", "low", "high"]],
        on=["scope", "scope_id", "grain"], how="left",
    )  # fmt: skip
    share = 100 / ends.target
    kinds = {"company": _("company"), "region": _("region"), "product_line": _("product line"),
             "rep": _("representative (device)")}  # fmt: skip
    kept = [word for name, word in kinds.items() if name in set(ends.scope)]
    whole = _("the whole company")
    names = [whole if row.scope == "company" else row.name for row in ends.itertuples(index=False)]
    return pd.DataFrame(
        {
            "estimate": (ends.actual * share).to_numpy(),
            "low": (ends.low * share).fillna(ends.actual * share).to_numpy(),
            "high": (ends.high * share).fillna(ends.actual * share).to_numpy(),
            "kind": pd.Categorical(ends.scope.map(kinds), categories=kept),
        },
        index=names,
    )


@figures.legible()
def draw_growth(growth: pd.DataFrame, place: str, why: str) -> Figure:
    """Draw shipments and sell-through a working day, January and February together."""
    title = _("Sales a working day: {place}").format(place=place)
    if growth.empty or growth.per_day.isna().all():
        return figures.message(title, why or _("no working day is known"))
    labels = {"sales": _("shipments"), "sell_through": _("sell-through")}
    wide = growth.pivot(index="period", columns="metric", values="per_day")
    wide.columns = [labels[one] for one in wide.columns]
    return figures.lines(wide, title, _("CNY a working day"))


@figures.legible()
def draw_parts(parts: pd.DataFrame, place: str, why: str) -> Figure:
    """Draw what moved sales: price under VBP, other prices, volume, mix."""
    title = _("What moved sales against the same days of last year: {place}").format(place=place)
    if parts.empty:
        return figures.message(title, why or _("nothing was sold in either year"))
    lines = parts[parts.product_line != TOTAL]
    found = pd.Series(
        {
            _("price, VBP products"): lines.price[lines.vbp.astype(bool)].sum(),
            _("price, other products"): lines.price[~lines.vbp.astype(bool)].sum(),
            _("volume"): lines.volume.sum(),
            _("mix"): lines.mix.sum(),
            _("change in all"): lines.change.sum(),
        }
    )
    return figures.bars(found, title, _("CNY"), highlight=[_("change in all")])
