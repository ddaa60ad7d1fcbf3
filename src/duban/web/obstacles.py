"""Difficulties: raised in two lines from a matter, answered, put to a leader, ended; each has one page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, acting_with, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.models import Assignment, Matter
from duban.matters.queries import MatterPage, ledger_units, matter_for
from duban.matters.rules import CHANNEL_LABELS, OPEN_STATES, PART_LABELS, Channel, Part, State
from duban.obstacles.actions import (
    answer_obstacle,
    close_obstacle,
    escalate_obstacle,
    escalate_overdue,
    press_obstacle,
    raise_obstacle,
)
from duban.obstacles.models import AgendaItem, Obstacle, Round
from duban.obstacles.queries import (
    IN_HAND,
    Hand,
    answer_days,
    decision_days,
    decisions_on,
    hand_to_answer,
    hand_to_press,
    is_late,
    leaders_for,
    long_unanswered,
    obstacle_for,
    obstacles_for,
    obstacles_on,
    rounds_of,
    unanswered,
)
from duban.obstacles.rules import (
    ANSWER_LENGTH,
    CAUSE_LABELS,
    DECISION_STATE_LABELS,
    NEED_LENGTH,
    NOTE_LENGTH,
    OBSTACLE_STATE_LABELS,
    PROBLEM_LENGTH,
    Cause,
    DecisionState,
    ObstacleState,
    is_long_unanswered,
)
from duban.orgs.models import Person, Post, Unit
from duban.orgs.queries import post_holders, units_by_name
from duban.web.given import actor_of, behalf_of, number_of
from duban.web.middleware import STATUS
from duban.web.waiting import Office, Queue, Waiting, Waits, first_of, of_own_units

OBSTACLE_TONES = {
    ObstacleState.OPEN: "warn",
    ObstacleState.ANSWERED: "blue",
    ObstacleState.CLOSED: "plain",
}

DECISION_TONES = {
    DecisionState.OPEN: "warn",
    DecisionState.DONE: "blue",
    DecisionState.ACCEPTED: "plain",
}

CHANNELS = [(one.value, label) for one, label in CHANNEL_LABELS.items()]


def status_of(error: DomainError) -> int:
    """Return the status a refusal is answered with."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


# ---- as lines of lists


@dataclass(frozen=True, slots=True)
class ObstacleLine:
    """One difficulty as a list shows it. due_on: by when an asked unit answers; None where a leader is asked."""

    pk: int
    matter_pk: int
    matter: str
    problem: str
    need: str
    unit: str
    to: str
    state: str
    tone: str
    raised_on: date
    due_on: date | None
    is_open: bool
    is_ripe: bool


def obstacle_lines(obstacles: Sequence[Obstacle], *, today: date) -> list[ObstacleLine]:
    """Return difficulties as lines; two statements, whatever their number.

    is_ripe: unanswered for so long that leaders are asked.
    """
    holders = post_holders({one.to_post_id for one in obstacles if one.to_post_id}, on=today)
    due = answer_days([one.pk for one in obstacles if one.state == ObstacleState.OPEN])
    ripe = {one.pk for one in long_unanswered(obstacles, due=due, today=today)}
    return [
        ObstacleLine(
            pk=one.pk,
            matter_pk=one.matter_id,
            matter=str(one.matter),
            problem=one.problem,
            need=one.need,
            unit=one.unit.name,
            to=addressee_text(one, holders=holders),
            state=OBSTACLE_STATE_LABELS[ObstacleState(one.state)],
            tone=OBSTACLE_TONES[ObstacleState(one.state)],
            raised_on=clock.day_of(one.raised_at),
            due_on=due.get(one.pk),
            is_open=one.state == ObstacleState.OPEN,
            is_ripe=one.pk in ripe,
        )
        for one in obstacles
    ]


def addressee_text(one: Obstacle | Round, *, holders: Mapping[int, Person]) -> str:
    """Return whom something is put to: a unit's name, who holds a leader's post, else the post's title."""
    if isinstance(one, Round) and one.item is not None:
        return f"调度会（{one.item.meeting.title}）"
    if one.to_unit is not None:
        return one.to_unit.name
    if one.to_post is None:
        return ""
    return holders[one.to_post.pk].name if one.to_post.pk in holders else one.to_post.title


def obstacles_panel(actor: Actor, page: MatterPage, *, today: date) -> dict[str, Any]:
    """Return what a matter's page shows of its difficulties, and whether the reader may raise one."""
    matter = page.matter
    found = obstacles_on(actor, matter) if "obstacles" in page.there else []
    for one in found:
        one.matter = matter
    return {
        "lines": obstacle_lines(found, today=today) if found else [],
        "open": sum(one.state != ObstacleState.CLOSED for one in found),
        "may_raise": matter.state in IN_HAND and bool(_parts(actor, matter, assignments=page.assignments)),
    }


def may_wait(actor: Actor) -> QuerySet[Obstacle]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return Obstacle.objects.filter(of_own_units(actor, "unit", "to_unit")).exclude(state=ObstacleState.CLOSED)


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return what waits for the reader: difficulties to answer, and answers to say whether they help."""
    found = []
    for one in obstacles_for(actor).live().exclude(matter__state=State.SUSPENDED):
        is_answered = one.state == ObstacleState.ANSWERED
        hand = hand_to_press(actor, one) if is_answered else hand_to_answer(actor, one)
        if hand is Hand.OWN:
            found.append((one, is_answered))
    due = answer_days([one.pk for one, is_answered in found if not is_answered])
    return [
        Waiting(
            waits=Waits.CONFIRM if is_answered else Waits.ANSWER,
            address=reverse("obstacle", args=[one.pk]),
            action="确认" if is_answered else "答复",
            text=one.problem,
            since=clock.day_of(one.raised_at),
            serial=one.matter.serial,
            note="已答复，看是否解决" if is_answered else f"{one.unit.name}：{one.need}",
            unit=one.unit.name,
            due_on=due.get(one.pk),
        )
        for one, is_answered in found
    ]


def office_queue(office: Office) -> Queue:
    """Return what nobody has answered, the longest overdue first, what is put to leaders after what units owe.

    One statement, one more where leaders are asked.
    """
    today, found = office.today, unanswered(acting_with(office.actor, Permission.MEETING_HOLD))
    late = Count("pk", filter=is_late(today))
    rows, count = first_of(found, *_ASKED, most=office.most, late=late)
    leaders = {one.to_post_id for one in rows if one.to_post_id}
    holders = post_holders(leaders, on=today) if leaders else {}
    lines = []
    for one in rows:
        to = holders[one.to_post_id].name if one.to_post_id in holders else one.to_unit__name or one.to_post__title
        is_ripe = (
            one.answer_due_on is not None
            and one.matter__state in IN_HAND
            and is_long_unanswered(
                one.answer_due_on,
                today=today,
                escalate_workdays=office.figures[one.matter__plan_id].obstacles.escalate_workdays,
            )
        )
        lines.append(
            Waiting(
                waits=Waits.DECIDE,
                address=reverse("obstacle", args=[one.pk]),
                action="提请领导" if is_ripe else "协调",
                text=one.problem,
                since=clock.day_of(one.raised_at),
                serial=one.matter__serial,
                note=f"由{to}答复：{one.need}",
                unit=one.unit__name,
                due_on=one.answer_due_on,
            )
        )
    number = rows[0].late if rows else 0
    return Queue(lines, count, (("协调", reverse("coordination")),), note=f"其中逾期 {number} 件" if number else "")


_ASKED = (
    "problem", "need", "raised_at", "matter__plan_id", "matter__state", "matter__serial", "unit__name", "to_unit__name",
    "to_post_id", "to_post__title", "answer_due_on",
)  # fmt: skip


# ---- whom it may be put to


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to put a difficulty. note: why it is offered."""

    value: str
    name: str
    note: str


def _choices(matter: Matter, *, raiser: int | None, today: date, first: Obstacle | None = None) -> list[Choice]:
    """Return whom a difficulty may be put to, the likeliest first: its addressee so far, the lead, the leaders."""
    leaders = leaders_for([matter.pk])[matter.pk]
    holders = post_holders([one.pk for one in leaders], on=today)
    found: dict[str, Choice] = {}
    if first is not None and first.to_unit is not None:
        found[f"unit-{first.to_unit_id}"] = Choice(f"unit-{first.to_unit_id}", first.to_unit.name, "仍由其答复")
    leads = Assignment.objects.filter(matter=matter, is_merging=True, ended_at=None).select_related("unit")
    for one in leads:
        if one.unit_id != raiser:
            found.setdefault(f"unit-{one.unit_id}", Choice(f"unit-{one.unit_id}", one.unit.name, "牵头单位"))
    for post in leaders:
        name = holders[post.pk].name if post.pk in holders else post.title
        found[f"post-{post.pk}"] = Choice(f"post-{post.pk}", name, post.title if name != post.title else "领导")
    return list(found.values())


def _addressee(posted: QueryDict, matter: Matter) -> Unit | Post:
    """Return whom a form puts a difficulty to. Raises Invalid."""
    kind, _, number = posted.get("to", "").partition("-")
    if kind == "other":
        typed = posted.get("other", "").strip()
        unit = units_by_name(matter.plan.jurisdiction).find(typed) if typed else None
        if unit is None:
            said = f"没有找到“{typed[:30]}”，请从提示中选择。" if typed else "请写明是哪个单位。"
            raise Invalid(said, field="other")
        return unit
    place = matter.jurisdiction_id
    found: Unit | Post | None = None
    if kind == "unit":
        found = Unit.objects.filter(pk=number_of(number), jurisdiction=place).first()
    if kind == "post":
        found = Post.objects.filter(pk=number_of(number), jurisdiction=place).first()
    if found is None:
        raise Invalid("请选择向谁提出。", field="to")
    return found


# ---- raising


def _parts(actor: Actor, matter: Matter, *, assignments: Iterable[Assignment]) -> list[Assignment]:
    """Return the parts of units the actor may raise for, own ones first, leads last: the lead seldom needs help."""
    place = matter.jurisdiction_id
    found = [
        one
        for one in assignments
        if one.ended_at is None and may(actor, Permission.OBSTACLE_RAISE, unit_id=one.unit_id, jurisdiction_id=place)
    ]
    return sorted(found, key=lambda one: (not one.is_merging, one.part != Part.LEAD, one.order, one.pk))


@require_http_methods(["GET", "POST"])
def matter_obstacle(request: HttpRequest, pk: int) -> HttpResponse:
    """Two lines and whom they are put to; the lead (for the lead: its leader) is chosen already."""
    actor, today = actor_of(request), clock.today()
    matter = matter_for(actor, pk)
    require(actor, Permission.OBSTACLE_RAISE, jurisdiction_id=matter.jurisdiction_id)
    assignments = list(Assignment.objects.filter(matter=matter, ended_at=None).select_related("unit"))
    parts = _parts(actor, matter, assignments=assignments)
    if not parts and any(one.unit_ids for one in actor.held):
        raise NotAllowed("本单位不在这件事项的责任单位中。")
    wanted = number_of(request.POST.get("unit") or request.GET.get("unit"))
    part = next((one for one in parts if one.unit_id == wanted), None)
    if wanted and part is None:
        raise NotFound
    part = part or (parts[0] if parts else None)
    is_own = part is not None and any(part.unit_id in one.unit_ids for one in actor.held)
    choices = _choices(matter, raiser=part.unit_id if part else None, today=today)
    given = {"to": choices[0].value if choices else "other", "channel": Channel.TELEPHONE.value}
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in request.POST}
        try:
            if part is None:
                raise Invalid("这件事项还没有责任单位，不能提出困难问题。")
            obstacle = raise_obstacle(
                matter,
                unit=part.unit,
                problem=request.POST.get("problem", ""),
                need=request.POST.get("need", ""),
                to=_addressee(request.POST, matter),
                by=actor,
                now=clock.now(),
                behalf=None if is_own else behalf_of(request.POST),
            )
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "已提出，对方答复后请确认是否解决。")
            return redirect("obstacle", obstacle.pk)
    context = {
        "matter": matter,
        "part": part,
        "parts": [(one.unit_id, f"{one.unit.name}（{PART_LABELS[Part(one.part)]}）") for one in parts],
        "is_own": is_own,
        "is_in_hand": matter.state in IN_HAND,
        "choices": choices,
        "units": ledger_units(matter.plan, actor=actor),
        "channels": CHANNELS,
        "lengths": {"problem": PROBLEM_LENGTH, "need": NEED_LENGTH},
        "given": given,
        "problem": problem,
        "field": field,
    }
    return render(request, "obstacles/new.html", context, status=status)


# ---- one difficulty


@require_safe
def obstacle(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked and answered, and the one thing that comes next."""
    return _show(request, obstacle_for(actor_of(request), pk))


@require_POST
def obstacle_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Answer, say that it is not solved, ask a leader, or end it; what is wrong is said on the form."""
    actor = actor_of(request)
    found = obstacle_for(actor, pk)
    seen = number_of(request.POST.get("round"))
    if step not in _DONE:
        raise NotFound
    try:
        if seen and seen != found.round_no:
            raise WrongState("这个困难问题刚刚已转由他人答复，请看现在的情况。")
        _take(step, found, posted=request.POST, actor=actor)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(request, obstacle_for(actor, pk), step=step, refusal=error)
    messages.success(request, _DONE[step])
    return redirect("obstacle", pk)


_DONE = {
    "answer": "已答复，由提出的单位确认是否解决。",
    "unsolved": "已再次提出。",
    "escalate": "已提请领导协调。",
    "close": "已销结。",
}


def _take(step: str, found: Obstacle, *, posted: QueryDict, actor: Actor) -> None:
    now = clock.now()
    if step == "answer":
        is_own = hand_to_answer(actor, found) is Hand.OWN
        behalf = None if is_own else behalf_of(posted)
        answer_obstacle(found, answer=posted.get("answer", ""), by=actor, now=now, behalf=behalf)
    elif step == "unsolved":
        to = _addressee(posted, found.matter)
        press_obstacle(found, to=to, note=posted.get("note", ""), by=actor, now=now)
    elif step == "escalate":
        leader = _addressee(posted, found.matter) if posted.get("to") else None
        if isinstance(leader, Unit):
            raise Invalid("请选择一位领导。", field="to")
        escalate_obstacle(found, to=leader, note=posted.get("note", ""), by=actor, now=now)
    else:
        close_obstacle(found, note=posted.get("note", ""), by=actor, now=now)


def _show(request: HttpRequest, found: Obstacle, *, step: str = "", refusal: DomainError | None = None) -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    rounds = list(rounds_of(found))
    holders = post_holders({one.to_post_id for one in rounds if one.to_post_id}, on=today)
    due = answer_days([found.pk])
    answers, presses = hand_to_answer(actor, found), hand_to_press(actor, found)
    is_over = found.matter.state not in OPEN_STATES
    is_in_hand = found.matter.state in IN_HAND
    is_open, is_answered = found.state == ObstacleState.OPEN, found.state == ObstacleState.ANSWERED
    choices = _choices(found.matter, raiser=found.unit_id, today=today, first=found) if presses else []
    decided = decisions_on(found)
    days = decision_days([each.pk for one in decided for each in one.decisions.all()])
    context = {
        "obstacle": found,
        "matter": found.matter,
        "sees_matter": Matter.objects.visible_to(actor).filter(pk=found.matter_id).exists(),
        "to": addressee_text(found, holders=holders),
        "state": OBSTACLE_STATE_LABELS[ObstacleState(found.state)],
        "tone": OBSTACLE_TONES[ObstacleState(found.state)],
        "is_open": is_open,
        "is_answered": is_answered,
        "is_closed": found.state == ObstacleState.CLOSED,
        "is_over": is_over,
        "due_on": due.get(found.pk),
        "is_ripe": bool(long_unanswered([found], due=due, today=today)),
        "decided": [_decided(one, days=days) for one in decided],
        "rounds": [_told(one, holders=holders, last=found.round_no) for one in rounds],
        "answers": answers.value if answers and is_open and not is_over else "",
        "settles": presses.value if presses and is_answered and not is_over else "",
        "may_press": bool(presses) and is_answered and is_in_hand,
        "leaders": [one for one in choices if one.value.startswith("post-")]
        if presses and is_open and is_in_hand and found.to_unit_id
        else [],
        "ends": presses.value if presses and is_open and not is_over else "",
        "choices": choices,
        "units": ledger_units(found.matter.plan, actor=actor) if presses and is_answered else (),
        "channels": CHANNELS,
        "answer_length": ANSWER_LENGTH,
        "note_length": NOTE_LENGTH,
        "given": {name: request.POST.get(name, "") for name in request.POST} or {"channel": Channel.TELEPHONE.value},
        "step": step,
        "problem": refusal.message if refusal else "",
        "field": (refusal.field or "") if refusal else "",
    }
    return render(request, "obstacles/obstacle.html", context, status=status_of(refusal) if refusal else 200)


def _told(one: Round, *, holders: Mapping[int, Person], last: int) -> dict[str, Any]:
    answered_by = one.answered_by_name
    if one.channel:
        answered_by = f"{one.informant}（{CHANNEL_LABELS[Channel(one.channel)]}，{answered_by}代录）"
    return {
        "at": one.asked_at.astimezone(clock.SHANGHAI),
        "cause": CAUSE_LABELS[Cause(one.cause)],
        "by": one.asked_by_name,
        "to": addressee_text(one, holders=holders),
        "note": one.note,
        "answer": one.answer,
        "answered_by": answered_by,
        "answered_at": one.answered_at.astimezone(clock.SHANGHAI) if one.answered_at else None,
        "is_overtaken": not one.answer and one.number < last,
    }


def _decided(one: AgendaItem, *, days: Mapping[int, date]) -> dict[str, Any]:
    """Return what a meeting decided on a difficulty, and how each unit is with it."""
    return {
        "meeting": one.meeting.title,
        "on": one.meeting.starts_at.astimezone(clock.SHANGHAI),
        "decision": one.decision,
        "units": [
            {
                "name": each.unit.name,
                "state": DECISION_STATE_LABELS[DecisionState(each.state)],
                "tone": DECISION_TONES[DecisionState(each.state)],
                "due_on": days.get(each.pk),
                "is_open": each.state == DecisionState.OPEN,
            }
            for each in one.decisions.all()
        ],
    }


@require_POST
def obstacles_escalate(request: HttpRequest) -> HttpResponse:
    """Put to the leaders whatever units left unanswered for too long."""
    count = escalate_overdue(clock.today(), by=actor_of(request), now=clock.now())
    messages.success(request, f"已将 {count} 个逾期未答复的提请领导协调。" if count else "没有需要提请领导协调的。")
    return redirect("coordination")
