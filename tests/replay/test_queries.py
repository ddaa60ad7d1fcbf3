"""The past as it is read: what a round found on a morning is found again, whatever happened since."""

import random
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest

from duban.core.actor import SYSTEM
from duban.core.errors import DomainError
from duban.letters.queries import material_of
from duban.lights.actions import lift_override, override_light, tick
from duban.matters.actions import adopt_policy, change_setting, waive_obligation
from duban.matters.models import Matter, Obligation, Plan, PlanSetting
from duban.matters.policy import default_preset
from duban.matters.queries import policy_of
from duban.matters.rules import Light, Owed, SettingKey
from duban.replay.queries import comparison_of, past_of, replayed, rules_held, why_of
from duban.replay.rules import JUDGED_BY, Answers, Mornings, tracks_of
from duban.reports.actions import return_report
from duban.reports.models import Report
from tests.letters.builders import at, round_of, slow_matter, staff
from tests.lights.test_policy import adopt
from tests.replay.builders import FIRST, UNITS, begin, changed, live
from tests.reports.builders import TEXT, submit

pytestmark = pytest.mark.django_db

REPORT_DAY = date(2020, 2, 20)
ROUND = time(6, 20)


def fresh(world) -> Plan:
    return Plan.objects.select_related("policy", "jurisdiction").get(pk=world.plan.pk)


def test_what_a_round_found_on_any_morning_is_found_again(world):
    change_setting(
        world.plan,
        key=SettingKey.REPORT_DATES,
        value=[REPORT_DAY.isoformat()],
        reason="通知更正",
        by=world.officer,
        now=world.now,
    )
    begin(world, seed=5)
    chance = random.Random("office")
    found = {}

    def in_the_morning(day: date) -> None:
        found[day] = {pk: one._replace(expected=None) for pk, one in material_of(fresh(world), day=day).facts.items()}

    def by_day(day: date) -> None:
        now = at(day.isoformat(), 8)
        for matter in Matter.objects.order_by("pk"):
            unit = UNITS[(int(matter.serial) - 1) % 2]
            draw = chance.random()
            with suppress(DomainError):
                if draw < 0.08:
                    light = chance.choice(list(Light))
                    override_light(matter, light=light, reason="现场情况不同", by=world.office_head, now=now)
                elif draw < 0.12:
                    lift_override(matter, reason="情况已变", by=world.office_head, now=now)
            with suppress(DomainError):
                if 0.2 < draw < 0.35 and day >= date(2020, 2, 14):
                    head = world.liaison(unit, role="unit_head")
                    version = Report.objects.filter(matter=matter, unit=world.unit(unit)).first()
                    submit(
                        world, matter, unit=unit, by=head, now=now, sign=True, day=REPORT_DAY,
                        version=version.version if version else 0, text=TEXT,
                    )  # fmt: skip
                elif draw > 0.7:
                    for report in Report.objects.filter(matter=matter).select_related("matter__plan", "unit"):
                        return_report(report, reason="没有写明问题。", by=world.officer, now=now)
                elif draw > 0.68:
                    for owed in Obligation.objects.filter(matter=matter, kind=Owed.MILESTONE, state="open")[:1]:
                        waive_obligation(owed, reason="节点取消", by=world.office_head, now=now)

    until = FIRST + timedelta(days=45)
    live(
        world,
        seed=5,
        until=until,
        answers=Answers.NONE,
        has_bulletins=False,
        in_the_morning=in_the_morning,
        by_day=by_day,
    )
    past, _ = past_of(fresh(world), until=until)
    tracks = tracks_of(past, rules=rules_held(world.plan), until=until)
    mornings = Mornings(past, tracks)
    for day, facts in found.items():
        read = mornings.at(day, at=datetime.combine(day, ROUND))
        assert {pk: one.facts for pk, one in read.items()} == facts, day
    told = [one for facts in found.values() for one in facts.values()]
    assert any(one.given_back for one in told)
    assert any(each.times > 1 for one in told for each in one.given_back)
    assert any(one.override_reason for one in told)
    assert any(one.owing for one in told)


@pytest.mark.parametrize("number", [1, 3])
def test_a_replay_costs_the_same_however_many_matters(world, number, django_assert_num_queries):
    staff(world)
    for serial in range(number):
        slow_matter(world, serial=str(serial + 1))
    round_of("2020-02-06")
    plan = fresh(world)
    other = changed(policy_of(plan), "lights", gap_yellow_points=5)
    with django_assert_num_queries(16):
        replay = replayed(plan, figures=other, until=date(2020, 3, 10))
        compared = comparison_of(replay)
        whys = [why_of(replay, one) for one in compared.spans]
    assert [held for held, _ in whys] == [[]] * number
    assert all("落后序时进度" in other[0] for _, other in whys)


def test_report_days_are_those_that_were_known(world):
    """Before the notice was corrected a courtesy letter went out by the days it named then."""
    before = [date(2020, 6, 20), date(2020, 12, 20)]
    change_setting(
        world.plan,
        key=SettingKey.REPORT_DATES,
        value=[REPORT_DAY.isoformat()],
        reason="通知更正",
        by=world.officer,
        now=at("2020-02-10", 15),
    )
    past, _ = past_of(fresh(world), until=date(2020, 3, 1))
    morning = [datetime(2020, 2, day, 6, 20) for day in (3, 10, 11)]
    assert [past.report_days_at(one) for one in morning] == [before, before, [REPORT_DAY]]


def test_report_days_are_the_policys_where_the_notice_names_none(world):
    PlanSetting.objects.filter(key=SettingKey.REPORT_DATES).delete()
    figures = fresh(world).policy.values()
    figures["reports"]["dates"] = ["03-31"]
    told = {"by": world.office_head, "now": at("2020-02-10", 15)}
    adopt_policy(fresh(world), figures=figures, reason="提前报送", version=fresh(world).policy.number, **told)
    change_setting(
        fresh(world), key=SettingKey.REPORT_DATES, value=[REPORT_DAY.isoformat()], reason="通知更正",
        by=world.officer, now=at("2020-02-12", 15),
    )  # fmt: skip
    past, _ = past_of(fresh(world), until=date(2020, 3, 1))
    of_policy = [date.fromisoformat(f"2020-{one}") for one in default_preset().values["reports"]["dates"]]
    days = [past.report_days_at(datetime(2020, 2, day, 20)) for day in (3, 10, 12)]
    assert days == [of_policy, [date(2020, 3, 31)], [REPORT_DAY]]


def test_a_plan_with_nothing_handed_out_has_no_replay(world):
    world.registered()
    assert replayed(fresh(world), figures=policy_of(world.plan), until=date(2020, 3, 1)) is None


def test_a_policy_adopted_meanwhile_is_what_held_from_then_on(world):
    staff(world)
    slow_matter(world)
    tick(date(2020, 2, 20), by=SYSTEM, now=at("2020-02-20", 1))
    adopt(world, on=date(2020, 2, 20), gap_yellow_points=28)
    plan = fresh(world)
    first = rules_held(plan).held[0][1]
    replay = replayed(plan, figures=first, until=date(2020, 3, 5))
    [span] = comparison_of(replay).spans
    assert (span.from_on, span.until_on, span.held, span.other) == (
        date(2020, 2, 20), date(2020, 3, 5), Light.GREEN, Light.YELLOW,
    )  # fmt: skip


def test_every_figure_a_replay_judges_by_is_one_of_the_policy():
    assert {one.place for one in default_preset().sources} >= JUDGED_BY
