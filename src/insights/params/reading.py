"""Who reads. Units and reasons stand in ``params/base.yaml``."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT


@dataclass(frozen=True, config=STRICT)
class ReadingParams:
    """In which language pages, tables, workbooks and figures speak."""

    language: Literal["en", "zh"] = "en"
