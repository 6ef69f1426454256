"""One period before and one after: paired surveys, or any outcome measured twice."""

from __future__ import annotations

import numpy as np

from insights.params import StrategyParams
from insights.strategy.comparable.composition import shares_differ
from insights.strategy.designs.fits import Fit
from insights.strategy.designs.paired import PairedFit, paired_fit, two_sided, welch
from insights.strategy.gates import Gate
from insights.strategy.panel.outcomes import Floats, OutcomePanel
from insights.words import N_, _, listing, p_words

# Groups whose first values are further apart, in standard deviations, do not start alike
# (Imbens and Rubin 2015).
APART = 0.25
# Where fewer than half gave both values, those who are not heard outweigh those who are. A low
# response proves no bias (Groves and Peytcheva 2008), but nothing here can rule it out.
ANSWERED = 0.5


def two_waves(panel: OutcomePanel) -> bool:
    """Say whether a panel is two waves: the treated units have one period before, one after."""
    starts, after = panel.starts[panel.treated], panel.after[panel.treated]
    placed = (starts == 1).all() and (after == 1).all()
    return bool(panel.values.shape[1] == 2 and len(starts) and placed)


def complete_pairs(panel: OutcomePanel) -> OutcomePanel:
    """Keep the units that gave both values; whoever did not answer twice says nothing of a change.

    The panel stays as it is where it is not two waves.
    """
    return panel.rows(_twice(panel)) if two_waves(panel) else panel


def unanswered_words(panel: OutcomePanel) -> tuple[str, ...]:
    """Say how many units ``complete_pairs`` leaves out of each side."""
    once = ~_twice(panel)
    if not two_waves(panel) or not once.any():
        return ()
    return (
        _("{n} of {m} treated and {k} of {l} comparison units gave only one of the two values and "
          "are not compared; nothing says how they would have changed").format(
              n=int((once & panel.treated).sum()), m=int(panel.treated.sum()),
              k=int((once & ~panel.treated).sum()), l=int((~panel.treated).sum())),
    )  # fmt: skip


def waves_gates(
    panel: OutcomePanel, compared: OutcomePanel, params: StrategyParams
) -> tuple[Gate, ...]:
    """Does what is asked to be two waves look like it, and can its sides be compared?

    None where it is not asked. ``panel`` is all that was read, ``compared`` the part of it that is
    compared: a unit that is left out does not speak for the others.
    """
    if not params.two_waves:
        return ()
    if not two_waves(compared):
        asked = compared if compared.treated.any() else panel
        return (waves_gate(asked), *((answered_gate(panel, params),) if two_waves(asked) else ()))
    return (
        waves_gate(compared), answered_gate(panel, params), first_values_gate(compared, params)
    )  # fmt: skip


def waves_gate(panel: OutcomePanel) -> Gate:
    """Are there one wave before the start and one after it, as ``params.two_waves`` says?"""
    before = sorted(set(panel.starts[panel.treated].tolist()))
    value = _("{n} periods, the start on number {place}").format(
        n=panel.values.shape[1], place=", ".join(str(start + 1) for start in before) or "–"
    )
    return Gate(
        _("two waves"), value, _("2 periods, the start on number 2"), two_waves(panel),
        _("two_waves is asked for, but there are {value}: keep one period before the start and one "
          "from the start on, without wash-out, or set two_waves to false").format(value=value),
    )  # fmt: skip


def answered_gate(panel: OutcomePanel, params: StrategyParams) -> Gate:
    """Did enough units of each side give both values, and as many on one side as on the other?

    ``panel`` is all that was read: who answers only when content would else make any strategy work.
    """
    both = _twice(panel)
    sides = (
        (_("treated"), panel.treated), (_("comparison"), ~panel.treated)
    )  # fmt: skip
    counts = [(name, int((both & side).sum()), int(side.sum())) for name, side in sides]
    counts = [(name, n, m) for name, n, m in counts if m]
    low = [(name, n, m) for name, n, m in counts if n < ANSWERED * m]
    value = listing([_answered(*one) for one in counts])
    apart = len(counts) == 2 and shares_differ(counts[0][1:], counts[1][1:], params)
    reason = _("treated and comparison units did not answer alike ({value}): who answers may "
               "differ from who does not").format(value=value)  # fmt: skip
    if low:
        reason = _("only {value} units gave both values: who answers may differ from who does "
                   "not").format(value=listing([_answered(*one) for one in low]))  # fmt: skip
    return Gate(
        _("units that gave both values"), value,
        _("at least {bound:.0%} of each side, shares apart by at most {apart:.0%}, unless by "
          "chance").format(bound=ANSWERED, apart=params.composition_bound),
        not (low or apart), reason,
    )  # fmt: skip


def _answered(side: str, n: int, m: int) -> str:
    return _("{n} of {m} {side}").format(n=n, m=m, side=side)


def first_values_gate(panel: OutcomePanel, params: StrategyParams) -> Gate:
    """Did both sides start from like values? Extreme ones come back by themselves."""
    check = _("first values apart, in standard deviations")
    first, treated = panel.values[_twice(panel), 0], panel.treated[_twice(panel)]
    own, other = first[treated], first[~treated]
    bound = _("at most {bound:g}, or p of at least {alpha:g}").format(
        bound=APART, alpha=params.pre_trend_alpha
    )
    if min(len(own), len(other)) < 2 or np.ptp(first) == 0:
        return Gate(check, N_("not tested"), bound, True)
    gap, error, df = welch(own, other)
    p_value = two_sided(gap, error, df)
    spread = float(np.sqrt((own.var(ddof=1) + other.var(ddof=1)) / 2))
    apart = gap / spread if spread > 0 else float(np.copysign(np.inf, gap))
    return Gate(
        check, f"{apart:+.2f}, {p_words(p_value)}", bound,
        not (abs(apart) > APART and p_value < params.pre_trend_alpha),
        _("the treated units began {apart:+.2f} standard deviations from the comparison units "
          "({p}): low and high values come back by themselves, which cannot be told from the "
          "strategy").format(apart=apart, p=p_words(p_value)),
    )  # fmt: skip


def two_waves_fit(panel: OutcomePanel, params: StrategyParams) -> Fit:
    """Compare the changes of treated and comparison units, one pair of values each.

    Two waves show no earlier trend: nothing says what it would be if trends went on.
    """
    first, second = panel.values.T
    found = paired_fit(first, second, panel.treated, params.confidence, params.seed)
    reason = _("{reason}; two waves show no earlier trend, so it rests on how units were chosen")
    return Fit(
        found.name, reason.format(reason=found.reason), found.estimate, found.low, found.high,
        found.p_value, float("nan"), (float("nan"),) * 3, float("nan"), found.detectable,
        found.unit_gaps, _expected(panel, found.unit_gaps),
        {"paired": found.estimate, **_beside(found)},
    )  # fmt: skip


def _beside(found: PairedFit) -> dict[str, float]:
    return {} if np.isnan(found.equal_first) else {"equal_first_values": found.equal_first}


def _twice(panel: OutcomePanel) -> np.ndarray:
    return np.asarray(~np.isnan(panel.values).any(axis=1))


def _expected(panel: OutcomePanel, gaps: Floats) -> Floats:
    expected = panel.values[panel.treated].copy()
    expected[:, 1] -= gaps
    return expected
