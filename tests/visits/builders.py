"""A county whose year is over: matters closed, one red, one named; and visits to them."""

from datetime import date, datetime

from duban.core.actor import SYSTEM
from duban.lights.actions import tick
from duban.matters.models import Matter, Policy
from duban.matters.rules import SupervisionType
from duban.visits.actions import (
    Conclusion,
    Given,
    NewCheck,
    NewVerifier,
    Scheme,
    approve_checks,
    approve_visit,
    conclude_visit,
    confirm_visit,
    draw_list,
    hold_visit,
    plan_check,
    prepare_visit,
    record_results,
)
from duban.visits.models import Answer, Claim, Draw, PlannedCheck, Visit, VisitItem
from duban.visits.rules import CheckMethod, Result, VisitKind
from tests.letters.builders import at, slow_matter, staff
from tests.matters.builders import World

DRAWN = at("2021-01-05")
VISITED = at("2021-01-14", 15)
CONFIRMED = at("2021-01-15")
SEED = "临江2021"
PEOPLE = (NewVerifier("周一", "统计局"), NewVerifier("吴二", "督查室"))


def year(world: World) -> World:
    """Ten matters of 教育局 and one of 交通局 closed in February, one of 教育局 nobody worked on: red in January."""
    staff(world)
    staff(world, "交通局")
    world.unit("统计局")
    for number in range(1, 11):
        world.closed(text=f"新建小学{number}所。", serial=str(number), due_on=date(2020, 11, 30))
    world.closed(
        text="新建公路20公里。", serial="11", due_on=date(2020, 11, 30), leads=("教育局",), supports=("交通局",)
    )
    slow_matter(world, serial="12")
    tick(date(2021, 1, 5), by=SYSTEM, now=at("2021-01-05", 0))
    return world


def drawn(world: World, *, seed: str = SEED, now: datetime = DRAWN, **more) -> Draw:
    draw_list(world.plan, seed=seed, by=world.officer, now=now, **more)
    return Draw.objects.select_related("plan__policy", "plan__jurisdiction").get(plan=world.plan, replaced_at=None)


def new_check(world: World, *, kind: VisitKind = VisitKind.VERIFICATION, units=("教育局",), **more) -> dict:
    """What a check of the plan is, to be given to `NewCheck`."""
    return {
        "kind": kind,
        "supervision_type": SupervisionType.SPECIAL,
        "title": "年底察访核验",
        "purpose": "核实完成情况。",
        "method": CheckMethod.INSPECTION,
        "first_on": date(2021, 1, 11),
        "last_on": date(2021, 1, 22),
        "units": [world.unit(one) for one in units],
        **more,
    }


def planned(world: World, **more) -> PlannedCheck:
    """A check of the plan, approved."""
    check = plan_check(world.plan, check=NewCheck(**new_check(world, **more)), by=world.officer, now=world.now)
    approve_checks(world.plan, approval=world.approval(), by=world.office_head, now=world.now)
    return PlannedCheck.objects.select_related("plan__policy").get(pk=check.pk)


def scheme(check: PlannedCheck | None = None, **more) -> Scheme:
    given = {
        "title": "教育局年底察访核验",
        "place": "临江区第一小学",
        "supervision_type": SupervisionType.SPECIAL,
        "method": CheckMethod.INSPECTION,
        "purpose": "核实所报完成情况。",
        "scope": "逐条核对报告和销号申请所列内容。",
        "first_on": date(2021, 1, 11),
        "last_on": date(2021, 1, 15),
        "verifiers": PEOPLE,
        "check": check,
        "unplanned_reason": "" if check else "领导交办的临时核查。",
        **more,
    }
    return Scheme(**given)


def visit_of(**narrowed) -> Visit:
    return Visit.objects.select_related("plan__policy", "plan__jurisdiction").get(**narrowed)


def listed(draw: Draw) -> list[Matter]:
    return list(Matter.objects.filter(drawn_in__draw=draw).select_related("plan__policy").order_by("order", "pk"))


def prepared(world: World, *, draw: Draw | None = None, matters=None, now: datetime = DRAWN, **more) -> Visit:
    draw = draw or drawn(year(world))
    made = prepare_visit(
        world.plan,
        kind=VisitKind.VERIFICATION,
        scheme=scheme(**more),
        matters=matters or listed(draw),
        draw=draw,
        by=world.officer,
        now=now,
    )
    return visit_of(pk=made.pk)


def routine(world: World, matters, *, now: datetime, **more) -> Visit:
    made = prepare_visit(
        world.plan, kind=VisitKind.ROUTINE, scheme=scheme(**more), matters=matters, by=world.officer, now=now
    )
    return visit_of(pk=made.pk)


def approved(world: World, visit: Visit | None = None) -> Visit:
    visit = visit or prepared(world)
    approve_visit(visit, by=world.office_head, now=DRAWN)
    return visit_of(pk=visit.pk)


def claims(visit: Visit) -> list[Claim]:
    return list(Claim.objects.filter(item__visit=visit).order_by("item__order", "order", "pk"))


def answered(world: World, visit: Visit, *, untrue: int | None = None, key: str = "device-0001") -> Visit:
    """Every claim answered 属实; that of the matter at `untrue` (its place on the visit) 不实."""
    given = [
        Given(one.pk, Result.UNTRUE, "现场没有建成。") if one.item.order == untrue else Given(one.pk, Result.TRUE, "")
        for one in claims(visit)
    ]
    record_results(visit, key=key, given=given, by=world.officer, now=VISITED)
    return visit_of(pk=visit.pk)


def held(world: World, visit: Visit | None = None, *, untrue: int | None = None) -> Visit:
    visit = answered(world, visit or approved(world), untrue=untrue)
    hold_visit(visit, visited_on=VISITED.date(), by=world.officer, now=VISITED)
    return visit_of(pk=visit.pk)


def confirmed(world: World, visit: Visit | None = None, *, untrue: int | None = None) -> Visit:
    visit = visit or held(world, untrue=untrue)
    confirm_visit(visit, by=world.office_head, now=CONFIRMED)
    return visit_of(pk=visit.pk)


def concluded(world: World, visit: Visit | None = None, **more) -> Visit:
    visit = visit or confirmed(world, untrue=0)
    given = {
        "facts": "第1项现场没有建成。",
        "opinion": "请教育局认真整改。",
        "demands": {world.unit("教育局").pk: "如实报送，限期建成。"},
        **more,
    }
    conclude_visit(visit, conclusion=Conclusion(**given), by=world.officer, now=CONFIRMED)
    return visit_of(pk=visit.pk)


def item_of(visit: Visit, place: int = 0) -> VisitItem:
    joined = VisitItem.objects.select_related("visit__plan__policy", "matter__plan__policy", "unit")
    return joined.get(visit=visit, order=place)


def standing(visit: Visit) -> list[tuple[str, str]]:
    rows = Answer.objects.filter(claim__item__visit=visit, is_standing=True).order_by(
        "claim__item__order", "claim__order", "claim_id"
    )
    return list(rows.values_list("result", "found"))


def set_policy(world: World, **changes) -> None:
    figures = {**world.plan.policy.values()}
    figures["visits"] = figures["visits"] | changes
    Policy.objects.filter(pk=world.plan.policy_id).update(figures=figures)
    world.plan.policy.refresh_from_db()
