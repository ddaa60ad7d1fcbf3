"""What changes progress: entries are added, never edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.matters.actions import Behalf, put_progress
from duban.matters.models import Assignment, Matter, Target
from duban.matters.rules import Forecast, Sense
from duban.orgs.models import Unit
from duban.progress.models import Figure, LookBack, Progress
from duban.progress.queries import IN_HAND, Sheet, last_figures, look_back_sheet, standing_of
from duban.progress.rules import (
    checked_line,
    checked_sentence,
    last_day_of,
    month_of,
    needs_sentence,
    pct_of,
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


@transaction.atomic
def enter_progress(
    matter: Matter, *, unit: Unit, said: Said, by: Actor, now: datetime, behalf: Behalf | None = None
) -> Progress:
    """填报进展: add what a unit says of a matter. What the lead units say last, the matter then holds.

    Of several targets the smallest share is the percentage; a number left out is the one given last.
    behalf: how the unit told it, where the office enters it.   A percentage lower than the unit's last, or unlike its
    figures, needs a sentence. The same entry twice is refused.
    Raises NotAllowed, NotFound (the unit is not on the matter), WrongState, Invalid.
    """
    require(by, Permission.PROGRESS_ENTER, unit_id=unit.pk, jurisdiction_id=matter.jurisdiction_id)
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan").get(pk=matter.pk)
    part = Assignment.objects.filter(matter=standing, unit=unit, ended_at=None).first()
    if part is None:
        raise NotFound(f"{unit.name}不在{standing}的责任单位中。")
    if standing.state not in IN_HAND:
        raise WrongState(f"{standing}当前不在办理中，不能填报进展。")
    _check_behalf(unit, behalf=behalf, by=by)
    day = said.effective_on or now.astimezone(SHANGHAI).date()
    if day > now.astimezone(SHANGHAI).date():
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
        channel=behalf.channel.value if behalf else "",
        informant=behalf.signer.strip()[:40] if behalf else "",
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
    return entry


def _check_behalf(unit: Unit, *, behalf: Behalf | None, by: Actor) -> None:
    is_own = any(unit.pk in one.unit_ids for one in by.held)
    if is_own and behalf is not None:
        raise Invalid("本单位填报不必代录。", field="channel")
    if not is_own and behalf is None:
        raise Invalid("代单位填报，请写明方式（纸质回执或电话）和填报人。", field="channel")
    if behalf is not None and len(behalf.signer.strip()) < 2:
        raise Invalid("请写明单位由谁填报。", field="informant")


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
    month, today = month_of(month), now.astimezone(SHANGHAI).date()
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
