"""Tables of difficulties. What was asked and answered is added round by round, never edited."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES, Role
from duban.core.actor import Actor
from duban.matters.models import Assignment, Matter, Overseer
from duban.matters.rules import CHANNEL_LABELS, OPEN_STATES, Channel
from duban.obstacles.rules import CAUSE_LABELS, OBSTACLE_STATE_LABELS, Cause, ObstacleState
from duban.orgs.models import Jurisdiction, Post, Unit


class ObstacleQuerySet(models.QuerySet["Obstacle"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ObstacleQuerySet":
        """Difficulties the actor may see.

        Offices all of their jurisdiction; who oversees a matter, or merges it, all on it; a unit what it raised and
        what was ever put to it; a leader what was ever put to the leader's post; other responsible persons what their
        unit raised on what their post answers for.
        """
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        if units:
            merged = Assignment.objects.filter(unit_id__in=units, is_merging=True, ended_at=None)
            asked = Round.objects.filter(to_unit_id__in=units)
            wanted |= Q(unit_id__in=units) | Q(matter_id__in=merged.values("matter_id"))
            wanted |= Q(pk__in=asked.values("obstacle_id"))
        for one in actor.holds(Role.RESPONSIBLE):
            answered = Assignment.objects.filter(post_id__in=one.post_ids).values("matter_id")
            wanted |= Q(unit_id__in=one.unit_ids, matter_id__in=answered)
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        if posts:
            overseen = Overseer.objects.filter(post_id__in=posts)
            asked = Round.objects.filter(to_post_id__in=posts)
            wanted |= Q(matter_id__in=overseen.values("matter_id")) | Q(pk__in=asked.values("obstacle_id"))
        return self.filter(wanted)

    def live(self) -> "ObstacleQuerySet":
        """Difficulties not ended yet, on matters still being worked on."""
        return self.exclude(state=ObstacleState.CLOSED).filter(matter__state__in=OPEN_STATES)


class Obstacle(models.Model):
    """困难问题: what stands in a unit's way on a matter, and who should do what.

    to_unit, to_post: whom it is put to now, one of them; the leader stands as a post.   round_no: the last round.
    by when an answer is owed stands with the obligation, not here.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="obstacles")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="obstacles")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="obstacles")
    problem = models.CharField("问题", max_length=100)
    need = models.CharField("需要谁做什么", max_length=100)
    state = models.CharField(
        max_length=8,
        choices=[(one.value, OBSTACLE_STATE_LABELS[one]) for one in ObstacleState],
        default=ObstacleState.OPEN,
    )
    to_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="obstacles_put_to")
    to_post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="obstacles_put_to")
    round_no = models.IntegerField(default=1)
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=40, blank=True)
    closing_note = models.CharField(max_length=200, blank=True)
    objects = ObstacleQuerySet.as_manager()

    class Meta:
        verbose_name = "困难问题"
        ordering: ClassVar = ["raised_at", "pk"]
        indexes = [
            models.Index(fields=["matter", "state"], name="obstacle_on_matter"),
            models.Index(fields=["jurisdiction", "state"], name="obstacle_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_unit__isnull=False, to_post__isnull=True)
                | Q(to_unit__isnull=True, to_post__isnull=False),
                name="obstacle_put_to_one",
            ),
            models.CheckConstraint(
                condition=(Q(state=ObstacleState.CLOSED) & Q(closed_at__isnull=False) & ~Q(closed_by_name=""))
                | (~Q(state=ObstacleState.CLOSED) & Q(closed_at__isnull=True, closed_by_name="", closing_note="")),
                name="obstacle_closed_with_person",
            ),
            models.UniqueConstraint(
                fields=["matter", "unit", "problem", "need"],
                condition=~Q(state=ObstacleState.CLOSED),
                name="obstacle_raised_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter}困难问题"


class Round(models.Model):
    """一问一答: to whom a difficulty was put and what came back; an answer overtaken by the next round stays empty.

    note: what the asker added.   channel: empty where the asked answered here, else how the answer reached the office;
    informant: whose answer that was.
    """

    obstacle = models.ForeignKey(Obstacle, on_delete=models.PROTECT, related_name="rounds")
    number = models.IntegerField()
    cause = models.CharField(max_length=10, choices=[(one.value, CAUSE_LABELS[one]) for one in Cause])
    to_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="rounds_put_to")
    to_post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="rounds_put_to")
    note = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=40)
    answer = models.CharField("答复", max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = "困难问题的一问一答"
        ordering: ClassVar = ["obstacle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["obstacle", "number"], name="round_once"),
            models.CheckConstraint(
                condition=Q(to_unit__isnull=False, to_post__isnull=True)
                | Q(to_unit__isnull=True, to_post__isnull=False),
                name="round_put_to_one",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by_name="")
                | (~Q(answer="") & Q(answered_at__isnull=False) & ~Q(answered_by_name="")),
                name="round_answered_with_person",
            ),
            models.CheckConstraint(
                condition=Q(channel="", informant="") | (~Q(channel="") & ~Q(informant="")),
                name="round_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obstacle}第{self.number}轮"
