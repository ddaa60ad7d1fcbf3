"""Until when an objection may be filed, and by when it is decided. Source: docs/sources.md#objections"""

from datetime import date, timedelta

from duban.core.text import date_text
from duban.core.workdays import add_workdays
from duban.matters.policy import Objections
from duban.objections.rules.words import ON_SCORES, Target


def last_day(target: Target, *, told_on: date, policy: Objections) -> date:
    """Return the last day on which an objection is in time. told_on: when the unit was told; that day is not counted.

    Source: docs/sources.md#objections
    """
    if target in ON_SCORES:
        return add_workdays(told_on, policy.score_apply_workdays)
    return told_on + timedelta(days=policy.review_apply_days)


def decide_by(target: Target, *, filed_on: date, policy: Objections) -> date:
    """Return the last day on which the decision is in time, counted from when it was filed, however long the office
    takes to accept it. Source: docs/sources.md#objections
    """
    if target in ON_SCORES:
        return add_workdays(filed_on, policy.score_decide_workdays)
    return filed_on + timedelta(days=policy.review_decide_days)


def is_out_of_time(*, filed_on: date, last_on: date) -> bool:
    """Return whether an objection comes too late; the last day itself is in time."""
    return filed_on > last_on


def out_of_time_words(*, told_on: date, last_on: date) -> str:
    """Return what a unit is told that files too late."""
    return f"{date_text(told_on)}已告知本单位，申请复核的期限到{date_text(last_on)}为止，已经超过，不能再申请。"
