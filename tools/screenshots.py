"""Photograph the pages of two packs for the READMEs: ``screenshots.py ENGLISH_PACK CHINESE_PACK``.

Packs as ``insights report`` leaves them (``reports/latest``; with ``--profile zh``). Needs
Chromium; opens the pages from disk.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from insights.params import ROOT

DOCS = ROOT / "docs"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PAGES = {"index": "index.html", "page": "east/delinquency.html"}
SIZE = {"width": 1400, "height": 900}
COLOURS = 128


def photograph(pack: Path, to: Path, page: Page) -> None:
    """Write a picture of the top of each page of ``PAGES``."""
    to.mkdir(parents=True, exist_ok=True)
    for name, path in PAGES.items():
        page.goto((pack / path).resolve().as_uri())
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        taken.quantize(COLOURS).save(to / f"{name}.png", optimize=True)


def main() -> None:
    """Photograph the English pack into docs/, the Chinese one into docs/zh/."""
    english, chinese = map(Path, sys.argv[1:])
    with sync_playwright() as found:
        browser = found.chromium.launch(executable_path=BROWSER, args=FLAGS)
        page = browser.new_page(viewport=SIZE)
        photograph(english, DOCS, page)
        photograph(chinese, DOCS / "zh", page)
        browser.close()


if __name__ == "__main__":
    main()
