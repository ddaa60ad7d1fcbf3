"""Tables of the lights: what was known when, how lights turned, what the office decided, what was frozen."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from duban.matters.models import Matter, Plan, Policy
from duban.matters.rules import LIGHT_LABELS, STATE_LABELS, Light, State

_LIGHTS = [(one.value, LIGHT_LABELS[one]) for one in Light]
_WORDS = ["", *Light]


class KnownFacts(models.Model):
    """灯所依据的事实 of a matter as they stood at the end of a day; they hold until the next row. Written by `judge`.

    facts: `rules.Facts` as JSON. The tables of matters hold the present; these rows answer for any past day.
    """

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="known_facts")
    day = models.DateField()
    facts = models.JSONField()

    class Meta:
        verbose_name = "灯所依据的事实"
        ordering: ClassVar = ["matter", "day"]
        constraints = [models.UniqueConstraint(fields=["matter", "day"], name="facts_known_once_a_day")]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.day}"


class LightTurn(models.Model):
    """灯的变化: from which light to which at a day's end; empty is no light. One row a matter and day.

    is_round: turned by the daily round because a day passed, not because a fact changed.
    policy: the version of the policy whose adoption turned it, though no fact of the matter changed.
    """

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="light_turns")
    day = models.DateField()
    before = models.CharField(max_length=6, blank=True, choices=_LIGHTS)
    light = models.CharField(max_length=6, blank=True, choices=_LIGHTS)
    reasons = models.JSONField(default=list)
    is_round = models.BooleanField(default=False)
    policy = models.ForeignKey(Policy, null=True, on_delete=models.PROTECT, related_name="light_turns")

    class Meta:
        verbose_name = "灯的变化"
        ordering: ClassVar = ["day", "pk"]
        indexes = [models.Index(fields=["day", "light"], name="light_turn_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["matter", "day"], name="light_turns_once_a_day"),
            models.CheckConstraint(condition=~Q(light=F("before")), name="light_turn_turns"),
            models.CheckConstraint(condition=Q(light__in=_WORDS, before__in=_WORDS), name="light_turn_word"),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.day} {self.before}→{self.light}"


class Override(models.Model):
    """督查室改判: the light shown instead of the judged one, with the reason. Both stay; it holds until it is lifted.

    judged: the light by the rules at that moment.   ended_*: lifted, replaced, or gone with the light itself.
    """

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="overrides")
    judged = models.CharField(max_length=6, choices=_LIGHTS)
    light = models.CharField(max_length=6, choices=_LIGHTS)
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=40)
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=40, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "督查室改判"
        ordering: ClassVar = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter"], condition=Q(ended_at__isnull=True), name="one_override_in_force"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="override_with_reason"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by_name="", ended_reason="")
                | (Q(ended_at__isnull=False) & ~Q(ended_by_name="") & ~Q(ended_reason="")),
                name="override_ended_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter} 改判{LIGHT_LABELS[Light(self.light)]}"


class DailyRound(models.Model):
    """每日刷新: a day whose turns are done, once. digest: SHA-256 over them; the audit event tells the same."""

    day = models.DateField(unique=True)
    done_at = models.DateTimeField(null=True)
    turns = models.IntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "每日刷新"
        ordering: ClassVar = ["day"]

    def __str__(self) -> str:
        return self.day.isoformat()


class Snapshot(models.Model):
    """定格: how every matter of a plan stood at the end of a day. Never changed; bulletins quote nothing else.

    is_half_year: one of the policy's own days (30 June, 31 December) besides the ends of months.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="snapshots")
    day = models.DateField()
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    is_half_year = models.BooleanField(default=False)
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = "定格"
        ordering: ClassVar = ["day", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "day"], name="snapshot_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day.year}年{self.day.month}月{self.day.day}日定格"


class SnapshotRow(models.Model):
    """One matter in a snapshot. light: by the rules; override: what the office showed instead.

    progress_pct: reported; expected_pct: 序时进度 of that day, None where none is asked for.
    """

    snapshot = models.ForeignKey(  # found by the constraint, which begins with it
        Snapshot, on_delete=models.PROTECT, related_name="rows", db_index=False
    )
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="snapshot_rows")
    state = models.CharField(max_length=14, choices=[(one.value, STATE_LABELS[one]) for one in State])
    light = models.CharField(max_length=6, blank=True, choices=_LIGHTS)
    override = models.CharField(max_length=6, blank=True, choices=_LIGHTS)
    due_on = models.DateField()
    progress_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    expected_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    reasons = models.JSONField(default=list)

    class Meta:
        verbose_name = "定格的事项"
        ordering: ClassVar = ["pk"]
        constraints = [models.UniqueConstraint(fields=["snapshot", "matter"], name="matter_once_in_a_snapshot")]

    def __str__(self) -> str:
        return f"{self.snapshot} {self.matter}"
