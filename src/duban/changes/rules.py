"""Words and decisions: 变更申请."""

from datetime import date
from enum import StrEnum

from duban.core.errors import Invalid
from duban.core.text import date_text
from duban.core.workdays import add_workdays
from duban.matters.rules import CHANGE_LABELS, ChangeKind, State, Step, may_step

TEXT_LENGTH = 500
"""The most characters of a cause, of progress so far, of reasons."""

WORDING_LENGTH = 2000
"""The most characters of a new wording."""


class RequestState(StrEnum):
    """The life of a request for a change."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


REQUEST_STATE_LABELS = {
    RequestState.OPEN: "待裁定",
    RequestState.APPROVED: "已同意",
    RequestState.REFUSED: "不同意",
    RequestState.WITHDRAWN: "已撤回",
}

ASKABLE: dict[ChangeKind, Step] = {
    ChangeKind.EXTEND: Step.EXTEND,
    ChangeKind.ADJUST: Step.ADJUST,
    ChangeKind.SUSPEND: Step.SUSPEND,
    ChangeKind.CARRY_OVER: Step.CARRY_OVER,
    ChangeKind.TERMINATE: Step.TERMINATE,
}
"""What a unit may ask for, and the step the office takes when it agrees."""


def kinds_open_to(state: State) -> list[ChangeKind]:
    """Return what may be asked for while a matter is in this state, in the order of forms."""
    return [kind for kind, step in ASKABLE.items() if may_step(state, step)]


def is_too_late(*, asked_on: date, due_on: date) -> bool:
    """Return whether a change is asked for after the due date; the day itself is in time.

    Source: docs/sources.md#reports
    """
    return asked_on > due_on


def too_late_text(due_on: date) -> str:
    """Return what a unit is told that asks too late."""
    return f"办结时限（{date_text(due_on)}）已过，变更须在到期前申请。确有特殊情况的，请与督查室联系，由督查室登记。"


def cap_text(*, taken: int, most: int) -> str:
    """Return how often a matter was extended already, and whether once more is possible: “已延期 1 次，最多 2 次。”"""
    if taken >= most:
        return f"已延期 {taken} 次，按督查规则最多 {most} 次，不能再申请延期。"
    return f"已延期 {taken} 次，按督查规则最多 {most} 次。" if taken else f"按督查规则最多延期 {most} 次。"


def decide_by(asked_on: date, *, decide_workdays: int) -> date:
    """Return the day by which the office decides. Source: docs/sources.md#reports"""
    return add_workdays(asked_on, decide_workdays)


def checked_text(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return a text without blanks around it. Raises Invalid when it says nothing or too much."""
    words = text.strip()
    if not words:
        raise Invalid(f"请写明{what}。", field=field)
    if len(words) < 2:
        raise Invalid(f"“{words}”太短，请写得具体一些。", field=field)
    if len(words) > most:
        raise Invalid(f"{what}不超过 {most} 字，现在 {len(words)} 字。", field=field)
    return words


def checked_wish(
    kind: ChangeKind, *, new_due_on: date | None, wording: str, due_on: date, text: str
) -> tuple[date | None, str]:
    """Return what a request wishes: the new day of an extension, the new wording of an adjustment; else nothing.

    due_on, text: as the matter stands. Raises Invalid.
    """
    if kind is ChangeKind.EXTEND:
        if new_due_on is None:
            raise Invalid("请填写希望延至哪一天。", field="due_on")
        if new_due_on <= due_on:
            raise Invalid(f"新的时限应晚于现在的办结时限（{date_text(due_on)}）。", field="due_on")
        return new_due_on, ""
    if kind is ChangeKind.ADJUST:
        new = checked_text(wording, what="调整后的目标任务", field="wording", most=WORDING_LENGTH)
        if new == text.strip():
            raise Invalid("目标任务没有改动，不必申请调整。", field="wording")
        return None, new
    return None, ""


def label_of(kind: ChangeKind) -> str:
    """Return what a request of this kind is called: 延期申请."""
    return f"{CHANGE_LABELS[kind]}申请"


# ---- in bulk


class CannotExtend(StrEnum):
    """Why a matter is left out when many are extended."""

    STATE = "state"
    NOT_LATER = "not_later"


def why_not_extended(*, state: State, due_on: date, new_due_on: date) -> CannotExtend | None:
    """Return why a matter cannot be extended to a day with others, or None."""
    if not may_step(state, Step.EXTEND):
        return CannotExtend.STATE
    return CannotExtend.NOT_LATER if new_due_on <= due_on else None
