"""The names in an ingest's batches: matched after all masters are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.faults import fault_rows
from insights.ingest.names.filling import NAMED, asked_of, filled_in, names_in
from insights.ingest.names.matching import match_names
from insights.ingest.names.other_names import other_names
from insights.ingest.names.outcome import NameMatches
from insights.ingest.names.review import declined_names
from insights.params.names import NamesParams
from insights.tables import CANONICAL
from insights.words import _

PERSON = "〔"  # what stands where a person's name was taken out
MASTERS = ("customers", "customer_aliases")


def match_batches(
    batches: list[Batch],
    params: NamesParams | None = None,
    declined: Iterable[str] = (),
    scrub: Callable[[pd.Series], pd.Series] = lambda names: names,
) -> tuple[list[Batch], NameMatches | None]:
    """Give every row whose customer is told by a name its customer_id, and say what was found.

    Returns the batches in their order and the matches over all tables (``None`` where no name is
    asked). A row whose name stays open is accepted with a null customer_id where the table keeps
    the name as it was written (channel_flow.raw_name): stock and sell-through of a distributor stay
    whole. Elsewhere it is held back, its fault naming the nearest customers. ``scrub`` takes people
    out of names: one that held a person's is left open and never asked, because what is left of it
    may stand for several. Without customers there is nothing to match, and all stays as it came.
    """
    customers = stored_rows(batches, "customers", ["customer_id", "name", "city"])
    customers = customers.drop_duplicates("customer_id")
    asked = {} if customers.empty else _names(batches, customers, scrub)
    if not asked:
        return batches, None
    aliases = stored_rows(batches, "customer_aliases", ["alias", "customer_id"])
    beside = other_names(batches, customers)
    aliases = pd.concat([aliases, beside], ignore_index=True) if len(beside) else aliases
    decisions = stored_rows(
        batches, "decisions", ["decision_id", "kind", "subject_id", "value", "decided_on"]
    )
    questions = [_question(batches[number], names) for (number, _column), names in asked.items()]
    nobody = (*declined, *declined_names(decisions))
    found = match_names(pd.concat(questions), customers, aliases, params, nobody)
    made = list(batches)
    for (number, column), names in asked.items():
        made[number] = _named(made[number], column, names, found)
    return made, found


def stored_rows(batches: Sequence[Batch], table: str, columns: list[str]) -> pd.DataFrame:
    """Return the sound rows of a table from all batches, with these columns (missing: null)."""
    parts = [batch.values[batch.sound] for batch in batches if batch.table == table]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return frame.reindex(columns=columns)


def _names(
    batches: list[Batch], customers: pd.DataFrame, scrub: Callable[[pd.Series], pd.Series]
) -> dict[tuple[int, str], pd.Series]:
    """Return the names by which batches tell their customers, by batch and column."""
    found = {
        (number, column): _readable(
            scrub(names_in(batch.values, batch.table, customers, column).where(batch.sound))
        )
        for number, batch in enumerate(batches)
        if batch.table in CANONICAL and batch.table not in MASTERS and len(batch.values.columns)
        for column in _customer_columns(batch.table)
    }
    return {place: names for place, names in found.items() if names.notna().any()}


def _readable(names: pd.Series) -> pd.Series:
    """Return names without control characters, which no workbook takes."""
    return names.str.replace(r"[\x00-\x1f\x7f]", "", regex=True)


def _customer_columns(table: str) -> list[str]:
    return [
        column.name
        for column in CANONICAL[table].columns
        if column.name == "customer_id" or column.references == "customers.customer_id"
    ]


def _question(batch: Batch, names: pd.Series) -> pd.DataFrame:
    """Return what is asked for one column; amounts are whole cents in a batch."""
    amount = batch.values["amount"].astype("Float64") / 100 if "amount" in batch.values else None
    return asked_of(names.mask(names.str.contains(PERSON).fillna(False).astype(bool)), amount)


def _named(batch: Batch, column: str, names: pd.Series, found: NameMatches) -> Batch:
    values, is_open = filled_in(batch.values, names, found, batch.table, column)
    made = replace(batch, values=values)
    if (batch.table, column) in NAMED or not is_open.any():
        return made
    declined = set(found.names.loc[found.names["status"] == "declined", "name"])
    is_open = is_open & ~_does_without(made, column)
    settled = is_open & names.astype("str").str.strip().isin(declined).to_numpy(bool)
    mend = _("write its customer_id in the review list of names, or add it to customers")
    return made.with_faults(
        [
            _held(batch, column, names, found, is_open & ~settled, mend),
            _held(batch, column, names, found, settled, _("nothing to do"), expected=True),
        ]
    )


def _does_without(batch: Batch, column: str) -> np.ndarray:
    """Return rows that had no code, only a name beside it, and that say by another code whose they
    are: a payment of an invoice needs no customer.
    """
    table, header = CANONICAL[batch.table], batch.shown(column)
    others = [c.name for c in table.columns if c.references and c.name in batch.values]
    if table.column(column).required or header not in batch.sheet.frame:
        return np.zeros(len(batch.values), dtype=bool)
    cells = batch.sheet.frame[header].iloc[batch.positions]
    blank = (cells.str.strip().fillna("") == "").to_numpy(bool)
    told = batch.values[[name for name in others if name != column]].notna().any(axis=1)
    return blank & told.to_numpy(bool)


def _held(
    batch: Batch,
    column: str,
    names: pd.Series,
    found: NameMatches,
    which: np.ndarray,
    remedy: str,
    expected: bool = False,
) -> pd.DataFrame:
    where = np.flatnonzero(which)
    texts = names.iloc[where].astype("str").str.strip()
    reasons = texts.map(_reasons(found)).fillna(_of_a_person()).to_numpy(object)
    shown = batch.shown(column)
    return fault_rows(batch.positions[where], reasons, remedy, shown, texts, expected)


def _of_a_person() -> str:
    return _("the name holds a person's, which is not kept: nobody can match what is left")


def _reasons(found: NameMatches) -> dict[str, str]:
    """Return for each open name why it is, and its nearest customers."""
    options = found.options.assign(
        words=found.options["candidate_name"] + " (" + found.options["candidate"] + ")"
    )
    nearest = options.groupby("position")["words"].agg("; ".join)
    line = _("no customer is sure for this name: {reason}; nearest: {nearest}")
    names = found.names
    return {
        name: line.format(reason=reason, nearest=nearest.get(number, _("none")))
        for number, (name, status, reason) in enumerate(
            zip(names["name"], names["status"], names["reason"], strict=True)
        )
        if status != "matched"
    }
