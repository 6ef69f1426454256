"""Regions and the made-up cities, districts and institution names in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.demo.chance import Floats

GROUPS = {"cn-north": "北方大区", "cn-south": "南方大区"}


@dataclass(frozen=True)
class Leaf:
    """A leaf region: its group, its share of the customers and its middle (WGS84)."""

    region_id: str
    name: str
    group: str
    share: float
    longitude: float
    latitude: float


LEAVES = (
    Leaf("north", "华北", "cn-north", 0.14, 115.5, 38.8),
    Leaf("northeast", "东北", "cn-north", 0.10, 124.8, 43.6),
    Leaf("east", "华东", "cn-south", 0.20, 119.6, 31.8),
    Leaf("southeast", "东南", "cn-south", 0.09, 118.0, 26.0),
    Leaf("south", "华南", "cn-south", 0.15, 112.9, 23.4),
    Leaf("central", "华中", "cn-south", 0.13, 113.3, 30.1),
    Leaf("southwest", "西南", "cn-south", 0.12, 104.6, 29.3),
    Leaf("northwest", "西北", "cn-north", 0.07, 106.5, 36.0),
)
LEAF_IDS = tuple(leaf.region_id for leaf in LEAVES)
SHARES: Floats = np.array([leaf.share for leaf in LEAVES])
CITIES_PER_REGION = 6

_HEADS = "云霁岚砚泠栖澄昀翎汐曜"
_TAILS = "岭泽川港陵原"
_REAL = {"云川", "云港", "澄原"}
CITIES = tuple(h + t for t in _TAILS for h in _HEADS if h + t not in _REAL)[
    : CITIES_PER_REGION * len(LEAVES)
]
DISTRICTS = ("望湖", "锦绣", "鹤鸣", "梧桐", "新桥", "北苑", "松林", "竹海", "云台", "杏林")

_TERTIARY = ("第一人民医院", "中心医院", "中医医院", "妇幼保健院", "第二人民医院", "肿瘤医院",
             "第三人民医院", "儿童医院", "胸科医院", "口腔医院", "骨科医院",
             "心血管病医院", "第四人民医院", "大学附属医院", "眼科医院", "老年医院", "第五人民医院",
             "传染病医院", "康复医院", "第六人民医院", "血液病医院", "第七人民医院", "脑科医院",
             "第八人民医院", "皮肤病医院", "第九人民医院", "肾病医院", "肝病医院")  # fmt: skip
_SECONDARY = ("人民医院", "中医医院", "妇幼保健院", "第二人民医院", "康复医院")
_PRIMARY = ("社区卫生服务中心", "街道卫生院", "第二社区卫生服务中心", "社区医院")
_PRIVATE = ("和安医院", "瑞宁医院", "康泽医院", "博爱堂医院", "明德医院", "安济康复医院")
_PHARMACY = ("百草大药房", "安心大药房", "惠民大药房")
_CLINIC = ("康和门诊部", "晨曦门诊部", "杏园诊所")
_DISTRIBUTOR = ("恒泽医药", "瑞通医药", "澄康药业", "汇达医疗器械", "众成医药", "永信医疗")


def regions() -> pd.DataFrame:
    """Return the eight leaf regions and the two groups above them."""
    columns = ["region_id", "region_name", "parent_id"]
    groups = [(key, name, None) for key, name in GROUPS.items()]
    leaves = [(leaf.region_id, leaf.name, leaf.group) for leaf in LEAVES]
    return pd.DataFrame([*groups, *leaves], columns=columns)


def institution_names(kind: pd.Series, city: pd.Series, district: pd.Series) -> pd.Series:
    """Name institutions by kind (tertiary, secondary, primary, private, pharmacy, ...) and place.

    Names are unique: the k-th of a kind in a place takes the k-th form, then a numbered branch.
    """
    by_city = kind.isin(["tertiary", "distributor"])
    place = city.where(by_city, city + "市" + district)
    turn = place.groupby([kind, place]).cumcount()
    forms = {"tertiary": _TERTIARY, "secondary": _SECONDARY, "primary": _PRIMARY,
             "private": _PRIVATE, "pharmacy": _PHARMACY, "clinic": _CLINIC}  # fmt: skip
    names = [
        _name(k, p, forms.get(k, _DISTRIBUTOR), int(n))
        for k, p, n in zip(kind, place, turn, strict=True)
    ]
    return pd.Series(names, index=kind.index)


def _name(kind: str, place: str, forms: tuple[str, ...], turn: int) -> str:
    form, round_ = forms[turn % len(forms)], turn // len(forms)
    branch = f"({round_ + 1}部)" if round_ else ""
    if kind == "distributor":
        return f"{place}{form}有限公司{branch}"
    unit = {"tertiary": "市", "secondary": "区", "private": "区"}.get(kind, "")
    return f"{place}{unit}{form}{branch}"
