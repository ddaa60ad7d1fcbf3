"""What the office writes of an interview: the application, the plan of the talk, its record; a proposal dismissed."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from duban.access.rules import ROLE_LABELS, Permission, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.core.workdays import add_workdays
from duban.interviews.actions import (
    Application,
    Arrangement,
    Demanded,
    Reapplication,
    Talk,
    apply_interview,
    arrange_interview,
    dismiss_proposal,
    edit_talk,
    hold_interview,
    reapply_interview,
)
from duban.interviews.models import Interview, TalkRecord
from duban.interviews.queries import (
    USUAL_PREPARE,
    approver_role,
    grounds_in,
    interview_for,
    leader_words,
    leaders_of,
    proposals,
    talk_of,
    usual_basis,
    usual_leader,
    with_units,
)
from duban.interviews.rules import (
    AFTER_TALK,
    DEMANDS_MOST,
    LEVEL_LABELS,
    LEVEL_WORDS,
    LINE_LENGTH,
    REASON_LENGTH,
    TEXT_LENGTH,
    InterviewState,
    Level,
    level_label,
    noun,
)
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import plans_in_sight, policy_of, units_in_plan
from duban.matters.rules import matter_name
from duban.orgs.models import Post, Unit
from duban.orgs.queries import unit_cards
from duban.orgs.rules import PostKind
from duban.web.closed import closed_note
from duban.web.given import actor_of, day_of, number_of
from duban.web.interviews import desk_page, moment_of, proposal_card
from duban.web.obstacles import status_of

_BLANK_DEMANDS = 3
"""So many empty rows stand behind the demands written."""


def _plan(actor: Actor, pk: int) -> Plan:
    plans = list(plans_in_sight(actor))
    if pk:
        found = next((one for one in plans if one.pk == pk), None)
    else:
        found = next((one for one in plans if one.closed_at is None), next(iter(plans), None))
    if found is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    return found


# ---- applying


@require_http_methods(["GET", "POST"])
def interview_new(request: HttpRequest) -> HttpResponse:
    """Apply for a talk: on grounds the rules propose for a unit, or because a leader asks for it."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.INTERVIEW_DRAFT)
    asked = request.POST if request.method == "POST" else request.GET
    plan = _plan(actor, number_of(asked.get("plan")))
    unit = Unit.objects.filter(pk=number_of(asked.get("unit")), jurisdiction=plan.jurisdiction_id).first()
    shown = with_units(plan, [one for one in proposals(plan, day=today) if unit and one.unit_id == unit.pk])
    card = proposal_card(shown[0]) if shown else None
    leaders = list(leaders_of(plan))
    given: dict[str, Any] = {"level": "1", "reason": "", "words": "", "matter": "", "approver": "", "chair": ""}
    keys = list(card["keys"]) if card else []
    if shown:
        proposal = shown[0].proposal
        given |= {"level": str(int(proposal.level)), "reason": _usual_reason(card or {})}
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        keys = request.POST.getlist("key")
        try:
            made = _apply(plan, unit, given, keys=keys, actor=actor)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, f"已申请，请{made.approver.title}批示。")
            return redirect("interview", made.pk)
    figures = policy_of(plan).interviews
    ids = list(shown[0].matters) if shown else []
    context = {
        "plan": plan,
        "unit": unit,
        "card": card,
        "keys": keys,
        "closed": closed_note(plan),
        "units": units_in_plan(plan, actor=actor) if card is None else [],
        "own_matters": _own_matters(plan, unit),
        "levels": _levels(plan),
        "leaders": [(one.pk, leader_words(one, on=today)) for one in leaders],
        "chairs": [(one.pk, leader_words(one, on=today)) for one in leaders if one.kind == PostKind.LEADER],
        "usual": _usual_words(plan, ids, on=today),
        "roles": [ROLE_LABELS[approver_role(level, figures)] for level in Level],
        "given": given,
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "interviews/new.html", context, status=status)


def _usual_reason(card: dict[str, Any]) -> str:
    """Return the reason of an application as it is usually written: which grounds, how many matters."""
    labels = dict.fromkeys(each["label"] for row in card["matters"] for each in row["grounds"])
    return f"{card['unit'].name}{len(card['matters'])}件督查事项{'、'.join(labels)}。{card['why']}"


def _levels(plan: Plan) -> list[tuple[str, str, str]]:
    """Return the levels to choose from: value, label, who talks with whom and who approves."""
    figures = policy_of(plan).interviews
    return [
        (
            str(int(level)),
            LEVEL_LABELS[level],
            f"{LEVEL_WORDS[level]}，由{ROLE_LABELS[approver_role(level, figures)]}批准",
        )
        for level in Level
    ]


def _usual_words(plan: Plan, matter_ids: list[int], *, on: date) -> list[str]:
    """Return, by level, who approves where nobody is chosen."""
    figures = policy_of(plan).interviews
    words = []
    for level in Level:
        post = usual_leader(plan, matter_ids, role=approver_role(level, figures))
        words.append(f"{LEVEL_LABELS[level]}：{leader_words(post, on=on) if post else '须选择'}")
    return words


def _own_matters(plan: Plan, unit: Unit | None) -> list[tuple[int, str]]:
    if unit is None:
        return []
    parts = Assignment.objects.filter(unit=unit, matter__plan=plan, ended_at=None).select_related("matter")
    rows = {one.matter_id: one.matter for one in parts.order_by("matter__order", "matter_id")}
    return [(pk, matter_name(serial=one.serial, heading=one.title or one.text, most=30)) for pk, one in rows.items()]


def _apply(plan: Plan, unit: Unit | None, given: dict[str, Any], *, keys: list[str], actor: Actor) -> Interview:
    if unit is None:
        raise Invalid("请选择约谈哪个单位。", field="unit")
    if given["level"] not in {str(int(one)) for one in Level}:
        raise Invalid("请选择约谈的级别。", field="level")
    matter = Matter.objects.visible_to(actor).filter(plan=plan, pk=number_of(given["matter"])).first()
    application = Application(
        unit=unit,
        level=Level(int(given["level"])),
        reason=given["reason"],
        keys=keys,
        words=given["words"],
        matter=matter,
        approver=_post(plan, given["approver"]),
        chair=_post(plan, given["chair"]),
    )
    return apply_interview(plan, application=application, by=actor, now=clock.now())


def _post(plan: Plan, value: str) -> Post | None:
    return leaders_of(plan).filter(pk=number_of(value)).first()


@require_POST
def interview_dismiss(request: HttpRequest) -> HttpResponse:
    """Do not follow a proposal, with a reason."""
    actor = actor_of(request)
    require(actor, Permission.INTERVIEW_DRAFT)
    plan = _plan(actor, number_of(request.POST.get("plan")))
    unit = Unit.objects.filter(pk=number_of(request.POST.get("unit")), jurisdiction=plan.jurisdiction_id).first()
    if unit is None:
        raise NotFound("没有这个单位。")
    keys, reason = request.POST.getlist("key"), request.POST.get("reason", "")
    try:
        dismiss_proposal(plan, unit=unit, keys=keys, reason=reason, by=actor, now=clock.now())
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return desk_page(request, refusal=error, unit_id=unit.pk)
    messages.success(request, f"已注明不予提起，{unit.name}同样的事由不再提出。")
    return redirect("interviews")


@require_http_methods(["GET", "POST"])
def interview_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend an application the leader sent back, and put it up again."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.INTERVIEW_DRAFT)
    one = interview_for(actor, pk)
    given = {
        "level": str(one.level),
        "reason": one.reason,
        "approver": str(one.approver_id),
        "chair": str(one.chair_id or ""),
        "version": str(one.version),
    }
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        try:
            if given["level"] not in {str(int(level)) for level in Level}:
                raise Invalid("请选择约谈的级别。", field="level")
            edit = Reapplication(
                Level(int(given["level"])),
                given["reason"],
                approver=_post(one.plan, given["approver"]),
                chair=_post(one.plan, given["chair"]),
            )
            reapply_interview(one, edit=edit, seen=number_of(given["version"]), by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "已重新申请。")
            return redirect("interview", pk)
    leaders = list(leaders_of(one.plan))
    context = {
        "interview": one,
        "noun": noun(is_inviting=one.is_inviting),
        "closed": closed_note(one.plan),
        "is_open": one.state == InterviewState.SENT_BACK,
        "levels": _levels(one.plan),
        "leaders": [(each.pk, leader_words(each, on=today)) for each in leaders],
        "chairs": [(each.pk, leader_words(each, on=today)) for each in leaders if each.kind == PostKind.LEADER],
        "given": given,
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
    }
    return render(request, "interviews/edit.html", context, status=status)


# ---- the plan of the talk


@require_http_methods(["GET", "POST"])
def interview_arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan the talk: when, where, who; what the notice says. The notice itself is issued from the interview's page."""
    actor = actor_of(request)
    require(actor, Permission.INTERVIEW_DRAFT)
    one = interview_for(actor, pk)
    given = _arranged(one)
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        try:
            arrangement = Arrangement(
                starts_at=moment_of(given["starts_at"], field="starts_at"),
                place=given["place"],
                chair_name=given["chair_name"],
                invited=given["invited"],
                basis=given["basis"],
                attendants=given["attendants"],
                prepare=given["prepare"],
            )
            seen = number_of(given["version"])
            arrange_interview(one, arrangement=arrangement, seen=seen, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "方案已存。请看过通知书草稿，再发出。")
            return redirect("interview", pk)
    context = {
        "interview": one,
        "noun": noun(is_inviting=one.is_inviting),
        "level": level_label(Level(one.level), is_inviting=one.is_inviting),
        "level_words": "" if one.is_inviting else LEVEL_WORDS[Level(one.level)],
        "closed": closed_note(one.plan),
        "is_open": one.state == InterviewState.APPROVED,
        "notice_workdays": policy_of(one.plan).interviews.notice_workdays,
        "given": given,
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
        "line_length": LINE_LENGTH,
    }
    return render(request, "interviews/arrange.html", context, status=status)


def _arranged(one: Interview) -> dict[str, str]:
    """Return the plan as the form shows it; before the first one, as it is usually made."""
    if one.arranged_at is not None and one.starts_at is not None:
        return {
            "starts_at": one.starts_at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"),
            "place": one.place,
            "chair_name": one.chair_name,
            "invited": one.invited,
            "attendants": one.attendants,
            "basis": one.basis,
            "prepare": one.prepare,
            "version": str(one.version),
        }
    today = clock.today()
    workdays = policy_of(one.plan).interviews.notice_workdays + 1
    card = unit_cards([one.unit], on=today)[0]
    wanted = card.deputy if one.level == Level.FIRST else card.head
    person = wanted.person.name if wanted is not None else ""
    capacity = "分管领导" if one.level == Level.FIRST else "主要负责人"
    chair = f"{one.plan.jurisdiction.short_name}政府办公室主任"
    if one.chair is not None:
        chair = leader_words(one.chair, on=today)
    return {
        "starts_at": f"{add_workdays(today, workdays).isoformat()}T09:00",
        "place": "",
        "chair_name": chair,
        "invited": f"{person}（{one.unit.name}{capacity}）" if person else f"{one.unit.name}{capacity}",
        "attendants": "",
        "basis": usual_basis(one, grounds_in(one)),
        "prepare": USUAL_PREPARE,
        "version": str(one.version),
    }


# ---- what was said


@require_http_methods(["GET", "POST"])
def interview_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what was said: reasons, explanation, demands, undertaking; mend it until the minutes are out."""
    actor = actor_of(request)
    require(actor, Permission.INTERVIEW_DRAFT)
    one = interview_for(actor, pk)
    talk = talk_of(one) if one.held_at else None
    given, demands = _recorded(one, talk)
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        demands = _posted_demands(request.POST)
        try:
            said = _talk(one, given, demands)
            told: dict[str, Any] = {"by": actor, "now": clock.now()}
            if one.held_at is None:
                hold_interview(one, talk=said, **told)
            else:
                edit_talk(one, talk=said, seen=number_of(given["version"]), **told)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "约谈记录已存。请看过纪要草稿，再印发。")
            return redirect("interview", pk)
    rows = [*demands, *({"words": "", "unit": "", "due": ""} for _ in range(_BLANK_DEMANDS))][:DEMANDS_MOST]
    context = {
        "interview": one,
        "noun": noun(is_inviting=one.is_inviting),
        "is_first": one.held_at is None,
        "closed": closed_note(one.plan),
        "is_open": one.state == InterviewState.NOTIFIED or (one.state in AFTER_TALK and one.minutes_at is None),
        "given": given,
        "demands": [
            {
                **row,
                "place": place,
                "is_wrong": field in (f"demand-{place}", f"demand-unit-{place}", f"demand-due-{place}"),
            }
            for place, row in enumerate(rows)
        ],
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
        "line_length": LINE_LENGTH,
        "today": clock.today(),
    }
    return render(request, "interviews/record.html", context, status=status)


def _recorded(one: Interview, talk: TalkRecord | None) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the record as the form shows it; before the talk, what is known already."""
    if talk is not None:
        given = {
            "held_on": one.held_on.isoformat() if one.held_on else "",
            "place": talk.place,
            "chair_name": talk.chair_name,
            "present": talk.present,
            "absent": talk.absent,
            "recorder": talk.recorder,
            "reasons": talk.reasons,
            "explanation": talk.explanation,
            "undertaking": talk.undertaking,
            "version": str(one.version),
        }
        rows = [
            {"words": each.words, "unit": each.unit_name, "due": each.due_on.isoformat() if each.due_on else ""}
            for each in talk.rows  # type: ignore[attr-defined]
        ]
        return given, rows
    present = "、".join(filter(None, (one.chair_name, one.attendants, one.attending or one.invited)))
    reasons = "\n".join(
        f"{each.matter}：{each.words}" if each.matter is not None else each.words for each in grounds_in(one)
    )
    planned = clock.day_of(one.starts_at) if one.starts_at else clock.today()
    given = {
        "held_on": min(planned, clock.today()).isoformat(),
        "place": one.place,
        "chair_name": one.chair_name,
        "present": present,
        "absent": "",
        "recorder": "",
        "reasons": reasons,
        "explanation": "",
        "undertaking": "",
        "version": str(one.version),
    }
    return given, [{"words": "", "unit": one.unit.name, "due": ""}]


def _posted_demands(posted: QueryDict) -> list[dict[str, str]]:
    rows = zip(posted.getlist("demand"), posted.getlist("demand-unit"), posted.getlist("demand-due"), strict=False)
    found = [{"words": words, "unit": unit, "due": due} for words, unit, due in rows]
    while found and not found[-1]["words"].strip() and not found[-1]["due"].strip():
        found.pop()
    return found


def _talk(one: Interview, given: dict[str, str], demands: list[dict[str, str]]) -> Talk:
    held_on = one.held_on or day_of(given["held_on"], field="held_on", what="约谈日期")
    if held_on is None:
        raise Invalid("请填写约谈日期。", field="held_on")
    return Talk(
        held_on=held_on,
        place=given["place"],
        chair_name=given["chair_name"],
        present=given["present"],
        absent=given["absent"],
        recorder=given["recorder"],
        reasons=given["reasons"],
        explanation=given["explanation"],
        undertaking=given["undertaking"],
        demands=[
            Demanded(row["words"], row["unit"], day_of(row["due"], field=f"demand-due-{place}", what="完成时间"))
            for place, row in enumerate(demands)
        ],
    )
