"""考评 in the making: drawn up, rated by leaders, corrected, results of the appraisal office taken in."""

import base64
import binascii
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from duban.access.rules import Permission, require
from duban.core import clock
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound, WrongState
from duban.evaluation.actions import NewRating, correct_score, draw_up_evaluation, rate_units, take_in_results
from duban.evaluation.actions.correcting import CONTESTED
from duban.evaluation.queries import (
    ReadForm,
    data_of,
    evaluation_for,
    figures_for,
    findings_not_counted,
    posts_rating,
    read_form,
    sheet_for,
    standing_ratings,
    units_rated_by,
    waits_for_ratings,
)
from duban.evaluation.rules import (
    FACT_LABELS,
    NOTE_LENGTH,
    REASON_LENGTH,
    TITLE_LENGTH,
    EvaluationState,
    Fact,
    ScoreCorrection,
    Sheet,
)
from duban.matters.models import Plan
from duban.matters.queries import current_plan, policy_of
from duban.matters.rules import PART_LABELS, Part
from duban.web.given import actor_of, day_of, number_of
from duban.web.obstacles import status_of

_MOST_BYTES = 1_500_000
"""A filled-in form is carried through its preview in the page; a real one is a hundredth of this."""


@require_http_methods(["GET", "POST"])
def evaluation_new(request: HttpRequest) -> HttpResponse:
    """Draw up the evaluation of a plan: until which day facts count; the page says whether it is scored."""
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_DRAW)
    given = request.POST if request.method == "POST" else request.GET
    plans = Plan.objects.visible_to(actor).select_related("policy", "jurisdiction")
    wanted = number_of(given.get("plan"))
    plan = plans.filter(pk=wanted).first() if wanted else current_plan(actor, today=clock.today())
    if plan is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    problem, field, status = "", "", 200
    if request.method == "POST":
        try:
            until = day_of(given.get("until", ""), field="until", what="事实截至日")
            if until is None:
                raise Invalid("请填写事实截至哪一天。", field="until")
            made = draw_up_evaluation(plan, until=until, title=given.get("title", ""), by=actor, now=clock.now())
        except NotAllowed:
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "已拟定。事实随时更新，送单位核对时固定。")
            return redirect("evaluation_one", made.pk)
    yesterday = clock.today().toordinal() - 1
    context = {
        "plan": plan,
        "is_scored": policy_of(plan).evaluation.enabled,
        "until": given.get("until", "") or clock.today().fromordinal(yesterday).isoformat(),
        "title": given.get("title", ""),
        "problem": problem,
        "field": field,
        "title_length": TITLE_LENGTH,
    }
    return render(request, "evaluation/new.html", context, status=status)


# ---- leaders rate


@require_http_methods(["GET", "POST"])
def evaluation_rate(request: HttpRequest, pk: int) -> HttpResponse:
    """A leader, or the secretary for the leader, rates the units; what is left blank is not rated."""
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_RATE)
    one = evaluation_for(actor, pk)
    posts = posts_rating(actor, one)
    wanted = number_of((request.POST if request.method == "POST" else request.GET).get("post"))
    post = next((each for each in posts if wanted in (0, each.pk)), None)
    if post is None:
        raise NotFound("没有由您评价的单位。")
    units = units_rated_by(post, one)
    standing = standing_ratings(post, one)
    posted = request.POST if request.method == "POST" else None
    problem, field, status = "", "", 200
    if posted is not None:
        try:
            ratings = [
                NewRating(
                    unit, _value(posted.get(f"value-{unit.pk}", ""), unit=unit), posted.get(f"note-{unit.pk}", "")
                )
                for unit in units
                if posted.get(f"value-{unit.pk}", "").strip()
            ]
            for unit in units:
                if unit.pk in standing and not posted.get(f"value-{unit.pk}", "").strip():
                    raise Invalid(f"{unit.name}已有评价，可以改，不能清空。", field=f"value-{unit.pk}")
            rate_units(one, post=post, ratings=ratings, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "评价已记下；送单位核对以前都可以改。")
            return redirect("evaluation_one", pk)
    context = {
        "evaluation": one,
        "post": post,
        "posts": posts,
        "is_open": waits_for_ratings(one),
        "most": figures_for(one).evaluation.base_score,
        "pct": figures_for(one).evaluation.leaders_rating_pct,
        "rows": [
            {
                "unit": unit,
                "standing": standing.get(unit.pk),
                "value": posted.get(f"value-{unit.pk}", "")
                if posted is not None
                else (f"{standing[unit.pk].value:f}" if unit.pk in standing else ""),
                "note": posted.get(f"note-{unit.pk}", "")
                if posted is not None
                else (standing[unit.pk].note if unit.pk in standing else ""),
                "is_wrong": field == f"value-{unit.pk}",
                "is_note_wrong": field == f"note-{unit.pk}",
            }
            for unit in units
        ],
        "problem": problem,
        "note_length": NOTE_LENGTH,
    }
    return render(request, "evaluation/rate.html", context, status=status)


def _value(words: str, *, unit: Any) -> Decimal:
    try:
        return Decimal(words.strip())
    except InvalidOperation as error:
        raise Invalid(f"{unit.name}的评价要填数字，现为“{words.strip()[:20]}”。", field=f"value-{unit.pk}") from error


# ---- corrected


@require_http_methods(["GET", "POST"])
def evaluation_correct(request: HttpRequest, pk: int, unit_pk: int) -> HttpResponse:
    """Correct a sheet: which facts do not count, which part was wrong, how much it was to do; the score follows."""
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_CORRECT)
    row = sheet_for(actor, pk, unit_pk)
    require(actor, Permission.EVALUATION_CORRECT, jurisdiction_id=row.evaluation.jurisdiction_id)
    if row.evaluation.state != EvaluationState.SHOWN:
        raise WrongState("考评在单位核对期间才能更正；已经核定的，先重新核对。")
    if row.contested_at is not None:
        raise WrongState(CONTESTED)
    sheet = data_of(row)
    missing = findings_not_counted(row.evaluation, known_on=clock.today()).get(unit_pk, [])
    posted = request.POST if request.method == "POST" else None
    problem, field, status = "", "", 200
    if posted is not None:
        try:
            if number_of(posted.get("number")) != row.number:
                raise WrongState("这张考评表刚刚已经更正，请看现在的情况。")
            correction = _correction(posted, sheet=sheet, missing=missing)
            reason = posted.get("reason", "")
            correct_score(row, correction=correction, reason=reason, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "已更正，并已告知单位；原来的考评表仍然保留。")
            return redirect("evaluation_sheet", pk, unit_pk)
    chosen = set(posted.getlist("out")) if posted is not None else set()
    taken = set((posted if posted is not None else request.GET).getlist("in"))
    context = {
        "evaluation": row.evaluation,
        "row": row,
        "sheet": sheet,
        "facts": [
            {
                "fact": one,
                "kind": FACT_LABELS[one.kind],
                "part": (posted.get(f"part-{one.key}") if posted is not None else None) or one.part.value,
                "is_out": one.key in chosen,
            }
            for one in sheet.unit.facts
        ],
        "missing": [{"fact": one, "is_in": one.key in taken, "is_out": one.key in chosen} for one in missing],
        "workdays": figures_for(row.evaluation).objections.score_apply_workdays,
        "parts": [(one.value, PART_LABELS[one]) for one in Part],
        "obligations": posted.get("obligations", "") if posted is not None else sheet.unit.obligations,
        "recounts": posted is not None and posted.get("recounts") == "1",
        "reason": posted.get("reason", "") if posted is not None else "",
        "problem": problem,
        "field": field,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "evaluation/correct.html", context, status=status)


def _correction(posted: QueryDict, *, sheet: Sheet, missing: Sequence[Fact]) -> ScoreCorrection:
    """Return what the form changes. Raises Invalid for a number that is none.

    missing: what was found untrue since; what does not count is taken in and left out, so that the sheet says why.
    """
    words = posted.get("obligations", "").strip()
    if not words.isascii() or not words.isdigit() or len(words) > 6:
        raise Invalid("应办事宜数要填不超过六位的整数。", field="obligations")
    obligations = int(words)
    parts = {}
    for one in sheet.unit.facts:
        given = posted.get(f"part-{one.key}", one.part.value)
        if given in {each.value for each in Part} and given != one.part.value:
            parts[one.key] = Part(given)
    left_out = frozenset(posted.getlist("out"))
    return ScoreCorrection(
        left_out=left_out,
        parts=parts,
        obligations=None if obligations == sheet.unit.obligations else obligations,
        recounts=posted.get("recounts") == "1",
        taken_in=frozenset(posted.getlist("in")) | (left_out & {one.key for one in missing}),
    )


# ---- what came back


@require_http_methods(["GET", "POST"])
def evaluation_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in the form the appraisal office filled in: first what it says, then it is kept."""
    actor = actor_of(request)
    require(actor, Permission.EVALUATION_DRAW)
    one = evaluation_for(actor, pk)
    if one.state == EvaluationState.DROPPED:
        raise WrongState("这项考评已经作罢。")
    problem, status = "", 200
    preview: ReadForm | None = None
    data, name = b"", ""
    if request.method == "POST":
        try:
            data, name = _given_form(request)
            if request.POST.get("step") == "take":
                taken = take_in_results(one, data=data, file_name=name, by=actor, now=clock.now())
                messages.success(request, f"已载入 {taken.results.count()} 条核查结果，原件已留存。")
                return redirect("evaluation_one", pk)
            preview = read_form(one, data)
        except NotAllowed:
            raise
        except DomainError as error:
            problem, status = error.message, status_of(error)
    context = {
        "evaluation": one,
        "preview": preview,
        "carried": base64.b64encode(data).decode() if preview and preview.results and not preview.problems else "",
        "name": name,
        "problem": problem,
    }
    return render(request, "evaluation/results.html", context, status=status)


def _given_form(request: HttpRequest) -> tuple[bytes, str]:
    """Return the file, or the one a preview carried over, and its name. Raises Invalid."""
    if (file := request.FILES.get("file")) is not None:
        if (file.size or 0) > _MOST_BYTES:
            raise Invalid("文件太大，不像从这里导出的表格；请去掉图片后再载入。", field="file")
        return file.read(), file.name or "核查结果.xlsx"
    carried = request.POST.get("carried", "")
    if not carried:
        raise Invalid("请选择文件。", field="file")
    try:
        return base64.b64decode(carried, validate=True), request.POST.get("name", "")[:200] or "核查结果.xlsx"
    except binascii.Error as error:
        raise Invalid("预览的内容不完整，请重新选择文件。", field="file") from error
