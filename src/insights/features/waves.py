"""Two waves of one survey: what customers said first, and again after the improvement.

The loop of the source document is collect, analyse, improve, verify. The table feedback dates the
first and the last; a second survey is made after the improvement, so it stands for it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from insights.features.known import known
from insights.tables import Tables, as_date
from insights.words import _

TEXTS = ("kind", "dimension", "channel", "answers_id")
FIRST = ("feedback_id", "customer_id", "kind", "dimension", "channel", "given_on", "score")
By = Literal["kind", "dimension", "channel", "customer_id"]


@dataclass(frozen=True)
class Waves:
    """First surveys with the second that answers each, as known on a day.

    ``pairs`` [feedback_id, customer_id, kind, dimension, channel, first_on, second_on, first,
    second, change, verified]: one row a first survey, the not yet answered among them (second_on
    missing); change and verified (the score rose) are missing without both scores. ``unmatched``
    [feedback_id, answers_id, reason]: second surveys that answer no known first one.
    """

    as_of: dt.date
    pairs: pd.DataFrame
    unmatched: pd.DataFrame

    @property
    def n_unanswered(self) -> int:
        """Return how many first surveys have no second one yet."""
        return int(self.pairs.second_on.isna().sum())


class WavesError(ValueError):
    """The table feedback cannot be read as two waves: says what it lacks."""


def survey_waves(tables: Tables, as_of: str | dt.date | pd.Timestamp) -> Waves:
    """Which first surveys were answered by a second one, and how did the score change?

    A row of wave 2, or one that names the survey it answers, is a second survey; all others are
    first ones. Of several answers the latest by as_of counts. ``WavesError`` without the table.
    """
    day = as_date(as_of)
    if (gap := tables.gap("feedback")) is not None:
        raise WavesError(gap)
    rows = _rows(tables, day)
    again = (rows.wave == 2) | rows.answers_id.notna()
    first, second = rows[~again], rows[again]
    reasons = _unmatched_reasons(first, second)
    matched = second[reasons.isna()].sort_values(["given_on", "feedback_id"])
    latest = matched.drop_duplicates("answers_id", keep="last").set_index("answers_id")
    unmatched = second.loc[reasons.notna(), ["feedback_id", "answers_id"]]
    unmatched = unmatched.assign(reason=reasons.dropna()).sort_values("feedback_id")
    return Waves(day, _pairs(first, latest), unmatched.reset_index(drop=True))


def loop_funnel(waves: Waves, by: By | None, min_cell: int) -> pd.DataFrame:
    """How far did what customers said come: collected, analysed, improved, verified?

    One row for all, or one for each value of ``by``, most collected first: counts of first surveys
    collected, analysed (kind or dimension known), improved (surveyed again), verified (the score
    rose), unanswered; mean_change and share_verified of those with both scores, NaN without any.
    Groups under ``min_cell`` first surveys are put together; figures of fewer are NaN.
    """
    pairs = waves.pairs
    if by is None:
        group = pd.Series(_("all"), index=pairs.index, dtype="str")
    else:
        named = pairs[by].fillna(_("not given")).astype("str")
        size = named.map(named.value_counts())
        group = named.where(size >= min_cell, _("small groups together"))
    steps = _steps(pairs).groupby(group.to_numpy(), sort=True)
    found = steps.sum().assign(mean_change=steps.mean_change.mean())
    found = found.assign(
        share_verified=found.verified / found.scored_twice.where(found.scored_twice > 0)
    )
    found = found.where(found.collected >= min_cell).rename_axis(by or "group")
    return found.sort_values("collected", ascending=False, kind="stable").reset_index()


def wave_scores(waves: Waves, starts_on: dt.date | pd.Timestamp | None = None) -> pd.DataFrame:
    """Return one row a customer: mean first and second score of its surveys, and their number.

    [customer_id, first, second, n_first, n_pairs], sorted. Over answered surveys; a customer none
    of whose surveys was answered keeps its first score beside a missing second one, so that it can
    be counted. With ``starts_on``, only surveys first given before that day count, and only
    answers on or after it.
    """
    pairs = waves.pairs
    if starts_on is not None:
        start = pd.Timestamp(starts_on)
        pairs = pairs[pairs.first_on < start]
        pairs = pairs.assign(second=pairs.second.where(pairs.second_on >= start))
    pairs = pairs[pairs["first"].notna()]
    answered = pairs.second.notna()
    whole = pairs.groupby("customer_id").agg(first=("first", "mean"), n_first=("first", "size"))
    twice = pairs[answered].groupby("customer_id")
    both = twice.agg(before=("first", "mean"), second=("second", "mean"), n_pairs=("first", "size"))
    found = whole.join(both)
    found = found.assign(
        first=found.before.fillna(found["first"]), n_pairs=found.n_pairs.fillna(0).astype("int64")
    )
    columns = ["customer_id", "first", "second", "n_first", "n_pairs"]
    return found.sort_index().reset_index()[columns]


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


def _unmatched_reasons(first: pd.DataFrame, second: pd.DataFrame) -> pd.Series:
    """Say for each second survey why it answers no first one; missing where it does."""
    once = first.drop_duplicates("feedback_id").set_index("feedback_id")
    asked = second.answers_id
    found = asked.isin(once.index)
    whose, when = once.customer_id.reindex(asked), once.given_on.reindex(asked)
    reasons = np.select(
        [
            asked.isna(),
            ~found,
            found & (whose.to_numpy() != second.customer_id),
            found & ~(second.given_on >= when.to_numpy()),
        ],
        [
            _("names no first survey"),
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


def _steps(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return one row a first survey: 1 for each step of the loop it has come through."""
    improved = pairs.second_on.notna()
    return pd.DataFrame(
        {
            "collected": 1.0,
            "analysed": (pairs.kind.notna() | pairs.dimension.notna()).astype("float64"),
            "improved": improved.astype("float64"),
            "scored_twice": pairs.change.notna().astype("float64"),
            "verified": pairs.verified.fillna(0.0),
            "unanswered": (~improved).astype("float64"),
            "mean_change": pairs.change,
        },
        index=pairs.index,
    )
