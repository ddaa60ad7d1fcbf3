"""What an operator changes in the queue, and its housekeeping."""

from datetime import date, datetime, timedelta

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Invalid, WrongState
from duban.jobs.models import Task, Worker
from duban.jobs.rules import TaskState

KEPT_DAYS = 90
"""How long finished tasks are kept that are not of the schedule; those of the schedule are its memory and stay."""


@transaction.atomic
def retry_task(task: Task, *, by: Actor, now: datetime) -> Task:
    """Let a task that is dead or was set aside be tried again, with all its attempts. Raises NotAllowed, WrongState."""
    require(by, Permission.OPERATIONS_RUN)
    claimed = Task.objects.filter(pk=task.pk, state__in=[TaskState.DEAD, TaskState.DROPPED]).update(
        state=TaskState.READY, attempts=0, retry_at=None, finished_at=None
    )
    if not claimed:
        raise WrongState("只有停下或作罢的任务可以重试。")
    task.refresh_from_db()
    record(EventName.TASK_RETRIED, task, by=by, now=now)
    return task


@transaction.atomic
def drop_task(task: Task, *, reason: str, by: Actor, now: datetime) -> Task:
    """Set a dead task aside: it is not tried again. Raises NotAllowed, Invalid (no reason), WrongState."""
    require(by, Permission.OPERATIONS_RUN)
    reason = reason.strip()[:200]
    if len(reason) < 2:
        raise Invalid("请写明作罢的理由。", field="reason")
    if not Task.objects.filter(pk=task.pk, state=TaskState.DEAD).update(state=TaskState.DROPPED):
        raise WrongState("只有停下的任务可以作罢。")
    task.refresh_from_db()
    record(EventName.TASK_DROPPED, task, by=by, now=now, data={"reason": reason})
    return task


@transaction.atomic
def forget_finished(day: date, *, by: Actor, now: datetime) -> int:
    """Delete tasks outside the schedule that were done, and workers that stopped, long before the day.

    Housekeeping of the queue's own rows: no event, nothing of the business is in them. Raises NotAllowed.
    """
    require(by, Permission.OPERATIONS_RUN)
    before = day - timedelta(days=KEPT_DAYS)
    gone, _ = Task.objects.filter(
        state__in=[TaskState.DONE, TaskState.DROPPED], due_on__isnull=True, finished_at__date__lt=before
    ).delete()
    newest = Worker.objects.order_by("-seen_at").first()
    if newest is not None:  # workers live in real time, the day is the office's
        Worker.objects.filter(seen_at__lt=newest.seen_at - timedelta(days=KEPT_DAYS)).delete()
    return gone
