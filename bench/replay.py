"""The demonstration year replayed under another policy, both sides of it, as the page and the command do.

Plays the year first (three minutes), or takes a played folder named in DUBAN_PLAYED_YEAR, which is only read.
`python -m bench.replay` prints the figures and exits 1 when a bound is broken.
"""

import os
import statistics
import subprocess
import sys
import time
from datetime import date
from typing import Any

from bench.apart import run_apart, tell

WITHIN_S = 5.0
UNTIL = date(2021, 1, 31)


def run() -> list[dict[str, Any]]:
    """Measure in a process of its own, which opens the played year read-only."""
    played = os.environ.get("DUBAN_PLAYED_YEAR", "")
    if played:
        return run_apart("replay", environment={"DUBAN_DATA": played, "DUBAN_READ_ONLY": "1"})
    return run_apart("replay")


def measure() -> list[dict[str, Any]]:
    """Return the measurements of this process."""
    if not os.environ.get("DUBAN_READ_ONLY"):
        folder = os.environ["DUBAN_DATA"]
        subprocess.run(
            [sys.executable, "-m", "duban.cli.main", "demo-year", "--data", folder], stdout=sys.stderr, check=True
        )
        os.environ["DUBAN_READ_ONLY"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
    import django

    django.setup()
    from dataclasses import replace

    from duban.matters.models import Plan
    from duban.matters.queries import policy_of
    from duban.replay.queries import comparison_of, replayed

    plan = Plan.objects.select_related("policy", "jurisdiction").get(year=2020)
    figures = policy_of(plan)
    other = replace(
        figures,
        lights=replace(figures.lights, gap_yellow_points=5, schedule="month"),
        evaluation=replace(figures.evaluation, criticised_score=-2.0),
    )
    rounds = []
    for _ in range(3):
        begin = time.perf_counter()
        replay = replayed(plan, figures=other, until=UNTIL)
        if replay is None or comparison_of(replay).is_same:
            raise RuntimeError("nothing differs")
        rounds.append(time.perf_counter() - begin)
    value = statistics.median(rounds)
    name = f"推演：演示年换一套规则，{len(replay.past.stories)} 项，两边都算"
    return [{"name": name, "value": value, "unit": "s", "bound": WITHIN_S, "ok": value <= WITHIN_S}]


if __name__ == "__main__":
    tell(measure, run)
