"""How much of what is owed must be provided for? The provision matrix, to the cent and tied out.

Simplified approach of IFRS 9 (5.5.15, B5.5.35) and CAS 22: allowance = balance of each bucket x
lifetime loss rate x (1 + forward-looking factor), by group. Loss rate = share that defaults x
share of defaulted money that never comes back; the latter only where the company's own cases
prove it, else everything that defaults counts as lost.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from insights.delinquency.allowance.given_default import loss_given_default
from insights.delinquency.allowance.loss_rates import KEYS, LossHistory, default_rates
from insights.delinquency.allowance.method_trial import chosen_method, method_scores, method_trial
from insights.delinquency.allowance.rolls import (
    Buckets,
    OpenMoney,
    clock_ages,
    clock_days,
    provision_groups,
)
from insights.features.ledger import NEVER, Ledger
from insights.params import DelinquencyParams
from insights.tables import ALL
from insights.words import _, listing

POLICY = "policy"
RATE_COLUMNS = [
    "group", "place", "bucket", "default_rate", "loss_share", "loss_rate", "rate", "months",
    "items", "balance_cents", "method", "basis",
]  # fmt: skip
NAMED = ["invoice_id", "instalment_no", "customer_id", "region_id"]


def loss_rate_table(
    ledger: Ledger, params: DelinquencyParams, day: int | None = None
) -> pd.DataFrame:
    """Which share of each group's bucket is provided for, and what stands behind it?

    A row a group and bucket: RATE_COLUMNS. ``rate`` = loss_rate x (1 + forward_looking), at most
    1. From ``provision_rates`` where given; else measured, by the method that foretold later
    losses better, from nothing dated after ``day`` (as_of when left out). ``items``, ``months``
    and ``balance_cents`` are what was followed in the history.
    """
    day = ledger.day if day is None else day
    table = _measured(ledger, params, day) if params.provision_rates is None else None
    table = _policy(ledger, params) if table is None else table
    buckets = np.array(Buckets.of(params).names)
    rate = (table.loss_rate * (1 + params.forward_looking)).clip(upper=1.0)
    return table.assign(bucket=buckets[table.place], rate=rate)[RATE_COLUMNS]


def item_allowances(
    ledger: Ledger, rates: pd.DataFrame, params: DelinquencyParams, day: int | None = None
) -> pd.DataFrame:
    """What is provided for each open item, in whole cents that add up?

    Index item; NAMED, group, bucket, place, open_cents, default_rate, loss_share, rate,
    allowance_cents (missing where there is no rate) and reason. Each cell's balance x rate is
    rounded once and dealt to its items by largest remainder, so items, cells, groups and the
    total agree. ``rates`` as returned by ``loss_rate_table``.
    """
    day = ledger.day if day is None else day
    rows = _open_items(ledger, params, day)
    known = rates[[*KEYS, "default_rate", "loss_share", "rate"]]
    found = rows.reset_index().merge(known, on=KEYS, how="left", validate="many_to_one")
    found = found.set_index("item")
    cell = found.groupby(KEYS).ngroup().to_numpy()
    cents = share_out(found.open_cents.to_numpy(), found.rate.fillna(0).to_numpy(), cell)
    dated = found.place < len(Buckets.of(params).names) - 1
    unrated = _("no history to rate this bucket by")
    if params.provision_rates is not None:
        unrated = _("delinquency.provision_rates names neither this group nor all")
    why = np.where(dated, unrated, _("no due date, so no age"))
    return found.assign(
        allowance_cents=pd.array(cents, dtype="Int64"),
        reason=np.where(found.rate.isna(), why, ""),
    ).assign(allowance_cents=lambda f: f.allowance_cents.mask(f.rate.isna()))


def share_out(cents: np.ndarray, rate: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Return whole cents per row that sum in each cell to round(sum(cents) x rate).

    ``rate`` is one number a cell. Largest remainders get the odd cents, the earlier row first.
    """
    if not len(cents):
        return np.zeros(0, dtype="int64")
    exact = cents * rate
    base = np.floor(exact)
    frame = pd.DataFrame({"cell": cell, "cents": cents, "rate": rate, "base": base})
    groups = frame.groupby("cell")
    total = np.floor(groups.cents.sum() * groups.rate.first() + 0.5)
    odd = (total - groups.base.sum()).loc[cell].to_numpy()
    size = groups.cents.size().loc[cell].to_numpy()
    order = np.lexsort((np.arange(len(cents)), base - exact, cell))
    rank = np.empty(len(cents), dtype="int64")
    rank[order] = frame.iloc[order].groupby("cell").cumcount()
    dealt = (rank < odd).astype("int64") - (rank >= size + odd)
    return base.astype("int64") + dealt


def provision_matrix(allowances: pd.DataFrame) -> pd.DataFrame:
    """Return a row a group and bucket in use: items, balance_cents, rate, allowance_cents,
    uncovered_cents (balance without a rate). ``allowances`` as from ``item_allowances``.
    """
    cell = ["group", "place", "bucket"]
    rates = allowances.groupby(cell, as_index=False).rate.first()
    named = allowance_by(allowances, cell).merge(rates, on=cell, validate="one_to_one")
    return named.sort_values(KEYS, ignore_index=True).drop(columns="place")


def allowance_by(allowances: pd.DataFrame, by: str | list[str]) -> pd.DataFrame:
    """Return items, balance_cents, allowance_cents, uncovered_cents by group, region or both."""
    bare = allowances.allowance_cents.isna()
    rows = allowances.assign(
        uncovered_cents=allowances.open_cents.where(bare, 0),
        allowance_cents=allowances.allowance_cents.fillna(0).astype("int64"),
    )
    return rows.groupby(by, dropna=False, as_index=False).agg(
        items=("open_cents", "size"), balance_cents=("open_cents", "sum"),
        allowance_cents=("allowance_cents", "sum"), uncovered_cents=("uncovered_cents", "sum"),
    )  # fmt: skip


def reconciliation(ledger: Ledger, allowances: pd.DataFrame) -> pd.DataFrame:
    """Does the allowance rest on the ledger, to the cent? region_id ("all": the company), what,
    left_cents, right_cents and the difference, which is 0 in every row of a sound provision.
    """
    matrix = provision_matrix(allowances)
    regions = allowance_by(allowances, "region_id")
    given = int(allowances.allowance_cents.fillna(0).sum())
    celled = int(matrix.allowance_cents.sum())
    cash = int(ledger.unallocated.cents.sum())
    rows = [
        (ALL, _("open items of the ledger = balances provided for"),
         ledger.outstanding_cents, int(matrix.balance_cents.sum())),
        (ALL, _("open items less unallocated cash, which is not netted = the ledger's balance"),
         int(allowances.open_cents.sum()) - cash, ledger.balance_cents),
        (ALL, _("allowances of items = of groups and buckets"), given, celled),
        (ALL, _("allowances of items = of regions"), given, int(regions.allowance_cents.sum())),
        *_by_region(ledger, regions),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["region_id", "what", "left_cents", "right_cents"])
    return table.assign(difference_cents=table.left_cents - table.right_cents)


def beside_ecl(
    allowances: pd.DataFrame, invoices: pd.DataFrame, severity: pd.DataFrame
) -> pd.DataFrame:
    """How far does the sum of EAD x PD x LGD lie from the matrix, and why? A row a group and "all".

    ``invoices``: default_probability by item; ``severity`` as from ``loss_given_default``. The
    difference splits exactly into the forward-looking factor, the loss given default (the matrix
    takes only what own cases prove, the ECL may take the param), the rounding of shared cents, and
    the rest: the item's own probability against its bucket's average rate. Items that either lacks
    are counted apart.
    Source: IFRS 9 B5.5.28, expected cash shortfalls weighted by probability.
    """
    rows = allowances.join(invoices.default_probability)
    lost = rows.group.map(severity.set_index("group").loss_given_default)
    both = rows.default_probability.notna() & rows.allowance_cents.notna()
    rate = rows.default_rate.fillna(0) * rows.loss_share.fillna(0)
    given = rows.allowance_cents.fillna(0).astype("int64")
    ecl = _cents(rows.open_cents * rows.default_probability * lost)
    provided = _cents(rows.open_cents * rows.rate)
    known = rows.default_rate.notna()
    forward = (provided - _cents(rows.open_cents * rate)).where(known, 0)
    measured = rows.default_rate.fillna(0) * rows.open_cents * (rows.loss_share.fillna(lost) - lost)
    split = rows[["group"]].assign(
        items=1, balance_cents=rows.open_cents, matrix_cents=given, ecl_cents=ecl,
        difference_cents=given - ecl, from_forward_cents=forward,
        from_severity_cents=_cents(measured), from_rounding_cents=given - provided,
        from_default_cents=provided - ecl - forward - _cents(measured),
    )  # fmt: skip
    missing = rows[~both].groupby("group").size()
    table = split[both].groupby("group").sum()
    table = table.assign(items_left_out=missing.reindex(table.index).fillna(0).astype("int64"))
    return pd.concat([table, table.sum().to_frame(ALL).T]).rename_axis("group").reset_index()


def allowance_backtest(
    ledger: Ledger, params: DelinquencyParams, days_back: int | None = None
) -> pd.DataFrame:
    """Was the allowance of an earlier day enough for what was then lost? A row a group and "all".

    Everything about the allowance is recomputed from what was known then, without the
    forward-looking factor, which is of today. Of its balances,
    lost_cents is now written off (net of recoveries) or still unpaid beyond ``default_days``,
    paid_cents was paid or credited, undecided_cents is open and not yet that old: the three sum
    to balance_cents. ``ratio`` = allowance / lost, missing when nothing was lost.
    """
    day = ledger.day - (params.allowance_backtest_days if days_back is None else days_back)
    params = replace(params, forward_looking=0.0, forward_looking_reason="")
    then = item_allowances(ledger, loss_rate_table(ledger, params, day), params, day)
    fate = _fate(ledger, params, then, day)
    rows = then[["group"]].assign(
        items=1, balance_cents=then.open_cents,
        allowance_cents=then.allowance_cents.fillna(0).astype("int64"),
        uncovered_cents=then.open_cents.where(then.allowance_cents.isna(), 0),
    ).join(fate)  # fmt: skip
    table = rows.groupby("group").sum()
    table = pd.concat([table, table.sum().to_frame(ALL).T]).rename_axis("group").reset_index()
    lost = table.lost_cents.where(table.lost_cents > 0)
    return table.assign(
        allowance_less_lost_cents=table.allowance_cents - table.lost_cents,
        ratio=table.allowance_cents / lost,
    )


def _measured(ledger: Ledger, params: DelinquencyParams, day: int) -> pd.DataFrame:
    history = LossHistory.of(ledger, params)
    asked = params.loss_method == "chosen"
    trial = method_trial(history, day) if asked else pd.DataFrame()
    method, why = chosen_method(method_scores(trial) if len(trial) else trial, params)
    table = default_rates(history, method, day)
    severity = loss_given_default(ledger, params, day).set_index("group").measured
    share = table.group.map(severity).fillna(1.0)
    own = np.where(table.borrowed == 0, _("own history"), _("partly the company's history"))
    reached = table.place >= history.buckets.before_default
    basis = np.where(reached, _("in default by age"), own)
    return table.assign(
        loss_share=share, loss_rate=table.default_rate * share, method=method, basis=basis
    ).assign(basis=lambda f: f.basis + "; " + why)


def _policy(ledger: Ledger, params: DelinquencyParams) -> pd.DataFrame:
    given = dict(params.provision_rates or ())
    groups = [*sorted(provision_groups(ledger.items).unique()), ALL]
    _refuse_unknown(list(given), groups)
    rows = [
        (group, place, rate)
        for group in groups
        for place, rate in enumerate(given.get(group, given.get(ALL, ())))
    ]
    table = pd.DataFrame(rows, columns=[*KEYS, "loss_rate"])
    return table.astype({"place": "int64", "loss_rate": "float64"}).assign(
        default_rate=np.nan, loss_share=np.nan, months=0, items=0, balance_cents=0,
        method=POLICY, basis=_("given by delinquency.provision_rates"),
    )  # fmt: skip


def _refuse_unknown(given: list[str], groups: list[str]) -> None:
    if strange := [group for group in given if group not in groups]:
        words = _("delinquency.provision_rates: no payers of group {names}; there are: {known}")
        raise ValueError(words.format(names=listing(strange), known=listing(groups, 12)))


def _open_items(ledger: Ledger, params: DelinquencyParams, day: int) -> pd.DataFrame:
    """Return the items open on the day: NAMED, group, bucket, place, open_cents. Index: item."""
    buckets = Buckets.of(params)
    rows = OpenMoney.of(ledger).standing(np.array([day])).set_index("item")
    clock = clock_days(ledger, day, params)[rows.index]
    place = buckets.places(clock_ages(clock, day))
    named = ledger.items.loc[rows.index, NAMED]
    return named.assign(
        group=provision_groups(ledger.items).loc[rows.index], place=place,
        bucket=np.array(buckets.names)[place], open_cents=rows.cents,
    ).rename_axis("item")  # fmt: skip


def _by_region(ledger: Ledger, regions: pd.DataFrame) -> list[tuple[str, str, int, int]]:
    """Return per region what the ledger has open and what was provided for."""
    words = _("region {region}: open items = balances provided for")
    items = ledger.items
    there = items.open_cents.groupby(items.region_id.fillna("")).sum()
    there = there[there != 0]
    here = regions.balance_cents.groupby(regions.region_id.fillna("")).sum()
    both = pd.DataFrame({"there": there, "here": here}).fillna(0).astype("int64")
    return [
        (str(name), words.format(region=name or _("none")), int(row.there), int(row.here))
        for name, row in both.iterrows()
    ]


def _fate(ledger: Ledger, params: DelinquencyParams, then: pd.DataFrame, day: int) -> pd.DataFrame:
    """Return lost_cents, undecided_cents and paid_cents of the balances of ``day`` by as_of."""
    money, item = OpenMoney.of(ledger), then.index.to_numpy("int64")
    start, end = np.full(len(item), day), np.full(len(item), ledger.day)
    unpaid = money.unpaid_after(item, start, end)
    clock = clock_days(ledger, day, params)[item]
    old = (clock != NEVER) & (ledger.day - clock >= params.default_days)
    still = np.minimum(money.open_at(item, end), unpaid)
    undecided = np.where(old, 0, still)
    return pd.DataFrame(
        {
            "lost_cents": unpaid - undecided,
            "undecided_cents": undecided,
            "paid_cents": then.open_cents.to_numpy() - unpaid,
        },
        index=then.index,
    )


def _cents(values: pd.Series) -> pd.Series:
    return values.fillna(0).round().astype("int64")
