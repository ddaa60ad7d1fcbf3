"""Words of a matter, its life, and what may be proposed from its text."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from duban.core.errors import Invalid
from duban.core.text import folded, ranges_text


class Kind(StrEnum):
    """量化 · 节点 · 常态. Source: docs/sources.md#notice"""

    QUANTIFIED = "quantified"
    MILESTONE = "milestone"
    CONTINUING = "continuing"


KIND_LABELS = {Kind.QUANTIFIED: "量化", Kind.MILESTONE: "节点", Kind.CONTINUING: "常态"}


def office_name(short_name: str) -> str:
    """Return what the supervision office of a place is called below the title of its tables: 临江区政府督查室."""
    return f"{short_name}政府督查室"


NAME_LENGTH = 18
"""So many characters of a matter's title stand where it is named."""


def numbered(serial: str) -> str:
    """Return the number of a matter in words: 第3项; empty where the ledger gives it none."""
    return f"第{serial}项" if serial else ""


def matter_name(*, serial: str, heading: str, most: int | None = NAME_LENGTH) -> str:
    """Return a matter as a sentence names it: 第3项“新建小学1所”; without a serial by its own words alone.

    heading: its title, else its text.   most: characters of it; None gives it whole.
    """
    bare = " ".join(heading.split()).rstrip("。；，,;.")
    short = bare if most is None or len(bare) <= most else bare[: most - 1] + "…"
    return f"{numbered(serial)}“{short}”"


def short_name(*, serial: str, heading: str) -> str:
    """Return a matter as a line names it where its words stand beside: 第3项; without a serial by its own words."""
    return numbered(serial) or matter_name(serial="", heading=heading)


def closed_words(year: int) -> str:
    """Return why nothing of a year's plan may be changed any more."""
    return f"{year}年度台账已经办结，只能查看。确需改动的，先经批准重新打开台账。"


class Origin(StrEnum):
    """Where a matter comes from."""

    NOTICE = "notice"
    INSTRUCTION = "instruction"
    MEETING = "meeting"
    SUPERIOR = "superior"
    OTHER = "other"


ORIGIN_LABELS = {
    Origin.NOTICE: "责任分解通知",
    Origin.INSTRUCTION: "批示件",
    Origin.MEETING: "会议议定事项",
    Origin.SUPERIOR: "上级交办",
    Origin.OTHER: "其他",
}


class SupervisionType(StrEnum):
    """The five types of 《政府督查工作条例》 §14. Source: docs/sources.md#regulation"""

    COMPREHENSIVE = "comprehensive"
    SPECIAL = "special"
    INVESTIGATION = "investigation"
    DAILY = "daily"
    CLUE = "clue"


SUPERVISION_TYPE_LABELS = {
    SupervisionType.COMPREHENSIVE: "综合督查",
    SupervisionType.SPECIAL: "专项督查",
    SupervisionType.INVESTIGATION: "事件调查",
    SupervisionType.DAILY: "日常督办",
    SupervisionType.CLUE: "线索核查",
}


class State(StrEnum):
    """The life of a matter (DESIGN §3)."""

    DRAFT = "draft"
    REGISTERED = "registered"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    CLOSING = "closing"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    CARRIED_OVER = "carried_over"
    TERMINATED = "terminated"


STATE_LABELS = {
    State.DRAFT: "草稿",
    State.REGISTERED: "已立项",
    State.ASSIGNED: "已交办",
    State.IN_PROGRESS: "办理中",
    State.CLOSING: "申请销号",
    State.CLOSED: "已销号",
    State.SUSPENDED: "已暂停",
    State.CARRIED_OVER: "已结转",
    State.TERMINATED: "已终止",
}

OPEN_STATES = (State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS, State.CLOSING, State.SUSPENDED)
"""States in which work is still owed (or paused)."""


class Step(StrEnum):
    """What can happen to a matter."""

    REGISTER = "register"
    ASSIGN = "assign"
    START = "start"
    ASK_TO_CLOSE = "ask_to_close"
    RETURN = "return"
    GRANT = "grant"
    REOPEN = "reopen"
    EDIT = "edit"
    ADJUST = "adjust"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    SPLIT = "split"
    CARRY_OVER = "carry_over"
    TERMINATE = "terminate"


_LIVE = frozenset({State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS})

STEPS: dict[Step, tuple[frozenset[State], State | None]] = {
    # step: (states it starts from, state it leads to; None stays, or returns to where it was)
    Step.REGISTER: (frozenset({State.DRAFT}), State.REGISTERED),
    Step.ASSIGN: (frozenset({State.REGISTERED}), State.ASSIGNED),
    Step.START: (frozenset({State.ASSIGNED}), State.IN_PROGRESS),
    Step.ASK_TO_CLOSE: (frozenset({State.IN_PROGRESS}), State.CLOSING),
    Step.RETURN: (frozenset({State.CLOSING}), State.IN_PROGRESS),
    Step.GRANT: (frozenset({State.CLOSING}), State.CLOSED),
    Step.REOPEN: (frozenset({State.CLOSED}), State.IN_PROGRESS),
    Step.EDIT: (frozenset({State.DRAFT}) | _LIVE, None),
    Step.ADJUST: (_LIVE, None),
    Step.EXTEND: (_LIVE, None),
    Step.SUSPEND: (_LIVE, State.SUSPENDED),
    Step.RESUME: (frozenset({State.SUSPENDED}), None),
    Step.SPLIT: (_LIVE, None),
    Step.CARRY_OVER: (_LIVE | {State.SUSPENDED}, State.CARRIED_OVER),
    Step.TERMINATE: (_LIVE | {State.SUSPENDED}, State.TERMINATED),
}


def may_step(state: State, step: Step) -> bool:
    """Return whether a matter in this state may take this step."""
    return state in STEPS[step][0]


class Part(StrEnum):
    """牵头 · 协办: the part a unit has in a matter."""

    LEAD = "lead"
    SUPPORT = "support"


PART_LABELS = {Part.LEAD: "牵头", Part.SUPPORT: "协办"}


class OverseerRelation(StrEnum):
    """区分管或联系领导: two relations."""

    IN_CHARGE = "in_charge"
    IN_CONTACT = "in_contact"
    UNSPECIFIED = "unspecified"


OVERSEER_RELATION_LABELS = {
    OverseerRelation.IN_CHARGE: "分管",
    OverseerRelation.IN_CONTACT: "联系",
    OverseerRelation.UNSPECIFIED: "分管或联系",
}


class Sense(StrEnum):
    """How a target's number is meant."""

    EQUAL = "="
    MORE = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    RANGE = "range"


class Owed(StrEnum):
    """Kinds of obligation. A new thing to ask for is a new line here, not a new mechanism."""

    ACKNOWLEDGE = "acknowledge"
    CONTACTS = "contacts"
    REPORT = "report"
    MILESTONE = "milestone"
    FINAL = "final"
    CONTRIBUTION = "contribution"
    OBSTACLE = "obstacle"
    DECISION = "decision"
    INSTRUCTION = "instruction"
    LETTER = "letter"
    RECTIFY_PLAN = "rectify_plan"
    RECTIFIED = "rectified"


OWED_LABELS = {
    Owed.ACKNOWLEDGE: "签收",
    Owed.CONTACTS: "明确分管领导和联络员",
    Owed.REPORT: "报送完成情况",
    Owed.MILESTONE: "时间节点",
    Owed.FINAL: "办结时限",
    Owed.CONTRIBUTION: "报送协办情况",
    Owed.OBSTACLE: "答复困难问题",
    Owed.DECISION: "落实调度会议定事项",
    Owed.INSTRUCTION: "落实批示",
    Owed.LETTER: "答复函件",
    Owed.RECTIFY_PLAN: "报送整改方案",
    Owed.RECTIFIED: "报送整改情况",
}

OWED_ABOUT_A_THING = (
    Owed.OBSTACLE,
    Owed.DECISION,
    Owed.INSTRUCTION,
    Owed.LETTER,
    Owed.RECTIFY_PLAN,
    Owed.RECTIFIED,
)
"""Owed because of one thing of a later noun, named by the obligation's subject."""


MATTER_FIELD_LABELS = {
    "serial": "序号",
    "title": "标题",
    "section": "所属板块",
    "kind": "类别",
    "field": "领域",
    "is_livelihood": "民生",
    "is_weakness": "短板",
    "supervision_type": "督查类型",
    "note": "备注",
    "targets": "量化目标",
    "text": "具体目标任务",
    "deadline_text": "完成时限",
    "starts_on": "起始日期",
    "due_on": "办结时限",
    "assignments": "责任单位",
    "groups": "统称",
    "overseers": "分管或联系领导",
    "milestones": "时间节点",
}
"""What the parts of a matter are called, on forms, in what stood before and stands now, and in messages."""


class Channel(StrEnum):
    """How a unit answered where it did not do so itself: the office enters it on the unit's behalf."""

    PAPER = "paper"
    TELEPHONE = "telephone"


CHANNEL_LABELS = {Channel.PAPER: "纸质回执", Channel.TELEPHONE: "电话"}


class Forecast(StrEnum):
    """What a unit itself expects of a matter's deadline."""

    ON_TIME = "on_time"
    STRAINED = "strained"
    UNLIKELY = "unlikely"


FORECAST_LABELS = {
    Forecast.ON_TIME: "能按期",
    Forecast.STRAINED: "有困难但可完成",
    Forecast.UNLIKELY: "难以按期完成",
}


class Light(StrEnum):
    """红黄绿灯, judged by `lights`. A matter without one (not begun, closed, paused) says so in grey words; there is no
    fourth lamp."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


LIGHT_LABELS = {Light.GREEN: "绿灯", Light.YELLOW: "黄灯", Light.RED: "红灯"}


LIT_STATES = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)
"""States in which a matter whose first day has come has a light."""


class OwedState(StrEnum):
    """Late is a judgement by the day, so it is no state."""

    OPEN = "open"
    MET = "met"
    WAIVED = "waived"


OWED_STATE_LABELS = {OwedState.OPEN: "待办", OwedState.MET: "已完成", OwedState.WAIVED: "已免除"}


class ChangeKind(StrEnum):
    """Approved changes; the original stays visible."""

    ADJUST = "adjust"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    SPLIT = "split"
    CARRY_OVER = "carry_over"
    TERMINATE = "terminate"
    REOPEN = "reopen"


CHANGE_LABELS = {
    ChangeKind.ADJUST: "调整",
    ChangeKind.EXTEND: "延期",
    ChangeKind.SUSPEND: "暂停",
    ChangeKind.RESUME: "恢复",
    ChangeKind.SPLIT: "拆分",
    ChangeKind.CARRY_OVER: "结转下年",
    ChangeKind.TERMINATE: "终止",
    ChangeKind.REOPEN: "重新办理",
}


class SettingKey(StrEnum):
    """What a notice's own text fixes for its plan."""

    DECLARED_ITEMS = "declared_items"
    REPORT_DATES = "report_dates"
    REPORT_LENGTH = "report_length"
    CONTACTS_PER_UNIT = "contacts_per_unit"
    LOOK_BACK = "look_back"
    CONTACT = "contact"


SETTING_LABELS = {
    SettingKey.DECLARED_ITEMS: "事项总数",
    SettingKey.REPORT_DATES: "报送日期",
    SettingKey.REPORT_LENGTH: "报送字数",
    SettingKey.CONTACTS_PER_UNIT: "每单位联系人",
    SettingKey.LOOK_BACK: "月底回头看",
    SettingKey.CONTACT: "督查室联系人",
}

_FINISHING = re.compile(
    r"完成|建成|启动|出台|建立|出版|举办|验收|启用|筹建|制定|修订|建设|改造|打造|创建|投入使用|开工|竣工|搬迁"
)
_CONTINUING = re.compile(r"^(继续|持续|不断|深入|常态化|坚持|进一步|稳步|支持|推动|推广|加强|强化|落实|积极|提升|巩固)")
_ENDING = re.compile(r"建成|竣工|验收|投入使用|投产|开业|普查")  # these end, however the sentence begins


def propose_kind(text: str, *, has_targets: bool, has_deadline: bool = False) -> Kind:
    """Return the kind a matter's text suggests; a person may change it.

    A number to reach → 量化; a date, or a work that ends → 节点; else 常态.
    """
    if has_targets:
        return Kind.QUANTIFIED
    if has_deadline or _ENDING.search(text):
        return Kind.MILESTONE
    if _CONTINUING.search(text):
        return Kind.CONTINUING
    return Kind.MILESTONE if _FINISHING.search(text) else Kind.CONTINUING


_FIELDS: tuple[tuple[str, str, str], ...] = (
    # 领域, words that settle it, words that only point to it
    (
        "教育",
        r"教育局|教师|幼儿园|小学|中学|学生|校园|入学|学位|[区县]管校聘|学前教育|职业教育|素质教育",
        r"教育|学校|生源",
    ),
    (
        "卫生健康",
        r"医疗健康|公共卫生|卫生院|卫生所|医院|医保|疾病|妇幼|名医|中医|慢性病|转诊|就医|两癌|常见病|健康咨询|医改|卫生体制",
        r"医疗|卫生|医养|健康服务|随访",
    ),
    (
        "社会保障",
        r"社保|养老|助残|低保|救助|救急难|残疾|就业|创业担保|困难群|儿童福利|扶贫|返贫|脱贫|两不愁|微心愿|保障性住房",
        r"创业|困难|退役军人|贫困",
    ),
    (
        "城乡建设",
        r"市政路|老旧小区|房地产|住房不|房住不炒|物业|国土空间|城乡规划|总规|控规|农房|危房|安置房|城市管理|棚户|镇区|土地征收"
        r"|闲置土地|城镇综合体|住新居",
        r"城市|道路|干道|公园|城区|土地|规划编制|区间路|路灯|慢道|搬迁|楼宇",
    ),
    ("交通", r"公路|公交|客运|铁路|高铁|客专|港口|航道|交通项目|交通路网", r"交通|车站|枢纽"),
    (
        "农业农村",
        r"农业|农民|乡村振兴|农产|农超|农商|渔业|养殖|水利|水库|灌区|农村厕所|农村集体|涉农|粮食|饮水安全|股份经济合作",
        r"农村|乡村|村级|水厂|引调水",
    ),
    (
        "生态环境",
        r"污染|水质|河长|河湖|治水|空气质量|节能减排|循环利用|循环化|生态环境|环境整治|污水|流域|复绿|采砂|围填海",
        r"环境|生态|垃圾|排放|绿化|绿道|治理",
    ),
    (
        "文化旅游",
        r"文旅|文体|旅游|文创|全民健身|运动会|健身|方志|区志|县志|红色文化|历史建筑|传统村落|文物|古城|公共文化|综合文化|公益文化"
        r"|文明城|文明实践|博物馆|图书馆",
        r"文化|体育|展演|景区|街区",
    ),
    (
        "安全稳定",
        r"安全生产|扫黑|治安|消防|应急|事故|隐患|禁毒|肃毒|走私|公安|信访|维稳|促稳|调解|矛盾|平安建设|风险评估|安控|安全专家|社区矫正",
        r"平安|安全|稳定|警务",
    ),
    ("营商环境", r"审批|通关|中介|营商|减税|降费|窗受理|政务服务|智慧政务", r"提效|便民"),
    (
        "产业发展",
        r"招商|市场主体|专业市场|服务业|金融|融资|银企|票据|贷款|[保创]贷|数字经济|数字化|产业投资|企业成本|检验检测",
        r"产业|工业|企业|商贸|行业|商务|市场|项目|数据|扶持",
    ),
    ("科技人才", r"人才|科研|创新实验室|创新中心", r"科技|创新"),
)
"""A settling word weighs as much as three pointing ones: 平安校园 is 教育 although 平安 points elsewhere."""
_SETTLING_WEIGHT = 3


def propose_field(text: str) -> str:
    """Return the 领域 a matter's text suggests, or an empty string. A person may change it."""
    best, most = "", 0
    for name, settling, pointing in _FIELDS:
        weight = _SETTLING_WEIGHT * len(re.findall(settling, text)) + len(re.findall(pointing, text))
        if weight > most:
            best, most = name, weight
    return best


FIELD_NAMES = tuple(name for name, _, _ in _FIELDS)
LIVELIHOOD_FIELDS = frozenset({"教育", "卫生健康", "社会保障"})
_LIVELIHOOD = re.compile(r"民生|老旧小区|危房|厕所|饮水安全|住新居|棚户")


def propose_livelihood(text: str) -> bool:
    """Return whether the text suggests a 民生 matter. A person may change it."""
    return _LIVELIHOOD.search(text) is not None or propose_field(text) in LIVELIHOOD_FIELDS


def serial_number(serial: str) -> int | None:
    """Return a serial as a number, ① and １ too; None for one that is no number (一、2-1)."""
    digits = folded(serial)
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


def missing_serials(serials: Sequence[str], *, declared: int | None) -> list[int]:
    """Return the numbers from 1 to the declared total that no matter carries."""
    if not declared:
        return []
    present = {serial_number(one) for one in serials}
    return [number for number in range(1, declared + 1) if number not in present]


def is_late(*, due_on: date, met_on: date | None, today: date) -> bool:
    """Return whether something owed was met after its day, or is open after it; the day itself is in time."""
    return (met_on or today) > due_on


_LAST_DAY = {
    "上半年": (6, 30),
    "下半年": (12, 31),
    "全年": (12, 31),
    "年底": (12, 31),
    "年内": (12, 31),
    "年末": (12, 31),
}
_QUARTER = re.compile(r"(?:第([一二三四1-4])|([一二三四1-4]))季度")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_DAY = re.compile(r"(?<!\d)(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})(?!\d*月)")  # 1-6月 is a span of months
_MONTH = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(上旬|中旬|初|中)?")


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def propose_due_on(deadline_text: str, *, year: int) -> date | None:
    """Return the last day a deadline as printed means: 6月底前、2020年9月30日、上半年、第三季度; None when unread.

    Several dates in one cell give the last of them: the matter is done when all is done.
    """
    text = folded(deadline_text)
    found: list[date] = []
    rest = text
    for match in _DAY.finditer(text):
        try:
            found.append(date(int(match[1] or year), int(match[2]), int(match[3])))
        except ValueError:
            continue
        rest = rest.replace(match[0], " ", 1)
    for match in _QUARTER.finditer(rest):
        found.append(_month_end(year, 3 * _QUARTERS[match[1] or match[2]]))
    for match in _MONTH.finditer(rest):
        month = int(match[2])
        if 1 <= month <= 12:
            of_year = int(match[1] or year)
            day = {"初": 10, "上旬": 10, "中": 20, "中旬": 20}.get(match[3] or "")
            found.append(date(of_year, month, day) if day else _month_end(of_year, month))
    for word, (month, day_of_month) in _LAST_DAY.items():
        if word in rest:
            match_year = re.search(r"(\d{4})年?" + word, rest)
            found.append(date(int(match_year[1]) if match_year else year, month, day_of_month))
    return max(found) if found else None


def order_between(serial: str, *, placed: Sequence[tuple[float, str]]) -> float:
    """Return the place of a matter added later: after the nearest lower serial, else before the nearest higher one.

    placed: (order, serial) of the matters that stand, by order. A serial that is no number goes to the end.
    """
    number = serial_number(serial)
    if not placed:
        return 1.0 if number is None else float(number)
    if number is None:
        return placed[-1][0] + 1
    numbered = [(serial_number(one), order) for order, one in placed]
    lower = [(standing, order) for standing, order in numbered if standing is not None and standing <= number]
    if not lower:
        return placed[0][0] - 1
    before = max(lower)[1]
    after = min((order for order, _ in placed if order > before), default=None)
    return before + 1 if after is None else (before + after) / 2


def count_text(*, present: int, declared: int | None, missing: Sequence[int]) -> str:
    """Return “128 / 157 项，缺 1–13、142–157”; without a declared total “12 项”."""
    if not declared:
        return f"{present} 项"
    lacking = f"，缺 {ranges_text(list(missing))}" if missing else ""
    return f"{present} / {declared} 项{lacking}"


def checked_setting(key: SettingKey, value: Any) -> Any:
    """Return a plan setting in its one stored form. Raises Invalid in the user's words.

    DECLARED_ITEMS: int · REPORT_DATES: ISO dates, ascending · REPORT_LENGTH: {"min", "max"} ·
    CONTACTS_PER_UNIT: {"deputy", "liaison"} · LOOK_BACK: bool · CONTACT: {"name", "phone", "fax", "email"}.
    """
    label = SETTING_LABELS[key]
    if key is SettingKey.DECLARED_ITEMS:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 100_000:
            raise Invalid(f"“{label}”应为大于 0 的整数。", field=key)
        return value
    if key is SettingKey.REPORT_DATES:
        try:
            days = sorted({one if isinstance(one, date) else date.fromisoformat(one) for one in value})
        except (TypeError, ValueError):
            raise Invalid(f"“{label}”应为日期，如 2020-06-20。", field=key)
        return [day.isoformat() for day in days]
    if key is SettingKey.REPORT_LENGTH:
        low, high = (value.get("min"), value.get("max")) if isinstance(value, dict) else (None, None)
        if not isinstance(low, int) or not isinstance(high, int) or not 0 < low <= high:
            raise Invalid(f"“{label}”应写明最少和最多字数，且最少不超过最多。", field=key)
        return {"min": low, "max": high}
    if key is SettingKey.CONTACTS_PER_UNIT:
        wanted = {"deputy": 1, "liaison": 1} if value == 2 else value
        if not isinstance(wanted, dict) or any(not isinstance(wanted.get(one), int) for one in ("deputy", "liaison")):
            raise Invalid(f"“{label}”应写明分管领导和联络员各几名。", field=key)
        return {"deputy": wanted["deputy"], "liaison": wanted["liaison"]}
    if key is SettingKey.LOOK_BACK:
        return bool(value)
    if not isinstance(value, dict):
        raise Invalid(f"“{label}”应写明姓名、电话等。", field=key)
    return {one: str(value.get(one) or "") for one in ("name", "phone", "fax", "email")}
