"""The segments of a company: found once, followed over the quarters, and doubted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.company import Company, with_behaviour
from insights.segmentation.drift import Drift, carried_names, drift
from insights.segmentation.migration import assign_over_time, unknown_features
from insights.segmentation.model import Fit, fit_segments, too_few
from insights.segmentation.prepare import check_features
from insights.segmentation.sensitivity import sensitivity
from insights.words import _


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
        words = _("on {day}, the day of the fit: {reason}")
        frozen = company.fitted_on < company.as_of
        return words.format(day=company.fitted_on, reason=reason) if frozen else reason
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
    """Give the fit the names of the year's end before it, and compare it with a second fit.

    Every fit of a calendar year takes its names from the same one, so that reports of the year
    call a group alike. A frozen fit is compared with one of today, another with the year's end.
    """
    today = company.buyers(company.as_of)
    earlier = _second_fit(company.buyers(company.named_on), params)
    if earlier is not None:
        fit = _inherited(earlier, fit, company, params)
    if company.fitted_on < company.as_of:
        later = _second_fit(today, params)
        if later is None:
            return fit, None
        named = _inherited(fit, later, company, params)
        days = (company.fitted_on, company.as_of)
        return fit, drift(fit.model, named.model, today, *days, params)
    if earlier is None:
        return fit, None
    return fit, drift(earlier.model, fit.model, today, company.named_on, company.as_of, params)


def _inherited(old: Fit, new: Fit, company: Company, params: SegmentationParams) -> Fit:
    """Return the new fit under the old names of the segments that are the same on the fit's day."""
    rows = company.buyers(company.fitted_on)
    days = (company.named_on, company.fitted_on)
    matches = drift(old.model, new.model, rows, *days, params).matches
    least = params.drift_name_jaccard
    return _renamed(new, carried_names(matches, new.model.names, least))


def _second_fit(buyers: pd.DataFrame, params: SegmentationParams) -> Fit | None:
    known = tuple(name for name in params.features or () if buyers[name].notna().any())
    wanted = replace(params, features=known) if known else params
    return None if too_few(buyers, wanted) else fit_segments(buyers, wanted)


def _renamed(fit: Fit, names: tuple[str, ...]) -> Fit:
    model = replace(fit.model, names=names)
    return replace(fit, model=model, stability=fit.stability.assign(segment=list(names)))
