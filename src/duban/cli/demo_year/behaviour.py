"""How the invented units behave. Every decision is a draw from the seed and from what is decided: no state, no order.

Two plays of one seed decide alike whatever ran before, on either database, in any process.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from duban.core.workdays import add_workdays, is_workday

Thing = TypeVar("Thing")

SEED = "临江2020"

FIRST, LAST = date(2020, 1, 22), date(2021, 1, 31)
"""The first and the last day of the whole year."""

RESUMES_ON = date(2020, 2, 10)
"""Until then the epidemic holds up everything."""


def draw(seed: str, *about: object) -> float:
    """Return a number from 0 up to 1 that depends on nothing but the seed and what is decided."""
    words = "|".join([seed, *(str(one) for one in about)])
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=7).digest(), "big") / (1 << 56)


def chance(seed: str, share: float, *about: object) -> bool:
    """Return True in this share of all cases."""
    return draw(seed, *about) < share


def number(seed: str, low: int, high: int, *about: object) -> int:
    """Return a whole number from low to high, both included."""
    return low + int(draw(seed, *about) * (high - low + 1))


def choice(seed: str, things: Sequence[Thing], *about: object) -> Thing:
    """Return one of these things."""
    return things[int(draw(seed, *about) * len(things))]


# ---- what a unit is like


class Character(StrEnum):
    """How a unit goes about its matters."""

    DILIGENT = "diligent"
    ORDINARY = "ordinary"
    SLACK = "slack"
    RECOVERS = "recovers"  # after a letter
    NEVER = "never"


_SHARES = ((Character.NEVER, 0.03), (Character.RECOVERS, 0.08), (Character.SLACK, 0.14), (Character.ORDINARY, 0.35))


def characters(units: Sequence[str], *, seed: str) -> dict[str, Character]:
    """Return what each lead unit is like: by the order of their draws, so that every kind is there."""
    ranked = sorted(units, key=lambda name: (draw(seed, "character", name), name))
    found: dict[str, Character] = {}
    for character, share in _SHARES:
        some = max(1, round(share * len(ranked)))
        found |= dict.fromkeys(ranked[:some], character)
        ranked = ranked[some:]
    return found | dict.fromkeys(ranked, Character.DILIGENT)


class Outcome(StrEnum):
    """How a matter ends the year."""

    CLOSED = "closed"
    LATE = "late"
    CARRIED_OVER = "carried_over"
    UNDONE = "undone"


_CARRIED_SHARE = {Character.DILIGENT: 0.07, Character.ORDINARY: 0.12, Character.SLACK: 0.3, Character.RECOVERS: 0.15}


@dataclass(frozen=True, slots=True)
class Course:
    """How a matter really goes, whatever is said of it. done_on: the day all of it is there, if ever."""

    outcome: Outcome
    starts_on: date
    done_on: date
    bend: float
    reach: float

    def pct_on(self, day: date) -> float:
        """Return how much of it is there on a day, 0 to 100."""
        if day <= self.starts_on:
            return 0.0
        part = min((day - self.starts_on).days / max((self.done_on - self.starts_on).days, 1), 1.0)
        return min(100 * math.pow(part, self.bend), self.reach)


def course_of(
    serial: str, *, character: Character, starts_on: date, due_on: date, seed: str, woken_on: date | None = None
) -> Course:
    """Return how a matter goes in the hands of its merging lead.

    woken_on: the day a unit that recovers was shaken up, None before.
    """
    begins = max(starts_on, RESUMES_ON)
    span = (due_on - begins).days
    if character is Character.NEVER:
        return Course(Outcome.UNDONE, begins, due_on + timedelta(days=300), 1.5, 12.0)
    if character is Character.RECOVERS and woken_on is None:
        return Course(Outcome.UNDONE, begins, due_on + timedelta(days=200), 1.6, 18.0)
    if chance(seed, _CARRIED_SHARE[character], "carried", serial):
        reach = 55 + 35 * draw(seed, "reach", serial)
        return Course(Outcome.CARRIED_OVER, begins, due_on + timedelta(days=60), 1.2, reach)
    if character is Character.DILIGENT:
        share, bend, outcome = 0.4 + 0.5 * draw(seed, "done", serial), 0.75 + 0.2 * draw(seed, "bend", serial), 0
    elif character is Character.ORDINARY:
        share, bend, outcome = 0.62 + 0.34 * draw(seed, "done", serial), 0.9 + 0.35 * draw(seed, "bend", serial), 0
    elif character is Character.RECOVERS and woken_on is not None:
        begins = max(begins, woken_on - timedelta(days=20))
        span, share, bend, outcome = (due_on - begins).days, 0.6 + 0.35 * draw(seed, "done", serial), 0.8, 0
    else:
        late = chance(seed, 0.4, "late", serial)
        share = 1.02 + 0.06 * draw(seed, "done", serial) if late else 0.86 + 0.12 * draw(seed, "done", serial)
        bend, outcome = 1.5 + 0.8 * draw(seed, "bend", serial), int(late)
    kind = Outcome.LATE if outcome else Outcome.CLOSED
    return Course(kind, begins, begins + timedelta(days=max(int(span * share), 10)), bend, 100.0)


# ---- when people do things


def workday_from(day: date) -> date:
    """Return the first working day on or after a day."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


_SIGNS = {
    Character.DILIGENT: (0, 1),
    Character.ORDINARY: (0, 2),
    Character.SLACK: (3, 6),
    Character.RECOVERS: (2, 4),
    Character.NEVER: (8, 9),
}


def signs_on(unit: str, *, character: Character | None, asked_on: date, seed: str) -> date:
    """Return the day a unit signs for what it was handed. character: None for one that leads nothing."""
    low, high = _SIGNS[character] if character else (0, 4)
    return add_workdays(workday_from(asked_on), number(seed, low, high, "signs", unit, asked_on))


def enters_on(serial: str, *, character: Character, today: date, woken: bool, seed: str) -> bool:
    """Return whether a unit says today how far a matter is, of itself: once or twice a month, or hardly ever."""
    first = number(seed, 3, 24, "entry day", serial)
    days = [first]
    if character is Character.DILIGENT or woken:
        days.append(first + 13 if first <= 12 else first - 11)
    if character is Character.SLACK and (today.month + first) % 2:
        return False
    if character is Character.NEVER and today.month != 4:
        return False
    if character is Character.RECOVERS and not woken and today.month not in (3, 5):
        return False
    return any(workday_from(today.replace(day=one)) == today for one in days)


_REPORTS: dict[Character, tuple[int, int]] = {
    Character.DILIGENT: (-13, -5),
    Character.ORDINARY: (-9, 0),
    Character.SLACK: (-1, 7),
    Character.RECOVERS: (3, 9),
    Character.NEVER: (12, 16),
}


def reports_on(serial: str, *, character: Character, woken: bool, report_day: date, seed: str) -> date | None:
    """Return the day a unit hands in its report of a matter for a report day; None: not at all."""
    low, high = _REPORTS[Character.ORDINARY if woken else character]
    if character is Character.NEVER and chance(seed, 0.5, "no report", serial, report_day):
        return None
    return add_workdays(report_day, number(seed, low, high, "report", serial, report_day))


def contributes_on(unit: str, *, character: Character | None, due_on: date, seed: str) -> date | None:
    """Return the day a supporting unit hands in its sheet; None: not at all."""
    lazy = character in (Character.SLACK, Character.RECOVERS, Character.NEVER)
    if chance(seed, 0.35 if lazy else 0.08, "no sheet", unit, due_on):
        return None
    low, high = (0, 5) if lazy else (-6, 0)
    return add_workdays(due_on, number(seed, low, high, "sheet", unit, due_on))
