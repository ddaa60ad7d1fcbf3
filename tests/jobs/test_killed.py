"""Workers killed outright, again and again: everything once, nothing lost, nothing stuck."""

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.jobs.killed_counts import A_BATCH, KILLS, MISSED_DAYS
from tests.outbox.servers import gateway

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(150)
def test_four_workers_killed_at_random_do_everything_once(own_database):
    lock, heard = threading.Lock(), Counter()

    def answer(asked):
        with lock:
            heard[json.loads(asked.body)["number"]] += 1
        return 200, b'{"code": 0}'

    seed = random.randrange(10_000)
    with gateway(answer) as far:
        done = subprocess.run(
            [sys.executable, "-m", "tests.jobs.killed", f"{far.url}/send", str(seed)],
            cwd=ROOT,
            env=own_database,
            capture_output=True,
            text=True,
            timeout=140,
            check=False,
        )
    assert done.returncode == 0, f"seed {seed}\n{done.stderr[-3000:]}"
    left = json.loads(done.stdout)
    numbers = range(1, KILLS * A_BATCH + 1)
    first = date.fromisoformat(left["today"]) - timedelta(days=MISSED_DAYS - 1)
    days = [first + timedelta(days=number) for number in range(MISSED_DAYS)]

    assert left["enqueued"] == len(numbers)
    assert left["tasks"] == {"done": len(numbers) + 2 * MISSED_DAYS + 2}, f"seed {seed}: {left['tasks']}"
    effects = [one for one in left["effects"] if one.startswith("effect")]
    assert Counter(effects) == {f"effect {number}": 1 for number in numbers}, f"seed {seed}"
    scheduled = [one for one in left["effects"] if not one.startswith("effect")]
    assert scheduled == [f"{verb} {day}" for day in days for verb in ("feed", "water")], f"seed {seed}"
    assert left["messages"] == {f"effect/{number}": 1 for number in numbers}, f"seed {seed}"

    assert set(left["deliveries"]) == {str(number) for number in numbers}
    assert set(left["deliveries"].values()) <= {"sent", "unknown"}, f"seed {seed}"
    assert {number for number, count in heard.items() if count > 1} == set(), f"seed {seed}"
    sent = {number for number, state in left["deliveries"].items() if state == "sent"}
    assert sent - set(heard) == set(), f"seed {seed}: said to be sent, and never heard"
    assert len(left["deliveries"]) - len(sent) <= KILLS
    assert sum(count for tries, count in left["attempts"].items() if int(tries) > 1) >= 1, (
        f"seed {seed}: no kill hit a task; the test is idle"
    )
