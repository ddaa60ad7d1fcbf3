"""What a replay is told of the past: facts with their moments, and what people did. Nothing here is judged.

A moment is always that of the record, on the office's own clock and without a time zone; a fact counts for a round when
it was known before the round was made.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple

from duban.core.workdays import Workdays
from duban.letters.rules import Cause, GivenBack, LetterKind, Owing, Returned
from duban.lights.rules import Facts
from duban.matters.policy import Figures
from duban.matters.rules import Light, Owed


class Answers(StrEnum):
    """What is assumed of letters that were never sent: nobody knows how their units would have answered."""

    GIVEN = "given"
    NONE = "none"


ANSWERS_LABELS = {Answers.GIVEN: "都按期答复", Answers.NONE: "都没有答复"}


class Debt(NamedTuple):
    """Something owed, with its life. ended_at: when it was met or waived; is_met: which of the two.

    expected: of a node, hundredths of a percent: one that is reached is as good as met.   is_returned: a report to be
    written better, which is not late.
    """

    owing: Owing
    made_at: datetime
    ended_at: datetime | None
    is_met: bool
    expected: int | None = None
    is_returned: bool = False

    def is_open(self, at: datetime) -> bool:
        """Return whether it was owed at a moment."""
        return self.made_at <= at and (self.ended_at is None or self.ended_at > at)

    def was_met(self, at: datetime) -> bool:
        """Return whether it had been met by a moment."""
        return self.is_met and self.ended_at is not None and self.ended_at <= at


class Attempt(NamedTuple):
    """A request to close. is_overseers: the leader returned it, which does not count."""

    id: int
    unit_id: int
    returned_at: datetime | None
    granted_at: datetime | None
    is_overseers: bool


class Shown(NamedTuple):
    """改判: the light the office showed instead of the judged one, and until when."""

    light: Light
    reason: str
    made_at: datetime
    made_on: date
    ended_at: datetime | None


class Story(NamedTuple):
    """One matter as it was known. history: its facts from a day's end on.   report_ids: by (unit, report day)."""

    id: int
    unit_id: int
    history: tuple[tuple[date, Facts], ...]
    debts: tuple[Debt, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    shown: tuple[Shown, ...] = ()
    report_ids: Mapping[tuple[int, date], int] = {}

    def moments(self) -> list[datetime]:
        """Return every moment at which something besides its facts changed, in order."""
        found = [one.made_at for one in self.debts] + [one.ended_at for one in self.debts if one.ended_at]
        found += [at for one in self.attempts for at in (one.returned_at, one.granted_at) if at]
        found += [one.made_at for one in self.shown] + [one.ended_at for one in self.shown if one.ended_at]
        return sorted(found)

    def override(self, at: datetime) -> Shown | None:
        """Return the office's override in force at a moment."""
        return next(
            (one for one in self.shown if one.made_at <= at and (one.ended_at is None or one.ended_at > at)), None
        )

    def override_on(self, day: date) -> Shown | None:
        """Return the office's override in force at the end of a day."""
        return self.override(datetime.combine(day, time.max))

    def owing(self, at: datetime, *, progress: int | None) -> tuple[Owing, ...]:
        """Return what was open of the kinds that bring letters, as `letters.queries` reads it of the present."""
        given = {_of_report(one) for one in self.debts if one.owing.kind == Owed.REPORT and one.was_met(at)}
        return tuple(
            one.owing
            for one in self.debts
            if one.is_open(at)
            and _of_report(one) not in given
            and not (one.expected is not None and progress is not None and progress >= one.expected)
        )

    def given_back(self, at: datetime, *, is_in_progress: bool) -> tuple[GivenBack, ...]:
        """Return what had been given back and not been handed in anew by a moment."""
        found: list[GivenBack] = []
        rewritten: dict[tuple[int, date], list[Debt]] = {}
        for one in self.debts:
            if one.is_returned and one.made_at <= at:
                rewritten.setdefault((one.owing.unit_id, one.owing.due_on), []).append(one)
        for (unit_id, day), debts in rewritten.items():
            report_id = self.report_ids.get((unit_id, day))
            if report_id is not None and not debts[-1].was_met(at):
                found.append(GivenBack(unit_id, Returned.REPORT, report_id, len(debts), day))
        attempts: list[Attempt] = []
        for attempt in self.attempts:
            if attempt.granted_at is not None and attempt.granted_at <= at:
                attempts.clear()
            elif attempt.returned_at is not None and attempt.returned_at <= at and not attempt.is_overseers:
                attempts.append(attempt)
        if attempts and is_in_progress:
            last = attempts[-1]
            found.append(GivenBack(last.unit_id, Returned.CLOSURE, last.id, len(attempts)))
        return tuple(found)


def _of_report(one: Debt) -> tuple[int, date] | None:
    return (one.owing.unit_id, one.owing.due_on) if one.owing.kind == Owed.REPORT else None


class Answered(NamedTuple):
    """An answer of a unit, and when the office returned it."""

    answered_at: datetime
    returned_at: datetime | None = None


class Deeds(NamedTuple):
    """What people did with a letter, and when. ruled_at: when it ended by the rules alone, without a person."""

    presented_at: datetime | None = None
    signed_at: datetime | None = None
    issued_at: datetime | None = None
    delivered_on: date | None = None
    answers: tuple[Answered, ...] = ()
    accepted_at: datetime | None = None
    dropped_at: datetime | None = None
    withdrawn_at: datetime | None = None
    ruled_at: datetime | None = None


class WrittenLine(NamedTuple):
    """One cause in a letter of the record. is_removed: a person took it out; is_taken_out: the round did."""

    item_id: int
    matter_id: int
    cause: Cause
    key: str
    root: str
    words: str = ""
    is_removed: bool = False
    is_taken_out: bool = False
    cured_on: date | None = None
    escalated_on: date | None = None


class Written(NamedTuple):
    """A letter of the record. unit_id: the unit that stands today.   merged_into: the draft it was put into."""

    id: int
    unit_id: int
    kind: LetterKind
    is_batch: bool
    is_courtesy: bool
    drafted_on: date
    drafted_at: datetime
    number: str
    deeds: Deeds
    lines: tuple[WrittenLine, ...]
    is_settled: bool = False
    is_dropped: bool = False
    merged_into: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A plan's past. report_days: on which reports were due, as known from a moment on, by moment.

    unit_types: of every unit written to.   calendars: known from a day on.
    """

    year: int
    stories: Mapping[int, Story]
    written: Sequence[Written]
    report_days: Sequence[tuple[datetime, Sequence[date]]]
    unit_types: Mapping[int, str]
    calendars: Sequence[tuple[date, Workdays]]

    @property
    def first_on(self) -> date | None:
        """The first day on which anything was known."""
        return min((one.history[0][0] for one in self.stories.values()), default=None)

    def report_days_at(self, at: datetime) -> Sequence[date]:
        """Return the days reports were due on as they were known at a moment."""
        return self.report_days[max(bisect_right([since for since, _ in self.report_days], at) - 1, 0)][1]

    def calendar(self, day: date) -> Workdays:
        """Return the calendar that was known when a day began."""
        return self.calendars[max(bisect_right([since for since, _ in self.calendars], day) - 1, 0)][1]


class Rules(NamedTuple):
    """The policy of one side. held: figures from a moment on, in order; the first held before as well."""

    held: tuple[tuple[datetime, Figures], ...]

    def at(self, moment: datetime) -> Figures:
        """Return the figures in force at a moment."""
        place = bisect_right(self.held, moment, key=_since) - 1
        return self.held[max(place, 0)][1]

    def at_end(self, day: date) -> Figures:
        """Return the figures in force at the end of a day."""
        return self.at(datetime.combine(day, time.max))


def _since(one: tuple[datetime, Figures]) -> datetime:
    return one[0]
