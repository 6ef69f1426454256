"""From what was read to what may be stored: privacy, names of customers, repeated rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from insights.ingest.batches import Batch
from insights.ingest.keys import without_repeats
from insights.ingest.made_ids import with_made_ids
from insights.ingest.names import NameMatches, match_batches
from insights.ingest.privacy import PrivacyReport, Problem, Scrub, through_the_door
from insights.ingest.several_invoices import Applied, applied_words, apply_payments
from insights.params import NamesParams, PrivacyParams


@dataclass(frozen=True)
class Settled:
    """What may be written and shown, and what was done to it on the way."""

    batches: list[Batch]
    notes: list[str]
    problems: list[Problem]
    privacy: PrivacyReport
    names: NameMatches | None = None
    applied: tuple[str, ...] = ()  # what became of payments that name several invoices


def settle(
    batches: Sequence[Batch],
    notes: Sequence[str],
    problems: Sequence[Problem],
    privacy: PrivacyParams,
    names: NamesParams,
) -> Settled:
    """Take people out, give rows told by a name their customer, hold back what is there twice.

    Customers told by a name are found first, by the name without people, so that a contact's code
    and a department's prescriptions hang on one customer however it was written; small cells are
    suppressed last, over rows that count once. Payments that name several invoices are applied once
    repeated rows are out of the way. ``PrivacyError`` where the door cannot be kept as
    the params ask.
    """
    found: list[NameMatches | None] = [None]

    def first(read: list[Batch], scrub: Scrub) -> list[Batch]:
        matched, found[0] = match_batches(read, names, scrub=scrub)
        return matched

    told: dict[int, Applied] = {}

    def between(read: list[Batch]) -> list[Batch]:
        applied, said = apply_payments(without_repeats(with_made_ids(read)))
        told.update(said)
        return applied

    passed = through_the_door(batches, notes, problems, privacy, between, first=first)
    settled = Settled(passed.batches, passed.notes, passed.problems, passed.report)
    words = tuple(applied_words(passed.batches[n], one) for n, one in told.items())
    return replace(settled, names=found[0], applied=words)
