"""Where a name says it is: provinces and prefecture-level cities (GB/T 2260), without suffixes.

Counties are not listed: they stay in a name's core, where they must agree letter by letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

CITIES = {
    "北京": "",
    "天津": "",
    "上海": "",
    "重庆": "",
    "河北": "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水",
    "山西": "太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁",
    "内蒙古": "呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 "
    "兴安 锡林郭勒 阿拉善",
    "辽宁": "沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛",
    "吉林": "长春 吉林市 四平 辽源 通化 白山 松原 白城 延边",
    "黑龙江": "哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭",
    "江苏": "南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁",
    "浙江": "杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水",
    "安徽": "合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城",
    "福建": "福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德",
    "江西": "南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶",
    "山东": "济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 莱芜 临沂 德州 聊城 滨州 菏泽",
    "河南": "郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 "
    "南阳 商丘 信阳 周口 驻马店 济源",
    "湖北": "武汉 黄石 十堰 宜昌 襄阳 襄樊 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施",
    "湖南": "长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西",
    "广东": "广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 "
    "汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮",
    "广西": "南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左",
    "海南": "海口 三亚 三沙 儋州",
    "四川": "成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 "
    "宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山",
    "贵州": "贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南",
    "云南": "昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆",
    "西藏": "拉萨 日喀则 昌都 林芝 山南 那曲 阿里",
    "陕西": "西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛",
    "甘肃": "兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南",
    "青海": "西宁 海东 海北 黄南 果洛 玉树 海西",
    "宁夏": "银川 石嘴山 吴忠 固原 中卫",
    "新疆": "乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 "
    "克孜勒苏 喀什 和田 伊犁 塔城 阿勒泰 石河子",
    "台湾": "台北 新北 桃园 台中 台南 高雄",
    "香港": "",
    "澳门": "",
}
PROVINCE_OF = {city: province for province, row in CITIES.items() for city in row.split()}
# Cities that are also districts, squares or words of hospitals elsewhere: 朝阳医院 is in Beijing.
_TWO = "朝阳 中山 广安 安康 黄山 河源 南平 兴安 天水 延安 阿里 山南 新北"
TWO_MEANINGS = frozenset(_TWO.split())
SCHOOL = "大学|医学|医科|学院|中医药|中医学|师范|民族大|铁道|职工医|医大|军区"
PROVINCE_END = (
    "省(?!立)|市(?!立)|壮族自治区|回族自治区|维吾尔族?自治区|自治区|(?<=广西)区|(?<=新疆)区"
)
CITY_END = r"(?:[\u4e00-\u9fff]{1,6}族)?自治州|地区|市(?!立)|州|盟"
_PROVINCE = re.compile(rf"({'|'.join(CITIES)})(?:{PROVINCE_END})?(?!{SCHOOL})")
_names = sorted((c for c in PROVINCE_OF if c != "吉林市"), key=len, reverse=True)
_CITY = re.compile(rf"({'|'.join(_names)}|吉林(?=市|地区))({CITY_END})?(?!{SCHOOL})")
_PLAIN_REST = re.compile(r"\d|人民|中心|中医|中西医|妇|儿童|肿瘤|口腔|附属|精神|传染|市")
INNER_END = re.compile(rf"({'|'.join([*CITIES, *_names])})(?:省|市|地区|自治区)(?=.)")


@dataclass(frozen=True)
class Place:
    """A province and a city as far as they are told; empty where they are not."""

    province: str = ""
    city: str = ""

    @cached_property
    def narrow(self) -> str:
        """Return the most exact place that is told."""
        return self.city or self.province

    def contradicts(self, other: Place) -> bool:
        """Tell whether the two cannot be the same place."""
        return _differ(self.province, other.province) or _differ(self.city, other.city)

    def within(self, other: Place) -> bool:
        """Tell whether this place is told to lie in ``other``, as exactly as ``other`` is."""
        return bool(other.narrow) and other.narrow in (self.city, self.province)

    def joined(self, other: Place) -> Place:
        """Return this place, what it leaves out taken from ``other``."""
        if self.contradicts(other):
            return self
        return Place(self.province or other.province, self.city or other.city)


def split_place(text: str) -> tuple[Place, str]:
    """Return the place that a plain name begins with (repeated or not), and the rest of it."""
    place, rest = Place(), text
    for _turn in range(3):
        city = _CITY.match(rest)
        province = None if city and city[1] == "吉林" else _PROVINCE.match(rest)
        if province and province[0] == "吉林":  # the province or its city: nobody can tell
            break
        if province and len(province[0]) < len(rest) and not place.city:
            place, rest = place.joined(_of_province(province[1])), rest[province.end() :]
        elif city and len(city[0]) < len(rest) and _is_meant(city, rest, place):
            place, rest = _of_city(city[1]).joined(place), rest[city.end() :]
        else:
            break
    return place, rest


def read_place(text: str) -> Place:
    """Return the place that an address or a city column tells."""
    return split_place(f"{text}　")[0]


def _is_meant(city: re.Match[str], rest: str, place: Place) -> bool:
    if place.contradicts(_of_city(city[1])):
        return False
    doubtful = city[1] in TWO_MEANINGS and not city[2]
    return not doubtful or bool(_PLAIN_REST.match(rest[city.end() :]))


def _of_province(name: str) -> Place:
    return Place(name, "" if CITIES[name] else name)


def _of_city(name: str) -> Place:
    name = "吉林市" if name == "吉林" else name
    return Place(PROVINCE_OF[name], name)


def _differ(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other
