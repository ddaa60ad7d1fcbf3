"""拟办: drafts are edited, merged, dropped with a reason, written by hand, presented for signature, sent back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, may, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, WrongState
from duban.letters.actions.common import CHANGED, about, claim, count_up
from duban.letters.models import Letter, LetterItem
from duban.letters.queries import lines_of, material_of
from duban.letters.rules import (
    LETTER_KIND_LABELS,
    REASON_LENGTH,
    TITLE_LENGTH,
    UNSIGNED,
    Cause,
    LetterKind,
    LetterState,
    checked_words,
    is_cooling,
    is_said,
    may_skip_levels,
    wording_of,
)
from duban.matters.actions import hold_open
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import LIT_STATES, STATE_LABELS, Light, State
from duban.orgs.models import Unit
from duban.papers.queries import templates_in_force


@dataclass(frozen=True, slots=True)
class LetterEdit:
    """The words of a draft as the officer leaves them. words: of each line that stays, by its id.

    removed: lines to be taken out; why stands in removed_reason.
    """

    title: str
    opening: str
    demand: str
    words: Mapping[int, str] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    removed_reason: str = ""


def letter_shown(letter: Letter, lines: Sequence[LetterItem]) -> dict[str, Any]:
    """Return what may be edited of a draft, in words, as the form shows it."""
    return {
        "标题": letter.title,
        "开头": letter.opening,
        "事由": [f"{one.matter}：{one.words}" for one in lines],
        "要求": letter.demand,
    }


@transaction.atomic
def edit_letter(letter: Letter, *, edit: LetterEdit, seen: int, by: Actor, now: datetime) -> Letter:
    """修改函稿: change the words of a draft, take lines out of it with a reason. seen: the version the form showed.

    The figures a line rests on stay as they are. Raises NotAllowed, Conflict (`theirs`: what stands), WrongState,
    Invalid (nothing would be left: drop it instead).
    """
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    wording = {
        "title": checked_words(edit.title, what="标题", field="title", most=TITLE_LENGTH),
        "opening": checked_words(edit.opening, what="开头", field="opening"),
        "demand": checked_words(edit.demand, what="要求", field="demand"),
    }
    if not count_up(letter, seen=seen):
        letter.refresh_from_db()
        if letter.state != LetterState.DRAFTED:
            raise WrongState(CHANGED)
        raise Conflict(theirs=letter_shown(letter, lines_of(letter)))
    lines = lines_of(letter)
    removed = [one for one in lines if one.pk in edit.removed]
    reason = ""
    if removed:
        reason = checked_words(edit.removed_reason, what="去掉的理由", field="removed_reason", most=REASON_LENGTH)
    if len(removed) == len(lines):
        raise Invalid("函中至少要留一项；都不发的，请作罢这份函稿。", field="removed")
    before, after = letter_shown(letter, lines), {}
    for one in lines:
        if one in removed:
            LetterItem.objects.filter(pk=one.pk).update(removed_reason=reason)
        elif one.pk in edit.words:
            words = checked_words(edit.words[one.pk], what=f"{one.matter}的事由", field=f"words-{one.pk}")
            if words != one.words:
                LetterItem.objects.filter(pk=one.pk).update(words=words)
    Letter.objects.filter(pk=letter.pk).update(**wording)
    letter.refresh_from_db()
    after = letter_shown(letter, lines_of(letter))
    changed = [name for name in after if before[name] != after[name]]
    data = {
        "before": {name: before[name] for name in changed},
        "after": {name: after[name] for name in changed},
        "removed": [str(one.matter) for one in removed],
        "reason": reason,
    }
    record(EventName.LETTER_EDITED, about(letter, data), by=by, now=now)
    return letter


@transaction.atomic
def merge_letters(letter: Letter, *, others: Sequence[Letter], by: Actor, now: datetime) -> Letter:
    """合并: take the lines of other drafts of the same kind to the same unit into this one; those are then dropped.

    Raises NotAllowed, Invalid (another unit or kind), WrongState (no draft any more).
    """
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    if not others:
        raise Invalid("请选择要并入的函稿。", field="others")
    for one in others:
        is_alike = (one.plan_id, one.unit_id, one.kind, one.is_courtesy) == (
            letter.plan_id, letter.unit_id, letter.kind, letter.is_courtesy,
        )  # fmt: skip
        if not is_alike or one.pk == letter.pk:
            raise Invalid("只能合并发给同一单位的同一种函。", field="others")
    if not count_up(letter):
        raise WrongState(CHANGED)
    moved = []
    for one in others:
        LetterItem.objects.filter(letter=one, removed_reason="").update(letter=letter)
        claim(
            one,
            LetterState.DRAFTED,
            state=LetterState.DROPPED,
            dropped_at=now,
            dropped_by_name=by.name[:40],
            dropped_reason="并入同一单位的另一份函稿",
            merged_into=letter,
        )
        moved.append(one.pk)
    letter.refresh_from_db()
    record(EventName.LETTERS_MERGED, about(letter, {"merged": moved}), by=by, now=now)
    return letter


@transaction.atomic
def drop_letter(letter: Letter, *, reason: str, by: Actor, now: datetime) -> Letter:
    """作罢: a draft is not sent, with a reason; its causes bring no letter again. Raises NotAllowed, Invalid,
    WrongState."""
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    words = checked_words(reason, what="作罢的理由", field="reason", most=REASON_LENGTH)
    claim(
        letter,
        *UNSIGNED,
        state=LetterState.DROPPED,
        dropped_at=now,
        dropped_by_name=by.name[:40],
        dropped_reason=words,
    )
    record(EventName.LETTER_DROPPED, about(letter, {"reason": words}), by=by, now=now)
    return letter


@transaction.atomic
def present_letter(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """送签: the draft is put before whoever signs it, as the officer saw it. Raises NotAllowed, WrongState."""
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    claim(
        letter,
        LetterState.DRAFTED,
        version=letter.version,
        state=LetterState.PRESENTED,
        presented_at=now,
        presented_by_name=by.name[:40],
        sent_back_reason="",
    )
    record(EventName.LETTER_PRESENTED, about(letter, {}), by=by, now=now)
    return letter


@transaction.atomic
def send_back_letter(letter: Letter, *, reason: str, by: Actor, now: datetime) -> Letter:
    """退回修改: whoever signs, or the office itself, takes a presented draft back to be worked on, with a reason.

    Raises NotAllowed, Invalid, WrongState.
    """
    place = letter.jurisdiction_id
    drafts = may(by, Permission.LETTER_DRAFT, jurisdiction_id=place)
    require(by, Permission.LETTER_DRAFT if drafts else Permission.LETTER_SIGN, jurisdiction_id=place)
    words = checked_words(reason, what="退回修改的理由", field="reason", most=REASON_LENGTH)
    claim(letter, LetterState.PRESENTED, state=LetterState.DRAFTED, sent_back_reason=words)
    record(EventName.LETTER_SENT_BACK, about(letter, {"reason": words}), by=by, now=now)
    return letter


# ---- by hand


@dataclass(frozen=True, slots=True)
class NewItem:
    """One matter in a letter written by hand, and why it stands there."""

    matter: Matter
    words: str


@transaction.atomic
def write_letter(
    plan: Plan,
    *,
    unit: Unit,
    kind: LetterKind,
    items: Sequence[NewItem],
    by: Actor,
    now: datetime,
    is_urgent: bool = False,
    override_reason: str = "",
) -> Letter:
    """拟函: an officer writes a letter by hand about chosen matters of a unit; it then goes the way of all drafts.

    is_urgent: a level is skipped, where the policy allows it.   override_reason: why in spite of the cool-down.
    Raises NotAllowed, Invalid, WrongState (a live letter says it already, the plan is closed).
    Source: docs/sources.md#letters
    """
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)  # beside the round, one after the other
    if not items:
        raise Invalid("请选择事项。", field="matters")
    use_loaded_notices()
    reason = _check_hand(plan, unit=unit, kind=kind, items=items, is_urgent=is_urgent, reason=override_reason, now=now)
    policy = policy_of(plan).letters
    is_inviting = unit.unit_type in policy.inviting_unit_types
    wording = wording_of(
        kind,
        is_courtesy=False,
        is_inviting=is_inviting,
        policy=policy,
        unit=unit.full_name or unit.name,
        year=plan.year,
        templates=templates_in_force(plan.jurisdiction_id),
    )
    letter = Letter.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        unit=unit,
        kind=kind.value,
        is_urgent=is_urgent,
        is_inviting=is_inviting,
        override_reason=reason,
        title=wording.title,
        opening=wording.opening,
        demand=wording.demand,
        drafted_on=day_of(now),
        drafted_at=now,
        drafted_by_name=by.name[:40],
    )
    LetterItem.objects.bulk_create(
        LetterItem(
            letter=letter,
            matter=one.matter,
            cause=Cause.HAND,
            root="hand",
            figures={"words": one.words.strip()},
            words=checked_words(one.words, what=f"{one.matter}的事由", field="words"),
            is_scored=not is_inviting,
        )
        for one in items
    )
    data = {"matters": [str(one.matter) for one in items], "is_urgent": is_urgent, "override_reason": reason}
    record(EventName.LETTER_DRAFTED, about(letter, data), by=by, now=now)
    return letter


def _check_hand(
    plan: Plan,
    *,
    unit: Unit,
    kind: LetterKind,
    items: Sequence[NewItem],
    is_urgent: bool,
    reason: str,
    now: datetime,
) -> str:
    """Return why the cool-down is overridden, empty where it is not. Raises Invalid, WrongState."""
    ids = {one.matter.pk for one in items}
    if len(ids) < len(items):
        raise Invalid("同一事项不必写两次。", field="matters")
    on = set(Assignment.objects.filter(matter__in=ids, unit=unit, ended_at=None).values_list("matter_id", flat=True))
    today = day_of(now)
    material = material_of(plan, day=today, matter_ids=ids)
    policy = material.figures.letters
    due = {
        one.line.matter_id for one in material.causes() if one.unit_id == unit.pk and one.line.cause is Cause.OVERDUE
    }
    is_cool = True
    for one in items:
        matter = one.matter
        if matter.plan_id != plan.pk or matter.state not in LIT_STATES:
            raise WrongState(f"{matter}当前是“{STATE_LABELS[State(matter.state)]}”，不能发函。")
        if matter.pk not in on:
            raise Invalid(f"{unit.name}不在{matter}的责任单位中。", field="matters")
        earlier = [each for each in material.sent if each.unit_id == unit.pk and each.matter_id == matter.pk]
        if is_said(kind, earlier):
            raise WrongState(f"{matter}已有同级或更高一级的函件在办，不必重复发函。")
        light = material.facts[matter.pk].light if matter.pk in material.facts else None
        if not _may_write(kind, earlier, light=light, is_overdue=matter.pk in due, is_urgent=is_urgent, plan=plan):
            urgent = "；紧急的，请勾选“紧急”" if policy.levels_may_be_skipped else ""
            raise Invalid(f"{matter}还没有发过上一级函件，不能直接发{LETTER_KIND_LABELS[kind]}{urgent}。", field="kind")
        is_cool &= not is_cooling(
            kind, earlier, day=today, cooldown_workdays=policy.cooldown_workdays, calendar=use_loaded_notices()
        )
    if is_cool:
        return ""
    what = f"{policy.cooldown_workdays} 个工作日内再发同一种函的理由"
    return checked_words(reason, what=what, field="override_reason", most=REASON_LENGTH)


def _may_write(
    kind: LetterKind, earlier: Sequence[Any], *, light: Light | None, is_overdue: bool, is_urgent: bool, plan: Plan
) -> bool:
    policy = policy_of(plan).letters
    return may_skip_levels(kind, earlier, light=light, is_overdue=is_overdue, is_urgent=is_urgent, policy=policy)
