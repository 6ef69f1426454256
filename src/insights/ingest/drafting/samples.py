"""Three values of each header for the person who tells what it is, without people in them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from insights.ingest.batches import Batch, unrecognised
from insights.ingest.drafting.columns import SAMPLES
from insights.ingest.privacy import Door, open_door
from insights.ingest.privacy.columns import CONTACT, written_columns
from insights.ingest.privacy.kinds import TOKENS, WITHHELD
from insights.ingest.privacy.places import place_names
from insights.ingest.reading import Sheet
from insights.params import PrivacyParams
from insights.tables import CANONICAL

LOOKED_AT = 2_000  # rows of a sheet
LONGEST = 30  # characters; a longer text is written by people, and is not shown


def sampled(
    draft: pd.DataFrame,
    sheets: Sequence[Sheet],
    batches: Sequence[Batch],
    privacy: PrivacyParams,
) -> pd.DataFrame:
    """Return a draft with up to three distinct values of each header, and with all of its gaps.

    Columns of people show what they hold (〔姓名〕), free text and long text nothing; the rest is
    scrubbed, whatever column it may become. So are the headers: they may be a first row of people.
    ``batches`` give the names that the exports themselves tell. ``PrivacyError`` as ``open_door``.
    """
    known = {(batch.sheet.file, batch.sheet.name) for batch in batches}
    more = [unrecognised(s, "") for s in sheets if (s.file, s.name) not in known]
    door = open_door([*batches, *more], privacy)
    frames = {(sheet.file, sheet.name): sheet for sheet in sheets}
    columns = [draft[name].tolist() for name in ("file", "sheet", "header", "table", "column")]
    samples = [
        _samples(frames.get((file, name)), header, table, column, door)
        for file, name, header, table, column in zip(*columns, strict=True)
    ]
    shown = pd.DataFrame(samples, columns=SAMPLES, index=draft.index, dtype="str")
    return _without_people(draft.assign(**{name: shown[name] for name in SAMPLES}), door)


def _without_people(draft: pd.DataFrame, door: Door) -> pd.DataFrame:
    """Return a draft whose files, sheets, headers and notes name nobody."""
    names = place_names(door.kinds, draft.file.unique(), door.scrubber)
    places = zip(draft.file.tolist(), draft.sheet.tolist(), strict=True)
    sheets = [names.sheets.get(place, place[1]) for place in places]
    headers = {name: door.scrubber.scrub_word(name) for name in draft.header.unique()}
    return draft.assign(
        file=[names.files.get(file, file) for file in draft.file],
        sheet=pd.array(sheets, dtype="str"),
        header=draft.header.map(headers).astype("str"),
        note=door.scrubber.scrub(names.within(draft.note.astype("str").fillna(""))).values,
    )


def _samples(sheet: Sheet | None, header: str, table: str, column: str, door: Door) -> list[str]:
    known = sheet is not None and header in sheet.frame
    cells = _shown(sheet, header, table, column, door) if sheet is not None and known else []
    return [*cells, "", "", ""][: len(SAMPLES)]


def _shown(sheet: Sheet, header: str, table: str, column: str, door: Door) -> list[str]:
    cells = sheet.frame[header].iloc[:LOOKED_AT].dropna().str.strip()
    distinct = cells[cells != ""].drop_duplicates().iloc[: len(SAMPLES)]
    kind = door.of(sheet).get(header)
    if kind is not None:
        return [TOKENS[kind]] if len(distinct) else []
    if column == CONTACT or (table in CANONICAL and column in written_columns(table)):
        return [WITHHELD] if len(distinct) else []
    long = distinct.str.len() > LONGEST
    return door.scrubber.scrub(distinct).values.mask(long, WITHHELD).drop_duplicates().tolist()
