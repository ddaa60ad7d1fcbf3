from datetime import date, timedelta

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.core.seen import seen_of
from duban.matters.actions import (
    Adjustment,
    NewAssignment,
    NewMatter,
    NewMilestone,
    NewOverseer,
    acknowledge,
    adjust,
    ask_to_close,
    assign_matters,
    carry_over,
    create_plan,
    extend,
    extend_many,
    grant_closure,
    reopen,
    resume,
    set_milestones,
    set_milestones_of,
    split,
    suspend,
    terminate,
)
from duban.matters.models import Matter, MatterChange, Obligation
from duban.matters.queries import milestones_shown
from duban.matters.rules import Part
from tests.matters.builders import names_of_events, owed

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(world):
    """What every approved change is told."""
    return {"reason": "受疫情影响", "approval": world.approval(), "by": world.office_head, "now": world.now}


def test_adjusting_keeps_the_original_visible(world, given):
    post = world.post(None, "副区长甲", kind="leader")
    matter = world.started(text="新建小学1所。", deadline_text="年底")
    adjusted = adjust(
        matter,
        adjustment=Adjustment(text="改建小学1所。", due_on=date(2020, 9, 30), overseers=[NewOverseer(post)]),
        **given,
    )
    assert (adjusted.text, adjusted.due_on, adjusted.pinyin) == (
        "改建小学1所。",
        date(2020, 9, 30),
        "gaijianxiaoxue1suo。",
    )
    change = matter.changes.get()
    assert change.before == {"text": "新建小学1所。", "due_on": "2020-12-31", "overseers": []}
    assert change.after == {"text": "改建小学1所。", "due_on": "2020-09-30", "overseers": ["副区长甲"]}
    assert (change.approval.approved_by_name, change.reason) == ("区政府", "受疫情影响")
    assert ("教育局", "final", "2020-09-30") in owed(matter)
    assert owed(matter, state="waived") == [("教育局", "final", "2020-12-31")]
    assert names_of_events(matter_id=matter.pk)[-1] == "matters.adjusted"


def test_adjusting_the_units_moves_what_they_owe(world, given):
    matter = world.started(leads=("教育局", "财政局"))
    parts = [
        NewAssignment(world.unit("财政局"), Part.LEAD),
        NewAssignment(world.unit("住建局"), Part.LEAD),
        NewAssignment(world.unit("交通局"), Part.SUPPORT),
    ]
    adjust(matter, adjustment=Adjustment(assignments=parts), **given)
    active = matter.assignments.filter(ended_at=None).order_by("order")
    assert [(one.unit.name, one.part, one.is_merging) for one in active] == [
        ("财政局", "lead", True),
        ("住建局", "lead", False),
        ("交通局", "support", False),
    ]
    assert owed(matter) == [
        ("财政局", "report", "2020-06-20"),
        ("财政局", "report", "2020-12-20"),
        ("住建局", "final", "2020-12-31"),
        ("财政局", "final", "2020-12-31"),
    ]
    units = Obligation.objects.filter(kind="acknowledge", state="open").values_list("unit__name", flat=True)
    assert set(units) == {"财政局", "住建局", "交通局"}
    assert matter.changes.get().before == {"assignments": ["牵头 教育局", "牵头 财政局"]}


def test_adjusting_is_refused(world, given):
    matter = world.started()
    with pytest.raises(NotAllowed):
        adjust(matter, adjustment=Adjustment(text="甲"), **{**given, "by": world.officer})
    with pytest.raises(Invalid) as later:
        adjust(matter, adjustment=Adjustment(due_on=date(2021, 1, 31)), **given)
    assert later.value.message == "推迟办结时限请办理延期。"
    for wrong in (
        Adjustment(),
        Adjustment(text=" "),
        Adjustment(text=matter.text),
        Adjustment(due_on=date(2020, 1, 1)),
        Adjustment(assignments=[NewAssignment(world.unit("财政局"), Part.SUPPORT)]),
    ):
        with pytest.raises(Invalid):
            adjust(matter, adjustment=wrong, **given)
    with pytest.raises(Invalid):
        adjust(matter, adjustment=Adjustment(text="甲"), **{**given, "reason": ""})
    with pytest.raises(WrongState):
        adjust(world.closed(), adjustment=Adjustment(text="甲"), **given)
    assert MatterChange.objects.count() == 0


def test_extending_twice_at_most(world, given):
    matter = world.started(due_on=date(2020, 6, 30))
    extend(matter, due_on=date(2020, 8, 31), **given)
    assert ("教育局", "final", "2020-08-31") in owed(matter)
    assert owed(matter, state="waived") == [("教育局", "final", "2020-06-30")]
    extend(matter, due_on=date(2020, 10, 31), **given)
    with pytest.raises(WrongState) as refusal:
        extend(matter, due_on=date(2020, 11, 30), **given)
    assert refusal.value.message == "“新建小学1所”已延期 2 次，按督查规则最多 2 次。"
    extend_many([matter], due_on=date(2020, 12, 31), **given)
    changes = matter.changes.values_list("before", "after", "is_bulk")
    assert list(changes) == [
        ({"due_on": "2020-06-30"}, {"due_on": "2020-08-31"}, False),
        ({"due_on": "2020-08-31"}, {"due_on": "2020-10-31"}, False),
        ({"due_on": "2020-10-31"}, {"due_on": "2020-12-31"}, True),
    ]
    assert Event.objects.filter(name="matters.extended").count() == 3


def test_extension_is_asked_for_before_the_due_date(world, given):
    matter = world.started(due_on=date(2020, 3, 2))
    late = {**given, "now": world.now + timedelta(days=60)}
    in_time = {**late, "approval": world.approval(approved_on=date(2020, 3, 5))}
    too_late = {**late, "approval": world.approval(approved_on=date(2020, 3, 6))}
    with pytest.raises(WrongState):
        extend(matter, due_on=date(2020, 6, 30), **too_late)
    extend(matter, due_on=date(2020, 6, 30), **in_time)
    second = world.started(due_on=date(2020, 3, 2))
    assert extend_many([second], due_on=date(2020, 6, 30), **too_late)[0].due_on == date(2020, 6, 30)


def test_extending_is_refused(world, given):
    matter = world.started()
    with pytest.raises(NotAllowed):
        extend(matter, due_on=date(2021, 1, 31), **{**given, "by": world.liaison("教育局")})
    with pytest.raises(Invalid):
        extend(matter, due_on=matter.due_on, **given)
    with pytest.raises(Invalid):
        extend_many([], due_on=matter.due_on, **given)
    with pytest.raises(WrongState):
        extend(world.closed(), due_on=date(2021, 1, 31), **given)


def test_suspending_and_resuming_adds_the_days_of_the_pause(world, given):
    matter = world.started(
        due_on=date(2020, 9, 30),
        milestones=[
            NewMilestone("开工", date(2020, 2, 3), 10),
            NewMilestone("封顶", date(2020, 7, 1), 60),
        ],
    )
    paused = suspend(matter, **given)
    assert (paused.state, paused.state_before_pause) == ("suspended", "in_progress")
    with pytest.raises(WrongState):
        suspend(matter, **given)
    later = {**given, "now": world.now + timedelta(days=150)}
    resumed = resume(matter, **later)
    assert (resumed.state, resumed.state_before_pause, resumed.due_on) == ("in_progress", "", date(2021, 2, 27))
    assert owed(matter) == [
        ("教育局", "milestone", "2020-07-02"),
        ("教育局", "milestone", "2020-11-28"),
        ("教育局", "report", "2020-12-20"),
        ("教育局", "final", "2021-02-27"),
    ]
    waived = matter.obligations.filter(kind="report", state="waived").get()
    assert (waived.due_on, waived.waived_reason) == (date(2020, 6, 20), "暂停期间免报")
    assert matter.changes.get(kind="resume").after["paused_days"] == 150
    with pytest.raises(WrongState):
        resume(matter, **later)


def test_resuming_refuses_a_final_date_before_its_nodes(world, given):
    matter = world.started(milestones=[NewMilestone("封顶", date(2020, 12, 1), 60)])
    suspend(matter, **given)
    later = {**given, "now": world.now + timedelta(days=60)}
    with pytest.raises(Invalid):
        resume(matter, due_on=date(2020, 1, 1), **later)
    with pytest.raises(Invalid) as refusal:
        resume(matter, due_on=date(2021, 1, 1), **later)
    assert "顺延到2021年1月30日" in refusal.value.message
    with pytest.raises(NotAllowed):
        resume(matter, **{**later, "by": world.officer})
    assert resume(matter, due_on=date(2021, 1, 30), **later).due_on == date(2021, 1, 30)


def test_splitting_makes_work_items_and_the_last_to_close_closes_the_matter(world, given):
    matter = world.started(serial="7")
    items = split(matter, items=[NewMatter(text="完成选址"), NewMatter(text="完成主体")], **given)
    assert [(one.serial, one.state, one.parent_id) for one in items] == [
        ("7-1", "assigned", matter.pk),
        ("7-2", "assigned", matter.pk),
    ]
    assert [owed(one) for one in items] == [[("教育局", "final", "2020-12-31")]] * 2
    with pytest.raises(WrongState):
        ask_to_close(matter, statement="完成", by=world.officer, now=world.now)
    for verb in (suspend, terminate):
        with pytest.raises(WrongState):
            verb(matter, **given)
    acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now)
    for one, state in zip(items, ("in_progress", "closed"), strict=True):
        ask_to_close(one, statement="完成", by=world.officer, now=world.now)
        grant_closure(one, conclusion="属实", by=world.office_head, now=world.now)
        matter.refresh_from_db()
        assert matter.state == state
    assert Event.objects.get(name="matters.closed", matter_id=matter.pk).data == {"by_work_items": True}
    reopen(items[0], reason="核查不实", by=world.office_head, now=world.now)
    matter.refresh_from_db()
    assert matter.state == "in_progress"


def test_splitting_is_refused(world, given):
    matter = world.started()
    two = [NewMatter(text="甲"), NewMatter(text="乙")]
    with pytest.raises(NotAllowed):
        split(matter, items=two, **{**given, "by": world.officer})
    with pytest.raises(Invalid):
        split(matter, items=two[:1], **given)
    with pytest.raises(Invalid):
        split(matter, items=[NewMatter(text="甲"), NewMatter(text="乙", due_on=date(2021, 6, 1))], **given)
    items = split(matter, items=two, **given)
    with pytest.raises(WrongState):
        split(items[0], items=two, **given)
    with pytest.raises(WrongState):
        split(world.draft(), items=two, **given)
    assert Matter.objects.exclude(parent=None).count() == 2


def test_carrying_over_ends_here_and_goes_on_there(world, given):
    matter = world.started(serial="7", supports=("住建局",))
    following = create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=world.now)
    carried = carry_over(matter, into=following, **given)
    matter.refresh_from_db()
    assert (matter.state, carried.state, carried.carried_from_id, carried.serial) == (
        "carried_over",
        "registered",
        matter.pk,
        "",
    )
    assert (carried.starts_on, carried.due_on, carried.note) == (
        date(2021, 1, 1),
        date(2021, 12, 31),
        "由2020年度第7项结转",
    )
    assert [one.unit.name for one in carried.assignments.order_by("order")] == ["教育局", "住建局"]
    assert owed(matter) == []
    assert names_of_events(matter_id=carried.pk) == ["matters.created"]
    assert assign_matters([carried], by=world.officer, now=world.now)[0].state == "assigned"


def test_carrying_over_is_refused(world, given):
    matter = world.started()
    following = create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        carry_over(matter, into=world.plan, **given)
    with pytest.raises(NotAllowed):
        carry_over(matter, into=following, **{**given, "by": world.liaison("教育局")})
    carry_over(matter, into=following, **given)
    with pytest.raises(WrongState):
        carry_over(matter, into=following, **given)


def test_terminating_waives_what_is_owed(world, given):
    matter = world.started()
    with pytest.raises(NotAllowed):
        terminate(matter, **{**given, "by": world.officer})
    with pytest.raises(Invalid):
        terminate(matter, **{**given, "approval": world.approval(basis="")})
    assert terminate(matter, **given).state == "terminated"
    assert (owed(matter), len(owed(matter, state="waived"))) == ([], 3)
    with pytest.raises(WrongState):
        terminate(matter, **given)


def test_suspended_matters_end_too(world, given):
    matter = world.started()
    suspend(matter, **given)
    ended = terminate(matter, **given)
    assert (ended.state, ended.state_before_pause) == ("terminated", "")


def test_nothing_changes_when_the_audit_fails(world, given, settings):
    matter = world.started()
    settings.AUDIT_KEY = None
    for verb in (
        lambda: adjust(matter, adjustment=Adjustment(text="甲"), **given),
        lambda: extend(matter, due_on=date(2021, 1, 31), **given),
        lambda: suspend(matter, **given),
        lambda: split(matter, items=[NewMatter(text="甲"), NewMatter(text="乙")], **given),
        lambda: terminate(matter, **given),
    ):
        with pytest.raises(TypeError):
            verb()
    matter.refresh_from_db()
    assert (matter.state, matter.text, matter.due_on) == ("in_progress", "新建小学1所。", date(2020, 12, 31))
    assert (MatterChange.objects.count(), Matter.objects.count()) == (0, 1)


def test_milestones_set_anew_keep_the_obligation_of_a_day_that_stays(world):
    matter = world.started(
        milestones=[NewMilestone("开工", date(2020, 4, 1), 10), NewMilestone("封顶", date(2020, 7, 1), 60)]
    )
    kept = matter.obligations.get(kind="milestone", due_on=date(2020, 4, 1)).pk
    with pytest.raises(NotAllowed):
        set_milestones(matter, milestones=[], reason="方案调整", by=world.liaison("教育局"), now=world.now)
    nodes = [NewMilestone("桩基完成", date(2020, 4, 1), 20), NewMilestone("竣工", date(2020, 10, 1), 100)]
    set_milestones(matter, milestones=nodes, reason="方案调整", by=world.officer, now=world.now)
    rows = matter.obligations.filter(kind="milestone", state="open").order_by("due_on")
    assert [(one.pk == kept, one.title) for one in rows] == [
        (True, "桩基完成（应完成 20%）"),
        (False, "竣工（应完成 100%）"),
    ]
    assert owed(matter, state="waived") == [("教育局", "milestone", "2020-07-01")]
    assert Event.objects.get(name="matters.milestones_set").data == {
        "before": ["2020-04-01 开工 10%", "2020-07-01 封顶 60%"],
        "after": ["2020-04-01 桩基完成 20%", "2020-10-01 竣工 100%"],
        "reason": "方案调整",
    }


def test_milestones_somebody_set_meanwhile_are_not_overwritten(world):
    matter = world.started()
    told = {"reason": "方案调整", "by": world.officer, "now": world.now}
    seen = seen_of(milestones_shown(matter.milestones.all()))
    set_milestones(matter, milestones=[NewMilestone("封顶", date(2020, 7, 1), 60)], seen=seen, **told)
    with pytest.raises(Conflict) as conflict:
        set_milestones(matter, milestones=[], seen=seen, **told)
    assert conflict.value.theirs == {"milestones": ["2020-07-01 封顶 60%"]}
    assert [one.title for one in matter.milestones.all()] == ["封顶"]
    assert Event.objects.filter(name="matters.milestones_set").count() == 1
    set_milestones(matter, milestones=[], seen=seen_of(conflict.value.theirs), **told)
    assert not matter.milestones.exists()


def test_adjusting_what_somebody_else_adjusted_meanwhile_is_refused(world, given):
    matter = world.started()
    adjust(matter, adjustment=Adjustment(text="新建小学2所。"), version=matter.version, **given)
    with pytest.raises(Conflict):
        adjust(matter, adjustment=Adjustment(text="新建小学3所。"), version=matter.version, **given)
    matter.refresh_from_db()
    assert (matter.text, matter.changes.count()) == ("新建小学2所。", 1)


def test_milestones_of_many_matters_cost_what_those_of_one_do(world, django_assert_num_queries):
    nodes = [NewMilestone("过半", date(2020, 7, 1), 50), NewMilestone("完成", date(2020, 12, 1), 100)]
    told = {"reason": "按月报送", "by": world.officer, "now": world.now}
    some = [world.started() for _ in range(4)]
    with django_assert_num_queries(29):  # eleven of them judge the lights
        set_milestones_of([(some[0], nodes)], **told)
    with django_assert_num_queries(29):
        set_milestones_of([(one, nodes) for one in some[1:]], **told)
    assert [one.milestones.count() for one in some] == [2, 2, 2, 2]
    with pytest.raises(WrongState):
        set_milestones_of([(some[0], []), (world.closed(), [])], **told)
    assert some[0].milestones.count() == 2
