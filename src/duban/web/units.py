"""Pages of the units: list, one unit, contacts, groups, the roster in and out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import OFFICE_ROLES, Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.core.text import date_text
from duban.documents.sheets import Column, Sheet, to_xlsx
from duban.matters.actions import merge_units, name_contacts, record_export
from duban.matters.models import Assignment, Matter, Obligation, Plan
from duban.matters.queries import LedgerRow, ledger_rows
from duban.matters.rules import OPEN_STATES, OWED_LABELS, PART_LABELS, STATE_LABELS, Owed, OwedState, Part, State
from duban.orgs.actions import (
    NewContact,
    NewUnit,
    RosterChanged,
    create_unit,
    edit_unit,
    import_roster,
    plan_roster,
    record_roster_export,
    set_group,
)
from duban.orgs.models import Appointment, Jurisdiction, Person, Unit, UnitContact, UnitGroup
from duban.orgs.queries import (
    UnitCard,
    absorbed_by,
    find_units,
    history_of_unit,
    members_shown,
    terms_shown,
    unit_cards,
    units_by_name,
)
from duban.orgs.rules import (
    CONTACT_ROLE_LABELS,
    UNIT_TYPE_LABELS,
    ContactRole,
    RosterColumn,
    RosterRow,
    UnitType,
    alias_key,
    read_roster,
    split_aliases,
)
from duban.reading import NotReadable
from duban.reading.sheets import read_sheet
from duban.web.downloads import download
from duban.web.given import actor_of, day_of, kept_place, number_of, order_of, seen_in
from duban.web.history import sentence_of
from duban.web.person_choice import offered_people, person_meant, told_apart
from duban.web.precedents import lines_led

_HISTORY = 30
_TYPES = [(one.value, label) for one, label in UNIT_TYPE_LABELS.items()]


# ── the list ──


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit in the list."""

    card: UnitCard
    type_label: str
    lead: int
    support: int


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """All units: found by name, pinyin or initials; who is called, how much each leads."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.ORG_VIEW)
    text, kind = request.GET.get("q", "").strip(), request.GET.get("type", "")
    is_missing = request.GET.get("missing") == "1"
    found = find_units(actor, text=text)
    if kind in UNIT_TYPE_LABELS:
        found = found.filter(unit_type=kind)
    cards = unit_cards(found, on=today)
    if is_missing:
        cards = [one for one in cards if one.is_missing_contacts]
    plan = _plan(actor)
    counts = _counts(actor, plan=plan)
    lines = [
        UnitLine(
            card=card,
            type_label=UNIT_TYPE_LABELS[UnitType(card.unit.unit_type)],
            lead=counts.get((card.unit.pk, Part.LEAD.value), 0),
            support=counts.get((card.unit.pk, Part.SUPPORT.value), 0),
        )
        for card in cards
    ]
    context = {
        "lines": lines,
        "plan": plan,
        "missing": sum(line.card.is_missing_contacts for line in lines),
        "q": text,
        "type": kind,
        "types": _TYPES,
        "is_missing": is_missing,
        "may_edit": may(actor, Permission.ORG_EDIT),
    }
    template = "units/index.html" + ("#rows" if request.headers.get("HX-Request") else "")
    return render(request, template, context)


def _counts(actor: Actor, *, plan: Plan | None) -> dict[tuple[int, str], int]:
    """Return how many matters of a plan each unit leads and supports, those of merged units at the survivor."""
    if plan is None:
        return {}
    seen = Matter.objects.visible_to(actor).filter(plan=plan).exclude(state=State.DRAFT)
    rows = (
        Assignment.objects.filter(ended_at__isnull=True, matter__in=seen)
        .order_by()
        .values_list("unit_id", "part")
        .annotate(count=Count("matter_id", distinct=True))
    )
    into = dict(Unit.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id"))
    counts: dict[tuple[int, str], int] = {}
    for unit_id, part, count in rows:
        survivor = unit_id
        while survivor in into:
            survivor = into[survivor] or survivor
        counts[survivor, part] = counts.get((survivor, part), 0) + count
    return counts


# ── one unit ──


@dataclass(frozen=True, slots=True)
class Duty:
    """One matter of a unit, and its part in it."""

    part: Part
    row: LedgerRow

    @property
    def is_open(self) -> bool:
        """Whether work is still owed."""
        return State(self.row.state) in OPEN_STATES

    @property
    def state_label(self) -> str:
        """The state in the field's word."""
        return STATE_LABELS[State(self.row.state)]


@require_safe
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one unit that a call to it needs."""
    actor, today = actor_of(request), clock.today()
    found = _unit(actor, pk)
    [card] = unit_cards([found], on=today)
    merged = absorbed_by({found.pk})[found.pk]
    pks = {found.pk} | merged
    plans = list(Plan.objects.visible_to(actor).filter(jurisdiction_id=found.jurisdiction_id).order_by("-year"))
    begun = [one for one in plans if one.year <= today.year] or plans[-1:]
    plan = next((one for one in plans if str(one.year) == request.GET.get("year")), begun[0] if begun else None)
    earlier = next((one for one in plans if one.year < plan.year), None) if plan else None
    duties = unit_duties(actor, unit_ids=pks, plan=plan, today=today)
    sees_all = _sees_duties(actor, found)
    owed = _owed(pks, duties=duties, is_whole=sees_all)
    context = {
        "unit": found,
        "card": card,
        "type_label": UNIT_TYPE_LABELS[UnitType(found.unit_type)],
        "plan": plan,
        "plans": plans,
        "parts": [
            (PART_LABELS[part], [one for one in duties if one.part is part]) for part in (Part.LEAD, Part.SUPPORT)
        ],
        "earlier": earlier,
        "led_before": lines_led(actor, plan=earlier, unit_ids=pks) if earlier else [],
        "duties": duties,
        "open": sum(one.is_open for one in duties),
        "late": sum(one.is_open and one.row.due_on < today for one in duties),
        "owed": owed,
        "owed_count": sum(len(one.matters) or 1 for one in owed),
        "contacts": _contact_lines(card),
        "terms": _terms(pks, today=today),
        "merged": list(Unit.objects.filter(pk__in=merged).order_by("merged_at", "pk")),
        "groups": list(found.groups.order_by("pk")),
        "history": [sentence_of(one) for one in history_of_unit(found, limit=_HISTORY)] if sees_all else [],
        "may_edit": _may_edit(actor, found) and found.merged_into_id is None,
        "may_name": _may_name(actor, found) and found.merged_into_id is None,
        "is_partial": not sees_all,
    }
    return render(request, "units/unit.html", context)


def unit_duties(actor: Actor, *, unit_ids: Iterable[int], plan: Plan | None, today: date) -> list[Duty]:
    """Return a plan's matters in which these units have a part and which the actor may see: leading first, in order."""
    if plan is None:
        return []
    seen = Matter.objects.visible_to(actor).filter(plan=plan).exclude(state=State.DRAFT)
    rows = (
        Assignment.objects.filter(unit_id__in=list(unit_ids), ended_at__isnull=True, matter__in=seen)
        .order_by("part", "matter__order", "matter_id")
        .values_list("matter_id", "part")
    )
    parts: dict[int, Part] = {}
    for matter_id, part in rows:  # “lead” sorts before “support”: who leads through one unit does not also support
        parts.setdefault(matter_id, Part(part))
    return [Duty(part=parts[row.id], row=row) for row in ledger_rows(parts, today=today)]


@dataclass(frozen=True, slots=True)
class OwedLine:
    """Things of one kind that a unit owes by one day. matters: (id, serial) of those that belong to matters."""

    title: str
    due_on: date
    matters: tuple[tuple[int, str], ...]


def _owed(unit_ids: Iterable[int], *, duties: list[Duty], is_whole: bool) -> list[OwedLine]:
    """Return what is open, soonest first; unless `is_whole` only what belongs to the duties the actor sees.

    The same thing for several matters by the same day is one line.
    """
    rows = (
        Obligation.objects.filter(unit_id__in=list(unit_ids), state=OwedState.OPEN)
        .select_related("matter")
        .order_by("due_on", "matter__order", "pk")
    )
    seen = {one.row.id for one in duties}
    lines: dict[tuple[date, str], dict[int, str]] = {}
    for one in rows:
        if not is_whole and one.matter_id not in seen:
            continue
        is_plain = one.matter is None or Owed(one.kind) is Owed.MILESTONE  # a milestone says which
        matters = lines.setdefault((one.due_on, one.title if is_plain else OWED_LABELS[Owed(one.kind)]), {})
        if one.matter is not None:
            matters[one.matter.pk] = one.matter.serial
    return [OwedLine(title, due_on, tuple(matters.items())) for (due_on, title), matters in lines.items()]


@dataclass(frozen=True, slots=True)
class ContactLine:
    """Whom to call: head, deputy or liaison; person None where nobody is named."""

    role: str
    label: str
    person: Person | None
    from_on: date | None
    qualifier: str = ""


def _contact_lines(card: UnitCard) -> list[ContactLine]:
    head = card.head
    lines = [
        ContactLine(
            "head",
            RosterColumn.HEAD.value,
            head.person if head else None,
            head.from_on if head else None,
            head.qualifier if head else "",
        )
    ]
    for role, contact in ((ContactRole.DEPUTY, card.deputy), (ContactRole.LIAISON, card.liaison)):
        lines.append(
            ContactLine(
                role.value,
                CONTACT_ROLE_LABELS[role],
                contact.person if contact else None,
                contact.from_on if contact else None,
            )
        )
    return lines


@dataclass(frozen=True, slots=True)
class TermLine:
    """Who held what, from when to when."""

    what: str
    person: Person
    from_on: date
    to_on: date | None
    qualifier: str
    is_now: bool


def _terms(unit_ids: Iterable[int], *, today: date) -> list[TermLine]:
    """Return every appointment and contact of these units, present ones first, then the latest."""
    pks = list(unit_ids)
    appointments = Appointment.objects.filter(post__unit_id__in=pks).select_related("post", "person").order_by("pk")
    contacts = UnitContact.objects.filter(unit_id__in=pks).select_related("person").order_by("pk")
    lines = [
        TermLine(one.post.title, one.person, one.from_on, one.to_on, one.qualifier, _is_now(one, today))
        for one in appointments
    ] + [
        TermLine(
            CONTACT_ROLE_LABELS[ContactRole(one.role)], one.person, one.from_on, one.to_on, "", _is_now(one, today)
        )
        for one in contacts
    ]
    return sorted(lines, key=lambda one: (not one.is_now, -one.from_on.toordinal()))


def _is_now(term: Appointment | UnitContact, today: date) -> bool:
    return term.from_on <= today and (term.to_on is None or term.to_on >= today)


@require_POST
def unit_duties_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit's 责任清单 as a spreadsheet: what it leads, then what it supports."""
    actor, today = actor_of(request), clock.today()
    found = _unit(actor, pk)
    plans = Plan.objects.visible_to(actor).filter(jurisdiction_id=found.jurisdiction_id).order_by("-year")
    year = number_of(request.POST.get("year"))
    plan = plans.filter(year=year).first() if year else plans.first()
    if plan is None:
        raise NotFound
    duties = unit_duties(actor, unit_ids={pk} | absorbed_by({pk})[pk], plan=plan, today=today)
    record_export(plan, form="xlsx", view=f"责任清单：{found.name}", count=len(duties), by=actor, now=clock.now())
    return download(duties_xlsx(found, plan=plan, duties=duties, today=today), name=f"{found.name}责任清单.xlsx")


def duties_xlsx(unit: Unit, *, plan: Plan, duties: list[Duty], today: date) -> bytes:
    """Return the 责任清单 of one unit as the bytes of a workbook."""
    columns = (
        Column("序号", 6, is_centred=True),
        Column("本单位职责", 9, is_centred=True, choices=tuple(PART_LABELS.values())),
        Column("具体目标任务", 48),
        Column("量化目标", 18),
        Column("牵头单位", 18),
        Column("责任人", 12),
        Column("协办单位", 24),
        Column("区分管或联系领导", 12),
        Column("办结时限", 15, is_centred=True),
        Column("状态", 10, is_centred=True),
    )
    rows = tuple(
        (
            one.row.serial,
            PART_LABELS[one.part],
            one.row.text,
            "\n".join(one.row.targets),
            "、".join(one.row.leads),
            "、".join(one.row.persons),
            "、".join(one.row.supports),
            "、".join(one.row.overseers),
            one.row.due_on,
            STATE_LABELS[State(one.row.state)],
        )
        for one in duties
    )
    leads = sum(one.part is Part.LEAD for one in duties)
    return to_xlsx(
        Sheet(
            name="责任清单",
            title=f"{unit.full_name or unit.name}责任清单",
            subtitle=f"{plan.title}    牵头 {leads} 项，协办 {len(duties) - leads} 项    {date_text(today)}",
            columns=tuple(replace(one, choices=()) for one in columns),
            rows=rows,
        )
    )


# ── whom to call ──


@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """Heads, deputies and liaisons of all units with their telephones, to print."""
    actor = actor_of(request)
    require(actor, Permission.ORG_VIEW)
    cards = unit_cards(find_units(actor, text=""), on=clock.today())
    groups: dict[str, list[UnitCard]] = {}
    for card in cards:
        groups.setdefault(UNIT_TYPE_LABELS[UnitType(card.unit.unit_type)], []).append(card)
    ordered = [(label, groups[label]) for label in UNIT_TYPE_LABELS.values() if label in groups]
    place = cards[0].unit.jurisdiction if cards else None
    return render(request, "units/contacts.html", {"groups": ordered, "count": len(cards), "place": place})


@require_http_methods(["GET", "POST"])
def contact_name(request: HttpRequest, pk: int) -> HttpResponse:
    """Name a unit's liaison or deputy: somebody known, or a new person. A unit may do so itself."""
    actor, today = actor_of(request), clock.today()
    found = _unit(actor, pk)
    require(actor, Permission.CONTACT_NAME, unit_id=found.pk, jurisdiction_id=found.jurisdiction_id)
    given = request.POST if request.method == "POST" else request.GET
    role = _contact_role(given.get("role", ""))
    [card] = unit_cards([found], on=today)
    standing = card.deputy if role is ContactRole.DEPUTY else card.liaison
    offered = offered_people(actor, place=found.jurisdiction, unit=found)
    problem, field, status, choices = "", "", 400, []
    is_theirs = False
    if request.method == "POST":
        try:
            meant = person_meant(given, place=found.jurisdiction, unit=found, offered=offered)
            if isinstance(meant, list):
                problem, choices = f"有{len(meant)}位“{meant[0].name}”，请选定是哪一位。", meant
            else:
                from_on = day_of(given.get("from_on", ""), field="from_on", what="起始日期") or today
                phone = given.get("phone", "").strip()
                new = NewContact(found, role, meant, from_on, phone, given.get("seen", ""))
                name_contacts([new], by=actor, now=clock.now())
                messages.success(request, f"已明确{found.name}{CONTACT_ROLE_LABELS[role]}：{meant.name}。")
                return redirect("unit", pk=found.pk)
        except Conflict as error:
            problem, status, is_theirs = error.message, 409, True
        except (Invalid, WrongState) as error:
            problem, field = error.message, error.field or ""
    terms = list(UnitContact.objects.filter(unit=found, role=role).select_related("person"))
    theirs = terms_shown(terms) if is_theirs else None
    context = {
        "unit": found,
        "seen": seen_in(request, standing=terms_shown(terms), theirs=theirs),
        "theirs": theirs,
        "role": role.value,
        "label": CONTACT_ROLE_LABELS[role],
        "standing": standing,
        "given": given,
        "from_on": given.get("from_on") or today.isoformat(),
        "choices": told_apart(choices),
        "people": offered,
        "problem": problem,
        "field": field,
    }
    return render(request, "units/contact_name.html", context, status=status if problem else 200)


# ── a unit's own data ──


@require_http_methods(["GET", "POST"])
def unit_new(request: HttpRequest) -> HttpResponse:
    """Enter a unit; one that stands already under any of its names is said instead."""
    actor = actor_of(request)
    place = kept_place(actor)
    given = _unit_values(request.POST)
    problem, field, known = "", "", None
    if request.method == "POST":
        try:
            known = next((one for one in map(units_by_name(place).find, _all_names(given)) if one), None)
            if known is not None:
                raise Invalid(f"已有这个单位：“{known.name}”。", field="name")
            made = create_unit(
                place,
                unit=NewUnit(
                    given["name"],
                    full_name=given["full_name"],
                    unit_type=_unit_type(given["unit_type"]) if given["unit_type"] else None,
                    aliases=split_aliases(given["aliases"]),
                    order=order_of(given["order"]),
                ),
                by=actor,
                now=clock.now(),
            )
            messages.success(request, f"已新建单位：{made.name}。")
            return redirect("unit", pk=made.pk)
        except Invalid as error:
            problem, field = error.message, error.field or ""
    context = {"given": given, "types": _TYPES, "problem": problem, "field": field, "known": known}
    return render(request, "units/unit_new.html", context, status=400 if problem else 200)


@require_http_methods(["GET", "POST"])
def unit_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a unit's names, kind and order; what somebody else saved meanwhile is shown beside."""
    actor = actor_of(request)
    found = _unit(actor, pk)
    _require_edit(actor, found)
    given = _unit_values(request.POST) if request.method == "POST" else _values_of(found)
    version, problem, field, theirs, status = found.version, "", "", None, 200
    if request.method == "POST":
        try:
            edit_unit(
                found,
                name=given["name"],
                full_name=given["full_name"],
                unit_type=_unit_type(given["unit_type"]),
                order=order_of(given["order"]),
                aliases=split_aliases(given["aliases"]),
                version=number_of(request.POST.get("version")),
                by=actor,
                now=clock.now(),
            )
            messages.success(request, "已保存。")
            return redirect("unit", pk=pk)
        except Conflict as error:
            problem, status, found = error.message, 409, _unit(actor, pk)
            version, theirs = found.version, _said_of(found)
        except (Invalid, WrongState) as error:
            problem, field, status = error.message, error.field or "", 400
            version = number_of(request.POST.get("version"))
    context = {
        "unit": found,
        "given": given,
        "theirs": theirs,
        "version": version,
        "types": _TYPES,
        "problem": problem,
        "field": field,
    }
    return render(request, "units/unit_edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
def unit_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a unit go on in another, after seeing what that means."""
    actor, today = actor_of(request), clock.today()
    found = _unit(actor, pk)
    _require_edit(actor, found)
    if found.merged_into is not None:
        raise WrongState(f"“{found.name}”已并入“{found.merged_into.name}”。")
    others = list(
        Unit.objects.filter(jurisdiction_id=found.jurisdiction_id).current().exclude(pk=pk).order_by("order", "pk")
    )
    wanted = number_of((request.POST if request.method == "POST" else request.GET).get("into"))
    into = next((one for one in others if one.pk == wanted), None)
    problem = ""
    if request.method == "POST":
        try:
            if into is None:
                raise Invalid("请选择并入哪个单位。", field="into")
            survivor = merge_units(found, into=into, by=actor, now=clock.now())
            messages.success(request, f"“{found.name}”已并入“{survivor.name}”。")
            return redirect("unit", pk=survivor.pk)
        except (Invalid, WrongState) as error:
            problem = error.message
    context = {
        "unit": found,
        "others": others,
        "into": into,
        "problem": problem,
        "moves": _moves(found, today=today) if into else None,
    }
    return render(request, "units/unit_merge.html", context, status=400 if problem else 200)


def _moves(unit: Unit, *, today: date) -> dict[str, Any]:
    """Return what merging a unit touches: what goes over, what stays where it was."""
    pks = {unit.pk} | absorbed_by({unit.pk})[unit.pk]
    assigned = Assignment.objects.filter(unit_id__in=pks, ended_at__isnull=True)
    return {
        "aliases": [one.alias for one in unit.aliases.order_by("pk")],
        "groups": [one.name for one in unit.groups.order_by("pk")],
        "lead": assigned.filter(part=Part.LEAD).count(),
        "support": assigned.filter(part=Part.SUPPORT).count(),
        "owed": Obligation.objects.filter(unit_id__in=pks, state=OwedState.OPEN).count(),
        "terms": [one for one in _terms(pks, today=today) if one.is_now],
    }


# ── groups ──


@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """Collective names (各镇（街道）、区直有关单位) and whom they mean."""
    actor = actor_of(request)
    require(actor, Permission.ORG_VIEW)
    found = UnitGroup.objects.visible_to(actor).order_by("pk").prefetch_related("members")
    lines = [(one, list(one.members.all())) for one in found]
    return render(request, "units/groups.html", {"lines": lines, "may_edit": may(actor, Permission.ORG_EDIT)})


@require_http_methods(["GET", "POST"])
def group_new(request: HttpRequest) -> HttpResponse:
    """Enter a collective name and its members."""
    actor = actor_of(request)
    return _group_page(request, actor, place=kept_place(actor), group=None)


@require_http_methods(["GET", "POST"])
def group_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change whom a collective name means."""
    actor = actor_of(request)
    group = UnitGroup.objects.visible_to(actor).select_related("jurisdiction").filter(pk=pk).first()
    if group is None:
        raise NotFound
    require(actor, Permission.ORG_EDIT, jurisdiction_id=group.jurisdiction_id)
    return _group_page(request, actor, place=group.jurisdiction, group=group)


def _group_page(request: HttpRequest, actor: Actor, *, place: Jurisdiction, group: UnitGroup | None) -> HttpResponse:
    choices = list(Unit.objects.filter(jurisdiction=place).current().order_by("order", "pk"))
    chosen = set(group.members.values_list("pk", flat=True)) if group else set()
    name, problem, field, status = request.POST.get("name", ""), "", "", 400
    is_theirs = False
    if request.method == "POST":
        wanted = {number_of(one) for one in request.POST.getlist("member")}
        chosen = {one.pk for one in choices if one.pk in wanted}
        try:
            if group is None and UnitGroup.objects.filter(jurisdiction=place, key=alias_key(name)).exists():
                raise Invalid(f"已有统称“{name.strip()}”。", field="name")
            members = [one for one in choices if one.pk in chosen]
            told: dict[str, Any] = {"seen": request.POST.get("seen", ""), "by": actor, "now": clock.now()}
            saved = set_group(place, name=group.name if group else name, members=members, **told)
            messages.success(request, f"“{saved.name}”现指 {len(members)} 个单位。")
            return redirect("groups")
        except Conflict as error:
            problem, status, is_theirs = error.message, 409, True
        except Invalid as error:
            problem, field = error.message, error.field or ""
    by_type: dict[str, list[tuple[Unit, bool]]] = {}
    for one in choices:
        by_type.setdefault(UNIT_TYPE_LABELS[UnitType(one.unit_type)], []).append((one, one.pk in chosen))
    standing = members_shown(group)
    theirs = standing if is_theirs else None
    context = {
        "group": group,
        "seen": seen_in(request, standing=standing, theirs=theirs),
        "theirs": theirs,
        "name": name,
        "by_type": [(label, by_type[label]) for label in UNIT_TYPE_LABELS.values() if label in by_type],
        "problem": problem,
        "field": field,
    }
    return render(request, "units/group_edit.html", context, status=status if problem else 200)


# ── the roster, out and in ──

ROSTER_WIDTHS: dict[RosterColumn, float] = {
    RosterColumn.NAME: 16,
    RosterColumn.FULL_NAME: 28,
    RosterColumn.ALIASES: 24,
    RosterColumn.TYPE: 14,
    RosterColumn.ORDER: 7,
    RosterColumn.HEAD: 12,
    RosterColumn.DEPUTY: 12,
    RosterColumn.DEPUTY_PHONE: 18,
    RosterColumn.LIAISON: 12,
    RosterColumn.LIAISON_PHONE: 18,
}


@require_POST
def units_export(request: HttpRequest) -> HttpResponse:
    """The roster of units as a spreadsheet that can be edited and imported again."""
    actor = actor_of(request)
    place = kept_place(actor)
    found = Unit.objects.filter(jurisdiction=place).current().order_by("order", "pk")
    cards = unit_cards(found, on=clock.today())
    record_roster_export(place, count=len(cards), by=actor, now=clock.now())
    return download(roster_xlsx(cards), name=f"{place.short_name}单位名册.xlsx")


def roster_xlsx(cards: list[UnitCard]) -> bytes:
    """Return the roster as the bytes of a workbook whose first row is the heading."""
    columns = tuple(
        Column(
            one.value,
            ROSTER_WIDTHS[one],
            is_centred=one in (RosterColumn.ORDER, RosterColumn.TYPE),
            choices=tuple(UNIT_TYPE_LABELS.values()) if one is RosterColumn.TYPE else (),
        )
        for one in RosterColumn
    )
    rows = tuple(
        (
            card.unit.name,
            card.unit.full_name,
            "、".join(card.aliases),
            UNIT_TYPE_LABELS[UnitType(card.unit.unit_type)],
            card.unit.order,
            card.head.person.name if card.head else "",
            card.deputy.person.name if card.deputy else "",
            card.deputy.person.phone if card.deputy else "",
            card.liaison.person.name if card.liaison else "",
            card.liaison.person.phone if card.liaison else "",
        )
        for card in cards
    )
    return to_xlsx(Sheet(name="单位名册", columns=columns, rows=rows))


@require_http_methods(["GET", "POST"])
def units_import(request: HttpRequest) -> HttpResponse:
    """Upload a roster, see row by row what it would change, then import all of it or nothing."""
    actor, today = actor_of(request), clock.today()
    place = kept_place(actor)
    context: dict[str, Any] = {"from_on": today.isoformat(), "columns": [one.value for one in RosterColumn]}
    if request.method == "GET":
        return render(request, "units/units_import.html", context)
    context["from_on"] = request.POST.get("from_on") or today.isoformat()
    try:
        from_on = day_of(context["from_on"], field="from_on", what="任职起始日期") or today
        rows = _rows_given(request)
        context["carried"] = json.dumps([[one.line, one.cells] for one in rows], ensure_ascii=False)
        if request.POST.get("token"):
            token = request.POST["token"]
            try:
                done = import_roster(
                    place, rows=rows, token=token, from_on=from_on, by=actor, now=clock.now(), naming=name_contacts
                )
                messages.success(request, f"已导入：新增 {len(done.created)} 个单位，修改 {len(done.changed)} 个。")
                return redirect("units")
            except RosterChanged as error:
                context["problem"] = error.message
        context["preview"] = plan_roster(place, rows=rows, on=from_on, by=actor)
    except NotReadable as error:
        context["problem"] = error.message_zh
    except Invalid as error:
        context["problem"] = error.message
    return render(request, "units/units_import.html", context, status=400 if context.get("problem") else 200)


def _rows_given(request: HttpRequest) -> list[RosterRow]:
    """Return the rows of the file, or those a preview carried over. Raises NotReadable, Invalid."""
    if file := request.FILES.get("file"):
        rows = read_roster(read_sheet(file.read()))
        if isinstance(rows, str):
            raise Invalid(rows, field="file")
        return rows
    if not request.POST.get("rows"):
        raise Invalid("请选择文件。", field="file")
    try:
        return [
            RosterRow(int(line), {RosterColumn(name): str(text) for name, text in cells.items()})
            for line, cells in json.loads(request.POST["rows"])
        ]
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid("预览的内容不完整，请重新上传文件。", field="file") from error


# ── what several of them need ──


def _unit(actor: Actor, pk: int) -> Unit:
    """Return a unit the actor may look at. Raises NotAllowed for those who may look at none, NotFound."""
    require(actor, Permission.ORG_VIEW)
    found = Unit.objects.visible_to(actor).select_related("jurisdiction", "merged_into").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _plan(actor: Actor) -> Plan | None:
    return Plan.objects.visible_to(actor).order_by("-year", "pk").first()


def _may_edit(actor: Actor, unit: Unit) -> bool:
    return may(actor, Permission.ORG_EDIT, unit_id=unit.pk, jurisdiction_id=unit.jurisdiction_id)


def _may_name(actor: Actor, unit: Unit) -> bool:
    return may(actor, Permission.CONTACT_NAME, unit_id=unit.pk, jurisdiction_id=unit.jurisdiction_id)


def _require_edit(actor: Actor, unit: Unit) -> None:
    require(actor, Permission.ORG_EDIT, unit_id=unit.pk, jurisdiction_id=unit.jurisdiction_id)


def _sees_duties(actor: Actor, unit: Unit) -> bool:
    """Return whether the actor may see all that this unit does and owes: the office, and the unit itself."""
    is_office = any(one.jurisdiction_id in (None, unit.jurisdiction_id) for one in actor.holds(*OFFICE_ROLES))
    return is_office or _may_name(actor, unit)


def _unit_values(given: QueryDict) -> dict[str, str]:
    return {key: given.get(key, "").strip() for key in ("name", "full_name", "unit_type", "order", "aliases")}


def _values_of(unit: Unit) -> dict[str, str]:
    own = {alias_key(unit.name), alias_key(unit.full_name)}
    return {
        "name": unit.name,
        "full_name": unit.full_name,
        "unit_type": unit.unit_type,
        "order": str(unit.order),
        "aliases": "、".join(one.alias for one in unit.aliases.order_by("pk") if one.key not in own),
    }


def _said_of(unit: Unit) -> dict[str, str]:
    """Return what may be changed of a unit, in words."""
    values = _values_of(unit)
    return {
        "简称": values["name"],
        "全称": values["full_name"],
        "别名": values["aliases"],
        "类别": UNIT_TYPE_LABELS[UnitType(unit.unit_type)],
        "排序": values["order"],
    }


def _all_names(given: dict[str, str]) -> list[str]:
    return [one for one in (given["name"], given["full_name"], *split_aliases(given["aliases"])) if one]


def _unit_type(value: str) -> UnitType:
    try:
        return UnitType(value)
    except ValueError as error:
        raise Invalid("请选择单位类别。", field="unit_type") from error


def _contact_role(value: str) -> ContactRole:
    try:
        return ContactRole(value)
    except ValueError:
        return ContactRole.LIAISON
