"""Write environment.yml and data/README.md from what they describe (``make lock``)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from insights.params import ROOT, load_yaml
from insights.tables import data_dictionary

HEADER = """# Generated from pyproject.toml by `make lock`; do not edit by hand.
# conda env create -f environment.yml && conda activate insights && pip install --no-deps -e .
name: insights
channels:
  - conda-forge
dependencies:
"""


def environment(pyproject: str) -> str:
    """Return environment.yml: Python from conda, every package as pyproject pins it, from pip."""
    project = tomllib.loads(pyproject)["project"]
    extras = project["optional-dependencies"]
    wanted = sorted(
        [
            *project["dependencies"],
            *extras["lab"],
            *extras["dev"],
            *extras["postgres"],
            *extras["cluster"],
            *extras["fonts"],
        ]
    )
    lines = [f"  - python{project['requires-python']},<3.14", "  - pip", "  - pip:"]
    return HEADER + "\n".join([*lines, *(f'      - "{item}"' for item in wanted)]) + "\n"


def dictionary() -> str:
    """Return data/README.md from the canonical tables and the header synonyms."""
    return data_dictionary(load_yaml(ROOT / "params" / "headers.yaml")["tables"])


def main() -> None:
    """Write both files."""
    text = environment(Path(ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (ROOT / "environment.yml").write_text(
        re.sub(r"[ \t]+$", "", text, flags=re.M), encoding="utf-8"
    )
    (ROOT / "data" / "README.md").write_text(dictionary(), encoding="utf-8")


if __name__ == "__main__":
    main()
