"""Two policies side by side: what each made of the lights, letters and entries, in all and unit by unit."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from duban.bulletins.rules import Section, Stood
from duban.letters.rules import LetterKind
from duban.matters.policy import Changed
from duban.matters.rules import LIT_STATES, Light
from duban.replay.rules.past import Past
from duban.replay.rules.rounds import Drafted
from duban.replay.rules.sides import (
    EntryDifference,
    LetterDifference,
    Side,
    Span,
    entry_differences,
    letter_differences,
    letters_by_kind,
    light_days,
    spans_of,
    turns_between,
)
from duban.replay.rules.talks import TalkDifference, proposed_talks, talk_differences

JUDGED_BY = frozenset(
    {
        *(
            f"lights.{name}"
            for name in (
                "gap_judged", "gap_yellow_points", "gap_red_points", "schedule", "quarter_pct", "windows_judged",
                "warning_windows", "node_grace_workdays", "report_grace_workdays", "yellow_month_ends_to_red",
                "untrue_is_red", "snapshot_days",
            )
        ),
        *(
            f"letters.{name}"
            for name in (
                "courtesy_workdays", "remind_cure_workdays", "urge_after_overdue_workdays",
                "urge_after_remind_workdays", "urge_after_returns", "urge_answer_workdays",
                "supervise_answer_workdays", "cooldown_workdays", "batches_per_unit_month", "inviting_unit_types",
            )
        ),
        "closure.returns_to_urge",
        "bulletins.praise_early_days",
        "bulletins.praise_over_pct",
        *(
            f"interviews.{name}"
            for name in ("unanswered_workdays", "red_snapshots", "named_times", "inviting_talks")
        ),
        *(
            f"evaluation.{name}"
            for name in (
                "base_score", "floor_score", "support_ratio", "not_done_score", "late_report_score",
                "missing_report_score", "returned_score", "no_substance_score", "criticised_score", "praised_score",
                "interview_score", "untrue_score", "bonus_most", "normalised", "workload_least", "workload_most",
            )
        ),
    }
)  # fmt: skip
"""The figures a replay judges by; of the others people's deeds would have been other ones, which nobody knows."""


def not_judged_by(changes: Iterable[Changed]) -> list[Changed]:
    """Return which changed figures a replay cannot tell anything about."""
    return [one for one in changes if one.place not in JUDGED_BY]


@dataclass(slots=True)
class Sums:
    """What one side made of some matters. days: of light, by light; letters: by kind; entries: by section."""

    days: Counter[Light | None] = field(default_factory=Counter)
    turns: int = 0
    letters: Counter[LetterKind] = field(default_factory=Counter)
    entries: Counter[Section] = field(default_factory=Counter)
    talks: int = 0

    @property
    def red_days(self) -> int:
        """Days of red, matter by matter."""
        return self.days[Light.RED]

    @property
    def yellow_days(self) -> int:
        """Days of yellow, matter by matter."""
        return self.days[Light.YELLOW]

    @property
    def reminding(self) -> int:
        """How many 提醒函."""
        return self.letters[LetterKind.REMIND]

    @property
    def urging(self) -> int:
        """How many 催办函."""
        return self.letters[LetterKind.URGE]

    @property
    def supervising(self) -> int:
        """How many 督办函."""
        return self.letters[LetterKind.SUPERVISE]

    @property
    def criticised(self) -> int:
        """How many entries of criticism."""
        return self.entries[Section.CRITICISM]

    @property
    def praised(self) -> int:
        """How many entries of praise."""
        return self.entries[Section.PRAISE]

    def figures(self) -> tuple[int, ...]:
        """Return the figures that are set side by side, in the order of `FIGURES`."""
        return tuple(getattr(self, name) for name in FIGURES)


FIGURES = ("red_days", "yellow_days", "reminding", "urging", "supervising", "criticised", "praised", "talks")
FIGURE_LABELS = {
    "red_days": "红灯天数",
    "yellow_days": "黄灯天数",
    "reminding": "提醒函",
    "urging": "催办函",
    "supervising": "督办函",
    "criticised": "通报批评",
    "praised": "通报表扬",
    "talks": "提请约谈",
}
"""Days of light are counted matter by matter."""


@dataclass(frozen=True, slots=True)
class UnitSums:
    """One unit (0: matters without one) under both policies. Days are those of the matters it merges.

    held_score, other_score: None where nobody scores, and of units that are never scored.
    """

    unit_id: int
    held: Sums
    other: Sums
    held_score: Decimal | None = None
    other_score: Decimal | None = None

    @property
    def is_same(self) -> bool:
        """Whether nothing that is set side by side differs."""
        return self.held.figures() == self.other.figures() and self.held_score == self.other_score


@dataclass(frozen=True, slots=True)
class FrozenDay:
    """One snapshot under both policies: how many matters had which light, and which had another one.

    is_held, is_other: whether that policy freezes this day.
    """

    day: date
    held: Counter[Light]
    other: Counter[Light]
    differing: tuple[tuple[Stood, Stood], ...]
    is_held: bool
    is_other: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A year under two policies, side by side, with every difference."""

    held: Sums
    other: Sums
    units: tuple[UnitSums, ...]
    spans: tuple[Span, ...]
    letters: tuple[LetterDifference, ...]
    entries: tuple[EntryDifference, ...]
    talks: tuple[TalkDifference, ...]
    snapshots: tuple[FrozenDay, ...]
    is_scored: bool = False

    @property
    def is_same(self) -> bool:
        """Whether the two policies part nowhere."""
        parted = any(one.differing or one.is_held != one.is_other for one in self.snapshots)
        rescored = any(one.held_score != one.other_score for one in self.units)
        return not (self.spans or self.letters or self.entries or self.talks or parted or rescored)


def compared(past: Past, held: Side, other: Side, *, since: date, until: date) -> Comparison:
    """Return two sides of the same past set side by side. Source: docs/sources.md#replay"""
    sides = (held, other)
    units: dict[int, tuple[Sums, Sums]] = {}
    whole = (Sums(), Sums())

    def each(unit_id: int, place: int) -> tuple[Sums, Sums]:
        return units.setdefault(unit_id, (Sums(), Sums()))[place], whole[place]

    spans: list[Span] = []
    for pk, story in past.stories.items():
        if pk not in held.tracks:
            continue
        for place, side in enumerate(sides):
            track = side.tracks[pk]
            for sums in each(story.unit_id, place):
                sums.days += light_days(track, since=since, until=until)
                sums.turns += turns_between(track, since=since, until=until)
        spans += spans_of(held.tracks[pk], other.tracks[pk], matter_id=pk, since=since, until=until)
    for place, side in enumerate(sides):
        for unit_id, drafted in _by_unit(side.rounds.drafted).items():
            for sums in each(unit_id, place):
                sums.letters += letters_by_kind(drafted)
        for entries in side.entries.values():
            for one in entries.proposals:
                for sums in each(one.unit_id, place):
                    sums.entries[one.section] += 1
    for place, side in enumerate(sides):
        for unit_id in {one.unit_id for one in side.talks}:
            number = proposed_talks(one for one in side.talks if one.unit_id == unit_id)
            for sums in each(unit_id, place):
                sums.talks += number
        for unit_id in side.scores.units if side.scores is not None else ():
            each(unit_id, place)
    return Comparison(
        whole[0],
        whole[1],
        tuple(
            UnitSums(unit_id, first, second, _score(held, unit_id), _score(other, unit_id))
            for unit_id, (first, second) in units.items()
        ),
        tuple(sorted(spans, key=lambda one: (one.from_on, one.matter_id))),
        tuple(letter_differences(held.rounds, other.rounds)),
        tuple(entry_differences(held.entries, other.entries)),
        tuple(talk_differences(held.talks, other.talks)),
        tuple(_frozen(day, held, other) for day in sorted({*held.snapshots, *other.snapshots}) if day >= since),
        is_scored=held.scores is not None,
    )


def _score(side: Side, unit_id: int) -> Decimal | None:
    found = side.scores.units.get(unit_id) if side.scores is not None else None
    return found.score if found is not None else None


def _by_unit(drafted: Sequence[Drafted]) -> dict[int, list[Drafted]]:
    found: dict[int, list[Drafted]] = {}
    for one in drafted:
        found.setdefault(one.unit_id, []).append(one)
    return found


def _frozen(day: date, held: Side, other: Side) -> FrozenDay:
    first, second = held.snapshots.get(day), other.snapshots.get(day)
    differing: list[tuple[Stood, Stood]] = []
    if first is not None and second is not None:
        differing = [(one, second[pk]) for pk, one in first.items() if one.light != second[pk].light]
    return FrozenDay(
        day, _lights(first or {}), _lights(second or {}), tuple(differing), first is not None, second is not None
    )


def _lights(stood: Mapping[int, Stood]) -> Counter[Light]:
    return Counter(one.light for one in stood.values() if one.light is not None and one.state in LIT_STATES)
