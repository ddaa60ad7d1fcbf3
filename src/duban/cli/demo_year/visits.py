"""实地考查、察访核验: a plan in spring, routine visits in the year, the drawn list and its verification in January."""

from datetime import date

from duban.cli.demo_year.behaviour import chance, choice, draw, number
from duban.cli.demo_year.stage import Stage, key_of
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.matters.models import Assignment, Matter
from duban.matters.queries import policy_of
from duban.matters.rules import State, SupervisionType
from duban.orgs.models import Unit
from duban.visits.actions import (
    Conclusion,
    Given,
    NewCheck,
    NewVerifier,
    OnBehalf,
    Scheme,
    approve_checks,
    approve_visit,
    conclude_visit,
    confirm_visit,
    draw_list,
    hold_visit,
    plan_check,
    plan_rectifying,
    prepare_visit,
    prepare_visits_of_list,
    record_results,
)
from duban.visits.models import PlannedCheck, Rectification, Visit, VisitItem
from duban.visits.queries import callings_of, draw_of, facts_drafted, items_of, planned_checks
from duban.visits.rules import CheckMethod, RectifyingState, Result, VisitKind, VisitState, Why

_PLANNED_ON = date(2020, 3, 16)
_APPROVED_ON = date(2020, 3, 18)
_ROUTINE = (
    (date(2020, 5, 18), "一季度后重点项目实地考查"),
    (date(2020, 7, 27), "半年民生实事实地考查"),
    (date(2020, 10, 19), "三季度后滞后事项实地考查"),
)
_UNITS_EACH = 3
_MATTERS_MOST = 4
_DRAWN_ON = date(2021, 1, 15)
_FIRST_ON, _LAST_ON = date(2021, 1, 18), date(2021, 1, 20)
_SEED = "20210115-3086"
_VERIFIERS = (NewVerifier("苏衡", "区委区政府督查室"), NewVerifier("简言", "区绩效考评办"))


def plan_the_checks(stage: Stage) -> None:
    """Let the officer plan the year's checks in March, and the head have them approved two days later."""
    if stage.day == _PLANNED_ON:
        for first_on, title in _ROUTINE:
            check = NewCheck(
                kind=VisitKind.ROUTINE,
                supervision_type=SupervisionType.SPECIAL,
                title=title,
                purpose="到现场看任务推进的实际情况，核对所报与实际是否一致。",
                method=CheckMethod.INSPECTION,
                first_on=first_on,
                last_on=add_workdays(first_on, 4),
                units=_units_for(stage, title),
            )
            plan_check(stage.plan, check=check, **stage.told(stage.officer))
        check = NewCheck(
            kind=VisitKind.VERIFICATION,
            supervision_type=SupervisionType.COMPREHENSIVE,
            title="年底察访核验",
            purpose="按抽取的名单核实全年任务完成情况。",
            method=CheckMethod.INSPECTION,
            first_on=_FIRST_ON,
            last_on=_LAST_ON,
            units=_leads(stage),
        )
        plan_check(stage.plan, check=check, **stage.told(stage.officer))
    if stage.day == _APPROVED_ON:
        approve_checks(stage.plan, approval=stage.approval("经区政府常务会议研究同意"), **stage.told(stage.office_head))


def _leads(stage: Stage) -> list[Unit]:
    parts = Assignment.objects.filter(matter__plan=stage.plan, is_merging=True, ended_at=None)
    return list(Unit.objects.filter(pk__in=parts.values("unit_id"), merged_into=None).order_by("order", "name"))


def _units_for(stage: Stage, title: str) -> list[Unit]:
    """Return whom a routine check visits: others each time, none that has had enough."""
    leads = _leads(stage)
    most = policy_of(stage.plan).visits.unit_times
    callings = callings_of([one.pk for one in leads], years=[2020])
    free = [one for one in leads if sum(each.unit_id == one.pk for each in callings) < min(most - 1, 1)]
    return sorted(free, key=lambda one: (draw(stage.seed, "visited", title, one.name), one.name))[:_UNITS_EACH]


def prepare_routine(stage: Stage) -> None:
    """Let the officer prepare the visits of a check on its first day, one a unit, for some of its matters."""
    for check in planned_checks(stage.plan):
        if check.kind != VisitKind.ROUTINE or check.first_on != stage.day or check.approval_id is None:
            continue
        for unit in check.units.order_by("order", "name"):
            matters = _matters_of(stage, unit)
            if not matters:
                continue
            scheme = _scheme(check, title=f"{check.title}（{unit.name}）", place=f"{unit.name}项目现场")
            told = stage.told(stage.officer)
            note = "在办的重点任务。"
            prepare_visit(stage.plan, kind=VisitKind.ROUTINE, scheme=scheme, matters=matters, note=note, **told)


def _matters_of(stage: Stage, unit: Unit) -> list[Matter]:
    going = Matter.objects.filter(
        plan=stage.plan,
        state__in=(State.IN_PROGRESS, State.CLOSING, State.CLOSED),
        assignments__unit=unit,
        assignments__is_merging=True,
        assignments__ended_at=None,
    )
    return list(going.select_related("plan__policy").order_by("order", "serial")[:_MATTERS_MOST])


def _scheme(check: PlannedCheck, *, title: str, place: str) -> Scheme:
    return Scheme(
        title=title,
        place=place,
        supervision_type=SupervisionType(check.supervision_type),
        method=CheckMethod(check.method),
        purpose=check.purpose,
        scope="单位最近一期报告、进展和销号申请所列内容，逐条核对；事先不通知，不要求单位另备材料。",
        first_on=check.first_on,
        last_on=check.last_on,
        verifiers=_VERIFIERS,
        check=check,
    )


def draw_the_list(stage: Stage) -> None:
    """Let the officer draw the year-end list in January, and prepare a visit for every unit on it."""
    if stage.day != _DRAWN_ON:
        return
    draw_list(stage.plan, seed=_SEED, **stage.told(stage.officer))
    found = draw_of(stage.plan)
    check = next(one for one in planned_checks(stage.plan) if one.kind == VisitKind.VERIFICATION)
    if found is not None:
        scheme = _scheme(check, title="2020年度察访核验", place="")
        prepare_visits_of_list(found, scheme=scheme, **stage.told(stage.officer))


def approve_visits(stage: Stage) -> None:
    """Let the head approve the schemes that wait."""
    for one in _visits(stage, VisitState.PREPARED):
        approve_visit(one, **stage.told(stage.office_head))


def _visits(stage: Stage, state: VisitState) -> list[Visit]:
    joined = Visit.objects.select_related("plan__policy", "plan__jurisdiction")
    return list(joined.filter(plan=stage.plan, state=state).order_by("first_on", "title"))


def go_there(stage: Stage) -> None:
    """Let the verifiers go, some visits a day, and write down what they find; a telephone sends it twice now and then.

    All but one claim of the year turn out true, or mostly so.
    """
    untrue = _untrue_item(stage)
    for one in _visits(stage, VisitState.APPROVED):
        span = _workdays_of(one)
        is_first = untrue is not None and untrue.visit_id == one.pk
        goes_on = span[0] if is_first else span[number(stage.seed, 0, len(span) - 1, "goes on", one.title)]
        if stage.day < goes_on:
            continue
        given = []
        for seen in items_of(one):
            last = len(seen.claims) - 1
            for place, each in enumerate(seen.claims):
                about = (one.title, key_of(seen.item.matter), place)
                if untrue is not None and seen.item.pk == untrue.pk and place == last:
                    given.append(Given(each.claim.pk, Result.UNTRUE, _UNTRUE_WORDS))
                elif chance(stage.seed, 0.15, "mostly", *about):
                    words = choice(stage.seed, _MOSTLY_WORDS, "mostly words", *about)
                    given.append(Given(each.claim.pk, Result.MOSTLY, words))
                else:
                    given.append(Given(each.claim.pk, Result.TRUE, ""))
        for _ in range(2 if chance(stage.seed, 0.3, "sent twice", one.title) else 1):
            record_results(one, key=f"demo-{one.title}"[:64], given=given, **stage.told(stage.officer))
        hold_visit(one, visited_on=stage.day, **stage.told(stage.officer))


_UNTRUE_WORDS = "现场与所报不符：报称已经完成，现场仍在施工，主要内容没有建成。"
_MOSTLY_WORDS = (
    "主体已经完成，收尾工作还有少量没有做完。",
    "数量相符，台账登记的时间略有出入。",
    "已经完成，后续管护还要跟上。",
)


def _workdays_of(visit: Visit) -> list[date]:
    """Return the working days of a visit's scheme."""
    days = [visit.first_on]
    while (after := add_workdays(days[-1], 1)) <= visit.last_on:
        days.append(after)
    return days


def _untrue_item(stage: Stage) -> VisitItem | None:
    """Return the one matter of the year-end list that is not as reported: the same in every play of a seed."""
    found = VisitItem.objects.filter(visit__plan=stage.plan, visit__kind=VisitKind.VERIFICATION).select_related(
        "matter"
    )
    closed = [one for one in found if one.matter.first_closed_on is not None]
    drawn = [one for one in closed if Why.DRAWN.value in one.why] or closed
    return min(drawn, key=lambda one: (draw(stage.seed, "untrue", key_of(one.matter)), one.matter.order), default=None)


def confirm_visits(stage: Stage) -> None:
    """Let the head confirm what was found the working day before."""
    for one in _visits(stage, VisitState.HELD):
        if one.visited_on is not None and add_workdays(one.visited_on, 1) <= stage.day:
            confirm_visit(one, **stage.told(stage.office_head))


def conclude_visits(stage: Stage) -> None:
    """Let the officer feed back the conclusion the working day after; who reported what is not so has to put it
    right."""
    for one in _visits(stage, VisitState.CONFIRMED):
        if one.confirmed_at is None or add_workdays(day_of(one.confirmed_at), 1) > stage.day:
            continue
        seen = items_of(one)
        untrue = {each.item.unit_id for each in seen if each.item.result == Result.UNTRUE}
        conclusion = Conclusion(
            facts=facts_drafted(seen),
            opinion="所报情况与实际不符，请认真整改，今后据实报送。"
            if untrue
            else "所报情况基本属实，请继续抓好落实。",
            demands=dict.fromkeys(sorted(untrue), "查明虚报原因，限期完成，今后据实报送。"),
        )
        conclude_visit(one, conclusion=conclusion, **stage.told(stage.officer))


def put_right(stage: Stage) -> None:
    """Let a unit send its plan three working days after the conclusion; the report is owed beyond the year."""
    waiting = Rectification.objects.filter(visit__plan=stage.plan, state=RectifyingState.PLAN_OWED)
    for one in waiting.select_related("visit__plan__policy", "visit__jurisdiction", "unit").order_by("visit__title"):
        if add_workdays(day_of(one.asked_at), 3) <= stage.day:
            actor, behalf = stage.speaker(one.unit)
            text = "倒排工期，增加施工力量，3月底前完成剩余内容；对有关责任人进行提醒，今后报送须经现场核对。"
            told = OnBehalf(behalf, stage.day) if behalf is not None else None
            plan_rectifying(one, text=text, behalf=told, **stage.told(actor))


VISITS = (
    put_right,
    conclude_visits,
    confirm_visits,
    go_there,
    plan_the_checks,
    prepare_routine,
    draw_the_list,
    approve_visits,
)
