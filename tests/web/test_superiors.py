"""The higher department's task and the log of dealings, on their page and on the matter's."""

import pytest
from django.urls import reverse

from duban.superiors.models import Dealing, SuperiorTask
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

TASK = {
    "department": "市教育局",
    "task": "2020年新建公办园计划",
    "document_number": "临教〔2020〕5号",
    "contact": "郑科长",
    "phone": "0000-0001",
    "deadline": "9月底前",
    "version": "0",
}


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


@pytest.fixture
def matter(world):
    return world.started(supports=("住建局",), serial="1")


def page_of(matter):
    return reverse("matter_superior", args=[matter.pk])


def log_of(matter):
    return reverse("matter_dealing", args=[matter.pk])


def test_lead_names_the_task_and_everybody_on_the_matter_reads_it(world, matter):
    client = signed_in(world, "联络员 教育局")
    assert page_of(matter) in client.get(reverse("matter", args=[matter.pk])).content.decode()
    assert client.get(page_of(matter)).status_code == 200
    done = client.post(page_of(matter), TASK, follow=True).content.decode()
    assert "上级任务已保存。" in done
    support = signed_in(world, "联络员 住建局").get(reverse("matter", args=[matter.pk])).content.decode()
    for words in ("2020年新建公办园计划（临教〔2020〕5号）", "9月底前", "郑科长", "tel:0000-0001", "登记上级任务"):
        assert words in support


def test_who_comes_second_sees_both_versions(world, matter):
    client = signed_in(world, "联络员 教育局")
    client.post(page_of(matter), TASK)
    client.post(page_of(matter), {**TASK, "version": "1", "contact": "吴科长"})
    late = client.post(page_of(matter), {**TASK, "version": "1", "contact": "钱科长"})
    assert late.status_code == 409
    page = late.content.decode()
    assert "吴科长" in page
    assert 'value="钱科长"' in page
    assert late.context["version"] == 2
    assert client.post(page_of(matter), {**TASK, "version": "2", "contact": "钱科长"}).status_code == 302
    assert SuperiorTask.objects.get().contact == "钱科长"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"department": ""}, "请写明上级部门。"), ({"task": "字" * 201}, "“任务或文件”不超过 200 字，现在 201 字。")],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, matter, wrong, said):
    answer = signed_in(world, "联络员 教育局").post(page_of(matter), {**TASK, **wrong})
    page = answer.content.decode()
    assert (answer.status_code, said in page) == (400, True)
    assert 'value="郑科长"' in page
    assert SuperiorTask.objects.count() == 0


def test_supporting_unit_notes_its_dealings_but_names_no_task(world, matter):
    client = signed_in(world, "联络员 住建局")
    page = client.get(page_of(matter))
    assert (page.status_code, page.context["may_name"]) == (200, False)
    posted = {"unit": world.unit("住建局").pk, "held_on": "2020-02-03", "with_whom": "市住建局", "outcome": "已批复。"}
    assert [client.post(log_of(matter), posted).status_code for _ in range(2)] == [302, 409]
    assert client.post(page_of(matter), TASK).status_code == 403
    shown = client.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "住建局对接市住建局：已批复。" in shown
    assert "记录住建局2020年2月3日对接市住建局：已批复。" in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"held_on": ""}, "请填写对接日期。"),
        ({"held_on": "2020-02-30"}, "对接日期不是日期：2020-02-30"),
        ({"held_on": "2020-02-04"}, "对接日期不能晚于今天。"),
        ({"with_whom": " "}, "请写明与谁对接。"),
        ({"outcome": "字" * 201}, "“结果”不超过 200 字，现在 201 字。"),
    ],
)
def test_bad_dealing_comes_back_as_typed(world, matter, wrong, said):
    posted = {
        "unit": world.unit("教育局").pk,
        "held_on": "2020-02-03",
        "with_whom": "市局",
        "outcome": "同意。",
        **wrong,
    }
    answer = signed_in(world, "联络员 教育局").post(log_of(matter), posted)
    page = answer.content.decode()
    assert (answer.status_code, said in page) == (400, True)
    assert f">{posted['outcome']}</textarea>" in page
    assert Dealing.objects.count() == 0


def test_others_are_refused(world, matter):
    stranger = signed_in(world, "联络员 交通局")
    assert stranger.get(page_of(matter)).status_code == 404
    assert stranger.post(log_of(matter), {}).status_code == 404
    own = signed_in(world, "联络员 住建局")
    posted = {"unit": world.unit("教育局").pk, "held_on": "2020-02-03", "with_whom": "市局", "outcome": "同意。"}
    assert own.post(log_of(matter), posted).status_code == 404
    assert signed_in(world, "director").get(page_of(matter)).status_code == 403
    assert Dealing.objects.count() == 0


def test_ended_matter_takes_no_more(world):
    matter = world.closed()
    client = signed_in(world, "联络员 教育局")
    assert "当前不在办理中" in client.get(page_of(matter)).content.decode()
    assert client.post(page_of(matter), TASK).status_code == 409
