"""Whatever stands of a matter, two dates say of every day what walking through the days says."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duban.core.workdays import workdays_now
from duban.lights.queries import facts_json, facts_of
from duban.lights.rules import Facts, Node, Report, judged, next_turn, reasons_json, reasons_of, yellow_until
from duban.matters.policy import default_preset, figures_of, presets
from tests.lights.oracle import walk

pytestmark = pytest.mark.engine_free

POLICY = figures_of(default_preset().values).lights
OTHER = replace(
    POLICY, gap_yellow_points=5, gap_red_points=12, node_grace_workdays=0, yellow_month_ends_to_red=1, schedule="month"
)
DATES = ("lit_on", "yellow_on", "red_on")
POLICIES = [
    POLICY,
    OTHER,
    replace(POLICY, schedule="quarter", report_grace_workdays=0),
    replace(POLICY, schedule="nodes", yellow_month_ends_to_red=3, untrue_is_red=False),
    *(figures_of(one.values).lights for one in presets().values() if one.key != "default"),
]


@st.composite
def facts(draw, starts_on: date):
    due_on = starts_on + timedelta(days=draw(st.sampled_from([0, 1, 6, 14, 30, 75, 178, 345, 365, 500])))
    span = (due_on - starts_on).days
    days = sorted(draw(st.sets(st.integers(0, span), max_size=3)))
    shares = sorted(draw(st.lists(st.integers(0, 10_000), min_size=len(days), max_size=len(days))))
    state = draw(st.sampled_from(["in_progress"] * 6 + ["assigned", "closing", "suspended", "closed", "registered"]))

    def some_day(*, least: int = 0):
        return starts_on + timedelta(days=draw(st.integers(least, span + 20)))

    forecast = draw(st.sampled_from(["", "", "", "on_time", "strained", "unlikely"]))
    return Facts(
        state=state,
        kind=draw(st.sampled_from(["quantified", "milestone", "continuing"])),
        starts_on=starts_on,
        due_on=due_on,
        progress=draw(st.one_of(st.none(), st.integers(0, 10_000))),
        forecast=forecast,
        forecast_on=some_day() if forecast else None,
        closing_on=some_day() if state == "closing" else None,
        untrue_on=some_day() if draw(st.integers(0, 9)) == 0 else None,
        nodes=tuple(
            Node(starts_on + timedelta(days=day), share, "节点", draw(st.booleans()))
            for day, share in zip(days, shares, strict=True)
        ),
        reports=tuple(
            Report(day, draw(st.booleans())) for day in sorted({some_day() for _ in range(draw(st.integers(0, 2)))})
        ),
        finals=tuple(sorted({due_on, *(some_day() for _ in range(draw(st.integers(0, 1))))}))
        if draw(st.integers(0, 5))
        else (),
    )


@st.composite
def histories(draw):
    """Facts known from some days on, and the policies they were judged by."""
    first = draw(st.dates(date(2004, 1, 1), date(2027, 12, 31)))
    starts_on = first + timedelta(days=draw(st.integers(-40, 40)))
    known = {first: draw(facts(starts_on))}
    for _ in range(draw(st.integers(0, 5))):
        known[first + timedelta(days=draw(st.integers(1, 420)))] = draw(facts(starts_on))
    policies = {first: draw(st.sampled_from(POLICIES))}
    if draw(st.booleans()):
        policies[first + timedelta(days=draw(st.integers(1, 300)))] = draw(st.sampled_from(POLICIES))
    return known, policies


def latest(of, day):
    return of[max(one for one in of if one <= day)]


@settings(max_examples=150, deadline=None)
@given(histories())
def test_two_dates_say_of_every_day_what_walking_says(history):
    known, policies = history
    first, until = min(known), min(known) + timedelta(days=560)
    walked = walk(known, lambda day: latest(policies, day), until=until)
    judged_on = since = judgement = None
    day = first
    while day <= until:
        if day in known or day in policies:
            since = yellow_until(
                day,
                judged_on=judged_on,
                own=judgement.own_dates() if judgement else (None, None),
                yellow_since=since,
            )
            judgement = judged(
                latest(known, day),
                policy=latest(policies, day),
                calendar=workdays_now(),
                today=day,
                yellow_since=since,
            )
            judged_on = day
            assert judgement.light == judgement.on(day)
        assert judgement.on(day) == walked[day], (day, judgement)
        day += timedelta(days=1)


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(1, 500))
def test_judging_again_on_any_later_day_finds_the_same_dates(history, days):
    known, policies = history
    first, stands, policy = min(known), known[min(known)], policies[min(policies)]
    judgement = judged(stands, policy=policy, calendar=workdays_now(), today=first)
    later = first + timedelta(days=days)
    since = yellow_until(
        later,
        judged_on=first,
        own=judgement.own_dates(),
        yellow_since=None,
    )
    again = judged(stands, policy=policy, calendar=workdays_now(), today=later, yellow_since=since)
    assert again.light == judgement.on(later)
    assert again.next_on == next_turn(later, **dict(zip(DATES, judgement[1:4], strict=True)))
    red_on = judgement.own_dates()[1]
    if red_on is not None and later >= red_on:
        return  # red by itself: that month ends made it red before tells nothing any more
    assert (again.lit_on, again.yellow_on, again.red_on, again.reasons) == (
        judgement.lit_on,
        judgement.yellow_on,
        judgement.red_on,
        judgement.reasons,
    )


@settings(max_examples=100, deadline=None)
@given(histories())
def test_facts_and_reasons_are_read_as_they_were_stored(history):
    known, policies = history
    for stands in known.values():
        assert facts_of(facts_json(stands)) == stands
        reasons = judged(
            stands, policy=policies[min(policies)], calendar=workdays_now(), today=stands.starts_on
        ).reasons
        assert reasons_of(reasons_json(reasons)) == reasons
