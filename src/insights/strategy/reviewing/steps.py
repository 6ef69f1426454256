"""What a verdict asks of whom: extend, stop, keep observing, register again and larger."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.strategy.effect import StrategyEffect
from insights.strategy.gates import compared_check
from insights.strategy.registered.looks import Looks
from insights.words import _, quantity

# Times the smallest useful effect that a comparison must detect before waiting is worth while.
HOPELESS = 4
ACTIONS = ("strategy", "verdict", "who", "next step", "because")


def next_steps(effects: pd.DataFrame) -> pd.DataFrame:
    """Return one step for each strategy, the clearest verdicts first."""
    order = {"worked": 0, "did_not_work": 1, "cannot_tell": 2}
    rows = [
        (order[str(row.verdict)], f"{row.strategy_id} {row.name}", row.verdict_words,
         row.owner if isinstance(row.owner, str) else _("owner to be named"),
         _step(row), row.reasons)
        for row in effects.itertuples()
    ]  # fmt: skip
    columns = ["order", *(_(name) for name in ACTIONS)]
    frame = pd.DataFrame(rows, columns=columns).sort_values(["order", columns[1]])
    return frame.drop(columns="order").reset_index(drop=True)


def wait_words(effect: StrategyEffect | None, looks: Looks | None, ended: bool = False) -> str:
    """Say what to wait for where nothing is decided yet because it is too early, or off the plan.

    Empty where time alone heals nothing: it has ended, or another gate failed too.
    """
    if ended:
        return ""
    if looks is not None and looks.now.of_planned and not looks.now.decides:
        return looks.now.words
    young = {_("treated units"), _("periods after"), _("periods around every start"),
             compared_check()}  # fmt: skip
    failed = {gate.check: gate.reason for gate in effect.gates if not gate.passed} if effect else {}
    if not failed or not failed.keys() <= young:
        return ""
    return failed.get(_("periods after")) or failed.get(compared_check(), "")


def _step(row: Any) -> str:
    if row.wait:
        return _("decide nothing yet: {why}").format(why=row.wait)
    if row.verdict == "worked":
        return _extend(row)
    if row.verdict == "did_not_work":
        return _("stop; record what was learnt in the register")
    if not row.insufficient and row.detectable > HOPELESS * _least(row):
        return _(
            "register again and larger: this comparison can only tell effects from {share:.0%} up"
        ).format(share=row.detectable)
    if not row.insufficient:
        return _("keep observing; this comparison can tell effects from {share:.0%} up").format(
            share=row.detectable
        )
    if pd.isna(row.relative):
        return _("register again with outcomes, comparison units and a start that leave a before "
                 "and an after")  # fmt: skip
    return _("register again: units drawn at random, away from price events, enough to tell the "
             "smallest useful effect (this one could tell {share:.0%} at best)").format(
                 share=row.detectable)  # fmt: skip


def _least(row: Any) -> float:
    return float(row.min_effect) if pd.notna(row.min_effect) else float("inf")


def _extend(row: Any) -> str:
    if not row.confirmatory:
        return _(
            "exploratory: repeat on new units, its plan locked beforehand, before it is extended"
        )
    return _(
        "extend to comparable units; it brought about {share:+.1%} ({amount} per unit and period)"
    ).format(share=row.relative, amount=quantity(row.estimate))
