"""A county whose days can be compared: what people do in it besides the jobs, and what is left of it, told in words.

Nothing in it depends on who is first. What could be told or drafted otherwise when a letter is issued before the round
than when it is issued after it, is issued in the evening: see `Hour`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from duban.audit.queries import verification
from duban.cli.demo_year.summary import events_for_comparison
from duban.core.actor import SYSTEM
from duban.core.clock import SHANGHAI
from duban.core.errors import WrongState
from duban.jobs.models import Task
from duban.letters.actions import NewItem, issue_letter, present_letter, sign_letter, write_letter
from duban.letters.models import Letter, LetterItem, Receipt
from duban.letters.rules import UNSIGNED, LetterKind, LetterState
from duban.lights.models import DailyRound, LightTurn, Snapshot, SnapshotRow
from duban.matters.actions import (
    NewAssignment,
    NewMatter,
    NewMilestone,
    acknowledge,
    assign_matters,
    register_matters,
    set_milestones_of,
)
from duban.matters.models import Matter, Obligation
from duban.matters.rules import Kind, Light, Part
from duban.obstacles.actions import raise_obstacle
from duban.orgs.models import Jurisdiction
from duban.outbox.models import Message
from duban.papers.models import NumberCounter
from duban.progress.actions import Said, enter_progress
from duban.reminders.models import Digest, DigestPart, Round
from tests.journeys.killed_counts import DAYS, LETTERS_BY_HAND
from tests.letters.builders import SIGNERS, letter_of, overseen, set_policy, signer, staff
from tests.matters.builders import World, usual_world

UNITS = ("教育局", "住建局", "交通局", "民政局", "农业农村局", "水利局", "商务局", "卫健局", "文旅局", "林业局")
QUIET_UNITS = ("档案馆", "气象局", "地震局", "史志办")
"""Units nobody of which is reached in the system: they get letters, but no digest tells of them."""

SLOW, OVERDUE, WITH_NODE = 20, 6, 6
BEGAN_ON = date(2020, 2, 17)


class Hour(StrEnum):
    """When people work. In the morning the jobs of the day run beside them."""

    MORNING = "morning"
    EVENING = "evening"


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


HOURS = {Hour.MORNING: 9, Hour.EVENING: 17}


# ── how it began ──


def make_county() -> World:
    """Matters that turn on many days: slow, overdue, with nodes, and quiet ones; and difficulties nobody answers."""
    county = Jurisdiction.objects.create(level="county", name="临江市临江区", short_name="临江区")
    world = usual_world(county, SYSTEM, SYSTEM, at(BEGAN_ON, 9))
    world.officer = signer(world, "officer")
    set_policy(world, batches_per_unit_month=9)
    for name in UNITS:
        staff(world, name)
    for name in QUIET_UNITS:
        staff(world, name, has_accounts=False)
    told = {"by": world.officer, "now": world.now}
    drafts = world.drafts(*_new_matters(world))
    matters = assign_matters(register_matters(drafts, approval=world.approval(), **told), **told)
    nodes = [NewMilestone("完成选址", DAYS[number % 4 + 1], Decimal(30)) for number in range(WITH_NODE)]
    with_node = [one for one in matters if one.serial.startswith("3")]
    set_milestones_of(
        [(matter, [node]) for matter, node in zip(with_node, nodes, strict=True)], reason="明确节点", **told
    )
    for name in UNITS[::2]:
        acknowledge(world.unit(name), plan=world.plan, by=world.liaison(name), now=world.now)
    for matter in matters:
        if matter.serial.startswith("2"):
            _report(world, matter, 95, now=at(BEGAN_ON, 10))
    for number, matter in enumerate(matters[:3]):
        raise_obstacle(
            matter,
            unit=world.unit(UNITS[number]),
            to=world.unit(UNITS[-1]),
            problem="用地指标不足。",
            need="请调剂林地20亩。",
            by=world.liaison(UNITS[number]),
            now=at(BEGAN_ON + timedelta(days=number), 11),
        )
    return world


def _new_matters(world: World) -> Iterator[NewMatter]:
    """Serial 1xx: slow, yellow on one day after the other · 2xx: due in these days · 3xx: with a node · 9xx: quiet."""
    leader = overseen(world)

    def new(serial: int, unit: str, starts_on: date, due_on: date, kind: Kind) -> NewMatter:
        return NewMatter(
            text=f"改造校舍{serial}。",
            serial=str(serial),
            kind=kind,
            starts_on=starts_on,
            due_on=due_on,
            assignments=[NewAssignment(world.unit(unit), Part.LEAD)],
            overseers=leader,
        )

    year_end = date(2020, 12, 25)
    for number in range(SLOW):
        yield new(
            101 + number, UNITS[number % 10], date(2020, 1, 22) + timedelta(days=number), year_end, Kind.MILESTONE
        )
    for number in range(OVERDUE):
        yield new(201 + number, UNITS[number], date(2020, 2, 1), DAYS[3 + number % 3], Kind.QUANTIFIED)
    for number in range(WITH_NODE):
        yield new(301 + number, UNITS[4 + number], date(2020, 2, 10), year_end, Kind.MILESTONE)
    for number in range(len(DAYS) * LETTERS_BY_HAND):
        yield new(901 + number, QUIET_UNITS[number % 4], date(2020, 2, 10), year_end, Kind.CONTINUING)


def _report(world: World, matter: Matter, pct: int, *, now: datetime) -> None:
    unit = matter.assignments.get(ended_at=None).unit
    said = Said(pct=Decimal(pct), sentence="已有进展。")
    enter_progress(matter, unit=unit, said=said, by=world.liaison(unit.name), now=now)


# ── what clerks do, several at once ──


def letters_in_hand(hour: Hour) -> list[int]:
    """Letters still to be signed or issued in this hour, in no order.

    What is presented is signed in the morning, and letters to the quiet units are issued at once; all others in the
    evening, because a digest and a graver letter's round tell of what was issued by then.
    """
    wanted = Letter.objects.filter(state=LetterState.PRESENTED)
    signed = Letter.objects.filter(state=LetterState.SIGNED)
    wanted |= signed if hour is Hour.EVENING else signed.filter(unit__name__in=QUIET_UNITS)
    return list(wanted.order_by("?").values_list("pk", flat=True))


def work_on_letters(world: World, hour: Hour, *, now: datetime) -> None:
    """Sign and issue what there is, until nothing is left; who comes second leaves a letter to who was first."""
    while in_hand := letters_in_hand(hour):
        for pk in in_hand:
            letter = letter_of(pk=pk)
            try:
                if letter.state in UNSIGNED:
                    letter = sign_letter(letter, by=signer(world, SIGNERS[letter.kind]), now=now)
                if hour is Hour.EVENING or letter.unit.name in QUIET_UNITS:
                    issue_letter(letter, by=world.officer, now=now)
            except WrongState:
                continue


# ── what is done once the letters are out ──


def end_day(world: World, day: date) -> None:
    """The officer presents what was drafted, and letters by hand; two units report, and their lights turn green."""
    now = at(day, 18)
    first = 901 + DAYS.index(day) * LETTERS_BY_HAND
    for serial in range(first, first + LETTERS_BY_HAND):
        matter = Matter.objects.get(serial=str(serial))
        write_letter(
            world.plan,
            unit=matter.assignments.get().unit,
            kind=LetterKind.REMIND,
            items=[NewItem(matter, "请报送近期进展。")],
            by=world.officer,
            now=now,
        )
    for pk in Letter.objects.filter(state=LetterState.DRAFTED).order_by("pk").values_list("pk", flat=True):
        present_letter(letter_of(pk=pk), by=world.officer, now=now)
    in_hand = LetterItem.objects.filter(letter__state__in=(*UNSIGNED, LetterState.SIGNED), removed_reason="")
    yellow = Matter.objects.filter(light=Light.YELLOW, serial__startswith="1", letter_items__letter__state="issued")
    for matter in yellow.exclude(pk__in=in_hand.values("matter")).order_by("serial").distinct()[1:3]:
        _report(world, matter, 40, now=now)


# ── what is left, in words ──

_NUMBER = re.compile(r"〔2020〕\d+号")
_LIST = re.compile(r"第\d+项“[^”]+”(?:、第\d+项“[^”]+”)+")
_DIGEST = re.compile(r'"(pdf|docx)": "[0-9a-f]{64}"')
_KEY = re.compile(r"\b(uncured|unanswered|overdue)/\d+")


def _plain(text: str) -> str:
    """Return words without letter numbers, keys of rows and digests of drawn letters, and names of matters in order.

    Which letter is signed with which number, and named before which, depends on who is first; the number is drawn.
    """
    without = _DIGEST.sub(r'"\1": "…"', _NUMBER.sub("〔2020〕…号", text))
    return _LIST.sub(_in_order, _KEY.sub(r"\1/…", without))


def _in_order(names: re.Match[str]) -> str:
    return "、".join(sorted(names[0].split("、")))


def day_told() -> dict[str, Any]:
    """Return how things stand at the end of a day. numbers: of each register of letters; counted: its counter."""
    trail = verification()
    counters = NumberCounter.objects.filter(kind__in=list(LetterKind))
    return {
        "tasks": dict(Counter(Task.objects.values_list("state", flat=True))),
        "rounds": DailyRound.objects.count(),
        "events": trail.checked,
        "is_clean": trail.is_clean,
        "messages": Message.objects.count(),
        "turns": LightTurn.objects.count(),
        "letters": dict(Counter(map("/".join, Letter.objects.values_list("kind", "state")))),
        "numbers": {
            f"{kind} {year}": sorted(
                Letter.objects.filter(kind=kind, number_year=year).values_list("number", flat=True)
            )
            for kind, year in counters.values_list("kind", "year")
        },
        "counted": {f"{one.kind} {one.year}": one.last for one in counters},
    }


def all_told() -> dict[str, list[str]]:
    """Return everything that is left, a line each, in words that two runs share."""
    told = {
        "events": events_for_comparison(),
        "ran": [f"{one.name} {one.due_on}: {one.result}" for one in Task.objects.all()],
        "turns": _rows(LightTurn, "matter__serial", "day", "before", "light", "is_round"),
        "lights": _rows(Matter, "serial", "light", "light_since", "next_on"),
        "days": _rows(DailyRound, "day", "turns", "digest"),
        "snapshots": _rows(Snapshot, "day", "plan__year"),
        "frozen": _rows(SnapshotRow, "snapshot__day", "matter__serial", "light"),
        "letters": [_letter(one) for one in Letter.objects.select_related("unit")],
        "owed": _rows(Obligation, "unit__name", "kind", "title", "matter__serial", "due_on", "state", "met_on"),
        "messages": _rows(Message, "kind", "person__name", "title", "text", "count", "posted_at", "not_before"),
        "rounds": _rows(Round, "day", "done_at", "digests", "items", "unreached"),
        "digests": _rows(Digest, "round__day", "person__name", "items"),
        "parts": _rows(DigestPart, "digest__round__day", "digest__person__name", "unit__name", "items"),
    }
    return {name: sorted(map(_plain, lines)) for name, lines in told.items()}


def _rows(model: Any, *names: str) -> list[str]:
    return [" | ".join(map(str, row)) for row in model.objects.values_list(*names)]


def _letter(letter: Letter) -> str:
    """Return a letter with its causes and its addressees."""
    days = [letter.drafted_on, letter.issued_on, letter.delivered_on]
    head = [letter.unit.name, letter.kind, letter.state, letter.outcome, *days]
    lines = letter.items.order_by("matter__serial", "cause").values_list(
        "matter__serial", "cause", "key", "words", "removed_reason", "cured_on", "escalated_on"
    )
    to = Receipt.objects.filter(letter=letter).order_by("person__name").values_list("person__name", flat=True)
    return " | ".join(map(str, [*head, *lines, *to]))
