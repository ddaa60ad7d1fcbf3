"""From the red-headed notice to the ledger: by keyboard alone, and once more without scripts."""

import re
import time

import pytest

from duban.access.models import Account
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core.actor import SYSTEM
from duban.intake.models import Cell, Notice, Row
from duban.matters.actions import assign_matters
from duban.matters.models import Matter
from duban.orgs.actions import NewPerson, create_people, name_contact
from duban.orgs.models import Jurisdiction, Unit
from duban.orgs.rules import ContactRole
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

SAMPLE = "examples/quangang-2020-2.txt"


@pytest.fixture
def place(transactional_db):
    return Jurisdiction.objects.create(level="county", name="临江市临江区", short_name="临江区")


@pytest.fixture
def sample_place(transactional_db):
    return Jurisdiction.objects.create(level="county", name="泉州市泉港区", short_name="泉港区")


class Keys:
    """Counts every key pressed and waits until the desk has answered."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def at(self, words: str) -> None:
        self.page.locator("#desk[data-ready] .pane-reading h2", has_text=re.compile(words)).wait_for()

    def answered(self) -> None:
        """The findings are settled and the desk takes keys again."""
        self.page.locator("#desk[data-ready]:not(:has(.findings))").wait_for()


def test_officer_goes_from_upload_to_ledger_without_the_mouse(new_page, account_of, sample_place, now):
    account_of("officer", role="officer", jurisdiction=sample_place, name="督查员甲")
    page = new_page()
    sign_in(page, "officer")
    keys = Keys(page)

    page.goto("/notices/upload/")
    page.locator("#file").focus()
    page.locator("#file").set_input_files(SAMPLE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # in the field of the year: sends the form
    page.wait_for_url(re.compile(r"/desk/"))
    began = time.monotonic()

    # the notice itself: what is missing is known, on to the rows
    keys.at("通知本身")
    keys.press("x")
    keys.answered()
    keys.press("Enter")

    keys.at("第 16 项")
    assert "自然资源局" in page.locator(".finding-offer").inner_text()
    keys.press("a")
    keys.answered()
    assert "人工更正" in page.locator("#cell-lead_units").inner_text()
    keys.press("Enter")

    for serial in ("33", "80"):
        keys.at(f"第 {serial} 项")
        keys.press("x")
        keys.answered()
        keys.press("Enter")

    keys.at("第 82 项")
    keys.press("a")
    keys.answered()
    assert "谢梓骞" in page.locator("#cell-overseers").inner_text()
    keys.press("Enter")

    for serial in range(116, 122):
        keys.at(f"第 {serial} 项")
        assert "待确认" in page.locator("#cell-lead_units").evaluate(
            "cell => getComputedStyle(cell.querySelector('.basis'), '::after').content"
        )
        keys.press("x")
        keys.answered()
        keys.press("Enter")

    keys.at("第 20 项")
    for serial in (20, 21, 38, 54, 55, 56, 64, 78, 85, 86, 87, 88, 90, 93, 94, 95, 96, 97, 128, 130, 132):
        keys.at(f"第 {serial} 项")
        keys.press("Enter")

    # one cell edited
    keys.at("第 14 项")
    keys.press("4")
    keys.press("e")
    page.locator("#desk[data-ready] textarea[name=value]:focus").wait_for()
    page.keyboard.press("End")
    page.keyboard.type("、周新锐")
    keys.press("Enter")
    page.locator("#desk[data-ready] #cell-persons .name-chip", has_text="周新锐").wait_for()
    assert "人工更正" in page.locator("#cell-persons").inner_text()
    keys.press("Enter")

    # the rest at once
    keys.at("第 15 项")
    keys.press("Shift+A")
    page.locator("#desk[data-ready] [role=dialog]", has_text="有 96 行").wait_for()
    keys.press("Enter")
    page.locator("#desk-said", has_text="已通过 96 行").wait_for()
    assert "128 / 128" in page.locator("#desk-counts").inner_text()

    # groups and persons nobody can tell
    keys.press("g")
    page.wait_for_url(re.compile(r"/names/"))
    for left in range(8, 0, -1):  # five collective names, two persons of row 80, the person entered by hand
        page.locator("main[data-ready] #waiting h2", has_text=re.compile(rf"待认定\s+{left}$")).wait_for()
        name = page.locator("#waiting .name-row.is-cursor b").inner_text()
        if "镇" in name:
            keys.press("t")
            keys.press("Enter")
        else:
            keys.press("o")
    page.get_by_text("名称都已认定").wait_for()

    keys.press("c")
    page.wait_for_url(re.compile(r"/register/"))
    assert page.locator("#basis").input_value() == "经区政府同意"
    assert page.locator("#document_number").input_value() == "泉港政办〔2020〕2号"
    keys.press("Control+Enter")
    page.wait_for_url(re.compile(r"/ledger/"))
    assert "已立项 128 项" in page.locator("#main").inner_text()
    assert "128 / 157" in page.locator("#main").inner_text()
    print(f"\n{keys.count} keys from the desk to the ledger, {time.monotonic() - began:.1f} s by machine")
    assert keys.count <= 80
    assert page.problems == []

    by_name = set(Event.objects.filter(actor_name="督查员甲").values_list("name", flat=True))
    assert by_name >= {
        EventName.SIGNED_IN,
        EventName.NOTICE_UPLOADED,
        EventName.FINDING_SETTLED,
        EventName.CELL_CORRECTED,
        EventName.ROW_ACCEPTED,
        EventName.GROUP_DECIDED,
        EventName.NAME_DECIDED,
        EventName.PLAN_CREATED,
        EventName.MATTER_REGISTERED,
        EventName.NOTICE_REGISTERED,
    }
    assert Event.objects.filter(name=EventName.ROW_ACCEPTED).count() == 128
    inherited = Event.objects.filter(name=EventName.ROW_ACCEPTED, subject_label="第116项").get()
    assert "lead_units" in inherited.data["confirmed"]

    # the auditor sees the steps, the liaison of 教育局 only what concerns 教育局
    account_of("auditor", role="audit_admin", name="审计甲")
    audit = new_page()
    sign_in(audit, "auditor")
    audit.goto("/audit/?name=intake.notice_registered")
    assert "通知入账" in audit.locator("#main").inner_text()

    education = Unit.objects.get(jurisdiction=sample_place, name="教育局")
    [person] = create_people(sample_place, people=[NewPerson("联络甲")], by=SYSTEM, now=now)
    person.account = account_of("liaison", name="联络甲")
    person.save()
    name_contact(education, role=ContactRole.LIAISON, person=person, from_on=now.date(), by=SYSTEM, now=now)
    own = set(Matter.objects.filter(assignments__unit=education).values_list("serial", flat=True))
    assert 0 < len(own) < 128
    assign_matters(list(Matter.objects.filter(plan__jurisdiction=sample_place)), by=SYSTEM, now=now)
    liaison = new_page()
    sign_in(liaison, "liaison")
    liaison.goto("/ledger/")
    shown = set(
        liaison.locator("#main a[href^='/matters/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href').split('/')[2])"
        )
    )
    ids = {str(pk) for pk in Matter.objects.filter(assignments__unit=education).values_list("pk", flat=True)}
    assert shown == ids


def test_notice_goes_through_plain_forms_without_scripts(new_page, account_of, place, tmp_path):
    account_of("officer", role="officer", jurisdiction=place, name="督查员甲")
    page = new_page(javascript=False)
    page.goto("/sign-in/")
    page.fill("#username", "officer")
    page.fill("#password", "linjiang-2020-review")
    page.click("button")

    lines = [
        "临江区人民政府办公室关于印发2020年重点工作责任分解表的通知",
        "临政办〔2020〕5号",
        "各镇人民政府，区政府各部门：",
        "经区政府同意，现将2020年重点工作责任分解表印发给你们。",
        "临江区人民政府办公室",
        "2020年1月20日",
        "序号\t具体目标任务\t牵头单位\t责任人\t协办单位\t区分管领导",
        "1\t新建步道12公里。\t住建局\t周新锐\t城管局\t陈思远",
        "2\t完成校舍改造3所。\t教育局\t林一鸣\t财政局\t王致和",
        "3\t推进数据共享。\t发改局\t许文博\t\t陈思远",
    ]
    file = tmp_path / "通知.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    page.goto("/notices/upload/")
    page.set_input_files("#file", str(file))
    page.get_by_role("button", name="导入并读取").click()
    notice = Notice.objects.get()
    for _ in range(20):
        page.goto(f"/notices/{notice.pk}/desk/")
        if page.get_by_role("button", name=re.compile("看过|不采纳")).count():
            page.get_by_role("button", name=re.compile("看过|不采纳")).first.click()
        elif page.get_by_role("button", name=re.compile("通过，下一行")).count():
            page.get_by_role("button", name=re.compile("通过，下一行")).click()
        else:
            break
    assert set(Row.objects.values_list("state", flat=True)) == {"accepted"}

    for _ in range(20):
        page.goto(f"/notices/{notice.pk}/desk/names/")
        form = page.locator("#waiting form")
        if not form.count():
            break
        form.locator("button").last.click()
    page.goto(f"/notices/{notice.pk}/desk/register/")
    page.get_by_role("button", name=re.compile("立项")).click()
    assert "/ledger/" in page.url
    assert "已立项 3 项" in page.locator("#main").inner_text()
    assert Matter.objects.count() == 3
    assert Account.objects.get(username="officer")
    assert Cell.objects.filter(row__notice=notice, is_confirmed=False).count() == 0
