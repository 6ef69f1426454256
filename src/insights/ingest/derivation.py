"""The declared ways in which a canonical column is made of a file's columns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest import amounts, dates
from insights.ingest.mapping import Condition, Derivation
from insights.ingest.values import Misread
from insights.ingest.vocabulary import Vocabulary
from insights.words import _

SEPARATOR = "\x1f"  # between the parts of a hashed id: no export holds it
ID_LENGTH = 16  # hex digits: a collision among 10 million ids has a chance of 3 in a million
FACTOR_DIGITS = 10


@dataclass(frozen=True)
class Derived:
    """A column as made (text or timestamps) and what of it could not be made."""

    values: pd.Series
    misread: tuple[Misread, ...] = ()


def derive(frame: pd.DataFrame, how: Derivation, vocabulary: Vocabulary) -> Derived:
    """Return a column made of ``frame``'s; a blank input gives a blank."""
    if how.constant is not None:
        return Derived(pd.Series(str(how.constant), index=frame.index, dtype="str"))
    if how.number is not None:
        count = frame.groupby(list(how.number), sort=False, dropna=False).cumcount() + 1
        return Derived(count.astype("str"))
    parts = [_cells(frame[name], vocabulary) for name in how.inputs]
    if how.hash is not None:
        return Derived(_hashed(_joined(parts, SEPARATOR)))
    if how.format is not None:
        return _dated(_joined(parts, how.separator), how.format)
    if how.concat is not None:
        return Derived(_joined(parts, how.separator))
    return _signed(_scaled(parts, how), how.negate)


def fulfils(frame: pd.DataFrame, condition: Condition, vocabulary: Vocabulary) -> np.ndarray:
    """Return which rows of ``frame`` a condition takes; a blank is taken by ``not_equals`` only."""
    cells = _cells(frame[condition.column], vocabulary)
    if condition.not_null:
        return cells.notna().to_numpy(bool)
    if condition.equals is not None:
        return (cells == str(condition.equals)).fillna(False).to_numpy(bool)
    if condition.not_equals is not None:
        return ~(cells == str(condition.not_equals)).fillna(False).to_numpy(bool)
    if condition.one_of is not None:
        return cells.isin([str(item) for item in condition.one_of]).to_numpy(bool)
    numbers = pd.to_numeric(amounts.plain_numbers(cells).astype(object), errors="coerce")
    if condition.greater_than is not None:
        return (numbers > condition.greater_than).to_numpy(bool)
    return (numbers < condition.less_than).to_numpy(bool)


def _cells(raw: pd.Series, vocabulary: Vocabulary) -> pd.Series:
    text = raw.str.strip()
    return text.mask(text.isin(vocabulary.blanks))


def _joined(parts: Sequence[pd.Series], separator: str) -> pd.Series:
    if len(parts) == 1:
        return parts[0]
    return parts[0].str.cat(pd.concat(parts[1:], axis=1), sep=separator)


def _hashed(text: pd.Series) -> pd.Series:
    distinct = text.dropna().unique()
    names = {word: hashlib.sha256(word.encode()).hexdigest()[:ID_LENGTH] for word in distinct}
    return text.map(names).astype("str")


def _dated(text: pd.Series, form: str) -> Derived:
    read = dates.read_dates_as(text, form)
    unread = text.notna().to_numpy() & read.isna().to_numpy()
    reason = _("not a date of the declared form {form}").format(form=form)
    return Derived(
        read, (Misread(unread, reason, _("correct the date, or the form in the mapping")),)
    )


def _scaled(parts: Sequence[pd.Series], how: Derivation) -> Derived:
    if how.product is None:
        return Derived(parts[0] + how.unit if how.unit else parts[0])
    factors = [amounts.plain_numbers(part) for part in parts]
    broken = np.zeros(len(parts[0]), dtype=bool)
    for part, numbers in zip(parts, factors, strict=True):
        large = amounts.too_large(numbers, FACTOR_DIGITS)
        broken |= (part.notna().to_numpy() & numbers.isna().to_numpy()) | large
    made = amounts.product([numbers.mask(broken) for numbers in factors])
    reason = _("cannot be multiplied: not a number, or more than ten digits")
    return Derived(made, (Misread(broken, reason, _("correct the factor")),))


def _signed(made: Derived, negate: bool) -> Derived:
    if not negate:
        return made
    numbers = amounts.plain_numbers(made.values)
    turned = amounts.negated(numbers)
    return Derived(turned.where(numbers.notna(), made.values), made.misread)
