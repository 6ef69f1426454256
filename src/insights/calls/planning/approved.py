"""Which visits did people already decide on? The part of a plan that no optimum may move."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

import pandas as pd

from insights.features.known import known
from insights.tables import Tables
from insights.words import _, listing

KIND = "call_plan"
COUNT = re.compile(r"\d{1,3}")
APPROVED = ("decision_id", "subject_id", "visits")


def approved_visits(
    tables: Tables, as_of: dt.date, month: dt.date
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the decisions on visits in force in a month, and in words those that cannot be read.

    Rows of the table decisions with kind "call_plan": subject_id is a customer (the visits of all
    its callers together) or "rep/customer"; value holds the visits a month ("4 visits a month",
    "每月4次"). Columns of ``APPROVED``. The latest of several on one subject holds.
    """
    rows = known(tables, "decisions", as_of)
    rows = rows.filter((rows.kind == KIND) & rows.decided_on.notnull())
    held = rows.filter(rows.until_on.isnull() | (rows.until_on >= month))
    found = held.select("decision_id", "subject_id", "value", "decided_on").execute()
    found = found.assign(visits=found["value"].map(visits_written))
    unread = found[found.visits.isna()].sort_values("decision_id")
    read = found.dropna(subset=["visits"]).sort_values(["decided_on", "decision_id"])
    last = read.drop_duplicates("subject_id", keep="last").sort_values("subject_id")
    kept = last.astype({"visits": "int64"}).reset_index(drop=True)[list(APPROVED)]
    return kept, _told(unread)


def visits_written(text: object) -> int | None:
    """Return the one number of a text of at most three digits; None for none or several."""
    plain = unicodedata.normalize("NFKC", text) if isinstance(text, str) else ""
    numbers = re.findall(r"-?\d+(?:\.\d+)?", plain)
    return int(numbers[0]) if len(numbers) == 1 and COUNT.fullmatch(numbers[0]) else None


def _told(unread: pd.DataFrame) -> tuple[str, ...]:
    if unread.empty:
        return ()
    who = [f"{row.decision_id} {row.value!r}" for row in unread.itertuples()]
    words = _("decisions of kind call_plan that say no number of visits, so not kept: {who}")
    return (words.format(who=listing(who)),)
