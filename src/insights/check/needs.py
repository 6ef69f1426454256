"""What each question needs of a source, and what it cannot say without: declared here alone."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from insights.words import N_, _

ESSENTIAL, PART, EXTRA = "essential", "part", "extra"
YES, IN_PART, NO = "yes", "in part", "no"
THERE = "there"
STALE = "stale"
COLUMNS = ["analysis", "needs", "weight", "state", "words", "lost"]
MISSING = "missing"


@dataclass(frozen=True)
class Need:
    """Tables of which an analysis needs one at least, with columns, and what is lost without.

    weight: ``essential`` (no answer without), ``part`` (the answer lacks something), ``extra``
    (a source may well do without). A test holds this against what the analyses read and say.
    """

    analysis: str
    tables: tuple[str, ...]
    lost: str
    columns: tuple[str, ...] = ()
    weight: str = PART

    @property
    def words(self) -> str:
        """Return what is needed: ``orders or channel_flow``, ``customers: potential``."""
        names = _(" or ").join(self.tables)
        return f"{names}: {', '.join(self.columns)}" if self.columns else names


_S, _D, _R, _P = "segmentation", "delinquency", "strategy", "strategy_plan"
_T, _C, _E = "targets", "calls", "exceptions"
NEEDS: tuple[Need, ...] = (
    Need(_S, ("orders", "channel_flow"), N_("everything: nobody has bought"), weight=ESSENTIAL),
    Need(_S, ("orders",), N_("what distributors and direct customers ordered from us")),
    Need(_S, ("channel_flow",), N_("what hospitals take from distributors; direct orders count")),
    Need(_S, ("customers",), N_("regions, kinds of customers, and those who never bought")),
    Need(_S, ("customers",), N_("headroom: what the stated potential leaves open"), ("potential",)),
    Need(_S, ("customers",), N_("peers of the same level: white space"), ("hospital_level",)),
    Need(_S, ("products",), N_("purchases by kind of product and the breadth of a customer")),
    Need(_S, ("visits",), N_("visits against tiers: who is over- and under-served")),
    Need(_S, ("regions",), N_("names and groups of regions: ids stand in"), weight=EXTRA),
    Need(_S, ("distributors",), N_("grades and authorised regions of distributors"), weight=EXTRA),
    Need(_S, ("stock",), N_("months of stock at distributors"), weight=EXTRA),
    Need(_S, ("feedback",), N_("satisfaction beside behaviour"), weight=EXTRA),
    Need(_S, ("decisions",), N_("tiers that people approved"), weight=EXTRA),
    Need(_D, ("invoices",), N_("everything: nothing is owed"), weight=ESSENTIAL),
    Need(_D, ("payments",), N_("chances, books and cash forecast: only ages of what was billed")),
    Need(_D, ("customers",), N_("regions, kinds of payers, credit limits and terms")),
    Need(_D, ("dunning",), N_("promises, broken promises and claims that were renewed")),
    Need(_D, ("writeoffs",), N_("losses measured: rates of loss rest on ages alone")),
    Need(_D, ("ledger_control",), N_("the tie to the general ledger")),
    Need(_D, ("orders",), N_("which invoices are of drugs: the seller's own line stands in")),
    Need(_D, ("products",), N_("drugs, product lines and volume-based procurement")),
    Need(_D, ("reps",), N_("the line of a seller, which decides who may call"), ("line_type",)),
    Need(_D, ("regions",), N_("names and groups of regions: ids stand in"), weight=EXTRA),
    Need(_R, ("strategies",), N_("everything: no strategy is registered"), weight=ESSENTIAL),
    Need(_R, ("strategy_units",), N_("everything: who was treated is unknown"), weight=ESSENTIAL),
    Need(_R, ("customers",), N_("comparison units like the treated ones, and every region")),
    Need(_R, ("orders",), N_("strategies measured by sales or quantity; stuffed channels")),
    Need(_R, ("channel_flow",), N_("strategies measured by sell-through; stuffed channels")),
    Need(_R, ("visits",), N_("strategies measured by visits, and visits beside the others")),
    Need(_R, ("feedback",), N_("strategies measured by scores, and the loop of surveys")),
    Need(_R, ("products",), N_("prices apart from volume: a price cut may pass for an effect")),
    Need(_R, ("decisions",), N_("plans locked before the start: every review is exploratory")),
    Need(_R, ("territories",),
         N_("spillover between customers of one representative"), weight=EXTRA),
    Need(_R, ("calendar",),
         N_("your own working days: the public calendar stands in"), weight=EXTRA),
    Need(_R, ("stock",), N_("stock at distributors beside stuffed channels"), weight=EXTRA),
    Need(_R, ("reps",), N_("strategies carried out by representatives"), weight=EXTRA),
    Need(_R, ("departments",), N_("strategies carried out by departments"), weight=EXTRA),
    Need(_R, ("distributors",),
         N_("who is a distributor: customers and flow say it"), weight=EXTRA),
    Need(_R, ("regions",), N_("names and groups of regions: ids stand in"), weight=EXTRA),
    Need(_R, ("outcomes",), N_("metrics that no other table gives"), weight=EXTRA),
    Need(_P, ("channel_flow", "orders", "outcomes"), N_("everything: there is no history to try "
         "pilots on"), weight=ESSENTIAL),
    Need(_P, ("channel_flow",), N_("sell-through: sales stand in, which stuffing can move")),
    Need(_P, ("orders",), N_("pilots measured by sales or quantity"), weight=EXTRA),
    Need(_P, ("customers",), N_("pilots of customers in their regions")),
    Need(_P, ("products",), N_("prices apart from volume: price cuts blur what a pilot can tell")),
    Need(_P, ("strategies", ), N_("units that are in a strategy already are not left out")),
    Need(_P, ("strategy_units",), N_("units that are in a strategy already are not left out")),
    Need(_P, ("visits",), N_("pilots measured by visits"), weight=EXTRA),
    Need(_P, ("feedback",), N_("pilots measured by scores"), weight=EXTRA),
    Need(_P, ("reps",), N_("pilots by representative"), weight=EXTRA),
    Need(_P, ("departments",), N_("pilots by department"), weight=EXTRA),
    Need(_P, ("regions",), N_("names and groups of regions: ids stand in"), weight=EXTRA),
    Need(_P, ("outcomes",), N_("metrics that no other table gives"), weight=EXTRA),
    Need(_T, ("orders", "channel_flow"), N_("everything: nothing was sold"), weight=ESSENTIAL),
    Need(_T, ("orders",), N_("what was shipped and ordered directly; stuffed channels")),
    Need(_T, ("channel_flow",), N_("sell-through beside shipments; stuffed channels")),
    Need(_T, ("targets",), N_("attainment: sales stand alone")),
    Need(_T, ("customers",), N_("regions, new customers and late reorders")),
    Need(_T, ("products",), N_("product lines; price, volume and mix"), ("product_line",)),
    Need(_T, ("reps",), N_("representatives of device lines, the only ones with sales figures"),
         ("line_type",)),
    Need(_T, ("territories",), N_("who sold where an order names nobody; coverage by people"),
         weight=EXTRA),
    Need(_T, ("visits",), N_("calls and records on the scorecards"), weight=EXTRA),
    Need(_T, ("calendar",),
         N_("your own working days: the public calendar stands in"), weight=EXTRA),
    Need(_T, ("regions",), N_("names and groups of regions: ids stand in"), weight=EXTRA),
    Need(_T, ("decisions",), N_("parts of next year's target that people approved"), weight=EXTRA),
    Need(_T, ("distributors",),
         N_("who is a distributor: customers and flow say it"), weight=EXTRA),
    Need(_C, ("visits",), N_("everything: no visit was recorded"), weight=ESSENTIAL),
    Need(_C, ("call_plans",), N_("goals of the month, and visits against them")),
    Need(_C, ("territories",), N_("who covers whom: no plan for next month")),
    Need(_C, ("reps",), N_("regions, lines and working time of representatives")),
    Need(_C, ("customers",), N_("regions and tiers: core customers, policy, whom to see")),
    Need(_C, ("customers",), N_("worth of a customer in next month's plan: all count the same"),
         ("potential",)),
    Need(_C, ("needs",), N_("open needs of customers"), weight=EXTRA),
    Need(_C, ("absences",), N_("days on which somebody is away"), weight=EXTRA),
    Need(_C, ("calendar",),
         N_("your own working days: the public calendar stands in"), weight=EXTRA),
    Need(_C, ("orders", "channel_flow"), N_("what customers buy beside the visits to them"),
         weight=EXTRA),
    Need(_C, ("products",), N_("list prices of sell-through without an amount"), weight=EXTRA),
    Need(_C, ("decisions",), N_("tiers and visits that people approved"), weight=EXTRA),
    Need(_C, ("regions",), N_("names and groups of regions: ids stand in"), weight=EXTRA),
    Need(_E, ("orders", "channel_flow", "visits", "invoices"),
         N_("everything: no question has an answer"), weight=ESSENTIAL),
    Need(_E, ("orders",), N_("what lags, piles up or was not reordered")),
    Need(_E, ("targets",), N_("targets that lag behind working time")),
    Need(_E, ("visits",), N_("calls that are due, stalled or too many")),
    Need(_E, ("invoices",), N_("whom to call about what is owed")),
    Need(_E, ("payments",), N_("money at stake of what is owed: only ages of what was billed")),
)  # fmt: skip


def answers(columns: pd.DataFrame, not_current: frozenset[str]) -> pd.DataFrame:
    """What can each analysis say with these tables? One row a need.

    ``columns``: ``columns_of`` of the tables there; ``not_current``: stale or half-loaded tables.
    Returns analysis, needs, weight, state (there, missing, stale), words (of the state), lost.
    """
    filled = {
        str(name): set(rows.column[rows.filled > 0]) for name, rows in columns.groupby("table")
    }
    rows = []
    for need in NEEDS:
        state, words = _state(need, filled, not_current)
        lost = _("what happened since") if state == STALE else _(need.lost)
        rows.append([need.analysis, need.words, need.weight, state, words, lost])
    return pd.DataFrame(rows, columns=COLUMNS)


def summed_up(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row an analysis: analysis, answer (yes, in part, no), lacking (what, in words)."""
    rows = []
    for analysis, needs in found.groupby("analysis", sort=False):
        lacking = needs[(needs.state != THERE) & (needs.weight != EXTRA)]
        none = ((lacking.weight == ESSENTIAL) & (lacking.state == MISSING)).any()
        answer = NO if none else IN_PART if len(lacking) else YES
        rows.append([analysis, answer, _labels(lacking)])
    return pd.DataFrame(rows, columns=["analysis", "answer", "lacking"])


def _state(need: Need, filled: dict[str, set[str]], not_current: frozenset[str]) -> tuple[str, str]:
    present = [name for name in need.tables if filled.get(name)]
    if not present:
        empty = any(name in filled for name in need.tables)
        return MISSING, _("no rows") if empty else _("missing")
    absent = [one for one in need.columns if all(one not in filled[name] for name in present)]
    if absent:
        return MISSING, _("column empty or missing")
    if len(need.tables) == 1 and present[0] in not_current:
        return STALE, _("not up to date")
    return THERE, _("there")


def _labels(lacking: pd.DataFrame) -> list[str]:
    stale = _("{needs} (not up to date)")
    labels = [
        stale.format(needs=one["needs"]) if one["state"] == STALE else one["needs"]
        for one in lacking.to_dict("records")
    ]
    return list(dict.fromkeys(labels))
