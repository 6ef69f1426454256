"""Do reports of warm kernels differ from those of cold ones?

``python -m benchmarks warm_cold``: every notebook for every region of the demo company, once with
kernels forked from a process that has imported everything, once with kernels started afresh, each
with company-level fits of its own; then every table, result.json, cell of a workbook, output of a
notebook and picture held against the other's. Times, paths and drawn ids are left out.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path

import nbformat
import pandas as pd
from python_calamine import CalamineWorkbook

from insights.params import ROOT
from insights.report import plan, render

SOURCE, DAY = str(ROOT / "data" / "demo"), "2025-12-31"
DRAWN = re.compile(r"0x[0-9a-f]+|T_[0-9a-f]{5}")  # addresses; ids that pandas draws for tables
Outputs = dict[str, list[object]]


def main() -> None:
    """Print how many things were compared and how many differ, by kind."""
    with tempfile.TemporaryDirectory() as folder:
        warm, cold = (_pack(Path(folder) / name, name == "warm") for name in ("warm", "cold"))
        reports = sorted(path.relative_to(warm) for path in warm.rglob("*.ipynb"))
        assert reports == sorted(path.relative_to(cold) for path in cold.rglob("*.ipynb"))
        rows = [
            {"report": str(report), "kind": kind, "compared": len(one), "differ": _differ(one, two)}
            for report in reports
            for kind, (one, two) in _pairs(warm / report, cold / report).items()
        ]
    table = pd.DataFrame(rows)
    print(f"{len(reports)} reports")
    print(table.groupby("kind")[["compared", "differ"]].sum().to_string())
    if table.differ.any():
        raise SystemExit(table[table.differ > 0].to_string(index=False))
    print("none differs")


def _pack(to: Path, warm: bool) -> Path:
    kept, cache = plan.imports_of, os.environ.get("INSIGHTS_CACHE")
    os.environ["INSIGHTS_CACHE"] = str(to / "cache")
    plan.imports_of = kept if warm else lambda notebooks: ()
    try:
        made = render([], None, DAY, SOURCE, to=to, jobs=2)
    finally:
        plan.imports_of = kept
        os.environ.pop("INSIGHTS_CACHE") if cache is None else os.environ.update(
            INSIGHTS_CACHE=cache
        )
    assert not made.failures, str(made)
    return made.pack


def _pairs(warm: Path, cold: Path) -> dict[str, tuple[list[object], list[object]]]:
    one, two = _left(warm), _left(cold)
    return {kind: (one[kind], two[kind]) for kind in one}


def _left(notebook: Path) -> Outputs:
    """Return what a report left: its tables, result, cells, outputs and pictures."""
    folder = notebook.with_suffix("")
    tables = sorted(folder.glob("*.parquet"))
    sheets = CalamineWorkbook.from_path(str(notebook.with_suffix(".xlsx")))
    return {
        "table": [(path.name, pd.read_parquet(path)) for path in tables],
        "result.json": [json.loads((folder / "result.json").read_text("utf-8"))],
        "sheet": [
            (name, sheets.get_sheet_by_name(name).to_python()) for name in sheets.sheet_names
        ],
        **_shown(nbformat.read(notebook, as_version=4)),
    }


def _shown(notebook: nbformat.NotebookNode) -> Outputs:
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    data = [one.get("data", {"text": one.get("text", "")}) for one in outputs]
    pictures = [one["image/png"] for one in data if "image/png" in one]
    texts = [DRAWN.sub("", json.dumps({k: v for k, v in one.items() if k != "image/png"}))
             for one in data]  # fmt: skip
    return {"output": list(texts), "picture": list(pictures)}


def _differ(one: list[object], two: list[object]) -> int:
    same = sum(_same(*pair) for pair in zip(one, two, strict=False))
    return max(len(one), len(two)) - same


def _same(one: object, two: object) -> bool:
    if isinstance(one, tuple) and isinstance(one[1], pd.DataFrame):
        return isinstance(two, tuple) and one[0] == two[0] and one[1].equals(two[1])
    return one == two
