"""The verbs: segment any table of features, or the customers of a source as of a date."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd

from insights.features import customer_features, known, purchases_of_nobody
from insights.params import SegmentationParams
from insights.segmentation.model import ASSIGNED, fit_segments, too_few
from insights.segmentation.prepare import check_features
from insights.segmentation.result import Segmentation
from insights.tables import Tables, as_date
from insights.words import _

# Raw amounts of the year before stay out: growth already holds them, relative to the present.
BEHAVIOUR = (
    "recency_days",
    "frequency",
    "monetary_value",
    "product_lines",
    "growth",
    "momentum",
    "tenure_days",
    "equipment_share",
    "visits",
    "hospital_level",
)
SHOWN = ("name", "region_id", "customer_type", "hospital_level", "potential", "tier")
MEASURED = ("recency_days", "frequency", "monetary_value", "previous_value", "growth", "visits")


def segment_customers(
    features: pd.DataFrame,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> Segmentation:
    """Which groups do these customers fall into by themselves?

    ``features``: indexed by customer_id, numeric and text columns, read whole unless
    ``params.features`` names some. Heavy tails are found and bent, missing values take the median.
    Raises ``ValueError`` for duplicated ids and infinite values, all named at once.
    """
    check_features(features, params.features)
    reason = too_few(features, params)
    if reason:
        none = pd.DataFrame(columns=list(ASSIGNED))
        return Segmentation(none, params, status="not_enough_data", reason=reason)
    fit = fit_segments(features, params)
    measured = features[[name for name in MEASURED if name in features]].reset_index(drop=True)
    return Segmentation(fit.model.assign(features), params, fit, measured=measured)


def review_customers(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> Segmentation:
    """Who are our customers on as_of, and how much attention does each deserve?

    Terminals that ever bought are segmented by behaviour over the whole company; those that never
    bought are ``not yet buying``, and distributors stand apart as ``distributors``.
    """
    day = as_date(as_of)
    features = customer_features(tables, day, params.window_days, params.recent_days)
    buying = features[features.recency_days.notna()]
    terminals = buying[buying.customer_type.fillna("") != "distributor"]
    wanted = params if params.features else _with_behaviour(params, terminals)
    result = segment_customers(terminals, wanted)
    reason = _no_purchases(tables, day) if buying.empty else result.reason
    master = _master(tables)
    rows = _everybody(result, features).merge(master, on="customer_id", how="left")
    return Segmentation(
        assignments=rows if result.fit is not None else rows.head(0),
        params=params,
        fit=result.fit,
        regions=tables.regions,
        gaps=_gaps(tables, day),
        as_of=day,
        status=result.status,
        reason=reason,
    )


def _with_behaviour(params: SegmentationParams, terminals: pd.DataFrame) -> SegmentationParams:
    kept = tuple(name for name in BEHAVIOUR if terminals[name].notna().any())
    return replace(params, features=kept or BEHAVIOUR)


def _everybody(result: Segmentation, features: pd.DataFrame) -> pd.DataFrame:
    """Return the segmented terminals, then everybody else under a plain name."""
    placed = result.assignments.reindex(columns=list(ASSIGNED))
    others = features.index.difference(pd.Index(placed.customer_id))
    distributor = features.customer_type.loc[others].fillna("") == "distributor"
    names = distributor.map({True: _("distributors"), False: _("not yet buying")})
    rest = pd.DataFrame({"customer_id": others.astype("str"), "segment": names.to_numpy()})
    rest = rest.reindex(columns=list(ASSIGNED)).astype({"confidence": "float64"})
    both = pd.concat([placed, rest], ignore_index=True) if len(placed) else rest
    measured = features[list(MEASURED)].reset_index()
    return both.merge(measured, on="customer_id", how="left").sort_values(
        "customer_id", ignore_index=True
    )


def _master(tables: Tables) -> pd.DataFrame:
    frame = tables["customers"].select("customer_id", *SHOWN).execute()
    return frame.assign(potential=frame.potential.astype("float64"))


def _gaps(tables: Tables, as_of: dt.date) -> tuple[str, ...]:
    found = [tables.gap(name) for name in ("channel_flow", "visits", "products")]
    found.append(tables.gap("customers", "potential") if tables.has("customers") else None)
    rows, amount = purchases_of_nobody(tables, as_of)
    if rows:
        words = _("{rows} purchases, {amount:,.0f} CNY, belong to no customer of the master")
        found.append(words.format(rows=rows, amount=amount))
    customers = known(tables, "customers", as_of)
    if n := int(customers.filter(customers.region_id.isnull()).count().execute()):
        words = _("{n} customers have no region: they stand in all regions and in no slice")
        found.append(words.format(n=n))
    return tuple(gap for gap in found if gap)


def _no_purchases(tables: Tables, as_of: dt.date) -> str:
    gap = tables.gap("orders")
    if gap and not tables.has("channel_flow"):
        return gap
    return _("nothing was bought on or before {as_of}; the data begin on {first}").format(
        as_of=as_of, first=tables.span()[0]
    )
