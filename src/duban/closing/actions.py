"""What changes a request to close. The state of the matter itself is written by matters.actions, called down to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from duban.access.rules import LEADER_ROLES, Permission, Role, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.closing.models import Closure, ClosureItem
from duban.closing.queries import (
    checklist_now,
    doubts_about,
    is_own_unit,
    lacks_evidence,
    may_sign,
    may_sign_on_behalf,
    merging_of,
    overseers_of,
    returns_of,
)
from duban.closing.rules import (
    ASKED_STATES,
    DOUBT_LABELS,
    IN_UNIT,
    Answer,
    ClosureState,
    Doubt,
    Item,
    Method,
    checked_how,
    checked_text,
    lot_of,
    lot_seed,
    statement_of,
    what_blocks_asking,
    why_on_site,
)
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.core.typed import past_day
from duban.evidence.actions import hold_evidence
from duban.evidence.models import Evidence
from duban.matters.actions import Behalf, ask_to_close
from duban.matters.actions import grant_closure as close_in_ledger
from duban.matters.actions import return_closure as return_in_ledger
from duban.matters.models import Assignment, Matter
from duban.matters.queries import policy_of
from duban.matters.rules import OPEN_STATES, Kind, State
from duban.orgs.queries import post_holders


@dataclass(frozen=True, slots=True)
class Request:
    """What a unit says when it asks: an answer by item key, one statement (made from the answers where it is empty).

    version: that of the request the writer saw, 0 where there was none.
    """

    answers: Mapping[str, Answer]
    statement: str = ""
    version: int = 0


@transaction.atomic
def prepare_closure(matter: Matter, *, request: Request, by: Actor, now: datetime) -> Closure:
    """送审: the liaison sends the filled-in checklist to the unit's head; again to correct it before the head asks.

    Raises NotAllowed, WrongState, Invalid, Conflict (`theirs`: the request as a colleague left it).
    Source: docs/sources.md#closing
    """
    standing, merging = _locked(matter)
    place = standing.jurisdiction_id
    require(by, Permission.CLOSURE_PREPARE, unit_id=merging.unit_id, jurisdiction_id=place)
    if not is_own_unit(by, merging.unit_id):
        raise Invalid("代单位办理的，请直接登记主要负责人同意申请的情况。", field="channel")
    closure, items = _filled_in(standing, merging, request=request)
    if closure.state == ClosureState.PREPARED and not _differs(closure, items, statement=request.statement):
        raise WrongState("同样的销号申请已经送审，不必重复提交。")
    closure.state, closure.statement = ClosureState.PREPARED, _statement(request.statement)
    closure.prepared_at, closure.prepared_by_name = now, by.name[:40]
    _put(closure, items)
    record(EventName.CLOSURE_PREPARED, _subject(closure, data=_items_data(items)), by=by, now=now)
    return closure


@transaction.atomic
def send_back_closure(closure: Closure, *, reasons: str, by: Actor, now: datetime) -> Closure:
    """退改: the unit's head gives the request back to the liaison. Raises NotAllowed, Invalid, WrongState."""
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=closure.matter_id)
    require(by, Permission.CLOSURE_ASK, unit_id=closure.unit_id, jurisdiction_id=matter.jurisdiction_id)
    if not is_own_unit(by, closure.unit_id):
        raise NotAllowed
    reasons = checked_text(reasons, field="reasons", message="请写明退回修改的理由。")
    sent_back = _claimed(
        closure,
        from_states=(ClosureState.PREPARED,),
        state=ClosureState.SENT_BACK,
        sent_back_at=now,
        sent_back_by_name=by.name[:40],
        sent_back_reasons=reasons,
        version=F("version") + 1,
    )
    record(EventName.CLOSURE_SENT_BACK, _subject(sent_back, data={"reasons": reasons}), by=by, now=now)
    return sent_back


@transaction.atomic
def ask_closure(
    matter: Matter,
    *,
    request: Request,
    by: Actor,
    now: datetime,
    behalf: Behalf | None = None,
    overseer_post_id: int | None = None,
) -> Closure:
    """申请销号: the head of the merging lead agrees, at once where nobody prepared it; this day counts as the end.

    Every item is done or explained. The lot for a look on site is drawn here, from what the event holds.
    behalf: how the head agreed, where the office enters it.   overseer_post_id: another of the matter's leaders than
    the first shall sign.
    Raises NotAllowed, WrongState (open work items, not in hand), Invalid (an item unexplained, evidence lacking where
    the policy asks for it), Conflict. Source: docs/sources.md#closing
    """
    standing, merging = _locked(matter)
    require(by, Permission.CLOSURE_ASK, unit_id=merging.unit_id, jurisdiction_id=standing.jurisdiction_id)
    _check_behalf(is_own=is_own_unit(by, merging.unit_id), behalf=behalf)
    closure, items = _filled_in(standing, merging, request=request)
    for item, answer in items:
        problem = what_blocks_asking(item.text, answer=answer)
        if problem:
            raise Invalid(problem, field=f"how-{item.key}")
    if lacks_evidence(standing):
        raise Invalid("按督查规则，这类事项须有佐证材料才能申请销号，请先提交。", field="evidence")
    posts = [one.post_id for one in overseers_of(standing)]
    if overseer_post_id is not None and overseer_post_id not in posts:
        raise Invalid("请在本事项的分管或联系领导中选择签批领导。", field="overseer")
    closure.overseer_id = overseer_post_id or next(iter(posts), None)
    closure.state = ClosureState.ASKED if closure.overseer_id else ClosureState.AGREED
    closure.statement = _statement(request.statement) or statement_of([answer for _, answer in items])
    closure.asked_at, closure.asked_by_name = now, by.name[:40]
    if behalf is not None:
        closure.channel, closure.signer = behalf.channel.value, behalf.signer.strip()[:40]
    _draw(closure, standing)
    _put(closure, items)
    facts: dict[str, Any] = {
        "attempt": closure.attempt,
        **_items_data(items),
        "lot_seed": closure.lot_seed,
        "lot": closure.lot,
        "on_site": closure.on_site,
        **_behalf_data(behalf),
    }
    ask_to_close(standing, statement=closure.statement, by=by, now=now, facts=facts)
    return closure


def _draw(closure: Closure, matter: Matter) -> None:
    figures = policy_of(matter.plan).closure
    plan = matter.plan
    closure.lot_seed = lot_seed(
        plan_id=plan.pk, plan_created_at=plan.created_at, matter_id=matter.pk, attempt=closure.attempt
    )
    closure.lot = lot_of(closure.lot_seed)
    why = why_on_site(
        kind=Kind(matter.kind),
        is_livelihood=matter.is_livelihood,
        lot=closure.lot,
        onsite_livelihood=figures.onsite_livelihood,
        onsite_quantified=figures.onsite_quantified,
        onsite_random_pct=figures.onsite_random_pct,
    )
    closure.on_site = [one.value for one in why]


@transaction.atomic
def agree_closure(
    closure: Closure, *, by: Actor, now: datetime, opinion: str = "", behalf: Behalf | None = None
) -> Closure:
    """签批同意: the leader it waits for agrees; a secretary for the leader, the office where it was signed on paper.

    Raises NotAllowed, Invalid, WrongState.
    """
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=closure.matter_id)
    leader = _check_signature(closure, matter, behalf=behalf, by=by, now=now)
    opinion = checked_text(opinion, field="opinion", message="签批意见太短。") if opinion.strip() else ""
    agreed = _claimed(
        closure,
        from_states=(ClosureState.ASKED,),
        state=ClosureState.AGREED,
        agreed_at=now,
        agreed_by_name=by.name[:40],
        agreed_for_name=leader,
        agreed_channel=behalf.channel.value if behalf else "",
        opinion=opinion,
    )
    data = {"leader": leader, "opinion": opinion, **_behalf_data(behalf)}
    subject = _subject(agreed, data=data, is_units_own=False)
    record(EventName.CLOSURE_AGREED, subject, by=by, now=now)
    return agreed


@transaction.atomic
def decline_closure(
    closure: Closure, *, reasons: str, by: Actor, now: datetime, behalf: Behalf | None = None
) -> Closure:
    """不予签批: the leader returns the request with reasons; this attempt ends.

    Raises NotAllowed, Invalid, WrongState.
    """
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=closure.matter_id)
    leader = _check_signature(closure, matter, behalf=behalf, by=by, now=now)
    reasons = checked_text(reasons, field="reasons", message="请写明退回的理由。")
    returned = _claimed(
        closure,
        from_states=(ClosureState.ASKED,),
        state=ClosureState.RETURNED,
        returned_at=now,
        returned_by_name=by.name[:40],
        return_reasons=reasons,
        is_overseers_return=True,
    )
    facts = {"attempt": returned.attempt, "leader": leader, **_behalf_data(behalf)}
    return_in_ledger(matter, reasons=reasons, by=by, now=now, is_overseers=True, facts=facts)
    return returned


def _check_signature(closure: Closure, matter: Matter, *, behalf: Behalf | None, by: Actor, now: datetime) -> str:
    """Return whose decision is entered, where it is not the actor's own; empty for the leader's own. Raises."""
    require(by, Permission.CLOSURE_AGREE, jurisdiction_id=matter.jurisdiction_id)
    if closure.overseer_id is None:
        raise WrongState("这件事项没有分管或联系领导，不必签批。")
    if may_sign(by, closure):
        if behalf is not None:
            raise Invalid("领导本人或秘书签批不必代录。", field="channel")
        own = {post_id for one in by.holds(Role.LEADER, Role.GOVERNMENT_HEAD) for post_id in one.post_ids}
        if closure.overseer_id in own or by.holds(Role.GOVERNMENT_HEAD):
            return ""
        holder = post_holders([closure.overseer_id], on=day_of(now)).get(closure.overseer_id)
        return (holder.name if holder else str(closure.overseer))[:40]
    if by.holds(*LEADER_ROLES) or not may_sign_on_behalf(by, matter):
        raise NotAllowed("这件事项不由您签批。")
    _check_behalf(is_own=False, behalf=behalf)
    return behalf.signer.strip()[:40] if behalf else ""


def _check_behalf(*, is_own: bool, behalf: Behalf | None) -> None:
    if is_own and behalf is not None:
        raise Invalid("本单位申请不必代录。", field="channel")
    if not is_own and behalf is None:
        raise Invalid("请写明是怎样签的（纸质或电话）、由谁签的。", field="channel")
    if behalf is not None and len(behalf.signer.strip()) < 2:
        raise Invalid("请写明由谁签的。", field="informant")


@dataclass(frozen=True, slots=True)
class Verification:
    """What the office found. true_keys: the items that are as the unit says.

    verifiers: who looked; empty: who enters it.   version: that of the request the officer saw.
    """

    method: Method | None
    findings: str
    true_keys: frozenset[str]
    verified_on: date
    verifiers: str = ""
    version: int = 0


@transaction.atomic
def verify_closure(closure: Closure, *, verification: Verification, by: Actor, now: datetime) -> Closure:
    """核验: the office looks, at the documents or on site, and says of each item whether it is so; again to correct it.

    Raises NotAllowed, Invalid, WrongState, Conflict (a colleague entered a verification meanwhile).
    Source: docs/sources.md#closing
    """
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=closure.matter_id)
    require(by, Permission.CLOSURE_VERIFY, jurisdiction_id=matter.jurisdiction_id)
    if verification.method is None:
        raise Invalid("请选择核验方式。", field="method")
    findings = checked_text(verification.findings, field="findings", message="请写明核验情况。")
    today = day_of(now)
    standing = Closure.objects.get(pk=closure.pk)
    asked_on, after = day_of(standing.asked_at) if standing.asked_at else today, "申请销号的日期"
    past_day(verification.verified_on, what="核验日期", field="verified_on", today=today, since=asked_on, after=after)
    _check_version(standing, verification.version)
    verified = _claimed(
        closure,
        from_states=(ClosureState.AGREED, ClosureState.VERIFIED),
        state=ClosureState.VERIFIED,
        method=verification.method.value,
        findings=findings,
        verified_on=verification.verified_on,
        verifiers=(verification.verifiers.strip() or by.name)[:60],
        verified_at=now,
        verified_by_name=by.name[:40],
        version=F("version") + 1,
    )
    items = list(ClosureItem.objects.filter(closure=verified))
    for one in items:
        one.is_true = one.key in verification.true_keys
    ClosureItem.objects.bulk_update(items, ["is_true"])
    data = {
        "method": verified.method,
        "findings": findings,
        "verified_on": verified.verified_on,
        "verifiers": verified.verifiers,
        "on_site": verified.on_site,
        "untrue": [one.text for one in items if not one.is_true],
    }
    record(EventName.CLOSURE_VERIFIED, _subject(verified, data=data), by=by, now=now)
    return verified


@dataclass(frozen=True, slots=True)
class Grant:
    """How the office's head closes. despite: why, for each doubt there is.   unsigned_reason: as matters asks for it.

    version: that of the request the head saw.
    """

    conclusion: str
    grade: str = ""
    despite: Mapping[Doubt, str] | None = None
    unsigned_reason: str = ""
    version: int = 0


@transaction.atomic
def grant_closure(closure: Closure, *, grant: Grant, by: Actor, now: datetime) -> Closure:
    """准予销号: after verification; what speaks against it needs a written reason. The evidence then stays for good.

    Raises NotAllowed, Invalid, WrongState, Conflict. Source: docs/sources.md#closing
    """
    matter = Matter.objects.select_for_update(of=("self",)).select_related("plan__policy").get(pk=closure.matter_id)
    require(by, Permission.CLOSURE_GRANT, jurisdiction_id=matter.jurisdiction_id)
    standing = Closure.objects.select_related("matter").get(pk=closure.pk)
    if standing.state != ClosureState.VERIFIED:
        raise WrongState("还没有核验，或者他人刚刚办理过，不能销号。")
    _check_version(standing, grant.version)
    conclusion = checked_text(grant.conclusion, field="conclusion", message="请写明核验结论。")
    grades = policy_of(matter.plan).closure.grades
    if grant.grade and grant.grade not in grades:
        raise Invalid("督查规则中没有这个等次。", field="grade")
    despite = {}
    for doubt in doubts_about(standing):
        said = (grant.despite or {}).get(doubt, "")
        message = f"{DOUBT_LABELS[doubt]}，请写明仍予销号的理由。"
        despite[doubt.value] = checked_text(said, field=f"despite-{doubt}", message=message)
    granted = _claimed(
        closure,
        from_states=(ClosureState.VERIFIED,),
        state=ClosureState.GRANTED,
        conclusion=conclusion,
        grade=grant.grade,
        despite=despite,
        granted_at=now,
        granted_by_name=by.name[:40],
    )
    standing_evidence = Evidence.objects.standing().filter(matter=matter).values_list("pk", flat=True)
    facts = {
        "attempt": granted.attempt,
        "method": granted.method,
        "grade": granted.grade,
        "despite": despite,
        "evidence": hold_evidence(matter, ids=list(standing_evidence), by=by, now=now),
    }
    close_in_ledger(matter, conclusion=conclusion, unsigned_reason=grant.unsigned_reason, by=by, now=now, facts=facts)
    return granted


@transaction.atomic
def return_closure(closure: Closure, *, reasons: str, by: Actor, now: datetime) -> Closure:
    """退回销号申请: the office gives it back with reasons; the unit goes on and may ask again.

    Raises NotAllowed, Invalid, WrongState. Source: docs/sources.md#closing
    """
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=closure.matter_id)
    require(by, Permission.CLOSURE_GRANT, jurisdiction_id=matter.jurisdiction_id)
    reasons = checked_text(reasons, field="reasons", message="请写明退回的理由。")
    returned = _claimed(
        closure,
        from_states=ASKED_STATES,
        state=ClosureState.RETURNED,
        returned_at=now,
        returned_by_name=by.name[:40],
        return_reasons=reasons,
    )
    facts = {"attempt": returned.attempt, "return_no": returns_of(matter)}
    return_in_ledger(matter, reasons=reasons, by=by, now=now, facts=facts)
    return returned


# ---- what they share


def _locked(matter: Matter) -> tuple[Matter, Assignment]:
    """Return the matter, locked, and the lead that asks for it. Raises NotFound, WrongState."""
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan__policy").get(pk=matter.pk)
    merging = merging_of(standing)
    if merging is None:
        raise WrongState("还没有汇总的牵头单位，不能申请销号。")
    return standing, merging


def _filled_in(matter: Matter, merging: Assignment, *, request: Request) -> tuple[Closure, list[tuple[Item, Answer]]]:
    """Return the request the unit works on (a new attempt where there is none) and its answers. Raises."""
    if matter.state != State.IN_PROGRESS:
        raise WrongState(f"{matter}当前不在办理中，不能申请销号，请刷新后再看。")
    if Matter.objects.filter(parent=matter, state__in=[State.DRAFT, *OPEN_STATES]).exists():
        raise WrongState(f"{matter}还有未办结的工作子项，不能申请销号。")
    closure = Closure.objects.filter(matter=matter, state__in=IN_UNIT).prefetch_related("items").first()
    if closure is None and request.version:
        raise WrongState("销号申请刚刚被办理过，请刷新后再看。")
    if closure is not None:
        _check_version(closure, request.version)
        closure.unit = merging.unit  # the lead may have changed since
    else:
        last = Closure.objects.filter(matter=matter).aggregate(Max("attempt"))["attempt__max"] or 0
        closure = Closure(matter=matter, unit=merging.unit, attempt=last + 1, version=0)
    items = []
    for item in checklist_now(matter):
        answer = request.answers.get(item.key, Answer())
        try:
            items.append((item, Answer(answer.is_done, checked_how(answer.how))))
        except Invalid as error:
            raise Invalid(error.message, field=f"how-{item.key}")
    return closure, items


def _check_version(closure: Closure, seen: int) -> None:
    if closure.version != seen:
        raise Conflict("他人刚刚改过这份销号申请，请对照后再提交。", theirs=closure)


def _differs(closure: Closure, items: list[tuple[Item, Answer]], *, statement: str) -> bool:
    stands = [(one.key, one.is_done, one.how) for one in closure.items.all()]
    said = [(item.key, answer.is_done, answer.how) for item, answer in items]
    return stands != said or closure.statement != statement.strip()


def _statement(statement: str) -> str:
    if not statement.strip():
        return ""
    return checked_text(statement, field="statement", message="完成情况太短，请写得具体一些。")


def _put(closure: Closure, items: list[tuple[Item, Answer]]) -> None:
    """Write a request and its checklist anew, one version later."""
    closure.version += 1
    closure.save()
    closure.items.all().delete()
    ClosureItem.objects.bulk_create(
        ClosureItem(
            closure=closure,
            order=order,
            key=item.key,
            kind=item.kind.value,
            text=item.text,
            facts=item.facts[:200],
            is_done=answer.is_done,
            how=answer.how,
        )
        for order, (item, answer) in enumerate(items, start=1)
    )


def _claimed(closure: Closure, *, from_states: tuple[ClosureState, ...], **changes: Any) -> Closure:
    claimed = Closure.objects.filter(pk=closure.pk, state__in=from_states).update(**changes)
    if not claimed:
        raise WrongState("这份销号申请刚刚被他人办理过，请刷新后再看。")
    return Closure.objects.select_related("matter", "unit", "overseer").get(pk=closure.pk)


def _items_data(items: list[tuple[Item, Answer]]) -> dict[str, Any]:
    return {"items": [{"text": item.text, "is_done": answer.is_done, "how": answer.how} for item, answer in items]}


def _behalf_data(behalf: Behalf | None) -> dict[str, str]:
    return {} if behalf is None else {"channel": behalf.channel.value, "signer": behalf.signer.strip()}


def _subject(closure: Closure, *, data: dict[str, Any], is_units_own: bool = True) -> Subject:
    """Return what an event is about. is_units_own: other units of the matter do not read it."""
    own = {"unit": closure.unit.name, "unit_id": closure.unit_id} if is_units_own else {}
    return Subject(
        type="closure",
        id=closure.pk,
        label=str(closure),
        matter_id=closure.matter_id,
        jurisdiction_id=closure.matter.jurisdiction_id,
        data={**own, "attempt": closure.attempt, **data},
    )
