"""An evaluation and its sheets as somebody sees them: frozen ones once units were shown them, else as they stand."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, Role
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import NotFound
from duban.evaluation.models import Evaluation, EvaluationQuerySet, LeaderRating, OfficeResult, ResultIntake, ScoreSheet
from duban.evaluation.queries.facts import facts_of_year, untrue_known
from duban.evaluation.rules import (
    FROZEN,
    EvaluationState,
    Fact,
    Rated,
    Sheet,
    median_of,
    not_counted,
    ranks,
    sheet_of,
)
from duban.matters.models import Assignment, Overseer
from duban.matters.policy import Figures, stored_figures
from duban.matters.queries import policy_of
from duban.matters.rules import Part
from duban.orgs.models import Post, Unit
from duban.orgs.rules import PostKind
from duban.papers.rules import thawed


def is_of_office(actor: Actor, evaluation: Evaluation) -> bool:
    """Return whether the actor sees everything of an evaluation's place."""
    return any(one.jurisdiction_id in (None, evaluation.jurisdiction_id) for one in actor.holds(*OFFICE_ROLES))


def evaluations_for(actor: Actor) -> EvaluationQuerySet:
    """Return the evaluations this actor may look at, the latest first, joined. One statement."""
    joined = Evaluation.objects.visible_to(actor).select_related("plan__policy", "plan__jurisdiction", "policy")
    return joined.order_by("-plan__year", "-drafted_at", "-pk")


def evaluation_for(actor: Actor, pk: int) -> Evaluation:
    """Return an evaluation this actor may look at. Raises NotFound."""
    found = evaluations_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这项考评，或者您无权查看。")
    return found


def sheet_for(actor: Actor, pk: int, unit_pk: int) -> ScoreSheet:
    """Return the current sheet of a unit this actor may read, everything joined. Raises NotFound."""
    joined = ScoreSheet.objects.visible_to(actor).select_related(
        "evaluation__plan__policy", "evaluation__plan__jurisdiction", "evaluation__policy", "unit"
    )
    found = joined.filter(evaluation=pk, unit=unit_pk, is_current=True).first()
    if found is None:
        raise NotFound("没有这张考评表，或者您无权查看。")
    return found


def figures_for(evaluation: Evaluation) -> Figures:
    """Return the figures an evaluation is scored with: those fixed when it was shown, until then the plan's."""
    if evaluation.policy is not None:
        return stored_figures(evaluation.policy.figures)
    return policy_of(evaluation.plan)


def policy_number_for(evaluation: Evaluation) -> int:
    """Return the version of the policy an evaluation is scored with."""
    return (evaluation.policy or evaluation.plan.policy).number


def data_of(sheet: ScoreSheet) -> Sheet:
    """Return what a stored sheet says."""
    return thawed(Sheet, sheet.data)


def ratings_of(evaluation: Evaluation) -> dict[int, list[Rated]]:
    """Return what leaders gave each unit, the standing ones. One statement."""
    found: dict[int, list[Rated]] = defaultdict(list)
    rows = LeaderRating.objects.filter(evaluation=evaluation, replaced_at=None).select_related("post")
    for one in rows.order_by("post__order", "post_id", "pk"):
        on = day_of(one.rated_at)
        found[one.unit_id].append(Rated(one.leader_name, one.value, one.note, on))
    return found


def sheets_of(evaluation: Evaluation) -> list[Sheet]:
    """Return every unit's sheet, in the order of units: as frozen, for a draft as the facts stand now.

    One statement once it was shown; for a draft the facts' and one more.
    """
    if evaluation.state in FROZEN:
        rows = ScoreSheet.objects.filter(evaluation=evaluation, is_current=True).order_by("unit__order", "unit_id")
        return [data_of(one) for one in rows]
    return drafted_sheets(evaluation)


def drafted_sheets(evaluation: Evaluation) -> list[Sheet]:
    """Return every unit's sheet as the facts and the policy stand now."""
    year = facts_of_year(evaluation.plan, until=evaluation.until)
    figures, ratings = figures_for(evaluation), ratings_of(evaluation)
    median = median_of(year.units, figures)
    return [
        sheet_of(
            one,
            figures,
            until=evaluation.until,
            policy_number=policy_number_for(evaluation),
            median=median,
            ratings=ratings.get(one.unit_id, ()),
        )
        for one in year.units
    ]


def ranks_of(sheets: Iterable[Sheet], figures: Figures) -> Mapping[int, int]:
    """Return the place of each scored unit where the policy ranks; empty where it does not, as by default."""
    if not figures.evaluation.ranking:
        return {}
    return ranks({one.unit.unit_id: one.scored.score for one in sheets if one.scored is not None})


def readable_units(actor: Actor, evaluation: Evaluation) -> set[int]:
    """Return the units whose sheets the actor may read. One statement."""
    rows = ScoreSheet.objects.visible_to(actor).filter(evaluation=evaluation, is_current=True)
    return set(rows.order_by().values_list("unit_id", flat=True))


# ---- rating


def posts_rating(actor: Actor, evaluation: Evaluation) -> list[Post]:
    """Return the leaders' posts the actor rates for: the own, or that of the leader the actor serves. One statement."""
    held = actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD)
    pks = {post_id for one in held for post_id in one.post_ids}
    kinds = (PostKind.LEADER, PostKind.GOVERNMENT_HEAD)
    posts = Post.objects.filter(pk__in=pks, jurisdiction_id=evaluation.jurisdiction_id, kind__in=kinds, unit=None)
    return list(posts.order_by("order", "pk"))


def units_rated_by(post: Post, evaluation: Evaluation) -> list[Unit]:
    """Return the units a leader may rate: by the policy those that lead a matter the leader oversees, or all; the head
    of government all. Not units that get no score. Two statements at most.
    """
    figures = figures_for(evaluation)
    parts = Assignment.objects.filter(matter__plan=evaluation.plan, part=Part.LEAD, ended_at=None)
    if figures.evaluation.raters == "overseers" and post.kind != PostKind.GOVERNMENT_HEAD:
        parts = parts.filter(matter__in=Overseer.objects.filter(post=post).values("matter_id"))
    units = Unit.objects.filter(jurisdiction=evaluation.jurisdiction_id, merged_into=None)
    own = units.filter(pk__in=parts.values("unit_id"))
    absorbed = Unit.objects.filter(pk__in=parts.values("unit_id"), merged_into__isnull=False).values("merged_into_id")
    found = (own | units.filter(pk__in=absorbed)).exclude(unit_type__in=figures.letters.inviting_unit_types)
    return list(found.distinct().order_by("order", "pk"))


def standing_ratings(post: Post, evaluation: Evaluation) -> dict[int, LeaderRating]:
    """Return what a leader gave so far, by unit. One statement."""
    rows = LeaderRating.objects.filter(evaluation=evaluation, post=post, replaced_at=None)
    return {one.unit_id: one for one in rows}


def waits_for_ratings(evaluation: Evaluation) -> bool:
    """Return whether leaders may rate now: it is a draft, scored, and their ratings have a share."""
    policy = figures_for(evaluation).evaluation
    return evaluation.state == EvaluationState.DRAFTED and policy.enabled and policy.leaders_rating_pct > 0


def missing_ratings(sheets: Iterable[Sheet]) -> list[str]:
    """Return the names of the scored units nobody rated: their score rests on the facts alone."""
    return [one.unit.name for one in sheets if one.scored and one.scored.rating_pct and one.scored.rating is None]


# ---- what a confirmation waits for


def sheets_in_time(evaluation: Evaluation, *, today: date) -> list[ScoreSheet]:
    """Return the sheets whose units may still object and have not said that they agree, joined. One statement."""
    rows = ScoreSheet.objects.filter(
        evaluation=evaluation, is_current=True, objections_until__gte=today, agreed_at=None
    )
    return list(rows.select_related("unit").order_by("unit__order", "unit_id"))


def untrue_by(evaluation: Evaluation, *, known_on: date) -> dict[int, list[Fact]]:
    """Return what was found untrue by a day, whether or not the sheets count it, by unit. See `untrue_known`."""
    found: dict[int, list[Fact]] = defaultdict(list)
    for one in untrue_known(evaluation.plan, until=evaluation.until, known_on=known_on):
        found[one.unit_id].append(one)
    return found


def findings_not_counted(evaluation: Evaluation, *, known_on: date) -> dict[int, list[Fact]]:
    """Return what was found untrue and the current sheets neither count nor leave out, by unit, in the order of units.

    Nothing of a draft, which reads the facts itself. One statement more than `untrue_by` where anything was found.
    """
    found = untrue_by(evaluation, known_on=known_on) if evaluation.state in FROZEN else {}
    if not found:
        return {}
    rows = ScoreSheet.objects.filter(evaluation=evaluation, is_current=True, unit_id__in=list(found))
    missing = {
        one.unit_id: not_counted(data_of(one), found[one.unit_id]) for one in rows.order_by("unit__order", "unit_id")
    }
    return {pk: facts for pk, facts in missing.items() if facts}


# ---- history and results


def history_of(sheet: ScoreSheet) -> list[ScoreSheet]:
    """Return a unit's sheets, the first as it was shown, then each correction. One statement."""
    rows = ScoreSheet.objects.filter(evaluation=sheet.evaluation_id, unit=sheet.unit_id)
    return list(rows.order_by("number"))


def intakes_of(evaluation: Evaluation) -> list[ResultIntake]:
    """Return what came back from the appraisal office, the latest first, results joined. Two statements."""
    results = Prefetch("results", queryset=OfficeResult.objects.select_related("unit"))
    rows = ResultIntake.objects.filter(evaluation=evaluation).prefetch_related(results)
    return list(rows.order_by("-number"))


def results_of(evaluation: Evaluation, *, unit_id: int | None = None) -> dict[tuple[int, str], OfficeResult]:
    """Return the last result of each fact and each unit: by (unit, fact key), no key for the unit. One statement."""
    rows = OfficeResult.objects.filter(intake__evaluation=evaluation)
    if unit_id is not None:
        rows = rows.filter(unit=unit_id)
    return {(one.unit_id, one.fact_key): one for one in rows.order_by("intake__number", "pk")}


# ---- what waits


@dataclass(frozen=True, slots=True)
class ToRate:
    """A leader's post that has units to rate, and how many are not rated yet."""

    evaluation: Evaluation
    post: Post
    units: int
    missing: int


def drafts_to_rate(actor: Actor) -> QuerySet[Evaluation]:
    """Return the drafts of the places where the actor rates."""
    held = actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD)
    places = [one.jurisdiction_id for one in held if one.post_ids and one.jurisdiction_id is not None]
    return Evaluation.objects.filter(jurisdiction_id__in=places, state=EvaluationState.DRAFTED)


def to_rate(actor: Actor) -> list[ToRate]:
    """Return for whom the actor may still rate. One statement where no draft waits; then four for each post."""
    found = []
    for one in drafts_to_rate(actor).select_related("plan__policy", "policy").order_by("pk"):
        if not waits_for_ratings(one):
            continue
        for post in posts_rating(actor, one):
            units = units_rated_by(post, one)
            given = standing_ratings(post, one)
            missing = sum(unit.pk not in given for unit in units)
            if missing:
                found.append(ToRate(one, post, len(units), missing))
    return found


def scores_of(sheets: Iterable[Sheet]) -> dict[int, Decimal]:
    """Return the score of each scored unit."""
    return {one.unit.unit_id: one.scored.score for one in sheets if one.scored is not None}
