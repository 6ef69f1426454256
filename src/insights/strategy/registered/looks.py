"""How often the outcomes have been looked at, and how sure this look must be to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from insights.params import StrategyParams
from insights.strategy.registered.signed import SignedVerdict
from insights.strategy.registered.spending import boundaries, obrien_fleming
from insights.words import Sentence, _, listing

DEFAULTS = StrategyParams()
DAYS_A_MONTH = 30.4


@dataclass(frozen=True)
class Look:
    """Today's look: which one it is, and the level at which it may decide.

    ``alpha`` is the two-sided error rate of this look alone, ``confidence`` = 1 - alpha that of
    its interval. alpha 0 (confidence 1): no error rate may be spent here, so this look decides
    nothing; show its interval at the params' confidence and call it exploratory.
    """

    number: int
    of_planned: int
    planned: bool
    alpha: float
    confidence: float
    words: str

    @property
    def decides(self) -> bool:
        """Say whether this look may end in a verdict."""
        return self.alpha > 0


@dataclass(frozen=True)
class Looks:
    """All looks at a strategy, in numbers of complete periods after the start.

    ``due``: planned looks that have come due; ``taken``: looks that a signed verdict shows, before
    today's; ``unplanned``: those of them that were not planned; ``missed``: due, not signed, and
    not today's. A run that nobody signed leaves no trace, so planned looks spend their share
    whether signed or not, and nothing is decided between them.
    """

    seen: int
    due: tuple[int, ...]
    taken: tuple[int, ...]
    unplanned: tuple[int, ...]
    missed: tuple[int, ...]
    now: Look

    def sentence(self) -> Sentence:
        """Return what is to be said of the looks: today's, and those that went off the plan."""
        off = _("{n} earlier looks were not planned (at {looks} periods)")
        if self.now.of_planned:
            off = _("{n} signed looks were not planned (at {looks} periods): nothing could be "
                    "decided at them")  # fmt: skip
        said = (
            (off, self.unplanned),
            (_("{n} planned looks came due and nobody signed (at {looks} periods): they count all "
               "the same"), self.missed),
        )  # fmt: skip
        more = [
            words.format(n=len(looks), looks=listing([str(one) for one in looks]))
            for words, looks in said
            if looks
        ]
        return Sentence(". ".join([self.now.words[:1].upper() + self.now.words[1:], *more]) + ".")


def looks_of(
    signed: Sequence[SignedVerdict],
    periods: Sequence[object] | np.ndarray,
    first_after: int,
    params: StrategyParams = DEFAULTS,
    ended: bool = False,
) -> Looks:
    """Which look is today's, and what may it spend?

    ``signed``: the verdicts signed by as_of. ``periods``: first days of the panel's periods, all
    complete on as_of; ``first_after`` the position of the first that counts as after. A verdict
    signed on data that today's look sees too (no period was added) is the same look; one signed
    before any outcome is none. Where looks are planned, only these decide, each at a level that
    the plan fixes: runs and signatures between them cost nothing, for they cannot end in a verdict,
    and the verdict of a planned look can be had at any later time by an as_of of its day. Where
    none is planned, only signed verdicts can be counted. ``ended``: the strategy has ended on the
    day its locked plan names, so that no period will be added; a look planned for later is taken
    on what there is. An end that the plan does not name makes no look.
    """
    ends = _ends(pd.DatetimeIndex(np.asarray(periods, dtype="datetime64[ns]")))[first_after:]
    seen = len(ends)
    days = pd.DatetimeIndex([one.decided_on for one in signed])
    counts = np.searchsorted(ends.to_numpy(), days.to_numpy(), side="right")
    taken = tuple(sorted({int(n) for n in counts if 0 < n < seen}))
    registered = params.planned_looks
    plan = _reachable(registered, seen) if ended else registered
    params = replace(params, planned_looks=plan)
    due = tuple(look for look in plan if look <= seen)
    return Looks(
        seen=seen,
        due=due,
        taken=taken,
        unplanned=tuple(look for look in taken if look not in plan),
        missed=tuple(look for look in due if look not in (*taken, seen)),
        now=_now(taken, ends, params, registered),
    )


def _reachable(plan: tuple[int, ...], seen: int) -> tuple[int, ...]:
    """Return a plan whose looks past the last period there will be are one look, at that period."""
    within = tuple(look for look in plan if look < seen)
    return plan if len(within) == len(plan) or seen == 0 else (*within, seen)


def spent(looks: Sequence[int], information: float | None, alpha: float) -> tuple[float, ...]:
    """Return the two-sided error rate of each look, given all of them in order.

    ``looks`` are numbers of periods seen, rising; ``information`` the number at which the last
    look is planned, None where none is. O'Brien-Fleming type spending by ``looks / information``;
    without a plan the first look spends everything, for nothing said that there would be another,
    and past the last planned look nothing is added. Exact for independent increments (variance of
    the effect falling as 1 / periods); on the safe side where the looks share a noisy before.
    """
    seen = np.asarray(looks, dtype=float)
    share = np.minimum(seen / (seen[0] if information is None else information), 1.0)
    bounds = boundaries(seen, obrien_fleming(share, alpha))
    return tuple(float(rate) for rate in 2 * norm.sf(bounds))


def _ends(firsts: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the last day of each period, the last period as long as the one before it."""
    if len(firsts) < 2:
        return firsts
    step = firsts[-1] - firsts[-2]
    months = round(step.days / DAYS_A_MONTH)
    beyond = firsts[-1] + (pd.DateOffset(months=months) if step.days >= 28 else step)
    return pd.DatetimeIndex([*firsts[1:], beyond]) - pd.Timedelta(days=1)


def _now(
    taken: tuple[int, ...], ends: pd.DatetimeIndex, params: StrategyParams,
    registered: tuple[int, ...],
) -> Look:  # fmt: skip
    plan, alpha, seen = params.planned_looks, 1 - params.confidence, len(ends)
    if seen == 0:
        return Look(0, len(plan), False, 0.0, 1.0, _("no period after the start is complete yet"))
    before = tuple(look for look in plan if look < seen) if plan else taken
    number = len(before) + 1
    if plan and seen not in plan:
        return Look(number, len(plan), False, 0.0, 1.0, _between(ends, plan))
    rates = spent((*before, seen), plan[-1] if plan else None, alpha)
    whole = not before and (not plan or seen >= plan[-1])
    rate = alpha if whole else min(rates[-1], alpha)
    said = _words(before, seen, rate, registered)
    return Look(number, len(plan), bool(plan), rate, 1 - rate, said)


def _between(ends: pd.DatetimeIndex, plan: tuple[int, ...]) -> str:
    """Say that today is no planned look, and which day the last one was."""
    seen, due = len(ends), [look for look in plan if look < len(ends)]
    where = _("between planned looks")
    if len(due) in (0, len(plan)):
        where = _("past the last planned look") if due else _("before the first planned look")
    said = _("{seen} periods after the start, {where} ({plan}): shown, not decided").format(
        seen=seen, where=where, plan=listing([str(one) for one in plan], 12)
    )
    if not due:
        return said
    return _("{said}; the verdict of the look at {look} periods is that of a review as of {day}")\
        .format(said=said, look=due[-1], day=ends[due[-1] - 1].date())  # fmt: skip


def _words(taken: tuple[int, ...], seen: int, rate: float, plan: tuple[int, ...]) -> str:
    which = _which(len(taken) + 1, seen, plan)
    if rate > 0:
        level = _("its interval stands at {level:.5g} %").format(level=100 * (1 - rate))
        return f"{which}; {level}{_cost(plan)}"
    if plan or not taken:
        return _("{which}; too early: next to nothing may be spent on so little").format(
            which=which
        )
    return _(
        "{which}; the error rate was spent on the looks at {looks} periods: this one is exploratory"
    ).format(which=which, looks=listing([str(one) for one in taken]))


def _which(number: int, seen: int, plan: tuple[int, ...]) -> str:
    if not plan:
        words = _("look {number}, at {seen} periods after the start; none was planned")
    elif seen in plan:
        words = _("look {number}, at {seen} periods after the start, as planned ({plan})")
    else:
        words = _("look {number}, at {seen} periods after the start, where the locked plan ends "
                  "before its last look ({plan})")  # fmt: skip
    return words.format(number=number, seen=seen, plan=listing([str(one) for one in plan], 12))


def _cost(plan: tuple[int, ...]) -> str:
    if plan:
        return ""
    return _(" and spends the whole error rate")
