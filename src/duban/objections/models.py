"""Tables of objections. Nothing is deleted: what was filed stands, and what it changed was changed by a new event."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.bulletins.models import Citation
from duban.core.actor import Actor
from duban.core.constraints import all_or_none, together
from duban.evaluation.models import ScoreSheet
from duban.lights.models import Override
from duban.matters.models import Matter, Plan
from duban.matters.rules import CHANNEL_LABELS, LIGHT_LABELS, Channel, Light
from duban.objections.rules import (
    ABOUT_LENGTH,
    AT_OFFICE,
    DECLINING_LABELS,
    OBJECTION_STATE_LABELS,
    OUTCOME_LABELS,
    OVER,
    REASON_LENGTH,
    TARGET_LABELS,
    UNDECIDED,
    Declining,
    ObjectionState,
    Outcome,
    Target,
)
from duban.orgs.models import Jurisdiction, Unit
from duban.visits.models import VisitItem


def _none_of(*fields: str) -> Q:
    return Q(**{f"{one}__isnull": True for one in fields})


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ObjectionQuerySet":
        """Objections the actor may see: offices all of their place that were filed, units their own, and whoever is
        named to decide one.
        """
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        filed = ~Q(filed_at=None)
        wanted = filed if None in office else filed & Q(jurisdiction_id__in=office)
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        wanted |= Q(unit_id__in=units)
        if actor.account_id is not None:
            wanted |= filed & Q(reviewer_account_id=actor.account_id)
        return self.filter(wanted)

    def at_office(self) -> "ObjectionQuerySet":
        """Those the office owes a decision on."""
        return self.filter(state__in=AT_OFFICE)


class Objection(models.Model):
    """复核申请: a unit objects to a conclusion of the office, and somebody who took no part decides.

    about: what is objected to, in words.   matter: of a light, or of a citation or verification of one.   light: the
    one shown when it was filed; override: the office's own, where it was that.   visit_item, sheet: the verified
    matter, the score sheet.   told_on: when the unit was told; last_on: the
    last day to file, by the policy of then.   grounds, asked_for: in the unit's words.   channel, informant: how it
    reached the office that entered it.   decide_by: counted from filed_on.
    reviewer_*: who was named to decide, by whom and why; else whoever usually does.   remedy: what becomes of the
    conclusion, in words; number, number_year: of the decision, in the register of documents.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="objections")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="objections")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="objections")
    target = models.CharField(max_length=12, choices=[(one.value, TARGET_LABELS[one]) for one in Target])
    about = models.CharField(max_length=ABOUT_LENGTH)
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="objections")
    light = models.CharField(max_length=6, blank=True, choices=[(one.value, LIGHT_LABELS[one]) for one in Light])
    override = models.ForeignKey(Override, null=True, on_delete=models.PROTECT, related_name="objections")
    citation = models.ForeignKey(Citation, null=True, on_delete=models.PROTECT, related_name="objections")
    visit_item = models.ForeignKey(VisitItem, null=True, on_delete=models.PROTECT, related_name="objections")
    sheet = models.ForeignKey(ScoreSheet, null=True, on_delete=models.PROTECT, related_name="objections")
    told_on = models.DateField()
    last_on = models.DateField()
    state = models.CharField(
        max_length=9,
        choices=[(one.value, OBJECTION_STATE_LABELS[one]) for one in ObjectionState],
        default=ObjectionState.WRITTEN,
    )
    version = models.IntegerField(default=1)
    grounds = models.TextField("理由")
    asked_for = models.TextField("请求")
    written_at = models.DateTimeField()
    written_by_name = models.CharField(max_length=40)
    sent_back_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    filed_on = models.DateField("申请日期", null=True)
    filed_at = models.DateTimeField(null=True)
    filed_by_name = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField("申请人", max_length=40, blank=True)
    decide_by = models.DateField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by_name = models.CharField(max_length=40, blank=True)
    declined_at = models.DateTimeField(null=True)
    declined_by_name = models.CharField(max_length=40, blank=True)
    declined_as = models.CharField(
        max_length=13, blank=True, choices=[(one.value, DECLINING_LABELS[one]) for one in Declining]
    )
    declined_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=40, blank=True)
    reviewer_account_id = models.BigIntegerField(null=True)
    reviewer_name = models.CharField(max_length=40, blank=True)
    reviewer_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    appointed_at = models.DateTimeField(null=True)
    appointed_by_name = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=40, blank=True)
    decided_by_account_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=8, blank=True, choices=[(one.value, OUTCOME_LABELS[one]) for one in Outcome])
    reasons = models.TextField("决定的理由", blank=True)
    remedy = models.TextField("对原结论的处理", blank=True)
    number = models.IntegerField(null=True)
    number_year = models.IntegerField(null=True)
    number_text = models.CharField(max_length=60, blank=True)
    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "复核申请"
        ordering: ClassVar = ["written_at", "pk"]
        indexes = [
            models.Index(fields=["jurisdiction", "state"], name="objection_by_state"),
            models.Index(fields=["unit", "state"], name="objection_of_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(_none_of("citation", "visit_item", "sheet"), target=Target.LIGHT, matter__isnull=False)
                & ~Q(light="")
                | Q(
                    _none_of("override", "visit_item", "sheet"), target=Target.CITATION, citation__isnull=False,
                    light="",
                )
                | Q(
                    _none_of("override", "citation", "sheet"), target=Target.VERIFICATION, visit_item__isnull=False,
                    matter__isnull=False, light="",
                )
                | Q(
                    _none_of("override", "citation", "visit_item", "matter"), target=Target.SCORE,
                    sheet__isnull=False, light="",
                ),
                name="objection_names_its_target",
            ),
            models.UniqueConstraint(
                fields=["unit", "citation"],
                condition=Q(citation__isnull=False) & ~Q(state__in=OVER),
                name="citation_objected_to_once",
            ),
            models.UniqueConstraint(
                fields=["unit", "visit_item", "told_on"],
                condition=Q(visit_item__isnull=False) & ~Q(state__in=OVER),
                name="verification_objected_to_once",
            ),
            models.UniqueConstraint(
                fields=["unit", "sheet"],
                condition=Q(sheet__isnull=False) & ~Q(state__in=OVER),
                name="score_objected_to_once",
            ),
            models.UniqueConstraint(
                fields=["unit", "matter", "told_on", "light"],
                condition=Q(target=Target.LIGHT) & ~Q(state__in=OVER),
                name="light_objected_to_once",
            ),
            models.CheckConstraint(condition=~Q(grounds="") & ~Q(asked_for=""), name="objection_says_why"),
            models.CheckConstraint(condition=together("filed_at", "filed_by_name"), name="objection_filed_by_somebody"),
            models.CheckConstraint(
                condition=Q(filed_at__isnull=True, filed_on__isnull=True, decide_by__isnull=True)
                | Q(filed_at__isnull=False, filed_on__isnull=False, decide_by__isnull=False),
                name="objection_filed_starts_the_clock",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ObjectionState.WRITTEN, ObjectionState.WITHDRAWN]) | Q(filed_at__isnull=False),
                name="objection_filed_before_the_office",
            ),
            models.CheckConstraint(
                condition=Q(channel="", informant="") | (~Q(channel="") & ~Q(informant="") & Q(filed_at__isnull=False)),
                name="objection_told_by_somebody",
            ),
            models.CheckConstraint(
                condition=together("accepted_at", "accepted_by_name"), name="objection_accepted_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.DECLINED, declined_at__isnull=False)
                & ~Q(declined_as="")
                & ~Q(declined_reason="")
                & ~Q(declined_by_name="")
                | ~Q(state=ObjectionState.DECLINED)
                & Q(declined_at__isnull=True, declined_as="", declined_reason="", declined_by_name=""),
                name="objection_declined_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.WITHDRAWN, withdrawn_at__isnull=False) & ~Q(withdrawn_by_name="")
                | ~Q(state=ObjectionState.WITHDRAWN) & Q(withdrawn_at__isnull=True, withdrawn_by_name=""),
                name="objection_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=together("appointed_at", "reviewer_name", "reviewer_reason", "appointed_by_name")
                & all_or_none("reviewer_name", "appointed_by_name"),
                name="objection_reviewer_named_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(reviewer_account_id__isnull=True, appointed_at__isnull=True)
                | Q(reviewer_account_id__isnull=False, appointed_at__isnull=False),
                name="objection_reviewer_is_an_account",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ObjectionState.DECIDED, accepted_at__isnull=False, decided_at__isnull=False,
                    decided_by_account_id__isnull=False, number__gte=1, number_year__isnull=False,
                    outcome__in=list(Outcome),
                )
                & ~Q(reasons="")
                & ~Q(remedy="")
                & ~Q(decided_by_name="")
                | ~Q(state=ObjectionState.DECIDED)
                & Q(
                    decided_at__isnull=True, decided_by_account_id__isnull=True, number__isnull=True, outcome="",
                    reasons="", remedy="", decided_by_name="", number_year__isnull=True,
                ),
                name="objection_decided_with_reasons",
            ),
            models.UniqueConstraint(
                fields=["jurisdiction", "number_year", "number"],
                condition=Q(number__isnull=False),
                name="review_number_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.unit}对{self.about}的复核申请"

    @property
    def is_undecided(self) -> bool:
        """Whether the unit may still take it back."""
        return self.state in UNDECIDED
