"""Which table is this sheet? By its headers; by the file's name where they do not say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from insights.ingest.mapping import Derivation, TablePlan, nearest
from insights.ingest.names.other_names import tells_other_names
from insights.ingest.privacy.headers import kind_of_header
from insights.ingest.reading import Sheet
from insights.ingest.vocabulary import Vocabulary, as_compared
from insights.tables import CANONICAL
from insights.words import _, listing

UNIT = re.compile(r"[(\[](?P<unit>[^)\]]*)[)\]]$")
SCALES = {"千元": "千", "万元": "万", "万": "万", "亿元": "亿", "亿": "亿"}
PLAIN_UNITS = ("元", "rmb", "cny", "¥", "人民币")
CODES = ("编码", "代码", "编号", "id", "号")


@dataclass(frozen=True)
class Recognised:
    """The table a sheet holds and how; else ``problem`` says why none could be told."""

    table: str = ""
    plan: TablePlan = TablePlan()  # noqa: RUF009 - frozen
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Candidate:
    """One reading of a sheet: canonical column -> the headers that could be it."""

    table: str
    headers: dict[str, tuple[str, ...]]

    @property
    def taken(self) -> int:
        """Return how many headers this reading explains."""
        return sum(len(headers) for headers in self.headers.values())

    @property
    def missing(self) -> list[str]:
        """Return the required columns that no header names."""
        return [name for name in CANONICAL[self.table].required if name not in self.headers]


def recognise(sheet: Sheet, vocabulary: Vocabulary) -> Recognised:
    """Find the sheet's table and its columns; a tie or a gap is a problem told in words."""
    candidates = [_candidate(sheet, table, vocabulary) for table in CANONICAL]
    named = named_tables(sheet, vocabulary)
    whole = [one for one in candidates if not one.missing]
    if not whole:
        return Recognised(problem=_nothing_fits(sheet, candidates, named, vocabulary))
    most = max(one.taken for one in whole)
    if any(one.table in named and one.taken > most for one in candidates):
        return Recognised(problem=_nothing_fits(sheet, candidates, named, vocabulary))
    best = [one for one in whole if one.table == Path(sheet.file).stem.casefold()]
    best = best or [one for one in whole if one.taken == most]
    if len(best) > 1:
        best = [one for one in best if one.table in named] or best
    if len(best) > 1:
        tables = ", ".join(one.table for one in best)
        return Recognised(
            problem=_("the headers fit {tables}; name the table in a mapping or the file's name")
            .format(tables=tables)
        )  # fmt: skip
    return _resolved(sheet, best[0], vocabulary)


def recognise_columns(
    sheet: Sheet, table: str, plan: TablePlan, vocabulary: Vocabulary
) -> Recognised:
    """Complete a mapping's table with the columns whose headers are known."""
    rest = [name for name in sheet.frame.columns if name not in plan.inputs]
    found = _resolved(sheet, _candidate(sheet, table, vocabulary, rest), vocabulary)
    columns = {**found.plan.columns, **plan.columns}
    whole = TablePlan(columns, plan.where, plan.distinct, plan.other_columns)
    return Recognised(table, whole, found.notes, found.problem)


def left_out(sheet: Sheet, used: set[str], tables: list[str], vocabulary: Vocabulary) -> list[str]:
    """Say which columns of a sheet no table took, with the nearest known headers."""
    unused = [header for header in sheet.frame.columns if header not in used]
    names = [header for header in unused if tells_other_names(header, tables)]
    told = _("{place}: {header}: other names of the customers, known where rows are told by a name")
    return [told.format(place=place(sheet), header=header) for header in names] + [
        _("{place}: column {header} is not used").format(
            place=place(sheet), header=_with_nearest(header, tables, vocabulary)
        )
        for header in unused
        if header not in names
    ]


def _with_nearest(header: str, tables: list[str], vocabulary: Vocabulary) -> str:
    known = sorted({word for table in tables for word in vocabulary.columns.get(table, {})})
    word = as_compared(_bare(header)[0])
    near = like_kind(header, nearest(as_compared(header), known)) if word not in known else []
    if not near:
        return header
    return _("{header} (closest: {names})").format(header=header, names=", ".join(near))


def like_kind(header: str, words: list[str]) -> list[str]:
    """Return the words that a header may mean: one of people is taken for a column of people."""
    if kind_of_header(header) is None:
        return words
    return [word for word in words if kind_of_header(word) is not None]


def column_of(header: str, table: str, vocabulary: Vocabulary) -> str | None:
    """Return the column of a table that a header names, with a unit of money or without."""
    return vocabulary.columns[table].get(as_compared(_bare(header)[0]))


def place(sheet: Sheet) -> str:
    """Return file and sheet as a person names them."""
    return f"{sheet.file} [{sheet.name}]" if sheet.name else sheet.file


def _candidate(
    sheet: Sheet, table: str, vocabulary: Vocabulary, headers: list[str] | None = None
) -> Candidate:
    found: dict[str, tuple[str, ...]] = {}
    for header in sheet.frame.columns if headers is None else headers:
        column = column_of(header, table, vocabulary)
        if column is not None:
            found[column] = (*found.get(column, ()), header)
    return Candidate(table, found)


def _bare(header: str) -> tuple[str, str]:
    """Return a header without its unit of money, and the scale the unit stands for."""
    normal = unicodedata.normalize("NFKC", header)
    found = UNIT.search(normal)
    unit = found["unit"].strip().casefold() if found else ""
    if found and (unit in SCALES or unit in PLAIN_UNITS):
        return normal[: found.start()], SCALES.get(unit, "")
    return header, ""


def named_tables(sheet: Sheet, vocabulary: Vocabulary) -> list[str]:
    """Return the tables that the sheet's or the file's name speaks of, the longest word first."""
    text = sheet.name + Path(sheet.file).stem
    hits = [(len(word), table) for table, words in vocabulary.files.items() for word in words
            if word in text]  # fmt: skip
    longest = max((length for length, _table in hits), default=0)
    english = [table for table in CANONICAL if table == Path(sheet.file).stem.casefold()]
    return english + [table for length, table in hits if length == longest]


def _resolved(sheet: Sheet, candidate: Candidate, vocabulary: Vocabulary) -> Recognised:
    columns: dict[str, str | Derivation] = {}
    notes, problems = [], []
    for name, headers in candidate.headers.items():
        chosen = _chosen(candidate.table, name, headers)
        if chosen is None or chosen in sheet.repeated:
            problems.append(
                _("{headers} could each be {column}; name one in a mapping").format(
                    headers=listing(list(headers) if len(headers) > 1 else [chosen or ""] * 2),
                    column=name,
                )
            )
            continue
        notes += [_preferred(sheet, name, chosen, other) for other in headers if other != chosen]
        scale = _bare(chosen)[1]
        columns[name] = Derivation(column=chosen, unit=scale) if scale else chosen  # type: ignore[arg-type]
    plan = TablePlan(columns=columns)
    return Recognised(candidate.table, plan, tuple(notes), "; ".join(problems))


def _preferred(sheet: Sheet, column: str, chosen: str, other: str) -> str:
    return _("{place}: {column} is read from {chosen}, not from {other}").format(
        place=place(sheet), column=column, chosen=chosen, other=other
    )


def _chosen(table: str, column: str, headers: tuple[str, ...]) -> str | None:
    """Of several headers for one column take the canonical name; for ids, the code."""
    if len(headers) == 1:
        return headers[0]
    exact = [header for header in headers if as_compared(header) == as_compared(column)]
    if not exact and CANONICAL[table].column(column).type == "id":
        exact = [header for header in headers if header.casefold().endswith(CODES)]
    return exact[0] if len(exact) == 1 else None


def _nothing_fits(
    sheet: Sheet, candidates: list[Candidate], named: list[str], vocabulary: Vocabulary
) -> str:
    near = [one for one in candidates if one.table in named]
    near = near or [one for one in candidates if one.headers]
    if not near:
        return _("no table has these headers: {headers}; name them in a mapping").format(
            headers=listing(list(sheet.frame.columns), 12)
        )
    best = max(near, key=lambda one: len(one.headers) - len(one.missing))
    taken = {header for headers in best.headers.values() for header in headers}
    unknown = [
        _with_nearest(header, [best.table], vocabulary)
        for header in sheet.frame.columns
        if header not in taken
    ]
    return _("nearest table: {table}, but it lacks {missing}; headers not known: {unknown}").format(
        table=best.table,
        missing=", ".join(best.missing),
        unknown=listing(unknown, 12) or _("none"),
    )
