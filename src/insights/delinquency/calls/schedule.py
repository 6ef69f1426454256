"""What is the next step for each open item, and on which day is it due?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.delinquency.calls.contacts import DISPUTE, NO_ANSWER, PAID, Contacts, latest_contact
from insights.delinquency.calls.promises import BROKEN, PENDING
from insights.features.ledger import NEVER, Ledger, dates_of, day_numbers
from insights.features.ledger.disputes import in_dispute
from insights.params import DelinquencyParams
from insights.words import _, shown

DISPUTED, PROMISED, BROKEN_WORD, TRACE, UNDATED, SCHEDULED = (
    "disputed", "promised", "promise_broken", "said_paid", "undated", "scheduled",
)  # fmt: skip
DESK, PHONE = "desk", "phone"
LONG_AGO = -NEVER


@dataclass(frozen=True)
class Steps:
    """All steps in time order: ``days`` after due, ``words``, ``channels``; which need a reason.

    ``early``: only for long terms. ``legal``: only where enough is that old. ``last``: the place
    of the last ordinary step, repeated until the next.
    """

    days: np.ndarray
    words: np.ndarray
    channels: np.ndarray
    early: int
    legal: int
    last: int

    @classmethod
    def of(cls, params: DelinquencyParams) -> Steps:
        """Put the schedule, the step for long terms and the legal stage in one order."""
        ordinary = params.dunning_schedule
        steps = sorted([params.long_term_step, *ordinary, params.legal_step])
        days, words, channels = (np.array(part) for part in zip(*steps, strict=True))
        places = [steps.index(s) for s in (params.long_term_step, params.legal_step, ordinary[-1])]
        return cls(days, words, channels, *places)


def next_steps(
    items: pd.DataFrame, ledger: Ledger, contacts: Contacts, params: DelinquencyParams
) -> pd.DataFrame:
    """What to do next about each open item, given what was said by as_of?

    A disputed item: resolve the dispute. A pending promise: wait until its day plus grace. A
    broken one: call, until somebody was reached again. Said to be paid: trace the payment. Without
    a due date: agree one. Else the schedule: the latest step whose day has come and which no
    answered contact covers, or the first to come; the last step is repeated until the legal stage.
    ``items``: open items of the ledger by position. Columns: state, step, channel, stage (place
    in the schedule), next_on, step_overdue_days, disputed_on, dispute_days.
    """
    rows = contacts.rows
    reached = latest_contact(rows[rows.result != NO_ANSWER], items)
    promise = promises_of(items, contacts)
    planned = _planned(items, reached, params)
    disputed = _disputed_since(ledger.items.loc[items.index], reached, ledger.day)
    state = _states(items, reached, promise, disputed)
    day = _days(state, planned, reached, promise, disputed, ledger.day, params)
    overdue = np.where((day != NEVER) & (state != PROMISED), np.maximum(ledger.day - day, 0), 0)
    return pd.DataFrame(
        {"state": state, "step": _step_words(state, planned),
         "channel": _step_channels(state, planned), "stage": planned.stage,
         "next_on": dates_of(day), "step_overdue_days": overdue,
         "disputed_on": dates_of(disputed),
         "dispute_days": np.where(disputed == NEVER, np.nan, ledger.day - disputed)},
        index=items.index,
    ).astype({"state": "str", "step": "str", "channel": "str"})  # fmt: skip


def promises_of(items: pd.DataFrame, contacts: Contacts) -> pd.DataFrame:
    """Return each item's latest promise (rows of ``Contacts``), missing where none concerns it.

    A promise concerns an item that was due by the promised day, or by the day it was made.
    """
    rows = contacts.rows
    found = latest_contact(rows[rows.promise != ""], items)
    promised = day_numbers(found.promised_on)
    claimed = np.fmax(found.day, np.where(promised == NEVER, LONG_AGO, promised))
    concerns = items.due_on.isna() | (day_numbers(items.due_on) <= claimed)
    return found.where(concerns)


def _planned(items: pd.DataFrame, reached: pd.DataFrame, params: DelinquencyParams) -> pd.DataFrame:
    """Return the step of the schedule alone: its stage, words, channel and day.

    ``late``: past the last ordinary step; ``late_words`` and ``late_channel``: the step whose day
    has come, whatever was done, as a broken promise undoes it.
    """
    steps = Steps.of(params)
    come, covered, ahead = _places(items, reached, steps, params)
    stage = np.where(come > covered, come, ahead)
    day = day_numbers(items.due_on) + steps.days[stage]
    contact = reached.day.fillna(LONG_AGO).to_numpy("float64")
    again = np.where(covered >= steps.last, contact + params.repeat_days, np.inf)
    repeats = (come <= covered) & ((again < day) | (stage == covered))
    stage = np.where(repeats, covered, stage)
    latest = np.maximum(come, 0)
    return pd.DataFrame(
        {"stage": stage, "words": steps.words[stage], "channel": steps.channels[stage],
         "day": np.where(repeats, again, day).astype("int64"), "late": come >= steps.last,
         "late_words": steps.words[latest], "late_channel": steps.channels[latest]},
        index=items.index,
    )  # fmt: skip


def _places(
    items: pd.DataFrame, reached: pd.DataFrame, steps: Steps, params: DelinquencyParams
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the last step whose day has come, the last one covered, and the next after that.

    A step is covered by an answered contact from ``step_lead_days`` before its day on.
    """
    allowed = _allowed(items, steps, params)
    age = items.days_past_due.fillna(LONG_AGO).to_numpy("float64")
    contact = reached.day.fillna(LONG_AGO).to_numpy("float64")
    lead = contact - day_numbers(items.due_on) + params.step_lead_days
    come = _last_place(allowed & (steps.days <= age[:, None]))
    covered = _last_place(allowed & (steps.days <= lead[:, None]))
    after = allowed & (np.arange(len(steps.days)) > covered[:, None])
    ahead = np.where(after.any(axis=1), after.argmax(axis=1), covered)
    return come, covered, ahead


def _allowed(items: pd.DataFrame, steps: Steps, params: DelinquencyParams) -> np.ndarray:
    """Say which steps there are for an item: the first needs a long term, the legal one enough."""
    allowed = np.ones((len(items), len(steps.days)), bool)
    allowed[:, steps.early] = (items.term_days >= params.long_term_days).fillna(False)
    old = items.days_past_due >= steps.days[steps.legal]
    sums = items.exposure.where(old, 0.0).groupby(items.customer_id, dropna=False)
    enough = sums.transform("sum") >= params.legal_minimum
    allowed[:, steps.legal] = ~old | enough
    return allowed


def _last_place(holds: np.ndarray) -> np.ndarray:
    """Return the last place a row that holds, -1 where none does."""
    width = holds.shape[1]
    return np.where(holds.any(axis=1), width - 1 - holds[:, ::-1].argmax(axis=1), -1)


def _disputed_since(items: pd.DataFrame, reached: pd.DataFrame, as_of: int) -> np.ndarray:
    """Return since when an item is disputed, by the ledger or by the last answer; else NEVER."""
    begun, ended = day_numbers(items.disputed_from_on), day_numbers(items.disputed_to_on)
    entered = np.where(in_dispute(items, as_of), begun, NEVER)
    told = reached.day.where(reached.result == DISPUTE).fillna(NEVER).to_numpy("int64")
    resolved = (ended != NEVER) & (ended >= told)
    return np.where(entered != NEVER, entered, np.where(resolved, NEVER, told))


def _states(
    items: pd.DataFrame, reached: pd.DataFrame, promise: pd.DataFrame, disputed: np.ndarray
) -> np.ndarray:
    silent = ~(reached.day > promise.until)
    return np.select(
        [
            disputed != NEVER,
            promise.promise == PENDING,
            (promise.promise == BROKEN) & silent,
            reached.result == PAID,
            items.due_on.isna(),
        ],
        [DISPUTED, PROMISED, BROKEN_WORD, TRACE, UNDATED],
        SCHEDULED,
    )


def _days(
    state: np.ndarray,
    planned: pd.DataFrame,
    reached: pd.DataFrame,
    promise: pd.DataFrame,
    disputed: np.ndarray,
    as_of: int,
    params: DelinquencyParams,
) -> np.ndarray:
    until = promise.until.fillna(0).to_numpy("int64") + 1
    traced = reached.day.fillna(0).to_numpy("int64") + params.promise_grace_days
    return np.select(
        [state == DISPUTED, np.isin(state, (PROMISED, BROKEN_WORD)), state == TRACE,
         state == UNDATED],
        [disputed + params.dispute_days, until, traced, as_of],
        planned.day,
    ).astype("int64")  # fmt: skip


def _step_channels(state: np.ndarray, planned: pd.DataFrame) -> np.ndarray:
    called = np.where(planned.late, planned.late_channel, PHONE)
    at_desk = np.isin(state, (DISPUTED, TRACE, UNDATED))
    return np.select([at_desk, state == BROKEN_WORD], [DESK, called], planned.channel)


def _step_words(state: np.ndarray, planned: pd.DataFrame) -> np.ndarray:
    broken = np.where(planned.late, _as_said(planned.late_words), _("call; agree a new date"))
    return np.select(
        [state == DISPUTED, state == PROMISED, state == BROKEN_WORD, state == TRACE,
         state == UNDATED],
        [
            _("resolve the dispute"),
            _("wait for the promised payment"),
            _("promise broken: ") + pd.Series(broken, dtype="str"),
            _("trace the payment that it says it made"),
            _("agree the due date and enter it"),
        ],
        _as_said(planned.words),
    )  # fmt: skip


def _as_said(steps: pd.Series) -> pd.Series:
    """Return steps of the params in the reader's language, those that the catalog knows."""
    return steps.astype("str").map(shown)
