"""Codes of which Excel made something else: 3-1 is 1 March to it, 3:1 a time, TRUE a truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
MADE_BY_EXCEL = (  # what becomes of 3-1, 3:1 and TRUE in a cell that is not text
    rf"^(?:[12][0-9]{{3}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}(?:[ T]{CLOCK})?"
    rf"|(?:[0-9]+ days?, )?{CLOCK}|(?i:true|false)"
    r"|(?:[0-9]{4}年)?[0-9]{1,2}月[0-9]{1,2}日|[0-9]{4}年[0-9]{1,2}月"
    rf"|[0-9]{{1,2}}-(?:{MONTHS})|(?:{MONTHS})-[0-9]{{2}})$"
)
RARE = 0.5  # of a column's codes are fewer that Excel made something else of


def made_by_excel(ids: pd.Series) -> np.ndarray:
    """Return dates, times and truths among other codes; a column mostly of such is of these."""
    found = pc.match_substring_regex(pa.array(ids, pa.large_string()), MADE_BY_EXCEL)
    where = np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)
    return where & bool(where.sum() < RARE * ids.notna().sum())
