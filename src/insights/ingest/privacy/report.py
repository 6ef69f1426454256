"""What happened at the door: how much of what kind was dropped, hashed, scrubbed, suppressed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import pandas as pd

from insights.words import _, listing

Action = Literal[
    "dropped", "hashed", "numbered", "scrubbed", "suppressed", "added_up", "not_taken", "kept"
]
SHOWN = 20


class Handled(NamedTuple):
    """So many cells (or rows, or lines) of one column that were handled in one way."""

    file: str
    sheet: str
    table: str
    column: str
    kind: str
    action: Action
    n: int


@dataclass(frozen=True)
class PrivacyReport:
    """The door's outcome; it holds counts, never a value.

    ``counts``: a row per file, sheet, table, column, kind and action with ``n``. ``action``:
    dropped (contacts, positions) · hashed (keyed) · numbered (names of reps, without a key) ·
    scrubbed (out of a text) · suppressed (a small cell) · added_up (lines of doctors) · not_taken
    (a column of personal data that no table uses) ·
    kept (a code that looks personal and is needed: look at it). ``names`` counts the names found
    in the exports' own columns.
    """

    counts: pd.DataFrame = field(default_factory=lambda: _frame(()))
    names: int = 0

    def renamed(
        self, files: Mapping[str, str], sheets: Mapping[tuple[str, str], str]
    ) -> PrivacyReport:
        """Return the report under the names of files and sheets that may be shown."""
        counts = self.counts
        own = [sheets[place] for place in zip(counts.file, counts.sheet, strict=True)]
        shown = counts.assign(sheet=own, file=counts.file.map(files))
        return replace(self, counts=shown.astype(counts.dtypes.to_dict()))

    def total(self, action: Action) -> int:
        """Return how many cells were handled in one way."""
        return int(self.counts.n[self.counts.action == action].sum())

    def lines(self) -> list[str]:
        """Say it in words, a line for each action, file and table."""
        groups = self.counts.groupby(["action", "file", "sheet", "table"], sort=False)
        lines = [_line(str(key[0]), group) for key, group in groups]
        more = len(lines) - SHOWN
        return [*lines[:SHOWN], _("… and {n} more; see the report's table").format(n=more)] if (
            more > 0) else lines  # fmt: skip

    def __str__(self) -> str:
        """Say what was done with what is personal."""
        return "\n".join(self.lines()) or _("privacy: nothing personal was found")


def privacy_report(handled: Iterable[Handled], names: int = 0) -> PrivacyReport:
    """Return the counts of everything handled, equal places added up, none of zero."""
    frame = _frame(tuple(one for one in handled if one.n))
    keys = [name for name in Handled._fields if name != "n"]
    return PrivacyReport(frame.groupby(keys, sort=False, as_index=False)[["n"]].sum(), names)


def _frame(rows: tuple[Handled, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(Handled._fields))
    return frame.astype(dict.fromkeys(Handled._fields[:-1], "str") | {"n": "int64"})


def _line(action: str, group: pd.DataFrame) -> str:
    first = group.iloc[0]
    place = " ".join(
        part
        for part in (first.file, f"[{first.sheet}]" if first.sheet else "", first.table)
        if part
    )
    kinds = group.groupby("kind", sort=False).n.sum()
    parts = [
        _("{kind} {n:,}").format(kind=kind_words(str(kind)), n=int(n)) for kind, n in kinds.items()
    ]
    columns = listing(group.column.unique().tolist(), 12)
    return _sentences()[action].format(place=place, parts=", ".join(parts), columns=columns)


def kind_words(kind: str) -> str:
    """Return a kind of personal data in words."""
    words = {
        "name": _("names"),
        "phone": _("phones"),
        "id_number": _("identity numbers"),
        "email": _("e-mail addresses"),
        "chat_account": _("chat accounts"),
        "bank_card": _("bank cards"),
        "position": _("positions"),
        "address": _("private particulars"),
        "contact": _("contacts"),
        "small_cell": _("small cells"),
        "complement": _("cells that would give a small one away"),
        "doctor_lines": _("lines of doctors"),
    }
    return words.get(kind, kind)


def _sentences() -> dict[str, str]:
    return {
        "dropped": _("privacy: {place}: dropped: {parts} ({columns})"),
        "hashed": _("privacy: {place}: kept as keyed hashes: {parts} ({columns})"),
        "numbered": _(
            "privacy: {place}: reps told by their names are numbered, rep-001 …: {parts}"
            " ({columns}); the numbers may change with the exports: give their codes, or a key"
            " (privacy.contacts: hash) for lasting ones"
        ),
        "scrubbed": _("privacy: {place}: taken out of texts: {parts} ({columns})"),
        "suppressed": _("privacy: {place}: suppressed: {parts} ({columns})"),
        "added_up": _("privacy: {place}: added up to departments: {parts} ({columns})"),
        "not_taken": _(
            "privacy: {place}: columns of personal data, not taken: {parts} ({columns})"
        ),
        "kept": _("privacy: {place}: ids that look personal, kept: {parts} ({columns})"),
    }
