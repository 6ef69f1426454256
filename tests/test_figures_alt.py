"""What a picture shows, said in words: known answers, and the way into a page."""

from __future__ import annotations

import base64

import nbformat
import numpy as np
import pandas as pd
import papermill
import pytest
from bs4 import BeautifulSoup

from drawn_forms import CHARTS, NAMES
from insights import figures
from insights.report.kernel import own_kernel
from insights.report.page import write_page
from insights.report.tasks import Report, Setting
from insights.report.usage import Usage
from insights.report.warm import forked
from insights.report.warm.forked import warm_server
from insights.tables import as_date
from insights.words import SOURCE, speak
from small_batch import book

FIRST = NAMES[0]
ENDS = "(2024-01-01) to {} (2024-06-01), highest {}, lowest 0 (2024-01-01)"
SAID = {
    "bars": f"应收 open −5 (across: CNY). bars: 3, largest 3M ({FIRST}), smallest −200k (second).",
    "stacked": "parts. "
    f"bars: 3, largest 6 (second), smallest 4 ({FIRST}); parts, largest first: a, b, d, c.",
    "lines": "path (up: CNY). "
    f"treated: from 0 {ENDS.format(2, '5 (2024-03-01)')}; "
    f"otherwise: from 0 {ENDS.format(2.5, '2.5 (2024-06-01)')}; "
    "shaded band, at its end 4 to 6 (2024-06-01); start: upright line at 2024-04-01.",
    "intervals": f"effects. intervals: 1; {FIRST}: 0.1, interval 0 to 0.3; "
    "wholly to one side of 0: 0; without an interval: second.",
    "intervals by kind": f"effects. intervals: 3; {FIRST}: 0.5, interval −2 to 2; "
    "second: −1.26, interval −2 to 2; third: −2 to 2; wholly to one side of 0: 0. "
    "Marked apart: 有效, c.",
    "scatter": "where (across: days; up: CNY, on a logarithmic scale). "
    "points: 3 (甲 2, b 1); across from 1 to 4; up from 3 to 20k.",
    "calibration": "meant (across: predicted; up: observed). "
    "points: 2; across from 0.1 to 0.6; up from 0.2 to 0.5; "
    "straight line from (0, 0) to (1, 1).",
    "message": "none. not enough data: 表缺失.",
}


@pytest.fixture(autouse=True)
def _english_after():
    yield
    speak(SOURCE)


@pytest.mark.parametrize("name", CHARTS)
def test_each_form_is_described_by_what_is_drawn(name):
    figure = CHARTS[name]()
    before = figures.describe(figure)
    figure.canvas.draw()
    assert before == figures.describe(figure) == SAID[name]


def test_what_is_changed_on_a_picture_is_what_is_told():
    figure = CHARTS["lines"]()
    figure.axes[0].set_xlabel("month")
    figure.axes[0].axhline(2.5)
    told = figures.describe(figure)
    assert told.startswith("path (across: month; up: CNY). ") and "level line at 2.5." in told


def test_many_lines_and_many_intervals_stay_short():
    wide = pd.DataFrame(np.arange(16.0).reshape(2, 8), columns=list("abcdefgh"))
    told = figures.describe(figures.lines(wide, "t"))
    assert "more lines: 3" in told and "e: from" in told and "f: from" not in told
    low = np.arange(8.0) - 2.5
    frame = pd.DataFrame({"estimate": low + 1, "low": low, "high": low + 2}, list("abcdefgh"))
    assert figures.describe(figures.intervals(frame, "t")) == (
        "t. intervals: 8; the highest and the lowest of them; h: 5.5, interval 4.5 to 6.5; "
        "a: −1.5, interval −2.5 to −0.5; wholly to one side of 0: 6."
    )


@pytest.mark.parametrize("draw", ["imshow", "pcolormesh"])
def test_cells_are_told_by_their_row_and_column(draw):
    figure, axes = figures.canvas("heat")
    getattr(axes, draw)(np.array([[1.0, 2], [3, np.nan]]))
    shift = 0.5 * (draw == "pcolormesh")
    axes.set_xticks([shift, 1 + shift], ["Jan", "Feb"])
    axes.set_yticks([shift, 1 + shift], ["east", "west"])
    assert figures.describe(figure) == (
        "heat. cells: 4, highest 3 (west, Jan), lowest 1 (east, Jan)."
    )


def test_figures_of_other_makers_are_described_too():
    figure, axes = figures.canvas("bars")
    axes.bar(["a", "b", "c"], [1.0, np.nan, 2.0])
    assert figures.describe(figure) == (
        "bars. bars: 3, largest 2 (c), smallest 1 (a), without a figure 1."
    )
    figure, axes = figures.canvas("errors")
    axes.errorbar([0, 1], [1.0, 2.0], yerr=0.5, fmt="o")
    assert figures.describe(figure) == (
        "errors. intervals: 2; 0: 1, interval 0.5 to 1.5; 1: 2, interval 1.5 to 2.5."
    )


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda axes: None, "t."),
        (lambda axes: axes.plot([1, 2], [np.nan, np.nan], label="a"), "t. a: no figures."),
        (lambda axes: axes.bar([1], [np.nan]), "t. bars: 1, none with a figure."),
        (lambda axes: axes.scatter([], []), "t."),
        (lambda axes: axes.scatter([np.nan], [1]), "t. points: 1."),
        (lambda axes: axes.imshow([[np.nan]]), "t."),
    ],
    ids=["nothing", "line", "bar", "no points", "a point nowhere", "cells"],
)
def test_nothing_to_tell_is_no_error(draw, said):
    figure, axes = figures.canvas("t")
    draw(axes)
    assert figures.describe(figure) == said


def test_names_that_look_like_formats_are_names():
    values = pd.Series([1.0, 2.0], ["{0} {n}", "<script>%s"])
    assert "1 ({0} {n})" in figures.describe(figures.bars(values, "{title}"))


def test_a_picture_is_described_in_the_language_it_was_drawn_in():
    english = CHARTS["bars"]()
    speak("zh")
    chinese = figures.bars(pd.Series([12e4, 5e4], ["甲", "乙"]), "应收")
    assert "12万" in chinese.describe() and "largest 3M" in english.describe()
    speak(SOURCE)
    assert "12万" in chinese.describe()


WARM = ("matplotlib.pyplot", "insights.figures")
DRAWS = """
import pandas as pd
from insights import figures
figure = figures.bars(pd.Series([1.0, 2.5], index=["a", "<b>"]), "t")
figure
"""
AS_EVER = """
import base64
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure
figure.__class__ = Figure
print(base64.b64encode(print_figure(figure)).decode(), repr(figure))
"""


@pytest.fixture(scope="module", params=[(), WARM], ids=["cold", "warm"])
def run(request, tmp_path_factory):
    """A notebook that shows a picture, run in a kernel started afresh or forked."""
    folder = tmp_path_factory.mktemp("alt")
    path = book(folder / "tiny.ipynb", "# Tiny?", "## Heading", DRAWS, AS_EVER)
    found = papermill.execute_notebook(
        path, folder / "out.ipynb", kernel_name="python3", progress_bar=False,
        kernel_manager_class=own_kernel(request.param, Usage()),
    )  # fmt: skip
    yield found
    if request.param:
        warm_server(request.param).close()
        forked.SERVERS.pop(request.param)


def test_a_notebook_keeps_the_words_with_the_image_that_it_ever_drew(run):
    shown, printed = (cell.outputs[0] for cell in run.cells if cell.cell_type == "code")
    assert shown.metadata == {
        "image/png": {"alt": "t. bars: 2, largest 2.5 (<b>), smallest 1 (a)."}
    }
    image, words = printed.text.split(maxsplit=1)
    assert base64.b64decode(shown.data["image/png"]) == base64.b64decode(image)
    assert shown.data["text/plain"] == words.strip()
    assert sorted(shown.data) == ["image/png", "text/plain"]


def page_of(folder, notebook) -> BeautifulSoup:
    report = Report("tiny", "x", "X", folder, ("tiny",))
    nbformat.write(notebook, report.notebook)
    day = as_date("2024-06-30")
    write_page(report, Setting(day, "demo", "demo", "base", "p", "d", "0.1", 60))
    return BeautifulSoup(report.page.read_text(encoding="utf-8"), "html.parser")


def test_a_page_has_the_words_as_alt_text(run, tmp_path):
    image = page_of(tmp_path, run).select_one("main img[src]")
    assert image["alt"] == "t. bars: 2, largest 2.5 (<b>), smallest 1 (a)."


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
@pytest.mark.parametrize(
    ("told", "alt"), [({}, "Heading"), ({"alt": ""}, "Heading"), ({"alt": '"> x'}, '"> x')]
)
def test_an_image_of_other_makers_is_named_by_its_section(kind, told, alt, tmp_path):
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output("display_data", {kind: "aGk="}, metadata={kind: told})]
    cells = [nbformat.v4.new_markdown_cell("# Why?\n\n## Heading"), cell]
    page = page_of(tmp_path, nbformat.v4.new_notebook(cells=cells))
    assert [image["alt"] for image in page.select("main img[src]")] == [alt]
