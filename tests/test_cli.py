import subprocess
import sys
import types
from pathlib import Path

import pandas as pd
import pytest

import insights.demo
import insights.report
from insights.cli import main
from insights.params import NamesParams, PrivacyParams


@pytest.fixture
def asked(monkeypatch):
    """What report was asked for, nothing run."""
    calls: list[dict[str, object]] = []

    def render(**given: object) -> types.SimpleNamespace:
        calls.append(given)
        return types.SimpleNamespace(exit_code=3)

    monkeypatch.setattr(insights.report, "render", render)
    return calls


@pytest.fixture
def company(tmp_path):
    customers = pd.DataFrame({"customer_id": ["1"], "region_id": ["0012"]})
    (tmp_path / "tables").mkdir()
    customers.to_parquet(tmp_path / "tables" / "customers.parquet")
    return tmp_path / "tables"


def test_help_names_the_verbs(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--help"])
    assert done.value.code == 0
    told = capsys.readouterr().out
    for verb in ("demo", "ingest", "erase", "check", "report"):
        assert verb in told


@pytest.mark.parametrize(
    ("verb", "flags"),
    [
        ("demo", {"--to", "--scale", "--seed"}),
        ("ingest", {"--to", "--draft", "--mapping", "--profile", "RAW_DIR"}),
        ("erase", {"--source", "--as-of", "--contact", "--profile", "--yes"}),
        ("check", {"--source", "--html", "--as-of", "--profile"}),
        ("report", {"NOTEBOOK", "--region", "--as-of", "--source", "--profile", "--to", "--jobs",
                    "--pack", "--scheduler", "--no-resume", "--accept-stale",
                    "--publish-partial", "--log"}),
    ],
)  # fmt: skip
def test_flags_are_the_contracts(verb, flags, capsys):
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    told = capsys.readouterr().out
    assert {flag for flag in flags if flag not in told} == set()
    known = {word.strip("[],") for word in told.split() if word.strip("[],").startswith("--")}
    assert known - flags == {"--help"}


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["reprot"],
        ["report", "--jobs", "two"],
        ["report", "--reg", "x"],
        ["ingest", "raw"],
        ["report", "no_such_notebook"],
        ["report", "--source", "nowhere"],
        ["report", "--profile", "nowhere"],
        ["report", "--as-of", "yesterday"],
        ["check", "--source", "nowhere"],
        ["check", "--source", "postgresql://user:pass@host/db"],
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_1(line, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    try:
        code = main(line)
    except SystemExit as done:
        code = done.code
    told = capsys.readouterr()
    assert code == 1
    assert told.err.startswith("insights: ")
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err
    assert "pass@" not in told.err
    assert list(tmp_path.iterdir()) == []


def test_region_ids_stay_text_in_either_form(asked):
    assert main(["report", "segmentation", "--region", "0012", "7", "--region", "1e3"]) == 3
    assert asked[0]["regions"] == ["0012", "7", "1e3"]
    assert asked[0]["notebooks"] == ["segmentation"]


def test_what_is_left_out_is_left_to_the_batch(asked):
    main(["report"])
    given = asked[0]
    assert given["notebooks"] == []
    assert [given[name] for name in ("regions", "as_of", "jobs", "pack")] == [None] * 4
    assert (given["profile"], given["resume"]) == ("base", True)
    main(["report", "--no-resume"])
    assert asked[1]["resume"] is False


def test_paths_resolve_against_the_callers_folder(asked, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "own.yaml").touch()
    (tmp_path / "why.ipynb").touch()
    main(["report", "why.ipynb", "--source", "mine", "--profile", "own.yaml", "--to", "out"])
    given = asked[0]
    assert given["source"] == str(tmp_path / "mine")
    assert given["profile"] == str(tmp_path / "own.yaml")
    assert given["notebooks"] == [str(tmp_path / "why.ipynb")]
    assert given["to"] == tmp_path / "out"
    main(["report", "segmentation", "--source", "data/elsewhere", "--profile", "cautious"])
    given = asked[1]
    assert [given[name] for name in ("source", "profile")] == ["data/elsewhere", "cautious"]
    assert given["notebooks"] == ["segmentation"]


def test_an_unknown_region_names_the_known_ones(company, capsys, tmp_path):
    where = ["--source", str(company), "--to", str(tmp_path / "out"), "--as-of", "2024-01-31"]
    assert main(["report", "--region", "12", *where]) == 1
    told = capsys.readouterr().err
    assert "'12'" in told
    assert "0012" in told
    assert not (tmp_path / "out").exists()


def test_demo_passes_what_it_is_told(monkeypatch, tmp_path, capsys):
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(insights.demo, "simulate", lambda *given: calls.append(given))
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--to", "here", "--scale", "0.5", "--seed", "7"]) == 0
    assert main(["demo"]) == 0
    default = insights.demo.DEFAULT_SEED
    assert calls == [(tmp_path / "here", 0.5, 7), (tmp_path / "data" / "demo", 1.0, default)]
    assert str(tmp_path / "here") in capsys.readouterr().out


@pytest.fixture
def door(monkeypatch):
    """A stand-in for the ingest room: what it is asked and what it answers."""
    room = types.ModuleType("insights.ingest")
    monkeypatch.setitem(sys.modules, "insights.ingest", room)
    return room


def test_ingest_prints_its_report_and_returns_its_exit_code(door, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    asked = []

    class Told:
        exit_code = 2

        def __str__(self) -> str:
            return "3 rows quarantined"

    def ingest_folder(raw: Path, to: Path, mapping: Path | None, privacy, names, writing) -> Told:
        asked.append((raw, to, mapping))
        assert (privacy, names) == (PrivacyParams(), NamesParams())
        return Told()

    door.ingest_folder = ingest_folder
    assert main(["ingest", "raw", "--to", "tables", "--mapping", "m.yaml"]) == 2
    assert main(["ingest", "raw", "--to", "tables"]) == 2
    here = (tmp_path / "raw", tmp_path / "tables")
    assert asked == [(*here, tmp_path / "m.yaml"), (*here, None)]
    assert capsys.readouterr().out.splitlines() == ["3 rows quarantined"] * 2


def test_check_prints_every_fault(tmp_path, capsys):
    two = pd.DataFrame({"customer_id": ["1", "1"], "region_id": ["e", "f"]})
    two.to_parquet(tmp_path / "customers.parquet", index=False)
    assert main(["check", "--source", str(tmp_path)]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("Usable with gaps") or lines[0].endswith("Not usable")
    assert sum(line.startswith("customers, row ") for line in lines) == 2
    two.head(1).to_parquet(tmp_path / "customers.parquet", index=False)
    assert main(["check", "--source", str(tmp_path)]) == 0
    assert "no faults" in capsys.readouterr().out


def test_an_interrupted_batch_says_how_to_go_on(monkeypatch, capsys):
    def interrupted(**given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(insights.report, "render", interrupted)
    assert main(["report"]) == 130
    assert "goes on from here" in capsys.readouterr().err


def test_the_package_runs_as_a_module(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "insights", "report", "--jobs", "two"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr.startswith("insights: argument --jobs: invalid int value: 'two'")
