"""Whole days killed outright, again and again: everything once, nothing lost, nothing stuck, on either database.

Four workers make the real rounds of the day at once (lights, letters, difficulties, reminders) while two clerks sign
and issue letters beside them. All are killed with SIGKILL in the midst of it, and begun anew. What they leave must be
what a twin leaves that did the same days alone, in order, and was not killed.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from duban.worker.schedule import SCHEDULE
from tests.journeys.killed_counts import DAYS, LETTERS_BY_HAND

ROOT = Path(__file__).resolve().parents[2]


def play(environment: dict[str, str], *seed: str) -> dict:
    """Run the program; whatever becomes of it, none of its processes outlives it."""
    command = [sys.executable, "-m", "tests.journeys.killed", *seed]
    told = {"cwd": ROOT, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **told, start_new_session=True) as process:
        try:
            out, errors = process.communicate(timeout=300)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, f"seed {seed}\n{errors[-3000:]}"
    return json.loads(out)


def differences(found: list[str], *, wanted: list[str]) -> dict[str, list[str]]:
    missing, extra = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    return {"missing": sorted(missing.elements()), "extra": sorted(extra.elements())}


@pytest.mark.timeout(320)
def test_days_killed_at_random_leave_what_their_twin_leaves(own_database, twin_database):
    seed = str(random.randrange(10_000))
    with ThreadPoolExecutor(2) as at_once:
        twin, killed = at_once.map(lambda given: play(*given), [(twin_database,), (own_database, seed)])
    days = [DAYS[0] + timedelta(days=number) for number in range((DAYS[-1] - DAYS[0]).days + 1)]

    # every evening, whatever was killed in the day
    for day, told in killed["days"].items():
        passed = sum(one.isoformat() <= day for one in days)
        assert told["tasks"] == {"done": passed * len(SCHEDULE)}, f"seed {seed}, {day}: a job is stuck"
        assert told["rounds"] == passed, f"seed {seed}, {day}"
        assert told["is_clean"], f"seed {seed}, {day}: the trail is not true"
        for register, numbers in told["numbers"].items():
            assert numbers == list(range(1, len(numbers) + 1)), f"seed {seed}, {day}: {register} has a gap or a double"
            assert told["counted"][register] == len(numbers), f"seed {seed}, {day}: {register}"
        assert told == twin["days"][day], f"seed {seed}, {day}"

    # once it is over
    ticks = [json.loads(one)[5]["day"] for one in killed["told"]["events"] if '"lights.turned"' in one]
    assert ticks == [day.isoformat() for day in days], f"seed {seed}: a day was told twice, or not at all"
    for what, lines in twin["told"].items():
        found = differences(killed["told"][what], wanted=lines)
        assert found == {"missing": [], "extra": []}, f"seed {seed}: {what}"
    assert (killed["differing"], twin["differing"]) == (0, 0), f"seed {seed}: lights are not what the facts earn"

    # and it was no idle test
    signed = sum(len(numbers) for numbers in killed["days"][DAYS[-1].isoformat()]["numbers"].values())
    assert signed > len(DAYS) * LETTERS_BY_HAND
    assert all(len(lines) > 5 for what, lines in twin["told"].items() if what != "snapshots")
    assert killed["hits"]["worker"] >= len(DAYS), f"seed {seed}: hardly a kill hit a job"
    assert killed["hits"]["clerk"] >= 2 * len(DAYS), f"seed {seed}: hardly a kill hit a clerk"
    assert sum(count for tries, count in killed["attempts"].items() if int(tries) > 1) >= len(DAYS), f"seed {seed}"
