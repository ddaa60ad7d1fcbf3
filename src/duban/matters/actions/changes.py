"""Approved changes: the original stays visible in `MatterChange`, and what is owed follows."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, WrongState
from duban.core.seen import require_seen
from duban.core.text import date_text
from duban.core.workdays import add_workdays
from duban.matters.actions.duties import keep_in_step, meet_signature, owe_by_units, waive
from duban.matters.actions.entry import (
    NewApproval,
    NewAssignment,
    NewGroup,
    NewMatter,
    NewMilestone,
    NewOverseer,
    NewTarget,
    approval_data,
    assignment_words,
    assignments_of,
    draft_of,
    groups_of,
    hold_open,
    make_approval,
    milestones_of,
    overseers_of,
    put_details,
    require_in_each,
    shown_rows,
    sounds_of,
    take_step,
    targets_of,
)
from duban.matters.actions.judging import facts_changed
from duban.matters.actions.life import hand_out, said
from duban.matters.models import (
    Approval,
    Assignment,
    Matter,
    MatterChange,
    Milestone,
    NamedGroup,
    Obligation,
    Overseer,
    Plan,
    Target,
)
from duban.matters.queries import milestone_words, milestones_shown, policy_of
from duban.matters.rules import (
    OPEN_STATES,
    PART_LABELS,
    STATE_LABELS,
    ChangeKind,
    Kind,
    Origin,
    OverseerRelation,
    Owed,
    OwedState,
    Part,
    State,
    Step,
    SupervisionType,
)

_LIVE = (State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an adjustment changes; None leaves as it is. A later final date is an extension, not an adjustment."""

    text: str | None = None
    deadline_text: str | None = None
    starts_on: date | None = None
    due_on: date | None = None
    assignments: Sequence[NewAssignment] | None = None
    groups: Sequence[NewGroup] | None = None
    overseers: Sequence[NewOverseer] | None = None
    targets: Sequence[NewTarget] | None = None


def _note(
    matter: Matter,
    kind: ChangeKind,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str,
    approval: Approval | None,
    by: Actor,
    now: datetime,
    is_bulk: bool = False,
) -> MatterChange:
    return MatterChange(
        matter=matter,
        kind=kind,
        before=before,
        after=after,
        reason=reason[:500],
        approval=approval,
        is_bulk=is_bulk,
        effective_on=day_of(now),
        recorded_at=now,
        recorded_by_name=by.name,
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _data(change: MatterChange) -> dict[str, Any]:
    data = {"before": change.before, "after": change.after, "reason": change.reason}
    return data | ({"approval": approval_data(change.approval)} if change.approval else {})


def _reason(reason: str) -> str:
    return said(reason, field="reason", message="请写明理由。")


def _refuse_open_work_items(matters: Sequence[Matter], words: str) -> None:
    open_item = Matter.objects.filter(parent__in=[one.pk for one in matters], state__in=OPEN_STATES).first()
    if open_item is not None:
        raise WrongState(f"还有未办结的工作子项（{open_item}），不能{words}。")


@transaction.atomic
def adjust(
    matter: Matter,
    *,
    adjustment: Adjustment,
    reason: str,
    approval: NewApproval,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Matter:
    """调整: change the text, the units, the leaders or the targets of a matter, approved. The original stays.

    version: that of the matter the editor saw, None where no form was shown. A unit taken off owes nothing more; a
    unit put on owes what its part brings. Raises NotAllowed, Invalid, WrongState, Conflict (`theirs`: the matter).
    """
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=matter.jurisdiction_id)
    reason = _reason(reason)
    standing = Matter.objects.select_for_update().select_related("plan__policy").get(pk=matter.pk)
    if version is not None and standing.version != version:
        raise Conflict(f"{standing}刚刚被他人修改过，请对照后再保存。", theirs=standing)
    if adjustment.text is not None and not adjustment.text.strip():
        raise Invalid("具体目标任务不能为空。", field="text")
    if adjustment.due_on is not None and adjustment.due_on > standing.due_on:
        raise Invalid("推迟办结时限请办理延期。", field="due_on")
    before, after, columns = {}, {}, {}
    for name in ("text", "deadline_text", "starts_on", "due_on"):
        value = getattr(adjustment, name)
        value = value.strip() if isinstance(value, str) else value
        if value is not None and value != getattr(standing, name):
            before[name], after[name] = _plain(getattr(standing, name)), _plain(value)
            columns[name] = value
    if columns.get("due_on", standing.due_on) < columns.get("starts_on", standing.starts_on):
        raise Invalid("办结时限早于起始日期。", field="due_on")
    if "text" in columns:
        columns |= sounds_of(standing.title, columns["text"])
    rows = {
        name: shown(standing)
        for name, shown in _SHOWN.items()
        if getattr(adjustment, name) is not None or (name == "assignments" and adjustment.groups is not None)
    }
    adjusted = take_step([standing], Step.ADJUST, from_states=_LIVE, **columns)[0]
    if adjustment.assignments is not None:
        _change_units(adjusted, adjustment.assignments, now=now)
    if adjustment.groups is not None:
        adjusted.named_groups.all().delete()
        NamedGroup.objects.bulk_create(groups_of(adjusted, adjustment.groups))
    if adjustment.overseers is not None:
        adjusted.overseers.all().delete()
        Overseer.objects.bulk_create(overseers_of(adjusted, adjustment.overseers))
    if adjustment.targets is not None:
        _change_targets(adjusted, adjustment.targets)
    for name, shown in rows.items():
        stands = _SHOWN[name](adjusted)
        if stands != shown:
            before[name], after[name] = shown, stands
    if not after:
        raise Invalid("没有任何改变，不必调整。")
    if adjusted.state != State.REGISTERED:
        keep_in_step([adjusted], now=now, reason="调整")
    decided = make_approval(approval, jurisdiction_id=adjusted.jurisdiction_id, by=by, now=now)
    change = _note(
        adjusted, ChangeKind.ADJUST, before=before, after=after, reason=reason, approval=decided, by=by, now=now
    )
    change.save()
    record(EventName.MATTER_ADJUSTED, adjusted, by=by, now=now, data=_data(change))
    return adjusted


def _units_words(matter: Matter) -> list[str]:
    """Return the units of a matter as its cells name them: a group once, with its members behind it."""
    groups = list(matter.named_groups.all())
    named = {(one.part, one.name) for one in groups}
    active = list(matter.assignments.filter(ended_at=None).select_related("unit", "post"))
    single = [one for one in active if (one.part, one.from_group) not in named]
    words = [
        (
            one.part,
            one.order,
            assignment_words(one.part, one.unit.name, one.post.title if one.post else "", one.qualifier),
        )
        for one in single
    ]
    for group in groups:
        members = "、".join(one.unit.name for one in active if (one.part, one.from_group) == (group.part, group.name))
        whole = f"{PART_LABELS[Part(group.part)]} {group.name}" + (f"（{members}）" if members else "")
        words.append((group.part, group.order, whole))
    return [one for _, _, one in sorted(words, key=lambda each: each[:2])]


_SHOWN: dict[str, Callable[[Matter], list[str]]] = {
    "assignments": _units_words,
    "overseers": lambda matter: shown_rows(matter, "overseers"),
    "targets": lambda matter: shown_rows(matter, "targets"),
}


def _change_targets(matter: Matter, wanted: Sequence[NewTarget]) -> None:
    """Bring the targets of a matter to what is wanted; one that only gets another number keeps its figures."""
    free = list(matter.targets.all())
    kept, fresh = [], []
    for row in targets_of(matter, wanted):
        same = [one for one in free if one.text == row.text] or [
            one for one in free if (one.unit_of_measure, one.subject) == (row.unit_of_measure, row.subject)
        ]
        if not same:
            fresh.append(row)
            continue
        free.remove(same[0])
        row.pk = same[0].pk
        kept.append(row)
    Target.objects.filter(pk__in=[one.pk for one in free]).delete()
    Target.objects.bulk_update(kept, ["order", "text", "value", "upper", "unit_of_measure", "sense", "subject"])
    Target.objects.bulk_create(fresh)


def _change_units(matter: Matter, wanted: Sequence[NewAssignment], *, now: datetime) -> None:
    """Bring the active assignments of a matter to what is wanted: ended, kept (with their signature) or new."""
    rows = assignments_of(matter, wanted)
    if not any(row.is_merging for row in rows):
        raise Invalid("至少要有一个牵头单位。", field="assignments")
    standing = {row.unit_id: row for row in Assignment.objects.filter(matter=matter, ended_at=None)}
    Assignment.objects.filter(matter=matter, ended_at=None).update(is_merging=False)
    gone = [row.pk for unit_id, row in standing.items() if unit_id not in {one.unit_id for one in rows}]
    Assignment.objects.filter(pk__in=gone).update(ended_at=now)
    fresh: list[Assignment] = []
    kept: list[Assignment] = []
    for row in rows:
        old = standing.get(row.unit_id)
        if old is None:
            fresh.append(row)
            continue
        for name in ("part", "order", "is_merging", "post", "qualifier", "from_group", "due_on"):
            setattr(old, name, getattr(row, name))
        kept.append(old)
    names = ["part", "order", "is_merging", "post", "qualifier", "from_group", "due_on"]
    Assignment.objects.bulk_update(kept, names)
    Assignment.objects.bulk_create(fresh)
    if matter.state in (State.ASSIGNED, State.IN_PROGRESS):
        owe_by_units(matter.plan, [row.unit_id for row in fresh], now=now)
        meet_signature(matter.plan, [row.unit_id for row in standing.values() if row.pk in gone], now=now)


def extend(
    matter: Matter,
    *,
    due_on: date,
    reason: str,
    approval: NewApproval,
    by: Actor,
    now: datetime,
    asked_on: date | None = None,
    late_reason: str = "",
) -> Matter:
    """延期 of one matter, asked before its due date, at most as often as the policy says.

    asked_on: the day the unit asked, where it did; else the approval itself has to be in time.   late_reason: why it
    is granted although it was asked too late.
    Raises NotAllowed, Invalid, WrongState. Source: docs/sources.md#reports (Extension)
    """
    day = _Days(to=due_on, asked_on=asked_on, late_reason=late_reason.strip())
    return _extend([matter], days=day, reason=reason, approval=approval, by=by, now=now)[0]


def extend_many(
    matters: Sequence[Matter],
    *,
    due_on: date | timedelta,
    reason: str,
    approval: NewApproval,
    by: Actor,
    now: datetime,
) -> list[Matter]:
    """集中延期 for an event beyond the units: outside the cap, also after the due date. Raises as `extend`.

    due_on: one day for all, or how much later each becomes due.
    """
    return _extend(matters, days=_Days(to=due_on, is_bulk=True), reason=reason, approval=approval, by=by, now=now)


@dataclass(frozen=True, slots=True)
class _Days:
    """Until when matters are extended, and what is known of when that was asked for."""

    to: date | timedelta
    asked_on: date | None = None
    late_reason: str = ""
    is_bulk: bool = False

    def of(self, matter: Matter) -> date:
        """Return the new final date of a matter."""
        return matter.due_on + self.to if isinstance(self.to, timedelta) else self.to

    def is_late(self, matter: Matter, *, approved_on: date, decide_workdays: int) -> bool:
        """Return whether the extension was asked for after the due date, as far as one can tell."""
        if self.asked_on is not None:
            return self.asked_on > matter.due_on
        return approved_on > add_workdays(matter.due_on, decide_workdays)


@transaction.atomic
def _extend(
    matters: Sequence[Matter],
    *,
    days: _Days,
    reason: str,
    approval: NewApproval,
    by: Actor,
    now: datetime,
) -> list[Matter]:
    require_in_each(by, Permission.CHANGE_APPROVE, matters)
    reason = _reason(reason)
    if not matters:
        raise Invalid("请选择要延期的事项。", field="matters")
    ids = [one.pk for one in matters]
    standing = list(Matter.objects.select_for_update(of=("self",)).filter(pk__in=ids).select_related("plan__policy"))
    late = {}
    for one in standing:
        if days.of(one) <= one.due_on:
            raise Invalid(f"新的时限应晚于{one}现在的办结时限（{date_text(one.due_on)}）。", field="due_on")
        if days.is_bulk:
            continue
        figures = policy_of(one.plan).changes
        taken = MatterChange.objects.filter(matter=one, kind=ChangeKind.EXTEND, is_bulk=False).count()
        if taken >= figures.extensions_most:
            raise WrongState(f"{one}已延期 {taken} 次，按督查规则最多 {figures.extensions_most} 次。")
        if days.is_late(one, approved_on=approval.approved_on, decide_workdays=figures.decide_workdays):
            if not days.late_reason:
                raise WrongState(f"{one}的办结时限（{date_text(one.due_on)}）已过，延期须在到期前申请。")
            late = {"late_reason": days.late_reason}
    before = {one.pk: one.due_on for one in standing}
    extended = []
    by_day: dict[date, list[Matter]] = defaultdict(list)
    for one in standing:
        by_day[days.of(one)].append(one)
    for day, some in by_day.items():
        extended += take_step(some, Step.EXTEND, from_states=_LIVE, due_on=day)
    keep_in_step([one for one in extended if one.state != State.REGISTERED], now=now, reason="延期")
    decided = make_approval(approval, jurisdiction_id=standing[0].jurisdiction_id, by=by, now=now)
    changes = [
        _note(
            one,
            ChangeKind.EXTEND,
            before={"due_on": before[one.pk].isoformat()},
            after={"due_on": one.due_on.isoformat()},
            reason=reason,
            approval=decided,
            by=by,
            now=now,
            is_bulk=days.is_bulk,
        )
        for one in extended
    ]
    MatterChange.objects.bulk_create(changes)
    record_many(
        EventName.MATTER_EXTENDED,
        [_about(change.matter, {**_data(change), **late, "is_bulk": days.is_bulk}) for change in changes],
        by=by,
        now=now,
    )
    return extended


def _about(matter: Matter, data: dict[str, Any]) -> Subject:
    return Subject(
        type="matter",
        id=matter.pk,
        label=str(matter),
        matter_id=matter.pk,
        jurisdiction_id=matter.jurisdiction_id,
        data=data,
    )


@transaction.atomic
def suspend(matter: Matter, *, reason: str, approval: NewApproval, by: Actor, now: datetime) -> Matter:
    """暂停. What is owed stays as it is but is asked of nobody until the matter resumes.

    Raises NotAllowed, Invalid, WrongState (an open work item).
    """
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=matter.jurisdiction_id)
    reason = _reason(reason)
    _refuse_open_work_items([matter], "暂停")
    standing = Matter.objects.select_for_update().get(pk=matter.pk)
    state = standing.state
    paused = take_step(
        [standing], Step.SUSPEND, from_states=[State(state)], state=State.SUSPENDED, state_before_pause=state
    )[0]
    facts_changed([paused.pk], now=now)
    decided = make_approval(approval, jurisdiction_id=paused.jurisdiction_id, by=by, now=now)
    change = _note(
        paused,
        ChangeKind.SUSPEND,
        before={"state": state},
        after={"state": State.SUSPENDED.value},
        reason=reason,
        approval=decided,
        by=by,
        now=now,
    )
    change.save()
    record(EventName.MATTER_SUSPENDED, paused, by=by, now=now, data=_data(change))
    return paused


@transaction.atomic
def resume(
    matter: Matter,
    *,
    reason: str,
    approval: NewApproval,
    by: Actor,
    now: datetime,
    due_on: date | None = None,
) -> Matter:
    """恢复: the matter goes on where it stood. The days of the pause are added to the final date (unless one is given)
    and to the nodes that lay after its beginning; reports that fell due meanwhile are waived.

    Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=matter.jurisdiction_id)
    reason = _reason(reason)
    standing = Matter.objects.select_for_update().get(pk=matter.pk)
    if standing.state != State.SUSPENDED:
        raise WrongState(f"{standing}当前是“{STATE_LABELS[State(standing.state)]}”，没有暂停。")
    paused_on = standing.changes.filter(kind=ChangeKind.SUSPEND).order_by("-recorded_at", "-pk")[0].effective_on
    today = day_of(now)
    pause = today - paused_on
    new_due_on = due_on or standing.due_on + pause
    if new_due_on < standing.due_on:
        raise Invalid("恢复后的办结时限不能早于原定时限。", field="due_on")
    nodes = list(standing.milestones.filter(due_on__gte=paused_on).order_by("-due_on"))
    if nodes and nodes[0].due_on + pause > new_due_on:
        raise Invalid(
            f"节点“{nodes[0].title}”顺延到{date_text(nodes[0].due_on + pause)}，晚于办结时限，请把办结时限定得更晚。",
            field="due_on",
        )
    for node in nodes if pause > timedelta(0) else []:  # the latest first, so that no two ever share a day
        Milestone.objects.filter(pk=node.pk).update(due_on=node.due_on + pause)
    resumed = take_step(
        [standing],
        Step.RESUME,
        from_states=[State.SUSPENDED],
        state=standing.state_before_pause,
        state_before_pause="",
        due_on=new_due_on,
    )[0]
    waive(
        list(
            Obligation.objects.filter(
                matter=resumed, kind=Owed.REPORT, state=OwedState.OPEN, due_on__gte=paused_on, due_on__lt=today
            ).values_list("pk", flat=True)
        ),
        reason="暂停期间免报",
        now=now,
    )
    if resumed.state != State.REGISTERED:
        keep_in_step([resumed], now=now, reason="暂停后顺延")
    decided = make_approval(approval, jurisdiction_id=resumed.jurisdiction_id, by=by, now=now)
    change = _note(
        resumed,
        ChangeKind.RESUME,
        before={"state": State.SUSPENDED.value, "due_on": standing.due_on.isoformat()},
        after={"state": resumed.state, "due_on": new_due_on.isoformat(), "paused_days": pause.days},
        reason=reason,
        approval=decided,
        by=by,
        now=now,
    )
    change.save()
    record(EventName.MATTER_RESUMED, resumed, by=by, now=now, data=_data(change))
    return resumed


@transaction.atomic
def split(
    matter: Matter, *, items: Sequence[NewMatter], reason: str, approval: NewApproval, by: Actor, now: datetime
) -> list[Matter]:
    """拆分 into work items under the matter's own 立项; handed out at once where the matter already is.

    A work item without units takes those of the matter, without a date the matter's. The parent goes on reporting and
    closes when all have closed. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=matter.jurisdiction_id)
    reason = _reason(reason)
    if len(items) < 2 and not matter.work_items.exists():
        raise Invalid("至少拆分为两个工作子项。", field="items")
    if matter.parent_id is not None:
        raise WrongState("工作子项不能再拆分。")
    parent = take_step([matter], Step.SPLIT, from_states=_LIVE)[0]
    own = [
        NewAssignment(one.unit, Part(one.part), one.post, one.qualifier, one.from_group, one.due_on, one.order)
        for one in parent.assignments.filter(ended_at=None).select_related("unit", "post").order_by("order", "pk")
    ]
    own_groups = _groups_again(parent)
    leaders = [NewOverseer(one.post, OverseerRelation(one.relation)) for one in parent.overseers.select_related("post")]
    standing = parent.work_items.count()
    rows, news = [], []
    for number, item in enumerate(items, start=standing + 1):
        new = NewMatter(
            text=item.text,
            serial=item.serial or (f"{parent.serial}-{number}" if parent.serial else ""),
            order=parent.order + number / 1000,
            origin=Origin(parent.origin),
            kind=item.kind,
            field=item.field if item.field is not None else parent.field,
            is_livelihood=parent.is_livelihood if item.is_livelihood is None else item.is_livelihood,
            is_weakness=item.is_weakness,
            supervision_type=SupervisionType(parent.supervision_type),
            title=item.title,
            section=parent.section,
            deadline_text=item.deadline_text,
            starts_on=item.starts_on or parent.starts_on,
            due_on=item.due_on or parent.due_on,
            note=item.note,
            assignments=item.assignments or own,
            groups=item.groups if item.assignments else own_groups,
            overseers=item.overseers or leaders,
            targets=item.targets,
            milestones=item.milestones,
        )
        row = draft_of(parent.plan, new, today=day_of(now))
        if row.due_on > parent.due_on:
            raise Invalid(f"工作子项的时限不能晚于{parent}的办结时限。", field="due_on")
        row.parent, row.state, row.registered_at, row.approval = parent, State.REGISTERED, now, parent.approval
        if parent.state != State.REGISTERED:
            row.state, row.assigned_at = State.ASSIGNED, now
        rows.append(row)
        news.append(new)
    rows = Matter.objects.bulk_create(rows)
    put_details(list(zip(rows, news, strict=True)), now=now)
    if parent.state != State.REGISTERED:
        hand_out(rows, now=now, reason="拆分")
    decided = make_approval(approval, jurisdiction_id=parent.jurisdiction_id, by=by, now=now)
    change = _note(
        parent,
        ChangeKind.SPLIT,
        before={},
        after={"work_items": [row.text for row in rows]},
        reason=reason,
        approval=decided,
        by=by,
        now=now,
    )
    change.save()
    record(EventName.MATTER_SPLIT, parent, by=by, now=now, data={**_data(change), "ids": [row.pk for row in rows]})
    return rows


def _groups_again(matter: Matter) -> list[NewGroup]:
    return [NewGroup(one.name, Part(one.part), one.is_settled, one.order) for one in matter.named_groups.all()]


@transaction.atomic
def carry_over(
    matter: Matter,
    *,
    into: Plan,
    reason: str,
    approval: NewApproval,
    by: Actor,
    now: datetime,
    due_on: date | None = None,
) -> Matter:
    """结转 into a later year's plan: the matter ends here and goes on there, registered, to be handed out anew.

    due_on: the new final date, else the last day of that year. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=matter.jurisdiction_id)
    reason = _reason(reason)
    _refuse_open_work_items([matter], "结转")
    _check_into([matter], into)
    decided = make_approval(approval, jurisdiction_id=matter.jurisdiction_id, by=by, now=now)
    return _carry(matter, into=into, reason=reason, decided=decided, due_on=due_on, by=by, now=now)


@transaction.atomic
def carry_over_many(
    matters: Sequence[Matter],
    *,
    into: Plan,
    reason: str,
    approval: NewApproval,
    by: Actor,
    now: datetime,
    due_on: date | None = None,
) -> list[Matter]:
    """集中结转 at the year's end, under one approval; all or none. Open work items go with the matter they are of.

    Returns what goes on in the later plan, in the order given. Raises as `carry_over`.
    """
    require_in_each(by, Permission.CHANGE_APPROVE, matters)
    reason = _reason(reason)
    if not matters:
        raise Invalid("请选择要结转的事项。", field="matters")
    items = _open_work_items(matters)
    _check_into([*matters, *items], into)
    decided = make_approval(approval, jurisdiction_id=matters[0].jurisdiction_id, by=by, now=now)
    told: dict[str, Any] = {"into": into, "reason": reason, "decided": decided, "due_on": due_on, "by": by, "now": now}
    carried = {one.pk: _carry(one, **told) for one in items}  # a matter ends only once its work items have
    made = []
    for matter in matters:
        if matter.pk in carried:
            continue
        row = _carry(matter, **told)
        made.append(row)
        own = [carried[one.pk] for one in items if one.parent_id == matter.pk]
        for number, item in enumerate(own, start=1):
            item.parent, item.order = row, row.order + number / 1000
        Matter.objects.bulk_update(own, ["parent", "order"])
    return made


@transaction.atomic
def terminate_many(
    matters: Sequence[Matter], *, reason: str, approval: NewApproval, by: Actor, now: datetime
) -> list[Matter]:
    """集中终止 under one approval, all or none; open work items end with the matter they are of.

    Raises as `terminate`.
    """
    require_in_each(by, Permission.CHANGE_APPROVE, matters)
    reason = _reason(reason)
    if not matters:
        raise Invalid("请选择要终止的事项。", field="matters")
    items = _open_work_items(matters)
    decided = make_approval(approval, jurisdiction_id=matters[0].jurisdiction_id, by=by, now=now)
    whole = [*items, *(one for one in matters if one.pk not in {item.pk for item in items})]
    return [_end(one, reason=reason, decided=decided, by=by, now=now) for one in whole]


def _open_work_items(matters: Sequence[Matter]) -> list[Matter]:
    """Return the open work items of these matters, in their order."""
    items = Matter.objects.filter(parent__in=[one.pk for one in matters], state__in=OPEN_STATES)
    return list(items.select_related("plan").order_by("order", "pk"))


def _check_into(matters: Sequence[Matter], into: Plan) -> None:
    """See that these matters may go on in a plan, and hold it. Raises Invalid, WrongState."""
    if any(into.jurisdiction_id != one.jurisdiction_id or into.year <= one.plan.year for one in matters):
        raise Invalid("只能结转到本辖区以后年度的台账。", field="into")
    hold_open(into)


def _carry(
    matter: Matter, *, into: Plan, reason: str, decided: Approval, due_on: date | None, by: Actor, now: datetime
) -> Matter:
    standing = Matter.objects.select_for_update().get(pk=matter.pk)
    state = standing.state
    left = take_step(
        [standing],
        Step.CARRY_OVER,
        from_states=[*_LIVE, State.SUSPENDED],
        state=State.CARRIED_OVER,
        state_before_pause="",
    )[0]
    keep_in_step([left], now=now, reason=f"结转{into.year}年度")
    new = NewMatter(
        text=left.text,
        origin=Origin(left.origin),
        kind=Kind(left.kind),
        field=left.field,
        is_livelihood=left.is_livelihood,
        is_weakness=left.is_weakness,
        supervision_type=SupervisionType(left.supervision_type),
        title=left.title,
        section=left.section,
        starts_on=date(into.year, 1, 1),
        due_on=due_on or date(into.year, 12, 31),
        note=f"由{left.plan.year}年度{left}结转",
        assignments=[
            NewAssignment(one.unit, Part(one.part), one.post, one.qualifier, one.from_group, place=one.order)
            for one in left.assignments.filter(ended_at=None).select_related("unit", "post").order_by("order", "pk")
        ],
        groups=_groups_again(left),
        overseers=[
            NewOverseer(one.post, OverseerRelation(one.relation)) for one in left.overseers.select_related("post")
        ],
        targets=[
            NewTarget(one.text, one.value, one.upper, one.unit_of_measure, one.sense, one.subject)
            for one in left.targets.all()
        ],
    )
    row = draft_of(into, new, today=day_of(now))
    last = into.matters.order_by("-order").values_list("order", flat=True).first()
    row.order = (last or 0) + 1
    row.state, row.registered_at, row.approval, row.carried_from = State.REGISTERED, now, decided, left
    row.save()
    put_details([(row, new)], now=now)
    change = _note(
        left,
        ChangeKind.CARRY_OVER,
        before={"state": state, "plan": left.plan.year},
        after={"state": State.CARRIED_OVER.value, "plan": into.year, "due_on": row.due_on.isoformat()},
        reason=reason,
        approval=decided,
        by=by,
        now=now,
    )
    change.save()
    record(EventName.MATTER_CARRIED_OVER, left, by=by, now=now, data={**_data(change), "id": row.pk})
    record(
        EventName.MATTER_CREATED,
        row,
        by=by,
        now=now,
        data={"origin": row.origin, "text": row.text, "carried_from": left.pk, "from_year": left.plan.year},
    )
    return row


@transaction.atomic
def terminate(matter: Matter, *, reason: str, approval: NewApproval, by: Actor, now: datetime) -> Matter:
    """终止: the matter is given up, approved; what it owed is waived. Raises NotAllowed, Invalid, WrongState."""
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=matter.jurisdiction_id)
    reason = _reason(reason)
    _refuse_open_work_items([matter], "终止")
    decided = make_approval(approval, jurisdiction_id=matter.jurisdiction_id, by=by, now=now)
    return _end(matter, reason=reason, decided=decided, by=by, now=now)


def _end(matter: Matter, *, reason: str, decided: Approval, by: Actor, now: datetime) -> Matter:
    standing = Matter.objects.select_for_update().get(pk=matter.pk)
    state = standing.state
    ended = take_step(
        [standing],
        Step.TERMINATE,
        from_states=[*_LIVE, State.SUSPENDED],
        state=State.TERMINATED,
        state_before_pause="",
    )[0]
    keep_in_step([ended], now=now, reason="事项终止")
    change = _note(
        ended,
        ChangeKind.TERMINATE,
        before={"state": state},
        after={"state": State.TERMINATED.value},
        reason=reason,
        approval=decided,
        by=by,
        now=now,
    )
    change.save()
    record(EventName.MATTER_TERMINATED, ended, by=by, now=now, data=_data(change))
    return ended


@transaction.atomic
def set_milestones(
    matter: Matter,
    *,
    milestones: Sequence[NewMilestone],
    reason: str,
    by: Actor,
    now: datetime,
    seen: str | None = None,
) -> Matter:
    """明确时间节点: the office sets the nodes of a matter anew; what is owed follows.

    seen: of `milestones_shown`, as the form showed them. A node on a day that stays keeps its obligation.
    Raises NotAllowed, Invalid, WrongState, Conflict (`theirs`: what stands).
    """
    require(by, Permission.MATTER_EDIT, jurisdiction_id=matter.jurisdiction_id)
    standing = Matter.objects.select_for_update().get(pk=matter.pk)
    require_seen(
        seen,
        standing=milestones_shown(standing.milestones.all()),
        message=f"{standing}的时间节点刚刚被他人修改过，请对照后再保存。",
    )
    return set_milestones_of([(matter, milestones)], reason=reason, by=by, now=now)[0]


@transaction.atomic
def set_milestones_of(
    wanted: Sequence[tuple[Matter, Sequence[NewMilestone]]], *, reason: str, by: Actor, now: datetime
) -> list[Matter]:
    """Set the nodes of several matters; see `set_milestones`. All or none, in a fixed number of statements."""
    require_in_each(by, Permission.MATTER_EDIT, [matter for matter, _ in wanted])
    reason = _reason(reason)
    nodes = {matter.pk: given for matter, given in wanted}
    set_on = take_step([matter for matter, _ in wanted], Step.EDIT, from_states=[State.DRAFT, *_LIVE])
    standing: dict[int, dict[date, Milestone]] = {matter.pk: {} for matter in set_on}
    for one in Milestone.objects.filter(matter_id__in=nodes):
        standing[one.matter_id][one.due_on] = one
    gone, kept, fresh, subjects = [], [], [], []
    for matter in set_on:
        old = standing[matter.pk]
        rows = milestones_of(matter, nodes[matter.pk])
        before = [milestone_words(one) for one in old.values()]
        gone += [one.pk for day, one in old.items() if day not in {row.due_on for row in rows}]
        for row in rows:
            same = old.get(row.due_on)
            if same is None:
                fresh.append(row)
                continue
            same.title, same.expected_pct = row.title, row.expected_pct
            kept.append(same)
        after = [milestone_words(one) for one in rows]
        subjects.append(_about(matter, {"before": before, "after": after, "reason": reason}))
    Milestone.objects.filter(pk__in=gone).delete()
    Milestone.objects.bulk_update(kept, ["title", "expected_pct"])
    Milestone.objects.bulk_create(fresh)
    handed_out = [one for one in set_on if one.state in (State.ASSIGNED, State.IN_PROGRESS)]
    if handed_out:
        keep_in_step(handed_out, now=now, reason="调整时间节点")
    record_many(EventName.MILESTONES_SET, subjects, by=by, now=now)
    return set_on
