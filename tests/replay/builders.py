"""One script played twice: what units do depends on no letter, so that a year under another policy can really be lived.

What people do with letters is what a replay assumes of letters nobody ever sent: signed and issued on the day they are
drafted, and answered by the day they were due, or never.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from duban.bulletins.actions import draft_bulletin
from duban.bulletins.models import Citation
from duban.bulletins.rules import BulletinKind
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import SYSTEM
from duban.interviews.queries.proposals import facts_of as interview_facts_of
from duban.interviews.rules import grounds_of
from duban.letters.actions import (
    AnsweredMatter,
    accept_answer,
    answer_letter,
    draft_letters,
    issue_letter,
    sign_letter,
)
from duban.letters.actions.answering import open_matters
from duban.letters.models import Letter, LetterItem
from duban.letters.queries import lines_of
from duban.lights.actions import tick
from duban.lights.models import LightTurn, Snapshot, SnapshotRow
from duban.matters.actions import (
    NewMilestone,
    ask_to_close,
    grant_closure,
    return_closure,
    set_milestones,
)
from duban.matters.models import Matter, Obligation, Plan, Policy
from duban.matters.policy import Figures, figures_json
from duban.matters.queries import policy_of
from duban.matters.rules import Forecast, Kind, State
from duban.orgs.models import Unit
from duban.progress.actions import Said, enter_progress
from duban.replay.rules import Answers, red_at, standing_grounds
from tests.letters.builders import SIGNERS, at, overseen, signer, staff
from tests.matters.builders import World

UNITS = ("教育局", "交通局")
FIRST = date(2020, 2, 3)


@dataclass
class Lived:
    """What the record holds of a year that was lived: by serials and names, so that two can be compared."""

    turns: set = field(default_factory=set)
    letters: list = field(default_factory=list)
    snapshots: dict = field(default_factory=dict)
    entries: dict = field(default_factory=dict)
    grounds: set = field(default_factory=set)


class _Undo(Exception):
    pass


def undone(do: Callable):
    """Do something, take it back, and return what it returned."""
    kept = []
    try:
        with transaction.atomic():
            kept.append(do())
            raise _Undo
    except _Undo:
        return kept[0]


def follow(world: World, figures: Figures) -> None:
    """Let the plan follow these figures from the beginning."""
    Policy.objects.filter(pk=world.plan.policy_id).update(figures=figures_json(figures))
    world.plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=world.plan.pk)


def changed(figures: Figures, section: str, **values) -> Figures:
    return replace(figures, **{section: replace(getattr(figures, section), **values)})


def begin(world: World, *, seed: int, matters: int = 6) -> None:
    """Hand out matters of every kind, some with nodes."""
    chance = random.Random(f"begin {seed}")
    world.units.clear()
    for unit in UNITS:
        staff(world, unit)
    kinds = (Kind.MILESTONE, Kind.QUANTIFIED, Kind.CONTINUING)
    leader = overseen(world)
    for number in range(matters):
        matter = world.assigned(
            text=f"推进第{number}号工程。",
            serial=str(number + 1),
            kind=kinds[number % 3],
            leads=(UNITS[number % 2],),
            supports=(UNITS[(number + 1) % 2],) if number % 3 == 0 else (),
            starts_on=date(2020, 1, 1) + timedelta(days=chance.randint(0, 30)),
            due_on=FIRST + timedelta(days=chance.choice([40, 70, 200, 300])),
            overseers=leader,
        )
        if number % 2:
            days = sorted(chance.sample(range(5, min((matter.due_on - FIRST).days, 90)), 2))
            nodes = [NewMilestone(f"节点{day}", FIRST + timedelta(days=day), 30 + day // 2) for day in days]
            set_milestones(matter, milestones=nodes, reason="明确节点", by=world.officer, now=world.now)


def live(
    world: World,
    *,
    seed: int,
    until: date,
    answers: Answers,
    has_bulletins: bool = True,
    in_the_morning: Callable[[date], None] = lambda _: None,
    by_day: Callable[[date], None] = lambda _: None,
) -> None:
    """Let the days pass: the night's round, the morning's letters, what the office and the units do."""
    chance = random.Random(f"live {seed}")
    day = FIRST
    while day <= until:
        text = day.isoformat()
        tick(day, by=SYSTEM, now=at(text, 0))
        if day > FIRST:
            in_the_morning(day)
            draft_letters(day, by=SYSTEM, now=at(text, 6))
        by_day(day)
        _units_work(world, day, chance=chance)
        for letter in Letter.objects.filter(state="drafted").select_related(
            "plan__policy", "plan__jurisdiction", "unit"
        ):
            signed = sign_letter(letter, by=signer(world, SIGNERS[letter.kind]), now=at(text, 10))
            issue_letter(signed, by=world.officer, now=at(text, 11))
        if answers is Answers.GIVEN:
            _units_answer(world, day)
        if has_bulletins and (day + timedelta(days=1)).day == 2:
            snapshot = Snapshot.objects.select_related("plan__policy", "plan__jurisdiction", "policy").filter(
                plan=world.plan, day=day - timedelta(days=1)
            )
            for one in snapshot:
                draft_bulletin(one, kind=BulletinKind.SPECIAL, field="", by=world.officer, now=at(text, 12))
        day += timedelta(days=1)


def _units_work(world: World, day: date, *, chance: random.Random) -> None:
    """Everything a unit does, by chance alone: the same draws whatever stands."""
    for matter in Matter.objects.filter(plan=world.plan).order_by("order", "pk"):
        draw, pct, forecast = (
            chance.random(),
            chance.randint(0, 99),
            chance.choice(["", "strained", "on_time", "unlikely"]),
        )
        unit = UNITS[(int(matter.serial) - 1) % 2]
        now = at(day.isoformat(), 9 + chance.randint(0, 8))
        if matter.state in (State.ASSIGNED, State.IN_PROGRESS) and draw < 0.04:
            said = Said(
                pct=None if matter.kind == Kind.CONTINUING else Decimal(max(pct, int(matter.progress_pct or 0))),
                forecast=Forecast(forecast) if forecast and draw < 0.02 else None,
                sentence="按实际情况填报。",
            )
            enter_progress(matter, unit=world.unit(unit), said=said, by=world.liaison(unit), now=now)
        elif matter.state == State.IN_PROGRESS and draw > 0.99:
            ask_to_close(matter, statement="已经全部建成。", by=world.officer, now=now)
        elif matter.state == State.CLOSING and draw < 0.3:
            if draw < 0.1:
                grant_closure(
                    matter, conclusion="现场核验属实。", unsigned_reason="领导外出。", by=world.office_head, now=now
                )
            else:
                return_closure(matter, reasons="材料不全。", by=world.office_head, now=now)


def _units_answer(world: World, day: date) -> None:
    owed = Obligation.objects.filter(kind="letter", state="open", due_on=day).values_list("subject_id", flat=True)
    for letter in Letter.objects.filter(pk__in=list(owed), state="issued").select_related("unit", "plan__policy"):
        lines = [AnsweredMatter(pk, "正在整改。", date(2020, 12, 31)) for pk in open_matters(lines_of(letter))]
        actor = world.liaison(letter.unit.name)
        answer_letter(letter, lines=lines, by=actor, now=at(day.isoformat(), 15))
        letter.refresh_from_db()
        accept_answer(letter, by=world.officer, now=at(day.isoformat(), 16))


def record_of(world: World, *, until: date) -> Lived:
    """Read what was lived."""
    lived = Lived()
    for one in LightTurn.objects.filter(matter__plan=world.plan, day__lte=until).select_related("matter"):
        lived.turns.add((one.matter.serial, one.day, one.light))
    for one in (
        LetterItem.objects.filter(letter__plan=world.plan).exclude(key=None).select_related("letter__unit", "matter")
    ):
        lived.letters.append((_drafted_on(one), one.letter.unit.name, one.letter.kind, one.matter.serial, one.cause))
    lived.letters.sort()
    for one in SnapshotRow.objects.filter(snapshot__plan=world.plan).select_related("snapshot", "matter"):
        of_day = lived.snapshots.setdefault(one.snapshot.day, {})
        of_day[one.matter.serial] = (one.state, one.override or one.light, one.progress_pct, one.expected_pct)
    for one in Citation.objects.filter(bulletin__plan=world.plan, added_reason="").select_related(
        "bulletin__snapshot", "matter", "unit"
    ):
        told = (one.section, one.unit.name, one.matter.serial if one.matter else "", tuple(sorted(one.figures)))
        lived.entries.setdefault(one.bulletin.snapshot.day, set()).add(told)
    plan = Plan.objects.select_related("policy").get(pk=world.plan.pk)
    stand = grounds_of(
        interview_facts_of(plan, day=until),
        day=until,
        figures=policy_of(plan).interviews,
        calendar=use_loaded_notices(),
    )
    lived.grounds = _grounds(stand)
    return lived


def _grounds(stand) -> set:
    serials = dict(Matter.objects.values_list("pk", "serial"))
    names = dict(Unit.objects.values_list("pk", "name"))
    return {(one.kind, names[one.unit_id], serials[one.matter_id], one.since) for one in stand}


def _drafted_on(item: LetterItem) -> date:
    """The day a line came into its letter: one that was added later says so in its figures or its day of issue."""
    told = item.figures.get("day")
    return date.fromisoformat(told) if told else item.letter.drafted_on


def replay_as_record(replay, side) -> Lived:
    """Read one side of a replay as a record is read."""
    serials = dict(Matter.objects.values_list("pk", "serial"))
    names = dict(Unit.objects.values_list("pk", "name"))
    lived = Lived()
    for pk, track in side.tracks.items():
        lived.turns |= {(serials[pk], day, light or "") for day, light in track.turns}
    for one in side.rounds.drafted:
        lived.letters.append((one.day, names[one.unit_id], one.kind.value, serials[one.matter_id], one.cause.value))
    lived.letters.sort()
    for day, stood in side.snapshots.items():
        lived.snapshots[day] = {
            serials[pk]: (one.state, one.light or "", one.progress, one.expected) for pk, one in stood.items()
        }
    for pk, entries in side.entries.items():
        day = replay.bulletins[pk].snapshot.day
        lived.entries[day] = {
            (one.section, names[one.unit_id], serials.get(one.matter_id, ""), tuple(sorted(one.figures)))
            for one in entries.proposals
        }
    rules = replay.held_rules if side is replay.held else replay.other_rules
    stand = standing_grounds(
        replay.past,
        tracks=side.tracks,
        rounds=side.rounds,
        reds=red_at(side.snapshots),
        published=(),
        rules=rules,
        day=replay.until,
    )
    lived.grounds = _grounds(stand)
    told = {(one.kind, one.unit_id, one.matter_id, one.since) for one in side.talks}
    assert {(one.kind, one.unit_id, one.matter_id, one.since) for one in stand} <= told, "what stands arose"
    return lived


def moment(day: date, hour: int = 20) -> datetime:
    return at(day.isoformat(), hour)
