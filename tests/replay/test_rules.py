"""A past judged again is what walking through its days says; where two sides part is found exactly."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.core.workdays import calendar_of, workdays_now
from duban.lights.rules import Facts, Light, Track, light_on, track_of
from duban.matters.policy import default_preset, figures_of
from duban.replay.rules import Span, light_days, spans_of, turns_between
from tests.lights.oracle import walk
from tests.lights.test_oracle import POLICIES, histories, latest

pytestmark = pytest.mark.engine_free

DAY = timedelta(days=1)
LONG = 420


def walked(known, policy_on, *, until):
    return walk(known, policy_on, until=until)


def track(known, policies, *, until) -> Track:
    return track_of(
        sorted(known.items(), key=lambda one: one[0]),
        policies=sorted(policies.items(), key=lambda one: one[0]),
        calendars=[(date.min, workdays_now())],
        until=until,
    )


@settings(max_examples=80, deadline=None)
@given(histories(), st.sampled_from(POLICIES), st.integers(0, 300))
def test_a_year_replayed_parts_from_what_held_exactly_where_walking_the_days_parts(history, other, days):
    known, policies = history
    first = min(known)
    until, since = first + timedelta(days=LONG), first + timedelta(days=days)
    supposed = {day: one for day, one in policies.items() if day < since} | {max(since, first): other}
    sides = [track(known, policies, until=until), track(known, supposed, until=until)]
    slow = [
        walked(known, lambda day: latest(policies, day), until=until),
        walked(known, lambda day: latest(supposed, max(day, min(supposed))), until=until),
    ]
    found = spans_of(sides[0], sides[1], matter_id=1, since=first, until=until)
    told = {}
    for one in found:
        day = one.from_on
        while day <= one.until_on:
            assert day not in told
            told[day] = (one.held, one.other)
            day += DAY
    parted = {day: (slow[0][day], slow[1][day]) for day in slow[0] if slow[0][day] != slow[1][day]}
    assert told == parted
    for one, days_of in zip(sides, slow, strict=True):
        assert {day: getattr(one.on(day), "light", None) for day in days_of} == days_of
        counted = light_days(one, since=first, until=until)
        for light in (Light.GREEN, Light.YELLOW, Light.RED):
            assert counted[light] == sum(value == light for value in days_of.values())
        turned = [day for day in days_of if days_of[day] != days_of.get(day - DAY)]
        assert turns_between(one, since=first, until=until) == len(turned)


@settings(max_examples=80, deadline=None)
@given(histories())
def test_a_morning_begins_with_what_was_known_the_night_before(history):
    known, policies = history
    first, until = min(known), min(known) + timedelta(days=LONG)
    one = track(known, policies, until=until)
    kept, kept_until = None, first
    day = first + DAY
    while day <= until:
        morning, night = one.of_morning(day), one.on(day - DAY)
        assert morning.light == night.judgement.on(day)
        assert morning.facts == night.facts
        assert morning.since == (night.since if morning.light == night.light else day)
        if day >= kept_until:
            kept, kept_until = morning, one.stays_until(day)
        assert morning == kept, "what is kept until stays_until is what would be read anew"
        day += DAY


def test_nothing_is_said_of_days_before_anything_was_known():
    facts = Facts("in_progress", "continuing", date(2020, 1, 1), date(2020, 12, 31))
    policy = figures_of(default_preset().values).lights
    one = track({date(2020, 2, 3): facts}, {date(2020, 1, 1): policy}, until=date(2020, 3, 1))
    assert (one.on(date(2020, 2, 2)), one.of_morning(date(2020, 2, 3))) == (None, None)
    assert light_days(one, since=date(2020, 1, 1), until=date(2020, 2, 12)) == {Light.GREEN: 10}


def test_a_calendar_loaded_later_counts_from_its_day_on():
    facts = Facts("in_progress", "continuing", date(2020, 1, 1), date(2020, 12, 31), finals=())
    policy = replace(figures_of(default_preset().values).lights, windows_judged=False, node_grace_workdays=0)
    facts = facts._replace(finals=(date(2020, 3, 6), date(2020, 12, 31)))  # a Friday
    plain = workdays_now()
    closed = calendar_of(((2020, ((date(2020, 3, 9), False), (date(2020, 3, 10), False))),))
    early = track_of(
        [(date(2020, 2, 3), facts)],
        policies=[(date(2020, 2, 3), policy)],
        calendars=[(date.min, plain), (date(2020, 3, 2), closed)],
        until=date(2020, 3, 31),
    )
    late = track_of(
        [(date(2020, 2, 3), facts)],
        policies=[(date(2020, 2, 3), policy)],
        calendars=[(date.min, plain)],
        until=date(2020, 3, 31),
    )
    assert {light: day for day, light in late.turns}[Light.RED] == date(2020, 3, 9)
    assert {light: day for day, light in early.turns}[Light.RED] == date(2020, 3, 11)
    assert spans_of(late, early, matter_id=7, since=date(2020, 2, 3), until=date(2020, 3, 31)) == [
        Span(7, date(2020, 3, 9), date(2020, 3, 10), Light.RED, Light.YELLOW)
    ]
    assert light_on(date(2020, 3, 9), **early.judgements[0].days()) == Light.RED, "as it was known in February"
