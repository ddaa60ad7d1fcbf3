"""A year lived anew under another policy, night by night and letter by letter, is what the replay said of it."""

from datetime import date

import pytest
from django.db import connection

from duban.letters.models import Letter
from duban.matters.queries import policy_of
from duban.replay.queries import replayed
from duban.replay.rules import Answers
from tests.replay.builders import begin, changed, follow, live, record_of, replay_as_record, undone

pytestmark = pytest.mark.django_db

UNTIL = date(2020, 4, 10)
CHANGES = {
    "tighter gap": ("lights", {"gap_yellow_points": 4, "gap_red_points": 9}),
    "looser gap": ("lights", {"gap_yellow_points": 40, "gap_red_points": 70}),
    "no windows, no grace": ("lights", {"windows_judged": False, "node_grace_workdays": 0, "schedule": "month"}),
    "month ends": ("lights", {"yellow_month_ends_to_red": 1, "schedule": "quarter"}),
    "letters of a month": ("letters", {"batches_per_unit_month": 1, "cooldown_workdays": 2}),
    "urging": ("letters", {"urge_after_overdue_workdays": 8, "cooldown_workdays": 15, "batches_per_unit_month": 9}),
    "returns": ("closure", {"returns_to_urge": 1}),
    "praise": ("bulletins", {"praise_early_days": 1}),
    "talks": ("interviews", {"unanswered_workdays": 15, "red_snapshots": 1}),
}


CASES = [(change, list(Answers)[place % 2]) for place, change in enumerate(CHANGES)]
"""Each change under one assumption: the next but one has the other."""
if connection.vendor != "sqlite":  # the days are lived by the same actions; that they are read back is what is left
    CASES = CASES[:3]


@pytest.mark.parametrize(("change", "answers"), CASES)
def test_a_replay_says_what_living_it_anew_brings(world, change, answers):
    seed = len(change)
    held = policy_of(world.plan)
    section, values = CHANGES[change]
    other = changed(held, section, **values)

    def lived_and_replayed():
        begin(world, seed=seed)
        live(world, seed=seed, until=UNTIL, answers=answers)
        replay = replayed(world.plan, figures=other, until=UNTIL, answers=answers)
        return (
            record_of(world, until=UNTIL),
            [replay_as_record(replay, side) for side in (replay.held, replay.other)],
        )

    def lived_anew():
        follow(world, other)
        begin(world, seed=seed)
        live(world, seed=seed, until=UNTIL, answers=answers)
        return record_of(world, until=UNTIL), Letter.objects.count()

    recorded, (as_held, as_other) = undone(lived_and_replayed)
    anew, letters = undone(lived_anew)
    last = max(day for day in anew.snapshots)  # the night after the last day has not passed
    for side in (as_held, as_other):
        side.snapshots = {day: one for day, one in side.snapshots.items() if day <= last}
    assert letters > 3
    for name in ("turns", "letters", "snapshots", "entries", "grounds"):
        assert getattr(as_held, name) == getattr(recorded, name), f"what held: {name}"
        assert getattr(as_other, name) == getattr(anew, name), f"lived anew: {name}"
