"""Plans and matters come into being: entered, registered, corrected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
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
from duban.core.errors import Conflict, Invalid, WrongState
from duban.core.pinyin import initials_of, pinyin_of
from duban.matters.actions.judging import facts_changed
from duban.matters.models import (
    Approval,
    Assignment,
    Matter,
    Milestone,
    NamedGroup,
    Overseer,
    Plan,
    PlanPolicy,
    PlanSetting,
    Policy,
    Target,
)
from duban.matters.policy import default_preset, figures_json, figures_of
from duban.matters.rules import (
    MATTER_FIELD_LABELS,
    STATE_LABELS,
    Kind,
    Origin,
    OverseerRelation,
    Part,
    Sense,
    SettingKey,
    State,
    Step,
    SupervisionType,
    checked_setting,
    closed_words,
    may_step,
    order_between,
    propose_due_on,
    propose_field,
    propose_kind,
    propose_livelihood,
)
from duban.orgs.models import Jurisdiction, Post, Unit


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """A unit to be put on a matter. The first lead merges (汇总单位).

    place: where it stands among the units as printed, its group's place for a member; as given where None.
    """

    unit: Unit
    part: Part
    post: Post | None = None
    qualifier: str = ""
    from_group: str = ""
    due_on: date | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class NewGroup:
    """统称 as printed; is_settled: whether somebody said which units are meant.

    place: where it stands among the units as printed; after all of them where None.
    """

    name: str
    part: Part
    is_settled: bool = True
    place: int | None = None


@dataclass(frozen=True, slots=True)
class NewOverseer:
    """A leader who oversees the matter."""

    post: Post
    relation: OverseerRelation = OverseerRelation.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class NewTarget:
    """One quantity: as printed, and as understood."""

    text: str
    value: float | Decimal
    upper: float | Decimal | None = None
    unit_of_measure: str = ""
    sense: Sense | str = Sense.EQUAL
    subject: str = ""


@dataclass(frozen=True, slots=True)
class NewMilestone:
    """A day and the percentage of the whole expected by then."""

    title: str
    due_on: date
    expected_pct: float | Decimal


@dataclass(frozen=True, slots=True)
class NewMatter:
    """A matter to be entered. What is None is proposed from the text; order 0 finds the place of the serial."""

    text: str
    serial: str = ""
    order: float = 0
    origin: Origin = Origin.NOTICE
    kind: Kind | None = None
    field: str | None = None
    is_livelihood: bool | None = None
    is_weakness: bool = False
    supervision_type: SupervisionType = SupervisionType.DAILY
    title: str = ""
    section: str = ""
    deadline_text: str = ""
    starts_on: date | None = None
    due_on: date | None = None
    source: dict[str, Any] | None = None
    note: str = ""
    assignments: Sequence[NewAssignment] = ()
    groups: Sequence[NewGroup] = ()
    overseers: Sequence[NewOverseer] = ()
    targets: Sequence[NewTarget] = ()
    milestones: Sequence[NewMilestone] = ()


@dataclass(frozen=True, slots=True)
class NewSetting:
    """What a notice fixes for its plan, with the sentence it came from."""

    key: SettingKey
    value: Any
    sentence: str = ""
    source_line: int | None = None


@dataclass(frozen=True, slots=True)
class NewApproval:
    """The decision a step rests on."""

    basis: str
    approved_by_name: str
    approved_on: date
    document_number: str = ""


@dataclass(frozen=True, slots=True)
class MatterEdit:
    """What an edit changes; None leaves as it is. Fields of DRAFT_ONLY change only while the matter is a draft."""

    serial: str | None = None
    title: str | None = None
    section: str | None = None
    kind: Kind | None = None
    field: str | None = None
    is_livelihood: bool | None = None
    is_weakness: bool | None = None
    supervision_type: SupervisionType | None = None
    note: str | None = None
    targets: Sequence[NewTarget] | None = None
    text: str | None = None
    deadline_text: str | None = None
    starts_on: date | None = None
    due_on: date | None = None
    assignments: Sequence[NewAssignment] | None = None
    groups: Sequence[NewGroup] | None = None
    overseers: Sequence[NewOverseer] | None = None


DRAFT_ONLY = ("text", "deadline_text", "starts_on", "due_on", "assignments", "groups", "overseers")
_ROWS = ("targets", "assignments", "groups", "overseers")


def require_in_each(by: Actor, permission: Permission, matters: Iterable[Matter]) -> None:
    """Require a permission in every jurisdiction these matters belong to."""
    for jurisdiction_id in {matter.jurisdiction_id for matter in matters}:
        require(by, permission, jurisdiction_id=jurisdiction_id)


def take_step(matters: Sequence[Matter], step: Step, *, from_states: Iterable[State], **changes: Any) -> list[Matter]:
    """Claim matters by one conditional UPDATE and return them as they stand now, in their order.

    Raises WrongState naming those that are not in a state the step starts from.
    """
    allowed = [state for state in from_states if may_step(state, step)]
    ids = [matter.pk for matter in matters]
    blocked = list(Matter.objects.filter(pk__in=ids).exclude(state__in=allowed))
    if blocked:
        raise WrongState(_not_possible(blocked, step))
    claimed = Matter.objects.filter(pk__in=ids, state__in=allowed).update(version=F("version") + 1, **changes)
    if claimed != len(set(ids)):  # somebody was faster between the two statements
        raise WrongState(_not_possible(list(matters), step))
    return list(Matter.objects.filter(pk__in=ids).select_related("plan__policy"))


STEP_WORDS = {
    Step.REGISTER: "立项",
    Step.ASSIGN: "交办",
    Step.START: "开始办理",
    Step.ASK_TO_CLOSE: "申请销号",
    Step.RETURN: "退回销号申请",
    Step.GRANT: "销号",
    Step.REOPEN: "重新办理",
    Step.EDIT: "修改",
    Step.ADJUST: "调整",
    Step.EXTEND: "延期",
    Step.SUSPEND: "暂停",
    Step.RESUME: "恢复",
    Step.SPLIT: "拆分",
    Step.CARRY_OVER: "结转下年",
    Step.TERMINATE: "终止",
}


def _not_possible(matters: Sequence[Matter], step: Step) -> str:
    shown = "、".join(f"{matter}（{STATE_LABELS[State(matter.state)]}）" for matter in matters[:5])
    more = f"等 {len(matters)} 项" if len(matters) > 5 else ""
    return f"{shown}{more}当前不能{STEP_WORDS[step]}，可能他人刚刚办理过，请刷新后再看。"


def make_approval(approval: NewApproval, *, jurisdiction_id: int, by: Actor, now: datetime) -> Approval:
    """Record the decision a step rests on. Raises Invalid when it says neither who nor on what, or lies ahead."""
    if not approval.basis.strip():
        raise Invalid("请写明审批依据。", field="basis")
    if not approval.approved_by_name.strip():
        raise Invalid("请写明批准人。", field="approved_by_name")
    if approval.approved_on > day_of(now):
        raise Invalid("批准日期不能晚于今天。", field="approved_on")
    return Approval.objects.create(
        jurisdiction_id=jurisdiction_id,
        basis=approval.basis.strip()[:200],
        approved_by_name=approval.approved_by_name.strip()[:60],
        approved_on=approval.approved_on,
        document_number=approval.document_number.strip()[:60],
        recorded_at=now,
        recorded_by_name=by.name,
    )


def approval_data(approval: Approval) -> dict[str, Any]:
    """Return an approval as an event tells it."""
    return {
        "basis": approval.basis,
        "approved_by": approval.approved_by_name,
        "approved_on": approval.approved_on.isoformat(),
        "document_number": approval.document_number,
    }


@transaction.atomic
def create_plan(
    jurisdiction: Jurisdiction,
    *,
    year: int,
    title: str,
    settings: Sequence[NewSetting] = (),
    by: Actor,
    now: datetime,
) -> Plan:
    """Open the ledger of one year. It follows the jurisdiction's latest policy, or the shipped preset where none is.

    Raises NotAllowed, Invalid (no title, a setting that says nothing), WrongState (the year has its ledger).
    """
    require(by, Permission.MATTER_REGISTER, jurisdiction_id=jurisdiction.pk)
    if not title.strip():
        raise Invalid("请填写台账名称。", field="title")
    if not 1990 <= year <= 2100:
        raise Invalid(f"年度“{year}”不对。", field="year")
    Jurisdiction.objects.select_for_update().get(pk=jurisdiction.pk)
    if Plan.objects.filter(jurisdiction=jurisdiction, year=year).exists():
        raise WrongState(f"{jurisdiction.short_name}{year}年度台账已经建立。")
    policy = Policy.objects.filter(jurisdiction=jurisdiction).order_by("-number").first()
    if policy is None:
        preset = default_preset()
        policy = Policy.objects.create(
            jurisdiction=jurisdiction,
            name=preset.name,
            number=1,
            preset=preset.key,
            figures=figures_json(figures_of(preset.values)),
            effective_on=day_of(now),
            adopted_at=now,
            adopted_by_name=by.name,
            reason="首次建立台账，采用默认规则",
        )
        record(EventName.POLICY_ADOPTED, policy, by=by, now=now, data={"preset": preset.key})
    plan = Plan.objects.create(
        jurisdiction=jurisdiction, year=year, title=title.strip()[:200], policy=policy, created_at=now
    )
    PlanPolicy.objects.create(plan=plan, policy=policy, held_from=now)
    PlanSetting.objects.bulk_create(
        PlanSetting(
            plan=plan,
            key=SettingKey(one.key).value,
            value=checked_setting(SettingKey(one.key), one.value),
            sentence=one.sentence,
            source_line=one.source_line,
        )
        for one in settings
    )
    record(EventName.PLAN_CREATED, plan, by=by, now=now, data={"settings": {s.key: s.value for s in settings}})
    return plan


def hold_open(plan: Plan) -> None:
    """Hold a plan's row in the running transaction, so that nobody closes it meanwhile. Raises WrongState: closed."""
    if not Plan.objects.filter(pk=plan.pk, closed_at=None).update(year=F("year")):
        raise WrongState(closed_words(plan.year))


@transaction.atomic
def create_matters(plan: Plan, *, matters: Sequence[NewMatter], by: Actor, now: datetime) -> list[Matter]:
    """Enter drafts, a whole annex at once. A unit named twice on a matter stands once, as lead where it is either.

    Raises NotAllowed, WrongState (the plan is closed), Invalid (no text, dates the wrong way round, a post of another
    unit). All or none.
    """
    require(by, Permission.MATTER_EDIT, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    placed: list[tuple[float, str]] | None = None
    rows: list[Matter] = []
    for new in matters:
        row = draft_of(plan, new, today=day_of(now))
        if not new.order:
            if placed is None:
                placed = sorted(plan.matters.filter(parent=None).values_list("order", "serial"))
            row.order = order_between(row.serial, placed=placed)
            placed = sorted([*placed, (row.order, row.serial)])
        rows.append(row)
    rows = Matter.objects.bulk_create(rows)
    put_details(list(zip(rows, matters, strict=True)), now=now)
    record_many(
        EventName.MATTER_CREATED,
        [_subject(row, data={"origin": row.origin, "text": row.text}) for row in rows],
        by=by,
        now=now,
    )
    return rows


def _subject(matter: Matter, *, data: dict[str, Any]) -> Subject:
    return Subject(
        type="matter",
        id=matter.pk,
        label=str(matter),
        matter_id=matter.pk,
        jurisdiction_id=matter.jurisdiction_id,
        data=data,
    )


def draft_of(plan: Plan, new: NewMatter, *, today: date) -> Matter:
    """Return the unsaved draft of a new matter, with what its text proposes. Raises Invalid."""
    text = new.text.strip()
    named = f"第{new.serial}项" if new.serial else "事项"
    if not text:
        raise Invalid(f"{named}没有填写具体目标任务。", field="text")
    due_on = new.due_on or propose_due_on(new.deadline_text, year=plan.year) or date(plan.year, 12, 31)
    starts_on = new.starts_on or (today if today.year == plan.year else date(plan.year, 1, 1))
    if new.starts_on is None:
        starts_on = min(starts_on, due_on)
    if due_on < starts_on:
        raise Invalid(f"{named}的办结时限早于起始日期。", field="due_on")
    has_targets = bool(new.targets)
    return Matter(
        plan=plan,
        jurisdiction_id=plan.jurisdiction_id,
        serial=new.serial.strip()[:20],
        order=new.order,
        origin=new.origin,
        supervision_type=new.supervision_type,
        title=new.title.strip()[:200],
        section=new.section.strip()[:200],
        text=text,
        kind=new.kind or propose_kind(text, has_targets=has_targets, has_deadline=bool(new.milestones)),
        field=propose_field(text) if new.field is None else new.field[:20],
        is_livelihood=propose_livelihood(text) if new.is_livelihood is None else new.is_livelihood,
        is_weakness=new.is_weakness,
        deadline_text=new.deadline_text.strip()[:100],
        starts_on=starts_on,
        due_on=due_on,
        state=State.DRAFT,
        source=new.source,
        note=new.note.strip(),
        **sounds_of(new.title, text),
    )


def sounds_of(title: str, text: str) -> dict[str, str]:
    """Return the columns by which a matter is found by its sound."""
    whole = f"{title}{text}"
    return {"pinyin": pinyin_of(whole), "initials": initials_of(whole)}


def put_details(pairs: Sequence[tuple[Matter, NewMatter]], *, now: datetime) -> list[Assignment]:
    """Save the units, groups, overseers, targets and milestones of new matters in sets; return the assignments."""
    assignments = [row for matter, new in pairs for row in assignments_of(matter, new.assignments)]
    assignments = Assignment.objects.bulk_create(assignments)
    NamedGroup.objects.bulk_create(row for matter, new in pairs for row in groups_of(matter, new.groups))
    Overseer.objects.bulk_create(row for matter, new in pairs for row in overseers_of(matter, new.overseers))
    Target.objects.bulk_create(row for matter, new in pairs for row in targets_of(matter, new.targets))
    Milestone.objects.bulk_create(row for matter, new in pairs for row in milestones_of(matter, new.milestones))
    return assignments


def assignments_of(matter: Matter, new: Sequence[NewAssignment]) -> list[Assignment]:
    """Return unsaved assignments, leads first, each unit once, the first lead merging. Raises Invalid."""
    rows: dict[int, Assignment] = {}
    leads = [one for one in new if one.part == Part.LEAD]
    supports = [one for one in new if one.part != Part.LEAD]
    for one in (*leads, *supports):
        if one.post is not None and one.post.unit_id is not None and one.post.unit_id != one.unit.pk:
            raise Invalid(f"岗位“{one.post.title}”不是{one.unit.name}的岗位。", field="post")
        if one.unit.pk in rows:
            continue
        rows[one.unit.pk] = Assignment(
            matter=matter,
            unit=one.unit,
            part=one.part,
            order=len(rows) if one.place is None else one.place,
            is_merging=not rows and one.part == Part.LEAD,
            post=one.post,
            qualifier=one.qualifier[:40],
            from_group=one.from_group[:60],
            due_on=one.due_on,
        )
    return list(rows.values())


_AFTER_ALL_UNITS = 10_000


def groups_of(matter: Matter, new: Sequence[NewGroup]) -> list[NamedGroup]:
    """Return unsaved groups as printed."""
    return [
        NamedGroup(
            matter=matter,
            name=one.name[:60],
            part=one.part,
            order=_AFTER_ALL_UNITS + order if one.place is None else one.place,
            is_settled=one.is_settled,
        )
        for order, one in enumerate(new)
    ]


def overseers_of(matter: Matter, new: Sequence[NewOverseer]) -> list[Overseer]:
    """Return unsaved overseers, each post once, in order."""
    rows = {one.post.pk: one for one in reversed(new)}
    once = [one for one in new if rows[one.post.pk] is one]
    return [
        Overseer(matter=matter, post=one.post, relation=one.relation, order=order) for order, one in enumerate(once)
    ]


def targets_of(matter: Matter, new: Sequence[NewTarget]) -> list[Target]:
    """Return unsaved targets, in order."""
    return [
        Target(
            matter=matter,
            order=order,
            text=one.text[:100],
            value=_decimal(one.value),
            upper=None if one.upper is None else _decimal(one.upper),
            unit_of_measure=(one.unit_of_measure or "")[:20],
            sense=Sense(one.sense).value,
            subject=(one.subject or "")[:100],
        )
        for order, one in enumerate(new)
    ]


def _decimal(value: float | Decimal) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.0001"))


def milestones_of(matter: Matter, new: Sequence[NewMilestone]) -> list[Milestone]:
    """Return unsaved milestones. Raises Invalid: two on a day, a day outside the matter, a percentage that falls."""
    rows: list[Milestone] = []
    reached = Decimal(0)
    for one in sorted(new, key=lambda each: each.due_on):
        expected = Decimal(str(one.expected_pct))
        if not one.title.strip():
            raise Invalid("每个时间节点都要写明内容。", field="milestones")
        if not matter.starts_on <= one.due_on <= matter.due_on:
            raise Invalid(f"节点“{one.title}”的日期应在起始日期和办结时限之间。", field="milestones")
        if not 0 <= expected <= 100 or expected < reached:
            raise Invalid(f"节点“{one.title}”应完成的百分比应在 0—100 之间，且不低于前一节点。", field="milestones")
        if rows and rows[-1].due_on == one.due_on:
            raise Invalid(f"{one.due_on:%Y-%m-%d}有两个时间节点。", field="milestones")
        reached = expected
        rows.append(Milestone(matter=matter, title=one.title.strip()[:100], due_on=one.due_on, expected_pct=expected))
    return rows


@transaction.atomic
def register_matters(matters: Sequence[Matter], *, approval: NewApproval, by: Actor, now: datetime) -> list[Matter]:
    """立项: drafts become matters under one approval. Raises NotAllowed, Invalid, WrongState. All or none.

    Source: docs/sources.md#regulation (§11: a matter needs a decision or the head's approval)
    """
    require_in_each(by, Permission.MATTER_REGISTER, matters)
    if not matters:
        raise Invalid("请选择要立项的事项。", field="matters")
    decided = make_approval(approval, jurisdiction_id=matters[0].jurisdiction_id, by=by, now=now)
    registered = take_step(
        matters,
        Step.REGISTER,
        from_states=[State.DRAFT],
        state=State.REGISTERED,
        registered_at=now,
        approval=decided,
    )
    record_many(
        EventName.MATTER_REGISTERED,
        [_subject(matter, data=approval_data(decided)) for matter in registered],
        by=by,
        now=now,
    )
    return registered


@transaction.atomic
def edit_matter(matter: Matter, *, version: int, edit: MatterEdit, by: Actor, now: datetime) -> Matter:
    """Correct a matter. After 立项 the text, dates and units change only by an approved adjustment.

    version: that of the matter the editor saw. Raises NotAllowed, Invalid, WrongState, Conflict (`theirs`: the matter
    as it stands now).
    """
    require(by, Permission.MATTER_EDIT, jurisdiction_id=matter.jurisdiction_id)
    standing = Matter.objects.select_for_update().select_related("plan").get(pk=matter.pk)
    if standing.version != version:
        raise Conflict(f"{standing}刚刚被他人修改过，请对照两个版本后再保存。", theirs=standing)
    if not may_step(State(standing.state), Step.EDIT):
        raise WrongState(_not_possible([standing], Step.EDIT))
    given = {one.name: getattr(edit, one.name) for one in fields(edit) if getattr(edit, one.name) is not None}
    if edit.text is not None and not edit.text.strip():
        raise Invalid("具体目标任务不能为空。", field="text")
    before, after = _apply(standing, given, now=now)
    if standing.state != State.DRAFT and (forbidden := [name for name in after if name in DRAFT_ONLY]):
        raise WrongState(f"{standing}已经立项，{_field_words(forbidden)}须经批准调整，不能直接修改。")
    if not after:
        return standing
    if standing.due_on < standing.starts_on:
        raise Invalid("办结时限早于起始日期。", field="due_on")
    standing.version += 1
    standing.save()
    facts_changed([standing.pk], now=now)
    record(EventName.MATTER_EDITED, standing, by=by, now=now, data={"before": before, "after": after})
    return standing


def _field_words(names: Sequence[str]) -> str:
    return "、".join(MATTER_FIELD_LABELS[name] for name in names)


def _apply(matter: Matter, given: dict[str, Any], *, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set what differs on the matter and replace its rows; return what stood and what stands, of those fields only."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in given.items():
        if name in _ROWS:
            standing, wanted = shown_rows(matter, name), [_shown(one) for one in value]
            if standing != wanted:
                before[name], after[name] = standing, wanted
                if matter.state == State.DRAFT or name == "targets":
                    _replace(matter, name, value)
            elif name == "groups" and matter.state == State.DRAFT:  # named as before, but in other places
                _replace(matter, name, value)
            continue
        value = value.strip() if isinstance(value, str) else value
        if getattr(matter, name) != value:
            before[name], after[name] = getattr(matter, name), value
            setattr(matter, name, value)
    if "text" in after or "title" in after:
        for name, value in sounds_of(matter.title, matter.text).items():
            setattr(matter, name, value)
    return before, after


def shown_rows(matter: Matter, name: str) -> list[str]:
    """Return the targets, units, groups or overseers of a matter in words, in their order."""
    if name == "targets":
        return [one.text for one in matter.targets.all()]
    if name == "groups":
        return [one.name for one in matter.named_groups.all()]
    if name == "overseers":
        return [one.post.title for one in matter.overseers.select_related("post")]
    active = matter.assignments.filter(ended_at=None).select_related("unit", "post")
    return [
        assignment_words(one.part, one.unit.name, one.post.title if one.post else "", one.qualifier)
        for one in sorted(active, key=lambda each: each.order)
    ]


def assignment_words(part: str, unit: str, post: str, qualifier: str) -> str:
    """Return an assignment in words: 牵头 教育局（汇总） 教育局主要负责人."""
    words = f"{'牵头' if part == Part.LEAD else '协办'} {unit}"
    return words + (f"（{qualifier}）" if qualifier else "") + (f" {post}" if post else "")


def _shown(one: NewTarget | NewGroup | NewOverseer | NewAssignment) -> str:
    if isinstance(one, NewAssignment):
        return assignment_words(one.part, one.unit.name, one.post.title if one.post else "", one.qualifier)
    if isinstance(one, NewOverseer):
        return one.post.title
    return one.name if isinstance(one, NewGroup) else one.text


def _replace(matter: Matter, name: str, value: Sequence[Any]) -> None:
    if name == "targets":
        matter.targets.all().delete()
        Target.objects.bulk_create(targets_of(matter, value))
    elif name == "groups":
        matter.named_groups.all().delete()
        NamedGroup.objects.bulk_create(groups_of(matter, value))
    elif name == "overseers":
        matter.overseers.all().delete()
        Overseer.objects.bulk_create(overseers_of(matter, value))
    else:
        matter.assignments.all().delete()
        Assignment.objects.bulk_create(assignments_of(matter, value))
