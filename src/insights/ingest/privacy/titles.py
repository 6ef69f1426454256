"""The words that stand beside a person's name."""

from __future__ import annotations

import re

# Whole titles: any surname before them, with or without a given name, is a person.
TITLE = re.compile(
    r"(?:副主任|主任|主治|住院|执业)?(?:医师|药师|护师|技师)|副主任|主任|医生|大夫|副教授|教授|院士"
    r"|博士|博导|硕导|副院长|院长|护士长|护士|护长|药剂师|检验师|副科长|科长|副处长|处长|副部长|部长"
    r"|副局长|局长|所长|站长|副书记|书记|老师|副总监|总监|副总经理|总经理|副经理|经理|副总裁|总裁"
    r"|董事长|副主管|主管|会计|出纳|采购员|业务员|销售员|代表|先生|女士|小姐|阿姨|师傅|同志|老板"
    r"|主席|秘书|助理|店长|医助|师兄|师姐|師傅|醫生|醫師|藥師|護士長|護士|院長|科長|處長|經理|老師"
    r"|總監|主編"
)
# Short forms: only after a frequent surname alone, and not as part of another word.
SHORT_TITLE = re.compile(
    r"总(?![量额体数共计结部是之监经局称和理店公医院的分包统价支])|工(?![作程业厂人资具会伤商种序地期艺装])"
    r"|姐(?!妹)|哥(?![伦特白斯])|院(?![内区方部外感长士所校子线办领前后])|局(?![部限势面域长])"
    r"|处(?![方理置于在境分罚长])|董(?![事])|總"
)
# Before a name. After a mark (：) or these words alone, what follows is read more freely.
CUE = re.compile(
    r"(?P<person>联系人|对接人|负责人|经办人|收件人|收货人|联络人|接洽人|决策人|关键人|介绍人|患者|病人"
    r"|(?<!〔)姓名|医生|医师|大夫|主任|护士长|院长|教授|科长|处长|老师|经理|代表|业务员|名叫|叫做)"
    r"|(?P<meeting>拜访了?|约见了?|会见了?|面见|拜见|见到|见了|遇到)"
    r"|(?P<deed>联系|致电|电话|陪同|走访|对接|回访|邀请|请教|询问|转告|通知|微信|约了?|找|跟|和|与|请|给|向)"
)
MARK = re.compile(r"[ ]?[:：为是\-][ ]?|[ ]?[(（][ ]?")
FAMILIAR_NEXT = frozenset(
    "的说和与主医护来去今明也已对在表反电约称让给会要想认希觉处那这不没就都问答回讲谈提建跟接负带沟同"
)
NOT_IN_NAMES = frozenset(
    "的了在是与等被把们您我你他她它这那个位科院医室部及或就都也还已将并而请约见问跟对为不没很"
    "说给让从到去做用要想吗呢吧啊些每各该此其并且但因所以如若则即又再只才每次年日号点分周"
)
# Where a name without a title ends, if it has two characters.
AFTER_NAME = NOT_IN_NAMES | frozenset(
    "谈讲提聊沟介汇反表示希认觉主护副教药处经总老女随一二三四五六七八九十电微回来前后时需支拒签"
    "带告推听看收交求愿答确称"
)
ENGLISH = re.compile(
    r"(?<![A-Za-z])(?:Dr|Prof|Mr|Mrs|Ms|Miss|Doctor|Professor)(?:\.[ ]?|[ ])"
    r"(?!Reddy)([A-Z][a-z]+(?:[ -][A-Z][a-z]+){0,2})(?![A-Za-z])"
)
PINYIN = (
    "Wang|Li|Lee|Zhang|Liu|Chen|Yang|Zhao|Huang|Zhou|Wu|Xu|Sun|Hu|Zhu|Gao|Lin|He|Guo|Ma|Luo|Liang|"
    "Song|Zheng|Xie|Han|Tang|Feng|Yu|Dong|Xiao|Cheng|Cao|Yuan|Deng|Fu|Shen|Zeng|Peng|Lv|Lu|Su|Jiang|"
    "Cai|Jia|Ding|Wei|Xue|Ye|Yan|Pan|Du|Dai|Xia|Zhong|Tian|Ren|Fan|Fang|Shi|Yao|Tan|Liao|Zou|Xiong|"
    "Jin|Hao|Kong|Bai|Cui|Kang|Mao|Qiu|Qin|Gu|Hou|Shao|Meng|Long|Wan|Duan|Lei|Qian|Yin|Yi|Wong|Chan"
)
PINYIN_BEFORE = re.compile(
    rf"(?<![A-Za-z])((?:[A-Z][a-z]+ )?(?:{PINYIN})(?: [A-Z][a-z]+){{0,2}})"
    rf"[ ]?(?=[(（]?(?:{TITLE.pattern}|总))"
)
# What turns a name before it into one of an institution: 李建国诊所, 唐山市第一人民医院.
INSTITUTION = re.compile(
    r"(?:[市县区省州]|第?[一二三四五六七八九十]+|人民|中心|中西?医|附属|附[一二三]?|妇幼|保健|儿童|肿瘤|口腔"
    r"|骨科|内科|外科|妇科|儿科|皮肤|眼科|总|大学|医科大?|医学|连锁|大)*"
    r"(?:医院|诊所|药店|药房|公司|集团|卫生院|卫生室|门诊部|药业|医药|制药|生物|大学|院区)"
)
