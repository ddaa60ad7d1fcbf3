"""The pages of units, walked as an office, a unit and an administrator would."""

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from duban.access.actions import create_account, grant_role
from duban.access.rules import Role
from duban.audit.models import Event
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.matters.actions import (
    NewApproval,
    NewAssignment,
    NewMatter,
    assign_matters,
    create_matters,
    create_plan,
    register_matters,
)
from duban.matters.models import Obligation
from duban.matters.rules import Owed, OwedState, Part
from duban.orgs.actions import (
    NewPerson,
    NewPost,
    NewUnit,
    appoint,
    create_people,
    create_posts,
    create_units,
    link_account,
    merge_units,
    name_contact,
    set_group,
)
from duban.orgs.models import Jurisdiction, Person, Unit, UnitContact, UnitGroup
from duban.orgs.rules import ContactRole, PostKind, RosterColumn
from duban.reading.sheets import read_sheet
from tests.web.forms import send

PHONE = "0595-87000002"


@pytest.fixture
def told():
    return {"by": SYSTEM, "now": clock.now()}


def signed_in(account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def client_of(county, told):
    """A signed-in browser for a granted role."""

    def make(role: Role) -> Client:
        account = create_account(role, name=f"{role}某", password="qiche-2020", must_change_password=False, **told)
        grant_role(account, role=role, jurisdiction_id=county.pk, from_on=clock.today(), **told)
        return signed_in(account)

    return make


@pytest.fixture
def office(client_of) -> Client:
    return client_of(Role.OFFICER)


@pytest.fixture
def units(county, told):
    return create_units(
        county,
        units=[NewUnit("教育局", "临江区教育局", aliases=["教体局"]), NewUnit("财政局"), NewUnit("白石镇")],
        **told,
    )


@pytest.fixture
def staff(county, units, told):
    """教育局: 周一 heads, 周二 is its liaison with an account."""
    head, liaison = create_people(county, people=[NewPerson("周一"), NewPerson("周二", phone=PHONE)], **told)
    [post] = create_posts(county, posts=[NewPost(units[0], PostKind.UNIT_HEAD, "教育局局长")], **told)
    appoint(post, person=head, from_on=clock.today(), **told)
    name_contact(units[0], role=ContactRole.LIAISON, person=liaison, from_on=clock.today(), **told)
    account = create_account("lianluo", name="周二", password="qiche-2020", must_change_password=False, **told)
    link_account(liaison, account=account, **told)
    return signed_in(account)


@pytest.fixture
def plan(county, told):
    return create_plan(county, year=2020, title="2020年度台账", **told)


@pytest.fixture
def matters(plan, units, told):
    school, money, town = units
    made = create_matters(
        plan,
        matters=[
            NewMatter(
                text="新建幼儿园3所。",
                serial="1",
                assignments=[NewAssignment(school, Part.LEAD), NewAssignment(money, Part.SUPPORT)],
            ),
            NewMatter(text="=管好账。", serial="2", assignments=[NewAssignment(money, Part.LEAD)]),
            NewMatter(
                text="修好路。",
                serial="3",
                assignments=[NewAssignment(town, Part.LEAD), NewAssignment(school, Part.SUPPORT)],
            ),
            NewMatter(text="尚未立项。", serial="4", assignments=[NewAssignment(school, Part.LEAD)]),
        ],
        **told,
    )
    approval = NewApproval(basis="经区政府同意", approved_by_name="区政府", approved_on=clock.today())
    assign_matters(register_matters(made[:3], approval=approval, **told), **told)
    return made


def words(response) -> str:
    """The words of a page, without marks."""
    text = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def sheet(response):
    return load_workbook(io.BytesIO(response.content)).worksheets[0]


# ── the list ──


def names(response) -> list[str]:
    return [line.card.unit.name for line in response.context["lines"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["教育局", "财政局", "白石镇"]),
        ({"q": "jyj"}, ["教育局"]),
        ({"q": "caizheng"}, ["财政局"]),
        ({"q": "教体"}, ["教育局"]),
        ({"type": "town"}, ["白石镇"]),
        ({"missing": "1"}, ["教育局", "财政局", "白石镇"]),
        ({"q": "没有的"}, []),
    ],
)
def test_units_found(office, units, staff, query, found):
    response = office.get(reverse("units"), query)
    assert (response.status_code, names(response)) == (200, found)


def test_units_count_what_each_leads_and_mark_missing_contacts(office, units, staff, matters):
    response = office.get(reverse("units"))
    lines = [(one.card.unit.name, one.lead, one.support) for one in response.context["lines"]]
    assert lines == [("教育局", 1, 1), ("财政局", 1, 1), ("白石镇", 1, 0)]
    assert (response.context["missing"], response.content.decode().count("未明确")) == (3, 5)


def test_units_of_a_merged_unit_count_at_the_survivor(office, units, matters, told):
    merge_units(units[0], into=units[1], **told)
    lines = [(one.card.unit.name, one.lead, one.support) for one in office.get(reverse("units")).context["lines"]]
    assert lines == [("财政局", 2, 2), ("白石镇", 1, 0)]


def test_units_a_liaison_sees_telephones_and_counts_only_what_concerns_the_unit(staff, units, matters):
    response = staff.get(reverse("units"))
    lines = [(one.card.unit.name, one.lead, one.support) for one in response.context["lines"]]
    assert lines == [("教育局", 1, 1), ("财政局", 0, 1), ("白石镇", 1, 0)]
    assert f'href="tel:{PHONE}"' in response.content.decode()
    assert "新建单位" not in response.content.decode()


def test_units_htmx_gets_the_rows_alone(office, units):
    body = office.get(reverse("units"), {"q": "cz"}, headers={"HX-Request": "true"}).content.decode()
    assert ("<html" in body, "财政局" in body, "教育局" in body) == (False, True, False)


@pytest.mark.parametrize("count", [1, 3])
def test_units_costs_the_same_however_many(office, county, told, count, django_assert_num_queries):
    create_units(county, units=[NewUnit(f"第{n}局") for n in range(count)], **told)
    office.get(reverse("units"))
    with django_assert_num_queries(10):
        office.get(reverse("units"))


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_units_administrators_see_no_unit_and_no_telephone(client_of, units, staff, role):
    client = client_of(role)
    addresses = [reverse("units"), reverse("contacts"), reverse("groups"), reverse("unit", args=[units[0].pk])]
    responses = [client.get(address) for address in addresses]
    assert [one.status_code for one in responses] == [403] * 4
    assert [PHONE in one.content.decode() for one in responses] == [False] * 4


# ── one unit ──


def test_unit_shows_what_a_call_needs(office, units, staff, matters):
    response = office.get(reverse("unit", args=[units[0].pk]))
    text = words(response)
    assert [(one.part, one.row.serial) for one in response.context["duties"]] == [(Part.LEAD, "1"), (Part.SUPPORT, "3")]
    assert [(one.label, one.person.name if one.person else None) for one in response.context["contacts"]] == [
        ("主要负责人", "周一"),
        ("分管领导", None),
        ("联络员", "周二"),
    ]
    assert [word in text for word in ("教体局", "教育局局长", "新建幼儿园3所。", "尚未立项", "新建单位：教育局")] == [
        True,
        True,
        True,
        False,
        True,
    ]
    assert "签收2020年度台账交办事项" in text
    assert f'href="tel:{PHONE}"' in response.content.decode()


def test_unit_of_others_shows_a_liaison_only_what_concerns_the_own_unit(staff, units, matters):
    response = staff.get(reverse("unit", args=[units[1].pk]))
    assert [one.row.serial for one in response.context["duties"]] == ["1"]
    assert (response.context["owed"], response.context["history"]) == ([], [])
    own = staff.get(reverse("unit", args=[units[0].pk]))
    assert [one.row.serial for one in own.context["duties"]] == ["1", "3"]
    assert len(own.context["owed"]) > 0


def test_unit_shows_the_matters_of_units_merged_into_it(office, units, matters, told):
    merge_units(units[0], into=units[1], **told)
    survivor = office.get(reverse("unit", args=[units[1].pk]))
    assert [(one.part, one.row.serial) for one in survivor.context["duties"]] == [
        (Part.LEAD, "1"),
        (Part.LEAD, "2"),
        (Part.SUPPORT, "3"),
    ]
    assert [one.name for one in survivor.context["merged"]] == ["教育局"]
    old = office.get(reverse("unit", args=[units[0].pk]))
    edit = reverse("unit_edit", args=[units[0].pk])
    assert ("并入 财政局" in words(old), edit in old.content.decode()) == (True, False)


def test_unit_of_another_place_is_not_there(office, told):
    far = Jurisdiction.objects.create(level="county", name="清河县", short_name="清河县")
    [unit] = create_units(far, units=[NewUnit("外局")], **told)
    assert office.get(reverse("unit", args=[unit.pk])).status_code == 404
    assert office.get(reverse("unit", args=[unit.pk + 1000])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_unit_costs_the_same_however_many_matters(office, units, plan, told, count, django_assert_num_queries):
    made = create_matters(
        plan,
        matters=[
            NewMatter(text=f"第{n}件事。", serial=str(n), assignments=[NewAssignment(units[0], Part.LEAD)])
            for n in range(count)
        ],
        **told,
    )
    approval = NewApproval(basis="经区政府同意", approved_by_name="区政府", approved_on=clock.today())
    assign_matters(register_matters(made, approval=approval, **told), **told)
    office.get(reverse("unit", args=[units[0].pk]))
    with django_assert_num_queries(24):
        office.get(reverse("unit", args=[units[0].pk]))


# ── 责任清单 ──


def test_unit_duties_xlsx_reads_back(office, units, matters):
    response = office.post(reverse("unit_duties_xlsx", args=[units[1].pk]))
    page = sheet(response)
    assert page["A1"].value == "财政局责任清单"
    assert page["A2"].value.startswith("2020年度台账    牵头 1 项，协办 1 项")
    rows = [tuple(cell.value for cell in row) for row in page.iter_rows(min_row=3)]
    assert [(row[0], row[1], row[2], row[4], row[6]) for row in rows] == [
        ("序号", "本单位职责", "具体目标任务", "牵头单位", "协办单位"),
        ("2", "牵头", "=管好账。", "财政局", None),
        ("1", "协办", "新建幼儿园3所。", "教育局", "财政局"),
    ]
    assert page["C4"].data_type == "s"
    [event] = Event.objects.filter(name="matters.ledger_exported")
    assert (event.data["view"], event.data["count"]) == ("责任清单：财政局", 2)


def test_unit_duties_xlsx_of_others_holds_only_what_concerns_the_own_unit(staff, units, matters):
    page = sheet(staff.post(reverse("unit_duties_xlsx", args=[units[1].pk])))
    assert [row[0].value for row in page.iter_rows(min_row=4)] == ["1"]


def test_unit_duties_xlsx_without_a_plan(office, units):
    assert office.post(reverse("unit_duties_xlsx", args=[units[0].pk])).status_code == 404
    assert office.get(reverse("unit_duties_xlsx", args=[units[0].pk])).status_code == 405


# ── whom to call ──


def test_contacts_lists_all_units_by_kind(staff, units):
    response = staff.get(reverse("contacts"))
    assert [(label, [card.unit.name for card in cards]) for label, cards in response.context["groups"]] == [
        ("政府部门", ["教育局", "财政局"]),
        ("镇（街道）", ["白石镇"]),
    ]
    assert PHONE in words(response)


@pytest.mark.parametrize("count", [1, 3])
def test_contacts_costs_the_same_however_many(office, county, told, count, django_assert_num_queries):
    create_units(county, units=[NewUnit(f"第{n}局") for n in range(count)], **told)
    office.get(reverse("contacts"))
    with django_assert_num_queries(10):
        office.get(reverse("contacts"))


def test_contact_name_by_the_unit_itself_meets_what_it_owed(staff, units, matters):
    address = reverse("contact_name", args=[units[0].pk])
    assert staff.get(address, {"role": "deputy"}).status_code == 200
    owed = Obligation.objects.get(unit=units[0], kind=Owed.CONTACTS)
    assert owed.state == OwedState.OPEN
    given = {"role": "deputy", "name": "孙 三", "phone": "13900000003"}
    assert send(staff, address, given, role="deputy").headers["Location"] == reverse("unit", args=[units[0].pk])
    row = UnitContact.objects.get(unit=units[0], role="deputy")
    owed.refresh_from_db()
    assert (row.person.name, row.person.phone, row.from_on, owed.state) == (
        "孙三",
        "13900000003",
        clock.today(),
        OwedState.MET,
    )


def test_contact_name_of_another_unit_is_refused(staff, units):
    address = reverse("contact_name", args=[units[1].pk])
    assert [staff.get(address).status_code, staff.post(address, {"name": "孙三"}).status_code] == [403, 403]
    assert not UnitContact.objects.filter(unit=units[1]).exists()


def test_contact_name_asks_which_of_two(office, county, units, told):
    first, second = create_people(
        county, people=[NewPerson("李四", phone="13900000001"), NewPerson("李四", note="财政局")], **told
    )
    address = reverse("contact_name", args=[units[0].pk])
    given = {"role": "liaison", "name": "李四"}
    asked = send(office, address, given)
    assert (asked.status_code, [one.pk for one, _ in asked.context["choices"]]) == (400, [first.pk, second.pk])
    send(office, address, {**given, "person": str(second.pk)})
    assert UnitContact.objects.get(unit=units[0]).person == second
    send(office, address, {**given, "person": "new", "from_on": "2040-01-01"})
    assert Person.objects.filter(name="李四").count() == 3


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": ""}, "姓名要填写。"),
        ({"name": "孙三", "phone": "=1"}, "只能由数字"),
        ({"name": "孙三", "from_on": "不是日子"}, "起始日期不是日期：不是日子"),
        ({"name": "周二"}, "不必再次办理"),
    ],
)
def test_contact_name_says_what_is_wrong(office, units, staff, given, problem):
    before = (UnitContact.objects.count(), Person.objects.count())
    response = send(office, reverse("contact_name", args=[units[0].pk]), {"role": "liaison", **given})
    assert (response.status_code, problem in words(response)) == (400, True)
    assert (UnitContact.objects.count(), Person.objects.count()) == before


# ── a unit's own data ──


def test_unit_new_then_edit(office, county):
    response = office.post(reverse("unit_new"), {"name": "科技局", "aliases": "科局、科委", "order": "20"})
    unit = Unit.objects.get(name="科技局")
    assert response.headers["Location"] == reverse("unit", args=[unit.pk])
    assert (unit.order, unit.unit_type, unit.aliases.count()) == (20, "department", 3)
    given = {"name": "科工局", "full_name": "", "aliases": "科委", "unit_type": "other", "order": "21", "version": "1"}
    assert office.post(reverse("unit_edit", args=[unit.pk]), given).status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.order, unit.unit_type, unit.version) == ("科工局", 21, "other", 2)
    assert sorted(unit.aliases.values_list("alias", flat=True)) == ["科委", "科工局", "科技局"]


def test_unit_new_says_that_it_stands_already(office, units):
    response = office.post(reverse("unit_new"), {"name": "区教育局"})
    assert (response.status_code, response.context["known"], Unit.objects.count()) == (400, units[0], 3)


def test_unit_edit_shows_what_somebody_else_saved(office, units):
    address = reverse("unit_edit", args=[units[1].pk])
    given = {"name": "财政局", "full_name": "", "aliases": "", "unit_type": "department", "order": "5", "version": "1"}
    office.post(address, given)
    response = office.post(address, {**given, "order": "9", "full_name": "临江区财政局"})
    assert (response.status_code, response.context["theirs"]["排序"], response.context["given"]["order"]) == (
        409,
        "5",
        "9",
    )
    again = {**given, "order": "9", "full_name": "临江区财政局", "version": str(response.context["version"])}
    assert office.post(address, again).status_code == 302
    units[1].refresh_from_db()
    assert (units[1].order, units[1].full_name) == (9, "临江区财政局")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": ""}, "单位简称要填写。"),
        ({"order": "甲"}, "排序要填"),
        ({"unit_type": "衙门"}, "请选择单位类别。"),
        ({"aliases": "教体局"}, "“教体局”已是“教育局”的名称"),
    ],
)
def test_unit_edit_says_what_is_wrong(office, units, given, problem):
    values = {"name": "财政局", "aliases": "", "unit_type": "department", "order": "5", "version": "1", **given}
    response = office.post(reverse("unit_edit", args=[units[1].pk]), values)
    assert (response.status_code, problem in words(response)) == (400, True)


def test_unit_merge_shows_what_moves_then_does_it(office, county, units, staff, matters, told):
    set_group(county, name="各局", members=[units[0]], **told)
    address = reverse("unit_merge", args=[units[0].pk])
    moves = office.get(address, {"into": units[1].pk}).context["moves"]
    assert (moves["aliases"], moves["groups"]) == (["教育局", "临江区教育局", "教体局"], ["各局"])
    assert (moves["lead"], moves["support"], len(moves["terms"])) == (2, 1, 2)
    assert Unit.objects.get(pk=units[0].pk).merged_into is None
    assert office.post(address, {"into": units[1].pk}).headers["Location"] == reverse("unit", args=[units[1].pk])
    assert Unit.objects.get(pk=units[0].pk).merged_into == units[1]
    assert office.get(address).status_code == 409
    assert office.post(address, {"into": units[1].pk}).status_code == 409


def test_unit_merge_without_a_choice(office, units):
    response = office.post(reverse("unit_merge", args=[units[0].pk]), {"into": units[0].pk})
    assert (response.status_code, "请选择并入哪个单位" in words(response)) == (400, True)


@pytest.mark.parametrize("name", ["unit_edit", "unit_merge"])
def test_changing_a_unit_is_refused_to_a_unit(staff, units, name):
    address = reverse(name, args=[units[0].pk])
    assert [staff.get(address).status_code, staff.post(address, {}).status_code] == [403, 403]


@pytest.mark.parametrize("name", ["unit_new", "units_import", "group_new"])
def test_entering_is_refused_to_a_unit(staff, units, name):
    assert [staff.get(reverse(name)).status_code, staff.post(reverse(name), {}).status_code] == [403, 403]


# ── groups ──


def test_groups_entered_and_changed(office, units):
    send(office, reverse("group_new"), {"name": "各镇（街道）", "member": [units[2].pk]})
    group = UnitGroup.objects.get()
    assert office.post(reverse("group_new"), {"name": "各镇(街道)"}).status_code == 400
    send(office, reverse("group_edit", args=[group.pk]), {"member": [units[0].pk, units[2].pk, 999_999, "x"]})
    assert list(group.members.order_by("pk")) == [units[0], units[2]]
    assert "教育局" in words(office.get(reverse("groups")))
    assert office.get(reverse("group_edit", args=[group.pk])).status_code == 200
    assert office.get(reverse("group_edit", args=[group.pk + 99])).status_code == 404


def test_groups_are_read_only_to_a_unit(staff, county, units, told):
    group = set_group(county, name="各局", members=units[:1], **told)
    assert "新建统称" not in words(staff.get(reverse("groups")))
    assert staff.get(reverse("group_edit", args=[group.pk])).status_code == 403


# ── the roster ──


def upload(client, data: bytes, *, name="名册.xlsx"):
    file = io.BytesIO(data)
    file.name = name
    return client.post(reverse("units_import"), {"file": file})


def edited(data: bytes, **cells) -> bytes:
    """The workbook with some cells changed: edited(data, A2="新名")."""
    book = load_workbook(io.BytesIO(data))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def confirm(client, preview):
    given = {"rows": preview.context["carried"], "token": preview.context["preview"].token}
    return client.post(reverse("units_import"), given)


def test_roster_exported_and_imported_unchanged_changes_nothing(office, units, staff):
    data = office.post(reverse("units_export")).content
    assert read_sheet(data) == [
        [one.value for one in RosterColumn],
        ["教育局", "临江区教育局", "教体局", "政府部门", "1000", "周一", "", "", "周二", PHONE],
        ["财政局", "", "", "政府部门", "1000", "", "", "", "", ""],
        ["白石镇", "", "", "镇（街道）", "1000", "", "", "", "", ""],
    ]
    preview = upload(office, data).context["preview"]
    assert (len(preview.rows), preview.created, preview.changed, preview.problems) == (3, [], [], [])
    [event] = Event.objects.filter(name="orgs.exported")
    assert event.data == {"units": 3}


def test_roster_round_trip_changes_only_what_was_edited(office, units, staff, matters):
    data = office.post(reverse("units_export")).content
    preview = upload(office, edited(data, G2="孙三", H2="13900000003", D3="其他", A5="水利局", J2="0595-87000009"))
    changes = [
        (row.line, one.what, one.before, one.after) for row in preview.context["preview"].rows for one in row.changes
    ]
    assert changes == [
        (2, "分管领导", "", "孙三"),
        (2, "分管领导电话", "", "13900000003"),
        (2, "联络员电话", PHONE, "0595-87000009"),
        (3, "类别", "政府部门", "其他"),
        (5, "新增单位", "", "水利局（政府部门）"),
    ]
    before = {one.pk: one.version for one in Unit.objects.all()}
    assert confirm(office, preview).headers["Location"] == reverse("units")
    after = {one.name: one.version - before.get(one.pk, one.version) for one in Unit.objects.all()}
    assert after == {"教育局": 0, "财政局": 1, "白石镇": 0, "水利局": 0}
    contacts = UnitContact.objects.filter(unit=units[0]).order_by("role")
    assert [(one.role, one.person.name, one.person.phone) for one in contacts] == [
        ("deputy", "孙三", "13900000003"),
        ("liaison", "周二", "0595-87000009"),
    ]
    assert Obligation.objects.get(unit=units[0], kind=Owed.CONTACTS).state == OwedState.MET


def test_roster_with_a_wrong_row_is_shown_and_not_written(office, units):
    data = office.post(reverse("units_export")).content
    preview = upload(office, edited(data, A5="水利局", D5="衙门"))
    assert len(preview.context["preview"].problems) == 1
    assert "确认导入" not in words(preview)
    assert confirm(office, preview).status_code == 400
    assert Unit.objects.count() == 3


def test_roster_previewed_then_changed_by_somebody_is_shown_again(office, units):
    data = office.post(reverse("units_export")).content
    preview = upload(office, edited(data, E2="7"))
    given = {"name": "教育局", "aliases": "", "unit_type": "department", "order": "5", "version": "1"}
    office.post(reverse("unit_edit", args=[units[0].pk]), given)
    again = confirm(office, preview)
    assert (again.status_code, "请重新核对" in words(again)) == (400, True)
    assert confirm(office, again).status_code == 302
    units[0].refresh_from_db()
    assert units[0].order == 7


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "请选择文件"),
        (b"PK\x03\x04broken", "文件不完整"),
        ("甲,乙\n丙,丁\n".encode(), "没有找到表头"),
        ("简称\n".encode(), "表头下面没有单位"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "这是"),
    ],
    ids=["none", "cut", "no-heading", "no-rows", "picture"],
)
def test_roster_bad_file_is_said(office, units, data, problem):
    response = upload(office, data) if data else office.post(reverse("units_import"), {})
    assert (response.status_code, problem in words(response)) == (400, True)


@pytest.mark.parametrize("rows", ["[", "{}x", "[[1]]", '[["a", {"简称": "甲局"}]]', '[[2, {"不是列": "甲局"}]]', "7"])
def test_roster_carried_rows_that_were_tampered_with(office, units, rows):
    response = office.post(reverse("units_import"), {"rows": rows, "token": "x"})
    assert (response.status_code, "请重新上传文件" in words(response)) == (400, True)


def test_roster_is_not_handed_to_a_unit(staff, units):
    assert staff.post(reverse("units_export")).status_code == 403
