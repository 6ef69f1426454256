"""What is too old, or asked to be forgotten, leaves the stored tables: all of it or nothing."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.files.switching import held_alone
from insights.ingest.layout import stored_files
from insights.ingest.origins import ORIGINS
from insights.ingest.privacy.columns import CONTACT
from insights.ingest.privacy.errors import PrivacyError
from insights.ingest.privacy.handed_out import copies_tables, copies_text, handed_out
from insights.ingest.writing import QUARANTINE, mend, switched_in
from insights.params.privacy import PrivacyParams
from insights.tables import CANONICAL, as_date
from insights.words import _

Mask = Callable[[pa.Table], pa.Array]  # which rows go
Held = Callable[[Path], bool]  # whether a copy of rows may hold what is asked for
COUNTS = ["table", "file", "rows", "erased", "kept"]


@dataclass(frozen=True)
class Erasure:
    """What ``erase`` took out, or would take out.

    ``counts``: a row per file of a table with rows, erased, kept. ``why`` says what was asked for;
    ``quarantine`` that the rows held back go too, as a whole; ``lists`` how many lists in
    ``review`` that copy rows do.
    """

    counts: pd.DataFrame
    why: str
    dry_run: bool
    quarantine: bool = False
    lists: int = 0

    @property
    def erased(self) -> int:
        """Return how many rows go."""
        return int(self.counts.erased.sum())

    def __str__(self) -> str:
        """Say what goes, and where else it may still lie."""
        line = _("{table}: {erased:,} of {rows:,} rows")
        by_table = self.counts.groupby("table", sort=False)[["rows", "erased"]].sum()
        lines = [
            line.format(table=table, erased=row.erased, rows=row.rows)
            for table, row in by_table[by_table.erased > 0].iterrows()
        ]
        head = _("would erase, {why}:") if self.dry_run else _("erased, {why}:")
        lines = [*(lines or [_("no row of the tables")]), *self._held_line()]
        return "\n".join([head.format(why=self.why), *lines, self._foot()])

    def _held_line(self) -> list[str]:
        held = [_("quarantine: all of it, for it may hold such rows")] if self.quarantine else []
        words = _("review: {n} lists that copy such rows (mend, mapping), with what is filled in")
        return [*held, *([words.format(n=self.lists)] if self.lists else [])]

    def _foot(self) -> str:
        if self.dry_run:
            return _("nothing was changed: this was a dry run")
        if not self.erased and not self.quarantine and not self.lists:
            return _("nothing was changed: nothing of it is stored here")
        return _(
            "delete old exports, filled lists (mend, mapping) among them, reports and .cache"
            " yourself, or they bring it back"
        )


def erase(
    tables_folder: str | Path,
    retention_months: int,
    as_of: str | dt.date | pd.Timestamp,
    tables: Sequence[str] = PrivacyParams().retention_tables,
    dry_run: bool = True,
) -> Erasure:
    """Erase rows of ``tables`` dated more than ``retention_months`` months before ``as_of``.

    A row dated on that day stays; an absence counts from its end. Books of account (invoices,
    payments) are not among the tables unless named: the law keeps them for decades. The folder is
    switched as a whole; after an error it is as it was. ``PrivacyError`` when it holds no tables
    or a name is no dated table.
    """
    if retention_months < 1:
        raise PrivacyError(_("retention: a whole number of months, 1 or more"))
    undated = [name for name in tables if name not in CANONICAL or not _date_column(name)]
    if undated:
        raise PrivacyError(_("no dated tables: {names}").format(names=", ".join(undated)))
    day = (pd.Timestamp(as_date(as_of)) - pd.DateOffset(months=retention_months)).date()
    masks = {name: _older(_date_column(name), day) for name in tables}
    why = _("dated before {day}").format(day=day)
    return _erased(Path(tables_folder), masks, _of_tables(tables), why, dry_run)


def erase_contact(tables_folder: str | Path, contact_id: str, dry_run: bool = True) -> Erasure:
    """Erase every row of one contact, by the hash that stands for the person.

    The quarantine, and the lists in ``review`` that copy its rows, go too where such rows are
    stored, or where one of them names the contact itself; answers about names stay. Put
    the hash into ``privacy.erased_contacts`` too: the next export still holds the person.
    """
    if not contact_id.strip():
        raise PrivacyError(_("name the contact by its id"))
    names = [t.name for t in CANONICAL.values() if CONTACT in {c.name for c in t.columns}]
    masks = {name: _of_contact(contact_id) for name in names}
    why = _("contact {contact}").format(contact=contact_id)
    return _erased(Path(tables_folder), masks, _naming(contact_id), why, dry_run)


def _erased(folder: Path, masks: dict[str, Mask], held: Held, why: str, dry_run: bool) -> Erasure:
    folder = folder.absolute()
    mend(folder)
    copies = [*_held_back(folder), *handed_out(folder)]
    if not any(_files(folder, name) for name in CANONICAL) and not copies:
        raise PrivacyError(_("{folder}: holds no tables").format(folder=folder))
    with nullcontext() if dry_run else held_alone(folder):
        counts, left = _found(folder, masks)
        quarantine, lists = _held_back(folder), handed_out(folder)
        goes = bool(left) or any(held(path) for path in [*quarantine, *lists])
        if goes and not dry_run:
            _replace(folder, left)
    return Erasure(counts, why, dry_run, goes and bool(quarantine), len(lists) if goes else 0)


def _found(folder: Path, masks: dict[str, Mask]) -> tuple[pd.DataFrame, dict[Path, np.ndarray]]:
    """Return the counts of each file, and which rows stay of those that lose some."""
    rows: list[list[object]] = []
    left: dict[Path, np.ndarray] = {}
    for name, mask in masks.items():
        for path in _files(folder, name):
            goes = _goes(path, mask)
            gone, relative = int(goes.sum()), path.relative_to(folder)
            rows.append([name, relative.as_posix(), len(goes), gone, len(goes) - gone])
            left |= {relative: ~goes} if gone else {}
    return pd.DataFrame(rows, columns=COUNTS), left


def _held_back(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / QUARANTINE).rglob("*") if path.is_file())


def _goes(path: Path, mask: Mask) -> np.ndarray:
    """Return which rows of a file go."""
    return pc.fill_null(mask(_read(path)), False).to_numpy(zero_copy_only=False).astype(bool)


def _replace(folder: Path, left: dict[Path, np.ndarray]) -> None:
    """Switch in a folder without copies of rows, and in each of these files the rows that stay."""
    with switched_in(folder) as fresh:
        skip = shutil.ignore_patterns(QUARANTINE)
        shutil.copytree(folder, fresh, copy_function=_linked, ignore=skip, dirs_exist_ok=True)
        for path in handed_out(fresh):
            path.unlink()
        for relative, stays in left.items():
            _keep_rows(fresh / relative, stays)
            _keep_rows(fresh / ORIGINS / relative, stays)
        for empty in sorted((p for p in fresh.rglob("*") if p.is_dir()), reverse=True):
            if not any(empty.iterdir()):
                empty.rmdir()


def _keep_rows(path: Path, stays: np.ndarray) -> None:
    """Write a file again with these rows; origins that are of other rows go altogether."""
    if not path.is_file():
        return
    rows = _read(path)
    path.unlink()  # a link to the file that is still in use
    if rows.num_rows == len(stays) and stays.any():
        _write(rows.filter(pa.array(stays)), path)


def _linked(source: str, target: str) -> None:
    """A link where the disk knows them: unchanged tables are not copied."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _files(folder: Path, name: str) -> list[Path]:
    """Return every file of a table, those too that a reader would pass over."""
    single = [folder / f"{name}{suffix}" for suffix in (".parquet", ".csv")]
    inner = [*stored_files(folder, name), *(folder / name).rglob("*.parquet")]
    return sorted({path for path in [*single, *inner] if path.is_file()})


def _read(path: Path) -> pa.Table:
    if path.suffix == ".csv":
        text = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        return pa.Table.from_pandas(text, preserve_index=False)
    return pq.ParquetFile(path).read()


def _write(rows: pa.Table, path: Path) -> None:
    if path.suffix == ".csv":
        rows.to_pandas().to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    else:
        pq.write_table(rows, path)


def _date_column(name: str) -> str:
    dates = [column.name for column in CANONICAL[name].columns if column.type == "date"]
    needed = [name_ for name_ in dates if CANONICAL[name].column(name_).required]
    return needed[-1] if needed else ""


def _older(column: str, day: dt.date) -> Mask:
    def mask(rows: pa.Table) -> pa.Array:
        if column not in rows.column_names:
            return pa.nulls(rows.num_rows, pa.bool_())
        dates = pd.to_datetime(rows.column(column).to_pandas(), errors="coerce")
        return pa.array((dates < pd.Timestamp(day)).to_numpy(bool))

    return mask


def _of_contact(contact_id: str) -> Mask:
    def mask(rows: pa.Table) -> pa.Array:
        if CONTACT not in rows.column_names:
            return pa.nulls(rows.num_rows, pa.bool_())
        return pc.equal(rows.column(CONTACT), contact_id)

    return mask


def _of_tables(tables: Sequence[str]) -> Held:
    """A copy of rows counts where one of them is of these tables, or of none known."""

    def held(path: Path) -> bool:
        if path.suffix == ".xlsx":
            return copies_tables(path, tables)
        try:
            rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
            return not rows["table"].isin(set(CANONICAL) - set(tables)).all()
        except (ValueError, KeyError, OSError):  # nobody knows what it holds
            return True

    return held


def _naming(contact_id: str) -> Held:
    """A copy of rows counts where it holds the contact's id, or cannot be read."""

    def held(path: Path) -> bool:
        if path.suffix == ".xlsx":
            return copies_text(path, contact_id)
        return path.suffix != ".csv" or contact_id.encode() in path.read_bytes()

    return held
