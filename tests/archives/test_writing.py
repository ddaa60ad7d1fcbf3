"""归档 in the background: asked for, written whole or not at all, taken by whoever may; and the terminal's way."""

import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from duban.access.models import Account
from duban.archives import writing
from duban.archives.actions import ask_archive, close_plan, reopen_plan, take_archive
from duban.archives.models import Archive
from duban.archives.queries import archives_for, edition_words, name_of, waiting_archives
from duban.archives.rules import LEASE, MAX_ATTEMPTS, ArchiveState
from duban.archives.rules.packing import check_archive
from duban.audit.models import Event
from duban.cli.archive_out import write_archive
from duban.core.actor import SYSTEM
from duban.core.errors import NotAllowed, NotFound, WrongState
from duban.core.files import path_of
from duban.matters.actions import record_export
from duban.objections.actions import accept_objection
from duban.outbox.models import Message
from tests.archives.builders import closed, filed, told
from tests.matters.builders import World, names_of_events

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


def archived(world) -> Archive:
    """Ask for the archive and write it."""
    archive = asked(world)
    assert write(world, writing.claim(real=REAL))
    archive.refresh_from_db()
    return archive


def header_of(archive: Archive) -> dict:
    with zipfile.ZipFile(path_of(archive.digest)) as packed:
        return json.loads(packed.read("data/archive.json"))


# ── final ──


def test_the_archive_of_a_closed_year_is_final_and_not_written_again(world, plan):
    first = archived(world)
    assert (first.edition, first.reason, first.is_final) == (1, "", True)
    world.now += timedelta(days=1)
    with pytest.raises(WrongState) as refusal:
        asked(world)
    assert refusal.value.message == ("2020年度档案第1版已于2020年2月3日写成，此后没有变化，不必再归档，请取走这一版。")
    assert Archive.objects.count() == 1


def test_what_is_only_read_or_carried_out_is_no_change(world, plan):
    archived(world)
    record_export(plan, form="xlsx", view="台账", count=1, **told(world, world.officer))
    with pytest.raises(WrongState):
        asked(world)


def test_an_objection_after_the_closing_makes_another_edition_that_says_so(world, plan):
    first = archived(world)
    objection = filed(world)
    accept_objection(objection, **told(world, world.officer))
    second = archived(world)
    assert (second.edition, second.reason) == (2, "上一版以后：申请复核 1 次、受理复核申请 1 次")
    assert name_of(second) == "临江区2020年度督查档案（第2版）.zip"
    header = header_of(second)
    assert (header["edition"], header["reason"], header["replaces"]) == (2, second.reason, first.digest)
    assert header_of(first)["edition"] == 1  # and the former stays as it was
    event = Event.objects.filter(name="archives.written").last()
    assert (event.data["edition"], event.data["reason"]) == (2, second.reason)
    with zipfile.ZipFile(path_of(second.digest)) as packed:
        assert f"版次：第2版（{second.reason}；上一版 SHA-256 {first.digest}）" in packed.read("README.txt").decode()
    with pytest.raises(WrongState):
        asked(world)


def test_opened_again_and_closed_anew_it_is_another_edition(world, plan):
    archived(world)
    reopen_plan(plan, reason="复核决定更正。", approval=world.approval(), **told(world))
    on_the_way = archived(world)
    assert (on_the_way.edition, on_the_way.is_final) == (None, False)
    close_plan(plan, note="再次办结。", approval=world.approval(), **told(world))
    again = archived(world)
    assert (again.edition, again.reason) == (2, "上一版以后：年度办结 1 次、重新打开年度台账 1 次")


def test_a_lost_file_and_one_that_lacked_something_are_reasons(world, plan):
    first = archived(world)
    path_of(first.digest).unlink()
    second = archived(world)
    assert second.reason == "上一版的文件不在数据目录中"
    Archive.objects.filter(pk=second.pk).update(missing=["佐证 现场.png"])
    assert archived(world).reason == "上一版缺 1 个文件"


def test_an_edition_is_not_there_twice_and_never_without_its_reason(world, plan):
    first = archived(world)
    for wrong in ({"edition": 2}, {"edition": None}, {"reason": "无故"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Archive.objects.filter(pk=first.pk).update(**wrong)


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


def written_to(world, plan, out, *, by=SYSTEM):
    return writing.write_to(plan, out, today=world.now.date(), by=by, now=lambda: world.now, real=REAL)


def test_open_year_is_written_to_a_file_whole_and_recorded(world, folder):
    world.started()
    path = folder / "档案.zip"
    made = written_to(world, world.plan, path)
    assert (path.stat().st_size, check_archive(path.open("rb")).files) == (made.size_bytes, made.files)
    event = Event.objects.get(name="archives.written")
    assert (event.data["digest"], event.data["file"]) == (made.digest, "档案.zip")
    assert [one.name for one in folder.iterdir() if one.is_file()] == ["档案.zip"]
    assert Archive.objects.count() == 0


def test_closed_year_is_written_once_and_given_out_the_same_ever_after(world, plan, folder):
    first = written_to(world, plan, folder)
    assert (first.path.name, first.edition, first.since) == ("临江区2020年度督查档案.zip", 1, "")
    archive = Archive.objects.get()
    assert first.path.read_bytes() == path_of(archive.digest).read_bytes()
    world.now += timedelta(days=40)
    again = written_to(world, plan, folder / "又一份.zip")
    assert (again.edition, again.digest, again.since) == (1, first.digest, "2020年度档案第1版已于2020年2月3日写成")
    assert again.path.read_bytes() == first.path.read_bytes()
    assert names_of_events(subject_type="archive") == [
        "archives.asked", "archives.written", "archives.taken", "archives.taken",
    ]  # fmt: skip


def test_what_a_worker_is_writing_is_not_written_beside_it(world, plan, folder):
    asked(world)
    writing.claim(real=REAL)
    with pytest.raises(WrongState):
        written_to(world, plan, folder / "档案.zip")
    assert not (folder / "档案.zip").exists()


def test_what_was_kept_and_is_no_longer_the_same_is_not_given_out(world, plan, folder):
    path_of(archived(world).digest).write_bytes(b"x" * Archive.objects.get().size_bytes)
    with pytest.raises(NotFound):
        written_to(world, plan, folder / "档案.zip")
    assert not (folder / "档案.zip").exists()


def test_file_that_stands_there_stays_when_writing_fails(world, folder, monkeypatch):
    world.started()
    path = folder / "档案.zip"
    path.write_bytes(b"older")

    def fail(*args, **more):
        raise OSError("no space left")

    monkeypatch.setattr(writing, "note_archive", fail)
    with pytest.raises(OSError):
        written_to(world, world.plan, path)
    assert (path.read_bytes(), [one.name for one in folder.iterdir() if one.is_file()]) == (b"older", ["档案.zip"])


@pytest.mark.parametrize("is_closed", [False, True])
def test_not_by_whoever_may_not(world, folder, is_closed):
    (closed if is_closed else World.started)(world)
    path = folder / "档案.zip"
    with pytest.raises(NotAllowed):
        written_to(world, world.plan, path, by=world.officer)
    assert (path.exists(), Archive.objects.exists()) == (False, False)


def test_terminal_says_which_edition_it_wrote(world, plan, folder, capsys):
    for _ in range(2):
        assert write_archive(2020, jurisdiction="", out=str(folder)) == 0
    told_of = capsys.readouterr()
    assert told_of.out.count("临江区2020年度督查档案.zip（第1版，") == 2
    assert told_of.err == f"{edition_words(Archive.objects.get())}，此后没有变化，写出的就是那一份。\n"


def test_what_was_asked_for_or_left_half_written_is_taken_up_by_the_terminal(world, plan, folder):
    archive = asked(world)
    writing.claim(real=REAL)
    with pytest.raises(WrongState, match="请稍后再运行"):
        written_to(world, plan, folder)
    Archive.objects.update(lease_until=REAL - timedelta(seconds=1))
    assert written_to(world, plan, folder).edition == 1
    archive.refresh_from_db()
    assert (Archive.objects.count(), archive.state) == (1, "done")
