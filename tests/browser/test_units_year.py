"""The units' year on a telephone: signed, reported with a figure, the half-year report from its draft, closed.

Once with scripts and once without; each of the others then does the one thing that waits on their desk.
"""

from datetime import UTC, datetime

import pytest

from duban.audit.models import Event
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.matters.actions import NewOverseer, NewTarget, name_contact
from duban.matters.models import Matter
from duban.orgs.actions import NewPerson, create_people, link_account
from duban.orgs.models import Person
from duban.orgs.rules import ContactRole
from duban.reports.models import Report
from tests.browser.conftest import sign_in
from tests.conftest import holder
from tests.matters.builders import World, usual_world

pytestmark = pytest.mark.browser

TAPS_BELOW = 12
MORNING = datetime(2020, 6, 15, 9, 0, tzinfo=clock.SHANGHAI)
SENTENCE = (
    "已兑现安家补助和租房补贴两批，新建人才公寓三十套并交付使用，人才服务专窗全年受理事项一千二百余件，办结率达到九成以上；"
    "引进的高校毕业生到岗率保持稳定，用人单位满意度较高，各项扶持政策全部落实到位"
)


@pytest.fixture
def world(transactional_db, county, account_of, monkeypatch) -> World:
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str((MORNING - datetime.now(UTC)).total_seconds()))  # noqa: TID251
    now = clock.now()
    told = {"by": SYSTEM, "now": now}
    officer, head = (holder(role, jurisdiction=county, name=role) for role in ("officer", "office_head"))
    world = usual_world(county, officer, head, now)
    leader, chief = (
        world.post(None, "副区长", "吴一", kind="leader"),
        world.post("教育局", "局长", "周一", kind="unit_head"),
    )
    world.assigned(
        text="新增人才1.61万人。",
        serial="1",
        overseers=[NewOverseer(leader)],
        targets=[NewTarget("1.61万人", 16100, None, "人", "=", "新增人才")],
    )
    liaison, deputy = create_people(county, people=[NewPerson("周二"), NewPerson("周三")], **told)
    education = world.unit("教育局")
    name_contact(education, role=ContactRole.LIAISON, person=liaison, from_on=now.date(), **told)
    name_contact(education, role=ContactRole.DEPUTY, person=deputy, from_on=now.date(), **told)
    for username, person in (
        ("lianluo", liaison),
        ("fenguan", deputy),
        ("juzhang", Person.objects.get(appointments__post=chief)),
        ("quling", Person.objects.get(appointments__post=leader)),
    ):
        link_account(person, account=account_of(username, name=person.name), **told)
    account_of("ducha", role="officer", jurisdiction=county, name="督查员甲")
    account_of("zhuren", role="office_head", jurisdiction=county, name="主任甲")
    return world


class Taps:
    """Counts what a thumb does."""

    def __init__(self, page) -> None:
        self.page, self.count = page, 0

    def press(self, role: str, name: str, *, exact: bool = False) -> None:
        self.page.get_by_role(role, name=name, exact=exact).first.click()
        self.count += 1

    def tick(self, selector: str) -> None:
        self.page.locator(selector).check()
        self.count += 1

    def type(self, selector: str, words: str) -> None:
        self.page.locator(selector).fill(words)
        self.count += 1


def opened(new_page, username: str, *, javascript: bool, width: int):
    page = new_page(javascript=javascript, width=width, height=844)
    sign_in(page, username)
    return page


def is_narrow_enough(page) -> bool:
    return page.locator("html").evaluate("(page) => page.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_unit_signs_reports_and_closes_and_everybody_does_the_one_thing_that_waits(world, new_page, javascript):
    page = opened(new_page, "lianluo", javascript=javascript, width=390)
    thumb = Taps(page)
    thumb.press("link", "去签收")
    thumb.press("button", "签收全部 1 项")
    page.get_by_text("教育局已签收 1 项。").wait_for()
    thumb.press("link", "写报告")
    assert is_narrow_enough(page)
    thumb.press("link", "填报进展")
    thumb.type("[name^=figure-]", "1.61万")
    thumb.type("#sentence", SENTENCE)
    thumb.press("button", "填报", exact=True)
    page.get_by_text("完成 100%").first.wait_for()
    assert is_narrow_enough(page)
    thumb.press("link", "写6月20日报告")
    text = page.locator("#text").input_value()
    assert "1.61万人" in text
    thumb.press("button", "提交审签")
    page.get_by_text("已提交").first.wait_for()
    assert thumb.count < TAPS_BELOW
    thumb.press("link", "申请销号")
    thumb.tick("[name=done]:not(:checked)")
    thumb.press("button", "送主要负责人审签")
    page.get_by_text("已送主要负责人审签。").wait_for()
    assert is_narrow_enough(page)
    assert page.problems == []

    def at_desk(username: str, word: str, *, width: int = 390):
        page = opened(new_page, username, javascript=javascript, width=width)
        page.goto("/")
        page.locator(".due-lines a").filter(has_text=word).first.click()
        assert is_narrow_enough(page)
        return page

    page = at_desk("fenguan", "审签")
    page.get_by_role("button", name="审签所选报告，报督查室").click()
    page.get_by_text("已审签").first.wait_for()

    page = at_desk("ducha", "审核", width=1440)
    page.locator("[name=report]").first.check()
    page.get_by_role("button", name="采用所选").click()
    page.get_by_text("已采用").first.wait_for()
    report = Report.objects.get()
    assert (report.state, 100 <= report.chars <= 150, report.text) == ("accepted", True, text)

    page = at_desk("juzhang", "审签")
    page.get_by_role("button", name="同意，申请销号").click()
    page.get_by_text("已申请销号，等待领导签批。").wait_for()

    page = at_desk("quling", "签批")
    page.get_by_role("button", name="同意", exact=True).click()
    page.get_by_text("已签批，转督查室核验。").wait_for()

    page = at_desk("ducha", "核验", width=1440)
    for box in page.locator("[name=true]").all():
        box.check()
    page.get_by_text("现场核验", exact=True).click()
    page.locator("#findings").fill("抽查名册三十人，在岗属实。")
    page.get_by_role("button", name="登记核验情况").click()
    page.get_by_text("核验情况已登记").wait_for()

    page = at_desk("zhuren", "审定", width=1440)
    page.locator("#conclusion").fill("目标全部完成，准予销号。")
    page.get_by_role("button", name="准予销号").click()
    page.get_by_text("已销号。").first.wait_for()

    matter = Matter.objects.get()
    assert matter.state == "closed"
    told = list(Event.objects.filter(matter_id=matter.pk).order_by("matter_no").values_list("name", flat=True))
    wanted = [
        "matters.acknowledged",
        "progress.entered",
        "reports.submitted",
        "closing.prepared",
        "reports.approved",
        "reports.accepted",
        "matters.closure_asked",
        "closing.agreed",
        "closing.verified",
        "matters.closed",
    ]
    assert [name for name in told if name in wanted] == wanted
