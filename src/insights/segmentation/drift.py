"""Are the segments of today's data still those of the frozen model? Apart from who moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from insights.params import SegmentationParams
from insights.segmentation.model import SegmentModel
from insights.tables import as_date
from insights.words import _, listing

Day = str | dt.date | pd.Timestamp
MATCHED = ("old", "new", "jaccard", "customers_old", "customers_new", "customers_both")


@dataclass(frozen=True, repr=False)
class Drift:
    """How far the segments of two fits agree on the same customers.

    ``counts``: customers by old segment (rows) and new one (columns). ``matches``: a row each old
    segment and the new one that took its place: old, new, jaccard, customers_old, customers_new,
    customers_both, centre_moved (0..1, the largest change of the mean percentile rank of a numeric
    feature) and moved_in, that feature.
    ``splits``: old, new, customers, share of the old. ``merges``: new, old, customers, share of
    the new. ``born`` and ``gone``: segments without a counterpart. ``relabelled_share``: customers
    outside the segment that took their old one's place (NaN of none).
    """

    old_day: dt.date
    new_day: dt.date
    customers: int
    counts: pd.DataFrame
    matches: pd.DataFrame
    splits: pd.DataFrame
    merges: pd.DataFrame
    born: tuple[str, ...]
    gone: tuple[str, ...]
    relabelled_share: float
    refit_share: float

    @property
    def refit_advised(self) -> bool:
        """Say whether to take the new fit over: too many read differently, or k has changed."""
        changed = self.relabelled_share > self.refit_share or self.born or self.gone
        return bool(self.customers and changed)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table: counts, matches, splits, merges."""
        found = {"matches": self.matches, "splits": self.splits, "merges": self.merges}
        return {"counts": self.counts.reset_index().rename_axis(columns=None), **found}

    def __str__(self) -> str:
        if not self.customers:
            words = _("Segments of {old} and {new}: no customers to compare them on.")
            return words.format(old=self.old_day, new=self.new_day)
        words = _(
            "The segments found on {new} in the whole company against those of {old}: {share:.3g} "
            "% of {n} customers keep theirs; {changes}."
        )
        return words.format(
            new=self.new_day,
            old=self.old_day,
            share=100 * (1 - self.relabelled_share),
            n=self.customers,
            changes="; ".join(self._changes()) or _("none split, merged, came or went"),
        )

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return str(self)

    def _changes(self) -> list[str]:
        split, merged = _("'{one}' split into {many}"), _("'{one}' is made of {many}")
        found = [
            words.format(one=one, many=listing([f"'{name}'" for name in rows]))
            for table, one_side, other, words in (
                (self.splits, "old", "new", split),
                (self.merges, "new", "old", merged),
            )
            for one, rows in table.groupby(one_side, sort=False)[other]
        ]
        new, lost = _("'{name}' is new, {most}"), _("'{name}' has no successor, {most}")
        came, went = _("most of it from '{other}'"), _("most of it now in '{other}'")
        found += [
            new.format(name=name, most=_most(self.counts.T, name, came)) for name in self.born
        ]
        found += [lost.format(name=name, most=_most(self.counts, name, went)) for name in self.gone]
        return found

    def advice(self) -> str:
        """Say whether frozen segments may stay."""
        if self.relabelled_share > self.refit_share:
            words = _("refit advised, more than {share:.0f} % would be read differently")
            return words.format(share=100 * self.refit_share)
        if self.refit_advised:
            return _("refit advised, the number of segments has changed")
        return _("the frozen segments may stay")


def drift(
    old: SegmentModel,
    new: SegmentModel,
    features: pd.DataFrame,
    old_day: Day,
    new_day: Day,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> Drift:
    """Do the segments found on ``new_day`` still mean what those of ``old_day`` did?

    Both models label the customers of ``features`` (today's; as the models take them), so that
    nobody's behaviour differs, only the rules. Segments are matched one to one so that the sum of
    Jaccard indices is largest (Hungarian assignment, Kuhn 1955; Hennig 2007 for the index); a pair
    without a common customer is no match. A split: two or more new segments each hold at least
    ``params.drift_share`` of an old one; a merge likewise from the new side.
    """
    ordered = features.iloc[np.argsort(features.index.astype("str"), kind="stable")]
    before, after = _labels(old, ordered), _labels(new, ordered)
    both = count_both(before, after, old.names, new.names)
    pairs = match_segments(both)
    matches = pairs.join(_centres_moved(ordered, before, after, pairs))
    kept = int(matches.customers_both.sum())
    return Drift(
        old_day=as_date(old_day),
        new_day=as_date(new_day),
        customers=len(ordered),
        counts=both,
        matches=matches,
        splits=_shared(both, params.drift_share),
        merges=_shared(both.T, params.drift_share),
        born=tuple(name for name in new.names if name not in set(matches.new)),
        gone=tuple(name for name in old.names if name not in set(matches.old)),
        relabelled_share=(len(ordered) - kept) / len(ordered) if len(ordered) else float("nan"),
        refit_share=params.drift_refit_share,
    )


def count_both(
    before: np.ndarray, after: np.ndarray, old_names: Sequence[str], new_names: Sequence[str]
) -> pd.DataFrame:
    """Count customers by old segment (rows, ``old``) and new one (columns, ``new``)."""
    rows = pd.Categorical(before, categories=list(old_names))
    columns = pd.Categorical(after, categories=list(new_names))
    table = np.zeros((len(old_names), len(new_names)), dtype="int64")
    np.add.at(table, (rows.codes, columns.codes), 1)
    return pd.DataFrame(
        table,
        index=pd.Index(list(old_names), dtype="str", name="old"),
        columns=pd.Index(list(new_names), dtype="str", name="new"),
    )


def match_segments(both: pd.DataFrame) -> pd.DataFrame:
    """Match segments one to one so that the sum of their Jaccard indices is largest.

    ``both``: counts of customers, a row each old segment, a column each new one. Returns old, new,
    jaccard, customers_old, customers_new, customers_both; pairs without a common customer are none.
    """
    count = both.to_numpy()
    olds, news = count.sum(axis=1), count.sum(axis=0)
    jaccard = count / np.maximum(olds[:, None] + news[None, :] - count, 1)
    row, column = linear_sum_assignment(jaccard, maximize=True)
    hit = count[row, column] > 0
    row, column = row[hit], column[hit]
    figures = (both.index[row], both.columns[column], jaccard[row, column])
    sizes = (olds[row], news[column], count[row, column])
    return pd.DataFrame(dict(zip(MATCHED, (*figures, *sizes), strict=True)))


def carried_names(
    matches: pd.DataFrame,
    new_names: Sequence[str],
    min_jaccard: float,
) -> tuple[str, ...]:
    """Return the new segments' names, in their order, the old name wherever it still fits.

    ``matches``: of ``Drift``. A match with a Jaccard of at least ``min_jaccard`` keeps the old
    name; another segment has its own, marked "new" where an heir is called so. Names stay unique.
    """
    close = matches[matches.jaccard >= min_jaccard]
    heirs = dict(zip(close.new, close.old, strict=True))
    taken = set(heirs.values())
    names = []
    for name in new_names:
        called = heirs.get(name) or _free(name, taken)
        taken.add(called)
        names.append(called)
    return tuple(names)


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    marked = _("{name}, new").format(name=name)
    numbered = (f"{marked} {number}" for number in range(2, len(taken) + 3))
    return next(one for one in (marked, *numbered) if one not in taken)


def _most(counts: pd.DataFrame, name: str, words: str) -> str:
    place = list(counts.index).index(name)
    row = counts.to_numpy()[place]
    return (
        words.format(other=counts.columns[row.argmax()]) if row.any() else _("nobody in it today")
    )


def _labels(model: SegmentModel, features: pd.DataFrame) -> np.ndarray:
    if not len(features):
        return np.array([], dtype=object)
    return model.assign(features).segment.to_numpy(dtype=object)


def _shared(both: pd.DataFrame, least: float) -> pd.DataFrame:
    """Return the rows that two or more columns share, each with at least ``least`` of the row."""
    whole = both.sum(axis=1)
    share = both.div(whole.where(whole > 0), axis=0).to_numpy()
    large = share >= least
    row, column = np.nonzero(large & (large.sum(axis=1, keepdims=True) > 1))
    return pd.DataFrame(
        {
            str(both.index.name): both.index[row],
            str(both.columns.name): both.columns[column],
            "customers": both.to_numpy()[row, column],
            "share": share[row, column],
        }
    )


def _centres_moved(
    features: pd.DataFrame, before: np.ndarray, after: np.ndarray, matches: pd.DataFrame
) -> pd.DataFrame:
    """Return, for each match, how far the mean percentile rank moved in the feature it most did."""
    ranks = features.select_dtypes(["number", "bool"]).rank(pct=True).fillna(0.5)
    if not ranks.shape[1] or matches.empty:
        blank = pd.DataFrame({"centre_moved": np.nan, "moved_in": ""}, index=matches.index)
        return blank.astype({"moved_in": "str"})
    was, now = (
        ranks.groupby(pd.Series(labels, index=ranks.index)).mean() for labels in (before, after)
    )
    moved = np.abs(now.loc[matches.new].to_numpy() - was.loc[matches.old].to_numpy())
    names = ranks.columns.astype("str")[moved.argmax(axis=1)]
    found = {"centre_moved": moved.max(axis=1), "moved_in": names}
    return pd.DataFrame(found, index=matches.index)
