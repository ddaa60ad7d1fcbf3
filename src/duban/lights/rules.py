"""三盏灯 as a pure function: what stands of a matter, the policy, the calendar → two dates and the reasons."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum


class Light(StrEnum):
    """红黄绿灯. A matter without one (not begun, closed, paused) says so in grey words; there is no fourth lamp."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


LIGHT_LABELS = {Light.GREEN: "绿灯", Light.YELLOW: "黄灯", Light.RED: "红灯"}


class Schedule(StrEnum):
    """How 序时进度 is counted: by the straight line a day, by month, by quarter, by the matter's own nodes."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    NODES = "nodes"


_WHOLE = 10_000
"""All of a matter in hundredths of a percent: whole numbers, so that two engines and a loop agree to the last digit."""


def expected_pct(
    *,
    starts_on: date,
    due_on: date,
    today: date,
    schedule: str,
    quarter_pct: Sequence[int],
    milestones: Sequence[tuple[date, Decimal]],
) -> Decimal:
    """Return 序时进度: how much of a matter should be done at the end of `today`, in percent, rounded down to 0.01.

    schedule: a Schedule.   quarter_pct: what should be done at the four quarters' ends of a whole year.
    milestones: (day, percentage of the whole) of the matter's own nodes.
    Nothing is expected before the first day, all on the last. By day it is the straight line between the two; by month
    and by quarter what the months (quarters) that have ended hold, of those the matter touches, its last one ending on
    its due date: 11/12 from the end of November. By nodes it is what the last node passed says.
    Source: docs/sources.md#lights
    """
    return Decimal(
        _expected(starts_on, due_on, today, schedule=schedule, quarter_pct=quarter_pct, milestones=milestones)
    ).scaleb(-2)


def _expected(
    starts_on: date,
    due_on: date,
    today: date,
    *,
    schedule: str,
    quarter_pct: Sequence[int],
    milestones: Sequence[tuple[date, Decimal]],
) -> int:
    if today >= due_on:
        return _WHOLE
    if today < starts_on:
        return 0
    if schedule == Schedule.DAY:
        return _WHOLE * (today - starts_on).days // (due_on - starts_on).days
    if schedule == Schedule.NODES:
        return max((int(100 * pct) for day, pct in milestones if day <= today), default=0)
    steps = _steps(starts_on, due_on, schedule=schedule, quarter_pct=quarter_pct)
    return max((share for day, share in steps if day <= today), default=0)


def _steps(starts_on: date, due_on: date, *, schedule: str, quarter_pct: Sequence[int]) -> list[tuple[date, int]]:
    """Return (last day, share of the whole) of each month or quarter a matter touches."""
    months = 1 if schedule == Schedule.MONTH else 3
    first = starts_on.year * 12 + (starts_on.month - 1) // months * months
    last = due_on.year * 12 + due_on.month - 1
    ends = [min(_month_end(at + months - 1), due_on) for at in range(first, last + 1, months)]
    if months == 1:
        weights = [1] * len(ends)
    else:
        of_quarter = [after - before for before, after in zip((0, *quarter_pct), quarter_pct, strict=False)]
        weights = [of_quarter[at % 12 // 3] for at in range(first, last + 1, months)]
    whole, passed, steps = sum(weights), 0, []
    for day, weight in zip(ends, weights, strict=True):
        passed += weight
        steps.append((day, _WHOLE * passed // whole if whole else 0))
    return steps


def _month_end(months: int) -> date:
    """Return the last day of a month counted from year 0: 2020 * 12 is January 2020."""
    year, month = divmod(months + 1, 12)
    return date(year, month + 1, 1) - timedelta(days=1)
