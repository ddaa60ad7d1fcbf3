"""Sending on a lease: a channel that is down, slow, never answers; a worker that dies on the way."""

import threading
from datetime import timedelta

import pytest

from duban.core import clock
from duban.core.actor import SYSTEM
from duban.outbox import sending
from duban.outbox.actions import NewMessage, post_message, resend
from duban.outbox.channels.wire import exchange
from duban.outbox.models import Channel, Delivery
from duban.outbox.rules import LEASE, ChannelKind, MessageKind, Outcome, Result
from tests.at_once import at_once
from tests.outbox.servers import Mailbox, free_port, gateway, mail_server, says_nothing

pytestmark = pytest.mark.django_db


@pytest.fixture
def real():
    return clock.real()


def post(to, key, *, now, **given):
    message = NewMessage(to, title=f"提醒 {key}", dedupe_key=key, **given)
    return post_message(MessageKind.REMINDER, message=message, by=SYSTEM, now=now)


def drain(channel, *, now, real):
    """Send as a worker does, at a moment of our own; return how often it tried."""
    tries = 0
    while taken := sending.claim(channel, now=now, real=real):
        outcome = sending.send(channel, taken, real=real)
        sending.settle(channel, taken, outcome, now=now, real=real)
        tries += 1
    return tries


def states():
    return sorted(Delivery.objects.values_list("state", flat=True))


def test_everything_waiting_goes_out_once(people, channel_to, now, real):
    with mail_server() as box:
        channel = channel_to(ChannelKind.EMAIL, port=box.port)
        for number in range(3):
            post(people[0], f"k{number}", now=now)
        assert (drain(channel, now=now, real=real), drain(channel, now=now, real=real)) == (3, 0)
    assert (len(box.taken), states()) == (3, ["sent"] * 3)
    delivery = Delivery.objects.first()
    assert (delivery.address, delivery.settled_at, delivery.words) == ("z***@example.cn", now, "已收下")
    channel.refresh_from_db()
    assert (channel.last_sent_at, channel.failures) == (now, 0)


def test_mail_server_down_for_two_days_loses_nothing_and_doubles_nothing(people, channel_to, now, real):
    port = free_port()
    channel = channel_to(ChannelKind.EMAIL, port=port)
    hours = 48
    tries = 0
    for hour in range(hours * 4):  # a worker looks every quarter of an hour; six mails a day come in
        moment = timedelta(minutes=15 * hour)
        if hour % 16 == 0:
            post(people[0], f"k{hour}", now=now + moment)
        tries += drain(channel, now=now + moment, real=real + moment)
    assert states() == ["pending"] * 12
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    channel.refresh_from_db()
    assert (channel.failing_since, channel.last_error) == (now, "对方拒绝连接")
    assert tries <= hours * 2 + 4  # one mail every half hour knocks, not all of them
    later = timedelta(hours=hours + 1)
    with mail_server(port=port) as box:
        assert drain(channel, now=now + later, real=real + later) == 12
    assert (len(box.taken), len({content for _, _, content in box.taken}), states()) == (12, 12, ["sent"] * 12)
    channel.refresh_from_db()
    assert (channel.failing_since, channel.failures, channel.last_error) == (None, 0, "")


def test_channel_at_fault_rests_and_other_mail_waits(people, channel_to, now, real):
    channel = channel_to(ChannelKind.EMAIL, port=free_port())
    for number in range(5):
        post(people[0], f"k{number}", now=now)
    assert drain(channel, now=now, real=real) == 1
    assert drain(channel, now=now, real=real + timedelta(seconds=29)) == 0
    assert not Channel.objects.with_work(now=now, real=real).exists()
    assert drain(channel, now=now, real=real + timedelta(seconds=30)) == 1
    channel.refresh_from_db()
    assert (channel.failures, channel.retry_at) == (2, real + timedelta(seconds=30, minutes=2))


def test_channel_that_never_answers_makes_one_unknown_at_a_time(people, channel_to, now, real, monkeypatch):
    monkeypatch.setitem(exchange.__kwdefaults__, "seconds", 0.3)
    with gateway(lambda asked: says_nothing()) as far:
        channel = channel_to(ChannelKind.SMS, url=f"{far.url}/send")
        for number in range(4):
            post(people[0], f"k{number}", now=now)
        drain(channel, now=now, real=real)
        assert states() == ["pending"] * 3 + ["unknown"]
        drain(channel, now=now, real=real + timedelta(days=1))
        assert states() == ["pending"] * 2 + ["unknown"] * 2
        assert len(far.asked) == 2  # what is unknown is not sent again


def test_unknown_is_sent_again_only_when_somebody_says_so(people, channel_to, system_admin, now, real):
    answers = [(500, b""), (200, b'{"code": 0}')]
    with gateway(lambda asked: answers.pop(0)) as far:
        channel = channel_to(ChannelKind.SMS, url=f"{far.url}/send")
        post(people[0], "k", now=now)
        late = real + timedelta(days=1)
        assert (drain(channel, now=now, real=real), drain(channel, now=now, real=late), states()) == (1, 0, ["unknown"])
        resend(Delivery.objects.get(), by=system_admin, now=now)
        assert (drain(channel, now=now, real=late), states(), len(far.asked)) == (1, ["sent"], 2)


def test_refused_for_now_is_tried_five_times_and_then_dead(people, channel_to, now, real):
    with mail_server(mailbox=Mailbox(rcpt="450 greylisted")) as box:
        channel = channel_to(ChannelKind.EMAIL, port=box.port)
        post(people[0], "k", now=now)
        assert [drain(channel, now=now, real=real + timedelta(hours=hour)) for hour in range(7)] == [
            1,
            1,
            1,
            1,
            1,
            0,
            0,
        ]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("dead", 5)
    assert "greylisted" in delivery.words
    channel.refresh_from_db()
    assert channel.failures == 0


def test_refused_for_good_does_not_hold_up_the_others(people, channel_to, now, real):
    box = Mailbox(rcpt="550 no such user")
    with mail_server(mailbox=box):
        channel = channel_to(ChannelKind.EMAIL, port=box.port)
        for number in range(3):
            post(people[0], f"k{number}", now=now)
        assert drain(channel, now=now, real=real) == 3
    assert states() == ["dead"] * 3


def test_person_is_reached_where_they_are_reached_today(people, channel_to, now, real):
    with mail_server() as box:
        channel = channel_to(ChannelKind.EMAIL, port=box.port)
        post(people[0], "k1", now=now)
        post(people[2], "k2", now=now)
        people[0].email = "neu@example.cn"
        people[0].save()
        people[2].email = ""
        people[2].save()
        drain(channel, now=now, real=real)
    assert [to for _, to, _ in box.taken] == [["neu@example.cn"]]
    assert states() == ["dead", "sent"]


def test_group_hears_one_sentence_for_everybody(people, channel_to, now, real):
    with gateway(lambda asked: (200, b'{"errcode": 0}')) as far:
        channel = channel_to(ChannelKind.WECOM, url=f"{far.url}/hook")
        for number, person in enumerate(people):
            post(person, f"k{number}", now=now, count=number + 1)
        assert drain(channel, now=now, real=real) == 1
    [asked] = far.asked
    assert "3 人共有 6 项待办".encode() in asked.body
    assert b"13900000001" in asked.body
    assert states() == ["sent"] * 3


def test_quiet_until_its_hour(people, channel_to, now, real):
    with mail_server() as box:
        channel = channel_to(ChannelKind.EMAIL, port=box.port)
        post(people[0], "k", now=now, not_before=now + timedelta(hours=10))
        assert drain(channel, now=now + timedelta(hours=9), real=real) == 0
        assert drain(channel, now=now + timedelta(hours=10), real=real) == 1
    assert len(box.taken) == 1


def test_channel_switched_off_keeps_what_waits(people, channel_to, now, real):
    channel = channel_to(ChannelKind.EMAIL, port=free_port())
    post(people[0], "k", now=now)
    channel = channel_to(ChannelKind.EMAIL, port=free_port(), is_enabled=False, version=1)
    assert (drain(channel, now=now, real=real), states()) == (0, ["pending"])


def test_worker_that_died_on_the_way_leaves_it_unknown(people, channel_to, now, real):
    channel = channel_to(ChannelKind.EMAIL, port=free_port())
    post(people[0], "k", now=now)
    [taken] = sending.claim(channel, now=now, real=real)
    assert sending.sweep(now=now, real=real + LEASE) == 0
    assert sending.sweep(now=now, real=real + LEASE + timedelta(seconds=1)) == 1
    assert states() == ["unknown"]
    sending.settle(channel, [taken], Outcome(Result.SENT), now=now, real=real)  # back from the dead
    assert states() == ["unknown"]


def test_clock_set_back_strands_no_sending(people, channel_to, now, real):
    channel = channel_to(ChannelKind.EMAIL, port=free_port())
    post(people[0], "k", now=now)
    sending.claim(channel, now=now, real=real + timedelta(days=2))
    assert sending.sweep(now=now, real=real) == 1
    Channel.objects.update(retry_at=real + timedelta(days=2))
    Delivery.objects.update(state="pending")
    assert Channel.objects.with_work(now=now, real=real).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_out_what_waits(people, channel_to, now, real):
    lock = threading.Lock()
    bodies = []

    def answer(asked):
        with lock:
            bodies.append(asked.body)
        return 200, b'{"code": 0}'

    with gateway(answer) as far:
        body = '{"mobile": "{phone}", "content": "{count}"}'
        channel = channel_to(ChannelKind.SMS, url=f"{far.url}/send", body=body)
        for number in range(10):
            post(people[0], f"k{number}", now=now, count=number)

        def work():
            return drain(channel, now=now, real=real)

        outcomes = at_once(work, work, work)
    assert sum(outcomes) == 10
    assert (len(bodies), len(set(bodies)), states()) == (10, 10, ["sent"] * 10)
