"""Which notebooks are meant, and whether they take the parameters that a batch passes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import nbformat
import papermill

from insights.params import ROOT
from insights.report.errors import ReportError, one_line
from insights.words import _, listing

FOLDER = ROOT / "notebooks"


def find_notebooks(names: list[str], parameters: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the notebooks meant by names of ``notebooks/`` or paths; every analysis when empty.

    Raises ``ReportError`` naming every notebook that is not there, that cannot be read, or that
    does not know one of ``parameters``.
    """
    if not names:
        return _analyses(parameters)
    paths = [_path(name) for name in dict.fromkeys(names)]
    missing = [_missing(path) for path in paths if not path.is_file()]
    faults = missing or [fault for path in paths if (fault := _fault(path, parameters))]
    twins = [stem for stem, n in Counter(path.stem for path in paths).items() if n > 1]
    faults += [_("notebook {name}: given twice, from two folders").format(name=t) for t in twins]
    if faults:
        raise ReportError("; ".join(faults))
    return tuple(paths)


def _analyses(parameters: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the notebooks of the house that report on a region."""
    found = [path for path in sorted(FOLDER.glob("*.ipynb")) if "region" in _known(path)]
    if not found:
        raise ReportError(_("{folder}: no notebook with parameters").format(folder=FOLDER))
    faults = [fault for path in found if (fault := _fault(path, parameters))]
    if faults:
        raise ReportError("; ".join(faults))
    return tuple(found)


def _path(name: str) -> Path:
    path = Path(name)
    if path.suffix == ".ipynb":
        return path if path.is_absolute() else ROOT / path
    return FOLDER / f"{name}.ipynb"


def _missing(path: Path) -> str:
    known = listing(sorted(one.stem for one in FOLDER.glob("*.ipynb")), 12)
    return _("notebook {path}: no such file; known: {known}").format(path=path, known=known)


def _fault(path: Path, parameters: tuple[str, ...]) -> str:
    """Say what keeps a notebook out of a batch: papermill itself would only warn."""
    try:
        known = _known(path)
    except ReportError as error:
        return str(error)
    unknown = [name for name in parameters if name not in known]
    if not unknown:
        return ""
    return _("notebook {name}: no parameter {unknown}; it knows: {known}").format(
        name=path.stem,
        unknown=", ".join(unknown),
        known=", ".join(known) or _("none (is a cell tagged parameters?)"),
    )


def _known(path: Path) -> list[str]:
    """Return the parameters that a notebook knows."""
    try:
        return list(papermill.inspect_notebook(str(path)))
    except (ValueError, nbformat.ValidationError) as error:
        told = _("notebook {path}: not readable: {error}")
        raise ReportError(told.format(path=path, error=one_line(error))) from None
