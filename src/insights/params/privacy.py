"""What of people is kept when exports come in. Units and reasons in ``params/base.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive, Share
from insights.words import _


@dataclass(frozen=True, config=STRICT)
class PrivacyParams:
    """Privacy at the door: contacts, names in texts, small cells, how long facts are kept."""

    contacts: Literal["drop", "hash"] = "drop"
    rep_names: Literal["replace", "keep"] = "replace"
    key_variable: str = "INSIGHTS_CONTACT_KEY"
    key_file: str | None = None
    key_length: Annotated[int, Field(ge=16)] = 32
    names_file: str | None = None
    kept_words: tuple[str, ...] = ()
    personal_share: Share = 0.5
    min_cell: Positive = 5
    complementary: bool = True
    retention_months: Positive = 36
    retention_tables: tuple[str, ...] = (
        "visits", "call_plans", "needs", "feedback", "prescriptions", "dunning", "absences",
    )  # fmt: skip
    erased_contacts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _words_are_words(self) -> PrivacyParams:
        if any(len(word) < 2 for word in self.kept_words):
            raise ValueError(_("kept_words: a word has two characters or more"))
        return self
