"""Calls the tests put in the queue; each leaves a row that is easy to count."""

import time
from datetime import date

from django_tasks import task

from duban.core import clock
from duban.core.actor import SYSTEM
from duban.jobs.models import Schedule
from duban.jobs.rules import Job


def leave(mark: str) -> None:
    Schedule.objects.create(name=mark, label="mark", at="00:00")


def marks() -> list[str]:
    return list(Schedule.objects.filter(label="mark").order_by("name").values_list("name", flat=True))


@task
def mark(name: str) -> str:
    leave(name)
    return f"left {name}"


@task
def leave_and_fail(name: str) -> None:
    leave(name)
    raise ValueError("教育局的秘密")


@task(takes_context=True)
def attempt_number(context) -> int:
    return context.attempt


@task
def give_what_is_no_json() -> object:
    leave("no json")
    return object()


def not_a_task() -> None:
    leave("not a task")


def water(day, *, by, now):
    leave(f"water {day} by {by.name}")


def feed(day, *, by, now):
    leave(f"feed {day}")


FEED = Job("00:30", "喂鱼", feed)
WATER = Job("03:00", "浇花", water)
WEEKLY = Job("03:00", "浇花", water, weekday=6)


@task
def run_job(name: str, day: str) -> None:
    {FEED.name: FEED, WATER.name: WATER}[name].run(date.fromisoformat(day), by=SYSTEM, now=clock.now())


@task
def slowly(name: str) -> None:
    time.sleep(0.5)
    leave(name)
