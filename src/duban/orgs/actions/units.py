"""Jurisdictions, units and their names, merging, groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from duban.access.rules import Permission, Role, require
from duban.audit.actions import Subject, record, record_many, subject_of
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.core.pinyin import initials_of, pinyin_of
from duban.core.seen import require_seen
from duban.orgs.actions.common import difference_of, hold, require_current, tidy
from duban.orgs.models import Jurisdiction, Unit, UnitAlias, UnitGroup
from duban.orgs.queries import members_shown, units_by_name
from duban.orgs.rules import (
    UNIT_TYPE_LABELS,
    Level,
    UnitType,
    alias_key,
    group_kind,
    guess_unit_type,
)


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


# ---- jurisdictions


@transaction.atomic
def create_jurisdiction(
    name: str, *, short_name: str, level: Level, by: Actor, now: datetime, parent: Jurisdiction | None = None
) -> Jurisdiction:
    """Create a node of the tree; a root only by the system itself. Raises NotAllowed, Invalid (name taken)."""
    require(by, Permission.ORG_EDIT, jurisdiction_id=parent.pk if parent else None)
    if parent is None and not by.holds(Role.SYSTEM):
        raise NotAllowed
    name = tidy(name, field="name", what="辖区名称", longest=60)
    short_name = tidy(short_name, field="short_name", what="辖区简称", longest=20)
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
    hold(jurisdiction)
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
    hold(jurisdiction)
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
        require_current(unit)
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
        [subject_of(one, data=difference_of(before[one.pk], after[one.pk])) for one in changed],
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
    require_current(survivor)
    claimed = Unit.objects.filter(pk=unit.pk, merged_into__isnull=True).update(
        merged_into=survivor, merged_at=now, version=models.F("version") + 1
    )
    if not claimed:
        require_current(both[unit.pk])
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
def set_group(
    jurisdiction: Jurisdiction,
    *,
    name: str,
    members: Sequence[Unit],
    by: Actor,
    now: datetime,
    seen: str | None = None,
) -> UnitGroup:
    """Say which units a collective name means; makes the group where it is new.

    seen: of `members_shown`, as the form showed it. Raises NotAllowed, Invalid, Conflict (`theirs`: what stands).
    """
    require(by, Permission.ORG_EDIT, jurisdiction_id=jurisdiction.pk)
    name = tidy(name, field="name", what="统称", longest=60)
    for unit in members:
        if unit.jurisdiction_id != jurisdiction.pk:
            raise Invalid(f"“{unit.name}”不属于本辖区。", field="members")
        if unit.merged_into_id is not None:
            raise Invalid(f"“{unit.name}”已并入其他单位，请改选合并后的单位。", field="members")
    hold(jurisdiction)
    group, is_new = UnitGroup.objects.get_or_create(
        jurisdiction=jurisdiction, key=alias_key(name), defaults={"name": name, "kind": group_kind(name)}
    )
    standing = members_shown(None if is_new else group)
    require_seen(seen, standing=standing)
    group.members.set(members)
    before, after = standing["成员"], members_shown(group)["成员"]
    if is_new or before != after:
        record(EventName.GROUP_CHANGED, group, by=by, now=now, data={"before": before, "after": after})
    return group


def _tidy_names(name: str, full_name: str, aliases: Iterable[str]) -> tuple[str, str, list[str]]:
    return (
        tidy(name, field="name", what="单位简称", longest=60),
        tidy(full_name, field="full_name", what="单位全称", longest=120, may_be_blank=True),
        [tidy(one, field="aliases", what="单位别名", longest=120, may_be_blank=True) for one in aliases],
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
