"""Server time of the office's morning page with 10,000 matters, on the fullest morning of the year.

The Monday before the half-year reports are due: lights turned over the week-end, everything waits in its hundreds and
every matter's report is due this week. Through the whole middleware stack, on SQLite in a folder of its own (or on the
database of DUBAN_DATABASE). `python -m bench.morning` prints the figures and exits 1 when a bound is broken.
"""

import os
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bench.apart import run_apart, tell
from bench.ledger import fill, median_ms

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2020, 1, 22, 9, 0, tzinfo=SHANGHAI)
MORNING = datetime(2020, 6, 15, 9, 0, tzinfo=SHANGHAI)
REPORT_DAY = date(2020, 6, 20)
FEW, MANY = 157, 10_000


def run() -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    return run_apart("morning", environment=environment())


def environment() -> dict[str, str]:
    """Return what a process that measures is told: its clock stands at that morning."""
    offset = (MORNING - datetime.now(UTC)).total_seconds()  # noqa: TID251
    return {"DUBAN_CLOCK_OFFSET": str(offset)}


def busy_county(name: str, *, count: int) -> Any:
    """Make an invented county whose plan of so many matters has run half a year; return the plan.

    Of 20 matters three turn yellow over the week-end, two send their report, one each waits with a request to close, a
    change, a difficulty, a schedule, and of a hundred one was given back by its unit.
    """
    from duban.core.actor import SYSTEM
    from duban.lights.actions import judge
    from duban.matters.actions import NewApproval, acknowledge, assign_matters, register_matters
    from duban.matters.models import Assignment, Matter, Obligation
    from duban.matters.rules import Kind, Owed, OwedState

    told: dict[str, Any] = {"by": SYSTEM, "now": BEGAN}
    plan = fill(count=count, name=name, **told)
    approval = NewApproval(basis="经区政府同意", approved_by_name="区政府", approved_on=BEGAN.date())
    matters = list(plan.matters.order_by("order"))
    for start in range(0, count, 2_000):
        assign_matters(register_matters(matters[start : start + 2_000], approval=approval, **told), **told)
    for unit in plan.jurisdiction.units.order_by("pk"):
        acknowledge(unit, plan=plan, **told)
    ids = [one.pk for one in matters]
    given = [pk for place, pk in enumerate(ids) if place % 2 == 0]  # reported already: what the gap does is seen
    owed = Obligation.objects.filter(kind=Owed.REPORT, due_on=REPORT_DAY)
    for start in range(0, len(given), 5_000):
        some = owed.filter(matter_id__in=given[start : start + 5_000])
        some.update(state=OwedState.MET, met_on=date(2020, 6, 1))
    turning = [pk for place, pk in enumerate(ids) if place % 20 in (2, 4, 6)]
    everybody = Matter.objects.filter(plan=plan)
    everybody.update(kind=Kind.MILESTONE, progress_pct=Decimal(60), progress_on=date(2020, 6, 1))
    everybody.filter(pk__in=turning).update(progress_pct=Decimal("31.4"))  # ten points behind on 13 and 14 June
    merging = dict(
        Assignment.objects.filter(matter__plan=plan, is_merging=True, ended_at=None).values_list("matter_id", "unit_id")
    )
    for start in range(0, count, 5_000):
        judge(ids[start : start + 5_000], by=SYSTEM, now=MORNING - timedelta(days=14))
    _let_wait(plan, ids=ids, merging=merging)
    refused = Assignment.objects.filter(matter_id__in=ids[5::100], part="support", ended_at=None).order_by("pk")
    Assignment.objects.filter(pk__in=list(refused.values_list("pk", flat=True)[: max(count // 100, 1)])).update(
        acknowledged_at=None, refused_at=MORNING - timedelta(days=1), refusal_reason="不属本单位职责。"
    )
    return plan


def _let_wait(plan: Any, *, ids: list[int], merging: dict[int, int]) -> None:
    """Put things in the office's hands as rows: what the actions do besides is measured elsewhere."""
    from duban.changes.models import ChangeRequest
    from duban.closing.models import Closure
    from duban.matters.models import Matter, Obligation
    from duban.matters.rules import ChangeKind, Owed, State
    from duban.obstacles.models import Obstacle
    from duban.progress.models import Schedule
    from duban.reports.models import Report

    at, place = MORNING - timedelta(days=2), plan.jurisdiction_id
    units = sorted(set(merging.values()))
    closing = ids[1::20]
    Matter.objects.filter(pk__in=closing).update(state=State.CLOSING, closing_asked_at=at)
    Closure.objects.bulk_create(
        Closure(matter_id=pk, unit_id=merging[pk], attempt=1, state="agreed", asked_at=at, agreed_at=at, lot=1)
        for pk in closing
    )
    ChangeRequest.objects.bulk_create(
        ChangeRequest(
            matter_id=pk,
            unit_id=merging[pk],
            kind=ChangeKind.EXTEND,
            cause="用地尚未批复。",
            progress="主体封顶。",
            due_on=date(2021, 1, 31),
            asked_on=at.date(),
            asked_at=at,
            asked_by_name="吴一明",
        )
        for pk in ids[3::20]
    )
    obstacles = Obstacle.objects.bulk_create(
        Obstacle(
            jurisdiction_id=place,
            matter_id=pk,
            unit_id=merging[pk],
            problem=f"第{pk}项资金缺口较大。",
            need="请协调资金。",
            to_unit_id=units[pk % len(units)],
            raised_at=at - timedelta(days=pk % 20),
        )
        for pk in ids[5::20]
    )
    Obligation.objects.bulk_create(
        Obligation(
            jurisdiction_id=place,
            plan=plan,
            unit_id=one.to_unit_id,
            matter_id=one.matter_id,
            kind=Owed.OBSTACLE,
            subject_type="obstacle",
            subject_id=one.pk,
            title="答复困难问题",
            due_on=MORNING.date() - timedelta(days=one.pk % 20 - 10),
            created_at=at,
        )
        for one in obstacles
    )
    Report.objects.bulk_create(
        Report(
            matter_id=pk,
            unit_id=merging[pk],
            report_day=REPORT_DAY,
            text="督" * 120,
            chars=120,
            state="sent",
            saved_at=at,
            saved_by_name="吴一明",
            submitted_at=at,
            approved_at=at,
            approved_by_name="吴二明",
            sent_on=at.date(),
            first_sent_on=at.date(),
        )
        for pk in ids[0::10]
    )
    Schedule.objects.bulk_create(
        Schedule(
            matter_id=pk,
            unit_id=merging[pk],
            state="proposed",
            nodes=[{"due_on": "2020-09-30", "title": "主体完工", "pct": "60"}],
            proposed_at=at,
            proposed_by_name="吴一明",
        )
        for pk in ids[7::20]
    )


def visitor(plan: Any, role: str, *, username: str) -> Any:
    """Return a browser somebody of a plan's office has signed in to."""
    from django.test import Client

    from duban.access.actions import create_account
    from duban.access.models import Grant
    from duban.core.actor import SYSTEM

    account = create_account(
        username, name="测速员", password="bench-2020-x", by=SYSTEM, now=BEGAN, must_change_password=False
    )
    Grant.objects.create(
        account=account,
        role=role,
        jurisdiction_id=plan.jurisdiction_id,
        from_on=BEGAN.date(),
        granted_by_name="系统",
    )
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def measure() -> list[dict[str, Any]]:
    """Build both counties, let the week-end pass, and time the pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from duban.core.actor import SYSTEM
    from duban.lights.actions import tick

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    plans = {FEW: busy_county("临江市临江区", count=FEW), MANY: busy_county("临江市江北区", count=MANY)}
    for days_before in (14, 0):
        at = MORNING - timedelta(days=days_before)
        tick(at.date(), by=SYSTEM, now=at)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as its own daemon does
    heads = {count: visitor(plan, "office_head", username=f"bench{count}") for count, plan in plans.items()}
    page = heads[MANY].get("/morning/").content.decode()
    waiting = sum(map(int, re.findall(r'class="morning-count">(\d+)', page)))
    results = []
    pages = (
        ("今日工作", "/morning/"),
        ("今日工作，单位应办", "/morning/due/"),
        ("台账页，只看灯色转差的，每页 100", f"/ledger/?since=2020-06-12&plan={plans[MANY].pk}"),
    )
    for name, address in pages:
        value = median_ms(heads[MANY], address)
        full = f"{name}，{MANY} 项事项，{waiting} 件等着办" if address == "/morning/" else f"{name}，{MANY} 项"
        results.append({"name": full, "value": value, "unit": "ms", "bound": 40, "ok": value <= 40})
    counts = []
    for count in (FEW, MANY):
        with CaptureQueriesContext(connection) as captured:
            heads[count].get("/morning/")
        counts.append(len(captured))
    more = counts[1] - counts[0]
    results.append(
        {"name": f"今日工作 {MANY} 项比 {FEW} 项多用的查询", "value": more, "unit": "条", "bound": 0, "ok": more <= 0}
    )
    return results


if __name__ == "__main__":
    tell(measure, run)
