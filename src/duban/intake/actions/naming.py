"""Whom the names of a notice mean: proposed from the directory and the notice itself, decided by a person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, WrongState
from duban.core.text import folded
from duban.intake.models import Finding, NameReading, Notice, Row
from duban.intake.rules import (
    GROUP_FINDING,
    CellField,
    FindingState,
    NameKind,
    NoticeState,
    group_members,
    leader_word,
    post_title,
    similar_key,
)
from duban.orgs.models import Appointment, Jurisdiction, Person, Unit, UnitGroup
from duban.orgs.queries import units_by_name
from duban.orgs.rules import GroupKind, PostKind, UnitType, alias_key, group_kind, guess_unit_type
from duban.reading.names import is_group

LONGEST_UNIT_NAME = 60
LONGEST_PERSON_NAME = 40
LONGEST_POST_TITLE = 60
_LEADERS = (PostKind.LEADER, PostKind.GOVERNMENT_HEAD)
_UNIT_LIKE = (NameKind.UNIT, NameKind.GROUP, NameKind.PERSON)


def kind_of_name(cell: CellField, name: str) -> NameKind:
    """Return what a name in this column is taken for until a person says otherwise."""
    if cell is CellField.OVERSEERS:
        return NameKind.OVERSEER
    if cell is CellField.PERSONS:
        return NameKind.PERSON
    return NameKind.GROUP if is_group(name) else NameKind.UNIT


@dataclass(slots=True)
class NameUse:
    """A name as the notice uses it. units: for a person, the units linked with it and in how many rows."""

    kind: NameKind
    name: str
    qualifier: str = ""
    uses: int = 0
    units: Counter[str] = field(default_factory=Counter)

    @staticmethod
    def count(
        uses: dict[tuple[NameKind, str], "NameUse"], *, cell: CellField, name: str, qualifier: str | None
    ) -> "NameUse":
        """Count one appearance of a name in a cell and return its use."""
        kind = kind_of_name(cell, name)
        use = uses.setdefault((kind, name[:200]), NameUse(kind, name[:200]))
        use.uses += 1
        use.qualifier = use.qualifier or (qualifier or "")[:40]
        return use


class _Directory:
    """What the organisation knows already, in six queries."""

    def __init__(self, jurisdiction: Jurisdiction) -> None:
        self.units = units_by_name(jurisdiction)
        self.similar: dict[str, dict[int, Unit]] = {}
        for key, unit in self.units.items():
            self.similar.setdefault(similar_key(key, prefixes=self.units.prefixes), {})[unit.pk] = unit
        self.groups = {
            group.key: group
            for group in UnitGroup.objects.filter(jurisdiction=jurisdiction).prefetch_related("members").order_by("pk")
        }
        self.people: dict[str, list[Person]] = {}
        for person in Person.objects.filter(jurisdiction=jurisdiction).order_by("pk"):
            self.people.setdefault(person.name, []).append(person)
        self.held: dict[int, list[Appointment]] = {}
        self.heads: dict[int, Appointment] = {}
        for one in (
            Appointment.objects.filter(post__jurisdiction=jurisdiction, to_on__isnull=True)
            .select_related("post", "person")
            .order_by("pk")
        ):
            self.held.setdefault(one.person_id, []).append(one)
            if one.post.kind == PostKind.UNIT_HEAD and one.post.unit_id:
                self.heads.setdefault(one.post.unit_id, one)

    def like(self, name: str) -> Unit | None:
        """Return the one unit whose name is only similar; None where none or several are."""
        found = self.similar.get(similar_key(name, prefixes=self.units.prefixes), {})
        return next(iter(found.values())) if len(found) == 1 else None


def propose_names(notice: Notice, *, uses: Iterable[NameUse], is_typed: bool = False) -> list[NameReading]:
    """Lay out new names of a notice with what each most likely means. Costs a fixed number of statements.

    A unit named in full by the directory is decided; one only written alike waits for a person, and so does a group
    with 相关/有关 and a person whose unit nobody can tell. A unit the directory lacks is decided only in the first
    notice of a jurisdiction, where all are new. is_typed: a person entered the names; one that the notice does not
    print waits then too.
    """
    uses = list(uses)
    printed = folded("".join(notice.lines)) if is_typed else None
    by_kind = {kind: [use for use in uses if use.kind is kind] for kind in NameKind}
    directory = _Directory(notice.jurisdiction)
    known = list(NameReading.objects.filter(notice=notice, row__isnull=True).select_related("unit").order_by("pk"))
    units = _unit_readings(notice, by_kind[NameKind.UNIT], directory=directory, known=known, printed=printed)
    all_units = [one for one in known if one.kind == NameKind.UNIT] + units
    readings = [
        *units,
        *_group_readings(notice, by_kind[NameKind.GROUP], directory=directory, units=all_units),
        *_person_readings(notice, by_kind[NameKind.PERSON], directory=directory, units=all_units, known=known),
        *_overseer_readings(notice, by_kind[NameKind.OVERSEER], directory=directory),
    ]
    return NameReading.objects.bulk_create(readings, batch_size=500)


def _unit_readings(
    notice: Notice, uses: list[NameUse], *, directory: _Directory, known: list[NameReading], printed: str | None
) -> list[NameReading]:
    prefixes = directory.units.prefixes
    first: dict[str, tuple[int, str]] = {}  # the most used way of writing, by what two ways share
    candidates = [(one.uses, one.unit_name or one.name, one.name) for one in known if one.kind == NameKind.UNIT]
    for count, meant, written in [*candidates, *((use.uses, use.name, use.name) for use in uses)]:
        key = similar_key(written, prefixes=prefixes)
        if key not in first or count > first[key][0]:
            first[key] = (count, meant)
    readings = []
    for use in uses:
        reading = NameReading(notice=notice, kind=use.kind, name=use.name, uses=use.uses, qualifier=use.qualifier)
        reading.unit_name = use.name
        exact = directory.units.get(alias_key(use.name))
        alike = exact or directory.like(use.name)
        main = first[similar_key(use.name, prefixes=prefixes)][1]
        if alike is not None:
            reading.unit, reading.unit_name, reading.unit_type = alike, alike.name, alike.unit_type
            if exact is None:
                reading.is_decided = False
                reading.note = f"与单位名册中的“{alike.name}”相近，是同一个单位吗？"
        else:
            if main != use.name:
                reading.unit_name, reading.is_decided = main, False
                reading.note = f"与本通知中的“{main}”相近，是同一个单位吗？"
            elif len(use.name) > LONGEST_UNIT_NAME:
                reading.is_decided = False
                reading.note = f"名称超过 {LONGEST_UNIT_NAME} 个字，可能不是一个单位。"
            elif directory.units:
                reading.is_decided = False
                reading.note = "单位名册中没有这个名称。是新的单位，还是名册中单位的另一种写法？"
            elif printed is not None and folded(use.name) not in printed:
                reading.is_decided = False
                reading.note = "通知原文和单位名册中都没有这个名称。是新的单位，还是写错了？"
            reading.unit_type = guess_unit_type(reading.unit_name)
        readings.append(reading)
    return readings


def _group_readings(
    notice: Notice, uses: list[NameUse], *, directory: _Directory, units: list[NameReading]
) -> list[NameReading]:
    kinds = {unit.name: UnitType(unit.unit_type) for unit in directory.units.values()}
    kinds |= {one.unit_name: UnitType(one.unit_type) for one in units if one.unit_name not in kinds}
    readings = []
    for use in uses:
        reading = NameReading(notice=notice, kind=use.kind, name=use.name, uses=use.uses, qualifier=use.qualifier)
        _propose_members(reading, directory=directory, kinds=kinds)
        readings.append(reading)
    return readings


def _propose_members(reading: NameReading, *, directory: _Directory, kinds: Mapping[str, UnitType]) -> None:
    group = directory.groups.get(alias_key(reading.name))
    reading.group = group
    standing = [unit.name for unit in group.members.all()] if group else []
    reading.members = standing or group_members(reading.name, kinds)
    is_chosen = group_kind(reading.name) is GroupKind.CHOSEN
    reading.is_decided = bool(reading.members) and not is_chosen
    if is_chosen:
        reading.note = "“相关、有关”须由人明确指哪些单位。"
    elif not reading.members:
        reading.note = "没有看出指哪些单位，请明确。"


def _person_readings(
    notice: Notice, uses: list[NameUse], *, directory: _Directory, units: list[NameReading], known: list[NameReading]
) -> list[NameReading]:
    unit_of = {one.name: one for one in units}
    heads: dict[str, str] = {one.unit_name: one.name for one in known if one.post_kind == PostKind.UNIT_HEAD}
    most: dict[str, int] = {}
    for use in uses:
        for unit, count in use.units.items():
            if count > most.get(unit, 0) and not any(
                one.kind == NameKind.PERSON and one.unit_name == unit and one.post_kind == PostKind.UNIT_HEAD
                for one in known
            ):
                most[unit], heads[unit] = count, use.name
    readings = []
    for use in uses:
        for unit in [*use.units] or [""]:
            reading = NameReading(
                notice=notice,
                kind=use.kind,
                name=use.name,
                uses=use.uses,
                qualifier=use.qualifier,
                unit_name=unit,
                post_kind=PostKind.UNIT_HEAD if heads.get(unit) == use.name else PostKind.RESPONSIBLE,
            )
            if unit:
                reading.post_title = _title(reading, leaders="")
            else:
                reading.is_decided, reading.note = False, "没有看出他代表哪个单位，请选择。"
            named = unit_of.get(unit)
            _match_person(reading, directory=directory, unit=named.unit if named else None)
            readings.append(reading)
    return readings


def _title(reading: NameReading, *, leaders: str) -> str:
    return post_title(PostKind(reading.post_kind), unit=reading.unit_name, person=reading.name, leaders=leaders)[
        :LONGEST_POST_TITLE
    ]


def _match_person(reading: NameReading, *, directory: _Directory, unit: Unit | None) -> None:
    """Take the one person of this name who holds a post of this unit; another of the same name waits for a person."""
    namesakes = directory.people.get(reading.name, [])
    here = [
        (person, held)
        for person in namesakes
        for held in directory.held.get(person.pk, [])
        if unit is not None and held.post.unit_id == unit.pk
    ]
    if here:
        reading.person, held = here[0]
        reading.post_kind, reading.post_title = held.post.kind, held.post.title
    elif namesakes:
        reading.person = namesakes[0] if len(namesakes) == 1 else None
        reading.is_decided = False
        reading.note = reading.note or f"人员名册中已有 {len(namesakes)} 位“{reading.name}”，是同一人吗？"
    if unit is not None and reading.post_kind == PostKind.UNIT_HEAD and not here:
        head = directory.heads.get(unit.pk)
        if head is not None:
            reading.is_decided = False
            reading.note = f"{unit.name}主要负责人现为{head.person.name}。是换人了，还是另一个岗位？"
    if len(reading.name) > LONGEST_PERSON_NAME:
        reading.is_decided = False
        reading.note = f"超过 {LONGEST_PERSON_NAME} 个字，可能不是一个人名。"


def _overseer_readings(notice: Notice, uses: list[NameUse], *, directory: _Directory) -> list[NameReading]:
    leaders = leader_word(notice.jurisdiction.short_name)
    readings = []
    for use in uses:
        reading = NameReading(
            notice=notice,
            kind=use.kind,
            name=use.name,
            uses=use.uses,
            qualifier=use.qualifier,
            post_kind=PostKind.LEADER,
        )
        reading.post_title = _title(reading, leaders=leaders)
        namesakes = directory.people.get(use.name, [])
        posts = [
            (person, held)
            for person in namesakes
            for held in directory.held.get(person.pk, [])
            if held.post.kind in _LEADERS
        ]
        if posts:
            reading.person, held = posts[0]
            reading.post_kind, reading.post_title = held.post.kind, held.post.title
        elif namesakes:
            reading.person = namesakes[0] if len(namesakes) == 1 else None
            reading.is_decided = False
            reading.note = f"人员名册中已有 {len(namesakes)} 位“{use.name}”，是同一人吗？"
        if len(use.name) > LONGEST_PERSON_NAME:
            reading.is_decided = False
            reading.note = f"超过 {LONGEST_PERSON_NAME} 个字，可能不是一个人名。"
        readings.append(reading)
    return readings


def recount(
    notice: Notice,
    *,
    cell: CellField,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    units: Sequence[str] = (),
) -> None:
    """Keep the counts of names in step with a cell that changed; names not met before are proposed.

    units: the lead units of the row, to tell whom a new person stands for.
    """
    old, new = {one["name"][:200] for one in before}, {one["name"][:200] for one in after}
    kinds: tuple[NameKind, ...] = (NameKind.OVERSEER,) if cell is CellField.OVERSEERS else _UNIT_LIKE
    fresh: dict[tuple[NameKind, str], NameUse] = {}
    for name in sorted(old ^ new):
        step = 1 if name in new else -1
        known = NameReading.objects.filter(notice=notice, row__isnull=True, kind__in=kinds, name=name)
        if step < 0:
            known = known.filter(uses__gt=0)
        if not known.update(uses=F("uses") + step) and step > 0:
            one = next(item for item in after if item["name"][:200] == name)
            use = NameUse.count(fresh, cell=cell, name=name, qualifier=one.get("qualifier"))
            place = [item["name"][:200] for item in after].index(name)
            if cell is CellField.PERSONS and (len(units) == 1 or len(units) == len(after)):
                use.units[units[0] if len(units) == 1 else units[place]] += 1
    if fresh:
        propose_names(notice, uses=fresh.values(), is_typed=True)


# --- Decisions ----------------------------------------------------------------------------------------------


def _claim(reading: NameReading, *, version: int, by: Actor, now: datetime, **values: Any) -> NameReading:
    """Write a decision where nobody else decided first; the notice is held so that it is not registered meanwhile."""
    notice = Notice.objects.select_for_update().get(pk=reading.notice_id)
    if notice.state != NoticeState.REVIEWING:
        raise WrongState("这份通知已立项或已作废，名称认定不能再改。")
    claimed = NameReading.objects.filter(pk=reading.pk, version=version).update(
        **values, settled_by_name=by.name, settled_at=now, version=version + 1
    )
    joined = NameReading.objects.select_related("notice__jurisdiction", "unit", "group", "person")
    standing = joined.filter(pk=reading.pk)
    if not claimed:
        theirs = standing.first()
        who = theirs.settled_by_name if theirs else ""
        raise Conflict(f"{who or '他人'}刚刚认定了“{reading.name}”，请对照后再定。", theirs=theirs)
    return standing.get()


def _facts(reading: NameReading) -> dict[str, Any]:
    return {
        "kind": reading.kind,
        "unit": reading.unit.name if reading.unit else None,
        "unit_name": reading.unit_name,
        "unit_type": reading.unit_type,
        "person_id": reading.person_id,
        "post_kind": reading.post_kind,
        "post_title": reading.post_title,
        "qualifier": reading.qualifier,
        "members": reading.members,
        "is_open_group": reading.is_open_group,
        "is_decided": reading.is_decided,
    }


def _subject(reading: NameReading, notice: Notice, data: dict[str, Any]) -> Subject:
    return Subject(
        type="namereading", id=reading.pk, label=reading.name, jurisdiction_id=notice.jurisdiction_id, data=data
    )


@transaction.atomic
def decide_name(
    name: NameReading,
    *,
    version: int,
    by: Actor,
    now: datetime,
    kind: NameKind | None = None,
    unit: Unit | None = None,
    person: Person | None = None,
    is_new: bool = False,
    unit_name: str | None = None,
    unit_type: UnitType | None = None,
    post_kind: PostKind | None = None,
    post_title: str | None = None,
    qualifier: str | None = None,
) -> NameReading:
    """Decide whom a name means; what is not given stays as proposed.

    kind: what the name really is. unit, person: who it is in the directory. is_new: nobody there, one is to be made.
    unit_name: for a unit, the name it is made under (two ways of writing one unit are given the same); for a person,
    the unit the post belongs to, "" for none. A name made a group waits for `decide_group`.
    Raises NotAllowed, Conflict (`theirs`: the name as it stands), Invalid, WrongState.
    """
    before = NameReading.objects.select_related("notice__jurisdiction", "unit").get(pk=name.pk)
    notice = before.notice
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id)
    reading = NameReading.objects.select_related("unit", "group", "person").get(pk=name.pk)
    if before.row_id is not None:
        raise Invalid("单行的统称请用“明确统称所指”。")
    if kind is not None and kind != reading.kind:
        _turn_into(reading, NameKind(kind), notice=notice)
    else:
        reading.is_decided, reading.note = True, ""
    if is_new:
        reading.unit = reading.person = None
        if reading.kind == NameKind.UNIT and unit_name is None:
            unit_name = reading.name
    if unit is not None:
        if reading.kind != NameKind.UNIT or unit.jurisdiction_id != notice.jurisdiction_id or unit.merged_into_id:
            raise Invalid("所选单位不在本辖区的单位名册中。", field="unit")
        reading.unit, reading.unit_name, reading.unit_type = unit, unit.name, unit.unit_type
    if person is not None:
        if reading.kind not in (NameKind.PERSON, NameKind.OVERSEER) or person.jurisdiction_id != notice.jurisdiction_id:
            raise Invalid("所选人员不在本辖区的人员名册中。", field="person")
        reading.person = person
    if unit_type is not None:
        reading.unit_type = UnitType(unit_type)
    if unit_name is not None and unit is None:
        _set_unit_name(reading, unit_name.strip(), notice=notice)
    if post_kind is not None:
        reading.post_kind = PostKind(post_kind)
    if post_title is not None:
        reading.post_title = post_title.strip()
    elif post_kind is not None or (unit_name is not None and reading.kind == NameKind.PERSON):
        reading.post_title = _title(reading, leaders=leader_word(notice.jurisdiction.short_name))
    if qualifier is not None:
        reading.qualifier = qualifier.strip()[:40]
    _check(reading)
    if _absorb(reading, notice=notice):
        raise Invalid(f"“{reading.name}”已按这个单位认定过，无需重复。", field="unit_name")
    standing = _claim(
        reading,
        version=version,
        by=by,
        now=now,
        kind=reading.kind,
        unit=reading.unit,
        group=reading.group,
        person=reading.person,
        unit_name=reading.unit_name,
        unit_type=reading.unit_type,
        post_kind=reading.post_kind,
        post_title=reading.post_title,
        qualifier=reading.qualifier,
        members=reading.members,
        is_open_group=reading.is_open_group,
        is_decided=reading.is_decided,
        note=reading.note,
    )
    record(
        EventName.NAME_DECIDED,
        _subject(standing, notice, {"before": _facts(before), "after": _facts(standing)}),
        by=by,
        now=now,
    )
    return standing


def _absorb(reading: NameReading, *, notice: Notice) -> bool:
    """Return whether the same name is decided the same way already."""
    return (
        NameReading.objects.filter(
            notice=notice, row__isnull=True, kind=reading.kind, name=reading.name, unit_name=reading.unit_name
        )
        .exclude(pk=reading.pk)
        .exists()
    )


def _turn_into(reading: NameReading, kind: NameKind, *, notice: Notice) -> None:
    """Make a name another kind of name, with that kind's proposals."""
    reading.kind = kind
    reading.unit = reading.group = reading.person = None
    reading.unit_name = reading.unit_type = reading.post_kind = reading.post_title = reading.note = ""
    reading.members, reading.is_open_group, reading.is_decided = [], False, True
    if kind is NameKind.UNIT:
        reading.unit_name, reading.unit_type = reading.name, guess_unit_type(reading.name)
        reading.unit = units_by_name(notice.jurisdiction).get(alias_key(reading.name))
    elif kind is NameKind.GROUP:
        directory = _Directory(notice.jurisdiction)
        kinds = {one.name: UnitType(one.unit_type) for one in directory.units.values()}
        named = NameReading.objects.filter(notice=notice, row__isnull=True, kind=NameKind.UNIT).exclude(pk=reading.pk)
        kinds |= {name: UnitType(kind) for name, kind in named.values_list("unit_name", "unit_type")}
        _propose_members(reading, directory=directory, kinds=kinds)
    else:
        reading.post_kind = PostKind.LEADER if kind is NameKind.OVERSEER else PostKind.RESPONSIBLE
        if kind is NameKind.OVERSEER:
            reading.post_title = _title(reading, leaders=leader_word(notice.jurisdiction.short_name))


def _set_unit_name(reading: NameReading, unit_name: str, *, notice: Notice) -> None:
    if reading.kind == NameKind.UNIT:
        if not unit_name:
            raise Invalid("单位名称要填写。", field="unit_name")
        reading.unit, reading.unit_name = units_by_name(notice.jurisdiction).get(alias_key(unit_name)), unit_name
    elif reading.kind == NameKind.PERSON:
        if unit_name:
            _known_units(notice, [unit_name], field="unit_name")
        reading.unit_name = unit_name


def _known_units(notice: Notice, names: Sequence[str], *, field: str) -> None:
    """Raise Invalid for a name that is neither a unit of this notice nor one of the directory."""
    known = set(
        NameReading.objects.filter(notice=notice, row__isnull=True, kind=NameKind.UNIT).values_list("name", flat=True)
    ) | set(
        NameReading.objects.filter(notice=notice, row__isnull=True, kind=NameKind.UNIT).values_list(
            "unit_name", flat=True
        )
    )
    directory = units_by_name(notice.jurisdiction)
    for name in names:
        if name not in known and alias_key(name) not in directory:
            raise Invalid(f"“{name}”既不在本通知中，也不在单位名册中。", field=field)


def _new_units(notice: Notice, names: Sequence[str], *, group: str) -> list[str]:
    """Put units a person typed as members of a group beside those the notice prints, and return their names."""
    typed = list(dict.fromkeys(one.strip() for one in names if one.strip()))
    directory = units_by_name(notice.jurisdiction)
    for name in typed:
        if len(name) > LONGEST_UNIT_NAME:
            raise Invalid(f"“{name[:20]}…”超过 {LONGEST_UNIT_NAME} 个字，不像一个单位的名称。", field="new_members")
        if is_group(name):
            raise Invalid(f"“{name}”是统称，请逐个写明单位。", field="new_members")
        if alias_key(name) in directory:
            continue
        reading, is_new = NameReading.objects.get_or_create(
            notice=notice,
            row=None,
            kind=NameKind.UNIT,
            name=name,
            unit_name="",
            defaults={"uses": 1, "unit_type": guess_unit_type(name), "note": f"由“{group}”写明"},
        )
        if not is_new and not reading.uses:
            NameReading.objects.filter(pk=reading.pk, uses=0).update(uses=1)
    return typed


def _check(reading: NameReading) -> None:
    if reading.kind == NameKind.UNIT and len(reading.unit_name) > LONGEST_UNIT_NAME:
        raise Invalid(f"单位名称不能超过 {LONGEST_UNIT_NAME} 个字。", field="unit_name")
    if reading.kind in (NameKind.PERSON, NameKind.OVERSEER):
        if len(reading.name) > LONGEST_PERSON_NAME:
            raise Invalid(f"姓名不能超过 {LONGEST_PERSON_NAME} 个字，请先更正单元格。", field="name")
        needs_post = reading.kind == NameKind.OVERSEER or reading.unit_name
        if needs_post and not 0 < len(reading.post_title) <= LONGEST_POST_TITLE:
            raise Invalid(f"岗位名称须在 1 至 {LONGEST_POST_TITLE} 个字之间。", field="post_title")
        if (reading.post_kind in _LEADERS) != (reading.kind == NameKind.OVERSEER):
            raise Invalid("岗位类别与这个名字的用法不符。", field="post_kind")


@transaction.atomic
def decide_group(
    name: NameReading,
    *,
    version: int,
    by: Actor,
    now: datetime,
    members: Sequence[str] = (),
    new_members: Sequence[str] = (),
    is_open: bool = False,
    row: Row | None = None,
) -> NameReading:
    """Say which units a collective name means, in the whole notice or (row given) in one row only.

    members: names of units of this notice or of the directory. new_members: names of units neither of them holds,
    made at registration: the towns of a new office, whose notice names them only as 各镇（街道）. is_open: nobody
    can say yet; the matter keeps the group in the notice's words and nobody is assigned by it. For a row the name of
    the whole notice is given the first time (version: its own), afterwards the row's own reading.
    Raises NotAllowed, Conflict (`theirs`: the name as it stands), Invalid, WrongState.
    """
    before = NameReading.objects.select_related("notice__jurisdiction", "unit").get(pk=name.pk)
    notice = before.notice
    require(by, Permission.NOTICE_REVIEW, jurisdiction_id=notice.jurisdiction_id)
    if before.kind != NameKind.GROUP:
        raise Invalid(f"“{before.name}”不是统称。")
    typed = [] if is_open else _new_units(notice, new_members, group=before.name)
    chosen = list(dict.fromkeys([*(one.strip() for one in members if one.strip()), *typed]))
    if not chosen and not is_open:
        raise Invalid("请至少选一个单位，或者标为“暂不明确”。", field="members")
    _known_units(notice, chosen, field="members")
    values = {
        "members": [] if is_open else chosen,
        "is_open_group": is_open,
        "is_decided": True,
        "note": "",
    }
    if row is not None and before.row_id is None:
        standing = _decide_in_row(before, row=row, version=version, by=by, now=now, values=values)
    else:
        standing = _claim(before, version=version, by=by, now=now, **values)
    _answer_findings(standing, by=by, now=now)
    record(
        EventName.GROUP_DECIDED,
        _subject(standing, notice, {"row_id": standing.row_id, "before": _facts(before), "after": _facts(standing)}),
        by=by,
        now=now,
    )
    return standing


def _decide_in_row(
    whole: NameReading, *, row: Row, version: int, by: Actor, now: datetime, values: dict[str, Any]
) -> NameReading:
    if row.notice_id != whole.notice_id:
        raise Invalid("这一行不属于这份通知。")
    notice = Notice.objects.select_for_update().get(pk=whole.notice_id)
    if notice.state != NoticeState.REVIEWING:
        raise WrongState("这份通知已立项或已作废，名称认定不能再改。")
    if NameReading.objects.get(pk=whole.pk).version != version:
        raise Conflict(f"他人刚刚认定了“{whole.name}”，请对照后再定。", theirs=NameReading.objects.get(pk=whole.pk))
    standing, is_new = NameReading.objects.get_or_create(
        row=row,
        kind=NameKind.GROUP,
        name=whole.name,
        defaults={
            **values,
            "notice": notice,
            "group": whole.group,
            "uses": 1,
            "settled_by_name": by.name,
            "settled_at": now,
        },
    )
    if not is_new:
        raise Conflict(f"{standing.settled_by_name}已为这一行单独明确了“{whole.name}”，请对照后再定。", theirs=standing)
    return standing


def _answer_findings(reading: NameReading, *, by: Actor, now: datetime) -> None:
    """Settle what asked which units a group means, in the whole notice or in the reading's row."""
    asking = Finding.objects.filter(notice_id=reading.notice_id, kind=GROUP_FINDING, state=FindingState.OPEN)
    if reading.row_id is not None:
        asking = asking.filter(row_id=reading.row_id)
    ids = [
        pk
        for pk, suggestion in asking.order_by("pk").values_list("pk", "suggestion")
        if ((suggestion or {}).get("value") or {}).get("name") == reading.name
    ]
    Finding.objects.filter(pk__in=ids, state=FindingState.OPEN).update(
        state=FindingState.ACCEPTED,
        note="暂不明确" if reading.is_open_group else "已明确统称所指",
        settled_by_name=by.name,
        settled_at=now,
    )
