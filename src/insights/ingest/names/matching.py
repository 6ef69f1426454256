"""Names of exports matched to the customers of the master."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from insights.ingest.names.candidates import candidates
from insights.ingest.names.deciding import Decision, Ranked, decide, rank
from insights.ingest.names.forms import plain, take_apart
from insights.ingest.names.judging import AskedName
from insights.ingest.names.known import KnownNames, known_names
from insights.ingest.names.outcome import OPTIONS, NameMatches
from insights.ingest.names.places import read_place
from insights.params.names import NamesParams
from insights.words import _

KEY = ["name", "place", "region_id"]


TYPES = {
    **dict.fromkeys(
        ["status", "customer_id", "customer_name", "how", "runner_up", "reason"], "str"
    ),
    **dict.fromkeys(["score", "runner_up_score"], "float64"),
}


def match_names(
    asked: pd.DataFrame,
    customers: pd.DataFrame,
    aliases: pd.DataFrame | None = None,
    params: NamesParams | None = None,
    declined: Iterable[str] = (),
) -> NameMatches:
    """Which customer does each name mean?

    ``asked``: a row per row of the export, or per distinct name: name; place (city or address of
    the house, where the export tells it), region_id (likewise), rows (1 when absent) and amount
    (CNY) where there. ``customers``: customer_id, name; city and region_id where there.
    ``aliases``: alias, customer_id. ``declined``: names that a person said are no customer.
    Never raises for what stands in a name; the order of rows does not matter.
    """
    params = params or NamesParams()
    names = _distinct(asked)
    known = known_names(customers, aliases)
    refused = frozenset(plain(name) for name in declined)
    nobody = Decision("declined", _("a person said that no customer is meant"), ())
    decisions = [
        nobody
        if {plain(text), plain(place + text)} & refused
        else decide(text, place, ranked, known, params)
        for text, place, ranked in zip(
            names["name"], names["place"], _rankings(names, known, params), strict=True
        )
    ]
    return _outcome(names, decisions, known, params)


def _distinct(asked: pd.DataFrame) -> pd.DataFrame:
    """Return each name once, sorted, with its rows and its amount (exact to the cent)."""
    texts = {
        name: asked[name].astype("str").fillna("").str.strip() if name in asked else ""
        for name in KEY
    }
    cents = (asked["amount"].astype("float64") * 100).round() if "amount" in asked else None
    rows = asked.get("rows", 1)
    frame = pd.DataFrame({**texts, "rows": rows, "cents": cents}, index=asked.index)
    by = frame.astype({"cents": "float64"})[frame["name"] != ""].groupby(KEY, sort=True)
    found = by["rows"].sum().to_frame().assign(amount=by["cents"].sum(min_count=1) / 100)
    return found.reset_index()


def _rankings(names: pd.DataFrame, known: KnownNames, params: NamesParams) -> list[list[Ranked]]:
    """Return for each name the ranked customers of its own form and of those in brackets."""
    asked, owners = [], []
    for number, row in enumerate(names.itertuples(index=False)):
        form, others = take_apart(str(row.name))
        place = read_place(plain(str(row.place)))
        for one in (form, *others):
            asked.append(AskedName(one, place, str(row.region_id)))
            owners.append(number)
    found: list[list[Ranked]] = [[] for _number in range(len(names))]
    near = candidates(asked, known, params)
    for owner, writing, positions in zip(owners, asked, near, strict=True):
        found[owner].append(rank(writing, positions, known, params))
    return found


def _outcome(
    names: pd.DataFrame, decisions: list[Decision], known: KnownNames, params: NamesParams
) -> NameMatches:
    rows = [_row(decision, known) for decision in decisions]
    columns = ["status", "customer_id", "customer_name", "score", "how", "runner_up",
               "runner_up_score", "reason"]  # fmt: skip
    found = pd.DataFrame(rows, columns=columns, index=names.index).astype(TYPES)
    options = [
        (position, number, customer, known.titles.get(customer, ""), round(verdict.score, 3))
        for position, decision in enumerate(decisions)
        if decision.status in ("doubtful", "unmatched")
        for number, (customer, verdict) in enumerate(decision.ranked[: params.listed], 1)
        if verdict.score >= params.shown
    ]
    return NameMatches(pd.concat([names, found], axis=1), pd.DataFrame(options, columns=OPTIONS))


def _row(decision: Decision, known: KnownNames) -> list[object]:
    ranked = decision.ranked
    best = ranked[0][1].score if ranked else float("nan")
    second, after = (ranked[1][0], ranked[1][1].score) if len(ranked) > 1 else (None, float("nan"))
    if decision.status != "matched":
        runner = ranked[0][0] if ranked else None
        return [decision.status, None, None, float("nan"), None, runner, best, decision.reason]
    customer, verdict = ranked[0]
    title = known.titles.get(customer)
    return ["matched", customer, title, best, verdict.how, second, after, decision.reason]
