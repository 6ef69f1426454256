"""The open books of many days add up to the same, however few of them are held at a time."""

from dataclasses import fields

import numpy as np
import pytest

from insights.delinquency.cash import book_sums, hazard
from insights.delinquency.cash.cash_origins import origins
from insights.delinquency.cash.slices import RegionSlices
from test_collections import PARAMS, REGIONS, company, opened


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("books"), company(800), "2025-06-30")


def days_of(ledger):
    """Return a day before anything was owed, and month's ends of the last year."""
    first = int(ledger.allocations.day.min())
    return [first - 400, *origins(ledger, first)[-7:]]


def sums_of(ledger):
    slices = RegionSlices.of(ledger, REGIONS)
    return book_sums.sums_of_books(ledger, slices, days_of(ledger), PARAMS, 4)


def test_day_by_day_is_as_all_at_once(ledger, monkeypatch):
    whole = sums_of(ledger)
    monkeypatch.setattr(book_sums, "ITEMS_AT_ONCE", 1)
    monkeypatch.setattr(hazard, "PIECE", 7)
    apart = sums_of(ledger)
    for name in [part.name for part in fields(book_sums.BookSums)]:
        there, here = getattr(whole, name), getattr(apart, name)
        assert there.shape == here.shape
        np.testing.assert_allclose(here, there, rtol=1e-9, atol=1e-6)
    assert whole.expected[1:].sum(axis=(1, 2)).min() > 0
    assert not whole.expected[0].any()


def test_runs_of_days_keep_every_day_in_order_and_few_items_together(ledger, monkeypatch):
    days = days_of(ledger)
    held = [len(book_sums.owed_on_days(ledger, [day])) for day in days]
    monkeypatch.setattr(book_sums, "ITEMS_AT_ONCE", 2 * max(held))
    runs = book_sums._runs(ledger, days)
    assert [day for run in runs for day in run] == days
    assert len(runs) > 1
    together = [sum(held[days.index(day)] for day in run) for run in runs]
    assert max(together) <= 3 * max(held)


def test_what_was_owed_sums_to_the_open_items(ledger):
    opened_now = sums_of(ledger).opened[-1]
    assert opened_now.sum() == ledger.items.open_cents.clip(lower=0).sum()
