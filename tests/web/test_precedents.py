"""往年情况 on its page, beside the nodes of a new matter, and at the review desk."""

from datetime import date

import pytest
from django.urls import reverse

from duban.intake.actions import upload_notice
from duban.matters.actions import NewMilestone
from duban.matters.models import Matter, Plan
from duban.orgs.models import Unit
from duban.web.precedents import similar_lines
from tests.archives.builders import following
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now.replace(year=2021, month=1, day=20))


def text_of(response) -> str:
    return response.content.decode()


def two_years(world) -> tuple[Matter, Matter]:
    """A matter of last year with nodes, and one about the same project of this year."""
    nodes = [NewMilestone("主体封顶", date(2020, 6, 30), 60), NewMilestone("投用", date(2020, 11, 30), 100)]
    earlier = world.started(text="新建公办幼儿园3所。", serial="7", due_on=date(2020, 11, 30), milestones=nodes)
    world.plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=following(world).pk)
    return earlier, world.started(text="续建公办幼儿园5所。", serial="9", due_on=date(2021, 11, 30))


def rows(response) -> list[tuple[str, str, str]]:
    return [(one.due_on, one.title, one.pct) for _, one in response.context["rows"]]


def test_office_sees_every_unit_and_field_without_an_order_of_merit(world):
    world.closed(field="教育")
    world.assigned(leads=("住建局",), field="城乡建设")
    shown = signed_in(world, "officer").get(reverse("precedents"))
    assert [(what, [one.name for one in lines]) for what, lines in shown.context["tables"]] == [
        ("牵头单位", ["教育局", "住建局"]),
        ("领域", ["城乡建设", "教育"]),
    ]
    assert "不排名次" in text_of(shown)
    assert dict(shown.context["total"].counts)["牵头事项"] == 2


def test_a_unit_sees_its_own_line_alone(world):
    world.closed()
    world.assigned(leads=("住建局",))
    shown = signed_in(world, "联络员 教育局").get(reverse("precedents"))
    assert [one.name for one in shown.context["tables"][0][1]] == ["教育局"]
    assert "住建局" not in text_of(shown)


def test_years_are_chosen_and_nonsense_is_refused(world):
    world.closed()
    following(world)
    client = signed_in(world, "officer")
    assert client.get(reverse("precedents")).context["plan"].year == 2020
    assert client.get(reverse("precedents"), {"year": 2021}).context["plan"].year == 2021
    assert client.get(reverse("precedents"), {"year": 1999}).status_code == 404


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_others_do_not_see_it(world, role):
    assert signed_in(world, role).get(reverse("precedents")).status_code == 403


def test_earlier_matter_stands_beside_the_nodes_and_is_taken_over(world):
    earlier, matter = two_years(world)
    client = signed_in(world, "联络员 教育局")
    address = reverse("matter_schedule", args=[matter.pk])
    shown = client.get(address)
    assert "往年相近事项" in text_of(shown)
    assert "2020年度第7项" in text_of(shown)
    assert f'href="?from={earlier.pk}"' in text_of(shown)
    taken = client.get(address, {"from": earlier.pk})
    assert rows(taken) == [("2021-06-30", "主体封顶", "60"), ("2021-11-30", "投用", "100")]
    assert "下面是2020年度第7项的节点顺延到今年" in text_of(taken)


def test_nodes_that_stop_short_end_with_the_final_date(world):
    earlier, matter = two_years(world)
    earlier.milestones.filter(title="投用").delete()
    taken = signed_in(world, "联络员 教育局").get(reverse("matter_schedule", args=[matter.pk]), {"from": earlier.pk})
    assert rows(taken) == [("2021-06-30", "主体封顶", "60"), ("2021-11-30", "办结", "100")]


def test_nothing_is_taken_over_from_what_one_may_not_see(world):
    earlier, matter = two_years(world)
    client = signed_in(world, "联络员 教育局")
    address = reverse("matter_schedule", args=[matter.pk])
    assert client.get(address, {"from": matter.pk}).status_code == 404
    earlier.assignments.update(unit=world.unit("住建局"))
    assert client.get(address, {"from": earlier.pk}).status_code == 404
    assert client.get(address, {"from": "x"}).status_code == 200
    assert "2020年度第7项" not in text_of(client.get(address))


def test_a_unit_sees_what_it_led_the_year_before_beside_the_new_year(world):
    earlier, _ = two_years(world)
    unit = world.unit("教育局")
    client = signed_in(world, "联络员 教育局")
    page = client.get(reverse("unit", args=[unit.pk]))
    (line,) = page.context["led_before"]
    assert (line["id"], line["serial"], line["outcome"]) == (earlier.pk, "7", "办理中")
    assert "2020年度牵头事项" in text_of(page)
    assert "主体封顶" in text_of(page)
    first = client.get(reverse("unit", args=[unit.pk]), {"year": 2020})
    assert (first.context["led_before"], 'id="earlier"' in text_of(first)) == ([], False)


def test_the_nodes_page_leads_to_all_a_unit_led_the_year_before(world):
    _, matter = two_years(world)
    shown = text_of(signed_in(world, "联络员 教育局").get(reverse("matter_schedule", args=[matter.pk])))
    address = reverse("unit", args=[world.unit("教育局").pk])
    assert f'<a href="{address}?year=2021#earlier">教育局2020年度牵头的全部事项</a>' in shown


def test_precedents_of_a_unit_that_was_merged_are_those_of_its_heir(world, system_admin, now):
    """Who took over the unit that led it last year has led it as far as order goes."""
    old = world.started(text="新建公办幼儿园3所。", serial="7", leads=("教育局",))
    other = world.assigned(text="新建公办幼儿园4所。", serial="8", leads=("住建局",))
    world.plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=following(world).pk)
    matter = world.registered(text="续建公办幼儿园5所。", serial="9", leads=("教体局",))
    merging = matter.assignments.select_related("unit").get()
    before = [one["id"] for one in similar_lines(world.officer, joined(matter), lead=merging)]
    assert before == [old.pk, other.pk]
    Unit.objects.filter(pk=world.unit("住建局").pk).update(merged_into=world.unit("教体局"), merged_at=now)
    after = [one["id"] for one in similar_lines(world.officer, joined(matter), lead=merging)]
    assert after == [other.pk, old.pk]


def joined(matter: Matter) -> Matter:
    return Matter.objects.select_related("plan__policy", "plan__jurisdiction").get(pk=matter.pk)


def test_review_desk_shows_them_beside_a_row(world, county, officer, now):
    world.started(text="新建公办幼儿园3所。", serial="7")
    content = """临江市临江区人民政府办公室关于印发2021年政府工作报告主要任务责任分解的通知
临江政办〔2021〕2号
现将2021年政府工作报告主要任务责任分解印发给你们。
2021年1月15日
序号\t具体目标任务\t牵头单位\t责任人\t协办单位\t区分管或联系领导
1\t续建公办幼儿园5所。\t教育局\t周一\t\t吴一
2\t整治污水5处。\t教育局\t周一\t\t吴一
"""
    notice = upload_notice(county, data=content.encode(), file_name="通知.txt", by=officer, now=now.replace(year=2021))
    first, second = notice.rows.order_by("order")
    client = signed_in(world, "officer")
    address = reverse("desk", args=[notice.pk])
    assert "2020年度第7项" in text_of(client.get(address, {"row": first.pk}))
    assert "往年相近事项" not in text_of(client.get(address, {"row": second.pk}))
