"""How far to trust it: each row a test, its figure, its bound, a plain verdict."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from insights.delinquency.learning.backtest import scores
from insights.delinquency.learning.snapshots import CUT, ISSUE
from insights.features.ledger import ageing
from insights.params import DelinquencyParams
from insights.tables import ALL
from insights.words import _, listing

CHECK_COLUMNS = ["check", "value", "bound", "verdict"]
Row = tuple[str, float | str, str, str]
ECE_ROOM = 0.03


class _Reviewed(Protocol):
    """What the checks read of a result."""

    @property
    def invoices(self) -> pd.DataFrame: ...
    @property
    def history(self) -> pd.DataFrame: ...
    @property
    def control(self) -> pd.DataFrame: ...
    @property
    def predictions(self) -> pd.DataFrame: ...
    @property
    def faults(self) -> pd.DataFrame: ...
    @property
    def params(self) -> DelinquencyParams: ...
    @property
    def unallocated(self) -> pd.DataFrame: ...
    @property
    def regions(self) -> pd.DataFrame: ...
    @property
    def region(self) -> str: ...
    @property
    def gaps(self) -> tuple[str, ...]: ...
    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def uses_blend(self) -> bool: ...
    @property
    def calibrated(self) -> bool: ...


def checks_of(result: _Reviewed) -> pd.DataFrame:
    """Return the checks of a result: the books first, then the model, then the data."""
    rows = [
        *_books(result),
        *_sample(result),
        *_model(result),
        *_data(result),
        *[(gap, np.nan, "", _("the parts that need it are left out")) for gap in result.gaps],
    ]
    return pd.DataFrame(rows, columns=CHECK_COLUMNS, dtype=object)


def _books(result: _Reviewed) -> list[Row]:
    if result.invoices.empty:
        return []
    table = ageing(result.invoices.open_cents, result.invoices.days_past_due, result.params.buckets)
    rest = (int(table.cents.sum()) - int(result.history.open_cents.sum())) / 100
    adds = _("adds up to the cent") if rest == 0 else _("does not add up")
    first = (_("ageing less the ledger's outstanding, CNY"), f"{rest:,.2f}", "0.00", adds)
    return [first, _tie(result), *_homeless(result)]


def _homeless(result: _Reviewed) -> list[Row]:
    """Say what stands in the company's figures and in no region's."""
    if result.region != ALL:
        return []
    parts = ((result.invoices, "open_cents"), (result.unallocated, "cents"))
    cents = [int(frame[name][_outside(frame, result.regions)].sum()) for frame, name in parts]
    if not any(cents):
        return []
    words = _("{open:,.2f} CNY open and {cash:,.2f} CNY unallocated stand in no region's report")
    said = words.format(open=cents[0] / 100, cash=cents[1] / 100)
    return [(_("money in no listed region, CNY"), f"{sum(cents) / 100:,.2f}", "0.00", said)]


def _outside(frame: pd.DataFrame, regions: pd.DataFrame) -> pd.Series:
    if "region_id" not in frame:
        return pd.Series(True, index=frame.index)
    return ~frame.region_id.isin(regions.region_id)


def _tie(result: _Reviewed) -> Row:
    name = _("ledger less general ledger, largest difference, CNY")
    if result.control.empty:
        return name, np.nan, "0", _("no control balance to compare with")
    rows = result.control
    difference = int(rows.difference_cents.abs().max()) / 100
    odd = rows[rows.difference_cents != 0]
    day = rows.balance_on.max().date()
    if odd.empty:
        return name, f"{difference:,.2f}", "0.00", _("agrees on {day}, to the cent").format(day=day)
    parts = zip(odd.region_id, odd.difference_cents / 100, strict=True)
    places = [f"{place} {value:,.2f}" for place, value in parts]
    return (
        name,
        f"{difference:,.2f}",
        "0.00",
        _("differs on {day}: {places}").format(day=day, places=listing(places)),
    )


def _sample(result: _Reviewed) -> list[Row]:
    if result.history.empty:
        return []
    matured, late = int(result.history.matured.sum()), int(result.history.late.sum())
    company = _("company at least {n}").format(n=result.params.min_invoices)
    verdict = result.reason or _("enough; {late} of them were late").format(late=late)
    return [(_("matured items in this slice"), matured, company, verdict)]


def _model(result: _Reviewed) -> list[Row]:
    rows = []
    for view, words in ((CUT, _("open items, company")), (ISSUE, _("at issue, company"))):
        part = result.predictions[result.predictions.view == view]
        if len(part):
            rows += _scored(part, words, result.params.capture_share)
    if result.status == "ok":
        rows.append(_chosen(result))
    return rows


def _scored(part: pd.DataFrame, words: str, capture_share: float) -> list[Row]:
    found = scores(part, capture_share)
    ranked = _("ranks better") if found["auc"] > found["auc_naive"] else _("ranks no better")
    nearer = _("nearer") if found["brier"] < found["brier_naive"] else _("no nearer")
    bound = round(ECE_ROOM + found["ece_floor"], 3)
    means = _("means what it says") if round(found["ece"], 3) <= bound else _("off: read as a rank")
    tenth = _("of the late money lies in the first {share:.0f} % of the list").format(
        share=100 * capture_share
    )
    return [
        (_("AUC, {words}").format(words=words), round(found["auc"], 3),
         _("naive {value:.3f}").format(value=found["auc_naive"]), ranked),
        (_("Brier, {words}").format(words=words), round(found["brier"], 4),
         _("naive {value:.4f}").format(value=found["brier_naive"]), nearer),
        (_("calibration error, {words}").format(words=words), round(found["ece"], 3),
         f"<= {bound:.3f}", means),
        (_("capture, {words}").format(words=words), round(found["capture"], 3),
         _("perfect {value:.3f}").format(value=found["capture_best"]), tenth),
    ]  # fmt: skip


def _chosen(result: _Reviewed) -> Row:
    name = _("predictions tested over rolling origins, company")
    if result.predictions.empty:
        return name, 0.0, "", _("nothing could be tested: the calibrated naive rate is used")
    used = (
        _("the model beat the naive rate and is used")
        if result.uses_blend
        else _("the model did not beat the naive rate: the calibrated naive rate is used")
    )
    corrected = _("corrected on later quarters") if result.calibrated else _("no correction helped")
    folds = _("{n} quarters, {items} items").format(
        n=result.predictions.fold.nunique(), items=result.predictions["item"].nunique()
    )
    return name, len(result.predictions), folds, f"{used}; {corrected}"


def _data(result: _Reviewed) -> list[Row]:
    if result.history.empty:
        return []
    n = len(result.faults)
    kinds = [f"{t}.{c}: {r}" for t, c, r in result.faults[["table", "column", "reason"]]
             .drop_duplicates().itertuples(index=False)]  # fmt: skip
    said = listing(kinds, 3) if n else _("none found")
    name = _("rows with a fault, company") if result.region == ALL else _("rows with a fault here")
    return [(name, n, "0", said)]
