"""A pack opened from disk in a browser without a network: sorted, filtered, read, followed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

sync = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
from small_pack import ALERT, all_told, small_pack  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    to = tmp_path_factory.mktemp("packs")
    earlier = all_told()
    earlier["sales", "n1"] |= {"status": "not_enough_data", "figures": {"net_sales": 2e6}}
    small_pack(to, "2024-03-31", earlier)
    return small_pack(to, "2024-06-30", all_told(), error={("sales", "n2"): f"ValueError: {ALERT}"})


@pytest.fixture(scope="module")
def browser() -> Iterator[sync.Browser]:
    with sync.sync_playwright() as found:
        started = found.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def index(browser, pack) -> Iterator[sync.Page]:
    """The index, opened; fails when anything is fetched, runs that may not, or complains."""
    context = browser.new_context(offline=True, viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: told.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (told.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda one: told.extend([one.url] * (one.url[:5] not in ("file:", "data:"))))
    page.goto((pack / "index.html").as_uri())
    yield page
    context.close()
    assert told == []


def regions(page: sync.Page) -> list[str]:
    """Return the regions that are seen, from the top."""
    heads = page.locator(".grid tbody th").all()
    return [head.inner_text().split("\n")[0].strip() for head in heads if head.is_visible()]


def test_it_opens_whole_in_the_order_of_the_tree(index):
    assert regions(index) == ["all regions", "North", "华东", ALERT, "Zhuhai"]
    sync.expect(index.locator("#told")).to_have_text("5 of 5 regions shown")


def test_columns_sort_both_ways_by_mouse_and_keyboard(index):
    sales = index.get_by_role("columnheader", name="net sales").nth(1)
    sales.get_by_role("button").click()
    sync.expect(sales).to_have_attribute("aria-sort", "descending")
    assert regions(index) == ["all regions", "North", ALERT, "华东", "Zhuhai"]
    sales.get_by_role("button").press("Enter")
    sync.expect(sales).to_have_attribute("aria-sort", "ascending")
    assert regions(index) == ["all regions", "North", "Zhuhai", "华东", ALERT]
    status = index.get_by_role("columnheader", name="Sales: status")
    status.get_by_role("button").press("Space")
    sync.expect(sales).to_have_attribute("aria-sort", "none")
    assert regions(index)[2:] == [ALERT, "Zhuhai", "华东"]  # failed, not enough data, ok
    index.get_by_role("columnheader", name="Region", exact=True).get_by_role("button").click()
    assert regions(index)[2:] == [ALERT, "Zhuhai", "华东"]


def test_what_was_not_estimated_is_last_both_ways(index):
    button = index.get_by_role("columnheader", name="net sales").first.get_by_role("button")
    for _n in range(2):
        button.click()
        assert set(regions(index)[-2:]) == {ALERT, "Zhuhai"}


def test_text_status_and_analysis_filter_and_say_how_many_are_left(index):
    told = index.locator("#told")
    index.get_by_label("Region", exact=True).fill("  ZHU")
    assert regions(index) == ["Zhuhai"]
    sync.expect(told).to_have_text("1 of 5 regions shown")
    index.get_by_label("Region", exact=True).fill("N1")
    assert regions(index) == ["华东"]
    index.get_by_role("button", name="Show all").click()
    index.get_by_label("Status", exact=True).select_option("failed")
    assert regions(index) == [ALERT]
    index.get_by_label("Analysis").select_option("Strategy plan")
    sync.expect(told).to_have_text("0 of 5 regions shown")
    index.get_by_label("Status", exact=True).select_option("")
    assert index.get_by_role("columnheader", name="Sales", exact=True).count() == 0
    assert index.get_by_role("columnheader", name="net sales").count() == 1
    index.get_by_role("button", name="Show all").click()
    index.get_by_label("Status", exact=True).select_option("changed since 2024-03-31")
    assert regions(index) == ["华东", ALERT]
    assert "was not enough data" in index.locator(".grid").inner_text()


def test_figures_alone_leave_the_links(index):
    row = index.locator(".grid tbody").filter(has_text="Zhuhai")
    index.get_by_label("figures only").check()
    sync.expect(row.get_by_text("s1 sold 2.5.").first).to_be_hidden()
    assert row.get_by_role("img").count() == 0
    assert row.get_by_role("link", name="report").count() == 2
    index.get_by_role("button", name="Show all").click()
    sync.expect(row.get_by_text("s1 sold 2.5.").first).to_be_visible()


def test_a_region_s_report_is_one_link_away_and_whole(index):
    row = index.locator(".grid tbody").filter(has_text="Zhuhai")
    row.get_by_role("link", name="report").first.click()
    sync.expect(index.get_by_role("heading", level=1)).to_have_text("Who buys?")
    assert [image.get_attribute("alt") for image in index.get_by_role("img").all()] == [
        "Sales: 乙 leads with 2.0"
    ]
    (table,) = index.get_by_role("table").all()
    assert table.get_by_role("columnheader").all_inner_texts() == ["hospital", "sales"]
    assert ALERT in table.inner_text()
    index.get_by_role("link", name="All reports").click()
    assert len(regions(index)) == 5


def test_without_scripts_all_rows_can_be_read(browser, pack):
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((pack / "index.html").as_uri())
    assert len(regions(page)) == 5
    assert not page.locator("#controls").is_visible()
    assert page.locator(".grid thead button").count() == 0
    context.close()


@pytest.mark.parametrize("width", [1400, 420])
@pytest.mark.parametrize("name", ["index.html", "n1/sales.html", "n2/sales.html"])
def test_no_serious_barrier(browser, pack, name, width):
    """The page's own policy would stop axe as well: here alone it is switched off."""
    context = browser.new_context(
        offline=True, bypass_csp=True, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto((pack / name).as_uri())
    found = axe.Axe().run(page).response
    grave = [
        (one["id"], [node["target"] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]
    assert grave == [] and len(found["passes"]) > 10
    context.close()
