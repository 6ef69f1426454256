"""How stored tables lie on disk. Units and reasons in ``params/base.yaml``."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive


@dataclass(frozen=True, config=STRICT)
class WritingParams:
    """When a table is one file, and when a folder a region.

    hive_rows: a table with more rows lies in hive folders, ``<table>/region_id=…/part.parquet``.
    hive_folders: a table of more regions stays one file, for each folder costs a file to open.
    """

    hive_rows: Positive = 1_000_000
    hive_folders: Positive = 2_000
