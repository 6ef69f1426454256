"""The project's own environment: where it lies, how it is made, what programs in it are given.

Standard library alone: this runs in whatever Python a machine has, before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from insights.words import _

OLDEST, NEWEST = (3, 11), (3, 13)
LOCK, CONDA_FILE, PROJECT = "requirements.lock", "environment.yml", "pyproject.toml"
STAMP = ".started"
ON_WINDOWS = os.name == "nt"


class StartError(Exception):
    """The environment cannot be made or used: says why and what to do."""


@dataclass(frozen=True)
class Environment:
    """An environment of the project ``home`` at ``prefix``; ``conda`` makes it, else ``venv``."""

    home: Path
    prefix: Path
    conda: Path | None = None
    windows: bool = ON_WINDOWS

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        if not self.windows:
            return self.prefix / "bin" / "python"
        return self.prefix / ("python.exe" if self.conda else "Scripts/python.exe")

    @property
    def site_packages(self) -> list[Path]:
        """Return the folders that packages are installed to."""
        inner = "Lib/site-packages" if self.windows else "lib/python3*/site-packages"
        return sorted(self.prefix.glob(inner))

    def variables(self) -> dict[str, str]:
        """Return the environment variables of a program in it, as activating it would set them."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
        path = os.pathsep.join([*map(str, self._programs()), kept.get("PATH", "")])
        return {**kept, "PATH": path, "PYTHONPATH": str(self.home / "src"), "PIP_USER": "0"}

    def run(self, command: Sequence[str | Path], failed: str) -> None:
        """Run a command in the project's folder; ``StartError`` with these words if it fails."""
        words = [str(part) for part in command]
        try:
            code = subprocess.call(words, cwd=self.home, env=self.variables())
        except OSError as error:
            raise StartError(f"{failed} ({error})") from None
        if code:
            raise StartError(failed)

    def works(self) -> bool:
        """Say whether its interpreter starts; the Python it was made of may be gone."""
        try:
            return not subprocess.call([str(self.python), "-c", ""], env=self.variables())
        except OSError:
            return False

    def _programs(self) -> list[Path]:
        if not self.windows:
            return [self.prefix / "bin"]
        inner = ("", "Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts")
        return [self.prefix / name for name in inner]


def find_environment(home: Path, conda: Path | None) -> Environment:
    """Return the environment that is there, else the one to be made: conda's where it is known."""
    own, condas = Environment(home, home / ".venv"), Environment(home, home / ".conda", conda)
    return own if own.python.exists() or conda is None else condas


def make_ready(found: Environment) -> None:
    """Make the environment and install the locked packages, unless that is done already.

    ``StartError`` says what went wrong and what to do about it.
    """
    stamp, key = found.prefix / STAMP, _key(found.home)
    done = stamp.read_text(encoding="ascii") if stamp.is_file() else ""
    if done == key and found.works():
        return
    print(_("Preparing insights. The first time takes some minutes and needs the internet."))
    _create(found)
    _install(found)
    stamp.write_text(key, encoding="ascii")


def _key(home: Path) -> str:
    """Return a hash of what decides which packages are installed."""
    contents = b"|".join((home / name).read_bytes() for name in (LOCK, CONDA_FILE, PROJECT))
    return hashlib.sha256(contents).hexdigest()


def _create(found: Environment) -> None:
    if found.conda is not None:
        _create_conda(found, found.conda)
        return
    if found.works():
        return
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        words = _("Python {own} cannot be used: install Python 3.11, 3.12 or 3.13 from python.org, "
                  "then start again.")  # fmt: skip
        raise StartError(words.format(own=".".join(map(str, sys.version_info[:2]))))
    failed = _("The environment {prefix} could not be made. Delete that folder, see that you may "
               "write beside it (and on Debian or Ubuntu install python3-venv), then start "
               "again.")  # fmt: skip
    command: list[str | Path] = [sys.executable, "-m", "venv", "--clear", found.prefix]
    found.run(command, failed.format(prefix=found.prefix))


def _create_conda(found: Environment, conda: Path) -> None:
    """Let conda make it, or complete what it began; conda itself needs its own base's libraries."""
    base = Environment(found.home, conda.parents[1], conda, found.windows)
    verb = "update" if found.python.exists() else "create"
    failed = _("conda could not make the environment {prefix}. Its reason stands above. Without "
               "the internet: connect, or ask IT for the address of their package mirror. Else "
               "delete that folder and start again.")  # fmt: skip
    command: list[str | Path] = [
        conda,
        "env",
        verb,
        "-p",
        found.prefix,
        "-f",
        found.home / CONDA_FILE,
    ]
    base.run(command, failed.format(prefix=found.prefix))


def _install(found: Environment) -> None:
    pip: list[str | Path] = [found.python, "-m", "pip", "install", "--disable-pip-version-check"]
    failed = _("The packages could not be installed. The reason stands above. Without the "
               "internet: connect, or ask IT for the address of their package mirror. Where a path "
               "is too long or a file not found: move the folder {home} nearer to the drive, such "
               "as C:/insights. Then start again.").format(home=found.home)  # fmt: skip
    if found.conda is None:
        found.run([*pip, "--require-hashes", "-r", found.home / LOCK], failed)
    found.run([*pip, "--no-deps", "--no-build-isolation", "-e", found.home], failed)
    _spell_plainly(found)


def _spell_plainly(found: Environment) -> None:
    """Let Python find the package by a relative path.

    A path file holds UTF-8, and Python before 3.13 reads it in the code page of Windows: with a
    folder called 分析 no interpreter of the environment would start any more.
    """
    for folder in found.site_packages:
        for path in folder.glob("*insights*.pth"):
            path.write_text(os.path.relpath(found.home / "src", folder) + "\n", encoding="ascii")
