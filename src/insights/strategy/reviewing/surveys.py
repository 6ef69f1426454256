"""Collect, analyse, improve, verify: how far what customers said came, and did scores rise?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np
import pandas as pd

from insights.features.homes import unit_regions
from insights.features.waves import WavesError, survey_waves, wave_scores
from insights.params import StrategyParams
from insights.strategy.designs.paired import PairedFit, paired_fit
from insights.strategy.many.cells import other, unrecorded
from insights.strategy.many.discovery import with_q
from insights.tables import Tables, as_date
from insights.words import Sentence, _, listing, p_words

BY = ("kind", "dimension", "channel", "region")
STEPS = ("collected", "analysed", "improved", "verified")
COUNTS = (*STEPS, "scored_twice", "customers")
SCORES = ("verified", "share_verified", "first_score", "first_of_others", "mean_change", "low",
          "high", "p_value")  # fmt: skip
HIDDEN = ("improved", "scored_twice", "customers", *SCORES)
SURVEYS = ("by", "group", *COUNTS, *SCORES[1:], "q", "reason")


def survey_rows(
    tables: Tables, as_of: str | dt.date | pd.Timestamp, params: StrategyParams
) -> pd.DataFrame:
    """How far did first surveys come, and did scores rise where customers were asked again?

    A row for all, then for each kind, dimension, channel and region. Counts of first surveys:
    ``collected``, ``analysed`` (kind or dimension known), ``improved`` (asked again, which stands
    for it), ``verified`` (the score rose; ``share_verified`` of those ``scored_twice``).
    ``mean_change`` in points is the mean over customers of their own mean change, with interval
    and paired p, over ``customers`` scored twice; ``q`` corrects p for the groups of its kind.
    ``first_score`` is theirs, ``first_of_others`` that of surveys without an answer. Groups of
    under ``min_group_units`` customers are put together; figures of fewer asked again or scored
    twice are missing, and those from which they could be worked out. One row with its ``reason``
    where there is nothing to read; that of all also counts the second surveys that answer no known
    first one.
    """
    try:
        waves = survey_waves(tables, as_of)
    except WavesError as error:
        return _nothing(str(error))
    unmatched = _unmatched_words(waves.unmatched)
    if not waves.pairs.change.notna().any():
        none = _("no survey was answered by a second one with a score")
        return _nothing("; ".join([none, *unmatched]))
    homes = unit_regions(tables, "customer", as_date(as_of))
    pairs = waves.pairs.assign(region=waves.pairs.customer_id.map(homes))
    found = loop_rows(pairs, params)
    said = [found.reason[0], *unmatched] if found.reason[0] else unmatched
    return found.assign(reason=["; ".join(said), *found.reason[1:]]).astype({"reason": "str"})


def loop_rows(pairs: pd.DataFrame, params: StrategyParams) -> pd.DataFrame:
    """Return the rows of ``survey_rows`` of first surveys with their answers.

    ``pairs`` as of ``survey_waves``, at least one of them scored twice, and their region.
    """
    whole = pd.Series(_("all"), index=pairs.index, dtype=object)
    found = [_family("all", whole, pairs, params)]
    for by in BY:
        text = pairs[by].astype(object).where(pairs[by].notna(), unrecorded())
        small = too_few(text, pairs.customer_id, params.min_group_units)
        shown = text.where(~text.isin(small), other())
        if text.nunique() > max(len(small), 1):
            found.append(_family(by, shown, pairs, params))
    rows = with_q(pd.concat(found), p_column="p_value", family="by").astype({"reason": "str"})
    return rows.loc[:, list(SURVEYS)].reset_index(drop=True)


def surveys_shown(rows: pd.DataFrame, regions: Collection[str] = ()) -> pd.DataFrame:
    """Return the loop as a reader sees it: of all, of each kind, and of these regions.

    ``rows`` as of ``survey_rows``.
    """
    if rows.collected.isna().all():
        return pd.DataFrame({_("reason"): rows.reason})
    here = (rows.by == "region") & rows.group.isin(list(regions))
    rows = rows[rows.by.isin(["all", "kind"]) | here].reset_index(drop=True)
    return pd.DataFrame(
        {
            _("by"): rows.by,
            _("group"): rows.group,
            _("collected"): rows.collected.astype("Int64"),
            _("analysed"): rows.analysed.astype("Int64"),
            _("asked again"): rows.improved.astype("Int64"),
            _("verified"): rows.verified.astype("Int64"),
            _("verified %"): (100 * rows.share_verified).round(1),
            _("mean change"): rows.mean_change.round(2),
            _("from"): rows.low.round(2),
            _("to"): rows.high.round(2),
            _("q"): rows.q.map(_q_words, na_action="ignore"),
        }
    )


def _q_words(q: float) -> str:
    return "< 0.001" if q < 0.001 else f"{q:.3f}"


def surveys_said(rows: pd.DataFrame) -> Sentence:
    """Say what the loop shows, and why the change is not all the improvement's."""
    whole = rows.iloc[0]
    if pd.isna(whole.collected):
        return Sentence(_("No loop of surveys: {reason}.").format(reason=whole.reason))
    if pd.isna(whole.scored_twice):
        said = _("{collected:.0f} first surveys; {reason}.")
        return Sentence(said.format(collected=whole.collected, reason=whole.reason))
    said = _("{improved:.0f} of {collected:.0f} first surveys were asked again; of {twice:.0f} "
             "scored twice {verified:.0f} rose ({share:.0%}).").format(
                 twice=whole.scored_twice, share=whole.share_verified,
                 **whole[["improved", "collected", "verified"]])  # fmt: skip
    parts = [said, _change_said(whole), *([f"{whole.reason}."] if whole.reason else [])]
    return Sentence(" ".join(parts))


def _change_said(whole: pd.Series) -> str:
    if pd.isna(whole.low):
        return _("Too few customers were scored twice for an interval of the change.")
    said = _(
        "The mean change of {n:.0f} customers is {change:+.2f} points ({low:+.2f} to "
        "{high:+.2f}, {p}), which holds what would have changed without any improvement."
    )
    said = said.format(n=whole.customers, change=whole.mean_change, low=whole.low,
                       high=whole.high, p=p_words(whole.p_value))  # fmt: skip
    if not whole.first_score < whole.first_of_others:
        return said
    low = _("Those asked again had begun lower than the others ({own:.2f} against {others:.2f}): "
            "low scores come back by themselves.")  # fmt: skip
    return f"{said} {low.format(own=whole.first_score, others=whole.first_of_others)}"


def _unmatched_words(unmatched: pd.DataFrame) -> list[str]:
    if unmatched.empty:
        return []
    counts = unmatched.reason.value_counts().sort_index()
    said = listing([f"{reason} ({n})" for reason, n in counts.items()])
    return [_("not used, {n} second surveys: {reasons}").format(n=len(unmatched), reasons=said)]


def too_few(group: pd.Series, customers: pd.Series, least: int) -> list[str]:
    """Which groups hold under ``least`` customers, with as many more as hide them?

    ``group`` and ``customers`` row by row; a customer may be in several groups. The next smallest
    groups are added until all of them together hold enough customers: what is left when the shown
    are taken from the whole is then never that of fewer. All groups where even they do not.
    """
    names = group.astype(str).rename("name")
    sizes = customers.groupby(names).nunique().rename("n").reset_index().sort_values(["n", "name"])
    small = int((sizes.n < least).sum())
    if not small:
        return []
    place = names.map(pd.Series(range(len(sizes)), index=sizes.name.to_numpy()))
    firsts = place.groupby(customers).min().astype("int64").to_numpy()
    together = np.bincount(firsts, minlength=len(sizes)).cumsum()
    return list(sizes.name[: max(small, int((together < least).sum()) + 1)])


def _family(by: str, group: pd.Series, pairs: pd.DataFrame, params: StrategyParams) -> pd.DataFrame:
    """Return a row for each group of first surveys, largest first, without what shows a few."""
    rows = [_row(by, str(name), part, params) for name, part in pairs.groupby(group, sort=True)]
    found = pd.DataFrame(rows).sort_values("collected", ascending=False, kind="stable")
    return _without_small(found.reset_index(drop=True), group, pairs, params)


def _row(by: str, group: str, pairs: pd.DataFrame, params: StrategyParams) -> dict[str, object]:
    twice = pairs[pairs.change.notna()]
    found = _paired(twice, params)
    return {
        "by": by, "group": group,
        "collected": float(len(pairs)),
        "analysed": float((pairs.kind.notna() | pairs.dimension.notna()).sum()),
        "improved": float(pairs.second_on.notna().sum()),
        "verified": float(twice.verified.sum()),
        "scored_twice": float(len(twice)),
        "customers": float(twice.customer_id.nunique()),
        "share_verified": float(twice.verified.mean()),
        "first_score": float(twice["first"].mean()),
        "first_of_others": float(pairs["first"][pairs.change.isna()].mean()),
        **dict(zip(("mean_change", "low", "high", "p_value"), found, strict=True)),
        "reason": "",
    }  # fmt: skip


def _paired(twice: pd.DataFrame, params: StrategyParams) -> tuple[float, float, float, float]:
    """Compare customers, each the mean of its surveys: those of one customer go together."""
    if twice.empty:
        return (np.nan,) * 4
    scores = wave_scores(twice)
    first, second = scores["first"].to_numpy(float), scores.second.to_numpy(float)
    everybody = np.ones(len(scores), dtype=bool)
    found: PairedFit = paired_fit(first, second, everybody, params.confidence, params.seed)
    return found.estimate, found.low, found.high, found.p_value


def _without_small(
    rows: pd.DataFrame, group: pd.Series, pairs: pd.DataFrame, params: StrategyParams
) -> pd.DataFrame:
    """Withhold figures of too few customers, and those from which they could be worked out."""
    least = params.min_group_units
    again, twice = pairs.second_on.notna(), pairs.change.notna()
    few, few_twice, few_others = (
        rows.group.isin(too_few(group[part], pairs.customer_id[part], least))
        for part in (again, twice, ~twice & pairs["first"].notna())
    )
    hidden = few | few_twice
    why = _("fewer than {n} customers were asked again, or would show from this group").format(
        n=least
    )
    kept = rows.assign(reason=np.where(hidden, why, rows.reason))
    kept[list(HIDDEN)] = kept[list(HIDDEN)].where(~hidden)
    return kept.assign(first_of_others=kept.first_of_others.where(~few_others))


def _nothing(reason: str) -> pd.DataFrame:
    row = dict.fromkeys(SURVEYS, np.nan) | {"by": "all", "group": _("all"), "reason": reason}
    return pd.DataFrame([row], columns=list(SURVEYS))
