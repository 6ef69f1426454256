"""Names, phones and id numbers are planted in every text: no verb lets one through."""

from __future__ import annotations

import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pandas as pd
import pytest

from insights.cli import main
from insights.ingest.origins import read_origins
from insights.params import ROOT
from insights.tables import CANONICAL, connect
from planted_people import LISTED, REGIONS, everything_in, leaks, planted_exports

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778"
EVERY_NOTEBOOK = "INSIGHTS_EVERY_NOTEBOOK"  # set: report all of them (minutes)
CHEAPEST = "segmentation"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Run every verb over the exports, as a person does, and keep what each says."""
    base = tmp_path_factory.mktemp("planted")
    planted_exports(base / "raw")
    (base / "names.txt").write_text(f"{LISTED}\n", encoding="utf-8")
    profile = base / "privacy.yaml"
    profile.write_text(f"privacy: {{contacts: hash, names_file: {base}/names.txt}}\n", "utf-8")
    source = ["--source", str(base / "tables")]
    ingest = ["ingest", str(base / "raw"), "--to", str(base / "tables"), "--profile", str(profile)]
    erase = ["erase", *source, "--as-of", "2028-06-30", "--profile", str(profile), "--yes"]
    report = ["report", *_notebooks(), "--region", REGIONS[0], "--as-of", "2025-12-31", *source,
              "--to", str(base / "reports"), "--jobs", "1"]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_CONTACT_KEY", KEY)
        patch.setenv("INSIGHTS_CACHE", str(base / "cache"))
        patch.chdir(base)
        (base / "said").mkdir()
        for step, words in [("ingest", ingest), ("check", ["check", *source]), ("report", report),
                            ("erase", erase)]:  # fmt: skip
            if step == "erase":
                assert (base / "tables").exists(), (base / "said" / "ingest.txt").read_text("utf-8")
                shutil.copytree(base / "tables", base / "before")
            _said(base / "said" / f"{step}.txt", words)
    return base


def _notebooks() -> list[str]:
    every = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    return every if os.environ.get(EVERY_NOTEBOOK) else [CHEAPEST]


def _said(path: Path, words: list[str]) -> None:
    """Run a verb with all that it and its children print going to a file."""
    kept = os.dup(1), os.dup(2)
    with path.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        try:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            code = main(words)
        finally:
            for number, copy in enumerate(kept, 1):
                os.dup2(copy, number)
                os.close(copy)
    path.with_suffix(".code").write_text(str(code))


def test_the_search_finds_what_is_planted(base):
    assert leaks(everything_in(base / "raw"))
    wanted = leaks(LISTED + "138 1234 5678 覃 思雨 幸福路88号")
    assert len(wanted) == 4


@pytest.mark.parametrize("folder", ["said", "tables", "before", "reports", "cache"])
def test_nobody_is_found_in(base, folder):
    said = everything_in(base / folder)
    assert len(said) > 500
    assert leaks(said) == []
    assert KEY not in said and "王伟" not in said and "李娜" not in said


def test_the_verbs_did_their_work(base):
    codes = {path.stem: path.read_text() for path in (base / "said").glob("*.code")}
    assert codes["ingest"] == "2" and codes["erase"] == "0"
    done = {"0"} if len(_notebooks()) == 1 else {"0", "3"}  # these tables do not suffice for all
    assert codes["report"] in done, (base / "said" / "report.txt").read_text("utf-8")
    tables = connect(base / "before")
    absent = {name for name in CANONICAL if not tables.has(name)}
    assert absent == set()
    pages = list((base / "reports").rglob("*.html"))
    assert len(pages) > len(_notebooks())


def test_every_text_column_was_searched(base):
    """A text that was dropped whole would hide nobody, and tell nothing."""
    tables = connect(base / "before")
    for name, table in CANONICAL.items():
        texts = [c.name for c in table.columns if c.type == "text" and c.name != "currency"]
        for column in texts:
            text = tables[name][column].execute().dropna()
            assert text.str.contains("谈集采").any(), f"{name}.{column}"
            assert text.str.contains("〔电话〕").any(), f"{name}.{column}"


def test_files_and_sheets_of_people_are_still_told_apart(base):
    origins = read_origins(base / "before", "visits")
    places = origins[["file", "sheet"]].astype("str").drop_duplicates()
    assert len(places) == 5 and places.sheet.str.contains("〔姓名〕").any()
    held = [path.name for path in (base / "before" / "quarantine").rglob("*.csv")]
    assert any("〔" in name for name in held) and len(held) == len(set(held))


def test_held_rows_keep_their_numbers(base):
    for path in (base / "before" / "quarantine").rglob("*orders.csv"):
        held = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
        assert held.row.tolist()[-1] == "15" and "〔" in "".join(held.columns)
