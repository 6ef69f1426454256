"""First times that cost seconds in every new process, done once before kernels are forked.

Nothing here may start a thread: a lock held by a thread that a fork leaves behind is held for ever.
"""

from __future__ import annotations

import io
import sys

INLINE = "module://matplotlib_inline.backend_inline"  # read by Matplotlib when it is imported


def rehearse() -> None:
    """Where Matplotlib is there, draw a figure without window or shell: fonts and parsers load."""
    if "matplotlib" not in sys.modules:
        return
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], label="a")
    axes.set_title("$x$")
    axes.legend()
    FigureCanvasAgg(figure).print_png(io.BytesIO())
