"""受理、指定复核人、复核决定: decided by somebody who took no part; whoever did is refused here, whatever the door."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from duban.access.models import Account
from duban.access.rules import Permission, Role, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotAllowed, WrongState
from duban.core.text import date_text
from duban.objections.actions.common import about, claim, tell_reviewer, tell_unit
from duban.objections.actions.effects import Ruling, apply_ruling, checked_remedy, settle_score
from duban.objections.models import Objection
from duban.objections.queries import JOINED, Ruled, panel_of, review_data, review_number, review_page, why_not
from duban.objections.rules import (
    AT_OFFICE,
    DECLINING_LABELS,
    OUTCOME_LABELS,
    REASON_LENGTH,
    Declining,
    ObjectionState,
    checked_words,
    is_out_of_time,
)
from duban.papers.actions import allot_number, freeze_paper
from duban.papers.drawing import Drawn, NumberTaken, drawn, with_next_number
from duban.papers.queries import next_number
from duban.papers.rules import PaperKind


class Recused(NotAllowed):
    """Whoever took part in what is objected to, or belongs to the unit that objects, does not decide it."""

    code = "recused"


def _require_apart(objection: Objection, *, by: Actor) -> None:
    """Raise Recused, or NotAllowed for somebody not named to decide. Source: docs/sources.md#objections"""
    if (why := why_not(by, objection)) is not None:
        raise Recused(str(why)) if why.is_recusal else NotAllowed(str(why))


@transaction.atomic
def accept_objection(objection: Objection, *, by: Actor, now: datetime) -> Objection:
    """受理: the office takes a filed objection in hand; it says nothing of who is right. The clock runs already.

    Raises NotAllowed, WrongState (it came too late: it can only be declined).
    """
    require(by, Permission.OBJECTION_ACCEPT, jurisdiction_id=objection.jurisdiction_id)
    if objection.filed_on is not None and is_out_of_time(filed_on=objection.filed_on, last_on=objection.last_on):
        raise WrongState("这份申请超过了申请期限，只能不予受理。")
    claim(
        objection,
        ObjectionState.FILED,
        state=ObjectionState.ACCEPTED,
        accepted_at=now,
        accepted_by_name=by.name[:40],
    )
    record(EventName.OBJECTION_ACCEPTED, about(objection, {"decide_by": objection.decide_by}), by=by, now=now)
    words = f"{objection.about}的复核申请已受理，{date_text(objection.decide_by)}前决定。"
    tell_unit(objection, text=words, what="accepted", by=by, now=now)
    return objection


@transaction.atomic
def decline_objection(
    objection: Objection, *, declined_as: Declining, reason: str, by: Actor, now: datetime
) -> Objection:
    """不予受理: what came too late, or objects to no conclusion, with the reason; that is a decision, so whoever took
    part does not take it. Raises NotAllowed, Recused, Invalid (it came in time), WrongState.
    """
    require(by, Permission.OBJECTION_DECIDE, jurisdiction_id=objection.jurisdiction_id)
    _require_apart(objection, by=by)
    words = checked_words(reason, what="不予受理的理由", field="reason", most=REASON_LENGTH)
    filed_on = objection.filed_on
    is_late = filed_on is not None and is_out_of_time(filed_on=filed_on, last_on=objection.last_on)
    if declined_as is Declining.OUT_OF_TIME and not is_late:
        raise Invalid("这份申请在期限之内，不能以超期不予受理。", field="declined_as")
    claim(
        objection,
        ObjectionState.FILED,
        state=ObjectionState.DECLINED,
        declined_at=now,
        declined_by_name=by.name[:40],
        declined_as=declined_as,
        declined_reason=words,
    )
    settle_score(objection, reason="复核申请不予受理", by=by, now=now)
    data = {"why": DECLINING_LABELS[declined_as], "reason": words}
    record(EventName.OBJECTION_DECLINED, about(objection, data), by=by, now=now)
    text = f"{objection.about}的复核申请不予受理（{DECLINING_LABELS[declined_as]}）：{words}"
    tell_unit(objection, text=text, what="declined", by=by, now=now)
    return objection


@transaction.atomic
def appoint_reviewer(objection: Objection, *, reviewer: Account, reason: str, by: Actor, now: datetime) -> Objection:
    """指定复核人: where those who usually decide took part, a leader or another officer who did not is named.

    Who took part does not choose who judges it; only the head of government, above whom nobody stands here, may.
    Raises NotAllowed, Recused, Invalid (that person took part, or may not be named), WrongState.
    """
    require(by, Permission.OBJECTION_APPOINT, jurisdiction_id=objection.jurisdiction_id)
    is_head = any(one.jurisdiction_id in (None, objection.jurisdiction_id) for one in by.holds(Role.GOVERNMENT_HEAD))
    panel = panel_of(objection, on=day_of(now))
    if not is_head and (why := why_not(by, objection)) is not None and why.is_recusal:
        raise Recused(str(why))
    words = checked_words(reason, what="指定的理由", field="reason", most=REASON_LENGTH)
    found = next((one for one in (*panel.usual, *panel.nameable) if one.account_id == reviewer.pk), None)
    if found is None:
        raise Invalid(f"{reviewer.name}参与过此事、属于申请单位，或者不能被指定。", field="reviewer")
    claim(
        objection,
        *AT_OFFICE,
        reviewer_account_id=reviewer.pk,
        reviewer_name=reviewer.name[:40],
        reviewer_reason=words,
        appointed_at=now,
        appointed_by_name=by.name[:40],
    )
    data = {"reviewer": found.name, "role": found.role, "reviewer_id": reviewer.pk, "reason": words}
    record(EventName.REVIEWER_APPOINTED, about(objection, data), by=by, now=now)
    tell_reviewer(objection, reviewer, by=by, now=now)
    return objection


def decide_objection(objection: Objection, *, ruling: Ruling, by: Actor, now: datetime) -> Objection:
    """复核决定: uphold, uphold in part or reject, with reasons. The decision is numbered and frozen, and the conclusion
    changed by a new event of the room it stands in, all in one transaction.

    Drawn with the next number before anything is locked (see `with_next_number`).
    Raises NotAllowed, Recused (took part, of the unit that objects), Invalid, WrongState (not accepted, decided by
    somebody else meanwhile). Source: docs/sources.md#objections
    """
    require(by, Permission.OBJECTION_DECIDE, jurisdiction_id=objection.jurisdiction_id)
    _require_apart(objection, by=by)
    reasons = checked_words(ruling.reasons, what="决定的理由", field="reasons")
    remedy = checked_remedy(objection, ruling)
    ruled = Ruled(ruling.outcome, reasons, remedy, by.name)
    today = day_of(now)

    def attempt() -> Objection:
        joined = Objection.objects.select_related(*JOINED)
        standing = joined.filter(pk=objection.pk, state=ObjectionState.ACCEPTED).first()
        if standing is None:
            raise WrongState("受理以后才能决定；这份申请还没有受理，或者已经办结。")
        number = next_number(standing.jurisdiction_id, kind=PaperKind.REVIEW, year=today.year)
        content = review_data(standing, ruled=ruled, number=number, on=today)
        with drawn(review_page(content), values=content) as page:
            return _decide(standing, ruling=ruling, ruled=ruled, number=number, page=page, by=by, now=now)

    return with_next_number(attempt)


@transaction.atomic
def _decide(
    objection: Objection, *, ruling: Ruling, ruled: Ruled, number: int, page: Drawn, by: Actor, now: datetime
) -> Objection:
    today = day_of(now)
    told: dict[str, Any] = {"by": by, "now": now, "permission": Permission.OBJECTION_DECIDE}
    words = review_number(objection, number=number, year=today.year)
    claim(objection, ObjectionState.ACCEPTED, version=F("version") + 1)  # its row is held from here
    _require_apart(objection, by=by)  # what came into the trail while the page was drawn, counts
    if allot_number(objection.jurisdiction_id, kind=PaperKind.REVIEW, year=today.year, **told) != number:
        raise NumberTaken
    claim(
        objection,
        ObjectionState.ACCEPTED,
        state=ObjectionState.DECIDED,
        decided_at=now,
        decided_by_name=by.name[:40],
        decided_by_account_id=by.account_id,
        outcome=ruled.outcome,
        reasons=ruled.reasons,
        remedy=ruled.remedy,
        number=number,
        number_year=today.year,
        number_text=words,
    )
    done = apply_ruling(objection, ruling, number=words, by=by, now=now)
    data = {
        "outcome": ruled.outcome.value,
        "reasons": ruled.reasons,
        "remedy": ruled.remedy,
        "done": done,
        "number": words,
        "is_late": objection.decide_by is not None and today > objection.decide_by,
    }
    record(EventName.OBJECTION_DECIDED, about(objection, data), by=by, now=now)
    text = f"{objection.about}的复核决定（{words}）：{OUTCOME_LABELS[ruled.outcome]}。{ruled.remedy}"
    tell_unit(objection, text=text, what="decided", by=by, now=now)
    freeze_paper(
        objection,
        drawn=page,
        kind=PaperKind.REVIEW,
        plan=objection.plan,
        title=f"关于{objection.about}的复核决定书",
        addressee=objection.unit.full_name or objection.unit.name,
        dated_on=today,
        units=[objection.unit_id],
        matters=[objection.matter_id] if objection.matter_id else [],
        number=words,
        **told,
    )
    return objection
