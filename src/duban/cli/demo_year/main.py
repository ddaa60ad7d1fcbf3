"""`duban demo-year`: plays a year of an invented county into an empty data folder; every page then has a year in it."""

import argparse
import json
import os
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import django

from duban.cli.demo_accounts import demo_accounts_text
from duban.cli.demo_year.behaviour import FIRST, LAST, SEED
from duban.core import clock
from duban.core.clock import SHANGHAI
from duban.core.errors import Invalid


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"日期应写成 2020-06-30，现在是“{text}”") from error


def main(argv: list[str]) -> int:
    """Play the year. Returns 1 when it was broken off; raises Invalid, WrongState when the folder cannot be taken."""
    parser = argparse.ArgumentParser(
        prog="duban demo-year", description="演示年：把虚构的临江区从 2020 年 1 月 22 日播放到 2021 年 1 月 31 日。"
    )
    parser.add_argument("--data", metavar="目录", help="空的数据目录（默认取 DUBAN_DATA，再默认 ./duban-data）")
    parser.add_argument("--until", type=_day, default=LAST, metavar="日期", help="播放到这一天为止；默认 2021-01-31")
    parser.add_argument("--seed", default=SEED, metavar="词语", help="换一个词，各单位的表现就换一种；同词同年")
    options = parser.parse_args(argv)
    if not FIRST <= options.until <= LAST:
        raise Invalid(f"演示年从 {FIRST} 到 {LAST}，不能播放到 {options.until}。")
    if os.environ.get("DUBAN_DATABASE"):
        raise Invalid("演示年只用数据目录里的 SQLite；请先取消 DUBAN_DATABASE。")
    folder = Path(os.environ.get("DUBAN_DATA") or "duban-data").resolve()
    clock.follow_demo(folder)  # says so where an earlier play was broken off
    if folder.exists() and any(folder.iterdir()):
        raise Invalid(f"{folder} 不是空目录。演示年只播放到空目录里，请用 --data 另指一个目录，或先清空它。")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["DUBAN_DATA"] = str(folder)
    mark = folder / "demo.json"
    _write(mark, {"playing": FIRST.isoformat()})
    try:
        _play(mark, until=options.until, seed=options.seed)
    except KeyboardInterrupt:
        print(f"\n播放中断了。{folder} 里只有半个年度，不能打开；请清空后重新播放。", file=sys.stderr)
        return 1
    print(f"\n打开：duban up --data {folder}（日期停在 {options.until}，只在本机）\n")
    print(demo_accounts_text(is_year=True))
    return 0


def _play(mark: Path, *, until: date, seed: str) -> None:
    """Set Django up, play, say each month how far it is, and leave the mark of a whole play."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from duban.cli.demo_year import archiving, play, summary  # read models, so only after setup

    settings.PASSWORD_HASHERS = ["duban.cli.demo_year.passwords.QuickArgon2"]
    call_command("migrate", verbosity=0, interactive=False)
    began_s = time.monotonic()
    play.relax_disk()
    for played in play.play(until=until, seed=seed):
        _write(mark, {"playing": played.day.isoformat()})
        if played.is_last:
            print(summary.month_line(played.day), flush=True)
    print(f"\n{summary.year_text()}\n用时 {time.monotonic() - began_s:.0f} 秒。")
    if announced := archiving.archive_text():
        print(announced)
    play.settle_disk()
    closes = datetime.combine(until, play.closing_time(), tzinfo=SHANGHAI)
    told = {
        "year": {"until": until.isoformat(), "seed": seed},
        "clock_offset": (closes - datetime.now(UTC)).total_seconds(),  # noqa: TID251
        "clock_until": closes.replace(hour=23, minute=59).isoformat(),
    }
    _write(mark, told)


def _write(mark: Path, told: dict[str, Any]) -> None:
    part = mark.with_suffix(".part")
    part.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    part.replace(mark)  # whole or not at all: a play may be killed here
