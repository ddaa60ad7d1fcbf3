"""Reads of the organisation that several doors share."""

from datetime import date

from duban.access.models import Account
from duban.access.queries import grants_in_force
from duban.access.rules import Role
from duban.core.actor import Actor, Held
from duban.orgs.models import Appointment, Person, Unit, UnitContact, in_force
from duban.orgs.rules import ContactRole, PostKind

_ROLE_OF_POST = {
    PostKind.UNIT_HEAD: Role.UNIT_HEAD,
    PostKind.RESPONSIBLE: Role.RESPONSIBLE,
    PostKind.LEADER: Role.LEADER,
    PostKind.GOVERNMENT_HEAD: Role.GOVERNMENT_HEAD,
}
_ROLE_OF_CONTACT = {ContactRole.LIAISON: Role.LIAISON, ContactRole.DEPUTY: Role.UNIT_DEPUTY}


def actor_of(account: Account, *, on: date) -> Actor:
    """Return who this account acts as today: grants, appointments and unit contacts together.

    Three queries for an officer, one more where units were merged. A unit's holder acts for the units merged into it.
    """
    held = [
        Held(
            role=grant.role,
            jurisdiction_id=grant.jurisdiction_id,
            person_id=grant.leader_person_id,
            post_ids=_leader_posts(grant.leader_person_id, on=on),
        )
        for grant in grants_in_force(account, on=on)
    ]
    person = Person.objects.filter(account=account).first()
    if person is None:
        return Actor(name=account.name, account_id=account.pk, held=tuple(held))
    appointments = Appointment.objects.filter(in_force(on), person=person).select_related("post").order_by("pk")
    contacts = UnitContact.objects.filter(in_force(on), person=person).select_related("unit").order_by("pk")
    own = {one.post.unit_id for one in appointments if one.post.unit_id} | {one.unit_id for one in contacts}
    absorbed = _absorbed_by(own)
    for one in appointments:
        role = _ROLE_OF_POST[PostKind(one.post.kind)]
        units = frozenset({one.post.unit_id} | absorbed[one.post.unit_id]) if one.post.unit_id else frozenset()
        leader = person.pk if role in (Role.LEADER, Role.GOVERNMENT_HEAD) else None
        held.append(
            Held(
                role=role,
                jurisdiction_id=one.post.jurisdiction_id,
                unit_ids=units,
                person_id=leader,
                post_ids=frozenset({one.post_id}),
            )
        )
    for one in contacts:
        held.append(
            Held(
                role=_ROLE_OF_CONTACT[ContactRole(one.role)],
                jurisdiction_id=one.unit.jurisdiction_id,
                unit_ids=frozenset({one.unit_id} | absorbed[one.unit_id]),
            )
        )
    return Actor(name=account.name, account_id=account.pk, person_id=person.pk, held=tuple(held))


def _leader_posts(person_id: int | None, *, on: date) -> frozenset[int]:
    """Return the posts a served leader holds on a day; empty for roles that serve nobody."""
    if person_id is None:
        return frozenset()
    return frozenset(Appointment.objects.filter(in_force(on), person_id=person_id).values_list("post_id", flat=True))


def _absorbed_by(unit_ids: set[int]) -> dict[int, set[int]]:
    """Return for each unit all units merged into it, step by step."""
    absorbed: dict[int, set[int]] = {unit_id: set() for unit_id in unit_ids}
    into = {unit_id: unit_id for unit_id in unit_ids}
    frontier = set(unit_ids)
    while frontier:
        found = list(Unit.objects.filter(merged_into__in=frontier).values_list("pk", "merged_into"))
        frontier = set()
        for pk, target in found:
            into[pk] = into[target]
            absorbed[into[target]].add(pk)
            frontier.add(pk)
    return absorbed
