"""The quality of a source: known answers, empty tables, laws, and the page that shows it."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.check import check_quality, quality_lines
from insights.check.months import months_of
from insights.cli import main
from insights.params import GatesParams
from insights.report import write_quality_page
from insights.report.quality_page import quality_page
from insights.tables import connect

LAST = dt.date(2025, 6, 30)
EVIL = "华西医院<script>alert(1)</script>"


def days(first="2024-01-01", last="2025-06-30", a_day=2):
    return np.repeat(pd.date_range(first, last).date, a_day)


def orders(on, customer="1"):
    return pd.DataFrame(
        {
            "order_id": [f"O{n}" for n in range(len(on))],
            "customer_id": customer,
            "ordered_on": on,
            "amount": 10.0,
        }
    )


def payments(on):
    return pd.DataFrame(
        {"payment_id": [f"P{n}" for n in range(len(on))], "customer_id": "1", "paid_on": on,
         "amount": 5.0}
    )  # fmt: skip


def invoices(on, kind="invoice"):
    return pd.DataFrame(
        {"invoice_id": [f"I{n}" for n in range(len(on))], "customer_id": "1", "issued_on": on,
         "term_days": 30, "amount": 7.5, "kind": kind}
    )  # fmt: skip


@pytest.fixture
def master():
    return {
        "regions": pd.DataFrame({"region_id": ["E"], "region_name": ["华东"]}),
        "customers": pd.DataFrame({"customer_id": ["1", "2"], "region_id": "E", "name": ["a", ""]}),
    }


@pytest.fixture
def sound(write_source, master):
    on = days()
    return connect(write_source(**master, orders=orders(on), payments=payments(on)))


def state_of(found, table, month):
    rows = found.months[(found.months.table == table) & (found.months.month == month)]
    return rows.state.item(), rows.rows.item()


def test_a_sound_source_is_current_and_in_no_month_thin(sound):
    found = check_quality(sound)
    assert (found.as_of, found.as_of_is_last, found.held) == (LAST, True, ())
    assert set(found.months.state) == {""}
    row = found.tables.set_index("table").loc["orders"]
    assert (row["rows"], row["keys"], row["key"]) == (1094, 1094, "order_id")
    assert (row["first"], row["last"], row["behind"]) == (dt.date(2024, 1, 1), LAST, 0)
    assert row.amount == 10940.0
    filled = found.columns.set_index(["table", "column"]).filled
    assert filled["customers", "name"] == 0.5
    assert filled["customers", "beds"] == 0
    assert filled["orders", "amount"] == 1


def test_a_table_that_ends_early_is_stale(write_source, master):
    source = write_source(
        **master, orders=orders(days()), payments=payments(days(last="2025-04-15"))
    )
    found = check_quality(connect(source))
    assert [(one.table, one.kind) for one in found.held] == [("payments", "stale")]
    assert "2025-04-15, 76 days before 2025-06-30 (at most 45)" in found.held[0].words
    assert found.verdict.kind == "not usable"
    assert any("--accept-stale" in step for step in found.verdict.steps)
    assert state_of(found, "payments", "2025-05-01") == ("none", 0)


def test_a_last_month_with_few_rows_is_half_loaded(write_source, master):
    source = write_source(
        **master, orders=orders(days()), payments=payments(days(last="2025-06-12"))
    )
    found = check_quality(connect(source))
    assert [(one.table, one.kind) for one in found.held] == [("payments", "half loaded")]
    assert "2025-06 has 24 rows, 39% of a usual month (62)" in found.held[0].words
    earlier = check_quality(connect(source), "2025-06-12")
    assert earlier.held == ()
    assert state_of(earlier, "payments", "2025-06-01") == ("running", 24)


def test_an_as_of_long_after_the_data_makes_every_table_stale(sound):
    found = check_quality(sound, "2025-12-31")
    assert [one.table for one in found.held] == ["orders", "payments"]
    assert check_quality(sound, "2025-08-01").held[0].kind == "half loaded"


def test_flow_may_end_later_than_orders_but_not_much(write_source, master):
    on = days(last="2025-05-12")
    flow = pd.DataFrame(
        {"flow_id": [f"F{n}" for n in range(len(on))], "distributor_id": "1", "product_id": "p",
         "flowed_on": on, "quantity": 1.0}
    )  # fmt: skip
    source = connect(write_source(**master, orders=orders(days()), channel_flow=flow))
    held = check_quality(source).held
    assert [(one.table, one.kind) for one in held] == [("channel_flow", "half loaded")]
    assert "2025-05" in held[0].words
    assert check_quality(source, "2025-06-15").held == ()


def test_a_month_without_rows_and_one_with_few_are_gaps(write_source, master):
    on = pd.to_datetime(days())
    kept = ~((on >= "2024-08-01") & (on < "2024-09-01")) & ~(
        (on > "2025-02-05") & (on < "2025-03-01")
    )
    found = check_quality(connect(write_source(**master, orders=orders(on[kept].date))))
    assert state_of(found, "orders", "2024-08-01") == ("none", 0)
    assert state_of(found, "orders", "2025-02-01") == ("few", 10)
    assert found.held == ()
    assert any("2024-08, 2025-02" in reason for reason in found.verdict.reasons)


def test_what_is_still_growing_at_the_start_is_no_gap(write_source, master):
    on = np.concatenate([days("2024-01-01", "2024-03-31", 1)[::4], days("2024-04-01")])
    found = check_quality(connect(write_source(**master, orders=orders(on))))
    assert state_of(found, "orders", "2024-02-01")[0] == "opening"
    assert "none" not in set(found.months.state) | {"few"} - {"few"}


def test_faults_are_counted_by_rule_with_their_amounts(write_source, master):
    bought = orders(days())
    bought.loc[:29, "customer_id"] = EVIL
    found = check_quality(connect(write_source(**master, orders=bought)))
    rule = found.faults.iloc[0]
    assert (rule.table, rule.column, rule["count"], rule.amount) == (
        "orders",
        "customer_id",
        30,
        300,
    )
    assert len(rule.listed) == 20
    assert found.verdict.kind == "usable with gaps"


def test_unread_cells_make_a_source_unusable(tmp_path):
    text = "order_id,customer_id,ordered_on,amount\nA,1,soon,1\nB,1,2024-01-05,zwölf\n"
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    found = check_quality(connect(tmp_path))
    assert found.verdict.kind == "not usable"
    assert "orders.amount, orders.ordered_on" in found.verdict.reasons[0]
    assert found.months.set_index("state").rows.to_dict() == {"no date": 1, "running": 1}


def test_unknown_codes_are_told_and_no_fault(write_source, master):
    source = write_source(**master, invoices=invoices(days(), "形式发票"))
    found = check_quality(connect(source))
    assert found.codes.to_numpy().tolist() == [["invoices", "kind", "形式发票", 1094]]
    assert found.faults.empty


def test_empty_tables_and_single_rows_raise_nothing(write_source, master):
    none = orders(days()).head(0)
    found = check_quality(connect(write_source("none", **master, orders=none)))
    assert (found.as_of, found.held) == (None, ())
    assert found.tables.set_index("table").loc["orders", "rows"] == 0
    one = check_quality(connect(write_source("one", **master, orders=orders(days()[:1]))))
    assert (one.as_of, one.held) == (dt.date(2024, 1, 1), ())
    for result in (found, one):
        assert quality_lines(result)
        assert BeautifulSoup(quality_page(result), "html.parser").h1


def test_a_required_table_that_is_missing_is_held(sound):
    found = check_quality(sound, params=GatesParams(required=("visits",)))
    assert [(one.table, one.kind) for one in found.held] == [("visits", "missing")]
    with pytest.raises(ValueError, match="no such table: vists did you mean visits"):
        check_quality(sound, params=GatesParams(required=("vists",)))
    with pytest.raises(ValueError, match="customer_aliases hold no dated facts"):
        check_quality(sound, params=GatesParams(tables=("customer_aliases",)))


def test_a_database_gives_what_the_folder_gives(sound, tmp_path):
    path = tmp_path / "house.duckdb"
    with duckdb.connect(str(path)) as engine:
        for name in sound.opened.relations:
            file = tmp_path / "source" / f"{name}.parquet"
            engine.execute(f"create table {name} as from read_parquet('{file}')")
    folder, database = check_quality(sound), check_quality(connect(path))
    for name in ("tables", "months", "columns", "faults", "needs", "answers"):
        pd.testing.assert_frame_equal(getattr(folder, name), getattr(database, name))


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.none() | st.dates(dt.date(2023, 1, 1), dt.date(2026, 12, 31)), st.integers(1, 300),
        min_size=1, max_size=60,
    ),
    st.dates(dt.date(2023, 6, 1), dt.date(2026, 12, 31)),
)  # fmt: skip
def test_months_add_up_to_the_rows_and_stand_once_each(counts, as_of):
    index = pd.DatetimeIndex([pd.NaT if day is None else pd.Timestamp(day) for day in counts])
    found = pd.Series(list(counts.values()), index=index, dtype="int64").sort_index()
    span = (dt.date(2023, 6, 1), dt.date(2026, 3, 31))
    months = months_of("orders", found, span, as_of, GatesParams())
    assert months.rows.sum() == sum(counts.values())
    assert months.month.is_unique
    assert (months.rows[months.state == "none"] == 0).all()
    inside = months.month[~months.state.isin(["outside", "no date"])].sort_values()
    steps = inside.dt.to_period("M").astype("int64").diff().dropna()
    assert (steps == 1).all()


# --- the page


def test_the_page_stands_alone_and_escapes_what_the_data_say(write_source, master, tmp_path):
    bought = orders(days())
    bought.loc[:29, "customer_id"] = EVIL
    found = check_quality(connect(write_source(**master, orders=bought)))
    path = tmp_path / "质量.html"
    write_quality_page(found, path)
    text = path.read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert page.select("script, link, iframe, [src]") == []
    assert all(link["href"].startswith("#") for link in page.select("a"))
    assert "华西医院&lt;script&gt;" in text
    assert page.h1.get_text() == "Usable with gaps"
    assert "15 more of 30 rows" in page.get_text()
    assert len(page.select("svg rect.bar")) == 18
    assert quality_page(found) == text


def test_check_writes_the_page_and_keeps_its_exit_codes(write_source, master, tmp_path, capsys):
    source = str(write_source(**master, orders=orders(days())))
    page = tmp_path / "page.html"
    assert main(["check", "--source", source, "--html", str(page), "--as-of", "2026-06-30"]) == 0
    told = capsys.readouterr().out
    assert "Not usable" in told.splitlines()[0]
    assert "orders ends on 2025-06-30, 365 days before 2026-06-30" in told
    assert page.exists()
    assert main(["check", "--source", source, "--html", str(tmp_path / "no" / "page.html")]) == 1
    assert "no such folder" in capsys.readouterr().err
    assert main(["check", "--source", source, "--as-of", "soon"]) == 1


def test_a_fault_that_touches_much_of_a_table_is_told_first_and_the_command_names_the_profile(
    write_source,
):
    customers = pd.DataFrame({"customer_id": ["c1"], "region_id": ["r1"]})
    days = pd.date_range("2025-01-01", periods=40)
    invoices = pd.DataFrame(
        {
            "invoice_id": [f"i{n}" for n in range(40)], "customer_id": ["c1"] * 37 + ["nobody"] * 3,
            "issued_on": days, "due_on": days, "amount": [1.0] * 37 + [100.0] * 3,
        }
    )  # fmt: skip
    source = connect(write_source(customers=customers, invoices=invoices))
    found = check_quality(source, profile="zh").verdict
    share = 300 / 337
    assert any(f"{share:.0%} of invoices" in reason for reason in found.reasons)
    assert any("--profile zh" in step for step in found.steps)
    assert not any("--profile" in step for step in check_quality(source).verdict.steps)
