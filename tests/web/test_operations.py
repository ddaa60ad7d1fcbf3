"""运行: what the system administrator sees and does, and that nobody else does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from duban.access.rules import Role
from duban.audit.models import Event
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.jobs import leases
from duban.jobs.models import Schedule, Task, Worker
from duban.orgs.models import Jurisdiction
from duban.outbox.actions import NewMessage, post_message
from duban.outbox.models import Channel, Delivery
from duban.outbox.rules import ChannelKind, MessageKind
from tests.jobs import calls
from tests.outbox.conftest import channel_to, people  # noqa: F401  fixtures
from tests.outbox.servers import free_port, gateway, mail_server
from tests.web.test_administration import new_account, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def system():
    client = Client()
    client.force_login(new_account("xitong", "系统员", Role.SYSTEM_ADMIN))
    client.get(reverse("home"))  # the session's first sign of life is written
    return client


@pytest.fixture
def dead():
    told = {"at": clock.now().isoformat(), "kind": "builtins.ValueError", "places": "duban/x.py:1 f\nduban/y.py:2 g"}
    return Task.objects.create(
        path="tests.jobs.calls.mark", args=["a"], label="记号", state="dead", attempts=5, errors=[told]
    )


@pytest.fixture
def delivery(people, channel_to):  # noqa: F811
    channel_to(ChannelKind.EMAIL, port=1)
    message = NewMessage(people[0], title="教育局第8项逾期", text="机密", dedupe_key="k", link="/my/")
    post_message(MessageKind.REMINDER, message=message, by=SYSTEM, now=clock.now())
    return Delivery.objects.get()


# ── tasks ──


def test_page_says_that_no_worker_lives(system):
    assert "没有后台进程在运行" in text(system.get(reverse("operations")))
    real = clock.real()
    Worker.objects.create(key="k", host="ducha-1", pid=42, started_at=real, seen_at=real, doing="喂鱼")
    page = text(system.get(reverse("operations")))
    assert ("没有后台进程在运行" in page, "ducha-1:42" in page) == (False, True)


def test_page_shows_what_is_due_what_ran_and_what_died(system, dead):
    leases.publish_schedule([calls.FEED, calls.WEEKLY])
    now = clock.now()
    leases.enqueue_due([calls.FEED], runner=calls.run_job, now=now.replace(hour=12))
    Task.objects.filter(label="喂鱼").update(state="done", result=3, finished_at=now)
    context = system.get(reverse("operations")).context
    assert [(one["label"], one["when"]) for one in context["schedule"]] == [
        ("喂鱼", "每天 00:30"),
        ("浇花", "每周日 03:00"),
    ]
    assert context["schedule"][0]["last"]["label"] == "完成"
    assert [(one["name"], one["note"]) for one in context["waiting"]] == [("记号", "试了 5 次都没有办成")]
    assert [one["note"] for one in context["recent"]] == ["3 项"]
    assert context["dead"] == 1


def test_page_says_that_the_clock_jumped(system):
    Schedule.objects.create(name="x", label="喂鱼", at="00:30", is_held=True)
    assert "请核对服务器时钟" in text(system.get(reverse("operations")))


def test_waiting_retry_says_when(system):
    for label, seconds in (("a", -5), ("b", 50), ("c", 1700)):
        Task.objects.create(path="x", label=label, attempts=1, retry_at=clock.real() + timedelta(seconds=seconds))
    notes = {one["name"]: one["note"] for one in system.get(reverse("operations")).context["waiting"]}
    assert (notes["a"], notes["c"]) == ("试过 1 次，即将再试", "试过 1 次，约 28 分钟后再试")
    assert notes["b"].endswith("秒后再试")


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_for_one_row_and_for_three(
    system,
    people,  # noqa: F811
    channel_to,  # noqa: F811
    count,
    django_assert_num_queries,
):
    channel_to(ChannelKind.EMAIL, port=1)
    for number in range(count):
        Task.objects.create(path="x", label=str(number))
        Task.objects.create(path="x", label=str(number), state="done")
        Schedule.objects.create(name=str(number), label=str(number), at="00:30")
        message = NewMessage(people[0], title="t", dedupe_key=str(number))
        post_message(MessageKind.REMINDER, message=message, by=SYSTEM, now=clock.now())
    for name, queries in (("operations", 9), ("deliveries", 8), ("channels", 8)):
        with django_assert_num_queries(queries):
            assert system.get(reverse(name)).status_code == 200


def test_dead_task_is_tried_again(system, dead):
    address = reverse("task", args=[dead.pk])
    page = text(system.get(address))
    assert ("builtins.ValueError" in page, "duban/x.py:1 f" in page, "重试" in page) == (True, True, True)
    assert system.post(address, {"step": "retry"})["Location"] == reverse("operations")
    dead.refresh_from_db()
    assert (dead.state, Event.objects.latest("pk").name) == ("ready", "jobs.task_retried")
    assert system.post(address, {"step": "retry"}).status_code == 409


def test_dead_task_is_set_aside_with_a_reason(system, dead):
    address = reverse("task", args=[dead.pk])
    assert system.post(address, {"step": "drop", "reason": ""}).status_code == 400
    assert system.post(address, {"step": "drop", "reason": "已手工办理"}).status_code == 302
    dead.refresh_from_db()
    assert dead.state == "dropped"
    assert "重试" in text(system.get(address))
    assert system.get(reverse("task", args=[dead.pk + 1])).status_code == 404


# ── sendings ──


def test_sendings_show_no_words_and_no_whole_address(system, delivery):
    Delivery.objects.update(state="unknown", address="z***@example.cn", words="没有答复")
    page = text(system.get(reverse("deliveries")))
    assert ("z***@example.cn" in page, "没有答复" in page, "不明" in page) == (True, True, True)
    for word in ("第8项", "机密", "周一", "zhou@example.cn"):
        assert word not in page


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 1), ({"state": "failed"}, 1), ({"state": "dead"}, 1), ({"state": "sent"}, 0), ({"state": "x"}, 1)],
)
def test_sendings_are_filtered(system, delivery, query, count):
    Delivery.objects.update(state="dead")
    assert len(system.get(reverse("deliveries"), query).context["lines"]) == count
    assert len(system.get(reverse("deliveries"), query | {"channel": delivery.channel_id}).context["lines"]) == count
    assert system.get(reverse("deliveries"), {"channel": delivery.channel_id + 1}).context["lines"] == []


def test_sending_is_sent_again_or_set_aside(system, delivery):
    address = reverse("delivery_step", args=[delivery.pk])
    assert system.post(address, {"step": "resend"}).status_code == 409
    Delivery.objects.update(state="unknown")
    assert system.post(address, {"step": "resend"}).status_code == 302
    assert Delivery.objects.get().state == "pending"
    assert system.post(address, {"step": "drop"}).status_code == 302
    assert Delivery.objects.get().state == "dropped"
    assert system.post(reverse("delivery_step", args=[delivery.pk + 1])).status_code == 404


# ── channels ──


def edit(county, kind):
    return reverse("channel_edit", args=[county.pk, kind])


MAIL = {"host": "smtp.example.cn", "port": "465", "security": "tls", "sender": "ducha@example.cn", "username": "ducha"}


def test_channel_is_set_up_and_its_secret_is_never_shown_again(system, county):
    address = edit(county, "email")
    assert "465" in text(system.get(address))
    given = MAIL | {"password": "geheim-77", "is_enabled": "1", "version": "0"}
    assert system.post(address, given)["Location"] == address
    page = text(system.get(address))
    assert ("geheim-77" in page, "已设置，不填则不变" in page, "smtp.example.cn" in page) == (False, True, True)
    assert "geheim-77" not in text(system.get(reverse("channels"))) + str(list(Event.objects.values()))
    assert system.post(address, MAIL | {"password": "", "version": "1"}).status_code == 302
    channel = Channel.objects.get()
    assert (channel.is_enabled, channel.version) == (False, 2)


def test_channel_that_cannot_work_is_refused_and_keeps_what_was_typed(system, county):
    given = MAIL | {"port": "hundert", "password": "geheim-77", "version": "0"}
    response = system.post(edit(county, "email"), given)
    assert (response.status_code, "hundert" in text(response), "geheim-77" in text(response)) == (400, True, False)
    assert Channel.objects.count() == 0


def test_channel_changed_meanwhile_shows_what_stands(system, county):
    address = edit(county, "email")
    system.post(address, MAIL | {"password": "geheim-77", "version": "0"})
    system.post(address, MAIL | {"host": "smtp2.example.cn", "version": "1"})
    response = system.post(address, MAIL | {"host": "smtp3.example.cn", "version": "1"})
    page = text(response)
    assert (response.status_code, "smtp2.example.cn" in page, "smtp3.example.cn" in page) == (409, True, True)
    assert system.post(address, MAIL | {"host": "smtp3.example.cn", "version": "2"}).status_code == 302


def test_channel_is_tried(system, county, channel_to):  # noqa: F811
    step = reverse("channel_step", args=[county.pk, "email"])
    assert system.post(step, {"to": "w@example.cn"}).status_code == 404
    with mail_server() as box:
        channel_to(ChannelKind.EMAIL, port=box.port)
        page = text(system.post(step, {"to": "w@example.cn"}, follow=True))
        assert ("试发：已收下" in page, len(box.taken)) == (True, 1)
        assert "请填写收试发邮件的邮箱" in text(system.post(step, {"to": ""}, follow=True))
    channel_to(ChannelKind.EMAIL, port=free_port(), version=1)
    assert "对方拒绝连接" in text(system.post(step, {"to": "w@example.cn"}, follow=True))
    assert "发不出去" in text(system.get(reverse("channels")))


def test_robot_is_set_up_tried_and_shows_the_end_of_its_key_only(system, county):
    with gateway(lambda asked: (200, b'{"errcode": 0}')) as far:
        given = {"url": f"{far.url}/send?key=KEY-12345678", "is_enabled": "1", "version": "0"}
        system.post(edit(county, "wecom"), given)
        page = text(system.post(reverse("channel_step", args=[county.pk, "wecom"]), follow=True))
    assert ("试发：已收下" in page, "KEY-1234" in page, "…5678" in page) == (True, False, True)


def test_everything_a_channel_did_not_send_goes_again(system, county, delivery):
    Delivery.objects.update(state="dead")
    step = reverse("channel_step", args=[county.pk, "email"])
    assert "1 条已排入重发" in text(system.post(step, {"step": "resend"}, follow=True))
    assert Delivery.objects.get().state == "pending"
    assert "没有未发出的消息" in text(system.post(step, {"step": "resend"}, follow=True))


def test_channels_of_several_places_stand_apart(system, county):
    other = Jurisdiction.objects.create(level="county", name="云岭县", short_name="云岭县")
    system.post(edit(other, "email"), MAIL | {"password": "x-secret", "version": "0"})
    page = text(system.get(reverse("channels")))
    assert ("云岭县" in page, "临江区" in page) == (True, True)
    assert Channel.objects.get().jurisdiction == other


@pytest.mark.parametrize("kind", ["pigeon", "inbox"])
def test_channel_of_no_kind_is_not_there(system, county, kind):
    assert system.get(edit(county, kind)).status_code == 404
    assert system.get(reverse("channel_edit", args=[county.pk + 9, "email"])).status_code == 404
