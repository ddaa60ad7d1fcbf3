"""A walk through every address by people of a neighbouring county: nothing of the first is theirs to see or touch."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from duban.access.actions import create_account, grant_role
from duban.access.rules import Role
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.matters.actions import create_plan
from duban.orgs.actions import (
    NewPerson,
    NewPost,
    NewUnit,
    appoint,
    create_jurisdiction,
    create_people,
    create_posts,
    create_units,
    link_account,
    name_contact,
)
from duban.orgs.rules import ContactRole, Level, PostKind
from duban.web.middleware import OF_PROGRAMS
from tests.house.test_urls import START, address_of, patterns
from tests.house.world import build

pytestmark = pytest.mark.engine_free  # who sees what is decided by the same filters

NEIGHBOURS = ("office_head", "director", "government_head", "leader", "unit_head", "liaison")
OF_THE_FIRST = ("交通局", "周一", "周二", "吴一", "办好职业教育", "养护农村公路", "幼儿园", "临江")


@pytest.fixture
def walk(db, monkeypatch):
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str((START - datetime.now(UTC)).total_seconds()))  # noqa: TID251
    now = clock.now()
    world = build(now)
    told = {"by": SYSTEM, "now": now}
    place = create_jurisdiction("云岭市云岭县", short_name="云岭县", level=Level.COUNTY, **told)
    [office] = create_units(place, units=[NewUnit("林业局")], **told)
    people = create_people(place, people=[NewPerson(name) for name in ("冯一", "冯二", "冯三", "冯四")], **told)
    posts = create_posts(
        place,
        posts=[
            NewPost(None, PostKind.GOVERNMENT_HEAD, "县长"),
            NewPost(None, PostKind.LEADER, "副县长"),
            NewPost(office, PostKind.UNIT_HEAD, "林业局局长"),
        ],
        **told,
    )
    for post, person in zip(posts, people, strict=False):
        appoint(post, person=person, from_on=now.date(), **told)
    name_contact(office, role=ContactRole.LIAISON, person=people[3], from_on=now.date(), **told)
    create_plan(place, year=2020, title="2020年度云岭县督查台账", **told)
    holders = dict(zip(("government_head", "leader", "unit_head", "liaison"), people, strict=True))
    clients = {}
    for role in NEIGHBOURS:
        account = create_account(
            f"nachbar_{role}", name="邻县某", password="qiche-2020", must_change_password=False, **told
        )
        if role in holders:
            link_account(holders[role], account=account, **told)
        else:
            grant_role(account, role=Role(role), jurisdiction_id=place.pk, from_on=now.date(), **told)
        clients[role] = Client(raise_request_exception=False)
        clients[role].force_login(account)
    return world, clients


def test_things_of_another_county_are_neither_shown_nor_changed(walk):
    world, clients = walk
    opened = []
    for role, client in clients.items():
        for name, pattern in patterns().items():
            if "pk" not in pattern.pattern.converters or name.startswith(OF_PROGRAMS):  # they look at no session
                continue
            address = address_of(name, things=world.ours)
            filled = {"version": "1", "reason": "试一试", "name": "改名", "title": "改名", "confirmed": "1"}
            for response in (client.get(address), client.post(address), client.post(address, filled)):
                if response.status_code not in (403, 404, 405):
                    opened.append((role, name, response.status_code))
    assert opened == []


def test_lists_hold_nothing_of_another_county(walk):
    world, clients = walk
    plan, unit = world.ours["plan"].pk, world.ours["unit"].pk
    asked = ({}, {"plan": plan}, {"unit": unit}, {"q": "交通局"}, {"year": "2020"}, {"overseer": "1"})
    shown = []
    for role, client in clients.items():
        for name, pattern in patterns().items():
            if pattern.pattern.converters or name in ("sign_in", "sign_out", "home"):
                continue
            for given in asked:
                address = address_of(name, things=world.ours)
                answers = [client.get(address, given)] + ([] if given else [client.post(address)])
                for response in answers:
                    if response.status_code == 200 and not response.streaming:
                        body = response.content.decode(errors="ignore")
                        words = [word for word in OF_THE_FIRST if word != given.get("q")]  # a page repeats the question
                        shown += [(role, name, given, word) for word in words if word in body]
    assert shown == []


def test_matters_of_another_county_are_not_registered_in_a_batch(walk):
    world, clients = walk
    matter = world.ours["matter"]
    for step in ("register", "assign"):
        clients["office_head"].post("/ledger/batch/", {"step": step, "matter": [matter.pk], "confirmed": "1"})
    before = matter.version
    matter.refresh_from_db()
    assert matter.version == before
