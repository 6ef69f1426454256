"""Run every benchmark, or those named: ``python -m benchmarks [segmentation …]``."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

HERE = Path(__file__).parent


def main() -> None:
    """Print each topic's table."""
    topics = sys.argv[1:] or sorted(p.stem for p in HERE.glob("[a-z]*.py"))
    for topic in topics:
        print(f"\n== {topic}")
        importlib.import_module(f"benchmarks.{topic}").main()


if __name__ == "__main__":
    main()
