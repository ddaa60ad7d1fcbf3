"""An objection from its writing to its decision; who is refused; what the decision changes; the paper."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from duban.audit.models import Event
from duban.bulletins.actions import withdraw_citation
from duban.bulletins.models import Citation
from duban.bulletins.queries import bulletin_papers, named_in_bulletins
from duban.core.actor import SYSTEM, Actor, Held
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.evidence.examining import NewPaper
from duban.evidence.models import Evidence
from duban.lights.models import Override
from duban.matters.actions import Behalf
from duban.matters.models import Matter
from duban.matters.rules import Channel, Light
from duban.objections.actions import (
    Recused,
    Ruling,
    Words,
    accept_objection,
    appoint_reviewer,
    decide_objection,
    decline_objection,
    edit_objection,
    file_objection,
    send_back_objection,
    sign_objection,
    withdraw_objection,
)
from duban.objections.models import Objection
from duban.objections.queries import (
    conclusion_on_light,
    conclusions_open_to,
    objection_for,
    panel_of,
    review_papers,
)
from duban.objections.rules import Declining, Outcome
from duban.outbox.models import Message
from tests.bulletins.builders import entry
from tests.letters.builders import at, slow_matter
from tests.matters.builders import names_of_events
from tests.objections.builders import (
    FILED,
    TOLD,
    WORDS,
    accepted,
    citation,
    filed,
    issued,
    joined,
    light,
    objection_of,
    overridden,
)

DECIDED = at("2020-08-03")
PAPER = Behalf(Channel.PAPER, "王一")


def upheld(**more) -> Ruling:
    return Ruling(Outcome.UPHELD, "经查，6月20日已具备进场条件，通报所列原因不实。", **more)


def decided(office, one, ruling=None, *, who="deputy", now=DECIDED) -> Objection:
    decide_objection(one, ruling=ruling or upheld(), by=office[who], now=now)
    return objection_of(pk=one.pk)


# ---- filing


def test_what_the_liaison_writes_waits_for_the_units_signature_and_stays_in_the_unit(office):
    one = filed(office, by="liaison")
    assert (one.state, one.filed_on, one.decide_by) == ("written", None, None)
    with pytest.raises(NotFound):
        objection_for(office["officer"], one.pk)
    told = Message.objects.filter(kind="objection").values_list("person__name", flat=True)
    assert set(told) == {"教育局局长", "教育局副局长"}
    sign_objection(one, seen=1, by=office.of_unit("deputy"), now=at("2020-07-22"))
    assert (one.state, one.filed_on, one.decide_by) == ("filed", date(2020, 7, 22), date(2020, 8, 21))
    assert objection_for(office["officer"], one.pk) == one
    assert names_of_events(subject_type="objection") == ["objections.written", "objections.filed"]


def test_head_files_at_once_with_the_days_told_and_due(office):
    one = filed(office)
    assert (one.state, one.told_on, one.last_on) == ("filed", TOLD, date(2020, 8, 6))
    assert (one.filed_on, one.decide_by) == (date(2020, 7, 20), date(2020, 8, 19))
    assert one.about == "《政务督查》2020年第1期对第1项“改造校舍1”的通报"


def test_last_day_is_in_time_and_the_next_is_refused_in_words(office):
    conclusion = citation(office)
    with pytest.raises(WrongState, match="期限到2020年8月6日为止，已经超过"):
        filed(office, conclusion, now=at("2020-08-07"))
    assert not Objection.objects.exists()
    assert filed(office, conclusion, now=at("2020-08-06")).state == "filed"


def test_a_signature_that_comes_too_late_is_refused_though_it_was_written_in_time(office):
    one = filed(office, by="liaison")
    with pytest.raises(WrongState, match="已经超过"):
        sign_objection(one, seen=1, by=office.of_unit("head"), now=at("2020-08-07"))
    assert objection_of().state == "written"


def test_same_conclusion_is_reviewed_once_but_anew_after_it_was_withdrawn(office):
    conclusion = citation(office)
    one = filed(office, conclusion)
    with pytest.raises(WrongState, match="同一结论只复核一次"):
        filed(office, conclusion)
    withdraw_objection(one, by=office.of_unit("liaison"), now=FILED)
    assert filed(office, conclusion).state == "filed"


def test_office_enters_a_paper_with_its_own_day_and_how_it_came(office):
    conclusion = citation(office)
    told = {"by": office["officer"], "filed_on": date(2020, 7, 15)}
    with pytest.raises(Invalid, match="请写明方式"):
        filed(office, conclusion, **told)
    one = filed(office, conclusion, behalf=PAPER, **told)
    assert (one.filed_on, one.decide_by, one.informant) == (date(2020, 7, 15), date(2020, 8, 14), "王一")


@pytest.mark.parametrize(("on", "words"), [(date(2020, 7, 21), "不能晚于今天"), (date(2020, 7, 6), "不能早于告知")])
def test_a_paper_of_an_impossible_day_is_refused(office, on, words):
    with pytest.raises(Invalid, match=words):
        filed(office, by=office["officer"], behalf=PAPER, filed_on=on)


def test_who_does_not_act_for_the_unit_files_nothing(office):
    conclusion = citation(office)
    for actor in (office["director"], office["leader"], office.world.liaison("交通局")):
        with pytest.raises(NotAllowed):
            file_objection(conclusion, words=WORDS, by=actor, now=FILED)


def test_wording_is_changed_under_the_version_seen_and_given_back_with_a_reason(office):
    one = filed(office, by="liaison")
    send_back_objection(one, reason="补写征迁的日期", by=office.of_unit("head"), now=FILED)
    assert (one.sent_back_reason, one.version) == ("补写征迁的日期", 2)
    with pytest.raises(Conflict):
        edit_objection(one, words=WORDS, seen=1, by=office.of_unit("liaison"), now=FILED)
    new = Words("征迁6月18日已完成。", "撤回这一条通报。")
    edit_objection(one, words=new, seen=2, by=office.of_unit("liaison"), now=FILED)
    assert (one.grounds, one.sent_back_reason, one.version) == ("征迁6月18日已完成。", "", 3)
    with pytest.raises(WrongState):
        sign_objection(one, seen=2, by=office.of_unit("head"), now=FILED)
    with pytest.raises(NotFound):
        edit_objection(one, words=new, seen=3, by=office["officer"], now=FILED)


def test_evidence_goes_to_the_matter_with_the_objection_as_its_subject(office):
    filed(office, evidence=[NewPaper(title="交地确认书", place="教育局办公室")])
    kept = Evidence.objects.get()
    assert (kept.subject_type, kept.subject_id, kept.matter_id) == (
        "objection",
        objection_of().pk,
        objection_of().matter_id,
    )


def test_a_refused_objection_leaves_no_evidence(office):
    with pytest.raises(Invalid):
        filed(office, words=Words("", ""), evidence=[NewPaper(title="交地确认书", place="教育局办公室")])
    assert not Evidence.objects.exists()
    assert not Objection.objects.exists()


def test_only_a_yellow_or_red_light_of_the_unit_is_objected_to(office):
    green = slow_matter(office.world, serial="8")
    with pytest.raises(NotFound, match="没有可以申请复核的灯色"):
        conclusion_on_light(joined(green), unit=office.world.unit("教育局"))
    with pytest.raises(NotFound, match="不在第7项的责任单位中"):
        conclusion_on_light(overridden(office), unit=office.world.unit("交通局"))


def test_conclusions_open_to_a_unit_end_soonest_first_and_leave_out_what_is_over(office):
    issued(office)
    found = conclusions_open_to([office.world.unit("教育局").pk], today=date(2020, 7, 20))
    assert [(one.target.value, one.last_on) for one in found] == [
        ("citation", date(2020, 8, 6)),
        ("citation", date(2020, 8, 6)),
    ]
    filed(office, found[0])
    assert len(conclusions_open_to([office.world.unit("教育局").pk], today=date(2020, 7, 20))) == 1
    assert conclusions_open_to([office.world.unit("教育局").pk], today=date(2020, 8, 7)) == []


# ---- accepting


def test_accepting_tells_the_unit_and_says_nothing_of_who_is_right(office):
    one = accepted(office)
    assert (one.state, one.accepted_by_name, one.outcome) == ("accepted", "officer甲", "")
    assert Message.objects.filter(kind="objection", text__contains="已受理").count() == 3


def test_a_late_paper_can_only_be_declined_and_only_by_who_took_no_part(office):
    conclusion = citation(office)
    one = filed(office, conclusion, by=office["second"], now=at("2020-08-10"), behalf=PAPER, filed_on=date(2020, 8, 7))
    with pytest.raises(WrongState, match="只能不予受理"):
        accept_objection(one, by=office["officer"], now=at("2020-08-11"))
    told = {"declined_as": Declining.OUT_OF_TIME, "reason": "8月6日为最后一日。", "now": at("2020-08-11")}
    with pytest.raises(Recused, match="拟办通报"):
        decline_objection(one, by=office["officer"], **told)
    decline_objection(one, by=office["deputy"], **told)
    assert (one.state, one.declined_as) == ("declined", "out_of_time")
    with pytest.raises(WrongState):
        decline_objection(one, by=office["deputy"], **told)


def test_what_came_in_time_is_not_declined_for_its_day(office):
    with pytest.raises(Invalid, match="在期限之内"):
        decline_objection(
            filed(office), declined_as=Declining.OUT_OF_TIME, reason="太晚了", by=office["deputy"], now=FILED
        )


# ---- recusal


TOOK_PART = {
    "officer": "拟办通报",
    "director": "批准通报",
    "mayor": "批准通报",
}


@pytest.mark.parametrize("who", TOOK_PART)
def test_who_took_part_in_the_bulletin_is_refused_whatever_the_role(office, who):
    one = accepted(office)
    with pytest.raises(Recused, match=TOOK_PART[who]):
        decided(office, one, who=who)
    assert objection_of().state == "accepted"
    assert Citation.objects.filter(withdrawn_at__isnull=False).count() == 0
    assert "objections.decided" not in names_of_events()


def test_a_person_of_the_unit_and_the_system_are_refused(office):
    one = accepted(office)
    of_unit = Actor(
        name="兼职",
        account_id=900,
        held=(
            Held(role="deputy_director", jurisdiction_id=office.world.county.pk),
            Held(role="liaison", jurisdiction_id=office.world.county.pk, unit_ids=frozenset({one.unit_id})),
        ),
    )
    for actor in (of_unit, SYSTEM):
        with pytest.raises(Recused):
            decide_objection(one, ruling=upheld(), by=actor, now=DECIDED)


def test_who_entered_the_paper_for_the_unit_does_not_decide_it(office):
    one = filed(office, by=office["office_head"], behalf=PAPER)
    accept_objection(one, by=office["officer"], now=FILED)
    with pytest.raises(Recused, match="申请复核"):
        decided(office, one, who="office_head")


def test_an_edit_of_another_entry_recuses_nobody_from_this_one(office):
    one = accepted(office)
    others = Citation.objects.filter(bulletin=one.citation.bulletin).exclude(pk=one.citation_id)
    assert others.exists()
    edited = Event.objects.filter(name="bulletins.citation_edited").values_list("data__matter", flat=True)
    assert set(edited) == {str(each) for each in Citation.objects.all() if each.cause}
    found = dict(panel_of(one, on=DECIDED.date()).recused)
    assert found["officer甲"].count("修改通报条目") == 1


def test_panel_names_who_stands_aside_with_why_and_who_is_left(office):
    panel = panel_of(accepted(office), on=DECIDED.date())
    assert dict(panel.recused)["director甲"] == "批准通报"
    assert [one.name for one in panel.usual] == ["office_head甲", "deputy甲"]
    assert [one.name for one in panel.nameable] == ["second甲", "leader甲"]
    assert not panel.is_nobody_left


def test_officer_and_leader_decide_only_when_named_and_then_nobody_else(office):
    one = accepted(office)
    for who in ("second", "leader"):
        with pytest.raises(NotAllowed, match="须经指定"):
            decided(office, one, who=who)
    told = {"reason": "主任另有任务。", "now": DECIDED}
    with pytest.raises(Recused):
        appoint_reviewer(one, reviewer=office.accounts["leader"], by=office["director"], **told)
    with pytest.raises(NotAllowed):
        appoint_reviewer(one, reviewer=office.accounts["leader"], by=office["deputy"], **told)
    with pytest.raises(Invalid, match="参与过此事"):
        appoint_reviewer(one, reviewer=office.accounts["officer"], by=office["mayor"], **told)
    appoint_reviewer(one, reviewer=office.accounts["leader"], by=office["mayor"], **told)
    assert Message.objects.get(account=office.accounts["leader"]).link == f"/objections/{one.pk}/"
    one = objection_of()
    with pytest.raises(NotAllowed, match="已经指定"):
        decided(office, one, who="deputy")
    one = decided(office, one, who="leader")
    assert (one.decided_by_name, one.reviewer_name, one.appointed_by_name) == ("leader甲", "leader甲", "mayor甲")


# ---- deciding


def test_upheld_citation_is_withdrawn_and_named_no_more_while_its_paper_stays(office):
    one = accepted(office)
    bulletin = one.citation.bulletin
    paper = bulletin_papers([bulletin])[bulletin.pk]
    assert [each.matter_id for each in named_in_bulletins(one.plan)] == [one.matter_id]
    one = decided(office, one)
    assert (one.state, one.outcome, one.number_text) == ("decided", "upheld", "临江政督复〔2020〕1号")
    entry_ = Citation.objects.get(pk=one.citation_id)
    assert (entry_.withdrawn_by_name, entry_.withdrawn_reason) == ("deputy甲", "复核支持申请（临江政督复〔2020〕1号）")
    assert named_in_bulletins(one.plan) == []
    after = bulletin_papers([bulletin])[bulletin.pk]
    assert (after.pdf_digest, after.version) == (paper.pdf_digest, 1)
    assert names_of_events()[-3:] == ["bulletins.citation_withdrawn", "objections.decided", "papers.issued"]


def test_decision_is_frozen_and_says_who_stood_aside(office):
    one = decided(office, accepted(office))
    paper = review_papers([one])[one.pk]
    assert (paper.kind, paper.number_text) == ("review", "临江政督复〔2020〕1号")
    assert list(paper.units.all()) == [one.unit]
    assert "参与原结论的人员回避：officer甲（拟办通报" in paper.data["recusal"]
    assert paper.data["recusal"].endswith("本次复核由deputy甲决定")
    assert paper.data["decision"][0] == "支持申请。"


def test_partly_upheld_citation_stays_with_what_is_put_right(office):
    one = accepted(office)
    ruling = Ruling(Outcome.PARTLY, "进度属实，原因有出入。")
    with pytest.raises(Invalid, match="更正的内容"):
        decided(office, one, ruling)
    one = decided(office, one, replace(ruling, correction="原因应为用地。"))
    assert one.remedy == "这一条通报保留，更正如下：原因应为用地。"
    assert Citation.objects.get(pk=one.citation_id).withdrawn_at is None
    assert len(named_in_bulletins(one.plan)) == 1


def test_rejected_changes_nothing_but_is_decided_with_reasons(office):
    one = accepted(office)
    with pytest.raises(Invalid, match="决定的理由"):
        decided(office, one, Ruling(Outcome.REJECTED, " "))
    one = decided(office, one, Ruling(Outcome.REJECTED, "进度、原因均属实。"))
    assert (one.outcome, one.remedy) == ("rejected", "原结论不变。")
    assert Citation.objects.get(pk=one.citation_id).withdrawn_at is None


def test_override_put_by_the_head_is_lifted_by_a_review_he_does_not_decide(office):
    one = accepted(office, light(office))
    assert (one.light, one.told_on) == ("red", date(2020, 7, 10))
    with pytest.raises(Recused, match="改判灯色"):
        decided(office, one, upheld(light=Light.YELLOW), who="office_head")
    decided(office, one, upheld(light=Light.YELLOW), who="director")
    matter = Matter.objects.get(pk=one.matter_id)
    assert (matter.light, matter.light_override) == ("yellow", "")
    assert Override.objects.get().ended_reason == "复核决定（临江政督复〔2020〕1号）"


def test_upheld_light_is_put_better_by_a_new_override(office):
    one = accepted(office, light(office))
    decided(office, one, upheld(light=Light.GREEN), who="director")
    assert Matter.objects.get(pk=one.matter_id).light_override == "green"
    assert [each.light for each in Override.objects.order_by("pk")] == ["red", "green"]


@pytest.mark.parametrize(
    ("ruling", "words"),
    [
        (upheld(), "请选择复核后显示哪种灯"),
        (upheld(light=Light.RED), "应当改为更好的灯"),
        (Ruling(Outcome.PARTLY, "部分属实。", light=Light.GREEN), "改为绿灯就是支持申请"),
    ],
)
def test_a_light_is_put_better_or_the_decision_is_refused(office, ruling, words):
    one = accepted(office, light(office))
    with pytest.raises(Invalid, match=words):
        decided(office, one, ruling, who="director")
    assert objection_of().state == "accepted"


def test_a_light_that_turned_meanwhile_is_left_and_the_event_says_so(office):
    one = accepted(office, light(office))
    Matter.objects.filter(pk=one.matter_id).update(light_override="yellow")
    decided(office, one, upheld(light=Light.YELLOW), who="director")
    assert Event.objects.get(name="objections.decided").data["done"] == "第7项现在显示的就是黄灯，不另改判"


def test_decision_before_acceptance_or_twice_is_refused(office):
    one = filed(office)
    with pytest.raises(WrongState, match="受理以后才能决定"):
        decided(office, one)
    accept_objection(one, by=office["officer"], now=FILED)
    decided(office, one)
    with pytest.raises(WrongState):
        decided(office, one)
    with pytest.raises(WrongState):
        withdraw_objection(one, by=office.of_unit("head"), now=DECIDED)


def test_late_decision_is_given_all_the_same_and_known_as_late(office):
    decided(office, accepted(office), now=at("2020-08-20"))
    assert Event.objects.get(name="objections.decided").data["is_late"] is True


def test_a_decision_whose_event_fails_changes_nothing(office, monkeypatch):
    from duban.objections.actions import deciding

    def fails(*args, **more):
        raise RuntimeError("the trail is full")

    one = accepted(office)
    monkeypatch.setattr(deciding, "record", fails)
    with pytest.raises(RuntimeError):
        decided(office, one)
    assert objection_of().state == "accepted"
    assert not Citation.objects.filter(withdrawn_at__isnull=False).exists()
    assert not review_papers([one])


# ---- withdrawing an entry, and the tables


def test_an_entry_is_withdrawn_once_and_only_by_who_may_decide(office):
    one = entry(issued(office))
    with pytest.raises(NotAllowed):
        withdraw_citation(one, reason="复核支持申请", by=office.of_unit("head"), now=DECIDED)
    withdraw_citation(one, reason="复核支持申请", by=office["deputy"], now=DECIDED)
    with pytest.raises(WrongState, match="已经撤回"):
        withdraw_citation(one, reason="复核支持申请", by=office["deputy"], now=DECIDED)
    assert Event.objects.get(name="bulletins.citation_withdrawn").matter_id == one.matter_id


@pytest.mark.parametrize(
    "changes",
    [
        {"withdrawn_reason": "只有理由"},
        {"withdrawn_at": DECIDED},
        {"left_out_reason": "不列", "left_out_by_name": "某人", "withdrawn_at": DECIDED,
         "withdrawn_by_name": "某人", "withdrawn_reason": "撤回"},
    ],
)  # fmt: skip
def test_tables_hold_what_belongs_together_of_an_entry(office, changes):
    pk = entry(issued(office)).pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Citation.objects.filter(pk=pk).update(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "decided"},
        {"state": "declined"},
        {"state": "withdrawn"},
        {"filed_at": None},
        {"decide_by": None},
        {"light": "red"},
        {"citation": None},
        {"grounds": ""},
        {"channel": "paper"},
        {"reviewer_account_id": 3},
        {"outcome": "upheld"},
    ],
)
def test_tables_hold_what_belongs_together_of_an_objection(office, changes):
    one = filed(office)
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=one.pk).update(**changes)
