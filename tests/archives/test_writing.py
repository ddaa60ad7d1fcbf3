"""归档 in the background: asked for, written whole or not at all, taken by whoever may; and the terminal's way."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from duban.access.models import Account
from duban.archives import writing
from duban.archives.actions import ask_archive, take_archive
from duban.archives.models import Archive
from duban.archives.queries import archives_for, name_of, waiting_archives
from duban.archives.rules import LEASE, MAX_ATTEMPTS, ArchiveState
from duban.archives.rules.packing import check_archive
from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import NotAllowed, WrongState
from duban.core.files import path_of
from duban.outbox.models import Message
from tests.archives.builders import closed, told
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db

REAL = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def plan(world):
    Account.objects.create(pk=world.office_head.account_id, username="zhuren", name="主任", created_at=world.now)
    return closed(world)


def asked(world) -> Archive:
    return ask_archive(world.plan, **told(world))


def write(world, archive: Archive | None) -> bool:
    return writing.write(archive, today=world.now.date(), by=SYSTEM, now=lambda: world.now)


def kept(folder) -> list[str]:
    return sorted(one.name for one in (folder / "files").rglob("*") if one.is_file())


def left_over(folder) -> list[str]:
    return sorted(one.name for one in (folder / "files").iterdir() if one.name.startswith("."))


def test_asked_for_it_is_written_and_who_asked_is_told(world, plan, folder):
    archive = asked(world)
    assert write(world, writing.claim(real=REAL))
    archive.refresh_from_db()
    content = path_of(archive.digest).read_bytes()
    assert (archive.state, archive.is_final, archive.size_bytes) == ("done", True, len(content))
    found = check_archive(path_of(archive.digest).open("rb"))
    assert (found.is_whole, found.files) == (True, archive.files)
    assert name_of(archive) == "临江区2020年度督查档案.zip"
    assert names_of_events(subject_type="archive") == ["archives.asked", "archives.written"]
    message = Message.objects.get()
    assert (message.title, message.link, message.account_id) == (
        "2020年度档案已写成",
        "/year-end/?year=2020",
        world.office_head.account_id,
    )
    assert left_over(folder) == []


def test_second_archive_of_the_same_year_is_the_same_file(world, plan):
    for _ in range(2):
        asked(world)
        assert write(world, writing.claim(real=REAL))
        world.now += timedelta(days=1)
    assert len(set(Archive.objects.values_list("digest", flat=True))) == 1


def test_one_archive_of_a_plan_is_written_at_a_time(world, plan):
    asked(world)
    with pytest.raises(WrongState):
        asked(world)
    writing.claim(real=REAL)
    with pytest.raises(WrongState):
        asked(world)
    assert Archive.objects.count() == 1


def test_only_the_head_of_the_office_asks_and_takes(world, plan):
    with pytest.raises(NotAllowed):
        ask_archive(plan, **told(world, world.officer))
    archive = asked(world)
    with pytest.raises(WrongState):
        take_archive(archive, **told(world))
    write(world, writing.claim(real=REAL))
    archive.refresh_from_db()
    with pytest.raises(NotAllowed):
        take_archive(archive, **told(world, world.officer))
    take_archive(archive, **told(world))
    event = Event.objects.get(name="archives.taken")
    assert (event.actor_name, event.data["digest"]) == (world.office_head.name, archive.digest)
    assert [list(archives_for(one)) for one in (world.office_head, world.officer)] == [[archive], []]


def test_a_claim_holds_until_its_worker_is_taken_for_dead(world, plan):
    asked(world)
    first = writing.claim(real=REAL)
    assert first.attempts == 1
    assert writing.claim(real=REAL + LEASE) is None
    writing.renew(first, real=REAL + LEASE)
    assert not waiting_archives(real=REAL + LEASE + timedelta(seconds=1)).exists()
    second = writing.claim(real=REAL + 2 * LEASE + timedelta(seconds=1))
    assert (second.pk, second.attempts) == (first.pk, 2)


def test_who_lost_the_lease_leaves_nothing(world, plan, folder):
    asked(world)
    slow = writing.claim(real=REAL)
    quick = writing.claim(real=REAL + LEASE + timedelta(seconds=1))
    assert write(world, quick)
    digest = Archive.objects.get().digest
    assert not write(world, slow)
    assert Archive.objects.get().digest == digest
    assert names_of_events(name="archives.written") == ["archives.written"]
    assert left_over(folder) == []


def test_killed_before_the_rename_nothing_half_stands(world, plan, folder, monkeypatch):
    archive = asked(world)
    claimed = writing.claim(real=REAL)
    before = (
        sorted(one for one in (folder / "files").rglob("*") if one.is_file()) if (folder / "files").exists() else []
    )

    class Killed(BaseException):
        """What a kill is to Python code: nothing catches it."""

    def die(*args, **more):
        raise Killed

    monkeypatch.setattr("duban.core.files.Staged.keep", die)
    with pytest.raises(Killed):
        write(world, claimed)
    archive.refresh_from_db()
    assert (archive.state, archive.digest) == (ArchiveState.WRITING, "")
    assert kept(folder) == before
    assert not Event.objects.filter(name="archives.written").exists()
    monkeypatch.undo()
    assert write(world, writing.claim(real=REAL + LEASE + timedelta(seconds=1)))


def test_what_a_killed_writer_left_is_cleared_away(world, plan, folder):
    archive = asked(world)
    (folder / "files").mkdir(exist_ok=True)
    (folder / "files" / f".archive{archive.pk}-x").write_bytes(b"half")
    assert write(world, writing.claim(real=REAL))
    assert left_over(folder) == []


def test_what_fails_is_tried_again_and_then_given_up_with_words(world, plan, monkeypatch):
    archive = asked(world)

    def fail(*args, **more):
        raise OSError("no space left")

    monkeypatch.setattr(writing, "whole_of", fail)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert not write(world, writing.claim(real=REAL))
        archive.refresh_from_db()
        assert archive.attempts == attempt
    assert (archive.state, archive.problem) == (ArchiveState.FAILED, "写档案的程序出错（OSError），已记入日志。")
    assert writing.claim(real=REAL) is None
    assert Message.objects.get().title == "2020年度档案没有写成"
    asked(world)  # and may be asked for again


def test_a_row_without_its_file_cannot_say_that_it_is_written(world, plan):
    archive = asked(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Archive.objects.filter(pk=archive.pk).update(state=ArchiveState.DONE)


# ── the terminal's way ──


def test_written_to_a_file_whole_and_recorded(world, plan, folder):
    path = folder / "档案.zip"
    whole, digest, size_bytes = writing.write_to(plan, path, today=world.now.date(), by=SYSTEM, now=lambda: world.now)
    assert (path.stat().st_size, check_archive(path.open("rb")).files) == (size_bytes, whole.files)
    event = Event.objects.get(name="archives.written")
    assert (event.data["digest"], event.data["file"]) == (digest, "档案.zip")
    assert [one.name for one in folder.iterdir() if one.is_file()] == ["档案.zip"]


def test_file_that_stands_there_stays_when_writing_fails(world, plan, folder, monkeypatch):
    path = folder / "档案.zip"
    path.write_bytes(b"older")

    def fail(*args, **more):
        raise OSError("no space left")

    monkeypatch.setattr(writing, "note_archive", fail)
    with pytest.raises(OSError):
        writing.write_to(plan, path, today=world.now.date(), by=SYSTEM, now=lambda: world.now)
    assert (path.read_bytes(), [one.name for one in folder.iterdir() if one.is_file()]) == (b"older", ["档案.zip"])


def test_not_by_whoever_may_not(world, plan, folder):
    path = folder / "档案.zip"
    with pytest.raises(NotAllowed):
        writing.write_to(plan, path, today=world.now.date(), by=world.officer, now=lambda: world.now)
    assert not path.exists()
