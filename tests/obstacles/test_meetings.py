from datetime import date, timedelta

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.matters.actions import Behalf, NewOverseer
from duban.matters.models import Obligation
from duban.matters.rules import Channel
from duban.obstacles.actions import (
    Agenda,
    Decided,
    accept_decision,
    call_meeting,
    cancel_meeting,
    change_meeting,
    close_obstacle,
    finish_decision,
    hold_meeting,
    meetings,
    press_obstacle,
    raise_obstacle,
    return_decision,
)
from duban.obstacles.models import AgendaItem, Decision, DecisionReply, Meeting, Obstacle, Round
from duban.obstacles.queries import (
    agenda_of,
    decisions_done,
    decisions_for,
    decisions_waiting,
    meetings_for,
    obstacles_on_offer,
)
from tests.conftest import holder
from tests.matters.builders import make_unit, names_of_events

pytestmark = pytest.mark.django_db

DUE = date(2020, 2, 28)


@pytest.fixture
def chair(world):
    return world.post(None, "副区长", "吴一", kind="leader")


@pytest.fixture
def matter(world, chair):
    return world.started(supports=("住建局",), overseers=[NewOverseer(chair)], serial="1")


@pytest.fixture
def obstacle(world, matter):
    return put(world, matter)


def put(world, matter, **words):
    given = {"problem": "用地指标不足。", "need": "请调剂 20 亩。", "to": world.unit("教育局"), **words}
    return raise_obstacle(matter, unit=world.unit("住建局"), by=world.liaison("住建局"), now=world.now, **given)


def agenda(world, chair, *obstacles, items=(), **more):
    given = {"title": "2月调度会", "starts_at": world.now, "place": "三楼会议室", **more}
    return Agenda(chair=chair, obstacles=obstacles, items=items, **given)


def call(world, chair, *obstacles, by=None, **more):
    return call_meeting(
        world.plan, agenda=agenda(world, chair, *obstacles, **more), by=by or world.officer, now=world.now
    )


def hold(world, meeting, *minutes, by=None, now=None):
    return hold_meeting(meeting, minutes=minutes, by=by or world.officer, now=now or world.now)


def held(world, chair, obstacle, *, units=("教育局",)):
    """A meeting that decided on a difficulty; the decision of the first unit."""
    meeting = call(world, chair, obstacle)
    item = meeting.items.get()
    hold(world, meeting, Decided(item.pk, "由教育局调剂。", [world.unit(name) for name in units], DUE))
    return decision_of(units[0])


def decision_of(unit):
    found = Decision.objects.select_related("item__meeting__plan", "item__obstacle__matter", "unit")
    return found.get(unit__name=unit)


def owed(kind="decision", *, state="open"):
    rows = Obligation.objects.filter(kind=kind, state=state).select_related("unit").order_by("pk")
    return [(one.unit.name, one.title, one.due_on.isoformat()) for one in rows]


# ── called ──


def test_called_with_difficulties_and_items_of_its_own(world, chair, obstacle):
    meeting = call(world, chair, obstacle, items=(" 经费安排 ", "", "经费安排", "人员安排"))
    assert [(one.order, str(one)) for one in agenda_of(meeting)] == [
        (1, "第1项困难问题"),
        (2, "经费安排"),
        (3, "人员安排"),
    ]
    event = Event.objects.get(name="obstacles.meeting_called")
    assert (event.subject_label, event.matter_id) == ("2月调度会", None)
    assert event.data == {
        "after": {
            "会议名称": "2月调度会",
            "时间": "2020-02-03T09:00+08:00",
            "地点": "三楼会议室",
            "主持": "副区长",
            "议题": ["用地指标不足。", "经费安排", "人员安排"],
        }
    }


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "字" * 61}, "title"),
        ({"place": ""}, "place"),
        ({"items": ()}, "items"),
        ({"items": ("字" * 101,)}, "items"),
    ],
)
def test_bad_agenda_calls_nothing(world, chair, more, field):
    with pytest.raises(Invalid) as refusal:
        call(world, chair, **{"items": ("经费安排",), **more})
    assert refusal.value.field == field
    assert Meeting.objects.count() == 0


def test_chair_is_a_leader_and_items_are_live(world, chair, obstacle):
    with pytest.raises(Invalid):
        call(world, world.post("教育局", "教育局局长", kind="unit_head"), obstacle)
    close_obstacle(obstacle, by=world.liaison("住建局"), now=world.now)
    with pytest.raises(Invalid) as refusal:
        call(world, chair, obstacle)
    assert refusal.value.field == "obstacles"


def test_only_the_office_calls_and_only_once(world, chair, obstacle):
    leader = holder("leader", jurisdiction=world.county, post_ids=[chair.pk])
    for stranger in (leader, world.liaison("教育局"), holder("director", jurisdiction=world.county)):
        with pytest.raises(NotAllowed):
            call(world, chair, obstacle, by=stranger)
    call(world, chair, obstacle)
    with pytest.raises(WrongState):
        call(world, chair, obstacle)


def test_changed_before_it_is_held(world, chair, obstacle):
    meeting = call(world, chair, obstacle)
    later = world.now + timedelta(days=1)
    new = agenda(world, chair, items=("经费安排",), starts_at=later)
    change_meeting(meeting, version=1, agenda=new, by=world.officer, now=world.now)
    assert [str(one) for one in AgendaItem.objects.all()] == ["经费安排"]
    assert Event.objects.get(name="obstacles.meeting_changed").data == {
        "before": {"时间": "2020-02-03T09:00+08:00", "议题": ["用地指标不足。"]},
        "after": {"时间": "2020-02-04T09:00+08:00", "议题": ["经费安排"]},
    }
    with pytest.raises(Conflict) as conflict:
        change_meeting(meeting, version=1, agenda=agenda(world, chair, obstacle), by=world.officer, now=world.now)
    assert conflict.value.theirs.starts_at == later
    change_meeting(meeting, version=2, agenda=new, by=world.officer, now=world.now)
    assert Meeting.objects.get().version == 2


def test_cancelled_it_frees_its_items(world, chair, obstacle):
    meeting = call(world, chair, obstacle)
    assert [(one.is_chairs, one.on_agenda) for one in obstacles_on_offer(world.officer, chair=chair)] == [
        (True, "2月调度会")
    ]
    with pytest.raises(Invalid):
        cancel_meeting(meeting, reason=" ", by=world.officer, now=world.now)
    cancel_meeting(meeting, reason="领导外出。", by=world.officer, now=world.now)
    assert [one.on_agenda for one in obstacles_on_offer(world.officer, chair=chair)] == [""]
    with pytest.raises(WrongState):
        hold(world, meeting, Decided(meeting.items.get().pk, "原则同意。"))
    with pytest.raises(WrongState):
        change_meeting(meeting, version=1, agenda=agenda(world, chair, obstacle), by=world.officer, now=world.now)
    call(world, chair, obstacle)


def test_what_is_offered_to_whom(world, chair, matter, obstacle):
    other = world.post(None, "另一位副区长", "吴九", kind="leader")
    head = world.post(None, "区长", "吴二", kind="government_head")
    put(world, world.started(supports=("住建局",), serial="2"), problem="没有领导的。")

    def offered(post):
        return [(one.obstacle.problem, one.is_chairs) for one in obstacles_on_offer(world.officer, chair=post)]

    assert offered(chair) == [("用地指标不足。", True), ("没有领导的。", False)]
    assert offered(other) == [("用地指标不足。", False), ("没有领导的。", False)]
    assert offered(head) == [("用地指标不足。", True), ("没有领导的。", True)]


# ── held ──


def test_decision_is_owed_and_answers_the_difficulty(world, chair, matter, obstacle):
    meeting = call(world, chair, obstacle, items=("经费安排", "未议的"))
    first, second, third = agenda_of(meeting)
    hold(
        world,
        meeting,
        Decided(first.pk, "由教育局调剂。", [world.unit("教育局"), world.unit("财政局")], DUE),
        Decided(second.pk, "原则同意。"),
        Decided(third.pk),
    )
    title = "落实调度会议定事项：由教育局调剂"
    assert owed() == [("教育局", title, "2020-02-28"), ("财政局", title, "2020-02-28")]
    assert {one.matter_id for one in Obligation.objects.filter(kind="decision")} == {matter.pk}
    assert [(one.decision, one.decisions.count()) for one in agenda_of(meeting)] == [
        ("由教育局调剂。", 2),
        ("原则同意。", 0),
        ("", 0),
    ]
    obstacle.refresh_from_db()
    assert (obstacle.state, obstacle.round_no) == ("answered", 2)
    told = Round.objects.get(number=2)
    assert (told.cause, told.item_id, told.answer) == ("meeting", first.pk, "由教育局调剂。")
    assert owed("obstacle") == []
    assert Obligation.objects.get(kind="obstacle").waived_reason == "调度会已议定"
    assert Event.objects.get(name="obstacles.meeting_held").data == {"decided": 2, "items": 3}
    event = Event.objects.get(name="obstacles.item_decided")
    assert event.matter_id == matter.pk
    assert event.data == {
        "unit": "住建局",
        "unit_ids": sorted(world.unit(name).pk for name in ("住建局", "教育局", "财政局")),
        "meeting": "2月调度会",
        "decision": "由教育局调剂。",
        "units": ["教育局", "财政局"],
        "due_on": "2020-02-28",
    }
    with pytest.raises(WrongState):
        hold(world, meeting, Decided(first.pk, "再议。"))


def test_raiser_may_still_say_that_it_does_not_help(world, chair, obstacle):
    held(world, chair, obstacle)
    obstacle.refresh_from_db()
    press_obstacle(obstacle, to=world.unit("教育局"), note="还没有调剂。", by=world.liaison("住建局"), now=world.now)
    obstacle.refresh_from_db()
    assert (obstacle.state, obstacle.round_no) == ("open", 3)


def test_difficulty_ended_before_the_meeting_stays_ended(world, chair, obstacle):
    meeting = call(world, chair, obstacle)
    close_obstacle(obstacle, by=world.liaison("住建局"), now=world.now)
    hold(world, meeting, Decided(meeting.items.get().pk, "由教育局调剂。", [world.unit("教育局")], DUE))
    assert (Obstacle.objects.get().state, Round.objects.count()) == ("closed", 1)
    assert len(owed()) == 1


@pytest.mark.parametrize(
    ("minutes", "field"),
    [
        ({}, "decision"),
        ({"decision": "字" * 301}, "decision-{}"),
        ({"decision": "由教育局调剂。", "units": True}, "due-{}"),
        ({"decision": "由教育局调剂。", "units": True, "due_on": date(2020, 2, 2)}, "due-{}"),
        ({"units": True, "due_on": DUE}, "decision-{}"),
    ],
)
def test_bad_minutes_are_refused_and_nothing_is_held(world, chair, obstacle, minutes, field):
    meeting = call(world, chair, obstacle)
    item = meeting.items.get()
    given = {**minutes, "units": [world.unit("教育局")] if minutes.get("units") else ()}
    with pytest.raises(Invalid) as refusal:
        hold(world, meeting, Decided(item.pk, **given))
    assert refusal.value.field == field.format(item.pk)
    assert (Meeting.objects.get().state, Decision.objects.count()) == ("called", 0)
    assert len(owed("obstacle")) == 1


def test_foreign_units_items_and_days_are_refused(world, chair, obstacle):
    from duban.orgs.models import Jurisdiction

    elsewhere = Jurisdiction.objects.create(level="county", name="临江市临海区", short_name="临海区")
    meeting = call(world, chair, obstacle)
    item = meeting.items.get()
    with pytest.raises(Invalid):
        hold(world, meeting, Decided(item.pk, "由外区调剂。", [make_unit(elsewhere, "财政局")], DUE))
    meeting = Meeting.objects.get()
    with pytest.raises(Invalid):
        hold(world, meeting, Decided(item.pk + 1000, "由教育局调剂。"))
    meeting = Meeting.objects.get()
    with pytest.raises(Invalid) as refusal:
        hold(world, meeting, Decided(item.pk, "由教育局调剂。"), now=world.now - timedelta(days=1))
    assert refusal.value.field == "starts_at"
    with pytest.raises(NotAllowed):
        hold(world, Meeting.objects.get(), Decided(item.pk, "好的。"), by=world.liaison("教育局"))


# ── carried out ──


def test_unit_says_that_it_is_done_and_the_office_accepts(world, chair, obstacle):
    decision = held(world, chair, obstacle)
    finish_decision(decision, text="已调剂\n20 亩。", by=world.liaison("教育局"), now=world.now)
    assert (owed(), DecisionReply.objects.get().text) == ([], "已调剂 20 亩。")
    with pytest.raises(WrongState):
        finish_decision(decision_of("教育局"), text="再报一次。", by=world.liaison("教育局"), now=world.now)
    accept_decision(decision, by=world.officer, now=world.now)
    assert decision_of("教育局").state == "accepted"
    with pytest.raises(WrongState):
        accept_decision(decision_of("教育局"), by=world.officer, now=world.now)
    told = [one for one in names_of_events() if one.startswith("obstacles.decision")]
    assert told == ["obstacles.decision_done", "obstacles.decision_accepted"]


def test_returned_it_is_owed_again(world, chair, obstacle):
    decision = held(world, chair, obstacle)
    with pytest.raises(WrongState):
        return_decision(decision, reason="没有指标文号。", due_on=DUE, by=world.officer, now=world.now)
    finish_decision(decision, text="已调剂。", by=world.liaison("教育局"), now=world.now)
    with pytest.raises(Invalid):
        return_decision(decision, reason="", due_on=DUE, by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        return_decision(decision, reason="没有文号。", due_on=date(2020, 2, 2), by=world.officer, now=world.now)
    return_decision(decision, reason="没有文号。", due_on=date(2020, 3, 6), by=world.officer, now=world.now)
    assert [one[2] for one in owed()] == ["2020-03-06"]
    finish_decision(decision, text="文号 5 号。", by=world.liaison("教育局"), now=world.now)
    assert list(DecisionReply.objects.values_list("number", "returned", "text")) == [
        (1, "", "已调剂。"),
        (2, "没有文号。", "文号 5 号。"),
    ]


def test_who_may_not(world, chair, obstacle):
    decision = held(world, chair, obstacle)
    leader = holder("leader", jurisdiction=world.county, post_ids=[chair.pk])
    for stranger in (world.liaison("住建局"), leader):
        with pytest.raises(NotAllowed):
            finish_decision(decision, text="已调剂。", by=stranger, now=world.now)
    with pytest.raises(Invalid):
        finish_decision(decision, text="已调剂。", by=world.officer, now=world.now)
    behalf = Behalf(Channel.TELEPHONE, "周一")
    finish_decision(decision, text="已调剂。", by=world.officer, now=world.now, behalf=behalf)
    for stranger in (world.liaison("教育局"), leader):
        with pytest.raises(NotAllowed):
            accept_decision(decision, by=stranger, now=world.now)


def test_who_sees_meetings_and_decisions(world, chair, obstacle):
    decision = held(world, chair, obstacle)
    leader = holder("leader", jurisdiction=world.county, post_ids=[chair.pk])
    other = holder("leader", jurisdiction=world.county, post_ids=[chair.pk + 1000])
    seen = [
        (meetings_for(one).count(), decisions_for(one).count())
        for one in (world.officer, leader, other, world.liaison("教育局"), world.liaison("住建局"))
    ]
    assert seen == [(1, 1), (1, 1), (0, 0), (0, 1), (0, 0)]
    assert decisions_waiting(world.liaison("教育局")) == [decision]
    assert decisions_waiting(world.officer) == []
    finish_decision(decision, text="已调剂。", by=world.liaison("教育局"), now=world.now)
    assert (list(decisions_done(world.officer)), list(decisions_done(leader))) == ([decision], [])
    assert decisions_waiting(world.officer) == []
    assert decisions_waiting(world.liaison("教育局")) == []


def test_nothing_is_held_when_the_event_cannot_be_written(world, chair, obstacle, monkeypatch):
    meeting = call(world, chair, obstacle)
    item = meeting.items.get()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(meetings, "record_many", fail)
    with pytest.raises(RuntimeError):
        hold(world, meeting, Decided(item.pk, "由教育局调剂。", [world.unit("教育局")], DUE))
    assert (Meeting.objects.get().state, Decision.objects.count(), owed()) == ("called", 0, [])


def test_agenda_costs_the_same_however_long(world, chair, matter, django_assert_num_queries):
    meeting = call(world, chair, put(world, matter))
    with django_assert_num_queries(2):
        assert len(agenda_of(meeting)) == 1
    more = [put(world, matter, problem=f"问题{number}。") for number in range(3)]
    meeting = call(world, chair, *more, title="又一次")
    with django_assert_num_queries(2):
        assert [one.obstacle.matter.serial for one in agenda_of(meeting)] == ["1"] * 3
