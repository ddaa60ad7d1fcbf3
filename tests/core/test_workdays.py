"""The Chinese calendar with its moved days. 2020: the Spring Festival holiday was prolonged to 2 February."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core.workdays import add_workdays, is_known_year, is_workday, workday_on_or_before

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2020, 1, 19), True),  # a Sunday worked in exchange (调休)
        (date(2020, 1, 23), True),
        (date(2020, 1, 24), False),  # New Year's Eve
        (date(2020, 1, 30), False),
        (date(2020, 1, 31), False),  # prolonged
        (date(2020, 2, 1), False),  # a Saturday that was to be worked, until the holiday was prolonged
        (date(2020, 2, 2), False),
        (date(2020, 2, 3), True),
        (date(2020, 4, 6), False),  # 清明
        (date(2020, 4, 26), True),  # a Sunday worked
        (date(2020, 5, 9), True),  # a Saturday worked
        (date(2020, 6, 20), False),  # the first report falls on a Saturday
        (date(2020, 6, 25), False),  # 端午
        (date(2020, 6, 28), True),  # a Sunday worked
        (date(2020, 9, 27), True),
        (date(2020, 10, 1), False),
        (date(2020, 10, 8), False),
        (date(2020, 10, 10), True),
        (date(2020, 12, 20), False),  # the second report falls on a Sunday
        (date(2020, 2, 29), False),  # a leap day, and a Saturday
        (date(2024, 2, 29), True),
    ],
)
def test_is_workday(day, works):
    assert is_workday(day) is works


@pytest.mark.parametrize(
    ("day", "count", "result"),
    [
        (date(2020, 1, 22), 0, date(2020, 1, 22)),
        (date(2020, 1, 22), 1, date(2020, 1, 23)),
        (date(2020, 1, 22), 2, date(2020, 2, 3)),
        (date(2020, 2, 3), -1, date(2020, 1, 23)),
        (date(2020, 2, 1), 1, date(2020, 2, 3)),
        (date(2020, 2, 1), 0, date(2020, 2, 1)),
        (date(2020, 4, 24), 1, date(2020, 4, 26)),
        (date(2020, 6, 19), 4, date(2020, 6, 28)),
        (date(2020, 9, 30), 1, date(2020, 10, 9)),
        (date(2020, 12, 31), 1, date(2021, 1, 4)),
    ],
)
def test_add_workdays(day, count, result):
    assert add_workdays(day, count) == result


@pytest.mark.parametrize(
    ("day", "result"),
    [
        (date(2020, 6, 19), date(2020, 6, 19)),
        (date(2020, 6, 20), date(2020, 6, 19)),
        (date(2020, 12, 20), date(2020, 12, 18)),
        (date(2020, 2, 2), date(2020, 1, 23)),
        (date(2020, 1, 19), date(2020, 1, 19)),
    ],
)
def test_workday_on_or_before(day, result):
    assert workday_on_or_before(day) == result


def test_unknown_years_fall_back_to_weekdays():
    assert is_known_year(2020)
    assert not is_known_year(2199)
    monday = date(2199, 1, 7)
    assert monday.weekday() == 0
    assert [is_workday(monday + timedelta(days=n)) for n in range(7)] == [True] * 5 + [False] * 2


DAYS = st.dates(date(2012, 1, 1), date(2030, 12, 31))


@given(DAYS, st.integers(1, 60))
def test_add_workdays_counts_workdays(day, count):
    end = add_workdays(day, count)
    passed = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert (sum(map(is_workday, passed)), is_workday(end)) == (count, True)


@given(DAYS, st.integers(1, 60))
def test_add_workdays_goes_back_the_same_way(day, count):
    start = workday_on_or_before(day)
    assert add_workdays(add_workdays(start, count), -count) == start


@given(DAYS)
def test_workday_on_or_before_passes_no_workday(day):
    found = workday_on_or_before(day)
    skipped = [found + timedelta(days=n) for n in range(1, (day - found).days + 1)]
    assert is_workday(found)
    assert [one for one in skipped if is_workday(one)] == []
