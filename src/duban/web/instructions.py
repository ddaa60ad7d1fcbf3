"""批示: given on the screen or entered from paper, answered by each charged unit, settled; seen only by those meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.core.workdays import add_workdays
from duban.instructions.actions import answer_instruction, ask_again, give_instruction, settle_instruction
from duban.instructions.models import Charge, Feedback, Instruction
from duban.instructions.queries import (
    charges_shown,
    feedback_days,
    feedback_of,
    feedback_to_settle,
    instruction_for,
    instructions_for,
    instructions_on,
    may_settle,
    own_units,
    posts_to_enter,
)
from duban.instructions.rules import (
    CHARGE_STATE_LABELS,
    ENTERED_AS_LABELS,
    FEEDBACK_LENGTH,
    NOTE_LENGTH,
    TEXT_LENGTH,
    ChargeState,
    EnteredAs,
)
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import MatterPage, current_plan, ledger_units, matter_for, policy_of
from duban.matters.rules import CHANNEL_LABELS, OPEN_STATES, PART_LABELS, Channel, Part
from duban.orgs.models import Post, Unit
from duban.orgs.queries import post_holders
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.obstacles import CHANNELS, status_of
from duban.web.unit_choice import typed_units
from duban.web.waiting import Office, Queue, Waiting, Waits, first_of, of_own_units

CHARGE_TONES = {ChargeState.OPEN: "warn", ChargeState.ANSWERED: "blue", ChargeState.SETTLED: "plain"}
TABS = {"open": "待落实", "answered": "待办结", "settled": "已办结"}
_PAGE_ROWS = 50


# ---- as lines of lists


@dataclass(frozen=True, slots=True)
class InstructionLine:
    """One 批示 as a list shows it, with the charges the reader may see. due_on: the earliest still owed."""

    pk: int
    text: str
    leader: str
    given_on: date
    matter: str
    units: str
    state: str
    tone: str
    due_on: date | None
    is_open: bool


def instruction_lines(actor: Actor, instructions: Sequence[Instruction]) -> list[InstructionLine]:
    """Return 批示 as the actor sees them as lines; one statement more, whatever their number."""
    due = feedback_days([one.pk for one in instructions])
    return [_line(one, charges=charges_shown(actor, one), due=due) for one in instructions]


def _line(one: Instruction, *, charges: Sequence[Charge], due: dict[tuple[int, int], date]) -> InstructionLine:
    state = _state_of(charges)
    waiting = [due[one.pk, charge.unit_id] for charge in charges if (one.pk, charge.unit_id) in due]
    names = [charge.unit.name for charge in charges]
    done = sum(charge.state != ChargeState.OPEN for charge in charges)
    label = CHARGE_STATE_LABELS[state]
    if state is ChargeState.OPEN and done:
        label = f"{done} / {len(charges)} 已反馈"
    return InstructionLine(
        pk=one.pk,
        text=one.text,
        leader=one.leader_name,
        given_on=one.given_on,
        matter=str(one.matter) if one.matter is not None else "",
        units="、".join(names[:3]) + (f"等 {len(names)} 个单位" if len(names) > 3 else ""),
        state=label,
        tone=CHARGE_TONES[state],
        due_on=min(waiting, default=None),
        is_open=state is ChargeState.OPEN,
    )


def _state_of(charges: Sequence[Charge]) -> ChargeState:
    """Return how a 批示 stands: open while any unit has not answered, settled once all are."""
    states = {charge.state for charge in charges}
    return next(one for one in (ChargeState.OPEN, ChargeState.ANSWERED, ChargeState.SETTLED) if one in states)


def instructions_panel(actor: Actor, page: MatterPage) -> dict[str, Any]:
    """Return what a matter's page shows of the 批示 meant for the reader, and whether one may be given."""
    matter = page.matter
    found = instructions_on(actor, matter) if "instructions" in page.there else []
    for one in found:
        one.matter = matter
    place = matter.jurisdiction_id
    return {
        "lines": instruction_lines(actor, found) if found else [],
        "may_give": matter.state in OPEN_STATES and may(actor, Permission.INSTRUCTION_GIVE, jurisdiction_id=place),
    }


def may_wait(actor: Actor) -> QuerySet[Charge]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return Charge.objects.filter(of_own_units(actor, "unit")).exclude(state=ChargeState.SETTLED)


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return what waits for the reader: 批示 the own unit has to answer, feedback the leader has to settle.

    The text stands on the 批示's own page only.
    """
    own = own_units(actor)
    posts = {post_id for one in actor.held for post_id in one.post_ids}
    live = Charge.objects.exclude(state=ChargeState.SETTLED)
    instructions = list(instructions_for(actor).filter(pk__in=live.values("instruction_id")))
    due = feedback_days([one.pk for one in instructions])
    found = []
    for one in instructions:
        for charge in one.charges.all():
            is_answer = charge.state == ChargeState.OPEN and charge.unit_id in own
            is_settling = charge.state == ChargeState.ANSWERED and one.post_id in posts and may_settle(actor, one)
            if is_answer:
                words = (Waits.ANSWER, "反馈", f"落实{one.leader_name}批示")
                found.append(_waits(one, charge, *words, due_on=due.get((one.pk, charge.unit_id))))
            elif is_settling:
                found.append(_waits(one, charge, Waits.CONFIRM, "办结", f"{charge.unit.name}反馈批示落实情况"))
    return found


def office_queue(office: Office) -> Queue:
    """Return the feedback on 批示 the office entered from paper: it settles them for the leader. One statement."""
    about = ("leader_name", "given_on", "matter__serial")
    columns = ("instruction_id", "unit__name", *(f"instruction__{one}" for one in about))
    rows, count = first_of(feedback_to_settle(office.actor), *columns, most=office.most)
    lines = [
        Waiting(
            waits=Waits.CONFIRM,
            address=reverse("instruction", args=[one.instruction_id]),
            action="办结",
            text=f"反馈{one.instruction__leader_name}批示的落实情况",
            since=one.instruction__given_on,
            serial=one.instruction__matter__serial or "",
            unit=one.unit__name,
        )
        for one in rows
    ]
    return Queue(lines, count, (("批示", reverse("instructions")),))


def _waits(
    one: Instruction, charge: Charge, waits: Waits, action: str, text: str, *, due_on: date | None = None
) -> Waiting:
    return Waiting(
        waits=waits,
        address=reverse("instruction", args=[one.pk]),
        action=action,
        text=text,
        since=one.given_on,
        serial=one.matter.serial if one.matter is not None else "",
        unit=charge.unit.name,
        due_on=due_on,
    )


# ---- the list


@require_safe
def instructions(request: HttpRequest) -> HttpResponse:
    """The 批示 meant for the reader, by how they stand; the office may narrow them to a leader."""
    actor = actor_of(request)
    require(actor, Permission.MATTER_VIEW)
    tab = request.GET.get("state", "")
    tab = tab if tab in TABS else "open"
    leader = number_of(request.GET.get("leader"))
    everything = list(instructions_for(actor))
    leaders = {one.post_id: one.leader_name for one in everything}
    found = [one for one in everything if not leader or one.post_id == leader]
    by_tab: dict[str, list[Instruction]] = {name: [] for name in TABS}
    for one in found:
        by_tab[_state_of(charges_shown(actor, one)).value].append(one)
    page = Paginator(by_tab[tab], _PAGE_ROWS).get_page(request.GET.get("page"))
    narrowed = f"leader={leader}&" if leader else ""
    context = {
        "tabs": [(name, label, len(by_tab[name])) for name, label in TABS.items()],
        "tab": tab,
        "lines": instruction_lines(actor, list(page)),
        "page": page,
        "query": narrowed,
        "tab_query": f"state={tab}&{narrowed}",
        "leader": leader,
        "leaders": sorted(leaders.items()),
        "may_give": may(actor, Permission.INSTRUCTION_GIVE),
    }
    return render(request, "instructions/index.html", context)


# ---- a new one


@require_http_methods(["GET", "POST"])
def instruction_new(request: HttpRequest) -> HttpResponse:
    """A 批示 about a matter (its lead units are charged unless changed) or about none."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.INSTRUCTION_GIVE)
    number = number_of(request.POST.get("matter") or request.GET.get("matter"))
    matter = matter_for(actor, number) if number else None
    plan = matter.plan if matter is not None else current_plan(actor, today=today)
    if plan is None:
        raise NotFound("还没有年度台账。")
    posts = list(posts_to_enter(actor, jurisdiction_id=plan.jurisdiction_id))
    holders = post_holders([one.pk for one in posts], on=today)
    parts = _parts(matter)
    due = add_workdays(today, policy_of(plan).instructions.answer_workdays)
    given: dict[str, Any] = {
        "text": "",
        "given_on": today.isoformat(),
        "due_on": due.isoformat(),
        "post": str(posts[0].pk) if len(posts) == 1 else "",
        "charged": {one.unit_id for one in parts if one.part == Part.LEAD},
    }
    problem, field, status = "", "", 200
    if request.method == "POST":
        posted = request.POST
        given = {name: posted.get(name, "") for name in posted}
        given["charged"] = {number_of(one) for one in posted.getlist("charged")}
        try:
            done = _give(posted, plan=plan, matter=matter, posts=posts, parts=parts, actor=actor)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, f"批示已交{done.charges.count()}个单位落实。")
            return redirect("instruction", done.pk)
    context = {
        "matter": matter,
        "posts": [(str(one.pk), holders[one.pk].name if one.pk in holders else one.title, one.title) for one in posts],
        "parts": [(one.unit_id, one.unit.name, PART_LABELS[Part(one.part)]) for one in parts],
        "units": ledger_units(plan, actor=actor),
        "text_length": TEXT_LENGTH,
        "given": given,
        "problem": problem,
        "field": field,
    }
    return render(request, "instructions/new.html", context, status=status)


def _parts(matter: Matter | None) -> list[Assignment]:
    if matter is None:
        return []
    found = Assignment.objects.filter(matter=matter, ended_at=None).select_related("unit")
    return list(found.order_by("-is_merging", "part", "order", "pk"))


def _give(
    posted: QueryDict,
    *,
    plan: Plan,
    matter: Matter | None,
    posts: Sequence[Post],
    parts: Sequence[Assignment],
    actor: Actor,
) -> Instruction:
    post = next((one for one in posts if one.pk == number_of(posted.get("post"))), None)
    if post is None:
        raise Invalid("请选择批示的领导。", field="post")
    wanted = {number_of(one) for one in posted.getlist("charged")}
    units: list[Unit] = [one.unit for one in parts if one.unit_id in wanted]
    units += typed_units(posted.get("others", ""), plan=plan, today=clock.today(), field="others")
    return give_instruction(
        plan,
        post=post,
        text=posted.get("text", ""),
        units=units,
        matter=matter,
        given_on=day_of(posted.get("given_on", ""), field="given_on", what="批示日期"),
        due_on=day_of(posted.get("due_on", ""), field="due_on", what="反馈期限"),
        by=actor,
        now=clock.now(),
    )


# ---- one 批示


@require_safe
def instruction(request: HttpRequest, pk: int) -> HttpResponse:
    """What the leader wrote, and for each unit the reader may see what it said of it."""
    return _show(request, instruction_for(actor_of(request), pk))


@require_POST
def instruction_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Answer, settle or ask further for one charged unit; what is wrong is said on its form."""
    actor = actor_of(request)
    found = instruction_for(actor, pk)
    if step not in _DONE:
        raise NotFound
    wanted = number_of(request.POST.get("charge"))
    charge = next((one for one in charges_shown(actor, found) if one.pk == wanted), None)
    if charge is None:
        raise NotFound
    charge.instruction = found
    seen = number_of(request.POST.get("feedback"))
    try:
        if seen:
            charge.feedback_no = seen  # as the page showed it: who comes second is told so
        _take(step, charge, posted=request.POST, actor=actor)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(request, instruction_for(actor, pk), refusal=error, step=step, charge_pk=wanted)
    messages.success(request, _DONE[step])
    return redirect("instruction", pk)


_DONE = {"answer": "已反馈落实情况。", "settle": "已办结。", "again": "已要求继续落实。"}


def _take(step: str, charge: Charge, *, posted: QueryDict, actor: Actor) -> None:
    now = clock.now()
    if step == "answer":
        behalf = None if charge.unit_id in own_units(actor) else behalf_of(posted)
        answer_instruction(charge, text=posted.get("text", ""), by=actor, now=now, behalf=behalf)
    elif step == "settle":
        settle_instruction(charge, note=posted.get("note", ""), by=actor, now=now)
    else:
        due = day_of(posted.get("due_on", ""), field="due_on", what="反馈期限")
        ask_again(charge, note=posted.get("note", ""), due_on=due, by=actor, now=now)


def _show(
    request: HttpRequest,
    found: Instruction,
    *,
    refusal: DomainError | None = None,
    step: str = "",
    charge_pk: int = 0,
) -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    charges = charges_shown(actor, found)
    feedback, due = feedback_of(charges), feedback_days([found.pk])
    place = found.jurisdiction_id
    settles = may_settle(actor, found) and may(actor, Permission.INSTRUCTION_GIVE, jurisdiction_id=place)
    own = own_units(actor)
    again = add_workdays(today, policy_of(found.plan).instructions.answer_workdays)
    posted = {name: request.POST.get(name, "") for name in request.POST}
    lines = []
    for one in charges:
        is_own = one.unit_id in own
        answers = may(actor, Permission.INSTRUCTION_ANSWER, unit_id=one.unit_id, jurisdiction_id=place)
        is_wrong = refusal is not None and one.pk == charge_pk
        lines.append(
            {
                "pk": one.pk,
                "key": f"{one.pk}-",
                "unit": one.unit.name,
                "state": CHARGE_STATE_LABELS[ChargeState(one.state)],
                "tone": CHARGE_TONES[ChargeState(one.state)],
                "is_open": one.state == ChargeState.OPEN,
                "due_on": due.get((found.pk, one.unit_id)),
                "feedback_no": one.feedback_no,
                "feedback": [_told(each) for each in feedback.get(one.pk, ())],
                "settled": one if one.state == ChargeState.SETTLED else None,
                "is_own": is_own,
                "answers": answers and one.state == ChargeState.OPEN,
                "settles": settles and one.state == ChargeState.ANSWERED,
                "problem": refusal.message if refusal and is_wrong else "",
                "field": (refusal.field or "") if refusal and is_wrong else "",
                "step": step if is_wrong else "",
                "given": posted if is_wrong else {"channel": Channel.TELEPHONE.value, "due_on": again.isoformat()},
            }
        )
    context = {
        "instruction": found,
        "matter": found.matter,
        "sees_matter": found.matter is not None
        and Matter.objects.visible_to(actor).filter(pk=found.matter.pk).exists(),
        "entered_as": ENTERED_AS_LABELS[EnteredAs(found.entered_as)],
        "is_behalf": found.entered_as != EnteredAs.LEADER,
        "lines": lines,
        "is_single": len(lines) == 1,
        "channels": CHANNELS,
        "feedback_length": FEEDBACK_LENGTH,
        "note_length": NOTE_LENGTH,
    }
    return render(request, "instructions/instruction.html", context, status=status_of(refusal) if refusal else 200)


def _told(one: Feedback) -> dict[str, Any]:
    by = one.answered_by_name
    if one.channel:
        by = f"{one.informant}（{CHANNEL_LABELS[Channel(one.channel)]}，{by}代录）"
    return {
        "asked": one.asked,
        "asked_at": one.asked_at.astimezone(clock.SHANGHAI),
        "asked_by": one.asked_by_name,
        "text": one.text,
        "at": one.answered_at.astimezone(clock.SHANGHAI) if one.answered_at else None,
        "by": by,
    }
