"""Whether the name beside a code is the one that the master has for a code it may stand for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from insights.ingest.batches import Batch
from insights.ingest.names.forms import Form, take_apart
from insights.ingest.vocabulary import Vocabulary, as_compared

NEARLY_ALL = 0.9  # of the names beside codes agree, else the codes are of another numbering
NAME = "name"

Names = dict[str, frozenset[Form]]  # code -> its names in the master


def master_names(batches: Sequence[Batch], table: str) -> Names:
    """Return the names of each code of a master."""
    key, found = f"{table[:-1]}_id", dict[str, set[Form]]()
    for batch in batches:
        if batch.table == table and {key, NAME} <= set(batch.values):
            rows = batch.values.loc[batch.sound, [key, NAME]].dropna().astype("str")
            for code, name in zip(rows[key], rows[NAME], strict=True):
                found.setdefault(code, set()).add(_form(name))
    return {code: frozenset(forms) for code, forms in found.items()}


def contradicted(
    batch: Batch, name: str, meant: pd.Series, known: Names, table: str, vocabulary: Vocabulary
) -> np.ndarray:
    """Say which of ``meant`` (codes of a master by row) the name beside them speaks against.

    Where fewer than nearly all names agree, the names speak against all. Without names, none.
    """
    beside = _beside(batch, name, table, vocabulary)
    if beside is None or not known:
        return np.zeros(len(meant), dtype=bool)
    texts = beside.reindex(meant.index)
    asked = (texts.notna() & meant.isin(known)).to_numpy(bool)
    pairs = zip(texts, meant, asked, strict=True)
    agrees = np.array([not told or _form(text) in known[code] for text, code, told in pairs])
    if asked.any() and agrees[asked].mean() < NEARLY_ALL:
        return np.ones(len(meant), dtype=bool)
    return ~agrees


def _beside(batch: Batch, name: str, table: str, vocabulary: Vocabulary) -> pd.Series | None:
    """Return the cells of the sheet's column of names of a master, blank ones null."""
    if batch.table == table or name != f"{table[:-1]}_id":
        return None
    own = batch.plan.derivation(name).inputs if name in batch.plan.columns else ()
    words = {**vocabulary.named[table], **vocabulary.columns[table]}
    headers = [one for one in batch.sheet.frame.columns
               if words.get(as_compared(one)) == NAME and one not in own]  # fmt: skip
    if not headers:
        return None
    cells = batch.sheet.frame[headers[0]].iloc[batch.positions].astype("str").str.strip()
    return cells.set_axis(batch.values.index).replace("", None)


def _form(name: str) -> Form:
    return take_apart(name)[0]
