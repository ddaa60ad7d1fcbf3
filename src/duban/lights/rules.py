"""三盏灯 as a pure function: what stands of a matter, the policy, the calendar → two dates and the reasons.

Nothing here reads a clock or a table, so any past day can be judged, and a year replayed under another policy.
Percentages are counted in hundredths (1850 is 18.5 %): whole numbers, so that two engines and a loop agree to the last
digit. Source: docs/sources.md#lights
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from duban.core.workdays import Workdays
from duban.matters.policy import Lights
from duban.matters.rules import LIGHT_LABELS, LIT_STATES, STATE_LABELS, Forecast, Kind, Light, State

__all__ = [
    "LIGHT_LABELS",
    "Cause",
    "Facts",
    "Judgement",
    "Light",
    "Node",
    "Reason",
    "Schedule",
    "expected_pct",
    "judged",
]


class Schedule(StrEnum):
    """How 序时进度 is counted: by the straight line a day, by month, by quarter, by the matter's own nodes."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    NODES = "nodes"


_WHOLE = 10_000
_POINT = 100
_DAY = timedelta(days=1)


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
    nodes = [(day, int(_POINT * pct)) for day, pct in milestones]
    return Decimal(_expected(starts_on, due_on, today, schedule, tuple(quarter_pct), nodes)).scaleb(-2)


def _expected(
    starts_on: date,
    due_on: date,
    today: date,
    schedule: str,
    quarter_pct: tuple[int, ...],
    nodes: Sequence[tuple[date, int]],
) -> int:
    if today >= due_on:
        return _WHOLE
    if today < starts_on:
        return 0
    if schedule == Schedule.DAY:
        return _WHOLE * (today - starts_on).days // (due_on - starts_on).days
    steps = nodes if schedule == Schedule.NODES else _steps(starts_on, due_on, schedule, quarter_pct)
    return max((share for day, share in steps if day <= today), default=0)


def _first_day(
    share: int,
    starts_on: date,
    due_on: date,
    schedule: str,
    quarter_pct: tuple[int, ...],
    nodes: Sequence[tuple[date, int]],
) -> date | None:
    """Return the first day on which at least this share is expected: `_expected` turned round. None: more than all."""
    if share > _WHOLE:
        return None
    if schedule == Schedule.DAY:
        return starts_on + timedelta(days=-(-share * (due_on - starts_on).days // _WHOLE))
    steps = nodes if schedule == Schedule.NODES else _steps(starts_on, due_on, schedule, quarter_pct)
    return min((day for day, reached in steps if reached >= share and day < due_on), default=due_on)


def _late_on(
    share: int,
    starts_on: date,
    due_on: date,
    schedule: str,
    quarter_pct: tuple[int, ...],
    nodes: Sequence[tuple[date, int]],
) -> date | None:
    """Return from when a matter is late that should have reached this share: the due date itself is still in time."""
    day = _first_day(share, starts_on, due_on, schedule, quarter_pct, nodes)
    return due_on + _DAY if day == due_on else day


@lru_cache(maxsize=4096)
def _steps(starts_on: date, due_on: date, schedule: str, quarter_pct: tuple[int, ...]) -> tuple[tuple[date, int], ...]:
    """Return (last day, share of the whole) of each month or quarter a matter touches."""
    months = 1 if schedule == Schedule.MONTH else 3
    first = starts_on.year * 12 + (starts_on.month - 1) // months * months
    last = due_on.year * 12 + due_on.month - 1
    touched = range(first, last + 1, months)
    weights = [1] * len(touched)
    if months == 3:
        of_quarter = [after - before for before, after in zip((0, *quarter_pct), quarter_pct, strict=False)]
        weights = [of_quarter[at % 12 // 3] for at in touched]
    whole, passed, steps = sum(weights), 0, []
    for at, weight in zip(touched, weights, strict=True):
        passed += weight
        steps.append((min(_month_end(at + months - 1), due_on), _WHOLE * passed // whole if whole else 0))
    return tuple(steps)


def _month_end(months: int) -> date:
    """Return the last day of a month counted from year 0: 2020 * 12 is January 2020."""
    year, month = divmod(months + 1, 12)
    return date(year, month + 1, 1) - _DAY


class Node(NamedTuple):
    """A milestone as a light reads it. expected: hundredths of a percent.   is_open: it is still owed."""

    due_on: date
    expected: int
    title: str
    is_open: bool


class Report(NamedTuple):
    """A report day as a light reads it."""

    due_on: date
    is_open: bool


class Facts(NamedTuple):
    """Everything a light reads of one matter, as it stands.

    progress: hundredths of a percent, None where nothing was reported.   nodes, reports: all of them, by day.
    finals: the final dates its lead units still owe, by day; the last is the matter's own, none where it was waived.
    closing_on: the day closure was asked for, while the office verifies.   untrue_on: while the finding is open.
    """

    state: str
    kind: str
    starts_on: date
    due_on: date
    progress: int | None = None
    forecast: str = ""
    forecast_on: date | None = None
    closing_on: date | None = None
    untrue_on: date | None = None
    nodes: tuple[Node, ...] = ()
    reports: tuple[Report, ...] = ()
    finals: tuple[date, ...] = ()


class Cause(StrEnum):
    """Why a light is not green."""

    GAP = "gap"
    NODE = "node"
    REPORT = "report"
    FINAL = "final"
    FORECAST = "forecast"
    MONTH_ENDS = "month_ends"
    UNTRUE = "untrue"


class Reason(NamedTuple):
    """One cause: from when it makes yellow, from when red (None never), and its figures.

    due_on, title: of what is owed.   at_yellow, at_red: what is expected on those days, hundredths of a percent.
    since: of MONTH_ENDS, the day it became yellow.   otherwise_on: of MONTH_ENDS, when it would be red without them.
    """

    cause: Cause
    yellow_on: date | None
    red_on: date | None
    due_on: date | None = None
    title: str = ""
    at_yellow: int | None = None
    at_red: int | None = None
    since: date | None = None
    otherwise_on: date | None = None

    @property
    def begins_on(self) -> date:
        """The first day the cause tells."""
        return min(one for one in (self.yellow_on, self.red_on) if one is not None)


class Judgement(NamedTuple):
    """What facts earn: the light of the day judged (None is grey), and what comes if nothing happens.

    lit_on: the first day of a light.   yellow_on is before red_on, or None.   next_on: the next of the three.
    """

    light: Light | None
    lit_on: date | None
    yellow_on: date | None
    red_on: date | None
    next_on: date | None
    reasons: tuple[Reason, ...]

    def own_dates(self) -> tuple[date | None, date | None]:
        """Return the days of yellow and red by the facts alone, without the rule of the month ends."""
        return own_dates(self.yellow_on, self.red_on, self.reasons)

    def days(self) -> dict[str, date | None]:
        """Return its three dates by their names."""
        return {"lit_on": self.lit_on, "yellow_on": self.yellow_on, "red_on": self.red_on}

    def on(self, day: date) -> Light | None:
        """Return the light of another day while these facts stand."""
        return light_on(day, **self.days())


_NO_LIGHT = Judgement(None, None, None, None, None, ())


def own_dates(
    yellow_on: date | None, red_on: date | None, reasons: Sequence[Reason]
) -> tuple[date | None, date | None]:
    """Return the days of yellow and red of a judgement without the rule of the month ends."""
    by_month_ends = next((one for one in reasons if one.cause is Cause.MONTH_ENDS), None)
    if by_month_ends is None:
        return yellow_on, red_on
    return min(one.yellow_on for one in reasons if one.yellow_on is not None), by_month_ends.otherwise_on


def own_dates_stored(
    yellow_on: date | None, red_on: date | None, stored: Sequence[dict[str, Any]]
) -> tuple[date | None, date | None]:
    """Return `own_dates` of a judgement as it is stored: its reasons are read only where month ends are one of them."""
    if all(row["cause"] != Cause.MONTH_ENDS for row in stored):
        return yellow_on, red_on
    return own_dates(yellow_on, red_on, reasons_of(stored))


def light_on(day: date, *, lit_on: date | None, yellow_on: date | None, red_on: date | None) -> Light | None:
    """Return the light that three dates give a day."""
    if lit_on is None or day < lit_on:
        return None
    if red_on is not None and day >= red_on:
        return Light.RED
    return Light.YELLOW if yellow_on is not None and day >= yellow_on else Light.GREEN


def next_turn(day: date, *, lit_on: date | None, yellow_on: date | None, red_on: date | None) -> date | None:
    """Return the first of the three dates after a day; yellow comes before red."""
    return min((one for one in (lit_on, yellow_on, red_on) if one is not None and one > day), default=None)


def yellow_until(
    day: date, *, judged_on: date | None, own: tuple[date | None, date | None], yellow_since: date | None
) -> date | None:
    """Return since when a matter was yellow without a break through the day before `day`; None where it was not.

    own: `own_dates` of its last judgement, made on judged_on and told yellow_since. Judged again on the same day, the
    night before stays what it was.
    """
    yellow_on, red_on = own
    if judged_on is None or day <= judged_on:
        return yellow_since
    if yellow_on is None or yellow_on >= day or (red_on is not None and red_on < day):
        return None
    return yellow_on if yellow_on > judged_on else yellow_since or judged_on


def judged(
    facts: Facts, *, policy: Lights, calendar: Workdays, today: date, yellow_since: date | None = None
) -> Judgement:
    """Return the light of a matter today, why, and when it will turn if nothing happens.

    yellow_since: since when it was yellow without a break through yesterday (`yellow_until`).
    A due date includes its day. While the office verifies a closure no day that passes makes the light worse.
    Source: docs/sources.md#lights
    """
    if facts.state not in _LIT:
        return _NO_LIGHT
    starts_on = facts.starts_on
    limit = facts.closing_on if facts.state == State.CLOSING else None
    reasons = []
    yellow_on = red_on = None
    for one in _causes(facts, policy, calendar):
        yellow, red = one.yellow_on, one.red_on
        if limit is not None and one.cause in _BY_THE_CALENDAR:
            yellow = None if yellow is not None and yellow > limit else yellow
            red = None if red is not None and red > limit else red
        if yellow is not None and yellow < starts_on:
            yellow = starts_on
        if red is not None:
            red = max(red, starts_on)
            red_on = red if red_on is None or red < red_on else red_on
        elif yellow is None:
            continue
        if yellow is not None and (yellow_on is None or yellow < yellow_on):
            yellow_on = yellow
        if yellow != one.yellow_on or red != one.red_on:
            one = one._replace(yellow_on=yellow, red_on=red)
        reasons.append(one)
    if yellow_on is not None and (red_on is None or yellow_on < red_on) and (red_on is None or today < red_on):
        since = yellow_on if yellow_on > today else yellow_since or max(yellow_on, today)
        hard_on = max(red_by_month_ends(since, policy=policy), yellow_on)
        if (red_on is None or hard_on < red_on) and (limit is None or hard_on <= limit):
            reasons.append(Reason(Cause.MONTH_ENDS, None, hard_on, since=since, otherwise_on=red_on))
            red_on = hard_on
    if red_on is not None and yellow_on is not None and yellow_on >= red_on:
        yellow_on = None
    return Judgement(
        light_on(today, lit_on=starts_on, yellow_on=yellow_on, red_on=red_on),
        starts_on,
        yellow_on,
        red_on,
        next_turn(today, lit_on=starts_on, yellow_on=yellow_on, red_on=red_on),
        tuple(reasons),
    )


def red_by_month_ends(since: date, *, policy: Lights) -> date:
    """Return the day a matter yellow since that day turns red because of the month ends it stayed so."""
    return _nth_month_end(since, policy.yellow_month_ends_to_red) + _DAY


_LIT = frozenset(LIT_STATES)
_BY_THE_CALENDAR = frozenset({Cause.GAP, Cause.NODE, Cause.REPORT, Cause.FINAL})


def _causes(facts: Facts, policy: Lights, calendar: Workdays) -> Iterator[Reason]:
    """Yield every cause there is or will be, each with its own two dates."""
    if policy.gap_judged and facts.kind != Kind.CONTINUING:
        nodes = [(one.due_on, one.expected) for one in facts.nodes] if policy.schedule == Schedule.NODES else ()
        reported = facts.progress or 0
        line = (facts.starts_on, facts.due_on, policy.schedule, policy.quarter_pct, nodes)
        yellow = _late_on(reported + _POINT * policy.gap_yellow_points, *line)
        if yellow is not None:
            red = _late_on(reported + _POINT * policy.gap_red_points + 1, *line)
            yield Reason(
                Cause.GAP,
                yellow,
                red,
                at_yellow=_expected(facts.starts_on, facts.due_on, yellow, *line[2:]),
                at_red=None if red is None else _expected(facts.starts_on, facts.due_on, red, *line[2:]),
            )
    before = facts.starts_on
    for node in facts.nodes:
        if node.is_open and (facts.progress is None or facts.progress < node.expected):
            yield _owed(Cause.NODE, node.due_on, before, policy, calendar, node.title, node.expected)
        before = node.due_on
    before = facts.starts_on
    for report in facts.reports:
        if report.due_on < facts.starts_on:
            continue
        if report.is_open:
            yield _owed(Cause.REPORT, report.due_on, before, policy, calendar)
        before = report.due_on
    for place, due_on in enumerate(facts.finals):
        if place + 1 == len(facts.finals):
            before = max((one.due_on for one in facts.nodes if one.due_on < due_on), default=facts.starts_on)
            yellow = due_on - timedelta(days=_window((due_on - before).days, policy))
            yield Reason(Cause.FINAL, yellow, due_on + _DAY, due_on=due_on)
        else:
            yield _owed(Cause.NODE, due_on, facts.starts_on, policy, calendar, "牵头单位的时限")
    if facts.forecast == Forecast.STRAINED:
        yield Reason(Cause.FORECAST, facts.forecast_on, None)
    elif facts.forecast == Forecast.UNLIKELY:
        yield Reason(Cause.FORECAST, None, facts.forecast_on)
    if facts.untrue_on is not None and policy.untrue_is_red:
        yield Reason(Cause.UNTRUE, None, facts.untrue_on)


def _owed(
    cause: Cause,
    due_on: date,
    before: date,
    policy: Lights,
    calendar: Workdays,
    title: str = "",
    expected: int | None = None,
) -> Reason:
    """Return what something owed does to a light: yellow from its window on, red once overdue beyond the grace."""
    grace = policy.report_grace_workdays if cause is Cause.REPORT else policy.node_grace_workdays
    yellow = due_on - timedelta(days=_window((due_on - before).days, policy))
    red = calendar.add_workdays(due_on, grace + 1)
    return Reason(cause, yellow, red, due_on=due_on, title=title, at_yellow=expected)


def _window(span_days: int, policy: Lights) -> int:
    """Return how many calendar days before it is due a node of this span is warned of; −1: only once it is late."""
    if not policy.windows_judged:
        return -1
    for up_to, days in policy.warning_windows:
        if span_days <= up_to:
            return days
    return policy.warning_windows[-1][1]


def _nth_month_end(day: date, count: int) -> date:
    """Return the `count`-th last day of a month from `day` on, `day` itself included."""
    return _month_end(day.year * 12 + day.month - 1 + count - 1)


class Lit(NamedTuple):
    """A matter's light at the end of a day. since: the day it got this light, or lost it."""

    facts: Facts
    judgement: Judgement
    light: Light | None
    since: date


class Track(NamedTuple):
    """How a matter was judged day by day: `track_of` makes it.

    days: on which something of it changed (a fact, the policy, the calendar), in order; facts, judgements: from each of
    them on.   turns: every day a light came, turned or went, and which it was from then on.
    """

    days: tuple[date, ...]
    facts: tuple[Facts, ...]
    judgements: tuple[Judgement, ...]
    turns: tuple[tuple[date, Light | None], ...]

    def on(self, day: date) -> Lit | None:
        """Return the light of a day's end; None before anything was known."""
        place = bisect_right(self.days, day) - 1
        if place < 0:
            return None
        turned = bisect_right(self.turns, day, key=_turned_on) - 1
        light, since = (None, self.days[0]) if turned < 0 else (self.turns[turned][1], self.turns[turned][0])
        return Lit(self.facts[place], self.judgements[place], light, since)

    def of_morning(self, day: date) -> Lit | None:
        """Return the light a day begins with: what was known the night before, turned on to this day."""
        lit = self.on(day - _DAY)
        if lit is None:
            return None
        light = lit.judgement.on(day)
        return lit if light == lit.light else lit._replace(light=light, since=day)

    def stays_until(self, day: date) -> date:
        """Return the first day after this one that may begin with another light, or other facts, than this one."""
        place = bisect_right(self.days, day - _DAY)
        changes = [self.days[place] + _DAY] if place < len(self.days) else []
        turns_on = next_turn(day, **self.judgements[place - 1].days()) if place else None
        return min([*changes, *([turns_on] if turns_on is not None else [])], default=date.max)


def _turned_on(turn: tuple[date, Light | None]) -> date:
    return turn[0]


def track_of(
    history: Sequence[tuple[date, Facts]],
    *,
    policies: Sequence[tuple[date, Lights]],
    calendars: Sequence[tuple[date, Workdays]],
    until: date,
) -> Track:
    """Judge a matter on every day on which something of it changed, up to a day: the one walk through its past.

    history, policies, calendars: what held from a day's end on, in order; of what came first it held before as well.
    """
    first = history[0][0]
    changes = {since for since, _ in history} | {max(since, first) for since, _ in policies}
    changes |= {since for since, _ in calendars if first < since}
    days = tuple(sorted(one for one in changes if one <= until))
    facts_since, policy_since = [since for since, _ in history], [since for since, _ in policies]
    calendar_since = [since for since, _ in calendars]
    judgement, yellow_since, judged_on = _NO_LIGHT, None, None
    light: Light | None = None
    known: list[Facts] = []
    judgements: list[Judgement] = []
    turns: list[tuple[date, Light | None]] = []
    for today, following in zip(days, [*days[1:], until + _DAY], strict=True):
        facts = history[bisect_right(facts_since, today) - 1][1]
        policy = policies[max(bisect_right(policy_since, today) - 1, 0)][1]
        calendar = calendars[max(bisect_right(calendar_since, today) - 1, 0)][1]
        yellow_since = yellow_until(today, judged_on=judged_on, own=judgement.own_dates(), yellow_since=yellow_since)
        judgement = judged(facts, policy=policy, calendar=calendar, today=today, yellow_since=yellow_since)
        judged_on = today
        known.append(facts)
        judgements.append(judgement)
        turns_on: date | None = today
        while turns_on is not None and turns_on < following:
            if judgement.on(turns_on) != light:
                light = judgement.on(turns_on)
                turns.append((turns_on, light))
            turns_on = next_turn(turns_on, **judgement.days())
    return Track(days, tuple(known), tuple(judgements), tuple(turns))


def reasons_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return reasons as they are stored: what says nothing is left out."""
    stored = []
    for one in reasons:
        row: dict[str, Any] = {"cause": one.cause.value}
        for name, value in zip(Reason._fields[1:], one[1:], strict=True):
            if value is not None and value != "":
                row[name] = value.isoformat() if isinstance(value, date) else value
        stored.append(row)
    return stored


def reasons_of(stored: Sequence[dict[str, Any]]) -> tuple[Reason, ...]:
    """Return stored reasons as values: `reasons_json` turned round."""
    return tuple(
        Reason(
            Cause(row["cause"]),
            _date(row.get("yellow_on")),
            _date(row.get("red_on")),
            _date(row.get("due_on")),
            row.get("title", ""),
            row.get("at_yellow"),
            row.get("at_red"),
            _date(row.get("since")),
            _date(row.get("otherwise_on")),
        )
        for row in stored
    )


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def expected_of(facts: Facts, *, policy: Lights, today: date) -> int | None:
    """Return 序时进度 of a day in hundredths of a percent; None for a 常态 matter, of which none is asked."""
    if facts.kind == Kind.CONTINUING:
        return None
    nodes = [(one.due_on, one.expected) for one in facts.nodes]
    return _expected(facts.starts_on, facts.due_on, today, policy.schedule, policy.quarter_pct, nodes)


def grey_words(*, state: str, starts_on: date, today: date) -> str:
    """Return why a matter has no light, in the words shown instead of one."""
    if state in (State.DRAFT, State.REGISTERED):
        return "未交办"
    if state in _LIT:
        return "未开始" if today < starts_on else ""
    return STATE_LABELS[State(state)]
