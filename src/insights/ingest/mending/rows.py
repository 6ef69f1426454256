"""A sheet whose rows are mended one after the other, written anew once at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from insights.ingest.mending.alike import Alike, cell_as_read
from insights.ingest.mending.held import BEYOND, shown_headers
from insights.ingest.mending.lines import Cells, Line
from insights.ingest.reading import Sheet
from insights.ingest.review_book import as_in_cell


@dataclass
class MendedRows:
    """The rows of one sheet; ``edits`` by position are what lines have put into them so far."""

    sheet: Sheet
    edits: dict[int, Cells] = field(default_factory=dict)
    _alike: dict[tuple[str, ...], Alike] = field(default_factory=dict)

    def find(self, line: Line) -> int | None:
        """Return the position of a line's row: at its number, else the only one of its content."""
        kept = _kept(line, line.held)
        at = self.positions.get(line.key[2])
        if at is not None and self._is(at, kept):
            return at
        alike = [p for p in self._like(kept) if self._is(p, kept)]
        return alike[0] if len(alike) == 1 else None

    def has(self, line: Line) -> bool:
        """Say whether the row at the line's number holds already what the line says."""
        at = self.positions.get(line.key[2])
        if at is None:
            return False
        return self._is(at, {**_kept(line, line.held), **line.changes})

    def corrected(self, line: Line) -> int | None:
        """Return the position of the row at the line's number if it differs in mended cells alone.

        Most of its filled cells are to be as they were held: few may agree with any row.
        """
        at = self.positions.get(line.key[2])
        kept = _kept(line, line.held)
        same = {name: cell for name, cell in kept.items() if name not in line.changes}
        filled = sum(cell is not None for cell in same.values())
        most = filled >= max(2, len(line.changes))
        return at if at is not None and most and self._is(at, same) else None

    def put(self, at: int, changes: Cells) -> None:
        """Put cells, by shown header, into a row."""
        self.edits.setdefault(at, {}).update(changes)
        for names, alike in self._alike.items():
            alike.add(at, [self._cell(at, name) for name in names])

    def whole(self) -> Sheet:
        """Return the sheet with its edits.

        A row whose cells did not fit the headers, or that was torn, is whole once a person has
        emptied the cell that says so: cells may still stand under the wrong header until then.
        """
        if not self.edits:
            return self.sheet
        frame = self.sheet.frame
        for name, shown in self.headers.items():
            in_book = _in_book(shown)
            cells = {at: edit[in_book] for at, edit in self.edits.items() if in_book in edit}
            if cells:
                column = frame[name].copy()
                column.iloc[list(cells)] = pd.array(list(cells.values()), dtype="str")
                frame = frame.assign(**{name: column})
        return self._without_marks(replace(self.sheet, frame=frame))

    def _without_marks(self, sheet: Sheet) -> Sheet:
        right = [at for at, edit in self.edits.items() if BEYOND in edit and edit[BEYOND] is None]
        shifted, torn = sheet.shifted.copy(), sheet.torn
        shifted[right] = False
        if torn is not None:
            torn = torn & shifted
        return replace(sheet, shifted=shifted, torn=torn)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Return the position of each row by its number, written as text."""
        return {str(row): at for at, row in enumerate(self.sheet.rows.tolist())}

    @cached_property
    def headers(self) -> dict[str, str]:
        """Return header -> heading beside the reasons."""
        return shown_headers(list(self.sheet.frame.columns))

    @cached_property
    def _originals(self) -> dict[str, str]:
        return {_in_book(shown): name for name, shown in self.headers.items()}

    def _is(self, at: int, cells: Cells) -> bool:
        marked = BEYOND not in cells or (self._cell(at, BEYOND) is None) == (cells[BEYOND] is None)
        return marked and all(
            name in self._originals and self._cell(at, name) == cell
            for name, cell in cells.items()
            if name != BEYOND
        )

    def _cell(self, at: int, shown: str) -> str | None:
        edited = self.edits.get(at, {})
        if shown in edited:
            return edited[shown]
        if shown == BEYOND:
            return BEYOND if self.sheet.shifted[at] else None
        return cell_as_read(self.sheet.frame[self._originals[shown]].iat[at])

    def _like(self, cells: Cells) -> list[int]:
        """Return the rows that may hold these cells, wherever they stand."""
        names = tuple(name for name in cells if name != BEYOND)
        if not names or not set(names) <= set(self._originals):
            return []
        if names not in self._alike:
            self._alike[names] = self._index(names)
        return self._alike[names].of([cells[name] for name in names])

    def _index(self, names: tuple[str, ...]) -> Alike:
        made = Alike.of_columns([self.sheet.frame[self._originals[name]] for name in names])
        for at in self.edits:
            made.add(at, [self._cell(at, name) for name in names])
        return made


def _in_book(shown: str) -> str:
    """Return a heading as it is read back from a workbook."""
    return as_in_cell(shown).strip()


def _kept(line: Line, cells: Cells) -> Cells:
    """Return the cells that show what the export holds."""
    return {name: cell for name, cell in cells.items() if name not in line.masked}
