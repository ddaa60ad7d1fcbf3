"""Folders that take long to make and are only read or copied: one process makes each, the others wait for it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import duban


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of a name, made by `make(folder)` in the first process that asks for it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    shared = factory.getbasetemp() if run is None else factory.getbasetemp().parent
    folder, done = shared / f"once-{name}", shared / f"once-{name}.done"
    with (shared / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def tables(factory: pytest.TempPathFactory) -> Path:
    """A data folder with every table and no row, as `duban manage migrate` leaves it. To be copied."""

    def make(folder: Path) -> None:
        result = duban("manage", "migrate", "--data", folder)
        assert result.returncode == 0, result.stderr

    return once(factory, "tables", make)


UNTIL = "2020-03-20"
"""The last day of the two months."""


def two_months(factory: pytest.TempPathFactory) -> Path:
    """The demonstration year to 20 March, and what the terminal said in `told.txt` beside it. Never to be worked in."""

    def make(folder: Path) -> None:
        result = duban("demo-year", "--data", folder / "data", "--until", UNTIL, PYTHONHASHSEED="1", timeout=400)
        assert result.returncode == 0, result.stderr
        (folder / "told.txt").write_text(result.stdout, "utf-8")

    return once(factory, "two-months", make)
