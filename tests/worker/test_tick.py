"""`duban tick`, in this process and as an operator calls it."""

from datetime import date, timedelta

import pytest

from duban.core import clock
from duban.core.errors import Invalid
from duban.jobs.models import Schedule, Task
from duban.outbox.models import Delivery
from duban.outbox.rules import ChannelKind
from duban.worker import once, tick
from duban.worker.schedule import SCHEDULE
from tests.jobs import calls
from tests.outbox.conftest import channel_to, people  # noqa: F401  fixtures
from tests.outbox.servers import mail_server
from tests.outbox.test_sending import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Return a function that sets the clock to an hour of a day; what the command moved is put back."""
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", "0")
    monkeypatch.delenv("DUBAN_CLOCK_UNTIL", raising=False)

    def set_clock(day, hour=12):
        moment = clock.datetime(day.year, day.month, day.day, hour, tzinfo=clock.SHANGHAI)
        monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str((moment - clock.real()).total_seconds()))

    return set_clock


FIRST = date(2020, 2, 3)


def lines(capsys):
    return capsys.readouterr().out.splitlines()


def test_tick_runs_today_once(at, capsys):
    at(FIRST)
    assert tick.main([]) == 0
    assert [one.partition("：")[0] for one in lines(capsys)] == [f"{job.label} 2020-02-03" for job in SCHEDULE]
    assert tick.main([]) == 0
    assert lines(capsys) == ["没有到期的任务。"]
    assert set(Task.objects.values_list("state", flat=True)) == {"done"}


def test_tick_catches_up_to_a_day(at, capsys):
    at(FIRST)
    tick.main([])
    at(FIRST + timedelta(days=5))
    tick.main(["--date", "2020-02-05"])
    assert Task.objects.latest("due_on").due_on == date(2020, 2, 5)
    tick.main([])
    assert Task.objects.latest("due_on").due_on == date(2020, 2, 8)


def test_dry_run_really_runs_and_leaves_nothing(at, capsys, monkeypatch):
    at(FIRST)
    monkeypatch.setattr(once, "SCHEDULE", (calls.FEED,))
    monkeypatch.setattr(once, "run_job", calls.run_job)
    assert tick.main(["--dry-run"]) == 0
    assert lines(capsys) == ["喂鱼 2020-02-03：完成", "（试运行，已全部撤销）"]
    assert (Task.objects.count(), Schedule.objects.count(), calls.marks()) == (0, 0, [])


def test_dry_run_shows_a_day_to_come(at, capsys):
    at(FIRST)
    tick.main([])
    lines(capsys)
    assert tick.main(["--dry-run", "--date", "2020-02-05"]) == 0
    shown = lines(capsys)
    assert len(shown) == 2 * len(SCHEDULE) + 1
    assert shown[-2].startswith(f"{SCHEDULE[-1].label} 2020-02-05")
    assert Task.objects.latest("due_on").due_on == FIRST


def test_day_to_come_is_refused_in_earnest(at):
    at(FIRST)
    with pytest.raises(Invalid, match="还没有到"):
        tick.main(["--date", "2020-02-04"])
    assert Task.objects.count() == 0


@pytest.mark.parametrize("day", ["2020-02-30", "tomorrow"])
def test_day_that_is_none_is_said(day, capsys):
    with pytest.raises(SystemExit) as stop:
        tick.main(["--date", day])
    assert (stop.value.code, day in capsys.readouterr().err) == (2, True)


def test_tick_tells_of_what_failed(at, capsys, monkeypatch):
    at(FIRST)
    monkeypatch.setattr(once, "SCHEDULE", ())
    calls.leave_and_fail.enqueue("a")
    assert tick.main([]) == 1
    assert lines(capsys) == ["leave_and_fail：没有办成（builtins.ValueError），将再试"]
    assert calls.marks() == []


def test_tick_sends_and_dry_run_does_not(at, people, channel_to, now, capsys):  # noqa: F811
    at(FIRST)
    with mail_server() as box:
        channel_to(ChannelKind.EMAIL, port=box.port)
        post(people[0], "k", now=now)
        tick.main(["--dry-run"])
        assert box.taken == []
        tick.main([])
        assert len(box.taken) == 1
    assert Delivery.objects.get().state == "sent"
    assert "邮件：发送 1 次" in lines(capsys)
