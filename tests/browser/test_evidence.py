"""A liaison officer with a telephone shows what was done: photographs, a document, a link; with or without scripts."""

from io import BytesIO

import pytest
from PIL import Image

from duban.core import clock
from duban.core.actor import SYSTEM
from duban.evidence.models import Evidence
from duban.orgs.actions import NewPerson, create_people, link_account, name_contact
from duban.orgs.rules import ContactRole
from tests.browser.conftest import sign_in
from tests.conftest import holder
from tests.evidence.files import PDF, photograph
from tests.matters.builders import World, usual_world

pytestmark = pytest.mark.browser


@pytest.fixture
def world(transactional_db, county, account_of, settings, tmp_path) -> World:
    settings.FILES_DIR = tmp_path / "files"
    now = clock.now()
    officer, head = (holder(role, jurisdiction=county, name=role) for role in ("officer", "office_head"))
    world = usual_world(county, officer, head, now)
    [liaison] = create_people(county, people=[NewPerson("周二", phone="0595-2")], by=SYSTEM, now=now)
    name_contact(world.unit("教育局"), role=ContactRole.LIAISON, person=liaison, from_on=now.date(), by=SYSTEM, now=now)
    link_account(liaison, account=account_of("lianluo", name="周二"), by=SYSTEM, now=now)
    return world


def sent(name, kind, data):
    return {"name": name, "mimeType": kind, "buffer": data}


@pytest.mark.parametrize("javascript", [True, False])
def test_liaison_gives_and_withdraws_evidence_on_a_telephone(world, new_page, javascript):
    matter = world.started()
    page = new_page(javascript=javascript, width=390, height=844)
    sign_in(page, "lianluo")
    page.goto(f"/matters/{matter.pk}/")
    page.get_by_role("link", name="提交佐证").click()
    photos = [sent(f"IMG_{one}.jpg", "image/jpeg", photograph(size=(40 + one, 30))) for one in range(2)]
    page.locator("#photos").set_input_files(photos)
    page.locator("#documents").set_input_files(sent("伪装.pdf", "application/pdf", b"<script>" + PDF))
    page.locator("#title").fill("主体封顶")
    page.get_by_text("登记网上的链接").click()
    page.locator("#link_title").fill("项目公示")
    page.locator("#address").fill("https://www.linjiang.example/gs/1.html")
    page.get_by_role("button", name="提交", exact=True).click()
    page.get_by_text("“伪装.pdf”的内容不是 PDF 文件，请核对后再传。 改好后，文件须重新选择。").wait_for()
    assert page.locator("#title").input_value() == "主体封顶"
    assert page.locator("#address").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert Evidence.objects.count() == 0

    page.locator("#photos").set_input_files(photos)
    page.get_by_role("button", name="提交", exact=True).click()
    page.get_by_text("已提交 3 份佐证材料。").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    with page.expect_download() as download:
        page.get_by_role("link", name="下载主体封顶（1）").click()
    assert download.value.suggested_filename == "IMG_0.jpg"
    assert Image.open(BytesIO(download.value.path().read_bytes())).size == (30, 40)

    page.locator(".piece", has_text="项目公示").get_by_role("link", name="撤下").click()
    page.locator("#reason").fill("网址换了")
    page.get_by_role("button", name="撤下").click()
    page.get_by_text("已撤下“项目公示”。").wait_for()
    assert Evidence.objects.standing().count() == 2
    assert page.problems == []


def test_picture_drawn_anew_is_shown_by_the_browser(world, new_page):
    matter = world.started()
    page = new_page(width=390, height=844)
    sign_in(page, "lianluo")
    page.goto(f"/matters/{matter.pk}/evidence/")
    page.locator("#photos").set_input_files(sent("IMG.jpg", "image/jpeg", photograph()))
    page.get_by_role("button", name="提交", exact=True).click()
    with page.expect_popup() as popup:
        page.locator(".piece a").first.click()
    shown = popup.value
    shown.wait_for_load_state()
    assert shown.evaluate("[document.images[0].naturalWidth, document.images[0].naturalHeight]") == [30, 40]
