"""What a theme says of each item, as it was known: one phrase a row, empty where none fits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from insights.words import _


def money(value: float) -> str:
    """Return an amount in whole yuan."""
    return _("{amount:,.0f} CNY").format(amount=value)


def history(points: pd.DataFrame) -> list[str]:
    """Say how the payer has paid so far."""
    return [
        _("{late:.0f} of {n:.0f} earlier items late").format(late=late, n=n)
        if n
        else _("new payer: the rate of its kind applies")
        for late, n in zip(points.late_count, points.matured, strict=True)
    ]


def overdue(points: pd.DataFrame) -> list[str]:
    """Say what the payer has overdue."""
    return [
        _("payer has {money} overdue").format(money=money(value)) if value > 0 else ""
        for value in points.payer_overdue
    ]


def debt(points: pd.DataFrame) -> list[str]:
    """Say what the payer owes, and how much of its limit that is."""
    return [
        _("payer owes {money}, {used:.0f} % of its limit").format(
            money=money(owed), used=100 * used
        )
        if used > 0
        else _("payer owes {money}").format(money=money(owed))
        for owed, used in zip(points.payer_open, points.utilisation, strict=True)
    ]


def age(points: pd.DataFrame) -> list[str]:
    """Say how far along the item is."""
    return [
        _("{days:.0f} days past due, unpaid").format(days=past)
        if past > 0
        else _("{days:.0f} days until grace runs out").format(days=left)
        for past, left in zip(points.past_due, points.days_left, strict=True)
    ]


def paid(points: pd.DataFrame) -> list[str]:
    """Say how much of the item is paid."""
    return [
        _("{share:.0f} % of it paid").format(share=100 * share) if share > 0 else ""
        for share in points.paid_share
    ]


def size(points: pd.DataFrame) -> list[str]:
    """Say how large the item is for this payer."""
    times = np.exp(points.amount_against_usual)
    return [_("{times:.1f} times the payer's usual amount").format(times=t) for t in times]


def terms(points: pd.DataFrame) -> list[str]:
    """Say what was agreed."""
    return [
        _("retention money") if held else _("term of {days:.0f} days").format(days=term)
        for held, term in zip(points.retention, points.term, strict=True)
    ]


def dispute(points: pd.DataFrame) -> list[str]:
    """Say whether the item is disputed."""
    return [_("disputed") if value else "" for value in points.disputed]


def tender(points: pd.DataFrame) -> list[str]:
    """Say whether the goods were bought by volume-based procurement."""
    return [_("bought by VBP tender") if value else "" for value in points.vbp]


def season(points: pd.DataFrame) -> list[str]:
    """Say when the grace runs out."""
    return [
        _("grace runs out around Spring Festival")
        if festival
        else _("grace runs out at the year's end")
        if december
        else ""
        for festival, december in zip(points.festival, points.year_end, strict=True)
    ]


PHRASES: dict[str, Callable[[pd.DataFrame], list[str]]] = {
    "history": history,
    "overdue": overdue,
    "debt": debt,
    "age": age,
    "paid": paid,
    "size": size,
    "terms": terms,
    "dispute": dispute,
    "tender": tender,
    "season": season,
}
