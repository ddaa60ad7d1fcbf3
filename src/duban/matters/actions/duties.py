"""What is owed on matters is kept in step with their facts. Called by the other actions, inside their transaction.

Who owes what: the final date by every lead (and by a supporting unit that has a date of its own); milestones and
reports by the merging lead; what it did in support, to the leads, once per supporting unit and report day; signing once
per unit and batch; naming the contacts once per unit where they are missing; what a later noun lets it owe about a
thing of its own.
Reports follow the notice, so matters from elsewhere and work items owe none of their own. Nothing owed is deleted or
moved: what no longer holds is waived with its reason and a new row takes its place.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Model, Q

from duban.access.rules import Permission, require
from duban.audit.actions import record, record_many, subject_of
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.core.workdays import add_workdays
from duban.matters.actions.judging import facts_changed
from duban.matters.models import Assignment, Matter, Milestone, Obligation, Plan
from duban.matters.queries import policy_of, report_days
from duban.matters.rules import OWED_ABOUT_A_THING, Origin, Owed, OwedState, Part, State
from duban.orgs.actions import NewContact, NewPerson
from duban.orgs.actions import merge_units as merge_in_directory
from duban.orgs.actions import name_contacts as name_in_directory
from duban.orgs.models import Person, Unit, UnitContact, in_force
from duban.orgs.queries import absorbed_by
from duban.orgs.rules import ContactRole

_OWING_STATES = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING, State.SUSPENDED)
_OF_A_MATTER = (Owed.FINAL, Owed.REPORT, Owed.MILESTONE)

Key = tuple[int, int, str, date]


def keep_in_step(matters: Sequence[Matter], *, now: datetime, reason: str) -> None:
    """Waive what these matters no longer owe, add what they owe now, and have them judged; nine statements, and those
    of the judge, whatever their number.

    Not done: a report day that has passed is not asked for after the event, a node that is reached already is not owed,
    and what was met stays met (a final date of a reopened matter is owed again).
    """
    today = day_of(now)
    ids = [matter.pk for matter in matters]
    days = {plan.pk: report_days(plan) for plan in {matter.plan_id: matter.plan for matter in matters}.values()}
    assignments: dict[int, list[Assignment]] = defaultdict(list)
    for one in Assignment.objects.filter(matter_id__in=ids, ended_at=None):
        assignments[one.matter_id].append(one)
    milestones: dict[int, list[Milestone]] = defaultdict(list)
    for node in Milestone.objects.filter(matter_id__in=ids):
        milestones[node.matter_id].append(node)
    standing = list(Obligation.objects.filter(matter_id__in=ids, kind__in=_OF_A_MATTER))
    still_open = {_key(one): one for one in standing if one.state == OwedState.OPEN}
    met_reports: set[tuple[int | None, date]] = {
        (one.matter_id, one.due_on) for one in standing if _is_met(one, Owed.REPORT)
    }
    met_nodes = {one.subject_id for one in standing if _is_met(one, Owed.MILESTONE)}
    reached = {
        node.pk
        for matter in matters
        for node in milestones[matter.pk]
        if matter.progress_pct is not None and matter.progress_pct >= node.expected_pct
    }
    wanted: dict[Key, Obligation] = {}
    for matter in matters:
        if matter.state not in _OWING_STATES:
            continue
        owed = _owed(matter, assignments[matter.pk], milestones[matter.pk], days[matter.plan_id])
        for new in owed:
            if (
                new.kind == Owed.REPORT
                and _key(new) not in still_open  # a returned one is owed again beside the one that was met
                and ((matter.pk, new.due_on) in met_reports or new.due_on < today)
            ):
                continue
            if new.kind == Owed.MILESTONE and _key(new) not in still_open and new.subject_id in met_nodes | reached:
                continue
            new.created_at = now
            wanted[_key(new)] = new
    gone = [old.pk for key, old in still_open.items() if key not in wanted]
    ended = [matter.pk for matter in matters if matter.state not in _OWING_STATES]
    if ended:  # nobody has to help on with what has ended; 批示 and what a meeting decided stay owed
        helping = Obligation.objects.filter(matter_id__in=ended, kind=Owed.OBSTACLE, state=OwedState.OPEN)
        gone += helping.values_list("pk", flat=True)
    waive(gone, reason=reason, now=now)
    retitled = []
    for key, new in wanted.items():
        kept = still_open.get(key)
        is_returned = kept is not None and kept.subject_type == _RETURNED
        if kept is not None and not is_returned and (kept.title, kept.subject_id) != (new.title, new.subject_id):
            kept.title, kept.subject_type, kept.subject_id = new.title, new.subject_type, new.subject_id
            retitled.append(kept)
    Obligation.objects.bulk_update(retitled, ["title", "subject_type", "subject_id"])
    Obligation.objects.bulk_create(new for key, new in wanted.items() if key not in still_open)
    for plan in {matter.plan_id: matter.plan for matter in matters}.values():
        _keep_contributions(plan, days=days[plan.pk], now=now, reason=reason)
    facts_changed(ids, now=now)


def keep_nodes(matter: Matter, *, now: datetime) -> None:
    """Meet the nodes a matter's percentage has reached, and owe again those a corrected one has not; two to four
    statements."""
    pct = matter.progress_pct
    expected = dict(Milestone.objects.filter(matter=matter).values_list("pk", "expected_pct"))
    if not expected or matter.state not in _OWING_STATES:
        return
    owed = list(
        Obligation.objects.filter(matter=matter, kind=Owed.MILESTONE, subject_id__in=expected).exclude(
            state=OwedState.WAIVED
        )
    )
    reached = {pk for pk, wanted in expected.items() if pct is not None and pct >= wanted}
    is_open = {one.subject_id for one in owed if one.state == OwedState.OPEN}
    if done := [one.pk for one in owed if one.state == OwedState.OPEN and one.subject_id in reached]:
        Obligation.objects.filter(pk__in=done).update(state=OwedState.MET, met_on=day_of(now), ended_at=now)
    fallen = {one.subject_id: one for one in owed if one.subject_id not in reached | is_open}
    merging = Assignment.objects.filter(matter=matter, is_merging=True, ended_at=None).first() if fallen else None
    if merging is not None:
        for one in fallen.values():
            one.pk, one.state, one.met_on, one.created_at, one.ended_at = None, OwedState.OPEN, None, now, None
            one.assignment, one.unit_id, one.post_id = merging, merging.unit_id, merging.post_id
        Obligation.objects.bulk_create(fallen.values())


def _keep_contributions(plan: Plan, *, days: Sequence[date], now: datetime, reason: str) -> None:
    """Let each supporting unit owe its sheet once a report day, some working days before; three statements.

    Not done: a day that has passed is not asked for after the event.   Source: docs/sources.md#reports (协办)
    """
    today, before = day_of(now), policy_of(plan).reports.support_workdays
    due = {add_workdays(day, -before): day for day in days}
    supporting = set(
        Assignment.objects.filter(
            matter__plan=plan,
            matter__state__in=_OWING_STATES,
            matter__origin=Origin.NOTICE,
            matter__parent=None,
            part=Part.SUPPORT,
            ended_at=None,
        ).values_list("unit_id", flat=True)
    )
    standing = {
        (unit_id, due_on): (pk, state)
        for pk, unit_id, due_on, state in Obligation.objects.filter(plan=plan, kind=Owed.CONTRIBUTION)
        .exclude(state=OwedState.WAIVED)
        .values_list("pk", "unit_id", "due_on", "state")
    }
    wanted = {(unit_id, day) for unit_id in supporting for day in due}
    gone = [pk for key, (pk, state) in standing.items() if key not in wanted and state == OwedState.OPEN]
    if gone:
        waive(gone, reason=reason, now=now)
    Obligation.objects.bulk_create(
        Obligation(
            jurisdiction_id=plan.jurisdiction_id,
            plan=plan,
            unit_id=unit_id,
            kind=Owed.CONTRIBUTION,
            subject_type="report_day",
            subject_id=int(f"{due[day]:%Y%m%d}"),
            title=f"报送{due[day].month}月{due[day].day}日一期的协办情况",
            due_on=day,
            created_at=now,
        )
        for unit_id, day in sorted(wanted - standing.keys())
        if day >= today
    )


def owe(
    unit: Unit,
    *,
    plan: Plan,
    kind: Owed,
    subject: Model,
    title: str,
    due_on: date,
    by: Actor,
    now: datetime,
    matter: Matter | None = None,
) -> Obligation:
    """Let a unit owe something about a thing of a later noun (a kind of OWED_ABOUT_A_THING), once while open.

    Called down by that noun's action in its transaction, whose event tells of it. Owed already, the standing one is
    returned. Raises ValueError for another kind.
    """
    if kind not in OWED_ABOUT_A_THING:
        raise ValueError(kind)
    about = {"subject_type": subject._meta.model_name, "subject_id": subject.pk, "kind": kind}
    standing = Obligation.objects.filter(unit=unit, state=OwedState.OPEN, **about).first()
    return standing or Obligation.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        unit=unit,
        matter=matter,
        title=title[:120],
        due_on=due_on,
        created_at=now,
        **about,
    )


def meet_owed(
    subject: Model,
    *,
    by: Actor,
    now: datetime,
    unit: Unit | None = None,
    met_on: date | None = None,
    kind: Owed | None = None,
) -> int:
    """Mark what is owed about a thing as met: by one unit, or by all; of one kind, or all; return how many. See `owe`.

    met_on: today where None; the day it came on paper, where the office enters it later.
    """
    owed = Obligation.objects.filter(
        subject_type=subject._meta.model_name,
        subject_id=subject.pk,
        kind__in=OWED_ABOUT_A_THING if kind is None else [kind],
        state=OwedState.OPEN,
    )
    mine = owed if unit is None else owed.filter(unit=unit)
    return mine.update(state=OwedState.MET, met_on=met_on or day_of(now), ended_at=now)


def let_go(subject: Model | Sequence[Model], *, reason: str, by: Actor, now: datetime) -> None:
    """Waive what is still owed about a thing, or things of one kind, that need no answer any more. See `owe`."""
    things = [subject] if isinstance(subject, Model) else list(subject)
    owed = Obligation.objects.filter(
        subject_type__in={one._meta.model_name for one in things},
        subject_id__in=[one.pk for one in things],
        kind__in=OWED_ABOUT_A_THING,
    )
    waive(list(owed.values_list("pk", flat=True)), reason=reason, now=now)


_RETURNED = "returned_report"


def meet_report(matter: Matter, *, unit: Unit, report_day: date, met_on: date, by: Actor, now: datetime) -> int:
    """Mark the report a unit owes of a matter for a day as given; return how many were open (0 or 1).

    Called down by the report's own action in its transaction, whose event tells of it. met_on: the day the unit's
    deputy sent it, or the day it came on paper: what the unit could do something about, never the day the office
    entered or accepted it.   Nothing was owed (waived, a second lead's own): nothing changes.
    """
    owed = Obligation.objects.filter(
        matter=matter, unit=unit, kind=Owed.REPORT, due_on=report_day, state=OwedState.OPEN
    )
    met = owed.update(state=OwedState.MET, met_on=met_on, ended_at=now)
    if met:
        facts_changed([matter.pk], now=now)
    return met


def owe_report_again(matter: Matter, *, unit: Unit, report_day: date, by: Actor, now: datetime) -> Obligation | None:
    """Let a unit owe a report again that the office returned, by the same day; None where it never met one.

    What was met stays beside it with its day. Fairness: whether the report was late is read from the row that was met
    first. Who reported in time and is asked to write better is not late by it, however long the office took to read;
    this second row (subject_type “returned_report”, read by no light) says only that something is open again, and a
    return is counted as a return. See `meet_report`.
    """
    rows = Obligation.objects.filter(matter=matter, unit=unit, kind=Owed.REPORT, due_on=report_day)
    met = rows.filter(state=OwedState.MET).order_by("pk").first()
    if met is None or rows.filter(state=OwedState.OPEN).exists():
        return None
    return Obligation.objects.create(
        jurisdiction_id=met.jurisdiction_id,
        plan_id=met.plan_id,
        unit_id=met.unit_id,
        post_id=met.post_id,
        matter_id=met.matter_id,
        assignment_id=met.assignment_id,
        kind=Owed.REPORT,
        subject_type=_RETURNED,
        title="重新报送完成情况",
        due_on=report_day,
        created_at=now,
    )


def meet_contribution(plan: Plan, *, unit_ids: Iterable[int], report_day: date, by: Actor, now: datetime) -> int:
    """Mark the sheets these units owe for a report day as given; return how many were open. See `meet_report`."""
    owed = Obligation.objects.filter(
        plan=plan,
        unit_id__in=list(unit_ids),
        kind=Owed.CONTRIBUTION,
        subject_id=int(f"{report_day:%Y%m%d}"),
        state=OwedState.OPEN,
    )
    return owed.update(state=OwedState.MET, met_on=day_of(now), ended_at=now)


def _is_met(one: Obligation, kind: Owed) -> bool:
    return one.kind == kind and one.state == OwedState.MET


def _key(one: Obligation) -> Key:
    return (one.matter_id or 0, one.unit_id, one.kind, one.due_on)


def _owed(
    matter: Matter, assignments: Sequence[Assignment], milestones: Sequence[Milestone], days: Sequence[date]
) -> list[Obligation]:
    owed: list[Obligation] = []

    def owe(by: Assignment, kind: Owed, title: str, due_on: date, milestone: Milestone | None = None) -> None:
        owed.append(
            Obligation(
                jurisdiction_id=matter.jurisdiction_id,
                plan_id=matter.plan_id,
                unit_id=by.unit_id,
                post_id=by.post_id,
                matter=matter,
                assignment=by,
                kind=kind.value,
                subject_type="milestone" if milestone else "",
                subject_id=milestone.pk if milestone else None,
                title=title[:120],
                due_on=due_on,
            )
        )

    for one in assignments:
        if one.part == Part.LEAD:
            owe(one, Owed.FINAL, "办结", one.due_on or matter.due_on)
        elif one.due_on is not None:
            owe(one, Owed.FINAL, "完成协办任务", one.due_on)
        if one.is_merging:
            for node in milestones:
                owe(one, Owed.MILESTONE, f"{node.title}（应完成 {float(node.expected_pct):g}%）", node.due_on, node)
            if matter.origin == Origin.NOTICE and matter.parent_id is None:
                for day in days:
                    owe(one, Owed.REPORT, "报送完成情况", day)
    return owed


def waive(obligation_ids: Sequence[int], *, reason: str, now: datetime) -> None:
    """Let open obligations go, with the reason."""
    Obligation.objects.filter(pk__in=obligation_ids, state=OwedState.OPEN).update(
        state=OwedState.WAIVED, waived_reason=reason[:200], ended_at=now
    )


def owe_by_units(plan: Plan, unit_ids: Iterable[int], *, now: datetime) -> None:
    """Let units owe their signature, and the names of their contacts where one is missing. Once per unit while open.

    Source: docs/sources.md#reports (签收), docs/sources.md#notice (1 名分管领导 + 1 名联络员)
    """
    today = day_of(now)
    figures = policy_of(plan).assigning
    wanted = set(unit_ids)
    named = set(
        UnitContact.objects.filter(in_force(today), unit_id__in=wanted).values_list("unit_id", "role").distinct()
    )
    lacking = {unit_id for unit_id in wanted if any((unit_id, role.value) not in named for role in ContactRole)}
    rows = [
        Obligation(
            jurisdiction_id=plan.jurisdiction_id,
            plan=plan,
            unit_id=unit_id,
            kind=kind.value,
            title=title[:120],
            due_on=add_workdays(today, workdays),
            created_at=now,
        )
        for kind, title, workdays, units in (
            (Owed.ACKNOWLEDGE, f"签收{plan.title}交办事项", figures.acknowledge_workdays, wanted),
            (Owed.CONTACTS, "明确 1 名分管领导和 1 名联络员", figures.contacts_workdays, lacking),
        )
        for unit_id in sorted(units)
    ]
    Obligation.objects.bulk_create(rows, ignore_conflicts=True)


def meet_signature(plan: Plan, unit_ids: Iterable[int], *, now: datetime) -> None:
    """Mark the signature of units as given where none of their matters waits for it any more."""
    owed = list(
        Obligation.objects.select_for_update().filter(
            plan=plan, unit_id__in=list(unit_ids), kind=Owed.ACKNOWLEDGE, matter=None, state=OwedState.OPEN
        )
    )
    waiting = set(
        Assignment.objects.filter(
            matter__plan=plan, unit_id__in=[one.unit_id for one in owed], acknowledged_at=None, ended_at=None
        )
        .filter(matter__state__in=_OWING_STATES)
        .values_list("unit_id", flat=True)
    )
    done = [one.pk for one in owed if one.unit_id not in waiting]
    Obligation.objects.filter(pk__in=done).update(state=OwedState.MET, met_on=day_of(now), ended_at=now)


@transaction.atomic
def name_contacts(contacts: Sequence[NewContact], *, by: Actor, now: datetime) -> list[UnitContact]:
    """Name liaisons and deputies, and see which units thereby owe no more names. Doors call this one.

    Raises what `orgs.actions.name_contacts` raises.
    """
    rows = name_in_directory(contacts, by=by, now=now)
    _meet_contacts({one.unit.pk for one in contacts}, now=now)
    return rows


def _meet_contacts(unit_ids: set[int], *, now: datetime) -> None:
    """Meet what is owed in names by those of these units that have both contacts, and by the units merged into them."""
    today = day_of(now)
    standing = UnitContact.objects.filter(unit_id__in=unit_ids).filter(in_force(today) | Q(from_on__gt=today))
    named = set(standing.values_list("unit_id", "role"))
    complete = {unit_id for unit_id in unit_ids if all((unit_id, role.value) in named for role in ContactRole)}
    complete = complete.union(*absorbed_by(complete).values())
    Obligation.objects.filter(unit_id__in=complete, kind=Owed.CONTACTS, state=OwedState.OPEN).update(
        state=OwedState.MET, met_on=today, ended_at=now
    )


@transaction.atomic
def merge_units(unit: Unit, *, into: Unit, by: Actor, now: datetime) -> Unit:
    """Let one unit go on in another, whose contacts then answer for both. Returns the survivor. Doors call this one.

    Raises what `orgs.actions.merge_units` raises.
    """
    survivor = merge_in_directory(unit, into=into, by=by, now=now)
    _meet_contacts({survivor.pk}, now=now)
    return survivor


def name_contact(
    unit: Unit, *, role: ContactRole, person: Person | NewPerson, from_on: date, by: Actor, now: datetime
) -> UnitContact:
    """Name a unit's liaison or deputy from a day on; see `name_contacts`."""
    return name_contacts([NewContact(unit, role, person, from_on)], by=by, now=now)[0]


@transaction.atomic
def waive_obligation(obligation: Obligation, *, reason: str, by: Actor, now: datetime) -> Obligation:
    """免除: the office lets something owed go, with a reason. Raises NotAllowed, Invalid, WrongState."""
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=obligation.jurisdiction_id)
    if len(reason.strip()) < 2:
        raise Invalid("请写明免除的理由。", field="reason")
    claimed = Obligation.objects.filter(pk=obligation.pk, state=OwedState.OPEN).update(
        state=OwedState.WAIVED, waived_reason=reason.strip()[:200], ended_at=now
    )
    if not claimed:
        raise WrongState("这件应办事宜已经办结或免除。")
    obligation.refresh_from_db()
    if obligation.matter_id is not None:
        facts_changed([obligation.matter_id], now=now)
    data = {
        "unit": obligation.unit.name,
        "unit_id": obligation.unit_id,
        "due_on": obligation.due_on,
        "reason": reason.strip(),
    }
    record(EventName.OBLIGATION_WAIVED, obligation, by=by, now=now, data=data)
    return obligation


@transaction.atomic
def waive_obligations(obligations: Sequence[Obligation], *, reason: str, by: Actor, now: datetime) -> int:
    """集中免除: the office lets several things owed go, with one reason; all or none. Returns how many.

    Raises NotAllowed, Invalid, WrongState (one was met or waived meanwhile).
    """
    for place in {one.jurisdiction_id for one in obligations}:
        require(by, Permission.CHANGE_APPROVE, jurisdiction_id=place)
    if not obligations:
        raise Invalid("请选择要免除的应办事宜。", field="obligations")
    if len(reason.strip()) < 2:
        raise Invalid("请写明免除的理由。", field="reason")
    ids = [one.pk for one in obligations]
    standing = list(
        Obligation.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, state=OwedState.OPEN)
        .select_related("unit")
        .order_by("pk")
    )
    if len(standing) != len(set(ids)):
        raise WrongState("所选应办事宜中有的刚刚办结或免除，请看后再办。")
    waive(ids, reason=reason.strip(), now=now)
    facts_changed(sorted({one.matter_id for one in standing if one.matter_id is not None}), now=now)
    subjects = [
        subject_of(
            one,
            data={"unit": one.unit.name, "unit_id": one.unit_id, "due_on": one.due_on, "reason": reason.strip()},
        )
        for one in standing
    ]
    record_many(EventName.OBLIGATION_WAIVED, subjects, by=by, now=now)
    return len(standing)
