"""A column of text as canonical values, and what in it could not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest import amounts, dates
from insights.ingest.cells import emptied, holds, is_printable_ascii, letters
from insights.ingest.excel_codes import made_by_excel
from insights.ingest.simply_written import simple_cents
from insights.ingest.vocabulary import INVISIBLE, Vocabulary, as_compared
from insights.tables import Column
from insights.words import _

EXCEL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!")
SCIENTIFIC = r"[0-9](?:\.[0-9]+)?[Ee]\+[0-9]+"
NARROW = r"#{3,}"  # what Excel shows, and saves as text, where a column is too narrow
CONTROLS = r"[\x00-\x1f\x7f-\x9f]"
LOST = "\ufffd|锟斤拷|^[?]{2,}$"  # what a wrong encoding leaves of Chinese text
SUSPECT = rf"{LOST}|{CONTROLS}|[Ee]\+"
CURRENCY = "currency"  # the one text column whose words stand for codes


@dataclass(frozen=True)
class Misread:
    """Cells of one column that say nothing usable: where, why, and what to do."""

    where: np.ndarray
    reason: str
    remedy: str


@dataclass(frozen=True)
class Values:
    """Canonical values of one column (money as whole cents) and its misread cells."""

    values: pd.Series
    misread: tuple[Misread, ...] = ()


def read_values(
    raw: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool = False
) -> Values:
    """Return ``raw`` text (or timestamps) as the column's type; blanks and dashes are null.

    ``rounded`` says that a mapping declared money to be rounded to cents.
    """
    if raw.dtype.kind == "M":
        return Values(raw.dt.normalize() if column.type == "date" else raw)
    text = _bare(raw, column)
    empty = vocabulary.blanks | vocabulary.no_dates if column.type == "date" else vocabulary.blanks
    blank = text.isin(empty).to_numpy(bool)
    text = emptied(text, blank) if blank.any() else text
    odd = pc.any(pc.match_substring_regex(pa.array(text), "^[#=]")).as_py()
    marks = _marks(text, column) if odd else ()
    for mark in marks:
        text = text.mask(mark.where)
    read = READERS[column.type](text, column, vocabulary, rounded)
    found = tuple(part for part in (*marks, *read.misread) if part.where.any())
    return Values(read.values, found if column.required else _or_emptied(found))


def _or_emptied(parts: tuple[Misread, ...]) -> tuple[Misread, ...]:
    """Say that a row does without a cell that no row needs: one bad cell holds all of it back."""
    words = _("{remedy}; or empty the cell: the row does without it")
    return tuple(replace(part, remedy=words.format(remedy=part.remedy)) for part in parts)


def _marks(text: pd.Series, column: Column) -> tuple[Misread, ...]:
    """Return what Excel writes where it has no value, or no room to show it."""
    formula = text.str.startswith("=").fillna(False).to_numpy(bool)
    return (
        Misread(
            text.isin(EXCEL_ERRORS).to_numpy(bool),
            _("an Excel formula error"),
            _("correct the formula and export again"),
        ),
        Misread(
            text.str.fullmatch(NARROW).fillna(False).to_numpy(bool),
            _("Excel shows ### in place of the value"),
            _("widen the column, or format it as text, and export again"),
        ),
        Misread(
            formula & (column.type != "text"),
            _("a formula without its result"),
            _("open the file in Excel, save it, and export again"),
        ),
    )


def _bare(raw: pd.Series, column: Column) -> pd.Series:
    """Return cells without blanks around them, letters nobody sees, and Excel's mark of text."""
    found = letters(raw)
    plain = is_printable_ascii(found)
    text = raw if plain and not holds(found, " ") else raw.str.strip()
    cells = pa.array(text)
    if not plain and pc.any(pc.match_substring_regex(cells, INVISIBLE)).as_py():
        text = text.str.replace(INVISIBLE, "", regex=True).str.strip()
        cells = pa.array(text)
    wrapped = pc.or_(pc.starts_with(cells, "'"), pc.starts_with(cells, '="'))
    if column.type != "text" and pc.any(wrapped).as_py():
        text = text.str.replace(r'^="(.*)"$', r"\1", regex=True).str.removeprefix("'").str.strip()
    return text


def _ids(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    found = letters(text)
    made = _made_by_excel(text)
    if is_printable_ascii(found) and not holds(found, "+?"):
        return Values(text, made)
    wide = text.str.contains(r"[^\x00-\x7f]").fillna(False)
    ids = text.mask(wide, text.where(wide).str.normalize("NFKC")) if wide.any() else text
    odd = pc.any(pc.match_substring_regex(pa.array(ids), SUSPECT)).as_py()
    return Values(ids, (*made, _cut(ids), *_spoilt(ids)) if odd else made)


def _made_by_excel(ids: pd.Series) -> tuple[Misread, ...]:
    where = made_by_excel(ids)
    remedy = _("write the code as it was, in a column formatted as text, and export again")
    reason = _("Excel made a date or a time, or yes or no, of this code")
    return (Misread(where, reason, remedy),) if where.any() else ()


def _cut(ids: pd.Series) -> Misread:
    return Misread(
        ids.str.fullmatch(SCIENTIFIC).fillna(False).to_numpy(bool),
        _("a code that Excel turned into a number and cut"),
        _("format the column as text in the system's export"),
    )


def _spoilt(words: pd.Series) -> tuple[Misread, Misread]:
    lost = words.str.contains(LOST).fillna(False).to_numpy(bool)
    broken = words.str.contains(CONTROLS).fillna(False).to_numpy(bool)
    return (
        Misread(lost, _("characters were lost in a wrong encoding"), _("export it again as UTF-8")),
        Misread(broken, _("a line break or a tab inside a code"), _("write it in one line")),
    )


def _text(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    """Text stays as it is; what names a row must be whole, and a currency is an ISO code."""
    if column.name == CURRENCY:
        return _currencies(text, column, vocabulary)
    return Values(text, _spoilt(text)[:1] if column.required else ())


def _currencies(text: pd.Series, column: Column, vocabulary: Vocabulary) -> Values:
    words = vocabulary.codes.get(column.name, {})
    meant = {word: words.get(as_compared(word), word.upper()) for word in text.dropna().unique()}
    codes = text.map(meant).astype("str")
    odd = ~codes.str.fullmatch("[A-Z]{3}").fillna(True).to_numpy(bool)
    remedy = _("write its ISO code, e.g. CNY or USD")
    return Values(codes, (Misread(odd, _("not a currency"), remedy),))


def _codes(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    """Words that stand for a code become it; words nobody knows stay, and are counted later."""
    own = {as_compared(code): code for code in column.codes}
    words = vocabulary.codes.get(column.name, {})
    known = {word: code for word, code in words.items() if code in column.codes} | own
    meant = {word: known.get(as_compared(word), word) for word in text.dropna().unique()}
    return Values(text.map(meant).astype("str"))


def _booleans(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    words = text.dropna().unique()
    meant = {word: vocabulary.booleans.get(as_compared(word)) for word in words}
    values = text.map(meant).astype("boolean")
    return Values(
        values,
        (_unread(text, values, _("neither yes nor no"), _("write 是 or 否 (true or false)")),),
    )


def _dates(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    moments = dates.read_dates(text, column.meaning.startswith("first day"))
    values = moments.dt.normalize() if column.type == "date" else moments
    unread = text.notna().to_numpy() & values.isna().to_numpy()
    if not unread.any():
        return Values(values)
    why = dates.why_unread(text[unread])
    remedy = _("write it as 2025-01-31, or declare its form in a mapping (date, format)")
    parts = []
    for reason in why.unique():
        where = unread.copy()
        where[unread] = (why == reason).to_numpy(bool)
        parts.append(Misread(where, str(reason), remedy))
    return Values(values, tuple(parts))


def _money(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    cents, other = simple_cents(text)
    if not other.any():
        return Values(cents)
    read = _careful_money(text[other], rounded)
    cents[other] = read.values
    return Values(cents, tuple(_among(part, other) for part in read.misread))


def _among(part: Misread, rows: np.ndarray) -> Misread:
    """Return what was said of some rows as said of all."""
    where = rows.copy()
    where[rows] = part.where
    return replace(part, where=where)


def _careful_money(text: pd.Series, rounded: bool) -> Values:
    numbers = amounts.plain_numbers(text)
    large = amounts.too_large(numbers)
    fine = amounts.too_fine(numbers) & ~large & (not rounded)
    percent = text.str.contains("[%％]").fillna(False).to_numpy(bool)
    numbers = numbers.mask(large | fine | percent)
    finer = Misread(
        fine, _("more than two decimals of money"), _("correct it, or declare round in a mapping")
    )
    larger = Misread(large, _("more money than sixteen digits hold"), _("correct the amount"))
    rest = text.mask(large | fine)
    return Values(amounts.cents(numbers), (*_not_numbers(rest, numbers), finer, larger))


def _floats(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    numbers = amounts.plain_numbers(text)
    values = pd.to_numeric(numbers.astype(object), errors="coerce").astype("float64")
    endless = np.isinf(values.to_numpy())
    larger = Misread(endless, _("larger than any number"), _("correct the number"))
    return Values(values.mask(endless), (*_not_numbers(text, numbers), larger))


def _integers(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    numbers = amounts.plain_numbers(text)
    whole = numbers.str.fullmatch(r"[+-]?[0-9]{1,18}(?:\.0*)?").fillna(False).to_numpy(bool)
    parts = numbers.where(whole).str.replace(r"\.0*$", "", regex=True)
    values = pd.to_numeric(parts.astype(object), errors="coerce").astype("Int64")
    broken = numbers.notna().to_numpy() & ~whole
    part = Misread(broken, _("not a whole number"), _("write a whole number"))
    return Values(values, (*_not_numbers(text, numbers), part))


def _not_numbers(text: pd.Series, numbers: pd.Series) -> tuple[Misread, ...]:
    unread = text.notna().to_numpy() & numbers.isna().to_numpy()
    twice = _units_twice(text, unread) if unread.any() else []
    unread = unread & ~np.logical_or.reduce([np.zeros_like(unread), *(one.where for one in twice)])
    unclear = np.zeros(len(text), dtype=bool)
    unclear[unread] = amounts.unclear_separators(text[unread])
    return (
        *twice,
        Misread(
            unclear,
            _("thousands and decimals cannot be told apart"),
            _("write 1234.56 or 1,234.56"),
        ),
        Misread(
            unread & ~unclear,
            _("not a number"),
            _("write digits, e.g. 1234.50, 1,234.50 or 1.2万"),
        ),
    )


def _units_twice(text: pd.Series, unread: np.ndarray) -> list[Misread]:
    """Return cells such as 1.2万 and 12000元 to which a header or a mapping gave its own unit."""
    parts = []
    for unit in amounts.HEADER_UNITS:
        where = unread.copy()
        bare = text[unread].str.removesuffix(unit)
        where[unread] = (bare != text[unread]) & amounts.plain_numbers(bare).notna()
        remedy = _("the header or the mapping already says {unit}: write the number alone")
        reason = _("a unit in the cell, and {unit} in its header").format(unit=unit)
        parts += [Misread(where, reason, remedy.format(unit=unit))] if where.any() else []
    return parts


def _unread(text: pd.Series, values: pd.Series, reason: str, remedy: str) -> Misread:
    return Misread(text.notna().to_numpy() & values.isna().to_numpy(), reason, remedy)


Reader = Callable[[pd.Series, Column, Vocabulary, bool], Values]
READERS: dict[str, Reader] = {
    "id": _ids,
    "text": _text,
    "code": _codes,
    "bool": _booleans,
    "date": _dates,
    "time": _dates,
    "money": _money,
    "float": _floats,
    "rate": _floats,
    "int": _integers,
}
