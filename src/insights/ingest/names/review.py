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
    """A table that is no review list: says what it lacks."""


@dataclass(frozen=True)
class Answers:
    """What a person decided.

    ``aliases``: rows for customer_aliases (alias, customer_id, source = "confirmed").
    ``decisions``: rows for decisions (kind "match", subject_id the name, value the customer_id or
    "none"): "none" stands here alone, because an alias needs a customer.
    ``faults``: file and words of each answer that was not taken.
    """

    aliases: pd.DataFrame
    decisions: pd.DataFrame
    faults: tuple[tuple[str, str], ...] = ()

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

    ``filled``: the list as it comes back (name and answer; place, file and row where there; else
    the header is row 1). Rows without an answer are left open, and so are the faulty ones, each
    told in ``faults``: customer_ids that the master lacks, one name answered in two ways, answers
    against an alias known before. ``aliases``: what is known so far. ``ReviewError`` without the
    columns.
    """
    answers = _answered(filled)
    lost = answers[~answers["value"].isin(_ids(customers))]
    sound = answers.drop(lost.index)
    torn = sound[sound.groupby("key")["value"].transform("nunique") > 1]
    sound = sound.drop(torn.index)
    against = _against(sound, aliases)
    first = sound.drop(against.index).drop_duplicates("key")
    first = first.sort_values("alias", ignore_index=True)
    faults = (*_lost_words(lost, customers), *_torn_words(torn), *_against_words(against))
    return Answers(_aliases(first, aliases), _decisions(first, decided_on, decided_by), faults)


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
    numbers = filled["row"].tolist() if "row" in filled else range(2, len(filled) + 2)
    rows = pd.DataFrame({**texts, "file": _text(filled, "file"), "row": numbers})
    rows = rows[(rows[ANSWER] != "") & (rows["name"] != "")].reset_index(drop=True)
    alias = rows["place"] + rows["name"]  # a name that was told with its place means it only there
    nobody = rows[ANSWER].str.casefold().isin(NOBODY)
    return rows.assign(alias=alias, key=alias.map(plain), value=rows[ANSWER].mask(nobody, "none"))


def _text(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return frame[name].astype("str").fillna("").str.strip().tolist()


def _ids(customers: pd.DataFrame) -> set[str]:
    return {*customers["customer_id"].astype("str"), "none"}


def _lost_words(lost: pd.DataFrame, customers: pd.DataFrame) -> list[tuple[str, str]]:
    whole = {key.lstrip("0"): key for key in sorted(_ids(customers))}
    line = _("row {row}: {name}: no customer has the id {value!r}; {remedy}")
    cut = _("did Excel cut it? {near} is one")
    other = _('write one of customers, or "none"')
    remedies = {
        value: cut.format(near=whole[value]) if value in whole else other for value in lost["value"]
    }
    return [
        (str(r.file), line.format(row=r.row, name=r.alias, value=r.value, remedy=remedies[r.value]))
        for r in lost.itertuples()
    ]


def _torn_words(torn: pd.DataFrame) -> list[tuple[str, str]]:
    line = _("rows {rows}: {name} is answered in two ways ({values}); leave one")
    return [
        (
            group["file"].iloc[0],
            line.format(
                rows=", ".join(_places(group)),
                name=group["alias"].iloc[0],
                values=", ".join(sorted(set(group["value"]))),
            ),
        )
        for _key, group in torn.groupby("key")
    ]


def _places(group: pd.DataFrame) -> list[str]:
    """Return the rows of an answer, with their files where these are several."""
    rows = group["row"].astype("str")
    return (rows if group["file"].nunique() == 1 else group["file"] + " " + rows).tolist()


def _against(answers: pd.DataFrame, aliases: pd.DataFrame) -> pd.DataFrame:
    """Return the answers that say another customer than an alias does, with its ``owner``."""
    said = answers["key"].map(_owners(aliases))
    return answers.assign(owner=said)[said.notna() & (said != answers["value"])]


def _against_words(wrong: pd.DataFrame) -> list[tuple[str, str]]:
    line = _(
        "row {row}: {name} is {value}, but customer_aliases says {owner};"
        " correct the answer, or take the alias away"
    )
    return [
        (str(r.file), line.format(row=r.row, name=r.alias, value=r.value, owner=r.owner))
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
