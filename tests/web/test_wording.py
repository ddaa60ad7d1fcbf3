"""行文模板: shown in a letter before they hold; drafts already written keep their words."""

from io import BytesIO

import pdfplumber
import pytest
from django.urls import reverse

from duban.letters.models import Letter
from duban.papers.models import Template
from duban.papers.wording import template_kinds
from tests.letters.builders import letter_of, round_of, slow_matter, staff
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in
from tests.web.test_letters import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    set_clock(monkeypatch, NOW)


def address(world, key="remind"):
    return reverse("policy_template", args=[world.plan.pk, key])


def form(key="remind", **changes):
    return {**template_kinds()[key].shipped.parts(), "version": "0", "reason": "写得更客气", "step": "adopt", **changes}


def test_list_shows_every_template_and_links_to_it(world):
    page = signed_in(world, "officer").get(reverse("policy_wording", args=[world.plan.pk]))
    text = page.content.decode()
    assert [text.count(f'href="{address(world, key)}"') for key in template_kinds()] == [1] * len(template_kinds())
    assert "修改</a>" not in text


def test_head_of_the_office_adopts_and_the_next_letter_is_written_so(world):
    staff(world)
    slow_matter(world, serial="1")
    round_of("2020-02-06")
    before = letter_of()
    client = signed_in(world, "office_head")
    new = "烦请{单位}于 {天数} 个工作日内改正。"
    assert client.post(address(world), form(demand=new)).status_code == 302
    slow_matter(world, serial="2", leads=("交通局",))
    round_of("2020-02-07")
    after = letter_of(unit=world.unit("交通局"))
    assert after.demand == "烦请交通局于 5 个工作日内改正。"
    assert Letter.objects.get(pk=before.pk).demand == before.demand != after.demand


def test_preview_shows_the_words_in_the_last_letter_and_writes_nothing(world):
    staff(world)
    slow_matter(world, serial="1")
    round_of("2020-02-06")
    client = signed_in(world, "office_head")
    page = client.post(address(world), form(step="look", demand="烦请{单位}于 {天数} 个工作日内改正。"))
    text = page.content.decode()
    assert "烦请教育局于 5 个工作日内改正。" in text
    assert "改造校舍1。" in text
    assert "还没有启用" in text
    assert Template.objects.count() == 0


def test_preview_can_be_had_as_a_draft_on_paper(world):
    staff(world)
    slow_matter(world, serial="1")
    round_of("2020-02-06")
    client = signed_in(world, "office_head")
    page = client.post(address(world), form(step="pdf", demand="烦请{单位}于 {天数} 个工作日内改正。"))
    with pdfplumber.open(BytesIO(page.content)) as pdf:
        text = pdf.pages[0].extract_text().replace("\n", "").replace(" ", "")
    assert "烦请教育局于5个工作日内改正。" in text
    assert Template.objects.count() == 0
    refused = client.post(address(world), form(step="pdf", demand="请改正。"))
    assert (refused.status_code, "缺少字段" in refused.content.decode()) == (400, True)


def test_unknown_field_is_named_and_nothing_typed_is_lost(world):
    client = signed_in(world, "office_head")
    page = client.post(address(world), form(opening="{局长}您好：", reason="试试"))
    text = page.content.decode()
    assert page.status_code == 400
    assert "开头里没有“{局长}”这个字段" in text
    assert "{局长}您好：</textarea>" in text
    assert 'value="试试"' in text
    assert Template.objects.count() == 0


def test_officer_sees_a_template_and_does_not_change_it(world):
    client = signed_in(world, "officer")
    assert "看样稿" not in client.get(address(world)).content.decode()
    assert client.post(address(world), form(demand="请于 {天数} 个工作日内改正。")).status_code == 403
    assert client.get(address(world, "nothing")).status_code == 404


def test_who_saves_second_sees_both(world):
    client = signed_in(world, "office_head")
    client.post(address(world), form(demand="请于 {天数} 个工作日内改正。"))
    page = client.post(address(world), form(demand="请在 {天数} 个工作日内改正。"))
    text = page.content.decode()
    assert page.status_code == 409
    assert "请于 {天数} 个工作日内改正。" in text
    assert "请在 {天数} 个工作日内改正。</textarea>" in text
    assert page.context["version"] == 1


def test_earlier_version_and_the_shipped_words_can_be_taken_again(world):
    client = signed_in(world, "office_head")
    client.post(address(world), form(demand="请于 {天数} 个工作日内改正。"))
    client.post(address(world), form(demand="请在 {天数} 个工作日内改正。", version="1"))
    assert client.get(address(world)).context["parts"][2]["typed"] == "请在 {天数} 个工作日内改正。"
    assert client.get(address(world) + "?version=1").context["parts"][2]["typed"] == "请于 {天数} 个工作日内改正。"
    shipped = client.get(address(world) + "?version=0").context["parts"][2]["typed"]
    assert shipped == template_kinds()["remind"].shipped.demand
    assert client.get(address(world) + "?version=9").status_code == 404
