"""What is too old, or asked to be forgotten, leaves the stored tables: all of it or nothing."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights.ingest.privacy.columns import CONTACT
from insights.ingest.privacy.errors import PrivacyError
from insights.ingest.writing import QUARANTINE, mend, switched_in
from insights.params.privacy import PrivacyParams
from insights.tables import CANONICAL, as_date
from insights.words import _

Mask = Callable[[pa.Table], pa.Array]  # which rows go
COUNTS = ["table", "file", "rows", "erased", "kept"]


@dataclass(frozen=True)
class Erasure:
    """What ``erase`` took out, or would take out.

    ``counts``: a row per file of a table with rows, erased, kept. ``why`` says what was asked for.
    """

    counts: pd.DataFrame
    why: str
    dry_run: bool

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
        dry = _("nothing was changed: this was a dry run")
        done = _(
            "the quarantine of these tables is gone too; delete old exports, reports and .cache"
            " yourself, or they bring it back"
        )
        foot = dry if self.dry_run else done
        return "\n".join([head.format(why=self.why), *(lines or [_("no row")]), foot])


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
    return _erased(Path(tables_folder), masks, why, dry_run)


def erase_contact(tables_folder: str | Path, contact_id: str, dry_run: bool = True) -> Erasure:
    """Erase every row of one contact, by the hash that stands for the person.

    Put the hash into ``privacy.erased_contacts`` too: the next export still holds the person.
    """
    if not contact_id.strip():
        raise PrivacyError(_("name the contact by its id"))
    names = [t.name for t in CANONICAL.values() if CONTACT in {c.name for c in t.columns}]
    masks = {name: _of_contact(contact_id) for name in names}
    why = _("contact {contact}").format(contact=contact_id)
    return _erased(Path(tables_folder), masks, why, dry_run)


def _erased(folder: Path, masks: dict[str, Mask], why: str, dry_run: bool) -> Erasure:
    folder = folder.absolute()
    mend(folder)
    files = {name: _files(folder, name) for name in CANONICAL}
    if not folder.is_dir() or not any(files.values()):
        raise PrivacyError(_("{folder}: holds no tables").format(folder=folder))
    left: dict[Path, pa.Table] = {}
    rows = []
    for name, mask in masks.items():
        for path in files[name]:
            stored = _read(path)
            kept = stored.filter(pc.invert(pc.fill_null(mask(stored), False)))
            gone = stored.num_rows - kept.num_rows
            relative = path.relative_to(folder)
            rows.append([name, relative.as_posix(), stored.num_rows, gone, kept.num_rows])
            left |= {relative: kept} if gone else {}
    if left and not dry_run:
        _replace(folder, left)
    return Erasure(pd.DataFrame(rows, columns=COUNTS), why, dry_run)


def _replace(folder: Path, left: dict[Path, pa.Table]) -> None:
    with switched_in(folder) as fresh:
        skip = shutil.ignore_patterns(QUARANTINE)
        shutil.copytree(folder, fresh, copy_function=_linked, ignore=skip, dirs_exist_ok=True)
        for relative, kept in left.items():
            (fresh / relative).unlink()
            if kept.num_rows:
                _write(kept, fresh / relative)


def _linked(source: str, target: str) -> None:
    """A link where the disk knows them: unchanged tables are not copied."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _files(folder: Path, name: str) -> list[Path]:
    single = [folder / f"{name}{suffix}" for suffix in (".parquet", ".csv")]
    return [path for path in single if path.is_file()] + sorted((folder / name).rglob("*.parquet"))


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
