"""归档: asked for on a page, written by a worker, taken by whoever may; each leaves its event."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction

from duban.access.rules import Permission, require
from duban.archives.models import Archive
from duban.archives.queries import Whole, edition_words, final_archive, why_again
from duban.archives.rules import REASON_LENGTH, ArchiveState
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import WrongState
from duban.core.files import Staged
from duban.matters.models import Plan
from duban.outbox.actions import NewMessage, post_message
from duban.outbox.rules import MessageKind


@transaction.atomic
def ask_archive(plan: Plan, *, by: Actor, now: datetime) -> Archive:
    """要求归档: a worker writes the archive of a plan, closed or as it stands, and tells who asked.

    A closed plan's is final: it is written again, as another edition, only where something has changed since.
    Raises NotAllowed, WrongState (one of this plan is being written, or nothing has changed).
    Source: docs/sources.md#archives
    """
    require(by, Permission.ARCHIVE_MAKE, jurisdiction_id=plan.jurisdiction_id)
    standing = final_archive(plan) if Plan.objects.filter(pk=plan.pk, closed_at__isnull=False).exists() else None
    if standing is not None and not why_again(standing):
        raise WrongState(f"{edition_words(standing)}，此后没有变化，不必再归档，请取走这一版。")
    try:
        with transaction.atomic():
            made = Archive.objects.create(
                jurisdiction_id=plan.jurisdiction_id,
                plan=plan,
                account_id=by.account_id,
                asked_at=now,
                asked_by_name=by.name[:40],
            )
    except IntegrityError as error:
        raise WrongState(f"{plan.year}年度的档案正在写，写成后列在这里，不必再要求。") from error
    record(EventName.ARCHIVE_ASKED, made, by=by, now=now, data={"plan": plan.title})
    return made


@transaction.atomic
def finish_archive(archive: Archive, *, file: Staged, whole: Whole, by: Actor, now: datetime) -> bool:
    """写成: the file stands under its digest, and who asked is told. Return False where somebody else took it over.

    The rename is the last step: whole, or not at all.
    """
    require(by, Permission.ARCHIVE_MAKE, jurisdiction_id=archive.jurisdiction_id)
    claimed = Archive.objects.filter(pk=archive.pk, state=ArchiveState.WRITING, token=archive.token).update(
        state=ArchiveState.DONE,
        token="",
        lease_until=None,
        written_at=now,
        digest=file.digest,
        size_bytes=file.size_bytes,
        files=whole.files,
        missing=whole.missing,
        is_final=whole.edition is not None,
        edition=whole.edition,
        reason=whole.reason,
        trail=whole.trail,
    )
    if not claimed:
        return False
    archive.refresh_from_db()
    data = {"plan": archive.plan.title, "digest": file.digest, "files": whole.files, "missing": len(whole.missing)}
    if whole.edition is not None:
        data |= {"edition": whole.edition, "reason": whole.reason}
    record(EventName.ARCHIVE_WRITTEN, archive, by=by, now=now, data=data)
    _tell(archive, f"{archive}已写成", by=by, now=now)
    file.keep()
    return True


@transaction.atomic
def fail_archive(archive: Archive, *, problem: str, by: Actor, now: datetime) -> bool:
    """没有写成: after several tries; who asked is told why. Return False where somebody else took it over."""
    require(by, Permission.ARCHIVE_MAKE, jurisdiction_id=archive.jurisdiction_id)
    words = problem[:REASON_LENGTH] or "写档案的程序出错。"
    claimed = Archive.objects.filter(pk=archive.pk, state=ArchiveState.WRITING, token=archive.token).update(
        state=ArchiveState.FAILED, token="", lease_until=None, problem=words
    )
    if not claimed:
        return False
    archive.refresh_from_db()
    _tell(archive, f"{archive}没有写成", by=by, now=now)
    return True


def _tell(archive: Archive, title: str, *, by: Actor, now: datetime) -> None:
    if archive.account is None:
        return
    link = f"/year-end/?year={archive.plan.year}"
    key = f"archive/{archive.pk}/{archive.state}"
    new = NewMessage(to=archive.account, title=title, dedupe_key=key, link=link)
    post_message(MessageKind.ARCHIVE, message=new, by=by, now=now)


@transaction.atomic
def take_archive(archive: Archive, *, by: Actor, now: datetime) -> Archive:
    """取走档案: write down who took it. Raises NotAllowed, WrongState (not written yet)."""
    require(by, Permission.ARCHIVE_MAKE, jurisdiction_id=archive.jurisdiction_id)
    if archive.state != ArchiveState.DONE:
        raise WrongState("这份档案还没有写成。")
    data = {"plan": archive.plan.title, "digest": archive.digest}
    record(EventName.ARCHIVE_TAKEN, archive, by=by, now=now, data=data)
    return archive


@dataclass(frozen=True, slots=True)
class Kept:
    """An archive written beside where it is to stand: synced to the disk, not yet under its name."""

    temporary: Path
    path: Path
    digest: str
    size_bytes: int


@transaction.atomic
def note_archive(plan: Plan, *, kept: Kept, whole: Whole, by: Actor, now: datetime) -> None:
    """Write down that the archive of a plan was written to a file of its own, and let the file stand there, whole.

    For the terminal. The rename is the last step. Raises NotAllowed, OSError.
    """
    require(by, Permission.ARCHIVE_MAKE, jurisdiction_id=plan.jurisdiction_id)
    data = {
        "plan": plan.title,
        "digest": kept.digest,
        "files": whole.files,
        "missing": len(whole.missing),
        "file": kept.path.name,
    }
    record(EventName.ARCHIVE_WRITTEN, plan, by=by, now=now, data=data)
    kept.temporary.replace(kept.path)
