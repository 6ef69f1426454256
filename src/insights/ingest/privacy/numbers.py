"""Phones, identity numbers, cards, addresses of e-mail and chat, positions: found by their form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from insights.ingest.privacy.kinds import Kind, Span

Accept = Callable[[str], bool]
GAP = r"[ .-]{0,2}"
PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
CHECK = "10X98765432"
CARD_PREFIX = re.compile(r"62|60|4|5[1-5]|35|2[2-7]|8[18]")
MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
BIRTH = re.compile(rf"\d{{6}}(?P<year>18\d\d|19\d\d|20[0-2]\d){MONTH_DAY}\d{{3}}[\dX]")
BIRTH_15 = re.compile(rf"\d{{8}}{MONTH_DAY}\d{{3}}")
LABEL = r"(?<!〔)(?:{words})(?:号码|编号|账号|帐号|号|ID|id)?[: ]{{0,3}}"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _bare(text: str) -> str:
    return re.sub(r"[ .-]", "", text).upper()


def _grouped(text: str) -> bool:
    """Digits are written in groups of two and more, or one by one; lists of numbers are not."""
    sizes = [len(part) for part in re.split(r"[ .-]+", text)]
    return min(sizes) >= 2 or (len(sizes) > 8 and max(sizes) == 1)


def is_identity_number(text: str) -> bool:
    """Tell whether 18 characters are a resident's number: by checksum, or by place and birth.

    A wrong check digit (a slip of the pen) still names a person: it is accepted where province and
    a birth between 1920 and 2009 are plausible, so that order numbers with a later date are not.
    """
    number = _bare(text)
    birth = BIRTH.fullmatch(number)
    if birth is None or not _grouped(text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False))
    plausible = PROVINCE.match(number) is not None and 1920 <= int(birth["year"]) <= 2009
    return CHECK[total % 11] == number[-1] or plausible


def is_bank_card(text: str) -> bool:
    """Tell whether 16 to 19 digits are a card: the prefix of an issuer and Luhn's checksum."""
    number = _bare(text)
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    luhn = (sum(digits[::2]) + sum(doubled)) % 10 == 0
    return luhn and CARD_PREFIX.match(number) is not None and _grouped(text)


def _is_old_identity_number(text: str) -> bool:
    return PROVINCE.match(text) is not None and BIRTH_15.fullmatch(text) is not None


def _is_licence(text: str) -> bool:
    return is_identity_number(text[9:])


def _is_phone(text: str) -> bool:
    """Eleven digits in groups as phones are written, not figures that stand in a row."""
    core = re.sub(r"^[+0]*\(?\+?86\)?[ -]*|[()]", "", text)
    groups = re.split(r"[ .-]+", core)
    dotted = "." in core and (" " in core or "-" in core)
    return _grouped(core) and not dotted and (len(groups[0]) > 2 or len(groups) > 8)


def _is_account(text: str) -> bool:
    return re.search(r"[\d_-]", text) is not None


def _always(text: str) -> bool:
    return True


_MOBILE = rf"(?:(?:\+|00)?\(?\+?86\)?[ -]{{0,2}})?0?1[ .-]?[3-9](?:{GAP}\d){{9}}(?!\d)"
_AREA = r"(?:10|2\d|[3-9]\d\d)"
_LINE = r"[2-8]\d{2,3}[ -]?\d{4}(?:[ -]{0,2}(?:转|ext\.?|分机|#|-)[ -]?\d{1,6})?(?!\d)"
# In this order: what one has found, the next no longer sees. The last group is what is scrubbed.
FORMS: tuple[tuple[Kind, re.Pattern[str], Accept], ...] = (
    ("email", _compiled(
        r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9._%+-]+(?:@| ?[\[(]at[\])] ?)[A-Za-z0-9-]+"
        r"(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})"), _always),
    ("position", _compiled(
        r"(?<![\d.])([1-5]?\d\.\d{3,} ?[,;/ ] ?(?:7[3-9]|[89]\d|1[0-3]\d)\.\d{3,}"
        r"|(?:7[3-9]|[89]\d|1[0-3]\d)\.\d{3,} ?[,;/ ] ?[1-5]?\d\.\d{3,})"), _always),
    ("id_number", _compiled(r"(?<!\d)(\d{26}[\dXx])(?![\dA-Za-z])"), _is_licence),
    ("id_number", _compiled(
        r"(?<!\d)([1-9](?:[ .-]?\d){16}[ .-]?[\dXx])(?![\dA-WYZa-wyz])"), is_identity_number),
    ("bank_card", _compiled(
        LABEL.format(words=r"银行卡|工资卡|储蓄卡|借记卡|信用卡|卡(?=[号: \d])")
        + r"(\d(?:[ -]?\d){11,20})"),
     _always),
    ("bank_card", _compiled(r"(?<!\d)([2-68]\d{3}(?:[ -]?\d){12,15})(?!\d)"), is_bank_card),
    ("id_number", _compiled(
        LABEL.format(words="护照|通行证|军官证|台胞证|居留证|居住证|身份证|证件|执业证|资格证")
        + r"([A-Za-z]{0,2}\d[\dA-Za-z]{5,26})"), _always),
    ("id_number", _compiled(r"(?<!\d)(?<!\d\.)([1-8]\d{14})(?!\d)"), _is_old_identity_number),
    ("phone", _compiled(r"(?<!\d)((?:1[3-9]\d{9}){2,4})(?!\d)"), _always),
    ("phone", _compiled(rf"(?<!\d)({_MOBILE})"), _is_phone),
    ("phone", _compiled(
        rf"(?<!\d)((?:(?:\+|00)86[ -]?\(?0?|\(?0){_AREA}\)?[ -]{{0,2}}{_LINE})"), _always),
    ("phone", _compiled(
        r"(?<!\d)((?:\+|00)(?:(?:852|853|886)[ -]?\d|(?:81|82|65|44|49|33|61|7|91|1)[ -]\(?\d)"
        r"(?:[ )-]{0,2}\d){7,10})(?!\d)"), _always),
    ("phone", _compiled(
        r"(?i)(?<!〔)(?:电话|座机|固话|传真|致电|来电|办公室|联系方式|(?<![a-z])tel|phone)"
        r"(?:号码|号)?[:.是为 ]{0,3}([2-8]\d{2,3}[ -]?\d{4})(?!\d)"), _always),
    ("phone", _compiled(
        r"(?<![〇零一二三四五六七八九幺])([一幺][三四五六七八九][〇零一二三四五六七八九幺]{9})"
        r"(?![〇零一二三四五六七八九幺])"), _always),
    ("chat_account", _compiled(r"(?<![A-Za-z])(wxid_[A-Za-z0-9]{6,})"), _always),
    ("chat_account", _compiled(
        r"(?i)(?<!〔)(?:微信|威信|薇信|(?<![a-z])(?:weixin|wechat|wx|vx)|加v|加微|v信|钉钉|抖音|飞书|微博)"
        r"(?:号码|号|账号|帐号|id| id)?[ ]?[:是为]?[ ]?([a-z][-_a-z0-9]{5,19})"), _is_account),
    ("chat_account", _compiled(
        r"(?i)(?<!〔)(?:微信|威信|薇信|(?<![a-z])(?:weixin|wechat|wx|vx)|加v|加微|钉钉)"
        r"(?:号码?|账号|帐号|id|:|是|为)[: ]{0,2}(\d{6,12})(?!\d)"), _always),
    ("chat_account", _compiled(
        r"(?i)(?<!〔)(?:微信|威信|薇信|(?<![a-z])(?:weixin|wechat|wx|vx))(?:号码?|账号|帐号|id)?"
        r"[ ]?:[ ]?([a-z][-_a-z0-9]{5,19})(?![-_a-z0-9])"), _always),
    ("chat_account", _compiled(
        r"(?i)(?<!〔)(?:微信|wechat|wx|vx)(?:号码?|账号|帐号|id)[ ]?([a-z][-_a-z0-9]{5,19})"),
     _always),
    ("chat_account", _compiled(
        r"(?i)(?<![a-z])(?:qq|扣扣|企鹅)(?:号码?)?[ ]?[:是为]?[ ]?(\d{5,12})(?!\d)"), _always),
)  # fmt: skip


def number_spans(text: str) -> list[Span]:
    """Return where ``text`` (of plain width, see ``searched``) holds numbers that name a person.

    Mobile and landline phones (also +86, blanks, dashes, Chinese numerals), resident identity
    numbers of 18 and 15 digits, passports and the like by their label, bank cards, e-mail, chat
    accounts by their label, and pairs of coordinates. Company hotlines (400, 800, 95…) stay.
    """
    found: list[Span] = []
    for kind, pattern, accept in FORMS:
        spans = list(_spans(text, kind, pattern, accept))
        found += spans
        text = covered(text, spans)
    return found


def covered(text: str, spans: list[Span]) -> str:
    """Return ``text`` with what was found made unreadable, in the same length."""
    parts, at = [], 0
    for start, end, _kind in sorted(spans):
        parts += [text[at:start], "\x01" * (end - start)]
        at = end
    return "".join([*parts, text[at:]])


def _spans(text: str, kind: Kind, pattern: re.Pattern[str], accept: Accept) -> Iterator[Span]:
    """Yield accepted matches; after one that is refused, look again one character on."""
    at = 0
    while (match := pattern.search(text, at)) is not None:
        start, end = match.span(1)
        if accept(text[start:end]):
            yield Span(start, end, kind)
            at = end
        else:
            at = start + 1
