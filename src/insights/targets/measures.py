"""What scorecards are made of: attainment, growth and new customers beside calls and records."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from insights.features.field_figures import FIGURES, field_figures
from insights.features.known import master
from insights.params import TargetsParams
from insights.tables import Tables
from insights.targets.scorecards import DEVICE_REP, DRUG_REP, Scorecards, scorecards


def read_scorecards(
    tables: Tables, as_of: dt.date, attained: pd.DataFrame, cells: pd.DataFrame,
    firsts: pd.DataFrame, params: TargetsParams,
) -> Scorecards:  # fmt: skip
    """How do regions, teams and representatives stand? Sales of people: device lines only.

    ``attained`` as of ``attain``, ``cells`` with the scopes company and rep, ``firsts`` as of
    ``read_firsts``. A team's sales are those of its device representatives.
    """
    reps = master(tables, "reps", as_of)
    people = reps.select("rep_id", "line_type", "manager_id").order_by("rep_id").execute()
    last = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("M") - 1
    since = (last - params.score_months + 1).start_time
    units = _units(cells[cells.metric == params.assessed_on], people)
    parts = [
        _attainment(attained, people, set(tables.regions.parent_id.dropna())),
        _growth(units),
        _new(firsts, tables, as_of),
        field_figures(tables, as_of, since.date()),
    ]
    figures = pd.concat([one for one in parts if len(one)], ignore_index=True)
    kept = (figures.month >= since) & (figures.month <= last.start_time)
    told = figures[kept].assign(kind=peers_of(figures[kept], people))
    ordered = told.sort_values(list(FIGURES[:4]), ignore_index=True)
    return scorecards(ordered, people, params)


def peers_of(figures: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Return each row's kind: drug and device representatives are not each other's peers."""
    line = figures.unit_id.map(people.set_index("rep_id").line_type)
    of_line = line.map({"device": DEVICE_REP, "drug": DRUG_REP}).where(figures.kind == "rep")
    return of_line.fillna(figures.kind)


def _attainment(attained: pd.DataFrame, people: pd.DataFrame, groups: set[str]) -> pd.DataFrame:
    """Return attainment of leaf regions, of people still there then, and of teams."""
    monthly = attained[(attained.grain == "month") & (attained.metric == "sales")]
    group = (monthly.scope == "region") & monthly.scope_id.isin(groups)
    monthly = monthly[~group & ~(monthly.left_on < monthly.period_end)]
    usable = monthly[monthly.attainment.notna() & monthly.scope.isin(["region", "rep"])]
    named = pd.DataFrame(
        {"kind": usable.scope, "unit_id": usable.scope_id, "month": usable.period,
         "numerator": usable.actual, "denominator": usable.target}
    )  # fmt: skip
    both = pd.concat([named, _of_teams(named, people)], ignore_index=True)
    return both.assign(figure="attainment")


def _of_teams(rows: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    manager = people.set_index("rep_id").manager_id
    mine = rows[rows.kind == "rep"]
    named = mine.assign(kind="team", unit_id=mine.unit_id.map(manager)).dropna(subset="unit_id")
    keys = ["kind", "unit_id", "month"]
    sums: pd.DataFrame = named.groupby(keys)[["numerator", "denominator"]].sum()
    return sums.reset_index()


def _units(cells: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Return what each region, representative and team sold in each month, in cents."""
    company = cells[cells.scope == "company"]
    parts = [
        company.assign(kind="region", unit_id=company.region_id),
        cells[cells.scope == "rep"].assign(kind="rep", unit_id=cells.scope_id),
    ]
    both = pd.concat(parts)[["kind", "unit_id", "month", "cents"]]
    manager = people.set_index("rep_id").manager_id
    mine = both[both.kind == "rep"]
    teams = mine.assign(kind="team", unit_id=mine.unit_id.map(manager)).dropna(subset="unit_id")
    whole = pd.concat([both[both.unit_id != ""], teams], ignore_index=True)
    return whole.groupby(["kind", "unit_id", "month"])[["cents"]].sum().reset_index()


def _growth(units: pd.DataFrame) -> pd.DataFrame:
    """Return sales over those of a year before; January and February together, as February."""
    month = pd.to_datetime(units.month)
    joined = month.mask(month.dt.month == 1, month + pd.DateOffset(months=1))
    keys = ["kind", "unit_id", "month"]
    now = units.assign(month=joined).groupby(keys, as_index=False).cents.sum()
    before = now.assign(month=now.month + pd.DateOffset(years=1))
    last = now.month.max()
    selling = now[now.month > last - pd.DateOffset(years=1)][["kind", "unit_id"]].drop_duplicates()
    asked = before[before.month <= last].merge(selling, on=["kind", "unit_id"])
    both = asked.merge(now, on=keys, how="left", suffixes=("_before", ""))
    both = both.assign(cents=both.cents.fillna(0).astype("int64"))  # a month without a sale counts
    return both.assign(
        figure="growth", numerator=both.cents / 100, denominator=both.cents_before / 100
    ).reindex(columns=list(FIGURES))


def _new(firsts: pd.DataFrame, tables: Tables, as_of: dt.date) -> pd.DataFrame:
    """Return new customers of each region over all it has."""
    homes = master(tables, "customers", as_of)
    sizes = homes.group_by("region_id").aggregate(n=homes.count()).execute()
    held = sizes.dropna().set_index("region_id").n.astype("float64").sort_index()
    won = firsts[firsts.covered.astype(bool)]
    if won.empty or held.empty:
        return pd.DataFrame(columns=list(FIGURES))
    month = pd.to_datetime(won.first_on).dt.to_period("M").dt.start_time
    months = pd.date_range(month.min(), pd.Timestamp(as_of), freq="MS")
    grid = pd.MultiIndex.from_product([held.index, months], names=["unit_id", "month"])
    counts = won.groupby([won.region_id.rename("unit_id"), month.rename("month")]).size()
    found = counts.reindex(grid, fill_value=0).rename("numerator").reset_index()
    return found.assign(
        kind="region", figure="new_customers", denominator=found.unit_id.map(held),
        numerator=found.numerator.astype("float64"),
    )[list(FIGURES)]  # fmt: skip
