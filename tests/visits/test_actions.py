"""Planning, drawing, going, finding, feeding back: the change, the refusal, the second call, the trail."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from PIL import Image

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.documents.sheets import to_xlsx
from duban.evidence.examining import NewFile
from duban.evidence.models import Evidence
from duban.matters.actions import Behalf
from duban.matters.models import Matter, Obligation
from duban.matters.rules import Channel, State
from duban.outbox.models import Message
from duban.papers.models import IssuedPaper
from duban.visits.actions import (
    Given,
    NewCheck,
    NewHandover,
    NewVerifier,
    OnBehalf,
    Recheck,
    add_claim,
    approve_checks,
    approve_visit,
    choose_answer,
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
    prepare_visits_of_list,
    recheck,
    record_results,
    report_rectified,
    send_back_results,
    upload_results,
)
from duban.visits.models import (
    Answer,
    Draw,
    DrawnMatter,
    Finding,
    Rectification,
    Submission,
    TakenResults,
    Visit,
    VisitItem,
)
from duban.visits.queries import (
    cautions_about,
    draw_of,
    facts_drafted,
    handovers_sheet,
    items_of,
    list_sheet,
    morning_of,
    rectifications_of,
    untrue_findings,
    visits_for,
    visits_of_matter,
)
from duban.visits.rules import CheckMethod, Concern, Pools, Result, Why, listed_of
from tests.bulletins.builders import issued as issued_bulletin
from tests.letters.builders import at, signer, staff
from tests.matters.builders import World, names_of_events
from tests.visits.builders import (
    CONFIRMED,
    DRAWN,
    PEOPLE,
    SEED,
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
    routine,
    scheme,
    set_policy,
    standing,
    visit_of,
    year,
)

pytestmark = pytest.mark.django_db

JANUARY = date(2021, 1, 31)


# ---- the year's plan


def test_checks_count_once_approved_by_a_recorded_decision(world: World):
    check = planned(world)
    assert check.approval.approved_by_name == "区政府"
    assert [one.name for one in check.units.all()] == ["教育局"]
    assert names_of_events(name__startswith="visits.") == ["visits.check_planned", "visits.checks_approved"]
    with pytest.raises(WrongState, match="没有待批准"):
        approve_checks(world.plan, approval=world.approval(), by=world.office_head, now=world.now)


def test_officer_plans_and_does_not_approve(world: World):
    with pytest.raises(NotAllowed):
        approve_checks(world.plan, approval=world.approval(), by=world.officer, now=world.now)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"units": ()}, "哪些单位"),
        ({"purpose": ""}, "目的"),
        ({"last_on": date(2021, 1, 1)}, "不能早于"),
        ({"last_on": date(2021, 12, 1)}, "三个月"),
        ({"method": CheckMethod.HEARING_REPORT}, "事先不通知"),
    ],
)
def test_plan_says_who_when_why_and_how(world: World, wrong, words):
    with pytest.raises(Invalid, match=words):
        planned(world, **wrong)


def test_check_a_visit_carries_out_is_not_dropped(world: World):
    check = planned(world)
    visit = prepared(world, check=check)
    with pytest.raises(WrongState, match="已经安排了核验"):
        drop_check(check, reason="并入其他检查。", by=world.officer, now=DRAWN)
    drop_visit(visit, reason="改为下周。", by=world.officer, now=DRAWN)
    drop_check(check, reason="并入其他检查。", by=world.officer, now=DRAWN)
    with pytest.raises(WrongState, match="已经取消"):
        drop_check(check, reason="并入其他检查。", by=world.officer, now=DRAWN)


def test_two_checks_join_and_wait_for_approval_again(world: World):
    one = planned(world, first_on=date(2020, 5, 6), last_on=date(2020, 5, 8))
    other = planned(
        world, units=("交通局",), purpose="看路。", title="看路", first_on=date(2020, 5, 7), last_on=date(2020, 5, 12)
    )
    joined = join_checks(one, other=other, by=world.officer, now=world.now)
    assert [each.name for each in joined.units.order_by("pk")] == ["教育局", "交通局"]
    assert (joined.first_on, joined.last_on) == (date(2020, 5, 6), date(2020, 5, 12))
    assert joined.approval is None
    assert joined.purpose == "核实完成情况。\n看路。"
    other.refresh_from_db()
    assert other.dropped_reason == "并入“年底察访核验”"
    with pytest.raises(Invalid):
        join_checks(one, other=one, by=world.officer, now=world.now)


def test_unapproved_check_carries_no_visit(world: World):
    check = planned(world)
    type(check).objects.update(approval=None)
    check.refresh_from_db()
    with pytest.raises(Invalid, match="还没有批准"):
        prepared(world, check=check)


def test_budget_and_overlap_warn_and_refuse_nothing(world: World):
    set_policy(world, unit_times=1)
    first = prepared(world)
    matter = Matter.objects.get(serial="11")
    second = routine(world, [matter], now=DRAWN, first_on=date(2021, 1, 14), last_on=date(2021, 1, 14))
    found = cautions_about(second, units=list(second.units.all()))
    assert [one.concern for one in found] == [Concern.BUDGET, Concern.OVERLAP]
    assert "2021年1月11日至2021年1月15日" in found[0].words
    assert [one.id for one in found[1].others] == [first.pk]
    assert visit_of(pk=second.pk).state == "prepared"


# ---- the list


def test_list_is_named_red_and_drawn_and_can_be_drawn_again_by_anybody(world: World):
    draw = drawn(year(world))
    rows = {one.key: one.why for one in DrawnMatter.objects.filter(draw=draw)}
    assert draw.pools["red"] == ["第12项"]
    assert len(draw.pools["closed"]) == 11
    assert rows["第12项"] == ["red"]
    assert [*rows.values()].count(["drawn"]) == 2  # ten per cent of 11, rounded up
    pools = Pools(**{name: tuple(keys) for name, keys in draw.pools.items()})
    again = listed_of(pools, seed=draw.seed, pct=draw.pct)
    assert {one.key: [why.value for why in one.why] for one in again} == rows
    event = Event.objects.get(name="visits.list_drawn")
    assert (event.data["seed"], event.data["count"]) == (SEED, 3)


def test_what_a_bulletin_named_is_on_the_list(world: World):
    issued_bulletin(world)
    draw = drawn(world, now=at("2021-01-05"))
    assert DrawnMatter.objects.get(draw=draw, key="第1项").why == ["named", "red"]


def test_second_draw_needs_a_reason_and_keeps_the_former(world: World):
    first = drawn(year(world))
    with pytest.raises(WrongState, match="写明理由"):
        draw_list(world.plan, seed="另一个种子", by=world.officer, now=DRAWN)
    second = drawn(world, seed="另一个种子", reason="漏列了一期通报。")
    assert (second.number, second.reason) == (2, "漏列了一期通报。")
    first.refresh_from_db()
    assert first.replaced_at == DRAWN
    assert DrawnMatter.objects.filter(draw=first).count() == 3
    assert draw_of(world.plan) == second


def test_second_draw_drops_what_was_only_prepared_and_stops_at_what_was_approved(world: World):
    visit = prepared(world)
    drawn(world, seed="另一个种子", reason="漏列了一期通报。")
    assert visit_of(pk=visit.pk).dropped_reason == "核验名单重新抽取"
    told = Event.objects.filter(name="visits.list_drawn").order_by("pk").values_list("data", flat=True)
    assert [one.get("dropped") for one in told] == [None, [visit.title]]
    approved(world, prepared(world, draw=draw_of(world.plan)))
    with pytest.raises(WrongState, match="不能重抽"):
        drawn(world, seed="第三个种子", reason="再抽一次。")
    assert Draw.objects.count() == 2


@pytest.mark.parametrize("seed", ["", "一二三", "有:冒号的", "长" * 65])
def test_seed_is_something_to_write_down(world: World, seed):
    year(world)
    with pytest.raises(Invalid):
        drawn(world, seed=seed)
    assert Draw.objects.count() == 0


def test_nothing_to_draw_from_is_said(world: World):
    with pytest.raises(Invalid, match="名单是空的"):
        drawn(world)


def test_unit_does_not_draw(world: World):
    year(world)
    with pytest.raises(NotAllowed):
        draw_list(world.plan, seed=SEED, by=world.liaison("教育局"), now=DRAWN)


# ---- the scheme


def test_visit_lays_out_what_units_have_said_already(world: World):
    visit = prepared(world)
    seen = items_of(visit)
    assert sorted(one.item.why for one in seen) == [["drawn"], ["drawn"], ["red"]]
    closed = next(one for one in seen if one.item.matter.state == "closed")
    assert closed.claims != []
    red = next(one for one in seen if one.item.why == [Why.RED.value])
    assert red.claims[0].claim.words.startswith("未报送进展。目标任务：")
    assert list(visit.units.values_list("name", flat=True)) == ["教育局"]
    assert Obligation.objects.filter(subject_type="visit").count() == 0
    assert Message.objects.filter(kind="visit").count() == 0


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ((), "至少 2 名"),
        (PEOPLE[:1], "至少 2 名"),
        ((PEOPLE[0], PEOPLE[0]), "至少 2 名"),
        ((PEOPLE[0], NewVerifier("吴二", "")), "哪个单位"),
        ((PEOPLE[0], NewVerifier("郑三", "教育局")), "应当回避"),
        ((PEOPLE[0], NewVerifier("郑三", "临江区教育局")), "应当回避"),
        ((PEOPLE[0], NewVerifier("教育局副局长", "督查室")), "在教育局任职"),
    ],
)
def test_two_verifiers_at_least_and_none_of_a_unit_concerned(world: World, people, words):
    with pytest.raises(Invalid, match=words):
        prepared(world, verifiers=people)
    assert Visit.objects.count() == 0


def test_supporting_unit_is_concerned_too(world: World):
    year(world)
    matter = Matter.objects.get(serial="11")
    with pytest.raises(Invalid, match="交通局"):
        routine(world, [matter], now=DRAWN, verifiers=(PEOPLE[0], NewVerifier("郑三", "交通局")))


def test_namesake_of_another_unit_may_go(world: World):
    staff(world, "统计局")
    visit = prepared(world, verifiers=(PEOPLE[1], NewVerifier("统计局局长", "统计局")))
    assert [one.person is not None for one in visit.verifiers.order_by("order")] == [False, True]


@pytest.mark.parametrize("missing", ["title", "place", "purpose", "scope"])
def test_no_visit_without_its_scheme(world: World, missing):
    with pytest.raises(Invalid):
        prepared(world, **{missing: " "})


def test_unplanned_visit_says_why(world: World):
    with pytest.raises(Invalid, match="计划外"):
        prepared(world, unplanned_reason="")


def test_what_is_not_on_the_list_needs_a_reason(world: World):
    draw = drawn(year(world))
    on_list = {one.pk for one in listed(draw)}
    beside = Matter.objects.exclude(pk__in=on_list).order_by("order")[:1]
    with pytest.raises(Invalid, match="不在名单上"):
        prepared(world, draw=draw, matters=list(beside))


def test_matter_is_not_visited_twice_from_one_list(world: World):
    draw = drawn(year(world))
    prepared(world, draw=draw)
    with pytest.raises(WrongState, match="已经安排"):
        prepared(world, draw=draw)


def test_one_visit_for_each_unit_of_the_list(world: World):
    draw = drawn(year(world))
    given = {"scheme": scheme(title="年底察访核验"), "by": world.officer, "now": DRAWN}
    [made] = prepare_visits_of_list(draw, **given)
    assert (made.title, made.place) == ("年底察访核验（教育局）", "教育局")
    assert VisitItem.objects.filter(visit=made).count() == 3
    with pytest.raises(WrongState, match="都已安排"):
        prepare_visits_of_list(draw, **given)


def test_edit_tells_before_and_after_and_stops_at_an_older_version(world: World):
    visit = prepared(world)
    edit_visit(visit, scheme=scheme(place="第二小学"), seen=1, by=world.officer, now=DRAWN)
    event = Event.objects.get(name="visits.edited")
    assert event.data["after"] == {"地点": "第二小学"}
    with pytest.raises(Conflict):
        edit_visit(visit, scheme=scheme(), seen=1, by=world.officer, now=DRAWN)


def test_approved_scheme_is_not_edited(world: World):
    visit = approved(world)
    with pytest.raises(WrongState):
        edit_visit(visit, scheme=scheme(), seen=visit.version, by=world.officer, now=DRAWN)
    with pytest.raises(WrongState):
        approve_visit(visit, by=world.office_head, now=DRAWN)


def test_officer_does_not_approve_a_scheme(world: World):
    visit = prepared(world)
    with pytest.raises(NotAllowed):
        approve_visit(visit, by=world.officer, now=DRAWN)


def test_two_visits_become_one(world: World):
    draw = drawn(year(world))
    some = listed(draw)
    one = prepared(world, draw=draw, matters=some[:1])
    other = prepared(world, draw=draw, matters=some[1:], first_on=date(2021, 1, 12), last_on=date(2021, 1, 18))
    join_visits(one, other=other, by=world.officer, now=DRAWN)
    one, other = visit_of(pk=one.pk), visit_of(pk=other.pk)
    assert one.items.count() == 3
    assert one.last_on == date(2021, 1, 18)
    assert (other.state, other.dropped_reason) == ("dropped", "并入“教育局年底察访核验”")
    with pytest.raises(WrongState):
        join_visits(one, other=other, by=world.officer, now=DRAWN)


def test_unit_sees_a_visit_only_after_it_is_confirmed(world: World):
    unit = world.liaison("教育局")
    visit = held(world)
    assert list(visits_for(unit)) == []
    assert visits_of_matter(unit, item_of(visit).matter) == []
    confirmed(world, visit)
    assert list(visits_for(unit)) == [visit]
    assert list(visits_for(world.liaison("交通局"))) == []
    assert [one.visit for one in visits_of_matter(unit, item_of(visit).matter)] == [visit]


# ---- results


def test_answers_stand_claim_by_claim(world: World):
    visit = answered(world, approved(world), untrue=0)
    assert set(standing(visit)) == {("untrue", "现场没有建成。"), ("true", "")}
    assert visit.state == "approved"


def test_same_sending_twice_counts_once_and_tells_the_same(world: World):
    visit = approved(world)
    one = claims(visit)[0]
    given = [Given(one.pk, Result.MOSTLY, "差一间教室。")]
    told = {"key": "device-0001", "given": given, "by": world.officer, "now": VISITED}
    first = record_results(visit, **told)
    again = record_results(visit, **told)
    assert (first.taken, first.is_repeat) == (1, False)
    assert (again.taken, again.is_repeat) == (1, True)
    assert Answer.objects.count() == Submission.objects.count() == 1
    assert names_of_events(name="visits.results_recorded") == ["visits.results_recorded"]


def test_two_phones_that_disagree_are_both_kept_until_somebody_chooses(world: World):
    visit = approved(world)
    one = claims(visit)[0]
    record_results(visit, key="phone-aaaa", given=[Given(one.pk, Result.TRUE, "")], by=world.officer, now=VISITED)
    other = record_results(
        visit, key="phone-bbbb", given=[Given(one.pk, Result.UNTRUE, "没有建。")], by=world.office_head, now=VISITED
    )
    assert (other.taken, len(other.conflicts)) == (0, 1)
    assert "督查员甲已填“属实”，您填的是“不实”，两条都已保留" in other.conflicts[0]
    answered(world, visit, key="phone-cccc")
    with pytest.raises(WrongState, match="1 条结果有两种填法"):
        hold_visit(visit, visited_on=VISITED.date(), by=world.officer, now=VISITED)
    visit = visit_of(pk=visit.pk)
    assert visit.state == "approved"
    waiting = Answer.objects.select_related("claim__item__visit", "claim__item__matter").get(is_conflict=True)
    choose_answer(waiting, by=world.officer, now=VISITED)
    assert Answer.objects.get(claim=one, is_standing=True).found == "没有建。"
    assert Answer.objects.filter(claim=one).count() == 2
    hold_visit(visit, visited_on=VISITED.date(), by=world.officer, now=VISITED)


def test_answer_written_in_sight_of_the_standing_one_replaces_it(world: World):
    visit = approved(world)
    one = claims(visit)[0]
    record_results(visit, key="phone-aaaa", given=[Given(one.pk, Result.TRUE, "")], by=world.officer, now=VISITED)
    seen = Answer.objects.get().pk
    given = [Given(one.pk, Result.MOSTLY, "缺一面墙。", seen)]
    done = record_results(visit, key="phone-bbbb", given=given, by=world.office_head, now=VISITED)
    assert (done.taken, done.conflicts) == (1, ())
    assert list(Answer.objects.order_by("pk").values_list("is_standing", flat=True)) == [False, True]


def test_device_that_heard_nothing_of_its_sending_is_in_no_conflict_with_itself(world: World):
    visit = approved(world)
    one = claims(visit)[0]
    record_results(visit, key="phone-aaaa", given=[Given(one.pk, Result.TRUE, "")], by=world.officer, now=VISITED)
    more = {"given": [Given(one.pk, Result.MOSTLY, "缺一面墙。")], "now": VISITED}
    done = record_results(visit, key="phone-bbbb", after=["phone-aaaa"], by=world.officer, **more)
    assert (done.taken, done.conflicts) == (1, ())
    assert standing(visit)[0] == ("mostly", "缺一面墙。")
    third = [Given(one.pk, Result.UNTRUE, "没有建。")]
    other = record_results(
        visit, key="phone-cccc", after=["phone-bbbb"], given=third, by=world.office_head, now=VISITED
    )
    assert (other.taken, len(other.conflicts)) == (0, 1)  # somebody else's sending is not one's own


def test_same_answer_of_both_is_no_conflict(world: World):
    visit = approved(world)
    given = [Given(claims(visit)[0].pk, Result.TRUE, "")]
    record_results(visit, key="phone-aaaa", given=given, by=world.officer, now=VISITED)
    done = record_results(visit, key="phone-bbbb", given=given, by=world.office_head, now=VISITED)
    assert (done.taken, done.same, done.conflicts) == (0, 1, ())
    assert Answer.objects.count() == 1


def test_untrue_without_a_word_is_refused_and_holds_up_nothing_else(world: World):
    visit = approved(world)
    one, two = claims(visit)[:2]
    given = [Given(one.pk, Result.UNTRUE, " "), Given(two.pk, Result.TRUE, ""), Given(10**9, Result.TRUE, "")]
    done = record_results(visit, key="phone-aaaa", given=given, by=world.officer, now=VISITED)
    assert done.taken == 1
    assert len(done.refused) == 2
    assert "请写明现场情况" in done.refused[0]


def photo(name: str = "现场.png", colour: str = "red") -> NewFile:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(stream, "PNG")
    stream.seek(0)
    return NewFile(name, stream)


def test_photographs_are_kept_as_evidence_of_the_office_even_of_a_closed_matter(world: World):
    visit = approved(world)
    item = VisitItem.objects.get(visit=visit, matter__state="closed", order=0)
    told = {"given": [], "by": world.officer, "now": VISITED}
    done = record_results(visit, key="phone-aaaa", photos={item.pk: [photo()]}, **told)
    assert (done.photos, done.refused) == (1, ())
    kept = Evidence.objects.get()
    assert (kept.matter, kept.unit, kept.subject_type, kept.subject_id) == (item.matter, None, "visit", visit.pk)
    again = record_results(visit, key="phone-bbbb", photos={item.pk: [photo()]}, **told)
    assert (again.photos, len(again.refused)) == (0, 1)
    assert "提交过" in again.refused[0]
    bad = NewFile("不是照片.exe", io.BytesIO(b"MZ\x90\x00"))
    given = [Given(claims(visit)[0].pk, Result.TRUE, "")]
    last = record_results(visit, key="phone-cccc", given=given, photos={item.pk: [bad]}, by=world.officer, now=VISITED)
    assert (last.taken, last.photos, len(last.refused)) == (1, 0, 1)


def test_nothing_is_written_before_the_scheme_is_approved_or_after_it_is_confirmed(world: World):
    visit = prepared(world)
    given = [Given(claims(visit)[0].pk, Result.TRUE, "")]
    told = {"given": given, "by": world.officer, "now": VISITED}
    with pytest.raises(WrongState):
        record_results(visit, key="phone-aaaa", **told)
    confirmed(world, held(world, approved(world, visit)))
    with pytest.raises(WrongState):
        record_results(visit, key="phone-bbbb", **told)
    assert Submission.objects.count() == 1


def test_unit_writes_no_results(world: World):
    visit = approved(world)
    with pytest.raises(NotAllowed):
        record_results(visit, key="phone-aaaa", given=[], by=world.liaison("教育局"), now=VISITED)


@pytest.mark.parametrize(("day", "words"), [("2021-01-15", "晚于今天"), ("2021-01-04", "不能早于方案批准日期")])
def test_day_of_the_visit_lies_between_approval_and_today(world: World, day, words):
    visit = answered(world, approved(world))
    with pytest.raises(Invalid, match=words):
        hold_visit(visit, visited_on=date.fromisoformat(day), by=world.officer, now=VISITED)


def test_visit_is_held_once_every_claim_is_answered(world: World):
    visit = approved(world)
    with pytest.raises(WrongState, match="没有填写结果"):
        hold_visit(visit, visited_on=VISITED.date(), by=world.officer, now=VISITED)
    assert visit_of(pk=visit.pk).state == "approved"
    held(world, visit_of(pk=visit.pk))


def test_results_are_sent_back_and_come_again(world: World):
    visit = held(world)
    send_back_results(visit, reason="第一项请再核实。", by=world.office_head, now=CONFIRMED)
    visit = visit_of(pk=visit.pk)
    assert (visit.state, visit.sent_back_reason) == ("approved", "第一项请再核实。")
    hold_visit(visit, visited_on=VISITED.date(), by=world.officer, now=CONFIRMED)
    assert visit_of(pk=visit.pk).sent_back_reason == ""


def test_claim_added_by_the_office_is_answered_too(world: World):
    visit = prepared(world)
    add_claim(item_of(visit), words="校门口标线已施划", look_at="看标线", by=world.officer, now=DRAWN)
    visit = approved(world, visit_of(pk=visit.pk))
    assert [one.source for one in claims(visit)].count("hand") == 1


# ---- what was found


def test_untrue_turns_the_light_and_reopens_in_the_same_breath(world: World):
    visit = held(world, untrue=0)
    item = item_of(visit)
    assert item.matter.state == State.CLOSED
    confirm_visit(visit, by=world.office_head, now=CONFIRMED)
    matter = Matter.objects.get(pk=item.matter_id)
    assert (matter.state, matter.light, matter.untrue_on) == (State.IN_PROGRESS, "red", VISITED.date())
    assert matter.first_closed_on is not None
    assert Finding.objects.get(item=item).words == "现场没有建成。"
    others = Matter.objects.filter(visit_items__visit=visit).exclude(pk=matter.pk)
    assert set(others.values_list("untrue_on", flat=True)) == {None}
    told = Message.objects.filter(kind="visit")
    assert told.count() == 3
    assert {one.title for one in told} == {"您有 1 次核验情况可查看"}


def test_confirming_twice_and_by_an_officer(world: World):
    visit = held(world)
    with pytest.raises(NotAllowed):
        confirm_visit(visit, by=world.officer, now=CONFIRMED)
    confirm_visit(visit, by=world.office_head, now=CONFIRMED)
    with pytest.raises(WrongState):
        confirm_visit(visit, by=world.office_head, now=CONFIRMED)
    assert Finding.objects.count() == 3


def test_nothing_changes_when_the_trail_fails(world: World, monkeypatch):
    visit = held(world, untrue=0)
    monkeypatch.setattr("duban.visits.actions.finding.record_many", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        confirm_visit(visit, by=world.office_head, now=CONFIRMED)
    assert visit_of(pk=visit.pk).state == "held"
    assert Matter.objects.get(pk=item_of(visit).matter_id).state == State.CLOSED
    assert Finding.objects.count() == 0


def test_untrue_findings_tell_who_claimed_it(world: World):
    visit = confirmed(world, untrue=0)
    item = item_of(visit)
    [one] = untrue_findings(world.plan, until=JANUARY)
    assert (one.matter_id, one.unit_ids, one.found_on) == (item.matter_id, (item.unit_id,), VISITED.date())
    assert (one.visit_id, one.item_id, one.words) == (visit.pk, item.pk, "现场没有建成。")
    assert untrue_findings(world.plan, until=date(2021, 1, 13)) == []


def test_overturned_finding_lifts_the_red_and_keeps_both_rows(world: World):
    visit = confirmed(world, untrue=0)
    item = item_of(visit)
    told = {"result": Result.MOSTLY, "reason": "复核认为基本属实。", "by": world.office_head}
    overturn_finding(item, **told, now=at("2021-01-20"))
    matter = Matter.objects.get(pk=item.matter_id)
    assert matter.untrue_on is None
    assert "untrue" not in str(matter.light_reasons)
    assert list(Finding.objects.filter(item=item).values_list("number", "result")) == [(1, "untrue"), (2, "mostly")]
    assert untrue_findings(world.plan, until=JANUARY) == []
    with pytest.raises(Invalid):
        overturn_finding(item, **told, now=at("2021-01-20"))


def test_overturned_to_untrue_does_what_a_finding_does(world: World):
    visit = confirmed(world)
    item = item_of(visit)
    overturn_finding(item, result=Result.UNTRUE, reason="复核发现不实。", by=world.office_head, now=at("2021-01-20"))
    matter = Matter.objects.get(pk=item.matter_id)
    assert (matter.state, matter.light) == (State.IN_PROGRESS, "red")
    assert [one.item_id for one in untrue_findings(world.plan, until=JANUARY)] == [item.pk]


@pytest.mark.parametrize(
    ("role", "is_allowed"), [("director", True), ("officer", True), ("leader", True), ("secretary", False)]
)
def test_who_may_overturn(world: World, role, is_allowed):
    item = item_of(confirmed(world, untrue=0))
    given = {"result": Result.TRUE, "reason": "复核认为属实。", "by": signer(world, role), "now": at("2021-01-20")}
    if is_allowed:
        overturn_finding(item, **given)
    else:
        with pytest.raises(NotAllowed):
            overturn_finding(item, **given)


# ---- conclusion, rectification, leads


def test_conclusion_is_frozen_fed_back_and_owes(world: World):
    visit = concluded(world)
    paper = IssuedPaper.objects.get(kind="conclusion")
    assert paper.title == "关于教育局年底察访核验的督查结论"
    assert [one.name for one in paper.units.all()] == ["教育局"]
    owed = Obligation.objects.filter(subject_type="visit", subject_id=visit.pk).order_by("due_on")
    assert [(one.kind, one.due_on.isoformat(), one.state) for one in owed] == [
        ("rectify_plan", "2021-01-29", "open"),
        ("rectified", "2021-02-14", "open"),
    ]
    assert Message.objects.filter(title="您有 1 份督查结论待阅").count() == 3
    with pytest.raises(WrongState):
        concluded(world, visit)


def test_untrue_unit_has_to_be_given_a_demand(world: World):
    visit = confirmed(world, untrue=0)
    with pytest.raises(Invalid, match="教育局有不实的情况"):
        concluded(world, visit, demands={})
    with pytest.raises(Invalid, match="所核验的单位"):
        concluded(world, visit, demands={world.unit("交通局").pk: "整改。"})
    assert IssuedPaper.objects.filter(kind="conclusion").count() == 0


def test_conclusion_without_anything_to_put_right_owes_nothing(world: World):
    concluded(world, confirmed(world), demands={})
    assert Rectification.objects.count() == 0
    assert Obligation.objects.filter(subject_type="visit").count() == 0


def test_nothing_is_concluded_before_it_is_confirmed(world: World):
    with pytest.raises(WrongState):
        concluded(world, held(world), demands={})


def rectification(visit) -> Rectification:
    return Rectification.objects.select_related("visit__plan__policy", "visit__jurisdiction", "unit").get(visit=visit)


def test_rectification_goes_from_plan_to_recheck_and_lifts_the_red(world: World):
    visit = concluded(world)
    unit = world.liaison("教育局")
    row = rectification(visit)
    plan_rectifying(row, text="三周内补建。", by=unit, now=at("2021-01-18"))
    assert owed_kinds(visit) == [("rectify_plan", "met"), ("rectified", "open")]
    report_rectified(row, text="已经建成。", by=unit, now=at("2021-01-25"))
    assert owed_kinds(visit) == [("rectify_plan", "met"), ("rectified", "met")]
    item = item_of(visit)
    assert Matter.objects.get(pk=item.matter_id).untrue_on is not None
    found = Recheck("现场已建成。", is_right=True)
    recheck(row, found=found, by=world.office_head, now=at("2021-01-27"))
    row.refresh_from_db()
    item.refresh_from_db()
    assert (row.state, item.cured_on) == ("accepted", date(2021, 1, 27))
    assert Matter.objects.get(pk=item.matter_id).untrue_on is None
    assert len(untrue_findings(world.plan, until=JANUARY)) == 1  # put right, and found all the same
    assert [one.kind for one in rectifications_of(visit)[0].steps] == ["plan", "report", "accepted"]
    with pytest.raises(WrongState):
        recheck(row, found=found, by=world.office_head, now=at("2021-01-27"))


def owed_kinds(visit) -> list[tuple[str, str]]:
    rows = Obligation.objects.filter(subject_type="visit", subject_id=visit.pk).order_by("due_on", "pk")
    return list(rows.values_list("kind", "state"))


def test_what_is_not_put_right_is_owed_again(world: World):
    visit = concluded(world)
    row = rectification(visit)
    report_rectified(row, text="已经建成。", by=world.liaison("教育局"), now=at("2021-01-25"))
    with pytest.raises(Invalid, match="哪一天之前"):
        recheck(row, found=Recheck("没有建成。", is_right=False), by=world.office_head, now=at("2021-01-27"))
    again = Recheck("没有建成。", is_right=False, due_on=date(2021, 2, 26))
    recheck(row, found=again, by=world.office_head, now=at("2021-01-27"))
    row.refresh_from_db()
    assert (row.state, row.report_due_on) == ("under_way", date(2021, 2, 26))
    assert owed_kinds(visit)[-1] == ("rectified", "open")
    assert Matter.objects.get(pk=item_of(visit).matter_id).untrue_on is not None


def test_office_enters_for_a_unit_what_came_on_paper(world: World):
    row = rectification(concluded(world))
    with pytest.raises(Invalid, match="代单位报送"):
        plan_rectifying(row, text="三周内补建。", by=world.officer, now=at("2021-01-18"))
    behalf = OnBehalf(Behalf(Channel.PAPER, "教育局办公室"), date(2021, 1, 16))
    step = plan_rectifying(row, text="三周内补建。", by=world.officer, now=at("2021-01-18"), behalf=behalf)
    assert (step.channel, step.informant, step.done_on) == ("paper", "教育局办公室", date(2021, 1, 16))
    assert Obligation.objects.get(subject_type="visit", kind="rectify_plan").met_on == date(2021, 1, 16)
    assert Event.objects.get(name="visits.rectifying_planned").data["done_on"] == "2021-01-16"
    with pytest.raises(WrongState):
        plan_rectifying(row, text="三周内补建。", by=world.liaison("教育局"), now=at("2021-01-18"))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (None, "请填写报送日期。"),
        ("2021-01-14", "报送日期不能早于反馈结论的日期（2021年1月15日）。"),
        ("2021-01-19", "报送日期不能晚于今天。"),
    ],
)
def test_day_on_which_paper_came_is_told_and_can_be(world: World, day, said):
    row = rectification(concluded(world))
    how = OnBehalf(Behalf(Channel.PAPER, "教育局办公室"), date.fromisoformat(day) if day else None)
    with pytest.raises(Invalid) as refusal:
        plan_rectifying(row, text="三周内补建。", by=world.officer, now=at("2021-01-18"), behalf=how)
    assert (refusal.value.message, refusal.value.field) == (said, "came_on")
    row.refresh_from_db()
    assert row.state == "plan_owed"


def test_report_does_not_come_before_the_plan(world: World):
    row = rectification(concluded(world))
    plan_rectifying(row, text="三周内补建。", by=world.liaison("教育局"), now=at("2021-01-18"))
    how = Behalf(Channel.TELEPHONE, "教育局办公室")
    told = {"text": "已经建成。", "by": world.officer, "now": at("2021-01-25")}
    with pytest.raises(Invalid, match="不能早于整改方案的日期（2021年1月18日）"):
        report_rectified(row, behalf=OnBehalf(how, date(2021, 1, 17)), **told)
    assert report_rectified(row, behalf=OnBehalf(how, date(2021, 1, 22)), **told).done_on == date(2021, 1, 22)


def test_another_unit_puts_nothing_right(world: World):
    row = rectification(concluded(world))
    with pytest.raises(NotAllowed):
        plan_rectifying(row, text="三周内补建。", by=world.liaison("交通局"), now=at("2021-01-18"))


def test_lead_is_handed_over_as_a_record_and_an_export(world: World):
    visit = concluded(world)
    given = ("区纪委监委", "虚报完成数量。", "经区政府主要领导同意", CONFIRMED.date())
    new = NewHandover(*given, matter=item_of(visit).matter)
    with pytest.raises(NotAllowed):
        hand_over(visit, new=new, by=world.officer, now=CONFIRMED)
    hand_over(visit, new=new, by=world.office_head, now=CONFIRMED)
    [row] = handovers_sheet(world.plan).rows
    assert row[:2] == (CONFIRMED.date(), "区纪委监委")
    event = Event.objects.get(name="visits.lead_handed_over")
    assert "虚报" not in str(event.data)


# ---- to the evaluation office and back


def filled(world: World, visit, *, untrue: int | None = None, change=None) -> bytes:
    """The exported list as it comes back: every row 属实, one 不实."""
    book = load_workbook(io.BytesIO(to_xlsx(list_sheet(world.plan, [visit]))))
    page = book.active
    for place, row in enumerate(page.iter_rows(min_row=2)):
        row[7].value = "不实" if place == untrue else "属实"
        row[8].value = "没有建成。" if place == untrue else ""
        row[9].value, row[10].value = "郑三、王四", date(2021, 1, 14)
        if change:
            change(place, row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def uploaded(world: World, content: bytes) -> TakenResults:
    given = {"file_name": "核验结果.xlsx", "content": content, "by": world.officer, "now": CONFIRMED}
    made = upload_results(world.plan, **given)
    return TakenResults.objects.select_related("plan__policy").get(pk=made.pk)


def test_list_that_comes_back_counts_only_once_confirmed(world: World):
    visit = approved(world)
    content = filled(world, visit, untrue=0)
    taken = uploaded(world, content)
    assert [one["problem"] for one in taken.rows] == [""] * len(claims(visit))
    assert Answer.objects.count() == 0
    count_results(taken, by=world.officer, now=CONFIRMED)
    visit = visit_of(pk=visit.pk)
    assert (visit.state, visit.visited_on, visit.is_by_office) == ("held", date(2021, 1, 14), True)
    assert standing(visit)[0] == ("untrue", "没有建成。（核验人：郑三、王四）")
    with pytest.raises(WrongState):
        count_results(taken, by=world.officer, now=CONFIRMED)
    with pytest.raises(Invalid, match="已经采用过"):
        uploaded(world, content)


def test_each_row_is_looked_at_and_none_is_lost(world: World):
    visit = prepared(world)
    add_claim(item_of(visit, 2), words="围墙已经拆除", look_at="", by=world.officer, now=DRAWN)
    visit = approved(world, visit)
    wrong = {0: ("编号", 0, "V1-999999"), 1: ("结果", 7, "大概属实"), 2: ("日期", 10, "某日")}

    def change(place, row):
        if place in wrong:
            row[wrong[place][1]].value = wrong[place][2]

    taken = uploaded(world, filled(world, visit, change=change))
    problems = [one["problem"] for one in taken.rows]
    assert "不是本年度导出的清单中的" in problems[0]
    assert "属实、基本属实、不实之一" in problems[1]
    assert "看不懂" in problems[2]
    assert taken.rows[1]["cells"][7] == "大概属实"
    good = problems.count("")
    assert good == len(claims(visit)) - 3 > 0
    count_results(taken, by=world.officer, now=CONFIRMED)
    assert len(standing(visit)) == good
    assert len(TakenResults.objects.get().rows) == len(problems)
    assert visit_of(pk=visit.pk).state == "approved"


@pytest.mark.parametrize("content", [b"", "不是表格，甲乙丙\n一，二，三".encode(), b"PK\x03\x04damaged"])
def test_what_is_no_list_of_ours_is_refused_in_words(world: World, content):
    year(world)
    with pytest.raises(Invalid):
        uploaded(world, content)
    assert TakenResults.objects.count() == 0


def test_dropped_results_stay_on_record(world: World):
    taken = uploaded(world, filled(world, approved(world)))
    drop_results(taken, by=world.officer, now=CONFIRMED)
    with pytest.raises(WrongState):
        count_results(taken, by=world.officer, now=CONFIRMED)
    assert TakenResults.objects.get().rows != []


# ---- what waits


def test_what_waits_at_the_office_follows_the_visit(world: World):
    def waits(today=JANUARY) -> dict[str, int]:
        found = morning_of(world.office_head, [world.plan], today=today)
        return {name: len(getattr(found, name)) for name in type(found).__dataclass_fields__ if getattr(found, name)}

    visit = prepared(world)
    assert waits() == {"to_approve": 1}
    approved(world, visit)
    assert waits(date(2021, 1, 10)) == {}
    assert waits() == {"to_hold": 1}
    visit = held(world, visit_of(pk=visit.pk), untrue=0)
    assert waits() == {"to_confirm": 1}
    confirmed(world, visit)
    assert waits() == {"to_conclude": 1}
    concluded(world, visit_of(pk=visit.pk))
    assert waits() == {}
    report_rectified(rectification(visit), text="已经建成。", by=world.liaison("教育局"), now=at("2021-01-25"))
    assert waits() == {"to_recheck": 1}
    assert morning_of(world.liaison("教育局"), [world.plan], today=JANUARY).count == 0


def test_of_a_closed_year_only_its_rectification_waits(world: World):
    uploaded(world, filled(world, approved(world)))
    plan_check(world.plan, check=NewCheck(**new_check(world)), by=world.officer, now=world.now)
    found = morning_of(world.office_head, [world.plan], today=date(2021, 1, 10))
    assert (len(found.checks), len(found.results), found.count) == (1, 1, 2)
    world.plan.closed_at = CONFIRMED
    assert morning_of(world.office_head, [world.plan], today=date(2021, 1, 10)).count == 0


def test_matter_without_a_serial_is_named_by_its_own_words(world: World):
    staff(world)
    matter = world.closed(text="新建幼儿园3所，新增学位900个，年底前投入使用。", serial="", due_on=date(2020, 11, 30))
    name = "“新建幼儿园3所，新增学位900个，…”"
    assert str(matter) == name
    draw = drawn(world)
    assert (draw.pools["closed"], [one.key for one in draw.rows.all()]) == ([name], [name])
    visit = held(world, approved(world, prepared(world, draw=draw)), untrue=0)
    assert facts_drafted(items_of(visit)).startswith("“新建幼儿园3所，新增学位900个，年底前投入使用”：核验")
    sheet = list_sheet(world.plan, [visit])
    assert [(row[1], row[2]) for row in sheet.rows] == [("", "新建幼儿园3所，新增学位900个，年底前投入使用。")] * len(
        sheet.rows
    )
    concluded(world, confirmed(world, visit), facts=facts_drafted(items_of(visit)))
    kept = IssuedPaper.objects.get(kind="conclusion").data
    assert {(one["serial"], one["text"]) for one in kept["found"]} == {("", matter.text)}
    assert "事项 " not in str(kept)
