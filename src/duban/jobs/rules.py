"""Words of the queue, how long it waits before it tries again, and which days a daily job still owes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any


class TaskState(StrEnum):
    """Where a task stands."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    DROPPED = "dropped"


TASK_STATE_LABELS: dict[TaskState, str] = {
    TaskState.READY: "等待",
    TaskState.RUNNING: "正在运行",
    TaskState.DONE: "完成",
    TaskState.DEAD: "停下",
    TaskState.DROPPED: "作罢",
}

UNFINISHED = (TaskState.READY, TaskState.RUNNING)

MAX_ATTEMPTS = 5
LEASE = timedelta(minutes=5)
"""How long a worker may hold a task before another takes it for dead."""

_BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
LONGEST_BACK_OFF = _BACK_OFF[-1]

CLOCK_SLACK = timedelta(minutes=1)
"""How far the clocks of two machines may differ before a lease looks as if it came from the future."""

MAX_CATCH_UP_DAYS = 366
"""More missed days than these are no missed days but a wrong clock."""


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts, one at least."""
    return _BACK_OFF[min(attempts, len(_BACK_OFF)) - 1]


@dataclass(frozen=True, slots=True)
class Job:
    """Something done once a day (or a week). at: HH:MM in Asia/Shanghai · weekday: 0 Monday … 6 Sunday, None daily.

    run: an action, called as run(day, by=…, now=…). The due day is its argument, never the clock.
    """

    at: str
    label: str
    run: Callable[..., Any]
    weekday: int | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.at):
            raise ValueError(f"not a time: {self.at}")

    @property
    def name(self) -> str:
        """The job's name in the schedule: room and verb, so that new wording does not run a day twice."""
        module: str = self.run.__module__
        return f"{module.removeprefix('duban.').split('.')[0]}.{self.run.__name__}"


class ClockJumped(Exception):
    """The clock stands further ahead of the last day done than any pause explains."""


def days_due(*, last: date | None, at: str, weekday: int | None, now: datetime) -> list[date]:
    """Return the days a job still owes, oldest first.

    last: the newest day it was put in the queue for; None for a new job, which owes no day before today.
    now: aware, in Asia/Shanghai. Raises ClockJumped. A clock set back owes nothing.
    """
    hour = time.fromisoformat(at)
    first = now.date() if last is None else last + timedelta(days=1)
    if (now.date() - first).days > MAX_CATCH_UP_DAYS:
        raise ClockJumped
    days = [first + timedelta(days=number) for number in range((now.date() - first).days + 1)]
    return [
        day
        for day in days
        if (weekday is None or day.weekday() == weekday) and datetime.combine(day, hour, tzinfo=now.tzinfo) <= now
    ]


def next_due(*, last: date | None, at: str, weekday: int | None, now: datetime) -> datetime:
    """Return when a job is due next: at once for a day missed, else the first moment after now."""
    hour = time.fromisoformat(at)
    day = now.date() if last is None else last + timedelta(days=1)
    while weekday is not None and day.weekday() != weekday:
        day += timedelta(days=1)
    return datetime.combine(day, hour, tzinfo=now.tzinfo)
