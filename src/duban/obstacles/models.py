"""Tables of difficulties and of meetings. What was asked, answered and decided is added, never edited."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES, Role
from duban.core.actor import Actor
from duban.core.constraints import all_or_none
from duban.matters.models import Assignment, Matter, Overseer, Plan
from duban.matters.rules import CHANNEL_LABELS, OPEN_STATES, Channel
from duban.obstacles.rules import (
    CAUSE_LABELS,
    DECISION_STATE_LABELS,
    MEETING_STATE_LABELS,
    OBSTACLE_STATE_LABELS,
    Cause,
    DecisionState,
    MeetingState,
    ObstacleState,
)
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

    note: what the asker added.   item: of the agenda, where a meeting's decision is the answer; it is put to nobody
    else then.   channel: empty where the asked answered here, else how the answer reached the office;
    informant: whose answer that was.
    """

    obstacle = models.ForeignKey(Obstacle, on_delete=models.PROTECT, related_name="rounds")
    number = models.IntegerField()
    cause = models.CharField(max_length=10, choices=[(one.value, CAUSE_LABELS[one]) for one in Cause])
    to_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="rounds_put_to")
    to_post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="rounds_put_to")
    item = models.ForeignKey("AgendaItem", null=True, on_delete=models.PROTECT, related_name="rounds")
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
                | Q(to_unit__isnull=True, to_post__isnull=False)
                | Q(to_unit__isnull=True, to_post__isnull=True, cause=Cause.MEETING),
                name="round_put_to_one",
            ),
            models.CheckConstraint(
                condition=Q(cause=Cause.MEETING, item__isnull=False) | (~Q(cause=Cause.MEETING) & Q(item__isnull=True)),
                name="round_of_a_meeting_names_its_item",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by_name="")
                | (~Q(answer="") & Q(answered_at__isnull=False) & ~Q(answered_by_name="")),
                name="round_answered_with_person",
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="round_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obstacle}第{self.number}轮"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "MeetingQuerySet":
        """Meetings the actor may see: offices all of their jurisdiction, a leader (and the secretary) those chaired."""
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        return self.filter(Q(jurisdiction_id__in=office) | Q(chair_id__in=posts))


class Meeting(models.Model):
    """调度会: called by the office with an agenda, held with decisions. version: guards against overwriting.

    chair: a leader's post.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="meetings")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField("会议名称", max_length=60)
    starts_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=60)
    chair = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="meetings_chaired")
    state = models.CharField(
        max_length=10,
        choices=[(one.value, MEETING_STATE_LABELS[one]) for one in MeetingState],
        default=MeetingState.CALLED,
    )
    version = models.IntegerField(default=1)
    called_at = models.DateTimeField()
    called_by_name = models.CharField(max_length=40)
    held_at = models.DateTimeField(null=True)
    held_by_name = models.CharField(max_length=40, blank=True)
    cancelled_reason = models.CharField(max_length=200, blank=True)
    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "调度会"
        ordering: ClassVar = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state=MeetingState.HELD) & Q(held_at__isnull=False) & ~Q(held_by_name=""))
                | (~Q(state=MeetingState.HELD) & Q(held_at__isnull=True, held_by_name="")),
                name="meeting_held_with_person",
            ),
            models.CheckConstraint(
                condition=(Q(state=MeetingState.CANCELLED) & ~Q(cancelled_reason=""))
                | (~Q(state=MeetingState.CANCELLED) & Q(cancelled_reason="")),
                name="meeting_cancelled_with_reason",
            ),
            models.UniqueConstraint(
                fields=["jurisdiction", "title", "starts_at"],
                condition=~Q(state=MeetingState.CANCELLED),
                name="meeting_called_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AgendaItem(models.Model):
    """议题: a difficulty, or an item of the office's own; with what was decided on it once the meeting was held."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    order = models.IntegerField()
    obstacle = models.ForeignKey(Obstacle, null=True, on_delete=models.PROTECT, related_name="agenda_items")
    title = models.CharField("议题", max_length=100, blank=True)
    decision = models.CharField("议定事项", max_length=300, blank=True)

    class Meta:
        verbose_name = "议题"
        ordering: ClassVar = ["meeting", "order"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "order"], name="agenda_in_order"),
            models.UniqueConstraint(
                fields=["meeting", "obstacle"], condition=Q(obstacle__isnull=False), name="obstacle_once_on_an_agenda"
            ),
            models.CheckConstraint(
                condition=Q(obstacle__isnull=False, title="") | (Q(obstacle__isnull=True) & ~Q(title="")),
                name="agenda_item_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.title or (str(self.obstacle) if self.obstacle is not None else "")


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "DecisionQuerySet":
        """What meetings decided: offices see all, who chaired all of that meeting, units what they answer for."""
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        return self.filter(
            Q(item__meeting__jurisdiction_id__in=office) | Q(unit_id__in=units) | Q(item__meeting__chair_id__in=posts)
        )


class Decision(models.Model):
    """议定事项: what a meeting decided on an item, for one unit that answers for it. By when stands with the
    obligation.   reply_no: the last round of replies.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="decisions")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="decisions")
    state = models.CharField(
        max_length=8,
        choices=[(one.value, DECISION_STATE_LABELS[one]) for one in DecisionState],
        default=DecisionState.OPEN,
    )
    reply_no = models.IntegerField(default=1)
    accepted_at = models.DateTimeField(null=True)
    accepted_by_name = models.CharField(max_length=40, blank=True)
    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "议定事项"
        ordering: ClassVar = ["item", "pk"]
        indexes = [models.Index(fields=["unit", "state"], name="decision_of_unit")]
        constraints = [
            models.UniqueConstraint(fields=["item", "unit"], name="unit_answers_once_for_an_item"),
            models.CheckConstraint(
                condition=(Q(state=DecisionState.ACCEPTED) & Q(accepted_at__isnull=False) & ~Q(accepted_by_name=""))
                | (~Q(state=DecisionState.ACCEPTED) & Q(accepted_at__isnull=True, accepted_by_name="")),
                name="decision_accepted_with_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}落实议定事项"


class DecisionReply(models.Model):
    """What a unit says of a decision, and why it came back. Added round by round, never edited.

    returned: why the office asks again; empty the first time.   channel, informant: as of a difficulty's round.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="replies")
    number = models.IntegerField()
    returned = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=40)
    text = models.CharField("落实情况", max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = "议定事项落实情况"
        ordering: ClassVar = ["decision", "number"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "number"], name="decision_reply_once"),
            models.CheckConstraint(
                condition=Q(text="", answered_at__isnull=True, answered_by_name="")
                | (~Q(text="") & Q(answered_at__isnull=False) & ~Q(answered_by_name="")),
                name="decision_reply_with_person",
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="decision_reply_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision}第{self.number}次答复"
