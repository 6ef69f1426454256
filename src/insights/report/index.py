"""The first page of a pack: regions x analyses, their sentences, figures and changes."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from insights.report.changes import FAILED, earlier_reports, read_result
from insights.report.files import write_whole
from insights.report.grid import (
    MANY,
    NOT_RUN,
    Cell,
    Line,
    Pack,
    lines_of,
    questions_of,
    status_words,
    title,
)
from insights.report.manifest import Manifest
from insights.report.page import environment
from insights.report.rollup import RollUp, roll_up
from insights.report.tasks import Setting

MADE = re.compile(r'<time datetime="([^"]+)">')
SCRIPT = Path(__file__).with_name("index.js")


def write_index(
    pack: Path, manifest: Manifest, setting: Setting, tree: pd.DataFrame, rows: dict[str, int]
) -> RollUp:
    """Write the pack's index from its manifest and the reports' own result.json.

    Headline figures and statuses stand beside those of the newest earlier pack in the same folder,
    where there is one of the same source and params. An index that says nothing new keeps the time
    at which it was made. Returns whether the regions add up to the company, as the index says it.
    """
    results = {key: read_result(pack, entry) for key, entry in manifest.entries.items()}
    rollup = roll_up(manifest, results, tree)
    earlier = earlier_reports(pack, results, setting)
    found = Pack(pack, manifest, results, tree, questions_of(results), earlier)
    page = partial(_html, found, lines_of(found), setting, rows, rollup)
    _write(pack / "index.html", page)
    return rollup


def _write(path: Path, page: Callable[[dt.datetime], str]) -> None:
    """Write a page that tells its time; what is there and would differ in it alone stays."""
    there = path.read_text(encoding="utf-8") if path.is_file() else ""
    made = MADE.search(there)
    if made and page(dt.datetime.fromisoformat(made[1])) == there:
        return
    write_whole(path, page(dt.datetime.now().astimezone().replace(microsecond=0)))


def _html(
    pack: Pack,
    lines: list[Line],
    setting: Setting,
    rows: dict[str, int],
    rollup: RollUp,
    made: dt.datetime,
) -> str:
    cells = [cell for line in lines for cell in line.cells if cell.status != NOT_RUN]
    script, script_key = _script()
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            setting=setting,
            rows=rows,
            questions=pack.questions,
            lines=lines,
            counts=_counts(cells),
            failures=[cell for cell in cells if cell.status == FAILED],
            rollup=rollup,
            earlier=pack.earlier,
            made=made,
            script=script,
            script_key=script_key,
            title=title,
            many=MANY,
            status_words=status_words,
        )
    )


@cache
def _script() -> tuple[Markup, str]:
    """Return the index's script and the hash by which its page allows that text alone to run."""
    text = SCRIPT.read_text(encoding="utf-8")
    hashed = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest())
    return Markup(text), f"sha256-{hashed.decode('ascii')}"


def _counts(cells: list[Cell]) -> dict[str, int]:
    found = Counter(cell.status for cell in cells)
    return {"total": len(cells), **{s: found[s] for s in ("ok", "not_enough_data", FAILED)}}
