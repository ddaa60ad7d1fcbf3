"""What changes 批示: given, answered by each charged unit, asked further, settled."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.core.typed import checked_words
from duban.core.workdays import add_workdays
from duban.instructions.models import Charge, Feedback, Instruction
from duban.instructions.queries import entered_as, may_settle, own_units
from duban.instructions.rules import (
    FEEDBACK_LENGTH,
    NOTE_LENGTH,
    TEXT_LENGTH,
    ChargeState,
    checked_days,
)
from duban.matters.actions import Behalf, hold_open, meet_owed, owe
from duban.matters.models import Matter, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import OPEN_STATES, Owed
from duban.orgs.models import Post, Unit
from duban.orgs.queries import post_holders
from duban.orgs.rules import PostKind


@transaction.atomic
def give_instruction(
    plan: Plan,
    *,
    post: Post,
    text: str,
    units: Sequence[Unit],
    by: Actor,
    now: datetime,
    given_on: date | None = None,
    due_on: date | None = None,
    matter: Matter | None = None,
) -> Instruction:
    """批示: a leader tells units to do something; each then owes a word on how it went.

    by: the leader, the secretary for the leader, or the office from paper; the 批示 says which.   given_on: today
    where None.   due_on: the policy's working days from today where None.   The event does not hold the text: it is
    read on the 批示's own page by those it is meant for.
    Raises NotAllowed, NotFound (a matter not seen), WrongState, Invalid. Source: docs/sources.md#obstacles
    """
    require(by, Permission.INSTRUCTION_GIVE, jurisdiction_id=plan.jurisdiction_id)
    hand = entered_as(by, post=post)
    if hand is None:
        raise NotAllowed("只能录入本人或所服务领导的批示。")
    hold_open(plan)
    Post.objects.select_for_update().get(pk=post.pk)  # a double click writes one after the other
    today = day_of(now)
    if post.jurisdiction_id != plan.jurisdiction_id or post.kind not in (PostKind.LEADER, PostKind.GOVERNMENT_HEAD):
        raise Invalid("请选择批示的领导。", field="post")
    if matter is not None:
        _check_matter(matter, plan=plan, by=by)
    words = checked_words(text, what="批示内容", field="text", most=TEXT_LENGTH)
    charged = list({one.pk: one for one in units}.values())
    _check_units(charged, plan=plan)
    day = given_on or today
    due = due_on or add_workdays(today, policy_of(plan).instructions.answer_workdays)
    checked_days(given_on=day, due_on=due, today=today)
    if Instruction.objects.filter(post=post, matter=matter, text=words, given_on=day).exists():
        raise WrongState("同一天同样内容的批示已经录入。")
    held = post_holders([post.pk], on=day)
    instruction = Instruction.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        matter=matter,
        post=post,
        leader_name=held[post.pk].name if post.pk in held else post.title,
        text=words,
        given_on=day,
        entered_as=hand.value,
        entered_at=now,
        entered_by_name=by.name[:40],
    )
    charges = Charge.objects.bulk_create(Charge(instruction=instruction, unit=one) for one in charged)
    Feedback.objects.bulk_create(
        Feedback(charge=one, number=1, asked_at=now, asked_by_name=by.name[:40]) for one in charges
    )
    for one in charged:
        _owe(instruction, one, due_on=due, by=by, now=now)
    data = {
        "entered_as": hand.value,
        "given_on": day,
        "due_on": due,
        "units": [one.name for one in charged],
    }
    record(EventName.INSTRUCTION_GIVEN, _about(instruction, data, units=charged), by=by, now=now)
    return instruction


@transaction.atomic
def answer_instruction(charge: Charge, *, text: str, by: Actor, now: datetime, behalf: Behalf | None = None) -> Charge:
    """反馈落实情况: a charged unit says how it went; the leader or the office then settles it or asks further.

    Raises NotAllowed, WrongState (answered or settled meanwhile), Invalid.
    """
    instruction, unit = charge.instruction, charge.unit
    require(by, Permission.INSTRUCTION_ANSWER, unit_id=unit.pk, jurisdiction_id=instruction.jurisdiction_id)
    _check_behalf(behalf, is_own=unit.pk in own_units(by))
    words = checked_words(text, what="落实情况", field="text", most=FEEDBACK_LENGTH)
    _claim(charge, ChargeState.OPEN, state=ChargeState.ANSWERED)
    told = {"channel": behalf.channel.value, "informant": behalf.signer.strip()[:40]} if behalf else {}
    Feedback.objects.filter(charge=charge, number=charge.feedback_no).update(
        text=words, answered_at=now, answered_by_name=by.name[:40], **told
    )
    meet_owed(instruction, unit=unit, by=by, now=now)
    data = {"unit": unit.name, **told}
    record(EventName.INSTRUCTION_ANSWERED, _about(instruction, data, units=[unit]), by=by, now=now)
    return charge


@transaction.atomic
def settle_instruction(charge: Charge, *, by: Actor, now: datetime, note: str = "") -> Charge:
    """办结: the leader, or the office, is content with what a unit did. Raises NotAllowed, WrongState, Invalid."""
    instruction = charge.instruction
    _require_settling(by, instruction)
    words = checked_words(note, what="办结意见", field="note", most=NOTE_LENGTH) if note.strip() else ""
    _claim(
        charge,
        ChargeState.ANSWERED,
        state=ChargeState.SETTLED,
        settled_at=now,
        settled_by_name=by.name[:40],
        settled_note=words,
    )
    data = {"unit": charge.unit.name}
    record(EventName.INSTRUCTION_SETTLED, _about(instruction, data, units=[charge.unit]), by=by, now=now)
    return charge


@transaction.atomic
def ask_again(charge: Charge, *, note: str, by: Actor, now: datetime, due_on: date | None = None) -> Charge:
    """继续落实: the leader, or the office, is not content and says what is missing; the unit owes again.

    Raises NotAllowed, WrongState, Invalid.
    """
    instruction = charge.instruction
    _require_settling(by, instruction)
    words = checked_words(note, what="还要做什么", field="note", most=NOTE_LENGTH)
    today = day_of(now)
    due = due_on or add_workdays(today, policy_of(instruction.plan).instructions.answer_workdays)
    checked_days(given_on=instruction.given_on, due_on=due, today=today)
    _claim(charge, ChargeState.ANSWERED, state=ChargeState.OPEN, feedback_no=charge.feedback_no + 1)
    Feedback.objects.create(
        charge=charge, number=charge.feedback_no, asked=words, asked_at=now, asked_by_name=by.name[:40]
    )
    _owe(instruction, charge.unit, due_on=due, by=by, now=now)
    data = {"unit": charge.unit.name, "due_on": due}
    record(EventName.INSTRUCTION_ASKED_AGAIN, _about(instruction, data, units=[charge.unit]), by=by, now=now)
    return charge


# ---- what they share


def _check_matter(matter: Matter, *, plan: Plan, by: Actor) -> None:
    if not Matter.objects.visible_to(by).filter(pk=matter.pk, plan=plan).exists():
        raise NotFound
    state = Matter.objects.values_list("state", flat=True).get(pk=matter.pk)
    if state not in OPEN_STATES:
        raise WrongState(f"{matter}不在办理中，请不指定事项另作批示。")


def _check_units(units: Sequence[Unit], *, plan: Plan) -> None:
    if not units:
        raise Invalid("请写明由哪个单位落实。", field="units")
    for one in units:
        if one.jurisdiction_id != plan.jurisdiction_id or one.merged_into_id is not None:
            raise Invalid(f"“{one.name}”不是本辖区现有的单位。", field="units")


def _check_behalf(behalf: Behalf | None, *, is_own: bool) -> None:
    if is_own and behalf is not None:
        raise Invalid("本单位反馈不必代录。", field="channel")
    if not is_own and behalf is None:
        raise Invalid("代单位反馈，请写明方式（纸质回执或电话）和由谁告知。", field="channel")
    if behalf is not None and len(behalf.signer.strip()) < 2:
        raise Invalid("请写明由谁告知。", field="informant")


def _require_settling(by: Actor, instruction: Instruction) -> None:
    require(by, Permission.INSTRUCTION_GIVE, jurisdiction_id=instruction.jurisdiction_id)
    if not may_settle(by, instruction):
        raise NotAllowed("由作出批示的领导或督查室办结。")


def _claim(charge: Charge, seen: ChargeState, /, **changes: Any) -> None:
    """Change what stands as the acting person saw it, or raise WrongState: somebody was first."""
    claimed = Charge.objects.filter(pk=charge.pk, state=seen, feedback_no=charge.feedback_no).update(**changes)
    if not claimed:
        raise WrongState("这件批示刚刚已由他人办理，请看现在的情况。")
    for name, value in changes.items():
        setattr(charge, name, value)


def _owe(instruction: Instruction, unit: Unit, *, due_on: date, by: Actor, now: datetime) -> None:
    """Let a charged unit owe; the title says nothing of what the leader wrote."""
    owe(
        unit,
        plan=instruction.plan,
        kind=Owed.INSTRUCTION,
        subject=instruction,
        title="落实批示",
        due_on=due_on,
        matter=instruction.matter,
        by=by,
        now=now,
    )


def _about(instruction: Instruction, data: dict[str, Any], *, units: Sequence[Unit]) -> Subject:
    """Return the subject of an event, with whom it is meant for; its words hold nothing of the 批示 itself."""
    meant_for = {"unit_ids": sorted(one.pk for one in units), "post_ids": [instruction.post_id]}
    return Subject(
        type="instruction",
        id=instruction.pk,
        label=str(instruction),
        matter_id=instruction.matter_id,
        jurisdiction_id=instruction.jurisdiction_id,
        data={"leader": instruction.leader_name, **data, "meant_for": meant_for},
    )
