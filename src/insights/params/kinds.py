"""The kinds of values that params share: shares, counts, dates; strict everywhere."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from insights.words import _

STRICT = ConfigDict(extra="forbid", strict=True)
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]


def _iso_date(value: str) -> str:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError(_("not a date; write it as YYYY-MM-DD, in quotes")) from None


IsoDate = Annotated[str, AfterValidator(_iso_date)]
