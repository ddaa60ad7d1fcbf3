"""Importing a notice and looking at what was imported, through the doors."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from duban.access.actions import grant_role
from duban.access.rules import Role
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.intake.models import Cell, Notice
from duban.intake.rules import NoticeState
from duban.orgs.models import Jurisdiction
from tests.reading.office import annex
from tests.web.notice_text import notice_text
from tests.web.test_administration import new_account, signed_in

TODAY = clock.today()


@pytest.fixture
def client(county) -> Client:
    return signed_in(new_account("ducha", "督查员甲", Role.OFFICER, county=county))


def upload(client, data=None, *, name="通知.txt", **given):
    file = SimpleUploadedFile(name, notice_text() if data is None else data)
    return client.post(reverse("notice_upload"), {"file": file, **given})


def test_upload_leads_to_the_desk_and_is_listed_with_who_and_digest(client):
    answer = upload(client)

    notice = Notice.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("desk", args=[notice.pk]))
    page = client.get(reverse("notices")).content.decode()
    assert "督查员甲" in page
    assert "0 / 4 行" in page
    assert notice.digest[:12] in page
    assert Event.objects.filter(name=EventName.NOTICE_UPLOADED).count() == 1


def test_a_word_file_is_imported_row_by_row_with_its_lines(client):
    header = ("序号", "工作任务", "牵头单位", "责任人", "责任领导")
    rows = [
        ("1", "新建学校2所。", "教育局", "王力", "赵刚"),
        ("2", "改造市场3个。", None, None, None),
    ]
    answer = upload(client, annex(rows, title="临江区2020年目标任务责任分解表", header=header), name="分解表.docx")

    notice = Notice.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("desk", args=[notice.pk]))
    assert notice.lines[1:] == ["\t".join(header), "\t".join(rows[0]), "2\t改造市场3个。"]
    assert [row.source_line for row in notice.rows.order_by("order")] == [3, 4]
    leads = Cell.objects.filter(row__notice=notice, field="lead_units").order_by("row__order")
    assert [(cell.basis, cell.source_line) for cell in leads] == [("read", 3), ("inherited", 3)]
    assert "改造市场3个。" in client.get(answer.url).content.decode()


def test_same_file_again_is_refused_with_a_link_to_the_first(client):
    upload(client)
    notice = Notice.objects.get()

    answer = upload(client, name="又一次.txt")

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "这份通知已于" in page
    assert reverse("desk", args=[notice.pk]) in page
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "文字识别（OCR）"),
        (b"%PDF-1.4\n" + bytes(range(256)) * 20, "这个 PDF 文件不完整或已损坏"),
        ("只有一句话，没有表。".encode(), "没有读到任何任务"),
    ],
)
def test_bad_file_is_refused_in_words_and_nothing_is_imported(client, data, words):
    answer = upload(client, data)

    assert answer.status_code == 400
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert words in page
    assert Notice.objects.count() == 0


def test_no_file_and_too_large_a_file_are_refused(client, settings):
    settings.MAX_NOTICE_BYTES = 100

    assert client.post(reverse("notice_upload"), {}).status_code == 400
    answer = upload(client, b"x" * 101)
    assert answer.status_code == 400
    assert "上限" in answer.content.decode()


def test_original_is_only_ever_downloaded(client):
    upload(client, name="年度 “分解” 通知.html")
    notice = Notice.objects.get()

    answer = client.get(reverse("notice_original", args=[notice.pk]))

    assert answer.content == notice_text()
    assert hashlib.sha256(answer.content).hexdigest() == notice.digest
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "\n" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_with_two_places_the_notice_names_its_own_unless_one_is_chosen(county):
    other = Jurisdiction.objects.create(level="county", name="北山县", short_name="北山县")
    account = new_account("ducha", "督查员甲", Role.OFFICER, county=county)
    grant_role(account, role=Role.OFFICE_HEAD, jurisdiction_id=other.pk, from_on=TODAY, by=SYSTEM, now=clock.now())
    client = signed_in(account)

    named = notice_text().replace("临江区人民政府办公室".encode(), "北山县人民政府办公室".encode())
    assert upload(client, named).status_code == 302
    assert Notice.objects.get().jurisdiction == other
    unknown = notice_text().replace("临江区人民政府办公室".encode(), "南湖县人民政府办公室".encode())
    refused = upload(client, unknown)
    assert refused.status_code == 400
    assert "通知由“南湖县”发出，系统里没有这个辖区" in refused.content.decode()
    assert upload(client, unknown, jurisdiction="999999").status_code == 400
    assert upload(client, unknown, jurisdiction=str(county.pk)).status_code == 302
    assert Notice.objects.filter(jurisdiction=county).count() == 1


def test_discarding_needs_a_reason_and_lets_the_file_in_again(client):
    upload(client)
    notice = Notice.objects.get()

    client.post(reverse("notice_discard", args=[notice.pk]), {"reason": " "})
    notice.refresh_from_db()
    assert notice.state == NoticeState.REVIEWING
    client.post(reverse("notice_discard", args=[notice.pk]), {"reason": "发错了文件"})
    notice.refresh_from_db()
    assert notice.state == NoticeState.DISCARDED
    assert upload(client).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_one_notice_and_three(client, rows, django_assert_num_queries):
    for number in range(rows):
        upload(client, notice_text(rows=4 + number))
    client.get(reverse("notices"))

    with django_assert_num_queries(6):  # session, account, grants, person, notices, unread messages
        client.get(reverse("notices"))
