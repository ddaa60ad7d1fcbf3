"""交办通知: what was handed out is told to all who have a part in it, numbered without a gap, frozen."""

from datetime import timedelta
from io import BytesIO

import pdfplumber
import pytest
from django.urls import reverse

from duban.core.errors import Invalid, NotAllowed
from duban.matters.models import Plan
from duban.matters.rules import Origin
from duban.orgs.models import Unit
from duban.papers import actions
from duban.papers.actions import adopt_template, issue_assignment
from duban.papers.models import IssuedPaper, NumberCounter
from duban.papers.queries import assignment_notice, matters_to_notify, opened_paper, papers_for
from duban.papers.rules import Format
from duban.papers.wording import template_kinds
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def matters(world):
    return [
        world.assigned(serial="1", text="新建小学1所。", supports=("交通局",)),
        world.assigned(serial="2", text="改造校舍2栋。"),
    ]


def text_of(paper: IssuedPaper) -> str:
    with opened_paper(paper, Format.PDF) as kept, pdfplumber.open(kept) as pdf:
        return "".join(page.extract_text() for page in pdf.pages).replace("\n", "").replace(" ", "")


def issued(world, matters, *, by=None) -> IssuedPaper:
    return issue_assignment(world.plan, matters=matters, by=by or world.officer, now=world.now)


def test_notice_goes_to_every_unit_with_the_table_behind_it(world, matters):
    Unit.objects.filter(name="教育局").update(full_name="临江区教育局")
    paper = issued(world, matters)
    assert (paper.number_text, paper.version, paper.kind) == ("临江政督交〔2020〕1号", 1, "assignment")
    assert {one.name for one in paper.units.all()} == {"教育局", "交通局"}
    assert set(paper.matters.all()) == set(matters)
    text = text_of(paper)
    for words in ("临江政督交〔2020〕1号", "临江区教育局、交通局：", "督查事项2项", "新建小学1所。", "改造校舍2栋。"):
        assert words in text
    assert [is_told for _, is_told in matters_to_notify(world.plan)] == [True, True]


def test_template_of_the_office_is_used(world, matters):
    parts = template_kinds()["assignment"].shipped.parts() | {"demand": "{签收天数}个工作日内签收。"}
    told = {"by": world.office_head, "now": world.now}
    adopt_template(world.county, key="assignment", parts=parts, reason="短一些", seen=0, **told)
    assert "个工作日内签收。" in text_of(issued(world, matters))


def test_what_is_not_handed_out_is_not_in_a_notice(world, matters):
    with pytest.raises(Invalid, match="还没有交办"):
        issued(world, [*matters, world.registered(serial="3")])
    with pytest.raises(Invalid, match="请选择"):
        issued(world, [])
    with pytest.raises(NotAllowed):
        issued(world, matters, by=world.liaison("教育局"))
    assert (IssuedPaper.objects.count(), NumberCounter.objects.count()) == (0, 0)


def test_number_taken_meanwhile_is_drawn_anew_with_the_next(world, matters, monkeypatch):
    drawn, rivals = actions.drawn, []

    def beaten_once(*args, **more):
        if not rivals:
            rivals.append(None)
            told = {"by": world.officer, "now": world.now}
            actions.allot_number(world.county.pk, kind="assignment", year=2020, **told)
        return drawn(*args, **more)

    monkeypatch.setattr(actions, "drawn", beaten_once)
    paper = issued(world, matters)
    assert paper.number_text == "临江政督交〔2020〕2号"
    assert "临江政督交〔2020〕2号" in text_of(paper)


def test_failing_to_freeze_leaves_no_gap_in_the_numbers(world, matters, monkeypatch):
    def fails(*args, **more):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(actions, "freeze_paper", fails)
    with pytest.raises(RuntimeError):
        issued(world, matters)
    monkeypatch.undo()
    assert issued(world, matters).number_text == "临江政督交〔2020〕1号"


def test_units_see_the_notices_sent_to_them(world, matters):
    first, second = issued(world, matters[:1]), issued(world, matters[1:])
    assert list(papers_for(world.liaison("交通局"))) == [first]
    assert list(papers_for(world.liaison("教育局"))) == [second, first]
    assert list(papers_for(world.liaison("财政局"))) == []


def test_many_recipients_stand_in_protocol_order(world):
    names = ["供电公司", "海安镇", "财政局"]
    for name, kind in zip(names, ("vertical", "town", "department"), strict=True):
        Unit.objects.filter(pk=world.unit(name).pk).update(unit_type=kind)
    matter = world.assigned(serial="1", leads=tuple(names))
    data = assignment_notice(world.plan, matters=[matter], number=1, on=world.now.date(), is_draft=True)
    assert data.page().recipients == "海安镇，财政局，供电公司"
    assert (data.content.number, data.page().watermark) == ("", "草稿")


# ---- on pages


@pytest.fixture
def client(world, monkeypatch):
    set_clock(monkeypatch, world.now)
    return signed_in(world, "officer")


def test_officer_looks_at_a_draft_and_issues_the_notice(world, matters, client):
    address = reverse("plan_assignment", args=[world.plan.pk])
    chosen = {"matter": [one.pk for one in matters]}
    draft = client.post(address, chosen | {"step": "pdf"})
    with pdfplumber.open(BytesIO(draft.content)) as pdf:
        assert "临江政督交" not in pdf.pages[0].extract_text()
    assert IssuedPaper.objects.count() == 0
    page = client.post(address, chosen | {"step": "issue"}, follow=True).content.decode()
    assert "已发出临江政督交〔2020〕1号，并存档。" in page
    assert "临江政督交〔2020〕1号" in client.get(reverse("papers")).content.decode()
    again = client.get(address)
    assert [one["is_chosen"] for one in again.context["rows"]] == [False, False]


def test_document_of_a_closed_year_offers_no_place_for_a_scan(world, matters, client):
    client.post(reverse("plan_assignment", args=[world.plan.pk]), {"matter": [matters[0].pk], "step": "issue"})
    paper = IssuedPaper.objects.get()
    address = reverse("paper", args=[paper.pk])
    assert "附盖章原件的扫描件" in client.get(address).content.decode()
    Plan.objects.update(closed_at=paper.issued_at + timedelta(days=300), closed_by_name="主任甲")
    assert "附盖章原件的扫描件" not in client.get(address).content.decode()


def test_what_the_years_notice_handed_out_is_not_chosen_unless_asked_for(world, matters, client):
    other = world.assigned(serial="3", origin=Origin.INSTRUCTION)
    address = reverse("plan_assignment", args=[world.plan.pk])

    def chosen(query=""):
        return [one["matter"] for one in client.get(address + query).context["rows"] if one["is_chosen"]]

    assert chosen() == [other]
    assert chosen("?all") == [*matters, other]


def test_nothing_chosen_is_said(world, matters, client):
    for step in ("issue", "pdf", "docx"):
        page = client.post(reverse("plan_assignment", args=[world.plan.pk]), {"step": step})
        assert page.status_code == 400
        assert "请选择要写进通知的事项。" in page.content.decode()


def test_unit_opens_its_notice_and_another_does_not(world, matters, client):
    paper = issued(world, matters[:1])
    unit = signed_in(world, "联络员 交通局")
    assert unit.get(reverse("paper_pdf", args=[paper.pk])).status_code == 200
    assert unit.get(reverse("paper", args=[paper.pk])).status_code == 200
    assert signed_in(world, "联络员 财政局").get(reverse("paper", args=[paper.pk])).status_code == 404
