"""The files of a folder: exports as sheets, and beside them the lists that a person filled in."""

from __future__ import annotations

import fnmatch
import glob
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from insights.ingest.asked_sheets import AskedSheet, read_asked
from insights.ingest.drafting import as_named, load_mapping, mapping_of, names_people
from insights.ingest.forms import form_of, read_form
from insights.ingest.headings import with_plain_headings
from insights.ingest.mapping import FilePlan, Mapping
from insights.ingest.mending import is_quarantine
from insights.ingest.naming import is_review, is_review_file
from insights.ingest.privacy import Problem
from insights.ingest.privacy.places import PlaceNames
from insights.ingest.reading import EXCEL, SUFFIXES, Sheet, UnreadableError, read_file
from insights.ingest.recognition import place
from insights.ingest.vocabulary import Vocabulary
from insights.params import ParamsError
from insights.words import _, listing


@dataclass(frozen=True)
class Exports:
    """What a folder holds: ``sheets`` by file, and what a mapping says of them.

    ``given`` is the mapping without what mapping books add to it. ``answers``, ``mended``,
    ``drafts`` and ``asked`` are sheets of filled lists: names, rows, mapping, decisions.
    """

    mapping: Mapping
    given: Mapping
    named: str = ""  # the mapping file's name
    sheets: dict[str, list[Sheet]] = field(default_factory=dict)
    answers: list[Sheet] = field(default_factory=list)
    mended: list[Sheet] = field(default_factory=list)
    drafts: list[Sheet] = field(default_factory=list)
    asked: list[AskedSheet] = field(default_factory=list)
    names: PlaceNames | None = None  # where mapping books speak of files by names without people
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def plans(self, file: str) -> list[FilePlan]:
        """Return what the mapping says of a file: by its own name, else by a pattern."""
        exact = [plan for plan in self.mapping.files if _is_exact(file, plan)]
        return exact or [plan for plan in self.mapping.files if self.speaks_of(file, plan)]

    def speaks_of(self, file: str, plan: FilePlan) -> bool:
        """Say whether a plan names a file: of a mapping book, by its whole path alone."""
        if plan in self.given.files:
            return is_named(file, plan)
        return fnmatch.fnmatch(file, plan.file)

    @property
    def books(self) -> list[Sheet]:
        """Return the sheets of mapping books, with the names that files and sheets have here."""
        return as_named(self.drafts, self.names) if self.names else self.drafts


def plans_of(mapping: Mapping, file: str) -> list[FilePlan]:
    """Return what a mapping says of a file: by its whole name, else by a pattern."""
    exact = [plan for plan in mapping.files if _is_exact(file, plan)]
    return exact or [plan for plan in mapping.files if is_named(file, plan)]


def _is_exact(file: str, plan: FilePlan) -> bool:
    return plan.file in (file, glob.escape(file))


def is_named(file: str, plan: FilePlan) -> bool:
    """Say whether a plan's name or pattern is that of a file, with its folder or without."""
    return fnmatch.fnmatch(file, plan.file) or fnmatch.fnmatch(Path(file).name, plan.file)


def read_exports(raw: Path, mapping: Path | None, vocabulary: Vocabulary) -> Exports:
    """Read a folder of exports (or one file), and the mapping for it.

    Mapping books among the exports add to the mapping that is named. ``ParamsError`` names every
    fault of a mapping at once.
    """
    is_book = mapping is not None and mapping.suffix.lower() in EXCEL
    yaml = load_mapping(mapping) if mapping is not None and not is_book else Mapping()
    found = Exports(yaml, yaml, mapping.name if mapping else "")
    files = _files(raw, found.notes)
    if is_book and mapping is not None:
        found.drafts.extend(_form(mapping, str(mapping)))
        files = {file: path for file, path in files.items() if path.resolve() != mapping.resolve()}
    forms = {file: form for file, path in files.items() if (form := form_of(path))}
    for file, form in forms.items():
        if form == "asked":
            _read_asked(files[file], file, found)
            continue
        sheets = _form(files[file], file)
        (found.drafts if form == "mapping" else found.mended).extend(sheets)
    found = _with_books(found)
    masked = names_people(found.drafts)
    exports = {file: path for file, path in files.items() if file not in forms}
    _read_all(exports, found, vocabulary, masked)
    if not masked:
        _absent(found, list(exports))
    return found


def named(found: Exports, names: PlaceNames) -> Exports:
    """Return exports whose mapping books speak of files that are shown without people."""
    if not names_people(found.drafts):
        return found
    whole = _with_books(replace(found, mapping=found.given, names=names))
    _absent(whole, list(whole.sheets))
    return whole


def _form(path: Path, file: str) -> list[Sheet]:
    try:
        return read_form(path, file)
    except UnreadableError as error:
        raise ParamsError(f"{file}: {error}") from None


def _read_asked(path: Path, file: str, found: Exports) -> None:
    try:
        sheets = read_asked(path, file)
    except UnreadableError as error:
        found.problems.append((file, error.reason, error.remedy))
        return
    found.asked.extend(sheets)
    if not sheets:
        words = _("{file}: a report's workbook that asks nothing; not read")
        found.notes.append(words.format(file=file))


def _with_books(found: Exports) -> Exports:
    """Return exports whose mapping holds what mapping books say as well; all are read together."""
    if not found.drafts:
        return found
    plans = mapping_of(found.books).files
    both = {plan.file for plan in plans} & {plan.file for plan in found.mapping.files}
    if both:
        words = _("{files}: named by {mapping} and by a mapping book; take one of them away")
        shown = found.names.files if found.names else {}
        files = listing(sorted(shown.get(file, file) for file in both))
        raise ParamsError(words.format(files=files, mapping=found.named))
    whole = replace(found.mapping, files=(*found.mapping.files, *plans))
    return replace(found, mapping=whole)


def _files(raw: Path, notes: list[str]) -> dict[str, Path]:
    """Return the files to read by the name they are called in reports."""
    if raw.is_file():
        return {raw.name: raw}
    paths = sorted(path for path in raw.rglob("*") if path.is_file())
    names = {path.relative_to(raw).as_posix(): path for path in paths}
    visible = {
        name: path
        for name, path in names.items()
        if not any(part.startswith((".", "~$")) for part in Path(name).parts)
    }
    others = [name for name, path in visible.items() if path.suffix.lower() not in SUFFIXES]
    if others:
        words = _("not CSV, Excel or Parquet, not read: {files}").format(files=listing(others))
        notes.append(words)
    return {name: path for name, path in visible.items() if name not in others}


def _read_all(files: dict[str, Path], found: Exports, vocabulary: Vocabulary, every: bool) -> None:
    alone = []
    every = every or found.mapping.other_files == "by_header"
    for file, path in files.items():
        if every or found.plans(file) or is_review_file(path):
            _read_one(path, file, found, vocabulary)
        else:
            alone.append(file)
    if alone:
        words = _("not named by the mapping, left alone: {files}")
        found.notes.append(words.format(files=listing(alone)))


def _read_one(path: Path, file: str, found: Exports, vocabulary: Vocabulary) -> None:
    try:
        sheets = read_file(path, file, vocabulary.known_headers)
    except UnreadableError as error:
        found.problems.append((file, error.reason, error.remedy))
        return
    if not sheets:
        found.problems.append((file, _("holds no rows"), _("export it again, or take it away")))
    elif any(is_review(sheet) for sheet in sheets):
        found.answers.extend(with_plain_headings(one) for one in sheets if is_review(one))
    elif any(is_quarantine(sheet) for sheet in sheets):
        why = _("rows held back, without the page that tells what was changed; not read")
        found.problems.append((file, why, _("mend them in review/mend.xlsx, and put that here")))
    else:
        found.sheets[file] = sheets
        found.notes.extend(
            _("{place}: {note}").format(place=place(sheet), note=note)
            for sheet in sheets
            for note in sheet.notes
        )


def _absent(found: Exports, files: Sequence[str]) -> None:
    for plan in found.mapping.files:
        if not any(found.speaks_of(file, plan) for file in files):
            why = _("named by the mapping, but not there")
            found.problems.append((plan.file, why, _("add the file, or change its name")))
