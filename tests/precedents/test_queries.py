"""Earlier matters beside a new one, and how a year went."""

from datetime import date, timedelta

import pytest

from duban.lights.models import LightTurn
from duban.matters.actions import NewMatter, NewMilestone, create_matters, create_plan, extend
from duban.matters.models import Matter, Obligation, Overseer, Plan
from duban.obstacles.actions import raise_obstacle
from duban.precedents.queries import (
    before_plan,
    before_year,
    corpus_of,
    matters_led,
    nodes_of,
    similar_matters,
    year_facts,
)

pytestmark = pytest.mark.django_db


def told(world, who=None):
    return {"by": who or world.office_head, "now": world.now}


def following(world, year=2021) -> Plan:
    plan = create_plan(world.county, year=year, title=f"{year}年度台账", **told(world))
    return Plan.objects.select_related("policy").get(pk=plan.pk)


def asked(world, text, *, by=None, **more):
    found = similar_matters(by or world.officer, before=before_plan(following(world)), text=text, **more)
    return [one.id for one in found]


def test_earlier_matter_is_told_with_how_it_went(world):
    nodes = [NewMilestone("主体封顶", date(2020, 6, 30), 60), NewMilestone("投用", date(2020, 11, 30), 100)]
    matter = world.started(text="新建公办幼儿园3所。", serial="7", due_on=date(2020, 11, 30), milestones=nodes)
    leader = world.post(None, "副区长", holder="吴一", kind="leader")
    Overseer.objects.create(matter=matter, post=leader)
    unit = world.unit("教育局")
    raise_obstacle(
        matter, unit=unit, problem="用地未批。", need="请协调。", to=leader, **told(world, world.liaison("教育局"))
    )
    given = {"reason": "疫情影响。", "approval": world.approval(), **told(world)}
    extend(matter, due_on=date(2020, 12, 31), **given)
    (node_owed, _) = Obligation.objects.filter(matter=matter, kind="milestone").order_by("due_on")
    Obligation.objects.filter(pk=node_owed.pk).update(state="met", met_on=date(2020, 7, 3))
    before = before_plan(following(world))
    (found,) = similar_matters(world.officer, before=before, text="续建公办幼儿园5所。")
    assert (found.id, found.year, found.serial, found.lead) == (matter.pk, 2020, "7", "教育局")
    assert [(one.title, one.met_on) for one in found.nodes] == [("主体封顶", date(2020, 7, 3)), ("投用", None)]
    assert (found.obstacles, found.extensions, found.letters, found.closed_on) == (("用地未批。",), 1, 0, None)


def test_other_things_are_not_shown(world):
    world.started(text="整治生活污水5处。")
    assert asked(world, "新建公办幼儿园5所。") == []


def test_the_same_unit_and_field_come_first(world):
    one = world.started(text="新建公办幼儿园3所。", field="城乡建设")
    other = world.registered(text="新建公办幼儿园4所。", field="教育", leads=("住建局",))
    plan = following(world)
    before = before_plan(plan)

    def order(**more):
        return [each.id for each in similar_matters(world.officer, before=before, text="续建公办幼儿园。", **more)]

    assert order(field="教育") == [other.pk, one.pk]
    assert order(unit_ids=[world.unit("教育局").pk]) == [one.pk, other.pk]
    assert order(field="教育", unit_ids=[world.unit("教育局").pk]) == [one.pk, other.pk]


def test_a_unit_is_shown_its_own_earlier_matters_only(world):
    own = world.started(text="新建公办幼儿园3所。")
    world.assigned(text="新建公办幼儿园4所。", leads=("住建局",))
    assert asked(world, "续建公办幼儿园。", by=world.liaison("教育局")) == [own.pk]


def test_as_far_back_as_the_policy_looks(world):
    world.started(text="新建公办幼儿园3所。")
    near, far = following(world, 2023), following(world, 2024)
    assert [len(before_plan(one).plan_ids) for one in (near, far)] == [1, 1]
    assert before_plan(far).plan_ids == (near.pk,)
    assert similar_matters(world.officer, before=before_plan(far), text="续建公办幼儿园。") == []
    assert before_year(world.county.pk, year=2020) is None
    assert before_year(world.county.pk, year=2021).plan_ids == (world.plan.pk,)


def test_texts_are_laid_out_anew_once_they_change(world):
    matter = world.started(text="新建公办幼儿园3所。")
    known = corpus_of([world.plan.pk])
    assert corpus_of([world.plan.pk]) is known
    world.started(text="新建农村公路20公里。")
    assert len(corpus_of([world.plan.pk])) == 2
    Matter.objects.filter(pk=matter.pk).update(text="别的事。")
    assert [one.id for one in corpus_of([world.plan.pk]).like("公办幼儿园", least=0.3, most=1)] == []


def test_what_is_kept_is_never_shown_for_other_texts_under_the_same_keys(world):
    """As in another database, or after one was restored: the same ids, counts and versions, other words."""
    matter = world.started(text="新建公办幼儿园3所。")
    stood = Matter.objects.filter(pk=matter.pk).values("pk", "version").get()
    corpus_of([world.plan.pk])
    Matter.objects.filter(pk=matter.pk).update(text="新建农村公路20公里。")
    assert Matter.objects.filter(pk=matter.pk).values("pk", "version").get() == stood
    (found,) = corpus_of([world.plan.pk]).like("农村公路", least=0.3, most=1)
    assert found.id == matter.pk


@pytest.mark.parametrize("number", [1, 3])
def test_looking_for_precedents_costs_the_same_however_many_there_are(world, number, django_assert_num_queries):
    for place in range(number):
        world.started(text=f"新建公办幼儿园{place}所。")
    before = before_plan(following(world))
    corpus_of(before.plan_ids)
    with django_assert_num_queries(9):
        assert len(similar_matters(world.officer, before=before, text="续建公办幼儿园。")) == number


def test_late_is_what_the_lead_was_late_with_not_the_office(world):
    """The lead asked in time; that the office looked at it for some days more is not its lateness."""
    one, other = world.closed(text="新建公办幼儿园3所。"), world.closed(text="新建公办幼儿园4所。")
    Matter.objects.update(starts_on=date(2020, 1, 1), due_on=date(2020, 1, 31))
    Obligation.objects.filter(matter=other, kind="final").update(met_on=date(2021, 1, 3))
    found = similar_matters(world.officer, before=before_plan(following(world)), text="续建公办幼儿园。")
    assert {each.id: each.is_late for each in found} == {one.pk: False, other.pk: True}


def test_what_a_unit_led_is_told_in_the_order_of_the_ledger_with_how_it_went(world):
    first, second = world.closed(serial="1"), world.started(serial="2", supports=("住建局",))
    world.assigned(serial="3", leads=("住建局",))
    world.draft(serial="4")
    units = [world.unit("教育局").pk]
    found = matters_led(world.officer, plan=world.plan, unit_ids=units)
    assert [(one.id, one.state, one.lead) for one in found] == [
        (first.pk, "closed", "教育局"),
        (second.pk, "in_progress", "教育局"),
    ]
    own = matters_led(world.liaison("教育局"), plan=world.plan, unit_ids=units)
    assert [one.id for one in own] == [first.pk, second.pk]
    assert matters_led(world.liaison("住建局"), plan=world.plan, unit_ids=[world.unit("财政局").pk]) == []


@pytest.mark.parametrize("number", [1, 3])
def test_what_a_unit_led_costs_the_same_however_many(world, number, django_assert_num_queries):
    for _ in range(number):
        world.closed()
    units = [world.unit("教育局").pk]
    with django_assert_num_queries(8):
        assert len(matters_led(world.officer, plan=world.plan, unit_ids=units)) == number


def test_drafts_and_work_items_are_no_precedents(world):
    world.draft(text="新建公办幼儿园3所。")
    assert asked(world, "续建公办幼儿园。") == []


def test_nodes_of_many_matters_take_two_statements(world, django_assert_num_queries):
    nodes = [NewMilestone("主体封顶", date(2020, 6, 30), 60)]
    ids = [world.started(milestones=nodes).pk for _ in range(3)]
    with django_assert_num_queries(2):
        assert set(nodes_of(ids)) == set(ids)


# ── a year ──


def facts(world, until=date(2020, 12, 31), **more):
    return year_facts(world.plan, until=until, **more)


def test_matters_are_counted_once_where_they_stand(world):
    world.closed(field="教育", due_on=date(2020, 12, 31))
    late = world.closed(field="教育", due_on=date(2020, 12, 31))
    Obligation.objects.filter(matter=late, kind="final", state="met").update(met_on=date(2021, 1, 3))
    world.started(field="交通")
    world.draft(field="教育")
    found = facts(world)
    tally = found.by_unit[world.unit("教育局").pk]
    assert (tally.matters, tally.in_time, tally.late, tally.undone) == (3, 1, 1, 1)
    assert {name: one.matters for name, one in found.by_field.items()} == {"教育": 2, "交通": 1}


def test_days_in_red_reports_and_extensions_are_counted(world):
    matter = world.started()
    reports = Obligation.objects.filter(matter=matter, kind="report").order_by("due_on")
    Obligation.objects.filter(pk=reports[0].pk).update(state="met", met_on=date(2020, 6, 25))
    given = {"reason": "疫情影响。", "approval": world.approval(), **told(world)}
    extend(matter, due_on=matter.due_on + timedelta(days=30), **given)
    LightTurn.objects.filter(matter=matter).delete()
    for day, light in (("2020-03-01", "red"), ("2020-03-11", "green")):
        LightTurn.objects.create(matter=matter, day=day, light=light)
    tally = facts(world).by_unit[world.unit("教育局").pk]
    assert (tally.red_matters, tally.red_days, tally.extensions) == (1, 10, 1)
    assert (tally.reports, tally.reports_late, tally.reports_missing) == (2, 1, 1)


def test_a_report_let_go_before_its_day_was_not_owed_one_let_go_after_it_is_missing(world):
    matter = world.started()
    first, second = Obligation.objects.filter(matter=matter, kind="report").order_by("due_on")
    before, after = world.now.replace(month=6, day=1), world.now.replace(year=2021, month=1, day=5)
    for one, at in ((first, before), (second, after)):
        Obligation.objects.filter(pk=one.pk).update(state="waived", waived_reason="免报。", ended_at=at)
    tally = facts(world).by_unit[world.unit("教育局").pk]
    assert (tally.reports, tally.reports_missing) == (1, 1)


def test_only_the_units_asked_for(world):
    world.started()
    world.assigned(leads=("住建局",))
    found = facts(world, unit_ids=[world.unit("住建局").pk])
    assert set(found.by_unit) == {world.unit("住建局").pk}
    assert sum(one.matters for one in found.by_field.values()) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_a_year_costs_the_same_however_many_matters(world, number, django_assert_num_queries):
    for _ in range(number):
        world.closed()
    plan = Plan.objects.select_related("policy").get(pk=world.plan.pk)
    with django_assert_num_queries(8):
        year_facts(plan, until=date(2020, 12, 31))


def test_units_that_merge_nothing_are_not_there(world):
    create_matters(world.plan, matters=[NewMatter(text="无人牵头。")], **told(world))
    assert facts(world).by_unit == {}
