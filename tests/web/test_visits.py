"""Visits in the browser: plan, list, scheme, the page taken along, confirming, concluding, what a unit puts right."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from PIL import Image

from duban.evidence.models import Evidence
from duban.matters.actions import put_closed
from duban.matters.models import Matter
from duban.visits.models import Answer, Draw, Handover, PlannedCheck, Rectification, Submission, TakenResults, Visit
from duban.visits.rules import VisitKind
from tests.letters.builders import at
from tests.matters.builders import World, usual_world
from tests.visits.builders import (
    DRAWN,
    approved,
    claims,
    concluded,
    confirmed,
    drawn,
    held,
    item_of,
    listed,
    planned,
    prepared,
    routine,
    set_policy,
    standing,
    visit_of,
    year,
)
from tests.web.matter_doors import set_clock
from tests.web.test_bulletins import as_unit, page, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """The clock stands in the verification's week."""
    set_clock(monkeypatch, at("2021-01-15", 16))


def step(client, visit, name, **data):
    return client.post(reverse("visit_step", args=[visit.pk, name]), data)


def text(response) -> str:
    return response.content.decode()


SCHEME = {
    "title": "教育局核验",
    "place": "第一小学",
    "type": "special",
    "method": "inspection",
    "purpose": "核实所报。",
    "scope": "逐条核对。",
    "first_on": "2021-01-18",
    "last_on": "2021-01-20",
    "unplanned_reason": "领导交办。",
    "verifier": ["周一", "吴二", "", ""],
    "employer": ["统计局", "督查室", "", ""],
}


def test_plan_is_written_and_approved_on_one_page(client, world):
    year(world)
    signed_in(client, world, "officer")
    given = {
        "year": 2020,
        "kind": "routine",
        "type": "special",
        "method": "inspection",
        "title": "秋季实地考查",
        "purpose": "看进度。",
        "first_on": "2020-09-07",
        "unit": [world.unit("教育局").pk],
    }
    assert client.post(reverse("visit_plan"), given).status_code == 302
    check = PlannedCheck.objects.get()
    assert (check.first_on, check.last_on) == (date(2020, 9, 7), date(2020, 9, 7))
    assert "待批准" in text(page(client, "visit_plan", query="?year=2020"))
    approval = {"year": 2020, "basis": "经区政府同意", "approved_by_name": "区政府", "approved_on": "2020-02-05"}
    assert client.post(reverse("visit_plan_step", args=["approve"]), approval).status_code == 403
    signed_in(client, world, "office_head")
    assert client.post(reverse("visit_plan_step", args=["approve"]), approval).status_code == 302
    assert "2020年2月5日区政府批准" in text(page(client, "visit_plan", query="?year=2020"))


def test_plan_keeps_what_was_typed_and_says_what_lacks(client, world):
    year(world)
    signed_in(client, world, "officer")
    shown = client.post(reverse("visit_plan"), {"year": 2020, "title": "秋季实地考查", "kind": "routine"})
    assert shown.status_code == 400
    assert 'value="秋季实地考查"' in text(shown)
    assert "请填写开始日期" in text(shown)


def test_plan_warns_and_offers_to_join(client, world):
    set_policy(world, unit_times=1)
    kind = VisitKind.ROUTINE
    one = planned(world, kind=kind, title="春季考查", first_on=date(2020, 5, 6), last_on=date(2020, 5, 8))
    other = planned(world, kind=kind, title="民生考查", first_on=date(2020, 5, 7), last_on=date(2020, 5, 9))
    signed_in(client, world, "officer")
    shown = text(page(client, "visit_plan", query="?year=2020"))
    assert "再去就超过每年 1 次的约束" in shown
    assert "把“民生考查”并过来" in shown
    client.post(reverse("visit_plan_step", args=["join"]), {"year": 2020, "check": one.pk, "other": other.pk})
    other.refresh_from_db()
    assert other.dropped_reason == "并入“春季考查”"


def test_list_is_drawn_and_explains_itself(client, world):
    year(world)
    signed_in(client, world, "officer")
    assert "怎样抽取" in text(page(client, "visit_list", query="?year=2020"))
    client.post(reverse("visit_list"), {"year": 2020, "seed": "20210115"})
    shown = text(page(client, "visit_list", query="?year=2020"))
    for words in ("20210115", "按 10% 取 2 项", "officer某", "第12项", "曾亮红灯", "随机抽中"):
        assert words in shown
    again = client.post(reverse("visit_list"), {"year": 2020, "seed": "20210116"})
    assert "写明理由" in text(again)
    client.post(reverse("visit_list"), {"year": 2020, "reason": "漏了一期通报。"})
    assert Draw.objects.count() == 2
    assert len(Draw.objects.get(replaced_at=None).seed) == 16  # the system's own
    assert "20210115" in text(page(client, "visit_list", query="?year=2020"))


def test_visits_of_the_list_are_arranged_by_unit_at_once(client, world):
    drawn(year(world))
    signed_in(client, world, "officer")
    given = {**SCHEME, "year": 2020, "kind": "verification", "all_units": "1"}
    response = client.post(reverse("visit_new"), given)
    assert response.status_code == 302, text(response)
    assert visit_of().title == "教育局核验（教育局）"


def test_scheme_of_a_recused_verifier_is_refused_with_everything_typed(client, world):
    draw = drawn(year(world))
    signed_in(client, world, "officer")
    ids = [one.pk for one in listed(draw)]
    given = {**SCHEME, "year": 2020, "kind": "verification", "matter": ids, "employer": ["教育局", "督查室", "", ""]}
    shown = client.post(reverse("visit_new"), given)
    assert shown.status_code == 400
    for words in ("应当回避", 'value="第一小学"', 'value="周一"', 'value="教育局"'):
        assert words in text(shown)
    assert text(shown).count("checked") >= len(ids)
    assert client.post(reverse("visit_new"), {**given, "employer": SCHEME["employer"]}).status_code == 302
    assert visit_of().items.count() == len(ids)


def test_scheme_is_edited_until_approved(client, world):
    visit = prepared(world)
    signed_in(client, world, "officer")
    assert "临江区第一小学" in text(page(client, "visit_edit", visit.pk))
    client.post(reverse("visit_edit", args=[visit.pk]), {**SCHEME, "version": visit.version})
    assert visit_of(pk=visit.pk).place == "第一小学"
    late = client.post(
        reverse("visit_edit", args=[visit.pk]), {**SCHEME, "place": "第二小学", "version": visit.version}
    )
    assert late.status_code == 409
    assert 'value="第二小学"' in text(late)
    approved(world, visit_of(pk=visit.pk))
    assert page(client, "visit_edit", visit.pk).status_code == 302


def test_visit_page_shows_the_scheme_claims_and_warnings(client, world):
    visit = prepared(world)
    set_policy(world, unit_times=1)
    routine(world, [Matter.objects.get(serial="11")], now=DRAWN)
    signed_in(client, world, "office_head")
    shown = text(page(client, "visit", visit.pk))
    for words in ("临江区第一小学", "周一（统计局）", "未报送进展", "再去就超过每年 1 次", "批准方案", "核验表 PDF"):
        assert words in shown
    step(client, visit, "approve")
    assert visit_of(pk=visit.pk).state == "approved"


def field(client, visit, **data):
    return client.post(reverse("visit_field", args=[visit.pk]), {"key": "device-0001", **data})


def test_field_page_takes_results_without_scripts(client, world):
    visit = approved(world)
    signed_in(client, world, "officer")
    assert "现场填写" in text(page(client, "visit_field", visit.pk))
    one, two = claims(visit)[:2]
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "blue").save(stream, "PNG")
    data = {
        f"result-{one.pk}": "untrue",
        f"found-{one.pk}": "没有建成。",
        f"result-{two.pk}": "true",
        f"photo-{one.item_id}": SimpleUploadedFile("a.png", stream.getvalue(), "image/png"),
    }
    assert field(client, visit, **data).status_code == 302
    assert standing(visit) == [("untrue", "没有建成。"), ("true", "")]
    assert Evidence.objects.get().title == "现场照片"
    shown = text(page(client, "visit_field", visit.pk))
    assert "已收到 2 条结果，1 张照片" in shown
    assert "没有建成。" in shown


def test_field_page_keeps_what_cannot_be_taken(client, world):
    visit = approved(world)
    signed_in(client, world, "officer")
    one, two = claims(visit)[:2]
    shown = field(client, visit, **{f"result-{one.pk}": "untrue", f"found-{two.pk}": "看过了。"})
    assert shown.status_code == 400
    assert "请写明现场情况" in text(shown)
    assert "没有选结果" in text(shown)
    assert "看过了。" in text(shown)
    assert Answer.objects.count() == 0


def test_page_sends_json_twice_and_is_told_the_same(client, world):
    visit = approved(world)
    signed_in(client, world, "officer")
    data = {f"result-{one.pk}": "true" for one in claims(visit)}
    data |= {"key": "device-0002", "written_at": "2021-01-14T07:00:00.000Z"}
    answers = [
        client.post(reverse("visit_field", args=[visit.pk]), data, headers={"accept": "application/json"})
        for _ in range(2)
    ]
    assert [one.json() for one in answers] == [{"taken": len(claims(visit))}] * 2
    assert Submission.objects.get().written_at.isoformat() == "2021-01-14T07:00:00+00:00"
    assert Answer.objects.count() == len(claims(visit))
    confirmed(world, held_by_page(client, visit))
    late = client.post(
        reverse("visit_field", args=[visit.pk]), {**data, "key": "device-0003"}, headers={"accept": "application/json"}
    )
    assert late.status_code == 409
    assert "problem" in late.json()


def held_by_page(client, visit) -> Visit:
    step(client, visit, "hold", visited_on="2021-01-14")
    return visit_of(pk=visit.pk)


def test_two_answers_are_shown_and_one_is_chosen(client, world):
    visit = approved(world)
    one = claims(visit)[0]
    signed_in(client, world, "officer")
    field(client, visit, **{f"result-{one.pk}": "true"})
    field(client, visit, key="device-0009", **{f"result-{one.pk}": "untrue", f"found-{one.pk}": "没有建。"})
    shown = text(page(client, "visit", visit.pk))
    assert "采用这一条" in shown
    waiting = Answer.objects.get(is_conflict=True)
    step(client, visit, "choose", answer=waiting.pk)
    assert Answer.objects.get(is_standing=True) == waiting
    step(client, visit, "choose", answer=10**6)
    assert page(client, "visit", visit.pk).status_code == 200


def test_head_confirms_and_the_unit_sees_it_then(client, world):
    visit = held(world, untrue=0)
    as_unit(client)
    assert page(client, "visit", visit.pk).status_code == 404
    assert "教育局年底察访核验" not in text(page(client, "visits"))
    signed_in(client, world, "office_head")
    assert "认定" in text(page(client, "morning"))
    step(client, visit, "confirm")
    matter = item_of(visit).matter
    matter.refresh_from_db()
    assert (matter.state, matter.light) == ("in_progress", "red")
    shown = text(page(client, "matter", matter.pk))
    assert "认定2021年1月14日察访核验的结果：不实。现场没有建成" in shown
    as_unit(client)
    shown = text(page(client, "visit", visit.pk))
    assert "现场没有建成。" in shown
    assert "督查方案" not in shown
    assert "教育局年底察访核验" in text(page(client, "matter", matter.pk))


def test_conclusion_is_drafted_from_the_answers_and_fed_back(client, world):
    visit = confirmed(world, untrue=0)
    signed_in(client, world, "officer")
    shown = text(page(client, "visit_conclude", visit.pk))
    assert "核验 1 条，不实 1 条（现场没有建成）。" in shown
    unit = world.unit("教育局")
    data = {"facts": "现场没有建成。", "opinion": "请整改。", f"demand-{unit.pk}": ""}
    refused = client.post(reverse("visit_conclude", args=[visit.pk]), data)
    assert refused.status_code == 400
    assert "请写明整改要求" in text(refused)
    client.post(reverse("visit_conclude", args=[visit.pk]), {**data, f"demand-{unit.pk}": "限期建成。"})
    assert visit_of(pk=visit.pk).state == "concluded"
    for form in ("pdf", "docx"):
        assert page(client, "visit_conclusion", visit.pk, form).status_code == 200
        assert page(client, "visit_table", visit.pk, form).status_code == 200
    assert page(client, "visit_table", visit.pk, "xls").status_code == 404


def test_unit_puts_right_from_its_desk_and_the_office_looks_again(client, world):
    visit = concluded(world)
    unit = world.unit("教育局")
    as_unit(client)
    address = reverse("visit_rectify", args=[visit.pk, unit.pk])
    assert address in text(page(client, "my_desk"))
    assert client.post(address, {"step": "plan", "text": "三周内建成。"}).status_code == 302
    assert client.post(address, {"step": "report", "text": "已经建成。"}).status_code == 302
    assert client.post(address, {"step": "recheck", "text": "好了。"}).status_code == 403
    signed_in(client, world, "office_head")
    assert "复查" in text(page(client, "morning"))
    refused = client.post(address, {"step": "recheck", "text": "没有建成。", "is_right": "no"})
    assert "哪一天之前" in text(refused)
    client.post(address, {"step": "recheck", "text": "已经建成。", "is_right": "yes"})
    assert Rectification.objects.get().state == "accepted"
    assert Matter.objects.get(pk=item_of(visit).matter_id).untrue_on is None


def test_office_enters_what_came_on_paper_with_the_day_it_came(client, world, monkeypatch):
    visit = concluded(world)
    address = reverse("visit_rectify", args=[visit.pk, world.unit("教育局").pk])
    set_clock(monkeypatch, at("2021-01-18", 10))
    signed_in(client, world, "officer")
    assert "单位报送的日期" in text(client.get(address))
    told = {"step": "plan", "text": "三周内建成。", "channel": "paper", "informant": "教育局办公室"}
    undated = client.post(address, told)
    assert (undated.status_code, "请填写报送日期。" in text(undated)) == (400, True)
    assert "三周内建成。" in text(undated)
    assert client.post(address, told | {"came_on": "2021-01-16"}).status_code == 302
    assert "1月16日" in text(client.get(address))


def test_another_unit_sees_nothing_of_it(client, world):
    visit = concluded(world)
    as_unit(client, "交通局")
    assert page(client, "visit", visit.pk).status_code == 404
    assert page(client, "visit_rectify", visit.pk, world.unit("教育局").pk).status_code == 403
    assert page(client, "visit_field", visit.pk).status_code == 403


def test_lead_is_handed_over_and_never_shown_to_a_unit(client, world):
    visit = concluded(world)
    signed_in(client, world, "office_head")
    data = {"recipient": "区纪委监委", "lead": "虚报数量。", "basis": "经批准", "handed_on": "2021-01-15"}
    assert step(client, visit, "hand_over", **data, item=item_of(visit).pk).status_code == 302
    assert Handover.objects.get().matter == item_of(visit).matter
    assert "虚报数量" in text(page(client, "visit", visit.pk))
    assert page(client, "visit_handovers", query="?year=2020").status_code == 200
    as_unit(client)
    assert "虚报数量" not in text(page(client, "visit", visit.pk))


def test_list_goes_out_and_its_results_come_in(client, world):
    visit = approved(world)
    signed_in(client, world, "officer")
    exported = page(client, "visit_export", query="?year=2020")
    book = load_workbook(io.BytesIO(exported.content))
    for row in book.active.iter_rows(min_row=2):
        row[7].value, row[10].value = "属实", "2021-01-14"
    stream = io.BytesIO()
    book.save(stream)
    file = SimpleUploadedFile("结果.xlsx", stream.getvalue())
    response = client.post(reverse("visit_upload"), {"year": 2020, "file": file})
    taken = TakenResults.objects.get()
    assert response.url == reverse("visit_results", args=[taken.pk])
    assert f"采用 {len(claims(visit))} 行" in text(page(client, "visit_results", taken.pk))
    assert Answer.objects.count() == 0
    client.post(reverse("visit_results", args=[taken.pk]), {"step": "count"})
    assert visit_of(pk=visit.pk).state == "held"
    assert "结果.xlsx" in text(page(client, "visit_upload", query="?year=2020"))
    bad = client.post(reverse("visit_upload"), {"year": 2020, "file": SimpleUploadedFile("坏.xlsx", b"PK\x03\x04")})
    assert bad.status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_same_whatever_the_rows(client, world, count, django_assert_num_queries):
    draw = drawn(year(world))
    some = listed(draw)
    for one in some[:count]:
        prepared(world, draw=draw, matters=[one])
    signed_in(client, world, "officer")
    page(client, "visits")
    with django_assert_num_queries(QUERIES["visits"]):
        page(client, "visits")
    with django_assert_num_queries(QUERIES["visit_list"]):
        page(client, "visit_list", query="?year=2020")


QUERIES = {"visits": 13, "visit_list": 11}


@pytest.mark.parametrize("count", [1, 3])
def test_visit_and_field_ask_the_same_whatever_the_matters(client, world, count, django_assert_num_queries):
    draw = drawn(year(world))
    visit = approved(world, prepared(world, draw=draw, matters=listed(draw)[:count]))
    signed_in(client, world, "officer")
    page(client, "visits")
    for name, number in (("visit", 16), ("visit_field", 13)):
        with django_assert_num_queries(number):
            page(client, name, visit.pk)


def test_closed_year_says_so_and_offers_nothing(client, world):
    visit = approved(world)
    put_closed(world.plan, approval=world.approval(), by=world.office_head, now=world.now)
    said = "2020年度台账已经办结，只能查看"
    signed_in(client, world, "office_head")
    assert "安排实地考查" not in text(page(client, "visits"))
    for name, args, button in (
        ("visit", [visit.pk], "作罢"),
        ("visit_plan", [], "列入计划"),
        ("visit_list", [], "重新抽取"),
        ("visit_upload", [], "导入，先看一看"),
        ("visit_field", [visit.pk], "保存并报送"),
        ("visit_new", [], "拟定方案"),
    ):
        shown = text(page(client, name, *args, query="?year=2020"))
        assert (said in shown, button in shown) == (True, False), name
    assert page(client, "visit_edit", visit.pk).status_code == 302
    refused = client.post(reverse("visit_list"), {"year": 2020, "reason": "漏了一期。"})
    assert (refused.status_code, said in text(refused)) == (409, True)
    assert "导出给考评部门" in text(page(client, "visit_list", query="?year=2020"))
