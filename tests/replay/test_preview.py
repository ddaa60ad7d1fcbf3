"""What adopting a policy would do today is what adopting it does: its lights, and the letters of the day."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from duban.core.actor import SYSTEM
from duban.letters.actions import draft_letters
from duban.letters.models import Letter
from duban.letters.rules import LetterKind
from duban.lights.actions import reconcile, tick
from duban.lights.models import LightTurn
from duban.lights.queries import standing_as_of
from duban.matters import actions as acts
from duban.matters.actions import NewMilestone, adopt_policy
from duban.matters.models import Matter, Plan
from duban.matters.policy import figures_json, figures_of, presets
from duban.matters.queries import policy_of
from duban.matters.rules import Forecast, Kind
from duban.replay.queries import effect_of
from duban.replay.rules import Answers
from tests.letters.builders import at as at_day
from tests.lights.test_policy import DAY, adopt, at, begun, figures_now, say
from tests.replay.builders import FIRST, begin, changed, live, undone

pytestmark = pytest.mark.django_db


def effect(world, **lights):
    plan, figures = figures_now(world)
    return effect_of(plan, figures=replace(figures, lights=replace(figures.lights, **lights)), now=at(DAY, 11))


def turning_days() -> dict:
    return {pk: (yellow, red) for pk, yellow, red in Matter.objects.values_list("pk", "yellow_on", "red_on")}


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
        matter = begun(world, kind=kinds[number % 3], due_on=date(2020, chance.randint(4, 12), 15))
        if number % 3 == 1:
            nodes = [NewMilestone("开工", date(2020, 3, chance.randint(1, 20)), 70)]
            acts.set_milestones(matter, milestones=nodes, reason="明确节点", by=world.officer, now=at(date(2020, 2, 3)))
        if number % 4:
            forecast = chance.choice([Forecast.ON_TIME, Forecast.ON_TIME, Forecast.STRAINED])
            say(world, matter, str(chance.randint(0, 60)), on=date(2020, 2, chance.randint(4, 28)), forecast=forecast)
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


@pytest.mark.parametrize("number", [1, 3])
def test_looking_costs_the_same_however_many_matters(world, number, django_assert_num_queries):
    for _ in range(number):
        begun(world)
    plan, figures = figures_now(world)
    other = replace(figures, lights=replace(figures.lights, gap_yellow_points=25))
    with django_assert_num_queries(15):  # the past: facts, what was owed, closures, letters, policies, calendars
        told = effect_of(plan, figures=other, now=at(DAY, 11))
    assert len(told.turns) == number


def test_matters_of_another_plan_and_those_without_a_light_are_left_out(world):
    begun(world)
    world.closed(starts_on=date(2020, 1, 1), due_on=date(2020, 12, 31))
    acts.create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=world.now)
    plan = Plan.objects.select_related("policy").get(year=2021)
    assert effect(world, gap_yellow_points=3).judged == 1
    told = effect_of(plan, figures=policy_of(plan), now=at(DAY, 11))
    assert (told.judged, told.turns, told.drafts) == (0, (), dict.fromkeys(LetterKind, 0))


@pytest.mark.parametrize("days", [12, 33, 47])
def test_the_letters_foreseen_are_those_the_round_drafts(world, days):
    begin(world, seed=days)
    today = FIRST + timedelta(days=days)
    live(world, seed=days, until=today, answers=Answers.NONE, has_bulletins=False)
    now = at_day(today.isoformat(), 20)
    plan = Plan.objects.select_related("policy").get(pk=world.plan.pk)
    others = [
        changed(policy_of(plan), "lights", gap_yellow_points=2, gap_red_points=5),
        changed(policy_of(plan), "letters", cooldown_workdays=1, batches_per_unit_month=20),
    ]

    def round_now():
        before = set(Letter.objects.values_list("pk", flat=True))
        draft_letters(today, by=SYSTEM, now=now)
        kinds = list(Letter.objects.exclude(pk__in=before).values_list("kind", flat=True))
        return {kind: kinds.count(kind) for kind in LetterKind}

    def adopted(figures):
        told = {"reason": "试行", "by": world.office_head, "now": now, "version": plan.policy.number}
        adopt_policy(plan, figures=figures_json(figures), **told)
        return round_now()

    stands = undone(round_now)
    for other in others:
        told = effect_of(plan, figures=other, now=now)
        assert (told.drafts, told.would) == (stands, undone(lambda other=other: adopted(other)))
    assert Letter.objects.filter(drafted_on__gt=FIRST).exists()
