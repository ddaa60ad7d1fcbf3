"""The roster of units as a spreadsheet: what a file would change, and changing it, all or nothing."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid
from duban.orgs.actions.common import hold
from duban.orgs.actions.people import NewPerson, NewPost, create_people, create_posts, set_phones
from duban.orgs.actions.terms import NewAppointment, NewContact, appoint_many, name_contacts
from duban.orgs.actions.units import NewUnit, UnitEdit, create_units, edit_units
from duban.orgs.models import Jurisdiction, Person, Unit, UnitContact
from duban.orgs.queries import UnitCard, UnitNames, unit_cards, units_by_name
from duban.orgs.rules import (
    UNIT_TYPE_LABELS,
    ContactRole,
    PostKind,
    RosterColumn,
    RosterRow,
    UnitType,
    alias_key,
    core_key,
    guess_unit_type,
    phone_problem,
    split_aliases,
    unit_type_of,
)

Naming = Callable[..., list[UnitContact]]
"""What names contacts: the action of this room, or one above it that also settles who owed the names."""


class RosterChanged(Conflict):
    """The roster is not what the preview was made of."""

    message = "预览之后名册有了变化，请重新核对后再导入。"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing a row would change, in words; `before` is empty for what is new."""

    what: str
    before: str
    after: str


@dataclass(slots=True)
class PlannedRow:
    """What one row of a roster would do. unit: None for a new one."""

    line: int
    name: str
    unit: Unit | None = None
    changes: list[Change] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    new_unit: NewUnit | None = None
    edit: UnitEdit | None = None
    head: str = ""
    contacts: dict[ContactRole, str] = field(default_factory=dict)


@dataclass(slots=True)
class RosterPlan:
    """What a roster would do.

    people: (name, row) → who is meant, a new person where nobody bears the name. phones: of people known already.
    """

    rows: list[PlannedRow]
    people: dict[tuple[str, int], Person | NewPerson] = field(default_factory=dict)
    phones: dict[int, tuple[Person, str]] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """All that is wrong, each with its row."""
        return [f"第{row.line}行：{problem}" for row in self.rows for problem in row.problems]

    @property
    def created(self) -> list[PlannedRow]:
        """Rows that make a unit."""
        return [row for row in self.rows if row.new_unit is not None]

    @property
    def changed(self) -> list[PlannedRow]:
        """Rows that change a unit that stands."""
        return [row for row in self.rows if row.new_unit is None and row.changes]

    @property
    def token(self) -> str:
        """A sign of all these changes: the same file on the same roster gives the same."""
        content = [[row.line, row.name, row.unit.pk if row.unit else 0, *map(_words, row.changes)] for row in self.rows]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:32]


def _words(change: Change) -> list[str]:
    return [change.what, change.before, change.after]


def plan_roster(jurisdiction: Jurisdiction, *, rows: Sequence[RosterRow], on: date, by: Actor) -> RosterPlan:
    """Return what importing these rows would change, and what stands in its way; changes nothing. Six queries.

    A blank cell leaves what stands. A unit is found by its names; a further unit of the same sheet by its own.
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    return _Planner(jurisdiction, on=on).plan(rows)


class _Planner:
    """Holds what stands, and what earlier rows of the sheet have said."""

    def __init__(self, jurisdiction: Jurisdiction, *, on: date) -> None:
        units = Unit.objects.filter(jurisdiction=jurisdiction).current().order_by("order", "pk")
        self.names: UnitNames = units_by_name(jurisdiction)
        self.cards: dict[int, UnitCard] = {card.unit.pk: card for card in unit_cards(units, on=on)}
        self.namesakes: dict[str, list[Person]] = {}
        for person in Person.objects.filter(jurisdiction=jurisdiction).order_by("pk"):
            self.namesakes.setdefault(person.name, []).append(person)
        self.claimed: dict[str, int] = {}  # key of a name → row that takes it
        self.claimed_cores: dict[str, int] = {}  # of new units
        self.seen: dict[int, int] = {}  # unit → row
        self.phone_of: dict[object, tuple[str, int]] = {}
        self.result = RosterPlan([])

    def plan(self, rows: Sequence[RosterRow]) -> RosterPlan:
        for row in rows:
            planned = PlannedRow(line=row.line, name="".join(row.cells.get(RosterColumn.NAME, "").split()))
            self.result.rows.append(planned)
            if not planned.name:
                planned.problems.append("没有填简称。")
                continue
            self._plan_unit(row, planned)
            self._plan_people(row, planned)
        return self.result

    def _plan_unit(self, row: RosterRow, planned: PlannedRow) -> None:
        cells = row.cells
        full_name = cells.get(RosterColumn.FULL_NAME, "")
        unit = self.names.find(planned.name) or (self.names.get(alias_key(full_name)) if full_name else None)
        unit_type = unit_type_of(cells[RosterColumn.TYPE]) if RosterColumn.TYPE in cells else None
        if RosterColumn.TYPE in cells and unit_type is None:
            planned.problems.append(
                f"没有“{cells[RosterColumn.TYPE]}”这一类别，可填：{'、'.join(UNIT_TYPE_LABELS.values())}。"
            )
        order = _whole(cells.get(RosterColumn.ORDER, ""))
        if RosterColumn.ORDER in cells and order is None:
            planned.problems.append(f"排序要填整数，这里是“{cells[RosterColumn.ORDER]}”。")
        aliases = split_aliases(cells[RosterColumn.ALIASES]) if RosterColumn.ALIASES in cells else None
        planned.problems += [
            f"“{name[:12]}…”太长。"
            for name, longest in [(planned.name, 60), (full_name, 120), *((one, 120) for one in aliases or ())]
            if len(name) > longest
        ]
        if unit is None:
            kind = unit_type or guess_unit_type(full_name or planned.name)
            planned.new_unit = NewUnit(
                planned.name, full_name, kind, tuple(aliases or ()), 1000 if order is None else order
            )
            planned.changes.append(Change("新增单位", "", f"{planned.name}（{UNIT_TYPE_LABELS[kind]}）"))
            core = core_key(planned.name, prefixes=self.names.prefixes)
            if (earlier := self.claimed_cores.setdefault(core, row.line)) != row.line:
                planned.problems.append(f"与第{earlier}行像是同一个单位，请合成一行。")
        else:
            if (earlier := self.seen.setdefault(unit.pk, row.line)) != row.line:
                planned.problems.append(f"与第{earlier}行是同一个单位“{unit.name}”。")
                return
            planned.unit = unit
            self._plan_edit(planned, unit, full_name=full_name, unit_type=unit_type, order=order, aliases=aliases)
        for name in filter(None, [planned.name, full_name, *(aliases or ())]):
            self._claim(planned, name)

    def _plan_edit(
        self,
        planned: PlannedRow,
        unit: Unit,
        *,
        full_name: str,
        unit_type: UnitType | None,
        order: int | None,
        aliases: list[str] | None,
    ) -> None:
        standing = list(self.cards[unit.pk].aliases)
        wanted = standing if aliases is None else aliases
        name = planned.name
        if alias_key(name) == alias_key(unit.name):
            name = unit.name
        elif (
            alias_key(name) not in self.names and self.names.find(name) is unit
        ):  # found without the place it begins with: one more name, no renaming
            wanted, name = [*wanted, name], unit.name
        own = {alias_key(name), alias_key(full_name or unit.full_name)}
        kept = {alias_key(unit.name)} - own if name != unit.name else set()  # a name given up stays
        edit = UnitEdit(
            unit=unit,
            name=name,
            full_name=full_name or unit.full_name,
            unit_type=unit_type or UnitType(unit.unit_type),
            order=unit.order if order is None else order,
            aliases=tuple(wanted),
            version=unit.version,
        )
        pairs = [
            (RosterColumn.NAME, unit.name, edit.name),
            (RosterColumn.FULL_NAME, unit.full_name, edit.full_name),
            (
                RosterColumn.TYPE,
                UNIT_TYPE_LABELS[UnitType(unit.unit_type)],
                UNIT_TYPE_LABELS[edit.unit_type],
            ),
            (RosterColumn.ORDER, str(unit.order), str(edit.order)),
        ]
        changes = [Change(what.value, before, after) for what, before, after in pairs if before != after]
        before_keys = {alias_key(one) for one in standing}
        after_keys = {alias_key(one) for one in wanted} - own
        if before_keys - own != after_keys - kept:
            changes.append(Change(RosterColumn.ALIASES.value, "、".join(standing), "、".join(wanted)))
        if changes:
            planned.edit = edit
            planned.changes += changes

    def _claim(self, planned: PlannedRow, name: str) -> None:
        key = alias_key(name)
        other = self.names.get(key)
        if other is not None and (planned.unit is None or other.pk != planned.unit.pk):
            planned.problems.append(f"“{name}”已是“{other.name}”的名称。")
        elif (earlier := self.claimed.setdefault(key, planned.line)) != planned.line:
            planned.problems.append(f"“{name}”在第{earlier}行已经用过。")

    def _plan_people(self, row: RosterRow, planned: PlannedRow) -> None:
        card = self.cards.get(planned.unit.pk) if planned.unit else None
        head = card.head.person if card and card.head else None
        name = _person_name(row.cells.get(RosterColumn.HEAD, ""))
        if name and (head is None or head.name != name):
            self._mean(planned, name, what=RosterColumn.HEAD.value, before=head)
            planned.head = name
        for role, column, phone_column, standing in (
            (ContactRole.DEPUTY, RosterColumn.DEPUTY, RosterColumn.DEPUTY_PHONE, card.deputy if card else None),
            (ContactRole.LIAISON, RosterColumn.LIAISON, RosterColumn.LIAISON_PHONE, card.liaison if card else None),
        ):
            name = _person_name(row.cells.get(column, ""))
            phone = " ".join(row.cells.get(phone_column, "").split())
            person: Person | NewPerson | None = standing.person if standing else None
            if name and (standing is None or standing.person.name != name):
                person = self._mean(planned, name, what=column.value, before=standing.person if standing else None)
                planned.contacts[role] = name
            if phone:
                self._plan_phone(planned, person, phone, what=phone_column.value)

    def _mean(self, planned: PlannedRow, name: str, *, what: str, before: Person | None) -> Person | NewPerson | None:
        if len(name) > 40:
            planned.problems.append(f"{what}的姓名太长。")
            return None
        planned.changes.append(Change(what, before.name if before else "", name))
        card = self.cards.get(planned.unit.pk) if planned.unit else None
        serving = [one.person for one in (card.head, card.deputy, card.liaison) if one] if card else []
        candidates = [one for one in serving if one.name == name][:1] or self.namesakes.get(name, [])
        if len(candidates) > 1:
            planned.problems.append(f"有{len(candidates)}位“{name}”，请在单位页面办理{what}。")
            return None
        person: Person | NewPerson
        if candidates:
            person = candidates[0]
        else:
            known = next((one for (other, _), one in self.result.people.items() if other == name), None)
            person = known if isinstance(known, NewPerson) else NewPerson(name)
        self.result.people[(name, planned.line)] = person
        return person

    def _plan_phone(self, planned: PlannedRow, person: Person | NewPerson | None, phone: str, *, what: str) -> None:
        if problem := phone_problem(phone):
            planned.problems.append(problem)
            return
        if person is None:
            if not planned.problems:
                planned.problems.append(f"填了{what}，却没有填姓名。")
            return
        who: object = person.pk if isinstance(person, Person) else person.name
        said, line = self.phone_of.setdefault(who, (phone, planned.line))
        if said != phone:
            planned.problems.append(f"{person.name}的电话与第{line}行不一致。")
            return
        if isinstance(person, NewPerson):
            planned.changes.append(Change(what, "", phone))
        elif person.phone != phone:
            planned.changes.append(Change(what, person.phone, phone))
            self.result.phones[person.pk] = (person, phone)

    def phone(self, name: str) -> str:
        return self.phone_of.get(name, ("", 0))[0]


@transaction.atomic
def import_roster(
    jurisdiction: Jurisdiction,
    *,
    rows: Sequence[RosterRow],
    token: str,
    from_on: date,
    by: Actor,
    now: datetime,
    naming: Naming = name_contacts,
) -> RosterPlan:
    """Do what `plan_roster` showed, all of it or nothing; terms begin on `from_on`.

    token: of the plan the person saw. Raises NotAllowed, Invalid (a row is wrong), RosterChanged.
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    hold(jurisdiction)
    planner = _Planner(jurisdiction, on=from_on)
    plan = planner.plan(rows)
    if plan.problems:
        raise Invalid("；".join(plan.problems[:5]))
    if plan.token != token:
        raise RosterChanged
    made = create_units(jurisdiction, units=[row.new_unit for row in plan.created if row.new_unit], by=by, now=now)
    units = {row.line: unit for row, unit in zip(plan.created, made, strict=True)}
    edits = [row.edit for row in plan.rows if row.edit]
    for edited in edit_units(jurisdiction, edits=edits, by=by, now=now):
        units |= {row.line: edited for row in plan.rows if row.unit and row.unit.pk == edited.pk}
    units = {row.line: row.unit for row in plan.rows if row.unit} | units
    people = _people_of(plan, planner, jurisdiction=jurisdiction, by=by, now=now)
    with_head = [row for row in plan.rows if row.head]
    posts = create_posts(
        jurisdiction, posts=[NewPost(units[row.line], PostKind.UNIT_HEAD) for row in with_head], by=by, now=now
    )
    appoint_many(
        [NewAppointment(post, people[row.head, row.line], from_on) for post, row in zip(posts, with_head, strict=True)],
        by=by,
        now=now,
    )
    contacts = [
        NewContact(units[row.line], role, people[name, row.line], from_on)
        for row in plan.rows
        for role, name in row.contacts.items()
    ]
    naming(contacts, by=by, now=now)
    set_phones(plan.phones, by=by, now=now)
    record(
        EventName.ORGS_IMPORTED,
        Subject(
            type="jurisdiction",
            id=jurisdiction.pk,
            label=jurisdiction.name,
            jurisdiction_id=jurisdiction.pk,
            data={"rows": len(plan.rows), "created": len(plan.created), "changed": len(plan.changed)},
        ),
        by=by,
        now=now,
    )
    return plan


@transaction.atomic
def record_roster_export(jurisdiction: Jurisdiction, *, count: int, by: Actor, now: datetime) -> None:
    """Write down who took the roster, telephone numbers included. Changes nothing else. Raises NotAllowed."""
    require(by, Permission.ORG_VIEW, jurisdiction_id=jurisdiction.pk)
    data = {"units": count}
    label, pk = jurisdiction.name, jurisdiction.pk
    subject = Subject(type="jurisdiction", id=pk, label=label, jurisdiction_id=pk, data=data)
    record(EventName.ORGS_EXPORTED, subject, by=by, now=now)


def _people_of(
    plan: RosterPlan, planner: _Planner, *, jurisdiction: Jurisdiction, by: Actor, now: datetime
) -> dict[tuple[str, int], Person]:
    new = {
        one.name: NewPerson(one.name, phone=planner.phone(one.name))
        for one in plan.people.values()
        if isinstance(one, NewPerson)
    }
    made = dict(zip(new, create_people(jurisdiction, people=list(new.values()), by=by, now=now), strict=True))
    return {slot: one if isinstance(one, Person) else made[one.name] for slot, one in plan.people.items()}


def _whole(text: str) -> int | None:
    try:
        number = int(text)
    except ValueError:
        return None
    return number if 0 <= number < 1_000_000 else None


def _person_name(text: str) -> str:
    return "".join(text.split())
