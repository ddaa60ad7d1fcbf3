"""Reads of the organisation that several doors share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from duban.access.models import Account
from duban.access.queries import grants_in_force
from duban.access.rules import Role
from duban.audit.models import Event
from duban.core.actor import Actor, Held
from duban.core.text import folded
from duban.orgs.models import Appointment, Jurisdiction, Person, Post, Unit, UnitAlias, UnitContact, UnitGroup, in_force
from duban.orgs.rules import ContactRole, Level, PostKind, core_key, named_thing, place_prefixes

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
    absorbed = absorbed_by(own)
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
    for contact in contacts:
        held.append(
            Held(
                role=_ROLE_OF_CONTACT[ContactRole(contact.role)],
                jurisdiction_id=contact.unit.jurisdiction_id,
                unit_ids=frozenset({contact.unit_id} | absorbed[contact.unit_id]),
            )
        )
    return Actor(name=account.name, account_id=account.pk, person_id=person.pk, held=tuple(held))


def _leader_posts(person_id: int | None, *, on: date) -> frozenset[int]:
    """Return the posts a served leader holds on a day; empty for roles that serve nobody."""
    if person_id is None:
        return frozenset()
    return frozenset(Appointment.objects.filter(in_force(on), person_id=person_id).values_list("post_id", flat=True))


def absorbed_by(unit_ids: set[int]) -> dict[int, set[int]]:
    """Return for each unit all units merged into it, step by step."""
    pieces: dict[int, set[int]] = {}
    frontier = set(unit_ids)
    while frontier:
        found = list(Unit.objects.filter(merged_into__in=frontier).values_list("merged_into_id", "pk"))
        for into, pk in found:
            pieces.setdefault(into or 0, set()).add(pk)
        frontier = {pk for _, pk in found} - unit_ids
    absorbed: dict[int, set[int]] = {}
    for unit_id in unit_ids:
        todo = {unit_id}
        absorbed[unit_id] = set()
        while todo:
            todo = set().union(*(pieces.get(pk, set()) for pk in todo))
            absorbed[unit_id] |= todo
    return absorbed


class UnitNames(dict[str, Unit]):
    """Every name a unit goes by, key → the unit that stands today; `find` also takes off the place it begins with."""

    def __init__(self, jurisdiction: Jurisdiction, pairs: Iterable[tuple[str, Unit]] = ()) -> None:
        super().__init__()
        self.prefixes = place_prefixes(
            name=jurisdiction.name, short_name=jurisdiction.short_name, level=Level(jurisdiction.level)
        )
        self.cores: dict[str, list[Unit]] = {}
        for key, unit in pairs:
            self[key] = unit

    def __setitem__(self, key: str, unit: Unit) -> None:
        """Add a name."""
        super().__setitem__(key, unit)
        same = self.cores.setdefault(core_key(key, prefixes=self.prefixes), [])
        if not any(one is unit for one in same):
            same.append(unit)

    def __delitem__(self, key: str) -> None:
        """Take a name away."""
        unit = self[key]
        super().__delitem__(key)
        core = core_key(key, prefixes=self.prefixes)
        if not any(one is unit and core_key(other, prefixes=self.prefixes) == core for other, one in self.items()):
            self.cores[core] = [one for one in self.cores[core] if one is not unit]

    def find(self, name: str) -> Unit | None:
        """Return the unit this name means: 区教育局, 教育局, 临江区教育局 are one; None where two would fit."""
        return named_thing(name, by_key=self, by_core=self.cores, prefixes=self.prefixes)


def units_by_name(jurisdiction: Jurisdiction) -> UnitNames:
    """Return the units of a jurisdiction by the folded form of each name; a merged unit's names give the survivor.

    Two queries. The result is a dict with `find(name)` for names that leave out or add the place.
    """
    units = {one.pk: one for one in Unit.objects.filter(jurisdiction=jurisdiction).order_by("pk")}
    names = UnitAlias.objects.filter(jurisdiction=jurisdiction).order_by("pk").values_list("key", "unit_id")
    return UnitNames(jurisdiction, [(key, _survivor(units, unit_id)) for key, unit_id in names])


def _survivor(units: Mapping[int, Unit], unit_id: int) -> Unit:
    unit = units[unit_id]
    while unit.merged_into_id is not None:
        unit = units[unit.merged_into_id]
    return unit


def find_units(actor: Actor, *, text: str) -> QuerySet[Unit]:
    """Return the units that stand today whose names hold `text`: Chinese, pinyin (jiaoyu) or initials (jyj).

    Those whose name begins with it come first. An empty text gives all, in their order.
    """
    units = Unit.objects.visible_to(actor).current()
    wanted = folded(text)
    if not wanted:
        return units.order_by("order", "pk")
    found = Q(keys__contains=wanted) | Q(pinyin__contains=wanted) | Q(initials__contains=wanted)
    begins = Q(keys__startswith=wanted) | Q(pinyin__startswith=wanted) | Q(initials__startswith=wanted)
    return units.filter(found).order_by(Case(When(begins, then=0), default=1), "order", "pk")


def find_people(actor: Actor, *, text: str) -> QuerySet[Person]:
    """Return people whose name holds `text`: Chinese, pinyin or initials; those that begin with it first."""
    people = Person.objects.visible_to(actor)
    wanted = folded(text)
    if not wanted:
        return people.order_by("pinyin", "pk")
    found = Q(name__contains=wanted) | Q(pinyin__contains=wanted) | Q(initials__contains=wanted)
    begins = Q(name__startswith=wanted) | Q(pinyin__startswith=wanted) | Q(initials__startswith=wanted)
    return people.filter(found).order_by(Case(When(begins, then=0), default=1), "pinyin", "pk")


def post_holders(post_ids: Iterable[int], *, on: date) -> dict[int, Person]:
    """Return who holds each of these posts on a day; a post without a holder is absent. One query."""
    rows = Appointment.objects.filter(in_force(on), post_id__in=list(post_ids)).select_related("person").order_by("pk")
    return {one.post_id: one.person for one in rows}


def people_of_unit(unit: Unit) -> QuerySet[Person]:
    """Return whoever holds or held a post of this unit, or is or was its contact; by name."""
    served = Q(appointments__post__unit=unit) | Q(contact_for__unit=unit)
    return Person.objects.filter(served).distinct().order_by("pinyin", "pk")


def namesakes(jurisdiction: Jurisdiction, *, name: str, unit: Unit | None = None) -> list[Person]:
    """Return the people of this name; where some of them serve the unit, only those."""
    wanted = "".join(name.split())
    if unit is not None and (own := list(people_of_unit(unit).filter(name=wanted))):
        return own
    return list(Person.objects.filter(jurisdiction=jurisdiction, name=wanted).order_by("pk"))


@dataclass(frozen=True, slots=True)
class UnitCard:
    """A unit with what is shown beside it: further names, who heads it, whom to call."""

    unit: Unit
    aliases: tuple[str, ...]
    head: Appointment | None
    deputy: UnitContact | None
    liaison: UnitContact | None

    @property
    def is_missing_contacts(self) -> bool:
        """Whether one of the two contacts is not named."""
        return self.deputy is None or self.liaison is None


def unit_cards(units: Iterable[Unit], *, on: date) -> list[UnitCard]:
    """Return the cards of these units, in their order. Three queries however many."""
    units = list(units)
    pks = [one.pk for one in units]
    aliases: dict[int, list[str]] = {pk: [] for pk in pks}
    for unit_id, alias in UnitAlias.objects.filter(unit_id__in=pks).order_by("pk").values_list("unit_id", "alias"):
        aliases[unit_id].append(alias)
    heads = {
        one.post.unit_id: one
        for one in Appointment.objects.filter(in_force(on), post__unit_id__in=pks, post__kind=PostKind.UNIT_HEAD)
        .select_related("post", "person")
        .order_by("pk")
    }
    contacts = {
        (one.unit_id, one.role): one
        for one in UnitContact.objects.filter(in_force(on), unit_id__in=pks).select_related("person").order_by("pk")
    }
    return [
        UnitCard(
            unit=unit,
            aliases=tuple(one for one in aliases[unit.pk] if one not in (unit.name, unit.full_name)),
            head=heads.get(unit.pk),
            deputy=contacts.get((unit.pk, ContactRole.DEPUTY)),
            liaison=contacts.get((unit.pk, ContactRole.LIAISON)),
        )
        for unit in units
    ]


def terms_shown(terms: Iterable[Appointment | UnitContact]) -> dict[str, Any]:
    """Return who held a post (or was a contact) from when to when, in words, as a form shows it, for `seen`."""
    ordered = sorted(terms, key=lambda one: (one.from_on, one.pk))
    return {"历任": [_term_words(one) for one in ordered]}


def _term_words(one: Appointment | UnitContact) -> str:
    until = f"至 {one.to_on.isoformat()}" if one.to_on else "起"
    qualifier = one.qualifier if isinstance(one, Appointment) else ""
    return " ".join(filter(None, (one.person.name, one.from_on.isoformat(), until, qualifier)))


def person_shown(person: Person) -> dict[str, Any]:
    """Return what may be changed of a person, in words, as a form shows it."""
    return {"姓名": person.name, "电话": person.phone, "邮箱": person.email, "备注": person.note}


def post_shown(post: Post) -> dict[str, Any]:
    """Return what may be changed of a post, in words, as a form shows it, for `seen`."""
    return {"岗位": post.title, "排序": post.order}


def members_shown(group: UnitGroup | None) -> dict[str, Any]:
    """Return whom a collective name means, as a form shows it, for `seen`; nobody where it is new."""
    return {"成员": [one.name for one in group.members.order_by("order", "pk")] if group else []}


def history_of_unit(unit: Unit, *, limit: int) -> list[Event]:
    """Return what was done to a unit, those merged into it, and their posts, newest first: the last `limit` events."""
    pks = {unit.pk} | absorbed_by({unit.pk})[unit.pk]
    posts = list(Post.objects.filter(unit_id__in=pks).values_list("pk", flat=True))
    of_unit = Q(subject_type="unit", subject_id__in=pks) | Q(subject_type="post", subject_id__in=posts)
    return list(Event.objects.filter(of_unit).order_by("-at", "-pk")[:limit])


def history_of_person(person: Person, *, limit: int) -> list[Event]:
    """Return what was done to a person's entry, newest first: the last `limit` events."""
    return list(Event.objects.filter(subject_type="person", subject_id=person.pk).order_by("-at", "-pk")[:limit])
