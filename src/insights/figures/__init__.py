"""Pictures in house style: ``canvas`` and the chart forms. DataFrame in, Figure out."""

from insights.figures.fonts import drawable
from insights.figures.forms import (
    bars,
    calibration,
    intervals,
    lines,
    message,
    scatter,
    stacked,
)
from insights.figures.style import canvas

__all__ = [
    "bars",
    "calibration",
    "canvas",
    "drawable",
    "intervals",
    "lines",
    "message",
    "scatter",
    "stacked",
]
