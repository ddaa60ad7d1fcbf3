"""Quantities a matter promises: 突破4万, 80%重点项目, 百场以上, 1-2条 — and what is none.

Not ordinals (第三届), dates and years, names (5G, 321+X, 505微心愿), quoted phrases, numbers of documents.
"""

from __future__ import annotations

import re
from functools import lru_cache

from duban.reading.characters import folded, tidied
from duban.reading.result import Target

_MEASURES = (
    "微克/立方米|毫克/立方米|毫克/升|微克/升|平方公里|平方千米|平方米|立方米|万平方米|公里|千米|公顷|千瓦时|千瓦|兆瓦|吉瓦|蒸吨|吨位|载重吨|标准箱|标箱|美元|元|亩|吨|公斤|千克|毫克|微克|斤|米|㎡|度|"
    "个百分点|百分点|个工作日|工作日|分钟|小时|人次|户次|人天|床位|学位|车位|泊位|蹲位|张床位|个床位|"
    "kW|MW|GW|kWh|TEU|km|m2|家次|班次|"
    "个|家|名|人|项|件|条|座|所|处|间|户|套|栋|幢|辆|台|架|艘|场次|场|次|批次|批|张|位|对|支|只|头|株|棵|本|册|篇|部|种|类|门|道|片|块|段|口|眼|盏|"
    "组|班|队|站|店|村|宗|款|例|起|枚|期班|羽|尾|箱|桶|亿千瓦时|倍|单|点|节|师|校|企|镇|社区|机|路|线|环|天|年|个月|档|幅|"
    "首|台套|套件|㎞|升|辆次|梯|层|窗|轮|岁|届|周年"
)
_NOT_COUNTED = frozenset(
    ["年", "个月", "岁", "届", "周年", "期班", "档", "轮", "点", "环", "层", "节", "路", "线", "机", "度"]
)
_CHINESE_DIGIT = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_POWER = {"十": 10, "百": 100, "千": 1000, "万": 10000, "亿": 100000000}

_BEFORE = (
    r"(?:不超过|不高于|不大于|不多于|不突破|不得超过|控制在|压缩至|压减至|缩短至|缩减至|降至|降到|降低到|最高|最多|最长|至多|低于|少于|小于|"
    r"突破|超过|超|高于|大于|多于|不低于|不少于|不小于|不得低于|至少|最低|达到|达|≥|≤|>|<|>=|<=|保持在|稳定在)?"
)
_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TIMES = r"(?:万亿|百万|千万|百亿|千亿|亿|万|千|百|十)?"
_AFTER = r"(?:及?以上|及?以下|以内|之内|左右|上下|之间|余|多)?"
_QUANTITY = re.compile(
    rf"(?P<before>{_BEFORE})(?:到|至|在|了)?\s*"
    rf"(?P<low>{_NUMBER})(?P<lowtimes>{_TIMES})(?:(?:%|{_MEASURES})?\s*[-—–~～至到]+\s*(?P<high>{_NUMBER}))?\s*"
    rf"(?P<times>{_TIMES})\s*(?P<more>余|多)?\s*"
    rf"(?P<unit>%|‰|{_MEASURES})?\s*(?P<after>{_AFTER})"
)
_ROUND = re.compile(
    rf"(?P<before>{_BEFORE})\s*(?P<power>(?:[一两二三四五六七八九]?(?:百|千|万)(?:万)?|上百|上千|上万|数百|数千|近百|近千))\s*(?P<unit>{_MEASURES})\s*(?P<after>及?以上|余)"
)
_SPELT = re.compile(
    r"(?:新建|改建|扩建|新增|建成|建设|完成|打造|培育|引进|创建|举办|新改建|改造|建立|设立|新开工|开工|落实|实施|组建|启动|争取|认定|增设|新创建|力争|开展|组织|推进|至少|每[年村镇乡县区人家个])"
    r"(?P<noun>[㐀-鿿]{0,8}?)(?<!第)(?P<number>[二两三四五六七八九十](?:十[一二三四五六七八九]?)?|十[一二三四五六七八九])(?P<unit>个|家|所|座|条|处|场|项|名|次|件|批|户|套)(?!方面|阶段|层次|月|统一|结合|大|不|要|是)(?P<after>及?以上)?"
)
_QUOTED = re.compile(
    r"“[^“”]{0,40}”|‘[^‘’]{0,40}’|「[^「」]{0,40}」|《[^《》]{0,80}》|\"[^\"\n]{0,40}\"|【[^【】]{0,20}】"
)
_NAME_BEFORE = re.compile(
    r"(?:第|[A-Za-z+*#.\-/_]|No\.?|编号|代码|热线|电话|国道|省道|县道|高速|GB/?T?|PM|[〔\[(]\s*20\d\d\s*[〕\])]\s*)$",
    re.IGNORECASE,
)
_NAME_BEHIND = re.compile(
    r"^(?:[A-Za-z+#&×*]|\+|-[A-Za-z]|号|年代|世纪|级|星|强(?!化)|大(?!型|中|小|量)|期(?!间)|纵|横|五规划)"
)
_DURATION = frozenset(["年", "个月", "天", "小时", "分钟", "工作日", "个工作日"])
_VERBS = (
    "进一步|着力|持续|继续|全面|加快|大力|积极|努力|力争|争取|确保|实现|完成|推进|推动|打造|建设|建成|建立|新建|创建|优化提升|优化|提升|实施|开展|举办|组织|加强|落实|"
    "培育|引进|引育|启动|开工|做好|抓好|支持|安排|发放|给予|对|为|将|使|每年|全年|年内|年底前|全县|全市|全区|今年|遴选|认定|评选|择优|计划|预计|同比|累计|共|"
    "力争全年|新增|改造|整治|治理|盘活|拓展|完善|构建|延伸提效|延伸|提效|至少|完善构建|集中|分别|按照|按|以|达到|突破|超过|保持|控制在|升级|巩固|选派|培训|招引|签约|储备|谋划"
)
_STRIP_FRONT = re.compile(
    r"^(?:进一步|着力|持续|继续|全面|加快|大力|积极|努力|力争|争取|确保|实现|推进|推动|打造|实施|开展|举办|组织|加强|落实|启动|做好|抓好|支持|优化提升|安排|"
    r"完善构建|构建|完善|年内|全年|今年|每年|年底前|年底|到\d{4}年底?|同比|预计|计划|累计|共|至少|其中|并|且|使|将|对|为|给予|完成|建成|建设|到年底)+"
)
_CLAUSE = re.compile(r"[，,。；;：:]")


@lru_cache(maxsize=4096)
def find(text: str) -> tuple[Target, ...]:
    """This function will return the quantities of one matter in the order they stand."""
    plain = folded(text)
    open_text = _QUOTED.sub(lambda match: "＿" * len(match.group()), plain.replace("％", "%"))
    found: list[tuple[int, int, Target]] = []
    for match in _QUANTITY.finditer(open_text):
        target = _target(open_text, text, match)
        if target is not None:
            found.append((match.start("low"), match.end(), target))
    for match in _ROUND.finditer(open_text):
        if not any(a <= match.start("power") < b for a, b, _ in found):
            target = _round_target(open_text, text, match)
            if target is not None:
                found.append((match.start("power"), match.end(), target))
    for match in _SPELT.finditer(open_text):
        if not any(a < match.end() and match.start("number") < b for a, b, _ in found):
            found.append((match.start("number"), match.end(), _spelt_target(open_text, text, match)))
    found.sort(key=lambda entry: entry[0])
    return tuple(_with_holders([target for _, _, target in found], plain))


def _target(plain: str, text: str, match: re.Match[str]) -> Target | None:
    start, end = match.start("low"), match.end()
    unit = match.group("unit")
    before, behind = plain[:start], plain[end:]
    times = match.group("times") or match.group("lowtimes")
    if _is_name(plain, match, unit, times):
        return None
    if _is_condition(match, behind):
        return None
    if unit is None and not times and not _is_ratio(match, before):
        return None
    if (
        unit is None
        and times
        and not re.search(r"突破|超过|达|新增|增加|总量|总数|数量|不低于|不少于", before[-10:] + match.group("before"))
    ):
        return None
    if unit in _NOT_COUNTED and not _counts_after_all(unit, match):
        return None
    if unit == "个" and re.match(r"(?:方面|阶段|层次|环节|维度|步骤|月|文明|全面|坚持|确保|一批|百分点)", behind):
        if not behind.startswith("百分点"):
            return None
        unit = "百分点"
    if (
        unit in _DURATION
        and not _limits(match)
        and not re.match(r"[^，,。；;]{0,16}圈|\s*(?:办结|到达|响应|通达)", behind)
    ):
        return None
    if unit in ("次",) and re.match(r"(?:会议|全会|常委会|代表大会|党代会|会谈|讲话)", behind):
        return None
    if unit == "项" and re.match(r"(?:基本制度|规定|原则)", behind):
        return None
    factor = _factor(times)
    low = _value(
        match.group("low"),
        factor if not (match.group("lowtimes") and match.group("high")) else _factor(match.group("lowtimes")),
    )
    high = _value(match.group("high"), factor) if match.group("high") else None
    if high is not None and (high <= low):
        return None
    sense = (
        "range"
        if high is not None
        else _sense(match.group("before"), match.group("after") or "", match.group("more") or "", before)
    )
    printed = tidied(text[match.start() : end]).strip("到至在了 ")
    return Target(printed, low, high, _unit(unit), sense, _subject(plain, text, match.start(), end, unit))


_CONDITION = re.compile(
    r"\s*(?:\(含\))?(?P<limit>及?以上|及?以下)?(?:\(含\))?(?P<of>的)?(?P<noun>[㐀-鿿“”]{1,12}?)(?P<count>\d|[,，、。；;]|$)"
)
_HELD_BY = re.compile(
    r"(?:[㐀-鿿]{0,6})(?:企业|项目|村|户|家庭|单位|人员|群众|老人|老年人|儿童|园区|工程|设备|用户|机构|房屋|住宅|锅炉|街区)"
)


def _is_condition(match: re.Match[str], behind: str) -> bool:
    """30人(含)以下的企业, 10亿元以上项目8个: a number that only says which ones are meant."""
    after = match.group("after") or ""
    rest = _CONDITION.match(behind)
    if rest is None or not (after or rest.group("limit")) or not re.search("以上|以下", after or rest.group("limit")):
        return False
    noun = rest.group("noun")
    if not _HELD_BY.match(noun):
        return False
    return bool(rest.group("of")) or (not match.group("before") and rest.group("count").isdigit())


def _is_ratio(match: re.Match[str], before: str) -> bool:
    """收入比缩小到1.55以内: a ratio has no unit."""
    if "." not in match.group("low"):
        return False
    return bool(re.search(r"(?:比|比值|系数|指数|比例|强度)[^，,。；;、\d]{0,5}$", before))


def _is_name(plain: str, match: re.Match[str], unit: str | None, times: str | None) -> bool:
    start = match.start("low")
    before = plain[:start]
    digits_end = match.end("high") if match.group("high") else match.end("low")
    if (
        _NAME_BEFORE.search(before) and not match.group("before") and not before.endswith(("-", "/"))
    ) or before.endswith("第"):
        return True
    if before[-1:].isascii() and before[-1:].isalnum():
        return True
    behind = plain[digits_end:]
    if behind[:1] == "月" or re.match(r"(?:\s*[-—~至]\s*\d{1,2})?\s*(?:月|日(?!均))", behind):
        return True
    if re.match(r"\s*年", behind) and (len(match.group("low")) == 4 or unit != "年"):
        return True
    if re.search(r"(?:19|20)\d\d\s*[-—~至/.]\s*$", before) or (
        match.group("high") and re.fullmatch(r"20\d\d", match.group("low"))
    ):
        return True
    if not unit and not times and _NAME_BEHIND.match(behind):
        return True
    if (
        behind.lstrip()[:1]
        and re.match(r"\s*[A-Za-z+#×]", behind)
        and unit not in ("kW", "MW", "GW", "kWh", "TEU", "km", "m2")
    ):
        return True
    return bool(re.match(r"\s*(?:号|#|级|星级|期(?!班)|度假|强企|强县|强镇|高速|国道|热线)", behind))


def _counts_after_all(unit: str, match: re.Match[str]) -> bool:
    if unit == "度":
        return bool(match.group("times"))
    return unit in ("年", "个月") and bool(re.search(r"不超过|最长|压缩|缩短|控制", match.group("before")))


def _limits(match: re.Match[str]) -> bool:
    return bool(match.group("before") or re.search(r"以内|之内|以下|以上", match.group("after") or ""))


def _factor(times: str | None) -> int:
    factor = 1
    for char in times or "":
        factor *= _POWER[char]
    return factor


def _value(digits: str, factor: int) -> int | float:
    plain = digits.replace(",", "")
    if "." not in plain:
        return int(plain) * factor
    whole, _, fraction = plain.partition(".")
    scaled = int(whole + fraction) * factor
    size: int = 10 ** len(fraction)
    return scaled // size if scaled % size == 0 else scaled / size


def _unit(unit: str | None) -> str | None:
    return {
        "㎡": "平方米",
        "m2": "平方米",
        "km": "公里",
        "㎞": "公里",
        "千米": "公里",
        "个百分点": "百分点",
        "个工作日": "工作日",
        "张床位": "床位",
        "个床位": "床位",
    }.get(unit or "", unit)


def _sense(before: str, after: str, more: str, context: str) -> str:
    if re.search(r"不低于|不少于|不小于|不得低于|至少|最低|≥|>=", before) or "以上" in after:
        return ">="
    if re.search(
        r"不超过|不高于|不大于|不多于|不突破|不得超过|最高|最多|最长|至多|≤|<=|压缩|缩短|压减|缩减|控制在|降至|降到",
        before,
    ):
        return "<="
    if re.search(r"以内|之内|以下", after):
        return "<="
    if re.search(r"低于|少于|小于|<", before):
        return "<"
    if re.search(r"突破|超|高于|大于|多于|>", before) or more or after in ("余", "多"):
        return ">"
    if re.search(r"(?:不低于|不少于|至少)[^，,。；;、]{0,8}$", context):
        return ">="
    if re.search(r"(?:不超过|不高于|控制在|最高)[^，,。；;、\d]{0,6}$", context):
        return "<="
    return "="


# --- what the number counts

_MEASURED = re.compile(
    r"(?:面积|投资|产值|收入|总量|规模|产能|里程|总额|资金|金额|长度|产量|数量|人数|户数|总数|增加值|生产总值|税收|库容|容量|利润|营收|销售额|交易额|贷款|存款|余额|单产)"
    r"(?:约|为|达到|达|共)?\s*$"
)


def _subject(plain: str, original: str, start: int, end: int, unit: str | None) -> str | None:
    behind = re.sub(r"^\s*[（(][^（）()]{1,4}[）)]", "", original[end:])
    left = max((match.end() for match in _CLAUSE.finditer(plain[:start])), default=0)
    ahead = original[left:start]
    listed = re.search(r"等\s*$", ahead)
    if listed:
        whole = _CLAUSE.split(behind)[0]
        if "的" in whole:
            noun = _noun(whole.rsplit("的", 1)[1])
            if noun:
                return noun
    after = _noun(behind)
    measured = _MEASURED.search(ahead)
    if measured and "、" not in measured.group():
        return _noun_before(ahead) or after
    if unit in ("元", "美元", "百分点") or plain[start:end].lstrip().startswith(
        ("突破", "超过", "达", "增长", "控制", "不低于", "不少于")
    ):
        return _noun_before(ahead) or after or None
    if unit == "分钟":
        circle = re.match(r"[^，。；]{0,14}?分钟([㐀-鿿]{1,8}圈)", behind)
        after = after or (circle.group(1) if circle else None)
    if after and unit == "分钟":
        place = _noun_before(ahead.split("、")[-1])
        return f"{place}{after}" if place else after
    if unit == "%":
        growth = re.search(r"(?:增长|提高|提升|下降|降低|增幅|比重|占比|率|增速|同比)[^、]{0,4}$", ahead)
        if growth:
            return _noun_before(ahead)
    if after and _near(behind):
        return after
    return _noun_before(ahead) or after


def _near(behind: str) -> bool:
    return not re.match(r"[\s]*[，,。；;：:、）)]", behind)


def _noun(text: str) -> str | None:
    """The noun that follows a number: up to the verb or mark that ends it."""
    text = re.sub(r"^(?:的|左右|以上|以下|以内)", "", text.strip())
    match = re.match(
        r"(?:[^，。；：、（）()“”,;:\s]|（[^（）]{1,6}）|\([^()]{1,6}\)|“[^”]{1,16}”|\s(?=[㐀-鿿]))*", text
    )
    noun = match.group() if match else ""
    cut = re.search(
        r"实现|达到|突破|超过|优于|完成|增长|下降|不超过|不低于|不少于|给予|开展|开工|竣工|建成|通过|纳入|享受|进行|以上|为本|用于|\d",
        noun,
    )
    if cut and cut.start() > 0:
        noun = noun[: cut.start()]
    elif cut:
        noun = ""
    quoted = noun.find("“")
    if quoted > 1:
        noun = noun[:quoted]
    noun = re.sub(r"(?:建设|改造|大关|等|全部|均|都|力争|并|的)$", "", tidied(noun)) if len(noun) > 3 else tidied(noun)
    if noun in ("大关", "目标", "关口", "以上", "左右"):
        return None
    return noun[:30] or None


def _noun_before(ahead: str) -> str | None:
    """The noun in front of a number: 力争新增各类人才 → 新增各类人才."""
    ahead = re.sub(r"\s+", "", ahead)
    ahead = re.split(r"[，,。；;：:]", ahead)[-1]
    pieces = ahead.split("、")
    text = pieces[-1] if len(pieces[-1]) >= 2 else "、".join(pieces[-2:])
    text = re.sub(
        r"\d[\d.,]*(?![A-Za-z\d])(?:[十百千万亿]|%)*(?:元|个|家|名|人|户|公里|亩|所|座|项|条)?", "\x00", text
    ).split("\x00")[-1]
    text = re.sub(
        r"(?:达到|达|突破|超过|实现|完成|控制在|不低于|不少于|不超过|力争|约|为|至|到|在|共|各|等|近|均|分别|建成|新建|增长|拟按|拟|按|安排|年均|的)+$",
        _keep_growth,
        text,
    )
    previous = None
    while previous != text:
        previous = text
        text = _STRIP_FRONT.sub("", text)
    return _balanced(text.strip("“”《》 "))[-30:] or None


def _balanced(text: str) -> str:
    """A noun cut inside brackets loses the half that is left."""
    plain = folded(text)
    if plain.count("(") == plain.count(")"):
        return text
    return text[plain.rfind("(") + 1 :] if plain.count("(") > plain.count(")") else text[plain.find(")") + 1 :]


def _keep_growth(match: re.Match[str]) -> str:
    return "增长" if "增长" in match.group() else ""


def _with_holders(targets: list[Target], plain: str) -> list[Target]:
    """80%村集体收入突破10万元、50%村突破20万元: the share is of 村, the amounts are of 村集体收入."""
    for place, one in enumerate(targets):
        before = targets[place - 1].subject if place else None
        if one.subject in ("增长", "提高", "下降", "同比增长") and before:
            subject = before if before.endswith(one.subject) else before + one.subject
            targets[place] = Target(one.text, one.value, one.upper, one.unit, one.sense, subject)
    shares = [index for index, target in enumerate(targets) if target.unit == "%" and target.subject]
    result = list(targets)
    for first in shares:
        for second in shares:
            holder, longer = targets[second].subject or "", targets[first].subject or ""
            if first == second or holder == longer or not longer.startswith(holder) or len(holder) < 1:
                continue
            measured = longer[len(holder) :]
            for index in (first + 1, second + 1):
                if index < len(result) and result[index].unit not in ("%", None) and measured:
                    one = result[index]
                    if one.subject and (
                        one.subject in (longer, holder) or one.subject.endswith(holder) or one.subject.endswith(longer)
                    ):
                        result[index] = Target(one.text, one.value, one.upper, one.unit, one.sense, longer)
            one = result[first]
            result[first] = Target(one.text, one.value, one.upper, one.unit, one.sense, holder)
    return result


# --- numbers in words


def _round_target(plain: str, text: str, match: re.Match[str]) -> Target | None:
    word = match.group("power")
    factor = 1
    lead = 1
    for char in word:
        if char in _POWER:
            factor *= _POWER[char]
        elif char in _CHINESE_DIGIT:
            lead = _CHINESE_DIGIT[char]
    printed = tidied(text[match.start() : match.end()])
    sense = ">=" if "以上" in match.group("after") else ">"
    return Target(
        printed,
        lead * factor,
        None,
        _unit(match.group("unit")),
        sense,
        _subject(plain, text, match.start(), match.end(), match.group("unit")),
    )


def _spelt_target(plain: str, text: str, match: re.Match[str]) -> Target:
    number = match.group("number")
    if "十" in number:
        tens, _, ones = number.partition("十")
        value = (_CHINESE_DIGIT.get(tens, 1) if tens else 1) * 10 + _CHINESE_DIGIT.get(ones, 0)
    else:
        value = _CHINESE_DIGIT[number]
    start = match.start("number")
    sense = ">=" if match.group("after") else "="
    return Target(
        tidied(text[start : match.end()]),
        value,
        None,
        match.group("unit"),
        sense,
        _subject(plain, text, start, match.end(), match.group("unit")),
    )
