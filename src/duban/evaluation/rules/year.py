"""The facts of a year, as they are counted: per unit, each with its day, its matter and what it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from duban.evaluation.rules.words import FINISHED, FactKind, Outcome, Standing
from duban.matters.rules import Part, State


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that counts.

    key: the same for the same thing each time the facts are read.   part: the unit's in the matter.   name: 第3项 with
    its words, empty where it is about none.   words: what happened.   source, source_id: where its events are found.
    """

    key: str
    kind: FactKind
    unit_id: int
    on: date
    words: str
    part: Part = Part.LEAD
    matter_id: int | None = None
    name: str = ""
    source: str = "matter"
    source_id: int = 0


@dataclass(frozen=True, slots=True)
class UnitMatter:
    """How one matter of a unit came out. done_on: the day it asked for the closure that was granted."""

    matter_id: int
    name: str
    part: Part
    outcome: Outcome
    due_on: date
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class UnitYear:
    """A unit's year. obligations: how much it was to do, by which the points are divided."""

    unit_id: int
    name: str
    unit_type: str
    obligations: int = 0
    facts: tuple[Fact, ...] = ()
    matters: tuple[UnitMatter, ...] = ()

    def counted(self, *kinds: FactKind, part: Part | None = None) -> int:
        """Return how many facts there are of these kinds, in this part where one is given."""
        return sum(1 for one in self.facts if one.kind in kinds and part in (None, one.part))

    def without(self, keys: Iterable[str]) -> "UnitYear":
        """Return the same year without some facts."""
        gone = set(keys)
        return replace(self, facts=tuple(one for one in self.facts if one.key not in gone))

    def finished(self, *, part: Part | None = None) -> int:
        """Return how many of its matters are done."""
        return sum(1 for one in self.matters if one.outcome in FINISHED and part in (None, one.part))


@dataclass(frozen=True, slots=True)
class YearFacts:
    """The year of every unit that has a part in a plan, in the order of units. until: the last day that counts."""

    until: date
    units: tuple[UnitYear, ...] = ()


def outcome_of(
    state: str, *, due_on: date, until: date, done_on: date | None, asked_on: date | None, early_days: int
) -> Outcome:
    """Return how a matter came out by the end of a day. Source: docs/sources.md#evaluation

    state: at the end of that day.   due_on: approved extensions included.   done_on: the day the closure that was
    granted was asked for.   asked_on: the day a closure still being verified was asked for: the office's own time is
    not the unit's.   early_days: so many days before due is early.
    """
    if state == State.CLOSED:
        done = done_on or due_on
        if done > due_on:
            return Outcome.DONE_LATE
        return Outcome.EARLY if early_days and done <= due_on - timedelta(days=early_days) else Outcome.DONE
    if state in (State.SUSPENDED, State.CARRIED_OVER, State.TERMINATED):
        return Outcome.ADJUSTED
    if state == State.CLOSING and asked_on is not None and asked_on <= due_on:
        return Outcome.VERIFYING
    return Outcome.NOT_DONE if due_on <= until else Outcome.RUNNING


_BLAMED = (FactKind.CRITICISED, FactKind.INTERVIEW, FactKind.UNTRUE)
_REPORTING = (FactKind.LATE_REPORT, FactKind.MISSING_REPORT, FactKind.RETURNED, FactKind.NO_SUBSTANCE)


def standing_of(unit: UnitYear) -> Standing:
    """Return the list a unit stands on; what it only supports does not put it behind."""
    if unit.counted(*_BLAMED, FactKind.NOT_DONE, part=Part.LEAD):
        return Standing.BEHIND
    is_on_time = all(one.outcome is not Outcome.DONE_LATE for one in unit.matters if one.part is Part.LEAD)
    if is_on_time and unit.finished(part=Part.LEAD) and not unit.counted(*_BLAMED, *_REPORTING):
        return Standing.WELL
    return Standing.ON_TIME


def is_late_reporter(unit: UnitYear) -> bool:
    """Return whether a unit stands on the list of late and missing reports."""
    return unit.counted(FactKind.LATE_REPORT, FactKind.MISSING_REPORT) > 0
