"""A worker at work: jobs and channels beside each other, and how it stops."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connections

from duban.access.actions import create_account, grant_role
from duban.access.rules import Role
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.jobs import leases
from duban.jobs.models import Schedule, Task, Worker
from duban.outbox.models import Channel, Delivery, Message
from duban.outbox.rules import ChannelKind, Outcome, Result
from duban.worker import loop as loops
from duban.worker.loop import Loop, drain, upkeep
from duban.worker.schedule import SCHEDULE, run_job
from tests.jobs import calls
from tests.outbox.conftest import channel_to, people  # noqa: F401  fixtures
from tests.outbox.servers import gateway, mail_server, says_nothing
from tests.outbox.test_sending import post


@pytest.fixture
def operator(now):
    account = create_account(
        "xitong", name="系统员", password="qiche-2020", by=SYSTEM, now=now, must_change_password=False
    )
    grant_role(account, role=Role.SYSTEM_ADMIN, jurisdiction_id=None, from_on=now.date(), by=SYSTEM, now=now)
    return account


class Running:
    """A loop in a thread of its own, until the block ends."""

    def __init__(self, **given) -> None:
        self.loop = Loop(jobs=[calls.FEED], runner=calls.run_job, idle_s=0.02, **given)
        self.thread = threading.Thread(target=self.loop.run)

    def __enter__(self):
        self.thread.start()
        return self.loop

    def __exit__(self, *error):
        self.loop.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


def wait_for(what, *, seconds=15):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.django_db(transaction=True)
def test_worker_runs_what_is_due_sends_what_waits_and_says_goodbye(people, channel_to):  # noqa: F811
    with mail_server() as box:
        channel_to(ChannelKind.EMAIL, port=box.port)
        post(people[0], "k", now=clock.now())
        calls.mark.enqueue("a")
        with Running() as loop:
            assert wait_for(lambda: Task.objects.filter(state="done").count() == 2 and box.taken)
            assert wait_for(lambda: Delivery.objects.get().state == "sent")
    assert calls.marks() == ["a", f"feed {clock.today()}"]
    worker = Worker.objects.get(key=loop.key)
    assert worker.stopped_at is not None
    assert list(Schedule.objects.exclude(label="mark").values_list("label", flat=True)) == ["喂鱼"]


@pytest.mark.django_db(transaction=True)
def test_channel_that_hangs_holds_up_neither_jobs_nor_other_channels(people, channel_to):  # noqa: F811
    with gateway(lambda asked: says_nothing(3)) as slow, mail_server() as box:
        channel_to(ChannelKind.SMS, url=f"{slow.url}/send")
        channel_to(ChannelKind.EMAIL, port=box.port)
        post(people[0], "k", now=clock.now())
        with Running():
            assert wait_for(lambda: slow.asked)
            began = time.monotonic()
            calls.mark.enqueue("a")
            assert wait_for(lambda: "a" in calls.marks() and box.taken)
            assert time.monotonic() - began < 2.5
            assert Delivery.objects.get(channel__kind="sms").state == "sending"


@pytest.mark.django_db(transaction=True)
def test_worker_outlives_a_database_that_is_away(monkeypatch):
    fails = [OperationalError("database is locked")] * 3
    real_claim = leases.claim

    def claim(**given):
        if fails:
            raise fails.pop()
        return real_claim(**given)

    monkeypatch.setattr(loops.leases, "claim", claim)
    monkeypatch.setattr(loops, "_AFTER_FAULT_S", 0.01)
    calls.mark.enqueue("a")
    with Running():
        assert wait_for(lambda: "a" in calls.marks())
    assert fails == []


@pytest.mark.django_db(transaction=True)
def test_stopping_worker_finishes_what_it_has_in_hand():
    calls.slowly.enqueue("a")
    with Running() as loop:
        assert wait_for(lambda: loop.doing == "slowly")
    assert calls.marks()[:1] == ["a"]
    connections.close_all()


# ── what the operators hear ──


@pytest.mark.django_db
def test_task_that_dies_is_told_to_the_operators_each_time(operator, now, monkeypatch):
    monkeypatch.setattr(loops.clock, "now", lambda: now)
    calls.leave_and_fail.enqueue("a")
    for _ in range(2):
        Task.objects.update(attempts=4, state="ready", retry_at=None)
        assert loops.run_next(worker="w").state == "dead"
    assert [(one.account, one.title) for one in Message.objects.all()] == [
        (operator, "后台任务“leave_and_fail”多次没有办成，已停下")
    ] * 2


@pytest.mark.django_db
def test_task_whose_workers_died_is_told_too(operator, now, monkeypatch):
    monkeypatch.setattr(loops.clock, "now", lambda: now)
    calls.mark.enqueue("a")
    leases.claim(worker="w", now=now, real=clock.real() - timedelta(hours=1))
    Task.objects.update(attempts=5)
    upkeep(jobs=[], runner=calls.run_job)
    assert Message.objects.get().title == "后台任务“mark”多次没有办成，已停下"


@pytest.mark.django_db
def test_channel_down_for_long_is_told_once(operator, channel_to, now, monkeypatch):  # noqa: F811
    channel = channel_to(ChannelKind.EMAIL, port=1)
    Channel.objects.update(failing_since=now, last_error="对方拒绝连接")
    for minutes, expected in ((14, 0), (16, 1), (600, 1)):
        moment = now + timedelta(minutes=minutes)
        monkeypatch.setattr(loops.clock, "now", lambda moment=moment: moment)
        upkeep(jobs=[], runner=calls.run_job)
        assert Message.objects.count() == expected
    message = Message.objects.get()
    assert (message.title, message.text) == ("邮件自02月03日 09:00起发不出去", "对方拒绝连接")
    assert str(channel) in message.title


@pytest.mark.django_db
def test_message_that_did_not_arrive_is_told_once_a_day(operator, people, channel_to, now, monkeypatch):  # noqa: F811
    monkeypatch.setattr(loops.clock, "now", lambda: now)
    monkeypatch.setattr(loops.clock, "today", lambda: now.date())
    monkeypatch.setattr(loops.sending, "send", lambda *given, **more: Outcome(Result.REFUSED, "无此用户"))
    channel = channel_to(ChannelKind.EMAIL, port=1)
    for number in range(3):
        post(people[0], f"k{number}", now=now)
    assert drain(channel.pk, wait=lambda seconds: False) == 3
    assert [one.title for one in Message.objects.filter(account=operator)] == ["邮件有消息没有送达"]


@pytest.mark.django_db
def test_fault_of_ours_while_sending_is_unknown_and_stops_nobody(people, channel_to, now, monkeypatch):  # noqa: F811
    def fails(*given, **more):
        raise ValueError("bug")

    monkeypatch.setattr(loops.sending, "send", fails)
    channel = channel_to(ChannelKind.EMAIL, port=1)
    post(people[0], "k", now=now)
    assert drain(channel.pk, wait=lambda seconds: False) == 1
    assert Delivery.objects.get().state == "unknown"


# ── the real schedule ──


def test_schedule_is_in_time_order_and_names_are_unique():
    assert [one.at for one in SCHEDULE] == sorted(one.at for one in SCHEDULE)
    assert len({one.name for one in SCHEDULE}) == len({one.label for one in SCHEDULE}) == len(SCHEDULE)


@pytest.mark.django_db
@pytest.mark.parametrize("job", SCHEDULE, ids=lambda job: job.name)
def test_every_job_of_the_schedule_runs_and_twice_is_no_harm(county, now, job):
    for _ in range(2):
        job.run(now.date(), by=SYSTEM, now=now)
    run_job.func(job.name, now.date().isoformat())


def test_job_that_is_no_more_is_said():
    with pytest.raises(LookupError, match="no job gone"):
        run_job.func("gone", "2020-02-03")
