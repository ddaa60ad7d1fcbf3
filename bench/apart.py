"""Measuring in a process of its own, because Django's settings name one data folder for good; and telling it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

Figures = list[dict[str, Any]]
"""Of each measurement: name, value, unit, bound, and whether it is ok."""


def run_apart(module: str, *, environment: Mapping[str, str] | None = None) -> Figures:
    """Return what `python -m bench.<module> --json` measures with a data folder of its own, which is then thrown away.

    environment: what that process is told besides.
    """
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{module}", "--json"],
            env=os.environ | {"DUBAN_DATA": folder} | (environment or {}),
            stdout=subprocess.PIPE,
            check=True,
        )
    return json.loads(done.stdout)


def tell(measure: Callable[[], Figures], run: Callable[[], Figures]) -> None:
    """Be the program of one benchmark: the figures as JSON for `run_apart`, else in words; exit 1 on a broken bound."""
    if "--json" in sys.argv:
        json.dump(measure(), sys.stdout, ensure_ascii=False)
        return
    found = run()
    for one in found:
        print(f"{'✓' if one['ok'] else '✗'} {one['name']}: {one['value']:.4g} {one['unit']} (≤ {one['bound']})")
    raise SystemExit(0 if all(one["ok"] for one in found) else 1)
