"""The rows held back, as an analyst gets them to mend: without what names a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from insights.ingest.amounts import plain_numbers
from insights.ingest.batches import Batch
from insights.ingest.privacy.columns import CONTACT, CONTACTS, MEASURES, PRESCRIPTIONS
from insights.ingest.privacy.kinds import TOKENS, WITHHELD, Kind
from insights.ingest.privacy.scrub import Scrubber
from insights.tables import CANONICAL

Kinds = Mapping[str, Kind | None]  # header -> what of a person the column holds
EXACT = ("id", "date", "time", "int", "float", "rate", "money", "bool")


def without_people(
    batch: Batch, kinds: Kinds, scrubber: Scrubber, least: int, of_doctors: bool
) -> Batch:
    """Return a batch whose raw rows and faults name nobody; rows that were accepted lose their raw.

    Columns of people become tokens (ids of contacts stay where they are hashed), texts and unused
    columns are scrubbed. What was read as an id, a date or a number stays as it came, so that the
    row can be mended and fed back, but not where the cell itself is at fault or the row is shifted.
    """
    held = np.unique(batch.told.position.to_numpy())
    raw = batch.sheet.frame.iloc[held]
    frame = pd.DataFrame(
        {header: _cells(batch, header, raw, held, kinds, scrubber) for header in raw.columns},
        index=raw.index,
    )
    for header in _measures(batch):
        frame[header] = _small_withheld(frame[header], held, batch, least, of_doctors)
    if batch.table == CONTACTS and batch.faults.expected.any():
        gone = np.isin(held, batch.faults.position[batch.faults.expected])
        frame.loc[gone] = WITHHELD
    whole = frame.reindex(range(len(batch.sheet.frame))).astype("str")
    whole.columns = _nameless(list(whole.columns), set(batch.plan.inputs), scrubber)
    faults, emptied = (
        one.assign(
            value=_fault_values(batch, one, kinds, scrubber),
            reason=scrubber.scrub(one.reason).values,
        )
        for one in (batch.faults, batch.emptied)
    )
    sheet = replace(batch.sheet, frame=whole)
    return replace(batch, sheet=sheet, faults=faults, emptied=emptied)


def _cells(
    batch: Batch, header: str, raw: pd.DataFrame, held: np.ndarray, kinds: Kinds, scrubber: Scrubber
) -> pd.Series:
    cells, kind, uses = raw[header], kinds.get(header), _types(batch, header)
    if set(uses) == {CONTACT} or (kind is not None and not _kept_as_is(uses)):
        tokens = _as_token(cells, kind or "name")
        return _hashed(batch, held).fillna(tokens) if header == batch.shown(CONTACT) else tokens
    if not _kept_as_is(uses):
        return scrubber.scrub(cells).values
    faulty = batch.told.position[batch.told.column == header].to_numpy()
    doubtful = batch.sheet.shifted[held] | (np.isin(held, faulty) & (set(uses.values()) != {"id"}))
    doubtful |= is_written(cells)
    return cells.mask(doubtful, scrubber.scrub(cells.where(doubtful)).values)


def is_written(cells: pd.Series) -> np.ndarray:
    """Mark ids with a Chinese word: a system that exports names in the code's place."""
    return cells.str.contains(r"[\u3400-\u9fff]", regex=True).fillna(False).to_numpy(bool)


def _hashed(batch: Batch, held: np.ndarray) -> pd.Series:
    """Return the ids of contacts of the rows held back, so that a mended row keeps its person."""
    if CONTACT not in batch.values:
        return pd.Series(None, index=held, dtype="str")
    ids = pd.Series(batch.values[CONTACT].to_numpy(object), batch.positions)
    return ids.reindex(held).astype("str")


def _nameless(headers: list[str], used: set[str], scrubber: Scrubber) -> list[str]:
    """Scrub the headers that no column is read of: a header may hold a person, or be a row."""
    scrubbed = scrubber.scrub(pd.Series(headers, dtype="str")).values
    clean = scrubbed.where(~pd.Series(headers).isin(used), pd.Series(headers)).tolist()
    return [
        name if clean.count(name) == 1 else f"{name} ({number})"
        for number, name in enumerate(clean, 1)
    ]


def _as_token(cells: pd.Series, kind: Kind) -> pd.Series:
    filled = cells.notna() & (cells.str.strip() != "")
    return cells.mask(filled, TOKENS[kind])


def _types(batch: Batch, header: str) -> dict[str, str]:
    """Return canonical column -> type of what a header is read as."""
    table = CANONICAL.get(batch.table)
    used = [name for name in batch.plan.columns if header in batch.plan.derivation(name).inputs]
    return {name: table.column(name).type for name in used} if table else {}


def _kept_as_is(uses: dict[str, str]) -> bool:
    return bool(uses) and CONTACT not in uses and all(kind in EXACT for kind in uses.values())


def _measures(batch: Batch) -> list[str]:
    if batch.table != PRESCRIPTIONS:
        return []
    return [
        header for header in batch.sheet.frame.columns if set(_types(batch, header)) & set(MEASURES)
    ]


def _small_withheld(
    cells: pd.Series, held: np.ndarray, batch: Batch, least: int, of_doctors: bool
) -> pd.Series:
    """Withhold numbers of small cells, of one doctor, and of sums that would give them away."""
    numbers = pd.to_numeric(plain_numbers(cells).astype(object), errors="coerce").to_numpy(float)
    sums = np.isin(held, batch.faults.position[batch.faults.expected])
    hidden = ~np.isnan(numbers) & ((np.abs(numbers) < least) | sums | of_doctors)
    return cells.mask(hidden, WITHHELD)


def _fault_values(
    batch: Batch, faults: pd.DataFrame, kinds: Kinds, scrubber: Scrubber
) -> pd.Series:
    shown = faults.column.map(
        {name: _showing(batch, name, kinds) for name in faults.column.unique()}
    )
    scrubbed = scrubber.scrub(faults.value).values
    values = faults.value.mask(
        (shown == "scrubbed").to_numpy() | is_written(faults.value), scrubbed
    )
    hidden = (shown == "withheld").to_numpy() & (faults.value != "").to_numpy()
    return values.mask(hidden, WITHHELD).astype("str")


def _showing(batch: Batch, column: str, kinds: Kinds) -> str:
    """Say how the value of a fault in this column (or columns, joined) may be shown."""
    headers = [column] if column in batch.sheet.frame else column.split(", ")
    uses: dict[str, str] = {}
    for header in headers:
        uses |= _types(batch, header)
    personal = [
        h for h in headers if kinds.get(h) is not None and not _kept_as_is(_types(batch, h))
    ]
    small = batch.table == PRESCRIPTIONS and set(uses) & set(MEASURES)
    if personal or CONTACT in uses or CONTACT in headers or small:
        return "withheld"
    return "as_it_is" if set(uses.values()) == {"id"} else "scrubbed"
