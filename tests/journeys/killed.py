"""Whole days of a county, everybody killed again and again. `python -m tests.journeys.killed SEED` prints what is left.

Without a seed the same days are played in one process, one after the other, and nobody is killed: the twin.
A process of its own, because it forks: whoever works is a copy of it that has everything imported already.
"""

import json
import mmap
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import django
import django.apps

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

from duban.audit import triggers as audit_triggers  # noqa: E402
from duban.core import clock  # noqa: E402
from duban.core.actor import SYSTEM  # noqa: E402
from duban.jobs import leases, rules  # noqa: E402
from duban.jobs.models import Task  # noqa: E402
from duban.jobs.rules import TaskState  # noqa: E402
from duban.lights import triggers as light_triggers  # noqa: E402
from duban.lights.actions import reconcile  # noqa: E402
from duban.papers import triggers as paper_triggers  # noqa: E402
from duban.worker.loop import Loop  # noqa: E402
from duban.worker.once import run_due  # noqa: E402
from duban.worker.schedule import SCHEDULE  # noqa: E402
from tests.journeys.killed_counts import CLERKS, DAYS, KILLS, WORKERS  # noqa: E402
from tests.journeys.killed_county import (  # noqa: E402
    HOURS,
    Hour,
    all_told,
    at,
    day_told,
    end_day,
    letters_in_hand,
    make_county,
    work_on_letters,
)
from tests.matters.builders import World  # noqa: E402

LEASE = timedelta(seconds=0.4)
DAWDLES = 0.2
"""How often a worker rests with a task, before it begins it, until its lease has long been over."""
PATIENCE_S = 30
LOOKS_EVERY_S = 0.03

rules._BACK_OFF = (timedelta(seconds=0.05),)  # nobody waits half an hour in a test

inside = mmap.mmap(-1, WORKERS + CLERKS)
"""One byte for each process, shared: whether it has something in hand."""

Work = Callable[[int], None]


class Watched(Loop):
    """The worker as it is, that shows whether a task is in its hands, and dawdles past its lease now and then."""

    def __init__(self, place: int, *, chance: random.Random) -> None:
        super().__init__(lease=LEASE, idle_s=0.02)
        self._place, self._chance = place, chance

    def _is_at(self, task: Task | None) -> None:
        inside[self._place] = task is not None
        super()._is_at(task)
        if task is not None and task.attempts == 1 and self._chance.random() < DAWDLES:
            time.sleep(1.75 * LEASE.total_seconds())


def worker(place: int, *, chance: random.Random) -> None:
    Watched(place, chance=random.Random(f"{chance.random()}/{os.getpid()}")).run()
    raise RuntimeError("a worker ended by itself")


def clerk(place: int, *, world: World, hour: Hour, now: datetime) -> None:
    inside[place] = 1
    work_on_letters(world, hour, now=now)
    inside[place] = 0


class Crew:
    """Processes that work at once. Whoever is killed is begun anew, at most so often with something in hand."""

    def __init__(self, works: list[tuple[str, Work]], *, chance: random.Random) -> None:
        self._works, self._chance = works, chance
        self._pids: dict[int, int] = {}
        self.hits: Counter[str] = Counter()

    def work_until(self, is_over: Callable[[], bool]) -> None:
        """Kill and kill until everything is done; then the lights go out for whoever is still there."""
        try:
            for place in range(len(self._works)):
                self._begin(place)
            look_at, until = 0.0, time.monotonic() + PATIENCE_S
            while time.monotonic() < look_at or not is_over():
                if time.monotonic() >= look_at:
                    look_at = time.monotonic() + LOOKS_EVERY_S
                if time.monotonic() > until:
                    raise SystemExit(f"stuck: {[(str(one), one.state) for one in Task.objects.unfinished()]}")
                time.sleep(self._chance.uniform(0.0005, 0.004))
                self._let_go_home()
                self._kill_now_and_then()
        finally:
            for pid in self._pids.values():
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _kill_now_and_then(self) -> None:
        """Kill, now and then, somebody with something in hand; more rarely anybody."""
        busy = [one for one in self._pids if inside[one] and self.hits[self._name(one)] < KILLS[self._name(one)]]
        if busy and self._chance.random() < 0.1:
            self._kill(self._chance.choice(busy))
        elif self._pids and self._chance.random() < 0.004:
            self._kill(self._chance.choice(list(self._pids)))

    def _name(self, place: int) -> str:
        return self._works[place][0]

    def _begin(self, place: int) -> None:
        connections.close_all()
        inside[place] = 0
        pid = os.fork()
        if pid:
            self._pids[place] = pid
            return
        try:
            self._works[place][1](place)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    def _kill(self, place: int) -> None:
        pid = self._pids.pop(place)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            self.hits[self._name(place)] += inside[place]
        elif status:
            raise SystemExit("somebody broke off by himself")
        self._begin(place)

    def _let_go_home(self) -> None:
        """A clerk ends by itself once nothing is left; a worker never does."""
        for place, pid in list(self._pids.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._pids[place]
                if status:
                    raise SystemExit("somebody broke off by himself")


def are_jobs_done(day: date) -> bool:
    """Whether the jobs of a day are done, and what the days before still owed. Raises SystemExit where one is dead."""
    dead = Task.objects.filter(state=TaskState.DEAD)
    if dead.exists():
        raise SystemExit(f"given up: {[(str(one), one.errors) for one in dead]}")
    done = Task.objects.filter(due_on=day, state=TaskState.DONE).count()
    return done == len(SCHEDULE) and not Task.objects.unfinished().exists()


def work_killed(world: World, hour: Hour, day: date, *, now: datetime, chance: random.Random) -> Counter[str]:
    """Let four workers do the jobs in the morning, and two clerks the letters; return how often who was hit."""
    works: list[tuple[str, Work]] = [("clerk", partial(clerk, world=world, hour=hour, now=now))] * CLERKS
    if hour is Hour.MORNING:
        works += [("worker", partial(worker, chance=chance))] * WORKERS
    crew = Crew(works, chance=chance)
    crew.work_until(lambda: are_jobs_done(day) and not letters_in_hand(hour))
    return crew.hits


def work_in_peace(world: World, hour: Hour, *, now: datetime) -> None:
    """Do the same alone and in order: the twin."""
    if hour is Hour.MORNING:
        leases.publish_schedule(SCHEDULE)
        for _ in run_due(now=now, worker="twin"):
            pass
    work_on_letters(world, hour, now=now)


def main() -> None:
    seed = sys.argv[1] if len(sys.argv) > 1 else None
    chance, hits, days = random.Random(seed), Counter(), {}
    settings.MIGRATION_MODULES = {one.label: None for one in django.apps.apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    for one in (audit_triggers, light_triggers, paper_triggers):
        one.make_triggers(connection)
    world = make_county()
    with clock.stands_still() as put:
        for day in DAYS:
            for hour in Hour:
                now = at(day, HOURS[hour])
                put(now)
                if seed is None:
                    work_in_peace(world, hour, now=now)
                else:
                    hits += work_killed(world, hour, day, now=now, chance=chance)
            end_day(world, day)
            days[day.isoformat()] = day_told()
    differing = len(reconcile(by=SYSTEM, now=at(DAYS[-1], 23)))
    attempts = Counter(Task.objects.values_list("attempts", flat=True))
    left = {"hits": hits, "attempts": attempts, "differing": differing, "days": days, "told": all_told()}
    print(json.dumps(left, ensure_ascii=False))


if __name__ == "__main__":
    main()
