"""约谈: what the rules propose, what is under way, and one interview with its eight steps."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.instructions.rules import ENTERED_AS_LABELS, EnteredAs
from duban.interviews.actions import (
    Checked,
    Handed,
    OnPaper,
    accept_plan,
    approve_interview,
    confirm_attendance,
    hand_in,
    issue_minutes,
    issue_notice,
    postpone_interview,
    recheck_interview,
    refuse_interview,
    return_paper,
    send_back_interview,
    withdraw_interview,
)
from duban.interviews.models import Dismissal, Interview, InterviewGround, Recheck, Rectification
from duban.interviews.queries import (
    Shown,
    approves_as,
    awaiting_approval,
    awaiting_attendance,
    decision_scans_of,
    ground_label,
    grounds_in,
    interview_for,
    interview_papers,
    interviews_for,
    interviews_on,
    is_of_office,
    minutes_data,
    minutes_number,
    minutes_page,
    morning_of,
    next_paper,
    notice_data,
    notice_page,
    owed_of,
    proposals,
    recheck_due,
    rechecks_of,
    rectifications_of,
    sees_application,
    talk_day,
    talk_of,
    talks_to_chair,
    time_words,
    with_units,
)
from duban.interviews.rules import (
    AFTER_TALK,
    BEFORE_TALK,
    FOLLOW_UP_LABELS,
    INTERVIEW_STATE_LABELS,
    LEVEL_LABELS,
    LEVEL_WORDS,
    LINE_LENGTH,
    LIVE,
    OUTCOME_LABELS,
    PAPER_LABELS,
    REASON_LENGTH,
    RESULT_LABELS,
    STEP_LABELS,
    TEXT_LENGTH,
    FollowUp,
    InterviewState,
    Level,
    Outcome,
    Paper,
    Result,
    Step,
    ground_words,
    level_label,
    noun,
)
from duban.letters.queries import speaks_for
from duban.matters.models import Matter
from duban.matters.queries import MatterPage, plans_in_sight
from duban.matters.rules import CHANNEL_LABELS, Channel, Owed
from duban.papers.models import IssuedPaper
from duban.papers.rules import Format, PaperKind
from duban.web.closed import closed_note
from duban.web.downloads import kept_file
from duban.web.evidence import files_of
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.obstacles import CHANNELS, status_of
from duban.web.papers import draft_file, issued_file
from duban.web.waiting import Office, Queue, Waiting, Waits, of_own_units

STATE_TONES = {
    InterviewState.APPLIED: "violet",
    InterviewState.SENT_BACK: "warn",
    InterviewState.APPROVED: "blue",
    InterviewState.NOTIFIED: "warn",
    InterviewState.HELD: "warn",
    InterviewState.PLANNED: "violet",
    InterviewState.RECTIFYING: "teal",
    InterviewState.REPORTED: "violet",
    InterviewState.SETTLED: "ok",
    InterviewState.REFUSED: "plain",
    InterviewState.WITHDRAWN: "plain",
}
LEVEL_TONES = {Level.FIRST: "plain", Level.SECOND: "warn", Level.THIRD: "bad"}
_TABS = {"proposed": "建议约谈", "live": "办理中", "settled": "已办结", "ended": "未约谈"}
_STATES: dict[str, tuple[InterviewState, ...]] = {
    "live": LIVE,
    "settled": (InterviewState.SETTLED,),
    "ended": (InterviewState.REFUSED, InterviewState.WITHDRAWN),
}
_PAGE_ROWS = 30


# ---- the desk


@require_safe
def interviews(request: HttpRequest) -> HttpResponse:
    """What the rules propose (to those who apply), what is under way, what is done, what came to nothing."""
    return desk_page(request)


def desk_page(request: HttpRequest, *, refusal: DomainError | None = None, unit_id: int = 0) -> HttpResponse:
    """Return the desk. refusal: why a proposal of a unit was not dismissed, said beside it."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.INTERVIEW_VIEW)
    drafts = may(actor, Permission.INTERVIEW_DRAFT)
    plans = [one for one in plans_in_sight(actor) if one.year >= today.year - 1] if drafts else []
    open_ = [one for one in plans if one.closed_at is None]
    proposed = [one for plan in open_ for one in with_units(plan, proposals(plan, day=today))]
    visible = interviews_for(actor)
    dismissed = Dismissal.objects.filter(plan__in=plans)
    counts = {name: visible.filter(state__in=some).count() for name, some in _STATES.items()}
    counts["ended"] += dismissed.count() if drafts else 0
    counts["proposed"] = len(proposed)
    names = [name for name in _TABS if name == "live" or (drafts and name == "proposed") or counts[name]]
    tab = "proposed" if refusal else request.GET.get("tab", "")
    tab = tab if tab in names else next((name for name in names if counts[name]), names[0])
    page, rows = None, []
    if tab != "proposed":
        page = Paginator(visible.filter(state__in=_STATES[tab]), _PAGE_ROWS).get_page(request.GET.get("page"))
        shown = list(page)
        owed = owed_of(shown)
        rows = [_row(one, actor=actor, drafts=drafts, owed=owed.get(one.pk, {}), today=today) for one in shown]
    context = {
        "tabs": [(name, _TABS[name], counts[name]) for name in names],
        "tab": tab,
        "drafts": drafts,
        "applies": bool(open_),
        "proposed": [
            {**proposal_card(one), "is_wrong": one.unit.pk == unit_id and refusal is not None} for one in proposed
        ],
        "dismissed": _dismissed(dismissed) if tab == "ended" and drafts else [],
        "rows": rows,
        "page": page,
        "query": f"tab={tab}&",
        "given": request.POST if refusal else {},
        "problem": refusal.message if refusal else "",
        "reason_length": REASON_LENGTH,
    }
    return render(request, "interviews/index.html", context, status=status_of(refusal) if refusal else 200)


def proposal_card(one: Shown) -> dict[str, Any]:
    """Return a proposal as a page shows it: its matters, each with its grounds and their days."""
    proposal = one.proposal
    return {
        "unit": one.unit,
        "plan": one.plan,
        "level": level_label(proposal.level, is_inviting=proposal.is_inviting),
        "tone": LEVEL_TONES[proposal.level],
        "noun": noun(is_inviting=proposal.is_inviting),
        "words": "" if proposal.is_inviting else LEVEL_WORDS[proposal.level],
        "why": proposal.why,
        "keys": proposal.keys,
        "under_way": one.under_way,
        "matters": [
            {
                "matter": matter,
                "grounds": [
                    {
                        "key": ground.key,
                        "label": ground_label(ground.kind),
                        "words": ground_words(ground.kind, ground.figures),
                        "since": ground.since,
                    }
                    for ground in proposal.grounds
                    if ground.matter_id == pk
                ],
            }
            for pk, matter in one.matters.items()
        ],
    }


def _dismissed(found: QuerySet[Dismissal]) -> list[dict[str, Any]]:
    rows = found.select_related("unit").prefetch_related("grounds__matter").order_by("-dismissed_at", "-pk")
    return [{"dismissal": one, "grounds": list(one.grounds.all())} for one in rows[:_PAGE_ROWS]]


def _row(one: Interview, *, actor: Actor, drafts: bool, owed: dict[Owed, date], today: date) -> dict[str, Any]:
    state = InterviewState(one.state)
    day = talk_day(one) if state is InterviewState.NOTIFIED else None
    paper = next_paper(one)
    due = owed.get(_OWED[paper]) if paper else None
    return {
        "interview": one,
        "level": level_label(Level(one.level), is_inviting=one.is_inviting),
        "tone": LEVEL_TONES[Level(one.level)] if not one.is_inviting else "plain",
        "state": INTERVIEW_STATE_LABELS[state],
        "state_tone": STATE_TONES[state],
        "day": one.held_on or day,
        "due_on": due,
        "next": _next_word(one, actor=actor, drafts=drafts, today=today),
    }


_OWED = {Paper.PLAN: Owed.RECTIFY_PLAN, Paper.REPORT: Owed.RECTIFIED}


def _next_word(one: Interview, *, actor: Actor, drafts: bool, today: date) -> str:
    state = InterviewState(one.state)
    if state is InterviewState.APPLIED and approves_as(actor, one) in (EnteredAs.LEADER, EnteredAs.SECRETARY):
        return "批示"
    if speaks_for(actor, one.unit_id):
        words = {
            InterviewState.NOTIFIED: "" if one.confirmed_at else "确认参加",
            InterviewState.HELD: "报方案",
            InterviewState.RECTIFYING: "报整改",
        }
        return words.get(state, "")
    if not drafts:
        return ""
    if one.state in AFTER_TALK and one.minutes_at is None:
        return "印发纪要"
    words = {
        InterviewState.SENT_BACK: "修改",
        InterviewState.APPROVED: "通知" if one.arranged_at else "定方案",
        InterviewState.NOTIFIED: "登记约谈",
        InterviewState.PLANNED: "审方案",
        InterviewState.REPORTED: "复查",
    }
    return words.get(state, "")


# ---- one interview


@require_safe
def interview(request: HttpRequest, pk: int) -> HttpResponse:
    """An interview: the line of its eight steps, its grounds, what was said, and what the reader may do now."""
    require(actor_of(request), Permission.INTERVIEW_VIEW)
    return _show(request, interview_for(actor_of(request), pk))


def _show(request: HttpRequest, one: Interview, *, refusal: DomainError | None = None, step: str = "") -> HttpResponse:
    actor = actor_of(request)
    state, word = InterviewState(one.state), noun(is_inviting=one.is_inviting)
    grounds = grounds_in(one)
    talk = talk_of(one) if one.held_at else None
    papers = rectifications_of(one) if one.held_at else []
    checks = rechecks_of(one) if one.held_at else []
    frozen = {
        kind: interview_papers([one], kind).get(one.pk) if is_there else None
        for kind, is_there in (
            (PaperKind.INTERVIEW, one.notified_at is not None),
            (PaperKind.MINUTES, one.minutes_at is not None),
        )
    }
    owed = owed_of([one]).get(one.pk, {}) if one.held_at else {}
    is_office, is_own = is_of_office(actor, one), speaks_for(actor, one.unit_id)
    hand = approves_as(actor, one) if state is InterviewState.APPLIED else None
    steps = _steps(actor, one, hand=hand)
    posted = request.POST if refusal else QueryDict()
    paper = next_paper(one)
    context = {
        "interview": one,
        "noun": word,
        "heading": f"{one.unit}{word}",
        "level": level_label(Level(one.level), is_inviting=one.is_inviting),
        "level_words": "" if one.is_inviting else LEVEL_WORDS[Level(one.level)],
        "tone": LEVEL_TONES[Level(one.level)] if not one.is_inviting else "plain",
        "state": INTERVIEW_STATE_LABELS[state],
        "state_tone": STATE_TONES[state],
        "outcome": OUTCOME_LABELS[Outcome(one.outcome)] if one.outcome else "",
        "line": _line(one, papers=papers, checks=checks, frozen=frozen, owed=owed, sees_application=is_office),
        "matters": _by_matter(grounds, seen=_seen(actor, grounds)),
        "when": time_words(one.starts_at) if one.starts_at else "",
        "entered_as": ENTERED_AS_LABELS[EnteredAs(one.approved_as)] if one.approved_as else "",
        "sees_application": sees_application(actor, one),
        "scans": decision_scans_of(one) if sees_application(actor, one) else [],
        "confirmed_how": _how(one.confirmed_channel, one.confirmed_informant),
        "talk": talk,
        "demands": talk.rows if talk else [],  # type: ignore[attr-defined]
        "minutes_number": _minutes_number(one),
        "papers": [_paper_row(each) for each in papers],
        "checks": [_check_row(each) for each in checks],
        "recheck_due": recheck_due(one, papers),
        "steps": steps,
        "hand": hand.value if hand else "",
        "approver_is_own": hand in (EnteredAs.LEADER, None),
        "asked": paper.value if paper else "",
        "asked_label": PAPER_LABELS[paper] if paper else "",
        "asked_due": owed.get(_OWED[paper]) if paper else None,
        "returned": next((each for each in reversed(papers) if paper and each.paper == paper), None),
        "follow_ups": [
            (each.value, label)
            for each, label in FOLLOW_UP_LABELS.items()
            if each is FollowUp.RECTIFY
            or (one.level < Level.THIRD and not one.is_inviting and one.plan.closed_at is None)
        ],
        "results": [(each.value, label) for each, label in RESULT_LABELS.items()],
        "is_office": is_office,
        "is_own": is_own,
        "closed": closed_note(one.plan) if is_office else "",
        "channels": CHANNELS,
        "given": {name: posted.get(name, "") for name in posted},
        "problem": refusal.message if refusal else "",
        "field": (refusal.field or "") if refusal else "",
        "step": step,
        "reason_length": REASON_LENGTH,
        "text_length": TEXT_LENGTH,
        "line_length": LINE_LENGTH,
    }
    return render(request, "interviews/interview.html", context, status=status_of(refusal) if refusal else 200)


def _minutes_number(one: Interview) -> str:
    if one.minutes_number is None or one.minutes_number_year is None:
        return ""
    return minutes_number(number=one.minutes_number, year=one.minutes_number_year)


_GOES_ON = {"hand_in", "accept", "return", "recheck"}
"""What may still be done of a year that is closed: what a talk demanded is put right to its end."""


def _steps(actor: Actor, one: Interview, *, hand: EnteredAs | None) -> set[str]:
    """Return what the reader may do now."""
    found = _steps_of_state(actor, one, hand=hand)
    return found if one.plan.closed_at is None else found & _GOES_ON


def _steps_of_state(actor: Actor, one: Interview, *, hand: EnteredAs | None) -> set[str]:
    state = InterviewState(one.state)
    found: set[str] = set()
    if hand is not None:
        found |= {"approve", "refuse", "send_back"}
    answers = may(actor, Permission.INTERVIEW_ANSWER, unit_id=one.unit_id, jurisdiction_id=one.jurisdiction_id)
    if answers and state is InterviewState.NOTIFIED:
        found.add("attend")
    if answers and next_paper(one) is not None:
        found.add("hand_in")
    if not may(actor, Permission.INTERVIEW_DRAFT, jurisdiction_id=one.jurisdiction_id):
        return found
    if state in BEFORE_TALK:
        found.add("withdraw")
    if one.state in AFTER_TALK and one.minutes_at is None:
        found |= {"minutes", "edit_talk"}
    found |= {
        InterviewState.SENT_BACK: {"reapply"},
        InterviewState.APPROVED: {"arrange", "notice"} if one.arranged_at else {"arrange"},
        InterviewState.NOTIFIED: {"hold", "postpone"},
        InterviewState.PLANNED: {"accept", "return"},
        InterviewState.REPORTED: {"recheck", "return"},
    }.get(state, set())
    return found


def _line(
    one: Interview,
    *,
    papers: Sequence[Rectification],
    checks: Sequence[Recheck],
    frozen: dict[PaperKind, IssuedPaper | None],
    owed: dict[Owed, date],
    sees_application: bool,
) -> list[dict[str, Any]]:
    """Return the eight steps: the label, the day it was done, its document, by when it is due, where it stands."""
    state = InterviewState(one.state)
    is_over = state in (InterviewState.REFUSED, InterviewState.WITHDRAWN)
    plans = [each for each in papers if each.paper == Paper.PLAN]
    reports = [each for each in papers if each.paper == Paper.REPORT]
    plan_on = plans[-1].handed_on if plans and state is not InterviewState.HELD else None
    is_reported = state in (InterviewState.REPORTED, InterviewState.SETTLED)
    report_on = reports[-1].handed_on if reports and is_reported else None
    recheck_on = checks[-1].checked_on if checks and state is InterviewState.SETTLED else None
    planned_on = talk_day(one)
    minutes = reverse("interview_minutes", args=[one.pk, "pdf"]) if one.held_at else ""
    notice = reverse("interview_notice", args=[one.pk, "pdf"]) if one.arranged_at else ""
    days: dict[Step, tuple[date | None, str, str, date | None]] = {
        Step.APPLY: (one.applied_on, "申请", "#application" if sees_application else "", None),
        Step.APPROVE: (one.approved_on, f"{one.approved_for_name}批准" if one.approved_on else "", "", None),
        Step.NOTICE: (one.notified_on, one.number_text or "通知书", notice, None),
        Step.TALK: (one.held_on, "约谈记录", "#talk" if one.held_at else "", planned_on),
        Step.MINUTES: (one.minutes_on, _minutes_number(one) or "纪要", minutes, None),
        Step.PLAN: (plan_on, "整改方案", "#rectification" if plans else "", owed.get(Owed.RECTIFY_PLAN)),
        Step.REPORT: (report_on, "整改报告", "#rectification" if reports else "", owed.get(Owed.RECTIFIED)),
        Step.RECHECK: (
            recheck_on,
            RESULT_LABELS[Result(checks[-1].result)] if checks else "复查",
            "#rechecks" if checks else "",
            recheck_due(one, papers),
        ),
    }
    done = [step for step in Step if days[step][0] is not None]
    current = None if is_over else next((step for step in Step if step not in done), None)
    return [
        {
            "label": STEP_LABELS[step] if step is not Step.TALK else noun(is_inviting=one.is_inviting),
            "on": on,
            "document": document,
            "address": address,
            "due_on": due if on is None and not is_over else None,
            "is_done": on is not None,
            "is_now": step is current,
            "has_paper": frozen.get(_PAPER_OF[step]) is not None if step in _PAPER_OF else False,
        }
        for step, (on, document, address, due) in days.items()
    ]


_PAPER_OF = {Step.NOTICE: PaperKind.INTERVIEW, Step.MINUTES: PaperKind.MINUTES}


def _seen(actor: Actor, grounds: Sequence[InterviewGround]) -> set[int]:
    wanted = {one.matter_id for one in grounds if one.matter_id}
    return set(Matter.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))


def _by_matter(grounds: Sequence[InterviewGround], *, seen: set[int]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for one in grounds:
        row = found.setdefault(
            one.matter_id or 0, {"matter": one.matter, "is_seen": (one.matter_id or 0) in seen, "grounds": []}
        )
        row["grounds"].append({"words": one.words, "label": ground_label(one.kind), "since": one.since})
    return list(found.values())


def _how(channel: str, informant: str) -> str:
    return f"（{CHANNEL_LABELS[Channel(channel)]}，{informant}）" if channel else ""


def _paper_row(one: Rectification) -> dict[str, Any]:
    return {
        "paper": one,
        "label": PAPER_LABELS[Paper(one.paper)],
        "how": f"{one.handed_by_name}{_how(one.channel, one.informant)}",
        "is_plan": one.paper == Paper.PLAN,
    }


def _check_row(one: Recheck) -> dict[str, Any]:
    return {
        "check": one,
        "result": RESULT_LABELS[Result(one.result)],
        "tone": "ok" if one.result == Result.MET else "bad",
        "follow_up": FOLLOW_UP_LABELS[FollowUp(one.follow_up)] if one.follow_up else "",
    }


# ---- its papers


@require_safe
def interview_notice(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The notice as a file: as it was issued; before that a draft, for the office and the leaders."""
    return _file(request, pk, form, kind=PaperKind.INTERVIEW)


@require_safe
def interview_minutes(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The minutes as a file: as they were issued; before that a draft, for the office and the leaders."""
    return _file(request, pk, form, kind=PaperKind.MINUTES)


def _file(request: HttpRequest, pk: int, form: str, *, kind: PaperKind) -> HttpResponseBase:
    actor = actor_of(request)
    require(actor, Permission.INTERVIEW_VIEW)
    one = interview_for(actor, pk)
    if form not in {each.value for each in Format}:
        raise NotFound
    wanted = Format(form)
    paper = interview_papers([one], kind).get(pk)
    if paper is not None:
        return issued_file(paper, wanted)
    if not sees_application(actor, one):
        raise NotFound("还没有印发。")
    name = f"{one.unit}{'约谈通知书' if kind is PaperKind.INTERVIEW else '约谈纪要'}（草稿）"
    try:
        if kind is PaperKind.INTERVIEW:
            if one.arranged_at is None:
                raise Invalid("请先定约谈方案：时间、地点、约谈人和约谈对象。", field="arrange")
            page = notice_page(notice_data(one, grounds_in(one), issued=None, on=clock.today()))
        else:
            talk = talk_of(one)
            if talk is None:
                raise Invalid("约谈还没有登记，没有可以起草的纪要。")
            page = minutes_page(minutes_data(one, talk, issued=None, on=clock.today()))
        return draft_file(page, wanted, name=name)
    except Invalid as error:
        return _show(request, one, refusal=error)


@require_safe
def interview_scan(request: HttpRequest, pk: int) -> FileResponse:
    """The paper on which the leader decided: the last, or the `number` asked for. Never for the unit."""
    actor = actor_of(request)
    require(actor, Permission.INTERVIEW_VIEW)
    one = interview_for(actor, pk)
    wanted = number_of(request.GET.get("number"))
    scans = decision_scans_of(one) if sees_application(actor, one) else []
    found = next((each for each in scans if wanted in (0, each.number)), None)
    if found is None:
        raise NotFound("没有这份批示件的扫描件，或者您无权查看。")
    return kept_file(found.digest, name=found.file_name, kind=found.content_type)


# ---- its steps


_DONE = {
    "approve": "已批准。",
    "refuse": "已注明不予批准。",
    "send_back": "已退回修改。",
    "notice": "通知书已编号发出，单位现在可以看到。",
    "postpone": "已改期，并告知各方。",
    "attend": "已记下参加人员。",
    "minutes": "纪要已编号印发。",
    "hand_in": "已报送。",
    "accept": "整改方案已认可。",
    "return": "已退回，单位会收到理由。",
    "recheck": "复查情况已登记。",
    "withdraw": "已撤回。",
}


@require_POST
def interview_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step with an interview; what is wrong is said on its page, as it was filled in."""
    actor = actor_of(request)
    require(actor, Permission.INTERVIEW_VIEW)
    one = interview_for(actor, pk)
    if step not in _DONE:
        raise NotFound
    try:
        if step in _DECISIONS:
            _decide(request, one, step)
        else:
            _TAKE[step](one, request.POST, by=actor, now=clock.now())
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(request, interview_for(actor, pk), refusal=error, step=step)
    messages.success(request, _DONE[step])
    return redirect("interview", pk)


_DECISIONS = ("approve", "refuse", "send_back")


def _decide(request: HttpRequest, one: Interview, step: str) -> None:
    """Enter what the leader decided; off a paper with its day and, where there is one, its scan."""
    posted = request.POST
    on = day_of(posted.get("decided_on", ""), field="decided_on", what="批示日期")
    scan = next(iter(files_of(request)), None)
    told: dict[str, Any] = {
        "seen": number_of(posted.get("version")),
        "paper": OnPaper(on, scan) if on is not None else None,
        "by": actor_of(request),
        "now": clock.now(),
    }
    if step == "approve":
        approve_interview(one, opinion=posted.get("opinion", ""), **told)
    elif step == "refuse":
        refuse_interview(one, reason=posted.get("reason", ""), **told)
    else:
        send_back_interview(one, reason=posted.get("reason", ""), **told)


def _notice(one: Interview, posted: QueryDict, **told: Any) -> None:
    issue_notice(one, **told)


def moment_of(value: str, *, field: str) -> datetime:
    """Return a moment as a form's field gives it. Raises Invalid."""
    try:
        at = parse_datetime(value.strip())
    except ValueError:
        at = None
    if at is None:
        raise Invalid("请填写时间，如 2020-07-08 15:30。", field=field)
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _postpone(one: Interview, posted: QueryDict, **told: Any) -> None:
    at = moment_of(posted.get("starts_at", ""), field="starts_at")
    postpone_interview(one, starts_at=at, place=posted.get("place", ""), reason=posted.get("reason", ""), **told)


def _attend(one: Interview, posted: QueryDict, *, by: Actor, now: datetime) -> None:
    behalf = None if speaks_for(by, one.unit_id) else behalf_of(posted)
    confirm_attendance(one, attending=posted.get("attending", ""), behalf=behalf, by=by, now=now)


def _minutes(one: Interview, posted: QueryDict, **told: Any) -> None:
    issue_minutes(one, **told)


def _hand_in(one: Interview, posted: QueryDict, *, by: Actor, now: datetime) -> None:
    paper = posted.get("paper", "")
    if paper not in {each.value for each in Paper}:
        raise Invalid("请从约谈页报送。", field="text")
    behalf = None if speaks_for(by, one.unit_id) else behalf_of(posted)
    on = day_of(posted.get("handed_on", ""), field="handed_on", what="报送日期")
    hand_in(one, handed=Handed(Paper(paper), posted.get("text", ""), on), behalf=behalf, by=by, now=now)


def _accept(one: Interview, posted: QueryDict, **told: Any) -> None:
    accept_plan(one, **told)


def _return(one: Interview, posted: QueryDict, **told: Any) -> None:
    paper = Paper.PLAN if one.state == InterviewState.PLANNED else Paper.REPORT
    return_paper(one, paper=paper, reason=posted.get("reason", ""), **told)


def _recheck(one: Interview, posted: QueryDict, **told: Any) -> None:
    on = day_of(posted.get("checked_on", ""), field="checked_on", what="复查日期")
    if on is None:
        raise Invalid("请填写复查日期。", field="checked_on")
    result, after = posted.get("result", ""), posted.get("follow_up", "")
    if result not in {each.value for each in Result}:
        raise Invalid("请选择复查结果。", field="result")
    checked = Checked(
        on=on,
        checked_by=posted.get("checked_by", ""),
        findings=posted.get("findings", ""),
        result=Result(result),
        follow_up=FollowUp(after) if after in {each.value for each in FollowUp} else None,
    )
    recheck_interview(one, checked=checked, **told)


def _withdraw(one: Interview, posted: QueryDict, **told: Any) -> None:
    withdraw_interview(one, reason=posted.get("reason", ""), **told)


_TAKE: dict[str, Callable[..., None]] = {
    "notice": _notice,
    "postpone": _postpone,
    "attend": _attend,
    "minutes": _minutes,
    "hand_in": _hand_in,
    "accept": _accept,
    "return": _return,
    "recheck": _recheck,
    "withdraw": _withdraw,
}


# ---- elsewhere


INTERVIEWS_ON_MATTER = InterviewGround.objects.filter(matter=OuterRef("pk"), interview__isnull=False)
"""For the matter's page: whether any interview is about it, seen by the reader or not."""


def interviews_panel(actor: Actor, page: MatterPage) -> list[dict[str, Any]]:
    """Return the interviews about a matter that the reader may see. At most one statement, none where none is."""
    found = interviews_on(actor, page.matter) if "interviews" in page.there else []
    return [
        {
            "pk": one.pk,
            "name": one.number_text or level_label(Level(one.level), is_inviting=one.is_inviting),
            "level": level_label(Level(one.level), is_inviting=one.is_inviting),
            "unit": one.unit.name,
            "on": one.held_on or one.notified_on or one.applied_on,
            "state": INTERVIEW_STATE_LABELS[InterviewState(one.state)],
            "tone": STATE_TONES[InterviewState(one.state)],
        }
        for one in found
    ]


def may_wait(actor: Actor) -> QuerySet[Any]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    states = (InterviewState.APPLIED, InterviewState.NOTIFIED)
    own = of_own_units(actor, "unit")
    return Interview.objects.filter(own, state__in=states)


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return what waits for the reader: applications to be decided, talks to chair, talks to which the unit has to send
    somebody."""
    found = []
    if may(actor, Permission.INTERVIEW_APPROVE):
        found = [_to_decide(one) for one in awaiting_approval(actor)]
        found += [_to_chair(one) for one in talks_to_chair(actor, today=today)]
    if may(actor, Permission.INTERVIEW_ANSWER):
        found += [
            Waiting(
                waits=Waits.CONFIRM,
                address=reverse("interview", args=[one.pk]),
                action="确认",
                text=f"{noun(is_inviting=one.is_inviting)}：{_talk_words(one)}，请确认参加人员",
                since=one.notified_on or one.applied_on,
                unit=one.unit.name,
                due_on=talk_day(one),
            )
            for one in awaiting_attendance(actor)
        ]
    return found


def _talk_words(one: Interview) -> str:
    return f"{time_words(one.starts_at)}在{one.place}" if one.starts_at else ""


def _to_decide(one: Interview) -> Waiting:
    return Waiting(
        waits=Waits.DECIDE,
        address=reverse("interview", args=[one.pk]),
        action="批示",
        text=f"申请{noun(is_inviting=one.is_inviting)}{one.unit.name}",
        since=one.applied_on,
        note=f"{LEVEL_LABELS[Level(one.level)]}，{one.applied_by_name}申请" if not one.is_inviting else "",
        unit=one.unit.name,
    )


def _to_chair(one: Interview) -> Waiting:
    word = noun(is_inviting=one.is_inviting)
    return Waiting(
        waits=Waits.CHAIR,
        address=reverse("interview", args=[one.pk]),
        action="看方案",
        text=f"{word}{one.unit.name}：{_talk_words(one)}",
        since=one.notified_on or one.applied_on,
        note=f"由您主持，对方{one.attending}参加" if one.attending else "由您主持，对方还没有确认参加人员",
        unit=one.unit.name,
        due_on=talk_day(one),
    )


def office_queue(office: Office) -> Queue:
    """Return what of the interviews waits at the office: the talks a director is to chair; for who works on them, what
    the rules propose and the next step of each."""
    desk = reverse("interviews")
    lines = [_to_chair(one) for one in talks_to_chair(office.actor, today=office.today)]
    if not may(office.actor, Permission.INTERVIEW_DRAFT):
        return Queue(lines[: office.most], len(lines), (("约谈", desk),))
    found = morning_of(office.plans, today=office.today)
    lines += [_of_office(one, "登记", _talk_words(one)) for one in found.to_hold]
    lines += [_of_office(one, "审方案", "整改方案待审") for one in found.to_read]
    lines += [_of_office(one, "复查", "整改情况已报送") for one in found.to_recheck]
    lines += [_of_office(one, "印纪要", "纪要还没有印发") for one in found.to_minute]
    lines += [_of_office(one, "通知", "已批准") for one in found.to_notify]
    lines += [_of_office(one, "修改", f"退回修改：{one.sent_back_reason}") for one in found.to_mend]
    lines += [
        Waiting(
            waits=Waits.DECIDE,
            address=f"{desk}?tab=proposed",
            action="看一看",
            text=f"{plan.year}年度：按规则建议约谈 {count} 个单位",
            since=office.today,
            note="由人决定，不会自动约谈",
        )
        for plan, count in found.proposed
    ]
    return Queue(lines[: office.most], len(lines), (("约谈", desk),))


def _of_office(one: Interview, action: str, note: str) -> Waiting:
    return Waiting(
        waits=Waits.DECIDE,
        address=reverse("interview", args=[one.pk]),
        action=action,
        text=f"{noun(is_inviting=one.is_inviting)}{one.unit.name}",
        since=one.notified_on or one.applied_on,
        note=note,
        unit=one.unit.name,
    )
