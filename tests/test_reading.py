"""Files that are not what they should be: read as what they are, or refused in words."""

from __future__ import annotations

import base64
import codecs
import datetime as dt
import io
import os
import random
import zipfile
import zlib
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from insights.ingest import ingest_folder
from insights.ingest.amounts import plain_numbers, unclear_separators
from insights.ingest.chinese_numerals import chinese_number
from insights.ingest.reading import Limits, Sheet, UnreadableError, read_file
from insights.ingest.reading.delimited import _rows, read_delimited
from insights.ingest.reading.sheets import sheet_of_grid
from insights.ingest.vocabulary import load_vocabulary

KNOWN = load_vocabulary().known_headers
HEAD = "订单号,行号,客户编码,订单日期,数量,含税金额(元)\n"
ROWS = "A1,1,0012,2024-01-05,1,5\nA2,1,0013,2024-01-06,2,6\n"
OLD_WORKBOOK = (
    "c-rk)O-NKx6#njeZ=9d}nK2bKm_*3R6#oLF(8<7DC8mLqk~z%~VQPpAElA5|R}ch2KO4h>7Fuokp@Q1A2#i_;LZw"
    "BtXj4$oLY>Yz^Ja8x0tZr1-Z#AS&N=to@7{Osx$oY2uO~cHBlq*Bu?RKLF&B0sWr0u8<%}9`P<c4aYV_`)D{Ns^!"
    "RerhOtIlf+ABNHA<y?TG~6>@kOV%_)rOO3=;;pTuORkFA37BGp;{S~dm3)gm5yBLSEk6LBG-$&E3r>S?iSBQk<}D"
    "Cr4C`j*HE;>%;SSv0hK9YWBE|(OiFY)vhkAhc<_>n#M)5Xd%WYsS}E`vsTc*#b$zfq*vobXZovf%5K6kbN&*3|;l"
    "yniKp9~QS(Fr`_!Z6venwaS^L)#{vVH~f|Bm<D|KWGgj3)B)v@Z5v)@Y)K5I&-KDTI)UF@sAqb+fg~AEL~twR8F?"
    "^))zyep)i17*KjhK+d4*Cv|7@#}-p%Z`y(H1H5M2tNdSr8;|KweTUn6t~W_el~+(k)=_csX*BF=_Fob8!o2Dfm3E"
    "VgvWo4cm8De_-|ynhM_yL$xR+I$Ea6m=0c42ok%jE0QJA^&<IO&Qqpw{&L$X0dwy{n8)Cl7&*PzPjQX&sd3k4{W8"
    "rwvk6V?r)=ZVas7`hiWW}C|1VTm~}rG?Z^rQoe^^8$Sf>7j4?A9+KceOpN%ub)1ZHU7>wf&!YE0FN>KhEc4F)wQd"
    "P$G+%YnJ>KeB6I(G`8hPV+4r!yS7%_BS2e*SGGg)QsF<ahV->M<vh<i`kY$+6Dgm<+W}6wWggGT<F*8rmGwQb@)="
    "W%}v9DEQX6Douah}m!;`2~!ghh+v)P$2~FcQg}ABfYYImqJP7AfY{6Y%OXPF|BqkK@&a*BP^T6kKL2y7019qh;a&"
    "caOG~d8|ZEs+e4@IjIun<htmnBGIT?uwcQ01q&9I5lW7MkRy^|9)9@<V>iF+%+fVyeI{A6XhIMD`shz#9lGh>i-D"
    "x_CkHka<x)$m6a8MuXrb17(FwowqciFJr6Z_X_&iIl=>C68DB1SslIiC%xBmwNX)a^"
)
WITH_PASSWORD = (
    "c-rk(+j81g6g|Gic5g}Arm35z8oe?xH%m4i<5Y-?02@07W5b(n2yu~QNnAvxU(m0}TVMOuPv~3w1D$C<q;a=|z~D"
    "=YoOC9cYB7t0&e1vR?7f$c?B9QT@aL<a*Z)FSu!k1V>x)&iJkd7?oF84>A70yheQ|Ly>b~&tLE&$pUB3mW-J)Ady"
    "XN<REAI6gv>yRK27Utk6!_WD0_Xwop?jZ?4-cc~cfoD%TK~_1UjV-ZJ_3FPd<^^=xDNaV_yqVZ@G0;+-!tz8j*$u"
    "<6JaQY6lis1Auo7@md0oP+Aa5le(L-vz5HWt)Gi^{TmV~@cT_b{7m<LD5DPs`_?F=M-+;p#X)>N!^jD$pmxsf#Wt"
    "0RZ6Ig^D*vcX@JjDMP-hd<R#TnzD94mvK4vI2VK|$VeAI;Bsjo<FucgL<re*mpEv;I2h+h@m;`|h7b-~JmyyH!66"
    "d8k1)X2TOS=fr={sipV)7ah;rxtFeZaafV-`<uq*9rADc<a>9l1bQs!7*5POYI~1=?7x-&ApYz7yBh!8IR4c;=r6"
    "<bu7g$^RJ@)&$a(j8&%f=}U(rqH&oE{$6?h8z^X}ilUe2FaOX$78F7N>2<{cLpz#8OX1JO<<Z0F0++Go_pjVI;ke"
    "}K6=>aVzS>l15WGrSif@8H>;)Q{ZpSvYg&+vn*^l!i|XQ78&+2)>^o0+Fy*8h&lUudvgXfSn~_#2%%fKMdIpLr(~"
    "8!9MK!en15eb(wXqx7BL#E&Q_xANwrZeco@ku&$^ZvZ}=K@J0y7M1@xcS&`!SNh$qo8^;WjRRp%BDq<YBL<4`mx3"
    "&v6>6T`~EDTmqj5uC5O>HL_H2AvMW{r)u%<HP5*31oFZ3op_P3Fa5Borcpms9cK+#Sus?51d?h6|{AP-6|Fr|QCJ"
    "A^xrl@uF_ZFvgl9zPE+}c40ipnk;6pEwd;OAoehcV_Zw+o0pexQ$jW&`UnA6b=Ig4$H-0GS!E1f*6N~8wIo%S&3Z"
    "eIQ>h~E_R@7$R-A;7ejTWSNGIswiW8HH3`K+^xU;7++v<Q49Z795c_~!dt~S(D&N{B?$3!n4$FZOrhyYP!6;qU85"
    "esv(FA7YX<@2Hy$Ggozwwp`TtH<F?K;XGbP9!ao(TL+jA#0se)rvt7k?v`<lOY>tRP(42J4tihL4=4A87rF%OPln"
    "0G)0mJiGdMniP7y=l9TKmOli6M4IjzHd`}8*rBB$yR;f|#NFA*#5P6~(=xzytex^Vib`7pEprfTW$4Qw$jTE<E>~"
    "GS-VX(}X!Yaqf<Y75yo#quaP*5TVFQmzMCkt!rjmt3Ak9BnUtxdN#RpMQ3XB;o&6*Dwhq1BFJLd+o>xCbjuo97Cq"
    "Z1!%Q^+w$Z*M;g0;-DSr#)_5xR<d5TqLpfinyPtO)ZvK|bq0j8iq?TVm<2`+r08x)RfI~gK}Y&@g0a2&M%f!zbob"
    "Gy<a>O9jO=Ryb;guhe2-70P41|fjSf1^zAVI2>FRkeci!hus9=Ua)MD8j)2cJuty+#Vtx``=D={O~mu1Tk7@avR9"
    "81%2KrLOdoW*sMQEHnH7wBl?EV<vLYg+*-b9!DrrODEnU=;>ACQ)sco0oQUtTAOE*QUWMKHZ%-828qY4<9~!`0(M"
    "whYue<eE9I;!-o$aKK`%x2kw*%z5"
)


def packed(text):
    return zlib.decompress(base64.b85decode(text))


def read(path: Path, content: bytes | None = None, **limits) -> list[Sheet]:
    if content is not None:
        path.write_bytes(content)
    return read_file(path, path.name, KNOWN, Limits(**limits))


def one(path, content=None, **limits):
    sheets = read(path, content, **limits)
    assert len(sheets) == 1
    return sheets[0]


def refusal(path, content=None, **limits):
    with pytest.raises(UnreadableError) as error:
        read(path, content, **limits)
    assert error.value.reason and error.value.remedy
    return str(error.value)


@pytest.fixture
def csv_file(tmp_path):
    return tmp_path / "订单.csv"


@pytest.fixture
def book(tmp_path):
    return tmp_path / "客户.xlsx"


def orders(sheet):
    return sheet.frame.iloc[:, 0].tolist()


# --- encodings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32", "utf-16-le", "utf-16-be"]
)
def test_every_encoding_of_windows_gives_the_same_text(csv_file, encoding):
    content = (HEAD + ROWS).encode(encoding)
    sheet = one(csv_file, content)
    assert ",".join(sheet.frame.columns) + "\n" == HEAD
    assert orders(sheet) == ["A1", "A2"]


def test_utf_16_with_the_other_mark(csv_file):
    content = codecs.BOM_UTF16_BE + (HEAD + ROWS).encode("utf-16-be")
    assert orders(one(csv_file, content)) == ["A1", "A2"]


def test_big5_is_said_with_its_headers_and_never_read_as_other_characters(csv_file):
    text = "訂單號,客戶編碼,訂單日期,金額\nA1,0012,2024-01-05,5\n"
    said = refusal(csv_file, text.encode("big5"))
    assert "Big5" in said and "訂單號" in said and "CSV UTF-8" in said


def test_big5_under_english_headers_is_told_by_its_characters(csv_file):
    text = "customer_id,region_id,customer_name\n1,E,臺北榮民總醫院\n2,E,高雄長庚紀念醫院\n"
    assert "Big5" in refusal(csv_file, text.encode("big5"))
    simplified = "customer_id,region_id,customer_name\n1,E,北京协和医院\n2,E,华西医院\n"
    assert one(csv_file, simplified.encode("gb18030")).frame.iloc[0, 2] == "北京协和医院"
    traditional = "客户编码,区域编码,客户名称\n1,E,臺北榮民總醫院\n"
    assert one(csv_file, traditional.encode("gb18030")).frame.iloc[0, 2] == "臺北榮民總醫院"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_file_cut_in_the_middle_of_a_character_is_said(csv_file, encoding):
    content = (HEAD + "A1,1,第一医院".encode(encoding).decode(encoding)).encode(encoding)
    said = refusal(csv_file, content[:-1])
    assert "middle of a character" in said and "cut" in said


def test_two_encodings_in_one_file_name_the_line(csv_file):
    content = (HEAD + ROWS).encode() + "A3,1,第一医院门诊,2024-01-07,1,5\n".encode("gb18030")
    said = refusal(csv_file, content)
    assert "UTF-8" in said and "line 4" in said


def test_nul_bytes_are_said_with_their_line(csv_file):
    assert "line 3" in refusal(csv_file, (HEAD + ROWS).encode()[:-5] + b"\0\0\0")
    assert "line 1" in refusal(csv_file, bytes(1000))


def test_neither_encoding(csv_file):
    assert "neither UTF-8 nor GB18030" in refusal(csv_file, b"\xff\xff\xff\xff\n")
    assert "empty" in refusal(csv_file, b"")


# --- delimited text ---------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end(csv_file, mark, end):
    text = ("客户订单明细表\n" + HEAD + ROWS).replace(",", mark).replace("\n", end)
    sheet = one(csv_file, text.encode())
    assert orders(sheet) == ["A1", "A2"] and sheet.rows.tolist() == [3, 4]
    assert sheet.frame.shape[1] == 6


def test_mixed_line_ends_and_blank_rows_keep_their_numbers(csv_file):
    text = HEAD + "A1,1,1,2024-01-05,1,5\r\n\n,,,,,\r\nA2,1,1,2024-01-05,1,5\rA3,1,1,2024-01-05,1,5"
    sheet = one(csv_file, text.encode())
    assert orders(sheet) == ["A1", "A2", "A3"] and sheet.rows.tolist() == [2, 5, 6]


def test_a_declared_delimiter_and_a_wide_comma_in_a_name(csv_file):
    text = "sep=;\r\n订单号;客户名称\r\nA1;第一医院，东院\r\n"
    assert one(csv_file, text.encode()).frame.iloc[0].tolist() == ["A1", "第一医院，东院"]
    text = "订单号,客户名称\nA1,第一医院，东院，南院，北院\n"
    assert one(csv_file, text.encode()).frame.iloc[0, 1] == "第一医院，东院，南院，北院"


def test_a_quotation_mark_never_closed_tears_its_own_row_only(csv_file):
    rows = [f'A{n},1,"0012",2024-01-05,1,5' for n in range(9)]
    rows[3] = 'A3,1,"0012,2024-01-05,1,5'
    sheet = one(csv_file, (HEAD + "\n".join(rows) + "\n").encode())
    assert orders(sheet) == [f"A{n}" for n in range(9)]
    assert sheet.rows[sheet.torn].tolist() == [5] == sheet.rows[sheet.shifted].tolist()
    assert sheet.frame.iloc[8, 2] == "0012"
    last = (HEAD + "\n".join(rows[:3]) + '\nA9,1,"0012').encode()
    assert one(csv_file, last).torn.tolist() == [False, False, False, True]


def test_line_ends_within_quotation_marks_are_one_row(csv_file):
    text = HEAD + 'A1,1,"他说""好""\n第二行",2024-01-05,1,5\nA2,1,1,2024-01-05,1,5\n'
    sheet = one(csv_file, text.encode())
    assert orders(sheet) == ["A1", "A2"] and sheet.torn is None
    assert sheet.frame.iloc[0, 2] == '他说"好"\n第二行' and sheet.rows.tolist() == [2, 3]


def test_a_file_cut_within_a_row_is_a_torn_row(csv_file):
    for text in (ROWS + "A3,1,0012,20", ROWS.replace("0012", '"00""12"') + "A3,1,0012,20"):
        sheet = one(csv_file, (HEAD + text).encode())
        assert sheet.torn.tolist() == [False, False, True] == sheet.shifted.tolist()
    assert one(csv_file, (HEAD + ROWS.rstrip()).encode()).torn is None


def test_two_rows_of_headers_are_one(csv_file):
    names = "order_id,line_no,customer_id,ordered_on,quantity,amount\n"
    sheet = one(csv_file, (HEAD + names + ROWS).encode())
    assert orders(sheet) == ["A1", "A2"] and "1 to 2" in sheet.notes[0]
    grouped = "订单号,客户编码,订单日期,金额,,\n,,,含税金额,数量,产品编码\nA1,1,2024-01-05,5,1,P\n"
    sheet = one(csv_file, grouped.encode())
    assert list(sheet.frame.columns)[:3] == ["订单号", "客户编码", "订单日期"]
    assert list(sheet.frame.columns)[4:] == ["数量", "产品编码"] and orders(sheet) == ["A1"]


def test_a_query_line_above_the_header_is_no_header(csv_file):
    for line in ("区域,华东,日期,2025-01", "区域,华东,日期,", "区域：,华东,,", "区域,华东,,"):
        text = line + "\n,客户编码,客户名称,客户类型\n1,C1,甲医院,医院\n"
        sheet = one(csv_file, text.encode())
        assert list(sheet.frame.columns) == ["(column 1)", "客户编码", "客户名称", "客户类型"]
        assert sheet.frame.iloc[0].tolist() == ["1", "C1", "甲医院", "医院"]
    text = "区域编码,客户信息,,\n,客户编码,客户名称,客户类型\nE,C1,甲医院,医院\n"
    columns = list(one(csv_file, text.encode()).frame.columns)
    assert columns == ["区域编码", "客户编码", "客户名称", "客户类型"]


def test_a_known_lower_header_wins_and_keeps_the_unit_above(csv_file):
    names = "order_id,line_no,customer_id,ordered_on,quantity,amount\n"
    text = HEAD.replace("(元)", "(万元)") + names + ROWS
    columns = list(one(csv_file, text.encode()).frame.columns)
    assert columns == [*names.strip().split(",")[:5], "amount(万元)"]
    text = "订单号,金额（万元）,,,\n,数量,含税金额,未税金额(元),产品编码\nA1,1,2,3,P\n"
    columns = list(one(csv_file, text.encode()).frame.columns)
    assert columns == ["订单号", "数量", "含税金额（万元）", "未税金额(元)", "产品编码"]


def test_headers_lose_letters_nobody_sees(csv_file):
    text = codecs.BOM_UTF8 * 2 + "订单号\u200b,客户编码\n1,2\n".encode()
    assert list(one(csv_file, text).frame.columns) == ["订单号", "客户编码"]


def test_a_last_line_that_may_be_cut_within_a_number_is_noted(csv_file):
    cut = one(csv_file, (HEAD + ROWS + "A3,1,0012,2024-01-05,1,1").encode())
    assert cut.torn is None and len(cut.frame) == 3
    assert any("row 4" in note and "line end" in note for note in cut.notes)
    for text in (HEAD + ROWS, HEAD + "A3,1,0012,2024-01-05,1,一", HEAD + 'A3,1,1,2024-01-05,1,"1"'):
        assert one(csv_file, text.encode()).notes == ()


def test_rows_that_quotation_marks_swallowed_are_noted(csv_file):
    text = 'A1,1,"x,2024-01-05,1,5\nA2,1,y,2024-01-05,1,5\nA3,1,z",2024-01-05,1,5\n'
    sheet = one(csv_file, (HEAD + text).encode())
    assert len(sheet.frame) == 1 and any("row 2" in note for note in sheet.notes)
    good = 'A1,1,"他说\n第二行, 好",2024-01-05,1,5\n'
    assert one(csv_file, (HEAD + good).encode()).notes == ()


def test_blank_columns_go_and_repeated_headers_are_named(csv_file):
    text = ",订单号,,金额,金额,\n,A1,,5,6,\n,A2,x,5,6,\n"
    sheet = one(csv_file, text.encode())
    assert list(sheet.frame.columns) == ["订单号", "(column 3)", "金额", "金额 (2)"]
    assert sheet.repeated == ("金额",)


def test_codes_that_text_guards_from_excel_are_bare(csv_file):
    text = '订单号,客户编码,备注\n="0012",\'0013,"他说:=""x"""\n'
    assert one(csv_file, text.encode()).frame.iloc[0].tolist() == ["0012", "0013", '他说:="x"']


def test_a_thousand_columns(tmp_path, csv_file):
    wide = [f"扩展字段{n}" for n in range(1000)]
    text = HEAD.strip() + "," + ",".join(wide) + "\n"
    text += "".join(row + ",1" * 1000 + "\n" for row in ROWS.splitlines())
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "订单.csv").write_text(text, encoding="gb18030")
    report = ingest_folder(folder, tmp_path / "to")
    assert report.counts.accepted.tolist() == [2]
    assert "扩展字段0" in str(report) and "more notes" in str(report)
    other = ",".join(wide) + "\n" + ",".join("1" * 1000) + "\n"
    assert one(csv_file, other.encode("gb18030")).frame.shape == (1, 1000)


def test_a_line_without_end_is_refused_before_it_is_held(csv_file):
    said = refusal(csv_file, (HEAD + "A" * (5 << 20)).encode(), line=1 << 20)
    assert "does not end within 1.0 MB" in said
    assert len(orders(one(csv_file, (HEAD + ROWS * 99_999).encode(), line=1 << 20))) == 199_998


cells = st.text(alphabet='ab1 ,"\n，医', max_size=4)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_csv_writes_is_read_back_however_it_is_read(rows, quoted):
    buffer = io.StringIO()
    pd.DataFrame(rows, columns=["订单号", "客户编码", "数量"]).to_csv(
        buffer, index=False, quoting=1 if quoted else 0
    )
    (sheet,) = read_delimited(buffer.getvalue(), "x", KNOWN)
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert sheet.frame.fillna("").to_numpy().tolist() == kept and not sheet.shifted.any()


@given(st.text(alphabet='ab",\n\r;', max_size=60), st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_fast_way_and_the_careful_way_agree(text, quotes):
    text = "订单号,客户编码,数量\n" + (text if quotes else text.replace('"', ""))
    found = read_delimited(text, "x", KNOWN)
    grid, torn = _rows(text, ",")
    other = sheet_of_grid("x", "", grid, KNOWN, torn, not text.endswith(("\n", "\r")))
    pd.testing.assert_frame_equal(found[0].frame.fillna(""), other.frame.fillna(""))
    assert found[0].rows.tolist() == other.rows.tolist()
    assert found[0].shifted.tolist() == other.shifted.tolist()


# --- workbooks --------------------------------------------------------------------------------

CUSTOMERS = ["客户编码", "区域编码", "客户名称", "开户日期", "年潜力"]


def save(path, rows, change=None):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "客户"
    for row in rows:
        sheet.append(row)
    if change:
        change(made, sheet)
    made.save(path)


def test_cells_are_text_as_a_person_sees_them(book):
    rows = [CUSTOMERS, ["0012", 4, "x", dt.datetime(2024, 3, 5), 1.5]]
    rows.append([4, 4.0, True, dt.datetime(2024, 3, 5, 9, 30), 0.1 + 0.2])
    rows.append([7, 123456789012345678, None, dt.date(2024, 3, 5), 10**14])

    def padded(_made, sheet):
        sheet["A4"].number_format = "0000"

    save(book, rows, padded)
    assert one(book).frame.fillna("").to_numpy().tolist() == [
        ["0012", "4", "x", "2024-03-05", "1.5"],
        ["4", "4", "true", "2024-03-05 09:30:00", "0.3"],
        ["0007", "1.2345678901234570E+17", "", "2024-03-05", "100000000000000"],
    ]


@pytest.mark.parametrize(
    ("form", "number", "shown"),
    [
        ('"C"0000', 12, "C0012"),
        ("000-0000", 1234567, "123-4567"),
        ("000-0000", 12, "000-0012"),
        ("00-00", 12345, "123-45"),
        ("\\K000", 7, "K007"),
        ("0000_ ", 7, "0007"),
        ("0000;-0000;;@", 7, "0007"),
        ('0"箱"', 7, "7"),
        ("0.00", 7, "7"),
        ("00.0", 7, "7"),
        ("#,##0", 1234, "1234"),
    ],
)
def test_codes_are_read_with_the_letters_and_zeros_their_format_shows(book, form, number, shown):
    def coded(_made, sheet):
        sheet["A2"].number_format = form

    save(book, [CUSTOMERS, [number, "E"]], coded)
    assert one(book).frame.iloc[0, 0] == shown


def test_a_code_that_excel_made_a_date_of_is_held_back(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    odd = [dt.date(2025, 3, 1), dt.time(3, 1), True, dt.timedelta(hours=27)]
    good = [[f"3-{n}", "E", "x"] for n in range(5)]
    save(folder / "客户.xlsx", [CUSTOMERS[:3], *good, *[[code, "E", "x"] for code in odd]])
    report = ingest_folder(folder, tmp_path / "to")
    assert report.faults.row.tolist() == [7, 8, 9, 10]
    assert report.faults.reason.str.contains("Excel made").all()


def test_a_subtotal_beside_merged_codes_is_none_of_them(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    rows = [["经销商编码", "产品编码", "期末库存", "盘点日期"], ["D1", "P1", 5, "2025-01-31"],
            [None, "P2", 5, "2025-01-31"], [None, "小计", 10, "2025-01-31"]]  # fmt: skip
    save(folder / "stock.xlsx", rows, lambda _made, sheet: sheet.merge_cells("A2:A4"))
    report = ingest_folder(folder, tmp_path / "to")
    assert report.counts.accepted.tolist() == [2] and report.exit_code == 0
    assert report.faults[["row", "reason"]].to_numpy().tolist() == [[4, "a subtotal row"]]


def test_codes_that_excel_cut_are_faults(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    save(folder / "客户.xlsx", [CUSTOMERS[:2], [1234567890123456789, "E"], ["0012", "E"]])
    report = ingest_folder(folder, tmp_path / "to")
    assert report.faults.row.tolist() == [2] and "cut" in report.faults.reason[0]


def test_dates_of_the_1904_system(book):
    def epoch(made, _sheet):
        made.epoch = CALENDAR_MAC_1904

    made = openpyxl.Workbook()
    epoch(made, None)
    made.active.append(CUSTOMERS)
    made.active.append(["1", "E", "x", dt.datetime(2024, 3, 5), 1])
    made.save(book)
    assert one(book).frame.loc[0, "开户日期"] == "2024-03-05"


def test_errors_and_formulas_without_result_are_named_in_their_cells(book):
    rows = [CUSTOMERS, ["1", "E", "#N/A", "#REF!", "=1/0"], ["2", "E", "x", None, "#DIV/0!"]]
    rows += [[None, None, None, None, None, None, "#NAME?"]]
    save(book, rows)
    frame = one(book).frame.fillna("")
    assert frame.iloc[0].tolist() == ["1", "E", "#N/A", "#REF!", "=1/0"]
    assert frame.loc[1, "年潜力"] == "#DIV/0!"
    assert one(book).shifted.tolist() == [False, False, True]


def test_merged_words_and_codes_are_repeated_and_amounts_never(book):
    rows = [["客户台账"], CUSTOMERS, ["0012", "E", "第一医院", None, 100], [], [], ["2", "E", "y"]]

    def merge(_made, sheet):
        for area in ("A1:E1", "A3:A5", "B3:B5", "C3:C4", "E3:E5"):
            sheet.merge_cells(area)

    save(book, rows, merge)
    sheet = one(book)
    assert sheet.frame["客户编码"].tolist() == ["0012", "0012", "0012", "2"]
    assert sheet.frame["客户名称"].fillna("").tolist() == ["第一医院", "第一医院", "", "y"]
    assert sheet.frame["年潜力"].fillna("").tolist() == ["100", "", "", ""]
    assert sheet.rows.tolist() == [3, 4, 5, 6]
    assert any("A3:A5" in note for note in sheet.notes)
    assert any("E3:E5" in note and "first row alone" in note for note in sheet.notes)


def test_hidden_sheets_are_said(book):
    def hide(made, _sheet):
        made.create_sheet("旧").append(CUSTOMERS)
        made["旧"].sheet_state = "veryHidden"

    save(book, [CUSTOMERS, ["1", "E"]], hide)
    shown, hidden = read(book)
    assert shown.notes == () and "hidden" in hidden.notes[0]


def test_an_old_workbook_with_errors_padding_1904_and_a_hidden_sheet(tmp_path):
    shown, hidden = read(tmp_path / "客户.xls", packed("".join(OLD_WORKBOOK)))
    assert shown.frame.to_numpy().tolist() == [
        ["0012", "E", "第一医院", "2024-03-05", "1.5"],
        ["4", "E", "第二医院", "2024-03-06", "#N/A"],
        ["0007", "E", "第三医院", "2024/3/7", "2"],
    ]
    assert "hidden" in hidden.notes[0]
    assert len(read(tmp_path / "客户.xlsx", packed("".join(OLD_WORKBOOK)))) == 2


def test_a_password_is_said_whatever_the_name(tmp_path):
    for name in ("a.xlsx", "a.xls"):
        assert "password" in refusal(tmp_path / name, packed("".join(WITH_PASSWORD)))


def test_a_zip_that_is_no_workbook(book):
    with zipfile.ZipFile(book, "w") as made:
        made.writestr("订单.csv", "x")
    assert "zip archive" in refusal(book)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_cut_or_damaged_workbook(book, share):
    save(book, [CUSTOMERS, *([str(n), "E", "x", None, n] for n in range(200))])
    content = book.read_bytes()
    assert "again" in refusal(book, content[: int(len(content) * share)])
    old = packed("".join(OLD_WORKBOOK))
    assert "again" in refusal(book.with_suffix(".xls"), old[: int(len(old) * min(share, 0.6))])


def test_damaged_bytes_never_raise_anything_else(book):
    save(book, [CUSTOMERS, *([str(n), "E", "x", None, n] for n in range(50))])
    chance = random.Random(5)
    for content in (book.read_bytes(), packed("".join(OLD_WORKBOOK))):
        for _n in range(60):
            torn = bytearray(content)
            for _m in range(20):
                torn[chance.randrange(8, len(torn))] = chance.randrange(256)
            book.write_bytes(torn)
            try:
                read(book)
            except UnreadableError as error:
                assert str(error)


def test_an_empty_workbook_holds_no_sheet(book):
    save(book, [])
    assert read(book) == []


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(book):
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<x/>")
        made.writestr("xl/worksheets/sheet1.xml", bytes(3 << 20))
    assert "its size" in refusal(book, unpacked=1 << 20)


def test_a_stray_cell_in_the_last_corner_is_refused(book):
    def stray(_made, sheet):
        sheet["XFD1048576"] = 1

    save(book, [CUSTOMERS, ["1", "E"]], stray)
    said = refusal(book)
    assert "1,048,576" in said and "16,384" in said

    def far(_made, sheet):
        sheet["A90000"] = "x"

    save(book, [CUSTOMERS, ["1", "E"]], far)
    assert one(book, cells=90_000 * 26).rows.tolist() == [2, 90000]


PAGE = """<html><head><meta charset="gb2312"><style>td{x}</style></head><body><table>
<tr><th colspan=5>客户台账</th></tr>
<tr><td>客户编码<td>区域编码<td>客户名称<td>开户日期<td>年潜力</tr>
<tr><td rowspan="2" style="mso-number-format:'@'">0012</td><td>E</td><td>第一&amp;医院</td>
<td>2024/3/5</td><td rowspan=2>1,200.50</td></tr><tr><td>E</td><td>x<br>y</td><td>&nbsp;</td></tr>
</table></body></html>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_web_page_called_xls_is_read(tmp_path, encoding):
    sheet = one(tmp_path / "客户.xls", PAGE.encode(encoding))
    assert sheet.frame.fillna("").to_numpy().tolist() == [
        ["0012", "E", "第一&医院", "2024/3/5", "1,200.50"],
        ["0012", "E", "x\ny", "", ""],
    ]
    assert "web page" in sheet.notes[0]
    assert "login" in refusal(tmp_path / "b.xls", "<html><body>请登录".encode(encoding))


def test_xml_of_excel_2003_is_read(tmp_path):
    text = """<?xml version="1.0" encoding="gb2312"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="客户"><Table>
<Row><Cell><Data ss:Type="String">客户编码</Data></Cell><Cell ss:Index="3"><Data ss:Type="String"
>区域编码</Data></Cell></Row><Row ss:Index="4"><Cell><Data ss:Type="Number">4</Data></Cell>
<Cell ss:Index="3"><Data ss:Type="String">E</Data></Cell></Row></Table></Worksheet></Workbook>"""
    sheet = one(tmp_path / "客户.xls", text.encode("gb18030"))
    assert sheet.frame.iloc[0].tolist() == ["4", "E"] and sheet.rows.tolist() == [4]
    assert "cut" in refusal(tmp_path / "b.xls", text[:-20].encode())


@pytest.mark.parametrize(
    ("kind", "written", "shown"),
    [
        ("Number", "1234.1999999999998", "1234.2"),
        ("Number", "1.2345678901234499E+17", "1.2345678901234499E+17"),
        ("Number", "0012", "0012"),
        ("Number", "x", "x"),
        ("String", "1234.1999999999998", "1234.1999999999998"),
        ("DateTime", "2024-03-05T00:00:00.000", "2024-03-05"),
        ("Boolean", "1", "true"),
    ],
)
def test_cells_of_excel_2003_are_as_those_of_other_workbooks(tmp_path, kind, written, shown):
    text = f"""<?xml version="1.0"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="客户"><Table>
<Row><Cell><Data ss:Type="String">客户编码</Data></Cell><Cell><Data ss:Type="String">潜力</Data>
</Cell></Row><Row><Cell><Data ss:Type="String">C</Data></Cell><Cell><Data ss:Type="{kind}"
>{written}</Data></Cell></Row></Table></Worksheet></Workbook>"""
    assert one(tmp_path / "客户.xls", text.encode()).frame.iloc[0, 1] == shown


def test_text_called_a_workbook_and_a_workbook_called_text(tmp_path, book):
    sheet = one(tmp_path / "订单.xls", (HEAD + ROWS).replace(",", "\t").encode("gb18030"))
    assert orders(sheet) == ["A1", "A2"] and "CSV" in sheet.notes[0]
    save(book, [CUSTOMERS, ["0012", "E"]])
    assert orders(one(tmp_path / "客户.csv", book.read_bytes())) == ["0012"]


def test_no_permission_is_said(csv_file, monkeypatch):
    csv_file.write_text(HEAD)
    if os.name == "posix" and os.geteuid() != 0:
        csv_file.chmod(0)
    else:

        def refuse(*_args, **_kwargs):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
    assert "permission" in refusal(csv_file)


# --- parquet ----------------------------------------------------------------------------------


def test_parquet_of_odd_types(tmp_path):
    zone = pa.timestamp("us", "Asia/Shanghai")
    midnight = pa.array([dt.datetime(2024, 1, 4, 16), None], pa.timestamp("us"))
    table = pa.table(
        {
            "订单号": pa.array(["A1", None]).dictionary_encode(),
            "金额": pa.array([Decimal("12.50"), None], pa.decimal128(18, 2)),
            "数量": pa.array([3.14, 16777216.0], pa.float32()),
            "x": pa.array([17850.0, None]),
            "订单日期": midnight.cast(pa.timestamp("us", "UTC")).cast(zone),
            "列表": pa.array([[1, 2], None]),
            "空": pa.nulls(2),
            "字节": pa.array([b"\xff", b"a"]),
            "真": pa.array([True, None]),
            "大": pa.array([1e17, 1.0]),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    sheet = one(tmp_path / "x.parquet")
    first, second = sheet.frame.fillna("").to_numpy().tolist()
    assert first == ["A1", "12.50", "3.14", "17850", "2024-01-05 00:00:00", "", "true", "1e+17"]
    assert second == ["", "", "16777216", "", "", "", "", "1"]
    assert "列表, 字节" in sheet.notes[0] and "Asia/Shanghai" in sheet.notes[1]
    content = (tmp_path / "x.parquet").read_bytes()
    for share in (4, 100, len(content) // 2, len(content) - 3):
        assert "not readable" in refusal(tmp_path / "y.parquet", content[:share])


# --- nothing raises, other files go on --------------------------------------------------------


def test_bad_files_are_told_and_good_ones_still_read(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    save(raw / "客户.xlsx", [CUSTOMERS[:2], ["0012", "E"]])
    (raw / "订单.csv").write_text(HEAD + ROWS, encoding="utf-8")
    bad = {
        "密码.xlsx": packed("".join(WITH_PASSWORD)),
        "半.xlsx": (raw / "客户.xlsx").read_bytes()[:900],
        "包.xlsx": b"PK\x05\x06" + bytes(18),
        "大五.csv": "訂單號,客戶編碼,訂單日期\n1,2,3\n".encode("big5"),
        "半.csv": (HEAD + "医").encode()[:-1],
        "零.csv": b"\0" * 50,
        "空.csv": b"",
        "网.xls": b"<html>login</html>",
        "坏.parquet": b"PAR1PAR1",
        "坏.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    }
    for name, content in bad.items():
        (raw / name).write_bytes(content)
    report = ingest_folder(raw, tmp_path / "to")
    assert report.exit_code == 2
    assert set(report.faults.file) == set(bad)
    assert sorted(report.counts.loc[report.counts.accepted > 0, "file"]) == [
        "客户.xlsx",
        "订单.csv",
    ]
    assert report.faults.reason.str.len().min() > 5 and report.faults.remedy.str.len().min() > 5


# --- amounts ----------------------------------------------------------------------------------

WRITINGS = {
    "1234.56": "壹仟贰佰叁拾肆元伍角陆分", "10000": "壹万元整", "12": "人民币壹拾贰元正",
    "0.56": "伍角陆分", "0.05": "伍分", "-100": "负壹佰元", "23": "廿三", "200": "两百元",
    "100000020": "一亿零二十", "102": "一百零二", "35000": "三点五万", "1000000": "壹佰万元整",
    "1005.3": "壹仟零伍元叁角", "99.03": "玖拾玖元零叁分", "0": "零元", "15": "十五元",
    "120000000": "1亿2000万", "120000001": "1亿零1" if False else "一亿二千万零一",
    "12000": "1.2万元", "3.5E4": "3万5千", "1000": "¥1,000元", "1234.5": "RMB 1,234.50",
    "101": "101 CNY", "120001": "1.20001E+05", "2234.5": "2\u00a0234.50", "-5": "−5",
    "1234.501": "１，２３４．５０１", "-12": "（12）", "-7.5": "7.50-", "-3": "¥-3", "0.07": "7%",
}  # fmt: skip


@pytest.mark.parametrize(("number", "written"), WRITINGS.items())
def test_amounts_as_people_write_them(number, written):
    (found,) = plain_numbers(pd.Series([written], dtype="str"))
    assert Decimal(found) == Decimal(number)


NO_NUMBERS = """1 2|12 34|5²|①|½|٣|1RMB2|1E999999999|12E5|一万二|一亿二千|二三|一百二|约100|100盒
1-2|--5|(-5)|元|万|¥|(5|5)|整|点五|abc|一箱|第一医院|1万2|5‰|1.5亿2000万|1亿20000万|5%万|五%|1/2|十百
百|零零|+-5|1..2|三甲|二院|〇〇一|1.234,56|12,34,567.00|0,123|1,23|1.234.567|1 234.50"""


@pytest.mark.parametrize("text", NO_NUMBERS.replace("\n", "|").split("|"))
def test_what_is_no_number_is_never_read_as_one(text):
    assert plain_numbers(pd.Series([text], dtype="str")).isna()[0]


def test_separators_that_say_two_things_are_told_apart_from_words():
    text = [
        "1.234,56",
        "12,34,567.00",
        "0,123",
        "1,23",
        "1.234.567",
        "1 234.50",
        "abc",
        "1,234",
        "",
    ]
    told = unclear_separators(pd.Series([*text, None], dtype="str"))
    assert told.tolist() == [True] * 6 + [False] * 4


BIG, SMALL = "零壹贰叁肆伍陆柒捌玖", "〇一二三四五六七八九"


def in_chinese(cents, capital=True):
    """Write an amount as a cheque does: sections of four digits, each gap one 零."""
    digits, (ten, hundred, thousand) = (BIG, "拾佰仟") if capital else (SMALL, "十百千")
    whole, words, gap = cents // 100, "", False
    for unit, size in (("亿", 10**8), ("万", 10**4), ("", 1)):
        section = whole // size % 10**4
        gap = gap or (bool(words) and 0 < section < 1000)
        for place, name in ((1000, thousand), (100, hundred), (10, ten), (1, "")):
            digit = section // place % 10
            if digit:
                words += (digits[0] if gap and words else "") + digits[digit] + name
                gap = False
            elif section:
                gap = True
        words += unit if section else ""
        gap = gap or (bool(words) and section == 0)
    words = words + "元" if words else ""
    jiao, fen = cents // 10 % 10, cents % 10
    words += digits[jiao] + "角" if jiao else digits[0] if fen and words else ""
    return (words + (digits[fen] + "分" if fen else "整")) if cents else "零元整"


def writings(cents):
    plain = f"{cents // 100}.{cents % 100:02d}"
    grouped = f"{cents // 100:,}.{cents % 100:02d}"
    wide = grouped.translate({ord(a): chr(ord(a) + 0xFEE0) for a in "0123456789.,"})
    myriads = format(Decimal(cents).scaleb(-6), "f")
    return [
        plain, grouped, f"¥{grouped}", f"￥ {plain}", f"{grouped}元", f"人民币{plain}元", wide,
        f"RMB {grouped}", f"{plain} CNY", f"{myriads}万", f"{myriads} 万元",
        grouped.replace(",", "\u00a0"), in_chinese(cents), in_chinese(cents, capital=False),
        f"{Decimal(cents).scaleb(-10):f}亿",
    ]  # fmt: skip


@given(st.integers(0, 10**13))
@settings(max_examples=60, deadline=None)
def test_every_writing_of_an_amount_is_read_back_exactly(cents):
    written = writings(cents)
    meant = Decimal(cents).scaleb(-2)
    minus = [
        f"-{written[0]}",
        f"({written[1]})",
        f"{written[1]}-",
        f"-¥{written[1]}",
        f"（{written[6]}）",
    ]
    read_back = plain_numbers(pd.Series([*written, *minus], dtype="str"))
    for text, number in zip([*written, *minus], read_back, strict=True):
        assert Decimal(number) == (-meant if text in minus else meant), text


@given(st.text(alphabet="零一二十百千万亿元角分点负整壹拾", max_size=8))
@settings(max_examples=100, deadline=None)
def test_chinese_numerals_that_are_read_are_numbers_of_their_digits(text):
    value = chinese_number(text)
    assert value is None or any(digit in text for digit in "零一二十壹拾")
