"""The form in which a unit says how far it is, and what the matter's page shows of it."""

from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from duban.audit.models import Event
from duban.matters.actions import NewTarget
from duban.matters.models import Matter
from duban.matters.rules import Sense
from duban.progress.models import LookBack, Progress
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

JOBS = NewTarget("1.61万人", D(16100), None, "人", Sense.EQUAL, "城镇新增就业")


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


def page_of(matter):
    return reverse("matter_progress", args=[matter.pk])


def test_liaison_enters_a_figure_and_everybody_on_the_matter_reads_the_percentage(world):
    matter = world.started(targets=[JOBS], supports=("住建局",))
    client = signed_in(world, "联络员 教育局")
    assert f'href="{page_of(matter)}"' in client.get(reverse("matter", args=[matter.pk])).content.decode()
    target = matter.targets.get()
    posted = {f"figure-{target.pk}": "0.83万", "pct": "", "sentence": "一月开局良好。", "forecast": "on_time"}
    done = client.post(page_of(matter), posted, follow=True)
    assert done.redirect_chain == [(reverse("matter", args=[matter.pk]), 302)]
    for words in (
        "已填报教育局的进展，完成 51.55%。",
        "<b>51.55%</b>",
        "能按期",
        "1.61万人：8,300 人（51.55%）",
        "联络员 教育局填报教育局截至2020年2月3日的进展：1.61万人现为 8,300；完成 51.55%；能按期；一月开局良好。",
    ):
        assert words in done.content.decode()
    support = signed_in(world, "联络员 住建局").get(reverse("matter", args=[matter.pk])).content.decode()
    assert "<b>51.55%</b>" in support
    assert "一月开局良好" not in support


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"figure": "许多"}, "“许多”不是数字，请填如 8300 或 0.83万。"),
        ({"figure": "0.83"}, "请写清是“0.83万”还是“0.83人”：目标是“1.61万人”。"),
        ({"pct": "120"}, "完成百分比应为 0 到 100 之间的数，不能是“120”。"),
        ({"pct": "99"}, "填写的百分比（99%）与按数字算出的（51.55%）不一致，请用一句话说明原因。"),
        ({"effective_on": "2020-13-01"}, "“截至”不是日期：2020-13-01"),
        ({"effective_on": "2020-02-04"}, "“截至”不能晚于今天。"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, wrong, said):
    matter = world.started(targets=[JOBS])
    name = f"figure-{matter.targets.get().pk}"
    posted = {name: "0.83万", "pct": "", "sentence": "", "forecast": "strained", **wrong}
    posted[name] = posted.pop("figure", posted[name])
    client = signed_in(world, "联络员 教育局")
    answer = client.post(page_of(matter), posted)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert f'name="{name}" value="{posted[name]}"' in page
    assert f'name="pct" value="{posted["pct"]}"' in page
    assert 'value="strained" checked' in page
    assert Progress.objects.count() == 0


def test_too_long_a_sentence_comes_back_whole(world):
    matter = world.started()
    answer = signed_in(world, "联络员 教育局").post(page_of(matter), {"pct": "5", "sentence": "字" * 201})
    assert answer.status_code == 400
    assert "说明不超过 200 字，现在 201 字。" in answer.content.decode()
    assert "字" * 201 + "</textarea>" in answer.content.decode()


def test_sent_twice_is_entered_once(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    assert [client.post(page_of(matter), {"pct": "5"}).status_code for _ in range(2)] == [302, 409]
    assert Progress.objects.count() == 1


def test_office_enters_for_a_unit_and_says_how_it_came(world):
    matter = world.started(leads=("教育局", "财政局"))
    client = signed_in(world, "officer")
    posted = {"unit": world.unit("财政局").pk, "pct": "30", "channel": "telephone", "informant": "周一"}
    assert client.post(page_of(matter), {**posted, "informant": ""}).status_code == 400
    assert client.post(page_of(matter), {**posted, "channel": "鸽子"}).status_code == 400
    page = client.post(page_of(matter), posted, follow=True).content.decode()
    assert "周一（电话，officer代录）填报" in page
    assert Matter.objects.get(pk=matter.pk).progress_pct == D(30)


def test_another_unit_is_refused(world):
    matter = world.started()
    stranger = signed_in(world, "联络员 交通局")
    before = Event.objects.filter(name="access.refused").count()
    assert stranger.get(page_of(matter)).status_code == 404
    assert stranger.post(page_of(matter), {"pct": "5"}).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == before + 2
    own = signed_in(world, "联络员 教育局")
    assert own.post(page_of(matter), {"pct": "5", "unit": world.unit("交通局").pk}).status_code == 404
    assert signed_in(world, "director").post(page_of(matter), {"pct": "5"}).status_code == 403
    assert Progress.objects.count() == 0


def test_nothing_is_asked_on_a_matter_that_is_done(world):
    matter = world.closed()
    client = signed_in(world, "联络员 教育局")
    assert page_of(matter) not in client.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "当前不在办理中" in client.get(page_of(matter)).content.decode()
    assert client.post(page_of(matter), {"pct": "5"}).status_code == 409


def test_what_is_shown_is_escaped(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    client.post(page_of(matter), {"sentence": "<script>x</script>"})
    page = client.get(reverse("matter", args=[matter.pk])).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_however_much_was_said(world, number):
    matter = world.started(targets=[JOBS])
    name = f"figure-{matter.targets.get().pk}"
    client = signed_in(world, "联络员 教育局")
    for one in range(number):
        client.post(page_of(matter), {name: f"{one + 1}千"})
    client.get(page_of(matter))
    counts = []
    for address in (page_of(matter), reverse("matter", args=[matter.pk])):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts == [FORM_QUERIES, MATTER_QUERIES]


FORM_QUERIES = 13
MATTER_QUERIES = 20


def test_ledger_may_show_the_percentage(world):
    matter = world.started(serial="7")
    signed_in(world, "联络员 教育局").post(page_of(matter), {"pct": "51.55"})
    page = signed_in(world, "officer").get(reverse("ledger") + "?cols=serial.progress").content.decode()
    assert '<td class="c-progress">51.55%</td>' in page


# ---- the look back


def sheet_of(world, unit="教育局", year=2020, month=2):
    return reverse("look_back", args=[world.unit(unit).pk, year, month])


def test_sheet_saves_every_changed_row_at_once_and_the_rest_has_nothing_new(world):
    first, second = world.started(serial="1"), world.assigned(serial="2", supports=("住建局",))
    client = signed_in(world, "联络员 教育局")
    assert sheet_of(world) in client.get(reverse("matter", args=[first.pk])).content.decode()
    page = client.get(sheet_of(world)).content.decode()
    assert "全部无新进展" in page
    posted = {f"done-{first.pk}": "已开工", f"version-{first.pk}": "0", f"done-{second.pk}": "", "rest": "1"}
    assert "已保存 2 项。" in client.post(sheet_of(world), posted, follow=True).content.decode()
    assert [(one.done, one.is_nothing_new) for one in LookBack.objects.order_by("matter_id")] == [
        ("已开工", False),
        ("", True),
    ]
    posted = {f"done-{first.pk}": "已开工", f"version-{first.pk}": "1", "enter": first.pk}
    assert "已转为进展。" in client.post(sheet_of(world), posted, follow=True).content.decode()
    assert [one.sentence for one in Progress.objects.all()] == ["已开工。"]
    office = signed_in(world, "officer").get(reverse("matter", args=[first.pk])).content.decode()
    assert "回头看" not in office


def test_sheet_gives_back_what_was_typed_and_shows_what_a_colleague_wrote(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    client.post(sheet_of(world), {f"done-{matter.pk}": "甲写的", f"version-{matter.pk}": "0"})
    answer = client.post(sheet_of(world), {f"done-{matter.pk}": "乙写的", f"version-{matter.pk}": "0"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "同事写的：甲写的" in page
    assert 'value="乙写的"' in page
    assert f'name="version-{matter.pk}" value="1"' in page
    long = client.post(sheet_of(world), {f"done-{matter.pk}": "字" * 61, f"version-{matter.pk}": "1"})
    assert long.status_code == 400
    assert "字" * 61 in long.content.decode()


def test_sheet_of_another_unit_or_month_is_not_there(world):
    world.started(supports=("住建局",))
    client = signed_in(world, "联络员 教育局")
    assert client.get(sheet_of(world, "住建局")).status_code == 404
    assert client.post(sheet_of(world, "住建局"), {"rest": "1"}).status_code == 404
    for year, month in ((2020, 3), (2020, 13), (2020, 0), (1999, 1), (99999, 1)):
        assert client.get(sheet_of(world, year=year, month=month)).status_code == 404
    assert signed_in(world, "officer").get(sheet_of(world)).status_code == 403
    assert LookBack.objects.count() == 0
