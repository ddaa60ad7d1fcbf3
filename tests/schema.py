"""The tables of a SQLite test database, made once by the real migrations and copied as long as nothing they are made of
changes. PostgreSQL, the commands and `duban up` always run the migrations themselves.
"""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.core.management.commands import migrate
from django.db import connections

SOURCE = Path(__file__).parents[1] / "src" / "duban"
_NOT_IN_TABLES = ("cli", "documents", "reading", "web", "worker")
"""Rooms without tables, whose change leaves the tables as they are."""


def digest() -> str:
    """Return a mark of everything the tables are made of: the code of the rooms that have some, and the framework."""
    mark = hashlib.sha256(f"{django.VERSION} {sqlite3.sqlite_version}".encode())
    for file in sorted(SOURCE.rglob("*.py")):
        place = file.relative_to(SOURCE)
        if place.parts[0] not in _NOT_IN_TABLES:
            mark.update(f"{place}\0".encode())
            mark.update(file.read_bytes())
    return mark.hexdigest()[:16]


@contextmanager
def copied_tables(folder: Path) -> Iterator[None]:
    """While open, migrating an empty SQLite database copies the tables from a file in `folder`, made by the first."""
    original = migrate.Command.handle

    def handle(self: migrate.Command, *args: Any, **options: Any) -> Any:
        connection = connections[options["database"]]
        if connection.vendor != "sqlite" or options.get("app_label") or connection.introspection.table_names():
            return original(self, *args, **options)
        with _alone(folder):
            return _copy(connection, folder / f"{digest()}.sqlite3", make=lambda: original(self, *args, **options))

    migrate.Command.handle = handle
    try:
        yield
    finally:
        migrate.Command.handle = original


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy(connection: Any, file: Path, *, make: Callable[[], Any]) -> Any:
    connection.ensure_connection()
    if file.exists():
        with sqlite3.connect(file) as kept:
            kept.backup(connection.connection)
        return None
    answer = make()
    for old in file.parent.glob("*.sqlite3"):
        old.unlink()
    part = file.with_suffix(f".{os.getpid()}")
    with sqlite3.connect(part) as kept:
        connection.connection.backup(kept)
    part.replace(file)
    return answer
