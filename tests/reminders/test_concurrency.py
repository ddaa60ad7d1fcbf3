"""Rounds that run at once, and one killed at every statement: each digest once. SQLite in a file, or PostgreSQL."""

import os
import signal
from datetime import date

import pytest
from django.db import connection, connections

from duban.audit.models import Event
from duban.outbox.models import Message
from duban.reminders.models import Digest, DigestPart, Round
from tests.at_once import at_once
from tests.reminders.builders import both_contacts, morning, told

pytestmark = pytest.mark.django_db(transaction=True)

ONCE = dict.fromkeys(("教育局联络员", "教育局副职"), "下周一到期 1 项")


@pytest.fixture
def matter(world):
    both_contacts(world, "教育局")
    return world.started(due_on=date(2020, 3, 16))


def kept() -> tuple[int, ...]:
    events = Event.objects.filter(name="reminders.sent")
    return tuple(rows.count() for rows in (Message.objects, Digest.objects, DigestPart.objects, Round.objects, events))


def test_four_rounds_at_once_make_one(matter):
    outcomes = at_once(*[lambda: morning("03-13")] * 4)
    assert sorted(one["digests"] for one in outcomes) == [0, 0, 0, 2]
    assert told("03-13") == ONCE
    assert kept() == (2, 2, 2, 1, 1)


def _killed_at(number: int) -> bool:
    """Make the round in a process of its own that is killed at its so manyth statement; return whether it was."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        count = 0

        def die(execute, sql, params, many, context):
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(die):
            morning("03-13")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return os.WIFSIGNALED(status)


def test_round_killed_at_any_statement_leaves_nothing_and_is_made_once(matter):
    number = 0
    while _killed_at(number := number + 1):
        assert kept() == (0, 0, 0, 0, 0), f"killed at statement {number}"
    assert number > 20
    assert told("03-13") == ONCE
    assert kept() == (2, 2, 2, 1, 1)
    assert not _killed_at(10_000)
    assert kept() == (2, 2, 2, 1, 1)
