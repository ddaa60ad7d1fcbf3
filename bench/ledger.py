"""Server time of the ledger page, through the whole middleware stack, on SQLite in a folder of its own.

`python -m bench.ledger` prints the figures and exits 1 when a bound is broken.
"""

import os
import random
import statistics
import time
from datetime import datetime
from typing import Any

from bench.apart import run_apart, tell

TEXTS = (
    "新增市场主体{n}家，培育规模以上企业{m}家，推动产业链条向下游延伸。",
    "完成第{n}中学教学楼主体工程，新增学位{m}个，九月投入使用。",
    "改造老旧小区{m}个、背街小巷{n}条，同步实施雨污分流和强弱电下地。",
    "持续推进河长制，{n}条主要河流水质达到Ⅲ类以上，入海排污口整治到位。",
    "举办招商推介活动{m}场以上，签约亿元以上项目{n}个，到位资金逐季通报。",
    "建成农村公路{n}公里，实现{m}个建制村通双车道，养护经费列入年度预算。",
)


def run() -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    return run_apart("ledger")


def fill(*, count: int, name: str, by: Any, now: datetime) -> Any:
    """Make one invented county with so many matters; return its plan."""
    from duban.matters.actions import (
        NewAssignment,
        NewMatter,
        NewOverseer,
        NewSetting,
        NewTarget,
        create_matters,
        create_plan,
    )
    from duban.matters.rules import Part, SettingKey
    from duban.orgs.actions import (
        NewAppointment,
        NewPerson,
        NewPost,
        NewUnit,
        appoint_many,
        create_jurisdiction,
        create_people,
        create_posts,
        create_units,
    )
    from duban.orgs.rules import Level, PostKind

    chance = random.Random(count)
    county = create_jurisdiction(name, short_name=name[-3:], level=Level.COUNTY, by=by, now=now)
    units = create_units(county, units=[NewUnit(f"第{n}局") for n in range(1, 61)], by=by, now=now)
    people = create_people(county, people=[NewPerson(f"吴{n}明") for n in range(1, 71)], by=by, now=now)
    posts = create_posts(
        county,
        posts=[
            *(NewPost(unit, PostKind.UNIT_HEAD, "局长") for unit in units),
            *(NewPost(None, PostKind.LEADER, f"副区长{n}") for n in range(1, 11)),
        ],
        by=by,
        now=now,
    )
    appoint_many(
        [NewAppointment(post, person, now.date()) for post, person in zip(posts, people, strict=True)], by=by, now=now
    )
    settings = [NewSetting(SettingKey.DECLARED_ITEMS, count)]
    plan = create_plan(county, year=now.year, title=f"{name}年度督查台账", settings=settings, by=by, now=now)
    heads, leaders = posts[:60], posts[60:]

    def matter(number: int) -> NewMatter:
        chosen = chance.sample(range(60), 5)
        leads = chosen[: chance.choice((1, 1, 2))]
        return NewMatter(
            text=chance.choice(TEXTS).format(n=chance.randint(2, 90), m=chance.randint(2, 90))
            * chance.choice((1, 1, 2)),
            serial=str(number),
            order=float(number),
            section=f"第{number // 20 + 1}部分",
            assignments=[
                *(NewAssignment(units[place], Part.LEAD, heads[place]) for place in leads),
                *(NewAssignment(units[place], Part.SUPPORT) for place in chosen[len(leads) :]),
            ],
            overseers=[NewOverseer(post) for post in chance.sample(leaders, chance.choice((1, 1, 2)))],
            targets=[NewTarget("20家", 20, unit_of_measure="家")] if number % 8 == 0 else [],
        )

    for start in range(1, count + 1, 2000):
        batch = [matter(number) for number in range(start, min(start + 2000, count + 1))]
        create_matters(plan, matters=batch, by=by, now=now)
    return plan


def median_ms(client: Any, address: str, *, rounds: int = 5, times: int = 11) -> float:
    """Return the median server time of a GET in the calmest of some rounds; the first requests warm caches."""
    medians = []
    for turn in range(rounds + 1):
        spent = []
        for _ in range(times if turn else 3):
            begin = time.perf_counter()
            response = client.get(address)
            spent.append((time.perf_counter() - begin) * 1000)
            if response.status_code != 200:
                raise RuntimeError(f"{address}: {response.status_code}")
        if turn:
            medians.append(statistics.median(spent))
    return min(medians)


def measure() -> list[dict[str, Any]]:
    """Build 157 and 10,000 matters and time the pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from duban.access.actions import create_account
    from duban.access.models import Grant
    from duban.core import clock
    from duban.core.actor import SYSTEM
    from duban.web.ledger import COLUMNS

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    now = clock.now()
    plans, clients = {}, {}
    for count, name in ((157, "临江市临江区"), (10_000, "临江市江北区")):
        plans[count] = plan = fill(count=count, name=name, by=SYSTEM, now=now)
        account = create_account(
            f"bench{count}", name="测速员", password="bench-2020-x", by=SYSTEM, now=now, must_change_password=False
        )
        Grant.objects.create(
            account=account,
            role="officer",
            jurisdiction_id=plan.jurisdiction_id,
            from_on=now.date(),
            granted_by_name="系统",
        )
        clients[count] = Client(HTTP_HOST="127.0.0.1")
        clients[count].force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    every = ".".join(column.key for column in COLUMNS)
    unit = plans[10_000].jurisdiction.units.order_by("pk").first().pk
    pages = (
        (157, "台账页，157 项，全部列", f"/ledger/?cols={every}", 30),
        (157, "台账页，157 项，全部列，按牵头单位分组", f"/ledger/?cols={every}&group=lead", 30),
        (10_000, "台账页，10000 项中按单位筛选，每页 100", f"/ledger/?unit={unit}", 40),
        (10_000, "台账页，10000 项中按领域筛选，全部列，每页 100", f"/ledger/?field=产业发展&cols={every}", 40),
        (10_000, "台账页，10000 项中按文字查找，每页 100", "/ledger/?q=小区", 40),
        (10_000, "台账页，10000 项中按拼音首字母查找，每页 100", "/ledger/?q=ljxq", 40),
    )
    results = []
    for count, name, address, bound in pages:
        value = median_ms(clients[count], address)
        results.append({"name": name, "value": value, "unit": "ms", "bound": bound, "ok": value <= bound})
    counts = []
    for client in clients.values():
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/ledger/?cols={every}")
        counts.append(len(captured))
    more = counts[1] - counts[0]
    results.append(
        {"name": "台账页 10000 项比 157 项多用的查询", "value": more, "unit": "条", "bound": 0, "ok": more <= 0}
    )
    return results


if __name__ == "__main__":
    tell(measure, run)
