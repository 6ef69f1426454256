"""A pack as a batch leaves it, made without running a notebook, for tests of its pages."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pandas as pd
from PIL import Image, ImageDraw

from insights.report.index import write_index
from insights.report.manifest import Entry, Manifest, write_manifest
from insights.report.page import write_page
from insights.report.tasks import Report, Setting
from insights.tables import as_date

ALERT = "<script>alert(1)</script>"
TREE = pd.DataFrame(
    {
        "region_id": ["north", "n1", "n2", "s1"],
        "region_name": ["North", "华东", ALERT, "Zhuhai"],
        "parent_id": [None, "north", "north", None],
    }
)
SALES = {"all": 6e6, "north": 5e6, "n1": 1e6, "n2": 4e6, "s1": 2.5}
Told = Mapping[tuple[str, str], dict[str, object]]


def setting(day: str, source: str = "s", notes: tuple[str, ...] = ()) -> Setting:
    return Setting(as_date(day), source, source, "base", "p", "d", "0.1", 60, notes)


def told(analysis: str, region: str, sales: float | None, **more: object) -> dict[str, object]:
    """Return a result.json: two figures, one that was not estimated, and what is given."""
    figures = {"not_told": None, "net_sales": sales, "share": 0.25}
    return {"analysis": analysis, "region": region, "status": "ok", "version": "0.1",
            "sentence": f"{region} sold {sales}.", "figures": figures, "params_key": "p",
            **more}  # fmt: skip


def all_told() -> dict[tuple[str, str], dict[str, object]]:
    """Return two analyses of all, a group and its leaves; one leaf without enough data."""
    found = {}
    for analysis in ("sales", "strategy_plan"):
        found |= {(analysis, one): told(analysis, one, SALES[one]) for one in SALES}
    found["sales", "s1"] |= {"status": "not_enough_data", "figures": {}}
    return found


def small_pack(
    to: Path,
    day: str,
    results: Told,
    source: str = "s",
    error: Mapping[tuple[str, str], str] = {},
    pages: bool = True,
) -> Path:
    """Write a pack of these reports, each with a figure and a table; ``error``: what failed."""
    pack, about, entries = to / day, setting(day, source), {}
    for (analysis, region), result in results.items():
        failed = error.get((analysis, region), "")
        beside = tuple(sorted(name for name, where in results if where == region))
        name = dict(zip(TREE.region_id, TREE.region_name, strict=True)).get(region, region)
        report = Report(analysis, region, name, pack / region, beside)
        report.tables.mkdir(parents=True, exist_ok=True)
        nbformat.write(_book(source), report.notebook)
        if pages:
            write_page(report, about, failed)
        if not failed:
            text = json.dumps({**result, "as_of": day}, ensure_ascii=False)
            (report.tables / "result.json").write_text(text, encoding="utf-8")
        files = tuple(path.relative_to(report.folder).as_posix() for path in report.files())
        entries[analysis, region] = Entry(
            analysis, region, region, "k", about.key, "l", failed, 1.0, files
        )
    write_manifest(pack, Manifest(entries))
    write_index(pack, Manifest(entries), about, TREE, {"orders": 1234})
    return pack


def drawn(width: int = 600, height: int = 400) -> str:
    """Return a figure as a notebook holds it."""
    picture = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(picture).rectangle((50, 50, width // 2, height // 2), fill="#0b5394")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return base64.b64encode(kept.getvalue()).decode("ascii")


def _book(source: str) -> nbformat.NotebookNode:
    frame = pd.DataFrame({"hospital": [ALERT, "乙"], "sales": [1.5, 2.0]})
    shown = {"image/png": drawn(), "text/plain": "<Figure>"}
    cell = nbformat.v4.new_code_cell("x", execution_count=1)
    cell.outputs = [
        nbformat.v4.new_output("execute_result", data={"text/html": frame._repr_html_()}),
        nbformat.v4.new_output(
            "display_data", data=shown, metadata={"image/png": {"alt": "Sales: 乙 leads with 2.0"}}
        ),
    ]
    found = nbformat.v4.new_notebook()
    found.cells = [nbformat.v4.new_markdown_cell("# Who buys?\n\n## Sales"), cell]
    found.metadata["papermill"] = {"parameters": {"source": source}}
    return found
