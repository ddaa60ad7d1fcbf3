"""What supporting units give the lead: one sheet a report day; the lead marks what did not come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.core.text import date_text
from duban.matters.actions import Behalf, meet_contribution, told_by
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import report_days
from duban.matters.rules import Part
from duban.orgs.models import Unit
from duban.orgs.queries import absorbed_by
from duban.reports.models import Contribution
from duban.reports.queries import IN_HAND, Sheet, contribution_sheet, report_asked, support_due
from duban.reports.rules import checked_contribution


@dataclass(frozen=True, slots=True)
class Given:
    """What a unit says of one matter. version: of the line the writer saw, 0 where there was none."""

    matter_id: int
    text: str = ""
    version: int = 0


@transaction.atomic
def give_contributions(
    unit: Unit,
    *,
    plan: Plan,
    report_day: date,
    lines: Sequence[Given],
    by: Actor,
    now: datetime,
    rest_is_nothing: bool = False,
    behalf: Behalf | None = None,
) -> int:
    """报送协办情况: give what a unit did in support, all its matters on one sheet; return how many lines changed.

    rest_is_nothing: every matter nothing was said of is “无补充”.   behalf: how the unit told it, where the office
    enters it. The sheet is met once every matter has a line. Each line said is an event of its matter; those with
    nothing to add are told of in one event of the unit. All or none.
    Raises NotAllowed, NotFound, WrongState, Invalid, Conflict (`theirs`: matter id → the line a colleague gave).
    """
    require(by, Permission.REPORT_WRITE, unit_id=unit.pk, jurisdiction_id=plan.jurisdiction_id)
    told = told_by(behalf, is_own=any(unit.pk in one.unit_ids for one in by.held), act="报送")
    if report_day not in report_days(plan):
        raise WrongState(f"{date_text(report_day)}不是这本台账的报送日期。")
    Unit.objects.select_for_update().get(pk=unit.pk)  # two colleagues give one after the other
    sheet = contribution_sheet(unit, plan=plan, report_day=report_day)
    changed = _changed(sheet, report_day=report_day, lines=lines)
    for row in changed:
        sheet.given[row.matter_id] = row
    quiet = _nothing_new(sheet, report_day=report_day) if rest_is_nothing else []
    for row in [*changed, *quiet]:
        row.version += 1
        row.given_at, row.given_by_name = now, by.name[:40]
        row.channel, row.informant = told.get("channel", ""), told.get("informant", "")
        row.save()
        sheet.given[row.matter_id] = row
    if sheet.units and sheet.is_whole:
        own = {unit.pk} | absorbed_by({unit.pk})[unit.pk]
        meet_contribution(plan, unit_ids=own, report_day=report_day, by=by, now=now)
    _tell(unit, changed=changed, quiet=quiet, plan=plan, report_day=report_day, by=by, now=now)
    return len(changed) + len(quiet)


def _changed(sheet: Sheet, *, report_day: date, lines: Sequence[Given]) -> list[Contribution]:
    changed: list[Contribution] = []
    theirs: dict[int, Contribution] = {}
    for line in lines:
        unit = sheet.units.get(line.matter_id)
        if unit is None:
            raise NotFound
        text = checked_contribution(line.text, field=f"text-{line.matter_id}")
        row = sheet.given.get(line.matter_id)
        if text == (row.text if row is not None else ""):
            continue
        if row is not None and row.given_at is not None and row.version != line.version:
            theirs[line.matter_id] = row
            continue
        if not text:
            raise Invalid("已经报过的协办情况不能清空；没有补充请选“无补充”。", field=f"text-{line.matter_id}")
        if row is None:
            row = Contribution(matter_id=line.matter_id, unit=unit, report_day=report_day, version=0)
        row.text, row.is_nothing_new = text, False
        changed.append(row)
    if theirs:
        raise Conflict("本单位的同事刚刚报过标出的事项，请对照后再报。", theirs=theirs)
    return changed


def _nothing_new(sheet: Sheet, *, report_day: date) -> list[Contribution]:
    quiet = []
    for pk, unit in sheet.units.items():
        row = sheet.given.get(pk) or Contribution(matter_id=pk, unit=unit, report_day=report_day, version=0)
        if row.text or row.is_nothing_new:
            continue
        row.is_nothing_new = True
        quiet.append(row)
    return quiet


def _tell(
    unit: Unit,
    *,
    changed: Sequence[Contribution],
    quiet: Sequence[Contribution],
    plan: Plan,
    report_day: date,
    by: Actor,
    now: datetime,
) -> None:
    how = [one for one in [*changed, *quiet] if one.channel][:1]
    told = {"channel": how[0].channel, "informant": how[0].informant} if how else {}
    subjects = [
        Subject(
            type="contribution",
            id=one.pk,
            label=str(one),
            matter_id=one.matter_id,
            jurisdiction_id=plan.jurisdiction_id,
            data={
                "unit": one.unit.name,
                "unit_id": one.unit_id,
                "report_day": report_day,
                "text": one.text,
                **told,
            },
        )
        for one in changed
    ]
    if quiet:
        data = {
            "unit": unit.name,
            "unit_id": unit.pk,
            "report_day": report_day,
            "nothing_new": sorted(one.matter_id for one in quiet),
            **told,
        }
        subjects.append(Subject("unit", unit.pk, unit.name, None, plan.jurisdiction_id, data))
    if subjects:
        record_many(EventName.CONTRIBUTION_GIVEN, subjects, by=by, now=now)


@transaction.atomic
def mark_contribution_missing(
    matter: Matter, *, unit: Unit, report_day: date, by: Actor, now: datetime
) -> Contribution:
    """标记协办未报: the merging lead notes that a supporting unit gave nothing, once its day has passed.

    The office and that unit see it; other supporting units do not. What comes later is taken, the mark stays a fact.
    Raises NotAllowed, NotFound, WrongState (in time still, given meanwhile, marked already).
    """
    merging = Assignment.objects.filter(matter=matter, is_merging=True, ended_at=None).first()
    if merging is None:
        raise NotFound
    require(by, Permission.REPORT_WRITE, unit_id=merging.unit_id, jurisdiction_id=matter.jurisdiction_id)
    if not any(merging.unit_id in one.unit_ids for one in by.held):
        raise NotFound
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan__policy").get(pk=matter.pk)
    supports = Assignment.objects.filter(matter=standing, unit=unit, part=Part.SUPPORT, ended_at=None)
    if not supports.exists():
        raise NotFound(f"{unit.name}不是{standing}的协办单位。")
    if standing.state not in IN_HAND or report_asked(standing, report_day=report_day) is None:
        raise WrongState(f"{standing}这一期不需要报送。")
    due_on = support_due(standing.plan, report_day=report_day)
    if day_of(now) <= due_on:
        raise WrongState(f"协办单位的期限是{date_text(due_on)}，过了期限才能标记。")
    row, made = Contribution.objects.select_for_update().get_or_create(
        matter=standing,
        unit=unit,
        report_day=report_day,
        defaults={"missing_at": now, "missing_by_name": by.name[:40]},
    )
    if row.given_at is not None:
        raise WrongState(f"{unit.name}已经报来协办情况，请刷新后再看。")
    if not made:
        raise WrongState(f"{unit.name}已经标记过了。")
    data = {"unit": unit.name, "unit_id": unit.pk, "report_day": report_day}
    subject = Subject("contribution", row.pk, str(row), standing.pk, standing.jurisdiction_id, data)
    record(EventName.CONTRIBUTION_MISSING, subject, by=by, now=now)
    return row
