"""Four daily rounds at once, killed again and again. `python -m tests.lights.killed SEED` prints what is left.

A process of its own, because it forks: whoever makes rounds is a copy of it that has everything imported already.
There are no leases here: nothing but the round's own transaction keeps the four apart.
"""

import json
import mmap
import os
import random
import signal
import sys
import time
import traceback
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import django
import django.apps

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.db.models import Count  # noqa: E402

from duban.audit import triggers as audit_triggers  # noqa: E402
from duban.audit.models import Event  # noqa: E402
from duban.audit.rules import EventName  # noqa: E402
from duban.core.actor import SYSTEM  # noqa: E402
from duban.lights import triggers as light_triggers  # noqa: E402
from duban.lights.actions import reconcile, tick  # noqa: E402
from duban.lights.models import DailyRound, LightTurn, Snapshot  # noqa: E402
from duban.matters.actions import (  # noqa: E402
    NewAssignment,
    NewMatter,
    NewMilestone,
    assign_matters,
    register_matters,
    set_milestones_of,
)
from duban.matters.models import Matter  # noqa: E402
from duban.matters.rules import Kind, Part  # noqa: E402
from duban.orgs.models import Jurisdiction  # noqa: E402
from tests.lights.killed_counts import FIRST, KILLS, LAST, MATTERS, ROUNDS_AT_ONCE  # noqa: E402
from tests.matters.builders import usual_world  # noqa: E402

SHANGHAI = ZoneInfo("Asia/Shanghai")
STORED = ("id", "light", "lit_on", "yellow_on", "red_on")

inside = mmap.mmap(-1, ROUNDS_AT_ONCE)
"""One byte for each process, shared: whether it is making a round."""


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 30, tzinfo=SHANGHAI)


def set_up(chance: random.Random) -> None:
    """Make the tables and matters of every kind, handed out the day before the first round."""
    settings.MIGRATION_MODULES = {one.label: None for one in django.apps.apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    for one in (audit_triggers, light_triggers):
        one.make_triggers(connection)
    county = Jurisdiction.objects.create(level="county", name="临江市临江区", short_name="临江区")
    now = at(FIRST - timedelta(days=1), 9)
    world = usual_world(county, SYSTEM, SYSTEM, now)
    kinds, school = list(Kind), NewAssignment(world.unit("教育局"), Part.LEAD)
    drafts = world.drafts(
        *(
            NewMatter(
                text="新建小学1所。",
                serial=str(number),
                kind=kinds[number % len(kinds)],
                starts_on=date(2020, 1, 1) + timedelta(days=chance.randint(0, 90)),
                due_on=date(2020, 12, 31) - timedelta(days=chance.randint(0, 200)),
                assignments=[school],
            )
            for number in range(1, MATTERS + 1)
        )
    )
    given = {"by": SYSTEM, "now": now}
    matters = assign_matters(register_matters(drafts, approval=world.approval(), **given), **given)
    nodes = [NewMilestone("完成选址", date(2020, 4, 10), 30), NewMilestone("封顶", date(2020, 5, 29), 80)]
    set_milestones_of([(one, nodes) for one in matters[::5]], reason="明确节点", **given)


def forked(place: int) -> int:
    """Let another process make all the rounds there are, one after the other; return its number."""
    connections.close_all()
    inside[place] = 0
    pid = os.fork()
    if pid:
        return pid
    try:
        day = FIRST
        while day <= LAST:
            inside[place] = 1
            tick(day, by=SYSTEM, now=at(day, 0))
            inside[place] = 0
            day += timedelta(days=1)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def kill_and_kill(chance: random.Random) -> int:
    """Have four at it at once and kill one every now and then; return how many were hit in a round not yet made."""
    pids, hits = [forked(place) for place in range(ROUNDS_AT_ONCE)], 0
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.01, 0.08))
        victim = chance.randrange(ROUNDS_AT_ONCE)
        os.kill(pids[victim], signal.SIGKILL)
        _, status = os.waitpid(pids[victim], 0)
        if os.WIFSIGNALED(status):
            hits += inside[victim] and not DailyRound.objects.filter(day=LAST, done_at__isnull=False).exists()
        elif os.WEXITSTATUS(status):
            raise SystemExit("a round broke off by itself")
        pids[victim] = forked(victim)
    for pid in pids:
        if os.waitpid(pid, 0)[1]:
            raise SystemExit("a round broke off by itself")
    return hits


def main() -> None:
    chance = random.Random(int(sys.argv[1]))
    set_up(chance)
    before = list(Matter.objects.order_by("pk").values(*STORED))
    hits = kill_and_kill(chance)
    turned = LightTurn.objects.filter(day__gte=FIRST).order_by("day", "matter_id")
    print(
        json.dumps(
            {
                "hits": hits,
                "before": before,
                "turns": list(turned.values_list("matter_id", "day", "before", "light")),
                "rounds": list(DailyRound.objects.order_by("day").values_list("day", "turns", "digest")),
                "events": [
                    [one.data["day"], one.data["turns"], one.data["digest"]]
                    for one in Event.objects.filter(name=EventName.LIGHTS_TURNED).order_by("pk")
                ],
                "snapshots": list(
                    Snapshot.objects.order_by("day").annotate(rows_=Count("rows")).values_list("day", "rows_")
                ),
                "lights": dict(Matter.objects.values_list("pk", "light")),
                "differing": len(reconcile(by=SYSTEM, now=at(LAST, 23))),
            },
            default=str,
        )
    )


if __name__ == "__main__":
    main()
