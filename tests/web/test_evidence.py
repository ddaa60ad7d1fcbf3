"""Evidence on the pages: given in one form, listed on the matter, sent safely, withdrawn with a reason."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from duban.audit.models import Event
from duban.core.files import path_of
from duban.evidence.models import Evidence
from duban.progress.models import Progress
from tests.evidence.builders import LINK, add, file
from tests.evidence.files import PDF, photograph, picture
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


def sent(name="验收报告.pdf", data=PDF):
    return SimpleUploadedFile(name, data)


def form_of(matter):
    return reverse("matter_evidence", args=[matter.pk])


def page_of(matter):
    return reverse("matter", args=[matter.pk])


def lying(folder):
    return [one for one in folder.rglob("*") if one.is_file()]


def test_liaison_gives_photographs_a_document_a_link_and_a_paper_in_one_form(world):
    matter = world.started(supports=("住建局",))
    client = signed_in(world, "联络员 教育局")
    assert f'href="{form_of(matter)}"' in client.get(page_of(matter)).content.decode()
    posted = {
        "file": [sent("IMG_1.jpg", photograph()), sent("IMG_2.png", picture()), sent()],
        "title": "主体封顶",
        "link_title": "项目公示",
        "address": "https://www.linjiang.example/gs/1.html",
        "paper_title": "备案表",
        "place": "局档案室",
    }
    done = client.post(form_of(matter), posted, follow=True)
    assert done.redirect_chain == [(f"{page_of(matter)}#evidence", 302)]
    page = done.content.decode()
    rows = list(Evidence.objects.order_by("pk"))
    assert [one.title for one in rows] == ["主体封顶（1）", "主体封顶（2）", "主体封顶（3）", "项目公示", "备案表"]
    for words in (
        "已提交 5 份佐证材料。",
        "佐证材料 <small>5 份</small>",
        f'href="{reverse("evidence_image", args=[rows[0].pk])}"',
        f'href="{reverse("evidence", args=[rows[2].pk])}"',
        'href="https://www.linjiang.example/gs/1.html" rel="noopener noreferrer nofollow" target="_blank">项目公示</a>',
        "纸质材料 · 局档案室 · 教育局 · 2月3日联络员 教育局提交",
        " · 未查毒",
        "没有经过查毒程序",
        "联络员 教育局提交教育局的佐证材料：文件“主体封顶（1）”。",
    ):
        assert words in page
    support = signed_in(world, "联络员 住建局").get(page_of(matter)).content.decode()
    assert "主体封顶" not in support
    assert "主体封顶" in signed_in(world, "director").get(page_of(matter)).content.decode()


def test_one_file_without_a_title_is_called_by_its_name(world):
    matter = world.started()
    signed_in(world, "联络员 教育局").post(form_of(matter), {"file": sent("../../x/合同（终稿）.pdf")})
    row = Evidence.objects.get()
    assert (row.title, row.file_name) == ("合同（终稿）", "合同（终稿）.pdf")


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "请选择文件，或填写链接、纸质材料。"),
        ({"file": ("a.exe", b"MZ")}, "不收“.exe”这类文件。可以上传：PDF、OFD、Word"),
        ({"file": ("a.pdf", b"")}, "“a.pdf”是空文件，请重新选择。"),
        ({"file": ("a.pdf", b"<script>" + PDF)}, "“a.pdf”的内容不是 PDF 文件，请核对后再传。"),
        ({"file": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(90))}, "“a.png”不是完好的图片"),
        ({"address": "javascript:alert(1)"}, "请填写完整的网址，以 http:// 或 https:// 开头。"),
        ({"address": "https://www.linjiang.example/", "link_title": ""}, "请填写材料名称。"),
        ({"paper_title": "合同", "place": ""}, "请写明纸质材料的文号或存放处，便于查找。"),
        ({"file": ("a.pdf", PDF), "title": "字" * 101}, "名称不超过 100 字，现在 101 字。"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(world, folder, posted, said):
    matter = world.started()
    typed = {"title": "封顶", "link_title": "公示", "paper_title": "备案表", "place": "局档案室", **posted}
    if "file" in posted:
        typed["file"] = sent(*posted["file"])
    if not posted:
        typed = {}
    answer = signed_in(world, "联络员 教育局").post(form_of(matter), typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    for name in typed.keys() - {"file"}:
        assert f'name="{name}" value="{typed[name]}"' in page
    assert ("文件须重新选择" in page) is ("file" in posted)
    assert (Evidence.objects.count(), lying(folder)) == (0, [])


def test_too_many_at_once_are_refused(world):
    files = [sent(f"{place}.txt", str(place).encode()) for place in range(21)]
    answer = signed_in(world, "联络员 教育局").post(form_of(world.started()), {"file": files})
    assert "一次最多提交 20 份，现在 21 份，请分几次提交。" in answer.content.decode()
    assert Evidence.objects.count() == 0


def test_sent_twice_is_added_once(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    assert [client.post(form_of(matter), {"file": sent()}).status_code for _ in range(2)] == [302, 409]
    assert Evidence.objects.count() == 1


def test_what_is_longer_than_any_policy_allows_never_reaches_the_disk(world, settings):
    settings.MAX_UPLOAD_BYTES = 200_000
    settings.MAX_UPLOADS_BYTES = 300_000
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    for files, name in (
        ([sent("大<图>.pdf", PDF + bytes(300_000))], "大_图_.pdf"),
        ([sent("1.txt", b"a" * 190_000), sent("2.txt", b"b" * 190_000)], "2.txt"),
    ):
        answer = client.post(form_of(matter), {"file": files, "title": "封顶"})
        assert answer.status_code == 400
        assert f"“{name}”太大，没有收下。" in answer.content.decode()
        assert 'value="封顶"' in answer.content.decode()
    assert Evidence.objects.count() == 0
    assert client.post(form_of(matter), {"file": sent()}).status_code == 302


def test_files_of_somebody_not_signed_in_are_not_taken(world):
    client = Client()
    answer = client.post(form_of(world.started()), {"file": sent(), "title": "封顶"})
    assert (answer.status_code, len(answer.wsgi_request.FILES)) == (302, 0)


def test_office_gives_its_own_and_enters_for_a_unit(world):
    matter = world.started()
    client = signed_in(world, "officer")
    page = client.get(form_of(matter)).content.decode()
    assert '<option value="0" selected>督查室自己的材料</option>' in page
    posted = {"unit": world.unit("教育局").pk, "channel": "paper", "informant": ""}
    assert client.post(form_of(matter), {**posted, "file": sent()}).status_code == 400
    posted["informant"] = "周一"
    page = client.post(form_of(matter), {**posted, "file": sent()}, follow=True).content.decode()
    assert "教育局 · 2月3日周一（纸质回执，officer代录）提交" in page
    client.post(form_of(matter), {"unit": "0", "file": sent("现场.png", picture()), "channel": "paper"})
    assert [one.unit_id for one in Evidence.objects.order_by("pk")] == [world.unit("教育局").pk, None]


def test_another_unit_is_refused_and_that_is_an_event(world):
    matter = world.started()
    (row,) = add(world, matter)
    stranger = signed_in(world, "联络员 交通局")
    before = Event.objects.filter(name="access.refused").count()
    for address in (
        form_of(matter),
        reverse("evidence", args=[row.pk]),
        reverse("evidence_image", args=[row.pk]),
        reverse("evidence_withdraw", args=[row.pk]),
    ):
        assert stranger.get(address).status_code == 404
    assert stranger.post(form_of(matter), {"file": sent()}).status_code == 404
    assert stranger.post(reverse("evidence_withdraw", args=[row.pk]), {"reason": "不要了"}).status_code == 404
    assert Event.objects.filter(name="access.refused").count() == before + 6
    own = signed_in(world, "联络员 教育局")
    assert own.post(form_of(matter), {"file": sent("b.txt", b"b"), "unit": world.unit("交通局").pk}).status_code == 404
    assert own.post(form_of(matter), {"file": sent("b.txt", b"b"), "unit": "0"}).status_code == 404
    assert signed_in(world, "director").post(form_of(matter), {"file": sent()}).status_code == 403
    assert Evidence.objects.standing().count() == 1


def test_merging_lead_reads_a_supporting_units_evidence_but_does_not_withdraw_it(world):
    matter = world.started(supports=("住建局",))
    (row,) = add(world, matter, unit="住建局")
    lead = signed_in(world, "联络员 教育局")
    address = reverse("evidence_withdraw", args=[row.pk])
    assert address not in lead.get(page_of(matter)).content.decode()
    assert lead.get(reverse("evidence", args=[row.pk])).status_code == 200
    assert lead.post(address, {"reason": "不要了"}).status_code == 404
    assert address in signed_in(world, "联络员 住建局").get(page_of(matter)).content.decode()


def test_file_is_sent_to_be_saved_and_never_to_be_run(world):
    (row,) = add(world, world.started(), file("验收报告（终）.pdf"))
    answer = signed_in(world, "联络员 教育局").get(reverse("evidence", args=[row.pk]))
    assert b"".join(answer.streaming_content) == PDF
    assert dict(answer.items()) | {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(PDF)),
        "Content-Disposition": (
            "attachment; filename*=utf-8''%E9%AA%8C%E6%94%B6%E6%8A%A5%E5%91%8A%EF%BC%88%E7%BB%88%EF%BC%89.pdf"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    } == dict(answer.items())


def test_only_pictures_drawn_anew_are_shown(world):
    matter = world.started()
    picture_row, text = add(world, matter, file("现场.jpg", photograph()), file("a.txt", b"done"))
    client = signed_in(world, "联络员 教育局")
    answer = client.get(reverse("evidence_image", args=[picture_row.pk]))
    assert answer["Content-Disposition"].startswith("inline;")
    assert (answer["Content-Type"], answer["Content-Security-Policy"]) == (
        "image/jpeg",
        "default-src 'none'; sandbox",
    )
    assert Image.open(BytesIO(b"".join(answer.streaming_content))).size == (30, 40)
    assert client.get(reverse("evidence_image", args=[text.pk])).status_code == 404
    (link,) = add(world, matter, LINK)
    assert client.get(reverse("evidence", args=[link.pk])).status_code == 404


def test_damaged_file_is_not_sent(world):
    (row,) = add(world, world.started())
    path_of(row.digest).write_bytes(b"something else")
    answer = signed_in(world, "联络员 教育局").get(reverse("evidence", args=[row.pk]))
    assert answer.status_code == 404
    assert "与存入时不一致" in answer.content.decode()


def test_withdrawing_asks_for_a_reason_and_leaves_a_trace(world):
    matter = world.started()
    (row,) = add(world, matter)
    client = signed_in(world, "联络员 教育局")
    address = reverse("evidence_withdraw", args=[row.pk])
    assert f'href="{address}"' in client.get(page_of(matter)).content.decode()
    assert client.get(address).status_code == 200
    assert "请写明撤下的原因。" in client.post(address, {"reason": " "}).content.decode()
    page = client.post(address, {"reason": "<b>传错</b>"}, follow=True).content.decode()
    for words in (
        "已撤下“验收报告”。",
        "已撤下 1 份",
        "2月3日由联络员 教育局撤下：&lt;b&gt;传错&lt;/b&gt;",
        "联络员 教育局撤下佐证材料“验收报告”，理由：&lt;b&gt;传错&lt;/b&gt;。",
    ):
        assert words in page
    assert address not in page
    assert client.post(address, {"reason": "再来一次"}).status_code == 409
    assert "不能撤下" in client.get(address).content.decode()


def test_names_are_escaped(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    client.post(form_of(matter), {"file": sent(), "title": "<script>x</script>"})
    page = client.get(page_of(matter)).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_nothing_is_asked_on_a_matter_that_is_done(world):
    matter = world.closed()
    client = signed_in(world, "联络员 教育局")
    assert form_of(matter) not in client.get(page_of(matter)).content.decode()
    assert "当前不在办理中" in client.get(form_of(matter)).content.decode()
    assert client.post(form_of(matter), {"file": sent()}).status_code == 409


# ---- with progress


def progress_of(matter):
    return reverse("matter_progress", args=[matter.pk])


def test_progress_carries_its_evidence(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    page = client.get(progress_of(matter)).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert "附佐证（可不填）" in page
    files = [sent("封顶.jpg", photograph()), sent()]
    page = client.post(
        progress_of(matter), {"pct": "30", "sentence": "已封顶。", "file": files}, follow=True
    ).content.decode()
    entry = Progress.objects.get()
    rows = list(Evidence.objects.order_by("pk"))
    assert [(one.title, one.subject_type, one.subject_id) for one in rows] == [
        ("封顶", "progress", entry.pk),
        ("验收报告", "progress", entry.pk),
    ]
    assert f'附：<a href="{reverse("evidence_image", args=[rows[0].pk])}" rel="noopener noreferrer nofollow" ' in page
    assert Event.objects.filter(name="evidence.added", matter_id=matter.pk).count() == 2


@pytest.mark.parametrize(
    ("posted", "name", "data"),
    [({"pct": "30"}, "a.exe", b"MZ"), ({"pct": "120"}, "a.pdf", PDF), ({"pct": "", "sentence": ""}, "a.pdf", PDF)],
)
def test_progress_with_something_wrong_enters_neither(world, folder, posted, name, data):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    answer = client.post(progress_of(matter), {"forecast": "", **posted, "file": sent(name, data)})
    assert answer.status_code == 400
    assert "文件须重新选择" in answer.content.decode()
    assert f'name="pct" value="{posted["pct"]}"' in answer.content.decode()
    assert (Progress.objects.count(), Evidence.objects.count(), lying(folder)) == (0, 0, [])


def test_progress_with_evidence_given_before_enters_neither(world):
    matter = world.started()
    add(world, matter)
    client = signed_in(world, "联络员 教育局")
    assert client.post(progress_of(matter), {"pct": "30", "file": sent()}).status_code == 409
    assert (Progress.objects.count(), Evidence.objects.count()) == (0, 1)


def test_office_enters_progress_with_evidence_for_a_unit(world):
    matter = world.started()
    posted = {"pct": "30", "channel": "telephone", "informant": "周一", "file": sent()}
    assert signed_in(world, "officer").post(progress_of(matter), posted).status_code == 302
    row = Evidence.objects.get()
    assert (row.unit.name, row.channel, row.informant) == ("教育局", "telephone", "周一")


def test_pages_cost_the_same_however_much_was_given(world):
    matter = world.started()
    client = signed_in(world, "联络员 教育局")
    counts = []
    for more in ((0,), (1, 2)):
        for one in more:
            posted = {"pct": str(one), "file": sent(f"{one}.txt", str(one).encode())}
            assert client.post(progress_of(matter), posted).status_code == 302
        for address in (form_of(matter), page_of(matter)):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert counts[0] == FORM_QUERIES


FORM_QUERIES = 10
