"""Numbers as people write them: thousands, ¥ and 元, full width, brackets, 万 and 亿, percent."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from insights.ingest.chinese_numerals import chinese_number

PLAIN = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
GROUPED = r"[¥￥]?[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?元?"
UNITS = {"千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
HEADER_UNITS = ("千", "万", "亿")  # that a header such as 金额(万元) adds to its cells
UNIT = "百万|千万|千|万|亿"
NUMBER = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]+\.?[0-9]*|\.[0-9]+)"
CURRENCY = "人民币|RMB|CNY|¥"
WRITTEN = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-]?)(?P<before>{CURRENCY})?\s*(?P<mark>¥?)(?P<inner>[+-]?)\s*"
    rf"(?:(?P<scientific>[0-9](?:\.[0-9]+)?E[+-]?[0-9]{{1,3}})|(?P<digits>{NUMBER})"
    rf"\s*(?P<unit>{UNIT})?|(?P<terms>[0-9]+亿[0-9]+(?:\.[0-9]+)?[千百]?万|"
    rf"(?:[0-9]+亿)?(?:[0-9]+万)[0-9]{{3,4}}(?:\.[0-9]+)?|[0-9]+万[0-9]千|"
    rf"[0-9]+亿[0-9]+万[0-9]千))"
    rf"\s*(?P<percent>%)?\s*(?:元整?|CNY|RMB|人民币)?(?P<trailing>-)?(?P<close>\))?(?P<after>{UNIT})?"
)
TERM = re.compile(r"(?P<digits>[0-9]+(?:\.[0-9]+)?)(?P<unit>百万|千万|千|万|亿)?")
CHINESE = re.compile(rf"(?P<open>\()?(?:{CURRENCY})?:?(?P<words>[^()]*[零〇一-龥])(?P<close>\))?")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
ALIKE = FULL_WIDTH | {ord("￥"): "¥", ord("−"): "-", ord("﹣"): "-", 0x3000: " "}
THIN = "\u00a0\u202f\u2009"  # spaces that never break: they group thousands
THIN_GROUPS = re.compile(
    rf"(?<![0-9.])[1-9][0-9]{{0,2}}(?:([{THIN}])[0-9]{{3}})(?:\1[0-9]{{3}})*(?![0-9])"
)
SEPARATORS = (
    r"[¥￥+-]?[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]+|[¥￥+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}"
    r"|[¥￥+-]?[0-9]+(?:,[0-9]+)+(?:\.[0-9]*)?|[¥￥+-]?[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]*)?"
)
FINEST = 8  # decimals kept of a factor or before rounding


def plain_numbers(text: pd.Series) -> pd.Series:
    """Return written numbers as plain decimals in text; NaN where it is not a number."""
    plain = text.str.fullmatch(PLAIN).fillna(False).to_numpy(bool)
    grouped = ~plain & text.str.fullmatch(GROUPED).fillna(False).to_numpy(bool)
    numbers = text.where(plain)
    if grouped.any():
        numbers = numbers.mask(grouped, text.str.replace(r"[¥￥,元]", "", regex=True))
    odd = text.notna().to_numpy() & ~plain & ~grouped
    if odd.any():
        written = {value: _plain(value) for value in text[odd].unique()}
        numbers = numbers.mask(odd, text.map(written).astype("str"))
    return numbers


def unclear_separators(text: pd.Series) -> np.ndarray:
    """Return where thousands and decimals cannot be told: 1.234,56 and 12,34,567 and 0,123."""
    distinct = pd.Series(text.dropna().unique(), dtype="str")
    normal = distinct.str.translate(ALIKE).str.strip()
    odd = normal.str.fullmatch(SEPARATORS).fillna(False) & plain_numbers(distinct).isna()
    return text.isin(distinct[odd]).to_numpy(bool)


def _plain(text: str) -> str | None:
    normal = THIN_GROUPS.sub(lambda found: re.sub(rf"[{THIN}]", "", found[0]), text)
    squeezed = normal.translate(ALIKE).strip().upper()
    value = _written(squeezed)
    if value is None and not squeezed.isascii():
        value = _in_chinese(squeezed)
    return None if value is None else format(value, "f")


def _written(text: str) -> Decimal | None:
    found = WRITTEN.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    minus = [found["open"], found["sign"], found["inner"], found["trailing"]]
    if sum(map(bool, minus)) > 1 or (found["percent"] and (found["unit"] or found["terms"])):
        return None
    if found["after"] and not _takes_unit(found):
        return None
    value = _size(found)
    if value is None:
        return None
    shifted = value.scaleb(-2 if found["percent"] else UNITS.get(found["after"] or "", 0))
    return -shifted if any(mark and mark != "+" for mark in minus) else shifted


def _takes_unit(found: re.Match[str]) -> bool:
    """A unit stands behind a bracket, a minus or an exponent, (1.2)万, where no other is."""
    if found["unit"] or found["terms"] or found["percent"] or "元" in found[0]:
        return False
    return bool(found["close"] or found["trailing"] or found["scientific"])


def _size(found: re.Match[str]) -> Decimal | None:
    if found["terms"]:
        return _sum_of_terms(found["terms"])
    digits = found["scientific"] or found["digits"].replace(",", "")
    return _exact(digits).scaleb(UNITS.get(found["unit"] or "", 0))


def _exact(digits: str) -> Decimal:
    return Decimal(digits)


def _sum_of_terms(text: str) -> Decimal | None:
    """Add 1亿2000万; each part must be smaller than the unit before it."""
    total, room = Decimal(0), None
    for digits, unit in TERM.findall(text):
        value = Decimal(digits).scaleb(UNITS.get(unit, 0))
        if room is not None and value >= room:
            return None
        total, room = total + value, Decimal(1).scaleb(UNITS.get(unit, 0))
    return total


def _in_chinese(text: str) -> Decimal | None:
    found = CHINESE.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    value = chinese_number(found["words"].strip())
    if value is None or (found["open"] and value < 0):
        return None
    return -value if found["open"] else value


def negated(numbers: pd.Series) -> pd.Series:
    """Return plain decimals with the other sign."""
    minus = numbers.str.startswith("-").fillna(False)
    bare = numbers.str.lstrip("+-")
    return bare.where(minus, "-" + bare)


def too_large(numbers: pd.Series, digits: int = 16) -> np.ndarray:
    """Return where a plain decimal has more than ``digits`` digits before its point."""
    return (
        numbers.str.fullmatch(rf"[+-]?0*[1-9][0-9]{{{digits},}}(?:\..*)?")
        .fillna(False)
        .to_numpy(bool)
    )


def too_fine(numbers: pd.Series) -> np.ndarray:
    """Return where a plain decimal has more than two decimals (trailing zeros aside)."""
    return (
        numbers.str.fullmatch(r"[+-]?[0-9]*\.[0-9][0-9][0-9]*[1-9][0-9]*")
        .fillna(False)
        .to_numpy(bool)
    )


def product(factors: list[pd.Series]) -> pd.Series:
    """Multiply plain decimals exactly, to eight decimals; factors up to ten digits."""
    total = _decimals(factors[0])
    for factor in factors[1:]:
        exact = pc.multiply(total, _decimals(factor))
        total = pc.round(exact, FINEST, "half_towards_infinity").cast(
            pa.decimal128(38, FINEST), safe=False
        )
        if factor is not factors[-1]:
            total = total.cast(pa.decimal128(18, FINEST))
    return pd.Series(total.cast(pa.string()).to_pandas(), index=factors[0].index, dtype="str")


def cents(numbers: pd.Series) -> pd.Series:
    """Return plain decimals as whole cents (Int64), rounded half away from zero."""
    cut = numbers.str.replace(rf"(\.\d{{{FINEST}}})\d+", r"\1", regex=True)
    exact = pa.array(cut, pa.string()).cast(pa.decimal128(38, FINEST))
    rounded = pc.round(exact, 2, "half_towards_infinity").cast(pa.decimal128(30, 2), safe=False)
    whole = pc.multiply(rounded, pa.scalar(Decimal(100), pa.decimal128(3, 0))).cast(pa.int64())
    return pd.Series(whole.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)).set_axis(
        numbers.index
    )


def as_money(whole_cents: pd.Series) -> pa.Array:
    """Return whole cents as decimal(18, 2), exactly."""
    count = pa.array(whole_cents, pa.int64()).cast(pa.decimal128(19, 0))
    hundredth = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))
    return pc.multiply(count, hundredth).cast(pa.decimal128(18, 2))


def _decimals(numbers: pd.Series) -> pa.Array:
    cut = numbers.str.replace(rf"(\.\d{{{FINEST}}})\d+", r"\1", regex=True)
    return pa.array(cut, pa.string()).cast(pa.decimal128(18, FINEST))
