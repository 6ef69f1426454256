"""The distributors' sales of a teaching data set: every line is accounted for, to the cent."""

from __future__ import annotations

import os
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest
from pydantic import TypeAdapter

from insights.ingest import ingest_folder
from insights.ingest.mapping import Derivation
from insights.params import ROOT
from insights.tables import connect

MAPPING = ROOT / "params" / "mappings" / "pharma_distribution.yaml"
FILE = "pharma_distribution.parquet"
CENT = Decimal("0.01")
COLUMNS = ("Distributor", "Customer Name", "City", "Country", "Latitude", "Longitude", "Channel",
           "Sub-channel", "Product Name", "Product Class", "Quantity", "Price", "Sales",
           "Month_ID", "Month", "Year", "Name of Sales Rep", "Manager", "Sales Team")  # fmt: skip


def line(**changed: object) -> dict[str, object]:
    usual = ("Agent LLC", "Clinic Ltd", "Roth", "Germany", 49.25, 11.09, "Hospital", "Private",
             "Pill", "Analgesics", 10, 5.5, 55.0, 11, "November", "2017", "Jo Doe", "Al Poe",
             "Alfa")  # fmt: skip
    return dict(zip(COLUMNS, usual, strict=True)) | changed


def cents(sales: pd.Series) -> pd.Series:
    """Return stated amounts as exact decimals of two places, half away from zero."""
    return sales.map(lambda one: Decimal(repr(float(one))).quantize(CENT, ROUND_HALF_UP))


def lines_of(to: Path) -> pd.DataFrame:
    """Return the lines as ingested, with year and the country of the customer."""
    flow = connect(to)["channel_flow"].execute()
    customers = connect(to)["customers"].execute().set_index("customer_id")
    on = pd.to_datetime(flow.flowed_on)
    return flow.assign(year=on.dt.year, month=on.dt.month, on=on,
                       country=flow.customer_id.map(customers.region_id))  # fmt: skip


@pytest.fixture
def small(tmp_path: Path):
    def ingest(*lines: dict[str, object]):
        (tmp_path / "raw").mkdir()
        pd.DataFrame(list(lines)).to_parquet(tmp_path / "raw" / FILE)
        return ingest_folder(tmp_path / "raw", tmp_path / "to", MAPPING), tmp_path / "to"

    return ingest


def test_a_year_and_a_month_in_two_columns_are_the_first_day(small) -> None:
    report, to = small(line(), line(Year="2018", Month_ID=2, Month="February"))
    assert report.exit_code == 0
    assert sorted(lines_of(to).on.dt.strftime("%Y-%m-%d")) == ["2017-11-01", "2018-02-01"]


def test_a_month_that_is_none_is_held_back_with_its_row(small) -> None:
    report, to = small(line(), line(Month_ID=13))
    assert report.exit_code == 2 and len(lines_of(to)) == 1
    assert report.faults[["table", "row", "column"]].to_numpy().tolist() == [
        ["channel_flow", 3, "flowed_on"]
    ]
    assert report.faults.reason.str.contains("%Y-%m", regex=False).all()


def test_repeats_are_held_back_and_further_deliveries_stay(small) -> None:
    report, to = small(line(), line(), line(Quantity=7, Sales=38.5), line(Quantity=-2, Sales=-11.0))
    counts = report.counts.set_index("table").loc["channel_flow"]
    assert (counts["read"], counts.accepted, counts.quarantined) == (4, 3, 1)
    found = lines_of(to)
    assert found.amount.sum() == Decimal("82.50") and found.quantity.min() == -2
    assert found.flow_id.is_unique


def test_a_firm_that_buys_and_sells_is_two_customers(small) -> None:
    report, to = small(line(), line(**{"Customer Name": "Agent LLC"}))
    assert report.exit_code == 0
    kinds = connect(to)["customers"].execute().set_index("customer_id").customer_type.to_dict()
    assert kinds == {"Agent LLC": "distributor", "Agent LLC, Roth": "hospital",
                     "Clinic Ltd, Roth": "hospital"}  # fmt: skip


def test_amounts_are_as_stated_and_rounded_and_no_person_is_kept(small) -> None:
    _report, to = small(line(Sales=55.125), line(Quantity=0, Sales=6.8))
    assert sorted(lines_of(to).amount) == [Decimal("6.80"), Decimal("55.13")]
    stored = "".join(str(pd.read_parquet(f).to_numpy().tolist()) for f in to.glob("*.parquet"))
    assert "Jo Doe" not in stored and "Al Poe" not in stored


@pytest.mark.parametrize("wrong", [{"column": "a"}, {"constant": 1}, {"hash": ("a", "b")}])
def test_a_form_belongs_to_dates_alone(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="date and format go together"):
        TypeAdapter(Derivation).validate_python(wrong | {"format": "%Y-%m"})


class TestTheRealFile:
    @pytest.fixture(scope="class")
    @classmethod
    def raw(cls) -> pd.DataFrame:
        folder = os.environ.get("INSIGHTS_TRIAL_DATA")
        if not folder or not (Path(folder) / FILE).exists():
            pytest.skip(f"INSIGHTS_TRIAL_DATA names no folder with {FILE}")
        frame = pd.read_parquet(Path(folder) / FILE)
        year, month = frame.Year.astype(int), frame.Month_ID.astype(int)
        return frame.assign(year=year, month=month, amount=cents(frame.Sales))

    @pytest.fixture(scope="class")
    @classmethod
    def ingested(cls, raw: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory):
        folder = tmp_path_factory.mktemp("pharma")
        (folder / "raw").mkdir()
        (folder / "raw" / FILE).symlink_to(Path(os.environ["INSIGHTS_TRIAL_DATA"]) / FILE)
        return ingest_folder(folder / "raw", folder / "to", MAPPING), folder / "to"

    @pytest.fixture(scope="class")
    @classmethod
    def lines(cls, ingested) -> pd.DataFrame:
        return lines_of(ingested[1])

    def test_rows_read_are_accepted_or_quarantined(self, ingested) -> None:
        report, to = ingested
        assert report.exit_code == 0
        counts = report.counts
        assert (counts["read"] == counts.accepted + counts.quarantined).all()
        flow = counts.set_index("table").loc["channel_flow"]
        assert (flow["read"], flow.accepted, flow.quarantined) == (254_082, 254_078, 4)
        held = pd.read_csv(to / "quarantine" / "pharma_distribution.csv", dtype=str)
        assert len(held) == 4

    def test_sums_by_country_and_month_are_the_files(self, raw, lines) -> None:
        keys = ["year", "month"]
        repeated = raw[raw.duplicated(list(COLUMNS))]
        kept = raw.drop(repeated.index)
        wanted = kept.groupby(["Country", *keys]).agg({"amount": "sum", "Quantity": "sum"})
        found = lines.groupby(["country", *keys]).agg({"amount": "sum", "quantity": "sum"})
        assert (found.amount.to_numpy() == wanted.amount.to_numpy()).all()
        assert (found.quantity.to_numpy() == wanted.Quantity.to_numpy(float)).all()
        assert found.index.tolist() == wanted.index.tolist() and len(found) == 48 + 12
        assert repeated.amount.sum() == Decimal("9900.00")
        assert lines.amount.sum() + repeated.amount.sum() == raw.amount.sum()

    def test_the_traps_that_the_mapping_names_are_in_the_data(self, raw, lines) -> None:
        assert (lines.quantity < 0).sum() == 2_633 and (lines.quantity == 0).sum() == 28
        assert round(lines.amount[lines.quantity < 0].sum()) == -146_479_547
        polish = lines[lines.country == "Poland"]
        assert set(polish.year) == {2018} and polish.customer_id.nunique() == 200
        assert (raw.groupby("Product Name").Price.nunique() == 1).all()
        off = (raw.Quantity * raw.Price - raw.Sales).abs() > 0.005
        assert off.sum() == 36
        assert (off & (raw.year == 2019) & raw.month.isin([5, 6, 12])).sum() == 31
        assert len(set(raw.Distributor) & set(raw["Customer Name"])) == 7
        shared = raw.groupby("City")["Customer Name"].nunique()
        assert sorted(shared.index[shared > 1]) == ["Friedberg", "Neustadt"]
        assert (raw.groupby("Customer Name")["Name of Sales Rep"].nunique() == 13).all()

    def test_references_hold(self, ingested) -> None:
        tables = connect(ingested[1])
        customers = tables["customers"].execute()
        kinds = customers.customer_type.value_counts().to_dict()
        assert kinds == {"pharmacy": 380, "hospital": 371, "distributor": 29}
        flow = tables["channel_flow"].execute()
        assert set(flow.distributor_id) | set(flow.customer_id) == set(customers.customer_id)
        assert set(flow.product_id) == set(tables["products"].execute().product_id)
        assert tables.leaves() == ["Germany", "Poland"]
