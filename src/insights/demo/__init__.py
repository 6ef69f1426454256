"""A simulated Chinese medical-sales company whose truths are known."""

from __future__ import annotations

from pathlib import Path

from insights.demo.company import simulate_company
from insights.demo.write import write_company
from insights.words import _

DEFAULT_SEED = 20240229

__all__ = ["DEFAULT_SEED", "simulate"]


def simulate(to: Path, scale: float = 1.0, seed: int = DEFAULT_SEED) -> None:
    """Simulate the company and write its tables to ``to`` and its truths to ``to``/truth.

    ``scale`` multiplies the customers; the regions stay eight. The same seed gives the same bytes.
    An existing ``to`` is replaced whole, and only once everything is written. ``ValueError`` when
    the scale is not positive.
    """
    if not scale > 0:
        raise ValueError(_("scale: {scale} is not above 0").format(scale=scale))
    tables, truths = simulate_company(seed, scale)
    write_company(Path(to), tables, truths)
