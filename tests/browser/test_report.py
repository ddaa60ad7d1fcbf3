"""Writing a report on a telephone: the counter counts as the server does, and nothing typed is lost."""

import re
from datetime import datetime

import pytest
from django.urls import reverse

from duban.core import clock
from duban.core.actor import SYSTEM
from duban.orgs.actions import NewPerson, create_people, link_account, name_contact
from duban.orgs.rules import ContactRole
from duban.progress.actions import Said, enter_progress
from duban.reports.models import Report
from tests.browser.conftest import sign_in
from tests.conftest import holder
from tests.matters.builders import World, usual_world
from tests.reports.builders import DAY
from tests.reports.counts import BOUNDS, COUNTS
from tests.web.matter_doors import set_clock

pytestmark = pytest.mark.browser

SENTENCE = "主体结构已经封顶，" * 12 + "正在装修。"


@pytest.fixture
def world(transactional_db, county, account_of, monkeypatch) -> World:
    set_clock(monkeypatch, datetime(2020, 6, 10, 9, 0, tzinfo=clock.SHANGHAI))
    now = clock.now()
    officer, head = (holder(role, jurisdiction=county, name=role) for role in ("officer", "office_head"))
    world = usual_world(county, officer, head, now)
    matter = world.started(text="新建小学，改善办学条件。", serial="1")
    enter_progress(matter, unit=world.unit("教育局"), said=Said(sentence=SENTENCE), by=world.liaison("教育局"), now=now)
    [liaison] = create_people(county, people=[NewPerson("周二")], by=SYSTEM, now=now)
    name_contact(world.unit("教育局"), role=ContactRole.LIAISON, person=liaison, from_on=now.date(), by=SYSTEM, now=now)
    link_account(liaison, account=account_of("lianluo", name="周二"), by=SYSTEM, now=now)
    world.address = reverse("matter_report", args=[matter.pk, DAY.isoformat()])
    return world


def test_page_counts_as_the_server_does(world, new_page):
    page = new_page(width=390, height=844)
    sign_in(page, "lianluo")
    page.goto(world.address)
    texts = [*COUNTS, *BOUNDS]
    counted = page.evaluate("(texts) => texts.map((text) => duban.countChars(text))", [text for text, _ in texts])
    wrong = [(text, mine, theirs) for (text, mine), theirs in zip(texts, counted, strict=True) if mine != theirs]
    assert wrong == []
    within = page.evaluate("[99, 100, 150, 151].map((count) => duban.isWithin(count, 100, 150))")
    assert within == [False, True, True, False]


@pytest.mark.parametrize("javascript", [True, False])
def test_draft_is_handed_in_with_two_taps(world, new_page, javascript):
    page = new_page(javascript=javascript, width=390, height=844)
    sign_in(page, "lianluo")
    page.get_by_role("link", name="写报告").click()
    assert page.url.endswith(world.address)
    assert page.locator("#text").input_value() == SENTENCE
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="报送督查室").click()
    page.get_by_text("已报督查室").wait_for()
    assert [(one.state, one.text) for one in Report.objects.all()] == [("sent", SENTENCE)]
    assert page.problems == []


def test_counter_lives_and_what_is_typed_is_saved_by_itself(world, new_page):
    page = new_page(width=390, height=844)
    sign_in(page, "lianluo")
    page.goto(world.address)
    assert page.locator("#reason_outside").is_hidden()
    page.locator("#text").fill("新增人才1.61万人")
    assert page.locator("#count").text_content() == "7 字"
    page.locator("#reason_outside").wait_for(state="visible")
    page.get_by_text("已自动保存").wait_for()
    assert [(one.state, one.text) for one in Report.objects.all()] == [("draft", "新增人才1.61万人")]
    page.locator("#text").fill("新增人才1.62万人")
    page.wait_for_timeout(600)  # kept on the device, not yet at the server
    page.reload()
    assert page.locator("#text").input_value() == "新增人才1.62万人"
    page.locator("#text").fill("字" * 100)
    page.get_by_role("button", name="报送督查室").click()
    page.get_by_text("已报督查室").wait_for()
    assert [(one.state, one.chars) for one in Report.objects.all()] == [("sent", 100)]
    assert page.problems == []


def test_lost_connection_loses_nothing(world, new_page):
    page = new_page(width=390, height=844)
    sign_in(page, "lianluo")
    page.goto(world.address)
    page.context.set_offline(True)
    page.locator("#text").fill("断网时写的字" * 20)
    page.get_by_text("没有网络，文字保存在本机").wait_for()
    assert Report.objects.count() == 0
    page.context.set_offline(False)
    page.goto(world.address)  # what was kept goes to the server now, if it has not gone the moment the line was back
    page.locator("[data-saved]").filter(has_text=re.compile("已(自动)?保存")).wait_for()
    assert page.locator("#text").input_value() == "断网时写的字" * 20
    assert [one.text for one in Report.objects.all()] == ["断网时写的字" * 20]
