"""What customers said: needs raised and closed, feedback in two waves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.demo.chance import stream
from insights.demo.customers import SEGMENT_NAMES, Customers
from insights.demo.timeline import FIRST, LAST

DIMENSIONS = {
    "product": ("疗效", "稳定性", "包装"),
    "service": ("响应速度", "配送", "培训"),
    "sales": ("专业度", "拜访频率", "资料"),
    "other": ("价格", "流程", "其他"),
}
TOPICS = ("供货周期", "培训", "价格", "售后维修", "进院资料", "发票", "效期")
FEEDBACKS, NEEDS = 1500, 1400
WEEKS = (LAST - FIRST).astype(int)


def feedback(seed: int, customers: Customers) -> pd.DataFrame:
    """Return first-wave scores and, for some, the second wave that answers them."""
    rng = stream(seed, "feedback")
    buyers = np.flatnonzero(SEGMENT_NAMES[customers.segment] != "none")
    n = round(FEEDBACKS * len(buyers) / 790)
    who = rng.choice(buyers, n)
    given = FIRST + rng.integers(0, WEEKS + 1, n).astype("timedelta64[D]")
    kind = rng.choice(list(DIMENSIONS), n, p=[0.35, 0.35, 0.22, 0.08])
    turn = rng.integers(0, 3, n)
    mood = customers.table["willingness"].to_numpy(np.float64)[who] + rng.normal(0, 0.8, n)
    first = pd.DataFrame(
        {
            "customer_id": customers.table["customer_id"].to_numpy(dtype=object)[who],
            "given_on": given,
            "channel": rng.choice(["问卷", "拜访", "电话"], n),
            "kind": kind,
            "dimension": [DIMENSIONS[k][i] for k, i in zip(kind, turn, strict=True)],
            "score": mood.round().clip(1, 5),
            "nps": pd.array((mood * 2 + rng.normal(0, 1, n)).round().clip(0, 10).astype(int)),
            "wave": 1,
        }
    ).sort_values(["given_on", "customer_id"], kind="stable", ignore_index=True)
    first.insert(0, "feedback_id", [f"FB{i + 1:05d}" for i in range(n)])
    return pd.concat([first, _second_wave(rng, first)], ignore_index=True)


def _second_wave(rng: np.random.Generator, first: pd.DataFrame) -> pd.DataFrame:
    asked = first[(first["score"] <= 3) & (rng.random(len(first)) < 0.45)]
    given = asked["given_on"] + pd.to_timedelta(rng.integers(40, 120, len(asked)), unit="D")
    better = asked["score"] + rng.choice([-1, 0, 1, 2], len(asked), p=[0.1, 0.3, 0.4, 0.2])
    second = asked.assign(
        answers_id=asked["feedback_id"],
        feedback_id=asked["feedback_id"] + "-2",
        given_on=given,
        score=better.clip(1, 5),
        nps=(asked["nps"] + rng.integers(-1, 4, len(asked))).clip(0, 10),
        wave=2,
    )
    return second[given <= pd.Timestamp(LAST)]


def needs(seed: int, customers: Customers) -> pd.DataFrame:
    """Return problems raised, most of them closed after a while."""
    rng = stream(seed, "needs")
    buyers = np.flatnonzero(SEGMENT_NAMES[customers.segment] != "none")
    n = round(NEEDS * len(buyers) / 790)
    opened = np.sort(FIRST + rng.integers(0, WEEKS + 1, n).astype("timedelta64[D]"))
    wait = np.ceil(rng.lognormal(3.0, 0.8, n)).astype("timedelta64[D]")
    closed = opened + wait
    still = (closed > LAST) | (rng.random(n) < 0.06)
    return pd.DataFrame(
        {
            "need_id": [f"N{i + 1:05d}" for i in range(n)],
            "customer_id": customers.table["customer_id"].to_numpy(dtype=object)[
                rng.choice(buyers, n)
            ],
            "opened_on": opened,
            "closed_on": np.where(still, np.datetime64("NaT", "D"), closed),
            "topic": np.array(TOPICS, dtype=object)[rng.integers(0, len(TOPICS), n)],
        }
    )
