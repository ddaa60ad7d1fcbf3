from datetime import date, timedelta

import pytest

from duban.core.actor import Actor, Held
from duban.core.errors import NotFound
from duban.matters.actions import (
    NewAssignment,
    NewMatter,
    NewOverseer,
    acknowledge,
    assign_matters,
    create_plan,
    refuse,
    register_matters,
    suspend,
)
from duban.matters.queries import (
    current_plan,
    matter_for,
    matter_page,
    matters_of_unit,
    open_obligations,
    plan_counts,
    unsigned_assignments,
)
from duban.matters.rules import Part, State
from tests.conftest import holder

pytestmark = pytest.mark.django_db


def test_plan_counts_never_pass_off_what_is_there_as_the_total(world):
    world.drafts(NewMatter(text="甲", serial="2"), NewMatter(text="乙", serial="4"))
    world.drafts(NewMatter(text="丙", origin="instruction"))
    counts = plan_counts(world.plan)
    assert (counts.text, counts.others, counts.by_state[State.DRAFT]) == ("2 / 5 项，缺 1、3、5", 1, 3)


def test_serial_that_stands_twice_counts_once(world):
    world.drafts(NewMatter(text="甲", serial="2"), NewMatter(text="乙", serial="2"), NewMatter(text="丙", serial=""))
    assert plan_counts(world.plan).text == "2 / 5 项，缺 1、3–5"


def test_current_plan_is_the_latest_that_has_begun(world):
    create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=world.now)
    assert current_plan(world.officer, today=date(2020, 6, 1)) == world.plan
    assert current_plan(world.officer, today=date(2022, 6, 1)).year == 2021
    assert current_plan(world.officer, today=date(2020, 6, 1), year=2021).year == 2021
    assert current_plan(world.officer, today=date(2020, 6, 1), year=1999) is None
    assert current_plan(holder("audit_admin"), today=date(2020, 6, 1)) is None


def test_who_sees_a_matter(world, system_admin, auditor):
    draft, matter = world.draft(), world.assigned(leads=("教育局",), supports=("财政局",))
    assert matter_for(world.officer, draft.pk) == draft
    for actor in (world.liaison("教育局"), world.liaison("财政局")):
        assert matter_for(actor, matter.pk) == matter
    for actor in (world.liaison("住建局"), system_admin, auditor):
        with pytest.raises(NotFound):
            matter_for(actor, matter.pk)
    with pytest.raises(NotFound):
        matter_for(world.liaison("教育局"), draft.pk)


def test_a_unit_sees_its_own_business_only_and_the_merging_lead_sees_all(world):
    matter = world.assigned(leads=("教育局", "财政局"), supports=("住建局",))
    refuse(
        matter.assignments.get(unit=world.unit("财政局")),
        reason="不属本单位",
        by=world.liaison("财政局"),
        now=world.now,
    )
    acknowledge(world.unit("住建局"), plan=world.plan, by=world.liaison("住建局"), now=world.now)
    support = matter_page(world.liaison("住建局"), matter.pk, today=world.now.date())
    assert (support.scope.is_whole, support.obligations) == (False, [])
    assert [one.name for one in support.events] == [
        "matters.acknowledged",
        "matters.assigned",
        "matters.registered",
        "matters.created",
    ]
    merging = matter_page(world.liaison("教育局"), matter.pk, today=world.now.date())
    assert (merging.scope.is_whole, len(merging.obligations)) == (True, 4)
    assert [one.name for one in merging.events][:2] == ["matters.acknowledged", "matters.refused"]


def test_neighbours_follow_the_ledger_and_stay_within_what_is_seen(world):
    first, middle, last = (
        world.assigned(serial=serial, leads=(unit,), order=order)
        for serial, unit, order in (("1", "教育局", 1), ("2", "财政局", 2), ("3", "教育局", 3))
    )
    page = matter_page(world.officer, middle.pk, today=world.now.date())
    assert (page.previous, page.following) == (first, last)
    page = matter_page(world.liaison("教育局"), first.pk, today=world.now.date())
    assert (page.previous, page.following) == (None, last)


@pytest.mark.parametrize("number", [1, 3])
def test_a_page_costs_the_same_whatever_hangs_on_it(world, number, django_assert_num_queries):
    leads = tuple(f"单位{one}" for one in range(number))
    matter = world.assigned(leads=leads, supports=tuple(f"协办{one}" for one in range(number)))
    with django_assert_num_queries(8):
        matter_page(world.officer, matter.pk, today=world.now.date())


def test_what_is_owed_leaves_suspended_matters_out(world):
    matter, other = world.started(), world.started()
    suspend(matter, reason="等待规划", approval=world.approval(), by=world.office_head, now=world.now)
    owed = open_obligations([world.unit("教育局").pk])
    assert {one.matter_id for one in owed if one.matter_id} == {other.pk}
    assert [one.kind for one in owed] == ["contacts", "report", "report", "final"]


def test_unsigned_assignments_leave_a_pending_refusal_out(world):
    matter, other = world.assigned(), world.assigned()
    unit = world.unit("教育局")
    refuse(matter.assignments.get(), reason="不属本单位", by=world.liaison("教育局"), now=world.now)
    assert [one.matter for one in unsigned_assignments([unit.pk], plan=world.plan)] == [other]


def test_matters_of_a_unit_and_of_those_merged_into_it(world):
    old, new = world.unit("教育局"), world.unit("教育体育局")
    matter = world.assigned()
    support = world.assigned(leads=("财政局",), supports=("教育体育局",))
    old.merged_into, old.merged_at = new, world.now + timedelta(days=1)
    old.save()
    assert list(matters_of_unit(world.officer, new)) == [matter, support]
    assert list(matters_of_unit(world.officer, new, part=Part.LEAD)) == [matter]
    assert list(matters_of_unit(world.liaison("住建局"), new)) == []


def test_leader_sees_all_of_what_is_overseen(world):
    post = world.post(None, "副区长甲", "冯三", kind="leader")
    drafts = world.drafts(
        NewMatter(
            text="甲", assignments=[NewAssignment(world.unit("教育局"), Part.LEAD)], overseers=[NewOverseer(post)]
        )
    )
    registered = register_matters(drafts, approval=world.approval(), by=world.officer, now=world.now)
    matter = assign_matters(registered, by=world.officer, now=world.now)[0]
    held = Held(role="leader", jurisdiction_id=world.county.pk, post_ids=frozenset({post.pk}))
    page = matter_page(Actor(name="冯三", held=(held,)), matter.pk, today=world.now.date())
    assert page.scope.is_whole
