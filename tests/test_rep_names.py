"""Reps told by their names get a pseudonym; answers are dated by a day that was."""

from __future__ import annotations

import datetime as dt
import os

import pandas as pd
import pyarrow.parquet as pq
import pytest

from insights.ingest import ingest_folder
from insights.ingest.naming import last_day, written_on
from insights.ingest.privacy.known_names import known_names
from insights.params import PrivacyParams

VISITS = "拜访编号,拜访日期,客户编码,工号\nV1,2025-01-02,C1,刘勇\nV2,2025-01-03,C1,周 敏\n"
PLANS = "工号,客户编码,计划月份,计划次数\n周敏,C1,2025-01,2\n刘勇,C1,2025-01,1\n"
MORE = "V3,2025-01-04,C1,陈晓峰\nV4,2025-01-05,C1,R007\n"


def stored(tmp_path, privacy=None, visits=VISITS + MORE):
    raw, to = tmp_path / "raw", tmp_path / "to"
    raw.mkdir(exist_ok=True)
    (raw / "拜访.csv").write_text(visits, encoding="utf-8")
    (raw / "拜访计划.csv").write_text(PLANS + "陈晓峰,C1,2025-01,1\n", encoding="utf-8")
    report = ingest_folder(raw, to, privacy=privacy or PrivacyParams())
    tables = [
        pq.read_table(to / f"{name}.parquet").to_pandas() for name in ("visits", "call_plans")
    ]
    everything = b"".join(p.read_bytes() for p in to.rglob("*.parquet")).decode("utf-8", "ignore")
    return report, *tables, everything


def test_names_of_reps_are_numbered_alike_in_all_tables(tmp_path):
    report, visits, plans, everything = stored(tmp_path)
    assert sorted(visits.rep_id) == ["R007", "rep-001", "rep-002", "rep-003"]
    own = dict(zip(visits.visit_id, visits.rep_id, strict=True))
    assert plans.rep_id.tolist() == [own["V2"], own["V1"], own["V3"]]
    assert not any(name in everything for name in ("刘勇", "周", "陈晓峰"))
    assert "reps told by their names are numbered" in str(report)


def test_with_a_key_they_last(tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHTS_CONTACT_KEY", "0123456789abcdef" * 4)
    hashing = PrivacyParams(contacts="hash")
    _report, before, plans, _text = stored(tmp_path, hashing)
    fewer = VISITS + "V3,2025-01-04,C1,陈晓峰\nV9,2025-01-05,C1,安宁\n"
    _report, after, _plans, _text = stored(tmp_path, hashing, fewer)
    assert before.rep_id[:3].tolist() == after.rep_id[:3].tolist()
    assert set(plans.rep_id) == set(before.rep_id[:3]) and before.rep_id[0].startswith("r")


def test_codes_stay_and_a_company_may_keep_its_names(tmp_path):
    codes = "拜访编号,拜访日期,客户编码,工号\nV1,2025-01-02,C1,R1\nV2,2025-01-03,C1,华东组\n"
    assert stored(tmp_path, visits=codes)[1].rep_id.tolist() == ["R1", "华东组"]
    kept = stored(tmp_path, PrivacyParams(rep_names="keep"))
    assert "刘勇" in kept[1].rep_id.tolist()


# --- C14 --------------------------------------------------------------------------------------

CUSTOMERS = "客户编码,大区,客户名称\nC1,华东,杭州市第一人民医院\n"
ORDERS = "订单号,客户名称,订单日期,金额\nA1,杭州市第一人民医院,2025-01-05,5\n"


def test_answers_are_not_dated_by_a_slip_of_the_keyboard(tmp_path):
    raw, to = tmp_path / "raw", tmp_path / "to"
    raw.mkdir()
    (raw / "客户.csv").write_text(CUSTOMERS, encoding="utf-8")
    slip = ORDERS + "A2,杭州市第一人民医院,2062-05-18,5\nA3,杭一,2025-01-06,5\n"
    (raw / "订单.csv").write_text(slip, encoding="utf-8")
    answers = pd.DataFrame({"name": ["杭一"], "answer": ["C1"], "reason": [""], "status": [""],
                            "rows": ["1"]})  # fmt: skip
    answers.to_csv(raw / "names.csv", index=False)
    report = ingest_folder(raw, to)
    decided = pq.read_table(to / "decisions.parquet").to_pandas().decided_on
    assert decided.tolist() == [dt.date(2025, 1, 6)]
    assert "the answers are dated 2025-01-06" in str(report)


def test_the_day_is_that_of_the_last_file(tmp_path):
    (tmp_path / "x.csv").write_text("a", encoding="utf-8")
    noon = dt.datetime(2026, 11, 3, 4, tzinfo=dt.UTC).timestamp()
    os.utime(tmp_path / "x.csv", (noon, noon))
    assert written_on(tmp_path) == dt.date(2026, 11, 3)
    assert last_day([]) == dt.date(1970, 1, 1)


@pytest.mark.parametrize("cell", ["周 敏", "梁 嘉仪", "欧阳 明"])
def test_a_name_aligned_with_a_blank_is_found_as_it_is_written(cell):
    known = known_names([cell, "王伟 李娜"])
    said = f"周二见了{cell}，又见李娜"
    found = {said[span.start : span.end] for span in known.spans(said)}
    assert found == {cell, "李娜"}
    assert "".join(cell.split()) in known.names and "王伟李娜" not in known.names
