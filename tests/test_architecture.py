"""The house rules that code can check: who may import whom, file sizes, one source of pins."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib

import yaml

from insights.params import ROOT

SOURCE = ROOT / "src" / "insights"
ANALYSES = {"calls", "delinquency", "exceptions", "segmentation", "strategy", "targets"}
MAY_IMPORT = {
    "words": set(),
    "lazily": set(),
    "files": {"words"},
    "params": {"words"},
    "tables": {"files", "params", "words"},
    "figures": {"words"},
    "features": {"tables", "words"},
    "ingest": {"files", "tables", "params", "words"},
    "demo": {"tables", "words"},
    "store": {"files", "tables", "params", "words"},
    "check": {"ingest", "tables", "params", "words"},
    "report": {"check", "store", "files", "tables", "params", "words", "lazily"},
    "lab": {"lazily", "params", "words"},
    "cli": {"report", "check", "ingest", "demo", "tables", "params", "words"},
    **{name: {"features", "figures", "tables", "params", "words"} for name in ANALYSES},
}


def rooms():
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if parts[0] not in ("__init__", "__main__"):
            yield parts[0], path


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("insights"):
            parts = node.module.split(".")
            yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from [a.name.split(".")[1] for a in node.names if a.name.startswith("insights.")]


def test_imports_point_down_only():
    wrong = [
        f"{path.relative_to(SOURCE)} imports {name}"
        for room, path in rooms()
        for name in imported(path)
        if name != room and name in MAY_IMPORT and name not in MAY_IMPORT[room]
    ]
    assert wrong == []


def test_every_room_is_in_the_plan():
    assert {room for room, _path in rooms()} <= set(MAY_IMPORT)


def test_no_file_holds_more_than_one_idea():
    long = {
        str(p.relative_to(SOURCE)): n
        for _r, p in rooms()
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}


def test_one_reader_of_yaml_and_no_url_in_the_lock():
    readers = {
        room
        for room, path in rooms()
        if re.search(r"^import yaml|^from yaml", path.read_text(encoding="utf-8"), re.M)
    }
    assert readers == {"params"}
    for name in ("requirements.lock", "requirements-bench.lock"):
        lock = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in lock
        assert lock.count("--hash=sha256:") > 100


def test_peers_are_installed_for_benchmarks_alone_with_the_same_pins():
    pins, more = (
        set(re.findall(r"(?m)^([a-z0-9._-]+==[^ ]+)", (ROOT / name).read_text(encoding="utf-8")))
        for name in ("requirements.lock", "requirements-bench.lock")
    )
    peers = {pin.partition("==")[0] for pin in more - pins}
    assert pins <= more and {"catboost", "kmodes", "lightgbm", "optbinning", "prince"} <= peers


def test_environment_agrees_with_pyproject_and_the_lock():
    written = (ROOT / "environment.yml").read_text(encoding="utf-8")
    generate = runpy.run_path(str(ROOT / "tools" / "generate.py"))
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert written == generate["environment"](text)
    pip = next(
        item["pip"] for item in yaml.safe_load(written)["dependencies"] if isinstance(item, dict)
    )
    locked = re.findall(
        r"(?m)^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8")
    )
    names = {re.match(r"[a-z0-9._-]+", item.lower()).group() for item in pip}
    assert names <= set(locked)
    assert tomllib.loads(text)["project"]["requires-python"] == ">=3.11"
