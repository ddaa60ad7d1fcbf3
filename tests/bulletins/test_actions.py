"""What people do with bulletins: each step, its refusals, the second call, the line in the trail."""

from datetime import date
from io import BytesIO

import pdfplumber
import pytest

from duban.access.rules import Role
from duban.audit.models import Event
from duban.bulletins.actions import (
    BulletinEdit,
    CitationEdit,
    NewCitation,
    accept_correction,
    add_citation,
    approve_bulletin,
    confirm_citations,
    correct_citation,
    decline_correction,
    draft_bulletin,
    drop_bulletin,
    edit_bulletin,
    edit_citation,
    issue_bulletin,
    leave_out_citation,
    present_bulletin,
    read_bulletin,
    restore_citation,
    send_back_bulletin,
    show_to_units,
)
from duban.bulletins.models import Bulletin, BulletinReceipt, Citation, Correction, UnitCheck
from duban.bulletins.queries import (
    awaiting_snapshots,
    bulletin_data,
    bulletin_for,
    bulletin_papers,
    bulletins_for,
    bulletins_naming,
    checks_open_to,
    compared,
    composed,
    draft_page,
    morning_of,
    named_in_bulletins,
    with_matters,
)
from duban.bulletins.rules import Audience, BulletinKind, Change, Section
from duban.core.actor import SYSTEM
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.documents.pdf import to_pdf
from duban.letters.models import Letter
from duban.matters.actions import Behalf
from duban.matters.models import Obligation
from duban.matters.rules import Channel
from duban.obstacles.actions import raise_obstacle
from duban.orgs.models import Person
from duban.outbox.models import Message
from duban.papers.queries import opened_paper
from duban.papers.rules import Format
from tests.bulletins.builders import (
    CHECKED,
    DRAFTED,
    approved,
    bulletin_of,
    drafted,
    entry,
    half_year,
    issued,
    presented,
    reasoned,
    set_policy,
    shown,
    snapshot_on,
    with_reasons,
)
from tests.letters.builders import at, overseen, person_of, round_of, sent_out, signer, slow_matter, staff
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db


def liaison(world, unit="教育局"):
    return person_of(world, Person.objects.get(name=f"{unit}联络员"), unit=unit)


# ---- drafting


def test_draft_holds_what_the_snapshot_proposes(world):
    bulletin = drafted(world)
    assert (bulletin.state, bulletin.kind, bulletin.title) == (
        "drafted",
        "regular",
        "关于2020年度督查事项上半年进展情况的通报",
    )
    found = [(one.section, str(one), one.unit.name) for one in Citation.objects.order_by("pk")]
    assert found == [
        ("criticism", "第1项", "教育局"),
        ("praise", "第2项", "教育局"),
        ("late_report", "教育局报送", "教育局"),
    ]
    assert entry(bulletin).facts.startswith("2020年")
    assert "应完成" in entry(bulletin).facts
    assert entry(bulletin, Section.PRAISE).facts == ("办结时限为2020年11月30日，已于2020年2月3日销号，提前301天完成。")
    data = Event.objects.get(name="bulletins.drafted").data
    assert data["entries"] == {"criticism": 1, "praise": 1, "late_report": 1}


def difficulty(world, matter, *, need="请区领导协调。", now):
    leader = matter.overseers.get().post
    words = {"problem": "征地补偿未谈拢。", "need": need, "by": world.liaison("教育局"), "now": now}
    return raise_obstacle(matter, unit=world.unit("教育局"), to=leader, **words)


def test_cause_and_next_step_are_what_the_unit_told_already(world):
    matter = slow_matter(world, serial="9", overseers=overseen(world))
    difficulty(world, matter, need="请区领导出面协调。", now=at("2020-06-10"))
    bulletin = drafted(world, snapshot_on(world, "2020-06-30"))
    one = entry(bulletin)
    assert (one.cause, one.cause_note, one.cause_from) == ("征迁", "征地补偿未谈拢", "2020年6月10日单位提出的困难问题")
    assert (one.next_step, one.next_from) == ("请区领导出面协调。", "2020年6月10日单位提出的困难问题")


def test_what_was_said_after_the_snapshot_is_not_read(world):
    snapshot = half_year(world)
    difficulty(world, slow_matter_of(world), now=at("2020-07-01", 8))
    assert entry(drafted(world, snapshot)).cause == ""


def slow_matter_of(world):
    return world.plan.matters.get(serial="1")


def test_unanswered_letter_of_supervision_is_proposed_even_when_yellow(world):
    half = world
    staff(world)
    from_red = slow_matter(half, serial="7", overseers=overseen(half))
    round_of("2020-06-01")
    letter = Letter.objects.select_related("plan__policy", "plan__jurisdiction", "unit").get(kind="supervise")
    sent_out(half, letter, on="2020-06-01")
    letter.refresh_from_db()
    due_on = Obligation.objects.get(kind="letter").due_on
    assert due_on == date(2020, 6, 15)
    bulletin = drafted(half, snapshot_on(half, "2020-06-30"))
    one = entry(bulletin, matter=from_red)
    assert list(one.figures) == ["red", "unanswered"]
    assert f"（{letter.number_text}）应于2020年6月15日前答复，至今未答复。" in one.facts


def test_same_snapshot_has_one_regular_bulletin(world):
    snapshot = half_year(world)
    bulletin = drafted(world, snapshot)
    with pytest.raises(WrongState, match="已经有一期"):
        drafted(world, snapshot)
    drop_bulletin(bulletin, reason="口径有误，重新拟稿", by=world.officer, now=DRAFTED)
    assert drafted(world, snapshot).pk != bulletin.pk


def test_special_issue_begins_empty_or_with_one_field(world):
    snapshot = half_year(world)
    empty = drafted(world, snapshot, kind=BulletinKind.SPECIAL, proposes=False, title="关于校舍改造的通报")
    assert (empty.title, Citation.objects.count()) == ("关于校舍改造的通报", 0)
    world.plan.matters.filter(serial="1").update(field="教育")
    of_field = drafted(world, snapshot, kind=BulletinKind.SPECIAL, field="教育")
    assert [one.matter.serial for one in Citation.objects.filter(bulletin=of_field)] == ["1"]
    assert composed(of_field)["total"]["total"] == 1
    with pytest.raises(Invalid, match="没有这个领域"):
        drafted(world, snapshot, kind=BulletinKind.SPECIAL, field="海洋")
    with pytest.raises(Invalid, match="定期通报不分领域"):
        drafted(world, snapshot, field="教育")


def test_nobody_but_the_office_drafts(world):
    snapshot = half_year(world)
    for role in ("director", "government_head", "leader", "liaison"):
        with pytest.raises(NotAllowed):
            draft_bulletin(snapshot, kind=BulletinKind.REGULAR, by=signer(world, role), now=DRAFTED)
    assert Bulletin.objects.count() == 0


# ---- entries


def test_edit_keeps_where_words_came_from_until_they_change(world):
    bulletin = drafted(world)
    one = entry(bulletin)
    Citation.objects.filter(pk=one.pk).update(cause="征迁", cause_from="某处", next_step="签约。", next_from="某处")
    one = entry(bulletin)
    edit = CitationEdit(facts=one.facts, cause="征迁", next_step="签约并进场。")
    edit_citation(one, edit=edit, seen=1, by=world.officer, now=DRAFTED)
    assert (one.cause_from, one.next_from, one.bulletin.version) == ("某处", "", 2)
    data = Event.objects.get(name="bulletins.citation_edited").data
    assert data["after"] == {"下一步": "签约并进场。"}
    assert data["unit"] == "教育局"


def test_edit_of_what_somebody_else_changed_shows_both(world):
    bulletin = drafted(world)
    one, same = entry(bulletin), entry(bulletin)
    reasoned(world, one)
    with pytest.raises(Conflict) as conflict:
        edit_citation(same, edit=CitationEdit(facts="乙的事实"), seen=1, by=world.office_head, now=DRAFTED)
    assert conflict.value.theirs["原因"] == "征迁"
    with pytest.raises(Conflict) as conflict:
        edit_bulletin(bulletin, edit=BulletinEdit("标题乙", "开头"), seen=1, by=world.officer, now=DRAFTED)
    assert conflict.value.theirs["标题"] == "关于2020年度督查事项上半年进展情况的通报"


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (CitationEdit(facts=""), "facts"),
        (CitationEdit(facts="好" * 501), "facts"),
        (CitationEdit(facts="事实", cause="天气"), "cause"),
        (CitationEdit(facts="事实", cause="资金", next_step="好" * 501), "next_step"),
    ],
)
def test_words_that_do_not_do_are_refused_and_nothing_changes(world, edit, field):
    one = entry(drafted(world))
    with pytest.raises(Invalid) as refusal:
        edit_citation(one, edit=edit, seen=1, by=world.officer, now=DRAFTED)
    assert refusal.value.field == field
    assert entry(one.bulletin).facts == one.facts


def test_officer_leaves_out_and_restores_with_a_reason(world):
    bulletin = drafted(world)
    one = entry(bulletin)
    with pytest.raises(Invalid):
        leave_out_citation(one, reason=" ", by=world.officer, now=DRAFTED)
    leave_out_citation(one, reason="已由约谈处理", by=world.officer, now=DRAFTED)
    assert [each["section"] for each in composed(bulletin)["entries"]] == ["praise", "late_report"]
    with pytest.raises(WrongState):
        leave_out_citation(entry(bulletin), reason="再说一遍", by=world.officer, now=DRAFTED)
    restore_citation(entry(bulletin), by=world.officer, now=DRAFTED)
    with pytest.raises(WrongState):
        restore_citation(entry(bulletin), by=world.officer, now=DRAFTED)
    assert len(composed(bulletin)["entries"]) == 3
    assert names_of_events(name__startswith="bulletins.citation") == [
        "bulletins.citation_left_out",
        "bulletins.citation_restored",
    ]


def new(world, matter, **more) -> NewCitation:
    given = {
        "section": Section.CRITICISM,
        "unit": world.unit("教育局"),
        "facts": "群众反映强烈。",
        "reason": "领导要求",
    }
    return NewCitation(**{"matter": matter, **given, **more})


def test_officer_adds_an_entry_with_a_reason(world):
    snapshot = half_year(world)
    bulletin = drafted(world, snapshot, kind=BulletinKind.SPECIAL, proposes=False)
    matter = slow_matter_of(world)
    one = add_citation(bulletin, new=new(world, matter), by=world.officer, now=DRAFTED)
    assert (one.facts, one.added_reason, one.figures) == (
        "群众反映强烈。",
        "领导要求",
        {"hand": {"words": "群众反映强烈。"}},
    )
    with pytest.raises(Invalid, match="已在这期通报中"):
        add_citation(bulletin, new=new(world, matter), by=world.officer, now=DRAFTED)
    later = slow_matter(world, serial="30", starts_on=date(2020, 7, 1))
    with pytest.raises(Invalid, match="通报只引用定格"):
        add_citation(bulletin, new=new(world, later), by=world.officer, now=DRAFTED)
    with pytest.raises(Invalid, match="不在第1项的责任单位中"):
        other = new(world, matter, unit=world.unit("交通局"))
        add_citation(bulletin, new=other, by=world.officer, now=DRAFTED)
    with pytest.raises(Invalid, match="增列的理由"):
        add_citation(bulletin, new=new(world, matter, reason=""), by=world.officer, now=DRAFTED)
    assert Citation.objects.count() == 1


# ---- the units


def test_each_cited_unit_is_told_once_and_owes_nothing(world):
    bulletin = drafted(world)
    before = Obligation.objects.count()
    shown(world, bulletin)
    check = UnitCheck.objects.get()
    assert (check.unit.name, check.shown_on, check.until) == ("教育局", date(2020, 7, 1), date(2020, 7, 6))
    told = Message.objects.filter(kind="bulletin")
    assert sorted(one.person.name for one in told) == ["教育局副局长", "教育局局长", "教育局联络员"]
    assert {one.title for one in told} == {"您有 1 份通报稿可核对"}
    assert Obligation.objects.count() == before
    assert [one.pk for one in checks_open_to(liaison(world), today=date(2020, 7, 6))] == [check.pk]
    assert list(checks_open_to(liaison(world), today=date(2020, 7, 7))) == []
    assert list(checks_open_to(liaison(world, "交通局"), today=date(2020, 7, 1))) == []


def test_only_a_draft_as_it_was_read_is_shown(world):
    bulletin = drafted(world)
    old = bulletin_of()
    with_reasons(world, bulletin)
    with pytest.raises(WrongState):
        show_to_units(old, by=world.officer, now=DRAFTED)
    show_to_units(bulletin_of(), by=world.officer, now=DRAFTED)
    with pytest.raises(WrongState):
        show_to_units(bulletin_of(), by=world.officer, now=DRAFTED)


def test_unit_corrects_a_fact_and_both_texts_stay(world):
    bulletin = shown(world)
    one = entry(bulletin)
    old = one.facts
    correction = correct_citation(one, text="6月28日已报进展 40%。", by=liaison(world), now=at("2020-07-02"))
    with pytest.raises(WrongState, match="正在核实"):
        correct_citation(entry(bulletin), text="又想起一点。", by=liaison(world), now=at("2020-07-02"))
    accept_correction(correction, facts="现报 40%。", by=world.officer, now=at("2020-07-03"))
    stored = Correction.objects.get()
    assert (stored.before, stored.text, stored.after, stored.decided_by_name) == (
        old,
        "6月28日已报进展 40%。",
        "现报 40%。",
        "督查员甲",
    )
    assert entry(bulletin).facts == "现报 40%。"
    with pytest.raises(WrongState, match="已有决定"):
        decline_correction(correction, reason="查无此事", by=world.officer, now=at("2020-07-03"))
    told = Message.objects.filter(title="您有 1 条通报更正有结果")
    assert told.count() == 3
    told_of = names_of_events(name__in=["bulletins.citation_corrected", "bulletins.correction_accepted"])
    assert told_of == ["bulletins.citation_corrected", "bulletins.correction_accepted"]
    assert names_of_events(matter_id=one.matter_id, name__startswith="bulletins.") == [], "not before it is issued"


def test_office_declines_with_a_reason_and_the_unit_may_write_again(world):
    bulletin = shown(world)
    one = entry(bulletin)
    correction = correct_citation(one, text="不是这样。", by=liaison(world), now=at("2020-07-02"))
    with pytest.raises(Invalid):
        decline_correction(correction, reason="", by=world.officer, now=at("2020-07-02"))
    with pytest.raises(Invalid, match="没有改动"):
        accept_correction(correction, facts=one.facts, by=world.officer, now=at("2020-07-02"))
    decline_correction(correction, reason="定格当日没有填报", by=world.officer, now=at("2020-07-02"))
    assert entry(bulletin).facts == one.facts
    again = correct_citation(entry(bulletin), text="补充说明。", by=liaison(world), now=at("2020-07-02"))
    assert again.number == 2


def test_unit_may_say_that_all_is_right_once(world):
    bulletin = shown(world)
    unit = world.unit("教育局")
    with pytest.raises(NotAllowed):
        confirm_citations(bulletin, unit=unit, by=liaison(world, "交通局"), now=at("2020-07-02"))
    check = confirm_citations(bulletin, unit=unit, by=liaison(world), now=at("2020-07-02"))
    assert check.answered_by_name == "教育局联络员"
    with pytest.raises(WrongState, match="已经核对过"):
        confirm_citations(bulletin, unit=unit, by=liaison(world), now=at("2020-07-02"))
    with pytest.raises(NotFound):
        confirm_citations(bulletin, unit=world.unit("交通局"), by=liaison(world, "交通局"), now=at("2020-07-02"))


def test_office_enters_what_a_unit_said_on_paper(world):
    bulletin = shown(world)
    told = {"by": world.officer, "now": at("2020-07-02")}
    with pytest.raises(Invalid, match="请写明方式"):
        correct_citation(entry(bulletin), text="不是这样。", **told)
    paper = Behalf(Channel.PAPER, "教育局办公室")
    correction = correct_citation(entry(bulletin), text="不是这样。", behalf=paper, **told)
    assert (correction.channel, correction.informant) == ("paper", "教育局办公室")
    with pytest.raises(Invalid, match="不必代录"):
        confirm_citations(bulletin, unit=world.unit("教育局"), behalf=paper, by=liaison(world), now=at("2020-07-02"))


def test_time_to_correct_is_over_after_three_working_days(world):
    bulletin = shown(world)
    correct_citation(entry(bulletin, Section.PRAISE), text="提前更多。", by=liaison(world), now=at("2020-07-06", 23))
    with pytest.raises(WrongState, match="核对时间到7月6日为止"):
        correct_citation(entry(bulletin), text="不是这样。", by=liaison(world), now=at("2020-07-07", 0))


def test_other_facts_give_the_unit_its_time_anew_other_words_do_not(world):
    bulletin = shown(world)
    confirm_citations(bulletin, unit=world.unit("教育局"), by=liaison(world), now=at("2020-07-02"))
    reasoned(world, entry(bulletin), cause_note="签约慢", now=at("2020-07-03"))
    assert UnitCheck.objects.get().answered_at is not None
    one = entry(bulletin)
    edit = CitationEdit(facts="另一个事实。", cause=one.cause, next_step=one.next_step)
    edit_citation(one, edit=edit, seen=one.bulletin.version, by=world.officer, now=at("2020-07-03"))
    check = UnitCheck.objects.get()
    assert (check.answered_at, check.until, check.round_no) == (None, date(2020, 7, 8), 2)
    assert Message.objects.filter(title="您有 1 份通报稿可核对").count() == 6


def test_entry_added_late_has_its_three_days_too(world):
    bulletin = shown(world)
    matter = world.plan.matters.get(serial="2")
    leave_out_citation(entry(bulletin, Section.PRAISE), reason="不够突出", by=world.officer, now=CHECKED)
    restore_citation(
        Citation.objects.select_related("bulletin__plan__policy", "unit", "matter").get(matter=matter),
        by=world.officer,
        now=CHECKED,
    )
    assert UnitCheck.objects.get().until == date(2020, 7, 10)
    with pytest.raises(WrongState, match="核对到7月10日"):
        present_bulletin(bulletin_of(), by=world.officer, now=CHECKED)


# ---- presenting


def test_presenting_waits_for_the_units_or_their_answers(world):
    bulletin = shown(world)
    with pytest.raises(WrongState, match="单位核对到7月6日为止"):
        present_bulletin(bulletin, by=world.officer, now=at("2020-07-06"))
    confirm_citations(bulletin, unit=world.unit("教育局"), by=liaison(world), now=at("2020-07-02"))
    assert present_bulletin(bulletin_of(), by=world.officer, now=at("2020-07-02")).state == "presented"


def test_presenting_waits_for_every_correction(world):
    bulletin = shown(world)
    correct_citation(entry(bulletin), text="不是这样。", by=liaison(world), now=at("2020-07-02"))
    with pytest.raises(WrongState, match="还有 1 条更正意见没有决定"):
        present_bulletin(bulletin_of(), by=world.officer, now=CHECKED)
    leave_out_citation(entry(bulletin), reason="事实有出入，下期再列", by=world.officer, now=CHECKED)
    assert present_bulletin(bulletin_of(), by=world.officer, now=CHECKED).state == "presented"


def test_entry_without_cause_and_next_step_is_not_presented(world):
    bulletin = show_to_units(drafted(world), by=world.officer, now=DRAFTED)
    with pytest.raises(Invalid) as refusal:
        present_bulletin(bulletin, by=world.officer, now=CHECKED)
    assert refusal.value.message == (
        "第1项（教育局）没有写明原因，没有写明下一步。第2项（教育局）没有写明主要做法，没有写明下一步。"
    )
    assert (bulletin_of().state, bulletin_of().frozen) == ("correcting", None)


def test_draft_nobody_was_shown_is_not_presented(world):
    with pytest.raises(WrongState, match="送单位核对以后"):
        present_bulletin(drafted(world), by=world.officer, now=CHECKED)


def test_presented_is_frozen_whatever_changes_below(world):
    bulletin = presented(world)
    before = composed(bulletin)
    assert before["total"] == {
        "name": "合计",
        "total": 2,
        "statuses": {"done": 1, "not_started": 1},
        "lights": {"red": 1},
    }
    assert [one["cause"] for one in before["entries"]] == ["征迁", "责任落实", ""]
    world.plan.matters.update(field="改了", title="改了")
    assert composed(bulletin_of()) == before
    for change in (
        lambda: reasoned(world, entry(bulletin)),
        lambda: leave_out_citation(entry(bulletin), reason="不列了", by=world.officer, now=CHECKED),
        lambda: edit_bulletin(
            bulletin_of(), edit=BulletinEdit("新标题", "新开头"), seen=bulletin.version, by=world.officer, now=CHECKED
        ),
    ):
        with pytest.raises(WrongState):
            change()


# ---- approving


def test_facts_and_judgement_are_approved_by_two_people(world):
    bulletin = presented(world)
    with pytest.raises(NotAllowed, match="事实由政府办主任批准、批评和表扬由政府主要领导批准"):
        approve_bulletin(bulletin, by=signer(world, "office_head"), now=CHECKED)
    for role in ("officer", "liaison"):
        with pytest.raises(NotAllowed):
            approve_bulletin(bulletin, by=signer(world, role), now=CHECKED)
    with pytest.raises(NotAllowed):
        approve_bulletin(bulletin, by=SYSTEM, now=CHECKED)
    approve_bulletin(bulletin, by=signer(world, "director"), now=CHECKED)
    assert bulletin_of().state == "presented"
    with pytest.raises(WrongState, match="已经批准过"):
        approve_bulletin(bulletin_of(), by=signer(world, "director"), now=CHECKED)
    approve_bulletin(bulletin_of(), by=signer(world, "government_head"), now=CHECKED)
    one = bulletin_of()
    assert (one.state, one.facts_approved_by_name, one.judgement_approved_by_name) == (
        "approved",
        "director某",
        "government_head某",
    )


def test_bulletin_of_facts_alone_needs_no_government(world):
    bulletin = drafted(world)
    for section in (Section.CRITICISM, Section.PRAISE):
        leave_out_citation(entry(bulletin, section), reason="本期只列事实", by=world.officer, now=DRAFTED)
    show_to_units(bulletin_of(), by=world.officer, now=DRAFTED)
    present_bulletin(bulletin_of(), by=world.officer, now=CHECKED)
    with pytest.raises(NotAllowed):
        approve_bulletin(bulletin_of(), by=signer(world, "government_head"), now=CHECKED)
    approve_bulletin(bulletin_of(), by=signer(world, "director"), now=CHECKED)
    assert bulletin_of().state == "approved"


def test_policy_names_who_approves(world):
    set_policy(world, facts_approver="office_head", judgement_approver="leader")
    bulletin = presented(world)
    leader = signer(world, Role.LEADER.value)
    assert bulletin_for(leader, bulletin.pk) == bulletin
    approve_bulletin(bulletin, by=world.office_head, now=CHECKED)
    approve_bulletin(bulletin_of(), by=leader, now=CHECKED)
    assert bulletin_of().state == "approved"


def test_what_was_sent_back_meanwhile_is_not_approved_as_it_was_read(world):
    bulletin = presented(world)
    send_back_bulletin(bulletin_of(), reason="请补充原因", by=signer(world, "director"), now=CHECKED)
    assert (bulletin_of().state, bulletin_of().frozen, bulletin_of().sent_back_reason) == (
        "correcting",
        None,
        "请补充原因",
    )
    with pytest.raises(WrongState):
        approve_bulletin(bulletin, by=signer(world, "director"), now=CHECKED)
    presented(world, bulletin_of())
    with pytest.raises(WrongState, match="请看后再批"):
        approve_bulletin(bulletin, by=signer(world, "director"), now=CHECKED)


def test_sending_back_takes_approvals_with_it(world):
    bulletin = approved(world)
    with pytest.raises(NotAllowed):
        send_back_bulletin(bulletin, reason="不妥当", by=signer(world, "deputy_director"), now=CHECKED)
    send_back_bulletin(bulletin, reason="数字有误", by=world.officer, now=CHECKED)
    one = bulletin_of()
    assert (one.facts_approved_at, one.judgement_approved_by_name) == (None, "")


# ---- issuing


def test_issue_numbers_tells_and_leaves_the_fact(world):
    bulletin = issued(world)
    assert (bulletin.state, bulletin.number, bulletin.number_year, bulletin.total_number) == ("issued", 1, 2020, 1)
    assert str(bulletin) == "2020年第1期"
    receipts = list(BulletinReceipt.objects.order_by("pk").values_list("person__name", "capacity"))
    assert receipts == [
        ("教育局局长", "教育局主要负责人"),
        ("教育局副局长", "教育局分管领导"),
        ("教育局联络员", "教育局联络员"),
        ("吴一", "副区长"),
    ]
    matter = slow_matter_of(world)
    assert names_of_events(matter_id=matter.pk, name="bulletins.issued") == ["bulletins.issued"]
    [named] = named_in_bulletins(world.plan)
    assert (named.matter_id, named.number_year, named.number, named.section) == (
        matter.pk,
        2020,
        1,
        Section.CRITICISM,
    )
    assert len(named_in_bulletins(world.plan, sections=list(Section))) == 2
    assert [one.bulletin.pk for one in bulletins_naming(world.officer, matter)] == [bulletin.pk]
    with pytest.raises(WrongState):
        issue_bulletin(bulletin_of(), by=world.officer, now=CHECKED)


def test_issued_bulletin_is_kept_byte_for_byte(world):
    bulletin = issued(world)
    paper = bulletin_papers([bulletin])[bulletin.pk]
    assert (paper.number_text, paper.addressee) == ("《政务督查》2020年第1期", "全体单位和领导")
    with opened_paper(paper, Format.PDF) as kept:
        before = kept.read()
    world.plan.matters.update(title="改了", text="改了。")
    with opened_paper(paper, Format.PDF) as kept:
        assert kept.read() == before
    text = "".join(page.extract_text() for page in pdfplumber.open(BytesIO(before)).pages)
    for words in ("第1期", "总第1期", "改造校舍", "征迁", "9月底前完成交地", "按牵头单位", "未按时报送"):
        assert words in text.replace("\n", ""), words
    assert "草稿" not in text
    assert paper.data["bulletin"]["issue"] == 1


def test_draft_is_drawn_with_its_watermark_and_says_what_is_missing(world):
    bulletin = drafted(world)
    page = draft_page(bulletin)
    assert (page.watermark, page.head.issue) == ("草稿", "（印发时编号）")
    text = "".join(one.extract_text() for one in pdfplumber.open(BytesIO(to_pdf(page))).pages)
    assert "尚未写明" in text


def test_nothing_is_issued_that_was_not_approved(world):
    with pytest.raises(WrongState, match="批准以后才能印发"):
        issue_bulletin(presented(world), by=world.officer, now=CHECKED)
    assert named_in_bulletins(world.plan) == []


def test_numbers_have_no_gap_and_begin_anew_each_year(world):
    snapshot = half_year(world)
    numbers = []
    for day in ("2020-07-07", "2020-12-30", "2021-01-05"):
        one = drafted(world, snapshot, kind=BulletinKind.SPECIAL, proposes=False)
        show_to_units(one, by=world.officer, now=DRAFTED)
        present_bulletin(bulletin_of(pk=one.pk), by=world.officer, now=at(day))
        approve_bulletin(bulletin_of(pk=one.pk), by=signer(world, "director"), now=at(day))
        done = issue_bulletin(bulletin_of(pk=one.pk), by=world.officer, now=at(day))
        numbers.append((done.number_year, done.number, done.total_number))
    assert numbers == [(2020, 1, 1), (2020, 2, 2), (2021, 1, 3)]


def test_issued_to_named_readers_is_read_by_them_and_by_whom_it_cites(world):
    bulletin = approved(world)
    leader = world.post(None, "副区长", "吴一", kind="leader")
    with pytest.raises(Invalid, match="请选择印发给"):
        issue_bulletin(bulletin, audience=Audience.NAMED, by=world.officer, now=CHECKED)
    issued(world, bulletin, audience=Audience.NAMED, posts=[leader])
    assert sorted(BulletinReceipt.objects.values_list("person__name", flat=True)) == [
        "吴一",
        "教育局副局长",
        "教育局局长",
        "教育局联络员",
    ]
    assert bulletin_for(liaison(world), bulletin.pk).pk == bulletin.pk
    with pytest.raises(NotFound):
        bulletin_for(liaison(world, "交通局"), bulletin.pk)


def test_nobody_but_the_office_reads_it_before_it_is_issued_and_all_do_then(world):
    bulletin = approved(world)
    unit, other = liaison(world), liaison(world, "交通局")
    assert [list(bulletins_for(one)) for one in (unit, other)] == [[], []]
    assert list(bulletins_for(world.officer)) == [bulletin]
    issued(world, bulletin)
    assert [[one.pk for one in bulletins_for(each)] for each in (unit, other)] == [[bulletin.pk], [bulletin.pk]]


def test_reading_leaves_a_receipt_once(world):
    bulletin = issued(world)
    reader = liaison(world)
    read_bulletin(bulletin, by=reader, now=at("2020-07-08"))
    read_bulletin(bulletin, by=reader, now=at("2020-07-09"))
    receipt = BulletinReceipt.objects.get(person__name="教育局联络员")
    assert receipt.read_at == at("2020-07-08")
    assert names_of_events(name="bulletins.read") == ["bulletins.read"]
    with pytest.raises(NotFound):
        read_bulletin(bulletin, by=liaison(world, "交通局"), now=CHECKED)


def test_praised_once_is_not_proposed_again_and_only_later_reports_are_late(world):
    issued(world)
    later = drafted(world, snapshot_on(world, "2020-12-31"), now=at("2021-01-04"))
    assert later.since.day == date(2020, 6, 30)
    assert Citation.objects.filter(bulletin=later, section="praise").count() == 0
    one = entry(later, Section.LATE_REPORT)
    assert list(one.figures["late"]["days"]) == ["2020-12-20"]


def test_charts_show_the_last_snapshot_progress_by_field_and_the_units_with_lights(world):
    first = issued(world)
    assert [one.caption for one in bulletin_data(first).charts] == [
        "图1　在办事项平均进度与序时进度",
        "图2　有黄灯、红灯的单位亮灯情况",
    ]
    second = drafted(world, snapshot_on(world, "2020-12-31"), now=at("2021-01-04"))
    charts = bulletin_data(second).charts
    assert [one.caption for one in charts] == [
        "图1　亮灯情况与上次定格相比",
        "图2　在办事项平均进度与序时进度",
        "图3　有黄灯、红灯的单位亮灯情况",
    ]
    assert charts[0].words.startswith("6月30日：")
    assert "红灯1项" in charts[0].words.replace(" ", "")
    assert "100%" in charts[1].words


def test_issue_frozen_before_there_were_more_charts_is_drawn_as_it_was(world):
    bulletin = presented(world)
    bulletin.frozen = {name: one for name, one in bulletin.frozen.items() if name not in ("before", "progress")}
    assert [one.caption for one in bulletin_data(bulletin).charts] == ["图1　有黄灯、红灯的单位亮灯情况"]


def test_compared_snapshots_say_what_changed(world):
    slow_matter(world)
    march = snapshot_on(world, "2020-03-31")
    world.closed(text="新建农村公路20公里。", serial="2")
    june = snapshot_on(world, "2020-06-30")
    found = [(one.change, one.before.light if one.before else None, one.after.light) for one in compared(june, march)]
    assert found == [(Change.WORSE, "yellow", "red"), (Change.NEW, None, None)]
    with_names = [(str(one.matter), one.unit) for one in with_matters(compared(march, june))]
    assert with_names == [("第1项", "教育局"), ("第2项", "教育局")]


# ---- the morning


def test_snapshot_of_the_half_year_waits_on_the_morning_page_and_is_never_drafted_by_itself(world):
    snapshot = half_year(world)
    snapshot_on(world, "2020-07-31")
    found = morning_of(world.officer, [world.plan], today=date(2020, 8, 1))
    assert (found.snapshots, found.count, Bulletin.objects.count()) == ([snapshot], 1, 0)
    drafted(world, snapshot)
    assert awaiting_snapshots([world.plan], today=date(2020, 8, 1)) == []


def test_nothing_is_to_be_drafted_of_a_year_that_is_closed(world):
    half_year(world)
    world.plan.closed_at = CHECKED
    assert awaiting_snapshots([world.plan], today=date(2020, 8, 1)) == []


def test_morning_says_what_waits_for_whom(world):
    bulletin = shown(world)
    correction = correct_citation(entry(bulletin), text="不是这样。", by=liaison(world), now=at("2020-07-02"))
    on = {"today": date(2020, 7, 7)}
    assert [(one.pk, count) for one, count in morning_of(world.officer, [world.plan], **on).to_decide] == [
        (bulletin.pk, 1)
    ]
    decline_correction(correction, reason="与定格不符", by=world.officer, now=CHECKED)
    assert morning_of(world.officer, [world.plan], **on).to_present == [bulletin]
    presented(world, bulletin_of())
    assert morning_of(world.officer, [world.plan], **on).count == 0
    assert morning_of(signer(world, "director"), [world.plan], **on).to_approve == [bulletin]
    approved(world, bulletin_of())
    assert morning_of(world.officer, [world.plan], **on).to_issue == [bulletin]
    assert morning_of(liaison(world), [world.plan], **on).count == 0


def test_dropped_bulletin_takes_no_number(world):
    bulletin = approved(world)
    drop_bulletin(bulletin, reason="另行安排", by=world.officer, now=CHECKED)
    with pytest.raises(WrongState):
        drop_bulletin(bulletin_of(), reason="再次作罢", by=world.officer, now=CHECKED)
    assert (bulletin_of().number, bulletin_of().frozen) == (None, None)
