"""抽取核验名单: once a plan; again only with a reason, and the former stays. Source: docs/sources.md#visits"""

from datetime import datetime

from django.db import IntegrityError, transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.matters.actions import hold_open
from duban.matters.models import Plan
from duban.matters.queries import policy_of
from duban.visits.models import Draw, DrawnMatter, Visit
from duban.visits.queries import draw_of, pools_of
from duban.visits.rules import KEY_LENGTH, REASON_LENGTH, VisitState, Why, checked_words, listed_of, lot_of


@transaction.atomic
def draw_list(plan: Plan, *, seed: str, by: Actor, now: datetime, reason: str = "") -> Draw:
    """抽取核验名单: everything named in a bulletin, everything ever red, and by the seed some of the closed.

    seed: recorded with the pools, so that anybody can draw again and get the same list. It is given by the door (drawn
    there, or typed), never made here.   reason: why it is drawn again; the former list stays on record.
    Raises NotAllowed, Invalid, WrongState (drawn already, visits of the former list are under way, the plan is closed).
    """
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    word = seed.strip()
    if not 4 <= len(word) <= KEY_LENGTH or ":" in word:
        raise Invalid(f"种子为 4 至 {KEY_LENGTH} 个字符，不含冒号。", field="seed")
    former, dropped = draw_of(plan), []
    why = reason.strip()
    if former is not None:
        if not why:
            raise WrongState(f"{former}已由{former.drawn_by_name}抽取；确需重抽的，请写明理由。")
        why = checked_words(why, what="重抽的理由", field="reason", most=REASON_LENGTH)
        if Visit.objects.filter(draw=former).exclude(state__in=[VisitState.PREPARED, VisitState.DROPPED]).exists():
            raise WrongState("按原名单的核验已经批准或开展，不能重抽。")
        if not Draw.objects.filter(pk=former.pk, replaced_at=None).update(replaced_at=now):
            raise WrongState("名单刚刚已由他人重抽。")
        prepared = Visit.objects.filter(draw=former, state=VisitState.PREPARED)
        dropped = list(prepared.order_by("first_on", "pk").values_list("title", flat=True))
        prepared.update(
            state=VisitState.DROPPED, dropped_at=now, dropped_by_name=by.name[:40], dropped_reason="核验名单重新抽取"
        )
    elif why:
        raise Invalid("第一次抽取不必写重抽的理由。", field="reason")
    today = day_of(now)
    pools, matters = pools_of(plan, until=today)
    pct = policy_of(plan).visits.random_pct
    listed = listed_of(pools, seed=word, pct=pct)
    if not listed:
        raise Invalid("还没有通报点名、亮过红灯或已销号的事项，名单是空的。", field="seed")
    try:
        with transaction.atomic():
            draw = Draw.objects.create(
                jurisdiction_id=plan.jurisdiction_id,
                plan=plan,
                number=former.number + 1 if former else 1,
                seed=word,
                pct=pct,
                as_of=today,
                pools=pools._asdict(),
                drawn_at=now,
                drawn_by_name=by.name[:40],
                reason=why,
            )
    except IntegrityError as error:
        raise WrongState("名单刚刚已由他人抽取。") from error
    DrawnMatter.objects.bulk_create(
        DrawnMatter(
            draw=draw,
            matter_id=matters[one.key],
            key=one.key[:40],
            why=[why.value for why in one.why],
            lot=lot_of(word, one.key) if Why.DRAWN in one.why else "",
        )
        for one in listed
    )
    counts = {why.value: sum(why in one.why for one in listed) for why in (Why.NAMED, Why.RED, Why.DRAWN)}
    subject = Subject(
        type="draw",
        id=draw.pk,
        label=str(draw),
        jurisdiction_id=plan.jurisdiction_id,
        data={"seed": word, "pct": pct, "number": draw.number, "count": len(listed), "why": counts, "reason": why}
        | ({"dropped": dropped} if dropped else {}),
    )
    record(EventName.LIST_DRAWN, subject, by=by, now=now)
    return draw
