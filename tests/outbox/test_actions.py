"""What is posted, read, sent again, and set up."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from duban.access.actions import create_account, grant_role
from duban.access.rules import Role
from duban.audit.models import Event
from duban.core.actor import SYSTEM, Actor
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.orgs.models import Jurisdiction, Person
from duban.outbox import safe
from duban.outbox.actions import (
    NewMessage,
    alert_operators,
    change_channel,
    drop,
    mark_all_read,
    mark_read,
    post_message,
    post_messages,
    resend,
    resend_dead,
    try_channel,
)
from duban.outbox.models import Channel, Delivery, Message
from duban.outbox.queries import channel_lines, deliveries_for_operator, messages_of, unread_count
from duban.outbox.rules import ChannelKind, DeliveryState, MessageKind, Result
from tests.at_once import at_once
from tests.conftest import holder
from tests.outbox.servers import free_port, gateway, mail_server

pytestmark = pytest.mark.django_db
HOOK = "https://robot.example.cn/send?key=abcd1234"


def post(to, key="k", *, now, **given):
    message = NewMessage(to, title="明天到期 2 项", dedupe_key=key, count=2, **given)
    return post_message(MessageKind.REMINDER, message=message, by=SYSTEM, now=now)


def reader(person) -> Actor:
    return Actor(name=person.name, account_id=70 + person.pk, person_id=person.pk)


# ── posting ──


def test_same_cause_is_posted_once(people, channel_to, now):
    channel_to(ChannelKind.EMAIL, port=1)
    first = post(people[0], now=now)
    assert (first.pk, post(people[0], now=now), post(people[1], now=now)) == (first.pk, None, None)
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)


def test_message_goes_by_every_way_the_person_can_be_reached(people, channel_to, now):
    channel_to(ChannelKind.EMAIL, port=1)
    channel_to(ChannelKind.SMS, url="https://sms.example.cn/")
    channel_to(ChannelKind.WECOM, url=HOOK)
    channel_to(ChannelKind.FEISHU, url=HOOK, is_enabled=False)
    for number, person in enumerate(people):
        post(person, f"k{number}", now=now)
    ways = [
        sorted(Delivery.objects.filter(message__person=one).values_list("channel__kind", flat=True)) for one in people
    ]
    assert ways == [["email", "sms", "wecom"], ["wecom"], ["email", "wecom"]]


def test_message_may_name_its_ways_and_its_hour(people, channel_to, now):
    channel_to(ChannelKind.EMAIL, port=1)
    channel_to(ChannelKind.WECOM, url=HOOK)
    morning = now + timedelta(hours=9)
    post(people[0], now=now, channels=[ChannelKind.EMAIL], not_before=morning)
    [delivery] = Delivery.objects.all()
    assert (delivery.channel.kind, delivery.not_before) == ("email", morning)
    assert (unread_count(reader(people[0]), now=now), unread_count(reader(people[0]), now=morning)) == (0, 1)


def test_message_of_another_place_does_not_go_by_this_one(people, channel_to, now):
    channel_to(ChannelKind.WECOM, url=HOOK)
    other = Jurisdiction.objects.create(level="county", name="云岭县", short_name="云岭县")
    far = Person.objects.create(jurisdiction=other, name="冯一", pinyin="x", initials="x")
    post(far, now=now)
    assert Delivery.objects.count() == 0


def test_message_rolled_back_was_never_posted(people, now):
    with transaction.atomic():
        post(people[0], now=now)
        transaction.set_rollback(True)
    assert Message.objects.count() == 0


@pytest.mark.parametrize("link", ["https://example.cn/", "//example.cn/", "/\\example.cn", "my/"])
def test_message_leads_nowhere_outside(people, now, link):
    with pytest.raises(ValueError, match="not a path of ours"):
        post(people[0], now=now, link=link)


@pytest.mark.parametrize("count", [1, 40])
def test_posting_costs_the_same_however_many(people, channel_to, now, count, django_assert_max_num_queries):
    channel_to(ChannelKind.EMAIL, port=1)
    channel_to(ChannelKind.WECOM, url=HOOK)
    messages = [NewMessage(people[number % 3], title="t", dedupe_key=f"k{number}") for number in range(count)]
    with django_assert_max_num_queries(8):
        assert len(post_messages(MessageKind.REMINDER, messages=messages, by=SYSTEM, now=now)) == count


@pytest.mark.django_db(transaction=True)
def test_two_that_post_the_same_at_once_leave_one(people, channel_to, now):
    channel_to(ChannelKind.WECOM, url=HOOK)

    def both():
        messages = [NewMessage(people[0], title="t", dedupe_key=f"k{number}") for number in range(5)]
        return len(post_messages(MessageKind.REMINDER, messages=messages, by=SYSTEM, now=now))

    outcomes = at_once(both, both, both)
    assert sorted(outcomes) == [0, 0, 5]
    assert (Message.objects.count(), Delivery.objects.count()) == (5, 5)


def test_operators_are_told_once_each(now):
    for number in range(2):
        account = create_account(
            f"xitong{number}", name="系统员", password="qiche-2020", by=SYSTEM, now=now, must_change_password=False
        )
        grant_role(account, role=Role.SYSTEM_ADMIN, jurisdiction_id=None, from_on=now.date(), by=SYSTEM, now=now)
    told = {"dedupe_key": "task/1", "link": "/operations/", "by": SYSTEM, "now": now}
    assert (alert_operators("停下了", **told), alert_operators("停下了", **told)) == (2, 0)
    actor = Actor(name="系统员", account_id=account.pk)
    assert [one.title for one in messages_of(actor, now=now)] == ["停下了"]


# ── reading ──


def test_messages_are_seen_by_their_reader_only(people, now):
    message = post(people[0], now=now)
    mine, other = reader(people[0]), reader(people[1])
    assert (unread_count(mine, now=now), unread_count(other, now=now)) == (1, 0)
    for actor in (other, Actor(name="未登录"), holder("system_admin"), holder("officer")):
        with pytest.raises(NotFound):
            mark_read(message, by=actor, now=now)
    read = mark_read(message, by=mine, now=now)
    again = mark_read(message, by=mine, now=now + timedelta(hours=1))
    assert (read.read_at, again.read_at, unread_count(mine, now=now)) == (now, now, 0)
    assert Event.objects.count() == 0


def test_mark_all_read_leaves_what_has_not_arrived(people, now):
    post(people[0], "now", now=now)
    post(people[0], "later", now=now, not_before=now + timedelta(hours=1))
    post(people[1], "other", now=now)
    assert mark_all_read(by=reader(people[0]), now=now) == 1
    assert set(Message.objects.filter(read_at=None).values_list("dedupe_key", flat=True)) == {"later", "other"}


def test_nobody_has_no_messages(people, now, django_assert_num_queries):
    post(people[0], now=now)
    with django_assert_num_queries(0):
        assert unread_count(Actor(name="未登录"), now=now) == 0
    assert list(messages_of(Actor(name="未登录"), now=now)) == []


# ── sending again ──


@pytest.fixture
def delivery(people, channel_to, now):
    channel_to(ChannelKind.EMAIL, port=1)
    return Delivery.objects.get(message=post(people[0], now=now))


@pytest.mark.parametrize("state", ["dead", "unknown", "dropped"])
def test_resend_what_did_not_or_may_not_have_gone_out(delivery, system_admin, now, state):
    Delivery.objects.update(state=state, attempts=5)
    Event.objects.all()
    again = resend(delivery, by=system_admin, now=now)
    assert (again.state, again.attempts) == ("pending", 0)
    assert Event.objects.latest("pk").name == "outbox.delivery_resent"
    with pytest.raises(WrongState):
        resend(delivery, by=system_admin, now=now)


@pytest.mark.parametrize("state", ["pending", "sent"])
def test_resend_refused_for_what_goes_out_or_went(delivery, system_admin, now, state):
    Delivery.objects.update(state=state)
    with pytest.raises(WrongState):
        resend(delivery, by=system_admin, now=now)


def test_resend_dead_leaves_the_unknown_alone(delivery, people, system_admin, now):
    Delivery.objects.update(state="dead")
    post(people[2], "k2", now=now)
    Delivery.objects.exclude(pk=delivery.pk).update(state="unknown")
    assert resend_dead(delivery.channel, by=system_admin, now=now) == 1
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["pending", "unknown"]
    assert Event.objects.latest("pk").data == {"count": 1}
    with pytest.raises(WrongState):
        resend_dead(delivery.channel, by=system_admin, now=now)


def test_drop(delivery, system_admin, now):
    assert drop(delivery, by=system_admin, now=now).state == DeliveryState.DROPPED
    assert Event.objects.latest("pk").data == {"before": "pending"}
    with pytest.raises(WrongState):
        drop(delivery, by=system_admin, now=now)


# ── channels ──


MAIL = {"host": "smtp.example.cn", "port": "465", "security": "tls", "sender": "ducha@example.cn", "username": "ducha"}


def change(county, *, version, now, by=SYSTEM, is_enabled=True, **given):
    return change_channel(
        county, kind=ChannelKind.EMAIL, given=MAIL | given, is_enabled=is_enabled, version=version, by=by, now=now
    )


def key_files():
    folder = settings.DATA_DIR / "keys" / "channels"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.mark.django_db(transaction=True)
def test_secrets_are_in_a_file_of_their_own_and_nowhere_else(county, now):
    before = key_files()
    channel = change(county, version=0, now=now, password="geheim-1")
    [name] = key_files() - before
    path = settings.DATA_DIR / "keys" / "channels" / name
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (channel.secret_ref, safe.take(name)) == (name, {"password": "geheim-1"})
    assert "geheim-1" not in str(list(Channel.objects.values())) + str(list(Event.objects.values()))
    changed = change(county, version=1, now=now, password="geheim-2")
    assert key_files() - before == {changed.secret_ref}
    kept = change(county, version=2, now=now, host="smtp2.example.cn")
    assert safe.take(kept.secret_ref) == {"password": "geheim-2"}
    assert [one.data for one in Event.objects.order_by("pk")][1:] == [
        {"before": {}, "after": {}, "secrets": ["密码"]},
        {"before": {"服务器": "smtp.example.cn"}, "after": {"服务器": "smtp2.example.cn"}},
    ]


@pytest.mark.django_db(transaction=True)
def test_change_that_fails_keeps_the_old_secrets(county, now, monkeypatch):
    change(county, version=0, now=now, password="geheim-1")
    before = key_files()

    def fails(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr("duban.outbox.actions.record", fails)
    with pytest.raises(DatabaseError):
        change(county, version=1, now=now, password="geheim-2")
    channel = Channel.objects.get()
    assert (safe.take(channel.secret_ref), channel.version) == ({"password": "geheim-1"}, 1)
    assert key_files() == before


def test_two_administrators_do_not_overwrite_each_other(county, now):
    change(county, version=0, now=now, password="geheim-1")
    change(county, version=1, now=now, host="smtp2.example.cn")
    with pytest.raises(Conflict) as refusal:
        change(county, version=1, now=now, host="smtp3.example.cn")
    assert refusal.value.theirs.settings["host"] == "smtp2.example.cn"


def test_channel_whose_keys_are_lost_asks_for_them_again(county, now):
    channel = change(county, version=0, now=now, password="geheim-1")
    safe.forget(channel.secret_ref)
    with pytest.raises(Invalid) as refusal:
        change(county, version=1, now=now)
    assert refusal.value.field == "password"
    outcome = try_channel(channel, to="w@example.cn", by=SYSTEM, now=now, real=now)
    assert (outcome.result, "keys/channels" in outcome.words) == (Result.UNREACHABLE, True)


def test_trying_a_channel_says_what_came_of_it(channel_to, system_admin, now):
    with mail_server() as box:
        channel = channel_to(ChannelKind.EMAIL, port=box.port)
        outcome = try_channel(channel, to=" w@example.cn ", by=system_admin, now=now, real=now)
    assert (outcome.result, len(box.taken)) == (Result.SENT, 1)
    event = Event.objects.latest("pk")
    assert (event.name, event.data) == (
        "outbox.channel_tested",
        {"result": "sent", "words": "已收下", "to": "w***@example.cn"},
    )
    channel.refresh_from_db()
    assert channel.last_sent_at == now


def test_trying_a_channel_that_is_down_marks_it(channel_to, system_admin, now):
    channel = channel_to(ChannelKind.EMAIL, port=free_port())
    assert try_channel(channel, to="w@example.cn", by=system_admin, now=now, real=now).result is Result.UNREACHABLE
    channel.refresh_from_db()
    assert (channel.failures, channel.failing_since, channel.last_error) == (1, now, "对方拒绝连接")


@pytest.mark.parametrize(
    ("kind", "to"), [(ChannelKind.EMAIL, ""), (ChannelKind.EMAIL, "x"), (ChannelKind.SMS, "0595-1")]
)
def test_trying_a_channel_without_an_address_is_refused(channel_to, system_admin, now, kind, to):
    channel = channel_to(kind, port=1, url="https://sms.example.cn/")
    with pytest.raises(Invalid) as refusal:
        try_channel(channel, to=to, by=system_admin, now=now, real=now)
    assert refusal.value.field == "to"


def test_trying_a_robot_needs_no_address(channel_to, system_admin, now):
    with gateway(lambda asked: (200, b'{"errcode": 0}')) as far:
        channel = channel_to(ChannelKind.DINGTALK, url=f"{far.url}/robot", secret="SECabc")
        assert try_channel(channel, to="", by=system_admin, now=now, real=now).result is Result.SENT
    assert b"\\u" not in far.asked[0].body


@pytest.mark.parametrize("role", ["officer", "office_head", "security_admin", "audit_admin", "liaison", "leader"])
def test_only_the_system_administrator_minds_the_outbox(delivery, county, now, role):
    actor, channel = holder(role, jurisdiction=county), delivery.channel
    Delivery.objects.update(state="dead")
    events = Event.objects.count()
    for call in (
        lambda: resend(delivery, by=actor, now=now),
        lambda: resend_dead(channel, by=actor, now=now),
        lambda: drop(delivery, by=actor, now=now),
        lambda: change(county, version=1, now=now, by=actor, password="x"),
        lambda: try_channel(channel, to="w@example.cn", by=actor, now=now, real=now),
        lambda: channel_lines(actor),
        lambda: deliveries_for_operator(actor),
    ):
        with pytest.raises(NotAllowed):
            call()
    delivery.refresh_from_db()
    channel.refresh_from_db()
    assert (delivery.state, channel.version, Event.objects.count()) == ("dead", 1, events)


@pytest.mark.parametrize("count", [1, 3])
def test_channel_lines_cost_the_same(people, channel_to, system_admin, now, count, django_assert_num_queries):
    channel_to(ChannelKind.WECOM, url=HOOK)
    for number in range(count):
        post(people[0], f"k{number}", now=now)
    with django_assert_num_queries(3):
        lines = channel_lines(system_admin)
    assert [(one.kind.value, one.counts) for one in lines if one.channel] == [("wecom", {DeliveryState.PENDING: count})]
    assert len(lines) == 5


def test_operators_read_no_words(people, delivery, system_admin, now):
    found = deliveries_for_operator(system_admin).get()
    assert {"title", "text", "link"} <= found.message.get_deferred_fields()
