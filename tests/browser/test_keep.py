"""A connection that breaks, a session that ends, a page left half-way: nothing typed is lost."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from duban.core import clock
from duban.core.actor import SYSTEM
from duban.orgs.actions import NewPerson, create_people, link_account, name_contact
from duban.orgs.rules import ContactRole
from duban.progress.models import Progress
from tests.browser.conftest import PASSWORD, sign_in
from tests.conftest import holder
from tests.matters.builders import World, usual_world

pytestmark = pytest.mark.browser

KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('duban-typed:'))"
SENTENCE = "主体结构已经封顶，正在装修。"


@pytest.fixture
def address(transactional_db, county, account_of) -> str:
    now = clock.now()
    officer, head = (holder(role, jurisdiction=county, name=role) for role in ("officer", "office_head"))
    world: World = usual_world(county, officer, head, now)
    matter = world.started(text="新建小学，改善办学条件。", serial="1")
    [liaison] = create_people(county, people=[NewPerson("周二")], by=SYSTEM, now=now)
    name_contact(world.unit("教育局"), role=ContactRole.LIAISON, person=liaison, from_on=now.date(), by=SYSTEM, now=now)
    link_account(liaison, account=account_of("lianluo", name="周二"), by=SYSTEM, now=now)
    return reverse("matter_progress", args=[matter.pk])


def test_what_was_typed_offline_is_there_again_and_goes_once_it_is_sent(address, new_page):
    page = new_page(width=390, height=844)
    sign_in(page, "lianluo")
    page.goto(address)
    page.locator("#sentence").fill(SENTENCE)
    page.get_by_text("有困难但可完成").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="填报", exact=True).click()
    page.get_by_text("现在没有网络").wait_for()
    page.context.set_offline(False)
    page.goto(address)  # the page was closed, or the browser was
    page.get_by_text("已恢复上次没有提交的内容").wait_for()
    assert page.locator("#sentence").input_value() == SENTENCE
    assert page.get_by_label("有困难但可完成").is_checked()
    page.get_by_role("button", name="填报", exact=True).click()
    page.get_by_text("已填报教育局的进展").wait_for()
    assert Progress.objects.get().sentence == SENTENCE
    page.goto(address)
    assert page.locator("#sentence").input_value() == ""
    assert page.problems == []


def test_what_was_typed_is_gone_after_signing_out(address, new_page):
    page = new_page()
    sign_in(page, "lianluo")
    page.goto(address)
    page.locator("#sentence").fill(SENTENCE)
    page.wait_for_timeout(700)
    assert len(page.evaluate(KEPT)) == 1
    page.locator(".account summary").click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in/**")
    assert page.evaluate(KEPT) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_text_survives_a_session_that_ends_while_typing(address, new_page, javascript):
    page = new_page(javascript=javascript, width=390, height=844)
    sign_in(page, "lianluo")
    page.goto(address)
    page.locator("#sentence").fill(SENTENCE)
    for row in Session.objects.all():
        session = row.get_decoded()
        session["seen_s"] -= 3 * 3600
        Session.objects.filter(pk=row.pk).update(session_data=row.__class__.get_session_store_class()().encode(session))
    page.get_by_role("button", name="填报", exact=True).click()
    page.wait_for_url("**/sign-in/**")
    page.get_by_text("填写的内容已保留").wait_for()
    page.locator("#username").fill("lianluo")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_text(SENTENCE).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="继续提交").click()
    page.get_by_text("已填报教育局的进展").wait_for()
    assert Progress.objects.get().sentence == SENTENCE
