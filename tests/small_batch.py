"""A source of a few regions and notebooks of a few lines, for tests of batches."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pandas as pd

AS_OF = "2024-06-30"
PARAMETERS = 'region = "all"\nas_of = ""\nsource = ""\nprofile = "base"\nsave_to = None'
SAVES = """
import json, pathlib
folder = pathlib.Path(save_to) / "tiny"
folder.mkdir(parents=True, exist_ok=True)
result = {"analysis": "tiny", "region": region, "as_of": as_of, "sentence": "", "status": "ok",
          "figures": {}}
_ = (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
"""
TABLE = """
import pathlib
import pandas as pd
folder = pathlib.Path(save_to) / "tiny"
folder.mkdir(parents=True, exist_ok=True)
own = pd.read_parquet(f"{source}/customers.parquet").query("region_id == @region")
pd.read_parquet(f"{source}/orders.parquet").merge(own).to_parquet(folder / "orders.parquet")
"""


def book(path: Path, *cells: str) -> Path:
    """Write a notebook: what it does not take as code starts with #."""
    found = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "",
                                                              "language": "python"}})  # fmt: skip
    found.cells = [
        nbformat.v4.new_markdown_cell(cell)
        if cell.startswith("#")
        else nbformat.v4.new_code_cell(cell)
        for cell in cells
    ]
    nbformat.write(found, path)
    return path


def analysis(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write a notebook that a batch takes: a question, its parameters, then these cells."""
    book(path, f"# {path.stem}?", parameters, *cells)
    found = nbformat.read(path, as_version=4)
    found.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(found, path)
    return path


def small_source(folder: Path, regions: str = "ab") -> Path:
    """Write a source: a customer and an order a region."""
    names, numbers = list(regions), [str(n) for n in range(len(regions))]
    pd.DataFrame({"region_id": names, "region_name": names}).to_parquet(folder / "regions.parquet")
    customers = pd.DataFrame({"customer_id": numbers, "region_id": names})
    customers.to_parquet(folder / "customers.parquet")
    orders = customers.assign(order_id=numbers, amount=1.0, ordered_on=AS_OF)
    orders.drop(columns="region_id").to_parquet(folder / "orders.parquet")
    return folder


def facts(pack: Path) -> dict[str, bytes]:
    """Return every table and result.json of a pack."""
    kept = [*pack.rglob("result.json"), *pack.rglob("*.parquet"), *pack.rglob("*.csv")]
    return {path.relative_to(pack).as_posix(): path.read_bytes() for path in sorted(kept)}
