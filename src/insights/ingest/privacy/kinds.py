"""What counts as personal, and the word that takes its place in a text."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal[
    "name", "phone", "id_number", "email", "chat_account", "bank_card", "position", "address"
]
TOKENS: dict[Kind, str] = {
    "name": "〔姓名〕",
    "phone": "〔电话〕",
    "id_number": "〔证件〕",
    "email": "〔邮箱〕",
    "chat_account": "〔账号〕",
    "bank_card": "〔银行卡〕",
    "position": "〔位置〕",
    "address": "〔地址〕",
}
MASK = "〔"  # how each of them begins
WITHHELD = "〔不予保留〕"  # a value that says too much about a person in its row


class Span(NamedTuple):
    """A stretch of a text, ``start`` to ``end`` (exclusive), that is personal."""

    start: int
    end: int
    kind: Kind
