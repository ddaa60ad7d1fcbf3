"""Which talks the rules propose: per unit, its matters and the grounds with their days. Nobody is called by a rule.

Pure: the same facts, day and figures give the same proposals. Source: docs/sources.md#interviews
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from duban.core.text import date_text
from duban.core.workdays import Workdays
from duban.interviews.rules.words import GroundKind, Level, next_level
from duban.matters.policy import Interviews


class Silent(NamedTuple):
    """A line of a 督办函 that its unit has not answered. clock_on: the day it was delivered; due_on: of its answer."""

    letter_id: int
    matter_id: int
    unit_id: int
    number: str
    clock_on: date
    due_on: date


class RedAt(NamedTuple):
    """The matters that stood red in one snapshot, by the light that was shown."""

    day: date
    matter_ids: frozenset[int]


class NamedIn(NamedTuple):
    """A matter criticised in one issued bulletin. issue: 2020-1; the citation was not withdrawn."""

    issue: str
    issued_on: date
    unit_id: int
    matter_id: int


class Untrue(NamedTuple):
    """A standing finding that what a unit reported of a matter is not so. key: of the finding."""

    key: str
    matter_id: int
    unit_id: int
    found_on: date
    words: str = ""


class Unmet(NamedTuple):
    """A re-check after which a higher level is to talk. level: of the talk that was."""

    interview_id: int
    unit_id: int
    checked_on: date
    level: Level
    matter_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What proposals are made from.

    snapshots: of the plan, the earliest first.   leads: the unit that merges, by matter.   red_now: shown red today.
    ended: matters that are over: nobody is talked with about them for having been named.
    talked: units talked with before in this plan.   inviting: units of the types that are invited.
    """

    silent: Sequence[Silent] = ()
    snapshots: Sequence[RedAt] = ()
    leads: Mapping[int, int] = field(default_factory=dict)
    red_now: Collection[int] = frozenset()
    named: Sequence[NamedIn] = ()
    ended: Collection[int] = frozenset()
    untrue: Sequence[Untrue] = ()
    unmet: Sequence[Unmet] = ()
    talked: Collection[int] = frozenset()
    inviting: Collection[int] = frozenset()


class Ground(NamedTuple):
    """One reason to talk with a unit about one matter. key: the same ground has the same, whatever runs twice.

    since: the day it arose.   figures: what it rests on, JSON-able, frozen with the interview.
    """

    kind: GroundKind
    key: str
    unit_id: int
    matter_id: int
    since: date
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A talk the rules propose with one unit. why: why at this level; reds: how many of its matters are red."""

    unit_id: int
    level: Level
    why: str
    is_inviting: bool
    reds: int
    grounds: tuple[Ground, ...]

    @property
    def keys(self) -> list[str]:
        """The keys of its grounds."""
        return [one.key for one in self.grounds]


def grounds_of(facts: Facts, *, day: date, figures: Interviews, calendar: Workdays) -> list[Ground]:
    """Return every ground that stands on a day, whether a talk came of it or not.

    Source: docs/sources.md#interviews
    """
    return [
        *_silence(facts.silent, day=day, figures=figures, calendar=calendar),
        *_reds(facts, day=day, figures=figures),
        *_named(facts, day=day, figures=figures),
        *(
            Ground(
                GroundKind.UNTRUE,
                f"untrue/{one.key}/{one.unit_id}",
                one.unit_id,
                one.matter_id,
                one.found_on,
                {"found_on": one.found_on.isoformat(), "words": one.words},
            )
            for one in facts.untrue
            if one.found_on <= day
        ),
        *(
            Ground(
                GroundKind.UNMET,
                f"unmet/{one.interview_id}/{matter_id}",
                one.unit_id,
                matter_id,
                one.checked_on,
                {"checked_on": one.checked_on.isoformat(), "level": int(one.level)},
            )
            for one in facts.unmet
            if one.checked_on <= day
            for matter_id in one.matter_ids
        ),
    ]


def _silence(silent: Iterable[Silent], *, day: date, figures: Interviews, calendar: Workdays) -> Iterator[Ground]:
    """Yield the 督办函 not answered so many working days after delivery; an answer returned has its own new day."""
    for one in silent:
        last = max(one.due_on, calendar.add_workdays(one.clock_on, figures.unanswered_workdays))
        if day <= last:
            continue
        yield Ground(
            GroundKind.UNANSWERED,
            f"unanswered/{one.letter_id}/{one.matter_id}",
            one.unit_id,
            one.matter_id,
            calendar.add_workdays(last, 1),
            {"number": one.number, "clock_on": one.clock_on.isoformat(), "due_on": one.due_on.isoformat()},
        )


def _reds(facts: Facts, *, day: date, figures: Interviews) -> Iterator[Ground]:
    """Yield the matters red at so many snapshots running up to the last one, and red still."""
    past = [one for one in facts.snapshots if one.day <= day]
    if len(past) < figures.red_snapshots:
        return
    for matter_id in sorted(past[-1].matter_ids & frozenset(facts.red_now)):
        run: list[date] = []
        for one in reversed(past):
            if matter_id not in one.matter_ids:
                break
            run.insert(0, one.day)
        if len(run) < figures.red_snapshots or matter_id not in facts.leads:
            continue
        unit_id = facts.leads[matter_id]
        yield Ground(
            GroundKind.RED,
            f"red/{matter_id}/{unit_id}/{run[0].isoformat()}",
            unit_id,
            matter_id,
            run[figures.red_snapshots - 1],
            {"days": [one.isoformat() for one in run]},
        )


def _named(facts: Facts, *, day: date, figures: Interviews) -> Iterator[Ground]:
    """Yield, for a unit criticised in so many issues, its matters in them that are not over; each further so many are
    a new ground."""
    issues: dict[int, dict[str, list[NamedIn]]] = defaultdict(dict)
    for one in facts.named:
        if one.issued_on <= day:
            issues[one.unit_id].setdefault(one.issue, []).append(one)
    for unit_id, of_unit in issues.items():
        some = sorted(of_unit.items(), key=lambda item: (item[1][0].issued_on, item[0]))
        times = figures.named_times
        for first in range(0, len(some) - times + 1, times):
            group = some[first : first + times]
            key, last = "+".join(issue for issue, _ in group), group[-1][1][0].issued_on
            of_matter: dict[int, list[str]] = {}
            for issue, lines in group:
                for line in lines:
                    of_matter.setdefault(line.matter_id, []).append(issue)
            for matter_id, own in of_matter.items():
                if matter_id in facts.ended:
                    continue
                figures_of_it = {"issues": [issue for issue, _ in group], "own": own}
                yield Ground(
                    GroundKind.NAMED, f"named/{unit_id}/{key}/{matter_id}", unit_id, matter_id, last, figures_of_it
                )


def proposals_of(
    facts: Facts, *, day: date, figures: Interviews, calendar: Workdays, used: Collection[str]
) -> list[Proposal]:
    """Return the talks proposed on a day, those of the highest level first, then by when the first ground arose.

    used: keys of grounds an interview was applied for, or that were dismissed: they are not proposed again.
    Source: docs/sources.md#interviews
    """
    by_unit: dict[int, list[Ground]] = defaultdict(list)
    for one in grounds_of(facts, day=day, figures=figures, calendar=calendar):
        if one.key not in used:
            by_unit[one.unit_id].append(one)
    reds: dict[int, int] = defaultdict(int)
    for matter_id in facts.red_now:
        if matter_id in facts.leads:
            reds[facts.leads[matter_id]] += 1
    found = []
    for unit_id, grounds in by_unit.items():
        is_inviting = unit_id in facts.inviting
        if is_inviting and not figures.inviting_talks:
            continue
        level, why = level_of(grounds, reds=reds[unit_id], has_talked=unit_id in facts.talked, figures=figures)
        if is_inviting:
            level, why = Level.FIRST, "该类单位以商请方式面谈，不分级、不计分。"
        order = sorted(grounds, key=lambda one: (one.since, one.kind, one.matter_id, one.key))
        found.append(Proposal(unit_id, level, why, is_inviting, reds[unit_id], tuple(order)))
    return sorted(found, key=lambda one: (-one.level, one.grounds[0].since, one.unit_id))


def level_of(grounds: Iterable[Ground], *, reds: int, has_talked: bool, figures: Interviews) -> tuple[Level, str]:
    """Return the level a talk is proposed at, and why; whoever applies may choose another. ★

    Source: docs/sources.md#interviews
    """
    kinds = {one.kind: one for one in grounds}
    if reds >= figures.level3_reds:
        return Level.THIRD, f"该单位现有红灯 {reds} 项，达到 {figures.level3_reds} 项。"
    if GroundKind.UNMET in kinds:
        return next_level(Level(kinds[GroundKind.UNMET].figures["level"])), "上次约谈后整改不到位，提高一级。"
    if GroundKind.UNTRUE in kinds:
        return Level.SECOND, "核验发现报送不实。"
    if has_talked:
        return Level.SECOND, "本年度已经约谈过。"
    return Level.FIRST, "本年度首次约谈。"


_DAYS_MOST = 3
"""So many days of a run are told one by one; of a longer one the first and the last."""


def ground_words(kind: GroundKind, figures: Mapping[str, Any]) -> str:
    """Return a ground in one sentence with its days."""
    if kind is GroundKind.UNANSWERED:
        number = f"（{figures['number']}）" if figures["number"] else ""
        return f"{_day(figures['clock_on'])}送达的督办函{number}应于{_day(figures['due_on'])}前答复，逾期未答复。"
    if kind is GroundKind.RED:
        days = figures["days"]
        told = _days(days) if len(days) <= _DAYS_MOST else f"{_day(days[0])}至{_day(days[-1])}"
        return f"{told}连续{len(days)}次定格为红灯，至今仍为红灯。"
    if kind is GroundKind.NAMED:
        issues = "、".join(_issue(one) for one in figures["issues"])
        own = "、".join(_issue(one) for one in figures["own"])
        return f"单位在《政务督查》{issues}被通报{len(figures['issues'])}次，本事项列于{own}。"
    if kind is GroundKind.UNTRUE:
        words = f"：{figures['words'].rstrip('。')}" if figures.get("words") else ""
        return f"{_day(figures['found_on'])}核验发现报送情况不实{words}。"
    if kind is GroundKind.UNMET:
        return f"{_day(figures['checked_on'])}复查，约谈要求的整改不到位。"
    return str(figures["words"])


def _day(text: str) -> str:
    return date_text(date.fromisoformat(text))


def _days(texts: Sequence[str]) -> str:
    """Return days in one breath, the year once: 2020年5月31日、6月30日."""
    days = [date.fromisoformat(one) for one in texts]
    said, year = [], 0
    for one in days:
        said.append(date_text(one) if one.year != year else f"{one.month}月{one.day}日")
        year = one.year
    return "、".join(said)


def _issue(text: str) -> str:
    year, number = text.split("-")
    return f"{year}年第{number}期"
