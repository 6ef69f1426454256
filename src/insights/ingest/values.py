"""A column of text as canonical values, and what in it could not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest import amounts, dates
from insights.ingest.vocabulary import Vocabulary, as_compared
from insights.tables import Column
from insights.words import _

EXCEL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!")
SCIENTIFIC = r"[0-9](?:\.[0-9]+)?[Ee]\+[0-9]+"


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
    text = raw.str.strip()
    text = text.mask(text.isin(vocabulary.blanks))
    broken = text.isin(EXCEL_ERRORS).to_numpy(bool)
    error = Misread(broken, _("an Excel formula error"), _("correct the formula and export again"))
    read = READERS[column.type](text.mask(broken), column, vocabulary, rounded)
    misread = (error, *read.misread) if broken.any() else read.misread
    return Values(read.values, tuple(part for part in misread if part.where.any()))


def _ids(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    wide = text.str.contains(r"[^\x00-\x7f]").fillna(False)
    ids = text.mask(wide, text.where(wide).str.normalize("NFKC")) if wide.any() else text
    cut = ids.str.fullmatch(SCIENTIFIC).fillna(False).to_numpy(bool)
    return Values(
        ids,
        (
            Misread(
                cut,
                _("a code that Excel turned into a number and cut"),
                _("format the column as text in the system's export"),
            ),
        ),
    )


def _text(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    return Values(text)


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
    return Values(
        values,
        (
            _unread(
                text,
                values,
                _("not a date, or a date that means two things"),
                _("write it as 2025-01-31, or declare its form in a mapping (date, format)"),
            ),
        ),
    )  # fmt: skip


def _money(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
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
    return Values(amounts.cents(numbers), (_not_a_number(rest, numbers), finer, larger))


def _floats(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    numbers = amounts.plain_numbers(text)
    values = pd.to_numeric(numbers.astype(object), errors="coerce").astype("float64")
    return Values(values, (_not_a_number(text, numbers),))


def _integers(text: pd.Series, column: Column, vocabulary: Vocabulary, rounded: bool) -> Values:
    numbers = amounts.plain_numbers(text)
    whole = numbers.str.fullmatch(r"[+-]?[0-9]{1,18}(?:\.0*)?").fillna(False).to_numpy(bool)
    parts = numbers.where(whole).str.replace(r"\.0*$", "", regex=True)
    values = pd.to_numeric(parts.astype(object), errors="coerce").astype("Int64")
    broken = numbers.notna().to_numpy() & ~whole
    part = Misread(broken, _("not a whole number"), _("write a whole number"))
    return Values(values, (_not_a_number(text, numbers), part))


def _not_a_number(text: pd.Series, numbers: pd.Series) -> Misread:
    return _unread(
        text, numbers, _("not a number"), _("write digits, e.g. 1234.50, 1,234.50 or 1.2万")
    )


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
