"""`duban tick`: runs once what is due, and ends; for those who call it from cron, and to see what a day would do."""

import argparse
import os
from datetime import date, datetime, time
from pathlib import Path

import django

from duban.core import clock
from duban.core.errors import Invalid


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"日期应写成 2020-01-22，现在是“{text}”") from error


def main(argv: list[str]) -> int:
    """Run what is due once. Returns 1 when something failed. With --dry-run it really runs, then is rolled back."""
    parser = argparse.ArgumentParser(prog="duban tick", description="把到期的任务运行一遍就结束。")
    parser.add_argument("--data", metavar="目录", help="数据目录（默认取 DUBAN_DATA，再默认 ./duban-data）")
    parser.add_argument("--date", type=_day, metavar="日期", help="只补到这一天（含）；默认今天")
    parser.add_argument(
        "--dry-run", action="store_true", help="真的运行一遍，然后全部撤销；可与以后的 --date 合用，看到时会怎样"
    )
    options = parser.parse_args(argv)
    clock.follow_demo(Path(os.environ.get("DUBAN_DATA") or "duban-data").resolve())
    until = options.date or clock.today()
    if until > clock.today():
        if not options.dry_run:
            raise Invalid("还没有到这一天。要看到时会怎样，请加 --dry-run。")
        move_clock(until)
    django.setup()
    from duban.worker.once import tick  # reads models, so only after setup

    return tick(until=until, is_dry=options.dry_run)


def move_clock(day: date) -> None:
    """Let this process believe it is the last minute of a day to come."""
    moment = datetime.combine(day, time(23, 59), tzinfo=clock.SHANGHAI)
    os.environ["DUBAN_CLOCK_OFFSET"] = str((moment - clock.real()).total_seconds())
    os.environ.pop("DUBAN_CLOCK_UNTIL", None)
