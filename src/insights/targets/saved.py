"""What a review of targets leaves: every table, the figures of the index, what adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from insights.targets.customers_won import newly_won
from insights.targets.growth import growth_to_date
from insights.targets.progress import start_of
from insights.targets.reorders import cycles_by_line
from insights.targets.totals import target_totals

if TYPE_CHECKING:
    from insights.targets.result import TargetReview


def every_table(review: TargetReview) -> dict[str, pd.DataFrame]:
    """Return every full table of a review by name."""
    late = review.late_pairs()
    found = {
        "actions": review.todo,
        "attainment": review.attainment,
        "growth": review.growth_by_month(),
        "growth_to_date": growth_to_date(review.company_cells(), review.as_of),
        "price_volume_mix": review.parts(),
        "contribution": pd.concat(
            [review.contributions(of) for of in ("region", "product_line")], ignore_index=True),
        "distributors": review.stuffed(),
        "new_customers": newly_won(review.firsts, review.as_of),
        "purchase_cycles": cycles_by_line(review.cycles, late, review.params),
        "overdue_reorders": late,
        "forecast": review.forecast,
        "forecast_scores": review.scores,
        "exceptions": review.exceptions,
    }  # fmt: skip
    if review.cards is not None:
        found |= {"scorecards": review.cards.cards, "scores": review.cards.scores,
                  "score_weights": review.cards.weights}  # fmt: skip
    if review.plan is not None:
        found |= {"next_year": _in_yuan(review.plan.cells),
                  "next_year_reps": _in_yuan(review.plan.reps)}  # fmt: skip
    return found


def index_figures(review: TargetReview) -> dict[str, float]:
    """Return the figures for the index."""
    own = review.own_of("year")
    nan = float("nan")
    won = newly_won(review.firsts, review.as_of).set_index("grain").won
    return {
        "sales_this_year": nan if own is None else float(own.actual),
        "attainment": nan if own is None else float(own.attainment),
        "time_progress": nan if own is None else float(own.time_progress),
        "growth": review.growth_this_year(),
        "new_customers": float(won.year),
        "overdue_customers": float(len(review.late_customers())),
        "actions": float(len(review.todo)),
    }


def region_totals(review: TargetReview) -> pd.DataFrame:
    """Return what adds up over regions: a row a region, money in cents."""
    year = start_of(review.as_of, "year")
    rows = review.attainment
    now = rows.current & (rows.grain == "year") & (rows.metric == "sales")
    leaf = rows[now & (rows.scope == "region") & ~rows.scope_id.isin(review.groups())]
    won = review.firsts[review.firsts.covered.astype(bool) & (review.firsts.first_on >= year)]
    return target_totals(review.company_cells(), year, won, leaf, review.late_customers())


def _in_yuan(rows: pd.DataFrame) -> pd.DataFrame:
    yuan = (rows.target_cents.astype("float64") / 100).round(2)
    return rows.drop(columns="target_cents").assign(target=yuan)
