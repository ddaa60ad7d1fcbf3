"""Reads of the ledger that several doors share, already joined."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, Min, OuterRef, Q, QuerySet, Subquery, When, Window

from duban.core.actor import Actor
from duban.core.text import folded
from duban.matters.models import Assignment, Matter, MatterQuerySet, NamedGroup, Overseer, Plan, PlanSetting, Target
from duban.matters.rules import FIELD_NAMES, OPEN_STATES, Kind, Origin, Part, SettingKey, State, missing_serials
from duban.orgs.models import Appointment, Person, Post, Unit, in_force
from duban.orgs.rules import PostKind


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What the ledger is narrowed to; an empty value narrows nothing.

    text: Chinese, a serial, pinyin or initials; looked for in the matter, its units and its people.
    part: with a unit (or for somebody of a unit), only what it leads, or only what it supports.
    state: a State, or “open” for everything still being worked on.   late_on: only what is open and past due that day.
    """

    text: str = ""
    unit_id: int | None = None
    part: str = ""
    overseer_post_id: int | None = None
    state: str = ""
    kind: str = ""
    field: str = ""
    origin: str = ""
    is_livelihood: bool = False
    is_weakness: bool = False
    late_on: date | None = None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the ledger: everything any column shows, in words. The first of `leads` merges (汇总单位)."""

    id: int
    parent_id: int | None
    serial: str
    title: str
    section: str
    text: str
    kind: str
    field: str
    is_livelihood: bool
    is_weakness: bool
    origin: str
    supervision_type: str
    deadline_text: str
    starts_on: date
    due_on: date
    state: str
    registered_at: datetime | None
    assigned_at: datetime | None
    closed_at: datetime | None
    note: str
    leads: tuple[str, ...]
    persons: tuple[str, ...]
    supports: tuple[str, ...]
    overseers: tuple[str, ...]
    targets: tuple[str, ...]
    acknowledged: int
    leads_count: int


_COLUMNS = (
    "pk", "parent_id", "serial", "title", "section", "text", "kind", "field", "is_livelihood", "is_weakness", "origin",
    "supervision_type", "deadline_text", "starts_on", "due_on", "state", "registered_at", "assigned_at", "closed_at",
    "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Rows in order, how many there are in all, and which page this is of how many."""

    rows: list[LedgerRow]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class PlanTally:
    """How far the ledger holds what the notice declared. declared: None where the notice names no total."""

    present: int
    declared: int | None
    missing: list[int]


def plan_tally(plan: Plan) -> PlanTally:
    """Return how many rows of the notice stand in the ledger, how many it declared, and which numbers are missing.

    Work items of a split matter and matters of other origin do not count.
    """
    values = PlanSetting.objects.filter(plan=plan, key=SettingKey.DECLARED_ITEMS).values_list("value", flat=True)
    declared = next((value for value in values if isinstance(value, int)), None)
    rows = Matter.objects.filter(plan=plan, origin=Origin.NOTICE, parent__isnull=True)
    counted = rows.aggregate(present=Count("pk"), serials=Count("serial", distinct=True))
    missing: list[int] = []
    if declared is not None and counted["serials"] < declared:
        missing = missing_serials(list(rows.order_by().values_list("serial", flat=True)), declared=declared)
    return PlanTally(present=counted["present"], declared=declared, missing=missing)


def ledger_page(
    actor: Actor,
    *,
    plan: Plan,
    chosen: LedgerFilter,
    today: date,
    group: str = "",
    sort: str = "",
    is_descending: bool = False,
    page: int = 1,
    page_rows: int | None = None,
    whole_rows: int = 0,
) -> LedgerPage:
    """Return what this actor may see of a plan's ledger, narrowed and in order: one page of it.

    group: lead, overseer, field, section, state, or empty.   sort: serial, due, state, kind, field, section, lead,
    overseer; empty is the notice's own order.   page_rows: None gives all, and so do no more than `whole_rows` rows.
    The number of statements does not depend on the number of rows.
    """
    matters = Matter.objects.visible_to(actor).filter(plan=plan).filter(_narrowing(actor, chosen))
    ids = list(_in_order(matters, group=group, sort=sort, is_descending=is_descending).values_list("pk", flat=True))
    if page_rows is None or len(ids) <= whole_rows:
        return LedgerPage(rows=ledger_rows(ids, today=today), total=len(ids), page=1, pages=1)
    pages = -(-len(ids) // page_rows) or 1
    page = min(max(page, 1), pages)
    wanted = ids[(page - 1) * page_rows : page * page_rows]
    return LedgerPage(rows=ledger_rows(wanted, today=today), total=len(ids), page=page, pages=pages)


def ledger_rows(ids: Iterable[int], *, today: date) -> list[LedgerRow]:
    """Return the lines of these matters in the given order. The caller has already seen that the actor may see them.

    Six statements for each 5,000 matters. A unit that came in with a 统称 is shown by the 统称's own name.
    """
    rows: list[LedgerRow] = []
    for some in _in_fives_of_thousand(list(ids)):
        rows += _rows_of(some, today=today)
    return rows


def _in_fives_of_thousand(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), 5_000):  # SQLite takes 32,766 parameters in one statement
        yield ids[start : start + 5_000]


def _rows_of(ids: list[int], *, today: date) -> list[LedgerRow]:
    matters = {values[0]: values for values in Matter.objects.filter(pk__in=ids).order_by().values_list(*_COLUMNS)}
    units = list(
        Assignment.objects.filter(matter_id__in=ids, ended_at__isnull=True)
        .order_by("-is_merging", "order", "pk")
        .values_list(
            "matter_id", "part", "order", "unit__name", "qualifier", "from_group", "post_id", "acknowledged_at"
        )
    )
    groups = NamedGroup.objects.filter(matter_id__in=ids).values_list("matter_id", "part", "order", "name")
    leaders = list(
        Overseer.objects.filter(matter_id__in=ids)
        .order_by("order", "pk")
        .values_list("matter_id", "post_id", "post__title")
    )
    posts = {unit[6] for unit in units if unit[6]} | {leader[1] for leader in leaders}
    holders = dict(
        Appointment.objects.filter(in_force(today), post_id__in=posts)
        .order_by("pk")
        .values_list("post_id", "person__name")
    )
    targets: dict[int, list[str]] = defaultdict(list)
    for matter_id, text in Target.objects.filter(matter_id__in=ids).values_list("matter_id", "text"):
        targets[matter_id].append(text)

    named: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    persons: dict[int, list[str]] = defaultdict(list)
    leads: dict[int, int] = defaultdict(int)
    acknowledged: dict[int, int] = defaultdict(int)
    for matter_id, part, order, name, qualifier, from_group, post_id, acknowledged_at in units:
        if part == Part.LEAD:
            leads[matter_id] += 1
            acknowledged[matter_id] += acknowledged_at is not None
            if post_id in holders:
                persons[matter_id].append(holders[post_id])
        if not from_group:
            named[matter_id, part].append((order, f"{name}（{qualifier}）" if qualifier else name))
    for matter_id, part, order, name in groups:
        named[matter_id, part].append((order, name))
        if part == Part.SUPPORT:
            named[matter_id, part].sort(key=lambda one: one[0])
    overseers: dict[int, list[str]] = defaultdict(list)
    for matter_id, post_id, title in leaders:
        overseers[matter_id].append(holders.get(post_id, title))
    return [
        LedgerRow(
            *matters[pk],
            leads=tuple(name for _, name in named[pk, Part.LEAD]),
            persons=tuple(dict.fromkeys(persons[pk])),
            supports=tuple(name for _, name in named[pk, Part.SUPPORT]),
            overseers=tuple(overseers[pk]),
            targets=tuple(targets[pk]),
            acknowledged=acknowledged[pk],
            leads_count=leads[pk],
        )
        for pk in ids
    ]


def ledger_units(plan: Plan, *, actor: Actor) -> list[tuple[int, str]]:
    """Return (id, name) of every unit the ledger may be narrowed to, in the units' own order."""
    units = Unit.objects.visible_to(actor).current().filter(jurisdiction=plan.jurisdiction_id)
    return list(units.order_by("order", "pk").values_list("pk", "name"))


def ledger_overseers(plan: Plan, *, today: date) -> list[tuple[int, str]]:
    """Return (post id, holder's name, or the post's title while nobody holds it) of the leaders' posts."""
    holder = Appointment.objects.filter(in_force(today), post_id=OuterRef("pk")).values("person__name")[:1]
    posts = Post.objects.filter(jurisdiction=plan.jurisdiction_id, kind__in=(PostKind.LEADER, PostKind.GOVERNMENT_HEAD))
    named = posts.annotate(holder=Subquery(holder)).order_by("order", "pk").values_list("pk", "holder", "title")
    return [(pk, name or title) for pk, name, title in named]


def _narrowing(actor: Actor, chosen: LedgerFilter) -> Q:
    wanted = Q()
    for name in ("kind", "field", "origin"):
        if value := getattr(chosen, name):
            wanted &= Q(**{name: value})
    if chosen.is_livelihood:
        wanted &= Q(is_livelihood=True)
    if chosen.is_weakness:
        wanted &= Q(is_weakness=True)
    if chosen.state:
        wanted &= Q(state__in=OPEN_STATES) if chosen.state == "open" else Q(state=chosen.state)
    if chosen.late_on:
        wanted &= Q(state__in=OPEN_STATES, due_on__lt=chosen.late_on)
    units = {unit_id for one in actor.held for unit_id in one.unit_ids}
    if chosen.unit_id:
        units = set(
            Unit.objects.filter(Q(pk=chosen.unit_id) | Q(merged_into=chosen.unit_id)).values_list("pk", flat=True)
        )
    if chosen.unit_id or (chosen.part and units):
        assigned = Assignment.objects.filter(unit_id__in=units, ended_at__isnull=True)
        wanted &= Q(pk__in=(assigned.filter(part=chosen.part) if chosen.part else assigned).values("matter_id"))
    if chosen.overseer_post_id:
        wanted &= Q(pk__in=Overseer.objects.filter(post_id=chosen.overseer_post_id).values("matter_id"))
    for word in chosen.text.split():
        wanted &= _telling_of(word)
    return wanted


def _telling_of(word: str) -> Q:
    """Return the condition that a matter, one of its units or one of its people goes by this word."""
    key = folded(word)
    if key.isdigit():
        return Q(serial=key) | Q(text__contains=word)
    unit, person = Q(name__contains=word), Q(name__contains=word)
    own = Q(text__contains=word) | Q(title__contains=word) | Q(section__contains=word) | Q(serial=word)
    if key.isascii():
        own |= Q(pinyin__contains=key) | Q(initials__contains=key)
        unit |= Q(pinyin__contains=key) | Q(initials__contains=key)
        person |= Q(pinyin__startswith=key) | Q(initials=key)
    # units and people are few: found first, so that the thousands of assignments are met by their indexes
    units = list(Unit.objects.filter(unit).values_list("pk", flat=True))
    held = Appointment.objects.filter(to_on__isnull=True, person__in=Person.objects.filter(person))
    posts = list(held.values_list("post_id", flat=True))
    if units or posts:
        assigned = Assignment.objects.filter(Q(unit_id__in=units) | Q(post_id__in=posts), ended_at__isnull=True)
        own |= Q(pk__in=assigned.values("matter_id"))
    if posts:
        own |= Q(pk__in=Overseer.objects.filter(post_id__in=posts).values("matter_id"))
    return own


def _rank(field: str, values: Iterable[str]) -> Case:
    """Return the place of a value in its own list of words; unknown ones come last."""
    return Case(*(When(**{field: value}, then=place) for place, value in enumerate(values)), default=999)


def _in_order(matters: MatterQuerySet, *, group: str, sort: str, is_descending: bool) -> QuerySet[Matter]:
    first = Overseer.objects.filter(matter=OuterRef("pk")).order_by("order", "pk")
    keys: dict[str, list[Any]] = {
        "serial": [F("order")],
        "lead": [F("merging__unit__order"), F("merging__unit_id")],
        "overseer": [Subquery(first.values("post__order")[:1]), Subquery(first.values("post_id")[:1])],
        "due": [F("due_on")],
        "state": [_rank("state", State)],
        "kind": [_rank("kind", Kind)],
        "field": [_rank("field", FIELD_NAMES), F("field")],
        "section": [Window(Min("order"), partition_by=[F("section")]), F("section")],
    }
    if "lead" in (group, sort):
        of_lead = Q(assignments__is_merging=True, assignments__ended_at__isnull=True)
        matters = matters.annotate(merging=FilteredRelation("assignments", condition=of_lead))
    ordering = [key.asc(nulls_last=True) for key in keys.get(group, [])]
    for key in keys.get(sort, []):
        ordering.append(key.desc(nulls_last=True) if is_descending else key.asc(nulls_last=True))
    return matters.order_by(*ordering, "order", "pk")
