"""What a person reads into blank cells of a sheet of documents, put there and told."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from insights.ingest.blanks.above import as_above
from insights.ingest.blanks.gaps import Gaps, gaps_of
from insights.ingest.blanks.heads import Heads, heads_of, is_blank
from insights.ingest.blanks.lines import Lines, filled_down, find_lines, item_headers
from insights.ingest.mapping import TablePlan
from insights.ingest.vocabulary import Vocabulary
from insights.words import _, listing

DOCUMENTS = ("invoices", "orders", "payments", "writeoffs")  # tables of amounts with a number


@dataclass(frozen=True)
class Around:
    """The whole sheet that the rows stand in, the faults of those held back, and who was kept."""

    sheet: pd.DataFrame
    held: pd.DataFrame
    kept: np.ndarray


@dataclass(frozen=True)
class Filled:
    """Rows of a sheet with their blanks filled, whose document each line is of, and words.

    ``orphans`` may belong to a row held back above them, in the sheet's ``gaps``.
    """

    frame: pd.DataFrame
    heads: Heads | None
    lines: Lines
    notes: tuple[str, ...] = ()
    gaps: Gaps | None = None
    orphans: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))


def fill_blanks(
    frame: pd.DataFrame, table: str, plan: TablePlan, vocabulary: Vocabulary, around: Around
) -> Filled:
    """Fill what is blank because it stands above or beside: lines, customers of groups, names.

    What cannot be told stays blank, as does what may belong to a row held back.
    """
    nothing = np.zeros(len(frame), dtype=bool)
    none = Lines(np.arange(len(frame)), nothing, nothing, (), nothing)
    if plan.distinct or not plan.columns or not len(frame):
        return Filled(frame, None, none)
    heads, notes = heads_of(frame, table, plan, vocabulary), []
    lines, above, gaps, orphans = none, nothing, None, nothing
    if table in DOCUMENTS and heads.key and heads.amount and len(heads.needed) > 1:
        item = item_headers(frame, heads)
        gaps = gaps_of(around.sheet, around.held, around.kept, heads, item, vocabulary)
        lines = find_lines(frame, heads, gaps, vocabulary)
        orphans = lines.orphans
        if lines.sure.any():
            frame = filled_down(frame, table, heads, lines, vocabulary)
            notes.append(_of_lines(heads, lines))
        if heads.customer:
            frame, above, more = as_above(frame, heads, gaps, vocabulary, lines.sure)
            orphans = orphans | more
            notes += [_of_groups(heads, above)] if above.any() else []
    if len(heads.customer) > 1:
        frame, beside = _named(frame, heads, vocabulary)
        notes += [_of_names(heads, beside)] if beside.any() else []
    return Filled(frame, heads, lines, tuple(notes), gaps, orphans)


def _named(
    frame: pd.DataFrame, heads: Heads, vocabulary: Vocabulary
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows with the customer's name where its code is blank, and which these are."""
    code, *names = heads.customer
    blank = is_blank(frame[code], vocabulary)
    taken = np.zeros(len(frame), dtype=bool)
    for header in names:
        some = blank & ~taken & ~is_blank(frame[header], vocabulary)
        if some.any():
            frame = frame.assign(**{code: frame[code].mask(some, frame[header])})
            taken |= some
    return frame, taken


def _of_lines(heads: Heads, lines: Lines) -> str:
    words = _(
        "{n:,} rows with an amount and no {headers} are read as further lines of the {m:,}"
        " documents above them"
    )
    n, m = int(lines.sure.sum()), len(np.unique(lines.owner[lines.sure]))
    return words.format(n=n, m=m, headers=listing(list(heads.needed)))


def _of_groups(heads: Heads, above: np.ndarray) -> str:
    words = _("{n:,} rows without {header} take that of the row above: the sheet stands in groups")
    return words.format(n=int(above.sum()), header=heads.customer[0])


def _of_names(heads: Heads, beside: np.ndarray) -> str:
    words = _("{n:,} rows without {header} are told by {names}")
    names = listing(list(heads.customer[1:]))
    return words.format(n=int(beside.sum()), header=heads.customer[0], names=names)
