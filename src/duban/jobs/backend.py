"""Django's Task interface (django-tasks; built in from Django 6) over our own table.

`enqueue` writes a row in the caller's transaction: what is rolled back was never asked for.
"""

from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task as Call
from django_tasks.base import TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.signals import task_enqueued
from django_tasks.utils import normalize_json

from duban.jobs.models import Task
from duban.jobs.rules import TaskState

_STATUS = {
    TaskState.READY: TaskResultStatus.READY,
    TaskState.RUNNING: TaskResultStatus.RUNNING,
    TaskState.DONE: TaskResultStatus.SUCCESSFUL,
    TaskState.DEAD: TaskResultStatus.FAILED,
    TaskState.DROPPED: TaskResultStatus.FAILED,
}


def result_of(row: Task) -> TaskResult[Any]:
    """Return a row as the Task interface shows it."""
    result: TaskResult[Any] = TaskResult(
        task=import_string(row.path),
        id=str(row.pk),
        status=_STATUS[TaskState(row.state)],
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        last_attempted_at=row.started_at,
        finished_at=row.finished_at,
        args=row.args,
        kwargs=row.kwargs,
        backend="default",
        errors=[TaskError(exception_class_path=one["kind"], traceback=one["places"]) for one in row.errors],
        worker_ids=list(row.worker_keys),
    )
    object.__setattr__(result, "_return_value", row.result)
    return result


class LeaseBackend(BaseTaskBackend):
    """Tasks in our own table, run on leases: see jobs.leases."""

    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Call[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Put a call in the queue, with the caller's transaction."""
        self.validate_task(task)
        run_after: datetime | None = task.run_after
        row = Task.objects.create(
            path=task.module_path,
            args=normalize_json(list(args)),
            kwargs=normalize_json(dict(kwargs)),
            label=task.name[:80],
            priority=task.priority,
            not_before=run_after,
        )
        row.refresh_from_db(fields=["enqueued_at"])
        result = result_of(row)
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """Return what became of a call. Raises TaskResultDoesNotExist."""
        row = Task.objects.filter(pk=int(result_id)).first() if result_id.isdigit() else None
        if row is None:
            raise TaskResultDoesNotExist(result_id)
        return result_of(row)
