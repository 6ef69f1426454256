"""Inside the hospitals: departments, pseudonymous contacts, prescriptions by department-month."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from insights.demo.chance import Floats, stream
from insights.demo.customers import LEVELS, SEGMENT_NAMES, Customers
from insights.demo.demand import Demand
from insights.demo.products import LINE_OF, PRODUCT_IDS, VBP_LINE
from insights.demo.timeline import MONTHS

NAMES = ("心血管内科", "呼吸内科", "肿瘤科", "普外科", "骨科", "检验科", "影像科", "重症医学科",
         "急诊科", "介入科")  # fmt: skip
TARGETS = ("心血管内科", "呼吸内科", "肿瘤科", "检验科", "介入科")
DEPARTMENT_OF_LINE = {0: "心血管内科", VBP_LINE: "呼吸内科", 2: "肿瘤科"}
ROLES = ("head", "doctor", "doctor", "pharmacy", "equipment", "purchasing", "president")
SMALLEST_CELL = 5
PRESCRIBING_HOSPITALS = 90


def departments(seed: int, customers: Customers) -> pd.DataFrame:
    """Return the departments of every hospital: the larger, the more."""
    rng = stream(seed, "departments")
    table = customers.table[customers.table["customer_type"] == "hospital"]
    count = table["hospital_level"].map(dict(zip(LEVELS, (10, 9, 7, 6, 4, 3), strict=True)))
    place = np.repeat(np.arange(len(table)), count)
    turn = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    name = np.array(NAMES, dtype=object)[turn]
    hospital = table["customer_id"].to_numpy(dtype=object)[place]
    beds = table["beds"].to_numpy(np.float64)[place] / count.to_numpy()[place]
    return pd.DataFrame(
        {
            "department_id": hospital + np.char.mod("-%02d", turn + 1).astype(object),
            "customer_id": hospital,
            "department": name,
            "is_target": np.isin(name, TARGETS),
            "beds": np.maximum(np.round(beds * rng.lognormal(0, 0.3, len(place))), 1).astype(int),
        }
    )


def contacts(seed: int, customers: Customers, rooms: pd.DataFrame) -> pd.DataFrame:
    """Return contacts by keyed hash: no names, no phones, no positions beyond the role."""
    rng = stream(seed, "contacts")
    picked = rooms.iloc[np.flatnonzero(rng.random(len(rooms)) < 0.45)]
    n = len(picked)
    attitude = picked["customer_id"].map(customers.table.set_index("customer_id")["willingness"])
    stages = np.array(["none", "aware", "trial", "use", "loyal"])
    keys = [hashlib.sha256(f"{seed}:{i}".encode()).hexdigest()[:16] for i in range(n)]
    willing = (attitude.to_numpy() + rng.normal(0, 0.5, n)).clip(1, 5)
    return pd.DataFrame(
        {
            "contact_id": keys,
            "customer_id": picked["customer_id"].to_numpy(),
            "department_id": picked["department_id"].to_numpy(),
            "role": np.array(ROLES)[rng.integers(0, len(ROLES), n)],
            "influence": rng.uniform(0.5, 5, n).round(1),
            "willingness": willing.round(1),
            "relationship_stage": stages[np.round(willing - 1).astype(int).clip(0, 4)],
            "consent": rng.random(n) < 0.85,
        }
    )


def prescriptions(
    seed: int, customers: Customers, demand: Demand, rooms: pd.DataFrame
) -> pd.DataFrame:
    """Return scripts by department, drug and month of large hospitals; small cells dropped."""
    rng = stream(seed, "prescriptions")
    big = np.flatnonzero(SEGMENT_NAMES[customers.segment] == "loyal_core")[:PRESCRIBING_HOSPITALS]
    drug = np.isin(LINE_OF[demand.product], list(DEPARTMENT_OF_LINE))
    pair, month = np.nonzero(demand.units * (drug & np.isin(demand.terminal, big))[:, None])
    used: Floats = demand.units[pair, month] * rng.uniform(0.85, 1.05, len(pair))
    scripts = np.floor(used / rng.uniform(2, 5, len(pair))).astype(np.int64)
    product = demand.product[pair]
    hospital = customers.table["customer_id"].to_numpy(dtype=object)[demand.terminal[pair]]
    room = pd.Series(LINE_OF[product]).map(DEPARTMENT_OF_LINE)
    index = rooms.set_index(["customer_id", "department"])["department_id"]
    place = pd.MultiIndex.from_arrays([hospital, room])
    frame = pd.DataFrame(
        {
            "customer_id": hospital,
            "department_id": index.reindex(place).to_numpy(dtype=object),
            "product_id": PRODUCT_IDS[product],
            "month": MONTHS[month].astype("datetime64[D]"),
            "scripts": scripts,
            "quantity": np.round(used),
        }
    )
    return frame[(scripts >= SMALLEST_CELL) & frame["department_id"].notna()]


def aliases(seed: int, customers: Customers) -> pd.DataFrame:
    """Return other names by which terminals are written."""
    rng = stream(seed, "aliases")
    table = customers.table.iloc[: customers.n_terminals]
    some = table[(rng.random(len(table)) < 0.5) & table["name"].str.contains("市")]
    short = some["name"].str.replace("人民医院", "医院").str.replace("市", "", n=1)
    frame = pd.DataFrame({"alias": short, "customer_id": some["customer_id"], "source": "流向"})
    taken = frame["alias"].isin(customers.table["name"]) | frame["alias"].duplicated(keep=False)
    return frame[~taken]
