"""A plan as one archive: every file of it in a fixed order, read as it is written, as of one moment."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any, BinaryIO

from django.db import connection, transaction

from duban.archives.queries.files import Kept, files_of
from duban.archives.queries.kept import final_archive, why_again
from duban.archives.queries.pages import documents_page, index_page, matter_pages, policy_files, readme, year_page
from duban.archives.queries.sheets import sheets_of
from duban.archives.queries.tables import (
    FORMAT,
    TABLES,
    VERSION,
    changed_by,
    event_rows,
    json_lines,
    schema,
    table_rows,
)
from duban.archives.rules import REASON_LENGTH
from duban.archives.rules.packing import Packing
from duban.archives.rules.pages import STYLE
from duban.core.clock import SHANGHAI
from duban.core.errors import NotFound
from duban.core.files import opened
from duban.documents.long_sheets import write_workbook
from duban.matters.models import Plan

_CHUNK = 1 << 20
_IN_MEMORY = 1 << 20


@dataclass
class Whole:
    """What was written. missing: files that are named but could not be put in, in words.

    edition: of a closed plan's, from 1, else None · reason, replaces: why it is written anew, and the digest of the
    edition before · trail: how many events of each name it holds, those left out that change nothing.
    """

    files: int = 0
    edition: int | None = None
    reason: str = ""
    replaces: str = ""
    trail: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def whole_of(plan: Plan, target: IO[bytes], *, today: date) -> Whole:
    """Write everything of a plan to a file open for writing, piece by piece, and return what it holds.

    today: as of which an open plan is told; a closed one as of its closing. What changes afterwards (a review, a
    rectification, the plan opened again) makes another edition, which says what changed: see `why_again`.
    A file that is gone or no longer the same is named as missing, never left out in silence. The caller has seen that
    the reader may have it all. A fixed number of statements a kind of thing.
    """
    plan = Plan.objects.select_related("jurisdiction", "policy").get(pk=plan.pk)
    packing = Packing(target)
    try:
        with one_moment():
            found = _write(plan, packing, today=today)
        found.files = packing.finish()
    except BaseException:
        packing.drop()
        raise
    return found


def _write(plan: Plan, packing: Packing, *, today: date) -> Whole:
    closed_at = plan.closed_at.astimezone(SHANGHAI) if plan.closed_at else None
    day = closed_at.date() if closed_at else today
    as_of = closed_at.isoformat() if closed_at else today.isoformat()
    whole = Whole()
    for kept in files_of(plan):
        _put_file(packing, kept, whole)
    counts: dict[str, int] = {}
    for table in TABLES:
        rows = _counted(table_rows(table, plan), counts, table.name)
        packing.add_text(f"data/{table.name}.json", json_lines(rows))
    trail = _tallied(event_rows(plan), whole.trail)
    packing.add_text("data/events.json", json_lines(_counted(trail, counts, "events")))
    if closed_at is not None:
        _put_edition(plan, whole)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "place": plan.jurisdiction.name,
        "year": plan.year,
        "title": plan.title,
        "is_final": closed_at is not None,
        "as_of": as_of,
        "edition": whole.edition,
        "reason": whole.reason,
        "replaces": whole.replaces,
        "counts": counts,
        "missing": whole.missing,
    }
    packing.add_text("data/archive.json", [_written(header)])
    packing.add_text("data/schema.json", [_written(schema())])
    tables = {one.name: one for one in TABLES}
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as book:
        write_workbook(book, sheets_of(plan, tables=tables, as_of=day))
        book.seek(0)
        packing.add("archive.xlsx", _pieces(book))
    for path, page in matter_pages(plan, as_of=day):
        packing.add_text(path, page)
    packing.add_text("documents.html", documents_page(plan))
    packing.add_text("year.html", year_page(plan, tables=tables))
    for path, rules in policy_files(plan):
        packing.add_text(path, [rules])
    packing.add_text("index.html", index_page(plan, as_of=day, edition=_edition_words(whole), missing=whole.missing))
    packing.add_text("style.css", [STYLE])
    labels = {one.name: one.label for one in TABLES} | {"events": "审计记录", "archive": "总说明"}
    packing.add_text("README.txt", readme(plan, as_of=as_of, edition=_edition_words(whole), tables=labels))
    return whole


def _tallied(rows: Iterator[dict[str, Any]], trail: dict[str, int]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if changed_by(row["name"]):
            trail[row["name"]] = trail.get(row["name"], 0) + 1
        yield row


def _put_edition(plan: Plan, whole: Whole) -> None:
    """Say which edition it is, and what came after the one before. whole: with its trail."""
    before = final_archive(plan)
    whole.edition = 1 if before is None or before.edition is None else before.edition + 1
    if before is not None:
        whole.replaces = before.digest
        whole.reason = (why_again(before, trail=whole.trail) or _AS_ASKED)[:REASON_LENGTH]


_AS_ASKED = "按要求再次归档"


def _edition_words(whole: Whole) -> str:
    if whole.edition is None:
        return ""
    return f"第{whole.edition}版" + (f"（{whole.reason}；上一版 SHA-256 {whole.replaces}）" if whole.reason else "")


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _put_file(packing: Packing, kept: Kept, whole: Whole) -> None:
    try:
        content = opened(kept.digest)
    except NotFound:
        whole.missing.append(kept.what)
        return
    with content:
        packing.add(kept.path, _pieces(content))


def _pieces(content: IO[bytes] | BinaryIO) -> Iterator[bytes]:
    while piece := content.read(_CHUNK):
        yield piece


def _counted(rows: Iterator[dict[str, Any]], counts: dict[str, int], name: str) -> Iterator[dict[str, Any]]:
    counts[name] = 0
    for row in rows:
        counts[name] += 1
        yield row


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything read within be of one moment, holding nobody up; within a transaction it is of that one.

    PostgreSQL reads a snapshot; so does SQLite in WAL, as long as one transaction that only reads stays open.
    """
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor != "sqlite":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")  # ours begin by taking the lock of who writes
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
