"""My desk: what waits for the reader's hand; for a unit's people also what it owes, what was decided, how it stands."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from duban.access.models import Account
from duban.access.rules import LEADER_ROLES, Permission, Role, acting_with, may, require
from duban.audit.models import Event
from duban.core import clock
from duban.core.actor import Actor
from duban.core.presence import there_is
from duban.matters.models import Matter, Plan
from duban.matters.queries import Due, OwnPart, current_plan, decisions_since, obligations_of, own_parts
from duban.matters.rules import OPEN_STATES, OWED_LABELS, PART_LABELS, Owed, Part, State
from duban.orgs.models import Post, Unit, UnitContact, in_force
from duban.orgs.rules import ContactRole
from duban.progress.rules import pct_text
from duban.reports.queries import reports_handed_in
from duban.web import (
    bulletins,
    changes,
    closing,
    evaluation,
    instructions,
    interviews,
    letters,
    meetings,
    objections,
    obstacles,
    reports,
    schedule,
)
from duban.web.given import actor_of
from duban.web.matter_history import sentence_of, when_text
from duban.web.waiting import WAITS_LABELS, Waiting, Waits

_LATELY_DAYS = 14
_NEAR_DAYS = 30
"""What is all done is closed rather than reported again, unless a report is due as soon as this."""
_EVENTS_MOST = 200
_NEWS_MOST = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One matter (or one thing the unit owes as a whole): what comes next on it, and the way there."""

    address: str
    serial: str
    text: str
    action: str
    due_on: date
    unit: str
    facts: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines on which the same thing is owed by the same day."""

    due_on: date
    what: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Section:
    """Groups of one stretch of time."""

    name: str
    label: str
    groups: list[Group]

    @property
    def count(self) -> int:
        """How many lines there are."""
        return sum(len(one.lines) for one in self.groups)


@dataclass(frozen=True, slots=True)
class ToSign:
    """A unit that has something to sign for in a plan. address: empty for those who may not sign."""

    address: str
    unit: str
    plan: str
    count: int
    leads: int
    due_on: date | None


@dataclass(slots=True)
class News:
    """One decision, said once for all matters it was taken on together."""

    when: str
    text: str
    details: tuple[str, ...]
    matters: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Units:
    """The units somebody acts for. into: every unit, those merged included, to the one that stands today."""

    into: dict[int, Unit]

    @property
    def standing(self) -> dict[int, Unit]:
        return {one.pk: one for one in self.into.values()}

    @property
    def are_several(self) -> bool:
        return len(self.standing) > 1


def _briefs(actor: Actor) -> list[tuple[int, str]]:
    """Return the leaders' posts the reader holds or serves, for which there is a 专报: (id, title)."""
    own = {post_id for one in actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD) for post_id in one.post_ids}
    if not own:
        return []
    return list(Post.objects.filter(pk__in=own, unit=None).order_by("order", "pk").values_list("pk", "title"))


@require_safe
def my_desk(request: HttpRequest) -> HttpResponse:
    """Everything the reader's units owe, by date, with the next step on each matter one tap away."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.DESK_VIEW)
    actor = acting_with(actor, Permission.DESK_VIEW)  # what waits at the office stands on its morning page
    plan = current_plan(actor, today=today)
    units = _units(actor)
    parts = own_parts(actor, plan=plan)
    owed = obligations_of(actor)
    if any(
        one.kind == Owed.REPORT for one in owed
    ):  # what lies with the unit's deputy is not asked of the writer again
        handed_in = reports_handed_in(set(units.into))
        owed = [one for one in owed if (one.matter_id, one.unit_id, one.due_on) not in handed_in]
    signing = _to_sign(actor, parts=parts, owed=owed, units=units)
    waiting = _waiting(actor, reader=Account.objects.filter(username=request.user.get_username()), today=today)
    decided = {one.address for one in waiting if one.waits is not Waits.ANSWER}
    sections = _sections(actor, parts=parts, owed=owed, units=units, today=today, elsewhere=decided)
    shown = {line.address for one in sections for group in one.groups for line in group.lines}
    waiting = [one for one in waiting if one.address not in shown]  # an answer that is owed stands under its day
    mine = {one.matter_id: one for one in parts if plan is not None and one.plan_id == plan.pk}
    context = {
        "plan": plan,
        "units": list(units.standing.values()),
        "is_several": units.are_several,
        "briefs": _briefs(actor) if plan else [],
        "signing": signing,
        "sections": sections,
        "waiting": _by_reason(waiting),
        "news": _news(actor, matter_ids={one.matter_id for one in parts}, now=clock.now()),
        "lately_days": _LATELY_DAYS,
        "numbers": _numbers(mine.values(), today=today) if plan else [],
        "is_empty": not parts and not owed,
        "has_units": bool(units.into),
        "look_backs": [
            (reverse("look_back", args=[one.pk, today.year, today.month]), one.name)
            for one in units.standing.values()
            if parts and may(actor, Permission.LOOK_BACK, unit_id=one.pk)
        ],
        "month": today.month,
    }
    return render(request, "my_desk/index.html", context)


_NOUNS: dict[str, Any] = {
    "reports": reports,
    "closing": closing,
    "changes": changes,
    "schedules": schedule,
    "obstacles": obstacles,
    "meetings": meetings,
    "instructions": instructions,
    "letters": letters,
    "bulletins": bulletins,
    "objections": objections,
    "evaluation": evaluation,
    "interviews": interviews,
}
"""Nouns of which something may wait for somebody: each says what waits, and cheaply whether anything may."""


def _waiting(actor: Actor, *, reader: QuerySet[Account], today: date) -> list[Waiting]:
    """Return all that waits for the reader; which nouns have nothing is asked of all of them in one statement."""
    there = there_is(reader, {name: noun.may_wait(actor) for name, noun in _NOUNS.items()})
    return [one for name in _NOUNS if name in there for one in _NOUNS[name].waiting(actor, today=today)]


def _by_reason(waiting: Iterable[Waiting]) -> list[tuple[str, list[Waiting]]]:
    """Return what waits under the words for why, what is due or came earliest first."""
    by_reason: dict[Waits, list[Waiting]] = {}
    for one in waiting:
        by_reason.setdefault(one.waits, []).append(one)
    return [
        (label, sorted(by_reason[reason], key=lambda one: (one.due_on or one.since, one.since)))
        for reason, label in WAITS_LABELS.items()
        if reason in by_reason
    ]


def _units(actor: Actor) -> _Units:
    pks = {unit_id for one in actor.held for unit_id in one.unit_ids}
    found = {one.pk: one for one in Unit.objects.filter(pk__in=pks)}
    into = {}
    for pk, unit in found.items():
        while unit.merged_into_id in found:
            unit = found[unit.merged_into_id]
        into[pk] = unit
    return _Units(into)


# ── what is to be signed for ──


def _is_waiting(part: OwnPart) -> bool:
    return not part.is_signed and not part.is_refused and part.state in (State.ASSIGNED, State.IN_PROGRESS)


def _to_sign(actor: Actor, *, parts: Sequence[OwnPart], owed: Sequence[Due], units: _Units) -> list[ToSign]:
    signatures = [one for one in owed if one.kind == Owed.ACKNOWLEDGE]
    due: dict[tuple[int, int], date] = {}
    for one in signatures:
        due.setdefault((units.into[one.unit_id].pk, one.plan_id), one.due_on)
    waiting: dict[tuple[int, int], list[OwnPart]] = {}
    for part in parts:
        if _is_waiting(part):
            waiting.setdefault((units.into[part.unit_id].pk, part.plan_id), []).append(part)
    titles = dict(Plan.objects.filter(pk__in={plan_id for _, plan_id in waiting}).values_list("pk", "title"))
    lines = []
    for (unit_id, plan_id), own in waiting.items():
        unit = units.standing[unit_id]
        is_allowed = may(actor, Permission.MATTER_ACKNOWLEDGE, unit_id=unit_id, jurisdiction_id=unit.jurisdiction_id)
        lines.append(
            ToSign(
                address=f"{reverse('my_sign', args=[unit_id])}?plan={plan_id}" if is_allowed else "",
                unit=unit.name,
                plan=titles[plan_id],
                count=len({one.matter_id for one in own}),
                leads=len({one.matter_id for one in own if one.part == Part.LEAD}),
                due_on=due.get((unit_id, plan_id)),
            )
        )
    return sorted(lines, key=lambda one: (one.due_on or date.max, one.unit))


# ── what is owed ──


def _sections(
    actor: Actor,
    *,
    parts: Sequence[OwnPart],
    owed: Sequence[Due],
    units: _Units,
    today: date,
    elsewhere: Collection[str],
) -> list[Section]:
    """Return what is owed by stretches of time; one line for each matter, at the earliest thing owed on it.

    elsewhere: addresses that stand on the page already.   A matter still to be signed for stands under its signature,
    unless something on it is overdue.
    """
    part_of = {(one.matter_id, one.unit_id): one for one in parts}
    roles = _lacking_roles(units) if any(one.kind == Owed.CONTACTS for one in owed) else {}
    signing = {(one.unit_id, one.plan_id) for one in owed if one.kind == Owed.ACKNOWLEDGE}
    lines: dict[tuple[int, int], list[Due]] = {}
    for one in owed:
        if one.kind in _ABOUT_THINGS:  # asked for by somebody else: a line of its own, signed for or not
            lines[-one.id, units.into[one.unit_id].pk] = [one]
            continue
        own = part_of.get((one.matter_id or 0, one.unit_id))
        if one.kind == Owed.ACKNOWLEDGE or (own is not None and own.is_refused):
            continue
        is_unsigned = (
            (one.unit_id, one.plan_id) in signing if one.kind == Owed.CONTRIBUTION else own and not own.is_signed
        )
        if is_unsigned and one.due_on >= today:
            continue
        subject = one.matter_id or -one.id
        lines.setdefault((subject, units.into[one.unit_id].pk), []).append(one)
    groups: dict[str, dict[tuple[date, str], Group]] = {}
    for dues in lines.values():
        first = dues[0]
        what = OWED_LABELS[Owed(first.kind)]
        unit = units.into[first.unit_id]
        own = part_of.get((first.matter_id or 0, first.unit_id))
        line = _line(actor, dues, part=own, unit=unit, roles=roles, today=today)
        if line.address in elsewhere:
            continue
        of_time = groups.setdefault(_stretch(first.due_on, today=today), {})
        of_time.setdefault((first.due_on, what), Group(first.due_on, what)).lines.append(line)
    return [Section(name, label, list(groups[name].values())) for name, label in _STRETCHES.items() if name in groups]


_STRETCHES = {"late": "已逾期", "week": "本周", "month": "本月", "later": "以后"}


def _stretch(day: date, *, today: date) -> str:
    if day < today:
        return "late"
    if day <= today + timedelta(days=6 - today.weekday()):
        return "week"
    return "month" if (day.year, day.month) == (today.year, today.month) else "later"


def _line(
    actor: Actor,
    dues: Sequence[Due],
    *,
    part: OwnPart | None,
    unit: Unit,
    roles: dict[int, ContactRole],
    today: date,
) -> Line:
    first = dues[0]
    if first.subject_type in _RECTIFIED:
        address = reverse(_RECTIFIED[first.subject_type], args=[first.subject_id, first.unit_id])
        return Line(address, "", first.title, "报整改", first.due_on, unit.name)
    if first.kind in _ABOUT_THINGS:
        page, action = _ABOUT_THINGS[Owed(first.kind)]
        name = page or _PAGE_OF_THING.get(first.subject_type, "")
        about = first.heading or first.text or ""  # 批示 may be about no matter
        return Line(
            address=reverse(name, args=[first.subject_id]) if name else reverse("unit", args=[unit.pk]),
            serial=first.serial or "",
            text=first.title,
            action=action,
            due_on=first.due_on,
            unit=unit.name,
            facts=about[:40],
        )
    if first.matter_id is None:
        address, text = reverse("unit", args=[unit.pk]), first.title
        if first.kind == Owed.CONTACTS and unit.pk in roles:
            address = f"{reverse('contact_name', args=[unit.pk])}?role={roles[unit.pk].value}"
        elif first.kind == Owed.CONTRIBUTION and first.subject_id is not None:
            report_day = datetime.strptime(str(first.subject_id), "%Y%m%d").date()  # noqa: DTZ007
            address = reverse("contributions", args=[unit.pk, report_day.isoformat()])
        return Line(address, "", text, _UNIT_STEPS.get(Owed(first.kind), "查看"), first.due_on, unit.name)
    action, address = _next_step(actor, first, part=part, today=today)
    final = next((one for one in dues[1:] if one.kind == Owed.FINAL), None)
    facts = [
        PART_LABELS[Part(part.part)] if part else "",
        f"进展 {pct_text(first.progress_pct)}" if first.progress_pct is not None else "",
        first.title if first.kind == Owed.MILESTONE else "",
        f"{_short(final.due_on)}办结" if final else "",
    ]
    return Line(
        address=address,
        serial=first.serial,
        text=first.heading or first.text,
        action=action,
        due_on=first.due_on,
        unit=unit.name,
        facts=" · ".join(filter(None, facts)),
    )


_RECTIFIED = {"visit": "visit_rectify"}
"""Where a unit says how it puts right what something found, by what found it."""
_UNIT_STEPS = {Owed.CONTACTS: "去明确", Owed.CONTRIBUTION: "报协办情况"}
_ABOUT_THINGS = {
    Owed.OBSTACLE: ("obstacle", "答复"),
    Owed.DECISION: ("decision", "报落实"),
    Owed.INSTRUCTION: ("instruction", "反馈"),
    Owed.LETTER: ("letter", "答复"),
    Owed.RECTIFY_PLAN: ("", "报方案"),
    Owed.RECTIFIED: ("", "报整改"),
}
"""What is owed about a thing of its own: that thing's page (by the thing where it may be of several kinds), and the
word on the way there."""
_PAGE_OF_THING = {"interview": "interview"}
"""The page of a thing something is owed about, by its table."""


def _next_step(actor: Actor, first: Due, *, part: OwnPart | None, today: date) -> tuple[str, str]:
    """Return the one thing to do next on a matter, and where."""
    matter = reverse("matter", args=[first.matter_id])
    if part is None or (part.state == State.CLOSING and first.kind != Owed.REPORT):
        return "查看", matter

    def allowed(permission: Permission) -> bool:
        return may(actor, permission, unit_id=part.unit_id, jurisdiction_id=first.jurisdiction_id)

    if not part.is_signed:
        return "签收", f"{matter}#steps"
    is_ready = part.is_merging and part.state == State.IN_PROGRESS
    is_done = first.progress_pct == 100 and allowed(Permission.CLOSURE_PREPARE)
    is_last = first.kind == Owed.FINAL and allowed(Permission.CLOSURE_ASK)
    is_far = first.kind == Owed.FINAL or (first.due_on - today).days > _NEAR_DAYS
    if is_ready and (is_last or (is_done and is_far)):
        return "申请销号", reverse("matter_closing", args=[first.matter_id])
    if first.kind == Owed.REPORT and allowed(Permission.REPORT_WRITE):
        return "写报告", reverse("matter_report", args=[first.matter_id, first.due_on.isoformat()])
    if allowed(Permission.PROGRESS_ENTER):
        return "报进展", reverse("matter_progress", args=[first.matter_id])
    return "查看", matter


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _lacking_roles(units: _Units) -> dict[int, ContactRole]:
    """Return for each unit the first contact nobody is named for."""
    pks = list(units.standing)
    named = set(UnitContact.objects.filter(in_force(clock.today()), unit_id__in=pks).values_list("unit_id", "role"))
    lacking: dict[int, ContactRole] = {}
    for pk in pks:
        for role in (ContactRole.DEPUTY, ContactRole.LIAISON):
            if (pk, role.value) not in named:
                lacking.setdefault(pk, role)
    return lacking


# ── what was decided ──


def _news(actor: Actor, *, matter_ids: Iterable[int], now: datetime) -> list[News]:
    """Return the decisions of the last days; one taken on many matters at once is said once."""
    since = now - timedelta(days=_LATELY_DAYS)
    events = decisions_since(actor, matter_ids=matter_ids, since=since, limit=_EVENTS_MOST)
    serials = dict(
        Matter.objects.filter(pk__in={one.matter_id for one in events}).order_by().values_list("pk", "serial")
    )
    told: dict[tuple[Any, ...], News] = {}
    for event in reversed(events):
        one = _said(event)
        key = (event.at, event.name, one.text)
        news = told.setdefault(key, one)
        matter_id = event.matter_id or 0
        news.matters.append((matter_id, f"第{serials[matter_id]}项" if serials.get(matter_id) else "事项"))
    return list(reversed(told.values()))[:_NEWS_MOST]


def _said(event: Event) -> News:
    sentence = sentence_of(event)
    return News(when=when_text(event.at), text=sentence.text, details=sentence.details[:2], matters=[])


# ── in numbers ──


def _numbers(parts: Iterable[OwnPart], *, today: date) -> list[dict[str, Any]]:
    """Return the matters of this year's plan in figures: word, number, the rest of the ledger's address."""
    own = list(parts)
    states = Counter(one.state for one in own)
    late = sum(one.state in OPEN_STATES and one.due_on < today for one in own)
    leads = sum(one.part == Part.LEAD for one in own)
    pending = sum(one.is_refused for one in own)
    shown = [
        ("牵头", leads, f"part={Part.LEAD.value}", ""),
        ("协办", len(own) - leads, f"part={Part.SUPPORT.value}", ""),
        ("待签收", sum(_is_waiting(one) for one in own), "", "warn"),
        ("退回待裁定", pending, "", "warn"),
        ("办理中", states[State.IN_PROGRESS], f"state={State.IN_PROGRESS.value}", ""),
        ("申请销号", states[State.CLOSING], f"state={State.CLOSING.value}", ""),
        ("已销号", states[State.CLOSED], f"state={State.CLOSED.value}", ""),
        ("逾期", late, "late=1", "bad"),
    ]
    always = {"牵头", "协办", "办理中", "已销号"}
    return [
        {"word": word, "number": number, "query": query, "tone": tone if number else ""}
        for word, number, query, tone in shown
        if number or word in always
    ]
