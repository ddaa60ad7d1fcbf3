"""The words of objections: what may be objected to, how one stands, how it is decided, what people type."""

from enum import StrEnum

from duban.core import typed

TEXT_LENGTH = 1000
"""The most characters of the grounds, of what is asked for, of the reasons of a decision."""

REASON_LENGTH = 200

ABOUT_LENGTH = 120


class Target(StrEnum):
    """复核的对象: a conclusion of the office a unit may object to. Source: docs/sources.md#objections"""

    LIGHT = "light"
    CITATION = "citation"
    VERIFICATION = "verification"
    SCORE = "score"


TARGET_LABELS = {
    Target.LIGHT: "灯色",
    Target.CITATION: "通报条目",
    Target.VERIFICATION: "核验结果",
    Target.SCORE: "考评结果",
}

ON_SCORES: tuple[Target, ...] = (Target.SCORE,)
"""Those that have the shorter clock of scores, in working days."""


class ObjectionState(StrEnum):
    """The life of an objection. Written by the liaison, it stays in the unit until its deputy or head signs it."""

    WRITTEN = "written"
    FILED = "filed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


OBJECTION_STATE_LABELS = {
    ObjectionState.WRITTEN: "待单位审签",
    ObjectionState.FILED: "待受理",
    ObjectionState.ACCEPTED: "复核中",
    ObjectionState.DECLINED: "不予受理",
    ObjectionState.DECIDED: "已决定",
    ObjectionState.WITHDRAWN: "已撤回",
}

UNDECIDED = (ObjectionState.WRITTEN, ObjectionState.FILED, ObjectionState.ACCEPTED)
"""The unit may still take it back."""

AT_OFFICE = (ObjectionState.FILED, ObjectionState.ACCEPTED)
"""The office owes a decision, by the day it was to be given from when it was filed."""

OVER = (ObjectionState.DECLINED, ObjectionState.WITHDRAWN)
"""The same may be objected to anew, while there is time."""


class Declining(StrEnum):
    """Why an objection is not taken in hand."""

    OUT_OF_TIME = "out_of_time"
    NO_CONCLUSION = "no_conclusion"


DECLINING_LABELS = {
    Declining.OUT_OF_TIME: "超过申请期限",
    Declining.NO_CONCLUSION: "不是对督查结论提出异议",
}


class Outcome(StrEnum):
    """How an objection is decided."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


OUTCOME_LABELS = {
    Outcome.UPHELD: "支持申请",
    Outcome.PARTLY: "部分支持",
    Outcome.REJECTED: "维持原结论",
}


def checked_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return words of paragraphs, no blank lines between them. Raises Invalid."""
    return typed.checked_words(_closed_up(text), what=what, field=field, most=most)


def optional_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """As `checked_words`, of what may be left blank. Raises Invalid."""
    return typed.optional_words(_closed_up(text), what=what, field=field, most=most)


def _closed_up(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip())
