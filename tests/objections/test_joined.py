"""Objections to a verification and to a score: who went, recorded or scored is refused; the record follows."""

from datetime import date

import pytest

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid, NotFound, WrongState
from duban.evaluation.actions import confirm_evaluation, correct_score
from duban.evaluation.models import ScoreSheet
from duban.evaluation.rules import ScoreCorrection
from duban.lights.models import LightTurn
from duban.matters.actions import Behalf
from duban.matters.models import Matter
from duban.matters.rules import Channel
from duban.objections.actions import (
    Recused,
    Ruling,
    accept_objection,
    decide_objection,
    decline_objection,
    withdraw_objection,
)
from duban.objections.models import Objection
from duban.objections.queries import (
    conclusion_on_score,
    conclusions_open_to,
    panel_of,
    score_facts,
    sheet_joined,
)
from duban.objections.rules import Declining, Outcome
from duban.orgs.actions import NewPerson, create_people, link_account
from duban.papers.models import IssuedPaper
from duban.visits.actions import NewVerifier
from duban.visits.models import Finding, Verifier, VisitItem
from duban.visits.rules import Result
from tests.evaluation.builders import OVER, fresh
from tests.letters.builders import at
from tests.matters.builders import names_of_events
from tests.objections.builders import Office, accepted, filed, objection_of, score, verified

DECIDED = at("2021-02-01")


def upheld(**more) -> Ruling:
    return Ruling(Outcome.UPHELD, "经查，申请理由成立。", **more)


def decided(office: Office, one: Objection, ruling: Ruling, *, who="deputy") -> Objection:
    decide_objection(one, ruling=ruling, by=office[who], now=DECIDED)
    return objection_of(pk=one.pk)


# ---- verification


def test_upheld_verification_is_another_finding_and_the_light_follows(office):
    one = accepted(office, verified(office), now=at("2021-01-20"))
    assert one.about.startswith(f"察访核验对{one.matter}")
    assert one.about.endswith("认定“不实”")
    assert one.last_on == date(2021, 2, 14)
    assert Matter.objects.get(pk=one.matter_id).untrue_on is not None
    decided(office, one, upheld(result=Result.TRUE))
    item = VisitItem.objects.get(pk=one.visit_item_id)
    assert item.result == "true"
    assert list(Finding.objects.filter(item=item).values_list("result", flat=True)) == ["untrue", "true"]
    assert Matter.objects.get(pk=one.matter_id).untrue_on is None
    assert LightTurn.objects.filter(matter=one.matter_id).exists()


@pytest.mark.parametrize(("who", "did"), [("officer", "填写核验结果"), ("office_head", "认定核验结果")])
def test_who_recorded_or_confirmed_a_verification_is_refused(office, who, did):
    one = accepted(office, verified(office), now=at("2021-01-20"))
    with pytest.raises(Recused, match=did):
        decided(office, one, upheld(result=Result.TRUE), who=who)
    assert VisitItem.objects.get(pk=one.visit_item_id).result == "untrue"


@pytest.mark.parametrize("is_known", [True, False])
def test_who_went_and_looked_stands_aside_though_another_wrote_it_down(office, is_known):
    if is_known:  # somebody of the directory; else the name alone tells
        told = {"by": SYSTEM, "now": office.world.now}
        [person] = create_people(office.world.county, people=[NewPerson("deputy甲")], **told)
        link_account(person, account=office.accounts["deputy"], **told)
    went = (NewVerifier("deputy甲", "政府办"), NewVerifier("吴二", "督查室"))
    one = accepted(office, verified(office, verifiers=went), now=at("2021-01-20"))
    assert Verifier.objects.filter(name="deputy甲", person__isnull=not is_known).exists()
    assert dict(panel_of(one, on=DECIDED.date()).recused)["deputy甲"] == "完成现场核验"
    with pytest.raises(Recused, match="完成现场核验"):
        decided(office, one, upheld(result=Result.TRUE), who="deputy")


@pytest.mark.parametrize(
    ("ruling", "words"),
    [
        (upheld(), "请选择复核后认定为什么"),
        (upheld(result=Result.UNTRUE), "应当改为更好的认定"),
        (Ruling(Outcome.PARTLY, "部分属实。", result=Result.TRUE), "部分支持的请选基本属实"),
    ],
)
def test_a_verification_is_put_better_or_the_decision_is_refused(office, ruling, words):
    one = accepted(office, verified(office), now=at("2021-01-20"))
    with pytest.raises(Invalid, match=words):
        decided(office, one, ruling)


# ---- score


@pytest.fixture
def scored(office):
    return score(office)


def test_objection_to_a_score_keeps_the_evaluation_from_being_confirmed(office, scored):
    assert (scored.told_on, scored.last_on) == (date(2021, 1, 5), scored.sheet.evaluation.objections_until)
    one = filed(office, scored, now=at("2021-01-20"))
    assert one.decide_by == date(2021, 2, 3)  # ten working days
    assert ScoreSheet.objects.get(pk=scored.sheet.pk).contested_at is not None
    with pytest.raises(WrongState):
        confirm_evaluation(scored.sheet.evaluation, by=office["office_head"], now=OVER)


def test_upheld_score_leaves_facts_out_and_is_worked_out_anew(office, scored):
    one = accepted(office, scored, now=at("2021-01-20"))
    facts = score_facts(one)
    assert facts
    with pytest.raises(Invalid, match="请选择哪些事实不再计入"):
        decided(office, one, upheld())
    before = ScoreSheet.objects.get(pk=scored.sheet.pk)
    one = decided(office, one, upheld(left_out=frozenset({facts[0].key})))
    after = ScoreSheet.objects.get(evaluation=before.evaluation, unit=before.unit, is_current=True)
    assert (after.number, after.contested_at) == (2, None)
    assert after.score > before.score
    assert facts[0].words in one.remedy


def test_rejected_declined_and_withdrawn_let_the_score_stand_again(office, scored):
    def contested() -> bool:
        return ScoreSheet.objects.get(pk=scored.sheet.pk).contested_at is not None

    one = filed(office, scored, now=at("2021-01-20"))
    withdraw_objection(one, by=office.of_unit("head"), now=at("2021-01-20"))
    assert not contested()
    two = filed(office, scored, now=at("2021-01-20"))
    declined = {"declined_as": Declining.NO_CONCLUSION, "reason": "没有指出哪一条不对。"}
    decline_objection(two, by=office["deputy"], now=at("2021-01-21"), **declined)
    assert not contested()
    three = accepted(office, scored, now=at("2021-01-21"))
    assert contested()
    decided(office, three, Ruling(Outcome.REJECTED, "各条均属实。"))
    assert not contested()
    assert Event.objects.filter(name="evaluation.score_upheld").count() == 3


PAPER = Behalf(Channel.PAPER, "王一")


def entered_late(office, scored, *, on: date) -> Objection:
    """A paper of a day, entered by the other officer after the evaluation was confirmed."""
    evaluation = fresh(scored.sheet.evaluation)
    confirm_evaluation(evaluation, by=office["office_head"], now=OVER)
    conclusion = conclusion_on_score(sheet_joined(scored.sheet.pk))
    return filed(office, conclusion, by=office["second"], now=at("2021-01-28"), behalf=PAPER, filed_on=on)


def test_a_paper_in_time_entered_after_the_confirmation_corrects_the_confirmed_sheet(office, scored):
    one = entered_late(office, scored, on=date(2021, 1, 26))
    assert (one.state, one.decide_by) == ("filed", date(2021, 2, 8))
    accept_objection(one, by=office["second"], now=at("2021-01-28"))
    [first, *_] = score_facts(one)
    one = decided(office, objection_of(pk=one.pk), upheld(left_out=frozenset({first.key})))
    assert one.remedy.endswith("已核定的考评数据表据此重新核定。")
    rows = ScoreSheet.objects.filter(unit=one.unit).order_by("number")
    assert [(each.number, each.is_current) for each in rows] == [(1, False), (2, True)]
    assert rows[1].score > rows[0].score
    evaluation = fresh(scored.sheet.evaluation)
    assert (evaluation.state, evaluation.reopened_reason) == ("shown", "复核支持申请（临江政督复〔2021〕1号）")
    confirm_evaluation(evaluation, by=office["office_head"], now=DECIDED)
    papers = IssuedPaper.objects.filter(kind="evaluation", subject_id=evaluation.pk).order_by("version")
    assert [each.data["units"][0]["score"] for each in papers] == [str(each.score) for each in rows]
    names = ("evaluation.confirmed", "objections.filed", "evaluation.reopened", "evaluation.score_corrected")
    assert names_of_events(name__in=names) == [*names, "evaluation.confirmed"]


def test_a_paper_in_time_that_is_rejected_leaves_the_confirmed_evaluation_as_it_is(office, scored):
    one = entered_late(office, scored, on=date(2021, 1, 20))
    accept_objection(one, by=office["second"], now=at("2021-01-28"))
    decided(office, objection_of(pk=one.pk), Ruling(Outcome.REJECTED, "各条均属实。"))
    assert fresh(scored.sheet.evaluation).state == "confirmed"
    assert ScoreSheet.objects.get(unit=one.unit).contested_at is None


def test_a_paper_out_of_time_entered_after_the_confirmation_is_declined(office, scored):
    one = entered_late(office, scored, on=date(2021, 1, 27))
    assert ScoreSheet.objects.get(unit=one.unit).contested_at is None
    with pytest.raises(WrongState, match="只能不予受理"):
        accept_objection(one, by=office["second"], now=at("2021-01-28"))
    told = {"declined_as": Declining.OUT_OF_TIME, "reason": "1月26日为最后一日。"}
    decline_objection(one, by=office["deputy"], now=at("2021-01-28"), **told)
    assert fresh(scored.sheet.evaluation).state == "confirmed"


def test_a_unit_itself_is_too_late_once_it_is_confirmed(office, scored):
    confirm_evaluation(fresh(scored.sheet.evaluation), by=office["office_head"], now=OVER)
    with pytest.raises(WrongState, match="已经超过，不能再申请"):
        filed(office, conclusion_on_score(sheet_joined(scored.sheet.pk)), now=OVER)
    assert not Objection.objects.exists()


def test_a_paper_against_a_sheet_corrected_since_is_taken_against_what_stands(office, scored):
    told = {"reason": "数错了", "by": office["office_head"], "now": at("2021-01-19")}
    row = correct_score(scored.sheet, correction=ScoreCorrection(obligations=9), **told)
    conclusion = conclusion_on_score(sheet_joined(row.pk))
    assert (conclusion.told_on, conclusion.last_on) == (date(2021, 1, 19), date(2021, 2, 8))
    one = filed(office, conclusion, by=office["second"], now=DECIDED, behalf=PAPER, filed_on=date(2021, 1, 15))
    assert one.sheet_id == row.pk
    with pytest.raises(NotFound, match="已经更正"):
        conclusion_on_score(sheet_joined(scored.sheet.pk))


def test_who_drew_up_the_evaluation_or_returned_its_reports_is_refused(office, scored):
    one = accepted(office, scored, now=at("2021-01-20"))
    with pytest.raises(Recused, match="拟定考评"):
        decided(office, one, Ruling(Outcome.REJECTED, "各条均属实。"), who="officer")
    acts = dict(panel_of(one, on=DECIDED.date()).recused)["officer甲"]
    assert "退回报告" in acts
    assert "标记报告内容空泛" in acts


def test_everything_of_the_year_is_open_to_its_unit_with_as_many_statements(office, scored, django_assert_num_queries):
    unit = office.world.unit("教育局")
    with django_assert_num_queries(5):
        found = conclusions_open_to([unit.pk], today=date(2021, 1, 6))
    assert [one.target.value for one in found] == ["score"]  # its red light is older than thirty days
