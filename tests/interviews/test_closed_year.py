"""A year that is closed calls nobody to a talk; what a talk demanded is put right to its end."""

import pytest

from duban.audit.models import Event
from duban.core.errors import WrongState
from duban.interviews import actions
from duban.interviews.actions import (
    Application,
    Checked,
    Handed,
    Reapplication,
    accept_plan,
    apply_interview,
    approve_interview,
    arrange_interview,
    confirm_attendance,
    dismiss_proposal,
    edit_talk,
    hand_in,
    hold_interview,
    issue_minutes,
    issue_notice,
    postpone_interview,
    reapply_interview,
    recheck_interview,
    refuse_interview,
    return_paper,
    send_back_interview,
    withdraw_interview,
)
from duban.interviews.models import Dismissal, Interview
from duban.interviews.queries import morning_of, proposal_for
from duban.interviews.rules import FollowUp, Level, Paper, Result
from duban.matters.actions import put_closed
from tests.interviews.builders import (
    APPLIED,
    APPROVED,
    ARRANGEMENT,
    NOTIFIED,
    PLANNED,
    RECHECKED,
    REPORTED,
    TALK,
    TALKED,
    applied,
    approved,
    arranged,
    held,
    interview_of,
    leader_actor,
    liaison,
    minuted,
    notified,
    plan_of,
    red_twice,
    reported,
)
from tests.matters.builders import World

pytestmark = pytest.mark.django_db

CLOSED = "2020年度台账已经办结，只能查看。确需改动的，先经批准重新打开台账。"


def close(world: World) -> None:
    """Close the plan under what is still open in it: as somebody may who was a moment faster."""
    put_closed(plan_of(world), approval=world.approval(), by=world.office_head, now=world.now)


def _keys(world) -> tuple[str, ...]:
    return tuple(proposal_for(plan_of(world), world.unit("教育局").pk, day=APPLIED.date()).keys)


def _apply(world):
    application = Application(world.unit("教育局"), Level.FIRST, "进展严重滞后。", keys=_keys(world))
    return lambda: apply_interview(plan_of(world), application=application, by=world.officer, now=APPLIED)


def _dismiss(world):
    given = {"unit": world.unit("教育局"), "keys": _keys(world), "reason": "已当面调度。"}
    return lambda: dismiss_proposal(plan_of(world), **given, by=world.officer, now=APPLIED)


def _sent_back(world) -> Interview:
    one = applied(world)
    by = leader_actor(one.approver)
    send_back_interview(one, reason="请写明期限。", by=by, now=APPROVED, seen=one.version)
    return interview_of(pk=one.pk)


def _reapply(world):
    one = _sent_back(world)
    edit = Reapplication(Level.FIRST, "期限一个月。")
    return lambda: reapply_interview(one, edit=edit, seen=one.version, by=world.officer, now=APPROVED)


def _decide(action, **more):
    def made(world):
        one = applied(world)
        by = leader_actor(one.approver)
        return lambda: action(one, by=by, now=APPROVED, seen=one.version, **more)

    return made


def _arrange(world):
    one = approved(world)
    given = {"arrangement": ARRANGEMENT, "seen": one.version}
    return lambda: arrange_interview(one, **given, by=world.officer, now=APPROVED)


def _notice(world):
    one = arranged(world)
    return lambda: issue_notice(one, by=world.officer, now=NOTIFIED)


def _postpone(world):
    one = notified(world)
    given = {"starts_at": TALKED, "place": "三楼", "reason": "防汛值守。"}
    return lambda: postpone_interview(one, **given, by=world.officer, now=NOTIFIED)


def _attend(world):
    one = notified(world)
    return lambda: confirm_attendance(one, attending="副局长", by=liaison(world), now=NOTIFIED)


def _hold(world):
    one = notified(world)
    return lambda: hold_interview(one, talk=TALK, by=world.officer, now=TALKED)


def _edit_talk(world):
    one = held(world)
    return lambda: edit_talk(one, talk=TALK, seen=one.version, by=world.officer, now=TALKED)


def _minutes(world):
    one = held(world)
    return lambda: issue_minutes(one, by=world.officer, now=TALKED)


def _withdraw(world):
    one = notified(world)
    return lambda: withdraw_interview(one, reason="已整改到位。", by=world.officer, now=NOTIFIED)


def _raise(world):
    one = reported(world)
    checked = Checked(RECHECKED.date(), "督查员甲", "没有动工。", Result.NOT_MET, FollowUp.RAISE)
    return lambda: recheck_interview(one, checked=checked, by=world.officer, now=RECHECKED)


ACTIONS = {
    "apply_interview": _apply,
    "dismiss_proposal": _dismiss,
    "reapply_interview": _reapply,
    "approve_interview": _decide(approve_interview),
    "refuse_interview": _decide(refuse_interview, reason="不必约谈。"),
    "send_back_interview": _decide(send_back_interview, reason="请写明期限。"),
    "arrange_interview": _arrange,
    "issue_notice": _notice,
    "postpone_interview": _postpone,
    "confirm_attendance": _attend,
    "hold_interview": _hold,
    "edit_talk": _edit_talk,
    "issue_minutes": _minutes,
    "withdraw_interview": _withdraw,
    "recheck_interview": _raise,
}
GOES_ON = {"hand_in", "accept_plan", "return_paper"}


def test_every_action_of_interviews_is_tried_here():
    assert {name for name in actions.__all__ if name.islower()} == {*ACTIONS, *GOES_ON}


@pytest.mark.parametrize("name", ACTIONS)
def test_closed_year_refuses_and_nothing_changes(world: World, name):
    red_twice(world)
    act = ACTIONS[name](world)
    close(world)
    before = (Event.objects.count(), list(Interview.objects.values()), Dismissal.objects.count())
    with pytest.raises(WrongState) as refusal:
        act()
    assert refusal.value.message == CLOSED
    assert before == (Event.objects.count(), list(Interview.objects.values()), Dismissal.objects.count())


def test_rectification_goes_on_to_its_end(world: World):
    red_twice(world)
    one = minuted(world)
    close(world)
    unit = liaison(world)
    hand_in(one, handed=Handed(Paper.PLAN, "分三步。"), by=unit, now=PLANNED)
    return_paper(one, paper=Paper.PLAN, reason="请写明责任人。", by=world.officer, now=PLANNED)
    hand_in(one, handed=Handed(Paper.PLAN, "分三步，局长负总责。"), by=unit, now=PLANNED)
    accept_plan(one, by=world.officer, now=PLANNED)
    hand_in(one, handed=Handed(Paper.REPORT, "已完成。"), by=unit, now=REPORTED)
    again = Checked(REPORTED.date(), "督查员甲", "还差一半。", Result.NOT_MET, FollowUp.RECTIFY)
    recheck_interview(one, checked=again, by=world.officer, now=REPORTED)
    hand_in(one, handed=Handed(Paper.REPORT, "全部完成。"), by=unit, now=RECHECKED)
    done = Checked(RECHECKED.date(), "督查员甲", "已经到位。", Result.MET)
    recheck_interview(one, checked=done, by=world.officer, now=RECHECKED)
    assert interview_of(pk=one.pk).state == "settled"


def test_closed_year_proposes_no_talk(world: World):
    red_twice(world)
    assert [count for _, count in morning_of([plan_of(world)], today=APPLIED.date()).proposed] == [1]
    close(world)
    assert morning_of([plan_of(world)], today=APPLIED.date()).proposed == []
