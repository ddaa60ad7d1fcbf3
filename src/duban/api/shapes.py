"""What is answered: one frozen dataclass a thing; the OpenAPI document is made from these."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PlanShape:
    """一本年度台账."""

    id: int
    year: int
    title: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class PlansShape:
    """看得到的台账，最近年度在前."""

    items: tuple[PlanShape, ...]


@dataclass(frozen=True, slots=True)
class MatterShape:
    """台账中的一项。light 是按规则判定的灯，light_shown 是显示的灯（督查室可能改判）；空为不亮灯."""

    id: int
    serial: str
    title: str
    text: str
    kind: str
    state: str
    field: str
    starts_on: date
    due_on: date
    progress_pct: float | None
    light: str
    light_shown: str
    leads: tuple[str, ...]
    supports: tuple[str, ...]
    overseers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MattersShape:
    """一页事项."""

    items: tuple[MatterShape, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReasonShape:
    """亮灯的一条原因：从哪天起，怎样消除."""

    light: str
    text: str
    since: date
    cure: str


@dataclass(frozen=True, slots=True)
class ComingShape:
    """没有变化的话，哪天转什么灯."""

    light: str
    on: date
    text: str


@dataclass(frozen=True, slots=True)
class OneMatterShape:
    """一项事项，连同为什么亮这种灯."""

    matter: MatterShape
    light_since: date | None
    override_reason: str
    reasons: tuple[ReasonShape, ...]
    coming: tuple[ComingShape, ...]


@dataclass(frozen=True, slots=True)
class DueShape:
    """一件应办事宜：谁、欠什么、到哪天."""

    id: int
    kind: str
    title: str
    due_on: date
    unit_id: int
    matter_id: int | None
    serial: str


@dataclass(frozen=True, slots=True)
class DuesShape:
    """本单位（本人）应办的，最近到期的在前."""

    items: tuple[DueShape, ...]


@dataclass(frozen=True, slots=True)
class BulletinShape:
    """一期《政务督查》."""

    id: int
    number: int | None
    number_year: int | None
    title: str
    kind: str
    state: str
    issued_on: date | None


@dataclass(frozen=True, slots=True)
class BulletinsShape:
    """看得到的通报，最近的在前."""

    items: tuple[BulletinShape, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ObjectionShape:
    """一份复核申请。decide_by：应在哪天前决定；outcome 空为尚未决定."""

    id: int
    unit: str
    target: str
    about: str
    state: str
    grounds: str
    asked_for: str
    filed_on: date | None
    decide_by: date | None
    outcome: str
    reasons: str
    remedy: str
    number: str


@dataclass(frozen=True, slots=True)
class ObjectionsShape:
    """看得到的复核申请，最先到期的在前."""

    items: tuple[ObjectionShape, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ProgressShape:
    """记下的一条进展."""

    id: int
    matter_id: int
    unit_id: int
    pct: float | None
    sentence: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class ProgressBody:
    """要填报的进展。figures：按量化目标的编号写数字；behalf_*：督查室代单位录入时写明方式和告知的人."""

    unit_id: int
    pct: float | None = None
    sentence: str = ""
    forecast: str = ""
    figures: dict[str, str] | None = None
    effective_on: date | None = None
    behalf_channel: str = ""
    behalf_informant: str = ""


@dataclass(frozen=True, slots=True)
class DecisionBody:
    """复核决定。light：灯色改为；correction：通报条目部分支持时的更正；result：核验结果改为；left_out、recounts：考评."""

    outcome: str
    reasons: str
    light: str = ""
    correction: str = ""
    result: str = ""
    left_out: tuple[str, ...] = ()
    recounts: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """为什么没有办成：code 供程序判断，message 供人看，field 是哪一项填得不对."""

    code: str
    message: str
    field: str | None


@dataclass(frozen=True, slots=True)
class RefusalShape:
    """每一种拒绝都是这个样子."""

    error: Refusal
