"""A sheet whose rows are mended one after the other, written anew once at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from insights.ingest.mending.held import shown_headers
from insights.ingest.mending.lines import Cells, Line
from insights.ingest.reading import Sheet
from insights.ingest.review_book import as_in_cell

FEW = 1_000  # rows of like content that are looked at closely


@dataclass
class MendedRows:
    """The rows of one sheet; ``edits`` by position are what lines have put into them so far."""

    sheet: Sheet
    edits: dict[int, Cells] = field(default_factory=dict)

    def find(self, line: Line) -> int | None:
        """Return the position of a line's row: at its number, else the only one of its content."""
        at = self.positions.get(line.key[2])
        if at is not None and self._is(at, _kept(line, line.held)):
            return at
        alike = [p for p in self._like(line) if self._is(p, _kept(line, line.held))]
        return alike[0] if len(alike) == 1 else None

    def has(self, line: Line) -> bool:
        """Say whether the row at the line's number holds already what the line says."""
        at = self.positions.get(line.key[2])
        if at is None:
            return False
        return self._is(at, {**_kept(line, line.held), **line.changes})

    def put(self, at: int, changes: Cells) -> None:
        """Put cells, by shown header, into a row."""
        self.edits.setdefault(at, {}).update(changes)

    def whole(self) -> Sheet:
        """Return the sheet with its edits; a mended row is no longer shifted."""
        if not self.edits:
            return self.sheet
        frame, shifted = self.sheet.frame, self.sheet.shifted.copy()
        shifted[list(self.edits)] = False
        for name, shown in self.headers.items():
            cells = {at: edit[shown] for at, edit in self.edits.items() if shown in edit}
            if cells:
                column = frame[name].copy()
                column.iloc[list(cells)] = pd.array(list(cells.values()), dtype="str")
                frame = frame.assign(**{name: column})
        return replace(self.sheet, frame=frame, shifted=shifted)

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
        return {as_in_cell(shown): name for name, shown in self.headers.items()}

    def _is(self, at: int, cells: Cells) -> bool:
        return all(
            name in self._originals and self._cell(at, name) == cell for name, cell in cells.items()
        )

    def _cell(self, at: int, shown: str) -> str | None:
        edited = self.edits.get(at, {})
        if shown in edited:
            return edited[shown]
        value = self.sheet.frame[self._originals[shown]].iat[at]
        return as_in_cell(value).strip() or None if isinstance(value, str) else None

    def _like(self, line: Line) -> list[int]:
        """Return the rows that agree with a line in cells that are written just so."""
        where = np.arange(len(self.sheet.rows))
        for name, cell in _kept(line, line.held).items():
            if cell is None or name not in self._originals:
                continue
            column = self.sheet.frame[self._originals[name]].iloc[where]
            where = where[(column == cell).to_numpy(bool)]
            if len(where) < FEW:
                return where.tolist() if len(where) < len(self.sheet.rows) else []
        return []


def _kept(line: Line, cells: Cells) -> Cells:
    """Return the cells that show what the export holds."""
    return {name: cell for name, cell in cells.items() if name not in line.masked}
