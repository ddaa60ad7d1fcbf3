"""Tables of 批示. What a leader wrote stands as it was written; what units said of it is added, never edited."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.core.actor import Actor
from duban.core.constraints import all_or_none
from duban.instructions.rules import CHARGE_STATE_LABELS, ENTERED_AS_LABELS, ChargeState, EnteredAs
from duban.matters.models import Matter, Plan
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.orgs.models import Jurisdiction, Post, Unit


class InstructionQuerySet(models.QuerySet["Instruction"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "InstructionQuerySet":
        """批示 are seen only by those they are meant for: the leader and the secretary, the charged units, offices.

        Who else is on the matter, merges or oversees it, sees nothing. Source: docs/sources.md#obstacles
        """
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        if units:
            wanted |= Q(pk__in=Charge.objects.filter(unit_id__in=units).values("instruction_id"))
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        if posts:
            wanted |= Q(post_id__in=posts)
        return self.filter(wanted)


class Instruction(models.Model):
    """批示: what a leader told units to do, about a matter or about none.

    post: the leader's; the holder that day is `leader_name`.   entered_*: who put it on the screen, and as whom.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="instructions")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="instructions")
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="instructions")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="instructions")
    leader_name = models.CharField("批示领导", max_length=60)
    text = models.TextField("批示内容")
    given_on = models.DateField("批示日期")
    entered_as = models.CharField(max_length=10, choices=[(one.value, ENTERED_AS_LABELS[one]) for one in EnteredAs])
    entered_at = models.DateTimeField()
    entered_by_name = models.CharField(max_length=40)
    objects = InstructionQuerySet.as_manager()

    class Meta:
        verbose_name = "批示"
        ordering: ClassVar = ["given_on", "pk"]
        indexes = [models.Index(fields=["jurisdiction", "post"], name="instruction_by_post")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="instruction_says_something")]

    def __str__(self) -> str:
        return f"{self.matter}批示" if self.matter is not None else f"批示 {self.pk}"


class Charge(models.Model):
    """One unit charged with a 批示, and how far it is. By when it answers stands with the obligation.

    feedback_no: the last round of feedback.
    """

    instruction = models.ForeignKey(Instruction, on_delete=models.PROTECT, related_name="charges")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="charges")
    state = models.CharField(
        max_length=8,
        choices=[(one.value, CHARGE_STATE_LABELS[one]) for one in ChargeState],
        default=ChargeState.OPEN,
    )
    feedback_no = models.IntegerField(default=1)
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=40, blank=True)
    settled_note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "批示承办单位"
        ordering: ClassVar = ["instruction", "pk"]
        indexes = [models.Index(fields=["unit", "state"], name="charge_of_unit")]
        constraints = [
            models.UniqueConstraint(fields=["instruction", "unit"], name="unit_charged_once"),
            models.CheckConstraint(
                condition=(Q(state=ChargeState.SETTLED) & Q(settled_at__isnull=False) & ~Q(settled_by_name=""))
                | (~Q(state=ChargeState.SETTLED) & Q(settled_at__isnull=True, settled_by_name="", settled_note="")),
                name="charge_settled_with_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}承办"


class Feedback(models.Model):
    """落实情况: what a unit was asked (again) and what it said.

    asked: what was asked further; empty the first time.   channel: empty where the unit answered here, else how its
    answer reached the office; informant: whose it was.
    """

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="feedback")
    number = models.IntegerField()
    asked = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=40)
    text = models.TextField("落实情况", blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = "批示落实情况"
        ordering: ClassVar = ["charge", "number"]
        constraints = [
            models.UniqueConstraint(fields=["charge", "number"], name="feedback_once"),
            models.CheckConstraint(
                condition=Q(text="", answered_at__isnull=True, answered_by_name="")
                | (~Q(text="") & Q(answered_at__isnull=False) & ~Q(answered_by_name="")),
                name="feedback_with_person",
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="feedback_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.charge}第{self.number}次反馈"
