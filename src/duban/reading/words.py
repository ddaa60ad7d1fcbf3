"""The vocabulary of such notices: what a header or a label means. General words only, no names of places."""

from __future__ import annotations

import re
from functools import lru_cache

from duban.reading.characters import key

SERIAL, SECTION, TITLE, TEXT = "serial", "section", "title", "text"
LEAD, SUPPORT, RESPONSIBLE = "lead_units", "support_units", "responsible_units"
IMPLEMENTING = "implementing_units"
OFFICES = "offices"
PERSONS, OVERSEERS, DEADLINE, OTHER = "persons", "overseers", "deadline", "other"
UNITS_AND_PERSONS = "units_and_persons"


_LEVEL = r"(?:[省市县区旗州盟镇乡]|街道|园区|开发区)?"
_BODY = r"(?:单位|部门|机构|科室|处室|股室|站所|主体|企业|局办|地区|乡镇|专班)"
_LEADER = r"(?:领导(?:干部|同志)?|负责同志|副?[省市县区旗州]长|党政领导|班子成员)"

# In order: the first that fits the whole header (white space and brackets folded) decides.
_HEADERS: tuple[tuple[str, str], ...] = (
    (SERIAL, r"(?:任务|项目|事项|总|分|原)?(?:序号?|编号|项次|号)|no\.?|序列|顺序号?|条目"),
    (
        UNITS_AND_PERSONS,
        r"(?:牵头|责任|承办|主办|负责)?单位(?:及|和|与|、|/|\()(?:主要|具体|直接)?(?:责任人|负责人)员?\)?|责任单位责任人",
    ),
    (
        OVERSEERS,
        rf"(?:{_LEVEL}(?:级|政府|委|党政|直)*)*(?:第一|主要|总)?"
        r"(?:(?:责任|分管|主管|牵头|联系|挂钩|挂联|包抓|包保|包联|督办|督导|领办|领衔|协调|指导|主抓|挂帅|负责|联系推进|督查|协助|对口)"
        rf"(?:[或和及、/与])?)*(?:{_LEVEL}级?)?{_LEADER}(?:及职务|姓名)?",
    ),
    (
        OVERSEERS,
        r"(?:分管|责任|牵头|联系|领办)(?:市|县|区|州|旗|镇)(?:级)?(?:政府)?(?:领导|长)|(?:[省市县区州旗](?:政府|委)?(?:办)?)?(?:分管|协管|联系|协调|督办)副?(?:秘书长|主任)|.{0,8}领导(?:同志)?",
    ),
    (
        SUPPORT,
        rf"(?:主要|其他|相关)?(?:配合|协办|协助|参与|参加|协同|协作|会办|支持|相关|有关|从办|协管|其他|配合责任|协助责任|协同责任|协办责任|其他责任|参与责任|共同责任|共同|联合责任|相关责任|配合协助)"
        rf"(?:责任|配合)?(?:{_BODY})(?:和(?:单位|部门))?",
    ),
    (SUPPORT, r"协办|配合|协同|参与"),
    (
        LEAD,
        rf"{_LEVEL}(?:级)?(?:(?:总)?牵头|牵头责任|主要责任|第一责任|首要责任|主办|主责|承办|主要承办|领办|牵头负责|牵头主办|牵头承办|主要负责|汇总|主牵头|主体责任)"
        rf"(?:责任)?(?:{_BODY})(?:\(.{{1,12}}\))?(?:及.{{1,6}})?|主体单位|牵头|主办|承办",
    ),
    (
        IMPLEMENTING,
        r"(?:[省市县区旗州](?:\([^()]{1,8}\))|属地|县区|镇街|乡镇)(?:级)?(?:责任|落实|承办)(?:单位|主体|部门)?"
        r"|责任(?:县|市|县区|乡镇|镇街|街道|镇)(?:\([^()]{1,8}\))?",
    ),
    (OFFICES, r"(?:责任|承办|负责|经办|具体承办|业务)(?:科室?|处室?|股室?|[科处股]\(室\))"),
    (IMPLEMENTING, rf"(?:项目)?(?:业主|实施|建设|承建|具体实施|组织实施|项目实施|项目建设)(?:责任)?(?:{_BODY})|业主"),
    (
        RESPONSIBLE,
        rf"{_LEVEL}(?:级|直)?(?:责任|负责|落实|承担|责任落实|具体责任|责任实施|执行|完成|推进|责任承办|任务|直接责任|具体承办|职能|主管|项目|申报|整改|整改责任|监管|行业主管|项目责任|项目主管|帮扶|属地)"
        rf"(?:责任)?(?:{_BODY})(?:\(.{{1,14}}\))?|单位|部门|责任分工|任务分工|分工|工作分工|责任主体|单位名称",
    ),
    (
        PERSONS,
        r"(?:单位|部门|牵头单位|责任单位|项目|具体|第一|主要|直接|工作|牵头|承办|单位主要|单位分管|部门主要|落实|分管|实施|牵头部门|业务|科室)*"
        r"(?:责任人|负责人|责任人员|经办人|承办人|责任同志|负责同志|具体人员|联络员|负责人员)(?:姓名|及职务|及联系(?:电话|方式))?",
    ),
    (PERSONS, r"责任人员?|负责人"),
    (
        DEADLINE,
        r"(?:工作|任务|计划|预计|拟|要求|最终|办理|整改|目标|项目|推进|责任|考核)*"
        r"(?:(?:完成|办结|整改|落实|销号|达标|实施|竣工|办理|推进|建成|结束)(?:的)?(?:时限|时间|期限|日期|节点|时间节点|时限要求|时间要求)(?:及要求|要求)?"
        r"|时限(?:要求)?|时间(?:节点|要求|安排|进度|表)?|完成期|期限|进度(?:安排|要求|计划|时限)|节点|时间和进度|时间及进度|序时进度|工作进度|起止(?:时间|年限)|时序(?:进度|要求|安排)?)",
    ),
    (
        SECTION,
        r"(?:工作|任务|项目|事项|指标|目标|责任|重点|所属|主要|专项)*(?:类别|分类|领域|板块|大类|门类|类型|方面|模块|版块|行业|篇章|章节|部分|方向|条线|战线|战役)(?:名称)?|所属(?:板块|领域)|一级(?:指标|任务)|类|归类|专班",
    ),
    (
        TITLE,
        r"(?:重点|任务|项目|事项|工作|实事|指标|工程|民生|建设|改革|目标|民生实事|实事项目|重点工作|重大|重点项目|课题)*(?:名称|标题|题目|简称)|二级(?:指标|任务)|工作项目|实事项目|建设项目|重点项目|项目",
    ),
    (
        TEXT,
        r".{0,14}(?:任务|内容|目标|事项|举措|措施|要点|实事|要求|工作|规模|指标|任务书|标准|成效|成果|计划|工作量|项目|工程|问题|清单|部署|安排|提法|表述|做法|要务|职责)(?:\(.{1,20}\))?(?:分解|及要求|及目标|和要求|及标准|及措施|及内容|及规模|描述|概述|说明|分工)?",
    ),
    (
        OTHER,
        r"备注|说明|具体情况|下(?:一)?步.{0,4}|附注|来源|任务来源|依据|文件依据|出处|投资.{0,8}|总投资.{0,8}|资金.{0,8}|联系(?:人|电话|方式).{0,6}|电话|进展.{0,8}|完成情况.{0,6}|落实情况.{0,6}|分值|权重|计分|考核.{0,8}|单位|计量单位|地点|建设地点|性质|页码|级别|层级",
    ),
)
_HEADER_RES = tuple((field, re.compile(pattern, re.IGNORECASE)) for field, pattern in _HEADERS)
_OTHER_FIRST = re.compile(
    r"备注|说明|具体情况|下(?:一)?步.{0,4}|存在的问题|任务来源|来源|计量单位|联系电话|联系方式|工作进展(?:情况)?|.{0,10}(?:完成|落实|进展|推进|执行)情况|.{0,8}取得成效|存在问题|总投资.*|"
    r"(?:年度)?(?:计划)?投资(?:额|金额|规模)?.*|资金来源|考核(?:办法|标准|部门|单位)|监督(?:单位|部门)|督查单位|督办单位|建设地点|建设性质"
    r"|牵头科室|评分标准|分值|权重|佐证.*"
)

_LABEL = re.compile(
    r"(?P<label>"
    r"(?:[省市县区旗州]级?)?(?:政府)?(?:[一二]把手|(?:总|第一|主要|具体|共同|联合|直接|其他|相关|各)?"
    r"(?:牵头|责任|配合|协办|协助|参与|参加|协同|协作|主办|承办|主责|实施|落实|负责|承担|支持|会办|主管|分管|联系|挂钩|挂联|包抓|包保|督办|督导|领办|领衔|协调|指导|完成|推进|办结|整改|时限|时间|进度|项目|建设|业主|主要责任|牵头责任|配合责任|执行)+"
    r"(?:[省市县区旗州]级?)?(?:政府)?"
    r"(?:单位|部门|机构|科室|处室|主体|企业|领导(?:同志|干部)?|责任人|人员|人|负责同志|同志|时限|时间|期限|节点|要求|安排|副?[省市县区]长)(?:及(?:责任人|负责人|单位))?)"
    r"|牵头|配合|责任分工|任务分工|分工|时限|完成期限|完成时限|时间节点|备注|责任人|负责人"
    r"|[省市县区旗州镇乡](?:级|政府|委)?领导(?:同志)?"
    r"|(?:工作)?(?:完成|进展|落实|推进|具体)情况|存在(?:的)?问题|下(?:一)?步(?:打算|计划|工作)"
    r")\s*:"
)


_LABEL_PREFIX = re.compile(r"(?:[省市县区旗州]级?)?(?:政府)?")


@lru_cache(maxsize=4096)
def header_field(text: str) -> str | None:
    """This function will tell which field a table header names, None when it is no header.

    RESPONSIBLE (责任单位) and IMPLEMENTING (业主单位) become lead or support by what else the table has.
    """
    word = key(text).strip(":").strip("*")
    word = re.sub(
        r"(?<=.)\((?:[一二三四五六七八九十\d]+|列第一位.*|排第一.*|第一个.*|加粗.*|万元|个|打.*)\)$", "", word
    )
    if not word or len(word) > 24 or re.search(r"[。;!?:]", word):
        return None
    if _OTHER_FIRST.fullmatch(word):
        return OTHER
    for field, pattern in _HEADER_RES:
        if pattern.fullmatch(word):
            return field
    return _in_other_words(word)


def _in_other_words(word: str) -> str | None:
    """责任(牵头)单位, 分管校领导/县领导: without the brackets, or one of what stands beside a stroke."""
    if "(" in word:
        without = re.sub(r"\([^()]*\)", "", word)
        inside = re.sub(r"[()]", "", word)
        if LEAD in (fields := [header_field(form) for form in (inside, without) if form and form != word]):
            return LEAD
        return next((field for field in reversed(fields) if field is not None), None)
    parts = [part for part in word.split("/") if part]
    if len(parts) > 1:
        meant = {header_field(part) for part in parts}
        return meant.pop() if len(meant) == 1 else None
    return None


_PERIOD = re.compile(
    r"第?[一二三四1-4]季度?(?:末|底)?(?:目标|任务|进度|计划)?|[上下]半年(?:目标|任务|进度|计划)?|全年(?:目标|任务)?"
    r"|\d{1,2}(?:月份?)?[-—–~～至]\d{1,2}月份?|\d{1,2}月(?:份|底|末)?|年底(?:目标)?|半年"
)


@lru_cache(maxsize=1024)
def is_period(text: str) -> bool:
    """This function will tell whether a header word is a part of the year: 一季度, 上半年, 1-6月."""
    return _PERIOD.fullmatch(key(text)) is not None


def labels_in(text: str) -> list[tuple[int, int, str]]:
    """This function will find labels (牵头单位：…) in folded text: start, end behind the colon, field.

    The text is to be folded; RESPONSIBLE stays RESPONSIBLE.
    """
    found: list[tuple[int, int, str]] = []
    for match in _LABEL.finditer(text):
        start, label = match.start(), match.group("label")
        field = label_field(label)
        if field is None:  # 人民政府完成时限: the tail of a unit's name is no part of the label
            prefix = _LABEL_PREFIX.match(label)
            if prefix is not None and prefix.end():
                start += prefix.end()
                field = label_field(label[prefix.end() :])
        if field is not None:
            found.append((start, match.end(), field))
    return found


@lru_cache(maxsize=1024)
def label_field(label: str) -> str | None:
    """This function will tell which field a label in running text names."""
    field = header_field(label)
    if field in (TEXT, TITLE, SECTION, SERIAL, None):
        return None
    return RESPONSIBLE if field == OFFICES else field
