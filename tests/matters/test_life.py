from datetime import date, timedelta

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.core.seen import seen_of
from duban.matters.actions import (
    Arrangement,
    NewAssignment,
    NewMatter,
    NewMilestone,
    acknowledge,
    ask_to_close,
    assign_matters,
    decide_refusal,
    give_arrangement,
    grant_closure,
    merge_units,
    name_contact,
    refuse,
    register_matters,
    reopen,
    return_closure,
    start,
    waive_obligation,
)
from duban.matters.models import Assignment, Matter, Obligation
from duban.matters.queries import arrangement_shown
from duban.matters.rules import Part
from duban.orgs.models import Person
from duban.orgs.rules import ContactRole
from tests.matters.builders import names_of_events, owed

pytestmark = pytest.mark.django_db


def test_assigning_makes_everything_owed(world):
    matter = world.assigned(
        leads=("教育局", "财政局"),
        supports=("住建局",),
        due_on=date(2020, 9, 30),
        milestones=[NewMilestone("开工", date(2020, 4, 30), 20)],
    )
    assert matter.state == "assigned"
    assert owed(matter) == [
        ("教育局", "milestone", "2020-04-30"),
        ("教育局", "report", "2020-06-20"),
        ("教育局", "final", "2020-09-30"),
        ("财政局", "final", "2020-09-30"),
        ("教育局", "report", "2020-12-20"),
    ]
    signatures = Obligation.objects.filter(kind="acknowledge").order_by("unit__name")
    assert [(one.unit.name, one.due_on, one.matter_id) for one in signatures] == [
        (name, date(2020, 2, 5), None) for name in ("住建局", "教育局", "财政局")
    ]
    assert Obligation.objects.filter(kind="contacts", due_on=date(2020, 2, 10)).count() == 3
    assert Event.objects.get(name="matters.assigned").data == {"leads": ["教育局", "财政局"], "supports": ["住建局"]}


def test_support_with_a_date_of_its_own_owes_by_it(world):
    parts = [
        NewAssignment(world.unit("教育局"), Part.LEAD),
        NewAssignment(world.unit("住建局"), Part.SUPPORT, due_on=date(2020, 5, 1)),
    ]
    drafts = world.drafts(NewMatter(text="甲", assignments=parts, origin="instruction"))
    registered = register_matters(drafts, approval=world.approval(), by=world.officer, now=world.now)
    matter = assign_matters(registered, by=world.officer, now=world.now)[0]
    assert owed(matter) == [("住建局", "final", "2020-05-01"), ("教育局", "final", "2020-12-31")]


def test_report_days_before_the_assignment_are_not_asked_for(world):
    matter = world.registered()
    assigned = assign_matters([matter], by=world.officer, now=world.now + timedelta(days=200))[0]
    assert owed(assigned) == [("教育局", "report", "2020-12-20"), ("教育局", "final", "2020-12-31")]


def test_signature_is_owed_once_per_unit_for_a_batch_and_again_for_a_later_one(world):
    first, second = world.registered(), world.registered()
    assign_matters([first, second], by=world.officer, now=world.now)
    assert Obligation.objects.filter(kind="acknowledge").count() == 1
    acknowledge(world.unit("教育局"), plan=world.plan, by=world.liaison("教育局"), now=world.now)
    assert list(Obligation.objects.filter(kind="acknowledge").values_list("state", "met_on")) == [
        ("met", world.now.date())
    ]
    world.assigned()
    assert Obligation.objects.filter(kind="acknowledge", state="open").count() == 1


def test_assigning_is_refused(world):
    matter = world.registered()
    with pytest.raises(NotAllowed):
        assign_matters([matter], by=world.liaison("教育局"), now=world.now)
    with pytest.raises(Invalid):
        assign_matters([], by=world.officer, now=world.now)
    with pytest.raises(WrongState):
        assign_matters([world.draft()], by=world.officer, now=world.now)
    with pytest.raises(Invalid) as refusal:
        assign_matters([world.registered(leads=(), serial="7")], by=world.officer, now=world.now)
    assert refusal.value.message == "第7项没有牵头单位，不能交办。"
    assign_matters([matter], by=world.officer, now=world.now)
    with pytest.raises(WrongState):
        assign_matters([matter], by=world.officer, now=world.now)
    assert Matter.objects.filter(state="assigned").count() == 1


def test_merging_lead_starts_the_matter_and_the_others_sign_for_themselves(world):
    matter = world.assigned(leads=("教育局", "财政局"), supports=("住建局",))
    for name, state in (("住建局", "assigned"), ("财政局", "assigned"), ("教育局", "in_progress")):
        acknowledge(world.unit(name), plan=world.plan, by=world.liaison(name), now=world.now)
        matter.refresh_from_db()
        assert matter.state == state
    assert Obligation.objects.filter(kind="acknowledge", state="met").count() == 3
    assert [event.data["started"] for event in Event.objects.filter(name="matters.acknowledged").order_by("pk")] == [
        False,
        False,
        True,
    ]


def test_signing_may_bring_the_arrangement(world):
    matter = world.assigned()
    arrangement = Arrangement("副局长甲", "科长乙", "分两批实施")
    rows = acknowledge(
        world.unit("教育局"),
        plan=world.plan,
        by=world.liaison("教育局"),
        now=world.now,
        arrangements={matter.pk: arrangement},
    )
    assert [(one.responsible_leader, one.responsible_person, one.measures) for one in rows] == [
        ("副局长甲", "科长乙", "分两批实施")
    ]


def test_signing_some_leaves_the_signature_owed(world):
    first, _second = world.assigned(), world.assigned()
    acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now, matters=[first])
    assert Obligation.objects.get(kind="acknowledge").state == "open"


def test_signing_is_refused(world):
    matter = world.assigned()
    with pytest.raises(NotAllowed):
        acknowledge(world.unit("教育局"), plan=world.plan, by=world.liaison("财政局"), now=world.now)
    with pytest.raises(NotAllowed):
        acknowledge(
            world.unit("教育局"), plan=world.plan, by=world.liaison("教育局", role="responsible"), now=world.now
        )
    with pytest.raises(WrongState):
        acknowledge(world.unit("财政局"), plan=world.plan, by=world.officer, now=world.now)
    acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now)
    with pytest.raises(WrongState):
        acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now)
    assert names_of_events(matter_id=matter.pk).count("matters.acknowledged") == 1


def test_nothing_changes_when_the_audit_fails(world, settings):
    matter = world.assigned()
    before = Obligation.objects.filter(state="open").count()
    settings.AUDIT_KEY = None
    with pytest.raises(TypeError):
        acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now)
    with pytest.raises(TypeError):
        start(matter, reason="电话签收", by=world.officer, now=world.now)
    matter.refresh_from_db()
    assert (matter.state, Obligation.objects.filter(state="open").count()) == ("assigned", before)
    assert Assignment.objects.filter(acknowledged_at__isnull=False).count() == 0


def test_arrangement_is_given_and_corrected_after_signing(world):
    matter = world.assigned(leads=("教育局", "财政局"))
    own = matter.assignments.get(unit=world.unit("财政局"))
    liaison = world.liaison("财政局")
    with pytest.raises(WrongState):
        give_arrangement(own, arrangement=Arrangement("甲"), by=liaison, now=world.now)
    acknowledge(world.unit("财政局"), plan=world.plan, by=liaison, now=world.now)
    given = give_arrangement(own, arrangement=Arrangement("甲", "乙", "丙"), by=liaison, now=world.now)
    assert (given.responsible_leader, given.responsible_person, given.measures) == ("甲", "乙", "丙")
    assert Event.objects.get(name="matters.arrangement_given").data["before"]["measures"] == ""
    with pytest.raises(NotAllowed):
        give_arrangement(own, arrangement=Arrangement("丁"), by=world.liaison("教育局"), now=world.now)


def test_arrangement_a_colleague_changed_meanwhile_is_not_overwritten(world):
    matter = world.started()
    own = matter.assignments.get()
    told = {"by": world.liaison("教育局"), "now": world.now}
    seen = seen_of(arrangement_shown(own))
    give_arrangement(own, arrangement=Arrangement("甲"), seen=seen, **told)
    with pytest.raises(Conflict) as conflict:
        give_arrangement(own, arrangement=Arrangement("乙"), seen=seen, **told)
    assert conflict.value.theirs == {"responsible_leader": "甲", "responsible_person": "", "measures": ""}
    own.refresh_from_db()
    assert own.responsible_leader == "甲"
    assert names_of_events(name="matters.arrangement_given") == ["matters.arrangement_given"]
    give_arrangement(own, arrangement=Arrangement("乙"), seen=seen_of(conflict.value.theirs), **told)
    own.refresh_from_db()
    assert own.responsible_leader == "乙"


def test_unit_refuses_once_and_the_office_turns_it_down(world):
    matter = world.assigned()
    own = matter.assignments.get()
    liaison = world.liaison("教育局")
    with pytest.raises(Invalid):
        refuse(own, reason=" ", by=liaison, now=world.now)
    with pytest.raises(NotAllowed):
        refuse(own, reason="不属本单位职责", by=world.liaison("财政局"), now=world.now)
    refuse(own, reason="不属本单位职责", by=liaison, now=world.now)
    with pytest.raises(WrongState):
        acknowledge(world.unit("教育局"), plan=world.plan, by=liaison, now=world.now)
    with pytest.raises(NotAllowed):
        decide_refusal(own, is_upheld=False, reason="职责明确", by=liaison, now=world.now)
    decide_refusal(own, is_upheld=False, reason="职责明确", by=world.officer, now=world.now)
    with pytest.raises(WrongState):
        decide_refusal(own, is_upheld=True, reason="职责明确", by=world.officer, now=world.now)
    with pytest.raises(WrongState):
        refuse(own, reason="不属本单位职责", by=liaison, now=world.now)
    acknowledge(world.unit("教育局"), plan=world.plan, by=liaison, now=world.now)
    matter.refresh_from_db()
    assert matter.state == "in_progress"
    assert names_of_events(matter_id=matter.pk)[-3:] == [
        "matters.refused",
        "matters.refusal_decided",
        "matters.acknowledged",
    ]


def test_refusal_upheld_hands_the_merging_on(world):
    matter = world.assigned(leads=("教育局", "财政局"))
    acknowledge(world.unit("财政局"), plan=world.plan, by=world.liaison("财政局"), now=world.now)
    own = matter.assignments.get(unit=world.unit("教育局"))
    refuse(own, reason="不属本单位职责", by=world.liaison("教育局"), now=world.now)
    decide_refusal(own, is_upheld=True, reason="理由成立", by=world.officer, now=world.now)
    matter.refresh_from_db()
    assert matter.state == "in_progress"
    assert matter.assignments.get(is_merging=True).unit.name == "财政局"
    assert owed(matter) == [
        ("财政局", "report", "2020-06-20"),
        ("财政局", "report", "2020-12-20"),
        ("财政局", "final", "2020-12-31"),
    ]
    assert {one[0] for one in owed(matter, state="waived")} == {"教育局"}
    assert Obligation.objects.get(kind="acknowledge", unit=world.unit("教育局")).state == "met"


def test_merging_is_handed_on_again_when_a_decision_was_read_before_the_last(world):
    matter = world.assigned(leads=("教育局", "财政局", "交通局"))
    first, second, _ = matter.assignments.order_by("order")
    for own in (first, second):
        refuse(own, reason="不属本单位职责", by=world.liaison(own.unit.name), now=world.now)
    for own in (first, second):  # the second as it was read while the first still merged
        decide_refusal(own, is_upheld=True, reason="理由成立", by=world.officer, now=world.now)
    assert matter.assignments.get(is_merging=True).unit.name == "交通局"


def test_only_lead_cannot_leave(world):
    own = world.assigned().assignments.get()
    refuse(own, reason="不属本单位职责", by=world.liaison("教育局"), now=world.now)
    with pytest.raises(WrongState) as refusal:
        decide_refusal(own, is_upheld=True, reason="理由成立", by=world.officer, now=world.now)
    assert "唯一的牵头单位" in refusal.value.message
    own.refresh_from_db()
    assert (own.refusal_upheld, own.ended_at) == (None, None)


def test_office_may_start_a_matter_signed_for_by_telephone(world):
    matter = world.assigned()
    with pytest.raises(NotAllowed):
        start(matter, reason="电话签收", by=world.liaison("教育局"), now=world.now)
    with pytest.raises(Invalid):
        start(matter, reason="", by=world.officer, now=world.now)
    assert start(matter, reason="电话签收", by=world.officer, now=world.now).state == "in_progress"
    with pytest.raises(WrongState):
        start(matter, reason="电话签收", by=world.officer, now=world.now)


def test_closure_asked_returned_asked_granted(world):
    matter = world.started(milestones=[NewMilestone("开工", date(2020, 4, 30), 20)])
    head = world.liaison("教育局", role="unit_head")
    with pytest.raises(NotAllowed):
        ask_to_close(matter, statement="完成", by=world.liaison("教育局"), now=world.now)
    with pytest.raises(NotAllowed):
        ask_to_close(matter, statement="完成", by=world.liaison("财政局", role="unit_head"), now=world.now)
    assert ask_to_close(matter, statement="完成", by=head, now=world.now).state == "closing"
    with pytest.raises(WrongState):
        ask_to_close(matter, statement="完成", by=head, now=world.now)
    with pytest.raises(NotAllowed):
        return_closure(matter, reasons="证据不足", by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        return_closure(matter, reasons="", by=world.office_head, now=world.now)
    returned = return_closure(matter, reasons="证据不足", by=world.office_head, now=world.now)
    assert (returned.state, returned.closing_asked_at) == ("in_progress", None)
    with pytest.raises(WrongState):
        grant_closure(matter, conclusion="属实", by=world.office_head, now=world.now)
    ask_to_close(matter, statement="补齐了证据", by=head, now=world.now + timedelta(days=1))
    with pytest.raises(NotAllowed):
        grant_closure(matter, conclusion="属实", by=world.officer, now=world.now)
    closed = grant_closure(matter, conclusion="属实", by=world.office_head, now=world.now + timedelta(days=3))
    assert (closed.state, closed.closed_by_name, closed.first_closed_on) == ("closed", "主任甲", date(2020, 2, 6))
    met = matter.obligations.filter(state="met").order_by("kind").values_list("kind", "met_on")
    assert list(met) == [("final", date(2020, 2, 4)), ("milestone", date(2020, 2, 4))]
    assert owed(matter) == []
    assert matter.obligations.filter(state="waived", waived_reason="已销号").count() == 2
    assert names_of_events(matter_id=matter.pk)[-4:] == [
        "matters.closure_asked",
        "matters.closure_returned",
        "matters.closure_asked",
        "matters.closed",
    ]


def test_reopening_keeps_the_first_date_and_owes_again(world):
    matter = world.closed()
    later = world.now + timedelta(days=30)
    with pytest.raises(NotAllowed):
        reopen(matter, reason="核查不实", by=world.officer, now=later)
    with pytest.raises(Invalid):
        reopen(matter, reason="核查不实", due_on=date(2020, 1, 1), by=world.office_head, now=later)
    reopened = reopen(matter, reason="核查不实", by=world.office_head, now=later)
    assert (reopened.state, reopened.closed_at, reopened.first_closed_on) == ("in_progress", None, date(2020, 2, 3))
    assert [one[1] for one in owed(matter)] == ["report", "report", "final"]
    with pytest.raises(WrongState):
        reopen(matter, reason="核查不实", by=world.office_head, now=later)
    ask_to_close(reopened, statement="再次完成", by=world.officer, now=later)
    again = grant_closure(reopened, conclusion="属实", by=world.office_head, now=later)
    assert (again.first_closed_on, again.changes.get().kind) == (date(2020, 2, 3), "reopen")


def test_naming_both_contacts_meets_what_is_owed(world):
    world.assigned()
    unit = world.unit("教育局")
    for role in (ContactRole.LIAISON, ContactRole.DEPUTY):
        assert Obligation.objects.get(kind="contacts").state == "open"
        person = Person.objects.create(jurisdiction=world.county, name=role, pinyin="x", initials="x")
        name_contact(unit, role=role, person=person, from_on=world.now.date(), by=world.officer, now=world.now)
    assert Obligation.objects.get(kind="contacts").state == "met"


@pytest.mark.parametrize("is_named_first", [True, False])
def test_contacts_of_the_survivor_answer_for_a_unit_merged_into_it(world, is_named_first):
    world.assigned(leads=("教育局", "财政局"))
    unit, survivor = world.unit("教育局"), world.unit("财政局")
    told = {"by": world.officer, "now": world.now}
    if not is_named_first:
        merge_units(unit, into=survivor, **told)
        assert {one.state for one in Obligation.objects.filter(kind="contacts")} == {"open"}
    for role in (ContactRole.LIAISON, ContactRole.DEPUTY):
        person = Person.objects.create(jurisdiction=world.county, name=role, pinyin="x", initials="x")
        name_contact(survivor, role=role, person=person, from_on=world.now.date(), **told)
    if is_named_first:
        assert Obligation.objects.get(kind="contacts", unit=unit).state == "open"
        merge_units(unit, into=survivor, **told)
    assert [one.state for one in Obligation.objects.filter(kind="contacts")] == ["met", "met"]


def test_waiving_needs_approval_and_a_reason(world):
    matter = world.assigned()
    one = matter.obligations.filter(kind="report").order_by("due_on")[0]
    with pytest.raises(NotAllowed):
        waive_obligation(one, reason="疫情", by=world.officer, now=world.now)
    with pytest.raises(Invalid):
        waive_obligation(one, reason="", by=world.office_head, now=world.now)
    waive_obligation(one, reason="疫情期间免报", by=world.office_head, now=world.now)
    with pytest.raises(WrongState):
        waive_obligation(one, reason="疫情期间免报", by=world.office_head, now=world.now)
    assert names_of_events(matter_id=matter.pk)[-1] == "matters.obligation_waived"


def test_nobody_asks_to_close_a_matter_that_no_lead_merges(world):
    matter = world.started()
    matter.assignments.update(is_merging=False)
    for actor in (world.officer, world.liaison("财政局", role="unit_head")):
        with pytest.raises(WrongState):
            ask_to_close(matter, statement="已经完成。", by=actor, now=world.now)
