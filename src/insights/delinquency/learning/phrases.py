"""What a theme says of each item, as it was known: one phrase a row, whichever way it moves it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from insights.words import _

STEADY = 0.01


def money(value: float) -> str:
    """Return an amount in whole yuan."""
    return _("{amount:,.0f} CNY").format(amount=value)


def history(points: pd.DataFrame) -> list[str]:
    """Say how the payer has paid so far."""
    known, new = _("{late:.0f} of {n:.0f} earlier items late"), _("new payer: nothing matured yet")
    return [
        known.format(late=late, n=n) if n else new
        for late, n in zip(points.late_count, points.matured, strict=True)
    ]


def kind(points: pd.DataFrame) -> list[str]:
    """Say how payers of its kind pay."""
    said = _("{share:.0f} % of items of payers like it late")
    share = 100 / (1 + np.exp(-points.group_late_odds.to_numpy()))
    return [said.format(share=value) for value in share.tolist()]


def overdue(points: pd.DataFrame) -> list[str]:
    """Say what the payer has overdue."""
    said, none = _("payer has {money} overdue"), _("payer has nothing overdue")
    return [
        said.format(money=money(value)) if value > 0 else none for value in points.payer_overdue
    ]


def debt(points: pd.DataFrame) -> list[str]:
    """Say what the payer owes, and how much of its limit that is."""
    limited = _("payer owes {money}, {used:.0f} % of its limit")
    plain = _("payer owes {money}")
    return [
        limited.format(money=money(owed), used=100 * used)
        if used > 0
        else plain.format(money=money(owed))
        for owed, used in zip(points.payer_open, points.utilisation, strict=True)
    ]


def timing(points: pd.DataFrame) -> list[str]:
    """Say how far along the item is, and since when nothing came from the payer."""
    gone = _("{days:.0f} days past due, unpaid")
    left = _("{days:.0f} days until grace runs out")
    since, never = _("{age}, last payment {days:.0f} days ago"), _("{age}, no payment yet")
    ages = [
        gone.format(days=past) if past > 0 else left.format(days=ahead)
        for past, ahead in zip(points.past_due, points.days_left, strict=True)
    ]
    paid_before = points.days_since_payment.notna().tolist()
    ago = points.days_since_payment.tolist()
    return [
        since.format(age=age, days=days) if known else never.format(age=age)
        for age, known, days in zip(ages, paid_before, ago, strict=True)
    ]


def paid(points: pd.DataFrame) -> list[str]:
    """Say how much of the item is paid."""
    said, none = _("{share:.0f} % of it paid"), _("nothing of it paid yet")
    return [said.format(share=100 * share) if share > 0 else none for share in points.paid_share]


def promises(points: pd.DataFrame) -> list[str]:
    """Say what was promised for the item, and how the payer keeps its word."""
    here, running = _("{n:.0f} promises broken for it"), _("a promise for it is running")
    other, none = _("payer broke {n:.0f} promises"), _("no broken promise")
    broken = np.expm1(points.broken_promises.to_numpy()).tolist()
    return [
        here.format(n=n) if n > 0 else running if now else other.format(n=more) if more else none
        for n, now, more in zip(broken, points.promise_running, points.payer_broken, strict=True)
    ]


def size(points: pd.DataFrame) -> list[str]:
    """Say how large the item is for this payer."""
    said = _("{times:.1f} times the payer's usual amount")
    return [said.format(times=t) for t in np.exp(points.amount_against_usual.to_numpy()).tolist()]


def terms(points: pd.DataFrame) -> list[str]:
    """Say what was agreed."""
    held, agreed = _("retention money"), _("term of {days:.0f} days")
    return [
        held if retained else agreed.format(days=term)
        for retained, term in zip(points.retention, points.term, strict=True)
    ]


def dispute(points: pd.DataFrame) -> list[str]:
    """Say whether the item is disputed."""
    yes, no = _("disputed"), _("not disputed")
    return [yes if value else no for value in points.disputed]


def tender(points: pd.DataFrame) -> list[str]:
    """Say whether the goods were bought by volume-based procurement."""
    yes, no = _("bought by VBP tender"), _("not bought by VBP tender")
    return [yes if value else no for value in points.vbp]


def season(points: pd.DataFrame) -> list[str]:
    """Say when the grace runs out."""
    spring, december = (
        _("grace runs out around Spring Festival"),
        _("grace runs out at the year's end"),
    )
    other = _("time of the year in which grace runs out")
    return [
        spring if festival > STEADY else december if end > STEADY else other
        for festival, end in zip(points.festival, points.year_end, strict=True)
    ]


PHRASES: dict[str, Callable[[pd.DataFrame], list[str]]] = {
    "history": history,
    "kind": kind,
    "overdue": overdue,
    "debt": debt,
    "timing": timing,
    "paid": paid,
    "promises": promises,
    "size": size,
    "terms": terms,
    "dispute": dispute,
    "tender": tender,
    "season": season,
}
