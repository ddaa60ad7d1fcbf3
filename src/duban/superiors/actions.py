"""What changes 对接上级: the higher task is named and corrected, dealings are noted."""

from datetime import date, datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.models import Assignment, Matter
from duban.orgs.models import Unit
from duban.superiors.models import Dealing, SuperiorTask
from duban.superiors.queries import IN_HAND, may_name
from duban.superiors.rules import SUPERIOR_FIELDS, checked_dealing, checked_superior


@transaction.atomic
def name_superior(matter: Matter, *, words: dict[str, str], version: int, by: Actor, now: datetime) -> SuperiorTask:
    """填写上级任务: name the higher department's task, or correct what is named. Unchanged words change nothing.

    words: by the names of SUPERIOR_FIELDS.   version: that of the words the writer saw, 0 where there were none.
    Raises NotAllowed, WrongState, Invalid, Conflict (`theirs`: the task as it stands now).
    """
    require(by, Permission.SUPERIOR_EDIT, jurisdiction_id=matter.jurisdiction_id)
    standing = _locked(matter)
    assignments = Assignment.objects.filter(matter=standing, ended_at=None)
    if not may_name(by, standing, assignments=assignments):
        raise NotAllowed("由牵头单位或督查室填写。")
    given = checked_superior(words)
    task = SuperiorTask.objects.filter(matter=standing).first()
    if (task.version if task else 0) != version:
        raise Conflict("他人刚刚修改了上级任务，请对照两个版本后再保存。", theirs=task)
    before = {name: getattr(task, name) for name in SUPERIOR_FIELDS} if task else dict.fromkeys(SUPERIOR_FIELDS, "")
    changed = [name for name, value in given.items() if value != before[name]]
    if task is not None and not changed:
        return task
    task = task or SuperiorTask(matter=standing, version=0)
    for name in changed:
        setattr(task, name, given[name])
    task.version, task.changed_at, task.changed_by_name = version + 1, now, by.name[:40]
    task.save()
    data = {
        "is_new": version == 0,
        "before": {SUPERIOR_FIELDS[name][0]: before[name] for name in changed},
        "after": {SUPERIOR_FIELDS[name][0]: given[name] for name in changed},
    }
    record(EventName.SUPERIOR_NAMED, _about(task, standing, data), by=by, now=now)
    return task


@transaction.atomic
def note_dealing(
    matter: Matter, *, unit: Unit, held_on: date, with_whom: str, outcome: str, by: Actor, now: datetime
) -> Dealing:
    """记录对接情况: add a line on a unit's dealing with the higher department; the office may for the unit.

    Raises NotAllowed, NotFound (the unit is not on the matter), WrongState (also for the same line again), Invalid.
    """
    require(by, Permission.SUPERIOR_EDIT, unit_id=unit.pk, jurisdiction_id=matter.jurisdiction_id)
    standing = _locked(matter)
    if not Assignment.objects.filter(matter=standing, unit=unit, ended_at=None).exists():
        raise NotFound(f"{unit.name}不在{standing}的责任单位中。")
    today = day_of(now)
    who, what = checked_dealing(held_on=held_on, with_whom=with_whom, outcome=outcome, today=today)
    if held_on.year < standing.plan.year - 1:
        raise Invalid(f"对接日期应在 {standing.plan.year - 1} 年或以后。", field="held_on")
    if Dealing.objects.filter(matter=standing, unit=unit, held_on=held_on, with_whom=who, outcome=what).exists():
        raise WrongState("同样的对接情况刚刚已经记录。")
    dealing = Dealing.objects.create(
        matter=standing,
        unit=unit,
        held_on=held_on,
        with_whom=who,
        outcome=what,
        recorded_at=now,
        recorded_by_name=by.name[:40],
    )
    data = {"unit": unit.name, "unit_id": unit.pk, "held_on": held_on, "with_whom": who, "outcome": what}
    record(EventName.DEALING_NOTED, _about(dealing, standing, data), by=by, now=now)
    return dealing


def _locked(matter: Matter) -> Matter:
    """Return the matter with its row locked: two writers come one after the other. Raises WrongState."""
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan").get(pk=matter.pk)
    if standing.state not in IN_HAND:
        raise WrongState(f"{standing}当前不在办理中，不能填写对接上级情况。")
    return standing


def _about(thing: SuperiorTask | Dealing, matter: Matter, data: dict[str, object]) -> Subject:
    return Subject(
        type=thing._meta.model_name or "",
        id=thing.pk,
        label=f"{matter}对接上级",
        matter_id=matter.pk,
        jurisdiction_id=matter.jurisdiction_id,
        data=data,
    )
