"""督查方案: no visit without its purpose, method, scope, people and time; two verifiers, of no unit concerned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.matters.actions import hold_open
from duban.matters.models import Matter, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import SupervisionType
from duban.orgs.models import Appointment, Jurisdiction, Person, Unit, UnitContact, in_force
from duban.orgs.queries import absorbed_by, namesakes, people_of_unit, units_by_name
from duban.visits.actions.common import about, claim, count_up
from duban.visits.actions.planning import check_days, check_method
from duban.visits.models import Claim, Draw, DrawnMatter, PlannedCheck, Verifier, Visit, VisitItem
from duban.visits.queries import claims_on, concerned_units, list_rows, merging_leads
from duban.visits.rules import (
    NAME_LENGTH,
    PLACE_LENGTH,
    REASON_LENGTH,
    TITLE_LENGTH,
    CheckMethod,
    ClaimSource,
    VisitKind,
    VisitState,
    Why,
    checked_words,
    optional_words,
)

_MATTERS_MOST = 100


@dataclass(frozen=True, slots=True)
class NewVerifier:
    """Who is to go. employer: the unit they are of, as it is called."""

    name: str
    employer: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """督查方案. check: of the year's plan; without one `unplanned_reason` says why it is held."""

    title: str
    place: str
    supervision_type: SupervisionType
    method: CheckMethod
    purpose: str
    scope: str
    first_on: date
    last_on: date
    verifiers: Sequence[NewVerifier]
    check: PlannedCheck | None = None
    unplanned_reason: str = ""


@transaction.atomic
def prepare_visit(
    plan: Plan,
    *,
    kind: VisitKind,
    scheme: Scheme,
    matters: Sequence[Matter],
    by: Actor,
    now: datetime,
    draw: Draw | None = None,
    note: str = "",
) -> Visit:
    """拟定督查方案: one visit for many matters. What units have said of them is laid out as claims to be checked; no
    unit is asked for anything, and none hears of it.

    draw: the list a 察访核验 serves.   note: why matters on no list are visited (of a routine visit: why these).
    Raises NotAllowed, Invalid (the scheme is not whole, a verifier is of a unit concerned), WrongState (on a visit
    already, the plan is closed).
    """
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    checked = _checked(plan, kind=kind, scheme=scheme)
    return _prepare(plan, kind=kind, scheme=checked, matters=matters, by=by, now=now, draw=draw, note=note)


@transaction.atomic
def prepare_visits_of_list(draw: Draw, *, scheme: Scheme, by: Actor, now: datetime) -> list[Visit]:
    """按单位安排: one visit for each unit whose listed matters nobody is to go to yet, all by one scheme.

    title, place: the unit's name is put behind the title, and is the place. A unit a verifier is of is refused as ever.
    Raises NotAllowed, Invalid, WrongState (nothing is left).
    """
    plan = draw.plan
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    groups: dict[int, list[Matter]] = {}
    units: dict[int, Unit] = {}
    for one in list_rows(draw):
        if one.item is None and one.unit is not None:
            units[one.unit.pk] = one.unit
            groups.setdefault(one.unit.pk, []).append(one.row.matter)
    if not groups:
        raise WrongState("名单上的事项都已安排核验。")
    made = []
    for unit_id in sorted(groups, key=lambda pk: (units[pk].order, pk)):
        title = f"{scheme.title.strip()}（{units[unit_id].name}）"
        own = replace(scheme, title=title[:TITLE_LENGTH], place=units[unit_id].name)
        checked = _checked(plan, kind=VisitKind.VERIFICATION, scheme=own)
        some = groups[unit_id]
        made.append(
            _prepare(
                plan, kind=VisitKind.VERIFICATION, scheme=checked, matters=some, by=by, now=now, draw=draw, note=""
            )
        )
    return made


def _checked(plan: Plan, *, kind: VisitKind, scheme: Scheme) -> Scheme:
    """Return a scheme whose words are trimmed. Raises Invalid."""
    check_days(scheme.first_on, scheme.last_on)
    check_method(kind, scheme.method)
    reason = optional_words(scheme.unplanned_reason, what="计划外的理由", field="unplanned_reason", most=REASON_LENGTH)
    check = scheme.check
    if check is None and len(reason) < 2:
        raise Invalid("这次核验不在督查计划内，请选择计划中的一项，或写明计划外的理由。", field="unplanned_reason")
    if check is not None:
        if check.plan_id != plan.pk or check.kind != kind:
            raise Invalid("所选的计划不是这一类检查。", field="check")
        if check.approval_id is None or check.dropped_at is not None:
            raise Invalid(f"“{check.title}”还没有批准，或者已经取消。", field="check")
        reason = ""
    return replace(
        scheme,
        title=checked_words(scheme.title, what="名称", field="title", most=TITLE_LENGTH),
        place=checked_words(scheme.place, what="地点", field="place", most=PLACE_LENGTH),
        purpose=checked_words(scheme.purpose, what="目的", field="purpose"),
        scope=checked_words(scheme.scope, what="内容和范围", field="scope"),
        unplanned_reason=reason,
    )


def _prepare(
    plan: Plan,
    *,
    kind: VisitKind,
    scheme: Scheme,
    matters: Sequence[Matter],
    by: Actor,
    now: datetime,
    draw: Draw | None,
    note: str,
) -> Visit:
    why = _reasons(plan, kind=kind, matters=matters, draw=draw, note=note)
    visit = Visit.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        kind=kind.value,
        draw=draw if kind is VisitKind.VERIFICATION else None,
        prepared_at=now,
        prepared_by_name=by.name[:40],
        **_columns(scheme),
    )
    _put_matters(visit, matters, why=why, note=note)
    _put_verifiers(visit, scheme.verifiers, today=day_of(now))
    data = {
        "matters": [str(one) for one in matters],
        "units": list(visit.units.order_by("order", "pk").values_list("name", flat=True)),
        "verifiers": [f"{one.name}（{one.employer}）" for one in scheme.verifiers],
        "first_on": scheme.first_on,
        "last_on": scheme.last_on,
    }
    record(EventName.VISIT_PREPARED, about(visit, data), by=by, now=now)
    return visit


def _columns(scheme: Scheme) -> dict[str, Any]:
    return {
        "check_of": scheme.check,
        "unplanned_reason": scheme.unplanned_reason,
        "title": scheme.title,
        "place": scheme.place,
        "supervision_type": scheme.supervision_type.value,
        "method": scheme.method.value,
        "purpose": scheme.purpose,
        "scope": scheme.scope,
        "first_on": scheme.first_on,
        "last_on": scheme.last_on,
    }


def _reasons(
    plan: Plan, *, kind: VisitKind, matters: Sequence[Matter], draw: Draw | None, note: str
) -> dict[int, list[str]]:
    """Return why each matter is visited. Raises Invalid, WrongState."""
    if not matters:
        raise Invalid("请选择核验哪些事项。", field="matters")
    if len(matters) > _MATTERS_MOST:
        raise Invalid(f"一次核验最多 {_MATTERS_MOST} 项，请分开安排。", field="matters")
    if any(one.plan_id != plan.pk for one in matters):
        raise Invalid("所选事项不在这个年度台账中。", field="matters")
    ids = [one.pk for one in matters]
    if kind is VisitKind.ROUTINE:
        return {pk: [Why.HAND.value] for pk in ids}
    if draw is None or draw.plan_id != plan.pk or draw.replaced_at is not None:
        raise WrongState("察访核验按抽取的名单开展，请先抽取名单。")
    listed = {one.matter_id: one.why for one in DrawnMatter.objects.filter(draw=draw, matter__in=ids)}
    beside = [str(one) for one in matters if one.pk not in listed]
    if beside and len(note.strip()) < 2:
        raise Invalid(f"{'、'.join(beside)}不在名单上，增加核验的，请写明理由。", field="note")
    gone = VisitItem.objects.filter(visit__draw=draw, matter__in=ids).exclude(visit__state=VisitState.DROPPED)
    if again := [str(one.matter) for one in gone.select_related("matter")]:
        raise WrongState(f"{'、'.join(again)}已经安排了核验，不必重复。")
    return {pk: listed.get(pk, [Why.HAND.value]) for pk in ids}


def _put_matters(visit: Visit, matters: Sequence[Matter], *, why: dict[int, list[str]], note: str) -> None:
    """Put matters on a visit, with what units have said of them as claims."""
    leads = merging_leads(one.pk for one in matters)
    lacking = [str(one) for one in matters if one.pk not in leads]
    if lacking:
        raise Invalid(f"{'、'.join(lacking)}还没有牵头单位，不能核验。", field="matters")
    start = VisitItem.objects.filter(visit=visit).count()
    reason = optional_words(note, what="列入的理由", field="note", most=REASON_LENGTH)
    rows = VisitItem.objects.bulk_create(
        VisitItem(
            visit=visit,
            matter=one,
            unit=leads[one.pk],
            why=why[one.pk],
            note=reason if Why.HAND.value in why[one.pk] else "",
            order=start + place,
        )
        for place, one in enumerate(matters)
    )
    told = claims_on(matters)
    Claim.objects.bulk_create(
        Claim(
            item=row,
            unit_id=one.unit_id,
            order=place,
            source=one.source.value,
            said_on=one.said_on,
            words=one.words,
            look_at=one.look_at,
        )
        for row in rows
        for place, one in enumerate(told[row.matter_id])
    )
    visit.units.add(*{one.unit_id for one in rows})


def _put_verifiers(visit: Visit, verifiers: Sequence[NewVerifier], *, today: date) -> None:
    """Put down who goes. Raises Invalid: too few, or of a unit concerned.

    Source: docs/sources.md#visits (two verifiers, none from the units concerned)
    """
    least = policy_of(visit.plan).visits.verifiers
    given = [NewVerifier(one.name.strip(), one.employer.strip()) for one in verifiers if one.name.strip()]
    if len({(one.name, one.employer) for one in given}) < least:
        raise Invalid(f"核验人至少 {least} 名，请写明姓名和单位。", field="verifiers")
    matter_ids = list(VisitItem.objects.filter(visit=visit).values_list("matter_id", flat=True))
    concerned = concerned_units(matter_ids)
    people = _people_of(concerned, on=today)
    names = units_by_name(visit.plan.jurisdiction)
    ids = {one.pk for one in concerned}
    rows = []
    for place, one in enumerate(dict.fromkeys(given)):
        if not 2 <= len(one.name) <= NAME_LENGTH:
            raise Invalid(f"核验人姓名“{one.name}”不对。", field="verifiers")
        if not one.employer:
            raise Invalid(f"请写明{one.name}是哪个单位的。", field="verifiers")
        unit = names.find(one.employer)
        if unit is not None and unit.pk in ids:
            raise Invalid(f"{one.name}是{unit.name}的，该单位与所核验的事项有关，应当回避。", field="verifiers")
        person = _person(visit.plan.jurisdiction, one.name, unit=unit)
        theirs = people.get(person.pk) if person is not None else None
        if theirs is not None:
            raise Invalid(
                f"{one.name}在{theirs}任职，该单位与所核验的事项有关，应当回避。"
                "如系同名同姓的另一人，请按单位名录填写其所在单位。",
                field="verifiers",
            )
        rows.append(Verifier(visit=visit, order=place, name=one.name, employer=one.employer[:60], person=person))
    Verifier.objects.filter(visit=visit).delete()  # of a scheme not yet approved; the event of the edit keeps them
    Verifier.objects.bulk_create(rows)


def _person(place: Jurisdiction, name: str, *, unit: Unit | None) -> Person | None:
    """Return the person of the directory a verifier is, where the name leaves no doubt.

    Of several of one name only the employer tells who is meant; somebody of another employer is nobody we know.
    """
    same = list(people_of_unit(unit).filter(name=name)) if unit is not None else namesakes(place, name=name)
    return same[0] if len(same) == 1 else None


def _people_of(units: Iterable[Unit], *, on: date) -> dict[int, str]:
    """Return who holds a post or is a contact of these units (or of one merged into them) on a day, and of which."""
    names = {one.pk: one.name for one in units}
    into = {piece: pk for pk, pieces in absorbed_by(set(names)).items() for piece in pieces} | {pk: pk for pk in names}
    found: dict[int, str] = {}
    held = Appointment.objects.filter(in_force(on), post__unit_id__in=into).values_list("person_id", "post__unit_id")
    named = UnitContact.objects.filter(in_force(on), unit_id__in=into).values_list("person_id", "unit_id")
    for person_id, unit_id in [*held, *named]:
        found[person_id] = names[into[unit_id]]
    return found


@transaction.atomic
def edit_visit(visit: Visit, *, scheme: Scheme, seen: int, by: Actor, now: datetime) -> Visit:
    """修改方案, while it waits for approval. seen: the version the form showed. Raises NotAllowed, Conflict, Invalid,
    WrongState."""
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=visit.jurisdiction_id)
    checked = _checked(visit.plan, kind=VisitKind(visit.kind), scheme=scheme)
    count_up(visit, VisitState.PREPARED, seen=seen)
    before = scheme_shown(visit)
    Visit.objects.filter(pk=visit.pk).update(**_columns(checked))
    visit.refresh_from_db()
    _put_verifiers(visit, checked.verifiers, today=day_of(now))
    after = scheme_shown(visit)
    changed = [name for name in after if before[name] != after[name]]
    data = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
    record(EventName.VISIT_EDITED, about(visit, data), by=by, now=now)
    return visit


def scheme_shown(visit: Visit) -> dict[str, Any]:
    """Return a scheme in words, as an event keeps it before and after."""
    people = Verifier.objects.filter(visit=visit).order_by("order", "pk")
    return {
        "名称": visit.title,
        "地点": visit.place,
        "方式": visit.get_method_display(),
        "督查类型": visit.get_supervision_type_display(),
        "目的": visit.purpose,
        "内容和范围": visit.scope,
        "开始": visit.first_on.isoformat(),
        "结束": visit.last_on.isoformat(),
        "核验人": "、".join(str(one) for one in people),
    }


@transaction.atomic
def add_claim(item: VisitItem, *, words: str, look_at: str, by: Actor, now: datetime) -> Claim:
    """增列要点: the office lists one more thing to look at, of what the matter asks. Raises NotAllowed, Invalid,
    WrongState."""
    visit = item.visit
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=visit.jurisdiction_id)
    said = checked_words(words, what="要核验的内容", field="words", most=500)
    look = optional_words(look_at, what="核验要点", field="look_at", most=200)
    count_up(visit, VisitState.PREPARED, VisitState.APPROVED)
    row = Claim.objects.create(
        item=item,
        unit_id=item.unit_id,
        order=Claim.objects.filter(item=item).count(),
        source=ClaimSource.HAND,
        words=said,
        look_at=look,
    )
    data = {"before": {}, "after": {f"{item.matter}核验内容": said}}
    record(EventName.VISIT_EDITED, about(visit, data), by=by, now=now)
    return row


@transaction.atomic
def join_visits(visit: Visit, *, other: Visit, by: Actor, now: datetime) -> Visit:
    """合并为一次: the matters of another visit come over, the other is dropped: one way instead of two.

    Both are of one kind and plan and wait for approval. Verifiers stay this visit's, and are checked anew against the
    units that came over. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=visit.jurisdiction_id)
    if visit.pk == other.pk or (visit.plan_id, visit.kind, visit.draw_id) != (other.plan_id, other.kind, other.draw_id):
        raise Invalid("只能合并同一年度、同一类的两次核验。", field="other")
    for each in sorted((visit, other), key=lambda each: each.pk):
        count_up(each, VisitState.PREPARED)
    here = set(VisitItem.objects.filter(visit=visit).values_list("matter_id", flat=True))
    coming = list(VisitItem.objects.filter(visit=other).select_related("matter").order_by("order", "pk"))
    moved = [one for one in coming if one.matter_id not in here]
    if len(here) + len(moved) > _MATTERS_MOST:
        raise Invalid(f"一次核验最多 {_MATTERS_MOST} 项，请分开安排。", field="other")
    for place, one in enumerate(moved, start=len(here)):
        one.visit, one.order = visit, place
    VisitItem.objects.bulk_update(moved, ["visit", "order"])
    first_on, last_on = min(visit.first_on, other.first_on), max(visit.last_on, other.last_on)
    check_days(first_on, last_on)
    Visit.objects.filter(pk=visit.pk).update(first_on=first_on, last_on=last_on)
    visit.refresh_from_db()
    visit.units.add(*other.units.all())
    same = [NewVerifier(one.name, one.employer) for one in Verifier.objects.filter(visit=visit).order_by("order", "pk")]
    _put_verifiers(visit, same, today=day_of(now))
    reason = f"并入“{visit.title}”"[:REASON_LENGTH]
    claim(
        other,
        VisitState.PREPARED,
        state=VisitState.DROPPED,
        dropped_at=now,
        dropped_by_name=by.name[:40],
        dropped_reason=reason,
    )
    data = {"other": other.title, "matters": [str(one.matter) for one in moved]}
    record(EventName.VISITS_JOINED, about(visit, data), by=by, now=now)
    return visit


@transaction.atomic
def approve_visit(visit: Visit, *, by: Actor, now: datetime) -> Visit:
    """批准方案: from now on people may go. Who approved a scheme may be a verifier. Raises NotAllowed, WrongState."""
    require(by, Permission.VISIT_APPROVE, jurisdiction_id=visit.jurisdiction_id)
    claim(
        visit,
        VisitState.PREPARED,
        state=VisitState.APPROVED,
        approved_at=now,
        approved_by_name=by.name[:40],
    )
    record(EventName.VISIT_APPROVED, about(visit, {}), by=by, now=now)
    return visit


@transaction.atomic
def drop_visit(visit: Visit, *, reason: str, by: Actor, now: datetime) -> Visit:
    """作罢: a visit is not held after all. What is on a list then waits for another. Raises NotAllowed, Invalid,
    WrongState (it took place)."""
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=visit.jurisdiction_id)
    why = checked_words(reason, what="作罢的理由", field="reason", most=REASON_LENGTH)
    claim(
        visit,
        VisitState.PREPARED,
        VisitState.APPROVED,
        state=VisitState.DROPPED,
        dropped_at=now,
        dropped_by_name=by.name[:40],
        dropped_reason=why,
    )
    record(EventName.VISIT_DROPPED, about(visit, {"reason": why}), by=by, now=now)
    return visit
