"""Which targets hold? Those that are written down, and those that follow from finer ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.features.known import known, master
from insights.params import TargetsParams
from insights.tables import ALL, Tables, leaves
from insights.targets.progress import GRAINS, MONTHS, STEPS
from insights.words import N_, _, listing

METRICS = ("sales", "quantity", "new_customers")
KEY = ["scope", "scope_id", "metric"]
GOALS = ("grain", "period", *KEY, "target", "source", "why_no_target")
GIVEN, FROM_MONTHS, FROM_QUARTERS = N_("given"), N_("sum of months"), N_("sum of quarters")
FROM_REGIONS = N_("sum of its regions")
FINER = {"quarter": ("month", FROM_MONTHS), "year": ("quarter", FROM_QUARTERS)}


@dataclass(frozen=True)
class Goals:
    """``targets`` has a row a grain, period, scope, id and metric; ``faults`` say what is wrong.

    ``disagree`` holds targets that the finer ones beside them do not add up to.
    """

    targets: pd.DataFrame
    disagree: pd.DataFrame
    faults: tuple[str, ...] = ()


def read_goals(tables: Tables, as_of: dt.date, params: TargetsParams) -> Goals:
    """Which targets hold for sales, quantities and new customers?

    A target that is written down holds as it is. A quarter or year without one takes the sum of
    its months or quarters where every one of them has a target; a group of regions, and the
    company, the sum of its regions likewise. Nothing is added to what is given: no amount counts
    twice. Zero and negative targets cannot be attained: their value stays and ``why_no_target``
    says so. Targets of drug representatives are not used (they carry no sales tasks).
    """
    if (gap := tables.gap("targets")) is not None:
        none = pd.DataFrame(columns=list(GOALS))
        return Goals(none, none, (gap,))
    rows, faults = _read(tables, as_of)
    given = _with_coarser(rows)
    whole = _with_groups(given, tables.regions)
    ordered = whole.sort_values(["grain", "period", *KEY], ignore_index=True)
    return Goals(_judged(ordered), _disagreeing(rows, params), faults)


def _read(tables: Tables, as_of: dt.date) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the targets that can be read, dated by the first days of their periods."""
    found = known(tables, "targets", as_of).execute()
    rows = found[found.metric.isin(METRICS) & found.grain.isin(GRAINS)]
    rows = rows[rows.period.notna() & rows.target.notna()]
    freq = rows.grain.map(STEPS)
    start = [pd.Timestamp(day).to_period(step).start_time for day, step
             in zip(rows.period, freq, strict=True)]  # fmt: skip
    rows = rows.assign(period=pd.to_datetime(pd.Series(start, index=rows.index)))
    rows = rows.drop_duplicates([*GOALS[:5], "target"])
    twice = rows.duplicated(["grain", "period", *KEY], keep=False)
    rows, unread = rows[~twice], len(found) - len(rows)
    kept, drug = _allowed(tables, rows, as_of)
    faults = [
        (unread, _("{n} targets are of another metric or grain, or empty: not used here")),
        (int(twice.sum()), _("{n} targets are two for the same period: none of them is used")),
        (drug, _("{n} targets are of representatives that are not of a device line: not used, "
                 "drug representatives carry no sales tasks")),
    ]  # fmt: skip
    return kept.assign(source=GIVEN), tuple(words.format(n=n) for n, words in faults if n)


def _allowed(tables: Tables, rows: pd.DataFrame, as_of: dt.date) -> tuple[pd.DataFrame, int]:
    reps = master(tables, "reps", as_of)
    device = set(reps.filter(reps.line_type == "device").rep_id.execute())
    drug = (rows.scope == "rep") & ~rows.scope_id.isin(device)
    return rows[~drug], int(drug.sum())


def _with_coarser(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the quarters and years that whole finer targets give."""
    held = rows.assign(why_no_target="").loc[:, list(GOALS)]
    for grain, (finer, source) in FINER.items():
        summed = _summed(held[held.grain == finer], grain, finer, source)
        both = pd.concat([held, summed], ignore_index=True)
        held = both.drop_duplicates(["grain", "period", *KEY])  # what is given stands first
    return held


def _summed(fine: pd.DataFrame, grain: str, finer: str, source: str) -> pd.DataFrame:
    usable = fine[fine.why_no_target == ""]
    period = usable.period.dt.to_period(STEPS[grain]).dt.start_time
    cents = (usable.target * 100).round()
    sums = cents.groupby([period, *(usable[name] for name in KEY)])
    found = pd.DataFrame({"cents": sums.sum(), "n": sums.size(), "low": sums.min()}).reset_index()
    asked = MONTHS[grain] // MONTHS[finer]
    part = _("only {n} of {asked} parts of the period have a target")
    below = _("a part of the period has a negative target")
    why = [
        part.format(n=n, asked=asked) if n < asked else below if low < 0 else ""
        for n, low in zip(found.n.astype(int), found.low.astype(float), strict=True)
    ]
    told = pd.Series([not one for one in why], index=found.index, dtype="bool")
    made = found.assign(
        grain=grain, source=source, target=(found.cents / 100).where(told), why_no_target=why
    )
    return made.loc[:, list(GOALS)]


def _with_groups(rows: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Add the targets of groups of regions, and of the company, that whole regions give."""
    groups = sorted(set(regions.parent_id.dropna()) & set(regions.region_id))
    named = [(one, "region", one) for one in groups] + [(ALL, "company", "company")]
    parts = [_of_group(rows, leaves(regions, one), scope, name) for one, scope, name in named]
    both = pd.concat([rows, *parts], ignore_index=True)
    return both.drop_duplicates(["grain", "period", *KEY])


def _of_group(rows: pd.DataFrame, below: list[str], scope: str, name: str) -> pd.DataFrame:
    own = rows[(rows.scope == "region") & rows.scope_id.isin(below) & rows.target.notna()]
    sums = own.assign(cents=(own.target * 100).round()).groupby(["grain", "period", "metric"])
    found = sums.agg(cents=("cents", "sum"), n=("cents", "size"), low=("cents", "min"))
    whole = found[(found.n == len(below)) & (found.low >= 0)].reset_index()
    return whole.assign(
        scope=scope, scope_id=name, target=whole.cents / 100, source=FROM_REGIONS,
        why_no_target="",
    ).loc[:, list(GOALS)]  # fmt: skip


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of each target that is not above zero that nothing can be held against it."""
    words = np.select(
        [rows.target == 0, rows.target < 0],
        [_("the target is zero"), _("the target is negative")], "",
    )  # fmt: skip
    said = rows.why_no_target.astype("object").where(rows.why_no_target != "", words)
    return rows.assign(why_no_target=said.astype("str"))


def _disagreeing(rows: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Return given targets whose whole finer ones add up to something else."""
    held = rows.assign(why_no_target="").loc[:, list(GOALS)]
    keys = ["grain", "period", *KEY]
    months = held[held.grain == "month"]
    quarters = _summed(months, "quarter", "month", FROM_MONTHS)
    given = held[held.grain == "quarter"]
    best = pd.concat([given, quarters]).drop_duplicates(keys)
    years = _summed(best[best.target.notna()], "year", "quarter", FROM_QUARTERS)
    finer = pd.concat([quarters, years])[[*keys, "target"]].rename(columns={"target": "parts"})
    both = held.merge(finer, on=keys).dropna(subset="parts")
    off = (both.parts - both.target).abs() > params.target_tolerance * both.target.abs()
    return both[off].sort_values(keys, ignore_index=True)[[*keys, "target", "parts"]]


def fault_words(goals: Goals) -> list[str]:
    """Return in words what of the targets cannot be used, or does not add up."""
    said = list(goals.faults)
    if len(goals.disagree):
        words = _("{n} targets are not the sum of their months or quarters: {rows}")
        names = [f"{one.scope} {one.scope_id} {one.period:%Y-%m}" for one
                 in goals.disagree.itertuples()]  # fmt: skip
        said.append(words.format(n=len(goals.disagree), rows=listing(names, 3)))
    return said
