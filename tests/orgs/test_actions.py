from datetime import date, timedelta

import pytest
from django.db import DatabaseError

from duban.access.rules import Role
from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.orgs.actions import (
    NewAppointment,
    NewContact,
    NewPerson,
    NewPost,
    NewUnit,
    appoint,
    appoint_many,
    create_jurisdiction,
    create_people,
    create_posts,
    create_unit,
    create_units,
    edit_person,
    edit_post,
    edit_unit,
    end_appointment,
    merge_units,
    name_contact,
    name_contacts,
    set_group,
)
from duban.orgs.actions import people as people_room
from duban.orgs.actions import terms as terms_room
from duban.orgs.actions import units as units_room
from duban.orgs.models import Appointment, Jurisdiction, Person, Post, Unit, UnitAlias, UnitContact, UnitGroup
from duban.orgs.queries import units_by_name
from duban.orgs.rules import ContactRole, Level, PostKind, UnitType
from tests.conftest import holder


@pytest.fixture
def school(county, officer, now):
    new = NewUnit("教育局", full_name="临江区教育局", aliases=["教体局"])
    return create_unit(county, unit=new, by=officer, now=now)


@pytest.fixture
def people(county, officer, now):
    return create_people(county, people=[NewPerson("王一"), NewPerson("李二"), NewPerson("赵三")], by=officer, now=now)


@pytest.fixture
def post(county, school, officer, now):
    new = NewPost(school, PostKind.UNIT_HEAD, "教育局局长")
    return create_posts(county, posts=[new], by=officer, now=now)[0]


@pytest.fixture
def audit_fails(monkeypatch):
    """The trail cannot be written: what an action did before must be undone with it."""

    def fail(*args, **kwargs):
        raise DatabaseError

    def switch():
        for room in (people_room, terms_room, units_room):
            for name in ("record", "record_many"):
                monkeypatch.setattr(room, name, fail)

    return switch


def events(name):
    return list(Event.objects.filter(name=name).order_by("pk").values_list("subject_label", "data"))


def terms(post):
    return list(post.appointments.order_by("from_on").values_list("person__name", "from_on", "to_on"))


# ---- jurisdictions


def test_create_jurisdiction_a_root_by_the_system_and_a_child_by_an_officer_of_the_parent(db, now):
    city = create_jurisdiction("临江市", short_name="临江市", level=Level.CITY, by=SYSTEM, now=now)
    officer = holder("officer", jurisdiction=city)
    district = create_jurisdiction(
        "临江市南区", short_name="南区", level=Level.COUNTY, parent=city, by=officer, now=now
    )
    assert district.parent == city
    assert events("orgs.jurisdiction_created") == [("临江市", {}), ("临江市南区", {})]
    with pytest.raises(NotAllowed):
        create_jurisdiction("别市", short_name="别市", level=Level.CITY, by=officer, now=now)
    with pytest.raises(Invalid, match="已经存在"):
        create_jurisdiction("临江市", short_name="临江市", level=Level.CITY, by=SYSTEM, now=now)


# ---- units


def test_create_units_makes_units_with_aliases_and_sounds(county, officer, now):
    [unit] = create_units(
        county, units=[NewUnit("教育局", full_name="临江区教育局", aliases=["教 体 局", ""])], by=officer, now=now
    )
    unit.refresh_from_db()
    assert (unit.name, unit.full_name, unit.unit_type) == ("教育局", "临江区教育局", UnitType.DEPARTMENT)
    assert unit.pinyin.split("\n") == ["jiaoyuju", "linjiangqujiaoyuju", "jiaotiju"]
    assert unit.initials.split("\n") == ["jyj", "ljqjyj", "jtj"]
    assert list(unit.aliases.order_by("pk").values_list("alias", flat=True)) == ["教育局", "临江区教育局", "教体局"]
    assert events("orgs.unit_created") == [
        ("教育局", {"after": {"简称": "教育局", "全称": "临江区教育局", "类别": "政府部门", "排序": 1000, "别名": []}})
    ]


@pytest.mark.parametrize("name", ["教育局", "区教育局", "临江区教育局", "临江市临江区教育局", "教体局", " 教 育 局 "])
def test_create_units_finds_the_unit_its_name_means(county, school, officer, now, name):
    assert create_units(county, units=[NewUnit(name)], by=officer, now=now) == [school]
    assert Unit.objects.count() == 1


def test_create_units_found_by_another_name_gains_what_it_did_not_know(county, school, officer, now):
    [found] = create_units(county, units=[NewUnit("教体委", aliases=["教体局"])], by=officer, now=now)
    found.refresh_from_db()
    assert found == school
    assert found.pinyin.split("\n")[-1] == "jiaotiwei"
    assert events("orgs.unit_changed") == [("教育局", {"before": {}, "after": {"新增别名": ["教体委"]}})]


def test_create_units_same_unit_twice_in_one_batch_is_one(county, officer, now):
    first, second, third = create_units(
        county, units=[NewUnit("财政局"), NewUnit("区财政局"), NewUnit("白石镇")], by=officer, now=now
    )
    assert first == second != third
    assert Unit.objects.count() == 2
    assert [one.unit_type for one in (first, third)] == [UnitType.DEPARTMENT, UnitType.TOWN]


def test_create_units_names_of_two_units_are_refused_by_name(county, school, officer, now):
    create_unit(county, unit=NewUnit("财政局"), by=officer, now=now)
    with pytest.raises(Invalid, match="“教体局”已是“教育局”的名称"):
        create_units(county, units=[NewUnit("税务局"), NewUnit("财政局", aliases=["教体局"])], by=officer, now=now)
    assert Unit.objects.count() == 2


def test_create_units_two_candidates_are_none(county, officer, now):
    create_units(county, units=[NewUnit("区税务局"), NewUnit("临江海关")], by=officer, now=now)
    unit = Unit.objects.create(jurisdiction=county, name="临江税务局", unit_type="vertical")
    UnitAlias.objects.create(unit=unit, jurisdiction=county, alias="临江税务局", key="临江税务局")
    assert units_by_name(county).find("税务局") is None
    assert units_by_name(county).find("临江税务局") == unit


@pytest.mark.parametrize("name", ["", "  ", "局" * 61])
def test_create_units_name_missing_or_too_long(county, officer, now, name):
    with pytest.raises(Invalid):
        create_unit(county, unit=NewUnit(name), by=officer, now=now)


def test_create_units_refused_to_others(county, now):
    other = Jurisdiction.objects.create(level="county", name="清河县", short_name="清河县")
    for actor in (holder("liaison", jurisdiction=county), holder("officer", jurisdiction=other)):
        with pytest.raises(NotAllowed):
            create_units(county, units=[NewUnit("教育局")], by=actor, now=now)
    assert Unit.objects.count() == 0


@pytest.mark.parametrize("count", [1, 120])
def test_create_units_costs_the_same_however_many(county, officer, now, django_assert_max_num_queries, count):
    with django_assert_max_num_queries(14):
        create_units(county, units=[NewUnit(f"第{number}局") for number in range(count)], by=officer, now=now)


def test_create_units_nothing_changes_when_the_audit_fails(county, officer, now, audit_fails):
    audit_fails()
    with pytest.raises(DatabaseError):
        create_units(county, units=[NewUnit("教育局")], by=officer, now=now)
    assert (Unit.objects.count(), UnitAlias.objects.count()) == (0, 0)


def edit(unit, *, by, now, **changes):
    values = {
        "name": unit.name,
        "full_name": unit.full_name,
        "unit_type": UnitType(unit.unit_type),
        "order": unit.order,
        "aliases": ["教体局"],
        "version": unit.version,
    }
    return edit_unit(unit, **(values | changes), by=by, now=now)


def test_edit_unit_renamed_is_still_found_under_the_old_name(county, school, officer, now):
    renamed = edit(school, name="教育体育局", aliases=["教委"], by=officer, now=now)
    names = units_by_name(county)
    found = {name: names.find(name) for name in ("教育局", "教育体育局", "教委", "临江区教育局", "教体局")}
    assert found == {
        "教育局": renamed,
        "教育体育局": renamed,
        "教委": renamed,
        "临江区教育局": renamed,
        "教体局": None,
    }
    assert (renamed.version, "jiaoyutiyuju" in renamed.pinyin) == (2, True)
    assert events("orgs.unit_changed") == [
        (
            "教育体育局",
            {
                "before": {"简称": "教育局", "别名": ["教体局"]},
                "after": {"简称": "教育体育局", "别名": ["教委", "教育局"]},
            },
        )
    ]


def test_edit_unit_without_a_change_writes_nothing(school, officer, now):
    assert edit(school, by=officer, now=now).version == 1
    assert events("orgs.unit_changed") == []


def test_edit_unit_somebody_was_first(school, officer, now):
    edit(school, order=5, by=officer, now=now)
    with pytest.raises(Conflict) as refusal:
        edit(school, order=7, version=1, by=officer, now=now)
    assert refusal.value.theirs.order == 5


def test_edit_unit_name_of_another_unit(county, school, officer, now):
    create_unit(county, unit=NewUnit("财政局", aliases=["财局"]), by=officer, now=now)
    with pytest.raises(Invalid, match="“财局”已是“财政局”的名称"):
        edit(school, aliases=["财局"], by=officer, now=now)


def test_edit_unit_refused_to_others(school, county, now):
    with pytest.raises(NotAllowed):
        edit(school, order=5, by=holder("unit_head", jurisdiction=county, unit_ids=[school.pk]), now=now)


def test_edit_unit_nothing_changes_when_the_audit_fails(school, officer, now, audit_fails):
    audit_fails()
    with pytest.raises(DatabaseError):
        edit(school, name="教育体育局", by=officer, now=now)
    school.refresh_from_db()
    assert (school.name, school.aliases.count()) == ("教育局", 3)


# ---- merging


def test_merge_units_keeps_both_histories_and_finds_the_survivor(county, school, people, post, officer, now):
    sport = create_unit(county, unit=NewUnit("体育局", aliases=["文体局"]), by=officer, now=now)
    towns = set_group(county, name="各有关单位", members=[school, sport], by=officer, now=now)
    contact = name_contact(school, role=ContactRole.LIAISON, person=people[0], from_on=now.date(), by=officer, now=now)
    held = appoint(post, person=people[1], from_on=now.date(), by=officer, now=now)
    assert merge_units(school, into=sport, by=officer, now=now) == sport
    names = units_by_name(county)
    assert [names.find(one) for one in ("教育局", "区教育局", "教体局", "体育局")] == [sport] * 4
    assert (school.merged_into, school.merged_at) == (sport, now)
    assert list(towns.members.all()) == [sport]
    contact.refresh_from_db()
    held.refresh_from_db()
    assert (contact.unit, contact.to_on, held.post.unit, held.to_on) == (school, None, school, None)
    assert events("orgs.units_merged") == [
        ("教育局并入体育局", {"unit": "教育局", "into": "体育局", "into_id": sport.pk, "groups": ["各有关单位"]})
    ]


def test_merge_units_new_names_of_the_survivor_may_be_those_of_the_merged(county, school, officer, now):
    sport = create_unit(county, unit=NewUnit("体育局"), by=officer, now=now)
    merge_units(school, into=sport, by=officer, now=now)
    renamed = edit(sport, name="教育局", aliases=[], by=officer, now=now)
    assert units_by_name(county).find("教育局") == renamed
    assert create_unit(county, unit=NewUnit("教育局"), by=officer, now=now) == renamed


def test_merge_units_refuses_circles_and_strangers(county, school, officer, now):
    sport = create_unit(county, unit=NewUnit("体育局"), by=officer, now=now)
    other = Jurisdiction.objects.create(level="county", name="清河县", short_name="清河县")
    far = create_unit(other, unit=NewUnit("体育局"), by=SYSTEM, now=now)
    with pytest.raises(Invalid, match="自己"):
        merge_units(school, into=school, by=officer, now=now)
    with pytest.raises(Invalid, match="同一辖区"):
        merge_units(school, into=far, by=officer, now=now)
    merge_units(school, into=sport, by=officer, now=now)
    with pytest.raises(WrongState, match="“教育局”已并入“体育局”"):
        merge_units(sport, into=school, by=officer, now=now)
    with pytest.raises(WrongState, match="“教育局”已并入“体育局”"):
        merge_units(school, into=sport, by=officer, now=now)
    with pytest.raises(WrongState):
        edit(school, order=3, version=2, by=officer, now=now)
    assert len(events("orgs.units_merged")) == 1


def test_merge_units_refused_to_others_and_undone_when_the_audit_fails(county, school, officer, now, audit_fails):
    sport = create_unit(county, unit=NewUnit("体育局"), by=officer, now=now)
    group = set_group(county, name="各局", members=[school], by=officer, now=now)
    with pytest.raises(NotAllowed):
        merge_units(school, into=sport, by=holder("director", jurisdiction=county), now=now)
    audit_fails()
    with pytest.raises(DatabaseError):
        merge_units(school, into=sport, by=officer, now=now)
    school.refresh_from_db()
    assert (school.merged_into, list(group.members.all())) == (None, [school])


# ---- groups


def test_set_group_makes_then_changes_and_says_so(county, school, officer, now):
    town = create_unit(county, unit=NewUnit("白石镇"), by=officer, now=now)
    group = set_group(county, name="各镇（街道）", members=[town], by=officer, now=now)
    assert set_group(county, name="各镇(街道)", members=[town, school], by=officer, now=now) == group
    set_group(county, name="各镇（街道）", members=[school, town], by=officer, now=now)  # nothing new
    assert events("orgs.group_changed") == [
        ("各镇（街道）", {"before": [], "after": ["白石镇"]}),
        ("各镇（街道）", {"before": ["白石镇"], "after": ["教育局", "白石镇"]}),
    ]
    assert UnitGroup.objects.get().kind == "all"


def test_set_group_refuses_merged_and_foreign_units(county, school, officer, now):
    sport = create_unit(county, unit=NewUnit("体育局"), by=officer, now=now)
    merge_units(school, into=sport, by=officer, now=now)
    with pytest.raises(Invalid, match="已并入"):
        set_group(county, name="各局", members=[school], by=officer, now=now)
    other = Jurisdiction.objects.create(level="county", name="清河县", short_name="清河县")
    with pytest.raises(Invalid, match="不属于"):
        set_group(
            county,
            name="各局",
            members=[create_unit(other, unit=NewUnit("外局"), by=SYSTEM, now=now)],
            by=SYSTEM,
            now=now,
        )
    with pytest.raises(NotAllowed):
        set_group(county, name="各局", members=[sport], by=holder("liaison", jurisdiction=county), now=now)


# ---- people and posts


def test_create_people_closes_gaps_and_keeps_namesakes_apart(county, officer, now):
    made = create_people(
        county, people=[NewPerson("江 岚", phone="0595-1234567"), NewPerson("江岚")], by=officer, now=now
    )
    assert [(one.name, one.phone, one.pinyin, one.initials) for one in made] == [
        ("江岚", "0595-1234567", "jianglan", "jl"),
        ("江岚", "", "jianglan", "jl"),
    ]
    assert made[0].pk != made[1].pk
    assert events("orgs.person_created") == [("江岚", {}), ("江岚", {})]


def test_create_people_refused(county, officer, now):
    with pytest.raises(NotAllowed):
        create_people(county, people=[NewPerson("王一")], by=holder("liaison", jurisdiction=county), now=now)
    for new in (
        NewPerson(""),
        NewPerson("王一", phone="=HYPERLINK()"),
        NewPerson("王一", email="a@b\nBcc: c@d.cn"),
        NewPerson("王" * 41),
    ):
        with pytest.raises(Invalid):
            create_people(county, people=[new], by=officer, now=now)
    assert Person.objects.count() == 0


def test_edit_person_tells_before_and_after_and_minds_the_version(people, officer, now):
    person = edit_person(
        people[0], name="王一", phone="13900000001", note="", email="w@example.cn", version=1, by=officer, now=now
    )
    assert (person.phone, person.email, person.version) == ("13900000001", "w@example.cn", 2)
    assert events("orgs.person_changed") == [
        ("王一", {"before": {"电话": "", "邮箱": ""}, "after": {"电话": "13900000001", "邮箱": "w@example.cn"}}),
    ]
    with pytest.raises(Conflict) as refusal:
        edit_person(people[0], name="王依", phone="", note="", email="", version=1, by=officer, now=now)
    assert refusal.value.theirs.phone == "13900000001"


def test_create_posts_one_head_a_unit_and_any_number_of_others(county, school, officer, now):
    head = NewPost(school, PostKind.UNIT_HEAD)
    answer = NewPost(school, PostKind.RESPONSIBLE, "教育局责任人")
    first, again, one, two = create_posts(county, posts=[head, head, answer, answer], by=officer, now=now)
    assert (first, first.title) == (again, "教育局主要负责人")
    assert one.pk != two.pk
    assert create_posts(county, posts=[head], by=officer, now=now) == [first]
    leaders = create_posts(
        county,
        posts=[NewPost(None, PostKind.GOVERNMENT_HEAD, "区长"), NewPost(None, PostKind.LEADER, "副区长")],
        by=officer,
        now=now,
    )
    assert [one.unit for one in leaders] == [None, None]
    with pytest.raises(Invalid):
        create_posts(county, posts=[NewPost(None, PostKind.RESPONSIBLE, "某责任人")], by=officer, now=now)
    assert len(events("orgs.post_created")) == 5


def test_edit_post(post, officer, now, county):
    edit_post(post, title="教育局党组书记、局长", order=3, by=officer, now=now)
    assert events("orgs.post_changed") == [
        (
            "教育局党组书记、局长",
            {
                "before": {"岗位": "教育局局长", "排序": 1000},
                "after": {"岗位": "教育局党组书记、局长", "排序": 3},
            },
        )
    ]
    with pytest.raises(NotAllowed):
        edit_post(post, title="局长", order=3, by=holder("leader", jurisdiction=county), now=now)


# ---- appointments


def test_appoint_ends_the_predecessor_the_day_before(post, people, officer, now):
    appoint(post, person=people[0], from_on=date(2019, 5, 1), by=officer, now=now)
    appoint(post, person=people[1], from_on=date(2020, 3, 1), qualifier="局长人选", by=officer, now=now)
    assert terms(post) == [("王一", date(2019, 5, 1), date(2020, 2, 29)), ("李二", date(2020, 3, 1), None)]
    assert events("orgs.appointed") == [
        ("教育局局长：王一", {"before": None, "after": {"人员": "王一", "自": "2019-05-01", "至": None}}),
        (
            "教育局局长：李二",
            {
                "before": {"人员": "王一", "自": "2019-05-01", "至": None},
                "after": {"人员": "李二", "自": "2020-03-01", "至": None, "说明": "局长人选"},
            },
        ),
    ]


def test_appoint_in_the_past_and_in_the_future(post, people, officer, now):
    today = now.date()
    appoint(post, person=people[0], from_on=today, by=officer, now=now)
    appoint(post, person=people[1], from_on=date(2018, 1, 1), by=officer, now=now)
    appoint(post, person=people[2], from_on=date(2020, 7, 1), by=officer, now=now)
    assert terms(post) == [
        ("李二", date(2018, 1, 1), today - timedelta(days=1)),
        ("王一", today, date(2020, 6, 30)),
        ("赵三", date(2020, 7, 1), None),
    ]
    with pytest.raises(Invalid, match="日期重叠"):
        appoint(post, person=people[2], from_on=date(2020, 5, 1), by=officer, now=now)
    with pytest.raises(Invalid, match="不能早于"):
        appoint(post, person=people[2], from_on=date(2017, 5, 1), to_on=date(2017, 4, 1), by=officer, now=now)


def test_appoint_twice_is_said_and_the_same_day_is_a_correction(post, people, officer, now):
    first = appoint(post, person=people[0], from_on=date(2020, 2, 3), by=officer, now=now)
    with pytest.raises(Invalid, match="王一自2020年2月3日起已任教育局局长"):
        appoint(post, person=people[0], from_on=date(2020, 2, 5), by=officer, now=now)
    corrected = appoint(post, person=people[1], from_on=date(2020, 2, 3), by=officer, now=now)
    assert (corrected.pk, terms(post)) == (first.pk, [("李二", date(2020, 2, 3), None)])


def test_appoint_many_is_all_or_nothing_and_costs_the_same(
    county, post, people, officer, now, django_assert_max_num_queries
):
    town = create_unit(county, unit=NewUnit("白石镇"), by=officer, now=now)
    posts = create_posts(
        county, posts=[NewPost(town, PostKind.RESPONSIBLE, f"责任人{n}") for n in range(60)], by=officer, now=now
    )
    day = date(2020, 2, 1)
    with pytest.raises(Invalid, match="两个人"):
        appoint_many(
            [
                NewAppointment(posts[0], people[0], day),
                NewAppointment(post, people[0], day),
                NewAppointment(post, people[1], day),
            ],
            by=officer,
            now=now,
        )
    assert Appointment.objects.count() == 0
    with django_assert_max_num_queries(8):
        appoint_many([NewAppointment(one, people[0], day) for one in posts], by=officer, now=now)
    with django_assert_max_num_queries(9):
        appoint_many([NewAppointment(one, people[1], date(2020, 3, 1)) for one in posts], by=officer, now=now)
    assert Appointment.objects.filter(to_on=date(2020, 2, 29)).count() == 60


def test_appoint_refused_and_undone_when_the_audit_fails(county, post, people, officer, now, audit_fails):
    with pytest.raises(NotAllowed):
        appoint(post, person=people[0], from_on=now.date(), by=holder("liaison", jurisdiction=county), now=now)
    other = Jurisdiction.objects.create(level="county", name="清河县", short_name="清河县")
    [far] = create_people(other, people=[NewPerson("远人")], by=SYSTEM, now=now)
    with pytest.raises(Invalid, match="不是本辖区"):
        appoint(post, person=far, from_on=now.date(), by=officer, now=now)
    appoint(post, person=people[0], from_on=date(2019, 1, 1), by=officer, now=now)
    audit_fails()
    with pytest.raises(DatabaseError):
        appoint(post, person=people[1], from_on=now.date(), by=officer, now=now)
    assert terms(post) == [("王一", date(2019, 1, 1), None)]


def test_end_appointment(post, people, officer, now):
    held = appoint(post, person=people[0], from_on=date(2019, 1, 1), by=officer, now=now)
    with pytest.raises(Invalid, match="不能早于"):
        end_appointment(held, to_on=date(2018, 12, 31), by=officer, now=now)
    end_appointment(held, to_on=date(2020, 1, 31), by=officer, now=now)
    with pytest.raises(WrongState):
        end_appointment(held, to_on=date(2020, 1, 31), by=officer, now=now)
    end_appointment(held, to_on=date(2020, 1, 15), by=officer, now=now)
    assert [data["after"]["至"] for _, data in events("orgs.appointment_ended")] == ["2020-01-31", "2020-01-15"]


# ---- contacts


def contacts(unit):
    return list(unit.contacts.order_by("pk").values_list("role", "person__name", "from_on", "to_on"))


def test_name_contact_follows_on_and_corrects(school, people, officer, now):
    today = now.date()
    name_contact(school, role=ContactRole.LIAISON, person=people[0], from_on=date(2020, 1, 2), by=officer, now=now)
    name_contact(school, role=ContactRole.DEPUTY, person=people[0], from_on=today, by=officer, now=now)
    name_contact(school, role=ContactRole.LIAISON, person=people[1], from_on=today, by=officer, now=now)
    name_contact(school, role=ContactRole.LIAISON, person=people[2], from_on=today, by=officer, now=now)
    assert contacts(school) == [
        ("liaison", "王一", date(2020, 1, 2), date(2020, 2, 2)),
        ("deputy", "王一", today, None),
        ("liaison", "赵三", today, None),
    ]
    assert [label for label, _ in events("orgs.contact_named")] == [
        "教育局联络员：王一",
        "教育局分管领导：王一",
        "教育局联络员：李二",
        "教育局联络员：赵三",
    ]


def test_name_contact_a_unit_names_its_own_only(county, school, people, officer, now):
    sport = create_unit(county, unit=NewUnit("体育局"), by=officer, now=now)
    liaison = holder(Role.LIAISON, jurisdiction=county, unit_ids=[school.pk])
    known = name_contact(school, role=ContactRole.LIAISON, person=people[0], from_on=now.date(), by=officer, now=now)
    new = NewContact(school, ContactRole.DEPUTY, known.person, now.date(), "0595-87000001")
    name_contacts([new], by=liaison, now=now)
    with pytest.raises(Invalid, match="李二不是教育局的人员"):
        name_contacts([NewContact(school, ContactRole.DEPUTY, people[1], now.date())], by=liaison, now=now)
    fresh = NewContact(school, ContactRole.DEPUTY, NewPerson("孙四", phone="13900000004"), now.date())
    [row] = name_contacts([fresh], by=liaison, now=now)
    assert (row.person.name, row.person.phone) == ("孙四", "13900000004")
    people[0].refresh_from_db()
    assert (people[0].phone, people[0].version) == ("0595-87000001", 2)
    with pytest.raises(NotAllowed):
        name_contacts([NewContact(sport, ContactRole.DEPUTY, people[0], now.date())], by=liaison, now=now)
    with pytest.raises(NotAllowed):
        name_contacts([new], by=holder(Role.LEADER, jurisdiction=county), now=now)
    assert UnitContact.objects.count() == 2


def test_name_contact_of_a_merged_unit_and_undone_when_the_audit_fails(
    county, school, people, officer, now, audit_fails
):
    sport = create_unit(county, unit=NewUnit("体育局"), by=officer, now=now)
    merge_units(school, into=sport, by=officer, now=now)
    with pytest.raises(WrongState, match="已并入"):
        name_contact(school, role=ContactRole.DEPUTY, person=people[0], from_on=now.date(), by=officer, now=now)
    audit_fails()
    with pytest.raises(DatabaseError):
        name_contact(sport, role=ContactRole.DEPUTY, person=people[0], from_on=now.date(), by=officer, now=now)
    assert (UnitContact.objects.count(), Post.objects.count()) == (0, 0)
