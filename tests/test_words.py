"""Words in two languages: every message is translated, and speaks of the same things."""

from __future__ import annotations

import ast
import gettext
import re
import string

import catalog as catalogs
import pytest

from insights.params import ParamsError, load_params
from insights.params.loading import ROOT
from insights.words import (
    LANGUAGES,
    LOCALE,
    SOURCE,
    _,
    language,
    listing,
    punctuated,
    short,
    shown,
    speak,
)

PACKAGE = ROOT / "src" / "insights"
TRANSLATED = [one for one in LANGUAGES if one != SOURCE]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def template():
    return {(one.context, one.id) for one in catalogs.template() if one.id}


@pytest.fixture(scope="module", params=TRANSLATED)
def translated(request):
    return catalogs.read_catalog(request.param)


def test_every_message_is_translated_and_no_other(template, translated):
    found = {(one.context, one.id) for one in translated if one.id}
    assert template - found == set() and found - template == set()  # else: make words
    assert catalogs.untranslated(translated) == []


def fields(message):
    """Return the placeholders of a message; None where it is no format."""
    try:
        parts = string.Formatter().parse(message)
        return {(name, form, how) for _text, name, form, how in parts if name is not None}
    except ValueError:
        return None


def spans(message):
    return set(re.findall(r"`[^`]+`", message))


def test_a_translation_speaks_of_the_same_things(translated):
    told = [one for one in translated if one.id]
    formats = [one for one in told if fields(one.id) is not None]
    assert [one.id for one in formats if fields(one.id) != fields(one.string)] == []
    assert [one.id for one in told if not spans(one.id) <= spans(one.string)] == []


def test_a_translation_into_chinese_is_chinese(translated):
    same = [one.id for one in translated if one.id and not CHINESE.search(one.string)]
    plain = {message: re.sub(r"\{[^}]*\}|`[^`]*`", "", message) for message in same}
    assert {message for message in same if re.search(r"[a-z]{4,}", plain[message])} <= KEPT


KEPT = {
    "nps",
    "{size} {word}",
    "insights: {words}",
    "delinquency.annual_revenue",
    "Jaccard >= {bound}",
}


@pytest.mark.parametrize("name", TRANSLATED)
def test_what_runs_is_what_was_written(name, translated):
    with (LOCALE / name / "LC_MESSAGES" / "insights.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for one in translated:
        if one.id:
            found = compiled.pgettext(one.context, one.id) if one.context else None
            assert (found or compiled.gettext(one.id)) == one.string


def calls(path):
    """Yield each use of ``_`` in a file, with whether it stands inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            yield node, id(node) in inside


def test_no_word_is_chosen_before_the_language_is_known():
    """What runs at import is noted with ``N_``: the language comes with the params."""
    early = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node, inside in calls(path)
        if not inside
    ]
    assert early == []


def test_messages_are_written_out_where_the_catalog_finds_them():
    for path in PACKAGE.rglob("*.py"):
        for node, _inside in calls(path):
            assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), (path, node.lineno)


def test_params_choose_the_language():
    assert load_params("zh").reading.language == "zh" == language()
    assert CHINESE.search(_("not enough data"))
    load_params("base")
    assert language() == "en" and _("not enough data") == "not enough data"


def test_a_language_without_a_catalog_is_refused(tmp_path):
    profile = tmp_path / "fr.yaml"
    profile.write_text("reading: {language: fr}\n", encoding="utf-8")
    with pytest.raises(ParamsError, match=r"reading\.language"):
        load_params(str(profile))
    with pytest.raises(ValueError, match="'fr' is not known; known: en, zh"):
        speak("fr")
    assert language() == "en"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0.5, "0.5", "0.5"), (999, "999", "999"), (9_999, "10k", "9,999"),
        (12_345, "12.3k", "1.23万"), (12_345_678, "12.3M", "1,235万"),
        (123_456_789, "123M", "1.23亿"), (-2.5e9, "-2.5G", "-25亿"), (float("nan"), "–", "–"),
    ],
)  # fmt: skip
def test_large_numbers_are_said_as_people_say_them(value, english, chinese):
    assert short(value) == english
    speak("zh")
    assert short(value) == chinese


def test_lists_and_names_of_tables():
    assert listing(["a", "b"]) == "a, b" and shown("customer_id") == "customer_id"
    speak("zh")
    assert listing(["a", "b"]) == "a、b"
    assert CHINESE.search(shown("customer_id")) and shown("华东医院") == "华东医院"


def test_joined_parts_are_punctuated_as_chinese_writes():
    said = "华东: 12 项 3万 元, 逾期; 3 项 at 10:30. 见 a: b, 合计."
    assert punctuated(said) == said
    speak("zh")
    assert punctuated(said) == "华东：12 项 3万元，逾期；3 项 at 10:30. 见 a: b，合计。"
    assert punctuated("ABC Co. 上海分公司") == "ABC Co. 上海分公司"
    assert punctuated("为 95%. 另有") == "为 95%。另有"
