"""What was known of an invoice and its payer on a day: at issue, or at any later scoring date.

Every figure is a sum over events dated on or before the day (``RunningSums``): no loop over
customers, and nothing after the day can change it. A late payment is known the day after due
date and grace have passed unpaid, not when the money comes at last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logit

from insights.features.ledger import NEVER, Ledger, day_numbers, due_at
from insights.features.running import RunningSums

RECENT_DAYS = 365
LONGEST_DELAY = 365
MICRO = 1e6
GROUP = ("customer_type", "ownership", "hospital_level")


def outcomes(ledger: Ledger, grace_days: int) -> pd.DataFrame:
    """What became of each item? A row an item, days as numbers.

    ``matures``: due date plus grace. ``late``: not settled by the end of that day (meaningful once
    ``matured``: that day has come). ``counts``: teaches something: has a due date and a payer,
    was not credited in full, and was not brought forward (of old items only the unpaid were).
    """
    items, as_of = ledger.items, ledger.day
    due = day_numbers(items.due_on)
    matures = np.where(due == NEVER, NEVER, due + grace_days)
    reduced, credited = _reduced_by(ledger, matures)
    amount = items.amount_cents.to_numpy("float64")
    payer = items.customer_id.notna().to_numpy() & (due != NEVER) & (amount > 0)
    return pd.DataFrame(
        {
            "issued": day_numbers(items.issued_on),
            "matures": matures,
            "settled": day_numbers(items.settled_on),
            "matured": matures <= as_of,
            "late": reduced < amount,
            "counts": payer & (credited < amount) & (items.kind != "opening").to_numpy(),
        },
        index=items.index,
    )


def invoice_features(
    ledger: Ledger, points: pd.DataFrame, grace_days: int, prior_invoices: float = 4.0
) -> pd.DataFrame:
    """What was known on each point's day? ``points``: item (position in the ledger), day (number).

    One row a point, float columns. Rates are drawn towards those of the payer's group, with the
    weight of ``prior_invoices`` matured items. A column that the source cannot fill is constant.
    """
    at = _Points.of(ledger, points)
    history = _past_lateness(ledger, at, grace_days, prior_invoices)
    return pd.DataFrame(
        history
        | _past_delays(ledger, at, prior_invoices)
        | _balances(ledger, at)
        | _the_item(ledger, at, grace_days),
        index=points.index,
    )


@dataclass(frozen=True)
class _Points:
    """The questions: which item, on which day, of which payer and group (integer codes)."""

    item: np.ndarray
    day: np.ndarray
    payer: np.ndarray
    group: np.ndarray
    payer_of: np.ndarray
    group_of: np.ndarray

    @classmethod
    def of(cls, ledger: Ledger, points: pd.DataFrame) -> _Points:
        items = ledger.items
        payer = pd.factorize(items.customer_id, use_na_sentinel=False)[0]
        traits = [items[name].fillna("").astype("str") for name in GROUP]
        group = pd.factorize(traits[0] + "|" + traits[1] + "|" + traits[2])[0]
        item = points["item"].to_numpy("int64")
        return cls(item, points.day.to_numpy("int64"), payer[item], group[item], payer, group)


def _reduced_by(ledger: Ledger, days: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the cents that had reduced each item by its day, and those of credit notes."""
    made = ledger.allocations
    credit = np.where(made.source == "credit_note", made.cents, 0)
    sums = RunningSums.of(
        made["item"].to_numpy(), made.day.to_numpy(), made.cents.to_numpy(), credit
    )
    return sums.upto(np.arange(len(ledger.items)), days)


def _standing_due(items: pd.DataFrame, patience: int) -> np.ndarray:
    """Return the due day that history holds against an item.

    An acceptance entered after the item had run out of ``patience`` days past its first due date
    does not undo what was known by then.
    """
    first = day_numbers(items.first_due_on)
    due = day_numbers(items.due_on)
    in_time = day_numbers(items.accepted_on) <= first + patience
    return np.where(in_time, due, first)


def _past_lateness(
    ledger: Ledger, at: _Points, grace_days: int, prior: float
) -> dict[str, np.ndarray]:
    """Return past late rates of payer and group, all time and recent, as shrunken log odds."""
    items = ledger.items
    due = _standing_due(items, grace_days)
    known_on = np.where(due == NEVER, NEVER, due + grace_days + 1)
    reduced, credited = _reduced_by(ledger, known_on - 1)
    amount = items.amount_cents.to_numpy("float64")
    counts = (due != NEVER) & (credited < amount) & (items.kind != "opening").to_numpy()
    late = counts & (reduced < amount)
    whole, group, payer = (
        RunningSums.of(keys, known_on, counts, late)
        for keys in (np.zeros_like(at.payer_of), at.group_of, at.payer_of)
    )
    base = _rate(whole.upto(np.zeros_like(at.payer), at.day), 0.2, 5 * prior)
    group_rate = _rate(group.upto(at.group, at.day), base, 5 * prior)
    n, n_late = payer.upto(at.payer, at.day)
    before, late_before = payer.upto(at.payer, at.day - RECENT_DAYS)
    rate = _rate((n, n_late), group_rate, prior)
    recent = _rate((n - before, n_late - late_before), rate, prior)
    naive = np.where(n > 0, n_late / np.maximum(n, 1), base)
    return {
        "late_rate": naive,
        "late_odds": logit(rate),
        "recent_late_odds": logit(recent),
        "group_late_odds": logit(group_rate),
        "matured": n,
        "late_count": n_late,
        "log_matured": np.log1p(n),
    }


def _rate(
    counted: tuple[np.ndarray, ...], towards: np.ndarray | float, weight: float
) -> np.ndarray:
    n, total = counted
    return (total + weight * towards) / (n + weight)


def _past_delays(ledger: Ledger, at: _Points, prior: float) -> dict[str, np.ndarray]:
    """Return mean days past due at which the payer settled, all time and recent, shrunken."""
    items = ledger.items
    settled = day_numbers(items.settled_on)
    due = _standing_due(items, 0)
    counts = (items.settled_by == "payment").to_numpy() & (due != NEVER)
    days = np.where(counts, np.clip(settled - due, -90, LONGEST_DELAY), 0)
    whole = RunningSums.of(np.zeros_like(at.payer_of), settled, counts, days)
    payer = RunningSums.of(at.payer_of, settled, counts, days)
    base = _rate(whole.upto(np.zeros_like(at.payer), at.day), 0.0, prior)
    n, total = payer.upto(at.payer, at.day)
    before, total_before = payer.upto(at.payer, at.day - RECENT_DAYS)
    mean = _rate((n, total), base, prior)
    return {
        "mean_delay": mean,
        "recent_delay": _rate((n - before, total - total_before), mean, prior),
    }


def _balances(ledger: Ledger, at: _Points) -> dict[str, np.ndarray]:
    """Return what the payer owed on the day, what of it was overdue, and the use of its limit."""
    open_cents, n_open = _open_sums(ledger, at)
    overdue_cents, n_overdue = _overdue_sums(ledger, at)
    owed, overdue = open_cents / 100, overdue_cents / 100
    limit = ledger.items.limit_cents.to_numpy()[at.item] / 100
    has_limit = np.isfinite(limit) & (limit > 0)
    used = np.where(has_limit, owed / np.where(has_limit, limit, 1.0), 0.0)
    return {
        "payer_open": owed,
        "payer_overdue": overdue,
        "log_open": np.log1p(np.maximum(owed, 0)),
        "overdue_share": np.clip(overdue / np.maximum(owed, 1.0), 0, 1),
        "overdue_items_share": n_overdue / np.maximum(n_open, 1),
        "utilisation": np.clip(used, 0, 5),
    }


def _open_sums(ledger: Ledger, at: _Points) -> tuple[np.ndarray, ...]:
    items, made = ledger.items, ledger.allocations
    ones = np.ones(len(items))
    settled = day_numbers(items.settled_on)
    keys = np.concatenate([at.payer_of, at.payer_of[made["item"]], at.payer_of])
    days = np.concatenate([day_numbers(items.issued_on), made.day, settled])
    cents = np.concatenate([items.amount_cents, -made.cents, 0 * ones])
    number = np.concatenate([ones, 0 * made.cents, -ones])
    return RunningSums.of(keys, days, cents, number).upto(at.payer, at.day)


def _overdue_sums(ledger: Ledger, at: _Points) -> tuple[np.ndarray, ...]:
    items, made = ledger.items, ledger.allocations
    due = _standing_due(items, 0)
    reduced, _credited = _reduced_by(ledger, due)
    rest = items.amount_cents.to_numpy("float64") - reduced
    unpaid = (rest > 0).astype("float64")
    settled = np.maximum(day_numbers(items.settled_on), due + 1)
    after = made[made.day.to_numpy() > due[made["item"]]]
    keys = np.concatenate([at.payer_of, at.payer_of[after["item"]], at.payer_of])
    days = np.concatenate([due + 1, after.day, settled])
    cents = np.concatenate([rest, -after.cents, 0 * rest])
    number = np.concatenate([unpaid, 0 * after.cents, -unpaid])
    return RunningSums.of(keys, days, cents, number).upto(at.payer, at.day)


def _the_item(ledger: Ledger, at: _Points, grace_days: int) -> dict[str, np.ndarray]:
    """Return the item's own size, term, age, part paid, dispute, tender price and season."""
    items = ledger.items.take(at.item)
    amount = items.amount_cents.to_numpy("float64") / 100
    issued = day_numbers(items.issued_on)
    due = due_at(items, at.day)
    left = np.where(due == NEVER, np.nan, due + grace_days - at.day)
    allowed = np.where(due == NEVER, np.nan, due + grace_days - issued)
    return {
        "log_amount": np.log(np.maximum(amount, 1.0)),
        "amount_against_usual": _against_usual(ledger, at),
        "term": np.where(due == NEVER, np.nan, due - issued),
        "days_left": left,
        "time_used": np.clip(1 - left / np.maximum(allowed, 1), 0, 1),
        "past_due": np.clip(grace_days - left, 0, None),
        "paid_share": _paid_share(ledger, at),
        "disputed": _disputed(items, at.day).astype("float64"),
        "vbp": (day_numbers(items.vbp_on) <= issued).astype("float64"),
        "retention": (items.kind == "retention").to_numpy("float64"),
        **_season(left + at.day),
    }


def _against_usual(ledger: Ledger, at: _Points) -> np.ndarray:
    """Return log amount less the payer's mean log amount of the items issued by then."""
    logs = np.log(np.maximum(ledger.items.amount_cents.to_numpy("float64") / 100, 1.0))
    issued = day_numbers(ledger.items.issued_on)
    sums = RunningSums.of(at.payer_of, issued, np.ones(len(logs)), np.rint(logs * MICRO))
    n, total = sums.upto(at.payer, at.day)
    return logs[at.item] - total / np.maximum(n, 1) / MICRO


def _paid_share(ledger: Ledger, at: _Points) -> np.ndarray:
    made = ledger.allocations
    sums = RunningSums.of(made["item"].to_numpy(), made.day.to_numpy(), made.cents.to_numpy())
    (reduced,) = sums.upto(at.item, at.day)
    amount = ledger.items.amount_cents.to_numpy("float64")[at.item]
    return np.clip(reduced / np.maximum(amount, 1), 0, 1)


def _disputed(items: pd.DataFrame, day: np.ndarray) -> np.ndarray:
    begun = day_numbers(items.disputed_from_on) <= day
    return begun & (day_numbers(items.disputed_to_on) > day)


def _season(matures: np.ndarray) -> dict[str, np.ndarray]:
    """Return when the grace runs out: month on a circle, and around Spring Festival."""
    known = np.isfinite(matures)
    dates = np.where(known, matures, 0).astype("int64").astype("datetime64[D]")
    day = (dates - dates.astype("datetime64[Y]")).astype("int64")
    angle = 2 * np.pi * day / 365.25
    return {
        "season_sin": np.where(known, np.sin(angle), 0.0),
        "season_cos": np.where(known, np.cos(angle), 0.0),
        "festival": (known & (day >= 20) & (day <= 60)).astype("float64"),
        "year_end": (known & (day >= 334)).astype("float64"),
    }
