"""The verbs: segment any table of features, or the customers of a source as of a date."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd

from insights.features import first_purchases, known, line_purchases
from insights.params import SegmentationParams
from insights.segmentation.agents import segment_distributors
from insights.segmentation.company import Company, gaps, read_company
from insights.segmentation.customer_review import CustomerReview
from insights.segmentation.follow import Followed, follow_segments
from insights.segmentation.model import ASSIGNED, Fit, fit_segments, too_few
from insights.segmentation.prepare import check_features
from insights.segmentation.result import MEASURED, Segmentation
from insights.segmentation.schemes import Schemes, read_schemes
from insights.segmentation.white_space import white_space
from insights.tables import Tables, as_date
from insights.words import _, listing, shown

OF_FEATURES = (
    "recency_days",
    "frequency",
    "monetary_value",
    "previous_value",
    "growth",
    "visits",
    "recurring_value",
    "recurring_before",
    "equipment_value",
    "equipment_recency_days",
    "basis",
    "name",
    "region_id",
    "customer_type",
    "hospital_level",
    "potential",
)


def segment_customers(
    features: pd.DataFrame,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> Segmentation:
    """Which groups do these customers fall into by themselves?

    ``features``: indexed by customer_id, numeric and text columns, read whole unless
    ``params.features`` names some. Heavy tails are found and bent, missing values tell nothing.
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
) -> CustomerReview:
    """Who are our customers on as_of, and how much attention does each deserve?

    Terminals that ever bought are segmented by behaviour over the whole company; those that never
    bought are ``not yet buying``, and distributors are segmented on their own. Beside the segment
    stand the tier, the standing, the contribution and the development priority of each terminal,
    which a company too small for segments has too.
    """
    day = as_date(as_of)
    company = read_company(tables, day, params)
    if company.buyers(day).empty:
        return _nobody_bought(tables, company, params)
    followed = follow_segments(company, params)
    review = _reviewed(tables, company, followed, params)
    if isinstance(followed, str):
        return review
    return replace(
        review,
        paths=followed.paths,
        drifted=followed.drifted,
        sensitivity=followed.sensitivity,
    )


def _reviewed(
    tables: Tables, company: Company, followed: Followed | str, params: SegmentationParams
) -> CustomerReview:
    day, terminals = company.as_of, company.terminals(company.as_of)
    decisions = known(tables, "decisions", day).execute()
    schemes = read_schemes(company, decisions, params)
    missing = (*_bases(terminals), *gaps(tables, day), *schemes.gaps)
    return CustomerReview(
        segments=_segments(tables, company, followed, schemes, missing, params),
        white_space=white_space(terminals, line_purchases(tables, day, params.window_days), params),
        firsts=first_purchases(tables, day),
        distributors=segment_distributors(tables, day, params),
        params=params,
        as_of=day,
    )


def _segments(
    tables: Tables,
    company: Company,
    followed: Followed | str,
    schemes: Schemes,
    missing: tuple[str, ...],
    params: SegmentationParams,
) -> Segmentation:
    fit = None if isinstance(followed, str) else followed.fit
    found = Segmentation(
        assignments=_everybody(company, fit, schemes),
        params=params,
        fit=fit,
        regions=tables.regions,
        gaps=missing,
        as_of=company.as_of,
    )
    if isinstance(followed, str):
        return replace(found, status="not_enough_data", reason=followed)
    return replace(found, params=followed.params, gaps=(*missing, *followed.gaps))


def _bases(terminals: pd.DataFrame) -> tuple[str, ...]:
    """Say whether value was read from sell-through, from shipments, or from both."""
    counts = terminals.basis.value_counts().sort_index()
    parts = [
        _("{n} by {basis}").format(n=n, basis=shown(str(basis))) for basis, n in counts.items()
    ]
    return (_("value of terminals: {parts}").format(parts=listing(parts)),) if parts else ()


def _nobody_bought(tables: Tables, company: Company, params: SegmentationParams) -> CustomerReview:
    segments = Segmentation(
        assignments=pd.DataFrame(columns=[*ASSIGNED, *OF_FEATURES]),
        params=params,
        regions=tables.regions,
        gaps=gaps(tables, company.as_of),
        as_of=company.as_of,
        status="not_enough_data",
        reason=_no_purchases(tables, company.as_of),
    )
    return CustomerReview(segments=segments, params=params, as_of=company.as_of)


def _everybody(company: Company, fit: Fit | None, schemes: Schemes) -> pd.DataFrame:
    """Return the buying terminals with their segments, then everybody else under a plain name."""
    placed = _placed(company.buyers(company.as_of), fit)
    rest = company.today.index.difference(pd.Index(placed.customer_id))
    plain = pd.Series(rest.isin(company.agents[company.as_of])).map(
        {True: _("distributors"), False: _("not yet buying")}
    )
    others = pd.DataFrame({"customer_id": rest.astype("str"), "segment": plain.astype("str")})
    others = others.reindex(columns=list(ASSIGNED)).astype({"confidence": "float64"})
    both = pd.concat([placed, others], ignore_index=True).set_index("customer_id")
    rows = both.join(company.today[list(OF_FEATURES)]).join(schemes.customers)
    return (
        rows.rename_axis("customer_id").reset_index().sort_values("customer_id", ignore_index=True)
    )


def _placed(buyers: pd.DataFrame, fit: Fit | None) -> pd.DataFrame:
    if fit is not None:
        return fit.model.assign(buyers)
    plain = pd.DataFrame({"customer_id": buyers.index.astype("str"), "segment": _("not segmented")})
    return plain.reindex(columns=list(ASSIGNED)).astype({"confidence": "float64"})


def _no_purchases(tables: Tables, as_of: dt.date) -> str:
    gap = tables.gap("orders")
    if gap and not tables.has("channel_flow"):
        return gap
    return _("nothing was bought on or before {as_of}; the data begin on {first}").format(
        as_of=as_of, first=tables.span()[0]
    )
