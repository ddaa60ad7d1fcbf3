"""考评 in the browser: who sees what, ratings, corrections, the form; a score recomputed from its page alone."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from statistics import median

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import html

from duban.access.actions import create_account, grant_role
from duban.access.models import Account
from duban.access.rules import Role
from duban.core.actor import SYSTEM
from duban.documents.sheets import to_xlsx
from duban.evaluation.actions import NewRating, confirm_evaluation, contest_score, correct_score, rate_units
from duban.evaluation.models import Evaluation, LeaderRating, OfficeResult, ScoreSheet
from duban.evaluation.queries import data_of, spreadsheets_of
from duban.evaluation.rules import ScoreCorrection
from duban.matters.actions import put_closed
from duban.matters.models import Plan
from duban.orgs.actions import link_account
from duban.orgs.models import Person
from duban.reports.actions import mark_contribution_missing
from duban.reports.models import HollowMark, Report
from tests.evaluation.builders import (
    DRAWN,
    OVER,
    SHOWN,
    drawn_up,
    fresh,
    leader_of,
    played,
    rated,
    set_scoring,
    sheet,
    shown_to_units,
)
from tests.evaluation.pencil import Page, recomputed
from tests.letters.builders import at
from tests.matters.builders import World, usual_world
from tests.reports.builders import DECEMBER
from tests.visits import builders as visits
from tests.web.matter_doors import set_clock
from tests.web.test_bulletins import as_unit, page, signed_in

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """The clock stands within the units' time."""
    set_clock(monkeypatch, at("2021-01-06", 10))


@pytest.fixture
def year(world):
    set_scoring(world)
    return played(world)


def as_leader(client, world, role: str = "leader"):
    """Sign in as 吴一, or as the secretary who serves 吴一."""
    person = Person.objects.get(name="吴一")
    told = {"by": SYSTEM, "now": world.now}
    account = create_account(role, name=f"{role}某", password="qiche-2020", must_change_password=False, **told)
    if role == "leader":
        link_account(person, account=account, **told)
    else:
        grant_role(
            account,
            role=Role.SECRETARY,
            jurisdiction_id=world.county.pk,
            leader_person_id=person.pk,
            from_on=date(2020, 1, 1),
            **told,
        )
    client.force_login(Account.objects.get(username=role))
    return client


# ---- with a pencil, from the page alone


def test_three_units_scores_are_recomputed_with_a_pencil_from_what_their_pages_show(client, world, year):
    town = world.unit("临江镇")
    mark_contribution_missing(
        year.behind, unit=town, report_day=DECEMBER, by=world.liaison("教育局"), now=at("2020-12-21")
    )
    evaluation = drawn_up(world)
    rated(world, evaluation, year.leader, value="88.5")
    mayor = world.post(None, "区长", "区长甲", kind="government_head")
    two = [NewRating(world.unit("教育局"), D("91")), NewRating(world.unit("交通局"), D("97.25"))]
    rate_units(fresh(evaluation), post=mayor, ratings=two, by=leader_of(world, mayor, "government_head"), now=DRAWN)
    evaluation = shown_to_units(world, fresh(evaluation))
    signed_in(client, world, "officer")
    whole = html.fromstring(page(client, "evaluation_one", evaluation.pk).content.decode())
    work = [int(one.text_content()) for one in whole.xpath('//td[@data-label="应办事宜"]')]
    middle = D(str(median(work)))
    totals = {}
    for name in ("教育局", "交通局", "临江镇"):
        shown = Page(page(client, "evaluation_sheet", evaluation.pk, world.unit(name).pk).content)
        totals[name] = recomputed(shown, middle=middle)
        assert shown.figure("total") == totals[name] == sheet(world, evaluation, name).score
    assert len(set(totals.values())) == 3
    listed = [one.text_content() for one in whole.xpath('//td[@data-label="总分"]')]
    assert [D(one) for one in listed] == list(totals.values())


def test_a_corrected_sheet_is_recomputed_as_well(client, world, year):
    evaluation = shown_to_units(world)
    row = sheet(world, evaluation)
    key = data_of(row).unit.facts[0].key
    correction = ScoreCorrection(left_out=frozenset({key}), obligations=7)
    correct_score(row, correction=correction, reason="批准过延期", by=world.office_head, now=SHOWN)
    as_unit(client)
    content = page(client, "evaluation_sheet", evaluation.pk, world.unit("教育局").pk).content
    shown = Page(content)
    assert shown.figure("total") == recomputed(shown, middle=D(2))
    assert "不再计：批准过延期" in content.decode()
    former = page(client, "evaluation_sheet", evaluation.pk, world.unit("教育局").pk, query="?number=1").content
    assert "已经更正" in former.decode()
    assert Page(former).figure("total") == row.score


# ---- who sees what


def test_a_unit_sees_its_own_sheet_and_no_other(client, world, year):
    evaluation = shown_to_units(world)
    as_unit(client)
    index = page(client, "evaluation").content.decode()
    assert "教育局考评表" in index
    assert "交通局" not in index
    own = page(client, "evaluation_sheet", evaluation.pk, world.unit("教育局").pk)
    assert own.status_code == 200
    row = sheet(world, evaluation)
    way = f"{reverse('objection_new')}?sheet={row.pk}&amp;unit={row.unit_id}"
    assert f'1月26日前</b>可以<a href="{way}">申请复核</a>' in own.content.decode()
    assert page(client, "evaluation_sheet", evaluation.pk, world.unit("交通局").pk).status_code == 404
    overview = page(client, "evaluation_one", evaluation.pk).content.decode()
    assert "教育局" in overview
    assert "交通局" not in overview
    assert page(client, "evaluation_correct", evaluation.pk, world.unit("教育局").pk).status_code == 403
    assert client.post(reverse("evaluation_export", args=[evaluation.pk, "xlsx"])).status_code == 403


def test_a_draft_is_for_the_office_and_for_leaders_who_rate(client, world, year):
    evaluation = drawn_up(world)
    as_unit(client)
    assert page(client, "evaluation_one", evaluation.pk).status_code == 404
    as_leader(client, world)
    overview = page(client, "evaluation_one", evaluation.pk).content.decode()
    assert "考评正在拟定" in overview
    assert page(client, "evaluation_sheet", evaluation.pk, world.unit("教育局").pk).status_code == 404
    signed_in(client, world, "officer")
    content = page(client, "evaluation_sheet", evaluation.pk, world.unit("教育局").pk).content
    assert Page(content).figure("total") == D("92.25")


def test_a_leader_reads_the_sheets_of_units_that_lead_what_the_leader_oversees(client, world, year):
    evaluation = shown_to_units(world)
    as_leader(client, world)
    assert page(client, "evaluation_sheet", evaluation.pk, world.unit("教育局").pk).status_code == 200
    assert page(client, "evaluation_sheet", evaluation.pk, world.unit("临江镇").pk).status_code == 404


def test_facts_lead_to_their_events_and_nowhere_a_reader_may_not_go(client, world, year):
    evaluation = shown_to_units(world)
    as_unit(client)
    tree = html.fromstring(page(client, "evaluation_sheet", evaluation.pk, world.unit("教育局").pk).content.decode())
    ways = tree.xpath('//ul[@class="evaluation-facts"]//span[@class="what"]/a/@href')
    assert len(ways) == 9
    for one in set(ways):
        assert client.get(one.partition("#")[0]).status_code == 200, one


# ---- drawn up, rated, shown


def test_officer_draws_up_from_the_list_and_is_told_whether_it_is_scored(client, world):
    played(world)
    signed_in(client, world, "officer")
    assert f"{reverse('evaluation_new')}?plan={world.plan.pk}" in page(client, "evaluation").content.decode()
    form = page(client, "evaluation_new", query=f"?plan={world.plan.pk}").content.decode()
    assert "没有启用计分" in form
    assert 'value="2021-01-05"' in form
    refused = client.post(reverse("evaluation_new"), {"plan": world.plan.pk, "until": "2021-01-06"})
    assert refused.status_code == 400
    assert "这一天还没有过完" in refused.content.decode()
    done = client.post(reverse("evaluation_new"), {"plan": world.plan.pk, "until": "2020-12-31"})
    made = Evaluation.objects.get()
    assert done["Location"] == reverse("evaluation_one", args=[made.pk])
    overview = page(client, "evaluation_one", made.pk).content.decode()
    assert "没有启用计分，本表只提供事实" in overview
    assert "总分" not in overview


def test_a_leader_rates_and_what_is_wrong_comes_back_as_typed(client, world, year):
    evaluation = drawn_up(world)
    unit = world.unit("教育局").pk
    as_leader(client, world)
    desk = page(client, "my_desk").content.decode()
    assert "请评价 1 个单位" in desk
    address = reverse("evaluation_rate", args=[evaluation.pk])
    assert "交通局" not in client.get(address).content.decode()
    wrong = client.post(address, {"post": year.leader.pk, f"value-{unit}": "优秀", f"note-{unit}": "抓得紧"})
    assert wrong.status_code == 400
    assert "评价要填数字" in wrong.content.decode()
    assert 'value="优秀"' in wrong.content.decode()
    assert 'value="抓得紧"' in wrong.content.decode()
    client.post(address, {"post": year.leader.pk, f"value-{unit}": "92.5", f"note-{unit}": "抓得紧"})
    assert LeaderRating.objects.get().value == D("92.50")
    cleared = client.post(address, {"post": year.leader.pk, f"value-{unit}": ""})
    assert "可以改，不能清空" in cleared.content.decode()
    assert "请评价" not in page(client, "my_desk").content.decode()


def test_a_secretary_rates_for_the_leader_and_the_page_says_who_entered_it(client, world, year):
    evaluation = drawn_up(world)
    as_leader(client, world, role="secretary")
    address = reverse("evaluation_rate", args=[evaluation.pk])
    client.post(address, {"post": year.leader.pk, f"value-{world.unit('教育局').pk}": "80"})
    assert (LeaderRating.objects.get().leader_name, LeaderRating.objects.get().rated_by_name) == ("吴一", "secretary某")
    assert "secretary某录入" in client.get(address).content.decode()


def test_morning_page_and_desks_say_what_waits(client, world, year, monkeypatch):
    evaluation = drawn_up(world)
    signed_in(client, world, "officer")
    assert "送核对" in page(client, "morning").content.decode()
    client.post(reverse("evaluation_step", args=[evaluation.pk, "show"]), {"version": evaluation.version})
    assert fresh(evaluation).state == "shown"
    assert evaluation.title not in page(client, "morning").content.decode()
    as_unit(client)
    assert "教育局的考评表，有异议的可以申请复核" in page(client, "my_desk").content.decode()
    contest_score(sheet(world, evaluation), by=world.liaison("教育局"), now=SHOWN)
    signed_in(client, world, "office_head")
    assert "1 个单位有异议" in page(client, "morning").content.decode()
    overview = page(client, "evaluation_one", evaluation.pk).content.decode()
    assert "异议待定" in overview
    set_clock(monkeypatch, at("2021-01-28"))  # shown on the 6th, a day after SHOWN
    client.logout()
    signed_in(client, world, "office_head")
    refused = client.post(
        reverse("evaluation_step", args=[evaluation.pk, "confirm"]), {"version": fresh(evaluation).version}
    )
    assert refused.status_code == 409
    assert refused.context["problem"] == "教育局的异议还没有决定，不能核定。"


def test_a_step_somebody_else_took_first_is_said_so(client, world, year):
    evaluation = drawn_up(world)
    signed_in(client, world, "officer")
    old = evaluation.version
    rated(world, evaluation, year.leader)
    refused = client.post(reverse("evaluation_step", args=[evaluation.pk, "show"]), {"version": old})
    assert refused.status_code == 409
    assert "刚刚已由他人办理" in refused.content.decode()
    assert client.post(reverse("evaluation_step", args=[evaluation.pk, "fly"])).status_code == 404


def test_dropping_without_a_reason_keeps_the_form_open(client, world, year):
    evaluation = drawn_up(world)
    signed_in(client, world, "office_head")
    refused = client.post(reverse("evaluation_step", args=[evaluation.pk, "drop"]), {"reason": " "})
    assert refused.status_code == 400
    assert "请写明作罢的理由" in refused.content.decode()
    client.post(reverse("evaluation_step", args=[evaluation.pk, "drop"]), {"reason": "日期选错了"})
    assert fresh(evaluation).state == "dropped"


# ---- corrected


def test_head_of_office_corrects_and_a_stale_form_is_refused(client, world, year):
    evaluation = shown_to_units(world)
    unit = world.unit("教育局").pk
    signed_in(client, world, "office_head")
    address = reverse("evaluation_correct", args=[evaluation.pk, unit])
    facts = client.get(address).context["facts"]
    posted = {"number": 1, "obligations": 5, "out": facts[0]["fact"].key}
    refused = client.post(address, {**posted, "reason": ""})
    assert "请写明更正的理由" in refused.content.decode()
    assert refused.context["facts"][0]["is_out"]
    done = client.post(address, {**posted, "reason": "批准过延期"})
    assert done["Location"] == reverse("evaluation_sheet", args=[evaluation.pk, unit])
    assert ScoreSheet.objects.get(unit=unit, is_current=True).number == 2
    stale = client.post(address, {**posted, "reason": "再更正"})
    assert stale.status_code == 409
    assert "刚刚已经更正" in stale.content.decode()
    wrong = client.post(address, {"number": 2, "obligations": "五件", "reason": "数错了"})
    assert "要填不超过六位的整数" in wrong.content.decode()


def test_a_part_is_corrected_with_its_select(client, world, year):
    evaluation = shown_to_units(world)
    unit = world.unit("教育局").pk
    signed_in(client, world, "office_head")
    address = reverse("evaluation_correct", args=[evaluation.pk, unit])
    key = client.get(address).context["facts"][0]["fact"].key
    client.post(address, {"number": 1, "obligations": 5, f"part-{key}": "support", "reason": "该项是协办"})
    assert data_of(sheet(world, evaluation)).unit.facts[0].part == "support"


# ---- found untrue since they were shown


@pytest.fixture
def verified(world):
    """Sheets shown on 5 January; a matter of 教育局 was visited on the 14th and found untrue on the 15th."""
    set_scoring(world)
    visit = visits.approved(world, visits.prepared(world))
    evaluation = shown_to_units(world)
    visits.confirmed(world, visits.held(world, visit, untrue=0))
    return evaluation


def test_office_is_led_to_count_what_was_found_untrue_and_the_unit_agrees(client, world, verified, monkeypatch):
    set_clock(monkeypatch, at("2021-01-19"))
    unit = world.unit("教育局").pk
    signed_in(client, world, "office_head")
    assert "1 个单位有查出的不实还没有计入" in page(client, "morning").content.decode()
    overview = html.fromstring(page(client, "evaluation_one", verified.pk).content.decode())
    [way] = overview.xpath('//a[text()="更正教育局考评表"]/@href')
    form = html.fromstring(client.get(way).content.decode())
    assert "从今天起有 15 个工作日可以提出异议" in form.text_content()
    [box] = form.xpath('//input[@name="in"]')
    assert box.get("checked") is not None
    posted = {"number": 1, "obligations": form.xpath('//input[@name="obligations"]/@value')[0]}
    client.post(way, {**posted, "in": box.get("value"), "reason": "1月14日核验不实"})
    assert "更正教育局考评表" not in page(client, "evaluation_one", verified.pk).content.decode()
    assert "还没有计入" not in page(client, "morning").content.decode()
    assert "教育局到2月8日" in page(client, "evaluation_one", verified.pk).content.decode()
    as_unit(client, part="局长")
    own = page(client, "evaluation_sheet", verified.pk, unit).content
    assert "更正：1月14日核验不实" in own.decode()
    assert "2月8日前</b>可以" in own.decode()
    shown = Page(own)
    assert shown.figure("total") == recomputed(shown, middle=shown.figure("median"))
    assert "取消评先资格" in own.decode()
    [row] = html.fromstring(own.decode()).xpath('//td[@data-label="结果"][contains(., "核查不实")]/..')
    assert row.text_content().startswith("第")
    agree = reverse("evaluation_agree", args=[verified.pk, unit])
    assert agree in own.decode()
    assert client.post(agree, {"number": 1}).status_code == 409
    assert "已记下没有异议" in client.post(agree, {"number": 2}, follow=True).content.decode()
    assert agree not in page(client, "evaluation_sheet", verified.pk, unit).content.decode()


def test_a_finding_may_be_left_out_with_the_reason_on_the_sheet(client, world, verified, monkeypatch):
    set_clock(monkeypatch, at("2021-01-19"))
    unit = world.unit("教育局").pk
    signed_in(client, world, "office_head")
    address = reverse("evaluation_correct", args=[verified.pk, unit])
    form = html.fromstring(client.get(address).content.decode())
    [key] = form.xpath('//input[@name="in"]/@value')
    posted = {"number": 1, "obligations": form.xpath('//input[@name="obligations"]/@value')[0], "out": key}
    client.post(address, {**posted, "reason": "事项不在本年度"})
    assert "不再计：事项不在本年度" in page(client, "evaluation_sheet", verified.pk, unit).content.decode()


def test_office_enters_that_a_unit_agrees_and_a_liaison_finds_no_form(client, world, verified, monkeypatch):
    set_clock(monkeypatch, at("2021-01-19"))
    unit = world.unit("教育局").pk
    told = {"reason": "数错了", "by": world.office_head, "now": at("2021-01-19")}
    correct_score(sheet(world, verified), correction=ScoreCorrection(obligations=20), **told)
    agree = reverse("evaluation_agree", args=[verified.pk, unit])
    as_unit(client)
    assert agree not in page(client, "evaluation_sheet", verified.pk, unit).content.decode()
    assert client.post(agree, {"number": 2}).status_code == 403
    signed_in(client, world, "officer")
    assert agree in page(client, "evaluation_sheet", verified.pk, unit).content.decode()
    assert client.post(agree, {"number": 2}).status_code == 400
    client.post(agree, {"number": 2, "channel": "telephone", "informant": "王一"})
    assert "王一（" in page(client, "evaluation_sheet", verified.pk, unit).content.decode()


# ---- out and back


def form_with(evaluation, key: str, result: str) -> bytes:
    book = openpyxl.load_workbook(BytesIO(to_xlsx(*spreadsheets_of(evaluation))))
    page_ = book.worksheets[1]
    at_result = [cell.value for cell in page_[1]].index("核查结果") + 1
    for row in range(2, page_.max_row + 1):
        if page_.cell(row, 1).value == key:
            page_.cell(row, at_result).value = result
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_form_is_looked_at_before_it_is_taken_in(client, world, year):
    evaluation = shown_to_units(world)
    key = data_of(sheet(world, evaluation)).unit.facts[0].key
    signed_in(client, world, "officer")
    address = reverse("evaluation_results", args=[evaluation.pk])
    file = SimpleUploadedFile("核查.xlsx", form_with(evaluation, key, "不属实"))
    seen = client.post(address, {"file": file})
    assert "1 条新结果" in seen.content.decode()
    assert not OfficeResult.objects.exists()
    tree = html.fromstring(seen.content.decode())
    posted = {
        name: tree.xpath(f'//form[@data-keep="off"]//input[@name="{name}"]/@value')[0]
        for name in ("step", "name", "carried")
    }
    client.post(address, posted)
    assert OfficeResult.objects.get().result == "不属实"
    assert "考评部门核查" in page(client, "evaluation_sheet", evaluation.pk, world.unit("教育局").pk).content.decode()
    assert "核查.xlsx" in page(client, "evaluation_one", evaluation.pk).content.decode()


@pytest.mark.parametrize(
    ("posted", "says"),
    [({}, "请选择文件"), ({"carried": "%%%", "step": "take"}, "预览的内容不完整")],
)
def test_a_form_that_is_missing_or_broken_is_refused_in_words(client, world, year, posted, says):
    evaluation = shown_to_units(world)
    signed_in(client, world, "officer")
    refused = client.post(reverse("evaluation_results", args=[evaluation.pk]), posted)
    assert refused.status_code == 400
    assert says in refused.content.decode()


def test_files_go_out_as_drafts_until_confirmed_and_then_as_kept(client, world, year, monkeypatch):
    evaluation = shown_to_units(world)
    signed_in(client, world, "office_head")
    for form, start in (("xlsx", b"PK"), ("docx", b"PK"), ("pdf", b"%PDF-")):
        answer = client.post(reverse("evaluation_export", args=[evaluation.pk, form]))
        assert answer.status_code == 200
        assert answer.getvalue().startswith(start)
    assert client.get(reverse("evaluation_export", args=[evaluation.pk, "pdf"])).status_code == 405
    assert client.post(reverse("evaluation_export", args=[evaluation.pk, "exe"])).status_code == 404
    set_clock(monkeypatch, OVER)
    client.logout()
    signed_in(client, world, "office_head")
    confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    kept = client.post(reverse("evaluation_export", args=[evaluation.pk, "pdf"]))
    assert kept["Repr-Digest"].startswith("sha-256=")


def test_of_a_closed_year_the_table_is_given_out_and_nothing_else_is_offered(client, world, year, monkeypatch):
    evaluation = shown_to_units(world)
    set_clock(monkeypatch, OVER)
    confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    signed_in(client, world, "office_head")
    address = reverse("evaluation_one", args=[evaluation.pk])
    assert "重新核对的理由" in client.get(address).content.decode()
    put_closed(Plan.objects.get(), approval=world.approval(), by=world.office_head, now=OVER)
    shown = client.get(address).content.decode()
    assert "2020年度台账已经办结，只能查看。" in shown
    assert "重新核对的理由" not in shown
    assert "载入核查结果" not in shown
    assert reverse("evaluation_export", args=[evaluation.pk, "pdf"]) in shown


def test_no_evaluation_is_offered_of_a_closed_year(client, world, year):
    signed_in(client, world, "office_head")
    assert "拟定2020年度考评" in client.get(reverse("evaluation")).content.decode()
    put_closed(Plan.objects.get(), approval=world.approval(), by=world.office_head, now=SHOWN)
    assert "拟定2020年度考评" not in client.get(reverse("evaluation")).content.decode()


# ---- a report that says nothing


def test_office_marks_a_report_as_hollow_and_lifts_it_and_the_unit_reads_why(client, world, year, monkeypatch):
    set_clock(monkeypatch, at("2020-12-01", 10))
    report = Report.objects.get()
    signed_in(client, world, "officer")
    desk = client.get(reverse("reports"), {"plan": world.plan.pk, "day": "2020-06-20"}).content.decode()
    assert "内容空泛：只有套话，没有数字" in desk
    address = reverse("report_hollow", args=[report.pk])
    view = f"plan={world.plan.pk}&day=2020-06-20"
    again = client.post(address, {"view": view, "reason": "还是空泛"})
    assert again.status_code == 409
    assert "已经标记过了" in again.content.decode()
    without = client.post(address, {"view": view, "step": "lift", "reason": ""})
    assert "请写明取消标记的理由" in without.content.decode()
    client.post(address, {"view": view, "step": "lift", "reason": "补了附表"})
    assert HollowMark.objects.get().lifted_reason == "补了附表"
    client.post(address, {"view": view, "reason": "附表也没有数字"})
    assert HollowMark.objects.filter(lifted_at=None).get().reason == "附表也没有数字"
    client.logout()
    as_unit(client)
    own = client.get(reverse("matter_report", args=[year.behind.pk, "2020-06-20"])).content.decode()
    assert "督查室标记内容空泛：附表也没有数字" in own
    assert "被标记" in client.get(reverse("inbox")).content.decode()


# ---- statements


@pytest.mark.parametrize("more", [0, 3])
def test_overview_takes_the_same_statements_whatever_the_number_of_units(
    client, world, year, django_assert_num_queries, more
):
    for number in range(more):
        world.assigned(text=f"新建公园{number}。", leads=(f"园林局{number}",), serial=str(20 + number))
    evaluation = shown_to_units(world)
    signed_in(client, world, "officer")
    page(client, "evaluation_one", evaluation.pk)
    with django_assert_num_queries(OVERVIEW_QUERIES):
        page(client, "evaluation_one", evaluation.pk)


@pytest.mark.parametrize("name", ["教育局", "临江镇"])
def test_sheet_takes_the_same_statements_for_one_fact_and_for_nine(
    client, world, year, django_assert_num_queries, name
):
    evaluation = shown_to_units(world)
    signed_in(client, world, "officer")
    page(client, "evaluation_sheet", evaluation.pk, world.unit(name).pk)
    extra = 1 if name == "教育局" else 0  # which bulletins the reader may open
    with django_assert_num_queries(SHEET_QUERIES + extra):
        page(client, "evaluation_sheet", evaluation.pk, world.unit(name).pk)


OVERVIEW_QUERIES = 12
SHEET_QUERIES = 10
