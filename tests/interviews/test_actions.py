"""What people do with interviews: each step, its refusals, the second call, the line in the trail."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pdfplumber
import pytest

from duban.audit.models import Event
from duban.bulletins.rules import BulletinKind
from duban.core.actor import Actor
from duban.core.actor import Held as HeldRole
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.evidence.examining import NewFile
from duban.interviews.actions import (
    Application,
    Checked,
    Demanded,
    Handed,
    OnPaper,
    Reapplication,
    accept_plan,
    apply_interview,
    approve_interview,
    arrange_interview,
    confirm_attendance,
    dismiss_proposal,
    edit_talk,
    hand_in,
    hold_interview,
    issue_minutes,
    issue_notice,
    postpone_interview,
    reapply_interview,
    recheck_interview,
    refuse_interview,
    return_paper,
    send_back_interview,
    withdraw_interview,
)
from duban.interviews.models import (
    DecisionScan,
    Demand,
    Dismissal,
    Interview,
    InterviewGround,
    Recheck,
    Rectification,
    TalkRecord,
)
from duban.interviews.queries import (
    Held,
    facts_of,
    interview_for,
    interview_papers,
    interviews_held,
    interviews_on,
    morning_of,
    proposals,
    talks_to_chair,
)
from duban.interviews.rules import FollowUp, GroundKind, Level, Paper, Result
from duban.letters.actions import answer_letter
from duban.letters.actions.answering import AnsweredMatter
from duban.letters.models import Letter
from duban.lights.actions import override_light
from duban.lights.rules import Light
from duban.matters.actions import Behalf
from duban.matters.models import Obligation
from duban.matters.queries import StoryFilter, matter_page, matter_story
from duban.matters.rules import Channel
from duban.orgs.models import Unit
from duban.outbox.models import Message
from duban.papers.models import IssuedPaper
from duban.papers.queries import opened_paper, papers_for
from duban.papers.rules import Format, PaperKind
from duban.visits.actions import overturn_finding
from duban.visits.rules import Result as VisitResult
from tests.bulletins.builders import approved as approved_bulletin
from tests.bulletins.builders import drafted, issued, presented, shown, snapshot_on
from tests.evidence.files import PDF
from tests.interviews.builders import (
    APPLIED,
    APPROVED,
    ARRANGEMENT,
    MINUTED,
    NOTIFIED,
    PLANNED,
    RECHECKED,
    REPORTED,
    TALK,
    TALKED,
    applied,
    approved,
    arranged,
    held,
    interview_of,
    leader_actor,
    leader_post,
    liaison,
    mayor_post,
    minuted,
    notified,
    plan_of,
    planned,
    rechecked,
    rectifying,
    red_twice,
    reported,
    set_policy,
)
from tests.letters.builders import at, letter_of, person_of, round_of, sent_out, signer, slow_matter, staff
from tests.matters.builders import names_of_events
from tests.visits.builders import confirmed, item_of

pytestmark = pytest.mark.django_db


def proposed(world, on="2020-07-01"):
    return proposals(plan_of(world), day=date.fromisoformat(on))


# ---- proposals from live data


def test_red_at_two_snapshots_is_proposed_until_it_is_red_no_more(world):
    matter = red_twice(world)
    [one] = proposed(world)
    assert (one.unit_id, one.level, one.reds) == (world.unit("教育局").pk, Level.FIRST, 1)
    assert [(each.kind, each.matter_id, each.since) for each in one.grounds] == [
        (GroundKind.RED, matter.pk, date(2020, 6, 30))
    ]
    override_light(matter, light=Light.YELLOW, reason="已补报进展，待核实。", by=world.office_head, now=APPLIED)
    assert proposed(world) == []


def test_letter_unanswered_is_proposed_until_it_is_answered(world):
    red_twice(world)
    round_of("2020-07-01")
    letter = sent_out(world, letter_of(kind="supervise"), on="2020-07-01")
    assert [one.kind for one in proposed(world, "2020-07-15")[0].grounds] == [GroundKind.RED]
    [one] = proposed(world, "2020-07-16")
    assert [(each.kind, each.since) for each in one.grounds] == [
        (GroundKind.RED, date(2020, 6, 30)),
        (GroundKind.UNANSWERED, date(2020, 7, 16)),
    ]
    assert one.grounds[1].figures == {
        "number": letter.number_text,
        "clock_on": "2020-07-01",
        "due_on": "2020-07-15",
    }
    lines = [AnsweredMatter(world.plan.matters.get().pk, "已经复工。")]
    answer_letter(Letter.objects.get(pk=letter.pk), lines=lines, by=liaison(world), now=at("2020-07-16"))
    assert [each.kind for each in proposed(world, "2020-07-16")[0].grounds] == [GroundKind.RED]


def test_named_in_two_issues_is_proposed(world):
    red_twice(world)
    snapshot = snapshot_on(world, "2020-07-31")
    for _ in range(2):
        made = drafted(world, snapshot, kind=BulletinKind.SPECIAL)
        issued(world, approved_bulletin(world, presented(world, shown(world, made))))
    [one] = proposed(world, "2020-08-03")
    assert [each.kind for each in one.grounds] == [GroundKind.RED, GroundKind.NAMED]
    assert one.grounds[1].figures["issues"] == ["2020-1", "2020-2"]


def test_untrue_at_a_verification_is_proposed_until_it_is_overturned(world):
    visit = confirmed(world, untrue=0)
    item = item_of(visit)
    [one] = proposed(world, "2021-01-15")
    assert (one.unit_id, one.level) == (world.unit("教育局").pk, Level.SECOND)
    assert [(each.kind, each.matter_id, each.since) for each in one.grounds if each.kind == "untrue"] == [
        (GroundKind.UNTRUE, item.matter_id, date(2021, 1, 14))
    ]
    told = {"by": world.office_head, "now": at("2021-01-20")}
    overturn_finding(item, result=VisitResult.TRUE, reason="复核现场已经建成。", **told)
    assert [each.kind for one in proposed(world, "2021-01-20") for each in one.grounds if each.kind == "untrue"] == []


def test_facts_cost_a_fixed_number_of_statements(world, django_assert_num_queries):
    red_twice(world)
    plan = plan_of(world)
    with django_assert_num_queries(5):
        facts_of(plan, day=date(2020, 7, 1))
    for serial in ("2", "3"):
        staff(world, f"单位{serial}")
        slow_matter(world, serial=serial, leads=(f"单位{serial}",))
    snapshot_on(world, "2020-07-31")
    with django_assert_num_queries(5):
        facts = facts_of(plan, day=date(2020, 8, 1))
    assert len(facts.red_now) == 3


def test_a_unit_that_is_invited_is_proposed_as_an_invitation(world):
    red_twice(world)
    Unit.objects.filter(name="教育局").update(unit_type="vertical")
    world.units.clear()
    world.units["教育局"] = Unit.objects.get(name="教育局")
    [one] = proposed(world)
    assert one.is_inviting
    interview = applied(world, level=Level.THIRD)
    assert (interview.is_inviting, interview.level, str(interview)) == (True, 1, "教育局商请面谈")


# ---- applying


def test_application_freezes_its_grounds_and_asks_the_leader(world):
    matter = red_twice(world)
    leader = leader_actor(leader_post())
    interview = applied(world)
    assert (interview.state, interview.level, interview.approver.title, interview.chair) == (
        "applied",
        1,
        "副区长",
        None,
    )
    [ground] = InterviewGround.objects.all()
    assert (ground.kind, ground.matter_id, ground.since, ground.words) == (
        "red",
        matter.pk,
        date(2020, 6, 30),
        "2020年5月31日、6月30日连续2次定格为红灯，至今仍为红灯。",
    )
    [message] = Message.objects.filter(kind="interview")
    assert (message.person_id, message.title) == (leader.person_id, "您有 1 项待办")
    event = Event.objects.get(name="interviews.applied")
    assert event.data["grounds"] == [ground.words]
    assert event.data["meant_for"]["post_ids"] == [interview.approver_id]
    assert proposed(world) == []


def test_second_application_on_the_same_grounds_is_refused(world):
    red_twice(world)
    keys = proposed(world)[0].keys
    applied(world)
    again = Application(world.unit("教育局"), Level.FIRST, "再次申请。", keys=keys)
    with pytest.raises(WrongState, match="已由他人提起"):
        apply_interview(plan_of(world), application=again, by=world.officer, now=APPLIED)
    assert Interview.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"keys": ()}, "grounds"),
        ({"keys": (), "words": "约"}, "words"),
        ({"level": Level.THIRD}, "approver"),  # nobody holds the post of the head of government
    ],
)
def test_what_is_wrong_with_an_application_is_said(world, changes, field):
    red_twice(world)
    with pytest.raises(Invalid) as wrong:
        applied(world, **changes)
    assert wrong.value.field == field
    assert InterviewGround.objects.count() == 0


def test_leader_may_ask_for_a_talk_the_rules_do_not_propose(world):
    staff(world)
    world.post(None, "副区长", "吴一", kind="leader")
    matter = world.assigned(serial="3")
    told = {"by": world.officer, "now": APPLIED}
    wish = Application(
        world.unit("教育局"), Level.FIRST, "区长批示约谈。", words="区长要求约谈", matter=matter, approver=leader_post()
    )
    interview = apply_interview(plan_of(world), application=wish, **told)
    assert [(one.kind, one.words) for one in interview.grounds.all()] == [("hand", "区长要求约谈。")]
    with pytest.raises(WrongState):
        apply_interview(plan_of(world), application=wish, **told)
    other = world.assigned(serial="4", leads=("交通局",))
    with pytest.raises(Invalid, match="不在第4项的责任单位中"):
        apply_interview(plan_of(world), application=replace(wish, matter=other), **told)


def test_levels_have_their_leaders(world):
    red_twice(world)
    mayor = mayor_post(world)
    with pytest.raises(Invalid, match="由政府主要领导批准"):
        applied(world, level=Level.SECOND, approver=leader_post())
    with pytest.raises(Invalid, match="由区领导约谈"):
        applied(world, level=Level.SECOND, chair=mayor)
    second = applied(world, level=Level.SECOND)
    assert (second.approver, second.chair) == (mayor, leader_post())


def test_nobody_but_the_office_applies_or_dismisses(world):
    red_twice(world)
    wish = Application(world.unit("教育局"), Level.FIRST, "进展滞后。", keys=proposed(world)[0].keys)
    for role in ("director", "government_head", "leader", "liaison"):
        with pytest.raises(NotAllowed):
            apply_interview(plan_of(world), application=wish, by=signer(world, role), now=APPLIED)
        with pytest.raises(NotAllowed):
            dismiss_proposal(
                plan_of(world),
                unit=wish.unit,
                keys=wish.keys,
                reason="不必约谈",
                by=signer(world, role),
                now=APPLIED,
            )
    assert (Interview.objects.count(), Dismissal.objects.count()) == (0, 0)


def test_dismissed_grounds_are_never_proposed_again(world):
    red_twice(world)
    keys, unit = proposed(world)[0].keys, world.unit("教育局")
    told = {"unit": unit, "keys": keys, "by": world.officer, "now": APPLIED}
    with pytest.raises(Invalid, match="理由"):
        dismiss_proposal(plan_of(world), reason="", **told)
    made = dismiss_proposal(plan_of(world), reason="已由分管区领导当面调度", **told)
    assert [one.dismissal_id for one in InterviewGround.objects.all()] == [made.pk]
    snapshot_on(world, "2020-07-31")
    assert proposed(world, "2020-08-01") == []
    with pytest.raises(WrongState, match="已由他人"):
        dismiss_proposal(plan_of(world), reason="再说一次", **told)
    data = Event.objects.get(name="interviews.dismissed").data
    assert (data["unit"], data["reason"]) == ("教育局", "已由分管区领导当面调度")


# ---- deciding


def test_leader_approves_own_application(world):
    red_twice(world)
    interview = approved(world)
    assert (interview.state, interview.approved_as, interview.approved_for_name) == ("approved", "leader", "吴一")
    with pytest.raises(WrongState):
        approve_interview(interview, by=leader_actor(leader_post()), now=APPROVED, seen=interview.version)


def test_secretary_enters_with_the_day_of_the_paper(world):
    red_twice(world)
    interview = applied(world)
    told = {"by": leader_actor(leader_post(), role="secretary"), "now": APPROVED, "seen": 1}
    with pytest.raises(Invalid, match="请填写批示日期"):
        approve_interview(interview, **told)
    with pytest.raises(Invalid, match="不能早于申请日期"):
        approve_interview(interview, paper=OnPaper(date(2020, 6, 30)), **told)
    approve_interview(interview, paper=OnPaper(date(2020, 7, 1)), opinion="同意。", **told)
    interview = interview_of()
    assert (interview.approved_as, interview.approved_by_name, interview.approved_for_name) == (
        "secretary",
        "秘书某",
        "吴一副区长",
    )
    assert (interview.approved_on, interview.opinion) == (date(2020, 7, 1), "同意。")


def test_office_enters_what_was_signed_on_paper_and_nobody_else_decides(world):
    red_twice(world)
    interview = applied(world)
    other = leader_actor(world.post(None, "另一位副区长", "吴二", kind="leader"))
    for actor in (other, signer(world, "director"), liaison(world)):
        with pytest.raises(NotAllowed):
            approve_interview(interview, by=actor, now=APPROVED, seen=1, paper=OnPaper(date(2020, 7, 1)))
    approve_interview(interview, by=world.officer, now=APPROVED, seen=1, paper=OnPaper(date(2020, 7, 2)))
    assert interview_of().approved_as == "office"


def test_refused_application_ends_and_is_not_proposed_again(world):
    red_twice(world)
    interview = applied(world)
    leader = leader_actor(leader_post())
    with pytest.raises(Invalid):
        refuse_interview(interview, reason="", by=leader, now=APPROVED, seen=1)
    refuse_interview(interview, reason="先由我召集调度会", by=leader, now=APPROVED, seen=1)
    assert (interview.state, interview.refused_by_name) == ("refused", "吴一")
    assert proposed(world) == []
    with pytest.raises(WrongState):
        approve_interview(interview, by=leader, now=APPROVED, seen=1)


def test_sent_back_application_is_mended_and_put_up_again(world):
    red_twice(world)
    mayor_post(world)
    interview = applied(world)
    leader = leader_actor(leader_post())
    send_back_interview(interview, reason="请提高一级", by=leader, now=APPROVED, seen=1)
    edit = Reapplication(Level.SECOND, "按领导意见提高一级。")
    with pytest.raises(WrongState):
        reapply_interview(interview, edit=edit, seen=9, by=world.officer, now=APPROVED)
    reapply_interview(interview, edit=edit, seen=1, by=world.officer, now=APPROVED)
    interview = interview_of()
    assert (interview.state, interview.level, interview.approver.title, interview.version) == (
        "applied",
        2,
        "区长",
        2,
    )
    with pytest.raises(WrongState):  # who read the first version does not approve the second
        approve_interview(interview, by=leader_actor(mayor_post(world)), now=APPROVED, seen=1)
    assert Event.objects.get(name="interviews.reapplied").data["before"]["level"] == 1


@pytest.fixture
def folder(settings, tmp_path):
    """Files of a test lie in a folder of their own."""
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


def kept_files(folder) -> list[str]:
    return [one.name for one in folder.rglob("*") if one.is_file()] if folder.exists() else []


def signed_paper(day: date) -> OnPaper:
    return OnPaper(day, NewFile("批示件.pdf", BytesIO(PDF)))


def test_paper_the_leader_signed_is_kept_with_the_decision(world, folder):
    red_twice(world)
    interview = applied(world)
    told = {"by": world.officer, "now": APPROVED}
    send_back_interview(
        interview, reason="请写明期限。", seen=interview.version, paper=signed_paper(date(2020, 7, 1)), **told
    )
    interview = interview_of(pk=interview.pk)
    reapply_interview(interview, edit=Reapplication(Level.FIRST, "期限一个月。"), seen=interview.version, **told)
    interview = interview_of(pk=interview.pk)
    approve_interview(interview, seen=interview.version, paper=signed_paper(date(2020, 7, 2)), **told)
    rows = DecisionScan.objects.order_by("number")
    assert [(one.number, one.decided_on, one.file_name, one.added_by_name) for one in rows] == [
        (1, date(2020, 7, 1), "批示件.pdf", world.officer.name),
        (2, date(2020, 7, 2), "批示件.pdf", world.officer.name),
    ]
    digest = rows[0].digest
    assert {one.digest for one in rows} == {digest}
    assert kept_files(folder) == [digest]
    assert Event.objects.get(name="interviews.approved").data["scan"] == rows[0].given_digest


def test_decision_that_is_refused_keeps_no_file(world, folder):
    red_twice(world)
    interview = applied(world)
    paper = signed_paper(date(2020, 7, 1))
    with pytest.raises(WrongState):
        approve_interview(interview, by=world.officer, now=APPROVED, seen=interview.version + 1, paper=paper)
    with pytest.raises(NotAllowed):
        approve_interview(interview, by=liaison(world), now=APPROVED, seen=interview.version, paper=paper)
    bad = OnPaper(date(2020, 7, 1), NewFile("批示件.exe", BytesIO(b"MZ")))
    with pytest.raises(Invalid):
        approve_interview(interview, by=world.officer, now=APPROVED, seen=interview.version, paper=bad)
    assert (DecisionScan.objects.count(), kept_files(folder), interview_of().state) == (0, [], "applied")


# ---- who is to chair


def test_talk_stands_before_who_chairs_it_until_its_day_is_over(world):
    red_twice(world)
    interview = arranged(world)
    director, head = signer(world, "director"), signer(world, "office_head")
    assert list(talks_to_chair(director, today=NOTIFIED.date())) == []
    notified(world, interview)
    for day, found in (("2020-07-03", 1), ("2020-07-08", 1), ("2020-07-09", 0)):
        assert len(talks_to_chair(director, today=date.fromisoformat(day))) == found
    elsewhere = Actor(name="外县主任", account_id=30, held=(HeldRole(role="director", jurisdiction_id=10**6),))
    for other in (elsewhere, head, signer(world, "deputy_director"), leader_actor(leader_post())):
        assert list(talks_to_chair(other, today=NOTIFIED.date())) == []


def test_leader_who_talks_and_the_secretary_see_the_talk(world):
    red_twice(world)
    mayor_post(world)
    notified(world, arranged(world, approved(world, applied(world, level=Level.SECOND))))
    for role in ("leader", "secretary"):
        assert len(talks_to_chair(leader_actor(leader_post(), role=role), today=NOTIFIED.date())) == 1
    assert list(talks_to_chair(signer(world, "director"), today=NOTIFIED.date())) == []
    assert list(talks_to_chair(leader_actor(mayor_post(world)), today=NOTIFIED.date())) == []


# ---- the notice


def test_notice_needs_a_plan_and_two_working_days(world):
    red_twice(world)
    interview = approved(world)
    with pytest.raises(Invalid, match="先定约谈方案"):
        issue_notice(interview, by=world.officer, now=NOTIFIED)
    soon = replace(ARRANGEMENT, starts_at=at("2020-07-06", 15))  # Monday; the notice goes out on Friday 3 July
    arrange_interview(interview, arrangement=soon, seen=interview.version, by=world.officer, now=APPROVED)
    with pytest.raises(Invalid, match="约谈不早于2020年7月7日"):
        issue_notice(interview, by=world.officer, now=NOTIFIED)
    on_the_day = replace(ARRANGEMENT, starts_at=at("2020-07-07", 9))
    arrange_interview(interview, arrangement=on_the_day, seen=interview.version, by=world.officer, now=APPROVED)
    issue_notice(interview, by=world.officer, now=NOTIFIED)
    assert interview_of().state == "notified"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"place": ""}, "place"),
        ({"chair_name": ""}, "chair_name"),
        ({"invited": " "}, "invited"),
        ({"basis": ""}, "basis"),
        ({"starts_at": APPROVED - timedelta(days=1)}, "starts_at"),
        ({"place": "长" * 61}, "place"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(world, changes, field):
    red_twice(world)
    interview = approved(world)
    with pytest.raises(Invalid) as wrong:
        arrange_interview(
            interview,
            arrangement=replace(ARRANGEMENT, **changes),
            seen=interview.version,
            by=world.officer,
            now=APPROVED,
        )
    assert wrong.value.field == field


def test_plan_seen_by_two_is_changed_by_the_first(world):
    red_twice(world)
    interview = approved(world)
    arrange_interview(interview, arrangement=ARRANGEMENT, seen=1, by=world.officer, now=APPROVED)
    with pytest.raises(WrongState):
        arrange_interview(interview, arrangement=ARRANGEMENT, seen=1, by=world.office_head, now=APPROVED)


def test_notice_is_numbered_frozen_and_told_to_unit_and_leader(world):
    matter = red_twice(world)
    leader_actor(leader_post())
    with pytest.raises(NotFound):
        interview_for(liaison(world), arranged(world).pk)
    interview = notified(world, interview_of())
    assert (interview.state, interview.number_text, interview.notified_on) == (
        "notified",
        "临江政督约〔2020〕1号",
        date(2020, 7, 3),
    )
    paper = interview_papers([interview], PaperKind.INTERVIEW)[interview.pk]
    with opened_paper(paper, Format.PDF) as kept, pdfplumber.open(BytesIO(kept.read())) as pdf:
        text = pdf.pages[0].extract_text()
    assert "约谈通知书" in text
    assert "临江政督约〔2020〕1号" in text
    assert "2020年7月8日（星期三）下午3时30分" in text
    assert "第1项“改造校舍1”：2020年5月31日、6月30日连续2次定格为红灯" in text.replace("\n", "")
    assert interview_for(liaison(world), interview.pk).pk == interview.pk
    people = {one.person.name for one in Message.objects.filter(kind="interview", text__contains="〔2020〕1号")}
    assert people == {"教育局局长", "教育局副局长", "教育局联络员", "吴一"}
    assert set(Message.objects.filter(kind="interview").values_list("title", flat=True)) == {"您有 1 项待办"}
    event = Event.objects.get(name="interviews.notified")
    assert (event.matter_id, event.data["chair"]) == (matter.pk, "区政府办公室主任梁伯庸")
    with pytest.raises(WrongState):
        issue_notice(interview, by=world.officer, now=NOTIFIED)
    assert IssuedPaper.objects.filter(kind="interview").count() == 1


def test_nothing_of_a_notice_stands_when_it_cannot_be_told(world, monkeypatch):
    red_twice(world)
    interview = arranged(world)

    def broken(*args, **more):
        raise RuntimeError("no disk")

    monkeypatch.setattr("duban.interviews.actions.holding.tell", broken)
    with pytest.raises(RuntimeError):
        issue_notice(interview, by=world.officer, now=NOTIFIED)
    interview = interview_of()
    assert (interview.state, interview.number, IssuedPaper.objects.count()) == ("approved", None, 0)
    monkeypatch.undo()
    assert issue_notice(interview, by=world.officer, now=NOTIFIED).number == 1


def test_talk_is_moved_and_everybody_told(world):
    red_twice(world)
    interview = notified(world)
    told = {"place": "三楼会议室", "by": world.officer, "now": NOTIFIED}
    with pytest.raises(Invalid):
        postpone_interview(interview, starts_at=at("2020-07-09", 9), reason="", **told)
    with pytest.raises(Invalid, match="现在之后"):
        postpone_interview(interview, starts_at=at("2020-07-02", 9), reason="防汛", **told)
    postpone_interview(interview, starts_at=at("2020-07-09", 9), reason="防汛值守", **told)
    assert interview_of().place == "三楼会议室"
    text = Message.objects.filter(kind="interview").order_by("-pk").first().text
    assert text == "临江政督约〔2020〕1号改期：2020年7月9日（星期四）上午9时，三楼会议室。防汛值守"


def test_unit_says_who_comes_and_may_say_so_anew(world):
    red_twice(world)
    interview = notified(world)
    confirm_attendance(interview, attending="副局长、科长", by=liaison(world), now=NOTIFIED)
    with pytest.raises(Invalid, match="不必代录"):
        confirm_attendance(
            interview, attending="科长", behalf=Behalf(Channel.TELEPHONE, "某人"), by=liaison(world), now=NOTIFIED
        )
    with pytest.raises(Invalid, match="写明方式"):
        confirm_attendance(interview, attending="科长", by=world.officer, now=NOTIFIED)
    told = Behalf(Channel.TELEPHONE, "教育局办公室")
    confirm_attendance(interview, attending="副局长一人", behalf=told, by=world.officer, now=NOTIFIED)
    interview = interview_of()
    assert (interview.attending, interview.confirmed_informant) == ("副局长一人", "教育局办公室")
    with pytest.raises(NotAllowed):
        confirm_attendance(interview, attending="别人", by=world.liaison("交通局"), now=NOTIFIED)
    with pytest.raises(WrongState):
        confirm_attendance(held(world, interview), attending="副局长", by=liaison(world), now=TALKED)


# ---- the talk and its minutes


def test_talk_is_recorded_and_the_unit_owes_plan_and_report(world):
    matter = red_twice(world)
    interview = held(world)
    owed = Obligation.objects.filter(subject_type="interview", state="open").order_by("due_on")
    assert [(one.kind, one.due_on, one.matter_id) for one in owed] == [
        ("rectify_plan", date(2020, 7, 22), None),
        ("rectified", date(2020, 8, 7), None),
    ]
    assert [one.words for one in Demand.objects.all()] == [one.words for one in TALK.demands]
    assert Event.objects.get(name="interviews.held").matter_id == matter.pk
    with pytest.raises(WrongState):
        hold_interview(interview, talk=TALK, by=world.officer, now=TALKED)
    assert interviews_held(plan_of(world), until=date(2020, 7, 7)) == []
    assert interviews_held(plan_of(world), until=date(2020, 7, 8)) == [
        Held(interview.pk, interview.unit_id, date(2020, 7, 8), Level.FIRST, (matter.pk,))
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"held_on": date(2020, 7, 2)}, "held_on"),
        ({"held_on": date(2020, 7, 9)}, "held_on"),
        ({"reasons": ""}, "reasons"),
        ({"explanation": ""}, "explanation"),
        ({"undertaking": ""}, "undertaking"),
        ({"present": ""}, "present"),
        ({"recorder": ""}, "recorder"),
        ({"demands": ()}, "demand-0"),
        ({"demands": (Demanded("抓紧", ""),)}, "demand-unit-0"),
        ({"demands": (Demanded("抓紧办理", "教育局", date(2020, 7, 7)),)}, "demand-due-0"),
    ],
)
def test_what_is_wrong_with_a_record_is_said(world, changes, field):
    red_twice(world)
    interview = notified(world)
    with pytest.raises(Invalid) as wrong:
        hold_interview(interview, talk=replace(TALK, **changes), by=world.officer, now=TALKED)
    assert wrong.value.field == field
    assert (interview_of().state, TalkRecord.objects.count(), Obligation.objects.filter(kind="rectified").count()) == (
        "notified",
        0,
        0,
    )


def test_record_may_be_mended_until_the_minutes_are_out(world):
    red_twice(world)
    interview = held(world)
    other = replace(TALK, explanation="补偿协议已谈拢三户。", demands=TALK.demands[:1])
    edit_talk(interview, talk=other, seen=interview.version, by=world.officer, now=TALKED)
    assert TalkRecord.objects.get().explanation == "补偿协议已谈拢三户。"
    assert Demand.objects.count() == 1
    data = Event.objects.get(name="interviews.talk_edited").data
    assert set(data["after"]) == {"explanation", "demands"}
    with pytest.raises(WrongState):
        edit_talk(interview, talk=other, seen=1, by=world.officer, now=TALKED)
    interview = minuted(world, interview_of())
    with pytest.raises(WrongState):
        edit_talk(interview, talk=TALK, seen=interview.version, by=world.officer, now=MINUTED)


def test_minutes_are_numbered_and_frozen_once(world):
    red_twice(world)
    interview = minuted(world)
    assert (interview.state, interview.minutes_number, interview.minutes_on) == ("held", 1, date(2020, 7, 10))
    paper = interview_papers([interview], PaperKind.MINUTES)[interview.pk]
    with opened_paper(paper, Format.PDF) as kept, pdfplumber.open(BytesIO(kept.read())) as pdf:
        text = "".join(page.extract_text() for page in pdf.pages).replace("\n", "")
    assert "报送整改方案，逐项明确责任人和完成时间" in text
    assert "教育局表示每两周调度一次" in text
    with pytest.raises(WrongState):
        issue_minutes(interview, by=world.officer, now=MINUTED)
    with pytest.raises(WrongState):
        withdraw_interview(interview, reason="不谈了", by=world.officer, now=MINUTED)


def test_minutes_may_come_after_the_plan(world):
    red_twice(world)
    interview = planned(world, held(world))
    assert interview.state == "planned"
    assert minuted(world, interview).state == "planned"


# ---- rectification


def test_plan_is_returned_with_a_reason_and_owed_anew(world):
    red_twice(world)
    interview = planned(world)
    told = {"by": world.officer, "now": PLANNED}
    with pytest.raises(Invalid):
        return_paper(interview, paper=Paper.PLAN, reason="", **told)
    return_paper(interview, paper=Paper.PLAN, reason="没有写明责任人", **told)
    owed = Obligation.objects.get(kind="rectify_plan", state="open")
    assert owed.due_on == date(2020, 7, 29)  # ten working days from Wednesday 15 July
    assert Rectification.objects.get().returned_reason == "没有写明责任人"
    with pytest.raises(WrongState):
        accept_plan(interview, **told)
    again = planned(world, interview_of(), now=at("2020-07-20"))
    accept_plan(again, by=world.officer, now=at("2020-07-21"))
    assert [(one.number, bool(one.accepted_at)) for one in Rectification.objects.order_by("number")] == [
        (1, False),
        (2, True),
    ]
    assert Obligation.objects.filter(kind="rectify_plan", state="met").count() == 2


def test_unit_hands_in_only_what_is_asked_for(world):
    red_twice(world)
    interview = minuted(world)
    with pytest.raises(WrongState, match="不需要报送整改报告"):
        hand_in(interview, handed=Handed(Paper.REPORT, "已经完成。"), by=liaison(world), now=PLANNED)
    with pytest.raises(Invalid):
        hand_in(interview, handed=Handed(Paper.PLAN, " "), by=liaison(world), now=PLANNED)
    with pytest.raises(NotAllowed):
        hand_in(interview, handed=Handed(Paper.PLAN, "方案。"), by=world.liaison("交通局"), now=PLANNED)


def test_office_enters_what_came_on_paper_with_its_day(world):
    red_twice(world)
    interview = minuted(world)
    on_paper = Behalf(Channel.PAPER, "教育局办公室")
    handed = Handed(Paper.PLAN, "分三步推进。", date(2020, 7, 14))
    with pytest.raises(Invalid, match="报送日期"):
        late = replace(handed, on=date(2020, 7, 16))
        hand_in(interview, handed=late, behalf=on_paper, by=world.officer, now=PLANNED)
    with pytest.raises(Invalid, match="请填写报送日期"):
        hand_in(interview, handed=replace(handed, on=None), behalf=on_paper, by=world.officer, now=PLANNED)
    with pytest.raises(Invalid, match="不能早于约谈日期（2020年7月8日）"):
        early = replace(handed, on=date(2020, 7, 7))
        hand_in(interview, handed=early, behalf=on_paper, by=world.officer, now=PLANNED)
    hand_in(interview, handed=handed, behalf=on_paper, by=world.officer, now=PLANNED)
    row = Rectification.objects.get()
    assert (row.handed_on, row.informant) == (date(2020, 7, 14), "教育局办公室")
    assert Obligation.objects.get(kind="rectify_plan").met_on == date(2020, 7, 14)
    assert Obligation.objects.get(kind="rectified").state == "open"


def test_report_is_returned_and_handed_in_again(world):
    red_twice(world)
    interview = reported(world)
    return_paper(interview, paper=Paper.REPORT, reason="没有附完成情况", by=world.officer, now=REPORTED)
    assert interview_of().state == "rectifying"
    assert Obligation.objects.get(kind="rectified", state="open").due_on == date(2020, 8, 19)


# ---- the re-check


def test_recheck_that_finds_it_done_settles_the_interview(world):
    matter = red_twice(world)
    interview = rechecked(world)
    assert (interview.state, interview.outcome, interview.settled_on) == ("settled", "met", date(2020, 8, 12))
    assert Rectification.objects.get(paper="report").accepted_at is not None
    assert Obligation.objects.filter(subject_type="interview", state="open").count() == 0
    assert names_of_events(matter_id=matter.pk, name__startswith="interviews.") == [
        "interviews.notified",
        "interviews.held",
        "interviews.minutes_issued",
        "interviews.plan_given",
        "interviews.plan_accepted",
        "interviews.rectified",
        "interviews.rechecked",
    ]
    with pytest.raises(WrongState):
        rechecked(world, interview)
    assert proposed(world, "2020-08-12") == []


def test_recheck_not_met_goes_on_rectifying(world):
    red_twice(world)
    interview = reported(world)
    with pytest.raises(Invalid) as wrong:
        rechecked(world, interview, result=Result.NOT_MET)
    assert wrong.value.field == "follow_up"
    interview = rechecked(world, interview, result=Result.NOT_MET, follow_up=FollowUp.RECTIFY)
    assert (interview.state, interview.outcome) == ("rectifying", "")
    assert Obligation.objects.get(kind="rectified", state="open").due_on == date(2020, 9, 11)
    again = rechecked(world, reported(world, interview, now=at("2020-09-01")), now=at("2020-09-03"))
    assert (again.outcome, Recheck.objects.count()) == ("met", 2)


def test_recheck_not_met_may_propose_the_next_level(world):
    matter = red_twice(world)
    interview = rechecked(world, result=Result.NOT_MET, follow_up=FollowUp.RAISE)
    assert (interview.state, interview.outcome) == ("settled", "raised")
    [one] = proposed(world, "2020-08-12")
    assert (one.level, [each.matter_id for each in one.grounds]) == (Level.SECOND, [matter.pk])
    mayor_post(world)
    second = applied(world, level=Level.SECOND, now=at("2020-08-13"))
    assert [each.kind for each in second.grounds.all()] == ["unmet"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"findings": ""}, "findings"),
        ({"checked_by": ""}, "checked_by"),
        ({"on": date(2020, 7, 7)}, "checked_on"),
        ({"on": date(2020, 8, 13)}, "checked_on"),
    ],
)
def test_what_is_wrong_with_a_recheck_is_said(world, changes, field):
    red_twice(world)
    with pytest.raises(Invalid) as wrong:
        rechecked(world, **changes)
    assert wrong.value.field == field
    assert Recheck.objects.count() == 0


def test_the_highest_level_is_not_raised_and_minutes_come_first(world):
    red_twice(world)
    interview = reported(world)
    Interview.objects.update(level=3)
    interview.refresh_from_db()
    told = {"by": world.officer, "now": RECHECKED}
    checked = Checked(RECHECKED.date(), "督查员甲", "未动工。", Result.NOT_MET, FollowUp.RAISE)
    with pytest.raises(Invalid, match="最高一级"):
        recheck_interview(interview, checked=checked, **told)
    Interview.objects.update(minutes_on=None, minutes_at=None, minutes_number=None)
    with pytest.raises(WrongState, match="先印发纪要"):
        recheck_interview(interview_of(), checked=replace(checked, result=Result.MET), **told)


# ---- withdrawn, and who sees what


def test_withdrawn_before_the_talk_with_a_reason(world):
    red_twice(world)
    interview = notified(world)
    with pytest.raises(Invalid):
        withdraw_interview(interview, reason=" ", by=world.officer, now=NOTIFIED)
    withdraw_interview(interview, reason="单位已按要求整改", by=world.officer, now=NOTIFIED)
    assert interview.state == "withdrawn"
    assert Message.objects.filter(text__contains="已撤回：单位已按要求整改").count() == 4
    assert proposed(world) == []
    with pytest.raises(WrongState):
        hold_interview(interview, talk=TALK, by=world.officer, now=TALKED)


def test_withdrawn_before_the_notice_stays_between_office_and_leader(world):
    matter = red_twice(world)
    interview = withdraw_interview(approved(world), reason="情况已变化", by=world.officer, now=APPROVED)
    with pytest.raises(NotFound):
        interview_for(liaison(world), interview.pk)
    assert Event.objects.get(name="interviews.withdrawn").matter_id is None
    assert matter_story(liaison(world), matter, chosen=StoryFilter()).filter(name__startswith="interviews").count() == 0


def test_interview_is_seen_by_its_own_people_alone(world):
    matter = red_twice(world)
    other_leader = leader_actor(world.post(None, "另一位副区长", "吴二", kind="leader"))
    matter.overseers.create(post=world.post(None, "联系领导", "吴三", kind="leader"), order=5)
    overseer = leader_actor(matter.overseers.get(order=5).post)
    interview = minuted(world)
    unit_head = person_of(
        world, world.unit("教育局").posts.get(kind="unit_head").appointments.get().person, role="unit_head"
    )
    for actor in (world.officer, signer(world, "director"), leader_actor(leader_post()), liaison(world), unit_head):
        assert interview_for(actor, interview.pk).pk == interview.pk
        assert [one.pk for one in interviews_on(actor, matter)] == [interview.pk]
    for actor in (
        other_leader,
        overseer,
        world.liaison("交通局"),
        person_of(world, unit_head_person(world), role="responsible"),
    ):
        with pytest.raises(NotFound):
            interview_for(actor, interview.pk)
        assert not papers_for(actor).filter(kind__in=["interview", "minutes"]).exists()
    names = [one.name for one in matter_story(overseer, matter, chosen=StoryFilter())]
    assert [one for one in names if one.startswith("interviews.")] == []
    assert "interviews.held" in [one.name for one in matter_story(liaison(world), matter, chosen=StoryFilter())]
    assert "interviews.held" in [one.name for one in matter_page(world.officer, matter.pk, today=MINUTED.date()).events]


def unit_head_person(world):
    return world.unit("教育局").posts.get(kind="unit_head").appointments.get().person


def test_morning_says_what_waits(world):
    red_twice(world)
    plans = [plan_of(world)]
    found = morning_of(plans, today=date(2020, 7, 1))
    assert [(plan.pk, count) for plan, count in found.proposed] == [(world.plan.pk, 1)]
    interview = approved(world)
    assert [one.pk for one in morning_of(plans, today=APPROVED.date()).to_notify] == [interview.pk]
    interview = notified(world, arranged(world, interview))
    assert morning_of(plans, today=date(2020, 7, 7)).to_hold == []
    assert [one.pk for one in morning_of(plans, today=date(2020, 7, 8)).to_hold] == [interview.pk]
    interview = planned(world, held(world, interview))
    found = morning_of(plans, today=PLANNED.date())
    assert ([one.pk for one in found.to_minute], [one.pk for one in found.to_read]) == ([interview.pk], [interview.pk])
    interview = reported(world, rectifying(world, minuted(world, interview)))
    assert [one.pk for one in morning_of(plans, today=REPORTED.date()).to_recheck] == [interview.pk]


def test_policy_sets_the_days(world):
    set_policy(world, plan_workdays=5, report_days=20, notice_workdays=0)
    red_twice(world)
    held(world)
    owed = Obligation.objects.filter(subject_type="interview").order_by("due_on").values_list("due_on", flat=True)
    assert list(owed) == [date(2020, 7, 15), date(2020, 7, 28)]


def test_system_actor_takes_no_step_by_itself(world):
    """No job applies or approves: the actions ask for a person's role, and the schedule names none of them."""
    from duban.worker.schedule import SCHEDULE

    assert [one for one in SCHEDULE if "约谈" in one.label] == []
    red_twice(world)
    interview = applied(world)
    nobody = Actor(name="无权", held=(HeldRole(role="responsible", jurisdiction_id=world.county.pk),))
    with pytest.raises(NotAllowed):
        approve_interview(interview, by=nobody, now=APPROVED, seen=1)
