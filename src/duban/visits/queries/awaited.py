"""What of visits waits: at the office on a morning, and for units that have something to put right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from duban.access.rules import OFFICE_ROLES, Permission, may
from duban.core.actor import Actor
from duban.core.presence import there_is
from duban.matters.models import Plan
from duban.visits.models import PlannedCheck, Rectification, TakenResults, Visit
from duban.visits.queries.seen import units_of_actor
from duban.visits.rules import LIVE, RectifyingState, TakenState, VisitState


@dataclass(frozen=True, slots=True)
class Morning:
    """What of visits waits on a morning.

    checks: of the plan, to be approved.   to_approve, to_hold, to_confirm, to_conclude: visits.   to_recheck: units
    that say it is put right.   results: uploaded lists nobody has counted.
    """

    checks: list[PlannedCheck] = field(default_factory=list)
    to_approve: list[Visit] = field(default_factory=list)
    to_hold: list[Visit] = field(default_factory=list)
    to_confirm: list[Visit] = field(default_factory=list)
    to_conclude: list[Visit] = field(default_factory=list)
    to_recheck: list[Rectification] = field(default_factory=list)
    results: list[TakenResults] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many things wait."""
        return sum(len(getattr(self, one)) for one in Morning.__dataclass_fields__)


_BY_STATE = {
    VisitState.PREPARED: "to_approve",
    VisitState.APPROVED: "to_hold",
    VisitState.HELD: "to_confirm",
    VisitState.CONFIRMED: "to_conclude",
}


def morning_of(actor: Actor, plans: Sequence[Plan], *, today: date) -> Morning:
    """Return what of these plans' visits waits for the reader today. One statement, one more for each kind that is
    there.

    A visit whose days are still ahead waits for nobody.
    """
    places = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    plans = [one for one in plans if places & {None, one.jurisdiction_id}]
    found = Morning()
    if not plans:
        return found
    approves, judges = may(actor, Permission.VISIT_APPROVE), may(actor, Permission.FINDING_JUDGE)
    works = may(actor, Permission.VISIT_PREPARE)
    open_ = [one for one in plans if one.closed_at is None]  # of a closed year only its rectification goes on
    checks = PlannedCheck.objects.filter(plan__in=open_, approval=None, dropped_at=None)
    live = Visit.objects.filter(plan__in=plans, state__in=LIVE)
    reported = Rectification.objects.filter(visit__plan__in=plans, state=RectifyingState.REPORTED)
    uploaded = TakenResults.objects.filter(plan__in=open_, state=TakenState.PREVIEWED)
    asked: dict[str, QuerySet[Any]] = {"live": live}
    asked |= {"checks": checks} if approves else {}
    asked |= {"reported": reported} if judges else {}
    asked |= {"uploaded": uploaded} if works else {}
    there = there_is(Plan.objects.filter(pk=plans[0].pk), asked)
    if "checks" in there:
        found.checks.extend(checks.select_related("plan").order_by("first_on", "pk"))
    for one in live.order_by("first_on", "pk") if "live" in there else ():
        place = _BY_STATE[VisitState(one.state)]
        if place == "to_hold" and (one.first_on > today or not works):
            continue
        if (place == "to_approve" and not approves) or (place == "to_confirm" and not judges):
            continue
        if place == "to_conclude" and not works:
            continue
        getattr(found, place).append(one)
    if "reported" in there:
        found.to_recheck.extend(reported.select_related("visit", "unit").order_by("report_due_on", "pk"))
    if "uploaded" in there:
        found.results.extend(uploaded.order_by("uploaded_at", "pk"))
    return found


def rectifying_for(actor: Actor) -> QuerySet[Rectification]:
    """Return what the actor's units still have to put right, the soonest due first, joined."""
    open_ = (RectifyingState.PLAN_OWED, RectifyingState.UNDER_WAY)
    rows = Rectification.objects.filter(unit_id__in=units_of_actor(actor), state__in=open_)
    return rows.select_related("visit", "unit").order_by("plan_due_on", "pk")
