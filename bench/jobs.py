"""Tasks a second of one worker on a SQLite file, against the floor of the same number of bare commits.

`python -m bench.jobs` prints the figures and exits 1 when a bound is broken.
"""

import os
import time
from typing import Any

from bench.apart import run_apart, tell

COUNT = 400


def run() -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    return run_apart("jobs")


def _floor() -> float:
    """Return seconds for two commits a task, each of one small UPDATE: what a lease and a fence cannot do without."""
    from django.db import transaction

    from duban.jobs.models import Schedule

    row = Schedule.objects.create(name="floor", label="0", at="00:00")
    began = time.perf_counter()
    for number in range(COUNT * 2):
        with transaction.atomic():
            Schedule.objects.filter(pk=row.pk).update(label=str(number))
    return time.perf_counter() - began


def measure() -> list[dict[str, Any]]:
    """Return the figures."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from duban.core import clock
    from duban.jobs.models import Task
    from duban.worker.loop import run_next
    from duban.worker.schedule import run_job

    call_command("migrate", verbosity=0)
    floor_s = _floor()
    for _ in range(COUNT):
        run_job.enqueue("jobs.forget_finished", clock.today().isoformat())
    began = time.perf_counter()
    while run_next(worker="bench") is not None:
        pass
    took_s = time.perf_counter() - began
    if Task.objects.filter(state="done").count() != COUNT:
        raise RuntimeError("not every task was done")
    ratio = took_s / floor_s
    return [
        {
            "name": f"后台任务：一个进程每秒办成（SQLite，{COUNT} 项）",
            "value": COUNT / took_s,
            "unit": "项/秒",
            "bound": 40,
            "ok": took_s < COUNT / 40,
        },
        {
            "name": "后台任务：与同样次数的空提交之比",
            "value": ratio,
            "unit": "倍",
            "bound": 12,
            "ok": ratio <= 12,
        },
    ]


if __name__ == "__main__":
    tell(measure, run)
