import hashlib
import stat

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.core.files import path_of
from duban.intake.actions import (
    AlreadyImported,
    correct_notice,
    discard_notice,
    register_as_read,
    settle_finding,
    upload_notice,
)
from duban.intake.models import Cell, Finding, NameReading, Notice, Row
from duban.intake.queries import original_of, what_is_open
from duban.orgs.actions import NewPerson, NewPost, NewUnit, appoint, create_people, create_posts, create_units
from duban.orgs.rules import PostKind
from tests.conftest import holder
from tests.intake.builders import ROWS, notice_bytes


def nothing_imported():
    return [model.objects.count() for model in (Notice, Row, Cell, Finding, NameReading)] == [0] * 5


def test_original_is_kept_byte_for_byte(notice):
    data = notice_bytes()
    path = path_of(notice.digest)
    assert notice.digest == hashlib.sha256(data).hexdigest()
    assert (path.read_bytes(), original_of(notice)) == (data, data)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == [notice.digest]


def test_damaged_original_is_noticed(notice):
    path_of(notice.digest).write_bytes(b"something else")
    with pytest.raises(NotFound):
        original_of(notice)


def test_upload_lays_out_rows_cells_findings_and_names(notice, cell):
    assert (notice.title, notice.document_number, notice.year, str(notice.issued_on)) == (
        "临江区人民政府办公室关于印发2020年区政府工作报告目标任务责任分解表的通知",
        "临江政办〔2020〕5号",
        2020,
        "2020-01-20",
    )
    assert notice.rows.count() == len(ROWS)
    assert Cell.objects.filter(row__notice=notice).count() == 7 * len(ROWS)
    assert cell("6", "lead_units").value == [{"name": "公安分局", "qualifier": "扫黑办"}]
    inherited = cell("2", "lead_units")
    assert (inherited.basis, inherited.is_confirmed, inherited.raw) == ("inherited", False, "教育局 财政局")
    assert (cell("1", "lead_units").is_confirmed, cell("3", "overseers").basis) == (True, "read")
    found = [(one.kind, one.row_id and one.row.cells.get(field="serial").value) for one in notice.findings.all()]
    assert sorted(found, key=str) == [
        ("inherited_cells", "2"),
        ("missing_serials", None),
        ("person_without_unit", "5"),
        ("unresolved_group", "3"),
    ]


def test_names_are_proposed_over_the_whole_notice(notice):
    units = notice.names.filter(kind="unit").order_by("-uses", "pk").values_list("name", "uses", "unit_type")
    assert list(units) == [
        ("教育局", 5, "department"),
        ("财政局", 4, "department"),
        ("农水局", 3, "department"),
        ("南山镇", 1, "town"),
        ("东河街道", 1, "town"),
        ("公安分局", 1, "department"),
    ]
    groups = notice.names.filter(kind="group").order_by("name").values_list("name", "members", "is_decided")
    assert list(groups) == [("各镇（街道）", ["南山镇", "东河街道"], True), ("相关镇（街道）", [], False)]
    people = notice.names.filter(kind="person").order_by("pk")
    assert list(people.values_list("name", "unit_name", "post_kind", "post_title", "qualifier")) == [
        ("王建国", "教育局", "unit_head", "教育局主要负责人", ""),
        ("李文华", "财政局", "unit_head", "财政局主要负责人", ""),
        ("赵海燕", "农水局", "unit_head", "农水局主要负责人", ""),
        ("周志强", "公安分局", "unit_head", "公安分局主要负责人", "副局长人选"),
    ]
    leaders = notice.names.filter(kind="overseer").order_by("pk").values_list("name", "post_title")
    assert list(leaders) == [(who, f"区领导（{who}）") for who in ("陈江河", "褚天明", "卫东来")]


def test_upload_leaves_one_event(notice, officer, now):
    event = Event.objects.get(name="intake.notice_uploaded")
    assert (event.actor_name, event.at, event.subject_id) == (officer.name, now, notice.pk)
    assert (event.data["rows"], event.data["digest"]) == (8, notice.digest)


def test_upload_is_refused_without_permission(county, now, files):
    for role in ("liaison", "director", "system_admin"):
        with pytest.raises(NotAllowed):
            upload_notice(county, data=notice_bytes(), file_name="a.txt", by=holder(role, jurisdiction=county), now=now)
    assert nothing_imported()
    assert not files.exists()


def test_same_bytes_again_are_noticed(notice, county, officer, now):
    with pytest.raises(AlreadyImported) as refusal:
        upload_notice(county, data=notice_bytes(), file_name="另一个名字.txt", by=officer, now=now)
    assert refusal.value.theirs == notice
    assert refusal.value.message == "这份通知已于2020年2月3日 09:00 由督查员甲导入。"
    assert Notice.objects.count() == 1


def test_discarded_notice_may_come_in_again(notice, county, officer, now):
    discard_notice(notice, reason="版本不对", by=officer, now=now)
    again = upload_notice(county, data=notice_bytes(), file_name="a.txt", by=officer, now=now)
    assert again.pk != notice.pk
    with pytest.raises(WrongState):
        discard_notice(notice, reason="再来一次", by=officer, now=now)
    with pytest.raises(Invalid):
        discard_notice(again, reason=" ", by=officer, now=now)
    assert Event.objects.get(name="intake.notice_discarded").data == {"reason": "版本不对"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n\t ",
        b"\x00\x01\x02\xff\xfe" * 50,
        "只是一段话，没有表。".encode(),
        "序号\t具体目标任务\t牵头单位\n".encode(),
        b"PK\x03\x04" + b"\x00" * 200,
    ],
)
def test_what_cannot_be_read_imports_nothing(county, officer, now, files, data):
    with pytest.raises(Invalid) as refusal:
        upload_notice(county, data=data, file_name="坏文件.txt", by=officer, now=now)
    assert refusal.value.field == "file"
    assert refusal.value.message
    assert nothing_imported()
    assert not files.exists()


def test_too_large_is_refused_before_it_is_read(county, officer, now, files, settings):
    settings.MAX_NOTICE_BYTES = 1024 * 1024
    with pytest.raises(Invalid, match="超过 1 MB"):
        upload_notice(county, data=b"a" * (1024 * 1024 + 1), file_name="a.txt", by=officer, now=now)
    assert nothing_imported()


def test_nothing_is_imported_when_the_trail_cannot_be_written(county, officer, now, files):
    if connection.vendor == "sqlite":
        forbid = "CREATE TEMP TRIGGER no_event BEFORE INSERT ON main.audit_event BEGIN SELECT RAISE(ABORT, 'no'); END"
        allow = "DROP TRIGGER no_event"
    else:
        forbid = "ALTER TABLE audit_event ADD CONSTRAINT no_event CHECK (name <> 'intake.notice_uploaded') NOT VALID"
        allow = "ALTER TABLE audit_event DROP CONSTRAINT no_event"
    with connection.cursor() as cursor:
        cursor.execute(forbid)
    try:
        with pytest.raises(DatabaseError):
            upload_notice(county, data=notice_bytes(), file_name="a.txt", by=officer, now=now)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(allow)
    assert nothing_imported()


def test_duplicate_and_crowded_rows_come_in(county, officer, now, files):
    crowd = " ".join(f"第{n}局" for n in range(1, 41))
    rows = (*ROWS, f"9\t又一项。\t{crowd}\t\t\t陈江河\t", "9\t第三项。\t教育局\t王建国\t\t陈江河\t")
    notice = upload_notice(county, data=notice_bytes(rows), file_name="a.txt", by=officer, now=now)
    serials = (
        Cell.objects.filter(row__notice=notice, field="serial").order_by("row__order").values_list("value", flat=True)
    )
    assert list(serials) == ["1", "2", "3", "4", "5", "6", "7", "9", "9", "9"]
    crowded = Cell.objects.get(row__notice=notice, row__order=9, field="lead_units")
    assert len(crowded.value) == 40
    assert notice.findings.get(kind="duplicate_serials").row is None


def test_names_the_directory_knows_are_matched(county, officer, now, files):
    school, finance, _ = create_units(
        county,
        units=[NewUnit("教育局"), NewUnit("临江区财政局"), NewUnit("西山镇")],
        by=SYSTEM,
        now=now,
    )
    (other_head,) = create_people(county, people=[NewPerson("郑立新")], by=SYSTEM, now=now)
    (post,) = create_posts(county, posts=[NewPost(school, PostKind.UNIT_HEAD, "局长")], by=SYSTEM, now=now)
    appoint(post, person=other_head, from_on=now.date(), by=SYSTEM, now=now)
    notice = upload_notice(county, data=notice_bytes(), file_name="a.txt", by=officer, now=now)
    exact = notice.names.get(kind="unit", name="教育局")
    alike = notice.names.get(kind="unit", name="财政局")
    assert (exact.unit, exact.is_decided) == (school, True)
    assert (alike.unit, alike.is_decided, alike.note) == (
        finance,
        False,
        "与单位名册中的“临江区财政局”相近，是同一个单位吗？",
    )
    assert notice.names.get(name="各镇（街道）").members == ["西山镇", "南山镇", "东河街道"]
    head = notice.names.get(kind="person", name="王建国")
    assert (head.is_decided, head.note) == (False, "教育局主要负责人现为郑立新。是换人了，还是另一个岗位？")


def test_two_ways_of_writing_in_one_notice_are_proposed_as_one(county, officer, now, files):
    rows = (*ROWS, "10\t再办一所学校。\t区教育局\t王建国\t\t陈江河\t")
    notice = upload_notice(county, data=notice_bytes(rows), file_name="a.txt", by=officer, now=now)
    alike = notice.names.get(kind="unit", name="区教育局")
    assert (alike.unit_name, alike.is_decided) == ("教育局", False)


def test_notice_of_another_county_waits_for_a_word(county, officer, now, files):
    elsewhere = notice_bytes().decode().replace("临江市临江区", "南湖市南湖区").replace("临江区", "南湖区").encode()
    notice = upload_notice(county, data=elsewhere, file_name="a.txt", by=officer, now=now)
    doubt = notice.findings.first()
    assert (doubt.kind, doubt.severity, doubt.row) == ("other_jurisdiction", "error", None)
    assert doubt.message.startswith("发文机关是南湖市南湖区人民政府办公室，您的辖区是临江市临江区。")
    assert doubt.message in [item.message for item in what_is_open(notice) if item.is_blocking]
    settle_finding(doubt, accept=False, by=officer, now=now)
    assert doubt.message not in [item.message for item in what_is_open(notice)]


def test_same_number_again_waits_for_a_word(notice, county, officer, now, files):
    assert notice.findings.filter(severity="error").count() == 0
    recoded = notice_bytes().decode().encode("gb18030")
    second = upload_notice(county, data=recoded, file_name="b.txt", by=officer, now=now)
    doubt = second.findings.get(kind="same_document")
    assert (doubt.severity, doubt.suggestion) == ("error", {"action": "see", "notice": notice.pk})
    assert doubt.message == (
        "文号相同的通知（临江政办〔2020〕5号）已于2020年2月3日导入，正在核对。同一份通知请勿重复立项。"
    )
    register_as_read(notice, by=officer, now=now)
    text = notice_bytes(number="临江政办[2020]5 号")
    third = upload_notice(county, data=text, file_name="c.txt", by=officer, now=now)
    assert "已于2020年2月3日立项（8 项）" in third.findings.get(kind="same_document").message


def test_corrected_number_and_issuer_are_asked_about_anew(notice, county, officer, now, files):
    second = upload_notice(
        county, data=notice_bytes(number="临江政办〔2020〕6号"), file_name="b.txt", by=officer, now=now
    )
    assert second.findings.filter(kind="same_document").count() == 0
    given = {"title": "通知", "year": 2020, "issued_on": None}
    correct_notice(second, document_number="临江政办〔2020〕5号", issuer="南湖区人民政府", by=officer, now=now, **given)
    assert [one.kind for one in second.findings.all()[:2]] == ["other_jurisdiction", "same_document"]
    correct_notice(second, document_number="临江政办〔2020〕7号", issuer="临江区人民政府", by=officer, now=now, **given)
    assert second.findings.filter(severity="error").count() == 0


def test_unit_the_directory_lacks_waits_where_there_are_units(county, officer, now, files):
    create_units(county, units=[NewUnit("教育委员会"), NewUnit("卫健委")], by=SYSTEM, now=now)
    notice = upload_notice(county, data=notice_bytes(), file_name="a.txt", by=officer, now=now)
    units = notice.names.filter(kind="unit")
    assert set(units.values_list("is_decided", flat=True)) == {False}
    assert units.get(name="农水局").note == "单位名册中没有这个名称。是新的单位，还是名册中单位的另一种写法？"


def test_facts_of_the_notice_may_be_corrected(notice, officer, now):
    after = correct_notice(
        notice,
        title="新标题",
        document_number="",
        issuer="临江区人民政府",
        year=2021,
        issued_on=None,
        by=officer,
        now=now,
    )
    assert (after.title, after.year, after.issued_on, after.header["year"]) == ("新标题", 2021, None, 2020)
    data = Event.objects.get(name="intake.notice_corrected").data
    assert (data["before"]["year"], data["after"]["year"]) == (2020, 2021)
    with pytest.raises(Invalid):
        correct_notice(notice, title=" ", document_number="", issuer="", year=2021, issued_on=None, by=officer, now=now)


def test_statements_do_not_grow_with_the_rows(county, officer, now, files):
    counts = []
    for rows in (ROWS[2:4] * 2, ROWS[2:4] * 6):
        with CaptureQueriesContext(connection) as captured:
            upload_notice(county, data=notice_bytes(rows), file_name="a.txt", by=officer, now=now)
        counts.append(len(captured))
    assert counts[0] == counts[1]
