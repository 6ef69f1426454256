"""No box instead of a letter: every character drawn has a glyph, in either language."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from drawn_forms import CHARTS, NAMES, drawn
from insights import figures
from insights.figures import fonts, spoken
from insights.words import LANGUAGES, SOURCE, _, language, speak

CACHED = (fonts.families, fonts._letters, fonts._glyphs, spoken._warn)
chinese_font = pytest.mark.skipif(not fonts.writes("zh"), reason="no Chinese font is installed")


def forget() -> None:
    for cached in CACHED:
        cached.cache_clear()


@pytest.fixture(autouse=True)
def _as_found():
    yield
    forget()
    speak(SOURCE)


@pytest.fixture
def no_chinese_font(monkeypatch):
    monkeypatch.setattr(fonts, "CJK", ())
    forget()


@pytest.fixture
def unlisted(monkeypatch):
    """Matplotlib's list without the Chinese fonts, as before one was installed; their files."""
    manager = font_manager.fontManager
    chinese = {entry.fname for entry in manager.ttflist if entry.name in fonts.CJK}
    left = [entry for entry in manager.ttflist if entry.fname not in chinese]
    monkeypatch.setattr(manager, "ttflist", left)
    manager._findfont_cached.cache_clear()
    forget()
    yield sorted(chinese)
    manager._findfont_cached.cache_clear()


@cache
def letters_of(path: font_manager.FontPath) -> frozenset[int]:
    return frozenset(FT2Font(path, face_index=path.face_index).get_charmap())


def boxes(figure) -> set[str]:
    """Return the characters that no font of their text has, after drawing."""
    assert drawn(figure).startswith(b"\x89PNG")
    found: set[str] = set()
    for text in figure.findobj(Text):
        paths = font_manager.fontManager._find_fonts_by_props(text.get_fontproperties())
        letters = frozenset().union(*map(letters_of, paths))
        words = text.get_text() if "$" not in text.get_text() else ""
        found |= {char for char in words if not char.isspace() and ord(char) not in letters}
    return found


@pytest.mark.parametrize("reading", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_every_character_drawn_has_a_glyph(name, reading):
    speak(reading)
    assert boxes(CHARTS[name]()) == set()


@pytest.mark.parametrize("name", CHARTS)
def test_without_a_chinese_font_no_box_is_drawn(name, no_chinese_font):
    figure = CHARTS[name]()
    assert boxes(figure) == set()
    words = "".join(text.get_text() for text in figure.findobj(Text))
    assert not any("\u4e00" <= char <= "\u9fff" for char in words)
    assert fonts.drawable("云岭市第一人民医院 (H1)") == "… (H1)"


def test_the_check_finds_a_box():
    figure, axes = figures.canvas("t")
    axes.set_title("云", fontfamily=[fonts.LATIN])
    with pytest.raises(UserWarning, match="Glyph"):
        boxes(figure)


@chinese_font
def test_chinese_names_and_units_are_drawn_as_they_are():
    speak("zh")
    figure = figures.bars(pd.Series([12e4, 5e4], NAMES[:2]), "应收账款", "元")
    assert boxes(figure) == set()
    words = [text.get_text() for text in figure.findobj(Text)]
    assert NAMES[0] in words and "应收账款" in words and "12万" in words


@figures.legible()
def picture():
    return figures.bars(pd.Series([2e4, 1e4], ["x", "y"]), _("customers"), _("visits"))


def test_where_no_font_writes_chinese_a_picture_speaks_english_and_says_so_once(no_chinese_font):
    speak("zh")
    with pytest.warns(UserWarning, match="zh") as told:
        shown = [picture(), picture()]
    assert len(told) == 1
    assert language() == "zh"
    assert shown[0].axes[0].get_title(loc="left") == "customers"
    assert boxes(shown[0]) == set()  # drawn after the fall-back is over: its ticks stay English
    assert "20k" in [text.get_text() for text in shown[0].findobj(Text)]
    assert "20k (x)" in shown[0].describe() and "bars: 2" in shown[0].describe()


@chinese_font
def test_where_a_font_writes_chinese_nothing_falls_back():
    speak("zh")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = picture()
    assert figure.axes[0].get_title(loc="left") == _("customers")


def test_english_needs_no_font_of_its_own(no_chinese_font):
    assert fonts.writes("en") and not fonts.writes("zh")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert picture().axes[0].get_title(loc="left") == "customers"


@chinese_font
def test_a_font_installed_since_matplotlib_made_its_list_is_found(unlisted, monkeypatch):
    if not unlisted:
        pytest.skip("the Chinese font is a package's")
    monkeypatch.setattr(fonts, "PACKAGES", ())
    assert fonts.writes("zh")


@chinese_font
def test_a_font_of_a_package_is_found_without_importing_it(unlisted, monkeypatch):
    held = [SimpleNamespace(suffix=Path(p).suffix, locate=lambda p=p: p) for p in unlisted]
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    monkeypatch.setattr(fonts, "PACKAGES", ())
    assert not fonts.writes("zh")
    forget()
    monkeypatch.setattr(fonts, "PACKAGES", ("some-font",))
    monkeypatch.setattr(fonts, "files", lambda name: held if name == "some-font" else None)
    assert fonts.writes("zh") or not unlisted


def test_a_file_that_is_no_font_is_passed_over_and_told(tmp_path, caplog):
    broken = tmp_path / "broken.otf"
    broken.write_bytes(b"no font")
    with caplog.at_level("INFO"):
        fonts._add([str(broken)])
    assert "broken.otf" in caplog.text
