"""Numbers as people write them: thousands, ¥ and 元, full width, brackets, 万 and 亿, percent."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

PLAIN = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
GROUPED = r"[¥￥]?[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?元?"
UNITS = {"千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
WRITTEN = re.compile(
    r"(?P<open>\()?(?P<sign>[+-]?)(?:¥|CNY|RMB)?(?P<inner>[+-]?)"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?P<power>E[+-]?\d+)?"
    r"(?P<unit>百万|千万|千|万|亿)?(?P<percent>%)?元?(?P<trailing>-)?(?P<close>\))?"
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


def _plain(text: str) -> str | None:
    squeezed = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    found = WRITTEN.fullmatch(squeezed.replace("RMB", "").replace("−", "-"))
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    minus = [found["open"], found["sign"] == "-", found["inner"] == "-", found["trailing"]]
    if sum(map(bool, minus)) > 1:
        return None
    shift = UNITS.get(found["unit"] or "", 0) - (2 if found["percent"] else 0)
    try:
        value = Decimal(found["digits"].replace(",", "") + (found["power"] or ""))
        return format(value.scaleb(shift) * (-1 if any(minus) else 1), "f")
    except InvalidOperation:
        return None


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
