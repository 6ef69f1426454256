"""The review list, filled in by a person: answers as aliases and decisions that are remembered."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import pandas as pd

from insights.ingest.names.forms import plain
from insights.ingest.names.outcome import ANSWER
from insights.words import _

NOBODY = frozenset({"none", "无", "没有", "不是客户", "n/a"})
CONFIRMED = "confirmed"
NEEDED = ["name", ANSWER]


class ReviewError(ValueError):
    """A review list that cannot be taken as it is: says every row, what is wrong, what to do."""


@dataclass(frozen=True)
class Answers:
    """What a person decided.

    ``aliases``: rows for customer_aliases (alias, customer_id, source = "confirmed").
    ``decisions``: rows for decisions (kind "match", subject_id the name, value the customer_id or
    "none"): "none" stands here alone, because an alias needs a customer.
    """

    aliases: pd.DataFrame
    decisions: pd.DataFrame

    @property
    def declined(self) -> tuple[str, ...]:
        """Return the names that mean no customer."""
        return tuple(self.decisions.loc[self.decisions["value"] == "none", "subject_id"])


def read_answers(
    filled: pd.DataFrame,
    customers: pd.DataFrame,
    aliases: pd.DataFrame,
    decided_on: dt.date,
    decided_by: str = "",
) -> Answers:
    """What did a person answer to the review list?

    ``filled``: the list as it comes back (name and answer; place where there; the header is row 1).
    Rows without an answer are left open. ``aliases``: what is known so far. Raises ``ReviewError``
    with all faults at once: customer_ids that the master lacks, one name answered in two ways,
    answers against an alias known before.
    """
    answers = _answered(filled)
    faults = [*_unknown(answers, customers), *_torn(answers), *_against(answers, aliases)]
    if faults:
        raise ReviewError("\n".join(faults))
    first = answers.drop_duplicates("key").sort_values("alias", ignore_index=True)
    return Answers(_aliases(first, aliases), _decisions(first, decided_on, decided_by))


def declined_names(decisions: pd.DataFrame) -> tuple[str, ...]:
    """Return the names that stored decisions (kind match, value none) say are no customer.

    Of several decisions on one name the latest counts.
    """
    rows = decisions[decisions["kind"] == "match"].sort_values(["decided_on", "decision_id"])
    last = rows.drop_duplicates("subject_id", keep="last")
    return tuple(sorted(last.loc[last["value"] == "none", "subject_id"]))


def _answered(filled: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in NEEDED if name not in filled]
    if missing:
        words = _("the review list has no column {names}; fill in the list as it was written")
        raise ReviewError(words.format(names=", ".join(missing)))
    texts = {name: _text(filled, name) for name in ("name", "place", ANSWER)}
    rows = pd.DataFrame({**texts, "row": range(2, len(filled) + 2)})
    rows = rows[(rows[ANSWER] != "") & (rows["name"] != "")].reset_index(drop=True)
    alias = rows["place"] + rows["name"]  # a name that was told with its place means it only there
    nobody = rows[ANSWER].str.casefold().isin(NOBODY)
    return rows.assign(alias=alias, key=alias.map(plain), value=rows[ANSWER].mask(nobody, "none"))


def _text(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return frame[name].astype("str").fillna("").str.strip().tolist()


def _unknown(answers: pd.DataFrame, customers: pd.DataFrame) -> list[str]:
    known = {*customers["customer_id"].astype("str"), "none"}
    lost = answers[~answers["value"].isin(known)]
    whole = {key.lstrip("0"): key for key in sorted(known)}
    line = _("row {row}: {name}: no customer has the id {value!r}; {remedy}")
    cut = _("did Excel cut it? {near} is one")
    other = _('write one of customers, or "none"')
    return [
        line.format(
            row=r.row,
            name=r.alias,
            value=r.value,
            remedy=cut.format(near=whole[r.value]) if r.value in whole else other,
        )
        for r in lost.itertuples()
    ]


def _torn(answers: pd.DataFrame) -> list[str]:
    line = _("rows {rows}: {name} is answered in two ways ({values}); leave one")
    several = answers.groupby("key")["value"].transform("nunique") > 1
    return [
        line.format(
            rows=", ".join(map(str, group["row"])),
            name=group["alias"].iloc[0],
            values=", ".join(sorted(set(group["value"]))),
        )
        for _key, group in answers[several].groupby("key")
    ]


def _against(answers: pd.DataFrame, aliases: pd.DataFrame) -> list[str]:
    owners = _owners(aliases)
    line = _(
        "row {row}: {name} is {value}, but customer_aliases says {owner};"
        " correct the answer, or take the alias away"
    )
    said = answers["key"].map(owners)
    wrong = answers.assign(owner=said)[said.notna() & (said != answers["value"])]
    return [
        line.format(row=r.row, name=r.alias, value=r.value, owner=r.owner)
        for r in wrong.itertuples()
    ]


def _owners(aliases: pd.DataFrame) -> dict[str, str]:
    pairs = zip(aliases["alias"].astype("str"), aliases["customer_id"].astype("str"), strict=True)
    return {plain(alias): owner for alias, owner in pairs}


def _aliases(answers: pd.DataFrame, aliases: pd.DataFrame) -> pd.DataFrame:
    known = _owners(aliases)
    new = answers[(answers["value"] != "none") & ~answers["key"].isin(known)]
    frame = new[["alias", "value"]].rename(columns={"value": "customer_id"})
    return frame.assign(source=CONFIRMED).reset_index(drop=True).astype("str")


def _decisions(answers: pd.DataFrame, on: dt.date, by: str) -> pd.DataFrame:
    ids = [_decision_id(key, on) for key in answers["key"]]
    return pd.DataFrame(
        {
            "decision_id": pd.array(ids, dtype="str"),
            "kind": "match",
            "subject_id": answers["alias"],
            "value": answers["value"],
            "decided_on": pd.Timestamp(on),
            "decided_by": by or None,
        }
    )


def _decision_id(key: str, on: dt.date) -> str:
    return hashlib.sha256(f"match\x1f{key}\x1f{on.isoformat()}".encode()).hexdigest()[:16]
