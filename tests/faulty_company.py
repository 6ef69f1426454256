"""A company whose exports are dirty in every known way: good rows oddly written, faults by name.

``plant_company(folder)`` writes the files and returns what was planted where, and what the good
rows mean. Each file, sheet and row number is as a person sees it in Excel.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

HELD, EXPECTED, CHECKED = "held", "expected", "checked"  # how a planted fault is to be named
EMPTIED = "emptied"  # likewise, of a cell that a row of a master does without
DAY, CENT = dt.date(2024, 1, 8), Decimal("0.01")
WIDE = str.maketrans("0123456789.-,", "０１２３４５６７８９．－，")


@dataclass(frozen=True)
class Fault:
    """One planted cell (or row: no column): where it stands, and a word its reason must hold."""

    kind: str
    file: str
    sheet: str
    row: int
    column: str
    value: str
    says: str
    where: str
    table: str


@dataclass
class Export:
    """One sheet of one table while it is written: headers by canonical column, lines, truth."""

    file: str
    table: str
    headers: dict[str, str]
    sheet: str = ""
    top: tuple[tuple[Any, ...], ...] = ()
    lines: list[list[Any] | str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    truth: list[dict[str, Any]] = field(default_factory=list)
    read: int = 0

    @property
    def row(self) -> int:
        """Return the number of the next row."""
        return len(self.top) + len(self.lines) + 2

    def good(self, meant: dict[str, Any], /, **written: Any) -> None:
        """Write a good row; ``written`` are cells that are not written plainly."""
        self.truth.append({name: meant.get(name) for name in self.headers} | {"_row": self.row})
        self._line([written.get(name, plain(meant.get(name))) for name in self.headers])

    def bad(
        self, kind: str, meant: dict[str, Any], says: str, /, where: str = HELD, column: str = "",
        **written: Any,
    ) -> None:  # fmt: skip
        """Write a row with one bad cell: the one that is ``written``."""
        name = column or next(iter(written))
        shown = ", ".join(self.headers.get(one, one) for one in name.split(", "))
        cells = {one: written.get(one, plain(meant.get(one))) for one in self.headers}
        value = ", ".join(str(cells.get(one) or "") for one in name.split(", "))
        self._plant(kind, shown, value, says, where)
        if where == CHECKED:
            self.truth.append({one: meant.get(one) for one in self.headers} | {"_row": self.row})
        if where == EMPTIED:
            known = {one: meant.get(one) for one in self.headers} | {name: None}
            self.truth.append(known | {"_row": self.row})
        self._line(list(cells.values()))

    def odd(self, kind: str, cells: list[Any] | str, says: str, where: str = EXPECTED) -> None:
        """Write a whole row that is no row of data; text is written into a CSV as it stands."""
        self._plant(kind, "", "", says, where)
        self._line(cells)

    def empty(self) -> None:
        """Write an empty row, which nobody reads."""
        self.lines.append([])

    def _line(self, cells: list[Any] | str) -> None:
        self.lines.append(cells)
        self.read += 1

    def _plant(self, kind: str, column: str, value: str, says: str, where: str) -> None:
        self.faults.append(
            Fault(kind, self.file, self.sheet, self.row, column, value, says, where, self.table)
        )


@dataclass(frozen=True)
class Company:
    """What was planted: faults, the meaning of good rows by table, and rows by file and sheet."""

    faults: tuple[Fault, ...]
    exports: tuple[Export, ...]

    def truth(self, table: str) -> list[dict[str, Any]]:
        """Return the good rows of a table, with file, sheet and row."""
        return [
            row | {"_file": export.file, "_sheet": export.sheet}
            for export in self.exports
            if export.table == table
            for row in export.truth
        ]


def plain(value: Any) -> str:
    """Return a value as a system writes it plainly."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def dates_written(day: dt.date) -> list[str]:
    """Return a day in every legal writing."""
    serial = (day - dt.date(1899, 12, 30)).days
    return [
        day.isoformat(), f"{day.year}/{day.month}/{day.day}", day.strftime("%Y%m%d"),
        f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}", str(serial),
        f"{day.isoformat()} 13:04:05", day.isoformat().translate(WIDE), f" {day.isoformat()} ",
        f'="{day.isoformat()}"', f"{day.isoformat()}T00:00:00", f"\u200b{day.isoformat()}",
    ]  # fmt: skip


def amounts_written(amount: Decimal) -> list[str]:
    """Return an amount in every legal writing."""
    amount = amount.quantize(CENT)
    grouped = f"{amount:,}"
    made = [str(amount), grouped, f"¥{grouped}", f"￥ {amount}", f"{amount}元", f" {amount} "]
    made += [str(amount).translate(WIDE), f"{amount}00", f"RMB {grouped}"]
    if amount < 0:
        made += [f"({-amount:,})", f"（{-amount}）", f"{-amount}-", f"-¥{-amount:,}"]
    if amount == amount.quantize(Decimal(100)):
        made.append(f"{(amount / 10000).normalize():f}万")
    return made


class Odd:
    """Legal writings in turn."""

    def __init__(self) -> None:
        self.turns: Iterator[int] = count()

    def day(self, day: dt.date) -> str:
        """Return a day in the next writing."""
        made = dates_written(day)
        return made[next(self.turns) % len(made)]

    def money(self, amount: Decimal) -> str:
        """Return an amount in the next writing."""
        made = amounts_written(amount)
        return made[next(self.turns) % len(made)]

    def one(self, *words: Any) -> Any:
        """Return the next of some words."""
        return words[next(self.turns) % len(words)]


def blank(odd: Odd) -> str:
    """Return the next way to write nothing."""
    return str(odd.one("", "-", "——", "/", "N/A", "NULL", " ", "（空）"))


def plant_company(folder: Path) -> Company:
    """Write the company's exports into ``folder``."""
    from faulty_sheets import all_exports

    exports = all_exports(Odd())
    for file in dict.fromkeys(export.file for export in exports):
        _write(folder / file, [export for export in exports if export.file == file])
    faults = tuple(fault for export in exports for fault in export.faults)
    ordered = sorted(exports, key=lambda export: export.file)
    return Company(faults, tuple(ordered))


ENCODINGS = {
    "区域.csv": ("utf-8-sig", ","), "产品.csv": ("gb18030", ","), "业务员.csv": ("utf-16", "\t"),
    "订单.csv": ("gb18030", ","), "回款.csv": ("utf-16", "\t"), "拜访.csv": ("utf-8", ","),
    "feedback.csv": ("utf-8-sig", ","), "经销商合同.csv": ("gb18030", ","),
    "strategies.csv": ("utf-8", ";"),
}  # fmt: skip


def _write(path: Path, exports: list[Export]) -> None:
    if path.suffix == ".xlsx":
        _write_book(path, exports)
    elif path.suffix == ".parquet":
        _write_parquet(path, exports[0])
    else:
        _write_csv(path, exports[0])


def _write_csv(path: Path, export: Export) -> None:
    encoding, delimiter = ENCODINGS.get(path.name, ("utf-8", ","))
    held = io.StringIO(newline="")
    writer = csv.writer(held, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([*export.top, list(export.headers.values())])
    for line in export.lines:
        if isinstance(line, str):
            held.write(line + "\r\n")
        else:
            writer.writerow(line or [""] * len(export.headers))
    path.write_bytes(held.getvalue().encode(encoding))


def _write_book(path: Path, exports: list[Export]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for export in exports:
        sheet = book.create_sheet(export.sheet)
        for line in [*export.top, list(export.headers.values()), *export.lines]:
            sheet.append([cell if cell != "" else None for cell in line])
    note = book.create_sheet("说明")
    note.append(["本表由系统导出"])
    book.save(path)


def _write_parquet(path: Path, export: Export) -> None:
    """Write typed columns: what an extract of a database holds."""
    types = {
        "ordered_on": pa.timestamp("us"), "quantity": pa.float64(), "amount": pa.float64(),
        "line_no": pa.int64(), "unit_price": pa.decimal128(12, 4),
    }  # fmt: skip
    columns = zip(*export.lines, strict=True)
    data = {
        header: pa.array([None if cell == "" else cell for cell in cells],
                         types.get(name, pa.string()))
        for (name, header), cells in zip(export.headers.items(), columns, strict=True)
    }  # fmt: skip
    pq.write_table(pa.table(data), path)
