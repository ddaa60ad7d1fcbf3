"""Issued documents are kept byte for byte, never changed; scans and templates have versions."""

import hashlib
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import override_settings

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.core.files import Staged, path_of
from duban.evidence.examining import NewFile
from duban.papers import actions
from duban.papers.actions import add_scan, adopt_template, allot_number, freeze_paper
from duban.papers.drawing import drawn_files
from duban.papers.models import IssuedPaper, NumberCounter, PaperScan, Template
from duban.papers.queries import opened_paper, paper_of, scans_of, templates_in_force
from duban.papers.rules import Format, PaperKind
from duban.papers.wording import template_kinds
from tests.evidence.builders import lying
from tests.evidence.files import PDF, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    with override_settings(FILES_DIR=tmp_path / "files"):
        yield tmp_path / "files"


def frozen(world, *, pdf=b"%PDF one", docx=b"PK one", unit="教育局", by=None, **more) -> IssuedPaper:
    with drawn_files(pdf=pdf, docx=docx, values={"单位": unit}) as drawn:
        given = {"title": "关于交办督查事项的通知", "addressee": unit, "dated_on": world.now.date(), **more}
        with transaction.atomic():
            return freeze_paper(
                world.unit(unit),
                drawn=drawn,
                kind=PaperKind.ASSIGNMENT,
                plan=world.plan,
                by=by or world.officer,
                now=world.now,
                **given,
            )


# ---- frozen


def test_document_is_kept_byte_for_byte_and_the_event_carries_its_digests(world, folder):
    paper = frozen(world, number="临江政督交〔2020〕1号")
    digests = [hashlib.sha256(one).hexdigest() for one in (b"%PDF one", b"PK one")]
    assert [paper.pdf_digest, paper.docx_digest] == digests
    assert (paper.pdf_bytes, paper.docx_bytes, paper.version, paper.data) == (8, 6, 1, {"单位": "教育局"})
    assert lying(folder) == sorted(digests)
    with opened_paper(paper, Format.PDF) as pdf, opened_paper(paper, Format.DOCX) as docx:
        assert (pdf.read(), docx.read()) == (b"%PDF one", b"PK one")
    event = Event.objects.get(name="papers.issued")
    assert (event.subject_id, event.data["pdf"], event.data["docx"]) == (paper.pk, *digests)
    assert paper_of(PaperKind.ASSIGNMENT, world.unit("教育局")) == paper
    assert paper_of(PaperKind.LETTER, world.unit("教育局")) is None


def test_the_same_thing_issued_anew_is_a_further_version(world, folder):
    first = frozen(world)
    second = frozen(world, pdf=b"%PDF two")
    assert (first.version, second.version) == (1, 2)
    assert paper_of(PaperKind.ASSIGNMENT, world.unit("教育局")) == second
    assert opened_paper(first, Format.PDF).read() == b"%PDF one"


def test_who_may_not_issue_freezes_nothing(world, folder):
    with pytest.raises(NotAllowed):
        frozen(world, by=world.liaison("教育局"))
    assert (IssuedPaper.objects.count(), lying(folder)) == (0, [])


def test_nothing_is_kept_when_the_event_cannot_be_written(world, folder, monkeypatch):
    def fails(*args, **more):
        raise RuntimeError("no room")

    monkeypatch.setattr(actions, "record", fails)
    with pytest.raises(RuntimeError):
        frozen(world)
    assert (IssuedPaper.objects.count(), lying(folder)) == (0, [])


def test_failing_between_the_two_files_freezes_nothing_and_the_next_try_all(world, folder, monkeypatch):
    keep, kept = Staged.keep, []

    def keep_one(self):
        if kept:
            raise OSError("no space left on the disk")
        kept.append(self.digest)
        keep(self)

    monkeypatch.setattr(Staged, "keep", keep_one)
    with pytest.raises(OSError):
        frozen(world)
    assert IssuedPaper.objects.count() == Event.objects.filter(name="papers.issued").count() == 0
    monkeypatch.setattr(Staged, "keep", keep)
    paper = frozen(world)
    assert (paper.version, opened_paper(paper, Format.PDF).read()) == (1, b"%PDF one")
    assert lying(folder) == sorted([paper.pdf_digest, paper.docx_digest])


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except (DatabaseError, IntegrityError) as error:
        return "issued documents are not changed" in str(error)
    return False


def test_nothing_issued_is_changed_or_deleted_even_by_hand(world, folder):
    paper = frozen(world)
    add_scan(paper, scan=NewFile("盖章.pdf", BytesIO(PDF)), by=world.officer, now=world.now)
    adopt(world, demand="请于 {天数} 个工作日内改正。")
    for table in ("papers_issuedpaper", "papers_paperscan", "papers_template"):
        assert refused(f"UPDATE {table} SET id = id")
        assert refused(f"DELETE FROM {table}")


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_damaged_file_is_said_not_drawn_anew(world, folder, damage):
    paper = frozen(world, number="临江政督交〔2020〕1号")
    path = path_of(paper.pdf_digest)
    path.unlink() if damage == "gone" else path.write_bytes(b"%PDF two")
    with pytest.raises(NotFound, match="临江政督交〔2020〕1号的存档文件不在数据目录中，或者与发出时不一致"):
        opened_paper(paper, Format.PDF)
    assert opened_paper(paper, Format.DOCX).read() == b"PK one"


# ---- numbers


def test_numbers_have_no_gap_per_place_kind_and_year(world):
    def next_of(kind, year):
        return allot_number(world.county.pk, kind=kind, year=year, by=world.officer, now=world.now)

    assert [next_of("assignment", 2020), next_of("assignment", 2020), next_of("assignment", 2021)] == [1, 2, 1]
    assert next_of("remind", 2020) == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        next_of("assignment", 2020)
        raise RuntimeError("the issue failed")
    assert next_of("assignment", 2020) == 3
    assert NumberCounter.objects.count() == 3


def test_number_is_not_allotted_to_everybody(world):
    with pytest.raises(NotAllowed):
        allot_number(world.county.pk, kind="remind", year=2020, by=world.liaison("教育局"), now=world.now)


# ---- scans


def test_scan_is_kept_beside_and_a_better_one_is_a_further_version(world, folder):
    paper = frozen(world)
    first = add_scan(paper, scan=NewFile("盖章.pdf", BytesIO(PDF)), by=world.officer, now=world.now)
    better = NewFile("更清楚.png", BytesIO(picture()))
    second = add_scan(paper, scan=better, reason="第一份不清楚", by=world.officer, now=world.now)
    assert [(one.version, one.file_name, one.reason) for one in scans_of(paper)] == [
        (2, "更清楚.png", "第一份不清楚"),
        (1, "盖章.pdf", ""),
    ]
    assert {first.digest, second.digest} < set(lying(folder))
    assert [one.data["version"] for one in Event.objects.filter(name="papers.scanned").order_by("pk")] == [1, 2]


def test_further_scan_needs_a_reason_and_the_same_is_not_kept_twice(world, folder):
    paper = frozen(world)
    add_scan(paper, scan=NewFile("盖章.pdf", BytesIO(PDF)), by=world.officer, now=world.now)
    with pytest.raises(WrongState, match="已经附上"):
        add_scan(paper, scan=NewFile("又一次.pdf", BytesIO(PDF)), by=world.officer, now=world.now)
    with pytest.raises(Invalid, match="请写明理由"):
        add_scan(paper, scan=NewFile("图.png", BytesIO(picture())), by=world.officer, now=world.now)
    assert PaperScan.objects.count() == 1


def test_scan_is_examined_like_evidence(world, folder):
    paper = frozen(world)
    before = lying(folder)
    with pytest.raises(Invalid):
        add_scan(paper, scan=NewFile("盖章.pdf", BytesIO(b"MZ\x90\x00")), by=world.officer, now=world.now)
    assert (PaperScan.objects.count(), lying(folder)) == (0, before)


# ---- templates


def adopt(world, *, key="remind", seen=0, by=None, **parts) -> Template:
    given = template_kinds()[key].shipped.parts() | parts
    return adopt_template(
        world.county,
        key=key,
        parts=given,
        reason="单位说看不懂",
        seen=seen,
        by=by or world.office_head,
        now=world.now + timedelta(hours=1),
    )


def test_template_in_force_is_the_last_adopted_and_the_event_says_what_changed(world):
    assert templates_in_force(world.county.pk)["remind"] == template_kinds()["remind"].shipped
    made = adopt(world, demand="请于 {天数} 个工作日内改正。")
    assert (made.number, made.is_shipped) == (1, False)
    assert templates_in_force(world.county.pk)["remind"].demand == "请于 {天数} 个工作日内改正。"
    assert templates_in_force(world.county.pk)["urge"] == template_kinds()["urge"].shipped
    data = Event.objects.get(name="papers.template_adopted").data
    assert data["after"] == {"demand": "请于 {天数} 个工作日内改正。"}
    assert (data["kind"], data["number"], data["reason"]) == ("提醒函", 1, "单位说看不懂")
    assert adopt(world, seen=1).is_shipped
    assert templates_in_force(world.county.pk)["remind"] == template_kinds()["remind"].shipped


def test_template_is_adopted_by_the_head_of_the_office(world):
    with pytest.raises(NotAllowed):
        adopt(world, by=world.officer, demand="请于 {天数} 个工作日内改正。")
    assert Template.objects.count() == 0


def test_who_comes_second_sees_what_stands(world):
    adopt(world, demand="请于 {天数} 个工作日内改正。")
    with pytest.raises(Conflict) as refused:
        adopt(world, demand="请在 {天数} 个工作日内改正。")
    assert refused.value.theirs["demand"] == "请于 {天数} 个工作日内改正。"


def test_template_without_a_change_is_refused(world):
    with pytest.raises(Invalid, match="没有任何改变"):
        adopt(world)
