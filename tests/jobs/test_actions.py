from datetime import timedelta

import pytest
from django.db import DatabaseError

from duban.audit.models import Event
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid, NotAllowed, WrongState
from duban.jobs.actions import drop_task, forget_finished, retry_task
from duban.jobs.models import Task, Worker
from duban.jobs.queries import open_tasks, recent_tasks, schedule_lines, task_for, workers_alive
from tests.conftest import holder
from tests.jobs import calls

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead(db):
    return Task.objects.create(path="tests.jobs.calls.mark", args=["a"], label="记号", state="dead", attempts=5)


def test_retry_gives_a_dead_task_all_its_attempts(dead, system_admin, now):
    task = retry_task(dead, by=system_admin, now=now)
    assert (task.state, task.attempts, task.finished_at) == ("ready", 0, None)
    event = Event.objects.get()
    assert (event.name, event.subject_label, event.actor_name) == ("jobs.task_retried", "记号", "系统管理员")
    with pytest.raises(WrongState):
        retry_task(dead, by=system_admin, now=now)
    assert Event.objects.count() == 1


def test_drop_sets_a_dead_task_aside_with_a_reason_and_it_may_come_back(dead, system_admin, now):
    with pytest.raises(Invalid):
        drop_task(dead, reason=" ", by=system_admin, now=now)
    task = drop_task(dead, reason="已手工办理", by=system_admin, now=now)
    assert (task.state, Event.objects.get().data) == ("dropped", {"reason": "已手工办理"})
    with pytest.raises(WrongState):
        drop_task(dead, reason="再一次", by=system_admin, now=now)
    assert retry_task(task, by=system_admin, now=now).state == "ready"


@pytest.mark.parametrize("role", ["officer", "office_head", "director", "security_admin", "audit_admin", "liaison"])
def test_only_the_system_administrator_operates(dead, now, role):
    actor = holder(role)
    for call in (
        lambda: retry_task(dead, by=actor, now=now),
        lambda: drop_task(dead, reason="试一试", by=actor, now=now),
        lambda: forget_finished(now.date(), by=actor, now=now),
        lambda: open_tasks(actor),
        lambda: recent_tasks(actor),
        lambda: schedule_lines(actor, now=now),
        lambda: task_for(actor, dead.pk),
        lambda: workers_alive(actor, real=now),
    ):
        with pytest.raises(NotAllowed):
            call()
    dead.refresh_from_db()
    assert (dead.state, Event.objects.count()) == ("dead", 0)


def test_nothing_changes_when_the_audit_fails(dead, system_admin, now, monkeypatch):
    def fails(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr("duban.jobs.actions.record", fails)
    for act in (
        lambda: retry_task(dead, by=system_admin, now=now),
        lambda: drop_task(dead, reason="试试", by=system_admin, now=now),
    ):
        with pytest.raises(DatabaseError):
            act()
        dead.refresh_from_db()
        assert dead.state == "dead"


def test_forget_finished_keeps_the_schedule_and_what_is_recent(dead, now):
    old, recent = now - timedelta(days=91), now - timedelta(days=89)
    told = {"path": "x", "state": "done"}
    Task.objects.create(label="old", finished_at=old, **told)
    Task.objects.create(label="recent", finished_at=recent, **told)
    Task.objects.create(label="scheduled", name="a", due_on=old.date(), not_before=old, finished_at=old, **told)
    Task.objects.filter(pk=dead.pk).update(finished_at=old)
    real = clock.real()
    for key, seen in (("old", real - timedelta(days=100)), ("new", real)):
        Worker.objects.create(key=key, host="h", pid=1, started_at=seen, seen_at=seen)
    assert forget_finished(now.date(), by=SYSTEM, now=now) == 1
    assert set(Task.objects.values_list("label", flat=True)) == {"recent", "scheduled", "记号"}
    assert list(Worker.objects.values_list("key", flat=True)) == ["new"]


def test_schedule_lines_tell_last_and_next(system_admin, now, django_assert_num_queries):
    from duban.jobs import leases

    leases.publish_schedule([calls.FEED, calls.WATER])
    leases.enqueue_due([calls.FEED], runner=calls.run_job, now=now)
    with django_assert_num_queries(2):
        lines = schedule_lines(system_admin, now=now)
    assert [(one.schedule.label, str(one.last), f"{one.next_at:%m-%d %H:%M}") for one in lines] == [
        ("喂鱼", "喂鱼 2020-02-03", "02-04 00:30"),
        ("浇花", "None", "02-03 03:00"),
    ]


def test_dead_tasks_come_first(dead, system_admin):
    Task.objects.create(path="x", label="ready")
    assert [one.label for one in open_tasks(system_admin)] == ["记号", "ready"]


def test_worker_that_is_silent_is_not_alive(system_admin):
    real = clock.real()
    for key, seen in (("alive", real - timedelta(seconds=59)), ("dead", real - timedelta(seconds=61))):
        Worker.objects.create(key=key, host="h", pid=1, started_at=seen, seen_at=seen)
    assert [one.key for one in workers_alive(system_admin, real=real)] == ["alive"]
