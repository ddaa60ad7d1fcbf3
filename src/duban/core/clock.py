"""The clock. Only doors read it; everything below is told `now` or `today`.

The demonstration year lies in the past, so the clock may be moved: the environment variable
`DUBAN_CLOCK_OFFSET` holds seconds to add to real time, and `DUBAN_CLOCK_UNTIL` the moment at which the shown time
stops (both set by `duban up --demo`).
"""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

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
    """Move the clock of this process as the demonstration of a data folder says, where there is one."""
    mark = folder / "demo.json"
    if mark.exists():
        told = json.loads(mark.read_text(encoding="utf-8"))
        os.environ["DUBAN_CLOCK_OFFSET"] = str(told["clock_offset"])
        os.environ["DUBAN_CLOCK_UNTIL"] = told["clock_until"] or ""
        os.environ["DUBAN_DEMO"] = "1"


def real() -> datetime:
    """Return real time, aware (UTC): for leases and retries, which a clock that is moved must not stretch."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present date in Asia/Shanghai."""
    return now().date()
