"""Server time of what a unit does all year: its desk, a matter with a long history, sending a report.

157 matters, all of them led by one unit, 5,000 entries of history on one matter; through the whole middleware stack,
on SQLite in a folder of its own. `python -m bench.units` prints the figures and exits 1 when a bound is broken.
"""

import os
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.apart import run_apart, tell
from bench.ledger import median_ms

MATTERS, ENTRIES = 157, 5_000
TEXT = "校舍加固和功能教室改造同步推进，进场施工{n}处，累计完成投资{m}万元，未发生安全事故。"


def run() -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    return run_apart("units")


def world(*, now: Any, units: int = 1, matters: int = MATTERS) -> dict[str, Any]:
    """Return an invented county: a plan of so many matters (at least one a unit) shared by so many units, all signed
    for, and each unit's liaison and deputy."""
    from duban.access.models import Account
    from duban.core.actor import SYSTEM
    from duban.matters.actions import (
        NewApproval,
        NewAssignment,
        NewMatter,
        acknowledge,
        assign_matters,
        create_matters,
        create_plan,
        name_contacts,
        register_matters,
    )
    from duban.matters.rules import Part
    from duban.orgs.actions import (
        NewContact,
        NewPerson,
        NewUnit,
        create_jurisdiction,
        create_people,
        create_units,
        link_account,
    )
    from duban.orgs.rules import ContactRole, Level

    told = {"by": SYSTEM, "now": now}
    county = create_jurisdiction("临江市临江区", short_name="临江区", level=Level.COUNTY, **told)
    made = create_units(county, units=[NewUnit(f"第{n}局") for n in range(1, units + 10)], **told)
    people = create_people(county, people=[NewPerson(f"吴{n}明") for n in range(2 * units)], **told)
    contacts = []
    for place in range(units):
        contacts.append(NewContact(made[place], ContactRole.LIAISON, people[2 * place], now.date()))
        contacts.append(NewContact(made[place], ContactRole.DEPUTY, people[2 * place + 1], now.date()))
    name_contacts(contacts, **told)
    plan = create_plan(county, year=now.year, title="年度督查台账", **told)
    created = create_matters(
        plan,
        matters=[
            NewMatter(
                text=f"完成第{number}小学校舍加固，年底前投入使用。",
                serial=str(number),
                order=float(number),
                assignments=[
                    NewAssignment(made[(number - 1) % units], Part.LEAD),
                    NewAssignment(made[units + number % 9], Part.SUPPORT),
                ],
            )
            for number in range(1, max(matters, units) + 1)
        ],
        **told,
    )
    approval = NewApproval(basis="经区政府同意", approved_by_name="区政府", approved_on=now.date())
    assign_matters(register_matters(created, approval=approval, **told), **told)
    liaisons, deputies = [], []
    for place in range(units):
        acknowledge(made[place], plan=plan, **told)
        for offset, (word, logins) in enumerate((("lianluo", liaisons), ("fenguan", deputies))):
            account = Account(username=f"{word}{place}", name=people[2 * place + offset].name, created_at=now)
            account.set_unusable_password()  # they are signed in by the bench itself
            account.save()
            link_account(people[2 * place + offset], account=account, **told)
            logins.append(account)
    standing = list(plan.matters.order_by("order"))
    return {"plan": plan, "units": made, "matters": standing, "liaisons": liaisons, "deputies": deputies}


def write_history(matter: Any, *, unit: Any, now: Any, count: int = ENTRIES) -> None:
    """Give one matter so many entries of progress, each with its event."""
    from django.db import transaction

    from duban.audit.actions import Subject, record_many
    from duban.audit.rules import EventName
    from duban.core.actor import SYSTEM
    from duban.progress.models import Progress

    entries = Progress.objects.bulk_create(
        Progress(
            matter=matter,
            unit=unit,
            effective_on=now.date() - timedelta(days=(count - number) * 25 // count),
            pct=number * 90 // count,
            sentence=TEXT.format(n=number % 7 + 1, m=number),
            recorded_at=now,
            recorded_by_name="测速员",
        )
        for number in range(count)
    )
    with transaction.atomic():
        record_many(
            EventName.PROGRESS_ENTERED,
            [
                Subject(
                    type="progress",
                    id=one.pk,
                    label=str(matter),
                    matter_id=matter.pk,
                    jurisdiction_id=matter.jurisdiction_id,
                    data={
                        "unit": unit.name,
                        "unit_id": unit.pk,
                        "effective_on": one.effective_on,
                        "pct": str(one.pct),
                        "sentence": one.sentence,
                        "forecast": "",
                        "figures": [],
                    },
                )
                for one in entries
            ],
            by=SYSTEM,
            now=now,
        )


def _reporting(client: Any, matters: list[Any]) -> list[dict[str, Any]]:
    """Return the median server time of writing a report on the matter with the long history, and of handing one in."""
    from duban.matters.models import Obligation
    from duban.matters.rules import Owed

    day = Obligation.objects.filter(matter=matters[0], kind=Owed.REPORT, state="open").latest("due_on").due_on
    results = []

    def add(name: str, value: float) -> None:
        results.append({"name": name, "value": value, "unit": "ms", "bound": 30, "ok": value <= 30})

    add(f"写报告，{ENTRIES} 条经过拟成草稿", median_ms(client, f"/matters/{matters[0].pk}/reports/{day}/"))
    spent = []
    for one in matters:  # a report is handed in once, so each matter is measured once
        begin = time.perf_counter()
        answer = client.post(f"/matters/{one.pk}/reports/{day}/", {"text": "督" * 120, "version": "0"})
        spent.append((time.perf_counter() - begin) * 1000)
        if answer.status_code != 302:
            raise RuntimeError(f"{one}: {answer.status_code}")
    add(f"提交报告，{MATTERS} 项、{ENTRIES} 条经过", statistics.median(spent))
    return results


def measure() -> list[dict[str, Any]]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    june = datetime(2020, 6, 10, 9, tzinfo=UTC)  # whatever the day: before a report is due
    os.environ.setdefault("DUBAN_CLOCK_OFFSET", str(june.timestamp() - time.time()))
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from duban.core import clock

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    now = clock.now()
    there = world(now=now)
    first, second = there["matters"][:2]
    write_history(first, unit=there["units"][0], now=now)
    write_history(second, unit=there["units"][0], now=now, count=1)
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(there["liaisons"][0], backend="django.contrib.auth.backends.ModelBackend")
    results = []
    for name, address in (
        (f"我的事项，一个单位牵头 {MATTERS} 项", "/my/"),
        (f"事项页，{ENTRIES} 条经过", f"/matters/{first.pk}/"),
    ):
        value = median_ms(client, address)
        results.append({"name": name, "value": value, "unit": "ms", "bound": 30, "ok": value <= 30})
    results += _reporting(client, there["matters"])
    counts = []
    for one in (first, second):
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/matters/{one.pk}/")
        counts.append(len(captured))
    more = counts[0] - counts[1]
    results.append(
        {
            "name": f"事项页 {ENTRIES} 条经过比 1 条多用的查询",
            "value": more,
            "unit": "条",
            "bound": 0,
            "ok": more <= 0,
        }
    )
    return results


if __name__ == "__main__":
    tell(measure, run)
