"""A visit as somebody sees it: its matters, claims, answers, findings, what followed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from duban.access.rules import OFFICE_ROLES, WHOLE_UNIT_ROLES, Role
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.matters.models import Matter, Plan
from duban.orgs.models import Unit
from duban.visits.models import (
    Answer,
    Claim,
    Finding,
    PlannedCheck,
    Rectification,
    RectificationStep,
    Verifier,
    Visit,
    VisitItem,
    VisitQuerySet,
)
from duban.visits.rules import SEEN_BY_UNITS, Result, VisitState


def visits_for(actor: Actor) -> VisitQuerySet:
    """Return the visits this actor may see, the latest first, joined. Two statements with their units."""
    joined = Visit.objects.visible_to(actor).select_related(
        "plan__policy", "plan__jurisdiction", "jurisdiction", "draw", "check_of"
    )
    units = Prefetch("units", queryset=Unit.objects.order_by("order", "pk"), to_attr="some_units")
    return joined.prefetch_related(units).order_by("-first_on", "-pk")


def visit_for(actor: Actor, pk: int) -> Visit:
    """Return a visit this actor may see. Raises NotFound."""
    found = visits_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这次核验，或者您无权查看。")
    return found


def is_of_office(actor: Actor, jurisdiction_id: int) -> bool:
    """Return whether the actor is of the office of a place."""
    return any(one.jurisdiction_id in (None, jurisdiction_id) for one in actor.holds(*OFFICE_ROLES))


def units_of_actor(actor: Actor) -> set[int]:
    """Return the units the actor speaks for."""
    return {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}


@dataclass(slots=True)
class SeenClaim:
    """One claim with what was answered. standing: the one that holds.   waiting: those written without sight of it."""

    claim: Claim
    standing: Answer | None = None
    waiting: list[Answer] = field(default_factory=list)
    former: list[Answer] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """What a form says it saw."""
        return self.standing.pk if self.standing else 0


@dataclass(slots=True)
class SeenItem:
    """One matter of a visit with its claims and findings."""

    item: VisitItem
    claims: list[SeenClaim] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether every claim has a result."""
        return all(one.standing is not None for one in self.claims)


def items_of(visit: Visit, *, actor: Actor | None = None) -> list[SeenItem]:
    """Return the matters of a visit with claims, answers and findings. Four statements.

    actor: narrows to what a unit or a leader may see: the matters they have a part in; None is the office.
    """
    rows = VisitItem.objects.filter(visit=visit).select_related("matter", "unit").order_by("order", "pk")
    if actor is not None and not is_of_office(actor, visit.jurisdiction_id):
        rows = rows.filter(matter__in=Matter.objects.visible_to(actor))
    items = {one.pk: SeenItem(one) for one in rows}
    claims: dict[int, SeenClaim] = {}
    for claim in Claim.objects.filter(item__in=items).select_related("unit").order_by("order", "pk"):
        claims[claim.pk] = SeenClaim(claim)
        items[claim.item_id].claims.append(claims[claim.pk])
    for answer in Answer.objects.filter(claim__item__in=items).order_by("answered_at", "pk"):
        seen = claims[answer.claim_id]
        if answer.is_standing:
            seen.standing = answer
        else:
            (seen.waiting if answer.is_conflict else seen.former).append(answer)
    for finding in Finding.objects.filter(item__in=items).order_by("number"):
        items[finding.item_id].findings.append(finding)
    return list(items.values())


def verifiers_of(visit: Visit) -> list[Verifier]:
    """Return who goes, in order. One statement."""
    return list(Verifier.objects.filter(visit=visit).order_by("order", "pk"))


def planned_checks(plan: Plan, *, is_whole: bool = False) -> list[PlannedCheck]:
    """Return the checks of the year's plan in the order of their days, each with `some_units` and `some_visits`.

    Three statements. is_whole: also those dropped.
    """
    found = PlannedCheck.objects.filter(plan=plan).select_related("approval", "plan")
    if not is_whole:
        found = found.filter(dropped_at=None)
    units = Prefetch("units", queryset=Unit.objects.order_by("order", "pk"), to_attr="some_units")
    held = Visit.objects.exclude(state=VisitState.DROPPED).order_by("first_on", "pk")
    visits = Prefetch("visits", queryset=held, to_attr="some_visits")
    return list(found.prefetch_related(units, visits).order_by("first_on", "pk"))


def planned_check(plan: Plan, pk: int) -> PlannedCheck:
    """Return one check of a plan. Raises NotFound."""
    found = PlannedCheck.objects.filter(plan=plan, pk=pk).select_related("plan__policy", "approval").first()
    if found is None:
        raise NotFound("督查计划中没有这一项。")
    return found


@dataclass(slots=True)
class SeenRectification:
    """A rectification with everything written in its course."""

    row: Rectification
    steps: list[RectificationStep] = field(default_factory=list)

    @property
    def last_report(self) -> RectificationStep | None:
        """The last thing written."""
        return self.steps[-1] if self.steps else None


def rectifications_of(visit: Visit, *, actor: Actor | None = None) -> list[SeenRectification]:
    """Return what units have to put right after a visit. Two statements. actor: a unit sees its own."""
    rows = Rectification.objects.filter(visit=visit).select_related("unit", "visit__plan")
    if actor is not None and not is_of_office(actor, visit.jurisdiction_id):
        own = units_of_actor(actor)
        if not actor.holds(Role.LEADER, Role.SECRETARY):
            rows = rows.filter(unit_id__in=own)
    found = {one.pk: SeenRectification(one) for one in rows.order_by("unit__order", "unit_id")}
    for step in RectificationStep.objects.filter(rectification__in=found).order_by("written_at", "pk"):
        found[step.rectification_id].steps.append(step)
    return list(found.values())


def rectification_of(actor: Actor, visit: Visit, unit_id: int) -> Rectification:
    """Return the rectification a unit owes after a visit, for who may see it. Raises NotFound."""
    found = Rectification.objects.filter(visit=visit, unit_id=unit_id).select_related("unit", "visit__plan__policy")
    if not is_of_office(actor, visit.jurisdiction_id):
        found = found.filter(unit_id__in=units_of_actor(actor))
    row = found.first()
    if row is None:
        raise NotFound("没有这项整改，或者您无权查看。")
    return row


def visits_of_matter(actor: Actor, matter: Matter) -> list[VisitItem]:
    """Return the visits to a matter this actor may see, the latest first, joined. One statement."""
    seen = Visit.objects.visible_to(actor).exclude(state=VisitState.DROPPED)
    rows = VisitItem.objects.filter(matter=matter, visit__in=seen).select_related("visit", "unit")
    return list(rows.order_by("-visit__first_on", "-pk"))


# ---- what other rooms read


@dataclass(frozen=True, slots=True)
class UntrueFinding:
    """A matter of which a verification found a report untrue, while that finding stands.

    unit_ids: the units whose claim was untrue.   words: what was found.
    """

    matter_id: int
    unit_ids: tuple[int, ...]
    found_on: date
    visit_id: int
    item_id: int
    words: str


def untrue_findings(plan: Plan, *, until: date) -> list[UntrueFinding]:
    """Return the findings of 不实 on a plan's matters made up to a day, which stand; the earliest first.

    A finding that was overturned is left out; one that was put right stays. Two statements.
    """
    rows = VisitItem.objects.filter(
        visit__plan=plan, visit__state__in=SEEN_BY_UNITS, result=Result.UNTRUE, visit__visited_on__lte=until
    )
    items = list(rows.select_related("visit", "matter").order_by("visit__visited_on", "matter__order", "pk"))
    return _told(items)


def untrue_standing(matter_ids: Iterable[int], *, without: VisitItem | None = None) -> dict[int, date]:
    """Return, of these matters, the day of the last open finding of 不实: it stands and is not put right yet."""
    rows = VisitItem.objects.filter(matter_id__in=list(matter_ids), result=Result.UNTRUE, cured_on=None)
    if without is not None:
        rows = rows.exclude(pk=without.pk)
    found: dict[int, date] = {}
    for matter_id, day in rows.values_list("matter_id", "visit__visited_on").order_by("visit__visited_on"):
        if day is not None:
            found[matter_id] = day
    return found


def _told(items: list[VisitItem]) -> list[UntrueFinding]:
    units: dict[int, list[int]] = defaultdict(list)
    untrue = Answer.objects.filter(claim__item__in=items, is_standing=True, result=Result.UNTRUE)
    for item_id, unit_id in untrue.order_by("claim__order", "pk").values_list("claim__item_id", "claim__unit_id"):
        if unit_id not in units[item_id]:
            units[item_id].append(unit_id)
    words: dict[int, Finding] = {}
    for one in Finding.objects.filter(item__in=items).order_by("number"):
        words[one.item_id] = one
    return [
        UntrueFinding(
            matter_id=one.matter_id,
            unit_ids=tuple(units[one.pk]) or (one.unit_id,),
            found_on=one.visit.visited_on or one.visit.first_on,
            visit_id=one.visit_id,
            item_id=one.pk,
            words=words[one.pk].words if one.pk in words else "",
        )
        for one in items
    ]


def visit_item(actor: Actor, pk: int) -> VisitItem:
    """Return one matter of a visit this actor may see, joined. Raises NotFound."""
    found = (
        VisitItem.objects.filter(pk=pk, visit__in=Visit.objects.visible_to(actor))
        .select_related("visit__plan__policy", "matter__plan__policy", "unit")
        .first()
    )
    if found is None:
        raise NotFound("没有这项核验，或者您无权查看。")
    return found
