"""Tables and pictures of a review in human words, each from a frame of terminals."""

from __future__ import annotations

import pandas as pd

from insights.segmentation.attention import attention_summary
from insights.segmentation.profile import whole
from insights.segmentation.tiers import TIERS, tier_moves
from insights.words import N_, _

SCHEMES = (
    ("standing", N_("core / potential / ordinary"), ("core", "potential", "ordinary")),
    ("abc", N_("ABC contribution"), ("A", "B", "C", "none")),
)
LEVELS_SHOWN = 3


def tiers(rows: pd.DataFrame) -> pd.DataFrame:
    """Return value, visits and the policy by tier. ``rows``: terminals with their schemes."""
    if rows.empty:
        return pd.DataFrame()
    table = attention_summary(rows, rows.monetary_value)
    seen = table.unknown < table.customers
    found = pd.DataFrame(
        {
            _("customers"): table.customers,
            _("% of value"): table.value_share,
            _("% of visits"): table.visits_share,
            _("visits a month each"): table.visits_each,
            _("policy"): table.policy,
            _("at capacity"): table.policy_at_capacity,
            _("under-served"): table.under_served_at_capacity.where(seen),
            _("over-served"): table.over_served_at_capacity.where(seen),
            _("visits a month short"): table.short_at_capacity.where(seen),
        }
    )
    return _dashed(found).rename_axis(_("tier"))


def schemes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return customers, value and habits of each class of the schemes beside the tier."""
    if rows.empty:
        return pd.DataFrame()
    total = rows.monetary_value.sum()
    lines = [
        _class_line(_(scheme), name, rows[rows[column] == name], total)
        for column, scheme, names in SCHEMES
        for name in names
    ]
    return _dashed(pd.DataFrame(lines)).set_index(_("scheme"))


def tier_changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the computed tiers of the quarter before (rows) against today's (columns)."""
    if rows.empty:
        return pd.DataFrame()
    before, after = rows.tier_before.dropna(), rows.tier_computed.dropna()
    table = tier_moves(before, after)
    approved = rows[rows.tier_approved.notna()].groupby("tier").size()
    book = rows[rows.tier_kept.notna()].groupby("tier_kept").size()
    found = table.loc[[name for name in table.index if name in TIERS or table.loc[name].any()]].T
    found = found.loc[[name for name in found.index if name in TIERS or found.loc[name].any()]]
    extra = pd.DataFrame({_("people approved"): approved, _("company's book says"): book})
    counts = extra.reindex(found.index).fillna(0).astype("int64")
    named = found.rename(columns=lambda name: _("a quarter ago {tier}").format(tier=name))
    return named.join(counts).rename_axis(_("computed tier")).rename_axis(columns=None)


def development(by_level: pd.DataFrame) -> pd.DataFrame:
    """Return, by hospital level, who is developed and what is still open."""
    if by_level.empty:
        return by_level
    return pd.DataFrame(
        {
            _("terminals"): by_level.terminals,
            _("developed"): by_level.developed,
            _("not yet"): by_level.not_developed,
            _("penetration %"): by_level.penetration_percent.round(1),
            _("headroom, k CNY a year"): whole(by_level.headroom / 1e3),
            _("white space, k CNY a year"): whole(by_level.white_space / 1e3),
        }
    ).rename_axis(_("level"))


def newly_won(portrait: pd.DataFrame) -> pd.DataFrame:
    """Return a row a period: how many were won, of which level, for which need."""
    if portrait.empty:
        return portrait
    whole_period = portrait[portrait.what == "all"].set_index("period")
    found = pd.DataFrame(
        {
            _("newly won"): whole_period.customers,
            _("k CNY in 30 days"): whole(whole_period.first_amount / 1e3),
            _("levels"): _leading(portrait, "level", LEVELS_SHOWN),
            _("main need"): _leading(portrait, "line", 1),
            _("first purchase, but not surely"): whole_period.left_out,
        }
    )
    found.index = pd.Index([f"{day:%Y-%m-%d}" for day in found.index], name=_("from"))
    return found.assign(**{_("levels"): found[_("levels")].fillna("–")}).fillna("–")


def quarters(paths: pd.DataFrame) -> pd.DataFrame:
    """Return customers by quarter's end (rows) and segment (columns)."""
    counts = paths.groupby(["day", "segment"], observed=False).size().unstack("segment")
    counts.index = [f"{day:%Y-%m-%d}" for day in counts.index]
    return counts.rename_axis(columns=None).astype("float64")


def tier_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the percent of value, customers and visits that each tier has."""
    groups = rows.groupby("tier")
    sums = pd.DataFrame(
        {
            _("value"): groups.monetary_value.sum(),
            _("customers"): groups.size(),
            _("visits"): groups.visits_a_month.sum(),
        }
    ).reindex([tier for tier in reversed(TIERS) if tier in groups.groups])
    shares = 100 * sums / sums.sum().where(lambda total: total > 0)
    return shares.dropna(axis="columns", how="all").T


def actions(found: pd.DataFrame) -> pd.DataFrame:
    """Return actions in human headings."""
    return found.rename(
        columns={
            "customer_id": _("customer"),
            "name": _("name"),
            "segment": _("segment"),
            "tier": _("tier"),
            "action": _("action"),
            "why": _("why"),
            "money_at_stake": _("at stake, CNY"),
            "visits_a_month": _("visits a month"),
            "policy": _("policy"),
            "owner": _("owner"),
        }
    )


def _class_line(scheme: str, name: str, part: pd.DataFrame, total: float) -> dict[str, object]:
    before = part.previous_value.sum()
    growth = 100 * (part.monetary_value.sum() / before - 1) if before > 0 else float("nan")
    return {
        _("scheme"): scheme,
        _("class"): name,
        _("customers"): len(part),
        _("% of value"): round(100 * part.monetary_value.sum() / total, 1) if total > 0 else None,
        _("growth %"): round(growth, 0),
        _("stability"): round(float(part.stability.median()), 2),
        _("visits a month each"): round(float(part.visits_a_month.mean()), 2),
    }


def _leading(portrait: pd.DataFrame, what: str, most: int) -> pd.Series:
    """Return the largest cells of each period in words."""
    cells = portrait[portrait.what == what]
    words = cells.which + " " + cells.customers.astype("str")
    first = cells.assign(words=words).groupby("period").head(most)
    return first.groupby("period").words.agg(", ".join)


def _dashed(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(object).where(table.notna(), "–")
