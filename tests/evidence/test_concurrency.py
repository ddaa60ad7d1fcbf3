"""The same evidence from two hands at once."""

import pytest

from duban.core.errors import WrongState
from duban.core.files import opened
from duban.evidence.actions import withdraw_evidence
from duban.evidence.models import Evidence
from tests.at_once import at_once
from tests.evidence.builders import add, file, lying
from tests.matters.builders import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(county, officer, office_head, now):
    return make_world(county, officer, office_head, now)


def test_same_file_twice_at_once_is_added_once_and_whole(world, folder):
    matter = world.started()
    liaison = world.liaison("教育局")
    outcomes = at_once(*[lambda: add(world, matter, file(), by=liaison)] * 2)
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [WrongState]
    row = Evidence.objects.get()
    assert lying(folder) == [row.digest]
    with opened(row.digest) as content:
        assert content.read(5) == b"%PDF-"


def test_same_file_on_two_matters_at_once_keeps_one_file(world, folder):
    matters = [world.started(), world.started()]
    liaison = world.liaison("教育局")
    outcomes = at_once(*[lambda one=one: add(world, one, file(), by=liaison) for one in matters])
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert (Evidence.objects.count(), len(lying(folder))) == (2, 1)


def test_two_withdrawals_at_once_count_once(world):
    (row,) = add(world, world.started())
    liaison = world.liaison("教育局")
    take = [
        lambda who=who: withdraw_evidence(row, reason="传错了", by=who, now=world.now)
        for who in (liaison, world.officer)
    ]
    outcomes = at_once(*take)
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [WrongState]
