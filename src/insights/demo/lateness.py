"""How late each item is settled, and the probability of it given what is knowable at issue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from insights.demo.chance import Days, Floats, stream
from insights.demo.customers import Customers
from insights.demo.receivables import utilisation
from insights.demo.timeline import FIRST, N_MONTHS, month_index

GRACE_DAYS = 30
DELAY_SCALE = 14.0  # days per unit of the logistic
EARLIEST = 45.0  # days before the grace's end: nobody pays much earlier
BASE = -1.5
PUNCTUALITY_SD, DRIFT_SD = 1.9, 0.12
DISPUTED_SHARE, DISPUTE_WEIGHT = 0.03, 2.4
NEVER_SHARE = 0.05  # of the late items of the ordinary customer
REGION_WEIGHT = np.array([0.1, 0.5, -0.4, -0.2, -0.3, 0.1, 0.3, 0.6])
ACCOUNT_DISTRIBUTORS, ACCOUNT_HOSPITALS = 6, 12


@dataclass(frozen=True)
class Lateness:
    """Per item: log odds of lateness, probability, whether and when it is settled.

    ``settled`` is NaT where nobody ever pays. ``on_account`` items are paid in monthly lump sums.
    """

    log_odds: Floats
    probability: Floats
    settled: Days
    disputed: np.ndarray
    on_account: np.ndarray


def draw_lateness(
    seed: int, customers: Customers, items: pd.DataFrame, limit: Floats, pools: np.ndarray
) -> Lateness:
    """Draw the settlement of every item. ``pools``: per customer, whether it pays on account."""
    rng = stream(seed, "lateness")
    eta = log_odds(rng, customers, items, limit)
    due = items["due"].to_numpy("datetime64[D]")
    pooled = pools[items["payer"].to_numpy()]
    disputed = (rng.random(len(items)) < DISPUTED_SHARE) & ~pooled
    shock = _shocks(rng, items, eta + DISPUTE_WEIGHT * disputed, due)
    delay = delay_days(eta + DISPUTE_WEIGHT * disputed + shock)
    settled = due + delay.astype("timedelta64[D]")
    settled = np.maximum(settled, items["issued_on"].to_numpy("datetime64[D]") + 1)
    never = (delay > GRACE_DAYS) & (rng.random(len(items)) < _never_odds(customers, items))
    settled[never & ~pooled] = np.datetime64("NaT", "D")
    probability = _probability(eta, items, due)
    account = _Account(items["payer"].to_numpy(), due, pooled)
    eta, probability, settled = account.lump(rng, eta, probability, settled)
    return Lateness(eta, probability, settled, disputed, pooled)


def log_odds(rng: Generator, customers: Customers, items: pd.DataFrame, limit: Floats) -> Floats:
    """Return the log odds of not being settled by the grace's end, before any dispute."""
    payer = items["payer"].to_numpy()
    month = month_index(items["issued_on"].to_numpy("datetime64[D]")).clip(0)
    drift = np.cumsum(rng.normal(0, DRIFT_SD, (len(customers.table), N_MONTHS)), axis=1)
    own = PUNCTUALITY_SD * customers.punctuality[payer] + drift[payer, month]
    size = (np.log(items["amount"].abs().clip(lower=1).to_numpy(np.float64)) - 15.2) / 1.3
    use = utilisation(items, limit).clip(0, 3) - 1
    return (
        BASE + own + _kind_weight(customers)[payer] + REGION_WEIGHT[customers.home[payer]]
        + 0.35 * size.clip(-3, 3) + 0.5 * use - 1.3 * items["vbp"].to_numpy()
        + 0.5 * (items["kind"] == "retention").to_numpy() + _season(items)
    )  # fmt: skip


def delay_days(latent: Floats) -> np.ndarray:
    """Return whole days past due; over the grace exactly where ``latent`` is positive."""
    x = DELAY_SCALE * latent
    late = GRACE_DAYS + np.ceil(np.maximum(x, 1e-9) * (1 + np.maximum(x, 0) / 80))
    early = GRACE_DAYS + np.floor(EARLIEST * np.tanh(np.minimum(x, 0) / EARLIEST))
    return np.where(x > 0, np.minimum(late, 1500), early).astype(np.int64)


def _kind_weight(customers: Customers) -> Floats:
    table = customers.table
    level = table["hospital_level"].map({"3A": 1.1, "3B": 0.9, "2A": 0.5, "2B": 0.3, "1": -0.2})
    owner = table["ownership"].map({"private": 0.5, "military": -0.8}).fillna(0.0)
    sme = table["is_sme"].isin([True]).astype(float)
    kind = table["customer_type"]
    by_kind = np.select(
        [kind == "hospital", kind == "distributor"], [level.fillna(0.0) + owner, 0.35 * sme - 0.3],
        -0.8,
    )  # fmt: skip
    return np.asarray(by_kind, dtype=np.float64)


def _season(items: pd.DataFrame) -> Floats:
    """Due around the Spring Festival is late more often, due at the year's end less."""
    month = items["due"].dt.month.to_numpy()
    return np.select([month <= 2, month == 12, month == 11], [0.6, -0.35, -0.2], 0.0)


def _shocks(rng: Generator, items: pd.DataFrame, eta: Floats, due: Days) -> Floats:
    """Draw logistic shocks; an opening item's is such that it was still open when we began."""
    uniform = rng.random(len(items))
    opening = (items["kind"] == "opening").to_numpy()
    floor = np.where(opening, _surely(eta, due), 0.0)
    uniform = np.clip(floor + (1 - floor) * uniform, 1e-9, 1 - 1e-9)
    return np.log(uniform / (1 - uniform))


def _surely(eta: Floats, due: Days) -> Floats:
    """Return the probability of having been settled before the first day of the window."""
    open_for = (FIRST - due).astype(np.int64) - GRACE_DAYS
    return 1 / (1 + np.exp(eta - _latent(open_for)))


def _latent(days_over: np.ndarray) -> Floats:
    """Return the latent value at which an item is settled that many days after the grace."""
    days = days_over.astype(np.float64)
    over = 40 * (np.sqrt(1 + np.maximum(days, 0) / 20) - 1)
    under = EARLIEST * np.arctanh(np.clip(days / EARLIEST, -0.999999, 0))
    return np.where(days > 0, over, under) / DELAY_SCALE


def _never_odds(customers: Customers, items: pd.DataFrame) -> Floats:
    private = (customers.table["ownership"] == "private").to_numpy()[items["payer"]]
    return np.where(private, 1.6, 0.7) * NEVER_SHARE


def _probability(eta: Floats, items: pd.DataFrame, due: Days) -> Floats:
    """Mix over the dispute that nobody can see at issue; condition opening items on being open."""
    opening = (items["kind"] == "opening").to_numpy()
    shares = ((1 - DISPUTED_SHARE, 0.0), (DISPUTED_SHARE, DISPUTE_WEIGHT))
    late, alive = np.zeros(len(eta)), np.zeros(len(eta))
    for share, weight in shares:
        p = 1 / (1 + np.exp(-(eta + weight)))
        late += share * p
        alive += share * np.where(opening, 1 - _surely(eta + weight, due), 1.0)
    return np.minimum(late / alive, 1.0)


@dataclass(frozen=True)
class _Account:
    """Items of customers that pay each month's dues in one sum, oldest first."""

    payer: np.ndarray
    due: Days
    pooled: np.ndarray

    def lump(
        self, rng: Generator, eta: Floats, probability: Floats, settled: Days
    ) -> tuple[Floats, Floats, Days]:
        """Return log odds, probability and settlement with the pooled items' put in common."""
        rows = np.flatnonzero(self.pooled)
        month = self.due[rows].astype("datetime64[M]")
        frame = pd.DataFrame({"payer": self.payer[rows], "month": month, "eta": eta[rows]})
        common = frame.groupby(["payer", "month"], sort=True, as_index=False)["eta"].mean()
        uniform = np.clip(rng.random(len(common)), 1e-9, 1 - 1e-9)
        close = common["month"].to_numpy().astype("datetime64[M]") + 1
        delay = delay_days(common["eta"].to_numpy() + np.log(uniform / (1 - uniform)))
        paid = close.astype("datetime64[D]") - 1 + delay.astype("timedelta64[D]")
        common = common.assign(paid=pd.Series(paid).groupby(common["payer"]).cummax())
        joined = frame[["payer", "month"]].merge(common, on=["payer", "month"], how="left")
        eta, probability, settled = eta.copy(), probability.copy(), settled.copy()
        spare = ((month + 1).astype("datetime64[D]") - 1 - self.due[rows]).astype(np.int64)
        eta[rows] = joined["eta"].to_numpy() - _latent(-spare)
        probability[rows] = 1 / (1 + np.exp(-eta[rows]))
        settled[rows] = joined["paid"].to_numpy("datetime64[D]")
        return eta, probability, settled


def account_firms(customers: Customers) -> np.ndarray:
    """Say of every distributor whether it pays on account: some of the punctual ones."""
    order = np.argsort(customers.punctuality[customers.n_terminals :], kind="stable")
    chosen = np.zeros(customers.n_distributors, dtype=bool)
    chosen[order[2 : 2 + max(1, round(ACCOUNT_DISTRIBUTORS * len(order) / 60))]] = True
    return chosen


def account_payers(customers: Customers, lines: pd.DataFrame) -> np.ndarray:
    """Say of every customer whether it pays on account: none of them has returns or equipment."""
    plain = lines.groupby("payer")["channel"].agg(lambda names: set(names) == {"direct"})
    payers = plain.index[plain].to_numpy()
    order = payers[np.argsort(customers.punctuality[payers], kind="stable")]
    chosen = np.zeros(len(customers.table), dtype=bool)
    chosen[customers.n_terminals :] = account_firms(customers)
    share = customers.n_distributors / 60
    chosen[order[3 : 3 + max(1, round(ACCOUNT_HOSPITALS * share))]] = True
    return chosen
