"""SQL is kept by what an expression says: never another's, never a connection, never a frame."""

from __future__ import annotations

import gc
import weakref

import ibis
import pandas as pd
import pytest
from ibis.backends.duckdb import Backend

from insights.tables import compiled
from insights.tables.compiled import Engine

SCHEMA = "CREATE TABLE t (a BIGINT, b DOUBLE, c VARCHAR, d DATE)"


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(compiled, "SQL", compiled.OrderedDict())


def opened(schema: str = SCHEMA) -> Engine:
    engine = Engine().connect()
    engine.raw_sql(schema)
    return engine


def asked(engine: Engine) -> dict[str, ibis.Expr]:
    t = engine.table("t")
    by = t.group_by("c").aggregate(n=t.count(), m=t.b.mean(where=t.a > 1))
    return {
        "rows": t.filter(t.d <= ibis.date("2025-01-01")),
        "later": t.filter(t.d <= ibis.date("2025-01-02")),
        "sums": by,
        "joined": by.inner_join(t, "c").drop("d"),
        "twice": t.view().inner_join(t, "a").select("a"),
        **{repr(one): t.mutate(x=ibis.literal(one)) for one in (1, 1.0, True, -0.0, 0.0, "1")},
        "one": t.a.max(),
    }


def test_what_is_kept_is_what_ibis_compiles():
    for _time in range(3):
        for name, expr in asked(engine := opened()).items():
            assert engine.compile(expr) == Backend.compile(engine, expr), name
            assert engine.compile(expr, limit=3) == Backend.compile(engine, expr, limit=3), name
    assert len(set(compiled.SQL.values())) == 2 * len(asked(opened()))


def test_what_looks_alike_on_another_connection_is_not_compiled_again(monkeypatch):
    first = {name: opened().compile(expr) for name, expr in asked(opened()).items()}
    monkeypatch.setattr(Backend, "compile", lambda *_args, **_more: pytest.fail("again"))
    again = asked(opened())
    del again["twice"]  # a view has a name of its own each time
    assert {name: opened().compile(expr) for name, expr in again.items()}.items() <= first.items()


def test_another_schema_is_another_expression():
    other = opened(SCHEMA.replace("a BIGINT", "a VARCHAR"))
    for engine in (opened(), other):
        expr = engine.table("t").select("a").limit(1)
        assert engine.execute(expr.mutate(x=expr.a.cast("string"))).empty
    assert len(compiled.SQL) == 2


def test_frames_are_compiled_each_time_and_connections_are_let_go():
    engine = opened()
    assert engine.execute(ibis.memtable(pd.DataFrame({"a": [1]}))).a.tolist() == [1]
    assert not compiled.SQL
    assert engine.execute(engine.table("t").count()) == 0 and compiled.SQL
    held = weakref.ref(engine)
    del engine
    gc.collect()
    assert held() is None


def test_no_more_are_kept_than_allowed(monkeypatch):
    monkeypatch.setattr(compiled, "KEPT", 2)
    t = (engine := opened()).table("t")
    for n in range(5):
        engine.compile(t.limit(n))
    assert len(compiled.SQL) == 2
