"""What an ingest did: rows read, accepted and held back, and every fault."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain

import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.faults import LISTED
from insights.ingest.names import NameMatches
from insights.ingest.privacy import PrivacyReport
from insights.words import _, listing

SHOWN = 20  # reasons, and notes, printed in full; the rest is in the quarantine files
EXAMPLES = 3
ALIKE = 4  # reasons of one column that are told before those of others
NOTHING_DONE = PrivacyReport()
COUNTS = ["file", "table", "read", "accepted", "quarantined", "expected", "sheet"]


@dataclass(frozen=True)
class IngestReport:
    """The outcome of ``ingest_folder``.

    ``counts``: a row per file, sheet and table made of it: read = accepted + quarantined;
    ``expected`` of the quarantined are subtotals, exact duplicates and what a mapping left out.
    ``faults``: a row per fault with file, sheet, table, row (as Excel numbers it, the header being
    row 1), column, value, reason, remedy, expected. A fault of a whole file has no row.
    ``privacy`` counts what was dropped, hashed, scrubbed and suppressed; ``names`` the names that
    were matched to customers, None where no row was told by one. ``to_fill``: lists in ``to`` for
    a person, in words. ``money``: sums of each table, each sheet's own totals beside its rows, and
    what became of payments of several invoices, in words.
    ``exit_code``: 0 nothing but expected rows held back, 2 some rows or files, 1 unusable.
    """

    exit_code: int
    counts: pd.DataFrame
    faults: pd.DataFrame
    notes: tuple[str, ...] = ()
    to: str = ""
    privacy: PrivacyReport = NOTHING_DONE
    names: NameMatches | None = None
    to_fill: tuple[str, ...] = ()
    money: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say what was read, what was held back and why, and what to do."""
        head = [*self._table_lines(), *self._money_lines()]
        parts = [head, self._fault_lines(), self._notes(), self._name_lines()]
        done = [*chain.from_iterable(parts), *self.privacy.lines()]
        return "\n".join([*done, self._end(), *self.to_fill])

    def _table_lines(self) -> list[str]:
        line = _(
            "{file}{sheet} -> {table}: {read:,} read = {accepted:,} accepted"
            " + {quarantined:,} quarantined"
        )
        return [
            line.format(
                file=row.file,
                sheet=f" [{row.sheet!s}]" if row.sheet else "",
                table=row.table or "?",
                read=row.read,
                accepted=row.accepted,
                quarantined=row.quarantined,
            )
            for row in self.counts.itertuples()
        ]

    def _money_lines(self) -> list[str]:
        more = len(self.money) - SHOWN
        shown = [_("money: {words}").format(words=words) for words in self.money[:SHOWN]]
        return [*shown, _("… and {n} more on money").format(n=more)] if more > 0 else shown

    def _fault_lines(self) -> list[str]:
        """Name what costs most rows first: sheets of which nothing is accepted above all."""
        keys = ["file", "sheet", "table", "column", "reason"]
        groups = [group for _key, group in self.faults.groupby(keys, sort=False)]
        barren = barren_places(self.counts)
        groups.sort(key=lambda group: _weight(group, barren))
        lines = [_group_line(group) for group in few_of_each(groups)]
        more = len(lines) - SHOWN
        if more <= 0:
            return lines
        return [*lines[:SHOWN], _("… and {n} more kinds of fault").format(n=more)]

    def _notes(self) -> list[str]:
        more = len(self.notes) - SHOWN
        shown = [_("note: {note}").format(note=note) for note in self.notes[:SHOWN]]
        return [*shown, _("… and {n} more notes").format(n=more)] if more > 0 else shown

    def _name_lines(self) -> list[str]:
        if self.names is None or self.exit_code == 1:
            return []
        words = _("names: {found}")
        if len(self.names.review()):
            words = _("names: {found}; the list to fill in is {to}/review/names.xlsx")
        return [words.format(found=self.names, to=self.to)]

    def _end(self) -> str:
        if self.exit_code == 1:
            words = _("nothing usable: the tables of {to} are left as they were")
            return words.format(to=self.to)
        tables = self.counts.loc[self.counts.accepted > 0, "table"].unique().tolist()
        words = _("{to}: {tables}").format(to=self.to, tables=listing(tables, 30))
        if self.counts.quarantined.sum():
            words += _("; rows held back are in {to}/quarantine").format(to=self.to)
        return words


def barren_places(counts: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the files and sheets of which rows were read and none was accepted."""
    if counts.empty:
        return set()
    sums = counts.groupby(["file", "sheet"])[["read", "accepted", "expected"]].sum()
    barren = sums[(sums.accepted == 0) & (sums["read"] > sums.expected)]
    return set(barren.index)


def few_of_each(groups: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return classes of faults with no more than ``ALIKE`` of one column, the rest below them all.

    A hundred names in doubt, each for its own reason, must not hide what is wrong elsewhere.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    later = []
    for group in groups:
        place = tuple(group[["file", "sheet", "column"]].iloc[0])
        later.append((not group.expected.all()) and seen[place] >= ALIKE)
        seen[place] += 1
    first = [group for group, late in zip(groups, later, strict=True) if not late]
    return first + [group for group, late in zip(groups, later, strict=True) if late]


def _weight(group: pd.DataFrame, barren: set[tuple[str, str]]) -> tuple[bool, bool, int]:
    """Return how far down a class of faults is told: what needs nothing to be done at the end."""
    first = group.iloc[0]
    whole = bool(group.row.isna().all()) or (first["file"], first["sheet"]) in barren
    return bool(group.expected.all()), not whole, -group.row.nunique()


def count(batches: list[Batch]) -> pd.DataFrame:
    """Return read, accepted and quarantined rows of each file, sheet and table."""
    rows = [_count_row(batch) for batch in batches]
    return pd.DataFrame(rows, columns=COUNTS)


def list_faults(batches: list[Batch], problems: list[tuple[str, str, str]]) -> pd.DataFrame:
    """Return every fault; ``problems`` are (file, reason, remedy) of whole files."""
    parts = [_listed(batch) for batch in batches if len(batch.told)]
    whole = pd.DataFrame(problems, columns=["file", "reason", "remedy"]).assign(
        sheet="", table="", column="", value="", expected=False
    )
    frame = pd.concat([*parts, whole] if problems or not parts else parts, ignore_index=True)
    return frame.reindex(columns=LISTED).astype({"row": "Int64", "expected": "bool"})


def _listed(batch: Batch) -> pd.DataFrame:
    rows = batch.sheet.rows[batch.told.position.to_numpy()]
    return batch.told.assign(
        file=batch.sheet.file, sheet=batch.sheet.name, table=batch.table, row=rows
    )


def _count_row(batch: Batch) -> list[object]:
    held = batch.faults.position.nunique()
    serious = batch.faults.position[~batch.faults.expected].nunique()
    return [
        batch.sheet.file,
        batch.table,
        batch.read,
        batch.read - held,
        held,
        held - serious,
        batch.sheet.name,
    ]


def _group_line(group: pd.DataFrame) -> str:
    file, sheet, column, reason = group[["file", "sheet", "column", "reason"]].iloc[0]
    words = {
        "place": " ".join(part for part in (file, f"[{sheet}]" if sheet else "", column) if part),
        "reason": reason,
        "remedy": group.remedy.iloc[0],
        "n": len(group),
    }
    if group.row.isna().all():
        return _("{place}: {reason} ({remedy})").format(**words)
    examples = [
        (_("row {row} {value!r}") if value else _("row {row}")).format(row=row, value=value)
        for row, value in zip(group.row[:EXAMPLES], group.value[:EXAMPLES], strict=True)
    ]  # fmt: skip
    shown = listing(examples, EXAMPLES) + (" …" if len(group) > EXAMPLES else "")
    line = _("{place}: {n:,} x {reason}: {shown}; {remedy}")
    return line.format(shown=shown, **words)
