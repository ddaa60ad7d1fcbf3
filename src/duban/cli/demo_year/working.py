"""The work of the year: schedules, progress, evidence, what units note for themselves, dealings with higher offices."""

import io
import struct
import zlib
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from duban.cli.demo_year.behaviour import Character, Outcome, chance, choice, enters_on, number, workday_from
from duban.cli.demo_year.county import county
from duban.cli.demo_year.stage import Stage, key_of, merging
from duban.cli.demo_year.words import look_back, progress_sentence, slip_sentence, what_of
from duban.core.clock import day_of
from duban.core.text import date_text
from duban.core.workdays import add_workdays, is_workday
from duban.evidence.actions import add_evidence, withdraw_evidence
from duban.evidence.examining import Given, NewFile, NewLink, NewPaper
from duban.evidence.models import Evidence
from duban.matters.models import Assignment, Matter, Milestone, Obligation, Target
from duban.matters.rules import Forecast, Kind, Owed, OwedState, Part, Sense, State
from duban.orgs.models import Unit
from duban.progress.actions import (
    Looked,
    Said,
    accept_many,
    enter_progress,
    propose_schedule_nodes,
    return_schedule,
    write_look_back,
)
from duban.progress.models import Schedule
from duban.progress.queries import look_back_sheet, proposed_schedule, waiting_schedules
from duban.progress.rules import ScheduleState, month_of
from duban.superiors.actions import name_superior, note_dealing
from duban.superiors.models import SuperiorTask
from duban.superiors.rules import SUPERIOR_FIELDS

_IN_HAND = {"matter__state": State.IN_PROGRESS, "acknowledged_at__isnull": False}
_STEADY = (Character.DILIGENT, Character.ORDINARY)


# ---- schedules


def propose_schedules(stage: Stage) -> None:
    """Let merging leads propose nodes in the weeks after they signed; a returned proposal comes again, amended."""
    parts = merging(_plans(stage), **_IN_HAND)
    latest: dict[int, Schedule] = {}
    for one in Schedule.objects.filter(matter__in=[part.matter_id for part in parts]).order_by("version"):
        latest[one.matter_id] = one
    for part in parts:
        standing, character = latest.get(part.matter_id), stage.character_of(part.unit)
        if standing is not None and standing.state == ScheduleState.RETURNED:
            _propose_again(stage, part, standing)
        if standing is not None or character not in _STEADY or part.matter.kind == Kind.CONTINUING:
            continue
        key = key_of(part.matter)
        if not chance(stage.seed, 0.8, "has schedule", key) or part.acknowledged_at is None:
            continue
        day = add_workdays(day_of(part.acknowledged_at), number(stage.seed, 4, 15, "proposes", key))
        actor = stage.of_unit(part.unit, "liaison")
        if day == stage.day and actor is not None:
            nodes = proposed_schedule(part.matter, today=stage.day)
            if nodes:
                propose_schedule_nodes(part.matter, nodes=nodes, version=0, **stage.told(actor))


def _propose_again(stage: Stage, part: Assignment, standing: Schedule) -> None:
    actor = stage.of_unit(part.unit, "liaison")
    if standing.decided_at is None or actor is None:
        return
    if add_workdays(day_of(standing.decided_at), number(stage.seed, 2, 4, "again", key_of(part.matter))) == stage.day:
        nodes = proposed_schedule(part.matter, today=stage.day)
        note = "节点已按督查室意见调整"
        propose_schedule_nodes(part.matter, nodes=nodes, version=standing.version, note=note, **stage.told(actor))


def decide_schedules(stage: Stage) -> None:
    """Let the office look at what was proposed, twice a week; a few go back."""
    if stage.day.weekday() not in (1, 3):
        return
    waiting = list(waiting_schedules(stage.officer))
    returned = [
        one for one in waiting if not one.note and chance(stage.seed, 0.08, "returns schedule", key_of(one.matter))
    ]
    for one in returned:
        reasons = "第一个节点偏晚，请把前期工作的时间提前并说明。"
        return_schedule(one, reasons=reasons, version=one.version, **stage.told(stage.officer))
    rest = {one.pk: one.version for one in waiting if one not in returned}
    if rest:
        accept_many(rest, **stage.told(stage.officer))


# ---- progress


def enter(stage: Stage) -> None:
    """Let merging leads say how far they are: at their own pace, and before a node falls due if they are careful."""
    parts = merging(_plans(stage), **_IN_HAND)
    targets: dict[int, list[Target]] = defaultdict(list)
    for one in Target.objects.filter(matter__in=[part.matter_id for part in parts]).order_by("order"):
        targets[one.matter_id].append(one)
    near = _nodes_near(stage)
    for part in parts:
        character = stage.character_of(part.unit)
        if (part.matter.progress_pct or 0) >= 100:
            continue  # nothing more to say: it is closed next
        key, is_awake = key_of(part.matter), stage.is_awake(part.unit)
        node = near.get(part.matter_id)
        if character is None:
            character = Character.ORDINARY
        is_for_node = node is not None and (character in _STEADY or is_awake) and _heeds(stage, key, character, node[0])
        course = stage.course(part.matter, part.unit)
        is_last = course.reach >= 100 and workday_from(course.done_on) == stage.day
        is_woken_today = stage.woken.get(part.unit_id) == stage.day - timedelta(days=3)
        if not (
            is_for_node
            or is_last
            or is_woken_today
            or enters_on(key, character=character, today=stage.day, woken=is_awake, seed=stage.seed)
        ):
            continue
        pct = course.pct_on(stage.day)
        if is_for_node and node is not None:
            pct = max(pct, float(node[1]))
        _say(stage, part, pct=pct, targets=targets[part.matter_id], outcome=course.outcome)


def _plans(stage: Stage) -> list[int]:
    return [stage.plan.pk, *([stage.next_plan.pk] if stage.next_plan else [])]


def _nodes_near(stage: Stage) -> dict[int, tuple[date, Decimal]]:
    """Return by matter id the first open node that falls due within a week, or is overdue, and what it expects."""
    owed = Obligation.objects.filter(
        kind=Owed.MILESTONE,
        state=OwedState.OPEN,
        due_on__lte=stage.day + timedelta(days=7),
        matter__plan__in=_plans(stage),
    )
    first: dict[int, Obligation] = {}
    for one in owed.order_by("-due_on", "pk"):
        if one.matter_id is not None:
            first[one.matter_id] = one
    nodes = Milestone.objects.filter(pk__in=[one.subject_id for one in first.values()])
    expected: dict[int | None, Decimal] = dict(nodes.values_list("pk", "expected_pct"))
    return {pk: (one.due_on, expected[one.subject_id]) for pk, one in first.items() if one.subject_id in expected}


def _heeds(stage: Stage, key: str, character: Character, due_on: date) -> bool:
    """Return whether a unit enters today for a node: most a little before it, some a little after."""
    late = chance(stage.seed, 0.07 if character is Character.DILIGENT else 0.2, "late node", key, due_on)
    days = (
        number(stage.seed, 2, 14, "node late by", key, due_on)
        if late
        else -number(stage.seed, 1, 4, "node", key, due_on)
    )
    day = add_workdays(due_on, days) if days > 0 else due_on + timedelta(days=days)
    return workday_from(day) == stage.day


def _say(stage: Stage, part: Assignment, *, pct: float, targets: list[Target], outcome: Outcome) -> None:
    matter, unit, key = part.matter, part.unit, key_of(part.matter)
    actor, behalf = stage.speaker(unit)
    last = float(matter.progress_pct or 0)
    pct = min(max(round(pct), last), 100.0)
    expected = 100 * (stage.day - matter.starts_on).days / max((matter.due_on - matter.starts_on).days, 1)
    about = f"{key} {stage.day}"
    behind = expected - pct
    if behind > 15 and chance(stage.seed, 0.6, "admits", about):
        sentence = slip_sentence(matter.text, seed=stage.seed, about=about)
    else:
        sentence = progress_sentence(matter.text, pct=pct, seed=stage.seed, about=about)
    said = Said(
        pct=None if targets else Decimal(pct),
        sentence=f"截至{date_text(stage.day)}，{sentence}" if targets else sentence,
        forecast=_forecast(stage, about, behind=behind, outcome=outcome),
        figures={one.pk: _figure(one, pct=pct) for one in targets},
    )
    evidence: list[Given] = []
    if chance(stage.seed, 0.06, "evidence", about):
        evidence = [_evidence(stage, matter, about=about)]
    enter_progress(matter, unit=unit, said=said, behalf=behalf, evidence=evidence, **stage.told(actor))
    matter.refresh_from_db()


def _forecast(stage: Stage, about: str, *, behind: float, outcome: Outcome) -> Forecast | None:
    if not chance(stage.seed, 0.3, "forecasts", about):
        return None
    if behind > 35 and stage.day.month >= 9 and outcome is not Outcome.CLOSED:
        return Forecast.UNLIKELY
    return Forecast.STRAINED if behind > 12 else Forecast.ON_TIME


def _figure(target: Target, *, pct: float) -> str:
    """Return what a unit types for a target at a percentage of the whole."""
    value = target.value
    if target.sense in (Sense.LESS, Sense.AT_MOST):
        number_ = value * Decimal("0.9")
    elif pct >= 100:
        number_ = value * Decimal("1.02") if target.sense == Sense.MORE else value
    else:
        number_ = value * Decimal(pct) / 100
    power = next((one for one in ("亿", "万") if one in target.text), "")
    if power:
        return f"{number_ / (10_000 if power == '万' else 100_000_000):.2f}{power}"
    if value == value.to_integral_value() and value >= 20 and target.unit_of_measure != "%" and pct < 100:
        return str(int(number_))
    return f"{number_:.2f}".rstrip("0").rstrip(".")


# ---- evidence


def _evidence(stage: Stage, matter: Matter, *, about: str) -> Given:
    kind = choice(stage.seed, ("image", "image", "text", "link", "paper"), "evidence kind", about)
    title = f"{what_of(matter.text)}（{stage.day.month}月）"
    if kind == "image":
        return NewFile(f"现场照片{stage.day:%m%d}.png", io.BytesIO(picture(about)), title=f"{title}现场照片")
    if kind == "text":
        words = f"{title}工作台账\n统计日期：{stage.day.isoformat()}\n序号 {matter.serial}\n{matter.text}\n"
        return NewFile(f"工作台账{stage.day:%m%d}.txt", io.BytesIO(words.encode()), title=f"{title}工作台账")
    if kind == "link":
        return NewLink(f"https://gov.example.cn/{matter.serial or 'x'}/{stage.day:%Y%m%d}.html", f"{title}公开信息")
    return NewPaper(f"{stage.day.year}年督查卷{matter.serial or '补'}号第{stage.day.month}页", f"{title}会议纪要")


def picture(about: str) -> bytes:
    """Return a small image of one colour: what a photograph of a building site stands for here."""
    colour = bytes(number("picture", 60, 220, about, one) for one in range(3))
    rows = b"".join(b"\0" + colour * 24 for _ in range(16))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def correct_evidence(stage: Stage) -> None:
    """Let a unit take back a piece given by mistake, twice a year; let the office add papers of its own."""
    if (stage.day.month, stage.day.day) in ((5, 20), (9, 17)):
        wrong = Evidence.objects.standing().filter(held_at=None, matter__state=State.IN_PROGRESS, unit__isnull=False)
        one = wrong.select_related("matter", "unit__jurisdiction").order_by("matter__order", "pk").first()
        if one is not None and one.unit is not None:
            actor, _ = stage.speaker(one.unit)
            withdraw_evidence(one, reason="误传了上一年度的材料", **stage.told(actor))
    if stage.day.day == 8 and stage.day.month in (4, 8, 11):
        matter = Matter.objects.filter(plan=stage.plan, state=State.IN_PROGRESS).order_by("order")[3]
        given = NewPaper(f"督查室卷{stage.day.month}号", f"实地查看记录（{date_text(stage.day)}）")
        add_evidence(matter, unit=None, given=[given], **stage.told(stage.officer))


# ---- what a unit notes for itself


def look_back_on_the_month(stage: Stage) -> None:
    """Let units note, in the last days of a month, what was done, what stands in the way, what comes next."""
    following = stage.day + timedelta(days=1)
    while not is_workday(following):
        following += timedelta(days=1)
    is_last_but_one = add_workdays(stage.day, 2).month != stage.day.month
    if not is_last_but_one or (stage.day.year, stage.day.month) < (2020, 2):
        return
    is_last = following.month != stage.day.month
    for (unit_id, role), username in sorted(stage.who.items(), key=lambda one: one[1]):
        if role != "liaison" or is_last != chance(stage.seed, 0.5, "last day", username, stage.day.month):
            continue
        unit = Unit.objects.select_related("jurisdiction").get(pk=unit_id)
        share = {Character.DILIGENT: 0.8, Character.ORDINARY: 0.55}.get(
            stage.character_of(unit) or Character.SLACK, 0.15
        )
        actor = stage.of_unit(unit, "liaison")
        if actor is not None and chance(stage.seed, share, "looks back", username, stage.day.year, stage.day.month):
            _look_back(stage, unit, username)


def _look_back(stage: Stage, unit: Unit, username: str) -> None:
    month = month_of(stage.day)
    sheet = look_back_sheet(unit, month=month)
    own = [one for one in sheet.matters if sheet.parts.get(one.pk) == Part.LEAD and one.pk not in sheet.written]
    lines = []
    for matter in own[:3]:
        about = f"{key_of(matter)} {username} {month}"
        done, problem, following = look_back(
            matter.text, pct=float(matter.progress_pct or 0), seed=stage.seed, about=about
        )
        lines.append(Looked(matter.pk, done, problem, following))
    if not lines:
        return
    becomes = lines[0].matter_id if chance(stage.seed, 0.15, "becomes entry", username, month) else None
    write_look_back(
        unit,
        month=month,
        lines=lines,
        rest_is_unchanged=chance(stage.seed, 0.12, "rest unchanged", username, month),
        enter=becomes,
        **stage.told(stage.actor(username)),
    )


# ---- higher offices


def deal_with_superiors(stage: Stage) -> None:
    """Let leads name the higher department's task in March, and note a dealing each quarter."""
    for about in county()["superiors"]:
        matter = Matter.objects.filter(plan=stage.plan, serial=about["serial"], state=State.IN_PROGRESS)
        month, day = stage.day.month, stage.day.day
        if (month, day) not in ((3, 12), (3, 13), (6, 9), (9, 10), (11, 12)):
            continue
        one = matter.select_related("plan__policy", "jurisdiction").first()
        if one is None:
            continue
        lead = Assignment.objects.select_related("unit__jurisdiction").get(matter=one, is_merging=True, ended_at=None)
        actor, _ = stage.speaker(lead.unit)
        words = {name: about.get(name, "") for name in SUPERIOR_FIELDS} | {"phone": county()["office_phone"]}
        if (month, day) in ((3, 12), (3, 13)):
            standing = SuperiorTask.objects.filter(matter=one).first()
            if standing is None:
                name_superior(one, words=words, version=0, **stage.told(actor))
            elif about["serial"] == county()["superiors"][0]["serial"]:
                words["contact"] = "规划科（联系人调整）"
                name_superior(one, words=words, version=standing.version, **stage.told(actor))
            continue
        note_dealing(
            one,
            unit=lead.unit,
            held_on=stage.day,
            with_whom=f"{about['department']}{about['contact']}",
            outcome=f"汇报{month}月进展，上级同意按现计划推进。",
            **stage.told(actor),
        )


WORKING = (
    propose_schedules,
    decide_schedules,
    deal_with_superiors,
    enter,
    correct_evidence,
    look_back_on_the_month,
)
