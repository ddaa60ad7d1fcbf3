"""Words and decisions: 批示."""

from datetime import date
from enum import StrEnum

from duban.core.errors import Invalid

TEXT_LENGTH = 500
FEEDBACK_LENGTH = 500
NOTE_LENGTH = 200
"""The most characters of a 批示, of what a unit says of it, and of what is added when it is settled or asked again."""


class EnteredAs(StrEnum):
    """Who put a 批示 on the screen: the leader, the secretary for the leader, or the office from paper."""

    LEADER = "leader"
    SECRETARY = "secretary"
    OFFICE = "office"


ENTERED_AS_LABELS = {
    EnteredAs.LEADER: "本人",
    EnteredAs.SECRETARY: "秘书代录",
    EnteredAs.OFFICE: "督查室据批示件登记",
}


class ChargeState(StrEnum):
    """How far one unit is with a 批示."""

    OPEN = "open"
    ANSWERED = "answered"
    SETTLED = "settled"


CHARGE_STATE_LABELS = {
    ChargeState.OPEN: "待落实",
    ChargeState.ANSWERED: "已反馈",
    ChargeState.SETTLED: "已办结",
}


def checked_days(*, given_on: date, due_on: date, today: date) -> None:
    """Raise Invalid for a 批示 of tomorrow, or one to be answered before today."""
    if given_on > today:
        raise Invalid("批示日期不能晚于今天。", field="given_on")
    if due_on < today:
        raise Invalid("反馈期限不能早于今天。", field="due_on")
