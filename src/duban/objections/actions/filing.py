"""申请复核: a unit writes its objection, its deputy or head signs it; or the office enters a unit's paper."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from duban.access.rules import Permission, may, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.core.typed import past_day
from duban.evaluation.actions import contest_score
from duban.evaluation.models import ScoreSheet
from duban.evidence.actions import put_evidence
from duban.evidence.examining import Examined, Given, examined
from duban.matters.actions import Behalf, told_by
from duban.matters.models import Plan
from duban.matters.queries import policy_of
from duban.objections.actions.common import about, claim, is_own, tell_signers
from duban.objections.actions.effects import settle_score
from duban.objections.models import Objection
from duban.objections.queries import Conclusion
from duban.objections.rules import (
    REASON_LENGTH,
    UNDECIDED,
    ObjectionState,
    Target,
    checked_words,
    decide_by,
    is_out_of_time,
    out_of_time_words,
)
from duban.reports.queries import has_approver


@dataclass(frozen=True, slots=True)
class Words:
    """What a unit says: why the conclusion is wrong, and what it asks for."""

    grounds: str
    asked_for: str


def file_objection(
    conclusion: Conclusion,
    *,
    words: Words,
    by: Actor,
    now: datetime,
    behalf: Behalf | None = None,
    filed_on: date | None = None,
    evidence: Sequence[Given] = (),
) -> Objection:
    """申请复核: a unit objects to a conclusion. What its liaison writes waits for the deputy or head to sign it; what
    these write is filed at once, as is what comes from a unit where neither could sign in here.

    behalf, filed_on: how and when a paper reached the office that enters it; one that came too late is entered all the
    same, and declined.   evidence: files, links, papers, where the conclusion is about a matter.
    Raises NotAllowed, NotFound, Invalid, WrongState (out of time, objected to already).
    Source: docs/sources.md#objections
    """
    unit, plan = conclusion.unit, conclusion.plan
    require(by, Permission.OBJECTION_FILE, unit_id=unit.pk, jurisdiction_id=plan.jurisdiction_id)
    if evidence and conclusion.matter is None:
        raise Invalid("这一条不针对某个事项，材料请在理由中说明，另行报送。", field="file")
    looked: AbstractContextManager[list[Examined]] = nullcontext([])
    if evidence:
        looked = examined(evidence, most_mb=policy_of(plan).evidence.most_mb)
    with looked as seen:
        return _file(conclusion, words=words, by=by, now=now, behalf=behalf, filed_on=filed_on, seen=seen)


@transaction.atomic
def _file(
    conclusion: Conclusion,
    *,
    words: Words,
    by: Actor,
    now: datetime,
    behalf: Behalf | None,
    filed_on: date | None,
    seen: Sequence[Examined],
) -> Objection:
    unit, today, own = conclusion.unit, day_of(now), is_own(conclusion.unit.pk, by=by)
    told = told_by(behalf, is_own=own, act="申请")
    day = today if own or filed_on is None else filed_on
    since = conclusion.first_on or conclusion.told_on
    past_day(day, what="申请日期", field="filed_on", today=today, since=since, after="告知的那天")
    if own:
        _require_time(told_on=conclusion.told_on, last_on=conclusion.last_on, on=day)
    is_signed = not own or may(
        by, Permission.OBJECTION_SIGN, unit_id=unit.pk, jurisdiction_id=conclusion.plan.jurisdiction_id
    )
    is_filed = is_signed or not has_approver(unit, on=today)
    if is_filed:
        _contest(conclusion.sheet, last_on=conclusion.last_on, on=day, by=by, now=now)
    try:
        with transaction.atomic():
            objection = Objection.objects.create(
                jurisdiction_id=conclusion.plan.jurisdiction_id,
                plan=conclusion.plan,
                unit=unit,
                target=conclusion.target.value,
                about=conclusion.about,
                matter=conclusion.matter,
                light=conclusion.light,
                override=conclusion.override,
                citation=conclusion.citation,
                visit_item=conclusion.visit_item,
                sheet=conclusion.sheet,
                told_on=conclusion.told_on,
                last_on=conclusion.last_on,
                grounds=checked_words(words.grounds, what="申请的理由", field="grounds"),
                asked_for=checked_words(words.asked_for, what="请求怎样处理", field="asked_for"),
                written_at=now,
                written_by_name=by.name[:40],
                **told,
                **(_filed(conclusion.target, conclusion.plan, on=day, by=by, now=now) if is_filed else {}),
            )
    except IntegrityError as error:
        raise WrongState(f"{unit.name}已经就此申请过复核，同一结论只复核一次。") from error
    data: dict[str, Any] = {"grounds": objection.grounds, "asked_for": objection.asked_for, **told}
    if is_filed:
        data |= {"filed_on": day, "is_unsigned": not is_signed}
    name = EventName.OBJECTION_FILED if is_filed else EventName.OBJECTION_WRITTEN
    record(name, about(objection, data), by=by, now=now)
    if not is_filed:
        tell_signers(objection, by=by, now=now)
    if seen and conclusion.matter is not None:
        put_evidence(
            conclusion.matter,
            unit=unit,
            seen=seen,
            subject=objection,
            behalf=behalf,
            is_objection=True,
            by=by,
            now=now,
        )
    return objection


def _require_time(*, told_on: date, last_on: date, on: date) -> None:
    if is_out_of_time(filed_on=on, last_on=last_on):
        raise WrongState(out_of_time_words(told_on=told_on, last_on=last_on))


def _filed(target: Target, plan: Plan, *, on: date, by: Actor, now: datetime) -> dict[str, Any]:
    """Return what an objection gets when it is filed. plan: joined with its policy."""
    return {
        "state": ObjectionState.FILED,
        "filed_on": on,
        "filed_at": now,
        "filed_by_name": by.name[:40],
        "decide_by": decide_by(target, filed_on=on, policy=policy_of(plan).objections),
    }


def _contest(sheet: ScoreSheet | None, *, last_on: date, on: date, by: Actor, now: datetime) -> None:
    """Mark a score sheet as objected to, so that the evaluation is not confirmed before it is decided; one that came
    too late only waits to be declined. Called before the objection is written, which refers to the sheet and the plan:
    see `evaluation.actions.common.hold`.
    """
    if sheet is not None and not is_out_of_time(filed_on=on, last_on=last_on):
        contest_score(sheet, on=on, by=by, now=now)


def _require_own(objection: Objection, permission: Permission, *, by: Actor) -> None:
    """Raise NotAllowed, or NotFound for somebody who does not act for the unit."""
    require(by, permission, unit_id=objection.unit_id, jurisdiction_id=objection.jurisdiction_id)
    if not is_own(objection.unit_id, by=by):
        raise NotFound


def _shown(objection: Objection) -> dict[str, str]:
    return {"理由": objection.grounds, "请求": objection.asked_for}


@transaction.atomic
def edit_objection(objection: Objection, *, words: Words, seen: int, by: Actor, now: datetime) -> Objection:
    """修改: while it is in the unit its people may word it otherwise; who signs is told. seen: the version shown.

    Raises NotAllowed, NotFound, Invalid, WrongState (signed, withdrawn), Conflict (`theirs`: what stands).
    """
    _require_own(objection, Permission.OBJECTION_FILE, by=by)
    before = _shown(objection)
    grounds = checked_words(words.grounds, what="申请的理由", field="grounds")
    asked_for = checked_words(words.asked_for, what="请求怎样处理", field="asked_for")
    try:
        claim(
            objection,
            ObjectionState.WRITTEN,
            seen=seen,
            grounds=grounds,
            asked_for=asked_for,
            sent_back_reason="",
            version=F("version") + 1,
        )
    except WrongState:
        standing = Objection.objects.get(pk=objection.pk)
        if standing.state == ObjectionState.WRITTEN:
            raise Conflict(theirs=_shown(standing)) from None
        raise
    data = {"before": before, "after": _shown(objection)}
    record(EventName.OBJECTION_WRITTEN, about(objection, data), by=by, now=now)
    tell_signers(objection, by=by, now=now)
    return objection


@transaction.atomic
def sign_objection(objection: Objection, *, seen: int, by: Actor, now: datetime) -> Objection:
    """审签: the unit's deputy or head sends it to the office; that day it is filed, and has to be in time.

    seen: the version that was read. Raises NotAllowed, NotFound, WrongState (out of time, changed, withdrawn).
    """
    _require_own(objection, Permission.OBJECTION_SIGN, by=by)
    today = day_of(now)
    _require_time(told_on=objection.told_on, last_on=objection.last_on, on=today)
    filed = _filed(Target(objection.target), objection.plan, on=today, by=by, now=now)
    claim(objection, ObjectionState.WRITTEN, seen=seen, sent_back_reason="", **filed)
    _contest(objection.sheet, last_on=objection.last_on, on=today, by=by, now=now)
    data = {"grounds": objection.grounds, "asked_for": objection.asked_for, "filed_on": today}
    record(EventName.OBJECTION_FILED, about(objection, data), by=by, now=now)
    return objection


@transaction.atomic
def send_back_objection(objection: Objection, *, reason: str, by: Actor, now: datetime) -> Objection:
    """退改: the unit's deputy or head gives it back to who wrote it, with a reason. It stays in the unit.

    Raises NotAllowed, NotFound, Invalid, WrongState.
    """
    _require_own(objection, Permission.OBJECTION_SIGN, by=by)
    words = checked_words(reason, what="退改的理由", field="reason", most=REASON_LENGTH)
    claim(objection, ObjectionState.WRITTEN, sent_back_reason=words, version=F("version") + 1)
    record(EventName.OBJECTION_SENT_BACK, about(objection, {"reason": words}), by=by, now=now)
    return objection


@transaction.atomic
def withdraw_objection(objection: Objection, *, by: Actor, now: datetime) -> Objection:
    """撤回: the unit takes it back undecided, or the office for it. Raises NotAllowed, WrongState."""
    require(by, Permission.OBJECTION_FILE, unit_id=objection.unit_id, jurisdiction_id=objection.jurisdiction_id)
    was_filed = objection.filed_at is not None
    claim(
        objection,
        *UNDECIDED,
        message="已经决定、不予受理或者撤回，不能再撤回。",
        state=ObjectionState.WITHDRAWN,
        withdrawn_at=now,
        withdrawn_by_name=by.name[:40],
    )
    if was_filed:
        settle_score(objection, reason="单位撤回复核申请", by=by, now=now, permission=Permission.OBJECTION_FILE)
    record(EventName.OBJECTION_WITHDRAWN, about(objection, {}), by=by, now=now)
    return objection
