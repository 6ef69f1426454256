"""Spillover: comparison units close to treated ones may have been treated too."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from insights.features.neighbours import TIES
from insights.params import StrategyParams
from insights.strategy.comparable.sides import FEWEST, Sides, apart_p, untested
from insights.strategy.gates import Gate
from insights.words import _, p_words

# Above this share of comparison units close to treated ones there is hardly a far one to trust.
MOST = 0.5


@dataclass(frozen=True)
class Spillover:
    """Which comparison units are near a treated one, and whether they moved otherwise.

    ``near``: unit_id and a flag for each tie (city, rep, distributor); ``leaked`` names the ties
    by which near units moved otherwise than far ones (Bonferroni over the ties tested),
    ``worst`` the tested tie by which they came closest to it.
    """

    near: pd.DataFrame
    tested: tuple[str, ...] = ()
    leaked: tuple[str, ...] = ()
    p_value: float = float("nan")
    gap: float = float("nan")
    estimates: tuple[float, float] = field(default=(float("nan"), float("nan")))
    worst: str = ""

    def near_ids(self) -> tuple[str, ...]:
        """Return the units near by a tie that leaked, or by any where none did."""
        ties = list(self.leaked or TIES)
        return tuple(self.near.unit_id[self.near[ties].any(axis=1)])

    def suspects(self, least: int) -> tuple[str, ...]:
        """Return the ties whose near units to leave out of a second look.

        Those that leaked; else all of them, or the worst alone where all leave fewer than
        ``least`` units.
        """
        far = int((~self.near[list(TIES)].any(axis=1)).sum())
        if self.leaked:
            return self.leaked
        return TIES if far >= least or not self.worst else (self.worst,)


def tie_words(ties: tuple[str, ...]) -> str:
    """Return ties for a sentence."""
    names = {"city": _("city"), "rep": _("rep"), "distributor": _("distributor")}
    return _(" or ").join(names[tie] for tie in ties)


def spillover(sides: Sides, shared: pd.DataFrame, params: StrategyParams) -> Spillover:
    """Did comparison units near treated ones move otherwise than those far from them?

    ``shared`` as of ``neighbours``. The change of a unit is (after - before) / (after + before)
    of its mean outcome, which a unit of next to nothing cannot dominate.
    """
    near = near_units(sides, shared)
    change = unit_contrasts(sides)
    changes = change.reindex(near.unit_id).to_numpy()
    found = [(tie, *_near_far(changes, near[tie].to_numpy())) for tie in TIES]
    tested = [row for row in found if np.isfinite(row[2])]
    leaked = [row for row in tested if row[2] * len(tested) < params.gate_alpha]
    worst = min(tested, key=lambda row: row[2], default=("", np.nan, np.nan))
    result = Spillover(
        near,
        tuple(row[0] for row in tested),
        tuple(row[0] for row in leaked),
        min(1.0, worst[2] * len(tested)) if tested else float("nan"),
        worst[1],
        worst=worst[0],
    )
    return _with_estimates(result, sides, change)


def near_units(sides: Sides, shared: pd.DataFrame) -> pd.DataFrame:
    """Return unit_id of every comparison unit and, by tie, whether a treated unit shares it."""
    own = shared[shared.unit_id.isin(sides.treated)][["tie", "tie_id"]].drop_duplicates()
    close = shared[shared.unit_id.isin(sides.comparison)].merge(own, on=["tie", "tie_id"])
    near = pd.DataFrame({"unit_id": sides.comparison})
    flags = {tie: near.unit_id.isin(close.unit_id[close.tie == tie]) for tie in TIES}
    return near.assign(**flags)


def unit_contrasts(sides: Sides) -> pd.Series:
    """Return (after - before) / (after + before) of each unit's mean outcome."""
    starts = sides.rows.unit_id.map(sides.units.set_index("unit_id").starts_on)
    after = sides.rows.period >= starts.fillna(sides.first_start)
    late = sides.rows[after].groupby("unit_id").value.mean()
    early = sides.rows[~after].groupby("unit_id").value.mean()
    total = late + early
    return ((late - early) / total.where(total > 0)).clip(-1, 1)


def _near_far(changes: np.ndarray, near: np.ndarray) -> tuple[float, float]:
    """Return how far near units moved apart from far ones, and its p-value; NaN if untestable."""
    known = pd.Series(changes)
    close, far = known[near].dropna(), known[~near].dropna()
    if min(len(close), len(far)) < FEWEST:
        return float("nan"), float("nan")
    return float(close.mean() - far.mean()), apart_p(close, far)


def _with_estimates(found: Spillover, sides: Sides, change: pd.Series) -> Spillover:
    """Add the plain difference in changes against all comparison units, and without the near."""
    treated = change.reindex(sides.treated).mean()
    far = sides.comparison.difference(list(found.near_ids()))
    every = treated - change.reindex(sides.comparison).mean()
    without = treated - change.reindex(far).mean() if len(far) else np.nan
    return replace(found, estimates=(float(every), float(without)))


def spillover_gate(found: Spillover, params: StrategyParams, missing: str) -> Gate:
    """May the comparison units stand, near ones included?

    It fails only where near units moved otherwise and the answer hangs on them: without them the
    sign turns or too few are left.
    """
    check = _("comparison units near treated ones")
    n_near, total = len(found.near_ids()), len(found.near)
    if missing:
        return untested(check, missing)
    if n_near == 0:
        return Gate(check, _("0 of {m}").format(m=total), _("none is near"), True)
    if not found.tested:
        return untested(check, _too_few(n_near, total))
    far = total - n_near
    turned = found.estimates[0] * found.estimates[1] < 0
    few = far < params.min_comparison_units
    return Gate(
        check,
        _("{n} of {m}; near against far by {ties}: {p}").format(
            n=n_near, m=total, ties=tie_words(found.tested), p=p_words(found.p_value)),
        _("p of at least {alpha:g}, or the same answer without them").format(
            alpha=params.gate_alpha),
        not (found.leaked and (turned or few)),
        "" if not found.leaked else _(
            "{n} comparison units share a {tie} with treated ones and moved otherwise than the "
            "rest ({p}); without them {what}: the strategy may have reached them").format(
              n=n_near, tie=tie_words(found.leaked), p=p_words(found.p_value),
              what=_("too few are left") if few else _("the answer changes its sign")),
    )  # fmt: skip


def _too_few(n_near: int, total: int) -> str:
    return _("near and far units to compare: {n} of {m} share a city, rep or distributor").format(
        n=n_near, m=total
    )


def spillover_note(found: Spillover) -> tuple[str, ...]:
    """Warn of near units that moved otherwise, and of an effect that may be diluted."""
    count, total = len(found.near_ids()), len(found.near)
    if found.leaked:
        return (
            _("{n} comparison units that share a {tie} with treated ones moved otherwise than the "
              "others ({p}): look at the result without them").format(
                  n=count, tie=tie_words(found.leaked), p=p_words(found.p_value)),
        )  # fmt: skip
    if total and count > MOST * total:
        return (
            _("{n} of {m} comparison units share a city, rep or distributor with treated ones: "
              "spillover would make the effect look smaller").format(n=count, m=total),
        )  # fmt: skip
    return ()
