"""Chinese working days, 调休 included.

Data: the package chinesecalendar, which holds the State Council's yearly notices; years it does not
hold fall back to Monday–Friday, and `is_known_year` says so.
"""

from datetime import date, timedelta

import chinese_calendar


def is_known_year(year: int) -> bool:
    """Return whether the public calendar of this year is known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_workday(day: date) -> bool:
    """Return whether offices work on this day; weekdays where the year's calendar is unknown."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_workdays(day: date, count: int) -> date:
    """Return the `count`-th working day after `day` (before it when negative); 0 gives `day` itself."""
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        if is_workday(day):
            left -= 1
    return day


def workday_on_or_before(day: date) -> date:
    """Return `day`, or the working day before it when nobody works on it."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day
