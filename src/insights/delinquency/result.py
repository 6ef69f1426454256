"""What the prediction says: frames, a sentence, pictures, how far to trust it, whom to call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from insights import figures
from insights.delinquency.books.control import CONTROL_COLUMNS
from insights.delinquency.calls.call_list import CallList
from insights.delinquency.checks import checks_of
from insights.delinquency.learning.backtest import FOLD_COLUMNS, scores
from insights.delinquency.learning.snapshots import CUT
from insights.delinquency.shown import in_yuan, of_regions, whole
from insights.delinquency.totals import receivables_totals
from insights.features.ledger import FAULT_COLUMNS, bucket_names
from insights.params import DelinquencyParams
from insights.tables import ALL, members, region_name
from insights.words import _, short, shown

SHOWN = 15
LOOSE_SHARE = 0.05  # above it the sentence begins with the cash that settles nothing
INVOICE_COLUMNS = {
    "invoice_id": "str", "instalment_no": "int64", "customer_id": "str", "name": "str",
    "region_id": "str", "customer_type": "str", "kind": "str", "product_line": "str",
    "line_type": "str", "issued_on": "datetime64[s]", "due_on": "datetime64[s]",
    "days_past_due": "float64", "open_cents": "int64", "bucket": "str",
    "exposure": "float64", "probability": "float64",
    "grade": "str", "reasons": "str", "default_probability": "float64",
    "loss_given_default": "float64",
    "expected_loss": "float64", "days_late": "float64", "cost_of_delay": "float64",
}  # fmt: skip
LOOSE_COLUMNS = ["cents", "source", "settlement_id", "customer_id", "invoice_id", "settled_on",
                 "reason", "region_id"]  # fmt: skip
TEST_COLUMNS = ["item", "day", "view", "late", "fold", "cut", "late_rate", "used", "amount"]


def empty_invoices() -> pd.DataFrame:
    """Return the frame of open items without rows."""
    return pd.DataFrame(columns=list(INVOICE_COLUMNS)).astype(INVOICE_COLUMNS)


def _empty(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns)


@dataclass(frozen=True, repr=False)
class Delinquency:
    """Open items on as_of with probability, grade, exposure, loss and reasons: ``invoices``.

    ``backtest``: rolling origins, items predicted at issue; ``backtest_open``: items open at each
    cut, as the worklist sees them. ``control``: the ledger beside the general ledger, by region.
    ``unallocated``: cash and credits that settle nothing. ``faults``: rows that are wrong;
    those that no customer owns stand in the company's report only.
    """

    analysis: ClassVar[str] = "delinquency"
    of_company: ClassVar[frozenset[str]] = frozenset(["backtest", "backtest_open", "calibration"])

    invoices: pd.DataFrame
    params: DelinquencyParams
    regions: pd.DataFrame
    as_of: dt.date | None
    gaps: tuple[str, ...] = ()
    bucket_words: tuple[str, ...] = ()
    backtest: pd.DataFrame = field(default_factory=lambda: _empty(FOLD_COLUMNS))
    backtest_open: pd.DataFrame = field(default_factory=lambda: _empty(FOLD_COLUMNS))
    predictions: pd.DataFrame = field(default_factory=lambda: _empty(TEST_COLUMNS))
    calibration: pd.DataFrame = field(
        default_factory=lambda: _empty(["predicted", "observed", "n"])
    )
    history: pd.DataFrame = field(
        default_factory=lambda: _empty(["region_id", "items", "open_cents", "matured", "late"])
    )
    unallocated: pd.DataFrame = field(default_factory=lambda: _empty(LOOSE_COLUMNS))
    faults: pd.DataFrame = field(default_factory=lambda: _empty([*FAULT_COLUMNS, "region_id"]))
    control: pd.DataFrame = field(default_factory=lambda: _empty(CONTROL_COLUMNS))
    calls: CallList | None = None
    uses_blend: bool = False
    calibrated: bool = False
    region: str = ALL
    status: str = "ok"
    reason: str = ""

    def for_region(self, region: str) -> Delinquency:
        """Return the slice of a leaf region, a group or ``all``; the model stays the company's."""
        kept = members(self.regions, region)
        if region == ALL:
            return replace(self, region=region)
        part = replace(
            self,
            region=region,
            invoices=of_regions(self.invoices, kept),
            history=of_regions(self.history, kept),
            unallocated=of_regions(self.unallocated, kept),
            faults=of_regions(self.faults, kept),
            control=of_regions(self.control, kept),
            calls=None if self.calls is None else self.calls.for_region(region, kept),
        )
        if part.status == "ok" and part.history.empty:
            why = _("region {region} has no customer with an invoice").format(region=region)
            return replace(part, status="not_enough_data", reason=why)
        return part

    def summary(self) -> pd.DataFrame:
        """How old is what is owed, and what is it expected to cost? A row a bucket, and in all."""
        if self.invoices.empty:
            return pd.DataFrame({_("reason"): [self.reason or _("nothing is open")]})
        table = self._ageing()
        total = self.invoices.exposure.sum()
        shown = pd.DataFrame(
            {
                _("items"): table["items"],
                _("open, CNY"): whole(table.exposure),
                _("share %"): (100 * table.exposure / total).round(1),
                _("expected late, CNY"): whole(table.at_risk),
                _("expected loss, CNY"): whole(table.expected_loss),
                _("cost of delay, CNY"): whole(table.cost_of_delay),
            }
        )
        return shown.rename_axis(_("days past due"))

    @figures.legible()
    def plot(self) -> Figure:
        """Draw the ageing, each bucket divided by type of customer."""
        title = _("What is open on {day}: {region}").format(
            day=self.as_of, region=self.region_words()
        )
        if self.invoices.empty:
            return figures.message(title, self.reason or _("nothing is open"))
        kinds = self.invoices.customer_type.fillna(_("type unknown"))
        table = self.invoices.pivot_table(
            index="bucket", columns=kinds, values="exposure", aggfunc="sum", fill_value=0
        )
        order = table.sum().sort_values(ascending=False, kind="stable").index
        names = dict(zip(self._all_buckets(), bucket_names(self.params.buckets), strict=True))
        return figures.stacked(
            table.reindex(self._buckets(), fill_value=0)[order].rename(index=names, columns=shown),
            title,
            _("CNY open"),
        )

    @figures.legible()
    def plot_calibration(self) -> Figure:
        """Draw observed against predicted lateness over the rolling origins."""
        title = _("Do the probabilities mean what they say?")
        if self.calibration.empty:
            return figures.message(title, self.reason or _("nothing could be tested"))
        return figures.calibration(self.calibration, title)

    def check(self) -> pd.DataFrame:
        """How far to trust it: the books, the model over rolling origins, the data."""
        return checks_of(self)

    def actions(self) -> pd.DataFrame:
        """Whom to call first, the most money first; ``tables()`` holds the whole list."""
        if self.calls is None:
            return pd.DataFrame({_("reason"): [self.reason or _("nothing is open")]})
        return self.calls.shown(SHOWN)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every full table by name."""
        return {
            **({} if self.calls is None else self.calls.tables()),
            "invoices": self.invoices.drop(columns="open_cents"),
            "ageing": self._ageing().reset_index(),
            "backtest": self.backtest,
            "backtest_open": self.backtest_open,
            "calibration": self.calibration,
            "unallocated": in_yuan(self.unallocated),
            "faults": self.faults,
            "control": in_yuan(self.control),
        }

    def headline(self) -> dict[str, float]:
        """Return the figures for the index."""
        rows = self.invoices
        tested = self.predictions[self.predictions.view == CUT]
        found = scores(tested, self.params.capture_share) if len(tested) else {}
        return {
            "open_items": float(len(rows)),
            "outstanding": self._cents(rows.open_cents),
            "overdue": self._cents(rows.open_cents[rows.days_past_due > 0]),
            "expected_late": float((rows.exposure * rows.probability).sum(min_count=1)),
            "expected_loss": float(rows.expected_loss.sum(min_count=1)),
            "cost_of_delay": float(rows.cost_of_delay.sum(min_count=1)),
            "unallocated": self._cents(self.unallocated.cents),
            "auc": found.get("auc", np.nan),
            "auc_naive": found.get("auc_naive", np.nan),
            "brier": found.get("brier", np.nan),
            "brier_naive": found.get("brier_naive", np.nan),
        }

    def totals(self) -> pd.DataFrame:
        """Return what adds up over regions: a row a region, money in cents."""
        return receivables_totals(self.invoices, self.unallocated)

    def __str__(self) -> str:
        figures_ = self.headline()
        owed = _("{open} CNY open on {day}, {overdue} of it overdue").format(
            open=short(figures_["outstanding"]),
            day=self.as_of,
            overdue=short(figures_["overdue"]),
        )
        if self.status != "ok":
            known = "" if self.invoices.empty else f"{owed}; "
            return _("{region}: {known}not enough data for probabilities: {reason}.").format(
                region=self.region_words(), known=known, reason=self.reason
            )
        if self.invoices.empty:
            return _("{region}: nothing is open on {day}.").format(
                region=self.region_words(), day=self.as_of
            )
        return self._loose_words() + _(
            "{region}: {owed}; {late} is expected to stand unpaid {grace} days after due, "
            "{loss} to be lost, and delay to cost {delay}."
        ).format(
            region=self.region_words(),
            owed=owed,
            late=short(figures_["expected_late"]),
            grace=self.params.grace_days,
            loss=short(figures_["expected_loss"]),
            delay=short(figures_["cost_of_delay"]),
        )

    __repr__ = __str__

    def _loose_words(self) -> str:
        """Say first that much cash settles no item: what is open may then be far too much."""
        told = self.headline()
        share = told["unallocated"] / told["outstanding"] if told["outstanding"] else 0.0
        if not share >= LOOSE_SHARE:
            return ""
        words = _("{loose} CNY received settle none of the open items ({share:.0%} of what is "
                  "open): find what they pay before you act on the figures below.")  # fmt: skip
        return words.format(loose=short(told["unallocated"]), share=share) + " "

    def _repr_markdown_(self) -> str:
        return str(self)

    def noted(self) -> int:
        """Return how many rows of ``check`` only note what the source lacks."""
        return len(self.gaps)

    def region_words(self) -> str:
        """Return the name of the region."""
        return region_name(self.regions, self.region)

    def _buckets(self) -> list[str]:
        """Return the names of the buckets; the last one only where an item has no due date."""
        names = self._all_buckets()
        return names if (self.invoices.bucket == names[-1]).any() else names[:-1]

    def _all_buckets(self) -> list[str]:
        """Return the names in the language in which the result was made, as its rows hold them."""
        return list(self.bucket_words) or bucket_names(self.params.buckets)

    def _ageing(self) -> pd.DataFrame:
        rows = self.invoices.assign(at_risk=self.invoices.exposure * self.invoices.probability)
        money = ["exposure", "at_risk", "expected_loss", "cost_of_delay"]
        groups = rows.groupby("bucket")
        table = groups[money].sum(min_count=1).assign(items=groups.size())
        table = table.reindex(self._buckets())
        table.loc[_("in all")] = table.sum(min_count=1)
        none = table["items"].isna()
        table.loc[none, money] = 0.0
        return table.assign(items=table["items"].fillna(0).astype("int64")).rename_axis("bucket")

    @staticmethod
    def _cents(values: pd.Series) -> float:
        return float(values.sum()) / 100
