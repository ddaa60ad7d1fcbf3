"""Four workers, killed again and again while they work. `python -m tests.jobs.killed GATEWAY SEED` prints what is left.

A process of its own, because it forks: the workers are copies of it that have everything imported already.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import date, datetime, timedelta

import django
import django.apps

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django_tasks import task  # noqa: E402

from duban.core import clock  # noqa: E402
from duban.core.actor import SYSTEM  # noqa: E402
from duban.jobs import rules  # noqa: E402
from duban.jobs.models import Task  # noqa: E402
from duban.jobs.rules import Job  # noqa: E402
from duban.orgs.models import Jurisdiction, Person  # noqa: E402
from duban.outbox.actions import NewMessage, change_channel, post_message  # noqa: E402
from duban.outbox.models import Delivery, Message  # noqa: E402
from duban.outbox.rules import FIELDS, ChannelKind, MessageKind  # noqa: E402
from duban.worker.loop import Loop  # noqa: E402
from tests.jobs.killed_counts import A_BATCH, KILLS, MISSED_DAYS, WORKERS  # noqa: E402

LEASE = timedelta(seconds=2)
PATIENCE_S = 45

rules._BACK_OFF = (timedelta(seconds=0.2),)  # nobody waits half an hour in a test


def leave(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kill_effect (name) VALUES (%s)", [name])


@task
def effect(number: int) -> None:
    """Leave a row, tell somebody, and take a little time about it."""
    time.sleep(random.random() * 0.03)
    leave(f"effect {number}")
    message = NewMessage(Person.objects.get(), title="记号", dedupe_key=f"effect/{number}", count=number)
    post_message(MessageKind.OPERATIONS, message=message, by=SYSTEM, now=clock.now())
    time.sleep(random.random() * 0.05)


def feed(day, *, by, now):
    time.sleep(random.random() * 0.02)
    leave(f"feed {day}")


def water(day, *, by, now):
    leave(f"water {day}")
    time.sleep(random.random() * 0.02)


JOBS = (Job("00:00", "喂鱼", feed), Job("00:00", "浇花", water))


@task
def run_job(name: str, day: str) -> None:
    next(one for one in JOBS if one.name == name).run(date.fromisoformat(day), by=SYSTEM, now=clock.now())


def set_up(gateway: str) -> None:
    settings.MIGRATION_MODULES = {one.label: None for one in django.apps.apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    serial = "bigserial PRIMARY KEY" if connection.vendor == "postgresql" else "integer PRIMARY KEY AUTOINCREMENT"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE kill_effect (id {serial}, name text NOT NULL)")
    county = Jurisdiction.objects.create(level="county", name="临江市临江区", short_name="临江区")
    Person.objects.create(jurisdiction=county, name="周一", phone="13900000001", pinyin="x", initials="x")
    given = {one.name: one.default for one in FIELDS[ChannelKind.SMS]} | {
        "url": gateway,
        "body": '{"mobile": "{phone}", "number": "{count}"}',
    }
    change_channel(county, kind=ChannelKind.SMS, given=given, is_enabled=True, version=0, by=SYSTEM, now=clock.now())
    before = clock.today() - timedelta(days=MISSED_DAYS)
    for job in JOBS:
        moment = datetime(before.year, before.month, before.day, tzinfo=clock.SHANGHAI)
        Task.objects.create(path="x", label="x", name=job.name, due_on=before, not_before=moment, state="done")


def forked() -> int:
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    random.seed()
    try:
        Loop(jobs=JOBS, runner=run_job, lease=LEASE, idle_s=0.02).run()
    finally:
        os._exit(1)  # a worker ends by being killed, or something went wrong


def kill_and_kill(chance: random.Random) -> int:
    """Let four workers work, and kill one every now and then; return how many were killed in all."""
    pids = [forked() for _ in range(WORKERS)]
    number = 0
    for _ in range(KILLS):
        for _ in range(A_BATCH):
            number += 1
            effect.enqueue(number)
        time.sleep(chance.uniform(0.05, 0.35))
        victim = chance.randrange(WORKERS)
        os.kill(pids[victim], signal.SIGKILL)
        os.waitpid(pids[victim], 0)
        pids[victim] = forked()
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and (
        Task.objects.unfinished().exists() or Delivery.objects.filter(state__in=["pending", "sending"]).exists()
    ):
        time.sleep(0.2)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return number


def main() -> None:
    gateway, seed = sys.argv[1:]
    set_up(gateway)
    enqueued = kill_and_kill(random.Random(int(seed)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM kill_effect ORDER BY id")
        effects = [name for (name,) in cursor.fetchall()]
    print(
        json.dumps(
            {
                "enqueued": enqueued,
                "effects": effects,
                "messages": Counter(Message.objects.values_list("dedupe_key", flat=True)),
                "deliveries": dict(Delivery.objects.values_list("message__count", "state")),
                "tasks": Counter(Task.objects.values_list("state", flat=True)),
                "attempts": Counter(Task.objects.values_list("attempts", flat=True)),
                "today": clock.today().isoformat(),
            }
        )
    )


if __name__ == "__main__":
    main()
