"""What a run knows of people before it handles a row: its key, names, and columns of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from insights.ingest.batches import Batch
from insights.ingest.privacy.columns import CONTACT
from insights.ingest.privacy.contact_key import ContactKey, in_repository, load_contact_key
from insights.ingest.privacy.errors import PrivacyError
from insights.ingest.privacy.headers import kind_of_header, kind_of_values
from insights.ingest.privacy.kinds import Kind
from insights.ingest.privacy.known_names import known_names
from insights.ingest.privacy.places import people_in_places
from insights.ingest.privacy.rep_names import pseudonyms
from insights.ingest.privacy.scrub import Scrubber
from insights.ingest.reading import Sheet
from insights.params.privacy import PrivacyParams
from insights.words import _

Place = tuple[str, str]  # file and sheet


@dataclass(frozen=True)
class Door:
    """What a run knows of people: made once all files are read, of all of them together."""

    params: PrivacyParams
    key: ContactKey | None
    scrubber: Scrubber
    kinds: Mapping[Place, Mapping[str, Kind | None]]
    reps: Mapping[str, str] = field(default_factory=dict, repr=False)  # name -> pseudonym

    def of(self, sheet: Sheet) -> Mapping[str, Kind | None]:
        """Return what of a person each column of a sheet holds."""
        return self.kinds[sheet.file, sheet.name]


def open_door(
    batches: Iterable[Batch],
    params: PrivacyParams,
    environment: Mapping[str, str] | None = None,
) -> Door:
    """Return the door of one ingest: its key, and the names that its own files give away.

    ``PrivacyError`` when contacts are to be hashed and there is no fit key (``load_contact_key``),
    or the file of names cannot be read.
    """
    batches = list(batches)
    key = load_contact_key(params, environment) if params.contacts == "hash" else None
    sheets = {(batch.sheet.file, batch.sheet.name): batch.sheet for batch in batches}
    plain = Scrubber(kept_words=frozenset(params.kept_words))
    used = used_headers(batches)
    kinds = {
        place: _kinds(sheet, used[place], plain, params.personal_share)
        for place, sheet in sheets.items()
    }
    cells = [
        cell
        for place, sheet in sheets.items()
        for header, kind in kinds[place].items()
        if kind == "name"
        for cell in sheet.frame[header].dropna().unique()
    ]
    places = people_in_places(sheets, plain, params.personal_share)
    known = known_names([*cells, *places], params.kept_words, _listed_names(params))
    scrubber = replace(plain, known=known)
    reps = {}
    if params.rep_names == "replace":
        reps = pseudonyms(batches, scrubber, params.personal_share, key)
    return Door(params, key, scrubber, kinds, reps)


def used_headers(batches: Iterable[Batch]) -> dict[Place, dict[str, set[str]]]:
    """Return for each sheet the canonical columns that each header is read as."""
    used: dict[Place, dict[str, set[str]]] = {}
    for batch in batches:
        headers = used.setdefault((batch.sheet.file, batch.sheet.name), {})
        for name in batch.plan.columns:
            for header in batch.plan.derivation(name).inputs:
                headers.setdefault(header, set()).add(name)
    return used


def _kinds(
    sheet: Sheet, used: Mapping[str, set[str]], scrubber: Scrubber, share: float
) -> dict[str, Kind | None]:
    kinds: dict[str, Kind | None] = {}
    for header in sheet.frame.columns:
        kind = kind_of_header(header)
        if kind is None and (header not in used or CONTACT in used[header]):
            kind = kind_of_values(sheet.frame[header], scrubber, share)
        kinds[header] = kind
    return kinds


def _listed_names(params: PrivacyParams) -> list[str]:
    if params.names_file is None:
        return []
    if in_repository(Path(params.names_file)):
        words = _("{path}: a list of names must not lie in a repository; move it elsewhere")
        raise PrivacyError(words.format(path=params.names_file))
    try:
        return Path(params.names_file).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        words = _("{path}: no list of names can be read here")
        raise PrivacyError(words.format(path=params.names_file)) from None
