from datetime import date
from decimal import Decimal

import pytest

from duban.core.errors import Conflict
from duban.core.seen import require_seen, seen_of

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": "1"}, {"a": 1}, False),
        ({"a": ""}, {"a": None}, False),
        ({"a": ["甲", "乙"]}, {"a": ["乙", "甲"]}, False),
        ({"a": date(2020, 2, 3)}, {"a": date(2020, 2, 3)}, True),
        ({"a": Decimal("1.0")}, {"a": Decimal("1.00")}, False),
        ({}, {}, True),
    ],
)
def test_digest_of_what_was_shown(one, other, is_same):
    assert (seen_of(one) == seen_of(other)) is is_same


def test_what_stands_is_told_when_something_else_was_seen():
    standing = {"标题": "甲"}
    require_seen(None, standing=standing)
    require_seen(seen_of(standing), standing=standing)
    for seen in ("", seen_of({"标题": "乙"})):
        with pytest.raises(Conflict) as conflict:
            require_seen(seen, standing=standing, message="标题刚刚改过。")
        assert (conflict.value.theirs, conflict.value.message) == (standing, "标题刚刚改过。")
