"""Short and former names beside a customer's name, and cities that are words of names too."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq

from insights.ingest import ingest_folder
from insights.ingest.names import match_names

MASTER = (
    "客户编码,区域编码,客户名称,简称,曾用名,城市\n"
    "01,E,成都市天府中心医院,天府中心,双流区第一人民医院、双流医院,成都市\n"
    "02,E,双流区第一人民医院,双流一院,,成都市\n"
    "03,E,惠州市第一人民医院,市一院,,惠州市\n"
    "04,E,曲靖市第一人民医院,市一院,,曲靖市\n"
)


def test_short_and_former_names_beside_the_name_are_known(tmp_path):
    raw, to = tmp_path / "raw", tmp_path / "tables"
    raw.mkdir()
    (raw / "客户.csv").write_text(MASTER, encoding="utf-8")
    names = ["天府中心", "双流医院", "双流区第一人民医院", "市一院"]
    rows = "".join(f"Y{n},2025-01-05,{name},5\n" for n, name in enumerate(names))
    text = "应收单号,开票日期,客户名称,价税合计\n" + rows
    (raw / "应收.csv").write_text(text, encoding="utf-8")
    report = ingest_folder(raw, to)
    found = pq.read_table(to / "invoices.parquet").to_pandas().set_index("invoice_id").customer_id
    assert found.to_dict() == {"Y0": "01", "Y1": "01", "Y2": "02"}  # 市一院: two bear the name
    assert not any("column 曾用名" in note for note in report.notes)
    assert any("简称: other names of the customers" in note for note in report.notes)


def test_a_city_that_is_a_word_too_is_sure_beside_a_name_of_its_own():
    customers = pd.DataFrame(
        {
            "customer_id": ["1", "2"],
            "name": ["中山市岐江中医院", "吉林省人民医院"],
            "city": ["中山市", "长春市"],
        }
    )
    asked = pd.DataFrame({"name": ["中山岐江中医院", "中山医院", "吉林人民医院"]})
    found = match_names(asked, customers).names.set_index("name")
    assert found.customer_id["中山岐江中医院"] == "1"
    assert found.status.drop("中山岐江中医院").ne("matched").all()
