"""Does the sub-ledger agree with the general ledger? Balances by region, their difference, why."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import pandas as pd

from insights.features import known, master
from insights.features.ledger import Ledger, open_ledger
from insights.features.ledger.bills import bills_held
from insights.features.ledger.errors import no_amount
from insights.tables import ALL, Tables, members
from insights.words import N_, _

CONTROL_COLUMNS = [
    "balance_on", "region_id", "ledger_cents", "control_cents", "difference_cents", "note",
]  # fmt: skip
CULPRIT_COLUMNS = ["balance_on", "region_id", "culprit", "rows", "cents", "verdict"]


def tie_out(tables: Tables, ledger: Ledger) -> pd.DataFrame:
    """Return a row a region of the latest control date by as_of; region ``all`` where it has none.

    The ledger's side is open items less cash and credits that settle no item. A region (or items
    without one) that has no control balance of its own or of a group above it counts against 0,
    and ``note`` says so; so it does of a control balance for which the ledger holds nothing.
    Empty without a control balance.
    """
    control, there = _control(tables, ledger)
    if control.empty:
        return pd.DataFrame(columns=CONTROL_COLUMNS)
    balances = _by_control(tables, _balances(tables, there), control)
    stated = control.reindex(balances.index)
    table = pd.DataFrame(
        {
            "balance_on": pd.Timestamp(there.as_of),
            "region_id": balances.index,
            "ledger_cents": balances.fillna(0).to_numpy("int64"),
            "control_cents": stated.fillna(0).to_numpy("int64"),
            "note": _notes(stated.isna(), balances.isna()).to_numpy(),
        }
    )
    difference = table.ledger_cents - table.control_cents
    return table.assign(difference_cents=difference)[CONTROL_COLUMNS]


def culprits(tables: Tables, ledger: Ledger, control: pd.DataFrame) -> pd.DataFrame:
    """Where ledger and general ledger differ, what may be the cause, and does its amount fit?

    ``control``: as ``tie_out`` returned it. A row a region that differs and a likely cause: rows
    concerned, cents by which it sets the ledger above the general ledger if that one holds it
    otherwise, and a verdict: explains all of the difference, explains it with others, or does
    not. Last, what stays unexplained. Empty where all agrees.
    """
    odd = control[control.difference_cents != 0]
    if odd.empty:
        return pd.DataFrame(columns=CULPRIT_COLUMNS)
    day = pd.Timestamp(odd.balance_on.max())
    causes = _causes(tables, _on_day(tables, ledger, day))
    parts = [
        _judged(_of(tables, causes, region), cents).assign(region_id=region)
        for region, cents in zip(odd.region_id.tolist(), odd.difference_cents.tolist(), strict=True)
    ]
    return pd.concat(parts, ignore_index=True).assign(balance_on=day)[CULPRIT_COLUMNS]


def with_regions(tables: Tables, unallocated: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Add each row's region by its customer."""
    homes = master(tables, "customers", as_of).select("customer_id", "region_id").execute()
    return unallocated.merge(homes, on="customer_id", how="left", validate="many_to_one")


def no_region() -> str:
    """Return how items and cash without a region are named in the tie-out."""
    return _("(no region)")


def _control(tables: Tables, ledger: Ledger) -> tuple[pd.Series, Ledger]:
    """Return the cents of the latest control date by region, and the ledger of that date."""
    rows = known(tables, "ledger_control", ledger.as_of)
    last = rows.filter(rows.balance_on == rows.balance_on.max())
    frame = last.mutate(cents=(last.balance * 100).cast("int64")).execute()
    cents = frame.assign(region_id=frame.region_id.fillna(ALL)).groupby("region_id").cents.sum()
    if frame.empty:
        return cents, ledger
    return cents, _on_day(tables, ledger, pd.Timestamp(frame.balance_on.iloc[0]))


def _on_day(tables: Tables, ledger: Ledger, day: pd.Timestamp) -> Ledger:
    return ledger if day.date() == ledger.as_of else open_ledger(tables, day)


def _balances(tables: Tables, ledger: Ledger) -> pd.Series:
    """Return open items less unallocated cash by region; what has none under its own name."""
    loose = with_regions(tables, ledger.unallocated, ledger.as_of)
    rows = pd.concat(
        [
            ledger.items[["region_id"]].assign(cents=ledger.items.open_cents),
            loose[["region_id"]].assign(cents=-loose.cents),
        ]
    )
    named = rows.assign(region_id=rows.region_id.astype("object").fillna(no_region()))
    return named.groupby("region_id").cents.sum()


def _by_control(tables: Tables, balances: pd.Series, control: pd.Series) -> pd.Series:
    """Return the ledger's balance of each control region, and of each region under none of them."""
    below = {name: _members(tables, str(name)) for name in control.index}
    held = {
        name: balances.sum() if name == ALL else balances[balances.index.isin(below[name])].sum()
        for name in control.index
        if name == ALL or balances.index.isin(below[name]).any()
    }
    covered = {member for members in below.values() for member in members}
    bare = balances[~balances.index.isin(covered) & (balances != 0)]
    own = pd.Series(held, dtype="float64").reindex(control.index)
    return own if ALL in control.index else pd.concat([own, bare])


def _members(tables: Tables, region: str) -> list[str]:
    known = set(tables.regions.region_id)
    return members(tables.regions, region) if region in known else [region]


def _notes(unstated: pd.Series, unheld: pd.Series) -> pd.Series:
    notes = pd.Series("", index=unstated.index)
    notes = notes.mask(unstated, _("no control balance for this region: taken as 0"))
    return notes.mask(unheld, _("the ledger holds nothing in this region"))


def _causes(tables: Tables, ledger: Ledger) -> pd.DataFrame:
    """Return what a general ledger may hold otherwise: region_id, culprit, cents, a row each."""
    loose = with_regions(tables, ledger.unallocated, ledger.as_of)
    loose = loose.assign(cents=-loose.cents, culprit=loose.source.map(_loose_words()))
    items = ledger.items
    copies = items[items.duplicated(["invoice_id", "instalment_no"], keep="first")]
    bills = bills_held(tables, ledger.as_of)
    homeless = items[items.region_id.isna() & (items.open_cents != 0)]
    unknown = ledger.faults[ledger.faults.reason == no_amount()]
    columns = ["region_id", "culprit", "cents"]
    parts = [
        loose[columns],
        bills.assign(cents=-bills.cents, culprit=_("bills held, not yet matured"))[columns],
        copies.assign(cents=copies.open_cents, culprit=_("invoice rows entered twice"))[columns],
        homeless.assign(
            cents=homeless.open_cents, culprit=_("items without a region"), region_id=None
        )[columns],
        unknown.assign(cents=0, culprit=N_("rows without an amount"), region_id=ALL)[columns],
    ]
    found = pd.concat([part for part in parts if len(part)] or [loose[columns]])
    return found.assign(region_id=found.region_id.astype("object").fillna(no_region()))


def _loose_words() -> dict[str, str]:
    return {
        "payment": _("payments that settled nothing"),
        "credit_note": _("credit notes beyond what was owed"),
        "writeoff": _("write-offs beyond what was owed"),
    }


def _of(tables: Tables, causes: pd.DataFrame, region: str) -> pd.DataFrame:
    """Return the causes within a region, added up by kind: culprit, rows, cents."""
    inside = causes.region_id.isin([ALL, *_members(tables, region)]) | (region == ALL)
    groups = causes[inside].groupby("culprit").cents
    table = groups.agg(["size", "sum"]).set_axis(["rows", "cents"], axis=1).reset_index()
    return table[(table.cents != 0) | (table.culprit == N_("rows without an amount"))].reset_index(
        drop=True
    )


def _judged(causes: pd.DataFrame, difference: int) -> pd.DataFrame:
    """Add the verdicts: the fewest causes whose cents sum to the difference explain it."""
    fits = _fitting(causes.cents.tolist(), difference)
    alone = (
        _("explains all of it") if len(fits) == 1 else _("explains it with the others so marked")
    )
    other = causes.cents.map(lambda cents: _("does not explain it") if cents else _("may do so"))
    verdicts = [alone if place in fits else other[place] for place in causes.index]
    rest = {"culprit": _("unexplained"), "rows": 0, "cents": 0 if fits else difference}
    words = _("nothing is left") if fits else _("compare the two ledgers row by row")
    last = pd.DataFrame([rest | {"verdict": words}])
    return pd.concat([causes.assign(verdict=verdicts), last], ignore_index=True)


def _fitting(cents: list[int], difference: int) -> tuple[int, ...]:
    places = [place for place, amount in enumerate(cents) if amount]
    chosen = (part for size in range(1, len(places) + 1) for part in combinations(places, size))
    return next((part for part in chosen if sum(cents[p] for p in part) == difference), ())
