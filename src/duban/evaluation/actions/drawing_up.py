"""拟定、领导评价、送单位核对: the facts are read until units are shown them; from then on they are frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from duban.access.rules import Permission, Role, require
from duban.audit.actions import record, record_many
from duban.audit.rules import EventName
from duban.bulletins.actions.common import people_of
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotAllowed, WrongState
from duban.core.text import date_text
from duban.evaluation.actions.common import about, claim, hold, sheet_link, tell
from duban.evaluation.models import Evaluation, LeaderRating, ScoreSheet
from duban.evaluation.queries import (
    drafted_sheets,
    figures_for,
    missing_ratings,
    standing_ratings,
    units_rated_by,
    waits_for_ratings,
)
from duban.evaluation.rules import (
    NOTE_LENGTH,
    TITLE_LENGTH,
    EvaluationState,
    Sheet,
    checked_words,
)
from duban.matters.actions import hold_open
from duban.matters.models import Overseer, Plan, Policy
from duban.matters.queries import policy_of
from duban.orgs.models import Post, Unit
from duban.orgs.queries import post_holders
from duban.orgs.rules import PostKind
from duban.papers.rules import frozen_values


@transaction.atomic
def draw_up_evaluation(plan: Plan, *, until: date, by: Actor, now: datetime, title: str = "") -> Evaluation:
    """拟定考评: a draft whose facts are read as they stand, until units are shown it; leaders who rate are told.

    until: the last day that counts, already over.   title: the usual one where empty. Scored only where the policy has
    scoring switched on. Raises NotAllowed, Invalid, WrongState (one stands already, the plan is closed).
    Source: docs/sources.md#evaluation
    """
    require(by, Permission.EVALUATION_DRAW, jurisdiction_id=plan.jurisdiction_id)
    today = day_of(now)
    if until >= today:
        raise Invalid(f"事实截至{date_text(until)}，这一天还没有过完。", field="until")
    if until < date(plan.year, 1, 1):
        raise Invalid(f"事实截至{date_text(until)}，早于{plan.year}年度。", field="until")
    words = title.strip() or f"{plan.year}年度{plan.jurisdiction.short_name}政府督查事项考评数据表"
    words = checked_words(words, what="标题", field="title", most=TITLE_LENGTH)
    hold_open(plan)  # two at once come one after the other
    if Evaluation.objects.filter(plan=plan).exclude(state=EvaluationState.DROPPED).exists():
        raise WrongState("这本台账已经拟定过考评；要重来的，先把原来的作罢。")
    evaluation = Evaluation.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        title=words,
        until=until,
        drafted_on=today,
        drafted_at=now,
        drafted_by_name=by.name[:40],
    )
    figures = policy_of(plan).evaluation
    data = {"until": until, "is_scored": figures.enabled, "policy": plan.policy.number}
    record(EventName.EVALUATION_DRAWN_UP, about(evaluation, data), by=by, now=now)
    if waits_for_ratings(evaluation):
        _tell_leaders(evaluation, by=by, now=now)
    return evaluation


def _tell_leaders(evaluation: Evaluation, *, by: Actor, now: datetime) -> None:
    """Tell whoever rates that it may be done now: those the plan's matters name, and the head of government."""
    named = Overseer.objects.filter(matter__plan=evaluation.plan_id).values("post_id")
    leads = Post.objects.filter(jurisdiction=evaluation.jurisdiction_id, unit=None)
    posts = leads.filter(pk__in=named) | leads.filter(kind=PostKind.GOVERNMENT_HEAD)
    if policy_of(evaluation.plan).evaluation.raters == "all":
        posts = leads.filter(kind__in=(PostKind.LEADER, PostKind.GOVERNMENT_HEAD))
    holders = post_holders(list(posts.distinct().values_list("pk", flat=True)), on=day_of(now))
    tell(
        {one.pk: one for one in holders.values()}.values(),
        title="您有 1 项评价可以填写",
        text=f"{evaluation.title}正在拟定，请对有关单位作出评价，也可由秘书代录。不评价的单位以事实得分为准。",
        link=f"/evaluations/{evaluation.pk}/rate/",
        what=f"evaluation/{evaluation.pk}/rate",
        by=by,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class NewRating:
    """What a leader gives one unit. note: a word on it, or nothing."""

    unit: Unit
    value: Decimal
    note: str = ""


@transaction.atomic
def rate_units(
    evaluation: Evaluation, *, post: Post, ratings: Sequence[NewRating], by: Actor, now: datetime
) -> list[LeaderRating]:
    """领导评价: a leader, or the secretary for the leader, rates units; a changed rating is a new row beside it.

    post: whose rating it is.   ratings: all at once, those unchanged are left as they stand. Raises NotAllowed,
    WrongState (no longer a draft, not scored), Invalid (not this leader's unit, out of range).
    Source: docs/sources.md#evaluation
    """
    require(by, Permission.EVALUATION_RATE, jurisdiction_id=evaluation.jurisdiction_id)
    held = by.holds(Role.LEADER, Role.GOVERNMENT_HEAD, Role.SECRETARY)
    if post.pk not in {post_id for one in held for post_id in one.post_ids}:
        raise NotAllowed("只能录入本人或所服务领导的评价。")
    claim(evaluation, EvaluationState.DRAFTED, message="考评已经送单位核对，不再评价。")
    if not waits_for_ratings(evaluation):
        raise WrongState("督查规则没有启用计分，或者领导评价不占分，不必评价。")
    most = figures_for(evaluation).evaluation.base_score
    allowed = {one.pk: one for one in units_rated_by(post, evaluation)}
    standing = standing_ratings(post, evaluation)
    today = day_of(now)
    holders = post_holders([post.pk], on=today)
    leader = holders[post.pk].name if post.pk in holders else post.title
    made, subjects = [], []
    for one in ratings:
        if one.unit.pk not in allowed:
            raise Invalid(
                f"{one.unit.name}没有这位领导分管、联系的牵头事项，或者不计分。", field=f"value-{one.unit.pk}"
            )
        value, note = _checked_rating(one, most=most)
        before = standing.get(one.unit.pk)
        if before is not None and (before.value, before.note) == (value, note):
            continue
        if before is not None:
            LeaderRating.objects.filter(pk=before.pk, replaced_at=None).update(replaced_at=now)
        made.append(
            LeaderRating(
                evaluation=evaluation,
                post=post,
                unit=one.unit,
                leader_name=leader[:60],
                value=value,
                note=note,
                rated_at=now,
                rated_by_name=by.name[:40],
            )
        )
        data = {"leader": leader, "before": str(before.value) if before else None, "after": str(value), "note": note}
        subjects.append(about(evaluation, data, unit=one.unit))
    if not made:
        raise Invalid("没有填写或改动任何评价。", field="ratings")
    rows = LeaderRating.objects.bulk_create(made)
    record_many(EventName.UNIT_RATED, subjects, by=by, now=now)
    return rows


def _checked_rating(one: NewRating, *, most: int) -> tuple[Decimal, str]:
    place = f"value-{one.unit.pk}"
    if not one.value.is_finite() or not 0 <= one.value <= most:
        raise Invalid(f"{one.unit.name}的评价应在 0 和 {most} 之间。", field=place)
    value = one.value.quantize(Decimal("0.01"))
    if value != one.value:
        raise Invalid(f"{one.unit.name}的评价最多两位小数。", field=place)
    note = one.note.strip()
    if len(note) > NOTE_LENGTH:
        raise Invalid(
            f"{one.unit.name}的说明不超过 {NOTE_LENGTH} 字，现在 {len(note)} 字。", field=f"note-{one.unit.pk}"
        )
    return value, note


@transaction.atomic
def show_evaluation(evaluation: Evaluation, *, by: Actor, now: datetime) -> Evaluation:
    """送单位核对: facts, ratings and policy are frozen; every unit is told, and may object for the policy's workdays.

    A unit nobody rated is scored by its facts alone, and its sheet says so. Raises NotAllowed, WrongState, Invalid (no
    unit). Source: docs/sources.md#evaluation
    """
    require(by, Permission.EVALUATION_DRAW, jurisdiction_id=evaluation.jurisdiction_id)
    today = day_of(now)
    hold(evaluation)
    plan = Plan.objects.select_related("policy", "jurisdiction").get(pk=evaluation.plan_id)
    evaluation.plan = plan
    seen = evaluation.version
    sheets = drafted_sheets(evaluation)
    if not sheets:
        raise Invalid("还没有单位承担事项，没有可考评的。", field="units")
    days = policy_of(plan).objections.score_apply_workdays
    until = use_loaded_notices().add_workdays(today, days)
    claim(
        evaluation,
        EvaluationState.DRAFTED,
        seen=seen,
        state=EvaluationState.SHOWN,
        policy=plan.policy,
        median=sheets[0].median,
        shown_on=today,
        shown_at=now,
        shown_by_name=by.name[:40],
        objections_until=until,
    )
    evaluation.policy = Policy.objects.get(pk=plan.policy_id)
    ScoreSheet.objects.bulk_create(
        new_row(evaluation, one, number=1, objections_until=until, by=by, now=now) for one in sheets
    )
    units = list(Unit.objects.filter(pk__in=[one.unit.unit_id for one in sheets]))
    people = people_of(units, on=today)
    for unit in units:
        tell(
            [person for person, _ in people[unit.pk]],
            title="您单位有 1 张考评表可核对",
            text=f"{evaluation.title}：{unit.name}的事实和计分都在表上，每一条都能点到出处。"
            f"有异议的，可在{date_text(until)}前申请复核；没有异议的不必办理。",
            link=sheet_link(evaluation, unit.pk),
            what=f"evaluation/{evaluation.pk}/shown/{unit.pk}",
            by=by,
            now=now,
        )
    data = {
        "units": len(sheets),
        "until": until,
        "policy": plan.policy.number,
        "median": str(sheets[0].median),
        "unrated": missing_ratings(sheets),
    }
    record(EventName.EVALUATION_SHOWN, about(evaluation, data), by=by, now=now)
    return evaluation


def new_row(
    evaluation: Evaluation,
    sheet: Sheet,
    *,
    number: int,
    objections_until: date,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> ScoreSheet:
    """Return the row that keeps a sheet, not yet saved."""
    return ScoreSheet(
        evaluation=evaluation,
        unit_id=sheet.unit.unit_id,
        number=number,
        data=frozen_values(sheet),
        score=sheet.scored.score if sheet.scored else None,
        loses_award=sheet.scored is not None and sheet.scored.loses_award,
        objections_until=objections_until,
        reason=reason,
        made_at=now,
        made_by_name=by.name[:40],
    )
