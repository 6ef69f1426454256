"""A corrected mapping book as the mapping it means, or all of its faults at once."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from insights.ingest.drafting.columns import ANSWERS, COLUMNS, NEEDED, OPEN, PLACE, UNITS
from insights.ingest.drafting.faults import row_faults, sheet_faults
from insights.ingest.forms import AS_DRAFTED, read_form
from insights.ingest.mapping import Derivation, FilePlan, Mapping, TablePlan, load_yaml_mapping
from insights.ingest.privacy.kinds import MASK
from insights.ingest.privacy.places import PlaceNames
from insights.ingest.reading import EXCEL, Sheet, UnreadableError
from insights.ingest.vocabulary import as_compared, load_vocabulary
from insights.params import ParamsError
from insights.tables import CANONICAL
from insights.words import _

MEANT = [*PLACE, *ANSWERS]


def load_mapping(path: Path) -> Mapping:
    """Return a mapping, of YAML or of a workbook; ``ParamsError`` names every fault at once."""
    if path.suffix.lower() not in EXCEL:
        return load_yaml_mapping(path)
    try:
        return mapping_of(read_form(path, path.name))
    except UnreadableError as error:
        raise ParamsError(f"{path}: {error}") from None


def draft_rows(sheets: Sequence[Sheet]) -> pd.DataFrame:
    """Return the rows of mapping books as text, with book, page and line; missing cells are "".

    A header word that params/headers.yaml lists for the row's table stands for its column.
    """
    parts = [
        _texts(sheet).assign(book=sheet.file, page=sheet.name, line=sheet.rows)
        for sheet in sheets
        if set(sheet.frame.columns) >= NEEDED and not sheet.name.startswith(AS_DRAFTED)
    ]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return _in_canonical_columns(pd.concat(parts, ignore_index=True))


def _in_canonical_columns(rows: pd.DataFrame) -> pd.DataFrame:
    known = {name: {column.name for column in table.columns} for name, table in CANONICAL.items()}
    told = rows.table.isin(CANONICAL) & ~rows.column.isin(["", OPEN])
    pairs = zip(rows.table.where(told, ""), rows.column, strict=True)
    odd = {(table, said) for table, said in pairs if table and said not in known[table]}
    if not odd:
        return rows
    words = load_vocabulary().columns
    meant = [
        words[table].get(as_compared(said), said) if (table, said) in odd else said
        for table, said in zip(rows.table, rows.column, strict=True)
    ]
    return rows.assign(column=pd.array(meant, dtype="str"))


def names_people(sheets: Sequence[Sheet]) -> bool:
    """Say whether mapping books speak of files or sheets shown without a person's name."""
    rows = draft_rows(sheets)
    return bool((rows.file + rows.sheet).astype("str").str.contains(MASK, regex=False).any())


def as_named(sheets: Sequence[Sheet], names: PlaceNames) -> list[Sheet]:
    """Return mapping books in which files and sheets shown without people have their own names.

    Each is the one that is shown so in this run: a book never speaks of any person's file.
    """
    files = {shown: file for file, shown in names.files.items()}
    places = {names.shown(place): place for place in names.sheets}
    made = []
    for sheet in sheets:
        frame = sheet.frame
        if set(frame.columns) >= NEEDED:
            own = _texts(sheet)[["file", "sheet"]].itertuples(index=False, name=None)
            known = [places.get(place, (files.get(place[0], place[0]), place[1])) for place in own]
            frame = frame.assign(
                file=pd.array([file for file, _name in known], dtype="str"),
                sheet=pd.array([name for _file, name in known], dtype="str"),
            )
        made.append(replace(sheet, frame=frame))
    return made


def mapping_of(sheets: Sequence[Sheet]) -> Mapping:
    """What does a corrected mapping book say?

    A header with table and column is that column; one without is left out; ``?`` stays to be told
    by its header. A sheet that is ``?`` throughout is not named at all. ``ParamsError`` names book,
    page, row, column, value and remedy of every fault.
    """
    rows = draft_rows(sheets)
    if not len(rows):
        words = _("{books}: no sheet has the columns {names}")
        books = ", ".join(dict.fromkeys(sheet.file for sheet in sheets))
        raise ParamsError(words.format(books=books, names=", ".join([*PLACE, "table", "column"])))
    rows = rows.drop_duplicates(MEANT)
    faults = [*row_faults(rows), *sheet_faults(rows)]
    if faults:
        raise ParamsError("\n".join(faults))
    told = rows[rows.header != ""]
    groups = told.groupby(["file", "sheet"], sort=False)
    plans = [_plan(str(file), str(sheet), own) for (file, sheet), own in groups]
    distinct = [plan for n, plan in enumerate(plans) if plan is not None and plan not in plans[:n]]
    return Mapping(files=tuple(distinct))


def unread_rows(stored: Sequence[Sheet], read: Sequence[Sheet]) -> bool:
    """Say whether a stored book was corrected and not read yet, so that it would be lost."""
    hidden = [sheet for sheet in stored if sheet.name.startswith(AS_DRAFTED)]
    drafted = _contents(pd.concat([_texts(sheet) for sheet in hidden])) if hidden else set()
    return bool(_contents(draft_rows(stored)) - drafted - _contents(draft_rows(read)))


def _contents(rows: pd.DataFrame) -> set[tuple[str, ...]]:
    return set(rows.reindex(columns=MEANT).itertuples(index=False, name=None))


def _texts(sheet: Sheet) -> pd.DataFrame:
    texts = sheet.frame.reindex(columns=COLUMNS).astype("str").fillna("")
    return texts.apply(lambda cells: cells.str.strip())


def _plan(file: str, sheet: str, rows: pd.DataFrame) -> FilePlan | None:
    open_rows = rows[(rows.table == OPEN) | (rows.column == OPEN)]
    named = rows[~rows.table.isin(["", OPEN])]
    if not len(named) and len(open_rows):
        return None
    others = "by_header" if len(open_rows) else "ignore"
    tables = {
        str(table): TablePlan(columns=_columns(own), other_columns=others)  # type: ignore[arg-type]
        for table, own in named.groupby("table", sort=False)
    }
    left = rows[(rows.table == "") & ~rows.header.isin(named.header)]
    why = dict.fromkeys(left.header, _("not in the mapping"))
    return FilePlan(file=_pattern(file), tables=tables, sheet=sheet or None, left_out=why)


def _pattern(file: str) -> str:
    """Return a file's name as a pattern: a person may have written one."""
    return file if set(file) & {"*", "?"} else glob.escape(file)


def _columns(rows: pd.DataFrame) -> dict[str, str | Derivation]:
    told = rows[rows.column != OPEN]
    return {
        column: Derivation(column=header, unit=unit) if unit in UNITS else header
        for header, column, unit in zip(told.header, told.column, told.unit, strict=True)
    }
