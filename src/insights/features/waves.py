"""Two waves of one survey: what customers said first, and again after the improvement.

The loop of the source document is collect, analyse, improve, verify. The table feedback dates the
first and the last; a second survey is made after the improvement, so it stands for it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insights.features.known import known
from insights.tables import CANONICAL, Tables, as_date
from insights.words import _

SECOND_SURVEY = "second_survey"
TEXTS = ("kind", "dimension", "channel", "answers_id")
FIRST = ("feedback_id", "customer_id", "kind", "dimension", "channel", "given_on", "score")


@dataclass(frozen=True)
class Waves:
    """First surveys with the second that answers each, as known on a day.

    ``pairs`` [feedback_id, customer_id, kind, dimension, channel, first_on, second_on, first,
    second, change, verified]: one row a first survey, the not yet answered among them (second_on
    missing); change and verified (the score rose) are missing without both scores. ``unmatched``
    [feedback_id, answers_id, reason]: later surveys that answer no known first one.
    """

    pairs: pd.DataFrame
    unmatched: pd.DataFrame


class WavesError(ValueError):
    """The table feedback cannot be read as two waves: says what it lacks, or what is at fault."""


def survey_waves(tables: Tables, as_of: str | dt.date | pd.Timestamp) -> Waves:
    """Which first surveys were answered by a second one, and how did the score change?

    A row of wave 2 or later, or one that names the survey it answers, is a second survey; all
    others are first ones. Of several answers the latest by as_of counts. ``WavesError`` without
    the table, or naming every fault of what is known of it.
    """
    day = as_date(as_of)
    if (gap := tables.gap("feedback")) is not None:
        raise WavesError(gap)
    rows = _rows(tables, day)
    if faults := _faults(rows):
        raise WavesError("; ".join(faults))
    again = (rows.wave >= 2) | rows.answers_id.notna()
    first, second = rows[~again], rows[again]
    reasons = _unmatched_reasons(first, second)
    matched = second[reasons.isna()].sort_values(["given_on", "feedback_id"])
    latest = matched.drop_duplicates("answers_id", keep="last").set_index("answers_id")
    unmatched = second.loc[reasons.notna(), ["feedback_id", "answers_id"]]
    unmatched = unmatched.assign(reason=reasons.dropna()).sort_values("feedback_id")
    return Waves(_pairs(first, latest), unmatched.reset_index(drop=True))


def survey_panel(
    tables: Tables, strategy: Any, as_of: str | dt.date | pd.Timestamp
) -> pd.DataFrame:
    """What did each customer score before a strategy, and asked again after it had begun?

    ``strategy`` is a row of the table strategies (unit_type, starts_on; strategy_id and ends_on
    where it has them).
    [unit_id, period, value, price_part], sorted: the last day before the start stands for all
    first surveys, the start for the second ones. Only first surveys given before the start count,
    and only answers given from the start on, until ``answers_until``; whoever gave none has a
    missing second value. The start is a treated customer's own (strategy_units.starts_on, else the
    strategy's), and the middle one of them for all others.
    """
    kind = strategy.unit_type if isinstance(strategy.unit_type, str) else "customer"
    if kind != "customer":
        raise WavesError(
            _("strategies.unit_type: {metric} is given by customer, not by {kind}").format(
                metric=SECOND_SURVEY, kind=kind)
        )  # fmt: skip
    start, own = pd.Timestamp(strategy.starts_on), _own_starts(tables, strategy, as_date(as_of))
    usual = own.sort_values().iloc[(len(own) - 1) // 2] if len(own) else start
    scores = wave_scores(survey_waves(tables, answers_until(strategy, as_of)).pairs, usual, own)
    if not scores.second.notna().any():
        _refuse_late(survey_waves(tables, as_of).pairs, strategy)
    days = {"first": start - pd.Timedelta(days=1), "second": start}
    rows = scores.rename(columns={"customer_id": "unit_id"})
    rows = rows.melt("unit_id", list(days), "period", "value")
    rows = rows.assign(period=pd.to_datetime(rows.period.map(days)), price_part=0.0)
    return rows.sort_values(["unit_id", "period"], ignore_index=True)


def survey_periods(strategy: Any, as_of: str | dt.date | pd.Timestamp) -> pd.DatetimeIndex:
    """Which months after its start has a second survey been collecting answers?

    The first days of the months, counted from the start, that were complete on as_of and when the
    strategy ended: a survey has two values a unit but its answers keep arriving, so that each
    further month is a further look. A strategy that ended within its first month has that one;
    a month that its end cuts short is else part of the one before.
    """
    start = pd.Timestamp(strategy.starts_on)
    last = _last_day(strategy, as_of)
    after = last + pd.Timedelta(days=1)
    n = 12 * (after.year - start.year) + after.month - start.month
    n -= start + pd.DateOffset(months=n) > after
    least = 1 if _ended(strategy, as_of) and last >= start else 0
    return pd.DatetimeIndex([start + pd.DateOffset(months=i) for i in range(max(n, least))])


def answers_until(strategy: Any, as_of: str | dt.date | pd.Timestamp) -> pd.Timestamp:
    """Return the last day whose answers count: that of the last month of ``survey_periods``.

    Once a strategy has ended it is ends_on, without grace: what is written down beforehand says
    until when answers count, and nobody can wait for a better one.
    """
    if _ended(strategy, as_of):
        return pd.Timestamp(strategy.ends_on)
    n = len(survey_periods(strategy, as_of))
    months = pd.DateOffset(months=n)
    return pd.Timestamp(strategy.starts_on) + months - pd.Timedelta(days=1)


def aligned_starts(units: pd.DataFrame, strategy: Any) -> pd.DataFrame:
    """Place the treated units of a second survey on its second value, whenever each began.

    ``units`` [unit_id, starts_on]; those of any other metric stay as they are. Their own starts
    have told already which surveys are first ones (``survey_panel``).
    """
    if strategy.metric != SECOND_SURVEY:
        return units
    return units.assign(starts_on=pd.Timestamp(strategy.starts_on))


def wave_scores(
    pairs: pd.DataFrame,
    starts_on: dt.date | pd.Timestamp | None = None,
    own_starts: pd.Series | None = None,
) -> pd.DataFrame:
    """Return one row a customer: the mean first and second score of its surveys.

    ``pairs`` as of ``survey_waves``. [customer_id, first, second], sorted. Over answered surveys; a
    customer none of whose surveys was answered keeps its first score beside a missing second one,
    so that it can be counted. With ``starts_on``, only surveys first given before that day count,
    and only answers on or after it; ``own_starts``, by customer_id, goes before it.
    """
    if starts_on is not None:
        starts = pd.Series(pd.Timestamp(starts_on), index=pairs.index)
        if own_starts is not None and len(own_starts):
            starts = pd.to_datetime(pairs.customer_id.map(own_starts)).fillna(starts)
        pairs = pairs.assign(second=pairs.second.where(pairs.second_on >= starts))
        pairs = pairs[pairs.first_on < starts]
    pairs = pairs[pairs["first"].notna()]
    whole = pairs.groupby("customer_id")["first"].mean()
    both = pairs[pairs.second.notna()].groupby("customer_id")[["first", "second"]].mean()
    found = both.reindex(whole.index)
    found = found.assign(first=found["first"].fillna(whole))
    return found.sort_index().reset_index()


def _ended(strategy: Any, as_of: str | dt.date | pd.Timestamp) -> bool:
    ends_on = getattr(strategy, "ends_on", None)  # a strategy that is only planned has none
    return bool(pd.notna(ends_on) and pd.Timestamp(ends_on) <= pd.Timestamp(as_date(as_of)))


def _last_day(strategy: Any, as_of: str | dt.date | pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(strategy.ends_on if _ended(strategy, as_of) else as_date(as_of))


def _own_starts(tables: Tables, strategy: Any, day: dt.date) -> pd.Series:
    """Return the start of each treated customer that had begun by a day."""
    planned = getattr(strategy, "strategy_id", None) is None
    if planned or tables.gap("strategy_units") is not None:
        return pd.Series(dtype="datetime64[ns]")
    rows = tables["strategy_units"]
    rows = rows.filter(rows.strategy_id == strategy.strategy_id)
    found = rows.select("unit_id", "starts_on").execute()
    starts = pd.to_datetime(found.starts_on).fillna(pd.Timestamp(strategy.starts_on))
    starts = starts.groupby(found.unit_id).min()
    return starts[starts <= pd.Timestamp(day)]


def _refuse_late(pairs: pd.DataFrame, strategy: Any) -> None:
    """Say that every answer came after the strategy had ended, which would else pass for none."""
    ends_on = getattr(strategy, "ends_on", None)
    if ends_on is None or pd.isna(ends_on):
        return
    late = pairs[pairs.second.notna() & (pairs.second_on > pd.Timestamp(ends_on))]
    if len(late):
        raise WavesError(
            _("strategies.ends_on: all {n} answers came after {ends_on}, the first on {day}; "
              "answers count until ends_on").format(
                  n=len(late), ends_on=pd.Timestamp(ends_on).date(),
                  day=late.second_on.min().date())
        )  # fmt: skip


def _rows(tables: Tables, day: dt.date) -> pd.DataFrame:
    rows = known(tables, "feedback", day).filter(lambda t: t.feedback_id.notnull())
    columns = ["feedback_id", "customer_id", "given_on", "score", "wave", *TEXTS]
    found = rows.select(*columns).execute().sort_values("feedback_id", ignore_index=True)
    texts = {name: found[name].astype("str").where(found[name].notna()) for name in TEXTS}
    return found.assign(
        **texts,
        given_on=pd.to_datetime(found.given_on),
        score=found.score.astype("float64"),
        wave=found.wave.astype("float64"),
    )


def _faults(rows: pd.DataFrame) -> list[str]:
    scale = CANONICAL["feedback"].column("score")
    outside = rows[(rows.score < scale.low) | (rows.score > scale.high)]
    odd = rows[rows.wave.notna() & ~((rows.wave >= 1) & (rows.wave % 1 == 0))]
    twice = rows[rows.feedback_id.duplicated()]
    undated = rows[rows.given_on.isna()]
    said = [
        (outside, _("feedback.score: {n} outside {low:g} to {high:g}, such as {value:g} in {id}; "
                    "bring them to the scale"), outside.score),
        (odd, _("feedback.wave: {n} that are no wave, such as {value:g} in {id}; 1 is the first, "
                "2 the second"), odd.wave),
        (twice, _("feedback.feedback_id: {n} repeated, such as {id}; keep one row each"),
         twice.wave),
        (undated, _("feedback.given_on: {n} without a date, such as {id}; give it"), undated.wave),
    ]  # fmt: skip
    return [
        words.format(n=len(part), low=scale.low, high=scale.high, value=values.iloc[0],
                     id=part.feedback_id.iloc[0])
        for part, words, values in said if len(part)
    ]  # fmt: skip


def _unmatched_reasons(first: pd.DataFrame, second: pd.DataFrame) -> pd.Series:
    """Say for each second survey why it answers no first one; missing where it does."""
    once = first.set_index("feedback_id")
    asked = second.answers_id
    found = asked.isin(once.index)
    whose, when = once.customer_id.reindex(asked), once.given_on.reindex(asked)
    reasons = np.select(
        [
            asked.isna(),
            asked.isin(second.feedback_id),
            ~found,
            found & (whose.to_numpy() != second.customer_id),
            found & ~(second.given_on >= when.to_numpy()),
        ],
        [
            _("names no first survey"),
            _("answers a survey that is itself a second one; name the first"),
            _("the first survey is not among the known ones"),
            _("the first survey is another customer's"),
            _("given before the first survey"),
        ],
        default="",
    )
    said = pd.Series(reasons, index=second.index, dtype="str")
    return said.where(said != "")


def _pairs(first: pd.DataFrame, latest: pd.DataFrame) -> pd.DataFrame:
    pairs = first.loc[:, list(FIRST)].rename(columns={"given_on": "first_on", "score": "first"})
    answers = latest[["given_on", "score"]].reindex(pairs.feedback_id).set_axis(pairs.index)
    change = answers.score - pairs["first"]
    pairs = pairs.assign(
        second_on=answers.given_on, second=answers.score, change=change,
        verified=(change > 0).astype("float64").where(change.notna()),
    )  # fmt: skip
    columns = [*FIRST[:5], "first_on", "second_on", "first", "second", "change", "verified"]
    return pairs.loc[:, columns].reset_index(drop=True)
