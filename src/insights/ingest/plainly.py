"""Words around a number that say nothing else: 60天, 月结90天; a unit that the header has too."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest.amounts import plain_numbers
from insights.tables import Column
from insights.words import _, listing

DAYS = re.compile(
    r"(?:月结|账期|信用期|票到|到票|货到|到货|开票后?|验收后?|net|T\+)?\s*([0-9]{1,4})\s*(?:天|日|days?)?\s*"
    r"(?:内|后|月结)?",
    re.IGNORECASE,
)
SHOWN = 3


@dataclass(frozen=True)
class Plain:
    """Texts without such words; ``where`` texts were, and the words to tell it in ({n} rows)."""

    texts: pd.Series
    where: np.ndarray
    said: str = ""


def plainly(texts: pd.Series, column: Column, unit: str, of_master: bool) -> Plain:
    """Return a column's texts, numbers of days and amounts written plainly.

    ``unit``: what a header or a mapping added to each cell. 200万 in a column of 万元 is 200万 in a
    master; an amount of a fact stays as it is, for somebody to look at.
    """
    if column.type == "int" and column.name.endswith("_days"):
        return _days(texts)
    if column.type == "money" and unit and of_master:
        return _one_unit(texts, unit)
    return Plain(texts, np.zeros(len(texts), dtype=bool))


def _days(texts: pd.Series) -> Plain:
    if texts.dtype.kind == "M":
        return Plain(texts, np.zeros(len(texts), dtype=bool))
    plain = texts.str.normalize("NFKC").str.strip()
    found = plain.str.extract(rf"^{DAYS.pattern}$", flags=re.IGNORECASE, expand=False)
    where = (found.notna() & plain_numbers(texts).isna()).to_numpy(bool)
    words = _("{n:,} cells read as days: {examples}")
    return _replaced(texts, found, where, words)


def _one_unit(texts: pd.Series, unit: str) -> Plain:
    bare = texts.str.strip().str.removesuffix(unit)
    fits = plain_numbers(texts).isna() & plain_numbers(bare).notna()
    words = _("{n:,} cells have a unit of their own, which is taken: {examples}")
    return _replaced(texts, bare, fits.to_numpy(bool), words, named=False)


def _replaced(
    texts: pd.Series, plain: pd.Series, where: np.ndarray, words: str, named: bool = True
) -> Plain:
    if not where.any():
        return Plain(texts, where)
    pairs = pd.DataFrame({"text": texts[where], "plain": plain[where]}).drop_duplicates()
    examples = [f"{text} = {meant}" if named else meant for text, meant in pairs.to_numpy()]
    said = words.replace("{examples}", listing(examples, SHOWN))
    return Plain(texts.mask(where, plain), where, said)
