"""回避: who took part in what is objected to, as the trail has it; who may decide, who may be named.

Source: docs/sources.md#objections
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from duban.access.models import Account, Grant
from duban.access.queries import grants_of_role
from duban.access.rules import ROLE_LABELS, Role
from duban.audit.models import Event
from duban.audit.rules import EVENT_LABELS, EventName
from duban.core.actor import Actor
from duban.matters.rules import Light
from duban.objections.models import Objection
from duban.objections.rules import (
    APPOINTABLE,
    DECIDERS,
    DECIDING,
    OF_AN_ENTRY,
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


def acted_on(objection: Objection) -> list[Acted]:
    """Return what was done by whom to what is objected to and to what it rests on, from the trail. One statement.

    What came after a bulletin was issued is no part of its entries.
    """
    target = Target(objection.target)
    names = DECIDING[target]
    own = Q(subject_type="objection", subject_id=objection.pk, name__in=[one.value for one in OF_THE_OBJECTION])
    wanted = own
    if objection.citation is not None:
        bulletin = objection.citation.bulletin
        about = Q(subject_type="bulletin", subject_id=bulletin.pk)
        of_entries = [one.value for one in OF_AN_ENTRY]
        own_entry = Q(data__matter=str(objection.citation), data__unit_id=objection.citation.unit_id)
        wanted |= about & ~Q(name__in=of_entries) | about & Q(name__in=of_entries) & own_entry
        if objection.matter_id is not None and bulletin.issued_at is not None:
            wanted |= Q(matter_id=objection.matter_id, at__lte=bulletin.issued_at)
    elif objection.matter_id is not None:
        wanted |= Q(matter_id=objection.matter_id)
    found = Event.objects.filter(wanted, name__in=[one.value for one in names], actor_id__isnull=False)
    rows = found.order_by("at", "pk").values_list("name", "actor_id", "actor_name", "at")
    return [Acted(EventName(name), actor_id, actor, at) for name, actor_id, actor, at in rows]


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
    return why_not_decide(
        reviewer_of(actor, objection),
        taken=recused(acted_on(objection), target=Target(objection.target)),
        units=units_of(objection),
        appointed=objection.reviewer_account_id,
        labels=EVENT_LABELS,
    )


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
