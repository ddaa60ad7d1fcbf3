"""The mechanics of writing archives: taken on a lease, written outside any transaction that changes something.

Not actions: no person acts here. `now` is the office's clock, `real` is real time, as in `jobs.leases`. An archive
takes seconds to minutes, so no task of the queue writes it: that would hold up everybody who writes on SQLite.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from django.db.models import F
from django.utils.crypto import get_random_string

from duban.access.rules import Permission, require
from duban.archives.actions import Kept, ask_archive, fail_archive, finish_archive, note_archive, take_archive
from duban.archives.models import Archive
from duban.archives.queries import edition_words, final_archive, name_of, waiting_archives, whole_of, why_again
from duban.archives.rules import LEASE, MAX_ATTEMPTS, ArchiveState, archive_name
from duban.core.actor import Actor
from duban.core.errors import WrongState
from duban.core.files import digest_of, drafted, opened
from duban.matters.models import Plan

log = logging.getLogger("duban.archives")
_CHUNK = 1 << 20


def claim(*, real: datetime, only: Archive | None = None) -> Archive | None:
    """Take the next archive to be written on a lease, and return it; None when there is nothing to write.

    only: no other than this one.
    """
    found = waiting_archives(real=real)
    waiting = (found if only is None else found.filter(pk=only.pk)).first()
    if waiting is None:
        return None
    token = get_random_string(32)
    taken = Archive.objects.filter(pk=waiting.pk, state=waiting.state, token=waiting.token).update(
        state=ArchiveState.WRITING, token=token, lease_until=real + LEASE, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    return Archive.objects.select_related("plan__jurisdiction", "account").get(pk=waiting.pk)


def renew(archive: Archive, *, real: datetime) -> None:
    """Say that the worker which writes an archive is alive."""
    held = Archive.objects.filter(pk=archive.pk, state=ArchiveState.WRITING, token=archive.token)
    held.update(lease_until=real + LEASE)


def write(archive: Archive, *, today: date, by: Actor, now: Callable[[], datetime]) -> bool:
    """Write a claimed archive; return whether it stands. What fails is tried again, then given up with words."""
    try:
        with drafted(f"archive{archive.pk}") as draft:
            whole = whole_of(archive.plan, draft.file, today=today)
            return finish_archive(archive, file=draft.staged(), whole=whole, by=by, now=now())
    except Exception as error:
        log.exception("archive %s: attempt %s failed", archive.pk, archive.attempts)
        if archive.attempts >= MAX_ATTEMPTS:
            fail_archive(archive, problem=f"写档案的程序出错（{type(error).__name__}），已记入日志。", by=by, now=now())
        else:
            held = Archive.objects.filter(pk=archive.pk, state=ArchiveState.WRITING, token=archive.token)
            held.update(state=ArchiveState.ASKED, token="", lease_until=None)
        return False


@dataclass(frozen=True, slots=True)
class Written:
    """An archive in a file of its own. edition: of a closed plan's, else None · since: of one written before, in words.

    missing: files it names and could not hold.
    """

    path: Path
    files: int
    size_bytes: int
    digest: str
    missing: list[str]
    edition: int | None = None
    since: str = ""


def write_to(plan: Plan, out: Path, *, today: date, by: Actor, now: Callable[[], datetime], real: datetime) -> Written:
    """Write the archive of a plan to a file, whole or not at all, for the terminal.

    An open plan's is written there as things stand, and not kept. A closed one's is the edition that is kept, the same
    bytes as on the page; where there is none, or something has changed since, the next one is written and kept. One
    that was asked for, or left by who died over it, is taken up.
    out: the file, or a folder in which it gets its usual name.
    Raises NotAllowed, WrongState (a worker is writing it), NotFound (what was kept is no longer the same), OSError.
    """
    require(by, Permission.ARCHIVE_MAKE, jurisdiction_id=plan.jurisdiction_id)
    if not Plan.objects.filter(pk=plan.pk, closed_at__isnull=False).exists():
        name = archive_name(plan.jurisdiction.short_name, year=plan.year, edition=None, as_of=today)
        return _write_open(plan, _in(out, name), today=today, by=by, now=now)
    standing, since = final_archive(plan), ""
    if standing is not None and not why_again(standing):
        since = edition_words(standing)
    else:
        left = Archive.objects.filter(plan=plan, state__in=(ArchiveState.ASKED, ArchiveState.WRITING)).first()
        asked = left or ask_archive(plan, by=by, now=now())
        claimed = claim(real=real, only=asked)
        if claimed is None or not write(claimed, today=today, by=by, now=now):
            raise WrongState(f"{asked}正由后台写，或者这次没有写成、后台会再写。请稍后再运行。")
        standing = Archive.objects.select_related("plan__jurisdiction").get(pk=asked.pk)
    path = _in(out, name_of(standing))
    take_archive(standing, by=by, now=now())
    copy_kept(standing, path)
    size_bytes, files = standing.size_bytes or 0, standing.files or 0
    return Written(path, files, size_bytes, standing.digest, standing.missing, standing.edition, since)


def _in(out: Path, name: str) -> Path:
    return out / name if out.is_dir() else out


def copy_kept(archive: Archive, path: Path) -> None:
    """Copy the file of an archive out of the data folder, whole or not at all. Raises NotFound, OSError."""
    with opened(archive.digest) as content, _beside(path) as (file, temporary):
        shutil.copyfileobj(content, file, _CHUNK)
        _sync(file)
        temporary.replace(path)


def _write_open(plan: Plan, path: Path, *, today: date, by: Actor, now: Callable[[], datetime]) -> Written:
    with _beside(path) as (file, temporary):
        whole = whole_of(plan, file, today=today)
        _sync(file)
        size_bytes, digest = file.tell(), digest_of(file)
        note_archive(plan, kept=Kept(temporary, path, digest, size_bytes), whole=whole, by=by, now=now())
    return Written(path, whole.files, size_bytes, digest, whole.missing)


@contextmanager
def _beside(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a file beside where it is to stand; unless it is renamed meanwhile, nothing of it stays."""
    descriptor, name = tempfile.mkstemp(prefix=".duban-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file, temporary
    finally:
        temporary.unlink(missing_ok=True)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
