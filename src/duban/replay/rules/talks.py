"""Which talks the rules would have proposed when, and what scoring would have made of the year, on one side.

Talks that were held, their re-checks and the leaders' ratings are people's deeds: they stay as recorded.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from duban.bulletins.rules import Section, Stood
from duban.evaluation.rules import Fact, FactKind, Scores, YearFacts, scored
from duban.interviews.rules import Facts, Ground, GroundKind, NamedIn, RedAt, Silent, Untrue, grounds_of
from duban.lights.rules import Track
from duban.matters.rules import LIT_STATES, Light, Part
from duban.replay.rules.past import Past, Rules
from duban.replay.rules.rounds import Rounds

_DAY = timedelta(days=1)


class Published(NamedTuple):
    """An entry of an issued bulletin: what the rules of a side propose, but for what people left out or added."""

    bulletin_id: int
    issue: str
    issued_on: date
    section: Section
    unit_id: int
    matter_id: int


class Arisen(NamedTuple):
    """A ground for a talk, and the day it first stood."""

    day: date
    kind: GroundKind
    unit_id: int
    matter_id: int
    since: date
    figures: Mapping[str, Any]


def red_at(snapshots: Mapping[date, Mapping[int, Stood]]) -> list[RedAt]:
    """Return what stood red in each snapshot, the earliest first."""
    return [
        RedAt(on, frozenset(pk for pk, one in stood.items() if one.light is Light.RED))
        for on, stood in sorted(snapshots.items())
    ]


def standing_grounds(
    past: Past,
    *,
    tracks: Mapping[int, Track],
    rounds: Rounds,
    reds: Sequence[RedAt],
    published: Iterable[Published],
    rules: Rules,
    day: date,
) -> list[Ground]:
    """Return the grounds for a talk that stand at the end of a day, whether a talk came of them or not."""
    figures = rules.at_end(day)
    red: dict[int, int] = {}
    in_hand: set[int] = set()
    untrue: list[Untrue] = []
    for pk, story in past.stories.items():
        lit = tracks[pk].on(day) if pk in tracks else None
        if lit is None:
            continue
        if lit.facts.untrue_on is not None and lit.facts.untrue_on <= day and story.unit_id:
            found_on = lit.facts.untrue_on
            untrue.append(Untrue(f"{pk}-{found_on.isoformat()}", pk, story.unit_id, found_on))
        if lit.facts.state in LIT_STATES:
            in_hand.add(pk)
            override = story.override_on(day) if lit.light is not None else None
            if (override.light if override is not None else lit.light) is Light.RED and story.unit_id:
                red[pk] = story.unit_id
    silent: dict[tuple[int, int], Silent] = {}
    for one in rounds.waiting:
        is_open = one.from_on <= day and (one.until_on is None or day < one.until_on)
        if is_open and one.matter_id in in_hand:
            silent.setdefault(
                (one.letter, one.matter_id),
                Silent(one.letter, one.matter_id, one.unit_id, one.number, one.clock_on, one.due_on),
            )
    facts = Facts(
        silent=list(silent.values()),
        snapshots=[one for one in reds if one.day < day],
        leads=red,
        red_now=frozenset(red),
        named=[
            NamedIn(one.issue, one.issued_on, one.unit_id, one.matter_id)
            for one in published
            if one.section is Section.CRITICISM and one.issued_on <= day
        ],
        untrue=untrue,
    )
    found = grounds_of(facts, day=day, figures=figures.interviews, calendar=past.calendar(day))
    if figures.interviews.inviting_talks:
        return found
    invited = figures.letters.inviting_unit_types
    return [one for one in found if past.unit_types.get(one.unit_id) not in invited]


def grounds_arisen(
    past: Past,
    *,
    tracks: Mapping[int, Track],
    rounds: Rounds,
    snapshots: Mapping[date, Mapping[int, Stood]],
    published: Sequence[Published],
    rules: Rules,
    since: date,
    until: date,
) -> list[Arisen]:
    """Return every ground with the day it first stood, in order. What stood before `since` did not arise."""
    reds = red_at(snapshots)
    told = {"tracks": tracks, "rounds": rounds, "reds": reds, "published": published, "rules": rules}
    first = past.first_on
    known: set[str] = set()
    if first is not None and since > first:
        known = {one.key for one in standing_grounds(past, day=since - _DAY, **told)}  # type: ignore[arg-type]
    found, day = [], since
    while day <= until:
        for one in standing_grounds(past, day=day, **told):  # type: ignore[arg-type]
            if one.key not in known:
                known.add(one.key)
                found.append(Arisen(day, one.kind, one.unit_id, one.matter_id, one.since, one.figures))
        day += _DAY
    return found


_CITED = {Section.CRITICISM: FactKind.CRITICISED, Section.PRAISE: FactKind.PRAISED}


def scores_of(
    year: YearFacts,
    published: Iterable[Published],
    *,
    parts: Mapping[tuple[int, int], Part],
    rules: Rules,
    until: date,
) -> Scores:
    """Return every unit's score on one side: the facts of the year, with the entries this side proposes.

    parts: of (matter, unit).   Nobody's rating is taken in: a replay judges by facts alone.
    """
    cited: dict[int, list[Fact]] = {}
    for one in published:
        if one.section not in _CITED or one.issued_on > until:
            continue
        kind = _CITED[one.section]
        cited.setdefault(one.unit_id, []).append(
            Fact(
                key=f"{kind.value}-{one.bulletin_id}-{one.matter_id}",
                kind=kind,
                unit_id=one.unit_id,
                on=one.issued_on,
                words="",
                part=parts.get((one.matter_id, one.unit_id), Part.LEAD),
                matter_id=one.matter_id,
                source="bulletin",
                source_id=one.bulletin_id,
            )
        )
    units = tuple(
        replace(
            one,
            facts=(
                *(fact for fact in one.facts if fact.kind not in (FactKind.CRITICISED, FactKind.PRAISED)),
                *cited.get(one.unit_id, ()),
            ),
        )
        for one in year.units
    )
    return scored(YearFacts(year.until, units), rules.at_end(until))


class TalkDifference(NamedTuple):
    """A ground of a kind on a matter of a unit that only one side has, or on another day."""

    kind: GroundKind
    unit_id: int
    matter_id: int
    held: tuple[Arisen, ...]
    other: tuple[Arisen, ...]


def talk_differences(held: Iterable[Arisen], other: Iterable[Arisen]) -> list[TalkDifference]:
    """Return where the grounds for talks of two sides part, by the day they first stood."""
    found: dict[tuple[GroundKind, int, int], tuple[list[Arisen], list[Arisen]]] = {}
    for place, some in enumerate((held, other)):
        for one in some:
            found.setdefault((one.kind, one.unit_id, one.matter_id), ([], []))[place].append(one)
    return [
        TalkDifference(*key, _without(first, second), _without(second, first))
        for key, (first, second) in sorted(found.items(), key=lambda each: (each[0][1], each[0][2], each[0][0]))
        if [one.day for one in first] != [one.day for one in second]
    ]


def _without(some: Collection[Arisen], others: Collection[Arisen]) -> tuple[Arisen, ...]:
    days = [one.day for one in others]
    return tuple(one for one in some if one.day not in days)


def proposed_talks(arisen: Iterable[Arisen]) -> int:
    """Return how many talks would have been proposed: what arises for a unit on one day is one talk."""
    return len({(one.unit_id, one.day) for one in arisen})
