"""The list of the morning. Units and reasons in ``params/base.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, Positive


@dataclass(frozen=True, config=STRICT)
class ExceptionsParams:
    """What is worth a line of the list, and how many lines a page shows."""

    least_amount: Annotated[float, Field(ge=0)] = 10_000.0
    shown: Positive = 8
