import pytest

from duban.core.actor import SYSTEM, Actor, Held
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState

pytestmark = pytest.mark.engine_free


def test_every_refusal_has_a_code_of_its_own_and_chinese_words():
    kinds = [NotAllowed, NotFound, WrongState, Invalid, Conflict]
    assert sorted(kind.code for kind in kinds) == ["conflict", "invalid", "not_allowed", "not_found", "wrong_state"]
    assert [str(kind()) for kind in kinds] == [kind.message for kind in kinds]


def test_refusal_carries_its_words_field_and_what_stands_now():
    error = Conflict("他人已改", theirs={"a": 1}, field="name")
    assert (error.message, error.theirs, error.field, isinstance(error, DomainError)) == (
        "他人已改",
        {"a": 1},
        "name",
        True,
    )


def test_actor_holds():
    officer, liaison = Held("officer", 1), Held("liaison", 1, frozenset({3}))
    actor = Actor(name="某人", held=(officer, liaison))
    assert actor.holds("liaison") == (liaison,)
    assert actor.holds("officer", "liaison") == (officer, liaison)
    assert actor.holds("leader") == ()
    assert SYSTEM.holds("system")[0].jurisdiction_id is None
