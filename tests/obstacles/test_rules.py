from datetime import date

import pytest

from duban.core.errors import Invalid
from duban.obstacles.rules import (
    CAUSE_LABELS,
    OBSTACLE_STATE_LABELS,
    PROBLEM_LENGTH,
    Cause,
    ObstacleState,
    checked_note,
    checked_text,
    is_long_unanswered,
)

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  土地\n  指标不足 ", "土地 指标不足"),
        ("字" * PROBLEM_LENGTH, "字" * PROBLEM_LENGTH),
        ("等米", "等米"),
        ("😀😀", "😀😀"),
    ],
)
def test_text_stands_on_one_line(typed, kept):
    assert checked_text(typed, what="问题", field="problem", most=PROBLEM_LENGTH) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "请写明问题。"),
        (" \n\t　", "请写明问题。"),
        ("无", "“无”太短，请写得具体一些。"),
        ("字" * 101, "问题不超过 100 字，现在 101 字。"),
    ],
)
def test_text_that_says_nothing_or_too_much_is_refused(typed, said):
    with pytest.raises(Invalid) as refusal:
        checked_text(typed, what="问题", field="problem", most=PROBLEM_LENGTH)
    assert (refusal.value.message, refusal.value.field) == (said, "problem")


def test_note_may_be_left_out():
    assert checked_note("  ", what="补充说明", field="note") == ""
    assert checked_note(" 已 批 ", what="补充说明", field="note") == "已 批"
    with pytest.raises(Invalid):
        checked_note("字" * 201, what="补充说明", field="note")


@pytest.mark.parametrize(
    ("today", "is_long"),
    [
        ("2020-02-10", False),  # the day itself
        ("2020-02-14", False),
        ("2020-02-17", False),  # the fifth working day after
        ("2020-02-18", True),
        ("2020-03-18", True),
    ],
)
def test_leaders_are_asked_after_the_working_days_have_passed(today, is_long):
    due = date(2020, 2, 10)
    assert is_long_unanswered(due, today=date.fromisoformat(today), escalate_workdays=5) is is_long


def test_days_off_do_not_count():
    """2020-04-30 is due; 1–5 May are days off, 9 May a working Saturday."""
    due = date(2020, 4, 30)
    assert not is_long_unanswered(due, today=date(2020, 5, 9), escalate_workdays=4)
    assert is_long_unanswered(due, today=date(2020, 5, 10), escalate_workdays=4)


def test_every_word_has_its_label():
    assert set(OBSTACLE_STATE_LABELS) == set(ObstacleState)
    assert set(CAUSE_LABELS) == set(Cause)
