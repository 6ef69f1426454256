"""Were the goals of the call plans reached? Capped and uncapped, and what was off plan."""

from __future__ import annotations

import pandas as pd

PLANNED = (
    "period", "rep_id", "customer_id", "visit_type", "goal", "maximum", "actual", "counted",
    "handed_over", "holder_id", "region_id", "tier",
)  # fmt: skip
PAIR = ["customer_id", "period", "rep_id"]


def plan_rows(
    plans: pd.DataFrame, visits: pd.DataFrame, runs: pd.DataFrame, people: pd.DataFrame,
    customers: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """How many of the planned visits were made? Returns the plans, and the visits off plan.

    A row a plan (rep, customer, month, visit type): columns of ``PLANNED``. A visit counts for the
    row of its own type, else for the largest row of its rep and customer in its month; where the
    customer passed to another rep within the month, the successor's visits count for the
    predecessor's plan, which stands under the successor (``holder_id``). counted = min(actual,
    maximum), the goal standing for a missing maximum. Rows whose goal is not positive ask for
    nothing and are left out (``faulty_goals``).
    """
    usable = plans[plans.goal > 0].reset_index(drop=True)
    dated = visits.assign(period=visits.visited_on.dt.to_period("M").dt.to_timestamp())
    dated = dated.astype({"period": "datetime64[s]"})
    heirs = successors(runs, people)
    placed = _placed(usable, dated, heirs)
    actual = placed.value_counts().reindex(usable.index, fill_value=0)
    cap = usable.maximum.fillna(usable.goal)
    heir = _heir(usable, heirs)
    rows = usable.assign(
        actual=actual, counted=actual.clip(upper=cap), handed_over=heir.notna(),
        holder_id=heir.fillna(usable.rep_id).astype("str"),
        region_id=usable.customer_id.map(customers.region_id),
        tier=usable.customer_id.map(customers.tier),
    )  # fmt: skip
    return rows[list(PLANNED)], dated[placed.isna().to_numpy()]


def faulty_goals(plans: pd.DataFrame) -> pd.DataFrame:
    """Which plans ask for nothing, or for more than their own maximum counts?"""
    return plans[(plans.goal <= 0) | plans.goal.isna() | (plans.maximum < plans.goal)]


def successors(runs: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Who took over whose customer within a month? customer_id, period, rep_id, before_id.

    The run of ``before_id`` ended in the month (period) and the next run of the customer by a rep
    of the same kind of line began in it afterwards.
    """
    lines = runs.assign(line=runs.rep_id.map(people.line_type).astype("object").fillna(""))
    ended = lines[lines.to_on.notna()].assign(period=lambda rows: _month(rows.to_on))
    begun = lines.assign(period=_month(lines.from_on))
    keys = ["customer_id", "line", "period"]
    both = begun.merge(ended, on=keys, suffixes=("", "_before"))
    later = both[(both.from_on > both.to_on_before) & (both.rep_id != both.rep_id_before)]
    ordered = later.sort_values([*keys, "from_on", "rep_id", "to_on_before", "rep_id_before"])
    first = ordered.drop_duplicates(["customer_id", "period", "rep_id"], keep="last")
    named = first.rename(columns={"rep_id_before": "before_id"})
    return named[["customer_id", "period", "rep_id", "before_id"]].reset_index(drop=True)


def ratio(part: float, whole: float) -> float:
    """Return part / whole, NaN where there is nothing to divide by."""
    return float(part) / float(whole) if whole > 0 else float("nan")


def attainment(rows: pd.DataFrame) -> pd.Series:
    """Return goal, actual, capped and uncapped attainment of some plans.

    uncapped = sum of actual / sum of goals; capped = sum of min(actual, maximum) / sum of goals:
    visits past one customer's maximum cannot hide another's neglect (Veeva, Interactions Earned).
    """
    goal = rows.goal.sum()
    return pd.Series(
        {
            "plans": float(len(rows)),
            "goal": float(goal),
            "actual": float(rows.actual.sum()),
            "uncapped": ratio(rows.actual.sum(), goal),
            "capped": ratio(rows.counted.sum(), goal),
            "without_visit": float((rows.actual == 0).sum()),
        }
    )


def _heir(plans: pd.DataFrame, heirs: pd.DataFrame) -> pd.Series:
    """Return who took over the customer of each plan within its month, missing where nobody did."""
    named = heirs.rename(columns={"rep_id": "heir_id", "before_id": "rep_id"})
    first = named.sort_values([*PAIR, "heir_id"]).drop_duplicates(PAIR)
    merged = plans[PAIR].merge(first, on=PAIR, how="left")
    return pd.Series(merged.heir_id.to_numpy(), index=plans.index, dtype="object")


def _placed(plans: pd.DataFrame, visits: pd.DataFrame, heirs: pd.DataFrame) -> pd.Series:
    """Return for each visit the row of ``plans`` it counts for, missing where it is off plan."""
    inherited = visits.merge(heirs, on=PAIR, how="left").before_id
    instead = pd.Series(inherited.to_numpy(), index=visits.index).fillna(visits.rep_id)
    found = pd.Series(float("nan"), index=visits.index)
    for rep in (visits.rep_id, instead):
        asked = visits.assign(rep_id=rep)
        typed = _looked_up(plans, asked, [*PAIR, "visit_type"])
        found = found.fillna(typed).fillna(_looked_up(_largest(plans), asked, PAIR))
    return found


def _looked_up(plans: pd.DataFrame, visits: pd.DataFrame, keys: list[str]) -> pd.Series:
    numbered = plans[keys].assign(row=plans.index.astype("float64")).dropna(subset=keys)
    merged = visits[keys].merge(numbered, on=keys, how="left")
    return pd.Series(merged.row.to_numpy(), index=visits.index)


def _largest(plans: pd.DataFrame) -> pd.DataFrame:
    """Return one plan a rep, customer and month: the one without a type, else the largest."""
    order = plans.assign(typed=plans.visit_type.notna()).sort_values(
        ["typed", "goal"], ascending=[True, False], kind="stable"
    )
    return order.drop_duplicates(PAIR)


def _month(days: pd.Series) -> pd.Series:
    return days.dt.to_period("M").dt.to_timestamp().astype("datetime64[s]")
