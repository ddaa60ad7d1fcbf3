"""A session that ends in the middle of typing: the text survives the sign-in, for its own account only."""

import pytest
from django.test import Client
from django.urls import reverse

from duban.access.actions import create_account, grant_role
from duban.access.models import Account
from duban.access.rules import Role
from duban.audit.models import Event
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.orgs.models import Unit
from tests.matters.builders import World, usual_world
from tests.web.test_session import PASSWORD, moved, sign_in

TYPED = {"sentence": "主体结构已经封顶，正在装修。", "pct": "60"}
WHOLE_DAY = 26 * 3600


@pytest.fixture
def account(county) -> Account:
    return officer_account("ducha", county)


def officer_account(username: str, county) -> Account:
    now = clock.now()
    account = create_account(username, name=username, password=PASSWORD, by=SYSTEM, now=now, must_change_password=False)
    grant_role(account, role=Role.OFFICER, jurisdiction_id=county.pk, from_on=now.date(), by=SYSTEM, now=now)
    return account


@pytest.fixture
def typing(account, county, officer, office_head, client) -> tuple[Client, str, dict[str, str]]:
    """Somebody at a form for a unit that telephoned."""
    world: World = usual_world(county, officer, office_head, clock.now())
    matter = world.started()
    sign_in(client, username="ducha")
    address = reverse("matter_progress", args=[matter.pk])
    unit = Unit.objects.get(name="教育局")
    return client, address, {**TYPED, "unit": str(unit.pk), "channel": "telephone", "informant": "周一"}


def entered() -> int:
    return Event.objects.filter(name="progress.entered").count()


@pytest.mark.parametrize("idle_s", [7_300, WHOLE_DAY])
def test_text_survives_the_sign_in_and_is_sent_on_with_one_press(typing, idle_s):
    client, address, given = typing
    moved(client, seen_s=idle_s, began_s=idle_s)
    told = client.post(address, given, follow=True)
    assert told.redirect_chain[-1][0] == reverse("sign_in")
    assert "填写的内容已保留" in told.content.decode()
    assert entered() == 0
    page = client.post(reverse("sign_in"), {"username": "ducha", "password": PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("kept")
    assert TYPED["sentence"] in page.content.decode()
    sent = client.post(reverse("kept"), given)
    assert (sent.status_code, sent["Location"]) == (307, address)  # the browser sends the same form there
    assert client.post(sent["Location"], given).status_code == 302
    assert entered() == 1
    assert client.get(reverse("kept")).status_code == 302


def test_text_is_shown_to_nobody_else(typing, county):
    client, address, given = typing
    officer_account("tongshi", county)
    moved(client, seen_s=7_300)
    client.post(address, given)
    page = client.post(reverse("sign_in"), {"username": "tongshi", "password": PASSWORD}, follow=True)
    assert TYPED["sentence"] not in page.content.decode()
    assert client.get(reverse("kept"))["Location"] == reverse("home")


def test_text_is_dropped_on_request(typing):
    client, address, given = typing
    moved(client, seen_s=7_300)
    client.post(address, given, headers={"Referer": f"http://testserver{address}"})
    client.post(reverse("sign_in"), {"username": "ducha", "password": PASSWORD})
    dropped = client.post(reverse("kept"), {"drop": "1"})
    assert dropped["Location"] == address
    assert client.get(reverse("kept"))["Location"] == reverse("home")


def test_passwords_and_parts_sent_by_a_page_are_not_kept(typing):
    client, address, given = typing
    for target, form, headers in (
        (reverse("password"), {"old": PASSWORD, "new": "hen-chang-de-mima", "again": "hen-chang-de-mima"}, {}),
        (address, given, {"HX-Request": "true"}),
        (address, {"unit": given["unit"], "channel": "paper"}, {}),
    ):
        sign_in(client, username="ducha")
        moved(client, seen_s=7_300)
        client.post(target, form, headers=headers)
        assert "kept" not in client.session


def test_a_form_too_long_is_not_kept(typing):
    client, address, given = typing
    moved(client, seen_s=7_300)
    client.post(address, {**given, "sentence": "长" * 200_001})
    assert "kept" not in client.session


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://testserver"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://elsewhere.example"}, False),
        ({}, False),
    ],
)
def test_a_form_with_an_old_token_is_offered_again_only_from_our_own_page(typing, headers, kept):
    _, address, given = typing
    client = Client(enforce_csrf_checks=True)
    client.force_login(Account.objects.get(username="ducha"))
    answer = client.post(address, given, headers=headers)
    assert (answer.status_code, "kept" in client.session) == ((302, True) if kept else (403, False))
    assert entered() == 0


def test_what_waits_outlives_a_second_end_of_the_session(typing):
    client, address, given = typing
    moved(client, seen_s=7_300)
    client.post(address, given)
    client.post(reverse("sign_in"), {"username": "ducha", "password": PASSWORD})
    moved(client, seen_s=7_300)
    assert client.get(reverse("kept")).status_code == 302
    page = client.post(reverse("sign_in"), {"username": "ducha", "password": PASSWORD}, follow=True)
    assert TYPED["sentence"] in page.content.decode()
