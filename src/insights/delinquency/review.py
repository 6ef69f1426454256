"""The verb of the notebook: everything about the receivables of a source as of a date."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd

from insights.delinquency.allowance.provisioning import read_provisioning
from insights.delinquency.books.standing import read_books
from insights.delinquency.card import model_card
from insights.delinquency.cash.collections import forecast_collections
from insights.delinquency.learning.snapshots import cut_days, snapshots
from insights.delinquency.learning.trust import by_group, drift, leak
from insights.delinquency.predict import predict_delinquency, predict_from
from insights.delinquency.receivables import ReceivablesReview
from insights.features.invoices import outcomes
from insights.features.ledger import Ledger, open_ledger
from insights.params import DelinquencyParams
from insights.tables import Tables, as_date


def review_receivables(
    tables: Tables,
    as_of: str | dt.date | pd.Timestamp,
    params: DelinquencyParams = DelinquencyParams(),  # noqa: B008  (frozen)
) -> ReceivablesReview:
    """What is owed on as_of, what of it comes late or never, when does the rest come, what next?

    ``predict_delinquency`` with the books, the provisions, the forecast of cash and the model card
    beside it. Where the data do not suffice for probabilities the books and provisions stand;
    without a table of payments only the ageing does.
    """
    if tables.gap("invoices") is not None:
        return ReceivablesReview(predict_delinquency(tables, as_of, params))
    ledger = open_ledger(tables, as_date(as_of))
    found = predict_from(ledger, tables, params)
    review = ReceivablesReview(found)
    if found.history.empty or not tables.has("payments"):
        return review
    review = replace(
        review,
        books=read_books(tables, ledger, found.control, params),
        provisioning=read_provisioning(ledger, found.invoices, params),
        collections=forecast_collections(ledger, tables.regions, params),
    )
    return _with_trust(review, tables, ledger) if found.status == "ok" else review


def _with_trust(review: ReceivablesReview, tables: Tables, ledger: Ledger) -> ReceivablesReview:
    params = review.params
    groups = by_group(review.delinquency.predictions, params)
    drifted = drift(ledger, snapshots(ledger, params), params)
    last = cut_days(outcomes(ledger, params.grace_days), ledger.day, params)[-1]
    compared, gap = leak(tables, ledger, last - 1, params)
    card = model_card(review.delinquency, groups, drifted, compared, gap)
    return replace(review, groups=groups, drifted=drifted, card=card)
