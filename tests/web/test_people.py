"""The pages of people and posts."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from duban.access.actions import create_account, grant_role
from duban.access.rules import Role
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.orgs.actions import (
    NewPerson,
    NewPost,
    NewUnit,
    appoint,
    create_people,
    create_posts,
    create_units,
    link_account,
    name_contact,
)
from duban.orgs.models import Appointment, Jurisdiction, Person, Post
from duban.orgs.rules import ContactRole, PostKind
from tests.web.forms import send


@pytest.fixture
def told():
    return {"by": SYSTEM, "now": clock.now()}


@pytest.fixture
def office(county, told) -> Client:
    account = create_account("ducha", name="督查员甲", password="qiche-2020", must_change_password=False, **told)
    grant_role(account, role=Role.OFFICER, jurisdiction_id=county.pk, from_on=clock.today(), **told)
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def unit(county, told):
    return create_units(county, units=[NewUnit("教育局")], **told)[0]


@pytest.fixture
def people(county, told):
    return create_people(county, people=[NewPerson("周一", phone="13900000001"), NewPerson("江岚")], **told)


@pytest.fixture
def post(county, unit, told):
    return create_posts(county, posts=[NewPost(unit, PostKind.UNIT_HEAD, "教育局局长")], **told)[0]


@pytest.fixture
def liaison(county, unit, people, told) -> Client:
    name_contact(unit, role=ContactRole.LIAISON, person=people[1], from_on=clock.today(), **told)
    account = create_account("lianluo", name="江岚", password="qiche-2020", must_change_password=False, **told)
    link_account(people[1], account=account, **told)
    client = Client()
    client.force_login(account)
    return client


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize(("text", "found"), [("", ["江岚", "周一"]), ("zhou", ["周一"]), ("jl", ["江岚"]), ("无", [])])
def test_people_found(office, people, text, found):
    response = office.get(reverse("people"), {"q": text})
    assert [one.name for one, _ in response.context["lines"]] == found


def test_people_show_what_they_hold(office, unit, post, people, told):
    appoint(post, person=people[0], from_on=clock.today(), qualifier="主持工作", **told)
    name_contact(unit, role=ContactRole.DEPUTY, person=people[0], from_on=clock.today(), **told)
    lines = {one.name: held for one, held in office.get(reverse("people")).context["lines"]}
    assert lines == {"江岚": [], "周一": ["教育局局长（主持工作）", "教育局分管领导"]}


def test_people_htmx_gets_the_rows_alone(office, people):
    body = office.get(reverse("people"), {"q": "jl"}, headers={"HX-Request": "true"}).content.decode()
    assert ("<html" in body, "江岚" in body) == (False, True)


@pytest.mark.parametrize("count", [1, 3])
def test_people_and_posts_cost_the_same_however_many(office, county, told, count, django_assert_num_queries):
    made = create_people(county, people=[NewPerson(f"人{n}") for n in range(count)], **told)
    posts = create_posts(county, posts=[NewPost(None, PostKind.LEADER, f"副区长{n}") for n in range(count)], **told)
    for one, person in zip(posts, made, strict=True):
        appoint(one, person=person, from_on=clock.today(), **told)
    office.get(reverse("people"))
    with django_assert_num_queries(9):
        office.get(reverse("people"))
    with django_assert_num_queries(7):
        office.get(reverse("posts"))


def test_person_shows_terms_account_and_history(office, unit, post, people, liaison, told):
    text = words(office.get(reverse("person", args=[people[1].pk])))
    assert [word in text for word in ("教育局联络员", "lianluo", "新建人员")] == [True, True, True]


def test_person_new_asks_whether_it_is_another_of_the_name(office, people):
    response = office.post(reverse("person_new"), {"name": "周 一"})
    assert (response.status_code, "已有1位“周一”" in words(response)) == (400, True)
    office.post(reverse("person_new"), {"name": "周一", "is_other": "1"})
    assert Person.objects.filter(name="周一").count() == 2
    assert office.post(reverse("person_new"), {"name": " "}).status_code == 400


def test_person_edit_shows_what_somebody_else_saved(office, people):
    address = reverse("person_edit", args=[people[0].pk])
    given = {"name": "周一", "phone": "0595-87000001", "email": "z@example.cn", "note": "", "version": "1"}
    assert office.post(address, given).status_code == 302
    late = office.post(address, {**given, "phone": "0595-87000002"})
    assert (late.status_code, late.context["theirs"]["电话"], late.context["given"]["phone"]) == (
        409,
        "0595-87000001",
        "0595-87000002",
    )
    assert office.post(address, {**given, "phone": "0595-87000002", "version": "2"}).status_code == 302
    assert office.post(address, {**given, "phone": "无", "version": "3"}).status_code == 400
    people[0].refresh_from_db()
    assert (people[0].phone, people[0].email) == ("0595-87000002", "z@example.cn")
    assert "mailto:z@example.cn" in office.get(reverse("person", args=[people[0].pk])).content.decode()
    assert office.post(address, {**given, "email": "x", "version": "3"}).context["field"] == "email"


def test_post_new_leads_on_to_the_appointment(office, county, unit):
    response = office.post(reverse("post_new"), {"kind": "leader", "title": "副区长"})
    post = Post.objects.get(title="副区长")
    assert response.headers["Location"] == reverse("appoint", args=[post.pk])
    office.post(reverse("post_new"), {"kind": "unit_head", "unit": unit.pk})
    office.post(reverse("post_new"), {"kind": "unit_head", "unit": unit.pk})
    assert Post.objects.filter(unit=unit).count() == 1
    for wrong in ({"kind": "responsible"}, {"kind": "王"}, {"kind": "leader", "title": "长" * 61}):
        assert office.post(reverse("post_new"), wrong).status_code == 400
    assert "副区长" in words(office.get(reverse("posts")))


def test_post_edit(office, post):
    address = reverse("post_edit", args=[post.pk])
    assert send(office, address, {"title": "教育局党组书记", "order": "3"}).status_code == 302
    assert office.post(address, {"title": "", "order": "3"}).status_code == 400
    assert office.post(address, {"title": "局长", "order": "三"}).status_code == 400
    post.refresh_from_db()
    assert (post.title, post.order) == ("教育局党组书记", 3)


def test_appoint_known_and_new_people(office, post, people):
    address = reverse("appoint", args=[post.pk])
    assert office.get(address).status_code == 200
    send(office, address, {"name": "周一", "from_on": "2019-05-01"})
    send(office, address, {"name": "钱新", "phone": "", "from_on": "2020-03-01", "qualifier": "主持工作"})
    terms = Appointment.objects.filter(post=post).order_by("from_on")
    assert [(one.person.name, str(one.from_on), str(one.to_on), one.qualifier) for one in terms] == [
        ("周一", "2019-05-01", "2020-02-29", ""),
        ("钱新", "2020-03-01", "None", "主持工作"),
    ]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": ""}, "姓名要填写。"),
        ({"name": "江岚", "from_on": "2019-13-01"}, "起始日期不是日期"),
        ({"name": "江岚", "from_on": "2019-05-02", "to_on": "2019-05-01"}, "截止日期不能早于"),
        ({"name": "周一", "from_on": "2020-05-01"}, "已任教育局局长"),
        ({"name": "江岚", "from_on": "2018-01-01", "to_on": "2019-06-01"}, "日期重叠"),
    ],
)
def test_appoint_says_what_is_wrong(office, post, people, told, given, problem):
    send(office, reverse("appoint", args=[post.pk]), {"name": "周一", "from_on": "2019-05-01"})
    response = send(office, reverse("appoint", args=[post.pk]), given)
    assert (response.status_code, problem in words(response)) == (400, True)
    assert Appointment.objects.count() == 1


def test_appoint_asks_which_of_two(office, county, post, people, told):
    create_people(county, people=[NewPerson("周一", note="另一位")], **told)
    response = office.post(reverse("appoint", args=[post.pk]), {"name": "周一"})
    assert (response.status_code, len(response.context["choices"])) == (400, 2)
    send(office, reverse("appoint", args=[post.pk]), {"name": "周一", "person": str(people[0].pk)})
    assert Appointment.objects.get().person == people[0]


def test_appointment_end(office, post, people, told):
    term = appoint(post, person=people[0], from_on=clock.today(), **told)
    address = reverse("appointment_end", args=[term.pk])
    assert office.post(address, {"to_on": "2001-01-01"}, follow=True).status_code == 200
    term.refresh_from_db()
    assert term.to_on is None
    office.post(address, {"to_on": clock.today().isoformat()})
    term.refresh_from_db()
    assert term.to_on == clock.today()
    assert office.post(reverse("appointment_end", args=[term.pk + 99])).status_code == 404


def test_everything_is_refused_to_a_unit(liaison, post, people):
    addresses = [
        reverse("people"),
        reverse("person_new"),
        reverse("posts"),
        reverse("post_new"),
        reverse("person", args=[people[0].pk]),
        reverse("person_edit", args=[people[0].pk]),
        reverse("post_edit", args=[post.pk]),
        reverse("appoint", args=[post.pk]),
    ]
    assert [liaison.get(one).status_code for one in addresses] == [403] * len(addresses)
    assert liaison.post(addresses[-1], {"name": "江岚"}).status_code == 403
    assert Appointment.objects.count() == 0


def test_another_place_is_not_there(office, told):
    far = Jurisdiction.objects.create(level="county", name="清河县", short_name="清河县")
    [person] = create_people(far, people=[NewPerson("远人")], **told)
    [post] = create_posts(far, posts=[NewPost(None, PostKind.LEADER, "副县长")], **told)
    assert office.get(reverse("person", args=[person.pk])).status_code == 404
    assert office.get(reverse("appoint", args=[post.pk])).status_code == 404
