"""Meetings on their pages: called with what stands in the way, held, printed; decisions carried out and looked at."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.audit.models import Event
from duban.matters.actions import NewOverseer
from duban.obstacles.actions import Decided
from duban.obstacles.models import Decision, Meeting, Obstacle
from duban.web import meetings
from duban.web.waiting import Waits, office_of
from tests.matters.builders import World, usual_world
from tests.obstacles.test_meetings import DUE, call, held, hold, put
from tests.web.matter_doors import set_clock, signed_in
from tests.web.test_obstacles import leader_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


@pytest.fixture
def chair(world):
    return world.post(None, "副区长", "吴一", kind="leader")


@pytest.fixture
def matter(world, chair):
    return world.started(supports=("住建局",), overseers=[NewOverseer(chair)], serial="1")


@pytest.fixture
def obstacle(world, matter):
    return put(world, matter)


def typed(chair, *obstacles, **more):
    given = {
        "chair": chair.pk,
        "title": "2月调度会",
        "starts_at": "2020-02-03T09:00",
        "place": "三楼会议室",
        "obstacle": [one.pk for one in obstacles],
        "item": ["", "经费安排"],
    }
    return {**given, **more}


def page_of(meeting, name="meeting"):
    return reverse(name, args=[meeting.pk])


def step_of(decision, step):
    return reverse("decision_step", args=[decision.pk, step])


def test_office_calls_one_with_the_difficulties_of_the_chair_ticked(world, chair, matter, obstacle):
    elsewhere = put(world, world.started(supports=("住建局",), serial="2"), problem="没有领导的。")
    client = signed_in(world, "officer")
    page = client.get(reverse("meeting_new"))
    assert (page.context["chair"], [name for _, name, _ in page.context["chairs"]]) == (None, ["吴一"])
    page = client.get(reverse("meeting_new"), {"chair": chair.pk})
    assert [(one["pk"], one["is_ticked"]) for one in page.context["chairs_own"]] == [(obstacle.pk, True)]
    assert [(one["pk"], one["is_ticked"]) for one in page.context["others"]] == [(elsewhere.pk, False)]
    done = client.post(reverse("meeting_new"), typed(chair, obstacle), follow=True)
    meeting = Meeting.objects.get()
    assert done.redirect_chain == [(page_of(meeting), 302)]
    assert "用地指标不足。" in done.content.decode()
    assert "经费安排" in done.content.decode()
    beside = client.get(reverse("coordination")).content.decode()
    assert "2月调度会" in beside
    printed = client.get(page_of(meeting, "meeting_print")).content.decode()
    assert "2月调度会议程" in printed
    assert "吴一" in printed


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "请写明会议名称。"),
        ({"place": " "}, "请写明地点。"),
        ({"starts_at": "下周一"}, "请填写会议时间，如 2020-02-10 09:00。"),
        ({"starts_at": "2020-02-30T09:00"}, "请填写会议时间，如 2020-02-10 09:00。"),
        ({"obstacle": ["999999"]}, "有的困难问题刚刚已经销结，请重新选择。"),
        ({"obstacle": [], "item": [""]}, "请至少列一个议题。"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, chair, obstacle, wrong, said):
    answer = signed_in(world, "officer").post(reverse("meeting_new"), typed(chair, obstacle, **wrong))
    page = answer.content.decode()
    assert (answer.status_code, said in page) == (400, True)
    assert Meeting.objects.count() == 0
    if "place" not in wrong:
        assert 'value="三楼会议室"' in page


def test_without_a_chair_none_is_called(world, chair, obstacle):
    answer = signed_in(world, "officer").post(reverse("meeting_new"), {**typed(chair, obstacle), "chair": "999999"})
    assert (answer.status_code, "请选择主持的领导。" in answer.content.decode()) == (400, True)


def test_sent_twice_is_called_once(world, chair, obstacle):
    client = signed_in(world, "officer")
    codes = [client.post(reverse("meeting_new"), typed(chair, obstacle)).status_code for _ in range(2)]
    assert (codes, Meeting.objects.count()) == ([302, 409], 1)


def test_who_changes_it_second_sees_both_versions(world, chair, obstacle):
    meeting = call(world, chair, obstacle)
    client = signed_in(world, "officer")
    assert client.get(page_of(meeting, "meeting_edit")).context["values"]["title"] == "2月调度会"
    address = page_of(meeting, "meeting_edit")
    assert client.post(address, typed(chair, obstacle, version="1", place="一楼")).status_code == 302
    late = client.post(address, typed(chair, obstacle, version="1", place="二楼"))
    assert late.status_code == 409
    assert ("地点", "一楼") in late.context["theirs"]
    assert 'value="二楼"' in late.content.decode()
    assert client.post(address, typed(chair, obstacle, version="2", place="二楼")).status_code == 302
    assert Meeting.objects.get().place == "二楼"


def test_minutes_become_what_units_owe(world, chair, matter, obstacle):
    meeting = call(world, chair, obstacle, items=("经费安排",))
    first, second = meeting.items.order_by("order")
    world.unit("财政局")
    client = signed_in(world, "officer")
    page = client.get(page_of(meeting, "meeting_hold"))
    assert page.context["rows"][0]["typed"]["units"] == "教育局"
    posted = {
        f"decision-{first.pk}": "由教育局、财政局调剂。",
        f"units-{first.pk}": "区教育局、财政局",
        f"due-{first.pk}": "2020-02-28",
        f"decision-{second.pk}": "",
        f"units-{second.pk}": "",
        f"due-{second.pk}": "2020-02-28",
    }
    done = client.post(page_of(meeting, "meeting_hold"), posted, follow=True).content.decode()
    assert "由教育局、财政局调剂。" in done
    assert "未议" in done
    printed = client.get(page_of(meeting, "meeting_print")).content.decode()
    for words in ("2月调度会议定事项", "责任单位：财政局", "2020年2月28日", "另有 1 个议题未议：经费安排"):
        assert words in printed
    raiser = signed_in(world, "联络员 住建局")
    shown = raiser.get(reverse("obstacle", args=[obstacle.pk])).content.decode()
    assert "调度会议定" in shown
    assert "由教育局、财政局调剂。" in shown
    history = raiser.get(reverse("matter", args=[matter.pk])).content.decode()
    told = (
        "officer录入2月调度会就住建局困难问题议定的事项：由教育局、财政局调剂；由教育局、财政局于2020年2月28日前落实。"
    )
    assert told in history
    assert client.post(page_of(meeting, "meeting_hold"), posted).status_code == 409
    assert "不能再录入" in client.get(page_of(meeting, "meeting_hold")).content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"decision": ""}, "请至少写明一项议定事项。"),
        ({"decision": "", "units": "财政局"}, "写了单位，还要写明议定了什么。"),
        ({"units": "天文台"}, "没有找到“天文台”，请从提示中选择单位。"),
        ({"due": ""}, "请写明落实的期限。"),
        ({"due": "2020-02-30"}, "期限不是日期：2020-02-30"),
        ({"due": "2020-02-02"}, "期限不能早于今天。"),
        ({"decision": "字" * 301}, "议定事项不超过 300 字，现在 301 字。"),
    ],
)
def test_bad_minutes_come_back_as_typed(world, chair, obstacle, wrong, said):
    meeting = call(world, chair, obstacle)
    item = meeting.items.get()
    given = {"decision": "由教育局调剂。", "units": "教育局", "due": "2020-02-28", **wrong}
    posted = {f"{name}-{item.pk}": value for name, value in given.items()}
    answer = signed_in(world, "officer").post(page_of(meeting, "meeting_hold"), posted)
    page = answer.content.decode()
    assert (answer.status_code, said in page) == (400, True)
    assert f">{given['decision']}</textarea>" in page
    assert Decision.objects.count() == 0


def test_not_held_before_its_day_and_cancelled_with_a_reason(world, chair, obstacle, now):
    meeting = call(world, chair, obstacle, starts_at=now + timedelta(days=3))
    client = signed_in(world, "officer")
    assert "录入议定事项" not in client.get(page_of(meeting)).content.decode()
    item = meeting.items.get()
    posted = {f"decision-{item.pk}": "同意。", f"units-{item.pk}": "", f"due-{item.pk}": ""}
    assert client.post(page_of(meeting, "meeting_hold"), posted).status_code == 400
    assert client.post(page_of(meeting, "meeting_cancel"), {"reason": ""}).status_code == 400
    done = client.post(page_of(meeting, "meeting_cancel"), {"reason": "领导外出。"}, follow=True).content.decode()
    assert "已取消：领导外出。" in done
    assert client.post(page_of(meeting, "meeting_cancel"), {"reason": "再取消。"}).status_code == 409


def test_unit_reports_from_its_desk_and_the_office_returns_and_accepts(world, chair, obstacle):
    decision = held(world, chair, obstacle)
    unit = signed_in(world, "联络员 教育局")
    desk = unit.get(reverse("my_desk"))
    lines = [line for section in desk.context["sections"] for group in section.groups for line in group.lines]
    address = reverse("decision", args=[decision.pk])
    assert [(one.text, one.action) for one in lines if one.address == address] == [
        ("落实调度会议定事项：由教育局调剂", "报落实")
    ]
    assert unit.post(step_of(decision, "done"), {"text": " "}).status_code == 400
    codes = [unit.post(step_of(decision, "done"), {"text": "已调剂。", "reply": "1"}).status_code for _ in range(2)]
    assert codes == [302, 409]
    office = signed_in(world, "officer")
    assert office.post(step_of(decision, "return"), {"reason": "没有文号。", "due_on": ""}).status_code == 400
    back = {"reason": "没有文号。", "due_on": "2020-03-06", "reply": "1"}
    assert office.post(step_of(decision, "return"), back).status_code == 302
    assert "没有文号。" in unit.get(address).content.decode()
    unit.post(step_of(decision, "done"), {"text": "文号 5 号。", "reply": "2"})
    assert office.post(step_of(decision, "accept"), {"reply": "2"}).status_code == 302
    assert "已落实" in unit.get(address).content.decode()
    assert unit.post(step_of(decision, "accept"), {}).status_code == 403
    assert unit.post(step_of(decision, "sing"), {}).status_code == 404


def test_others_are_refused(world, chair, obstacle):
    decision = held(world, chair, obstacle)
    meeting = decision.item.meeting
    other = signed_in(world, "联络员 住建局")
    before = Event.objects.filter(name="access.refused").count()
    assert other.get(reverse("decision", args=[decision.pk])).status_code == 404
    assert other.post(step_of(decision, "done"), {"text": "由我来报。"}).status_code == 404
    assert other.get(page_of(meeting)).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == before + 3
    assert other.get(reverse("meeting_new")).status_code == 403
    unit = signed_in(world, "联络员 教育局")
    assert unit.get(page_of(meeting)).status_code == 404
    assert "2月调度会" in unit.get(reverse("decision", args=[decision.pk])).content.decode()
    assert [one.pk for one in unit.get(reverse("meetings")).context["decisions"]] == [decision.pk]
    leader = leader_client(world, chair)
    assert leader.get(page_of(meeting)).status_code == 200
    assert leader.get(page_of(meeting, "meeting_hold")).status_code == 403
    director = signed_in(world, "director")
    assert director.get(page_of(meeting)).status_code == 200
    assert director.post(page_of(meeting, "meeting_cancel"), {"reason": "不开了。"}).status_code == 403


def test_lists_cost_the_same_however_many_there_are(world, chair, matter):
    client = signed_in(world, "officer")
    client.get(reverse("meetings"))
    counts = []
    for number in range(3):
        obstacle = put(world, matter, problem=f"问题{number}。")
        meeting = call(world, chair, obstacle, title=f"第{number}次调度会")
        hold(world, meeting, Decided(meeting.items.get().pk, "由教育局调剂。", [world.unit("教育局")], DUE))
        for address in (reverse("meetings"), page_of(meeting), reverse("coordination")):
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
    assert counts[:3] == counts[3:6] == counts[6:]


def test_what_waits_is_named_to_whom_it_waits_for(world, chair, obstacle, now):
    decision = held(world, chair, obstacle)

    def waits(actor):
        return [(one.waits, one.text, one.action, one.due_on) for one in meetings.waiting(actor, today=now.date())]

    assert waits(world.liaison("教育局")) == [(Waits.ANSWER, "由教育局调剂。", "报落实", DUE)]
    assert waits(world.officer) == waits(world.liaison("住建局")) == []
    signed_in(world, "联络员 教育局").post(step_of(decision, "done"), {"text": "已调剂。"})
    assert waits(world.officer) == waits(world.liaison("教育局")) == []
    queue = meetings.office_queue(office_of(world.officer, today=now.date(), most=5))
    assert (queue.count, [(one.text, one.action, one.unit) for one in queue.lines]) == (
        1,
        [("由教育局调剂。", "核", "教育局")],
    )
    assert Obstacle.objects.get().state == "answered"
