"""The door: everything that was read goes through it before anything is written or shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.privacy.opening import Door, open_door
from insights.ingest.privacy.places import place_names
from insights.ingest.privacy.report import PrivacyReport, privacy_report
from insights.ingest.privacy.steps import clean_values, mask_held, not_taken, suppress
from insights.params.privacy import PrivacyParams

Problem = tuple[str, str, str]  # of a whole file: its name, reason, remedy
Scrub = Callable[[pd.Series], pd.Series]


@dataclass(frozen=True)
class Passed:
    """What came through the door: batches ready to be written, words ready to be shown."""

    batches: list[Batch]
    notes: list[str]
    problems: list[Problem]
    report: PrivacyReport


def through_the_door(
    batches: Sequence[Batch],
    notes: Sequence[str],
    problems: Sequence[Problem],
    params: PrivacyParams,
    between: Callable[[list[Batch]], list[Batch]] = list,
    environment: Mapping[str, str] | None = None,
    first: Callable[[list[Batch], Scrub], list[Batch]] = lambda batches, _scrub: batches,
) -> Passed:
    """Which of what was read may be stored and shown, and what became of the rest?

    Nothing may be written or printed of the first three before. ``first`` (the search for
    customers told by a name) gets what takes people out of a column of text. Contacts are dropped
    (each row an expected fault) or hashed, texts scrubbed, lines of doctors added up; then comes
    ``between`` (the search for repeated rows, which needs whole cells); then small cells are
    suppressed over all files together, and rows held back and faults name nobody. read = accepted
    + quarantined holds. Errors as ``open_door``.
    """
    door = open_door(batches, params, environment)
    named = first(list(batches), lambda text: door.scrubber.scrub(text).values)
    made = [clean_values(batch, door) for batch in named]
    clean = [batch for batch, _done in made]
    handled = [one for _batch, done in made for one in done] + not_taken(clean, door)
    whole, suppressed = suppress(between(clean), door)
    masked = [mask_held(batch, door) for batch in whole]
    plain = door.scrubber.scrub_word
    done = [one._replace(column=plain(one.column)) for one in [*handled, *suppressed]]
    report = privacy_report(done, len(door.scrubber.known.names))
    return _shown(Passed(masked, list(notes), list(problems), report), door)


def _shown(passed: Passed, door: Door) -> Passed:
    """Return the same with files and sheets, and words that speak of them, that name nobody."""
    files = [file for file, _reason, _remedy in passed.problems]
    named = place_names(door.kinds, files, door.scrubber)

    def plain(text: str) -> str:
        return door.scrubber.scrub_word(named.within(pd.Series([text], dtype="str")).iloc[0])

    return Passed(
        [named.renamed(batch) for batch in passed.batches],
        [plain(note) for note in passed.notes],
        [(named.files[file], plain(why), plain(remedy)) for file, why, remedy in passed.problems],
        passed.report.renamed(named.files, named.sheets),
    )
