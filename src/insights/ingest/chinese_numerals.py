"""Amounts in Chinese numerals, as contracts and invoices write them: 壹仟贰佰叁拾肆元伍角陆分.

No library does it exactly: cn2an 0.5.24 (MIT, alive) returns binary floats and knows no 角 or 分
without 元 before them.
"""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {
    digit: value
    for value, digits in enumerate(
        (
            "零〇",
            "一壹弌",
            "二贰貳两兩",
            "三叁參叄",
            "四肆",
            "五伍",
            "六陆陸",
            "七柒",
            "八捌",
            "九玖",
        )
    )
    for digit in digits
}
SAME = str.maketrans(
    {"拾": "十", "佰": "百", "仟": "千", "萬": "万", "億": "亿", "圆": "元", "圓": "元", "块": "元",
     "毛": "角", "負": "负", "點": "点", "廿": "二十", "卅": "三十", "〇": "零"}
)  # fmt: skip
ONE = f"[{''.join(d for d, value in DIGITS.items() if value)}]"
ANY = f"[{''.join(DIGITS)}]"
BELOW_MYRIAD = re.compile(
    rf"(?:(?P<千>{ONE})千)?(?P<a>零)?(?:(?P<百>{ONE})百)?(?P<b>零)?"
    rf"(?:(?P<十>{ONE})?(?P<ten>十))?(?P<c>零)?(?P<ones>{ONE})?"
)
MONEY = re.compile(
    rf"(?P<minus>负)?(?:(?P<whole>[^元角分点]+)元)?"
    rf"(?:零?(?P<jiao>{ANY})角)?(?:零?(?P<fen>{ANY})分)?[整正]?"
)
NUMBER = re.compile(rf"(?P<minus>负)?(?P<whole>[^点]+?)(?:点(?P<part>{ANY}+)(?P<scale>[万亿])?)?")
SCALES = {"万": 4, "亿": 8, None: 0}


def chinese_number(text: str) -> Decimal | None:
    """Return what Chinese numerals say, exactly; None where they say nothing or two things.

    一万二 (12,000 in speech, 10,002 in writing), 一亿五百, 二三 and doubled units are None.
    """
    written = text.translate(SAME)
    money = MONEY.fullmatch(written)
    if money and any(money[part] for part in ("whole", "jiao", "fen")):
        return _signed(money["minus"], _money(money))
    number = NUMBER.fullmatch(written)
    return _signed(number["minus"], _number(number)) if number else None


def _signed(minus: str | None, value: Decimal | None) -> Decimal | None:
    return -value if minus and value is not None else value


def _money(found: re.Match[str]) -> Decimal | None:
    whole = _integer(found["whole"]) if found["whole"] else 0
    if whole is None:
        return None
    cents = 10 * DIGITS.get(found["jiao"], 0) + DIGITS.get(found["fen"], 0)
    return Decimal(whole) + Decimal(cents).scaleb(-2)


def _number(found: re.Match[str]) -> Decimal | None:
    whole = _integer(found["whole"])
    if whole is None or found["part"] is None:
        return None if whole is None else Decimal(whole)
    digits = "".join(str(DIGITS[digit]) for digit in found["part"])
    return (Decimal(whole) + Decimal(f"0.{digits}")).scaleb(SCALES[found["scale"]])


def _integer(text: str) -> int | None:
    """Return a whole number to 9999万亿; the parts below 亿 and 万 must be told apart by a 零."""
    if set(text) == {"零"}:
        return 0 if len(text) == 1 else None
    head, hundred_million, tail = text.rpartition("亿")
    if not hundred_million:
        return _below_hundred_million(tail)
    high = _below_hundred_million(head)
    low = _below_hundred_million(tail) if tail else 0
    if not high or low is None or (tail and "万" not in tail and not tail.startswith("零")):
        return None
    return high * 10**8 + low


def _below_hundred_million(text: str) -> int | None:
    head, myriad, tail = text.rpartition("万")
    if not myriad:
        return _below_myriad(tail)
    high = _below_myriad(head)
    low = _below_myriad(tail) if tail else 0
    if not high or low is None or (len(tail) == 1 and tail in DIGITS):
        return None
    return high * 10**4 + low


def _below_myriad(text: str) -> int | None:
    found = BELOW_MYRIAD.fullmatch(text.removeprefix("零"))
    if found is None or text.startswith("零零") or text.endswith("零"):
        return None
    spoken = found["ones"] and not found["c"] and not found["ten"] and not found["b"]
    if spoken and (found["百"] or (found["千"] and not found["a"])):
        return None
    tens = DIGITS.get(found["十"], 1) if found["ten"] else 0
    thousands, hundreds = DIGITS.get(found["千"], 0), DIGITS.get(found["百"], 0)
    return 1000 * thousands + 100 * hundreds + 10 * tens + DIGITS.get(found["ones"], 0)
