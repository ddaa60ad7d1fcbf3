"""A year that is closed takes no check, list, visit, result, finding, conclusion or lead; rectification goes on."""

import pytest

from duban.audit.models import Event
from duban.core.errors import WrongState
from duban.documents.sheets import to_xlsx
from duban.matters.actions import put_closed
from duban.visits import actions
from duban.visits.actions import (
    Conclusion,
    Given,
    NewCheck,
    NewHandover,
    Recheck,
    add_claim,
    approve_checks,
    approve_visit,
    choose_answer,
    conclude_visit,
    confirm_visit,
    count_results,
    draw_list,
    drop_check,
    drop_results,
    drop_visit,
    edit_visit,
    hand_over,
    hold_visit,
    join_checks,
    join_visits,
    overturn_finding,
    plan_check,
    plan_rectifying,
    prepare_visit,
    prepare_visits_of_list,
    recheck,
    record_results,
    report_rectified,
    send_back_results,
    upload_results,
)
from duban.visits.models import Answer, PlannedCheck, Rectification, TakenResults, Visit
from duban.visits.queries import list_sheet
from duban.visits.rules import Result, VisitKind, VisitState
from tests.letters.builders import at
from tests.matters.builders import World
from tests.visits.builders import (
    CONFIRMED,
    VISITED,
    answered,
    approved,
    claims,
    concluded,
    confirmed,
    drawn,
    held,
    item_of,
    listed,
    new_check,
    planned,
    prepared,
    scheme,
    year,
)

pytestmark = pytest.mark.django_db

CLOSED = "2020年度台账已经办结，只能查看。确需改动的，先经批准重新打开台账。"


def close(world: World) -> None:
    """Close the plan under what is still open in it: as somebody may who was a moment faster."""
    put_closed(world.plan, approval=world.approval(), by=world.office_head, now=CONFIRMED)


def told(who) -> dict:
    return {"by": who, "now": CONFIRMED}


def _check(world):
    check = NewCheck(**new_check(world))
    return lambda: plan_check(world.plan, check=check, **told(world.officer))


def _approve_checks(world):
    plan_check(world.plan, check=NewCheck(**new_check(world)), by=world.officer, now=world.now)
    return lambda: approve_checks(world.plan, approval=world.approval(), **told(world.office_head))


def _drop_check(world):
    check = planned(world)
    return lambda: drop_check(check, reason="不再需要。", **told(world.officer))


def _join_checks(world):
    one, other = planned(world), planned(world, title="另一次")
    return lambda: join_checks(one, other=other, **told(world.officer))


def _draw(world):
    year(world)
    return lambda: draw_list(world.plan, seed="20210115", **told(world.officer))


def _prepare(world):
    draw = drawn(year(world))
    given = {"kind": VisitKind.VERIFICATION, "scheme": scheme(), "matters": listed(draw), "draw": draw}
    return lambda: prepare_visit(world.plan, **given, **told(world.officer))


def _prepare_all(world):
    draw = drawn(year(world))
    return lambda: prepare_visits_of_list(draw, scheme=scheme(), **told(world.officer))


def _edit(world):
    visit = prepared(world)
    return lambda: edit_visit(visit, scheme=scheme(), seen=visit.version, **told(world.officer))


def _claim(world):
    item = item_of(prepared(world))
    return lambda: add_claim(item, words="操场是否建成", look_at="", **told(world.officer))


def _join(world):
    draw = drawn(year(world))
    first, *rest = listed(draw)
    one, other = prepared(world, draw=draw, matters=[first]), prepared(world, draw=draw, matters=rest)
    return lambda: join_visits(one, other=other, **told(world.officer))


def _approve(world):
    visit = prepared(world)
    return lambda: approve_visit(visit, **told(world.office_head))


def _drop(world):
    visit = prepared(world)
    return lambda: drop_visit(visit, reason="不去了。", **told(world.officer))


def _record(world):
    visit = approved(world)
    given = [Given(claims(visit)[0].pk, Result.TRUE, "")]
    return lambda: record_results(visit, key="device-0001", given=given, **told(world.officer))


def _choose(world):
    visit = answered(world, approved(world))
    answer = Answer.objects.select_related("claim__item__visit__plan").filter(claim__item__visit=visit).first()
    return lambda: choose_answer(answer, **told(world.officer))


def _hold(world):
    visit = answered(world, approved(world))
    return lambda: hold_visit(visit, visited_on=VISITED.date(), **told(world.officer))


def _send_back(world):
    visit = held(world)
    return lambda: send_back_results(visit, reason="请补照片。", **told(world.office_head))


def _confirm(world):
    visit = held(world)
    return lambda: confirm_visit(visit, **told(world.office_head))


def _overturn(world):
    item = item_of(confirmed(world, untrue=0))
    return lambda: overturn_finding(item, result=Result.TRUE, reason="复核属实。", **told(world.office_head))


def _conclude(world):
    visit = confirmed(world)
    conclusion = Conclusion("所报属实。", "请继续抓好落实。", {})
    return lambda: conclude_visit(visit, conclusion=conclusion, **told(world.officer))


def _hand_over(world):
    visit = concluded(world)
    lead = NewHandover("纪检监察机关", "涉嫌虚报套取资金。", "经区领导批准", CONFIRMED.date())
    return lambda: hand_over(visit, new=lead, **told(world.office_head))


def _sheet(world) -> bytes:
    visit = approved(world)
    return to_xlsx(list_sheet(world.plan, [visit]))


def _taken(world) -> TakenResults:
    made = upload_results(world.plan, file_name="结果.xlsx", content=_sheet(world), by=world.officer, now=VISITED)
    return TakenResults.objects.select_related("plan").get(pk=made.pk)


def _upload(world):
    content = _sheet(world)
    return lambda: upload_results(world.plan, file_name="结果.xlsx", content=content, **told(world.officer))


def _count(world):
    taken = _taken(world)
    return lambda: count_results(taken, **told(world.officer))


def _drop_taken(world):
    taken = _taken(world)
    return lambda: drop_results(taken, **told(world.officer))


ACTIONS = {
    "plan_check": _check,
    "approve_checks": _approve_checks,
    "drop_check": _drop_check,
    "join_checks": _join_checks,
    "draw_list": _draw,
    "prepare_visit": _prepare,
    "prepare_visits_of_list": _prepare_all,
    "edit_visit": _edit,
    "add_claim": _claim,
    "join_visits": _join,
    "approve_visit": _approve,
    "drop_visit": _drop,
    "record_results": _record,
    "choose_answer": _choose,
    "hold_visit": _hold,
    "send_back_results": _send_back,
    "confirm_visit": _confirm,
    "overturn_finding": _overturn,
    "conclude_visit": _conclude,
    "hand_over": _hand_over,
    "upload_results": _upload,
    "count_results": _count,
    "drop_results": _drop_taken,
}
GOES_ON = {"plan_rectifying", "report_rectified", "recheck"}


def test_every_action_of_visits_is_tried_here():
    functions = {name for name in actions.__all__ if name.islower()}
    assert functions == {*ACTIONS, *GOES_ON}


@pytest.mark.parametrize("name", ACTIONS)
def test_closed_year_refuses_and_nothing_changes(world: World, name):
    act = ACTIONS[name](world)
    close(world)
    before = (
        Event.objects.count(),
        list(Visit.objects.order_by("pk").values()),
        list(PlannedCheck.objects.order_by("pk").values()),
        list(TakenResults.objects.order_by("pk").values()),
        list(Answer.objects.order_by("pk").values()),
    )
    with pytest.raises(WrongState) as refusal:
        act()
    assert refusal.value.message == CLOSED
    assert before == (
        Event.objects.count(),
        list(Visit.objects.order_by("pk").values()),
        list(PlannedCheck.objects.order_by("pk").values()),
        list(TakenResults.objects.order_by("pk").values()),
        list(Answer.objects.order_by("pk").values()),
    )


def test_rectification_goes_on_to_its_end(world: World):
    visit = concluded(world)
    close(world)
    row = Rectification.objects.select_related("visit__plan", "unit").get(visit=visit)
    unit = world.liaison("教育局")
    plan_rectifying(row, text="三周内补建。", by=unit, now=at("2021-01-18"))
    report_rectified(row, text="已经建成。", by=unit, now=at("2021-01-25"))
    recheck(row, found=Recheck("到现场看过，已经建成。", is_right=True), by=world.office_head, now=at("2021-01-28"))
    assert (row.state, item_of(visit).cured_on) == ("accepted", at("2021-01-28").date())
    assert visit.state == VisitState.CONCLUDED
