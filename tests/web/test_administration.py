"""The pages of the three administrators, walked as they would."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from duban.access.actions import create_account, grant_role
from duban.access.models import Account, Grant
from duban.access.rules import Permission, Role
from duban.audit.actions import Subject, record
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core import clock
from duban.core.actor import SYSTEM, Actor
from duban.orgs.models import Appointment, Person, Post, Unit, UnitContact
from duban.orgs.queries import actor_of
from duban.orgs.rules import ContactRole, PostKind
from tests.audit.test_verification import tamper
from tests.web.forms import send

PASSWORD = "qiche-2020"


def new_account(username, name, role=None, *, county=None, **given) -> Account:
    now = clock.now()
    account = create_account(username, name=name, password=PASSWORD, by=SYSTEM, now=now, must_change_password=False)
    if role:
        place = county.pk if county else None
        grant_role(account, role=role, jurisdiction_id=place, from_on=now.date(), by=SYSTEM, now=now, **given)
    return account


def signed_in(account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def system(db):
    return signed_in(new_account("xitong", "系统员", Role.SYSTEM_ADMIN))


@pytest.fixture
def security(db):
    return signed_in(new_account("anquan", "安全员", Role.SECURITY_ADMIN))


@pytest.fixture
def auditor(db):
    return signed_in(new_account("shenji", "审计员", Role.AUDIT_ADMIN))


@pytest.fixture
def person(county) -> Person:
    return Person.objects.create(jurisdiction=county, name="陈一", pinyin="chenyi", initials="cy")


def roles(account) -> list[str]:
    return [one.role for one in actor_of(account, on=clock.today()).held]


def text(response) -> str:
    return response.content.decode()


# ── accounts ──


def test_new_account_with_a_password_shown_once(system):
    response = system.post(reverse("account_new"), {"username": "LiSi", "name": "李四", "password": ""})
    password = response.context["password"]
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert password in text(response)
    account = Account.objects.get(username="lisi")
    assert (account.check_password(password), account.must_change_password) == (True, True)
    assert password not in text(system.get(reverse("accounts")))
    assert password not in str(list(Event.objects.values()))


def test_new_account_with_a_typed_password_does_not_show_it(system):
    response = system.post(reverse("account_new"), {"username": "lisi", "name": "李四", "password": "chuan-2020"})
    assert "chuan-2020" not in text(response)
    assert Account.objects.get(username="lisi").check_password("chuan-2020")


def test_new_account_refused_keeps_what_was_typed(system):
    response = system.post(reverse("account_new"), {"username": "xitong", "name": "李四", "password": "chuan-2020"})
    assert (response.status_code, response.context["field"], "李四" in text(response)) == (400, "username", True)
    assert "chuan-2020" not in text(response)


def test_initial_passwords_differ_and_are_fit(system):
    shown = set()
    for number in range(5):
        response = system.post(reverse("account_new"), {"username": f"neu{number}", "name": "新人"})
        shown.add(response.context["password"])
    assert (len(shown), {len(one) for one in shown}) == (5, {19})


def test_account_is_renamed_and_switched_off(system):
    account = new_account("lisi", "李四")
    address = reverse("account_edit", args=[account.pk])
    assert send(system, address, {"name": "李思"})["Location"] == reverse("accounts")
    account.refresh_from_db()
    assert (account.name, account.is_active) == ("李思", False)
    assert [one["account"].username for one in system.get(reverse("accounts"), {"state": "off"}).context["lines"]] == [
        "lisi"
    ]
    send(system, address, {"name": "李思", "is_active": "1"})
    assert Account.objects.get(pk=account.pk).is_active


def test_system_administrator_cannot_switch_off_oneself(system):
    oneself = Account.objects.get(username="xitong")
    response = send(system, reverse("account_edit", args=[oneself.pk]), {"name": "系统员"})
    assert (response.status_code, "不能停用自己的账号" in text(response)) == (400, True)


def test_password_is_reset(system):
    account = new_account("lisi", "李四")
    response = system.post(reverse("account_reset", args=[account.pk]), {"password": ""})
    account.refresh_from_db()
    assert account.check_password(response.context["password"])
    assert Client().post(reverse("sign_in"), {"username": "lisi", "password": PASSWORD}).status_code == 400


def test_locked_account_is_seen_and_unlocked(system):
    account = new_account("lisi", "李四")
    for _ in range(5):
        Client().post(reverse("sign_in"), {"username": "LISI", "password": "falsch"})
    listed = system.get(reverse("accounts"), {"state": "locked"}).context["lines"]
    assert [(one["account"].username, one["is_locked"]) for one in listed] == [("lisi", True)]
    assert "解锁" in text(system.get(reverse("account_edit", args=[account.pk])))
    assert system.post(reverse("account_unlock", args=[account.pk])).status_code == 302
    event = Event.objects.latest("pk")
    assert (event.name, event.actor_name, event.subject_label) == ("access.account_unlocked", "系统员", "李四（lisi）")
    assert Client().post(reverse("sign_in"), {"username": "lisi", "password": PASSWORD}).status_code == 302


def test_lock_is_seen_also_when_the_demonstration_moves_the_clock(system, monkeypatch):
    new_account("lisi", "李四")
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str(-200_000_000))
    client = signed_in(new_account("xitong2", "系统员乙", Role.SYSTEM_ADMIN))
    for _ in range(5):
        Client().post(reverse("sign_in"), {"username": "lisi", "password": "falsch"})
    assert len(client.get(reverse("accounts"), {"state": "locked"}).context["lines"]) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_row_and_for_three(
    system, security, auditor, county, count, django_assert_num_queries
):
    for number in range(count):
        account = new_account(f"user{number}", f"某人{number}", Role.OFFICER, county=county)
        someone = Person.objects.create(
            jurisdiction=county, name=f"某人{number}", pinyin="x", initials="x", account=account
        )
        unit = Unit.objects.create(
            jurisdiction=county, name=f"单位{number}", unit_type="department", pinyin="x", initials="x"
        )
        post = Post.objects.create(jurisdiction=county, unit=unit, kind=PostKind.UNIT_HEAD, title=f"局长{number}")
        Appointment.objects.create(post=post, person=someone, from_on=clock.today())
        UnitContact.objects.create(unit=unit, role=ContactRole.LIAISON, person=someone, from_on=clock.today())
    for client in (system, security, auditor):
        client.get(reverse("home"))  # the session's first sign of life is written
    for client, name, queries in ((system, "accounts", 8), (security, "grants", 12), (auditor, "audit", 7)):
        with django_assert_num_queries(queries):
            assert client.get(reverse(name)).status_code == 200


# ── grants ──


def test_role_is_given_and_ended(security, county):
    account = new_account("lisi", "李四")
    assert "李四（lisi）" in text(security.get(reverse("grant_new"), {"account": account.pk}))
    given = {"account": account.pk, "role": "officer", "jurisdiction": county.pk, "leader": "", "from_on": ""}
    assert security.post(reverse("grant_new"), given)["Location"] == reverse("grants")
    grant = Grant.objects.get(account=account)
    assert (grant.role, grant.jurisdiction_id, grant.from_on) == ("officer", county.pk, clock.today())
    assert roles(account) == ["officer"]
    security.post(reverse("grant_end", args=[grant.pk]))
    grant.refresh_from_db()
    assert grant.to_on == clock.today() - timedelta(days=1)
    assert roles(account) == []
    assert security.post(reverse("grant_end", args=[grant.pk])).status_code == 409


def test_secretary_serves_a_leader_of_the_list(security, county, person):
    account = new_account("mishu", "秘书")
    post = Post.objects.create(jurisdiction=county, kind=PostKind.LEADER, title="副区长")
    given = {"account": account.pk, "role": "secretary", "jurisdiction": county.pk, "leader": person.pk}
    refused = security.post(reverse("grant_new"), given)
    assert (refused.status_code, Grant.objects.filter(account=account).exists()) == (400, False)
    Appointment.objects.create(post=post, person=person, from_on=clock.today())
    assert security.post(reverse("grant_new"), given).status_code == 302
    listed = {one["account"].username: one["grants"] for one in security.get(reverse("grants")).context["lines"]}
    assert [(one["label"], one["leader"], one["place"]) for one in listed["mishu"]] == [("秘书", "陈一", "临江区")]


@pytest.mark.parametrize(
    "given",
    [
        {"role": ""},
        {"role": "king"},
        {"role": "liaison"},
        {"role": "officer"},
        {"role": "officer", "jurisdiction": "999999"},
        {"role": "officer", "jurisdiction": "١"},
        {"role": "secretary"},
    ],
)
def test_unfit_grant_is_refused_on_the_page(security, given):
    account = new_account("lisi", "李四")
    response = security.post(reverse("grant_new"), {"account": account.pk, **given})
    assert (response.status_code, bool(response.context["problem"])) == (400, True)
    assert not Grant.objects.filter(account=account).exists()


@pytest.mark.parametrize("account", ["", "0", "x", "99999999999999999999"])
def test_grant_without_an_account_is_refused_on_the_page(security, account):
    assert security.post(reverse("grant_new"), {"account": account, "role": "officer"}).status_code == 400


def test_duties_stay_separate_on_the_page(security, county):
    account = new_account("lisi", "李四", Role.OFFICER, county=county)
    response = security.post(reverse("grant_new"), {"account": account.pk, "role": "audit_admin"})
    assert (response.status_code, "三员账号不得兼任业务角色" in text(response)) == (400, True)


def test_ending_the_last_security_administrator_is_refused_with_words(security):
    other = new_account("anquan2", "安全员乙", Role.SECURITY_ADMIN)
    Account.objects.filter(username="anquan").update(is_active=True)
    grant = Grant.objects.get(account=other)
    response = security.post(reverse("grant_end", args=[grant.pk]), follow=True)
    assert "已收回" in text(response)
    own = Grant.objects.get(account__username="anquan")
    assert "不能收回自己的授权" in text(security.post(reverse("grant_end", args=[own.pk]), follow=True))


def test_account_is_linked_to_a_person_and_unlinked(security, county, person):
    unit = Unit.objects.create(jurisdiction=county, name="教育局", unit_type="department", pinyin="x", initials="x")
    UnitContact.objects.create(unit=unit, role=ContactRole.LIAISON, person=person, from_on=clock.today())
    account = new_account("lianluo", "联络员")
    address = reverse("account_link", args=[account.pk])
    for words in ("陈", "chen", "cy"):
        shown = security.get(address, {"q": words}).context["people"]
        assert [(one["person"].name, one["roles"]) for one in shown] == [("陈一", ["教育局联络员"])]
    assert security.get(address, {"q": "王"}).context["people"] == []
    assert security.post(address, {"person": person.pk})["Location"] == reverse("grants")
    line = next(one for one in security.get(reverse("grants")).context["lines"] if one["account"] == account)
    assert (line["person"], line["following"]) == (person, ["教育局联络员"])
    assert roles(account) == ["liaison"]
    assert "已关联" in text(security.get(address))
    security.post(address, {"unlink": "1"})
    assert Person.objects.get(pk=person.pk).account is None
    assert Event.objects.latest("pk").name == "orgs.person_changed"


def test_administrator_is_linked_to_nobody(security, person):
    account = Account.objects.get(username="anquan")
    response = security.post(reverse("account_link", args=[account.pk]), {"person": person.pk})
    assert (response.status_code, "三员账号不得兼任业务角色" in text(response)) == (400, True)


def test_whole_role_table_is_shown_in_chinese(security):
    response = security.get(reverse("role_table"))
    lines = dict(response.context["lines"])
    roles = [label for label, _ in response.context["roles"]]
    assert [roles[at] for at, may in enumerate(lines["准予销号"]) if may] == ["督查室主任"]
    assert [roles[at] for at, may in enumerate(lines["管理授权"]) if may] == ["安全管理员"]
    assert (len(lines), len(roles)) == (len(Permission), len(Role) - 1)


# ── the trail ──


@pytest.fixture
def events(county):
    long_ago = clock.now() - timedelta(days=40)
    for number, (name, who) in enumerate(
        [("matters.edited", "甲"), ("matters.edited", "乙"), ("intake.cell_corrected", "=cmd()")]
    ):
        subject = Subject(type="thing", id=number, label=f"第{number}项", data={"before": "旧", "after": f"新{number}"})
        record(EventName(name), subject, by=Actor(name=who), now=long_ago + timedelta(days=number))
    return Event.objects.filter(actor_name__in=["甲", "乙", "=cmd()"]).order_by("pk")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"name": "matters.edited"}, ["第1项", "第0项"]),
        ({"person": "乙"}, ["第1项"]),
        ({"object": "第2"}, ["第2项"]),
        ({"name": "matters.edited", "person": "甲"}, ["第0项"]),
        ({"name": "no.such"}, None),
    ],
)
def test_trail_is_filtered(auditor, events, query, expected):
    lines = auditor.get(reverse("audit"), query).context["lines"]
    found = [one["object"] for one in lines]
    assert found == expected if expected is not None else len(found) > 3


def test_trail_is_filtered_by_days_both_included(auditor, events):
    days = [(clock.now() - timedelta(days=40 - n)).date().isoformat() for n in range(3)]
    shown = auditor.get(reverse("audit"), {"from": days[1], "to": days[1]}).context["lines"]
    assert [one["object"] for one in shown] == ["第1项"]
    shown = auditor.get(reverse("audit"), {"from": "2020-13-45", "to": "x"}).context["lines"]
    assert len(shown) > 3


def test_trail_shows_no_contents_until_opened_with_a_reason(auditor, events):
    event = events[2]
    address = reverse("audit_event", args=[event.pk])
    assert "新2" not in text(auditor.get(reverse("audit"))) + text(auditor.get(address))
    assert auditor.post(address, {"reason": ""}).status_code == 400
    opened = auditor.post(address, {"reason": "抽查更正"})
    assert ("新2" in text(opened), opened["Cache-Control"]) == (True, "no-store")
    trace = Event.objects.latest("pk")
    assert (trace.name, trace.actor_name, trace.data) == ("audit.opened", "审计员", {"reason": "抽查更正"})
    assert auditor.get(reverse("audit_event", args=[Event.objects.latest("pk").pk + 99])).status_code == 404


def test_trail_is_paged(auditor):
    subject = Subject(type="thing", id=1, label="事项")
    for _ in range(120):
        record(EventName.MATTER_EDITED, subject, by=SYSTEM, now=clock.now())
    first = auditor.get(reverse("audit"), {"name": "matters.edited"})
    second = auditor.get(reverse("audit"), {"name": "matters.edited", "page": "2"})
    assert (len(first.context["lines"]), len(second.context["lines"])) == (100, 20)
    assert "name=matters.edited&amp;page=2" in text(first)


def test_trail_is_exported_as_filtered_and_computes_nothing(auditor, events):
    response = auditor.get(reverse("audit_csv"), {"name": "intake.cell_corrected"})
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    assert rows[0] == ["编号", "时间", "事件", "人员", "对象"]
    assert [row[2:] for row in rows[1:]] == [["更正读取结果", "'=cmd()", "第2项"]]
    assert "新2" not in content


def test_verifying_shows_what_was_changed(auditor, events):
    assert "全部记录与摘要相符" in text(auditor.post(reverse("audit_verify")))
    tamper("UPDATE audit_event SET subject_label = '别的' WHERE id = %s", events[0].pk)
    response = auditor.post(reverse("audit_verify"))
    assert response.context["found"].untrue == [events[0].pk]
    assert "有 1 条记录与摘要不符" in text(response)
    assert auditor.get(reverse("audit_verify")).status_code == 405
