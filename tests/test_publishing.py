"""What people open: the latest whole pack, switched in one step, older ones kept for a while."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from insights.files import held_alone, write_whole
from insights.report import ReportError, render
from insights.report import publishing as room
from insights.report.manifest import Entry, Manifest, read_manifest, write_manifest
from insights.report.publishing import latest_of, publish
from small_batch import AS_OF, SAVES, analysis, small_source

BREAKS = SAVES + 'if region == "b": raise ValueError("no")'


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return small_source(tmp_path_factory.mktemp("source"))


def batch(folder: Path, source: Path, code: str = SAVES, **asked):
    asked = {"as_of": AS_OF, "jobs": 1, **asked}
    path = analysis(folder / "tiny.ipynb", code)
    return render([str(path)], source=str(source), to=folder / "reports", **asked)


def files(pack: Path) -> dict[str, bytes]:
    found = [path for path in sorted(pack.rglob("*")) if path.is_file()]
    return {path.relative_to(pack).as_posix(): path.read_bytes() for path in found}


def entry(region: str, error: str = "") -> Entry:
    return Entry("tiny", region, region, "key", "setting", "look", error, 0.1, ("tiny.html",))


def pack_of(to: Path, regions: str, error: str = "", name: str = AS_OF, index: str = "") -> Path:
    """A pack as a batch leaves it: the last region may have failed."""
    pack = to / name
    made = [entry(one, error if one == regions[-1] else "") for one in regions]
    for one in made:
        (pack / one.region).mkdir(parents=True, exist_ok=True)
        write_whole(
            pack / one.region / "tiny.html", lambda part: part.write_text(f"{regions} {error}")
        )
    write_whole(pack / "index.html", lambda part: part.write_text(regions + index))
    write_manifest(pack, Manifest({(one.analysis, one.region): one for one in made}))
    return pack


def published(pack: Path, partial: bool = False, keep: int = 7):
    return publish(pack, read_manifest(pack), keep, partial)


def test_a_whole_pack_becomes_the_latest(tmp_path):
    pack = pack_of(tmp_path, "ab")
    public = published(pack).pack
    assert public == latest_of(tmp_path) and files(public) == files(pack)
    page = (tmp_path / "latest.html").read_text("utf-8")
    assert f"published/{public.name}/index.html" in page
    if os.name == "posix":
        assert (tmp_path / "latest").resolve() == public.resolve()
        assert (public / "index.html").stat().st_ino == (pack / "index.html").stat().st_ino


def test_a_later_batch_leaves_what_is_published_as_it_is(tmp_path):
    first = published(pack_of(tmp_path, "ab")).pack
    before = files(first)
    second = published(pack_of(tmp_path, "abc")).pack
    assert files(first) == before != files(second)


def test_a_pack_with_failures_is_not_published_unless_told(tmp_path):
    whole = published(pack_of(tmp_path, "ab")).pack
    broken = pack_of(tmp_path, "ab", "ValueError: no")
    refused = published(broken)
    assert refused.pack is None and latest_of(tmp_path) == whole
    assert "not published: 1 reports failed (tiny · b)" in refused.words
    assert published(broken, partial=True).pack == latest_of(tmp_path) != whole


def test_a_pack_that_lacks_reports_is_not_published(tmp_path):
    whole = published(pack_of(tmp_path, "abc")).pack
    part = published(pack_of(tmp_path, "a", name="only_a"))
    assert "2 reports of the latest pack are not in it (tiny · b, tiny · c)" in part.words
    assert "; latest.html still shows the earlier pack; make them too, or --publish-" in part.words
    assert part.pack is None and latest_of(tmp_path) == whole


@pytest.mark.parametrize(("source", "whole"), [("own", True), ("demo", False), ("", False)])
def test_a_pack_of_another_source_takes_the_latest_one_s_place(tmp_path, source, whole):
    first = says_its_source(pack_of(tmp_path, "ab", name="2025-01-31"), "demo")
    assert published(first).pack is not None
    second = says_its_source(pack_of(tmp_path, "a", name="2025-02-28"), source)
    assert (published(second).pack is not None) == whole


def says_its_source(pack: Path, source: str) -> Path:
    kept = {"metadata": {"papermill": {"parameters": {"source": source}}}}
    for folder in pack.iterdir():
        if folder.is_dir():
            (folder / "tiny.ipynb").write_text(json.dumps(kept if source else {}))
    return pack


def test_a_pack_whose_reports_contradict_each_other_is_not_published(tmp_path):
    pack = pack_of(tmp_path, "ab")
    made = publish(pack, read_manifest(pack), 7, contradicts=True)
    assert made.pack is None and "contradict" in made.words
    assert publish(pack, read_manifest(pack), 7, partial=True, contradicts=True).pack is not None


@pytest.mark.parametrize("keep", [1, 2, 7])
def test_old_packs_are_dropped_by_rule(tmp_path, keep):
    packs = (pack_of(tmp_path, "ab", index=str(n)) for n in range(4))
    made = [published(pack, keep=keep).pack for pack in packs]
    assert [path.exists() for path in made] == [n >= 4 - keep for n in range(4)]
    assert latest_of(tmp_path) == made[-1]


def test_a_published_workbook_that_people_saved_is_never_dropped(tmp_path):
    pack = pack_of(tmp_path, "ab", index="0")
    (pack / "a" / "tiny").mkdir()
    for path in (pack / "a" / "tiny" / "result.json", pack / "a" / "tiny.xlsx"):
        path.write_text("made", encoding="utf-8")
        os.utime(path, (1_000, 1_000))
    first = published(pack, keep=1).pack
    (first / "a" / "tiny.xlsx").write_text("answers", encoding="utf-8")
    assert (pack / "a" / "tiny.xlsx").read_text("utf-8") == "made"
    last = [published(pack_of(tmp_path, "ab", index=str(n)), keep=1).pack for n in (1, 2)]
    assert [path.exists() for path in last] == [False, True]
    assert (first / "a" / "tiny.xlsx").read_text("utf-8") == "answers"


def test_a_copy_that_breaks_off_leaves_the_latest(tmp_path, monkeypatch):
    pack = pack_of(tmp_path, "ab")
    whole = published(pack).pack
    assert published(pack).pack == whole  # nothing has changed: no second copy
    pack_of(tmp_path, "ab", index="changed")

    def full(source, target):
        raise OSError(28, "no space left")

    monkeypatch.setattr(room, "_linked", full)
    with pytest.raises(OSError, match="no space left"):
        published(pack)
    assert latest_of(tmp_path) == whole
    monkeypatch.undo()
    assert published(pack).pack.name == "2024-06-30.0002"
    assert not [path for path in (tmp_path / "published").iterdir() if path.name[0] == "."]


def test_without_links_there_are_copies_and_a_page(tmp_path, monkeypatch):
    def refused(*names, **more):
        raise OSError("not here")

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(Path, "symlink_to", refused)
    pack = pack_of(tmp_path, "ab")
    made = published(pack)
    assert files(made.pack) == files(pack) and not (tmp_path / "latest").exists()
    assert made.pack.name in (tmp_path / "latest.html").read_text("utf-8")


def test_a_batch_publishes_what_it_made(tmp_path, source):
    made = batch(tmp_path, source)
    assert made.publication.pack == latest_of(tmp_path / "reports")
    assert files(made.publication.pack) == files(made.pack) and "published: " in str(made)


def test_two_batches_at_once_into_one_pack_are_refused(tmp_path, source):
    (tmp_path / "reports").mkdir()
    with held_alone(tmp_path / "reports" / AS_OF):
        import threading

        told: list[BaseException] = []

        def second():
            try:
                batch(tmp_path, source)
            except ReportError as error:
                told.append(error)

        other = threading.Thread(target=second)
        other.start()
        other.join()
    assert "another run is writing" in str(told[0])
    assert batch(tmp_path, source).exit_code == 0


def test_the_log_says_each_report_and_names_no_place(tmp_path, source):
    log = tmp_path / "logs" / "night.jsonl"
    batch(tmp_path, source, BREAKS, log=log)
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["batch_began", *["report"] * 3, "batch_ended"]
    reports = {line["region"]: line for line in lines[1:4]}
    assert {name: one["outcome"] for name, one in reports.items()} == {
        "all": "made", "a": "made", "b": "failed"}  # fmt: skip
    assert all(one["seconds"] > 0 and one["memory_mb"] > 20 for one in reports.values())
    assert "ValueError: no" in reports["b"]["error"]
    assert lines[-1] | {"at": ""} == {"at": "", "event": "batch_ended", "made": 2, "failed": 1,
                                      "published": False, "why": lines[-1]["why"]}  # fmt: skip
    assert "1 reports failed (tiny · b)" in lines[-1]["why"]
    assert str(tmp_path) not in log.read_text("utf-8")


def test_a_pack_named_in_params_has_its_own_notebooks_and_its_own_latest(tmp_path, source):
    paths = [str(analysis(tmp_path / f"{name}.ipynb", SAVES)) for name in ("one", "two")]
    packs = [["morning", paths[:1]], ["friday", paths]]
    profile = tmp_path / "packs.yaml"
    profile.write_text(json.dumps({"report": {"packs": packs}}))  # JSON is YAML

    def made(notebooks, pack):
        return render(notebooks, ["all"], AS_OF, str(source), str(profile), tmp_path / "reports", 1,
                      pack)  # fmt: skip

    friday, morning, other = made([], "friday"), made([], "morning"), made(paths[1:], "morning")
    assert friday.pack == tmp_path / "reports" / "friday" / AS_OF
    assert sorted(path.name for path in (friday.pack / "all").glob("*.html")) == [
        "one.html", "two.html"]  # fmt: skip
    assert morning.made == 1 and other.made == 1
    for batch in (friday, morning):
        assert batch.publication.pack is not None
        assert (batch.pack.parent / "latest.html").is_file()
    plain = made(paths, None)
    assert plain.pack == tmp_path / "reports" / AS_OF and latest_of(tmp_path / "reports")
