"""What the field force planned, did and wrote down."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import Days, Floats, Ints, stream
from insights.demo.customers import SEGMENT_NAMES, SEGMENTS, Customers
from insights.demo.demand import Demand
from insights.demo.staff import Staff, absent_days
from insights.demo.timeline import LAST, MONTHS, N_MONTHS, N_WORKDAYS, workday

CHANNELS = ["in_person", "phone", "video", "wechat", "email"]
CHANNEL_ODDS = [0.70, 0.11, 0.05, 0.12, 0.02]
TYPE_FACTOR = np.array([0.72, 0.62])  # drug, device
DISTRIBUTOR_VISITS = 1.2
TEXTS = {
    "objective": ("确认下月用量", "推进进院流程", "收集使用反馈", "邀请科室会", "跟进招标计划",
                  "解决供货问题"),
    "decision_role": ("使用者", "推荐者", "决策者", "采购执行"),
    "pain_point": ("供货不及时", "价格压力", "操作培训不足", "医保控费", "暂无明显痛点"),
    "competitor_presence": ("无竞品", "一家竞品少量使用", "竞品为主", "多家竞品"),
    "next_action": ("提供资料", "安排培训", "跟进合同", "协调配送", "再次拜访"),
    "facts": ("科室用量与上月持平", "科室用量上升", "科室用量下降", "新增一个治疗组使用"),
    "key_points": ("介绍了产品证据", "讨论了使用流程", "沟通了供货计划", "了解了预算安排"),
    "our_actions": ("发送资料", "登记需求", "约定培训", "反馈商务"),
    "assessment": ("积极", "中性", "观望", "消极"),
}  # fmt: skip
FILLED = {"objective": 0.9, "decision_role": 0.7, "pain_point": 0.62, "competitor_presence": 0.55,
          "next_action": 0.78, "facts": 0.66, "key_points": 0.7, "our_actions": 0.58,
          "assessment": 0.64}  # fmt: skip


def visit_rates(customers: Customers, demand: Demand) -> Floats:
    """Return planned calls a month, customer x month, before the rep's line is considered."""
    kinds = SEGMENT_NAMES[customers.segment]
    base = np.array([s.visits for s in SEGMENTS])[customers.segment]
    months = np.arange(N_MONTHS)[None, :]
    rate = np.repeat(base[:, None], N_MONTHS, axis=1)
    before = (kinds == "new")[:, None] & (months < demand.trend.from_month[:, None] - 6)
    after = months >= demand.trend.to_month[:, None]
    rate = np.where(before, 0.12, np.where(after, rate * 0.4, rate))
    firms = np.full((customers.n_distributors, N_MONTHS), DISTRIBUTOR_VISITS)
    return np.vstack([rate, firms])


def build_visits(
    seed: int, customers: Customers, demand: Demand, staff: Staff,
    contacts: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Return all calls of the window."""
    rng = stream(seed, "visits")
    customer, kind, month = _occasions(rng, customers, demand, staff)
    rep = staff.cover[customer, kind, month]
    days = workday(month, rng.random(len(month)))
    here = ~absent_days(staff, rep, days)
    customer, kind, month, rep, days = (v[here] for v in (customer, kind, month, rep, days))
    order = np.lexsort((customer, rep, days))
    customer, kind, rep, days = (v[order] for v in (customer, kind, rep, days))
    n = len(days)
    ids = customers.table["customer_id"].to_numpy(dtype=object)
    frame = pd.DataFrame(
        {
            "visit_id": [f"V{i + 1:06d}" for i in range(n)],
            "rep_id": staff.reps["rep_id"].to_numpy(dtype=object)[rep],
            "customer_id": ids[customer],
            "visited_on": days,
            "channel": rng.choice(CHANNELS, n, p=CHANNEL_ODDS),
            "visit_type": _visit_types(rng, customers, customer),
            "status": np.where(rng.random(n) < 0.97, "submitted", "saved"),
        }
    )
    frame = _with_place(rng, frame, contacts)
    return _with_record(rng, _with_times(rng, frame), customers, customer)


def _occasions(
    rng: Generator, customers: Customers, demand: Demand, staff: Staff
) -> tuple[Ints, Ints, Ints]:
    rate = visit_rates(customers, demand)[:, None, :] * TYPE_FACTOR[None, :, None]
    personal = rng.lognormal(0, 0.25, len(customers.table))[:, None, None]
    count = rng.poisson(rate * personal * (N_WORKDAYS / 21.0)) * (staff.cover >= 0)
    customer, kind, month = np.nonzero(count)
    times = count[customer, kind, month]
    return np.repeat(customer, times), np.repeat(kind, times), np.repeat(month, times)


def _visit_types(rng: Generator, customers: Customers, customer: Ints) -> np.ndarray:
    kinds = np.append(SEGMENT_NAMES, "distributor")
    number = np.append(customers.segment, np.full(customers.n_distributors, len(SEGMENT_NAMES)))
    fresh = np.isin(kinds[number[customer]], ["new", "none"])
    usual = rng.choice(["keep", "head", "service", "new"], len(customer), p=[0.6, 0.2, 0.16, 0.04])
    opening = rng.choice(["new", "head", "keep"], len(customer), p=[0.65, 0.2, 0.15])
    return np.where(fresh, opening, usual)


def _with_place(rng: Generator, frame: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Add the contact met and its department, where one was noted."""
    order = contacts.sort_values(["customer_id", "contact_id"], kind="stable")
    count = order.groupby("customer_id").size()
    first = count.cumsum() - count
    size = frame["customer_id"].map(count).fillna(0).to_numpy(np.int64)
    begin = frame["customer_id"].map(first).fillna(0).to_numpy(np.int64)
    place = begin + np.floor(rng.random(len(frame)) * np.maximum(size, 1)).astype(np.int64)
    noted = (size > 0) & (rng.random(len(frame)) < 0.8)
    met = order.iloc[np.minimum(place, len(order) - 1)]
    return frame.assign(
        contact_id=met["contact_id"].reset_index(drop=True).where(noted),
        department_id=met["department_id"].reset_index(drop=True).where(noted),
    )


def _with_times(rng: Generator, frame: pd.DataFrame) -> pd.DataFrame:
    n = len(frame)
    days = frame["visited_on"].to_numpy("datetime64[D]")
    start = days.astype("datetime64[m]") + rng.integers(9 * 60, 17 * 60, n).astype("timedelta64[m]")
    length = np.clip(rng.gamma(4, 7, n), 5, 120).astype(np.int64).astype("timedelta64[m]")
    minute = np.where(rng.random(n) < 0.8, rng.integers(17 * 60 + 20, 19 * 60, n),
                      rng.integers(19 * 60, 23 * 60, n))  # fmt: skip
    lag = np.where(rng.random(n) < 0.1, rng.integers(1, 5, n), 0).astype("timedelta64[D]")
    entered = np.minimum(days + lag, LAST).astype("datetime64[m]") + minute.astype("timedelta64[m]")
    shift = rng.choice([0, 0, 0, 0, 1, 2, -1], n).astype("timedelta64[D]")
    planned: Days = np.minimum(days + shift, LAST)
    missing = rng.random(n) < 0.28
    return frame.assign(
        starts_at=start,
        ends_at=start + length,
        entered_at=entered,
        planned_on=np.where(missing, np.datetime64("NaT", "D"), planned),
    )


def _with_record(
    rng: Generator, frame: pd.DataFrame, customers: Customers, customer: Ints
) -> pd.DataFrame:
    """Add what was written down, and whether the visit's aim was met."""
    n = len(frame)
    columns = {}
    for name, choices in TEXTS.items():
        words = np.array(choices, dtype=object)[rng.integers(0, len(choices), n)]
        words[rng.random(n) >= FILLED[name]] = None
        columns[name] = words
    attitude = customers.table["willingness"].fillna(3.0).to_numpy()[customer]
    odds = 1 / (1 + np.exp(-(attitude - 2.9)))
    met = (rng.random(n) < odds).astype(object)
    met[[value is None for value in columns["objective"]]] = None
    follow = rng.random(n) < 0.6
    later = frame["visited_on"].to_numpy("datetime64[D]") + rng.integers(7, 35, n)
    return frame.assign(
        objective_met=met, next_on=np.where(follow, later, np.datetime64("NaT", "D")), **columns
    )


def call_plans(seed: int, customers: Customers, demand: Demand, staff: Staff) -> pd.DataFrame:
    """Return the monthly goals per rep and customer (months with at least one planned call)."""
    rng = stream(seed, "call_plans")
    rate = visit_rates(customers, demand)[:, None, :] * TYPE_FACTOR[None, :, None]
    goal = np.ceil(rate * 1.1 - 0.15).astype(np.int64) * (staff.cover >= 0)
    goal *= (rate >= 0.5) | (rng.random(goal.shape) < 0.35)
    customer, kind, month = np.nonzero(goal)
    goals = goal[customer, kind, month]
    return pd.DataFrame(
        {
            "rep_id": staff.reps["rep_id"].to_numpy(dtype=object)[
                staff.cover[customer, kind, month]
            ],
            "customer_id": customers.table["customer_id"].to_numpy(dtype=object)[customer],
            "period": MONTHS[month].astype("datetime64[D]"),
            "visit_type": "keep",
            "goal": goals,
            "maximum": goals + 2,
            "objective": np.array(TEXTS["objective"], dtype=object)[customer % 6],
        }
    )
