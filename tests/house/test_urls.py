"""A walk through every address as every role."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from duban.core import clock
from duban.web.middleware import OF_PROGRAMS
from tests.house.url_roles import COLUMNS, EXCEPTIONS, FOREIGN, TABLE, THINGS, VALUES
from tests.house.world import NOBODY, ROLES, World, build

pytestmark = [
    pytest.mark.django_db,  # the walk itself rolls back; the mark has the database made
    pytest.mark.timeout(400),  # the first test waits for the walk: some thousands of requests
]

START = datetime(2020, 2, 3, 9, 0, tzinfo=clock.SHANGHAI)
IS_WHOLE = connection.vendor == "sqlite"
EVERYBODY = [NOBODY, *ROLES]
VISITORS = EVERYBODY if IS_WHOLE else [NOBODY, "officer", "leader", "liaison", *ROLES[-3:]]
"""Who walks: everybody; on PostgreSQL, where who may see a page is decided by the same code, one of each kind."""
SENDERS = [NOBODY, "officer", "office_head", "leader", "liaison", "responsible", *ROLES[-3:]] if IS_WHOLE else VISITORS
"""Who sends empty forms: one of each kind, and the three administrators."""

MAY_BE_WRITTEN = re.compile(r'^(INSERT INTO|UPDATE|DELETE FROM) "(django_session|audit_event|audit_mattercounter)"')
WRITES = re.compile(r"^(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP)", re.IGNORECASE)
EVENTS_OF_A_GET = {"access.refused", "matters.ledger_exported"}


@dataclass
class Visit:
    """What one role got at one address."""

    line: str
    visitor: str
    status: int
    policy: str
    body: str
    writes: list[str]


def patterns() -> dict[str, URLPattern]:
    return {one.name: one for one in get_resolver().url_patterns}


def address_of(name: str, *, things: dict[str, object]) -> str:
    pattern = patterns()[name.rstrip("!")]
    words = EXCEPTIONS.get(name.rstrip("!"), {})
    first = name.rstrip("!").split("_")[0]
    arguments = {}
    for key in pattern.pattern.converters:
        word = words.get(key) or (
            THINGS.get(first, first) if key == "pk" else key.removesuffix("_pk").removesuffix("_id")
        )
        arguments[key] = VALUES[key] if key in VALUES else things[word].pk
    return reverse(name.rstrip("!"), kwargs=arguments)


def lines() -> list[str]:
    """Return the names of the table: every URL, and again with “!” where there is another unit's thing."""
    names = []
    for name, pattern in patterns().items():
        names.append(name)
        word = EXCEPTIONS.get(name, {}).get("pk") or THINGS.get(name.split("_")[0], name.split("_")[0])
        if "pk" in pattern.pattern.converters and word in FOREIGN:
            names.append(f"{name}!")
    return names


def visit(world: World) -> list[Visit]:
    found = []
    writes: list[str] = []

    def watch(execute, sql, params, many, context):
        if WRITES.match(sql) and not MAY_BE_WRITTEN.match(sql):
            writes.append(sql[:200])
        if sql.startswith('INSERT INTO "audit_event"') and not EVENTS_OF_A_GET & set(map(str, params)):
            writes.append(f"event: {params}"[:200])
        return execute(sql, params, many, context)

    for visitor in VISITORS:
        client = Client(raise_request_exception=False)
        if visitor != NOBODY:
            client.force_login(world.accounts[visitor])
        for line in lines():
            things = {**world.ours, **(world.others if line.endswith("!") else {})}
            writes.clear()
            with connection.execute_wrapper(watch):
                response = client.get(address_of(line, things=things))
                is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
                body = response.content.decode() if is_page else ""
                if response.streaming:
                    b"".join(response.streaming_content)
            policy = response.get("Content-Security-Policy", "")
            found.append(Visit(line, visitor, response.status_code, policy, body, list(writes)))
    return found


@dataclass
class Post:
    """What one role got for an empty form sent to one address; nothing of it stays."""

    line: str
    visitor: str
    status: int
    writes: list[str]


def post_everywhere(world: World) -> list[Post]:
    found = []
    writes: list[str] = []

    def watch(execute, sql, params, many, context):
        if WRITES.match(sql) and not MAY_BE_WRITTEN.match(sql) and not sql.startswith('UPDATE "access_account"'):
            writes.append(sql[:200])
        return execute(sql, params, many, context)

    for visitor in SENDERS:
        client = Client(raise_request_exception=False)
        if visitor != NOBODY:
            client.force_login(world.accounts[visitor])
        session = client.cookies.copy()
        for line in lines():
            things = {**world.ours, **(world.others if line.endswith("!") else {})}
            with transaction.atomic():
                writes.clear()
                with connection.execute_wrapper(watch):
                    response = client.post(address_of(line, things=things))
                found.append(Post(line, visitor, response.status_code, list(writes)))
                transaction.set_rollback(True)
            client.cookies = session.copy()  # signing out is undone like everything else
    return found


@pytest.fixture(scope="module")
def walked(django_db_setup, django_db_blocker):
    moved = pytest.MonkeyPatch()
    moved.setenv("DUBAN_CLOCK_OFFSET", str((START - datetime.now(UTC)).total_seconds()))  # noqa: TID251
    try:
        with django_db_blocker.unblock(), transaction.atomic():
            world = build(clock.now())
            found = visit(world), post_everywhere(world)
            transaction.set_rollback(True)
    finally:
        moved.undo()
    return found


@pytest.fixture(scope="module")
def visits(walked):
    return walked[0]


@pytest.fixture(scope="module")
def posts(walked):
    return walked[1]


def text_of(rows: dict[str, list[int]]) -> str:
    width = max(map(len, rows))
    return "\n".join(f"{name.ljust(width)} {' '.join(map(str, codes))}" for name, codes in rows.items())


def test_every_role_gets_what_the_table_says(visits):
    assert list(COLUMNS) == EVERYBODY
    places = [EVERYBODY.index(one) for one in VISITORS]
    table = (line.split() for line in TABLE.splitlines())
    meant = {name: [int(codes[place]) for place in places] for name, *codes in table}
    got: dict[str, list[int]] = defaultdict(list)
    for one in visits:
        got[one.line].append(one.status)
    differing = {name: codes for name, codes in got.items() if meant.get(name) != codes}
    assert not differing, f"not as the table in tests/house/url_roles.py says; now:\n{text_of(differing)}"
    assert set(meant) - set(got) == set(), "lines of addresses that are gone"


def test_no_page_fails(visits):
    assert [(one.line, one.visitor) for one in visits if one.status >= 500] == []


def test_no_empty_form_fails(posts):
    assert [(one.line, one.visitor) for one in posts if one.status >= 500] == []


def test_nobody_signed_in_posts_anything(posts):
    pages = [one for one in posts if not one.line.startswith(OF_PROGRAMS)]
    found = {(one.line, one.status) for one in pages if one.visitor == NOBODY and (one.writes or one.status != 302)}
    assert {line for line, _ in found} == {"sign_in"}


def test_a_session_opens_nothing_that_is_for_programs(posts):
    of_programs = [one for one in posts if one.line.startswith(OF_PROGRAMS)]
    assert {one.status for one in of_programs} == {401, 405}
    assert [(one.line, one.visitor, one.writes) for one in of_programs if one.writes] == []


def test_who_may_not_look_may_not_post(visits, posts):
    refused = {(one.line, one.visitor): one.status for one in visits if one.status in (403, 404)}
    assert [
        (one.line, one.visitor, one.status, one.writes)
        for one in posts
        if (one.line, one.visitor) in refused and (one.status not in (403, 404, 405) or one.writes)
    ] == []


OF_ADMINISTRATORS = {
    "system_admin": ("account", "operations", "task", "deliver", "channel", "calendar"),
    "security_admin": ("grant",),
    "audit_admin": ("audit",),
}
OF_EVERYBODY = {
    "home",
    "sign_in",
    "sign_out",
    "password",
    "tokens",
    "token_revoke",
    "kept",
    "inbox",
    "inbox_read",
    "inbox_open",
}


def test_administrators_post_to_their_own_pages_only(posts):
    found = []
    for one in posts:
        own = OF_ADMINISTRATORS.get(one.visitor)
        is_own = own is not None and (one.line.startswith(own) or one.line == "account_link")
        if own is None or is_own or one.line in OF_EVERYBODY or one.line.startswith(OF_PROGRAMS):
            continue
        if one.status not in (403, 404, 405) or one.writes:
            found.append((one.line, one.visitor, one.status, one.writes))
    assert found == []


def test_no_get_writes(visits):
    assert [(one.line, one.visitor, one.writes) for one in visits if one.writes] == []


def test_every_response_carries_a_policy_without_unsafe(visits):
    for policy in {one.policy for one in visits}:
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
        assert "unsafe" not in policy
        assert directives["default-src"] == "'none'"
        assert directives.get("script-src", "'self'") == "'self'"
        assert directives.get("style-src", "'self'") == "'self'"


INLINE = re.compile(r"<[a-z][^>]*\s(style|on[a-z]+)\s*=|<style\b|<script(?![^>]*\bsrc=)|javascript:", re.IGNORECASE)


def test_no_page_has_anything_inline(visits):
    found = {(one.line, match.group(0)[-60:]) for one in visits for match in [INLINE.search(one.body)] if match}
    assert found == set()


def test_every_page_names_its_language_and_says_what_it_is(visits):
    pages = {(one.line, one.body) for one in visits if one.status == 200 and "<html" in one.body}
    assert [line for line, body in pages if '<html lang="zh-CN">' not in body] == []
    assert sorted({line for line, body in pages if "<title>督办 · 督办" in body or "<title></title>" in body}) == []
    assert sorted({line for line, body in pages if len(re.findall(r"<h1\b", body)) != 1}) == []


def test_references_inside_a_page_meet(visits):
    """Every label has its field, every id stands once."""
    problems = set()
    for one in visits:
        ids = re.findall(r'\sid="([^"]+)"', one.body)
        problems |= {(one.line, f"id {name} twice") for name in ids if ids.count(name) > 1}
        wanted = set(re.findall(r'\s(?:for|aria-labelledby|aria-controls)="([^"]+)"', one.body))
        problems |= {(one.line, f"no id {name}") for name in wanted - set(ids)}
    assert sorted(problems) == []
