"""Two people act on one difficulty at once: SQLite in a file, or PostgreSQL."""

from datetime import date

import pytest

from duban.audit.models import Event
from duban.core.errors import WrongState
from duban.matters.actions import NewOverseer
from duban.matters.models import Obligation
from duban.obstacles.actions import (
    Agenda,
    Decided,
    answer_obstacle,
    call_meeting,
    escalate_obstacle,
    hold_meeting,
    raise_obstacle,
)
from duban.obstacles.models import Decision, Meeting, Obstacle, Round
from duban.orgs.models import Post
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def obstacle(world):
    leader = world.post(None, "副区长", "吴一", kind="leader")
    matter = world.started(supports=("住建局",), overseers=[NewOverseer(leader)])
    return raise_obstacle(
        matter,
        unit=world.unit("住建局"),
        problem="用地指标不足。",
        need="请调剂。",
        to=world.unit("教育局"),
        by=world.liaison("住建局"),
        now=world.now,
    )


def seen(obstacle):
    return Obstacle.objects.select_related("matter__plan__policy", "unit", "to_unit", "to_post").get(pk=obstacle.pk)


def test_two_answers_at_once_leave_one(world, obstacle):
    both = [seen(obstacle), seen(obstacle)]
    outcomes = at_once(
        *[
            lambda one=one, words=words: answer_obstacle(one, answer=words, by=world.liaison("教育局"), now=world.now)
            for one, words in zip(both, ("已调剂。", "不能调剂。"), strict=True)
        ]
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Obstacle", "WrongState"]
    assert Event.objects.filter(name="obstacles.answered").count() == 1
    assert Round.objects.get().answer in ("已调剂。", "不能调剂。")


def test_answer_and_escalation_at_once_leave_one(world, obstacle):
    mine, theirs = seen(obstacle), seen(obstacle)
    outcomes = at_once(
        lambda: answer_obstacle(mine, answer="已调剂。", by=world.liaison("教育局"), now=world.now),
        lambda: escalate_obstacle(theirs, by=world.liaison("住建局"), now=world.now),
    )
    assert [type(one) for one in outcomes].count(WrongState) == 1
    obstacle.refresh_from_db()
    state = Obligation.objects.get(kind="obstacle").state
    assert (obstacle.state, obstacle.round_no, state) in {("answered", 1, "met"), ("open", 2, "waived")}


def test_raised_twice_at_once_stands_once(world, obstacle):
    words = {"problem": "另一个问题。", "need": "请协调。", "to": world.unit("教育局"), "unit": world.unit("住建局")}
    outcomes = at_once(
        *[lambda: raise_obstacle(obstacle.matter, by=world.liaison("住建局"), now=world.now, **words)] * 2
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Obstacle", "WrongState"]
    assert Obstacle.objects.filter(problem="另一个问题。").count() == 1


def test_minutes_entered_twice_at_once_are_owed_once(world, obstacle):
    agenda = Agenda("调度会", world.now, "三楼", Post.objects.get(title="副区长"), [obstacle])
    meeting = call_meeting(world.plan, agenda=agenda, by=world.officer, now=world.now)
    minutes = [Decided(meeting.items.get().pk, "由教育局调剂。", [world.unit("教育局")], date(2020, 2, 28))]
    both = [Meeting.objects.select_related("plan__policy", "chair").get(pk=meeting.pk) for _ in range(2)]
    outcomes = at_once(
        *[lambda one=one: hold_meeting(one, minutes=minutes, by=world.officer, now=world.now) for one in both]
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Meeting", "WrongState"]
    assert (Decision.objects.count(), Obligation.objects.filter(kind="decision").count()) == (1, 1)


def test_answer_and_minutes_at_once_leave_one_last_word(world, obstacle):
    agenda = Agenda("调度会", world.now, "三楼", Post.objects.get(title="副区长"), [obstacle])
    meeting = call_meeting(world.plan, agenda=agenda, by=world.officer, now=world.now)
    minutes = [Decided(meeting.items.get().pk, "由教育局调剂。", [world.unit("教育局")], date(2020, 2, 28))]
    mine = seen(obstacle)
    outcomes = at_once(
        lambda: answer_obstacle(mine, answer="已调剂。", by=world.liaison("教育局"), now=world.now),
        lambda: hold_meeting(meeting, minutes=minutes, by=world.officer, now=world.now),
    )
    assert type(outcomes[1]).__name__ == "Meeting"
    obstacle.refresh_from_db()
    assert (obstacle.state, obstacle.round_no) == ("answered", 2)
    assert Round.objects.get(number=2).answer == "由教育局调剂。"
    assert Obligation.objects.get(kind="obstacle").state in ("met", "waived")
