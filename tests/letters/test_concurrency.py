"""Many sign, many rounds, two issue at once: SQLite in a file, or PostgreSQL."""

from datetime import date

import pytest

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.letters.actions import NewItem, draft_letters, issue_letter, sign_letter, write_letter
from duban.letters.models import Letter, LetterItem
from duban.letters.rules import LetterKind
from duban.lights.actions import tick
from duban.matters.models import Obligation
from duban.outbox.models import Message
from duban.papers.models import IssuedPaper
from tests.at_once import at_once
from tests.letters.builders import at, letter_of, signer, slow_matter, staff
from tests.matters.builders import make_world

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2020-02-06")


@pytest.fixture
def world(county, officer, office_head, now):
    return make_world(county, officer, office_head, now)


def letters(world, count: int) -> list[Letter]:
    made = []
    for number in range(count):
        items = [NewItem(slow_matter(world, serial=str(number + 1)), "进度偏慢。")]
        told = {"unit": world.unit("教育局"), "kind": LetterKind.REMIND, "items": items}
        made.append(letter_of(pk=write_letter(world.plan, by=world.officer, now=NOW, **told).pk))
    return made


def kinds(outcomes) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_many_signers_at_once_leave_no_gap_and_no_double(world):
    made = letters(world, 8)
    head = signer(world, "office_head")
    twice = [*made, *(letter_of(pk=one.pk) for one in made)]
    outcomes = at_once(*[lambda one=one: sign_letter(one, by=head, now=NOW) for one in twice])
    assert kinds(outcomes) == ["Letter"] * 8 + ["WrongState"] * 8
    assert sorted(Letter.objects.values_list("number", flat=True)) == list(range(1, 9))
    assert Event.objects.filter(name="letters.signed").count() == 8


def test_rounds_beside_each_other_draft_once(world):
    for number in range(3):
        slow_matter(world, serial=str(number + 1), leads=(f"单位{number}",))
    day = date(2020, 2, 6)
    tick(day, by=SYSTEM, now=at("2020-02-06", 0))
    outcomes = at_once(*[lambda: draft_letters(day, by=SYSTEM, now=NOW)] * 4)
    assert sorted(outcomes) == [0, 0, 0, 3]
    assert (Letter.objects.count(), LetterItem.objects.count()) == (3, 3)


def test_two_issue_one_letter_at_once(world):
    staff(world)
    [letter] = letters(world, 1)
    sign_letter(letter, by=signer(world, "office_head"), now=NOW)
    outcomes = at_once(*[lambda: issue_letter(letter_of(), by=world.officer, now=NOW)] * 2)
    assert kinds(outcomes) == ["Letter", "WrongState"]
    assert (Message.objects.count(), Obligation.objects.filter(kind="letter").count()) == (2, 1)
    assert IssuedPaper.objects.count() == 1
