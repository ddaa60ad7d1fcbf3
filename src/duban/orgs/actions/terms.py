"""Who holds a post, who is a unit's contact, from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import models, transaction

from duban.access.rules import Permission, may, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, WrongState
from duban.core.seen import require_seen
from duban.core.text import date_text
from duban.orgs.actions.common import require_current, tidy
from duban.orgs.actions.people import NewPerson, make_people, set_phones
from duban.orgs.models import Appointment, Person, Post, Unit, UnitContact
from duban.orgs.queries import people_of_unit, terms_shown
from duban.orgs.rules import (
    CONTACT_ROLE_LABELS,
    ContactRole,
    Overlap,
    Term,
    fit_term,
)

Row = TypeVar("Row", Appointment, UnitContact)


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """Who takes a post from a day on. to_on: only for a term that is over, or known to end.

    person: somebody known, or a new person, made by the same action.   seen: of `terms_shown`, as the form showed them.
    """

    post: Post
    person: Person | NewPerson
    from_on: date
    qualifier: str = ""
    to_on: date | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class NewContact:
    """Who is a unit's liaison or deputy from a day on.

    person: somebody known, or a new person, made by the same action. phone: their number where it shall change.
    seen: as of NewAppointment.
    """

    unit: Unit
    role: ContactRole
    person: Person | NewPerson
    from_on: date
    phone: str = ""
    seen: str | None = None


# ---- appointments and contacts


@transaction.atomic
def appoint_many(appointments: Sequence[NewAppointment], *, by: Actor, now: datetime) -> list[Appointment]:
    """Put people into posts; an open-ended predecessor ends the day before, a known successor bounds the term.

    Raises NotAllowed, Invalid (terms overlap, the same holder again, a post named twice, another jurisdiction),
    Conflict (`theirs`: who holds it now).
    """
    for place in sorted({one.post.jurisdiction_id for one in appointments}):
        require(by, Permission.ORG_EDIT, jurisdiction_id=place)
    return _appoint(appointments, by=by, now=now)


def appoint(
    post: Post,
    *,
    person: Person | NewPerson,
    from_on: date,
    by: Actor,
    now: datetime,
    qualifier: str = "",
    to_on: date | None = None,
    seen: str | None = None,
) -> Appointment:
    """Put a person into a post from a day on; see `appoint_many`."""
    return appoint_many([NewAppointment(post, person, from_on, qualifier, to_on, seen)], by=by, now=now)[0]


@transaction.atomic
def end_appointment(appointment: Appointment, *, to_on: date, by: Actor, now: datetime) -> Appointment:
    """End a term on a day (its last), or earlier than was said. Raises NotAllowed, Invalid, WrongState."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=appointment.post.jurisdiction_id)
    if to_on < appointment.from_on:
        raise Invalid(f"免职日期不能早于任职日期{date_text(appointment.from_on)}。", field="to_on")
    before = _term_facts(appointment)
    open_or_later = models.Q(to_on__isnull=True) | models.Q(to_on__gt=to_on)
    if not Appointment.objects.filter(open_or_later, pk=appointment.pk).update(to_on=to_on):
        raise WrongState("该任职已经结束。")
    appointment.refresh_from_db()
    data = {"before": before, "after": _term_facts(appointment)}
    record(EventName.APPOINTMENT_ENDED, _appointment_subject(appointment, data), by=by, now=now)
    return appointment


@transaction.atomic
def name_contacts(contacts: Sequence[NewContact], *, by: Actor, now: datetime) -> list[UnitContact]:
    """Name liaisons and deputies; the one before ends the day before.

    A unit may name its own, and only new people or such as have served it: whoever is named may act for it.
    Raises NotAllowed, WrongState (merged unit), Invalid (overlap, the same again, another jurisdiction's person),
    Conflict (`theirs`: who is it now).
    """
    for unit in {one.unit.pk: one.unit for one in contacts}.values():
        require(by, Permission.CONTACT_NAME, unit_id=unit.pk, jurisdiction_id=unit.jurisdiction_id)
    units = {
        one.pk: one
        for one in Unit.objects.select_for_update().filter(pk__in={one.unit.pk for one in contacts}).order_by("pk")
    }
    standing: dict[tuple[int, str], list[UnitContact]] = {}
    for row in UnitContact.objects.filter(unit_id__in=units).select_related("person").order_by("pk"):
        standing.setdefault((row.unit_id, row.role), []).append(row)
    changes = _Changes[UnitContact]()
    subjects: list[tuple[UnitContact, dict[str, Any] | None]] = []
    phones: dict[int, tuple[Person, str]] = {}
    for new in contacts:
        unit = units[new.unit.pk]
        require_current(unit)
        role = CONTACT_ROLE_LABELS[new.role]
        message = f"他人刚刚明确了{unit.name}的{role}，请对照后再保存。"
        require_seen(new.seen, standing=terms_shown(standing.get((unit.pk, new.role.value), [])), message=message)
        person = _contact_person(new, unit=unit, by=by, now=now)
        if new.phone:
            phones[person.pk] = (person, new.phone)
        rows = standing.setdefault((unit.pk, new.role.value), [])
        made = UnitContact(unit=unit, role=new.role.value, person=person, from_on=new.from_on)
        subjects.append(changes.fit(rows, made=made, what=f"{unit.name}{role}"))
    changes.write(UnitContact)
    set_phones(phones, by=by, now=now)
    record_many(
        EventName.CONTACT_NAMED,
        [
            Subject(
                type="unit",
                id=row.unit_id,
                label=f"{row.unit.name}{CONTACT_ROLE_LABELS[ContactRole(row.role)]}：{row.person.name}",
                jurisdiction_id=row.unit.jurisdiction_id,
                data={"before": before, "after": _term_facts(row)},
            )
            for row, before in subjects
        ],
        by=by,
        now=now,
    )
    return [row for row, _ in subjects]


def _contact_person(new: NewContact, *, unit: Unit, by: Actor, now: datetime) -> Person:
    if isinstance(new.person, NewPerson):
        return make_people(unit.jurisdiction, people=[new.person], by=by, now=now)[0]
    if new.person.jurisdiction_id != unit.jurisdiction_id:
        raise Invalid(f"{new.person.name}不是本辖区的人员。", field="person")
    if may(by, Permission.ORG_EDIT, jurisdiction_id=unit.jurisdiction_id):
        return new.person
    if not people_of_unit(unit).filter(pk=new.person.pk).exists():
        raise Invalid(f"{new.person.name}不是{unit.name}的人员，请由督查室办理。", field="person")
    return new.person


def name_contact(
    unit: Unit,
    *,
    role: ContactRole,
    person: Person | NewPerson,
    from_on: date,
    by: Actor,
    now: datetime,
    phone: str = "",
) -> UnitContact:
    """Name a unit's liaison or deputy from a day on; see `name_contacts`."""
    return name_contacts([NewContact(unit, role, person, from_on, phone)], by=by, now=now)[0]


class _Changes(Generic[Row]):
    """Terms to write once all of a batch are known to fit: endings first, so that nobody meets the old holder."""

    def __init__(self) -> None:
        self.made: list[Row] = []
        self.ended: dict[date, list[int]] = {}
        self.corrected: list[Row] = []

    def fit(self, rows: list[Row], *, made: Row, what: str) -> tuple[Row, dict[str, Any] | None]:
        """Fit a term among `rows` (which it joins). Returns the row that holds it, and what stood before."""
        terms = [_term(one) for one in rows]
        fit = fit_term(terms, new=_term(made))
        if isinstance(fit, Overlap):
            raise Invalid(_overlap_text(fit, rows[terms.index(fit.term)], what=what), field="from_on")
        made.to_on = fit.to_on
        if fit.corrects is not None:
            return self._correct(rows[terms.index(fit.corrects)], made=made, what=what)
        before = None
        if fit.ends is not None:
            row = rows[terms.index(fit.ends)]
            before = _term_facts(row)
            row.to_on = made.from_on - timedelta(days=1)
            if row.pk:
                self.ended.setdefault(row.to_on, []).append(row.pk)
        rows.append(made)
        self.made.append(made)
        return made, before

    def _correct(self, row: Row, *, made: Row, what: str) -> tuple[Row, dict[str, Any]]:
        if row.pk is None or row in self.corrected:
            raise Invalid(f"{what}同一天出现了{row.person.name}、{made.person.name}两个人。", field="person")
        before = _term_facts(row)
        row.person, row.to_on = made.person, made.to_on
        if isinstance(row, Appointment) and isinstance(made, Appointment):
            row.qualifier = made.qualifier
        self.corrected.append(row)
        return row, before

    def write(self, model: type[Row]) -> None:
        """Write what was fitted. Raises Conflict when somebody ended one of the terms meanwhile."""
        for to_on, pks in self.ended.items():
            if model.objects.filter(pk__in=pks, to_on__isnull=True).update(to_on=to_on) != len(pks):
                raise Conflict
        fields = ["person", "to_on", "qualifier"] if model is Appointment else ["person", "to_on"]
        model.objects.bulk_update(self.corrected, fields)
        model.objects.bulk_create(self.made)


def _term(row: Appointment | UnitContact) -> Term:
    return Term(row.person_id, row.from_on, row.to_on, row.qualifier if isinstance(row, Appointment) else "")


def _term_facts(row: Appointment | UnitContact) -> dict[str, Any]:
    facts: dict[str, Any] = {"人员": row.person.name, "自": row.from_on, "至": row.to_on}
    if isinstance(row, Appointment) and row.qualifier:
        facts["说明"] = row.qualifier
    return facts


def _overlap_text(overlap: Overlap, row: Appointment | UnitContact, *, what: str) -> str:
    since = date_text(row.from_on)
    if overlap.is_same:
        return f"{row.person.name}自{since}起已任{what}，不必再次办理。"
    until = f"至{date_text(row.to_on)}" if row.to_on else "起"
    return f"{what}{since}{until}由{row.person.name}担任，日期重叠；请先更正原任职的起止日期。"


def _appoint(appointments: Sequence[NewAppointment], *, by: Actor, now: datetime) -> list[Appointment]:
    posts = {
        one.pk: one
        for one in Post.objects.select_for_update().filter(pk__in={new.post.pk for new in appointments}).order_by("pk")
    }
    standing: dict[int, list[Appointment]] = {pk: [] for pk in posts}
    for row in Appointment.objects.filter(post_id__in=posts).select_related("person").order_by("pk"):
        standing[row.post_id].append(row)
    changes = _Changes[Appointment]()
    subjects: list[tuple[Appointment, dict[str, Any] | None]] = []
    for new in appointments:
        message = f"他人刚刚办理了{new.post.title}的任免，请对照后再保存。"
        require_seen(new.seen, standing=terms_shown(standing[new.post.pk]), message=message)
        person = new.person
        if isinstance(person, NewPerson):
            person = make_people(new.post.jurisdiction, people=[person], by=by, now=now)[0]
        if person.jurisdiction_id != new.post.jurisdiction_id:
            raise Invalid(f"{person.name}不是本辖区的人员。", field="person")
        if new.to_on is not None and new.to_on < new.from_on:
            raise Invalid("任职的截止日期不能早于起始日期。", field="to_on")
        made = Appointment(
            post=posts[new.post.pk],
            person=person,
            from_on=new.from_on,
            to_on=new.to_on,
            qualifier=tidy(new.qualifier, field="qualifier", what="说明", longest=40, may_be_blank=True),
        )
        subjects.append(changes.fit(standing[new.post.pk], made=made, what=new.post.title))
    changes.write(Appointment)
    record_many(
        EventName.APPOINTED,
        [_appointment_subject(row, {"before": before, "after": _term_facts(row)}) for row, before in subjects],
        by=by,
        now=now,
    )
    return [row for row, _ in subjects]


def _appointment_subject(row: Appointment, data: dict[str, Any]) -> Subject:
    return Subject(
        type="post",
        id=row.post_id,
        label=f"{row.post.title}：{row.person.name}",
        jurisdiction_id=row.post.jurisdiction_id,
        data=data,
    )
