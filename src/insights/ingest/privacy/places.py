"""Names of files and sheets that hold people: 王建国拜访.xlsx, a sheet for each salesman."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.privacy.headers import kind_of_values
from insights.ingest.privacy.scrub import Scrubber
from insights.ingest.reading import Sheet

Place = tuple[str, str]  # file and sheet
NUMBERED = re.compile(r" \(\d+\)(?=\.[^./]*$|$)")
BETWEEN_WORDS = re.compile(r"(〔[^〕]*〕|[\d_\-+&.~ \u3000()（）\[\]【】]+)")


@dataclass(frozen=True)
class PlaceNames:
    """What files and sheets are called in everything that is written or shown.

    ``files``: a name as it was read -> without people; ``sheets``: (file, sheet) likewise. Names
    that become the same are numbered, so that each is still one place.
    """

    files: Mapping[str, str]
    sheets: Mapping[Place, str]

    def shown(self, place: Place) -> Place:
        """Return what a file and sheet are called."""
        return self.files.get(place[0], place[0]), self.sheets.get(place, place[1])

    def of(self, sheet: Sheet) -> Sheet:
        """Return a sheet under the names that may be shown."""
        file, name = self.shown((sheet.file, sheet.name))
        return replace(sheet, file=file, name=name)

    def renamed(self, batch: Batch) -> Batch:
        """Return a batch whose file and sheet may be shown, and faults that speak of others."""
        faults, emptied = (
            one.assign(**{name: self.within(one[name]) for name in ("reason", "remedy")})
            for one in (batch.faults, batch.emptied)
        )
        return replace(batch, sheet=self.of(batch.sheet), faults=faults, emptied=emptied)

    def within(self, texts: pd.Series) -> pd.Series:
        """Return texts in which files and sheets are called by the names that may be shown."""
        changed = {old: new for old, new in self.files.items() if old != new}
        changed |= {old: new for (_file, old), new in self.sheets.items() if old != new}
        for old in sorted(changed, key=len, reverse=True):
            texts = texts.str.replace(old, changed[old], regex=False)
        return texts


def unnumbered(name: str) -> str:
    """Return a shown name without the number that keeps it apart from others."""
    return NUMBERED.sub("", name)


def place_names(places: Iterable[Place], files: Iterable[str], scrubber: Scrubber) -> PlaceNames:
    """Return names without people for the sheets that were read, and for further ``files``."""
    seen = list(dict.fromkeys(places))
    names = list(dict.fromkeys([*(file for file, _sheet in seen), *files]))
    clean = dict(zip(names, _apart([_clean_file(n, scrubber) for n in names]), strict=True))
    sheets: dict[Place, str] = {}
    for file in names:
        own = [place for place in seen if place[0] == file]
        made = _apart([_clean(sheet, scrubber) for _file, sheet in own])
        sheets |= dict(zip(own, made, strict=True))
    return PlaceNames(clean, sheets)


def people_in_places(places: Iterable[Place], scrubber: Scrubber, share: float) -> list[str]:
    """Return the names of people that name files or sheets: where most of a kind are such."""
    seen = list(dict.fromkeys(places))
    groups: dict[str, list[str]] = {"": list(dict.fromkeys(_stem(file) for file, _sheet in seen))}
    for file, sheet in seen:
        groups.setdefault(f"/{file}", []).append(sheet)
    return [
        name
        for names in groups.values()
        if kind_of_values(pd.Series(names, dtype="str"), scrubber, share) == "name"
        for name in names
    ]


def _clean_file(file: str, scrubber: Scrubber) -> str:
    """Return a file's path without people; what tells its kind stays."""
    *folders, name = file.split("/")
    suffix = PurePosixPath(name).suffix
    stem = name.removesuffix(suffix) if suffix else name
    return "/".join([*(_clean(one, scrubber) for one in folders), _clean(stem, scrubber) + suffix])


def _clean(name: str, scrubber: Scrubber) -> str:
    """Scrub a name whole (a phone may have dashes), then each of its words."""
    whole = scrubber.scrub_word(name)
    return "".join(scrubber.scrub_word(word) for word in BETWEEN_WORDS.split(whole))


def _apart(names: Sequence[str]) -> list[str]:
    """Number names that have become the same: x, x (2); a suffix stays at the end."""
    taken, made = set(names), []
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        made.append(name if seen[name] == 1 else _free(name, seen, taken))
    return made


def _free(name: str, seen: Counter[str], taken: set[str]) -> str:
    head, dot, suffix = name.rpartition(".") if "." in name.rpartition("/")[2] else (name, "", "")
    while (numbered := f"{head} ({seen[name]}){dot}{suffix}") in taken:
        seen[name] += 1
    taken.add(numbered)
    return numbered


def _stem(file: str) -> str:
    return PurePosixPath(file).stem
