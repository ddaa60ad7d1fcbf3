"""Matters typed in by hand or pasted from a spreadsheet: names become units, people and posts, then drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid
from duban.core.text import date_text
from duban.matters.actions.entry import NewAssignment, NewGroup, NewMatter, NewOverseer, NewTarget, create_matters
from duban.matters.models import Assignment, Matter, Plan, Target
from duban.matters.queries import Directory, TypedUnits, read_people
from duban.matters.rules import Kind, Origin, Part, SupervisionType, propose_due_on
from duban.orgs.actions import (
    NewAppointment,
    NewPerson,
    NewPost,
    NewUnit,
    appoint_many,
    create_people,
    create_posts,
    create_units,
)
from duban.orgs.models import Post, Unit
from duban.orgs.queries import namesakes
from duban.orgs.rules import PostKind, alias_key
from duban.reading.names import persons
from duban.reading.targets import find as find_targets


@dataclass(frozen=True, slots=True)
class TypedMatter:
    """One matter as typed, cell by cell in the annex's own form."""

    text: str
    serial: str = ""
    lead_units: str = ""
    persons: str = ""
    support_units: str = ""
    overseers: str = ""
    deadline_text: str = ""
    due_on: date | None = None
    origin: Origin = Origin.NOTICE
    kind: Kind | None = None
    field: str | None = None
    is_livelihood: bool | None = None
    is_weakness: bool = False
    supervision_type: SupervisionType = SupervisionType.DAILY
    title: str = ""
    section: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TypedProblems:
    """What stands in the way of entering matters as typed, and what a person should know. row: from 0."""

    unknown_units: tuple[str, ...]
    unknown_people: tuple[str, ...]
    errors: tuple[tuple[int, str], ...]
    hints: tuple[tuple[int, str], ...]


class UnknownNames(Invalid):
    """Names the directory does not hold; nothing is made of them before a person says so."""

    code = "unknown_names"

    def __init__(self, problems: TypedProblems) -> None:
        self.problems = problems
        units = f"单位：{'、'.join(problems.unknown_units)}" if problems.unknown_units else ""
        people = f"人员：{'、'.join(problems.unknown_people)}" if problems.unknown_people else ""
        super().__init__(
            f"名册中没有{'；'.join(one for one in (units, people) if one)}。请核对，或勾选“新建”后再保存。"
        )


@dataclass(slots=True)
class _Read:
    """One typed matter with its names looked up."""

    typed: TypedMatter
    leads: TypedUnits
    supports: TypedUnits
    by_unit: dict[str, str]
    loose: tuple[str, ...]
    overseers: tuple[str, ...]


_Groups = Mapping[Part, Mapping[str, Sequence[Unit]]]


def _read(typed: TypedMatter, *, directory: Directory, standing: _Groups | None = None) -> _Read:
    named = standing or {}
    leads = directory.read_units(typed.lead_units, standing=named.get(Part.LEAD))
    supports = directory.read_units(typed.support_units, standing=named.get(Part.SUPPORT))
    people = read_people(typed.persons, leads=leads.units, directory=directory)
    overseers = tuple(one.name for one in persons(typed.overseers))
    return _Read(typed, leads, supports, people.by_unit, people.loose, overseers)


def problems_of(plan: Plan, *, matters: Sequence[TypedMatter], today: date) -> TypedProblems:
    """Return what a preview says before anything is saved: names the directory lacks, rows that cannot be entered."""
    directory = Directory(plan, today=today)
    return _problems(plan, [_read(one, directory=directory) for one in matters], directory=directory)


def _problems(plan: Plan, rows: Sequence[_Read], *, directory: Directory) -> TypedProblems:
    units: dict[str, None] = {}
    people: dict[str, None] = {}
    errors: list[tuple[int, str]] = []
    hints: list[tuple[int, str]] = []
    standing = set(plan.matters.filter(parent=None).exclude(serial="").values_list("serial", flat=True))
    seen: set[str] = set()
    for number, row in enumerate(rows):
        serial = row.typed.serial.strip()
        if not row.typed.text.strip():
            errors.append((number, "没有填写具体目标任务"))
        if serial and serial in standing:
            errors.append((number, f"台账中已有第{serial}项"))
        elif serial and serial in seen:
            errors.append((number, f"序号 {serial} 重复"))
        seen.add(serial)
        if not row.leads.units:
            hints.append((number, "没有牵头单位，交办前须补上"))
        hints += [(number, words) for words in _deadline_hints(row.typed, year=plan.year)]
        for name in (*row.leads.unknown, *row.supports.unknown):
            units[name] = None
            hints.append((number, f"名册中没有单位“{name[:20]}”"))
            if len(name) > 60:
                errors.append((number, f"单位名称过长：{name[:20]}……"))
        for group in (*row.leads.groups, *row.supports.groups):
            if not group.is_settled:
                hints.append((number, f"“{group.name}”尚未明确所指单位，先按原文登记"))
        if row.loose:
            hints.append((number, f"责任人{'、'.join(row.loose)}未对应到牵头单位，记入备注"))
        leads = {one.name: one.unit for one in row.leads.units}
        for unit_name, name in row.by_unit.items():
            unit = leads[unit_name]
            if unit is None or directory.post_of(name, unit=unit) is None:
                people[name] = None
                hints.append((number, f"{unit_name}没有名为“{name}”的责任人"))
        strangers = [name for name in row.overseers if directory.post_of(name, unit=None) is None]
        people |= dict.fromkeys(strangers)
        hints += [(number, f"名册中没有领导“{name}”") for name in strangers]
    return TypedProblems(tuple(units), tuple(people), tuple(errors), tuple(hints))


def _deadline_hints(typed: TypedMatter, *, year: int) -> list[str]:
    """Return what a person should know of a deadline: one that cannot be read, one outside the plan's year."""
    read = propose_due_on(typed.deadline_text, year=year)
    if typed.due_on is None and typed.deadline_text.strip() and read is None:
        return [f"完成时限“{typed.deadline_text.strip()[:20]}”看不懂，将按{year}年12月31日登记"]
    day = typed.due_on or read
    return [f"办结时限{date_text(day)}不在{year}年度内"] if day is not None and day.year != year else []


@transaction.atomic
def enter_typed(
    plan: Plan, *, matters: Sequence[TypedMatter], make_missing: bool, by: Actor, now: datetime
) -> list[Matter]:
    """Enter matters as typed, as drafts: all of them or none.

    make_missing: whether a person has agreed that units and people the directory lacks are made. A person new to a
    unit gets a post of it; a person no lead unit is found for stands in the note.
    Raises NotAllowed, UnknownNames, Invalid (a row cannot be entered).
    """
    require(by, Permission.MATTER_EDIT, jurisdiction_id=plan.jurisdiction_id)
    if not matters:
        raise Invalid("没有可录入的事项。")
    today = day_of(now)
    directory = Directory(plan, today=today)
    rows = [_read(one, directory=directory) for one in matters]
    problems = _problems(plan, rows, directory=directory)
    if problems.errors:
        number, words = problems.errors[0]
        raise Invalid(f"第 {number + 1} 行：{words}。" if len(rows) > 1 else f"{words}。")
    if (problems.unknown_units or problems.unknown_people) and not make_missing:
        raise UnknownNames(problems)
    if problems.unknown_units:
        made = create_units(plan.jurisdiction, units=[NewUnit(name) for name in problems.unknown_units], by=by, now=now)
        directory = Directory(plan, today=today)
        for name, unit in zip(problems.unknown_units, made, strict=True):
            directory.units.setdefault(name, unit)
        rows = [_read(one, directory=directory) for one in matters]
    posts = _posts(plan, rows, directory=directory, by=by, now=now)
    return create_matters(plan, matters=[_new(row, posts=posts) for row in rows], by=by, now=now)


def _posts(
    plan: Plan, rows: Sequence[_Read], *, directory: Directory, by: Actor, now: datetime
) -> dict[tuple[str, str], Post]:
    """Return the post of each (unit name, person), and of each overseer under (“”, person); missing ones are made."""
    posts: dict[tuple[str, str], Post] = {}
    missing: dict[tuple[str, str], NewPost] = {}
    place = plan.jurisdiction.short_name[-1:]
    for row in rows:
        leads = {one.name: one.unit for one in row.leads.units}
        for unit_name, name in row.by_unit.items():
            unit = leads[unit_name]
            post = directory.post_of(name, unit=unit)
            if post is not None:
                posts[unit_name, name] = post
            elif unit is not None:
                missing[unit_name, name] = NewPost(unit, PostKind.RESPONSIBLE, f"{unit.name}责任人（{name}）"[:60])
        for name in row.overseers:
            post = directory.post_of(name, unit=None)
            if post is not None:
                posts["", name] = post
            else:
                missing["", name] = NewPost(None, PostKind.LEADER, f"{place}领导（{name}）"[:60])
    if not missing:
        return posts
    known = {}
    for _, name in missing:
        same = namesakes(plan.jurisdiction, name=name)
        if len(same) == 1:
            known[name] = same[0]
    new = [name for name in dict.fromkeys(name for _, name in missing) if name not in known]
    people = create_people(plan.jurisdiction, people=[NewPerson(name) for name in new], by=by, now=now)
    known |= dict(zip(new, people, strict=True))
    made = create_posts(plan.jurisdiction, posts=list(missing.values()), by=by, now=now)
    appoint_many(
        [NewAppointment(post, known[key[1]], day_of(now)) for key, post in zip(missing, made, strict=True)],
        by=by,
        now=now,
    )
    return posts | dict(zip(missing, made, strict=True))


def _new(row: _Read, *, posts: dict[tuple[str, str], Post]) -> NewMatter:
    typed = row.typed
    after_leads = len(row.leads.units) + len(row.leads.groups)
    cells = ((Part.LEAD, row.leads, 0), (Part.SUPPORT, row.supports, after_leads))
    assignments = [
        NewAssignment(
            one.unit,
            part,
            posts.get((one.name, row.by_unit.get(one.name, ""))) if part is Part.LEAD else None,
            one.qualifier,
            one.from_group,
            place=begin + one.place,
        )
        for part, cell, begin in cells
        for one in cell.units
        if one.unit is not None
    ]
    groups = [
        NewGroup(one.name, part, one.is_settled, begin + one.place)
        for part, cell, begin in cells
        for one in cell.groups
    ]
    loose = f"责任人{'、'.join(row.loose)}未对应到牵头单位" if row.loose else ""
    return NewMatter(
        text=typed.text,
        serial=typed.serial,
        origin=typed.origin,
        kind=typed.kind,
        field=typed.field,
        is_livelihood=typed.is_livelihood,
        is_weakness=typed.is_weakness,
        supervision_type=typed.supervision_type,
        title=typed.title,
        section=typed.section,
        deadline_text=typed.deadline_text,
        due_on=typed.due_on,
        note="；".join(part for part in (typed.note.strip(), loose) if part),
        assignments=assignments,
        groups=groups,
        overseers=[NewOverseer(posts["", name]) for name in row.overseers],
        targets=read_targets(typed.text),
    )


def read_targets(text: str, *, standing: Sequence[Target] = ()) -> list[NewTarget]:
    """Return the quantities of a text. One whose words stand already is understood as it stands: a person may have
    corrected it."""
    known = {one.text: one for one in standing}
    return [
        NewTarget(old.text, old.value, old.upper, old.unit_of_measure, old.sense, old.subject)
        if (old := known.get(one.text)) is not None
        else NewTarget(one.text, one.value, one.upper, one.unit or "", one.sense, one.subject or "")
        for one in find_targets(text)
    ]


@transaction.atomic
def typed_units(
    matter: Matter, *, lead_units: str, support_units: str, persons_typed: str, overseers: str, today: date
) -> tuple[list[NewAssignment], list[NewGroup], list[NewOverseer]]:
    """Return what these cells mean where every name is known, for a correction.

    A group the matter names already keeps its members; a unit that stays keeps its post and date where nobody was typed
    for it; a new lead without a person is answered for by its head. Raises UnknownNames, Invalid.
    """
    plan = matter.plan
    directory = Directory(plan, today=today)
    stands = {one.unit_id: one for one in matter.assignments.filter(ended_at=None).select_related("unit", "post")}
    groups: dict[Part, dict[str, list[Unit]]] = {Part.LEAD: {}, Part.SUPPORT: {}}
    for group in matter.named_groups.all():
        members = [one.unit for one in stands.values() if (one.part, one.from_group) == (group.part, group.name)]
        groups[Part(group.part)][alias_key(group.name)] = members
    typed = TypedMatter(
        text="x", lead_units=lead_units, support_units=support_units, persons=persons_typed, overseers=overseers
    )
    row = _read(typed, directory=directory, standing=groups)
    problems = _problems(plan, [row], directory=directory)
    if problems.unknown_units or problems.unknown_people:
        raise UnknownNames(problems)
    if row.loose:
        raise Invalid(f"责任人{'、'.join(row.loose)}未对应到牵头单位。", field="persons")
    posts: dict[tuple[str, str], Post] = {}
    units = {one.name: one.unit for one in row.leads.units}
    for unit_name, name in row.by_unit.items():
        post = directory.post_of(name, unit=units[unit_name])
        if post is not None:
            posts[unit_name, name] = post
    for name in row.overseers:
        post = directory.post_of(name, unit=None)
        if post is not None:
            posts["", name] = post
    new = _new(row, posts=posts)
    kept = [_with_post(one, standing=stands.get(one.unit.pk), directory=directory) for one in new.assignments]
    return kept, list(new.groups), list(new.overseers)


def _with_post(new: NewAssignment, *, standing: Assignment | None, directory: Directory) -> NewAssignment:
    if standing is not None:
        return replace(new, post=new.post or standing.post, due_on=standing.due_on)
    if new.post is None and new.part is Part.LEAD and not new.from_group:
        return replace(new, post=directory.head_of(new.unit))
    return new
