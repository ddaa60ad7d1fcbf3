from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import Adjustment as Change
from duban.matters.actions import (
    Behalf,
    NewAssignment,
    NewMilestone,
    adjust,
    decide_refusal,
    extend,
    refuse,
    set_milestones,
    suspend,
)
from duban.matters.models import Milestone
from duban.matters.rules import Channel, Part
from duban.progress.actions import accept_many, accept_schedule, propose_schedule_nodes, return_schedule
from duban.progress.models import Schedule
from duban.progress.queries import latest_schedule, returned_schedules, waiting_schedules
from duban.progress.rules import Node
from tests.at_once import at_once
from tests.matters.builders import names_of_events, owed

pytestmark = pytest.mark.django_db

NODES = [Node(date(2020, 6, 30), "主体封顶", D(60)), Node(date(2020, 12, 31), "投入使用", D(100))]
OTHERS = [Node(date(2020, 9, 1), "主体封顶", D(60)), Node(date(2020, 12, 31), "投入使用", D(100))]


def propose(world, matter, nodes=NODES, *, unit="教育局", by=None, version=0, **more):
    by = by or world.liaison(unit)
    return propose_schedule_nodes(matter, nodes=nodes, by=by, now=world.now, version=version, **more)


def told(world, by=None):
    return {"by": by or world.officer, "now": world.now}


def milestones(matter):
    return [(one.due_on.isoformat(), one.title, int(one.expected_pct)) for one in matter.milestones.all()]


def test_what_the_unit_gives_is_a_proposal_until_the_office_accepts(world):
    matter = world.started()
    schedule = propose(world, matter)
    assert (schedule.state, schedule.version, milestones(matter)) == ("proposed", 1, [])
    assert [kind for _, kind, _ in owed(matter)] == ["report", "report", "final"]
    accepted = accept_schedule(schedule, version=1, **told(world))
    assert (accepted.state, accepted.version, accepted.decided_by_name) == ("accepted", 2, "督查员甲")
    assert milestones(matter) == [("2020-06-30", "主体封顶", 60), ("2020-12-31", "投入使用", 100)]
    assert ("教育局", "milestone", "2020-06-30") in owed(matter)
    events = names_of_events(matter_id=matter.pk)[-3:]
    assert events == ["progress.schedule_proposed", "matters.milestones_set", "progress.schedule_accepted"]
    unit = {"unit": "教育局", "unit_id": world.unit("教育局").pk}
    assert Event.objects.get(name="progress.schedule_proposed").data == {
        **unit,
        "before": [],
        "after": ["2020年6月30日 主体封顶 60%", "2020年12月31日 投入使用 100%"],
        "note": "",
    }
    assert Event.objects.get(name="progress.schedule_accepted").data == unit


def test_office_may_amend_and_what_the_unit_gave_stays(world):
    matter = world.started()
    schedule = propose(world, matter)
    accept_schedule(schedule, version=1, nodes=OTHERS, **told(world))
    assert milestones(matter)[0] == ("2020-09-01", "主体封顶", 60)
    schedule.refresh_from_db()
    assert schedule.rows == NODES
    data = Event.objects.get(name="progress.schedule_accepted").data
    assert (data["before"][0], data["after"][0]) == ("2020年6月30日 主体封顶 60%", "2020年9月1日 主体封顶 60%")


def test_returned_with_reasons_and_proposed_anew(world):
    matter = world.started()
    schedule = propose(world, matter)
    with pytest.raises(Invalid):
        return_schedule(schedule, reasons=" 晚 ", version=1, **told(world))
    with pytest.raises(NotAllowed):
        return_schedule(schedule, reasons="节点太晚", version=1, **told(world, world.liaison("教育局")))
    returned = return_schedule(schedule, reasons="节点太晚", version=1, **told(world))
    assert (returned.state, returned.reasons, returned.version) == ("returned", "节点太晚", 2)
    assert list(returned_schedules({world.unit("教育局").pk})) == [returned]
    for again in (
        lambda: return_schedule(schedule, reasons="节点太晚", version=2, **told(world)),
        lambda: accept_schedule(schedule, version=2, **told(world)),
    ):
        with pytest.raises(WrongState) as refusal:
            again()
        assert refusal.value.message.endswith("已由督查员甲退回。")
    second = propose(world, matter, OTHERS, version=2)
    assert (second.pk != schedule.pk, second.version) == (True, 3)
    assert not returned_schedules({world.unit("教育局").pk}).exists()
    assert Event.objects.filter(name="progress.schedule_returned").count() == 1


def test_unit_replaces_its_open_proposal_and_the_office_decides_only_what_it_saw(world):
    matter = world.started()
    first = propose(world, matter)
    with pytest.raises(WrongState):
        propose(world, matter, version=1)
    replaced = propose(world, matter, OTHERS, version=1)
    assert (replaced.pk, replaced.version, replaced.rows) == (first.pk, 2, OTHERS)
    for stale in (
        lambda: accept_schedule(first, version=1, **told(world)),
        lambda: return_schedule(first, reasons="节点太晚", version=1, **told(world)),
    ):
        with pytest.raises(Conflict) as conflict:
            stale()
        assert conflict.value.theirs == first
    assert milestones(matter) == []
    assert Event.objects.filter(name="progress.schedule_proposed").last().data["before"][0].startswith("2020年6月30日")


def test_two_colleagues_do_not_overwrite_each_other(world):
    matter = world.started()
    propose(world, matter)
    with pytest.raises(Conflict) as conflict:
        propose(world, matter, OTHERS, version=0)
    assert conflict.value.theirs.rows == NODES
    accept_schedule(Schedule.objects.get(), version=1, **told(world))
    with pytest.raises(Conflict):
        propose(world, matter, OTHERS, version=1)
    assert Schedule.objects.get().state == "accepted"
    assert propose(world, matter, OTHERS, version=2).version == 3


def test_only_the_merging_lead_proposes(world):
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",))
    for unit in ("财政局", "住建局", "交通局"):
        with pytest.raises(NotAllowed):
            propose(world, matter, unit=unit)
    assert (Schedule.objects.count(), Event.objects.filter(name__startswith="progress.").count()) == (0, 0)


@pytest.mark.parametrize("state", ["registered", "closing", "closed"])
def test_nothing_is_proposed_outside_the_work(world, state):
    with pytest.raises(WrongState):
        propose(world, getattr(world, state)())


def test_nothing_wrong_is_kept(world):
    matter = world.started()
    with pytest.raises(Invalid):
        propose(world, matter, list(reversed(NODES)))
    with pytest.raises(Invalid):
        propose(world, matter, NODES[:1])
    with pytest.raises(Invalid):
        propose(world, matter, note="长" * 201)
    assert propose(world, matter, NODES[:1], note="其余待上级批复").note == "其余待上级批复"
    with pytest.raises(Invalid):
        accept_schedule(Schedule.objects.get(), version=1, nodes=[], **told(world))
    assert (Schedule.objects.get().state, milestones(matter)) == ("proposed", [])


def test_office_enters_what_a_unit_told_and_says_how(world):
    matter = world.started()
    with pytest.raises(Invalid):
        propose(world, matter, by=world.officer)
    with pytest.raises(Invalid):
        propose(world, matter, behalf=Behalf(Channel.PAPER, "张三"))
    schedule = propose(world, matter, by=world.officer, behalf=Behalf(Channel.PAPER, "张三"))
    assert (schedule.channel, schedule.informant, schedule.proposed_by_name) == ("paper", "张三", "督查员甲")
    assert Event.objects.get(name="progress.schedule_proposed").data["informant"] == "张三"


def test_when_another_unit_merges_the_old_proposal_no_longer_counts(world):
    matter = world.assigned(leads=("教育局", "财政局"))
    schedule = propose(world, matter)
    own = matter.assignments.get(unit=world.unit("教育局"))
    refuse(own, reason="不属本单位职责", by=world.liaison("教育局"), now=world.now)
    decide_refusal(own, is_upheld=True, reason="同意", **told(world))
    assert not waiting_schedules(world.officer).exists()
    with pytest.raises(WrongState):
        accept_schedule(schedule, version=1, **told(world))
    new = propose(world, matter, OTHERS, unit="财政局", version=1)
    schedule.refresh_from_db()
    assert (schedule.state, schedule.reasons, new.version) == ("returned", "汇总单位已经变更", 2)
    assert list(waiting_schedules(world.officer)) == [new]
    assert not returned_schedules({world.unit("教育局").pk}).exists()


def test_what_the_matter_no_longer_allows_is_not_accepted(world):
    approved = {"approval": world.approval(), "by": world.office_head, "now": world.now, "reason": "受疫情影响"}
    matter, extended = world.started(), world.started()
    paused, longer = propose(world, matter), propose(world, extended)
    suspend(matter, **approved)
    extend(extended, due_on=date(2021, 3, 31), **approved)
    done = accept_many({paused.pk: 1, longer.pk: 1, 999: 1}, **told(world))
    assert done.accepted == ()
    assert {pk: type(refusal) for pk, refusal in done.left.items()} == {
        paused.pk: WrongState,
        longer.pk: Invalid,
        999: NotFound,
    }
    assert list(waiting_schedules(world.officer)) == [longer]


def test_many_are_accepted_at_once_and_one_that_cannot_be_is_left(world, django_assert_num_queries):
    one = propose(world, world.started())
    some = [propose(world, world.started()) for _ in range(3)]
    with django_assert_num_queries(38):
        assert accept_many({one.pk: 1}, **told(world)).accepted == (one.pk,)
    with django_assert_num_queries(38):
        done = accept_many({each.pk: 1 for each in some}, **told(world))
    assert len(done.accepted) == 3
    left, good = propose(world, world.started()), propose(world, world.started())
    done = accept_many({left.pk: 7, good.pk: 1}, **told(world))
    assert (done.accepted, {pk: type(error) for pk, error in done.left.items()}) == ((good.pk,), {left.pk: Conflict})
    with pytest.raises(NotAllowed):
        accept_many({left.pk: 1}, **told(world, world.liaison("教育局")))
    with pytest.raises(NotAllowed):
        accept_many({}, **told(world, world.liaison("教育局")))


def test_units_do_not_see_another_units_schedule(world):
    matter = world.started(supports=("住建局",))
    schedule = propose(world, matter)
    assert latest_schedule(world.liaison("住建局"), matter=matter) is None
    for actor in (world.liaison("教育局"), world.officer):
        assert latest_schedule(actor, matter=matter) == schedule


def test_office_sets_milestones_itself_without_any_proposal(world):
    matter = world.started()
    set_milestones(matter, milestones=[NewMilestone("过半", date(2020, 7, 1), 50)], reason="按会议要求", **told(world))
    assert (Milestone.objects.count(), Schedule.objects.count()) == (1, 0)


def test_node_that_stays_on_its_day_keeps_what_is_owed_of_it(world):
    matter = world.started()
    accept_schedule(propose(world, matter), version=1, **told(world))
    kept = matter.obligations.get(kind="milestone", due_on=date(2020, 6, 30)).pk
    changed = [Node(date(2020, 6, 30), "主体完工", D(70)), NODES[1]]
    accept_schedule(propose(world, matter, changed, version=2), version=3, **told(world))
    assert matter.obligations.get(kind="milestone", due_on=date(2020, 6, 30), state="open").pk == kept


def test_a_unit_taken_off_has_nothing_waiting(world):
    matter = world.started()
    propose(world, matter)
    parts = [NewAssignment(world.unit("财政局"), Part.LEAD)]
    approved = {"approval": world.approval(), "by": world.office_head, "now": world.now, "reason": "分工调整"}
    adjust(matter, adjustment=Change(assignments=parts), **approved)
    assert not waiting_schedules(world.officer).exists()


@pytest.mark.django_db(transaction=True)
def test_a_proposal_decided_by_two_at_once_is_decided_once(world):
    matter = world.started()
    schedule = propose(world, matter)
    outcomes = at_once(
        lambda: accept_schedule(schedule, version=1, **told(world)),
        lambda: return_schedule(schedule, reasons="节点太晚", version=1, **told(world)),
    )
    assert sorted(isinstance(one, Exception) for one in outcomes) == [False, True]
    events = Event.objects.filter(name__in=["progress.schedule_accepted", "progress.schedule_returned"])
    assert events.count() == 1
    schedule.refresh_from_db()
    assert (schedule.state == "accepted") == matter.milestones.exists()


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_proposing_at_once_leave_one_proposal(world):
    matter = world.started()
    outcomes = at_once(
        lambda: propose(world, matter, NODES),
        lambda: propose(world, matter, OTHERS),
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "Schedule"]
    assert Schedule.objects.count() == 1


def test_day_of_the_proposal_is_kept(world):
    later = world.now + timedelta(days=3)
    schedule = propose_schedule_nodes(world.started(), nodes=NODES, by=world.liaison("教育局"), now=later, version=0)
    assert (schedule.proposed_at, schedule.proposed_by_name) == (later, "教育局联络员")
