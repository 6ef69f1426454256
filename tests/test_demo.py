"""The demo company: its shape, its consistency, and that its planted truths are really in it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from insights.demo import DEFAULT_SEED, simulate
from insights.demo.write import ARROW_TYPES
from insights.tables import CANONICAL, connect

LAST = np.datetime64("2025-12-31", "D")
FORWARD = {"due_on", "promised_on", "next_on", "bill_matures_on", "contract_to_on", "expires_on",
           "licence_to_on", "until_on"}  # fmt: skip
WRITTEN = sorted(set(CANONICAL) - {"outcomes"})
LEAVES = ["central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("small") / "demo"
    simulate(to, scale=0.2, seed=7)
    return to


@pytest.fixture(scope="module")
def read(demo_dir: Path):
    @cache
    def table(name: str) -> pd.DataFrame:
        frame = pq.read_table(demo_dir / f"{name}.parquet").to_pandas()
        for column in ("amount", "list_price", "unit_price", "balance"):
            if column in frame and frame[column].dtype == object:
                frame[column] = [None if v is None else round(v * 100) for v in frame[column]]
        dates = [c for c in frame if c.endswith("_on") or c in ("period", "month", "date")]
        return frame.assign(**{c: pd.to_datetime(frame[c]) for c in dates})

    return table


def digest(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("*.parquet"))
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@pytest.mark.parametrize("name", WRITTEN)
def test_columns_and_types_are_the_canonical_ones(demo_dir: Path, name: str) -> None:
    schema = pq.read_schema(demo_dir / f"{name}.parquet")
    wanted = [(c, ARROW_TYPES[kind]) for c, kind in CANONICAL[name].schema.items()]
    assert [(field.name, field.type) for field in schema] == wanted


@pytest.mark.parametrize("name", WRITTEN)
def test_keys_are_unique_and_required_columns_filled(demo_dir: Path, name: str) -> None:
    table = pq.read_table(demo_dir / f"{name}.parquet")
    key = table.select(list(CANONICAL[name].key)).to_pandas()
    assert len(table) > 0
    assert not key.duplicated().any()
    assert {c: table[c].null_count for c in CANONICAL[name].required} == dict.fromkeys(
        CANONICAL[name].required, 0
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_references_codes_and_ranges_hold(demo_dir: Path, name: str) -> None:
    table = pq.read_table(demo_dir / f"{name}.parquet")
    for column in CANONICAL[name].columns:
        values = pc.drop_null(table[column.name])
        if column.references:
            other, key = column.references.split(".")
            known = pq.read_table(demo_dir / f"{other}.parquet", columns=[key])[key]
            assert pc.all(pc.is_in(values, value_set=known.combine_chunks())).as_py() in (
                True,
                None,
            )
        if column.codes:
            assert set(pc.unique(values).to_pylist()) <= set(column.codes)
        if column.low is not None and len(values):
            assert column.low <= pc.min(values).as_py() <= pc.max(values).as_py() <= column.high


def test_the_company_is_as_large_as_promised(read, demo_dir: Path) -> None:
    kinds = read("customers").customer_type.value_counts()
    regions = read("regions")
    assert sorted(regions.region_id[regions.parent_id.notna()]) == LEAVES
    assert set(regions.parent_id.dropna()) == {"cn-north", "cn-south"}
    assert kinds["hospital"] >= 700 and kinds["distributor"] == 60 == len(read("distributors"))
    assert set(read("customers").hospital_level.dropna().str[0]) == {"3", "2", "1", "c"}
    assert (len(read("reps")), len(read("products")), len(read("strategies"))) == (40, 80, 5)
    assert read("orders").ordered_on.dt.to_period("M").nunique() == 36
    assert sum(f.stat().st_size for f in demo_dir.rglob("*.parquet")) < 40e6


def test_it_opens_as_a_source(demo_dir: Path) -> None:
    tables = connect(demo_dir)
    assert sorted(tables.leaves("all")) == LEAVES
    assert tables.gap("invoices", "due_on") is None


def test_no_fact_is_dated_after_the_last_day(demo_dir: Path) -> None:
    late = {}
    for name in set(WRITTEN) - {"calendar"}:
        table = pq.read_table(demo_dir / f"{name}.parquet")
        for field in table.schema:
            if pa.types.is_temporal(field.type) and field.name not in FORWARD:
                last = pc.max(table[field.name]).as_py()
                ahead = name == "absences"  # leave is announced ahead
                if last is not None and np.datetime64(last, "D") > LAST and not ahead:
                    late[name, field.name] = last
    assert late == {}


def test_the_same_seed_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "again", scale=0.2, seed=7)
    simulate(tmp_path / "other", scale=0.2, seed=8)
    again, other = digest(tmp_path / "again"), digest(tmp_path / "other")
    assert again == digest(small)
    assert sum(again[name] != other[name] for name in again) > 20


def test_scale_multiplies_customers_and_leaves_eight_regions(small: Path, read) -> None:
    customers = pq.read_table(small / "customers.parquet").to_pandas()
    hospitals = (customers.customer_type == "hospital").sum()
    full = (read("customers").customer_type == "hospital").sum()
    assert hospitals == pytest.approx(0.2 * full, rel=0.03)
    assert sorted(customers.region_id.unique()) == LEAVES


def test_an_old_company_is_replaced_whole_and_a_failure_leaves_it(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "demo"
    (to / "truth").mkdir(parents=True)
    (to / "stale.parquet").write_text("old")

    def broken(*arguments: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr("insights.demo.write._save", broken)
        simulate(to, scale=0.1, seed=1)
    assert [p.name for p in tmp_path.iterdir()] == ["demo"] and (to / "stale.parquet").exists()
    simulate(to, scale=0.1, seed=1)
    assert [p.name for p in tmp_path.iterdir()] == ["demo"] and not (to / "stale.parquet").exists()


@pytest.mark.parametrize("scale", [0, -1, float("nan")])
def test_a_scale_that_is_not_positive_is_refused(scale: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scale"):
        simulate(tmp_path / "demo", scale=scale, seed=DEFAULT_SEED)
    assert list(tmp_path.iterdir()) == []


def test_the_ledger_ties_out_to_the_cent(read) -> None:
    region = read("customers").set_index("customer_id").region_id
    invoices, payments, writeoffs = read("invoices"), read("payments"), read("writeoffs")
    payer = invoices.drop_duplicates("invoice_id").set_index("invoice_id").customer_id
    moves = pd.concat(
        [
            pd.DataFrame({"r": invoices.customer_id.map(region), "on": invoices.issued_on,
                          "cents": invoices.amount}),
            pd.DataFrame({"r": payments.customer_id.map(region), "on": payments.paid_on,
                          "cents": -payments.amount}),
            pd.DataFrame({"r": writeoffs.invoice_id.map(payer).map(region),
                          "on": writeoffs.written_off_on, "cents": -writeoffs.amount}),
        ]
    )  # fmt: skip
    control = read("ledger_control")
    assert len(control) == 8 * 37
    for day, balances in control.groupby("balance_on"):
        own = moves[moves.on <= day].groupby("r").cents.sum()
        assert (balances.set_index("region_id").balance.astype(int) == own).all()


def test_stock_follows_from_shipments_and_sell_through(read) -> None:
    stock = read("stock").assign(month=lambda f: f.counted_on.dt.to_period("M"))
    level = stock.pivot_table(index=["holder_id", "product_id"], columns="month", values="quantity")
    orders = read("orders")
    moved = orders[orders.channel.isin(["distributor", "return"])]
    keys = ["customer_id", "product_id", moved.ordered_on.dt.to_period("M").rename("month")]
    shipped = moved.groupby(keys).quantity.sum().unstack(fill_value=0)
    flow = read("channel_flow")
    keys = ["distributor_id", "product_id", flow.flowed_on.dt.to_period("M").rename("month")]
    sold = flow.groupby(keys).quantity.sum().unstack(fill_value=0)
    change = level.diff(axis=1).iloc[:, 1:]
    net = shipped.reindex(change.index, fill_value=0) - sold.reindex(change.index, fill_value=0)
    assert (level >= 0).all(axis=None)
    pd.testing.assert_frame_equal(change, net, check_names=False, check_freq=False)


def test_shipments_run_ahead_of_sell_through_at_quarter_ends(read) -> None:
    orders, flow = read("orders"), read("channel_flow")
    moved = orders[orders.channel.isin(["distributor", "return"])]
    shipped = moved.groupby(moved.ordered_on.dt.to_period("M")).amount.sum()
    ratio = shipped / flow.groupby(flow.flowed_on.dt.to_period("M")).amount.sum()
    quarter_end = ratio.index.month % 3 == 0
    assert ratio[quarter_end].mean() > 1.1 and (ratio[quarter_end] > 1.05).all()
    assert (ratio[~quarter_end] < 1).all()


def test_most_hospital_demand_passes_through_distributors(read) -> None:
    orders, flow = read("orders"), read("channel_flow")
    direct = orders[orders.channel.isin(["direct", "equipment"])].amount.sum()
    assert flow.amount.sum() / (flow.amount.sum() + direct) > 0.8
    blank = flow.customer_id.isna()
    assert 0.02 < blank.mean() < 0.04 and flow.raw_name[blank].notna().all()


def test_the_procurement_cut_is_a_price_cut_on_one_line(read) -> None:
    products, flow = read("products").set_index("product_id"), read("channel_flow")
    won = products.index[products.vbp_status == "won"]
    assert products.loc[won].product_line.nunique() == 1
    assert (products.loc[won].vbp_on == pd.Timestamp("2024-09-01")).all()
    after = flow.flowed_on >= "2024-09-01"
    relative = flow.amount / flow.quantity / flow.product_id.map(products.list_price)
    mine = flow.product_id.isin(won)
    assert relative[mine & after].mean() == pytest.approx(0.45, abs=0.005)
    assert relative[~(mine & after)].mean() == pytest.approx(1.0, abs=0.005)


def test_equipment_is_bought_once_in_years(read) -> None:
    orders = read("orders").merge(read("products")[["product_id", "category"]])
    bought = orders[orders.category == "equipment"].groupby("customer_id").order_id.nunique()
    assert bought.median() <= 3
    instalments = read("invoices").groupby("invoice_id").instalment_no.max()
    assert (instalments == 3).sum() > 100


def test_workdays_are_the_chinese_ones(read) -> None:
    calendar = read("calendar").set_index("date")
    assert calendar.holiday["2024-02-12"] == calendar.holiday["2025-01-29"] == "春节"
    assert calendar.is_workday["2024-02-04"] and not calendar.is_workday["2025-10-01"]
    assert not calendar.is_workday.loc["2023-01-01":"2025-12-31"].isna().any()
    visits = read("visits")
    assert calendar.is_workday.reindex(visits.visited_on).all()


def test_every_kind_of_receivable_event_is_there(read) -> None:
    invoices, payments, dunning = read("invoices"), read("payments"), read("dunning")
    assert set(invoices.kind) == {"invoice", "credit_note", "opening", "retention"}
    notes = invoices[invoices.kind == "credit_note"]
    assert (notes.amount < 0).all() and notes.credits_invoice_id.notna().all()
    assert (invoices[invoices.kind == "opening"].issued_on < "2023-01-01").all()
    assert payments.invoice_id.isna().any() and (payments.amount < 0).any()
    assert set(payments.method) >= {"transfer", "bill", "insurance_fund"}
    assert (payments.bill_matures_on.notna() == (payments.method == "bill")).all()
    assert invoices.disputed_from_on.notna().sum() > 100
    assert 25_000 <= len(invoices) <= 40_000
    settled = read("truth/invoices").set_index(["invoice_id", "instalment_no"]).settled_on
    promised = dunning[dunning.promised_on.notna()].drop_duplicates("invoice_id")
    kept = settled.groupby("invoice_id").max().reindex(promised.invoice_id).to_numpy()
    assert 0.1 < (kept <= promised.promised_on.to_numpy()).mean() < 0.7


def test_payments_settle_what_the_truth_says_is_settled(read) -> None:
    truth = read("truth/invoices")
    keys = ["invoice_id", "instalment_no"]
    truth = truth[~truth.on_account & (truth.settled_on <= pd.Timestamp(LAST))]
    payments, invoices = read("payments"), read("invoices").set_index(keys)
    paid = payments[payments.invoice_id.notna()].groupby(keys).amount.sum()
    notes = read("invoices").groupby("credits_invoice_id").amount.sum()
    index = pd.MultiIndex.from_frame(truth[keys])
    open_cents = invoices.amount.reindex(index) - paid.reindex(index).fillna(0)
    credit = notes.reindex(truth.invoice_id).fillna(0).to_numpy()
    assert (np.minimum(open_cents + credit, 0) == open_cents + credit).all()
    assert (open_cents.to_numpy() == 0).mean() > 0.95


def test_lump_sums_settle_oldest_due_first(read) -> None:
    truth = read("truth/invoices")
    mine = truth[truth.on_account].merge(
        read("invoices")[["invoice_id", "instalment_no", "amount"]]
    )
    payments = read("payments")
    lumps = payments[payments.invoice_id.isna()]
    assert set(lumps.customer_id) <= set(mine.customer_id)
    for customer, items in mine.groupby("customer_id"):
        due = items.sort_values(["due_on", "settled_on"])
        assert due.settled_on.is_monotonic_increasing
        received = lumps[lumps.customer_id == customer].amount.sum()
        assert received == due.amount[due.settled_on <= pd.Timestamp(LAST)].sum()


def test_lateness_is_predictable_but_not_certain(read) -> None:
    truth = read("truth/invoices")
    assert 0.25 <= truth.late.mean() <= 0.35
    assert 0.82 <= roc_auc_score(truth.late, truth.probability) <= 0.88
    alone = truth[~truth.on_account]
    bins = alone.groupby(pd.qcut(alone.probability, 10))
    assert (bins.late.mean() - bins.probability.mean()).abs().max() < 0.03


def test_past_lateness_tells_of_future_lateness(read) -> None:
    truth = read("truth/invoices")
    early = truth.due_on < "2024-07-01"
    before, after = (truth[m].groupby("customer_id").late.agg(["mean", "size"])
                     for m in (early, ~early))  # fmt: skip
    both = before.add_suffix("_before").join(after.add_suffix("_after"), how="inner")
    both = both[(both.size_before >= 15) & (both.size_after >= 15)]
    assert both.mean_before.corr(both.mean_after) > 0.7


def sell_through(read) -> pd.DataFrame:
    flow = read("channel_flow").dropna(subset="customer_id")
    month = flow.flowed_on.dt.to_period("M")
    return (
        (flow.groupby(["customer_id", month]).amount.sum().astype(float) / 100).unstack().fillna(0)
    )


def log_change(panel: pd.DataFrame, units: list[str], start: str) -> pd.Series:
    begins = pd.Period(start, "M")
    before = [m for m in panel if begins - 12 <= m < begins]
    steady = panel.loc[[u for u in units if u in panel.index]]
    steady = steady[(steady[before] > 0).mean(axis=1) > 0.8]
    logs = np.log(steady.where(steady > 0))
    return (logs.loc[:, begins:].mean(axis=1) - logs[before].mean(axis=1)).dropna()


def test_strategies_show_what_was_planted(read) -> None:
    panel, units = sell_through(read), read("strategy_units")
    assert not units.unit_id.duplicated().any()
    never = [c for c in panel.index if c not in set(units.unit_id)]
    truth = read("truth/strategies").set_index("strategy_id")
    gap, margin = {}, {}
    for strategy in read("strategies").itertuples():
        mine = list(units.unit_id[units.strategy_id == strategy.strategy_id])
        treated = log_change(panel, mine, strategy.starts_on)
        control = log_change(panel, never, strategy.starts_on)
        gap[strategy.strategy_id] = treated.mean() - control.mean()
        error = np.sqrt(treated.var() / len(treated) + control.var() / len(control))
        margin[strategy.strategy_id] = 1.96 * error
        assert strategy.registered_on < strategy.starts_on
    assert abs(gap["S1"] - np.log1p(truth.effect_relative["S1"])) < margin["S1"]
    assert gap["S1"] > margin["S1"] and margin["S1"] < 0.08
    assert abs(gap["S2"]) < margin["S2"]
    assert gap["S3"] > 0.2 and truth.effect_relative["S3"] == 0
    assert (units.strategy_id == "S4").sum() == 6
    assert gap["S5"] < -0.2 and truth.effect_relative["S5"] == 0
    assert truth.effect_per_unit_period["S1"] > 0


def test_s3_was_growing_before_and_s1_was_not_special(read) -> None:
    panel, units = sell_through(read), read("strategy_units")
    never = [c for c in panel.index if c not in set(units.unit_id)]
    past = panel.loc[:, : pd.Period("2024-06", "M")]
    growth = {
        key: log_change(past, list(units.unit_id[units.strategy_id == key]), "2024-01").mean()
        - log_change(past, never, "2024-01").mean()
        for key in ("S1", "S3")
    }
    assert growth["S3"] > 0.12 and abs(growth["S1"]) < 0.06


def test_s5_hospitals_live_on_the_line_that_was_cut(read) -> None:
    lines = read("products").set_index("product_id").product_line
    units = read("strategy_units")
    mine = set(units.unit_id[units.strategy_id == "S5"])
    flow = read("channel_flow")
    flow = flow[flow.customer_id.isin(mine) & (flow.flowed_on < "2024-09-01")]
    share = flow.groupby(flow.product_id.map(lines)).amount.sum() / flow.amount.sum()
    assert share["抗感染"] > 0.6


def test_planted_segments_differ_in_behaviour(read) -> None:
    truth = read("truth/customers")
    assert truth.segment.nunique() == 8
    flow = read("channel_flow").rename(columns={"flowed_on": "on"})
    orders = read("orders").rename(columns={"ordered_on": "on"})
    both = pd.concat([flow, orders])[["customer_id", "on", "amount"]].dropna()
    year = both[both.on > "2024-12-31"].groupby("customer_id").amount.sum() / 100
    before = both[(both.on > "2023-12-31") & (both.on <= "2024-12-31")]
    before = before.groupby("customer_id").amount.sum() / 100
    segment = truth.set_index("customer_id").segment
    now, then = (s.reindex(segment.index).fillna(0).groupby(segment).median()
                 for s in (year, before))  # fmt: skip
    assert now["loyal_core"] > 2 * now["growing"] > 8 * now["steady_small"]
    assert now["declining"] < 0.7 * then["declining"] and now["growing"] > 1.1 * then["growing"]
    assert then["new"] == 0 < now["new"] and now["none"] == then["none"] == 0
    nobody = set(truth.customer_id[truth.segment == "none"])
    assert not nobody & set(both.customer_id)
    known = read("customers").set_index("customer_id").first_deal_on
    assert known[list(nobody)].isna().all()
    first = both.groupby("customer_id").on.min()
    assert (known.reindex(first.index) <= first).all()


def test_visits_stay_inside_employment_and_territory(read) -> None:
    visits, reps = read("visits"), read("reps").set_index("rep_id")
    assert 35_000 <= len(visits) <= 50_000
    assert reps.left_on.notna().sum() == 4
    employed = visits.join(reps[["hired_on", "left_on"]], on="rep_id")
    assert (employed.visited_on >= employed.hired_on).all()
    assert not (employed.visited_on > employed.left_on).any()
    covered = visits.merge(read("territories"), on=["rep_id", "customer_id"])
    inside = (covered.visited_on >= covered.from_on) & ~(covered.visited_on > covered.to_on)
    assert covered[inside].visit_id.nunique() == len(visits)


def shipped_over_sold(read, months: list[str]) -> pd.DataFrame:
    """Return what each distributor was shipped over what it sold on, in some months."""
    orders, flow = read("orders"), read("channel_flow")
    moved = orders[orders.channel.isin(["distributor", "return"])]
    shipped = moved.pivot_table(
        index="customer_id", columns=moved.ordered_on.dt.strftime("%Y-%m"), values="amount",
        aggfunc="sum",
    )  # fmt: skip
    sold = flow.pivot_table(
        index="distributor_id", columns=flow.flowed_on.dt.strftime("%Y-%m"), values="amount",
        aggfunc="sum",
    )  # fmt: skip
    return pd.DataFrame(
        {
            "ratio": shipped[months].astype(float).sum(axis=1)
            / sold[months].astype(float).sum(axis=1)
        }
        | {month: shipped[month].astype(float) / sold[month].astype(float) for month in months}
    )


QUARTER_ENDS = ["2025-03", "2025-06", "2025-09", "2025-12"]


def test_one_distributor_is_stuffed_at_quarter_ends_beyond_the_others(read) -> None:
    truth = read("truth/distributors")
    (stuffed,) = truth.distributor_id[truth.stuffed]
    found = shipped_over_sold(read, QUARTER_ENDS)
    assert found.ratio.idxmax() == stuffed
    assert found.ratio[stuffed] > 1.2 * found.ratio.drop(stuffed).max()
    assert (found.loc[stuffed, QUARTER_ENDS] > 1.5).all()
    assert found.loc[stuffed, "2025-12"] == found["2025-12"].max()
    earlier = shipped_over_sold(read, ["2024-03", "2024-06", "2024-09", "2024-12"]).ratio
    assert earlier[stuffed] < earlier.quantile(0.95)


def test_stuffing_moved_goods_and_no_money(read) -> None:
    truth, orders, invoices = read("truth/distributors"), read("orders"), read("invoices")
    (stuffed,) = truth.distributor_id[truth.stuffed]
    billed = invoices.dropna(subset="order_id").drop_duplicates("order_id")
    both = orders.drop_duplicates("order_id").merge(billed, on="order_id")
    wait = (both.issued_on - both.ordered_on).dt.days
    late = both[wait > 4]
    assert (wait >= 0).all() and set(late.customer_id_x) == {stuffed}
    months = set(late.ordered_on.dt.strftime("%Y-%m"))
    assert months <= set(QUARTER_ENDS[:-1]) and len(months) >= 2
    assert wait[both.customer_id_x == stuffed].max() > 10
    mine = orders[orders.channel == "distributor"]
    ordered = mine.groupby("order_id").amount.sum()
    bills = invoices[invoices.kind == "invoice"].groupby("order_id").amount.sum()
    unbilled = (ordered - bills.reindex(ordered.index).fillna(0)).astype(int)
    (larger,) = unbilled.index[unbilled != 0]
    order = mine[mine.order_id == larger]
    assert set(order.customer_id) == {stuffed} and unbilled[larger] > 0
    assert (
        order.ordered_on.nunique() == 1 and order.ordered_on.iloc[0].strftime("%Y-%m") == "2025-12"
    )


def test_one_busy_rep_moves_nothing(read) -> None:
    lapses = read("truth/reps").set_index("lapse")
    rep, since = lapses.loc["visits_without_progress", ["rep_id", "from_on"]]
    visits = read("visits")
    year = visits[visits.visited_on >= since].dropna(subset="objective_met")
    met = year.objective_met.astype(float).groupby(year.rep_id).mean()
    assert met[rep] < 0.2 and met.drop(rep).min() > 0.5
    before = visits[visits.visited_on < since].dropna(subset="objective_met")
    assert before.objective_met[before.rep_id == rep].astype(float).mean() > 0.5
    reps = read("reps").set_index("rep_id")
    device = reps.index[(reps.line_type == "device") & reps.left_on.isna()]
    calls = visits[visits.visited_on >= since].rep_id.value_counts()[device]
    assert calls[rep] >= calls.quantile(0.75)


def test_its_customers_buy_what_they_bought_and_none_of_their_needs_is_closed(read) -> None:
    lapses = read("truth/reps").set_index("lapse")
    rep, since = lapses.loc["visits_without_progress", ["rep_id", "from_on"]]
    held = read("territories")
    mine = held[(held.rep_id == rep) & held.to_on.isna() & (held.from_on <= since)].customer_id
    flow = read("channel_flow")
    years = flow[flow.customer_id.isin(mine)].groupby(flow.flowed_on.dt.year).amount.sum()
    assert abs(years[2025] / years[2024] - 1) < 0.02
    needs = read("needs")
    own = needs[needs.customer_id.isin(mine)]
    assert (own.opened_on >= since).sum() > 20 and not (own.closed_on >= since).any()
    others = needs[~needs.customer_id.isin(mine) & (needs.opened_on >= since)]
    assert others.closed_on.notna().mean() > 0.7


def test_core_customers_are_left_while_their_rep_calls_elsewhere(read) -> None:
    left = read("truth/neglected_customers")
    assert 5 <= len(left) <= 8 and left.rep_id.nunique() == 1
    since, rep = left.from_on[0], left.rep_id[0]
    customers = read("customers").set_index("customer_id")
    assert (customers.tier[left.customer_id] == "A").all()
    decided = read("decisions").query("kind == 'tier'")
    assert not set(left.customer_id) & (
        set(decided.subject_id) | set(read("strategy_units").unit_id)
    )
    visits = read("visits")
    mine = visits[visits.customer_id.isin(left.customer_id)]
    assert not (mine.visited_on >= since).any()
    year = mine[mine.visited_on >= since - pd.Timedelta(days=365)]
    assert year.groupby("customer_id").size().reindex(left.customer_id).min() >= 6
    held = read("territories")
    covered = held[(held.rep_id == rep) & held.to_on.isna()].customer_id
    assert set(left.customer_id) <= set(covered)
    assert ((visits.rep_id == rep) & (visits.visited_on >= since)).sum() > 60
    plans = read("call_plans")
    assert set(left.customer_id) <= set(plans.customer_id[plans.period >= "2025-12-01"])


def test_one_region_cannot_reach_its_target_and_the_others_nearly_do(read) -> None:
    truth = read("truth/regions").set_index("region_id")
    (short,) = truth.index[truth.short_of_target]
    orders = read("orders").assign(month=lambda f: f.ordered_on.dt.to_period("M"))
    region = orders.customer_id.map(read("customers").set_index("customer_id").region_id)
    targets = read("targets").query("scope == 'region' and metric == 'sales' and grain == 'month'")
    for last in ("2025-06", "2025-09", "2025-12"):
        inside = orders.month.between(pd.Period("2025-01"), pd.Period(last))
        sold = orders[inside].groupby(region).amount.sum().astype(float) / 100
        asked = targets[targets.period.between("2025-01-01", f"{last}-01")]
        attained = sold / asked.groupby("scope_id").target.sum()
        assert attained[short] < 0.75 and attained.drop(short).min() > attained[short] + 0.1


def test_targets_of_quarters_and_years_are_the_sums_of_finer_ones(read) -> None:
    targets = read("targets")
    keys = ["scope", "scope_id", "metric"]
    for grain, finer, step in (("quarter", "month", "Q"), ("year", "quarter", "Y")):
        fine, coarse = (targets[targets.grain == one] for one in (finer, grain))
        period = fine.period.dt.to_period(step).dt.start_time
        sums = fine.assign(period=period).groupby([*keys, "period"]).target.sum()
        stated = coarse.set_index([*keys, "period"]).target
        if grain == "quarter":
            stated = stated.drop("new_customers", level="metric")
        pd.testing.assert_series_equal(
            stated.sort_index(), sums.sort_index(), check_index_type=False
        )
    scopes = targets.groupby("metric").scope.unique().map(set).to_dict()
    assert scopes["visits"] == {"rep", "region"} and scopes["new_customers"] == {"region"}
    assert scopes["sales"] == {"company", "region", "product_line", "rep", "channel", "product",
                               "customer"}  # fmt: skip


def test_no_drug_representative_carries_a_sales_target(read) -> None:
    targets, kind = read("targets"), read("reps").set_index("rep_id").line_type
    own = targets[targets.scope == "rep"]
    assert set(own.scope_id[own.metric == "sales"].map(kind)) == {"device"}
    assert set(own.scope_id[own.metric == "visits"].map(kind)) == {"device", "drug"}


def test_the_line_that_procurement_hit_is_named(read) -> None:
    truth = read("truth/product_lines").set_index("product_line")
    (hit,) = truth.index[truth.hit_by_vbp]
    products = read("products").set_index("product_id")
    assert set(products.product_line[products.vbp_status == "won"]) == {hit}
    flow = read("channel_flow")
    price = (flow.amount / flow.quantity / flow.product_id.map(products.list_price)).astype(float)
    after = flow.flowed_on >= truth.vbp_on[hit]
    line = flow.product_id.map(products.product_line)
    assert price[after & (line == hit)].mean() == pytest.approx(1 - truth.price_cut[hit], abs=0.01)


def test_parts_of_next_years_plans_are_approved(read) -> None:
    decisions = read("decisions")
    assert decisions.kind.value_counts()[["target", "call_plan"]].to_dict() == {
        "target": 2, "call_plan": 6,
    }  # fmt: skip
    calls = decisions[decisions.kind == "call_plan"]
    parts = calls.subject_id.str.split("/", expand=True)
    held = read("territories").query("to_on.isna()")
    assert set(zip(parts[0], parts[1], strict=True)) <= set(
        zip(held.rep_id, held.customer_id, strict=True)
    )
    assert calls["value"].str.fullmatch(r"[2-4] visits a month").all()
    written = decisions[decisions.kind == "target"].set_index("subject_id")["value"]
    years = read("targets").query("grain == 'year' and metric == 'sales' and scope == 'region'")
    stated = years[years.period == "2025-01-01"].set_index("scope_id").target
    growth = written.astype(float) / stated[written.index]
    assert growth.between(0.85, 1.1).all() and set(written.index) < set(LEAVES)


def test_reps_are_away_and_a_territory_is_without_a_caller(read) -> None:
    absences = read("absences")
    days = (absences.to_on - absences.from_on).dt.days + 1
    assert (days >= 28).sum() >= 3  # two vacancies, and one month of the next year
    ahead = absences[absences.from_on > pd.Timestamp(LAST)]
    assert len(ahead) == 5 and ahead.rep_id.is_unique and (ahead.to_on >= ahead.from_on).all()
    assert set(ahead.from_on.dt.to_period("M").astype(str)) == {"2026-01"}
    left = read("reps").set_index("rep_id").left_on
    assert left[ahead.rep_id].isna().all()


def test_calls_can_be_planned_on_places_windows_and_workdays(read) -> None:
    customers, calendar = read("customers"), read("calendar")
    hospitals = customers[customers.customer_type == "hospital"]
    assert 0.6 < hospitals.reception.notna().mean() < 0.95
    window = r"(Mon|Tue|Wed|Thu|Fri) \d{1,2}-\d{1,2}(, (Mon|Tue|Wed|Thu|Fri) \d{1,2}-\d{1,2})*"
    assert customers.reception.dropna().str.fullmatch(window).all()
    assert customers.longitude.between(73, 136).all() and customers.latitude.between(18, 54).all()
    weekend = calendar[calendar.date.dt.day_of_week >= 5]
    assert (weekend.is_workday.groupby(weekend.date.dt.year).sum() >= 5).all()


@pytest.mark.parametrize("scale", [0.02, 0.05])
def test_lapses_and_stuffing_do_not_break_a_tiny_company(scale: float, tmp_path: Path) -> None:
    simulate(tmp_path / "demo", scale=scale, seed=3)
    stock = pq.read_table(tmp_path / "demo" / "stock.parquet")["quantity"]
    assert pc.min(stock).as_py() >= 0
    reps = pq.read_table(tmp_path / "demo" / "truth" / "reps.parquet").to_pandas()
    assert reps.lapse.iloc[0] == "visits_without_progress"


def test_nobody_is_named(demo_dir: Path) -> None:
    contacts = pq.read_table(demo_dir / "contacts.parquet").to_pandas()
    assert contacts.contact_id.str.fullmatch("[0-9a-f]{16}").all()
    for name in WRITTEN:
        table = pq.read_table(demo_dir / f"{name}.parquet")
        for field in table.schema:
            if pa.types.is_string(field.type) and field.name != "contact_id":
                words = pc.drop_null(pc.unique(table[field.name]))
                found = pc.match_substring_regex(words, r"1[3-9]\d{9}|\d{3,4}-\d{7,8}|医生|主任")
                assert not pc.any(found).as_py(), (name, field.name)
    names = pq.read_table(demo_dir / "customers.parquet")["name"].to_pandas()
    assert names.is_unique


def test_a_folder_that_is_no_demo_is_not_replaced(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(ValueError, match="not a demo company"):
        simulate(tmp_path, scale=0.02)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
