"""Another policy: what it would do is what it does, and what turns because of it says so."""

import random
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from duban.core.actor import SYSTEM
from duban.lights.actions import judge, reconcile, tick
from duban.lights.models import LightTurn
from duban.lights.queries import effect_of, standing_as_of, turns_by_policy
from duban.matters import actions as acts
from duban.matters.actions import NewMilestone, adopt_policy
from duban.matters.models import Matter, Plan
from duban.matters.policy import figures_json, figures_of, presets
from duban.matters.queries import policy_of
from duban.matters.rules import Forecast, Kind, Light
from duban.progress.actions import Said, enter_progress

pytestmark = pytest.mark.django_db

DAY = date(2020, 3, 10)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


def begun(world, **more) -> Matter:
    given = {"starts_on": date(2020, 1, 1), "due_on": date(2020, 12, 31), "kind": Kind.QUANTIFIED, **more}
    return world.started(**given)


def say(world, matter, pct, *, on: date = DAY, hour: int = 10, forecast=None):
    said = Said(pct=None if pct is None else Decimal(pct), forecast=forecast, sentence="按实际情况填报。")
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=at(on, hour))


def figures_now(world):
    plan = Plan.objects.select_related("policy").get(pk=world.plan.pk)
    return plan, policy_of(plan)


def adopt(world, *, on: date = DAY, hour: int = 11, **lights):
    plan, figures = figures_now(world)
    changed = figures_json(replace(figures, lights=replace(figures.lights, **lights)))
    told = {"reason": "试行一段", "by": world.office_head, "now": at(on, hour), "version": plan.policy.number}
    return adopt_policy(plan, figures=changed, **told)


def effect(world, **lights):
    plan, figures = figures_now(world)
    return effect_of(plan, figures=replace(figures.lights, **lights), today=DAY)


def turning_days() -> dict:
    return {pk: (yellow, red) for pk, yellow, red in Matter.objects.values_list("pk", "yellow_on", "red_on")}


def turned(policy) -> set:
    rows = LightTurn.objects.filter(policy=policy)
    return {(one.matter_id, one.before, one.light) for one in rows}


CHANGES = {
    "tighter": {"gap_yellow_points": 3, "gap_red_points": 8},
    "looser": {"gap_yellow_points": 60, "gap_red_points": 90},
    "by quarter": {"schedule": "quarter"},
    "graceless": {"node_grace_workdays": 0, "report_grace_workdays": 0, "yellow_month_ends_to_red": 1},
    **{
        key: {
            "gap_judged": one.lights.gap_judged,
            "windows_judged": one.lights.windows_judged,
            "warning_windows": one.lights.warning_windows,
            "schedule": one.lights.schedule,
        }
        for key, one in ((key, figures_of(preset.values)) for key, preset in presets().items())
        if key != "default"
    },
}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_a_policy_would_do_is_what_adopting_it_does(world, change):
    chance = random.Random(change)
    kinds = [Kind.QUANTIFIED, Kind.MILESTONE, Kind.CONTINUING]
    for number in range(12):
        matter = begun(world, kind=kinds[number % 3], due_on=date(2020, chance.randint(3, 12), 15))
        if number % 4:
            forecast = chance.choice([Forecast.ON_TIME, Forecast.ON_TIME, Forecast.STRAINED])
            say(world, matter, str(chance.randint(0, 60)), on=date(2020, 2, chance.randint(4, 28)), forecast=forecast)
        if number % 3 == 1:
            nodes = [NewMilestone("开工", date(2020, 3, chance.randint(1, 20)), 70)]
            acts.set_milestones(matter, milestones=nodes, reason="明确节点", by=world.officer, now=at(date(2020, 2, 5)))
    tick(DAY, by=SYSTEM, now=at(DAY, 1))
    before, days = dict(Matter.objects.values_list("pk", "light")), turning_days()
    told = effect(world, **CHANGES[change])

    policy = adopt(world, **CHANGES[change])

    after, later_days = dict(Matter.objects.values_list("pk", "light")), turning_days()
    assert told.turns
    assert {(one.matter_id, one.before.light, one.after.light) for one in told.turns} == {
        (pk, before[pk], after[pk]) for pk in after if after[pk] != before[pk]
    }
    moved = sum(1 for pk in after if after[pk] == before[pk] and later_days[pk] != days[pk])
    assert (told.judged, told.moved) == (12, moved)
    for one in told.turns:
        matter = Matter.objects.get(pk=one.matter_id)
        assert (matter.yellow_on, matter.red_on) == (one.after.yellow_on, one.after.red_on)
        assert standing_as_of([matter.pk], day=DAY)[matter.pk].light == one.after.light
    ended = [row for row in LightTurn.objects.filter(day=DAY) if after[row.matter_id] != before[row.matter_id]]
    assert {one.policy_id for one in ended} <= {policy.pk}
    assert reconcile(by=SYSTEM, now=at(DAY, 23)) == []


def test_a_turn_that_a_policy_caused_names_it_and_others_do_not(world):
    steady, failing = begun(world), begun(world)
    for matter in (steady, failing):
        say(world, matter, "15", on=date(2020, 2, 20))
    tick(DAY, by=SYSTEM, now=at(DAY, 1))
    say(world, failing, None, hour=10, forecast=Forecast.STRAINED)
    policy = adopt(world, gap_yellow_points=3)
    assert turned(policy) == {(steady.pk, "green", "yellow")}
    assert LightTurn.objects.get(matter=failing, day=DAY).policy is None
    assert turns_by_policy([policy.pk]) == {policy.pk: [(Light.GREEN, Light.YELLOW, 1)]}
    # judged again the same day, for whatever reason, the turn stays what it was
    judge([steady.pk, failing.pk], by=SYSTEM, now=at(DAY, 12))
    assert turned(policy) == {(steady.pk, "green", "yellow")}
    # a fact that turns it further is no doing of the policy
    say(world, steady, None, hour=13, forecast=Forecast.UNLIKELY)
    assert turned(policy) == set()
    assert LightTurn.objects.get(matter=steady, day=DAY).light == "red"


def test_what_would_have_turned_that_day_anyway_is_no_doing_of_the_policy(world):
    matter = begun(world)  # yellow on 7 February by the straight line
    policy = adopt(world, on=date(2020, 2, 7), gap_yellow_points=9)  # the round of the day has not been made yet
    assert Matter.objects.get(pk=matter.pk).light == "yellow"
    assert turned(policy) == set()


def test_a_policy_taken_back_the_same_day_leaves_no_turn(world):
    matter = begun(world)
    say(world, matter, "15", on=date(2020, 2, 20))
    tick(DAY, by=SYSTEM, now=at(DAY, 1))
    first = adopt(world, gap_yellow_points=3)
    second = adopt(world, gap_yellow_points=10, hour=12)
    assert (turned(first), turned(second), Matter.objects.get(pk=matter.pk).light) == (set(), set(), "green")


@pytest.mark.parametrize("number", [1, 3])
def test_looking_costs_the_same_however_many_matters(world, number, django_assert_num_queries):
    for _ in range(number):
        begun(world)
    plan, figures = figures_now(world)
    with django_assert_num_queries(4):  # the calendar, matters, nodes, what is owed
        told = effect_of(plan, figures=replace(figures.lights, gap_yellow_points=25), today=DAY)
    assert len(told.turns) == number


def test_matters_of_another_plan_and_those_without_a_light_are_left_out(world):
    begun(world)
    world.closed(starts_on=date(2020, 1, 1), due_on=date(2020, 12, 31))
    acts.create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=world.now)
    plan = Plan.objects.select_related("policy").get(year=2021)
    assert effect(world, gap_yellow_points=3).judged == 1
    assert effect_of(plan, figures=policy_of(plan).lights, today=DAY).judged == 0
