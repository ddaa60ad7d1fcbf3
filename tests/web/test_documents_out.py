"""Documents drawn from live data: what stands in them, who gets them, what is said where there is nothing."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import docx
import openpyxl
import pdfplumber
import pytest
from django.urls import reverse

from duban.access.models import Account
from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.lights.actions import override_light, tick
from duban.matters.actions import NewOverseer
from duban.matters.models import Matter
from duban.matters.rules import Kind, Light, State
from duban.obstacles.actions import raise_obstacle
from duban.orgs.models import Appointment, Person
from duban.progress.actions import Said, enter_progress
from duban.reports.queries import half_year_table, report_passage
from duban.web.leader_brief import leader_brief
from tests.closing.builders import granted
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now, settings, tmp_path):
    set_clock(monkeypatch, now)
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def leader(world):
    return world.post(None, "副区长", "吴一", kind="leader")


@pytest.fixture
def matter(world, leader) -> Matter:
    return world.started(
        serial="1",
        text="新建小学1所。",
        supports=("交通局",),
        overseers=[NewOverseer(leader)],
        starts_on=date(2020, 1, 1),
        due_on=date(2020, 12, 31),
    )


def text_of(content: bytes) -> str:
    with pdfplumber.open(BytesIO(content)) as pdf:
        return "".join(page.extract_text() for page in pdf.pages).replace("\n", "").replace(" ", "")


def got(client, name, *arguments, **data):
    return client.post(reverse(name, args=arguments), data)


def page_of(response) -> str:
    return response.content.decode()


def test_ledger_is_carried_out_as_the_table_of_duties_in_every_form(world, matter):
    client = signed_in(world, "officer")
    table = {form: got(client, "ledger_table", form) for form in ("pdf", "docx", "xlsx", "csv", "json")}
    text = text_of(table["pdf"].content)
    for words in ("临江区2020年度督查事项责任分解表", "区分管或联系", "新建小学1所。", "教育局", "交通局", "吴一"):
        assert words in text
    cells = [cell.text for row in docx.Document(BytesIO(table["docx"].content)).tables[0].rows for cell in row.cells]
    assert {"1", "新建小学1所。", "教育局", "交通局", "吴一"} <= set(cells)
    sheet = openpyxl.load_workbook(BytesIO(table["xlsx"].content)).active
    assert "新建小学1所。" in [cell.value for row in sheet.iter_rows() for cell in row]
    assert table["json"].json()["duties"][0]["lead_units"] == ["教育局"]
    assert "新建小学1所。" in table["csv"].content.decode("utf-8-sig")
    forms = [one.data["form"] for one in Event.objects.filter(name="matters.ledger_exported").order_by("pk")]
    assert forms == ["pdf", "docx", "xlsx", "csv", "json"]


def test_table_follows_the_view_and_an_empty_one_is_said(world, matter):
    world.started(serial="2", text="修路。", leads=("教育局",))
    client = signed_in(world, "officer")
    narrowed = client.post(reverse("ledger_table", args=["json"]) + "?q=修路").json()
    assert [one["serial"] for one in narrowed["duties"]] == ["2"]
    empty = client.post(reverse("ledger_table", args=["pdf"]) + "?q=没有这样的事项", follow=True)
    assert "责任分解表中没有事项" in page_of(empty)
    assert got(client, "ledger_table", "doc").status_code == 404


def test_unit_gets_only_what_it_sees(world, matter):
    world.started(serial="2", text="修路。", leads=("教育局",))
    table = got(signed_in(world, "联络员 交通局"), "ledger_table", "json").json()
    assert [one["serial"] for one in table["duties"]] == ["1"]


def test_summary_of_a_report_day_names_what_is_missing(world, matter):
    (row,) = half_year_table(world.plan, report_day=date(2020, 6, 20), today=world.now.date()).rows
    later = half_year_table(world.plan, report_day=date(2020, 6, 20), today=date(2020, 7, 14))
    assert later.as_of == date(2020, 7, 14)  # its progress and its lights are of that day
    assert (row.serial, row.units, row.report, row.remark) == ("1", ("教育局",), "", "")
    (late,) = half_year_table(world.plan, report_day=date(2020, 6, 20), today=date(2020, 7, 1)).rows
    assert late.report == ""
    client = signed_in(world, "officer")
    text = text_of(got(client, "reports_table", "pdf", year="2020", day="2020-06-20").content)
    assert "临江区2020年度督查事项上半年完成情况汇总表" in text
    assert "共1项，已报0项，未报1项" in text
    assert got(client, "reports_table", "pdf", year="2020").status_code == 400
    assert got(signed_in(world, "联络员 教育局"), "reports_table", "pdf", day="2020-06-20").status_code == 403


def test_passage_traces_every_figure(world, matter):
    quantified = world.started(serial="2", text="培训农民1.61万人。", kind=Kind.QUANTIFIED)
    given = {"text": "1.61万人", "value": 16100, "unit_of_measure": "人", "sense": "=", "subject": "培训农民"}
    target = quantified.targets.create(**given)
    said = Said(figures={target.pk: "8000"}, sentence="已培训。")
    enter_progress(quantified, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=world.now)
    data = report_passage(world.plan, today=world.now.date())
    sums = [part for one in data.passages for words in one.paragraphs for part in words if hasattr(part, "unit")]
    assert [(one.text, one.source) for one in sums] == [("8000人", "第2项8000人")]
    text = text_of(got(signed_in(world, "officer"), "reports_passage", "pdf", year="2020").content)
    assert "8000人" in text
    assert "数据来源" in text


@pytest.mark.parametrize(("state", "word"), [(State.CARRIED_OVER, "结转下年1项"), (State.SUSPENDED, "暂停1项")])
def test_passage_calls_what_is_stopped_or_goes_on_next_year_neither_done_nor_on_its_way(world, matter, state, word):
    before = State.IN_PROGRESS.value if state is State.SUSPENDED else ""
    Matter.objects.filter(pk=matter.pk).update(state=state, state_before_pause=before)
    data = report_passage(world.plan, today=world.now.date())
    told = "".join(one if isinstance(one, str) else one.text for one in data.passages[0].paragraphs[0])
    assert told == f"全年列入督查的事项1项，{word}。"


def test_list_of_what_was_closed_covers_the_days_asked_for(world):
    granted(world)
    day = world.now.date()
    client = signed_in(world, "officer")
    asked = {"year": "2020", "from": day.isoformat(), "to": day.isoformat()}
    assert "共销号1项" in text_of(got(client, "closing_list", "pdf", **asked).content)
    before = {"year": "2020", "from": "2020-01-01", "to": (day - timedelta(days=1)).isoformat()}
    nothing = client.post(reverse("closing_list", args=["pdf"]), before, follow=True)
    assert "这段时间没有销号的事项" in page_of(nothing)
    wrong = got(client, "closing_list", "pdf", **{"from": "2020-03-01", "to": "2020-02-01"})
    assert (wrong.status_code, "截止日期不能早于起始日期" in page_of(wrong)) == (400, True)


def test_file_of_a_matter_holds_its_facts_and_its_story(world, matter):
    said = Said(pct=Decimal(12), sentence="已选址。")
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=world.now)
    text = text_of(got(signed_in(world, "officer"), "matter_file", matter.pk, "pdf").content)
    for words in ("第1项档案", "新建小学1所。", "立项", "已选址。", "没有提交佐证材料"):
        assert words in text
    assert got(signed_in(world, "联络员 财政局"), "matter_file", matter.pk, "pdf").status_code == 404


def test_unit_that_supports_does_not_read_others_progress_in_the_file(world, matter):
    said = Said(pct=Decimal(12), sentence="只有牵头单位知道。")
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=world.now)
    unit = signed_in(world, "联络员 交通局")
    text = text_of(got(unit, "matter_file", matter.pk, "pdf").content)
    assert "只有牵头单位知道" not in text
    assert "只有牵头单位知道" not in page_of(unit.get(reverse("matter_story", args=[matter.pk])))
    assert "新建小学1所。" in text


def test_duties_of_a_unit_stand_leading_first_with_its_contacts(world, matter):
    world.started(serial="2", text="修路。", leads=("交通局", "教育局"))
    client = signed_in(world, "officer")
    text = text_of(got(client, "unit_list", world.unit("交通局").pk, "pdf", year="2020").content)
    assert "交通局2020年度责任清单" in text
    assert text.index("牵头事项（1项）") < text.index("修路。") < text.index("协办事项（1项）") < text.index("新建小学")
    nothing = client.post(reverse("unit_list", args=[world.unit("财政局").pk, "pdf"]), follow=True)
    assert "财政局没有承办的事项" in page_of(nothing)


def test_page_for_a_leader_puts_what_waits_for_the_leader_first(world, matter, leader):
    told = {"by": world.liaison("教育局"), "now": world.now}
    raise_obstacle(matter, unit=world.unit("教育局"), problem="用地未批", need="请协调用地", to=leader, **told)
    tick(world.now.date(), by=SYSTEM, now=world.now)
    text = text_of(got(signed_in(world, "officer"), "post_brief", leader.pk, "pdf", year="2020").content)
    assert "关于吴一副区长分管联系督查事项进展情况的专报" in text
    assert "一、需要您协调的困难问题（1项）" in text
    assert "第1项（教育局）：用地未批。请协调用地。" in text


def test_page_for_a_leader_says_why_a_light_is_red(world, matter, leader):
    overdue = world.started(serial="2", text="修路。", overseers=(NewOverseer(leader),), due_on=date(2020, 1, 31))
    day = date(2020, 2, 10)
    tick(day, by=SYSTEM, now=world.now.replace(month=2, day=10))
    told = {"by": world.office_head, "now": world.now.replace(month=2, day=10)}
    matter.refresh_from_db()
    override_light(matter, light=Light.RED, reason="施工单位已经撤场", **told)
    data = leader_brief(world.officer, world.plan, post=leader, holder=None, today=day)
    (red,) = [one.items for one in data.lists if one.heading == "红灯事项"]
    said = {one[:4]: one for one in red}
    assert said["第1项（"].endswith("督查室认定：施工单位已经撤场。")
    assert said["第2项（"].endswith("办结时限1月31日已过，尚未申请销号。"), said
    assert overdue.serial == "2"


def test_leader_gets_the_own_page_and_not_anothers(world, matter, leader):
    other = world.post(None, "区长助理", "吴二", kind="leader")
    person = Person.objects.get(name="吴一")
    client = signed_in(world, "officer")
    account = Account.objects.create(username="wu", name="吴一", created_at=world.now, password="!")
    Person.objects.filter(pk=person.pk).update(account=account)
    assert Appointment.objects.filter(person=person, post=leader).exists()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    assert got(client, "post_brief", leader.pk, "pdf").content[:5] == b"%PDF-"
    assert got(client, "post_brief", other.pk, "pdf").status_code == 404
    assert reverse("post_brief", args=[leader.pk, "pdf"]) in page_of(client.get(reverse("my_desk")))
