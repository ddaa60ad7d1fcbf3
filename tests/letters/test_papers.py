"""A letter is drawn as it stands and frozen when it is issued; what changes later does not change it."""

import hashlib
from datetime import date, timedelta
from io import BytesIO

import pdfplumber
import pytest
from django.db import connection

from duban.audit.models import Event
from duban.cli.papers_out import letter_out
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid, NotAllowed, WrongState
from duban.letters import queries
from duban.letters.actions import (
    LetterEdit,
    edit_letter,
    issue_letter,
    issuing,
    keep_letter,
    number_letter,
    sign_letter,
)
from duban.letters.models import Letter
from duban.letters.queries import letter_data, letter_page, letter_papers, lines_of
from duban.letters.rules import LetterState
from duban.orgs.models import Unit
from duban.papers import triggers
from duban.papers.actions import adopt_template
from duban.papers.drawing import drawn_as
from duban.papers.models import IssuedPaper
from duban.papers.queries import opened_paper
from duban.papers.rules import Format
from duban.papers.wording import template_kinds
from tests.evidence.builders import file, lying
from tests.letters.builders import at, letter_of, overseen, round_of, sent_out, set_policy, signer, slow_matter, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def draft(world) -> Letter:
    staff(world)
    slow_matter(world, overseers=overseen(world))
    round_of("2020-02-06")
    return letter_of()


def text_of(data: bytes) -> str:
    with pdfplumber.open(BytesIO(data)) as pdf:
        return "".join(page.extract_text() for page in pdf.pages).replace("\n", "").replace(" ", "")


def is_marked_as_draft(data: bytes) -> bool:
    """Whether 草稿 stands across the first page: two letters of their own, larger than any of the text."""
    with pdfplumber.open(BytesIO(data)) as pdf:
        large = [one["text"] for one in pdf.pages[0].chars if one["size"] > 100]
    return large == ["草", "稿"]


def bytes_of(letter: Letter, form: Format) -> bytes:
    with opened_paper(letter_papers([letter])[letter.pk], form) as kept:
        return kept.read()


def test_issued_letter_is_frozen_with_its_digest_in_the_trail(world, draft, folder):
    issued = sent_out(world, draft, on="2020-02-06")
    paper = letter_papers([issued])[issued.pk]
    pdf, docx = bytes_of(issued, Format.PDF), bytes_of(issued, Format.DOCX)
    assert (paper.number_text, paper.addressee, paper.version, paper.is_late) == (
        "临江政督提〔2020〕1号",
        "教育局",
        1,
        False,
    )
    assert paper.pdf_digest == hashlib.sha256(pdf).hexdigest()
    assert paper.docx_digest == hashlib.sha256(docx).hexdigest()
    assert Event.objects.get(name="papers.issued").data["pdf"] == paper.pdf_digest
    text = text_of(pdf)
    for words in ("临江政督提〔2020〕1号", "关于督查事项办理情况的提醒函", "教育局：", "改造校舍1。", "2020年2月6日"):
        assert words.replace(" ", "") in text
    assert not is_marked_as_draft(pdf)
    assert sorted(lying(folder)) == sorted({paper.pdf_digest, paper.docx_digest})


def test_a_year_later_it_is_byte_for_byte_the_same(world, draft, settings, tmp_path):
    issued = sent_out(world, draft, on="2020-02-06")
    before = [bytes_of(issued, form) for form in Format]
    Unit.objects.filter(pk=draft.unit_id).update(name="教育体育局", full_name="临江区教育体育局")
    set_policy(world, issuer="supervision_office", remind_cure_workdays=9, qr_code=True)
    parts = template_kinds()["remind"].shipped.parts() | {"demand": "请于 {天数} 个工作日内改正。"}
    told = {"by": world.office_head, "now": at("2021-02-06")}
    adopt_template(world.county, key="remind", parts=parts, reason="改了写法", seen=0, **told)
    settings.FONTS_DIR = tmp_path / "fonts"
    settings.FONTS_DIR.mkdir()
    again = letter_of(pk=issued.pk)
    assert [bytes_of(again, form) for form in Format] == before
    assert text_of(drawn_as(letter_page(again, letter_papers([again])[again.pk]), Format.PDF)) == text_of(before[0])


def test_draft_bears_the_watermark_and_no_number(draft):
    data = drawn_as(letter_page(draft, None), Format.PDF)
    assert is_marked_as_draft(data)
    assert "〔" not in text_of(data)


def test_graver_letter_names_the_leader_in_copy(world, draft):
    Letter.objects.filter(pk=draft.pk).update(kind="urge")
    issued = sent_out(world, letter_of(), on="2020-02-06")
    text = text_of(bytes_of(issued, Format.PDF))
    assert "抄送：吴一副区长" in text
    assert "特此催办" in text


def test_matter_with_two_causes_stands_once_with_both(world, draft):
    (line,) = lines_of(draft)
    line.pk, line.key, line.words = None, "another", "“主体完工”应于2020年2月5日前完成。"
    line.save()
    data = letter_data(draft, lines_of(draft), on=date(2020, 2, 6), is_draft=True)
    assert len(data.matters) == 1
    assert data.matters[0].reason.endswith("“主体完工”应于2020年2月5日前完成。")


def test_character_no_font_has_is_said_and_the_letter_is_not_issued(world, draft, folder):
    edit = LetterEdit(
        title=draft.title,
        opening=f"{draft.opening}\U0010fffd",
        demand=draft.demand,
        words={one.pk: one.words for one in lines_of(draft)},
        removed=frozenset(),
        removed_reason="",
    )
    edit_letter(draft, edit=edit, seen=draft.version, by=world.officer, now=at("2020-02-06"))
    signed = sign_letter(letter_of(), by=signer(world, "office_head"), now=at("2020-02-06", 10))
    with pytest.raises(Invalid, match=r"U\+10FFFD"):
        issue_letter(signed, by=world.officer, now=at("2020-02-06", 11))
    assert Letter.objects.get().state == LetterState.SIGNED
    assert (IssuedPaper.objects.count(), lying(folder)) == (0, [])


def test_nothing_is_issued_when_it_cannot_be_frozen(world, draft, folder, monkeypatch):
    signed = sign_letter(draft, by=signer(world, "office_head"), now=at("2020-02-06", 10))

    def fails(*args, **more):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(issuing, "freeze_paper", fails)
    with pytest.raises(RuntimeError):
        issue_letter(signed, by=world.officer, now=at("2020-02-06", 11))
    assert Letter.objects.get().state == LetterState.SIGNED
    assert lying(folder) == []


def test_what_changed_between_drawing_and_issuing_is_not_issued_as_drawn(world, draft, monkeypatch):
    signed = sign_letter(draft, by=signer(world, "office_head"), now=at("2020-02-06", 10))
    drawn = issuing.drawn

    def renamed_meanwhile(*args, **more):
        Unit.objects.filter(pk=draft.unit_id).update(full_name="临江区教育体育局")
        return drawn(*args, **more)

    monkeypatch.setattr(issuing, "drawn", renamed_meanwhile)
    with pytest.raises(WrongState, match="刚刚有改动"):
        issue_letter(signed, by=world.officer, now=at("2020-02-06", 11))
    monkeypatch.undo()
    assert Letter.objects.get().state == LetterState.SIGNED
    issued = issue_letter(letter_of(), by=world.officer, now=at("2020-02-06", 12))
    assert letter_papers([issued])[issued.pk].addressee == "临江区教育体育局"


def test_code_is_printed_only_where_the_policy_says_so(world, draft):
    data = letter_data(draft, lines_of(draft), on=date(2020, 2, 6), is_draft=False)
    assert data.code == ""
    set_policy(world, qr_code=True)
    data = letter_data(letter_of(), lines_of(draft), on=date(2020, 2, 6), is_draft=False)
    assert data.code.splitlines()[1:4] == [draft.title, "临江市临江区人民政府办公室", "教育局"]


def test_number_of_the_document_system_stands_on_the_letter(world, draft):
    set_policy(world, numbering="document_system")
    signed = sign_letter(letter_of(), by=signer(world, "office_head"), now=at("2020-02-06", 10))
    told = {"by": world.officer, "now": at("2020-02-06", 11)}
    issued = issue_letter(number_letter(signed, number="临政办督〔2020〕7号", scan=file("盖章.pdf"), **told), **told)
    assert "临政办督〔2020〕7号" in text_of(bytes_of(issued, Format.PDF))


# ---- issued before papers were kept


@pytest.fixture
def unkept(world, draft, folder) -> Letter:
    issued = sent_out(world, draft, on="2020-02-06")
    triggers.drop_triggers(connection)
    IssuedPaper.objects.all().delete()
    triggers.make_triggers(connection)
    for digest in lying(folder):
        (folder / digest[:2] / digest).unlink()
    return issued


def test_letter_issued_before_is_kept_on_demand_and_says_so(world, unkept):
    later = at("2020-02-06") + timedelta(days=300)
    paper = keep_letter(letter_of(), by=world.liaison("教育局"), now=later)
    assert (paper.is_late, paper.issued_at, paper.issued_by_name) == (True, later, SYSTEM.name)
    assert "2020年2月6日" in text_of(bytes_of(unkept, Format.PDF))
    assert Event.objects.filter(name="papers.issued").order_by("-pk").first().data["is_late"] is True
    assert keep_letter(letter_of(), by=world.officer, now=later) == paper
    assert IssuedPaper.objects.count() == 1


def test_letter_not_issued_is_not_kept(world, draft, system_admin):
    with pytest.raises(WrongState, match="还没有发出"):
        keep_letter(draft, by=world.officer, now=at("2020-02-06"))
    with pytest.raises(NotAllowed):
        keep_letter(draft, by=system_admin, now=at("2020-02-06"))


def test_papers_of_many_letters_are_one_statement(world, draft, django_assert_num_queries):
    issued = sent_out(world, draft, on="2020-02-06")
    with django_assert_num_queries(1):
        assert set(queries.letter_papers([issued, issued])) == {issued.pk}


# ---- from the terminal


def test_terminal_gives_the_frozen_file_by_number_or_id_and_a_draft_before(world, draft):
    content, name = letter_out(str(draft.pk), form="pdf")
    assert (is_marked_as_draft(content), name) == (True, "教育局提醒函草稿.pdf")
    issued = sent_out(world, draft, on="2020-02-06")
    kept = bytes_of(issued, Format.DOCX)
    assert letter_out("临江政督提〔2020〕1号", form="docx") == (kept, "临江政督提〔2020〕1号 教育局.docx")
    assert letter_out(str(issued.pk), form="docx")[0] == kept


def test_terminal_keeps_what_was_issued_before_papers_were_kept(world, unkept):
    assert letter_out(str(unkept.pk), form="pdf")[0] == bytes_of(unkept, Format.PDF)
