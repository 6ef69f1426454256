"""One list of what the questions found: the same columns, each question's own order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

from insights.exceptions.result import COLUMNS, SOURCES, Exceptions
from insights.params import ExceptionsParams
from insights.tables import Tables, as_date
from insights.words import _

DEFAULTS = ExceptionsParams()


class Answer(Protocol):
    """A result of another question, as far as the list needs it."""

    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    def tables(self) -> dict[str, pd.DataFrame]: ...  # noqa: D102


@dataclass(frozen=True)
class Source:
    """The actions of one question, the most pressing first, and which of its columns say what.

    ``kind`` names the column by which rows are counted; a row about no one is about its owner.
    ``amount`` names the column of money (CNY) and ``means`` what it is: amounts of two questions
    are never added. ``reason`` says why the question has no answer, where it has none.
    """

    question: str
    rows: pd.DataFrame = field(repr=False)
    kind: str
    action: str
    subject: str
    amount: str
    means: str
    owner: str
    reason: str = ""

    @classmethod
    def of_targets(cls, answer: Answer) -> Source:
        """Return what a review of targets asks for."""
        means = _("at stake")
        return _source(cls, "targets", "actions", answer, "action", "action", "subject_id",
                       "money_at_stake", means, "owner")  # fmt: skip

    @classmethod
    def of_calls(cls, answer: Answer) -> Source:
        """Return what a review of calls asks for; a customer without a rep is the team lead's."""
        means = _("bought in the last year")
        return _source(cls, "calls", "actions", answer, "action", "action", "customer_id",
                       "value", means, "rep_id")  # fmt: skip

    @classmethod
    def of_receivables(cls, answer: Answer) -> Source:
        """Return whom a review of receivables would call."""
        means = _("expected to be lost")
        return _source(cls, "delinquency", "worklist", answer, "channel", "step",
                       "customer_id", "expected_loss", means, "owner")  # fmt: skip


def _source(
    cls: type[Source], question: str, table: str, answer: Answer, kind: str, action: str,
    subject: str, amount: str, means: str, owner: str,
) -> Source:  # fmt: skip
    rows = answer.tables().get(table, pd.DataFrame()) if answer.status == "ok" else pd.DataFrame()
    return cls(question, rows, kind, action, subject, amount, means, owner, answer.reason)


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
    if source.rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = source.rows.reset_index(drop=True)
    amount = rows[source.amount].astype("float64")
    found = pd.DataFrame(
        {
            "question": source.question,
            "rank": np.arange(1, len(rows) + 1),
            "kind": rows[source.kind],
            "action": rows[source.action],
            "subject_id": rows[source.subject].fillna(rows[source.owner]),
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
