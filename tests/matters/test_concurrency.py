"""Two people press the same button at once: SQLite in a file, or PostgreSQL."""

import pytest
from django.db import connection

from duban.audit.models import Event
from duban.core.errors import WrongState
from duban.matters.actions import acknowledge, ask_to_close, create_plan, grant_closure, split
from duban.matters.actions.entry import NewMatter
from duban.matters.models import Assignment, Obligation
from tests.at_once import at_once
from tests.matters.builders import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(county, officer, office_head, now):
    return make_world(county, officer, office_head, now)


def test_two_signatures_at_once_count_once(world):
    if connection.vendor == "sqlite":
        assert not connection.is_in_memory_db()
    matter = world.assigned()
    unit = world.unit("教育局")
    sign = [
        lambda: acknowledge(unit, plan=world.plan, by=world.liaison("教育局"), now=world.now),
        lambda: acknowledge(unit, plan=world.plan, by=world.officer, now=world.now),
    ]
    outcomes = at_once(*sign)
    assert sorted(type(one) for one in outcomes if isinstance(one, Exception)) == [WrongState]
    matter.refresh_from_db()
    assert (matter.state, Assignment.objects.get().acknowledged_at) == ("in_progress", world.now)
    assert Event.objects.filter(name="matters.acknowledged").count() == 1
    assert Obligation.objects.get(kind="acknowledge").state == "met"


def test_signatures_of_different_matters_at_once_leave_nothing_owed(world):
    matters = [world.assigned(), world.assigned()]
    unit = world.unit("教育局")
    outcomes = at_once(
        *[
            lambda one=one: acknowledge(unit, plan=world.plan, by=world.officer, now=world.now, matters=[one])
            for one in matters
        ]
    )
    assert [type(one) for one in outcomes] == [list, list]
    assert list(Obligation.objects.filter(kind="acknowledge").values_list("state", flat=True)) == ["met"]


def test_last_two_work_items_closing_at_once_close_the_matter_once(world):
    matter = world.started()
    items = split(
        matter,
        items=[NewMatter(text="甲"), NewMatter(text="乙")],
        reason="分步实施",
        approval=world.approval(),
        by=world.office_head,
        now=world.now,
    )
    acknowledge(world.unit("教育局"), plan=world.plan, by=world.officer, now=world.now)
    for one in items:
        ask_to_close(one, statement="完成", by=world.officer, now=world.now)
    close = [
        lambda one=one: grant_closure(one, conclusion="属实", by=world.office_head, now=world.now) for one in items
    ]
    outcomes = at_once(*close)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    matter.refresh_from_db()
    assert matter.state == "closed"
    assert Event.objects.filter(name="matters.closed", matter_id=matter.pk).count() == 1


def test_one_plan_a_year(world):
    make = [lambda: create_plan(world.county, year=2021, title="台账", by=world.officer, now=world.now)] * 2
    outcomes = at_once(*make)
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [WrongState]
