"""One list of what the questions found: the same columns, each question's own order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from insights.exceptions.result import COLUMNS, SOURCES, Exceptions
from insights.params import ExceptionsParams
from insights.tables import Tables, as_date

DEFAULTS = ExceptionsParams()


@dataclass(frozen=True)
class Source:
    """The actions of one question, the most pressing first, and which of its columns say what.

    ``amount`` names the column of money (CNY) and ``means`` what it is: amounts of two questions
    are never added. ``reason`` says why the question has no answer, where it has none.
    """

    question: str
    rows: pd.DataFrame = field(repr=False)
    action: str
    subject: str
    amount: str
    means: str
    owner: str
    reason: str = ""


def gather_exceptions(
    sources: list[Source],
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    params: ExceptionsParams = DEFAULTS,
) -> Exceptions:
    """What is out of line on as_of, over all questions? See ``Exceptions`` for the columns.

    Rows keep the order of their question. A row whose amount is known and below ``least_amount``
    is left out and counted. ``KeyError`` names a column that a source lacks.
    """
    lists = [_listed(source, params) for source in sources]
    rows = [one for one in lists if len(one)]
    return Exceptions(
        rows=pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(COLUMNS)),
        sources=pd.DataFrame(
            [_counted(*pair) for pair in zip(sources, lists, strict=True)], columns=list(SOURCES)
        ),
        regions=tables.regions,
        params=params,
        as_of=as_date(as_of),
    )


def _listed(source: Source, params: ExceptionsParams) -> pd.DataFrame:
    """Return a source's rows in the columns of the list, those too small for it left out."""
    rows = source.rows.reset_index(drop=True)
    amount = rows[source.amount].astype("float64")
    found = pd.DataFrame(
        {
            "question": source.question,
            "rank": np.arange(1, len(rows) + 1),
            "action": rows[source.action],
            "subject_id": rows[source.subject],
            "name": rows["name"],
            "region_id": rows["region_id"],
            "why": rows["why"],
            "amount": amount,
            "amount_means": source.means,
            "owner": rows[source.owner],
        }
    )
    return found[~(amount < params.least_amount)].reset_index(drop=True)


def _counted(source: Source, listed: pd.DataFrame) -> tuple[object, ...]:
    return source.question, len(listed), len(source.rows) - len(listed), source.reason
