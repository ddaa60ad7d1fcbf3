"""Objections to a verification and to a score: who went, recorded or scored is refused; the record follows."""

from datetime import date

import pytest

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid, WrongState
from duban.evaluation.actions import confirm_evaluation
from duban.evaluation.models import ScoreSheet
from duban.lights.models import LightTurn
from duban.matters.models import Matter
from duban.objections.actions import Recused, Ruling, decide_objection, decline_objection, withdraw_objection
from duban.objections.models import Objection
from duban.objections.queries import (
    conclusion_on_score,
    conclusion_on_verification,
    conclusions_open_to,
    item_joined,
    panel_of,
    score_facts,
    sheet_joined,
)
from duban.objections.rules import Declining, Outcome
from duban.orgs.actions import NewPerson, create_people, link_account
from duban.visits.actions import NewVerifier
from duban.visits.models import Finding, Verifier, VisitItem
from duban.visits.rules import Result
from tests.evaluation.builders import OVER, played, set_scoring, sheet, shown_to_units
from tests.letters.builders import at
from tests.objections.builders import Office, accepted, filed, objection_of
from tests.visits.builders import approved, confirmed, held, item_of, prepared

DECIDED = at("2021-02-01")


def upheld(**more) -> Ruling:
    return Ruling(Outcome.UPHELD, "经查，申请理由成立。", **more)


def verified(office: Office, **more):
    """A verification that found the first matter untrue: recorded by the officer, confirmed by the head."""
    visit = confirmed(
        office.world, held(office.world, approved(office.world, prepared(office.world, **more)), untrue=0)
    )
    return conclusion_on_verification(item_joined(item_of(visit).pk))


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
    set_scoring(office.world)
    played(office.world)
    evaluation = shown_to_units(office.world)
    return conclusion_on_score(sheet_joined(sheet(office.world, evaluation).pk))


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
