from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from duban.access import actions
from duban.access.actions import (
    change_account,
    change_own_password,
    create_account,
    end_grant,
    grant_role,
    open_event,
    record_refusal,
    reset_password,
    unlock_account,
    verify_trail,
)
from duban.access.models import Account, Grant
from duban.access.queries import accounts_for_administrator, accounts_with_grants, events_for_auditor, grants_in_force
from duban.access.rules import Role
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core.actor import SYSTEM, Actor
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.orgs.models import Person

PASSWORD = "qiche-2020"


@pytest.fixture
def account(db, now) -> Account:
    return create_account("zhangsan", name="张三", password=PASSWORD, by=SYSTEM, now=now)


def make(username, now, name="李四"):
    return create_account(username, name=name, password=PASSWORD, by=SYSTEM, now=now)


def grant(account, role, now, *, by=SYSTEM, county=None, **given):
    given.setdefault("from_on", now.date())
    return grant_role(account, role=role, jurisdiction_id=county.pk if county else None, by=by, now=now, **given)


def events() -> list[tuple[str, str]]:
    return list(Event.objects.order_by("pk").values_list("name", "subject_label"))


# ── accounts ──


def test_create_account(db, system_admin, now):
    account = create_account(" Ｚhang San ", name=" 张三 ", password=PASSWORD, by=system_admin, now=now)
    stored = Account.objects.get(pk=account.pk)
    assert (stored.username, stored.name, stored.is_active, stored.must_change_password) == (
        "zhangsan",
        "张三",
        True,
        True,
    )
    assert stored.check_password(PASSWORD)
    assert events() == [("access.account_created", "张三（zhangsan）")]
    assert PASSWORD not in str(list(Event.objects.values()))


@pytest.mark.parametrize(
    ("username", "name", "password", "field"),
    [
        ("", "张三", PASSWORD, "username"),
        ("a", "张三", PASSWORD, "username"),
        ("x" * 41, "张三", PASSWORD, "username"),
        ("a<b", "张三", PASSWORD, "username"),
        ("lisi", " ", PASSWORD, "name"),
        ("lisi", "张" * 41, PASSWORD, "name"),
        ("lisi", "李四", "short1", "password"),
        ("lisi", "李四", "20202020", "password"),
        ("lisi", "李四", "password1", "password"),
        ("lisiyuan", "李四", "lisiyuan1", "password"),
        ("ZhangSan", "另一个", PASSWORD, "username"),
        ("ｚｈａｎｇｓａｎ", "另一个", PASSWORD, "username"),
    ],
)
def test_create_account_refuses(account, now, username, name, password, field):
    before = events()
    with pytest.raises(Invalid) as caught:
        create_account(username, name=name, password=password, by=SYSTEM, now=now)
    assert caught.value.field == field
    assert (Account.objects.count(), events()) == (1, before)


def test_username_is_unique_in_the_database(account, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(username="zhangsan", name="别人", created_at=now)


@pytest.mark.parametrize("who", ["officer", "office_head", "security_admin", "auditor"])
def test_accounts_are_the_system_administrators_alone(account, who, request, now):
    actor = request.getfixturevalue(who)
    before = events()
    for attempt in (
        lambda: create_account("lisi", name="李四", password=PASSWORD, by=actor, now=now),
        lambda: change_account(account, name="李四", is_active=False, by=actor, now=now),
        lambda: reset_password(account, password="chuan-2020", by=actor, now=now),
        lambda: unlock_account(account, by=actor, now=now),
        lambda: accounts_for_administrator(actor),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    account.refresh_from_db()
    assert (account.name, account.is_active, events()) == ("张三", True, before)


def test_change_account_says_what_stood_before(account, system_admin, now):
    change_account(account, name="张三丰", is_active=False, by=system_admin, now=now)
    event = Event.objects.latest("pk")
    assert (event.name, event.data) == (
        "access.account_changed",
        {"before": {"name": "张三", "is_active": True}, "after": {"name": "张三丰", "is_active": False}},
    )
    change_account(account, name="张三丰", is_active=False, by=system_admin, now=now)
    assert Event.objects.latest("pk").pk == event.pk


def test_change_account_keeps_oneself_and_the_last_administrator(account, now):
    grant(account, Role.SYSTEM_ADMIN, now)
    oneself = Actor(name="张三", account_id=account.pk, held=SYSTEM.held)
    with pytest.raises(Invalid, match="自己"):
        change_account(account, name="张三", is_active=False, by=oneself, now=now)
    with pytest.raises(Invalid, match="最后一名系统管理员"):
        change_account(account, name="张三", is_active=False, by=SYSTEM, now=now)
    other = make("lisi", now)
    grant(other, Role.SYSTEM_ADMIN, now)
    assert not change_account(account, name="张三", is_active=False, by=SYSTEM, now=now).is_active
    with pytest.raises(Invalid, match="最后一名系统管理员"):
        change_account(other, name="李四", is_active=False, by=SYSTEM, now=now)


def test_reset_password_must_be_changed(account, system_admin, now):
    Account.objects.update(must_change_password=False)
    reset_password(account, password="chuan-2020", by=system_admin, now=now)
    account.refresh_from_db()
    assert (account.check_password("chuan-2020"), account.must_change_password) == (True, True)
    assert events()[-1][0] == "access.password_reset"


def test_reset_password_is_not_for_oneself(account, now):
    with pytest.raises(Invalid):
        reset_password(
            account, password="chuan-2020", by=Actor(name="张三", account_id=account.pk, held=SYSTEM.held), now=now
        )


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("falsch-99", "chuan-2020", "old"), (PASSWORD, PASSWORD, "new"), (PASSWORD, "kurz", "password")],
)
def test_change_own_password_refuses(account, now, old, new, field):
    me = Actor(name="张三", account_id=account.pk)
    with pytest.raises(Invalid) as caught:
        change_own_password(account, old=old, new=new, by=me, now=now)
    assert caught.value.field == field
    assert Account.objects.get(pk=account.pk).must_change_password


def test_change_own_password(account, now):
    change_own_password(account, old=PASSWORD, new="chuan-2020", by=Actor(name="张三", account_id=account.pk), now=now)
    account.refresh_from_db()
    assert (account.check_password("chuan-2020"), account.must_change_password) == (True, False)
    with pytest.raises(Invalid):
        change_own_password(account, old="chuan-2020", new=PASSWORD, by=Actor(name="别人", account_id=0), now=now)


# ── grants ──


def test_grant_role(account, county, security_admin, now):
    given = grant(account, Role.OFFICER, now, by=security_admin, county=county)
    assert [one.pk for one in grants_in_force(account, on=now.date())] == [given.pk]
    assert list(grants_in_force(account, on=now.date() - timedelta(days=1))) == []
    event = Event.objects.latest("pk")
    assert (event.name, event.actor_name, event.data["account"], event.data["role"]) == (
        "access.role_granted",
        "安全管理员",
        "zhangsan",
        "officer",
    )


def test_grants_are_the_security_administrators_alone(account, county, officer, system_admin, auditor, now):
    given = grant(account, Role.OFFICER, now, county=county)
    for actor in (officer, system_admin, auditor):
        with pytest.raises(NotAllowed):
            grant(account, Role.OFFICE_HEAD, now, by=actor, county=county)
        with pytest.raises(NotAllowed):
            end_grant(given, to_on=now.date(), by=actor, now=now)
        with pytest.raises(NotAllowed):
            accounts_with_grants(actor, on=now.date())
    assert Grant.objects.get() == given


@pytest.mark.parametrize("role", [Role.LEADER, Role.LIAISON, Role.UNIT_HEAD, Role.SYSTEM])
def test_grant_role_refuses_what_follows_from_posts(account, county, now, role):
    with pytest.raises(Invalid):
        grant(account, role, now, county=county)


def test_grant_role_refuses_oneself_twice_and_nowhere(account, county, now):
    oneself = Actor(name="张三", account_id=account.pk, held=SYSTEM.held)
    with pytest.raises(Invalid, match="自己"):
        grant(account, Role.OFFICER, now, by=oneself, county=county)
    with pytest.raises(Invalid, match="辖区"):
        grant(account, Role.OFFICER, now)
    with pytest.raises(Invalid, match="秘书"):
        grant(account, Role.SECRETARY, now, county=county)
    grant(account, Role.OFFICER, now, county=county)
    with pytest.raises(Invalid, match="已是督查员"):
        grant(account, Role.OFFICER, now, county=county)
    Account.objects.update(is_active=False)
    with pytest.raises(Invalid, match="停用"):
        grant(account, Role.OFFICE_HEAD, now, county=county)


def test_business_grant_without_a_place_is_refused_by_the_database(account, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(account=account, role=Role.OFFICER, from_on=now.date(), granted_by_name="某人")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN),
        (Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN),
        (Role.OFFICER, Role.AUDIT_ADMIN),
        (Role.SECURITY_ADMIN, Role.OFFICE_HEAD),
    ],
)
@pytest.mark.parametrize("days", [0, 30])
def test_duties_stay_separate_also_for_grants_to_come(account, county, now, first, second, days):
    grant(account, first, now, county=county, from_on=now.date() + timedelta(days=days))
    with pytest.raises(Invalid, match=r"三员|不同的人"):
        grant(account, second, now, county=county)
    assert Grant.objects.count() == 1


def test_account_of_a_person_becomes_no_administrator(account, county, now):
    Person.objects.create(jurisdiction=county, name="张三", pinyin="zhangsan", initials="zs", account=account)
    with pytest.raises(Invalid, match="三员"):
        grant(account, Role.AUDIT_ADMIN, now)
    grant(account, Role.OFFICER, now, county=county)


def test_administrators_hold_for_the_whole_system(account, county, now):
    assert grant(account, Role.AUDIT_ADMIN, now, county=county).jurisdiction_id is None


def test_secretary_may_serve_two_leaders_but_each_once(account, county, now):
    grant(account, Role.SECRETARY, now, county=county, leader_person_id=7)
    grant(account, Role.SECRETARY, now, county=county, leader_person_id=8)
    with pytest.raises(Invalid):
        grant(account, Role.SECRETARY, now, county=county, leader_person_id=8)
    assert grant(account, Role.OFFICER, now, county=county, leader_person_id=8).leader_person_id is None


def test_end_grant_at_once_or_later(account, county, security_admin, now):
    today = now.date()
    at_once = grant(account, Role.OFFICER, now, county=county)
    later = grant(account, Role.OFFICE_HEAD, now, county=county)
    end_grant(at_once, to_on=today - timedelta(days=1), by=security_admin, now=now)
    end_grant(later, to_on=today + timedelta(days=10), by=security_admin, now=now)
    assert [one.pk for one in grants_in_force(account, on=today)] == [later.pk]
    with pytest.raises(WrongState):
        end_grant(at_once, to_on=today, by=security_admin, now=now)
    end_grant(later, to_on=today, by=security_admin, now=now)
    assert list(grants_in_force(account, on=today + timedelta(days=1))) == []
    assert [name for name, _ in events()].count("access.role_ended") == 3
    grant(account, Role.OFFICER, now, county=county)


def test_end_grant_does_not_rewrite_the_past_nor_take_the_last_administrator(account, county, now):
    given = grant(account, Role.OFFICER, now, county=county)
    with pytest.raises(Invalid):
        end_grant(given, to_on=now.date() - timedelta(days=2), by=SYSTEM, now=now)
    last = grant(make("anquan", now), Role.SECURITY_ADMIN, now)
    with pytest.raises(Invalid, match="最后一名安全管理员"):
        end_grant(last, to_on=now.date(), by=SYSTEM, now=now)
    with pytest.raises(Invalid, match="自己"):
        end_grant(last, to_on=now.date(), by=Actor(name="安", account_id=last.account_id, held=SYSTEM.held), now=now)
    grant(make("anquan2", now), Role.SECURITY_ADMIN, now)
    end_grant(last, to_on=now.date(), by=SYSTEM, now=now)


# ── the trail ──


def test_auditor_opens_an_event_with_a_reason(account, auditor, now):
    event = Event.objects.get()
    opened = open_event(event.pk, reason=" 抽查 ", by=auditor, now=now)
    assert opened == event
    trace = Event.objects.latest("pk")
    assert (trace.name, trace.subject_id, trace.data) == ("audit.opened", event.pk, {"reason": "抽查"})


@pytest.mark.parametrize("reason", ["", " ", "x"])
def test_auditor_without_a_reason_opens_nothing(account, auditor, now, reason):
    with pytest.raises(Invalid):
        open_event(Event.objects.get().pk, reason=reason, by=auditor, now=now)
    assert Event.objects.count() == 1


def test_trail_is_the_auditors_alone(account, officer, system_admin, security_admin, auditor, now):
    for actor in (officer, system_admin, security_admin):
        with pytest.raises(NotAllowed):
            open_event(Event.objects.get().pk, reason="好奇", by=actor, now=now)
        with pytest.raises(NotAllowed):
            events_for_auditor(actor)
        with pytest.raises(NotAllowed):
            verify_trail(by=actor, now=now)
    assert Event.objects.count() == 1
    with pytest.raises(NotFound):
        open_event(Event.objects.get().pk + 1, reason="抽查", by=auditor, now=now)


def test_auditors_list_does_not_fetch_contents(account, auditor):
    assert events_for_auditor(auditor).get().get_deferred_fields() == {"data"}


def test_refusal_is_an_event(db, officer, now):
    record_refusal("/matters/1/" + "x" * 200, code="not_allowed", by=officer, now=now)
    event = Event.objects.get()
    assert (event.name, event.subject_label[:11], event.data) == (
        "access.refused",
        "/matters/1/",
        {"code": "not_allowed"},
    )


def test_nothing_changes_when_the_event_cannot_be_written(account, county, now, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("disk full")

    given = grant(account, Role.OFFICER, now, county=county)
    monkeypatch.setattr(actions, "record", full)
    before = Account.objects.values().get()
    for attempt in (
        lambda: make("lisi", now),
        lambda: change_account(account, name="李四", is_active=True, by=SYSTEM, now=now),
        lambda: reset_password(account, password="chuan-2020", by=SYSTEM, now=now),
        lambda: grant(account, Role.OFFICE_HEAD, now, county=county),
        lambda: end_grant(given, to_on=now.date(), by=SYSTEM, now=now),
    ):
        with pytest.raises(OSError, match="disk full"), transaction.atomic():
            attempt()
    assert Account.objects.values().get() == before
    assert list(Grant.objects.values_list("pk", "to_on")) == [(given.pk, None)]


def test_unlock_is_an_event(account, system_admin, now):
    unlock_account(account, by=system_admin, now=now)
    assert events()[-1] == (EventName.ACCOUNT_UNLOCKED.value, "张三（zhangsan）")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Shan-8", "密码太短，至少 8 位。"),
        ("password123", "密码太常见，容易被猜到。"),
        ("8264019375", "密码不能全是数字。"),
        ("wangchunhe1", "密码与用户名或姓名太相近。"),
    ],
)
def test_weak_password_is_refused_in_chinese(db, now, password, words):
    with pytest.raises(Invalid) as refusal:
        create_account("wangchunhe", name="王春和", password=password, by=SYSTEM, now=now)
    assert refusal.value.message == words
