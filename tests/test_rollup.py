"""Regions add up to the company: sums to the cent, tables row by row, and the index says so."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from insights import connect, load_params
from insights.calls import review_calls
from insights.delinquency import predict_delinquency, review_receivables
from insights.params import DelinquencyParams
from insights.report.index import write_index
from insights.report.manifest import Entry, Manifest
from insights.report.rollup import roll_up
from insights.report.tasks import Setting
from insights.segmentation import review_customers
from insights.store import cached, save
from insights.strategy import review_strategies
from insights.tables import as_date
from insights.tables.totals import by_region, in_all, in_cents, side_by_side
from insights.targets import review_targets
from small_company import LAST, company, written

AS_OF = "2025-12-31"
TREE = pd.DataFrame(
    {
        "region_id": ["cn", "east", "west", "north"],
        "region_name": ["China", "East", "West", "<b>North"],
        "parent_id": [None, "cn", "cn", None],
    }
)
HERE = {"east": {"items": 2, "open": "10.10"}, "west": {"items": 1, "open": "0.20"},
        "north": {"items": 0, "open": "0.00"}}  # fmt: skip


def entry(analysis, region, error=""):
    return Entry(analysis, region, region, "k", "s", "l", error, 1.0, ())


def said(by_region):
    """Return what a result.json says of totals, the sums worked out with Decimal."""
    names = list(next(iter(by_region.values())))
    parts = {name: {one: held[name] for one, held in by_region.items()} for name in names}
    money = {name: sum(map(Decimal, map(str, held.values()))) for name, held in parts.items()}
    whole = {"items": int(money["items"]), "open": f"{money['open']:.2f}"}
    return {"status": "ok", "totals": whole, "totals_by_region": parts}


def pack(*left_out, whole=HERE, group=None, **odd):
    """Return a manifest and results of one analysis: all, China when given, and the leaves."""
    found = {"all": said(whole), **{one: said({one: held}) for one, held in HERE.items()}, **odd}
    found |= {} if group is None else {"cn": said(group)}
    kept = {("books", one): result for one, result in found.items() if one not in left_out}
    return Manifest({key: entry(*key) for key in kept}), kept


def rolled(*left_out, **parts):
    return roll_up(*pack(*left_out, **parts), TREE)


def only(total):
    """Return the one sum of money that does not agree, as text."""
    (found,) = [one for one in total.differing if one.name == "open"]
    return [*found.shown, found.why]


# --- the sums, known answers


def test_regions_that_add_up_are_one_quiet_line():
    found = rolled(group={"east": HERE["east"], "west": HERE["west"]})
    assert str(found) == "4 sums of 1 analyses agree to the cent over 3 regions."
    assert (found.differing, found.unchecked) == ((), ())
    wholes = [(one.region_name, one.name, one.whole, one.parts) for one in found.totals]
    assert wholes == [
        ("all regions", "items", 3, 3),
        ("all regions", "open", Decimal("10.30"), Decimal("10.30")),
        ("China", "items", 3, 3),
        ("China", "open", Decimal("10.30"), Decimal("10.30")),
    ]


@pytest.mark.parametrize(
    ("region", "why"),
    [
        ("", "1,234.57 without a region"),
        ("cn", "1,234.57 booked on China itself, above the regions"),
        ("gone", "1,234.57 in region gone, which the table regions does not hold"),
    ],
)
def test_what_belongs_to_no_leaf_is_a_difference_with_its_reason(region, why):
    found = rolled(whole={**HERE, region: {"items": 1, "open": "1234.57"}})
    assert only(found) == ["1,244.87", "10.30", "1,234.57", why]
    assert str(found) == "2 of 2 sums over 3 regions do not agree:"
    assert not found.contradicts  # the data say so; no report is wrong


def test_a_report_that_tells_its_region_otherwise_is_named():
    odd = said({"east": {"items": 2, "open": "10.09"}})
    why = "East: 10.09 in its own report, 10.10 of it in that of all regions"
    assert rolled(east=odd).contradicts
    assert only(rolled(east=odd)) == ["10.30", "10.29", "0.01", why]


def test_a_report_that_holds_what_is_another_s_is_named():
    mixed = said({"east": HERE["east"]})
    mixed["totals_by_region"] = {"items": {"west": 2}, "open": {"west": "10.10"}}
    found = rolled(east=mixed)
    assert found.contradicts
    assert "East: its own report holds 10.10 of west" in " ".join(one.why for one in found.totals)


def test_two_wrongs_that_cancel_are_no_agreement():
    east, west = ({"items": 1, "open": "10.10"}, {"items": 2, "open": "0.20"})
    found = rolled(east=said({"east": east}), west=said({"west": west}))
    (total,) = found.differing
    assert (total.name, total.difference) == ("items", 0)
    assert "East: 1" in total.why and "West: 2" in total.why


def test_a_sum_that_its_own_parts_do_not_explain_is_said():
    told = said(HERE)
    told["totals"]["open"] = "99.00"
    assert only(rolled(all=told)) == ["99.00", "10.30", "88.70", "no region accounts for 88.70"]


def test_what_is_nowhere_known_agrees_and_is_no_number():
    unknown = {one: {"items": held["items"], "open": "0"} for one, held in HERE.items()}
    results = {one: said({one: held}) for one, held in unknown.items()} | {"all": said(unknown)}
    for result in results.values():
        result["totals"]["open"] = None
        result["totals_by_region"]["open"] = dict.fromkeys(result["totals_by_region"]["open"])
    assert rolled(**results).differing == ()


# --- what cannot be checked


def test_what_cannot_be_checked_is_named():
    assert rolled("east", "north").unchecked == (
        "books · all regions: regions that are not in this pack: East, <b>North",
    )
    manifest, results = pack()
    failed = Manifest({**manifest.entries, ("books", "west"): entry("books", "west", "Boom")})
    found = roll_up(failed, results, TREE)
    assert found.unchecked == ("books · all regions: reports that failed: West",)
    assert str(found) == "No sum could be checked."


@pytest.mark.parametrize(
    "totals", [None, {}, "x", {"open": "1.00"}, {"items": 2, "open": "NaN"},
               {"items": 2, "open": "many"}, {"items": 2, "open": 10.1}]
)  # fmt: skip
def test_a_region_without_the_same_sums_is_named(totals):
    found = rolled(east={**said({"east": HERE["east"]}), "totals": totals})
    assert found.unchecked == ("books · all regions: reports that do not hold the same sums: East",)


def test_a_company_without_sums_is_said_and_a_lone_region_needs_none():
    nothing = {"totals": {}, "totals_by_region": {}}
    assert "nothing in it adds up" in rolled(all=nothing).unchecked[0]
    assert "holds no sums" in rolled(all={}).unchecked[0]
    found = rolled("all")
    assert (found.totals, found.unchecked) == ((), ())


# --- adding up


def test_adding_up_is_exact_in_any_order():
    rng = np.random.default_rng(1)
    cents = rng.integers(-(10**12), 10**12, 2000)
    region = rng.choice(["a", "b", None], 2000)
    rows = pd.DataFrame({"region_id": region, "n": 1, "open_cents": cents})
    found = by_region(rows)
    pd.testing.assert_frame_equal(found, by_region(rows.sample(frac=1, random_state=2)))
    assert in_all(found).to_dict() == {"n": 2000, "open_cents": int(cents.sum())}
    assert found.open_cents[""] == cents[pd.isna(region)].sum()


def test_unknown_is_not_zero_and_nothing_is():
    rows = pd.DataFrame({"region_id": ["a", "b"], "loss_cents": in_cents(pd.Series([1.1, np.nan]))})
    found = by_region(rows)
    assert found.loss_cents["a"] == 110 and pd.isna(found.loss_cents["b"])
    assert pd.isna(in_all(found.loc[["b"]]).loss_cents)
    assert in_all(found.head(0)).loss_cents == 0
    other = by_region(pd.DataFrame({"region_id": ["c"], "n": [1]}))
    both = side_by_side([found, other])
    assert both.loss_cents["c"] == 0 and pd.isna(both.loss_cents["b"])
    assert both.n.to_dict() == {"a": 0, "b": 0, "c": 1}


def test_rows_of_a_source_without_regions_are_nowhere(tmp_path):
    assert by_region(pd.DataFrame({"n": [1, 1]})).n.to_dict() == {"": 2}
    frames = {one: frame for one, frame in company(n=300).items()
              if one not in ("customers", "regions")}  # fmt: skip
    result = predict_delinquency(connect(written(tmp_path / "s", frames)), LAST)
    found = result.totals()
    assert list(found.index) == [""] and found.open_items[""] == len(result.invoices) > 0


# --- from a company to the index


@pytest.fixture(scope="module")
def homeless(tmp_path_factory):
    """A pack of open items, saved as notebooks save them; four customers have no region."""
    folder = tmp_path_factory.mktemp("homeless")
    frames = company(n=300)
    customers = frames["customers"].copy()
    customers.loc[customers.index[:4], "region_id"] = None
    tables = connect(written(folder / "source", {**frames, "customers": customers}))
    result = predict_delinquency(tables, LAST, DelinquencyParams())
    for region in ("all", "china", "0012", "east", "bare"):
        save(result.for_region(region), folder / "pack" / region, tables, result.params)
    return folder / "pack", result, tables.regions


def index_of(path, tree, regions):
    keys = [("delinquency", region) for region in regions]
    setting = Setting(as_date(LAST), "s", "s", "base", "p", "d", "0.1", 60)
    write_index(path, Manifest({key: entry(*key) for key in keys}), setting, tree, {})
    return BeautifulSoup((path / "index.html").read_text(encoding="utf-8"), "html.parser")


def test_the_index_shows_a_difference_to_the_cent_and_why(homeless):
    path, result, tree = homeless
    lost = int(result.invoices.open_cents[result.invoices.region_id.isna()].sum())
    assert lost > 0
    page = index_of(path, tree, ["all", "china", "0012", "east", "bare"])
    (section,) = page.select("section.stale.rollup[role=note]")
    rows = [[cell.get_text() for cell in row.select("td")] for row in section.select("tbody tr")]
    (row,) = [row for row in rows if row[1] == "outstanding"]
    assert row[2] == "all regions"  # China, whose regions add up, is not among them
    assert row[5] == f"{lost / 100:,.2f}"
    assert row[6] == f"{lost / 100:,.2f} without a region"
    whole, parts = (Decimal(cell.replace(",", "")) for cell in row[3:5])
    assert whole * 100 == int(result.invoices.open_cents.sum())
    assert whole - parts == Decimal(lost) / 100
    assert "Do the regions add up to the company?" in section.select_one("h2")


def test_the_index_is_quiet_where_all_agrees_and_honest_of_the_rest(homeless):
    path, _result, tree = homeless
    page = index_of(path, tree, ["all", "china", "0012", "east"])
    assert page.select("section.failure, section.stale") == []
    lines = [one.get_text() for one in page.select("section.rollup li")]
    assert [line.rpartition(": ")[2] for line in lines] == ["Bare", "Bare"]
    whole = index_of(path, tree, ["china", "0012", "east", "bare"]).select_one("section.rollup")
    assert "agree to the cent over 3 regions" in whole.get_text()
    assert index_of(path, tree, ["east"]).select("section.rollup") == []


def test_reports_that_contradict_each_other_are_an_alert(homeless, tmp_path):
    path, _result, tree = homeless
    shutil.copytree(path, tmp_path / "pack")
    file = tmp_path / "pack" / "east" / "delinquency" / "result.json"
    told = json.loads(file.read_text("utf-8"))
    told["totals"]["open_items"] += 1
    file.write_text(json.dumps(told), encoding="utf-8")
    page = index_of(tmp_path / "pack", tree, ["all", "china", "0012", "east", "bare"])
    (section,) = page.select("section.failure.rollup[role=alert]")
    of = [row.select("td")[2].get_text() for row in section.select("tbody tr")]
    assert of.count("China") == 1 and "East: " in section.get_text()


def test_a_region_s_file_holds_its_own_sums_alone(homeless):
    path, result, _tree = homeless
    told = json.loads((path / "east" / "delinquency" / "result.json").read_text("utf-8"))
    own = result.invoices[result.invoices.region_id == "east"]
    assert told["totals"]["open_items"] == len(own)
    assert told["totals"]["outstanding"] == f"{Decimal(int(own.open_cents.sum())) / 100:.2f}"
    assert {one for held in told["totals_by_region"].values() for one in held} == {"east"}
    empty = json.loads((path / "bare" / "delinquency" / "result.json").read_text("utf-8"))
    assert empty["totals"]["open_items"] == 0 and empty["totals"]["outstanding"] == "0.00"
    assert set(empty["totals"]) == set(told["totals"])


# --- the demo company, every region and table

ROWS = {
    review_customers: (
        load_params().segmentation,
        ("assignments", "actions", "moves", "development", "white_space", "distributors"),
    ),
    review_receivables: (
        load_params().delinquency,
        ("invoices", "items", "limitation", "over_credit_limit", "promises", "unallocated",
         "control", "bills_held", "provision_items", "provision_since_last_month",
         "bad_debt_candidates", "written_off", "statutory_interest"),
    ),
    review_strategies: (load_params().strategy, ("units",)),
    review_targets: (load_params().targets, ("distributors", "overdue_reorders", "next_year")),
    review_calls: (
        load_params().calls,
        ("customers", "plans", "records", "off_plan", "open_needs", "stalled", "planned_visits"),
    ),
}  # fmt: skip
IDS = ("strategy_id", "unit_id", "role", "customer_id", "invoice_id", "instalment_no",
       "payment_id", "settlement_id", "product_line", "day", "source", "region_id", "group",
       "starts_on", "balance_on", "distributor_id", "product_id", "month", "rep_id", "period",
       "visit_type", "visit_id", "need_id")  # fmt: skip


@pytest.fixture(scope="module", params=ROWS, ids=lambda verb: verb.__name__)
def reviewed(request, demo):
    params, names = ROWS[request.param]
    return cached(request.param, demo, AS_OF, params), names


def keys_of(frame):
    """Return how often each key stands in a table."""
    columns = [name for name in IDS if name in frame]
    assert columns
    return Counter(map(tuple, frame[columns].astype("str").to_numpy()))


def test_tables_of_the_regions_together_are_the_company_s(reviewed, demo):
    review, names = reviewed
    whole = review.for_region("all").tables()
    slices = [review.for_region(region).tables() for region in demo.leaves()]
    for name in names:
        parts = [keys_of(one[name]) for one in slices]
        assert sum(parts, Counter()) == keys_of(whole[name]), name
        assert len(whole[name]) > 0 and set(keys_of(whole[name]).values()) == {1}, name


def test_sums_of_the_regions_are_the_company_s_to_the_cent(reviewed, demo):
    review, _names = reviewed
    whole = in_all(review.totals())
    parts = [in_all(review.for_region(region).totals()) for region in demo.leaves()]
    assert whole.notna().all() and len(whole) > 1
    assert {name: sum(part[name] for part in parts) for name in whole.index} == whole.to_dict()


def test_sums_are_the_figures_that_the_index_shows(reviewed):
    review, names = reviewed
    figures, tables = review.headline(), review.tables()
    half_cents = 0.005 * max(len(tables[name]) for name in names)
    compared = 0
    for name, value in in_all(review.totals()).items():
        said = name.removesuffix("_cents")
        figure = figures.get(said, figures.get(f"{said}_here"))
        if figure is None:
            continue
        compared += 1
        if name.endswith("_cents"):
            assert value / 100 == pytest.approx(figure, rel=0, abs=half_cents), name
        else:
            assert value == figure, name
    assert compared >= 2
