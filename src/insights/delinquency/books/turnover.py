"""How fast does what is owed turn into money? DSO and its kin, at month ends and on as_of.

Receivables are the open items, as in the ageing; cash not yet allocated is shown elsewhere. Credit
sales are invoices issued less credit notes dated in the period; balances brought forward are not
sales. A period is a number of months: over one month DSO follows every run of payments, over a
quarter it does not. A ratio that is undefined is missing, with the reason beside it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.delinquency.books.flows import FLOWS, STOCKS, Slices, months_of
from insights.features.ledger import NEVER, Ledger, dates_of, day_numbers
from insights.tables import ALL, members
from insights.words import N_, _

RATIOS = ["dso", "best_possible_dso", "days_delinquent", "countback_dso", "true_dso", "cei",
          "overdue_ratio", "collection_rate"]  # fmt: skip
TURNOVER_COLUMNS = ["region_id", "ends_on", "days", *STOCKS, *FLOWS, *RATIOS, "reason"]
CURRENT_COLUMNS = ["region_id", "measure", "value", "unit", "note"]
PERIOD_MONTHS = 3
TRUE_DSO = N_("true DSO")
Period = tuple[int, int]


def turnover(
    ledger: Ledger,
    months: int = 12,
    period_months: int = PERIOD_MONTHS,
    regions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """How did collection go, month end by month end? A row a slice and month end up to as_of.

    Slices: every region of the items, ``all``, and the groups of ``regions`` (region_id,
    parent_id) where given. Columns: ``TURNOVER_COLUMNS``; money in cents, DSOs in days, CEI in
    percent, the two rates as shares; ``reason`` says why a ratio is missing. Each row looks back
    ``period_months`` months and uses nothing dated after it. Formulas: DSO, best-possible DSO
    and CEI as Oracle Receivables defines them (CEI with a month's average sales).
    """
    return _series(_by_region(ledger, regions), _month_ends(ledger, months, period_months))


def turnover_of(
    ledger: Ledger, chosen: np.ndarray, months: int = 12, period_months: int = PERIOD_MONTHS
) -> pd.DataFrame:
    """Return ``turnover`` of some customers alone, as ``all``. ``chosen``: a bool an item.

    Give whole customers: their unallocated cash goes with them.
    """
    labels = pd.Series(ALL, ledger.items.index, dtype="str").where(chosen)
    slices = Slices.of(ledger, labels, [(ALL, [ALL])])
    return _series(slices, _month_ends(ledger, months, period_months))


def current_turnover(
    ledger: Ledger, period_months: int = PERIOD_MONTHS, regions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Where does collection stand on as_of? region_id, measure, value, unit, note: 8 rows a slice.

    The note says why a value is missing, else how it is made.
    """
    rows, reasons = _measured(_by_region(ledger, regions), _period_to(ledger.day, period_months))
    over = _("over {n} months").format(n=period_months)
    parts = [
        pd.DataFrame(
            {
                "region_id": rows.region_id,
                "measure": label,
                "value": (rows[name] * (100 if unit == "%" else 1)).round(1),
                "unit": unit,
                "note": reasons[name].where(reasons[name] != "", note),
            }
        )
        for name, label, unit, note in _measures(over)
    ]
    return pd.concat(parts).sort_index(kind="stable", ignore_index=True)[CURRENT_COLUMNS]


def _measures(over: str) -> list[tuple[str, str, str, str]]:
    """Return column, name, unit and what it is, of each ratio in the order of ``RATIOS``."""
    cash = _("cash in of what was overdue or fell due, {over}").format(over=over)
    return [
        ("dso", _("DSO"), _("days"), over),
        ("best_possible_dso", _("best-possible DSO"), _("days"), _("were nothing overdue")),
        ("days_delinquent", _("average days delinquent"), _("days"), _("the difference")),
        ("countback_dso", _("count-back DSO"), _("days"), _("sales counted back by months")),
        (
            "true_dso",
            TRUE_DSO,
            _("days"),
            _("age x amount over its month's sales: old items weigh double"),
        ),
        ("cei", _("collection effectiveness"), _("index"), _("100 is best")),
        ("overdue_ratio", _("overdue ratio"), "%", _("of all receivables")),
        ("collection_rate", _("collection rate"), "%", cash),
    ]


def _by_region(ledger: Ledger, regions: pd.DataFrame | None) -> Slices:
    labels = ledger.items.region_id
    held = {str(name): [str(name)] for name in sorted(labels.dropna().unique())}
    if regions is not None:
        for group in sorted(set(regions.parent_id.dropna())):
            held[group] = members(regions, group)
    everything = [*labels.dropna().unique(), None]
    return Slices.of(ledger, labels, [(ALL, everything), *held.items()])


def _month_ends(ledger: Ledger, months: int, period_months: int) -> list[Period]:
    """Return the periods of the last month ends by as_of, none before the books begin."""
    morrow = pd.Timestamp(ledger.as_of) + pd.Timedelta(days=1)
    days = [_number(first) - 1 for first in pd.date_range(end=morrow, periods=months, freq="MS")]
    begun = _first_day(ledger) - 1
    return [_period_to(day, period_months) for day in days if day >= begun]


def _period_to(end: int, period_months: int) -> Period:
    """Return the day before the period begins, and its last day; whole months to a month end."""
    after = pd.Timestamp(end + 1, unit="D") - pd.DateOffset(months=period_months)
    return _number(after) - 1, end


def _number(day: pd.Timestamp) -> int:
    return int(np.datetime64(day, "D").astype("int64"))


def _series(slices: Slices, periods: list[Period]) -> pd.DataFrame:
    parts = [_measured(slices, period) for period in periods]
    if not parts:
        return pd.DataFrame(columns=TURNOVER_COLUMNS)
    rows = [found.assign(reason=_joined(reasons)) for found, reasons in parts]
    whole = pd.concat(rows, ignore_index=True)[TURNOVER_COLUMNS]
    order = whole.region_id.map({name: n for n, name in enumerate(slices.names)})
    return whole.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _joined(reasons: pd.DataFrame) -> pd.Series:
    """Return each row's different reasons with the measures that they concern."""
    labels = {name: label for name, label, _unit, _note in _measures("")}
    said = [
        "; ".join(
            ", ".join(labels[name] for name in RATIOS if row[name] == why) + ": " + why
            for why in dict.fromkeys(row[name] for name in RATIOS)
            if why
        )
        for row in reasons.to_dict("records")
    ]
    return pd.Series(said, index=reasons.index, dtype="str")


def _measured(slices: Slices, period: Period) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row a slice: amounts and ratios, and beside them why a ratio is missing."""
    opens, ends = period
    at_end = slices.open_at(ends)
    rows = slices.amounts(opens, ends, at_end).assign(days=ends - opens)
    values, reasons = _period_ratios(rows, period, _first_day(slices.ledger))
    sales, days = slices.sales_by_month(ends)
    back = _counted_back(rows.ar_cents.to_numpy("float64"), sales, days)
    left_out = (rows.ar_cents > 0) & (rows.ar_cents == rows.brought_forward_cents)
    true = _by_invoice(slices.weighted_age(ends, at_end), sales, left_out.to_numpy())
    few = _("all sales so far are less than what is owed")
    unsold = _("the month of an open item has no net sales")
    ratios = values.assign(countback_dso=back, true_dso=true)[RATIOS]
    beside = reasons.assign(
        countback_dso=np.where(np.isnan(back), few, ""),
        true_dso=np.where(np.isnan(true), unsold, ""),
    )
    dated = rows.assign(ends_on=pd.Series(dates_of(np.full(len(rows), ends)), rows.index))
    return dated.join(ratios).reset_index(), beside.reset_index(drop=True)[RATIOS]


def _first_day(ledger: Ledger) -> int:
    """Return the first day of the month in which invoicing begins in these books."""
    issued = day_numbers(ledger.items.issued_on[ledger.items.kind != "opening"])
    if not (issued != NEVER).any():
        return NEVER
    month = months_of(issued[issued != NEVER]).min()
    return int(np.datetime64(int(month), "M").astype("datetime64[D]").astype("int64"))


def _period_ratios(
    rows: pd.DataFrame, period: Period, first: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ratios of a period and its end, and why each is missing."""
    months = months_of(np.array([period[1] + 1]))[0] - months_of(np.array([period[0] + 1]))[0]
    ar, current = rows.ar_cents, rows.ar_cents - rows.overdue_cents
    collectible = rows.opening_ar_cents + rows.sales_cents / max(months, 1)
    due = rows.opening_overdue_cents + rows.falling_due_cents
    early = period[0] + 1 < first
    unsold, unknown = _("no net credit sales in the period"), _unknown(first)
    nothing = _("nothing was overdue or fell due")
    cases = [
        ("dso", ar * rows.days, rows.sales_cents, early, unsold),
        ("best_possible_dso", current * rows.days, rows.sales_cents, early, unsold),
        ("days_delinquent", rows.overdue_cents * rows.days, rows.sales_cents, early, unsold),
        ("cei", 100 * (collectible - ar), collectible - current, early,
         _("nothing could be collected")),
        ("overdue_ratio", rows.overdue_cents, ar, False, _("nothing is owed")),
        ("collection_rate", rows.cash_cents, due, early, nothing),
    ]  # fmt: skip
    values, reasons = {}, {}
    for name, above, below, too_early, why in cases:
        known = (below > 0) & (not too_early)
        values[name] = (above / below.where(known)).astype("float64")
        reasons[name] = pd.Series(np.where(known, "", unknown if too_early else why), rows.index)
    return pd.DataFrame(values), pd.DataFrame(reasons)


def _unknown(first: int) -> str:
    if first == NEVER:
        return _("no invoice beside what was brought forward")
    return _("the period begins before the books, on {day}").format(
        day=np.datetime64(first, "D").item()
    )


def _counted_back(owed: np.ndarray, sales: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the days whose sales, counted back by calendar months, make up what is owed."""
    back = np.cumsum(sales[:, ::-1], axis=1)
    spent = np.cumsum(days[::-1])
    enough = back >= owed[:, None]
    if not enough.shape[1]:
        return np.where(owed > 0, np.nan, 0.0)
    place = enough.argmax(axis=1)
    rows = np.arange(len(owed))
    month, length = sales[:, ::-1][rows, place], days[::-1][place]
    over = back[rows, place] - owed
    part = spent[place] - length * over / np.where(month > 0, month, 1)
    return np.where(owed <= 0, 0.0, np.where(enough[rows, place], part, np.nan))


def _by_invoice(weighted_age: np.ndarray, sales: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Return age x amount of open invoices over the net sales of their month, summed.

    ``left_out``: slices in which every open item was brought forward.
    """
    undefined = ((weighted_age > 0) & (sales <= 0)).any(axis=1) | left_out
    parts = weighted_age / np.where(sales > 0, sales, 1)
    return np.where(undefined, np.nan, np.where(sales > 0, parts, 0).sum(axis=1))
