"""The index of a pack: its columns, what changed, its time, its pictures, its script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from insights.report.grid import MOST_THUMBNAILS, Figure, is_share, plain_change, title
from insights.report.index import write_index
from insights.report.manifest import Entry, Manifest, read_manifest
from insights.report.publishing import publish
from insights.report.thumbnails import WIDTH, thumbnail
from small_pack import ALERT, SALES, TREE, all_told, setting, small_pack, told

THEN, NOW = "2024-03-31", "2024-06-30"
BROKEN = {("sales", "n1"): "ValueError: no"}


def index_of(pack: Path) -> BeautifulSoup:
    return BeautifulSoup((pack / "index.html").read_text(encoding="utf-8"), "html.parser")


def row_of(page: BeautifulSoup, region: str) -> list[Tag]:
    """Return a region's cells: status and figures of each analysis."""
    (found,) = [row for row in page.select(".grid tbody tr") if row.th and region in row.th.text]
    return list(found.select("td"))


def changes(pack: Path, region: str = "华东") -> list[str]:
    return [cell.small.get_text() if cell.small else "" for cell in row_of(index_of(pack), region)]


def earlier_told() -> dict[tuple[str, str], dict[str, object]]:
    found = all_told()
    found["sales", "n1"] |= {"status": "not_enough_data", "figures": {"net_sales": 1.5e6}}
    found["strategy_plan", "n1"] |= {"figures": {"net_sales": 0.75e6, "share": 0.25}}
    return found


@pytest.fixture
def held_against(tmp_path):
    """Return a function: today's index beside the packs given, as changes of one region."""

    def write(*packs: tuple[str, dict], source: str = "s") -> list[str]:
        for day, results in packs:
            small_pack(tmp_path, day, results, source, pages=False)
        return changes(small_pack(tmp_path, NOW, all_told(), pages=False))

    return write


def test_rows_and_columns_are_regions_and_first_figures(tmp_path):
    page = index_of(small_pack(tmp_path, NOW, all_told(), error=BROKEN, pages=False))
    heads = [head.get_text() for head in page.select(".grid thead th")]
    plan = ["Strategy plan: status", "net sales", "share"]
    assert heads == ["Region", "Sales", "Strategy plan", "Sales: status", *plan[1:], *plan]
    names = [row.th.get_text() for row in page.select(".grid tbody tr") if row.th]
    assert names == ["all regions", "North north", "华东 n1", f"{ALERT} n2", "Zhuhai s1"]
    first = [cell.get_text().strip() for cell in row_of(page, "all")]
    assert first == ["Salesok", "6M", "25.0%", "Strategy planok", "6M", "25.0%"]
    failed, thin = row_of(page, "华东"), row_of(page, "Zhuhai")
    assert [cell["data-status"] for cell in (failed[0], thin[0])] == ["failed", "not_enough_data"]
    assert [cell.get_text() for cell in (*failed[1:3], *thin[1:3])] == ["–"] * 4
    assert "ValueError: no" in page.select_one("section.failure").get_text()


def test_without_an_earlier_pack_nothing_is_compared(tmp_path):
    pack = small_pack(tmp_path, NOW, all_told(), pages=False)
    small_pack(tmp_path, "2024-09-30", earlier_told(), pages=False)
    small_pack(tmp_path, NOW, all_told(), pages=False)
    assert changes(pack) == [""] * 6
    assert "Changes" not in index_of(pack).select_one(".about").get_text()


def test_figures_and_statuses_are_held_against_the_newest_earlier_pack(held_against, tmp_path):
    found = held_against(("2023-12-31", all_told()), (THEN, earlier_told()))
    assert found == ["was not enough data", "−500,000", "", "", "+250,000", "unchanged"]
    assert f"Since {THEN}" in index_of(tmp_path / NOW).select_one(".about").get_text()


def test_a_report_that_had_failed_is_held_against_its_failure(tmp_path):
    small_pack(tmp_path, THEN, all_told(), error=BROKEN, pages=False)
    assert changes(small_pack(tmp_path, NOW, all_told(), pages=False))[:2] == ["was failed", ""]


def test_other_params_or_another_source_are_not_compared(held_against, tmp_path):
    other = {key: {**one, "params_key": "q"} for key, one in earlier_told().items()}
    assert held_against((THEN, other)) == [""] * 6
    assert held_against((THEN, earlier_told()), source="another") == [""] * 6
    half = {**earlier_told(), ("sales", "n1"): other["sales", "n1"]}
    assert held_against((THEN, half)) == ["", "", "", "", "+250,000", "unchanged"]


def test_a_published_copy_serves_where_the_pack_was_filled_anew(tmp_path):
    pack = small_pack(tmp_path, THEN, earlier_told(), pages=False).rename(tmp_path / "nightly")
    assert publish(pack, read_manifest(pack), keep=7).pack
    small_pack(tmp_path, NOW, all_told(), pages=False)
    assert changes(tmp_path / NOW)[1] == "−500,000"
    for path in sorted(pack.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    small_pack(tmp_path, NOW, all_told(), pages=False)
    assert changes(tmp_path / NOW)[1] == "−500,000"


@pytest.mark.parametrize(
    ("now", "then", "words"),
    [
        (909e6, 879e6, "+30M"),
        (0.12, 0.1, "+0.02"),
        (7.0, 9.0, "−2"),
        (3.0, 3.0, "unchanged"),
        (0.1 + 0.2, 0.3, "unchanged"),
        (100.0, 0.0, "+100"),
    ],
)
def test_a_change_has_its_sign(now, then, words):
    assert plain_change(now, then) == words


def test_names_read_as_words():
    assert [title(one) for one in ("strategy_plan", "delinquency", "")] == [
        "Strategy plan", "Delinquency", ""]  # fmt: skip


def test_an_index_that_says_nothing_new_keeps_its_time(tmp_path):
    pack = small_pack(tmp_path, NOW, all_told(), pages=False)
    file = pack / "index.html"
    made = index_of(pack).time["datetime"]
    earlier = "2024-07-01T08:00:00+08:00"
    shown = file.read_text("utf-8").replace(made, earlier)
    local = index_of(pack).time.get_text()
    file.write_text(shown.replace(local, "2024-07-01 08:00 UTC+08:00"), encoding="utf-8")
    before = file.read_bytes()
    small_pack(tmp_path, NOW, all_told(), pages=False)
    assert file.read_bytes() == before
    small_pack(
        tmp_path, NOW, {**all_told(), ("sales", "n1"): told("sales", "n1", 2.0)}, pages=False
    )
    assert index_of(pack).time["datetime"] > earlier


def test_freshness_quality_and_privacy_are_told(tmp_path):
    pack = small_pack(tmp_path, NOW, all_told(), pages=False)
    lines = {row.dt.get_text(): row.dd.get_text() for row in index_of(pack).select(".about div")}
    assert list(lines) == ["Freshness", "Data quality", "Privacy"]
    assert "No table" in lines["Freshness"] and NOW in lines["Freshness"]
    stale = setting(NOW, notes=("orders end on 2024-01-31",))
    write_index(pack, read_manifest(pack), stale, TREE, {})
    page = index_of(pack)
    assert "stale" in page.select_one(".about").get_text()
    assert "orders end on 2024-01-31" in page.select_one("section.stale").get_text()


# --- the script


def test_only_the_index_s_own_script_may_run(tmp_path):
    page = index_of(small_pack(tmp_path, NOW, all_told(), pages=False))
    (script,) = page.select("script")
    allowed = re.search(r"script-src '([^']+)'", page.select_one("meta[http-equiv]")["content"])
    text = script.string.encode("utf-8")
    assert allowed[1] == f"sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}"
    assert not re.search(r"\beval\b|\bFunction\(|innerHTML|</script|<!--", script.string)
    names = {name for tag in page.find_all(True) for name in tag.attrs}
    assert [name for name in names if name.startswith("on")] == []


# --- the pictures


def test_a_thumbnail_is_small_and_says_what_it_shows(tmp_path):
    pack = small_pack(tmp_path, NOW, all_told())
    found = thumbnail(pack / "n1" / "sales.html")
    assert (found.width, found.height, found.alt) == (WIDTH, 160, "Sales: 乙 leads with 2.0")
    assert len(found.address) < 8000
    shown = index_of(pack).select("img.thumbnail")
    assert len(shown) == 2 * len(SALES) and {one["alt"] for one in shown} == {found.alt}


@pytest.mark.parametrize(
    "text", ["<p>none</p>", '<img alt="x">', '<img src="data:image/png;base64,aGVsbG8=">']
)
def test_a_page_without_a_readable_figure_has_no_thumbnail(tmp_path, text):
    page = tmp_path / "page.html"
    assert thumbnail(page) is None
    page.write_text(text, encoding="utf-8")
    assert thumbnail(page) is None


def test_a_large_pack_shows_thumbnails_of_all_and_groups_and_stays_small(tmp_path):
    """300 regions and four analyses, each with a sentence as long as the house's."""
    pack = small_pack(tmp_path, NOW, all_told())
    many = [f"r{n:03d}" for n in range(300)]
    leaves = pd.DataFrame({"region_id": many, "region_name": many, "parent_id": "north"})
    entries = dict(read_manifest(pack).entries)
    for name in ("a", "b", "c", "d"):
        for region in many:
            files = (f"{name}.html", f"{name}.ipynb", f"{name}.xlsx")
            entries[name, region] = Entry(name, region, region, "k", "s", "l", "", 1.0, files)
            folder = pack / region / name
            folder.mkdir(parents=True)
            long = told(name, region, 123456.7, sentence="Large loyal customers. " * 10)
            folder.joinpath("result.json").write_text(json.dumps(long), "utf-8")
    assert len(entries) > MOST_THUMBNAILS
    write_index(pack, Manifest(entries), setting(NOW), pd.concat([TREE, leaves]), {})
    page = index_of(pack)
    assert (pack / "index.html").stat().st_size < 1.5e6
    assert len(page.select(".grid tbody")) == 305
    with_picture = [body.th.get_text() for body in page.select("tbody:has(img)")]
    assert with_picture == ["all regions", "North north"]


def test_an_entry_without_result_is_still_shown(tmp_path):
    pack = small_pack(tmp_path, NOW, all_told())
    (pack / "n1" / "sales" / "result.json").unlink()
    write_index(pack, read_manifest(pack), setting(NOW), TREE, {})
    assert row_of(index_of(pack), "华东")[0]["data-status"] == "ok"


def test_many_analyses_show_fewer_figures_and_begin_without_sentences(tmp_path):
    few, many = all_told(), all_told()
    for name in ("a_one", "b_two", "c_three"):
        for region in ("all", "n1"):
            many[name, region] = told(name, region, 5.0)
            many[name, region]["figures"] = {"first": 1.0, "second": 2.0, "third": 3.0}
    for number, results in enumerate((few, many)):
        pack = small_pack(tmp_path / str(number), "2025-06-30", results)
        page = BeautifulSoup((pack / "index.html").read_text(encoding="utf-8"), "html.parser")
        shown = [head.get_text() for head in page.select("thead th.number")]
        assert page.select_one("#brief").has_attr("checked") == (results is many)
        assert ("third" in shown) is False and ("first" in shown) == (results is many)


@pytest.mark.parametrize(
    ("name", "now", "then", "figure", "change"),
    [("attainment", 0.686, 0.7, "68.6%", "−1.4 points"), ("share_open", 0.5, 0.5, "50.0%", None),
     ("open_items", 0.5, 0.25, "0.5", "+0.25")],
)  # fmt: skip
def test_a_share_is_a_percentage_and_moves_by_points(name, now, then, figure, change):
    found = Figure("x", now, plain_change(now, then, is_share(name, now)), is_share(name, now))
    assert found.shown == figure
    assert found.change == (change or "unchanged")
