"""The same figures from DuckDB, PostgreSQL and Spark; the address of a server is never shown."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import ibis.expr.operations as ops
import nbformat
import pandas as pd
import pytest
from ibis.expr.types.core import Expr

import postgres_server
from insights import connect, load_params
from insights.params import ROOT
from insights.tables import CANONICAL, SourceError, Tables
from rough_company import DAY, differing, features, roughen

FEATURES = features()
NO_SERVER = "PostgreSQL is not installed: apt-get install postgresql"
NO_SPARK = "Spark is asked for by `make test-engines`, and needs Java 17"
needs_postgres = pytest.mark.skipif(postgres_server.programs() is None, reason=NO_SERVER)
asked_for = os.environ.get("INSIGHTS_TEST_ENGINES") == "1"
needs_spark = pytest.mark.skipif(not asked_for or shutil.which("java") is None, reason=NO_SPARK)

# What all three engines answer alike. Not on it, each for a measured reason: SemiJoin and AntiJoin
# (twice in one expression PostgreSQL is sent what it cannot read), First and Arbitrary (no such
# function in PostgreSQL, any row elsewhere), Mean (divides decimals otherwise), array and string
# aggregates, month intervals, Cast of bool to a number, Hash, any function of one engine's own.
ALLOWED = {
    "Abs", "Add", "Aggregate", "And", "Cast", "Coalesce", "Count", "CountDistinct", "CountStar",
    "DatabaseTable", "DateAdd", "DateDelta", "DateTruncate", "Distinct", "Divide", "DropColumns",
    "Equals", "Field", "Filter", "Floor", "FloorDivide", "Greater", "GreaterEqual", "Greatest",
    "IfElse", "InValues", "IntervalFromInteger", "IsNull", "JoinChain", "JoinLink", "JoinReference",
    "JoinTable", "Least", "Less", "LessEqual", "Limit", "Literal", "Max", "Min", "Multiply",
    "Negate", "Not", "NotEquals", "NotNull", "NullIf", "Or", "Project", "RowNumber", "SearchedCase",
    "SelfReference", "Sort", "SortKey", "Sqrt", "Strip", "Subtract", "Sum", "Union", "Uppercase",
    "WindowFunction",
}  # fmt: skip
JOINS = {"inner", "left", "cross"}
REFUSED_CASTS = [("boolean", "int64"), ("boolean", "float64")]


@pytest.fixture(scope="module")
def small_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company at an eighth of its size."""
    from insights.demo import simulate

    folder = tmp_path_factory.mktemp("small") / "demo"
    simulate(folder, 0.12)
    return folder


@pytest.fixture(scope="module")
def rough_dir(small_dir: Path) -> Path:
    return roughen(small_dir, small_dir.with_name("rough"))


@pytest.fixture(scope="module")
def rough(rough_dir: Path) -> Tables:
    return connect(rough_dir)


@pytest.fixture(scope="module")
def ours(rough: Tables) -> dict[str, tuple[pd.DataFrame, set[ops.Node]]]:
    """Every feature as DuckDB gives it, and the operations that were asked of it."""
    execute, found = Expr.execute, {}
    for name, feature in FEATURES.items():
        nodes: set[ops.Node] = set()

        def noted(self, nodes=nodes, **given):
            nodes.update(self.op().find(ops.Node))
            return execute(self, **given)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Expr, "execute", noted)
            found[name] = (feature(rough), nodes)
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[postgres_server.Server]:
    home = postgres_server.temporary_home()
    with postgres_server.running(home) as found:
        yield found
    shutil.rmtree(home.parent)


@pytest.fixture(scope="module")
def on_postgres(server, rough_dir) -> Iterator[Tables]:
    """The rough company, read by a user who may do nothing else."""
    postgres_server.load(postgres_server.create_database(server, "rough"), rough_dir)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_CONNECTION_ROUGH", server.reader_url("rough"))
        yield connect("connection:rough")


@needs_postgres
@pytest.mark.parametrize("name", FEATURES)
def test_no_cell_differs_on_postgres(ours, on_postgres, name):
    frame, _nodes = ours[name]
    assert len(frame)
    assert differing(frame, FEATURES[name](on_postgres)) == []


@needs_postgres
@pytest.mark.skipif(not asked_for, reason="whole reports are compared by `make test-engines`")
def test_the_reports_say_the_same_on_postgres(server, small_dir, monkeypatch):
    url = postgres_server.create_database(server, "small")
    postgres_server.load(url, small_dir)
    monkeypatch.setenv("INSIGHTS_CONNECTION_SMALL", url)
    both = connect(small_dir), connect("connection:small")
    for name, verb, params in _reports():
        ours, theirs = (_told(verb(tables, DAY, params)) for tables in both)
        assert ours.keys() == theirs.keys(), name
        assert [key for key in ours if differing(ours[key], theirs[key])] == [], name


@needs_postgres
def test_a_server_in_another_language_and_other_types_reads_the_same(server, monkeypatch):
    url = postgres_server.create_database(server, "typed")
    _run(url, "CREATE SCHEMA sales; SET search_path = sales",
         "CREATE TABLE customers (customer_id varchar(9), region_id char(4), beds numeric)",
         "INSERT INTO customers VALUES ('b', '0012', 3), ('B', '东区', NULL), ('é', '0012', 4)",
         "CREATE TABLE orders (order_id bigint, customer_id varchar(9), ordered_on timestamptz,"
         " amount numeric, quantity real)",
         "INSERT INTO orders VALUES (1, 'b', '2024-01-01 00:30+08', 1.5, 2.5)")  # fmt: skip
    monkeypatch.setenv("INSIGHTS_CONNECTION_TYPED", f"{url}?schema=sales")
    tables = connect("connection:typed")
    found = tables["customers"].order_by("customer_id").execute()
    assert found.customer_id.tolist() == ["B", "b", "é"]
    assert found.region_id.tolist() == ["东区", "0012", "0012"]
    order = tables["orders"].execute().iloc[0]
    assert (str(order.ordered_on)[:10], order.order_id) == ("2024-01-01", "1")
    assert tables["visits"].count().execute() == 0
    monkeypatch.setenv("INSIGHTS_CONNECTION_TYPED", f"{url}?schema=sales&timezone=UTC")
    assert str(connect("typed")["orders"].execute().ordered_on[0])[:10] == "2023-12-31"


@needs_postgres
def test_the_key_of_the_data_follows_what_stands_in_the_server(server, monkeypatch):
    url = postgres_server.create_database(server, "keyed")
    _run(url, "CREATE TABLE customers (customer_id text, region_id text)",
         "INSERT INTO customers VALUES ('1', 'east'), ('2', NULL)")  # fmt: skip
    monkeypatch.setenv("INSIGHTS_CONNECTION_KEYED", url)
    first, again = connect("connection:keyed").data_key, connect("connection:keyed").data_key
    _run(url, "UPDATE customers SET region_id = 'west' WHERE customer_id = '1'")
    assert first == again != connect("connection:keyed").data_key


@needs_postgres
def test_nothing_can_be_written(on_postgres):
    import psycopg

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        on_postgres.opened.engine.raw_sql("DELETE FROM orders")


@needs_postgres
def test_a_refusal_names_the_connection_and_no_secret(server, monkeypatch):
    wrong = server.url("rough", password="wr0ng:s3cret")
    cases = {
        wrong: "password authentication failed",
        server.url("nowhere"): "nowhere",
        server.url("postgres"): "none of the canonical tables",
        "postgresql://me:s3cret@127.0.0.1:1/x": "cannot be opened",
        "postgresql://me:s3cret@[bad/x": "cannot be opened",
        "postgresql://me@127.0.0.1:1/x?password=s3cret": "cannot be opened",
        "postgresql://me:s3cret@127.0.0.1:1/x?nonsense=s3cret": "cannot be opened",
    }
    for address, words in cases.items():
        monkeypatch.setenv("INSIGHTS_CONNECTION_HQ", address)
        with pytest.raises(SourceError, match=words) as caught:
            connect("connection:hq")
        assert "'hq'" in str(caught.value)
        assert not re.search("s3cret|postgresql://", str(caught.value))


@needs_postgres
def test_a_report_from_a_server_holds_no_part_of_its_address(server, on_postgres, tmp_path):
    from insights.report import render

    notebook = tmp_path / "from_server.ipynb"
    nbformat.write(_small_notebook(), notebook)
    batch = render([str(notebook)], ["all"], DAY, "connection:rough", to=tmp_path / "pack")
    assert batch.failures == ()
    written = [path for path in (tmp_path / "pack").rglob("*") if path.is_file()]
    assert len(written) > 2
    secrets = (postgres_server.READER_PASSWORD, "read-only%2520secret", f":{server.port}")
    for path in written:
        text = path.read_bytes().decode("utf-8", "replace")
        assert [one for one in secrets if one in text] == [], path
    assert "connection:rough" in (tmp_path / "pack" / str(DAY) / "index.html").read_text("utf-8")


def test_connections_are_found_by_name(rough_dir, tmp_path, monkeypatch):
    listed = tmp_path / "insights" / "connections.yaml"
    listed.parent.mkdir()
    listed.write_text(f"files: {rough_dir}\nserver: postgresql://me:s3cret@127.0.0.1:1/x\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert connect("connection:files").has("orders")
    with pytest.raises(SourceError, match="chmod 600"):
        connect("connection:server")
    listed.chmod(0o600)
    with pytest.raises(SourceError, match=r"cannot be opened|not installed") as caught:
        connect("connection:server")
    assert "s3cret" not in str(caught.value)
    monkeypatch.setenv("INSIGHTS_CONNECTION_SERVER", str(rough_dir))
    assert connect("connection:server").has("orders")


def test_a_connection_that_cannot_be_had_says_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(SourceError, match="INSIGHTS_CONNECTION_HEAD_OFFICE"):
        connect("connection:head-office")
    monkeypatch.setenv("INSIGHTS_CONNECTIONS", str(tmp_path / "mine.yaml"))
    (tmp_path / "mine.yaml").write_text("hq: [postgresql://me:s3cret@h/x\n")
    with pytest.raises(SourceError, match="no line is shown") as caught:
        connect("connection:hq")
    assert "s3cret" not in str(caught.value)
    monkeypatch.setenv("INSIGHTS_CONNECTION_HQ", "spark:local[1]?password=s3cret")
    with pytest.raises(SourceError, match="unknown options password"):
        connect("connection:hq")
    monkeypatch.setenv("INSIGHTS_CONNECTION_HQ", "mysql://me:s3cret@h/x")
    with pytest.raises(SourceError, match="names no folder") as caught:
        connect("connection:hq")
    assert "s3cret" not in str(caught.value)


def test_a_connection_shows_no_address(monkeypatch):
    from insights.tables.connections import find_connection

    monkeypatch.setenv("INSIGHTS_CONNECTION_HQ", "postgresql://me:a%20b@h/x?sslpassword=zz9")
    found = find_connection("hq")
    assert "a%20b" not in repr(found)
    words = found.without_secrets("no: a b, a%20b, zz9, postgresql://me:a%20b@h/x")
    assert words == "no: ***, ***, ***, ***"


@pytest.mark.parametrize("name", FEATURES)
def test_features_use_allowed_operations_alone(ours, name):
    nodes = ours[name][1]
    assert {type(node).__name__ for node in nodes} - ALLOWED == set()
    assert {node.how for node in nodes if isinstance(node, ops.JoinLink)} <= JOINS
    casts = {(str(n.arg.dtype), str(n.to)) for n in nodes if isinstance(n, ops.Cast)}
    assert casts.isdisjoint(REFUSED_CASTS)


def test_the_list_refuses_what_engines_answer_otherwise(rough):
    orders, customers = rough["orders"], rough["customers"]
    for odd in (
        orders.semi_join(customers, "customer_id"),
        orders.distinct(on="customer_id", keep="first"),
        orders.aggregate(orders.quantity.mean()),
        orders.select(orders.order_id.hash()),
    ):
        nodes = odd.op().find(ops.Node)
        names = {type(node).__name__ for node in nodes} - ALLOWED
        assert names or {n.how for n in nodes if isinstance(n, ops.JoinLink)} - JOINS


def test_features_write_no_sql_and_no_table_of_memory():
    texts = {path: path.read_text("utf-8") for path in (ROOT / "src/insights").rglob("*.py")}
    own = ROOT / "src" / "insights" / "tables" / "engines.py"
    rooms = ("features", "tables")
    wrong = [str(path) for path, text in texts.items()
             if path != own and path.relative_to(ROOT / "src/insights").parts[0] in rooms
             and re.search(r"\.sql\(|memtable|raw_sql|ibis\.udf|asof_join", text)]  # fmt: skip
    assert wrong == []


@pytest.fixture(scope="module")
def on_spark(rough_dir) -> Iterator[Tables]:
    pytest.importorskip("pyspark", reason="pyspark is not installed: make test-engines installs it")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_CONNECTION_LAKE", f"spark:local[2]?folder={rough_dir}")
        tables = connect("connection:lake")
        yield tables
        tables.opened.engine.disconnect()


@needs_spark
@pytest.mark.parametrize("name", FEATURES)
def test_no_cell_differs_on_spark(ours, on_spark, name):
    assert differing(ours[name][0], FEATURES[name](on_spark)) == []


@needs_spark
def test_the_reports_say_the_same_on_spark(small_dir, on_spark, monkeypatch):
    monkeypatch.setenv("INSIGHTS_CONNECTION_SMALL", f"spark:local[2]?folder={small_dir}")
    both = connect(small_dir), connect("connection:small")
    for name, verb, params in _reports():
        ours, theirs = (_told(verb(tables, DAY, params)) for tables in both)
        assert [key for key in ours if differing(ours[key], theirs[key])] == [], name


@needs_spark
def test_every_table_is_there_on_spark(on_spark):
    assert re.fullmatch("[0-9a-f]{16}", on_spark.data_key)
    assert all(on_spark.has(name) or name == "outcomes" for name in CANONICAL)


def _reports():
    from insights.calls import review_calls
    from insights.delinquency import review_receivables
    from insights.segmentation import review_customers
    from insights.strategy import review_strategies
    from insights.targets import review_targets

    params = load_params("base")
    return [
        ("segmentation", review_customers, params.segmentation),
        ("delinquency", review_receivables, params.delinquency),
        ("strategy", review_strategies, params.strategy),
        ("targets", review_targets, params.targets),
        ("calls", review_calls, params.calls),
    ]


def _told(result) -> dict[str, pd.DataFrame]:
    """Return everything a report says, as frames."""
    headline = json.dumps({key: repr(value) for key, value in result.headline().items()})
    words = pd.DataFrame({"sentence": [str(result)], "status": result.status, "all": headline})
    return result.tables() | {"words": words, "checks": result.check()}


def _run(url: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as session:
        for statement in statements:
            session.execute(statement)


def _small_notebook() -> nbformat.NotebookNode:
    given = 'region = "all"\nas_of = ""\nsource = ""\nprofile = "base"\nsave_to = None'
    asked = ("from insights import connect\ntables = connect(source)\n"
             "print(tables, tables.source, tables.data_key, vars(tables.opened.engine).keys())\n"
             'tables["orders"].count().execute()')  # fmt: skip
    made = nbformat.v4
    cells = [made.new_code_cell(given, metadata={"tags": ["parameters"]}),
             made.new_markdown_cell("# From a server"), made.new_code_cell(asked)]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
