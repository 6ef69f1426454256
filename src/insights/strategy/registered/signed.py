"""Verdicts that people signed: shown beside what was computed, never in its place."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import Any

import pandas as pd

from insights.features import known
from insights.strategy.effect import verdict_words
from insights.tables import Tables, as_date
from insights.words import _, listing

VOCABULARY = {
    "worked": "worked",
    "did_not_work": "did_not_work",
    "cannot_tell": "cannot_tell",
    "有效": "worked",
    "无效": "did_not_work",
    "待观察": "cannot_tell",
    "数据不足": "cannot_tell",
}


@dataclass(frozen=True)
class SignedVerdict:
    """One signed verdict. ``verdict`` is empty where ``value`` is none of the vocabulary."""

    decision_id: str
    value: str
    verdict: str
    decided_on: dt.date
    until_on: dt.date | None = None
    decided_by: str = ""
    reason: str = ""

    def disagrees(self, computed: str) -> bool:
        """Say whether the computed verdict is another one; an unknown value agrees with none."""
        return self.verdict != computed

    def beside(self, computed: str, insufficient: bool) -> str:
        """Return the sentence that sets the signed beside the computed verdict."""
        head = _("Signed: {value} on {day} by {who}{why}").format(
            value=self.value, day=self.decided_on, who=self.decided_by or _("nobody named"),
            why=f" ({self.reason})" if self.reason else "",
        )  # fmt: skip
        return f"{head}; {self._against(computed, verdict_words(computed, insufficient))}."

    def _against(self, computed: str, words: str) -> str:
        if not self.verdict:
            known_words = listing(list(VOCABULARY), limit=len(VOCABULARY))
            return _("that is no verdict, write one of {known}; computed: {words}").format(
                known=known_words, words=words
            )
        if self.disagrees(computed):
            return _("computed: {words}; the two disagree").format(words=words)
        return _("computed: {words}, the same").format(words=words)


@dataclass(frozen=True)
class SignOff:
    """The verdicts signed by a day, oldest first, and rows that could not be placed in time."""

    verdicts: tuple[SignedVerdict, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def latest(self) -> SignedVerdict | None:
        """Return the verdict signed last, or None."""
        return self.verdicts[-1] if self.verdicts else None


def sign_off(tables: Tables, strategy_id: str, as_of: str | dt.date | pd.Timestamp) -> SignOff:
    """Which verdicts on a strategy had people signed by as_of?

    Decisions of kind ``verdict``; of one day the higher decision_id is the later. A value outside
    the vocabulary stays, named; a row without a date is a fault, for nothing says when it was.
    """
    rows = known(tables, "decisions", as_date(as_of))
    mine = rows.filter((rows.kind == "verdict") & (rows.subject_id == strategy_id))
    found = list(mine.order_by(["decided_on", "decision_id"]).execute().itertuples(index=False))
    dated = [row for row in found if pd.notna(row.decided_on)]
    words = _("decisions {decision}: decided_on is missing; the verdict {value!r} is not counted")
    return SignOff(
        tuple(_signed(row) for row in dated),
        tuple(
            words.format(decision=row.decision_id, value=row.value)
            for row in found
            if pd.isna(row.decided_on)
        ),
    )


def _signed(row: Any) -> SignedVerdict:
    written = row.value if isinstance(row.value, str) else ""
    return SignedVerdict(
        decision_id=str(row.decision_id),
        value=written or _("nothing"),
        verdict=_meant(written),
        decided_on=pd.Timestamp(row.decided_on).date(),
        until_on=None if pd.isna(row.until_on) else pd.Timestamp(row.until_on).date(),
        decided_by=row.decided_by if isinstance(row.decided_by, str) else "",
        reason=row.reason if isinstance(row.reason, str) else "",
    )


def _meant(written: str) -> str:
    """Return the verdict that words stand for, or nothing: no guess is made."""
    plain = unicodedata.normalize("NFKC", written).strip().lower()
    return VOCABULARY.get("_".join(plain.replace("-", " ").replace("_", " ").split()), "")
