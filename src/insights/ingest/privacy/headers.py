"""Columns that hold people: by their header, or because most of their values do."""

from __future__ import annotations

import re

import pandas as pd

from insights.ingest.privacy.kinds import TOKENS, Kind
from insights.ingest.privacy.scrub import Scrubber
from insights.ingest.privacy.surnames import COMPOUND, SINGLE
from insights.ingest.vocabulary import as_compared

SAMPLE = 300  # distinct values looked at
FEWEST = 3
NO_PERSON = re.compile(
    r"(?:编码|编号|代码|工号|id|号码?|日期|时间|数|量|率|次|费|金额|占比|比例|状态|类型|级别?|等级|满意度|评价|反馈"
    r"|需求|意见|说明|科室|部门|医院|单位|区域|产品)$"
)
# In this order; headers as compared: no case, width, blanks or underscores.
HEADERS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("phone", re.compile(r"手机|电话(?!拜访|次数)|联系方式|座机|传真|mobile|phone|^tel|fax")),
    ("id_number", re.compile(r"身份证|证件号|护照|idcard|idnumber|passport|社保号|医保卡")),
    ("email", re.compile(r"邮箱|电邮|email|mailbox")),
    ("chat_account", re.compile(r"微信|wechat|^qq|扣扣|钉钉号|openid|unionid")),
    ("bank_card", re.compile(r"银行卡|卡号|银行账[号户]|bankaccount|bankcard")),
    ("position", re.compile(
        r"经度|纬度|坐标|定位|gps|打卡(?:地|位)|签到(?:地|位)|^位置|longitude|latitude|^(?:lat|lng|lon)$")),
    ("address", re.compile(
        r"住址|家庭地址|居住|通讯地址|homeaddress|出生|生日|birth|籍贯|照片|人脸|签名")),
    ("name", re.compile(
        r"姓名|联系人|联络人|对接人|负责人$|经办人|录入人|创建人|修改人|填写人|填报人|拜访人|陪访人|协访人|收货人|收件人"
        r"|审核人|审批人|开票人|决策人|制单人|业务员|业务代表|销售代表|医药代表|^代表|销售员|销售人员|客户经理|医生|医师"
        r"|大夫|科主任|^主任|^院长|拜访对象|被访人|患者|病人|受访人|contact(?:person|name|$)|doctor|physician"
        r"|hcp(?:name|$)|prescriber|(?:rep|sales|employee|person|full|first|last|user)name|salesperson|salesman")),
)  # fmt: skip
# A code of a doctor, a patient or a single prescription: a line of one person, without a name.
OF_ONE_PERSON = re.compile(
    r"(?:医生|医师|大夫|处方(?:人|者|单|笺)?|患者|病人|病历|病案|住院|门诊|就诊|doctor|physician|prescriber|hcp|patient)"
    r"(?:编码|编号|代码|工号|id|号码?|code|no|number)$"
)
A_NAME = re.compile(rf"(?:[{''.join(sorted(SINGLE))}]|{'|'.join(COMPOUND)})[一-鿿]{{1,2}}")


def kind_of_header(header: str) -> Kind | None:
    """Return what of a person a column of this header holds; None when nothing."""
    plain = as_compared(header)
    kind = next((kind for kind, words in HEADERS if words.search(plain)), None)
    coded = kind == "name" and NO_PERSON.search(plain) is not None
    return None if coded else kind


def is_of_one_person(header: str) -> bool:
    """Say whether a column of this header makes each line one of a single doctor or patient."""
    coded = OF_ONE_PERSON.search(as_compared(header)) is not None
    return coded or kind_of_header(header) in ("name", "id_number")


def kind_of_values(values: pd.Series, scrubber: Scrubber, share: float) -> Kind | None:
    """Return what of a person at least ``share`` of the values are, by their form."""
    distinct = pd.Series(values.dropna().unique()[:SAMPLE], dtype="str").str.strip()
    distinct = distinct[distinct != ""]
    if len(distinct) < FEWEST:
        return None
    scrubbed = scrubber.scrub(distinct, free=False).values
    for kind, token in TOKENS.items():
        hits = scrubbed == token
        if kind == "name":
            hits |= distinct.map(lambda value: looks_like_name(value, scrubber)).astype(bool)
        if hits.mean() >= share:
            return kind
    return None


def looks_like_name(value: str, scrubber: Scrubber) -> bool:
    """Say whether a value is a surname and one or two letters, and no common word."""
    return A_NAME.fullmatch(value) is not None and not scrubber.is_word(value)
