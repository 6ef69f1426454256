"""``python -m insights.lab``: prepare what is missing, then open JupyterLab on the start notebook.

``start.bat``, ``start.command`` and ``start.sh`` call it with whatever Python they find. Options
that it does not know go to JupyterLab.
"""

from __future__ import annotations

import argparse
import locale
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from insights.lab.environment import Environment, StartError, find_environment, make_ready
from insights.words import DOMAIN, LOCALE, _, language, speak

HOME = Path(os.path.abspath(__file__)).parents[3]
NOTEBOOKS = {"en": "explore/start.ipynb", "zh": "explore/zh/start.ipynb"}
SETTINGS = "explore/settings"  # neither news nor updates are asked for, nothing is fetched


def main(arguments: Sequence[str] | None = None) -> int:
    """Open JupyterLab and return its exit code; 1 where that cannot be, told with what to do."""
    _speak_as_system()
    asked, options = _parser().parse_known_args(arguments)
    try:
        found = find_environment(HOME, asked.conda)
        make_ready(found)
        _simulate_once(found)
        return _open(found, options)
    except (StartError, OSError) as error:
        print("\n" + _("insights cannot start: {words}").format(words=error), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="start", allow_abbrev=False)
    parser.add_argument("--conda", type=Path, help=_("conda's program, to make the environment"))
    return parser


def _speak_as_system() -> None:
    """Speak Chinese on a Chinese system, as far as the catalog is there."""
    name = locale.getlocale()[0] or ""
    catalog = LOCALE / "zh" / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if name.startswith(("zh", "Chinese")) and catalog.is_file():
        speak("zh")


def _simulate_once(found: Environment) -> None:
    if (found.home / "data" / "demo" / "customers.parquet").is_file():
        return
    print(_("Inventing a company to try things on (data/demo)."))
    failed = _("The demo company could not be written to data/demo. The reason stands above. Free "
               "space on the disk, or move the folder to where you may write.")  # fmt: skip
    found.run([found.python, "-m", "insights", "demo"], failed)


def _open(found: Environment, options: list[str]) -> int:
    print(_("JupyterLab opens in your browser. Leave this window open while you work; close it to "
            "end."))  # fmt: skip
    root = f"--ServerApp.root_dir={found.home}"
    quiet = f"--LabApp.app_settings_dir={found.home / SETTINGS}"
    command = [str(found.python), "-m", "jupyterlab", root, quiet, NOTEBOOKS[language()], *options]
    process = subprocess.Popen(command, cwd=found.home, env=found.variables())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # JupyterLab has heard it too, and asks whether to end
            continue


if __name__ == "__main__":
    sys.exit(main())
