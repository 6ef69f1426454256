"""Short and former names that a sheet of customers tells beside their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from insights.ingest.names.forms import plain
from insights.ingest.vocabulary import as_compared

if TYPE_CHECKING:
    from insights.ingest.batches import Batch

CUSTOMERS, ALIAS = "customers", ["alias", "customer_id"]
OTHER_NAMES = frozenset(
    {
        "简称", "客户简称", "医院简称", "单位简称", "曾用名", "曾用名称", "旧名", "旧名称",
        "原名", "原名称", "别名", "又名", "俗称", "shortname", "formername", "alias",
    }
)  # fmt: skip
BETWEEN = re.compile("[、;；,，/]")  # two names of one cell
SHORTEST = 2


def tells_other_names(header: str, tables: Sequence[str]) -> bool:
    """Say whether a column that no table took tells other names of customers."""
    return CUSTOMERS in tables and as_compared(header) in OTHER_NAMES


def other_names(batches: Sequence[Batch], customers: pd.DataFrame) -> pd.DataFrame:
    """Return alias and customer_id of each such name; none that is another customer's own name."""
    parts = [_of_batch(batch) for batch in batches if batch.table == CUSTOMERS]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=ALIAS)
    if found.empty:
        return found
    names = customers[["name", "customer_id"]].dropna().astype("str")
    owners = dict(zip(names["name"].map(plain), names.customer_id, strict=True))
    owner = found.alias.map(plain).map(owners)
    return found[owner.isna() | (owner == found.customer_id)].drop_duplicates()


def _of_batch(batch: Batch) -> pd.DataFrame:
    frame = batch.sheet.frame
    headers = [
        header
        for header in frame.columns
        if header not in batch.plan.inputs and tells_other_names(header, [CUSTOMERS])
    ]
    if not headers or "customer_id" not in batch.values or batch.plan.distinct:
        return pd.DataFrame(columns=ALIAS)
    good = batch.sound
    rows = frame.iloc[batch.positions[good]][headers].reset_index(drop=True)
    ids = batch.values.customer_id[good].reset_index(drop=True)
    cells = [pd.DataFrame({"alias": rows[header], "customer_id": ids}) for header in headers]
    told = pd.concat(cells, ignore_index=True).dropna()
    told = told.assign(alias=told.alias.str.split(BETWEEN)).explode("alias")
    told = told.assign(alias=told.alias.str.strip())
    return told[told.alias.str.len() >= SHORTEST]
