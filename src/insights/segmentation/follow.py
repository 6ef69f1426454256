"""The segments of a company: found once, followed over the quarters, and doubted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.company import Company, with_behaviour
from insights.segmentation.drift import Drift, carried_names, drift
from insights.segmentation.migration import assign_over_time, quarter_ends, unknown_features
from insights.segmentation.model import Fit, fit_segments, too_few
from insights.segmentation.prepare import check_features
from insights.segmentation.sensitivity import sensitivity


@dataclass(frozen=True)
class Followed:
    """A fit, where everybody stood by it on each quarter's end, and how far it is to be trusted.

    ``drifted`` compares it with a second fit, at the other end of the time that passed.
    """

    fit: Fit
    params: SegmentationParams
    paths: pd.DataFrame
    drifted: Drift | None
    sensitivity: pd.DataFrame
    gaps: tuple[str, ...]


def follow_segments(company: Company, params: SegmentationParams) -> Followed | str:
    """Find the company's segments and follow its customers; or say why that cannot be done."""
    buyers = company.buyers(company.fitted_on)
    wanted = with_behaviour(params, buyers)
    check_features(buyers, wanted.features)
    if reason := too_few(buyers, wanted):
        return reason
    fit, drifted = _named(company, fit_segments(buyers, wanted), wanted)
    by_day = {day: company.buyers(day)[list(wanted.features or ())] for day in company.quarters}
    return Followed(
        fit=fit,
        params=wanted,
        paths=assign_over_time(fit.model, by_day),
        drifted=drifted,
        sensitivity=sensitivity(buyers, fit, wanted),
        gaps=unknown_features(by_day),
    )


def _named(company: Company, fit: Fit, params: SegmentationParams) -> tuple[Fit, Drift | None]:
    """Compare the fit with a second one; a fit of today takes over the names of a quarter ago."""
    today = company.buyers(company.as_of)
    if company.fitted_on < company.as_of:
        later = _second_fit(today, params)
        if later is None:
            return fit, None
        return fit, drift(fit.model, later.model, today, company.fitted_on, company.as_of, params)
    before = quarter_ends(company.as_of, 2)[-1]
    earlier = _second_fit(company.buyers(before), params) if before in company.by_day else None
    if earlier is None:
        return fit, None
    raw = drift(earlier.model, fit.model, today, before, company.as_of, params)
    named = _renamed(fit, carried_names(raw.matches, earlier.model.names, fit.model.names))
    return named, drift(earlier.model, named.model, today, before, company.as_of, params)


def _second_fit(buyers: pd.DataFrame, params: SegmentationParams) -> Fit | None:
    known = tuple(name for name in params.features or () if buyers[name].notna().any())
    wanted = replace(params, features=known) if known else params
    return None if too_few(buyers, wanted) else fit_segments(buyers, wanted)


def _renamed(fit: Fit, names: tuple[str, ...]) -> Fit:
    model = replace(fit.model, names=names)
    return replace(fit, model=model, stability=fit.stability.assign(segment=list(names)))
