"""First times that cost seconds in every new process, done once before kernels are forked.

Nothing here may start a thread: a lock held by a thread that a fork leaves behind is held for ever.
"""

from __future__ import annotations

import io
import sys

COLUMNS = 20  # pandas' choice in a kernel
INLINE = "module://matplotlib_inline.backend_inline"  # read by Matplotlib when it is imported


def rehearse() -> None:
    """Choose what a kernel would; where Matplotlib is there, draw: fonts and parsers load."""
    _as_in_a_kernel()
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


def _as_in_a_kernel() -> None:
    """Set what pandas chose when it was imported outside a kernel: columns by the terminal."""
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        pandas.set_option("display.max_columns", COLUMNS)
