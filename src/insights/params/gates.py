"""When a source is too old or half loaded to report on. Units and reasons in ``base.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive, Share
from insights.words import _


@dataclass(frozen=True, config=STRICT)
class GatesParams:
    """What a source must be before a batch runs on it; ``when_held`` says what happens if not.

    tables: those that are looked at; a table of them that the source has not is no fault, unless
        ``required`` names it.
    stale_days: how far the last row may lie behind as_of; ``stale_days_of`` for single tables.
    least_rows_share: a last full month with less than this share of the usual month (the median
        of up to ``usual_months`` full months before it) is half loaded, if it also has less than
        this share of both a working day: of the usual month, and of the same month a year earlier
        (without one, of the least of the three months before).
    least_usual_rows: tables with fewer rows in a usual month are too irregular to tell; they are
        stale only further behind than twice their usual gap.
    """

    tables: tuple[str, ...] = ("orders", "channel_flow", "invoices", "payments", "visits")
    required: tuple[str, ...] = ()
    stale_days: Positive = 45
    stale_days_of: tuple[tuple[str, Positive], ...] = (("channel_flow", 75),)
    least_rows_share: Share = 0.5
    usual_months: Annotated[int, Field(ge=3)] = 12
    least_usual_rows: Positive = 20
    when_held: Literal["stop", "say"] = "stop"

    @model_validator(mode="after")
    def _tables_once(self) -> GatesParams:
        names = [name for name, _days in self.stale_days_of]
        if len(names) != len(set(names)):
            raise ValueError(_("stale_days_of names a table twice"))
        return self

    def bound_of(self, table: str) -> int:
        """Return how many days behind as_of a table may end."""
        return dict(self.stale_days_of).get(table, self.stale_days)
