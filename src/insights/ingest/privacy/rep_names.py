"""Ids of reps that are their names (刘勇, 周 敏): one pseudonym for a person in all tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.privacy.contact_key import ContactKey
from insights.ingest.privacy.headers import kind_of_header, kind_of_values, looks_like_name
from insights.ingest.privacy.scrub import Scrubber
from insights.tables import CANONICAL

REPS = "reps.rep_id"
OF_ANYBODY = ("unit_id", "scope_id", "subject_id")  # ids of a rep among others


def rep_columns(batch: Batch) -> list[str]:
    """Return the columns of a batch that hold ids of reps."""
    table = CANONICAL.get(batch.table)
    columns = [c for c in table.columns if c.name in batch.values] if table else []
    return [c.name for c in columns if c.references == REPS or c.name in ("rep_id", "manager_id")]


def plain_name(text: str) -> str:
    """Return a name without the blanks that forms align it with."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def pseudonyms(
    batches: Iterable[Batch], scrubber: Scrubber, share: float, key: ContactKey | None
) -> dict[str, str]:
    """Return a pseudonym for each name by which reps are told, blanks taken out.

    A column holds names where its header says so or most of its values are; in any other a value
    that some column of people has. With a key they last; without one they are numbers in the
    order of the names, which another run may give to others.
    """
    found: set[str] = set()
    for batch in batches:
        for name in rep_columns(batch):
            found |= _names(batch.values[name], batch.shown(name), scrubber, share)
    names = sorted(found)
    if key is not None:
        return {name: key.pseudonym(name) for name in names}
    return {name: f"rep-{number:03d}" for number, name in enumerate(names, 1)}


def _names(values: pd.Series, header: str, scrubber: Scrubber, share: float) -> set[str]:
    cells = pd.Series(values.dropna().astype("str").map(plain_name).unique(), dtype="str")
    of_people = kind_of_header(header) == "name" or kind_of_values(cells, scrubber, share) == "name"
    return {
        cell
        for cell in cells
        if cell in scrubber.known.names or (of_people and looks_like_name(cell, scrubber))
    }


def without_rep_names(batch: Batch, known: Mapping[str, str]) -> tuple[Batch, dict[str, int]]:
    """Return a batch with pseudonyms in place of reps' names, and how many by column."""
    values, done = batch.values, {}
    own = [*rep_columns(batch), *(name for name in OF_ANYBODY if name in values)] if known else []
    for name in own:
        cells = values[name].map(lambda cell: known.get(plain_name(str(cell))), na_action="ignore")
        if cells.notna().any():
            done[name] = int(cells.notna().sum())
            values = values.assign(**{name: values[name].mask(cells.notna(), cells).astype("str")})
    return replace(batch, values=values), done
