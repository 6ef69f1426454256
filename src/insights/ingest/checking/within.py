"""What is wrong within a table: cells, keys that stand twice, regions within themselves."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.ingest.checking.finding import Finding, find, findings
from insights.ingest.rules import RAW, ROW, Rule
from insights.tables import CANONICAL
from insights.words import _


def broken(name: str, rows: Expr, rules: list[Rule], limit: int) -> list[Finding]:
    """Which rows break a rule that looks at one row? All rules are counted in one pass."""
    if not rules:
        return []
    sums = {f"n{i}": rule.fault.fill_null(False).sum() for i, rule in enumerate(rules)}
    counts = rows.aggregate(**sums).execute().iloc[0].fillna(0)
    return findings([
        find(name, rule.column, rule.reason, rows.filter(rule.fault), rule.value, limit, int(count))
        for rule, count in zip(rules, counts, strict=True)
    ])  # fmt: skip


def repeated(name: str, rows: Expr, limit: int) -> list[Finding]:
    """Which rows share their key with another? The keys are grouped first: few are repeated."""
    keys = [key for key in CANONICAL[name].key if key in rows.columns]
    if not keys:
        return []
    counted = rows.group_by(keys).aggregate(mates=rows.count())
    if not int(counted.filter(counted.mates > 1).count().execute()):
        return []
    text = ibis.literal(", ").join([rows[RAW + key].fill_null("") for key in keys])
    mates = rows.mutate(shown=text, mates=ibis._.count().over(ibis.window(group_by=keys)))
    again = mates.filter(mates.mates > 1)
    return find(name, ", ".join(keys), _("several rows of one key"), again, "shown", limit)


def circles(found: dict[str, Expr]) -> list[Finding]:
    """Which regions are their own group, by however many steps?"""
    if "regions" not in found or "parent_id" not in found["regions"].columns:
        return []
    tree = found["regions"].select("region_id", "parent_id", row=ROW).execute()
    parent = tree.dropna().set_index("region_id").parent_id.to_dict()
    within = tree[[_circles_back(str(region), parent) for region in tree.region_id]]
    if within.empty:
        return []
    rows = pd.DataFrame({"row": within.row, "value": within.parent_id, "named": ""})
    rows = rows.reset_index(drop=True)
    return [Finding("regions", "parent_id", _("a region within itself"), len(rows), rows)]


def _circles_back(region: str, parent: dict[str, str]) -> bool:
    seen: set[str] = set()
    step = parent.get(region)
    while step is not None and step not in seen:
        if step == region:
            return True
        seen.add(step)
        step = parent.get(step)
    return False
