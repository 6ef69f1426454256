"""People's names in a text, found by rules: a surname beside a title, a cue, a whole cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from insights.ingest.privacy.surnames import COMPOUND, FAMILIAR, SINGLE, STRONG
from insights.ingest.privacy.titles import (
    AFTER_NAME,
    CUE,
    ENGLISH,
    FAMILIAR_NEXT,
    INSTITUTION,
    MARK,
    NOT_IN_NAMES,
    PINYIN_BEFORE,
    SHORT_TITLE,
    TITLE,
)

IsWord = Callable[[str], bool]
Finder = Callable[[str, IsWord], Iterator[tuple[int, int]]]
FAMILIAR_NAME = re.compile(f"[小老]([{''.join(sorted(FAMILIAR))}])")
_ALONE = f"(?:[{''.join(sorted(FAMILIAR))}]|{'|'.join(COMPOUND)})[一-鿿]{{1,2}}"
WHOLE = re.compile(
    rf"(?:(?<=[\x00\n,;/、。:：；，|()（）\s])|^)({_ALONE})(?=[\x00\n,;/、。；，|()（）\s]|$)"
)
WHOLE_GATE = rf"(?:^|[\n,;/、。:：；，|()（）\s]){_ALONE}(?:[\n,;/、。；，|()（）\s]|$)"
CUE_WORDS = re.sub(r"\?P<\w+>|\(\?<!.\)", "", CUE.pattern)
AREA_OR_UNIT = frozenset("科院区部室市县省处所站镇乡村街路药")
OUTSIDE_A_NAME = frozenset(
    "科院区部室市县省处所站的个位级名中心籍型类性式版组团线店队会班期月日女男大小老新多众牙军村系社"
    "有当一二三厅局总副特外内全主住门急接值资"
)


def _before_titles(text: str, is_word: IsWord) -> Iterator[tuple[int, int]]:
    for match in TITLE.finditer(text):
        end = match.start()
        if end and text[end - 1] in " (（·":
            end -= 1
        start = _name_start(text, end, is_word)
        if start is not None and not _of_institution(text, match.end()):
            yield start, end


def _before_short_titles(text: str, is_word: IsWord) -> Iterator[tuple[int, int]]:
    for match in SHORT_TITLE.finditer(text):
        start = match.start() - 1
        if start >= 0 and text[start] in FAMILIAR and not _joined(text, start, is_word):
            whole = text[start : match.end()]
            if not is_word(whole) and not is_word(text[start : match.end() + 1]):
                yield start, match.start()


def _latin(text: str, is_word: IsWord) -> Iterator[tuple[int, int]]:
    for pattern in (ENGLISH, PINYIN_BEFORE):
        for match in pattern.finditer(text):
            yield match.span(1)


def _familiar(text: str, is_word: IsWord) -> Iterator[tuple[int, int]]:
    for match in FAMILIAR_NAME.finditer(text):
        end = match.end()
        after = text[end : end + 1]
        ends = not after or not _is_chinese(after) or after in FAMILIAR_NEXT
        if ends and not is_word(match[0]) and not is_word(text[match.start() : end + 1]):
            yield match.start(), end


def _after_cues(text: str, is_word: IsWord) -> Iterator[tuple[int, int]]:
    for match in CUE.finditer(text):
        mark = MARK.match(text, match.end())
        if match["deed"] and _within_a_clause(text, match):
            continue
        start = mark.end() if mark else match.end()
        end = _name_end(text, start, is_word, _surnames(match, bool(mark)))
        if (
            end is not None
            and not _of_institution(text, end)
            and _certain(text, match if not mark else None, start, end)
        ):
            yield start, end


def _alone(text: str, is_word: IsWord) -> Iterator[tuple[int, int]]:
    for match in WHOLE.finditer(text):
        name = match[1]
        if _titled(text, match.start(1) + 1):
            continue
        blocked = is_word(name) or is_word(name[:2]) or any(c in NOT_IN_NAMES for c in name[1:])
        if not blocked and name[-1] not in OUTSIDE_A_NAME and len(name) > 2:
            yield match.span(1)


def _name_start(text: str, end: int, is_word: IsWord) -> int | None:
    """Return where the name that ends before a title begins: the longest that can be one."""
    for length in (4, 3, 2):
        name = text[end - length : end] if length <= end else ""
        if name[:2] in COMPOUND and all(map(_is_chinese, name)):
            return end - length
    doubtful = None
    for length in (3, 2, 1):
        start = end - length
        if start < 0 or not _could_be_name(text, start, end, is_word):
            continue
        if length == 3 and is_word(text[start : start + 2]):
            doubtful = start if text[end - 1] not in OUTSIDE_A_NAME else None
            continue
        return start
    return doubtful


def _could_be_name(text: str, start: int, end: int, is_word: IsWord) -> bool:
    name = text[start:end]
    if name[0] not in SINGLE or not all(_is_chinese(c) and c not in NOT_IN_NAMES for c in name[1:]):
        return False
    return not is_word(name) and not _joined(text, start, is_word)


def _name_end(text: str, start: int, is_word: IsWord, surnames: frozenset[str]) -> int | None:
    """Return where the name that begins after a cue ends."""
    name = text[start : start + 3]
    compound = text[start : start + 2] in COMPOUND
    if compound:
        return min(len(text), start + (4 if _is_chinese(text[start + 3 : start + 4]) else 3))
    if len(name) < 2 or name[0] not in surnames or is_word(name[:2]) or is_word(name):
        return None
    if not _is_chinese(name[1]) or name[1] in NOT_IN_NAMES or _titled(text, start + 1):
        return None
    third = name[2:]
    long = bool(third) and _is_chinese(third) and third not in AFTER_NAME
    if long and (third in AREA_OR_UNIT or is_word(text[start + 2 : start + 4])):
        return None
    return start + (3 if long else 2)


def _joined(text: str, start: int, is_word: IsWord) -> bool:
    """Tell whether the character at ``start`` ends a common word: 处方, 儿童, 提高."""
    return any(
        is_word(text[start - n : start + 1]) and "\x00" not in text[start - n : start]
        for n in (1, 2)
        if start >= n
    )


def _within_a_clause(text: str, match: re.Match[str]) -> bool:
    """A short cue (和, 给, 找) counts at the beginning of a clause only."""
    before = text[match.start() - 1 : match.start()]
    return len(match[0]) == 1 and bool(before) and _is_chinese(before)


def _titled(text: str, at: int) -> bool:
    return bool(TITLE.match(text, at) or SHORT_TITLE.match(text, at))


def _surnames(cue: re.Match[str], marked: bool) -> frozenset[str]:
    """The weaker the cue, the fewer surnames are read after it."""
    if cue["meeting"] or (marked and cue["person"]):
        return SINGLE
    return STRONG if cue["person"] else FAMILIAR


def _certain(text: str, cue: re.Match[str] | None, start: int, end: int) -> bool:
    """After a title a surname that is also a word (高, 黄) needs a name that visibly ends."""
    after = text[end : end + 1]
    ends = not after or not _is_chinese(after) or after in AFTER_NAME
    return not (cue and cue["person"]) or text[start] in FAMILIAR or (ends and end - start > 2)


def _of_institution(text: str, end: int) -> bool:
    """Tell whether a name goes on as one of an institution: 李建国诊所."""
    return INSTITUTION.match(text, end) is not None


def _is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


_SURNAME = f"(?:[{''.join(sorted(SINGLE))}]|{'|'.join(COMPOUND)})"
# What a cell must hold for a rule to look at it (in RE2, for Arrow), the rule, and whether it is
# for text that people write only: names of things (products, institutions) hold a title at most.
RULES: tuple[tuple[str, Finder, bool], ...] = (
    (rf"{_SURNAME}[一-鿿]{{0,2}}[ (（·]?(?:{TITLE.pattern})", _before_titles, False),
    (rf"[{''.join(sorted(FAMILIAR))}][总工姐哥院局处董總]", _before_short_titles, False),
    (r"(?:Dr|Prof|Mr|Mrs|Ms|Miss|Doctor|Professor)[. ]|[A-Z][a-z]+ ?[(（]?[一-鿿]", _latin, False),
    (rf"(?:{CUE_WORDS})[ ]?[:：为是\-(（]?[ ]?{_SURNAME}", _after_cues, True),
    (FAMILIAR_NAME.pattern, _familiar, True),
    (WHOLE_GATE, _alone, True),
)
