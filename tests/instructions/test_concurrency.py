"""Two people act on one 批示 at once: SQLite in a file, or PostgreSQL."""

import pytest

from duban.core.errors import WrongState
from duban.instructions.actions import answer_instruction, ask_again, give_instruction, settle_instruction
from duban.instructions.models import Charge, Instruction
from duban.matters.models import Obligation
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def give(world):
    post = world.post(None, "副区长", "吴一", kind="leader")
    unit = world.unit("住建局")
    return lambda: give_instruction(
        world.plan, post=post, text="请抓紧。", units=[unit], by=world.officer, now=world.now
    )


def seen():
    return Charge.objects.select_related("instruction__plan__policy", "unit").get()


def test_given_twice_at_once_stands_once(world, give):
    outcomes = at_once(give, give)
    assert sorted(type(one).__name__ for one in outcomes) == ["Instruction", "WrongState"]
    assert (Instruction.objects.count(), Obligation.objects.filter(kind="instruction").count()) == (1, 1)


def test_settled_and_asked_again_at_once_is_one_of_both(world, give):
    give()
    answer_instruction(seen(), text="已办。", by=world.liaison("住建局"), now=world.now)
    mine, theirs = seen(), seen()
    outcomes = at_once(
        lambda: settle_instruction(mine, by=world.officer, now=world.now),
        lambda: ask_again(theirs, note="还缺日期。", by=world.officer, now=world.now),
    )
    assert [type(one) for one in outcomes].count(WrongState) == 1
    is_open = Obligation.objects.filter(kind="instruction", state="open").exists()
    assert (seen().state, is_open) in {("settled", False), ("open", True)}
