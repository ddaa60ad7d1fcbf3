"""Reads of 提醒: who is told what in a round, whom nobody could be told for; and what each unit was asked (减负账)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Q, Sum

from duban.access.models import Account, Grant
from duban.access.queries import grants_of_role
from duban.access.rules import Role
from duban.audit.models import Event
from duban.audit.rules import EVENT_LABELS, EventName
from duban.closing.models import Closure
from duban.closing.rules import ClosureState
from duban.core.clock import SHANGHAI, day_of
from duban.core.workdays import Workdays
from duban.matters.models import Assignment, Matter, Obligation, Plan
from duban.matters.policy import Figures, Reminders
from duban.matters.queries import NOT_ASKED_NOW, TOLD_TO_UNITS, policy_of
from duban.matters.rules import OPEN_STATES, OWED_ABOUT_A_THING, Owed, OwedState, State, matter_name
from duban.orgs.models import Appointment, Jurisdiction, Person, Unit, UnitContact, in_force
from duban.orgs.rules import ContactRole, PostKind
from duban.outbox.rules import mobile_of
from duban.reminders.models import Digest, DigestPart, Round
from duban.reminders.rules import (
    NEWS_DAYS,
    OVERLAP,
    Burden,
    Item,
    Part,
    asked_as,
    is_mentioned,
    is_pressing,
    item_name,
    met_early_days,
    part_of,
)
from duban.reports.models import Contribution, Report
from duban.reports.rules import ReportState

_ASKED_BY_SOMEBODY = (*OWED_ABOUT_A_THING, Owed.ACKNOWLEDGE, Owed.CONTACTS)
"""What is told of when it comes; the dates that follow from a plan are told of as they draw near."""

_ANSWERED_BY = {
    EventName.CLOSURE_RETURNED: (EventName.CLOSURE_PREPARED, EventName.CLOSURE_ASKED),
    EventName.SCHEDULE_RETURNED: (EventName.SCHEDULE_PROPOSED,),
    EventName.CHANGE_REFUSED: (EventName.CHANGE_ASKED,),
    EventName.REFUSAL_DECIDED: (EventName.MATTER_ACKNOWLEDGED,),
    EventName.EVIDENCE_WITHDRAWN: (EventName.EVIDENCE_ADDED, EventName.OBJECTION_PROVED),
    EventName.CONTRIBUTION_MISSING: (EventName.CONTRIBUTION_GIVEN,),
}
"""What comes back to a unit's hand without being owed anew, and what a unit does that settles it."""

_TOLD_OTHERWISE = (EventName.REPORT_RETURNED, EventName.OBJECTION_DECLINED, EventName.OBJECTION_DECIDED)
_TOLD = tuple(one for one in TOLD_TO_UNITS if one not in _TOLD_OTHERWISE)
"""A returned report is owed again, and told of as such; of an objection a message of its own was sent."""


_RETURNED = "returned_report"
"""How `matters.actions.owe_report_again` marks a report given in time that has to be written again."""


class _Owed(NamedTuple):
    id: int
    unit_id: int
    plan_id: int
    kind: str
    subject_type: str
    title: str
    due_on: date
    created_at: datetime
    post_id: int | None
    matter_id: int | None
    serial: str | None
    heading: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """One digest to be sent. items: in no order that matters to the reader."""

    to: Person | Account
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """All digests of one place and day. unreached: how many things of which unit nobody could be told of."""

    drafts: list[Draft]
    unreached: dict[int, int]


@dataclass(slots=True)
class _Place:
    """Who is who in a place on a day. into: every unit to the one it is part of today."""

    into: dict[int, Unit]
    contacts: dict[tuple[int, str], list[Person]]
    heads: dict[int, list[Person]]
    holders: dict[int, Person]

    def tellers(self, unit_id: int) -> list[Person]:
        """Who is told of everything: the liaison and stand-ins; for want of one the deputy."""
        return self.contacts.get((unit_id, ContactRole.LIAISON.value)) or self.deputies(unit_id)

    def deputies(self, unit_id: int) -> list[Person]:
        return self.contacts.get((unit_id, ContactRole.DEPUTY.value), [])


@dataclass(slots=True)
class _Letterbox:
    """Collects who is told what; the same thing once, however many roles a person has."""

    people: dict[int, Person] = field(default_factory=dict)
    items: dict[int, dict[object, Item]] = field(default_factory=lambda: defaultdict(dict))
    unreached: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def put(self, item: Item, *, to: Iterable[Person], key: object) -> None:
        for person in to:
            self.people[person.pk] = person
            self.items[person.pk].setdefault(key, item)


def last_round(place: Jurisdiction, *, before: date) -> Round | None:
    """Return the last round made in a place before a day."""
    done = Round.objects.filter(jurisdiction=place, day__lt=before, done_at__isnull=False)
    return done.order_by("-day").first()


def told_in(round_: Round | None) -> frozenset[int]:
    """Return the ids of the obligations a round told anybody of; of no round, none. One statement."""
    parts = DigestPart.objects.filter(digest__round=round_).values_list("obligation_ids", flat=True)
    return frozenset(pk for ids in parts for pk in ids) if round_ is not None else frozenset()


def reminders_of(place: Jurisdiction) -> dict[int, Figures]:
    """Return the figures of a place's plans, by plan id, the latest year last. One statement."""
    plans = Plan.objects.filter(jurisdiction=place).select_related("policy").order_by("year", "pk")
    return {plan.pk: policy_of(plan) for plan in plans}


def draft_round(
    place: Jurisdiction,
    *,
    day: date,
    figures: Mapping[int, Figures],
    since: date,
    since_at: datetime,
    told: Collection[int],
    calendar: Workdays,
) -> RoundDraft:
    """Return what everybody in a place is told on a day; a fixed number of statements.

    figures: by plan.   since, since_at: day and moment of the last round; see `rules.is_mentioned`.
    told: what the last round told of: what was made shortly before it and is not among these was committed after it
    had read, and is new today.
    Told of: what is owed and still open, as `Obligation` has it, whatever its kind; what came back or was decided.
    Not told of: what is met, waived, on a suspended matter, being verified, refused and not decided on yet.
    """
    who = _place(place, day=day)
    box = _Letterbox()
    _put_owed(box, place, who, day=day, figures=figures, since=since, since_at=since_at, told=told, calendar=calendar)
    _put_approvals(box, who, since_at=since_at)
    _put_decided(box, place, who, day=day, since_at=since_at)
    drafts = [
        Draft(box.people[pk], tuple(items.values()))
        for pk, items in sorted(box.items.items())
        if any(one.is_asked for one in items.values())
    ]
    unreached = dict(sorted(box.unreached.items()))
    return RoundDraft(_with_office(drafts, place, who, unreached, day=day) if unreached else drafts, unreached)


def standing_units(place: Jurisdiction) -> dict[int, Unit]:
    """Return every unit of a place by id, as the one it is part of today. One statement."""
    units = {one.pk: one for one in Unit.objects.filter(jurisdiction=place).order_by("order", "pk")}
    into = {}
    for pk, unit in units.items():
        while unit.merged_into_id is not None:
            unit = units[unit.merged_into_id]
        into[pk] = unit
    return into


def _place(place: Jurisdiction, *, day: date) -> _Place:
    into = standing_units(place)
    contacts: dict[tuple[int, str], list[Person]] = defaultdict(list)
    named = UnitContact.objects.filter(in_force(day), unit__jurisdiction=place).select_related("person")
    for one in named.order_by("pk"):
        if _is_reached(one.person):
            contacts[one.unit_id, one.role].append(one.person)
    heads: dict[int, list[Person]] = defaultdict(list)
    holders: dict[int, Person] = {}
    kinds = (PostKind.RESPONSIBLE, PostKind.UNIT_HEAD)
    held = Appointment.objects.filter(in_force(day), post__jurisdiction=place, post__kind__in=kinds)
    for term in held.select_related("post", "person").order_by("pk"):
        if not _is_reached(term.person):
            continue
        if term.post.kind == PostKind.RESPONSIBLE:
            holders[term.post_id] = term.person
        elif term.post.unit_id is not None:
            heads[into[term.post.unit_id].pk].append(term.person)
    return _Place(into, contacts, heads, holders)


def _is_reached(person: Person) -> bool:
    """Return whether a person reads messages here, or can be written to at all."""
    return bool(person.account_id or person.email or mobile_of(person.phone))


# ── what is owed ──


def _put_owed(
    box: _Letterbox,
    place: Jurisdiction,
    who: _Place,
    *,
    day: date,
    figures: Mapping[int, Figures],
    since: date,
    since_at: datetime,
    told: Collection[int],
    calendar: Workdays,
) -> None:
    handed_in = set(
        Report.objects.filter(matter__jurisdiction=place, state=ReportState.SUBMITTED).values_list(
            "matter_id", "unit_id", "report_day"
        )
    )
    known: dict[tuple[int, date, bool], bool] = {}  # thousands are due on the same few days
    for one in _owed(place, day=day, figures=figures, since_at=since_at, calendar=calendar):
        own = figures[one.plan_id].reminders
        is_new = one.created_at > since_at or (one.created_at > since_at - OVERLAP and one.id not in told)
        key = (one.plan_id, one.due_on, is_new)
        if key not in known:
            known[key] = is_mentioned(
                one.due_on, day=day, since=None if is_new else since, figures=own, calendar=calendar
            )
        if not known[key] and not (is_new and _is_asked_for(one)):
            continue
        _put_one(box, who, one, own, day=day, is_new=is_new, calendar=calendar, handed_in=handed_in)


def _put_one(
    box: _Letterbox,
    who: _Place,
    one: _Owed,
    figures: Reminders,
    *,
    day: date,
    is_new: bool,
    calendar: Workdays,
    handed_in: Collection[tuple[int, int, date]],
) -> None:
    unit = who.into[one.unit_id]
    item = _item(one, unit, day=day, is_new=is_new, calendar=calendar)
    tellers, pressed = who.tellers(unit.pk), []
    if is_pressing(one.due_on, day=day, figures=figures, calendar=calendar):
        pressed = who.deputies(unit.pk)
        if one.post_id in who.holders:
            pressed = [*pressed, who.holders[one.post_id]]
    if one.kind == Owed.REPORT and (one.matter_id, one.unit_id, one.due_on) in handed_in:
        tellers = []  # the writer has done it; whoever approves it has not
    elif not tellers:
        box.unreached[unit.pk] += 1
    box.put(item, to=[*tellers, *pressed], key=one.id)


def _owed(
    place: Jurisdiction, *, day: date, figures: Mapping[int, Figures], since_at: datetime, calendar: Workdays
) -> list[_Owed]:
    """Return what is owed in a place and due by the farthest day a policy mentions, or came since the last round."""
    farthest = max(max(one.reminders.before_workdays) for one in figures.values())
    near = Q(due_on__lte=calendar.add_workdays(day, farthest + 1)) | Q(created_at__gt=since_at - OVERLAP)
    pending = Q(assignment__refused_at__isnull=False, assignment__refusal_upheld__isnull=True)
    rows = (
        Obligation.objects.filter(near, jurisdiction=place, state=OwedState.OPEN)
        .exclude(NOT_ASKED_NOW)
        .exclude(pending)
        .order_by("due_on", "matter__order", "kind", "pk")
        .values_list(
            "pk", "unit_id", "plan_id", "kind", "subject_type", "title", "due_on", "created_at", "post_id",
            "matter_id", "matter__serial", "matter__title", "matter__text",
        )
    )  # fmt: skip
    return [_Owed(*row) for row in rows]


def _is_returned(one: _Owed) -> bool:
    return one.subject_type == _RETURNED


def _is_asked_for(one: _Owed) -> bool:
    return one.kind in _ASKED_BY_SOMEBODY or _is_returned(one)


def _item(one: _Owed, unit: Unit, *, day: date, is_new: bool, calendar: Workdays) -> Item:
    part = part_of(one.due_on, day=day, calendar=calendar)
    if _is_returned(one) and (is_new or part is Part.OVERDUE):
        part = Part.RETURNED  # given in time and to be written better: that is not overdue
    elif is_new and _is_asked_for(one) and part is Part.LATER:
        part = Part.NEW
    what, name = item_name(
        kind=one.kind, title=one.title, serial=one.serial or "", heading=one.heading or one.text or ""
    )
    return Item(part, unit.pk, unit.name, what, name, due_on=one.due_on, obligation_id=one.id)


# ── what waits to be approved within a unit ──


def _put_approvals(box: _Letterbox, who: _Place, *, since_at: datetime) -> None:
    """Reports go to the unit's deputy, for want of one to its head; what asks for closing goes to the head."""
    units = list(who.into)
    columns = ("pk", "unit_id", "matter__serial", "matter__title", "matter__text")
    reports = Report.objects.filter(unit_id__in=units, state=ReportState.SUBMITTED, submitted_at__gt=since_at)
    for pk, unit_id, serial, heading, text in reports.order_by("report_day", "pk").values_list(*columns):
        unit = who.into[unit_id]
        item = Item(Part.APPROVAL, unit.pk, unit.name, "报告", matter_name(serial=serial, heading=heading or text))
        box.put(item, to=who.deputies(unit.pk) or who.heads.get(unit.pk, []), key=("report", pk))
    closures = Closure.objects.filter(unit_id__in=units, state=ClosureState.PREPARED, prepared_at__gt=since_at)
    for pk, unit_id, serial, heading, text in closures.order_by("pk").values_list(*columns):
        unit = who.into[unit_id]
        name = matter_name(serial=serial, heading=heading or text)
        item = Item(Part.APPROVAL, unit.pk, unit.name, "销号申请", name)
        box.put(item, to=who.heads.get(unit.pk, []), key=("closure", pk))


# ── what came back, what was decided ──


def _put_decided(box: _Letterbox, place: Jurisdiction, who: _Place, *, day: date, since_at: datetime) -> None:
    """Tell each liaison what came back since the last round, and what was decided since that person's last digest.

    What came back is told of by itself; a decision waits for a digest that goes out anyhow. What the unit has dealt
    with meanwhile is not told of.
    """
    horizon = since_at - timedelta(days=NEWS_DAYS)
    replies = {name for names in _ANSWERED_BY.values() for name in names}
    events = list(
        Event.objects.filter(
            name__in={*_TOLD, *replies}, at__gt=horizon, jurisdiction_id=place.pk, matter_id__isnull=False
        ).order_by("at", "pk")
    )
    told = [one for one in events if one.name in _TOLD and not _is_answered(one, events)]
    matters, units = _matters_of(told)
    before = dict(
        Digest.objects.filter(round__jurisdiction=place, round__day__gte=day - timedelta(days=NEWS_DAYS))
        .order_by()
        .values_list("person_id")
        .annotate(Max("round__done_at"))
    )
    for event in told:
        matter = matters.get(event.matter_id or 0)
        if matter is None:
            continue
        is_back = _comes_back(event)
        if is_back and (event.at <= since_at or matter.state == State.SUSPENDED or matter.state not in OPEN_STATES):
            continue
        for unit_id in {who.into[pk].pk for pk in _concerned(event, units[matter.pk]) if pk in who.into}:
            unit = who.into[unit_id]
            name = matter_name(serial=matter.serial, heading=matter.title or matter.text)
            part = Part.RETURNED if is_back else Part.NEWS
            item = Item(part, unit_id, unit.name, EVENT_LABELS[EventName(event.name)], name)
            tellers = who.tellers(unit_id)
            if not is_back:
                tellers = [one for one in tellers if event.at > before.get(one.pk, horizon)]
            box.put(item, to=tellers, key=(event.name, matter.pk, unit_id))


def _comes_back(event: Event) -> bool:
    if event.name == EventName.REFUSAL_DECIDED:
        return not event.data.get("is_upheld")
    return event.name in _ANSWERED_BY


def _is_answered(event: Event, events: Iterable[Event]) -> bool:
    replies = _ANSWERED_BY.get(EventName(event.name), ())
    return any(
        one.name in replies
        and one.matter_id == event.matter_id
        and one.at >= event.at
        and one.pk != event.pk
        and one.data.get("unit_id") in (None, event.data.get("unit_id"))
        for one in events
    )


def _matters_of(events: Iterable[Event]) -> tuple[dict[int, Matter], dict[int, set[int]]]:
    """Return the matters of these events, and the units that have a part in each."""
    ids = {one.matter_id for one in events if one.matter_id}
    matters = Matter.objects.only("serial", "title", "text", "state").in_bulk(ids)
    units: dict[int, set[int]] = defaultdict(set)
    rows = Assignment.objects.filter(matter_id__in=ids, ended_at=None).values_list("matter_id", "unit_id")
    for matter_id, unit_id in rows:
        units[matter_id].add(unit_id)
    return matters, units


def _concerned(event: Event, units: set[int]) -> set[int]:
    """Return the units an event is the business of: those it names, or all that have a part in its matter."""
    if "unit_ids" in event.data:
        return set(event.data["unit_ids"])
    return {event.data["unit_id"]} if "unit_id" in event.data else units


# ── the office ──


def _with_office(
    drafts: list[Draft], place: Jurisdiction, who: _Place, unreached: Mapping[int, int], *, day: date
) -> list[Draft]:
    """Return the drafts with what nobody could be told of, for everybody of the office; who has a digest has one."""
    items = tuple(
        Item(Part.UNREACHED, unit_id, who.into[unit_id].name, "", "")
        for unit_id, count in unreached.items()
        for _ in range(count)
    )
    by_account = {one.to.account_id: one for one in drafts if isinstance(one.to, Person) and one.to.account_id}
    told: dict[int, Draft] = {}
    for grant in _office(place, day=day):
        standing = by_account.pop(grant.account_id, None)
        person = getattr(grant.account, "person", None)
        to = standing.to if standing else person or grant.account
        told[grant.account_id] = Draft(to, (*(standing.items if standing else ()), *items))
    rest = [one for one in drafts if not isinstance(one.to, Person) or one.to.account_id not in told]
    return [*rest, *told.values()]


def _office(place: Jurisdiction, *, day: date) -> list[Grant]:
    grants: dict[int, Grant] = {}
    for role in (Role.OFFICER, Role.OFFICE_HEAD):
        for one in grants_of_role(role, on=day).select_related("account__person"):
            if one.jurisdiction_id in (None, place.pk):
                grants.setdefault(one.account_id, one)
    return list(grants.values())


# ── 减负账 ──

Month = tuple[int, int]
"""(year, month)"""


def burdens(
    place: Jurisdiction,
    *,
    first: date,
    last: date,
    letters: Iterable[tuple[int, date]],
    calendar: Workdays,
    unit_id: int | None = None,
) -> dict[tuple[int, Month], Burden]:
    """Return what was asked of each unit in each month from `first` to `last`, and spared; seven statements.

    By the id of the unit that stands today and the month; one that was asked for nothing is absent.   letters: (unit,
    day) of the letters delivered, which stand beside this room.   unit_id: of one standing unit only.
    The caller has seen that the actor may see them. Every figure is counted from facts: see `rules.Burden`.
    """
    into = standing_units(place)
    own = [pk for pk, unit in into.items() if unit_id is None or unit.pk == unit_id]
    found: dict[tuple[int, Month], Burden] = defaultdict(Burden)

    def count(unit: int, day: date, name: str, number: int = 1) -> None:
        if number and first <= day <= last and unit in into:
            one = found[into[unit].pk, (day.year, day.month)]
            setattr(one, name, getattr(one, name) + number)

    figures = reminders_of(place)
    sheets = _sheets(own)
    farthest = max((max(one.reminders.before_workdays) for one in figures.values()), default=0)
    span = (_start(first), _start(last + timedelta(days=1)))
    near = Q(due_on__range=(first, calendar.add_workdays(last, farthest + 1)))
    near |= Q(subject_type=_RETURNED, created_at__range=span) | Q(kind=Owed.CONTRIBUTION, met_on__range=(first, last))
    owed = Obligation.objects.filter(near, unit_id__in=own).exclude(state=OwedState.WAIVED)
    for unit, plan_id, kind, subject, subject_id, due_on, met_on, at in owed.order_by().values_list(
        "unit_id", "plan_id", "kind", "subject_type", "subject_id", "due_on", "met_on", "created_at"
    ):
        created_on = day_of(at)
        if subject == _RETURNED:
            count(unit, created_on, "again")
            continue
        if kind != Owed.LETTER:
            count(unit, due_on, asked_as(kind))
        if met_on is None:
            continue
        own_figures = figures[plan_id].reminders
        for day in met_early_days(due_on, met_on=met_on, created_on=created_on, figures=own_figures, calendar=calendar):
            count(unit, day, "met_early")
        if kind == Owed.CONTRIBUTION:
            count(unit, met_on, "one_sheet", max(sheets[unit, str(subject_id)] - 1, 0))
    signed = Assignment.objects.filter(unit_id__in=own, acknowledged_at__range=span).order_by()
    for unit, at, number in signed.values_list("unit_id", "acknowledged_at").annotate(Count("pk")):
        count(unit, day_of(at), "one_signature", number - 1)
    sent = Report.objects.filter(unit_id__in=own, first_sent_on__range=(first, last)).order_by()
    for unit, sent_on, basis in sent.values_list("unit_id", "first_sent_on", "basis"):
        if sent_on and basis:
            count(unit, sent_on, "drafted")
    told = DigestPart.objects.filter(unit_id__in=own, digest__round__day__range=(first, last)).order_by()
    for unit, day, number, items in told.values_list("unit_id", "digest__round__day").annotate(
        Count("pk"), Sum("items")
    ):
        count(unit, day, "digests", number)
        count(unit, day, "one_digest", items - number)
    for unit, day in letters:
        if unit in own:
            count(unit, day, "letters")
    return dict(found)


def _sheets(unit_ids: Collection[int]) -> Counter[tuple[int, str]]:
    """Return how many matters stand on each sheet of 协办情况, by unit and report day as obligations name it."""
    given = Contribution.objects.filter(unit_id__in=unit_ids, given_at__isnull=False).order_by()
    rows = given.values_list("unit_id", "report_day").annotate(Count("pk"))
    return Counter({(unit_id, f"{day:%Y%m%d}"): number for unit_id, day, number in rows})


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def newest_round(place: Jurisdiction) -> Round | None:
    """Return the last round made in a place. The caller has seen that the actor may see it."""
    return Round.objects.filter(jurisdiction=place, done_at__isnull=False).order_by("-day").first()
