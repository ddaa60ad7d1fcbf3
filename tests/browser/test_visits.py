"""A visit on a phone without a network: the page opens, takes results and photographs, and sends them once it can."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from duban.core import clock
from duban.evidence.models import Evidence
from duban.visits.actions import Given, confirm_visit, hold_visit, record_results
from duban.visits.models import Answer, Submission
from duban.visits.rules import Result
from tests.browser.conftest import sign_in
from tests.conftest import holder
from tests.matters.builders import World, make_world
from tests.visits.builders import answered, approved, claims, standing

pytestmark = pytest.mark.browser

TAKEN_ALONG = "本页已存在本机"
LIES_HERE = "没有网络。内容已存在本机"


@pytest.fixture
def visit(transactional_db, county, account_of, now):
    officer, head = (holder(role, jurisdiction=county, name=role) for role in ("officer", "office_head"))
    world: World = make_world(county, officer, head, now)
    account_of("ducha", role="officer", jurisdiction=county, name="督查员甲")
    account_of("erhao", role="officer", jurisdiction=county, name="督查员乙")
    found = approved(world)
    found.world = world
    return found


def photograph() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(stream, "PNG")
    return stream.getvalue()


def opened(new_page, visit, username: str = "ducha", **more):
    """The page on a phone, taken along."""
    page = new_page(width=390, height=844, **more)
    sign_in(page, username)
    page.goto(reverse("visit_field", args=[visit.pk]))
    page.get_by_text(TAKEN_ALONG).wait_for()
    return page


def choose(page, claim, word: str, found: str = "") -> None:
    place = page.locator(f'[data-claim="{claim.pk}"]')
    place.get_by_text(word, exact=True).click()
    if found:
        place.locator("textarea").fill(found)


def test_visit_is_filled_in_without_a_network_and_sent_when_there_is_one(visit, new_page):
    page = opened(new_page, visit)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.context.set_offline(True)
    page.reload()  # from what lies on the device
    one, two, *rest = claims(visit)
    choose(page, one, "不实", "现场没有建成。")
    for each in (two, *rest):
        choose(page, each, "属实")
    page.locator(f"#photo-{one.item_id}").set_input_files(
        {"name": "现场.png", "mimeType": "image/png", "buffer": photograph()}
    )
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text(LIES_HERE).wait_for()
    page.reload()
    page.get_by_text("已恢复存在本机").wait_for()
    assert page.locator(f"#found-{one.pk}").input_value() == "现场没有建成。"
    assert page.locator(f"#result-{two.pk}-true").is_checked()
    assert page.get_by_text("现场.png").is_visible()
    assert Answer.objects.count() == 0
    page.context.set_offline(False)
    page.get_by_text(f"已收到 {2 + len(rest)} 条结果，1 张照片").wait_for()
    assert standing(visit) == [("untrue", "现场没有建成。"), *[("true", "")] * (1 + len(rest))]
    assert Evidence.objects.get().subject_id == visit.pk
    assert Submission.objects.count() == 1
    assert page.problems == []


def test_answer_that_was_lost_on_the_way_back_is_not_doubled(visit, new_page):
    page = opened(new_page, visit)
    address = f"**{reverse('visit_field', args=[visit.pk])}"

    def lose(route):
        if route.request.method != "POST":
            route.continue_()
            return
        route.fetch()  # the server has it; the telephone hears nothing of it
        route.abort()

    page.route(address, lose)
    choose(page, claims(visit)[0], "属实")
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text(LIES_HERE).wait_for()
    assert Answer.objects.count() == 1
    page.unroute(address)
    page.reload()
    page.get_by_text("之前已经收到，没有重复记录").wait_for()
    assert Answer.objects.count() == Submission.objects.count() == 1


def test_what_is_added_after_a_sending_without_an_answer_is_not_lost(visit, new_page):
    page = opened(new_page, visit)
    page.context.set_offline(True)
    one, two = claims(visit)[:2]
    choose(page, one, "属实")
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text(LIES_HERE).wait_for()
    choose(page, two, "基本属实", "差一面墙。")
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text(LIES_HERE).wait_for()
    page.context.set_offline(False)
    page.get_by_text("已收到 2 条结果").wait_for()
    assert standing(visit) == [("true", ""), ("mostly", "差一面墙。")]


def test_what_is_typed_while_it_is_sent_is_neither_lost_nor_doubled(visit, new_page):
    page = opened(new_page, visit)
    address = f"**{reverse('visit_field', args=[visit.pk])}"
    one, two = claims(visit)[:2]

    under_way = []
    page.route(address, lambda route: under_way.append(route) if route.request.method == "POST" else route.continue_())
    choose(page, one, "属实")
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text("正在报送").wait_for()
    while not under_way:
        page.wait_for_timeout(20)
    answer = under_way[0].fetch()  # the server has it; meanwhile its owner goes on typing
    choose(page, two, "属实")
    choose(page, one, "基本属实", "差一面墙。")
    under_way[0].fulfill(response=answer)
    page.get_by_text("刚才又填的已存在本机").wait_for()
    page.unroute(address)
    assert standing(visit) == [("true", "")]
    page.reload()
    page.get_by_text("已恢复存在本机").wait_for()
    assert page.locator(f"#found-{one.pk}").input_value() == "差一面墙。"
    assert page.locator(f"#result-{two.pk}-true").is_checked()
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text("已收到 2 条结果").wait_for()
    assert standing(visit) == [("mostly", "差一面墙。"), ("true", "")]
    assert Answer.objects.filter(is_conflict=True).count() == 0
    assert page.problems == []


def test_page_kept_on_the_device_does_not_use_a_key_twice(visit, new_page):
    page = opened(new_page, visit)
    one, two = claims(visit)[:2]
    key = page.locator("input[name=key]").input_value()
    given = [Given(one.pk, Result.TRUE, "")]
    record_results(visit, key=key, given=given, by=visit.world.officer, now=clock.now())
    choose(page, two, "属实")
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text("已收到 1 条结果").wait_for()
    assert standing(visit) == [("true", ""), ("true", "")]


def test_what_came_too_late_is_shown_and_not_thrown_away(visit, new_page):
    page = opened(new_page, visit)
    page.context.set_offline(True)
    one = claims(visit)[0]
    choose(page, one, "不实", "没有建成。")
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text(LIES_HERE).wait_for()
    head = visit.world.office_head
    answered(visit.world, visit, key="phone-0009")
    hold_visit(visit, visited_on=clock.today(), by=visit.world.officer, now=clock.now())
    confirm_visit(visit, by=head, now=clock.now())
    page.context.set_offline(False)
    page.get_by_text("内容仍存在本机").wait_for()
    page.reload()
    page.get_by_text("没有报送成功的内容，请抄下告知督查室").wait_for()
    assert page.locator(f"#found-{one.pk}").input_value() == "没有建成。"


def test_two_phones_that_disagree_are_told_in_words(visit, new_page):
    page = opened(new_page, visit, "erhao")
    page.context.set_offline(True)
    one = claims(visit)[0]
    choose(page, one, "不实", "没有建成。")
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text(LIES_HERE).wait_for()
    given = [Given(one.pk, Result.TRUE, "")]
    record_results(visit, key="phone-0001", given=given, by=visit.world.officer, now=clock.now())
    page.context.set_offline(False)
    page.get_by_text("两条都已保留，请商定采用哪一条").wait_for()
    assert Answer.objects.filter(claim=one).count() == 2


def test_what_is_not_whole_is_marked_and_stays(visit, new_page):
    page = opened(new_page, visit)
    one = claims(visit)[0]
    choose(page, one, "不实")
    page.get_by_role("button", name="保存并报送").click()
    page.get_by_text("有 1 条没有填全").wait_for()
    assert page.locator(f'[data-claim="{one.pk}"]').get_attribute("class") == "claim is-lacking"
    assert Answer.objects.count() == 0


def test_another_account_sees_nothing_of_what_lies_on_the_device(visit, new_page):
    page = opened(new_page, visit)
    choose(page, claims(visit)[0], "属实")
    page.get_by_text("已存在本机，还没有报送").wait_for()
    page.locator(".account summary").click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in/**")
    assert page.evaluate("caches.has('duban-visits')") is False
    sign_in(page, "erhao")
    page.goto(reverse("visit_field", args=[visit.pk]))
    page.get_by_text(TAKEN_ALONG).wait_for()
    assert not page.locator(f"#result-{claims(visit)[0].pk}-true").is_checked()
