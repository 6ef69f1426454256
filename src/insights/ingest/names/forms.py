"""The normal form of a hospital's or distributor's name: what spelling does not change."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property

import opencc

from insights.ingest.names.places import INNER_END, Place, split_place

DIGITS = "零一二三四五六七八九"
FORMAL = str.maketrans("〇○壹贰叁肆伍陆柒捌玖拾佰", "零零一二三四五六七八九十百")
NUMERAL = f"[0-9{DIGITS}十百]"
BEFORE = "附|人民|中心|中医|中西医|医|院|军医|妇|儿|职工|工人|临床|炮兵|部|门诊|康复|精神|肿瘤|分院"
ORDINAL = re.compile(rf"第({NUMERAL}+)|((?:[0-9{DIGITS}]{{2,}}|{NUMERAL}+(?={BEFORE})))")
ROUND = re.compile(rf"(?<=[0-9{DIGITS}])o|o(?=[0-9{DIGITS}])")
BLANK = re.compile(r"[\s\u200b-\u200f\ufeff·.\-_—–*#'\"“”‘’:~。]+")
BRACKETS = re.compile(r"[(\[{【〔《<]([^()\[\]{}【】〔〕《》<>]*)[)\]}】〕》>]")
WITHIN = re.compile(r"\(([^()]{1,6})\)(?=[^()]{2,})")  # a bracket that the name goes on after
LOOSE = re.compile(r"[()\[\]{}【】〔〕《》<>,;/|、+&]")
SEPARATORS = re.compile(r"[、,;/|]|原名|原:")
ROOMS = re.compile(r"(?<=院)(?:门诊|住院)?(?:中|西)?(?:药房|药库|药剂科|药学部|设备科|药械科)$")
CAMPUS = re.compile(
    r"^(.*?(?:医院|保健院|中心|总院|\d院))"
    r"([^院]{0,6}(?:院区|分院|分部)|[东南西北中新老]{1,2}(?:院|区|部)|本部|院本部|总部|\d部)$"
)
IN_BRACKETS = re.compile(
    r"^(?:[^医院\d]{1,5}(?:院区|分院)|[东南西北中新老]{1,2}[院区部]|本部|\d部)$"
)
SHORT = re.compile(r"(?<![附属\d])\d+[院医]$")
MAIN = ("", "本", "总")
WORDS = {  # written so -> meant so; the longest that stands there counts
    "中国人民武装警察部队": "武警",
    "中国人民武警部队": "武警",
    "武警部队": "武警",
    "中国人民解放军": "解放军",
    "股份有限公司": "公司",
    "有限责任公司": "公司",
    "有限公司": "公司",
    "附属医院": "附属医院",
    "附设医院": "附属医院",
    "附设": "附属",
    "附院": "附属医院",
    "中医医院": "中医医院",
    "中医院": "中医医院",
    "妇幼保健医院": "妇幼保健院",
    "妇幼保健中心": "妇幼保健院",
    "妇幼保健所": "妇幼保健院",
    "妇幼医院": "妇幼保健院",
    "妇幼院": "妇幼保健院",
    "妇保院": "妇幼保健院",
    "妇女儿童": "妇女儿童",
    "妇儿医院": "妇女儿童医院",
    "人民医院": "人民医院",
    "中医药大学": "中医药大学",
}
MEANT = re.compile("|".join(sorted(WORDS, key=len, reverse=True)))
ENDINGS = (  # short forms that only the end of a name tells
    (re.compile(r"(?<=\d)附属?(?:院|医)$"), "附属医院"),
    (re.compile(r"附(?=\d)"), "附属"),
    (re.compile(r"(?<=\d)附(?!属)"), "附属"),
    (re.compile(r"(\d+)附属"), r"附属\1"),
    (re.compile(r"人医$"), "人民医院"),
    (re.compile(r"(?<=人民|中心|附属|儿童|肿瘤|口腔|中医)医$"), "医院"),
    (re.compile(r"(?<=\d)(?:医|院)$"), "医院"),
    (re.compile(r"(?<=附属\d)$"), "医院"),
)
COUNTY = re.compile(r"^([\u4e00-\u9fff]{2,3})(?:市|县|区)(?=[\u4e00-\u9fff\d]{3,})")


@dataclass(frozen=True)
class Form:
    """A name taken apart: where it is, what it is called there, its numbers and its campus."""

    place: Place
    core: str
    numbers: tuple[str, ...]
    campus: str
    is_branch: bool  # 分院: often a hospital of its own, where 院区 is not
    is_short: bool  # ends in 一院 or 三医: 医院 or 人民医院, nobody can tell

    @cached_property
    def whole(self) -> str:
        """Return the core with its narrowest place before it, as it is compared."""
        return self.place.narrow + self.core


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def plain(text: str) -> str:
    """Return a name in simplified characters of one width, without blanks and marks."""
    flat = BLANK.sub("", unicodedata.normalize("NFKC", text).casefold())
    return ROUND.sub("0", _converter().convert(flat).translate(FORMAL))


def take_apart(name: str) -> tuple[Form, tuple[Form, ...]]:
    """Return the form of a name, and the forms of other names that it holds in brackets."""
    text = WITHIN.sub(r"\1", plain(name))
    inner = [part for found in BRACKETS.findall(text) for part in SEPARATORS.split(found) if part]
    campus = next((part for part in inner if IN_BRACKETS.match(number_words(part))), "")
    bare = without_brackets(text)
    if not bare or bare.endswith("公司"):
        return _form(LOOSE.sub("", text)), ()
    body = bare + campus
    others = [part for part in inner if len(part) > 3 and part != campus]
    return _form(LOOSE.sub("", body)), tuple(_form(LOOSE.sub("", part)) for part in others)


def without_brackets(text: str) -> str:
    """Return a plain text without what stands in brackets, however nested."""
    for _depth in range(3):
        text = BRACKETS.sub("", text)
    return text


def number_words(text: str) -> str:
    """Return a plain text with 第一, 一, 壹 and 三O一 as digits, where they number something."""
    return ORDINAL.sub(lambda found: _digits(found[1] or found[2]), text)


def _digits(numeral: str) -> str:
    if not set(numeral) & {"十", "百"}:
        return "".join(str(DIGITS.find(c)) if c in DIGITS else c for c in numeral)
    total, unit = 0, 0
    for char in numeral:
        if char in "十百":
            total += max(unit, 1) * (10 if char == "十" else 100)
            unit = 0
        else:
            unit = DIGITS.find(char) if char in DIGITS else int(char)
    return str(total + unit)


def _form(text: str) -> Form:
    place, rest = split_place(text)
    core = INNER_END.sub(r"\1", re.sub("^[市省](?!立)", "", rest))
    core = COUNTY.sub(r"\1", ROOMS.sub("", core))
    numbered = number_words(core)
    core = _written_out(numbered)
    campus, is_branch = "", False
    found = CAMPUS.match(core)
    if found:
        numbered = found[1]
        core, is_branch = _written_out(numbered), found[2].endswith("分院")
        campus = re.sub(r"(?:院区|分院|分部|院|区|部)$", "", found[2]) or found[2]
    campus = "" if campus in MAIN else campus
    is_short = bool(SHORT.search(numbered))
    return Form(place, core, tuple(sorted(re.findall(r"\d+", core))), campus, is_branch, is_short)


def _written_out(core: str) -> str:
    written = MEANT.sub(lambda found: WORDS[found[0]], core)
    for short, long in ENDINGS:
        written = short.sub(long, written)
    return written
