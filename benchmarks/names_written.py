"""How distributors write hospitals: a name in, one wrong or other writing of it out.

Each writing takes a name as the master holds it (``title`` without its brackets) and a seeded
generator, and returns the other writing, or ``None`` where the name has nothing to change.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import opencc
from pypinyin import lazy_pinyin

Writing = Callable[[str, str, np.random.Generator], str | None]  # title, city and province, rng
CAPITAL = "零一二三四五六七八九"
FORMAL = "零壹贰叁肆伍陆柒捌玖"
PLACE = re.compile(r"^(?:[\u4e00-\u9fff]{2,3}省)?([\u4e00-\u9fff]{2,4}?市)(?=.{4,})")
CHARACTERS = "安华平东明康和仁济民同福德新光大天海江河山林春生长青云阳"
_traditional = opencc.OpenCC("s2t")


def random_typo(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """One character anywhere replaced by another."""
    at = int(rng.integers(len(title)))
    if title[at] in CAPITAL or title[at].isdigit() or title[at] in CHARACTERS[:1]:
        return None
    other = CHARACTERS[int(rng.integers(len(CHARACTERS)))]
    return None if other == title[at] else title[:at] + other + title[at + 1 :]


def sound_typo(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """One character replaced by another of the same sound, as a pinyin keyboard slips."""
    order = rng.permutation(len(title))
    for at in order:
        same = SOUNDS.get(lazy_pinyin(title[at])[0], "") if title[at] not in CAPITAL else ""
        others = same.replace(title[at], "")
        if others:
            return title[:at] + others[int(rng.integers(len(others)))] + title[at + 1 :]
    return None


def lost_character(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """One character left out, numbers kept."""
    at = int(rng.integers(len(title)))
    if title[at] in CAPITAL or title[at].isdigit():
        return None
    return title[:at] + title[at + 1 :]


def doubled_character(title: str, _place: str, rng: np.random.Generator) -> str | None:
    at = int(rng.integers(len(title)))
    if title[at] in CAPITAL or title[at].isdigit():
        return None
    return title[: at + 1] + title[at:]


def other_number(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """第一 as 一, 壹 or 1."""
    found = re.search(rf"第([{CAPITAL}])(?=人民|医院|中心|附属|中医)", title)
    if not found:
        return None
    number = CAPITAL.index(found[1])
    ways = [f"第{number}", f"第{FORMAL[number]}", found[1], str(number)]
    return title[: found.start()] + ways[int(rng.integers(4))] + title[found.end() :]


def short_form(title: str, _place: str, _rng: np.random.Generator) -> str | None:
    """附属第一医院 as 附一院, 第三人民医院 as 三院, 中医医院 as 中医院 and the like."""
    for pattern, short in SHORT:
        made, count = re.subn(pattern, short, title)
        if count:
            return made
    return None


def full_width(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """Digits for number words, all of full width, a wide blank inside."""
    made = title.translate(str.maketrans("0123456789()", "０１２３４５６７８９（）"))
    at = int(rng.integers(1, len(made)))
    return made[:at] + "\u3000" + made[at:]


def traditional(title: str, _place: str, _rng: np.random.Generator) -> str | None:
    made = _traditional.convert(title)
    return made if made != title else None


def marks(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """Blanks, brackets and what distributors append."""
    ways = ["{}(门诊药房)", " {} ", "{}（二级）", "“{}”", "{}*", "{}-药房", "{}【药库】"]
    return ways[int(rng.integers(len(ways)))].format(title)


def campus(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """A campus that the master does not hold apart."""
    if not title.endswith("医院"):
        return None
    return title + ["东院区", "（西院区）", "南区", "新院", "本部"][int(rng.integers(5))]


def place_added(title: str, place: str, _rng: np.random.Generator) -> str | None:
    return place + title if place and not title.startswith(place[:2]) else None


def place_repeated(title: str, place: str, _rng: np.random.Generator) -> str | None:
    """The province before a name that begins with its city."""
    found = re.match(r"^([\u4e00-\u9fff]{2,3}(?:省|自治区))", place)
    return found[1] + title if found and PLACE.match(title) else None


def place_dropped(title: str, _place: str, _rng: np.random.Generator) -> str | None:
    return PLACE.sub("", title) if PLACE.match(title) else None


def suffix_dropped(title: str, _place: str, _rng: np.random.Generator) -> str | None:
    """苏州市 as 苏州, 山东省 as 山东."""
    found = re.match(r"^([\u4e00-\u9fff]{2,4}?)[市省](?!立)(?=.{4,})", title)
    return found[1] + title[found.end() :] if found else None


def house_number_changed(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """Another house: its number is another."""
    found = re.search(rf"第([{CAPITAL[1:]}])(?=人民|医院|中心|附属|中医)", title)
    if not found:
        return None
    others = [c for c in CAPITAL[1:] if c != found[1]]
    return f"{title[: found.start()]}第{others[int(rng.integers(8))]}{title[found.end() :]}"


def city_changed(title: str, _place: str, rng: np.random.Generator) -> str | None:
    """Another house: it stands in another city."""
    found = PLACE.match(title)
    other = TOWNS[int(rng.integers(len(TOWNS)))]
    return other + title[found.end() :] if found and found[1] != other else None


SHORT = (
    (rf"附属第([{CAPITAL}])医院$", r"附\1院"),
    (rf"第([{CAPITAL}])附属医院$", r"\1附院"),
    (rf"第([{CAPITAL}])人民医院$", r"\1院"),
    (rf"第([{CAPITAL}])医院$", r"\1院"),
    (r"附属医院$", "附院"),
    (r"中医医院$", "中医院"),
    (r"妇幼保健院$", "妇保院"),
    (r"^中国人民解放军", "解放军"),
    (r"人民医院$", "人民医"),
    (r"中国人民武装警察部队", "武警"),
)
_TOWNS = (
    "永康市 大冶市 高邮市 昆山市 瑞安市 福清市 韩城市 诸暨市 桐城市 天长市 "
    "建瓯市 增城市 都匀市 凯里市 苏州市 抚州市 宿州市 泰州市 台州市 赣州市 "
    "惠州市 柳州市 徐州市 鄂州市 吉安市 集安市 海安市 淮安市"
)
TOWNS = _TOWNS.split()
SOUNDS = {
    "yi": "医一衣依伊艺", "yuan": "院元园原源远", "xin": "心新芯欣鑫", "zhong": "中钟忠仲众",
    "ren": "人仁任", "min": "民敏闽", "shi": "市是世石实", "fu": "附付福辅夫富", "shu": "属数书树",
    "da": "大达", "xue": "学雪", "zhou": "州洲周", "jiang": "江姜将", "hua": "华花化", "an": "安案",
    "shan": "山善", "kang": "康抗", "bao": "保宝", "jian": "健建", "you": "幼友佑", "er": "儿尔",
    "tong": "童同桐", "liu": "瘤刘", "qiang": "腔强", "jie": "结杰", "he": "合和河何",
    "ning": "宁柠", "hai": "海", "nan": "南男楠", "bei": "北贝", "dong": "东冬", "xi": "西希",
    "chang": "长常昌", "yang": "阳杨洋", "lian": "连莲联", "qing": "庆青清", "hu": "湖沪虎",
    "ji": "济吉集", "jing": "京晶精", "zi": "自子", "wu": "武五吴", "long": "龙隆", "ping": "平萍",
}  # fmt: skip
SAME_HOUSE: dict[str, Writing] = {
    "one character at random": random_typo,
    "one character of equal sound": sound_typo,
    "one character lost": lost_character,
    "one character doubled": doubled_character,
    "第一 as 一, 壹, 1": other_number,
    "short form (附一院, 三院)": short_form,
    "full width, blank inside": full_width,
    "traditional": traditional,
    "brackets, blanks, 药房": marks,
    "campus not in the master": campus,
    "place added": place_added,
    "province added": place_repeated,
    "city dropped": place_dropped,
    "市 or 省 dropped": suffix_dropped,
}
OTHER_HOUSE: dict[str, Writing] = {
    "another number": house_number_changed,
    "another city": city_changed,
}
