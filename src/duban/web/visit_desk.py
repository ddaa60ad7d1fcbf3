"""The office's work on visits: the year's plan, the drawn list, schemes, conclusions, results taken in, leads."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.documents.sheets import to_xlsx
from duban.matters.actions import NewApproval, record_export
from duban.matters.models import Matter, Plan
from duban.matters.queries import current_of, plans_in_sight, policy_of, units_in_plan
from duban.matters.rules import SUPERVISION_TYPE_LABELS, SupervisionType
from duban.orgs.models import Unit
from duban.visits.actions import (
    Conclusion,
    NewCheck,
    NewVerifier,
    Scheme,
    approve_checks,
    conclude_visit,
    count_results,
    draw_list,
    drop_check,
    drop_results,
    edit_visit,
    join_checks,
    plan_check,
    prepare_visit,
    prepare_visits_of_list,
    upload_results,
)
from duban.visits.models import Draw, TakenResults, Visit
from duban.visits.queries import (
    callings_of,
    cautions_about,
    draw_of,
    draws_of,
    facts_drafted,
    handovers_of,
    handovers_sheet,
    items_of,
    list_rows,
    list_sheet,
    planned_check,
    planned_checks,
    verifiers_of,
    visit_for,
    visits_for,
    why_words,
)
from duban.visits.rules import (
    ANNOUNCED,
    CHECK_METHOD_LABELS,
    KEY_LENGTH,
    PLACE_LENGTH,
    REASON_LENGTH,
    RESULT_LABELS,
    TAKEN_STATE_LABELS,
    TEXT_LENGTH,
    TITLE_LENGTH,
    VISIT_KIND_LABELS,
    WHY_LABELS,
    CheckMethod,
    Result,
    TakenState,
    VisitKind,
    VisitState,
    Why,
    draw_size,
)
from duban.web.closed import closed_note
from duban.web.downloads import download
from duban.web.given import actor_of, day_of, number_of
from duban.web.obstacles import status_of
from duban.web.visits import RESULT_TONES, item_row, matters_seen, visit_row

_TYPES = [(one.value, SUPERVISION_TYPE_LABELS[one]) for one in SupervisionType]
_METHODS = [(one.value, CHECK_METHOD_LABELS[one]) for one in CheckMethod]
_KINDS = [(one.value, VISIT_KIND_LABELS[one]) for one in VisitKind]
_UPLOAD_MOST_MB = 20
_VERIFIERS = 4


def _plans(actor: Actor, request: HttpRequest) -> tuple[Plan, list[Plan]]:
    """Return the plan asked for, else the present one; and all there are. Raises NotFound where there is none."""
    plans = list(plans_in_sight(actor))
    year = number_of(request.GET.get("year") or request.POST.get("year"))
    found = next((one for one in plans if one.year == year), None) or current_of(plans, today=clock.today())
    if found is None:
        raise NotFound("还没有年度台账。")
    return found, plans


def _chosen_units(actor: Actor, plan: Plan, posted: QueryDict) -> list[Unit]:
    known = {pk for pk, _ in units_in_plan(plan, actor=actor)}
    wanted = known & {number_of(one) for one in posted.getlist("unit")}
    return list(Unit.objects.filter(pk__in=wanted).order_by("order", "pk"))


def _days(posted: Mapping[str, Any]) -> tuple[date, date]:
    first_on = day_of(posted.get("first_on", ""), field="first_on", what="开始日期")
    last_on = day_of(posted.get("last_on", ""), field="last_on", what="结束日期")
    if first_on is None:
        raise Invalid("请填写开始日期。", field="first_on")
    return first_on, last_on or first_on


def _one_of(kinds: Any, value: str, *, what: str, field: str) -> Any:
    if value not in set(kinds):
        raise Invalid(f"请选择{what}。", field=field)
    return kinds(value)


# ---- the year's plan


@require_http_methods(["GET", "POST"])
def visit_plan(request: HttpRequest) -> HttpResponse:
    """The year's plan of checks: what is foreseen, by whom approved, who would be visited too often."""
    actor = actor_of(request)
    _require_office(actor)
    plan, plans = _plans(actor, request)
    problem: DomainError | None = None
    if request.method == "POST":
        require(actor, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id)
        try:
            made = plan_check(plan, check=_new_check(actor, plan, request.POST), by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem = error
        else:
            messages.success(request, f"“{made.title}”已列入督查计划，批准后生效。")
            return redirect(f"{request.path}?year={plan.year}")
    return _plan_page(request, plan, plans, problem=problem)


def _require_office(actor: Actor) -> None:
    """Raise NotAllowed unless the actor arranges visits or approves them."""
    if not may(actor, Permission.VISIT_APPROVE):
        require(actor, Permission.VISIT_PREPARE)


def _new_check(actor: Actor, plan: Plan, posted: QueryDict) -> NewCheck:
    first_on, last_on = _days(posted)
    return NewCheck(
        kind=_one_of(VisitKind, posted.get("kind", ""), what="类别", field="kind"),
        supervision_type=_one_of(SupervisionType, posted.get("type", ""), what="督查类型", field="type"),
        title=posted.get("title", ""),
        purpose=posted.get("purpose", ""),
        method=_one_of(CheckMethod, posted.get("method", ""), what="方式", field="method"),
        first_on=first_on,
        last_on=last_on,
        units=_chosen_units(actor, plan, posted),
    )


def _plan_page(
    request: HttpRequest, plan: Plan, plans: list[Plan], *, problem: DomainError | None = None, step: str = ""
) -> HttpResponse:
    actor, posted = actor_of(request), request.POST if problem else QueryDict()
    place = {"jurisdiction_id": plan.jurisdiction_id}
    checks = planned_checks(plan, is_whole=True)
    closed = closed_note(plan)
    works = not closed and may(actor, Permission.VISIT_PREPARE, **place)
    standing = [one for one in checks if one.dropped_at is None]
    units = {each.pk for one in standing for each in one.some_units}  # type: ignore[attr-defined]
    years = {year for one in standing for year in (one.first_on.year, one.last_on.year)}
    callings = callings_of(units, years=years) if standing else []
    rows = []
    for one in checks:
        one.plan = plan
        own: list[Unit] = [] if one.dropped_at else one.some_units  # type: ignore[attr-defined]
        cautions = cautions_about(one, units=own, callings=callings)
        met = {each.id for caution in cautions for each in caution.others if each.thing == "check"}
        rows.append(
            {
                "check": one,
                "kind": VISIT_KIND_LABELS[VisitKind(one.kind)],
                "method": CHECK_METHOD_LABELS[CheckMethod(one.method)],
                "type": SUPERVISION_TYPE_LABELS[SupervisionType(one.supervision_type)],
                "units": "、".join(each.name for each in one.some_units),  # type: ignore[attr-defined]
                "visits": one.some_visits,  # type: ignore[attr-defined]
                "cautions": cautions,
                "joinable": [
                    each for each in checks if each.pk in met and each.kind == one.kind and each.dropped_at is None
                ],
            }
        )
    context = {
        "plan": plan,
        "plans": plans,
        "rows": rows,
        "waiting": sum(one["check"].approval is None and one["check"].dropped_at is None for one in rows),
        "times": policy_of(plan).visits.unit_times,
        "works": works,
        "approves": not closed and may(actor, Permission.VISIT_APPROVE, **place),
        "looks_back": may(actor, Permission.VISIT_PREPARE, **place),
        "closed": closed,
        "kinds": _KINDS,
        "types": _TYPES,
        "methods": _METHODS,
        "units": units_in_plan(plan, actor=actor),
        "chosen": {number_of(one) for one in posted.getlist("unit")},
        "given": {name: posted.get(name, "") for name in posted}
        or {"kind": "routine", "type": "special", "method": "inspection"},
        "step": step,
        "field": (problem.field or "") if problem else "",
        "problem": problem.message if problem else "",
        "title_length": TITLE_LENGTH,
        "reason_length": REASON_LENGTH,
        "today": clock.today(),
    }
    return render(request, "visits/plan.html", context, status=status_of(problem) if problem else 200)


@require_POST
def visit_plan_step(request: HttpRequest, step: str) -> HttpResponse:
    """Approve what waits of the year's plan, drop a check with a reason, join two of the same days."""
    actor = actor_of(request)
    _require_office(actor)
    plan, plans = _plans(actor, request)
    now, posted = clock.now(), request.POST
    try:
        if step == "approve":
            done = approve_checks(plan, approval=_approval(posted), by=actor, now=now)
            said = f"已批准 {len(done)} 项。"
        elif step == "drop":
            drop_check(
                planned_check(plan, number_of(posted.get("check"))), reason=posted.get("reason", ""), by=actor, now=now
            )
            said = "已取消。"
        elif step == "join":
            one, other = (planned_check(plan, number_of(posted.get(name))) for name in ("check", "other"))
            join_checks(one, other=other, by=actor, now=now)
            said = "已合并为一次，请重新批准。"
        else:
            raise NotFound
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _plan_page(request, plan, plans, problem=error, step=step)
    messages.success(request, said)
    return redirect(f"/visits/plan/?year={plan.year}")


def _approval(posted: QueryDict) -> NewApproval:
    day = day_of(posted.get("approved_on", ""), field="approved_on", what="批准日期")
    if day is None:
        raise Invalid("请填写批准日期。", field="approved_on")
    return NewApproval(
        basis=posted.get("basis", ""),
        approved_by_name=posted.get("approved_by_name", ""),
        approved_on=day,
        document_number=posted.get("document_number", ""),
    )


# ---- the drawn list


@require_http_methods(["GET", "POST"])
def visit_list(request: HttpRequest) -> HttpResponse:
    """The year-end list: how it is drawn, drawn once, and who is to go to what of it."""
    actor = actor_of(request)
    _require_office(actor)
    plan, plans = _plans(actor, request)
    problem: DomainError | None = None
    if request.method == "POST":
        require(actor, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id)
        seed = request.POST.get("seed", "").strip() or secrets.token_hex(8)
        try:
            draw_list(plan, seed=seed, reason=request.POST.get("reason", ""), by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem = error
        else:
            messages.success(request, "名单已抽取。")
            return redirect(f"{request.path}?year={plan.year}")
    draw = draw_of(plan)
    rows = list_rows(draw) if draw else []
    posted = request.POST if problem else QueryDict()
    context = {
        "plan": plan,
        "plans": plans,
        "draw": draw,
        "pools": _pools(draw) if draw else [],
        "to_draw": _drawn_from(draw) if draw else None,
        "rows": [
            {
                "row": one.row,
                "name": one.row.matter.title or one.row.matter.text,
                "unit": one.unit,
                "why": why_words(one.row.why),
                "item": one.item,
                "result": RESULT_LABELS[Result(one.item.result)] if one.item and one.item.result else "",
                "tone": RESULT_TONES[Result(one.item.result)] if one.item and one.item.result else "",
            }
            for one in rows
        ],
        "left": sum(one.item is None for one in rows),
        "former": [one for one in draws_of(plan) if one.replaced_at is not None],
        "works": not closed_note(plan) and may(actor, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id),
        "looks_back": may(actor, Permission.VISIT_PREPARE, jurisdiction_id=plan.jurisdiction_id),
        "closed": closed_note(plan),
        "pct": policy_of(plan).visits.random_pct,
        "given": {name: posted.get(name, "") for name in posted},
        "field": (problem.field or "") if problem else "",
        "problem": problem.message if problem else "",
        "key_length": KEY_LENGTH,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "visits/list.html", context, status=status_of(problem) if problem else 200)


def _pools(draw: Draw) -> list[tuple[str, list[str]]]:
    pools = draw.pools
    sure = {*pools["named"], *pools["red"]}
    rest = [one for one in pools["closed"] if one not in sure]
    return [
        (f"{WHY_LABELS[Why.NAMED]}（全部列入）", pools["named"]),
        (f"{WHY_LABELS[Why.RED]}（全部列入）", pools["red"]),
        ("其余已销号的（从中随机抽取）", rest),
    ]


def _drawn_from(draw: Draw) -> dict[str, Any]:
    sure = {*draw.pools["named"], *draw.pools["red"]}
    rest = [one for one in draw.pools["closed"] if one not in sure]
    return {"pool": len(rest), "size": draw_size(len(rest), pct=draw.pct), "example": rest[0] if rest else ""}


# ---- schemes


@require_http_methods(["GET", "POST"])
def visit_new(request: HttpRequest) -> HttpResponse:
    """A new visit: its scheme and its matters; of the list, those of one unit or all units at once."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_PREPARE)
    plan, _ = _plans(actor, request)
    asked = request.POST if request.method == "POST" else request.GET
    kind = VisitKind.VERIFICATION if asked.get("kind") == VisitKind.VERIFICATION else VisitKind.ROUTINE
    draw = draw_of(plan) if kind is VisitKind.VERIFICATION else None
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            made = _make(actor, plan, kind=kind, draw=draw, posted=request.POST)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem = error
        else:
            if len(made) == 1:
                messages.success(request, "方案已拟定，批准后才能出发。")
                return redirect("visit", made[0].pk)
            messages.success(request, f"已按单位拟定 {len(made)} 次核验的方案，请逐次批准。")
            return redirect("visits")
    return _scheme_page(request, plan, kind=kind, draw=draw, problem=problem)


def _make(actor: Actor, plan: Plan, *, kind: VisitKind, draw: Draw | None, posted: QueryDict) -> list[Visit]:
    scheme = _scheme(plan, posted)
    told: dict[str, Any] = {"by": actor, "now": clock.now()}
    if posted.get("all_units"):
        if draw is None:
            raise Invalid("请先抽取核验名单。", field="matters")
        return prepare_visits_of_list(draw, scheme=scheme, **told)
    matters = list(matters_seen(actor, [number_of(one) for one in posted.getlist("matter")]).filter(plan=plan))
    note = posted.get("note", "")
    return [prepare_visit(plan, kind=kind, scheme=scheme, matters=matters, draw=draw, note=note, **told)]


def _scheme(plan: Plan, posted: QueryDict) -> Scheme:
    first_on, last_on = _days(posted)
    check_pk = number_of(posted.get("check"))
    people = zip(posted.getlist("verifier"), posted.getlist("employer"), strict=False)
    return Scheme(
        title=posted.get("title", ""),
        place=posted.get("place", ""),
        supervision_type=_one_of(SupervisionType, posted.get("type", ""), what="督查类型", field="type"),
        method=_one_of(CheckMethod, posted.get("method", ""), what="方式", field="method"),
        purpose=posted.get("purpose", ""),
        scope=posted.get("scope", ""),
        first_on=first_on,
        last_on=last_on,
        verifiers=[NewVerifier(name, employer) for name, employer in people],
        check=planned_check(plan, check_pk) if check_pk else None,
        unplanned_reason=posted.get("unplanned_reason", ""),
    )


_USUAL = {
    VisitKind.ROUTINE: {
        "purpose": "了解任务推进的实际情况，核对单位所报与现场是否一致。",
        "scope": "单位最近一期报告、进展和销号申请所列内容；不要求单位另备材料。",
    },
    VisitKind.VERIFICATION: {
        "purpose": "按年底察访核验名单，核实任务完成情况是否属实。",
        "scope": "单位最近一期报告和销号申请所列内容，逐条核对；事先不通知，不要求单位另备材料。",
    },
}


def _scheme_page(
    request: HttpRequest,
    plan: Plan,
    *,
    kind: VisitKind,
    draw: Draw | None,
    problem: DomainError | None = None,
    one: Visit | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    posted = request.POST if problem else QueryDict()
    checks = [each for each in planned_checks(plan) if each.kind == kind and each.approval_id is not None]
    unit = number_of(request.GET.get("unit"))
    groups = [] if one else _groups(actor, plan, kind=kind, draw=draw, unit=unit)
    people = list(zip(posted.getlist("verifier"), posted.getlist("employer"), strict=False))
    if one and not people:
        people = [(each.name, each.employer) for each in verifiers_of(one)]
    given: Mapping[str, Any] = (
        {name: posted.get(name, "") for name in posted}
        or _standing(one)
        or {
            **_USUAL[kind],
            "title": f"{plan.year}年度{VISIT_KIND_LABELS[kind]}" if kind is VisitKind.VERIFICATION else "",
            "place": groups[0][0].name if unit and groups else "",
            "type": SupervisionType.SPECIAL.value,
            "method": CheckMethod.INSPECTION.value,
            "check": next((str(each.pk) for each in checks if each.last_on >= clock.today()), ""),
        }
    )
    context = {
        "plan": plan,
        "visit": one,
        "kind": kind.value,
        "kind_label": VISIT_KIND_LABELS[kind],
        "draw": draw,
        "groups": groups,
        "chosen": {number_of(each) for each in posted.getlist("matter")},
        "units": units_in_plan(plan, actor=actor),
        "unit": unit,
        "checks": checks,
        "types": _TYPES,
        "methods": [
            (each.value, CHECK_METHOD_LABELS[each])
            for each in CheckMethod
            if kind is VisitKind.ROUTINE or each not in ANNOUNCED
        ],
        "people": [*people, *[("", "")] * max(0, _VERIFIERS - len(people))],
        "least": policy_of(plan).visits.verifiers,
        "given": given,
        "version": one.version if one else "",
        "closed": closed_note(plan),
        "field": (problem.field or "") if problem else "",
        "problem": problem.message if problem else "",
        "title_length": TITLE_LENGTH,
        "place_length": PLACE_LENGTH,
        "reason_length": REASON_LENGTH,
        "text_length": TEXT_LENGTH,
    }
    return render(request, "visits/scheme.html", context, status=status_of(problem) if problem else 200)


def _standing(one: Visit | None) -> dict[str, Any]:
    """Return the scheme of a visit as the form shows it."""
    if one is None:
        return {}
    return {
        "title": one.title,
        "place": one.place,
        "type": one.supervision_type,
        "method": one.method,
        "purpose": one.purpose,
        "scope": one.scope,
        "first_on": one.first_on.isoformat(),
        "last_on": one.last_on.isoformat(),
        "check": str(one.check_of_id or ""),
        "unplanned_reason": one.unplanned_reason,
    }


def _groups(
    actor: Actor, plan: Plan, *, kind: VisitKind, draw: Draw | None, unit: int
) -> list[tuple[Unit, list[dict[str, Any]]]]:
    """Return the matters to choose from, by unit: of the list those nobody goes to yet, else those of the unit asked
    for."""
    found: dict[int, tuple[Unit, list[dict[str, Any]]]] = {}

    def put(lead: Unit, matter: Matter, why: str) -> None:
        line = {"matter": matter, "name": matter.title or matter.text, "why": why}
        found.setdefault(lead.pk, (lead, []))[1].append(line)

    if draw is not None:
        for row in list_rows(draw):
            if row.item is None and row.unit is not None and unit in (0, row.unit.pk):
                put(row.unit, row.row.matter, why_words(row.row.why))
    elif kind is VisitKind.ROUTINE and unit:
        lead = Unit.objects.filter(pk=unit).first()
        seen = Matter.objects.visible_to(actor).filter(
            plan=plan, assignments__unit=unit, assignments__is_merging=True, assignments__ended_at=None
        )
        if lead is not None:
            for matter in seen.exclude(assigned_at=None).order_by("order", "pk"):
                put(lead, matter, "")
    return list(found.values())


@require_http_methods(["GET", "POST"])
def visit_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The scheme of a visit, while it waits for approval."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_PREPARE)
    one = visit_for(actor, pk)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            scheme = _scheme(one.plan, request.POST)
            edit_visit(one, scheme=scheme, seen=number_of(request.POST.get("version")), by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem = error
            if isinstance(error, Conflict):
                messages.warning(request, "他人刚刚改过这份方案，下面是您填写的内容；再次保存将以您的为准。")
                one.refresh_from_db(fields=["version"])
        else:
            messages.success(request, "方案已修改。")
            return redirect("visit", pk)
    if problem is None and closed_note(one.plan):
        return redirect("visit", pk)
    if problem is None and one.state != VisitState.PREPARED:
        messages.warning(request, "方案已经批准，不能再修改。")
        return redirect("visit", pk)
    return _scheme_page(request, one.plan, kind=VisitKind(one.kind), draw=one.draw, problem=problem, one=one)


# ---- the conclusion


@require_http_methods(["GET", "POST"])
def visit_conclude(request: HttpRequest, pk: int) -> HttpResponse:
    """The conclusion of a visit: facts as the answers tell them, for the office to word; what each unit puts right."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_PREPARE)
    one = visit_for(actor, pk)
    if request.method == "GET" and (one.state != VisitState.CONFIRMED or closed_note(one.plan)):
        return redirect("visit", pk)
    seen = items_of(one)
    units = list(one.some_units)  # type: ignore[attr-defined]
    problem: DomainError | None = None
    posted = request.POST
    if request.method == "POST":
        demands = {each.pk: posted.get(f"demand-{each.pk}", "") for each in units}
        conclusion = Conclusion(posted.get("facts", ""), posted.get("opinion", ""), demands)
        try:
            conclude_visit(one, conclusion=conclusion, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem = error
        else:
            messages.success(request, "结论已存档并反馈单位。")
            return redirect("visit", pk)
    untrue = {each.item.unit_id for each in seen if each.item.result == Result.UNTRUE}
    policy = policy_of(one.plan).visits
    context = {
        **visit_row(one),
        "items": [item_row(each) for each in seen],
        "facts": posted.get("facts") if posted else facts_drafted(seen),
        "opinion": posted.get("opinion") if posted else _opinion(untrue=bool(untrue)),
        "demands": [
            {
                "unit": each,
                "is_untrue": each.pk in untrue,
                "text": posted.get(f"demand-{each.pk}", "")
                if posted
                else ("如实报送，限期完成，并查明虚报原因。" if each.pk in untrue else ""),
            }
            for each in units
        ],
        "plan_workdays": policy.plan_workdays,
        "report_days": policy.report_days,
        "field": (problem.field or "") if problem else "",
        "problem": problem.message if problem else "",
        "text_length": TEXT_LENGTH,
    }
    return render(request, "visits/conclude.html", context, status=status_of(problem) if problem else 200)


def _opinion(*, untrue: bool) -> str:
    if untrue:
        return "有的事项所报情况与实际不符，请有关单位认真整改，今后据实报送。"
    return "所报情况与实际相符，请继续抓好落实。"


# ---- to the evaluation office and back


@require_safe
def visit_export(request: HttpRequest) -> HttpResponse:
    """The claims of the year's 察访核验 as a spreadsheet to be filled in."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_PREPARE)
    plan, _ = _plans(actor, request)
    some = list(visits_for(actor).filter(plan=plan, kind=VisitKind.VERIFICATION).exclude(state=VisitState.DROPPED))
    sheet = list_sheet(plan, some)
    if not sheet.rows:
        messages.warning(request, "还没有安排察访核验，没有可以导出的清单。")
        return redirect(f"/visits/list/?year={plan.year}")
    record_export(plan, form="xlsx", view="核验清单", count=len(sheet.rows), by=actor, now=clock.now())
    return download(to_xlsx(sheet), name=f"{plan.year}年度察访核验清单.xlsx")


@require_safe
def visit_handovers(request: HttpRequest) -> HttpResponse:
    """The register of leads handed over, as a spreadsheet."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_PREPARE)
    plan, _ = _plans(actor, request)
    record_export(plan, form="xlsx", view="移送登记", count=len(handovers_of(plan)), by=actor, now=clock.now())
    return download(to_xlsx(handovers_sheet(plan)), name=f"{plan.year}年度线索移送登记.xlsx")


@require_http_methods(["GET", "POST"])
def visit_upload(request: HttpRequest) -> HttpResponse:
    """Results that came back: the lists taken in so far, and a new one."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_PREPARE)
    plan, plans = _plans(actor, request)
    problem: DomainError | None = None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise Invalid("请选择填好结果的清单。", field="file")
            if (file.size or 0) > _UPLOAD_MOST_MB * 1024 * 1024:
                raise Invalid(f"文件超过 {_UPLOAD_MOST_MB} MB。", field="file")
            taken = upload_results(plan, file_name=file.name or "", content=file.read(), by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem = error
        else:
            return redirect("visit_results", taken.pk)
    context = {
        "plan": plan,
        "plans": plans,
        "rows": [
            {"taken": one, "state": TAKEN_STATE_LABELS[TakenState(one.state)]}
            for one in TakenResults.objects.filter(plan=plan).order_by("-uploaded_at", "-pk")
        ],
        "closed": closed_note(plan),
        "problem": problem.message if problem else "",
        "field": (problem.field or "") if problem else "",
    }
    return render(request, "visits/upload.html", context, status=status_of(problem) if problem else 200)


@require_http_methods(["GET", "POST"])
def visit_results(request: HttpRequest, pk: int) -> HttpResponse:
    """An uploaded list, row by row, before it counts; then it is taken over or dropped."""
    actor = actor_of(request)
    require(actor, Permission.VISIT_RECORD)
    joined = TakenResults.objects.select_related("plan__policy", "plan__jurisdiction")
    taken = joined.filter(pk=pk, plan__in=plans_in_sight(actor)).first()
    if taken is None:
        raise NotFound("没有这份结果，或者您无权查看。")
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            act = drop_results if request.POST.get("step") == "drop" else count_results
            act(taken, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem = error
        else:
            messages.success(request, "已作罢，内容留存。" if request.POST.get("step") == "drop" else "已采用。")
            return redirect("visit_results", pk)
    rows = [{**one, "word": RESULT_LABELS[Result(one["result"])] if one["result"] else ""} for one in taken.rows]
    context = {
        "taken": taken,
        "state": TAKEN_STATE_LABELS[TakenState(taken.state)],
        "is_open": taken.state == TakenState.PREVIEWED and not closed_note(taken.plan),
        "closed": closed_note(taken.plan),
        "rows": rows,
        "good": sum(bool(one["claim"] and one["result"] and not one["problem"]) for one in rows),
        "bad": sum(bool(one["problem"]) for one in rows),
        "problem": problem.message if problem else "",
    }
    return render(request, "visits/results.html", context, status=status_of(problem) if problem else 200)
