"""年度办结: a plan is closed once nothing of it is open, and opened again where that must be."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from duban.access.rules import Permission, require
from duban.archives.models import PlanClosing
from duban.archives.queries import open_counts
from duban.archives.rules import NOTE_LENGTH, REASON_LENGTH, blockers_words
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import WrongState
from duban.core.typed import checked_words
from duban.matters.actions import NewApproval, approval_data, put_closed, put_open
from duban.matters.models import Matter, Plan


class StillOpen(WrongState):
    """Something of the year is still open."""


@transaction.atomic
def close_plan(plan: Plan, *, note: str, approval: NewApproval, by: Actor, now: datetime) -> PlanClosing:
    """年度办结: from now on the plan can only be looked at, and archived.

    note: how the year ended, in a few words.   Nothing is carried over, terminated or waived by it: each of these is
    decided before, thing by thing.   Raises NotAllowed, Invalid, WrongState (closed already), StillOpen (says what).
    Source: docs/sources.md#archives
    """
    require(by, Permission.PLAN_CLOSE, jurisdiction_id=plan.jurisdiction_id)
    words = checked_words(note, what="办结情况", field="note", most=NOTE_LENGTH)
    decided = put_closed(
        plan, approval=approval, by=by, now=now
    )  # first: whoever is changing a matter right now is waited for
    if problem := blockers_words(open_counts(plan)):
        raise StillOpen(problem)
    states = Matter.objects.filter(plan=plan).order_by().values_list("state").annotate(Count("pk"))
    counts = dict(sorted(states))
    made = PlanClosing.objects.create(
        plan=plan,
        number=PlanClosing.objects.filter(plan=plan).count() + 1,
        counts=counts,
        note=words,
        approval=decided,
        closed_at=now,
        closed_by_name=by.name[:40],
    )
    data: dict[str, Any] = {"note": words, "counts": counts, "approval": approval_data(decided)}
    record(EventName.PLAN_CLOSED, plan, by=by, now=now, data=data)
    return made


@transaction.atomic
def reopen_plan(plan: Plan, *, reason: str, approval: NewApproval, by: Actor, now: datetime) -> PlanClosing:
    """重新打开: a closed plan may be changed again, for a reason and approved; it has to be closed anew afterwards.

    Archives written before stay as they are. Raises NotAllowed, Invalid, WrongState (not closed).
    """
    require(by, Permission.PLAN_CLOSE, jurisdiction_id=plan.jurisdiction_id)
    words = checked_words(reason, what="重新打开的理由", field="reason", most=REASON_LENGTH)
    decided = put_open(plan, approval=approval, by=by, now=now)
    standing = PlanClosing.objects.get(plan=plan, reopened_at=None)
    standing.reopened_at, standing.reopened_by_name = now, by.name[:40]
    standing.reopened_reason, standing.reopened_approval = words, decided
    standing.save(update_fields=["reopened_at", "reopened_by_name", "reopened_reason", "reopened_approval"])
    data: dict[str, Any] = {"reason": words, "approval": approval_data(decided), "closed_at": standing.closed_at}
    record(EventName.PLAN_REOPENED, plan, by=by, now=now, data=data)
    return standing
