"""Customers left blank because the row above has the same one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.ingest.blanks.gaps import Gaps
from insights.ingest.blanks.heads import Heads, is_blank
from insights.ingest.vocabulary import Vocabulary

FEWEST, SHARE = 3, 0.05  # of the rows: fewer are cells that somebody forgot
RUNS = 5  # groups that show that a sheet stands in groups
ALONE, OFTEN = 0.5, 0.25  # of the groups of several rows, and of all: show their customer once


def as_above(
    frame: pd.DataFrame,
    heads: Heads,
    gaps: Gaps,
    vocabulary: Vocabulary,
    further: np.ndarray,
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the rows with the customer of the row above where they have none, which these
    are, and which may be of a row held back.

    Only of a sheet that stands in groups of customers and leaves out many: a customer comes back
    nowhere after another one (between two sums), and either several stand there twice running, or
    all stand in order; and most groups of several rows show their customer in the first one alone:
    blanks at the end of a sheet are nobody's. What hangs on the customer elsewhere (a salesperson)
    must agree.
    ``further`` lines of documents show nothing of how a sheet stands.
    """
    nothing = np.zeros(len(frame), dtype=bool)
    blank = np.logical_and.reduce([is_blank(frame[h], vocabulary) for h in heads.customer])
    some = blank & ~is_blank(frame[heads.key], vocabulary)
    if (some & ~further).sum() < max(FEWEST, SHARE * len(frame)):
        return frame, nothing, nothing
    who = _who(frame, heads, vocabulary)
    rows = np.arange(len(frame))
    above = np.maximum.accumulate(np.where(blank, -1, rows))
    shown, sums = ~blank & ~further, gaps.sums
    inside = (above >= 0) & (sums[above] == sums) & ~further
    if not _in_groups(who[shown], sums[shown]):
        return frame, nothing, nothing
    if not _shown_once(who[above[inside]], sums[inside], blank[inside]):
        return frame, nothing, nothing
    orphans = gaps.orphans(some & ~further, above)
    some &= inside & (gaps.parts[above] == gaps.parts) & ~_left_over(above, blank & ~further)
    some &= ~_contradicted(frame, heads, who, above, blank)
    filled = {
        h: frame[h].where(~some, frame[h].iloc[np.maximum(above, 0)].to_numpy())
        for h in heads.customer
    }
    return frame.assign(**filled), some, orphans


def _shown_once(who: np.ndarray, sections: np.ndarray, blank: np.ndarray) -> bool:
    """Do most groups of several rows show their customer in the first one alone?"""
    change = (who[1:] != who[:-1]) | (sections[1:] != sections[:-1])
    group = np.concatenate([[0], np.cumsum(change)])
    groups = pd.DataFrame({"rows": ~blank, "group": group}).groupby("group").rows
    several = groups.size() > 1
    once = int((several & (groups.sum() == 1)).sum())
    return once >= max(FEWEST, ALONE * several.sum(), OFTEN * len(several))


def _left_over(above: np.ndarray, blank: np.ndarray) -> np.ndarray:
    """Return the blanks at the sheet's end, if they are more than any group above them has."""
    last = blank & (above == above[-1])
    others = pd.Series(above[blank & ~last]).value_counts()
    return last if last.sum() > others.max() else last & False


def _who(frame: pd.DataFrame, heads: Heads, vocabulary: Vocabulary) -> np.ndarray:
    """Return one word for each row's customer: its code without zeros, else by its name."""
    code = frame[heads.customer[0]].mask(is_blank(frame[heads.customer[0]], vocabulary))
    plain = code.str.normalize("NFKC").str.strip().str.lstrip("0")
    for header in heads.customer[1:]:
        name = frame[header].str.strip()
        pairs = pd.Series(plain.to_numpy(object), name.to_numpy(object)).dropna()
        pairs = pairs[~pairs.index.duplicated()]
        plain = plain.fillna(name.map(pairs)).fillna(name)
    return plain.fillna("").to_numpy(object)


def _in_groups(who: np.ndarray, sections: np.ndarray) -> bool:
    if len(who) < RUNS:
        return False
    same_section = sections[1:] == sections[:-1]
    again = (who[1:] == who[:-1]) & same_section
    starts = np.concatenate([[True], ~again])
    runs = pd.DataFrame({"who": who[starts], "section": sections[starts]})
    if len(runs) < RUNS or runs.duplicated().any():
        return False
    in_order = (runs.who.shift(1, fill_value="") <= runs.who) | (runs.section.diff() != 0)
    return bool(again.sum() >= FEWEST or in_order.all())


def _contradicted(
    frame: pd.DataFrame, heads: Heads, who: np.ndarray, above: np.ndarray, blank: np.ndarray
) -> np.ndarray:
    """Return rows that say of something that hangs on the customer what the one above does not."""
    found = np.zeros(len(frame), dtype=bool)
    owner = pd.Series(who[np.maximum(above, 0)], dtype=object)
    taken = {*heads.columns.values(), *heads.customer}
    for header in [name for name in frame.columns if name not in taken]:
        told = pd.DataFrame({"who": who, "said": frame[header].str.strip()})[~blank].dropna()
        pairs = told.drop_duplicates()
        hangs = not pairs.who.duplicated().any() and told.who.duplicated().any()
        if hangs and pairs.said.duplicated().any():
            expected = owner.map(pairs.set_index("who").said)
            said = frame[header].str.strip()
            found |= (said.notna() & expected.notna() & (said != expected)).to_numpy(bool)
    return found
