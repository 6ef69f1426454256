"""A company whose exports hold people wherever text can stand, and the search for them."""

from __future__ import annotations

import html
import json
import re
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq

from insights.tables import CANONICAL, Column, Table

DOCTORS = ["王建国", "刘晓燕", "欧阳娜娜", "高志远", "覃思雨", "买买提·艾力"]
REPS = ["赵铁柱", "钱多多"]
TITLED = ["孙立军主任", "周慧敏医生", "郑爽护士长"]  # in no column: only their titles tell
LISTED = "古丽扎尔"  # in the company's own list of names alone
PHONES = ["13812345678", "139-8765-4321", "0312-8887766", "１３７００００１１１１"]
NUMBERS = ["110101199003070134", "320102198506152345"]
OTHERS = ["wang.jg@qq.com", "wx_liuxy77", "6222020000000000000", "39.904211", "116.407413"]
PRIVATE = ["13612340000", "幸福路88号"]  # in columns of their own
NEEDLES = [
    *DOCTORS, *REPS, "孙立军", "周慧敏", "郑爽", LISTED, *PHONES, *NUMBERS, *OTHERS, *PRIVATE,
]  # fmt: skip
LINE = (
    "找{d}谈集采,电话{p}，{t}也在；身份证{n}，微信wx_liuxy77，邮箱wang.jg@qq.com，"
    f"卡6222020000000000000，{{r}}陪同，{LISTED}说好，位置39.904211,116.407413"
)
ROWS, REGIONS, HOUSES = 14, ["R1", "R2"], 6
IDS = {
    "customer_id": lambda i: f"H{i % HOUSES}",
    "distributor_id": lambda i: f"H{i % HOUSES}",
    "holder_id": lambda i: f"H{i % HOUSES}",
    "region_id": lambda i: REGIONS[i % 2],
    "rep_id": lambda i: f"0{i % 2}",
    "product_id": lambda i: f"P{i % 2}",
    "invoice_id": lambda i: f"INV{i}",
    "order_id": lambda i: f"ORD{i}",
    "department_id": lambda i: f"D{i % HOUSES}",
    "strategy_id": lambda i: f"S{i}",
    "contact_id": lambda i: DOCTORS[i % 6],
    "unit_id": lambda i: f"H{i % HOUSES}",
}
OWN_KEYS = {"customers", "regions", "reps", "departments", "products", "distributors"}


def line(i: int) -> str:
    """Return a sentence that holds six kinds of personal data."""
    return LINE.format(
        d=DOCTORS[i % 6], p=PHONES[i % 4], t=TITLED[i % 3], n=NUMBERS[i % 2], r=REPS[i % 2]
    )


def planted_exports(raw: Path) -> None:
    """Write an export of every table: people in cells, headers, sheets, files and folders."""
    for number, table in enumerate(CANONICAL.values()):
        frame = _export(table)
        folder = raw / ["", "王建国 13812345678", "华东/赵铁柱"][number % 3]
        folder.mkdir(parents=True, exist_ok=True)
        if number % 2:
            frame.to_csv(folder / f"{table.name}.csv", index=False, encoding="gb18030")
        else:
            sheet = [TITLED[0], "赵铁柱13812345678", "明细"][number // 2 % 3]
            frame.to_excel(folder / f"{table.name}.xlsx", sheet_name=sheet, index=False)
    people = pd.DataFrame({"甲": DOCTORS, "手机": "13612340000", "孙立军主任": line(0)})
    people.to_csv(raw / "刘晓燕13812345678.csv", index=False)
    (raw / "周慧敏医生.xlsx").write_bytes(b"PK no workbook")
    (raw / "没有表头.csv").write_text("王建国,13812345678,好\n刘晓燕,13912345678,坏\n", "utf-8")
    _sheets_of_people(raw / "代表.xlsx")


def _export(table: Table) -> pd.DataFrame:
    values = {c.name: [_value(table, c, i) for i in range(ROWS)] for c in table.columns}
    rows = range(ROWS)
    return pd.DataFrame(
        {
            **values,
            "医生姓名": [DOCTORS[i % 6] for i in rows],
            "业务员": [REPS[i % 2] for i in rows],
            "联系电话": "13612340000",
            "家庭住址": "幸福路88号",
            "王建国13812345678的意见": [line(i) for i in rows],
            "其他说明": [TITLED[i % 3] if i % 2 else line(i) for i in rows],
        }
    )


def _value(table: Table, column: Column, i: int) -> object:
    if column.name == "currency":  # held back where it is none; a ledger of several is refused
        return "CNY" if i < ROWS - 1 else line(i)
    if column.type in ("text", "code") or i == ROWS - 1:  # the last row is held back for odd cells
        kept = column.type == "code" and i != 3
        return column.codes[i % len(column.codes)] if kept else f"{line(i)}#{i}"
    if column.type == "id":
        if column.key and (table.name in OWN_KEYS or column.name not in IDS):
            return f"{IDS[column.name](0)[:-1] if column.name in IDS else table.name[:3]}{i}"
        if table.name == "contacts" and column.name == "customer_id":  # nobody twice at a house
            return f"H{(i + i // 6) % HOUSES}"
        return IDS[column.name](i) if column.name in IDS else f"X{i}" if column.required else None
    return {
        "int": i + 1,
        "float": 1 + i % 5,
        "rate": 0.05,
        "money": f"{100 + i}.50",
        "date": f"2025-{1 + i % 12:02d}-01",
        "time": f"2025-01-05 09:{i:02d}:00",
        "bool": "是",
    }[column.type]


def _sheets_of_people(path: Path) -> None:
    """Write a workbook with a sheet for each salesman, two of them of two characters."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for i, name in enumerate([*REPS, "王伟", "李娜"]):
        sheet = book.create_sheet(name)
        sheet.append(["visit_id", "rep_id", "customer_id", "visited_on", "facts"])
        sheet.append([f"X{i}", "01", "H1", "2025-02-03", "王伟和李娜同去"])
    book.save(path)


def everything_in(folder: Path) -> str:
    """Return all that the files of a folder say, names included, whatever they are packed in."""
    parts = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        parts += [path.relative_to(folder).as_posix(), *_said_by(path)]
    return "\n".join(parts)


def _said_by(path: Path) -> list[str]:
    content = path.read_bytes()
    if path.suffix == ".parquet":
        table = pq.ParquetFile(path).read()
        cells = [str(v) for c in table.columns for v in c.unique().to_pylist()]
        return [str(table.schema.metadata), str(table.schema), *cells]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            return [html.unescape(book.read(n).decode("utf-8", "replace")) for n in book.namelist()]
    if path.suffix in (".json", ".ipynb"):
        return [json.dumps(json.loads(content), ensure_ascii=False)]
    said = [content.decode(code, "replace") for code in ("utf-8", "gb18030")]
    return [html.unescape(text) for text in said]


def leaks(text: str) -> list[str]:
    """Return which of the planted people and numbers a text holds, however it is spaced."""
    wide = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[\s\-]", "", wide)
    wanted = {one: re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", one)) for one in NEEDLES}
    return [one for one, bare in wanted.items() if bare in plain]
