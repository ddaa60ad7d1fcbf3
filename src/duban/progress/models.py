"""Tables of progress. An entry is never edited: a correction is a new entry."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from duban.access.rules import WHOLE_UNIT_ROLES
from duban.core.actor import Actor
from duban.core.constraints import all_or_none
from duban.matters.models import Assignment, Matter, Target, said_on_matters_seen_by
from duban.matters.rules import CHANNEL_LABELS, FORECAST_LABELS, Channel, Forecast, State
from duban.orgs.models import Unit
from duban.progress.rules import SCHEDULE_STATE_LABELS, Node, ScheduleState


class ProgressQuerySet(models.QuerySet["Progress"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ProgressQuerySet":
        """Entries the actor may see: offices all, who oversees or merges a matter all of it, other units their own."""
        return self.filter(said_on_matters_seen_by(actor))

    def in_time(self) -> "ProgressQuerySet":
        """Entries in the order of the days they tell of; a later one for the same day corrects the earlier."""
        return self.order_by("effective_on", "pk")


class Progress(models.Model):
    """进展: what one unit says of one matter as of one day.

    pct: typed, or counted from the figures.   channel: empty where the unit entered it itself, else how it told the
    office; informant: who told.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="progress")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="progress")
    effective_on = models.DateField("截至")
    pct = models.DecimalField("完成百分比", max_digits=5, decimal_places=2, null=True)
    sentence = models.CharField("说明", max_length=200, blank=True)
    forecast = models.CharField(
        "自我预判", max_length=10, blank=True, choices=[(one.value, FORECAST_LABELS[one]) for one in Forecast]
    )
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField("填报人", max_length=40, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by_name = models.CharField(max_length=40)
    objects = ProgressQuerySet.as_manager()

    class Meta:
        verbose_name = "进展"
        ordering: ClassVar = ["effective_on", "pk"]
        indexes = [
            models.Index(fields=["matter", "unit", "effective_on"], name="progress_in_time"),
            models.Index(fields=["matter", "effective_on", "id"], name="progress_latest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(pct__isnull=True) | Q(pct__gte=0, pct__lte=100), name="progress_pct"),
            models.CheckConstraint(
                condition=Q(pct__isnull=False) | ~Q(sentence="") | ~Q(forecast=""), name="progress_says_something"
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="progress_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter}进展"


class Figure(models.Model):
    """One number of an entry: where a target stands. The target's own words stay with it."""

    progress = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="figures")
    target = models.ForeignKey(Target, null=True, on_delete=models.SET_NULL, related_name="figures")
    target_text = models.CharField(max_length=100)
    unit_of_measure = models.CharField(max_length=20, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=4)
    share_pct = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = "进展数字"
        ordering: ClassVar = ["pk"]
        constraints = [models.UniqueConstraint(fields=["progress", "target"], name="figure_once_a_target")]

    def __str__(self) -> str:
        return self.target_text


class LookBackQuerySet(models.QuerySet["LookBack"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "LookBackQuerySet":
        """What the actor's own units wrote; an office sees of it what the unit makes a progress entry of."""
        return self.filter(unit_id__in={pk for one in actor.holds(*WHOLE_UNIT_ROLES) for pk in one.unit_ids})


class LookBack(models.Model):
    """回头看: what a unit notes for itself of one matter in one month. month: its first day.

    entry: the progress entry made of it as it stands.   version: counts up with every change.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="look_backs")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="look_backs")
    month = models.DateField("月份")
    done = models.CharField("进展", max_length=60, blank=True)
    problem = models.CharField("问题", max_length=60, blank=True)
    next_step = models.CharField("下一步", max_length=60, blank=True)
    is_nothing_new = models.BooleanField("无新进展", default=False)
    entry = models.ForeignKey(Progress, null=True, on_delete=models.PROTECT, related_name="look_backs")
    version = models.IntegerField(default=1)
    written_at = models.DateTimeField()
    written_by_name = models.CharField(max_length=40)
    objects = LookBackQuerySet.as_manager()

    class Meta:
        verbose_name = "回头看"
        ordering: ClassVar = ["month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "matter", "month"], name="look_back_once_a_month"),
            models.CheckConstraint(
                condition=Q(is_nothing_new=False) | Q(done="", problem="", next_step="", entry__isnull=True),
                name="nothing_new_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month.year}年{self.month.month}月回头看"


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ScheduleQuerySet":
        """Schedules the actor may see: offices all, who oversees or merges a matter its own, other units their own."""
        return self.filter(said_on_matters_seen_by(actor))

    def waiting(self) -> "ScheduleQuerySet":
        """Those the office has still to accept or return: of the unit that merges, on a matter still in hand."""
        merging = Assignment.objects.filter(
            matter=OuterRef("matter"), unit=OuterRef("unit"), is_merging=True, ended_at=None
        )
        in_hand = Q(matter__state__in=(State.ASSIGNED, State.IN_PROGRESS))
        return self.filter(Exists(merging), in_hand, state=ScheduleState.PROPOSED)


class Schedule(models.Model):
    """进度安排: the nodes the merging lead proposes for a matter; accepted, they become its milestones.

    nodes: [{"due_on", "title", "pct"}], as the unit gave them.   note: why the last is not the final date.
    channel, informant: as of Progress.   version: counts up over all schedules of a matter, with every change.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="schedules")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="schedules")
    state = models.CharField(
        "状态", max_length=8, choices=[(one.value, SCHEDULE_STATE_LABELS[one]) for one in ScheduleState]
    )
    nodes = models.JSONField("节点")
    note = models.CharField("说明", max_length=200, blank=True)
    reasons = models.CharField("退回理由", max_length=300, blank=True)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField("报送人", max_length=40, blank=True)
    version = models.IntegerField(default=1)
    proposed_at = models.DateTimeField()
    proposed_by_name = models.CharField(max_length=40)
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=40, blank=True)
    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = "进度安排"
        ordering: ClassVar = ["matter", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter"], condition=Q(state=ScheduleState.PROPOSED), name="schedule_proposed_once"
            ),
            models.UniqueConstraint(fields=["matter", "version"], name="schedule_version_once"),
            models.CheckConstraint(
                condition=Q(state=ScheduleState.PROPOSED, decided_at__isnull=True, decided_by_name="")
                | (~Q(state=ScheduleState.PROPOSED) & Q(decided_at__isnull=False) & ~Q(decided_by_name="")),
                name="schedule_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=(Q(state=ScheduleState.RETURNED) & ~Q(reasons=""))
                | (~Q(state=ScheduleState.RETURNED) & Q(reasons="")),
                name="schedule_returned_with_reasons",
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="schedule_told_by_somebody",
            ),
        ]

    @property
    def rows(self) -> list[Node]:
        """The nodes as they were given."""
        return [Node(date.fromisoformat(one["due_on"]), one["title"], Decimal(one["pct"])) for one in self.nodes]

    def __str__(self) -> str:
        return f"{self.matter}进度安排"
