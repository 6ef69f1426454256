"""The days on which items are looked at: at issue, once a month while open, and at each cut.

A label is taken only from an item whose due date and grace have passed; an item still inside its
grace is neither late nor on time and teaches nothing yet.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.features.invoices import invoice_features, outcomes
from insights.features.ledger import NEVER, Ledger
from insights.params import DelinquencyParams

ISSUE, MONTHLY, CUT = "issue", "monthly", "open"
USUAL_SHARE = 0.8
MOST_POINTS = 150_000


def cut_days(items: pd.DataFrame, as_of: int, params: DelinquencyParams) -> list[int]:
    """Return the first day of each test window, oldest first.

    The last window ends early enough that four in five of its items have matured by as_of.
    ``items`` as returned by ``outcomes``.
    """
    counted = items[items.counts]
    wait = int((counted.matures - counted.issued).quantile(USUAL_SHARE)) if len(counted) else 0
    end = as_of - wait
    return [end - params.fold_days * back for back in range(params.folds, 0, -1)]


def snapshots(ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    """Return item, day, view, its features, and ``late``, ``matures``, ``issued``, ``amount``.

    Every row is a matured item as it was seen on ``day``, before its outcome was known. ``payer``
    is a code. Of a view with more than ``MOST_POINTS`` a sample by the seed is kept.
    """
    as_of = ledger.day
    became = outcomes(ledger, params.grace_days)
    taught = became[became.counts & became.matured]
    first = cut_days(became, as_of, params)
    cuts = [day - 1 for day in (first[0] - params.fold_days, *first)]
    monthly = _days_between(taught, as_of, params.snapshot_days)
    points = pd.concat(
        [
            _at_issue(taught),
            *[_open_on(taught, day, MONTHLY) for day in monthly if day not in cuts],
            *[_open_on(taught, day, CUT) for day in cuts],
        ],
        ignore_index=True,
    )
    points = _thinned(points, params.seed)
    known = invoice_features(ledger, points, params.grace_days, params.prior_invoices)
    labels = became.loc[points["item"], ["late", "matures", "issued"]].set_axis(points.index)
    amount = ledger.items.amount_cents.to_numpy()[points["item"]] / 100
    payer = pd.factorize(ledger.items.customer_id)[0][points["item"]]
    return pd.concat([points, known, labels.assign(amount=amount, payer=payer)], axis=1)


def open_points(ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    """Return the features on as_of of every open item, with its state. Index: item."""
    day = ledger.day
    became = outcomes(ledger, params.grace_days)
    found = ledger.items.index[ledger.items.open_cents > 0]
    points = pd.DataFrame({"item": found, "day": day}, index=found)
    known = invoice_features(ledger, points, params.grace_days, params.prior_invoices)
    matures = became.matures.loc[found]
    return known.assign(undated=matures == NEVER, already_late=matures <= day)


def _thinned(points: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    parts = [
        rows if len(rows) <= MOST_POINTS else rows.sample(MOST_POINTS, random_state=rng)
        for _view, rows in points.groupby("view", sort=True)
    ]
    return pd.concat(parts).sort_index(ignore_index=True) if parts else points


def _days_between(taught: pd.DataFrame, as_of: int, step: int) -> list[int]:
    first = int(taught.issued.min()) if len(taught) else as_of
    return list(range(as_of - step, first, -step))


def _at_issue(taught: pd.DataFrame) -> pd.DataFrame:
    rows = taught[taught.matures > taught.issued]
    return pd.DataFrame({"item": rows.index, "day": rows.issued.to_numpy(), "view": ISSUE})


def _open_on(taught: pd.DataFrame, day: int, view: str) -> pd.DataFrame:
    """Return the items issued before ``day``, open at its end and not yet matured."""
    rows = taught[(taught.issued < day) & (taught.settled > day) & (taught.matures > day)]
    return pd.DataFrame({"item": rows.index, "day": day, "view": view})
