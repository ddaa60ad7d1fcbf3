"""督查规则 as a checked value: every figure has a place, a type, a source; absurd figures are refused in words.

Plain Python, like `rules`: the table `Policy` keeps the versions, this module says what a version may hold.
Reading needs no database, so a year can be replayed under another policy.
"""

import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, get_args, get_origin, get_type_hints

from duban.access.rules import ROLE_PERMISSIONS, Permission, Role
from duban.core.errors import Invalid


@dataclass(frozen=True, slots=True)
class Assigning:
    """交办与签收."""

    acknowledge_workdays: int
    contacts_workdays: int
    refusals_most: int
    liaisons_per_unit: int
    deputies_per_unit: int


@dataclass(frozen=True, slots=True)
class Lights:
    """三盏灯. warning_windows: (span in days up to, warn so many calendar days before). snapshot_days: MM-DD.

    gap_judged: the gap to 序时进度 makes lights.   windows_judged: what is due soon is yellow before it is late.
    """

    gap_judged: bool
    gap_yellow_points: int
    gap_red_points: int
    schedule: str
    quarter_pct: tuple[int, ...]
    windows_judged: bool
    warning_windows: tuple[tuple[int, ...], ...]
    node_grace_workdays: int
    report_grace_workdays: int
    yellow_month_ends_to_red: int
    untrue_is_red: bool
    snapshot_days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letters:
    """三种函. Signers are roles; inviting_unit_types are unit types that get 商请函; numbering: a NUMBERINGS."""

    issuer: str
    remind_signer: str
    urge_signer: str
    supervise_signer: str
    courtesy_workdays: int
    remind_cure_workdays: int
    urge_after_overdue_workdays: int
    urge_after_remind_workdays: int
    urge_after_returns: int
    urge_answer_workdays: int
    supervise_answer_workdays: int
    levels_may_be_skipped: bool
    cooldown_workdays: int
    batches_per_unit_month: int
    inviting_unit_types: tuple[str, ...]
    numbering: str
    number_words: tuple[str, ...]
    qr_code: bool


@dataclass(frozen=True, slots=True)
class Reminders:
    """提醒. send_at, quiet_*: HH:MM; overdue_every_weeks: 0 mentions what is overdue once only."""

    before_workdays: tuple[int, ...]
    digests_per_day: int
    deputy_workdays: int
    overdue_every_weeks: int
    send_at: str
    quiet_from: str
    quiet_until: str


@dataclass(frozen=True, slots=True)
class Bulletins:
    """通报. Approvers are roles: of facts, and of criticism and praise. causes, praise_causes: words to choose from.

    praise_early_days: praised is what was closed so many days before it was due; praise_over_pct: so much above target.
    """

    correction_workdays: int
    causes: tuple[str, ...]
    praise_causes: tuple[str, ...]
    praise_early_days: int
    praise_over_pct: int
    facts_approver: str
    judgement_approver: str


@dataclass(frozen=True, slots=True)
class Interviews:
    """约谈. Approvers are roles, by level; inviting_talks: units that get 商请函 are proposed, as 商请面谈.

    notice_workdays: so many working days lie between notice and talk; recheck_workdays: after the unit's report.
    """

    unanswered_workdays: int
    red_snapshots: int
    named_times: int
    level3_reds: int
    plan_workdays: int
    report_days: int
    notice_workdays: int
    recheck_workdays: int
    level1_approver: str
    level2_approver: str
    level3_approver: str
    inviting_talks: bool
    number_word: str


@dataclass(frozen=True, slots=True)
class Reports:
    """报送. dates: MM-DD; they hold where the plan's notice fixes none."""

    dates: tuple[str, ...]
    min_chars: int
    max_chars: int
    exceptions_allowed: bool
    support_workdays: int


@dataclass(frozen=True, slots=True)
class Obstacles:
    """困难问题."""

    answer_workdays: int
    escalate_workdays: int


@dataclass(frozen=True, slots=True)
class Instructions:
    """批示."""

    answer_workdays: int


@dataclass(frozen=True, slots=True)
class EvidenceFigures:
    """佐证材料. compulsory_kinds: kinds of matter that close only with evidence; empty asks for none."""

    compulsory_kinds: tuple[str, ...]
    most_mb: int


@dataclass(frozen=True, slots=True)
class Changes:
    """延期与调整."""

    extensions_most: int
    decide_workdays: int


@dataclass(frozen=True, slots=True)
class Closure:
    """销号."""

    decide_workdays: int
    returns_to_urge: int
    onsite_livelihood: bool
    onsite_quantified: bool
    onsite_random_pct: int
    grades: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visits:
    """实地考查与察访核验. unit_times: so often a unit may be visited in a year before there is a warning."""

    random_pct: int
    verifiers: int
    unit_times: int
    plan_workdays: int
    report_days: int


@dataclass(frozen=True, slots=True)
class Objections:
    """复核与异议."""

    review_apply_days: int
    review_decide_days: int
    score_apply_workdays: int
    score_decide_workdays: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """考评. raters: a RATERS; workload_least, workload_most: bounds of 应办事宜数 ÷ 中位数."""

    enabled: bool
    base_score: int
    floor_score: int
    support_ratio: float
    not_done_score: float
    late_report_score: float
    missing_report_score: float
    returned_score: float
    no_substance_score: float
    criticised_score: float
    praised_score: float
    interview_score: float
    untrue_score: float
    bonus_most: float
    leaders_rating_pct: int
    raters: str
    normalised: bool
    workload_least: float
    workload_most: float
    deduction_kinds_most: int
    ranking: bool


@dataclass(frozen=True, slots=True)
class Precedents:
    """往年情况. least_pct: how much of a text has to be said in an earlier one; field_pct, unit_pct: by how much one of
    the same field, of the same leading unit counts for liker.
    """

    years_back: int
    shown_most: int
    least_pct: int
    field_pct: int
    unit_pct: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Every figure of one version, by section."""

    assigning: Assigning
    lights: Lights
    letters: Letters
    reminders: Reminders
    bulletins: Bulletins
    interviews: Interviews
    reports: Reports
    obstacles: Obstacles
    instructions: Instructions
    evidence: EvidenceFigures
    changes: Changes
    closure: Closure
    visits: Visits
    objections: Objections
    evaluation: Evaluation
    precedents: Precedents


SECTIONS: dict[str, type] = {one.name: get_type_hints(Figures)[one.name] for one in fields(Figures)}

SECTION_LABELS: dict[str, str] = {
    "assigning": "交办与签收",
    "lights": "三盏灯",
    "letters": "三种函",
    "reminders": "提醒",
    "bulletins": "通报",
    "interviews": "约谈",
    "reports": "报送",
    "obstacles": "困难问题",
    "instructions": "批示",
    "evidence": "佐证材料",
    "changes": "延期与调整",
    "closure": "销号",
    "visits": "实地考查与察访核验",
    "objections": "复核与异议",
    "evaluation": "绩效考评",
    "precedents": "往年情况",
}


@dataclass(frozen=True, slots=True)
class FigureSource:
    """Where one figure comes from. grade: A primary text · B press · C template · ★ our choice."""

    section: str
    name: str
    text: str
    grade: str
    source: str

    @property
    def place(self) -> str:
        """The figure's name with its section: lights.schedule."""
        return f"{self.section}.{self.name}"


@dataclass(frozen=True, slots=True)
class Preset:
    """A set of figures shipped with the product, each with its source, in the order of the default's file."""

    key: str
    name: str
    note: str
    values: dict[str, dict[str, Any]] = field(hash=False)
    sources: tuple[FigureSource, ...] = ()

    def source_of(self, place: str) -> FigureSource:
        """Return where one figure of this preset comes from."""
        return next(one for one in self.sources if one.place == place)


SIGNERS = (
    Role.OFFICER,
    Role.OFFICE_HEAD,
    Role.DEPUTY_DIRECTOR,
    Role.DIRECTOR,
    Role.LEADER,
    Role.GOVERNMENT_HEAD,
)
"""Who may approve, the lowest first."""

LETTER_SIGNERS = tuple(one for one in SIGNERS if Permission.LETTER_SIGN in ROLE_PERMISSIONS[one])
"""Who may sign letters: a policy that names somebody else would leave its letters unsigned for ever."""

BULLETIN_APPROVERS = tuple(one for one in SIGNERS if Permission.BULLETIN_APPROVE in ROLE_PERMISSIONS[one])
"""Who may approve bulletins: as with letters, nobody else may be named."""

INTERVIEW_APPROVERS = tuple(one for one in SIGNERS if Permission.INTERVIEW_APPROVE in ROLE_PERMISSIONS[one])
"""Who may approve interviews: the head of government, or a leader."""

SCHEDULES = frozenset({"day", "month", "quarter", "nodes"})
ISSUERS = frozenset({"government_office", "supervision_office"})
NUMBERINGS = frozenset({"register", "document_system"})
RATERS = frozenset({"overseers", "all"})
MATTER_KINDS = frozenset({"quantified", "milestone", "continuing"})
UNIT_TYPES = frozenset({"department", "town", "enterprise", "party", "mass", "vertical", "military", "other"})
GRADES = frozenset({"A", "B", "C", "★"})


_FAR = 1_000_000


def _typed(value: Any, wanted: Any) -> Any:
    """Return `value` as the wanted type; raise TypeError when it is something else. A list becomes a tuple."""
    if get_origin(wanted) is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError
        return tuple(_typed(one, get_args(wanted)[0]) for one in value)
    if wanted is bool:
        if not isinstance(value, bool):
            raise TypeError
        return value
    if isinstance(value, bool):
        raise TypeError
    if wanted is int and isinstance(value, int):
        return value
    if wanted is float and isinstance(value, int | float) and -_FAR < value < _FAR:  # neither nan nor inf
        return float(value) + 0.0  # no negative zero
    if wanted is str and isinstance(value, str):
        return value
    raise TypeError


_TYPE_WORDS = {int: "整数", float: "数", bool: "“是”或“否”", str: "文字"}


def _type_word(wanted: Any) -> str:
    if get_origin(wanted) is tuple:
        return "列表"
    return _TYPE_WORDS[wanted]


_MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")


def _month_day(value: str) -> bool:
    """Return whether this is a day of every year: 02-29 is none."""
    if not _MONTH_DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(f"2001-{value}")
    except ValueError:
        return False
    return True


def _is_time(value: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is not None


def figures_of(values: Mapping[str, Mapping[str, Any]]) -> Figures:
    """Return the figures as a checked value. values: {section: {name: value}}, lists or tuples alike.

    Raises Invalid naming the sentence that is wrong: a figure missing, unknown, of another type, absurd,
    or contradicting another.
    """
    figures = _built(values)
    for place, problem in _problems(figures):
        raise Invalid(f"{problem}（{_says(*place.split('.'))}）", field=place)
    return figures


def stored_figures(values: Mapping[str, Mapping[str, Any]]) -> Figures:
    """Return the figures of a version as it is stored: one that is older than a figure is read with the preset's.

    What was adopted stands, also where a later rule of what contradicts would refuse it today. A version never changes
    and every page asks for it, so that what was read is kept.
    """
    return _read_figures(json.dumps(values, sort_keys=True))


@lru_cache(maxsize=64)
def _read_figures(stored: str) -> Figures:
    values, preset = json.loads(stored), default_preset().values
    return _built({section: {**preset[section], **values.get(section, {})} for section in SECTIONS})


def _built(values: Mapping[str, Mapping[str, Any]]) -> Figures:
    """Return the figures, each of its type. Raises Invalid."""
    unknown = sorted(set(values) - set(SECTIONS))
    if unknown:
        raise Invalid(f"督查规则中没有“{unknown[0]}”这一部分。", field=unknown[0])
    built: dict[str, Any] = {}
    for section, holder in SECTIONS.items():
        given = values.get(section, {})
        hints = get_type_hints(holder)
        for name in sorted(set(given) - set(hints)):
            raise Invalid(f"“{SECTION_LABELS[section]}”中没有“{name}”这一项。", field=f"{section}.{name}")
        checked: dict[str, Any] = {}
        for name, wanted in hints.items():
            if name not in given:
                raise Invalid(f"缺少“{_says(section, name)}”", field=f"{section}.{name}")
            try:
                checked[name] = _typed(given[name], wanted)
            except TypeError:
                raise Invalid(
                    f"“{_says(section, name)}”应填{_type_word(wanted)}，现为“{given[name]}”。",
                    field=f"{section}.{name}",
                )
        built[section] = holder(**checked)
    return Figures(**built)


def _says(section: str, name: str) -> str:
    return _sentences().get((section, name), f"{section}.{name}")


@cache
def _sentences() -> dict[tuple[str, str], str]:
    raw = tomllib.loads(_file(PRESET_KEYS[0]))
    return {
        (section, name): str(entry.get("text", name))
        for section, entries in raw.items()
        if section != "preset"
        for name, entry in entries.items()
    }


_AT_LEAST_ONE = {
    "assigning.acknowledge_workdays", "assigning.contacts_workdays", "lights.yellow_month_ends_to_red",
    "letters.courtesy_workdays", "letters.remind_cure_workdays", "letters.urge_after_overdue_workdays",
    "letters.urge_after_remind_workdays", "letters.urge_answer_workdays", "letters.supervise_answer_workdays",
    "letters.urge_after_returns", "letters.cooldown_workdays", "letters.batches_per_unit_month",
    "reminders.digests_per_day", "bulletins.correction_workdays",
    "bulletins.praise_early_days", "interviews.unanswered_workdays",
    "interviews.red_snapshots", "interviews.named_times", "interviews.level3_reds", "interviews.plan_workdays",
    "interviews.report_days", "interviews.recheck_workdays", "reports.min_chars",
    "changes.decide_workdays", "closure.decide_workdays",
    "closure.returns_to_urge", "visits.verifiers", "visits.unit_times", "visits.plan_workdays",
    "visits.report_days", "objections.review_apply_days", "objections.review_decide_days",
    "objections.score_apply_workdays", "objections.score_decide_workdays", "evaluation.base_score",
    "evaluation.deduction_kinds_most", "obstacles.answer_workdays", "obstacles.escalate_workdays",
    "instructions.answer_workdays", "evidence.most_mb", "precedents.years_back", "precedents.shown_most",
    "precedents.least_pct",
}  # fmt: skip
_AT_MOST = {
    "assigning.refusals_most": 10, "lights.yellow_month_ends_to_red": 12, "lights.node_grace_workdays": 60,
    "lights.report_grace_workdays": 60, "letters.courtesy_workdays": 60, "letters.urge_after_returns": 10,
    "letters.batches_per_unit_month": 31, "reminders.digests_per_day": 5, "interviews.red_snapshots": 12,
    "bulletins.praise_over_pct": 1000,
    "interviews.named_times": 12, "interviews.level3_reds": 1000, "reports.max_chars": 5000,
    "reminders.deputy_workdays": 60, "reminders.overdue_every_weeks": 52,
    "reports.support_workdays": 60, "evidence.most_mb": 500, "changes.extensions_most": 12,
    "closure.returns_to_urge": 10, "visits.verifiers": 20, "visits.unit_times": 60, "visits.plan_workdays": 60,
    "visits.report_days": 366, "evaluation.base_score": 1000,
    "precedents.years_back": 10, "precedents.shown_most": 10,
}  # fmt: skip
_PERCENT = {
    "closure.onsite_random_pct", "visits.random_pct", "evaluation.leaders_rating_pct", "precedents.least_pct",
    "precedents.field_pct", "precedents.unit_pct",
}  # fmt: skip
_DEDUCTIONS = (
    "not_done_score", "late_report_score", "missing_report_score", "returned_score", "no_substance_score",
    "criticised_score", "interview_score", "untrue_score",
)  # fmt: skip
_LEGAL_REVIEW_DAYS = 30  # 《政府督查工作条例》第十七条: an act binds the policy, so this is no figure of it
_WORKLOAD_MOST = 10
_NUMBER_WORD = re.compile(r"[\u4e00-\u9fff]{2,8}")

_Problem = tuple[str, str]


def _problems(figures: Figures) -> Iterator[_Problem]:
    """Yield (place, what is wrong) of every figure that is absurd or contradicts another."""
    yield from _out_of_range(figures)
    yield from _light_problems(figures.lights)
    yield from _letter_problems(figures)
    yield from _list_problems(figures)
    yield from _term_problems(figures)
    yield from _score_problems(figures.evaluation)


def _out_of_range(figures: Figures) -> Iterator[_Problem]:
    for section, holder in SECTIONS.items():
        for name in get_type_hints(holder):
            place, value = f"{section}.{name}", getattr(getattr(figures, section), name)
            if isinstance(value, bool) or not isinstance(value, int):
                continue
            if value < 0:
                yield place, f"不能是负数 {value}"
            if value < 1 and place in _AT_LEAST_ONE:
                yield place, f"至少为 1，现为 {value}"
            if value > 100 and place in _PERCENT:
                yield place, f"百分比不能超过 100，现为 {value}"
            if value > _AT_MOST.get(place, value):
                yield place, f"最多为 {_AT_MOST[place]}，现为 {value}"
            if value > 366 and name.endswith("days"):
                yield place, f"期限超过一年：{value}"


def _light_problems(lights: Lights) -> Iterator[_Problem]:
    yellow, red = lights.gap_yellow_points, lights.gap_red_points
    if not 0 < yellow < red <= 100:
        yield "lights.gap_red_points", f"黄灯起点 {yellow} 应小于红灯起点 {red}，且都在 0—100 之间"
    if not lights.gap_judged and not lights.windows_judged:
        yield "lights.windows_judged", "不看序时进度，又不提前预警，黄灯就失去了提醒的作用，两样至少要判一样"
    if lights.schedule not in SCHEDULES:
        yield "lights.schedule", f"没有“{lights.schedule}”这种算法"
    quarters = lights.quarter_pct
    if len(quarters) != 4 or list(quarters) != sorted(quarters) or quarters[0] < 0 or quarters[-1] != 100:
        yield "lights.quarter_pct", "应为四个由小到大的百分比，最后一个是 100"
    windows = lights.warning_windows
    if not windows or any(len(one) != 2 or not 0 < one[1] < one[0] <= 3660 for one in windows):
        yield "lights.warning_windows", "每组应为“跨度→提前天数”，提前天数至少 1 天并小于跨度，跨度不超过十年"
        return
    spans, warns = [one[0] for one in windows], [one[1] for one in windows]
    if spans != sorted(set(spans)):
        yield "lights.warning_windows", "跨度应由小到大，同一跨度只能有一个提前天数"
    if warns != sorted(warns):
        yield "lights.warning_windows", "跨度越长，提前天数不应越短"


def _letter_problems(figures: Figures) -> Iterator[_Problem]:
    letters = figures.letters
    signers = {
        "letters.remind_signer": letters.remind_signer,
        "letters.urge_signer": letters.urge_signer,
        "letters.supervise_signer": letters.supervise_signer,
    }
    for place, signer in signers.items():
        if signer not in SIGNERS:
            yield place, f"没有“{signer}”这种签发人"
        elif signer not in LETTER_SIGNERS:
            yield place, "这一角色没有签发函件的权限，函件将无人能签"
    yield from _bulletin_problems(figures.bulletins)
    yield from _interview_problems(figures.interviews)
    ranks = [SIGNERS.index(Role(one)) for one in signers.values() if one in SIGNERS]
    if ranks != sorted(ranks):
        yield "letters.supervise_signer", "提醒函、催办函、督办函逐级加重，后一种的签发人职务不应低于前一种"
    if letters.issuer not in ISSUERS:
        yield "letters.issuer", f"没有“{letters.issuer}”这种发文名义"
    if letters.numbering not in NUMBERINGS:
        yield "letters.numbering", f"没有“{letters.numbering}”这种编号办法"
    words = letters.number_words
    if len(words) != 3 or len(set(words)) != 3 or not all(map(_NUMBER_WORD.fullmatch, words)):
        yield "letters.number_words", "三种函应各有一个不同的代字，二至八个汉字"
    if letters.urge_after_remind_workdays < letters.remind_cure_workdays:
        yield (
            "letters.urge_after_remind_workdays",
            f"提醒函给了 {letters.remind_cure_workdays} 个工作日改正，不能在第 {letters.urge_after_remind_workdays} "
            "个工作日就催办",
        )
    if figures.interviews.unanswered_workdays < letters.supervise_answer_workdays:
        yield (
            "interviews.unanswered_workdays",
            f"督办函给了 {letters.supervise_answer_workdays} 个工作日答复，不能在第 "
            f"{figures.interviews.unanswered_workdays} 个工作日就以未答复为由约谈",
        )


def _bulletin_problems(bulletins: Bulletins) -> Iterator[_Problem]:
    approvers = {
        "bulletins.facts_approver": bulletins.facts_approver,
        "bulletins.judgement_approver": bulletins.judgement_approver,
    }
    for place, approver in approvers.items():
        if approver not in SIGNERS:
            yield place, f"没有“{approver}”这种签发人"
        elif approver not in BULLETIN_APPROVERS:
            yield place, "这一角色没有批准通报的权限，通报将无人能批"
    ranks = [SIGNERS.index(Role(one)) for one in approvers.values() if one in SIGNERS]
    if ranks != sorted(ranks):
        yield "bulletins.judgement_approver", "批评和表扬的批准人，职务不应低于只核事实的批准人"


def _interview_problems(interviews: Interviews) -> Iterator[_Problem]:
    approvers = {
        "interviews.level1_approver": interviews.level1_approver,
        "interviews.level2_approver": interviews.level2_approver,
        "interviews.level3_approver": interviews.level3_approver,
    }
    for place, approver in approvers.items():
        if approver not in SIGNERS:
            yield place, f"没有“{approver}”这种批准人"
        elif approver not in INTERVIEW_APPROVERS:
            yield place, "约谈须经政府主要领导或者区领导批准（《政府督查工作条例》第二十一条）"
    ranks = [SIGNERS.index(Role(one)) for one in approvers.values() if one in SIGNERS]
    if ranks != sorted(ranks):
        yield "interviews.level3_approver", "约谈逐级加重，上一级的批准人职务不应低于下一级"
    if not _NUMBER_WORD.fullmatch(interviews.number_word):
        yield "interviews.number_word", "通知书的机关代字应为二至八个汉字"


def _list_problems(figures: Figures) -> Iterator[_Problem]:
    """Lists of days, words and kinds: in order, none twice, none blank, none unknown."""
    for place, days in (
        ("lights.snapshot_days", figures.lights.snapshot_days),
        ("reports.dates", figures.reports.dates),
    ):
        if not all(map(_month_day, days)):
            yield place, "日期应写成“月-日”，如 06-20，而且每年都有这一天"
        if not days or list(days) != sorted(set(days)):
            yield place, "日期应由早到晚，不重复"
    before = figures.reminders.before_workdays
    if not before or min(before) < 0 or list(before) != sorted(set(before), reverse=True):
        yield "reminders.before_workdays", "提醒日应由远到近，不重复"
    elif before[0] > 60 or len(before) > 10:
        yield "reminders.before_workdays", "最早提前 60 个工作日，最多提醒 10 次"
    yield from _time_problems(figures.reminders)
    kinds: tuple[tuple[str, Sequence[str], Collection[str], str], ...] = (
        ("letters.inviting_unit_types", figures.letters.inviting_unit_types, UNIT_TYPES, "单位类别"),
        ("evidence.compulsory_kinds", figures.evidence.compulsory_kinds, MATTER_KINDS, "事项类别"),
    )
    for place, given, known, label in kinds:
        if not set(given) <= set(known):
            yield place, f"{label}写错了"
        if len(set(given)) != len(given):
            yield place, f"{label}写重了"
    if not figures.bulletins.causes:
        yield "bulletins.causes", "至少要有一个原因类别"
    if not figures.bulletins.praise_causes:
        yield "bulletins.praise_causes", "至少要有一种主要做法"
    for place, words in (
        ("bulletins.causes", figures.bulletins.causes),
        ("bulletins.praise_causes", figures.bulletins.praise_causes),
        ("closure.grades", figures.closure.grades),
    ):
        if any(not one.strip() or len(one) > 20 for one in words) or len(set(words)) != len(words) or len(words) > 20:
            yield place, "每个词不超过 20 字，不能是空的，不能重复，最多 20 个"
    if len(figures.closure.grades) == 1:
        yield "closure.grades", "只有一个等次等于不评，应至少两个，或者空着"


def _time_problems(reminders: Reminders) -> Iterator[_Problem]:
    times = {name: getattr(reminders, name) for name in ("send_at", "quiet_from", "quiet_until")}
    for name, value in times.items():
        if not _is_time(value):
            yield f"reminders.{name}", f"时间应写成“时:分”，如 08:30，现为“{value}”"
    if not times["quiet_until"] <= times["send_at"] < times["quiet_from"]:
        quiet = f"{times['quiet_from']} 至次日 {times['quiet_until']}"
        yield "reminders.send_at", f"提醒时间 {times['send_at']} 应在免打扰时段（{quiet}）之外"


def _term_problems(figures: Figures) -> Iterator[_Problem]:
    """Terms that must leave room for each other, and those an act fixes."""
    reports, interviews, objections = figures.reports, figures.interviews, figures.objections
    if reports.min_chars > reports.max_chars:
        yield "reports.max_chars", f"最少 {reports.min_chars} 字多于最多 {reports.max_chars} 字"
    for place, number in (
        ("assigning.liaisons_per_unit", figures.assigning.liaisons_per_unit),
        ("assigning.deputies_per_unit", figures.assigning.deputies_per_unit),
    ):
        if number != 1:
            yield place, f"每个单位同时只能有一名，现为 {number}"
    if interviews.report_days <= interviews.plan_workdays:
        yield (
            "interviews.report_days",
            f"整改方案还没到期（{interviews.plan_workdays} 个工作日）就要报送整改情况（{interviews.report_days} 日）",
        )
    if figures.visits.report_days <= figures.visits.plan_workdays:
        yield (
            "visits.report_days",
            f"整改方案还没到期（{figures.visits.plan_workdays} 个工作日）就要报送整改情况"
            f"（{figures.visits.report_days} 日）",
        )
    if objections.review_apply_days < _LEGAL_REVIEW_DAYS:
        yield "objections.review_apply_days", "《政府督查工作条例》第十七条给了 30 日，规则不能缩短"
    if objections.review_decide_days > _LEGAL_REVIEW_DAYS:
        yield "objections.review_decide_days", "《政府督查工作条例》第十七条要求 30 日内决定，规则不能延长"


def _score_problems(evaluation: Evaluation) -> Iterator[_Problem]:
    if not 0 <= evaluation.support_ratio <= 1:
        yield "evaluation.support_ratio", "应在 0 和 1 之间"
    if evaluation.floor_score >= evaluation.base_score:
        yield "evaluation.floor_score", "最低分应低于基准分"
    whole = evaluation.base_score - evaluation.floor_score
    for name in (*_DEDUCTIONS, "praised_score", "bonus_most"):
        place, value = f"evaluation.{name}", getattr(evaluation, name)
        if name in _DEDUCTIONS and value > 0:
            yield place, f"扣分应写成负数，现为 {value:g}"
        elif name not in _DEDUCTIONS and value < 0:
            yield place, f"加分不能是负数 {value:g}"
        elif abs(value) > whole:
            yield place, f"一次加减 {abs(value):g} 分，超过基准分与最低分之差 {whole}"
    if evaluation.missing_report_score > evaluation.late_report_score:
        yield (
            "evaluation.missing_report_score",
            f"漏报扣 {-evaluation.missing_report_score:g} 分，比迟报的 {-evaluation.late_report_score:g} 分还轻",
        )
    if evaluation.praised_score > evaluation.bonus_most:
        yield (
            "evaluation.bonus_most",
            f"加分合计最多 {evaluation.bonus_most:g} 分，少于一次表扬的 {evaluation.praised_score:g} 分",
        )
    if evaluation.deduction_kinds_most > len(_DEDUCTIONS):
        yield (
            "evaluation.deduction_kinds_most",
            f"扣分项目一共 {len(_DEDUCTIONS)} 类，现为 {evaluation.deduction_kinds_most}",
        )
    used = sum(1 for name in _DEDUCTIONS if getattr(evaluation, name))
    if used > evaluation.deduction_kinds_most:
        yield (
            "evaluation.deduction_kinds_most",
            f"有 {used} 类扣分不为零，超过最多 {evaluation.deduction_kinds_most} 类",
        )
    if evaluation.raters not in RATERS:
        yield "evaluation.raters", f"没有“{evaluation.raters}”这种评价人"
    if not 0 < evaluation.workload_least <= 1 <= evaluation.workload_most <= _WORKLOAD_MOST:
        yield (
            "evaluation.workload_most",
            f"折算系数应在 0 和 {_WORKLOAD_MOST} 之间，下限不大于 1，上限不小于 1，"
            f"现为 {evaluation.workload_least:g}—{evaluation.workload_most:g}",
        )
    if evaluation.ranking and not evaluation.enabled:
        yield "evaluation.ranking", "不计分就无从排名"


def figures_json(figures: Figures) -> dict[str, dict[str, Any]]:
    """Return the figures as they are stored: {section: {name: value}}, tuples as lists."""

    def plain(value: Any) -> Any:
        return [plain(one) for one in value] if isinstance(value, tuple) else value

    return {
        section: {name: plain(getattr(getattr(figures, section), name)) for name in get_type_hints(holder)}
        for section, holder in SECTIONS.items()
    }


@dataclass(frozen=True, slots=True)
class Changed:
    """One figure that differs between two sets of figures."""

    place: str
    before: Any
    after: Any


def changed_figures(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> tuple[Changed, ...]:
    """Return where two sets of figures, both as they are stored, differ; in the order of the sections."""
    return tuple(
        Changed(f"{section}.{name}", before[section][name], after[section][name])
        for section, holder in SECTIONS.items()
        for name in get_type_hints(holder)
        if before[section][name] != after[section][name]
    )


def read_preset(text: str, *, key: str, base: Preset | None = None) -> Preset:
    """Return a preset from TOML. base: holds wherever this one is silent; a sentence may be left to it as well.

    Raises Invalid when it is no TOML, or a figure has no source, grade or sentence.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"规则文件写法有误：{error}") from error
    head = raw.pop("preset", {})
    values = {section: dict(names) for section, names in base.values.items()} if base else {}
    sources = {one.place: one for one in base.sources} if base else {}
    for section, entries in raw.items():
        for name, entry in entries.items():
            place = f"{section}.{name}"
            if not isinstance(entry, dict) or "value" not in entry:
                raise Invalid(f"“{place}”没有写明数值。", field=place)
            words = entry.get("text") or (sources[place].text if place in sources else "")
            if entry.get("grade") not in GRADES or not entry.get("source") or not words:
                raise Invalid(f"“{place}”没有写明出处、等级和说明。", field=place)
            values.setdefault(section, {})[name] = entry["value"]
            sources[place] = FigureSource(
                section=section, name=name, text=words, grade=entry["grade"], source=entry["source"]
            )
    return Preset(
        key=key,
        name=str(head.get("name", key)),
        note=str(head.get("note", "")),
        values=figures_json(figures_of(values)),
        sources=tuple(sources.values()),
    )


def read_figures(text: str, *, base: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the figures of a rules file: a copy of a preset, an exported version, or only what differs, as TOML.

    An entry is a table with its `value` (its sentence and source may stay beside), or the bare value. base: holds
    wherever the file is silent. Raises Invalid: no TOML, a figure unknown, absurd or contradicting another.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"规则文件写法有误：{error}") from error
    raw.pop("preset", None)
    if not raw:
        raise Invalid("规则文件里没有任何数值。")
    values: dict[str, dict[str, Any]] = {section: dict(names) for section, names in base.items()}
    for section, entries in raw.items():
        if not isinstance(entries, dict):
            raise Invalid(f"规则文件写法有误：“{section}”应写在它所属的部分下面，如 [lights]。", field=section)
        for name, entry in entries.items():
            is_table = isinstance(entry, dict)
            if is_table and "value" not in entry:
                raise Invalid(f"“{section}.{name}”没有写明数值。", field=f"{section}.{name}")
            values.setdefault(section, {})[name] = entry["value"] if is_table else entry
    return figures_json(figures_of(values))


def figures_toml(
    values: Mapping[str, Mapping[str, Any]], *, name: str, note: str, sources: Sequence[FigureSource]
) -> str:
    """Return figures as a rules file, each with its sentence, grade and source: `read_figures` turned round."""
    lines = ["[preset]", f"name = {_toml(name)}", f"note = {_toml(note)}"]
    for one in sources:
        lines += [
            "",
            f"[{one.section}.{one.name}]",
            f"text = {_toml(one.text)}",
            f"value = {_toml(values[one.section][one.name])}",
            f"grade = {_toml(one.grade)}",
            f"source = {_toml(one.source)}",
        ]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


PRESET_KEYS = ("default", "deadlines", "pace")
"""The presets shipped, in the order they are offered; all but the first hold only what differs from it."""


@cache
def presets() -> dict[str, Preset]:
    """Return every preset shipped in presets/*.toml, by key. Source: docs/sources.md#lights"""
    base = default_preset()
    return {base.key: base} | {key: read_preset(_file(key), key=key, base=base) for key in PRESET_KEYS[1:]}


@cache
def default_preset() -> Preset:
    """Return “默认规则”, the preset a first plan follows. Source: docs/sources.md#lights"""
    return read_preset(_file(PRESET_KEYS[0]), key=PRESET_KEYS[0])


def _file(key: str) -> str:
    return files("duban.matters").joinpath(f"presets/{key}.toml").read_text(encoding="utf-8")
