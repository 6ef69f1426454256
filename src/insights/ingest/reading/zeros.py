"""Number formats that make codes of numbers: 0000, "C"0000, 000-0000."""

from __future__ import annotations

import re

FEWEST = 2  # zeros in a format of codes: 0"箱" shows a quantity
COLOURS = "Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|黑色|蓝色|青色|绿色|洋红|红色|白色|黄色"
UNSEEN = re.compile(rf"_.|\*.|\[\$-[0-9A-F]+\]|\[(?:{COLOURS})\]", re.IGNORECASE)
PART = re.compile(r'"([^"]*)"|\\(.)|(0)|([ ()+-])')
SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*')


def code_format(form: str) -> tuple[str, ...]:
    """Return the parts of a format of zeros and letters around them: "0" is a digit's place, any
    other part stands as it is (after a mark, so that a letter 0 is none). Nothing of other formats.
    """
    positive = SECTION.match(form)
    shown = UNSEEN.sub("", positive[0]) if positive else ""
    if PART.sub("", shown):
        return ()
    parts = [
        "0" if zero else f"={quoted}{escaped}{plain}"
        for quoted, escaped, zero, plain in PART.findall(shown)
    ]
    return tuple(parts) if parts.count("0") >= FEWEST else ()


def in_code_format(digits: str, form: tuple[str, ...]) -> str:
    """Return a whole number as a format of ``code_format`` shows it; the first place takes all
    digits that have none.
    """
    places = form.count("0")
    padded = digits.zfill(places)
    extra = len(padded) - places
    each = iter([padded[: extra + 1], *padded[extra + 1 :]])
    return "".join(next(each) if part == "0" else part[1:] for part in form)
