from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from insights import connect
from insights.params import ROOT, load_yaml
from insights.tables import (
    CANONICAL,
    RegionError,
    SourceError,
    as_date,
    data_dictionary,
    leaves,
    sources,
)
from insights.tables.remembered import remembered

CUSTOMERS = pd.DataFrame({"customer_id": ["001", "002"], "region_id": ["0012", "east"]})
ORDERS = pd.DataFrame(
    {
        "order_id": ["01", "02"],
        "customer_id": ["001", "002"],
        "ordered_on": ["2024-01-02", "2024-03-01"],
        "amount": ["1.25", "3"],
    }
)


def test_every_reference_points_at_a_column():
    for table in CANONICAL.values():
        for column in table.columns:
            if column.references:
                target, name = column.references.split(".")
                assert CANONICAL[target].column(name).type == "id"


def test_every_table_has_a_key_and_its_dates_are_columns():
    for table in CANONICAL.values():
        assert table.key
        for name in (table.known_on, *table.learnt_later):
            assert name is None or table.column(name).type == "date"


def test_the_dictionary_on_disk_is_the_one_the_code_writes():
    headers = load_yaml(ROOT / "params" / "headers.yaml")["tables"]
    assert (ROOT / "data" / "README.md").read_text(encoding="utf-8") == data_dictionary(headers)


def test_header_synonyms_name_canonical_columns_only():
    for name, columns in load_yaml(ROOT / "params" / "headers.yaml")["tables"].items():
        assert set(columns) <= set(CANONICAL[name].schema), name


@pytest.mark.parametrize("kind", ["parquet", "csv", "duckdb"])
def test_every_kind_of_source_reads_the_same(tmp_path, kind):
    tables = connect(_source(tmp_path, kind))
    orders = tables["orders"].order_by("order_id").execute()
    assert orders.order_id.tolist() == ["01", "02"]
    assert orders.amount.tolist() == [Decimal("1.25"), Decimal("3.00")]
    assert orders.line_no.tolist() == [1, 1]
    assert tables.span() == (dt.date(2024, 1, 2), dt.date(2024, 3, 1))
    assert tables.leaves() == ["0012", "east"]


def test_a_hive_folder_keeps_region_ids_as_text(tmp_path):
    for region in ("0012", "east"):
        folder = tmp_path / "customers" / f"region_id={region}"
        folder.mkdir(parents=True)
        part = CUSTOMERS[CUSTOMERS.region_id == region].drop(columns="region_id")
        part.to_parquet(folder / "a.parquet", index=False)
    frame = connect(tmp_path)["customers"].order_by("customer_id").execute()
    assert frame.region_id.tolist() == ["0012", "east"]


def test_a_missing_table_is_an_empty_one_and_a_stated_gap(write_source):
    tables = connect(write_source(customers=CUSTOMERS))
    assert tables["visits"].execute().empty
    assert list(tables["visits"].columns) == list(CANONICAL["visits"].schema)
    assert tables.gap("visits").startswith("table visits is missing")
    assert tables.gap("customers", "beds", "region_id") == "customers: no column beds"
    assert tables.gap("customers", "region_id") is None


def test_every_missing_required_column_is_named_at_once(write_source):
    path = write_source(customers=CUSTOMERS[["region_id"]], orders=ORDERS[["order_id"]])
    with pytest.raises(SourceError) as caught:
        connect(path)
    assert "customers: required column customer_id" in str(caught.value)
    assert "orders: required column customer_id, ordered_on, amount" in str(caught.value)


def test_the_overview_counts_what_was_known(write_source):
    tables = connect(write_source(customers=CUSTOMERS, orders=ORDERS))
    shown = tables.overview(("orders", "visits"), "2024-02-01")
    assert shown.rows.tolist() == [1, 0]
    assert shown.note[1].startswith("missing")
    late = tables.overview(("orders",), "2024-12-31")
    assert late.note[0] == "ends 305 days before as_of"


def test_the_data_key_follows_content(write_source, tmp_path):
    first = connect(write_source("a", customers=CUSTOMERS)).data_key
    again = connect(write_source("b", customers=CUSTOMERS)).data_key
    other = connect(write_source("c", customers=CUSTOMERS.assign(region_id="west"))).data_key
    assert first == again != other
    swapped = CUSTOMERS.assign(region_id=CUSTOMERS.region_id.to_numpy()[::-1])
    keys = {
        connect(_database(tmp_path / f"{n}.duckdb", frame)).data_key
        for n, frame in enumerate((CUSTOMERS, swapped))
    }
    assert len(keys) == 2


def test_a_file_is_read_for_its_key_once_until_it_changes(write_source, tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHTS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("insights.tables.remembered.YOUNG_SECONDS", -1)
    read, file_hash = [], sources._file_hash
    monkeypatch.setattr(sources, "_file_hash", lambda path: read.append(path) or file_hash(path))
    folder = write_source(customers=CUSTOMERS)
    file, first = folder / "customers.parquet", connect(folder).data_key
    assert (connect(folder).data_key, len(read)) == (first, 1)
    was = file.stat()
    file.write_bytes(file.read_bytes().replace(b"east", b"west"))
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))  # the same size and time of change
    assert connect(folder).data_key != first
    for kept in (tmp_path / "cache" / "digests").iterdir():
        assert str(folder) not in kept.read_text()
        kept.write_text("{cut short")
    assert (connect(folder).data_key != first, len(read)) == (True, 3)


def test_a_young_file_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHTS_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "a.parquet"
    file.write_bytes(b"1")
    assert remembered(file, "what?", lambda: "one") == "one"
    assert remembered(file, "what?", lambda: "two") == "two"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere", "insights demo"),
        ("postgresql://user:secret@host/db", "a URL is not accepted"),
        (" postgresql://user:secret@host/db", "a URL is not accepted"),
        ("postgresql:user:secret@host", "a URL is not accepted"),
        ("host=h user=u password=secret", "a URL is not accepted"),
        ("md:db?token=secret", "a URL is not accepted"),
    ],
)
def test_a_source_that_is_not_there_says_what_to_do(source, words):
    with pytest.raises(SourceError, match=words) as caught:
        connect(source)
    assert "secret" not in str(caught.value)


def test_an_empty_folder_is_no_source(tmp_path):
    with pytest.raises(SourceError, match="none of the canonical tables"):
        connect(tmp_path)


def test_regions_form_a_tree():
    tree = pd.DataFrame(
        {"region_id": ["g", "a", "0012", "b"], "parent_id": [None, "g", "g", None]}, dtype="str"
    )
    assert leaves(tree) == ["a", "0012", "b"]
    assert leaves(tree, "g") == ["a", "0012"]
    assert leaves(tree, "0012") == ["0012"]
    with pytest.raises(RegionError, match="known: g, a, 0012, b"):
        leaves(tree, "12")
    with pytest.raises(RegionError, match=r'12 is not text .*write region: "0012"'):
        leaves(tree, 12)


@pytest.mark.parametrize(
    "value", ["2024-02-29", dt.date(2024, 2, 29), pd.Timestamp("2024-02-29 13:00")]
)
def test_a_day_can_be_said_in_three_ways(value):
    assert as_date(value) == dt.date(2024, 2, 29)


@pytest.mark.parametrize("value", ["2024-02-30", "yesterday", 20240229, None, pd.NaT])
def test_what_is_no_day_is_refused(value):
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        as_date(value)


def _source(tmp_path, kind):
    if kind == "duckdb":
        return _database(tmp_path / "company.duckdb", CUSTOMERS, ORDERS)
    for name, frame in (("customers", CUSTOMERS), ("orders", ORDERS)):
        getattr(frame, f"to_{kind}")(tmp_path / f"{name}.{kind}", index=False)
    return tmp_path


def _database(path, customers, orders=ORDERS):
    with duckdb.connect(path) as engine:
        engine.register("c", customers)
        engine.register("o", orders)
        engine.execute("create table customers as from c; create table orders as from o")
    return path


def test_a_mistyped_date_does_not_become_the_last_day(write_source):
    days = pd.date_range("2024-01-01", periods=300, freq="D")
    ids = [f"O{n}" for n in range(301)]
    dated = [*days, pd.Timestamp("2052-03-01")]
    orders = pd.DataFrame({"order_id": ids, "customer_id": "C1", "ordered_on": dated})
    customers = pd.DataFrame({"customer_id": ["C1"], "region_id": "east"})
    tables = connect(write_source(orders=orders.assign(amount=1.0), customers=customers))
    assert tables.span() == (dt.date(2024, 1, 1), days[-1].date())
