"""Bring the catalogs up to date with the words of the code, then compile them (``make words``).

Words come from ``_`` and ``N_`` in the package and its pages, from what the notebooks tell, and
from ``locale/table_words.txt``: the names and codes of tables, a line each. Prints how many
messages have no translation yet; a translation is written into ``insights.po`` by hand.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from insights.params import ROOT
from insights.words import DOMAIN, LANGUAGES, LOCALE, SOURCE, TABLE, _, language, speaking

PACKAGE = ROOT / "src" / "insights"
KEYWORDS = {"_": None, "N_": None}
METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext.babel_extract")]
TABLE_WORDS = LOCALE / "table_words.txt"
EXPLORE = ROOT / "explore"


def template() -> Catalog:
    """Return every message of the package, its notebooks and its tables, none translated."""
    found = Catalog(domain=DOMAIN, project="insights", fuzzy=False, charset="utf-8")
    for path, _line, message, _comments, context in extract_from_dir(
        PACKAGE, METHODS, keywords=KEYWORDS, options_map={"**.j2": {"trimmed": "false"}}
    ):
        if message:
            found.add(message, locations=[(path, None)], context=context)
    for path in [*sorted((ROOT / "notebooks").glob("*.ipynb")), *sorted(EXPLORE.glob("*.ipynb"))]:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                found.add(cell.source, locations=[(path.name, None)])
    for name in TABLE_WORDS.read_text(encoding="utf-8").splitlines():
        found.add(name, context=TABLE)
    return found


def po_path(language: str) -> Path:
    """Return where a language's translations stand."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalog(language: str) -> Catalog:
    """Return a language's translations; an empty catalog before the first."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, domain=DOMAIN)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def untranslated(catalog: Catalog) -> list[str]:
    """Return the messages without a translation."""
    return [str(one.id) for one in catalog if one.id and not one.string]


def update(language: str) -> Catalog:
    """Write a language's catalog, with the messages of today and the translations kept, compiled.

    A translation whose message changed is no longer that message's: it is left out.
    """
    catalog = read_catalog(language)
    written = catalog.creation_date
    catalog.update(template(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.creation_date = written  # the same words make the same file
    catalog.obsolete.clear()
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, omit_header=False, sort_by_file=True, width=100, no_location=False)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return catalog


def spoken_notebooks(spoken: str) -> dict[Path, str]:
    """Return the notebooks that people open by hand, in a language: path -> what it holds."""
    with speaking(spoken):
        return {EXPLORE / spoken / path.name: _spoken(path) for path in EXPLORE.glob("*.ipynb")}


def _spoken(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _(cell.source)
        else:
            cell.source = cell.source.replace('profile = "base"', f'profile = "{language()}"')
    return nbformat.writes(notebook) + "\n"


def main() -> None:
    """Update every catalog and say what is still to be translated."""
    for name in LANGUAGES:
        if name != SOURCE:
            left = untranslated(update(name))
            for path, text in spoken_notebooks(name).items():
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
            print(f"{name}: {len(left)} messages without a translation")


if __name__ == "__main__":
    main()
