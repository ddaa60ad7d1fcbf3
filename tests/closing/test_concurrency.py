"""Two people act on one request at once: SQLite in a file, or PostgreSQL."""

import pytest
from django.db import connection

from duban.audit.models import Event
from duban.closing.actions import agree_closure, ask_closure, decline_closure, prepare_closure, verify_closure
from duban.closing.models import Closure, ClosureItem
from duban.core.errors import Conflict
from duban.matters.models import Matter
from tests.at_once import at_once
from tests.closing.builders import acting, asked, found, head, leader_of, prepared, request, started
from tests.matters.builders import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(county, officer, office_head, now):
    return make_world(county, officer, office_head, now)


def kinds(outcomes) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_liaison_and_head_at_once_begin_one_attempt(world):
    if connection.vendor == "sqlite":
        assert not connection.is_in_memory_db()
    matter = started(world)
    theirs, mine = request(matter, how="联络员写的"), request(matter, how="局长写的")
    outcomes = at_once(
        lambda: prepare_closure(matter, request=theirs, by=world.liaison("教育局"), now=world.now),
        lambda: ask_closure(matter, request=mine, by=head(world), now=world.now),
    )
    assert kinds(outcomes) in (["Closure", "Conflict"], ["Closure", "WrongState"])
    assert Closure.objects.count() == 1
    assert ClosureItem.objects.count() == 2
    assert len(set(ClosureItem.objects.values_list("how", flat=True))) == 1


def test_two_colleagues_correct_at_once_and_one_sees_the_other(world):
    closure = prepared(world)
    matter = closure.matter
    write = [
        lambda who=who: prepare_closure(
            matter, request=request(matter, version=1, how=f"{who}写的"), by=world.liaison("教育局"), now=world.now
        )
        for who in ("甲", "乙")
    ]
    outcomes = at_once(*write)
    assert kinds(outcomes) == ["Closure", "Conflict"]
    [lost] = [one for one in outcomes if isinstance(one, Conflict)]
    stands = set(ClosureItem.objects.values_list("how", flat=True))
    assert len(stands) == 1
    assert {one.how for one in lost.theirs.items.all()} == stands
    assert Closure.objects.get().version == 2


def test_leader_and_secretary_decide_once(world):
    post = leader_of(world)
    closure = asked(world, leader=post)
    outcomes = at_once(
        lambda: agree_closure(closure, by=acting(world, post), now=world.now),
        lambda: decline_closure(
            closure, reasons="未见验收", by=acting(world, post, role="secretary", name="秘书甲"), now=world.now
        ),
    )
    assert kinds(outcomes) == ["Closure", "WrongState"]
    state = Closure.objects.get().state
    assert (state, Matter.objects.get().state) in [("agreed", "closing"), ("returned", "in_progress")]
    names = set(Event.objects.values_list("name", flat=True))
    assert len(names & {"closing.agreed", "matters.closure_returned"}) == 1


def test_two_officers_verify_at_once_and_one_sees_the_other(world):
    closure = asked(world)
    check = found(closure)
    verify = [lambda: verify_closure(closure, verification=check, by=world.officer, now=world.now)] * 2
    assert kinds(at_once(*verify)) == ["Closure", "Conflict"]
    assert Event.objects.filter(name="closing.verified").count() == 1
