"""When a customer receives visitors: the weekdays written in ``customers.reception``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

from insights.words import _, listing

ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHINESE = {name: day for day, name in enumerate("一二三四五六日")} | {"天": 6}
WORKING_WEEK = frozenset(range(5))
LONG = (
    r"mon(?:day)?|tue(?:sday|s)?|wed(?:nesday)?|thu(?:rsday|rs|r)?|"
    r"fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
DAY = rf"(?:{LONG}|(?:周|星期|礼拜|週)?[一二三四五六日天])"
FIRST = rf"(?:{LONG}|(?:周|星期|礼拜|週)[一二三四五六日天])"
SPAN = r"\s*(?:-|~|to|至|到)\s*"
DAYS = re.compile(rf"({FIRST})(?:{SPAN}({DAY})|((?:\s*[/、和及,]?\s*(?:{DAY}))*))")
EVERY = re.compile(r"每天|每日|随时|daily|every\s*day|工作日|weekdays|working\s*days")
CLOCK = r"\d{1,2}(?:[:.点时]\d{0,2}分?)?"
HOURS = re.compile(
    rf"{CLOCK}{SPAN}{CLOCK}|{CLOCK}\s*(?:以?[前后])?|上午|下午|中午|全天|mornings?|afternoons?|am|pm|[ap]\.m\."
)
FURNITURE = re.compile(r"[\s,;/、()\[\]。.:和及的]|接待|来访|门诊|日")
DASHES = str.maketrans("—–", "--")


def reception_days(text: object) -> frozenset[int] | None:
    """On which weekdays (0 is Monday) may one call? None where nothing is written.

    Reads "Wed 14-17, Thu 14-17", "Mon-Fri", "周三 14-17", "周一至周五", "周三、周五下午" and
    "每天" (the working week). ``ValueError`` where part of the text is not understood: half a
    reading would close a door that stands open.
    """
    if not isinstance(text, str) or not text.strip():
        return None
    plain = unicodedata.normalize("NFKC", text).lower().translate(DASHES)
    found: set[int] = set()
    if EVERY.search(plain):
        found |= WORKING_WEEK
    for match in DAYS.finditer(plain):
        found |= _days(match)
    rest = FURNITURE.sub("", HOURS.sub("", DAYS.sub("", EVERY.sub("", plain))))
    if rest or not found:
        raise ValueError(_("reception {text!r} is not understood").format(text=text))
    return frozenset(found)


def reception_of(texts: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Return the weekdays of each customer, and in words whose text cannot be read.

    ``texts`` is indexed by customer_id. Who receives at no known time, for lack of a text or
    because it cannot be read, is None: the callers then allow every working day.
    """
    read, faults = {}, []
    for text in texts.dropna().unique():
        try:
            read[text] = reception_days(text)
        except ValueError:
            faults.append(text)
    wrong = texts[texts.isin(faults)].sort_index()
    told = [f"{customer} {text!r}" for customer, text in wrong.items()]
    days = pd.Series([read.get(text) for text in texts], index=texts.index, dtype="object")
    if not told:
        return days, ()
    words = _("customers.reception not understood, so every working day is allowed: {who}")
    return days, (words.format(who=listing(told)),)


def day_names(days: Iterable[int] | None) -> str:
    """Return weekdays for people to read; nothing where they are not known."""
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return "" if days is None else _(", ").join(names[day] for day in sorted(days))


def _days(match: re.Match[str]) -> set[int]:
    first, last, more = _day(match[1]), match[2], match[3]
    if last:
        return {(first + step) % 7 for step in range((_day(last) - first) % 7 + 1)}
    return {first, *(_day(one) for one in re.findall(DAY, more or ""))}


def _day(name: str) -> int:
    return ENGLISH.index(name[:3]) if name[:3] in ENGLISH else CHINESE[name[-1]]
