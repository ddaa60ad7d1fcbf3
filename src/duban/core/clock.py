"""The clock. Only doors read it; everything below is told `now` or `today`.

The demonstration year lies in the past, so the clock may be moved: the environment variable
`DUBAN_CLOCK_OFFSET` holds seconds to add to real time, and `DUBAN_CLOCK_UNTIL` the moment at which the shown time
stops (both set by `duban up --demo`).
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from duban.core.errors import WrongState

SHANGHAI = ZoneInfo("Asia/Shanghai")


def offset() -> timedelta:
    """Return how far the shown time lies from real time."""
    return timedelta(seconds=float(os.environ.get("DUBAN_CLOCK_OFFSET", "0")))


def now() -> datetime:
    """Return the present moment, aware, in Asia/Shanghai."""
    shown = (datetime.now(UTC) + offset()).astimezone(SHANGHAI)
    until = os.environ.get("DUBAN_CLOCK_UNTIL")
    return min(shown, datetime.fromisoformat(until).astimezone(SHANGHAI)) if until else shown


def follow_demo(folder: Path) -> None:
    """Move the clock of this process as the demonstration of a data folder says, where there is one.

    Raises WrongState where a demonstration year was broken off on its way: half a year is not shown as a whole one.
    """
    mark = folder / "demo.json"
    if mark.exists():
        told = json.loads(mark.read_text(encoding="utf-8"))
        if told.get("playing"):
            raise WrongState(
                f"{folder} 里的演示年只播放到 {told['playing']} 就中断了，不能打开。"
                f"请清空这个目录（rm -r {folder}）后重新运行 duban demo-year，或用 --data 另指一个目录。"
            )
        os.environ["DUBAN_CLOCK_OFFSET"] = str(told["clock_offset"])
        os.environ["DUBAN_CLOCK_UNTIL"] = told["clock_until"] or ""
        os.environ["DUBAN_DEMO"] = "1"


@contextmanager
def stands_still() -> Iterator[Callable[[datetime], None]]:
    """Let the clock of this process stand, within the block, at each moment the block puts it to; then go on as before.

    Whatever was moved before is moved again afterwards.
    """
    names = ("DUBAN_CLOCK_OFFSET", "DUBAN_CLOCK_UNTIL")
    before = {name: os.environ.get(name) for name in names}

    def put(moment: datetime) -> None:
        ahead = moment - real() + timedelta(days=1)  # the shown time has always passed the moment it stops at
        os.environ["DUBAN_CLOCK_OFFSET"] = str(ahead.total_seconds())
        os.environ["DUBAN_CLOCK_UNTIL"] = moment.isoformat()

    try:
        yield put
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def real() -> datetime:
    """Return real time, aware (UTC): for leases and retries, which a clock that is moved must not stretch."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present date in Asia/Shanghai."""
    return now().date()


def day_of(moment: datetime) -> date:
    """Return the day a moment (aware) falls on here."""
    return moment.astimezone(SHANGHAI).date()
