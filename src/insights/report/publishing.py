"""The pack that people open: switched in one step, and only when it is whole."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from insights.report.files import saved_since, write_whole
from insights.report.made_from import same_source, source_of
from insights.report.manifest import NAME as MANIFEST
from insights.report.manifest import Manifest, read_manifest
from insights.words import _, listing

PUBLISHED, LATEST = "published", "latest"
NUMBERED = re.compile(r".*\.(\d{4,})$")


@dataclass(frozen=True)
class Publication:
    """Where a pack was published, or why it was not."""

    pack: Path | None
    why: str = ""
    words: str = ""


def publish(
    pack: Path, manifest: Manifest, keep: int, partial: bool = False, contradicts: bool = False
) -> Publication:
    """Make a copy of ``pack`` the latest one, in one step, and drop the oldest beyond ``keep``.

    The copy stands in ``published/<pack>.<number>`` beside the pack and shares its files with it
    where the disk can (hard links), so that later batches leave it as it is. ``latest`` (a link)
    and ``latest.html`` lead to it. Not published without ``partial``: a pack with failures, one
    whose reports contradict each other, or one that lacks reports of the
    latest one made from the same source.
    """
    to = pack.parent
    latest = latest_of(to)
    if not partial and (why := _not_whole(pack, manifest, latest, contradicts)):
        return Publication(None, why, _("not published: {why}").format(why=why))
    page = to / f"{LATEST}.html"
    if latest and _same(pack, latest):
        return Publication(latest, words=_("published already: {page}").format(page=page))
    number = 1 + max((_number(path) for path in _published(to)), default=0)
    fresh = to / PUBLISHED / f"{pack.name}.{number:04d}"
    _copied(pack, fresh)
    _switched(to, fresh)
    for old in _published(to)[: -max(keep, 1)]:
        if not any(map(saved_since, old.glob("*/*.xlsx"))):  # people's answers are never dropped
            _dropped(old)
    return Publication(fresh, words=_("published: {page}").format(page=page))


def latest_of(to: Path) -> Path | None:
    """Return the pack that is published in a folder; None without one."""
    kept = _published(to)
    return kept[-1] if kept else None


def _not_whole(pack: Path, manifest: Manifest, latest: Path | None, contradicts: bool) -> str:
    failed = [f"{e.analysis} · {e.region}" for e in manifest.entries.values() if e.error]
    if failed:
        words = _("{n} reports failed ({names}); --publish-partial publishes it all the same")
        return words.format(n=len(failed), names=listing(failed))
    if contradicts:
        return _(
            "reports contradict each other, the index says where;"
            " --publish-partial publishes it all the same"
        )
    gone = _gone(pack, manifest, latest) if latest else []
    words = _(
        "{n} reports of the latest pack are not in it ({names}); latest.html still"
        " shows the earlier pack; make them too, or --publish-partial publishes it all the same"
    )
    return words.format(n=len(gone), names=listing(gone)) if gone else ""


def _gone(pack: Path, manifest: Manifest, latest: Path) -> list[str]:
    """Return the reports of the latest pack that this one lacks; none where it has another source.

    A company's first own pack takes the place of the simulated company's.
    """
    before = read_manifest(latest)
    if not same_source(source_of(latest, before), source_of(pack, manifest)):
        return []
    lacking = [key for key in before.entries if key not in manifest.entries]
    return [f"{name} · {region}" for name, region in lacking]


def _same(pack: Path, published: Path) -> bool:
    """Say whether nothing has changed since a pack was published."""
    return pack.name == published.name.rpartition(".")[0] and all(
        (published / name).is_file()
        and (pack / name).read_bytes() == (published / name).read_bytes()
        for name in (MANIFEST, "index.html")
    )


def _copied(pack: Path, fresh: Path) -> None:
    """Copy a pack under a hidden name, then rename: what is there is whole."""
    part = fresh.with_name(f".{fresh.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    hidden = shutil.ignore_patterns(".*", "*.jsonl", "*-kept-*.xlsx")
    shutil.copytree(pack, part, copy_function=_linked, ignore=hidden)
    part.rename(fresh)


def _dropped(pack: Path) -> None:
    """Take a pack away whole; one of which a file is open (Windows) stays until the next time."""
    gone = pack.with_name(f".{pack.name}.gone")
    try:
        pack.rename(gone)
    except PermissionError:
        if sys.platform != "win32":
            raise
        return
    shutil.rmtree(gone)


def _linked(source: str, target: str) -> str:
    """Share a file's bytes; a workbook, in which people may write, is copied."""
    try:
        if source.endswith(".xlsx"):
            raise OSError
        os.link(source, target)
    except OSError:  # another disk, or one that knows no links
        shutil.copy2(source, target)
    return target


def _switched(to: Path, fresh: Path) -> None:
    inner = f"{PUBLISHED}/{fresh.name}"
    address = escape(f"{quote(inner)}/index.html", quote=True)
    head = f'<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={address}">'
    link = f'<a href="{address}">{escape(fresh.name)}</a>'
    write_whole(
        to / f"{LATEST}.html", f"<!doctype html>\n{head}\n<title>insights</title>\n{link}\n"
    )
    beside, latest = to / f".{LATEST}.link", to / LATEST
    try:
        beside.unlink(missing_ok=True)
        beside.symlink_to(inner, target_is_directory=True)
        if sys.platform == "win32":  # there a link to a folder cannot be replaced
            latest.unlink(missing_ok=True)
        beside.replace(latest)
    except OSError:  # Windows asks for a right to make links: the page leads there
        beside.unlink(missing_ok=True)


def _published(to: Path) -> list[Path]:
    """Return the packs published in a folder, the oldest first."""
    folder = to / PUBLISHED
    found = [path for path in folder.iterdir() if _number(path)] if folder.is_dir() else []
    return sorted(found, key=_number)


def _number(path: Path) -> int:
    found = NUMBERED.fullmatch(path.name)
    return int(found[1]) if found and not path.name.startswith(".") else 0
