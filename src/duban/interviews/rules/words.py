"""The words of interviews: levels, states, grounds, steps, outcomes, and what people type."""

from enum import IntEnum, StrEnum

from duban.core import typed

TEXT_LENGTH = 1000
"""The most characters of a paragraph: reasons, what was explained, an undertaking, a plan, a report, findings."""

LINE_LENGTH = 200
"""Of one line: who comes, what to prepare, one demand, a place."""

REASON_LENGTH = 200
DEMANDS_MOST = 12


class Level(IntEnum):
    """Who talks with whom. Source: docs/sources.md#interviews"""

    FIRST = 1
    SECOND = 2
    THIRD = 3


LEVEL_LABELS = {Level.FIRST: "一级约谈", Level.SECOND: "二级约谈", Level.THIRD: "三级约谈"}

LEVEL_WORDS = {
    Level.FIRST: "政府办主任约谈单位分管领导",
    Level.SECOND: "分管或联系的区领导约谈单位主要负责人",
    Level.THIRD: "政府主要领导约谈单位主要负责人",
}


def next_level(level: Level) -> Level:
    """Return the level above; the highest stays."""
    return Level(min(level + 1, Level.THIRD))


def noun(*, is_inviting: bool) -> str:
    """Return what the talk is called: units that are not the government's own are invited."""
    return "面谈" if is_inviting else "约谈"


def level_label(level: Level, *, is_inviting: bool) -> str:
    """Return the level as it is shown."""
    return "商请面谈" if is_inviting else LEVEL_LABELS[level]


class InterviewState(StrEnum):
    """Where an interview stands. Nothing is deleted; what ends early says why."""

    APPLIED = "applied"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    NOTIFIED = "notified"
    HELD = "held"
    PLANNED = "planned"
    RECTIFYING = "rectifying"
    REPORTED = "reported"
    SETTLED = "settled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


INTERVIEW_STATE_LABELS = {
    InterviewState.APPLIED: "待批准",
    InterviewState.SENT_BACK: "退回修改",
    InterviewState.APPROVED: "待通知",
    InterviewState.NOTIFIED: "待约谈",
    InterviewState.HELD: "待报整改方案",
    InterviewState.PLANNED: "整改方案待审",
    InterviewState.RECTIFYING: "整改中",
    InterviewState.REPORTED: "待复查",
    InterviewState.SETTLED: "已办结",
    InterviewState.REFUSED: "未予批准",
    InterviewState.WITHDRAWN: "已撤回",
}

BEFORE_TALK = (InterviewState.APPLIED, InterviewState.SENT_BACK, InterviewState.APPROVED, InterviewState.NOTIFIED)
AFTER_TALK = (
    InterviewState.HELD,
    InterviewState.PLANNED,
    InterviewState.RECTIFYING,
    InterviewState.REPORTED,
    InterviewState.SETTLED,
)
LIVE = (*BEFORE_TALK, *AFTER_TALK[:-1])
ENDED = (InterviewState.SETTLED, InterviewState.REFUSED, InterviewState.WITHDRAWN)


class GroundKind(StrEnum):
    """Why a talk is proposed. Source: docs/sources.md#interviews"""

    UNANSWERED = "unanswered"
    RED = "red"
    NAMED = "named"
    UNTRUE = "untrue"
    UNMET = "unmet"
    HAND = "hand"


GROUND_LABELS = {
    GroundKind.UNANSWERED: "督办函未答复",
    GroundKind.RED: "连续定格红灯",
    GroundKind.NAMED: "多次被通报",
    GroundKind.UNTRUE: "核验不实",
    GroundKind.UNMET: "整改未达要求",
    GroundKind.HAND: "领导要求",
}


class Step(StrEnum):
    """八个步骤."""

    APPLY = "apply"
    APPROVE = "approve"
    NOTICE = "notice"
    TALK = "talk"
    MINUTES = "minutes"
    PLAN = "plan"
    REPORT = "report"
    RECHECK = "recheck"


STEP_LABELS = {
    Step.APPLY: "申请",
    Step.APPROVE: "批准",
    Step.NOTICE: "通知和方案",
    Step.TALK: "约谈",
    Step.MINUTES: "纪要",
    Step.PLAN: "整改方案",
    Step.REPORT: "整改报告",
    Step.RECHECK: "复查",
}


class Paper(StrEnum):
    """What the unit hands in after the talk."""

    PLAN = "plan"
    REPORT = "report"


PAPER_LABELS = {Paper.PLAN: "整改方案", Paper.REPORT: "整改报告"}


class Result(StrEnum):
    """What a re-check found."""

    MET = "met"
    NOT_MET = "not_met"


RESULT_LABELS = {Result.MET: "整改到位", Result.NOT_MET: "整改不到位"}


class FollowUp(StrEnum):
    """What comes after a re-check that found the rectification wanting."""

    RECTIFY = "rectify"
    RAISE = "raise"


FOLLOW_UP_LABELS = {FollowUp.RECTIFY: "继续整改", FollowUp.RAISE: "提请上一级约谈"}


class Outcome(StrEnum):
    """How an interview was settled."""

    MET = "met"
    RAISED = "raised"


OUTCOME_LABELS = {Outcome.MET: "整改到位", Outcome.RAISED: "转上一级约谈"}


def checked_lines(text: str, *, what: str, field: str, most: int = TEXT_LENGTH, is_required: bool = True) -> str:
    """Return lines without blank ones and blanks around them. Raises Invalid when there are none, or too many words."""
    lines = "\n".join(filter(None, (line.strip() for line in text.splitlines())))
    if not lines and not is_required:
        return ""
    return typed.checked_words(lines, what=what, field=field, most=most)


def checked_name(text: str, *, what: str, field: str, most: int = LINE_LENGTH) -> str:
    """Return words, all on one line. Raises Invalid."""
    return typed.checked_words(" ".join(text.split()), what=what, field=field, most=most)
