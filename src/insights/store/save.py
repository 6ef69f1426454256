"""What a notebook leaves on disk: result.json, a table a file, and one workbook."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Protocol

import pandas as pd

from insights import __version__
from insights.files.whole import write_whole
from insights.params import ROOT, params_key
from insights.store.workbook import write_workbook
from insights.tables import ALL, Tables
from insights.tables.totals import CENTS, in_all
from insights.words import _


class Result(Protocol):
    """What every analysis returns, as far as saving needs it."""

    @property
    def analysis(self) -> str: ...  # noqa: D102
    @property
    def of_company(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def region(self) -> str: ...  # noqa: D102
    @property
    def as_of(self) -> dt.date | None: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    def headline(self) -> dict[str, float]: ...  # noqa: D102
    def check(self) -> pd.DataFrame: ...  # noqa: D102
    def totals(self) -> pd.DataFrame: ...  # noqa: D102
    def tables(self) -> dict[str, pd.DataFrame]: ...  # noqa: D102


def save(result: Result, save_to: str | Path | None, tables: Tables, params: object) -> None:
    """Write result.json, the tables and a workbook below ``save_to``; nothing when it is None.

    Leaves ``<save_to>/<analysis>/result.json``, ``<analysis>/<table>.parquet`` and
    ``<save_to>/<analysis>.xlsx``. Each file is written whole under another name, then renamed.
    """
    if save_to is None:
        return
    folder = ROOT / save_to / result.analysis
    folder.mkdir(parents=True, exist_ok=True)
    frames = result.tables()
    for stale in set(folder.glob("[!.]*.parquet")) - {
        folder / f"{name}.parquet" for name in frames
    }:
        stale.unlink()
    for name, frame in frames.items():
        write_whole(folder / f"{name}.parquet", partial(_parquet, frame))
    workbook = partial(write_workbook, _about(result, frames), frames, whose=_whose(result, frames),
                       figures=result.headline(), analysis=result.analysis)  # fmt: skip
    write_whole(folder.parent / f"{result.analysis}.xlsx", workbook)
    text = json.dumps(_facts(result, tables, params), ensure_ascii=False, indent=2)
    write_whole(folder / "result.json", lambda path: path.write_text(text, encoding="utf-8"))


def _facts(result: Result, tables: Tables, params: object) -> dict[str, object]:
    return {
        "analysis": result.analysis,
        "region": result.region,
        "as_of": None if result.as_of is None else result.as_of.isoformat(),
        "status": result.status,
        "sentence": str(result),
        "figures": {name: _plain(value) for name, value in result.headline().items()},
        "checks": [_plain_row(row) for row in result.check().to_dict("records")],
        **_totals(result.totals()),
        "params_key": params_key(params),
        "data_key": tables.data_key,
        "version": __version__,
    }


def _totals(found: pd.DataFrame) -> dict[str, object]:
    """Return what adds up over regions, in all and by region; money is text, and so exact."""
    whole = in_all(found)
    columns = [str(name) for name in found]
    by_region = {
        _total_name(name): {
            str(region): _exact(name, value) for region, value in found[name].items()
        }
        for name in columns
    }
    return {
        "totals": {_total_name(name): _exact(name, whole[name]) for name in columns},
        "totals_by_region": by_region,
    }


def _total_name(column: str) -> str:
    return column.removesuffix(CENTS)


def _exact(column: str, value: int) -> int | str | None:
    if pd.isna(value):
        return None
    return f"{Decimal(int(value)).scaleb(-2):.2f}" if column.endswith(CENTS) else int(value)


def _plain_row(row: Mapping[object, object]) -> dict[str, object]:
    return {str(name): _plain(row[name]) for name in ("check", "value", "bound", "verdict")}


def _plain(value: object) -> object:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path)


def _whose(result: Result, frames: Iterable[str]) -> dict[str, str]:
    """Return of a region's tables which speak of the region, and which of the whole company."""
    if result.region == ALL:
        return {}
    company = _("the whole company")
    return {name: company if name in result.of_company else result.region
            for name in frames}  # fmt: skip


def _about(result: Result, frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return what the workbook's first sheet says of the result."""
    told = {
        _("sentence"): str(result),
        _("region"): result.region,
        _("as_of"): "" if result.as_of is None else result.as_of.isoformat(),
        _("status"): result.status,
        _("analysis"): result.analysis,
        _("version"): __version__,
    }
    if all(frame.empty for frame in frames.values()):
        told[_("reason")] = result.reason or _("no table has a row")
    return told
