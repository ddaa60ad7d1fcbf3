"""Reads of the queue for those who operate the system; none of them shows business."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from duban.access.rules import Permission, require
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.jobs.models import Schedule, Task, Worker
from duban.jobs.rules import TaskState, next_due

SILENT_AFTER = timedelta(seconds=60)
"""A worker that gave no sign of life for so long has died."""


@dataclass(frozen=True, slots=True)
class Line:
    """One daily job: when it is due next, and the last day it was put in the queue for."""

    schedule: Schedule
    last: Task | None
    next_at: datetime


def schedule_lines(actor: Actor, *, now: datetime) -> list[Line]:
    """Return the daily jobs in time order. Two queries. Raises NotAllowed."""
    require(actor, Permission.OPERATIONS_VIEW)
    newest = Task.objects.filter(name=OuterRef("name"), due_on__isnull=False).order_by("-due_on").values("pk")[:1]
    schedule = list(Schedule.objects.annotate(newest=Subquery(newest)).order_by("at", "name"))
    tasks = Task.objects.in_bulk([one.newest for one in schedule if one.newest])
    lines = []
    for one in schedule:
        last = tasks.get(one.newest)
        after = next_due(
            last=last.due_on if last else None, at=one.at, weekday=one.weekday, now=now.astimezone(SHANGHAI)
        )
        lines.append(Line(one, last, after))
    return lines


def open_tasks(actor: Actor) -> QuerySet[Task]:
    """Return tasks that need an eye: dead ones first, then those that wait or run. Raises NotAllowed."""
    require(actor, Permission.OPERATIONS_VIEW)
    return Task.objects.filter(state__in=[TaskState.DEAD, TaskState.READY, TaskState.RUNNING]).order_by(
        "state", "not_before", "pk"
    )


def recent_tasks(actor: Actor) -> QuerySet[Task]:
    """Return tasks that are over, newest first. Raises NotAllowed."""
    require(actor, Permission.OPERATIONS_VIEW)
    return Task.objects.filter(state__in=[TaskState.DONE, TaskState.DROPPED]).order_by("-finished_at", "-pk")


def dead_count() -> int:
    """Return how many tasks have stopped for good. A number only: whoever relies on what they do may know it."""
    return Task.objects.filter(state=TaskState.DEAD).count()


def task_for(actor: Actor, pk: int) -> Task | None:
    """Return one task. Raises NotAllowed."""
    require(actor, Permission.OPERATIONS_VIEW)
    return Task.objects.filter(pk=pk).first()


def workers_alive(actor: Actor, *, real: datetime) -> QuerySet[Worker]:
    """Return the workers that gave a sign of life lately. Raises NotAllowed."""
    require(actor, Permission.OPERATIONS_VIEW)
    return Worker.objects.filter(stopped_at__isnull=True, seen_at__gt=real - SILENT_AFTER).order_by("started_at", "pk")
