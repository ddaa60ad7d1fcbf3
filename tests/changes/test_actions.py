from datetime import date, timedelta

import pytest

from duban.audit.models import Event
from duban.changes import actions
from duban.changes.actions import Decision, Wish, approve_change, ask_change, refuse_change, withdraw_change
from duban.changes.models import ChangeRequest
from duban.changes.queries import decision_day, extensions_of, later_plans, progress_proposal, refused_since
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import Behalf, create_plan, extend, extend_many, suspend
from duban.matters.models import Approval, Matter, MatterChange, Obligation
from duban.matters.rules import ChangeKind, Channel
from duban.progress.actions import Said, enter_progress
from tests.conftest import holder
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db

ON_PAPER = Behalf(Channel.PAPER, "周局长")


def wish(kind=ChangeKind.EXTEND, **more) -> Wish:
    given = {"cause": "用地尚未批复", "progress": "主体封顶", "due_on": date(2021, 3, 31), "wording": "新建小学2所。"}
    return Wish(kind, **{**given, **more})


def ask(world, matter, kind=ChangeKind.EXTEND, *, by=None, unit="教育局", now=None, behalf=None, **more):
    by = by or world.liaison(unit)
    return ask_change(
        matter, unit=world.unit(unit), wish=wish(kind, **more), by=by, now=now or world.now, behalf=behalf
    )


def decision(world, **more) -> Decision:
    return Decision(approval=world.approval(), **more)


def change_events() -> list[str]:
    return [one for one in names_of_events() if one.startswith("changes.")]


def test_lead_asks_with_cause_and_progress(world):
    matter = world.started()
    request = ask(world, matter)
    assert (request.state, request.asked_on, request.due_on, request.wording) == (
        "open",
        date(2020, 2, 3),
        date(2021, 3, 31),
        "",
    )
    assert decision_day(request) == date(2020, 2, 6)
    event = Event.objects.get(name="changes.asked")
    assert (event.matter_id, event.data["unit_id"], event.data["kind"]) == (
        matter.pk,
        world.unit("教育局").pk,
        "extend",
    )
    matter.refresh_from_db()
    assert matter.due_on == date(2020, 12, 31)


def test_one_open_request_of_a_kind(world):
    matter = world.started()
    first = ask(world, matter)
    with pytest.raises(WrongState, match="待裁定"):
        ask(world, matter)
    ask(world, matter, ChangeKind.SUSPEND)
    withdraw_change(first, by=world.liaison("教育局"), now=world.now)
    assert ask(world, matter).state == "open"
    assert change_events() == ["changes.asked", "changes.asked", "changes.withdrawn", "changes.asked"]


def test_only_a_lead_asks(world):
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",))
    assert ask(world, matter, unit="财政局").unit.name == "财政局"
    for unit in ("住建局", "交通局"):
        with pytest.raises(NotFound):
            ask(world, matter, ChangeKind.SUSPEND, unit=unit)
    with pytest.raises(NotAllowed):
        ask(world, matter, ChangeKind.SUSPEND, by=world.liaison("住建局"))
    with pytest.raises(NotAllowed):
        ask(world, matter, ChangeKind.SUSPEND, by=holder("director", jurisdiction=world.county))


@pytest.mark.parametrize("state", ["closing", "closed"])
def test_what_is_not_in_hand_is_not_changed(world, state):
    with pytest.raises(WrongState):
        ask(world, getattr(world, state)())


def test_suspended_matter_may_be_given_up(world):
    matter = world.started()
    suspend(matter, reason="等待规划", approval=world.approval(), by=world.office_head, now=world.now)
    with pytest.raises(WrongState):
        ask(world, matter)
    assert ask(world, matter, ChangeKind.TERMINATE).state == "open"


@pytest.mark.parametrize(
    ("more", "field"),
    [({"cause": ""}, "cause"), ({"progress": " "}, "progress"), ({"due_on": None}, "due_on")],
)
def test_a_request_says_everything(world, more, field):
    with pytest.raises(Invalid) as refusal:
        ask(world, world.started(), **more)
    assert refusal.value.field == field
    assert ChangeRequest.objects.count() == 0


def test_after_the_due_date_only_the_office_takes_it(world):
    matter = world.started(due_on=date(2020, 2, 3))
    ask(world, matter)
    other = world.started(due_on=date(2020, 2, 3))
    later = world.now + timedelta(days=1)
    with pytest.raises(WrongState, match="办结时限（2020年2月3日）已过"):
        ask(world, other, now=later)
    with pytest.raises(Invalid) as refusal:
        ask(world, other, by=world.officer, now=later, behalf=ON_PAPER)
    assert refusal.value.field == "late_reason"
    taken = ask(world, other, by=world.officer, now=later, behalf=ON_PAPER, late_reason="疫情期间未能报送")
    assert (taken.asked_on, taken.late_reason) == (date(2020, 2, 4), "疫情期间未能报送")


def test_paper_that_came_in_time_is_entered_later(world):
    matter = world.started(due_on=date(2020, 2, 3))
    later = world.now + timedelta(days=10)
    with pytest.raises(Invalid):
        ask(world, matter, by=world.officer, now=later, behalf=ON_PAPER, asked_on=date(2020, 2, 14))
    request = ask(world, matter, by=world.officer, now=later, behalf=ON_PAPER, asked_on=date(2020, 2, 3))
    assert (request.asked_on, request.late_reason, request.informant) == (date(2020, 2, 3), "", "周局长")
    approve_change(request, decision=decision(world), by=world.office_head, now=later)
    assert Matter.objects.get(pk=matter.pk).due_on == date(2021, 3, 31)


def test_office_says_how_the_unit_asked(world):
    matter = world.started()
    for behalf in (None, Behalf(Channel.PAPER, "周")):
        with pytest.raises(Invalid):
            ask(world, matter, by=world.officer, behalf=behalf)
    with pytest.raises(Invalid):
        ask(world, matter, behalf=ON_PAPER)
    assert ask(world, matter, by=world.officer, behalf=ON_PAPER).channel == "paper"


def test_unit_does_not_choose_the_day_it_asked(world):
    assert ask(world, world.started(), asked_on=date(2020, 1, 1)).asked_on == date(2020, 2, 3)


def test_approval_extends_in_the_same_transaction(world):
    matter = world.started()
    request = ask(world, matter)
    approved = approve_change(request, decision=decision(world), by=world.office_head, now=world.now)
    matter.refresh_from_db()
    assert (approved.state, approved.decided_by_name, matter.due_on) == ("approved", "主任甲", date(2021, 3, 31))
    assert MatterChange.objects.get().reason == "用地尚未批复"
    assert change_events() == ["changes.asked"]
    assert names_of_events(name="matters.extended") == ["matters.extended"]
    with pytest.raises(WrongState):
        approve_change(request, decision=decision(world), by=world.office_head, now=world.now)


def test_office_may_agree_to_less_and_say_why(world):
    matter = world.started()
    given = decision(world, due_on=date(2021, 1, 31), reason="同意延期一个月")
    approve_change(ask(world, matter), decision=given, by=world.office_head, now=world.now)
    matter.refresh_from_db()
    assert (matter.due_on, MatterChange.objects.get().reason) == (date(2021, 1, 31), "同意延期一个月")


def test_decided_late_by_the_office_is_not_the_units_fault(world):
    matter = world.started(due_on=date(2020, 2, 3))
    request = ask(world, matter)
    later = world.now + timedelta(days=30)
    given = Decision(approval=world.approval(approved_on=later.date()))
    approve_change(request, decision=given, by=world.office_head, now=later)
    assert Matter.objects.get(pk=matter.pk).due_on == date(2021, 3, 31)


def test_what_was_taken_too_late_is_told_in_the_matters_event(world):
    matter = world.started(due_on=date(2020, 1, 31), starts_on=date(2020, 1, 1))
    request = ask(world, matter, by=world.officer, behalf=ON_PAPER, late_reason="疫情期间未能报送")
    approve_change(request, decision=decision(world), by=world.office_head, now=world.now)
    assert Event.objects.get(name="matters.extended").data["late_reason"] == "疫情期间未能报送"


def test_two_extensions_at_most_and_those_in_bulk_do_not_count(world):
    matter = world.started()
    given = {"reason": "受疫情影响", "approval": world.approval(), "by": world.office_head, "now": world.now}
    extend_many([matter], due_on=timedelta(days=10), **given)
    assert extensions_of(matter).taken == 0
    extend(matter, due_on=date(2021, 1, 31), **given)
    second = ask(world, matter)
    extend(matter, due_on=date(2021, 2, 28), **given)
    assert extensions_of(matter).is_used_up
    with pytest.raises(WrongState, match="最多 2 次"):
        approve_change(second, decision=decision(world), by=world.office_head, now=world.now)
    assert ChangeRequest.objects.get(pk=second.pk).state == "open"
    withdraw_change(second, by=world.liaison("教育局"), now=world.now)
    with pytest.raises(WrongState, match="最多 2 次"):
        ask(world, matter)
    assert ask(world, matter, ChangeKind.ADJUST).state == "open"


def test_approval_adjusts_suspends_and_terminates(world):
    for kind, state, event in (
        (ChangeKind.ADJUST, "in_progress", "matters.adjusted"),
        (ChangeKind.SUSPEND, "suspended", "matters.suspended"),
        (ChangeKind.TERMINATE, "terminated", "matters.terminated"),
    ):
        matter = world.started(text="新建小学3所。")
        approve_change(ask(world, matter, kind), decision=decision(world), by=world.office_head, now=world.now)
        matter.refresh_from_db()
        assert (matter.state, names_of_events(name=event)) == (state, [event])
        if kind is ChangeKind.ADJUST:
            assert matter.text == "新建小学2所。"
            assert [one.value for one in matter.targets.all()] == [2]


def test_approval_carries_over_into_a_later_plan(world):
    matter = world.started()
    request = ask(world, matter, ChangeKind.CARRY_OVER)
    assert later_plans(matter) == []
    with pytest.raises(Invalid) as refusal:
        approve_change(request, decision=decision(world), by=world.office_head, now=world.now)
    assert refusal.value.field == "into"
    following = create_plan(world.county, year=2021, title="2021年度", by=world.officer, now=world.now)
    assert later_plans(matter) == [following]
    given = decision(world, into=following)
    approve_change(request, decision=given, by=world.office_head, now=world.now)
    assert Matter.objects.get(carried_from=matter).plan == following


def test_nothing_stands_when_the_step_is_refused(world):
    matter = world.started()
    request = ask(world, matter)
    ahead = Decision(approval=world.approval(approved_on=date(2020, 3, 1)))
    before = (Approval.objects.count(), Obligation.objects.count())
    with pytest.raises(Invalid):
        approve_change(request, decision=ahead, by=world.office_head, now=world.now)
    assert ChangeRequest.objects.get(pk=request.pk).state == "open"
    assert (Approval.objects.count(), Obligation.objects.count()) == before


def test_only_the_head_and_the_director_decide(world):
    request = ask(world, world.started())
    for actor in (world.officer, world.liaison("教育局"), holder("deputy_director", jurisdiction=world.county)):
        with pytest.raises(NotAllowed):
            approve_change(request, decision=decision(world), by=actor, now=world.now)
        with pytest.raises(NotAllowed):
            refuse_change(request, reasons="理由不足", by=actor, now=world.now)
    director = holder("director", jurisdiction=world.county, name="主任乙")
    assert approve_change(request, decision=decision(world), by=director, now=world.now).decided_by_name == "主任乙"


def test_refusal_has_reasons_and_leaves_the_matter(world):
    matter = world.started()
    request = ask(world, matter)
    with pytest.raises(Invalid):
        refuse_change(request, reasons="", by=world.office_head, now=world.now)
    refused = refuse_change(request, reasons="理由不足", by=world.office_head, now=world.now)
    assert (refused.state, refused.refusal_reasons) == ("refused", "理由不足")
    for again in (
        lambda: refuse_change(request, reasons="理由不足", by=world.office_head, now=world.now),
        lambda: withdraw_change(request, by=world.liaison("教育局"), now=world.now),
    ):
        with pytest.raises(WrongState):
            again()
    matter.refresh_from_db()
    assert (matter.due_on, change_events()) == (date(2020, 12, 31), ["changes.asked", "changes.refused"])
    liaison = world.liaison("教育局")
    assert list(refused_since(liaison, since=world.now)) == [request]
    assert list(refused_since(liaison, since=world.now + timedelta(days=1))) == []
    ask(world, matter)
    assert list(refused_since(liaison, since=world.now)) == []


def test_only_who_asked_withdraws(world):
    matter = world.started(leads=("教育局", "财政局"))
    request = ask(world, matter, unit="财政局")
    with pytest.raises(NotAllowed):
        withdraw_change(request, by=world.liaison("教育局"), now=world.now)
    assert withdraw_change(request, by=world.liaison("财政局"), now=world.now).state == "withdrawn"


def test_who_sees_a_request(world):
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",))
    request = ask(world, matter, unit="财政局")
    sees = {
        "merging": world.liaison("教育局"),
        "own": world.liaison("财政局"),
        "support": world.liaison("住建局"),
        "office": world.officer,
    }
    found = {name: request in ChangeRequest.objects.visible_to(actor) for name, actor in sees.items()}
    assert found == {"merging": True, "own": True, "support": False, "office": True}


def test_progress_so_far_is_what_was_said_last(world):
    matter = world.started()
    unit = world.unit("教育局")
    assert progress_proposal(matter, unit_id=unit.pk) == ""
    for said in (Said(sentence="已开工。"), Said(pct=30, sentence="主体封顶。")):
        enter_progress(matter, unit=unit, said=said, by=world.liaison("教育局"), now=world.now)
    assert progress_proposal(matter, unit_id=unit.pk) == "截至2月3日，完成 30%。主体封顶。"


def test_nothing_changes_when_the_audit_fails(world, monkeypatch):
    matter = world.started()
    request = ask(world, matter)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    monkeypatch.setattr("duban.matters.actions.changes.record_many", fail)
    attempts = [
        lambda: ask(world, matter, ChangeKind.SUSPEND),
        lambda: withdraw_change(request, by=world.liaison("教育局"), now=world.now),
        lambda: refuse_change(request, reasons="理由不足", by=world.office_head, now=world.now),
        lambda: approve_change(request, decision=decision(world), by=world.office_head, now=world.now),
    ]
    before = list(ChangeRequest.objects.values())
    for attempt in attempts:
        with pytest.raises(RuntimeError):
            attempt()
    assert list(ChangeRequest.objects.values()) == before
    matter.refresh_from_db()
    assert matter.due_on == date(2020, 12, 31)


def test_all_later_by_so_many_days(world):
    first, second = world.started(due_on=date(2020, 6, 30)), world.registered(due_on=date(2020, 9, 30))
    given = {"reason": "受疫情影响", "approval": world.approval(), "by": world.office_head, "now": world.now}
    extend_many([first, second], due_on=timedelta(days=30), **given)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.due_on, second.due_on) == (date(2020, 7, 30), date(2020, 10, 30))
    assert [one.before["due_on"] for one in MatterChange.objects.order_by("matter_id")] == ["2020-06-30", "2020-09-30"]
    with pytest.raises(Invalid):
        extend_many([first], due_on=timedelta(0), **given)
