"""The model card: one page that says what the probabilities are, and what they are not for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.result import Delinquency
from insights.words import N_, _, listing, shown

CARD_COLUMNS = ["item", "answer"]
WEAK = N_("weak where")


def model_card(
    result: Delinquency, groups: pd.DataFrame, drifted: pd.DataFrame, compared: int, gap: float
) -> pd.DataFrame:
    """What was learnt from what, how was it tested, where is it weak, what is it not for?

    ``groups`` and ``drifted`` as returned by ``by_group`` and ``drift``; ``compared`` and ``gap``
    by ``leak``. Two columns: item, answer.
    """
    rows = [
        *_purpose(result),
        *_learning(result),
        *_testing(result, compared, gap),
        (WEAK, _weak(groups)),
        (_("moved since"), _moved(drifted)),
        *_limits(),
    ]
    return pd.DataFrame(rows, columns=CARD_COLUMNS)


def card_here(card: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return the company's card as a region may see it: weak in which of these groups?"""
    weak = card["item"] == WEAK
    return card.assign(answer=card.answer.mask(weak, _weak(groups, here=True)))


def _purpose(result: Delinquency) -> list[tuple[str, str]]:
    days = result.params.grace_days
    return [
        (
            _("what it says"),
            _("the chance that an open item is not settled {days} days after its due date").format(
                days=days
            ),
        ),
        (_("for"), _("ordering collection calls and expecting cash; a person decides each step")),
        (
            _("not for"),
            _(
                "judging a person, refusing care or supply by itself, or paying a drug "
                "representative by collections"
            ),
        ),
    ]


def _learning(result: Delinquency) -> list[tuple[str, str]]:
    matured, late = int(result.history.matured.sum()), int(result.history.late.sum())
    words = _("{n} items whose grace had run out by {day}; {late} of them late ({share:.0f} %)")
    learnt = words.format(
        n=matured, day=result.as_of, late=late, share=100 * late / max(matured, 1)
    )
    model = (
        _("logistic regression and small trees, averaged; each theme of reasons adds its own part")
        if result.uses_blend
        else _("the payer's own past late rate and the item's age, by logistic regression")
    )
    corrected = _("corrected on later quarters") if result.calibrated else _("no correction helped")
    return [(_("learnt from"), learnt), (_("model"), f"{model}; {corrected}")]


def _testing(result: Delinquency, compared: int, gap: float) -> list[tuple[str, str]]:
    folds = result.backtest
    if folds.empty:
        return [(_("tested on"), _("nothing: too little history for a quarter of test"))]
    first, last = folds.cut.min().date(), folds.cut.max().date()
    tested = _("{n} items of {folds} quarters that began between {first} and {last}")
    answer = tested.format(n=int(folds.n.sum()), folds=len(folds), first=first, last=last)
    worst = _("AUC {low:.3f} to {high:.3f} by quarter, naive {naive:.3f} to {best:.3f}").format(
        low=folds.auc.min(),
        high=folds.auc.max(),
        naive=folds.auc_naive.min(),
        best=folds.auc_naive.max(),
    )
    return [
        (_("tested on"), answer),
        (_("found"), worst),
        (_("leak check"), _leak_words(compared, gap)),
    ]


def _leak_words(compared: int, gap: float) -> str:
    if not compared:
        return _("no item was open then: nothing to compare")
    if not np.isfinite(gap):
        return _("items known now were not known then: read the scores with care")
    same = _("figures of {n} items are the same with every later row deleted")
    words = _("figures of {n} items change by up to {gap:g} when later rows are deleted: a leak")
    return (same if gap == 0 else words).format(n=compared, gap=gap)


def _weak(groups: pd.DataFrame, here: bool = False) -> str:
    if groups.empty:
        return _("not tested by group")
    worse = groups[(groups.auc <= groups.auc_naive) | (groups.brier >= groups.brier_naive)]
    few = groups[groups.auc.isna()]
    if worse.empty and few.empty:
        if here:
            return _("neither here nor in a customer type: better than the naive rate in each")
        return _("no region or customer type: better than the naive rate in each")
    parts = ((_("no better than naive: {names}"), worse), (_("too few to judge: {names}"), few))
    return "; ".join(
        words.format(
            names=listing([f"{shown(str(row.group))} ({row.view})" for row in rows.itertuples()])
        )
        for words, rows in parts
        if len(rows)
    )


def _named(feature: str) -> str:
    names = {
        "late_odds": _("past late rate"),
        "recent_late_odds": _("recent late rate"),
        "mean_delay": _("mean delay"),
        "recent_delay": _("recent delay"),
        "overdue_share": _("share overdue"),
        "utilisation": _("use of the credit limit"),
        "log_open": _("what the payer owes"),
        "log_amount": _("size of items"),
        "amount_against_usual": _("size against usual"),
        "term": _("terms"),
        "vbp": _("VBP goods"),
        "retention": _("retention money"),
    }
    return names[feature]


def _moved(drifted: pd.DataFrame) -> str:
    if drifted.empty:
        return _("too few recent items to say")
    moved = drifted[drifted.psi > 0.1]
    if moved.empty:
        return _("nothing: items issued lately look like those learnt from")
    pairs = zip(moved.feature, moved.psi, strict=True)
    words = [
        _("{name} (index {psi:.2f})").format(name=_named(name), psi=psi) for name, psi in pairs
    ]
    return listing(words, 5)


def _limits() -> list[tuple[str, str]]:
    return [
        (
            _("does not know"),
            _("the payer's budget, lawsuits, insurance funds' timing, or promises not entered"),
        ),
        (
            _("longer horizons"),
            _("probability_<days> is learnt in the same way, but not tested quarter by quarter"),
        ),
        (
            _("learnt anew"),
            _("for every as_of, so that it never ages; what it was on a day can be run again"),
        ),
    ]
