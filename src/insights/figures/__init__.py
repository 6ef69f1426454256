"""Pictures in house style: ``canvas`` and the chart forms. DataFrame in, Figure out."""

from insights.figures.alt import describe
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
from insights.figures.spoken import legible
from insights.figures.style import canvas

__all__ = [
    "bars",
    "calibration",
    "canvas",
    "describe",
    "drawable",
    "intervals",
    "legible",
    "lines",
    "message",
    "scatter",
    "stacked",
]
