"""Which rows can be mended by hand, and what a person is shown of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.faults import joined_words
from insights.ingest.reading import Sheet
from insights.words import _

KEY = ["file", "sheet", "row"]
HEAD = [*KEY, "table", "column", "reason", "remedy"]
MASKED = "masked"
BEYOND = "(beyond the headers)"  # says of a row that its cells do not fit the headers
SUFFIX = " (raw)"  # of headers that are called like what stands beside them
RESERVED = {*HEAD, MASKED, BEYOND}
MOST = 2_000  # rows of one sheet that a person is handed; the quarantine has them all
Place = tuple[str, str]  # file and sheet


@dataclass(frozen=True)
class Page:
    """The rows of one sheet that are to be mended.

    ``rows``: ``HEAD``, the original columns as they may be shown, and ``BEYOND`` where some row's
    cells do not fit the headers: a person empties it once they do. ``masked``: for each row the
    shown headers whose cell is not what the export holds. ``faulty``: row and column of the cells
    at fault. ``more`` rows did not fit.
    """

    rows: pd.DataFrame
    masked: list[tuple[str, ...]]
    faulty: frozenset[tuple[int, int]]
    more: int


def held_pages(pairs: Iterable[tuple[Batch, Sheet]]) -> list[Page]:
    """Return a page for each sheet with rows to mend, in the order of the batches.

    ``pairs``: a batch that has passed the door, and its sheet as it was read. Rows that are held
    back as expected need no mending; a sheet whose headers are not known needs a mapping.
    """
    own: dict[Place, list[tuple[Batch, Sheet]]] = {}
    for batch, original in pairs:
        if batch.plan.columns and not batch.told.expected.all():
            own.setdefault((original.file, original.name), []).append((batch, original))
    return [_page([batch for batch, _sheet in found], found[0][1]) for found in own.values()]


def shown_headers(headers: Sequence[str]) -> dict[str, str]:
    """Return header -> the heading it stands under beside the reasons."""
    return {name: f"{name}{SUFFIX}" if name in RESERVED else name for name in headers}


def _page(batches: list[Batch], original: Sheet) -> Page:
    faults = pd.concat([_serious(batch) for batch in batches], ignore_index=True)
    positions = np.unique(faults.position.to_numpy())
    kept = positions[:MOST]
    cells, masked = _shown(batches, original, kept)
    faults = faults[np.isin(faults.position.to_numpy(), kept)]
    shown = batches[0].sheet
    beyond = _beyond(original, kept)
    rows = pd.concat([_head(faults, shown, kept), cells, beyond], axis=1)
    names = [tuple(cells.columns[row]) for row in masked]
    marked = {(line, len(rows.columns) - 1) for line in beyond.index[beyond.notna().any(axis=1)]}
    faulty = _faulty(faults, original, kept) | marked
    return Page(rows, names, faulty, len(positions) - len(kept))


def _serious(batch: Batch) -> pd.DataFrame:
    return batch.told[~batch.told.expected].assign(table=batch.table)


def _head(faults: pd.DataFrame, sheet: Sheet, positions: np.ndarray) -> pd.DataFrame:
    texts = ["table", "column", "reason", "remedy"]
    why = faults.groupby("position")[texts].agg(joined_words)
    head = pd.DataFrame({"file": sheet.file, "sheet": sheet.name, "row": sheet.rows[positions]})
    return pd.concat([head, why.reset_index(drop=True)], axis=1)[HEAD]


def _beyond(original: Sheet, positions: np.ndarray) -> pd.DataFrame:
    """Return ``BEYOND`` where any of these rows has cells beyond the headers, or is torn."""
    wide = original.shifted[positions]
    if not wide.any():
        return pd.DataFrame(index=range(len(positions)))
    words = _("see the row in the export: put each value under its header, then empty this cell")
    return pd.DataFrame({BEYOND: [words if one else None for one in wide]}, dtype="str")


def _shown(
    batches: list[Batch], original: Sheet, positions: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows' cells, what any table must hide hidden, and which differ from the export."""
    raw = original.frame.iloc[positions].reset_index(drop=True).astype(object)
    cells, masked = raw.copy(), np.zeros(raw.shape, dtype=bool)
    for batch in batches:
        held = np.isin(positions, batch.told.position.to_numpy())
        shown = batch.sheet.frame.iloc[positions].reset_index(drop=True).astype(object)
        shown = shown.set_axis(raw.columns, axis=1)
        other = (shown.to_numpy() != raw.to_numpy()) & ~(shown.isna() & raw.isna()).to_numpy()
        other &= held[:, None]
        cells, masked = cells.mask(other, shown), masked | other
    names = shown_headers(_plain_headers(batches, list(raw.columns)))
    return cells.set_axis(list(names.values()), axis=1), masked


def _plain_headers(batches: list[Batch], headers: list[str]) -> list[str]:
    """Return the headers as they may be shown: as they came where a table reads the column."""
    own = [list(batch.sheet.frame.columns) for batch in batches]
    return [
        header if any(names[n] == header for names in own) else own[0][n]
        for n, header in enumerate(headers)
    ]


def _faulty(
    faults: pd.DataFrame, original: Sheet, positions: np.ndarray
) -> frozenset[tuple[int, int]]:
    headers = {name: number for number, name in enumerate(original.frame.columns, len(HEAD))}
    lines = {position: number for number, position in enumerate(positions.tolist())}
    return frozenset(
        (lines[position], headers[name])
        for position, column in zip(faults.position, faults.column, strict=True)
        for name in ([column] if column in headers else column.split(", "))
        if name in headers
    )
