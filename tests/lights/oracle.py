"""A slow second opinion: walks day by day and reads the rules of docs/sources.md as they are written.

It shares with the product only the words and the shape of the facts; it knows no dates of turning, no calendar with
indexes and no stored state.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

import chinese_calendar

from duban.lights.rules import Facts
from duban.matters.policy import Lights

DAY = timedelta(days=1)


@cache
def works(day: date) -> bool:
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def workdays_late(due_on: date, day: date) -> int:
    """How many working days have passed since the due date; beyond a hundred it does not matter."""
    late = 0
    while due_on < day and late < 100:
        due_on += DAY
        late += works(due_on)
    return late


def expected(facts: Facts, policy: Lights, day: date) -> Fraction:
    """How many hundredths of a percent should be done at the end of a day."""
    if day >= facts.due_on:
        return Fraction(10_000)
    if day < facts.starts_on:
        return Fraction(0)
    if policy.schedule == "day":
        share = Fraction((day - facts.starts_on).days, (facts.due_on - facts.starts_on).days)
        return Fraction(int(share * 10_000))
    if policy.schedule == "nodes":
        return Fraction(max((one.expected for one in facts.nodes if one.due_on <= day), default=0))
    held = passed = 0
    walked = facts.starts_on
    while walked <= facts.due_on:
        if (walked + DAY).day == 1 or walked == facts.due_on:
            if policy.schedule == "month":
                weight = 1
            elif walked.month % 3 == 0 or walked == facts.due_on:
                quarter = (walked.month - 1) // 3
                weight = policy.quarter_pct[quarter] - (policy.quarter_pct[quarter - 1] if quarter else 0)
            else:
                weight = 0
            held += weight
            passed += weight if walked <= day else 0
        walked += DAY
    return Fraction(int(Fraction(10_000 * passed, held))) if held else Fraction(0)


def window(span: int, policy: Lights) -> int:
    if not policy.windows_judged:
        return -1
    fitting = [days for up_to, days in policy.warning_windows if span <= up_to]
    return fitting[0] if fitting else policy.warning_windows[-1][1]


def own_light(facts: Facts, policy: Lights, today: date) -> str | None:
    """The light of one day by the facts alone; month ends are the walk's business."""
    if facts.state not in ("assigned", "in_progress", "closing") or today < facts.starts_on:
        return None
    day = min(today, facts.closing_on) if facts.state == "closing" else today
    found = {"green"}
    if policy.gap_judged and facts.kind != "continuing" and day >= facts.starts_on:
        by = day - DAY if day == facts.due_on else day  # what is due today is not late today
        gap = expected(facts, policy, by) - (facts.progress or 0)
        if gap > 100 * policy.gap_red_points:
            found.add("red")
        elif gap >= 100 * policy.gap_yellow_points:
            found.add("yellow")

    def owed(due_on: date, before: date, grace: int) -> None:
        if workdays_late(due_on, day) > grace:
            found.add("red")
        elif day >= due_on - timedelta(days=window((due_on - before).days, policy)):
            found.add("yellow")

    before = facts.starts_on
    for node in facts.nodes:
        if node.is_open and (facts.progress is None or facts.progress < node.expected):
            owed(node.due_on, before, policy.node_grace_workdays)
        before = node.due_on
    before = facts.starts_on
    for report in facts.reports:
        if report.due_on >= facts.starts_on:
            if report.is_open:
                owed(report.due_on, before, policy.report_grace_workdays)
            before = report.due_on
    for due_on in facts.finals[:-1]:
        owed(due_on, facts.starts_on, policy.node_grace_workdays)
    for due_on in facts.finals[-1:]:
        if day > due_on:
            found.add("red")
        before = max([facts.starts_on, *(one.due_on for one in facts.nodes if one.due_on < due_on)])
        if day >= due_on - timedelta(days=window((due_on - before).days, policy)):
            found.add("yellow")
    if facts.forecast_on is not None and today >= facts.forecast_on:
        found |= {"strained": {"yellow"}, "unlikely": {"red"}}.get(facts.forecast, set())
    if facts.untrue_on is not None and today >= facts.untrue_on and policy.untrue_is_red:
        found.add("red")
    return next(one for one in ("red", "yellow", "green") if one in found)


def walk(known: Mapping[date, Facts], policy_on: Callable[[date], Lights], *, until: date) -> dict[date, str | None]:
    """The light of every day from the first on which anything was known.

    known: the facts from a day on, at its end.   policy_on: the policy of a day.
    """
    lights: dict[date, str | None] = {}
    month_ends: list[date] = []
    today = min(known)
    facts = known[today]
    while today <= until:
        facts = known.get(today, facts)
        policy = policy_on(today)
        light = own_light(facts, policy, today)
        if light == "yellow":
            counted = min(today, facts.closing_on) if facts.state == "closing" else today
            if sum(one < counted for one in month_ends) >= policy.yellow_month_ends_to_red:
                light = "red"
            if (today + DAY).day == 1:
                month_ends.append(today)
        else:
            month_ends = []
        lights[today] = light
        today += DAY
    return lights
