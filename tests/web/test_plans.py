"""The plan's settings: shown with their sentences, changed by whom. Its policy: test_policies."""

import pytest
from django.urls import reverse

from duban.audit.models import Event
from duban.matters.models import Plan, PlanSetting
from tests.matters.builders import World, usual_world
from tests.web.forms import send
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


def text_of(response) -> str:
    return response.content.decode()


def test_settings_stand_beside_their_sentence(world):
    world.draft(serial="2")
    page = text_of(signed_in(world, "director").get(reverse("plan_settings")))
    for words in (
        "1 / 5 项，缺 1、3–5",
        "2020年6月20日、2020年12月20日",
        "于6月20日、12月20日前报送",
        "默认规则 第1版",
        reverse("policy_basis", args=[world.plan.pk]),
    ):
        assert words in page
    assert "修改规则" not in page and reverse("plan_setting", args=[world.plan.pk, "contact"]) not in page


@pytest.mark.parametrize("number", [0, 3])
def test_the_page_costs_the_same_however_many_matters(world, number, django_assert_num_queries):
    for _ in range(number):
        world.draft()
    client = signed_in(world, "officer")
    client.get(reverse("plan_settings"))
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(reverse("plan_settings"))


PAGE_QUERIES = 12


def test_who_may_look_and_change(world):
    addresses = {
        reverse("plan_settings"): {"officer": 200, "office_head": 200, "director": 200, "联络员 教育局": 403},
        reverse("plan_setting", args=[world.plan.pk, "contact"]): {"officer": 200, "director": 403},
        reverse("plan_new"): {"officer": 200, "director": 403, "联络员 教育局": 403},
    }
    clients = {}
    for address, expected in addresses.items():
        for who, status in expected.items():
            clients.setdefault(who, None)
            clients[who] = clients[who] or signed_in(world, who)
            assert (address, who, clients[who].get(address).status_code) == (address, who, status)
    assert clients["officer"].get(reverse("plan_setting", args=[world.plan.pk, "weather"])).status_code == 404
    assert clients["officer"].get(reverse("plan_setting", args=[999999, "contact"])).status_code == 404


@pytest.mark.parametrize(
    ("key", "posted", "stored"),
    [
        ("declared_items", {"value": "157"}, 157),
        ("report_dates", {"value": "2020-06-20，2020-11-30"}, ["2020-06-20", "2020-11-30"]),
        ("report_length", {"min": "80", "max": "150"}, {"min": 80, "max": 150}),
        ("contacts_per_unit", {"deputy": "1", "liaison": "2"}, {"deputy": 1, "liaison": 2}),
        ("look_back", {"value": "1"}, True),
        (
            "contact",
            {"name": "某人", "phone": "0595-1", "fax": "", "email": ""},
            {"name": "某人", "phone": "0595-1", "fax": "", "email": ""},
        ),
    ],
)
def test_each_setting_can_be_corrected(world, key, posted, stored):
    client = signed_in(world, "officer")
    address = reverse("plan_setting", args=[world.plan.pk, key])
    assert client.get(address).status_code == 200
    assert send(client, address, {**posted, "reason": "通知更正"}).status_code == 302
    assert PlanSetting.objects.get(plan=world.plan, key=key).value == stored
    assert Event.objects.get(name="matters.plan_setting_changed").data["reason"] == "通知更正"
    assert client.get(reverse("plan_settings")).status_code == 200


@pytest.mark.parametrize(
    ("key", "posted"),
    [
        ("declared_items", {"value": "很多", "reason": "更正"}),
        ("declared_items", {"value": "0", "reason": "更正"}),
        ("declared_items", {"value": "6", "reason": ""}),
        ("report_dates", {"value": "6月20日", "reason": "更正"}),
        ("report_length", {"min": "200", "max": "150", "reason": "更正"}),
        ("report_length", {"min": "", "max": "150", "reason": "更正"}),
    ],
)
def test_a_setting_that_says_nothing_is_refused_in_words(world, key, posted):
    response = send(signed_in(world, "officer"), reverse("plan_setting", args=[world.plan.pk, key]), posted)
    assert (response.status_code, bool(response.context["problem"])) == (400, True)
    assert Event.objects.filter(name="matters.plan_setting_changed").count() == 0


def test_a_plan_without_a_notice(world):
    client = signed_in(world, "officer")
    assert client.get(reverse("plan_new")).context["values"]["year"] == "2021"
    posted = {"jurisdiction": world.county.pk, "year": "2021", "title": ""}
    response = client.post(reverse("plan_new"), posted)
    assert response["Location"] == "/plans/?year=2021"
    assert Plan.objects.get(year=2021).title == "临江区2021年度台账"
    assert client.post(reverse("plan_new"), posted).status_code == 409
    assert client.post(reverse("plan_new"), {**posted, "year": "明年"}).status_code == 400
    assert client.post(reverse("plan_new"), {**posted, "jurisdiction": "0"}).status_code == 400


def test_no_plan_yet(county, officer, office_head, now):
    bare = World(county=county, officer=officer, office_head=office_head, now=now, plan=None)
    page = text_of(signed_in(bare, "officer").get(reverse("plan_settings")))
    assert "还没有年度台账" in page and reverse("plan_new") in page
