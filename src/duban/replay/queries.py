"""推演: reads a plan's past once, and judges it under the policy that held and under another. Nothing is written.

However many matters there are, the past is read in the same number of statements; a bulletin adds a few.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, NamedTuple

from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.queries import Grounds, grounds_of
from duban.bulletins.rules import BulletinState, Section, Stood, passed_targets, proposals_of
from duban.closing.models import Closure
from duban.closing.rules import ClosureState
from duban.core.actor import SYSTEM
from duban.core.clock import SHANGHAI
from duban.evaluation.queries import facts_of_year
from duban.letters.models import Letter, LetterAnswer, LetterItem
from duban.letters.rules import (
    OWED_BRINGS_LETTER,
    Cause,
    LetterKind,
    LetterState,
    Outcome,
    Owing,
    is_taken_out_by_rule,
)
from duban.lights.models import KnownFacts, Override
from duban.lights.queries import calendars_known, counted_turns, facts_of
from duban.lights.rules import Facts, Judgement, Light
from duban.lights.words import explained
from duban.matters.models import Assignment, Matter, Milestone, Obligation, Plan, PlanPolicy, PlanSetting
from duban.matters.policy import Figures, stored_figures
from duban.matters.rules import LIT_STATES, Owed, OwedState, Part, SettingKey
from duban.orgs.models import Unit
from duban.replay.rules import (
    Answered,
    Answers,
    Attempt,
    Comparison,
    Debt,
    Deeds,
    Entries,
    Past,
    Published,
    RecordCheck,
    Rules,
    Shown,
    Side,
    Span,
    Story,
    Written,
    WrittenLine,
    compared,
    grounds_arisen,
    letters_by_kind,
    record_check,
    red_words,
    rounds_of,
    scores_of,
    snapshot_days,
    stood_on,
    tracks_of,
    unanswered_by,
)
from duban.reports.models import Report

_POINT = 100
_RETURNED = "returned_report"


def _local(at: datetime) -> datetime:
    """Return a moment as the office's clock showed it."""
    return at.astimezone(SHANGHAI).replace(tzinfo=None)


def _maybe(at: datetime | None) -> datetime | None:
    return None if at is None else _local(at)


# ---- the past


class _Survivors:
    """The units of a place; one merged into another is the one that stands today."""

    def __init__(self, jurisdiction_id: int) -> None:
        rows = Unit.objects.filter(jurisdiction=jurisdiction_id).order_by("order", "pk")
        self.units = {one.pk: one for one in rows}

    def of(self, unit_id: int) -> int:
        while (into := self.units[unit_id].merged_into_id) is not None:
            unit_id = into
        return unit_id


def past_of(plan: Plan, *, until: date) -> tuple[Past, _Survivors]:
    """Return a plan's past up to a day as a replay reads it, and the units of its place; some fifteen
    statements however many matters there are.

    Units and posts are those of today.
    """
    units = _Survivors(plan.jurisdiction_id)
    inside = Matter.objects.filter(plan=plan).order_by().values("pk")
    histories: dict[int, list[tuple[date, Facts]]] = defaultdict(list)
    known = KnownFacts.objects.filter(matter__plan=plan, day__lte=until)
    for pk, day, stored in known.order_by("matter__order", "matter", "day").values_list("matter_id", "day", "facts"):
        histories[pk].append((day, facts_of(stored)))
    merging = Assignment.objects.filter(matter__in=inside, is_merging=True, ended_at=None)
    leads = {pk: units.of(unit_id) for pk, unit_id in merging.values_list("matter_id", "unit_id")}
    debts = _debts(inside, units=units)
    attempts = _attempts(inside, units=units)
    shown = _shown(inside)
    reports: dict[int, dict[tuple[int, date], int]] = defaultdict(dict)
    given_back = Report.objects.filter(matter__in=inside, returns__gt=0).order_by("pk")
    for pk, matter_id, unit_id, day in given_back.values_list("pk", "matter_id", "unit_id", "report_day"):
        reports[matter_id][units.of(unit_id), day] = pk
    stories = {
        pk: Story(
            pk,
            leads.get(pk, 0),
            tuple(history),
            tuple(debts[pk]),
            tuple(attempts[pk]),
            tuple(shown[pk]),
            reports.get(pk, {}),
        )
        for pk, history in histories.items()
    }
    past = Past(
        year=plan.year,
        stories=stories,
        written=_written(plan, units=units),
        report_days=_report_days(plan),
        unit_types={pk: one.unit_type for pk, one in units.units.items()},
        calendars=calendars_known(until),
    )
    return past, units


def _report_days(plan: Plan) -> list[tuple[datetime, list[date]]]:
    """Return the days reports were due on, with the moment since which they were: the first is that of the beginning.

    The notice's own, as it was read and corrected since; where it names none, those of the policy that held. Three
    statements at most.
    """
    about = Event.objects.filter(name=EventName.PLAN_SETTING_CHANGED, subject_type="plan", subject_id=plan.pk)
    changes = [
        (_local(at), data["before"], data["after"])
        for at, data in about.order_by("at", "pk").values_list("at", "data")
        if data["key"] == SettingKey.REPORT_DATES
    ]
    setting = PlanSetting.objects.filter(plan=plan, key=SettingKey.REPORT_DATES).first()
    named = changes[0][1] if changes else setting.value if setting else None
    found: list[tuple[datetime, list[date]]] = []
    if named is None:
        until = changes[0][0] if changes else None
        for since, figures in rules_held(plan).held:
            if until is None or since < until:
                found.append((since, [date.fromisoformat(f"{plan.year}-{day}") for day in figures.reports.dates]))
    else:
        found.append((datetime.combine(date.min, time()), [date.fromisoformat(day) for day in named]))
    return found + [(since, [date.fromisoformat(day) for day in after]) for since, _, after in changes]


def _debts(inside: Any, *, units: _Survivors) -> dict[int, list[Debt]]:
    nodes = Milestone.objects.filter(matter__in=inside)
    expected = {pk: int(_POINT * pct) for pk, pct in nodes.values_list("pk", "expected_pct")}
    found: dict[int, list[Debt]] = defaultdict(list)
    owed = Obligation.objects.filter(matter__in=inside, kind__in=OWED_BRINGS_LETTER)
    owed = owed.exclude(state=OwedState.WAIVED, ended_at=None)  # waived before the moment was kept: not counted
    for one in owed.order_by("due_on", "pk"):
        found[one.matter_id or 0].append(
            Debt(
                Owing(one.pk, units.of(one.unit_id), one.kind, one.title, one.due_on),
                made_at=_local(one.created_at),
                ended_at=_maybe(one.ended_at),
                is_met=one.state == OwedState.MET,
                expected=expected.get(one.subject_id or 0) if one.kind == Owed.MILESTONE else None,
                is_returned=one.subject_type == _RETURNED,
            )
        )
    return found


def _attempts(inside: Any, *, units: _Survivors) -> dict[int, list[Attempt]]:
    found: dict[int, list[Attempt]] = defaultdict(list)
    for one in Closure.objects.filter(matter__in=inside).order_by("matter_id", "attempt"):
        is_back, is_granted = one.state == ClosureState.RETURNED, one.state == ClosureState.GRANTED
        found[one.matter_id].append(
            Attempt(
                one.pk,
                units.of(one.unit_id),
                _maybe(one.returned_at) if is_back else None,
                _maybe(one.granted_at) if is_granted else None,
                one.is_overseers_return,
            )
        )
    return found


def _shown(inside: Any) -> dict[int, list[Shown]]:
    found: dict[int, list[Shown]] = defaultdict(list)
    for one in Override.objects.filter(matter__in=inside).order_by("made_at", "pk"):
        made_at = _local(one.made_at)
        found[one.matter_id].append(Shown(Light(one.light), one.reason, made_at, made_at.date(), _maybe(one.ended_at)))
    return found


def _written(plan: Plan, *, units: _Survivors) -> list[Written]:
    lines: dict[int, list[WrittenLine]] = defaultdict(list)
    for one in LetterItem.objects.filter(letter__plan=plan).order_by("pk"):
        is_by_rule = is_taken_out_by_rule(one.removed_reason)
        lines[one.letter_id].append(
            WrittenLine(
                one.pk,
                one.matter_id,
                Cause(one.cause),
                one.key or "",
                one.root,
                one.words,
                is_removed=bool(one.removed_reason) and not is_by_rule,
                is_taken_out=is_by_rule,
                cured_on=one.cured_on,
                escalated_on=one.escalated_on,
            )
        )
    answers: dict[int, list[LetterAnswer]] = defaultdict(list)
    for each in LetterAnswer.objects.filter(letter__plan=plan).order_by("letter", "number"):
        answers[each.letter_id].append(each)
    return [
        Written(
            one.pk,
            units.of(one.unit_id),
            LetterKind(one.kind),
            one.is_batch,
            one.is_courtesy,
            one.drafted_on,
            _local(one.drafted_at),
            one.number_text,
            _deeds(one, answers[one.pk]),
            tuple(lines[one.pk]),
            is_settled=one.state == LetterState.SETTLED,
            is_dropped=one.state == LetterState.DROPPED,
            merged_into=one.merged_into_id,
        )
        for one in Letter.objects.filter(plan=plan).order_by("drafted_at", "pk")
    ]


def _deeds(letter: Letter, answers: Sequence[LetterAnswer]) -> Deeds:
    """Return what people did with a letter; what the rules alone did to it is no deed."""
    is_dropped_by_rule = letter.dropped_by_name == SYSTEM.name and letter.merged_into_id is None
    is_settled_by_rule = letter.outcome in (Outcome.CURED, Outcome.ESCALATED)
    ruled_at = letter.dropped_at if is_dropped_by_rule else letter.settled_at if is_settled_by_rule else None
    accepted_at = letter.settled_at if letter.outcome == Outcome.ACCEPTED else None
    return Deeds(
        presented_at=_maybe(letter.presented_at),
        signed_at=_maybe(letter.signed_at),
        issued_at=_maybe(letter.issued_at),
        delivered_on=letter.delivered_on,
        answers=tuple(Answered(_local(one.answered_at), _maybe(one.returned_at)) for one in answers),
        accepted_at=_maybe(accepted_at),
        dropped_at=None if is_dropped_by_rule else _maybe(letter.dropped_at),
        withdrawn_at=_maybe(letter.withdrawn_at),
        ruled_at=_maybe(ruled_at),
    )


def rules_held(plan: Plan) -> Rules:
    """Return the policy a plan followed, version after version. One statement."""
    rows = PlanPolicy.objects.filter(plan=plan).select_related("policy").order_by("held_from", "pk")
    return Rules(tuple((_local(one.held_from), stored_figures(one.policy.figures)) for one in rows))


# ---- the replay


@dataclass(frozen=True, slots=True)
class Replay:
    """A plan's year, or the part lived so far, under the policy that held and under another.

    since: the day from which the other policy is supposed.   bulletins: those whose entries are proposed again, by id.
    """

    plan: Plan
    past: Past
    since: date
    until: date
    answers: Answers
    held_rules: Rules
    other_rules: Rules
    held: Side
    other: Side
    units: Mapping[int, Unit]
    bulletins: Mapping[int, Bulletin]


def replayed(
    plan: Plan,
    *,
    figures: Figures,
    until: date,
    since: date | None = None,
    answers: Answers = Answers.GIVEN,
    present: datetime | None = None,
) -> Replay | None:
    """Return a plan's year under other figures beside what held; None where nothing was handed out by then.

    since: from when the other figures are supposed to hold; None from the beginning.   present: only the lights of
    that day, and the letters a round made at this moment would draft: what adopting the figures now would do.
    The caller has already seen that the actor may see everything of the plan.
    """
    past, units = past_of(plan, until=until)
    first = past.first_on
    if first is None:
        return None
    held = rules_held(plan)
    begins_on = first if since is None else max(since, first)
    other = Rules(((datetime.combine(date.min, time()), figures),))
    if since is not None and since > first:
        start = datetime.combine(since, time())
        other = Rules((*(one for one in held.held if one[0] < start), (start, figures)))
    bulletins = {} if present is not None else _bulletins(plan, until=until)
    sides = [
        _side(past, rules=rules, since=begins_on, until=until, answers=answers, present=present)
        for rules in (held, other)
    ]
    if present is None:
        handled = _handled(bulletins)
        both = (held, other)
        sides = _with_entries(plan, past, sides, rules=both, bulletins=bulletins, handled=handled)
        sides = _with_talks_and_scores(
            plan,
            past,
            sides,
            rules=both,
            bulletins=bulletins,
            handled=handled,
            units=units,
            since=begins_on,
            until=until,
        )
    return Replay(plan, past, begins_on, until, answers, held, other, sides[0], sides[1], units.units, bulletins)


def _side(past: Past, *, rules: Rules, since: date, until: date, answers: Answers, present: datetime | None) -> Side:
    tracks = tracks_of(past, rules=rules, until=until)
    at = _maybe(present)
    rounds = rounds_of(past, tracks, rules=rules, since=since, until=until, answers=answers, present=at)
    first = past.first_on or since
    days = [] if present is not None else snapshot_days(rules, first=first, until=until)
    return Side(tracks, rounds, {day: stood_on(past, tracks, rules=rules, day=day) for day in days})


def _bulletins(plan: Plan, *, until: date) -> dict[int, Bulletin]:
    rows = Bulletin.objects.filter(plan=plan, snapshot__day__lte=until).exclude(state=BulletinState.DROPPED)
    return {one.pk: one for one in rows.select_related("snapshot", "since").order_by("drafted_at", "pk")}


class _Handled(NamedTuple):
    """What people did with the entries of bulletins: by (bulletin, section, unit, matter)."""

    left_out: frozenset[tuple[int, str, int, int | None]]
    added: tuple[tuple[int, str, int, int | None], ...]


def _handled(bulletins: Mapping[int, Bulletin]) -> _Handled:
    """Read what the office left out or added, and what a review withdrew: it never held. One statement."""
    rows = Citation.objects.filter(bulletin__in=list(bulletins)).order_by("pk")
    left_out, added = set(), []
    for bulletin_id, section, unit_id, matter_id, out, why, withdrawn_at in rows.values_list(
        "bulletin_id", "section", "unit_id", "matter_id", "left_out_reason", "added_reason", "withdrawn_at"
    ):
        key = (bulletin_id, section, unit_id, matter_id)
        if out or withdrawn_at is not None:
            left_out.add(key)
        elif why:
            added.append(key)
    return _Handled(frozenset(left_out), tuple(added))


def _with_entries(
    plan: Plan,
    past: Past,
    sides: Sequence[Side],
    *,
    rules: Sequence[Rules],
    bulletins: Mapping[int, Bulletin],
    handled: _Handled,
) -> list[Side]:
    found: list[dict[int, Entries]] = [{}, {}]
    for pk, bulletin in bulletins.items():
        day = bulletin.snapshot.day
        stood = [stood_on(past, side.tracks, rules=own, day=day) for side, own in zip(sides, rules, strict=True)]
        grounds = grounds_of(
            plan, day=day, stood=list(stood[0].values()), since=bulletin.since, field_name=bulletin.field
        )
        for place, side in enumerate(sides):
            praised = _praised_before(bulletin, found[place], bulletins=bulletins, handled=handled)
            found[place][pk] = _entries(
                past, side, rules[place], grounds, stood[place], bulletin=bulletin, praised=praised
            )
    return [replace(side, entries=entries) for side, entries in zip(sides, found, strict=True)]


def _praised_before(
    bulletin: Bulletin,
    entries: Mapping[int, Entries],
    *,
    bulletins: Mapping[int, Bulletin],
    handled: _Handled,
) -> set[tuple[int, str]]:
    """Return what the bulletins issued before this one was drafted praised: once is enough."""
    return {
        (one.matter_id or 0, basis)
        for pk, each in entries.items()
        if (issued_at := bulletins[pk].issued_at) is not None and issued_at < bulletin.drafted_at
        for one in each.proposals
        if one.section is Section.PRAISE and (pk, one.section, one.unit_id, one.matter_id) not in handled.left_out
        for basis in one.figures
    }


def _published(side: Side, *, bulletins: Mapping[int, Bulletin], handled: _Handled, until: date) -> list[Published]:
    """Return the entries about matters that the issued bulletins of a side hold."""
    found = []
    for pk, bulletin in bulletins.items():
        if bulletin.issued_on is None or bulletin.issued_on > until:
            continue
        keys = [
            (pk, one.section.value, one.unit_id, one.matter_id)
            for one in side.entries[pk].proposals
            if (pk, one.section, one.unit_id, one.matter_id) not in handled.left_out
        ]
        keys += [key for key in handled.added if key[0] == pk and key not in keys]
        issue = f"{bulletin.number_year}-{bulletin.number}"
        found += [
            Published(pk, issue, bulletin.issued_on, Section(section), unit_id, matter_id)
            for _, section, unit_id, matter_id in keys
            if matter_id is not None
        ]
    return found


def _with_talks_and_scores(
    plan: Plan,
    past: Past,
    sides: Sequence[Side],
    *,
    rules: Sequence[Rules],
    bulletins: Mapping[int, Bulletin],
    handled: _Handled,
    units: _Survivors,
    since: date,
    until: date,
) -> list[Side]:
    figures = [one.at_end(until).evaluation for one in rules]
    is_scored = any(one.enabled for one in figures) or figures[0] != figures[1]
    year = facts_of_year(plan, until=until) if is_scored else None
    parts = _parts(plan, units=units) if is_scored else {}
    found = []
    for side, own in zip(sides, rules, strict=True):
        published = _published(side, bulletins=bulletins, handled=handled, until=until)
        talks = grounds_arisen(
            past,
            tracks=side.tracks,
            rounds=side.rounds,
            snapshots=side.snapshots,
            published=published,
            rules=own,
            since=since,
            until=until,
        )
        scores = scores_of(year, published, parts=parts, rules=own, until=until) if year is not None else None
        found.append(replace(side, talks=tuple(talks), scores=scores))
    return found


def _parts(plan: Plan, *, units: _Survivors) -> dict[tuple[int, int], Part]:
    """Return the part of each unit in each matter. One statement."""
    found: dict[tuple[int, int], Part] = {}
    held = Assignment.objects.filter(matter__plan=plan, ended_at=None)
    for matter_id, unit_id, part in held.values_list("matter_id", "unit_id", "part"):
        pair = (matter_id, units.of(unit_id))
        if found.get(pair) is not Part.LEAD:
            found[pair] = Part(part)
    return found


def _entries(
    past: Past,
    side: Side,
    rules: Rules,
    grounds: Grounds,
    stood: Mapping[int, Stood],
    *,
    bulletin: Bulletin,
    praised: Collection[tuple[int, str]],
) -> Entries:
    day, field_name = grounds.day, bulletin.field
    wanted = [one for pk, one in stood.items() if not field_name or grounds.matters[pk].field == field_name]
    figures = rules.at_end(day)
    proposals = proposals_of(
        wanted,
        day=day,
        leads={pk: unit.pk for pk, unit in grounds.leads.items()},
        red_figures=red_words(past, side.tracks, wanted, day=day),
        unanswered=unanswered_by(side.rounds.supervising, day=day, matter_ids={one.matter_id for one in wanted}),
        closed_on=grounds.closed_on,
        over=passed_targets(grounds.reached, over_pct=figures.bulletins.praise_over_pct),
        late=grounds.late,
        praised=praised,
        policy=figures.bulletins,
        year_ends_on=grounds.year_ends_on,
    )
    return Entries(bulletin.pk, tuple(proposals))


def comparison_of(replay: Replay) -> Comparison:
    """Return both sides of a replay set side by side; no statement."""
    return compared(replay.past, replay.held, replay.other, since=replay.since, until=replay.until)


def record_check_of(replay: Replay) -> RecordCheck:
    """Return how the letters of what held, made again, agree with the record; no statement."""
    return record_check(replay.past, replay.held.rounds, since=replay.since, until=replay.until)


def why_of(replay: Replay, span: Span) -> tuple[list[str], list[str]]:
    """Return why a matter has its light on the first day of a difference, under both policies; no statement."""
    day = span.from_on
    told: list[list[str]] = []
    for side, rules in ((replay.held, replay.held_rules), (replay.other, replay.other_rules)):
        lit = side.tracks[span.matter_id].on(day)
        if lit is None:
            told.append([])
            continue
        judgement = lit.judgement._replace(light=lit.light)
        figures = rules.at_end(day).lights
        calendar = replay.past.calendar(day)
        says = explained(lit.facts, judgement, policy=figures, calendar=calendar, today=day, is_past=True)
        told.append([one.text for one in says.why])
    return told[0], told[1]


# ---- what adopting a policy today would do


@dataclass(frozen=True, slots=True)
class WouldTurn:
    """A matter whose light of today would be another: its facts, and what they earn under both policies."""

    matter_id: int
    facts: Facts
    before: Judgement
    after: Judgement
    override: Light | None


@dataclass(frozen=True, slots=True)
class PolicyEffect:
    """What adopting other figures would do to a plan today.

    judged: matters with a light, or one to come.   turns: whose light of today would be another.
    moved: whose light of today stays, but would turn on another day.   drafts, would: letters a round made now would
    draft, by kind, as the policy stands and under the other figures.
    """

    judged: int = 0
    turns: tuple[WouldTurn, ...] = ()
    moved: int = 0
    drafts: Mapping[LetterKind, int] = field(default_factory=lambda: dict.fromkeys(LetterKind, 0))
    would: Mapping[LetterKind, int] = field(default_factory=lambda: dict.fromkeys(LetterKind, 0))

    def counts(self) -> list[tuple[Light | None, Light | None, int]]:
        """Return (from, to, how many), the worst first."""
        return counted_turns((one.before.light, one.after.light) for one in self.turns)


def effect_of(plan: Plan, *, figures: Figures, now: datetime) -> PolicyEffect:
    """Return what adopting other figures now would do: a replay of today alone, unwritten.

    As many statements as `past_of`, however many matters. The caller has already seen that the actor may see the plan.
    """
    today = _local(now).date()
    replay = replayed(plan, figures=figures, since=today, until=today, present=now)
    if replay is None:
        return PolicyEffect()
    moved = judged = 0
    turns = []
    for pk, track in replay.held.tracks.items():
        before, after = track.on(today), replay.other.tracks[pk].on(today)
        if before is None or after is None or before.facts.state not in LIT_STATES:
            continue
        judged += 1
        if before.light != after.light:
            override = replay.past.stories[pk].override(_local(now)) if before.light is not None else None
            told = [one.judgement._replace(light=one.light) for one in (before, after)]
            shown = override.light if override is not None else None
            turns.append(WouldTurn(pk, before.facts, told[0], told[1], shown))
        elif before.judgement.days() != after.judgement.days():
            moved += 1
    counts = [
        letters_by_kind(one for one in side.rounds.drafted if not one.is_added) for side in (replay.held, replay.other)
    ]
    return PolicyEffect(judged, tuple(turns), moved, *({kind: one[kind] for kind in LetterKind} for one in counts))
