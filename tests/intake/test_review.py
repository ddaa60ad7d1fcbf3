import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, WrongState
from duban.intake.actions import (
    accept_row,
    accept_rows,
    add_row,
    confirm_cell,
    correct_cell,
    reject_row,
    reopen_finding,
    reopen_row,
    settle_finding,
)
from duban.intake.models import Cell, Finding, Row
from duban.intake.queries import progress, row_place, what_is_open
from tests.conftest import holder


@pytest.fixture
def colleague(county):
    return holder("officer", jurisdiction=county, name="督查员乙", account_id=9)


def events(name):
    return Event.objects.filter(name=f"intake.{name}").order_by("pk")


# --- cells


def test_correction_keeps_what_was_read(cell, row, officer, now):
    before = cell("4", "support_units")
    version = row("4").version
    after = correct_cell(before, value="南山镇、财政局（国资办）", version=before.version, by=officer, now=now)
    assert after.value == [{"name": "南山镇", "qualifier": None}, {"name": "财政局", "qualifier": "国资办"}]
    assert after.read_value == [{"name": "南山镇", "qualifier": None}, {"name": "东河街道", "qualifier": None}]
    assert (after.basis, after.is_confirmed, after.settled_by_name, after.version) == ("corrected", True, "督查员甲", 2)
    assert row("4").version == version + 1
    data = events("cell_corrected").get().data
    assert (data["before"]["value"], data["after"]["value"]) == (before.value, after.value)


def test_correction_keeps_the_names_in_step(notice, cell, officer, now):
    one = cell("4", "support_units")
    correct_cell(one, value="南山镇、水务局", version=one.version, by=officer, now=now)
    assert notice.names.get(name="东河街道").uses == 0
    new = notice.names.get(name="水务局")
    assert (new.kind, new.uses, new.unit_name, new.is_decided) == ("unit", 1, "水务局", False)
    assert new.note == "通知原文和单位名册中都没有这个名称。是新的单位，还是写错了？"


def test_new_person_is_proposed_for_the_unit_of_the_row(notice, cell, officer, now):
    one = cell("7", "persons")
    correct_cell(one, value="孙秀英", version=one.version, by=officer, now=now)
    new = notice.names.get(name="孙秀英")
    assert (new.unit_name, new.post_kind, new.is_decided) == ("农水局", "responsible", True)


def test_corrected_text_has_its_targets_read_again(cell, row, officer, now):
    one = cell("7", "text")
    correct_cell(one, value="改造管网15公里，惠及2000户。", version=one.version, by=officer, now=now)
    assert [target["value"] for target in row("7").targets] == [15, 2000]


def test_stale_correction_carries_what_stands(cell, officer, colleague, now):
    seen = cell("4", "deadline")
    correct_cell(seen, value="7月底前", version=seen.version, by=colleague, now=now)
    with pytest.raises(Conflict) as refusal:
        correct_cell(seen, value="8月底前", version=seen.version, by=officer, now=now)
    theirs = refusal.value.theirs
    assert (theirs.text, theirs.who, theirs.when, theirs.cell.version) == ("7月底前", "督查员乙", now, 2)
    assert refusal.value.message == "督查员乙已于 09:00 把“完成时限”改为“7月底前”，请对照后再保存。"
    assert cell("4", "deadline").value == "7月底前"
    assert events("cell_corrected").count() == 1


def test_two_cells_of_one_row_do_not_collide(cell, officer, colleague, now):
    deadline, text = cell("4", "deadline"), cell("4", "text")
    correct_cell(deadline, value="7月底前", version=deadline.version, by=colleague, now=now)
    correct_cell(text, value="抓好春季开学工作。", version=text.version, by=officer, now=now)
    assert (cell("4", "deadline").value, cell("4", "text").value) == ("7月底前", "抓好春季开学工作。")


@pytest.mark.parametrize(
    ("field", "value"), [("text", " "), ("serial", "一" * 21), ("deadline", "底" * 101), ("persons", "长" * 201)]
)
def test_correction_that_cannot_stand_is_refused(cell, officer, now, field, value):
    one = cell("4", field)
    with pytest.raises(Invalid):
        correct_cell(one, value=value, version=one.version, by=officer, now=now)
    assert cell("4", field).version == 1


def test_same_value_again_is_a_confirmation(cell, officer, now):
    one = cell("2", "lead_units")
    after = correct_cell(one, value=one.value, version=one.version, by=officer, now=now)
    assert (after.basis, after.is_confirmed) == ("inherited", True)
    assert (events("cell_corrected").count(), events("cell_confirmed").count()) == (0, 1)


def test_inherited_cell_waits_until_confirmed(cell, officer, now):
    one = cell("2", "overseers")
    after = confirm_cell(one, version=one.version, by=officer, now=now)
    assert (after.basis, after.is_confirmed, after.settled_by_name) == ("inherited", True, "督查员甲")
    again = confirm_cell(after, version=after.version, by=officer, now=now)
    assert (again.version, events("cell_confirmed").count()) == (2, 1)


def test_review_is_refused_without_permission(cell, row, notice, now, county):
    nobody = holder("liaison", jurisdiction=county)
    elsewhere = holder("officer", jurisdiction=None)
    one = cell("4", "text")
    calls = [
        lambda: correct_cell(one, value="别的", version=1, by=nobody, now=now),
        lambda: confirm_cell(one, version=1, by=nobody, now=now),
        lambda: accept_row(row("1"), version=1, by=nobody, now=now),
        lambda: accept_rows(notice, by=nobody, now=now),
        lambda: reject_row(row("1"), version=1, by=nobody, now=now),
        lambda: reopen_row(row("1"), version=1, by=nobody, now=now),
        lambda: add_row(notice, values={"text": "一项"}, by=nobody, now=now),
        lambda: settle_finding(notice.findings.first(), accept=True, by=nobody, now=now),
        lambda: reopen_finding(notice.findings.first(), by=nobody, now=now),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call()
    assert elsewhere.held[0].jurisdiction_id is None
    assert Event.objects.exclude(name="intake.notice_uploaded").count() == 0


# --- rows


def test_passing_a_row_confirms_its_cells(row, cell, officer, now):
    one = row("2")
    after = accept_row(one, version=one.version, by=officer, now=now)
    assert (after.state, after.settled_by_name, after.settled_at) == ("accepted", "督查员甲", now)
    assert not Cell.objects.filter(row=one, is_confirmed=False).exists()
    assert cell("2", "lead_units").settled_by_name == "督查员甲"
    finding = Finding.objects.get(row=one)
    assert (finding.state, finding.note) == ("accepted", "随本行通过")
    data = events("row_accepted").get().data
    assert sorted(data["confirmed"]) == ["lead_units", "overseers", "persons", "support_units"]


def test_row_with_a_doubt_waits_for_a_word(row, officer, now):
    one = row("5")
    with pytest.raises(Invalid, match="还有疑点没有处理：第 5 项有责任人王建国"):
        accept_row(one, version=one.version, by=officer, now=now)
    assert row("5").state == "pending"


def test_row_may_pass_before_its_group_is_decided(row, officer, now):
    one = row("3")
    assert accept_row(one, version=one.version, by=officer, now=now).state == "accepted"


def test_row_changed_meanwhile_is_not_passed(row, cell, officer, colleague, now):
    seen = row("4")
    one = cell("4", "deadline")
    correct_cell(one, value="7月底前", version=one.version, by=colleague, now=now)
    with pytest.raises(Conflict, match="督查员乙刚刚改了这一行"):
        accept_row(seen, version=seen.version, by=officer, now=now)


def test_settled_row_is_closed_to_changes(row, cell, officer, colleague, now):
    one = row("4")
    accept_row(one, version=one.version, by=colleague, now=now)
    text = cell("4", "text")
    with pytest.raises(WrongState, match="这一行已由督查员乙通过"):
        correct_cell(text, value="别的", version=text.version, by=officer, now=now)
    with pytest.raises(WrongState, match="已由督查员乙通过"):
        accept_row(row("4"), version=row("4").version, by=officer, now=now)
    with pytest.raises(WrongState):
        reject_row(row("4"), version=row("4").version, by=officer, now=now)


def test_all_rows_without_doubt_pass_at_once(notice, officer, now):
    outcome = accept_rows(notice, by=officer, now=now)
    passed = Cell.objects.filter(row__in=outcome.accepted, field="serial").order_by("row__order")
    assert list(passed.values_list("value", flat=True)) == ["1", "3", "4", "6", "7", "9"]
    assert outcome.left == {}
    assert events("row_accepted").count() == 6
    assert accept_rows(notice, by=officer, now=now).accepted == ()


def test_selected_rows_pass_and_the_others_say_why_not(notice, row, officer, now):
    two, five, seven = row("2"), row("5"), row("7")
    outcome = accept_rows(
        notice, selected={two.pk: two.version, five.pk: five.version, seven.pk: 99}, by=officer, now=now
    )
    assert outcome.accepted == (two.pk,)
    assert sorted(outcome.left) == sorted([five.pk, seven.pk])
    assert outcome.left[seven.pk] == "他人刚刚改了这一行，请看过新的内容再定。"


def test_bulk_acceptance_costs_the_same_for_one_and_many(notice, row, officer, now):
    counts = []
    for serials in (["1"], ["3", "4", "6", "7"]):
        rows = [row(serial) for serial in serials]
        with CaptureQueriesContext(connection) as captured:
            accept_rows(notice, selected={one.pk: one.version for one in rows}, by=officer, now=now)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_struck_row_is_kept_and_its_names_do_not_count(notice, row, officer, now):
    one = row("6")
    after = reject_row(one, version=one.version, reason="重复", by=officer, now=now)
    assert (after.state, after.cells.count()) == ("rejected", 7)
    assert notice.names.get(name="公安分局").uses == 0
    assert notice.names.get(name="教育局").uses == 4
    assert events("row_rejected").get().data == {"reason": "重复"}
    back = reopen_row(after, version=after.version, by=officer, now=now)
    assert (back.state, notice.names.get(name="公安分局").uses) == ("pending", 1)


def test_reopening_takes_back_what_passing_confirmed(row, cell, officer, now):
    one = row("2")
    accepted = accept_row(one, version=one.version, by=officer, now=now)
    back = reopen_row(accepted, version=accepted.version, by=officer, now=now)
    assert (back.state, back.settled_by_name, back.settled_at) == ("pending", "", None)
    assert cell("2", "lead_units").is_confirmed is False
    assert Finding.objects.get(row=one).state == "open"
    with pytest.raises(WrongState, match="还在核对中"):
        reopen_row(back, version=back.version, by=officer, now=now)
    assert events("row_reopened").count() == 1


def test_missing_row_is_entered_in_its_place(notice, officer, now):
    one = add_row(
        notice,
        values={
            "serial": "8",
            "text": "新增床位120张。",
            "lead_units": "卫健局",
            "persons": "孙秀英",
            "overseers": "陈江河",
        },
        by=officer,
        now=now,
    )
    serials = Cell.objects.filter(row__notice=notice, field="serial").order_by("row__order", "row__pk")
    assert list(serials.values_list("value", flat=True)) == ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
    assert (one.state, one.source_line, one.targets[0]["value"]) == ("accepted", None, 120)
    cells = {cell.field: (cell.basis, cell.settled_by_name) for cell in one.cells.all()}
    assert (cells["text"], cells["deadline"]) == (("entered", "督查员甲"), ("blank", "督查员甲"))
    assert notice.names.get(name="孙秀英").unit_name == "卫健局"
    finding = notice.findings.get(kind="missing_serials")
    assert (finding.state, finding.note) == ("accepted", "已补录")
    assert events("row_added").get().data["after"]["serial"] == "8"


@pytest.mark.parametrize("values", [{}, {"text": " "}, {"text": "一项", "colour": "红"}])
def test_row_that_says_nothing_is_refused(notice, officer, now, values):
    with pytest.raises(Invalid):
        add_row(notice, values=values, by=officer, now=now)


# --- findings


def test_accepting_a_finding_applies_its_suggestion(notice, cell, officer, now):
    finding = notice.findings.get(kind="person_without_unit")
    after = settle_finding(finding, accept=True, by=officer, now=now)
    lead = cell("5", "lead_units")
    assert [one["name"] for one in lead.value] == ["财政局", "教育局"]
    assert (lead.basis, lead.settled_by_name, after.state) == ("corrected", "督查员甲", "accepted")
    assert notice.names.get(kind="unit", name="教育局").uses == 6
    data = events("finding_settled").get().data
    assert [one["name"] for one in data["after"]["value"]] == ["财政局", "教育局"]


def test_reopening_a_finding_undoes_what_it_changed(notice, cell, officer, now):
    finding = notice.findings.get(kind="person_without_unit")
    settle_finding(finding, accept=True, by=officer, now=now)
    after = reopen_finding(finding, by=officer, now=now)
    lead = cell("5", "lead_units")
    assert ([one["name"] for one in lead.value], lead.basis, after.state) == (["财政局"], "read", "open")
    assert notice.names.get(kind="unit", name="教育局").uses == 5
    with pytest.raises(WrongState):
        reopen_finding(finding, by=officer, now=now)


def test_finding_is_not_undone_over_a_later_correction(notice, cell, officer, now):
    finding = notice.findings.get(kind="person_without_unit")
    settle_finding(finding, accept=True, by=officer, now=now)
    lead = cell("5", "lead_units")
    correct_cell(lead, value="审计局", version=lead.version, by=officer, now=now)
    with pytest.raises(Conflict):
        reopen_finding(finding, by=officer, now=now)
    assert [one["name"] for one in cell("5", "lead_units").value] == ["审计局"]


def test_finding_is_dismissed_with_its_reason(notice, cell, row, officer, now):
    finding = notice.findings.get(kind="person_without_unit")
    after = settle_finding(finding, accept=False, reason="原文如此", by=officer, now=now)
    assert (after.state, after.note, [one["name"] for one in cell("5", "lead_units").value]) == (
        "dismissed",
        "原文如此",
        ["财政局"],
    )
    assert accept_row(row("5"), version=row("5").version, by=officer, now=now).state == "accepted"


def test_second_word_on_a_finding_is_refused(notice, officer, colleague, now):
    finding = notice.findings.get(kind="missing_serials")
    settle_finding(finding, accept=True, by=colleague, now=now)
    with pytest.raises(Conflict, match="督查员乙刚刚处理了这个疑点"):
        settle_finding(finding, accept=False, by=officer, now=now)


def test_confirming_finding_confirms_every_cell_that_waits(notice, row, officer, now):
    finding = notice.findings.get(kind="inherited_cells")
    settle_finding(finding, accept=True, by=officer, now=now)
    assert not Cell.objects.filter(row=row("2"), is_confirmed=False).exists()
    reopen_finding(finding, by=officer, now=now)
    assert Cell.objects.filter(row=row("2"), is_confirmed=False).count() == 4


def test_correction_by_hand_settles_the_doubt_about_that_column(notice, cell, officer, now):
    lead = cell("5", "lead_units")
    correct_cell(lead, value="财政局、教育局", version=lead.version, by=officer, now=now)
    finding = notice.findings.get(kind="person_without_unit")
    assert (finding.state, finding.note) == ("accepted", "已人工更正")


def test_group_finding_is_answered_for_its_row(notice, row, officer, now):
    finding = notice.findings.get(kind="unresolved_group")
    with pytest.raises(Invalid, match="请选定这里指哪些单位"):
        settle_finding(finding, accept=True, by=officer, now=now)
    settle_finding(finding, accept=True, value=["南山镇"], by=officer, now=now)
    own = row("3").names.get()
    assert (own.name, own.members, own.is_decided) == ("相关镇（街道）", ["南山镇"], True)
    assert notice.names.get(name="相关镇（街道）", row=None).is_decided is False


def test_choice_is_asked_for_and_taken(notice, cell, officer, now):
    finding = notice.findings.get(kind="inherited_cells")
    Finding.objects.filter(pk=finding.pk).update(
        suggestion={"field": "lead_units", "action": "choose", "value": {"candidates": [{"name": "市场局"}]}}
    )
    with pytest.raises(Invalid, match="没有现成的答案"):
        settle_finding(finding, accept=True, by=officer, now=now)
    assert Finding.objects.get(pk=finding.pk).state == "open"
    settle_finding(finding, accept=True, value="市场局", by=officer, now=now)
    assert [one["name"] for one in cell("2", "lead_units").value] == ["市场局"]


def test_progress_counts_what_is_left(notice, row, officer, now):
    assert str(progress(notice)) == (
        "Progress(rows=8, pending=8, accepted=0, rejected=0, open_findings=4, undecided_names=1, unconfirmed_cells=4)"
    )
    accept_row(row("2"), version=row("2").version, by=officer, now=now)
    reject_row(row("5"), version=row("5").version, by=officer, now=now)
    after = progress(notice)
    assert (after.pending, after.accepted, after.rejected, after.open_findings, after.settled_pct) == (6, 1, 1, 2, 25)


def test_serial_that_stands_twice_is_asked_about_until_it_does_not(notice, cell, row, officer, now):
    added = add_row(notice, values={"serial": "4", "text": "再抓一次。"}, by=officer, now=now)
    asked = notice.findings.get(kind="duplicate_serials")
    place = row_place(Row.objects.filter(notice=notice, cells__value="4", cells__field="serial").first())
    assert (asked.row, asked.severity, asked.serials) == (None, "error", ["4"])
    assert asked.message == f"序号 4 出现了 2 次（{place}、人工补录）。"
    assert asked.message in [item.message for item in what_is_open(notice) if item.is_blocking]

    gone = reject_row(added, version=added.version, reason="补录有误", by=officer, now=now)
    assert gone.state == "rejected"
    asked.refresh_from_db()
    assert (asked.state, asked.note) == ("accepted", "已不重复")

    five = cell("5", "serial")
    correct_cell(five, value="3", version=five.version, by=officer, now=now)
    assert notice.findings.get(kind="duplicate_serials", state="open").serials == ["3"]


def test_doubt_about_a_double_serial_is_not_raised_again_once_dismissed(notice, officer, now):
    add_row(notice, values={"serial": "4", "text": "再抓一次。"}, by=officer, now=now)
    settle_finding(notice.findings.get(kind="duplicate_serials"), accept=False, by=officer, now=now)
    add_row(notice, values={"serial": "8", "text": "补上一项。"}, by=officer, now=now)
    assert notice.findings.filter(kind="duplicate_serials").count() == 1


def test_printed_row_that_passed_is_not_struck_out_unless_opened(notice, row, officer, now):
    accept_row(row("4"), version=row("4").version, by=officer, now=now)
    with pytest.raises(WrongState):
        reject_row(row("4"), version=row("4").version, by=officer, now=now)


def test_serials_still_missing_are_said_as_they_stand(notice, officer, now):
    said = "通知共 9 项，还缺第 8 项（1 项）；附表有的请补录"
    assert said in [item.message for item in what_is_open(notice) if not item.is_blocking]
    settle_finding(notice.findings.get(kind="missing_serials"), accept=False, by=officer, now=now)
    assert said in [item.message for item in what_is_open(notice)]
    add_row(notice, values={"serial": "8", "text": "补上一项。"}, by=officer, now=now)
    assert not [item.message for item in what_is_open(notice) if "还缺第" in item.message]
