"""The mechanics of the queue: tasks are put in, claimed, run behind a fence, tried again, swept.

Not actions: no person acts here. `now` is the office's clock, `real` is real time (see models).
"""

import logging
import time
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django_tasks.base import Task as Call
from django_tasks.base import TaskContext
from django_tasks.signals import task_finished, task_started
from django_tasks.utils import normalize_json

from duban.core.clock import SHANGHAI
from duban.jobs.backend import LeaseBackend, result_of
from duban.jobs.models import Schedule, Task, Worker
from duban.jobs.rules import (
    CLOCK_SLACK,
    LEASE,
    MAX_ATTEMPTS,
    ClockJumped,
    Job,
    TaskState,
    back_off,
    days_due,
)

_ROOT = Path(__file__).resolve().parents[2]
_ERRORS_KEPT = 10
_FRAMES_KEPT = 8

log = logging.getLogger("duban.jobs")


class LeaseLost(Exception):
    """Somebody else took the task over, or finished it: whatever was done under the old token is rolled back."""


# ── the schedule ──


def publish_schedule(jobs: Sequence[Job]) -> None:
    """Write down which daily jobs there are; a job that is no more leaves the list, its past stays."""
    Schedule.objects.bulk_create(
        [Schedule(name=one.name, label=one.label, at=one.at, weekday=one.weekday) for one in jobs],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["label", "at", "weekday"],
    )
    Schedule.objects.exclude(name__in=[one.name for one in jobs]).delete()


def enqueue_due(jobs: Sequence[Job], *, runner: Call[Any, Any], now: datetime) -> None:
    """Put what the jobs owe up to now in the queue, day by day in time order.

    Any worker may call it, at the same time as others: unique(name, due_on) keeps one of each. A job whose clock
    jumped is held, and shown to the operator, instead of running days that never were.
    """
    now = now.astimezone(SHANGHAI)
    last = dict(
        Task.objects.filter(due_on__isnull=False, name__in=[one.name for one in jobs])
        .values_list("name")
        .annotate(last=Max("due_on"))
        .order_by()
    )
    owed: list[Task] = []
    held: list[str] = []
    for job in jobs:
        try:
            days = days_due(last=last.get(job.name), at=job.at, weekday=job.weekday, now=now)
        except ClockJumped:
            held.append(job.name)
            continue
        hour, minute = map(int, job.at.split(":"))
        owed += [
            Task(
                path=runner.module_path,
                args=[job.name, day.isoformat()],
                name=job.name,
                label=job.label,
                due_on=day,
                not_before=datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI),
            )
            for day in days
        ]
    if Schedule.objects.filter(Q(name__in=held, is_held=False) | (Q(is_held=True) & ~Q(name__in=held))).exists():
        Schedule.objects.filter(name__in=held).update(is_held=True)
        Schedule.objects.exclude(name__in=held).update(is_held=False)
    owed.sort(key=lambda one: one.not_before or now)
    Task.objects.bulk_create(owed, ignore_conflicts=True)


# ── claiming and running ──


def claim(*, worker: str, now: datetime, real: datetime, lease: timedelta = LEASE) -> Task | None:
    """Take the next task on a lease, and return it; None when there is nothing to do."""
    waiting = Task.objects.ready(now=now, real=real)
    if not waiting.exists():  # an idle worker takes no lock
        return None
    with transaction.atomic():
        task = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if task is None:
            return None
        task.token, task.state = get_random_string(32), TaskState.RUNNING
        task.lease_until, task.retry_at = real + lease, None
        task.attempts += 1
        task.worker_keys = [*task.worker_keys, worker][-_ERRORS_KEPT:]
        task.started_at = now
        changed = {name: getattr(task, name) for name in _CLAIMED}
        if not Task.objects.filter(pk=task.pk, state=TaskState.READY).update(**changed):
            return None
    return task


_CLAIMED = ("token", "state", "lease_until", "retry_at", "attempts", "worker_keys", "started_at")


def run(task: Task, *, now: datetime, real: datetime) -> TaskState | None:
    """Run a claimed task; return where it stands then, or None when its lease was lost and nothing was done.

    The fence (one row hit by id and token), the mark that it is done and the effect share one transaction: whoever is
    killed on the way has done nothing. The fence comes first, so its row lock holds off every other worker.
    """
    began = time.monotonic()
    try:
        with transaction.atomic():
            fenced = Task.objects.filter(pk=task.pk, token=task.token, state=TaskState.RUNNING).update(
                state=TaskState.DONE, token="", lease_until=None
            )
            if not fenced:
                raise LeaseLost
            call = _loaded(task)
            task_started.send(LeaseBackend, task_result=result_of(task))
            context = [TaskContext(task_result=result_of(task))] if call.takes_context else []
            value = normalize_json(call.call(*context, *task.args, **task.kwargs))
            Task.objects.filter(pk=task.pk).update(
                result=value, finished_at=now + timedelta(seconds=time.monotonic() - began)
            )
    except LeaseLost:
        log.warning("task %s (%s): lease lost, nothing was done", task.pk, task)
        return None
    except Exception as error:
        log.exception("task %s (%s): attempt %s failed", task.pk, task, task.attempts)
        return _give_back(task, told=_told(error, at=now), now=now, real=real)
    finally:
        task.refresh_from_db()
    task_finished.send(LeaseBackend, task_result=result_of(task))
    return TaskState.DONE


def _loaded(task: Task) -> Call[Any, Any]:
    call = import_string(task.path)
    if not isinstance(call, Call):
        raise TypeError(f"{task.path} is no task")
    return call


def _told(error: BaseException, *, at: datetime) -> dict[str, str]:
    """Return what is kept of an error: its kind and where; never its message, which may hold business."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_KEPT:]
    places = []
    for one in frames:
        path = Path(one.filename)
        inside = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(*path.parts[-2:])
        places.append(f"{inside}:{one.lineno} {one.name}")
    kind = type(error)
    return {"at": at.isoformat(), "kind": f"{kind.__module__}.{kind.__qualname__}", "places": "\n".join(places)}


def _give_back(task: Task, *, told: dict[str, str], now: datetime, real: datetime) -> TaskState | None:
    """Let a task that failed be tried again, or declare it dead; None when it is no longer this worker's."""
    is_dead = task.attempts >= MAX_ATTEMPTS
    state = TaskState.DEAD if is_dead else TaskState.READY
    given = Task.objects.filter(pk=task.pk, token=task.token, state=TaskState.RUNNING).update(
        state=state,
        token="",
        lease_until=None,
        retry_at=None if is_dead else real + back_off(task.attempts),
        finished_at=now if is_dead else None,
        errors=[*task.errors, told][-_ERRORS_KEPT:],
    )
    return state if given else None


def sweep(*, now: datetime, real: datetime, lease: timedelta = LEASE) -> list[Task]:
    """Take back tasks whose worker died: their lease ran out. Return those that died for good.

    A lease that ends further ahead than any lease lasts was given before the clock was put back: it has run out too.
    """
    over = Q(lease_until__lt=real) | Q(lease_until__gt=real + max(lease, LEASE) + CLOCK_SLACK)
    lost = Task.objects.filter(over, state=TaskState.RUNNING)
    if not lost.exists():
        return []
    dead = []
    told = {"at": now.isoformat(), "kind": "duban.jobs.leases.WorkerDied", "places": ""}
    with transaction.atomic():
        for task in lost.select_for_update(skip_locked=True).order_by("pk"):
            if _give_back(task, told=told, now=now, real=real) is TaskState.DEAD:
                dead.append(task)
    return dead


# ── signs of life ──


def hello(*, key: str, host: str, pid: int, real: datetime) -> None:
    """Write down that a worker began."""
    Worker.objects.create(key=key, host=host[:80], pid=pid, started_at=real, seen_at=real)


def heartbeat(*, key: str, doing: str, real: datetime) -> None:
    """Write down that a worker lives, and what it is at."""
    Worker.objects.filter(key=key).update(seen_at=real, doing=doing[:80])


def goodbye(*, key: str, real: datetime) -> None:
    """Write down that a worker stopped of itself."""
    Worker.objects.filter(key=key).update(seen_at=real, stopped_at=real, doing="")
