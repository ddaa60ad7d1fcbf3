"""实地考查、察访核验: the visits, one with its steps, what a unit puts right, and what of them stands elsewhere."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.letters.queries import speaks_for
from duban.matters.models import Matter
from duban.matters.queries import MatterPage, plans_in_sight
from duban.matters.rules import SUPERVISION_TYPE_LABELS, Channel, SupervisionType
from duban.papers.rules import Format
from duban.visits.actions import (
    NewHandover,
    OnBehalf,
    Recheck,
    add_claim,
    approve_visit,
    choose_answer,
    confirm_visit,
    drop_visit,
    hand_over,
    hold_visit,
    join_visits,
    plan_rectifying,
    recheck,
    report_rectified,
    send_back_results,
)
from duban.visits.models import Answer, Rectification, Visit, VisitItem
from duban.visits.queries import (
    SeenItem,
    cautions_about,
    conclusions_of,
    is_of_office,
    items_of,
    morning_of,
    rectification_of,
    rectifications_of,
    rectifying_for,
    said_words,
    table_data,
    table_page,
    verifiers_of,
    visit_for,
    visit_item,
    visits_for,
    visits_of_matter,
    why_words,
)
from duban.visits.rules import (
    CHECK_METHOD_LABELS,
    REASON_LENGTH,
    RECTIFYING_STATE_LABELS,
    RECTIFYING_STEP_LABELS,
    RESULT_LABELS,
    SEEN_BY_UNITS,
    TAKES_RESULTS,
    TEXT_LENGTH,
    VISIT_KIND_LABELS,
    VISIT_STATE_LABELS,
    CheckMethod,
    RectifyingState,
    RectifyingStep,
    Result,
    VisitKind,
    VisitState,
)
from duban.web.closed import closed_note
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.objections import objecting_units
from duban.web.obstacles import CHANNELS, status_of
from duban.web.papers import draft_file, issued_file, paper_panel
from duban.web.waiting import Office, Queue, Waiting, Waits

STATE_TONES = {
    VisitState.PREPARED: "draft",
    VisitState.APPROVED: "blue",
    VisitState.HELD: "violet",
    VisitState.CONFIRMED: "warn",
    VisitState.CONCLUDED: "teal",
    VisitState.DROPPED: "plain",
}
RESULT_TONES = {Result.TRUE: "ok", Result.MOSTLY: "warn", Result.UNTRUE: "bad"}
RECTIFYING_TONES = {
    RectifyingState.PLAN_OWED: "warn",
    RectifyingState.UNDER_WAY: "warn",
    RectifyingState.REPORTED: "violet",
    RectifyingState.ACCEPTED: "ok",
}
_PAGE_ROWS = 40


# ---- the list


@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """The visits the reader may see, by kind and by how they stand."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_VIEW)
    visible = visits_for(actor)
    kinds = Counter(visible.order_by().values_list("kind", flat=True))
    kind = request.GET.get("kind", "")
    narrowed = visible.filter(kind=kind) if kind in set(VisitKind) else visible
    states = Counter(narrowed.order_by().values_list("state", flat=True))
    state = request.GET.get("state", "")
    rows = narrowed.filter(state=state) if state in set(VisitState) else narrowed.exclude(state=VisitState.DROPPED)
    page = Paginator(rows, _PAGE_ROWS).get_page(request.GET.get("page"))
    shown = list(page)
    untrue = Counter(VisitItem.objects.filter(visit__in=shown, result=Result.UNTRUE).values_list("visit_id", flat=True))
    matters = Counter(VisitItem.objects.filter(visit__in=shown).values_list("visit_id", flat=True))
    works = may(actor, Permission.VISIT_PREPARE)
    context = {
        "kinds": [(one.value, VISIT_KIND_LABELS[one], kinds[one.value]) for one in VisitKind if kinds[one.value]],
        "kind": kind,
        "states": [(one.value, VISIT_STATE_LABELS[one], states[one.value]) for one in VisitState if states[one.value]],
        "state": state,
        "rows": [
            {
                **visit_row(one),
                "count": matters[one.pk],
                "untrue_words": f"不实 {untrue[one.pk]} 项" if untrue[one.pk] else "",
                "next": _next_word(one, actor=actor),
            }
            for one in shown
        ],
        "page": page,
        "query": f"kind={kind}&state={state}&",
        "works": works,
        "arranges": works and plans_in_sight(actor).filter(closed_at=None).exists(),
        "looks": is_office(actor),
        "rectifying": list(rectifying_for(actor)),
    }
    return render(request, "visits/index.html", context)


def is_office(actor: Actor) -> bool:
    """Return whether the reader looks at visits as the office does, not as somebody visited."""
    return may(actor, Permission.VISIT_PREPARE) or may(actor, Permission.VISIT_APPROVE)


def visit_row(one: Visit) -> dict[str, Any]:
    """Return a visit as a line of a list. Its `some_units` are read."""
    state = VisitState(one.state)
    return {
        "visit": one,
        "kind": VISIT_KIND_LABELS[VisitKind(one.kind)],
        "state": VISIT_STATE_LABELS[state],
        "tone": STATE_TONES[state],
        "units": "、".join(each.name for each in one.some_units),  # type: ignore[attr-defined]
    }


def _next_word(one: Visit, *, actor: Actor) -> str:
    words = {
        VisitState.PREPARED: ("批准", Permission.VISIT_APPROVE),
        VisitState.APPROVED: ("填结果", Permission.VISIT_RECORD),
        VisitState.HELD: ("认定", Permission.FINDING_JUDGE),
        VisitState.CONFIRMED: ("写结论", Permission.VISIT_PREPARE),
    }
    word, permission = words.get(VisitState(one.state), ("", Permission.VISIT_VIEW))
    return word if word and may(actor, permission, jurisdiction_id=one.jurisdiction_id) else ""


# ---- one visit


@require_safe
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit as it stands, and what the reader may do now."""
    require(actor_of(request), Permission.VISIT_VIEW)
    return show_visit(request, visit_for(actor_of(request), pk))


def _steps(actor: Actor, one: Visit) -> set[str]:
    state, place = VisitState(one.state), {"jurisdiction_id": one.jurisdiction_id}
    found: set[str] = set()
    if one.plan.closed_at is not None:
        return found
    if may(actor, Permission.VISIT_PREPARE, **place):
        found |= {
            VisitState.PREPARED: {"edit", "drop", "claim", "join"},
            VisitState.APPROVED: {"drop", "claim"},
            VisitState.CONFIRMED: {"conclude"},
        }.get(state, set())
    if may(actor, Permission.VISIT_APPROVE, **place) and state is VisitState.PREPARED:
        found.add("approve")
    if may(actor, Permission.VISIT_RECORD, **place) and state in TAKES_RESULTS:
        found |= {"field", "choose"}
        found |= {"hold"} if state is VisitState.APPROVED else set()
    if may(actor, Permission.FINDING_JUDGE, **place) and state is VisitState.HELD:
        found |= {"confirm", "send_back"}
    if may(actor, Permission.LEAD_HAND_OVER, **place) and state in SEEN_BY_UNITS:
        found.add("hand_over")
    return found


def show_visit(request: HttpRequest, one: Visit, *, refusal: DomainError | None = None, step: str = "") -> HttpResponse:
    """Return the page of a visit, with what a step was refused for."""
    actor, today = actor_of(request), clock.today()
    office = is_of_office(actor, one.jurisdiction_id)
    steps = _steps(actor, one)
    seen = items_of(one, actor=actor)
    units = list(one.some_units)  # type: ignore[attr-defined]
    posted = request.POST if refusal else QueryDict()
    paper = conclusions_of([one]).get(one.pk)
    open_ = sum(each.standing is None for item in seen for each in item.claims)
    context = {
        **visit_row(one),
        "visit": one,
        "type": SUPERVISION_TYPE_LABELS[SupervisionType(one.supervision_type)],
        "method": CHECK_METHOD_LABELS[CheckMethod(one.method)],
        "verifiers": verifiers_of(one),
        "items": [item_row(each) for each in seen],
        "is_office": office,
        "objecting": objecting_units(actor) if one.state in SEEN_BY_UNITS else set(),
        "steps": steps,
        "closed": closed_note(one.plan) if office else "",
        "cautions": cautions_about(one, units=units) if office and one.state == VisitState.PREPARED else [],
        "joinable": _joinable(actor, one) if "join" in steps else [],
        "open": open_,
        "conflicts": sum(len(each.waiting) for item in seen for each in item.claims),
        "is_found": one.state in SEEN_BY_UNITS or office,
        "rectifications": [_rectification_row(each) for each in rectifications_of(one, actor=actor)],
        "handovers": list(one.handovers.select_related("matter")) if office else [],
        **paper_panel(actor, paper if office or one.state in SEEN_BY_UNITS else None),
        "today": today,
        "step": step,
        "field": (refusal.field or "") if refusal else "",
        "problem": refusal.message if refusal else "",
        "given": {name: posted.get(name, "") for name in posted},
        "reason_length": REASON_LENGTH,
    }
    return render(request, "visits/visit.html", context, status=status_of(refusal) if refusal else 200)


def item_row(one: SeenItem) -> dict[str, Any]:
    """Return one matter of a visit with its claims, as a page shows them."""
    item = one.item
    return {
        "item": item,
        "matter": item.matter,
        "name": item.matter.title or item.matter.text,
        "why": why_words(item.why, note=item.note),
        "result": _result(item.result),
        "findings": [
            {"finding": each, "result": _result(each.result), "is_last": each is one.findings[-1]}
            for each in one.findings
        ],
        "claims": [
            {
                "claim": each.claim,
                "said": said_words(each.claim.source, each.claim.said_on),
                "standing": _answer(each.standing) if each.standing else None,
                "waiting": [_answer(other) for other in each.waiting],
                "former": [_answer(other) for other in each.former],
                "seen": each.seen,
            }
            for each in one.claims
        ],
    }


def _result(value: str) -> dict[str, str] | None:
    return {"word": RESULT_LABELS[Result(value)], "tone": RESULT_TONES[Result(value)]} if value else None


def _answer(one: Answer) -> dict[str, Any]:
    return {"answer": one, **(_result(one.result) or {})}


def _joinable(actor: Actor, one: Visit) -> list[Visit]:
    """Return the visits that could be joined into this one: of its kind and list, waiting as well."""
    others = Visit.objects.visible_to(actor).filter(
        plan=one.plan_id, kind=one.kind, draw=one.draw_id, state=VisitState.PREPARED
    )
    return list(others.exclude(pk=one.pk).order_by("first_on", "pk")[:50])


_DONE = {
    "approve": "方案已批准，可以出发了。",
    "drop": "已作罢。",
    "hold": "现场核验已完成，等候认定。",
    "send_back": "已退回，请核验人补正。",
    "confirm": "已认定，单位可以看到结果。",
    "join": "已合并为一次。",
    "claim": "已增列。",
    "choose": "已选定。",
    "hand_over": "已登记移送。",
}


@require_POST
def visit_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step of a visit: approve, drop, hold, send back, confirm, join, list a claim, choose, hand over."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_VIEW)
    found = visit_for(actor, pk)
    if step not in _DONE:
        raise NotFound
    try:
        _take(step, found, posted=request.POST, actor=actor)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return show_visit(request, visit_for(actor, pk), refusal=error, step=step)
    messages.success(request, _DONE[step])
    return redirect("visit", pk)


def _take(step: str, one: Visit, *, posted: QueryDict, actor: Actor) -> None:
    now = clock.now()
    told: dict[str, Any] = {"by": actor, "now": now}
    reason = posted.get("reason", "")
    if step == "approve":
        approve_visit(one, **told)
    elif step == "drop":
        drop_visit(one, reason=reason, **told)
    elif step == "send_back":
        send_back_results(one, reason=reason, **told)
    elif step == "confirm":
        confirm_visit(one, **told)
    elif step == "hold":
        day = day_of(posted.get("visited_on", ""), field="visited_on", what="到场日期")
        require(actor, Permission.VISIT_RECORD, jurisdiction_id=one.jurisdiction_id)
        if day is None:
            raise Invalid("请填写到场日期。", field="visited_on")
        hold_visit(one, visited_on=day, **told)
    elif step == "join":
        require(actor, Permission.VISIT_PREPARE, jurisdiction_id=one.jurisdiction_id)
        join_visits(one, other=visit_for(actor, number_of(posted.get("other"))), **told)
    elif step == "claim":
        require(actor, Permission.VISIT_PREPARE, jurisdiction_id=one.jurisdiction_id)
        item = visit_item(actor, number_of(posted.get("item")))
        if item.visit_id != one.pk:
            raise NotFound
        add_claim(item, words=posted.get("words", ""), look_at=posted.get("look_at", ""), **told)
    elif step == "choose":
        require(actor, Permission.VISIT_RECORD, jurisdiction_id=one.jurisdiction_id)
        joined = Answer.objects.select_related("claim__item__visit", "claim__item__matter")
        answer = joined.filter(pk=number_of(posted.get("answer")), claim__item__visit=one).first()
        if answer is None:
            raise NotFound
        choose_answer(answer, **told)
    else:
        require(actor, Permission.LEAD_HAND_OVER, jurisdiction_id=one.jurisdiction_id)
        hand_over(one, new=_handover(one, posted), **told)


def _handover(one: Visit, posted: QueryDict) -> NewHandover:
    day = day_of(posted.get("handed_on", ""), field="handed_on", what="移送日期")
    if day is None:
        raise Invalid("请填写移送日期。", field="handed_on")
    item = VisitItem.objects.filter(visit=one, pk=number_of(posted.get("item"))).select_related("matter").first()
    return NewHandover(
        recipient=posted.get("recipient", ""),
        lead=posted.get("lead", ""),
        basis=posted.get("basis", ""),
        handed_on=day,
        document_number=posted.get("document_number", ""),
        matter=item.matter if item else None,
    )


@require_safe
def visit_table(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The table of a visit to be printed: blank to be taken along, or with what was found."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_RECORD)
    one = visit_for(actor, pk)
    if form not in set(Format):
        raise NotFound("没有这种格式。")
    try:
        return draft_file(table_page(table_data(one)), Format(form), name=f"{one.title}核验表")
    except Invalid as error:
        return show_visit(request, one, refusal=error)


@require_safe
def visit_conclusion(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The conclusion of a visit as it was fed back, byte for byte."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_VIEW)
    one = visit_for(actor, pk)
    paper = conclusions_of([one]).get(pk)
    if form not in set(Format) or paper is None:
        raise NotFound("结论还没有反馈。")
    return issued_file(paper, Format(form))


# ---- what a unit puts right


@require_http_methods(["GET", "POST"])
def visit_rectify(request: HttpRequest, pk: int, unit_pk: int) -> HttpResponse:
    """What a unit has to put right after a visit: its plan, its report, the office's re-check."""
    actor = actor_of(request)
    require(actor, Permission.RECTIFY, unit_id=unit_pk)
    one = visit_for(actor, pk)
    row = rectification_of(actor, one, unit_pk)
    is_own = speaks_for(actor, unit_pk)
    state = RectifyingState(row.state)
    may_recheck = state is RectifyingState.REPORTED and may(
        actor, Permission.FINDING_JUDGE, jurisdiction_id=one.jurisdiction_id
    )
    problem, field, status = "", "", 200
    if request.method == "POST":
        try:
            done = _rectify(row, request=request, actor=actor, is_own=is_own)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, done)
            return redirect("visit_rectify", pk, unit_pk)
    [seen] = [each for each in rectifications_of(one, actor=actor) if each.row.pk == row.pk]
    context = {
        **visit_row(one),
        "row": row,
        "rectification": _rectification_row(seen),
        "is_own": is_own,
        "may_plan": state is RectifyingState.PLAN_OWED,
        "may_report": state in (RectifyingState.PLAN_OWED, RectifyingState.UNDER_WAY),
        "may_recheck": may_recheck,
        "items": [
            {"item": each.item, "result": _result(each.item.result)} for each in items_of(one, actor=actor)
            if each.item.unit_id == unit_pk
        ],
        "channels": CHANNELS,
        "today": clock.today(),
        "given": {name: request.POST.get(name, "") for name in request.POST} or {"channel": Channel.PAPER.value},
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
    }  # fmt: skip
    return render(request, "visits/rectify.html", context, status=status)


def _rectify(row: Rectification, *, request: HttpRequest, actor: Actor, is_own: bool) -> str:
    posted, told = request.POST, {"by": actor, "now": clock.now()}
    step, text = posted.get("step", ""), posted.get("text", "")
    if step == "recheck":
        due_on = day_of(posted.get("due_on", ""), field="due_on", what="再报的日期")
        found = Recheck(text, is_right=posted.get("is_right") == "yes", due_on=due_on)
        recheck(row, found=found, **told)  # type: ignore[arg-type]
        return "已记下复查结果，单位会收到消息。"
    how = None if is_own else behalf_of(posted)
    came_on = day_of(posted.get("came_on", ""), field="came_on", what="报送日期")
    behalf = OnBehalf(how, came_on) if how is not None else None
    if step == "report":
        report_rectified(row, text=text, behalf=behalf, **told)  # type: ignore[arg-type]
        return "整改情况已报送，督查室将复查。"
    plan_rectifying(row, text=text, behalf=behalf, **told)  # type: ignore[arg-type]
    return "整改方案已报送。"


def _rectification_row(seen: Any) -> dict[str, Any]:
    row, state = seen.row, RectifyingState(seen.row.state)
    return {
        "row": row,
        "state": RECTIFYING_STATE_LABELS[state],
        "tone": RECTIFYING_TONES[state],
        "due_on": row.plan_due_on if state is RectifyingState.PLAN_OWED else row.report_due_on,
        "is_open": state in (RectifyingState.PLAN_OWED, RectifyingState.UNDER_WAY),
        "steps": [{"step": one, "label": RECTIFYING_STEP_LABELS[RectifyingStep(one.kind)]} for one in seen.steps],
    }


# ---- elsewhere


def visits_panel(actor: Actor, page: MatterPage) -> list[dict[str, Any]]:
    """Return the visits to a matter, for its page. At most one statement, none where there are none."""
    found = visits_of_matter(actor, page.matter) if "visits" in page.there else []
    return [
        {
            "pk": one.visit_id,
            "title": one.visit.title,
            "kind": VISIT_KIND_LABELS[VisitKind(one.visit.kind)],
            "on": one.visit.visited_on or one.visit.first_on,
            "state": VISIT_STATE_LABELS[VisitState(one.visit.state)],
            "tone": STATE_TONES[VisitState(one.visit.state)],
            "result": _result(one.result),
        }
        for one in found
    ]


VISITS_ON_MATTER = VisitItem.objects.filter(matter=OuterRef("pk"))
"""For the matter's page: whether any visit goes to it."""


def office_queue(office: Office) -> Queue:
    """Return what of the visits waits at the office. One statement where nothing does."""
    found = morning_of(office.actor, office.plans, today=office.today)
    lines: list[Waiting] = []
    if found.checks:
        first = found.checks[0]
        lines.append(
            Waiting(
                waits=Waits.DECIDE,
                address=f"{reverse('visit_plan')}?year={first.plan.year}",
                action="批准",
                text=f"督查计划 {len(found.checks)} 项待批准",
                since=clock.day_of(first.planned_at),
            )
        )
    lines += [_line(one, "批准", "方案待批") for one in found.to_approve]
    lines += [_line(one, "认定", f"{one.held_by_name}报来结果") for one in found.to_confirm]
    lines += [
        _line(one, "填结果", "到了方案定的日期", address=reverse("visit_field", args=[one.pk])) for one in found.to_hold
    ]
    lines += [_line(one, "写结论", "结果已认定") for one in found.to_conclude]
    lines += [
        Waiting(
            waits=Waits.DECIDE,
            address=reverse("visit_rectify", args=[one.visit_id, one.unit_id]),
            action="复查",
            text=f"{one.visit.title}：{one.unit.name}报来整改情况",
            since=clock.day_of(one.asked_at),
            unit=one.unit.name,
        )
        for one in found.to_recheck
    ]
    lines += [
        Waiting(
            waits=Waits.DECIDE,
            address=reverse("visit_results", args=[one.pk]),
            action="采用",
            text=f"导入的核验结果：{one.file_name}",
            since=clock.day_of(one.uploaded_at),
        )
        for one in found.results
    ]
    return Queue(lines[: office.most], len(lines), (("核验", reverse("visits")),))


def _line(one: Visit, action: str, note: str, *, address: str = "") -> Waiting:
    return Waiting(
        waits=Waits.DECIDE,
        address=address or reverse("visit", args=[one.pk]),
        action=action,
        text=one.title,
        since=one.first_on,
        note=note,
    )


def matters_seen(actor: Actor, ids: list[int]) -> QuerySet[Matter]:
    """Return those of these matters the actor may see, joined for a visit."""
    seen = Matter.objects.visible_to(actor).filter(pk__in=ids)
    return seen.select_related("plan__policy", "plan__jurisdiction").order_by("order", "pk")
