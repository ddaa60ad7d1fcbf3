"""What a policy would have made of a year, and where two policies part. Source: docs/sources.md#replay"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from duban.bulletins.rules import Proposal, Section, Stood, Unanswered, red_figures
from duban.evaluation.rules import Scores
from duban.letters.rules import LetterKind
from duban.lights.rules import Lit, Track, expected_of, track_of
from duban.matters.policy import Figures
from duban.matters.rules import Light
from duban.replay.rules.past import Past, Rules, Story
from duban.replay.rules.rounds import Drafted, Rounds, Silent
from duban.replay.rules.talks import Arisen

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entries:
    """What a bulletin's snapshot proposed. drafted_on: of the bulletin."""

    bulletin_id: int
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A year under one policy. snapshots: how every matter stood, by day.   entries: by bulletin.

    talks: grounds for talks with the day each arose.   scores: None where nobody scores.
    """

    tracks: Mapping[int, Track]
    rounds: Rounds
    snapshots: Mapping[date, Mapping[int, Stood]]
    entries: Mapping[int, Entries] = field(default_factory=dict)
    talks: tuple[Arisen, ...] = ()
    scores: Scores | None = None


# ---- lights


def tracks_of(past: Past, *, rules: Rules, until: date) -> dict[int, Track]:
    """Return how every matter would have been judged day by day."""
    policies = [(moment.date(), figures.lights) for moment, figures in rules.held]
    return {
        pk: track_of(story.history, policies=policies, calendars=past.calendars, until=until)
        for pk, story in past.stories.items()
        if story.history[0][0] <= until
    }


class Span(NamedTuple):
    """Days on which a matter has another light: the first and the last of them, and both lights."""

    matter_id: int
    from_on: date
    until_on: date
    held: Light | None
    other: Light | None


def spans_of(held: Track, other: Track, *, matter_id: int, since: date, until: date) -> list[Span]:
    """Return the days on which two tracks of a matter have another light."""
    days = sorted({since, *(day for day, _ in (*held.turns, *other.turns) if since < day <= until)})
    found: list[Span] = []
    for day, following in zip(days, [*days[1:], until + _DAY], strict=True):
        lights = [_light(one, day) for one in (held, other)]
        if lights[0] == lights[1]:
            continue
        last = following - _DAY
        if found and (found[-1].held, found[-1].other) == tuple(lights) and found[-1].until_on == day - _DAY:
            found[-1] = found[-1]._replace(until_on=last)
        else:
            found.append(Span(matter_id, day, last, lights[0], lights[1]))
    return found


def _light(track: Track, day: date) -> Light | None:
    lit = track.on(day)
    return None if lit is None else lit.light


def light_days(track: Track, *, since: date, until: date) -> Counter[Light | None]:
    """Return on how many days a matter had which light."""
    found: Counter[Light | None] = Counter()
    turns = [(max(day, since), light) for day, light in track.turns if day <= until]
    ends = [*(day for day, _ in turns[1:]), until + _DAY]
    for (day, light), following in zip(turns, ends, strict=False):
        found[light] += max((following - day).days, 0)
    return found


def turns_between(track: Track, *, since: date, until: date) -> int:
    """Return how often a light came, turned or went in these days."""
    return sum(1 for day, _ in track.turns if since <= day <= until)


# ---- snapshots


def snapshot_days(rules: Rules, *, first: date, until: date) -> list[date]:
    """Return the days frozen between two days: the ends of months, and the policy's own."""
    found, day = [], first
    while day <= until:
        own = rules.at_end(day).lights.snapshot_days
        if (day + _DAY).day == 1 or f"{day:%m-%d}" in own:
            found.append(day)
        day += _DAY
    return found


def stood_on(past: Past, tracks: Mapping[int, Track], *, rules: Rules, day: date) -> dict[int, Stood]:
    """Return how every matter stood at the end of a day, as a snapshot freezes it."""
    figures = rules.at_end(day)
    found = {}
    for pk, story in past.stories.items():
        lit = tracks[pk].on(day) if pk in tracks else None
        if lit is not None:
            found[pk] = _stood(story, lit, figures=figures, day=day)
    return found


def _stood(story: Story, lit: Lit, *, figures: Figures, day: date) -> Stood:
    override = story.override_on(day) if lit.light is not None else None
    facts = lit.facts
    expected = expected_of(facts, policy=figures.lights, today=day)
    return Stood(
        story.id,
        facts.state,
        override.light if override is not None else lit.light,
        facts.due_on,
        None if facts.progress is None else Decimal(facts.progress).scaleb(-2),
        None if expected is None else Decimal(expected).scaleb(-2),
    )


def red_words(
    past: Past, tracks: Mapping[int, Track], stood: Iterable[Stood], *, day: date
) -> dict[int, dict[str, Any]]:
    """Return what the red lights of a snapshot rest on."""
    found = {}
    for one in stood:
        lit = tracks[one.matter_id].on(day)
        if one.light is not Light.RED or lit is None:
            continue
        override = past.stories[one.matter_id].override_on(day)
        found[one.matter_id] = red_figures(
            since=override.made_on if override else lit.since,
            reasons=[each for each in lit.judgement.reasons if each.begins_on <= day],
            progress=lit.facts.progress,
            expected=None if one.expected is None else int(one.expected.scaleb(2)),
            forecast=lit.facts.forecast,
            override=override.reason if override else "",
            day=day,
        )
    return found


def unanswered_by(supervising: Iterable[Silent], *, day: date, matter_ids: Collection[int]) -> list[Unanswered]:
    """Return the 督办函 that were to be answered by a day and were not: of a unit and matter the last."""
    latest: dict[tuple[int, int], Unanswered] = {}
    for one in sorted(supervising, key=lambda each: each.issued_on):
        is_due = one.due_on is not None and one.due_on <= day and one.issued_on <= day
        is_answered = one.answered_on is not None and one.answered_on <= day
        is_over = one.ended_on is not None and one.ended_on <= day
        if is_due and not is_answered and not is_over and one.matter_id in matter_ids and one.due_on is not None:
            latest[one.matter_id, one.unit_id] = Unanswered(
                one.matter_id, one.unit_id, one.number, one.issued_on, one.due_on
            )
    return list(latest.values())


# ---- where two sides part


class LetterDifference(NamedTuple):
    """A matter of a unit that stands in letters of a kind on other days. held, other: what was drafted, and why."""

    unit_id: int
    matter_id: int
    kind: LetterKind
    held: tuple[Drafted, ...]
    other: tuple[Drafted, ...]

    @property
    def only_held(self) -> tuple[Drafted, ...]:
        """Lines on days, or for causes, that the other policy does not have."""
        return _without(self.held, self.other)

    @property
    def only_other(self) -> tuple[Drafted, ...]:
        """Lines only the other policy has."""
        return _without(self.other, self.held)


def _without(lines: Iterable[Drafted], others: Iterable[Drafted]) -> tuple[Drafted, ...]:
    both = Counter((one.day, one.cause) for one in others)
    found = []
    for one in lines:
        if both[one.day, one.cause] > 0:
            both[one.day, one.cause] -= 1
        else:
            found.append(one)
    return tuple(found)


def letter_differences(held: Rounds, other: Rounds) -> list[LetterDifference]:
    """Return where the letters of two sides part, by unit, matter and kind: other days, or other causes."""
    found: dict[tuple[int, int, LetterKind], tuple[list[Drafted], list[Drafted]]] = {}
    for place, rounds in enumerate((held, other)):
        for one in rounds.drafted:
            found.setdefault((one.unit_id, one.matter_id, one.kind), ([], []))[place].append(one)
    return [
        LetterDifference(*key, tuple(first), tuple(second))
        for key, (first, second) in sorted(found.items(), key=lambda each: (each[0][0], each[0][1], each[0][2]))
        if Counter((one.day, one.cause) for one in first) != Counter((one.day, one.cause) for one in second)
    ]


class EntryDifference(NamedTuple):
    """An entry only one side proposes, or that rests on something else. held, other: its bases."""

    bulletin_id: int
    section: Section
    unit_id: int
    matter_id: int | None
    held: tuple[str, ...]
    other: tuple[str, ...]
    held_figures: Mapping[str, Any]
    other_figures: Mapping[str, Any]


def entry_differences(held: Mapping[int, Entries], other: Mapping[int, Entries]) -> list[EntryDifference]:
    """Return where the entries of two sides part, by bulletin."""
    found = []
    for bulletin_id in held:
        sides: list[dict[tuple[Section, int, int | None], Mapping[str, Any]]] = [
            {(one.section, one.unit_id, one.matter_id): one.figures for one in side[bulletin_id].proposals}
            for side in (held, other)
        ]
        for key in dict.fromkeys((*sides[0], *sides[1])):
            figures = [one.get(key, {}) for one in sides]
            if set(figures[0]) != set(figures[1]):
                found.append(
                    EntryDifference(bulletin_id, *key, tuple(figures[0]), tuple(figures[1]), figures[0], figures[1])
                )
    return found


def letters_by_kind(drafted: Iterable[Drafted]) -> Counter[LetterKind]:
    """Return how many letters of each kind there are among these lines."""
    return Counter(kind for kind, _ in {(one.kind, one.letter) for one in drafted})


class RecordCheck(NamedTuple):
    """How the letters of what held, made again, agree with the record. missing, extra: lines only one of them has."""

    lines: int
    missing: int
    extra: int

    @property
    def agrees(self) -> bool:
        """Whether they are the same, line by line."""
        return not self.missing and not self.extra


def record_check(past: Past, held: Rounds, *, since: date, until: date) -> RecordCheck:
    """Return whether making the rounds again gives the letters the rounds gave: days no round was made show here."""
    recorded = {
        line.key
        for one in past.written
        if one.is_batch and since <= one.drafted_on <= until
        for line in one.lines
        if line.key
    }
    made = {one.key for one in held.drafted}
    return RecordCheck(len(recorded), len(recorded - made), len(made - recorded))
