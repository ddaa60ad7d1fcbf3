"""The words of evaluation: its states, kinds of fact, how a unit's matters came out, and what people type."""

from enum import StrEnum

from duban.core import typed

TITLE_LENGTH = 100
REASON_LENGTH = 200
NOTE_LENGTH = 200
RESULT_LENGTH = 60


class EvaluationState(StrEnum):
    """The life of an evaluation; what was shown is frozen and changes only by a correction."""

    DRAFTED = "drafted"
    SHOWN = "shown"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


EVALUATION_STATE_LABELS = {
    EvaluationState.DRAFTED: "拟稿",
    EvaluationState.SHOWN: "单位核对",
    EvaluationState.CONFIRMED: "已核定",
    EvaluationState.DROPPED: "已作罢",
}

LIVE = (EvaluationState.DRAFTED, EvaluationState.SHOWN)
FROZEN = (EvaluationState.SHOWN, EvaluationState.CONFIRMED)


class FactKind(StrEnum):
    """What counts. Not among them: letters, 批示, sign-ins, uploads, photos, reading time, 回头看; they never do."""

    NOT_DONE = "not_done"
    LATE_REPORT = "late_report"
    MISSING_REPORT = "missing_report"
    RETURNED = "returned"
    NO_SUBSTANCE = "no_substance"
    CRITICISED = "criticised"
    INTERVIEW = "interview"
    UNTRUE = "untrue"
    PRAISED = "praised"


FACT_LABELS = {
    FactKind.NOT_DONE: "未完成",
    FactKind.LATE_REPORT: "迟报",
    FactKind.MISSING_REPORT: "漏报",
    FactKind.RETURNED: "报告被退回",
    FactKind.NO_SUBSTANCE: "报告内容空泛",
    FactKind.CRITICISED: "通报批评",
    FactKind.INTERVIEW: "约谈",
    FactKind.UNTRUE: "核查不实",
    FactKind.PRAISED: "通报表扬",
}

BONUSES = (FactKind.PRAISED,)
"""Kinds that add."""

UNDILUTED = (FactKind.UNTRUE,)
"""Kinds not divided by the workload: who has much to do may be late sooner, but need not say what is untrue."""


class Outcome(StrEnum):
    """How one matter of a unit came out by the day the facts are counted to."""

    EARLY = "early"
    DONE = "done"
    DONE_LATE = "done_late"
    NOT_DONE = "not_done"
    VERIFYING = "verifying"
    RUNNING = "running"
    ADJUSTED = "adjusted"


OUTCOME_LABELS = {
    Outcome.EARLY: "提前完成",
    Outcome.DONE: "按期完成",
    Outcome.DONE_LATE: "逾期完成",
    Outcome.NOT_DONE: "到期未完成",
    Outcome.VERIFYING: "正在核验",
    Outcome.RUNNING: "未到期",
    Outcome.ADJUSTED: "经批准调整",
}

FINISHED = (Outcome.EARLY, Outcome.DONE, Outcome.DONE_LATE)


class Standing(StrEnum):
    """The list a unit stands on. A unit stands on one; late reports are listed apart from late work."""

    WELL = "well"
    ON_TIME = "on_time"
    BEHIND = "behind"


STANDING_LABELS = {Standing.WELL: "完成较好", Standing.ON_TIME: "总体正常", Standing.BEHIND: "工作滞后"}

STANDING_WORDS = {
    Standing.WELL: "到期的牵头事项都已按期完成，没有迟报漏报、退回、批评、约谈和不实",
    Standing.ON_TIME: "牵头事项没有到期未完成的，也没有受到批评、约谈或查出不实",
    Standing.BEHIND: "有牵头事项到期未完成，或者受到通报批评、约谈，或者查出不实",
}


def checked_words(text: str, *, what: str, field: str, most: int = REASON_LENGTH) -> str:
    """Return words of a reason. Raises Invalid."""
    return typed.checked_words(text, what=what, field=field, most=most)
