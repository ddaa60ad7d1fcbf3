"""The queue: claimed on a lease, run behind a fence, tried again, swept."""

from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from duban.core import clock
from duban.core.clock import SHANGHAI
from duban.jobs import leases
from duban.jobs.models import Schedule, Task, Worker
from duban.jobs.rules import LEASE, MAX_ATTEMPTS, TaskState
from tests.at_once import at_once
from tests.jobs import calls

pytestmark = pytest.mark.django_db


@pytest.fixture
def real():
    return clock.real()


def claim(now, real, worker="w1"):
    return leases.claim(worker=worker, now=now, real=real)


def run_all(now, real):
    states = []
    while (task := claim(now, real)) is not None:
        leases.run(task, now=now, real=real)
        states.append((str(task), task.state))
    return states


# ── Django's interface ──


def test_enqueued_task_runs_once_and_tells_its_result(now, real):
    result = calls.mark.enqueue("a")
    assert (result.status, calls.marks()) == (TaskResultStatus.READY, [])
    assert run_all(now, real) == [("mark", "done")]
    result.refresh()
    assert (result.status, result.return_value, result.attempts) == (TaskResultStatus.SUCCESSFUL, "left a", 1)
    assert calls.marks() == ["a"]
    assert run_all(now, real) == []


def test_enqueue_rolled_back_was_never_asked_for(now, real):
    with transaction.atomic():
        calls.mark.enqueue("a")
        transaction.set_rollback(True)
    assert (run_all(now, real), calls.marks()) == ([], [])


def test_deferred_task_waits_for_its_hour_and_priority_goes_first(now, real):
    calls.mark.using(run_after=now + timedelta(hours=1)).enqueue("later")
    calls.mark.enqueue("normal")
    calls.mark.using(priority=50).enqueue("first")
    task = claim(now, real)
    assert task.args == ["first"]
    leases.run(task, now=now, real=real)
    assert run_all(now, real) == [("mark", "done")]
    assert calls.marks() == ["first", "normal"]
    run_all(now + timedelta(hours=1), real)
    assert calls.marks() == ["first", "later", "normal"]


def test_task_knows_its_attempt(now, real):
    result = calls.attempt_number.enqueue()
    run_all(now, real)
    result.refresh()
    assert result.return_value == 1


@pytest.mark.parametrize("result_id", ["0", "x", "999999999"])
def test_result_of_no_task(result_id):
    with pytest.raises(TaskResultDoesNotExist):
        calls.mark.get_result(result_id)


# ── failing ──


def test_failed_task_leaves_nothing_and_is_tried_again_later(now, real):
    calls.leave_and_fail.enqueue("a")
    assert run_all(now, real) == [("leave_and_fail", "ready")]
    task = Task.objects.get()
    assert (task.attempts, task.token, task.lease_until, calls.marks()) == (1, "", None, [])
    assert task.retry_at == real + timedelta(seconds=10)
    assert claim(now, real + timedelta(seconds=9)) is None
    assert claim(now, real + timedelta(seconds=10)) == task


def test_error_kept_says_kind_and_place_but_no_business(now, real):
    calls.leave_and_fail.enqueue("a")
    run_all(now, real)
    [error] = Task.objects.get().errors
    assert error["kind"] == "builtins.ValueError"
    assert "jobs/calls.py" in error["places"]
    assert "教育局" not in str(error)


def test_task_dies_after_five_attempts(now, real):
    calls.leave_and_fail.enqueue("a")
    for attempt in range(MAX_ATTEMPTS):
        assert len(run_all(now, real + timedelta(hours=attempt))) == 1
    task = Task.objects.get()
    assert (task.state, task.attempts, len(task.errors), calls.marks()) == ("dead", 5, 5, [])
    assert run_all(now, real + timedelta(days=9)) == []


@pytest.mark.parametrize("path", ["tests.jobs.calls.not_a_task", "tests.jobs.calls.gone", "no.such.module"])
def test_path_of_no_task_is_a_failure_and_is_not_called(now, real, path):
    task = Task.objects.create(path=path, label="gone")
    assert run_all(now, real) == [("gone", "ready")]
    task.refresh_from_db()
    assert (len(task.errors), calls.marks()) == (1, [])


def test_result_that_is_no_json_undoes_the_effect(now, real):
    calls.give_what_is_no_json.enqueue()
    assert [state for _, state in run_all(now, real)] == ["ready"]
    assert calls.marks() == []


# ── leases and the fence ──


def test_claimed_task_is_not_claimed_again(now, real):
    calls.mark.enqueue("a")
    task = claim(now, real)
    assert (task.state, task.lease_until, task.worker_keys) == ("running", real + LEASE, ["w1"])
    assert claim(now, real) is None


def test_fence_lets_one_of_two_through(now, real):
    """A worker thought dead comes back after its task was given to another."""
    calls.mark.enqueue("a")
    slow = claim(now, real)
    late = real + LEASE + timedelta(seconds=1)
    assert leases.sweep(now=now, real=late) == []
    quick = claim(now, late + timedelta(minutes=1), worker="w2") or claim(now, late + timedelta(hours=1), worker="w2")
    assert (quick.pk, quick.token != slow.token) == (slow.pk, True)
    assert leases.run(slow, now=now, real=late) is None
    assert calls.marks() == []
    assert leases.run(quick, now=now, real=late) is TaskState.DONE
    assert leases.run(slow, now=now, real=late) is None
    assert calls.marks() == ["a"]


def test_lease_not_over_is_not_swept(now, real):
    calls.mark.enqueue("a")
    task = claim(now, real)
    assert leases.sweep(now=now, real=real + LEASE) == []
    task.refresh_from_db()
    assert task.state == "running"


def test_task_whose_worker_always_dies_dies_too(now, real):
    calls.mark.enqueue("a")
    dead = []
    for attempt in range(MAX_ATTEMPTS):
        moment = real + timedelta(hours=attempt)
        assert claim(now, moment) is not None
        dead = leases.sweep(now=now, real=moment + LEASE + timedelta(seconds=1))
    assert [one.label for one in dead] == ["mark"]
    assert Task.objects.get().state == "dead"


def test_clock_set_back_strands_neither_a_lease_nor_a_retry(now, real):
    """A lease and a back-off given before the real clock was put back by a day."""
    calls.mark.enqueue("a")
    claim(now, real + timedelta(days=1))
    leases.sweep(now=now, real=real)
    task = Task.objects.get()
    assert task.state == "ready"
    Task.objects.update(retry_at=real + timedelta(days=1))
    assert run_all(now, real) == [("mark", "done")]


def test_database_refuses_a_task_that_runs_without_a_lease():
    with pytest.raises(DatabaseError), transaction.atomic():
        Task.objects.create(path="x", label="x", state=TaskState.RUNNING)


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_share_out_the_tasks(now, real):
    for number in range(12):
        calls.mark.enqueue(f"{number:02}")

    def work():
        return run_all(now, real)

    outcomes = at_once(work, work, work, work)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert sum(len(one) for one in outcomes) == 12
    assert calls.marks() == [f"{number:02}" for number in range(12)]


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_put_a_day_in_the_queue_once(now):
    def put():
        leases.enqueue_due([calls.FEED, calls.WATER], runner=calls.run_job, now=now)

    assert at_once(put, put, put) == [None, None, None]
    assert list(Task.objects.order_by("not_before").values_list("name", "due_on")) == [
        ("tests.feed", date(2020, 2, 3)),
        ("tests.water", date(2020, 2, 3)),
    ]


# ── the schedule ──


def put(now):
    leases.enqueue_due([calls.FEED, calls.WATER], runner=calls.run_job, now=now)


def test_missed_days_are_caught_up_day_by_day_in_time_order(now, real):
    put(now)
    run_all(now, real)
    late = now + timedelta(days=2)
    put(late)
    put(late)
    assert run_all(late, real) == [
        ("喂鱼 2020-02-04", "done"),
        ("浇花 2020-02-04", "done"),
        ("喂鱼 2020-02-05", "done"),
        ("浇花 2020-02-05", "done"),
    ]
    assert calls.marks() == [
        "feed 2020-02-03",
        "feed 2020-02-04",
        "feed 2020-02-05",
        "water 2020-02-03 by 系统",
        "water 2020-02-04 by 系统",
        "water 2020-02-05 by 系统",
    ]


def test_clock_set_back_runs_no_day_again(now, real):
    put(now)
    run_all(now, real)
    before = calls.marks()
    put(now - timedelta(days=30))
    assert run_all(now - timedelta(days=30), real) == []
    put(now)
    assert (run_all(now, real), calls.marks()) == ([], before)


def test_clock_set_far_ahead_holds_the_schedule_and_shows_it(now, real):
    leases.publish_schedule([calls.FEED, calls.WATER])
    put(now)
    run_all(now, real)
    put(now + timedelta(days=4000))
    assert Task.objects.unfinished().count() == 0
    assert set(Schedule.objects.exclude(label="mark").values_list("is_held", flat=True)) == {True}
    put(now + timedelta(days=1))
    assert set(Schedule.objects.exclude(label="mark").values_list("is_held", flat=True)) == {False}
    assert Task.objects.unfinished().count() == 2


def test_scheduled_task_does_not_overtake_an_earlier_one_that_runs_or_will_be_tried_again(now, real):
    put(now)
    feed = claim(now, real)
    assert feed.label == "喂鱼"
    assert claim(now, real) is None
    Task.objects.filter(pk=feed.pk).update(
        state="ready", token="", lease_until=None, retry_at=real + timedelta(minutes=1)
    )
    assert claim(now, real) is None
    assert claim(now, real + timedelta(minutes=2)).label == "喂鱼"


def test_dead_task_does_not_hold_up_the_schedule(now, real):
    put(now)
    Task.objects.filter(label="喂鱼").update(state="dead")
    assert run_all(now, real) == [("浇花 2020-02-03", "done")]


def test_tasks_outside_the_schedule_are_not_held_up_by_it(now, real):
    put(now)
    claim(now, real)
    calls.mark.enqueue("a")
    assert claim(now, real).label == "mark"


def test_hours_of_the_schedule_are_those_of_shanghai(now, real):
    utc = datetime.fromisoformat("2020-02-03T16:31:00+00:00")  # 00:31 of 4 February in Shanghai
    put(now)
    put(utc)
    newest = Task.objects.filter(label="喂鱼").latest("due_on")
    assert (newest.due_on, newest.not_before) == (
        date(2020, 2, 4),
        datetime(2020, 2, 4, 0, 30, tzinfo=SHANGHAI),
    )
    assert Task.objects.filter(label="浇花").count() == 1


def test_published_schedule_forgets_what_is_no_more():
    leases.publish_schedule([calls.FEED, calls.WATER])
    leases.publish_schedule([calls.WEEKLY])
    assert list(Schedule.objects.values_list("name", "weekday")) == [("tests.water", 6)]


def test_idle_worker_takes_no_lock(now, real, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert claim(now, real) is None


def test_signs_of_life(real):
    leases.hello(key="k", host="h", pid=1, real=real)
    leases.heartbeat(key="k", doing="喂鱼", real=real + timedelta(seconds=15))
    worker = Worker.objects.get()
    assert (worker.seen_at - real, worker.doing, worker.stopped_at) == (timedelta(seconds=15), "喂鱼", None)
    leases.goodbye(key="k", real=real + timedelta(seconds=20))
    worker.refresh_from_db()
    assert (worker.stopped_at, worker.doing) == (real + timedelta(seconds=20), "")
