"""A notice on its way into the database: import, desk, registration, and whether a long one costs only its length.

`python -m bench.intake` prints the figures and exits 1 when a bound is broken.
"""

import os
import time
from pathlib import Path
from typing import Any

from bench.apart import run_apart, tell

SAMPLE = Path(__file__).resolve().parent.parent / "examples" / "quangang-2020-2.txt"
HEADER = "序号\t具体目标任务\t牵头单位\t责任人\t协办单位\t区分管或联系领导"


def run() -> list[dict[str, Any]]:
    """Measure in a process of its own."""
    return run_apart("intake")


def long_notice(rows: int) -> bytes:
    """Return an invented notice of so many rows: 80 units, each with its head and its leader."""
    heads = [
        f"{family}{given}"
        for family in "赵钱孙李周吴郑王"
        for given in ["一明", "建国", "文华", "志强", "秀英", "海燕", "小龙", "春生", "立新", "国庆"]
    ]
    leaders = ["冯远山", "陈江河", "褚天明", "卫东来", "蒋学文"]
    units = [f"{mark}{body}局" for mark in "教财民农林水商卫" for body in "育务政业利生安展文体"]
    lines = [
        "临江市临江区人民政府办公室文件",
        "",
        "临政办〔2020〕7号",
        "",
        "关于印发2020年目标任务责任分解表的通知",
        "",
        HEADER,
    ]
    for number in range(1, rows + 1):
        first, second = number % len(units), (number * 7 + 3) % len(units)
        lines.append(
            f"{number}\t完成第{number}号工程，新增岗位{number % 90 + 10}个，年底前投入使用。\t"
            f"{units[first]} {units[second]}\t{heads[first]} {heads[second]}\t"
            f"{units[(number * 3) % len(units)]} 各镇（街道）\t{leaders[number % 5]}"
        )
    return "\n".join(lines).encode()


def measure() -> list[dict[str, Any]]:
    """Import the sample and invented notices of 2,000 and 20,000 rows."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from duban.core import clock
    from duban.core.actor import SYSTEM
    from duban.intake.actions import accept_rows, register_as_read, upload_notice
    from duban.intake.models import Row
    from duban.intake.queries import progress, rows_for_desk
    from duban.orgs.actions import create_jurisdiction
    from duban.orgs.rules import Level

    call_command("migrate", verbosity=0)
    now = clock.now()
    results = []

    def spent(work: Any) -> tuple[float, Any]:
        begin = time.perf_counter()
        outcome = work()
        return time.perf_counter() - begin, outcome

    def say(name: str, value: float, unit: str, bound: float) -> None:
        results.append({"name": name, "value": value, "unit": unit, "bound": bound, "ok": value <= bound})

    def place(name: str) -> Any:
        return create_jurisdiction(f"临江市{name}", short_name=name, level=Level.COUNTY, by=SYSTEM, now=now)

    data = SAMPLE.read_bytes()
    took, notice = spent(lambda: upload_notice(place("临江区"), data=data, file_name=SAMPLE.name, by=SYSTEM, now=now))
    say("样例通知（128 项）导入数据库", took, "s", 1)
    took, _ = spent(lambda: [list(rows_for_desk(notice)), progress(notice)])
    say("样例通知：核对台取数", took, "s", 0.15)
    took, _ = spent(lambda: register_as_read(notice, by=SYSTEM, now=now))
    say("样例通知：全部确认并立项", took, "s", 1.5)

    per_row = {}
    for rows in (2_000, 20_000):
        data = long_notice(rows)
        took, notice = spent(
            lambda data=data, rows=rows: upload_notice(
                place(f"江{rows}区"), data=data, file_name="long.txt", by=SYSTEM, now=now
            )
        )
        if Row.objects.filter(notice=notice).count() != rows:
            raise RuntimeError(f"{rows} rows expected")
        per_row[rows] = took / rows
    say("20000 项通知导入", per_row[20_000] * 20_000, "s", 60)
    say("每项导入用时之比，20000 项对 2000 项", per_row[20_000] / per_row[2_000], "倍", 1.6)
    took, outcome = spent(lambda: accept_rows(notice, by=SYSTEM, now=now))
    say("20000 项通知：无疑点的行一次通过", took, "s", 20)
    if not outcome.accepted:
        raise RuntimeError("nothing was accepted")
    return results


if __name__ == "__main__":
    tell(measure, run)
