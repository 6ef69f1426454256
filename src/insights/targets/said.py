"""Targets in words: the sentence and the tables that people read."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from insights.targets.decomposition import TOTAL
from insights.targets.progress import period_words
from insights.words import _, short, shown, signed

SCOPES = ("company", "region", "product_line", "channel", "rep", "customer", "product")


def percent(share: float) -> str:
    """Return a share in percent with one digit; a dash where it is not known."""
    return "–" if pd.isna(share) else f"{100 * share:.1f}"


def points(share: float) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    return "–" if pd.isna(share) else f"{round(100 * share, 1) + 0.0:+.1f}"


def money(value: float) -> str:
    """Return an amount in whole CNY with thousands apart; a dash where it is not known."""
    return "–" if pd.isna(value) else f"{value:,.0f}"


def attainment_words(rows: pd.DataFrame, forecast: pd.DataFrame) -> pd.DataFrame:
    """Return attained targets in human headings, each beside its forecast."""
    ends = rows.merge(
        forecast[["scope", "scope_id", "grain", "expected", "low", "high"]],
        on=["scope", "scope_id", "grain"], how="left",
    )  # fmt: skip
    places = pd.MultiIndex.from_arrays(
        [[shown(one).replace("_", " ") for one in ends.scope], _names(ends),
         [period_words(a, b) for a, b in zip(ends.period, ends.grain, strict=True)]],
        names=[_("of"), _("name"), _("period")],
    )  # fmt: skip
    return pd.DataFrame(
        {
            _("target, CNY"): [money(v) for v in ends.target],
            _("sold so far"): [money(v) for v in ends.actual],
            _("attained, %"): [percent(v) for v in ends.attainment],
            _("working days passed, %"): [percent(v) for v in ends.time_progress],
            _("gap, points"): [points(v) for v in ends.gap],
            _("a working day so far"): [money(v) for v in ends.run_rate],
            _("needed a working day"): [money(v) for v in ends.required_rate],
            _("expected at the end"): [_range(row) for row in ends.itertuples()],
            _("by sell-through, %"): [percent(v) for v in ends.sell_through_attainment],
            _("note"): ends.reason.to_numpy(),
        },
        index=places,
    )


def _names(rows: pd.DataFrame) -> list[str]:
    whole = _("the whole company")
    return [
        whole if scope == "company" else shown(name) if scope == "channel" else name
        for scope, name in zip(rows.scope.map(str), rows["name"].map(str), strict=True)
    ]


def _range(row: Any) -> str:
    if pd.isna(row.expected):
        return "–"
    middle = short(row.expected)
    if pd.isna(row.low) or row.low == row.high:
        return middle
    return f"{middle} ({short(row.low)}–{short(row.high)})"


def growth_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return growth by month in human headings, shipments and sell-through side by side."""
    labels = {"sales": _("shipments"), "sell_through": _("sell-through")}
    parts = []
    for metric, own in rows.groupby("metric", sort=True):
        name = labels[str(metric)]
        part = pd.DataFrame(
            {
                _("{metric}, CNY").format(metric=name): [money(v) for v in own.amount],
                _("{metric}: on last year, %").format(metric=name): [
                    points(v) for v in own.growth],
                _("{metric}: the same a working day, %").format(metric=name): [
                    points(v) for v in own.growth_per_day],
                _("{metric}: a working day on the period before, %").format(metric=name): [
                    points(v) for v in own.change_per_day],
            },
            index=pd.Index(own.label, name=_("period")),
        )  # fmt: skip
        parts.append(part)
    return pd.concat(parts, axis=1) if parts else pd.DataFrame()


def parts_words(parts: pd.DataFrame) -> pd.DataFrame:
    """Return price, volume and mix by line in human headings, whole CNY."""
    pairs = zip(parts.product_line.map(str), parts.vbp.astype(bool), strict=True)
    named = [_part_name(line, vbp) for line, vbp in pairs]
    headings = {
        "before": _("a year before, CNY"), "after": _("now"), "change": _("change"),
        "price": _("price"), "volume": _("volume"), "mix": _("mix"), "new": _("of it new products"),
        "vanished": _("no longer sold"),
    }  # fmt: skip
    table = {word: [money(v) for v in parts[name]] for name, word in headings.items()}
    return pd.DataFrame(table, index=pd.Index(named, name=_("product line")))


def _part_name(line: str, vbp: bool) -> str:
    if line == TOTAL:
        return _("in all")
    return _("{line} (VBP)").format(line=line_name(line)) if vbp else line_name(line)


def line_name(line: str) -> str:
    """Return a product line's name; goods without one say so."""
    return line or _("without a line")


def contribution_words(rows: pd.DataFrame, heading: str, names: dict[str, str]) -> pd.DataFrame:
    """Return who contributed to the growth, in human headings."""
    table = pd.DataFrame(
        {
            _("a year before, CNY"): [money(v) for v in rows.before],
            _("now"): [money(v) for v in rows.after],
            _("growth, %"): [points(v) for v in rows.growth],
            _("contribution, points"): [points(v) for v in rows.points],
            _("of the growth, %"): [percent(v) for v in rows.share_of_growth],
            _("share, %"): [percent(v) for v in rows.share_after],
            _("share moved, points"): [points(v) for v in rows.share_moved],
        },
        index=pd.Index([names.get(one, one) or _("none") for one in rows.id], name=heading),
    )
    why = next((one for one in rows.reason if one), "")
    return table.assign(**{_("note"): _("share of growth withheld: {why}").format(why=why)}) if (
        why
    ) else table  # fmt: skip


def won_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return new customers of the running periods in human headings."""
    index = [period_words(a, b) for a, b in zip(rows.period, rows.grain, strict=True)]
    return pd.DataFrame(
        {
            _("new customers"): rows.won.astype("int64").to_numpy(),
            _("same days last year"): [money(v) for v in rows.won_before],
            _("bought in their first 30 days, CNY"): [money(v) for v in rows.first_amount],
            _("cannot be told from old ones"): rows.not_covered.to_numpy(),
        },
        index=pd.Index(index, name=_("period")),
    )


def cycle_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return purchase cycles by line in human headings."""
    return pd.DataFrame(
        {
            _("customers x products"): rows.pairs.to_numpy(),
            _("usual days between orders"): rows.median_days.round(0).to_numpy(),
            _("reorders overdue"): rows.overdue.astype("int64").to_numpy(),
            _("overdue, %"): [percent(v) for v in rows.overdue_share],
            _("usually ordered then, CNY"): [money(v) for v in rows.usual_amount],
        },
        index=pd.Index([line_name(one) for one in rows.product_line], name=_("product line")),
    )


def channel_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return shipments to distributors beside what they sold on, in human headings."""
    return pd.DataFrame(
        {
            _("shipped to distributors, CNY"): [money(v) for v in rows.shipped],
            _("sold on by them"): [money(v) for v in rows.sold_on],
            _("ahead"): [money(v) for v in rows.ahead],
            _("ratio"): rows.shipments_to_flow.round(2).to_numpy(),
        },
        index=pd.Index([f"{one:%Y-%m}" for one in rows.month], name=_("month")),
    )


def exception_words(rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return trend exceptions in human headings."""
    return pd.DataFrame(
        {
            _("of"): [shown(one).replace("_", " ") for one in rows.scope],
            _("name"): [names.get(one, shown(one)) or _("none") for one in rows.scope_id],
            _("expected, CNY"): [money(v) for v in rows.expected],
            _("sold, CNY"): [money(v) for v in rows.came],
            _("difference"): [money(v) for v in rows.money],
            _("why"): rows.reason.to_numpy(),
        }
    )


def actions_words(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the action list in human headings."""
    return pd.DataFrame(
        {
            _("who"): [_named(row) for row in rows.itertuples()],
            _("action"): rows.action.to_numpy(),
            _("why"): rows.why.to_numpy(),
            _("at stake, CNY"): [money(v) for v in rows.money_at_stake],
            _("owner"): rows.owner.to_numpy(),
        }
    )


def _named(row: Any) -> str:
    identity, name = row.subject_id, row.name
    return str(identity) if pd.isna(name) or name == identity else f"{name} ({identity})"


def sentence(
    own: pd.Series, place: str, as_of: object, growth: float, ahead: pd.Series | None
) -> str:
    """Say how far the year's target is attained against its working time, and what is needed."""
    said = [_stand(own, place, as_of), *_needed(own), *_expected(own, ahead)]
    if not math.isnan(growth):
        words = _("against the same days of last year sales moved by {growth}")
        said.append(words.format(growth=signed(growth)))
    return "; ".join(said) + "."


def _stand(own: pd.Series, place: str, as_of: object) -> str:
    period = period_words(own.period, own.grain)
    if pd.isna(own.attainment):
        return _("{place}: {actual} CNY sold in {period} by {day}; attainment is not known: {why}"
                 ).format(place=place, actual=short(own.actual), period=period, day=as_of,
                          why=own.reason)  # fmt: skip
    words = _("{place}: {actual} of {target} CNY for {period} by {day}, {share:.1%} attained")
    first = words.format(
        place=place, actual=short(own.actual), target=short(own.target), period=period, day=as_of,
        share=own.attainment)  # fmt: skip
    if pd.isna(own.time_progress):
        return f"{first} ({own.reason})"
    words = _("{first} against {time:.1%} of working days ({gap} points)")
    return words.format(first=first, time=own.time_progress, gap=points(own.gap))


def _needed(own: pd.Series) -> list[str]:
    if pd.isna(own.required_rate) or pd.isna(own.run_rate):
        return []
    if own.required_rate == 0:
        return [_("the target is reached")]
    words = _("each of the {n:.0f} working days left must bring {needed} CNY, so far it was {rate}")
    return [words.format(n=own.remaining_days, needed=short(own.required_rate),
                         rate=short(own.run_rate))]  # fmt: skip


def _expected(own: pd.Series, ahead: pd.Series | None) -> list[str]:
    if ahead is None or pd.isna(ahead.expected) or own.remaining_days == 0:
        return []
    if pd.isna(ahead.low):
        return [_("expected at the end: {expected}").format(expected=short(ahead.expected))]
    words = _("expected at the end: {expected} ({low} to {high})")
    return [words.format(expected=short(ahead.expected), low=short(ahead.low),
                         high=short(ahead.high))]  # fmt: skip
