"""督查计划: what the year's checks are to be; each counts once it is approved. Source: docs/sources.md#visits"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Invalid, WrongState
from duban.matters.actions import NewApproval, approval_data, hold_open, make_approval
from duban.matters.models import Plan
from duban.matters.rules import SupervisionType
from duban.orgs.models import Unit
from duban.visits.models import PlannedCheck, Visit
from duban.visits.rules import (
    ANNOUNCED,
    REASON_LENGTH,
    TITLE_LENGTH,
    CheckMethod,
    VisitKind,
    VisitState,
    checked_words,
)


@dataclass(frozen=True, slots=True)
class NewCheck:
    """A check the plan is to foresee."""

    kind: VisitKind
    supervision_type: SupervisionType
    title: str
    purpose: str
    method: CheckMethod
    first_on: date
    last_on: date
    units: Sequence[Unit]


def _about(check: PlannedCheck, data: dict[str, Any]) -> Subject:
    return Subject(
        type="plannedcheck",
        id=check.pk,
        label=check.title,
        jurisdiction_id=check.jurisdiction_id,
        data={"check": check.title, "kind": check.kind, **data},
    )


@transaction.atomic
def plan_check(plan: Plan, *, check: NewCheck, by: Actor, now: datetime) -> PlannedCheck:
    """列入督查计划: add a check to the year's plan; it counts once it is approved. A unit visited more often than the
    budget is warned of on the page, never refused here. Raises NotAllowed, Invalid, WrongState (the plan is closed).
    """
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    title = checked_words(check.title, what="名称", field="title", most=TITLE_LENGTH)
    purpose = checked_words(check.purpose, what="目的", field="purpose")
    check_days(check.first_on, check.last_on)
    check_method(check.kind, check.method)
    if not check.units:
        raise Invalid("请选择检查哪些单位。", field="units")
    row = PlannedCheck.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        kind=check.kind.value,
        supervision_type=check.supervision_type.value,
        title=title,
        purpose=purpose,
        method=check.method.value,
        first_on=check.first_on,
        last_on=check.last_on,
        planned_at=now,
        planned_by_name=by.name[:40],
    )
    row.units.set(check.units)
    data = {"units": [one.name for one in check.units], "first_on": check.first_on, "last_on": check.last_on}
    record(EventName.CHECK_PLANNED, _about(row, data), by=by, now=now)
    return row


def check_days(first_on: date, last_on: date) -> None:
    """Raise Invalid unless the days are in order and no check lasts longer than a quarter."""
    if last_on < first_on:
        raise Invalid("结束日期不能早于开始日期。", field="last_on")
    if (last_on - first_on).days > 92:
        raise Invalid("一次检查的时间不超过三个月，请分开安排。", field="last_on")


def check_method(kind: VisitKind, method: CheckMethod) -> None:
    """Raise Invalid where an unannounced 察访核验 would have the unit come or prepare."""
    if kind is VisitKind.VERIFICATION and method in ANNOUNCED:
        raise Invalid("察访核验事先不通知单位，不能用需要单位到场或准备的方式。", field="method")


@transaction.atomic
def approve_checks(plan: Plan, *, approval: NewApproval, by: Actor, now: datetime) -> list[PlannedCheck]:
    """批准督查计划: everything of the plan that waits is approved by one decision. Raises NotAllowed, Invalid,
    WrongState (nothing waits, the plan is closed). Source: docs/sources.md#visits
    """
    require(by, Permission.VISIT_APPROVE, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    waiting = list(PlannedCheck.objects.filter(plan=plan, approval=None, dropped_at=None).order_by("first_on", "pk"))
    if not waiting:
        raise WrongState("督查计划中没有待批准的检查。")
    decided = make_approval(approval, jurisdiction_id=plan.jurisdiction_id, by=by, now=now)
    ids = [one.pk for one in waiting]
    claimed = PlannedCheck.objects.filter(pk__in=ids, approval=None, dropped_at=None).update(approval=decided)
    if claimed != len(ids):
        raise WrongState("督查计划刚刚有改动，请看后再批准。")
    data = {"checks": [one.title for one in waiting], "approval": approval_data(decided)}
    subject = Subject(type="plan", id=plan.pk, label=plan.title, jurisdiction_id=plan.jurisdiction_id, data=data)
    record(EventName.CHECKS_APPROVED, subject, by=by, now=now)
    for one in waiting:
        one.approval = decided
    return waiting


@transaction.atomic
def drop_check(check: PlannedCheck, *, reason: str, by: Actor, now: datetime) -> PlannedCheck:
    """取消: a planned check is not held after all, with the reason. Raises NotAllowed, Invalid, WrongState (dropped, a
    visit carries it out, or the plan is closed)."""
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=check.jurisdiction_id)
    hold_open(check.plan)
    why = checked_words(reason, what="取消的理由", field="reason", most=REASON_LENGTH)
    _drop(check, why=why, by=by, now=now)
    record(EventName.CHECK_DROPPED, _about(check, {"reason": why}), by=by, now=now)
    return check


def _drop(check: PlannedCheck, *, why: str, by: Actor, now: datetime) -> None:
    if Visit.objects.filter(check_of=check).exclude(state=VisitState.DROPPED).exists():
        raise WrongState(f"“{check.title}”已经安排了核验，不能取消。")
    standing = PlannedCheck.objects.filter(pk=check.pk, dropped_at=None)
    if not standing.update(dropped_at=now, dropped_reason=why, dropped_by_name=by.name[:40]):
        raise WrongState("这项检查已经取消。")
    check.refresh_from_db(fields=["dropped_at", "dropped_reason", "dropped_by_name"])


@transaction.atomic
def join_checks(check: PlannedCheck, *, other: PlannedCheck, by: Actor, now: datetime) -> PlannedCheck:
    """合并: two checks of the same kind become one; the other is dropped, its units and its purpose come over.

    What was joined has to be approved again. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=check.jurisdiction_id)
    hold_open(check.plan)
    if check.pk == other.pk or check.plan_id != other.plan_id or check.kind != other.kind:
        raise Invalid("只能合并同一计划中同一类的两项检查。", field="other")
    standing = PlannedCheck.objects.filter(pk=check.pk, dropped_at=None)
    first_on, last_on = min(check.first_on, other.first_on), max(check.last_on, other.last_on)
    purpose = check.purpose if other.purpose in check.purpose else f"{check.purpose}\n{other.purpose}"
    check_days(first_on, last_on)
    if not standing.update(first_on=first_on, last_on=last_on, purpose=purpose, approval=None):
        raise WrongState("这项检查已经取消。")
    _drop(other, why=f"并入“{check.title}”"[:REASON_LENGTH], by=by, now=now)
    check.units.add(*other.units.all())
    check.refresh_from_db()
    data = {"other": other.title, "units": [one.name for one in check.units.order_by("order", "pk")]}
    record(EventName.CHECKS_JOINED, _about(check, data), by=by, now=now)
    return check
