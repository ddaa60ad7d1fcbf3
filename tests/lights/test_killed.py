"""Daily rounds killed outright, four at once: every turn exactly once, every day told once, nothing half done."""

import hashlib
import json
import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.lights.killed_counts import FIRST, LAST, MATTERS

ROOT = Path(__file__).resolve().parents[2]


def light_by_dates(matter: dict, day: str) -> str:
    """The light of a day while nothing happens, from the three dates a matter was given."""
    for light, since in (("red", matter["red_on"]), ("yellow", matter["yellow_on"]), ("green", matter["lit_on"])):
        if since is not None and since <= day:
            return light
    return ""


@pytest.mark.timeout(150)
def test_four_rounds_killed_at_random_turn_every_light_once(own_database):
    seed = random.randrange(10_000)
    done = subprocess.run(
        [sys.executable, "-m", "tests.lights.killed", str(seed)],
        cwd=ROOT,
        env=own_database,
        capture_output=True,
        text=True,
        timeout=140,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stderr[-3000:]}"
    left = json.loads(done.stdout)

    days = [(FIRST + timedelta(days=number)).isoformat() for number in range((LAST - FIRST).days + 1)]
    lights = {one["id"]: one["light"] for one in left["before"]}
    turns, rounds = [], []
    for day in days:
        today = []
        for matter in left["before"]:
            light = light_by_dates(matter, day)
            if light != lights[matter["id"]]:
                today.append([matter["id"], day, lights[matter["id"]], light])
                lights[matter["id"]] = light
        told = "".join(f"{pk} {on} {before}>{light}\n" for pk, on, before, light in today)
        turns += today
        rounds.append([day, len(today), hashlib.sha256(told.encode()).hexdigest()])

    assert left["turns"] == turns, f"seed {seed}"
    assert left["rounds"] == rounds, f"seed {seed}"
    assert left["events"] == rounds, f"seed {seed}: a day was told twice, or not at all"
    month_ends = [day for day in days[:-1] if (date.fromisoformat(day) + timedelta(days=1)).day == 1]
    assert left["snapshots"] == [[day, MATTERS] for day in month_ends], f"seed {seed}"
    assert {int(pk): light for pk, light in left["lights"].items()} == lights, f"seed {seed}"
    assert left["differing"] == 0, f"seed {seed}"
    assert len(turns) > MATTERS
    assert left["hits"] >= 5, f"seed {seed}: hardly a kill hit a round; the test is idle"
