"""An executed notebook as one HTML page that fetches nothing and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bleach
import jinja2
import nbformat
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup
from nbconvert import HTMLExporter, TemplateExporter
from nbconvert.filters import DataTypeFilter, Highlight2HTML
from nbformat import NotebookNode

from insights.report.cells import names_things, readable
from insights.report.files import write_whole
from insights.report.tasks import Report, Setting, digest
from insights.words import SOURCE, _, language, punctuated, readable_name, shown, with_code

HERE = Path(__file__).parent
SHOWN = ("text/html", "text/markdown", "image/png", "image/jpeg", "text/plain")
IMAGES = ("image/png", "image/jpeg")
SHORT, LONG = 14, 40
SCROLLS = {"class": "scroll", "tabindex": "0", "role": "region"}
MARKER = "papermill-error-cell-tag"
STYLE_BLOCK = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
BLOCKS = {"blockquote", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img"}
LISTS = {"li", "ol", "p", "pre", "ul"}
TABLE = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
INLINE = {"a", "abbr", "b", "br", "code", "del", "em", "i", "kbd", "s", "small", "span", "strong"}
TAGS = BLOCKS | LISTS | TABLE | INLINE | {"sub", "sup"}
PROTOCOLS = {"http", "https", "mailto", "data"}
ATTRIBUTES = frozenset(
    ["class", "id", "href", "alt", "title", "colspan", "rowspan", "width", "height", "scope"]
)


@dataclass(frozen=True)
class Heading:
    """A line of the table of contents."""

    level: int
    anchor: str
    text: str


def write_page(report: Report, setting: Setting, error: str = "") -> None:
    """Turn the report's executed notebook into its page; ``error`` is told at the top."""
    notebook = nbformat.read(report.notebook, as_version=4)
    body = _body(notebook)
    title = body.h1.get_text() if body.h1 else report.analysis
    contents = _contents(body)
    page = environment().get_template("page.html.j2")
    html = page.render(
        report=report, setting=setting, error=error, title=title, contents=contents,
        body=Markup(str(body)),
    )  # fmt: skip
    write_whole(report.page, html)


@cache
def environment() -> jinja2.Environment:
    """Return the templates of this room: every value is escaped, every word translated."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    css = Markup((HERE / "style.css").read_text(encoding="utf-8"))
    found.globals.update(_=_, readable_name=readable_name, shown=shown, with_code=with_code)
    found.globals.update(language=language, css=css)
    return found


@cache
def look_key() -> str:
    """Return a hash of what pages look like: when it changes they are written anew, not rerun."""
    looks = [*sorted(HERE.glob("*.j2")), HERE / "style.css", HERE / "page.py", HERE / "cells.py"]
    return digest(*(path.read_text(encoding="utf-8") for path in looks))


def _body(notebook: NotebookNode) -> BeautifulSoup:
    """Return the notebook's text and outputs, cleaned, then arranged for reading."""
    raw, _resources = TemplateExporter.from_notebook_node(_exporter(), _shown(notebook))
    body = BeautifulSoup(_clean(raw), "html.parser")
    for anchor in body.find_all("a", class_="anchor-link"):
        anchor.decompose()
    for table in body.find_all("table"):
        if any(part.find("td") for part in table.find_all("tbody")):
            _arrange(body, table)
        else:
            table.decompose()
    for words in body.find_all(string=True) if language() != SOURCE else []:
        words.replace_with(punctuated(str(words)))
    return body


@cache
def _exporter() -> HTMLExporter:
    """Return nbconvert's exporter: its templates are compiled once a process.

    It is run without the parse in which it names images that have no name: pages name their own.
    """
    found = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    found.register_filter("highlight_code", Highlight2HTML(parent=found))
    found.register_filter("filter_data_type", DataTypeFilter(parent=found))
    return found


def _clean(html: str) -> str:
    """Let through plain text markup only: whatever else stands in the data is shown as text."""
    return bleach.clean(html, tags=TAGS, attributes=_allowed, protocols=PROTOCOLS)


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img" and name == "src":
        return value.startswith("data:image/")
    return name in ATTRIBUTES and not (name == "href" and "data:" in value.lower())


def _shown(notebook: NotebookNode) -> NotebookNode:
    """Return a copy with what a reader needs: no markers, warnings or code that draws itself."""
    copy = nbformat.from_dict(notebook)
    copy.cells = [cell for cell in copy.cells if MARKER not in cell.metadata.get("tags", [])]
    copy.cells = copy.cells[: _failed_at(copy.cells)]
    section = ""
    for cell in copy.cells:
        section = _last_heading(cell) or section
        if cell.cell_type == "code":
            cell.outputs = [_output(one, section) for one in cell.outputs if _readable(one)]
    return copy


def _failed_at(cells: list[NotebookNode]) -> int:
    """Return how many cells precede the failure: what follows it never ran."""
    for n, cell in enumerate(cells):
        if any(one.output_type == "error" for one in cell.get("outputs", [])):
            return n
    return len(cells)


def _last_heading(cell: NotebookNode) -> str:
    found = re.findall(r"^#+\s+(.+?)\s*$", cell.source, re.MULTILINE)
    return found[-1] if found and cell.cell_type == "markdown" else ""


def _readable(output: NotebookNode) -> bool:
    if output.output_type == "stream":
        return output.name == "stdout"
    return any(kind in SHOWN for kind in output.get("data", {}))


def _output(output: NotebookNode, section: str) -> NotebookNode:
    if output.output_type == "stream":
        return output
    output.data = {kind: value for kind, value in output.data.items() if kind in SHOWN}
    if "text/html" in output.data:
        output.data["text/html"] = STYLE_BLOCK.sub("", _joined(output.data["text/html"]))
    output.metadata = {kind: _image_told(output, kind, section) for kind in IMAGES}
    return output


def _image_told(output: NotebookNode, kind: str, section: str) -> dict[str, str]:
    """Return what is known of an image; its section names it where nothing describes it."""
    told: Mapping[str, str] = output.metadata.get(kind, {})
    return {**told, "alt": told.get("alt") or section}


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _contents(body: BeautifulSoup) -> list[Heading]:
    found = []
    for n, heading in enumerate(body.select("h2, h3"), start=1):
        anchor = str(heading.get("id") or f"section-{n}")
        heading["id"] = anchor
        found.append(Heading(int(heading.name[1]), anchor, heading.get_text()))
    return found


def _arrange(body: BeautifulSoup, table: Tag) -> None:
    """Write its cells readably, drop a row count nobody asked for, let a wide table scroll."""
    rows, headers = _rows(table, "tbody"), _one_header(_rows(table, "thead"))
    if _counts_rows(rows, headers):
        for cells in [*rows, *headers]:
            cells.pop(0).extract()
    width = max((len(cells) for cells in rows), default=0)
    for n in range(-width, 0):  # from the right: a row under a merged label lacks its first cells
        column = [cells[n] for cells in rows if len(cells) >= -n]
        _write(column, [cells[n] for cells in headers if len(cells) == width])
    table.wrap(body.new_tag("div", attrs={**SCROLLS, "aria-label": _("table")}))


def _rows(table: Tag, part: str) -> list[list[Tag]]:
    """Return the cells of each row in the head or the body of a table."""
    rows = (row for one in table.find_all(part) for row in one.find_all("tr"))
    return [list(row.find_all(["td", "th"])) for row in rows]


def _write(column: list[Tag], heads: list[Tag]) -> None:
    """Put the readable texts in a column's cells and say how it is laid out."""
    header = heads[-1].get_text() if heads else ""
    found = readable(header, [cell.get_text() for cell in column])
    own = found.is_number or names_things(header)
    texts = found.texts if own else tuple(map(shown, found.texts))
    _put(column, texts)
    _put(heads, [shown(cell.get_text().strip()) for cell in heads])
    if found.is_number:
        _mark([*column, *heads], "number")
    elif max(map(len, texts), default=0) > LONG:
        _mark(column, "long")
    _mark([cell for cell in column if _is_short(cell)], "short")


def _put(cells: Sequence[Tag], texts: Sequence[str]) -> None:
    for cell, text in zip(cells, texts, strict=True):
        if text != cell.get_text().strip():
            cell.string = text


def _one_header(headers: list[list[Tag]]) -> list[list[Tag]]:
    """Move the name of pandas' index, in a row of its own, up beside the columns' names."""
    if len(headers) != 2 or len(headers[0]) != len(headers[1]):
        return headers
    told = [[cell.get_text().strip() for cell in cells] for cells in headers]
    if told[0][0] or any(told[1][1:]):
        return headers
    headers[0][0].string = told[1][0]
    if headers[1][0].parent:
        headers[1][0].parent.extract()
    return headers[:1]


def _is_short(cell: Tag) -> bool:
    text = cell.get_text().strip()
    return len(text) <= SHORT and " " not in text and not cell.get("class")


def _mark(cells: list[Tag], kind: str) -> None:
    for cell in cells:
        cell["class"] = kind


def _counts_rows(rows: list[list[Tag]], headers: list[list[Tag]]) -> bool:
    """Say whether the first column is pandas' default 0, 1, 2 … under an empty heading."""
    unnamed = len(headers) == 1 and bool(headers[0]) and not headers[0][0].get_text().strip()
    first = [cells[0] for cells in rows if cells]
    counted = [cell.get_text().strip() for cell in first] == [str(n) for n in range(len(rows))]
    return unnamed and bool(rows) and counted and all(cell.name == "th" for cell in first)
