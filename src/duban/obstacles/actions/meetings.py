"""调度会: called with an agenda, held with decisions that units then owe; done, looked at, accepted or returned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI, day_of
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.matters.actions import Behalf, hold_open, let_go, meet_owed, owe
from duban.matters.models import Plan
from duban.matters.rules import Owed
from duban.obstacles.actions.difficulties import check_behalf, told_by
from duban.obstacles.models import AgendaItem, Decision, DecisionReply, Meeting, Obstacle, Round
from duban.obstacles.queries import Hand, agenda_of, hand_to_finish
from duban.obstacles.rules import (
    DECISION_LENGTH,
    DONE_LENGTH,
    ITEM_LENGTH,
    NOTE_LENGTH,
    PLACE_LENGTH,
    TITLE_LENGTH,
    Cause,
    DecisionState,
    MeetingState,
    ObstacleState,
    checked_text,
)
from duban.orgs.models import Post, Unit
from duban.orgs.rules import PostKind


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a meeting is called with. obstacles, items: the difficulties first, then items of the office's own."""

    title: str
    starts_at: datetime
    place: str
    chair: Post
    obstacles: Sequence[Obstacle] = ()
    items: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided on one item. Without words nothing was decided; with units there must be a day."""

    item_id: int
    decision: str = ""
    units: Sequence[Unit] = ()
    due_on: date | None = None


@transaction.atomic
def call_meeting(plan: Plan, *, agenda: Agenda, by: Actor, now: datetime) -> Meeting:
    """安排调度会: call a meeting with its agenda. Raises NotAllowed, Invalid, WrongState."""
    require(by, Permission.MEETING_HOLD, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)  # a double click calls one after the other
    meeting = Meeting(jurisdiction_id=plan.jurisdiction_id, plan=plan, called_at=now, called_by_name=by.name[:40])
    items = _apply(meeting, agenda, by=by)
    same = Meeting.objects.filter(
        jurisdiction_id=plan.jurisdiction_id, title=meeting.title, starts_at=meeting.starts_at
    ).exclude(state=MeetingState.CANCELLED)
    if same.exists():
        raise WrongState("同名同时的调度会已经安排。")
    meeting.save(force_insert=True)
    AgendaItem.objects.bulk_create(items)
    record(EventName.MEETING_CALLED, _about(meeting, {"after": _shown(meeting, items)}), by=by, now=now)
    return meeting


@transaction.atomic
def change_meeting(meeting: Meeting, *, version: int, agenda: Agenda, by: Actor, now: datetime) -> Meeting:
    """修改调度会安排: before it is held. version: that of the meeting the writer saw.

    Raises NotAllowed, Invalid, WrongState, Conflict (`theirs`: the meeting as it stands now).
    """
    require(by, Permission.MEETING_HOLD, jurisdiction_id=meeting.jurisdiction_id)
    standing = Meeting.objects.select_for_update(of=("self",)).select_related("chair", "plan").get(pk=meeting.pk)
    if standing.state != MeetingState.CALLED:
        raise WrongState("调度会已经召开或取消，不能再改。")
    if standing.version != version:
        raise Conflict("他人刚刚修改了这次调度会，请对照后再保存。", theirs=standing)
    former = agenda_of(standing)
    before = _shown(standing, former)
    items = _apply(standing, agenda, by=by)
    after = _shown(standing, items)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return standing
    standing.version += 1
    standing.save()
    AgendaItem.objects.filter(pk__in=[one.pk for one in former]).delete()  # nothing was decided on them yet
    AgendaItem.objects.bulk_create(items)
    data = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
    record(EventName.MEETING_CHANGED, _about(standing, data), by=by, now=now)
    return standing


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, reason: str, by: Actor, now: datetime) -> Meeting:
    """取消调度会, with the reason; its items are free for another. Raises NotAllowed, Invalid, WrongState."""
    require(by, Permission.MEETING_HOLD, jurisdiction_id=meeting.jurisdiction_id)
    words = checked_text(reason, what="取消的理由", field="reason", most=NOTE_LENGTH)
    _claim_meeting(meeting, state=MeetingState.CANCELLED, cancelled_reason=words)
    record(EventName.MEETING_CANCELLED, _about(meeting, {"reason": words}), by=by, now=now)
    return meeting


@transaction.atomic
def hold_meeting(meeting: Meeting, *, minutes: Sequence[Decided], by: Actor, now: datetime) -> Meeting:
    """议定事项: enter what was decided; each responsible unit then owes it, and the difficulty has its answer.

    Items nothing was decided on stay as they were. A difficulty ended meanwhile stays ended.
    Raises NotAllowed, Invalid (`field`: decision-<item>, units-<item>, due-<item>), WrongState.
    """
    require(by, Permission.MEETING_HOLD, jurisdiction_id=meeting.jurisdiction_id)
    today = day_of(now)
    if day_of(meeting.starts_at) > today:
        raise Invalid("会议还没有召开，不能录入议定事项。", field="starts_at")
    on_agenda = AgendaItem.objects.filter(meeting=meeting).values("obstacle_id")
    list(Obstacle.objects.select_for_update().filter(pk__in=on_agenda).order_by("pk"))  # nobody answers meanwhile
    items = {one.pk: one for one in agenda_of(meeting)}
    for item in items.values():
        item.meeting = meeting
    decided = [_checked(one, items=items, today=today) for one in minutes if one.decision.strip() or one.units]
    if not decided:
        raise Invalid("请至少写明一项议定事项。", field="decision")
    _claim_meeting(meeting, state=MeetingState.HELD, held_at=now, held_by_name=by.name[:40])
    for one in decided:
        items[one.item_id].decision = one.decision
    AgendaItem.objects.bulk_update([items[one.item_id] for one in decided], ["decision"])
    subjects = []
    for one in decided:
        item = items[one.item_id]
        _let_owe(meeting, item, one, by=by, now=now)
        if item.obstacle is not None:
            _answer(item.obstacle, item=item, by=by, now=now)
            subjects.append(_about_item(meeting, item, item.obstacle, one))
    record(EventName.MEETING_HELD, _about(meeting, {"decided": len(decided), "items": len(items)}), by=by, now=now)
    record_many(EventName.ITEM_DECIDED, subjects, by=by, now=now)
    return meeting


@transaction.atomic
def finish_decision(
    decision: Decision, *, text: str, by: Actor, now: datetime, behalf: Behalf | None = None
) -> Decision:
    """落实议定事项: the unit says in one sentence that it is done; the office then looks at it.

    Raises NotAllowed, WrongState (said already), Invalid.
    """
    place = decision.item.meeting.jurisdiction_id
    require(by, Permission.OBSTACLE_ANSWER, unit_id=decision.unit_id, jurisdiction_id=place)
    hand = hand_to_finish(by, decision)
    if hand is None:
        raise NotAllowed("由承办单位办理。")
    check_behalf(behalf, is_own=hand is Hand.OWN)
    words = checked_text(text, what="落实情况", field="text", most=DONE_LENGTH)
    _claim(decision, DecisionState.OPEN, state=DecisionState.DONE)
    told = told_by(behalf)
    DecisionReply.objects.filter(decision=decision, number=decision.reply_no).update(
        text=words, answered_at=now, answered_by_name=by.name[:40], **told
    )
    meet_owed(decision, by=by, now=now)
    record(EventName.DECISION_DONE, _about_decision(decision, {"text": words, **told}), by=by, now=now)
    return decision


@transaction.atomic
def accept_decision(decision: Decision, *, by: Actor, now: datetime) -> Decision:
    """认可: the office finds a decision carried out. Raises NotAllowed, WrongState."""
    require(by, Permission.MEETING_HOLD, jurisdiction_id=decision.item.meeting.jurisdiction_id)
    _claim(
        decision,
        DecisionState.DONE,
        state=DecisionState.ACCEPTED,
        accepted_at=now,
        accepted_by_name=by.name[:40],
    )
    record(EventName.DECISION_ACCEPTED, _about_decision(decision, {}), by=by, now=now)
    return decision


@transaction.atomic
def return_decision(decision: Decision, *, reason: str, due_on: date, by: Actor, now: datetime) -> Decision:
    """退回: the office is not content and says why; the unit owes it again. Raises NotAllowed, Invalid, WrongState."""
    require(by, Permission.MEETING_HOLD, jurisdiction_id=decision.item.meeting.jurisdiction_id)
    words = checked_text(reason, what="退回的理由", field="reason", most=NOTE_LENGTH)
    if due_on < day_of(now):
        raise Invalid("期限不能早于今天。", field="due_on")
    _claim(decision, DecisionState.DONE, state=DecisionState.OPEN, reply_no=decision.reply_no + 1)
    _ask(decision, due_on=due_on, returned=words, by=by, now=now)
    data = {"reason": words, "due_on": due_on}
    record(EventName.DECISION_RETURNED, _about_decision(decision, data), by=by, now=now)
    return decision


# ---- what they share


def _apply(meeting: Meeting, agenda: Agenda, *, by: Actor) -> list[AgendaItem]:
    """Set what a meeting is called with, and return its items, not saved. Raises Invalid."""
    meeting.title = checked_text(agenda.title, what="会议名称", field="title", most=TITLE_LENGTH)
    meeting.place = checked_text(agenda.place, what="地点", field="place", most=PLACE_LENGTH)
    meeting.starts_at = agenda.starts_at
    chair = agenda.chair
    if chair.jurisdiction_id != meeting.jurisdiction_id or chair.kind not in (
        PostKind.LEADER,
        PostKind.GOVERNMENT_HEAD,
    ):
        raise Invalid("请选择主持的领导。", field="chair")
    meeting.chair = chair
    wanted = {one.pk: one for one in agenda.obstacles}
    live = set(
        Obstacle.objects.visible_to(by)
        .live()
        .filter(pk__in=wanted, jurisdiction_id=meeting.jurisdiction_id)
        .values_list("pk", flat=True)
    )
    if wanted.keys() - live:
        raise Invalid("有的困难问题刚刚已经销结，请刷新后再选。", field="obstacles")
    own = [checked_text(one, what="议题", field="items", most=ITEM_LENGTH) for one in agenda.items if one.strip()]
    if not wanted and not own:
        raise Invalid("请至少列一个议题。", field="items")
    rows = [AgendaItem(meeting=meeting, obstacle=one) for one in wanted.values()]
    rows += [AgendaItem(meeting=meeting, title=one) for one in dict.fromkeys(own)]
    for order, row in enumerate(rows, start=1):
        row.order = order
    return rows


def _shown(meeting: Meeting, items: Sequence[AgendaItem]) -> dict[str, Any]:
    """Return what a meeting is called with in words, as events hold it."""
    return {
        "会议名称": meeting.title,
        "时间": meeting.starts_at.astimezone(SHANGHAI).isoformat(timespec="minutes"),
        "地点": meeting.place,
        "主持": meeting.chair.title,
        "议题": [one.title or (one.obstacle.problem if one.obstacle is not None else "") for one in items],
    }


def _checked(one: Decided, *, items: dict[int, AgendaItem], today: date) -> Decided:
    key = one.item_id
    if key not in items:
        raise Invalid("议题刚刚被修改过，请刷新后再填。", field="decision")
    words = checked_text(one.decision, what="议定事项", field=f"decision-{key}", most=DECISION_LENGTH)
    units = list({unit.pk: unit for unit in one.units}.values())
    for unit in units:
        if unit.jurisdiction_id != items[key].meeting.jurisdiction_id or unit.merged_into_id is not None:
            raise Invalid(f"“{unit.name}”不是本辖区现有的单位。", field=f"units-{key}")
    if units and one.due_on is None:
        raise Invalid("请写明落实的期限。", field=f"due-{key}")
    if one.due_on is not None and one.due_on < today:
        raise Invalid("期限不能早于今天。", field=f"due-{key}")
    return Decided(key, words, units, one.due_on)


def _let_owe(meeting: Meeting, item: AgendaItem, one: Decided, *, by: Actor, now: datetime) -> None:
    if one.due_on is None:
        return
    for unit in one.units:
        decision = Decision.objects.create(item=item, unit=unit)
        _ask(decision, due_on=one.due_on, returned="", by=by, now=now)


def _ask(decision: Decision, *, due_on: date, returned: str, by: Actor, now: datetime) -> None:
    """Let a unit owe what was decided, with a new round to reply in."""
    DecisionReply.objects.create(
        decision=decision,
        number=decision.reply_no,
        returned=returned,
        asked_at=now,
        asked_by_name=by.name[:40],
    )
    item = decision.item
    owe(
        decision.unit,
        plan=item.meeting.plan,
        kind=Owed.DECISION,
        subject=decision,
        title=f"落实调度会议定事项：{item.decision.rstrip('。；')}",
        due_on=due_on,
        matter=item.obstacle.matter if item.obstacle is not None else None,
        by=by,
        now=now,
    )


def _answer(obstacle: Obstacle, *, item: AgendaItem, by: Actor, now: datetime) -> None:
    """Let a difficulty have the decision for its answer, unless it was ended meanwhile; nobody else owes one then."""
    claimed = (
        Obstacle.objects.filter(pk=obstacle.pk, round_no=obstacle.round_no)
        .exclude(state=ObstacleState.CLOSED)
        .update(state=ObstacleState.ANSWERED, round_no=obstacle.round_no + 1)
    )
    if not claimed:
        return
    obstacle.state, obstacle.round_no = ObstacleState.ANSWERED, obstacle.round_no + 1
    let_go(obstacle, reason="调度会已议定", by=by, now=now)
    Round.objects.create(
        obstacle=obstacle,
        number=obstacle.round_no,
        cause=Cause.MEETING,
        item=item,
        asked_at=now,
        asked_by_name=by.name[:40],
        answer=item.decision,
        answered_at=now,
        answered_by_name=by.name[:40],
    )


def _claim_meeting(meeting: Meeting, **changes: Any) -> None:
    claimed = Meeting.objects.filter(pk=meeting.pk, state=MeetingState.CALLED, version=meeting.version)
    if not claimed.update(**changes):
        raise WrongState("这次调度会刚刚已由他人办理，请看现在的情况。")
    for name, value in changes.items():
        setattr(meeting, name, value)


def _claim(decision: Decision, seen: DecisionState, /, **changes: Any) -> None:
    """Change what stands as the acting person saw it, or raise WrongState: somebody was first."""
    claimed = Decision.objects.filter(pk=decision.pk, state=seen, reply_no=decision.reply_no).update(**changes)
    if not claimed:
        raise WrongState("这件议定事项刚刚已由他人办理，请看现在的情况。")
    for name, value in changes.items():
        setattr(decision, name, value)


def _about(meeting: Meeting, data: dict[str, Any]) -> Subject:
    return Subject(
        type="meeting",
        id=meeting.pk,
        label=meeting.title,
        jurisdiction_id=meeting.jurisdiction_id,
        data=data,
    )


def _about_item(meeting: Meeting, item: AgendaItem, obstacle: Obstacle, one: Decided) -> Subject:
    concerned = {obstacle.unit_id, obstacle.to_unit_id, *(unit.pk for unit in one.units)}
    return Subject(
        type="obstacle",
        id=obstacle.pk,
        label=str(obstacle),
        matter_id=obstacle.matter_id,
        jurisdiction_id=meeting.jurisdiction_id,
        data={
            "unit": obstacle.unit.name,
            "unit_ids": sorted(pk for pk in concerned if pk is not None),
            "meeting": meeting.title,
            "decision": item.decision,
            "units": [unit.name for unit in one.units],
            "due_on": one.due_on,
        },
    )


def _about_decision(decision: Decision, data: dict[str, Any]) -> Subject:
    item = decision.item
    obstacle = item.obstacle
    concerned = {decision.unit_id} | ({obstacle.unit_id} if obstacle is not None else set())
    return Subject(
        type="decision",
        id=decision.pk,
        label=f"{item.meeting.title}议定事项",
        matter_id=obstacle.matter_id if obstacle is not None else None,
        jurisdiction_id=item.meeting.jurisdiction_id,
        data={
            "unit": decision.unit.name,
            "unit_ids": sorted(concerned),
            "meeting": item.meeting.title,
            "decision": item.decision,
            **data,
        },
    )
