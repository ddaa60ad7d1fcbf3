"""An evaluation from draft to confirmation; ratings, corrections, and what came back from the appraisal office."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from duban.audit.models import Event
from duban.core.errors import Invalid, NotAllowed, WrongState
from duban.core.files import opened
from duban.documents.sheets import to_xlsx
from duban.evaluation.actions import (
    NewRating,
    agree_to_score,
    confirm_evaluation,
    contest_score,
    correct_score,
    draw_up_evaluation,
    drop_evaluation,
    rate_units,
    record_evaluation_export,
    reopen_evaluation,
    show_evaluation,
    take_in_results,
    uphold_score,
)
from duban.evaluation.actions.correcting import CONTESTED
from duban.evaluation.models import Evaluation, LeaderRating, OfficeResult, ResultIntake, ScoreSheet
from duban.evaluation.queries import (
    data_of,
    findings_not_counted,
    read_form,
    results_of,
    sheets_of,
    spreadsheets_of,
    to_rate,
)
from duban.evaluation.rules import ScoreCorrection
from duban.matters.actions import Behalf
from duban.matters.rules import Channel
from duban.outbox.models import Message
from duban.papers.models import IssuedPaper
from tests.evaluation.builders import (
    DRAWN,
    OVER,
    SHOWN,
    drawn_up,
    fresh,
    leader_of,
    played,
    rated,
    set_scoring,
    sheet,
    shown_to_units,
)
from tests.letters.builders import at, person_of, signer
from tests.matters.builders import names_of_events
from tests.visits.builders import approved, confirmed, held, prepared

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def year(world):
    set_scoring(world)
    return played(world)


def head_of(world, unit: str = "教育局"):
    return person_of(world, world.unit(unit).posts.get(kind="unit_head").appointments.get().person, role="unit_head")


# ---- drawn up


def test_a_draft_reads_the_facts_as_they_stand_and_scores_only_where_switched_on(world):
    played(world)
    evaluation = drawn_up(world)
    assert [one.scored for one in sheets_of(evaluation)] == [None, None, None]
    set_scoring(world)
    [education, *_] = sheets_of(fresh(evaluation))
    assert (education.unit.name, education.scored.facts_score) == ("教育局", D("92.25"))
    assert names_of_events(name__startswith="evaluation.") == ["evaluation.drawn_up"]


@pytest.mark.parametrize(
    ("until", "says"),
    [(DRAWN.date(), "这一天还没有过完"), (date(2019, 12, 31), "早于2020年度")],
)
def test_days_that_are_not_over_or_of_another_year_are_refused(world, until, says):
    with pytest.raises(Invalid, match=says):
        draw_up_evaluation(world.plan, until=until, by=world.officer, now=DRAWN)
    assert not Evaluation.objects.exists()


def test_a_plan_is_evaluated_once_until_the_former_is_dropped(world, year):
    evaluation = drawn_up(world)
    with pytest.raises(WrongState, match="已经拟定过"):
        drawn_up(world)
    drop_evaluation(evaluation, reason="日期选错了", by=world.office_head, now=DRAWN)
    drawn_up(world)
    assert list(Evaluation.objects.order_by("pk").values_list("state", flat=True)) == ["dropped", "drafted"]


def test_only_the_office_draws_up_and_only_its_head_confirms(world, year):
    for actor in (signer(world, "director"), world.liaison("教育局"), leader_of(world, year.leader)):
        with pytest.raises(NotAllowed):
            drawn_up(world, by=actor)
    evaluation = shown_to_units(world)
    with pytest.raises(NotAllowed):
        confirm_evaluation(evaluation, by=world.officer, now=OVER)
    with pytest.raises(NotAllowed):
        drop_evaluation(evaluation, reason="不要了", by=world.officer, now=OVER)


# ---- ratings


def test_a_leader_rates_the_units_that_lead_what_the_leader_oversees(world, year):
    evaluation = drawn_up(world)
    rated(world, evaluation, year.leader)
    with pytest.raises(Invalid, match="交通局没有这位领导分管"):
        rated(world, evaluation, year.leader, unit="交通局")
    [one] = LeaderRating.objects.all()
    assert (one.leader_name, one.value, one.rated_by_name) == ("吴一", D("90.00"), "吴一")
    [education, *_] = sheets_of(evaluation)
    assert (education.scored.rating, education.ratings[0].leader) == (D("90.00"), "吴一")


def test_the_policy_may_let_every_leader_rate_every_unit(world, year):
    set_scoring(world, raters="all")
    evaluation = drawn_up(world)
    rated(world, evaluation, year.leader, unit="交通局")
    assert LeaderRating.objects.get().unit.name == "交通局"


def test_a_changed_rating_stands_beside_the_former_and_an_unchanged_one_is_left(world, year):
    evaluation = drawn_up(world)
    rated(world, evaluation, year.leader)
    with pytest.raises(Invalid, match="没有填写或改动"):
        rated(world, evaluation, year.leader)
    secretary = leader_of(world, year.leader, role="secretary")
    rated(world, evaluation, year.leader, value="85.5", by=secretary, now=DRAWN + timedelta(hours=1))
    rows = LeaderRating.objects.order_by("pk").values_list("value", "rated_by_name", "replaced_at")
    assert list(rows) == [
        (D("90.00"), "吴一", DRAWN + timedelta(hours=1)),
        (D("85.50"), "秘书某", None),
    ]
    event = Event.objects.filter(name="evaluation.unit_rated").last()
    assert (event.data["before"], event.data["after"], event.data["leader"]) == ("90.00", "85.50", "吴一")


@pytest.mark.parametrize(
    ("value", "says"),
    [("-1", "0 和 100 之间"), ("100.01", "0 和 100 之间"), ("NaN", "0 和 100"), ("9.005", "两位小数")],
)
def test_ratings_out_of_range_are_refused_and_none_is_kept(world, year, value, says):
    evaluation = drawn_up(world)
    with pytest.raises(Invalid, match=says):
        rated(world, evaluation, year.leader, value=value)
    assert not LeaderRating.objects.exists()


def test_nobody_rates_for_another_leader_nor_after_units_were_shown(world, year):
    evaluation = drawn_up(world)
    other = world.post(None, "副区长", "吴三", kind="leader")
    with pytest.raises(NotAllowed):
        rated(world, evaluation, year.leader, by=leader_of(world, other))
    with pytest.raises(NotAllowed):
        rated(world, evaluation, year.leader, by=world.officer)
    shown_to_units(world, evaluation)
    with pytest.raises(WrongState, match="不再评价"):
        rated(world, evaluation, year.leader)


def test_where_ratings_have_no_share_nobody_is_asked(world):
    played(world)
    set_scoring(world, leaders_rating_pct=0)
    year_leader = leader_of(world, world.plan.matters.first().overseers.get().post)
    evaluation = drawn_up(world)
    assert to_rate(year_leader) == []
    ratings = [NewRating(world.unit("教育局"), D(90))]
    with pytest.raises(WrongState, match="不必评价"):
        rate_units(
            evaluation, post=world.plan.matters.first().overseers.get().post, ratings=ratings, by=year_leader, now=DRAWN
        )


# ---- shown


def test_showing_freezes_facts_and_policy_and_tells_every_unit(world, year):
    evaluation = shown_to_units(world)
    assert (evaluation.state, evaluation.objections_until, evaluation.median) == ("shown", date(2021, 1, 26), D("2.0"))
    assert ScoreSheet.objects.filter(is_current=True, number=1).count() == 3
    told = Message.objects.filter(kind="evaluation", link__contains="/units/")
    assert set(told.values_list("link", flat=True)) == {
        f"/evaluations/{evaluation.pk}/units/{world.unit(name).pk}/" for name in ("教育局", "交通局", "临江镇")
    }
    before = data_of(sheet(world, evaluation))
    set_scoring(world, not_done_score=-1.0)
    from duban.reports.actions import lift_hollow
    from duban.reports.models import HollowMark

    lift_hollow(HollowMark.objects.get(), reason="有附表", by=world.officer, now=SHOWN)
    assert data_of(sheet(world, evaluation)) == before
    assert sheets_of(fresh(evaluation))[0] == before


def test_a_second_showing_and_one_of_a_changed_draft_are_refused(world, year):
    evaluation = drawn_up(world)
    rated(world, fresh(evaluation), year.leader)  # counts the version up
    with pytest.raises(WrongState, match="刚刚已由他人办理"):
        show_evaluation(evaluation, by=world.officer, now=SHOWN)
    shown_to_units(world, fresh(evaluation))
    with pytest.raises(WrongState):
        show_evaluation(fresh(evaluation), by=world.officer, now=SHOWN)
    assert ScoreSheet.objects.count() == 3


def test_a_unit_reads_its_own_sheet_only_and_only_once_it_is_shown(world, year):
    evaluation = drawn_up(world)
    education = world.liaison("教育局")
    assert not Evaluation.objects.visible_to(education).exists()
    shown_to_units(world, evaluation)
    assert [one.unit.name for one in ScoreSheet.objects.visible_to(education)] == ["教育局"]
    leader = leader_of(world, year.leader)
    assert [one.unit.name for one in ScoreSheet.objects.visible_to(leader)] == ["教育局"]
    assert ScoreSheet.objects.visible_to(world.officer).count() == 3


# ---- corrected


def test_a_correction_adds_a_sheet_with_its_reason_and_keeps_the_former(world, year):
    evaluation = shown_to_units(world)
    before = sheet(world, evaluation)
    key = next(one.key for one in data_of(before).unit.facts if one.kind == "not_done")
    correction = ScoreCorrection(left_out=frozenset({key}))
    after = correct_score(before, correction=correction, reason="已经批准延期", by=world.office_head, now=SHOWN)
    assert after.score > before.score
    rows = ScoreSheet.objects.filter(unit=before.unit).order_by("number").values_list("number", "is_current", "reason")
    assert list(rows) == [(1, False, ""), (2, True, "已经批准延期")]
    event = Event.objects.get(name="evaluation.score_corrected")
    assert (event.data["before"], event.data["after"]) == (str(before.score), str(after.score))
    assert event.data["left_out"] == [key]
    assert Message.objects.filter(title="您单位的考评表有更正").exists()
    others = ScoreSheet.objects.exclude(unit=before.unit)
    assert set(others.values_list("number", flat=True)) == {1}


def test_a_correction_of_a_sheet_corrected_meanwhile_is_refused(world, year):
    evaluation = shown_to_units(world)
    stale = sheet(world, evaluation)
    told = {"reason": "核对有误", "by": world.office_head, "now": SHOWN}
    correct_score(stale, correction=ScoreCorrection(obligations=9), **told)
    with pytest.raises(WrongState, match="刚刚已经更正"):
        correct_score(stale, correction=ScoreCorrection(obligations=8), **told)
    assert data_of(sheet(world, evaluation)).unit.obligations == 9


@pytest.mark.parametrize("role", ["officer", "liaison"])
def test_who_may_not_correct_changes_nothing(world, year, role):
    evaluation = shown_to_units(world)
    actor = world.officer if role == "officer" else world.liaison("教育局")
    with pytest.raises(NotAllowed):
        correct_score(
            sheet(world, evaluation), correction=ScoreCorrection(obligations=9), reason="有误", by=actor, now=SHOWN
        )
    assert ScoreSheet.objects.count() == 3


def test_recounting_finds_what_was_overturned_where_it_stands(world, year):
    from duban.reports.actions import lift_hollow
    from duban.reports.models import HollowMark

    evaluation = shown_to_units(world)
    lift_hollow(HollowMark.objects.get(), reason="有附表", by=world.officer, now=SHOWN)
    after = correct_score(
        sheet(world, evaluation),
        correction=ScoreCorrection(recounts=True),
        reason="标记已取消",
        by=world.office_head,
        now=SHOWN,
    )
    found = data_of(after)
    assert [one.fact.kind.value for one in found.left_out] == ["no_substance"]


# ---- contested and confirmed


def test_what_is_contested_is_decided_before_anything_is_confirmed(world, year):
    evaluation = shown_to_units(world)
    head = head_of(world)
    contest_score(sheet(world, evaluation), by=head, now=SHOWN)
    with pytest.raises(WrongState, match="教育局的异议还没有决定"):
        confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    assert fresh(evaluation).state == "shown"
    with pytest.raises(WrongState, match="正在复核"):
        contest_score(sheet(world, evaluation), by=head, now=SHOWN)
    uphold_score(sheet(world, evaluation), reason="事实清楚", by=signer(world, "deputy_director"), now=SHOWN)
    confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    assert fresh(evaluation).state == "confirmed"


def test_what_is_contested_is_corrected_by_the_decision_alone(world, year):
    evaluation = shown_to_units(world)
    contest_score(sheet(world, evaluation), by=world.liaison("教育局"), now=SHOWN)
    more = {"correction": ScoreCorrection(obligations=9), "reason": "复核认定", "now": SHOWN}
    for by in (world.office_head, signer(world, "deputy_director")):  # who drew it up, and who might decide
        with pytest.raises((WrongState, NotAllowed)) as refusal:
            correct_score(sheet(world, evaluation), by=by, **more)
        assert isinstance(refusal.value, NotAllowed) or refusal.value.message == CONTESTED
    with pytest.raises(NotAllowed):
        correct_score(sheet(world, evaluation), by=world.liaison("教育局"), is_decision=True, **more)
    assert sheet(world, evaluation).number == 1
    correct_score(sheet(world, evaluation), by=signer(world, "deputy_director"), is_decision=True, **more)
    confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    with pytest.raises(WrongState, match="过了提出异议的时候"):
        contest_score(sheet(world, evaluation), by=world.liaison("教育局"), now=OVER)


def test_confirming_waits_for_the_units_time_and_keeps_the_table(world, year):
    evaluation = shown_to_units(world)
    with pytest.raises(WrongState, match="2021年1月26日前提出异议"):
        confirm_evaluation(evaluation, by=world.office_head, now=at("2021-01-26"))
    confirmed = confirm_evaluation(evaluation, by=world.office_head, now=OVER)
    [paper] = IssuedPaper.objects.filter(kind="evaluation", subject_id=confirmed.pk)
    assert (paper.version, paper.title) == (1, "2020年度临江区政府督查事项考评数据表")
    assert [one["unit"] for one in paper.data["units"]] == ["教育局", "交通局", "临江镇"]
    with opened(paper.pdf_digest) as file:
        assert file.read(5) == b"%PDF-"
    with pytest.raises(WrongState):
        confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    with pytest.raises(WrongState, match="先重新核对"):
        correct_score(
            sheet(world, evaluation),
            correction=ScoreCorrection(obligations=9),
            reason="有误",
            by=world.office_head,
            now=OVER,
        )


CORRECTED = at("2021-01-19")


def corrected(world, evaluation):
    told = {"reason": "数错了", "by": world.office_head, "now": CORRECTED}
    return correct_score(sheet(world, evaluation), correction=ScoreCorrection(obligations=9), **told)


def test_a_corrected_unit_has_its_own_fifteen_workdays_and_is_told_of_them(world, year):
    evaluation = shown_to_units(world)
    row = corrected(world, evaluation)
    assert row.objections_until == date(2021, 2, 8)  # 7 February 2021 is a working day
    told = Message.objects.filter(title="您单位的考评表有更正").values_list("text", flat=True)
    assert all("理由：数错了。有异议的，可在2021年2月8日前申请复核" in one for one in told)
    with pytest.raises(WrongState, match="教育局可在2021年2月8日前提出异议"):
        confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    contest_score(sheet(world, evaluation), by=world.liaison("教育局"), now=at("2021-02-08"))
    uphold_score(sheet(world, evaluation), reason="数对了", by=signer(world, "deputy_director"), now=at("2021-02-09"))
    confirm_evaluation(fresh(evaluation), by=world.office_head, now=at("2021-02-09"))


def test_a_unit_that_agrees_is_not_waited_for_and_does_not_object_any_more(world, year):
    evaluation = shown_to_units(world)
    corrected(world, evaluation)
    with pytest.raises(NotAllowed):
        agree_to_score(sheet(world, evaluation), by=world.liaison("教育局"), now=CORRECTED)
    agree_to_score(sheet(world, evaluation), by=head_of(world), now=CORRECTED)
    event = Event.objects.get(name="evaluation.score_agreed")
    assert (event.data["unit"], event.data["number"]) == ("教育局", 2)
    for again in (agree_to_score, contest_score):
        with pytest.raises(WrongState, match="教育局已经表示对这张考评表没有异议"):
            again(sheet(world, evaluation), by=head_of(world), now=CORRECTED)
    confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    assert fresh(evaluation).state == "confirmed"


def test_the_office_enters_that_a_unit_agrees_with_who_said_so(world, year):
    evaluation = shown_to_units(world)
    corrected(world, evaluation)
    with pytest.raises(Invalid, match="由谁表示没有异议"):
        agree_to_score(sheet(world, evaluation), by=world.officer, now=CORRECTED)
    behalf = Behalf(Channel.PAPER, "王一")
    agree_to_score(sheet(world, evaluation), behalf=behalf, by=world.officer, now=CORRECTED)
    assert sheet(world, evaluation).agreed_by_name == f"王一（纸质回执，{world.officer.name}代录）"


def test_what_is_contested_or_confirmed_is_not_agreed_to(world, year):
    evaluation = shown_to_units(world)
    contest_score(sheet(world, evaluation), by=world.liaison("教育局"), now=SHOWN)
    with pytest.raises(WrongState, match="正在复核"):
        agree_to_score(sheet(world, evaluation), by=head_of(world), now=SHOWN)
    uphold_score(sheet(world, evaluation), reason="事实清楚", by=signer(world, "deputy_director"), now=SHOWN)
    confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    with pytest.raises(WrongState, match="核对期间"):
        agree_to_score(sheet(world, evaluation), by=head_of(world), now=OVER)


# ---- found untrue since


@pytest.fixture
def verified(world):
    """A year whose sheets were shown on 5 January, and a matter of 教育局 visited on the 14th and found untrue."""
    set_scoring(world)
    visit = approved(world, prepared(world))
    evaluation = shown_to_units(world)
    confirmed(world, held(world, visit, untrue=0))
    return evaluation


def test_what_was_found_untrue_since_is_counted_before_anything_is_confirmed(world, verified):
    before = sheet(world, verified)
    assert before.loses_award is False
    with pytest.raises(WrongState, match="核验结果是不实，还没有计入"):
        confirm_evaluation(fresh(verified), by=world.office_head, now=OVER)
    [(unit, [found])] = findings_not_counted(verified, known_on=CORRECTED.date()).items()
    assert (unit, found.kind.value, found.on) == (before.unit_id, "untrue", date(2021, 1, 14))
    correction = ScoreCorrection(taken_in=frozenset({found.key}))
    after = correct_score(before, correction=correction, reason="核验不实", by=world.office_head, now=CORRECTED)
    assert (after.loses_award, before.score - after.score) == (True, D(3))
    assert Event.objects.get(name="evaluation.score_corrected").data["taken_in"] == [found.key]
    assert findings_not_counted(verified, known_on=CORRECTED.date()) == {}
    agree_to_score(after, by=head_of(world), now=CORRECTED)
    confirm_evaluation(fresh(verified), by=world.office_head, now=OVER)
    [paper] = IssuedPaper.objects.filter(kind="evaluation", subject_id=verified.pk)
    assert paper.data["units"][0]["note"] == "取消评先、无领导评价"


def test_a_finding_is_left_out_only_with_a_reason_and_then_nothing_waits_for_it(world, verified):
    [(_, [found])] = findings_not_counted(verified, known_on=CORRECTED.date()).items()
    both = ScoreCorrection(taken_in=frozenset({found.key}), left_out=frozenset({found.key}))
    told = {"reason": "不在考评年度内", "by": world.office_head, "now": CORRECTED}
    after = correct_score(sheet(world, verified), correction=both, **told)
    assert [one.reason for one in data_of(after).left_out] == ["不在考评年度内"]
    assert after.score == ScoreSheet.objects.get(unit=after.unit, number=1).score
    assert findings_not_counted(verified, known_on=CORRECTED.date()) == {}


def test_a_confirmed_evaluation_still_says_what_was_found_untrue_after_it(world):
    set_scoring(world)
    visit = approved(world, prepared(world))
    evaluation = shown_to_units(world)
    confirm_evaluation(evaluation, by=world.office_head, now=OVER)
    confirmed(world, held(world, visit, untrue=0))
    assert set(findings_not_counted(fresh(evaluation), known_on=OVER.date())) == {world.unit("教育局").pk}


def test_reopening_lets_it_be_corrected_and_confirmed_anew_as_a_second_version(world, year):
    evaluation = shown_to_units(world)
    confirm_evaluation(evaluation, by=world.office_head, now=OVER)
    with pytest.raises(Invalid, match="请写明重新核对的理由"):
        reopen_evaluation(fresh(evaluation), reason=" ", by=world.office_head, now=OVER)
    reopen_evaluation(fresh(evaluation), reason="通报已撤回", by=world.office_head, now=OVER)
    told = {"reason": "通报已撤回", "by": world.office_head, "now": OVER}
    correct_score(sheet(world, evaluation), correction=ScoreCorrection(obligations=9), **told)
    agree_to_score(sheet(world, evaluation), by=head_of(world), now=OVER)
    confirm_evaluation(fresh(evaluation), by=world.office_head, now=OVER)
    papers = IssuedPaper.objects.filter(kind="evaluation").order_by("version")
    assert [one.version for one in papers] == [1, 2]
    assert papers[0].data["units"][0]["obligations"] != papers[1].data["units"][0]["obligations"] == 9


def test_nothing_changes_where_the_trail_cannot_be_written(world, year, monkeypatch):
    evaluation = drawn_up(world)

    def fail(*args, **more):
        raise RuntimeError("no trail")

    monkeypatch.setattr("duban.evaluation.actions.drawing_up.record", fail)
    with pytest.raises(RuntimeError, match="no trail"):
        show_evaluation(evaluation, by=world.officer, now=SHOWN)
    assert fresh(evaluation).state == "drafted"
    assert not ScoreSheet.objects.exists()


# ---- carried out, and back


def filled(evaluation, **results) -> bytes:
    """The exported form with columns filled in: by key, (result, note)."""
    book = openpyxl.load_workbook(BytesIO(to_xlsx(*spreadsheets_of(evaluation))))
    for page in book.worksheets:
        titles = [cell.value for cell in page[1]]
        at_result, at_note = titles.index("核查结果") + 1, titles.index("核查说明") + 1
        for row in range(2, page.max_row + 1):
            key = page.cell(row, 1).value
            if key in results:
                page.cell(row, at_result).value, page.cell(row, at_note).value = results[key]
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_form_goes_out_with_every_unit_and_every_fact(world, year):
    evaluation = shown_to_units(world)
    units, facts = spreadsheets_of(evaluation)
    assert [row[1] for row in units.rows] == ["教育局", "交通局", "临江镇"]
    assert len(facts.rows) == sum(len(one.unit.facts) for one in sheets_of(evaluation)) == 11
    titles = [one.title for one in facts.columns]
    assert titles[-2:] == ["核查结果", "核查说明"]
    record_evaluation_export(evaluation, form="xlsx", by=world.officer, now=SHOWN)
    assert Event.objects.get(name="evaluation.exported").data["form"] == "xlsx"


def test_results_come_back_line_by_line_and_move_no_score(world, year):
    evaluation = shown_to_units(world)
    before = sheet(world, evaluation)
    key = data_of(before).unit.facts[0].key
    unit = f"U{before.unit_id}"
    data = filled(evaluation, **{key: ("不属实", "现场已经竣工"), unit: ("良好", "")})
    form = read_form(evaluation, data)
    assert [(one.unit, one.result, one.note, one.is_untrue) for one in form.results] == [
        ("教育局", "良好", "", False),
        ("教育局", "不属实", "现场已经竣工", True),
    ]
    assert (form.empty, form.unread, form.problems) == (2 + 10, [], [])
    intake = take_in_results(evaluation, data=data, file_name="核查.xlsx", by=world.officer, now=SHOWN)
    with opened(intake.digest) as file:
        assert file.read() == data
    assert results_of(evaluation)[before.unit_id, key].note == "现场已经竣工"
    assert sheet(world, evaluation).score == before.score
    again = read_form(evaluation, data)
    assert (again.results, again.unchanged) == ([], 2)
    with pytest.raises(Invalid, match="没有新填的核查结果"):
        take_in_results(evaluation, data=data, file_name="核查.xlsx", by=world.officer, now=SHOWN)


def test_a_changed_result_says_what_stood_before_and_both_stay(world, year):
    evaluation = shown_to_units(world)
    unit = f"U{world.unit('教育局').pk}"
    told = {"file_name": "核查.xlsx", "by": world.officer, "now": SHOWN}
    take_in_results(evaluation, data=filled(evaluation, **{unit: ("良好", "")}), **told)
    second = filled(evaluation, **{unit: ("优秀", "复核后")})
    assert read_form(evaluation, second).results[0].before == "良好"
    take_in_results(evaluation, data=second, **told)
    assert list(OfficeResult.objects.order_by("pk").values_list("result", flat=True)) == ["良好", "优秀"]
    assert results_of(evaluation)[world.unit("教育局").pk, ""].result == "优秀"


def test_lines_that_name_nothing_are_kept_as_they_stood(world, year):
    evaluation = shown_to_units(world)
    unit = f"U{world.unit('教育局').pk}"
    book = openpyxl.load_workbook(BytesIO(filled(evaluation, **{unit: ("良好", "")})))
    book.worksheets[0].append(["U99999", "水利局", *[""] * 14, "一般", "不在名单"])
    book.create_sheet("附言").append(["请于月底前反馈"])
    stream = BytesIO()
    book.save(stream)
    intake = take_in_results(evaluation, data=stream.getvalue(), file_name="核查.xlsx", by=world.officer, now=SHOWN)
    assert [one[0] for one in intake.unread] == ["单位汇总", "附言"]
    assert "水利局" in intake.unread[0][2]
    assert ResultIntake.objects.get().unread == intake.unread


@pytest.mark.parametrize(
    ("result", "note", "says"),
    [("大概", "", "核查结果应为属实或不属实"), ("属实", "说" * 501, "核查说明不超过 500 字")],
)
def test_results_that_are_none_are_refused_with_their_line(world, year, result, note, says):
    evaluation = shown_to_units(world)
    key = data_of(sheet(world, evaluation)).unit.facts[0].key
    data = filled(evaluation, **{key: (result, note)})
    with pytest.raises(Invalid, match=says) as refusal:
        take_in_results(evaluation, data=data, file_name="核查.xlsx", by=world.officer, now=SHOWN)
    assert "第2行教育局" in refusal.value.message
    assert not ResultIntake.objects.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "表格文件|没有内容|损坏"), (b"not a workbook", "表格文件|损坏"), (None, "没有找到“编号”和“核查结果”两列")],
)
def test_another_file_is_refused_in_words(world, year, data, says):
    evaluation = shown_to_units(world)
    if data is None:
        stream = BytesIO()
        openpyxl.Workbook().save(stream)
        data = stream.getvalue()
    with pytest.raises(Invalid, match=says):
        read_form(evaluation, data)
