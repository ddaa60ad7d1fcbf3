"""消息: the bell, the list, reading."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from duban.access.rules import Role
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.orgs.models import Person
from duban.outbox.actions import NewMessage, post_message
from duban.outbox.models import Message
from duban.outbox.rules import MessageKind
from tests.web.test_administration import new_account, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(county):
    return new_account("ducha", "督查员甲", Role.OFFICER, county=county)


@pytest.fixture
def client(account):
    client = Client()
    client.force_login(account)
    client.get(reverse("home"))
    return client


def post(to, key, **given):
    message = NewMessage(to, title=f"提醒{key}", dedupe_key=key, **given)
    return post_message(MessageKind.REMINDER, message=message, by=SYSTEM, now=clock.now())


def test_bell_counts_what_is_unread(client, account):
    assert "条未读" not in text(client.get(reverse("inbox")))
    post(account, "一")
    post(account, "二", not_before=clock.now() + timedelta(hours=1))
    assert '<b class="bell-count">1<' in text(client.get(reverse("ledger")))


def test_list_shows_ones_own_messages_newest_first(client, account, county):
    other = Person.objects.create(jurisdiction=county, name="周一", pinyin="x", initials="x")
    post(account, "一", text="第一行\n第二行<script>")
    post(other, "别人的")
    post(account, "二")
    page = client.get(reverse("inbox"))
    assert [one["message"].title for one in page.context["lines"]] == ["提醒二", "提醒一"]
    assert "第一行<br>第二行&lt;script&gt;" in text(page)


def test_person_and_account_read_in_one_place(client, account, county):
    me = Person.objects.create(jurisdiction=county, name="督查员甲", pinyin="x", initials="x", account=account)
    post(account, "一")
    post(me, "二")
    assert len(client.get(reverse("inbox")).context["lines"]) == 2


def test_opening_a_message_reads_it_and_leads_on(client, account):
    message = post(account, "一", link="/ledger/?q=8")
    assert client.post(reverse("inbox_open", args=[message.pk]))["Location"] == "/ledger/?q=8"
    assert Message.objects.get().read_at is not None
    assert client.get(reverse("inbox"), {"state": "unread"}).context["lines"] == []
    plain = post(account, "二")
    assert client.post(reverse("inbox_open", args=[plain.pk]))["Location"] == reverse("inbox")


def test_message_of_somebody_else_is_not_there(client, county):
    other = Person.objects.create(jurisdiction=county, name="周一", pinyin="x", initials="x")
    message = post(other, "一")
    assert client.post(reverse("inbox_open", args=[message.pk])).status_code == 404
    assert Message.objects.get().read_at is None


def test_message_that_has_not_arrived_is_not_there(client, account):
    message = post(account, "一", not_before=clock.now() + timedelta(hours=1))
    assert client.post(reverse("inbox_open", args=[message.pk])).status_code == 404


def test_everything_is_read_at_once(client, account):
    post(account, "一")
    post(account, "二")
    assert "2 条消息已标为已读" in text(client.post(reverse("inbox_read"), follow=True))
    assert "没有未读的消息" in text(client.post(reverse("inbox_read"), follow=True))


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same(client, account, count, django_assert_num_queries):
    for number in range(count):
        post(account, str(number))
    with django_assert_num_queries(7):  # session, account, grants, person, count, messages, unread
        client.get(reverse("inbox"))


def test_part_of_a_page_does_not_count_the_unread(client, account, django_assert_num_queries):
    post(account, "一")
    with django_assert_num_queries(5) as captured:
        client.get(reverse("people"), headers={"HX-Request": "true"})
    assert not any("outbox_message" in one["sql"] for one in captured)
