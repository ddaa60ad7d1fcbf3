"""The rounds of a year made again: which letters would have been drafted when, by the rules that draft them.

What people did is taken from the record: a letter that is drafted again on the day, to the unit and of the kind of one
in the record has its fate (signed, issued, answered, dropped). Of any other letter nobody knows what would have become
of it: it is taken as issued on the day it is drafted, and as answered by the day it was due, or not at all (`Answers`).
Letters written by hand stand as they were written. Source: docs/sources.md#replay
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import NamedTuple

from duban.core.workdays import Workdays
from duban.letters.rules import (
    ENDED,
    ROUND_TIME,
    Cause,
    Draft,
    LetterKind,
    LetterState,
    Line,
    MatterFacts,
    Sent,
    Standing,
    answer_workdays,
    causes_of,
    drafts_of,
    is_graver,
    superseded,
    what_is_over,
    words_of,
)
from duban.lights.rules import Lit, Track, expected_of
from duban.matters.policy import Figures
from duban.matters.rules import LIT_STATES, Light, State
from duban.replay.rules.past import Answered, Answers, Deeds, Past, Rules, Story, Written, WrittenLine

_DAY = timedelta(days=1)
_OUT, _ANSWERED, _ACCEPTED, _EVENING = time(10), time(15), time(16), time(18)


class Drafted(NamedTuple):
    """One line of a letter the rounds drafted. letter: counts the letters of one side.

    is_recorded: the record has the letter, and its fate is known.   is_added: to a draft still in the officer's hands.
    """

    day: date
    letter: int
    unit_id: int
    kind: LetterKind
    is_courtesy: bool
    matter_id: int
    cause: Cause
    key: str
    words: str
    is_recorded: bool
    is_added: bool


class Silent(NamedTuple):
    """A 督办函 on a matter, as those who ask for answers see it: answered when, over when."""

    letter: int
    matter_id: int
    unit_id: int
    number: str
    issued_on: date
    due_on: date | None
    answered_on: date | None
    ended_on: date | None


class Waiting(NamedTuple):
    """A 督办函 on a matter while an answer is owed: from its delivery, or from the day an answer was returned.

    clock_on: the day it was delivered.   until_on: the day it was answered or over, None while it is open.
    """

    letter: int
    matter_id: int
    unit_id: int
    number: str
    clock_on: date
    due_on: date
    from_on: date
    until_on: date | None


class Rounds(NamedTuple):
    """What the rounds of one side drafted, in order, and what became of the 督办函."""

    drafted: tuple[Drafted, ...]
    supervising: tuple[Silent, ...]
    waiting: tuple[Waiting, ...]


@dataclass(slots=True)
class _Line:
    item_id: int
    matter_id: int
    cause: Cause
    key: str
    root: str
    is_out: bool = False
    cured_on: date | None = None
    escalated_on: date | None = None

    @property
    def is_standing(self) -> bool:
        return not self.is_out and self.cured_on is None and self.escalated_on is None


@dataclass(slots=True)
class _Letter:
    id: int
    unit_id: int
    kind: LetterKind
    is_batch: bool
    is_courtesy: bool
    drafted_on: date
    deeds: Deeds
    number: str = ""
    is_recorded: bool = False
    lines: list[_Line] = field(default_factory=list)
    settled_at: datetime | None = None
    is_dropped: bool = False
    is_told: bool = False
    final: tuple[Sent, ...] | None = None

    def state(self, at: datetime) -> LetterState:
        """Return where the letter stands at a moment."""
        deeds = self.deeds
        if _by(deeds.withdrawn_at, at):
            return LetterState.WITHDRAWN
        if _by(self.settled_at, at):
            return LetterState.SETTLED
        if self.is_dropped:
            return LetterState.DROPPED
        if _by(deeds.issued_at, at):
            answer = next((one for one in reversed(deeds.answers) if one.answered_at <= at), None)
            if answer is None or _by(answer.returned_at, at):
                return LetterState.ISSUED
            return LetterState.SETTLED if _by(deeds.accepted_at, at) else LetterState.ANSWERED
        if _by(deeds.signed_at, at):
            return LetterState.SIGNED
        if _by(deeds.dropped_at, at):
            return LetterState.DROPPED
        return LetterState.PRESENTED if _by(deeds.presented_at, at) else LetterState.DRAFTED

    def due_from(self, at: datetime) -> date | None:
        """Return the day the clock of the answer that is owed at a moment began to run."""
        back = [one.returned_at for one in self.deeds.answers if one.returned_at is not None and one.returned_at <= at]
        return back[-1].date() if back else self.deeds.delivered_on


def _by(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at


def rounds_of(
    past: Past,
    tracks: Mapping[int, Track],
    *,
    rules: Rules,
    since: date,
    until: date,
    answers: Answers,
    present: datetime | None = None,
) -> Rounds:
    """Return what the rounds of the days from `since` to `until` would have drafted.

    tracks: the lights of this side.   What was drafted before `since` stands as recorded.   present: one round is made
    at this moment of `since`, with everything known by then, instead of those of the mornings.
    """
    book = _Book(past, rules=rules, answers=answers)
    first = past.first_on
    if present is not None or (first is not None and since > first):
        book.take_over(at=present or _moment(since))
    reader = Mornings(past, tracks)
    if present is not None:
        book.make(since, at=present, facts=reader.at(since, at=present, is_present=True))
        return book.rounds()
    day = since
    while day <= until:
        if past.calendar(day - _DAY).is_workday(day):
            at = _moment(day)
            book.make(day, at=at, facts=reader.at(day, at=at))
        day += _DAY
    return book.rounds()


def _moment(day: date) -> datetime:
    return datetime.combine(day, ROUND_TIME)


class Mornings:
    """The facts letters read, as they were known at the moment of a round."""

    def __init__(self, past: Past, tracks: Mapping[int, Track]) -> None:
        self._stories = [(one, tracks[one.id], one.moments()) for one in past.stories.values() if one.id in tracks]
        self._kept: dict[int, _Kept] = {}

    def at(self, day: date, *, at: datetime, is_present: bool = False) -> dict[int, "Morning"]:
        """Return the facts of every matter in hand, with the light they rest on."""
        found = {}
        for story, track, moments in self._stories:
            kept = self._kept.get(story.id)
            if kept is None or day >= kept.changes_on or bisect_right(moments, at) != kept.passed:
                lit = track.on(day) if is_present else track.of_morning(day)
                passed = bisect_right(moments, at)
                is_in_hand = lit is not None and lit.facts.state in _IN_HAND
                read = Morning(_facts(story, lit, at=at), lit) if lit is not None and is_in_hand else None
                kept = self._kept[story.id] = _Kept(read, track.stays_until(day), passed)
            if kept.read is not None:
                found[story.id] = kept.read
        return found


_IN_HAND = frozenset(LIT_STATES)


class Morning(NamedTuple):
    """A matter in hand as a round finds it: what letters read, and the light it rests on."""

    facts: MatterFacts
    lit: Lit


class _Kept(NamedTuple):
    """What was read of a matter, until the first morning that may begin with something else."""

    read: Morning | None
    changes_on: date
    passed: int


def _facts(story: Story, lit: Lit, *, at: datetime) -> MatterFacts:
    facts, light, since = lit.facts, lit.light, lit.since
    override = story.override(at) if light is not None else None
    if override is not None:
        light, since = override.light, override.made_on
    return MatterFacts(
        id=story.id,
        unit_id=story.unit_id,
        state=facts.state,
        light=light,
        light_since=since if light is not None else None,
        reasons=lit.judgement.reasons,
        progress=facts.progress,
        forecast=facts.forecast,
        override_reason=override.reason if override is not None else "",
        owing=story.owing(at, progress=facts.progress),
        given_back=story.given_back(at, is_in_progress=facts.state == State.IN_PROGRESS),
    )


class _Book:
    """The letters of one side as they stand, round after round."""

    def __init__(self, past: Past, *, rules: Rules, answers: Answers) -> None:
        self._past, self._rules, self._answers = past, rules, answers
        self._letters: dict[int, _Letter] = {}
        self._drafted: list[Drafted] = []
        self._new_ids = count(-1, -1)
        self._by_id = {one.id: one for one in past.written}
        self._lines = {line.key: line for one in past.written for line in one.lines if line.key}
        self._recorded = {
            (one.drafted_on, one.unit_id, one.kind, one.is_courtesy): one for one in past.written if one.is_batch
        }
        self._by_hand = sorted(
            (one for one in past.written if not one.is_batch), key=lambda one: (one.drafted_at, one.id)
        )

    def take_over(self, *, at: datetime) -> None:
        """Let what was drafted before a moment stand as the record has it."""
        for one in self._past.written:
            if one.drafted_at < at and one.merged_into is None:
                self._letters[one.id] = self._as_written(one, at=at)
        self._by_hand = [one for one in self._by_hand if one.drafted_at >= at]

    def _as_written(self, one: Written, *, at: datetime) -> _Letter:
        deeds = one.deeds
        is_over = _by(deeds.ruled_at, at)
        letter = _Letter(
            one.id, one.unit_id, one.kind, one.is_batch, one.is_courtesy, one.drafted_on,
            deeds if is_over else self._continued(one.kind, deeds, is_courtesy=one.is_courtesy),
            one.number, is_recorded=True,
        )  # fmt: skip
        letter.settled_at = deeds.ruled_at if is_over and one.is_settled else None
        letter.is_dropped = is_over and one.is_dropped
        letter.is_told = _by(deeds.issued_at, at)
        for line in one.lines:
            cured_on = line.cured_on if line.cured_on is not None and line.cured_on <= at.date() else None
            escalated_on = (
                line.escalated_on if line.escalated_on is not None and line.escalated_on <= at.date() else None
            )
            is_out = line.is_removed or (line.is_taken_out and (is_over or not one.is_dropped))
            letter.lines.append(
                _Line(line.item_id, line.matter_id, line.cause, line.key, line.root, is_out, cured_on, escalated_on)
            )
        return letter

    # ---- one round

    def make(self, day: date, *, at: datetime, facts: Mapping[int, Morning]) -> None:
        """Make the round of a day: what has gone out since the last one, what is over, what is drafted."""
        self._write_by_hand(at)
        self._go_out(at)
        figures, calendar = self._rules.at(at), self._past.calendar(day - _DAY)
        stands = {pk: one.facts for pk, one in facts.items()}
        sent = self._sent(at, calendar=calendar)
        causes = self._causes(stands, sent, day=day, at=at, figures=figures, calendar=calendar)
        keys = {one.line.key for one in causes}
        cured, stale = what_is_over(sent, facts=stands, standing=keys)
        if cured or stale:
            self._end(cured, stale, day=day, at=at)
            sent = self._sent(at, calendar=calendar)
            causes = self._causes(stands, sent, day=day, at=at, figures=figures, calendar=calendar)
        inviting = {
            unit_id
            for unit_id, unit_type in self._past.unit_types.items()
            if unit_type in figures.letters.inviting_unit_types
        }
        drafts = drafts_of(
            causes,
            sent,
            day=day,
            policy=figures.letters,
            calendar=calendar,
            used={one.key for one in sent if one.key},
            inviting=inviting,
        )
        for draft in drafts:
            self._draft(draft, day=day, figures=figures, facts=facts)
        for lines in superseded(drafts, sent).values():
            self._end([], lines, day=day, at=at)

    def _causes(
        self,
        facts: Mapping[int, MatterFacts],
        sent: Sequence[Sent],
        *,
        day: date,
        at: datetime,
        figures: Figures,
        calendar: Workdays,
    ) -> list[Standing]:
        days = self._past.report_days_at(at)
        is_courtesy_day = any(
            calendar.add_workdays(one, -figures.letters.courtesy_workdays) <= day <= one for one in days
        )
        told = {one.matter_id for one in sent if one.state is LetterState.ISSUED and one.is_standing}
        asked = (
            one
            for one in facts.values()
            if one.light in _TELLING
            or one.given_back
            or one.id in told
            or (one.owing and (is_courtesy_day or min(owed.due_on for owed in one.owing) < day))
        )
        return causes_of(
            asked,
            sent,
            day=day,
            policy=figures.letters,
            closure_returns=figures.closure.returns_to_urge,
            report_days=days,
            calendar=calendar,
        )

    def _sent(self, at: datetime, *, calendar: Workdays) -> list[Sent]:
        found: list[Sent] = []
        for letter in self._letters.values():
            if letter.final is not None:
                found += letter.final
                continue
            state = letter.state(at)
            own = tuple(self._of_letter(letter, state=state, at=at, calendar=calendar))
            if state in ENDED:
                letter.final = own
            found += own
        return found

    def _of_letter(self, letter: _Letter, *, state: LetterState, at: datetime, calendar: Workdays) -> Iterator[Sent]:
        deeds, day = letter.deeds, at.date()
        is_out = _by(deeds.issued_at, at)
        delivered_on = deeds.delivered_on if deeds.delivered_on is not None and deeds.delivered_on <= day else None
        due_on = self._due_on(letter, at=at, calendar=calendar) if state is LetterState.ISSUED else None
        for line in letter.lines:
            yield Sent(
                item_id=line.item_id,
                letter_id=letter.id,
                matter_id=line.matter_id,
                unit_id=letter.unit_id,
                kind=letter.kind,
                cause=line.cause,
                state=state,
                key=line.key,
                root=line.root,
                drafted_on=letter.drafted_on,
                is_batch=letter.is_batch,
                is_courtesy=letter.is_courtesy,
                is_standing=line.is_standing,
                is_removed=line.is_out,
                number=letter.number,
                issued_on=deeds.issued_at.date() if is_out and deeds.issued_at else None,
                clock_on=delivered_on,
                due_on=due_on,
            )

    def _due_on(self, letter: _Letter, *, at: datetime, calendar: Workdays) -> date | None:
        begins_on = letter.due_from(at)
        if begins_on is None or begins_on > at.date() or letter.is_courtesy:
            return None
        policy = self._rules.at(datetime.combine(begins_on, time.max)).letters
        return calendar.add_workdays(begins_on, answer_workdays(letter.kind, policy))

    # ---- what becomes of letters

    def _write_by_hand(self, at: datetime) -> None:
        while self._by_hand and self._by_hand[0].drafted_at <= at:
            one = self._by_hand.pop(0)
            lines = [
                _Line(line.item_id, line.matter_id, line.cause, line.key, line.root, line.is_removed)
                for line in one.lines
            ]
            deeds = self._continued(one.kind, one.deeds, is_courtesy=one.is_courtesy)
            self._letters[one.id] = _Letter(
                one.id, one.unit_id, one.kind, False, one.is_courtesy, one.drafted_on, deeds, one.number, True, lines
            )

    def _go_out(self, at: datetime) -> None:
        """Let what was issued since the last round take up what milder letters say about the same matters."""
        out = [
            (one.deeds.issued_at, one.id, one)
            for one in self._letters.values()
            if not one.is_told and one.deeds.issued_at is not None and one.deeds.issued_at <= at
        ]
        for issued_at, _, letter in sorted(out, key=lambda one: one[:2]):
            if letter.is_dropped or letter.state(issued_at) in (LetterState.DROPPED, LetterState.WITHDRAWN):
                letter.is_told = True
                continue
            letter.is_told = True
            about = {line.matter_id for line in letter.lines if not line.is_out}
            for other in self._letters.values():
                if other.unit_id != letter.unit_id or not is_graver(letter.kind, than=other.kind):
                    continue
                if other.state(issued_at) not in (LetterState.ISSUED, LetterState.ANSWERED):
                    continue
                taken = [line for line in other.lines if line.is_standing and line.matter_id in about]
                for line in taken:
                    line.escalated_on = issued_at.date()
                if taken and not any(line.is_standing for line in other.lines):
                    other.settled_at = issued_at
            if letter.is_courtesy:
                letter.settled_at = issued_at

    def _end(self, cured: Iterable[Sent], out: Iterable[Sent], *, day: date, at: datetime) -> None:
        gone = {one.item_id for one in out}
        healed = {one.item_id for one in cured}
        touched = {one.letter_id for one in (*cured, *out)}
        for letter_id in touched:
            letter = self._letters[letter_id]
            state = letter.state(at)
            for line in letter.lines:
                if line.item_id in gone and line.is_standing:
                    line.is_out = True
                elif line.item_id in healed and line.is_standing:
                    line.cured_on = day
            if any(line.is_standing for line in letter.lines):
                continue
            if state in (LetterState.ISSUED, LetterState.ANSWERED):
                letter.settled_at = at
            elif all(line.is_out for line in letter.lines):
                letter.is_dropped = True

    def _draft(self, draft: Draft, *, day: date, figures: Figures, facts: Mapping[int, Morning]) -> None:
        is_added = draft.joins is not None
        letter = self._letters[draft.joins] if draft.joins is not None else self._new_letter(draft, day=day)
        for line in draft.lines:
            recorded = self._lines.get(line.key) if letter.is_recorded else None
            item_id = recorded.item_id if recorded is not None else next(self._new_ids)
            is_out = recorded is not None and recorded.is_removed
            letter.lines.append(_Line(item_id, line.matter_id, line.cause, line.key, line.root, is_out))
            self._drafted.append(
                Drafted(
                    day, letter.id, letter.unit_id, letter.kind, letter.is_courtesy, line.matter_id, line.cause,
                    line.key, _words(line, recorded, facts[line.matter_id].lit, day=day, figures=figures),
                    letter.is_recorded, is_added,
                )
            )  # fmt: skip

    def _new_letter(self, draft: Draft, *, day: date) -> _Letter:
        written = self._recorded.get((day, draft.unit_id, draft.kind, draft.is_courtesy))
        if written is None or written.id in self._letters:
            deeds = self._assumed(draft.kind, is_courtesy=draft.is_courtesy, from_on=day)
            letter = _Letter(
                next(self._new_ids), draft.unit_id, draft.kind, True, draft.is_courtesy, day, deeds,
            )  # fmt: skip
        else:
            into = self._into(written)
            deeds = self._continued(written.kind, into.deeds, is_courtesy=written.is_courtesy)
            letter = _Letter(
                written.id, draft.unit_id, draft.kind, True, draft.is_courtesy, day, deeds, into.number, True
            )
        self._letters[letter.id] = letter
        return letter

    def _into(self, written: Written) -> Written:
        """Return the letter a draft went out with: itself, or the one it was put into."""
        while written.merged_into is not None:
            written = self._by_id[written.merged_into]
        return written

    # ---- what nobody knows

    def _assumed(self, kind: LetterKind, *, is_courtesy: bool, from_on: date, out: time = _OUT) -> Deeds:
        """Return the fate of a letter the record does not have: issued on the day, answered as is assumed."""
        at = datetime.combine(from_on, out)
        deeds = Deeds(signed_at=at, issued_at=at, delivered_on=from_on)
        return deeds if is_courtesy else self._answered(kind, deeds, from_on=from_on, not_before=from_on)

    def _answered(self, kind: LetterKind, deeds: Deeds, *, from_on: date, not_before: date) -> Deeds:
        if self._answers is Answers.NONE:
            return deeds
        policy = self._rules.at(datetime.combine(from_on, time.max)).letters
        due_on = self._past.calendar(from_on).add_workdays(from_on, answer_workdays(kind, policy))
        on = max(due_on, not_before)
        answered_at = datetime.combine(on, _ANSWERED if on > not_before else _EVENING)
        accepted_at = datetime.combine(on, _ACCEPTED if on > not_before else _EVENING)
        return deeds._replace(answers=(*deeds.answers, Answered(answered_at)), accepted_at=accepted_at)

    def _continued(self, kind: LetterKind, deeds: Deeds, *, is_courtesy: bool) -> Deeds:
        """Return what is recorded of a letter, and beyond where the rules ended it what is assumed of it."""
        if deeds.ruled_at is None:
            return deeds
        on = deeds.ruled_at.date()
        if deeds.issued_at is None:
            assumed = self._assumed(kind, is_courtesy=is_courtesy, from_on=on, out=_EVENING)
            return assumed._replace(presented_at=deeds.presented_at, signed_at=deeds.signed_at or assumed.signed_at)
        if is_courtesy or deeds.delivered_on is None:
            return deeds
        last = deeds.answers[-1] if deeds.answers else None
        if last is None or last.returned_at is not None:
            begins_on = last.returned_at.date() if last is not None and last.returned_at else deeds.delivered_on
            return self._answered(kind, deeds, from_on=begins_on, not_before=on)
        if deeds.accepted_at is None:
            return deeds._replace(accepted_at=datetime.combine(on, _EVENING))
        return deeds

    # ---- what came of it

    def rounds(self) -> Rounds:
        """Return everything drafted, and the 督办函 with what became of them."""
        silent: list[Silent] = []
        waiting: list[Waiting] = []
        for letter in self._letters.values():
            deeds = letter.deeds
            if letter.kind is not LetterKind.SUPERVISE or deeds.issued_at is None or letter.is_dropped:
                continue
            ends = [one.date() for one in (letter.settled_at, deeds.withdrawn_at, deeds.accepted_at) if one is not None]
            answered_on = deeds.answers[0].answered_at.date() if deeds.answers else None
            terms = list(self._terms(letter))
            for line in letter.lines:
                if line.is_out:
                    continue
                over_on = min([*ends, *([line.cured_on] if line.cured_on else [])], default=None)
                first_due = terms[0][1] if terms else None
                silent.append(
                    Silent(
                        letter.id, line.matter_id, letter.unit_id, letter.number, deeds.issued_at.date(), first_due,
                        answered_on, over_on,
                    )
                )  # fmt: skip
                for from_on, due_on, until_on in terms:
                    last = min((one for one in (until_on, over_on) if one is not None), default=None)
                    waiting.append(
                        Waiting(
                            letter.id, line.matter_id, letter.unit_id, letter.number, terms[0][0], due_on, from_on, last
                        )
                    )
        return Rounds(tuple(self._drafted), tuple(silent), tuple(waiting))

    def _terms(self, letter: _Letter) -> Iterator[tuple[date, date, date | None]]:
        """Yield from when an answer was owed, by when, and the day it came: again after each that was returned."""
        from_on = letter.deeds.delivered_on
        for answer in (*letter.deeds.answers, None):
            if from_on is None:
                return
            policy = self._rules.at(datetime.combine(from_on, time.max)).letters
            due_on = self._past.calendar(from_on).add_workdays(from_on, answer_workdays(letter.kind, policy))
            yield from_on, due_on, answer.answered_at.date() if answer is not None else None
            from_on = answer.returned_at.date() if answer is not None and answer.returned_at is not None else None


_TELLING = frozenset({Light.YELLOW, Light.RED})


def _words(line: Line, recorded: WrittenLine | None, lit: Lit, *, day: date, figures: Figures) -> str:
    if recorded is not None and recorded.words:
        return recorded.words
    told = dict(line.figures)
    if "expected" in told:
        told["expected"] = expected_of(lit.facts, policy=figures.lights, today=day)
    return words_of(line.cause, told)
