"""Reads of closing that several doors share, already joined."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from duban.access.rules import LEADER_ROLES, Permission, Role, acting_with, may
from duban.closing.models import Closure, ClosureItem
from duban.closing.rules import (
    ASKED_STATES,
    HOW_LENGTH,
    IN_UNIT,
    METHOD_LABELS,
    Answer,
    ClosureState,
    Doubt,
    Item,
    ItemKind,
    Method,
    NodeFacts,
    OnSite,
    PartFacts,
    TargetFacts,
    checklist_of,
    decide_by,
    doubts_of,
    how_for,
)
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import NotFound
from duban.documents.kinds.closure_list import Closed, ClosureListData
from duban.evidence.models import Evidence
from duban.evidence.rules import needs_evidence
from duban.matters.models import Assignment, Matter, Obligation, Overseer, Plan, said_on_matters_seen_by
from duban.matters.queries import policy_of
from duban.matters.rules import Kind, Owed, OwedState, Part, Sense, State, office_name
from duban.obstacles.queries import open_obstacles
from duban.orgs.models import Unit
from duban.progress.models import Figure, Progress
from duban.progress.rules import target_share
from duban.reports.models import Report
from duban.reports.rules import ReportState

_SENTENCES_MOST = 8


def merging_of(matter: Matter) -> Assignment | None:
    """Return the part of the lead that merges and asks, unit joined."""
    return Assignment.objects.filter(matter=matter, is_merging=True, ended_at=None).select_related("unit").first()


def is_own_unit(actor: Actor, unit_id: int) -> bool:
    """Return whether the actor acts for this unit itself, not for it at the office."""
    return any(unit_id in one.unit_ids for one in actor.held)


# ---- the attempts


def closures_of(actor: Actor, matter: Matter) -> list[Closure]:
    """Return the attempts to close a matter as this actor may see them, the latest first, checklists joined."""
    found = Closure.objects.visible_to(actor).filter(matter=matter).select_related("unit", "overseer")
    return list(found.prefetch_related("items").order_by("-attempt"))


def closure_for(actor: Actor, matter: Matter) -> Closure:
    """Return the live attempt to close a matter. Raises NotFound."""
    found = Closure.objects.visible_to(actor).live().filter(matter=matter).select_related("unit", "overseer").first()
    if found is None:
        raise NotFound("这件事项没有正在办理的销号申请，或者您无权查看。")
    return found


def returns_of(matter: Matter) -> int:
    """Return how often the office returned the requests on a matter since it was last closed.

    The fact by which a letter may be due; what a leader would not sign is not counted.
    """
    granted = Closure.objects.filter(matter=matter, state=ClosureState.GRANTED).order_by("-attempt").first()
    returned = Closure.objects.filter(
        matter=matter,
        state=ClosureState.RETURNED,
        is_overseers_return=False,
        attempt__gt=granted.attempt if granted else 0,
    )
    return returned.count()


def decision_day(closure: Closure) -> date | None:
    """Return by when the office decides; None before it was asked. The matter's plan and policy are joined."""
    if closure.asked_at is None:
        return None
    workdays = policy_of(closure.matter.plan).closure.decide_workdays
    return decide_by(day_of(closure.asked_at), decide_workdays=workdays)


def closures_at_office(actor: Actor) -> QuerySet[Closure]:
    """Return what has been asked for and not decided, the earliest first: the office's queue."""
    found = Closure.objects.visible_to(actor).filter(state__in=ASKED_STATES, matter__state=State.CLOSING)
    return found.select_related("matter__plan__policy", "unit", "overseer").order_by("asked_at", "pk")


def closures_to_decide(actor: Actor) -> QuerySet[Closure]:
    """Return what waits to be verified, and for who may grant it what is verified, the earliest asked first."""
    verifies, grants = (acting_with(actor, one) for one in (Permission.CLOSURE_VERIFY, Permission.CLOSURE_GRANT))
    to_verify = Q(said_on_matters_seen_by(verifies), state=ClosureState.AGREED)
    to_grant = Q(said_on_matters_seen_by(grants), state=ClosureState.VERIFIED)
    asked = Closure.objects.filter(state__in=(ClosureState.AGREED, ClosureState.VERIFIED))
    found = asked.filter(to_verify | to_grant, matter__state=State.CLOSING)
    return found.select_related("matter__plan__policy", "unit").order_by("asked_at", "pk")


def closures_in_hand(actor: Actor) -> QuerySet[Closure]:
    """Return every attempt somebody still has to do something about: live ones, and the last where it was returned."""
    later = Closure.objects.filter(matter=OuterRef("matter"), attempt__gt=OuterRef("attempt"))
    in_unit = Q(state__in=IN_UNIT) | Q(Q(state=ClosureState.RETURNED) & ~Exists(later))
    wanted = Q(in_unit, matter__state=State.IN_PROGRESS) | Q(state__in=ASKED_STATES, matter__state=State.CLOSING)
    found = Closure.objects.visible_to(actor).filter(wanted)
    return found.select_related("matter__plan__policy", "unit", "overseer").order_by("matter__order", "pk")


def closure_list(actor: Actor, plan: Plan, *, first: date, last: date) -> ClosureListData:
    """Return the matters of a plan that were closed from one day to another (both counted), as this actor may see them.

    The last grant of a matter within these days; where it was closed before, the first day of all beside it.
    """
    granted = Closure.objects.visible_to(actor).filter(matter__plan=plan, state=ClosureState.GRANTED)
    found: dict[int, list[Closure]] = defaultdict(list)
    for one in granted.select_related("matter", "unit").order_by("matter__order", "matter_id", "attempt"):
        found[one.matter_id].append(one)
    rows = []
    for some in found.values():
        closed = [(one, day_of(one.granted_at)) for one in some if one.granted_at is not None]
        within = [(one, day) for one, day in closed if first <= day <= last]
        if within:
            rows.append(_closed(*within[-1], first_on=closed[0][1]))
    place = plan.jurisdiction.short_name
    return ClosureListData(
        title=f"{place}{plan.year}年度督查事项销号清单",
        office=office_name(place),
        first=first,
        last=last,
        rows=tuple(rows),
    )


def _closed(one: Closure, day: date, *, first_on: date) -> Closed:
    return Closed(
        serial=one.matter.serial,
        text=one.matter.title or one.matter.text,
        units=(one.unit.name,),
        result=one.statement or one.conclusion,
        method=METHOD_LABELS[Method(one.method)] if one.method else "",
        verifiers=tuple(filter(None, re.split(r"[、，,\s]+", one.verifiers))),
        closed_on=day,
        first_closed_on=first_on if first_on != day else None,
        grade=one.grade,
    )


# ---- the checklist


@dataclass(frozen=True, slots=True)
class Line:
    """One item as a form begins: what must be met, what was (or may be) said of it. is_proposed: nobody said it yet."""

    item: Item
    answer: Answer
    is_proposed: bool = False


def checklist_now(matter: Matter) -> list[Item]:
    """Return the checklist of a matter as it stands; the last figure of the merging lead counts before others'."""
    last = _last_figures(matter)
    targets = []
    for one in matter.targets.all():
        value = last.get(one.pk)
        share = None if value is None else target_share(value, value=one.value, upper=one.upper, sense=Sense(one.sense))
        targets.append(TargetFacts(one.text, one.subject, one.unit_of_measure, value, share == 100))
    return checklist_of(
        matter.text,
        targets=targets,
        milestones=[NodeFacts(one.title, one.due_on, one.expected_pct) for one in matter.milestones.all()],
        work_items=[
            PartFacts(one.text, State(one.state))
            for one in Matter.objects.filter(parent=matter).order_by("order", "pk")
        ],
    )


def _last_figures(matter: Matter) -> dict[int, Decimal]:
    leads = Assignment.objects.filter(matter=matter, part=Part.LEAD, ended_at=None)
    merging = {unit_id for unit_id, merges in leads.values_list("unit_id", "is_merging") if merges}
    rows = Figure.objects.filter(
        progress__matter=matter,
        progress__unit__in=leads.values("unit_id"),
        target__isnull=False,
    )
    ordered = rows.order_by("progress__effective_on", "progress_id", "pk")
    found: dict[int, Decimal] = {}
    theirs: dict[int, Decimal] = {}
    for target_id, value, unit_id in ordered.values_list("target_id", "value", "progress__unit_id"):
        if target_id is not None:
            (found if unit_id in merging else theirs)[target_id] = value
    return theirs | found


def lines_of(matter: Matter, *, unit: Unit, standing: Closure | None) -> list[Line]:
    """Return the checklist with what stands in a request, else with what the unit said in its progress entries."""
    said = {one.key: one for one in standing.items.all()} if standing else {}
    sentences: list[str] | None = None
    lines = []
    for item in checklist_now(matter):
        old = said.get(item.key)
        if old is not None:
            lines.append(Line(item, Answer(old.is_done, old.how)))
            continue
        if sentences is None:
            sentences = _sentences(matter, unit=unit)
        how = item.facts if item.is_met else how_for(item.text, sentences=sentences)
        lines.append(Line(item, Answer(item.is_met, how), is_proposed=bool(how)))
    clauses = [place for place, one in enumerate(lines) if one.item.kind is ItemKind.CLAUSE]
    if len(clauses) == 1 and sentences and not lines[clauses[0]].answer.how:  # one element: what was said last is of it
        only = lines[clauses[0]]
        lines[clauses[0]] = Line(only.item, Answer(only.answer.is_done, sentences[0][:HOW_LENGTH]), is_proposed=True)
    return lines


def _sentences(matter: Matter, *, unit: Unit) -> list[str]:
    """Return what a unit said of a matter, in progress entries and accepted reports, the latest first."""
    said = Progress.objects.filter(matter=matter, unit=unit).exclude(sentence="").order_by("-effective_on", "-pk")
    entries = list(said.values_list("effective_on", "sentence")[:_SENTENCES_MOST])
    accepted = Report.objects.filter(matter=matter, unit=unit, state=ReportState.ACCEPTED).order_by("-sent_on", "-pk")
    reports = [(day, text) for day, text in accepted.values_list("sent_on", "text") if day is not None]
    return [text for _, text in sorted([*entries, *reports], key=lambda one: one[0], reverse=True)]


# ---- what is seen beside it


@dataclass(frozen=True, slots=True)
class SupportState:
    """How a supporting unit stands on a matter. due_on, met_on: of its own date where it has one."""

    unit: Unit
    is_signed: bool
    due_on: date | None
    met_on: date | None
    is_waived: bool


def supports_of(matter: Matter) -> list[SupportState]:
    """Return how the supporting units of a matter stand, in the matter's order. Two statements."""
    parts = list(
        Assignment.objects.filter(matter=matter, part=Part.SUPPORT, ended_at=None)
        .select_related("unit")
        .order_by("order", "pk")
    )
    owed: dict[int, Obligation] = {}
    for one in Obligation.objects.filter(matter=matter, kind=Owed.FINAL).order_by("due_on", "pk"):
        owed[one.unit_id] = one
    return [
        SupportState(
            unit=part.unit,
            is_signed=part.acknowledged_at is not None,
            due_on=owed[part.unit_id].due_on if part.unit_id in owed else None,
            met_on=owed[part.unit_id].met_on if part.unit_id in owed else None,
            is_waived=part.unit_id in owed and owed[part.unit_id].state == OwedState.WAIVED,
        )
        for part in parts
    ]


def overseers_of(matter: Matter) -> list[Overseer]:
    """Return who oversees a matter, the one who decides first, posts joined."""
    return list(Overseer.objects.filter(matter=matter).select_related("post").order_by("order", "pk"))


def lacks_evidence(matter: Matter) -> bool:
    """Return whether the policy asks for evidence of a matter of this kind and none stands."""
    if not needs_evidence(Kind(matter.kind), policy_of(matter.plan).evidence.compulsory_kinds):
        return False
    return not Evidence.objects.standing().filter(matter=matter).exists()


def doubts_about(closure: Closure) -> list[Doubt]:
    """Return what speaks against granting a request that was verified."""
    items = list(ClosureItem.objects.filter(closure=closure))
    return doubts_of(
        done=[one.is_done for one in items],
        true=[bool(one.is_true) for one in items],
        on_site=[OnSite(one) for one in closure.on_site],
        method=Method(closure.method),
        obstacles=open_obstacles([closure.matter_id]).count(),
        is_found_untrue=closure.matter.untrue_on is not None,
    )


# ---- who may do what


def may_sign(actor: Actor, closure: Closure) -> bool:
    """Return whether the actor signs for the leader it waits for: that leader, who serves the leader, or the head of
    government for any.
    """
    own = {post_id for one in actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD) for post_id in one.post_ids}
    heads = {one.jurisdiction_id for one in actor.holds(Role.GOVERNMENT_HEAD)}
    return closure.overseer_id in own or closure.matter.jurisdiction_id in heads


def may_sign_on_behalf(actor: Actor, matter: Matter) -> bool:
    """Return whether the actor is of the office that enters a leader's signature given on paper."""
    return may(actor, Permission.CLOSURE_VERIFY, jurisdiction_id=matter.jurisdiction_id)
