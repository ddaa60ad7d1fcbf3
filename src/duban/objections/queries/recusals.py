"""回避: who took part in what is objected to, as the trail has it; who may decide, who may be named.

Source: docs/sources.md#objections
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from duban.access.models import Account, Grant
from duban.access.queries import grants_of_role
from duban.access.rules import ROLE_LABELS, Role
from duban.audit.models import Event
from duban.audit.rules import EVENT_LABELS, EventName
from duban.core.actor import Actor
from duban.matters.models import Assignment
from duban.matters.rules import Light
from duban.objections.models import Objection
from duban.objections.rules import (
    APPOINTABLE,
    DECIDERS,
    DECIDING,
    OF_AN_ENTRY,
    OF_REPORTS,
    OF_THE_OBJECTION,
    Acted,
    Reviewer,
    Target,
    WhyNot,
    recused,
    took_part_words,
    why_not_decide,
    why_recused,
)
from duban.orgs.models import Appointment, UnitContact, in_force
from duban.orgs.queries import absorbed_by
from duban.orgs.rules import PostKind
from duban.visits.models import Verifier
from duban.visits.rules import Result


def acted_on(objection: Objection) -> list[Acted]:
    """Return what was done by whom to what is objected to and to what it rests on, from the trail. One statement.

    What came after a bulletin was issued is no part of its entries.
    """
    return acted_on_many([objection])[objection.pk]


def acted_on_many(objections: Collection[Objection], *, account_id: int | None = None) -> dict[int, list[Acted]]:
    """Return `acted_on` of several, by the objection's id. One statement.   account_id: only what this account did."""
    found: dict[int, list[Acted]] = {one.pk: [] for one in objections}
    bulletins = {one.citation.bulletin_id for one in objections if one.citation is not None}
    visits = {one.visit_item.visit_id for one in objections if one.visit_item is not None}
    evaluations = {one.sheet.evaluation_id for one in objections if one.sheet is not None}
    matters = {one.matter_id for one in objections if one.matter_id is not None and one.visit_item is None}
    reported = _reported_matters(objections)
    matters |= set().union(*reported.values())
    names = set().union(*(DECIDING[Target(one.target)] for one in objections))
    wanted = (
        Q(subject_type="objection", subject_id__in=list(found))
        | Q(subject_type="bulletin", subject_id__in=bulletins)
        | Q(subject_type="visit", subject_id__in=visits)
        | Q(subject_type="evaluation", subject_id__in=evaluations)
        | Q(matter_id__in=matters)
    )
    whose = Q(actor_id__isnull=False) if account_id is None else Q(actor_id=account_id)
    events = Event.objects.filter(wanted, whose, name__in=[one.value for one in names]).order_by("at", "pk")
    for event in events.only(*_READ):
        for one in objections:
            if _is_about(event, one, reported=reported.get(one.pk, frozenset())):
                act = Acted(EventName(event.name), event.actor_id, event.actor_name, event.at)
                found[one.pk].append(act)
    _add_verifiers(found, objections, visits=visits, account_id=account_id)
    return found


def _reported_matters(objections: Collection[Objection]) -> dict[int, frozenset[int]]:
    """Return of objections to scores the matters their units report on, by the objection. One statement, or none."""
    scores = [one for one in objections if one.sheet is not None]
    if not scores:
        return {}
    units, plans = {one.unit_id for one in scores}, {one.plan_id for one in scores}
    parts = Assignment.objects.filter(unit_id__in=units, matter__plan_id__in=plans)
    rows = set(parts.values_list("unit_id", "matter__plan_id", "matter_id"))
    return {
        one.pk: frozenset(pk for unit_id, plan_id, pk in rows if (unit_id, plan_id) == (one.unit_id, one.plan_id))
        for one in scores
    }


def _add_verifiers(
    found: dict[int, list[Acted]], objections: Collection[Objection], *, visits: set[int], account_id: int | None
) -> None:
    """Add who was named to go and look: one who did took part, whoever wrote it down. Two statements, or none.

    Who works at the office is in no unit's directory: there the name tells, and where two bear it, both stand aside.
    """
    if not visits:
        return
    went = Verifier.objects.filter(visit_id__in=visits, visit__held_at__isnull=False)
    rows = list(went.select_related("person", "visit").order_by("visit_id", "order", "pk"))
    unknown = {one.name for one in rows if one.person is None}
    by_name = list(Account.objects.filter(name__in=unknown).values_list("name", "pk")) if unknown else []
    for verifier in rows:
        person, visit = verifier.person, verifier.visit
        accounts = [pk for name, pk in by_name if name == verifier.name] if person is None else [person.account_id]
        for pk in accounts:
            if pk is None or visit.held_at is None or account_id not in (None, pk):
                continue
            for one in objections:
                if one.visit_item is not None and one.visit_item.visit_id == visit.pk:
                    found[one.pk].append(Acted(EventName.VISIT_HELD, pk, verifier.name, visit.held_at))


_READ = ("name", "actor_id", "actor_name", "at", "subject_type", "subject_id", "matter_id", "data")


def _is_about(event: Event, objection: Objection, *, reported: Collection[int]) -> bool:
    """Return whether an event of the trail is about this objection, what it is about, or what that rests on.

    reported: of a score, the matters the unit reports on.
    """
    name = EventName(event.name)
    if name in OF_THE_OBJECTION:
        return event.subject_type == "objection" and event.subject_id == objection.pk
    if objection.visit_item is not None:
        return event.subject_type == "visit" and event.subject_id == objection.visit_item.visit_id
    if objection.sheet is not None:
        if name in OF_REPORTS:
            return event.matter_id in reported and event.data.get("unit_id") == objection.unit_id
        is_here = event.subject_type == "evaluation" and event.subject_id == objection.sheet.evaluation_id
        return is_here and event.data.get("unit_id") in (None, objection.unit_id)
    citation = objection.citation
    if citation is None:
        return event.matter_id == objection.matter_id
    if event.subject_type == "bulletin":
        if event.subject_id != citation.bulletin_id:
            return False
        own = event.data.get("matter") == str(citation) and event.data.get("unit_id") == citation.unit_id
        return own or name not in OF_AN_ENTRY
    issued_at = citation.bulletin.issued_at
    is_of_matter = objection.matter_id is not None and event.matter_id == objection.matter_id
    return is_of_matter and issued_at is not None and event.at <= issued_at


def reviewer_of(actor: Actor, objection: Objection) -> Reviewer:
    """Return an actor as the rules of recusal look at one: the roles held in the place of the objection."""
    here = [one for one in actor.held if one.jurisdiction_id in (None, objection.jurisdiction_id)]
    return Reviewer(
        account_id=actor.account_id,
        roles=frozenset(Role(one.role) for one in here),
        unit_ids=frozenset(unit_id for one in actor.held for unit_id in one.unit_ids),
    )


def units_of(objection: Objection) -> set[int]:
    """Return the objecting unit and all merged into it. One statement."""
    return {objection.unit_id} | absorbed_by({objection.unit_id})[objection.unit_id]


def why_not(actor: Actor, objection: Objection) -> WhyNot | None:
    """Return why this actor may not decide this objection, or None. Two statements."""
    return why_not_any(actor, [objection])[objection.pk]


def why_not_any(actor: Actor, objections: Collection[Objection]) -> dict[int, WhyNot | None]:
    """Return `why_not` of several, by the objection's id. Three statements at most; the units are joined."""
    acted = acted_on_many(objections, account_id=actor.account_id) if objections else {}
    absorbed = absorbed_by({one.unit_id for one in objections}) if objections else {}
    return {
        one.pk: why_not_decide(
            reviewer_of(actor, one),
            taken=recused(acted[one.pk], target=Target(one.target)),
            units={one.unit_id} | absorbed[one.unit_id],
            appointed=one.reviewer_account_id,
            labels=EVENT_LABELS,
        )
        for one in objections
    }


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might decide. is_usual: without being named; is_of_unit: belongs to the unit that objects."""

    account_id: int
    name: str
    role: str
    is_usual: bool
    is_of_unit: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Who stands aside in an objection, and who is left.

    recused: those who took part, with by what.   usual: who may decide without being named; nameable: who else may be.
    """

    recused: Sequence[tuple[str, str]]
    usual: Sequence[Candidate]
    nameable: Sequence[Candidate]

    @property
    def is_nobody_left(self) -> bool:
        """Whether everybody who usually decides took part."""
        return not self.usual


def panel_of(objection: Objection, *, on: date) -> Panel:
    """Return who stands aside and who may decide or be named, on a day. Seven statements."""
    taken = recused(acted_on(objection), target=Target(objection.target))
    units = units_of(objection)
    usual: list[Candidate] = []
    nameable: list[Candidate] = []
    for one in _candidates(objection, units=units, on=on):
        reviewer = Reviewer(one.account_id, frozenset(), frozenset(units) if one.is_of_unit else frozenset())
        if why_recused(reviewer, taken=taken, units=units, labels=EVENT_LABELS) is None:
            (usual if one.is_usual else nameable).append(one)
    words = [(one.name, took_part_words(one, EVENT_LABELS)) for one in taken.values()]
    return Panel(words, usual, nameable)


def _candidates(objection: Objection, *, units: set[int], on: date) -> list[Candidate]:
    """Return everybody whose role may decide or be named, each once, by the first of the roles held."""
    place = objection.jurisdiction_id
    rank = {role: number for number, role in enumerate(APPOINTABLE)}
    found: dict[int, tuple[Role, str]] = {}

    def take(role: Role, account: Account | None) -> None:
        if account is None or not account.is_active:
            return
        standing = found.get(account.pk)
        if standing is None or rank[role] < rank[standing[0]]:
            found[account.pk] = (role, account.name)

    for role in (Role.OFFICE_HEAD, Role.DEPUTY_DIRECTOR, Role.DIRECTOR, Role.OFFICER):
        grants: QuerySet[Grant] = grants_of_role(role, on=on).filter(jurisdiction_id=place)
        for grant in grants.select_related("account").order_by("pk"):
            take(role, grant.account)
    of_posts = {PostKind.GOVERNMENT_HEAD: Role.GOVERNMENT_HEAD, PostKind.LEADER: Role.LEADER}
    held = Appointment.objects.filter(in_force(on), post__jurisdiction=place, post__kind__in=list(of_posts))
    for one in held.select_related("post", "person__account").order_by("post__order", "pk"):
        take(of_posts[PostKind(one.post.kind)], one.person.account)
    contacts = UnitContact.objects.filter(in_force(on), unit_id__in=units).values_list("person__account_id", flat=True)
    posts = Appointment.objects.filter(in_force(on), post__unit_id__in=units)
    own = {*contacts, *posts.values_list("person__account_id", flat=True)}
    return [
        Candidate(pk, name, ROLE_LABELS[role], role in DECIDERS, pk in own)
        for pk, (role, name) in sorted(found.items(), key=lambda item: (rank[item[1][0]], item[0]))
    ]


def better_lights(light: str) -> list[Light]:
    """Return the lights better than one, the best first: what a review that finds for the unit may put."""
    order = [Light.GREEN, Light.YELLOW, Light.RED]
    return order[: order.index(Light(light))]


def better_results(result: str) -> list[Result]:
    """Return the results of a verification better than one, the best first."""
    order = list(Result)
    return order[: order.index(Result(result))]
