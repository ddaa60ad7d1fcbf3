"""A liaison officer with a telephone: signs for everything in a few taps, and finds what is owed next."""

import pytest

from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.matters.models import Assignment, Obligation
from duban.matters.rules import OwedState
from duban.orgs.actions import NewPerson, create_people, link_account, name_contact
from duban.orgs.rules import ContactRole
from tests.browser.conftest import sign_in
from tests.conftest import holder
from tests.matters.builders import World, usual_world

pytestmark = pytest.mark.browser

TAPS_MOST = 6


@pytest.fixture
def world(transactional_db, county, account_of) -> World:
    now = clock.now()
    officer, head = (holder(role, jurisdiction=county, name=role) for role in ("officer", "office_head"))
    world = usual_world(county, officer, head, now)
    for number in range(1, 9):
        world.assigned(text=f"新建小学{number}所，改善办学条件，年底前投入使用。", serial=str(number))
    world.assigned(text="改造校门口道路。", serial="9", leads=("交通局",), supports=("教育局",))
    [liaison] = create_people(county, people=[NewPerson("周二", phone="0595-2")], by=SYSTEM, now=now)
    name_contact(world.unit("教育局"), role=ContactRole.LIAISON, person=liaison, from_on=now.date(), by=SYSTEM, now=now)
    link_account(liaison, account=account_of("lianluo", name="周二"), by=SYSTEM, now=now)
    return world


@pytest.mark.parametrize("javascript", [True, False])
def test_liaison_signs_everything_on_a_telephone(world, new_page, javascript):
    page = new_page(javascript=javascript, width=390, height=844)
    sign_in(page, "lianluo")
    taps = 0
    assert page.url.endswith("/my/")
    for click in (
        lambda: page.get_by_role("link", name="去签收").click(),
        lambda: page.locator("#deputy_name").fill("周三"),
        lambda: page.get_by_role("button", name="签收全部 9 项").click(),
    ):
        click()
        taps += 1
    assert taps <= TAPS_MOST
    page.get_by_text("教育局已签收 9 项。").wait_for()
    assert page.url.endswith("/my/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    unit = world.unit("教育局")
    assert not Assignment.objects.filter(unit=unit, acknowledged_at=None).exists()
    assert set(Assignment.objects.filter(unit=unit, part="lead").values_list("responsible_leader", flat=True)) == {
        "周三"
    }
    assert not Obligation.objects.filter(unit=unit, matter=None, state=OwedState.OPEN).exists()
    assert Event.objects.filter(name=EventName.MATTER_ACKNOWLEDGED, actor_name="周二").count() == 9
    assert page.problems == []
