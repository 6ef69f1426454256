"""What a workbook asks of people, and the canonical rows that their answers become.

A report's workbook holds the defined name ``REPORT_BOOK``. One that asks has the hidden sheet
``AS_ASKED`` with every choice, and on each sheet a defined name for the header of each column that
is read back: columns are known by these, whatever language their words are in and wherever a person
moves them.
"""

from __future__ import annotations

from dataclasses import dataclass

from insights.words import N_

AS_ASKED = "as asked"  # the hidden sheet: form, column, code, word
CHOICE_COLUMNS = ("form", "column", "code", "word")
SUBJECT = "subject"
NAMES = "insights."  # how every defined name begins
REPORT_BOOK = "insights.book"


@dataclass(frozen=True)
class Answer:
    """One column to fill in: the canonical column it becomes, what it is called, what to write."""

    column: str
    heading: str
    hint: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """What is asked of each row of some sheets, and what an answer becomes.

    ``sheets``: result tables that ask; ``subject``: their column that says whom or what a row is
    about. An answer is a row of ``table``: ``fills`` takes the subject, ``kind`` its kind (if it
    has one), ``dated`` its day. The first of ``answers`` and the day must be given. ``master``:
    table and column in which every subject stands.
    """

    form: str
    sheets: tuple[str, ...]
    subject: str
    table: str
    fills: str
    dated: str
    master: tuple[str, str]
    answers: tuple[Answer, ...]
    kind: str = ""

    @property
    def needed(self) -> tuple[str, str]:
        """Return the columns that every answer fills."""
        return self.answers[0].column, self.dated


def defined_name(form: str, column: str) -> str:
    """Return the name by which the header of a column is known in a workbook."""
    return f"{NAMES}{form}.{column}"


def asked_of(sheet: str, columns: list[str]) -> Ask | None:
    """Return what a result table asks, None where it asks nothing."""
    return next((one for one in ASKED if sheet in one.sheets and one.subject in columns), None)


_SIGNED = (
    Answer("decided_on", N_("decided on"), N_("The day of the decision, e.g. 2026-01-31.")),
    Answer(
        "decided_by", N_("decided by"), N_("A role, e.g. regional manager; never a person's name.")
    ),
    Answer("reason", N_("note on it"), N_("Why. Leave people's names out.")),
)
_RESULTS = ("promise", "dispute", "no_answer", "paid", "other")
_OF_ALL = N_(
    "What the payer said of all that it owes. For one invoice, answer where each item has a row."
)
_OF_ONE = N_("What the payer said of this invoice.")
_CONTACT = (
    Answer("contacted_on", N_("contacted on"), N_("The day of the contact, e.g. 2026-01-31.")),
    Answer("channel", N_("channel used"), N_("E.g. phone, letter.")),
    Answer("promised_on", N_("pays by"), N_("With a promise: the day for which it was given.")),
    Answer("promised_amount", N_("promised CNY"), N_("With a promise: how much, in CNY.")),
)
_TIER = Answer(
    "value",
    N_("approve tier"),
    N_("The tier that holds from that day on, above the computed one."),
    ("A", "B", "C"),
)
_UNTIL = Answer("until_on", N_("valid until"), N_("The last day; empty: for good."))
_VERDICT = Answer(
    "value",
    N_("sign verdict"),
    N_("The verdict you sign; it stands beside the computed one."),
    ("worked", "did_not_work", "cannot_tell"),
)

ASKED = (
    Ask(
        form="tier",
        sheets=("actions", "assignments"),
        subject="customer_id",
        table="decisions",
        fills="subject_id",
        dated="decided_on",
        master=("customers", "customer_id"),
        answers=(_TIER, _SIGNED[0], _UNTIL, *_SIGNED[1:]),
        kind="tier",
    ),
    Ask(
        form="verdict",
        sheets=("effects",),
        subject="strategy_id",
        table="decisions",
        fills="subject_id",
        dated="decided_on",
        master=("strategies", "strategy_id"),
        answers=(_VERDICT, *_SIGNED),
        kind="verdict",
    ),
    Ask(
        form="customer_contact",
        sheets=("worklist",),
        subject="customer_id",
        table="dunning",
        fills="customer_id",
        dated="contacted_on",
        master=("customers", "customer_id"),
        answers=(Answer("result", N_("result of contact"), _OF_ALL, _RESULTS), *_CONTACT),
    ),
    Ask(
        form="invoice_contact",
        sheets=("items",),
        subject="invoice_id",
        table="dunning",
        fills="invoice_id",
        dated="contacted_on",
        master=("invoices", "invoice_id"),
        answers=(Answer("result", N_("result of contact"), _OF_ONE, _RESULTS), *_CONTACT),
    ),
)
