"""年底考评: scoring is switched on, leaders rate, units look at their sheets, the form goes out and comes back."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl

from duban.cli.demo_year.behaviour import chance, choice
from duban.cli.demo_year.stage import Stage
from duban.core.actor import Actor
from duban.documents.sheets import to_xlsx
from duban.evaluation.actions import (
    NewRating,
    confirm_evaluation,
    draw_up_evaluation,
    rate_units,
    record_evaluation_export,
    show_evaluation,
    take_in_results,
)
from duban.evaluation.models import Evaluation, ResultIntake, ScoreSheet
from duban.evaluation.queries import posts_rating, sheets_of, spreadsheets_of, standing_ratings, units_rated_by
from duban.evaluation.rules import EvaluationState, Standing
from duban.matters.actions import adopt_policy
from duban.matters.models import Plan
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


def confirm(stage: Stage) -> None:
    """Let the head of the office confirm once the units' time is over and every objection is decided."""
    evaluation = _standing(stage, EvaluationState.SHOWN)
    if evaluation is None or evaluation.objections_until is None or stage.day <= evaluation.objections_until:
        return
    contested = ScoreSheet.objects.filter(evaluation=evaluation, is_current=True, contested_at__isnull=False)
    if not contested.exists():
        confirm_evaluation(evaluation, **stage.told(stage.office_head))


EVALUATION = (mark_a_hollow_report, switch_scoring_on, draw_up, rate, show, carry_out, confirm)
