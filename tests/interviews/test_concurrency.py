"""Two apply at once, two approve at once, two issue at once: SQLite in a file, or PostgreSQL."""

import pytest

from duban.interviews.actions import (
    Application,
    apply_interview,
    approve_interview,
    dismiss_proposal,
    hold_interview,
    issue_notice,
)
from duban.interviews.models import Interview, InterviewGround
from duban.interviews.queries import proposal_for
from duban.interviews.rules import Level
from duban.matters.models import Obligation
from tests.at_once import at_once
from tests.interviews.builders import (
    APPLIED,
    APPROVED,
    NOTIFIED,
    TALK,
    TALKED,
    applied,
    arranged,
    interview_of,
    leader_actor,
    leader_post,
    notified,
    plan_of,
    red_twice,
)
from tests.matters.builders import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(county, officer, office_head, now):
    return make_world(county, officer, office_head, now)


def kinds(outcomes) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_two_apply_and_one_dismisses_at_once(world):
    red_twice(world)
    unit, plan = world.unit("教育局"), plan_of(world)
    keys = proposal_for(plan, unit.pk, day=APPLIED.date()).keys
    wish = Application(unit, Level.FIRST, "进展滞后。", keys=keys)
    told = {"by": world.officer, "now": APPLIED}
    outcomes = at_once(
        lambda: apply_interview(plan_of(world), application=wish, **told),
        lambda: apply_interview(plan_of(world), application=wish, **told),
        lambda: dismiss_proposal(plan_of(world), unit=unit, keys=keys, reason="已经调度", **told),
    )
    assert kinds(outcomes).count("WrongState") == 2
    assert InterviewGround.objects.count() == 1


def test_leader_and_office_approve_at_once(world):
    red_twice(world)
    interview = applied(world)
    leader = leader_actor(leader_post())
    outcomes = at_once(*[lambda: approve_interview(interview_of(pk=interview.pk), by=leader, now=APPROVED, seen=1)] * 3)
    assert kinds(outcomes) == ["Interview", "WrongState", "WrongState"]


def test_notice_issued_twice_at_once_has_one_number(world):
    red_twice(world)
    interview = arranged(world)
    outcomes = at_once(*[lambda: issue_notice(interview_of(pk=interview.pk), by=world.officer, now=NOTIFIED)] * 2)
    assert kinds(outcomes) == ["Interview", "WrongState"]
    assert list(Interview.objects.values_list("number", flat=True)) == [1]


def test_talk_recorded_twice_at_once_owes_once(world):
    red_twice(world)
    interview = notified(world)
    outcomes = at_once(
        *[lambda: hold_interview(interview_of(pk=interview.pk), talk=TALK, by=world.officer, now=TALKED)] * 2
    )
    assert kinds(outcomes) == ["Interview", "WrongState"]
    assert Obligation.objects.filter(subject_type="interview").count() == 2
