"""The demo company, small, with a mark on every word that is of another region than ``HOME``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pandas as pd

from insights.demo import simulate

HOME, ABOVE, MARK = "east", "cn-south", "zzqvxkwj"
ODD = " 北区(1):"  # ids of customers hold a space, Chinese and punctuation
SEED, SCALE = 7, 0.08
OWN_KEYS = {
    "invoices": ["invoice_id", "order_id", "credits_invoice_id"],
    "orders": ["order_id"],
    "payments": ["payment_id"],
    "dunning": ["dunning_id"],
    "writeoffs": ["writeoff_id"],
    "feedback": ["feedback_id", "answers_id"],
    "visits": ["visit_id", "department_id", "contact_id"],
    "departments": ["department_id"],
    "contacts": ["contact_id", "department_id"],
    "prescriptions": ["department_id"],
    "needs": ["need_id"],
    "customer_aliases": ["alias"],
    "customers": ["name", "city", "district"],
    "channel_flow": ["flow_id", "raw_name"],
}
CUSTOMERS = ("customer_id", "parent_id", "distributor_id", "holder_id", "unit_id", "subject_id")


def marked_company(folder: Path) -> Path:
    """Write the company to a folder and return it."""
    simulate(folder, SCALE, SEED)
    frames = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    homes = frames["customers"].set_index("customer_id").region_id
    staff = frames["reps"].set_index("rep_id").region_id
    for name, frame in _with_faults(frames, homes).items():
        _marked(name, frame, homes, staff, frames).to_parquet(
            folder / f"{name}.parquet", index=False
        )
    return folder


def _marked(
    name: str, frame: pd.DataFrame, homes: pd.Series, staff: pd.Series, frames: dict
) -> pd.DataFrame:
    """Mark ids by whom they belong to, and what a row holds besides by the row's customer."""
    found = frame.copy()
    abroad = _abroad(name, frame, homes, frames["invoices"])
    for column in OWN_KEYS.get(name, []):
        found[column] = _with_mark(frame[column], abroad)
    if "invoice_id" in frame and name != "invoices":
        payers = frames["invoices"].drop_duplicates("invoice_id").set_index("invoice_id")
        owed_by = frame.invoice_id.map(payers.customer_id)
        found["invoice_id"] = _with_mark(frame.invoice_id, _elsewhere(owed_by, homes))
    for column in {*CUSTOMERS} & {*frame} - ({"parent_id"} if name == "regions" else set()):
        found[column] = _with_mark(frame[column], _elsewhere(frame[column], homes), ODD)
    for column in ("rep_id", "manager_id"):
        if column in frame:
            found[column] = _with_mark(frame[column], _elsewhere(frame[column], staff))
    if name == "regions":
        other = ~frame.region_id.isin([HOME, ABOVE])
        named = {key: _with_mark(frame[key], other) for key in ("region_id", "region_name")}
        return frame.assign(**named, parent_id=_marked_region(frame.parent_id))
    if "region_id" in frame:
        found["region_id"] = _marked_region(frame.region_id)
    if "scope_id" in frame:
        known = frame.scope_id.isin([HOME, ABOVE, "company"]) | (frame.scope_id.map(staff) == HOME)
        found["scope_id"] = _with_mark(frame.scope_id, ~known)
    return found


def _abroad(name: str, frame: pd.DataFrame, homes: pd.Series, invoices: pd.DataFrame) -> pd.Series:
    if name == "writeoffs":
        payer = frame.invoice_id.map(invoices.drop_duplicates("invoice_id").set_index("invoice_id")
                                     .customer_id)  # fmt: skip
        return payer.map(homes) != HOME
    owner = "distributor_id" if name == "channel_flow" else "customer_id"
    if owner not in frame:
        return pd.Series(False, index=frame.index)
    if name == "channel_flow":  # a region's distributor may sell to another's hospital
        return (frame.distributor_id.map(homes) != HOME) & (frame.customer_id.map(homes) != HOME)
    return frame[owner].map(homes) != HOME


def _elsewhere(ids: pd.Series, homes: pd.Series) -> pd.Series:
    return ids.map(homes).notna() & (ids.map(homes) != HOME)


def _marked_region(ids: pd.Series) -> pd.Series:
    return _with_mark(ids, ids.notna() & ~ids.isin([HOME, ABOVE]))


def _with_mark(values: pd.Series, where: pd.Series, after: str = "") -> pd.Series:
    marked = (MARK + after + values.astype("object")).where(values.notna(), None)
    return marked.where(where, values.astype("object").where(values.notna(), None))


def _with_faults(frames: dict, homes: pd.Series) -> dict:
    """Add what makes reports quote rows: of both regions, of the other, and of none."""
    ours, theirs = (
        frames["invoices"][frames["invoices"].customer_id.map(homes).eq(HOME).eq(here)]
        .query("kind == 'invoice'").tail(3) for here in (True, False)
    )  # fmt: skip
    day = dt.date(2025, 12, 1)
    paid = {"instalment_no": None, "paid_on": day, "amount": Decimal("12.00"), "method": "cash"}
    payments = pd.DataFrame([
        paid | {"payment_id": "BOTH1", "customer_id": theirs.customer_id.iloc[0],
                "invoice_id": ours.invoice_id.iloc[0]},
        paid | {"payment_id": "BOTH2", "customer_id": ours.customer_id.iloc[0],
                "invoice_id": theirs.invoice_id.iloc[0]},
        paid | {"payment_id": "OWN", "customer_id": ours.customer_id.iloc[0], "amount": None},
    ])  # fmt: skip
    called = {"contacted_on": day, "channel": "phone", "result": "promise", "promised_on": day}
    dunning = pd.DataFrame([
        called | {"dunning_id": "DUNBOTH", "customer_id": theirs.customer_id.iloc[1],
                  "invoice_id": ours.invoice_id.iloc[1]},
        called | {"dunning_id": "DUNNONE", "customer_id": theirs.customer_id.iloc[1],
                  "invoice_id": "NOWHERE"},
    ])  # fmt: skip
    late = homes.index[(homes != HOME) & homes.index.str.startswith("H")][-2:]
    units = pd.DataFrame({"strategy_id": "S1", "unit_id": late, "starts_on": dt.date(2025, 12, 15)})
    more = {"payments": payments, "dunning": dunning, "strategy_units": units}
    return frames | {
        name: pd.concat([frames[name], rows], ignore_index=True).drop_duplicates()
        for name, rows in more.items()
    }
