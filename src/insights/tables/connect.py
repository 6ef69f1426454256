"""The only way in to stored tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import ibis
import pandas as pd
from ibis.expr.types import Table as Expr

from insights.tables import regions as region_tree
from insights.tables.catalog import CANONICAL
from insights.tables.columns import Table
from insights.tables.dates import as_date, sensible_span
from insights.tables.errors import SourceError
from insights.tables.sources import Source, empty_relation, fingerprint, open_source
from insights.words import _, listing, shown, with_code

Made = TypeVar("Made")
STALE_DAYS = 45
EVENTS = (
    "orders",
    "channel_flow",
    "stock",
    "invoices",
    "payments",
    "writeoffs",
    "dunning",
    "visits",
    "feedback",
    "outcomes",
)


def connect(source: str | Path) -> Tables:
    """Open a folder of Parquet/CSV, a DuckDB file or a named connection as canonical tables.

    A relative path is read against the project's root. ``SourceError`` when nothing is there, or
    when a present table lacks a required column (all of them named at once).
    """
    opened = open_source(source, list(CANONICAL))
    faults = [fault for name in opened.relations if (fault := _missing_required(opened, name))]
    if faults:
        raise SourceError("; ".join(faults))
    return Tables(opened)


@dataclass(frozen=True)
class Tables:
    """Canonical tables as Ibis expressions: ``tables["orders"]`` always has every column.

    A table or column that the source lacks is there without rows or values; ``gap`` says so.
    """

    opened: Source = field(repr=False)

    @property
    def source(self) -> str:
        """Return where the tables are."""
        return self.opened.name

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the tables that the source holds."""
        return tuple(name for name in CANONICAL if self.has(name))

    def _repr_markdown_(self) -> str:
        head = _("Tables of {source}:").format(source=f"`{self.source}`")
        lines = [(name, shown(CANONICAL[name].meaning)) for name in self.names]
        told = [f"- {name}: {meaning}" if meaning else f"- {name}" for name, meaning in lines]
        return "\n".join([head, "", *told])

    def has(self, name: str) -> bool:
        """Say whether the source holds the table."""
        return name in self.opened.relations

    def __getitem__(self, name: str) -> Expr:
        return self.once(name, lambda: self._relation(CANONICAL[name]))

    def once(self, asked: Hashable, make: Callable[[], Made]) -> Made:
        """Return ``make()``, made the first time that ``asked`` is asked of these tables.

        For what is always the same and never changed: expressions, and what is looked up in them.
        """
        if asked not in self._made:
            self._made[asked] = make()
        return self._made[asked]

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        """Hold one relation a table: Ibis refuses to mix two empty ones that look alike."""
        return {}

    def _relation(self, table: Table) -> Expr:
        if not self.has(table.name):
            beside = next(iter(self.opened.relations.values()))
            return empty_relation(table.schema, beside)
        return _canonical(self.opened.relations[table.name], table)

    def gap(self, name: str, *columns: str) -> str | None:
        """Return what is missing of a table or its columns in words, or None."""
        if not self.has(name):
            return _("table {name} is missing").format(name=with_code(name))
        absent = [c for c in columns if c not in self.opened.relations[name].columns]
        if absent:
            return _("{name}: no column {columns}").format(
                name=with_code(name), columns=listing([*map(with_code, absent)], len(absent))
            )
        return None

    @cached_property
    def data_key(self) -> str:
        """Return a hash of the content of all tables."""
        return fingerprint(self.opened)

    @cached_property
    def regions(self) -> pd.DataFrame:
        """Return region_id, region_name, parent_id (from the customers where there is no table).

        ``SourceError`` where a region is called ``all``, which is reserved.
        """
        frame = self._stored_regions()
        if (frame.region_id == region_tree.ALL).any():
            name = "regions" if self.has("regions") else "customers"
            raise SourceError(
                _("{table}.region_id: 'all' is reserved; give that region another id").format(
                    table=name
                )
            )
        return frame

    def _stored_regions(self) -> pd.DataFrame:
        if self.has("regions"):
            frame = self["regions"].order_by("region_id").execute()
            return frame.assign(region_name=frame.region_name.fillna(frame.region_id))
        ids = self["customers"].region_id
        found = sorted(ids.name("region_id").as_table().distinct().execute().region_id.dropna())
        return pd.DataFrame(
            {"region_id": found, "region_name": found, "parent_id": None}, dtype="str"
        )

    def leaves(self, region: str = "all") -> list[str]:
        """Return the leaf regions of a region, a group or ``all``; ``RegionError`` if unknown."""
        return region_tree.leaves(self.regions, region)

    def span(self) -> tuple[dt.date, dt.date]:
        """Return the first and last date on which anything happened, mistyped dates left out."""
        found = [self._rows_a_day(name) for name in EVENTS if self.has(name)]
        if not any(len(one) for one in found):
            raise SourceError(_("{source}: no dated rows").format(source=self.source))
        return sensible_span(pd.concat(found).groupby(level=0).sum())

    def overview(self, names: tuple[str, ...], as_of: str | dt.date | pd.Timestamp) -> pd.DataFrame:
        """How much data stands behind a report: rows known on as_of, first and last date, gaps."""
        rows = [self._overview_row(name, as_date(as_of)) for name in names]
        headings = [_("table"), _("rows"), _("from"), _("to"), _("note")]
        return pd.DataFrame(rows, columns=headings)

    def _rows_a_day(self, name: str) -> pd.Series:
        dates = self[name].select(day=CANONICAL[name].known_on)
        counts = dates.group_by("day").aggregate(n=dates.count()).execute()
        return counts.dropna().set_index("day").n

    def _overview_row(self, name: str, as_of: dt.date) -> list[object]:
        if not self.has(name):
            return [name, 0, "", "", _("missing: the parts that need it say so")]
        dated = CANONICAL[name].known_on
        if dated is None or dated == "first_deal_on":
            return [name, int(self[name].count().execute()), "", "", ""]
        rows = self[name]
        known = rows.filter(rows[dated] <= as_of)
        low, high, count = (
            known.aggregate(low=known[dated].min(), high=known[dated].max(), n=known.count())
            .execute()
            .iloc[0]
        )
        return [name, int(count), str(_day(low) or ""), str(_day(high) or ""), _stale(high, as_of)]


def _missing_required(opened: Source, name: str) -> str | None:
    absent = [c for c in CANONICAL[name].required if c not in opened.relations[name].columns]
    if not absent:
        return None
    return _("{name}: required column {columns} is missing").format(
        name=name, columns=", ".join(absent)
    )


def _canonical(raw: Expr, table: Table) -> Expr:
    columns = {}
    for column in table.columns:
        if column.name not in raw.columns:
            columns[column.name] = ibis.literal(column.default).cast(column.engine_type)
            continue
        value = raw[column.name]
        if raw.schema()[column.name].is_string() and column.engine_type != "string":
            value = value.nullif("")
        columns[column.name] = value.cast(column.engine_type)
        if column.default is not None:
            columns[column.name] = columns[column.name].fill_null(column.default)
    return raw.select(**columns)


def _stale(last: Any, as_of: dt.date) -> str:
    behind = (as_of - (_day(last) or as_of)).days
    return _("ends {n} days before as_of").format(n=behind) if behind > STALE_DAYS else ""


def _day(value: Any) -> dt.date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()
