"""Two draw up, show, rate, correct, confirm at once: SQLite in a file, or PostgreSQL."""

import threading
import time
from decimal import Decimal

import pytest
from django.db import connection, transaction

from duban.evaluation.actions import (
    NewRating,
    confirm_evaluation,
    contest_score,
    correct_score,
    draw_up_evaluation,
    rate_units,
    show_evaluation,
)
from duban.evaluation.models import Evaluation, LeaderRating, ScoreSheet
from duban.evaluation.rules import ScoreCorrection
from duban.papers.models import IssuedPaper
from tests.at_once import at_once
from tests.evaluation.builders import (
    DRAWN,
    OVER,
    SHOWN,
    UNTIL,
    drawn_up,
    fresh,
    leader_of,
    played,
    set_scoring,
    sheet,
    shown_to_units,
)
from tests.matters.builders import usual_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(county, officer, office_head, now):
    return usual_world(county, officer, office_head, now)


@pytest.fixture
def year(world):
    set_scoring(world)
    return played(world)


def kinds(outcomes) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_drawn_up_and_shown_at_once_there_is_one_evaluation_with_one_sheet_a_unit(world, year):
    outcomes = at_once(*[lambda: draw_up_evaluation(world.plan, until=UNTIL, by=world.officer, now=DRAWN)] * 3)
    assert kinds(outcomes) == ["Evaluation", "WrongState", "WrongState"]
    drafts = [fresh(Evaluation.objects.get()) for _ in range(3)]
    outcomes = at_once(*[lambda one=one: show_evaluation(one, by=world.officer, now=SHOWN) for one in drafts])
    assert kinds(outcomes) == ["Evaluation", "WrongState", "WrongState"]
    assert ScoreSheet.objects.count() == 3


def test_a_leader_and_the_secretary_at_once_leave_one_standing_rating(world, year):
    evaluation = drawn_up(world)
    ratings = [[NewRating(world.unit("教育局"), Decimal(value))] for value in (90, 85)]
    actors = [leader_of(world, year.leader, role) for role in ("leader", "secretary")]
    outcomes = at_once(
        *[
            lambda by=by, given=given: rate_units(fresh(evaluation), post=year.leader, ratings=given, by=by, now=DRAWN)
            for by, given in zip(actors, ratings, strict=True)
        ]
    )
    assert kinds(outcomes) == ["list", "list"]
    assert LeaderRating.objects.count() == 2
    assert LeaderRating.objects.filter(replaced_at=None).count() == 1


def test_corrected_at_once_a_sheet_has_one_successor(world, year):
    row = sheet(world, shown_to_units(world))
    outcomes = at_once(
        *[
            lambda work=work: correct_score(
                ScoreSheet.objects.select_related("evaluation").get(pk=row.pk),
                correction=ScoreCorrection(obligations=work),
                reason="核对有误",
                by=world.office_head,
                now=SHOWN,
            )
            for work in (7, 8, 9)
        ]
    )
    assert kinds(outcomes) == ["ScoreSheet", "WrongState", "WrongState"]
    assert ScoreSheet.objects.filter(unit=row.unit_id).count() == 2


def test_confirmed_at_once_one_table_is_kept(world, year):
    evaluation = shown_to_units(world)
    outcomes = at_once(*[lambda: confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)] * 2)
    assert kinds(outcomes) == ["Evaluation", "WrongState"]
    assert IssuedPaper.objects.filter(kind="evaluation").count() == 1


def after_waiting(held, *calls):
    """Hold an evaluation's row, let the calls begin one after the other until each waits for a lock, then let go."""
    outcomes = []
    with transaction.atomic():
        Evaluation.objects.select_for_update().get(pk=held.pk)
        threads = []
        for number, call in enumerate(calls, start=1):
            threads.append(threading.Thread(target=lambda call=call: outcomes.extend(at_once(call))))
            threads[-1].start()
            _wait_until_waiting(number)
    for one in threads:
        one.join()
    return outcomes


def _wait_until_waiting(number: int) -> None:
    if connection.vendor != "postgresql":
        time.sleep(0.5)  # SQLite has one lock: whoever came waits for it, whatever it asked for first
        return
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0] >= number:
                return
        time.sleep(0.05)
    raise AssertionError(f"{number} should be waiting")


def test_a_late_showing_and_a_confirmation_do_not_wait_for_each_other(world, year):
    draft = drawn_up(world)
    stale = fresh(draft)
    evaluation = shown_to_units(world, draft)
    outcomes = after_waiting(
        evaluation,
        lambda: confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER),
        lambda: show_evaluation(stale, by=world.officer, now=OVER),
    )
    assert kinds(outcomes) == ["Evaluation", "WrongState"]
    assert fresh(evaluation).state == "confirmed"


def test_contested_and_confirmed_at_once_one_of_them_sees_the_other(world, year):
    evaluation = shown_to_units(world)
    row = sheet(world, evaluation)
    outcomes = after_waiting(
        evaluation,
        lambda: contest_score(row, on=SHOWN.date(), by=world.liaison("教育局"), now=OVER),
        lambda: confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER),
    )
    # a paper in time is taken after the confirmation too; nothing contested is confirmed
    is_confirmed = fresh(evaluation).state == "confirmed"
    assert kinds(outcomes) == (["Evaluation", "ScoreSheet"] if is_confirmed else ["ScoreSheet", "WrongState"])
    assert sheet(world, evaluation).contested_at is not None


def test_corrected_and_confirmed_at_once_the_table_says_what_the_sheets_say(world, year):
    evaluation = shown_to_units(world)
    row = sheet(world, evaluation)
    more = {"correction": ScoreCorrection(obligations=9), "reason": "核对有误", "by": world.office_head, "now": OVER}
    outcomes = after_waiting(
        evaluation,
        lambda: correct_score(row, **more),
        lambda: confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER),
    )
    is_confirmed = fresh(evaluation).state == "confirmed"
    assert kinds(outcomes) == ["Evaluation" if is_confirmed else "ScoreSheet", "WrongState"]
    assert IssuedPaper.objects.filter(kind="evaluation").exists() == is_confirmed
    assert ScoreSheet.objects.filter(number=2).exists() != is_confirmed
