import re
from datetime import date

import pytest
from django.db import DatabaseError

from duban.audit.models import Event
from duban.core.errors import Invalid, NotAllowed
from duban.orgs.actions import (
    NewPerson,
    NewUnit,
    RosterChanged,
    create_people,
    create_unit,
    create_units,
    import_roster,
    name_contact,
    plan_roster,
    roster,
)
from duban.orgs.models import Person, Unit
from duban.orgs.queries import unit_cards
from duban.orgs.rules import ContactRole, RosterColumn, RosterRow, UnitType, read_roster, split_aliases, unit_type_of
from tests.conftest import holder

HEAD = [one.value for one in RosterColumn]
DAY = date(2020, 2, 3)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([["临江区单位名册"], [], HEAD[:2], ["教育局", ""], ["", ""], ["", "财政总局"]], [4, 6]),
        ([["单位", "主要领导"], ["教育局", "王一"]], [2]),
        ([["甲", "乙"], ["丙"]], "没有找到表头"),
        ([HEAD], "表头下面没有单位"),
        ([["简称", "单位名称"], ["教育局", "财政局"]], "重复的列"),
        ([], "没有找到表头"),
    ],
)
def test_read_roster(table, expected):
    found = read_roster(table)
    if isinstance(expected, str):
        assert isinstance(found, str)
        assert expected in found
    else:
        assert [row.line for row in found] == expected


def test_split_aliases_and_unit_type():
    assert split_aliases("教体局、教委,  教工委；\n") == ["教体局", "教委", "教工委"]
    assert [unit_type_of(one) for one in ("镇（街道）", "镇(街道)", "town", "公司")] == [
        UnitType.TOWN,
        UnitType.TOWN,
        UnitType.TOWN,
        None,
    ]


@pytest.fixture
def units(county, officer, now):
    return create_units(
        county, units=[NewUnit("教育局", "临江区教育局", aliases=["教体局"]), NewUnit("财政局")], by=officer, now=now
    )


def rows(*given):
    """Rows of a roster: each a dict of column name → text."""
    return [
        RosterRow(line, {RosterColumn(name): text for name, text in cells.items()})
        for line, cells in enumerate(given, start=2)
    ]


def apply(county, given, *, by, now, day=DAY):
    plan = plan_roster(county, rows=given, on=day, by=by)
    return import_roster(county, rows=given, token=plan.token, from_on=day, by=by, now=now)


def words(plan):
    return [(one.what, one.before, one.after) for row in plan.rows for one in row.changes]


def standing(county):
    cards = unit_cards(Unit.objects.filter(jurisdiction=county).current().order_by("order", "pk"), on=DAY)
    return [
        (
            card.unit.name,
            card.unit.full_name,
            card.aliases,
            card.unit.unit_type,
            *(f"{one.person.name} {one.person.phone}" if one else "" for one in (card.head, card.deputy, card.liaison)),
        )
        for card in cards
    ]


def test_import_roster_makes_units_people_and_contacts(county, officer, now):
    given = rows(
        {"简称": "教育局", "全称": "临江区教育局", "别名": "教体局", "主要负责人": "王 一", "分管领导": "李二"},
        {
            "简称": "白石镇",
            "类别": "镇（街道）",
            "排序": "20",
            "分管领导": "李二",
            "分管领导电话": "13900000002",
            "联络员": "赵三",
            "联络员电话": "0595-87000003",
        },
    )
    plan = apply(county, given, by=officer, now=now)
    assert (len(plan.created), len(plan.changed)) == (2, 0)
    assert standing(county) == [
        ("白石镇", "", (), "town", "", "李二 13900000002", "赵三 0595-87000003"),
        ("教育局", "临江区教育局", ("教体局",), "department", "王一 ", "李二 13900000002", ""),
    ]
    assert Person.objects.count() == 3
    [event] = Event.objects.filter(name="orgs.imported")
    assert (event.subject_label, event.data) == ("临江市临江区", {"rows": 2, "created": 2, "changed": 0})


def test_import_roster_again_changes_nothing(county, officer, now):
    given = rows(
        {"简称": "教育局", "别名": "教体局", "联络员": "赵三", "联络员电话": "13900000003", "主要负责人": "王一"}
    )
    apply(county, given, by=officer, now=now)
    before = Event.objects.count()
    again = apply(county, given, by=officer, now=now)
    assert (words(again), Event.objects.count() - before) == ([], 1)  # only that it was imported


def test_import_roster_changes_what_was_edited_and_leaves_blanks(county, units, officer, now):
    [person] = create_people(county, people=[NewPerson("赵三", phone="13900000003")], by=officer, now=now)
    name_contact(units[0], role=ContactRole.LIAISON, person=person, from_on=date(2020, 1, 2), by=officer, now=now)
    given = rows(
        {"简称": "教育体育局", "全称": "临江区教育局", "排序": "5", "联络员": "赵三", "联络员电话": "13900000009"},
        {"简称": "区财政局"},
    )
    plan = apply(county, given, by=officer, now=now)
    assert words(plan) == [
        ("简称", "教育局", "教育体育局"),
        ("排序", "1000", "5"),
        ("联络员电话", "13900000003", "13900000009"),
        ("别名", "", "区财政局"),
    ]
    assert standing(county) == [
        ("教育体育局", "临江区教育局", ("教育局", "教体局"), "department", "", "", "赵三 13900000009"),
        ("财政局", "", ("区财政局",), "department", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([{"全称": "某单位"}], "第2行：没有填简称。"),
        ([{"简称": "教育局"}, {"简称": "区教育局"}], "第3行：与第2行是同一个单位“教育局”。"),
        ([{"简称": "税务局"}, {"简称": "区税务局"}], "第3行：与第2行像是同一个单位，请合成一行。"),
        ([{"简称": "税务局", "别名": "教体局"}], "第2行：“教体局”已是“教育局”的名称。"),
        ([{"简称": "税务局", "别名": "甲"}, {"简称": "气象局", "别名": "甲"}], "第3行：“甲”在第2行已经用过。"),
        ([{"简称": "税务局", "类别": "衙门"}], "第2行：没有“衙门”这一类别，可填："),
        ([{"简称": "税务局", "排序": "一"}], "第2行：排序要填整数，这里是“一”。"),
        ([{"简称": "税务局", "联络员": "张五", "联络员电话": "=1+1"}], "第2行：电话“=1+1”只能由数字"),
        ([{"简称": "税务局", "联络员电话": "13900000001"}], "第2行：填了联络员电话，却没有填姓名。"),
        ([{"简称": "税务局", "联络员": "同名"}], "第2行：有2位“同名”，请在单位页面办理联络员。"),
        (
            [
                {"简称": "税务局", "联络员": "张五", "联络员电话": "139000001"},
                {"简称": "气象局", "联络员": "张五", "联络员电话": "139000002"},
            ],
            "第3行：张五的电话与第2行不一致。",
        ),
        ([{"简称": "税" * 61}], "第2行：“税税税税税税税税税税税税…”太长。"),
    ],
)
def test_import_roster_says_which_row_is_wrong_and_changes_nothing(county, units, officer, now, given, problem):
    create_people(county, people=[NewPerson("同名"), NewPerson("同名")], by=officer, now=now)
    table = rows({"简称": "新局"}, *given)
    table = [RosterRow(row.line - 1, row.cells) for row in table]
    plan = plan_roster(county, rows=table, on=DAY, by=officer)
    assert [one[: len(problem)] for one in plan.problems] == [problem]
    with pytest.raises(Invalid, match=re.escape(problem[:12])):
        import_roster(county, rows=table, token=plan.token, from_on=DAY, by=officer, now=now)
    assert (Unit.objects.count(), Event.objects.filter(name="orgs.imported").count()) == (2, 0)


def test_import_roster_namesake_who_serves_the_unit_is_meant(county, units, officer, now):
    first, _ = create_people(county, people=[NewPerson("同名"), NewPerson("同名")], by=officer, now=now)
    name_contact(units[0], role=ContactRole.DEPUTY, person=first, from_on=DAY, by=officer, now=now)
    apply(county, rows({"简称": "教育局", "联络员": "同名"}), by=officer, now=now)
    [card] = unit_cards([units[0]], on=DAY)
    assert (card.liaison.person, card.is_missing_contacts) == (first, False)


def test_import_roster_not_what_was_previewed(county, units, officer, now):
    given = rows({"简称": "教育局", "排序": "7"})
    token = plan_roster(county, rows=given, on=DAY, by=officer).token
    create_unit(county, unit=NewUnit("税务局"), by=officer, now=now)  # elsewhere: does not matter
    apply(county, rows({"简称": "教育局", "排序": "6"}), by=officer, now=now)
    with pytest.raises(RosterChanged):
        import_roster(county, rows=given, token=token, from_on=DAY, by=officer, now=now)


def test_import_roster_refused_and_undone_when_the_audit_fails(county, units, officer, now, monkeypatch):
    given = rows({"简称": "税务局", "联络员": "张五", "主要负责人": "王一"}, {"简称": "教育局", "排序": "7"})
    with pytest.raises(NotAllowed):
        plan_roster(county, rows=given, on=DAY, by=holder("liaison", jurisdiction=county))

    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(roster, "record", fail)
    with pytest.raises(DatabaseError):
        apply(county, given, by=officer, now=now)
    assert (Unit.objects.count(), Person.objects.count()) == (2, 0)
    units[0].refresh_from_db()
    assert units[0].order == 1000


@pytest.mark.parametrize("count", [1, 60])
def test_import_roster_costs_the_same_however_many(county, officer, now, django_assert_max_num_queries, count):
    given = rows(*[{"简称": f"第{n}局", "主要负责人": f"人{n}", "联络员": f"员{n}"} for n in range(count)])
    token = plan_roster(county, rows=given, on=DAY, by=officer).token
    with django_assert_max_num_queries(45):
        import_roster(county, rows=given, token=token, from_on=DAY, by=officer, now=now)
