"""Which table is this sheet? By its headers; by the file's name where they do not say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from insights.ingest.candidates import (
    Candidate,
    bare_header,
    candidate_of,
    candidates_of,
    column_of,
    named_tables,
    nearest_tables,
    worth_asking,
)
from insights.ingest.mapping import Derivation, TablePlan, nearest
from insights.ingest.names.other_names import tells_other_names
from insights.ingest.privacy.headers import kind_of_header
from insights.ingest.reading import Sheet
from insights.ingest.sheet_names import scale_of_sheet
from insights.ingest.vocabulary import Vocabulary, as_compared
from insights.tables import CANONICAL
from insights.words import _, listing

__all__ = [
    "Recognised",
    "column_of",
    "left_out",
    "like_kind",
    "named_tables",
    "nearest_tables",
    "needs_unit",
    "place",
    "recognise",
    "recognise_columns",
    "worth_asking",
]
CODES = ("编码", "代码", "编号", "id", "号")


@dataclass(frozen=True)
class Recognised:
    """The table a sheet holds and how; else ``problem`` says why none could be told."""

    table: str = ""
    plan: TablePlan = TablePlan()  # noqa: RUF009 - frozen
    notes: tuple[str, ...] = ()
    problem: str = ""


def recognise(sheet: Sheet, vocabulary: Vocabulary) -> Recognised:
    """Find the sheet's table and its columns; a tie or a gap is a problem told in words.

    Words that many documents use (单据编号) are looked at where no others tell the table.
    """
    return (
        _told_by(sheet, candidates_of(sheet, vocabulary, named_words=False), vocabulary)
        or _told_by(sheet, candidates_of(sheet, vocabulary), vocabulary)
        or Recognised(problem=_nothing_fits(sheet, vocabulary))
    )


def _told_by(
    sheet: Sheet, candidates: list[Candidate], vocabulary: Vocabulary
) -> Recognised | None:
    named = named_tables(sheet, vocabulary)
    whole = [one for one in candidates if not one.missing]
    most = max((one.taken for one in whole), default=0)
    if not whole or any(one.table in named and one.taken > most for one in candidates):
        return None
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
    return _resolved(sheet, _with_named(sheet, best[0], vocabulary), vocabulary)


def _with_named(sheet: Sheet, one: Candidate, vocabulary: Vocabulary) -> Candidate:
    """Return a reading with the columns that only words of many documents give: 结算方式."""
    more = candidate_of(sheet, one.table, vocabulary).headers
    return replace(one, headers={**more, **one.headers})


def recognise_columns(
    sheet: Sheet, table: str, plan: TablePlan, vocabulary: Vocabulary
) -> Recognised:
    """Complete a mapping's table with the columns whose headers are known."""
    rest = [name for name in sheet.frame.columns if name not in plan.inputs]
    found = _resolved(sheet, candidate_of(sheet, table, vocabulary, rest), vocabulary)
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
    word = as_compared(bare_header(header)[0])
    near = like_kind(header, nearest(as_compared(header), known)) if word not in known else []
    if not near:
        return header
    return _("{header} (closest: {names})").format(header=header, names=", ".join(near))


def like_kind(header: str, words: list[str]) -> list[str]:
    """Return the words that a header may mean: one of people is taken for a column of people."""
    if kind_of_header(header) is None:
        return words
    return [word for word in words if kind_of_header(word) is not None]


def place(sheet: Sheet) -> str:
    """Return file and sheet as a person names them."""
    return f"{sheet.file} [{sheet.name}]" if sheet.name else sheet.file


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
        scale = bare_header(chosen)[1]
        if needs_unit(sheet, candidate.table, name, chosen):
            words = _("{header}: the sheet's name says {unit}元 and the header no unit;"
                " tell it in a mapping")  # fmt: skip
            problems.append(words.format(header=chosen, unit=scale_of_sheet(sheet)))
            continue
        columns[name] = Derivation(column=chosen, unit=scale) if scale else chosen  # type: ignore[arg-type]
    plan = TablePlan(columns=columns)
    return Recognised(candidate.table, plan, tuple(notes), "; ".join(problems))


def needs_unit(sheet: Sheet, table: str, column: str, header: str) -> bool:
    """Say whether a header of money has no unit in a sheet whose name has one: 应收(万元)."""
    is_money = CANONICAL[table].column(column).type == "money"
    return is_money and bare_header(header)[0] == header and bool(scale_of_sheet(sheet))


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


def _nothing_fits(sheet: Sheet, vocabulary: Vocabulary) -> str:
    near = nearest_tables(sheet, vocabulary) or [
        one for one in candidates_of(sheet, vocabulary) if one.headers
    ]
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
    words = _("nearest table: {table}, but it lacks {missing}; headers not known: {unknown}")
    said = words.format(
        table=best.table,
        missing=", ".join(best.missing),
        unknown=listing(unknown, 12) or _("none"),
    )
    return said + _without_amount(best)


def _without_amount(best: Candidate) -> str:
    """Say where money may come from that a list of goods (销售出库单) does not hold."""
    if best.table != "orders" or "amount" not in best.missing or "quantity" not in best.headers:
        return ""
    return _(
        "; orders need an amount: give a column of prices and let a mapping multiply it by the"
        " quantity (product: [price, quantity]), or take the invoices for orders and leave this"
        " sheet out"
    )
