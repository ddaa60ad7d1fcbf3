"""年底考评: scoring is switched on, leaders rate, units look at their sheets, one of which is corrected by what the
verification found; the form goes out and comes back."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
from django.db.models import QuerySet

from duban.cli.demo_year.behaviour import chance, choice
from duban.cli.demo_year.stage import Stage
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.workdays import add_workdays
from duban.documents.sheets import to_xlsx
from duban.evaluation.actions import (
    NewRating,
    agree_to_score,
    confirm_evaluation,
    correct_score,
    draw_up_evaluation,
    rate_units,
    record_evaluation_export,
    show_evaluation,
    take_in_results,
)
from duban.evaluation.models import Evaluation, ResultIntake, ScoreSheet
from duban.evaluation.queries import (
    findings_not_counted,
    posts_rating,
    sheets_in_time,
    sheets_of,
    spreadsheets_of,
    standing_ratings,
    units_rated_by,
)
from duban.evaluation.rules import EvaluationState, ScoreCorrection, Standing
from duban.matters.actions import Behalf, adopt_policy
from duban.matters.models import Plan
from duban.matters.rules import Channel
from duban.orgs.models import Post
from duban.reports.actions import mark_hollow
from duban.reports.models import HollowMark, Report
from duban.reports.rules import ReportState

SCORED_ON = date(2021, 1, 4)
DRAWN_ON = date(2021, 1, 6)
SHOWN_ON = date(2021, 1, 7)
"""So that the units' fifteen working days end on 28 January."""
_EXPORTED_ON = date(2021, 1, 20)
_RESULTS_ON = date(2021, 1, 26)
_HOLLOW_ON = date(2020, 7, 6)


def mark_a_hollow_report(stage: Stage) -> None:
    """Let the officer mark one report of June as saying nothing, and say why."""
    if stage.day != _HOLLOW_ON or HollowMark.objects.exists():
        return
    handed_in = Report.objects.filter(matter__plan=stage.plan, state=ReportState.ACCEPTED, chars__gt=0)
    shortest = handed_in.select_related("matter__plan__policy", "unit").order_by("chars", "matter__order", "pk").first()
    if shortest is not None:
        mark_hollow(shortest, reason="只讲部署，没有写完成了多少", **stage.told(stage.officer))


def switch_scoring_on(stage: Stage) -> None:
    """Let the head of the office switch scoring on in a new version of the policy, with the reason."""
    if stage.day != SCORED_ON:
        return
    plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=stage.plan.pk)
    figures = plan.policy.values()
    figures["evaluation"] = figures["evaluation"] | {"enabled": True}
    reason = "年度考评按督查规则计分，已报区政府主要领导同意。"
    adopt_policy(plan, figures=figures, reason=reason, version=plan.policy.number, **stage.told(stage.office_head))


def _standing(stage: Stage, state: EvaluationState) -> Evaluation | None:
    joined = Evaluation.objects.select_related("plan__policy", "plan__jurisdiction", "policy")
    return joined.filter(plan=stage.plan, state=state).first()


def draw_up(stage: Stage) -> None:
    """Let the officer draw up the evaluation of all that is known by the day before."""
    if stage.day == DRAWN_ON:
        plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=stage.plan.pk)
        draw_up_evaluation(plan, until=stage.day - timedelta(days=1), **stage.told(stage.officer))


def rate(stage: Stage) -> None:
    """Let the head of government rate in person and one leader through the secretary; the others do not rate."""
    evaluation = _standing(stage, EvaluationState.DRAFTED)
    if stage.day != DRAWN_ON or evaluation is None:
        return
    standing = {one.unit.unit_id: one.standing for one in sheets_of(evaluation)}
    for username in ("quzhang", "mishu"):
        actor = stage.actor(username)
        for post in posts_rating(actor, evaluation):
            _rate_for(stage, evaluation, post=post, actor=actor, standing=standing)


def _rate_for(stage: Stage, evaluation: Evaluation, *, post: Post, actor: Actor, standing: dict[int, Standing]) -> None:
    if standing_ratings(post, evaluation):
        return
    ratings = []
    for unit in units_rated_by(post, evaluation):
        least = {Standing.WELL: 92, Standing.ON_TIME: 88, Standing.BEHIND: 80}[standing[unit.pk]]
        if not chance(stage.seed, 0.9, "rates a unit", post.title, unit.name):
            continue
        value = Decimal(choice(stage.seed, range(least, least + 7), "rating", post.title, unit.name))
        ratings.append(NewRating(unit, value))
    if ratings:
        rate_units(evaluation, post=post, ratings=ratings, **stage.told(actor))
        evaluation.refresh_from_db(fields=["version"])


def show(stage: Stage) -> None:
    """Let the officer send every unit its sheet; their time begins."""
    evaluation = _standing(stage, EvaluationState.DRAFTED)
    if stage.day == SHOWN_ON and evaluation is not None:
        show_evaluation(evaluation, **stage.told(stage.officer))


def carry_out(stage: Stage) -> None:
    """Let the officer carry the form to the appraisal office, and take in what came back filled in."""
    evaluation = _standing(stage, EvaluationState.SHOWN)
    if evaluation is None:
        return
    if stage.day == _EXPORTED_ON:
        record_evaluation_export(evaluation, form="xlsx", **stage.told(stage.officer))
    if stage.day == _RESULTS_ON and not ResultIntake.objects.filter(evaluation=evaluation).exists():
        filled = _filled_in(evaluation)
        take_in_results(evaluation, data=filled, file_name="考评办核查结果（已填）.xlsx", **stage.told(stage.officer))


def _filled_in(evaluation: Evaluation) -> bytes:
    """Return the form as the appraisal office fills it in: it looked into every fifth fact, and graded the units."""
    units, facts = spreadsheets_of(evaluation)
    book = openpyxl.load_workbook(BytesIO(to_xlsx(units, facts)))
    page = book.worksheets[1]
    titles = [cell.value for cell in page[1]]
    for row in range(2, page.max_row + 1, 5):
        page.cell(row, titles.index("核查结果") + 1).value = "属实"
        page.cell(row, titles.index("核查说明") + 1).value = "调阅台账和原件，一致"
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _sheets(evaluation: Evaluation) -> QuerySet[ScoreSheet]:
    joined = ScoreSheet.objects.filter(evaluation=evaluation, is_current=True).select_related("evaluation", "unit")
    return joined.order_by("unit__order", "unit_id")


def correct(stage: Stage) -> None:
    """Let the head of the office take into a unit's sheet what the verification found untrue after it was shown."""
    evaluation = _standing(stage, EvaluationState.SHOWN)
    missing = findings_not_counted(evaluation, known_on=stage.day) if evaluation is not None else {}
    if evaluation is None or not missing:
        return
    for sheet in _sheets(evaluation).filter(unit__in=missing):
        facts = missing[sheet.unit_id]
        days = "、".join(dict.fromkeys(f"{one.on.month}月{one.on.day}日" for one in facts))
        correction = ScoreCorrection(taken_in=frozenset(one.key for one in facts))
        reason = f"{days}察访核验查出不实，所报在事实截至日以前，补计入。"
        correct_score(sheet, correction=correction, reason=reason, **stage.told(stage.office_head))


def agree(stage: Stage) -> None:
    """Let a unit whose sheet was corrected say two working days later that it has nothing against it."""
    evaluation = _standing(stage, EvaluationState.SHOWN)
    if evaluation is None:
        return
    for sheet in _sheets(evaluation).filter(number__gt=1, agreed_at=None, contested_at=None):
        if add_workdays(day_of(sheet.made_at), 2) > stage.day:
            continue
        own = stage.of_unit(sheet.unit, "head") or stage.of_unit(sheet.unit, "deputy")
        behalf = None if own else Behalf(Channel.PAPER, f"{sheet.unit.name}办公室")
        agree_to_score(sheet, behalf=behalf, **stage.told(own or stage.officer))


def confirm(stage: Stage) -> None:
    """Let the head of the office confirm once the units' time is over and every objection is decided."""
    evaluation = _standing(stage, EvaluationState.SHOWN)
    if evaluation is None or sheets_in_time(evaluation, today=stage.day):
        return
    if not _sheets(evaluation).exclude(contested_at=None).exists():
        confirm_evaluation(evaluation, **stage.told(stage.office_head))


EVALUATION = (mark_a_hollow_report, switch_scoring_on, draw_up, rate, show, carry_out, correct, agree, confirm)
