"""Another policy: what it would do is what it does, and what turns because of it says so."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from duban.core.actor import SYSTEM
from duban.lights.actions import judge, tick
from duban.lights.models import LightTurn
from duban.lights.queries import turns_by_policy
from duban.matters.actions import adopt_policy
from duban.matters.models import Matter, Plan
from duban.matters.policy import figures_json
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


def turned(policy) -> set:
    rows = LightTurn.objects.filter(policy=policy)
    return {(one.matter_id, one.before, one.light) for one in rows}


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
