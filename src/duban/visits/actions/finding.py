"""认定: what was found counts once the head has confirmed it; 不实 turns the light and reopens at once."""

from datetime import date, datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.matters.actions import put_untrue, reopen
from duban.matters.models import Matter
from duban.matters.rules import State
from duban.orgs.models import Unit
from duban.visits.actions.common import about, claim, count_up, people_of, tell
from duban.visits.models import Answer, Finding, Visit, VisitItem
from duban.visits.queries import items_of, untrue_standing
from duban.visits.rules import (
    REASON_LENGTH,
    RESULT_LABELS,
    SEEN_BY_UNITS,
    Result,
    VisitState,
    checked_words,
    worst_of,
)


@transaction.atomic
def confirm_visit(visit: Visit, *, by: Actor, now: datetime) -> Visit:
    """认定核验结果: the result of each matter is that of its worst claim. 不实: the finding is put on the matter, its
    light turns red and a closed matter is reopened, all in this transaction; the units are told.

    Raises NotAllowed, WrongState (not held, or confirmed by somebody else). Source: docs/sources.md#visits
    """
    require(by, Permission.FINDING_JUDGE, jurisdiction_id=visit.jurisdiction_id)
    claim(visit, VisitState.HELD, state=VisitState.CONFIRMED, confirmed_at=now, confirmed_by_name=by.name[:40])
    if Answer.objects.filter(claim__item__visit=visit, is_conflict=True).exists():
        raise WrongState("有的结果有两种填法，请先商定采用哪一条。")
    found_on = visit.visited_on or visit.last_on
    subjects = []
    counts = dict.fromkeys(Result, 0)
    for seen in items_of(visit):
        answers = [one.standing for one in seen.claims if one.standing is not None]
        result = worst_of(Result(one.result) for one in answers)
        counts[result] += 1
        told = "；".join(
            dict.fromkeys(one.found.rstrip("。；") for one in answers if one.result == result and one.found)
        )
        words = f"{told}。" if told else f"{RESULT_LABELS[result]}。"
        item = seen.item
        Finding.objects.create(
            item=item, number=1, result=result, words=words, found_on=found_on, made_at=now, made_by_name=by.name[:40]
        )
        VisitItem.objects.filter(pk=item.pk).update(result=result)
        if result is Result.UNTRUE:
            _untrue(item.matter_id, visit=visit, words=words, found_on=found_on, by=by, now=now)
        data = {"result": result.value, "words": words, "visited_on": found_on}
        subjects.append(about(visit, data, matter_id=item.matter_id, unit=item.unit))
    whole = {"visited_on": found_on, "counts": {one.value: counts[one] for one in Result}}
    record_many(EventName.FINDINGS_CONFIRMED, [about(visit, whole), *subjects], by=by, now=now)
    units = list(Unit.objects.filter(visits=visit).order_by("order", "pk"))
    tell(
        visit,
        people_of(units, on=day_of(now)),
        title="您有 1 次核验情况可查看",
        text=f"{found_on.month}月{found_on.day}日对“{visit.title}”的核验结果已认定，请查看。",
        what="confirmed",
        link=f"/visits/{visit.pk}/",
        by=by,
        now=now,
    )
    return visit


def _untrue(matter_id: int, *, visit: Visit, words: str, found_on: date, by: Actor, now: datetime) -> None:
    """Put a finding of 不实 on a matter; what was closed is worked on again."""
    matter = Matter.objects.select_for_update(of=("self",)).select_related("plan__policy").get(pk=matter_id)
    if matter.state == State.CLOSED:
        reason = f"{found_on.year}年{found_on.month}月{found_on.day}日核验发现不实：{words}"
        reopen(matter, reason=reason[:REASON_LENGTH], by=by, now=now)
        matter.refresh_from_db()
    put_untrue(matter, found_on=found_on, by=by, now=now)


@transaction.atomic
def overturn_finding(item: VisitItem, *, result: Result, reason: str, by: Actor, now: datetime) -> Finding:
    """改变认定: after an objection the result of a matter is another one, by a new row; the former ones stay.

    The open finding is lifted from the matter where none stands any more, and its light follows; what was reopened is
    not closed by it: the office grants that anew. Called down by whoever decided the objection.
    Raises NotAllowed, Invalid, WrongState (nothing was confirmed, or it says so already).
    """
    visit = item.visit
    require(by, Permission.OBJECTION_DECIDE, jurisdiction_id=visit.jurisdiction_id)
    words = checked_words(reason, what="改变认定的理由", field="reason", most=REASON_LENGTH)
    count_up(visit, *SEEN_BY_UNITS)
    item.refresh_from_db(fields=["result", "cured_on"])
    if not item.result:
        raise WrongState("这一项还没有认定。")
    if item.result == result:
        raise Invalid(f"现在认定的就是“{RESULT_LABELS[result]}”。", field="result")
    before = Result(item.result)
    number = Finding.objects.filter(item=item).count() + 1
    found_on = visit.visited_on or visit.last_on
    finding = Finding.objects.create(
        item=item, number=number, result=result, words=words, found_on=found_on, made_at=now, made_by_name=by.name[:40]
    )
    VisitItem.objects.filter(pk=item.pk).update(result=result, cured_on=None)
    item.refresh_from_db(fields=["result", "cured_on"])
    if result is Result.UNTRUE:
        _untrue(item.matter_id, visit=visit, words=words, found_on=found_on, by=by, now=now)
    elif before is Result.UNTRUE:
        lift(item.matter, by=by, now=now, permission=Permission.OBJECTION_DECIDE)
    data = {"before": before.value, "result": result.value, "words": words}
    subject = about(visit, data, matter_id=item.matter_id, unit=item.unit)
    record(EventName.FINDING_OVERTURNED, subject, by=by, now=now)
    return finding


def lift(matter: Matter, *, by: Actor, now: datetime, permission: Permission = Permission.FINDING_JUDGE) -> None:
    """Let a matter hold the last open finding that is left, or none; its light follows."""
    left = untrue_standing([matter.pk]).get(matter.pk)
    put_untrue(matter, found_on=left, by=by, now=now, permission=permission)
