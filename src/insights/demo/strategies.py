"""Five strategies whose true effects are known: on whom, from when, how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import Floats, Ints, stream
from insights.demo.customers import SEGMENT_NAMES, Customers
from insights.demo.timeline import N_MONTHS, month_index
from insights.tables.plans import DECISION, lock_row


@dataclass(frozen=True)
class Strategy:
    """A strategy, how many customers got it, its true relative effect and the fair verdict."""

    strategy_id: str
    name: str
    hypothesis: str
    owner: str
    starts_on: str
    registered_on: str
    count: int
    effect: float
    expected: str


STRATEGIES = (
    Strategy("S1", "重点科室学术推广", "科室会后终端纯销上升", "市场部",
             "2024-07-01", "2024-05-20", 90, 0.18, "works"),
    Strategy("S2", "线上宣传资料投放", "资料触达后终端纯销上升", "市场部",
             "2024-04-01", "2024-02-26", 80, 0.0, "null"),
    Strategy("S3", "高潜医院专人服务", "专人服务后终端纯销上升", "销售部",
             "2024-07-01", "2024-06-03", 80, 0.0, "confounded"),
    Strategy("S4", "基层医院试点配送", "配送提速后终端纯销上升", "商务部",
             "2025-06-01", "2025-04-21", 6, 0.06, "too_small"),
    Strategy("S5", "集采品种学术跟进", "跟进后终端纯销上升", "市场部",
             "2024-09-01", "2024-07-15", 60, 0.0, "vbp"),
)  # fmt: skip
MIN_EFFECT = 0.05
UNLOCKED = "S3"  # registered in time, but nothing shows that its plan stayed the same


@dataclass(frozen=True)
class Rollout:
    """Which terminals got which strategy: ``of`` is an index into STRATEGIES, -1 for none."""

    of: Ints

    def multiplier(self) -> Floats:
        """Return the true volume multiplier, terminal x month."""
        months = np.arange(N_MONTHS)
        factor = np.ones((len(self.of), N_MONTHS))
        for index, strategy in enumerate(STRATEGIES):
            begins = int(month_index(np.array([strategy.starts_on], dtype="datetime64[D]"))[0])
            rows = (self.of == index)[:, None] & (months >= begins)[None, :]
            factor[rows] = 1 + strategy.effect
        return factor


def roll_out(
    seed: int, scale: float, customers: Customers, slope: Floats, vbp_heavy: np.ndarray
) -> Rollout:
    """Choose the customers of each strategy; nobody gets two.

    S3 takes the fastest growers and S5 the hospitals that live on the VBP line. S1 and S2 are
    drawn at random, balanced by segment and growth, from the active customers that are left; S4
    from the smallest of them.
    """
    rng = stream(seed, "strategies")
    kinds = SEGMENT_NAMES[customers.segment]
    of = np.full(len(kinds), -1, dtype=np.int64)
    counts = [s.count if s.count < 10 else max(6, round(s.count * scale)) for s in STRATEGIES]
    growers = np.flatnonzero((kinds == "growing") & ~vbp_heavy)
    speed = slope[growers] + rng.normal(0, 0.03, len(growers))
    of[growers[np.argsort(-speed, kind="stable")[: counts[2]]]] = 2
    of[rng.permutation(np.flatnonzero(vbp_heavy))[: counts[4]]] = 4
    active = np.isin(kinds, ["loyal_core", "growing", "steady_small", "declining"])
    stratum = customers.segment * 2 + vbp_heavy
    for index in (0, 1):
        pool = np.flatnonzero(active & (of < 0))
        of[_balanced(rng, pool, stratum, slope, counts[index])] = index
    small = np.flatnonzero((kinds == "steady_small") & (of < 0) & ~vbp_heavy)
    smallest = small[np.argsort(customers.monthly[small], kind="stable")[: len(small) // 3]]
    of[rng.permutation(smallest)[: counts[3]]] = 3
    return Rollout(of)


def _balanced(rng: Generator, pool: Ints, stratum: Ints, slope: Floats, n: int) -> Ints:
    """Draw one from each of n equal stretches of the pool, sorted by stratum and slope."""
    ordered = pool[np.lexsort((slope[pool], stratum[pool]))]
    places = (np.arange(n) + rng.random(n)) * len(ordered) / n
    return ordered[places.astype(np.int64)]


def strategy_tables(ids: np.ndarray, rollout: Rollout) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables strategies and strategy_units."""
    fields = ["strategy_id", "name", "hypothesis", "owner", "starts_on", "registered_on"]
    register = pd.DataFrame([{f: getattr(s, f) for f in fields} for s in STRATEGIES]).assign(
        metric="sell_through",
        unit_type="customer",
        grain="month",
        direction="up",
        min_effect=MIN_EFFECT,
        washout_periods=0,
    )
    for column in ("starts_on", "registered_on"):
        register[column] = pd.to_datetime(register[column])
    treated = np.flatnonzero(rollout.of >= 0)
    strategy = register.iloc[rollout.of[treated]]
    units = pd.DataFrame(
        {
            "strategy_id": strategy["strategy_id"].to_numpy(),
            "unit_id": ids[treated],
            "starts_on": strategy["starts_on"].to_numpy(),
        }
    )
    return register, units


def plan_locks(register: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions that locked the plans on the day of registration, but for one.

    In a company so small that a strategy has no units there is no plan to lock.
    """
    planned = register["strategy_id"].isin(units["strategy_id"])
    locked = register[planned & (register["strategy_id"] != UNLOCKED)]
    days = locked["registered_on"].dt.date
    rows: list[pd.DataFrame] = [
        lock_row(row, units, day, decided_by="市场总监", reason="实施前锁定验证方案")
        for row, day in zip(locked.itertuples(index=False), days, strict=True)
    ]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(DECISION))


def strategy_truth(ids: np.ndarray, rollout: Rollout, flow: pd.DataFrame) -> pd.DataFrame:
    """Return each strategy's true effect: relative, and in CNY per unit and month."""
    month = month_index(flow["flowed_on"].to_numpy("datetime64[D]"))
    rows = []
    for index, strategy in enumerate(STRATEGIES):
        begins = int(month_index(np.array([strategy.starts_on], dtype="datetime64[D]"))[0])
        mine = flow["customer_id"].isin(ids[rollout.of == index]).to_numpy() & (month >= begins)
        cells = max(1, int((rollout.of == index).sum())) * (N_MONTHS - begins)
        mean = float(flow.loc[mine, "amount"].sum()) / 100 / cells
        effect = mean * strategy.effect / (1 + strategy.effect)
        rows.append((strategy.strategy_id, strategy.effect, effect, strategy.expected))
    names = ["strategy_id", "effect_relative", "effect_per_unit_period", "expected"]
    return pd.DataFrame(rows, columns=names)
