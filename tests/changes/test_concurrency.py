"""Two people decide one request at once: SQLite in a file, or PostgreSQL."""

from datetime import date

import pytest

from duban.audit.models import Event
from duban.changes.actions import Decision, Wish, approve_change, ask_change, refuse_change
from duban.changes.models import ChangeRequest
from duban.matters.models import Matter, MatterChange
from duban.matters.rules import ChangeKind
from tests.at_once import at_once
from tests.matters.builders import make_world

pytestmark = pytest.mark.django_db(transaction=True)

WISH = Wish(ChangeKind.EXTEND, "用地尚未批复", "主体封顶", due_on=date(2021, 3, 31))


@pytest.fixture
def world(county, officer, office_head, now):
    return make_world(county, officer, office_head, now)


def ask(world, matter):
    return ask_change(matter, unit=world.unit("教育局"), wish=WISH, by=world.liaison("教育局"), now=world.now)


def kinds(outcomes) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_two_colleagues_ask_at_once(world):
    matter = world.started()
    assert kinds(at_once(*[lambda: ask(world, matter)] * 2)) == ["ChangeRequest", "WrongState"]
    assert ChangeRequest.objects.count() == 1
    assert Event.objects.filter(name="changes.asked").count() == 1


def test_head_and_director_decide_at_once(world):
    matter = world.started()
    request = ask(world, matter)
    decision = Decision(approval=world.approval())
    outcomes = at_once(
        lambda: approve_change(request, decision=decision, by=world.office_head, now=world.now),
        lambda: refuse_change(request, reasons="理由不足", by=world.office_head, now=world.now),
    )
    assert kinds(outcomes) == ["ChangeRequest", "WrongState"]
    state, due_on = ChangeRequest.objects.get().state, Matter.objects.get().due_on
    assert (state, due_on) in [("approved", date(2021, 3, 31)), ("refused", date(2020, 12, 31))]
    assert MatterChange.objects.count() == (state == "approved")
