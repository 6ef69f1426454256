"""Run every benchmark, or those named: ``python -m benchmarks [segmentation …]``.

A topic is a module of this folder with a ``main``; the others serve them.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

HERE = Path(__file__).parent


def main() -> None:
    """Print each topic's tables."""
    names = sys.argv[1:] or sorted(p.stem for p in HERE.glob("[a-z]*.py"))
    for name in names:
        topic = importlib.import_module(f"benchmarks.{name}")
        if sys.argv[1:] or hasattr(topic, "main"):
            print(f"\n== {name}")
            topic.main()


if __name__ == "__main__":
    main()
