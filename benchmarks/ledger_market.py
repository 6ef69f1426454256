"""A simulated ledger of a hospital supplier in which every invoice's true chance is known.

It is not the demo company's generator. Four years of daily dates; payers keep arriving; each
payer's habit is a random walk in log odds; a bad month hits all that a payer has to settle in it;
money moves on the payer's monthly payment run; an account near its credit limit pays later, which
keeps it near the limit; tendered (VBP) products are paid sooner; the year's end pulls cash forward,
Spring Festival holds it back. The stored probability is that of being unsettled at the end of due
date plus grace given everything on the day of issue, the payer's true habit included: what has yet
to happen then (the month's shock, a dispute) is integrated out. Nobody can rank better on average.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from benchmarks.ledger_market_tables import (
    DAYS,
    FIRST,
    GROUPS,
    LINES,
    NEVER,
    VBP_ON,
    customer_table,
    dunning_table,
    invoice_table,
    numbered,
    order_table,
    payment_table,
    product_table,
    region_table,
    writeoff_table,
)

GRACE = 30
FESTIVALS = np.array(
    ["2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17"], "datetime64[D]"
)
INVOICES_A_PAYER = 25
THERE_AT_START = 0.25
VBP_SHARE = 0.4
HABIT_SPREAD, HABIT_PULL = 1.0, 0.004
SHOCK, DISPUTE, DISPUTED = 0.6, 1.3, 0.04
STRAIN, AMOUNT, VBP, LONG_TERM = 1.5, 0.3, -0.7, -0.4
YEAR_END, FESTIVAL = -0.6, 0.8
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(11)
LOST, PARTLY = 0.015, 0.12
# The month of each day since FIRST, and the day on which each month begins, some years further.
_CALENDAR = (FIRST + np.arange(DAYS + 2000)).astype("datetime64[M]").astype(int)
MONTH = _CALENDAR - _CALENDAR[0]
BEGINS = np.flatnonzero(np.diff(MONTH, prepend=-1))


def simulate_ledger(
    seed: int, n_invoices: int = 50_000
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Return canonical tables by name, and the truth: invoice_id, instalment_no, probability."""
    rng = np.random.default_rng([seed, 2604])
    payers = _payers(rng, max(20, n_invoices // INVOICES_A_PAYER))
    claims = _claims(rng, payers, n_invoices)
    settled = _settled(rng, payers, claims)
    rows = pd.concat([claims, settled], axis=1)
    tables = {
        "regions": region_table(),
        "customers": customer_table(payers),
        "products": product_table(),
        "orders": order_table(rows),
        "invoices": invoice_table(rows),
        "payments": payment_table(rng, payers, rows),
        "writeoffs": writeoff_table(rows),
        "dunning": dunning_table(rng, rows),
    }
    truth = rows[["invoice_id", "probability"]].assign(instalment_no=1)
    return tables, truth[["invoice_id", "instalment_no", "probability"]]


def write_ledger(folder: Path, seed: int, n_invoices: int = 50_000) -> pd.DataFrame:
    """Write the tables as Parquet into ``folder`` and return the truth."""
    tables, truth = simulate_ledger(seed, n_invoices)
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return truth


def _payers(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Return who buys: group, arrival, weight, usual amount, limit, term, day of payment run."""
    group = rng.choice(len(GROUPS), n, p=[part[3] for part in GROUPS])
    arrives = np.where(rng.random(n) < THERE_AT_START, 0, rng.integers(0, DAYS - 30, n))
    weight = rng.lognormal(0, 0.8, n)
    usual = rng.normal(9.5, 0.9, n)
    held = np.exp(usual + 0.5) * weight * INVOICES_A_PAYER * 120 / (DAYS / 2)
    return pd.DataFrame(
        {
            "customer_id": numbered("C", n),
            "group": group,
            "arrives": arrives,
            "weight": weight,
            "usual": usual,
            "limit_cents": np.rint(held * rng.uniform(0.5, 2.0, n) + np.exp(usual) * 3) * 100,
            "term": rng.choice([30, 60, 90], n, p=[0.3, 0.45, 0.25]),
            "run_day": rng.integers(1, 29, n),
            "on_account": rng.random(n) < 0.25,
            "region": rng.integers(0, 4, n),
        }
    )


def _claims(rng: np.random.Generator, payers: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return the invoices in order of issue; ``day`` counts from FIRST."""
    there = DAYS - payers.arrives.to_numpy()
    chance = payers.weight.to_numpy() * there
    payer = rng.choice(len(payers), n, p=chance / chance.sum())
    day = payers.arrives.to_numpy()[payer] + (rng.random(n) * there[payer]).astype(int)
    order = np.lexsort((payer, day))
    payer, day = payer[order], day[order]
    tail = rng.exponential(0.7, n) * (rng.random(n) < 0.06)
    unusual = 0.7 * rng.normal(size=n) + tail
    waits = (rng.random(n) < 0.35) & (payers.group.to_numpy()[payer] < 3)
    line = rng.integers(0, len(LINES), n)
    tendered = rng.random(n) < VBP_SHARE
    return pd.DataFrame(
        {
            "invoice_id": numbered("V", n),
            "payer": payer,
            "customer_id": payers.customer_id.to_numpy()[payer],
            "day": day,
            "unusual": unusual,
            "cents": np.rint(100 * np.exp(payers.usual.to_numpy()[payer] + unusual)).astype(int),
            "term": payers.term.to_numpy()[payer],
            "accepted": np.where(waits, day + rng.integers(3, 41, n), -1),
            "line": line,
            "tendered": tendered,
            "vbp": tendered & (FIRST + day >= VBP_ON[line]),
            "disputed": np.where(rng.random(n) < DISPUTED, day + rng.integers(5, 26, n), NEVER),
        }
    )


def _habits(rng: np.random.Generator, payers: pd.DataFrame) -> np.ndarray:
    """Return each payer's log odds a week: a random walk, pulled a little to where it began."""
    group = payers.group.to_numpy()
    centre = np.array([part[4] for part in GROUPS])[group]
    step = np.array([part[5] for part in GROUPS])[group]
    weeks = DAYS // 7 + 1
    away = np.empty((len(payers), weeks), "float32")
    away[:, 0] = rng.normal(0, HABIT_SPREAD, len(payers))
    for week in range(1, weeks):
        kept = (1 - HABIT_PULL) * away[:, week - 1]
        away[:, week] = kept + step * rng.standard_normal(len(payers))
    return centre[:, None] + away


def _settled(rng: np.random.Generator, payers: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Return matures, paid, part_day, part_cents and the true probability of each invoice.

    Both answers are drawn beforehand; the walk through the days decides which one happens.
    """
    payer = claims.payer.to_numpy()
    habit = _habits(rng, payers)[payer, claims.day // 7]
    start = np.where(claims.accepted >= 0, claims.accepted, claims.day)
    matures = start + claims.term.to_numpy() + GRACE
    shock = rng.standard_normal((len(payers), MONTH[matures.max()] + 1), "float32")
    hit = SHOCK * shock[payer, MONTH[matures]] + DISPUTE * (claims.disputed.to_numpy() < NEVER)
    patience = logit(rng.random(len(claims))) - hit - habit - _fixed_odds(claims)
    run_day = payers.run_day.to_numpy()[payer]
    on_time, late = _both_days(rng, claims.day.to_numpy(), matures, run_day, habit)
    strain, paid = _walk(claims, payers.limit_cents.to_numpy()[payer], patience, on_time, late)
    eta = habit + _fixed_odds(claims) + strain
    part_day = _run_before(np.where(paid == NEVER, matures + 1, paid) - 1, run_day)
    partly = (rng.random(len(claims)) < PARTLY) & (part_day > claims.day)
    return pd.DataFrame(
        {
            "matures": matures,
            "paid": paid,
            "part_day": np.where(partly, part_day, NEVER),
            "part_cents": np.where(
                partly, (claims.cents * rng.uniform(0.2, 0.7, len(claims))).astype(int), 0
            ),
            "probability": _true_probability(eta),
        }
    )


def _fixed_odds(claims: pd.DataFrame) -> np.ndarray:
    """Return what the invoice itself adds: size, tender, term, and the season it matures in."""
    nominal = FIRST + (claims.day + claims.term + GRACE).to_numpy()
    away = nominal[:, None] - FESTIVALS
    festive = ((away >= np.timedelta64(-7)) & (away <= np.timedelta64(25))).any(axis=1)
    closing = nominal.astype("datetime64[M]").astype(int) % 12 == 11
    return (
        AMOUNT * claims.unusual.to_numpy()
        + VBP * claims.vbp.to_numpy()
        + LONG_TERM * (claims.term.to_numpy() == 90)
        + FESTIVAL * festive
        + YEAR_END * closing
    )


def _both_days(
    rng: np.random.Generator,
    issued: np.ndarray,
    matures: np.ndarray,
    run_day: np.ndarray,
    habit: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the payment run that would settle each invoice if in time, and the one if not."""
    n = len(issued)
    last = _run_before(matures, run_day)
    early = BEGINS[MONTH[last] - rng.choice(3, n, p=[0.55, 0.3, 0.15]).clip(max=MONTH[last])]
    on_time = np.where(early + run_day - 1 > issued, early + run_day - 1, last)
    go_on = expit(0.5 * habit - 0.6)
    months = 1 + np.floor(np.log(rng.random(n)) / np.log(go_on)).astype(int).clip(max=36)
    late = BEGINS[MONTH[last] + months] + run_day - 1
    return on_time, np.where(rng.random(n) < LOST * (1 + (habit > 0)), NEVER, late)


def _run_before(day: np.ndarray, run_day: np.ndarray) -> np.ndarray:
    """Return the last payment run on or before each day."""
    this = BEGINS[MONTH[day]] + run_day - 1
    return np.where(this <= day, this, BEGINS[np.maximum(MONTH[day] - 1, 0)] + run_day - 1)


def _walk(
    claims: pd.DataFrame,
    limit: np.ndarray,
    patience: np.ndarray,
    on_time: np.ndarray,
    late: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return each invoice's strain on the day of issue and the day on which it is settled."""
    payer, cents = claims.payer.to_numpy(), claims.cents.to_numpy("float64")
    edges = np.searchsorted(claims.day.to_numpy(), np.arange(DAYS + 1))
    owed = np.zeros(payer.max() + 1)
    strain, paid = np.zeros(len(claims)), np.full(len(claims), NEVER)
    leaving: defaultdict[int, list[int]] = defaultdict(list)
    for today in range(DAYS):
        gone = leaving.pop(today, [])
        np.subtract.at(owed, payer[gone], cents[gone])
        new = np.arange(edges[today], edges[today + 1])
        use = (owed[payer[new]] + cents[new]) / limit[new]
        strain[new] = STRAIN * np.clip(use - 0.7, 0, 1)
        paid[new] = np.where(patience[new] < strain[new], late[new], on_time[new])
        np.add.at(owed, payer[new], cents[new])
        for item, day in zip(new.tolist(), paid[new].tolist(), strict=True):
            leaving[day].append(item)
    return strain, paid


def _true_probability(eta: np.ndarray) -> np.ndarray:
    """Integrate the coming month's shock and a dispute out."""
    usual, disputed = (
        sum(
            weight * expit(eta + more + SHOCK * node)
            for node, weight in zip(NODES, WEIGHTS / WEIGHTS.sum(), strict=True)
        )
        for more in (0.0, DISPUTE)
    )
    return (1 - DISPUTED) * usual + DISPUTED * disputed
