from datetime import date

import pytest

from duban.access.models import Account
from duban.orgs.actions import (
    NewPerson,
    NewPost,
    NewUnit,
    appoint,
    create_people,
    create_posts,
    create_unit,
    create_units,
    edit_unit,
    merge_units,
    name_contact,
)
from duban.orgs.models import Person
from duban.orgs.queries import actor_of, find_people, find_units, post_holders, units_by_name
from duban.orgs.rules import ContactRole, PostKind, UnitType
from tests.conftest import holder


@pytest.fixture
def units(county, officer, now):
    return create_units(
        county,
        units=[
            NewUnit("教育局", full_name="临江区教育局"),
            NewUnit("财政局"),
            NewUnit("住建局", full_name="临江区住房和城乡建设局"),
            NewUnit("白石镇"),
        ],
        by=officer,
        now=now,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("教育", ["教育局"]),
        ("jiaoyu", ["教育局"]),
        ("JYJ", ["教育局"]),
        ("ljq", ["教育局", "住建局"]),
        ("住房", ["住建局"]),
        ("ju", ["教育局", "财政局", "住建局"]),
        ("cz", ["财政局"]),
        ("%", []),
        ("", ["教育局", "财政局", "住建局", "白石镇"]),
    ],
)
def test_find_units_in_chinese_pinyin_and_initials(units, officer, text, found):
    assert [one.name for one in find_units(officer, text=text)] == found


def test_find_units_those_that_begin_with_it_come_first(county, units, officer, now):
    create_units(county, units=[NewUnit("局教办")], by=officer, now=now)
    assert next(one.name for one in find_units(officer, text="局")) == "局教办"


def test_find_units_a_merged_units_name_finds_the_survivor(units, officer, now):
    merge_units(units[0], into=units[1], by=officer, now=now)
    merge_units(units[1], into=units[2], by=officer, now=now)
    town = units[2]
    merge_units(town, into=units[3], by=officer, now=now)
    units[3].refresh_from_db()
    values = {"name": "白石镇", "full_name": "", "unit_type": UnitType.TOWN, "order": 7, "aliases": [], "version": 1}
    edit_unit(units[3], **values, by=officer, now=now)
    for text in ("教育", "jyj", "caizheng", "住房", "白石"):
        assert [one.name for one in find_units(officer, text=text)] == ["白石镇"]


def test_find_units_nothing_for_administrators_and_other_places(units, county, security_admin):
    from duban.orgs.models import Jurisdiction

    other = Jurisdiction.objects.create(level="county", name="清河县", short_name="清河县")
    for actor in (security_admin, holder("officer", jurisdiction=other)):
        assert list(find_units(actor, text="教育")) == []
    assert [one.name for one in find_units(holder("liaison", jurisdiction=county), text="教育")] == ["教育局"]


def test_find_people(county, officer, now, security_admin):
    create_people(county, people=[NewPerson("江岚"), NewPerson("王一江")], by=officer, now=now)
    assert [one.name for one in find_people(officer, text="江")] == ["江岚", "王一江"]
    assert [one.name for one in find_people(officer, text="jl")] == ["江岚"]
    assert [one.name for one in find_people(officer, text="")] == ["江岚", "王一江"]
    assert list(find_people(security_admin, text="江")) == []


def test_units_by_name_two_queries(county, units, officer, now, django_assert_num_queries):
    merge_units(units[0], into=units[1], by=officer, now=now)
    merge_units(units[1], into=units[2], by=officer, now=now)
    with django_assert_num_queries(2):
        names = units_by_name(county)
    assert {key: unit.name for key, unit in names.items()} == {
        "教育局": "住建局",
        "临江区教育局": "住建局",
        "财政局": "住建局",
        "住建局": "住建局",
        "临江区住房和城乡建设局": "住建局",
        "白石镇": "白石镇",
    }
    assert names.find("区财政局") == units[2]


def test_units_by_name_a_name_taken_away_is_not_found_by_its_core(county, units):
    names = units_by_name(county)
    del names["财政局"]
    assert (names.find("区财政局"), names.find("区教育局")) == (None, units[0])


def test_post_holders_on_a_day(county, units, officer, now, django_assert_num_queries):
    people = create_people(county, people=[NewPerson("王一"), NewPerson("李二")], by=officer, now=now)
    posts = create_posts(county, posts=[NewPost(one, PostKind.UNIT_HEAD) for one in units[:3]], by=officer, now=now)
    appoint(posts[0], person=people[0], from_on=date(2020, 1, 1), by=officer, now=now)
    appoint(posts[0], person=people[1], from_on=date(2020, 6, 1), by=officer, now=now)
    appoint(posts[1], person=people[1], from_on=date(2020, 6, 1), by=officer, now=now)
    ids = [one.pk for one in posts]
    with django_assert_num_queries(1):
        assert post_holders(ids, on=date(2020, 5, 31)) == {ids[0]: people[0]}
    assert post_holders(ids, on=date(2020, 6, 1)) == {ids[0]: people[1], ids[1]: people[1]}
    assert post_holders([], on=date(2020, 6, 1)) == {}


def test_actor_of_acts_for_merged_units_step_by_step(county, units, officer, now):
    [person] = create_people(county, people=[NewPerson("王一")], by=officer, now=now)
    account = Account.objects.create(username="wangyi", name="王一", created_at=now)
    Person.objects.filter(pk=person.pk).update(account=account)
    for unit in units[1:3]:
        name_contact(unit, role=ContactRole.LIAISON, person=person, from_on=now.date(), by=officer, now=now)
    lone = create_unit(county, unit=NewUnit("气象局"), by=officer, now=now)
    merge_units(units[0], into=units[1], by=officer, now=now)
    merge_units(units[1], into=units[2], by=officer, now=now)
    actor = actor_of(account, on=now.date())
    assert [(one.role, one.unit_ids) for one in actor.held] == [
        ("liaison", frozenset({units[0].pk, units[1].pk})),
        ("liaison", frozenset({units[0].pk, units[1].pk, units[2].pk})),
    ]
    assert lone.pk not in actor.held[1].unit_ids
