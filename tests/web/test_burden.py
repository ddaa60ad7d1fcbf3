"""减负账: a month of all units for the office, a year of its own for a unit."""

import csv
import io
import re
from datetime import date

import pytest
from django.urls import reverse

from tests.matters.builders import World, usual_world
from tests.reminders.builders import both_contacts, morning
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture
def matter(world, monkeypatch, now):
    set_clock(monkeypatch, now.replace(month=4, day=1))
    both_contacts(world, "教育局")
    world.assigned(serial="4", text="改造校舍2栋。", leads=("住建局",), due_on=date(2020, 3, 16))
    return world.started(serial="3", due_on=date(2020, 3, 16))


def text_of(response) -> str:
    return response.content.decode()


def units_in(response) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', text_of(response))


def test_office_sees_the_month_of_every_unit(world, matter):
    morning("03-02")
    page = signed_in(world, "officer").get(reverse("burden"), {"month": "2020-03"})
    assert page.status_code == 200
    assert units_in(page) == ["教育局", "住建局"]
    assert "本月我们向各单位提出要求 <b>3</b> 次" in text_of(page)  # two dates and a digest
    assert "最近一次提醒" in text_of(page)
    assert re.findall(r'<li><a href="[^"]+">(\w+)</a> (\d+) 项</li>', text_of(page)) == [("住建局", "3")]


def test_office_chooses_month_and_order(world, matter):
    client = signed_in(world, "officer")
    february = client.get(reverse("burden"), {"month": "2020-02", "sort": "asked"})
    assert units_in(february) == ["住建局", "教育局"]  # signing and contacts against signing
    assert "2020年2月" in text_of(february)
    assert "没有向单位提出要求" in text_of(client.get(reverse("burden")))  # April, as today is
    for nonsense in ("2020-05", "2019-03", "x", "2020-13", "-"):
        assert "2020年4月" in text_of(client.get(reverse("burden"), {"month": nonsense, "sort": "nonsense"}))


def test_sheet_says_what_the_page_says(world, matter):
    answer = signed_in(world, "officer").get(reverse("burden_csv"), {"month": "2020-03"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:2] + rows[0][9:10] + rows[0][-1:] == ["单位", "签收与联系人", "要求合计", "少要求合计"]
    assert [(one[0], one[9]) for one in rows[1:]] == [("教育局", "1"), ("住建局", "1"), ("合计", "2")]
    assert len({len(one) for one in rows}) == 1


def test_unit_sees_its_own_year_and_nobody_elses(world, matter):
    client = signed_in(world, "联络员 交通局")
    own = reverse("burden_unit", args=[world.unit("交通局").pk])
    assert client.get(reverse("burden"))["Location"] == own
    page = client.get(own)
    assert (page.status_code, "2020年督查室向本单位提出要求 <b>0</b> 次" in text_of(page)) == (200, True)
    assert re.findall(r'<th scope="row">(\d+月)</th>', text_of(page)) == ["1月", "2月", "3月", "4月"]
    assert client.get(reverse("burden_unit", args=[world.unit("教育局").pk])).status_code == 404
    assert client.get(reverse("burden_csv")).status_code == 404


def test_office_opens_one_unit(world, matter):
    page = signed_in(world, "officer").get(reverse("burden_unit", args=[world.unit("教育局").pk]), {"year": "2020"})
    # a signature, a final date, and the two reports of the year, which are asked for already
    assert "2020年督查室向教育局提出要求 <b>4</b> 次" in text_of(page)


def test_year_out_of_bounds_is_not_there(world, matter):
    client = signed_in(world, "officer")
    for year in ("1999", "99999"):
        assert client.get(reverse("burden_unit", args=[world.unit("教育局").pk]), {"year": year}).status_code == 404


def test_without_a_plan_the_page_says_so(county, monkeypatch, now, officer, office_head):
    set_clock(monkeypatch, now)
    world = World(county=county, officer=officer, office_head=office_head, now=now, plan=None)
    assert "还没有年度台账" in text_of(signed_in(world, "officer").get(reverse("burden")))


def test_month_costs_the_same_for_one_unit_and_three(world, matter, django_assert_num_queries):
    client = signed_in(world, "officer")
    client.get(reverse("burden"), {"month": "2020-03"})
    with django_assert_num_queries(16):
        client.get(reverse("burden"), {"month": "2020-03"})
    for name in ("交通局", "民政局"):
        world.assigned(leads=(name,), text=f"{name}任务。", due_on=date(2020, 3, 16))
    with django_assert_num_queries(16):
        page = client.get(reverse("burden"), {"month": "2020-03"})
    assert len(units_in(page)) == 4
