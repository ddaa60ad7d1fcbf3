"""复核: what a unit may object to, one objection with its steps, who stands aside; what of it waits."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.models import Account
from duban.access.rules import WHOLE_UNIT_ROLES, Permission, may, require
from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.rules import Section
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.core.text import date_text
from duban.evaluation.models import ScoreSheet
from duban.evidence.models import Evidence
from duban.matters.models import Assignment, Matter
from duban.matters.queries import MatterPage, matter_for
from duban.matters.rules import CHANNEL_LABELS, LIGHT_LABELS, Channel, Light
from duban.objections.actions import (
    Ruling,
    Words,
    accept_objection,
    appoint_reviewer,
    decide_objection,
    decline_objection,
    edit_objection,
    file_objection,
    send_back_objection,
    sign_objection,
    withdraw_objection,
)
from duban.objections.models import Objection
from duban.objections.queries import (
    Conclusion,
    at_office,
    better_lights,
    better_results,
    citation_joined,
    conclusion_on_citation,
    conclusion_on_light,
    conclusion_on_score,
    conclusion_on_verification,
    conclusions_open_to,
    item_joined,
    named_to_decide,
    objection_for,
    objections_for,
    objections_on_citations,
    objections_on_matter,
    panel_of,
    review_papers,
    score_facts,
    sheet_joined,
    to_sign,
    why_not,
    why_not_any,
)
from duban.objections.rules import (
    AT_OFFICE,
    DECLINING_LABELS,
    OBJECTION_STATE_LABELS,
    OUTCOME_LABELS,
    REASON_LENGTH,
    TARGET_LABELS,
    TEXT_LENGTH,
    UNDECIDED,
    Declining,
    ObjectionState,
    Outcome,
    Target,
    WhyNot,
    is_out_of_time,
)
from duban.orgs.models import Unit
from duban.papers.rules import Format
from duban.visits.models import Visit
from duban.visits.rules import RESULT_LABELS, Result
from duban.web.evidence import evidence_line, file_fields, files_of
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.obstacles import CHANNELS, status_of
from duban.web.papers import issued_file
from duban.web.waiting import Office, Queue, Waiting, Waits

STATE_TONES = {
    ObjectionState.WRITTEN: "draft",
    ObjectionState.FILED: "warn",
    ObjectionState.ACCEPTED: "violet",
    ObjectionState.DECLINED: "plain",
    ObjectionState.DECIDED: "teal",
    ObjectionState.WITHDRAWN: "plain",
}
OUTCOME_TONES = {Outcome.UPHELD: "ok", Outcome.PARTLY: "blue", Outcome.REJECTED: "plain"}
TABS: dict[str, tuple[ObjectionState, ...]] = {
    "open": UNDECIDED,
    "decided": (ObjectionState.DECIDED,),
    "other": (ObjectionState.DECLINED, ObjectionState.WITHDRAWN),
}
TAB_LABELS = {"open": "办理中", "decided": "已决定", "other": "不予受理、已撤回"}
_PAGE_ROWS = 30


def _own_units(actor: Actor) -> set[int]:
    return {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}


def objecting_units(actor: Actor) -> set[int]:
    """Return the reader's own units, where the reader may object for them: elsewhere a way is shown to it."""
    return _own_units(actor) if may(actor, Permission.OBJECTION_FILE) else set()


def _state_tag(one: Objection) -> tuple[str, str]:
    """Return how an objection stands, in a word and its tone; how it was decided says more than that it was."""
    if one.outcome:
        outcome = Outcome(one.outcome)
        return OUTCOME_LABELS[outcome], OUTCOME_TONES[outcome]
    state = ObjectionState(one.state)
    return OBJECTION_STATE_LABELS[state], STATE_TONES[state]


# ---- the list


@require_safe
def objections(request: HttpRequest) -> HttpResponse:
    """The objections the reader may see, what is due soonest first; a unit also finds what it may object to."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.OBJECTION_VIEW)
    visible = objections_for(actor)
    states = Counter(visible.order_by().values_list("state", flat=True))
    counts = {name: sum(states[state.value] for state in some) for name, some in TABS.items()}
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else next((name for name in TABS if counts[name]), "open")
    found = visible.filter(state__in=TABS[tab])
    if tab != "open":
        found = found.order_by("-filed_at", "-pk")
    page = Paginator(found, _PAGE_ROWS).get_page(request.GET.get("page"))
    own = _own_units(actor)
    context = {
        "tabs": [(name, TAB_LABELS[name], counts[name]) for name in TABS],
        "tab": tab,
        "rows": [_row(one, today=today) for one in page],
        "page": page,
        "query": f"tab={tab}&",
        "open_to": len(conclusions_open_to(own, today=today)) if own and may(actor, Permission.OBJECTION_FILE) else 0,
        "may_enter": not own and may(actor, Permission.OBJECTION_FILE),
    }
    return render(request, "objections/index.html", context)


def _row(one: Objection, *, today: date) -> dict[str, Any]:
    word, tone = _state_tag(one)
    return {
        "objection": one,
        "target": TARGET_LABELS[Target(one.target)],
        "state": word,
        "tone": tone,
        "due_on": one.decide_by if one.state in AT_OFFICE else None,
        "is_late": one.state in AT_OFFICE and one.decide_by is not None and one.decide_by < today,
    }


# ---- filing


@require_http_methods(["GET", "POST"])
def objection_new(request: HttpRequest) -> HttpResponse:
    """Object to a light, a citation, a verification, a score; without one named, what the reader's units may object to.

    The office enters what a unit sent on paper; for it the unit is named as well.
    """
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.OBJECTION_FILE)
    given = request.POST if request.method == "POST" else request.GET
    if not any(given.get(name) for name in _NAMED):
        return _choose(request, actor=actor, today=today)
    conclusion = _conclusion(actor, given)
    is_own = conclusion.unit.pk in _own_units(actor)
    require(
        actor, Permission.OBJECTION_FILE, unit_id=conclusion.unit.pk, jurisdiction_id=conclusion.plan.jurisdiction_id
    )
    values = {"channel": Channel.PAPER.value, "filed_on": today.isoformat()}
    problem, field, status = "", "", 200
    if request.method == "POST":
        values |= {name: given.get(name, "") for name in given}
        try:
            made = file_objection(
                conclusion,
                words=Words(given.get("grounds", ""), given.get("asked_for", "")),
                by=actor,
                now=clock.now(),
                behalf=None if is_own else behalf_of(request.POST),
                filed_on=None if is_own else day_of(given.get("filed_on", ""), field="filed_on", what="申请日期"),
                evidence=files_of(request),
            )
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            is_filed = made.state == ObjectionState.FILED
            done = f"已提出，{date_text(made.decide_by)}前决定。" if is_filed else "已送本单位审签，审签后提出。"
            messages.success(request, done)
            return redirect("objection", made.pk)
    late = is_out_of_time(filed_on=today, last_on=conclusion.last_on)
    context = {
        "conclusion": conclusion,
        "target": TARGET_LABELS[conclusion.target],
        "light_label": LIGHT_LABELS[Light(conclusion.light)] if conclusion.light else "",
        "is_own": is_own,
        "is_late": late,
        "signs": may(actor, Permission.OBJECTION_SIGN, unit_id=conclusion.unit.pk),
        "files": file_fields(conclusion.matter) if conclusion.matter is not None else None,
        "had_files": bool(request.FILES),
        "channels": CHANNELS,
        "given": values,
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
    }
    return render(request, "objections/new.html", context, status=status)


_NAMED = ("matter", "citation", "item", "sheet")
"""By what an address names what is objected to."""


def _choose(request: HttpRequest, *, actor: Actor, today: date) -> HttpResponse:
    own = _own_units(actor)
    units = own
    chosen = None
    if not own:  # the office: of which unit
        chosen = Unit.objects.filter(pk=number_of(request.GET.get("unit")), merged_into=None).first()
        if chosen is not None:
            require(actor, Permission.OBJECTION_FILE, unit_id=chosen.pk, jurisdiction_id=chosen.jurisdiction_id)
            units = {chosen.pk}
    since = today if own else today - timedelta(days=_ENTERED_LATE_DAYS)
    rows = [_choice(one, today=today) for one in conclusions_open_to(units, today=since)] if units else []
    places = {one.jurisdiction_id for one in actor.held if one.jurisdiction_id is not None}
    context = {
        "rows": rows,
        "is_own": bool(own),
        "chosen": chosen,
        "units": []
        if own
        else list(Unit.objects.filter(jurisdiction__in=places, merged_into=None).order_by("order", "pk")),
    }
    return render(request, "objections/choose.html", context)


_ENTERED_LATE_DAYS = 30
"""So long after its last day the office still finds a conclusion in the list, to enter a paper that lay somewhere."""


def _choice(one: Conclusion, *, today: date) -> dict[str, Any]:
    things = {"citation": one.citation, "item": one.visit_item, "sheet": one.sheet, "matter": one.matter}
    named = next(f"{name}={thing.pk}" for name, thing in things.items() if thing is not None)
    return {
        "conclusion": one,
        "target": TARGET_LABELS[one.target],
        "address": f"{reverse('objection_new')}?{named}&unit={one.unit.pk}",
        "is_late": is_out_of_time(filed_on=today, last_on=one.last_on),
    }


def _conclusion(actor: Actor, given: QueryDict) -> Conclusion:
    """Return what is objected to. Raises NotFound (what the reader may not see is not there)."""
    if given.get("citation"):
        citation = citation_joined(number_of(given.get("citation")))
        seen = Bulletin.objects.visible_to(actor).filter(pk=citation.bulletin_id)
        if not seen.exists():
            raise NotFound("没有这一条通报，或者您无权查看。")
        return conclusion_on_citation(citation)
    if given.get("item"):
        item = item_joined(number_of(given.get("item")))
        if not Visit.objects.visible_to(actor).filter(pk=item.visit_id).exists():
            raise NotFound("没有这项核验，或者您无权查看。")
        return conclusion_on_verification(item)
    if given.get("sheet"):
        sheet = sheet_joined(number_of(given.get("sheet")))
        if not ScoreSheet.objects.visible_to(actor).filter(pk=sheet.pk).exists():
            raise NotFound("没有这张考评表，或者您无权查看。")
        return conclusion_on_score(sheet)
    matter = matter_for(actor, number_of(given.get("matter")))
    parts = Assignment.objects.filter(matter=matter, ended_at=None).select_related("unit")
    units = {one.unit_id: one.unit for one in parts.order_by("-is_merging", "part", "order", "pk")}
    own = _own_units(actor)
    wanted = number_of(given.get("unit"))
    unit = units.get(wanted) if wanted else next((one for pk, one in units.items() if pk in own or not own), None)
    if unit is None:
        raise NotFound(f"{matter}没有这个责任单位。")
    return conclusion_on_light(matter, unit=unit)


# ---- one objection


@require_safe
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection: what is objected to and why, who stands aside, what was decided, and what may be done now."""
    actor = actor_of(request)
    require(actor, Permission.OBJECTION_VIEW)
    return _show(request, objection_for(actor, pk))


def _steps(actor: Actor, one: Objection, *, apart: bool) -> set[str]:
    """Return what the actor may do now. apart: took no part and may decide."""
    place, state = one.jurisdiction_id, ObjectionState(one.state)
    own = one.unit_id in _own_units(actor)
    found: set[str] = set()
    if state is ObjectionState.WRITTEN and own:
        found.add("edit")
        if may(actor, Permission.OBJECTION_SIGN, unit_id=one.unit_id, jurisdiction_id=place):
            found |= {"sign", "send_back"}
    if state in UNDECIDED and may(actor, Permission.OBJECTION_FILE, unit_id=one.unit_id, jurisdiction_id=place):
        found.add("withdraw")
    if state in AT_OFFICE and may(actor, Permission.OBJECTION_APPOINT, jurisdiction_id=place):
        found.add("appoint")
    late = one.filed_on is not None and is_out_of_time(filed_on=one.filed_on, last_on=one.last_on)
    if state is ObjectionState.FILED:
        if may(actor, Permission.OBJECTION_ACCEPT, jurisdiction_id=place) and not late:
            found.add("accept")
        if apart:
            found.add("decline")
    if state is ObjectionState.ACCEPTED and apart:
        found.add("decide")
    return found


def _show(request: HttpRequest, one: Objection, *, refusal: DomainError | None = None, step: str = "") -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    decides = may(actor, Permission.OBJECTION_DECIDE, jurisdiction_id=one.jurisdiction_id)
    is_open = one.state in AT_OFFICE
    why = why_not(actor, one) if decides and is_open else None
    steps = _steps(actor, one, apart=decides and is_open and why is None)
    panel = panel_of(one, on=today) if is_open and (decides or "appoint" in steps) else None
    posted = request.POST if refusal else QueryDict()
    word, tone = _state_tag(one)
    pieces = Evidence.objects.visible_to(actor).filter(subject_type="objection", subject_id=one.pk, withdrawn_at=None)
    given = {"grounds": one.grounds, "asked_for": one.asked_for} | {name: posted.get(name, "") for name in posted}
    context = {
        "objection": one,
        "target": TARGET_LABELS[Target(one.target)],
        "light_label": LIGHT_LABELS[Light(one.light)] if one.light else "",
        "state": word,
        "tone": tone,
        "by": f"{one.informant}（{CHANNEL_LABELS[Channel(one.channel)]}，{one.filed_by_name}代录）"
        if one.channel
        else (one.filed_by_name or one.written_by_name),
        "declined_as": DECLINING_LABELS[Declining(one.declined_as)] if one.declined_as else "",
        "is_office": decides,
        "is_open": is_open,
        "is_late": is_open and one.decide_by is not None and one.decide_by < today,
        "sees_matter": one.matter is not None and Matter.objects.visible_to(actor).filter(pk=one.matter.pk).exists(),
        "evidence": [evidence_line(each) for each in pieces.select_related("unit").order_by("added_at", "pk")],
        "steps": steps,
        "has_buttons": bool(steps & {"sign", "accept"}),
        "why_not": str(why) if why is not None else "",
        "panel": panel,
        "outcomes": OUTCOME_LABELS.items(),
        "lights": [(each.value, LIGHT_LABELS[each]) for each in better_lights(one.light)] if one.light else [],
        "results": _results(one) if "decide" in steps else [],
        "facts": [(each, each.key in posted.getlist("left_out")) for each in score_facts(one)]
        if "decide" in steps
        else [],
        "is_on_score": one.sheet_id is not None,
        "declinings": DECLINING_LABELS.items(),
        "candidates": (*panel.usual, *panel.nameable) if panel is not None else (),
        "paper": review_papers([one]).get(one.pk) if one.decided_at else None,
        "given": given,
        "problem": refusal.message if refusal else "",
        "theirs": refusal.theirs if isinstance(refusal, Conflict) else None,
        "field": (refusal.field or "") if refusal else "",
        "step": step,
        "text_length": TEXT_LENGTH,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "objections/objection.html", context, status=status_of(refusal) if refusal else 200)


def _results(one: Objection) -> list[tuple[str, str]]:
    """Return the results a review may put instead, the best first; nothing of what is no verification."""
    if one.visit_item is None or not one.visit_item.result:
        return []
    return [(each.value, RESULT_LABELS[each]) for each in better_results(one.visit_item.result)]


_DONE = {
    "edit": "已保存，待审签。",
    "sign": "已审签，提交督查室。",
    "send_back": "已退回修改。",
    "accept": "已受理，单位会收到告知。",
    "decline": "已告知单位不予受理。",
    "withdraw": "已撤回。",
    "appoint": "已指定，本人会收到告知。",
    "decide": "已作出决定，决定书编号存档，单位会收到告知。",
}


@require_POST
def objection_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step with an objection; what is wrong is said on its page, as it was filled in."""
    actor = actor_of(request)
    require(actor, Permission.OBJECTION_VIEW)
    one = objection_for(actor, pk)
    if step not in _DONE:
        raise NotFound
    try:
        _take(step, one, posted=request.POST, actor=actor)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(request, objection_for(actor, pk), refusal=error, step=step)
    messages.success(request, _DONE[step])
    return redirect("objection", pk)


def _take(step: str, one: Objection, *, posted: QueryDict, actor: Actor) -> None:
    now, seen = clock.now(), number_of(posted.get("version"))
    if step == "edit":
        words = Words(posted.get("grounds", ""), posted.get("asked_for", ""))
        edit_objection(one, words=words, seen=seen, by=actor, now=now)
    elif step == "sign":
        sign_objection(one, seen=seen, by=actor, now=now)
    elif step == "send_back":
        send_back_objection(one, reason=posted.get("reason", ""), by=actor, now=now)
    elif step == "accept":
        accept_objection(one, by=actor, now=now)
    elif step == "withdraw":
        withdraw_objection(one, by=actor, now=now)
    elif step == "decline":
        given = posted.get("declined_as", "")
        if given not in set(Declining):
            raise Invalid("请选择为什么不予受理。", field="declined_as")
        declined_as = Declining(given)
        decline_objection(one, declined_as=declined_as, reason=posted.get("reason", ""), by=actor, now=now)
    elif step == "appoint":
        require(actor, Permission.OBJECTION_APPOINT, jurisdiction_id=one.jurisdiction_id)
        reviewer = Account.objects.filter(pk=number_of(posted.get("reviewer"))).first()
        if reviewer is None:
            raise Invalid("请选择由谁复核。", field="reviewer")
        appoint_reviewer(one, reviewer=reviewer, reason=posted.get("reason", ""), by=actor, now=now)
    else:
        decide_objection(one, ruling=ruling_of(posted), by=actor, now=now)


def ruling_of(posted: QueryDict) -> Ruling:
    """Return a ruling as a form gives it. Raises Invalid."""
    outcome, light, result = (posted.get(name, "") for name in ("outcome", "light", "result"))
    if outcome not in set(Outcome):
        raise Invalid("请选择怎样决定。", field="outcome")
    return Ruling(
        outcome=Outcome(outcome),
        reasons=posted.get("reasons", ""),
        light=Light(light) if light in set(Light) else None,
        correction=posted.get("correction", ""),
        result=Result(result) if result in set(Result) else None,
        left_out=frozenset(posted.getlist("left_out")),
        recounts=posted.get("recounts") == "on",
    )


@require_safe
def objection_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The decision as PDF, as it was issued."""
    return _file(request, pk, Format.PDF)


@require_safe
def objection_docx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The decision as .docx, as it was issued."""
    return _file(request, pk, Format.DOCX)


def _file(request: HttpRequest, pk: int, form: Format) -> HttpResponseBase:
    actor = actor_of(request)
    require(actor, Permission.OBJECTION_VIEW)
    paper = review_papers([objection_for(actor, pk)]).get(pk)
    if paper is None:
        raise NotFound("还没有作出复核决定。")
    return issued_file(paper, form)


# ---- elsewhere

OBJECTIONS_ON_MATTER = Objection.objects.filter(matter=OuterRef("pk"))
"""For the matter's page: whether anybody objected to anything about it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One objection as another page shows it."""

    address: str
    about: str
    unit: str
    on: date | None
    state: str
    tone: str
    remedy: str


def line_of(one: Objection) -> Line:
    """Return an objection in a line."""
    word, tone = _state_tag(one)
    address = reverse("objection", args=[one.pk])
    return Line(address, one.about, one.unit.name, one.filed_on, word, tone, one.remedy)


def objections_panel(actor: Actor, page: MatterPage) -> list[Line]:
    """Return the objections about a matter, for its page. At most one statement, none where there are none."""
    if "objections" not in page.there or not may(actor, Permission.OBJECTION_VIEW):
        return []
    return [line_of(one) for one in objections_on_matter(actor, page.matter)]


def light_objection(actor: Actor, page: MatterPage) -> str:
    """Return where the reader's unit objects to the light a matter shows, empty where it may not. No statement."""
    matter = page.matter
    shown = matter.light_override or matter.light
    if shown not in (Light.YELLOW, Light.RED) or not may(actor, Permission.OBJECTION_FILE):
        return ""
    own = _own_units(actor)
    unit = next((one.unit_id for one in page.assignments if one.unit_id in own and one.ended_at is None), 0)
    return f"{reverse('objection_new')}?matter={matter.pk}&unit={unit}" if unit else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of an entry of an issued bulletin, or where its unit objects to it.

    withdrawn: why it was taken back.   line: the objection to it.   address: where the reader objects.
    """

    withdrawn: str
    line: Line | None
    address: str


def marks_of(actor: Actor, bulletin: Bulletin) -> dict[tuple[int | None, int], Mark]:
    """Return the marks of an issued bulletin's entries, by matter and unit. Two statements."""
    entries = list(Citation.objects.filter(bulletin=bulletin, left_out_reason=""))
    found = {}
    if may(actor, Permission.OBJECTION_VIEW):
        found = objections_on_citations(actor, [one.pk for one in entries])
    own = _own_units(actor) if may(actor, Permission.OBJECTION_FILE) else set()
    marks = {}
    for one in entries:
        made = found.get(one.pk)
        is_over = made is not None and made.state != ObjectionState.DECLINED
        may_object = one.unit_id in own and one.section != Section.PRAISE and not is_over and not one.withdrawn_at
        marks[one.matter_id, one.unit_id] = Mark(
            withdrawn=one.withdrawn_reason,
            line=line_of(made) if made is not None else None,
            address=f"{reverse('objection_new')}?citation={one.pk}" if may_object else "",
        )
    return marks


def may_wait(actor: Actor) -> QuerySet[Objection]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    own = {unit_id for one in actor.held for unit_id in one.unit_ids}
    named = Q(reviewer_account_id=actor.account_id) if actor.account_id is not None else Q(pk__in=[])
    return Objection.objects.filter(Q(unit_id__in=own) | named, state__in=UNDECIDED)


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return what waits for the reader: to be signed in the unit, to be worded anew, to be decided by who was named."""
    found = []
    if may(actor, Permission.OBJECTION_SIGN):
        found += [
            _waits(one, Waits.DECIDE, "审签", f"{one.written_by_name}起草", on=one.last_on)
            for one in to_sign(actor)
            if not one.sent_back_reason
        ]
    own = _own_units(actor)
    if own:
        written = objections_for(actor).filter(state=ObjectionState.WRITTEN, unit_id__in=own)
        found += [
            _waits(one, Waits.RETURNED, "修改", f"退回修改：{one.sent_back_reason}", on=one.last_on)
            for one in written.exclude(sent_back_reason="")
        ]
    found += [
        _waits(one, Waits.DECIDE, "复核", f"{one.appointed_by_name}指定您决定", on=one.decide_by)
        for one in named_to_decide(actor)
    ]
    return found


def _waits(one: Objection, waits: Waits, action: str, note: str, *, on: date | None) -> Waiting:
    moment = one.filed_at or one.written_at
    return Waiting(
        waits=waits,
        address=reverse("objection", args=[one.pk]),
        action=action,
        text=f"复核：{one.about}",
        since=clock.day_of(moment),
        serial=one.matter.serial if one.matter is not None else "",
        note=note,
        unit=one.unit.name,
        due_on=on,
    )


def office_queue(office: Office) -> Queue:
    """Return what the office owes a decision on, what is due soonest first; who took part only finds it to be read.

    Five statements at most, two where there is none.
    """
    found = at_office(office.actor)
    rows = list(found[: office.most])
    if not rows:
        return Queue([], 0)
    count = found.count()
    reasons = why_not_any(office.actor, rows)
    accepts = may(office.actor, Permission.OBJECTION_ACCEPT)
    lines = []
    for one in rows:
        is_apart = reasons[one.pk] is None
        action = "查看"
        if one.state == ObjectionState.FILED and accepts:
            action = "受理"
        elif is_apart:
            action = "决定" if one.state == ObjectionState.ACCEPTED else "查看"
        state = OBJECTION_STATE_LABELS[ObjectionState(one.state)]
        note = state if is_apart else f"{state}，您应当回避" if _is_recused(reasons[one.pk]) else state
        lines.append(_waits(one, Waits.DECIDE, action, note, on=one.decide_by))
    late = found.filter(decide_by__lt=office.today).count() if count else 0
    return Queue(lines, count, (("复核", reverse("objections")),), note=f"逾期未决定 {late}" if late else "")


def _is_recused(why: WhyNot | None) -> bool:
    return why is not None and why.is_recusal
