"""A million rows of a table as the demo company's systems would export them, with planted faults.

Rows are the demo's over and over: keys are counted up, amounts moved by up to a fifth, so that
nearly all of them differ. Headers are Chinese, dates 2024/1/5, amounts with thousands. A share of
the rows, spread evenly, is at fault in the ways of ``FAULTS`` by turns.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from insights.params import ROOT
from insights.tables import CANONICAL

SEED = 20251231
SPREAD = 0.2  # how far an amount is moved from the demo's
HEADERS = {
    "invoices": {
        "invoice_id": "发票号", "instalment_no": "期次", "customer_id": "客户编码",
        "order_id": "订单号", "rep_id": "工号", "issued_on": "开票日期", "accepted_on": "验收日期",
        "due_on": "到期日", "term_days": "账期", "amount": "价税合计", "kind": "类型",
        "credits_invoice_id": "红冲发票号", "product_line": "产品线",
        "disputed_from_on": "争议日期", "disputed_to_on": "争议解决日期", "currency": "币种",
    },
    "orders": {
        "order_id": "订单号", "line_no": "行号", "customer_id": "客户编码",
        "product_id": "产品编码",
        "rep_id": "工号", "ordered_on": "订单日期", "quantity": "数量",
        "unit_price": "单价", "amount": "含税金额", "channel": "渠道",
    },
}  # fmt: skip
WORDS = {
    "kind": {"credit_note": "红冲", "retention": "质保金", "opening": "期初"},
    "channel": {"direct": "直销", "distributor": "分销", "return": "退货", "equipment": "设备"},
}
PARTS = ("year", "month", "day")
# What a faulty row holds, by turns; "again" repeats the key of the row before it.
FAULTS = ("two meanings", "three decimals", "no customer", "no number", "again", "again, other")


def export(table: str, rows: int, share: float, folder: Path) -> Path:
    """Write ``rows`` rows of a table with a ``share`` of faulty ones as CSV; return the file."""
    frame = _many(table, rows)
    text = {HEADERS[table][name]: _written(frame[name], name, table) for name in HEADERS[table]}
    planted = _with_faults(pd.DataFrame(text), table, share)
    path = folder / f"{table}_{round(100 * share)}.csv"
    planted.to_csv(path, index=False, lineterminator="\n")
    return path


def _many(table: str, rows: int) -> pd.DataFrame:
    """Return the demo's rows over and over, each time with other keys and amounts."""
    demo = pd.read_parquet(ROOT / "data" / "demo" / f"{table}.parquet")
    at = np.arange(rows)
    frame = demo.iloc[at % len(demo)].reset_index(drop=True)
    turn = pd.Series(at // len(demo)).astype("str").str.zfill(3)
    numbered = [name for name in ("invoice_id", "order_id", "credits_invoice_id") if name in frame]
    ids = {name: frame[name].str[:2] + turn + frame[name].str[2:] for name in numbered}
    moved = np.random.default_rng([SEED, rows]).uniform(1 - SPREAD, 1 + SPREAD, rows)
    priced = [c.name for c in CANONICAL[table].columns if c.type == "money" and c.name in frame]
    money = {name: (frame[name].astype("float64") * moved).round(2) for name in priced}
    return frame.assign(**ids, **money)


def _written(values: pd.Series, name: str, table: str) -> pd.Series:
    kind = CANONICAL[table].column(name).type
    if kind == "date":
        days = pd.to_datetime(values)
        parts = [getattr(days.dt, part).astype("Int64").astype("str") for part in PARTS]
        return (parts[0] + "/" + parts[1] + "/" + parts[2]).where(days.notna(), "")
    if kind == "money":
        return values.map("{:,.2f}".format).astype("str")
    if kind == "float":
        return values.map("{:g}".format).astype("str")
    return values.astype("str").replace(WORDS.get(name, {})).fillna("")


def _with_faults(text: pd.DataFrame, table: str, share: float) -> pd.DataFrame:
    """Plant the faults: every n-th row, the kinds by turns."""
    made = text.copy()
    at = np.arange(1, len(text), round(1 / share)) if share else np.array([], dtype=int)
    column = HEADERS[table]
    day = column["issued_on" if table == "invoices" else "ordered_on"]
    number = column["term_days" if table == "invoices" else "quantity"]
    places = {kind: at[turn :: len(FAULTS)] for turn, kind in enumerate(FAULTS)}
    for kind, header, words in (
        ("two meanings", day, "3/4/2024"),
        ("three decimals", column["amount"], "1,234.567"),
        ("no customer", column["customer_id"], ""),
        ("no number", number, "一箱"),
    ):
        made.loc[places[kind], header] = words
    again, other = places["again"], places["again, other"]
    made.iloc[again] = text.iloc[again - 1].to_numpy()
    made.iloc[other] = text.iloc[other - 1].to_numpy()
    made.loc[other, column["amount"]] = "7.00"
    return made
