"""Words of visits: kinds, states, methods, results, why a matter is looked at. Source: docs/sources.md#visits"""

from enum import StrEnum

from duban.core import typed

TITLE_LENGTH = 80
REASON_LENGTH = 300
TEXT_LENGTH = 2000
PLACE_LENGTH = 60
NAME_LENGTH = 40
KEY_LENGTH = 64
NUMBER_LENGTH = 60


class VisitKind(StrEnum):
    """实地考查 runs through the year; 察访核验 closes it, from a drawn list. They are kept apart."""

    ROUTINE = "routine"
    VERIFICATION = "verification"


VISIT_KIND_LABELS = {VisitKind.ROUTINE: "实地考查", VisitKind.VERIFICATION: "察访核验"}


class VisitState(StrEnum):
    """The life of a visit; units see it from CONFIRMED on."""

    PREPARED = "prepared"
    APPROVED = "approved"
    HELD = "held"
    CONFIRMED = "confirmed"
    CONCLUDED = "concluded"
    DROPPED = "dropped"


VISIT_STATE_LABELS = {
    VisitState.PREPARED: "方案待批",
    VisitState.APPROVED: "待查",
    VisitState.HELD: "待认定",
    VisitState.CONFIRMED: "待反馈结论",
    VisitState.CONCLUDED: "已反馈结论",
    VisitState.DROPPED: "已作罢",
}

LIVE = (VisitState.PREPARED, VisitState.APPROVED, VisitState.HELD, VisitState.CONFIRMED)
"""Something is still to be done."""

TAKES_RESULTS = (VisitState.APPROVED, VisitState.HELD)
"""Results may be written down and put right, until the head has confirmed them."""

SEEN_BY_UNITS = (VisitState.CONFIRMED, VisitState.CONCLUDED)
"""Unannounced: a unit sees a visit only after it took place and what it found is confirmed."""

TOOK_PLACE = (VisitState.HELD, VisitState.CONFIRMED, VisitState.CONCLUDED)


class CheckMethod(StrEnum):
    """The eight methods of 《政府督查工作条例》 §12."""

    SELF_CHECK = "self_check"
    HEARING_REPORT = "hearing_report"
    INSPECTION = "inspection"
    MEETING = "meeting"
    DOCUMENTS = "documents"
    LEADS = "leads"
    INTERVIEW = "interview"
    ONLINE = "online"


CHECK_METHOD_LABELS = {
    CheckMethod.SELF_CHECK: "自查、说明情况",
    CheckMethod.HEARING_REPORT: "听取汇报",
    CheckMethod.INSPECTION: "检查、访谈、暗访",
    CheckMethod.MEETING: "座谈、听证、统计、评估",
    CheckMethod.DOCUMENTS: "调阅、复制资料",
    CheckMethod.LEADS: "信函、电话、媒体收集线索",
    CheckMethod.INTERVIEW: "约谈负责人",
    CheckMethod.ONLINE: "“互联网+督查”",
}

ANNOUNCED = (CheckMethod.SELF_CHECK, CheckMethod.HEARING_REPORT, CheckMethod.MEETING, CheckMethod.INTERVIEW)
"""Methods for which a unit has to come or to prepare: not for an unannounced 察访核验."""


class Result(StrEnum):
    """What was found of a claim, from the best to the worst."""

    TRUE = "true"
    MOSTLY = "mostly"
    UNTRUE = "untrue"


RESULT_LABELS = {Result.TRUE: "属实", Result.MOSTLY: "基本属实", Result.UNTRUE: "不实"}


class Why(StrEnum):
    """Why a matter is on a visit."""

    NAMED = "named"
    RED = "red"
    DRAWN = "drawn"
    HAND = "hand"


WHY_LABELS = {
    Why.NAMED: "通报点名",
    Why.RED: "曾亮红灯",
    Why.DRAWN: "随机抽中",
    Why.HAND: "督查室列入",
}


class ClaimSource(StrEnum):
    """Where a unit said what is looked at; nothing new is asked of it."""

    REPORT = "report"
    CLOSURE = "closure"
    PROGRESS = "progress"
    TASK = "task"
    HAND = "hand"


CLAIM_SOURCE_LABELS = {
    ClaimSource.REPORT: "报告",
    ClaimSource.CLOSURE: "销号申请",
    ClaimSource.PROGRESS: "填报的进展",
    ClaimSource.TASK: "目标任务",
    ClaimSource.HAND: "督查室列出",
}

LOOK_AT = {
    ClaimSource.REPORT: "所报进度、数量是否与实际一致",
    ClaimSource.CLOSURE: "是否按要求完成",
    ClaimSource.PROGRESS: "实际进度",
    ClaimSource.TASK: "是否办理、办到哪一步",
    ClaimSource.HAND: "",
}


class RectifyingState(StrEnum):
    """整改: what a unit still has to do after a conclusion."""

    PLAN_OWED = "plan_owed"
    UNDER_WAY = "under_way"
    REPORTED = "reported"
    ACCEPTED = "accepted"


RECTIFYING_STATE_LABELS = {
    RectifyingState.PLAN_OWED: "待报整改方案",
    RectifyingState.UNDER_WAY: "整改中",
    RectifyingState.REPORTED: "待复查",
    RectifyingState.ACCEPTED: "复查通过",
}


class RectifyingStep(StrEnum):
    """What was written in the course of a rectification."""

    PLAN = "plan"
    REPORT = "report"
    RETURNED = "returned"
    ACCEPTED = "accepted"


RECTIFYING_STEP_LABELS = {
    RectifyingStep.PLAN: "整改方案",
    RectifyingStep.REPORT: "整改情况",
    RectifyingStep.RETURNED: "复查不通过",
    RectifyingStep.ACCEPTED: "复查通过",
}


class TakenState(StrEnum):
    """An uploaded list of results: looked at before it counts."""

    PREVIEWED = "previewed"
    COUNTED = "counted"
    DROPPED = "dropped"


TAKEN_STATE_LABELS = {
    TakenState.PREVIEWED: "待确认",
    TakenState.COUNTED: "已采用",
    TakenState.DROPPED: "已作罢",
}


def optional_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return words of a paragraph that may be left blank. Raises Invalid."""
    return typed.optional_words(text, what=what, field=field, most=most)


def checked_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return words of a paragraph. Raises Invalid."""
    return typed.checked_words(text, what=what, field=field, most=most)
