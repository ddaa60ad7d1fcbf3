"""Two people write of the higher task at once: SQLite in a file, or PostgreSQL."""

import pytest

from duban.superiors.actions import name_superior
from duban.superiors.models import SuperiorTask
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("version", [0, 1])
def test_two_writers_at_once_leave_one_and_a_conflict(world, version):
    matter = world.started()
    words = {"department": "市教育局", "task": "建园计划"}
    if version:
        name_superior(matter, words=words, version=0, by=world.officer, now=world.now)
    outcomes = at_once(
        *[
            lambda who=who: name_superior(
                matter, words={**words, "contact": who}, version=version, by=world.officer, now=world.now
            )
            for who in ("郑科长", "吴科长")
        ]
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "SuperiorTask"]
    assert SuperiorTask.objects.get().version == version + 1
