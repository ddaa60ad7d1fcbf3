"""What every test may ask for: a fixed time, actors of every role, an invented county."""

import gc
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from duban.audit import triggers as audit_triggers
from duban.core.actor import Actor, Held
from duban.lights import triggers as light_triggers
from duban.papers import triggers as paper_triggers
from tests.schema import copied_tables

LONG_FIRST = (
    "tests/journeys/test_demo_year.py",
    "tests/house/test_urls.py",
    "tests/cli/test_demo_year.py",
    "tests/journeys/test_killed_day.py",
    "tests/cli/test_up.py",
    "tests/web/test_killed_server.py",
    "tests/cli/test_import_notice.py",
    "tests/house/test_counties.py",
    "tests/cli/test_papers_out.py",
    "tests/documents/test_docx_pages.py",
    "tests/jobs/test_killed.py",
    "tests/lights/test_killed.py",
)
"""Files that take half a minute to some minutes, the longest first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put the long files first, then those of many tests: no core is left with the whole year at the end."""
    files = [item.nodeid.split("::")[0] for item in items]
    tests = Counter(files)
    last = len(LONG_FIRST)
    place = {
        file: (LONG_FIRST.index(file) if file in LONG_FIRST else last, -count, at)
        for at, (file, count) in enumerate(tests.items())
    }
    items.sort(key=lambda item: place[item.nodeid.split("::")[0]])


def pytest_collection_finish():
    """Whatever was imported stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def now() -> datetime:
    return datetime(2020, 2, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def today(now):
    return now.date()


@pytest.fixture
def county(db):
    from duban.orgs.models import Jurisdiction

    return Jurisdiction.objects.create(level="county", name="临江市临江区", short_name="临江区")


def holder(
    role: str, *, jurisdiction=None, unit_ids=(), person_id=None, post_ids=(), name="某人", account_id=1
) -> Actor:
    return Actor(
        name=name,
        account_id=account_id,
        person_id=person_id,
        held=(
            Held(
                role=role,
                jurisdiction_id=jurisdiction.pk if jurisdiction else None,
                unit_ids=frozenset(unit_ids),
                person_id=person_id,
                post_ids=frozenset(post_ids),
            ),
        ),
    )


@pytest.fixture
def officer(county) -> Actor:
    return holder("officer", jurisdiction=county, name="督查员甲")


@pytest.fixture
def office_head(county) -> Actor:
    return holder("office_head", jurisdiction=county, name="主任甲", account_id=2)


@pytest.fixture
def system_admin() -> Actor:
    return holder("system_admin", name="系统管理员", account_id=3)


@pytest.fixture
def security_admin() -> Actor:
    return holder("security_admin", name="安全管理员", account_id=4)


@pytest.fixture
def auditor() -> Actor:
    return holder("audit_admin", name="审计管理员", account_id=5)


@contextmanager
def _database_apart(folder: Path, *, name: str) -> Iterator[dict[str, str]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "DJANGO_", "PYTEST_"))}
    clean |= {"DUBAN_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    if connection.vendor == "sqlite":
        yield clean
        return
    import psycopg

    address = os.environ["DUBAN_DATABASE"]
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield clean | {"DUBAN_DATABASE": urlunsplit(urlsplit(address)._replace(path=f"/{name}"))}
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def own_database(tmp_path):
    """The environment of a database of its own, on the engine these tests run on, for a program that is killed."""
    with _database_apart(tmp_path, name=f"killed_{os.getpid()}") as environment:
        yield environment


@pytest.fixture
def twin_database(tmp_path):
    """Another one, for a program that does the same and is not killed."""
    with _database_apart(tmp_path / "twin", name=f"twin_{os.getpid()}") as environment:
        yield environment


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request, django_db_modify_db_settings):
    """Let the test database come by its tables as `tests.schema` says."""
    folder = request.config.rootpath / ".pytest_cache"
    folder.mkdir(exist_ok=True)
    with copied_tables(folder):
        yield


@pytest.fixture(scope="session", autouse=True)
def _flushing_lifts_the_triggers():
    """Tests with real transactions empty the tables afterwards; only that may lift the append-only triggers."""
    from django.core.management.commands import flush

    original = flush.Command.handle

    def handle(self, *args, **options):
        for one in (audit_triggers, light_triggers, paper_triggers):
            one.drop_triggers(connection)
        try:
            return original(self, *args, **options)
        finally:
            for one in (audit_triggers, light_triggers, paper_triggers):
                one.make_triggers(connection)

    flush.Command.handle = handle
    yield
    flush.Command.handle = original
