"""A region's folder can be handed out alone, and is Chinese throughout where params ask for it."""

from __future__ import annotations

import json
import re
import shutil

import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from insights import connect, load_params
from insights.delinquency import review_receivables
from insights.report import render
from insights.segmentation import review_customers
from insights.store import cached
from insights.strategy import review_strategies
from insights.strategy.reviewing.elsewhere import names_seen, unnamed
from insights.tables import CANONICAL
from insights.words import _, readable_name, sheet_name, shown, speak, speaking
from marked_company import HOME, MARK, marked_company
from planted_people import everything_in

AS_OF = "2025-12-31"
PROFILE = """
reading: {language: zh}
segmentation: {bootstraps: 10, sensitivity_seeds: 1}
delinquency: {folds: 2}
strategy: {placebo_runs: 10, permutations: 50}
strategy_plan: {unit_counts: [6], durations: [3], runs: 10}
"""
ANALYSES = {
    "segmentation": review_customers,
    "delinquency": review_receivables,
    "strategy": review_strategies,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Render every analysis for one region of the marked company, and keep the folder."""
    base = tmp_path_factory.mktemp("marked")
    speak("zh")
    (base / "quick.yaml").write_text(PROFILE, encoding="utf-8")
    source, profile = str(marked_company(base / "source")), str(base / "quick.yaml")
    batch = render([], [HOME], AS_OF, source, profile, to=base / "reports", jobs=1)
    assert batch.failures == () and batch.made == 7, str(batch)
    return base


@pytest.fixture
def chinese():
    speak("zh")


@pytest.fixture(scope="module")
def folder(base):
    return base / "reports" / AS_OF / HOME


@pytest.fixture(scope="module")
def company(base):
    """What each analysis found of the whole company: the kernels left it in the cache."""
    tables, params = connect(base / "source"), load_params(str(base / "quick.yaml"))
    return {
        name: cached(verb, tables, AS_OF, getattr(params, name)) for name, verb in ANALYSES.items()
    }


def hits(folder, scratch):
    """Return the files that hold the mark, in their names or in anything packed in them."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        alone = scratch / "alone"
        (alone / path.relative_to(folder)).parent.mkdir(parents=True)
        shutil.copy(path, alone / path.relative_to(folder))
        at = (said := everything_in(alone)).find(MARK)
        if at >= 0:
            found[path.relative_to(folder).as_posix()] = said[max(at - 80, 0) : at + 80]
        shutil.rmtree(alone)
    return found


def test_it_holds_nothing_of_another_region(folder, tmp_path):
    assert len(list(folder.rglob("*.parquet"))) > 50
    results = [json.loads(path.read_text("utf-8")) for path in folder.rglob("result.json")]
    assert [one["status"] for one in results] == ["ok"] * 7
    assert hits(folder, tmp_path) == {}


def test_the_scan_finds_what_is_planted(folder, chinese, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    book = openpyxl.load_workbook(copy / "strategy.xlsx")
    book[shown("groups")]["A2"] = f"{MARK}1"
    book.save(copy / "strategy.xlsx")
    pd.DataFrame({"a": ["x", f"in a sentence: {MARK}1"]}).to_parquet(copy / "strategy/new.parquet")
    pd.DataFrame({f"{MARK}1": [1]}).to_parquet(copy / "strategy/column.parquet")
    for name in ("delinquency.html", "segmentation.ipynb", "segmentation/result.json"):
        text = (copy / name).read_text(encoding="utf-8")
        at = text.rindex("region")  # inside a string of the json
        (copy / name).write_text(text[:at] + MARK + text[at:], encoding="utf-8")
    (copy / f"{MARK}.txt").write_text("nothing", encoding="utf-8")
    planted = {"strategy.xlsx", "strategy/new.parquet", "strategy/column.parquet",
               "delinquency.html", "segmentation.ipynb", "segmentation/result.json",
               f"{MARK}.txt"}  # fmt: skip
    assert set(hits(copy, tmp_path)) == planted


@pytest.mark.parametrize("name", ANALYSES)
def test_what_the_company_sees_does_name_the_others(company, name):
    said = {key: MARK in frame.to_csv() for key, frame in company[name].tables().items()}
    assert any(said.values())
    if name == "strategy":
        assert said["effects"] and said["groups"] and said["surveys"] and said["units"]
    if name == "delinquency":
        assert said["faults"] and said["groups"] and said["provision_reconciled"]


def test_what_is_its_own_stays(folder, chinese):
    faults = pd.read_parquet(folder / "delinquency" / "faults.parquet")
    assert "OWN" in set(faults["row"]) and set(faults.region_id) == {HOME}
    assert not {"BOTH1", "BOTH2", "DUNBOTH", "DUNNONE"} & set(faults["row"])
    groups = pd.read_parquet(folder / "strategy" / "groups.parquet")
    assert set(groups.group[groups.dimension == "region"]) == {HOME}
    tied = pd.read_parquet(folder / "delinquency" / "provision_reconciled.parquet")
    assert set(tied.region_id) == {HOME, "all"}
    reasons = pd.read_parquet(folder / "strategy" / "effects.parquet").reasons
    assert reasons.str.contains(_("(elsewhere)"), regex=False).any()


@pytest.mark.parametrize("name", ANALYSES)
def test_tables_of_the_company_are_called_so(company, folder, chinese, name):
    whole = company[name]
    here, there = (whole.for_region(one).tables() for one in (HOME, f"{MARK}north"))
    same = {key for key, frame in here.items() if len(frame) and frame.equals(there.get(key))}
    assert same <= whole.of_company <= set(here)
    sheet = openpyxl.load_workbook(folder / f"{name}.xlsx")[_("about")]
    rows = {row[0]: row[2] for row in sheet.values if len(row) > 2}
    told = {key for key in here if rows[sheet_name(key)] == _("the whole company")}
    assert told == whole.of_company
    assert {rows[sheet_name(key)] for key in here if key not in told} == {HOME}


ENGLISH = re.compile(r"[A-Za-z]{3,}(?:[ ,;:]+[A-Za-z]{2,}){2,}")  # three words in a row
KNOWN = re.compile(r"Strategies, from plan to verdict|insights|result\.json")


def texts(page):
    found = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    for hidden in found(["style", "script", "code"]):
        hidden.extract()
    alts = [image["alt"] for image in found.find_all("img")]
    return [*map(str, found.find_all(string=True)), *alts], found


@pytest.mark.parametrize("name", [*ANALYSES, "strategy_plan", "targets", "calls", "exceptions"])
def test_a_chinese_page_holds_no_english_sentence_and_no_english_heading(folder, name):
    said, page = texts(folder / f"{name}.html")
    assert page.html["lang"] == "zh" and len(said) > 100
    assert [text for text in said if ENGLISH.search(KNOWN.sub("", text))] == []
    heads = {cell.get_text().strip() for cell in page.select("thead th")}
    assert {head for head in heads if re.fullmatch(r"[a-z]{3,}[a-z_ ]*", head)} == set()
    assert all(re.search("[\u4e00-\u9fff]", image["alt"]) for image in page.find_all("img"))


def test_a_chinese_index_names_analyses_figures_and_tables_in_chinese(folder):
    told = [json.loads(path.read_text("utf-8")) for path in folder.glob("*/result.json")]
    names = {one for report in told for one in (report["analysis"], *report["figures"])}
    assert len(names) > 20
    with speaking("zh"):
        heads = {readable_name(name) for name in (*names, *CANONICAL)}
    foreign = {head for head in heads if not re.search("[\u4e00-\u9fff]", head)}
    assert foreign == {head for head in foreign if head.isupper()}  # AUC, DSO


def test_chinese_workbooks_have_chinese_sheets_and_headings(folder):
    book = openpyxl.load_workbook(folder / "delinquency.xlsx")
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    heads = [cell.value for sheet in seen for cell in sheet[1] if cell.value]
    assert len(heads) > 100
    words = [str(head) for head in heads if re.fullmatch(r"[a-z]{3,}[a-z_ ]*", str(head))]
    assert words == []
    assert [sheet.title for sheet in seen if re.fullmatch("[a-z_]+", sheet.title)] == []


def test_sentences_name_no_unit_of_another_region():
    def said(text):
        return unnamed(pd.DataFrame({"reasons": [text]}), {"H2", "H3", "12"})

    once = said("3 units left out: H1, H2, H3 and 4 more; 12 of 90 remain; H2 again.")
    assert once.reasons[0] == (
        "3 units left out: H1, (elsewhere) and 4 more; 12 of 90 remain; (elsewhere) again."
    )
    assert said("2 units added: 12, 7").reasons[0] == "2 units added: (elsewhere), 7"
    moved = said("units start on another day: H2 (2024, now 2025), H3 (2024, now 2025)")
    assert "H2" not in moved.reasons[0] and "H3" not in moved.reasons[0]


@pytest.mark.parametrize(
    "text",
    [
        "left out: {}", "left out: {}.", "left out: H1, {} and 4 more", "H1、{}，H1", "「{}」",
        "'{}'", "{}!", "H1/{}/H1", "[{}]", "({})", "单位{}的数据", "{}; {}", "{}: 12 of 90",
        "\n{}\t",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "unit", ["H2", "North Clinic", "T:001", "T(2)", "A+", "北区医院", "100012", "a.b", "-7x", "[x"]
)
def test_a_name_is_found_whatever_it_holds_and_whatever_stands_beside_it(unit, text):
    said = unnamed_of(text.format(unit, unit), {unit, "H3"})
    assert unit not in said and "(elsewhere)" in said
    assert said == text.format("(elsewhere)", "(elsewhere)")


def unnamed_of(text, names, own=()):
    return unnamed(pd.DataFrame({"reasons": [text]}), names, own).reasons[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3 units left out: 101, 7, 12345", "3 units left out: (elsewhere), 7, (elsewhere)"),
        ("units left out: 7、101，H1", "units left out: 7、(elsewhere)，H1"),
        ("2 units added: 101 and 4 more; next", "2 units added: (elsewhere) and 4 more; next"),
        ("one region only (101): its own", "one region only ((elsewhere)): its own"),
    ],
)
def test_a_number_is_a_name_in_a_list_of_units(text, said):
    assert unnamed_of(text, {"101", "12345", "H9"}, {"H1"}) == said


@pytest.mark.parametrize(
    "text",
    [
        "101 of 900 rows", "at 101 periods", "value: 101 of 900", "checks: 101 %; rest",
        "12345.67 and 0.12345 and 12345 %", "on 12345-01-01", "+12345, -12345", "H22, xH2, H2x",
    ],
)  # fmt: skip
def test_counts_amounts_and_longer_words_stay(text):
    assert unnamed_of(text, {"101", "12345", "H2"}) == text


def test_its_own_names_stay_where_another_s_is_a_part_of_them():
    said = unnamed_of("H2-a, H2, North Clinic, North", {"H2", "North"}, {"H2-a", "North Clinic"})
    assert said == "H2-a, (elsewhere), North Clinic, (elsewhere)"


def test_what_people_wrote_is_withheld():
    names = ["hypothesis", "reviewer_said", "signed"]
    frame = pd.DataFrame([dict.fromkeys(names, "王主任 of h-2 said no"), dict.fromkeys(names, "")])
    found = unnamed(frame.assign(name="H2 pilot", owner="Li"), {"H2"})
    assert found.loc[0, names].str.contains("company's report").all()
    assert (found.loc[1, names] == "").all()
    assert found.name[0] == "(elsewhere) pilot" and found.owner[0] == "Li"


def test_which_names_a_region_sees():
    tree = pd.DataFrame([("cn", "China", None), ("e", "East", "cn"), ("w", "West", "cn")],
                        columns=["region_id", "region_name", "parent_id"])  # fmt: skip
    homes = pd.Series({"H1": "e", "H2": "w", "H3": None})
    others, own = names_seen(homes, tree, "e")
    assert others == {"w", "West", "H2", "H3"} and own == {"cn", "China", "e", "East", "H1"}
