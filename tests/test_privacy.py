"""Privacy at the door: people who are planted in an export are found in no output."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.ingest import ingest_folder
from insights.ingest.privacy import (
    ContactKey,
    PrivacyError,
    Scrubber,
    erase,
    erase_contact,
    known_names,
    load_contact_key,
    open_door,
    scrub,
)
from insights.ingest.privacy.cells import small_cells
from insights.ingest.privacy.headers import kind_of_header
from insights.ingest.privacy.kinds import TOKENS
from insights.ingest.privacy.numbers import is_bank_card, is_identity_number
from insights.ingest.privacy.places import people_in_places, place_names
from insights.params import ROOT
from insights.params.privacy import PrivacyParams
from planted_people import DOCTORS, NUMBERS, PHONES, REPS, TITLED, everything_in

KEY = {"INSIGHTS_CONTACT_KEY": "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778"}
SCRUBBER = Scrubber()


def scrubbed(text: str, scrubber: Scrubber = SCRUBBER, free: bool = True) -> str:
    return str(scrubber.scrub(pd.Series([text], dtype="str"), free).values[0])


# --- texts ------------------------------------------------------------------------------------


WRITTEN = [
    ("电话13812345678", "电话〔电话〕"),
    ("手机：１３８－１２３４－５６７８。", "手机：〔电话〕。"),
    ("138 1234 5678/13912345678", "〔电话〕/〔电话〕"),
    ("1. 138 1234 5678", "1. 〔电话〕"),
    ("+86 138-1234-5678，(010) 6234-5678转801", "〔电话〕，〔电话〕"),
    ("座机0312-8888888", "座机〔电话〕"),
    ("办公室电话 8888 1234", "办公室电话 〔电话〕"),
    ("138\u200b1234\u200b5678", "〔电话〕"),
    ("一三八一二三四五六七八", "〔电话〕"),
    ("+852 9123 4567", "〔电话〕"),
    ("身份证110101199003070134", "身份证〔证件〕"),
    ("11010119900307002x", "〔证件〕"),
    ("110101 19900307 0134", "〔证件〕"),
    ("１１０１０１１９９００３０７０１３４", "〔证件〕"),
    ("老证110101900307123", "老证〔证件〕"),
    ("护照号：E12345678", "护照号：〔证件〕"),
    ("卡号 6222 0200 0000 0000 000", "卡号 〔银行卡〕"),
    ("zhang.san@qq.com转", "〔邮箱〕转"),
    ("微信zhang_san88，QQ 12345678", "微信〔账号〕，QQ 〔账号〕"),
    ("wxid_ab12cd34", "〔账号〕"),
    ("定位39.9042,116.4074", "定位〔位置〕"),
    ("张主任说好", "〔姓名〕主任说好"),
    ("李医生、王建国教授和陈护士长", "〔姓名〕医生、〔姓名〕教授和〔姓名〕护士长"),
    ("欧阳娜娜副主任医师", "〔姓名〕副主任医师"),
    ("北京医院段主任", "北京医院〔姓名〕主任"),
    ("武汉王主任", "武汉〔姓名〕主任"),
    ("拜访王建国,谈集采", "拜访〔姓名〕,谈集采"),
    ("联系人：覃涵", "联系人：〔姓名〕"),
    ("主任王建国要求", "主任〔姓名〕要求"),
    ("小王跟进，王总同意", "〔姓名〕跟进，〔姓名〕总同意"),
    ("Dr. Li and Prof. Zhang Wei", "Dr. 〔姓名〕 and Prof. 〔姓名〕"),
    ("Wang主任", "〔姓名〕主任"),
    ("王建国、刘晓燕", "〔姓名〕、〔姓名〕"),
]


@pytest.mark.parametrize(("written", "left"), WRITTEN)
def test_what_names_a_person_becomes_a_token(written, left):
    assert scrubbed(written) == left


HARMLESS = [
    "张家口市第一医院回款慢", "白云山与王老吉同场陈列", "高血压患者随访", "处方医生反馈价高",
    "提高医生依从性", "儿童医院流程长", "规范医生行为", "高年资医生", "周边医院竞品",
    "周三科室会", "由于主任不在", "对方主任要求", "其余医生未表态", "任何医生", "石家庄医生培训",
    "江苏医生", "康复医师转岗", "管床医生申请", "主任医师、副主任医师、主治医师查房",
    "药剂科主任要求提供挂网价", "方便医生使用", "安排医生参会", "许多医生关注安全", "关注女医生",
    "黄连素片缺货", "何首乌", "李时珍中药铺", "马应龙麝香痔疮膏", "高值耗材集采", "成都分公司",
    "单价12.50元,金额1,234.50元", "订单号PO202403151234", "批号20240315", "国药准字H20013456",
    "91110000802100433B", "HT-2024-0315-001", "25112000000012345678", "6901234567892",
    "9:00-11:30,14:00-17:00", "本月1380盒", "预算1,380,013,800元", "血压138/90",
    "0.25g*24片*200盒", "2024-05-13至2024-08-31", "热线400-810-1234", "微信推送会议",
    "Wed 14-17, Thu 14-17", "18-24月龄,36-48月龄,60月龄", "总量控制,总结经验", "工作流程",
    "小叶增生", "小程序上线", "联系唐山市人民医院", "拜访罗氏代表处附近",
    "患者高热,黄染,张口受限", "主任高度重视", "与程序员沟通", "齐鲁制药、华润医药",
    "吴江区第二人民医院", "Dr. Reddy's", "区域经理例会", "医药代表备案", "和主任沟通",
    "老主任退休", "丁苯酞注射液", "李建国诊所", "15.30 16.20 18.50", "150.25 160.305",
    "100123202403150001", "320101202403150001", "1234567890123456", "sales", "sell_through",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_medicine_places_products_and_figures_stay(text):
    assert scrubbed(text) == text
    assert scrubbed(text, free=False) == text


def test_what_rules_cannot_find_is_found_by_a_list():
    text = "昨天赵铁柱说价格太高，阿依古丽·买买提和john smith也在"
    assert scrubbed(text) == text  # a bare name in a sentence: no rule without a dictionary
    listed = Scrubber(known_names(["赵铁柱主任、阿依古丽·买买提", "John Smith", "销售部", "康复"]))
    assert scrubbed(text, listed) == "昨天〔姓名〕说价格太高，〔姓名〕和〔姓名〕也在"
    assert scrubbed("销售部产品康复", listed) == "销售部产品康复"
    trusted = Scrubber(known_names(["古丽扎尔"], listed=["古丽扎尔", "销售部", "康复"]))
    assert scrubbed("和古丽扎尔在销售部", trusted) == "和〔姓名〕在销售部"
    assert "赵" not in repr(listed)


def test_a_companys_own_words_are_kept():
    assert scrubbed("金达教授牌") == "〔姓名〕教授牌"
    assert scrubbed("金达教授牌", Scrubber(kept_words=frozenset(["金达"]))) == "金达教授牌"


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(
            [*TOKENS.values(), *HARMLESS, *"张王高主任医生电话微信：， 138 0013 8000@a.cn"]
        ),
        max_size=12,
    ).map("".join)
)
def test_scrubbing_twice_changes_nothing(text):
    once = scrubbed(text)
    assert scrubbed(once) == once


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_any_text_can_be_scrubbed_and_cells_do_not_touch(text):
    cells = pd.Series([text, "张主任", None, text], dtype="str")
    values = SCRUBBER.scrub(cells).values
    assert values[1] == "〔姓名〕主任" and values.isna()[2]
    assert values[0] == values[3] == scrubbed(text)


def test_many_texts_are_scrubbed_like_few():
    """Of many texts only those that a quick look suspects are searched: none may be missed."""
    texts = [written for written, _left in WRITTEN] + [line(i) for i in range(24)] + list(HARMLESS)
    many = pd.Series([f"{text}#{i}" for i in range(40) for text in texts], dtype="str")
    assert len(many) > scrub.FEW
    few = many[: len(texts)].map(scrubbed).str.removesuffix("#0")
    together = SCRUBBER.scrub(many).values.str.replace(r"#\d+$", "", regex=True)
    assert together.tolist() == few.tolist() * 40


def test_checksums():
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    body = "650102203002280017"[:17]  # a birth that only the checksum can confirm
    check = "10X98765432"[sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11]
    assert not is_identity_number(body + check)  # 2030: no birth yet
    body = "65010220120228001"
    check = "10X98765432"[sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11]
    assert is_identity_number(body + check)
    assert not any(is_identity_number(body + d) for d in "0123456789X" if d != check)
    assert is_identity_number("110101199003070000")  # a slip in the check digit still names
    assert is_bank_card("4111111111111111") and not is_bank_card("4111111111111112")


def test_a_million_cells_whose_texts_repeat():
    cells = pd.Series([HARMLESS[i % len(HARMLESS)] for i in range(1_000_000)], dtype="str")
    assert SCRUBBER.scrub(cells).cells == {}


# --- the key ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "key-of-9", "a" * 64, " " * 40])
def test_a_key_that_is_none_is_refused_and_never_shown(key):
    with pytest.raises(PrivacyError, match="INSIGHTS_CONTACT_KEY") as caught:
        load_contact_key(PrivacyParams(contacts="hash"), {"INSIGHTS_CONTACT_KEY": key})
    assert not key.strip() or key not in str(caught.value)


def test_a_key_file_lies_outside_the_repository(tmp_path):
    inside = PrivacyParams(contacts="hash", key_file=str(ROOT / "README.md"))
    with pytest.raises(PrivacyError, match="repository"):
        load_contact_key(inside)
    with pytest.raises(PrivacyError, match="no key can be read"):
        load_contact_key(PrivacyParams(contacts="hash", key_file=str(tmp_path / "no.key")))
    path = tmp_path / "contact.key"
    path.write_text(KEY["INSIGHTS_CONTACT_KEY"] + "\n", encoding="utf-8")
    from_file = load_contact_key(PrivacyParams(contacts="hash", key_file=str(path)))
    assert from_file == load_contact_key(PrivacyParams(contacts="hash"), KEY)
    assert KEY["INSIGHTS_CONTACT_KEY"] not in repr(from_file)


def test_hashes_know_a_person_again_and_depend_on_the_key():
    key = load_contact_key(PrivacyParams(), KEY)
    names = pd.Series(["王建国", "王 建国", "王建国", None], dtype="str")
    places = pd.Series(["H1", "H1", "H2", "H1"], dtype="str")
    ids = key.hashed(names, places)
    assert ids[0] == ids[1] != ids[2] and ids.isna()[3]
    assert ids[:3].str.fullmatch("c[0-9a-f]{24}").all()
    assert key.hashed(ids, places).equals(ids)  # a mended row is fed back with its hash
    other = ContactKey(b"another key of thirty-two letters")
    assert not (other.hashed(names, places) == ids).any()


# --- cells ------------------------------------------------------------------------------------


def cells(*rows):
    frame = pd.DataFrame(rows, columns=["department_id", "scripts"]).astype({"scripts": "Int64"})
    return frame.assign(customer_id="H1", product_id="P1", month=pd.Timestamp("2025-01-01"))


@pytest.mark.parametrize(
    ("rows", "small", "more"),
    [
        ([("a", 3), ("b", 9), ("c", 20)], "100", "000"),  # no total, nothing to subtract from
        ([("a", 3), ("b", 9), ("c", 20), (None, 32)], "1000", "0100"),
        ([("a", 2), ("b", 1), ("c", 9), (None, 12)], "1100", "0010"),  # 2 + 1 is still under 5
        ([("a", 3), ("b", 0), (None, 3)], "101", "000"),
        ([("a", 3), (None, 30)], "10", "01"),  # a single department: the total tells it
        ([("a", 4), ("b", 4), ("c", 9), (None, 17)], "1100", "0000"),
        ([("a", 0), ("b", 9), (None, 9)], "000", "000"),  # nothing is no person
    ],
)
def test_small_cells_and_those_that_give_them_away(rows, small, more):
    found = small_cells(cells(*rows), 5, True)
    assert ["".join("01"[x] for x in mask.astype(int)) for mask in found] == [small, more]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_no_small_cell_can_be_subtracted(counts):
    rows = [(f"d{i}", n) for i, n in enumerate(counts)] + [(None, sum(counts))]
    small, more = small_cells(cells(*rows), 5, True)
    gone = small | more
    hidden = [n for n, away in zip(counts, gone, strict=False) if away]
    if hidden and not gone[-1]:
        assert len(hidden) > 1 and sum(hidden) >= 5
    assert all(away for (_d, n), away in zip(rows, gone, strict=True) if 0 < n < 5)


# --- a whole company --------------------------------------------------------------------------

LINE = (
    "找{d}谈集采,电话{p}，{t}也在；身份证{n}，微信wx_liuxy77，邮箱wang.jg@qq.com，"
    "卡6222020000000000000，{r}陪同，位置39.904211,116.407413"
)
OTHERS = ["wang.jg@qq.com", "wx_liuxy77", "6222020000000000000", "39.904211"]
NEEDLES = [
    *DOCTORS, *REPS, *PHONES, *NUMBERS, *OTHERS, "孙立军", "周慧敏", "郑爽", "137000011",
    "116.4074",
    "幸福路88号", "13612340000", "1361234", "13555550000",
]  # fmt: skip
VISIT_TEXTS = [
    "拜访目的", "决策链角色", "需求痛点", "竞品渗透", "下一步动作", "客观事实", "沟通要点",
    "我方行动", "客户状态评估",
]  # fmt: skip


def line(i: int) -> str:
    return LINE.format(
        d=DOCTORS[i % 6], p=PHONES[i % 4], t=TITLED[i % 3], n=NUMBERS[i % 2], r=REPS[i % 2]
    )


def workbook(path: Path, rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def planted_company(raw: Path) -> Path:
    """Write the exports of a company with people in every text; return a mapping for contacts."""
    raw.mkdir()
    people = [DOCTORS[i % 6] for i in range(24)]
    write = lambda name, frame, **how: frame.to_csv(raw / name, index=False, **how)  # noqa: E731
    write("区域.csv", pd.DataFrame({"区域编码": ["R1", "R2"], "区域名称": ["华东", "华北"]}))
    write(
        "客户.csv",
        pd.DataFrame(
            {
                "客户编码": [f"H{i}" for i in range(6)],
                "客户名称": ["张家口市第一医院", "唐山医院(联系13812345678)", "白云医院 王建国主任",
                             "华山医院",
                             "吴江医院", "和平医院刘晓燕"],
                "区域编码": ["R1", "R2"] * 3,
                "接待日": ["Wed 14-17", line(1), line(2), line(3), line(4), line(5)],
                "客户类型": ["医院"] * 5 + ["找王建国13812345678"],
                "负责人": ["赵铁柱"] * 6,
                "联系电话": ["13612340000"] * 6,
                "家庭住址": ["幸福路88号"] * 6,
            }
        ),
        encoding="gb18030",
    )  # fmt: skip
    headers = [
        "拜访编号",
        "工号",
        "客户编码",
        "拜访日期",
        "拜访方式",
        "医生姓名",
        "经度",
        "纬度",
        *VISIT_TEXTS,
        "备注",
    ]
    visits = [headers] + [
        [f"V{i}", f"0{i % 2}", f"H{i % 6}", f"2025-01-0{i % 9 + 1}", "面对面", people[i],
         116.407413, 39.904211, *[line(i + k) for k in range(9)], line(i)]
        for i in range(24)
    ]  # fmt: skip
    visits[3][3] = "王建国说改期13812345678"  # held back, in an odd cell
    visits[4][4] = "约王建国13812345678"  # a code nobody knows is stored as it came
    visits.append([None, "01", "H1", "2025-01-02", "电话", "刘晓燕", None, None, *[line(1)] * 10])
    workbook(raw / "拜访.xlsx", visits)
    write(
        "反馈.csv",
        pd.DataFrame(
            {
                "反馈编号": [f"F{i}" for i in range(9)],
                "客户编码": [f"H{i % 6}" for i in range(9)],
                "反馈日期": ["2025-01-05"] * 8 + ["昨天"],
                "反馈渠道": ["电话"] * 9,
                "满意度": [4, 5, 3, 4, 5, 2, 1, 9, 4],
                "维度": ["服务"] * 8 + [line(8)],
                "内容": [line(i) for i in range(9)],
                "业务员": [REPS[i % 2] for i in range(9)],
            }
        ),
        encoding="utf-8-sig",
    )
    write(
        "联系人.csv",
        pd.DataFrame(
            {
                "医生姓名": [*DOCTORS, "王建国"],
                "客户编码": ["H0", "H1", "H2", "H3", "H4", "H5", "H9"],
                "角色": ["科主任", "医生", "药剂科", "设备科", "采购", "院长", "王建国主任"],
                "合作意愿": [3, 4, 5, 2, 1, 3, 99],
                "手机": ["13612340000"] * 7,
            }
        ),
    )
    write(
        "处方.csv",
        pd.DataFrame(
            {
                "医院编码": ["H0"] * 7 + ["H1"],
                "科室编码": ["D1", "D1", "D2", "D2", "D3", None, "D1", "D1"],
                "产品编码": ["P1"] * 8,
                "月份": ["2025-01"] * 6 + ["昨天", "2025-01"],
                "处方医生": [*DOCTORS, "王建国", "刘晓燕"],
                "处方张数": [7, 6, 1, 2, 9, 25, 8, 3],
            }
        ),
    )
    write("订单.csv", pd.DataFrame({"订单号": ["O1", "O2"], "客户编码": ["H0", "H1"],
                                  "下单日期": ["2025-01-03", "2025-01-04"], "金额": ["1.5", "一百"],
                                  "收货人": ["王建国", "覃思雨"],
                                  "乙": ["13555550000"] * 2}))  # fmt: skip
    write(
        "谁知道.csv",
        pd.DataFrame({"甲": DOCTORS, "手机": ["13612340000"] * 6, "丙": [line(0)] * 6}),
    )
    (raw / "没有表头.csv").write_text("王建国,13812345678,好\n刘晓燕,13912345678,坏\n", "utf-8")
    mapping = raw.parent / "mapping.yaml"
    mapping.write_text(
        "files:\n- file: 联系人.csv\n  tables:\n    contacts:\n      other_columns: by_header\n"
        "      columns: {contact_id: 医生姓名}\n"
        "- file: 拜访.xlsx\n  tables:\n    visits:\n      other_columns: by_header\n"
        "      columns: {contact_id: 医生姓名}\n",
        encoding="utf-8",
    )
    return mapping


def ingested(raw: Path, to: Path, mapping: Path | None, params: PrivacyParams):
    report = ingest_folder(raw, to, mapping, privacy=params)
    return report, report.privacy


def leaks(text: str) -> list[str]:
    plain = re.sub(r"[\s-]", "", text)
    return [needle for needle in NEEDLES if needle in text or needle.replace("-", "") in plain]


@pytest.fixture(scope="module", params=["drop", "hash"])
def company(request, tmp_path_factory):
    base = tmp_path_factory.mktemp(request.param)
    mapping = planted_company(base / "raw")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHTS_CONTACT_KEY", KEY["INSIGHTS_CONTACT_KEY"])
        params = PrivacyParams(contacts=request.param)
        report, privacy = ingested(base / "raw", base / "to", mapping, params)
    return request.param, base, report, privacy


def test_the_planted_people_are_in_no_output(company, capsys):
    _how, base, report, privacy = company
    assert leaks(everything_in(base / "raw"))  # the search itself can find
    print(report, privacy, report.faults.to_string(), report.counts.to_string(), sep="\n")
    said = capsys.readouterr().out + "\n".join(report.notes) + privacy.counts.to_string()
    assert leaks(said) == []
    assert leaks(everything_in(base / "to")) == []
    assert KEY["INSIGHTS_CONTACT_KEY"] not in said + everything_in(base / "to")


def test_nothing_else_is_lost(company):
    how, base, report, _privacy = company
    counts = report.counts
    assert (counts["read"] == counts.accepted + counts.quarantined).all()
    visits = pq.read_table(base / "to" / "visits.parquet").to_pandas()
    assert len(visits) == 23
    assert visits.objective.str.contains("谈集采,电话〔电话〕", regex=False).all()
    names = pq.read_table(base / "to" / "customers.parquet").to_pandas().name.tolist()
    assert names == ["张家口市第一医院", "唐山医院(联系〔电话〕)", "白云医院 〔姓名〕主任",
                     "华山医院", "吴江医院",
                     "和平医院〔姓名〕"]  # fmt: skip
    contacts = base / "to" / "contacts.parquet"
    assert contacts.exists() == (how == "hash")
    if how == "hash":
        known = set(pq.read_table(contacts).column("contact_id").to_pylist())
        assert len(known) == 6 and {c[0] for c in known} == {"c"}
        met = set(visits.contact_id[visits.customer_id == "H0"])
        assert known & met
    else:
        assert "contact_id" not in visits


def test_the_report_counts_what_was_done(company):
    how, _base, _report, privacy = company
    counts = privacy.counts
    action = "hashed" if how == "hash" else "dropped"
    taken = counts[counts.action == action].set_index("table").n
    assert taken["contacts"] == 7 and taken["visits"] == 25
    unused = counts[counts.action == "not_taken"].set_index(["file", "column"]).kind
    assert unused["客户.csv", "家庭住址"] == "address"
    assert unused["拜访.xlsx", "经度"] == unused["拜访.xlsx", "纬度"] == "position"
    assert unused["谁知道.csv", "甲"] == "name"
    assert privacy.total("added_up") == 2 and privacy.names >= 8
    assert "沟通要点" in str(privacy) and "privacy:" in str(privacy)


def test_prescriptions_are_cells_of_departments(company):
    _how, base, report, _privacy = company
    rows = pq.read_table(base / "to" / "prescriptions.parquet").to_pandas()
    found = {(r.customer_id, r.department_id): r.scripts for r in rows.itertuples()}
    assert found["H0", "D1"] == 13  # two doctors' lines
    gone = [key for key, n in found.items() if pd.isna(n)]
    assert gone == [("H0", "D2"), ("H0", "D3"), ("H1", "D1")]  # 3; the next smallest; 3
    held = pd.read_csv(base / "to" / "quarantine" / "处方.csv")
    assert held.处方张数.tolist() == ["〔不予保留〕"] and held.处方医生.tolist() == ["〔姓名〕"]
    assert report.counts.set_index("file")["read"]["处方.csv"] == 8


def test_the_quarantine_can_still_be_mended(company):
    how, base, _report, _privacy = company
    held = pd.read_csv(base / "to" / "quarantine" / "拜访.csv", dtype="str")
    assert held.拜访编号.tolist()[:1] == ["V2"]
    shown = r"c[0-9a-f]{24}" if how == "hash" else "〔姓名〕"  # a hash is fed back as it is
    assert held.医生姓名.str.fullmatch(shown).all()
    assert held.拜访日期[0] == "王建国说改期13812345678".replace("王建国", "〔姓名〕").replace(
        "13812345678", "〔电话〕"
    )
    if how == "drop":
        everyone = pd.read_csv(base / "to" / "quarantine" / "联系人.csv", dtype="str")
        assert set(everyone[["客户编码", "角色", "合作意愿"]].to_numpy().ravel()) == {
            "〔不予保留〕"
        }


def test_the_same_export_gives_the_same_bytes(company, tmp_path, monkeypatch):
    how, base, _report, privacy = company
    if how == "drop":
        pytest.skip("hashes are what could differ; once is enough")
    monkeypatch.setenv("INSIGHTS_CONTACT_KEY", KEY["INSIGHTS_CONTACT_KEY"])
    params = PrivacyParams(contacts=how)
    again = ingested(base / "raw", tmp_path / "to", base / "mapping.yaml", params)[1]
    assert again.counts.equals(privacy.counts)
    files = sorted(p.relative_to(base / "to") for p in (base / "to").rglob("*") if p.is_file())
    for file in files:
        assert (base / "to" / file).read_bytes() == (tmp_path / "to" / file).read_bytes(), file


def one_table(raw: Path, file: str, **columns: list[object]) -> Path:
    raw.mkdir(exist_ok=True)
    pd.DataFrame(columns).to_csv(raw / file, index=False)
    return raw


def scripts(**columns: list[object]) -> dict[str, list[object]]:
    """Return two doctors' lines of one department."""
    return {"医院编码": ["H1", "H1"], "科室编码": ["D1", "D1"], "产品编码": ["P1", "P1"],
            "月份": ["2025-01", "2025-01"], "处方张数": [17, 16], **columns}  # fmt: skip


@pytest.mark.parametrize("header", ["医生编码", "处方医生工号", "患者ID", "住院号", "Doctor Code"])
def test_lines_of_a_doctors_code_are_added_up_as_those_of_a_name(tmp_path, header):
    raw = one_table(tmp_path / "raw", "处方.csv", **scripts(**{header: ["Y1", "Y2"]}))
    report = ingest_folder(raw, tmp_path / "to")
    rows = pq.read_table(tmp_path / "to" / "prescriptions.parquet").to_pylist()
    assert [row["scripts"] for row in rows] == [33]
    assert report.privacy.total("added_up") == 1


@pytest.mark.parametrize("header", ["备注", "医生数", "科室名称"])
def test_lines_of_nobody_knows_whom_are_held_back_without_their_numbers(tmp_path, header):
    raw = one_table(tmp_path / "raw", "处方.csv", **scripts(**{header: ["甲", "乙"]}))
    assert ingest_folder(raw, tmp_path / "to").exit_code == 1
    held = (tmp_path / "to" / "quarantine" / "处方.csv").read_text("utf-8-sig")
    assert "17" not in held and "16" not in held and "不予保留" in held


def test_files_and_sheets_that_name_people_are_numbered_instead(tmp_path):
    raw = tmp_path / "raw"
    for name in ("王建国", "刘晓燕"):
        rows = {"区域编码": [name[0], None], "区域名称": ["华东", "华北"]}
        one_table(raw, f"区域_{name}.csv", **rows)
    (raw / "赵铁柱13812345678.csv").write_bytes(b"\0\0")
    report = ingest_folder(raw, tmp_path / "to")
    files = report.counts.file.unique().tolist()
    assert sorted(files) == ["区域_〔姓名〕 (2).csv", "区域_〔姓名〕.csv"]
    held = {path.stem for path in (tmp_path / "to" / "quarantine").iterdir()}
    assert held == {"区域_〔姓名〕 (2)", "区域_〔姓名〕"}
    said = str(report) + report.faults.to_string() + everything_in(tmp_path / "to")
    assert not [name for name in ("王建国", "刘晓燕", "赵铁柱", "13812345678") if name in said]


def test_names_of_files_and_sheets_that_name_nobody_stay():
    names = [
        ("华东/订单 2025-01.csv", ""),
        ("销售明细_3月.xlsx", "高值耗材"),
        ("客户.xlsx", "金华"),
    ]
    made = place_names(names, ["江苏.csv"], SCRUBBER)
    assert all(old == new for old, new in made.files.items()) and len(made.files) == 4
    assert all(place[1] == new for place, new in made.sheets.items())
    assert people_in_places([("代表.xlsx", s) for s in ["王伟", "李娜", "赵铁柱"]], SCRUBBER, 0.5)


def test_a_code_that_speaks_of_a_person_is_held_back(tmp_path):
    ids = ["H1", "和平医院孙立军主任", "订单13812345678", "王建国", "沪A-01"]
    raw = one_table(
        tmp_path / "raw", "客户.csv", 客户编码=ids, 客户名称=["甲"] * 5, 区域编码=["R1"] * 5
    )
    report = ingest_folder(raw, tmp_path / "to")
    assert report.faults.reason.tolist() == ["a code that speaks of a person"]
    kept = pq.read_table(tmp_path / "to" / "customers.parquet").column("customer_id").to_pylist()
    assert kept == ["H1", "订单13812345678", "王建国", "沪A-01"]
    assert "孙立军" not in str(report) + everything_in(tmp_path / "to")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("医生姓名", "name"), ("联系人", "name"), ("业务员", "name"), ("手机号码", "phone"),
        ("联系电话", "phone"), ("身份证号", "id_number"), ("家庭住址", "address"),
        ("经度", "position"), ("微信号", "chat_account"), ("Doctor Name", "name"),
        ("contact_id", None), ("业务员编码", None), ("客户名称", None), ("医院名称", None),
        ("工号", None), ("拜访方式", None), ("联系人编码", None), ("客户姓名", "name"),
        ("数量", None), ("产品名称", None), ("医生数", None), ("患者数量", None), ("channel", None),
        ("name", None),
    ],
)  # fmt: skip
def test_columns_of_people_by_their_header(header, kind):
    assert kind_of_header(header) == kind


# --- what is too old --------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path):
    to = tmp_path / "tables"
    (to / "visits" / "region_id=R1").mkdir(parents=True)
    (to / "quarantine").mkdir()
    (to / "quarantine" / "x.csv").write_text("王建国")
    days = [dt.date(2022, 6, 29), dt.date(2022, 6, 30), dt.date(2025, 1, 1), None]
    visits = pa.table({"visit_id": list("abcd"), "contact_id": ["c1", "c2", "c1", None],
                       "visited_on": pa.array(days, pa.date32())})  # fmt: skip
    pq.write_table(visits, to / "visits" / "region_id=R1" / "0.parquet")
    pq.write_table(pa.table({"contact_id": ["c1", "c2"]}), to / "contacts.parquet")
    pq.write_table(pa.table({"issued_on": pa.array([days[0]])}), to / "invoices.parquet")
    pd.DataFrame({"feedback_id": ["01", "02"], "given_on": ["2020-01-01", "2025-06-01"]}).to_csv(
        to / "feedback.csv", index=False
    )
    return to


def listed(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_dry_run_counts_and_changes_nothing(stored):
    before = listed(stored)
    dry = erase(stored, 36, "2025-06-30")
    assert dry.erased == 2 and "dry run" in str(dry) and listed(stored) == before


def test_old_rows_go_and_all_else_stays(stored):
    done = erase(stored, 36, "2025-06-30", dry_run=False)
    assert done.counts.set_index("table").erased.to_dict() == {"visits": 1, "feedback": 1}
    visits = pq.ParquetFile(stored / "visits" / "region_id=R1" / "0.parquet").read()
    assert visits.column("visit_id").to_pylist() == ["b", "c", "d"]
    assert (stored / "feedback.csv").read_text(
        "utf-8-sig"
    ) == "feedback_id,given_on\n02,2025-06-01\n"
    assert (stored / "invoices.parquet").exists() and not (stored / "quarantine").exists()
    assert erase(stored, 36, "2025-06-30").erased == 0


def test_a_person_goes_on_request(stored):
    assert erase_contact(stored, "c1", dry_run=False).erased == 3
    assert "c1" not in everything_in(stored / "visits")
    assert pq.read_table(stored / "contacts.parquet").column("contact_id").to_pylist() == ["c2"]


def with_lists(stored, contact):
    """Put lists to fill in beside the tables, which copy a row of a contact."""
    (stored / "review").mkdir()
    head = ["file", "sheet", "row", "table", "column", "reason", "remedy", "医生"]
    row = ["a.csv", None, 2, "visits", "x", "y", "z", contact]
    for name, hidden in (("mend.xlsx", "as held 1"), ("mapping.xlsx", "as drafted")):
        book = openpyxl.Workbook()
        book.active.append(head)
        page = book.create_sheet(hidden)
        page.append(["file", "sheet", "row", "医生"])
        page.append(["a.csv", None, 2, contact])
        book.active.append(row)
        page.sheet_state = "veryHidden"
        book.save(stored / "review" / name)
    (stored / "review" / "names.xlsx").write_bytes(b"answers")
    return stored


def test_lists_that_copy_rows_go_with_them_and_answers_stay(stored):
    with_lists(stored, "c1")
    dry = erase_contact(stored, "c1")
    assert dry.lists == 2 and "review: 2 lists that copy such rows" in str(dry)
    assert erase_contact(stored, "c1", dry_run=False).lists == 2
    assert [p.name for p in (stored / "review").iterdir()] == ["names.xlsx"]


def test_a_contact_in_a_list_alone_is_erased_there(tmp_path):
    (tmp_path / "tables").mkdir()
    stored = with_lists(tmp_path / "tables", "c7")
    assert erase_contact(stored, "c8", dry_run=False).lists == 0
    assert erase_contact(stored, "c7", dry_run=False).lists == 2


def test_an_erasure_that_fails_changes_nothing(stored, monkeypatch):
    before = listed(stored)

    def full(*_args):
        raise OSError("no space left")

    monkeypatch.setattr("insights.ingest.privacy.erasure._write", full)
    with pytest.raises(OSError, match="no space"):
        erase(stored, 36, "2025-06-30", dry_run=False)
    assert listed(stored) == before and [p.name for p in stored.parent.iterdir()] == ["tables"]


def test_erasing_what_is_no_dated_table_is_refused(stored, tmp_path):
    with pytest.raises(PrivacyError, match="customers, visitz"):
        erase(stored, 36, "2025-06-30", tables=("visits", "customers", "visitz"))
    with pytest.raises(PrivacyError, match="holds no tables"):
        erase(tmp_path / "nowhere", 36, "2025-06-30")
    with pytest.raises(PrivacyError, match="months"):
        erase(stored, 0, "2025-06-30")


def test_who_was_erased_does_not_come_back(company, tmp_path, monkeypatch):
    how, base, _report, _privacy = company
    if how == "drop":
        pytest.skip("without hashes there is nobody to erase")
    monkeypatch.setenv("INSIGHTS_CONTACT_KEY", KEY["INSIGHTS_CONTACT_KEY"])
    before = pq.read_table(base / "to" / "contacts.parquet").to_pandas()
    gone = before.contact_id[0]
    params = PrivacyParams(contacts="hash", erased_contacts=(gone,))
    ingested(base / "raw", tmp_path / "to", base / "mapping.yaml", params)
    after = pq.read_table(tmp_path / "to" / "contacts.parquet").to_pandas()
    assert len(after) == len(before) - 1 and gone not in everything_in(tmp_path / "to")


def test_a_list_of_names_is_read_from_outside_the_repository(tmp_path, monkeypatch):
    raw = tmp_path / "raw"
    raw.mkdir()
    rows = {"区域编码": ["1"], "区域名称": ["昨天赵铁柱说"]}
    pd.DataFrame(rows).to_csv(raw / "区域.csv", index=False)
    (tmp_path / "names.txt").write_text("赵铁柱\n", encoding="utf-8")
    params = PrivacyParams(names_file=str(tmp_path / "names.txt"))
    ingested(raw, tmp_path / "to", None, params)
    regions = pq.read_table(tmp_path / "to" / "regions.parquet")
    assert regions.column("region_name").to_pylist() == ["昨天〔姓名〕说"]
    with pytest.raises(PrivacyError, match="repository"):
        open_door([], PrivacyParams(names_file=str(ROOT / "README.md")))


def test_params_say_what_they_cannot_take():
    with pytest.raises(ValueError, match="two characters"):
        PrivacyParams(kept_words=("王",))
    assert PrivacyParams().contacts == "drop" and np.isclose(PrivacyParams().personal_share, 0.5)
