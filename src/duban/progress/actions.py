"""What changes progress: entries are added, never edited; schedules are proposed, accepted or returned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, DomainError, Invalid, NotFound, WrongState
from duban.core.text import date_text
from duban.evidence.actions import put_evidence
from duban.evidence.examining import Examined, Given, examined
from duban.evidence.queries import most_mb_of
from duban.matters.actions import Behalf, NewMilestone, put_progress, set_milestones_of, told_by
from duban.matters.models import Assignment, Matter, Target
from duban.matters.rules import Forecast, Sense, State
from duban.orgs.models import Unit
from duban.progress.models import Figure, LookBack, Progress, Schedule
from duban.progress.queries import IN_HAND, Sheet, last_figures, look_back_sheet, standing_of
from duban.progress.rules import (
    SENTENCE_LENGTH,
    Node,
    ScheduleState,
    checked_line,
    checked_nodes,
    checked_sentence,
    last_day_of,
    month_of,
    needs_sentence,
    pct_of,
    pct_text,
    read_figure,
    sentence_of_look_back,
    target_share,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a unit says. figures: what was typed, by target id.   effective_on: None is today.

    pct: None lets the figures count.
    """

    pct: Decimal | None = None
    sentence: str = ""
    forecast: Forecast | None = None
    figures: Mapping[int, str] = field(default_factory=dict)
    effective_on: date | None = None


def enter_progress(
    matter: Matter,
    *,
    unit: Unit,
    said: Said,
    by: Actor,
    now: datetime,
    behalf: Behalf | None = None,
    evidence: Sequence[Given] = (),
) -> Progress:
    """填报进展: add what a unit says of a matter. What the lead units say last, the matter then holds.

    Of several targets the smallest share is the percentage; a number left out is the one given last.
    behalf: how the unit told it, where the office enters it.   evidence: given with it, all or none.   A percentage
    lower than the unit's last, or unlike its figures, needs a sentence. The same entry twice is refused.
    Raises NotAllowed, NotFound (the unit is not on the matter), WrongState, Invalid.
    """
    require(by, Permission.PROGRESS_ENTER, unit_id=unit.pk, jurisdiction_id=matter.jurisdiction_id)
    if not evidence:
        return _enter(matter, unit=unit, said=said, by=by, now=now, behalf=behalf, seen=())
    with examined(evidence, most_mb=most_mb_of(matter)) as seen:
        return _enter(matter, unit=unit, said=said, by=by, now=now, behalf=behalf, seen=seen)


@transaction.atomic
def _enter(
    matter: Matter,
    *,
    unit: Unit,
    said: Said,
    by: Actor,
    now: datetime,
    behalf: Behalf | None,
    seen: Sequence[Examined],
) -> Progress:
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan").get(pk=matter.pk)
    part = Assignment.objects.filter(matter=standing, unit=unit, ended_at=None).first()
    if part is None:
        raise NotFound(f"{unit.name}不在{standing}的责任单位中。")
    if standing.state not in IN_HAND:
        raise WrongState(f"{standing}当前不在办理中，不能填报进展。")
    told = told_by(behalf, is_own=_is_own(unit, by=by), act="填报")
    day = said.effective_on or day_of(now)
    if day > day_of(now):
        raise Invalid("“截至”不能晚于今天。", field="effective_on")
    if day.year < standing.plan.year:
        raise Invalid(f"“截至”应在 {standing.plan.year} 年或以后。", field="effective_on")
    targets = {one.pk: one for one in Target.objects.filter(matter=standing)}
    figures = _figures_of(targets, said.figures)
    counted = _counted(targets, figures, earlier=last_figures(standing, unit=unit, on=day)) if figures else None
    entry = Progress(
        matter=standing,
        unit=unit,
        effective_on=day,
        pct=counted if said.pct is None else said.pct,
        sentence=checked_sentence(said.sentence),
        forecast=said.forecast.value if said.forecast else "",
        **told,
        recorded_at=now,
        recorded_by_name=by.name[:40],
    )
    _check_entry(entry, figures=figures, counted=counted)
    entry.save(force_insert=True)
    for figure in figures:
        figure.progress = entry
    Figure.objects.bulk_create(figures)
    _hold(standing, by=by, now=now)
    record(EventName.PROGRESS_ENTERED, _subject(entry, figures), by=by, now=now)
    if seen:
        put_evidence(standing, unit=unit, seen=seen, by=by, now=now, subject=entry, behalf=behalf)
    return entry


def _is_own(unit: Unit, *, by: Actor) -> bool:
    return any(unit.pk in one.unit_ids for one in by.held)


def _counted(targets: Mapping[int, Target], figures: list[Figure], *, earlier: Mapping[int, Decimal]) -> Decimal | None:
    """Return the smallest share of all targets: a number left out is the last one given, 0 where there is none."""
    numbers = dict(earlier)
    numbers.update((one.target_id, one.value) for one in figures if one.target_id is not None)
    return pct_of(
        target_share(numbers.get(pk, Decimal(0)), value=one.value, upper=one.upper, sense=Sense(one.sense))
        for pk, one in targets.items()
    )


def _figures_of(targets: Mapping[int, Target], typed: Mapping[int, str]) -> list[Figure]:
    figures = []
    for pk, text in typed.items():
        if not text.strip():
            continue
        target = targets.get(pk)
        if target is None:
            raise Invalid("量化目标刚刚被修改过，请刷新后再填。", field=f"figure-{pk}")
        try:
            value = read_figure(
                text, unit_of_measure=target.unit_of_measure, printed=target.text, goal=target.upper or target.value
            )
        except Invalid as error:
            raise Invalid(error.message, field=f"figure-{pk}")
        share = target_share(value, value=target.value, upper=target.upper, sense=Sense(target.sense))
        figures.append(
            Figure(
                target=target,
                target_text=target.text,
                unit_of_measure=target.unit_of_measure,
                value=value,
                share_pct=share,
            )
        )
    return figures


def _check_entry(entry: Progress, *, figures: list[Figure], counted: Decimal | None) -> None:
    """Raise Invalid for an entry that says nothing, or a percentage without its reason; WrongState for it again."""
    if entry.pct is None and not entry.sentence and not entry.forecast:
        raise Invalid("请至少填写数字、百分比、说明、预判中的一项。", field="pct")
    earlier = Progress.objects.filter(matter=entry.matter, unit=entry.unit)
    before = earlier.filter(effective_on__lte=entry.effective_on, pct__isnull=False).order_by("effective_on", "pk")
    last = before.last()
    why = needs_sentence(pct=entry.pct, counted=counted, before=last.pct if last else None)
    if why and len(entry.sentence) < 2:
        raise Invalid(why, field="sentence")
    newest = earlier.order_by("pk").last()
    same = ("effective_on", "pct", "sentence", "forecast", "channel", "informant")
    if newest is not None and all(getattr(newest, name) == getattr(entry, name) for name in same):
        numbers = {one.target_id: one.value for one in newest.figures.all()}
        if numbers == {one.target_id: one.value for one in figures}:
            raise WrongState("同样的进展刚刚已经填报，不必重复填报。")


def _hold(matter: Matter, *, by: Actor, now: datetime) -> None:
    stands = standing_of(matter)
    put_progress(
        matter,
        pct=stands.of_pct.pct if stands.of_pct else None,
        pct_on=stands.of_pct.effective_on if stands.of_pct else None,
        forecast=stands.forecast,
        forecast_on=stands.of_forecast.effective_on if stands.of_forecast else None,
        by=by,
        now=now,
    )


def _subject(entry: Progress, figures: list[Figure]) -> Subject:
    data = {
        "unit": entry.unit.name,
        "unit_id": entry.unit_id,
        "effective_on": entry.effective_on,
        "pct": entry.pct,
        "sentence": entry.sentence,
        "forecast": entry.forecast,
        "figures": [{"target": one.target_text, "value": one.value, "share_pct": one.share_pct} for one in figures],
    }
    if entry.channel:
        data |= {"channel": entry.channel, "informant": entry.informant}
    return Subject(
        type="progress",
        id=entry.pk,
        label=str(entry),
        matter_id=entry.matter_id,
        jurisdiction_id=entry.matter.jurisdiction_id,
        data=data,
    )


@dataclass(frozen=True, slots=True)
class Looked:
    """What a unit writes of one matter. version: that of the lines the writer saw, 0 where there were none."""

    matter_id: int
    done: str = ""
    problem: str = ""
    next_step: str = ""
    version: int = 0


@transaction.atomic
def write_look_back(
    unit: Unit,
    *,
    month: date,
    lines: Sequence[Looked],
    by: Actor,
    now: datetime,
    rest_is_unchanged: bool = False,
    enter: int | None = None,
) -> int:
    """回头看: write a unit's sheet of a month, changed lines only; return how many changed. All or none.

    rest_is_unchanged: every matter nothing was written of is noted “无新进展”.   enter: a matter of whose lines a
    progress entry is made.   What the unit writes is its own: the event says how much, not what.
    Raises NotAllowed, NotFound, Invalid, Conflict (`theirs`: matter id → the lines a colleague wrote meanwhile).
    """
    require(by, Permission.LOOK_BACK, unit_id=unit.pk, jurisdiction_id=unit.jurisdiction_id)
    if not any(unit.pk in one.unit_ids for one in by.held):
        raise NotFound
    month, today = month_of(month), day_of(now)
    if month > today:
        raise Invalid("还没有到这个月。", field="month")
    Unit.objects.select_for_update().get(pk=unit.pk)  # two colleagues write one after the other
    sheet = look_back_sheet(unit, month=month)
    changed = _changed(unit, month=month, sheet=sheet, lines=lines)
    for row in changed:
        sheet.written[row.matter_id] = row
    quiet = _nothing_new(unit, month=month, sheet=sheet) if rest_is_unchanged else []
    for row in [*changed, *quiet]:
        row.written_at, row.written_by_name = now, by.name[:40]
        row.save()
    if changed or quiet:
        data = {
            "unit": unit.name,
            "unit_id": unit.pk,
            "month": month,
            "written": len(changed),
            "nothing_new": len(quiet),
        }
        record(EventName.LOOK_BACK_WRITTEN, unit, by=by, now=now, data=data)
    if enter is not None:
        _enter_look_back(sheet, enter, day=min(today, last_day_of(month)), by=by, now=now)
    return len(changed) + len(quiet)


def _changed(unit: Unit, *, month: date, sheet: Sheet, lines: Sequence[Looked]) -> list[LookBack]:
    changed: list[LookBack] = []
    theirs: dict[int, LookBack] = {}
    for line in lines:
        if line.matter_id not in sheet.units:
            raise NotFound
        said = {
            "done": checked_line(line.done, what="进展"),
            "problem": checked_line(line.problem, what="问题"),
            "next_step": checked_line(line.next_step, what="下一步"),
        }
        row = sheet.written.get(line.matter_id)
        if all(value == (getattr(row, name) if row else "") for name, value in said.items()):
            continue
        if row is not None and row.version != line.version:
            theirs[line.matter_id] = row
            continue
        if row is None:
            row = LookBack(unit=unit, matter_id=line.matter_id, month=month, version=0)
        for name, value in said.items():
            setattr(row, name, value)
        row.is_nothing_new, row.entry, row.version = False, None, row.version + 1
        changed.append(row)
    if theirs:
        raise Conflict("本单位的同事刚刚改过标出的事项，请对照后再保存。", theirs=theirs)
    return changed


def _nothing_new(unit: Unit, *, month: date, sheet: Sheet) -> list[LookBack]:
    quiet = []
    for pk in sheet.units:
        row = sheet.written.get(pk) or LookBack(unit=unit, matter_id=pk, month=month, version=0)
        if row.is_nothing_new or row.done or row.problem or row.next_step:
            continue
        row.is_nothing_new, row.version = True, row.version + 1
        quiet.append(row)
    return quiet


def _enter_look_back(sheet: Sheet, matter_id: int, *, day: date, by: Actor, now: datetime) -> None:
    """Make a progress entry of what was written of one matter."""
    row = sheet.written.get(matter_id)
    if row is None or not (row.done or row.problem or row.next_step):
        raise Invalid("先写上进展、问题或下一步，再转为进展。", field=f"done-{matter_id}")
    if row.entry_id is not None:
        raise WrongState("这条回头看已经转为进展。")
    matter = next(one for one in sheet.matters if one.pk == matter_id)
    sentence = sentence_of_look_back(done=row.done, problem=row.problem, next_step=row.next_step)
    if matter_id not in sheet.units:
        raise WrongState(f"{matter}当前不在办理中，不能填报进展。")
    said = Said(sentence=sentence, effective_on=day)
    row.entry = enter_progress(matter, unit=sheet.units[matter_id], said=said, by=by, now=now)
    row.save(update_fields=["entry"])


# ---- the schedule


@transaction.atomic
def propose_schedule_nodes(
    matter: Matter,
    *,
    nodes: Sequence[Node],
    by: Actor,
    now: datetime,
    version: int,
    note: str = "",
    behalf: Behalf | None = None,
) -> Schedule:
    """报送进度安排: the merging lead proposes nodes; its own open proposal is replaced. The office accepts or returns.

    version: that of the matter's latest schedule as it was seen, 0 where there was none.   note: compulsory where the
    last node is not the final date.   behalf: how the unit told it, where the office enters it.
    Raises NotAllowed, NotFound (nobody merges), WrongState, Invalid, Conflict (`theirs`: the latest schedule).
    """
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan").get(pk=matter.pk)
    merging = Assignment.objects.filter(matter=standing, is_merging=True, ended_at=None).select_related("unit").first()
    unit = merging.unit if merging else None
    require(
        by,
        Permission.SCHEDULE_PROPOSE,
        unit_id=unit.pk if unit else None,
        jurisdiction_id=standing.jurisdiction_id,
    )
    if unit is None:
        raise NotFound(f"{standing}还没有汇总的牵头单位。")
    if standing.state not in (State.ASSIGNED, State.IN_PROGRESS):
        raise WrongState(f"{standing}当前不在办理中，不能报送进度安排。")
    told = told_by(behalf, is_own=_is_own(unit, by=by), act="报送")
    note = _checked_note(note)
    rows = checked_nodes(nodes, starts_on=standing.starts_on, due_on=standing.due_on, note=note)
    latest = Schedule.objects.filter(matter=standing).order_by("version").last()
    if (latest.version if latest else 0) != version:
        raise Conflict("这件事项的进度安排刚刚有了变化，请对照后再报送。", theirs=latest)
    given = {
        "nodes": [_node_json(one) for one in rows],
        "note": note,
        "channel": told.get("channel", ""),
        "informant": told.get("informant", ""),
        "version": version + 1,
        "proposed_at": now,
        "proposed_by_name": by.name[:40],
    }
    before: list[str] = []
    if latest is not None and latest.state == ScheduleState.PROPOSED:
        if latest.unit_id == unit.pk:
            before = _node_words(latest.rows)
            if _same_proposal(latest, given):
                raise WrongState("同样的进度安排已经报送，正等待督查室核定。")
            Schedule.objects.filter(pk=latest.pk).update(**given)
        else:  # of the unit that merged before
            Schedule.objects.filter(pk=latest.pk).update(
                state=ScheduleState.RETURNED, reasons="汇总单位已经变更", decided_at=now, decided_by_name=by.name[:40]
            )
            latest = None
    if latest is None or latest.state != ScheduleState.PROPOSED:
        latest = Schedule.objects.create(matter=standing, unit=unit, state=ScheduleState.PROPOSED, **given)
    latest.refresh_from_db()
    data = {"unit": unit.name, "unit_id": unit.pk, "before": before, "after": _node_words(rows), "note": note} | told
    record(EventName.SCHEDULE_PROPOSED, _about(latest, data), by=by, now=now)
    return latest


def _checked_note(note: str) -> str:
    line = " ".join(note.split())
    if len(line) > SENTENCE_LENGTH:
        raise Invalid(f"说明不超过 {SENTENCE_LENGTH} 字，现在 {len(line)} 字。", field="note")
    return line


def _node_json(node: Node) -> dict[str, str]:
    return {"due_on": node.due_on.isoformat(), "title": node.title, "pct": pct_text(node.pct).removesuffix("%")}


def _node_words(nodes: Sequence[Node]) -> list[str]:
    return [f"{date_text(one.due_on)} {one.title} {pct_text(one.pct)}" for one in nodes]


def _same_proposal(standing: Schedule, given: Mapping[str, object]) -> bool:
    return all(getattr(standing, name) == given[name] for name in ("nodes", "note", "channel", "informant"))


def _about(schedule: Schedule, data: dict[str, Any]) -> Subject:
    return Subject(
        type="schedule",
        id=schedule.pk,
        label=str(schedule),
        matter_id=schedule.matter_id,
        jurisdiction_id=schedule.matter.jurisdiction_id,
        data=data,
    )


def accept_schedule(
    schedule: Schedule, *, version: int, by: Actor, now: datetime, nodes: Sequence[Node] | None = None, note: str = ""
) -> Schedule:
    """同意进度安排: the nodes become the matter's milestones, in the same transaction; what is owed follows.

    nodes, note: as the office amended them; what the unit gave stays in the schedule.
    Raises NotAllowed, WrongState (decided already, another unit merges now, the matter is not in hand), Invalid,
    Conflict (`theirs`: the schedule).
    """
    amended = {} if nodes is None else {schedule.pk: (nodes, note)}
    done = _accept({schedule.pk: version}, amended=amended, by=by, now=now)
    if refusal := done.left.get(schedule.pk):
        raise refusal
    return Schedule.objects.select_related("matter", "unit").get(pk=schedule.pk)


@dataclass(frozen=True, slots=True)
class AcceptedSchedules:
    """What accepting did: schedules accepted, and for each one left the refusal."""

    accepted: tuple[int, ...] = ()
    left: Mapping[int, DomainError] = field(default_factory=dict)


def accept_many(versions: Mapping[int, int], *, by: Actor, now: datetime) -> AcceptedSchedules:
    """Accept many schedules as they were proposed. One that cannot be accepted is left with its reason.

    versions: by schedule id, as they were seen. The number of statements does not depend on how many there are.
    Raises NotAllowed.
    """
    return _accept(versions, amended={}, by=by, now=now)


@transaction.atomic
def _accept(
    versions: Mapping[int, int], *, amended: Mapping[int, tuple[Sequence[Node], str]], by: Actor, now: datetime
) -> AcceptedSchedules:
    rows = Schedule.objects.filter(pk__in=versions).select_related("matter__plan__policy", "unit").order_by("pk")
    standing = {one.pk: one for one in rows.select_for_update(of=("self",))}
    require(by, Permission.SCHEDULE_ACCEPT)
    for place in {one.matter.jurisdiction_id for one in standing.values()}:
        require(by, Permission.SCHEDULE_ACCEPT, jurisdiction_id=place)
    merging = set(
        Assignment.objects.filter(
            matter_id__in=[one.matter_id for one in standing.values()], is_merging=True, ended_at=None
        ).values_list("matter_id", "unit_id")
    )
    left: dict[int, DomainError] = {pk: NotFound() for pk in versions if pk not in standing}
    wanted: dict[int, list[Node]] = {}
    for pk, one in standing.items():
        nodes, note = amended.get(pk, (one.rows, one.note))
        try:
            _check_open(one, version=versions[pk], is_merging=(one.matter_id, one.unit_id) in merging)
            wanted[pk] = checked_nodes(
                nodes, starts_on=one.matter.starts_on, due_on=one.matter.due_on, note=_checked_note(note)
            )
        except (WrongState, Invalid, Conflict) as refusal:
            left[pk] = refusal
    if not wanted:
        return AcceptedSchedules((), left)
    accepted = [standing[pk] for pk in wanted]
    set_milestones_of(
        [
            (one.matter, [NewMilestone(node.title, node.due_on, node.pct) for node in wanted[one.pk]])
            for one in accepted
        ],
        reason="同意牵头单位报送的进度安排",
        by=by,
        now=now,
    )
    Schedule.objects.filter(pk__in=list(wanted)).update(
        state=ScheduleState.ACCEPTED, decided_at=now, decided_by_name=by.name[:40], version=F("version") + 1
    )
    subjects = []
    for one in accepted:
        data: dict[str, Any] = {"unit": one.unit.name, "unit_id": one.unit_id}
        if wanted[one.pk] != one.rows:
            data |= {"before": _node_words(one.rows), "after": _node_words(wanted[one.pk])}
        subjects.append(_about(one, data))
    record_many(EventName.SCHEDULE_ACCEPTED, subjects, by=by, now=now)
    return AcceptedSchedules(tuple(wanted), left)


def _check_open(schedule: Schedule, *, version: int, is_merging: bool) -> None:
    """Raise WrongState for a schedule that can no longer be decided, Conflict for one that changed since."""
    if schedule.state != ScheduleState.PROPOSED:
        done = "同意" if schedule.state == ScheduleState.ACCEPTED else "退回"
        raise WrongState(f"{schedule}已由{schedule.decided_by_name}{done}。")
    if schedule.version != version:
        raise Conflict(f"{schedule.unit.name}刚刚重新报送了{schedule}，请看过新的内容再定。", theirs=schedule)
    if not is_merging:
        raise WrongState(f"{schedule.matter}的汇总单位已经变更，请退回，由新的汇总单位报送。")
    if schedule.matter.state not in (State.ASSIGNED, State.IN_PROGRESS):
        raise WrongState(f"{schedule.matter}当前不在办理中。")


@transaction.atomic
def return_schedule(schedule: Schedule, *, reasons: str, version: int, by: Actor, now: datetime) -> Schedule:
    """退回进度安排, with reasons; the unit proposes anew. Raises NotAllowed, Invalid, WrongState, Conflict."""
    standing = Schedule.objects.select_related("matter", "unit").get(pk=schedule.pk)
    require(by, Permission.SCHEDULE_ACCEPT, jurisdiction_id=standing.matter.jurisdiction_id)
    reasons = " ".join(reasons.split())
    if len(reasons) < 2:
        raise Invalid("请写明退回的理由。", field="reasons")
    if len(reasons) > 300:
        raise Invalid(f"退回的理由不超过 300 字，现在 {len(reasons)} 字。", field="reasons")
    claimed = Schedule.objects.filter(pk=standing.pk, state=ScheduleState.PROPOSED, version=version).update(
        state=ScheduleState.RETURNED,
        reasons=reasons,
        decided_at=now,
        decided_by_name=by.name[:40],
        version=version + 1,
    )
    standing.refresh_from_db()
    if not claimed:
        _check_open(standing, version=version, is_merging=True)
        raise WrongState
    data = {"unit": standing.unit.name, "unit_id": standing.unit_id, "reasons": reasons}
    record(EventName.SCHEDULE_RETURNED, _about(standing, data), by=by, now=now)
    return standing
