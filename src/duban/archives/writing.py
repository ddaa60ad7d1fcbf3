"""The mechanics of writing archives: taken on a lease, written outside any transaction that changes something.

Not actions: no person acts here. `now` is the office's clock, `real` is real time, as in `jobs.leases`. An archive
takes seconds to minutes, so no task of the queue writes it: that would hold up everybody who writes on SQLite.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from django.db.models import F
from django.utils.crypto import get_random_string

from duban.archives.actions import Kept, fail_archive, finish_archive, note_archive
from duban.archives.models import Archive
from duban.archives.queries import Whole, waiting_archives, whole_of
from duban.archives.rules import LEASE, MAX_ATTEMPTS, ArchiveState
from duban.core.actor import Actor
from duban.core.files import drafted
from duban.matters.models import Plan

log = logging.getLogger("duban.archives")
_CHUNK = 1 << 20


def claim(*, real: datetime) -> Archive | None:
    """Take the next archive to be written on a lease, and return it; None when there is nothing to write."""
    waiting = waiting_archives(real=real).first()
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
            plan = Plan.objects.get(pk=archive.plan_id)
            is_final = plan.closed_at is not None
            return finish_archive(archive, file=draft.staged(), whole=whole, is_final=is_final, by=by, now=now())
    except Exception as error:
        log.exception("archive %s: attempt %s failed", archive.pk, archive.attempts)
        if archive.attempts >= MAX_ATTEMPTS:
            fail_archive(archive, problem=f"写档案的程序出错（{type(error).__name__}），已记入日志。", by=by, now=now())
        else:
            held = Archive.objects.filter(pk=archive.pk, state=ArchiveState.WRITING, token=archive.token)
            held.update(state=ArchiveState.ASKED, token="", lease_until=None)
        return False


def write_to(plan: Plan, path: Path, *, today: date, by: Actor, now: Callable[[], datetime]) -> tuple[Whole, str, int]:
    """Write the archive of a plan to a file, whole or not at all; return what it holds, its digest and size.

    Raises NotAllowed, OSError.
    """
    descriptor, name = tempfile.mkstemp(prefix=".duban-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            whole = whole_of(plan, file, today=today)
            file.flush()
            os.fsync(file.fileno())
            size_bytes, digest = file.tell(), hashlib.sha256()
            file.seek(0)
            while piece := file.read(_CHUNK):
                digest.update(piece)
        sha256 = digest.hexdigest()
        kept = Kept(temporary, path, sha256, size_bytes)
        note_archive(plan, kept=kept, whole=whole, by=by, now=now())
    finally:
        temporary.unlink(missing_ok=True)
    return whole, sha256, size_bytes
