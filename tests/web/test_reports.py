"""Half-year reports on the pages: written by the unit, approved by its deputy, accepted by the office."""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from duban.audit.models import Event
from duban.matters.actions import NewTarget, acknowledge
from duban.matters.models import Obligation
from duban.matters.rules import Owed, Sense
from duban.orgs.models import UnitContact
from duban.progress.actions import Said, enter_progress
from duban.reports.actions import return_report
from duban.reports.models import Contribution, Report
from duban.web.reports import office_queue, waiting
from duban.web.waiting import office_of
from tests.matters.builders import World, usual_world
from tests.reports.builders import DAY, DECEMBER, TEXT, sent, submit, with_deputy
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

JOBS = NewTarget("1.61万人", 16100, None, "人", Sense.EQUAL, "新增人才")
HEAD = "主要负责人 教育局"
LIAISON = "联络员 教育局"


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture
def june(now):
    return now.replace(month=6, day=10)


@pytest.fixture(autouse=True)
def _today(monkeypatch, june):
    set_clock(monkeypatch, june)


def page_of(matter, day=DAY):
    return reverse("matter_report", args=[matter.pk, day.isoformat()])


def told(world, matter, june, sentence="主体结构已经封顶。"):
    said = Said(sentence=sentence)
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=june)


# ---- writing


def test_draft_is_there_with_its_basis_and_is_handed_in_from_the_desk(world, june):
    matter = world.started(targets=[JOBS], text="新增人才1.61万人。")
    said = Said(figures={matter.targets.get().pk: "0.83万"}, sentence="校园招聘三场。")
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=june)
    signed_in(world, HEAD)
    client = signed_in(world, LIAISON)
    desk = client.get(reverse("my_desk")).content.decode()
    assert f'href="{page_of(matter)}"' in desk
    assert "写报告" in desk
    page = client.get(page_of(matter)).content.decode()
    draft = "截至6月10日，新增人才0.83万人，完成目标的51.55%。校园招聘三场。"
    assert f">{draft}</textarea>" in page
    assert page.count("6月10日教育局填报") == 2
    posted = {"text": draft + TEXT, "version": "0"}
    answer = client.post(page_of(matter), posted, follow=True)
    assert answer.redirect_chain[-1] == (reverse("my_desk"), 302)
    assert "报告，149 字，待分管领导审签。" in answer.content.decode()
    report = Report.objects.get()
    assert (report.state, report.text, len(report.basis)) == ("submitted", draft + TEXT, 2)


def test_without_material_the_page_says_what_to_do(world):
    matter = world.started()
    page = signed_in(world, LIAISON).get(page_of(matter)).content.decode()
    assert "还没有可以拟成草稿的进展" in page
    assert "></textarea>" in page


@pytest.mark.parametrize(("count", "status"), [(99, 400), (100, 302), (150, 302), (151, 400)])
def test_length_is_checked_when_it_is_handed_in_and_nothing_typed_is_lost(world, count, status):
    matter = world.started()
    client = signed_in(world, LIAISON)
    answer = client.post(page_of(matter), {"text": "字" * count, "version": "0"})
    assert answer.status_code == status
    if status == 400:
        page = answer.content.decode()
        assert f"现在 {count} 字，应为 100—150 字；确需如此，请写明理由。" in page
        assert f">{'字' * count}</textarea>" in page
        assert Report.objects.count() == 0
        more = {"text": "字" * count, "version": "0", "reason_outside": "只有这些"}
        assert client.post(page_of(matter), more).status_code == 302


def test_handed_in_twice_and_from_behind_the_back_button_is_one_report(world):
    matter = world.started()
    signed_in(world, HEAD)
    client = signed_in(world, LIAISON)
    posted = {"text": TEXT, "version": "0"}
    first, second = (client.post(page_of(matter), posted, follow=True).content.decode() for _ in range(2))
    assert "待分管领导审签" in first
    assert "这份报告已经提交过了，不必重复提交。" in second
    assert "已提交，待分管领导审签。" in second
    other = client.post(page_of(matter), {"text": "换" + TEXT, "version": "0"})
    assert other.status_code == 409
    assert "要改请分管领导退回" in other.content.decode()
    assert (Report.objects.count(), Event.objects.filter(name="reports.submitted").count()) == (1, 1)


def test_saved_by_itself_and_by_button(world):
    matter = world.started()
    client = signed_in(world, LIAISON)
    save = reverse("matter_report_save", args=[matter.pk, DAY.isoformat()])
    answer = client.post(save, {"text": "主体封顶。", "version": "0"})
    assert answer.json() == {"version": 1, "text": "主体封顶。", "said": "已自动保存 09:00"}
    conflict = client.post(save, {"text": "别人写的", "version": "0"})
    assert (conflict.status_code, conflict.json()["said"]) == (409, "您刚刚在另一处改过这份报告，请对照后再提交。")
    assert client.post(save, {"text": "", "version": "x"}).status_code == 409
    page = client.post(page_of(matter), {"text": "主体封顶，装修。", "version": "1", "save": "1"}, follow=True)
    assert "已保存，8 字，还没有提交。" in page.content.decode()
    assert ">主体封顶，装修。</textarea>" in page.content.decode()
    assert Event.objects.filter(name__startswith="reports.").count() == 0


def test_second_writer_sees_both_versions(world):
    matter = world.started()
    client = signed_in(world, LIAISON)
    client.post(page_of(matter), {"text": "甲写的", "version": "0", "save": "1"})
    answer = client.post(page_of(matter), {"text": "乙写的" + TEXT, "version": "0"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<p>甲写的</p>" in page
    assert f">乙写的{TEXT}</textarea>" in page
    assert 'name="version" value="1"' in page


def test_new_draft_is_offered_beside_what_is_written(world, june):
    matter = world.started()
    client = signed_in(world, LIAISON)
    client.post(page_of(matter), {"text": "自己写的。", "version": "0", "save": "1"})
    told(world, matter, june)
    page = client.get(page_of(matter)).content.decode()
    assert ">自己写的。</textarea>" in page
    assert "?draft=new" in page
    fresh = client.get(page_of(matter) + "?draft=new").content.decode()
    assert ">主体结构已经封顶。</textarea>" in fresh
    assert Report.objects.get().text == "自己写的。"


def test_after_its_day_it_is_taken_and_said_to_be_late(world, monkeypatch, june):
    matter = world.started()
    set_clock(monkeypatch, june.replace(day=22))
    client = signed_in(world, LIAISON)
    assert "已过报送日期" in client.get(page_of(matter)).content.decode()
    answer = client.post(page_of(matter), {"text": TEXT, "version": "0"}, follow=True)
    assert "已报督查室（逾期）。" in answer.content.decode()


def test_another_units_report_is_not_there_and_the_try_is_an_event(world):
    matter = world.started(supports=("住建局",))
    save = reverse("matter_report_save", args=[matter.pk, DAY.isoformat()])
    stranger = signed_in(world, "联络员 交通局")
    before = Event.objects.filter(name="access.refused").count()
    for address in (page_of(matter), save):
        assert stranger.post(address, {"text": TEXT, "version": "0"}).status_code == 404
    assert stranger.get(page_of(matter)).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == before + 3
    support = signed_in(world, "联络员 住建局")
    assert support.post(page_of(matter), {"text": TEXT, "version": "0"}).status_code == 403
    own = signed_in(world, LIAISON)
    posted = {"text": TEXT, "version": "0", "unit": world.unit("交通局").pk}
    assert own.post(page_of(matter), posted).status_code == 404
    for day in (date(2020, 6, 21), date(2019, 6, 20)):
        assert own.get(page_of(matter, day)).status_code == 404
    assert own.get(f"/matters/{matter.pk}/reports/sometime/").status_code == 404
    assert Report.objects.count() == 0


def test_what_is_shown_is_escaped(world, june):
    matter = world.started()
    client = signed_in(world, LIAISON)
    told(world, matter, june, sentence="<script>x</script>封顶")
    page = client.get(page_of(matter)).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x&lt;/script&gt;封顶。</textarea>" in page


def test_office_enters_what_came_on_paper(world):
    matter = world.started()
    client = signed_in(world, "officer")
    page = client.get(page_of(matter)).content.decode()
    assert "代录报告" in page
    posted = {"text": TEXT, "version": "0", "channel": "paper", "informant": "周二", "received_on": "2020-06-09"}
    assert client.post(page_of(matter), {**posted, "channel": ""}).status_code == 400
    answer = client.post(page_of(matter), posted, follow=True)
    assert answer.redirect_chain[0] == (reverse("reports"), 302)
    assert "已代录教育局" in answer.content.decode()
    report = Report.objects.get()
    assert (report.state, report.channel, report.sent_on) == ("sent", "paper", date(2020, 6, 9))
    shown = client.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "officer代录教育局2020年6月20日一期的报告（120 字）" in shown


def test_office_does_not_read_what_the_unit_is_still_writing(world, june):
    matter = world.started()
    client = signed_in(world, LIAISON)
    client.post(page_of(matter), {"text": "还在斟酌的话。", "version": "0", "save": "1"})
    told(world, matter, june)
    office = signed_in(world, "officer")
    for address in (page_of(matter), reverse("reports"), reverse("matter", args=[matter.pk])):
        assert "还在斟酌的话" not in office.get(address).content.decode()
    assert "></textarea>" in office.get(page_of(matter)).content.decode()


# ---- approving


def deputy_client(world):
    """Sign in the deputy of 教育局."""
    client = signed_in(world, "联络员 教育局", username="deputy")
    UnitContact.objects.filter(person__account__username="deputy").update(role="deputy")
    return client


def test_deputy_approves_all_at_once_or_gives_one_back(world, june):
    client = deputy_client(world)
    matters = [world.started(serial=str(n)) for n in range(1, 4)]
    reports = [submit(world, one, now=june) for one in matters]
    page = client.get(reverse("report_approvals")).content.decode()
    assert page.count(TEXT) == 3
    back = client.post(reverse("report_back", args=[reports[2].pk]), {"reason": "数字不对"}, follow=True)
    assert "已退改教育局第3项的报告。" in back.content.decode()
    ticked = {"report": [f"{one.pk}-{one.version}" for one in reports[:2]]}
    done = client.post(reverse("report_approvals"), ticked, follow=True)
    assert "已审签 2 份报告，已报督查室。" in done.content.decode()
    assert [one.state for one in Report.objects.order_by("pk")] == ["sent", "sent", "sent_back"]
    again = client.post(reverse("report_approvals"), ticked)
    assert again.status_code == 409
    liaison = client.get(page_of(matters[2])).content.decode()
    assert "数字不对" in liaison


def test_deputy_signs_from_the_form(world, june):
    client = deputy_client(world)
    matter = world.started()
    report = submit(world, matter, now=june)
    page = client.get(page_of(matter)).content.decode()
    assert 'name="sign"' in page
    assert "data-save=" not in page, "what is with the deputy is not changed under the liaison's eyes"
    posted = {"text": "改" + TEXT, "version": report.version, "sign": "1"}
    assert client.post(page_of(matter), posted).status_code == 302
    assert [one.state for one in Report.objects.all()] == ["sent"]


def test_who_is_no_deputy_approves_nothing(world, june):
    with_deputy(world)
    report = submit(world, world.started(), now=june)
    ticked = {"report": f"{report.pk}-{report.version}"}
    for who in (LIAISON, "officer", "director"):
        assert signed_in(world, who).post(reverse("report_approvals"), ticked).status_code == 403
    other = signed_in(world, "主要负责人 交通局")
    assert other.post(reverse("report_approvals"), ticked).status_code == 403
    assert other.post(reverse("report_back", args=[report.pk]), {"reason": "数字不对"}).status_code == 404
    report.refresh_from_db()
    assert report.state == "submitted"


# ---- what supporting units give


def sheet_of(world, unit="临江镇", day=DAY):
    return reverse("contributions", args=[world.unit(unit).pk, day.isoformat()])


def test_supporting_unit_gives_one_line_and_the_rest_in_one_tap(world):
    matters = [world.started(serial=str(n), supports=("临江镇",)) for n in range(1, 4)]
    acknowledge(world.unit("临江镇"), plan=world.plan, by=world.officer, now=world.now)
    client = signed_in(world, "联络员 临江镇")
    assert f'href="{sheet_of(world)}"' in client.get(reverse("my_desk")).content.decode()
    page = client.get(sheet_of(world)).content.decode()
    assert "报送，没写的都无补充" in page
    posted = {f"text-{one.pk}": "" for one in matters} | {f"text-{matters[1].pk}": "协调用地3亩。", "rest": "1"}
    done = client.post(sheet_of(world), posted, follow=True)
    assert done.redirect_chain[-1][0] == reverse("my_desk")
    assert "已报送 3 项协办情况。" in done.content.decode()
    assert Contribution.objects.filter(is_nothing_new=True).count() == 2
    assert not Obligation.objects.filter(kind=Owed.CONTRIBUTION, due_on="2020-06-17", state="open").exists()
    lead = signed_in(world, LIAISON).get(page_of(matters[1])).content.decode()
    assert "临江镇：协调用地3亩。</textarea>" in lead


def test_sheet_shows_what_is_wrong_and_what_a_colleague_gave(world):
    matter = world.started(supports=("临江镇",))
    client = signed_in(world, "联络员 临江镇")
    name = f"text-{matter.pk}"
    long = client.post(sheet_of(world), {name: "字" * 151})
    assert long.status_code == 400
    assert "字" * 151 + "</textarea>" in long.content.decode()
    client.post(sheet_of(world), {name: "甲报的", f"version-{matter.pk}": "0"})
    clash = client.post(sheet_of(world), {name: "乙报的", f"version-{matter.pk}": "0"})
    assert clash.status_code == 409
    assert "同事报的：甲报的" in clash.content.decode()
    assert ">乙报的</textarea>" in clash.content.decode()


def test_sheet_of_another_unit_or_day_is_not_there(world):
    world.started(supports=("临江镇",))
    client = signed_in(world, LIAISON)
    assert client.get(sheet_of(world)).status_code == 404
    assert client.post(sheet_of(world), {"rest": "1"}).status_code == 404
    own = signed_in(world, "联络员 临江镇")
    assert own.get(sheet_of(world, day=date(2020, 6, 21))).status_code == 404
    assert signed_in(world, "director").get(sheet_of(world)).status_code == 403
    assert Contribution.objects.count() == 0


def test_office_gives_a_sheet_for_a_unit(world):
    world.started(supports=("临江镇",))
    client = signed_in(world, "officer")
    assert client.post(sheet_of(world), {"rest": "1"}).status_code == 400
    posted = {"rest": "1", "channel": "telephone", "informant": "周五"}
    assert client.post(sheet_of(world), posted).status_code == 302
    assert Contribution.objects.get().informant == "周五"


def test_lead_marks_a_supporting_unit_that_gave_nothing(world, monkeypatch, june):
    matter = world.started(supports=("临江镇",))
    client = signed_in(world, LIAISON)
    assert "标记协办未报" not in client.get(page_of(matter)).content.decode()
    set_clock(monkeypatch, june.replace(day=18))
    client = signed_in(world, HEAD)
    assert "标记协办未报" in client.get(page_of(matter)).content.decode()
    mark = reverse("matter_report_missing", args=[matter.pk, DAY.isoformat()])
    assert "请选定没有报来的协办单位。" in client.post(mark, {}, follow=True).content.decode()
    page = client.post(mark, {"missing": world.unit("临江镇").pk}, follow=True).content.decode()
    assert "已标记临江镇协办未报。" in page
    for reader in (signed_in(world, "officer"), signed_in(world, "联络员 临江镇")):
        assert "协办未报" in reader.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "协办未报：临江镇" in signed_in(world, "office_head").get(reverse("reports")).content.decode()


# ---- the office's desk


def test_office_accepts_many_returns_one_and_the_unit_writes_again(world, june):
    matters = [world.started(serial=str(n)) for n in range(1, 4)]
    reports = [sent(world, one, now=june) for one in matters]
    client = signed_in(world, "officer")
    page = client.get(reverse("reports")).content.decode()
    assert "已报 3 / 3" in page
    view = f"plan={world.plan.pk}&day=2020-06-20&state=sent"
    returned = client.post(
        reverse("report_return", args=[reports[2].pk]), {"reason": "没有数字", "view": view}, follow=True
    )
    assert "已退回教育局第3项的报告。" in returned.content.decode()
    assert returned.redirect_chain[-1][0].endswith("state=sent")
    ticked = [f"{one.pk}-{one.version}" for one in reports[:2]]
    done = client.post(reverse("reports_accept"), {"report": ticked, "view": view}, follow=True)
    assert "已采用 2 份报告。" in done.content.decode()
    assert [one.state for one in Report.objects.order_by("pk")] == ["accepted", "accepted", "returned"]
    liaison = signed_in(world, LIAISON)
    assert "没有数字" in liaison.get(page_of(matters[2])).content.decode()
    assert "没有数字" in liaison.get(reverse("my_desk")).content.decode()


def test_short_report_is_accepted_with_a_reason_and_the_ticks_come_back(world, june):
    report = sent(world, world.started(), text="字" * 90, reason_outside="事少", now=june)
    client = signed_in(world, "officer")
    posted = {"report": f"{report.pk}-{report.version}", "view": ""}
    answer = client.post(reverse("reports_accept"), posted)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "所选报告中有 1 份字数不符，请写明采用的理由。" in page
    assert f'value="{report.pk}-{report.version}" aria-label="选定教育局第项" checked' in page
    client.post(reverse("reports_accept"), {**posted, "exception_reason": "确无可报"})
    assert Report.objects.get().exception_reason == "确无可报"


def test_desk_is_narrowed_and_grouped_by_its_address(world, june):
    sent(world, world.started(serial="1", text="新建小学甲。"), now=june)
    world.started(serial="2", text="新建小学乙。", leads=("教育局", "财政局"))
    world.assigned(serial="3", text="新建公路丙。", leads=("交通局",))
    client = signed_in(world, "officer")

    def shown(query):
        page = client.get(reverse("reports") + query).content.decode()
        return [word for word in ("甲", "乙", "丙") if f"新建小学{word}" in page or f"新建公路{word}" in page]

    assert shown("") == ["甲", "乙", "丙"]
    assert shown("?state=none") == ["乙", "丙"]
    assert shown("?state=sent") == ["甲"]
    assert shown(f"?unit={world.unit('交通局').pk}") == ["丙"]
    assert shown("?day=2020-12-20&state=sent") == []
    assert shown("?state=nonsense&day=never&unit=x") == ["甲", "乙", "丙"]
    assert '<h2 class="group-head">交通局' in client.get(reverse("reports") + "?group=unit").content.decode()


def test_merged_paper_and_table_hold_what_the_view_shows(world, june):
    sent(world, world.started(serial="1", text="新建小学甲。"), now=june)
    world.started(serial="2", text="新建小学乙。")
    client = signed_in(world, "officer")
    view = f"plan={world.plan.pk}&day=2020-06-20"
    paper = client.post(reverse("reports_docx"), {"view": view})
    assert paper["Content-Type"].endswith("wordprocessingml.document")
    lines = [one.text.replace("\n", "") for one in Document(io.BytesIO(paper.content)).paragraphs]
    assert lines == [
        "2020年度临江区督查台账6月20日报送情况",
        "2020年6月10日　共 2 份，已报 1 份，未报 1 份",
        "",
        "1. 新建小学甲。",
        f"教育局：{TEXT}",
        "2. 新建小学乙。",
        "教育局：（未报）",
    ]
    table = client.post(reverse("reports_xlsx"), {"view": view + "&state=sent"})
    rows = list(load_workbook(io.BytesIO(table.content)).active.iter_rows(min_row=4, values_only=True))
    assert [row[:7] for row in rows] == [("1", "新建小学甲。", "教育局", "已报", rows[0][4], 120, TEXT)]
    assert [one.data["count"] for one in Event.objects.filter(name="reports.exported").order_by("pk")] == [2, 1]


def test_desk_without_a_plan_says_so(county, officer, office_head, now):
    world = World(county=county, officer=officer, office_head=office_head, now=now, plan=None)
    client = signed_in(world, "officer")
    assert "还没有台账" in client.get(reverse("reports")).content.decode()
    assert client.post(reverse("reports_docx"), {}).status_code == 404
    assert client.post(reverse("reports_accept"), {}).status_code == 400


# ---- what waits


def test_what_waits_for_whom(world, june):
    deputy = with_deputy(world)
    liaison = world.liaison("教育局")
    for n in range(2):
        submit(world, world.started(serial=str(n)), now=june)
    returned = sent(world, world.started(serial="7"), now=june)
    return_report(returned, reason="没有数字", by=world.officer, now=june)
    sent(world, world.started(serial="8"), now=june)
    later = june.date() + timedelta(days=1)
    assert next((one.waits, one.text, one.since) for one in waiting(deputy, today=later)) == (
        "decide",
        "6月20日报告 2 份待审签",
        june.date(),
    )
    [back] = waiting(liaison, today=later)
    assert (back.waits, back.serial, back.note) == ("returned", "7", "督查员甲督查室退回：没有数字")
    assert waiting(world.officer, today=later) == []
    [sent_one] = office_queue(office_of(world.officer, today=later, most=5)).lines
    assert (sent_one.text, sent_one.due_on) == ("6月20日报告 1 份待审核", None)
    assert waiting(world.liaison("交通局"), today=later) == []


@pytest.mark.parametrize("number", [1, 3])
def test_what_waits_costs_the_same(world, june, number, django_assert_num_queries):
    deputy = with_deputy(world)
    for n in range(number):
        submit(world, world.started(serial=str(n)), now=june)
        sent(world, world.started(serial=f"5{n}"), now=june)
    with django_assert_num_queries(2):
        assert len(waiting(deputy, today=june.date())) == 1
    office = office_of(world.officer, today=june.date(), most=5)
    with django_assert_num_queries(1):
        queue = office_queue(office)
    assert (len(queue.lines), queue.count) == (1, number)


# ---- what a page costs


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_however_much_there_is(world, june, number):
    with_deputy(world)
    for n in range(number):
        matter = world.started(serial=str(n), supports=("临江镇", "交通局")[: 1 + (number > 1)])
        told(world, matter, june, sentence=f"第{n}件事办成了。")
        submit(world, matter, now=june)
        sent(world, world.started(serial=f"5{n}"), now=june)
    for n in range(number):
        told(world, matter, june, sentence=f"又办成了{n + 10}件。")
    liaison, officer = signed_in(world, LIAISON), signed_in(world, "officer")
    deputy, town = signed_in(world, HEAD), signed_in(world, "联络员 临江镇")
    counts = []
    for client, address in (
        (liaison, page_of(matter, DECEMBER)),
        (officer, reverse("reports")),
        (deputy, reverse("report_approvals")),
        (town, sheet_of(world)),
    ):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    with CaptureQueriesContext(connection) as queries:
        liaison.post(page_of(matter, DECEMBER), {"text": TEXT, "version": "0"})
    counts.append(len(queries))
    assert counts == [WRITING, DESK, APPROVALS, SHEET, HANDING_IN]


WRITING, DESK, APPROVALS, SHEET, HANDING_IN = 23, 15, 11, 16, 35
