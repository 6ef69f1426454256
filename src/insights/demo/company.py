"""The whole company: its parts in the order in which one follows from the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from insights.demo import approvals, cash, channel, fieldwork, inside, lapses, planning, voices
from insights.demo.ambition import SHORT_FACTOR, SHORT_REGION, targets
from insights.demo.chance import Floats, Ints, stream
from insights.demo.customers import SEGMENT_NAMES, Customers, build_customers
from insights.demo.demand import Demand, build_demand
from insights.demo.dunning import build_dunning
from insights.demo.lateness import account_firms, account_payers, draw_lateness
from insights.demo.places import LEAF_IDS, regions
from insights.demo.products import VBP_CUT, monthly_prices, products
from insights.demo.receivables import build_invoices, terms
from insights.demo.staff import Staff, build_staff, leave_ahead, territories
from insights.demo.strategies import plan_locks, strategy_tables, strategy_truth
from insights.demo.stuffing import stuff
from insights.demo.timeline import LAST, calendar
from insights.demo.trade import build_orders

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Market:
    """Who there is and what was traded."""

    customers: Customers
    demand: Demand
    staff: Staff
    lines: pd.DataFrame
    limit: Floats
    term: Ints
    tables: Frames
    truths: Frames


def simulate_company(seed: int, scale: float) -> tuple[Frames, Frames]:
    """Return the canonical tables and the truths of the company."""
    market = _market(seed, scale)
    money, money_truth = _money(seed, market)
    field, field_truth = _field(seed, market)
    return market.tables | money | field, market.truths | money_truth | field_truth


def _market(seed: int, scale: float) -> Market:
    customers = build_customers(seed, scale)
    catalogue = products(seed)
    prices = monthly_prices(catalogue)
    demand = build_demand(seed, scale, customers, prices[:, 0])
    staff = build_staff(seed, customers, demand)
    other_names = inside.aliases(seed, customers)
    flow, unmatched = channel.sell_through(seed, customers, other_names, demand, prices)
    shipments = channel.ship(seed, customers, flow, account_firms(customers))
    lines = build_orders(seed, customers, demand, shipments, prices, staff)
    term = terms(seed, customers)
    limit = _limits(seed, customers, lines, term)
    listed = replace(customers, table=_listed(seed, customers, flow, unmatched, lines, limit, term))
    ids = listed.table["customer_id"].to_numpy()[: customers.n_terminals]
    register, units = strategy_tables(ids, demand.rollout)
    stuffed = stuff(customers, lines, shipments, prices)
    tables = {
        "regions": regions(), "customers": listed.table, "products": catalogue,
        "customer_aliases": other_names, "distributors": _distributors(seed, listed),
        "orders": stuffed.orders, "channel_flow": flow,
        "stock": channel.stock_table(listed, stuffed.shipments),
        "strategies": register, "strategy_units": units, "calendar": calendar(),
    }  # fmt: skip
    truths = {
        "customers": _customer_truth(listed, demand), "channel_flow": unmatched,
        "strategies": strategy_truth(ids, demand.rollout, flow),
        "distributors": stuffed.truth, "product_lines": _line_truth(catalogue),
    }  # fmt: skip
    return Market(listed, demand, staff, lines, limit, term, tables, truths)


def _money(seed: int, market: Market) -> tuple[Frames, Frames]:
    customers = market.customers
    pools = account_payers(customers, market.lines)
    items = build_invoices(seed, customers, market.lines, market.term, pools)
    lateness = draw_lateness(seed, customers, items, market.limit, pools)
    items = cash.with_disputes(seed, items, lateness)
    payments = cash.build_payments(seed, customers, items, lateness)
    writeoffs, recovered = cash.build_writeoffs(seed, items, lateness, payments)
    payments = pd.concat([payments, recovered], ignore_index=True)
    tables = {
        "invoices": cash.invoice_table(items),
        "payments": cash.payment_table(payments),
        "writeoffs": writeoffs,
        "dunning": build_dunning(seed, items, lateness),
        "ledger_control": cash.ledger(customers, items, payments, writeoffs),
    }
    return tables, {"invoices": cash.invoice_truth(items, lateness)}


def _field(seed: int, market: Market) -> tuple[Frames, Frames]:
    customers, demand, staff = market.customers, market.demand, market.staff
    rooms = inside.departments(seed, customers)
    people = inside.contacts(seed, customers, rooms)
    visits = fieldwork.build_visits(seed, customers, demand, staff, people)
    plans = fieldwork.call_plans(seed, customers, demand, staff)
    goals = targets(seed, customers, market.lines, staff.reps, plans)
    decided = _decisions(seed, market, goals, plans)
    flow, tiers = (
        market.tables["channel_flow"],
        decided.loc[decided["kind"] == "tier", "subject_id"],
    )
    chosen = lapses.choose_lapses(customers, demand, staff, visits, flow, tiers)
    tables = {
        "departments": rooms,
        "contacts": people,
        "prescriptions": inside.prescriptions(seed, customers, demand, rooms),
        "reps": staff.reps,
        "territories": territories(customers, staff),
        "absences": pd.concat([staff.absences, leave_ahead(seed, staff)], ignore_index=True),
        "call_plans": plans,
        "visits": lapses.lapsed_visits(seed, visits, chosen),
        "needs": lapses.lapsed_needs(voices.needs(seed, customers), chosen),
        "feedback": voices.feedback(seed, customers),
        "targets": goals,
        "decisions": decided,
    }
    return tables, lapses.lapse_truths(chosen) | {"regions": _region_truth()}


def _decisions(seed: int, market: Market, goals: pd.DataFrame, plans: pd.DataFrame) -> pd.DataFrame:
    locks = plan_locks(market.tables["strategies"], market.tables["strategy_units"])
    decided = planning.decisions(seed, market.customers, locks)
    approved = [approvals.approved_targets(goals), approvals.approved_calls(seed, plans)]
    return pd.concat([decided, *approved], ignore_index=True)


def _limits(seed: int, customers: Customers, lines: pd.DataFrame, term: Ints) -> Floats:
    """Return credit limits in cents: what a term and a half of trade comes to, more or less."""
    rng = stream(seed, "limits")
    traded = np.zeros(len(customers.table))
    np.add.at(traded, lines["payer"].to_numpy(), lines["amount"].to_numpy(np.float64))
    usual = traded / 36 * 3.0 * (0.7 + term / 200) * rng.lognormal(0.1, 0.3, len(traded))
    return np.maximum(np.round(usual, -6), 5_000_000)


def _listed(
    seed: int, customers: Customers, flow: pd.DataFrame, unmatched: pd.DataFrame,
    lines: pd.DataFrame, limit: Floats, term: Ints,
) -> pd.DataFrame:  # fmt: skip
    """Return the customer table with credit terms and the day of the first deal."""
    rng = stream(seed, "listed")
    table = customers.table
    grade = customers.punctuality + rng.normal(0, 0.8, len(table))
    grades = np.array(["A", "B", "C", "D"])[np.searchsorted([-0.6, 0.3, 1.2], grade)]
    return table.assign(
        credit_limit=limit,
        credit_grade=grades,
        payment_term_days=term,
        first_deal_on=_first_deals(rng, customers, flow, unmatched, lines),
    )


def _first_deals(
    rng: np.random.Generator, customers: Customers, flow: pd.DataFrame, unmatched: pd.DataFrame,
    lines: pd.DataFrame,
) -> np.ndarray:  # fmt: skip
    """Old customers dealt before the window, new ones on the day of their first purchase."""
    ids = customers.table["customer_id"]
    hidden = unmatched.merge(flow[["flow_id", "flowed_on"]], on="flow_id")
    bought = pd.concat([
        flow[["customer_id", "flowed_on"]].set_axis(["customer_id", "on"], axis=1),
        hidden[["customer_id", "flowed_on"]].set_axis(["customer_id", "on"], axis=1),
        lines[["customer_id", "ordered_on"]].set_axis(["customer_id", "on"], axis=1),
    ])  # fmt: skip
    first = ids.map(bought.groupby("customer_id")["on"].min()).to_numpy("datetime64[D]")
    before = np.datetime64("2022-12-31", "D") - rng.integers(20, 2600, len(ids))
    old = np.ones(len(ids), dtype=bool)
    kinds = SEGMENT_NAMES[customers.segment]
    old[: customers.n_terminals] = ~np.isin(kinds, ["new", "project"])
    return np.where(old & ~np.isnat(first), before, first)


def _distributors(seed: int, customers: Customers) -> pd.DataFrame:
    rng = stream(seed, "distributors")
    n = customers.n_terminals
    size = customers.n_distributors
    begin = np.datetime64("2020-01-01", "D") + rng.integers(0, 1000, size)
    licence = LAST + rng.integers(20, 1400, size).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "distributor_id": customers.table["customer_id"].to_numpy(dtype=object)[n:],
            "region_id": np.array(LEAF_IDS)[customers.home[n:]],
            "grade": rng.choice(["A", "B", "C", "D"], size, p=[0.2, 0.4, 0.3, 0.1]),
            "contract_from_on": begin,
            "contract_to_on": LAST + rng.integers(-200, 720, size).astype("timedelta64[D]"),
            "licence_to_on": licence,
        }
    )


def _customer_truth(customers: Customers, demand: Demand) -> pd.DataFrame:
    firms = np.full(customers.n_distributors, "distributor")
    pad = np.full(customers.n_distributors, np.nan)
    return pd.DataFrame(
        {
            "customer_id": customers.table["customer_id"],
            "segment": np.concatenate([SEGMENT_NAMES[customers.segment], firms]),
            "monthly_demand": np.concatenate([customers.monthly, pad]),
            "yearly_log_growth": np.concatenate([demand.trend.slope, pad]),
            "lives_on_vbp": np.concatenate([demand.trend.vbp_heavy, firms == ""]),
            "punctuality": customers.punctuality,
        }
    )


def _line_truth(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return each product line, whether VBP hit it, from when and by how much."""
    rows = catalogue.drop_duplicates("product_line")[["product_line", "vbp_on"]]
    hit = rows["vbp_on"].notna()
    return rows.assign(hit_by_vbp=hit, price_cut=np.where(hit, VBP_CUT, 0.0))


def _region_truth() -> pd.DataFrame:
    """Return each leaf region, and whether its target of the last year is out of reach."""
    short = np.equal(LEAF_IDS, SHORT_REGION)
    factor = np.where(short, SHORT_FACTOR, 1.0)
    return pd.DataFrame(
        {"region_id": LEAF_IDS, "year": 2025, "short_of_target": short, "target_factor": factor}
    )
