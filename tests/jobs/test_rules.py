from datetime import date, datetime, timedelta

import pytest

from duban.core.clock import SHANGHAI
from duban.jobs.rules import MAX_ATTEMPTS, ClockJumped, Job, back_off, days_due, next_due
from tests.jobs.calls import FEED, feed

pytestmark = pytest.mark.engine_free


def at(day, hour=9, minute=0):
    return datetime(2020, *map(int, day.split("-")), hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        (None, at("2-3", 0, 29), []),  # a new job, before its hour
        (None, at("2-3", 0, 30), ["2020-02-03"]),  # a new job owes no day before today
        ("2020-02-03", at("2-3", 23, 59), []),
        ("2020-02-03", at("2-4", 0, 29), []),
        ("2020-02-03", at("2-4", 0, 30), ["2020-02-04"]),
        ("2020-02-27", at("3-1"), ["2020-02-28", "2020-02-29", "2020-03-01"]),  # a leap day among the missed
        ("2020-02-27", at("3-1", 0, 10), ["2020-02-28", "2020-02-29"]),
        ("2020-02-05", at("2-3"), []),  # the clock was set back: nothing runs again
        ("2020-02-05", at("2-5"), []),  # … nor when it comes round to the day once more
        ("2020-02-05", at("2-6"), ["2020-02-06"]),
    ],
)
def test_days_due(last, now, expected):
    found = days_due(last=date.fromisoformat(last) if last else None, at="00:30", weekday=None, now=now)
    assert [one.isoformat() for one in found] == expected


def test_days_due_weekly_on_sundays_only():
    found = days_due(last=date(2020, 2, 2), at="03:00", weekday=6, now=at("2-20"))
    assert [one.isoformat() for one in found] == ["2020-02-09", "2020-02-16"]
    assert days_due(last=None, at="03:00", weekday=6, now=at("2-3")) == []


def test_days_due_year_of_pause_is_caught_up_and_more_is_a_wrong_clock():
    last = date(2019, 1, 1)
    assert len(days_due(last=last, at="00:30", weekday=None, now=at("1-2"))) == 366
    with pytest.raises(ClockJumped):
        days_due(last=last, at="00:30", weekday=None, now=at("1-4"))


@pytest.mark.parametrize(
    ("last", "weekday", "expected"),
    [
        (None, None, at("2-3", 0, 30)),
        (date(2020, 2, 3), None, at("2-4", 0, 30)),
        (date(2020, 1, 31), None, at("2-1", 0, 30)),  # missed: due at once
        (date(2020, 2, 2), 6, at("2-9", 0, 30)),
    ],
)
def test_next_due(last, weekday, expected):
    assert next_due(last=last, at="00:30", weekday=weekday, now=at("2-3")) == expected


def test_back_off_grows_and_stays():
    waits = [back_off(attempts) for attempts in range(1, MAX_ATTEMPTS + 3)]
    assert waits[:5] == [
        timedelta(seconds=10),
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(minutes=30),
    ]
    assert waits == sorted(waits)


@pytest.mark.parametrize("hour", ["24:00", "0:30", "00:60", "", "noon"])
def test_job_at_no_time_is_refused(hour):
    with pytest.raises(ValueError, match="not a time"):
        Job(hour, "喂鱼", feed)


def test_name_of_a_job_is_its_verb_whatever_it_is_called_on_screen():
    assert Job("12:00", "喂猫", feed).name == FEED.name == "tests.feed"
