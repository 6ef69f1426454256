"""Whole cents by weight: they add up exactly, no unit gets more than its most."""

from __future__ import annotations

import numpy as np


def share_cents(cents: int, weights: np.ndarray) -> np.ndarray:
    """Split whole cents by weights, odd cents by largest remainder (the first of equals).

    Evenly where no weight is above 0.
    """
    even = np.ones(len(weights))
    placed, _unplaced = place_cents(
        cents, weights if weights.sum() > 0 else even, np.full(len(weights), np.inf)
    )
    return placed


def place_cents(cents: int, weights: np.ndarray, caps: np.ndarray) -> tuple[np.ndarray, int]:
    """Split whole cents by weights under caps; return them and what found no room.

    Where a cap holds, the others share what is left by their weights. Nothing goes to a weight
    of 0. ``caps`` are whole cents or inf.
    """
    exact = _filled(float(cents), weights, caps)
    placed = np.floor(exact + 1e-9).astype("int64")
    odd = cents - int(placed.sum())
    ranked = np.lexsort((np.arange(len(exact)), placed - exact))
    while odd < 0:
        placed[int(np.argmax(placed - exact))] -= 1
        odd += 1
    while odd > 0:
        room = [k for k in ranked if weights[k] > 0 and placed[k] < caps[k]][:odd]
        if not room:
            break
        placed[room] += 1
        odd -= len(room)
    return placed, odd


def _filled(amount: float, weights: np.ndarray, caps: np.ndarray) -> np.ndarray:
    """Return min(cap, level x weight) of each, the level such that they make up the amount."""
    found = np.zeros(len(weights))
    full = np.zeros(len(weights), dtype=bool)
    for _turn in range(len(weights) + 1):
        sharing = ~full & (weights > 0)
        left = amount - found[full].sum()
        if not sharing.any() or left <= 0:
            return found
        share = left * (weights / weights[sharing].sum())
        over = sharing & (share > caps)
        found[sharing] = share[sharing]
        if not over.any():
            return found
        found[over], full = caps[over], full | over
    return found
