"""The clock. Only doors read it; everything below is told `now` or `today`.

The demonstration year lies in the past, so the clock may be moved: the environment variable
`DUBAN_CLOCK_OFFSET` holds seconds to add to real time, and `DUBAN_CLOCK_UNTIL` the moment at which the shown time
stops (both set by `duban up --demo`).
"""

import os
from datetime import UTC, date, datetime, timedelta
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


def today() -> date:
    """Return the present date in Asia/Shanghai."""
    return now().date()
