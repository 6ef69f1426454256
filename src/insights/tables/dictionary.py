"""The data dictionary as a page, written from the tables themselves."""

from __future__ import annotations

from insights.tables.catalog import CANONICAL
from insights.tables.columns import Column, Table

PREFACE = """# Data dictionary

Generated from `insights.tables` and `params/headers.yaml` by `make lock`; do not edit by hand.

A source is a folder with `<table>.parquet`, `<table>.csv` or `<table>/region_id=…/*.parquet`, a
DuckDB file, or `connection:NAME`: tables of these names in PostgreSQL or Spark, whose address
stands in the variable `INSIGHTS_CONNECTION_NAME` or in `~/.config/insights/connections.yaml`.

Types: id (text, leading zeros kept), text, int, float, money (two decimals, CNY unless `currency`
says otherwise), rate (0..1), date, time, bool, code. **Bold** columns are the key, `!` marks a
required column; every other column may be absent. A fact dated D is known on D. Returns, credit
notes and refunds are negative rows. `all` is reserved as a region.
"""


def data_dictionary(headers: dict[str, dict[str, tuple[str, ...]]]) -> str:
    """Return the dictionary as Markdown; ``headers`` maps table -> column -> Chinese headers."""
    sections = [_section(table, headers.get(table.name, {})) for table in CANONICAL.values()]
    return "\n".join([PREFACE, *sections])


def _section(table: Table, headers: dict[str, tuple[str, ...]]) -> str:
    rows = [_row(column, headers.get(column.name, ())) for column in table.columns]
    dated = f"\n\nKnown on `{table.known_on}`." if table.known_on else ""
    meaning = f"\n\n{table.meaning}" if table.meaning else ""
    lines = "\n".join(["| column | type | meaning | headers |", "|---|---|---|---|", *rows])
    return f"## {table.name}{meaning}{dated}\n\n{lines}\n"


def _row(column: Column, headers: tuple[str, ...]) -> str:
    name = f"**{column.name}**" if column.key else column.name
    kind = " / ".join(column.codes) if column.codes else column.type
    limits = f" ({column.low:g}..{column.high:g})" if column.low is not None else ""
    points = f"→ {column.references}. " if column.references else ""
    mark = " !" if column.required else ""
    meaning = f"{points}{column.meaning}".strip()
    return f"| {name}{mark} | {kind}{limits} | {meaning} | {', '.join(headers)} |"
