"""Choosing a person by name in a form: somebody known, one of several of that name, or a new person."""

from django.http import QueryDict

from duban.access.rules import Permission, may
from duban.core.actor import Actor
from duban.core.errors import Invalid
from duban.orgs.actions import NewPerson
from duban.orgs.models import Jurisdiction, Person, Unit
from duban.orgs.queries import namesakes, people_of_unit
from duban.web.given import number_of


def offered_people(actor: Actor, *, place: Jurisdiction, unit: Unit | None) -> list[Person]:
    """Return whose names a form offers: everybody of the place to the office, the unit's own people to a unit."""
    if may(actor, Permission.ORG_EDIT, jurisdiction_id=place.pk):
        return list(Person.objects.filter(jurisdiction=place).order_by("pinyin", "pk"))
    return list(people_of_unit(unit)) if unit is not None else []


def person_meant(
    given: QueryDict, *, place: Jurisdiction, unit: Unit | None, offered: list[Person]
) -> Person | NewPerson | list[Person]:
    """Return who the fields `name` and `person` mean; a list where somebody must say which of several.

    person: the id chosen among namesakes, or “new”. Raises Invalid (no name, or one that was not offered).
    """
    name = "".join(given.get("name", "").split())
    if not name:
        raise Invalid("姓名要填写。", field="name")
    may_be = {one.pk for one in offered}
    known = [one for one in namesakes(place, name=name, unit=unit) if one.pk in may_be]
    chosen = given.get("person", "")
    if chosen == "new" or not known:
        return NewPerson(name, phone=given.get("phone", "").strip())
    if number := number_of(chosen):
        picked = next((one for one in known if one.pk == number), None)
        if picked is None:
            raise Invalid("请选定是哪一位。", field="person")
        return picked
    return known[0] if len(known) == 1 else known


def told_apart(people: list[Person]) -> list[tuple[Person, str]]:
    """Return people with what tells namesakes apart: telephone, note, else their number."""
    return [(one, "，".join(filter(None, [one.phone, one.note])) or f"编号{one.pk}") for one in people]
