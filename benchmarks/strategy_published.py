"""Do our designs find what was published, and what does the automatic choice say of the same data?

Proposition 99 (Arkhangelsky et al. 2021; data of synthdid-py), county teen employment (Callaway and
Sant'Anna 2021; moderndid), the NSW experiment (Dehejia and Wahba 1999; causaldata) and GeoLift's
campaign in two cities (its simulated example, geolift_test.csv in the folder that
INSIGHTS_TRIAL_DATA names). Designs are called by themselves (NSW through
``compare_strategy``, as two waves); ``compare_strategy`` is then asked without being told which.
"""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.strategy_scale import FIRST_TREATED_YEAR, placebo_error, proposition_99
from insights.params import StrategyParams
from insights.strategy import compare_strategy
from insights.strategy.designs.group_time import group_time
from insights.strategy.designs.synthetic import Rule, synthetic_control, synthetic_did

CITIES, CAMPAIGN = ["chicago", "portland"], "2021-04-01"
SHORT = StrategyParams(min_pre_periods=2, min_post_periods=1)
WAVES = StrategyParams(two_waves=True)
# Degrees of freedom of Welch's test of the experiment.
WELCH_DF = 307.13


def main() -> None:
    """Print published and found figures, then the automatic answers."""
    found = [*_proposition_99(), *_teen_employment(), *_nsw(), *_geolift()]
    columns = ["data", "figure", "published", "ours", "apart"]
    rows = [(*row, f"{row[3] / row[2] - 1:+.2%}") for row in found]
    table = pd.DataFrame(rows, columns=columns)
    print(table.to_string(index=False, float_format=lambda number: f"{number:,.4f}"))
    print("\nthe automatic choice")
    for name, outcomes, units, params in _automatic():
        effect = compare_strategy(outcomes, units, params)
        said = f"{name}: {effect} Design: {effect.design} ({effect.design_reason})."
        print(textwrap.fill(said, 110, subsequent_indent="  "))
        if len(effect.estimates):
            beside = effect.estimates.set_index("design").estimate.round(3).to_dict()
            print(f"  designs beside it: {beside}")


def _proposition_99() -> list[tuple[str, str, float, float]]:
    """Weights solved for exactly, and stopped where the authors' software stops (published)."""
    wide = proposition_99()
    values, n_before = wide.to_numpy(float), int((wide.columns < FIRST_TREATED_YEAR).sum())
    groups = np.eye(len(values))[-1:]
    problem = (values, groups, 1 - groups, n_before)
    steps = values[:, n_before:].mean(axis=1) - values[:, :n_before].mean(axis=1)
    error = placebo_error(wide, np.arange(len(values) - 1))[1]
    found = [("difference-in-differences", -27.349, steps[-1] - steps[:-1].mean())]
    rules: tuple[Rule, ...] = ("published", "exact")
    for rule in rules:
        control = synthetic_control(*problem, intercept=False, rule=rule).effects[0]
        found.append((f"synthetic control, {rule} weights", -19.620, control))
        did = synthetic_did(*problem, rule=rule).effects[0]
        found.append((f"synthetic DiD, {rule} weights", -15.604, did))
    found.append(("its placebo error (paper 8.4)", 8.4, error))
    return [("Prop 99", name, published, float(ours)) for name, published, ours in found]


def _teen_employment() -> list[tuple[str, str, float, float]]:
    rows, units = _counties()
    wide = rows.pivot(index="unit_id", columns="period", values="value")
    begun = units.set_index("unit_id").starts_on.reindex(wide.index)
    starts = (begun - wide.columns[0]).fillna(wide.shape[1]).to_numpy(np.int64)
    found = group_time(wide.to_numpy(), starts, small_sample=False)
    return [
        ("mpdta", "overall effect", -0.0400, found.overall.estimate),
        ("mpdta", "its error", 0.0120, found.overall.error),
        ("mpdta", "each county the same say", -0.0310, found.per_unit.estimate),
        ("mpdta", "averaged by time since", -0.0772, found.dynamic.estimate),
    ]


def _nsw() -> list[tuple[str, str, float, float]]:
    """Return the experiment's difference in earnings of 1978, and its robust error.

    It has no before that counts: with one and the same before for everybody, the difference of
    changes in two waves is the difference of means.
    """
    found = compare_strategy(*_trainees(), WAVES)
    half = (found.interval[1] - found.interval[0]) / 2
    return [
        ("NSW", "difference of means", 1794.343, found.estimate),
        ("NSW", "its robust error", 670.997, half / stats.t.ppf(0.975, WELCH_DF)),
    ]


def _trainees(first: str | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return earnings of 1978 after earnings of a year before (nothing for all by default)."""
    import causaldata

    rows = causaldata.nsw_mixtape.load_pandas().data
    before = rows[first] if first else 0.0
    waves = pd.DataFrame({1977: before, 1978: rows.re78}).rename_axis("unit_id").reset_index()
    units = pd.DataFrame({"unit_id": waves.unit_id[rows.treat == 1], "starts_on": 1978})
    return waves.melt("unit_id", None, "period", "value").astype({"period": int}), units


def _geolift() -> list[tuple[str, str, float, float]]:
    data = _campaign()
    if data is None:
        print("INSIGHTS_TRIAL_DATA holds no geolift_test.csv: GeoLift left out")
        return []
    wide = data.pivot(index="unit_id", columns="period", values="value")
    treated = wide.index.isin(CITIES)
    n_before = int((wide.columns < CAMPAIGN).sum())
    groups = np.where(treated, 1 / treated.sum(), 0.0)[None]
    found = synthetic_control(wide.to_numpy(float), groups, 1.0 * ~treated[None], n_before)
    return [("GeoLift", "demeaned synthetic control", 155.556, float(found.effects[0]))]


def _automatic() -> list[tuple[str, pd.DataFrame, pd.DataFrame, StrategyParams]]:
    """Return name, outcomes, units and params of each data set."""
    smoking = proposition_99().rename_axis("unit_id").reset_index()
    smoking = smoking.melt("unit_id", None, "period", "value").astype({"period": int})
    law = pd.DataFrame({"unit_id": ["California"], "starts_on": [FIRST_TREATED_YEAR]})
    counties, wages = _counties()
    asked = [
        ("Prop 99", smoking, law, StrategyParams(direction="down")),
        ("mpdta", counties, wages, StrategyParams()),
        ("mpdta, shortest periods allowed", counties, wages, SHORT),
        ("NSW, first wave 1974", *_trainees("re74"), WAVES),
        ("NSW, first wave 1975", *_trainees("re75"), WAVES),
    ]
    data = _campaign()
    if data is not None:
        cities = pd.DataFrame({"unit_id": CITIES, "starts_on": CAMPAIGN})
        asked.append(("GeoLift", data, cities, StrategyParams()))
    return asked


def _counties() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return log teen employment by county and year, and the year of the first higher wage."""
    from moderndid import load_mpdta

    rows = (
        load_mpdta()
        .to_pandas()
        .rename(
            columns={
                "countyreal": "unit_id",
                "year": "period",
                "lemp": "value",
                "first.treat": "begun",
            }
        )
    )
    units = rows[rows.begun > 0].drop_duplicates("unit_id")
    return rows, units[["unit_id"]].assign(starts_on=units.begun.astype(int))


def _campaign() -> pd.DataFrame | None:
    path = Path(os.environ.get("INSIGHTS_TRIAL_DATA", "nowhere"), "geolift_test.csv")
    if not path.exists():
        return None
    names = {"location": "unit_id", "date": "period", "Y": "value"}
    return pd.read_csv(path).rename(columns=names)
