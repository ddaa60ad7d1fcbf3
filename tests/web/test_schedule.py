"""The schedule's form, for the unit and for the office; what waits; the panel on the matter's page."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.access.models import Account
from duban.audit.models import Event
from duban.matters.actions import NewTarget
from duban.matters.rules import Sense
from duban.orgs.queries import actor_of
from duban.progress.actions import propose_schedule_nodes, return_schedule
from duban.progress.models import Schedule
from duban.progress.rules import Node
from duban.web.schedule import office_queue, waiting
from duban.web.waiting import office_of
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

JOBS = NewTarget("1.61万人", D(16100), None, "人", Sense.EQUAL, "新增人才")
NODES = [Node(date(2020, 6, 30), "主体封顶", D(60)), Node(date(2020, 12, 31), "投入使用", D(100))]


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


def page_of(matter):
    return reverse("matter_schedule", args=[matter.pk])


def text_of(response) -> str:
    return response.content.decode()


def propose(world, matter, nodes=NODES, *, version=0):
    by = world.liaison("教育局")
    return propose_schedule_nodes(matter, nodes=nodes, by=by, now=world.now, version=version)


def form_on(client, matter) -> dict[str, str]:
    """What the page's form would post as it stands."""
    context = client.get(page_of(matter)).context
    posted = {"version": context["version"], "note": context["given"]["note"]}
    for number, row in (*context["rows"], *context["spare"]):
        posted |= {f"day-{number}": row.due_on, f"title-{number}": row.title, f"pct-{number}": row.pct}
    return posted


def nodes_of(schedule) -> list[tuple[str, str, str]]:
    return [(one["due_on"], one["title"], one["pct"]) for one in schedule.nodes]


def test_a_proposal_is_there_already_and_goes_to_the_office_in_one_tap(world):
    matter = world.started(targets=[JOBS], text="新增人才1.61万人。")
    client = signed_in(world, "联络员 教育局")
    page = text_of(client.get(reverse("matter", args=[matter.pk])))
    assert f'href="{page_of(matter)}">报送进度安排' in page
    assert "已按任务和时限拟好" in page
    form = form_on(client, matter)
    assert (form["day-2"], form["title-2"], form["pct-2"]) == ("2020-06-19", "新增人才 0.8 万人（50%）", "50")
    done = client.post(page_of(matter), {**form, "do": "propose"}, follow=True)
    assert done.redirect_chain == [(reverse("matter", args=[matter.pk]), 302)]
    for words in (
        "进度安排已报送，待督查室核定。",
        "待核定",
        "2020年6月19日</span> 新增人才 0.8 万人（50%）</li>",
    ):
        assert words in text_of(done)
    assert not matter.milestones.exists()
    assert nodes_of(Schedule.objects.get())[-1] == ("2020-12-31", "新增人才 1.61 万人（100%）", "100")


def test_office_decides_and_the_nodes_stand_on_the_page(world):
    matter = world.started()
    propose(world, matter)
    client = signed_in(world, "officer")
    assert "核定进度安排" in text_of(client.get(reverse("matter", args=[matter.pk])))
    done = client.post(page_of(matter), {**form_on(client, matter), "do": "accept"}, follow=True)
    assert done.redirect_chain == [(reverse("matter", args=[matter.pk]), 302)]
    page = text_of(done)
    for words in ("已同意“新建小学1所”的进度安排", "主体封顶", "督查员", "同意教育局报送的进度安排"):
        assert words in page
    assert "待核定" not in page
    schedule = Schedule.objects.get()
    assert (schedule.state, Event.objects.get(name="progress.schedule_accepted").data.get("after")) == (
        "accepted",
        None,
    )


def test_office_changes_a_row_and_leaves_one_out_before_it_accepts(world):
    matter = world.started()
    propose(world, matter)
    client = signed_in(world, "officer")
    form = {**form_on(client, matter), "day-1": "", "title-1": "", "pct-1": "", "title-2": "建成投用", "do": "accept"}
    assert client.post(page_of(matter), form).status_code == 302
    assert [(one.title, one.expected_pct) for one in matter.milestones.all()] == [("建成投用", D(100))]
    page = text_of(client.get(reverse("matter", args=[matter.pk])))
    assert "改动后同意教育局报送的进度安排" in page
    assert "2020年6月30日 主体封顶 60%" in page


def test_office_returns_with_reasons_and_the_unit_sees_them(world):
    matter = world.started()
    propose(world, matter)
    client = signed_in(world, "officer")
    form = form_on(client, matter)
    short = client.post(page_of(matter), {**form, "do": "return", "reasons": ""})
    assert (short.status_code, "请写明退回的理由。" in text_of(short)) == (400, True)
    assert client.post(page_of(matter), {**form, "do": "return", "reasons": "节点太晚"}).status_code == 302
    unit = signed_in(world, "联络员 教育局")
    assert "节点太晚" in text_of(unit.get(reverse("matter", args=[matter.pk])))
    page = text_of(unit.get(page_of(matter)))
    assert "节点太晚" in page and 'value="主体封顶"' in page
    assert (
        unit.post(page_of(matter), {**form_on(unit, matter), "title-1": "主体完工", "do": "propose"}).status_code == 302
    )
    assert Schedule.objects.latest("version").state == "proposed"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day-1": ""}, "第 1 个节点的日期没有填写。"),
        ({"day-1": "六月底"}, "第 1 个节点的日期不是日期：六月底"),
        ({"pct-1": ""}, "第 1 个节点没有写明应完成百分之几。"),
        ({"pct-1": "许多"}, "完成百分比应为 0 到 100 之间的数，不能是“许多”。"),
        ({"title-1": " "}, "第 1 个节点没有写明要完成什么。"),
        (
            {"day-1": "2020-12-31", "day-2": "2020-06-30"},
            "第 2 个节点（2020年6月30日）不晚于前一个（2020年12月31日），请按日期先后排列。",
        ),
        ({"pct-2": "90"}, "最后一个节点应为2020年12月31日完成 100%；另有安排的，请在“说明”中写明原因。"),
    ],
)
def test_what_is_wrong_is_said_and_every_row_stays_as_typed(world, wrong, said):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    rows = [("2020-06-30", "主体封顶", "60"), ("2020-12-31", "投入使用", "100")]
    form = {"version": "0", "do": "propose"}
    for number, (day, title, pct) in enumerate(rows, start=1):
        form |= {f"day-{number}": day, f"title-{number}": title, f"pct-{number}": pct}
    answer = client.post(page_of(matter), {**form, **wrong})
    assert (answer.status_code, said in text_of(answer)) == (400, True)
    shown = {
        f"{name}-{number}": value
        for number, row in answer.context["rows"]
        for name, value in (("day", row.due_on), ("title", row.title), ("pct", row.pct))
    }
    typed = {name: value for name, value in {**form, **wrong}.items() if name[-2:] in ("-1", "-2")}
    assert {name: shown[name] for name in typed} == typed
    assert not Schedule.objects.exists()


def test_more_rows_come_without_a_script_and_nothing_is_saved(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    form = form_on(client, matter)
    before = len(client.get(page_of(matter)).context["spare"])
    more = client.post(page_of(matter), {**form, "title-1": "改过的", "do": "more"})
    assert (more.status_code, len(more.context["spare"])) == (200, before + 3)
    assert 'value="改过的"' in text_of(more)
    assert not Schedule.objects.exists()


def test_the_second_colleague_sees_both_versions_and_decides(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    form = {**form_on(client, matter), "title-1": "乙写的", "do": "propose"}
    propose(world, matter)
    answer = client.post(page_of(matter), form)
    page = text_of(answer)
    assert (answer.status_code, "主体封顶" in page, 'value="乙写的"' in page) == (409, True, True)
    again = client.post(page_of(matter), {**form, "version": answer.context["version"]})
    assert again.status_code == 302
    assert Schedule.objects.get().nodes[0]["title"] == "乙写的"


def test_office_does_not_accept_what_it_has_not_seen(world):
    matter = world.started()
    propose(world, matter)
    client = signed_in(world, "officer")
    form = form_on(client, matter)
    propose(world, matter, [Node(date(2020, 9, 1), "后来改的", D(60)), NODES[1]], version=1)
    answer = client.post(page_of(matter), {**form, "do": "accept"})
    assert (answer.status_code, "后来改的" in text_of(answer)) == (409, True)
    assert not matter.milestones.exists()


def test_office_enters_for_a_unit_and_says_how_it_came(world):
    matter = world.started()
    client = signed_in(world, "officer")
    form = {**form_on(client, matter), "do": "propose"}
    lacking = client.post(page_of(matter), {**form, "channel": "telephone"})
    assert (lacking.status_code, "请写明单位由谁报送。" in text_of(lacking)) == (400, True)
    assert client.post(page_of(matter), {**form, "channel": "telephone", "informant": "张三"}).status_code == 302
    assert "报送教育局的进度安排（电话，报送人张三）" in text_of(client.get(reverse("matter", args=[matter.pk])))


def test_whose_schedule_it_is_not(world):
    matter = world.started(supports=("住建局",))
    propose(world, matter)
    support, stranger = signed_in(world, "联络员 住建局"), signed_in(world, "联络员 财政局")
    for client in (support, stranger):
        assert client.get(page_of(matter)).status_code == 404
        assert client.post(page_of(matter), {"do": "propose"}).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == 4
    assert "主体封顶" not in text_of(support.get(reverse("matter", args=[matter.pk])))
    assert signed_in(world, "director").get(page_of(matter)).status_code == 403
    assert support.get(reverse("schedules")).status_code == 403


def test_nothing_is_asked_outside_the_work(world):
    matter = world.closed()
    client = signed_in(world, "officer")
    assert "当前不在办理中" in text_of(client.get(page_of(matter)))
    assert "进度安排</a>" not in text_of(client.get(reverse("matter", args=[matter.pk])))


# ---- many at once


def ticked(client) -> list[str]:
    lines = client.get(reverse("schedules")).context["lines"]
    return [f"{one['schedule'].pk}.{one['schedule'].version}" for one in lines]


def test_all_are_accepted_at_once(world):
    matters = [world.started(serial=str(number)) for number in range(1, 4)]
    for one in matters:
        propose(world, one)
    client = signed_in(world, "officer")
    done = client.post(reverse("schedules"), {"schedule": ticked(client)}, follow=True)
    assert "已同意 3 份进度安排。" in text_of(done)
    assert "没有待核定的进度安排。" in text_of(done)
    assert [one.milestones.count() for one in matters] == [2, 2, 2]


def test_one_that_changed_meanwhile_is_left_with_its_reason(world):
    first, second = world.started(serial="1"), world.started(serial="2")
    propose(world, first)
    propose(world, second)
    client = signed_in(world, "officer")
    seen = ticked(client)
    propose(world, first, [Node(date(2020, 9, 1), "后来改的", D(60)), NODES[1]], version=1)
    answer = client.post(reverse("schedules"), {"schedule": [*seen, "9999.1", "x"]})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "第1项：教育局刚刚重新报送了第1项进度安排，请看过新的内容再定。" in page
    assert "另有 1 份他人刚刚办理过。" in page
    assert (first.milestones.count(), second.milestones.count()) == (0, 2)
    nothing = client.post(reverse("schedules"), {})
    assert (nothing.status_code, "请勾选要同意的进度安排。" in text_of(nothing)) == (400, True)


@pytest.mark.parametrize("number", [1, 3])
def test_lists_cost_the_same_however_many_wait(world, number):
    for one in range(number):
        propose(world, world.started(serial=str(one + 1)))
    client = signed_in(world, "officer")
    client.get(reverse("schedules"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("schedules"))
    assert len(queries) == 6


# ---- what waits


def who(client) -> object:
    account = Account.objects.get(pk=client.session["_auth_user_id"])
    return actor_of(account, on=date(2020, 2, 3))


def test_what_waits_for_the_office_and_for_the_unit(world, today):
    matter = world.started(serial="1")
    officer, unit = who(signed_in(world, "officer")), who(signed_in(world, "联络员 教育局"))
    other = who(signed_in(world, "联络员 财政局"))
    assert office_queue(office_of(officer, today=today, most=5)).lines == waiting(unit, today=today) == []
    schedule = propose(world, matter)
    [one] = office_queue(office_of(officer, today=today, most=5)).lines
    assert (one.waits, one.address, one.serial, one.unit, one.since) == (
        "decide",
        page_of(matter),
        "1",
        "教育局",
        today,
    )
    assert waiting(unit, today=today) == []
    return_schedule(schedule, reasons="节点太晚", version=1, by=world.officer, now=world.now + timedelta(days=2))
    [one] = waiting(unit, today=today)
    assert (one.waits, one.note, one.since) == ("returned", "进度安排退回：节点太晚", today + timedelta(days=2))
    assert waiting(officer, today=today) == waiting(other, today=today) == []
    assert office_queue(office_of(officer, today=today, most=5)).count == 0


def test_of_many_that_wait_the_first_are_shown(world, today):
    for number in range(6):
        propose(world, world.started(serial=str(number + 1)))
    queue = office_queue(office_of(who(signed_in(world, "officer")), today=today, most=5))
    assert (len(queue.lines), queue.count, queue.ways) == (5, 6, (("一次核定", reverse("schedules")),))
