"""What changes the organisation: units and their names, groups, people, posts, appointments, contacts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import models, transaction

from duban.access.models import Account, Grant, grant_not_over
from duban.access.rules import ADMIN_ROLES, Permission, Role, require
from duban.audit.actions import Subject, record, record_many, subject_of
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.core.pinyin import initials_of, pinyin_of
from duban.core.text import date_text
from duban.orgs.models import Appointment, Jurisdiction, Person, Post, Unit, UnitAlias, UnitContact, UnitGroup
from duban.orgs.queries import units_by_name
from duban.orgs.rules import (
    CONTACT_ROLE_LABELS,
    POST_KIND_LABELS,
    UNIT_TYPE_LABELS,
    ContactRole,
    Level,
    Overlap,
    PostKind,
    Term,
    UnitType,
    alias_key,
    fit_term,
    group_kind,
    guess_unit_type,
    phone_problem,
)

Row = TypeVar("Row", Appointment, UnitContact)
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit as somebody names it; its kind is guessed from the name where none is given."""

    name: str
    full_name: str = ""
    unit_type: UnitType | None = None
    aliases: Sequence[str] = ()
    order: int = 1000


@dataclass(frozen=True, slots=True)
class UnitEdit:
    """What a unit shall look like; `aliases` are its further names, `version` the one that was read."""

    unit: Unit
    name: str
    full_name: str
    unit_type: UnitType
    order: int
    aliases: Sequence[str]
    version: int


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person as somebody names them."""

    name: str
    phone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post of a unit, or (unit None) of a leader."""

    unit: Unit | None
    kind: PostKind
    title: str = ""


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """Who takes a post from a day on. to_on: only for a term that is over, or known to end."""

    post: Post
    person: Person
    from_on: date
    qualifier: str = ""
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewContact:
    """Who is a unit's liaison or deputy from a day on."""

    unit: Unit
    role: ContactRole
    person: Person
    from_on: date


# ---- jurisdictions


@transaction.atomic
def create_jurisdiction(
    name: str, *, short_name: str, level: Level, by: Actor, now: datetime, parent: Jurisdiction | None = None
) -> Jurisdiction:
    """Create a node of the tree; a root only by the system itself. Raises NotAllowed, Invalid (name taken)."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=parent.pk if parent else None)
    if parent is None and not by.holds(Role.SYSTEM):
        raise NotAllowed
    name = _tidy(name, field="name", what="辖区名称", longest=60)
    short_name = _tidy(short_name, field="short_name", what="辖区简称", longest=20)
    if Jurisdiction.objects.filter(name=name).exists():
        raise Invalid(f"辖区“{name}”已经存在。", field="name")
    jurisdiction = Jurisdiction.objects.create(name=name, short_name=short_name, level=level, parent=parent)
    subject = Subject(type="jurisdiction", id=jurisdiction.pk, label=name, jurisdiction_id=jurisdiction.pk)
    record(EventName.JURISDICTION_CREATED, subject, by=by, now=now)
    return jurisdiction


# ---- units


@transaction.atomic
def create_units(jurisdiction: Jurisdiction, *, units: Sequence[NewUnit], by: Actor, now: datetime) -> list[Unit]:
    """Return one unit for each given, in their order: the one its names mean already, else a new one.

    A unit found keeps what it has and gains the names it did not know. Eight statements however many units.
    Raises NotAllowed, Invalid (a name missing or too long; names of one unit that mean two).
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    _hold(jurisdiction)
    names = units_by_name(jurisdiction)
    result: list[Unit] = []
    created: list[Unit] = []
    aliases: list[UnitAlias] = []
    gained: dict[int, list[str]] = {}
    for new in units:
        name, full_name, further = _tidy_names(new.name, new.full_name, new.aliases)
        wanted = _distinct([name, full_name, *further])
        unit = names.find(name) or next((names[key] for key in wanted if key in names), None)
        if unit is None:
            unit = Unit(
                jurisdiction=jurisdiction,
                name=name,
                full_name=full_name,
                unit_type=new.unit_type or guess_unit_type(full_name or name),
                order=new.order,
            )
            created.append(unit)
        for key, alias in wanted.items():
            other = names.get(key)
            if other is None:
                names[key] = unit
                aliases.append(UnitAlias(unit=unit, jurisdiction=jurisdiction, alias=alias, key=key))
                if unit.pk:
                    gained.setdefault(unit.pk, []).append(alias)
            elif other is not unit:
                raise Invalid(_names_another(alias, other), field="aliases")
        result.append(unit)
    for alias_row in aliases:
        _add_name(alias_row.unit, alias_row.alias)
    Unit.objects.bulk_create(created)
    UnitAlias.objects.bulk_create(aliases)
    enriched = [unit for unit in {one.pk: one for one in result}.values() if unit.pk in gained]
    Unit.objects.bulk_update(enriched, ["keys", "pinyin", "initials"])
    record_many(
        EventName.UNIT_CREATED, [subject_of(one, data={"after": _unit_facts(one)}) for one in created], by=by, now=now
    )
    record_many(
        EventName.UNIT_CHANGED,
        [subject_of(one, data={"before": {}, "after": {"新增别名": gained[one.pk]}}) for one in enriched],
        by=by,
        now=now,
    )
    return result


def create_unit(jurisdiction: Jurisdiction, *, unit: NewUnit, by: Actor, now: datetime) -> Unit:
    """Return the unit these names mean already, else a new one; see `create_units`."""
    return create_units(jurisdiction, units=[unit], by=by, now=now)[0]


@transaction.atomic
def edit_units(jurisdiction: Jurisdiction, *, edits: Sequence[UnitEdit], by: Actor, now: datetime) -> list[Unit]:
    """Change names, kind and order of units; a name given up in a renaming stays as an alias.

    Raises NotAllowed, Conflict (`theirs`: the unit as it stands), WrongState (merged), Invalid (name of another unit).
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    _hold(jurisdiction)
    names = units_by_name(jurisdiction)
    fresh = Unit.objects.in_bulk([one.unit.pk for one in edits])
    standing: dict[int, dict[str, UnitAlias]] = {pk: {} for pk in fresh}
    for row in UnitAlias.objects.filter(unit_id__in=fresh).order_by("pk"):
        standing[row.unit_id][row.key] = row
    wanted: dict[int, dict[str, str]] = {}
    before: dict[int, dict[str, Any]] = {}
    for edit in edits:
        unit = fresh[edit.unit.pk]
        if unit.jurisdiction_id != jurisdiction.pk:
            raise Invalid("单位不属于本辖区。")
        _require_current(unit)
        if unit.version != edit.version:
            raise Conflict(theirs=unit)
        if unit.pk in wanted:
            raise Invalid(f"“{unit.name}”出现了两次。")
        before[unit.pk] = _unit_facts(unit, standing[unit.pk].values())
        name, full_name, further = _tidy_names(edit.name, edit.full_name, edit.aliases)
        kept = [unit.name] if alias_key(unit.name) != alias_key(name) else []
        wanted[unit.pk] = _distinct([name, full_name, *further, *kept])
        unit.name, unit.full_name = name, full_name
        unit.unit_type, unit.order = edit.unit_type, edit.order
    given_up = [row for pk, rows in standing.items() for key, row in rows.items() if key not in wanted[pk]]
    for row in given_up:
        del names[row.key]
    added: list[UnitAlias] = []
    respelled: list[UnitAlias] = []
    for pk, keys in wanted.items():
        unit = fresh[pk]
        for key, alias in keys.items():
            other = names.get(key)
            if other is None:
                names[key] = unit
                added.append(UnitAlias(unit=unit, jurisdiction=jurisdiction, alias=alias, key=key))
            elif other.pk != pk:
                raise Invalid(_names_another(alias, other), field="name" if key == alias_key(unit.name) else "aliases")
            elif key in standing[pk] and standing[pk][key].alias != alias:
                standing[pk][key].alias = alias
                respelled.append(standing[pk][key])
    UnitAlias.objects.filter(pk__in=[row.pk for row in given_up]).delete()
    UnitAlias.objects.bulk_create(added)
    UnitAlias.objects.bulk_update(respelled, ["alias"])
    changed: list[Unit] = []
    after: dict[int, dict[str, Any]] = {}
    for pk, unit in fresh.items():
        after[pk] = _unit_facts(unit, [UnitAlias(alias=alias, key=key) for key, alias in wanted[pk].items()])
        if after[pk] == before[pk]:
            continue
        unit.keys = unit.pinyin = unit.initials = ""
        for key in [*wanted[pk], *(key for key, one in names.items() if one.pk == pk and key not in wanted[pk])]:
            _add_name(unit, key)
        unit.version += 1
        changed.append(unit)
    Unit.objects.bulk_update(
        changed, ["name", "full_name", "unit_type", "order", "keys", "pinyin", "initials", "version"], batch_size=50
    )
    record_many(
        EventName.UNIT_CHANGED,
        [subject_of(one, data=_difference(before[one.pk], after[one.pk])) for one in changed],
        by=by,
        now=now,
    )
    return [fresh[one.unit.pk] for one in edits]


def edit_unit(
    unit: Unit,
    *,
    name: str,
    full_name: str,
    unit_type: UnitType,
    order: int,
    aliases: Sequence[str],
    version: int,
    by: Actor,
    now: datetime,
) -> Unit:
    """Change one unit; see `edit_units`."""
    edit = UnitEdit(unit, name, full_name, unit_type, order, aliases, version)
    return edit_units(unit.jurisdiction, edits=[edit], by=by, now=now)[0]


@transaction.atomic
def merge_units(unit: Unit, *, into: Unit, by: Actor, now: datetime) -> Unit:
    """Let one unit go on in another. Returns the survivor.

    Both histories stay: assignments, contacts and appointments remain with the unit they were made for, its names
    find the survivor, whose people act for it; the survivor takes its place in groups. Not undone by a second call.
    Raises NotAllowed, Invalid (the same unit, another jurisdiction), WrongState (either is merged already).
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=unit.jurisdiction_id)
    if unit.pk == into.pk:
        raise Invalid("不能并入自己。", field="into")
    if unit.jurisdiction_id != into.jurisdiction_id:
        raise Invalid("只能并入同一辖区的单位。", field="into")
    both = {one.pk: one for one in Unit.objects.select_for_update().filter(pk__in=[unit.pk, into.pk]).order_by("pk")}
    survivor = both[into.pk]
    _require_current(survivor)
    claimed = Unit.objects.filter(pk=unit.pk, merged_into__isnull=True).update(
        merged_into=survivor, merged_at=now, version=models.F("version") + 1
    )
    if not claimed:
        _require_current(both[unit.pk])
        raise WrongState
    for name in both[unit.pk].keys.split("\n"):
        _add_name(survivor, name)
    survivor.save(update_fields=["keys", "pinyin", "initials"])
    groups = list(UnitGroup.objects.filter(members=unit).order_by("pk"))
    through = UnitGroup.members.through
    through.objects.filter(unit_id=unit.pk).delete()
    through.objects.bulk_create(
        [through(unitgroup_id=group.pk, unit_id=survivor.pk) for group in groups], ignore_conflicts=True
    )
    data = {"unit": unit.name, "into": survivor.name, "into_id": survivor.pk, "groups": [one.name for one in groups]}
    record(
        EventName.UNITS_MERGED,
        subject_of(both[unit.pk], data=data, label=f"{unit.name}并入{survivor.name}"),
        by=by,
        now=now,
    )
    unit.refresh_from_db()
    return survivor


# ---- groups


@transaction.atomic
def set_group(jurisdiction: Jurisdiction, *, name: str, members: Sequence[Unit], by: Actor, now: datetime) -> UnitGroup:
    """Say which units a collective name means; makes the group where it is new. Raises NotAllowed, Invalid."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    name = _tidy(name, field="name", what="统称", longest=60)
    for unit in members:
        if unit.jurisdiction_id != jurisdiction.pk:
            raise Invalid(f"“{unit.name}”不属于本辖区。", field="members")
        if unit.merged_into_id is not None:
            raise Invalid(f"“{unit.name}”已并入其他单位，请改选合并后的单位。", field="members")
    _hold(jurisdiction)
    group, is_new = UnitGroup.objects.get_or_create(
        jurisdiction=jurisdiction, key=alias_key(name), defaults={"name": name, "kind": group_kind(name)}
    )
    before = [] if is_new else [one.name for one in group.members.order_by("order", "pk")]
    group.members.set(members)
    after = [one.name for one in group.members.order_by("order", "pk")]
    if is_new or before != after:
        record(EventName.GROUP_CHANGED, group, by=by, now=now, data={"before": before, "after": after})
    return group


# ---- people and posts


@transaction.atomic
def create_people(jurisdiction: Jurisdiction, *, people: Sequence[NewPerson], by: Actor, now: datetime) -> list[Person]:
    """Create people in the order given; two may bear one name. Raises NotAllowed, Invalid."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    return _make_people(jurisdiction, people=people, by=by, now=now)


@transaction.atomic
def edit_person(person: Person, *, name: str, phone: str, note: str, version: int, by: Actor, now: datetime) -> Person:
    """Change a person's name, telephone and note. Raises NotAllowed, Conflict (`theirs`), Invalid."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=person.jurisdiction_id)
    name, phone, note = _tidy_person(NewPerson(name, phone, note))
    before = Person.objects.get(pk=person.pk)
    claimed = Person.objects.filter(pk=person.pk, version=version).update(
        name=name,
        phone=phone,
        note=note,
        pinyin=pinyin_of(name),
        initials=initials_of(name),
        version=version + 1,
    )
    if not claimed:
        raise Conflict(theirs=before)
    person.refresh_from_db()
    if difference := _difference(_person_facts(before), _person_facts(person)):
        record(EventName.PERSON_CHANGED, person, by=by, now=now, data=difference)
    return person


@transaction.atomic
def link_account(person: Person, *, account: Account, by: Actor, now: datetime) -> Person:
    """Say that an account is this person's: from then on their posts and contacts open what they open.

    Raises NotAllowed, Invalid (either is linked elsewhere, or the account is an administrator's).
    """
    require(by, Permission.GRANT_MANAGE)
    account = Account.objects.select_for_update().get(pk=account.pk)  # a grant given meanwhile is seen
    if Grant.objects.filter(grant_not_over(now.date()), account=account, role__in=ADMIN_ROLES).exists():
        raise Invalid("三员账号不得兼任业务角色。", field="account")
    if Person.objects.filter(account=account).exclude(pk=person.pk).exists():
        raise Invalid(f"账号“{account.username}”已对应其他人员。", field="account")
    if not Person.objects.filter(pk=person.pk, account__isnull=True).update(account=account):
        raise Invalid(f"{person.name}已有账号。", field="account")
    person.refresh_from_db()
    record(EventName.PERSON_CHANGED, person, by=by, now=now, data={"before": {}, "after": {"账号": account.username}})
    return person


@transaction.atomic
def unlink_account(person: Person, *, by: Actor, now: datetime) -> Person:
    """Take a person's account away again. Raises NotAllowed, WrongState (there is none)."""
    require(by, Permission.GRANT_MANAGE)
    account = Account.objects.filter(person=person).first()
    if account is None or not Person.objects.filter(pk=person.pk, account=account).update(account=None):
        raise WrongState(f"{person.name}没有关联账号。")
    person.refresh_from_db()
    record(EventName.PERSON_CHANGED, person, by=by, now=now, data={"before": {"账号": account.username}, "after": {}})
    return person


@transaction.atomic
def create_posts(jurisdiction: Jurisdiction, *, posts: Sequence[NewPost], by: Actor, now: datetime) -> list[Post]:
    """Return one post for each given. A unit has one head and a government one: those that stand are returned.

    Raises NotAllowed, Invalid (no unit, another jurisdiction's unit).
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    return _make_posts(jurisdiction, posts=posts, by=by, now=now)


@transaction.atomic
def edit_post(post: Post, *, title: str, order: int, by: Actor, now: datetime) -> Post:
    """Rename a post or move it in the order of leaders. Raises NotAllowed, Invalid."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=post.jurisdiction_id)
    before = {"岗位": post.title, "排序": post.order}
    post.title, post.order = _tidy(title, field="title", what="岗位名称", longest=60), order
    post.save(update_fields=["title", "order"])
    if difference := _difference(before, {"岗位": post.title, "排序": post.order}):
        record(EventName.POST_CHANGED, post, by=by, now=now, data=difference)
    return post


# ---- appointments and contacts


@transaction.atomic
def appoint_many(appointments: Sequence[NewAppointment], *, by: Actor, now: datetime) -> list[Appointment]:
    """Put people into posts; an open-ended predecessor ends the day before, a known successor bounds the term.

    Raises NotAllowed, Invalid (terms overlap, the same holder again, a post named twice, another jurisdiction).
    """
    for place in sorted({one.post.jurisdiction_id for one in appointments}):
        require(by, Permission.ORG_EDIT, jurisdiction_id=place)
    return _appoint(appointments, by=by, now=now)


def appoint(
    post: Post,
    *,
    person: Person,
    from_on: date,
    by: Actor,
    now: datetime,
    qualifier: str = "",
    to_on: date | None = None,
) -> Appointment:
    """Put a person into a post from a day on; see `appoint_many`."""
    return appoint_many([NewAppointment(post, person, from_on, qualifier, to_on)], by=by, now=now)[0]


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
    """Name liaisons and deputies; the one before ends the day before. A unit may name its own.

    Raises NotAllowed, WrongState (merged unit), Invalid (overlap, the same again, another jurisdiction's person).
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
    for new in contacts:
        unit = units[new.unit.pk]
        _require_current(unit)
        if new.person.jurisdiction_id != unit.jurisdiction_id:
            raise Invalid(f"{new.person.name}不是本辖区的人员。", field="person")
        rows = standing.setdefault((unit.pk, new.role.value), [])
        made = UnitContact(unit=unit, role=new.role.value, person=new.person, from_on=new.from_on)
        subjects.append(changes.fit(rows, made=made, what=f"{unit.name}{CONTACT_ROLE_LABELS[new.role]}"))
    changes.write(UnitContact)
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


def name_contact(
    unit: Unit, *, role: ContactRole, person: Person, from_on: date, by: Actor, now: datetime
) -> UnitContact:
    """Name a unit's liaison or deputy from a day on; see `name_contacts`."""
    return name_contacts([NewContact(unit, role, person, from_on)], by=by, now=now)[0]


# ---- what several of them need


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
        if new.person.jurisdiction_id != new.post.jurisdiction_id:
            raise Invalid(f"{new.person.name}不是本辖区的人员。", field="person")
        if new.to_on is not None and new.to_on < new.from_on:
            raise Invalid("任职的截止日期不能早于起始日期。", field="to_on")
        made = Appointment(
            post=posts[new.post.pk],
            person=new.person,
            from_on=new.from_on,
            to_on=new.to_on,
            qualifier=_tidy(new.qualifier, field="qualifier", what="说明", longest=40, may_be_blank=True),
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


def _make_people(jurisdiction: Jurisdiction, *, people: Iterable[NewPerson], by: Actor, now: datetime) -> list[Person]:
    made = []
    for new in people:
        name, phone, note = _tidy_person(new)
        made.append(
            Person(
                jurisdiction=jurisdiction,
                name=name,
                phone=phone,
                note=note,
                pinyin=pinyin_of(name),
                initials=initials_of(name),
            )
        )
    Person.objects.bulk_create(made)
    record_many(EventName.PERSON_CREATED, [subject_of(one) for one in made], by=by, now=now)
    return made


def _make_posts(jurisdiction: Jurisdiction, *, posts: Sequence[NewPost], by: Actor, now: datetime) -> list[Post]:
    _hold(jurisdiction)
    single = Post.objects.filter(jurisdiction=jurisdiction, kind__in=_SINGLE).order_by("pk")
    heads = {(one.kind, one.unit_id): one for one in single}
    result: list[Post] = []
    made: list[Post] = []
    for new in posts:
        if new.unit is None and new.kind not in (PostKind.LEADER, PostKind.GOVERNMENT_HEAD):
            raise Invalid("该岗位须属于一个单位。", field="unit")
        if new.unit is not None:
            if new.unit.jurisdiction_id != jurisdiction.pk:
                raise Invalid(f"“{new.unit.name}”不属于本辖区。", field="unit")
            _require_current(new.unit)
        slot = (new.kind.value, new.unit.pk if new.unit else None)
        post = heads.get(slot)
        if post is None:
            title = new.title.strip() or f"{new.unit.name if new.unit else ''}{POST_KIND_LABELS[new.kind]}"
            title = _tidy(title, field="title", what="岗位名称", longest=60)
            post = Post(jurisdiction=jurisdiction, unit=new.unit, kind=new.kind.value, title=title)
            made.append(post)
            if new.kind in _SINGLE:
                heads[slot] = post
        result.append(post)
    Post.objects.bulk_create(made)
    record_many(EventName.POST_CREATED, [subject_of(one) for one in made], by=by, now=now)
    return result


_SINGLE = (PostKind.UNIT_HEAD, PostKind.GOVERNMENT_HEAD)


def _hold(jurisdiction: Jurisdiction) -> None:
    """Let one at a time change the names of a jurisdiction: what is matched here must still hold when it is written."""
    Jurisdiction.objects.select_for_update().get(pk=jurisdiction.pk)


def _require_current(unit: Unit) -> None:
    if unit.merged_into is not None:
        raise WrongState(f"“{unit.name}”已并入“{unit.merged_into.name}”。")


def _tidy(value: str, *, field: str, what: str, longest: int, may_be_blank: bool = False) -> str:
    """Return text without padding: ends stripped, the gaps between Chinese characters (江 岚) closed."""
    value = _HAN_GAP.sub("", " ".join(value.split()))
    if not value and not may_be_blank:
        raise Invalid(f"{what}要填写。", field=field)
    if len(value) > longest:
        raise Invalid(f"{what}不能超过{longest}个字：{value[:20]}…", field=field)
    return value


def _tidy_names(name: str, full_name: str, aliases: Iterable[str]) -> tuple[str, str, list[str]]:
    return (
        _tidy(name, field="name", what="单位简称", longest=60),
        _tidy(full_name, field="full_name", what="单位全称", longest=120, may_be_blank=True),
        [_tidy(one, field="aliases", what="单位别名", longest=120, may_be_blank=True) for one in aliases],
    )


def _tidy_person(new: NewPerson) -> tuple[str, str, str]:
    phone = _tidy(new.phone, field="phone", what="电话", longest=40, may_be_blank=True)
    if problem := phone_problem(phone):
        raise Invalid(problem, field="phone")
    return (
        _tidy(new.name, field="name", what="姓名", longest=40),
        phone,
        _tidy(new.note, field="note", what="备注", longest=60, may_be_blank=True),
    )


def _distinct(names: Iterable[str]) -> dict[str, str]:
    """Return the names that are different, by key, in their order."""
    found: dict[str, str] = {}
    for name in names:
        if name:
            found.setdefault(alias_key(name), name)
    return found


def _names_another(alias: str, unit: Unit) -> str:
    return f"“{alias}”已是“{unit.name}”的名称，不能同时指两个单位。"


def _add_name(unit: Unit, name: str) -> None:
    """Let a unit be found under a name: by its signs, its pinyin, its initials."""
    unit.keys = f"{unit.keys}\n{alias_key(name)}".strip()
    unit.pinyin = f"{unit.pinyin}\n{pinyin_of(name)}".strip()
    unit.initials = f"{unit.initials}\n{initials_of(name)}".strip()


def _unit_facts(unit: Unit, aliases: Iterable[UnitAlias] = ()) -> dict[str, Any]:
    own = {alias_key(unit.name), alias_key(unit.full_name)}
    return {
        "简称": unit.name,
        "全称": unit.full_name,
        "类别": UNIT_TYPE_LABELS[UnitType(unit.unit_type)],
        "排序": unit.order,
        "别名": sorted(one.alias for one in aliases if one.key not in own),
    }


def _person_facts(person: Person) -> dict[str, Any]:
    return {"姓名": person.name, "电话": person.phone, "备注": person.note}


def _difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return {"before": …, "after": …} of what differs, or an empty dict."""
    names = [name for name in after if before[name] != after[name]]
    if not names:
        return {}
    return {"before": {name: before[name] for name in names}, "after": {name: after[name] for name in names}}
