"""立项: what was confirmed becomes units, people, posts, the plan and its matters, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Prefetch, Q

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Invalid, WrongState
from duban.intake.actions.naming import LONGEST_POST_TITLE, decide_group, decide_name
from duban.intake.actions.reviewing import accept_rows, reject_row, settle_finding
from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.intake.queries import OpenItem, approval_proposal, what_is_open
from duban.intake.rules import (
    Answer,
    CellField,
    FindingState,
    NameKind,
    NoticeState,
    RowState,
    answer_of,
    changes_a_cell,
    due_in_text,
    leader_word,
    post_title,
)
from duban.matters.actions import (
    NewApproval,
    NewAssignment,
    NewGroup,
    NewMatter,
    NewOverseer,
    NewSetting,
    NewTarget,
    change_setting,
    create_matters,
    create_plan,
    register_matters,
)
from duban.matters.models import Plan
from duban.matters.rules import Origin, Part, SettingKey, checked_setting, propose_due_on
from duban.orgs.actions import (
    NewAppointment,
    NewPerson,
    NewPost,
    NewUnit,
    appoint_many,
    create_people,
    create_posts,
    create_units,
    set_group,
)
from duban.orgs.models import Appointment, Person, Post, Unit
from duban.orgs.queries import units_by_name
from duban.orgs.rules import GroupKind, PostKind, UnitType, alias_key, group_kind

_LEADERS = (PostKind.LEADER, PostKind.GOVERNMENT_HEAD)
_SHOWN = 5
AS_PRINTED = "按通知原文登记"


class StillOpen(WrongState):
    """Something still waits for a person; `items` says what, those that hold registration up first."""

    code = "still_open"

    def __init__(self, items: Sequence[OpenItem]) -> None:
        self.items = tuple(items)
        blocking = [item.message for item in items if item.is_blocking]
        more = f"……等 {len(blocking)} 处" if len(blocking) > _SHOWN else ""
        super().__init__(f"还不能立项：{'；'.join(blocking[:_SHOWN])}{more}。")


@transaction.atomic
def register_notice(notice: Notice, *, approval: NewApproval, by: Actor, now: datetime) -> Plan:
    """Register every row that passed, under one approval, and return the plan they stand in.

    Makes what the names mean and the directory lacks; adds to the year's plan where it stands already. A group is
    expanded once, in the notice's words; one left open assigns nobody. Rejected rows stay with the notice.
    Raises NotAllowed, StillOpen (`items`), WrongState (registered or discarded), Invalid.
    Source: docs/sources.md#notice, docs/sources.md#regulation (§11)
    """
    require(by, Permission.MATTER_REGISTER, jurisdiction_id=notice.jurisdiction_id)
    standing = Notice.objects.select_for_update().get(pk=notice.pk)
    if standing.state != NoticeState.REVIEWING:
        raise WrongState("这份通知已立项或已作废。")
    list(Row.objects.filter(notice=standing).select_for_update().order_by("pk").values_list("pk"))
    items = what_is_open(standing)
    if any(item.is_blocking for item in items):
        raise StillOpen(items)
    cast = _Cast(standing, by=by, now=now)
    plan = _plan_for(standing, by=by, now=now)
    last = plan.matters.aggregate(last=Max("order"))["last"] or 0
    news = [cast.matter(row, order=last + place, plan=plan) for place, row in enumerate(cast.rows, start=1)]
    matters = create_matters(plan, matters=news, by=by, now=now)
    register_matters(matters, approval=approval, by=by, now=now)
    for row, matter in zip(cast.rows, matters, strict=True):
        row.matter = matter
    Row.objects.bulk_update(cast.rows, ["matter"], batch_size=200)
    Notice.objects.filter(pk=standing.pk, state=NoticeState.REVIEWING).update(
        state=NoticeState.REGISTERED, registered_at=now, plan=plan
    )
    standing.refresh_from_db(fields=["state", "registered_at", "plan"])
    record(
        EventName.NOTICE_REGISTERED,
        standing,
        by=by,
        now=now,
        data={
            "plan_id": plan.pk,
            "matters": len(matters),
            "units": len(cast.units_made),
            "posts": cast.posts_made,
            "open_groups": sorted(cast.open_groups),
            "basis": approval.basis,
            "document_number": approval.document_number,
        },
    )
    return plan


def _plan_for(notice: Notice, *, by: Actor, now: datetime) -> Plan:
    """Return the plan of the notice's year, made where there is none; what the notice fixes and the plan lacks is set.

    What an earlier notice fixed stays: which of two is right, a person says on the plan's own page.
    """
    settings = _settings(notice.header.get("clauses") or [])
    plan = Plan.objects.filter(jurisdiction_id=notice.jurisdiction_id, year=notice.year).first()
    if plan is None:
        return create_plan(
            notice.jurisdiction,
            year=notice.year,
            title=f"{notice.jurisdiction.short_name}{notice.year}年度台账",
            settings=settings,
            by=by,
            now=now,
        )
    fixed = set(plan.settings.values_list("key", flat=True))
    for one in settings:
        if one.key not in fixed:
            reason = f"据《{notice.title}》：{one.sentence}"
            change_setting(plan, key=one.key, value=one.value, reason=reason, by=by, now=now)
    return plan


def _settings(clauses: Iterable[Mapping[str, Any]]) -> list[NewSetting]:
    """Return the clauses a plan can hold as settings, each with its sentence; others stay with the notice."""
    settings: dict[SettingKey, NewSetting] = {}
    known = {one.value for one in SettingKey}
    for clause in clauses:
        if clause["key"] not in known or clause["key"] in settings:
            continue
        key = SettingKey(clause["key"])
        try:
            value = checked_setting(key, clause["value"])
        except Invalid:
            continue  # a sentence read only by half fixes nothing; it still stands in the notice's header
        settings[key] = NewSetting(key, value, clause.get("sentence") or "", clause.get("line"))
    return list(settings.values())


@dataclass(slots=True)
class _Line:
    """One row with its names resolved: what stands in which cell after the decisions on names."""

    row: Row
    values: dict[str, Any]
    persons: list[dict[str, Any]] = field(default_factory=list)
    leads: list[dict[str, Any]] = field(default_factory=list)
    supports: list[dict[str, Any]] = field(default_factory=list)
    overseers: list[dict[str, Any]] = field(default_factory=list)
    units_of: dict[str, list[Unit]] = field(default_factory=dict)


class _Cast:
    """Everybody a notice names, found in the directory or made: units, groups, people, posts. Set-based."""

    def __init__(self, notice: Notice, *, by: Actor, now: datetime) -> None:
        self.notice, self.by, self.now = notice, by, now
        self.jurisdiction = notice.jurisdiction
        self.from_on = notice.issued_on or date(notice.year, 1, 1)
        self.rows = list(
            Row.objects.filter(notice=notice, state=RowState.ACCEPTED)
            .prefetch_related(Prefetch("cells", Cell.objects.only("row_id", "field", "value")))
            .order_by("order", "pk")
        )
        readings = list(
            NameReading.objects.filter(notice=notice).select_related("unit__merged_into", "person").order_by("pk")
        )
        self.readings: dict[tuple[str, str], NameReading] = {}
        self.persons_read: dict[str, list[NameReading]] = {}
        self.row_groups: dict[tuple[int, str], NameReading] = {}
        for reading in readings:
            if reading.row_id is not None:
                self.row_groups[reading.row_id, reading.name] = reading
            elif reading.kind == NameKind.PERSON:
                self.persons_read.setdefault(reading.name, []).append(reading)
            else:
                self.readings.setdefault((reading.kind, reading.name), reading)
        self.open_groups: set[str] = set()
        self.lines = {row.pk: self._line(row) for row in self.rows}
        self.unit_of: dict[str, Unit] = {}
        self.units_made: list[Unit] = []
        self._make_units()
        self._make_groups()
        for line in self.lines.values():
            self._link(line)
        terms = Appointment.objects.filter(post__jurisdiction=self.jurisdiction, to_on__isnull=True)
        self.held = list(terms.select_related("post", "person").order_by("pk"))
        self.people = self._make_people()
        self.post_of: dict[tuple[str, int], Post] = {}
        self.leader_post: dict[str, Post] = {}
        self.posts_made = 0
        self._make_posts()

    # -- names --

    def _line(self, row: Row) -> _Line:
        values = {cell.field: cell.value for cell in row.cells.all()}
        line = _Line(row, values, overseers=values[CellField.OVERSEERS])
        for one in values[CellField.LEAD_UNITS]:
            (line.persons if self._is_person(one["name"]) else line.leads).append(one)
        for one in values[CellField.SUPPORT_UNITS]:
            if not self._is_person(one["name"]):
                line.supports.append(one)
        for one in values[CellField.PERSONS]:
            is_unit = one["name"][:200] not in self.persons_read and self._reading(one["name"]) is not None
            (line.leads if is_unit else line.persons).append(one)
        return line

    def _is_person(self, name: str) -> bool:
        return self._reading(name) is None and name[:200] in self.persons_read

    def _reading(self, name: str) -> NameReading | None:
        """Return what stands for a unit or group of this name."""
        short = name[:200]
        return self.readings.get((NameKind.UNIT, short)) or self.readings.get((NameKind.GROUP, short))

    def _group(self, row: Row, name: str) -> NameReading | None:
        """Return what a collective name means in this row; None for a name of one unit."""
        reading = self._reading(name)
        if reading is None or reading.kind != NameKind.GROUP:
            return None
        return self.row_groups.get((row.pk, name[:200]), reading)

    def _groups_in_use(self) -> list[NameReading]:
        found: dict[int, NameReading] = {}
        for line in self.lines.values():
            for one in (*line.leads, *line.supports):
                group = self._group(line.row, one["name"])
                if group is not None:
                    found[group.pk] = group
        return list(found.values())

    # -- units and groups --

    def _make_units(self) -> None:
        wanted: dict[str, None] = {}
        for line in self.lines.values():
            for one in (*line.leads, *line.supports):
                if self._group(line.row, one["name"]) is None:
                    wanted[one["name"][:200]] = None
        for group in self._groups_in_use():
            wanted.update(dict.fromkeys(group.members))
        for named in {one["name"][:200]: None for line in self.lines.values() for one in line.persons}:
            wanted.update({one.unit_name: None for one in self.persons_read.get(named, []) if one.unit_name})
        known = units_by_name(self.jurisdiction)
        by_made_name = {
            one.unit_name: one for one in self.readings.values() if one.kind == NameKind.UNIT and one.unit_name
        }
        news: dict[str, tuple[UnitType | None, list[str]]] = {}
        name_of: dict[str, str] = {}
        for name in wanted:
            reading = self.readings.get((NameKind.UNIT, name)) or by_made_name.get(name)
            unit = reading.unit if reading else known.get(alias_key(name))
            while unit is not None and unit.merged_into is not None:
                unit = unit.merged_into
            main = unit.name if unit else (reading.unit_name if reading and reading.unit_name else name)
            kind = UnitType(reading.unit_type) if reading and reading.unit_type else None
            aliases = news.setdefault(main, (kind, []))[1]
            if name != main and alias_key(name) not in known:
                aliases.append(name)
            name_of[name] = main
        before = {unit.pk for unit in known.values()}
        made = create_units(
            self.jurisdiction,
            units=[NewUnit(name=main, unit_type=kind, aliases=aliases) for main, (kind, aliases) in news.items()],
            by=self.by,
            now=self.now,
        )
        unit_by_main = dict(zip(news, made, strict=True))
        self.unit_of = {name: unit_by_main[main] for name, main in name_of.items()}
        self.units_made = [unit for unit in {one.pk: one for one in made}.values() if unit.pk not in before]

    def _make_groups(self) -> None:
        for group in self._groups_in_use():
            if group.is_open_group:
                self.open_groups.add(group.name)
            elif group.row_id is None and len(group.name) <= 60:
                members = {self.unit_of[name].pk: self.unit_of[name] for name in group.members}
                set_group(self.jurisdiction, name=group.name, members=list(members.values()), by=self.by, now=self.now)

    # -- people and posts --

    def _link(self, line: _Line) -> None:
        """Say for which lead units each person of a row answers: as read, as decided, else in step."""
        leads = {
            one["name"]: self.unit_of[one["name"][:200]]
            for one in line.leads
            if self._group(line.row, one["name"]) is None
        }
        taken: set[int] = set()
        for person in line.persons:
            name = person["name"]
            units = [leads[link["unit"]] for link in line.row.links if link["person"] == name and link["unit"] in leads]
            if not units:
                known = {
                    self.unit_of[one.unit_name].pk for one in self.persons_read.get(name[:200], []) if one.unit_name
                }
                units = [unit for unit in leads.values() if unit.pk in known]
            line.units_of[name] = list({unit.pk: unit for unit in units}.values())
            taken |= {unit.pk for unit in units}
        lonely = [one["name"] for one in line.persons if not line.units_of[one["name"]]]
        free = [unit for unit in leads.values() if unit.pk not in taken]
        if len(lonely) == len(free) and len(line.persons) == len(leads):
            for name, unit in zip(lonely, free, strict=True):
                line.units_of[name] = [unit]

    def _make_people(self) -> dict[str, Person]:
        """Find everybody: as decided, else whoever of that name holds a post of the unit (or a leader's) by now."""
        units: dict[str, set[int]] = {}
        for line in self.lines.values():
            for one in line.persons:
                units.setdefault(one["name"], set()).update(unit.pk for unit in line.units_of[one["name"]])
        leaders = {one["name"]: None for line in self.lines.values() for one in line.overseers}
        people: dict[str, Person] = {}
        for term in self.held:
            name = term.person.name
            is_leader = name in leaders and term.post.kind in _LEADERS
            if is_leader or term.post.unit_id in units.get(name, ()):
                people.setdefault(name, term.person)
        for name in (*units, *leaders):
            leader = self.readings.get((NameKind.OVERSEER, name[:200]))
            for reading in [*self.persons_read.get(name[:200], []), *([leader] if leader else [])]:
                if reading.person is not None:
                    people[name] = reading.person
                    break
        new = [name for name in {**dict.fromkeys(units), **leaders} if name not in people]
        made = create_people(self.jurisdiction, people=[NewPerson(name=name) for name in new], by=self.by, now=self.now)
        return people | dict(zip(new, made, strict=True))

    def _make_posts(self) -> None:
        held = self.held
        holds = {(one.person_id, one.post.unit_id): one.post for one in reversed(held)}
        leads_now = {one.person_id: one.post for one in reversed(held) if one.post.kind in _LEADERS}
        head_of = {
            post.unit_id: post
            for post in Post.objects.filter(
                jurisdiction=self.jurisdiction, kind=PostKind.UNIT_HEAD, unit__isnull=False
            ).order_by("-pk")
        }
        pairs: dict[tuple[str, int], tuple[Unit, str]] = {}
        for line in self.lines.values():
            for one in line.persons:
                for unit in line.units_of[one["name"]]:
                    pairs.setdefault((one["name"], unit.pk), (unit, one["qualifier"] or ""))
        for named in [one["name"] for line in self.lines.values() for one in line.persons]:
            for decided in self.persons_read.get(named[:200], []):
                if decided.unit_name:
                    unit = self.unit_of[decided.unit_name]
                    pairs.setdefault((named, unit.pk), (unit, decided.qualifier))
        new: list[tuple[NewPost, str, int, str]] = []  # post, person, unit (0: none), qualifier
        appointments: list[NewAppointment] = []
        for (name, unit_id), (unit, qualifier) in pairs.items():
            person = self.people[name]
            standing = holds.get((person.pk, unit_id))
            if standing is not None and standing.kind not in _LEADERS:
                self.post_of[name, unit_id] = standing
                continue
            reading = self._person_reading(name, unit)
            kind = PostKind(reading.post_kind) if reading and reading.post_kind else PostKind.RESPONSIBLE
            title = (reading.post_title if reading else "") or post_title(kind, unit=unit.name, person=name)
            qualifier = (reading.qualifier if reading else "") or qualifier
            if kind is PostKind.UNIT_HEAD and unit_id in head_of:
                self.post_of[name, unit_id] = head_of.pop(unit_id)
                appointments.append(
                    NewAppointment(self.post_of[name, unit_id], person, self.from_on, qualifier=qualifier[:40])
                )
                continue
            new.append((NewPost(unit, kind, title[:LONGEST_POST_TITLE]), name, unit_id, qualifier))
        leaders = leader_word(self.jurisdiction.short_name)
        for name, qualifier in {
            one["name"]: one["qualifier"] or "" for line in reversed(self.lines.values()) for one in line.overseers
        }.items():
            person = self.people[name]
            if person.pk in leads_now:
                self.leader_post[name] = leads_now[person.pk]
                continue
            leader = self.readings.get((NameKind.OVERSEER, name[:200]))
            kind = PostKind(leader.post_kind) if leader and leader.post_kind else PostKind.LEADER
            title = (leader.post_title if leader else "") or post_title(kind, unit="", person=name, leaders=leaders)
            new.append((NewPost(None, kind, title[:LONGEST_POST_TITLE]), name, 0, qualifier))
        posts = create_posts(self.jurisdiction, posts=[post for post, _, _, _ in new], by=self.by, now=self.now)
        for post, (_, name, unit_id, qualifier) in zip(posts, new, strict=True):
            if unit_id:
                self.post_of[name, unit_id] = post
            else:
                self.leader_post[name] = post
            appointments.append(NewAppointment(post, self.people[name], self.from_on, qualifier=qualifier[:40]))
        appoint_many(appointments, by=self.by, now=self.now)
        self.posts_made = len(posts)

    def _person_reading(self, name: str, unit: Unit) -> NameReading | None:
        readings = self.persons_read.get(name[:200], [])
        return next((one for one in readings if one.unit_name and self.unit_of[one.unit_name].pk == unit.pk), None)

    # -- matters --

    def matter(self, row: Row, *, order: float, plan: Plan) -> NewMatter:
        """Return one row as a matter of the plan."""
        line = self.lines[row.pk]
        text = line.values[CellField.TEXT].strip()
        deadline = line.values[CellField.DEADLINE].strip()
        due_on = (
            propose_due_on(deadline, year=plan.year) or due_in_text(text, year=plan.year) or date(plan.year, 12, 31)
        )
        begins = self.from_on if self.from_on.year == plan.year else date(plan.year, 1, 1)
        assignments, groups, notes = self._assignments(line)
        return NewMatter(
            text=text,
            serial=line.values[CellField.SERIAL].strip()[:20],
            order=order,
            origin=Origin.NOTICE,
            title=row.title,
            section=row.section,
            deadline_text=deadline[:100],
            starts_on=min(begins, due_on),
            due_on=due_on,
            source={"line": row.source_line, "page": row.source_page, "notice": self.notice.pk},
            note="\n".join(notes),
            assignments=assignments,
            groups=groups,
            overseers=[NewOverseer(self.leader_post[one["name"]]) for one in line.overseers],
            targets=[
                NewTarget(
                    text=one["text"],
                    value=one["value"],
                    upper=one["upper"],
                    unit_of_measure=one["unit"] or "",
                    sense=one["sense"],
                    subject=one["subject"] or "",
                )
                for one in row.targets
            ],
        )

    def _assignments(self, line: _Line) -> tuple[list[NewAssignment], list[NewGroup], list[str]]:
        """Return who is assigned, the groups in the notice's words, and what found no place among them."""
        assignments: list[NewAssignment] = []
        groups: list[NewGroup] = []
        notes: list[str] = []
        for part, names, begin in ((Part.LEAD, line.leads, 0), (Part.SUPPORT, line.supports, len(line.leads))):
            for place, one in enumerate(names, start=begin):
                group = self._group(line.row, one["name"])
                if group is None:
                    unit = self.unit_of[one["name"][:200]]
                    people = [name for name, units in line.units_of.items() if unit in units]
                    post = self.post_of.get((people[0], unit.pk)) if people and part is Part.LEAD else None
                    assignments.append(
                        NewAssignment(unit, part, post=post, qualifier=one["qualifier"] or "", place=place)
                    )
                    if part is Part.LEAD and len(people) > 1:
                        notes.append(f"{unit.name}的责任人另有：{'、'.join(people[1:])}。")
                    continue
                groups.append(NewGroup(group.name, part, is_settled=not group.is_open_group, place=place))
                assignments += [
                    NewAssignment(self.unit_of[name], part, from_group=group.name, place=place)
                    for name in ([] if group.is_open_group else group.members)
                ]
        notes += [f"{column}：{words}" for column, words in line.row.other.items() if words]
        lonely = [name for name, units in line.units_of.items() if not units]
        if lonely:
            notes.append(f"通知所列责任人{'、'.join(lonely)}未对应到牵头单位。")
        return assignments, groups, notes


# --- Everything at once -------------------------------------------------------------------------------------


@transaction.atomic
def register_as_read(notice: Notice, *, by: Actor, now: datetime, approval: NewApproval | None = None) -> Plan:
    """Confirm the whole reading as it is and register it, for whoever answers for that: the demonstration, an operator.

    Suggestions that need no choice are applied, other findings dismissed with that reason; every pending row is passed,
    one without text struck out; names are taken as proposed, groups with 相关/有关 are left open. Without `approval`
    the one the text proposes is used. Raises NotAllowed, Invalid (no approval in the text), WrongState.
    """
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id)
    given = approval or _approval_of(notice)
    doubts = Finding.objects.filter(notice=notice, state=FindingState.OPEN).filter(
        Q(row__state=RowState.PENDING) | Q(row__isnull=True, severity="error")
    )
    for finding in doubts.order_by("order", "pk"):
        if answer_of(finding.kind, finding.suggestion) is Answer.WORD:
            is_answered = finding.row_id is not None and changes_a_cell(finding.suggestion)
            settle_finding(finding, accept=is_answered, reason="" if is_answered else AS_PRINTED, by=by, now=now)
    pending = dict(Row.objects.filter(notice=notice, state=RowState.PENDING).values_list("pk", "version"))
    outcome = accept_rows(notice, selected=pending, by=by, now=now)
    for row in Row.objects.filter(notice=notice, state=RowState.PENDING).order_by("pk"):
        reject_row(row, version=row.version, reason=outcome.left[row.pk], by=by, now=now)
    undecided = NameReading.objects.filter(notice=notice, row__isnull=True, uses__gt=0, is_decided=False)
    for name in undecided.order_by("pk"):
        if name.kind == NameKind.GROUP:
            is_open = not name.members or group_kind(name.name) is GroupKind.CHOSEN
            decide_group(name, version=name.version, members=name.members, is_open=is_open, by=by, now=now)
        else:
            decide_name(name, version=name.version, by=by, now=now)
    return register_notice(notice, approval=given, by=by, now=now)


def _approval_of(notice: Notice) -> NewApproval:
    proposal = approval_proposal(notice)
    if not proposal.basis or not proposal.approved_by_name or proposal.approved_on is None:
        raise Invalid("通知中没有写明由谁、何时同意，请给出审批依据、批准人和批准日期。", field="approval")
    return NewApproval(
        basis=proposal.basis,
        approved_by_name=proposal.approved_by_name,
        approved_on=proposal.approved_on,
        document_number=proposal.document_number,
    )
