"""调度会: called with its agenda, held with decisions, printed; each decision has a page where its unit answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from duban.core.workdays import add_workdays
from duban.matters.models import Matter, Plan
from duban.matters.queries import current_plan, ledger_units, policy_of
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.obstacles.actions import (
    Agenda,
    Decided,
    accept_decision,
    call_meeting,
    cancel_meeting,
    change_meeting,
    finish_decision,
    hold_meeting,
    return_decision,
)
from duban.obstacles.models import AgendaItem, Decision, DecisionReply, Meeting
from duban.obstacles.queries import (
    Hand,
    OnOffer,
    agenda_of,
    decision_days,
    decision_for,
    decisions_done,
    decisions_for,
    decisions_waiting,
    hand_to_finish,
    meeting_for,
    meetings_for,
    obstacles_on_offer,
    replies_of,
)
from duban.obstacles.rules import (
    DECISION_LENGTH,
    DECISION_STATE_LABELS,
    DONE_LENGTH,
    ITEM_LENGTH,
    MEETING_STATE_LABELS,
    NOTE_LENGTH,
    PLACE_LENGTH,
    TITLE_LENGTH,
    DecisionState,
    MeetingState,
)
from duban.orgs.models import Post
from duban.orgs.queries import post_holders
from duban.orgs.rules import PostKind
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.obstacles import CHANNELS, DECISION_TONES, status_of
from duban.web.unit_choice import typed_units
from duban.web.waiting import Office, Queue, Waiting, Waits, first_of, of_own_units

MEETING_TONES = {MeetingState.CALLED: "warn", MeetingState.HELD: "plain", MeetingState.CANCELLED: "over"}
_PAGE_ROWS = 50
_OWN_ITEMS = 3
"""Lines offered for items of the office's own."""


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One meeting as a list shows it."""

    pk: int
    title: str
    at: datetime
    place: str
    chair: str
    state: str
    tone: str


def meeting_lines(meetings: Sequence[Meeting], *, today: date) -> list[MeetingLine]:
    """Return meetings as lines; one statement more, whatever their number."""
    holders = post_holders({one.chair_id for one in meetings}, on=today)
    return [
        MeetingLine(
            pk=one.pk,
            title=one.title,
            at=one.starts_at.astimezone(clock.SHANGHAI),
            place=one.place,
            chair=holders[one.chair_id].name if one.chair_id in holders else one.chair.title,
            state=MEETING_STATE_LABELS[MeetingState(one.state)],
            tone=MEETING_TONES[MeetingState(one.state)],
        )
        for one in meetings
    ]


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One unit's decision as a list shows it."""

    pk: int
    decision: str
    unit: str
    meeting: str
    matter: str
    state: str
    tone: str
    due_on: date | None
    is_open: bool


def decision_lines(decisions: Sequence[Decision]) -> list[DecisionLine]:
    """Return decisions as lines; one statement more, whatever their number."""
    due = decision_days([one.pk for one in decisions])
    return [
        DecisionLine(
            pk=one.pk,
            decision=one.item.decision,
            unit=one.unit.name,
            meeting=one.item.meeting.title,
            matter=str(one.item.obstacle.matter) if one.item.obstacle is not None else "",
            state=DECISION_STATE_LABELS[DecisionState(one.state)],
            tone=DECISION_TONES[DecisionState(one.state)],
            due_on=due.get(one.pk),
            is_open=one.state == DecisionState.OPEN,
        )
        for one in decisions
    ]


def may_wait(actor: Actor) -> QuerySet[Decision]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return Decision.objects.filter(of_own_units(actor, "unit")).exclude(state=DecisionState.ACCEPTED)


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return what waits for the reader: decisions the own unit has to carry out."""
    found = decisions_waiting(actor)
    due = decision_days([one.pk for one in found])
    return [_waits(one, Waits.ANSWER, "报落实", due_on=due.get(one.pk)) for one in found]


def office_queue(office: Office) -> Queue:
    """Return the decisions units say they have carried out, for the office to look at. One statement."""
    about = ("decision", "meeting__title", "meeting__starts_at", "obstacle__matter__serial")
    columns = ("unit__name", *(f"item__{one}" for one in about))
    rows, count = first_of(decisions_done(office.actor), *columns, most=office.most)
    lines = [
        Waiting(
            waits=Waits.CONFIRM,
            address=reverse("decision", args=[one.pk]),
            action="核",
            text=one.item__decision,
            since=clock.day_of(one.item__meeting__starts_at),
            serial=one.item__obstacle__matter__serial or "",
            note=one.item__meeting__title,
            unit=one.unit__name,
        )
        for one in rows
    ]
    return Queue(lines, count, (("调度会", reverse("meetings")),))


def _waits(one: Decision, waits: Waits, action: str, *, due_on: date | None = None) -> Waiting:
    obstacle = one.item.obstacle
    return Waiting(
        waits=waits,
        address=reverse("decision", args=[one.pk]),
        action=action,
        text=one.item.decision,
        since=clock.day_of(one.item.meeting.starts_at),
        serial=obstacle.matter.serial if obstacle is not None else "",
        note=one.item.meeting.title,
        unit=one.unit.name,
        due_on=due_on,
    )


# ---- the list


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings the reader may see, and how what they decided is carried out; a unit's own decisions."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.MATTER_VIEW)
    page = Paginator(meetings_for(actor), _PAGE_ROWS).get_page(request.GET.get("page"))
    undone = list(decisions_for(actor).exclude(state=DecisionState.ACCEPTED))
    context = {
        "lines": meeting_lines(list(page), today=today),
        "page": page,
        "decisions": decision_lines(undone),
        "may_call": may(actor, Permission.MEETING_HOLD),
    }
    return render(request, "meetings/index.html", context)


# ---- calling and changing one


@require_http_methods(["GET", "POST"])
def meeting_new(request: HttpRequest) -> HttpResponse:
    """Choose who chairs; the chair's open difficulties are then ticked, others may be, and items of one's own added."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.MEETING_HOLD)
    plan = current_plan(actor, today=today)
    if plan is None:
        raise NotFound("还没有年度台账。")
    chair = _chair(plan, number_of(request.POST.get("chair") or request.GET.get("chair")))
    offered = obstacles_on_offer(actor, chair=chair) if chair is not None else []
    values: dict[str, Any] = {
        "title": "",
        "starts_at": f"{add_workdays(today, 1).isoformat()}T09:00",
        "place": "",
        "obstacles": {one.obstacle.pk for one in offered if one.is_chairs and not one.on_agenda},
        "items": [],
    }
    refusal: DomainError | None = None
    if request.method == "POST":
        values = _typed(request.POST)
        try:
            agenda = _agenda(request.POST, chair=chair, offered=offered)
            done = call_meeting(plan, agenda=agenda, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            refusal = error
        else:
            messages.success(request, "调度会已安排。")
            return redirect("meeting", done.pk)
    context: dict[str, Any] = {"meeting": None, "version": 0, "theirs": []}
    return _form(request, plan, chair=chair, offered=offered, values=values, refusal=refusal, context=context)


@require_http_methods(["GET", "POST"])
def meeting_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a meeting before it is held; who comes second sees both versions and decides."""
    actor = actor_of(request)
    found = meeting_for(actor, pk)
    require(actor, Permission.MEETING_HOLD, jurisdiction_id=found.jurisdiction_id)
    if found.state != MeetingState.CALLED:
        raise WrongState("调度会已经召开或取消，不能再改。")
    items = agenda_of(found)
    chair = _chair(found.plan, number_of(request.POST.get("chair") or request.GET.get("chair"))) or found.chair
    offered = obstacles_on_offer(actor, chair=chair, besides=found)
    stands = {
        "title": found.title,
        "starts_at": found.starts_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M"),
        "place": found.place,
        "obstacles": {one.obstacle_id for one in items if one.obstacle_id},
        "items": [one.title for one in items if one.title],
    }
    values, version = stands, found.version
    refusal: DomainError | None = None
    theirs: list[tuple[str, str]] = []
    if request.method == "POST":
        values, seen = _typed(request.POST), number_of(request.POST.get("version"))
        try:
            agenda = _agenda(request.POST, chair=chair, offered=offered)
            change_meeting(found, version=seen, agenda=agenda, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except Conflict as conflict:
            refusal, theirs = conflict, _differing(stands, values, items=items)
        except DomainError as error:
            refusal, version = error, seen
        else:
            messages.success(request, "调度会安排已保存。")
            return redirect("meeting", pk)
    context = {"meeting": found, "version": version, "theirs": theirs}
    return _form(request, found.plan, chair=chair, offered=offered, values=values, refusal=refusal, context=context)


def _form(
    request: HttpRequest,
    plan: Plan,
    *,
    chair: Post | None,
    offered: Sequence[OnOffer],
    values: Mapping[str, Any],
    refusal: DomainError | None,
    context: dict[str, Any],
) -> HttpResponse:
    posts = list(_chairs(plan))
    holders = post_holders([one.pk for one in posts], on=clock.today())
    lines = [
        {
            "pk": one.obstacle.pk,
            "problem": one.obstacle.problem,
            "need": one.obstacle.need,
            "unit": one.obstacle.unit.name,
            "matter": str(one.obstacle.matter),
            "is_chairs": one.is_chairs,
            "on_agenda": one.on_agenda,
            "is_ticked": one.obstacle.pk in values["obstacles"],
        }
        for one in offered
    ]
    own = [*values["items"], *[""] * _OWN_ITEMS]
    context |= {
        "chair": chair,
        "chairs": [(one.pk, holders[one.pk].name if one.pk in holders else one.title, one.title) for one in posts],
        "chairs_own": [one for one in lines if one["is_chairs"]],
        "others": [one for one in lines if not one["is_chairs"]],
        "is_others_open": any(one["is_ticked"] for one in lines if not one["is_chairs"]),
        "values": values,
        "own_items": own[: max(_OWN_ITEMS, len(values["items"]) + 1)],
        "lengths": {"title": TITLE_LENGTH, "place": PLACE_LENGTH, "item": ITEM_LENGTH},
        "problem": refusal.message if refusal else "",
        "field": (refusal.field or "") if refusal else "",
    }
    return render(request, "meetings/edit.html", context, status=status_of(refusal) if refusal else 200)


def _chairs(plan: Plan) -> QuerySet[Post]:
    kinds = (PostKind.LEADER, PostKind.GOVERNMENT_HEAD)
    return Post.objects.filter(jurisdiction=plan.jurisdiction_id, kind__in=kinds, unit=None).order_by("order", "pk")


def _chair(plan: Plan, pk: int) -> Post | None:
    return next((one for one in _chairs(plan) if one.pk == pk), None)


def _typed(posted: QueryDict) -> dict[str, Any]:
    return {
        "title": posted.get("title", ""),
        "starts_at": posted.get("starts_at", ""),
        "place": posted.get("place", ""),
        "obstacles": {number_of(one) for one in posted.getlist("obstacle")},
        "items": [one for one in posted.getlist("item") if one.strip()],
    }


def _agenda(posted: QueryDict, *, chair: Post | None, offered: Sequence[OnOffer]) -> Agenda:
    """Return what a form calls a meeting with. Raises Invalid."""
    if chair is None:
        raise Invalid("请选择主持的领导。", field="chair")
    values = _typed(posted)
    try:
        at = parse_datetime(values["starts_at"])
    except ValueError:
        at = None
    if at is None:
        raise Invalid("请填写会议时间，如 2020-02-10 09:00。", field="starts_at")
    known = {one.obstacle.pk: one.obstacle for one in offered}
    if values["obstacles"] - known.keys():
        raise Invalid("有的困难问题刚刚已经销结，请重新选择。", field="obstacles")
    return Agenda(
        title=values["title"],
        starts_at=at if at.tzinfo else at.replace(tzinfo=clock.SHANGHAI),
        place=values["place"],
        chair=chair,
        obstacles=[one for pk, one in known.items() if pk in values["obstacles"]],
        items=values["items"],
    )


def _differing(
    stands: Mapping[str, Any], mine: Mapping[str, Any], *, items: Sequence[AgendaItem]
) -> list[tuple[str, str]]:
    """Return what stands now where it differs from what was typed."""
    shown = {
        "title": ("会议名称", stands["title"]),
        "starts_at": ("时间", stands["starts_at"].replace("T", " ")),
        "place": ("地点", stands["place"]),
        "obstacles": (
            "困难问题",
            "；".join(one.obstacle.problem for one in items if one.obstacle is not None) or "无",
        ),
        "items": ("其他议题", "；".join(stands["items"]) or "无"),
    }
    return [shown[name] for name in shown if stands[name] != mine[name]]


# ---- one meeting


@require_safe
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """When, where, who chairs, the agenda; once held, what was decided and how each unit is with it."""
    found = meeting_for(actor_of(request), pk)
    return _show(request, found)


def _show(request: HttpRequest, found: Meeting, *, refusal: DomainError | None = None) -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    is_office = may(actor, Permission.MEETING_HOLD, jurisdiction_id=found.jurisdiction_id)
    is_called = found.state == MeetingState.CALLED
    context = {
        "meeting": found,
        "line": meeting_lines([found], today=today)[0],
        "items": _items(found, actor=actor),
        "is_called": is_called,
        "is_held": found.state == MeetingState.HELD,
        "may_change": is_office and is_called,
        "may_hold": is_office and is_called and clock.day_of(found.starts_at) <= today,
        "note_length": NOTE_LENGTH,
        "given": {name: request.POST.get(name, "") for name in request.POST},
        "problem": refusal.message if refusal else "",
    }
    return render(request, "meetings/meeting.html", context, status=status_of(refusal) if refusal else 200)


def _items(found: Meeting, *, actor: Actor | None = None) -> list[dict[str, Any]]:
    """Return the agenda as pages show it, with decisions, their units and days."""
    items = agenda_of(found)
    due = decision_days([each.pk for one in items for each in one.decisions.all()])
    seen = (
        set(
            Matter.objects.visible_to(actor).filter(obstacles__agenda_items__meeting=found).values_list("pk", flat=True)
        )
        if actor is not None
        else set()
    )
    return [
        {
            "pk": one.pk,
            "number": number,
            "title": one.title or (one.obstacle.problem if one.obstacle is not None else ""),
            "need": one.obstacle.need if one.obstacle is not None else "",
            "unit": one.obstacle.unit.name if one.obstacle is not None else "",
            "matter": one.obstacle.matter if one.obstacle is not None else None,
            "sees_matter": one.obstacle is not None and one.obstacle.matter_id in seen,
            "obstacle_pk": one.obstacle_id,
            "decision": one.decision,
            "units": [
                {
                    "pk": each.pk,
                    "name": each.unit.name,
                    "state": DECISION_STATE_LABELS[DecisionState(each.state)],
                    "tone": DECISION_TONES[DecisionState(each.state)],
                    "due_on": due.get(each.pk),
                    "is_open": each.state == DecisionState.OPEN,
                }
                for each in one.decisions.all()
            ],
            "proposed": one.obstacle.to_unit.name if one.obstacle is not None and one.obstacle.to_unit else "",
        }
        for number, one in enumerate(items, start=1)
    ]


@require_POST
def meeting_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a meeting, with the reason."""
    actor = actor_of(request)
    found = meeting_for(actor, pk)
    try:
        cancel_meeting(found, reason=request.POST.get("reason", ""), by=actor, now=clock.now())
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(request, meeting_for(actor, pk), refusal=error)
    messages.success(request, "调度会已取消，议题可以列入别的会议。")
    return redirect("meeting", pk)


@require_safe
def meeting_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda on paper before the meeting; after it what was decided (议定事项)."""
    actor, today = actor_of(request), clock.today()
    found = meeting_for(actor, pk)
    items = _items(found)
    is_held = found.state == MeetingState.HELD
    context = {
        "meeting": found,
        "line": meeting_lines([found], today=today)[0],
        "items": [one for one in items if one["decision"]] if is_held else items,
        "left": [one for one in items if not one["decision"]] if is_held else [],
        "is_held": is_held,
        "place": found.plan.jurisdiction.name,
    }
    return render(request, "meetings/print.html", context)


@require_http_methods(["GET", "POST"])
def meeting_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what was decided on each item, by which units, by when; what stays empty was not decided."""
    actor, today = actor_of(request), clock.today()
    found = meeting_for(actor, pk)
    require(actor, Permission.MEETING_HOLD, jurisdiction_id=found.jurisdiction_id)
    items = _items(found)
    due = add_workdays(today, policy_of(found.plan).obstacles.answer_workdays).isoformat()
    typed = {
        one["pk"]: {"decision": "", "units": one["proposed"], "due": due, "proposed": one["proposed"]} for one in items
    }
    problem, field, status = "", "", 200
    if request.method == "POST":
        for one in items:
            typed[one["pk"]] |= {
                name: request.POST.get(f"{name}-{one['pk']}", "") for name in ("decision", "units", "due")
            }
        try:
            minutes = [_decided(pk, one, plan=found.plan, today=today) for pk, one in typed.items()]
            hold_meeting(found, minutes=minutes, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "议定事项已交办各单位。")
            return redirect("meeting", pk)
    context = {
        "meeting": found,
        "line": meeting_lines([found], today=today)[0],
        "is_called": found.state == MeetingState.CALLED,
        "rows": [{**one, "typed": typed[one["pk"]], "key": str(one["pk"])} for one in items],
        "units": ledger_units(found.plan, actor=actor),
        "decision_length": DECISION_LENGTH,
        "problem": problem,
        "field": field,
    }
    return render(request, "meetings/hold.html", context, status=status)


def _decided(pk: int, typed: Mapping[str, str], *, plan: Plan, today: date) -> Decided:
    """Return what was typed of one item; without a decision the units proposed count for nothing. Raises Invalid."""
    decision, names = typed["decision"], typed["units"]
    if not decision.strip():
        if names.strip() and names.strip() != typed["proposed"]:
            raise Invalid("写了单位，还要写明议定了什么。", field=f"decision-{pk}")
        return Decided(pk)
    units = typed_units(names, plan=plan, today=today, field=f"units-{pk}")
    day = day_of(typed["due"], field=f"due-{pk}", what="期限")
    return Decided(pk, decision, units, day if units else None)


# ---- one decision


@require_safe
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """What a meeting decided for one unit, what the unit said of it, and the one thing that comes next."""
    return _show_decision(request, decision_for(actor_of(request), pk))


@require_POST
def decision_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Say that it is done, accept it, or return it; what is wrong is said on the form."""
    actor, now = actor_of(request), clock.now()
    found = decision_for(actor, pk)
    if step not in _DONE:
        raise NotFound
    posted = request.POST
    try:
        if seen := number_of(posted.get("reply")):
            found.reply_no = seen  # as the page showed it: who comes second is told so
        if step == "done":
            behalf = None if hand_to_finish(actor, found) is Hand.OWN else behalf_of(posted)
            finish_decision(found, text=posted.get("text", ""), by=actor, now=now, behalf=behalf)
        elif step == "accept":
            accept_decision(found, by=actor, now=now)
        else:
            due = day_of(posted.get("due_on", ""), field="due_on", what="期限")
            if due is None:
                raise Invalid("请写明再报的期限。", field="due_on")
            return_decision(found, reason=posted.get("reason", ""), due_on=due, by=actor, now=now)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show_decision(request, decision_for(actor, pk), refusal=error, step=step)
    messages.success(request, _DONE[step])
    return redirect("decision", pk)


_DONE = {"done": "已报落实，由督查室核。", "accept": "已认可。", "return": "已退回，请单位继续落实。"}


def _show_decision(
    request: HttpRequest, found: Decision, *, refusal: DomainError | None = None, step: str = ""
) -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    meeting_of, obstacle = found.item.meeting, found.item.obstacle
    hand = hand_to_finish(actor, found)
    is_office = may(actor, Permission.MEETING_HOLD, jurisdiction_id=meeting_of.jurisdiction_id)
    again = add_workdays(today, policy_of(meeting_of.plan).obstacles.answer_workdays)
    posted = {name: request.POST.get(name, "") for name in request.POST}
    context = {
        "decision": found,
        "item": found.item,
        "meeting": meeting_of,
        "on": meeting_of.starts_at.astimezone(clock.SHANGHAI),
        "sees_meeting": Meeting.objects.visible_to(actor).filter(pk=meeting_of.pk).exists(),
        "obstacle": obstacle,
        "matter": obstacle.matter if obstacle is not None else None,
        "state": DECISION_STATE_LABELS[DecisionState(found.state)],
        "tone": DECISION_TONES[DecisionState(found.state)],
        "is_open": found.state == DecisionState.OPEN,
        "due_on": decision_days([found.pk]).get(found.pk),
        "replies": [_told(one) for one in replies_of(found)],
        "finishes": hand.value if hand and found.state == DecisionState.OPEN else "",
        "judges": is_office and found.state == DecisionState.DONE,
        "channels": CHANNELS,
        "done_length": DONE_LENGTH,
        "given": {"channel": Channel.TELEPHONE.value, "due_on": again.isoformat(), **posted},
        "step": step,
        "problem": refusal.message if refusal else "",
        "field": (refusal.field or "") if refusal else "",
    }
    return render(request, "meetings/decision.html", context, status=status_of(refusal) if refusal else 200)


def _told(one: DecisionReply) -> dict[str, Any]:
    by = one.answered_by_name
    if one.channel:
        by = f"{one.informant}（{CHANNEL_LABELS[Channel(one.channel)]}，{by}代录）"
    return {
        "returned": one.returned,
        "asked_at": one.asked_at.astimezone(clock.SHANGHAI),
        "asked_by": one.asked_by_name,
        "text": one.text,
        "at": one.answered_at.astimezone(clock.SHANGHAI) if one.answered_at else None,
        "by": by,
    }


def upcoming(actor: Actor, *, today: date) -> list[MeetingLine]:
    """Return the meetings not held yet, and those of the last fortnight, for a list beside the difficulties."""
    since = datetime(today.year, today.month, today.day, tzinfo=clock.SHANGHAI) - timedelta(days=14)
    called = meetings_for(actor).filter(state=MeetingState.CALLED)
    held = meetings_for(actor).filter(state=MeetingState.HELD, starts_at__gte=since)
    return meeting_lines([*called, *held], today=today)
