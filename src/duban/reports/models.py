"""Tables of the half-year reports. What was handed in once stays readable as a version."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.lookups import In

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES, Role
from duban.core.actor import Actor
from duban.core.constraints import all_or_none, together
from duban.matters.models import Aside, Assignment, Matter, Overseer
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.orgs.models import Unit
from duban.reports.rules import REPORT_STATE_LABELS, WITH_THE_OFFICE, ReportState


def _of_office(actor: Actor) -> Q | None:
    """Return the condition of the jurisdictions whose office the actor is of; None where there is no bound."""
    places = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
    if None in places:
        return None
    return Q(In(Aside("matter__jurisdiction_id"), places)) if places else Q(pk__in=[])


def _own_units(actor: Actor) -> set[int]:
    return {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}


def _overseen_or_merged(actor: Actor, *, units: set[int]) -> Q:
    """Return the condition of the matters the actor oversees, or merges the reports of."""
    posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
    wanted = Q(matter_id__in=Overseer.objects.filter(post_id__in=posts).values("matter_id")) if posts else Q(pk__in=[])
    if units:
        merged = Assignment.objects.filter(unit_id__in=units, is_merging=True, ended_at=None)
        wanted |= Q(matter_id__in=merged.values("matter_id"))
    return wanted


class ReportQuerySet(models.QuerySet["Report"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ReportQuerySet":
        """Reports whose text the actor may read: a unit its own; offices, overseers and the merging lead once sent."""
        office, units = _of_office(actor), _own_units(actor)
        if office is None:
            return self.filter(state__in=WITH_THE_OFFICE)
        others = (office | _overseen_or_merged(actor, units=units)) & Q(state__in=WITH_THE_OFFICE)
        own = Q(unit_id__in=units)
        for one in actor.holds(Role.RESPONSIBLE):
            answered = Assignment.objects.filter(post_id__in=one.post_ids).values("matter_id")
            own |= Q(unit_id__in=one.unit_ids, matter_id__in=answered)
        return self.filter(own | others)


class Report(models.Model):
    """报告: what a lead unit writes of a matter for one report day.

    text: plain, one paragraph; chars: its 字数.   reason_outside: why its length is another than asked for;
    exception_reason: why the office took it all the same.   basis: what its sentences rest on, see rules.traced.
    sent_on: the day it last reached the office; first_sent_on: the first time, by which is judged whether it was late.
    returns: how often the office gave it back.   remark: the reason of the last 退改 or 退回.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="reports")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="reports")
    report_day = models.DateField("报送日期")
    text = models.TextField("报告", blank=True)
    chars = models.IntegerField("字数", default=0)
    state = models.CharField(
        "状态", max_length=12, choices=[(one.value, REPORT_STATE_LABELS[one]) for one in ReportState]
    )
    reason_outside = models.CharField(max_length=200, blank=True)
    exception_reason = models.CharField(max_length=200, blank=True)
    basis = models.JSONField(default=list)
    version = models.IntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by_name = models.CharField(max_length=40)
    submitted_at = models.DateTimeField(null=True)
    submitted_by_name = models.CharField(max_length=40, blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by_name = models.CharField(max_length=40, blank=True)
    sent_on = models.DateField(null=True)
    first_sent_on = models.DateField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by_name = models.CharField(max_length=40, blank=True)
    returned_at = models.DateTimeField(null=True)
    returned_by_name = models.CharField(max_length=40, blank=True)
    remark = models.CharField(max_length=200, blank=True)
    returns = models.IntegerField("退回次数", default=0)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField("报送人", max_length=40, blank=True)
    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "报告"
        ordering: ClassVar = ["report_day", "pk"]
        indexes = [
            models.Index(fields=["report_day", "state"], name="report_by_day"),
            models.Index(fields=["unit", "state"], name="report_by_unit"),
            models.Index(
                fields=["report_day", "matter", "state", "sent_on"],
                condition=Q(state=ReportState.SENT),
                name="report_to_be_looked_at",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["matter", "unit", "report_day"], name="report_once_a_day"),
            models.CheckConstraint(
                condition=~Q(state__in=WITH_THE_OFFICE)
                | Q(approved_at__isnull=False, sent_on__isnull=False, first_sent_on__isnull=False),
                name="report_sent_with_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.SUBMITTED) | Q(submitted_at__isnull=False),
                name="report_submitted_with_time",
            ),
            models.CheckConstraint(
                condition=(Q(state=ReportState.ACCEPTED) & Q(accepted_at__isnull=False) & ~Q(accepted_by_name=""))
                | (~Q(state=ReportState.ACCEPTED) & Q(accepted_at__isnull=True, accepted_by_name="")),
                name="report_accepted_with_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ReportState.SENT_BACK, ReportState.RETURNED]) | ~Q(remark=""),
                name="report_returned_with_reason",
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="report_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_day.month}月{self.report_day.day}日报告"


class ReportVersion(models.Model):
    """报告文稿: a text as it was handed in, or as it stood before the office put what came on paper in its place."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    text = models.TextField()
    chars = models.IntegerField()
    reason_outside = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField()
    written_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "报告文稿"
        ordering: ClassVar = ["number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="report_version_number_once")]

    def __str__(self) -> str:
        return f"第{self.number}稿"


class HollowMark(models.Model):
    """内容空泛: the office marks that a report says nothing, with its reason; lifted with another. Never guessed."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="hollow_marks")
    reason = models.CharField(max_length=200)
    marked_at = models.DateTimeField()
    marked_by_name = models.CharField(max_length=40)
    lifted_at = models.DateTimeField(null=True)
    lifted_by_name = models.CharField(max_length=40, blank=True)
    lifted_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "内容空泛"
        ordering: ClassVar = ["marked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(lifted_at__isnull=True), name="report_is_marked_hollow_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hollow_mark_with_reason"),
            models.CheckConstraint(
                condition=together("lifted_at", "lifted_by_name", "lifted_reason"),
                name="hollow_mark_lifted_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}内容空泛"


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ContributionQuerySet":
        """What the actor's own units gave; offices all, overseers and the merging lead that of their matters."""
        office, units = _of_office(actor), _own_units(actor)
        if office is None:
            return self.all()
        return self.filter(office | Q(unit_id__in=units) | _overseen_or_merged(actor, units=units))


class Contribution(models.Model):
    """协办情况: what a supporting unit gives the merging lead for one report day, or that it has nothing to add.

    missing_*: the lead marked that nothing had come; that stays a fact when something comes later.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="contributions")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="contributions")
    report_day = models.DateField("报送日期")
    text = models.TextField("协办情况", blank=True)
    is_nothing_new = models.BooleanField("无补充", default=False)
    version = models.IntegerField(default=1)
    given_at = models.DateTimeField(null=True)
    given_by_name = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField("报送人", max_length=40, blank=True)
    missing_at = models.DateTimeField(null=True)
    missing_by_name = models.CharField(max_length=40, blank=True)
    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = "协办情况"
        ordering: ClassVar = ["report_day", "pk"]
        indexes = [models.Index(fields=["unit", "report_day"], name="contribution_by_unit")]
        constraints = [
            models.UniqueConstraint(fields=["matter", "unit", "report_day"], name="contribution_once_a_day"),
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, text="", is_nothing_new=False)
                | (Q(given_at__isnull=False, is_nothing_new=True, text=""))
                | (Q(given_at__isnull=False, is_nothing_new=False) & ~Q(text="")),
                name="contribution_says_something",
            ),
            models.CheckConstraint(
                condition=Q(given_at__isnull=False) | Q(missing_at__isnull=False), name="contribution_given_or_missing"
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="contribution_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_day.month}月{self.report_day.day}日协办情况"
