"""Matters: one matter's page and its steps, entering by hand, pasting, correcting."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, may, require
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.changes.models import ChangeRequest
from duban.closing.models import Closure
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.core.text import date_text
from duban.evidence.models import Evidence
from duban.evidence.queries import evidence_of
from duban.instructions.models import Instruction
from duban.intake.models import Row
from duban.intake.queries import source_of
from duban.matters.actions import (
    MatterEdit,
    TypedMatter,
    TypedProblems,
    UnknownNames,
    edit_matter,
    enter_typed,
    problems_of,
    read_targets,
    typed_units,
)
from duban.matters.models import Obligation, Plan, Target
from duban.matters.queries import MatterPage, current_plan, ledger_overseers, ledger_units, matter_page, plan_counts
from duban.matters.rules import (
    CHANGE_LABELS,
    FIELD_NAMES,
    KIND_LABELS,
    OPEN_STATES,
    ORIGIN_LABELS,
    OWED_LABELS,
    OWED_STATE_LABELS,
    SUPERVISION_TYPE_LABELS,
    ChangeKind,
    Kind,
    Origin,
    Owed,
    OwedState,
    Part,
    Sense,
    State,
    SupervisionType,
    is_late,
    serial_number,
)
from duban.obstacles.models import Obstacle
from duban.progress.models import Progress, Schedule
from duban.progress.queries import latest_entries
from duban.reports.models import Contribution, Report
from duban.superiors.models import Dealing, SuperiorTask
from duban.web.bulletins import BULLETINS_ON_MATTER, bulletins_panel
from duban.web.changes import changes_panel
from duban.web.closing import closing_panel
from duban.web.evidence import evidence_panel
from duban.web.given import day_asked, number_of
from duban.web.instructions import instructions_panel
from duban.web.interviews import INTERVIEWS_ON_MATTER, interviews_panel
from duban.web.letters import LETTERS_ON_MATTER, letters_panel
from duban.web.lights import light_panel, matter_as_of
from duban.web.matter_history import Sentence, differences, sentence_of
from duban.web.matter_paste import COLUMN_LABELS, Pasted, read_paste
from duban.web.matter_steps import STEPS, Asked, StepForm, cells_of, forms_of, with_posted
from duban.web.middleware import STATUS
from duban.web.objections import OBJECTIONS_ON_MATTER, light_objection, objections_panel
from duban.web.obstacles import obstacles_panel
from duban.web.progress import progress_panel
from duban.web.reports import reports_panel
from duban.web.schedule import schedule_panel
from duban.web.statuses import statuses_panel
from duban.web.superiors import superiors_panel
from duban.web.visits import VISITS_ON_MATTER, visits_panel


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _status(error: DomainError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


# ---- one matter


_OTHERS: dict[str, QuerySet[Any]] = {
    "rows": Row.objects.filter(matter=OuterRef("pk")),
    "evidence": Evidence.objects.filter(matter=OuterRef("pk")),
    "progress": Progress.objects.filter(matter=OuterRef("pk")),
    "schedules": Schedule.objects.filter(matter=OuterRef("pk")),
    "obstacles": Obstacle.objects.filter(matter=OuterRef("pk")),
    "instructions": Instruction.objects.filter(matter=OuterRef("pk")),
    "superior": SuperiorTask.objects.filter(matter=OuterRef("pk")),
    "dealings": Dealing.objects.filter(matter=OuterRef("pk")),
    "reports": Report.objects.filter(matter=OuterRef("pk")),
    "contributions": Contribution.objects.filter(matter=OuterRef("pk")),
    "change_requests": ChangeRequest.objects.filter(matter=OuterRef("pk")),
    "letters": LETTERS_ON_MATTER,
    "bulletins": BULLETINS_ON_MATTER,
    "visits": VISITS_ON_MATTER,
    "objections": OBJECTIONS_ON_MATTER,
    "interviews": INTERVIEWS_ON_MATTER,
    "closures": Closure.objects.filter(matter=OuterRef("pk")),
}
"""What may hang on a matter: the page reads what is there, and asks what is there once."""


@require_safe
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """One matter: its text and where it comes from, who takes part, what is owed, what happened, what can be done.

    An address that names an earlier day (`as_of`) shows what was known of it at that day's end.
    """
    if (day := day_asked(request.GET)) is not None:
        return matter_as_of(request, pk, day=day)
    today = clock.today()
    page = matter_page(_actor(request), pk, today=today, others=_OTHERS)
    return _show(request, page, forms=forms_of(page, actor=_actor(request), today=today))


@require_POST
def matter_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step of a matter's life; what is wrong is said on the form, as it was filled in."""
    actor, today = _actor(request), clock.today()
    take = STEPS.get(step)
    if take is None:
        raise NotFound
    page = matter_page(actor, pk, today=today)
    try:
        done = take(Asked(page, request.POST, actor, clock.now(), today))
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        page = matter_page(actor, pk, today=today, others=_OTHERS)
        key = request.POST.get("assignment", "")
        forms = [
            with_posted(form, request.POST, error=error) if form.step == step and form.key in ("", key) else form
            for form in forms_of(page, actor=actor, today=today)
        ]
        shown = any(form.problem for form in forms)
        return _show(request, page, forms=forms, problem="" if shown else error.message, status=_status(error))
    messages.success(request, done)
    return redirect("matter", pk)


def _show(
    request: HttpRequest, page: MatterPage, *, forms: list[StepForm], problem: str = "", status: int = 200
) -> HttpResponse:
    actor, today = _actor(request), clock.today()
    matter = page.matter
    place = matter.jurisdiction_id
    source = source_of(matter) if "rows" in page.there else None
    sees_notice = may(actor, Permission.NOTICE_VIEW, jurisdiction_id=place)
    lit = source.line if source else None
    lines = [
        {"number": number, "text": text, "is_lit": number == lit}
        for number, text in (source.lines if source else ())
        if sees_notice or number == lit
    ]
    evidence = list(evidence_of(actor, matter=matter)) if "evidence" in page.there else []
    entries = latest_entries(actor, matter=matter) if "progress" in page.there else []
    closing = closing_panel(actor, page)
    active = [one for one in page.assignments if one.part == Part.LEAD and one.ended_at is None]
    context = {
        "page": page,
        "matter": matter,
        "plan": matter.plan,
        "kind": KIND_LABELS[Kind(matter.kind)],
        "origin": ORIGIN_LABELS[Origin(matter.origin)],
        "supervision_type": SUPERVISION_TYPE_LABELS[SupervisionType(matter.supervision_type)],
        "summary": _summary(page, today=today),
        "leads": _parties(page, Part.LEAD, today=today),
        "supports": _parties(page, Part.SUPPORT, today=today),
        "lead_words": "、".join(
            f"{one.unit.name}（汇总）" if one.is_merging and len(active) > 1 else one.unit.name
            for one in sorted(active, key=lambda each: not each.is_merging)
        ),
        "lead_groups": [one for one in page.groups if one.part == Part.LEAD],
        "support_groups": [one for one in page.groups if one.part == Part.SUPPORT],
        "overseers": [
            {
                "name": holder.name if (holder := page.holders.get(one.post_id)) else "",
                "title": one.post.title,
                "relation": one.get_relation_display(),
            }
            for one in page.overseers
        ],
        "targets": [{"text": one.text, "words": _target_words(one), "subject": one.subject} for one in page.targets],
        "source": source,
        "lines": lines,
        "sees_notice": sees_notice,
        "owed": [_owed(one, today=today) for one in page.obligations],
        "changes": [
            {
                "label": CHANGE_LABELS[ChangeKind(one.kind)],
                "is_bulk": one.is_bulk,
                "on": one.effective_on,
                "by": one.recorded_by_name,
                "reason": one.reason,
                "approval": one.approval,
                "lines": differences(one.before, one.after),
            }
            for one in page.changes
        ],
        "history": [_told(one) for one in page.events],
        "forms": forms,
        "main_forms": [one for one in forms if one.is_main],
        "behalf_forms": [one for one in forms if one.is_on_behalf],
        "form_problem": next((one for one in forms if one.problem), None),
        "behalf_problem": any(one.problem for one in forms if one.is_on_behalf),
        "other_forms": [one for one in forms if not one.is_main and not one.is_on_behalf],
        "may_edit": may(actor, Permission.MATTER_EDIT, jurisdiction_id=place)
        and matter.state not in (State.CLOSED, State.CARRIED_OVER, State.TERMINATED, State.CLOSING, State.SUSPENDED),
        "may_waive": may(actor, Permission.CHANGE_APPROVE, jurisdiction_id=place),
        "units": ledger_units(matter.plan, actor=actor) if any(one.step == "adjust" for one in forms) else (),
        "problem": problem,
        "light": light_panel(actor, page, today=today),
        "light_objection": light_objection(actor, page),
        "obstacles": obstacles_panel(actor, page, today=today),
        "schedule": schedule_panel(actor, page),
        "asking": changes_panel(actor, page),
        "statuses": statuses_panel(page, entries=entries, evidence=evidence, closing=closing, today=today),
        "progress": progress_panel(actor, matter, assignments=page.assignments, entries=entries, evidence=evidence),
        "closing": closing,
        "evidence": evidence_panel(actor, matter, assignments=page.assignments, evidence=evidence),
        "instructions": instructions_panel(actor, page),
        "letters": letters_panel(actor, page),
        "bulletins": bulletins_panel(actor, page),
        "visits": visits_panel(actor, page),
        "objections": objections_panel(actor, page),
        "interviews": interviews_panel(actor, page),
        "reports": reports_panel(actor, page),
        "superiors": superiors_panel(actor, page),
    }
    return render(request, "matters/matter.html", context, status=status)


_IN_CHANGES = frozenset(
    {
        EventName.MATTER_ADJUSTED,
        EventName.MATTER_EXTENDED,
        EventName.MATTER_SUSPENDED,
        EventName.MATTER_RESUMED,
        EventName.MATTER_SPLIT,
        EventName.MATTER_CARRIED_OVER,
        EventName.MATTER_TERMINATED,
        EventName.MATTER_REOPENED,
    }
)
"""What the page shows under 变更, with all that stood before and the approval: the history does not repeat it."""


def _told(event: Event) -> Sentence:
    sentence = sentence_of(event)
    return replace(sentence, details=()) if event.name in _IN_CHANGES else sentence


_SENSE_WORDS = {
    Sense.EQUAL: "",
    Sense.MORE: "超过 ",
    Sense.AT_LEAST: "不少于 ",
    Sense.LESS: "低于 ",
    Sense.AT_MOST: "不超过 ",
    Sense.RANGE: "",
}


def _target_words(one: Target) -> str:
    """Return a target as understood: 不少于 40,000 个."""
    numbers = [one.value] if one.upper is None else [one.value, one.upper]
    shown = "—".join(f"{number:,.4f}".rstrip("0").rstrip(".") for number in numbers)
    return f"{_SENSE_WORDS[Sense(one.sense)]}{shown} {one.unit_of_measure}".strip()


def _parties(page: MatterPage, part: Part, *, today: date) -> list[dict[str, Any]]:
    """Return the units of a part as the page shows them; another unit's own business stays with that unit."""
    shown = []
    named = {(one.part, one.name) for one in page.groups}
    for one in page.assignments:
        if one.part != part:
            continue
        is_own = page.scope.is_whole or one.unit_id in page.scope.unit_ids
        holder = page.holders.get(one.post_id) if one.post_id else None
        shown.append(
            {
                "unit": one.unit,
                "qualifier": one.qualifier,
                "is_merging": one.is_merging,
                "from_group": one.from_group if (one.part, one.from_group) in named else "",
                "holder": holder.name if holder else "",
                "post": one.post.title if one.post else "",
                "due_on": one.due_on,
                "ended_at": one.ended_at,
                "acknowledged_at": one.acknowledged_at if is_own else None,
                "acknowledged_by": one.acknowledged_by_name if is_own else "",
                "is_waiting": is_own and one.acknowledged_at is None and one.ended_at is None,
                "responsible_leader": one.responsible_leader if is_own else "",
                "responsible_person": one.responsible_person if is_own else "",
                "measures": one.measures if is_own else "",
                "refusal_reason": one.refusal_reason if is_own else "",
                "refusal_upheld": one.refusal_upheld,
            }
        )
    return sorted(shown, key=lambda one: (one["ended_at"] is not None, not one["is_merging"]))


def _owed(one: Obligation, *, today: date) -> dict[str, Any]:
    is_open = one.state == OwedState.OPEN
    return {
        "pk": one.pk,
        "kind": OWED_LABELS[Owed(one.kind)],
        "title": one.title,
        "unit": one.unit.name,
        "due_on": one.due_on,
        "state": OWED_STATE_LABELS[OwedState(one.state)],
        "is_open": is_open,
        "is_met": one.state == OwedState.MET,
        "met_on": one.met_on,
        "waived_reason": one.waived_reason,
        "is_late": one.state != OwedState.WAIVED and is_late(due_on=one.due_on, met_on=one.met_on, today=today),
    }


def _summary(page: MatterPage, *, today: date) -> str:
    """Return where the matter stands, in one sentence."""
    matter = page.matter
    state = State(matter.state)
    leads = [one for one in page.assignments if one.part == Part.LEAD and one.ended_at is None]
    signed = sum(one.acknowledged_at is not None for one in leads)
    if state is State.DRAFT:
        return "尚未立项。"
    if state is State.CLOSED:
        first = f"，首次销号 {date_text(matter.first_closed_on)}" if matter.first_closed_on else ""
        closed = matter.closed_at.astimezone(clock.SHANGHAI) if matter.closed_at else None
        return f"{date_text(closed)}由{matter.closed_by_name}销号{first}。"
    parts = []
    if state is State.REGISTERED:
        parts.append("已立项，待交办")
    elif state is State.SUSPENDED:
        parts.append("已暂停，暂停期间不计时限")
    elif page.scope.is_whole and leads:
        waiting = "待牵头单位签收" if not signed else f"{len(leads)} 个牵头单位已签收 {signed} 个"
        parts.append("牵头单位已签收" if signed == len(leads) else waiting)
    waiting_for = sum(one.state in (State.DRAFT, *OPEN_STATES) for one in page.work_items)
    if waiting_for:
        parts.append(f"待 {waiting_for} 个工作子项销号，全部销号后本项随之销号")
    owed = sorted((one for one in page.obligations if one.state == OwedState.OPEN), key=lambda one: one.due_on)
    if owed and state is not State.SUSPENDED:
        late = sum(one.due_on < today for one in owed)
        parts.append(f"应办 {len(owed)} 件" + (f"，其中逾期 {late} 件" if late else ""))
        parts.append(f"最近一件：{date_text(owed[0].due_on)}前{owed[0].title}")
    return "；".join(parts) + "。" if parts else ""


# ---- entering by hand


_TEXTS = (
    "serial", "title", "text", "lead_units", "persons", "support_units", "overseers", "deadline_text", "section",
    "note",
)  # fmt: skip


def _plan_for(request: HttpRequest) -> Plan:
    """Return the plan a form works on: the one its address names, else the current one. Raises NotFound."""
    actor = _actor(request)
    wanted = request.POST.get("plan") or request.GET.get("plan") or ""
    if wanted:
        plans = Plan.objects.visible_to(actor).select_related("jurisdiction", "policy")
        plan = plans.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 19 else None
    else:
        plan = current_plan(actor, today=clock.today())
    if plan is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    return plan


def _choice(posted: Any, name: str, words: type[Kind] | type[Origin] | type[SupervisionType]) -> Any:
    value = posted.get(name, "")
    return words(value) if value in {one.value for one in words} else None


def _typed(request: HttpRequest) -> TypedMatter:
    posted = request.POST
    field = posted.get("field", "")
    return TypedMatter(
        **{name: posted.get(name, "") for name in _TEXTS},
        due_on=_day(posted.get("due_on", "")),
        origin=_choice(posted, "origin", Origin) or Origin.NOTICE,
        kind=_choice(posted, "kind", Kind),
        field=None if field == "auto" else field,
        is_livelihood=True if posted.get("is_livelihood") else None,
        is_weakness=bool(posted.get("is_weakness")),
        supervision_type=_choice(posted, "supervision_type", SupervisionType) or SupervisionType.DAILY,
    )


def _day(value: str) -> date | None:
    if not value.strip():
        return None
    try:
        day = parse_date(value.strip())
    except ValueError:
        day = None
    if day is None:
        raise Invalid("办结时限应为日期，如 2020-06-30。", field="due_on")
    return day


def _next_missing(plan: Plan, *, after: str = "") -> str:
    """Return the lowest missing serial above one just entered, else the lowest of all, else nothing."""
    missing, entered = plan_counts(plan).tally.missing, serial_number(after)
    above = [number for number in missing if entered is not None and number > entered]
    return str((above or missing)[0]) if missing else ""


def _choices(plan: Plan, *, actor: Actor, today: date) -> dict[str, Any]:
    return {
        "origins": list(ORIGIN_LABELS.items()),
        "kinds": list(KIND_LABELS.items()),
        "types": list(SUPERVISION_TYPE_LABELS.items()),
        "field_names": FIELD_NAMES,
        "units": ledger_units(plan, actor=actor),
        "leaders": ledger_overseers(plan, today=today),
    }


@require_http_methods(["GET", "POST"])
def matter_new(request: HttpRequest) -> HttpResponse:
    """Enter one matter in the annex's own form; “保存并录下一项” goes on with the next missing number."""
    actor, today = _actor(request), clock.today()
    plan = _plan_for(request)
    require(actor, Permission.MATTER_EDIT, jurisdiction_id=plan.jurisdiction_id)
    problem, field, status = "", "", 200
    problems: TypedProblems | None = None
    values: dict[str, Any] = {
        "serial": request.GET.get("serial", "") or (_next_missing(plan) if not request.GET.get("origin") else ""),
        "origin": request.GET.get("origin", Origin.NOTICE.value),
        "field": "auto",
        "supervision_type": SupervisionType.DAILY.value,
    }
    if request.method == "POST":
        values = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
        try:
            made = enter_typed(
                plan,
                matters=[_typed(request)],
                make_missing=bool(request.POST.get("make_missing")),
                by=actor,
                now=clock.now(),
            )
        except UnknownNames as error:
            problem, status, problems = error.message, 400, error.problems
        except NotAllowed:
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
        else:
            messages.success(request, f"已录入{made[0]}（草稿）。")
            if "next" in request.POST:
                following = {"plan": plan.pk, "origin": made[0].origin}
                if made[0].origin == Origin.NOTICE:
                    following = {"plan": plan.pk, "serial": _next_missing(plan, after=made[0].serial)}
                return redirect(f"{reverse('matter_new')}?{urlencode(following)}")
            return redirect("matter", made[0].pk)
    context = {
        "plan": plan,
        "values": values,
        "problem": problem,
        "field": field,
        "problems": problems,
        "counts": plan_counts(plan),
        **_choices(plan, actor=actor, today=today),
    }
    return render(request, "matters/new.html", context, status=status)


@require_http_methods(["GET", "POST"])
def matters_paste(request: HttpRequest) -> HttpResponse:
    """Paste many matters from a spreadsheet: first looked over row by row, then all of them saved or none."""
    actor, today = _actor(request), clock.today()
    plan = _plan_for(request)
    require(actor, Permission.MATTER_EDIT, jurisdiction_id=plan.jurisdiction_id)
    posted = request.POST
    origin = _choice(posted or request.GET, "origin", Origin) or Origin.NOTICE
    problem, status = "", 200
    pasted: Pasted | None = None
    problems: TypedProblems | None = None
    if request.method == "POST":
        chosen = {place: posted[f"column-{place}"] for place in range(40) if f"column-{place}" in posted}
        try:
            pasted = read_paste(posted.get("pasted", ""), chosen=chosen)
            typed = [_typed_row(entry, origin=origin) for entry in pasted.entries]
            if "save" in posted:
                made = enter_typed(
                    plan, matters=typed, make_missing=bool(posted.get("make_missing")), by=actor, now=clock.now()
                )
                messages.success(request, f"已录入 {len(made)} 项（草稿），可在台账中选中后批量立项。")
                return redirect(f"{reverse('ledger')}?{urlencode({'plan': plan.pk, 'state': State.DRAFT.value})}")
            problems = problems_of(plan, matters=typed, today=today)
        except NotAllowed:
            raise
        except DomainError as error:
            problem, status = error.message, _status(error)
            if pasted is not None:
                problems = problems_of(
                    plan, matters=[_typed_row(entry, origin=origin) for entry in pasted.entries], today=today
                )
    context = {
        "plan": plan,
        "origin": origin.value,
        "origins": list(ORIGIN_LABELS.items()),
        "text": posted.get("pasted", ""),
        "pasted": pasted,
        "columns": list(enumerate(pasted.columns)) if pasted else [],
        "column_labels": list(COLUMN_LABELS.items()),
        "rows": _preview(pasted, problems) if pasted else [],
        "problems": problems,
        "problem": problem,
        "make_missing": bool(posted.get("make_missing")),
    }
    return render(request, "matters/paste.html", context, status=status)


def _typed_row(entry: dict[str, str], *, origin: Origin) -> TypedMatter:
    texts: dict[str, Any] = {name: entry.get(name, "") for name in _TEXTS}
    return TypedMatter(**texts, origin=origin, field=entry.get("field") or None)


def _preview(pasted: Pasted, problems: TypedProblems | None) -> list[dict[str, Any]]:
    errors: dict[int, list[str]] = {}
    hints: dict[int, list[str]] = {}
    for number, words in problems.errors if problems else ():
        errors.setdefault(number, []).append(words)
    for number, words in problems.hints if problems else ():
        hints.setdefault(number, []).append(words)
    return [
        {"number": number + 1, "cells": row, "errors": errors.get(number, []), "hints": hints.get(number, [])}
        for number, row in enumerate(pasted.rows)
    ]


# ---- correcting


@require_http_methods(["GET", "POST"])
def matter_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a matter; who comes second sees both versions and decides. After 立项 only what describes it."""
    actor, today = _actor(request), clock.today()
    page = matter_page(actor, pk, today=today)
    matter = page.matter
    require(actor, Permission.MATTER_EDIT, jurisdiction_id=matter.jurisdiction_id)
    values = _standing(page)
    problem, field, status, theirs = "", "", 200, {}
    version = matter.version
    if request.method == "POST":
        posted = request.POST
        mine = {name: posted.get(name, "") for name in values}
        seen = number_of(posted.get("version"))
        try:
            edit = _edit_of(mine, page=page, today=today)
            edit_matter(matter, version=seen, edit=edit, by=actor, now=clock.now())
        except NotAllowed:
            raise
        except Conflict as error:
            problem, status = error.message, 409
            theirs = {name: words for name, words in values.items() if words != mine[name]}
            values = mine
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
            values, version = mine, seen
        else:
            messages.success(request, f"{matter}已保存。")
            return redirect("matter", pk)
    context = {
        "matter": matter,
        "plan": matter.plan,
        "values": values,
        "version": version,
        "is_draft": matter.state == State.DRAFT,
        "problem": problem,
        "field": field,
        "theirs": [(_EDIT_LABELS[name], _worded(name, words)) for name, words in theirs.items()],
        **_choices(matter.plan, actor=actor, today=today),
    }
    return render(request, "matters/edit.html", context, status=status)


_EDIT_LABELS = {
    "serial": "序号",
    "title": "标题",
    "section": "所属板块",
    "kind": "类别",
    "field": "领域",
    "is_livelihood": "民生",
    "is_weakness": "短板",
    "supervision_type": "督查类型",
    "note": "备注",
    "text": "具体目标任务",
    "deadline_text": "完成时限",
    "starts_on": "起始日期",
    "due_on": "办结时限",
    "lead_units": "牵头单位",
    "persons": "责任人",
    "support_units": "协办单位",
    "overseers": "区分管或联系领导",
}


def _worded(name: str, value: str) -> str:
    if name == "kind":
        return KIND_LABELS[Kind(value)]
    if name == "supervision_type":
        return SUPERVISION_TYPE_LABELS[SupervisionType(value)]
    if name in ("is_livelihood", "is_weakness"):
        return "是" if value else "否"
    return value or "空"


def _standing(page: MatterPage) -> dict[str, str]:
    """Return the values of the form as the matter stands; cells of names only while it is a draft."""
    matter = page.matter
    values = {
        "serial": matter.serial,
        "title": matter.title,
        "section": matter.section,
        "kind": matter.kind,
        "field": matter.field,
        "is_livelihood": "1" if matter.is_livelihood else "",
        "is_weakness": "1" if matter.is_weakness else "",
        "supervision_type": matter.supervision_type,
        "note": matter.note,
    }
    if matter.state == State.DRAFT:
        values |= {
            "text": matter.text,
            "deadline_text": matter.deadline_text,
            "starts_on": matter.starts_on.isoformat(),
            "due_on": matter.due_on.isoformat(),
            **cells_of(page),
        }
    return values


def _edit_of(values: dict[str, str], *, page: MatterPage, today: date) -> MatterEdit:
    """Return what a posted form changes. Raises Invalid, UnknownNames."""
    given: dict[str, Any] = {
        name: values[name] for name in ("serial", "title", "section", "field", "note") if name in values
    }
    given["kind"] = _choice(values, "kind", Kind)
    given["supervision_type"] = _choice(values, "supervision_type", SupervisionType)
    given["is_livelihood"] = bool(values["is_livelihood"])
    given["is_weakness"] = bool(values["is_weakness"])
    if "text" not in values:
        return MatterEdit(**given)
    standing = _standing(page)
    given |= {"text": values["text"], "deadline_text": values["deadline_text"]}
    given["due_on"] = _day(values["due_on"])
    given["starts_on"] = _day(values["starts_on"])
    if values["text"].strip() != standing["text"]:
        given["targets"] = read_targets(values["text"], standing=page.targets)
    cells = ("lead_units", "persons", "support_units", "overseers")
    if any(values[name].strip() != standing[name] for name in cells):
        assignments, groups, overseers = typed_units(
            page.matter,
            lead_units=values["lead_units"],
            support_units=values["support_units"],
            persons_typed=values["persons"],
            overseers=values["overseers"],
            today=today,
        )
        given |= {"assignments": assignments, "groups": groups, "overseers": overseers}
    return MatterEdit(**given)
