from datetime import date

import pytest

from duban.changes.rules import (
    CannotExtend,
    cap_text,
    checked_text,
    checked_wish,
    decide_by,
    is_too_late,
    kinds_open_to,
    label_of,
    too_late_text,
    why_not_extended,
)
from duban.core.errors import Invalid
from duban.matters.rules import ChangeKind, State

pytestmark = pytest.mark.engine_free

DUE = date(2020, 6, 30)
ALL = ["extend", "adjust", "suspend", "carry_over", "terminate"]


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        (State.DRAFT, []),
        (State.REGISTERED, ALL),
        (State.ASSIGNED, ALL),
        (State.IN_PROGRESS, ALL),
        (State.CLOSING, []),
        (State.CLOSED, []),
        (State.SUSPENDED, ["carry_over", "terminate"]),
        (State.CARRIED_OVER, []),
        (State.TERMINATED, []),
    ],
)
def test_what_may_be_asked_for_is_what_the_office_may_do(state, kinds):
    assert [one.value for one in kinds_open_to(state)] == kinds


@pytest.mark.parametrize(
    ("asked_on", "late"), [(date(2020, 6, 29), False), (date(2020, 6, 30), False), (date(2020, 7, 1), True)]
)
def test_due_day_itself_is_in_time(asked_on, late):
    assert is_too_late(asked_on=asked_on, due_on=DUE) is late


def test_who_asks_too_late_is_told_whom_to_turn_to():
    assert too_late_text(DUE).startswith("办结时限（2020年6月30日）已过，变更须在到期前申请。")


@pytest.mark.parametrize(
    ("taken", "most", "words"),
    [
        (0, 2, "按督查规则最多延期 2 次。"),
        (1, 2, "已延期 1 次，按督查规则最多 2 次。"),
        (2, 2, "已延期 2 次，按督查规则最多 2 次，不能再申请延期。"),
        (0, 0, "已延期 0 次，按督查规则最多 0 次，不能再申请延期。"),
    ],
)
def test_cap_in_words(taken, most, words):
    assert cap_text(taken=taken, most=most) == words


@pytest.mark.parametrize(
    ("asked_on", "by"),
    [
        (date(2020, 2, 3), date(2020, 2, 6)),
        (date(2020, 2, 7), date(2020, 2, 12)),
        (date(2020, 9, 30), date(2020, 10, 12)),
    ],
)
def test_office_decides_within_its_working_days(asked_on, by):
    assert decide_by(asked_on, decide_workdays=3) == by


@pytest.mark.parametrize(
    ("kind", "given", "wish"),
    [
        (ChangeKind.EXTEND, {"new_due_on": date(2020, 7, 1)}, (date(2020, 7, 1), "")),
        (ChangeKind.EXTEND, {"new_due_on": date(2020, 7, 1), "wording": "别的"}, (date(2020, 7, 1), "")),
        (ChangeKind.ADJUST, {"wording": " 新建小学1所。 "}, (None, "新建小学1所。")),
        (ChangeKind.SUSPEND, {"new_due_on": date(2020, 7, 1), "wording": "别的"}, (None, "")),
        (ChangeKind.TERMINATE, {}, (None, "")),
        (ChangeKind.CARRY_OVER, {}, (None, "")),
    ],
)
def test_a_wish_holds_what_its_kind_needs(kind, given, wish):
    given = {"new_due_on": None, "wording": "", **given}
    assert checked_wish(kind, due_on=DUE, text="新建小学2所。", **given) == wish


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (ChangeKind.EXTEND, {}, "due_on"),
        (ChangeKind.EXTEND, {"new_due_on": DUE}, "due_on"),
        (ChangeKind.EXTEND, {"new_due_on": date(2020, 6, 29)}, "due_on"),
        (ChangeKind.ADJUST, {}, "wording"),
        (ChangeKind.ADJUST, {"wording": "新建小学2所。 "}, "wording"),
        (ChangeKind.ADJUST, {"wording": "字" * 2001}, "wording"),
    ],
)
def test_a_wish_that_wishes_nothing_is_refused(kind, given, field):
    given = {"new_due_on": None, "wording": "", **given}
    with pytest.raises(Invalid) as refusal:
        checked_wish(kind, due_on=DUE, text="新建小学2所。", **given)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("text", "said"), [("", "请写明事由。"), (" 无 ", "“无”太短"), ("字" * 501, "事由不超过 500 字，现在 501 字。")]
)
def test_texts_say_something_and_have_an_end(text, said):
    with pytest.raises(Invalid, match=said) as refusal:
        checked_text(text, what="事由", field="cause")
    assert refusal.value.field == "cause"
    assert checked_text(" 用地未批 ", what="事由", field="cause") == "用地未批"


def test_labels():
    assert [label_of(one) for one in (ChangeKind.EXTEND, ChangeKind.CARRY_OVER)] == ["延期申请", "结转下年申请"]


@pytest.mark.parametrize(
    ("state", "new", "why"),
    [
        (State.IN_PROGRESS, date(2020, 7, 1), None),
        (State.REGISTERED, date(2020, 7, 1), None),
        (State.IN_PROGRESS, DUE, CannotExtend.NOT_LATER),
        (State.IN_PROGRESS, date(2020, 6, 1), CannotExtend.NOT_LATER),
        (State.CLOSED, date(2020, 7, 1), CannotExtend.STATE),
        (State.SUSPENDED, date(2020, 6, 1), CannotExtend.STATE),
    ],
)
def test_why_a_matter_is_left_out(state, new, why):
    assert why_not_extended(state=state, due_on=DUE, new_due_on=new) is why
