from datetime import date
from pathlib import Path

import pytest

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid, NotAllowed, WrongState
from duban.intake.actions import (
    StillOpen,
    accept_row,
    accept_rows,
    correct_cell,
    decide_group,
    decide_name,
    register_as_read,
    register_notice,
    reject_row,
    reopen_row,
    settle_finding,
    upload_notice,
)
from duban.intake.models import Cell, Notice, Row
from duban.intake.queries import approval_proposal, source_of, what_is_open
from duban.intake.rules import NameKind
from duban.matters.actions import NewApproval, NewMatter, NewSetting, create_matters, create_plan
from duban.matters.models import Matter, Plan
from duban.matters.queries import ledger_rows
from duban.matters.rules import SettingKey, missing_serials
from duban.orgs.models import Appointment, Person, Post, Unit, UnitAlias, UnitGroup
from tests.conftest import holder
from tests.intake.builders import ROWS, notice_bytes

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "quangang-2020-2.txt"
APPROVAL = NewApproval("经区政府同意", "临江区人民政府", date(2020, 1, 20), "临江政办〔2020〕5号")


@pytest.fixture
def reviewed(notice, row, officer, now):
    """Everything looked at: the doubt about row 5 accepted, the open group left open."""
    settle_finding(notice.findings.get(kind="person_without_unit"), accept=True, by=officer, now=now)
    pending = {one.pk: one.version for one in Row.objects.filter(notice=notice)}
    accept_rows(notice, selected=pending, by=officer, now=now)
    group = notice.names.get(name="相关镇（街道）")
    decide_group(group, version=group.version, is_open=True, by=officer, now=now)
    return notice


def assigned(matter):
    return [
        (one.unit.name, one.part, one.post.title if one.post else None, one.qualifier, one.from_group)
        for one in matter.assignments.select_related("unit", "post")
    ]


def test_reviewed_notice_becomes_the_plan(reviewed, officer, now):
    plan = register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    assert (plan.year, plan.title) == (2020, "临江区2020年度台账")
    assert {one.key: one.value for one in plan.settings.all()} == {
        "declared_items": 9,
        "report_dates": ["2020-06-20", "2020-12-20"],
        "report_length": {"min": 100, "max": 150},
    }
    assert "针对确定的9项任务" in plan.settings.get(key="declared_items").sentence
    serials = list(plan.matters.values_list("serial", flat=True))
    assert serials == ["1", "2", "3", "4", "5", "6", "7", "9"]
    assert missing_serials(serials, declared=9) == [8]
    assert set(plan.matters.values_list("state", "approval__basis", "approval__document_number")) == {
        ("registered", "经区政府同意", "临江政办〔2020〕5号")
    }
    reviewed.refresh_from_db()
    assert (reviewed.state, reviewed.plan, reviewed.registered_at) == ("registered", plan, now)
    assert Row.objects.filter(notice=reviewed, matter__isnull=True).count() == 0


def test_units_people_and_posts_stand_as_the_notice_names_them(reviewed, officer, now):
    plan = register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    by_serial = {one.serial: one for one in plan.matters.all()}
    towns = [("南山镇", "support", None, "", "各镇（街道）"), ("东河街道", "support", None, "", "各镇（街道）")]
    school = ("教育局", "lead", "教育局主要负责人", "", "")
    finance = ("财政局", "lead", "财政局主要负责人", "", "")
    assert assigned(by_serial["1"]) == [school, finance, *towns]
    assert assigned(by_serial["2"]) == [school, finance, *towns]
    assert assigned(by_serial["3"]) == [("农水局", "lead", "农水局主要负责人", "", "")]
    assert assigned(by_serial["5"]) == [finance, school]
    assert assigned(by_serial["6"]) == [
        ("公安分局", "lead", "公安分局主要负责人", "扫黑办", ""),
        ("农水局", "support", None, "", ""),
        ("教育局", "support", None, "", ""),
    ]
    merging = by_serial["1"].assignments.get(is_merging=True)
    assert merging.unit.name == "教育局"
    groups = [(one.name, one.is_settled) for one in by_serial["3"].named_groups.all()]
    assert groups == [("相关镇（街道）", False)]
    assert [one.post.title for one in by_serial["6"].overseers.all()] == ["区领导（卫东来）"]
    assert list(UnitGroup.objects.values_list("name", flat=True)) == ["各镇（街道）"]
    held = Appointment.objects.get(person__name="周志强")
    assert (held.from_on, held.to_on, held.qualifier) == (date(2020, 1, 20), None, "副局长人选")
    assert (Person.objects.count(), Post.objects.count(), Unit.objects.count()) == (7, 7, 6)


def test_dates_targets_and_source_come_along(reviewed, officer, now):
    plan = register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    first, fourth, fifth = (plan.matters.get(serial=serial) for serial in ("1", "4", "3"))
    assert (first.starts_on, first.due_on, first.deadline_text, first.kind) == (
        date(2020, 1, 20),
        date(2020, 9, 30),
        "9月底前",
        "quantified",
    )
    assert (fourth.due_on, fifth.due_on) == (date(2020, 6, 30), date(2020, 12, 31))
    targets = first.targets.values_list("text", "value", "unit_of_measure", "sense")
    assert list(targets) == [("3所", 3, "所", "="), ("900个", 900, "个", "=")]
    source = source_of(first)
    assert (source.notice, source.line, source.lines[2]) == (reviewed, 14, (14, ROWS[0]))


def test_every_step_is_an_event(reviewed, officer, now):
    register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    data = Event.objects.get(name="intake.notice_registered").data
    assert (data["matters"], data["units"], data["open_groups"]) == (8, 6, ["相关镇（街道）"])
    assert Event.objects.filter(name="matters.registered").count() == 8
    assert Event.objects.filter(name="orgs.unit_created").count() == 6


def test_registration_says_what_is_still_open(notice, officer, now):
    with pytest.raises(StillOpen) as refusal:
        register_notice(notice, approval=APPROVAL, by=officer, now=now)
    assert refusal.value.message == (
        "还不能立项：第1项还没有核对；第2项还没有核对；第3项还没有核对；第4项还没有核对；第5项还没有核对……等 9 处。"
    )
    named = [item.message for item in refusal.value.items if item.name_id]
    assert named == ["统称“相关镇（街道）”还没有认定：“相关、有关”须由人明确指哪些单位。"]
    assert (Plan.objects.count(), Unit.objects.count(), Notice.objects.get().state) == (0, 0, "reviewing")


def test_finding_that_is_an_error_holds_registration_up(reviewed, officer, now):
    reviewed.findings.filter(kind="missing_serials").update(severity="error")
    with pytest.raises(StillOpen, match="通知写明共 9 项"):
        register_notice(reviewed, approval=APPROVAL, by=officer, now=now)


def test_notice_without_a_row_passed_is_refused(notice, officer, now):
    for one in Row.objects.filter(notice=notice):
        reject_row(one, version=one.version, by=officer, now=now)
    assert [item.message for item in what_is_open(notice) if item.is_blocking] == ["没有一行通过核对"]


def test_second_registration_is_refused_and_review_is_closed(reviewed, row, officer, now):
    register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    with pytest.raises(WrongState):
        register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    with pytest.raises(WrongState):
        reopen_row(row("1"), version=row("1").version, by=officer, now=now)
    name = reviewed.names.get(name="教育局")
    with pytest.raises(WrongState):
        decide_name(name, version=name.version, by=officer, now=now)
    assert Matter.objects.count() == 8


def test_registration_needs_permission(reviewed, county, now):
    for role in ("liaison", "director", "audit_admin"):
        with pytest.raises(NotAllowed):
            register_notice(reviewed, approval=APPROVAL, by=holder(role, jurisdiction=county), now=now)


def test_nothing_stands_when_the_approval_is_refused(reviewed, officer, now):
    wrong = NewApproval("", "临江区人民政府", date(2020, 1, 20))
    with pytest.raises(Invalid):
        register_notice(reviewed, approval=wrong, by=officer, now=now)
    assert [model.objects.count() for model in (Plan, Matter, Unit, Person, Post, UnitGroup)] == [0] * 6
    assert Notice.objects.get().state == "reviewing"


def test_struck_row_stays_with_the_notice(reviewed, row, officer, now):
    six = row("6")
    six = reopen_row(six, version=six.version, by=officer, now=now)
    reject_row(six, version=six.version, reason="另文下达", by=officer, now=now)
    plan = register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    assert plan.matters.filter(serial="6").count() == 0
    assert (row("6").state, row("6").matter, Unit.objects.filter(name="公安分局").count()) == ("rejected", None, 0)


def test_unit_that_leads_does_not_support_too(reviewed, row, cell, officer, now):
    four = row("4")
    four = reopen_row(four, version=four.version, by=officer, now=now)
    one = cell("4", "support_units")
    correct_cell(one, value="教育局、各镇（街道）、南山镇", version=one.version, by=officer, now=now)
    accept_row(row("4"), version=row("4").version, by=officer, now=now)
    plan = register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    units = [(name, part) for name, part, *_ in assigned(plan.matters.get(serial="4"))]
    assert units == [("教育局", "lead"), ("南山镇", "support"), ("东河街道", "support")]


def test_group_of_one_row_is_expanded_by_its_own_members(reviewed, row, officer, now):
    whole = reviewed.names.get(name="各镇（街道）")
    decide_group(whole, version=whole.version, row=row("1"), members=["东河街道"], by=officer, now=now)
    plan = register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    supports = {
        serial: [name for name, part, *_ in assigned(plan.matters.get(serial=serial)) if part == "support"]
        for serial in ("1", "2")
    }
    assert supports == {"1": ["东河街道"], "2": ["南山镇", "东河街道"]}
    assert [one.name for one in UnitGroup.objects.get().members.order_by("pk")] == ["南山镇", "东河街道"]


def test_two_ways_of_writing_become_one_unit(county, officer, now, files):
    rows = (*ROWS[2:4], "10\t再办一所学校。\t教体局\t王建国\t\t陈江河\t")
    notice = upload_notice(county, data=notice_bytes(rows), file_name="a.txt", by=officer, now=now)
    other = notice.names.get(kind="unit", name="教体局")
    decide_name(other, version=other.version, unit_name="教育局", by=officer, now=now)
    plan = register_as_read(notice, by=officer, now=now)
    assert Unit.objects.filter(name="教体局").count() == 0
    assert UnitAlias.objects.get(alias="教体局").unit.name == "教育局"
    assert assigned(plan.matters.get(serial="10"))[0][0] == "教育局"


def test_person_printed_among_the_units_is_kept_as_a_person(county, officer, now, files):
    rows = (*ROWS[2:4], "10\t再办一所学校。\t教育局 郑立新办\t王建国\t\t陈江河\t")
    notice = upload_notice(county, data=notice_bytes(rows), file_name="a.txt", by=officer, now=now)
    odd = notice.names.get(kind="unit", name="郑立新办")
    decide_name(odd, version=odd.version, kind=NameKind.PERSON, by=officer, now=now)
    plan = register_as_read(notice, by=officer, now=now)
    matter = plan.matters.get(serial="10")
    assert [name for name, *_ in assigned(matter)] == ["教育局"]
    assert matter.note == "通知所列责任人郑立新办未对应到牵头单位。"


def test_doubt_left_as_printed_is_told_on_the_matter(reviewed, notice, officer, now, county, files):
    text = notice_bytes(number="临江政办〔2020〕6号")
    second = upload_notice(county, data=text, file_name="b.txt", by=officer, now=now)
    settle_finding(second.findings.get(kind="person_without_unit"), accept=False, by=officer, now=now)
    plan = register_as_read(second, by=officer, now=now)
    assert plan.matters.get(serial="5").note == "通知所列责任人王建国未对应到牵头单位。"


def test_second_notice_joins_the_plan_and_finds_everybody_again(reviewed, county, officer, now):
    plan = register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    before = [model.objects.count() for model in (Unit, Person, Post, Appointment, UnitGroup)]
    more = notice_bytes(number="临江政办〔2020〕15号")
    second = upload_notice(county, data=more, file_name="b.txt", by=officer, now=now)
    assert second.names.filter(is_decided=False).count() == 1
    assert register_as_read(second, by=officer, now=now) == plan
    assert [model.objects.count() for model in (Unit, Person, Post, Appointment, UnitGroup)] == before
    assert plan.matters.count() == 16
    orders = list(plan.matters.values_list("order", flat=True))
    assert orders == sorted(set(orders))


def test_two_notices_under_review_at_once_share_their_people(reviewed, county, officer, now):
    more = notice_bytes(number="临江政办〔2020〕15号")
    second = upload_notice(county, data=more, file_name="b.txt", by=officer, now=now)
    assert second.names.filter(person__isnull=False).count() == 0
    register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    before = [model.objects.count() for model in (Unit, Person, Post, Appointment)]
    register_as_read(second, by=officer, now=now)
    assert [model.objects.count() for model in (Unit, Person, Post, Appointment)] == before


def test_plan_opened_by_hand_takes_what_the_notice_fixes(reviewed, county, officer, now):
    plan = create_plan(
        county,
        year=2020,
        title="区政府督查台账",
        settings=[NewSetting(SettingKey.DECLARED_ITEMS, 12)],
        by=officer,
        now=now,
    )
    assert register_notice(reviewed, approval=APPROVAL, by=officer, now=now) == plan
    assert {one.key: one.value for one in plan.settings.all()} == {
        "declared_items": 12,
        "report_dates": ["2020-06-20", "2020-12-20"],
        "report_length": {"min": 100, "max": 150},
    }


def test_new_head_follows_the_old_one_in_the_same_post(reviewed, county, officer, now):
    register_notice(reviewed, approval=APPROVAL, by=officer, now=now)
    rows = [line.replace("赵海燕", "郑立新") for line in ROWS]
    text = notice_bytes(rows).decode().replace("2020", "2021").encode()
    second = upload_notice(county, data=text, file_name="b.txt", by=officer, now=now)
    asked = second.names.get(name="郑立新")
    assert (asked.is_decided, asked.note) == (False, "农水局主要负责人现为赵海燕。是换人了，还是另一个岗位？")
    later = now.replace(year=2021)
    plan = register_as_read(second, by=officer, now=later)
    assert plan.year == 2021
    post = Post.objects.get(title="农水局主要负责人")
    terms = post.appointments.order_by("from_on").values_list("person__name", "from_on", "to_on")
    assert list(terms) == [
        ("赵海燕", date(2020, 1, 20), date(2021, 1, 19)),
        ("郑立新", date(2021, 1, 20), None),
    ]


def test_register_as_read_takes_the_approval_of_the_text(notice, officer, now):
    plan = register_as_read(notice, by=officer, now=now)
    approval = plan.matters.first().approval
    assert (approval.basis, approval.approved_by_name, approval.approved_on, approval.document_number) == (
        "经区政府同意",
        "临江市临江区人民政府",
        date(2020, 1, 20),
        "临江政办〔2020〕5号",
    )
    assert sorted(notice.findings.values_list("kind", "state")) == [
        ("inherited_cells", "accepted"),
        ("missing_serials", "open"),
        ("person_without_unit", "accepted"),
        ("unresolved_group", "accepted"),
    ]


def test_register_as_read_without_an_approval_is_refused(county, officer, now, files):
    text = notice_bytes(approved="")
    notice = upload_notice(county, data=text, file_name="a.txt", by=officer, now=now)
    assert approval_proposal(notice).basis == ""
    with pytest.raises(Invalid):
        register_as_read(notice, by=officer, now=now)
    assert Cell.objects.filter(row__notice=notice, is_confirmed=False).count() == 4


def test_proposed_approval_says_where_it_was_read(notice):
    proposal = approval_proposal(notice)
    assert proposal.sentences == {
        "basis": "为落实区《政府工作报告》，经区政府同意，现将目标任务分解如下。",
        "document_number": "临江政办〔2020〕5号",
        "approved_on": "2020年1月20日印发",
        "approved_by_name": "临江市临江区人民政府办公室",
    }


def test_matter_without_a_notice_has_no_source(county, officer, now):
    plan = create_plan(county, year=2020, title="台账", by=SYSTEM, now=now)
    (matter,) = create_matters(plan, matters=[NewMatter("一件事")], by=SYSTEM, now=now)
    assert source_of(matter) is None


def test_sample_notice_becomes_128_of_157(county, officer, now, files):
    notice = upload_notice(county, data=SAMPLE.read_bytes(), file_name=SAMPLE.name, by=officer, now=now)
    plan = register_as_read(notice, by=officer, now=now)
    serials = list(plan.matters.values_list("serial", flat=True))
    assert len(serials) == 128
    assert missing_serials(serials, declared=157) == [*range(1, 14), *range(142, 158)]
    sixteen = assigned(plan.matters.get(serial="16"))
    assert [(name, part, post) for name, part, post, *_ in sixteen] == [
        ("商务局", "lead", "商务局主要负责人"),
        ("自然资源局", "lead", "自然资源局主要负责人"),
    ]
    assert [one.post.title for one in plan.matters.get(serial="82").overseers.all()] == ["区领导（谢梓骞）"]
    police = Post.objects.filter(unit__name="公安分局").order_by("pk")
    assert [one.kind for one in police].count("unit_head") == 1
    assert police.count() == 3
    assert list(plan.matters.get(serial="131").targets.values_list("value", flat=True)) == [80, 100000, 50, 200000]
    assert plan.matters.get(serial="69").assignments.filter(from_group="各镇（街道）").count() == 7
    (forty,) = ledger_rows([plan.matters.get(serial="40").pk], today=now.date())
    assert forty.supports == ("教育局", "自然资源局", "商务局", "文体旅游局", "卫健委", "城管局", "各相关镇（街道）")
