"""When a name is taken, asked about, or left: thresholds, each with its reason."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive, Share
from insights.words import _


@dataclass(frozen=True, config=STRICT)
class NamesParams:
    """Thresholds on similarity: the share of characters that need no edit (Levenshtein 1966), 0..1.

    Measured on 6,903 writings of 1,444 public hospitals, a fifth of them taken out of the master at
    a time (``python -m benchmarks names``). No score alone is enough: a name is taken only where
    what differs changes no meaning (``spelling``), at the same number, place and campus.

    automatic: least score that is taken. One slip in a name of five characters is 0.75 to 0.80.
        0.75 finds 0.706 and takes 0.65 % of absent houses; 0.85 finds 0.634 and takes 0.53 %; below
        0.75 little is won (0.707), and names of four characters leave nothing to recognise.
    doubtful: least score of the best candidate to be asked about; below it, "no customer comes
        near". Two edits in five characters.
    margin: how far the next customer must be behind. 0 takes one of two customers of the same name
        at will (recall 0.806, but by chance); 0.04 lies between a slip of another sound (0.05) and
        a place on one side only (0.03), which is no difference.
    own_characters: how many characters of its own a name needs to be taken where nothing tells
        its place (世纪坛 has three, 协和 two). With 2, 1.16 % of absent houses are taken instead of
        0.65 %, for 0.9 points of recall; 4 takes 0.53 % and finds 0.9 points less.
    edits: slips that are forgiven. None costs 13 points of recall; two win nothing.
    candidates, chunk: how many known names are looked at closely, and names compared at a time:
        memory is chunk x known names x 12 bytes.
    listed, shown: candidates of the review list, and the least score of one worth showing.
    """

    automatic: Share = 0.75
    doubtful: Share = 0.6
    margin: Share = 0.04
    own_characters: Positive = 3
    edits: Annotated[int, Field(ge=0)] = 1
    candidates: Positive = 12
    listed: Positive = 3
    shown: Share = 0.4
    chunk: Positive = 256

    @model_validator(mode="after")
    def _in_order(self) -> NamesParams:
        if not self.shown <= self.doubtful <= self.automatic:
            raise ValueError(_("needed: shown <= doubtful <= automatic"))
        return self
