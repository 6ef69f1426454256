"""What did we learn from each strategy: finding, evidence, next step, drafted from the figures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.strategy.many.faults import missing_columns, refuse, repeated
from insights.strategy.reviewing.steps import next_steps
from insights.words import _, listing, p_words

LESSONS = ("strategy_id", "finding", "evidence", "next_step", "reviewer_said")
NEEDED = (
    "strategy_id", "name", "owner", "verdict", "verdict_words", "insufficient", "relative",
    "relative_low", "relative_high", "p_value", "n_treated", "n_comparison", "n_before", "n_after",
    "expected", "estimate", "detectable", "min_effect", "confirmatory", "reasons",
)  # fmt: skip
OF_GATES = ("strategy_id", "check", "value", "bound", "passed")
OF_GROUPS = ("strategy_id", "dimension", "group", "n", "shrunken", "low", "high", "best", "shown")
OF_SECONDARY = ("strategy_id", "reading")
OF_REVIEWED = ("subject_id", "value", "reason", "decided_on", "decided_by")
# A group is named as the best where it is so with at least this probability.
CLEARLY_BEST = 0.9


def lessons(
    effects: pd.DataFrame,
    gates: pd.DataFrame,
    groups: pd.DataFrame | None = None,
    secondary: pd.DataFrame | None = None,
    reviewed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Draft a lesson a strategy; an analyst edits it through decisions of kind verdict.

    ``effects`` and ``gates`` are those of a review; ``groups`` the tables of ``effects_by_group``
    with strategy_id; ``secondary`` the sentences of ``beside_words``; ``reviewed`` the rows of
    decisions known on as_of. Returns strategy_id, finding, evidence, next_step, reviewer_said.
    """
    _refuse_faults(effects, gates, groups, secondary, reviewed)
    if effects.empty:
        return pd.DataFrame(columns=list(LESSONS))
    beside = {} if secondary is None else dict(
        zip(secondary.strategy_id, secondary.reading, strict=True)
    )  # fmt: skip
    said = _last_said(reviewed)
    steps = next_steps(effects).set_index(_("strategy"))[_("next step")]
    rows = [
        (
            row.strategy_id,
            _finding(row, _own(groups, row), str(beside.get(row.strategy_id, ""))),
            _evidence(row, _own(gates, row)),
            _next(row, str(steps[f"{row.strategy_id} {row.name}"]), _own(groups, row)),
            said.get(str(row.strategy_id), ""),
        )
        for row in effects.itertuples(index=False)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(LESSONS))


def _finding(row: Any, groups: pd.DataFrame, beside: str) -> str:
    parts = [_what(row), _for_whom(row, groups), beside]
    if not row.confirmatory:
        parts.insert(0, _("exploratory"))
    return "; ".join(part for part in parts if part)


def _what(row: Any) -> str:
    if row.verdict == "worked":
        return _("worked: {share:+.1%} of what was expected without it").format(share=row.relative)
    if row.verdict == "did_not_work":
        return _("did not work: at best {high:+.1%}, and {least:.1%} was worth having").format(
            high=_at_best(row), least=row.min_effect
        )
    if row.insufficient or pd.isna(row.relative):
        return _("data insufficient: {reasons}").format(reasons=row.reasons)
    return _("under observation: {reasons}").format(reasons=row.reasons)


def _at_best(row: Any) -> float:
    down = getattr(row, "direction", "up") == "down"
    return float(-row.relative_low if down else row.relative_high)


def _for_whom(row: Any, groups: pd.DataFrame) -> str:
    """Name the groups that clearly did best; say so where none did."""
    if row.verdict == "cannot_tell" or groups.empty:
        return ""
    shown, clear = _told(groups)
    if clear.empty:
        return _("no group clearly did better than the others") if len(shown) else ""
    names = [
        _("{dimension} {group} ({share:+.1%}, {low:+.1%} to {high:+.1%})").format(
            dimension=one.dimension, group=one.group, share=one.shrunken, low=one.low, high=one.high
        )
        for one in clear.itertuples()
    ]
    return _("best in {groups}").format(groups=listing(names))


def _told(groups: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the groups that can be told apart, and those that are clearly the best."""
    shown = groups[groups.shown.astype(bool) & groups.best.notna()]
    return shown, shown[shown.best.astype(float) >= CLEARLY_BEST]


def _evidence(row: Any, gates: pd.DataFrame) -> str:
    parts = []
    if pd.notna(row.relative):
        parts.append(_figures(row))
    if pd.notna(row.n_treated):
        parts.append(
            _("{treated:.0f} treated and {others:.0f} comparison units, {before:.0f} periods "
              "before and {after:.0f} after").format(
                treated=row.n_treated, others=row.n_comparison, before=row.n_before,
                after=row.n_after)
        )  # fmt: skip
    parts.append(_checks(gates))
    return "; ".join(parts)


def _figures(row: Any) -> str:
    """Name the level of the interval, which a look may raise: p alone would seem to decide."""
    level = getattr(row, "confidence", float("nan"))
    where = "" if pd.isna(level) else _(" at {level:.5g} %").format(level=100 * level)
    return _("{share:+.1%} ({low:+.1%} to {high:+.1%}{level}), {p}").format(
        share=row.relative, low=row.relative_low, high=row.relative_high, level=where,
        p=p_words(row.p_value) if pd.notna(row.p_value) else _("no p-value"),
    )  # fmt: skip


def _checks(gates: pd.DataFrame) -> str:
    if gates.empty:
        return _("no check could be made")
    failed = gates[~gates.passed.astype(bool)]
    if failed.empty:
        return _("all {n} checks hold").format(n=len(gates))
    names = [f"{one.check} {one.value} ({one.bound})" for one in failed.itertuples()]
    return _("{n} of {m} checks fail: {names}").format(
        n=len(failed), m=len(gates), names=listing(names)
    )


def _next(row: Any, step: str, groups: pd.DataFrame) -> str:
    """Add to a step where to begin and, where groups differ clearly, where not to yet."""
    if row.verdict != "worked" or groups.empty:
        return step
    shown, clear = _told(groups)
    unsure = shown[(shown.low.astype(float) <= 0) & (shown.high.astype(float) >= 0)]
    names = [f"{one.dimension} {one.group}" for one in clear.itertuples()]
    doubtful = [f"{one.dimension} {one.group}" for one in unsure.itertuples()]
    parts = [step]
    if names:
        parts.append(_("begin with {groups}").format(groups=listing(names)))
    if names and doubtful:
        parts.append(_("not shown yet for {groups}").format(groups=listing(doubtful)))
    return "; ".join(parts)


def _own(rows: pd.DataFrame | None, row: Any) -> pd.DataFrame:
    if rows is None:
        return pd.DataFrame()
    return rows[rows.strategy_id == row.strategy_id]


def _last_said(reviewed: pd.DataFrame | None) -> dict[str, str]:
    """Return each strategy's last decision of kind verdict: value, reason, role, day."""
    if reviewed is None or reviewed.empty:
        return {}
    rows = reviewed[reviewed.kind == "verdict"] if "kind" in reviewed.columns else reviewed
    order = [name for name in ("decided_on", "decision_id") if name in rows.columns]
    last = rows.sort_values(order).drop_duplicates("subject_id", keep="last")
    return {str(one.subject_id): _said(one) for one in last.itertuples()}


def _said(one: Any) -> str:
    reason = one.reason if isinstance(one.reason, str) else _("no reason given")
    role = one.decided_by if isinstance(one.decided_by, str) else _("reviewer not named")
    return _("{value}: {reason} ({role}, {day:%Y-%m-%d})").format(
        value=one.value, reason=reason, role=role, day=pd.Timestamp(one.decided_on)
    )


def _refuse_faults(
    effects: pd.DataFrame, gates: pd.DataFrame, groups: pd.DataFrame | None,
    secondary: pd.DataFrame | None, reviewed: pd.DataFrame | None,
) -> None:  # fmt: skip
    frames = [
        ("effects", effects, NEEDED), ("gates", gates, OF_GATES), ("groups", groups, OF_GROUPS),
        ("secondary", secondary, OF_SECONDARY), ("reviewed", reviewed, OF_REVIEWED),
    ]  # fmt: skip
    refuse([
        fault
        for name, frame, columns in frames if frame is not None
        for fault in missing_columns(frame, name, columns)
    ])  # fmt: skip
    again = repeated(effects.strategy_id, "effects")
    if secondary is not None:
        again += repeated(secondary.strategy_id, "secondary")
    refuse(again)
