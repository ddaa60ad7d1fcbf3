"""Letters on their pages: the queue, signing, issuing; a unit's answer; what everybody else does not see of them."""

import hashlib
import zipfile
from datetime import date
from io import BytesIO
from urllib.parse import quote

import pdfplumber
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from duban.access.models import Account
from duban.core.files import path_of
from duban.letters.actions import AnsweredMatter, answer_letter, present_letter
from duban.letters.models import Letter, LetterAnswer, Receipt
from duban.letters.rules import LetterKind
from duban.orgs.models import Person
from duban.orgs.queries import actor_of
from duban.papers import triggers
from duban.papers.models import IssuedPaper
from duban.web import letters
from duban.web.waiting import Waits
from tests.evidence.files import picture
from tests.letters.builders import (
    at,
    letter_of,
    overseen,
    round_of,
    sent_out,
    set_policy,
    signer,
    slow_matter,
    staff,
)
from tests.letters.test_actions import by_hand
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

NOW = at("2020-02-06", 12)
TODAY = NOW.date()


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, settings, tmp_path):
    set_clock(monkeypatch, NOW)
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def matter(world):
    staff(world)
    return slow_matter(world, overseers=overseen(world))


@pytest.fixture
def draft(world, matter) -> Letter:
    round_of("2020-02-06")
    return letter_of()


@pytest.fixture
def issued(world, draft) -> Letter:
    return sent_out(world, draft, on="2020-02-06")


def page_of(letter):
    return reverse("letter", args=[letter.pk])


def step_of(letter, step):
    return reverse("letter_step", args=[letter.pk, step])


def liaison(world, unit="教育局"):
    """The liaison named by `staff`, signed in."""
    client = Client()
    account = Account.objects.get(person__name=f"{unit}联络员")
    account.must_change_password = False
    account.save()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response) -> str:
    return response.content.decode()


# ---- the office


def test_queue_counts_by_state_and_narrows_by_kind_and_unit(world, draft):
    roads = slow_matter(world, serial="2", leads=("交通局",))
    by_hand(world, LetterKind.SUPERVISE, roads, unit=world.unit("交通局"), is_urgent=True)
    client = signed_in(world, "officer")
    page = client.get(reverse("letters"))
    assert page.context["tabs"][0] == ("drafted", "待办理", 2)
    assert [row["letter"].unit.name for row in page.context["rows"]] == ["交通局", "教育局"]
    narrowed = client.get(reverse("letters"), {"kind": "remind", "unit": world.unit("教育局").pk, "tab": "drafted"})
    assert [row["letter"].pk for row in narrowed.context["rows"]] == [draft.pk]


@pytest.mark.parametrize("count", [1, 3])
def test_queue_costs_the_same_whatever_is_in_it(world, django_assert_num_queries, count):
    for number in range(count):
        by_hand(world, LetterKind.REMIND, slow_matter(world, serial=str(number + 1)))
    actor = signer(world, "office_head")
    with django_assert_num_queries(2):
        letters.waiting(actor, today=TODAY)


def test_draft_goes_through_every_hand(world, draft, matter):
    officer, head = signed_in(world, "officer"), signed_in(world, "office_head")
    page = officer.get(page_of(draft))
    assert (page.context["primary"], "送签" in text_of(page)) == ("present", True)
    assert "你单位承办的下列督查事项" in text_of(page)
    assert officer.post(step_of(draft, "present"), {"version": 1}).status_code == 302
    assert officer.post(step_of(draft, "sign"), {"version": 1}).status_code == 403
    assert head.get(page_of(draft)).context["primary"] == "sign"
    head.post(step_of(draft, "sign"), {"version": 1})
    page = officer.get(page_of(draft))
    assert (page.context["primary"], "临江政督提〔2020〕1号" in text_of(page)) == ("issue", True)
    officer.post(step_of(draft, "issue"))
    assert letter_of().state == "issued"
    answer_letter(letter_of(), lines=[AnsweredMatter(matter.pk, "三月复工。")], by=world.liaison("教育局"), now=NOW)
    page = officer.get(page_of(draft))
    assert (page.context["primary"], "三月复工。" in text_of(page)) == ("accept", True)
    officer.post(step_of(draft, "accept"))
    assert letter_of().outcome == "accepted"


def test_signer_who_read_an_older_version_is_told(world, draft):
    Letter.objects.update(version=2)
    response = signed_in(world, "office_head").post(step_of(draft, "sign"), {"version": 1})
    assert (response.status_code, letter_of().state) == (409, "drafted")
    assert "刚刚有改动" in text_of(response)


def test_reason_left_out_is_asked_for_on_its_form(world, draft):
    client = signed_in(world, "officer")
    response = client.post(step_of(draft, "drop"), {"reason": " "})
    assert (response.status_code, response.context["step"]) == (400, "drop")
    assert "请写明作罢的理由" in text_of(response)
    client.post(step_of(draft, "drop"), {"reason": "已电话了解"})
    assert letter_of().state == "dropped"


def test_several_are_presented_and_issued_at_once(world, draft):
    other = by_hand(world, LetterKind.REMIND, slow_matter(world, serial="2"))
    client = signed_in(world, "officer")
    both = [draft.pk, other.pk]
    client.post(reverse("letters_batch"), {"step": "present", "letter": both})
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["presented"] * 2
    again = client.post(reverse("letters_batch"), {"step": "present", "letter": both}, follow=True)
    assert "刚刚已由他人办理" in text_of(again)
    assert client.post(reverse("letters_batch"), {"step": "burn", "letter": both}).status_code == 404
    assert "请先选定函件" in text_of(client.post(reverse("letters_batch"), {"step": "issue"}, follow=True))


def test_edit_shows_what_a_colleague_saved_meanwhile(world, draft):
    client, address = signed_in(world, "officer"), reverse("letter_edit", args=[draft.pk])
    item = draft.items.get()
    given = {"title": "新的标题", "opening": "开头几个字", "demand": "要求几个字", f"words-{item.pk}": "新的事由。"}
    stale = client.post(address, given | {"version": "7"})
    assert (stale.status_code, stale.context["version"]) == (409, 1)
    assert "新的标题" in text_of(stale) and draft.title in text_of(stale)
    wrong = client.post(address, given | {"version": "1", f"words-{item.pk}": ""})
    assert (wrong.status_code, wrong.context["field"]) == (400, f"words-{item.pk}")
    assert client.post(address, given | {"version": "1"}).status_code == 302
    assert (letter_of().title, letter_of().items.get().words) == ("新的标题", "新的事由。")
    assert client.post(address, given | {"version": "2", "demand": "要求第一段。\n要求<第二>段。"}).status_code == 302
    page = client.get(reverse("letter", args=[draft.pk])).content.decode()
    assert '<p class="paper-text">要求第一段。</p>\n<p class="paper-text">要求&lt;第二&gt;段。</p>' in page


def test_drafts_are_merged_on_the_page(world, draft):
    other = by_hand(world, LetterKind.REMIND, slow_matter(world, serial="2"))
    client = signed_in(world, "officer")
    assert [one.pk for one in client.get(page_of(draft)).context["others"]] == [other.pk]
    client.post(step_of(draft, "merge"), {"others": [other.pk]})
    assert (draft.items.count(), Letter.objects.get(pk=other.pk).state) == (2, "dropped")


def test_letter_is_written_by_hand_from_the_matter(world, matter):
    client, address = signed_in(world, "officer"), reverse("matter_letter", args=[matter.pk])
    given = {"unit": world.unit("教育局").pk, "kind": "supervise", "words": "群众反映强烈。"}
    refused = client.post(address, given)
    assert (refused.status_code, "群众反映强烈。" in text_of(refused)) == (400, True)
    assert client.post(address, given | {"is_urgent": "on"}).status_code == 302
    assert (letter_of().kind, letter_of().is_urgent) == ("supervise", True)
    assert client.post(address, given | {"unit": "999"}).context["field"] == "unit"
    page = client.get(reverse("matter", args=[matter.pk]))
    assert [one["kind"] for one in page.context["letters"]["lines"]] == ["督办函"]


def test_number_and_scan_of_the_document_system(world, draft):
    set_policy(world, numbering="document_system")
    client = signed_in(world, "officer")
    signed_in(world, "office_head").post(step_of(draft, "sign"), {"version": 1})
    assert client.get(page_of(draft)).context["primary"] == "number"
    assert client.post(step_of(draft, "number"), {"number": "临政办函〔2020〕7号"}).status_code == 400
    scan = BytesIO(picture())
    scan.name = "盖章件.png"
    client.post(step_of(draft, "number"), {"number": "临政办函〔2020〕7号", "file": scan})
    response = client.get(reverse("letter_scan", args=[draft.pk]))
    assert (response.status_code, response["X-Content-Type-Options"]) == (200, "nosniff")
    assert len(b"".join(response.streaming_content)) > 0


def test_delivery_on_paper_is_entered(world):
    staff(world, has_accounts=False)
    slow_matter(world)
    round_of("2020-02-06")
    letter = sent_out(world, letter_of(), on="2020-02-06")
    client = signed_in(world, "officer")
    assert client.get(page_of(letter)).context["primary"] == "deliver"
    assert client.post(step_of(letter, "deliver"), {"to": "收发室", "delivered_on": ""}).status_code == 400
    client.post(step_of(letter, "deliver"), {"to": "收发室", "delivered_on": "2020-02-06"})
    assert letter_of().delivered_to == "收发室"


# ---- the unit


def test_unit_reads_and_answers_in_one_form(world, issued, matter):
    client = liaison(world)
    page = client.get(page_of(issued))
    assert (page.status_code, page.context["primary"], page.context["is_unread"]) == (200, "answer", True)
    assert Receipt.objects.filter(read_at__isnull=False).count() == 0, "looking writes nothing"
    assert client.post(step_of(issued, "read"), headers={"hx-request": "true"}).status_code == 204
    assert Receipt.objects.filter(read_at__isnull=False).count() == 1
    short = client.post(step_of(issued, "answer"), {f"text-{matter.pk}": "无"})
    assert (short.status_code, short.context["asked"][0]["text"]) == (400, "无")
    client.post(step_of(issued, "answer"), {f"text-{matter.pk}": "工人未返岗，三月复工。"})
    assert LetterAnswer.objects.get().lines.get().text == "工人未返岗，三月复工。"
    again = client.post(step_of(issued, "answer"), {f"text-{matter.pk}": "工人未返岗，三月复工。"})
    assert again.status_code == 409


def test_office_enters_the_answer_of_a_unit(world, issued, matter):
    client = signed_in(world, "officer")
    given = {f"text-{matter.pk}": "工人未返岗。", "channel": "paper", "informant": "周二", "answered_on": "2020-02-06"}
    assert client.post(step_of(issued, "answer"), given | {"informant": ""}).status_code == 400
    client.post(step_of(issued, "answer"), given)
    assert LetterAnswer.objects.get().informant == "周二"
    assert "周二（纸质回执" in text_of(client.get(page_of(issued)))


def test_unit_sees_its_issued_letters_only(world, draft, matter):
    client, stranger = liaison(world), signed_in(world, "联络员 交通局")
    assert client.get(page_of(draft)).status_code == 404
    sent_out(world, draft, on="2020-02-06")
    assert client.get(page_of(draft)).status_code == 200
    page = client.get(reverse("letters"))
    assert [name for name, _, _ in page.context["tabs"]] == ["issued", "answered", "ended"]
    assert [row["next"] for row in page.context["rows"]] == ["答复"]
    assert stranger.get(page_of(draft)).status_code == 404
    assert stranger.post(step_of(draft, "answer"), {f"text-{matter.pk}": "正在推进。"}).status_code == 404
    for step in ("sign", "issue", "accept", "deliver", "number", "merge"):
        assert client.post(step_of(draft, step)).status_code == 403
    assert "主任" not in text_of(client.get(page_of(draft))), "who read it is the office's to know"


# ---- what waits


def waits(world, who) -> list[tuple[str, str]]:
    return [(one.action, one.waits.value) for one in letters.waiting(who, today=TODAY)]


def test_each_hand_is_told_what_waits_for_it(world, draft, matter):
    head, director, officer = (signer(world, one) for one in ("office_head", "director", "officer"))
    unit = actor_of(Account.objects.get(person=Person.objects.get(name="教育局联络员")), on=date(2020, 2, 6))
    assert (waits(world, officer), waits(world, director), waits(world, unit)) == ([("办理", "confirm")], [], [])
    present_letter(draft, by=officer, now=NOW)
    assert (waits(world, head), waits(world, director), waits(world, officer)) == ([("签发", Waits.DECIDE)], [], [])
    issued = sent_out(world, letter_of(), on="2020-02-06")
    assert (waits(world, unit), waits(world, officer)) == ([("答复", "answer")], [])
    answer_letter(issued, lines=[AnsweredMatter(matter.pk, "三月复工。")], by=unit, now=NOW)
    assert (waits(world, unit), waits(world, officer)) == ([], [("认定", "decide")])


# ---- on paper


def file_of(client, letter, form="pdf"):
    return client.get(reverse(f"letter_{form}", args=[letter.pk]))


def content_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_draft_is_drawn_for_the_office_only(world, draft):
    found = file_of(signed_in(world, "officer"), draft)
    assert (found.status_code, found["Content-Type"], content_of(found)[:5]) == (200, "application/pdf", b"%PDF-")
    assert file_of(signed_in(world, "officer", username="b"), draft, "docx").content[:2] == b"PK"
    assert file_of(liaison(world), draft).status_code == 404


def test_issued_letter_is_handed_out_as_it_was_frozen_under_its_number_and_unit(world, issued):
    found = file_of(liaison(world), issued)
    assert quote("临江政督提〔2020〕1号 教育局.pdf") in found["Content-Disposition"]
    assert hashlib.sha256(content_of(found)).hexdigest() == IssuedPaper.objects.get().pdf_digest
    assert file_of(signed_in(world, "联络员 交通局"), issued).status_code == 404


def test_damaged_file_is_said_on_a_page(world, issued):
    path_of(IssuedPaper.objects.get().pdf_digest).write_bytes(b"%PDF-1.7 other")
    found = file_of(signed_in(world, "officer"), issued)
    assert found.status_code == 404
    assert "临江政督提〔2020〕1号的存档文件不在数据目录中，或者与发出时不一致" in text_of(found)


def test_several_letters_are_printed_together_and_packed(world, issued):
    slow_matter(world, serial="2", leads=("交通局",))
    round_of("2020-02-07")
    chosen = [issued.pk, Letter.objects.get(unit=world.unit("交通局")).pk]
    client = signed_in(world, "officer")
    printed = client.post(reverse("letters_batch"), {"step": "pdf", "letter": chosen})
    with pdfplumber.open(BytesIO(printed.content)) as pdf:
        assert len(pdf.pages) == 3  # the second letter begins on a page with an odd number
    packed = client.post(reverse("letters_batch"), {"step": "zip", "letter": chosen})
    with zipfile.ZipFile(BytesIO(packed.content)) as found:
        assert sorted(found.namelist()) == [
            "临江政督提〔2020〕1号 教育局.docx",
            "临江政督提〔2020〕1号 教育局.pdf",
            "提醒函草稿 交通局.docx",
            "提醒函草稿 交通局.pdf",
        ]
        kept = found.read("临江政督提〔2020〕1号 教育局.pdf")
    assert hashlib.sha256(kept).hexdigest() == IssuedPaper.objects.get().pdf_digest


def test_unit_packs_its_own_letters_only_and_an_empty_choice_is_said(world, issued, draft):
    client = signed_in(world, "联络员 交通局")
    refused = client.post(reverse("letters_batch"), {"step": "zip", "letter": [issued.pk]}, follow=True)
    assert "没有选中函件" in text_of(refused)


def test_sealed_scan_is_added_beside_and_a_better_one_needs_a_reason(world, issued):
    client = signed_in(world, "officer")
    step = reverse("letter_step", args=[issued.pk, "scan"])
    client.post(step, {"file": SimpleUploadedFile("盖章.png", picture())})
    better = {"file": SimpleUploadedFile("盖章二.png", picture(colour="blue")), "reason": ""}
    assert "请写明理由" in text_of(client.post(step, better))
    client.post(step, {"file": SimpleUploadedFile("盖章二.png", picture(colour="blue")), "reason": "第一份模糊"})
    unit = liaison(world)
    scan = reverse("letter_scan", args=[issued.pk])
    assert quote("盖章二.png") in unit.get(scan)["Content-Disposition"]
    assert quote("盖章.png") in unit.get(scan + "?version=1")["Content-Disposition"]
    assert unit.get(scan + "?version=9").status_code == 404
    assert unit.post(step, {"file": SimpleUploadedFile("别的.png", picture(colour="green"))}).status_code == 403


def test_letter_issued_before_papers_were_kept_is_kept_by_a_button(world, issued):
    triggers.drop_triggers(connection)
    IssuedPaper.objects.all().delete()
    triggers.make_triggers(connection)
    client = liaison(world)
    assert file_of(client, issued).status_code == 404
    assert "补存公文" in text_of(client.get(page_of(issued)))
    client.post(reverse("letter_step", args=[issued.pk, "keep"]))
    assert "按留下的内容补存" in text_of(client.get(page_of(issued)))
    assert content_of(file_of(client, issued))[:5] == b"%PDF-"
