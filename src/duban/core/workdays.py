"""Chinese working days, 调休 included.

Data: the package chinesecalendar, which holds the State Council's yearly notices (docs/decisions says why this one),
and over it the notices an administrator has loaded, put here by `use_notices`. Years neither holds fall back to
Monday–Friday, and `is_known_year` says so.
"""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

from chinese_calendar.constants import holidays, workdays

Notice = Mapping[date, bool]
"""One year's notice: the days it names, and whether offices work on them. All other days follow the week."""

_FIRST, _LAST = date(1990, 1, 1).toordinal(), date(2110, 12, 31).toordinal()
_MISSED = {date(2005, 12, 31): True}
"""What the package lacks: the Saturday worked for New Year 2006, found by comparing every day with `holidays`."""

_PACKAGE: dict[int, dict[date, bool]] = {}
for _days, _works in ((holidays, False), (workdays, True), (_MISSED, True)):
    for _day in _days:
        _PACKAGE.setdefault(_day.year, {})[_day] = _works


class Workdays:
    """The calendar as it stands: the package's years with `notices` over them. Questions cost no loop.

    notices: what was loaded, by the year each notice is for; it may name days of the December before.
    """

    __slots__ = ("_days", "_known", "_passed")

    def __init__(self, notices: Mapping[int, Notice] | None = None) -> None:
        loaded = notices or {}
        self._known = frozenset(_PACKAGE) | frozenset(loaded)
        works = [(ordinal - 1) % 7 < 5 for ordinal in range(_FIRST, _LAST + 1)]  # ordinal 1 was a Monday
        for year in sorted(self._known):
            for day, is_worked in loaded.get(year, _PACKAGE.get(year, {})).items():
                works[day.toordinal() - _FIRST] = is_worked
        self._days = [ordinal for ordinal, is_worked in zip(range(_FIRST, _LAST + 1), works, strict=True) if is_worked]
        self._passed = [0, *accumulate(works)]

    def is_known_year(self, year: int) -> bool:
        """Return whether the public calendar of this year is known."""
        return year in self._known

    def is_workday(self, day: date) -> bool:
        """Return whether offices work on this day; weekdays where the year's calendar is unknown."""
        place = day.toordinal() - _FIRST
        if not 0 <= place <= _LAST - _FIRST:
            return day.weekday() < 5
        return self._passed[place + 1] > self._passed[place]

    def add_workdays(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day` (before it when negative); 0 gives `day` itself."""
        if not count:
            return day
        ordinal = day.toordinal()
        place = bisect_left(self._days, ordinal + 1) - 1 + count if count > 0 else bisect_left(self._days, ordinal)
        place = place if count > 0 else place + count
        if _FIRST <= ordinal <= _LAST and 0 <= place < len(self._days):
            return date.fromordinal(self._days[place])
        return self._stepped(day, count)

    def _stepped(self, day: date, count: int) -> date:
        step = timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def workdays_between(self, day: date, until: date) -> int:
        """Return how many working days lie after `day` up to and including `until`; 0 where `until` is not later."""
        first, last = (min(max(one.toordinal() - _FIRST, -1), _LAST - _FIRST) for one in (day, until))
        return max(self._passed[last + 1] - self._passed[first + 1], 0)

    def workday_on_or_before(self, day: date) -> date:
        """Return `day`, or the working day before it when nobody works on it."""
        return day if self.is_workday(day) else self.add_workdays(day, -1)


_PLAIN = Workdays()
_now = _PLAIN
_now_key: object = None


@lru_cache(maxsize=8)
def calendar_of(notices: tuple[tuple[int, tuple[tuple[date, bool], ...]], ...]) -> Workdays:
    """Return the calendar with these notices, ((year, ((day, works), …)), …); without any, that of the package."""
    return Workdays({year: dict(days) for year, days in notices}) if notices else _PLAIN


def use_notices(calendar: Workdays, *, key: object) -> None:
    """Let this calendar hold in this process. key: what it was read from, told again by `notices_in_use`.

    Every process (web, worker, command) is told anew before it changes anything, so that all agree.
    """
    global _now, _now_key
    _now, _now_key = calendar, key


def notices_in_use() -> object:
    """Return the key of the notices that hold in this process; None while none was told."""
    return _now_key


def workdays_now() -> Workdays:
    """Return the calendar that holds in this process."""
    return _now


def is_known_year(year: int) -> bool:
    """Return whether the public calendar of this year is known."""
    return _now.is_known_year(year)


def is_workday(day: date) -> bool:
    """Return whether offices work on this day; weekdays where the year's calendar is unknown."""
    return _now.is_workday(day)


def add_workdays(day: date, count: int) -> date:
    """Return the `count`-th working day after `day` (before it when negative); 0 gives `day` itself."""
    return _now.add_workdays(day, count)


def workdays_between(day: date, until: date) -> int:
    """Return how many working days lie after `day` up to and including `until`; 0 where `until` is not later."""
    return _now.workdays_between(day, until)


def workday_on_or_before(day: date) -> date:
    """Return `day`, or the working day before it when nobody works on it."""
    return _now.workday_on_or_before(day)
