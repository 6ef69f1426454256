"""What a notebook leaves on disk: result.json, a table a file, and one workbook."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import pandas as pd

from insights import __version__
from insights.params import ROOT, params_key
from insights.tables import Tables

EXCEL_ROWS = 100_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Result(Protocol):
    """What every analysis returns, as far as saving needs it."""

    @property
    def analysis(self) -> str: ...  # noqa: D102
    @property
    def region(self) -> str: ...  # noqa: D102
    @property
    def as_of(self) -> dt.date | None: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    def headline(self) -> dict[str, float]: ...  # noqa: D102
    def check(self) -> pd.DataFrame: ...  # noqa: D102
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
    for name, frame in frames.items():
        _whole(folder / f"{name}.parquet", partial(_parquet, frame))
    _whole(folder.parent / f"{result.analysis}.xlsx", lambda path: _workbook(frames, path))
    text = json.dumps(_facts(result, tables, params), ensure_ascii=False, indent=2)
    _whole(folder / "result.json", lambda path: path.write_text(text, encoding="utf-8"))


def _facts(result: Result, tables: Tables, params: object) -> dict[str, object]:
    return {
        "analysis": result.analysis,
        "region": result.region,
        "as_of": None if result.as_of is None else result.as_of.isoformat(),
        "status": result.status,
        "sentence": str(result),
        "figures": {name: _plain(value) for name, value in result.headline().items()},
        "checks": [_plain_row(row) for row in result.check().to_dict("records")],
        "params_key": params_key(params),
        "data_key": tables.data_key,
        "version": __version__,
    }


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


def _workbook(frames: dict[str, pd.DataFrame], path: Path) -> None:
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, frame in frames.items():
            shown = frame.head(EXCEL_ROWS).map(_defused)
            named = frame.index.name is not None
            shown.to_excel(writer, sheet_name=name[:31], index=named, freeze_panes=(1, 0))
        if not frames:
            pd.DataFrame().to_excel(writer, sheet_name="empty")


def _defused(value: object) -> object:
    """Keep a text that looks like a formula from being one."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write under another name beside ``path``, then rename: readers never see half a file."""
    part = path.with_name(f".{os.getpid()}.part{path.suffix}")
    try:
        write(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
