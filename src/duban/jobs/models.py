"""Tables of the queue. Two clocks: `not_before` and the times shown follow the office's clock; leases and retries
follow real time, because the demonstration's clock may stand still.
"""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from duban.jobs.rules import CLOCK_SLACK, LONGEST_BACK_OFF, TASK_STATE_LABELS, UNFINISHED, TaskState


class TaskQuerySet(models.QuerySet["Task"]):
    """Words to chain."""

    def unfinished(self) -> "TaskQuerySet":
        """Tasks that still wait or run."""
        return self.filter(state__in=UNFINISHED)

    def ready(self, *, now: datetime, real: datetime) -> "TaskQuerySet":
        """Tasks a worker may take, in the order in which it does.

        Of the schedule only the earliest unfinished one: days and jobs never overtake each other. A retry that lies
        further ahead than any back-off was set before the clock was put back, and waits no longer.
        """
        earlier = Task.objects.unfinished().filter(
            Q(not_before__lt=OuterRef("not_before")) | Q(not_before=OuterRef("not_before"), pk__lt=OuterRef("pk")),
            due_on__isnull=False,
        )
        return self.filter(
            Q(not_before__isnull=True) | Q(not_before__lte=now),
            Q(retry_at__isnull=True) | Q(retry_at__lte=real) | Q(retry_at__gt=real + LONGEST_BACK_OFF + CLOCK_SLACK),
            Q(due_on__isnull=True) | ~Exists(earlier),
            state=TaskState.READY,
        ).order_by("-priority", F("not_before").asc(nulls_first=True), "pk")


class Task(models.Model):
    """后台任务: one call that runs once. `path` names the django-tasks task; `args` and `kwargs` are JSON."""

    path = models.CharField(max_length=200)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    name = models.CharField(max_length=80, blank=True)  # of the schedule
    label = models.CharField("任务", max_length=80)
    due_on = models.DateField("应做日期", null=True)  # of the schedule
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(
        "状态",
        max_length=8,
        default=TaskState.READY,
        choices=[(one.value, TASK_STATE_LABELS[one]) for one in TaskState],
    )
    not_before = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)  # real time
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)  # real time
    worker_keys = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    result = models.JSONField(null=True)
    enqueued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        constraints = [
            models.UniqueConstraint(
                fields=["name", "due_on"], condition=Q(due_on__isnull=False), name="task_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | (~Q(name="") & Q(not_before__isnull=False)),
                name="task_of_schedule_has_name_and_time",
            ),
            models.CheckConstraint(
                condition=(Q(state=TaskState.RUNNING, lease_until__isnull=False) & ~Q(token=""))
                | (~Q(state=TaskState.RUNNING) & Q(token="", lease_until__isnull=True)),
                name="task_runs_on_a_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "not_before"], condition=Q(state__in=UNFINISHED), name="task_unfinished"),
            models.Index(fields=["state"], condition=Q(state=TaskState.DEAD), name="task_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.due_on:%Y-%m-%d}" if self.due_on else self.label


class Schedule(models.Model):
    """日程: the daily jobs as the workers know them; written by them, so that a page can show what is due."""

    name = models.CharField(max_length=80, unique=True)
    label = models.CharField(max_length=80)
    at = models.CharField(max_length=5)
    weekday = models.SmallIntegerField(null=True)
    is_held = models.BooleanField(default=False)  # the clock jumped: nothing is put in the queue

    class Meta:
        verbose_name = "日程"

    def __str__(self) -> str:
        return f"{self.at} {self.label}"


class Worker(models.Model):
    """后台进程: a process that runs tasks, and its sign of life. All times are real."""

    key = models.CharField(max_length=32, unique=True)
    host = models.CharField(max_length=80)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    doing = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = "后台进程"

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
