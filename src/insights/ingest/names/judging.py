"""Do a name as it was written and one writing of a customer mean the same house?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import LCSseq, Levenshtein

from insights.ingest.names.forms import Form
from insights.ingest.names.known import KnownName, KnownNames
from insights.ingest.names.places import Place
from insights.ingest.names.spelling import likeness, own_part
from insights.params.names import NamesParams
from insights.words import _

How = Literal["exact", "alias", "campus", "fuzzy"]
PLACE_ASIDE = 0.97  # one of the two does not say where it is
LEVEL_ASIDE = 0.8  # the one is of a province, the other of a city in it
SCHOOL_ASIDE = 0.94  # the one is the other after 附属: below the margin of an exact match
SHORT_ASIDE = 0.95  # 三院 for 第三医院 or 第三人民医院
CAMPUS_ASIDE = 0.06
SHORTENED = 0.6  # every character is there in order, but most are left out
ARMY = ("解放军", "军医大学")
OWN = 2  # characters of its own that make 中山岐江中医院 the one of 中山市
ONE_SIDED = 0.8  # a number or a campus on one side only


@dataclass(frozen=True)
class AskedName:
    """A name of an export, and where the row says that house is."""

    form: Form
    beside: Place
    region_id: str = ""

    @cached_property
    def place(self) -> Place:
        """Return all that is told of where it is."""
        return self.form.place.joined(self.beside)


class Verdict(NamedTuple):
    """How alike two names are (0..1), by what, and what speaks against taking it unasked."""

    score: float
    how: How
    doubt: str = ""


def judge(
    asked: AskedName, known: KnownName, master: KnownNames, params: NamesParams
) -> Verdict | None:
    """Return the verdict on one pair; ``None`` where both name a campus, and not the same.

    Pairs that name different numbers, places or regions are no candidates: they never come here.
    """
    one, other = asked.form, known.form
    if one.campus != other.campus and one.campus and other.campus:
        return None
    verdict = _by_words(asked, known, master.pairs, params)
    if one.numbers != other.numbers:
        return Verdict(ONE_SIDED * verdict.score, "fuzzy", _("only one of the two has a number"))
    if one.campus == other.campus:
        return verdict
    if other.campus:
        return Verdict(ONE_SIDED * verdict.score, verdict.how, _("the master holds a campus only"))
    doubt = verdict.doubt
    if one.is_branch:
        doubt = _("a branch (分院) may be a hospital of its own")
    elif other.whole in master.campuses:
        doubt = _("the master holds other campuses of it")
    return Verdict(verdict.score - CAMPUS_ASIDE, "campus", doubt)


def _by_words(
    asked: AskedName, known: KnownName, pairs: frozenset[str], params: NamesParams
) -> Verdict:
    one, other = asked.form, known.form
    aside = _place_aside(one.place.narrow, other.place.narrow)
    if one.is_short and not other.is_short and _is_lengthened(one.core, other.core):
        return Verdict(SHORT_ASIDE * aside, "fuzzy", _unlocated(asked, known, params))
    if one.core == other.core:
        how: How = "exact" if known.source == "name" else "alias"
        return Verdict(aside, how, _unlocated(asked, known, params))
    if aside == 1:
        score = likeness(one.whole, other.whole, params.edits, pairs)
    else:
        score = likeness(one.core, other.core, params.edits, pairs) * aside
    if score:
        return Verdict(score, "fuzzy", _unlocated(asked, known, params))
    score = 0.0 if one.place.narrow else likeness(one.whole, other.whole, params.edits, pairs)
    if not score:
        return _by_resemblance(asked, known)
    one_place = score == 1 and other.place.city and len(own_part(other.core)) >= OWN
    doubt = _("province or city of one name") if score == 1 and not one_place else ""
    return Verdict(score, "fuzzy", doubt)


def _is_lengthened(short: str, long: str) -> bool:
    return long in (short, short.replace("医院", "人民医院"))


def _place_aside(one: str, other: str) -> float:
    if one == other:
        return 1.0
    return LEVEL_ASIDE if one and other else PLACE_ASIDE


def _unlocated(asked: AskedName, known: KnownName, params: NamesParams) -> str:
    """Equal words are one house where both are told to be in one place, or by an uncommon name."""
    if asked.form.place.contradicts(asked.beside):
        return _("its name and its row tell different places")
    one, other = asked.form.place.narrow, known.form.place.narrow
    if one == other and (one or known.source == "alias"):
        return ""
    told = asked.place.within(known.place) and known.place.within(asked.place)
    if (told and not (one and other)) or (one and not other and one in known.form.core):
        return ""
    needed = 2 if one == other and known.source == "name" else params.own_characters
    return "" if _weight(known.form) >= needed else _("nothing tells that the place is the same")


@lru_cache(maxsize=100_000)
def _weight(form: Form) -> int:
    """Return how much of a name is its own: characters, digits of long numbers, the army's."""
    own = len(own_part(form.core))
    digits = sum(len(number) for number in form.numbers if own or len(number) > 1)
    return own + digits + 2 * any(word in form.core for word in ARMY)


def _by_resemblance(asked: AskedName, known: KnownName) -> Verdict:
    """Names with other characters than slips: asked about, but for a school left out."""
    one, other = asked.form, known.form
    if _is_part(one.core, other.core) or _is_part(other.core, one.core):
        return _without_school(asked, known)
    score = max(
        Levenshtein.normalized_similarity(one.whole, other.whole),
        Levenshtein.normalized_similarity(one.core, other.core) * PLACE_ASIDE,
    )
    if LCSseq.similarity(one.core, other.core) == len(one.core):
        kept = len(one.core) / len(other.core)
        score = max(score, SHORTENED + (1 - SHORTENED) * 0.5 * kept)
    return Verdict(score, "fuzzy", _("characters differ that may mean another house"))


def _is_part(short: str, long: str) -> bool:
    return long.endswith(short) and len(own_part(short)) >= 2


def _without_school(asked: AskedName, known: KnownName) -> Verdict:
    """上海新华医院 for 上海交通大学医学院附属新华医院: sure where both are in one city."""
    long, short = sorted((asked.form.core, known.form.core), key=len, reverse=True)
    in_one_city = bool(asked.place.city) and asked.place.city == known.place.city
    school = long.removesuffix(short).endswith("附属")
    doubt = "" if in_one_city and school else _("one of the two names holds more than the other")
    return Verdict(SCHOOL_ASIDE, "fuzzy", doubt)
