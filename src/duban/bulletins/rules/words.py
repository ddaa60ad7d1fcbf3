"""The words of bulletins: kinds, states, sections, bases, audiences, and what people type."""

from enum import StrEnum

from duban.core import typed

TITLE_LENGTH = 60

TEXT_LENGTH = 500
"""The most characters of a paragraph: the opening, the facts of an entry, its next step, a correction."""

REASON_LENGTH = 200

CAUSE_LENGTH = 20


class BulletinKind(StrEnum):
    """The issue that follows a snapshot of the whole year's work, and one about a single subject."""

    REGULAR = "regular"
    SPECIAL = "special"


BULLETIN_KIND_LABELS = {BulletinKind.REGULAR: "定期通报", BulletinKind.SPECIAL: "专题通报"}


class BulletinState(StrEnum):
    """The life of a bulletin; what was presented is frozen, what was issued has its number for ever."""

    DRAFTED = "drafted"
    CORRECTING = "correcting"
    PRESENTED = "presented"
    APPROVED = "approved"
    ISSUED = "issued"
    DROPPED = "dropped"


BULLETIN_STATE_LABELS = {
    BulletinState.DRAFTED: "拟稿",
    BulletinState.CORRECTING: "单位核对",
    BulletinState.PRESENTED: "待批准",
    BulletinState.APPROVED: "待印发",
    BulletinState.ISSUED: "已印发",
    BulletinState.DROPPED: "已作罢",
}

OPEN_TO_EDIT = (BulletinState.DRAFTED, BulletinState.CORRECTING)

FROZEN = (BulletinState.PRESENTED, BulletinState.APPROVED, BulletinState.ISSUED)

LIVE = (*OPEN_TO_EDIT, BulletinState.PRESENTED, BulletinState.APPROVED)


class Section(StrEnum):
    """Where an entry stands. Late reports stand apart from late work, and judge nothing."""

    CRITICISM = "criticism"
    PRAISE = "praise"
    LATE_REPORT = "late_report"


SECTION_LABELS = {
    Section.CRITICISM: "进展缓慢事项",
    Section.PRAISE: "进展较好事项",
    Section.LATE_REPORT: "迟报漏报情况",
}

JUDGING = (Section.CRITICISM, Section.PRAISE)
"""These need a cause and a next step, and the government's approval. Source: docs/sources.md#bulletins"""


class Basis(StrEnum):
    """Why an entry is proposed."""

    RED = "red"
    UNANSWERED = "unanswered"
    EARLY = "early"
    OVER_TARGET = "over_target"
    LATE = "late"
    HAND = "hand"


BASIS_LABELS = {
    Basis.RED: "定格为红灯",
    Basis.UNANSWERED: "督办函未答复",
    Basis.EARLY: "提前完成",
    Basis.OVER_TARGET: "超额完成",
    Basis.LATE: "迟报漏报",
    Basis.HAND: "督查室增列",
}


class Audience(StrEnum):
    """To whom it is issued. Units it names always read it."""

    ALL = "all"
    NAMED = "named"


AUDIENCE_LABELS = {Audience.ALL: "全体单位和领导", Audience.NAMED: "指定的单位和领导"}


def number_words(number: int) -> str:
    """Return the issue as its masthead says it."""
    return f"第{number}期"


def total_words(number: int) -> str:
    """Return the issue counted from the first of all."""
    return f"总第{number}期"


def checked_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return words of a paragraph. Raises Invalid."""
    return typed.checked_words(text, what=what, field=field, most=most)


def optional_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return words of a paragraph that may be left blank. Raises Invalid."""
    return typed.optional_words(text, what=what, field=field, most=most)
