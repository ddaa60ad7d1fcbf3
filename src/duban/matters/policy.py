"""督查规则 as a checked value: every figure has a place, a type, a source; absurd figures are refused in words.

Plain Python, like `rules`: the table `Policy` keeps the versions, this module says what a version may hold.
Reading needs no database, so a year can be replayed under another policy.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, get_args, get_origin, get_type_hints

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
    """三盏灯. warning_windows: (span in days up to, warn so many calendar days before). snapshot_days: MM-DD."""

    gap_yellow_points: int
    gap_red_points: int
    schedule: str
    quarter_pct: tuple[int, ...]
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
    """通报."""

    correction_workdays: int
    causes: tuple[str, ...]
    facts_approver: str


@dataclass(frozen=True, slots=True)
class Interviews:
    """约谈."""

    unanswered_workdays: int
    red_snapshots: int
    named_times: int
    level3_reds: int
    plan_workdays: int
    report_days: int


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
    """察访核验."""

    random_pct: int
    verifiers: int


@dataclass(frozen=True, slots=True)
class Objections:
    """复核与异议."""

    review_apply_days: int
    review_decide_days: int
    score_apply_workdays: int
    score_decide_workdays: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """考评."""

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
    normalised: bool
    deduction_kinds_most: int
    ranking: bool


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
    "visits": "察访核验",
    "objections": "复核与异议",
    "evaluation": "绩效考评",
}


@dataclass(frozen=True, slots=True)
class FigureSource:
    """Where one figure comes from. grade: A primary text · B press · C template · ★ our choice."""

    section: str
    name: str
    text: str
    grade: str
    source: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A set of figures shipped with the product, each with its source, in the order of the file."""

    key: str
    name: str
    note: str
    values: dict[str, dict[str, Any]] = field(hash=False)
    sources: tuple[FigureSource, ...] = ()


SIGNERS = frozenset({"officer", "office_head", "deputy_director", "director", "leader", "government_head"})
SCHEDULES = frozenset({"day", "month", "quarter", "nodes"})
LETTER_SIGNERS = frozenset({"office_head", "deputy_director", "director"})
ISSUERS = frozenset({"government_office", "supervision_office"})
NUMBERINGS = frozenset({"register", "document_system"})
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


def _month_day(value: str) -> bool:
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
    figures = Figures(**built)
    for place, problem in _problems(figures):
        raise Invalid(f"{problem}（{_says(*place.split('.'))}）", field=place)
    return figures


def stored_figures(values: Mapping[str, Mapping[str, Any]]) -> Figures:
    """Return the figures of a version as it is stored: one that is older than a figure is read with the preset's.

    A version never changes and every page asks for it, so that what was read is kept.
    """
    return _read_figures(json.dumps(values, sort_keys=True))


@lru_cache(maxsize=64)
def _read_figures(stored: str) -> Figures:
    values, preset = json.loads(stored), default_preset().values
    return figures_of({section: {**preset[section], **values.get(section, {})} for section in SECTIONS})


def _says(section: str, name: str) -> str:
    return _sentences().get((section, name), f"{section}.{name}")


@cache
def _sentences() -> dict[tuple[str, str], str]:
    raw = tomllib.loads(files("duban.matters").joinpath("presets/default.toml").read_text(encoding="utf-8"))
    return {
        (section, name): str(entry.get("text", name))
        for section, entries in raw.items()
        if section != "preset"
        for name, entry in entries.items()
    }


_AT_LEAST_ONE = {
    "assigning.acknowledge_workdays", "assigning.contacts_workdays", "assigning.liaisons_per_unit",
    "assigning.deputies_per_unit", "lights.yellow_month_ends_to_red", "letters.remind_cure_workdays",
    "letters.urge_answer_workdays", "letters.supervise_answer_workdays", "letters.urge_after_returns",
    "letters.batches_per_unit_month", "reminders.digests_per_day", "bulletins.correction_workdays",
    "interviews.unanswered_workdays", "interviews.red_snapshots", "interviews.named_times", "interviews.level3_reds",
    "interviews.plan_workdays", "interviews.report_days", "reports.min_chars", "changes.decide_workdays",
    "closure.decide_workdays", "closure.returns_to_urge", "visits.verifiers", "objections.review_apply_days",
    "objections.review_decide_days", "objections.score_apply_workdays", "objections.score_decide_workdays",
    "evaluation.deduction_kinds_most", "obstacles.answer_workdays", "obstacles.escalate_workdays",
    "instructions.answer_workdays",
    "evidence.most_mb",
}  # fmt: skip
_PERCENT = {"closure.onsite_random_pct", "visits.random_pct", "evaluation.leaders_rating_pct"}
_MAY_BE_NEGATIVE = {"evaluation.base_score", "evaluation.floor_score"}


def _problems(figures: Figures) -> list[tuple[str, str]]:
    """Return (place, what is wrong) for figures that are absurd or contradict each other."""
    found: list[tuple[str, str]] = []

    def check(is_right: bool, place: str, problem: str) -> None:
        if not is_right:
            found.append((place, problem))

    for section, holder in SECTIONS.items():
        part = getattr(figures, section)
        for name in get_type_hints(holder):
            place, value = f"{section}.{name}", getattr(part, name)
            if isinstance(value, int) and not isinstance(value, bool):
                check(value >= 0 or place in _MAY_BE_NEGATIVE, place, f"不能是负数 {value}")
                check(value >= 1 or place not in _AT_LEAST_ONE, place, f"至少为 1，现为 {value}")
                check(value <= 100 or place not in _PERCENT, place, f"百分比不能超过 100，现为 {value}")
                check(value <= 366 or not name.endswith("days"), place, f"期限超过一年：{value}")
    lights, letters, evaluation = figures.lights, figures.letters, figures.evaluation
    check(
        0 < lights.gap_yellow_points < lights.gap_red_points <= 100,
        "lights.gap_red_points",
        f"黄灯起点 {lights.gap_yellow_points} 应小于红灯起点 {lights.gap_red_points}，且都在 0—100 之间",
    )
    check(lights.schedule in SCHEDULES, "lights.schedule", f"没有“{lights.schedule}”这种算法")
    check(
        len(lights.quarter_pct) == 4
        and list(lights.quarter_pct) == sorted(lights.quarter_pct)
        and lights.quarter_pct[0] >= 0
        and lights.quarter_pct[-1] == 100,
        "lights.quarter_pct",
        "应为四个由小到大的百分比，最后一个是 100",
    )
    windows = lights.warning_windows
    pairs = all(len(one) == 2 and 0 < one[1] < one[0] for one in windows)
    check(
        bool(windows) and pairs and list(windows) == sorted(set(windows)),
        "lights.warning_windows",
        "每组应为“跨度，提前天数”，提前天数小于跨度，跨度由小到大",
    )
    if windows and pairs:
        warns = [one[1] for one in windows]
        check(warns == sorted(warns), "lights.warning_windows", "跨度越长，提前天数不应越短")
    for place, days in (("lights.snapshot_days", lights.snapshot_days), ("reports.dates", figures.reports.dates)):
        check(all(map(_month_day, days)), place, "日期应写成“月-日”，如 06-20")
        check(bool(days) and list(days) == sorted(set(days)), place, "日期应由早到晚，不重复")
    for place, signer, among in (
        ("letters.remind_signer", letters.remind_signer, LETTER_SIGNERS),
        ("letters.urge_signer", letters.urge_signer, LETTER_SIGNERS),
        ("letters.supervise_signer", letters.supervise_signer, LETTER_SIGNERS),
        ("bulletins.facts_approver", figures.bulletins.facts_approver, SIGNERS),
    ):
        check(signer in among, place, f"没有“{signer}”这种签发人")
    check(letters.numbering in NUMBERINGS, "letters.numbering", f"没有“{letters.numbering}”这种编号办法")
    check(letters.issuer in ISSUERS, "letters.issuer", f"没有“{letters.issuer}”这种发文名义")
    check(set(letters.inviting_unit_types) <= UNIT_TYPES, "letters.inviting_unit_types", "单位类别写错了")
    check(
        len(letters.number_words) == 3 and all(letters.number_words) and len(set(letters.number_words)) == 3,
        "letters.number_words",
        "三种函应各有一个不同的代字",
    )
    before = figures.reminders.before_workdays
    check(
        bool(before) and min(before, default=0) >= 0 and list(before) == sorted(set(before), reverse=True),
        "reminders.before_workdays",
        "提醒日应由远到近，不重复",
    )
    times = {name: getattr(figures.reminders, name) for name in ("send_at", "quiet_from", "quiet_until")}
    for name, value in times.items():
        check(_is_time(value), f"reminders.{name}", f"时间应写成“时:分”，如 08:30，现为“{value}”")
    check(
        times["quiet_until"] <= times["send_at"] < times["quiet_from"],
        "reminders.send_at",
        f"提醒时间 {times['send_at']} 应在免打扰时段（{times['quiet_from']} 至次日 {times['quiet_until']}）之外",
    )
    check(
        figures.reports.min_chars <= figures.reports.max_chars,
        "reports.max_chars",
        f"最少 {figures.reports.min_chars} 字多于最多 {figures.reports.max_chars} 字",
    )
    check(set(figures.evidence.compulsory_kinds) <= MATTER_KINDS, "evidence.compulsory_kinds", "事项类别写错了")
    check(
        figures.evidence.most_mb <= 500, "evidence.most_mb", f"单个文件不应超过 500 MB，现为 {figures.evidence.most_mb}"
    )
    check(bool(figures.bulletins.causes), "bulletins.causes", "至少要有一个原因类别")
    check(0 <= evaluation.support_ratio <= 1, "evaluation.support_ratio", "应在 0 和 1 之间")
    check(evaluation.floor_score < evaluation.base_score, "evaluation.floor_score", "最低分应低于基准分")
    for name in get_type_hints(Evaluation):
        value = getattr(evaluation, name)
        if name in ("praised_score", "bonus_most"):
            check(value >= 0, f"evaluation.{name}", f"加分不能是负数 {value}")
        elif isinstance(value, float) and name.endswith("_score"):
            check(value <= 0, f"evaluation.{name}", f"扣分应写成负数，现为 {value}")
    return found


def figures_json(figures: Figures) -> dict[str, dict[str, Any]]:
    """Return the figures as they are stored: {section: {name: value}}, tuples as lists."""

    def plain(value: Any) -> Any:
        return [plain(one) for one in value] if isinstance(value, tuple) else value

    return {
        section: {name: plain(getattr(getattr(figures, section), name)) for name in get_type_hints(holder)}
        for section, holder in SECTIONS.items()
    }


def read_preset(text: str, *, key: str) -> Preset:
    """Return a preset from TOML. Raises Invalid when it is no TOML, or a figure has no source, grade or sentence."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"规则文件写法有误：{error}") from error
    head = raw.pop("preset", {})
    values: dict[str, dict[str, Any]] = {}
    sources: list[FigureSource] = []
    for section, entries in raw.items():
        for name, entry in entries.items():
            place = f"{section}.{name}"
            if not isinstance(entry, dict) or "value" not in entry:
                raise Invalid(f"“{place}”没有写明数值。", field=place)
            if entry.get("grade") not in GRADES or not entry.get("source") or not entry.get("text"):
                raise Invalid(f"“{place}”没有写明出处、等级和说明。", field=place)
            values.setdefault(section, {})[name] = entry["value"]
            sources.append(
                FigureSource(
                    section=section, name=name, text=entry["text"], grade=entry["grade"], source=entry["source"]
                )
            )
    figures_of(values)
    return Preset(
        key=key, name=str(head.get("name", key)), note=str(head.get("note", "")), values=values, sources=tuple(sources)
    )


@cache
def default_preset() -> Preset:
    """Return “默认规则”, the preset shipped in presets/default.toml. Source: docs/sources.md#lights"""
    return read_preset(
        files("duban.matters").joinpath("presets/default.toml").read_text(encoding="utf-8"), key="default"
    )
