"""Words and decisions: 困难问题与调度会."""

from datetime import date
from enum import StrEnum

from duban.core.errors import Invalid
from duban.core.workdays import add_workdays

PROBLEM_LENGTH = 100
NEED_LENGTH = 100
ANSWER_LENGTH = 300
NOTE_LENGTH = 200
"""The most characters of each: a difficulty is told in two lines, whoever cannot do so telephones."""


class ObstacleState(StrEnum):
    """The life of a difficulty; only who raised it (or the office for it) ends it."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


OBSTACLE_STATE_LABELS = {
    ObstacleState.OPEN: "待答复",
    ObstacleState.ANSWERED: "已答复",
    ObstacleState.CLOSED: "已销结",
}


class Cause(StrEnum):
    """Why a difficulty was put to somebody."""

    RAISED = "raised"
    UNSOLVED = "unsolved"
    ESCALATED = "escalated"
    OVERDUE = "overdue"
    MEETING = "meeting"


CAUSE_LABELS = {
    Cause.RAISED: "提出",
    Cause.UNSOLVED: "未解决，再次提出",
    Cause.ESCALATED: "提请领导协调",
    Cause.OVERDUE: "逾期未答复，转请领导协调",
    Cause.MEETING: "提交调度会",
}


TITLE_LENGTH = 60
PLACE_LENGTH = 60
ITEM_LENGTH = 100
DECISION_LENGTH = 300
DONE_LENGTH = 200
"""The most characters of a meeting's title and place, of an item of its agenda, of what was decided on it, and of the
sentence in which a unit says that it is done."""


class MeetingState(StrEnum):
    """The life of a 调度会."""

    CALLED = "called"
    HELD = "held"
    CANCELLED = "cancelled"


MEETING_STATE_LABELS = {
    MeetingState.CALLED: "待召开",
    MeetingState.HELD: "已召开",
    MeetingState.CANCELLED: "已取消",
}


class DecisionState(StrEnum):
    """How far one unit is with what a meeting decided."""

    OPEN = "open"
    DONE = "done"
    ACCEPTED = "accepted"


DECISION_STATE_LABELS = {
    DecisionState.OPEN: "待落实",
    DecisionState.DONE: "已报落实，待核",
    DecisionState.ACCEPTED: "已落实",
}


def checked_text(text: str, *, what: str, field: str, most: int) -> str:
    """Return what was written on one line, without blanks around it. Raises Invalid when it is empty or too long."""
    line = " ".join(text.split())
    if len(line) < 2:
        raise Invalid(f"请写明{what}。" if not line else f"“{line}”太短，请写得具体一些。", field=field)
    if len(line) > most:
        raise Invalid(f"{what}不超过 {most} 字，现在 {len(line)} 字。", field=field)
    return line


def checked_note(text: str, *, what: str, field: str) -> str:
    """Return what may be added in a line, empty where nothing is. Raises Invalid when it is too long."""
    return checked_text(text, what=what, field=field, most=NOTE_LENGTH) if text.strip() else ""


def is_long_unanswered(due_on: date, *, today: date, escalate_workdays: int) -> bool:
    """Return whether an answer is overdue by more than the working days after which leaders are asked.

    Source: docs/sources.md#obstacles
    """
    return today > add_workdays(due_on, escalate_workdays)
