"""The head of a unit changes by the date of an appointment: what is owed follows the post, from that day on."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from duban.access.models import Account
from duban.matters.actions import NewAssignment, NewMatter, acknowledge, assign_matters, register_matters
from duban.matters.models import Obligation
from duban.matters.rules import Part
from duban.orgs.actions import appoint
from duban.orgs.models import Person
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock

pytestmark = pytest.mark.django_db

CHANGES_ON = date(2020, 3, 2)


@pytest.fixture
def world(county, officer, office_head, now, monkeypatch) -> World:
    set_clock(monkeypatch, now)
    return usual_world(county, officer, office_head, now)


def signed_in_as(world, name: str) -> Client:
    """Sign in a person of the directory, with an account of their own."""
    person = Person.objects.get(name=name)
    if person.account is None:
        person.account = Account.objects.create(username=name, name=name, created_at=world.now, password="!")
        person.save()
    client = Client()
    client.force_login(person.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def desk_of(world, name: str) -> list[str] | int:
    """The serials on somebody's desk, or the refusal where there is no desk for them."""
    answer = signed_in_as(world, name).get(reverse("my_desk"))
    if answer.status_code != 200:
        return answer.status_code
    sections = answer.context["sections"]
    return sorted(
        line.serial for section in sections for group in section.groups for line in group.lines if line.serial
    )


@pytest.mark.parametrize("kind", ["unit_head", "responsible"])
def test_the_new_holder_finds_everything_owed_from_the_first_day_on(world, monkeypatch, kind):
    post = world.post("教育局", "教育局负责岗位", holder="周一", kind=kind)
    parts = [NewAssignment(world.unit("教育局"), Part.LEAD, post=post)]
    drafts = world.drafts(NewMatter(text="新建小学1所。", serial="1", assignments=parts))
    [matter] = assign_matters(
        register_matters(drafts, approval=world.approval(), by=world.officer, now=world.now),
        by=world.officer,
        now=world.now,
    )
    acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now)
    successor = Person.objects.create(jurisdiction=world.county, name="郑一", pinyin="zhengyi", initials="zy")
    appoint(post, person=successor, from_on=CHANGES_ON, by=world.officer, now=world.now)
    before = list(Obligation.objects.filter(matter=matter).order_by("pk").values_list("pk", "post_id", "state"))
    assert {post_id for _, post_id, _ in before} == {post.pk}

    set_clock(monkeypatch, world.now.replace(month=3, day=1))
    assert (desk_of(world, "周一"), desk_of(world, "郑一")) == (["1"], 403)
    page = signed_in_as(world, "周一").get(reverse("matter", args=[matter.pk]))
    assert "周一" in page.content.decode()

    set_clock(monkeypatch, world.now.replace(month=3, day=2))
    assert (desk_of(world, "周一"), desk_of(world, "郑一")) == (403, ["1"])
    assert signed_in_as(world, "周一").get(reverse("matter", args=[matter.pk])).status_code == 404
    after = signed_in_as(world, "郑一").get(reverse("matter", args=[matter.pk]))
    assert (after.status_code, "郑一" in after.content.decode()) == (200, True)
    assert list(Obligation.objects.filter(matter=matter).order_by("pk").values_list("pk", "post_id", "state")) == before


def test_between_two_holders_the_post_waits_and_nothing_is_lost(world, monkeypatch):
    post = world.post("教育局", "教育局局长", holder="周一", kind="unit_head")
    matter = world.started(serial="1")
    post.appointments.update(to_on=world.now.date())
    set_clock(monkeypatch, world.now + timedelta(days=1))
    assert desk_of(world, "周一") == 403
    assert Obligation.objects.filter(matter=matter, state="open").count() == 3
    successor = Person.objects.create(jurisdiction=world.county, name="郑一", pinyin="zhengyi", initials="zy")
    appoint(post, person=successor, from_on=date(2020, 2, 10), by=world.officer, now=world.now)
    set_clock(monkeypatch, world.now + timedelta(days=7))
    assert desk_of(world, "郑一") == ["1"]
