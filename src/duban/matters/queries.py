"""Reads of the ledger that several doors share, already joined."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
    Window,
)

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES, Role
from duban.audit.models import Event
from duban.audit.queries import events_of_matter
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import Conflict, Invalid, NotFound
from duban.core.presence import there_is
from duban.core.text import date_text, folded
from duban.documents.kinds.duty_table import Duty, DutyTableData
from duban.documents.kinds.parts import Contact
from duban.matters.models import (
    Assignment,
    Matter,
    MatterChange,
    MatterQuerySet,
    Milestone,
    NamedGroup,
    Obligation,
    Overseer,
    Plan,
    PlanPolicy,
    PlanSetting,
    Policy,
    Target,
    said_on_matters_seen_by,
)
from duban.matters.policy import (
    Changed,
    Figures,
    FigureSource,
    changed_figures,
    default_preset,
    figures_json,
    figures_of,
    figures_toml,
    presets,
    stored_figures,
)
from duban.matters.rules import (
    FIELD_NAMES,
    OPEN_STATES,
    Kind,
    Origin,
    Owed,
    OwedState,
    Part,
    SettingKey,
    State,
    count_text,
    missing_serials,
)
from duban.orgs.models import Appointment, Person, Post, Unit, UnitGroup, in_force
from duban.orgs.queries import UnitNames, post_holders, units_by_name
from duban.orgs.rules import PostKind, alias_key
from duban.reading.names import is_group, persons, units

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What the ledger is narrowed to; an empty value narrows nothing.

    text: Chinese, a serial, pinyin or initials; looked for in the matter, its units and its people.
    part: with a unit (or for somebody of a unit), only what it leads, or only what it supports.
    state: a State, or “open” for everything still being worked on.   late_on: only what is open and past due that day.
    light: the light that is shown, or “none” for what has none.   is_refused: only what a unit gave back and nobody has
    decided on.   among: ids a later noun finds, as a query.
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
    light: str = ""
    is_refused: bool = False
    among: QuerySet[Any] | None = None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the ledger: everything any column shows, in words. Filled in this order, _COLUMNS first.

    The first of `leads` merges (汇总单位); merging_unit is its name alone, without a qualifier.   carried_from_*: the
    matter of an earlier year it goes on from, 结转.
    """

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
    progress_pct: Decimal | None
    light: str
    light_override: str
    year: int
    carried_from_id: int | None
    carried_from_year: int | None
    merging_unit: str
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
    "note", "progress_pct", "light", "light_override", "plan__year", "carried_from_id", "carried_from__plan__year",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Rows in order, how many there are in all, and which page this is of how many.

    lights: how many show which light, empty for none, before the narrowing by light.
    """

    rows: list[LedgerRow]
    total: int
    page: int
    pages: int
    lights: dict[str, int]


@dataclass(frozen=True, slots=True)
class PlanTally:
    """How far the ledger holds what the notice declared. declared: None where the notice names no total."""

    present: int
    declared: int | None
    missing: list[int]


def plan_tally(plan: Plan) -> PlanTally:
    """Return how many rows of the notice stand in the ledger, how many it declared, and which numbers are missing.

    Work items of a split matter and matters of other origin do not count; a serial that stands twice counts once.
    """
    values = PlanSetting.objects.filter(plan=plan, key=SettingKey.DECLARED_ITEMS).values_list("value", flat=True)
    declared = next((value for value in values if isinstance(value, int)), None)
    rows = Matter.objects.filter(plan=plan, origin=Origin.NOTICE, parent__isnull=True)
    counted = rows.aggregate(
        serials=Count("serial", filter=~Q(serial=""), distinct=True), unnumbered=Count("pk", filter=Q(serial=""))
    )
    missing: list[int] = []
    if declared is not None and counted["serials"] < declared:
        missing = missing_serials(list(rows.order_by().values_list("serial", flat=True)), declared=declared)
    return PlanTally(present=counted["serials"] + counted["unnumbered"], declared=declared, missing=missing)


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
    matters = _narrowed(actor, plan=plan, chosen=chosen, today=today)
    lights = dict(matters.order_by().values_list(_shown_light()).annotate(Count("pk")))
    if chosen.light:
        matters = matters.filter(_showing(chosen.light))
    ids = list(_in_order(matters, group=group, sort=sort, is_descending=is_descending).values_list("pk", flat=True))
    wanted, at, pages = page_of(ids, page=page, page_rows=page_rows, whole_rows=whole_rows)
    return LedgerPage(rows=ledger_rows(wanted, today=today), total=len(ids), page=at, pages=pages, lights=lights)


def page_of(items: list[Item], *, page: int, page_rows: int | None, whole_rows: int) -> tuple[list[Item], int, int]:
    """Return one page of a list, which it is and of how many; see `ledger_page` for the sizes."""
    if page_rows is None or len(items) <= whole_rows:
        return items, 1, 1
    pages = -(-len(items) // page_rows) or 1
    page = min(max(page, 1), pages)
    return items[(page - 1) * page_rows : page * page_rows], page, pages


def ledger_ids(
    actor: Actor,
    *,
    plan: Plan,
    chosen: LedgerFilter,
    today: date,
    group: str = "",
    sort: str = "",
    is_descending: bool = False,
) -> list[int]:
    """Return the ids of all that this actor may see of a plan's ledger, narrowed (but for lights) and in order."""
    matters = _narrowed(actor, plan=plan, chosen=chosen, today=today)
    return list(_in_order(matters, group=group, sort=sort, is_descending=is_descending).values_list("pk", flat=True))


def _narrowed(actor: Actor, *, plan: Plan, chosen: LedgerFilter, today: date) -> MatterQuerySet:
    return Matter.objects.visible_to(actor).filter(plan=plan).filter(_narrowing(actor, chosen, today=today))


def ledger_rows(ids: Iterable[int], *, today: date, known_by: datetime | None = None) -> list[LedgerRow]:
    """Return the lines of these matters in the given order. The caller has already seen that the actor may see them.

    known_by: signatures after this moment do not count.   Six statements for each 5,000 matters. A unit that came in
    with a 统称 is shown by the 统称's own name.
    """
    rows: list[LedgerRow] = []
    for some in _in_fives_of_thousand(list(ids)):
        rows += _rows_of(some, today=today, known_by=known_by)
    return rows


def _in_fives_of_thousand(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), 5_000):  # SQLite takes 32,766 parameters in one statement
        yield ids[start : start + 5_000]


def _rows_of(ids: list[int], *, today: date, known_by: datetime | None) -> list[LedgerRow]:
    matters = {values[0]: values for values in Matter.objects.filter(pk__in=ids).order_by().values_list(*_COLUMNS)}
    units = list(
        Assignment.objects.filter(matter_id__in=ids, ended_at__isnull=True)
        .order_by("-is_merging", "order", "pk")
        .values_list(
            "matter_id", "part", "order", "unit__name", "qualifier", "from_group", "post_id", "acknowledged_at"
        )
    )
    groups = list(NamedGroup.objects.filter(matter_id__in=ids).values_list("matter_id", "part", "order", "name"))
    in_words = {(matter_id, part, name) for matter_id, part, _, name in groups}
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
    merging: dict[int, str] = {}
    acknowledged: dict[int, int] = defaultdict(int)
    for matter_id, part, order, name, qualifier, from_group, post_id, acknowledged_at in units:
        if part == Part.LEAD:
            leads[matter_id] += 1
            merging.setdefault(matter_id, name)
            is_signed = acknowledged_at is not None and (known_by is None or acknowledged_at <= known_by)
            acknowledged[matter_id] += is_signed
            if post_id in holders:
                persons[matter_id].append(holders[post_id])
        if (matter_id, part, from_group) not in in_words:
            named[matter_id, part].append((order, f"{name}（{qualifier}）" if qualifier else name))
    for matter_id, part, order, name in groups:
        named[matter_id, part].append((order, name))
        if part == Part.SUPPORT:
            named[matter_id, part].sort(key=lambda one: one[0])
    overseers: dict[int, list[str]] = defaultdict(list)
    for matter_id, post_id, title in leaders:
        overseers[matter_id].append(holders.get(post_id, title))
    lines: Iterator[tuple[Any, ...]] = (
        (
            *matters[pk],
            merging.get(pk, ""),
            tuple(name for _, name in named[pk, Part.LEAD]),
            tuple(dict.fromkeys(persons[pk])),
            tuple(name for _, name in named[pk, Part.SUPPORT]),
            tuple(overseers[pk]),
            tuple(targets[pk]),
            acknowledged[pk],
            leads[pk],
        )
        for pk in ids
    )
    return [LedgerRow(*line) for line in lines]


def duty_table(plan: Plan, rows: Iterable[LedgerRow]) -> DutyTableData:
    """Return lines of the ledger as a 责任分解表, in the order given; work items stand with the matter they are of."""
    place = plan.jurisdiction.short_name
    level = place[-1:] if place[-1:] in "省市县区旗镇乡" else ""
    return DutyTableData(
        title=f"{place}{plan.year}年度督查事项责任分解表",
        duties=tuple(
            Duty(
                serial=one.serial,
                text=one.text,
                lead_units=one.leads,
                persons=one.persons,
                support_units=one.supports,
                overseers=one.overseers,
                section=one.section,
            )
            for one in rows
            if one.parent_id is None
        ),
        overseers_title=f"{level}分管或联系领导",
    )


def _shown_light() -> Case:
    """Return the light a matter shows: the office's where it overrode the judged one; empty without any."""
    return Case(When(light_override="", then=F("light")), default=F("light_override"))


def _showing(light: str) -> Q:
    """Return the condition that a matter shows this light; “none” for no light."""
    if light == "none":
        return Q(light="")
    return Q(light_override="", light=light) | Q(light_override=light)


def merging_units(matter_ids: Iterable[int]) -> dict[int, str]:
    """Return the name of the lead that merges, by matter. One statement."""
    merging = Assignment.objects.filter(matter_id__in=list(matter_ids), is_merging=True, ended_at=None)
    return dict(merging.values_list("matter_id", "unit__name"))


def ledger_units(plan: Plan, *, actor: Actor) -> list[tuple[int, str]]:
    """Return (id, name) of every unit the ledger may be narrowed to, in the units' own order."""
    units = Unit.objects.visible_to(actor).current().filter(jurisdiction=plan.jurisdiction_id)
    return list(units.order_by("order", "pk").values_list("pk", "name"))


def units_in_plan(plan: Plan, *, actor: Actor, chosen: int | None = None) -> list[tuple[int, str]]:
    """Return (id, name) of the units that have a part in this plan, and of the one chosen, in the units' own order."""
    assigned = Assignment.objects.filter(matter__plan=plan, ended_at=None, unit=OuterRef("pk"))
    absorbed = Unit.objects.filter(Exists(assigned), merged_into__isnull=False).values("merged_into_id")
    wanted = Exists(assigned) | Q(pk__in=absorbed) | Q(pk=chosen)
    units = Unit.objects.visible_to(actor).current().filter(wanted, jurisdiction=plan.jurisdiction_id)
    return list(units.order_by("order", "pk").values_list("pk", "name"))


def overseers_in_plan(plan: Plan, *, today: date, chosen: int | None = None) -> list[tuple[int, str]]:
    """Return (post id, name) as ledger_overseers, of the posts that oversee something in this plan, and the chosen."""
    overseeing = Overseer.objects.filter(matter__plan=plan, post=OuterRef("pk"))
    return _leaders(Post.objects.filter(Exists(overseeing) | Q(pk=chosen)), plan, today=today)


def ledger_overseers(plan: Plan, *, today: date) -> list[tuple[int, str]]:
    """Return (post id, holder's name, or the post's title while nobody holds it) of the leaders' posts."""
    return _leaders(Post.objects.all(), plan, today=today)


def _leaders(posts: QuerySet[Post], plan: Plan, *, today: date) -> list[tuple[int, str]]:
    holder = Appointment.objects.filter(in_force(today), post_id=OuterRef("pk")).values("person__name")[:1]
    posts = posts.filter(jurisdiction=plan.jurisdiction_id, kind__in=(PostKind.LEADER, PostKind.GOVERNMENT_HEAD))
    named = posts.annotate(holder=Subquery(holder)).order_by("order", "pk").values_list("pk", "holder", "title")
    return [(pk, name or title) for pk, name, title in named]


def _narrowing(actor: Actor, chosen: LedgerFilter, *, today: date) -> Q:
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
    if chosen.is_refused:
        wanted &= Q(pk__in=pending_refusals(actor).order_by().values("matter_id"))
    if chosen.among is not None:
        wanted &= Q(pk__in=chosen.among)
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
        wanted &= _telling_of(word, today=today)
    return wanted


def _telling_of(word: str, *, today: date) -> Q:
    """Return the condition that a matter, one of its units or one of its people of that day goes by this word."""
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
    held = Appointment.objects.filter(in_force(today), person__in=Person.objects.filter(person))
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
        "light": [_rank("shown_light", ("red", "yellow", "green"))],
        "state": [_rank("state", State)],
        "kind": [_rank("kind", Kind)],
        "field": [_rank("field", FIELD_NAMES), F("field")],
        "section": [Window(Min("order"), partition_by=[F("section")]), F("section")],
    }
    if "lead" in (group, sort):
        of_lead = Q(assignments__is_merging=True, assignments__ended_at__isnull=True)
        matters = matters.annotate(merging=FilteredRelation("assignments", condition=of_lead))
    if "light" in (group, sort):
        matters = matters.annotate(shown_light=_shown_light())
    ordering = [key.asc(nulls_last=True) for key in keys.get(group, [])]
    for key in keys.get(sort, []):
        ordering.append(key.desc(nulls_last=True) if is_descending else key.asc(nulls_last=True))
    return matters.order_by(*ordering, "order", "pk")


# ---- one matter, one plan


def policy_of(plan: Plan) -> Figures:
    """Return the figures of the policy in force for a plan."""
    return stored_figures(plan.policy.figures)


def proposed_policy(
    plan: Plan, *, figures: Mapping[str, Mapping[str, Any]], version: int
) -> tuple[dict[str, dict[str, Any]], tuple[Changed, ...]]:
    """Return figures as they would be stored, and where they differ from those in force for a plan.

    version: the number in force that was seen. Raises Invalid (absurd, contradictory, nothing changed), Conflict.
    """
    standing = Plan.objects.select_related("policy").get(pk=plan.pk).policy
    if standing.number != version:
        raise Conflict("督查规则刚刚被他人修改过，请对照后再保存。", theirs=standing)
    checked = figures_json(figures_of(figures))
    changes = changed_figures(standing.values(), checked)
    if not changes:
        raise Invalid("没有任何改变。")
    return checked, changes


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a jurisdiction's policy. follows: the one it was made from.   plans: those that follow it now."""

    policy: Policy
    values: dict[str, dict[str, Any]]
    follows: int | None
    changes: tuple[Changed, ...]
    plans: tuple[Plan, ...]


def policy_versions(jurisdiction_id: int) -> dict[int, PolicyVersion]:
    """Return every version of a jurisdiction's policy by id, the latest first; three statements."""
    policies = list(Policy.objects.filter(jurisdiction=jurisdiction_id).order_by("-number"))
    values = {one.pk: one.values() for one in policies}
    follows: dict[int, int] = {}
    held: dict[int, int] = {}
    rows = PlanPolicy.objects.filter(plan__jurisdiction=jurisdiction_id).order_by("plan", "held_from", "pk")
    for plan_id, policy_id in rows.values_list("plan_id", "policy_id"):
        if plan_id in held:
            follows.setdefault(policy_id, held[plan_id])
        held[plan_id] = policy_id
    plans: dict[int, list[Plan]] = defaultdict(list)
    for plan in Plan.objects.filter(jurisdiction=jurisdiction_id).order_by("year"):
        plans[plan.policy_id].append(plan)
    return {
        one.pk: PolicyVersion(
            one,
            values[one.pk],
            follows.get(one.pk),
            changed_figures(values[follows[one.pk]], values[one.pk]) if one.pk in follows else (),
            tuple(plans[one.pk]),
        )
        for one in policies
    }


OWN_GRADE = "本级"


@dataclass(frozen=True, slots=True)
class SourcedFigure:
    """One figure of a version with where it comes from. preset: the value its preset has, None where it is the same.

    grade: of the preset's source, or “本级” for what a version of this jurisdiction fixed itself.
    """

    place: str
    text: str
    value: Any
    grade: str
    source: str
    preset: Any

    def as_source(self) -> FigureSource:
        """Return where it comes from, as a rules file tells it."""
        section, name = self.place.split(".")
        return FigureSource(section=section, name=name, text=self.text, grade=self.grade, source=self.source)


def sourced_figures(policy_id: int, versions: Mapping[int, PolicyVersion]) -> list[SourcedFigure]:
    """Return every figure of a version with its source, in the order of the preset; no statement.

    A figure that differs from its preset does not borrow the preset's source: the version that fixed it is named.
    """
    version = versions[policy_id]
    preset, default = presets().get(version.policy.preset) or default_preset(), default_preset()
    found = []
    for one in preset.sources:
        value, given = version.values[one.section][one.name], preset.values[one.section][one.name]
        grade, source = one.grade, one.source
        if value != given and value == default.values[one.section][one.name]:
            kept = default.source_of(one.place)
            grade, source = kept.grade, kept.source
        elif value != given:
            by = _fixed_by(one.section, one.name, version, versions)
            grade, source = OWN_GRADE, f"本级规定：{by.name} 第{by.number}版，{date_text(by.effective_on)}起"
        found.append(SourcedFigure(one.place, one.text, value, grade, source, None if value == given else given))
    return found


def rules_file(plan: Plan, *, number: int = 0) -> tuple[str, str]:
    """Return a version of a plan's policy as a rules file, and its name; 0: the one in force. Raises NotFound."""
    versions = policy_versions(plan.jurisdiction_id)
    found = (
        next((pk for pk, one in versions.items() if one.policy.number == number), None) if number else plan.policy_id
    )
    if found is None:
        raise NotFound("督查规则没有这一版。")
    policy = versions[found].policy
    sources = [one.as_source() for one in sourced_figures(found, versions)]
    text = figures_toml(versions[found].values, name=str(policy), note=policy.reason, sources=sources)
    return text, f"督查规则第{policy.number}版.toml"


def _fixed_by(section: str, name: str, version: PolicyVersion, versions: Mapping[int, PolicyVersion]) -> Policy:
    """Return the version since which a figure has been what it is."""
    value = version.values[section][name]
    while version.follows is not None and versions[version.follows].values[section][name] == value:
        version = versions[version.follows]
    return version.policy


def report_days(plan: Plan) -> list[date]:
    """Return the days on which this plan's matters are reported: the notice's own, else those of the policy."""
    setting = PlanSetting.objects.filter(plan=plan, key=SettingKey.REPORT_DATES).first()
    if setting is not None:
        return [date.fromisoformat(one) for one in setting.value]
    return [date.fromisoformat(f"{plan.year}-{one}") for one in policy_of(plan).reports.dates]


def plan_contact(plan: Plan) -> Contact | None:
    """Return whom the notice names to ask, None where it names nobody with a telephone."""
    setting = PlanSetting.objects.filter(plan=plan, key=SettingKey.CONTACT).first()
    told = setting.value if setting is not None and isinstance(setting.value, dict) else {}
    name, phone = told.get("name") or "", told.get("phone") or ""
    return Contact(name, phone) if name and phone else None


def report_length(plan: Plan) -> tuple[int, int]:
    """Return the fewest and most 字 of a report: the notice's own, else those of the policy."""
    setting = PlanSetting.objects.filter(plan=plan, key=SettingKey.REPORT_LENGTH).first()
    if setting is not None:
        return setting.value["min"], setting.value["max"]
    figures = policy_of(plan).reports
    return figures.min_chars, figures.max_chars


LATEST_EVENTS = 12
"""So many lines of its story a matter's page shows: the latest."""

_READ_FOR_ONE = 8
"""So many events are read for each line shown: some are other units' own business."""

ARRANGEMENT_FIELDS = ("responsible_leader", "responsible_person", "measures")
"""The columns of 责任安排."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of a matter somebody sees. is_whole: all of it; else only what concerns `unit_ids`."""

    is_whole: bool
    unit_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class MatterPage:
    """Everything one matter's page shows, joined.

    carried_to, earlier: where it goes on, and what it goes on from, as far as the reader may see them.
    holders: by post id, who holds it today.   events: the latest, newest first; `matter_story` has them all.
    there: the names of those `others` of which there is anything.
    """

    matter: Matter
    scope: Scope
    assignments: list[Assignment]
    groups: list[NamedGroup]
    overseers: list[Overseer]
    targets: list[Target]
    milestones: list[Milestone]
    obligations: list[Obligation]
    work_items: list[Matter]
    changes: list[MatterChange]
    carried_to: Matter | None
    earlier: Matter | None
    events: list[Event]
    holders: dict[int, Person]
    previous: Matter | None
    following: Matter | None
    there: frozenset[str]

    @property
    def merging(self) -> Assignment | None:
        """The unit that merges (汇总单位)."""
        return next((one for one in self.assignments if one.is_merging), None)

    @property
    def own(self) -> list[Assignment]:
        """The assignments of the units the reader acts for."""
        return [one for one in self.assignments if one.unit_id in self.scope.unit_ids]


def current_plan(actor: Actor, *, today: date, year: int | None = None) -> Plan | None:
    """Return the plan of a year; without a year that of today's, else the latest before it, else the first after."""
    plans = list(plans_in_sight(actor).select_related("jurisdiction"))
    if year is not None:
        return next((one for one in plans if one.year == year), None)
    return current_of(plans, today=today)


def plans_in_sight(actor: Actor) -> QuerySet[Plan]:
    """Return the plans this actor may see, the latest year first, policies joined."""
    return Plan.objects.visible_to(actor).select_related("policy").order_by("-year", "pk")


def current_of(plans: Sequence[Plan], *, today: date) -> Plan | None:
    """Return of plans, the latest first, that of today's year, else the latest before it, else the first after."""
    return next((one for one in plans if one.year <= today.year), plans[-1] if plans else None)


def matter_for(actor: Actor, pk: int) -> Matter:
    """Return a matter this actor may see, with its plan, policy and approval. Raises NotFound."""
    matters = Matter.objects.visible_to(actor).select_related("plan__policy", "plan__jurisdiction", "approval")
    matter = matters.filter(pk=pk).first()
    if matter is None:
        raise NotFound("没有这件事项，或者您无权查看。")
    return matter


_ON_A_MATTER: dict[str, QuerySet[Any]] = {
    "groups": NamedGroup.objects.filter(matter=OuterRef("pk")),
    "targets": Target.objects.filter(matter=OuterRef("pk")),
    "milestones": Milestone.objects.filter(matter=OuterRef("pk")),
    "changes": MatterChange.objects.filter(matter=OuterRef("pk")),
    "offspring": Matter.objects.filter(Q(parent=OuterRef("pk")) | Q(carried_from=OuterRef("pk"))),
}


def matter_page(actor: Actor, pk: int, *, today: date, others: Mapping[str, QuerySet[Any]] | None = None) -> MatterPage:
    """Return one matter as this actor may see it, in thirteen statements at most, fewer where little hangs on it.

    Offices and the leaders who oversee it see all of it, and so does the merging lead, who has to bring the others
    together. Any other unit sees who takes part, but only its own measures, refusals and dues, and of the history
    only what concerns the matter as a whole or itself.
    others: rows of later nouns by name, OuterRef("pk") the matter; the page says of which there are any.
    Raises NotFound.
    """
    matter = matter_for(actor, pk)
    there = there_is(Matter.objects.filter(pk=pk), {**_ON_A_MATTER, **(others or {})})
    assignments = list(
        Assignment.objects.filter(matter=matter).select_related("unit", "post").order_by("part", "order", "pk")
    )
    overseers = list(Overseer.objects.filter(matter=matter).select_related("post").order_by("order", "pk"))
    scope = scope_of(actor, matter, assignments=assignments)
    obligations = Obligation.objects.filter(matter=matter).select_related("unit").order_by("due_on", "pk")
    posts = [one.post_id for one in assignments if one.post_id] + [one.post_id for one in overseers]
    visible = Matter.objects.visible_to(actor)
    before = Q(order__lt=matter.order) | Q(order=matter.order, pk__lt=matter.pk)
    after = Q(order__gt=matter.order) | Q(order=matter.order, pk__gt=matter.pk)
    beside = visible.filter(plan=matter.plan_id).only("serial", "title", "text")
    offspring: list[Matter] = []
    if "offspring" in there or matter.carried_from_id is not None:
        born = visible.filter(Q(parent=matter) | Q(carried_from=matter) | Q(pk=matter.carried_from_id))
        born = born.select_related("plan")
        offspring = list(born.order_by("order", "pk"))
    readers = _readers(actor)
    latest = events_of_matter(matter.pk).order_by("-matter_no")[: LATEST_EVENTS * _READ_FOR_ONE]
    events = [one for one in latest if _is_readable(one, scope=scope, readers=readers)]
    return MatterPage(
        matter=matter,
        scope=scope,
        assignments=assignments,
        groups=list(NamedGroup.objects.filter(matter=matter)) if "groups" in there else [],
        overseers=overseers,
        targets=list(Target.objects.filter(matter=matter)) if "targets" in there else [],
        milestones=list(Milestone.objects.filter(matter=matter)) if "milestones" in there else [],
        obligations=[one for one in obligations if _is_shown(one, scope=scope, readers=readers)],
        work_items=[one for one in offspring if one.parent_id == pk],
        changes=(
            list(MatterChange.objects.filter(matter=matter).select_related("approval")) if "changes" in there else []
        ),
        carried_to=next((one for one in offspring if one.carried_from_id == pk), None),
        earlier=next((one for one in offspring if one.pk == matter.carried_from_id), None),
        events=events[:LATEST_EVENTS],
        holders=post_holders(posts, on=today),
        previous=beside.filter(before).order_by("-order", "-pk").first(),
        following=beside.filter(after).order_by("order", "pk").first(),
        there=there,
    )


def scope_of(actor: Actor, matter: Matter, *, assignments: Iterable[Assignment]) -> Scope:
    """Return how much of a matter the actor sees. The caller has seen that it is visible; one statement for leaders."""
    unit_ids = frozenset(
        unit_id for one in actor.holds(*WHOLE_UNIT_ROLES, Role.RESPONSIBLE) for unit_id in one.unit_ids
    )
    places = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    is_office = bool({None, matter.jurisdiction_id} & places)
    oversees = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
    is_overseer = bool(oversees) and Overseer.objects.filter(matter=matter, post_id__in=oversees).exists()
    merges = any(one.is_merging and one.unit_id in unit_ids for one in assignments)
    return Scope(is_whole=is_office or is_overseer or merges, unit_ids=unit_ids)


def _concerns(event: Event, unit_ids: frozenset[int]) -> bool:
    """Return whether an event is the business of these units: of one it names, or of everybody."""
    if "unit_ids" in event.data:
        return not unit_ids.isdisjoint(event.data["unit_ids"])
    return "unit_id" not in event.data or event.data["unit_id"] in unit_ids


def milestone_words(one: Milestone) -> str:
    """Return a node in words, as events hold it: 2020-06-30 主体封顶 60%."""
    return f"{one.due_on.isoformat()} {one.title} {float(one.expected_pct):g}%"


def milestones_shown(milestones: Iterable[Milestone]) -> dict[str, Any]:
    """Return the nodes of a matter as a form shows them, for `seen`."""
    return {"milestones": [milestone_words(one) for one in milestones]}


def setting_shown(setting: PlanSetting | None) -> dict[str, Any]:
    """Return a setting of a plan as a form shows it, for `seen`; nothing where the notice fixes none."""
    return {"value": setting.value if setting else None}


def arrangement_shown(assignment: Assignment) -> dict[str, Any]:
    """Return who answers for a unit's part and how it goes about it, as a form shows it, for `seen`."""
    return {name: getattr(assignment, name) for name in ARRANGEMENT_FIELDS}


@dataclass(frozen=True, slots=True)
class _Readers:
    """As who somebody reads what is meant for some only: offices (by place, None everywhere), units, leaders' posts."""

    places: frozenset[int | None]
    unit_ids: frozenset[int]
    post_ids: frozenset[int]

    def is_office_of(self, jurisdiction_id: int | None) -> bool:
        return None in self.places or jurisdiction_id in self.places


def _readers(actor: Actor) -> _Readers:
    return _Readers(
        places=frozenset(one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)),
        unit_ids=frozenset(unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids),
        post_ids=frozenset(post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids),
    )


def _is_meant_for(event: Event, *, readers: _Readers) -> bool:
    """Return whether an event is for these readers: one that names whom it is meant for (批示) is for nobody else."""
    meant = event.data.get("meant_for")
    if meant is None or readers.is_office_of(event.jurisdiction_id):
        return True
    return not readers.unit_ids.isdisjoint(meant["unit_ids"]) or not readers.post_ids.isdisjoint(meant["post_ids"])


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """What the story of a matter is narrowed to; None narrows nothing. names: of events · unit_id: one unit's own."""

    names: frozenset[str] | None = None
    unit_id: int | None = None
    from_on: date | None = None
    to_on: date | None = None


def matter_story(actor: Actor, matter: Matter, *, chosen: StoryFilter) -> QuerySet[Event]:
    """Return the events of a matter this actor may read, narrowed, in their order. Three statements before its own.

    Who may read what is as on the matter's page. The caller has already seen that the actor may see the matter.
    """
    scope = scope_of(actor, matter, assignments=list(Assignment.objects.filter(matter=matter)))
    readers = _readers(actor)
    events = events_of_matter(matter.pk)
    if chosen.names is not None:
        events = events.filter(name__in=sorted(chosen.names))
    if chosen.from_on is not None:
        events = events.filter(at__gte=datetime.combine(chosen.from_on, time.min, tzinfo=SHANGHAI))
    if chosen.to_on is not None:
        events = events.filter(at__lt=datetime.combine(chosen.to_on + timedelta(days=1), time.min, tzinfo=SHANGHAI))
    if not scope.is_whole:
        own = Q(data__unit_id__in=sorted(scope.unit_ids))
        events = events.filter(~Q(data__has_key="unit_id") | own | Q(data__has_key="unit_ids"))
    # a list inside an event is read here: the two databases have no common word for it
    listed = list(events.filter(Q(data__has_key="unit_ids") | Q(data__has_key="meant_for")))
    hidden = [one.pk for one in listed if not _is_readable(one, scope=scope, readers=readers)]
    if hidden:
        events = events.exclude(pk__in=hidden)
    if chosen.unit_id is not None:
        named = [one.pk for one in listed if chosen.unit_id in one.data.get("unit_ids", ())]
        events = events.filter(Q(data__unit_id=chosen.unit_id) | Q(pk__in=named))
    return events


def _is_readable(event: Event, *, scope: Scope, readers: _Readers) -> bool:
    """Return whether an event of a matter is for somebody who sees so much of it."""
    return (scope.is_whole or _concerns(event, scope.unit_ids)) and _is_meant_for(event, readers=readers)


def _is_shown(one: Obligation, *, scope: Scope, readers: _Readers) -> bool:
    """Return whether the page may show what a unit owes: another unit's 批示 not even to who merges or oversees."""
    if one.kind == Owed.INSTRUCTION:
        return one.unit_id in readers.unit_ids or readers.is_office_of(one.jurisdiction_id)
    return scope.is_whole or one.unit_id in scope.unit_ids


def matters_of_unit(actor: Actor, unit: Unit, *, part: Part | None = None) -> QuerySet[Matter]:
    """Return the matters a unit (and those merged into it) leads or supports, in the ledger's order."""
    assigned = Assignment.objects.filter(Q(unit=unit) | Q(unit__merged_into=unit), ended_at=None)
    if part is not None:
        assigned = assigned.filter(part=part)
    visible = Matter.objects.visible_to(actor).filter(pk__in=assigned.values("matter_id"))
    return visible.select_related("plan").order_by("-plan__year", "order", "pk")


def open_obligations(unit_ids: Iterable[int]) -> QuerySet[Obligation]:
    """Return what these units owe, the earliest first, matters joined; nothing is asked for on a suspended matter."""
    owed = Obligation.objects.filter(unit_id__in=list(unit_ids), state=OwedState.OPEN)
    asked = owed.exclude(matter__state=State.SUSPENDED)
    return asked.select_related("unit", "matter", "plan").order_by("due_on", "kind", "matter__order", "pk")


def unsigned_assignments(unit_ids: Iterable[int], *, plan: Plan) -> QuerySet[Assignment]:
    """Return what these units have been handed in a plan and not signed for yet; a pending 退回 is not among them."""
    waiting = Assignment.objects.filter(
        unit_id__in=list(unit_ids),
        matter__plan=plan,
        matter__state__in=(State.ASSIGNED, State.IN_PROGRESS),
        acknowledged_at=None,
        ended_at=None,
    )
    return waiting.exclude(_REFUSAL_PENDS).select_related("unit", "matter").order_by("matter__order", "pk")


def pending_refusals(actor: Actor) -> QuerySet[Assignment]:
    """Return the 退回 nobody has decided on yet, on matters the actor may see, the earliest first; joined."""
    in_hand = Q(ended_at=None, matter__state__in=(State.ASSIGNED, State.IN_PROGRESS))
    found = Assignment.objects.filter(said_on_matters_seen_by(actor), _REFUSAL_PENDS, in_hand)
    return found.select_related("unit", "matter").order_by("refused_at", "pk")


_REFUSAL_PENDS = Q(refused_at__isnull=False, refusal_upheld=None)


# ---- a unit's own side


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What one of somebody's units does on a matter, in the few facts a list needs."""

    matter_id: int
    unit_id: int
    part: str
    is_merging: bool
    is_signed: bool
    is_refused: bool
    state: str
    due_on: date
    plan_id: int


def _own(actor: Actor) -> Q:
    """Return the condition that an assignment or obligation is the actor's: by unit, or by the post answering."""
    units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
    posts = {post_id for one in actor.holds(Role.RESPONSIBLE) for post_id in one.post_ids}
    return Q(unit_id__in=units) | Q(post_id__in=posts)


NOT_ASKED_NOW = Q(matter__state=State.SUSPENDED) | Q(matter__state=State.CLOSING, kind__in=(Owed.FINAL, Owed.MILESTONE))
"""What is owed, and yet nobody asks for it at the moment: on a suspended matter, or on one being verified."""


class Due(NamedTuple):
    """One thing owed, with the few words of its matter that a list shows; matter_id None where it has no matter.

    subject_type, subject_id: the thing of a later noun it is owed about.
    """

    id: int
    unit_id: int
    plan_id: int
    kind: str
    title: str
    due_on: date
    matter_id: int | None
    serial: str
    heading: str
    text: str
    jurisdiction_id: int
    progress_pct: Decimal | None
    subject_id: int | None
    subject_type: str


def obligations_of(actor: Actor) -> list[Due]:
    """Return what the actor's units (or own post) owe, the earliest first. One statement.

    Nothing is asked for on a suspended matter, and only reports on one whose closure the office is verifying.
    """
    asked = Obligation.objects.filter(_own(actor), state=OwedState.OPEN).exclude(NOT_ASKED_NOW)
    rows = asked.order_by("due_on", "matter__order", "kind", "pk").values_list(
        "pk", "unit_id", "plan_id", "kind", "title", "due_on", "matter_id", "matter__serial", "matter__title",
        "matter__text", "jurisdiction_id", "matter__progress_pct", "subject_id", "subject_type",
    )  # fmt: skip
    return [Due(*row) for row in rows]


class DueCount(NamedTuple):
    """How much one unit owes of one kind by one day. day: None for everything overdue, the first of it first_on.

    matter_id: of one of these matters: the only one where count is 1; None where what is owed is about no matter.
    """

    day: date | None
    kind: str
    unit_id: int
    unit: str
    plan_id: int
    number: int
    first_on: date
    matter_id: int | None


def due_by_unit(actor: Actor, *, today: date, until: date, is_whole: bool = True) -> list[DueCount]:
    """Return what units owe the offices the actor works for: overdue, and by each day until then. Two statements.

    is_whole: else answers to difficulties, and overdue ones to letters, are left out, for where those stand by
    themselves.
    """
    own = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
    place, of_place = (Q(), Q()) if None in own else (Q(jurisdiction_id__in=own), Q(plan__jurisdiction_id__in=own))
    # NOT_ASKED_NOW, said so that the few such matters are looked up once, instead of the matter of everything owed
    paused, verifying = (
        Matter.objects.filter(of_place, state=one).order_by().values("pk") for one in (State.SUSPENDED, State.CLOSING)
    )
    is_asked = Q(matter=None) | (
        ~Q(matter_id__in=paused) & (~Q(kind__in=(Owed.FINAL, Owed.MILESTONE)) | ~Q(matter_id__in=verifying))
    )
    if not is_whole:
        is_asked &= ~Q(kind=Owed.OBSTACLE) & (Q(due_on__gte=today) | ~Q(kind=Owed.LETTER))
    asked = Obligation.objects.filter(is_asked, place, state=OwedState.OPEN, due_on__lte=until)
    counted = (
        asked.order_by()
        .annotate(day=Case(When(due_on__gte=today, then=F("due_on"))))
        .values("day", "kind", "unit_id", "plan_id")
        .annotate(number=Count("pk"), first_on=Min("due_on"), first=Min("matter_id"))
    )
    rows = list(counted.values_list("day", "kind", "unit_id", "plan_id", "number", "first_on", "first"))
    units = {
        pk: (order, name)
        for pk, order, name in Unit.objects.filter(pk__in={row[2] for row in rows}).values_list("pk", "order", "name")
    }
    rows.sort(key=lambda row: (row[0] or date.min, row[1], units[row[2]][0], row[2], row[3]))
    return [DueCount(day, kind, unit_id, units[unit_id][1], *rest) for day, kind, unit_id, *rest in rows]


def own_parts(actor: Actor, *, plan: Plan | None) -> list[OwnPart]:
    """Return the parts of the actor's units in a plan, and in whatever is still open from others. One statement."""
    wanted = Q(matter__state__in=OPEN_STATES) | Q(matter__plan=plan)
    rows = (
        Assignment.objects.filter(_own(actor), wanted, ended_at=None)
        .exclude(matter__state__in=(State.DRAFT, State.REGISTERED))
        .order_by("matter__order", "pk")
        .values_list(
            "matter_id", "unit_id", "part", "is_merging", "acknowledged_at", "refused_at", "refusal_upheld",
            "matter__state", "matter__due_on", "matter__plan_id",
        )
    )  # fmt: skip
    return [
        OwnPart(
            matter_id=matter_id,
            unit_id=unit_id,
            part=part,
            is_merging=is_merging,
            is_signed=signed_at is not None,
            is_refused=refused_at is not None and upheld is None,
            state=state,
            due_on=due_on,
            plan_id=plan_id,
        )
        for matter_id, unit_id, part, is_merging, signed_at, refused_at, upheld, state, due_on, plan_id in rows
    ]


TOLD_TO_UNITS = (
    EventName.REFUSAL_DECIDED,
    EventName.CLOSURE_RETURNED,
    EventName.MATTER_CLOSED,
    EventName.MATTER_REOPENED,
    EventName.MATTER_ADJUSTED,
    EventName.MATTER_EXTENDED,
    EventName.MATTER_SUSPENDED,
    EventName.MATTER_RESUMED,
    EventName.MATTER_SPLIT,
    EventName.MATTER_CARRIED_OVER,
    EventName.MATTER_TERMINATED,
    EventName.MILESTONES_SET,
    EventName.SCHEDULE_RETURNED,
    EventName.OBLIGATION_WAIVED,
    EventName.LIGHT_OVERRIDDEN,
    EventName.OVERRIDE_LIFTED,
    EventName.CHANGE_REFUSED,
    EventName.EVIDENCE_WITHDRAWN,
    EventName.REPORT_RETURNED,
    EventName.CONTRIBUTION_MISSING,
    EventName.LETTER_ISSUED,
    EventName.LETTER_ANSWER_RETURNED,
    EventName.LETTER_WITHDRAWN,
    EventName.CITATION_WITHDRAWN,
    EventName.OBJECTION_DECLINED,
    EventName.OBJECTION_DECIDED,
)
"""What the office decides on a matter, of which its units are told."""


def decisions_since(actor: Actor, *, matter_ids: Iterable[int], since: datetime, limit: int) -> list[Event]:
    """Return what was decided on these matters since then that concerns the actor's units, the latest first.

    What the actor did is left out. The caller has already seen that the matters are the actor's.
    """
    units = frozenset(unit_id for one in actor.held for unit_id in one.unit_ids)
    events = Event.objects.filter(matter_id__in=list(matter_ids), name__in=TOLD_TO_UNITS, at__gte=since)
    told = events.exclude(actor_id=actor.account_id) if actor.account_id else events
    return [one for one in told.order_by("-at", "-pk")[:limit] if _concerns(one, units)]


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """How one unit stands with the 签收 of a plan. due_on: None once nothing is owed any more.

    signers: who signed, each name once.
    """

    unit: Unit
    leads: int
    supports: int
    waiting: int
    refused: int
    due_on: date | None
    signed_at: datetime | None
    signers: tuple[str, ...]

    @property
    def count(self) -> int:
        """The number of matters handed to the unit."""
        return self.leads + self.supports


def signatures_of(plan: Plan) -> list[SignatureLine]:
    """Return every unit a plan's matters were handed to, in the units' order; who has not signed is to be seen.

    Three statements. The caller has already seen that the actor may see the whole plan.
    """
    rows = (
        Assignment.objects.filter(matter__plan=plan, ended_at=None)
        .exclude(matter__state__in=(State.DRAFT, State.REGISTERED))
        .order_by("pk")
        .values_list(
            "unit_id", "part", "matter__state", "acknowledged_at", "acknowledged_by_name", "refused_at",
            "refusal_upheld",
        )
    )  # fmt: skip
    by_unit: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for unit_id, *facts in rows:
        by_unit[unit_id].append(tuple(facts))
    due = dict(
        Obligation.objects.filter(plan=plan, kind=Owed.ACKNOWLEDGE, state=OwedState.OPEN)
        .order_by("-due_on")
        .values_list("unit_id", "due_on")
    )
    return [
        _signature_line(unit, by_unit[unit.pk], due_on=due.get(unit.pk))
        for unit in Unit.objects.filter(pk__in=by_unit).order_by("order", "pk")
    ]


def _signature_line(unit: Unit, facts: list[tuple[Any, ...]], *, due_on: date | None) -> SignatureLine:
    leads = waiting = refused = 0
    signers: dict[str, None] = {}
    signed_at: datetime | None = None
    for part, state, at, by_name, refused_at, upheld in facts:
        leads += part == Part.LEAD
        is_pending = refused_at is not None and upheld is None
        if at is not None:
            signers[by_name] = None
            signed_at = max(signed_at or at, at)
        elif is_pending:
            refused += 1
        elif state in (State.ASSIGNED, State.IN_PROGRESS):
            waiting += 1
    return SignatureLine(
        unit=unit,
        leads=leads,
        supports=len(facts) - leads,
        waiting=waiting,
        refused=refused,
        due_on=due_on if waiting else None,
        signed_at=signed_at,
        signers=tuple(signers),
    )


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """A plan in figures. text: “128 / 157 项，缺 1–13、142–157”."""

    by_state: dict[State, int]
    others: int
    tally: PlanTally

    @property
    def text(self) -> str:
        """How far the ledger holds what the notice declared, in words."""
        return count_text(present=self.tally.present, declared=self.tally.declared, missing=self.tally.missing)


def plan_counts(plan: Plan) -> PlanCounts:
    """Return how many matters of a plan stand in each state, and how many come from elsewhere than its notice."""
    rows = Matter.objects.filter(plan=plan, parent=None).order_by().values_list("state", "origin").annotate(Count("pk"))
    by_state: dict[State, int] = dict.fromkeys(State, 0)
    others = 0
    for state, origin, count in rows:
        by_state[State(state)] += count
        others += count if origin != Origin.NOTICE else 0
    return PlanCounts(by_state=by_state, others=others, tally=plan_tally(plan))


# ---- names as somebody types them


@dataclass(frozen=True, slots=True)
class TypedUnit:
    """A unit as typed. unit: None where the directory does not hold it.   place: in its cell, from 0."""

    name: str
    qualifier: str
    unit: Unit | None
    from_group: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """A 统称 as typed. is_settled: whether its members are known.   place: as of TypedUnit."""

    name: str
    is_settled: bool
    place: int


@dataclass(frozen=True, slots=True)
class TypedUnits:
    """A cell of units as typed: single units, members of groups, and groups of which nobody has said whom they mean."""

    units: tuple[TypedUnit, ...]
    groups: tuple[TypedGroup, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names the directory does not hold."""
        return tuple(one.name for one in self.units if one.unit is None)


class Directory:
    """Who is who in a jurisdiction on a day, for names as they are typed. Five queries, once."""

    def __init__(self, plan: Plan, *, today: date) -> None:
        self.jurisdiction = plan.jurisdiction
        self.units: UnitNames = units_by_name(self.jurisdiction)
        groups = UnitGroup.objects.filter(jurisdiction=self.jurisdiction).prefetch_related("members")
        self.groups = {one.key: list(one.members.all()) for one in groups}
        held = Appointment.objects.filter(in_force(today), post__jurisdiction=self.jurisdiction)
        self.held = list(held.select_related("post", "person").order_by("pk"))

    def read_units(self, typed: str, *, standing: Mapping[str, Sequence[Unit]] | None = None) -> TypedUnits:
        """Return the units of a cell: matched by any of their names, groups expanded where their members are known.

        standing: the members, by alias_key, of the groups a matter names already; they stay whom it named.
        """
        found: dict[str, TypedUnit] = {}
        groups: dict[str, TypedGroup] = {}
        named = standing or {}
        for segment in _SEPARATORS.split(typed):
            whole = self.units.find(segment) if segment.strip() else None
            if whole is not None:
                found.setdefault(whole.name, TypedUnit(whole.name, "", whole, place=len(found) + len(groups)))
                continue
            for name in units(segment):
                key, place = alias_key(name.name), len(found) + len(groups)
                members = named.get(key) or self.groups.get(key)
                is_open = key in named or (is_group(name.name) and self.units.find(name.name) is None)
                if members is not None or is_open:
                    groups.setdefault(name.name, TypedGroup(name.name, bool(members), place))
                    for member in members or ():
                        found.setdefault(member.name, TypedUnit(member.name, "", member, name.name, place))
                    continue
                unit = self.units.find(name.name)
                known = unit.name if unit else name.name
                found.setdefault(known, TypedUnit(known, name.qualifier or "", unit, place=place))
        return TypedUnits(tuple(found.values()), tuple(groups.values()))

    def head_of(self, unit: Unit) -> Post | None:
        """Return the post of a unit's 主要负责人 while somebody holds it."""
        return next(
            (one.post for one in self.held if one.post.unit_id == unit.pk and one.post.kind == PostKind.UNIT_HEAD), None
        )

    def post_of(self, person: str, *, unit: Unit | None) -> Post | None:
        """Return the post a person of this name holds in a unit, or as a leader where no unit is given."""
        wanted = folded(person)
        for one in self.held:
            of_unit = one.post.unit_id == unit.pk if unit is not None else one.post.kind in _LEADER_POSTS
            if of_unit and folded(one.person.name) == wanted:
                return one.post
        return None


_SEPARATORS = re.compile(r"[、，,;；\n]+")
_LEADER_POSTS = (PostKind.LEADER, PostKind.GOVERNMENT_HEAD)


@dataclass(frozen=True, slots=True)
class TypedPeople:
    """Who answers for which unit. by_unit: person by unit name; loose: persons no lead unit could be found for."""

    by_unit: dict[str, str]
    loose: tuple[str, ...]


def read_people(typed: str, *, leads: tuple[TypedUnit, ...], directory: Directory) -> TypedPeople:
    """Return which person answers for which lead unit: by the post held, else in step, else the only unit left.

    A person who answers for several leads is named once, as the annex does.
    """
    names = [one.name for one in persons(typed)]
    by_unit: dict[str, str] = {}
    placed: set[str] = set()
    for name in names:
        for lead in leads:
            if lead.unit is not None and directory.post_of(name, unit=lead.unit) is not None:
                by_unit.setdefault(lead.name, name)
                placed.add(name)
    left = [name for name in names if name not in placed]
    free = [lead.name for lead in leads if lead.name not in by_unit and not lead.from_group]
    if left and len(names) == len([one for one in leads if not one.from_group]) == len(left):
        return TypedPeople(dict(zip(free, left, strict=True)), ())
    if left and len(left) == len(free):
        by_unit |= dict(zip(free, left, strict=True))
        left = []
    return TypedPeople(by_unit, tuple(left))
