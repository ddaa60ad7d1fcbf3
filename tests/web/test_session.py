"""The door: signing in and out, locks, limits of a session, passwords."""

import hashlib
import logging
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

import duban.settings
from duban.access.actions import change_account, create_account, grant_role, reset_password
from duban.access.models import Account
from duban.access.rules import Role
from duban.audit.models import Event
from duban.core import clock
from duban.core.actor import SYSTEM

PASSWORD = "qiche-2020"
WRONG = "用户名或密码不正确。"
LOCKED = "密码连续输错 5 次，该用户名已锁定 15 分钟。请稍后再试，或请系统管理员解锁。"


@pytest.fixture
def account(db) -> Account:
    account = create_account(
        "zhangsan", name="张三", password=PASSWORD, by=SYSTEM, now=clock.now(), must_change_password=False
    )
    grant_role(account, role=Role.SYSTEM_ADMIN, jurisdiction_id=None, from_on=clock.today(), by=SYSTEM, now=clock.now())
    return account


def sign_in(client, *, username="zhangsan", password=PASSWORD, **more):
    return client.post(reverse("sign_in"), {"username": username, "password": password, **more})


def names() -> list[str]:
    return list(Event.objects.filter(name__startswith="access.s").order_by("pk").values_list("name", flat=True))


def said(response) -> str:
    return response.context["problem"]


def test_passwords_are_argon2():
    assert duban.settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    with_argon = hashers.Argon2PasswordHasher().encode(PASSWORD, "salz" * 4)
    assert with_argon.startswith("argon2$argon2id$")


def test_sign_in_and_out(client, account):
    before = client.get(reverse("sign_in"))
    assert before.status_code == 200
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/")["Location"] == reverse("accounts")
    assert client.get(reverse("sign_in"))["Location"] == "/"
    out = client.post(reverse("sign_out"))
    assert (out["Location"], out["Clear-Site-Data"]) == (reverse("sign_in"), '"cache"')
    assert client.get(reverse("accounts")).status_code == 302
    assert names() == ["access.signed_in", "access.signed_out"]


def test_last_sign_in_is_noted_by_the_doors_clock(client, account, monkeypatch):
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", "-200000000")
    sign_in(client)
    assert abs(Account.objects.get().last_login - clock.now()) < timedelta(seconds=10)


def test_sign_out_takes_post_only_and_a_token(client, account):
    client.force_login(account)
    assert client.get(reverse("sign_out")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account)
    response = strict.post(reverse("sign_out"))
    assert (response.status_code, "页面已过期" in response.content.decode()) == (403, True)


def test_user_name_in_any_case_and_width(client, account):
    assert sign_in(client, username=" ＺhangSAN ").status_code == 302


def test_session_gets_a_new_key_at_sign_in(client, account):
    client.get(reverse("sign_in"))
    session = client.session
    session["planted"] = "x"
    session.save()
    planted = session.session_key
    sign_in(client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/accounts/?q=a", "/accounts/?q=a"),
        ("https://anderswo.example/", "/"),
        ("//anderswo.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\anderswo.example", "/"),
        ("", "/"),
    ],
)
def test_next_stays_in_the_house(client, account, target, expected):
    shown = client.get(reverse("sign_in"), {"next": target})
    assert shown.context["next"] == ("" if expected == "/" else expected)
    assert sign_in(client, next=target)["Location"] == expected


def test_stranger_is_sent_to_the_door_and_back(client, account):
    response = client.get("/accounts/?q=a")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/accounts/%3Fq%3Da")
    assert client.post(reverse("sign_out"))["Location"] == "/sign-in/"
    part = client.get("/accounts/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/?q=b"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/sign-in/?next=/accounts/%3Fq%3Db")


# ── wrong tries ──


@pytest.mark.parametrize("username", ["zhangsan", "niemand", "", "x" * 300, "a\0b", "'; --"])
def test_wrong_try_says_the_same_whoever_it_is(client, account, username):
    response = sign_in(client, username=username, password="falsch")
    assert (response.status_code, said(response)) == (400, WRONG)
    assert names() == ["access.sign_in_failed"]
    assert Event.objects.get(name="access.sign_in_failed").data == {"address": "127.0.0.1"}


def test_account_switched_off_is_answered_like_a_wrong_password(client, account):
    Account.objects.update(is_active=False)
    response = sign_in(client)
    assert (response.status_code, said(response)) == (400, WRONG)


@pytest.mark.parametrize("username", ["zhangsan", "niemand"])
def test_password_is_hashed_once_whether_the_name_exists_or_not(client, account, username, monkeypatch):
    hashed = []
    encode = hashers.MD5PasswordHasher.encode

    def counted(self, password, salt):
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)
    sign_in(client, username=username, password="falsch")
    assert hashed == ["falsch"]


@pytest.mark.parametrize("username", ["zhangsan", "niemand"])
def test_five_bad_tries_lock_the_name(client, account, username):
    tries = [sign_in(client, username=username, password="falsch") for _ in range(5)]
    assert [one.status_code for one in tries] == [400, 400, 400, 400, 429]
    assert said(tries[-1]) == LOCKED
    locked = sign_in(client, username=username)
    assert (locked.status_code, said(locked)) == (429, LOCKED)
    failed, once = "access.sign_in_failed", "access.locked_out"
    found = list(Event.objects.filter(name__in=[failed, once]).order_by("pk").values_list("name", flat=True))
    assert found == [failed] * 4 + [once] + [failed]


def test_lock_counts_all_cases_widths_browsers_and_addresses_of_a_name(account):
    for number, username in enumerate(["zhangsan", "ZhangSan", "ＺＨＡＮＧＳＡＮ", " zhangsan", "zhang san"]):
        client = Client(headers={"User-Agent": f"browser {number}"}, REMOTE_ADDR=f"10.0.0.{number + 1}")
        response = sign_in(client, username=username, password="falsch")
    assert response.status_code == 429
    assert sign_in(Client()).status_code == 429


def test_lock_of_one_name_leaves_the_others_alone(client, account):
    for _ in range(6):
        sign_in(client, username="niemand", password="falsch")
    assert sign_in(client).status_code == 302


def test_lock_ends_after_fifteen_minutes_and_tries_do_not_prolong_it(client, account):
    for _ in range(5):
        sign_in(client, password="falsch")
    first = AccessAttempt.objects.get().attempt_time
    sign_in(client, password="falsch")
    assert AccessAttempt.objects.get().attempt_time == first
    AccessAttempt.objects.update(attempt_time=first - timedelta(minutes=14))
    assert sign_in(client).status_code == 429
    AccessAttempt.objects.update(attempt_time=first - timedelta(minutes=15, seconds=1))
    assert sign_in(client).status_code == 302
    assert AccessAttempt.objects.count() == 0


def test_good_sign_in_forgets_bad_tries(client, account):
    for _ in range(4):
        sign_in(client, password="falsch")
    sign_in(client)
    client.logout()
    assert [sign_in(client, password="falsch").status_code for _ in range(4)] == [400] * 4


def test_no_password_is_kept_anywhere(client, account, caplog):
    caplog.set_level(logging.DEBUG)
    for _ in range(6):
        sign_in(client, password="geheim-4711", next="/accounts/")
    kept = str(list(AccessAttempt.objects.values())) + str(list(Event.objects.values())) + caplog.text
    assert "geheim-4711" not in kept
    assert hashlib.sha256(b"geheim-4711").hexdigest() not in kept


# ── limits ──


@pytest.fixture
def signed_in(client, account):
    sign_in(client)
    return client


def moved(client, **seconds_ago):
    session = client.session
    for key, value in seconds_ago.items():
        session[key] = clock.now().timestamp() - value
    session.save()


def test_session_ends_after_two_idle_hours(signed_in):
    moved(signed_in, seen_s=7190)
    assert signed_in.get(reverse("accounts")).status_code == 200
    moved(signed_in, seen_s=7210)
    response = signed_in.get(reverse("accounts"), follow=True)
    assert response.redirect_chain == [("/sign-in/?next=/accounts/", 302)]
    assert "长时间没有操作" in response.content.decode()
    assert names() == ["access.signed_in", "access.signed_out"]


def test_what_a_page_asks_by_itself_is_no_sign_of_life(signed_in):
    moved(signed_in, seen_s=7000)
    seen = signed_in.session["seen_s"]
    signed_in.get(reverse("desk_states", args=[1]))
    assert signed_in.session["seen_s"] == seen
    moved(signed_in, seen_s=7210)
    assert signed_in.get(reverse("desk_states", args=[1])).status_code == 302


def test_nul_is_refused_before_a_page_meets_it(signed_in):
    for response in (
        signed_in.get(reverse("accounts"), {"q": "a\0b"}),
        signed_in.post(reverse("account_new"), {"username": "neu\0", "name": "新人"}),
    ):
        assert (response.status_code, "空字符" in response.content.decode()) == (400, True)
    assert Account.objects.count() == 1


def test_session_ends_after_twelve_hours_at_work(signed_in):
    moved(signed_in, began_s=12 * 3600 + 10, seen_s=10)
    assert signed_in.get(reverse("accounts")).status_code == 302
    assert settings.SESSION_COOKIE_AGE > 12 * 3600  # a form sent after the end still finds whose it was


def test_sign_of_life_is_written_once_a_minute(signed_in, django_assert_num_queries):
    moved(signed_in, seen_s=30)
    seen = signed_in.session["seen_s"]
    signed_in.get(reverse("accounts"))
    assert signed_in.session["seen_s"] == seen
    moved(signed_in, seen_s=90)
    signed_in.get(reverse("accounts"))
    assert clock.now().timestamp() - signed_in.session["seen_s"] < 20


def test_session_ends_with_the_account_and_with_the_password(signed_in, account):
    reset_password(account, password="chuan-2020", by=SYSTEM, now=clock.now())
    assert signed_in.get(reverse("accounts")).status_code == 302
    sign_in(signed_in, password="chuan-2020")
    Account.objects.update(must_change_password=False)
    assert signed_in.get(reverse("accounts")).status_code == 200
    other = create_account("lisi", name="李四", password=PASSWORD, by=SYSTEM, now=clock.now())
    grant_role(other, role=Role.SYSTEM_ADMIN, jurisdiction_id=None, from_on=clock.today(), by=SYSTEM, now=clock.now())
    change_account(account, name="张三", is_active=False, by=SYSTEM, now=clock.now())
    assert signed_in.get(reverse("accounts")).status_code == 302


def test_pages_are_kept_by_no_cache(signed_in):
    assert signed_in.get(reverse("accounts"))["Cache-Control"] == "private, no-cache"


def test_cookies_are_out_of_reach_of_scripts(client, account):
    client.get(reverse("sign_in"))
    sign_in(client)
    cookie = client.cookies["duban_session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


# ── passwords ──


def test_initial_password_must_be_changed_first(client, account):
    Account.objects.update(must_change_password=True)
    sign_in(client)
    assert client.get(reverse("accounts"))["Location"] == reverse("password")
    part = client.get(reverse("accounts"), headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == reverse("password")
    assert "初始密码" in client.get(reverse("password")).content.decode()
    change = {"old": PASSWORD, "new": "chuan-2020", "again": "chuan-2020"}
    assert client.post(reverse("password"), change)["Location"] == "/"
    assert client.get(reverse("accounts")).status_code == 200
    assert Event.objects.latest("pk").name == "access.password_changed"


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("falsch", "chuan-2020", "chuan-2020", "old"),
        (PASSWORD, "chuan-2020", "chuan-2021", "again"),
        (PASSWORD, "12345678", "12345678", "password"),
        (PASSWORD, PASSWORD, PASSWORD, "new"),
    ],
)
def test_password_page_says_what_is_wrong(signed_in, old, new, again, field):
    response = signed_in.post(reverse("password"), {"old": old, "new": new, "again": again})
    assert (response.status_code, response.context["field"]) == (400, field)
    assert Account.objects.get(username="zhangsan").check_password(PASSWORD)


def test_other_sessions_end_when_the_password_changes(signed_in):
    elsewhere = Client()
    sign_in(elsewhere)
    signed_in.post(reverse("password"), {"old": PASSWORD, "new": "chuan-2020", "again": "chuan-2020"})
    assert (signed_in.get(reverse("accounts")).status_code, elsewhere.get(reverse("accounts")).status_code) == (
        200,
        302,
    )


def test_without_any_role_only_the_password_page_is_left(client, db):
    account = create_account(
        "neu", name="新人", password=PASSWORD, by=SYSTEM, now=clock.now(), must_change_password=False
    )
    client.force_login(account)
    assert client.get("/")["Location"] == reverse("password")


def test_unknown_address_and_refusal_speak_chinese(signed_in):
    missing = signed_in.get("/gibt-es-nicht/")
    assert (missing.status_code, "没有这个页面" in missing.content.decode()) == (404, True)
    refused = signed_in.get(reverse("audit"))
    assert (refused.status_code, "没有办理此事的权限" in refused.content.decode()) == (403, True)
    event = Event.objects.latest("pk")
    assert (event.name, event.actor_name, event.subject_label) == ("access.refused", "张三", "/audit/")
