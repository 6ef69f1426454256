"""Chinese surnames: which are read as one before a title, and which also without."""

from __future__ import annotations

SINGLE = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋"
    "蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万"
    "段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦柳"
    "邢路岳齐梅莫庄辛管祝左涂谷祁舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫屈鲍覃霍翁隋"
    "甘景薄单包柏宁柯阮桂闵柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫苟褚廉简娄盖符奚穆"
    "党燕郎邸冀姬屠郜晏栾郁蒙喻揭窦迟敖糜鄢冷卓花仇艾蓝巩井仲乐虞卞封竺冼官衣楚佟栗匡宗巫鞠"
    "桑荆谌银扬沙伏岑习胥蔺连肖闫付代尚储阚茅楼木"
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮許鄧蘇盧蔣賈葉閻餘鐘譚鄒陸萬錢湯賴龐蘭嚴溫蘆韋畢聶關費紀"
    "歐項衛單華車邊饒齊龍莊龔顧賀雲"
)
COMPOUND = (
    "欧阳", "上官", "司马", "诸葛", "尉迟", "皇甫", "令狐", "慕容", "夏侯", "司徒", "端木", "宇文",
    "歐陽", "司馬", "諸葛",
)  # fmt: skip
# The frequent ones that seldom begin a common word: read as a name without a title, after a cue.
STRONG = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱林郭何罗宋郑谢韩唐冯董萧肖袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎闫余潘杜戴夏钟汪田姜范姚谭廖邹熊陆郝孔崔邱秦侯邵孟段龚樊殷施陶洪翟颜倪俞高梁程曹马崔聂"
    "張劉陳楊趙黃吳孫羅鄭謝韓馮許鄧蘇盧蔣賈葉鐘譚鄒陸"
)
# Of those, the ones that keep their meaning after 小 or 老 and before 总, 工, 姐, 哥.
FAMILIAR = STRONG - frozenset("周叶梁程苏許许余夏高黄黃马田孔段施陶蘇葉何洪")
