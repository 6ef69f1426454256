"""Dirty exports in, canonical tables out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from insights.files.switching import BusyError, held_alone
from insights.ingest.batches import Batch
from insights.ingest.decided import decided, would_replace
from insights.ingest.drafting import draft_book, names_people
from insights.ingest.exports import Exports, named, read_exports
from insights.ingest.known_codes import with_known_codes
from insights.ingest.lists import (
    Lists,
    UnreadListError,
    draft_of,
    draft_words,
    lists_to_fill,
    refuse_unread_lists,
    write_book,
    write_lists,
)
from insights.ingest.mending import mended_notes, put_back, read_lines, speak_of_people
from insights.ingest.naming import answered, write_review, written_on
from insights.ingest.outcome import IngestReport, count, list_faults
from insights.ingest.own_totals import total_words
from insights.ingest.placing import Findings, place_sheets, shown_names
from insights.ingest.privacy import PrivacyError, Problem
from insights.ingest.review_book import REVIEW
from insights.ingest.settling import Settled, settle
from insights.ingest.sums import money_words
from insights.ingest.vocabulary import Vocabulary, load_vocabulary
from insights.ingest.writing import (
    QUARANTINE,
    foreign_files,
    mend,
    rows_replaced,
    switched_in,
    write_quarantine,
    write_tables,
)
from insights.params import NamesParams, ParamsError, PrivacyParams, WritingParams
from insights.words import _

DOOR, MATCHING, WRITING = PrivacyParams(), NamesParams(), WritingParams()


def ingest_folder(
    raw: Path,
    to: Path,
    mapping: Path | None = None,
    privacy: PrivacyParams = DOOR,
    names: NamesParams = MATCHING,
    writing: WritingParams = WRITING,
) -> IngestReport:
    """Which rows of these exports are canonical tables, and what is wrong with the others?

    Reads every CSV, Excel and Parquet file of ``raw`` (a folder, its folders, or one file), finds
    each table by a mapping (YAML or workbook), by headers, or by file name, and replaces all of
    ``to`` with ``<table>.parquet`` and ``quarantine/<file>.csv`` in one step. read = accepted +
    quarantined for each file and table. What cannot be used is told in the report (exit code 1),
    never raised, and then ``to`` keeps its tables. People are taken out at the door (``privacy``).
    Rows told by a name get their customer (``names``).

    Lists to fill in are written to ``to/review``: names in doubt (``names.xlsx``), rows held back
    (``mend.xlsx``), headers that cannot be told (``mapping.xlsx``). A person fills them in and puts
    them among the exports, where each is known for what it is.
    """
    raw, to = Path(raw).absolute(), Path(to).absolute()
    hindrance = _hindrance(raw, to)
    if hindrance:
        return _unusable(to, [hindrance])
    try:
        with held_alone(to):
            return _ingested(raw, to, mapping, privacy, names, writing)
    except BusyError as error:
        return _unusable(to, [(str(to), str(error), _("run again once it has ended"))])
    except OSError as error:
        return _unusable(to, [_unwritable(error, to)])


def _ingested(
    raw: Path,
    to: Path,
    mapping: Path | None,
    privacy: PrivacyParams,
    names: NamesParams,
    writing: WritingParams,
) -> IngestReport:
    mend(to)
    try:
        exports, found, vocabulary = _read(raw, mapping, privacy)
        refuse_unread_lists(to, exports)
        alone = would_replace(to, exports.asked, len(exports.sheets))
        if alone:
            return _unusable(to, [alone])
        settled = settle(found.batches, found.notes, found.problems, privacy, names)
        lists = lists_to_fill(to, exports, found, settled.batches, vocabulary, privacy)
    except (ParamsError, PrivacyError, UnreadListError) as error:
        return _unusable(to, [_refused(error, raw, to, mapping)])
    kept = _kept(lists, to, mapping)
    report = _written(settled, kept, to, bool(exports.mapping.files), writing)
    sums = [*money_words(settled.batches), *total_words(settled.batches, vocabulary)]
    return replace(report, money=(*settled.applied, *sums))


def draft_mapping(
    raw: Path, book: Path, mapping: Path | None = None, privacy: PrivacyParams = DOOR
) -> str:
    """How are the headers of these exports understood, and which are not?

    Writes the mapping of every sheet that ``mapping`` does not name to the workbook ``book``, for a
    person to correct, and says so in words. ``ParamsError`` for a mapping that is wrong,
    ``FileNotFoundError`` without exports, ``FileExistsError`` where ``book`` is there already: it
    may hold corrections.
    """
    raw, book = Path(raw).absolute(), Path(book)
    if not raw.exists():
        raise FileNotFoundError(_("{raw}: no such file or folder").format(raw=raw))
    if book.suffix.lower() != ".xlsx":
        raise ValueError(_("{book}: name a workbook, .xlsx").format(book=book))
    if book.exists():
        raise FileExistsError(_("{book} is there already; name another file").format(book=book))
    exports, found, vocabulary = _read(raw, mapping, privacy)
    rows = draft_of(exports, found, vocabulary, privacy)
    book.parent.mkdir(parents=True, exist_ok=True)
    write_book(book, draft_book(rows, vocabulary))
    return draft_words(rows, book)


def _read(
    raw: Path, mapping: Path | None, privacy: PrivacyParams
) -> tuple[Exports, Findings, Vocabulary]:
    """Return the exports with mended rows in their places, and the batches made of them."""
    vocabulary = load_vocabulary()
    exports = read_exports(raw, Path(mapping).absolute() if mapping else None, vocabulary)
    lines, faults = read_lines(exports.mended)
    sheets = [sheet for own in exports.sheets.values() for sheet in own]
    shown = {}
    if names_people(exports.drafts) or speak_of_people(lines):
        names = shown_names(exports, sheets, vocabulary, privacy)
        exports = named(exports, names)
        shown = {place: names.shown(place) for place in names.sheets}
    mended = put_back(sheets, lines, shown)
    found = place_sheets(exports, mended.sheets, mended.orphans, vocabulary, mended.beside)
    said = answered(exports.answers, found.batches, vocabulary, written_on(raw))
    told = decided(exports.asked, found.batches, vocabulary)
    found.batches += [*said.batches, *told.batches]
    found.batches, matched = with_known_codes(found.batches, vocabulary)
    found.notes[:0] = matched
    found.notes += [*mended_notes(lines, mended, found.corrected), *said.notes, *told.notes]
    found.problems += [*faults, *said.problems, *told.problems]
    return exports, found, vocabulary


def _hindrance(raw: Path, to: Path) -> Problem | None:
    if not raw.exists():
        return str(raw), _("no such file or folder"), _("name the folder of the exports")
    if to == raw or to in raw.parents or raw in to.parents:
        return str(to), _("lies inside the exports, or they in it"), _("name another folder")
    words = foreign_files(to)
    return (str(to), words, _("tables are replaced as a whole")) if words else None


def _refused(error: ValueError, raw: Path, to: Path, mapping: Path | None) -> Problem:
    if isinstance(error, ParamsError):
        return str(mapping or raw), str(error), _("correct the mapping file")
    if isinstance(error, UnreadListError):
        remedy = _("put the filled list among the exports, or take it away")
        return f"{to}/{REVIEW}", str(error), remedy
    return str(raw), str(error), _("give the key or the list, or correct params.privacy")


def _unusable(to: Path, problems: list[Problem]) -> IngestReport:
    return IngestReport(1, count([]), list_faults([], problems), (), str(to))


def _kept(lists: Lists, to: Path, mapping: Path | None) -> Lists:
    """A mapping that lies in ``to/review`` stays there, for all of ``to`` is replaced."""
    path = Path(mapping).absolute() if mapping else None
    if path is None or path.parent != to / REVIEW:
        return lists
    return replace(lists, books={path.name: path.read_bytes(), **lists.books})


def _written(
    found: Settled, lists: Lists, to: Path, mapped: bool, writing: WritingParams
) -> IngestReport:
    counts = count(found.batches)
    literal = counts["sheet"].str.startswith("rows.") & mapped
    usable = int(counts.accepted[~literal].sum()) > 0
    faults = list_faults(found.batches, found.problems)
    serious = bool((~faults.expected).any())
    report = IngestReport(
        2 if serious else 0, counts, faults, tuple(dict.fromkeys(found.notes)), str(to),
        found.privacy, found.names, lists.words,
    )  # fmt: skip
    try:
        if not usable:
            _write_lists_only(found.batches, lists, to)
            return replace(report, exit_code=1)
        lost = rows_replaced(found.batches, to)
        with switched_in(to) as folder:
            write_tables(found.batches, folder, writing)
            write_quarantine(found.batches, folder / QUARANTINE)
            write_review(found.names, folder)
            write_lists(lists, folder)
        return replace(report, notes=(*lost, *report.notes))
    except OSError as error:
        problems = [*found.problems, _unwritable(error, to)]
        return replace(report, exit_code=1, faults=list_faults(found.batches, problems), to_fill=())


def _unwritable(error: OSError, to: Path) -> Problem:
    words = _("cannot be written: {error}").format(error=error)
    if isinstance(error, PermissionError):
        remedy = _("close its files in Excel and run again; or name a folder you may write to")
        return str(to), words, remedy
    return str(to), words, _("free space, or name another folder")


def _write_lists_only(batches: list[Batch], lists: Lists, to: Path) -> None:
    """Where no row is usable, leave the tables alone and still hand back what is to be mended."""
    if any(len(batch.faults) for batch in batches):
        with switched_in(to / QUARANTINE) as folder:
            write_quarantine(batches, folder)
    write_lists(lists, to)
