"""From the candidates of one name to a decision: taken, asked about, or left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from insights.ingest.names.forms import plain
from insights.ingest.names.judging import AskedName, Verdict, judge
from insights.ingest.names.known import KnownNames
from insights.params.names import NamesParams
from insights.words import _

Ranked = tuple[tuple[str, Verdict], ...]  # customer_id and its best verdict, the best first
DECLARED = Verdict(1.0, "alias")


@dataclass(frozen=True)
class Decision:
    """What becomes of one name: matched, doubtful, unmatched or declined, and why."""

    status: str
    reason: str
    ranked: Ranked


def rank(
    asked: AskedName, positions: Sequence[int], known: KnownNames, params: NamesParams
) -> Ranked:
    """Return the customers that candidates stand for, by score; of equal ones the lower id."""
    best: dict[str, Verdict] = {}
    for position in positions:
        one = known.names[position]
        verdict = judge(asked, one, known, params)
        if verdict is None:
            continue
        held = best.get(one.customer_id)
        if held is None or _order(verdict) > _order(held):
            best[one.customer_id] = verdict
    return tuple(sorted(best.items(), key=lambda item: (-item[1].score, item[0])))


def decide(
    name: str, place: str, ranked: list[Ranked], known: KnownNames, params: NamesParams
) -> Decision:
    """Decide on a name by its own ranking (the first) and those of its names in brackets.

    ``place``: as the row told it. An alias is looked up with its place first, then without.
    """
    own, brackets = ranked[0], ranked[1:]
    together = known.declared.get(plain(place + name), frozenset())
    alone = known.declared.get(plain(name), frozenset())
    if place:  # what a name means in one city it need not mean in another
        alone &= {customer for customer, _verdict in own}
    declared = together or alone
    if len(declared) == 1:
        return _declared(next(iter(declared)), own)
    if len(declared) > 1:
        return Decision("doubtful", _("aliases of this name point to several customers"), own)
    decision = _verbatim(name, own, known) or _by_likeness(own, params)
    for other in brackets:
        decision = _beside(decision, _by_likeness(other, params))
    return decision


def _declared(owner: str, ranked: Ranked) -> Decision:
    others = tuple(item for item in ranked if item[0] != owner)
    return Decision("matched", "", ((owner, DECLARED), *others))


def _verbatim(name: str, ranked: Ranked, known: KnownNames) -> Decision | None:
    """The same text as one customer's own name is that customer, whoever else comes near."""
    owners = known.verbatim.get(plain(name), frozenset())
    found = [item for item in ranked if item[0] in owners and not item[1].doubt]
    if len(owners) != 1 or not found:
        return None
    others = tuple(item for item in ranked if item[0] not in owners)
    return Decision("matched", "", (*found, *others))


def _by_likeness(ranked: Ranked, params: NamesParams) -> Decision:
    if not ranked or ranked[0][1].score < params.doubtful:
        return Decision("unmatched", _("no customer comes near"), ranked)
    best = ranked[0][1]
    second = ranked[1][1].score if len(ranked) > 1 else 0.0
    if second > best.score - params.margin:
        twins = {item[1].how for item in ranked[:2]} == {"exact"} and second == best.score
        words = (
            _("the master holds two customers of this name")
            if twins
            else _("two customers come equally near")
        )
        return Decision("doubtful", words, ranked)
    if best.doubt:
        return Decision("doubtful", best.doubt, ranked)
    if best.score < params.automatic:
        return Decision("doubtful", _("too short to be sure of the spelling"), ranked)
    return Decision("matched", "", ranked)


def _beside(decision: Decision, bracket: Decision) -> Decision:
    """A name in brackets may find what the name itself does not, and must not contradict it."""
    if bracket.status != "matched":
        return decision
    found, verdict = bracket.ranked[0]
    if decision.status == "matched" and decision.ranked[0][0] == found:
        return decision
    if decision.status == "unmatched":
        return replace(bracket, ranked=((found, verdict._replace(how="alias")),
                                        *bracket.ranked[1:]))  # fmt: skip
    together = dict(bracket.ranked[:1]) | dict(decision.ranked)
    ranked = tuple(sorted(together.items(), key=lambda item: (-item[1].score, item[0])))
    return Decision("doubtful", _("its name and its brackets mean different customers"), ranked)


def _order(verdict: Verdict) -> tuple[float, bool, str]:
    return verdict.score, not verdict.doubt, verdict.how
