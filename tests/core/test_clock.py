# ruff: noqa: TID251  (the clock is held against real time)
from datetime import UTC, datetime, timedelta

import pytest

from duban.core import clock

pytestmark = pytest.mark.engine_free


def test_now_is_aware_and_in_shanghai(monkeypatch):
    monkeypatch.delenv("DUBAN_CLOCK_OFFSET", raising=False)
    before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)
    assert before <= now <= after
    assert now.utcoffset() == timedelta(hours=8)


def test_clock_can_be_moved_into_the_demonstration_year(monkeypatch):
    wanted = datetime(2020, 2, 3, 9, 0, tzinfo=clock.SHANGHAI)
    offset = (wanted - datetime.now(UTC)).total_seconds()
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str(offset))
    assert abs(clock.now() - wanted) < timedelta(seconds=5)
    assert clock.today() == wanted.date()
    assert clock.offset() == timedelta(seconds=offset)


def test_today_is_the_date_in_shanghai_not_in_greenwich(monkeypatch):
    late = datetime(2020, 6, 19, 23, 30, tzinfo=UTC)
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str((late - datetime.now(UTC)).total_seconds()))
    assert clock.today().isoformat() == "2020-06-20"


def test_clock_of_the_demonstration_stands_still_at_its_end(monkeypatch):
    end = datetime(2020, 2, 5, 23, 59, tzinfo=clock.SHANGHAI)
    monkeypatch.setenv("DUBAN_CLOCK_UNTIL", end.isoformat())
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str((end - timedelta(hours=1) - datetime.now(UTC)).total_seconds()))
    assert clock.now() < end
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str((end + timedelta(days=30) - datetime.now(UTC)).total_seconds()))
    assert clock.now() == end
