"""Rows that are held back: where, what stood there, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

LISTED = ["file", "sheet", "table", "row", "column", "value", "reason", "remedy", "expected"]
COLUMNS = ["position", "column", "value", "reason", "remedy", "expected"]
Texts = str | Sequence[str | None] | np.ndarray | pd.Series


def fault_rows(
    positions: np.ndarray,
    reason: Texts,
    remedy: str,
    column: str = "",
    value: Texts = "",
    expected: bool = False,
) -> pd.DataFrame:
    """Return one fault for each position of a sheet. ``expected`` is no fault to mend."""
    frame = pd.DataFrame(
        {
            "position": np.asarray(positions, dtype=np.int64),
            "column": column,
            "value": value if isinstance(value, str) else np.asarray(value, dtype=object),
            "reason": reason if isinstance(reason, str) else np.asarray(reason, dtype=object),
            "remedy": remedy,
            "expected": expected,
        }
    )
    texts = ["column", "value", "reason", "remedy"]
    return frame.assign(**{name: frame[name].astype("str").fillna("") for name in texts})


def no_faults() -> pd.DataFrame:
    """Return a frame of faults without rows."""
    return fault_rows(np.array([], dtype=np.int64), "", "")


def joined_words(texts: pd.Series) -> str:
    """Return what is said of one row as one text, each thing once."""
    return "; ".join(dict.fromkeys(text for text in texts if text))


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return several frames of faults as one, in the order of the sheet's rows."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return no_faults()
    return pd.concat(filled, ignore_index=True).sort_values(
        "position", kind="stable", ignore_index=True
    )
