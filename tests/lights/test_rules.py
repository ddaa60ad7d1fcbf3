"""序时进度 by each of its four ways, on the days that decide."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.lights.rules import Schedule, expected_pct

pytestmark = pytest.mark.engine_free

QUARTERS = (20, 50, 75, 100)
NODES = ((date(2020, 3, 31), D(30)), (date(2020, 9, 30), D("62.5")))


def expected(starts_on, due_on, today, schedule, milestones=(), quarter_pct=QUARTERS):
    return expected_pct(
        starts_on=date.fromisoformat(starts_on),
        due_on=date.fromisoformat(due_on),
        today=date.fromisoformat(today),
        schedule=schedule,
        quarter_pct=quarter_pct,
        milestones=milestones,
    )


@pytest.mark.parametrize(
    ("starts_on", "due_on", "today", "pct"),
    [
        ("2020-01-01", "2020-12-31", "2019-12-31", "0"),
        ("2020-01-01", "2020-12-31", "2020-01-01", "0"),
        ("2020-01-01", "2020-12-31", "2020-01-02", "0.27"),
        ("2020-01-01", "2020-12-31", "2020-02-29", "16.16"),
        ("2020-01-01", "2020-12-31", "2020-03-01", "16.43"),
        ("2020-01-01", "2020-12-31", "2020-07-01", "49.86"),
        ("2020-01-01", "2020-12-31", "2020-12-30", "99.72"),
        ("2020-01-01", "2020-12-31", "2020-12-31", "100"),
        ("2020-01-01", "2020-12-31", "2021-03-01", "100"),
        ("2021-01-01", "2021-12-31", "2021-03-01", "16.2"),
        ("2020-02-28", "2020-03-01", "2020-02-29", "50"),
        ("2020-05-06", "2020-05-06", "2020-05-05", "0"),
        ("2020-05-06", "2020-05-06", "2020-05-06", "100"),
    ],
)
def test_by_day_it_is_the_straight_line(starts_on, due_on, today, pct):
    assert expected(starts_on, due_on, today, "day") == D(pct)


@pytest.mark.parametrize(
    ("starts_on", "due_on", "today", "pct"),
    [
        ("2020-01-01", "2020-12-31", "2020-01-30", "0"),
        ("2020-01-01", "2020-12-31", "2020-01-31", "8.33"),
        ("2020-01-01", "2020-12-31", "2020-02-28", "8.33"),
        ("2020-01-01", "2020-12-31", "2020-02-29", "16.66"),
        ("2020-01-22", "2020-12-31", "2020-11-29", "83.33"),
        ("2020-01-22", "2020-12-31", "2020-11-30", "91.66"),
        ("2020-01-22", "2020-12-31", "2020-12-30", "91.66"),
        ("2020-01-22", "2020-12-31", "2020-12-31", "100"),
        ("2020-11-15", "2021-02-10", "2020-12-31", "50"),
        ("2020-11-15", "2021-02-10", "2021-01-31", "75"),
        ("2020-11-15", "2021-02-10", "2021-02-09", "75"),
        ("2020-06-05", "2020-06-20", "2020-06-19", "0"),
        ("2020-06-05", "2020-06-20", "2020-06-20", "100"),
        ("2021-02-01", "2021-04-30", "2021-02-28", "33.33"),
    ],
)
def test_by_month_it_is_the_part_of_the_months_that_have_ended(starts_on, due_on, today, pct):
    assert expected(starts_on, due_on, today, "month") == D(pct)


@pytest.mark.parametrize(
    ("starts_on", "due_on", "today", "pct"),
    [
        ("2020-01-22", "2020-12-31", "2020-03-30", "0"),
        ("2020-01-22", "2020-12-31", "2020-03-31", "20"),
        ("2020-01-22", "2020-12-31", "2020-06-29", "20"),
        ("2020-01-22", "2020-12-31", "2020-06-30", "50"),
        ("2020-01-22", "2020-12-31", "2020-09-30", "75"),
        ("2020-01-22", "2020-12-31", "2020-12-31", "100"),
        ("2020-01-22", "2020-06-30", "2020-03-31", "40"),
        ("2020-05-01", "2020-12-31", "2020-06-30", "37.5"),
        ("2020-10-08", "2021-03-15", "2020-12-31", "55.55"),
        ("2020-10-08", "2021-03-15", "2021-03-14", "55.55"),
        ("2020-07-01", "2020-09-15", "2020-09-14", "0"),
        ("2020-07-01", "2020-09-15", "2020-09-15", "100"),
    ],
)
def test_by_quarter_it_is_what_the_ended_quarters_hold(starts_on, due_on, today, pct):
    assert expected(starts_on, due_on, today, "quarter") == D(pct)


def test_a_quarter_that_holds_nothing_expects_nothing_before_the_due_date():
    assert expected("2020-01-02", "2020-03-20", "2020-03-19", "quarter", quarter_pct=(0, 50, 75, 100)) == 0


@pytest.mark.parametrize(
    ("today", "pct"),
    [
        ("2020-03-30", "0"),
        ("2020-03-31", "30"),
        ("2020-09-29", "30"),
        ("2020-09-30", "62.5"),
        ("2020-12-30", "62.5"),
        ("2020-12-31", "100"),
    ],
)
def test_by_nodes_it_is_what_the_last_node_says(today, pct):
    assert expected("2020-01-01", "2020-12-31", today, "nodes", NODES) == D(pct)
    assert expected("2020-01-01", "2020-12-31", today, "nodes", NODES[::-1]) == D(pct)


def test_by_nodes_without_any_all_is_expected_on_the_last_day_only():
    assert expected("2020-01-01", "2020-12-31", "2020-12-30", "nodes") == 0
    assert expected("2020-01-01", "2020-12-31", "2020-12-31", "nodes") == 100


@given(
    starts_on=st.dates(date(2004, 1, 1), date(2040, 1, 1)),
    span=st.integers(0, 800),
    days=st.integers(-40, 900),
    schedule=st.sampled_from(Schedule),
)
def test_it_only_grows_and_ends_with_all(starts_on, span, days, schedule):
    due_on, today = starts_on + timedelta(days=span), starts_on + timedelta(days=days)
    nodes = [(starts_on + timedelta(days=span * part // 100), D(part)) for part in (25, 50)]

    def on(day):
        return expected_pct(
            starts_on=starts_on,
            due_on=due_on,
            today=day,
            schedule=schedule,
            quarter_pct=QUARTERS,
            milestones=nodes,
        )

    assert 0 <= on(today) <= on(today + timedelta(days=1)) <= 100
    assert on(due_on) == 100
    assert on(starts_on - timedelta(days=1)) == 0
