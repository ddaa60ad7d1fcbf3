"""What changes a request. The matter itself is changed by matters.actions, called down to in the same transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.changes.models import ChangeRequest
from duban.changes.queries import extensions_of
from duban.changes.rules import (
    RequestState,
    checked_text,
    checked_wish,
    is_too_late,
    kinds_open_to,
    label_of,
    too_late_text,
)
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotFound, WrongState
from duban.matters.actions import (
    Adjustment,
    Behalf,
    NewApproval,
    adjust,
    carry_over,
    extend,
    read_targets,
    suspend,
    terminate,
    told_by,
)
from duban.matters.models import Assignment, Matter, Plan, Target
from duban.matters.rules import CHANGE_LABELS, STATE_LABELS, ChangeKind, Part, State
from duban.orgs.models import Unit


@dataclass(frozen=True, slots=True)
class Wish:
    """What a unit asks for. due_on: of an extension · wording: of an adjustment.

    asked_on: the day it asked, where the office enters it later; late_reason: why the office takes it too late.
    """

    kind: ChangeKind
    cause: str
    progress: str
    due_on: date | None = None
    wording: str = ""
    asked_on: date | None = None
    late_reason: str = ""


@transaction.atomic
def ask_change(
    matter: Matter, *, unit: Unit, wish: Wish, by: Actor, now: datetime, behalf: Behalf | None = None
) -> ChangeRequest:
    """申请变更: a lead asks before the due date, with cause and progress; one open request of a kind on a matter.

    behalf: how the unit asked, where the office enters it; the office may also take what comes too late, saying why.
    Raises NotAllowed, NotFound (the unit does not lead it), WrongState (too late, the cap is used up, asked already),
    Invalid. Source: docs/sources.md#reports
    """
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan__policy").get(pk=matter.pk)
    require(by, Permission.CHANGE_ASK, unit_id=unit.pk, jurisdiction_id=standing.jurisdiction_id)
    if not Assignment.objects.filter(matter=standing, unit=unit, part=Part.LEAD, ended_at=None).exists():
        raise NotFound(f"{unit.name}不是{standing}的牵头单位。")
    is_own = any(unit.pk in one.unit_ids for one in by.held)
    told = told_by(behalf, is_own=is_own, act="申请")
    if wish.kind not in kinds_open_to(State(standing.state)):
        raise WrongState(
            f"{standing}当前是“{STATE_LABELS[State(standing.state)]}”，不能申请{CHANGE_LABELS[wish.kind]}。"
        )
    asked_on, late_reason = _asked_on(standing, wish=wish, is_own=is_own, today=day_of(now))
    if wish.kind is ChangeKind.EXTEND and (extensions := extensions_of(standing)).is_used_up:
        raise WrongState(extensions.text)
    due_on, wording = checked_wish(
        wish.kind, new_due_on=wish.due_on, wording=wish.wording, due_on=standing.due_on, text=standing.text
    )
    if ChangeRequest.objects.open().filter(matter=standing, kind=wish.kind).exists():
        raise WrongState(f"{standing}已有一份{label_of(wish.kind)}待裁定，不必重复申请。")
    request = ChangeRequest.objects.create(
        matter=standing,
        unit=unit,
        kind=wish.kind,
        cause=checked_text(wish.cause, what="事由", field="cause"),
        progress=checked_text(wish.progress, what="目前进展", field="progress"),
        due_on=due_on,
        wording=wording,
        asked_on=asked_on,
        asked_at=now,
        asked_by_name=by.name[:40],
        **told,
        late_reason=late_reason,
    )
    data: dict[str, Any] = {
        "cause": request.cause,
        "progress": request.progress,
        "due_on": due_on,
        "wording": wording,
        "asked_on": asked_on,
        "late_reason": late_reason,
        **told,
    }
    record(EventName.CHANGE_ASKED, _subject(request, data=data), by=by, now=now)
    return request


def _asked_on(matter: Matter, *, wish: Wish, is_own: bool, today: date) -> tuple[date, str]:
    """Return the day of asking and why it is taken too late, empty where it is in time. Raises Invalid, WrongState."""
    asked_on = today if is_own or wish.asked_on is None else wish.asked_on
    if asked_on > today:
        raise Invalid("申请日期不能晚于今天。", field="asked_on")
    if not is_too_late(asked_on=asked_on, due_on=matter.due_on):
        return asked_on, ""
    if is_own:
        raise WrongState(too_late_text(matter.due_on))
    reason = checked_text(wish.late_reason, what="到期后仍予受理的理由", field="late_reason", most=200)
    return asked_on, reason


@transaction.atomic
def withdraw_change(request: ChangeRequest, *, by: Actor, now: datetime) -> ChangeRequest:
    """撤回: the unit (or the office for it) takes its request back undecided. Raises NotAllowed, WrongState."""
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=request.matter_id)
    require(by, Permission.CHANGE_ASK, unit_id=request.unit_id, jurisdiction_id=matter.jurisdiction_id)
    withdrawn = _decided(request, state=RequestState.WITHDRAWN, by=by, now=now)
    record(EventName.CHANGE_WITHDRAWN, _subject(withdrawn, data={}), by=by, now=now)
    return withdrawn


@transaction.atomic
def refuse_change(request: ChangeRequest, *, reasons: str, by: Actor, now: datetime) -> ChangeRequest:
    """不同意: the office refuses, with reasons; the matter stays as it is. Raises NotAllowed, Invalid, WrongState."""
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=request.matter_id)
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=matter.jurisdiction_id)
    reasons = checked_text(reasons, what="不同意的理由", field="reasons")
    refused = _decided(request, state=RequestState.REFUSED, refusal_reasons=reasons, by=by, now=now)
    record(EventName.CHANGE_REFUSED, _subject(refused, data={"reasons": reasons}), by=by, now=now)
    return refused


@dataclass(frozen=True, slots=True)
class Decision:
    """How the office agrees: by which approval, and to what, where that is not what was asked for.

    into: the plan a matter is carried over to.
    """

    approval: NewApproval
    reason: str = ""
    due_on: date | None = None
    wording: str = ""
    into: Plan | None = None


@transaction.atomic
def approve_change(request: ChangeRequest, *, decision: Decision, by: Actor, now: datetime) -> ChangeRequest:
    """同意: the office agrees, by an approval, and the matter changes in the same transaction; its event tells of it.

    Raises what the step itself raises: NotAllowed, Invalid, WrongState. Source: docs/sources.md#reports
    """
    matter = Matter.objects.select_for_update(of=("self",)).select_related("plan__policy").get(pk=request.matter_id)
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=matter.jurisdiction_id)
    approved = _decided(request, state=RequestState.APPROVED, by=by, now=now)
    told: dict[str, Any] = {
        "reason": decision.reason.strip() or approved.cause,
        "approval": decision.approval,
        "by": by,
        "now": now,
    }
    kind = ChangeKind(approved.kind)
    if kind is ChangeKind.EXTEND:
        due_on = decision.due_on or approved.due_on
        if due_on is None:
            raise Invalid("请填写延至哪一天。", field="due_on")
        extend(matter, due_on=due_on, asked_on=approved.asked_on, late_reason=approved.late_reason, **told)
    elif kind is ChangeKind.ADJUST:
        wording = decision.wording.strip() or approved.wording
        targets = read_targets(wording, standing=list(Target.objects.filter(matter=matter)))
        adjust(matter, adjustment=Adjustment(text=wording, targets=targets), **told)
    elif kind is ChangeKind.SUSPEND:
        suspend(matter, **told)
    elif kind is ChangeKind.CARRY_OVER:
        if decision.into is None:
            raise Invalid("请选择结转到哪个年度的台账；还没有的，请先在“台账设置”中建立。", field="into")
        carry_over(matter, into=decision.into, **told)
    else:
        terminate(matter, **told)
    return approved


def _decided(request: ChangeRequest, *, state: RequestState, by: Actor, now: datetime, **changes: Any) -> ChangeRequest:
    claimed = ChangeRequest.objects.filter(pk=request.pk, state=RequestState.OPEN).update(
        state=state, decided_at=now, decided_by_name=by.name[:40], **changes
    )
    if not claimed:
        raise WrongState("这份变更申请已经裁定或撤回，请刷新后再看。")
    return ChangeRequest.objects.select_related("matter", "unit").get(pk=request.pk)


def _subject(request: ChangeRequest, *, data: dict[str, Any]) -> Subject:
    return Subject(
        type="changerequest",
        id=request.pk,
        label=str(request),
        matter_id=request.matter_id,
        jurisdiction_id=request.matter.jurisdiction_id,
        data={"unit": request.unit.name, "unit_id": request.unit_id, "kind": request.kind, **data},
    )
