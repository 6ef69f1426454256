"""A source reached by a connection's name: no file or line of a batch tells what is behind it."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import quote

import nbformat
import pandas as pd
import pytest

from insights.params import ROOT
from insights.report import render
from insights.report.secrets import notebook_without_secrets, words_without_secrets
from insights.tables.connections import connection_of, find_connection
from insights.tables.sources import open_source
from planted_people import everything_in
from small_batch import AS_OF, PARAMETERS, SAVES, analysis, small_source

USER, PASSWORD, TOKEN = "zqkeeper", "zq/p@ss:9<w", "zqtoken77"
ADDRESS = f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1/zqbase?sslpassword={TOKEN}"
SECRETS = (USER, PASSWORD, quote(PASSWORD, safe=""), "zq/p@ss", TOKEN, "127.0.0.1:1", ADDRESS)
CONNECTION, VARIABLE = "connection:hq", "INSIGHTS_CONNECTION_HQ"
QUOTES = f"""
import os, sys
from urllib.parse import unquote
address = os.environ["{VARIABLE}"]
print("trying", address, file=sys.stderr)
print("reading", address)
raise OSError(f'connection to {{address}} failed: password authentication failed for '
              f'user "{{address[13:21]}}" with {{unquote(address[22:].split("@")[0])}}')
"""


def told(text):
    """Return which of the secrets a text holds."""
    return [one for one in SECRETS if one in text]


@pytest.fixture
def connected(tmp_path, monkeypatch):
    """A connection whose server does not answer, and in this process alone a source behind it."""
    folder = small_source_in(tmp_path / "source")
    monkeypatch.setenv(VARIABLE, ADDRESS)

    def opened(connection, names):
        found = open_source(folder, names)
        return found.engine, found.relations

    monkeypatch.setattr("insights.tables.sources.open_engine", opened)
    return tmp_path


def small_source_in(folder):
    folder.mkdir()
    return small_source(folder)


def test_the_search_finds_a_secret(tmp_path):
    (tmp_path / "page.html").write_text(f"<p>{ADDRESS}", encoding="utf-8")
    pd.DataFrame({"a": [PASSWORD]}).to_parquet(tmp_path / "a.parquet")
    assert {USER, PASSWORD, ADDRESS} <= set(told(everything_in(tmp_path)))


def test_a_batch_on_a_server_that_does_not_answer(tmp_path):
    analysis(tmp_path / "tiny.ipynb", SAVES)
    words = [sys.executable, "-m", "insights", "report", str(tmp_path / "tiny.ipynb"), "--source",
             CONNECTION, "--as-of", AS_OF, "--to", str(tmp_path / "pack"), "--log",
             str(tmp_path / "log.jsonl")]  # fmt: skip
    env = {**os.environ, VARIABLE: ADDRESS}
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.returncode == 1 and "'hq'" in done.stderr
    assert told(done.stdout + done.stderr + everything_in(tmp_path)) == []


def test_a_batch_by_name_leaves_the_name_only(connected, capfd):
    book = analysis(connected / "tiny.ipynb", SAVES)
    batch = render([str(book)], None, AS_OF, CONNECTION, to=connected / "pack", jobs=1,
                   log=connected / "pack" / "log.jsonl")  # fmt: skip
    said = everything_in(connected / "pack") + "".join(capfd.readouterr())
    assert batch.failures == () and batch.made == 3
    assert "log.jsonl" in said and CONNECTION in said
    assert told(said) == []


def test_an_engine_that_cannot_be_reached_from_the_kernel(connected, capfd):
    book = analysis(connected / "tiny.ipynb", "from insights import connect\nconnect(source)")
    said = batch_of(book, connected, capfd)
    assert "SourceError" in said and "cannot be opened" in said
    assert told(said) == []


def test_an_error_that_quotes_the_address(connected, capfd):
    said = batch_of(analysis(connected / "tiny.ipynb", QUOTES), connected, capfd)
    assert "OSError: connection to ***" in said and "trying ***" in said
    assert told(said) == []


def batch_of(book, base, capfd):
    """Return all that a batch leaves and says whose only notebook fails."""
    batch = render([str(book)], ["all"], AS_OF, CONNECTION, to=base / "pack", jobs=1,
                   log=base / "pack" / "log.jsonl")  # fmt: skip
    assert len(batch.failures) == 1
    said = everything_in(base / "pack") + str(batch) + "".join(capfd.readouterr())
    assert said.count(batch.failures[0].error) > 2 and "tiny.ipynb" in said
    return said


def test_a_duckdb_file_by_name_shows_no_path(tmp_path, monkeypatch):
    import duckdb

    source, hidden = small_source_in(tmp_path / "source"), tmp_path / "zqkeeper.duckdb"
    with duckdb.connect(str(hidden)) as base:
        for path in source.glob("*.parquet"):
            base.execute(f"CREATE TABLE {path.stem} AS FROM '{path}'")
    monkeypatch.setenv(VARIABLE, str(hidden))
    reads = "from insights import connect\nconnect(source).overview(('orders',), as_of)"
    book = analysis(tmp_path / "tiny.ipynb", reads, SAVES)
    batch = render([str(book)], ["all"], AS_OF, CONNECTION, to=tmp_path / "pack", jobs=1)
    assert batch.failures == ()
    assert told(everything_in(tmp_path / "pack")) == []


@pytest.mark.parametrize(
    "words",
    [
        f"could not connect to {ADDRESS}",
        f'FATAL: password authentication failed for user "{USER}"',
        f"user={USER} password={PASSWORD} host=127.0.0.1",
        f"sslpassword {TOKEN}; {quote(PASSWORD, safe='')}",
        f"two lines:\n{ADDRESS}\n",
    ],
)
def test_an_engine_s_words(words, monkeypatch):
    monkeypatch.setenv(VARIABLE, ADDRESS)
    hidden = words_without_secrets(words, CONNECTION)
    assert told(hidden) == [] and "***" in hidden and "127.0.0.1" not in hidden
    assert words_without_secrets(words, "data/demo") == words


def test_a_user_alone_and_a_word_of_a_word(monkeypatch):
    monkeypatch.setenv(VARIABLE, "postgresql://read@server/base")
    found = find_connection("hq")
    assert found.without_secrets("read: already at server") == "***: already at ***"
    assert found.without_secrets("at postgresql://read@server/base") == "at ***"


def test_only_outputs_are_cleaned(monkeypatch):
    monkeypatch.setenv(VARIABLE, "postgresql://source:outputs@server/base")
    cell = nbformat.v4.new_code_cell("source = outputs", outputs=[
        nbformat.v4.new_output("stream", name="stdout", text="the source, outputs"),
        nbformat.v4.new_output("error", ename="E", evalue="source", traceback=["at source"]),
    ])  # fmt: skip
    book = nbformat.v4.new_notebook(cells=[cell])
    clean = notebook_without_secrets(book, CONNECTION)
    nbformat.validate(clean)
    assert clean.cells[0].source == "source = outputs"
    assert clean.cells[0].outputs[0].text == "the source, ***"
    assert clean.cells[0].outputs[1].traceback == ["at ***"]
    assert book.cells[0].outputs[0].text == "the source, outputs"


def test_a_path_is_no_connection(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, ADDRESS)
    assert connection_of(str(tmp_path)) is None and connection_of("data/nowhere") is None
    assert connection_of("hq").name == connection_of(CONNECTION).name == "hq"
    assert "source" in PARAMETERS


@pytest.mark.parametrize(
    "words",
    [
        "\x1b[31mSecret123\x1b[39m",
        "\x1b[31mSec\x1b[32mret\x1b[39m123",
        r"a\nSecret123",
        "密码Secret123错误",
        "xSecret123y",
        "_Secret123_",
    ],
)
def test_a_password_is_hidden_whatever_stands_beside_it(words, monkeypatch):
    monkeypatch.setenv(VARIABLE, "postgresql://reader:Secret123@db.corp/base")
    found = find_connection("hq")
    for hidden in (found.hidden(words), found.without_secrets(words)):
        assert "***" in hidden and "Sec" not in hidden and "123" not in hidden


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("用户reader连接到db.corp失败", "用户***连接到***失败"),
        ("\x1b[31mreader\x1b[39m at \x1b[1;32mdb.corp", "\x1b[31m***\x1b[39m at \x1b[1;32m***"),
        (r"'no\nreader\tdb.corp\x1b[31mreader'", r"'no\n***\t***\x1b[31m***'"),
        ("readers of xdb.corp2 proofreader", "readers of xdb.corp2 proofreader"),
        ("reader_1 at db.corp:5432", "***_1 at ***:5432"),
    ],
)
def test_a_user_and_a_host_are_words(words, hidden, monkeypatch):
    monkeypatch.setenv(VARIABLE, "postgresql://reader:Secret123@db.corp/base")
    assert find_connection("hq").hidden(words, names=True) == hidden


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("postgresql://usr:pw99@db1:5432,db2:5433/base", ["usr", "pw99", "db1", "db2"]),
        ("postgresql://usr:pw99@[fe80::1],[fe80::2]:5/base", ["fe80::1", "fe80::2"]),
        ("postgresql:///base?host=db1,db2&user=usr&password=pw%2B9", ["db1", "db2", "pw+9"]),
        ("postgresql://usr:pw?99@db1/base?sslmode=require", ["usr", "pw?99", "db1"]),
        ("postgresql://usr:pw/99zz@db1/base", ["usr", "pw/99zz", "pw", "99zz", "db1"]),
        ("spark:sc://h1:15002/;token=abc123tok;user_id=usr", ["h1", "abc123tok", "usr"]),
        ("spark:sc://h1/;token=abc123tok?schema=sales", ["h1", "abc123tok"]),
        ("spark:sc://h1;authorization=abc123tok", ["h1", "abc123tok"]),
    ],
)
def test_every_part_of_an_address(address, parts, monkeypatch):
    monkeypatch.setenv(VARIABLE, address)
    found = find_connection("hq")
    for part in parts:
        assert found.without_secrets(f"no ({part}) here") == "no (***) here"
    assert not [one for one in parts if one in found.without_secrets(f"at {address}!")]


def test_what_kind_an_output_is_and_a_picture_stay(monkeypatch):
    monkeypatch.setenv(VARIABLE, "postgresql://stdout:stream@server/base")
    picture = {"image/png": "astreamb", "text/plain": "a stream"}
    cell = nbformat.v4.new_code_cell("", outputs=[
        nbformat.v4.new_output("stream", name="stdout", text="a stream"),
        nbformat.v4.new_output("display_data", picture),
    ])  # fmt: skip
    clean = notebook_without_secrets(nbformat.v4.new_notebook(cells=[cell]), CONNECTION)
    nbformat.validate(clean)
    assert clean.cells[0].outputs[0].text == "a ***"
    assert clean.cells[0].outputs[1].data == picture | {"text/plain": "a ***"}


@pytest.mark.parametrize("now", ["others may read", "no yaml", "gone"])
def test_a_connection_that_cannot_be_read_any_more_tells_nothing(now, tmp_path, monkeypatch):
    own = tmp_path / "mine.yaml"
    own.write_text(f"hq: {ADDRESS}\n", encoding="utf-8")
    own.chmod(0o600)
    monkeypatch.setenv("INSIGHTS_CONNECTIONS", str(own))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert connection_of(CONNECTION).address == ADDRESS
    if now == "others may read":
        own.chmod(0o644)
    elif now == "no yaml":
        own.write_text("hq: [", encoding="utf-8")
    else:
        own.unlink()
    withheld = "(withheld: the connection hq cannot be read any more)"
    assert words_without_secrets(f"no: {ADDRESS}", CONNECTION) == withheld
    assert words_without_secrets("", CONNECTION) == ""
    cell = nbformat.v4.new_code_cell("", outputs=[
        nbformat.v4.new_output("stream", name="stderr", text=ADDRESS),
        nbformat.v4.new_output("stream", name="stdout", text="12 rows"),
        nbformat.v4.new_output("error", ename="E", evalue=ADDRESS, traceback=[USER, PASSWORD]),
    ])  # fmt: skip
    clean = notebook_without_secrets(nbformat.v4.new_notebook(cells=[cell]), CONNECTION)
    nbformat.validate(clean)
    said, kept, failed = clean.cells[0].outputs
    assert said.text == f"{withheld}\n" and kept.text == "12 rows"
    assert (failed.evalue, failed.traceback) == (withheld, [withheld])
    assert told(nbformat.writes(clean)) == []
