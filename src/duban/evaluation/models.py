"""Tables of evaluation. Nothing is overwritten: a corrected sheet, a changed rating is a new row beside the former."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.core.actor import Actor
from duban.core.constraints import together
from duban.evaluation.rules import (
    EVALUATION_STATE_LABELS,
    FROZEN,
    NOTE_LENGTH,
    REASON_LENGTH,
    RESULT_LENGTH,
    TITLE_LENGTH,
    EvaluationState,
)
from duban.matters.models import Assignment, Overseer, Plan, Policy
from duban.matters.rules import Part
from duban.orgs.models import Jurisdiction, Post, Unit


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "EvaluationQuerySet":
        """Evaluations the actor may look at: offices all of their place, leaders and units those shown to units.

        Leaders also see the draft, because they rate while it is one. What of it they see is the sheets' matter.
        """
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        led = {one.jurisdiction_id for one in actor.holds(*LEADER_ROLES)}
        wanted |= Q(jurisdiction_id__in=led) & ~Q(state=EvaluationState.DROPPED)
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        own = ScoreSheet.objects.filter(unit_id__in=units).values("evaluation_id")
        wanted |= Q(pk__in=own, state__in=FROZEN)
        return self.filter(wanted)


class Evaluation(models.Model):
    """绩效考评 of a plan: the facts of a year, and where the policy says so a score.

    until: the last day that counts.   policy: whose figures score it, fixed when it is shown to units; until then the
    plan's.   objections_until: the last day units may object to what they were shown.   version: counts up with every
    step and correction.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="evaluations")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="evaluations")
    policy = models.ForeignKey(Policy, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=9,
        choices=[(one.value, EVALUATION_STATE_LABELS[one]) for one in EvaluationState],
        default=EvaluationState.DRAFTED,
    )
    title = models.CharField("标题", max_length=TITLE_LENGTH)
    until = models.DateField("事实截至")
    version = models.IntegerField(default=1)
    drafted_on = models.DateField()
    drafted_at = models.DateTimeField()
    drafted_by_name = models.CharField(max_length=40)
    median = models.DecimalField("应办事宜中位数", max_digits=8, decimal_places=1, null=True)
    shown_on = models.DateField(null=True)
    shown_at = models.DateTimeField(null=True)
    shown_by_name = models.CharField(max_length=40, blank=True)
    objections_until = models.DateField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_name = models.CharField(max_length=40, blank=True)
    reopened_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    dropped_at = models.DateTimeField(null=True)
    dropped_by_name = models.CharField(max_length=40, blank=True)
    dropped_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = "考评"
        ordering: ClassVar = ["drafted_at", "pk"]
        indexes = [models.Index(fields=["jurisdiction", "state"], name="evaluation_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"], condition=~Q(state=EvaluationState.DROPPED), name="plan_is_evaluated_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=FROZEN,
                    policy__isnull=False,
                    shown_at__isnull=False,
                    shown_on__isnull=False,
                    objections_until__isnull=False,
                    median__isnull=False,
                )
                | (Q(state=EvaluationState.DRAFTED, policy__isnull=True, shown_at__isnull=True, median__isnull=True))
                | Q(state=EvaluationState.DROPPED),
                name="evaluation_frozen_once_shown",
            ),
            models.CheckConstraint(
                condition=together("confirmed_at", "confirmed_by_name"), name="evaluation_confirmed_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(state=EvaluationState.CONFIRMED, confirmed_at__isnull=False)
                | (~Q(state=EvaluationState.CONFIRMED) & Q(confirmed_at__isnull=True)),
                name="evaluation_confirmed_with_moment",
            ),
            models.CheckConstraint(
                condition=(Q(state=EvaluationState.DROPPED, dropped_at__isnull=False) & ~Q(dropped_reason=""))
                | (~Q(state=EvaluationState.DROPPED) & Q(dropped_reason="", dropped_at__isnull=True)),
                name="evaluation_dropped_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ScoreSheetQuerySet(models.QuerySet["ScoreSheet"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ScoreSheetQuerySet":
        """Sheets the actor may read: offices all of their place; a unit its own; a leader (and the secretary) those of
        units that lead a matter the leader oversees. The last two once units were shown them.
        """
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(evaluation__jurisdiction_id__in=office) if office else Q(pk__in=[])
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        theirs = Q(unit_id__in=units)
        if posts:
            overseen = Overseer.objects.filter(post_id__in=posts).values("matter_id")
            led = Assignment.objects.filter(matter_id__in=overseen, part=Part.LEAD, ended_at=None).values("unit_id")
            theirs |= Q(unit_id__in=led)
        return self.filter(wanted | (theirs & Q(evaluation__state__in=FROZEN)))


class ScoreSheet(models.Model):
    """考评表 of one unit: its facts and, where scored, every step of its score, frozen as data.

    number: 1 as shown, then one more with each correction; is_current: the last.   score: null where the unit or the
    plan is not scored.   objections_until: the last day its unit may object to it.   contested_at: somebody objects to
    it; until that is decided the evaluation is not confirmed.   agreed_*: the unit said that it does not.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="sheets")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="score_sheets")
    number = models.IntegerField()
    is_current = models.BooleanField(default=True)
    data = models.JSONField()
    score = models.DecimalField("总分", max_digits=7, decimal_places=2, null=True)
    loses_award = models.BooleanField("取消评先资格", default=False)
    reason = models.CharField("更正理由", max_length=REASON_LENGTH, blank=True)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=40)
    objections_until = models.DateField("提出异议的期限")
    contested_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    agreed_by_name = models.CharField("没有异议", max_length=80, blank=True)
    objects = ScoreSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "考评表"
        ordering: ClassVar = ["unit__order", "unit_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "unit", "number"], name="score_sheet_numbered_once"),
            models.UniqueConstraint(
                fields=["evaluation", "unit"], condition=Q(is_current=True), name="unit_has_one_current_sheet"
            ),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="score_corrected_with_reason"),
            models.CheckConstraint(condition=together("agreed_at", "agreed_by_name"), name="score_agreed_by_somebody"),
            models.CheckConstraint(
                condition=Q(contested_at__isnull=True) | Q(agreed_at__isnull=True), name="score_agreed_or_contested"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}考评表"


class LeaderRating(models.Model):
    """领导评价: what a leader gives a unit. A changed one is a new row; the former stays with its end.

    rated_by_name: who entered it, the leader or the secretary for the leader.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="ratings")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="unit_ratings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="leader_ratings")
    leader_name = models.CharField(max_length=60)
    value = models.DecimalField("评价", max_digits=6, decimal_places=2)
    note = models.CharField("说明", max_length=NOTE_LENGTH, blank=True)
    rated_at = models.DateTimeField()
    rated_by_name = models.CharField(max_length=40)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "领导评价"
        ordering: ClassVar = ["post__order", "post_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "post", "unit"],
                condition=Q(replaced_at__isnull=True),
                name="leader_rates_a_unit_once",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="rating_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.leader_name} {self.unit} {self.value}"


class ResultIntake(models.Model):
    """考评部门核查结果: one filled-in form as it came back. digest: of the file, kept byte for byte.

    unread: its rows that name nothing of this evaluation, as they stood: (sheet, line, cells). Nothing is lost.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="intakes")
    number = models.IntegerField()
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    unread = models.JSONField(default=list)
    taken_at = models.DateTimeField()
    taken_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "核查结果"
        ordering: ClassVar = ["number"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "number"], name="result_intake_numbered_once")]

    def __str__(self) -> str:
        return self.file_name


class OfficeResult(models.Model):
    """考评部门的一条结果: of one fact of a unit, or of the unit as a whole (fact_key empty)."""

    intake = models.ForeignKey(ResultIntake, on_delete=models.CASCADE, related_name="results")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="office_results")
    fact_key = models.CharField(max_length=60, blank=True)
    result = models.CharField("核查结果", max_length=RESULT_LENGTH)
    note = models.CharField("核查说明", max_length=500, blank=True)

    class Meta:
        verbose_name = "考评部门结果"
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["intake", "unit", "fact_key"], name="result_once_an_intake"),
            models.CheckConstraint(condition=~Q(result="") | ~Q(note=""), name="result_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.result}"
