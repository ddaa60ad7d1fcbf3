"""Two issue at once, two draft at once, two approve at once: SQLite in a file, or PostgreSQL."""

import pytest

from duban.bulletins.actions import approve_bulletin, draft_bulletin, issue_bulletin, present_bulletin, show_to_units
from duban.bulletins.models import Bulletin, BulletinReceipt
from duban.bulletins.rules import BulletinKind
from tests.at_once import at_once
from tests.bulletins.builders import CHECKED, DRAFTED, bulletin_of, drafted, half_year, presented
from tests.letters.builders import signer
from tests.matters.builders import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(county, officer, office_head, now):
    return make_world(county, officer, office_head, now)


def kinds(outcomes) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_many_issued_at_once_leave_no_gap_and_no_double(world):
    snapshot = half_year(world)
    made = []
    for _ in range(4):
        one = drafted(world, snapshot, kind=BulletinKind.SPECIAL, proposes=False)
        show_to_units(one, by=world.officer, now=DRAFTED)
        present_bulletin(bulletin_of(pk=one.pk), by=world.officer, now=CHECKED)
        approve_bulletin(bulletin_of(pk=one.pk), by=signer(world, "director"), now=CHECKED)
        made.append(one.pk)
    twice = [bulletin_of(pk=pk) for pk in (*made, *made)]
    outcomes = at_once(*[lambda one=one: issue_bulletin(one, by=world.officer, now=CHECKED) for one in twice])
    assert kinds(outcomes) == ["Bulletin"] * 4 + ["WrongState"] * 4
    assert sorted(Bulletin.objects.values_list("number", "total_number")) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert BulletinReceipt.objects.count() == 4 * 4  # three of the unit, one leader


def test_two_draft_the_regular_issue_at_once(world):
    snapshot = half_year(world)
    told = {"kind": BulletinKind.REGULAR, "by": world.officer, "now": DRAFTED}
    outcomes = at_once(*[lambda: draft_bulletin(snapshot, **told)] * 3)
    assert kinds(outcomes) == ["Bulletin", "WrongState", "WrongState"]


def test_two_approve_at_once(world):
    bulletin = presented(world)
    roles = ("director", "government_head")
    outcomes = at_once(
        *[lambda role=role: approve_bulletin(bulletin_of(), by=signer(world, role), now=CHECKED) for role in roles]
    )
    assert kinds(outcomes) == ["Bulletin", "Bulletin"]
    assert bulletin_of(pk=bulletin.pk).state == "approved"
