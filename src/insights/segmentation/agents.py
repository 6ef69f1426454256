"""Distributors, segmented on their own: how much they take, sell on, reach and hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd

from insights.features import distributor_features, master
from insights.params import SegmentationParams
from insights.segmentation.model import fit_segments, too_few
from insights.segmentation.prepare import check_features
from insights.segmentation.result import Segmentation
from insights.tables import Tables
from insights.words import _

BEHAVIOUR = (
    "monetary_value",
    "growth",
    "recency_days",
    "frequency",
    "product_lines",
    "terminals",
    "shipments_to_flow",
    "months_of_stock",
)
MEASURED = (
    "recency_days",
    "frequency",
    "monetary_value",
    "previous_value",
    "growth",
    "terminals",
    "matched_share",
    "shipments_to_flow",
    "months_of_stock",
    "grade",
    "region_id",
)


def segment_distributors(
    tables: Tables, as_of: dt.date, params: SegmentationParams
) -> Segmentation:
    """Who are our distributors, by what they take from us and sell on? A row a distributor."""
    features = distributor_features(tables, as_of, params.window_days).rename(
        columns={"shipments": "monetary_value", "previous_shipments": "previous_value"}
    )
    features = features.rename_axis("customer_id")
    active = features[features.recency_days.notna()]
    kept = tuple(name for name in BEHAVIOUR if active[name].notna().any())
    wanted = replace(params, features=kept or BEHAVIOUR)
    check_features(active, wanted.features)
    reason = _too_few(active, wanted)
    fit = None if reason else fit_segments(active, wanted)
    return Segmentation(
        assignments=_rows(
            features, None if fit is None else fit.model.assign(active), tables, as_of
        ),
        params=wanted,
        fit=fit,
        regions=tables.regions,
        as_of=as_of,
        status="not_enough_data" if reason else "ok",
        reason=reason,
    )


def _too_few(active: pd.DataFrame, params: SegmentationParams) -> str:
    if active.empty:
        return _("no distributor ordered anything")
    if len(active) < params.min_customers:
        return _("{n} distributors that ordered; at least {bound} are needed").format(
            n=len(active), bound=params.min_customers
        )
    return too_few(active, params)


def _rows(
    features: pd.DataFrame, placed: pd.DataFrame | None, tables: Tables, as_of: dt.date
) -> pd.DataFrame:
    names = master(tables, "customers", as_of).select("customer_id", "name").execute()
    rows = features[list(MEASURED)].reset_index().merge(names, on="customer_id", how="left")
    if placed is None:
        blank = pd.Series(pd.NA, index=rows.index, dtype="str")
        return rows.assign(segment=blank, confidence=float("nan"), closest_second=blank)
    silent = _("never ordered")
    both = placed.merge(rows, on="customer_id", how="right")
    return both.assign(segment=both.segment.fillna(silent)).sort_values(
        "customer_id", ignore_index=True
    )
