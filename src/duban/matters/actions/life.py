"""The life of a matter (DESIGN §3): 交办 · 签收 · 退回 · 开始 · 申请销号 · 退回申请 · 销号 · 重新办理."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.core.seen import require_seen
from duban.matters.actions.duties import keep_in_step, meet_signature, owe_by_units
from duban.matters.actions.entry import require_in_each, take_step
from duban.matters.actions.judging import facts_changed
from duban.matters.models import Assignment, Matter, MatterChange, Obligation, Plan
from duban.matters.queries import arrangement_shown, policy_of
from duban.matters.rules import CHANNEL_LABELS, OPEN_STATES, ChangeKind, Channel, Owed, OwedState, Part, State, Step
from duban.orgs.models import Unit


@dataclass(frozen=True, slots=True)
class Arrangement:
    """责任领导、具体责任人、措施 as one unit gives them for one matter."""

    responsible_leader: str = ""
    responsible_person: str = ""
    measures: str = ""


def _active(matters: Sequence[Matter]) -> dict[int, list[Assignment]]:
    found: dict[int, list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(matter__in=[one.pk for one in matters], ended_at=None).select_related("unit")
    for row in rows.order_by("order", "pk"):
        found[row.matter_id].append(row)
    return found


def said(text: str, *, field: str, message: str) -> str:
    """Return a reason without blanks around it. Raises Invalid when there is none."""
    if not text.strip():
        raise Invalid(message, field=field)
    if len(text.strip()) < 2:
        raise Invalid(f"“{text.strip()}”太短，请写得具体一些。", field=field)
    return text.strip()


@transaction.atomic
def assign_matters(matters: Sequence[Matter], *, by: Actor, now: datetime) -> list[Matter]:
    """交办: hand registered matters to their units; from now on they owe. All or none.

    Raises NotAllowed, Invalid (a matter without a lead), WrongState. Source: docs/sources.md#reports
    """
    require_in_each(by, Permission.MATTER_ASSIGN, matters)
    if not matters:
        raise Invalid("请选择要交办的事项。", field="matters")
    assigned = take_step(matters, Step.ASSIGN, from_states=[State.REGISTERED], state=State.ASSIGNED, assigned_at=now)
    hand_out(assigned, now=now, reason="交办")
    units = _active(assigned)
    record_many(
        EventName.MATTER_ASSIGNED,
        [_about(matter, _assigned_data(units[matter.pk])) for matter in assigned],
        by=by,
        now=now,
    )
    return assigned


def hand_out(matters: Sequence[Matter], *, now: datetime, reason: str) -> None:
    """Let the units of matters just handed out owe what follows. Raises Invalid for a matter without a lead."""
    units = _active(matters)
    for matter in matters:
        if not any(one.is_merging for one in units[matter.pk]):
            raise Invalid(f"{matter}没有牵头单位，不能交办。", field="assignments")
    keep_in_step(matters, now=now, reason=reason)
    by_plan: dict[Plan, set[int]] = defaultdict(set)
    for matter in matters:
        by_plan[matter.plan] |= {one.unit_id for one in units[matter.pk] if one.acknowledged_at is None}
    for plan, unit_ids in by_plan.items():
        owe_by_units(plan, unit_ids, now=now)


def _assigned_data(assignments: Sequence[Assignment]) -> dict[str, Any]:
    return {
        "leads": [one.unit.name for one in assignments if one.part == Part.LEAD],
        "supports": [one.unit.name for one in assignments if one.part == Part.SUPPORT],
    }


def _about(matter: Matter, data: dict[str, Any], *, label: str = "") -> Subject:
    return Subject(
        type="matter",
        id=matter.pk,
        label=label or str(matter),
        matter_id=matter.pk,
        jurisdiction_id=matter.jurisdiction_id,
        data=data,
    )


@dataclass(frozen=True, slots=True)
class Behalf:
    """What the office enters for a unit that answered on paper or by telephone. signer: who answered there."""

    channel: Channel
    signer: str


def told_by(behalf: Behalf | None, *, is_own: bool, act: str) -> dict[str, str]:
    """Return how a unit told the office what it enters, as the columns `channel` and `informant`; empty where the unit
    acts itself.

    act: what the unit does, as a refusal names it (报送).   Raises Invalid.
    """
    if is_own and behalf is not None:
        raise Invalid(f"本单位{act}不必代录。", field="channel")
    if is_own:
        return {}
    if behalf is None:
        raise Invalid(f"代单位{act}，请写明方式（纸质回执或电话）和由谁{act}。", field="channel")
    if len(behalf.signer.strip()) < 2:
        raise Invalid(f"请写明单位由谁{act}。", field="informant")
    return {"channel": behalf.channel.value, "informant": behalf.signer.strip()[:40]}


@transaction.atomic
def acknowledge(
    unit: Unit,
    *,
    plan: Plan,
    by: Actor,
    now: datetime,
    matters: Sequence[Matter] | None = None,
    arrangements: Mapping[int, Arrangement] | None = None,
    behalf: Behalf | None = None,
) -> list[Assignment]:
    """签收: a unit signs for everything handed to it in a plan, or for these matters only.

    arrangements: by matter id. behalf: how the unit signed where the office enters it. The merging lead's signature
    starts the matter; every other unit signs for itself. Refused while the unit's own 退回 awaits a decision.
    Raises NotAllowed, WrongState (nothing left to sign for), Invalid. Source: docs/sources.md#reports
    """
    require(by, Permission.MATTER_ACKNOWLEDGE, unit_id=unit.pk, jurisdiction_id=plan.jurisdiction_id)
    waiting = Assignment.objects.filter(
        matter__plan=plan,
        unit=unit,
        ended_at=None,
        acknowledged_at=None,
        matter__state__in=(State.ASSIGNED, State.IN_PROGRESS),
    ).exclude(refused_at__isnull=False, refusal_upheld=None)
    if matters is not None:
        waiting = waiting.filter(matter__in=[one.pk for one in matters])
    rows = list(waiting.select_related("matter__plan__policy").order_by("matter__order", "pk"))
    ids = [row.pk for row in rows]
    claimed = Assignment.objects.filter(pk__in=ids, acknowledged_at=None, ended_at=None).update(
        acknowledged_at=now, acknowledged_by_name=_signer_name(behalf, by=by)
    )
    if not rows or claimed != len(rows):
        raise WrongState("没有待签收的事项，可能本单位的同事刚刚签收过。")
    merging = [row.matter_id for row in rows if row.is_merging]
    starting = set(Matter.objects.filter(pk__in=merging, state=State.ASSIGNED).values_list("pk", flat=True))
    Matter.objects.filter(pk__in=starting, state=State.ASSIGNED).update(
        state=State.IN_PROGRESS, started_at=now, version=F("version") + 1
    )
    for row in rows:
        if arrangements and row.matter_id in arrangements:
            _put_arrangement(row, arrangements[row.matter_id])
    meet_signature(plan, [unit.pk], now=now)
    facts_changed(starting, now=now)
    record_many(
        EventName.MATTER_ACKNOWLEDGED,
        [
            _about(
                row.matter,
                {"unit": unit.name, "unit_id": unit.pk, "started": row.matter_id in starting, **_behalf_data(behalf)},
            )
            for row in rows
        ],
        by=by,
        now=now,
    )
    return list(Assignment.objects.filter(pk__in=ids).select_related("matter"))


def _signer_name(behalf: Behalf | None, *, by: Actor) -> str:
    if behalf is None:
        return by.name
    return f"{behalf.signer[:15]}（{CHANNEL_LABELS[behalf.channel]}，{by.name[:12]}代录）"


def _behalf_data(behalf: Behalf | None) -> dict[str, str]:
    return {} if behalf is None else {"channel": behalf.channel.value, "signer": behalf.signer}


def _put_arrangement(row: Assignment, arrangement: Arrangement) -> None:
    Assignment.objects.filter(pk=row.pk).update(
        responsible_leader=arrangement.responsible_leader.strip()[:40],
        responsible_person=arrangement.responsible_person.strip()[:40],
        measures=arrangement.measures.strip(),
    )


@transaction.atomic
def give_arrangement(
    assignment: Assignment, *, arrangement: Arrangement, by: Actor, now: datetime, seen: str | None = None
) -> Assignment:
    """A unit fills in (or corrects) who answers for a matter and how it goes about it, after it signed.

    seen: of `arrangement_shown`, as the form showed it.
    Raises NotAllowed, WrongState, Conflict (`theirs`: what stands).
    """
    matter = Matter.objects.select_related("plan__policy").get(pk=assignment.matter_id)
    require(by, Permission.MATTER_ACKNOWLEDGE, unit_id=assignment.unit_id, jurisdiction_id=matter.jurisdiction_id)
    standing = Assignment.objects.select_for_update(of=("self",)).select_related("unit").get(pk=assignment.pk)
    if standing.acknowledged_at is None or standing.ended_at is not None:
        raise WrongState("请先签收，再填报责任安排。")
    if matter.state not in (State.ASSIGNED, State.IN_PROGRESS):
        raise WrongState(f"{matter}当前不在办理中，不能填报责任安排。")
    before = arrangement_shown(standing)
    require_seen(seen, standing=before, message="本单位的同事刚刚改过责任安排，请对照后再保存。")
    _put_arrangement(standing, arrangement)
    standing.refresh_from_db()
    data = {
        "unit": standing.unit.name,
        "unit_id": standing.unit_id,
        "before": before,
        "after": arrangement_shown(standing),
    }
    record(EventName.ARRANGEMENT_GIVEN, _about(matter, data), by=by, now=now)
    return standing


@transaction.atomic
def refuse(
    assignment: Assignment, *, reason: str, by: Actor, now: datetime, behalf: Behalf | None = None
) -> Assignment:
    """退回交办: a unit says once that a matter is not its own; the office decides.

    Raises NotAllowed, Invalid (no reason), WrongState (signed already, refused before).
    """
    matter = assignment.matter
    require(by, Permission.MATTER_ACKNOWLEDGE, unit_id=assignment.unit_id, jurisdiction_id=matter.jurisdiction_id)
    reason = said(reason, field="reason", message="请写明退回的理由。")
    if not policy_of(matter.plan).assigning.refusals_most:
        raise WrongState("按现行督查规则，交办事项不能退回。")
    claimed = Assignment.objects.filter(
        pk=assignment.pk,
        ended_at=None,
        acknowledged_at=None,
        refused_at=None,
        matter__state__in=(State.ASSIGNED, State.IN_PROGRESS),
    ).update(refused_at=now, refusal_reason=reason[:300])
    if not claimed:
        raise WrongState("本单位已经签收或退回过这件事项，不能再退回。")
    assignment.refresh_from_db()
    data = {"unit": assignment.unit.name, "unit_id": assignment.unit_id, "reason": reason, **_behalf_data(behalf)}
    record(EventName.MATTER_REFUSED, _about(matter, data), by=by, now=now)
    return assignment


@transaction.atomic
def decide_refusal(assignment: Assignment, *, is_upheld: bool, reason: str, by: Actor, now: datetime) -> Assignment:
    """裁定退回: upheld, the unit leaves the matter (the next lead merges); otherwise it must sign.

    Raises NotAllowed, Invalid, WrongState (nothing to decide, or the only lead would leave: adjust the units first).
    """
    locked = Matter.objects.select_for_update(of=("self",))  # two decisions on one matter see each other's lead
    matter = locked.select_related("plan__policy").get(pk=assignment.matter_id)
    require(by, Permission.MATTER_ASSIGN, jurisdiction_id=matter.jurisdiction_id)
    reason = said(reason, field="reason", message="请写明裁定的理由。")
    changes: dict[str, Any] = {"refusal_upheld": is_upheld}
    if is_upheld:
        changes |= {"ended_at": now, "is_merging": False}
    claimed = Assignment.objects.filter(
        pk=assignment.pk, refused_at__isnull=False, refusal_upheld=None, ended_at=None
    ).update(**changes)
    if not claimed:
        raise WrongState("没有待裁定的退回，可能他人刚刚裁定过。")
    if is_upheld and not Assignment.objects.filter(matter=matter, is_merging=True, ended_at=None).exists():
        _hand_the_merging_on(matter, leaving=assignment, now=now)
    if is_upheld:
        keep_in_step([matter], now=now, reason="退回交办获准")
        meet_signature(matter.plan, [assignment.unit_id], now=now)
    assignment.refresh_from_db()
    data = {
        "unit": assignment.unit.name,
        "unit_id": assignment.unit_id,
        "is_upheld": is_upheld,
        "reason": reason,
    }
    record(EventName.REFUSAL_DECIDED, _about(matter, data), by=by, now=now)
    return assignment


def _hand_the_merging_on(matter: Matter, *, leaving: Assignment, now: datetime) -> None:
    """Let the next lead merge; where it has signed already, the matter starts."""
    leads = Assignment.objects.filter(matter=matter, part=Part.LEAD, ended_at=None)
    following = leads.order_by("order", "pk").first()
    if following is None:
        raise WrongState(f"{leaving.unit}是{matter}唯一的牵头单位，请先调整牵头单位。")
    Assignment.objects.filter(pk=following.pk).update(is_merging=True)
    if following.acknowledged_at is not None:
        Matter.objects.filter(pk=matter.pk, state=State.ASSIGNED).update(
            state=State.IN_PROGRESS, started_at=now, version=F("version") + 1
        )
        matter.refresh_from_db(fields=["state", "started_at", "version"])


@transaction.atomic
def start(matter: Matter, *, reason: str, by: Actor, now: datetime) -> Matter:
    """The office lets a matter begin although its merging lead has not signed (签收 by telephone, on paper).

    Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.MATTER_ASSIGN, jurisdiction_id=matter.jurisdiction_id)
    reason = said(reason, field="reason", message="请写明未经签收即开始办理的理由。")
    started = take_step([matter], Step.START, from_states=[State.ASSIGNED], state=State.IN_PROGRESS, started_at=now)[0]
    facts_changed([started.pk], now=now)
    record(EventName.MATTER_STARTED, started, by=by, now=now, data={"reason": reason})
    return started


def _require_no_open_work_items(matter: Matter, words: str) -> None:
    if matter.work_items.filter(state__in=[State.DRAFT, *OPEN_STATES]).exists():
        raise WrongState(f"{matter}还有未办结的工作子项，不能{words}。")


@transaction.atomic
def ask_to_close(
    matter: Matter, *, statement: str, by: Actor, now: datetime, facts: Mapping[str, Any] | None = None
) -> Matter:
    """申请销号: the merging lead says that the matter is done and how.

    facts: what the caller adds to the event. Raises NotAllowed, Invalid, WrongState.
    """
    merging = matter.assignments.filter(is_merging=True, ended_at=None).select_related("unit").first()
    if merging is None:
        raise WrongState("还没有汇总的牵头单位，不能申请销号。")
    require(by, Permission.CLOSURE_ASK, unit_id=merging.unit_id, jurisdiction_id=matter.jurisdiction_id)
    statement = said(statement, field="statement", message="请写明完成情况。")
    is_own = any(merging.unit_id in one.unit_ids for one in by.held)
    _require_no_open_work_items(matter, "申请销号")
    asked = take_step(
        [matter], Step.ASK_TO_CLOSE, from_states=[State.IN_PROGRESS], state=State.CLOSING, closing_asked_at=now
    )[0]
    facts_changed([asked.pk], now=now)
    acting = {} if is_own else {"behalf_of": merging.unit.name}
    data = {"statement": statement, **acting, **(facts or {})}
    record(EventName.CLOSURE_ASKED, asked, by=by, now=now, data=data)
    return asked


@transaction.atomic
def return_closure(
    matter: Matter,
    *,
    reasons: str,
    by: Actor,
    now: datetime,
    is_overseers: bool = False,
    facts: Mapping[str, Any] | None = None,
) -> Matter:
    """退回销号申请, with reasons.

    is_overseers: the leader whose signature it needs returns it, not the office; the caller has seen that it is the
    leader.   facts: what the caller adds to the event.
    Raises NotAllowed, Invalid, WrongState. Source: docs/sources.md#reports
    """
    permission = Permission.CLOSURE_AGREE if is_overseers else Permission.CLOSURE_GRANT
    require(by, permission, jurisdiction_id=matter.jurisdiction_id)
    reasons = said(reasons, field="reasons", message="请写明退回的理由。")
    returned = take_step(
        [matter], Step.RETURN, from_states=[State.CLOSING], state=State.IN_PROGRESS, closing_asked_at=None
    )[0]
    facts_changed([returned.pk], now=now)
    data = {"reasons": reasons, **({"is_overseers": True} if is_overseers else {}), **(facts or {})}
    record(EventName.CLOSURE_RETURNED, returned, by=by, now=now, data=data)
    return returned


@transaction.atomic
def grant_closure(
    matter: Matter,
    *,
    conclusion: str,
    by: Actor,
    now: datetime,
    unsigned_reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Matter:
    """销号, after verification. The final date counts as met on the day closure was asked for, so that the office's own
    days do not make a unit late. The last work item to close closes its parent.

    unsigned_reason: compulsory where a lead never signed: why the matter closes all the same.   facts: what the
    caller adds to the event.
    Raises NotAllowed, Invalid, WrongState. Source: docs/sources.md#reports
    """
    require(by, Permission.CLOSURE_GRANT, jurisdiction_id=matter.jurisdiction_id)
    conclusion = said(conclusion, field="conclusion", message="请写明核验结论。")
    unsigned = list(
        matter.assignments.filter(part=Part.LEAD, acknowledged_at=None, ended_at=None)
        .order_by("order", "pk")
        .values_list("unit__name", flat=True)
    )
    data: dict[str, Any] = {"conclusion": conclusion, **(facts or {})}
    if unsigned:
        message = f"牵头单位{'、'.join(unsigned)}没有签收，请写明仍予销号的理由。"
        data |= {
            "unsigned": unsigned,
            "unsigned_reason": said(unsigned_reason, field="unsigned_reason", message=message),
        }
    parent = None
    if matter.parent_id is not None:  # its row is the lock under which the last work item is found
        parent = Matter.objects.select_for_update().select_related("plan").get(pk=matter.parent_id)
    asked_at = Matter.objects.values_list("closing_asked_at", flat=True).get(pk=matter.pk)
    closed = _close(matter, asked_on=day_of(asked_at or now), by=by, now=now)
    record(EventName.MATTER_CLOSED, closed, by=by, now=now, data=data)
    if parent is not None and not parent.work_items.exclude(state__in=_DONE).exists():
        closable = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)
        if parent.state in closable:
            Matter.objects.filter(pk=parent.pk).update(state=State.CLOSING, closing_asked_at=now)
            finished = _close(parent, asked_on=day_of(now), by=by, now=now)
            record(EventName.MATTER_CLOSED, finished, by=by, now=now, data={"by_work_items": True})
    return closed


_DONE = (State.CLOSED, State.TERMINATED, State.CARRIED_OVER)


def _close(matter: Matter, *, asked_on: date, by: Actor, now: datetime) -> Matter:
    closed = take_step(
        [matter],
        Step.GRANT,
        from_states=[State.CLOSING],
        state=State.CLOSED,
        closed_at=now,
        closed_by_name=by.name,
    )[0]
    Matter.objects.filter(pk=closed.pk, first_closed_on=None).update(first_closed_on=day_of(now))
    closed.refresh_from_db()
    Obligation.objects.filter(matter=closed, state=OwedState.OPEN, kind__in=(Owed.FINAL, Owed.MILESTONE)).update(
        state=OwedState.MET, met_on=asked_on, ended_at=now
    )
    keep_in_step([closed], now=now, reason="已销号")
    return closed


@transaction.atomic
def reopen(matter: Matter, *, reason: str, by: Actor, now: datetime, due_on: date | None = None) -> Matter:
    """重新办理: a closed matter is worked on again; the day it was first closed stays. A closed parent reopens with it.

    due_on: a new final date, else the old one holds. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.CLOSURE_GRANT, jurisdiction_id=matter.jurisdiction_id)
    reason = said(reason, field="reason", message="请写明重新办理的理由。")
    if due_on is not None and due_on < day_of(now):
        raise Invalid("新的办结时限不能早于今天。", field="due_on")
    reopened = _reopen(matter, reason=reason, due_on=due_on, by=by, now=now)
    if matter.parent_id is not None:
        parent = Matter.objects.select_for_update().select_related("plan").get(pk=matter.parent_id)
        if parent.state == State.CLOSED:
            _reopen(parent, reason=f"{reopened}重新办理", due_on=None, by=by, now=now)
    return reopened


def _reopen(matter: Matter, *, reason: str, due_on: date | None, by: Actor, now: datetime) -> Matter:
    before = Matter.objects.values("closed_at", "due_on").get(pk=matter.pk)
    changes: dict[str, Any] = {"due_on": due_on} if due_on is not None else {}
    reopened = take_step(
        [matter],
        Step.REOPEN,
        from_states=[State.CLOSED],
        state=State.IN_PROGRESS,
        closed_at=None,
        closed_by_name="",
        closing_asked_at=None,
        **changes,
    )[0]
    keep_in_step([reopened], now=now, reason="重新办理")
    data = {
        "reason": reason,
        "closed_on": day_of(before["closed_at"]).isoformat() if before["closed_at"] else None,
        "due_on": {"before": before["due_on"].isoformat(), "after": reopened.due_on.isoformat()},
    }
    MatterChange.objects.create(
        matter=reopened,
        kind=ChangeKind.REOPEN,
        before={"closed_on": data["closed_on"], "due_on": before["due_on"].isoformat()},
        after={"due_on": reopened.due_on.isoformat()},
        reason=reason[:500],
        effective_on=day_of(now),
        recorded_at=now,
        recorded_by_name=by.name,
    )
    record(EventName.MATTER_REOPENED, reopened, by=by, now=now, data=data)
    return reopened
