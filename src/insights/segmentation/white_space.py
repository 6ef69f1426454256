"""White space: what most of a terminal's like buy and it does not."""

from __future__ import annotations

import pandas as pd

from insights.params import SegmentationParams
from insights.segmentation.standing import gap
from insights.segmentation.terminals import (
    UNKNOWN,
    empty_faults,
    level_of,
    read_terminals,
    refuse,
    require_columns,
    value_faults,
)
from insights.words import _, listing

EVERYBODY = "all terminals"
LINE_COLUMNS = ("customer_id", "product_line", "amount")
COLUMNS = ("customer_id", "product_line", "peer_group", "peer_share", "peers", "expected")


def white_space(
    customers: pd.DataFrame,
    line_purchases: pd.DataFrame,
    params: SegmentationParams = SegmentationParams(),  # noqa: B008  (frozen)
) -> pd.DataFrame:
    """Which product lines do a terminal's like buy and it does not (A9)?

    ``customers``: the customers frame, all terminals (peers live in every region); slice the
    result. ``line_purchases``: customer_id, product_line, amount (CNY of the last year, terminals
    only). A line is bought where the amount is above 0 net of returns. Peers are the other
    terminals of the same level that bought anything; when these are fewer than
    ``white_space_peers``, all other terminals that bought (``peer_group`` says which), and when
    these are too few as well, no white space is claimed.

    Returns a row a customer and line not bought in the window although at least
    ``white_space_share`` of its peers buy it, by expected amount, the largest first:
    ``peer_share`` (0..1), ``peers`` (buying terminals it is measured against), ``expected`` (CNY a
    year): the median amount of the peers that buy the line, times the customer's potential over
    theirs where both are known (within ``white_space_clip``). Where its potential is known, a
    customer's expected amounts together stay within potential less value. A purchase without a
    product line makes a buyer, but no line. Raises ``ValueError`` for purchases of customers that
    are not in the frame and for rows without an amount.
    """
    rows = read_terminals(
        customers, ("monetary_value", "potential"), ("customer_type", "hospital_level")
    )
    bought = _bought(line_purchases, rows.index)
    rows = rows.assign(level=level_of(rows), buys=rows.index.isin(_buyers(bought)))
    rows = rows.assign(**_peer_group(rows, params.white_space_peers))
    taken = bought[bought.product_line.notna() & (bought.amount > 0)]
    pairs = _common(_not_bought(rows, taken), params)
    found = pairs.assign(expected=_expected(pairs, params.white_space_clip))
    found["expected"] = _within(gap(rows), found)
    ordered = found.sort_values(
        ["expected", "customer_id", "product_line"], ascending=[False, True, True]
    )
    return ordered[list(COLUMNS)].reset_index(drop=True)


def _bought(line_purchases: pd.DataFrame, known: pd.Index) -> pd.DataFrame:
    """Return the amount of each customer and line, net of returns; no line stays one of its own."""
    rows = _checked(line_purchases, known)
    # Sorted, so that sums of doubles do not depend on the order of the rows; rounded to the
    # cent, so that what was returned whole is 0.
    ordered = rows.sort_values(list(LINE_COLUMNS))
    pairs = ordered.groupby(["customer_id", "product_line"], dropna=False).amount.sum()
    return pairs.round(2).reset_index()


def _checked(line_purchases: pd.DataFrame, known: pd.Index) -> pd.DataFrame:
    """Return the purchases with their types; ``ValueError`` names every fault."""
    require_columns("line_purchases", line_purchases, LINE_COLUMNS)
    rows = line_purchases[list(LINE_COLUMNS)]
    amount = pd.to_numeric(rows.amount, errors="coerce").astype("float64")
    faults = empty_faults(rows, ("customer_id", "amount"))
    faults += value_faults(rows.set_index("customer_id").amount, amount)
    typed = rows.astype({"customer_id": "str", "product_line": "str"}).assign(amount=amount)
    strangers = sorted(set(typed.customer_id.dropna()) - set(known))
    if strangers:
        faults.append(_("customer_id: {ids} not in customers").format(ids=listing(strangers)))
    refuse("line_purchases", faults)
    return typed


def _buyers(bought: pd.DataFrame) -> pd.Series:
    return bought.customer_id[bought.amount > 0]


def _peer_group(rows: pd.DataFrame, least: int) -> dict[str, pd.Series]:
    """Return each customer's peer group, and how many others in it bought anything."""
    alike = rows.groupby("level").buys.transform("sum") - rows.buys
    everybody = rows.buys.sum() - rows.buys
    level = (alike >= least) & (rows.level != UNKNOWN)
    return {
        "peer_group": rows.level.where(level, EVERYBODY),
        "peers": alike.where(level, everybody).astype("int64"),
    }


def _not_bought(rows: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """Return every customer and line that its peer group buys and it does not."""
    columns = ["peer_group", "peers", "potential"]
    every = rows[columns].reset_index().merge(_bought_by_group(rows, taken), on="peer_group")
    pairs = every.merge(taken[["customer_id", "product_line"]], how="left", indicator="bought")
    return pairs[pairs.bought == "left_only"].drop(columns="bought")


def _common(pairs: pd.DataFrame, params: SegmentationParams) -> pd.DataFrame:
    """Return the pairs whose line enough of enough peers buy, with that share."""
    shared = pairs.assign(peer_share=pairs.buyers / pairs.peers)
    least, share = params.white_space_peers, params.white_space_share
    return shared[(shared.peers >= least) & (shared.peer_share >= share)]


def _bought_by_group(rows: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """Return by peer group and line: buyers, their median amount, their median potential."""
    bought = taken.join(rows[["level", "potential"]], on="customer_id")
    both = pd.concat(
        [bought.rename(columns={"level": "peer_group"}), bought.assign(peer_group=EVERYBODY)]
    )
    by_line = both.groupby(["peer_group", "product_line"]).agg(
        buyers=("amount", "size"),
        peer_amount=("amount", "median"),
        peer_potential=("potential", "median"),
    )
    return by_line.reset_index()


def _expected(pairs: pd.DataFrame, clip: tuple[float, float]) -> pd.Series:
    ratio = pairs.potential / pairs.peer_potential.where(pairs.peer_potential > 0)
    return pairs.peer_amount * ratio.clip(*clip).fillna(1.0)


def _within(room: pd.Series, found: pd.DataFrame) -> pd.Series:
    """Return the expected amounts, drawn together where a customer has no room for all of them."""
    together = found.groupby("customer_id").expected.transform("sum")
    own = pd.Series(room.reindex(found.customer_id).to_numpy(), found.index)
    return found.expected * (own / together).clip(upper=1.0).fillna(1.0)
