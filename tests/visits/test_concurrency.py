"""Two draw, two phones send, two confirm at once: SQLite in a file, or PostgreSQL."""

import pytest

from duban.visits.actions import Given, confirm_visit, draw_list, record_results
from duban.visits.models import Answer, Draw, Finding, Submission
from duban.visits.rules import Result
from tests.at_once import at_once
from tests.matters.builders import make_world
from tests.visits.builders import CONFIRMED, DRAWN, SEED, VISITED, approved, claims, held, visit_of, year

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(county, officer, office_head, now):
    return make_world(county, officer, office_head, now)


def kinds(outcomes) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_one_list_whoever_draws(world):
    year(world)
    outcomes = at_once(*[lambda: draw_list(world.plan, seed=SEED, by=world.officer, now=DRAWN)] * 4)
    assert kinds(outcomes) == ["Draw", "WrongState", "WrongState", "WrongState"]
    assert Draw.objects.count() == 1


def test_same_sending_at_once_counts_once(world):
    visit = approved(world)
    given = [Given(one.pk, Result.TRUE, "") for one in claims(visit)]
    told = {"key": "device-0001", "given": given, "by": world.officer, "now": VISITED}
    outcomes = at_once(*[lambda: record_results(visit_of(pk=visit.pk), **told)] * 4)
    assert kinds(outcomes) == ["Outcome"] * 4
    assert sorted(one.is_repeat for one in outcomes) == [False, True, True, True]
    assert {one.taken for one in outcomes} == {len(given)}
    assert Submission.objects.count() == 1
    assert Answer.objects.count() == len(given)


def test_two_phones_at_once_leave_one_standing_answer_and_both_on_record(world):
    visit = approved(world)
    one = claims(visit)[0]
    sent = [Given(one.pk, Result.TRUE, ""), Given(one.pk, Result.UNTRUE, "没有建成。")]
    outcomes = at_once(
        *[
            lambda key=key, answer=answer: record_results(
                visit_of(pk=visit.pk), key=f"device-000{key}", given=[answer], by=world.officer, now=VISITED
            )
            for key, answer in enumerate(sent)
        ]
    )
    assert kinds(outcomes) == ["Outcome", "Outcome"]
    assert sorted(len(each.conflicts) for each in outcomes) == [0, 1]
    assert sorted(Answer.objects.values_list("is_standing", "is_conflict")) == [(False, True), (True, False)]


def test_two_confirm_at_once(world):
    visit = held(world, untrue=0)
    outcomes = at_once(*[lambda: confirm_visit(visit_of(pk=visit.pk), by=world.office_head, now=CONFIRMED)] * 3)
    assert kinds(outcomes) == ["Visit", "WrongState", "WrongState"]
    assert Finding.objects.count() == 3
