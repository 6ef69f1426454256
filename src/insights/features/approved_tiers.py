"""Tiers that people approved: what ``decisions`` says on a day, and what in it cannot be used."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import pandas as pd

from insights.tables import as_date
from insights.words import _, listing

NEEDED = ("decision_id", "kind", "subject_id", "value", "decided_on")
KEPT = ("tier", "decided_by", "decided_on", "until_on", "reason", "decision_id")
# "A", "a", "tier A", "A级"; anything longer may hold a condition that nobody would see.
WRITTEN = re.compile(r"(?:tier\s*)?([abc])\s*[级級]?", re.IGNORECASE)


@dataclass(frozen=True)
class Approved:
    """``tiers``: indexed by customer_id, columns of ``KEPT``. ``faults``: decisions not applied."""

    tiers: pd.DataFrame
    faults: tuple[str, ...] = ()


def approved_tiers(
    decisions: pd.DataFrame, customer_ids: pd.Index, as_of: str | dt.date | pd.Timestamp
) -> Approved:
    """Which tiers hold on as_of because somebody decided so?

    A decision of kind ``tier`` holds from decided_on to until_on, both days included; without
    until_on it holds for good. The one decided last wins, of one day the higher decision_id. A
    value that is no tier, a subject that is no customer and a missing date are faults: told in
    words, never applied. Raises ``ValueError`` where a column of ``NEEDED`` is absent.
    """
    day = pd.Timestamp(as_date(as_of))
    rows = _holding(_read(decisions), day)
    wrong = _wrong(rows, customer_ids)
    used = rows[wrong == ""].sort_values(["decided_on", "decision_id", "tier"])
    last = used.drop_duplicates("customer_id", keep="last").set_index("customer_id").sort_index()
    return Approved(last[list(KEPT)], tuple(sorted(wrong[wrong != ""])))


def _read(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return the tier decisions with canonical types, their value read as a tier."""
    absent = [name for name in NEEDED if name not in decisions]
    if absent:
        words = _("decisions: no column {names}; without them no approved tier can be read")
        raise ValueError(words.format(names=listing(absent)))
    rows = decisions.loc[(decisions.kind == "tier").to_numpy(bool, na_value=False)]
    until = rows.get("until_on", pd.Series(pd.NaT, index=rows.index))
    return pd.DataFrame(
        {
            "customer_id": rows.subject_id.astype("str"),
            "tier": rows["value"].map(tier_written).astype("str"),
            "written": rows["value"].astype("str"),
            "decided_by": rows.get("decided_by", pd.Series(index=rows.index)).astype("str"),
            "decided_on": pd.to_datetime(rows.decided_on),
            "until_on": pd.to_datetime(until),
            "reason": rows.get("reason", pd.Series(index=rows.index)).astype("str"),
            "decision_id": rows.decision_id.astype("str"),
        }
    )


def tier_written(written: object) -> str | None:
    """Return A, B or C, or nothing where the words are not exactly a tier."""
    text = unicodedata.normalize("NFKC", written).strip() if isinstance(written, str) else ""
    found = WRITTEN.fullmatch(text)
    return found.group(1).upper() if found else None


def _holding(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return what holds on a day; rows without a date stay, to be told as faults."""
    begun = rows.decided_on.isna() | (rows.decided_on.dt.normalize() <= day)
    return rows[begun & (rows.until_on.isna() | (rows.until_on >= day))]


def _wrong(rows: pd.DataFrame, customer_ids: pd.Index) -> pd.Series:
    """Return what is wrong with each decision, in words; empty where nothing is."""
    known = rows.customer_id.isin(customer_ids)
    words = [
        _fault(row, bool(is_known)) for row, is_known in zip(rows.itertuples(), known, strict=True)
    ]
    return pd.Series(words, index=rows.index, dtype="str")


def _fault(row: Any, known: bool) -> str:
    found = []
    if not isinstance(row.tier, str):
        written = row.written if isinstance(row.written, str) else _("nothing")
        found.append(_("value {value!r} is no tier; write A, B or C").format(value=written))
    if not known:
        found.append(
            _("subject_id {subject!r} is no customer that has a tier").format(
                subject=row.customer_id
            )
        )
    if pd.isna(row.decided_on):
        found.append(_("decided_on is missing"))
    if not found:
        return ""
    return _("decisions {decision}: {faults}; not applied").format(
        decision=row.decision_id, faults="; ".join(found)
    )
